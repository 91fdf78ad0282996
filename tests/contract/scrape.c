/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "scrape.h"

static const char *const channel_names[] = {"", "data", "data_track", "signal"};

char *scrape_text(lkstats_t *ctx, uint32_t format) {
    uint64_t need = 0, capacity = 0;
    char *text = NULL;
    /* While other threads count, the figures get longer between two calls. */
    for (;;) {
        const lkstats_status_t status = lkstats_metrics(ctx, format, text, capacity, &need);
        if (status == LKSTATS_OK)
            break;
        require_status(LKSTATS_ERANGE, status);
        require(need > capacity);
        capacity = need;
        text = realloc(text, capacity + 1);
        require(text != NULL);
    }
    text[need] = 0;
    require(strlen(text) == need);
    return text;
}

/* The value of the line, whose end is at *end; NULL: it is no sample, or another one's. */
static const char *value_of(const char *line, const char *sample, const char **end) {
    const size_t size = sample ? strlen(sample) : 0;
    const char *value;
    *end = strchr(line, '\n');
    require(*end != NULL);
    if (*line == '#' || (sample && (strncmp(line, sample, size) != 0 || line[size] != ' ')))
        return NULL;
    for (value = *end; value[-1] != ' '; --value)
        require(value > line);
    return value;
}

/* An integer, or seconds with nine decimals. */
static uint64_t number_at(const char *value, const char *end) {
    uint64_t number = 0;
    for (; value < end; ++value) {
        require(*value == '.' || (*value >= '0' && *value <= '9'));
        if (*value != '.')
            number = 10 * number + (uint64_t)(*value - '0');
    }
    return number;
}

uint64_t scrape_in(const char *text, const char *sample) {
    const char *end;
    for (const char *line = text; *line; line = end + 1) {
        const char *const value = value_of(line, sample, &end);
        if (value)
            return number_at(value, end);
    }
    print_error("there is no %s\n", sample);
    require(false);
    return 0;
}

uint64_t scrape(lkstats_t *ctx, const char *sample) {
    char *const text = scrape_text(ctx, LKSTATS_METRICS_OPENMETRICS);
    const uint64_t value = scrape_in(text, sample);
    free(text);
    return value;
}

size_t scrape_series(const char *text) {
    size_t count = 0;
    const char *end;
    for (const char *line = text; *line; line = end + 1)
        count += value_of(line, NULL, &end) != NULL;
    return count;
}

static uint64_t directed(const char *text, const char *family, const char *channel, const char *direction) {
    char sample[128];
    if (channel)
        snprintf(sample, sizeof sample, "lkstats_%s_total{channel=\"%s\",direction=\"%s\"}", family, channel,
                 direction);
    else
        snprintf(sample, sizeof sample, "lkstats_unattributed_%s_total{direction=\"%s\"}", family, direction);
    return scrape_in(text, sample);
}

static lkstats_traffic_t traffic_in(const char *text, const char *channel) {
    return (lkstats_traffic_t){.send_bytes = directed(text, "bytes", channel, "send"),
                               .send_messages = directed(text, "messages", channel, "send"),
                               .recv_bytes = directed(text, "bytes", channel, "recv"),
                               .recv_messages = directed(text, "messages", channel, "recv")};
}

lkstats_traffic_t scrape_counted_in(const char *text, int32_t channel) {
    return traffic_in(text, channel_names[channel]);
}

lkstats_traffic_t scrape_counted(lkstats_t *ctx, int32_t channel) {
    char *const text = scrape_text(ctx, LKSTATS_METRICS_OPENMETRICS);
    const lkstats_traffic_t counted = scrape_counted_in(text, channel);
    free(text);
    return counted;
}

lkstats_traffic_t scrape_unattributed(lkstats_t *ctx) {
    char *const text = scrape_text(ctx, LKSTATS_METRICS_OPENMETRICS);
    const lkstats_traffic_t unattributed = traffic_in(text, NULL);
    free(text);
    return unattributed;
}

static bool only_grows(const char *line, size_t name) {
    static const char *const suffixes[] = {"_total", "_sum", "_count"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; ++i) {
        const size_t size = strlen(suffixes[i]);
        if (name > size && strncmp(line + name - size, suffixes[i], size) == 0)
            return true;
    }
    return false;
}

void scrape_assert_grown(const char *before, const char *now) {
    while (*before && *now) {
        const char *before_end, *now_end;
        const char *const was = value_of(before, NULL, &before_end);
        const char *const is = value_of(now, NULL, &now_end);
        require((was != NULL) == (is != NULL));
        if (was) {
            require(was - before == is - now && strncmp(before, now, (size_t)(is - now)) == 0);
            if (only_grows(now, strcspn(now, "{ ")) && number_at(is, now_end) < number_at(was, before_end)) {
                print_error("%.*s\n  was %.*s\n", (int)(now_end - now), now, (int)(before_end - was), was);
                require(false);
            }
        }
        before = before_end + 1;
        now = now_end + 1;
    }
    require(*before == *now);
}
