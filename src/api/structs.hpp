// SPDX-License-Identifier: Apache-2.0
// Structs of callers that were compiled with another release's header.
#pragma once

#include "lkstats_slab.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace lkstats::api {

inline constexpr uint32_t struct_size_max = 4096;

// What each struct had in its first release; it never changes, the struct may grow.
template <class T> struct FirstRelease;
template <> struct FirstRelease<lkstats_options_t> {
    static constexpr uint32_t size = offsetof(lkstats_options_t, on_log) + sizeof(lkstats_options_t::on_log);
};
template <> struct FirstRelease<lkstats_track_options_t> {
    static constexpr uint32_t size = offsetof(lkstats_track_options_t, tenant) + sizeof(lkstats_string_t);
};
template <> struct FirstRelease<lkstats_signal_options_t> {
    static constexpr uint32_t size = offsetof(lkstats_signal_options_t, tenant) + sizeof(lkstats_string_t);
};
template <> struct FirstRelease<lkstats_room_t> {
    static constexpr uint32_t size = offsetof(lkstats_room_t, tenant) + sizeof(lkstats_string_t);
};
template <> struct FirstRelease<lkstats_participant_t> {
    static constexpr uint32_t size = offsetof(lkstats_participant_t, tenant) + sizeof(lkstats_string_t);
};
template <> struct FirstRelease<lkstats_residue_t> {
    static constexpr uint32_t size = offsetof(lkstats_residue_t, traffic) + sizeof(lkstats_traffic_t);
};
template <> struct FirstRelease<lkstats_totals_t> {
    static constexpr uint32_t size = offsetof(lkstats_totals_t, traffic) + sizeof(lkstats_traffic_t);
};
template <> struct FirstRelease<lkstats_batch_t> {
    static constexpr uint32_t size = offsetof(lkstats_batch_t, analytics_key) + sizeof(lkstats_string_t);
};
template <> struct FirstRelease<lkstats_slab_t> {
    static constexpr uint32_t size = offsetof(lkstats_slab_t, add) + sizeof(lkstats_slab_t::add);
};

template <class T> bool size_ok(const T *theirs) {
    return theirs != nullptr && theirs->struct_size >= FirstRelease<T>::size &&
           theirs->struct_size <= struct_size_max;
}

// False: the size is outside its range, or the tail that this library does not know is not zero.
template <class T> bool read_struct(const T *theirs, T &ours) {
    if (!size_ok(theirs))
        return false;
    const auto *bytes = reinterpret_cast<const unsigned char *>(theirs);
    for (size_t i = sizeof(T); i < theirs->struct_size; ++i)
        if (bytes[i] != 0)
            return false;
    ours = {};
    std::memcpy(&ours, theirs, std::min<size_t>(sizeof(T), theirs->struct_size));
    return true;
}

// After size_ok.
template <class T> void write_struct(T *theirs, T ours) {
    const uint32_t size = theirs->struct_size;
    ours.struct_size = size;
    std::memcpy(theirs, &ours, std::min<size_t>(sizeof(T), size));
    if (size > sizeof(T))
        std::memset(reinterpret_cast<unsigned char *>(theirs) + sizeof(T), 0, size - sizeof(T));
}

} // namespace lkstats::api
