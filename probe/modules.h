/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * modules.h - the functions of libkmod. The shared library opens libkmod when a report needs it:
 * programs that make no report, as "mntcompat run", need not load it and the libraries behind it,
 * which takes longer than all else at their start. The static library is linked with libkmod.
 */
#ifndef MNTCOMPAT_PROBE_MODULES_H
#define MNTCOMPAT_PROBE_MODULES_H

#include <libkmod.h>

#define MODULES_FUNCTIONS(F) \
	F(kmod_list_next) \
	F(kmod_load_resources) \
	F(kmod_module_apply_filter) \
	F(kmod_module_get_dependencies) \
	F(kmod_module_get_initstate) \
	F(kmod_module_get_install_commands) \
	F(kmod_module_get_module) \
	F(kmod_module_get_name) \
	F(kmod_module_get_path) \
	F(kmod_module_new_from_lookup) \
	F(kmod_module_probe_insert_module) \
	F(kmod_module_unref) \
	F(kmod_module_unref_list) \
	F(kmod_new) \
	F(kmod_set_log_fn) \
	F(kmod_set_log_priority) \
	F(kmod_unref)

#define MODULES_MEMBER(name) __typeof__(name) *name;

/* libkmod, and what was opened with it. */
struct modules {
	MODULES_FUNCTIONS(MODULES_MEMBER)
	struct kmod_ctx *ctx;
};

/*
 * modules_load - fill in the functions. NULL, or the reason why libkmod cannot be loaded, which the
 * next call of the C library's dlopen(3) or dlsym(3) changes. libkmod stays loaded.
 */
const char *modules_load(struct modules *modules);

#endif
