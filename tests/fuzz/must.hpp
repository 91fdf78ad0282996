// SPDX-License-Identifier: Apache-2.0
// What a target holds to be true. When it is not, the input is one that libFuzzer keeps.
#pragma once

namespace lkstats::fuzz {

[[gnu::format(printf, 2, 3)]] void must(bool holds, const char *format, ...);
// What happens, for somebody who looks into one input: only with FUZZ_SAY in the environment.
[[gnu::format(printf, 1, 2)]] void say(const char *format, ...);

} // namespace lkstats::fuzz
