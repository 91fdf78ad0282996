// SPDX-License-Identifier: Apache-2.0
#include "rules.hpp"

#include <cstddef>

namespace golden {

namespace {

struct Described {
    std::string_view name;
    std::string_view text;
};

#define GOLDEN_RULE_DESCRIBED(name, text) {#name, text},
constexpr Described described[] = {GOLDEN_RULES(GOLDEN_RULE_DESCRIBED)};
#undef GOLDEN_RULE_DESCRIBED

} // namespace

std::string_view name(Rule rule) { return described[static_cast<size_t>(rule)].name; }
std::string_view text(Rule rule) { return described[static_cast<size_t>(rule)].text; }

std::optional<Rule> rule_named(std::string_view name) {
    for (size_t i = 0; i < static_cast<size_t>(Rule::count); ++i)
        if (described[i].name == name)
            return static_cast<Rule>(i);
    return std::nullopt;
}

} // namespace golden
