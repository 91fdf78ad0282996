// SPDX-License-Identifier: Apache-2.0
//! Which processor a thread runs on, and for how long.

/// Processor time of the calling thread, for the machine may be shared.
pub fn thread_seconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: a clock of the calling thread's own, and a place for its time.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Threads that are meant to meet on a cache line are kept apart: a scheduler may leave short-lived ones on one
/// processor. Where it is not allowed nothing changes.
pub fn pin(number: usize) {
    // SAFETY: plain sets of bits; the calls read and write no more than their size.
    unsafe {
        let size = std::mem::size_of::<libc::cpu_set_t>();
        let mut all: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size, &mut all) != 0 {
            return;
        }
        let allowed: Vec<usize> = (0..libc::CPU_SETSIZE as usize)
            .filter(|&processor| libc::CPU_ISSET(processor, &all))
            .collect();
        let mut one: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(allowed[number % allowed.len()], &mut one);
        libc::sched_setaffinity(0, size, &one);
    }
}
