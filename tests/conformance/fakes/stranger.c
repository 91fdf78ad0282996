/* SPDX-License-Identifier: Apache-2.0 */
/* A library that is not lkstats. */
int stranger_answer(void);

int stranger_answer(void) { return 42; }
