// SPDX-License-Identifier: Apache-2.0
// Arithmetic on lkstats_traffic_t. In the global namespace, where the type is, so that every namespace of
// ours finds it.
#pragma once

#include "lkstats.h"

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

// Whether no figure of now is below the same of then.
inline bool covers(const lkstats_traffic_t &now, const lkstats_traffic_t &then) {
    return now.send_bytes >= then.send_bytes && now.send_messages >= then.send_messages &&
           now.recv_bytes >= then.recv_bytes && now.recv_messages >= then.recv_messages;
}

} // namespace lkstats::slab
