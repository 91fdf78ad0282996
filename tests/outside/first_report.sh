#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# first_report.sh BUILD_DIR README: whoever installs the library and copies what the README has under «Use it» into an
# empty directory gets a first report, in each language, from a program of no more than 25 lines. The programs, the
# commands and what they print are the README's; only the installation goes to a prefix of its own.
# CARGO_TARGET_DIR and GOCACHE of the environment save time.
set -euo pipefail

usage='usage: first_report.sh BUILD_DIR README'
build=$(realpath "${1:?$usage}")
readme=$(realpath "${2:?$usage}")
here=$(cd "$(dirname "$0")" && pwd)
titles=(Go Rust C++ C 'C without linking' 'A signal connection')
lines_max=25

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
LKSTATS=$(realpath "$here/../..")
export LKSTATS

# refuse WHY [FILE]: what is wrong with the chapter at hand, and the end of a file that shows it.
refuse() {
    echo "not ok - $title: $1"
    if [[ -n ${2:-} ]]; then tail -n 30 "$2" | sed 's/^/    /'; fi
    exit 1
}

# Stands for `sudo cmake --install build && sudo ldconfig`.
install_library() {
    local title=installation description
    cmake --install "$build" --prefix "$work/prefix" >"$work/log" 2>&1 || refuse 'cmake --install fails' "$work/log"
    description=$(find "$work/prefix" -name lkstats.pc)
    export PKG_CONFIG_PATH=${description%/*}
    pkg-config --validate lkstats >"$work/log" 2>&1 || refuse 'lkstats.pc is not valid' "$work/log"
    LD_LIBRARY_PATH=$(realpath -m "$(pkg-config --variable=libdir lkstats)")
    [[ $LD_LIBRARY_PATH == "$work/prefix"/* ]] || refuse "lkstats.pc does not know where it lies: $LD_LIBRARY_PATH"
    # Go's build cache does not see what pkg-config says, but this: programs of another prefix are not taken for these.
    export LD_LIBRARY_PATH CGO_CPPFLAGS="-DINSTALLED_TO=$work/prefix"
    echo "ok - $title: lkstats $(pkg-config --modversion lkstats)"
}

save() { # PROGRAM FILE
    local lines
    lines=$(wc -l <"$1")
    ((lines <= lines_max)) || refuse "$2 has $lines lines, more than $lines_max"
    mkdir -p "$(dirname "$2")"
    cp "$1" "$2"
}

# run COMMANDS SAID: they print nothing, or the report.
run() {
    local status=0
    timeout --kill-after=20 300 bash -euo pipefail "$1" </dev/null 2>"$work/err" | head -c 10000 >"$work/out" || status=$?
    cat "$1" "$work/err" "$work/out" >"$work/log"
    ((status == 0)) || refuse "the commands end with $status" "$work/log"
    ! grep -iq 'warning' "$work/err" || refuse 'the commands warn' "$work/log"
    [[ -s $work/out ]] || return 0
    diff "$2" "$work/out" >"$work/log" || refuse 'it prints (>) something else than the README says (<)' "$work/log"
    reported=yes
}

# `first` is linked with the library; `loaded`, and what Cargo built last, finds it when it runs.
check_link() {
    local loading=loaded
    [[ ! -e Cargo.toml ]] || loading=${CARGO_TARGET_DIR:-target}/debug/first
    [[ ! -e first ]] || needs_library first || refuse 'the program is not linked with the library'
    [[ ! -e $loading ]] || ! needs_library "$loading" || refuse 'the program that loads the library is linked with it'
}
needs_library() { [[ $(readelf -dW "$1") == *'[liblkstats.so'* ]]; }

# Strict compilers and the formatters have nothing to say.
well_written() { # FILE
    local layout="file:$LKSTATS/.clang-format" headers strict=(-Wall -Wextra -Wno-unused-parameter -Werror -fsyntax-only)
    read -ra headers <<<"$(pkg-config --cflags lkstats)"
    case $1 in
    *.go) go vet . && [[ -z $(gofmt -d . | tee /dev/stderr) ]] ;;
    *.rs) rustfmt --edition 2021 --check "$1" ;;
    *.c) cc -std=c99 "${strict[@]}" "${headers[@]}" "$1" && clang-format --dry-run -Werror --style="$layout" "$1" ;;
    *.cpp) c++ -std=c++17 "${strict[@]}" "${headers[@]}" "$1" && clang-format --dry-run -Werror --style="$layout" "$1" ;;
    *) false ;;
    esac
}

# A chapter's blocks one after the other, as a reader takes them.
first_report() { # TITLE
    local title=$1 chapter=$work/readme/$1 block file='' reported=no said=$work/readme/all/said
    compgen -G "$chapter/*.program" >/dev/null || refuse 'the README has no such program'
    [[ ! -e $chapter/said ]] || said=$chapter/said
    [[ -s $said ]] || refuse 'the README does not say what it prints'
    cd "$(mktemp -d "$work/empty.XXXXXX")"
    for block in "$chapter"/*; do
        case $block in
        *.program)
            file=$(<"${block%.program}.file")
            save "$block" "$file"
            ;;
        *.sh) run "$block" "$said" ;;
        esac
    done
    [[ $reported == yes ]] || refuse 'none of the commands runs it'
    check_link
    well_written "$file" >"$work/log" 2>&1 || refuse "$file could be written better" "$work/log"
    echo "ok - $title: $(wc -l <"$file") lines"
}

mkdir "$work/readme"
awk -v into="$work/readme" -f "$here/chapters.awk" "$readme"
install_library
failed=0
for title in "${titles[@]}"; do
    (first_report "$title") || failed=1
done
exit "$failed"
