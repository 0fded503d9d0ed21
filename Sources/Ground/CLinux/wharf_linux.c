#define _GNU_SOURCE
#include "wharf_linux.h"
#include <time.h>
#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/xattr.h>
#include <unistd.h>

ssize_t wharf_pread_nowait(int descriptor, void *bytes, size_t count, off_t offset) {
    struct iovec part = {.iov_base = bytes, .iov_len = count};
    return preadv2(descriptor, &part, 1, offset, RWF_NOWAIT);
}

void wharf_bound_allocator(int arenas, int map_bytes, int keep_bytes) {
    mallopt(M_ARENA_MAX, arenas);
    mallopt(M_MMAP_THRESHOLD, map_bytes);
    mallopt(M_TRIM_THRESHOLD, keep_bytes);
}

void wharf_trim_allocator(void) {
    malloc_trim(0);
}

int wharf_pipe(int ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int wharf_memory_file(void) {
    return memfd_create("wharf", MFD_CLOEXEC);
}

int wharf_close_from(void *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

static void note(const struct stat *found, struct wharf_file_facts *facts) {
    facts->byte_count = found->st_size;
    facts->mode = found->st_mode;
    facts->owner = found->st_uid;
    facts->group = found->st_gid;
    facts->link_count = found->st_nlink;
    facts->device = found->st_dev;
    facts->number = found->st_ino;
    facts->modified = found->st_mtim.tv_sec;
}

int wharf_look(const char *path, int descriptor, struct wharf_file_facts *facts) {
    struct stat found;
    if ((path ? stat(path, &found) : fstat(descriptor, &found)) != 0) { return -1; }
    note(&found, facts);
    return 0;
}

int wharf_look_at_link(const char *path, struct wharf_file_facts *facts) {
    struct stat found;
    if (lstat(path, &found) != 0) { return -1; }
    note(&found, facts);
    return 0;
}

int64_t wharf_microseconds_now(void) {
    struct timespec moment;
    clock_gettime(CLOCK_REALTIME, &moment);
    return (int64_t)moment.tv_sec * 1000000 + moment.tv_nsec / 1000;
}

ssize_t wharf_file_capability(const char *path, void *bytes, size_t count) {
    return lgetxattr(path, "security.capability", bytes, count);
}
