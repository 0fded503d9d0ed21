#ifndef WHARF_LINUX_H
#define WHARF_LINUX_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Calls of Linux that Swift's Glibc module does not show. */

/* pread(2) that reads only what is in memory: preadv2(2) with RWF_NOWAIT. Returns -1 with errno EAGAIN when a disk
   would have to be waited for, EOPNOTSUPP when the file system cannot tell. */
ssize_t wharf_pread_nowait(int descriptor, void *bytes, size_t count, off_t offset);

/* Bounds what the allocator keeps (mallopt(3)): at most `arenas` arenas; blocks of at least `map_bytes` are mapped one
   by one and go back to the system when they are freed, smaller ones are used again without new page faults; and of
   what is free at the end of an arena at most `keep_bytes` stay. To be called before other threads start. */
void wharf_bound_allocator(int arenas, int map_bytes, int keep_bytes);

/* Gives all that the allocator keeps and does not use back to the system (malloc_trim(3)). */
void wharf_trim_allocator(void);

#endif
