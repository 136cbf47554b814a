/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mntcompat-overlay.h - all headers of the overlay, for "cc -include mntcompat-overlay.h".
 * Programs that include the system's headers for everything they use do not need it.
 */
#ifndef MNTCOMPAT_OVERLAY_H
#define MNTCOMPAT_OVERLAY_H
#pragma GCC system_header

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/stat.h>

#endif
