// SPDX-License-Identifier: Apache-2.0
//! Numbers that a seed decides: splitmix64, as in `tests/soak/random.h`.

use std::thread;
use std::time::Duration;

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, whose: usize) -> Random {
        let mut random = Random(seed ^ (whose as u64 + 1).wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// A moment for the others.
    pub fn pause(&mut self, most_us: u64) {
        thread::sleep(Duration::from_micros(self.below(most_us + 1)));
    }
}
