// SPDX-License-Identifier: Apache-2.0
#include "table.hpp"

#include <cstdio>

namespace bench {

namespace {

std::string number(const char *format, double value) {
    char text[64];
    std::snprintf(text, sizeof text, format, value);
    return text;
}

std::string quantity(double value, const std::string &unit) {
    return number(value < 100 ? "%.2f " : "%.0f ", value) + unit;
}

const char *met_word(const Line &line, const Verdict &verdict) {
    if (!line.target)
        return "";
    if (verdict.uncertain)
        return verdict.met ? "yes, within the spread" : "no, within the spread";
    return verdict.met ? "yes" : "no";
}

std::string json_object(const Line &line) {
    const Verdict verdict = judge(line);
    std::string object = "{\"what\": \"" + line.what + "\", \"unit\": \"" + line.unit + "\"";
    object += ", \"ours\": " + number("%.6g", verdict.ours) + ", \"limit\": " + number("%.6g", verdict.limit);
    object +=
        ", \"ratio\": " + number("%.4f", verdict.ratio) + ", \"spread\": " + number("%.4f", verdict.spread);
    if (!line.target)
        return object + ", \"target\": null, \"met\": null, \"uncertain\": null}";
    object += ", \"target\": " + number("%.6g", *line.target);
    object += std::string(", \"met\": ") + (verdict.met ? "true" : "false");
    return object + ", \"uncertain\": " + (verdict.uncertain ? "true" : "false") + "}";
}

} // namespace

void print_table_head() {
    std::printf("%-58s %12s %12s %6s %7s %7s  %s\n", "what", "ours", "limit", "ratio", "spread", "target",
                "met");
    std::fflush(stdout);
}

void print_table_row(const Line &line) {
    const Verdict verdict = judge(line);
    std::printf("%-58s %12s %12s %6.2f %6.1f%% %7s  %s\n", line.what.c_str(),
                quantity(verdict.ours, line.unit).c_str(), quantity(verdict.limit, line.unit).c_str(),
                verdict.ratio, verdict.spread * 100,
                line.target ? number("<= %.1f", *line.target).c_str() : "", met_word(line, verdict));
    std::fflush(stdout);
}

void print_json(const std::vector<Line> &lines) {
    const char *before = "[\n  ";
    for (const Line &line : lines) {
        std::printf("%s%s", before, json_object(line).c_str());
        before = ",\n  ";
    }
    std::printf("%s\n", lines.empty() ? "[]" : "\n]");
}

} // namespace bench
