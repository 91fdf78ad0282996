// SPDX-License-Identifier: Apache-2.0
// Bytes of any kind as a segment of a journal: reading ends, what it hands out lies in the segment and within its limits,
// and of a segment that is cut off anywhere comes a beginning of what comes of the whole. Whoever verifies the records says
// something of each.
#include "content.hpp"
#include "journal/reader.hpp"
#include "lkstats_verify.h"
#include "must.hpp"
#include "segment.hpp"
#include "track/utf8.hpp"

#include <map>
#include <memory>

namespace {

using namespace lkstats;
using namespace lkstats::fuzz;
using Next = journal::Reader::Next;

void expect_text(std::span<const uint8_t> segment, std::string_view text, uint64_t most) {
    const auto *begin = reinterpret_cast<const uint8_t *>(text.data());
    must(text.empty() || (begin >= segment.data() && begin + text.size() <= segment.data() + segment.size()),
         "a text is outside the segment");
    must(text.size() <= most && track::valid_text(text), "a text of %zu bytes", text.size());
}

void expect_within(std::span<const uint8_t> segment, const lkstats_record_t &r, const journal::Found &found) {
    for (const lkstats_string_t *each :
         {&r.country, &r.room_sid, &r.room_name, &r.participant_sid, &r.participant_identity, &r.tenant})
        expect_text(segment, {each->data, each->size}, LKSTATS_STRING_MAX);
    expect_text(segment, {r.track_id.data, r.track_id.size}, LKSTATS_STRING_MAX + 5);
    must(found.node.size() <= LKSTATS_STRING_MAX && found.analytics_key.size() <= LKSTATS_STRING_MAX,
         "an origin's texts");
    must(r.kind_details_count <= LKSTATS_KIND_DETAILS_MAX, "%u kind details", r.kind_details_count);
    must(found.offset < segment.size(), "a record of nowhere");
}

// Each record and each damage, in a form that can be compared.
std::vector<std::string> read(std::span<const uint8_t> segment) {
    std::vector<std::string> all;
    std::map<EpochKey, lkstats_verify_t> epochs;
    journal::Reader reader(segment);
    lkstats_record_t record;
    journal::Found found;
    uint64_t from = 0;
    for (;;) {
        const Next next = reader.next(record, found);
        must(all.size() <= segment.size() + 1, "reading does not end");
        must(found.offset >= from && reader.offset() <= segment.size(), "offsets go back, or past the end");
        from = found.offset;
        if (next == Next::end)
            break;
        std::string text(reinterpret_cast<const char *>(&found.offset), sizeof found.offset);
        if (next == Next::record) {
            expect_within(segment, record, found);
            text.append(reinterpret_cast<const char *>(&record.key), sizeof record.key);
            text += content(record, found.node, found.analytics_key);
            lkstats_verify_t &epoch = epochs[EpochKey(Key(record.key))];
            const lkstats_verdict_t verdict = lkstats_verify_take(&epoch, &record);
            must(verdict >= LKSTATS_VERIFY_NEXT && verdict <= LKSTATS_VERIFY_CONTRADICTION &&
                     epoch.gap_count <= LKSTATS_VERIFY_GAPS_MAX,
                 "verdict %d", verdict);
            const lkstats_missing_t missing = lkstats_verify_missing(&epoch);
            must((missing.sequences == 0 && missing.exact) || !lkstats_verify_gapless(&epoch),
                 "%u are missing, and nothing is", missing.sequences);
        }
        all.push_back(std::move(text));
    }
    must(reader.next(record, found) == Next::end, "there is more after the end");
    must(!reader.header_ok() || reader.torn() || reader.offset() == segment.size() || !all.empty(),
         "the end is not told");
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const Bytes segment = segment_of({data, size});
    // Memory that ends where the segment does.
    const auto exact = [&](size_t length) {
        auto bytes = std::make_unique<uint8_t[]>(length);
        std::copy_n(segment.begin(), length, bytes.get());
        return read({bytes.get(), length});
    };
    const std::vector<std::string> whole = exact(segment.size());
    if (segment.empty())
        return 0;
    const std::vector<std::string> cut = exact(size_t{data[size - 1]} * segment.size() / 256);
    // A cut through the header leaves nothing that can be read; else it is torn at most.
    must(cut.size() <= whole.size() && std::equal(cut.begin(), cut.end(), whole.begin()),
         "a cut segment says something else");
    return 0;
}
