// SPDX-License-Identifier: Apache-2.0
#include "compare.hpp"

#include <algorithm>

namespace golden {

namespace {

void must(bool holds, const std::string &what) {
    if (!holds)
        throw Mismatch(what);
}

std::string text(const std::set<std::string> &names) {
    std::string said;
    for (const std::string &name : names)
        said += (said.empty() ? "" : " ") + name;
    return said.empty() ? "none" : said;
}

void add(Count &sum, const Count &count) {
    sum.bytes += count.bytes;
    sum.messages += count.messages;
}

} // namespace

void expect_events(const std::string &what, const std::vector<Event> &expected,
                   const std::vector<Event> &actual) {
    for (size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
        const bool missing = i >= actual.size();
        const bool too_many = i >= expected.size();
        if (!missing && !too_many && actual[i] == expected[i])
            continue;
        throw Mismatch(what + ", event " + std::to_string(i) + "\n    is       " +
                       (missing ? "missing" : text(actual[i])) + "\n    expected " +
                       (too_many ? "none" : text(expected[i])));
    }
}

void expect_by_kind(const std::string &what, const std::map<Kind, Traffic> &expected,
                    const std::map<Kind, Traffic> &actual) {
    for (const auto *one : {&expected, &actual})
        for (const auto &[kind, unused] : *one) {
            const auto is = actual.find(kind);
            const auto should = expected.find(kind);
            const Traffic here = is == actual.end() ? Traffic{} : is->second;
            const Traffic there = should == expected.end() ? Traffic{} : should->second;
            must(here == there,
                 what + ", " + text(kind) + "\n    is       " + text(here) + "\n    expected " + text(there));
        }
}

void expect_recorded(const Trace &trace, const Outcome &reference) {
    expect_events("the model of LiveKit's code", trace.events, before_the_end(trace, reference.events));
    const Observed &is = reference.observed;
    const Observed &recorded = trace.observed;
    const std::string what = "the model of LiveKit's observability: ";
    must(is.transactions == recorded.transactions, what + "transactions");
    must(is.sums == recorded.sums, what + "sums: " + text(is.sums) + ", recorded " + text(recorded.sums));
    must(is.type == recorded.type && is.with_track == recorded.with_track, what + "type or track");
    must(is.runs == recorded.runs, what + "kinds");
    must(is.resolver == recorded.resolver, what + "resolver");
}

void expect_tags(const Trace &trace, const Outcome &reference) {
    must(reference.tags == trace.tags,
         "the model meets " + text(reference.tags) + ", the recorder met " + text(trace.tags));
}

void expect_observed(const Trace &trace, const std::map<Kind, Traffic> &by_kind) {
    std::map<Kind, uint64_t> messages;
    Traffic sums;
    for (const auto &[kind, traffic] : by_kind)
        for (size_t direction : {recv, send}) {
            add(sums.by[direction], traffic.by[direction]);
            messages[kind] += traffic.by[direction].messages;
        }
    std::map<Kind, uint64_t> transactions;
    for (const KindRun &run : trace.observed.runs)
        transactions[run.kind] += run.transactions;
    must(sums == trace.observed.sums,
         "the records' sums are " + text(sums) + ", the observed " + text(trace.observed.sums));
    must(messages == transactions, "the records' messages by kind are not the observed ones");
}

} // namespace golden
