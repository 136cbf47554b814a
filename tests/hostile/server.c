// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * server.c - a file server by way of FUSE with a root directory and a file. It is silent, or
 * holds an access check back until it is released. Mounts in the caller's mount namespace; the
 * server ends with the calling process.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fuse.h>

#include "tests/hostile/hostile.h"

#define HOLD_MS 500

union request {
	struct fuse_in_header header;
	char room[65536];
};

static void reply(int fd, uint64_t unique, int error, const void *answer, size_t size)
{
	struct fuse_out_header header = { .len = (uint32_t)(sizeof(header) + size),
					  .error = -error,
					  .unique = unique };
	char message[512];

	memcpy(message, &header, sizeof(header));
	if (size)
		memcpy(message + sizeof(header), answer, size);
	/* It may have been interrupted. */
	if (write(fd, message, sizeof(header) + size) < 0 && errno != ENOENT)
		_exit(1);
}

static void __attribute__((noreturn)) serve(int fd, enum serve how, volatile int *hold)
{
	struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
				      .minor = FUSE_KERNEL_MINOR_VERSION,
				      .max_write = 4096 };
	struct fuse_attr_out attr = { .attr_valid = 3600,
				      .attr = { .ino = 1, .mode = S_IFDIR | 0755, .nlink = 2 } };
	struct fuse_entry_out file = { .nodeid = 2,
				       .entry_valid = 3600,
				       .attr_valid = 3600,
				       .attr = { .ino = 2, .mode = S_IFREG | 0644, .nlink = 1 } };
	struct fuse_attr_out file_attr = { .attr_valid = 3600, .attr = file.attr };
	struct fuse_open_out opened = { .fh = 1 };
	static union request request;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		if (read(fd, &request, sizeof(request)) <= 0)
			_exit(1);
		switch (request.header.opcode) {
		case FUSE_INIT:
			reply(fd, request.header.unique, 0, &init, sizeof(init));
			break;
		case FUSE_GETATTR:
			reply(fd, request.header.unique, 0,
			      request.header.nodeid == file.nodeid ? &file_attr : &attr,
			      sizeof(attr));
			break;
		case FUSE_OPEN:
			reply(fd, request.header.unique, 0, &opened, sizeof(opened));
			break;
		case FUSE_FLUSH:
			if (hold && *hold == HOLD_NEXT)
				*hold = HOLDS;
			reply(fd, request.header.unique, 0, NULL, 0);
			break;
		case FUSE_ACCESS:
			if (hold && *hold == HOLD_NEXT) {
				uint64_t until = now_ms() + HOLD_MS;

				for (*hold = HOLDS; *hold == HOLDS && now_ms() < until;)
					usleep(200);
			}
			reply(fd, request.header.unique, 0, NULL, 0);
			break;
		case FUSE_LOOKUP:
			if (hold && *hold == HOLD_NEXT)
				*hold = HOLDS;
			if (!strcmp(request.room + sizeof(request.header), "file"))
				reply(fd, request.header.unique, 0, &file, sizeof(file));
			else
				reply(fd, request.header.unique, ENOENT, NULL, 0);
			break;
		case FUSE_FORGET:
		case FUSE_BATCH_FORGET:
		case FUSE_INTERRUPT:
			break;
		default:
			reply(fd, request.header.unique, ENOSYS, NULL, 0);
			break;
		}
		while (how == SERVE_NOTHING)
			pause();
	}
}

bool serve_files(const char *where, enum serve how, volatile int *hold)
{
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return false;
	mkdir(where, 0755);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 fd);
	if (mount("files", where, "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		close(fd);
		return false;
	}
	if (must(fork(), "fork") == 0)
		serve(fd, how, hold);
	close(fd);
	return true;
}
