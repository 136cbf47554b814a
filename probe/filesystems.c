// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filesystems.c - the filesystems that are available or loadable, from /proc/filesystems and
 * libkmod's tables. It loads modules only with MNTCOMPAT_PROBE_LOAD.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <syslog.h>
#include <unistd.h>

#include "probe/filesystems.h"

#ifdef HAVE_KMOD
#include "probe/modules.h"
#endif

static const char *const nothing[] = { NULL };

/* True if a line of @list names @type: "nodev<tab>tmpfs", "<tab>ext4". */
static bool is_registered(const char *list, const char *type)
{
	size_t len = strlen(type);
	const char *line;

	for (line = list; line && *line; line = strchr(line, '\n'), line += !!line) {
		const char *tab = strchr(line, '\t');

		if (tab && !strncmp(tab + 1, type, len) && (tab[1 + len] == '\n' || !tab[1 + len]))
			return true;
	}
	return false;
}

/* The kernel's name of a type: "fuse" for "fuse.sshfs". */
static char *kernel_type(struct mntcompat_probe *probe, const char *type)
{
	return report_printf(probe, "%.*s", (int)strcspn(type, "."), type);
}

#ifdef HAVE_KMOD
/* True for types that are options of the kernel's configuration, and are in no table of modules. */
static bool is_never_module(const char *type)
{
	static const char *const types[] = {
		"tmpfs",   "ramfs",	"proc",	  "sysfs",	"devtmpfs", "devpts",  "cgroup",
		"cgroup2", "hugetlbfs", "mqueue", "securityfs", "debugfs",  "tracefs", "bpf",
		"nsfs",	   "nullfs",	"rootfs", "pipefs",	"sockfs",
	};
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcmp(type, types[i]))
			return true;
	return false;
}

/* libkmod's first error message, with the reason for which it refuses a table; "" without one. */
struct message {
	char text[160];
};

static void keep_message(void *data, int priority, const char *file, int line, const char *function,
			 const char *format, va_list args)
{
	struct message *message = data;

	(void)file, (void)line, (void)function;
	if (priority > LOG_ERR || *message->text)
		return;
	vsnprintf(message->text, sizeof(message->text), format, args);
	message->text[strcspn(message->text, "\n")] = '\0';
}

static void drop_message(void *data, int priority, const char *file, int line, const char *function,
			 const char *format, va_list args)
{
	(void)data, (void)priority, (void)file, (void)line, (void)function, (void)format,
		(void)args;
}

static int set_depends(struct mntcompat_probe *probe, const struct modules *modules,
		       struct kmod_module *module, struct mntcompat_probe_filesystem *out)
{
	struct kmod_list *list = modules->kmod_module_get_dependencies(module), *item;
	const char **depends;
	size_t n = 0;

	for (item = list; item; item = modules->kmod_list_next(list, item))
		n++;
	depends = report_alloc(probe, (n + 1) * sizeof(*depends));
	n = 0;
	for (item = list; item; item = modules->kmod_list_next(list, item)) {
		struct kmod_module *other = modules->kmod_module_get_module(item);
		const char *path = modules->kmod_module_get_path(other);

		if (depends)
			depends[n++] =
				report_printf(probe, "%s", modules->kmod_module_get_name(other));
		if (depends && !depends[n - 1])
			depends = NULL;
		if (depends && path && access(path, F_OK) < 0 &&
		    out->state == MNTCOMPAT_PROBE_FS_LOADABLE) {
			out->state = MNTCOMPAT_PROBE_FS_MISSING;
			out->detail =
				report_printf(probe, "it needs %s: %s", path, strerror(errno));
		}
		modules->kmod_module_unref(other);
	}
	modules->kmod_module_unref_list(list);
	if (!depends || !out->detail)
		return -ENOMEM;
	out->depends = depends;
	return 0;
}

static bool is_blacklisted(const struct modules *modules, struct kmod_list *list)
{
	struct kmod_list *rest = NULL;
	bool ret;

	if (modules->kmod_module_apply_filter(modules->ctx, KMOD_FILTER_BLACKLIST, list, &rest) < 0)
		return false;
	ret = !rest;
	modules->kmod_module_unref_list(rest);
	return ret;
}

/* Describes a module that is not loaded: whether mount(2) would load it. */
static int describe_file(struct mntcompat_probe *probe, const struct modules *modules,
			 struct kmod_list *list, struct kmod_module *module, bool by_alias,
			 struct mntcompat_probe_filesystem *out)
{
	const char *path = modules->kmod_module_get_path(module),
		   *command = modules->kmod_module_get_install_commands(module);

