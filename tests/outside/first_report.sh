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
titles=(Go Rust C++ C 'C without linking' 'A signal connection'
    'Proving that nothing is missing' 'It survives a kill')
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

# run COMMANDS SAID: they print the report, and nothing else.
run() {
    local status=0
    timeout --kill-after=20 300 bash -euo pipefail "$1" </dev/null 2>"$work/err" | head -c 10000 >"$work/out" || status=$?
    cat "$1" "$work/err" "$work/out" >"$work/log"
    ((status == 0)) || refuse "the commands end with $status" "$work/log"
    ! grep -iq 'warning' "$work/err" || refuse 'the commands warn' "$work/log"
    [[ -s $work/out ]] || refuse 'the commands print nothing' "$work/log"
    diff "$2" "$work/out" >"$work/log" || refuse 'it prints (>) something else than the README says (<)' "$work/log"
}

# `first` is linked with the library; `loaded`, and what Cargo built last, finds it when it runs.
check_link() {
    local program=first linked=no needed wanted=yes
    case $title in
    Rust) program=${CARGO_TARGET_DIR:-target}/debug/first wanted=no ;;
    Go | *'without linking') program=loaded wanted=no ;;
    esac
    # The target directory may have one of an earlier run.
    [[ $program -nt $said ]] || refuse "the commands make no program $program"
    needed=$(readelf -dW "$program")
    [[ $needed != *'[liblkstats.so'* ]] || linked=yes
    [[ $linked == "$wanted" ]] || refuse "is $program linked with the library? $linked; that should be: $wanted"
}

# Strict compilers and the formatters have nothing to say. Go may come without its formatter.
well_written() { # FILE
    local layout="file:$LKSTATS/.clang-format" headers strict=(-Wall -Wextra -Wno-unused-parameter -Werror -fsyntax-only)
    read -ra headers <<<"$(pkg-config --cflags lkstats)"
    case $1 in
    *.go) go vet . && { [[ -z $gofmt ]] || formatted_go; } ;;
    *.rs) rustfmt --edition 2021 --check "$1" ;;
    *.c) cc -std=c99 "${strict[@]}" "${headers[@]}" "$1" && clang-format --dry-run -Werror --style="$layout" "$1" ;;
    *.cpp) c++ -std=c++17 "${strict[@]}" "${headers[@]}" "$1" && clang-format --dry-run -Werror --style="$layout" "$1" ;;
    *) false ;;
    esac
}
formatted_go() {
    local changes
    changes=$("$gofmt" -d .) && [[ -z $changes ]] || { echo "$changes" && false; }
}

# A chapter's blocks one after the other, as a reader takes them.
first_report() { # TITLE
    local title=$1 chapter=$work/readme/$1 block file='' said=$work/readme/all/said folder gofmt unchecked=''
    compgen -G "$chapter/*.program" >/dev/null || refuse 'the README has no such program'
    compgen -G "$chapter/*.sh" >/dev/null || refuse 'the README has no commands that run it'
    [[ ! -e $chapter/said ]] || said=$chapter/said
    [[ -s $said ]] || refuse 'the README does not say what it prints'
    folder=$(mktemp -d "$work/empty.XXXXXX")
    cd "$folder"
    for block in "$chapter"/*; do
        case $block in
        *.program)
            file=$(<"${block%.program}.file")
            save "$block" "$file"
            ;;
        *.sh) run "$block" "$said" ;;
        esac
    done
    check_link
    if [[ $file == *.go ]]; then
        gofmt=$(go env GOROOT)/bin/gofmt
        [[ -x $gofmt ]] || gofmt=$(command -v gofmt) || unchecked=', their format not checked: gofmt is missing'
    fi
    well_written "$file" >"$work/log" 2>&1 || refuse "$file could be written better" "$work/log"
    echo "ok - $title: $(wc -l <"$file") lines$unchecked"
}

mkdir "$work/readme"
awk -v into="$work/readme" -f "$here/chapters.awk" "$readme"
install_library
failed=0
# A chapter ends where something in it fails, as it would not in a condition; the next one has its turn all the same.
set +e
for title in "${titles[@]}"; do
    (set -e; first_report "$title")
    (($? == 0)) || failed=1
done
exit "$failed"
