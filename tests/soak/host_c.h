/* SPDX-License-Identifier: Apache-2.0 */
/* The scenario and the last host, for a program in C++: host.h has C's atomics. */
#ifndef SOAK_HOST_C_H
#define SOAK_HOST_C_H

#include <stdbool.h>
#include <stdint.h>

struct soak_point_host {
    const char *ledger;
    const char *slab_dir;
    const char *journal_dir;
    const char *rows_path;
    const char *log;
    uint32_t life;
    bool push;
    bool drains; /* recovers what is there, and adds nothing */
};

/* Ends the process. */
#ifdef __cplusplus
[[noreturn]]
#else
_Noreturn
#endif
void soak_be_host(const struct soak_point_host *host);

#endif
