// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-probe.c - the cost of a report, and of a batch of io_uring against one file after another.
 * Mounts in a mount namespace of its own only; MNTCOMPAT_BENCH_ROOT names a system with modules
 * (lib/modules/RELEASE). Run by "make bench".
 *
 * The slow filesystem is a copy of these tables on which every opening takes as long as a round
 * trip over a network: fanotify lets it wait. Several openings wait at the same time, as they would
 * there.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mntcompat-probe.h>
#include "bench/bench.h"

#define DELAY_NS 2000000ull
#define MOST_WAITING 256

static char slow_root[64];

static int report(uint64_t flags, const char *root)
{
	const struct mntcompat_probe_options options = { .size = sizeof(options),
							 .flags = flags,
							 .root = root };
	struct mntcompat_probe *probe;
	int ret = mntcompat_probe_run(&options, &probe);

	if (ret < 0)
		return ret;
	mntcompat_probe_free(probe);
	return 0;
}

static const char *root_with_modules(void)
{
	return getenv("MNTCOMPAT_BENCH_ROOT");
}

static int whole(void)
{
	return report(0, NULL);
}

static int whole_plain(void)
{
	return report(MNTCOMPAT_PROBE_PLAIN, NULL);
}

static int features(void)
{
	return report(MNTCOMPAT_PROBE_FEATURES, NULL);
}

static int limits(void)
{
	return report(MNTCOMPAT_PROBE_LIMITS, NULL);
}

static int limits_plain(void)
{
	return report(MNTCOMPAT_PROBE_LIMITS | MNTCOMPAT_PROBE_PLAIN, NULL);
}

static int modules(void)
{
	return root_with_modules() ? report(MNTCOMPAT_PROBE_FILESYSTEMS, root_with_modules()) :
				     -ENOENT;
}

static int modules_plain(void)
{
	return root_with_modules() ? report(MNTCOMPAT_PROBE_FILESYSTEMS | MNTCOMPAT_PROBE_PLAIN,
					    root_with_modules()) :
				     -ENOENT;
}

static int slow(void)
{
	return *slow_root ? report(MNTCOMPAT_PROBE_FILESYSTEMS, slow_root) : -ENOENT;
}

static int slow_plain(void)
{
	return *slow_root ? report(MNTCOMPAT_PROBE_FILESYSTEMS | MNTCOMPAT_PROBE_PLAIN, slow_root) :
			    -ENOENT;
}

/* The time that an event loop itself waits: until submit has returned. */
static int submit(void)
{
	const struct mntcompat_probe_options options = {
		.size = sizeof(options),
		.flags = MNTCOMPAT_PROBE_FILESYSTEMS,
		.root = slow_root,
	};
	struct mntcompat_probe *probe;
	int ret = *slow_root ? mntcompat_probe_submit(&options, &probe) : -ENOENT;

	if (ret == 0)
		mntcompat_probe_free(probe);
	return ret;
}

/* Lets each opening go on when its time has come, in the order they came in. */
static void delay_openings(int fan)
{
	struct {
		int fd;
		uint64_t due;
	} waiting[MOST_WAITING];
	char room[4096] __attribute__((aligned(8)));
	size_t n = 0, i;

	for (;;) {
		struct pollfd poll_fd = { .fd = fan, .events = POLLIN };
		uint64_t now = bench_now();
		struct fanotify_event_metadata *event = (void *)room;
		struct timespec wait = { 0, 0 };
		ssize_t len = 0;

		while (n && waiting[0].due <= now) {
			struct fanotify_response answer = { .fd = waiting[0].fd,
							    .response = FAN_ALLOW };

			if (write(fan, &answer, sizeof(answer)) < 0)
				_exit(1);
			close(waiting[0].fd);
			n--;
			for (i = 0; i < n; i++)
				waiting[i] = waiting[i + 1];
		}
		if (n)
			wait.tv_nsec = (long)(waiting[0].due - now);
		if (ppoll(&poll_fd, 1, n ? &wait : NULL, NULL) > 0)
			len = read(fan, room, sizeof(room));
		for (; len > 0 && FAN_EVENT_OK(event, len); event = FAN_EVENT_NEXT(event, len)) {
			if (n == MOST_WAITING)
				_exit(1);
			waiting[n].fd = event->fd;
			waiting[n++].due = bench_now() + DELAY_NS;
		}
	}
}

static int run(const char *command)
{
	return system(command) == 0 ? 0 : -1;
}

/* A copy on a mount of its own; the delaying process ends with this program. */
static void make_slow(void)
{
	char command[512];
	int fan;

	if (!root_with_modules() || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return;
	snprintf(slow_root, sizeof(slow_root), "/tmp/mntcompat-bench.%d", getpid());
	snprintf(command, sizeof(command),
		 "cd '%s' && tar cf - --exclude='*.ko*' --exclude=source --exclude=build "
		 "lib/modules/. | tar xf - -C %s",
		 root_with_modules(), slow_root);
	fan = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC | O_LARGEFILE);
	if (fan < 0 || mkdir(slow_root, 0700) < 0 ||
	    mount("tmpfs", slow_root, "tmpfs", 0, NULL) < 0 || run(command) < 0 ||
	    fanotify_mark(fan, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN_PERM, AT_FDCWD, slow_root) <
		    0) {
		fprintf(stderr, "no slow filesystem: %s\n", strerror(errno));
		slow_root[0] = '\0';
		return;
	}
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		delay_openings(fan);
	}
	close(fan);
}

static void remove_slow(void)
{
	if (*slow_root && (umount2(slow_root, MNT_DETACH) < 0 || rmdir(slow_root) < 0))
		perror(slow_root);
}

int main(int argc, char **argv)
{
	struct bench *bench = bench_new("probe", argc, argv);
	int status;

	make_slow();
	bench_simple(bench, "a report of everything", "with io_uring", whole);
	bench_simple(bench, "a report of everything", "plain", whole_plain);
	bench_simple(bench, "its parts", "features", features);
	bench_simple(bench, "its parts", "limits (five files of procfs), with io_uring", limits);
	bench_simple(bench, "its parts", "limits, plain", limits_plain);
	bench_simple(bench, "filesystems of a system with modules", "with io_uring", modules);
	bench_simple(bench, "filesystems of a system with modules", "plain", modules_plain);
	bench_simple(bench, "the same where each opening takes 2 ms", "with io_uring", slow);
	bench_simple(bench, "the same where each opening takes 2 ms", "plain", slow_plain);
	bench_simple(bench, "the same where each opening takes 2 ms", "submit alone", submit);
	status = bench_run(bench);
	remove_slow();
	return status;
}
