// SPDX-License-Identifier: Apache-2.0
// The same bytes as files, on the whole way out: recovered, handed out, given back, acknowledged, interrupted and recovered
// again. A key has one content and does not come after its acknowledgement; of what was not damaged comes what would have
// come of a whole copy; in the end nothing is left but what is kept aside.
#include "content.hpp"
#include "must.hpp"
#include "recover/recoverer.hpp"
#include "remains_of.hpp"
#include "slab/names.hpp"

#include <map>

namespace {

using namespace lkstats;
using namespace lkstats::fuzz;

using Reports = std::map<Key, std::string>;

// Takes from a recoverer what it has, for one life of whoever recovers.
class Host final : recover::Heir, recover::Known, recover::Log {
  public:
    explicit Host(const std::string &path) : folder_(path), recoverer_(*this, *this, *this) {
        recoverer_.scan(folder_, report::Consumer::pulls);
        recoverer_.tend();
    }

    // answers: a bit for each batch, 1: it is given back. most: batches, then it is killed.
    void live(Reports &seen, std::map<Key, bool> &acknowledged, unsigned answers, unsigned most) {
        std::shared_ptr<report::Batch> batch;
        std::shared_ptr<recover::Recovered> from;
        while (most-- > 0 && recoverer_.next(batch, from) == LKSTATS_OK) {
            const bool good = (answers & 1) == 0;
            answers >>= 1;
            for (const lkstats_record_t &record : batch->records()) {
                expect_sound(record);
                const Key key(record.key);
                const std::string text = content(record, from->node(), from->analytics_key());
                const auto at = seen.emplace(key, text).first;
                must(at->second == text, "slot %u, epoch %u, sequence %u, kind %u changed", key.slot,
                     key.epoch, key.sequence, key.kind);
                must(!acknowledged[key],
                     "slot %u, epoch %u, sequence %u, kind %u came after its acknowledgement", key.slot,
                     key.epoch, key.sequence, key.kind);
                acknowledged[key] = good;
            }
            must(from->reporter().answer(batch->id(), good) == LKSTATS_OK, "an answer was refused");
            recoverer_.tend();
        }
    }
    recover::Figures figures() { return recoverer_.figures(); }

  private:
    int64_t pace_ns() override { return 0; }
    bool enter() override { return true; }
    void leave() override {}
    bool take(const std::shared_ptr<report::Batch> &, recover::Recovered &, bool &) override { return false; }
    void readable(bool, bool) override {}
    bool claim(const recover::Uuid &) override { return true; }
    void release(const recover::Uuid &) override {}
    void log(int32_t, std::string_view message) noexcept override {
        say("log: %.*s", static_cast<int>(message.size()), message.data());
    }

    os::Folder folder_;
    recover::Recoverer recoverer_;
};

constexpr unsigned enough = 10000;

Reports recover_whole(uint32_t number) {
    const std::string path = fresh_folder("whole");
    write_folder(path, whole(number).image.files());
    Reports seen;
    std::map<Key, bool> acknowledged;
    Host host(path);
    host.live(seen, acknowledged, 0, enough);
    must(host.figures().damaged == 0 && !seen.empty() && names_in(path).empty(),
         "the kept slabs are of another layout: make them anew");
    return seen;
}

const Reports &expected(uint32_t number) {
    static std::map<uint32_t, Reports> all;
    const auto [at, fresh] = all.try_emplace(number);
    if (fresh)
        at->second = recover_whole(number);
    return at->second;
}

// Nothing is left, or all of it under names that nobody recovers.
void expect_cleared(const std::string &path, bool damaged) {
    for (const std::string &name : names_in(path))
        must(damaged && name.starts_with(slab::damaged_prefix), "%s is left", name.c_str());
    must(!damaged || !names_in(path).empty(), "something was damaged, and nothing is kept");
}

void expect_untouched(const Damaged &damaged, const Reports &seen) {
    const recover::Remains remains = remains_of(damaged.image);
    for (const auto &[key, text] : expected(damaged.number)) {
        const uint32_t place = damaged.image.slot_place(key.slot);
        if (!damaged.untouched(place) || robbed(damaged, remains, place))
            continue;
        const auto at = seen.find(key);
        must(at != seen.end() && at->second == text, "slot %u was whole: epoch %u, sequence %u, kind %u %s",
             key.slot, key.epoch, key.sequence, key.kind, at == seen.end() ? "did not come" : "is another");
    }
    for (const auto &[key, text] : seen)
        must(!damaged.untouched(damaged.image.slot_place(key.slot)) || expected(damaged.number).contains(key),
             "slot %u was whole, and says more: epoch %u, sequence %u, kind %u", key.slot, key.epoch,
             key.sequence, key.kind);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Input input(data, size);
    const Damaged damaged = run_script(input);
    const std::string path = fresh_folder("slab");
    write_folder(path, damaged.image.files());
    Reports seen;
    std::map<Key, bool> acknowledged;
    bool lost = false;
    unsigned answers = damaged.answers;
    const unsigned interrupted = damaged.lives % 4U;
    for (unsigned life = 0; life <= interrupted; ++life, answers >>= 2) {
        Host host(path);
        const bool last = life == interrupted;
        host.live(seen, acknowledged, last ? answers : answers & 3, last ? enough : damaged.lives >> 2 & 3);
        lost = lost || host.figures().damaged != 0;
    }
    for (const auto &[key, good] : acknowledged)
        must(good, "slot %u, epoch %u, sequence %u was given back, and did not come again", key.slot,
             key.epoch, key.sequence);
    if (!damaged.directory) {
        expect_untouched(damaged, seen);
        expect_cleared(path, lost);
    }
    return 0;
}
