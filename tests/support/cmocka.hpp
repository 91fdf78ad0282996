// SPDX-License-Identifier: Apache-2.0
// cmocka for C++ tests: it wants these headers before it, and C linkage. Include it last.
#pragma once

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>

extern "C" {
#include <cmocka.h>
}
