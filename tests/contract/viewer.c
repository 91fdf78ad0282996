/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "viewer.h"

#include "host.h"

enum { PATH_SIZE = 256 };

static const char prefix[] = "/memfd:lkstats:";

/* Calls visit with each descriptor's number and what its link says, until it answers true. */
static void each_descriptor(long pid, bool (*visit)(void *, int, const char *), void *with) {
    char path[PATH_SIZE], target[PATH_SIZE];
    snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    DIR *const open = opendir(path);
    require(open != NULL);
    bool found = false;
    for (const struct dirent *entry; !found && (entry = readdir(open)) != NULL;) {
        snprintf(path, sizeof path, "/proc/%ld/fd/%.20s", pid, entry->d_name);
        const ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0)
            continue;
        target[length] = '\0';
        found = visit(with, atoi(entry->d_name), target);
    }
    closedir(open);
}

typedef struct search {
    const char *target;
    int fd;
} search_t;

static bool is_target(void *with, int fd, const char *target) {
    search_t *const search = with;
    if (strcmp(target, search->target) != 0)
        return false;
    search->fd = fd;
    return true;
}

int viewer_open(const viewer_t *viewer, const char *what, int flags) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s%s:%s (deleted)", prefix, viewer->uuid, what);
    search_t search = {path, -1};
    each_descriptor(viewer->pid, is_target, &search);
    if (search.fd < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/%ld/fd/%d", viewer->pid, search.fd);
    return open(path, flags | O_CLOEXEC);
}

static size_t size_of(int fd) {
    struct stat about;
    require(fstat(fd, &about) == 0);
    return (size_t)about.st_size;
}

static const void *map(const viewer_t *viewer, const char *what, size_t needed) {
    const int fd = viewer_open(viewer, what, O_RDONLY);
    require(fd >= 0);
    require(size_of(fd) >= needed);
    const void *const at = mmap(NULL, needed, PROT_READ, MAP_SHARED, fd, 0);
    require(at != MAP_FAILED);
    close(fd);
    return at;
}

static bool is_directory(void *with, int fd, const char *target) {
    (void)fd;
    char *const uuid = with;
    const size_t before = sizeof prefix - 1;
    if (strncmp(target, prefix, before) != 0 || strlen(target) < before + VIEWER_UUID_SIZE ||
        strcmp(target + before + VIEWER_UUID_SIZE, ":dir (deleted)") != 0)
        return false;
    memcpy(uuid, target + before, VIEWER_UUID_SIZE);
    return true;
}

void viewer_start(viewer_t *viewer, long pid) {
    *viewer = (viewer_t){.pid = pid};
    each_descriptor(pid, is_directory, viewer->uuid);
    require(viewer->uuid[0] != '\0');
    viewer->directory = map(viewer, "dir", sizeof *viewer->directory);
}

void viewer_stop(viewer_t *viewer) {
    const lkstats_slab_directory_t *const d = viewer->directory;
    for (uint32_t i = 0; i < LKSTATS_SLAB_CHUNKS_MAX; ++i) {
        if (viewer->slots[i] != NULL)
            munmap((void *)(uintptr_t)viewer->slots[i], d->slots[i].count * sizeof(lkstats_slab_slot_t));
        if (viewer->records[i] != NULL)
            munmap((void *)(uintptr_t)viewer->records[i],
                   d->records[i].count * sizeof(lkstats_slab_record_t));
    }
    munmap((void *)(uintptr_t)d, sizeof *d);
}

static bool count_file(void *with, int fd, const char *target) {
    viewer_files_t *const files = with;
    if (strncmp(target, prefix, sizeof prefix - 1) == 0) {
        ++files->count;
        files->kept_by_exec += (fcntl(fd, F_GETFD) & FD_CLOEXEC) == 0;
    }
    return false;
}

viewer_files_t viewer_files(long pid) {
    viewer_files_t files = {0};
    each_descriptor(pid, count_file, &files);
    return files;
}

/* Finds an index in its chunk, whose file is mapped at first use. NULL: it is in none. */
static const void *find(viewer_t *viewer, const char *kind, const void **maps, uint32_t count,
                        const lkstats_slab_chunk_t *chunks, size_t item, uint32_t index) {
    for (uint32_t i = 0; i < count; ++i) {
        if (index < chunks[i].first || index - chunks[i].first >= chunks[i].count)
            continue;
        char what[32];
        snprintf(what, sizeof what, "%s%u", kind, i);
        if (maps[i] == NULL)
            maps[i] = map(viewer, what, chunks[i].count * item);
        return (const char *)maps[i] + (index - chunks[i].first) * item;
    }
    return NULL;
}

