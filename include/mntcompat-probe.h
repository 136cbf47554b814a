/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat-probe.h - the public interface of libmntcompat-probe: reports on the mount features,
 * filesystems and limits of a process. It needs <mntcompat.h> and no other header of the library.
 */
#ifndef MNTCOMPAT_PROBE_H
#define MNTCOMPAT_PROBE_H

#include <stddef.h>
#include <stdint.h>

#include <mntcompat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A report, submitted or finished. Only one thread at a time may use it. */
struct mntcompat_probe;

/* mntcompat_probe_options.flags: parts of the report; without any of them, all parts */
#define MNTCOMPAT_PROBE_FEATURES 0x01u
#define MNTCOMPAT_PROBE_FILESYSTEMS 0x02u
#define MNTCOMPAT_PROBE_LIMITS 0x04u
/* Load the modules of filesystems that are loadable and not blacklisted; needs CAP_SYS_MODULE. */
#define MNTCOMPAT_PROBE_LOAD 0x10u
/* Read files one after the other, even if io_uring is available. */
#define MNTCOMPAT_PROBE_PLAIN 0x20u

struct mntcompat_probe_options {
	size_t size;		    /* sizeof(struct mntcompat_probe_options) */
	uint64_t flags;		    /* MNTCOMPAT_PROBE_* */
	const char *kernel_release; /* filesystems of this kernel; NULL: the running one, or the
				       newest one in @root */
	const char *
		root; /* filesystems of the system installed in this directory; NULL: this system */
	const char *const *filesystems; /* types, terminated by NULL; NULL: a list of common ones */
	const char *const *features;	/* names, terminated by NULL; NULL: all */
};

enum mntcompat_probe_state {
	MNTCOMPAT_PROBE_NATIVE = 1,	/* the kernel's own call */
	MNTCOMPAT_PROBE_EMULATED = 2,	/* the library emulates it */
	MNTCOMPAT_PROBE_PARTLY = 3,	/* the library emulates a part of it */
	MNTCOMPAT_PROBE_UNAVAILABLE = 4 /* the call fails */
};

enum mntcompat_probe_reason {
	MNTCOMPAT_PROBE_NO_REASON = 0,
	MNTCOMPAT_PROBE_KERNEL = 1, /* the kernel lacks it, and it cannot be emulated */
	MNTCOMPAT_PROBE_FILTER = 2, /* a system call filter refuses it */
	MNTCOMPAT_PROBE_PRIVILEGE =
		3,		    /* this process lacks the privilege to use it, or to find out */
	MNTCOMPAT_PROBE_PROCFS = 4, /* there is no procfs at /proc */
	MNTCOMPAT_PROBE_USER_NAMESPACE = 5, /* user namespaces are switched off */
	MNTCOMPAT_PROBE_LIMIT = 6,	    /* a limit of namespaces, processes or memory */
	MNTCOMPAT_PROBE_FILES = 7,	    /* no file descriptor is free */
	MNTCOMPAT_PROBE_UNKNOWN = 8	    /* the library could not find out */
};

/* A feature, as this process has it. Later versions may add fields at the end. */
struct mntcompat_probe_feature {
	const char *name;    /* "open_tree.namespace" */
	const char *since;   /* first kernel that has it: "7.0" */
	const char *purpose; /* its use in the library */
	enum mntcompat_probe_state state;
	enum mntcompat_way way; /* MNTCOMPAT_WAY_NONE when unavailable */
	uint64_t lost_bits;	/* statmount: MNTCOMPAT_STATMOUNT_* that are never answered */
	const char *lost;	/* partly: the part that is lost, in words; else "" */
	enum mntcompat_probe_reason reason; /* unavailable: why */
	int error;			    /* errno of the call, 0 if it was not made */
	const char *detail;		    /* the same in words, for people; may be "" */
};

enum mntcompat_probe_filesystem_state {
	MNTCOMPAT_PROBE_FS_REGISTERED =
		1,			 /* the running kernel has it, built in or from a module */
	MNTCOMPAT_PROBE_FS_BUILTIN = 2,	 /* part of the kernel */
	MNTCOMPAT_PROBE_FS_LOADED = 3,	 /* a module that is loaded */
	MNTCOMPAT_PROBE_FS_LOADABLE = 4, /* a module that mount(2) would load */
	MNTCOMPAT_PROBE_FS_BLACKLISTED = 5, /* a module that only its own name would load */
	MNTCOMPAT_PROBE_FS_MISSING = 6,	    /* neither in the kernel nor in a module */
	MNTCOMPAT_PROBE_FS_UNKNOWN = 7	    /* the library could not find out: see the troubles */
};

