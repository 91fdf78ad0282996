// SPDX-License-Identifier: Apache-2.0
#![doc = include_str!("../README.md")]
#![no_std]

#[allow(
    non_camel_case_types,
    clippy::unnecessary_operation,
    clippy::identity_op
)]
mod bindings;

pub use bindings::*;

#[cfg(not(feature = "dlopen"))]
extern "C" {
    /// Stores the table of all functions, which lives as long as the process. `version` is
    /// [`LKSTATS_API_VERSION`].
    ///
    /// Answers [`LKSTATS_ELAYOUT`] where the library has no table of that version,
    /// [`LKSTATS_EINVAL`] for a null pointer. The table is as long as its `struct_size` says: check
    /// that before anything else is read.
    ///
    /// # Safety
    ///
    /// `api` is null or can be written.
    pub fn lkstats_get_api(version: u32, api: *mut *const lkstats_api_t) -> lkstats_status_t;
}
