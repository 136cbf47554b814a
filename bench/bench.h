/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bench.h - a small harness: cases take turns in rounds; medians and ratios to peers of the run.
 * Touches the clock, stdout and the file of results.
 */
#ifndef MNTCOMPAT_BENCH_BENCH_H
#define MNTCOMPAT_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#define BENCH_FIGURES 32 /* what one case can measure at a time */

struct bench;
struct bench_row;

/* The options of the command line. */
struct bench_options {
	unsigned int rounds;	/* counted ones; two more before them are not */
	unsigned int round_us;	/* how long one case may take in a round */
	unsigned int counts[8]; /* mounts in the caller's namespace, the base first */
	unsigned int n_counts;
	bool shared; /* make every mount shared, as systemd does */
	bool quick;
	const char *output; /* JSON lines, or NULL */
};

/* bench_new - read the command line; ends the program with a usage text if it cannot be read. */
struct bench *bench_new(const char *name, int argc, char **argv);
const struct bench_options *bench_options(const struct bench *bench);

/*
 * bench_row - a line of the table, below the heading @topic. @mounts is shown as a column of its
 * own (0: not shown).
 */
struct bench_row *bench_row(struct bench *bench, const char *topic, unsigned int mounts,
			    const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * bench_against - compare @row with @peer, which is called @name there. The ratio is the median of
 * the rounds' ratios. With @target > 0 the table shows whether the ratio is at most that.
 */
void bench_against(struct bench_row *row, const struct bench_row *peer, const char *name,
		   double target);

/* bench_skip - no figures in this row, and why. */
void bench_skip(struct bench_row *row, const char *reason);

/*
 * A case does its work @calls times and puts the mean time of each of its rows (in ns) into
 * @figures. Returns 0 or -errno, which ends the case and is shown in its rows.
 */
typedef int bench_measure(const void *arg, unsigned int calls, double *figures);

/*
 * bench_case - @rows belong to the case, figures[i] to the i-th. @arg is not copied. At most @max
 * calls a round.
 */
void bench_case(struct bench *bench, bench_measure *measure, const void *arg, unsigned int max,
		struct bench_row *const *rows, unsigned int n_rows);

/* bench_simple - a row with a case of its own: @once again and again, until it returns below 0. */
void bench_simple(struct bench *bench, const char *topic, const char *name, int (*once)(void));

/* bench_run - all rounds, then the table and the file. Returns the program's exit status. */
int bench_run(struct bench *bench);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t bench_now(void);

#endif
