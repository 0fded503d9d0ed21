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

/* pipe2(2) with O_CLOEXEC: a pipe whose ends no program that is started gets by chance. */
int wharf_pipe(int ends[2]);

/* memfd_create(2) with MFD_CLOEXEC: a file without a name that lies in memory. */
int wharf_memory_file(void);

/* posix_spawn_file_actions_addclosefrom_np(3): the program that is started has no descriptor from `first` on. `actions`
   points to a posix_spawn_file_actions_t. */
int wharf_close_from(void *actions, int first);

/* What stat(2) tells of a file. For targets that import Foundation: there the fields of Swift's `stat` belong to another
   module from one build to the next, as files are compiled together, and one of the two is not to be seen. */
struct wharf_file_facts {
    int64_t byte_count;
    mode_t mode;
    uid_t owner;
    gid_t group;
    uint64_t link_count;
    uint64_t device;
    uint64_t number;
    int64_t modified;  /* in seconds since 1970 */
};

/* stat(2); where `path` is NULL, fstat(2). */
int wharf_look(const char *path, int descriptor, struct wharf_file_facts *facts);

/* lstat(2): of a link itself, and not of what it leads to. */
int wharf_look_at_link(const char *path, struct wharf_file_facts *facts);

/* clock_gettime(2) of CLOCK_REALTIME, in microseconds since 1970: for the same targets. */
int64_t wharf_microseconds_now(void);

/* lgetxattr(2) of security.capability: what a file may do that its owner may not. Returns -1 where there is none. */
ssize_t wharf_file_capability(const char *path, void *bytes, size_t count);

#endif
