// SPDX-License-Identifier: Apache-2.0
//go:build cgo && linux

#include "shim.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* A line becomes a datagram, its level in front, and Go reads it where and when it likes: the library's thread stays
 * one that knows nothing of Go, and waits for nobody. What does not fit any more is left out. */
void lkstats_go_log(uint64_t user_data, int32_t level, const char *message, uint64_t size) {
    struct iovec parts[] = {{&level, sizeof level}, {(void *)(uintptr_t)message, size}};
    const struct msghdr line = {.msg_iov = parts, .msg_iovlen = 2};
    const int before = errno;

    while (sendmsg((int)user_data, &line, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 && errno == EINTR)
        ;
    errno = before;
}
