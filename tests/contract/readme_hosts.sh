#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The hosts that the README shows are the ones that are built and run: readme_hosts.sh README EXAMPLES
set -euo pipefail
readme=$1 examples=$2

# The nth block of C in the README.
block() { awk -v nth="$1" '/^```c$/ { ++n; next } /^```/ { if (n == nth) exit; next } n == nth' "$readme"; }
# A program without the two comments on top of it.
program() { tail -n +3 "$1"; }

diff <(block 1) <(program "$examples/linked.c")
diff <(block 2) <(program "$examples/loaded.c")
echo "the README shows linked.c and loaded.c as they are"