	if (!path) {
		out->state = MNTCOMPAT_PROBE_FS_MISSING;
		out->detail =
			"modules.alias names a module that modules.dep does not have; run depmod";
		return 0;
	}
	out->file = report_printf(probe, "%s", path);
	if (access(path, F_OK) < 0) {
		out->state = MNTCOMPAT_PROBE_FS_MISSING;
		out->detail = report_printf(probe, "modules.dep lists it, but %s: %s", path,
					    strerror(errno));
	} else if (command && *command) {
		out->state = MNTCOMPAT_PROBE_FS_BLACKLISTED;
		out->detail =
			report_printf(probe, "modprobe.d replaces it by a command: %s", command);
	} else if (is_blacklisted(modules, list)) {
		out->state = MNTCOMPAT_PROBE_FS_BLACKLISTED;
		out->detail = "blacklisted in modprobe.d: only modprobe with its name loads it";
	} else if (!by_alias) {
		out->state = MNTCOMPAT_PROBE_FS_BLACKLISTED;
		out->detail = report_printf(
			probe, "no alias fs-%s: only modprobe with its name loads it", out->type);
	} else {
		out->state = MNTCOMPAT_PROBE_FS_LOADABLE;
	}
	if (!out->file || !out->detail)
		return -ENOMEM;
	return set_depends(probe, modules, module, out);
}

static int describe(struct mntcompat_probe *probe, const struct modules *modules,
		    struct kmod_list *list, bool by_alias, bool registered,
		    struct mntcompat_probe_filesystem *out)
{
	struct kmod_module *module = modules->kmod_module_get_module(list);
	int state = modules->kmod_module_get_initstate(module), ret = 0;

	out->module = report_printf(probe, "%s", modules->kmod_module_get_name(module));
	if (!out->module) {
		ret = -ENOMEM;
	} else if (state == KMOD_MODULE_BUILTIN) {
		out->state = MNTCOMPAT_PROBE_FS_BUILTIN;
	} else if (probe->is_running && (state == KMOD_MODULE_LIVE || registered)) {
		out->state = state == KMOD_MODULE_LIVE ? MNTCOMPAT_PROBE_FS_LOADED :
							 MNTCOMPAT_PROBE_FS_REGISTERED;
		if (modules->kmod_module_get_path(module))
			out->file =
				report_printf(probe, "%s", modules->kmod_module_get_path(module));
		ret = set_depends(probe, modules, module, out);
	} else {
		ret = describe_file(probe, modules, list, module, by_alias, out);
	}
	modules->kmod_module_unref(module);
	return ret;
}

/* A command in modprobe.d is not run. */
static int refuse_command(struct kmod_module *module, const char *command, void *data)
{
	(void)module, (void)command, (void)data;
	return -EOPNOTSUPP;
}

static void load(const struct modules *modules, struct kmod_list *list,
		 struct mntcompat_probe_filesystem *out)
{
	struct kmod_module *module = modules->kmod_module_get_module(list);
	int ret = modules->kmod_module_probe_insert_module(module, KMOD_PROBE_APPLY_BLACKLIST, NULL,
							   refuse_command, NULL, NULL);

	modules->kmod_module_unref(module);
	if (ret == 0)
		out->state = MNTCOMPAT_PROBE_FS_LOADED;
	else
		out->load_error = ret < 0 ? -ret : ECANCELED;
}

/* Describes a type that the tables of this kernel do not have. */
static void not_found(const struct mntcompat_probe *probe, const char *type,
		      struct mntcompat_probe_filesystem *out)
{
	out->state = MNTCOMPAT_PROBE_FS_MISSING;
	if (!probe->is_running && is_never_module(type)) {
		out->state = MNTCOMPAT_PROBE_FS_UNKNOWN;
		out->detail = "never a module: it depends on the configuration of that kernel";
	}
}

static int look_up(struct mntcompat_probe *probe, const struct modules *modules, const char *type,
		   bool registered, struct mntcompat_probe_filesystem *out)
{
	struct kmod_list *list = NULL;
	char *alias = report_printf(probe, "fs-%s", type);
	bool by_alias = true;
	int ret;

	if (!alias)
		return -ENOMEM;
	ret = modules->kmod_module_new_from_lookup(modules->ctx, alias, &list);
	/* Older kernels list no aliases of built-in modules. */
	if (ret >= 0 && !list) {
		by_alias = false;
		ret = modules->kmod_module_new_from_lookup(modules->ctx, type, &list);
	}
	if (ret < 0 && ret != -ENOENT && ret != -ENOSYS) {
		if (!registered)
			out->state = MNTCOMPAT_PROBE_FS_UNKNOWN;
		ret = report_trouble(probe, "libkmod cannot look up fs-%s in %s: %s", type,
				     probe->modules, strerror(-ret));
	} else if (!list) {
		ret = 0;
		if (!registered)
			not_found(probe, type, out);
	} else {
		ret = describe(probe, modules, list, by_alias, registered, out);
		if (ret == 0 && (probe->flags & MNTCOMPAT_PROBE_LOAD) &&
		    out->state == MNTCOMPAT_PROBE_FS_LOADABLE)
			load(modules, list, out);
	}
	modules->kmod_module_unref_list(list);
	return ret;
}