struct mntcompat_probe_filesystem {
	const char *type; /* "overlay" */
	enum mntcompat_probe_filesystem_state state;
	const char *module;	    /* its name, or NULL */
	const char *file;	    /* the module's file, or NULL */
	const char *const *depends; /* modules it needs, terminated by NULL; never NULL itself */
	int load_error; /* MNTCOMPAT_PROBE_LOAD: why it was not loaded, a positive errno; else 0 */
	const char *detail; /* for people; may be "" */
};

struct mntcompat_probe_limit {
	const char *name; /* "user.max_mnt_namespaces" */
	int known;	  /* 0: this system has no such limit, or it cannot be read */
	uint64_t value;
	int bites;	    /* calls of this process fail because of it */
	const char *detail; /* its effect on this process; may be "" */
};

/**
 * mntcompat_probe_run - make a report, and wait until it is finished
 * @options: NULL for a complete report about this system
 * @probe:   receives the report; release it with mntcompat_probe_free()
 *
 * The report describes the calling process at this moment and does not depend on the kernel's
 * version. A short-lived child, which causes no SIGCHLD and leaves no zombie, makes the calls. It
 * makes each emulated call once and undoes it, and makes no call for which it lacks the privilege.
 * Modules are only loaded with MNTCOMPAT_PROBE_LOAD. A file that cannot be read is not an error;
 * mntcompat_probe_trouble() reports it.
 *
 * Returns 0, or -errno, which is in errno as well: EINVAL (options), ENOENT (no such root or
 * release), ENOMEM, EMFILE, ENFILE, EACCES.
 */
int mntcompat_probe_run(const struct mntcompat_probe_options *options,
			struct mntcompat_probe **probe);

/**
 * mntcompat_probe_submit - begin a report, for programs with an event loop
 *
 * As mntcompat_probe_run(), but returns at once. Wait until mntcompat_probe_fd() is readable, then
 * call mntcompat_probe_reap().
 */
int mntcompat_probe_submit(const struct mntcompat_probe_options *options,
			   struct mntcompat_probe **probe);

/** mntcompat_probe_fd - a file descriptor that becomes readable when reap will not wait; owned by
 * the report, -1 after reaping */
int mntcompat_probe_fd(const struct mntcompat_probe *probe);

/**
 * mntcompat_probe_reap - finish a report that was submitted
 *
 * Returns 0, -EAGAIN if the report cannot be finished yet, or -errno as mntcompat_probe_run().
 * Waits only for libkmod, which reads tables that were read just before.
 */
int mntcompat_probe_reap(struct mntcompat_probe *probe);

/** mntcompat_probe_free - release a report and all its rows; an unfinished report is abandoned;
 * NULL does nothing */
void mntcompat_probe_free(struct mntcompat_probe *probe);

/*
 * The row with that number, from 0 on; NULL after the last one, and before the report is finished.
 * Rows are valid as long as the report.
 */
const struct mntcompat_probe_feature *mntcompat_probe_feature(const struct mntcompat_probe *probe,
							      size_t row);
const struct mntcompat_probe_filesystem *mntcompat_probe_filesystem(
	const struct mntcompat_probe *probe, size_t row);
const struct mntcompat_probe_limit *mntcompat_probe_limit(const struct mntcompat_probe *probe,
							  size_t row);
/* A sentence about a problem that kept the library from finding something out, with a remedy. */
const char *mntcompat_probe_trouble(const struct mntcompat_probe *probe, size_t row);

/** mntcompat_probe_find - the row of the feature with that name, or NULL */
const struct mntcompat_probe_feature *mntcompat_probe_find(const struct mntcompat_probe *probe,
							   const char *name);

/** mntcompat_probe_release - the kernel release whose filesystems are reported */
const char *mntcompat_probe_release(const struct mntcompat_probe *probe);

/** mntcompat_probe_batch - how files were read: "io_uring" or "plain" */
const char *mntcompat_probe_batch(const struct mntcompat_probe *probe);

/* The words that JSON and the tool use; "unknown" for a number that is not in the enumeration. */
const char *mntcompat_probe_state_name(enum mntcompat_probe_state state);
const char *mntcompat_probe_reason_name(enum mntcompat_probe_reason reason);
const char *mntcompat_probe_filesystem_state_name(enum mntcompat_probe_filesystem_state state);

/**
 * mntcompat_probe_json - the report as JSON, according to mntcompat-probe-1.schema.json
 * @text: receives the text; release it with free(3)
 *
 * Returns 0, -EAGAIN for a report that is not finished, or -ENOMEM.
 */
int mntcompat_probe_json(const struct mntcompat_probe *probe, char **text);

#ifdef __cplusplus
}
#endif

#endif /* MNTCOMPAT_PROBE_H */
