#define _GNU_SOURCE
#include "wharf_linux.h"
#include <malloc.h>
#include <sys/uio.h>

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