/*
 * The header of a table of libkmod: magic, version and root. libkmod 30 crashes at a file that has
 * only a part of it.
 */
#define TABLE_HEADER 12

/*
 * Below the directory of modules; libkmod opens them as well as the tables of the batch. The last
 * came with kmod 33.
 */
static const char *const other_tables[] = { "modules.symbols.bin", "modules.softdep",
					    "modules.weakdep" };

/* In the order of libkmod. */
static const char *const config_places[] = {
	"etc/modprobe.d",     "run/modprobe.d", "usr/local/lib/modprobe.d",
	"usr/lib/modprobe.d", "lib/modprobe.d",
};

#define CONFIG_PLACES (sizeof(config_places) / sizeof(config_places[0]))

/*
 * True for a FIFO, a socket or a device, whose opening may block; not for /dev/null, which masks a
 * file of modprobe.d.
 */
static bool is_special(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
		return false;
	return !S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3);
}

/*
 * The functions below return 1 if libkmod can be given the file or the files, 0 after a row of
 * trouble, or -errno.
 */

static int check_special(struct mntcompat_probe *probe, const char *path)
{
	if (!path)
		return -ENOMEM;
	return is_special(path) ? report_trouble(probe, "%s: not a regular file; remove it", path) :
				  1;
}

static int check_length(struct mntcompat_probe *probe, const char *path, size_t length)
{
	if (length >= TABLE_HEADER)
		return 1;
	return report_trouble(probe, "%s: shorter than the header of a table; run depmod", path);
}

static int check_table(struct mntcompat_probe *probe, unsigned int id)
{
	const struct batch_file *file = &probe->shared->batch.files[id];
	int ret = check_special(probe, file->path);

	if (ret <= 0)
		return ret;
	/* modules.builtin.alias.bin came with Linux 5.2, and with depmod of 2020. */
	if (file->error == ENOENT && id == FILE_BUILTIN_ALIAS)
		return 1;
	/* libkmod maps the table, however long it is. */
	if (file->error && file->error != EFBIG)
		return report_trouble(probe, "%s: %s; %s", file->path, strerror(file->error),
				      file->error == ENOENT ? "run depmod" : "it must be readable");
	/* depmod leaves it empty without modules.builtin or modules.builtin.modinfo. */
	if (file->length == 0 && id >= FILE_BUILTIN)
		return 1;
	return check_length(probe, file->path, file->length);
}

static int check_other_tables(struct mntcompat_probe *probe)
{
	int all = 1, ret;
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(other_tables) / sizeof(other_tables[0]); i++) {
		const char *path = report_printf(probe, "%s/%s", probe->modules, other_tables[i]);

		ret = check_special(probe, path);
		if (ret > 0 && i == 0 && stat(path, &st) == 0)
			ret = check_length(probe, path, (size_t)st.st_size);
		if (ret < 0)
			return ret;
		all &= ret;
	}
	return all;
}

/* True for the names that libkmod opens in a directory of modprobe.d. */
static bool is_config(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && dot > name && (!strcmp(dot, ".conf") || !strcmp(dot, ".alias"));
}

/* Checks one entry of the path of modprobe.d, which may be a directory or a file. */
static int check_config(struct mntcompat_probe *probe, const char *place)
{
	int all = check_special(probe, place), ret;
	struct dirent *entry;
	DIR *dir;

	if (all <= 0)
		return all;
	dir = opendir(place);
	while (dir && all >= 0 && (entry = readdir(dir))) {
		if (!is_config(entry->d_name) || entry->d_type == DT_REG || entry->d_type == DT_DIR)
			continue;
		ret = check_special(probe, report_printf(probe, "%s/%s", place, entry->d_name));
		all = ret < 0 ? ret : all & ret;
	}
	if (dir)
		closedir(dir);
	return all;
}

