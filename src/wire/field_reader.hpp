// SPDX-License-Identifier: Apache-2.0
// Reads back the fields that identity.cpp writes, in the order of their numbers. The bytes may come from a
// damaged file and are copied into reports as they are, where a peer refuses a whole batch for one malformed
// stat: a field that is unknown, repeated, too long or out of order is refused. Whether strings are UTF-8 is
// for the one who read the file to check: a live context checked them when it took them.
#pragma once

#include "lkstats.h"
#include "wire/varint.hpp"

#include <span>

namespace lkstats::wire {

// Each call reads one field if it comes next and leaves its target alone if it does not. False: malformed.
class FieldReader {
  public:
    explicit FieldReader(std::span<const uint8_t> bytes)
        : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

    bool done() const { return at_ == end_; }

    bool string(uint8_t number, lkstats_string_t &value, uint64_t size_max = LKSTATS_STRING_MAX) {
        if (!take(bytes_tag(number)))
            return true;
        uint64_t size;
        if (!varint(size) || size > size_max || size > left())
            return false;
        value = {reinterpret_cast<const char *>(at_), size};
        at_ += size;
        return true;
    }

    bool int32(uint8_t number, int32_t &value) { return !take(varint_tag(number)) || int32(value); }

    bool packed(uint8_t number, int32_t *values, uint32_t &count, uint32_t count_max) {
        if (!take(bytes_tag(number)))
            return true;
        uint64_t size;
        if (!varint(size) || size > left())
            return false;
        FieldReader inside({at_, static_cast<size_t>(size)});
        at_ += size;
        for (count = 0; !inside.done(); ++count)
            if (count == count_max || !inside.int32(values[count]))
                return false;
        return true;
    }

  private:
    size_t left() const { return static_cast<size_t>(end_ - at_); }

    bool take(uint8_t tag) {
        if (done() || *at_ != tag)
            return false;
        ++at_;
        return true;
    }

    bool int32(int32_t &value) {
        uint64_t wide;
        if (!varint(wide))
            return false;
        value = static_cast<int32_t>(wide);
        return wide == static_cast<uint64_t>(int64_t{value});
    }

    bool varint(uint64_t &value) {
        value = 0;
        for (unsigned shift = 0; shift < 64 && !done(); shift += 7) {
            const uint8_t byte = *at_++;
            value |= static_cast<uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80)
                return true;
        }
        return false;
    }

    const uint8_t *at_;
    const uint8_t *end_;
};

} // namespace lkstats::wire
