// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * cmd-run.c - "mntcompat run": runs an unmodified program as if the kernel had the mount calls of
 * Linux 7.3, with the preload or supervised. It reads the command's file to choose.
 * mntcompat-run(1) documents its exit statuses. Uses <mntcompat.h>, supervisor/ and libc.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <mntcompat.h>
#include "supervisor/supervisor.h"
#include "tools/tool.h"

#define PRELOAD_NAME "libmntcompat-preload.so"
#define SCRIPTS_MOST 5 /* that name each other as interpreter; the kernel stops there too */
#define HEADERS_MOST 64
#define NOTES_MOST 4096

#ifdef __LP64__
typedef Elf64_Ehdr elf_header;
typedef Elf64_Phdr elf_segment;
typedef Elf64_Nhdr elf_note;
#define OWN_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr elf_header;
typedef Elf32_Phdr elf_segment;
typedef Elf32_Nhdr elf_note;
#define OWN_CLASS ELFCLASS32
#endif

static const struct advice supervisor_advice[] = {
	{ ENOSYS,
	  "seccomp user notification needs Linux 5.9; use --preload for dynamically linked programs",
	  NULL },
	{ EBUSY,
	  "this process is supervised already, and the kernel allows one listener for a process",
	  NULL },
	{ ENOENT, "mount procfs on /proc in this pid namespace", NULL },
	{ 0, NULL, NULL },
};

/* --- what the command is --- */

enum kind {
	KIND_LIBC,	 /* it makes system calls through libc, so the preload answers it */
	KIND_RAW,	 /* it makes system calls without libc, or with one that takes no preload */
	KIND_PRIVILEGED, /* it has more rights than its caller */
	KIND_UNKNOWN,
};

/* Finds the file of a command as execvp(3) does. */
static bool find_command(const char *command, char *path, size_t size)
{
	const char *at = getenv("PATH");

	if (strchr(command, '/'))
		return (size_t)snprintf(path, size, "%s", command) < size;
	for (at = at ? at : "/bin:/usr/bin"; at; at = strchr(at, ':'), at = at ? at + 1 : NULL) {
		int length = (int)strcspn(at, ":");

		if ((size_t)snprintf(path, size, "%.*s%s%s", length, at, length ? "/" : "",
				     command) < size &&
		    access(path, X_OK) == 0)
			return true;
	}
	return false;
}

/* True for Go programs, which may be dynamically linked but make system calls without libc. */
static bool is_go(int fd, const elf_segment *segment)
{
	union {
		elf_note note;
		char bytes[NOTES_MOST];
	} notes;
	ssize_t n = pread(fd, &notes,
			  sizeof(notes) < segment->p_filesz ? sizeof(notes) : segment->p_filesz,
			  (off_t)segment->p_offset);
	size_t at = 0;

	while (n > 0 && at + sizeof(elf_note) <= (size_t)n) {
		elf_note note;

		memcpy(&note, notes.bytes + at, sizeof(note));
		at += sizeof(note);
		if (note.n_namesz == 4 && at + 4 <= (size_t)n &&
		    memcmp(notes.bytes + at, "Go\0", 4) == 0)
			return true;
		if (note.n_namesz > NOTES_MOST || note.n_descsz > NOTES_MOST)
			break;
		at += ((note.n_namesz + 3u) & ~3u) + ((note.n_descsz + 3u) & ~3u);
	}
	return false;
}

struct own_program {
	const char *interpreter; /* NULL: the tool is static */
	elf_header header;
};

static int look_at_own(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct own_program *own = arg;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			own->interpreter =
				(const char *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr);
	}
	/* The program itself comes first. */
	return 1;
}

/*
 * True if the dynamic linker @name takes the preload, which was built with the tool: it is the
 * tool's own, or musl's and both have structures of 64 bits. Another libc would end the program.
 */
static bool takes_preload(const char *name, const char *own)
{
	const char *base = strrchr(name, '/');
	struct stat theirs, ours;

	if (!own || strcmp(name, own) == 0)
		return true;
	if (stat(name, &theirs) == 0 && stat(own, &ours) == 0 && theirs.st_dev == ours.st_dev &&
	    theirs.st_ino == ours.st_ino)
		return true;
#if defined(__GLIBC__) && defined(__LP64__)
	return base && strncmp(base, "/ld-musl-", 9) == 0;
#else
	(void)base;
	return false;
#endif
}

/* Reads the name of the dynamic linker. */
static bool takes_preload_by(int fd, const elf_segment *segment, const char *own)
{
	char name[PATH_MAX];
	size_t size = segment->p_filesz;

	if (size < 2 || size > sizeof(name) ||
	    pread(fd, name, size, (off_t)segment->p_offset) != (ssize_t)size || name[size - 1])
		return false;
	return takes_preload(name, own);
}