/* 1 if all tables can be used, 0 if not, 2 if there are no modules at all, -errno. */
static int check_tables(struct mntcompat_probe *probe)
{
	int fd = open(probe->modules, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = errno, all, ret;
	unsigned int id;
	size_t i;

	if (fd < 0) {
		ret = report_trouble(probe, "%s: %s; %s", probe->modules, strerror(error),
				     error == ENOENT ? "no modules of this kernel are installed" :
						       "it must be readable");
		return ret ? ret : error == ENOENT ? 2 : 0;
	}
	close(fd);
	all = check_other_tables(probe);
	for (id = FILE_TABLES; all >= 0 && id < FILE_COUNT; id++) {
		ret = check_table(probe, id);
		all = ret < 0 ? ret : all & ret;
	}
	for (i = 0; all >= 0 && i < CONFIG_PLACES; i++) {
		const char *place = report_printf(probe, "%s/%s", probe->root, config_places[i]);

		ret = place ? check_config(probe, place) : -ENOMEM;
		all = ret < 0 ? ret : all & ret;
	}
	return all;
}

/*
 * True if one of the tables that may be empty is empty: kmod_load_resources() fails for it, while
 * look-ups work.
 */
static bool has_empty_table(const struct mntcompat_probe *probe)
{
	const struct batch_file *files = probe->shared->batch.files;

	return !files[FILE_BUILTIN].length || !files[FILE_BUILTIN_ALIAS].length;
}

/*
 * 1 with libkmod's view of the tables; 0 after a row of trouble if libkmod is not there or refuses
 * a table; or -errno.
 */
static int open_modules(struct mntcompat_probe *probe, struct modules *modules)
{
	const char *config[CONFIG_PLACES + 1] = { NULL };
	struct message message = { "" };
	const char *error = modules_load(modules);
	size_t i;
	int ret;

	if (error)
		return report_trouble(probe, "cannot load libkmod: %s; install it", error);
	for (i = 0; *probe->root && i < CONFIG_PLACES; i++) {
		config[i] = report_printf(probe, "%s/%s", probe->root, config_places[i]);
		if (!config[i])
			return -ENOMEM;
	}
	modules->ctx = modules->kmod_new(probe->modules, *probe->root ? config : NULL);
	if (!modules->ctx)
		return -ENOMEM;
	modules->kmod_set_log_priority(modules->ctx, LOG_ERR);
	modules->kmod_set_log_fn(modules->ctx, keep_message, &message);
	/* Opens each table once; if that fails, every look-up opens them. */
	ret = modules->kmod_load_resources(modules->ctx);
	modules->kmod_set_log_fn(modules->ctx, drop_message, NULL);
	if (!*message.text && (ret != -EINVAL || has_empty_table(probe)))
		return 1;
	modules->kmod_unref(modules->ctx);
	modules->ctx = NULL;
	return report_trouble(probe, "libkmod cannot use the tables in %s: %s; run depmod",
			      probe->modules, *message.text ? message.text : strerror(-ret));
}
#endif

/* Describes a type without the tables of modules, or without libkmod. */
static void without_tables(const char *why, bool registered, struct mntcompat_probe_filesystem *out)
{
	if (registered)
		return;
	out->state = MNTCOMPAT_PROBE_FS_UNKNOWN;
	out->detail = why;
}

int report_filesystems(struct mntcompat_probe *probe)
{
	const struct batch_file *list = &probe->shared->batch.files[FILE_FILESYSTEMS];
	bool have_list = probe->is_running && !list->error;
	int ret = 0;
	size_t i;
#ifdef HAVE_KMOD
	int tables = check_tables(probe);
	struct modules modules = { .ctx = NULL };

	if (tables == 1)
		tables = open_modules(probe, &modules);
	if (tables < 0)
		return tables;
#endif
	if (probe->is_running && list->error)
		ret = report_trouble(probe, "%s: %s; registered filesystems are unknown",
				     list->path, strerror(list->error));
	for (i = 0; ret == 0 && probe->filesystems[i]; i++) {
		struct mntcompat_probe_filesystem *out = report_alloc(probe, sizeof(*out));
		char *type = kernel_type(probe, probe->filesystems[i]);
		bool registered;

		if (!out || !type) {
			ret = -ENOMEM;
			break;
		}
		registered = have_list && is_registered(list->text, type);
		*out = (struct mntcompat_probe_filesystem){
			.type = probe->filesystems[i],
			.state = MNTCOMPAT_PROBE_FS_REGISTERED,
			.depends = nothing,
			.detail = "",
		};
#ifdef HAVE_KMOD
		if (tables == 1)
			ret = look_up(probe, &modules, type, registered, out);
		else if (tables == 2 && !registered)
			out->state = MNTCOMPAT_PROBE_FS_MISSING;
		else
			without_tables("the tables of modules cannot be used", registered, out);
#else
		without_tables("built without libkmod", registered, out);
#endif
		/*
		 * A type that was not found may be registered if the list of registered types is
		 * unknown.
		 */
		if (probe->is_running && !have_list && out->state == MNTCOMPAT_PROBE_FS_MISSING) {
			out->state = MNTCOMPAT_PROBE_FS_UNKNOWN;
			out->detail = "registered filesystems are unknown";
		}
		if (ret == 0)
			ret = report_add(&probe->file_systems, out);
	}
#ifdef HAVE_KMOD
	if (modules.ctx)
		modules.kmod_unref(modules.ctx);
#endif
	return ret;
}
