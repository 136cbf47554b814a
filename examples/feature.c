// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * feature.c - tells whether this process can use a feature, and which part of it is lost. The
 * exit status is 0 if it can, 1 if it cannot.
 *
 *	cc feature.c -o feature $(pkg-config --cflags --libs libmntcompat-probe)
 *	./feature NAME		for example statmount.by_fd; mntcompat probe prints all names
 */
#include <stdio.h>
#include <string.h>
#include <mntcompat-probe.h>

int main(int argc, char **argv)
{
	const struct mntcompat_probe_feature *feature;
	struct mntcompat_probe *probe;
	int ret, status = 1;

	if (argc != 2) {
		fprintf(stderr, "usage: feature NAME\n");
		return 2;
	}
	ret = mntcompat_probe_run(NULL, &probe);
	if (ret < 0) {
		fprintf(stderr, "mntcompat_probe_run: %s\n", strerror(-ret));
		return 2;
	}
	feature = mntcompat_probe_find(probe, argv[1]);
	if (feature) {
		printf("%s: %s\n", feature->name, mntcompat_probe_state_name(feature->state));
		if (feature->state == MNTCOMPAT_PROBE_PARTLY)
			printf("lost: %s\n", feature->lost);
		if (*feature->detail)
			printf("%s\n", feature->detail);
		status = feature->state == MNTCOMPAT_PROBE_UNAVAILABLE;
	} else {
		fprintf(stderr, "feature: no feature is called %s\n", argv[1]);
		status = 2;
	}
	mntcompat_probe_free(probe);
	return status;
}
