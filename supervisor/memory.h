/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory.h - the memory behind a supervised call's pointers, brought over once, and answers brought
 * back.
 * Reads and writes the target's memory through the kernel.
 */
#ifndef MNTCOMPAT_SUPERVISOR_MEMORY_H
#define MNTCOMPAT_SUPERVISOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "supervisor/target.h"

/*
 * A piece of the target's memory with the same offset in the page. Pages that the target does not
 * have are absent here too: a reader gets EFAULT at the same byte. No pages at all (@pages NULL):
 * no program can have this address.
 */
struct memory {
	uint64_t address; /* in the target */
	void *pages;
	size_t length;	 /* of @pages */
	size_t readable; /* bytes from @address on that were there */
};

/*
 * memory_bring - up to @size bytes from @address, or up to the end of what is there. The memory
 * behind a string or a structure is not read: it may be a page that this process cannot read, such
 * as [vvar]. The bytes are the target's only if its notification is still valid afterwards. 0,
 * -EPERM (may not be looked at), -ESRCH, -ENOMEM.
 */
enum memory_end {
	MEMORY_SIZE,   /* @size bytes */
	MEMORY_STRING, /* up to a byte of 0 */
	MEMORY_STRUCT, /* as many bytes as its first member, a uint32_t, says */
};
int memory_bring(struct memory *memory, const struct target *target, uint64_t address, size_t size,
		 enum memory_end end);
/* Room for an answer, shared with children made later; the first @prefix bytes are brought over. */
int memory_room(struct memory *memory, const struct target *target, uint64_t address, size_t size,
		size_t prefix);
/* Its address in this process. */
uint64_t memory_here(const struct memory *memory);
void memory_free(struct memory *memory);
/*
 * memory_bring_back - copy the first @size bytes of @memory back: to the address space that the
 * target had when it was taken, whatever its process executes meanwhile. 0, -EFAULT.
 */
int memory_bring_back(const struct memory *memory, const struct target *target, size_t size);

#endif
