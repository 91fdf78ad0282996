// SPDX-License-Identifier: Apache-2.0
// Arithmetic on lkstats_traffic_t. In the global namespace, where the type is, so that every namespace of
// ours finds it.
#pragma once

#include "lkstats.h"

#include <algorithm>

inline bool operator==(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return a.send_bytes == b.send_bytes && a.send_messages == b.send_messages &&
           a.recv_bytes == b.recv_bytes && a.recv_messages == b.recv_messages;
}

inline lkstats_traffic_t operator-(const lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    return {a.send_bytes - b.send_bytes, a.send_messages - b.send_messages, a.recv_bytes - b.recv_bytes,
            a.recv_messages - b.recv_messages};
}

inline lkstats_traffic_t &operator+=(lkstats_traffic_t &a, const lkstats_traffic_t &b) {
    a.send_bytes += b.send_bytes;
    a.send_messages += b.send_messages;
    a.recv_bytes += b.recv_bytes;
    a.recv_messages += b.recv_messages;
    return a;
}

namespace lkstats::slab {

// Each figure of now, or the same of then where that is more.
inline lkstats_traffic_t at_least(const lkstats_traffic_t &now, const lkstats_traffic_t &then) {
    return {std::max(now.send_bytes, then.send_bytes), std::max(now.send_messages, then.send_messages),
            std::max(now.recv_bytes, then.recv_bytes), std::max(now.recv_messages, then.recv_messages)};
}

} // namespace lkstats::slab
