// SPDX-License-Identifier: Apache-2.0
// How figures read as text: both formats from one table, each as its specification wants it.
#include "report/metrics_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "cmocka.hpp"

using namespace lkstats::report;

namespace {

using Lines = std::vector<std::string>;

constexpr uint32_t both[] = {LKSTATS_METRICS_OPENMETRICS, LKSTATS_METRICS_PROMETHEUS};

constexpr size_t numbers = sizeof(Figures) / sizeof(uint64_t);
using Numbers = std::array<uint64_t, numbers>;

const std::string version = std::to_string(LKSTATS_VERSION_MAJOR) + '.' +
                            std::to_string(LKSTATS_VERSION_MINOR) + '.' +
                            std::to_string(LKSTATS_VERSION_PATCH);
const std::string build_info = "lkstats_build_info{version=\"" + version + "\",node=\"";

// 1, 2, 3 ... in the order of the declarations, so that none can pass for another.
Figures numbered() {
    Numbers each;
    for (size_t i = 0; i < numbers; ++i)
        each[i] = i + 1;
    return std::bit_cast<Figures>(each);
}

Figures all_at(uint64_t value) {
    Numbers each;
    each.fill(value);
    return std::bit_cast<Figures>(each);
}

Lines lines_of(const std::string &text) {
    assert_true(text.ends_with('\n'));
    Lines lines;
    std::istringstream from(text);
    for (std::string line; std::getline(from, line);)
        lines.push_back(line);
    return lines;
}

Lines samples_of(const std::string &text) {
    Lines samples = lines_of(text);
    std::erase_if(samples, [](const std::string &line) { return line.starts_with('#'); });
    return samples;
}

void assert_lines(const Lines &are, const Lines &expected) {
    for (size_t i = 0; i < std::min(are.size(), expected.size()); ++i)
        assert_string_equal(are[i].c_str(), expected[i].c_str());
    assert_int_equal(are.size(), expected.size());
}

bool has(const Lines &lines, const std::string &line) { return std::ranges::count(lines, line) == 1; }

std::string name_of(const std::string &sample) { return sample.substr(0, sample.find_first_of("{ ")); }

std::string without(std::string_view suffix, std::string name) {
    if (name.ends_with(suffix))
        name.resize(name.size() - suffix.size());
    return name;
}

// A family as the text describes it, or as the manual's table does.
struct Family {
    std::string type;
    std::set<std::string> labels; // channel="data"
    bool operator==(const Family &) const = default;
};

std::set<std::string> labels_of(const std::string &sample) {
    std::set<std::string> labels;
    const size_t open = sample.find('{');
    if (open == std::string::npos)
        return labels;
    std::istringstream from(sample.substr(open + 1, sample.rfind('}') - open - 1));
    for (std::string label; std::getline(from, label, ',');)
        labels.insert(label.starts_with("version=") ? "version=\"…\"" : label);
    return labels;
}

// Fails where a sample stands apart from its family, or a family has not one help and one type.
std::map<std::string, Family> families_of(const std::string &text) {
    std::map<std::string, Family> families;
    std::string family, helped;
    for (const std::string &line : lines_of(text)) {
        std::istringstream words(line);
        std::string hash, what, name, says;
        words >> hash >> what >> name >> says;
        if (what == "HELP") {
            assert_false(says.empty());
            helped = name;
        } else if (what == "TYPE") {
            assert_string_equal(name.c_str(), helped.c_str());
            assert_true(families.try_emplace(name, Family{says, {}}).second);
            family = name;
        } else if (what == "UNIT") {
            assert_string_equal(name.c_str(), family.c_str());
            assert_true(name.ends_with("_" + says));
        } else if (!line.starts_with('#')) {
            Family &of = families.at(family);
            std::string sample = name_of(line);
            if (of.type == "summary")
                sample = without("_sum", without("_count", sample));
            assert_string_equal(without("_total", sample).c_str(), without("_total", family).c_str());
            of.labels.merge(labels_of(line));
        }
    }
    return families;
}

// What a figure is called: the numbers are its place in report::Figures.
void every_figure_has_its_own_sample(void **) {
    const Lines expected = {
        "lkstats_bytes_total{channel=\"data\",direction=\"send\"} 1",
        "lkstats_bytes_total{channel=\"data\",direction=\"recv\"} 3",
        "lkstats_bytes_total{channel=\"data_track\",direction=\"send\"} 5",
        "lkstats_bytes_total{channel=\"data_track\",direction=\"recv\"} 7",
        "lkstats_bytes_total{channel=\"signal\",direction=\"send\"} 9",
        "lkstats_bytes_total{channel=\"signal\",direction=\"recv\"} 11",
        "lkstats_messages_total{channel=\"data\",direction=\"send\"} 2",
        "lkstats_messages_total{channel=\"data\",direction=\"recv\"} 4",
        "lkstats_messages_total{channel=\"data_track\",direction=\"send\"} 6",
        "lkstats_messages_total{channel=\"data_track\",direction=\"recv\"} 8",
        "lkstats_messages_total{channel=\"signal\",direction=\"send\"} 10",
        "lkstats_messages_total{channel=\"signal\",direction=\"recv\"} 12",
        "lkstats_unattributed_bytes_total{direction=\"send\"} 13",
        "lkstats_unattributed_bytes_total{direction=\"recv\"} 15",
        "lkstats_unattributed_messages_total{direction=\"send\"} 14",
        "lkstats_unattributed_messages_total{direction=\"recv\"} 16",
        "lkstats_refused_adds_total{reason=\"invalid\"} 17",
        "lkstats_refused_adds_total{reason=\"no_track\"} 18",
        "lkstats_refused_adds_total{reason=\"stale\"} 19",
        "lkstats_refused_adds_total{reason=\"closed\"} 20",
        "lkstats_refused_adds_total{reason=\"forked\"} 21",
        "lkstats_tracks{channel=\"data\",state=\"live\"} 22",
        "lkstats_tracks{channel=\"data\",state=\"closed\"} 25",
        "lkstats_tracks{channel=\"data_track\",state=\"live\"} 23",
        "lkstats_tracks{channel=\"data_track\",state=\"closed\"} 26",
        "lkstats_tracks{channel=\"signal\",state=\"live\"} 24",
        "lkstats_tracks{channel=\"signal\",state=\"closed\"} 27",
        "lkstats_tracks_max 30",
        "lkstats_tracks_resting 31",
        "lkstats_full_refusals_total{call=\"new\"} 32",
        "lkstats_full_refusals_total{call=\"epoch\"} 33",
        "lkstats_reports_total 34",
        "lkstats_acknowledged_reports_total 35",
        "lkstats_unacknowledged_reports 28",
        "lkstats_batches_out 29",
        "lkstats_batches_given_back_total 36",
        "lkstats_callback_exceptions_total 37",
        "lkstats_recovered_contexts_total 38",
        "lkstats_recovered_tracks_total 39",
        "lkstats_recovering_contexts 40",
        "lkstats_recovery_damaged_tracks_total 41",
        "lkstats_journal_records_total 42",
        "lkstats_journal_bytes_total 43",
        "lkstats_journal_segments_total 45",
        "lkstats_journal_failed_writes_total 44",
        "lkstats_journal_failing 50",
        "lkstats_journal_removed_segments_total 46",
        "lkstats_journal_removed_bytes_total 47",
        "lkstats_journal_kept_segments 48",
        "lkstats_journal_kept_bytes 49",
        "lkstats_journal_left_out_batches_total 51",
        "lkstats_sweep_duration_seconds_sum 0.000000053",
        "lkstats_sweep_duration_seconds_count 52",
        "lkstats_batch_duration_seconds_sum 0.000000055",
        "lkstats_batch_duration_seconds_count 54",
        build_info + "ND_1\"} 1",
    };
    assert_lines(samples_of(metrics_text(numbered(), "ND_1", LKSTATS_METRICS_OPENMETRICS)), expected);
    assert_int_equal(expected.size(), numbers + 1); // a figure that is new has to be shown, and be here
}

void both_formats_have_the_same_samples(void **) {
    for (const Figures &figures : {Figures{}, numbered(), all_at(UINT64_MAX)})
        assert_lines(samples_of(metrics_text(figures, "a\\\"\n", LKSTATS_METRICS_PROMETHEUS)),
                     samples_of(metrics_text(figures, "a\\\"\n", LKSTATS_METRICS_OPENMETRICS)));
}

void the_largest_figures_are_exact(void **) {
    for (const uint32_t format : both) {
        Lines samples = samples_of(metrics_text(all_at(UINT64_MAX), "", format));
        assert_int_equal(samples.size(), numbers + 1);
        samples.pop_back(); // lkstats_build_info
        for (const std::string &sample : samples)
            assert_true(sample.ends_with(name_of(sample).ends_with("_sum") ? " 18446744073.709551615"
                                                                           : " 18446744073709551615"));
    }
    // The first that a double does not have.
    assert_true(has(samples_of(metrics_text(all_at((1ull << 53) + 1), "", LKSTATS_METRICS_OPENMETRICS)),
                    "lkstats_reports_total 9007199254740993"));
}

void seconds_are_exact_to_the_nanosecond(void **) {
    const auto shown = [](uint64_t ns) {
        Figures figures;
        figures.sweeps.ns = ns;
        const Lines samples = samples_of(metrics_text(figures, "", LKSTATS_METRICS_OPENMETRICS));
        const std::string name = "lkstats_sweep_duration_seconds_sum ";
        const auto found =
            std::ranges::find_if(samples, [&](const std::string &each) { return each.starts_with(name); });
        assert_true(found != samples.end());
        return found->substr(name.size());
    };
    assert_string_equal(shown(0).c_str(), "0.000000000");
    assert_string_equal(shown(1).c_str(), "0.000000001");
    assert_string_equal(shown(999'999'999).c_str(), "0.999999999");
    assert_string_equal(shown(1'000'000'000).c_str(), "1.000000000");
    assert_string_equal(shown(9'007'199'254'740'993).c_str(), "9007199.254740993");
}

void a_node_of_any_text_stays_within_its_quotes(void **) {
    const auto assert_shown = [](std::string_view node, const std::string &expected) {
        for (const uint32_t format : both)
            assert_string_equal(samples_of(metrics_text(Figures{}, node, format)).back().c_str(),
                                (build_info + expected + "\"} 1").c_str());
    };
    assert_shown("", "");
    assert_shown("a\\n\"b\"\n\\", R"(a\\n\"b\"\n\\)");
    assert_shown("{nœud}, 節 😀\t\r#", "{nœud}, 節 😀\t\r#");
    std::string longest;
    for (int i = 0; i < LKSTATS_STRING_MAX; ++i)
        longest += "\\n";
    assert_shown(std::string(LKSTATS_STRING_MAX, '\n'), longest);
}

void openmetrics_names_the_family_and_says_where_it_ends(void **) {
    const std::string text = metrics_text(Figures{}, "", LKSTATS_METRICS_OPENMETRICS);
    const Lines lines = lines_of(text);
    assert_string_equal(lines.back().c_str(), "# EOF");
    assert_true(has(lines, "# EOF"));
    assert_true(has(lines, "# TYPE lkstats_bytes counter"));
    assert_true(has(lines, "# UNIT lkstats_bytes bytes"));
    assert_true(has(lines, "# UNIT lkstats_sweep_duration_seconds seconds"));
    for (const auto &[name, family] : families_of(text))
        assert_false(name.ends_with("_total"));
}

void the_older_text_names_the_samples(void **) {
    const std::string text = metrics_text(Figures{}, "", LKSTATS_METRICS_PROMETHEUS);
    const Lines lines = lines_of(text);
    assert_true(has(lines, "# TYPE lkstats_bytes_total counter"));
    for (const std::string &line : lines)
        assert_true(!line.starts_with('#') || line.starts_with("# HELP ") || line.starts_with("# TYPE "));
    for (const auto &[name, family] : families_of(text))
        assert_true(name.ends_with("_total") == (family.type == "counter"));
}

// A row of docs/metrics.md: | `name` | type | `label="value"` `label="value"` ... | meaning |
std::map<std::string, Family> families_in_the_manual() {
    std::map<std::string, Family> families;
    std::ifstream manual(TEST_DATA "/../../docs/metrics.md");
    assert_true(manual.is_open());
    for (std::string line; std::getline(manual, line);) {
        if (!line.starts_with("| `lkstats_"))
            continue;
        std::istringstream row(line);
        std::string cell, name;
        std::getline(row, cell, '`');
        std::getline(row, name, '`');
        std::getline(row, cell, '|');
        Family family;
        row >> family.type >> cell;
        std::getline(row, cell, '|');
        std::istringstream labels(cell);
        for (std::string between, label;
             std::getline(labels, between, '`') && std::getline(labels, label, '`');)
            family.labels.insert(label);
        assert_true(families.try_emplace(name, family).second);
    }
    return families;
}

void the_manual_lists_exactly_these_families(void **) {
    const auto written = families_of(metrics_text(Figures{}, "…", LKSTATS_METRICS_PROMETHEUS));
    const auto listed = families_in_the_manual();
    for (const auto &[name, family] : written)
        if (!listed.contains(name) || listed.at(name) != family)
            fail_msg("docs/metrics.md does not have %s as it is written", name.c_str());
    for (const auto &[name, family] : listed)
        if (!written.contains(name))
            fail_msg("docs/metrics.md has %s, which is not written", name.c_str());
}

} // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_has_its_own_sample),
        cmocka_unit_test(both_formats_have_the_same_samples),
        cmocka_unit_test(the_largest_figures_are_exact),
        cmocka_unit_test(seconds_are_exact_to_the_nanosecond),
        cmocka_unit_test(a_node_of_any_text_stays_within_its_quotes),
        cmocka_unit_test(openmetrics_names_the_family_and_says_where_it_ends),
        cmocka_unit_test(the_older_text_names_the_samples),
        cmocka_unit_test(the_manual_lists_exactly_these_families),
    };
    return cmocka_run_group_tests_name("metrics_text", tests, nullptr, nullptr);
}
