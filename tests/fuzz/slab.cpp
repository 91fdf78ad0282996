// SPDX-License-Identifier: Apache-2.0
// Bytes of a dead context, damaged in any way, as recovery reads them: nothing out of its bounds is touched, what is kept
// fits together, and a slot of which nothing was damaged is there as it was.
#include "must.hpp"
#include "remains_of.hpp"

#include <cstring>
#include <map>
#include <set>

namespace {

using namespace lkstats;
using namespace lkstats::fuzz;

// A slot and all that it leads to, without where that lies; on the way, the indexes that it has.
std::string described(const recover::Remains &remains, uint32_t number, std::vector<uint32_t> &indexes) {
    std::string all;
    const auto put = [&](const auto &item) {
        all.append(reinterpret_cast<const char *>(&item), sizeof item);
    };
    lkstats_slab_slot_t slot = remains.slots[number];
    must((slot.state & ((1U << LKSTATS_SLAB_INDEX_BITS) - 1)) == number, "a slot has another's index");
    slot.state &= ~((1U << LKSTATS_SLAB_INDEX_BITS) - 1);
    uint32_t at = slot.record;
    slot.record = 0;
    put(slot);
    while (at != 0) {
        must(at < remains.records.size(), "a link leads nowhere");
        lkstats_slab_record_t record = remains.records[at];
        indexes.push_back(at);
        must(indexes.size() < remains.records.size(), "a chain has no end");
        at = record.previous;
        for (uint32_t block = record.overflow; block != 0;) {
            must(block < remains.records.size(), "a block leads nowhere");
            indexes.push_back(block);
            must(indexes.size() < remains.records.size(), "a chain of blocks has no end");
            lkstats_slab_overflow_t bytes;
            std::memcpy(&bytes, &remains.records[block], sizeof bytes);
            block = bytes.next;
            bytes.next = 0;
            put(bytes);
        }
        record.previous = record.overflow = 0;
        put(record);
    }
    return all;
}

// By index of the slot. What is kept is all there is, and belongs to one slot each.
std::map<uint32_t, std::string> describe(const recover::Remains &remains) {
    must(remains.slots.size() == remains.slot_indexes.size() &&
             remains.records.size() == remains.record_indexes.size() && !remains.records.empty(),
         "sizes that do not fit");
    std::map<uint32_t, std::string> slots;
    std::vector<uint32_t> reached;
    for (uint32_t i = 0; i < remains.slots.size(); ++i) {
        std::vector<uint32_t> indexes;
        const std::string text = described(remains, i, indexes);
        must(slots.emplace(remains.slot_indexes[i], text).second, "a slot twice");
        reached.insert(reached.end(), indexes.begin(), indexes.end());
    }
    std::set<uint32_t> once(reached.begin(), reached.end()), where;
    must(once.size() == reached.size() && once.size() + 1 == remains.records.size(),
         "a record belongs to two, or to nobody");
    for (const uint32_t each : once)
        must(where.insert(remains.record_indexes[each]).second, "a record of the file is there twice");
    return slots;
}

// What a whole image comes to.
const std::map<uint32_t, std::string> &pristine(uint32_t number) {
    static std::map<uint32_t, std::map<uint32_t, std::string>> all;
    const auto [at, fresh] = all.try_emplace(number);
    if (fresh) {
        const Damaged image = whole(number);
        must(recover::sound(image.image.directory), "the kept slabs are of another layout: make them anew");
        const recover::Remains remains = remains_of(image.image);
        must(remains.damaged == 0 && remains.slots.size() >= 8,
             "the kept slabs are of another layout: make them anew");
        at->second = describe(remains);
    }
    return at->second;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input(data, size);
    Damaged damaged = run_script(input);
    if (!recover::sound(damaged.image.directory)) {
        must(damaged.directory, "a directory that nobody touched");
        return 0;
    }
    const recover::Remains remains = remains_of(damaged.image);
    const auto found = describe(remains);
    bool all_whole = !damaged.directory;
    for (uint32_t place = 0; place < damaged.touched.size(); ++place) {
        if (!damaged.untouched(place)) {
            all_whole = false;
            continue;
        }
        const auto expected = pristine(damaged.number).find(damaged.image.slot_index(place));
        if (expected == pristine(damaged.number).end())
            continue;
        const auto at = found.find(expected->first);
        if (at == found.end())
            must(robbed(damaged, remains, place), "slot %u was whole, and is lost", expected->first);
        else
            must(at->second == expected->second, "slot %u was whole, and is another", expected->first);
    }
    must(!all_whole || remains.damaged == 0, "damage where nothing was touched");
    return 0;
}
