// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memory.c - the target's memory: copied page by page, so that missing pages are missing here, too.
 * Touches the target's memory through process_vm_readv(2) and /proc/TASK/mem.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "compat/task/usercopy.h"
#include "supervisor/kernel.h"
#include "supervisor/memory.h"

#define MAPS_ROOM 16384u /* several lines; the longest has a path */

static size_t page_size(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

/* Before 6.11, from the text: "START-END rwxp ...". */
static int find_mapping(int maps, uint64_t address, struct kernel_mapping *mapping)
{
	char text[MAPS_ROOM + 1];
	size_t kept = 0;
	off_t offset = 0;
	ssize_t n;

	while ((n = pread(maps, text + kept, MAPS_ROOM - kept, offset)) > 0) {
		char *line = text, *end;

		offset += n;
		kept += (size_t)n;
		text[kept] = 0;
		for (; (end = strchr(line, '\n')); line = end + 1) {
			char access[5] = "";

			if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &mapping->start,
				   &mapping->end, access) != 3)
				return -EIO;
			if (mapping->end <= address)
				continue;
			mapping->readable = access[0] == 'r';
			mapping->writable = access[1] == 'w';
			mapping->executable = access[2] == 'x';
			return mapping->start <= address ? 0 : -ENOENT;
		}
		kept -= (size_t)(line - text);
		memmove(text, line, kept);
		/* The beginning of a long line is enough, but the next one has to be found. */
		if (kept == MAPS_ROOM)
			return -E2BIG;
	}
	return n < 0 ? -errno : -ENOENT;
}

static int mapping_at(int maps, uint64_t address, struct kernel_mapping *mapping)
{
	int ret = kernel_mapping_at(maps, address, mapping);

	return ret == 0 || ret == -ENOENT ? ret : find_mapping(maps, address, mapping);
}

/*
 * /proc/PID/mem reads and writes memory that the process itself may not. So the mapping is checked
 * first. Where nothing is mapped the file fails as well, but for a stack that grows.
 */
static ssize_t copy_by_file(const struct target *target, void *here, uint64_t there, size_t size,
			    bool back)
{
	struct kernel_mapping mapping;
	int ret = mapping_at(target->maps, there, &mapping);
	ssize_t n;

	/* The processors read what may be written, and some what may be executed only. */
	if (ret == 0 && !back && !mapping.readable && !mapping.writable && mapping.executable)
		return -EACCES;
	if ((ret < 0 && ret != -ENOENT) ||
	    (ret == 0 && !(mapping.writable || (!back && mapping.readable))))
		return -EFAULT;
	if (ret == 0 && size > mapping.end - there)
		size = (size_t)(mapping.end - there);
	n = back ? pwrite(target->memory, here, size, (off_t)there) :
		   pread(target->memory, here, size, (off_t)there);
	if (n < 0)
		return -errno;
	return n ? n : -EIO;
}

/*
 * The file does not wait for a page that userfaultfd has to bring. Reading by number does, and
 * changes nothing.
 */
static ssize_t copy_out(const struct target *target, void *here, uint64_t there, size_t size)
{
	ssize_t n = copy_by_file(target, here, there, size, true);
	struct kernel_mapping mapping;
	struct iovec local, remote;
	char byte;

	if (n != -EFAULT && n != -EIO)
		return n;
	local = (struct iovec){ .iov_base = &byte, .iov_len = 1 };
	remote = (struct iovec){ .iov_base = (void *)(uintptr_t)there, .iov_len = 1 };
	if (process_vm_readv(target->task, &local, 1, &remote, 1, 0) == 1)
		n = copy_by_file(target, here, there, size, true);
	if (n != -EIO)
		return n;
	/* The process itself may write there, perhaps after userfaultfd has been asked. */
	return mapping_at(target->maps, there, &mapping) == -ENOENT ? -EFAULT : -EOPNOTSUPP;
}

