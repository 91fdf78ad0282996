/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The limits: the adds as a C host has them. On a context and a track of its own, from the library that the Rust
 * binding uses: it is loaded already, so this finds the same one.
 */
#include <lkstats_slab.h>

#include <dlfcn.h>
#include <stddef.h>

struct message {
    uint64_t bytes;
    int32_t is_send;
};

static lkstats_slab_t slab = {.struct_size = sizeof slab};
static const lkstats_api_t *api;
static lkstats_t *ctx;
static lkstats_track_t track;

/* The value is used, and whatever memory holds may be another: as sides.rs has it. */
static inline void keep(lkstats_status_t status) { __asm__ volatile("" : : "r"(status) : "memory"); }

lkstats_status_t bench_open(const char *library) {
    lkstats_options_t options = {.struct_size = sizeof options, .flags = LKSTATS_NO_THREAD};
    lkstats_track_options_t data = {.struct_size = sizeof data};
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    void *handle = dlopen(library, RTLD_NOW);
    lkstats_status_t status;

    if (handle)
        *(void **)&get_api = dlsym(handle, "lkstats_get_api");
    status = get_api ? get_api(LKSTATS_API_VERSION, &api) : LKSTATS_ESYSTEM;
    if (status == LKSTATS_OK)
        status = api->slab_attach(LKSTATS_SLAB_VERSION, &slab);
    if (status == LKSTATS_OK)
        status = api->open(&options, &ctx);
    if (status == LKSTATS_OK)
        status = api->track_new(ctx, &data, &track);
    return status;
}

/* Messages that were counted as sent. */
uint64_t bench_messages(void) {
    lkstats_totals_t totals = {.struct_size = sizeof totals};

    return api->track_totals(track, &totals) == LKSTATS_OK ? totals.traffic.send_messages : 0;
}

void bench_add(const struct message *message, uint64_t passes) {
    const lkstats_track_t handle = track;

    for (uint64_t i = 0; i < passes; i++)
        keep(lkstats_slab_add(&slab, handle, message->bytes, 1, message->is_send));
}
