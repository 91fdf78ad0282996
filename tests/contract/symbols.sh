#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# symbols.sh LIBRARY SYMBOLS HEADER: the library exports the reviewed list and nothing else, and brings
# nothing into a process that a host did not ask for.
set -euo pipefail
export LC_ALL=C

library=$1 symbols=$2 header=$3
failed=0
complain() {
    echo "$1"
    failed=1
}

exported=$(nm -D --defined-only --without-symbol-versions "$library" | awk '{print $NF}' | sort)
declared=$(grep '^LKSTATS_API ' "$header" | grep -o 'lkstats_[a-z_]*(' | tr -d '(' | sort)
node=LKSTATS_0.1

diff <(echo "$exported") "$symbols" >&2 || complain "the library's symbols (<) are not those of $symbols (>)"
diff <(echo "$declared") <(grep -v "^$node\$" "$symbols") >&2 ||
    complain "the functions of $header (<) are not those of $symbols (>)"

unversioned=$(nm -D --defined-only "$library" | awk '{print $NF}' | grep -v "@@$node\$" | grep -v "^$node\$" || true)
[[ -z $unversioned ]] || complain "not of version $node: $unversioned"

sections=$(readelf -SW "$library" | sed 's/^ *\[ *[0-9]*\] *//')
segments=$(readelf -lW "$library")
dynamic=$(readelf -dW "$library")

if grep -qw TLS <<<"$segments" || grep -q '^\.t\(bss\|data\)' <<<"$sections"; then
    complain "there is thread-local storage"
fi
# Eight bytes are the compiler's own frame_dummy.
[[ $(awk '$1 == ".init_array" {print $5}' <<<"$sections") =~ ^0*8$ ]] || complain "there are constructors in .init_array"
! grep -q '^\.ctors' <<<"$sections" || complain "there is a .ctors section"
grep -q 'FLAGS_1.*NODELETE' <<<"$dynamic" || complain "dlclose would unload it: no NODELETE"
grep -q 'SONAME.*\[liblkstats\.so\.0\]' <<<"$dynamic" || complain "its SONAME is not liblkstats.so.0"

exit $failed
