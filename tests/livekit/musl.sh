# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by container.sh for an image of Alpine, which can't be had here. What stands in for it: Debian's musl, libuv and
# protobuf-c of Debian's sources, built for musl, and zig's clang with its libc++ as the compiler. So this shows that the
# library and the server build and run with musl; that Alpine's packages are called what the Dockerfile calls them, and that
# its gcc and libstdc++ will do, it does not show. apk does nothing.

# The compilers as build tools look for them: Debian's pkg-config leaves out -L/usr/lib, which is no place of zig's.
musl_compilers() {
    local name
    for name in cc c++; do
        printf '#!/bin/sh\nexec /opt/zig/ziglang/zig %s -target x86_64-linux-musl -L/usr/lib "$@"\n' "$name" >"$1/usr/local/bin/musl-$name"
    done
    for name in ar ranlib; do
        printf '#!/bin/sh\nexec /opt/zig/ziglang/zig %s "$@"\n' "$name" >"$1/usr/local/bin/musl-$name"
    done
    chmod +x "$1"/usr/local/bin/musl-*
}

musl_base() {
    local to=$work/base-musl
    [[ -e $work/base-musl.done ]] && return 0
    rm -rf --one-file-system "$to"
    cp -a "$work/base" "$to"
    sed 's/^Types:.*/Types: deb deb-src/' "$work/base/etc/apt/sources.list.d/debian.sources" >"$to/etc/apt/sources.list.d/debian.sources"
    python3 -m pip install --quiet --root-user-action ignore --target "$to/opt/zig" ziglang==0.17.1
    musl_compilers "$to"
    cat >"$to/root/make" <<'MAKE'
set -ex
apt-get update
apt-get install -y --no-install-recommends bash cmake musl ninja-build pkg-config protobuf-c-compiler
cd /root && apt-get source --download-only libuv1 protobuf-c
for each in libuv1 protobuf-c; do mkdir $each && tar xf ${each}_*.orig.tar.* -C $each --strip-components=1; done
cmake -S libuv1 -B uv -G Ninja -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_C_COMPILER=musl-cc -DCMAKE_AR=/usr/local/bin/musl-ar \
    -DCMAKE_RANLIB=/usr/local/bin/musl-ranlib -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF -DLIBUV_BUILD_TESTS=OFF \
    -DCMAKE_INSTALL_PREFIX=/opt/musl -DCMAKE_INSTALL_LIBDIR=lib
ninja -C uv -j2 install
mkdir -p /opt/musl/include/protobuf-c
cp protobuf-c/protobuf-c/protobuf-c.h /opt/musl/include/protobuf-c/
musl-cc -O2 -shared -fPIC -Iprotobuf-c -DPACKAGE_VERSION='"1.4.1"' -DPACKAGE_STRING='"protobuf-c 1.4.1"' \
    -Wl,-soname,libprotobuf-c.so.1 protobuf-c/protobuf-c/protobuf-c.c -o /opt/musl/lib/libprotobuf-c.so.1
ln -s libprotobuf-c.so.1 /opt/musl/lib/libprotobuf-c.so
printf 'Name: libprotobuf-c\nDescription: protobuf-c\nVersion: 1.4.1\nLibs: -L/opt/musl/lib -lprotobuf-c\nCflags: -I/opt/musl/include\n' \
    >/opt/musl/lib/pkgconfig/libprotobuf-c.pc
printf '/lib\n/usr/local/lib\n/usr/lib\n' >/etc/ld-musl-x86_64.path
printf '#!/bin/sh\necho "no Alpine here: apk $*"\n' >/usr/local/bin/apk
chmod +x /usr/local/bin/apk
MAKE
    mount --rbind /proc "$to/proc" # zig finds its own files by it
    mount --rbind /dev "$to/dev"
    chroot "$to" env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive sh /root/make \
        >"$work/musl.log" 2>&1 || fail "musl: see $work/musl.log"
    umount -l "$to/proc" "$to/dev"
    touch "$work/base-musl.done"
}

# An image of Go's: everything that its "apk add" names is there.
musl_build_stage() {
    musl_base
    cp -a "$work/base-musl" "$root"
    variables+=(CC=musl-cc CXX=musl-c++ AR=musl-ar RANLIB=musl-ranlib CGO_ENABLED=1
        PKG_CONFIG_LIBDIR=/opt/musl/lib/pkgconfig:/usr/lib/pkgconfig)
}

# An image of Alpine's: nothing is there for musl but its loader, and the two libraries that its "apk add" names.
musl_stage() {
    musl_base
    cp -a "$work/base" "$root"
    cp -a "$work/base-musl"/lib/{ld-musl-x86_64.so.1,x86_64-linux-musl} "$root/lib/"
    cp -a "$work/base-musl"/opt/musl/lib/{libuv,libprotobuf-c}.so.* "$root/usr/lib/"
    cp -a "$work/base-musl/etc/ld-musl-x86_64.path" "$root/etc/"
    cp -a "$work/base-musl/usr/local/bin/apk" "$root/usr/local/bin/"
}
