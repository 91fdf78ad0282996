#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# installed_hosts.sh BUILD_DIR EXAMPLES_DIR: what is installed is enough for a host that links the library
# and for one that loads it.
set -euo pipefail

build=$1 examples=$2
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$build" --prefix "$prefix" >"$prefix/install.log" || { cat "$prefix/install.log"; exit 1; }
description=$(find "$prefix" -name lkstats.pc)
export PKG_CONFIG_PATH=${description%/*}
pkg-config --validate lkstats
# The prefix of the installation is another than that of the configuration.
read -ra flags <<<"$(pkg-config --define-variable=prefix="$prefix" --cflags --libs lkstats)"
LD_LIBRARY_PATH=$(pkg-config --define-variable=prefix="$prefix" --variable=libdir lkstats)
export LD_LIBRARY_PATH
read -ra headers <<<"$(pkg-config --define-variable=prefix="$prefix" --cflags lkstats)"

cc -std=c11 -Wall -Wextra -Werror -o "$prefix/linked" "$examples/linked.c" "${flags[@]}"
cc -std=c11 -Wall -Wextra -Werror -o "$prefix/loaded" "$examples/loaded.c" "${headers[@]}" -ldl
if readelf -dW "$prefix/loaded" | grep -q 'NEEDED.*lkstats'; then
    echo "the loading host is linked to the library"
    exit 1
fi

echo "linked:"
"$prefix/linked"
echo "loaded:"
"$prefix/loaded"
