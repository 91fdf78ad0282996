// SPDX-License-Identifier: Apache-2.0
//! Who is where. Whatever is said in a room comes to all of its members in the same order.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_tungstenite::tungstenite::Message;

use crate::outbox::{Outbox, Outgoing};

#[derive(Default)]
pub struct Rooms {
    rooms: Mutex<HashMap<String, Vec<Member>>>,
    seats: AtomicU64,
}

struct Member {
    seat: u64,
    participant: String,
    outbox: Outbox,
}

/// Somebody's place in a room. Dropping it leaves the room.
///
/// Entering and leaving tells everybody in the room how many members it now has, as the text "members N".
pub struct Seat<'a> {
    rooms: &'a Rooms,
    room: String,
    number: u64,
}

impl Rooms {
    pub fn enter(&self, room: &str, participant: &str, outbox: Outbox) -> Seat<'_> {
        let number = self.seats.fetch_add(1, Ordering::Relaxed);
        let member = Member {
            seat: number,
            participant: participant.to_owned(),
            outbox,
        };
        add(&mut self.lock(), room, member);
        Seat {
            rooms: self,
            room: room.to_owned(),
            number,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Vec<Member>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat<'_> {
    /// To everybody else in the room.
    pub fn relay(&self, message: &Message) {
        let mut rooms = self.rooms.lock();
        let members = rooms.get_mut(&self.room).expect("a room that is sat in");
        for member in members
            .iter_mut()
            .filter(|member| member.seat != self.number)
        {
            member.put(Outgoing::Message(message.clone()));
        }
    }

    /// What is still owed from the old room comes first, then the answer, then what is said in the new one.
    pub fn change(&mut self, room: &str) {
        let mut rooms = self.rooms.lock();
        let mut member = remove(&mut rooms, &self.room, self.number);
        member.put(Outgoing::Moved(room.to_owned()));
        add(&mut rooms, room, member);
        room.clone_into(&mut self.room);
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        remove(&mut self.rooms.lock(), &self.room, self.number);
    }
}

impl Member {
    fn put(&mut self, outgoing: Outgoing) {
        if !self.outbox.put(outgoing) {
            eprintln!(
                "relay: {} does not keep up and is dropped",
                self.participant
            );
        }
    }
}

fn add(rooms: &mut HashMap<String, Vec<Member>>, room: &str, member: Member) {
    let members = rooms.entry(room.to_owned()).or_default();
    members.push(member);
    tell_count(members);
}

fn remove(rooms: &mut HashMap<String, Vec<Member>>, room: &str, seat: u64) -> Member {
    let members = rooms.get_mut(room).expect("a room that is sat in");
    let place = members
        .iter()
        .position(|member| member.seat == seat)
        .expect("a seat that is taken");
    let member = members.swap_remove(place);
    tell_count(members);
    if members.is_empty() {
        rooms.remove(room);
    }
    member
}

fn tell_count(members: &mut [Member]) {
    let message = Message::text(format!("members {}", members.len()));
    for member in members {
        member.put(Outgoing::Message(message.clone()));
    }
}
