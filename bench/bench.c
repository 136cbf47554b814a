// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bench.c - runs cases in interleaved rounds and prints one table, and the same as JSON lines.
 * Touches the clock, stdout, stderr and the file of results.
 *
 * Machines are shared and noisy, so the cases to compare are measured in turns within one run, the
 * median counts, and a ratio is the median of the ratios of the single rounds (both sides had the
 * same conditions).
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

#define MAX_ROWS 512
#define MAX_CASES 256
#define MAX_ROUNDS 1000
#define MAX_PEERS 4
#define WARM_UP 2

struct comparison {
	const struct bench_row *peer;
	const char *name;
	double target;
};

struct bench_row {
	char topic[96], name[96];
	unsigned int mounts;
	unsigned int calls; /* of one round */
	char skipped[96];
	struct comparison against[MAX_PEERS];
	unsigned int n_against;
	double *ns; /* one value a round */
	unsigned int n;
};

struct one_case {
	bench_measure *measure;
	const void *arg;
	unsigned int max, calls;
	struct bench_row *rows[BENCH_FIGURES];
	unsigned int n_rows;
	bool failed;
};

struct simple {
	int (*once)(void);
};

struct bench {
	const char *name;
	struct bench_options options;
	struct bench_row *rows[MAX_ROWS];
	unsigned int n_rows;
	struct one_case cases[MAX_CASES];
	unsigned int n_cases;
	FILE *file;
};

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

uint64_t bench_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void usage(const char *name)
{
	fprintf(stderr,
		"usage: %s [OPTION...]\n"
		"  --rounds N      rounds that count, at least 5 (15)\n"
		"  --round-ms N    how long a case may take in a round (20)\n"
		"  --mounts LIST   mounts in the caller's namespace, base first (20,1000,5000)\n"
		"  --shared        with shared propagation, as systemd has it\n"
		"  --quick         5 rounds of 5 ms\n"
		"  --output FILE   all figures as JSON lines\n",
		name);
	exit(2);
}

static unsigned int number(const char *name, const char **text)
{
	char *end;
	unsigned long n = strtoul(*text, &end, 10);

	if (end == *text || n == 0 || n > 100000)
		usage(name);
	*text = end;
	return (unsigned int)n;
}

struct bench *bench_new(const char *name, int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	struct bench_options *o;
	int i;

	if (!bench)
		die("no memory");
	bench->name = name;
	o = &bench->options;
	*o = (struct bench_options){
		.rounds = 15, .round_us = 20000, .counts = { 20, 1000, 5000 }, .n_counts = 3
	};
	for (i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (!strcmp(argv[i], "--shared")) {
			o->shared = true;
			continue;
		}
		if (!strcmp(argv[i], "--quick")) {
			o->quick = true;
			o->rounds = 5;
			o->round_us = 5000;
			continue;
		}
		i++;
		if (!strcmp(argv[i - 1], "--rounds")) {
			o->rounds = number(name, &value);
		} else if (!strcmp(argv[i - 1], "--round-ms")) {
			o->round_us = 1000 * number(name, &value);
		} else if (!strcmp(argv[i - 1], "--output") && *value) {
			o->output = value;
			value = "";
		} else if (!strcmp(argv[i - 1], "--mounts")) {
			for (o->n_counts = 0; o->n_counts < 8;) {
				o->counts[o->n_counts++] = number(name, &value);
				if (*value != ',')
					break;
				value++;
			}
		} else {
			usage(name);
		}
		if (*value)
			usage(name);
	}
	if (o->rounds < 5 || o->rounds > MAX_ROUNDS)
		usage(name);
	/* Now, since the program may leave this mount namespace. */
	if (o->output) {
		bench->file = fopen(o->output, "we");
		if (!bench->file) {
			fprintf(stderr, "bench: %s: %s\n", o->output, strerror(errno));
			exit(1);
		}
	}
	return bench;
}

const struct bench_options *bench_options(const struct bench *bench)
{
	return &bench->options;
}

struct bench_row *bench_row(struct bench *bench, const char *topic, unsigned int mounts,
			    const char *format, ...)
{
	struct bench_row *row = calloc(1, sizeof(*row));
	va_list args;

	if (!row || bench->n_rows == MAX_ROWS)
		die("too many rows");
	row->ns = calloc(MAX_ROUNDS, sizeof(*row->ns));
	if (!row->ns)
		die("no memory");
	snprintf(row->topic, sizeof(row->topic), "%s", topic);
	va_start(args, format);
	vsnprintf(row->name, sizeof(row->name), format, args);
	va_end(args);
	row->mounts = mounts;
	bench->rows[bench->n_rows++] = row;
	return row;
}

void bench_against(struct bench_row *row, const struct bench_row *peer, const char *name,
		   double target)
{
	if (row == peer || !peer)
		return;
	if (row->n_against == MAX_PEERS)
		die("too many comparisons");
	row->against[row->n_against++] = (struct comparison){ peer, name, target };
}

void bench_skip(struct bench_row *row, const char *reason)
{
	snprintf(row->skipped, sizeof(row->skipped), "%s", reason);
}

