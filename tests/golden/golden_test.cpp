// SPDX-License-Identifier: Apache-2.0
// Replays what was recorded of LiveKit's byte accounting through the public header. Three things have to hold of each
// trace: a model of LiveKit's code, which knows the calls alone, tells exactly what was recorded; the same model, with
// the rules by which lkstats differs, tells exactly what the library does; and where no rule matters, the library does
// exactly what was recorded. Any folder of traces_*.jsonl will do.
#include "compare.hpp"
#include "expected.hpp"
#include "files.hpp"
#include "flush.hpp"
#include "replay.hpp"
#include "script.hpp"

#include "lkstats.h"

#include <array>
#include <cstdio>
#include <string_view>

namespace golden {

namespace {

struct Options {
    std::filesystem::path folder = TEST_DATA;
    Rules rules = Rules::all();
    bool strict = false;            // tags as recorded, and each rule matters somewhere
    bool expect_failure = false;    // for a rule that was broken by hand
    bool script = false;            // only tell the calls of the traces
    std::filesystem::path expected; // only write what has to come of them
};

struct Mattered {
    unsigned traces = 0;
    unsigned flushes = 0;
    std::set<std::string> tags;
};

class Golden {
  public:
    explicit Golden(const Options &options) : options_(options) {}

    int run() {
        for (const auto &file : trace_files(options_.folder))
            for (const Trace &trace : read_traces(file))
                attempt(
                    trace.name, [&] { check(trace); }, traces_);
        for (const Flush &flush : read_flushes(options_.folder))
            attempt(
                "flush " + flush.name, [&] { check(flush); }, flushes_);
        for (const TrackId &id : read_track_ids(options_.folder))
            attempt(
                "track id " + id.track_id, [&] { check(id); }, track_ids_);
        tell();
        if (traces_ == 0) {
            std::fprintf(stderr, "no trace in %s\n", options_.folder.c_str());
            return 2;
        }
        return (failed_ != 0) == options_.expect_failure ? 0 : 1;
    }

  private:
    template <class Check> void attempt(const std::string &what, const Check &check, unsigned &count) {
        ++count;
        try {
            check();
        } catch (const Mismatch &mismatch) {
            ++failed_;
            std::printf("%s: %s\n", what.c_str(), mismatch.what());
        }
    }

    void check(const Trace &trace) {
        const Outcome livekit = outcome(trace, Rules::none());
        if (trace.recorded)
            expect_recorded(trace, livekit);
        if (trace.recorded && options_.strict)
            expect_tags(trace, livekit);
        note_what_matters(trace);

        const Outcome expected = outcome(trace, options_.rules);
        const Replayed is = replay(trace);
        expect_answers(trace, expected, is);
        expect_events("lkstats", expected.events, is.events);
        expect_by_kind("lkstats' records", expected.by_kind, is.by_kind);

        const std::vector<Event> before = before_the_end(trace, expected.events);
        if (!trace.recorded || before != before_the_end(trace, livekit.events) ||
            expected.by_kind != livekit.by_kind)
            return;
        ++as_recorded_;
        expect_events("lkstats, as recorded", trace.events, before_the_end(trace, is.events));
        expect_observed(trace, is.by_kind);
    }

    static void expect_answers(const Trace &trace, const Outcome &expected, const Replayed &is) {
        const auto expect = [](const std::string &what, Answers answers, int32_t status) {
            if ((answers >> -status & 1) == 0)
                throw Mismatch(what + " answered " + lkstats_status_name(status));
        };
        expect("new", expected.made, is.made);
        for (size_t i = 0; i < trace.ops.size(); ++i)
            expect("op " + std::to_string(i), expected.answers[i], is.statuses[i]);
    }

