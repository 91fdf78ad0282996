// SPDX-License-Identifier: Apache-2.0
// What a caller hands in, drawn from an input: structs of any size, texts of any size and content, each in memory of just
// that size, so that a byte too much that is read or written shows; and whether the manual allows it.
#pragma once

#include "input.hpp"
#include "lkstats.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace lkstats::fuzz {

// Independent of the library's: takes each character apart and puts it together again.
bool is_text(std::string_view text);

class Given {
  public:
    explicit Given(Input &input) : input_(input) {}
    Given(const Given &) = delete; // what was handed in lies here
    Given &operator=(const Given &) = delete;

    // good stays true while everything that was drawn since may be handed in.
    bool good = true;

    Input &input() { return input_; }
    // How one in sixteen is: anything.
    bool odd() { return (input_.byte() & 0xf) == 0xf; }

    // NULL now and then, which is not good unless null_ok. An input struct's tail has to be zero.
    template <class T> T *in(T value, bool null_ok = false) { return give(value, null_ok, true); }
    template <class T> T *out(T value, bool null_ok = false) { return give(value, null_ok, false); }
    // Of an output struct that was filled: what the library does not know is zero.
    template <class T> static bool tail_is_zero(const T *filled) {
        const auto *bytes = reinterpret_cast<const uint8_t *>(filled);
        return std::all_of(bytes + sizeof(T), bytes + std::max<size_t>(sizeof(T), filled->struct_size),
                           [](uint8_t byte) { return byte == 0; });
    }

    lkstats_string_t text();
    const int32_t *details(uint32_t &count);
    // An edge of what fits, or anything.
    uint32_t number(uint32_t low, uint32_t high);
    // Memory of that size.
    uint8_t *memory(size_t size) {
        kept_.push_back(std::make_unique<uint8_t[]>(size));
        return kept_.back().get();
    }

  private:
    static constexpr uint32_t size_most = 4096;

    uint32_t struct_size(uint32_t right);
    template <class T> T *give(T value, bool null_ok, bool in) {
        if (input_.byte() == 0xff) {
            good = good && null_ok;
            return nullptr;
        }
        value.struct_size = struct_size(sizeof(T));
        const bool fits = value.struct_size >= sizeof(T) && value.struct_size <= size_most;
        // Of one that is too large nothing but its size may be looked at.
        const size_t there = value.struct_size > size_most ? sizeof value.struct_size : value.struct_size;
        uint8_t *const bytes = memory(std::max(there, sizeof value.struct_size));
        std::memcpy(bytes, &value, std::clamp(there, sizeof value.struct_size, sizeof value));
        good = good && fits;
        if (fits && there > sizeof value && odd()) {
            bytes[sizeof value + input_.half() % (there - sizeof value)] = 1;
            good = good && !in;
        }
        return reinterpret_cast<T *>(bytes);
    }

    Input &input_;
    std::vector<std::unique_ptr<uint8_t[]>> kept_;
};

} // namespace lkstats::fuzz
