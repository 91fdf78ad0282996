/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lkstats for a host that is not linked with it: one call finds the library at run time and hands out its table. C99
 * and C++11 upwards. Link with -ldl where the C library wants it (glibc before 2.34).
 *
 *     char error[512];
 *     const lkstats_api_t *lk = lkstats_load(NULL, error, sizeof error);
 *     if (lk == NULL)
 *         fprintf(stderr, "%s\n", error);
 */
#ifndef LKSTATS_LOAD_H
#define LKSTATS_LOAD_H

#include "lkstats.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Not for hosts. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline void
lkstats_load_say(char *error, size_t capacity, const char *format, ...) {
    va_list arguments;

    if (error == NULL || capacity == 0)
        return;
    va_start(arguments, format);
    if (vsnprintf(error, capacity, format, arguments) < 0)
        error[0] = '\0';
    va_end(arguments);
}

/* Not for hosts: the table of a library that is loaded, or NULL and the sentence. */
static inline const lkstats_api_t *lkstats_load_table(void *library, const char *path, char *error,
                                                      size_t capacity) {
    lkstats_status_t (*get_api)(uint32_t, const lkstats_api_t **) = NULL;
    void *const symbol = dlsym(library, "lkstats_get_api");
    const lkstats_api_t *api = NULL;

    if (symbol == NULL) {
        lkstats_load_say(error, capacity,
                         "%s is a library, but not lkstats: it has no lkstats_get_api; give the path of "
                         "liblkstats.so.0",
                         path);
        return NULL;
    }
    /* ISO C has no cast from one to the other. */
    memcpy(&get_api, &symbol, sizeof get_api);
    if (get_api(LKSTATS_API_VERSION, &api) != LKSTATS_OK || api == NULL) {
        lkstats_load_say(
            error, capacity,
            "the lkstats at %s is newer than this program and has no function table %d any more; "
            "install lkstats %d.%d.%d beside it, or build the program with the newer lkstats.h",
            path, LKSTATS_API_VERSION, LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH);
        return NULL;
    }
    if (api->struct_size < sizeof *api) {
        const unsigned version = api->struct_size < offsetof(lkstats_api_t, open) ? 0 : api->version;
        const unsigned ours =
            LKSTATS_VERSION_MAJOR << 16 | LKSTATS_VERSION_MINOR << 8 | LKSTATS_VERSION_PATCH;
        if (version == ours)
            lkstats_load_say(
                error, capacity,
                "the lkstats at %s is an earlier build of %d.%d.%d and lacks functions of the one "
                "that this program was built with; install the build that its lkstats.h is from",
                path, LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH);
        else
            lkstats_load_say(
                error, capacity,
                "the lkstats at %s is %u.%u.%u and lacks functions of %d.%d.%d, which this program was "
                "built with; install %d.%d.%d or newer",
                path, version >> 16, version >> 8 & 255, version & 255, LKSTATS_VERSION_MAJOR,
                LKSTATS_VERSION_MINOR, LKSTATS_VERSION_PATCH, LKSTATS_VERSION_MAJOR, LKSTATS_VERSION_MINOR,
                LKSTATS_VERSION_PATCH);
        return NULL;
    }
    return api;
}

/* Loads lkstats with dlopen and hands out its table, complete as far as this header knows it. path NULL:
 * "liblkstats.so.0", which dlopen searches for; one with a slash is taken as it is.
 * Returns: NULL when there is no library at path, when it is not lkstats, older than this header or too new for
 *          it. Then error has a sentence that says which and what to do, cut to capacity - 1 bytes and terminated;
 *          512 are enough where path is not long. error may be NULL, capacity may be 0.
 * Thread: any. Calling it again is harmless: the same library gives the same table.
 * Owns: the process the library, which stays; there is nothing to give back. One that is refused is closed again:
 *       a stranger is unloaded, an older or newer lkstats stays in memory, since none can be unloaded, and does
 *       nothing. Nothing is allocated but by dlopen.
 * Since: 0.1.0 */
static inline const lkstats_api_t *lkstats_load(const char *path, char *error, size_t capacity) {
    const int before = errno;
    const lkstats_api_t *api = NULL;
    void *library = NULL;

    if (path == NULL)
        path = "liblkstats.so.0";
    if (*path != '\0')
        library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (library != NULL) {
        api = lkstats_load_table(library, path, error, capacity);
        if (api == NULL)
            (void)dlclose(library);
    } else {
        const char *const why = *path == '\0' ? "the path is empty" : dlerror();
        lkstats_load_say(error, capacity,
                         "lkstats cannot be loaded: %s; install it, or give the path of liblkstats.so.0",
                         why != NULL ? why : path);
    }
    errno = before;
    return api;
}

#ifdef __cplusplus
}
#endif

#endif
