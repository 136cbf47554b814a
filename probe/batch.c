// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * batch.c - reads the files of a report: all at once by io_uring, or one after the other. It must
 * run in a child, because the threads of io_uring share the root and the working directory of the
 * task that submits: until they end, seconds later, that task cannot enter another mount namespace.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "probe/batch.h"

#ifdef HAVE_LIBURING
#include <liburing.h>
#endif

/* O_NONBLOCK, because opening a FIFO without a writer would block. */
#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY)

static void read_plain(struct batch_file *file)
{
	int fd = open(file->path, OPEN_FLAGS | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	file->length = 0;
	file->error = fd < 0 || fstat(fd, &st) < 0 ? errno : S_ISREG(st.st_mode) ? 0 : EINVAL;
	while (!file->error && file->length < file->room - 1) {
		got = read(fd, file->text + file->length, file->room - 1 - file->length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			file->error = errno;
		if (got <= 0)
			break;
		file->length += (size_t)got;
	}
	if (fd >= 0) {
		if (!file->error && file->length == file->room - 1)
			file->error = EFBIG;
		close(fd);
	}
	file->text[file->length] = '\0';
}

#ifdef HAVE_LIBURING
enum step { STEP_STAT, STEP_OPEN, STEP_READ, STEP_CLOSE, STEPS };

struct chain {
	int results[STEPS];
	struct statx stx;
};

static void *label(unsigned int file, enum step step)
{
	return (void *)(uintptr_t)(file * STEPS + step);
}

/*
 * Submits open, read and close as a chain, and beside it statx() for the size, which shows whether
 * the whole file was read. A short read would break a chain; it is expected here, so the close
 * follows it by a hard link.
 */
static unsigned int submit_chain(struct io_uring *ring, struct batch_file *file,
				 struct chain *chain, unsigned int i)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_statx(sqe, AT_FDCWD, file->path, 0, STATX_TYPE | STATX_SIZE, &chain->stx);
	io_uring_sqe_set_data(sqe, label(i, STEP_STAT));
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_openat_direct(sqe, AT_FDCWD, file->path, OPEN_FLAGS, 0, i);
	sqe->flags |= IOSQE_IO_LINK;
	/* If the path is cached the kernel would open it while it submits, one after the other. */
	if (i >= FILE_TABLES)
		sqe->flags |= IOSQE_ASYNC;
	io_uring_sqe_set_data(sqe, label(i, STEP_OPEN));
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_read(sqe, (int)i, file->text, (unsigned int)(file->room - 1), 0);
	sqe->flags |= IOSQE_FIXED_FILE | IOSQE_IO_HARDLINK;
	io_uring_sqe_set_data(sqe, label(i, STEP_READ));
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_close_direct(sqe, i);
	io_uring_sqe_set_data(sqe, label(i, STEP_CLOSE));
	return STEPS;
}

static bool take_results(struct io_uring *ring, struct chain *chains, unsigned int expected)
{
	while (expected) {
		struct io_uring_cqe *cqe;
		uintptr_t data;
		int ret = io_uring_wait_cqe(ring, &cqe);

		if (ret == -EINTR)
			continue;
		if (ret < 0)
			return false;
		data = (uintptr_t)io_uring_cqe_get_data(cqe);
		chains[data / STEPS].results[data % STEPS] = cqe->res;
		io_uring_cqe_seen(ring, cqe);
		expected--;
	}
	return true;
}

/*
 * False if the file must be read again: kernels before 5.15 cannot open files into the ring's own
 * table.
 */
static bool take_file(struct batch_file *file, const struct chain *chain)
{
	const int *results = chain->results;

	file->length = 0;
	file->error = 0;
	if (results[STEP_OPEN] < 0 && results[STEP_OPEN] != -EINVAL &&
	    results[STEP_OPEN] != -ECANCELED) {
		file->error = -results[STEP_OPEN];
		file->text[0] = '\0';
		return true;
	}
	/* A kernel that ignores the table returns an ordinary descriptor, and its read failed. */
	if (results[STEP_OPEN] != 0 || results[STEP_READ] < 0 || results[STEP_STAT] < 0 ||
	    !S_ISREG(chain->stx.stx_mode))
		return false;
	file->length = (size_t)results[STEP_READ];
	file->text[file->length] = '\0';
	return file->length < file->room - 1 && file->length >= chain->stx.stx_size;
}

/* False, with no file read, if io_uring is not available. */
static bool read_by_uring(struct batch *batch)
{
	struct chain chains[FILE_COUNT];
	int none[FILE_COUNT];
	struct io_uring ring;
	unsigned int i, expected = 0;
	bool all = true;

	memset(chains, 0, sizeof(chains));
	memset(none, 0xff, sizeof(none));
	if (io_uring_queue_init(FILE_COUNT * STEPS, &ring, 0) < 0)
		return false;
	if (io_uring_register_files(&ring, none, FILE_COUNT) < 0) {
		io_uring_queue_exit(&ring);
		return false;
	}
	for (i = 0; i < FILE_COUNT; i++) {
		if (batch->wanted & 1u << i)
			expected += submit_chain(&ring, &batch->files[i], &chains[i], i);
	}
	if (io_uring_submit(&ring) != (int)expected || !take_results(&ring, chains, expected)) {
		io_uring_queue_exit(&ring);
		return false;
	}
	for (i = 0; i < FILE_COUNT; i++) {
		if (batch->wanted & 1u << i && !take_file(&batch->files[i], &chains[i])) {
			all = false;
			read_plain(&batch->files[i]);
		}
	}
	io_uring_queue_exit(&ring);
	batch->uring = all;
	return true;
}
#endif

void batch_read(struct batch *batch, bool uring)
{
	unsigned int i;

	batch->uring = false;
#ifdef HAVE_LIBURING
	if (uring && read_by_uring(batch))
		return;
#else
	(void)uring;
#endif
	for (i = 0; i < FILE_COUNT; i++) {
		if (batch->wanted & 1u << i)
			read_plain(&batch->files[i]);
	}
}