static enum kind look_at_elf(int fd, const elf_header *header)
{
	bool dynamic = false, go = false;
	struct own_program own = { .interpreter = NULL };
	elf_segment segment;
	int i, self = open_file("/proc/self/exe", O_RDONLY);

	dl_iterate_phdr(look_at_own, &own);
	own.header.e_machine = header->e_machine;
	if (self >= 0) {
		if (pread(self, &own.header, sizeof(own.header), 0) != sizeof(own.header))
			own.header.e_machine = header->e_machine;
		close(self);
	}
	/* The preload is built for one machine and word size. */
	if (header->e_ident[EI_CLASS] != OWN_CLASS || header->e_machine != own.header.e_machine ||
	    header->e_phentsize != sizeof(segment))
		return KIND_RAW;
	for (i = 0; i < header->e_phnum && i < HEADERS_MOST; i++) {
		if (pread(fd, &segment, sizeof(segment),
			  (off_t)(header->e_phoff + (unsigned)i * sizeof(segment))) !=
		    sizeof(segment))
			return KIND_UNKNOWN;
		dynamic |= segment.p_type == PT_INTERP &&
			   takes_preload_by(fd, &segment, own.interpreter);
		go |= segment.p_type == PT_NOTE && is_go(fd, &segment);
	}
	return dynamic && !go ? KIND_LIBC : KIND_RAW;
}

/*
 * Opens what the kernel would execute: nothing but a regular file. To open another one may wait, as
 * for the writer of a FIFO, or have an effect, and a script may name it.
 */
