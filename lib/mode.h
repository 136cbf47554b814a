/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mode.h - the choices of the caller or the environment, and the way of the last answer.
 * Reads the environment once; otherwise touches only its own memory.
 */
#ifndef MNTCOMPAT_LIB_MODE_H
#define MNTCOMPAT_LIB_MODE_H

#include <mntcompat.h>

/* The mode in force; reads the environment at the first call. */
enum mntcompat_mode mode_get(void);

/* Remember the way of the answer for the calling thread. */
void mode_set_way(enum mntcompat_way way);

#endif
