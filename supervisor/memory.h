/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory.h - what a supervised call's pointers point at, brought over once, and answers brought back.
 * Reads and writes the target's memory through the kernel. Used by answer.c.
 */
#ifndef MNTCOMPAT_SUPERVISOR_MEMORY_H
#define MNTCOMPAT_SUPERVISOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A piece of the target's memory with the same offset in the page. Pages that the target has not are none here either:
 * who reads there gets EFAULT at the same byte. No pages at all (@pages NULL): the address is one that no program can
 * have, and stays as it is.
 */
struct memory {
	uint64_t address;	/* in the target */
	void *pages;
	size_t length;		/* of @pages */
	size_t readable;	/* bytes from @address on that were there */
};

/* Up to @size bytes from @address; with @string up to its end. 0, -EPERM (may not be looked at), -ESRCH, -ENOMEM. */
int memory_bring(struct memory *memory, pid_t task, uint64_t address, size_t size, int string);
/* Room for an answer, shared with children made later; the first @prefix bytes are brought over. */
int memory_room(struct memory *memory, pid_t task, uint64_t address, size_t size, size_t prefix);
/* Where it is here. */
uint64_t memory_here(const struct memory *memory);
void memory_free(struct memory *memory);
/* The first @size bytes of @memory to where they came from. 0, -EFAULT. */
int memory_bring_back(const struct memory *memory, pid_t task, size_t size);

#endif
