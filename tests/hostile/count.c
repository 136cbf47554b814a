// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * count.c - calls that the kernel answers as Linux 7.3 does must not reach the supervisor. Counts
 * its context switches. Runs without a level.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <dirent.h>

#include "compat/kernel/uapi.h"
#include "tests/hostile/hostile.h"

#define BEGIN_MS 20000
#define CALLS 1000
#define CONTROLS 50
#define MASK 0x3f

struct mount_request {
	uint32_t size, fd;
	uint64_t id, param, ns;
};

static char room[8192];
static uint64_t mount_id;

static long statmount_by_id(void)
{
	struct mount_request req = { .size = 24, .id = mount_id, .param = MASK };

	return syscall(UAPI_NR_statmount, &req, room, sizeof(room), 0);
}

static long statmount_by_fd(void)
{
	return raw_statmount_fd(0, MASK, room, sizeof(room)) < 0 ? -1 : 0;
}

static long listns(void)
{
	return raw_listns(0, (uint64_t *)(void *)room, 64) < 0 ? -1 : 0;
}

static long mount_setattr(void)
{
	return raw_mount_setattr(in_place("attr"), 1, 0) < 0 ? -1 : 0;
}

static long statx_unique(void)
{
	uint64_t id;

	return raw_statx_unique("/", &id) < 0 ? -1 : 0;
}

static long statx_plain(void)
{
	return syscall(SYS_statx, AT_FDCWD, "/", 0, 0x17ff, room);
}

static long handle_plain(void)
{
	int id;

	*(uint32_t *)(void *)room = 128;
	syscall(SYS_name_to_handle_at, AT_FDCWD, "/", room, &id, 0);
	return 0;
}

static long open_tree_plain(void)
{
	int fd = (int)syscall(UAPI_NR_open_tree, AT_FDCWD, "/", O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static long ioctl_plain(void)
{
	static int fd = -1;

	if (fd < 0)
		fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	return ioctl(fd, UAPI_NS_GET_NSTYPE) < 0 ? -1 : 0;
}

static long unshare_plain(void)
{
	return unshare(CLONE_FS);
}

/* The first kernel that answers as 7.3 does; 0.0: all. */
static const struct counted {
	const char *name;
	long (*call)(void);
	int major, minor;
} counted[] = {
	{ "statmount-id", statmount_by_id, 6, 17 },
	{ "statmount-fd", statmount_by_fd, 7, 0 },
	{ "listns", listns, 6, 19 },
	{ "mount_setattr", mount_setattr, 5, 12 },
	{ "statx-unique", statx_unique, 6, 8 },
	{ "statx", statx_plain, 0, 0 },
	{ "name_to_handle_at", handle_plain, 0, 0 },
	{ "open_tree", open_tree_plain, 5, 2 },
	{ "ioctl", ioctl_plain, 0, 0 },
	{ "unshare", unshare_plain, 0, 0 },
};
#define COUNTED (sizeof(counted) / sizeof(counted[0]))

/* The sum over all threads. */
static long switches_of(pid_t pid)
{
	char path[64], text[8192];
	struct dirent *entry;
	DIR *directory;
	long sum = 0;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	directory = opendir(path);
	while (directory && (entry = readdir(directory))) {
		const char *at;

		if (*entry->d_name == '.')
			continue;
		snprintf(path, sizeof(path), "/proc/%d/task/%.20s/status", pid, entry->d_name);
		if (read_text(path, text, sizeof(text)) <= 0)
			continue;
		at = strstr(text, "\nvoluntary_ctxt_switches:");
		sum += at ? atol(at + 25) : 0;
		at = strstr(text, "nonvoluntary_ctxt_switches:");
		sum += at ? atol(at + 27) : 0;
	}
	if (directory)
		closedir(directory);
	return directory ? sum : -1;
}

/* NAME: makes the call and counts the supervisor's context switches, which every user may read. */
static int role_count(int argc, char **argv)
{
	pid_t supervisor = find_supervisor();
	long before, after, i, failed = 0;
	size_t k;

	if (!supervisor) {
		say("none nothing is supervised here");
		return 0;
	}
	for (k = 0; k < COUNTED - 1 && argc > 0 && strcmp(counted[k].name, argv[0]); k++)
		;
	raw_statx_unique("/", &mount_id);
	/* Calls that must reach the supervisor, to see that this is measured. */
	before = switches_of(supervisor);
	for (i = 0; i < CONTROLS; i++)
		syscall(UAPI_NR_open_tree, -1, "", 2);
	after = switches_of(supervisor);
	say("control %ld", after - before);
	sleep_ms(100);
	before = switches_of(supervisor);
	for (i = 0; i < CALLS; i++)
		failed += counted[k].call() < 0;
	after = switches_of(supervisor);
	say("end %ld %ld", after - before, failed);
	return 0;
}

const struct hostile_role count_roles[] = { { "count", role_count }, { NULL, NULL } };

static void case_count(const char *argument)
{
	const char *line, *words[] = { in_place("self"), "count", "root", argument, NULL };
	long control = 0, switches = -1, failed = 0;
	struct run run;
	size_t k;
	int out[2];

	for (k = 0; k < COUNTED - 1 && strcmp(counted[k].name, argument); k++)
		;
	if (counted[k].major && !kernel_is_at_least(counted[k].major, counted[k].minor))
		skip("this kernel answers it otherwise");
	/* Without a level, so that the filter has what this kernel needs. */
	memset(&run, 0, sizeof(run));
	must(pipe2(out, O_CLOEXEC), "pipe");
	run.out = out[0];
	run.pid = (pid_t)must(fork(), "fork");
	if (run.pid == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		execl(tool, tool, "run", "--seccomp", "--", words[0], words[1], words[2], words[3],
		      NULL);
		_exit(97);
	}
	close(out[1]);
	line = run_expect(&run, "end ", BEGIN_MS + 40000);
	if (strstr(run.text, "none "))
		skip("%.*s", (int)strcspn(strstr(run.text, "none ") + 5, "\n"),
		     strstr(run.text, "none ") + 5);
	if (!line || sscanf(line, "%ld %ld", &switches, &failed) != 2)
		broken("the test does not work here: %s", run.text);
	line = run_expect(&run, "control ", 0);
	control = line ? atol(line) : 0;
	if (control < CONTROLS / 2)
		broken("the test does not work here: %d calls that reach the supervisor are %ld "
		       "context switches of it",
		       CONTROLS, control);
	note("%ld context switches for %d calls; %ld for %d that do reach it", switches, CALLS,
	     control, CONTROLS);
	if (switches > CALLS / 20)
		broken("promise: calls that the kernel answers as Linux 7.3 never reach the "
		       "supervisor; %s does",
		       argument);
}

#define COUNT(name) \
	{ \
		"S11", "the kernel's own: " name, case_count, name, false \
	}

const struct hostile_case count_cases[] = {
	COUNT("statmount-id"),
	COUNT("statmount-fd"),
	COUNT("listns"),
	COUNT("mount_setattr"),
	COUNT("statx-unique"),
	COUNT("statx"),
	COUNT("name_to_handle_at"),
	COUNT("open_tree"),
	COUNT("ioctl"),
	COUNT("unshare"),
	{ NULL, NULL, NULL, NULL, false },
};
