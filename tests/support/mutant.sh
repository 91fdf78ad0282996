#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# mutant.sh PROGRAM FAULT TEST: passes when PROGRAM, with the kept fault FAULT planted, fails because cmocka
# test TEST does not hold. A crash, a program that can't be run and a failure elsewhere alone are no proof.
set -uo pipefail
program=$1 fault=$2 test=$3

unset CMOCKA_MESSAGE_OUTPUT CMOCKA_TEST_ABORT CMOCKA_XML_FILE
output=$(LKSTATS_MUTANT=$fault LKSTATS_MUTANT_TEST=$test "$program" 2>&1)
status=$?

miss() {
    printf '%s\n' "$output" "$fault: $*" >&2
    exit 1
}

# cmocka exits with the number of tests that failed.
((status != 0)) || miss "$program passes with the fault planted"
((status < 126)) || miss "$program ended with status $status"
grep -q 'Test failed with exception' <<<"$output" && miss "a test crashed"
grep -Eq "^\[  PASSED  \] [0-9]+ test" <<<"$output" || miss "$program did not come to its end"
grep -Fxq "[  FAILED  ] $test" <<<"$output" || miss "$test holds"
echo "$fault is caught by $test"
