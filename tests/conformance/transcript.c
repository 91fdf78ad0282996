/* SPDX-License-Identifier: Apache-2.0 */
#include "transcript.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int is_plain(unsigned char byte) {
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '_' || byte == '.' || byte == '-';
}

void tell_string(const char *data, uint64_t size) {
    putchar('=');
    for (uint64_t i = 0; i < size; i++) {
        const unsigned char byte = (unsigned char)data[i];
        if (is_plain(byte))
            putchar(byte);
        else
            printf("%%%02X", byte);
    }
}

void tell_traffic(const lkstats_traffic_t *traffic) {
    printf("%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64, traffic->send_bytes, traffic->send_messages,
           traffic->recv_bytes, traffic->recv_messages);
}

void tell_time(const lkstats_time_t *time) {
    printf("%" PRId64 ",%" PRId64, time->monotonic_ns, time->wall_ns);
}

void tell_details(const int32_t *details, uint32_t count) {
    if (count == 0)
        putchar('-');
    for (uint32_t i = 0; i < count; i++)
        printf(i ? ",%" PRId32 : "%" PRId32, details[i]);
}

/* FNV-1a. The ids of stats are another context's each time, so they count as zeros: "AS_" and twelve letters. */
void tell_stats(const uint8_t *data, uint64_t size) {
    uint64_t hash = 14695981039346656037u;
    uint64_t id = 0; /* letters of it that still come */
    for (uint64_t i = 0; i < size; i++) {
        hash = (hash ^ (id ? (uint8_t)'0' : data[i])) * 1099511628211u;
        if (id)
            id--;
        else if (i >= 2 && memcmp(data + i - 2, "AS_", 3) == 0)
            id = 12;
    }
    printf("size=%" PRIu64 " hash=%016" PRIx64, size, hash);
}

static int begins_with(const char *line, uint64_t size, const char *with) {
    return size >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

void tell_metrics(const char *text, uint64_t size) {
    for (uint64_t at = 0; at < size;) {
        const char *line = text + at;
        const char *newline = memchr(line, '\n', size - at);
        const uint64_t length = newline ? (uint64_t)(newline - line) : size - at;
        if (begins_with(line, length, "lkstats_bytes_total") ||
            begins_with(line, length, "lkstats_messages_total"))
            printf("  %.*s\n", (int)length, line);
        at += length + 1;
    }
}
