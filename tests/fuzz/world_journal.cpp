// SPDX-License-Identifier: Apache-2.0
// What is in the journal is acknowledged: it is read as a consumer would, each segment from where it was read to.
#include "journal/reader.hpp"
#include "must.hpp"
#include "world.hpp"

#include <algorithm>
#include <cstdlib>

namespace lkstats::fuzz {

namespace {

struct Segment {
    std::string name;
    Bytes bytes;
    unsigned long context; // its number
    uint32_t number;
};

std::vector<Segment> segments_in(const std::string &path) {
    std::vector<Segment> segments;
    for (auto &[name, bytes] : read_folder(path)) {
        const journal::Reader reader(bytes);
        must(reader.header_ok(), "%s has no header", name.c_str());
        const std::string node(reader.node());
        segments.push_back(
            {name, std::move(bytes), std::strtoul(node.c_str() + 5, nullptr, 10), reader.header().number});
    }
    std::sort(segments.begin(), segments.end(), [](const Segment &a, const Segment &b) {
        return a.context != b.context ? a.context < b.context : a.number < b.number;
    });
    return segments;
}

} // namespace

void World::read_journal() {
    if (!journals())
        return;
    for (const Segment &segment : segments_in(journal_path_)) {
        journal::Reader reader(segment.bytes);
        uint64_t &read = journal_read_[segment.name];
        uint64_t number = 0;
        lkstats_record_t record;
        journal::Found found;
        for (;;) {
            const auto next = reader.next(record, found);
            must(next != journal::Reader::Next::damaged, "%s is damaged", segment.name.c_str());
            if (next == journal::Reader::Next::end)
                break;
            must(!found.start_unknown && !found.running_unknown, "something is not known");
            if (++number <= read)
                continue;
            read = number;
            must(found.analytics_key == "key", "another analytics key");
            ledger_.acknowledge(ledger_.take(record, found.node, was_full_));
        }
        must(!reader.torn(), "%s is torn", segment.name.c_str());
        must(reader.lost() == 0, "%s has records of nobody", segment.name.c_str());
    }
}

} // namespace lkstats::fuzz