const lkstats_slab_slot_t *viewer_slot(viewer_t *viewer, lkstats_track_t track) {
    const lkstats_slab_directory_t *const d = viewer->directory;
    const lkstats_slab_slot_t *const slot =
        find(viewer, "slots", viewer->slots, __atomic_load_n(&d->slot_chunks, __ATOMIC_ACQUIRE), d->slots,
             sizeof(lkstats_slab_slot_t), (uint32_t)(track & 0xffffffff));
    require(slot != NULL);
    return slot;
}

const lkstats_slab_record_t *viewer_record(viewer_t *viewer, uint32_t index) {
    const lkstats_slab_directory_t *const d = viewer->directory;
    return index == 0 ? NULL
                      : find(viewer, "records", viewer->records,
                             __atomic_load_n(&d->record_chunks, __ATOMIC_ACQUIRE), d->records,
                             sizeof(lkstats_slab_record_t), index);
}

/* The newest epoch, and which it is: the host stores both at once. */
static uint64_t link_of(const lkstats_slab_slot_t *slot) {
    return __atomic_load_n((const uint64_t *)(const void *)&slot->record, __ATOMIC_ACQUIRE);
}

static uint32_t record_in(uint64_t link) {
    uint32_t index;
    memcpy(&index, &link, sizeof index);
    return index;
}

size_t viewer_epochs(viewer_t *viewer, lkstats_track_t track, viewer_epoch_t *epochs, size_t most) {
    const lkstats_slab_slot_t *const slot = viewer_slot(viewer, track);
    for (;;) {
        const uint64_t link = link_of(slot);
        uint32_t index = record_in(link);
        size_t count = 0;
        bool whole = true;
        for (; whole && index != 0 && count < most; ++count) {
            whole = viewer_read(viewer, index, &epochs[count]);
            index = epochs[count].record.previous;
        }
        if (link_of(slot) != link)
            continue;
        require(whole);
        return count;
    }
}

static void glance(const lkstats_slab_slot_t *slot, int direction, uint64_t *bytes, uint64_t *messages) {
    const uint64_t carry = __atomic_load_n(&slot->carry[direction], __ATOMIC_ACQUIRE);
    const uint64_t word = __atomic_load_n(&slot->word[direction], __ATOMIC_ACQUIRE);
    const uint64_t byte_carries = carry & 0xffffffff, message_carries = carry >> 32;
    const uint64_t low = word >> 1 & (((uint64_t)1 << LKSTATS_SLAB_BYTE_BITS) - 1);
    *bytes = (byte_carries << LKSTATS_SLAB_BYTE_BITS) + low;
    *messages = (message_carries << LKSTATS_SLAB_MESSAGE_BITS) + (word >> (LKSTATS_SLAB_BYTE_BITS + 1)) -
                byte_carries;
}

lkstats_traffic_t viewer_glance(const lkstats_slab_slot_t *slot) {
    lkstats_traffic_t traffic;
    glance(slot, LKSTATS_SLAB_SEND, &traffic.send_bytes, &traffic.send_messages);
    glance(slot, LKSTATS_SLAB_RECV, &traffic.recv_bytes, &traffic.recv_messages);
    return traffic;
}

/* ---- Another process ---------------------------------------------------------------------------- */

extern char **environ;

void viewer_elsewhere(lkstats_track_t track, void *sight, size_t size) {
    int ends[2];
    char pid[32], handle[32];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    snprintf(handle, sizeof handle, "%llu", (unsigned long long)track);
    char *const arguments[] = {(char[]){"viewer"}, pid, handle, NULL};
    posix_spawn_file_actions_t actions;
    require(pipe(ends) == 0);
    require(posix_spawn_file_actions_init(&actions) == 0);
    require(posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO) == 0);
    require(posix_spawn_file_actions_addclose(&actions, ends[0]) == 0);
    pid_t child;
    require(posix_spawn(&child, "/proc/self/exe", &actions, NULL, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    size_t have = 0;
    for (ssize_t more; have < size && (more = read(ends[0], (char *)sight + have, size - have)) > 0;)
        have += (size_t)more;
    close(ends[0]);
    host_expect_child(child);
    require(have == size);
}

int viewer_tell(const void *sight, size_t size) {
    size_t told = 0;
    for (ssize_t more;
         told < size && (more = write(STDOUT_FILENO, (const char *)sight + told, size - told)) > 0;)
        told += (size_t)more;
    return told == size ? 0 : 1;
}
