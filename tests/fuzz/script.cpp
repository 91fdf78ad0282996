// SPDX-License-Identifier: Apache-2.0
#include "script.hpp"

#include "must.hpp"
#include "slab/record.hpp"
#include "track/identity.hpp"
#include "wire/identity.hpp"

#include <algorithm>
#include <cstring>
#include <span>

namespace lkstats::fuzz {

namespace {

struct Change {
    uint8_t kind, index;
    uint16_t offset;
    uint8_t how;
    uint32_t value; // 24 bits
};

// Numbers at the edges of what the fields hold.
constexpr uint64_t edges[] = {0,
                              1,
                              ~uint64_t{0},
                              uint64_t{1} << 62,
                              (uint64_t{1} << 62) - 1,
                              uint64_t{1} << 63,
                              uint64_t{1} << 36,
                              uint64_t{1} << 34,
                              uint64_t{1} << 25,
                              0x7fffffff,
                              0xffffffff,
                              0xffff,
                              LKSTATS_SLAB_LIVE,
                              LKSTATS_SLAB_STOPPING,
                              LKSTATS_SLAB_CLOSED,
                              uint64_t{1} << 26};

void put(std::span<uint8_t> item, size_t at, uint64_t value, size_t size) {
    at %= item.size();
    std::memcpy(&item[at], &value, std::min(size, item.size() - at));
}

uint64_t get(std::span<const uint8_t> item, size_t at) {
    uint64_t value = 0;
    at %= item.size();
    std::memcpy(&value, &item[at], std::min(sizeof value, item.size() - at));
    return value;
}

void change(std::span<uint8_t> item, const Change &c, std::span<const uint8_t> other) {
    switch (c.how % 8) {
    case 0:
        return put(item, c.offset, c.value, 1);
    case 1:
        return put(item, c.offset, c.value, 2);
    case 2:
        return put(item, c.offset, c.value, 4);
    case 3:
        return put(item, c.offset, uint64_t{c.value} << (c.how >> 3), 8);
    case 4:
        return put(item, c.offset, get(item, c.offset) ^ uint64_t{1} << c.value % 64, 8);
    case 5:
        return put(item, c.offset, get(item, c.offset) + c.value - (uint64_t{1} << 23), 8);
    case 6:
        return put(item, c.offset, edges[c.value % std::size(edges)], c.value & 0x80 ? 8 : 4);
    case 7:
        return put(item, c.offset, get(other, c.offset), size_t{1} << (c.how >> 6));
    }
}

template <class T> std::span<uint8_t> bytes_of(T &item) {
    return {reinterpret_cast<uint8_t *>(&item), sizeof item};
}

// So that figures which a change has put there are believed: the checksums that the library would have written.
void mend_totals(lkstats_slab_record_t &r) {
    for (lkstats_slab_totals_t &totals : r.running) {
        lkstats_slab_record_t copy = {};
        slab::Record(copy).write_running(totals.traffic, totals.sequence);
        totals.checksum = copy.running[totals.sequence & 1].checksum;
    }
    for (uint64_t i = 0; i < 2; ++i) {
        lkstats_slab_snapshot_t &snapshot = r.snapshot[i];
        lkstats_slab_record_t copy = {};
        // The other one is acknowledged, and this is the next.
        copy.control = (i ^ 1) | uint64_t{snapshot.sequence - 1} << LKSTATS_SLAB_SEQUENCE_SHIFT;
        slab::Record(copy).freeze(snapshot.traffic, snapshot.flags, snapshot.at);
        snapshot.checksum = copy.snapshot[i].checksum;
    }
}

void mend_identity(Image &image, lkstats_slab_record_t &r) {
    Bytes stream(r.identity, r.identity + sizeof r.identity);
    uint32_t next = r.overflow;
    while (next != 0 && stream.size() < wire::parts_max) {
        const uint32_t place = image.record_place(next);
        if (place == image.record_count())
            break;
        const auto &block = reinterpret_cast<const lkstats_slab_overflow_t &>(image.record(place));
        stream.insert(stream.end(), std::begin(block.bytes), std::end(block.bytes));
        next = block.next;
    }
    const std::span<const uint8_t> all(stream);
    r.identity_sum = 0;
    const auto add = [&](const lkstats_slab_part_t &part, uint64_t known) {
        if ((r.control & known) == known && size_t{part.at} + part.size <= all.size())
            r.identity_sum ^= track::sum_of(part, all.subspan(part.at, part.size));
    };
    add(r.connection, 0);
    add(r.room, LKSTATS_SLAB_ROOM_KNOWN);
    add(r.participant, LKSTATS_SLAB_PARTICIPANT_KNOWN);
}

class Script {
  public:
    explicit Script(Damaged &damaged)
        : d_(damaged), image_(damaged.image), owners_(owners(image_)), slots_(image_.slot_count()),
          records_(image_.record_count()), directory_(image_.directory) {}
    // Links are followed as they were until the end, and the files are as long until the first cut.
    void end() { image_.directory = directory_; }
    void run(const Change &c) {
        if (cut_)
            return;
        switch (c.kind % 8) {
        case 0:
            touch(c.index % slots_);
            return change(bytes_of(image_.slot(c.index % slots_)), c,
                          bytes_of(image_.slot(c.value % slots_)));
        case 1:
        case 2:
            touch_record(c.index % records_);
            return change(bytes_of(image_.record(c.index % records_)), c,
                          bytes_of(image_.record(c.value % records_)));
        case 3:
            d_.directory = true;
            return change(bytes_of(directory_), c, bytes_of(image_.directory));
        case 4:
            touch_record(c.index % records_);
            image_.record(c.index % records_) = image_.record(c.value % records_);
            return;
        case 5:
            touch(c.index % slots_);
            image_.slot(c.index % slots_) = image_.slot(c.value % slots_);
            return;
        case 6:
            touch_record(c.index % records_);
            mend_totals(image_.record(c.index % records_));
            return mend_identity(image_, image_.record(c.index % records_));
        case 7:
            return cut(c);
        }
    }

