// SPDX-License-Identifier: Apache-2.0

/// What a host has at hand when it counts. Its address is out in every loop, so that it is read anew in each pass:
/// nothing of it is a constant.
#[repr(C)]
pub struct Message {
    pub bytes: u64,
    pub is_send: i32,
}

impl Default for Message {
    fn default() -> Self {
        Self {
            bytes: 1200,
            is_send: 1,
        }
    }
}
