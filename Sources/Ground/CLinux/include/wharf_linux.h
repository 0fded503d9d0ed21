#ifndef WHARF_LINUX_H
#define WHARF_LINUX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls of Linux that Swift's Glibc module does not show. */

/* pread(2) that reads only what is in memory: preadv2(2) with RWF_NOWAIT. Returns -1 with errno EAGAIN when a disk
   would have to be waited for, EOPNOTSUPP when the file system cannot tell. */
ssize_t wharf_pread_nowait(int descriptor, void *bytes, size_t count, off_t offset);

/* Bounds what the allocator keeps: at most `arenas` arenas, and blocks of at least `threshold` bytes go back to the
   system when they are freed (mallopt(3)). To be called before other threads start. */
void wharf_bound_allocator(int arenas, int threshold);

#endif
