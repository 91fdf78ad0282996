// SPDX-License-Identifier: Apache-2.0
//! What the binding's own tables and declarations say.

use std::io::Write;
use std::mem::{offset_of, size_of};

use lkstats::Error;
use lkstats_sys as sys;

use crate::host::{answer_line, Done};
use crate::script::Line;

pub fn statuses(mut line: Line<'_>, out: &mut dyn Write) -> Done {
    line.end()?;
    answer_line(out, line.number, &Ok(()))?;
    for status in (-19..=0).rev() {
        let name = Error::from_status(status).map_or("LKSTATS_OK", Error::name);
        writeln!(out, "  {status} {name}")?;
    }
    Ok(())
}

pub fn layout(mut line: Line<'_>, out: &mut dyn Write) -> Done {
    line.end()?;
    answer_line(out, line.number, &Ok(()))?;
    let places = [
        ("slot.size", size_of::<sys::lkstats_slab_slot_t>()),
        ("slot.state", offset_of!(sys::lkstats_slab_slot_t, state)),
        ("slot.tag", offset_of!(sys::lkstats_slab_slot_t, tag)),
        ("slot.word", offset_of!(sys::lkstats_slab_slot_t, word)),
        ("slot.carry", offset_of!(sys::lkstats_slab_slot_t, carry)),
        ("slot.last", offset_of!(sys::lkstats_slab_slot_t, last)),
        ("slot.record", offset_of!(sys::lkstats_slab_slot_t, record)),
        ("slot.epoch", offset_of!(sys::lkstats_slab_slot_t, epoch)),
        ("options.size", size_of::<sys::lkstats_options_t>()),
        (
            "track_options.size",
            size_of::<sys::lkstats_track_options_t>(),
        ),
        (
            "signal_options.size",
            size_of::<sys::lkstats_signal_options_t>(),
        ),
        ("room.size", size_of::<sys::lkstats_room_t>()),
        ("participant.size", size_of::<sys::lkstats_participant_t>()),
        ("totals.size", size_of::<sys::lkstats_totals_t>()),
        ("residue.size", size_of::<sys::lkstats_residue_t>()),
        ("batch.size", size_of::<sys::lkstats_batch_t>()),
        ("record.size", size_of::<sys::lkstats_record_t>()),
        ("record.window", offset_of!(sys::lkstats_record_t, window)),
        ("record.running", offset_of!(sys::lkstats_record_t, running)),
        ("record.country", offset_of!(sys::lkstats_record_t, country)),
        (
            "record.kind_details",
            offset_of!(sys::lkstats_record_t, kind_details),
        ),
        ("record.flags", offset_of!(sys::lkstats_record_t, flags)),
        ("key.size", size_of::<sys::lkstats_key_t>()),
        ("key.kind", offset_of!(sys::lkstats_key_t, kind)),
        ("api.size", size_of::<sys::lkstats_api_t>()),
        ("slab.size", size_of::<sys::lkstats_slab_t>()),
        ("anchor.size", size_of::<sys::lkstats_slab_anchor_t>()),
    ];
    for (name, place) in places {
        writeln!(out, "  {name} {place}")?;
    }
    Ok(())
}