/* By number: cheaper, and right as long as the notification is found valid afterwards. */
static ssize_t copy_in(const struct target *target, void *here, uint64_t there, size_t size)
{
	struct iovec local = { .iov_base = here, .iov_len = size };
	struct iovec remote = { .iov_base = (void *)(uintptr_t)there, .iov_len = size };
	ssize_t n = process_vm_readv(target->task, &local, 1, &remote, 1, 0);
	struct kernel_mapping mapping;

	if (n < 0 && (errno == EPERM || errno == ENOSYS)) {
		n = copy_by_file(target, here, there, size, false);
		return n == -EIO ? -EFAULT : n;
	}
	if (n < 0 && errno != EFAULT)
		return -errno;
	/* A process can read what it may write, though it did not ask for that. */
	if (n < 0 && mapping_at(target->maps, there, &mapping) == 0 && !mapping.readable) {
		n = copy_by_file(target, here, there, size, false);
		return n == -EIO ? -EFAULT : n;
	}
	/*
	 * A file server may answer its own user only: the kernel can read that page for the target,
	 * this process cannot.
	 */
	if (n < 0)
		return mapping_at(target->maps, there, &mapping) == 0 && mapping.readable ?
			       -EACCES :
			       -EFAULT;
	return n;
}

/* Pages for @size bytes at @address and a page behind without access; false: not an address. */
static int map(struct memory *memory, uint64_t address, size_t size, int flags)
{
	size_t page = page_size(), offset = address & (page - 1);
	size_t length = (offset + size + page - 1) & ~(page - 1);

	memset(memory, 0, sizeof(*memory));
	memory->address = address;
	/* An address that no program can have is refused before the memory is read. */
	if (!address || address != (uintptr_t)address ||
	    !usercopy_in_range((void *)(uintptr_t)address, 1))
		return 0;
	memory->pages =
		mmap(NULL, length + page, PROT_NONE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
	if (memory->pages == MAP_FAILED) {
		memory->pages = NULL;
		return -ENOMEM;
	}
	memory->length = length + page;
	return 1;
}

int memory_bring(struct memory *memory, const struct target *target, uint64_t address, size_t size,
		 enum memory_end end)
{
	size_t page = page_size(), offset = address & (page - 1), done = 0, most = size;
	int ret = map(memory, address, size, MAP_PRIVATE);
	uint32_t length;

	if (ret <= 0)
		return ret;
	if (end == MEMORY_STRUCT && size > sizeof(length))
		size = sizeof(length);
	while (done < size) {
		/* To the end of its page. */
		char *here = (char *)memory->pages + offset + done;
		size_t part = page - ((offset + done) & (page - 1));
		ssize_t n;

		if (part > size - done)
			part = size - done;
		if (mprotect((void *)((uintptr_t)here & ~(uintptr_t)(page - 1)), page,
			     PROT_READ | PROT_WRITE))
			return -ENOMEM;
		n = copy_in(target, here, address + done, part);
		if (n == -EFAULT || (n >= 0 && (size_t)n < part)) {
			if (mprotect((void *)((uintptr_t)here & ~(uintptr_t)(page - 1)), page,
				     PROT_NONE))
				return -ENOMEM;
			break;
		}
		if (n < 0)
			return (int)n;
		done += part;
		if (end == MEMORY_STRING && memchr(here, 0, part))
			break;
		if (end == MEMORY_STRUCT && done == sizeof(length)) {
			memcpy(&length, (void *)(uintptr_t)memory_here(memory), sizeof(length));
			if (length > size)
				size = length < most ? length : most;
		}
	}
	memory->readable = done;
	return 0;
}

int memory_room(struct memory *memory, const struct target *target, uint64_t address, size_t size,
		size_t prefix)
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
	n = copy_in(target, (char *)memory->pages + offset, address, prefix);
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

int memory_bring_back(const struct memory *memory, const struct target *target, size_t size)
{
	size_t done = 0;

	if (!memory->pages)
		return size ? -EFAULT : 0;
	while (done < size) {
		ssize_t n = copy_out(target, (char *)(uintptr_t)memory_here(memory) + done,
				     memory->address + done, size - done);

		if (n <= 0)
			return n == -EOPNOTSUPP ? (int)n : -EFAULT;
		done += (size_t)n;
	}
	return 0;
}
