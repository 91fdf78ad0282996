#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# container.sh DOCKERFILE WORK_DIR: does what a Dockerfile says on a Debian 12 without Docker, then runs the server as the
# image would, and asks it. A stage is a directory with a Debian of its own and this machine's Go; each RUN is a chroot
# into it. Of Alpine there is nothing but the C library: see musl.sh for what stands in for the rest. Needs root,
# debootstrap, curl and the packages' mirror. It takes some ten minutes, and 4 GB in WORK_DIR.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
[[ $# == 2 ]] || { echo "usage: container.sh DOCKERFILE WORK_DIR" >&2; exit 2; }
file=$(realpath "$1") work=$(realpath -m "$2")
image=${file##*.} # what its stages' directories are called
fail() {
    printf 'not ok container: %s\n' "$*" >&2
    exit 1
}
((EUID == 0)) || fail "it takes root: chroot, mounts"
grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release || fail "this is no Debian 12: its packages are what the stages are made of"

# Mounts of its own: they go with this process, however it ends.
[[ ${LKSTATS_CONTAINER_INSIDE:-} ]] || LKSTATS_CONTAINER_INSIDE=1 exec unshare --mount -- "$0" "$file" "$work"
mkdir -p "$work"

# shellcheck source=musl.sh
. "$here/musl.sh"

# ---- Stages ----

base() {
    local root=$work/base mirror
    [[ -e $work/base.done ]] && return 0
    rm -rf --one-file-system "$root"
    mirror=$(sed -nE 's/^URIs: *([^ ]*).*/\1/p' /etc/apt/sources.list.d/debian.sources | head -n 1)
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >"$work/debootstrap.log" 2>&1 ||
        fail "debootstrap: see $work/debootstrap.log"
    # As this machine reaches its packages.
    rm -f "$root/etc/apt/sources.list"
    cp -a /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
    cp -a /etc/apt/apt.conf.d "$root/etc/apt/"
    cp -a /usr/share/keyrings/. "$root/usr/share/keyrings/"
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    cp -L /etc/resolv.conf "$root/etc/"
    touch "$work/base.done"
}

# new_stage IMAGE NAME
new_stage() {
    root=$work/$image-$2 variables=(PATH=/usr/local/go/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin) folder=/ user=0:0
    rm -rf --one-file-system "$root"
    case $1 in
    golang:1.26-bookworm | debian:bookworm-slim) cp -a "$work/base" "$root" ;;
    golang:1.26-alpine3.23) musl_build_stage ;;
    alpine:3.23) musl_stage ;;
    *) fail "there is nothing like the image $1 here" ;;
    esac
    mount --rbind /proc "$root/proc"
    mount --rbind /dev "$root/dev"
    case $1 in
    golang:*)
        [[ $(go env GOVERSION) == go1.26* ]] || fail "this machine's Go is not 1.26, as that of $1 is"
        cp -a "$(go env GOROOT)" "$root/usr/local/go"
        # What this machine has of Go's modules is not fetched again, what was compiled before is not compiled again.
        mkdir -p "$root/modules" "$root/compiled" "$(go env GOMODCACHE)/cache/download" "$work/compiled"
        mount --bind -o ro "$(go env GOMODCACHE)/cache/download" "$root/modules"
        mount --bind "$work/compiled" "$root/compiled"
        variables+=(GOTOOLCHAIN=local "GOPROXY=file:///modules,$(go env GOPROXY)" GOCACHE=/compiled GOFLAGS=-modcacherw)
        ;;
    esac
}

# copy SOURCE... TARGET: a folder's content, or files.
copy() {
    local from=$work/context to=${*: -1} source
    if [[ $1 == --from=* ]]; then
        from=$work/$image-${1#--from=}
        shift
    fi
    [[ $to == /* ]] || to=$folder/$to
    for source in "${@:1:$#-1}"; do
        [[ -e $from/$source ]] || fail "COPY: there is no $source"
        if [[ -d $from/$source ]]; then
            mkdir -p "$root$to"
            cp -a "$from/$source/." "$root$to"
        else
            mkdir -p "$root${to%/*}"
            cp -a "$from/$source" "$root$to"
        fi
    done
}

run_in() { chroot --userspec="$user" "$root" env -i "${variables[@]}" HOME=/root sh -c "cd '$folder' && $1"; }

# An instruction that is not known here is not passed over.
instruction() {
    local words
    read -ra words <<<"$2"
    printf '%s %s\n' "$1" "$2" | cut -c 1-110 >&2
    case $1 in
    FROM)
        stages=$((stages + 1))
        new_stage "${words[0]}" "${words[2]:-last}"
        ;;
    RUN) run_in "$2" >>"$work/run.log" 2>&1 || { tail -n 40 "$work/run.log" >&2; fail "RUN $2"; } ;;
    COPY) copy "${words[@]}" ;;
    WORKDIR) folder=${words[0]} && mkdir -p "$root$folder" ;;
    ENV) variables+=("${words[@]}") ;;
    USER) user=${words[0]} ;;
    ENTRYPOINT) read -ra entry < <(tr -d '[]",' <<<"$2") ;;
    *) fail "not known here: $1" ;;
    esac
}

base
rm -rf --one-file-system "$work/context" && mkdir "$work/context" && : >"$work/run.log"
git -C "$here" ls-files --full-name -co --exclude-standard "$(git -C "$here" rev-parse --show-toplevel)" |
    (cd "$(git -C "$here" rev-parse --show-toplevel)" && tar c --ignore-failed-read -T - 2>/dev/null) | tar x -C "$work/context"

stages=0 entry=()
while read -r name rest; do
    instruction "$name" "$rest"
done < <(sed -E -e '/^#/d' -e '/^$/d' -e ':more' -e '/\\$/{N;s/\\\n *//;b more' -e '}' "$file")
((stages == 2 && ${#entry[@]} > 0)) || fail "two stages and an ENTRYPOINT were expected"

# ---- The server ----

export root user
unshare --net -- "$here/container_server.sh" "${entry[@]}" -- "${variables[@]}"
echo "ok container: $(basename "$file")"
