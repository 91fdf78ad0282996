// SPDX-License-Identifier: Apache-2.0
#include "os/owner.hpp"

#include "os/descriptor.hpp"
#include "os/folder.hpp"
#include "os/seam.hpp"
#include "os/system.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lkstats::os {

namespace {

// The beginning of a small file of /proc's, terminated. Empty: it is not there.
struct Text {
    char bytes[1024] = {};
    bool missing = false; // there is none
    bool failed = false;  // whether there is one can't be told just now

    explicit Text(const char *path) {
        const Descriptor file(call([&] { return ::open(path, O_RDONLY | O_CLOEXEC); }));
        // A process may end between the two: then there is nothing to read.
        const auto got = file ? read_at(file, {reinterpret_cast<uint8_t *>(bytes), sizeof bytes - 1}, 0) : -1;
        if (got >= 0)
            return;
        missing = errno == ENOENT || errno == ESRCH;
        failed = !missing;
        bytes[0] = '\0';
    }
};

struct Stat {
    bool missing = false, failed = false;
    char state = 0; // 0: not known
    uint64_t start = 0;
};

Stat stat_of(int64_t pid) {
    char path[64];
    std::snprintf(path, sizeof path, "/proc/%lld/stat", static_cast<long long>(pid));
    const Text text(path);
    Stat stat;
    stat.missing = text.missing;
    stat.failed = text.failed;
    // A process may be named anything: its name ends with the last parenthesis.
    const char *at = std::strrchr(text.bytes, ')');
    if (at == nullptr || std::strlen(at) < 3)
        return stat;
    stat.state = at[2];
    for (int field = 2; field < 22 && at != nullptr; ++field)
        at = std::strchr(at + 1, ' ');
    if (at != nullptr)
        stat.start = std::strtoull(at + 1, nullptr, 10);
    return stat;
}

// False: it can't be read just now.
bool read_boot(uint8_t (&boot)[16]) {
    const Text text("/proc/sys/kernel/random/boot_id");
    size_t digits = 0;
    for (const char *at = text.bytes; *at != '\0' && digits < 32; ++at) {
        const char *const hex = "0123456789abcdef";
        const char *const found = std::strchr(hex, *at);
        if (found == nullptr)
            continue;
        const auto value = static_cast<uint8_t>(found - hex);
        boot[digits / 2] = static_cast<uint8_t>(boot[digits / 2] << 4 | value);
        ++digits;
    }
    return !text.failed;
}

} // namespace

bool Owner::same_boot(const Owner &other) const { return std::memcmp(boot, other.boot, sizeof boot) == 0; }

bool Owner::boot_known() const {
    return std::any_of(std::begin(boot), std::end(boot), [](uint8_t byte) { return byte != 0; });
}

Owner myself() {
    Owner me;
    me.pid = process_id();
    const Stat stat = stat_of(me.pid);
    me.start = stat.start;
    struct stat found;
    if (call([&] { return ::stat("/proc/self/ns/pid", &found); }) == 0)
        me.pid_namespace = found.st_ino;
    else
        me.failed = errno != ENOENT;
    me.failed = !read_boot(me.boot) || stat.failed || me.failed;
    return me;
}

Alive alive(const Owner &owner, const Owner &me) {
    if (!owner.boot_known() || !me.boot_known())
        return Alive::unknown;
    // Its number is of another time, but not the lock that it may have, if the directory is another machine's.
    if (!owner.same_boot(me))
        return Alive::unknown;
    if (owner.pid <= 0 || owner.start == 0 || owner.pid_namespace == 0 ||
        owner.pid_namespace != me.pid_namespace || me.start == 0)
        return Alive::unknown;
    const Stat stat = stat_of(owner.pid);
    if (stat.failed)
        return Alive::failed;
    if (stat.start != 0 && stat.start != owner.start)
        return Alive::no;
    // It may be there and not to be seen.
    if (stat.missing)
        return call([&] { return kill(static_cast<pid_t>(owner.pid), 0); }) != 0 && errno == ESRCH
                   ? Alive::no
                   : Alive::unknown;
    // Its first thread may have ended while others go on.
    return stat.state == 0 || stat.state == 'Z' || stat.state == 'X' ? Alive::unknown : Alive::yes;
}

} // namespace lkstats::os
