// SPDX-License-Identifier: Apache-2.0
//! What `tests/soak/ledger.h` describes: each add is written down before it is made, and confirmed after it.

use std::fs::OpenOptions;
use std::io;
use std::mem::{offset_of, size_of};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicU8, Ordering};

pub const ADDERS: usize = 3;
const LANES: usize = 8;
const MAGIC: u64 = 0x3130_4b41_4f53_4b4c;

pub const DATA: u32 = 1;
pub const OWNED: u32 = 2;

pub const RESOLUTION_BEGAN: u32 = 1;
pub const RESOLVED: u32 = 2;

const CURRENT: u64 = 1;
const DOUBT: u64 = 2;

#[repr(C)]
pub struct Cell {
    state: AtomicU64,
    bytes: [AtomicU64; 2],
    messages: [AtomicU64; 2],
    reserved: [u64; 3],
}

#[repr(C)]
pub struct Account {
    kind: AtomicU32,
    life: AtomicU32,
    pub connection: AtomicU32,
    pub epoch: AtomicU32,
    pub resolution: AtomicU32,
    thread: AtomicU32,
    reserved: [u32; 10],
    cell: [[Cell; 2]; ADDERS],
    unused: [u64; 8],
}

#[repr(C)]
struct Lane {
    adds: AtomicU64,
    reserved: [u64; 7],
}

#[repr(C)]
struct Header {
    magic: u64,
    capacity: u32,
    reserved: u32,
    accounts: AtomicU64,
    failed: AtomicU32,
    padding: [u32; 9],
    lane: [Lane; LANES],
    gap: [u8; 448],
    message: [AtomicU8; 512],
    rest: [u8; 2560],
}

const _: () = assert!(size_of::<Header>() == 4096 && offset_of!(Header, message) == 1024);
const _: () = assert!(size_of::<Account>() == 512 && size_of::<Cell>() == 64);

/// Mapped for as long as the process lives.
#[derive(Clone, Copy)]
pub struct Ledger {
    header: &'static Header,
    accounts: &'static [Account],
}

impl Cell {
    // A kill takes what was stored so far, in the order of the program.
    pub fn intend(&self, bytes: u64, messages: u64) {
        let now = self.state.load(Ordering::Relaxed) & CURRENT;
        let (from, to) = (now as usize, (now ^ CURRENT) as usize);
        let add = |sums: &[AtomicU64; 2], more: u64| {
            sums[to].store(sums[from].load(Ordering::Relaxed) + more, Ordering::Relaxed);
        };
        add(&self.bytes, bytes);
        add(&self.messages, messages);
        self.state.store(now | DOUBT, Ordering::SeqCst);
    }

    pub fn confirm(&self) {
        let now = self.state.load(Ordering::Relaxed) & CURRENT;
        self.state.store(now ^ CURRENT, Ordering::SeqCst);
    }

    pub fn refuse(&self) {
        let now = self.state.load(Ordering::Relaxed) & CURRENT;
        self.state.store(now, Ordering::SeqCst);
    }
}

impl Account {
    pub fn of(&self, adder: usize, is_send: bool) -> &Cell {
        &self.cell[adder][usize::from(!is_send)]
    }
}

/// Who a new account is of.
pub struct Opening {
    pub kind: u32,
    pub life: u32,
    /// `None`: a connection of its own.
    pub connection: Option<u32>,
    pub epoch: u32,
    pub thread: usize,
}

impl Ledger {
    pub fn map(path: &str) -> io::Result<Ledger> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let size = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
        // SAFETY: a new mapping, which nobody unmaps; all that changes in it is atomic.
        let at = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                0,
            )
        };
        if at == libc::MAP_FAILED || size < size_of::<Header>() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: so large it is, as was checked, and aligned to a page.
        let header = unsafe { &*at.cast::<Header>() };
        let capacity = header.capacity as usize;
        if header.magic != MAGIC || size < size_of::<Header>() + capacity * size_of::<Account>() {
            return Err(io::Error::other("not a ledger"));
        }
        // SAFETY: likewise.
        let accounts = unsafe {
            std::slice::from_raw_parts(
                at.cast::<u8>().add(size_of::<Header>()).cast::<Account>(),
                capacity,
            )
        };
        Ok(Ledger { header, accounts })
    }

    /// The first one to fail says why.
    pub fn fail(&self, text: &str) {
        if self.header.failed.swap(1, Ordering::SeqCst) == 0 {
            for (to, from) in self.header.message[..511].iter().zip(text.bytes()) {
                to.store(from, Ordering::Relaxed);
            }
        }
    }

    pub fn progress(&self, lane: usize) {
        self.header.lane[lane % LANES]
            .adds
            .fetch_add(1, Ordering::Relaxed);
    }

    pub fn account(&self, number: u32) -> &'static Account {
        &self.accounts[number as usize]
    }

    /// `None`: the ledger is full.
    pub fn open(&self, opening: &Opening) -> Option<u32> {
        let number = self.header.accounts.fetch_add(1, Ordering::Relaxed);
        let account = self.accounts.get(usize::try_from(number).ok()?)?;
        let number = u32::try_from(number).ok()?;
        let set = |field: &AtomicU32, value| field.store(value, Ordering::Relaxed);
        set(&account.life, opening.life);
        set(&account.connection, opening.connection.unwrap_or(number));
        set(&account.epoch, opening.epoch);
        set(&account.thread, opening.thread as u32);
        account.kind.store(opening.kind, Ordering::SeqCst);
        Some(number)
    }
}