void bench_case(struct bench *bench, bench_measure *measure, const void *arg, unsigned int max,
		struct bench_row *const *rows, unsigned int n_rows)
{
	struct one_case *one = &bench->cases[bench->n_cases];

	if (bench->n_cases == MAX_CASES || n_rows > BENCH_FIGURES)
		die("too many cases");
	bench->n_cases++;
	*one = (struct one_case){ .measure = measure, .arg = arg, .max = max, .n_rows = n_rows };
	memcpy(one->rows, rows, n_rows * sizeof(*rows));
}

/*
 * This case must not pay for memory that the kernel still frees after the case before: wait until
 * RCU is through (as a global membarrier does), and a moment for its callbacks.
 */
static void settle(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		syscall(SYS_membarrier, 1l /* MEMBARRIER_CMD_GLOBAL */, 0l);
		usleep(1000);
	}
}

static int measure_simple(const void *arg, unsigned int calls, double *figures)
{
	const struct simple *simple = arg;
	uint64_t start = bench_now();
	unsigned int i;

	for (i = 0; i < calls; i++)
		if (simple->once() < 0)
			return -errno;
	figures[0] = (double)(bench_now() - start) / calls;
	return 0;
}

void bench_simple(struct bench *bench, const char *topic, const char *name, int (*once)(void))
{
	struct bench_row *row = bench_row(bench, topic, 0, "%s", name);
	struct simple *simple = malloc(sizeof(*simple));

	if (!simple)
		die("no memory");
	simple->once = once;
	bench_case(bench, measure_simple, simple, 10000, &row, 1);
}

static void measure(struct bench *bench, struct one_case *one, bool counts)
{
	double figures[BENCH_FIGURES] = { 0 };
	uint64_t start, spent;
	unsigned int i;
	int ret;

	if (one->failed)
		return;
	if (!one->calls)
		one->calls = 1;
	settle();
	start = bench_now();
	ret = one->measure(one->arg, one->calls, figures);
	spent = bench_now() - start;
	if (ret < 0) {
		one->failed = true;
		for (i = 0; i < one->n_rows; i++) {
			if (!one->rows[i]->skipped[0])
				bench_skip(one->rows[i], strerror(-ret));
			one->rows[i]->n = 0;
		}
		return;
	}
	if (!counts) {
		/* The warm-up finds out how many calls make a round. */
		double calls = bench->options.round_us * 1000.0 * one->calls / (double)spent;

		one->calls = calls < 2 ? 2 : (unsigned int)(calls + 0.5);
		if (one->calls > one->max)
			one->calls = one->max;
		return;
	}
	for (i = 0; i < one->n_rows; i++) {
		one->rows[i]->ns[one->rows[i]->n++] = figures[i];
		one->rows[i]->calls = one->calls;
	}
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

struct summary {
	double min, quarter, median, three_quarters, max;
};

/* @p of the way through sorted values, between two of them if need be. */
static double quantile(const double *sorted, unsigned int n, double p)
{
	double at = p * (n - 1);
	unsigned int i = (unsigned int)at;

	return i + 1 < n ? sorted[i] + (at - i) * (sorted[i + 1] - sorted[i]) : sorted[n - 1];
}

static struct summary summarize(const double *values, unsigned int n)
{
	double sorted[MAX_ROUNDS];

	memcpy(sorted, values, n * sizeof(*values));
	qsort(sorted, n, sizeof(*sorted), ascending);
	return (struct summary){ sorted[0], quantile(sorted, n, 0.25), quantile(sorted, n, 0.5),
				 quantile(sorted, n, 0.75), sorted[n - 1] };
}

static bool compare(const struct bench_row *row, const struct bench_row *peer,
		    struct summary *ratio)
{
	double ratios[MAX_ROUNDS];
	unsigned int i;

	if (!row->n || peer->n != row->n)
		return false;
	for (i = 0; i < row->n; i++)
		ratios[i] = row->ns[i] / peer->ns[i];
	*ratio = summarize(ratios, row->n);
	return true;
}

static void print_comparison(const struct bench_row *row, const struct comparison *against)
{
	struct summary r;

	if (!compare(row, against->peer, &r))
		return;
	printf("%57s %9.3fx %9.3f  %10.3f .. %-10.3f %s", "", r.median, r.min, r.quarter,
	       r.three_quarters, against->name);
	if (r.median < 0.7)
		printf(", %.*fx faster", r.median < 0.1 ? 0 : 1, 1 / r.median);
	if (against->target > 0)
		printf(" [%s: at most %.3gx]", r.median <= against->target ? "met" : "MISSED",
		       against->target);
	printf("\n");
}

static void print_row(const struct bench_row *row)
{
	char mounts[16] = "";
	unsigned int k;

	if (row->mounts)
		snprintf(mounts, sizeof(mounts), "%u", row->mounts);
	printf("  %-48s %6s ", row->name, mounts);
	if (row->n) {
		struct summary s = summarize(row->ns, row->n);

		printf("%10.2f %10.2f  %10.2f .. %-10.2f\n", s.median / 1000, s.min / 1000,
		       s.quarter / 1000, s.three_quarters / 1000);
	} else {
		printf("%10s  %s\n", "-", row->skipped[0] ? row->skipped : "not measured");
	}
	for (k = 0; k < row->n_against; k++)
		print_comparison(row, &row->against[k]);
}

/* Topics in the order of their first rows. */
static void print_table(const struct bench *bench)
{
	bool printed[MAX_ROWS] = { false };
	unsigned int i, k;

	for (i = 0; i < bench->n_rows; i++) {
		if (printed[i])
			continue;
		printf("\n%s\n  %-48s %6s %10s %10s  %10s .. %-10s\n", bench->rows[i]->topic, "",
		       "mounts", "median us", "min", "quarter", "3 quarters");
		for (k = i; k < bench->n_rows; k++) {
			if (strcmp(bench->rows[i]->topic, bench->rows[k]->topic))
				continue;
			printed[k] = true;
			print_row(bench->rows[k]);
		}
	}
	printf("\n");
}

static void write_string(FILE *f, const char *key, const char *value)
{
	fprintf(f, "\"%s\": \"", key);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			fputc('\\', f);
		if ((unsigned char)*value >= ' ')
			fputc(*value, f);
	}
	fputs("\"", f);
}

