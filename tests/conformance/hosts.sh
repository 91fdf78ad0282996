# SPDX-License-Identifier: Apache-2.0
# What run.sh and refusals.sh have in common: hosts from the command line, and how one of them is run.

# read_hosts -- NAME COMMAND... [-- NAME COMMAND...]...: fills names, and commands with one line each.
names=() commands=()
read_hosts() {
    while (($#)); do
        [[ $1 == -- && $# -ge 3 ]] || return 1
        names+=("$2")
        shift 2
        local command=()
        while (($#)) && [[ $1 != -- ]]; do
            command+=("$1")
            shift
        done
        ((${#command[@]})) || return 1
        commands+=("$(printf '%q ' "${command[@]}")")
    done
    ((${#names[@]}))
}

# Whether host number $1 is told which library to load: one of its words is @.
is_loaded() { [[ " ${commands[$1]} " == *" @ "* ]]; }

# LD_PRELOAD is split at spaces and colons, and what is not found is passed over: a fake is preloaded by a link to it whose
# path has none.
links=$(mktemp -d -p /tmp)
trap 'rm -rf "$links"' EXIT

# run_host NUMBER LIBRARY PRELOAD SCRIPT: LIBRARY is for one that loads, PRELOAD for one that is linked.
run_host() {
    local words=() i
    eval "words=(${commands[$1]})"
    for i in "${!words[@]}"; do
        [[ ${words[i]} != @ ]] || words[i]=$2
    done
    if [[ -n $3 ]] && ! is_loaded "$1"; then
        ln -sfn "$(realpath "$3")" "$links/preload.so"
        words=(env "LD_PRELOAD=$links/preload.so" "${words[@]}")
    fi
    # Far more than it takes: whatever hangs shall not hang for ever.
    timeout --kill-after=10 120 "${words[@]}" "$4"
}
