// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - the target's memory: copied page by page, so that what is missing there is missing here.
 * Touches the target's memory through process_vm_readv(2) and process_vm_writev(2). Called by answer.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "compat/usercopy.h"
#include "supervisor/memory.h"

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static ssize_t copy(pid_t task, void *here, uint64_t there, size_t size, int back)
{
	struct iovec local = { .iov_base = here, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)there, .iov_len = size };
	ssize_t n = back ? process_vm_writev(task, &local, 1, &remote, 1, 0) :
			   process_vm_readv(task, &local, 1, &remote, 1, 0);

	return n < 0 ? -errno : n;
}

/* Pages for @size bytes at @address and a page behind that nobody may touch; false: not an address. */
static int map(struct memory *memory, uint64_t address, size_t size, int flags)
{
	size_t page = page_size(), offset = address & (page - 1);
	size_t length = (offset + size + page - 1) & ~(page - 1);

	memset(memory, 0, sizeof(*memory));
	memory->address = address;
	/* What no program can have at all is refused by address, before anything is looked at. */
	if (address < page || address != (uintptr_t)address ||
	    !usercopy_in_range((void *)(uintptr_t)address, 1))
		return 0;
	memory->pages = mmap(NULL, length + page, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
	if (memory->pages == MAP_FAILED) {
		memory->pages = NULL;
		return -ENOMEM;
	}
	memory->length = length + page;
	return 1;
}

int memory_bring(struct memory *memory, pid_t task, uint64_t address, size_t size, int string)
{
	size_t page = page_size(), offset = address & (page - 1), done = 0;
	int ret = map(memory, address, size, MAP_PRIVATE);

	if (ret <= 0)
		return ret;
	while (done < size) {
		/* To the end of its page. */
		char *here = (char *)memory->pages + offset + done;
		size_t part = page - ((offset + done) & (page - 1));
		ssize_t n;

		if (part > size - done)
			part = size - done;
		if (mprotect((void *)((uintptr_t)here & ~(uintptr_t)(page - 1)), page, PROT_READ | PROT_WRITE))
			return -ENOMEM;
		n = copy(task, here, address + done, part, 0);
		if (n == -EFAULT || (n >= 0 && (size_t)n < part)) {
			if (mprotect((void *)((uintptr_t)here & ~(uintptr_t)(page - 1)), page, PROT_NONE))
				return -ENOMEM;
			break;
		}
		if (n < 0)
			return (int)n;
		done += part;
		if (string && memchr(here, 0, part))
			break;
	}
	memory->readable = done;
	return 0;
}

int memory_room(struct memory *memory, pid_t task, uint64_t address, size_t size, size_t prefix)
{
	size_t offset = address & (page_size() - 1);
	int ret = map(memory, address, size, MAP_SHARED);
	ssize_t n;

	if (ret <= 0)
		return ret;
	if (mprotect(memory->pages, memory->length - page_size(), PROT_READ | PROT_WRITE))
		return -ENOMEM;
	if (!prefix)
		return 0;
	n = copy(task, (char *)memory->pages + offset, address, prefix, 0);
	if (n == -EFAULT || (n >= 0 && (size_t)n < prefix))
		return mprotect(memory->pages, memory->length, PROT_NONE) ? -ENOMEM : 0;
	if (n < 0)
		return (int)n;
	memory->readable = prefix;
	return 0;
}

uint64_t memory_here(const struct memory *memory)
{
	if (!memory->pages)
		return memory->address;
	return (uint64_t)(uintptr_t)memory->pages + (memory->address & (page_size() - 1));
}

void memory_free(struct memory *memory)
{
	if (memory->pages)
		munmap(memory->pages, memory->length);
	memory->pages = NULL;
}

int memory_bring_back(const struct memory *memory, pid_t task, size_t size)
{
	size_t done = 0;

	if (!memory->pages)
		return size ? -EFAULT : 0;
	while (done < size) {
		ssize_t n = copy(task, (char *)(uintptr_t)memory_here(memory) + done, memory->address + done,
				 size - done, 1);

		if (n <= 0)
			return -EFAULT;
		done += (size_t)n;
	}
	return 0;
}
