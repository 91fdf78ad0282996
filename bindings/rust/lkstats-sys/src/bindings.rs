// SPDX-License-Identifier: Apache-2.0
// What bindgen 0.72.1 makes of lkstats.h and lkstats_slab.h; tests/bindings.rs compares. Don't edit.

pub const LKSTATS_VERSION_MAJOR: u32 = 0;
pub const LKSTATS_VERSION_MINOR: u32 = 1;
pub const LKSTATS_VERSION_PATCH: u32 = 0;
pub const LKSTATS_API_VERSION: u32 = 1;
pub const LKSTATS_SLAB_VERSION: u32 = 1;
pub type lkstats_status_t = i32;
pub const LKSTATS_OK: _bindgen_ty_1 = 0;
pub const LKSTATS_EINVAL: _bindgen_ty_1 = -1;
pub const LKSTATS_ESTALE: _bindgen_ty_1 = -2;
pub const LKSTATS_ECLOSED: _bindgen_ty_1 = -3;
pub const LKSTATS_EFULL: _bindgen_ty_1 = -4;
pub const LKSTATS_EAGAIN: _bindgen_ty_1 = -5;
pub const LKSTATS_EOF: _bindgen_ty_1 = -6;
pub const LKSTATS_ETIMEDOUT: _bindgen_ty_1 = -7;
pub const LKSTATS_EFORKED: _bindgen_ty_1 = -8;
pub const LKSTATS_ELAYOUT: _bindgen_ty_1 = -9;
pub const LKSTATS_ENOMEM: _bindgen_ty_1 = -10;
pub const LKSTATS_ENOFILE: _bindgen_ty_1 = -11;
pub const LKSTATS_ENOTHREAD: _bindgen_ty_1 = -12;
pub const LKSTATS_ERANGE: _bindgen_ty_1 = -13;
pub const LKSTATS_ESYSTEM: _bindgen_ty_1 = -14;
pub const LKSTATS_EINTERNAL: _bindgen_ty_1 = -15;
pub const LKSTATS_EREENTRANT: _bindgen_ty_1 = -16;
pub const LKSTATS_ERESOLVED: _bindgen_ty_1 = -17;
pub const LKSTATS_EDIR: _bindgen_ty_1 = -18;
pub const LKSTATS_STATUS_LIST_END: _bindgen_ty_1 = 1;
pub type _bindgen_ty_1 = i32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_context {
    _unused: [u8; 0],
}
pub type lkstats_t = lkstats_context;
pub type lkstats_track_t = u64;
pub type lkstats_signal_t = lkstats_track_t;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_string {
    pub data: *const ::core::ffi::c_char,
    pub size: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_string"][::core::mem::size_of::<lkstats_string>() - 16usize];
    ["Alignment of lkstats_string"][::core::mem::align_of::<lkstats_string>() - 8usize];
    ["Offset of field: lkstats_string::data"]
        [::core::mem::offset_of!(lkstats_string, data) - 0usize];
    ["Offset of field: lkstats_string::size"]
        [::core::mem::offset_of!(lkstats_string, size) - 8usize];
};
impl Default for lkstats_string {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_string_t = lkstats_string;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_traffic {
    pub send_bytes: u64,
    pub send_messages: u64,
    pub recv_bytes: u64,
    pub recv_messages: u64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_traffic"][::core::mem::size_of::<lkstats_traffic>() - 32usize];
    ["Alignment of lkstats_traffic"][::core::mem::align_of::<lkstats_traffic>() - 8usize];
    ["Offset of field: lkstats_traffic::send_bytes"]
        [::core::mem::offset_of!(lkstats_traffic, send_bytes) - 0usize];
    ["Offset of field: lkstats_traffic::send_messages"]
        [::core::mem::offset_of!(lkstats_traffic, send_messages) - 8usize];
    ["Offset of field: lkstats_traffic::recv_bytes"]
        [::core::mem::offset_of!(lkstats_traffic, recv_bytes) - 16usize];
    ["Offset of field: lkstats_traffic::recv_messages"]
        [::core::mem::offset_of!(lkstats_traffic, recv_messages) - 24usize];
};
pub type lkstats_traffic_t = lkstats_traffic;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_time {
    pub monotonic_ns: i64,
    pub wall_ns: i64,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_time"][::core::mem::size_of::<lkstats_time>() - 16usize];
    ["Alignment of lkstats_time"][::core::mem::align_of::<lkstats_time>() - 8usize];
    ["Offset of field: lkstats_time::monotonic_ns"]
        [::core::mem::offset_of!(lkstats_time, monotonic_ns) - 0usize];
    ["Offset of field: lkstats_time::wall_ns"]
        [::core::mem::offset_of!(lkstats_time, wall_ns) - 8usize];
};
pub type lkstats_time_t = lkstats_time;
pub const LKSTATS_CHANNEL_DATA: _bindgen_ty_2 = 1;
pub const LKSTATS_CHANNEL_DATA_TRACK: _bindgen_ty_2 = 2;
pub const LKSTATS_CHANNEL_SIGNAL: _bindgen_ty_2 = 3;
pub type _bindgen_ty_2 = u32;
pub const LKSTATS_NO_THREAD: _bindgen_ty_3 = 1;
pub const LKSTATS_PREALLOCATE: _bindgen_ty_3 = 2;
pub const LKSTATS_NO_REPORTS: _bindgen_ty_3 = 4;
pub const LKSTATS_JOURNAL_SYNC: _bindgen_ty_3 = 8;
pub type _bindgen_ty_3 = u32;
pub type lkstats_on_batch_t = ::core::option::Option<
    unsafe extern "C" fn(user_data: u64, batch: *const lkstats_batch) -> lkstats_status_t,
>;
pub const LKSTATS_LOG_ERROR: _bindgen_ty_4 = 1;
pub const LKSTATS_LOG_WARNING: _bindgen_ty_4 = 2;
pub const LKSTATS_LOG_INFO: _bindgen_ty_4 = 3;
pub type _bindgen_ty_4 = u32;
pub type lkstats_on_log_t = ::core::option::Option<
    unsafe extern "C" fn(
        user_data: u64,
        level: i32,
        message: *const ::core::ffi::c_char,
        size: u64,
    ),
>;
pub const LKSTATS_STRING_MAX: _bindgen_ty_5 = 256;
pub const LKSTATS_KIND_DETAILS_MAX: _bindgen_ty_5 = 32;
pub const LKSTATS_REPORT_INTERVAL_MIN_MS: _bindgen_ty_5 = 100;
pub const LKSTATS_REPORT_INTERVAL_DEFAULT_MS: _bindgen_ty_5 = 5000;
pub const LKSTATS_REPORT_INTERVAL_MAX_MS: _bindgen_ty_5 = 3600000;
pub const LKSTATS_TRACKS_MAX: _bindgen_ty_5 = 16777216;
pub const LKSTATS_CONTEXTS_MAX: _bindgen_ty_5 = 64;
pub const LKSTATS_BATCH_RECORDS_MAX: _bindgen_ty_5 = 1024;
pub const LKSTATS_BATCH_BYTES_MAX: _bindgen_ty_5 = 1048576;
pub type _bindgen_ty_5 = u32;
pub const LKSTATS_JOURNAL_SEGMENT_MIN_BYTES: _bindgen_ty_6 = 65536;
pub const LKSTATS_JOURNAL_SEGMENT_DEFAULT_BYTES: _bindgen_ty_6 = 67108864;
pub const LKSTATS_JOURNAL_SEGMENT_MAX_BYTES: _bindgen_ty_6 = 1073741824;
pub const LKSTATS_JOURNAL_SEGMENT_AGE_MIN_MS: _bindgen_ty_6 = 1000;
pub const LKSTATS_JOURNAL_SEGMENT_AGE_DEFAULT_MS: _bindgen_ty_6 = 3600000;
pub const LKSTATS_JOURNAL_SEGMENT_AGE_MAX_MS: _bindgen_ty_6 = 604800000;
pub type _bindgen_ty_6 = u32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_options {
    pub struct_size: u32,
    pub flags: u32,
    pub report_interval_ms: u32,
    pub max_tracks: u32,
    pub node: lkstats_string_t,
    pub analytics_key: lkstats_string_t,
    pub on_batch: lkstats_on_batch_t,
    pub user_data: u64,
    pub slab_dir: lkstats_string_t,
    pub journal_dir: lkstats_string_t,
    pub journal_segment_bytes: u64,
    pub journal_keep_bytes: u64,
    pub journal_keep_segments: u32,
    pub journal_segment_age_ms: u32,
    pub on_log: lkstats_on_log_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_options"][::core::mem::size_of::<lkstats_options>() - 128usize];
    ["Alignment of lkstats_options"][::core::mem::align_of::<lkstats_options>() - 8usize];
    ["Offset of field: lkstats_options::struct_size"]
        [::core::mem::offset_of!(lkstats_options, struct_size) - 0usize];
    ["Offset of field: lkstats_options::flags"]
        [::core::mem::offset_of!(lkstats_options, flags) - 4usize];
    ["Offset of field: lkstats_options::report_interval_ms"]
        [::core::mem::offset_of!(lkstats_options, report_interval_ms) - 8usize];
    ["Offset of field: lkstats_options::max_tracks"]
        [::core::mem::offset_of!(lkstats_options, max_tracks) - 12usize];
    ["Offset of field: lkstats_options::node"]
        [::core::mem::offset_of!(lkstats_options, node) - 16usize];
    ["Offset of field: lkstats_options::analytics_key"]
        [::core::mem::offset_of!(lkstats_options, analytics_key) - 32usize];
    ["Offset of field: lkstats_options::on_batch"]
        [::core::mem::offset_of!(lkstats_options, on_batch) - 48usize];
    ["Offset of field: lkstats_options::user_data"]
        [::core::mem::offset_of!(lkstats_options, user_data) - 56usize];
    ["Offset of field: lkstats_options::slab_dir"]
        [::core::mem::offset_of!(lkstats_options, slab_dir) - 64usize];
    ["Offset of field: lkstats_options::journal_dir"]
        [::core::mem::offset_of!(lkstats_options, journal_dir) - 80usize];
    ["Offset of field: lkstats_options::journal_segment_bytes"]
        [::core::mem::offset_of!(lkstats_options, journal_segment_bytes) - 96usize];
    ["Offset of field: lkstats_options::journal_keep_bytes"]
        [::core::mem::offset_of!(lkstats_options, journal_keep_bytes) - 104usize];
    ["Offset of field: lkstats_options::journal_keep_segments"]
        [::core::mem::offset_of!(lkstats_options, journal_keep_segments) - 112usize];
    ["Offset of field: lkstats_options::journal_segment_age_ms"]
        [::core::mem::offset_of!(lkstats_options, journal_segment_age_ms) - 116usize];
    ["Offset of field: lkstats_options::on_log"]
        [::core::mem::offset_of!(lkstats_options, on_log) - 120usize];
};
impl Default for lkstats_options {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_options_t = lkstats_options;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_residue {
    pub struct_size: u32,
    pub reserved: u32,
    pub tracks: u64,
    pub traffic: lkstats_traffic_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_residue"][::core::mem::size_of::<lkstats_residue>() - 48usize];
    ["Alignment of lkstats_residue"][::core::mem::align_of::<lkstats_residue>() - 8usize];
    ["Offset of field: lkstats_residue::struct_size"]
        [::core::mem::offset_of!(lkstats_residue, struct_size) - 0usize];
    ["Offset of field: lkstats_residue::reserved"]
        [::core::mem::offset_of!(lkstats_residue, reserved) - 4usize];
    ["Offset of field: lkstats_residue::tracks"]
        [::core::mem::offset_of!(lkstats_residue, tracks) - 8usize];
    ["Offset of field: lkstats_residue::traffic"]
        [::core::mem::offset_of!(lkstats_residue, traffic) - 16usize];
};
pub type lkstats_residue_t = lkstats_residue;
pub const LKSTATS_ABANDON: _bindgen_ty_7 = -1;
pub type _bindgen_ty_7 = i32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_track_options {
    pub struct_size: u32,
    pub channel: i32,
    pub participant_kind: i32,
    pub kind_details_count: u32,
    pub kind_details: *const i32,
    pub country: lkstats_string_t,
    pub room_sid: lkstats_string_t,
    pub room_name: lkstats_string_t,
    pub participant_sid: lkstats_string_t,
    pub participant_identity: lkstats_string_t,
    pub track_id: lkstats_string_t,
    pub tenant: lkstats_string_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_track_options"][::core::mem::size_of::<lkstats_track_options>() - 136usize];
    ["Alignment of lkstats_track_options"]
        [::core::mem::align_of::<lkstats_track_options>() - 8usize];
    ["Offset of field: lkstats_track_options::struct_size"]
        [::core::mem::offset_of!(lkstats_track_options, struct_size) - 0usize];
    ["Offset of field: lkstats_track_options::channel"]
        [::core::mem::offset_of!(lkstats_track_options, channel) - 4usize];
    ["Offset of field: lkstats_track_options::participant_kind"]
        [::core::mem::offset_of!(lkstats_track_options, participant_kind) - 8usize];
    ["Offset of field: lkstats_track_options::kind_details_count"]
        [::core::mem::offset_of!(lkstats_track_options, kind_details_count) - 12usize];
    ["Offset of field: lkstats_track_options::kind_details"]
        [::core::mem::offset_of!(lkstats_track_options, kind_details) - 16usize];
    ["Offset of field: lkstats_track_options::country"]
        [::core::mem::offset_of!(lkstats_track_options, country) - 24usize];
    ["Offset of field: lkstats_track_options::room_sid"]
        [::core::mem::offset_of!(lkstats_track_options, room_sid) - 40usize];
    ["Offset of field: lkstats_track_options::room_name"]
        [::core::mem::offset_of!(lkstats_track_options, room_name) - 56usize];
    ["Offset of field: lkstats_track_options::participant_sid"]
        [::core::mem::offset_of!(lkstats_track_options, participant_sid) - 72usize];
    ["Offset of field: lkstats_track_options::participant_identity"]
        [::core::mem::offset_of!(lkstats_track_options, participant_identity) - 88usize];
    ["Offset of field: lkstats_track_options::track_id"]
        [::core::mem::offset_of!(lkstats_track_options, track_id) - 104usize];
    ["Offset of field: lkstats_track_options::tenant"]
        [::core::mem::offset_of!(lkstats_track_options, tenant) - 120usize];
};
impl Default for lkstats_track_options {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_track_options_t = lkstats_track_options;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_signal_options {
    pub struct_size: u32,
    pub reserved: u32,
    pub country: lkstats_string_t,
    pub tenant: lkstats_string_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_signal_options"][::core::mem::size_of::<lkstats_signal_options>() - 40usize];
    ["Alignment of lkstats_signal_options"]
        [::core::mem::align_of::<lkstats_signal_options>() - 8usize];
    ["Offset of field: lkstats_signal_options::struct_size"]
        [::core::mem::offset_of!(lkstats_signal_options, struct_size) - 0usize];
    ["Offset of field: lkstats_signal_options::reserved"]
        [::core::mem::offset_of!(lkstats_signal_options, reserved) - 4usize];
    ["Offset of field: lkstats_signal_options::country"]
        [::core::mem::offset_of!(lkstats_signal_options, country) - 8usize];
    ["Offset of field: lkstats_signal_options::tenant"]
        [::core::mem::offset_of!(lkstats_signal_options, tenant) - 24usize];
};
impl Default for lkstats_signal_options {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_signal_options_t = lkstats_signal_options;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_room {
    pub struct_size: u32,
    pub reserved: u32,
    pub sid: lkstats_string_t,
    pub name: lkstats_string_t,
    pub tenant: lkstats_string_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_room"][::core::mem::size_of::<lkstats_room>() - 56usize];
    ["Alignment of lkstats_room"][::core::mem::align_of::<lkstats_room>() - 8usize];
    ["Offset of field: lkstats_room::struct_size"]
        [::core::mem::offset_of!(lkstats_room, struct_size) - 0usize];
    ["Offset of field: lkstats_room::reserved"]
        [::core::mem::offset_of!(lkstats_room, reserved) - 4usize];
    ["Offset of field: lkstats_room::sid"][::core::mem::offset_of!(lkstats_room, sid) - 8usize];
    ["Offset of field: lkstats_room::name"][::core::mem::offset_of!(lkstats_room, name) - 24usize];
    ["Offset of field: lkstats_room::tenant"]
        [::core::mem::offset_of!(lkstats_room, tenant) - 40usize];
};
impl Default for lkstats_room {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_room_t = lkstats_room;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_participant {
    pub struct_size: u32,
    pub kind: i32,
    pub kind_details: *const i32,
    pub kind_details_count: u32,
    pub reserved: u32,
    pub sid: lkstats_string_t,
    pub identity: lkstats_string_t,
    pub tenant: lkstats_string_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_participant"][::core::mem::size_of::<lkstats_participant>() - 72usize];
    ["Alignment of lkstats_participant"][::core::mem::align_of::<lkstats_participant>() - 8usize];
    ["Offset of field: lkstats_participant::struct_size"]
        [::core::mem::offset_of!(lkstats_participant, struct_size) - 0usize];
    ["Offset of field: lkstats_participant::kind"]
        [::core::mem::offset_of!(lkstats_participant, kind) - 4usize];
    ["Offset of field: lkstats_participant::kind_details"]
        [::core::mem::offset_of!(lkstats_participant, kind_details) - 8usize];
    ["Offset of field: lkstats_participant::kind_details_count"]
        [::core::mem::offset_of!(lkstats_participant, kind_details_count) - 16usize];
    ["Offset of field: lkstats_participant::reserved"]
        [::core::mem::offset_of!(lkstats_participant, reserved) - 20usize];
    ["Offset of field: lkstats_participant::sid"]
        [::core::mem::offset_of!(lkstats_participant, sid) - 24usize];
    ["Offset of field: lkstats_participant::identity"]
        [::core::mem::offset_of!(lkstats_participant, identity) - 40usize];
    ["Offset of field: lkstats_participant::tenant"]
        [::core::mem::offset_of!(lkstats_participant, tenant) - 56usize];
};
impl Default for lkstats_participant {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_participant_t = lkstats_participant;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_totals {
    pub struct_size: u32,
    pub reserved: u32,
    pub at: lkstats_time_t,
    pub traffic: lkstats_traffic_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_totals"][::core::mem::size_of::<lkstats_totals>() - 56usize];
    ["Alignment of lkstats_totals"][::core::mem::align_of::<lkstats_totals>() - 8usize];
    ["Offset of field: lkstats_totals::struct_size"]
        [::core::mem::offset_of!(lkstats_totals, struct_size) - 0usize];
    ["Offset of field: lkstats_totals::reserved"]
        [::core::mem::offset_of!(lkstats_totals, reserved) - 4usize];
    ["Offset of field: lkstats_totals::at"][::core::mem::offset_of!(lkstats_totals, at) - 8usize];
    ["Offset of field: lkstats_totals::traffic"]
        [::core::mem::offset_of!(lkstats_totals, traffic) - 24usize];
};
pub type lkstats_totals_t = lkstats_totals;
pub const LKSTATS_RECORD_TRAFFIC: _bindgen_ty_8 = 1;
pub const LKSTATS_RECORD_JOINED: _bindgen_ty_8 = 2;
pub const LKSTATS_RECORD_LEFT: _bindgen_ty_8 = 3;
pub type _bindgen_ty_8 = u32;
pub const LKSTATS_UNATTRIBUTED: _bindgen_ty_9 = 1;
pub type _bindgen_ty_9 = u32;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_key {
    pub context: [u8; 16usize],
    pub slot: u32,
    pub tag: u32,
    pub epoch: u32,
    pub sequence: u32,
    pub kind: u32,
    pub reserved: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_key"][::core::mem::size_of::<lkstats_key>() - 40usize];
    ["Alignment of lkstats_key"][::core::mem::align_of::<lkstats_key>() - 4usize];
    ["Offset of field: lkstats_key::context"]
        [::core::mem::offset_of!(lkstats_key, context) - 0usize];
    ["Offset of field: lkstats_key::slot"][::core::mem::offset_of!(lkstats_key, slot) - 16usize];
    ["Offset of field: lkstats_key::tag"][::core::mem::offset_of!(lkstats_key, tag) - 20usize];
    ["Offset of field: lkstats_key::epoch"][::core::mem::offset_of!(lkstats_key, epoch) - 24usize];
    ["Offset of field: lkstats_key::sequence"]
        [::core::mem::offset_of!(lkstats_key, sequence) - 28usize];
    ["Offset of field: lkstats_key::kind"][::core::mem::offset_of!(lkstats_key, kind) - 32usize];
    ["Offset of field: lkstats_key::reserved"]
        [::core::mem::offset_of!(lkstats_key, reserved) - 36usize];
};
pub type lkstats_key_t = lkstats_key;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_record {
    pub key: lkstats_key_t,
    pub start: lkstats_time_t,
    pub end: lkstats_time_t,
    pub window: lkstats_traffic_t,
    pub running: lkstats_traffic_t,
    pub country: lkstats_string_t,
    pub room_sid: lkstats_string_t,
    pub room_name: lkstats_string_t,
    pub participant_sid: lkstats_string_t,
    pub participant_identity: lkstats_string_t,
    pub track_id: lkstats_string_t,
    pub tenant: lkstats_string_t,
    pub kind_details: *const i32,
    pub kind_details_count: u32,
    pub participant_kind: i32,
    pub channel: i32,
    pub flags: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_record"][::core::mem::size_of::<lkstats_record>() - 272usize];
    ["Alignment of lkstats_record"][::core::mem::align_of::<lkstats_record>() - 8usize];
    ["Offset of field: lkstats_record::key"][::core::mem::offset_of!(lkstats_record, key) - 0usize];
    ["Offset of field: lkstats_record::start"]
        [::core::mem::offset_of!(lkstats_record, start) - 40usize];
    ["Offset of field: lkstats_record::end"]
        [::core::mem::offset_of!(lkstats_record, end) - 56usize];
    ["Offset of field: lkstats_record::window"]
        [::core::mem::offset_of!(lkstats_record, window) - 72usize];
    ["Offset of field: lkstats_record::running"]
        [::core::mem::offset_of!(lkstats_record, running) - 104usize];
    ["Offset of field: lkstats_record::country"]
        [::core::mem::offset_of!(lkstats_record, country) - 136usize];
    ["Offset of field: lkstats_record::room_sid"]
        [::core::mem::offset_of!(lkstats_record, room_sid) - 152usize];
    ["Offset of field: lkstats_record::room_name"]
        [::core::mem::offset_of!(lkstats_record, room_name) - 168usize];
    ["Offset of field: lkstats_record::participant_sid"]
        [::core::mem::offset_of!(lkstats_record, participant_sid) - 184usize];
    ["Offset of field: lkstats_record::participant_identity"]
        [::core::mem::offset_of!(lkstats_record, participant_identity) - 200usize];
    ["Offset of field: lkstats_record::track_id"]
        [::core::mem::offset_of!(lkstats_record, track_id) - 216usize];
    ["Offset of field: lkstats_record::tenant"]
        [::core::mem::offset_of!(lkstats_record, tenant) - 232usize];
    ["Offset of field: lkstats_record::kind_details"]
        [::core::mem::offset_of!(lkstats_record, kind_details) - 248usize];
    ["Offset of field: lkstats_record::kind_details_count"]
        [::core::mem::offset_of!(lkstats_record, kind_details_count) - 256usize];
    ["Offset of field: lkstats_record::participant_kind"]
        [::core::mem::offset_of!(lkstats_record, participant_kind) - 260usize];
    ["Offset of field: lkstats_record::channel"]
        [::core::mem::offset_of!(lkstats_record, channel) - 264usize];
    ["Offset of field: lkstats_record::flags"]
        [::core::mem::offset_of!(lkstats_record, flags) - 268usize];
};
impl Default for lkstats_record {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_record_t = lkstats_record;
pub const LKSTATS_RECOVERED: _bindgen_ty_10 = 1;
pub type _bindgen_ty_10 = u32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_batch {
    pub struct_size: u32,
    pub record_size: u32,
    pub record_count: u32,
    pub flags: u32,
    pub ctx: *mut lkstats_t,
    pub id: u64,
    pub records: *const lkstats_record_t,
    pub node: lkstats_string_t,
    pub analytics_key: lkstats_string_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_batch"][::core::mem::size_of::<lkstats_batch>() - 72usize];
    ["Alignment of lkstats_batch"][::core::mem::align_of::<lkstats_batch>() - 8usize];
    ["Offset of field: lkstats_batch::struct_size"]
        [::core::mem::offset_of!(lkstats_batch, struct_size) - 0usize];
    ["Offset of field: lkstats_batch::record_size"]
        [::core::mem::offset_of!(lkstats_batch, record_size) - 4usize];
    ["Offset of field: lkstats_batch::record_count"]
        [::core::mem::offset_of!(lkstats_batch, record_count) - 8usize];
    ["Offset of field: lkstats_batch::flags"]
        [::core::mem::offset_of!(lkstats_batch, flags) - 12usize];
    ["Offset of field: lkstats_batch::ctx"][::core::mem::offset_of!(lkstats_batch, ctx) - 16usize];
    ["Offset of field: lkstats_batch::id"][::core::mem::offset_of!(lkstats_batch, id) - 24usize];
    ["Offset of field: lkstats_batch::records"]
        [::core::mem::offset_of!(lkstats_batch, records) - 32usize];
    ["Offset of field: lkstats_batch::node"]
        [::core::mem::offset_of!(lkstats_batch, node) - 40usize];
    ["Offset of field: lkstats_batch::analytics_key"]
        [::core::mem::offset_of!(lkstats_batch, analytics_key) - 56usize];
};
impl Default for lkstats_batch {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_batch_t = lkstats_batch;
pub const LKSTATS_METRICS_OPENMETRICS: _bindgen_ty_11 = 0;
pub const LKSTATS_METRICS_PROMETHEUS: _bindgen_ty_11 = 1;
pub type _bindgen_ty_11 = u32;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_api {
    pub struct_size: u32,
    pub version: u32,
    pub open: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *const lkstats_options_t,
            arg2: *mut *mut lkstats_t,
        ) -> lkstats_status_t,
    >,
    pub close: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *mut lkstats_t,
            arg2: i64,
            arg3: *mut lkstats_residue_t,
        ) -> lkstats_status_t,
    >,
    pub run_once: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut lkstats_t, arg2: i64, arg3: i64) -> lkstats_status_t,
    >,
    pub track_new: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *mut lkstats_t,
            arg2: *const lkstats_track_options_t,
            arg3: *mut lkstats_track_t,
        ) -> lkstats_status_t,
    >,
    pub add_bytes: ::core::option::Option<
        unsafe extern "C" fn(arg1: lkstats_track_t, arg2: u64, arg3: i32) -> lkstats_status_t,
    >,
    pub add_messages: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: lkstats_track_t,
            arg2: u64,
            arg3: u64,
            arg4: i32,
        ) -> lkstats_status_t,
    >,
    pub prefetch: ::core::option::Option<unsafe extern "C" fn(arg1: lkstats_track_t)>,
    pub track_totals: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: lkstats_track_t,
            arg2: *mut lkstats_totals_t,
        ) -> lkstats_status_t,
    >,
    pub track_stop: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: lkstats_track_t,
            arg2: *mut lkstats_totals_t,
        ) -> lkstats_status_t,
    >,
    pub track_flush: ::core::option::Option<
        unsafe extern "C" fn(arg1: lkstats_track_t, arg2: i64) -> lkstats_status_t,
    >,
    pub flush: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut lkstats_t, arg2: i64) -> lkstats_status_t,
    >,
    pub event_fd: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut lkstats_t, arg2: *mut i32) -> lkstats_status_t,
    >,
    pub next: ::core::option::Option<
        unsafe extern "C" fn(arg1: *mut lkstats_t, arg2: *mut lkstats_batch_t) -> lkstats_status_t,
    >,
    pub batch_analytics_stats: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *const lkstats_batch_t,
            arg2: *mut *const u8,
            arg3: *mut u64,
        ) -> lkstats_status_t,
    >,
    pub ack: ::core::option::Option<
        unsafe extern "C" fn(arg1: *const lkstats_batch_t) -> lkstats_status_t,
    >,
    pub nack: ::core::option::Option<
        unsafe extern "C" fn(arg1: *const lkstats_batch_t) -> lkstats_status_t,
    >,
    pub redeliver:
        ::core::option::Option<unsafe extern "C" fn(arg1: *mut lkstats_t) -> lkstats_status_t>,
    pub track_id_for_participant: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: i32,
            arg2: lkstats_string_t,
            arg3: *mut ::core::ffi::c_char,
            arg4: u64,
            arg5: *mut u64,
        ) -> lkstats_status_t,
    >,
    pub slab_attach: ::core::option::Option<
        unsafe extern "C" fn(arg1: u32, arg2: *mut lkstats_slab) -> lkstats_status_t,
    >,
    pub strerror: ::core::option::Option<
        unsafe extern "C" fn(arg1: lkstats_status_t) -> *const ::core::ffi::c_char,
    >,
    pub status_name: ::core::option::Option<
        unsafe extern "C" fn(arg1: lkstats_status_t) -> *const ::core::ffi::c_char,
    >,
    pub signal_new: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *mut lkstats_t,
            arg2: *const lkstats_signal_options_t,
            arg3: *mut lkstats_signal_t,
        ) -> lkstats_status_t,
    >,
    pub signal_resolve_room: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: lkstats_signal_t,
            arg2: *const lkstats_room_t,
        ) -> lkstats_status_t,
    >,
    pub signal_resolve_participant: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: lkstats_signal_t,
            arg2: *const lkstats_participant_t,
        ) -> lkstats_status_t,
    >,
    pub signal_reset:
        ::core::option::Option<unsafe extern "C" fn(arg1: lkstats_signal_t) -> lkstats_status_t>,
    pub metrics: ::core::option::Option<
        unsafe extern "C" fn(
            arg1: *mut lkstats_t,
            arg2: u32,
            arg3: *mut ::core::ffi::c_char,
            arg4: u64,
            arg5: *mut u64,
        ) -> lkstats_status_t,
    >,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_api"][::core::mem::size_of::<lkstats_api>() - 216usize];
    ["Alignment of lkstats_api"][::core::mem::align_of::<lkstats_api>() - 8usize];
    ["Offset of field: lkstats_api::struct_size"]
        [::core::mem::offset_of!(lkstats_api, struct_size) - 0usize];
    ["Offset of field: lkstats_api::version"]
        [::core::mem::offset_of!(lkstats_api, version) - 4usize];
    ["Offset of field: lkstats_api::open"][::core::mem::offset_of!(lkstats_api, open) - 8usize];
    ["Offset of field: lkstats_api::close"][::core::mem::offset_of!(lkstats_api, close) - 16usize];
    ["Offset of field: lkstats_api::run_once"]
        [::core::mem::offset_of!(lkstats_api, run_once) - 24usize];
    ["Offset of field: lkstats_api::track_new"]
        [::core::mem::offset_of!(lkstats_api, track_new) - 32usize];
    ["Offset of field: lkstats_api::add_bytes"]
        [::core::mem::offset_of!(lkstats_api, add_bytes) - 40usize];
    ["Offset of field: lkstats_api::add_messages"]
        [::core::mem::offset_of!(lkstats_api, add_messages) - 48usize];
    ["Offset of field: lkstats_api::prefetch"]
        [::core::mem::offset_of!(lkstats_api, prefetch) - 56usize];
    ["Offset of field: lkstats_api::track_totals"]
        [::core::mem::offset_of!(lkstats_api, track_totals) - 64usize];
    ["Offset of field: lkstats_api::track_stop"]
        [::core::mem::offset_of!(lkstats_api, track_stop) - 72usize];
    ["Offset of field: lkstats_api::track_flush"]
        [::core::mem::offset_of!(lkstats_api, track_flush) - 80usize];
    ["Offset of field: lkstats_api::flush"][::core::mem::offset_of!(lkstats_api, flush) - 88usize];
    ["Offset of field: lkstats_api::event_fd"]
        [::core::mem::offset_of!(lkstats_api, event_fd) - 96usize];
    ["Offset of field: lkstats_api::next"][::core::mem::offset_of!(lkstats_api, next) - 104usize];
    ["Offset of field: lkstats_api::batch_analytics_stats"]
        [::core::mem::offset_of!(lkstats_api, batch_analytics_stats) - 112usize];
    ["Offset of field: lkstats_api::ack"][::core::mem::offset_of!(lkstats_api, ack) - 120usize];
    ["Offset of field: lkstats_api::nack"][::core::mem::offset_of!(lkstats_api, nack) - 128usize];
    ["Offset of field: lkstats_api::redeliver"]
        [::core::mem::offset_of!(lkstats_api, redeliver) - 136usize];
    ["Offset of field: lkstats_api::track_id_for_participant"]
        [::core::mem::offset_of!(lkstats_api, track_id_for_participant) - 144usize];
    ["Offset of field: lkstats_api::slab_attach"]
        [::core::mem::offset_of!(lkstats_api, slab_attach) - 152usize];
    ["Offset of field: lkstats_api::strerror"]
        [::core::mem::offset_of!(lkstats_api, strerror) - 160usize];
    ["Offset of field: lkstats_api::status_name"]
        [::core::mem::offset_of!(lkstats_api, status_name) - 168usize];
    ["Offset of field: lkstats_api::signal_new"]
        [::core::mem::offset_of!(lkstats_api, signal_new) - 176usize];
    ["Offset of field: lkstats_api::signal_resolve_room"]
        [::core::mem::offset_of!(lkstats_api, signal_resolve_room) - 184usize];
    ["Offset of field: lkstats_api::signal_resolve_participant"]
        [::core::mem::offset_of!(lkstats_api, signal_resolve_participant) - 192usize];
    ["Offset of field: lkstats_api::signal_reset"]
        [::core::mem::offset_of!(lkstats_api, signal_reset) - 200usize];
    ["Offset of field: lkstats_api::metrics"]
        [::core::mem::offset_of!(lkstats_api, metrics) - 208usize];
};
pub type lkstats_api_t = lkstats_api;
pub const LKSTATS_SLAB_BYTE_BITS: _bindgen_ty_12 = 36;
pub const LKSTATS_SLAB_MESSAGE_BITS: _bindgen_ty_12 = 27;
pub const LKSTATS_SLAB_INDEX_BITS: _bindgen_ty_12 = 24;
pub type _bindgen_ty_12 = u32;
pub const LKSTATS_SLAB_SEND: _bindgen_ty_13 = 0;
pub const LKSTATS_SLAB_RECV: _bindgen_ty_13 = 1;
pub type _bindgen_ty_13 = u32;
pub const LKSTATS_SLAB_FREE: _bindgen_ty_14 = 0;
pub const LKSTATS_SLAB_LIVE: _bindgen_ty_14 = 16777216;
pub const LKSTATS_SLAB_STOPPING: _bindgen_ty_14 = 33554432;
pub const LKSTATS_SLAB_CLOSED: _bindgen_ty_14 = 50331648;
pub type _bindgen_ty_14 = u32;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_slab_slot {
    pub state: u32,
    pub tag: u32,
    pub word: [u64; 2usize],
    pub carry: [u64; 2usize],
    pub last: [u64; 2usize],
    pub record: u32,
    pub epoch: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_slot"][::core::mem::size_of::<lkstats_slab_slot>() - 64usize];
    ["Alignment of lkstats_slab_slot"][::core::mem::align_of::<lkstats_slab_slot>() - 8usize];
    ["Offset of field: lkstats_slab_slot::state"]
        [::core::mem::offset_of!(lkstats_slab_slot, state) - 0usize];
    ["Offset of field: lkstats_slab_slot::tag"]
        [::core::mem::offset_of!(lkstats_slab_slot, tag) - 4usize];
    ["Offset of field: lkstats_slab_slot::word"]
        [::core::mem::offset_of!(lkstats_slab_slot, word) - 8usize];
    ["Offset of field: lkstats_slab_slot::carry"]
        [::core::mem::offset_of!(lkstats_slab_slot, carry) - 24usize];
    ["Offset of field: lkstats_slab_slot::last"]
        [::core::mem::offset_of!(lkstats_slab_slot, last) - 40usize];
    ["Offset of field: lkstats_slab_slot::record"]
        [::core::mem::offset_of!(lkstats_slab_slot, record) - 56usize];
    ["Offset of field: lkstats_slab_slot::epoch"]
        [::core::mem::offset_of!(lkstats_slab_slot, epoch) - 60usize];
};
pub type lkstats_slab_slot_t = lkstats_slab_slot;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_slab_totals {
    pub traffic: lkstats_traffic_t,
    pub sequence: u32,
    pub checksum: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_totals"][::core::mem::size_of::<lkstats_slab_totals>() - 40usize];
    ["Alignment of lkstats_slab_totals"][::core::mem::align_of::<lkstats_slab_totals>() - 8usize];
    ["Offset of field: lkstats_slab_totals::traffic"]
        [::core::mem::offset_of!(lkstats_slab_totals, traffic) - 0usize];
    ["Offset of field: lkstats_slab_totals::sequence"]
        [::core::mem::offset_of!(lkstats_slab_totals, sequence) - 32usize];
    ["Offset of field: lkstats_slab_totals::checksum"]
        [::core::mem::offset_of!(lkstats_slab_totals, checksum) - 36usize];
};
pub type lkstats_slab_totals_t = lkstats_slab_totals;
pub const LKSTATS_SLAB_JOINED: _bindgen_ty_15 = 1;
pub const LKSTATS_SLAB_LEFT: _bindgen_ty_15 = 2;
pub type _bindgen_ty_15 = u32;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_slab_snapshot {
    pub traffic: lkstats_traffic_t,
    pub sequence: u32,
    pub flags: u32,
    pub at: lkstats_time_t,
    pub checksum: u32,
    pub reserved: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_snapshot"][::core::mem::size_of::<lkstats_slab_snapshot>() - 64usize];
    ["Alignment of lkstats_slab_snapshot"]
        [::core::mem::align_of::<lkstats_slab_snapshot>() - 8usize];
    ["Offset of field: lkstats_slab_snapshot::traffic"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, traffic) - 0usize];
    ["Offset of field: lkstats_slab_snapshot::sequence"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, sequence) - 32usize];
    ["Offset of field: lkstats_slab_snapshot::flags"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, flags) - 36usize];
    ["Offset of field: lkstats_slab_snapshot::at"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, at) - 40usize];
    ["Offset of field: lkstats_slab_snapshot::checksum"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, checksum) - 56usize];
    ["Offset of field: lkstats_slab_snapshot::reserved"]
        [::core::mem::offset_of!(lkstats_slab_snapshot, reserved) - 60usize];
};
pub type lkstats_slab_snapshot_t = lkstats_slab_snapshot;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_slab_part {
    pub at: u16,
    pub size: u16,
    pub stat_size: u16,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_part"][::core::mem::size_of::<lkstats_slab_part>() - 6usize];
    ["Alignment of lkstats_slab_part"][::core::mem::align_of::<lkstats_slab_part>() - 2usize];
    ["Offset of field: lkstats_slab_part::at"]
        [::core::mem::offset_of!(lkstats_slab_part, at) - 0usize];
    ["Offset of field: lkstats_slab_part::size"]
        [::core::mem::offset_of!(lkstats_slab_part, size) - 2usize];
    ["Offset of field: lkstats_slab_part::stat_size"]
        [::core::mem::offset_of!(lkstats_slab_part, stat_size) - 4usize];
};
pub type lkstats_slab_part_t = lkstats_slab_part;
pub const LKSTATS_SLAB_ACKNOWLEDGED: _bindgen_ty_16 = 1;
pub const LKSTATS_SLAB_PENDING: _bindgen_ty_16 = 2;
pub const LKSTATS_SLAB_ROOM_KNOWN: _bindgen_ty_16 = 4;
pub const LKSTATS_SLAB_PARTICIPANT_KNOWN: _bindgen_ty_16 = 8;
pub const LKSTATS_SLAB_FIRST: _bindgen_ty_16 = 16;
pub const LKSTATS_SLAB_UNATTRIBUTED: _bindgen_ty_16 = 32;
pub const LKSTATS_SLAB_RUNNING: _bindgen_ty_16 = 64;
pub const LKSTATS_SLAB_LATE: _bindgen_ty_16 = 128;
pub const LKSTATS_SLAB_CHANNEL_SHIFT: _bindgen_ty_16 = 8;
pub const LKSTATS_SLAB_FORGOTTEN_SHIFT: _bindgen_ty_16 = 16;
pub const LKSTATS_SLAB_SEQUENCE_SHIFT: _bindgen_ty_16 = 32;
pub type _bindgen_ty_16 = u32;
pub const LKSTATS_SLAB_IDENTITY_SIZE: _bindgen_ty_17 = 192;
pub type _bindgen_ty_17 = u32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_slab_record {
    pub slot: u32,
    pub tag: u32,
    pub epoch: u32,
    pub previous: u32,
    pub control: u64,
    pub start: lkstats_time_t,
    pub overflow: u32,
    pub connection: lkstats_slab_part_t,
    pub room: lkstats_slab_part_t,
    pub participant: lkstats_slab_part_t,
    pub identity_sum: u16,
    pub base: lkstats_traffic_t,
    pub running: [lkstats_slab_totals_t; 2usize],
    pub end: lkstats_time_t,
    pub snapshot: [lkstats_slab_snapshot_t; 2usize],
    pub identity: [u8; 192usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_record"][::core::mem::size_of::<lkstats_slab_record>() - 512usize];
    ["Alignment of lkstats_slab_record"][::core::mem::align_of::<lkstats_slab_record>() - 8usize];
    ["Offset of field: lkstats_slab_record::slot"]
        [::core::mem::offset_of!(lkstats_slab_record, slot) - 0usize];
    ["Offset of field: lkstats_slab_record::tag"]
        [::core::mem::offset_of!(lkstats_slab_record, tag) - 4usize];
    ["Offset of field: lkstats_slab_record::epoch"]
        [::core::mem::offset_of!(lkstats_slab_record, epoch) - 8usize];
    ["Offset of field: lkstats_slab_record::previous"]
        [::core::mem::offset_of!(lkstats_slab_record, previous) - 12usize];
    ["Offset of field: lkstats_slab_record::control"]
        [::core::mem::offset_of!(lkstats_slab_record, control) - 16usize];
    ["Offset of field: lkstats_slab_record::start"]
        [::core::mem::offset_of!(lkstats_slab_record, start) - 24usize];
    ["Offset of field: lkstats_slab_record::overflow"]
        [::core::mem::offset_of!(lkstats_slab_record, overflow) - 40usize];
    ["Offset of field: lkstats_slab_record::connection"]
        [::core::mem::offset_of!(lkstats_slab_record, connection) - 44usize];
    ["Offset of field: lkstats_slab_record::room"]
        [::core::mem::offset_of!(lkstats_slab_record, room) - 50usize];
    ["Offset of field: lkstats_slab_record::participant"]
        [::core::mem::offset_of!(lkstats_slab_record, participant) - 56usize];
    ["Offset of field: lkstats_slab_record::identity_sum"]
        [::core::mem::offset_of!(lkstats_slab_record, identity_sum) - 62usize];
    ["Offset of field: lkstats_slab_record::base"]
        [::core::mem::offset_of!(lkstats_slab_record, base) - 64usize];
    ["Offset of field: lkstats_slab_record::running"]
        [::core::mem::offset_of!(lkstats_slab_record, running) - 96usize];
    ["Offset of field: lkstats_slab_record::end"]
        [::core::mem::offset_of!(lkstats_slab_record, end) - 176usize];
    ["Offset of field: lkstats_slab_record::snapshot"]
        [::core::mem::offset_of!(lkstats_slab_record, snapshot) - 192usize];
    ["Offset of field: lkstats_slab_record::identity"]
        [::core::mem::offset_of!(lkstats_slab_record, identity) - 320usize];
};
impl Default for lkstats_slab_record {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_slab_record_t = lkstats_slab_record;
pub const LKSTATS_SLAB_OVERFLOW_SIZE: _bindgen_ty_18 = 504;
pub type _bindgen_ty_18 = u32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_slab_overflow {
    pub next: u32,
    pub reserved: u32,
    pub bytes: [u8; 504usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_overflow"][::core::mem::size_of::<lkstats_slab_overflow>() - 512usize];
    ["Alignment of lkstats_slab_overflow"]
        [::core::mem::align_of::<lkstats_slab_overflow>() - 4usize];
    ["Offset of field: lkstats_slab_overflow::next"]
        [::core::mem::offset_of!(lkstats_slab_overflow, next) - 0usize];
    ["Offset of field: lkstats_slab_overflow::reserved"]
        [::core::mem::offset_of!(lkstats_slab_overflow, reserved) - 4usize];
    ["Offset of field: lkstats_slab_overflow::bytes"]
        [::core::mem::offset_of!(lkstats_slab_overflow, bytes) - 8usize];
};
impl Default for lkstats_slab_overflow {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_slab_overflow_t = lkstats_slab_overflow;
#[repr(C)]
#[derive(Debug, Default, Copy, Clone)]
pub struct lkstats_slab_chunk {
    pub first: u32,
    pub count: u32,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_chunk"][::core::mem::size_of::<lkstats_slab_chunk>() - 8usize];
    ["Alignment of lkstats_slab_chunk"][::core::mem::align_of::<lkstats_slab_chunk>() - 4usize];
    ["Offset of field: lkstats_slab_chunk::first"]
        [::core::mem::offset_of!(lkstats_slab_chunk, first) - 0usize];
    ["Offset of field: lkstats_slab_chunk::count"]
        [::core::mem::offset_of!(lkstats_slab_chunk, count) - 4usize];
};
pub type lkstats_slab_chunk_t = lkstats_slab_chunk;
pub const LKSTATS_SLAB_CHUNKS_MAX: _bindgen_ty_19 = 500;
pub type _bindgen_ty_19 = u32;
pub const LKSTATS_SLAB_LOCK_OWNER: _bindgen_ty_20 = 0;
pub const LKSTATS_SLAB_LOCK_RECOVERY: _bindgen_ty_20 = 1;
pub type _bindgen_ty_20 = u32;
pub const LKSTATS_SLAB_OVER: _bindgen_ty_21 = 1919252079;
pub type _bindgen_ty_21 = u32;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_slab_directory {
    pub magic: [::core::ffi::c_char; 8usize],
    pub version: u32,
    pub size: u32,
    pub context: [u8; 16usize],
    pub owner_pid: i64,
    pub opened: lkstats_time_t,
    pub report_interval_ms: u32,
    pub node_size: u32,
    pub analytics_key_size: u32,
    pub slot_chunks: u32,
    pub record_chunks: u32,
    pub over: u32,
    pub owner_start: u64,
    pub owner_pid_namespace: u64,
    pub boot: [u8; 16usize],
    pub alive: lkstats_time_t,
    pub node: [u8; 256usize],
    pub analytics_key: [u8; 256usize],
    pub slots: [lkstats_slab_chunk_t; 500usize],
    pub records: [lkstats_slab_chunk_t; 500usize],
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_directory"]
        [::core::mem::size_of::<lkstats_slab_directory>() - 8640usize];
    ["Alignment of lkstats_slab_directory"]
        [::core::mem::align_of::<lkstats_slab_directory>() - 8usize];
    ["Offset of field: lkstats_slab_directory::magic"]
        [::core::mem::offset_of!(lkstats_slab_directory, magic) - 0usize];
    ["Offset of field: lkstats_slab_directory::version"]
        [::core::mem::offset_of!(lkstats_slab_directory, version) - 8usize];
    ["Offset of field: lkstats_slab_directory::size"]
        [::core::mem::offset_of!(lkstats_slab_directory, size) - 12usize];
    ["Offset of field: lkstats_slab_directory::context"]
        [::core::mem::offset_of!(lkstats_slab_directory, context) - 16usize];
    ["Offset of field: lkstats_slab_directory::owner_pid"]
        [::core::mem::offset_of!(lkstats_slab_directory, owner_pid) - 32usize];
    ["Offset of field: lkstats_slab_directory::opened"]
        [::core::mem::offset_of!(lkstats_slab_directory, opened) - 40usize];
    ["Offset of field: lkstats_slab_directory::report_interval_ms"]
        [::core::mem::offset_of!(lkstats_slab_directory, report_interval_ms) - 56usize];
    ["Offset of field: lkstats_slab_directory::node_size"]
        [::core::mem::offset_of!(lkstats_slab_directory, node_size) - 60usize];
    ["Offset of field: lkstats_slab_directory::analytics_key_size"]
        [::core::mem::offset_of!(lkstats_slab_directory, analytics_key_size) - 64usize];
    ["Offset of field: lkstats_slab_directory::slot_chunks"]
        [::core::mem::offset_of!(lkstats_slab_directory, slot_chunks) - 68usize];
    ["Offset of field: lkstats_slab_directory::record_chunks"]
        [::core::mem::offset_of!(lkstats_slab_directory, record_chunks) - 72usize];
    ["Offset of field: lkstats_slab_directory::over"]
        [::core::mem::offset_of!(lkstats_slab_directory, over) - 76usize];
    ["Offset of field: lkstats_slab_directory::owner_start"]
        [::core::mem::offset_of!(lkstats_slab_directory, owner_start) - 80usize];
    ["Offset of field: lkstats_slab_directory::owner_pid_namespace"]
        [::core::mem::offset_of!(lkstats_slab_directory, owner_pid_namespace) - 88usize];
    ["Offset of field: lkstats_slab_directory::boot"]
        [::core::mem::offset_of!(lkstats_slab_directory, boot) - 96usize];
    ["Offset of field: lkstats_slab_directory::alive"]
        [::core::mem::offset_of!(lkstats_slab_directory, alive) - 112usize];
    ["Offset of field: lkstats_slab_directory::node"]
        [::core::mem::offset_of!(lkstats_slab_directory, node) - 128usize];
    ["Offset of field: lkstats_slab_directory::analytics_key"]
        [::core::mem::offset_of!(lkstats_slab_directory, analytics_key) - 384usize];
    ["Offset of field: lkstats_slab_directory::slots"]
        [::core::mem::offset_of!(lkstats_slab_directory, slots) - 640usize];
    ["Offset of field: lkstats_slab_directory::records"]
        [::core::mem::offset_of!(lkstats_slab_directory, records) - 4640usize];
};
impl Default for lkstats_slab_directory {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_slab_directory_t = lkstats_slab_directory;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_slab_anchor {
    pub limit: u64,
    pub slots: *mut lkstats_slab_slot_t,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab_anchor"][::core::mem::size_of::<lkstats_slab_anchor>() - 16usize];
    ["Alignment of lkstats_slab_anchor"][::core::mem::align_of::<lkstats_slab_anchor>() - 8usize];
    ["Offset of field: lkstats_slab_anchor::limit"]
        [::core::mem::offset_of!(lkstats_slab_anchor, limit) - 0usize];
    ["Offset of field: lkstats_slab_anchor::slots"]
        [::core::mem::offset_of!(lkstats_slab_anchor, slots) - 8usize];
};
impl Default for lkstats_slab_anchor {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_slab_anchor_t = lkstats_slab_anchor;
#[repr(C)]
#[derive(Debug, Copy, Clone)]
pub struct lkstats_slab {
    pub struct_size: u32,
    pub version: u32,
    pub anchor: *const lkstats_slab_anchor_t,
    pub add: ::core::option::Option<
        unsafe extern "C" fn(
            track: lkstats_track_t,
            bytes: u64,
            messages: u64,
            is_send: i32,
        ) -> lkstats_status_t,
    >,
}
#[allow(clippy::unnecessary_operation, clippy::identity_op)]
const _: () = {
    ["Size of lkstats_slab"][::core::mem::size_of::<lkstats_slab>() - 24usize];
    ["Alignment of lkstats_slab"][::core::mem::align_of::<lkstats_slab>() - 8usize];
    ["Offset of field: lkstats_slab::struct_size"]
        [::core::mem::offset_of!(lkstats_slab, struct_size) - 0usize];
    ["Offset of field: lkstats_slab::version"]
        [::core::mem::offset_of!(lkstats_slab, version) - 4usize];
    ["Offset of field: lkstats_slab::anchor"]
        [::core::mem::offset_of!(lkstats_slab, anchor) - 8usize];
    ["Offset of field: lkstats_slab::add"][::core::mem::offset_of!(lkstats_slab, add) - 16usize];
};
impl Default for lkstats_slab {
    fn default() -> Self {
        let mut s = ::core::mem::MaybeUninit::<Self>::uninit();
        unsafe {
            ::core::ptr::write_bytes(s.as_mut_ptr(), 0, 1);
            s.assume_init()
        }
    }
}
pub type lkstats_slab_t = lkstats_slab;