    void check(const Flush &flush) {
        const std::vector<Line> recorded = recorded_lines(flush);
        expect_lines("the model of LiveKit's flush", recorded, model_lines(flush, Rules::none(), {}, {}));
        const Flushed is = replay(flush);
        const auto model = [&](Rules rules) { return model_lines(flush, rules, is.start, is.end); };
        expect_lines("lkstats", model(options_.rules), is.lines);
        for (size_t i = 0; i < mattered_.size(); ++i)
            if (model(Rules::all().without(static_cast<Rule>(i))) != model(Rules::all()))
                ++mattered_[i].flushes;
    }

    static void check(const TrackId &id) {
        const std::string made = made_track_id(id);
        if (made != id.track_id)
            throw Mismatch("is " + made);
    }

    // A rule matters to a trace if lkstats without it would do something else.
    void note_what_matters(const Trace &trace) {
        const Outcome with = outcome(trace, Rules::all());
        for (size_t i = 0; i < mattered_.size(); ++i) {
            const Outcome without = outcome(trace, Rules::all().without(static_cast<Rule>(i)));
            if (with.events == without.events && with.by_kind == without.by_kind && with.made == without.made)
                continue;
            ++mattered_[i].traces;
            mattered_[i].tags.insert(trace.tags.begin(), trace.tags.end());
        }
    }

    void tell() {
        std::printf("%-20s %6s %7s  %s\n", "rule", "traces", "flushes", "tags of these traces");
        for (size_t i = 0; i < mattered_.size(); ++i) {
            const Mattered &mattered = mattered_[i];
            std::printf("%-20s %6u %7u ", name(static_cast<Rule>(i)).data(), mattered.traces,
                        mattered.flushes);
            for (const std::string &tag : mattered.tags)
                std::printf(" %s", tag.c_str());
            std::printf("\n");
            if (options_.strict && mattered.traces + mattered.flushes == 0) {
                ++failed_;
                std::printf("%s matters to nothing here\n", name(static_cast<Rule>(i)).data());
            }
        }
        std::printf("%u traces, %u of them exactly as recorded; %u flushes, %u track ids; %u failed\n",
                    traces_, as_recorded_, flushes_, track_ids_, failed_);
    }

    const Options options_;
    std::array<Mattered, static_cast<size_t>(Rule::count)> mattered_{};
    unsigned traces_ = 0;
    unsigned as_recorded_ = 0;
    unsigned flushes_ = 0;
    unsigned track_ids_ = 0;
    unsigned failed_ = 0;
};

int tell_script(const std::filesystem::path &folder) {
    for (const auto &file : trace_files(folder))
        for (const Trace &trace : read_traces(file))
            std::printf("%s\n", story(trace).c_str());
    return std::fflush(stdout) == 0 ? 0 : 2;
}

int help() {
    std::printf("golden_test [--strict] [--break RULE [--expect-failure]] [FOLDER]\n"
                "golden_test --script [FOLDER]\n"
                "golden_test --expected FILE [--break RULE]... [FOLDER]\n\n");
    for (size_t i = 0; i < static_cast<size_t>(Rule::count); ++i)
        std::printf("  %-20s %s\n", name(static_cast<Rule>(i)).data(), text(static_cast<Rule>(i)).data());
    return 2;
}

int main_of(int count, char **arguments) {
    Options options;
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        const auto rule = argument == "--break" && i + 1 < count ? rule_named(arguments[++i]) : std::nullopt;
        if (rule)
            options.rules = options.rules.without(*rule);
        else if (argument == "--strict")
            options.strict = true;
        else if (argument == "--expect-failure")
            options.expect_failure = true;
        else if (argument == "--script")
            options.script = true;
        else if (argument == "--expected" && i + 1 < count)
            options.expected = arguments[++i];
        else if (argument.starts_with("--"))
            return help();
        else
            options.folder = argument;
    }
    if (!options.expected.empty()) {
        write_expected(options.expected, options.folder, options.rules);
        return 0;
    }
    return options.script ? tell_script(options.folder) : Golden(options).run();
}

} // namespace

} // namespace golden

int main(int count, char **arguments) {
    try {
        return golden::main_of(count, arguments);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
