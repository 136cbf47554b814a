// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench-preload.c - the cost of libmntcompat-preload.so for a program whose calls it only passes
 * on: each call through it, against libc's own function in the same process.
 * Starts itself again with LD_PRELOAD.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/bench.h"

#define CALLS 100000

typedef long syscall_function(long nr, ...);
typedef int ioctl_function(int fd, unsigned long request, ...);
typedef int statx_function(int dfd, const char *path, int flags, unsigned int mask,
			   struct statx *buf);

struct side {
	syscall_function *syscall;
	ioctl_function *ioctl;
	statx_function *statx;
};

static struct statx answer;

/* The cheapest system call of all: here the added time counts most. */
static int measure_syscall(const void *arg, unsigned int calls, double *figures)
{
	const struct side *side = arg;
	uint64_t start = bench_now();

	for (unsigned int i = 0; i < calls; i++)
		side->syscall(SYS_getppid);
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static int measure_syscall_six(const void *arg, unsigned int calls, double *figures)
{
	const struct side *side = arg;
	uint64_t start = bench_now();

	for (unsigned int i = 0; i < calls; i++)
		side->syscall(SYS_prctl, -1L, 1L, 2L, 3L, 4L, 5L);
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static int measure_ioctl(const void *arg, unsigned int calls, double *figures)
{
	const struct side *side = arg;
	uint64_t start = bench_now();

	for (unsigned int i = 0; i < calls; i++)
		side->ioctl(-1, FIONREAD, &answer);
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static int measure_statx(const void *arg, unsigned int calls, double *figures)
{
	const struct side *side = arg;
	uint64_t start = bench_now();

	for (unsigned int i = 0; i < calls; i++)
		side->statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, &answer);
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

static int preload_self(char **argv)
{
	const char *given = getenv("MNTCOMPAT_PRELOAD_LIB");
	const char *object = given ? given : ".libs/libmntcompat-preload.so";
	char path[4096];

	if (getenv("LD_PRELOAD") || !realpath(object, path)) {
		fprintf(stderr,
			"bench-preload: no %s here; say where it is with MNTCOMPAT_PRELOAD_LIB\n",
			object);
		return 1;
	}
	setenv("LD_PRELOAD", path, 1);
	execv("/proc/self/exe", argv);
	perror("bench-preload");
	return 1;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *topic, *name;
		bench_measure *measure;
	} calls[] = {
		{ "syscall()", "SYS_getppid", measure_syscall },
		{ "syscall()", "six arguments, refused", measure_syscall_six },
		{ "ioctl()", "FIONREAD, refused", measure_ioctl },
		{ "statx()", "no ids asked for", measure_statx },
	};
	static struct side preloaded, libc;
	struct bench *bench;
	Dl_info info;
	void *handle;

	preloaded.syscall = (syscall_function *)dlsym(RTLD_DEFAULT, "syscall");
	preloaded.ioctl = (ioctl_function *)dlsym(RTLD_DEFAULT, "ioctl");
	preloaded.statx = (statx_function *)dlsym(RTLD_DEFAULT, "statx");
	if (!dladdr((void *)preloaded.syscall, &info) ||
	    !strstr(info.dli_fname, "libmntcompat-preload"))
		return preload_self(argv);
	/* Only libc has getauxval(), so the symbol shows libc's file name. */
	if (!dladdr(dlsym(RTLD_DEFAULT, "getauxval"), &info) ||
	    !(handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD)))
		return 1;
	libc.syscall = (syscall_function *)dlsym(handle, "syscall");
	libc.ioctl = (ioctl_function *)dlsym(handle, "ioctl");
	libc.statx = (statx_function *)dlsym(handle, "statx");
	bench = bench_new("bench-preload", argc, argv);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		struct bench_row *own =
			bench_row(bench, calls[i].topic, 0, "%s, libc's own", calls[i].name);
		struct bench_row *row =
			bench_row(bench, calls[i].topic, 0, "%s, preloaded", calls[i].name);

		bench_case(bench, calls[i].measure, &libc, CALLS, &own, 1);
		bench_case(bench, calls[i].measure, &preloaded, CALLS, &row, 1);
		bench_against(row, own, "libc", 1.05);
	}
	return bench_run(bench);
}
