// SPDX-License-Identifier: Apache-2.0
// The calls of a trace as a story of tests/conformance, so that every language's host can make them.
#pragma once

#include "trace.hpp"

namespace golden {

std::string story(const Trace &trace);

} // namespace golden
