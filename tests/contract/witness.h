/* SPDX-License-Identifier: Apache-2.0 */
/* A good track and a good signal connection beside bad calls: whatever was refused meanwhile, they count and report
 * to the unit, and the connection is still nobody's. */
#ifndef WITNESS_H
#define WITNESS_H

#include "host.h"

typedef struct witness {
    lkstats_t *ctx;
    lkstats_track_t track;
    lkstats_signal_t signal;
} witness_t;

/* cmocka's setup and teardown; the teardown is the verdict. */
int witness_setup(void **state);
int witness_verdict(void **state);

#define witnessed(story) cmocka_unit_test_setup_teardown(story, witness_setup, witness_verdict)

#endif
