/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"

enum { FOLDERS_MAX = 256 };
static folder_t made[FOLDERS_MAX];
static size_t made_count;
static pid_t maker;

folder_t folder_make_in(const char *parent) {
    folder_t folder;
    snprintf(folder.path, sizeof folder.path, "%s/lkstats-test-XXXXXX", parent);
    require(mkdtemp(folder.path) != NULL);
    require(made_count < FOLDERS_MAX && (made_count == 0 || maker == getpid()));
    maker = getpid();
    made[made_count++] = folder;
    return folder;
}

folder_t folder_make(void) { return folder_make_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"); }

static int remove_one(const char *path, const struct stat *found, int type, struct FTW *where) {
    (void)found;
    (void)type;
    (void)where;
    remove(path);
    return 0;
}

int folders_teardown(void **state) {
    (void)state;
    for (; made_count > 0; --made_count)
        nftw(made[made_count - 1].path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static bool fits(const char *name, const char *prefix, const char *suffix) {
    const size_t size = strlen(name), end = strlen(suffix);
    return strncmp(name, prefix, strlen(prefix)) == 0 && size >= end &&
           strcmp(name + size - end, suffix) == 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static size_t find(const folder_t *folder, const char *prefix, const char *suffix, folder_t *last) {
    size_t count = 0;
    DIR *const directory = opendir(folder->path);
    require(directory != NULL);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (!fits(entry->d_name, prefix, suffix))
            continue;
        *last = folder_at(folder, entry->d_name);
        ++count;
    }
    closedir(directory);
    return count;
}

size_t folder_count(const folder_t *folder, const char *prefix) {
    folder_t last;
    return find(folder, prefix, "", &last);
}

folder_t folder_find(const folder_t *folder, const char *prefix, const char *suffix) {
    folder_t found;
    require(find(folder, prefix, suffix, &found) == 1);
    return found;
}

folder_t folder_at(const folder_t *folder, const char *name) {
    folder_t path;
    const int size = snprintf(path.path, sizeof path.path, "%s/%s", folder->path, name);
    require(size > 0 && (size_t)size < sizeof path.path);
    return path;
}

char *file_read(const char *path, size_t *size) {
    struct stat found;
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    require(file >= 0 && fstat(file, &found) == 0);
    *size = (size_t)found.st_size;
    char *const bytes = malloc(*size + 1);
    require(bytes != NULL && read(file, bytes, *size) == (ssize_t)*size);
    close(file);
    return bytes;
}

void file_write(const char *path, const void *bytes, size_t size) {
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    require(file >= 0 && write(file, bytes, size) == (ssize_t)size);
    close(file);
}

int count_descriptors(void) {
    int count = 0;
    DIR *const directory = opendir("/proc/self/fd");
    require(directory != NULL);
    while (readdir(directory) != NULL)
        ++count;
    closedir(directory);
    return count;
}

/* ---- Full ones ---------------------------------------------------------------------------------- */

static bool mount_of(const folder_t *folder, uint64_t bytes, unsigned long flags) {
    char options[64];
    snprintf(options, sizeof options, "mode=0700,size=%llu", (unsigned long long)bytes);
    return mount("tmpfs", folder->path, "tmpfs", MS_NOSUID | MS_NODEV | flags, options) == 0;
}

bool folder_limit(const folder_t *folder, uint64_t bytes) {
    static bool mounted;
    if (mounted) {
        require(mount_of(folder, bytes, MS_REMOUNT));
        return true;
    }
    mounted = unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
              mount_of(folder, bytes, 0);
    return mounted;
}

void file_limit(uint64_t bytes) {
    struct rlimit limit;
    require(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    require(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}