static int open_program(const char *path, struct stat *st)
{
	int fd;

	if (stat(path, st) < 0 || !S_ISREG(st->st_mode))
		return -1;
	fd = open_file(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* @next receives the interpreter of a script, or "". */
static enum kind look_at_file(const char *path, char *next, size_t size)
{
	union {
		elf_header header;
		char text[PATH_MAX];
	} start;
	enum kind kind = KIND_UNKNOWN;
	struct stat st;
	int fd = open_program(path, &st);
	ssize_t n;

	*next = 0;
	if (fd < 0)
		return KIND_UNKNOWN;
	n = pread(fd, &start, sizeof(start) - 1, 0);
	if (n > 2 && start.text[0] == '#' && start.text[1] == '!') {
		const char *word;

		start.text[n] = 0;
		word = start.text + 2 + strspn(start.text + 2, " \t");
		snprintf(next, size, "%.*s", (int)strcspn(word, " \t\n"), word);
		kind = KIND_LIBC;
	} else if (((st.st_mode & S_ISUID && st.st_uid != geteuid()) ||
		    (st.st_mode & S_ISGID && st.st_mode & S_IXGRP && st.st_gid != getegid()) ||
		    fgetxattr(fd, "security.capability", NULL, 0) > 0)) {
		kind = KIND_PRIVILEGED;
	} else if (n >= (ssize_t)sizeof(start.header) &&
		   memcmp(start.header.e_ident, ELFMAG, SELFMAG) == 0) {
		kind = look_at_elf(fd, &start.header);
	}
	close(fd);
	return kind;
}

static enum kind look_at_command(const char *command)
{
	char path[PATH_MAX], next[PATH_MAX];
	enum kind kind = KIND_UNKNOWN;
	int i;

	if (!find_command(command, path, sizeof(path)))
		return KIND_UNKNOWN;
	for (i = 0; i < SCRIPTS_MOST; i++) {
		kind = look_at_file(path, next, sizeof(next));
		if (!*next)
			return kind;
		memcpy(path, next, sizeof(path));
	}
	return kind;
}

/* --- the two ways --- */

/* In the build directory the object is beside the tool. */
static bool find_preload(char *path, size_t size)
{
	const char *given = secure_getenv("MNTCOMPAT_PRELOAD_LIB");
	ssize_t n;
	char *name;

	if (given && *given)
		return (size_t)snprintf(path, size, "%s", given) < size && access(path, R_OK) == 0;
	n = readlink("/proc/self/exe", path, size - 1);
	if (n > 0) {
		path[n] = 0;
		name = strrchr(path, '/') + 1;
		if (name - path >= 7 && memcmp(name - 7, "/.libs/", 7) == 0 &&
		    (size_t)snprintf(name, size - (size_t)(name - path), "%s", PRELOAD_NAME) <
			    size - (size_t)(name - path) &&
		    access(path, R_OK) == 0)
			return true;
	}
	return (size_t)snprintf(path, size, "%s/%s", PRELOAD_DIR, PRELOAD_NAME) < size &&
	       access(path, R_OK) == 0;
}

static bool set_preload(const char *object)
{
	const char *others = getenv("LD_PRELOAD");
	char *all;
	bool ok;

	if (asprintf(&all, "%s%s%s", object, others && *others ? ":" : "", others ? others : "") <
	    0)
		return false;
	ok = setenv("LD_PRELOAD", all, 1) == 0;
	free(all);
	/* The preload reads its options from the environment. */
	if (tool_options.mode)
		ok &= setenv("MNTCOMPAT_MODE", tool_options.mode, 1) == 0;
	if (tool_options.kernel)
		ok &= setenv("MNTCOMPAT_KERNEL", tool_options.kernel, 1) == 0;
	if (tool_options.verbose)
		ok &= setenv("MNTCOMPAT_DEBUG", tool_options.verbose > 1 ? "2" : "1", 1) == 0;
	return ok;
}

static int run_preloaded(const char *object, char **command)
{
	if (tool_options.verbose)
		report("%s runs with the preload %s", command[0], object);
	if (!set_preload(object)) {
		complain(NULL, ENOMEM, "cannot set LD_PRELOAD");
		return EXIT_OURS;
	}
	return run_command(command, NULL);
}

static void complain_supervisor(int error, const char *what, const char *command)
{
	complain(supervisor_advice, error, "cannot supervise %s%s%s", command, *what ? ": " : "",
		 what);
}

/* @fallback: run the command as it is if it cannot be supervised. */
static int run_supervised(char **command, bool fallback)
{
	bool no_new_privs;
	char what[80];
	int ret;

	if (!supervisor_is_needed()) {
		if (tool_options.verbose)
			report("the kernel has all calls; %s is not supervised", command[0]);
		return run_command(command, NULL);
	}
	ret = supervisor_start(command, &no_new_privs, what, sizeof(what));
	if (ret < 0) {
		complain_supervisor(-ret, what, command[0]);
		if (!fallback)
			return EXIT_OURS;
		report("%s runs with this kernel's own mount calls", command[0]);
	} else if (tool_options.verbose) {
		report("%s is supervised%s", command[0],
		       no_new_privs ? " with no_new_privs: set-user-ID programs gain no privilege" :
				      "");
	}
	return run_command(command, NULL);
}

static int run_by_kind(char **command)
{
	char object[PATH_MAX];
	enum kind kind;

	if (!supervisor_is_needed())
		return run_command(command, NULL);
	kind = look_at_command(command[0]);
	if (kind == KIND_PRIVILEGED && geteuid() != 0) {
		report("cannot run %s: it has more rights than you, so it would ignore the preload, "
		       "and would lose its rights if supervised; run this as root",
		       command[0]);
		return EXIT_OURS;
	}
	/* If the file cannot be found or read, exec reports the error. */
	if ((kind == KIND_LIBC || kind == KIND_UNKNOWN) && find_preload(object, sizeof(object)))
		return run_preloaded(object, command);
	return run_supervised(command, true);
}

enum { KEY_PRELOAD = LONG_ONLY, KEY_SECCOMP, KEY_AUTO };

static const struct option_row options[] = {
	{ "preload", KEY_PRELOAD, VALUES_NONE, false, NULL,
	  "with a preloaded object: for programs that use libc" },
	{ "seccomp", KEY_SECCOMP, VALUES_NONE, false, NULL,
	  "with a supervisor: for static programs, Go, and others that make system calls without libc" },
	{ "auto", KEY_AUTO, VALUES_NONE, false, NULL, "choose by the kind of COMMAND (default)" },
	{ NULL, 0, VALUES_NONE, false, NULL, NULL },
};

static int run(int argc, char **argv)
{
	char object[PATH_MAX];
	int option, way = KEY_AUTO;

	while ((option = next_option(&command_run, argc, argv)) != -1)
		way = option;
	if (optind >= argc)
		return usage_error(&command_run, "run needs a command");
	if (way == KEY_SECCOMP)
		return run_supervised(argv + optind, false);
	if (way == KEY_AUTO)
		return run_by_kind(argv + optind);
	if (!find_preload(object, sizeof(object))) {
		complain(NULL, ENOENT, "cannot find the preload %s", object);
		return EXIT_OURS;
	}
	return run_preloaded(object, argv + optind);
}

const struct command command_run = {
	.name = "run",
	.arguments = "[OPTION...] [--] COMMAND [ARG...]",
	.summary = "run an unmodified program as if the kernel had the mount calls of Linux 7.3",
	.options = options,
	.operands = { VALUES_COMMAND, VALUES_COMMAND },
	.usage_status = EXIT_OURS,
	.run = run,
};