static void write_file(const struct bench *bench, const char *kernel, const char *date)
{
	FILE *f = bench->file;
	unsigned int i, k;

	for (i = 0; i < bench->n_rows; i++) {
		const struct bench_row *row = bench->rows[i];
		struct summary s;
		bool comma = false;

		fputs("{ ", f);
		write_string(f, "bench", bench->name);
		fputs(", ", f);
		write_string(f, "kernel", kernel);
		fputs(", ", f);
		write_string(f, "date", date);
		fputs(", ", f);
		write_string(f, "topic", row->topic);
		fputs(", ", f);
		write_string(f, "case", row->name);
		fprintf(f, ", \"mounts\": %u, \"shared\": %s", row->mounts,
			bench->options.shared ? "true" : "false");
		if (!row->n) {
			fputs(", ", f);
			write_string(f, "skipped", row->skipped);
			fputs(" }\n", f);
			continue;
		}
		s = summarize(row->ns, row->n);
		fprintf(f, ", \"calls\": %u, \"median_ns\": %.1f", row->calls, s.median);
		fprintf(f, ", \"min_ns\": %.1f, \"max_ns\": %.1f, \"rounds_ns\": [", s.min, s.max);
		for (k = 0; k < row->n; k++)
			fprintf(f, "%s%.1f", k ? ", " : "", row->ns[k]);
		fputs("], \"against\": [", f);
		for (k = 0; k < row->n_against; k++) {
			const struct comparison *c = &row->against[k];

			if (!compare(row, c->peer, &s))
				continue;
			fprintf(f, "%s{ ", comma ? ", " : "");
			comma = true;
			write_string(f, "peer", c->name);
			fprintf(f, ", \"ratio\": %.5f, \"min\": %.5f, \"max\": %.5f", s.median,
				s.min, s.max);
			if (c->target > 0)
				fprintf(f, ", \"target\": %.5f", c->target);
			fputs(" }", f);
		}
		fputs("] }\n", f);
	}
	if (fclose(f))
		perror("bench: writing the results");
}

int bench_run(struct bench *bench)
{
	const struct bench_options *o = &bench->options;
	unsigned int round, i, measured = 0;
	double load[2] = { 0, 0 };
	struct utsname system;
	char date[32];
	time_t now = time(NULL);
	bool progress = isatty(2);

	getloadavg(&load[0], 1);
	for (round = 0; round < WARM_UP + o->rounds; round++) {
		if (progress)
			fprintf(stderr, "\r%s: round %u of %u ", bench->name, round + 1,
				WARM_UP + o->rounds);
		/* Forwards and backwards in turn, so that no case always follows the same one. */
		for (i = 0; i < bench->n_cases; i++)
			measure(bench, &bench->cases[round & 1 ? bench->n_cases - 1 - i : i],
				round >= WARM_UP);
	}
	if (progress)
		fprintf(stderr, "\r\033[K");
	getloadavg(&load[1], 1);
	uname(&system);
	strftime(date, sizeof(date), "%Y-%m-%d %H:%M", gmtime(&now));
	printf("%s: Linux %s, %s, %ld CPUs, load %.2f before and %.2f after,\n"
	       "%u rounds after %u to warm up, %s mounts, %s\n",
	       bench->name, system.release, date, sysconf(_SC_NPROCESSORS_ONLN), load[0], load[1],
	       o->rounds, WARM_UP, o->shared ? "shared" : "private",
	       syscall(SYS_sched_getscheduler, 0l) == SCHED_OTHER ? "ordinary scheduling" :
								    "real-time scheduling");
	print_table(bench);
	if (bench->file)
		write_file(bench, system.release, date);
	for (i = 0; i < bench->n_rows; i++)
		measured += bench->rows[i]->n > 0;
	/* Without a measurement there is no result. */
	return measured ? 0 : 1;
}
