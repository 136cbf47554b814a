// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scratch.c - hands out and takes back the memory of one answer.
 * Makes private mappings.
 */
#include "compat/kernel/raw.h"
#include "compat/statmount/scratch.h"
#include "compat/task/mountinfo.h"

struct statmount_block {
	struct statmount_block *next;
	size_t len;
};

void *statmount_alloc(struct statmount_scratch *scratch, size_t len)
{
	struct statmount_block *block;

	len = (len + 15) & ~(size_t)15;
	if (len <= sizeof(scratch->first) - scratch->used) {
		scratch->used += len;
		return scratch->first + scratch->used - len;
	}
	len += (sizeof(*block) + 15) & ~(size_t)15;
	block = raw_mmap(len);
	if (!block)
		return NULL;
	block->next = scratch->blocks;
	block->len = len;
	scratch->blocks = block;
	return (char *)block + ((sizeof(*block) + 15) & ~(size_t)15);
}

void statmount_scratch_init(struct statmount_scratch *scratch)
{
	scratch->table = (struct mountinfo_table){ 0 };
	scratch->blocks = NULL;
	scratch->on_stack = false;
	scratch->entered = 0;
	scratch->used = 0;
}

void statmount_release(struct statmount_scratch *scratch)
{
	while (scratch->blocks) {
		struct statmount_block *block = scratch->blocks;

		scratch->blocks = block->next;
		raw_munmap(block, block->len);
	}
	mountinfo_release(&scratch->table);
	scratch->used = 0;
}

struct statmount_scratch *statmount_scratch_map(void)
{
	struct statmount_scratch *scratch = raw_mmap(sizeof(*scratch));

	if (scratch)
		statmount_scratch_init(scratch);
	return scratch;
}

void statmount_scratch_unmap(struct statmount_scratch *scratch)
{
	statmount_release(scratch);
	raw_munmap(scratch, sizeof(*scratch));
}