  private:
    void touch(uint32_t place) { d_.touched[place] = true; }
    void touch_record(uint32_t place) {
        if (owners_[place] != slots_)
            touch(owners_[place]);
    }
    // One that can't be read to its end takes a stretch of slots with it, or whoever has records there.
    void cut(const Change &c) {
        cut_ = true;
        d_.directory = true;
        std::vector<Bytes> &files = c.index & 1 ? image_.slots : image_.records;
        Bytes &file = files[(c.index >> 1) % files.size()];
        file.resize(std::min<size_t>(file.size(), c.offset));
    }

    Damaged &d_;
    Image &image_;
    const std::vector<uint32_t> owners_;
    const uint32_t slots_, records_;
    lkstats_slab_directory_t directory_; // that comes of it
    bool cut_ = false;
};

} // namespace

Damaged whole(uint32_t number) {
    Damaged damaged = {};
    damaged.number = number;
    damaged.image = images()[number / ways_to_split];
    if (number & 1)
        damaged.image.split_slots();
    if (number & 2)
        damaged.image.split_records();
    damaged.touched.resize(damaged.image.slot_count());
    return damaged;
}

Damaged run_script(Input &input) {
    const uint8_t which = input.byte(), split = input.byte();
    Damaged damaged =
        whole(static_cast<uint32_t>(which % images().size()) * ways_to_split + split % ways_to_split);
    damaged.lives = input.byte();
    damaged.answers = input.byte();
    Script script(damaged);
    while (input.more()) {
        Change c;
        c.kind = input.byte();
        c.index = input.byte();
        c.offset = input.half();
        c.how = input.byte();
        c.value = input.byte();
        c.value |= uint32_t{input.half()} << 8;
        say("kind %u, index %u, offset %u, how %u, value %u", c.kind % 8, c.index, c.offset, c.how, c.value);
        script.run(c);
    }
    script.end();
    return damaged;
}

} // namespace lkstats::fuzz
