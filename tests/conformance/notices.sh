#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# notices.sh FAKES_DIR WORK_DIR HOST LOADED_HOST SCRIPT...: the suite fails where a host or a library is wrong. Each of the
# wrong hosts is the right one behind a slip that a binding could have.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
fakes=$(realpath "$1") work=$(realpath -m "$2") host=$(realpath "$3") loaded=$(realpath "$4")
shift 4
rm -rf "$work"
mkdir -p "$work"

told=$(printf %q "$work/told") right=$(printf %q "$host")
# wrong NAME COMMANDS: a host that is the shell script COMMANDS, with the script to run in $1.
wrong() {
    printf '#!/bin/bash\n%s\n' "$2" >"$work/$1"
    chmod +x "$work/$1"
}
# Each changes what the host is told, as a binding would that passes it on wrongly.
wrong swaps_send_and_recv "sed -E '/^(bytes|add) /{s/ 0\$/ X/;s/ 1\$/ 0/;s/ X\$/ 1/}' \"\$1\" >$told; $right $told"
wrong drops_tenant "sed -E '/^(track|signal) /s/ =[^ ]*\$/ =/' \"\$1\" >$told; $right $told"
wrong drops_the_rooms_tenant "sed -E '/^room /s/ =[^ ]*\$/ =/' \"\$1\" >$told; $right $told"
wrong drops_the_participants_tenant "sed -E '/^participant /s/ =[^ ]*\$/ =/' \"\$1\" >$told; $right $told"
wrong drops_a_kind_detail "sed -E 's/^(track .*|participant .*),[^, ]+( |\$)/\1\2/' \"\$1\" >$told; $right $told"
# (Not for open: the host itself refuses a script that opens a second context.)
wrong takes_what_is_not_text "sed -E '/^open /!s/%FF/x/g' \"\$1\" >$told; $right $told"
wrong writes_to_another_directory "sed 's/%2Fjournal2 /%2Fjournal1 /' \"\$1\" >$told; $right $told"
wrong acknowledges_what_it_gives_back "sed -E 's/^nack /ack /' \"\$1\" >$told; $right $told"
wrong forgets_the_last_line "$right \"\$1\" | head -n -1"
wrong says_a_line_more "$right \"\$1\"; echo '1: LKSTATS_OK'"
wrong says_nothing ":"
wrong crashes_at_the_end "$right \"\$1\"; kill -SEGV \$\$"
wrong fails_at_the_end "$right \"\$1\"; exit 1"

failed=0
# expect_notice NAME WHY COMMAND...: all that run.sh finds wrong of the wrong host is WHY.
expect_notice() {
    local status=0 name=$1 why=$2 found
    shift 2
    "$here/run.sh" --library "$fakes/losing.so" "$work/$name.d" "${scripts[@]}" -- right "$host" -- wrong "$@" \
        >"$work/$name.log" 2>&1 || status=$?
    found=$(sed -n 's/^not ok //p' "$work/$name.log" | sed 's/^wrong: [a-z_]*: //' | sort -u)
    if ((status == 1)) && [[ $found == "$why" ]]; then
        echo "noticed: $name"
    else
        echo "NOT noticed: $name"
        cat "$work/$name.log"
        failed=1
    fi
}
scripts=("$@")
for name in swaps_send_and_recv drops_tenant drops_the_rooms_tenant drops_the_participants_tenant drops_a_kind_detail \
    takes_what_is_not_text writes_to_another_directory acknowledges_what_it_gives_back forgets_the_last_line \
    says_a_line_more; do
    expect_notice "$name" 'it is not as expected' "$work/$name"
done
expect_notice says_nothing 'it wrote nothing' "$work/says_nothing"
expect_notice crashes_at_the_end 'its exit status is 139' "$work/crashes_at_the_end"
expect_notice fails_at_the_end 'its exit status is 1' "$work/fails_at_the_end"
expect_notice a_library_that_loses_an_add 'it is not as expected' "$loaded" --library @
exit "$failed"
