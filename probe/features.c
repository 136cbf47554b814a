// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * features.c - turns the answers of the child into rows of the report: native, emulated, partly, or
 * unavailable with a reason. It makes no call to the kernel or the library about a feature.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "compat/kernel/raw.h"
#include "compat/kernel/uapi.h"
#include "probe/features.h"

#define ID_MAPS ((uint64_t)(MNTCOMPAT_STATMOUNT_MNT_UIDMAP | MNTCOMPAT_STATMOUNT_MNT_GIDMAP))

struct row {
	const struct mntcompat_probe *probe;
	const struct answers *answers;
	struct mntcompat_probe_feature *out;
	unsigned int since; /* RAW_KERNEL() */
	enum feature_state
		feature; /* of the kernel's own call, FEATURE_UNKNOWN without a probe for it */
};

/* Features that are not in the feature table. */
static const struct {
	const char *name;
	unsigned int since;
	const char *purpose;
	enum call_id call;
	const char *lost; /* the part that is lost when it is emulated */
} more_rows[] = {
	{ "unshare.empty_mntns", RAW_KERNEL(7, 1), "an empty mount namespace for this thread",
	  CALL_UNSHARE_EMPTY,
	  "the root is not nullfs; before Linux 5.8 CLONE_NEWUSER in the same call" },
	{ "clone3.empty_mntns", RAW_KERNEL(7, 1), "a child in an empty mount namespace",
	  CALL_CLONE3_EMPTY, "CLONE_FILES and CLONE_PARENT; the root is not nullfs" },
	{ "table", RAW_KERNEL(4, 18), "a walk over all mounts (mntcompat_table_open)", CALL_TABLE,
	  NULL },
	{ "user_namespace", RAW_KERNEL(3, 8),
	  "capabilities in a namespace, for an unprivileged process", CALL_USER_NAMESPACE, NULL },
};

/* The library call that provides a feature, if any. */
static const enum call_id calls[FEATURE_COUNT] = {
	[FEATURE_OPEN_TREE_NAMESPACE] = CALL_OPEN_TREE_NAMESPACE,
	[FEATURE_OPEN_TREE_DROP_MNTNS_MOUNTS] = CALL_OPEN_TREE_DROP,
	[FEATURE_STATMOUNT] = CALL_STATMOUNT_BY_ID,
	[FEATURE_STATMOUNT_BY_FD] = CALL_STATMOUNT_BY_FD,
	[FEATURE_LISTMOUNT] = CALL_LISTMOUNT,
	[FEATURE_LISTMOUNT_REVERSE] = CALL_LISTMOUNT_REVERSE,
	[FEATURE_STATX_MNT_ID] = CALL_STATX_MNT_ID,
	[FEATURE_STATX_MNT_ID_UNIQUE] = CALL_STATX_UNIQUE,
	[FEATURE_HANDLE_MNT_ID_UNIQUE] = CALL_HANDLE,
	[FEATURE_FSMOUNT] = CALL_FSMOUNT,
	[FEATURE_FSMOUNT_NAMESPACE] = CALL_FSMOUNT_NAMESPACE,
	[FEATURE_OPEN_TREE_ATTR] = CALL_OPEN_TREE_ATTR,
	[FEATURE_MOUNT_SETATTR] = CALL_MOUNT_SETATTR,
	[FEATURE_NS_GET_MNTNS_ID] = CALL_MNTNS_ID,
	[FEATURE_NS_GET_ID] = CALL_NS_ID,
	[FEATURE_NS_MNT_GET_INFO] = CALL_MNTNS_INFO,
	[FEATURE_LISTNS] = CALL_LISTNS,
};

static int version_text(struct mntcompat_probe *probe, unsigned int version, const char **text)
{
	*text = report_printf(probe, "%u.%u", version / 1000, version % 1000);
	return *text ? 0 : -ENOMEM;
}

/* The level, or 0. raw_get_kernel() has it in the child alone. */
static unsigned int level(void)
{
	unsigned int major, minor;

	return mntcompat_get_kernel(&major, &minor) ? RAW_KERNEL(major, minor) : 0;
}

/*
 * "5.10.0-46-amd64" as RAW_KERNEL(5, 10); 0 if it is unknown, or hidden by a level. It is used only
 * to find the reason why the kernel's own call is missing.
 */
static unsigned int running_kernel(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname name;

	if (level())
		return 0;
	if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return 0;
	return RAW_KERNEL(major, minor);
}

static void unavailable(struct row *row, enum mntcompat_probe_reason reason, const char *detail)
{
	row->out->state = MNTCOMPAT_PROBE_UNAVAILABLE;
	row->out->way = MNTCOMPAT_WAY_NONE;
	row->out->reason = reason;
	if (detail)
		row->out->detail = detail;
}

static void partly(struct row *row, const char *lost)
{
	if (row->out->state == MNTCOMPAT_PROBE_UNAVAILABLE)
		return;
	row->out->state = MNTCOMPAT_PROBE_PARTLY;
	row->out->lost = lost;
}

/*
 * True if a filter answers instead of the kernel: the control probe failed, or the feature seems to
 * be absent from a kernel that is new enough.
 */
static bool is_hidden(const struct row *row)
{
	return row->feature == FEATURE_BLOCKED ||
	       (row->answers->filtered && row->feature == FEATURE_ABSENT &&
		running_kernel() >= row->since);
}

static void missing_in_kernel(struct row *row)
{
	if (is_hidden(row))
		unavailable(row, MNTCOMPAT_PROBE_FILTER, "a seccomp filter refuses the call");
	else
		unavailable(row, MNTCOMPAT_PROBE_KERNEL,
			    "this kernel lacks it, and it cannot be emulated");
}

/* The child ended early, most likely killed by a filter, so the later features were not probed. */
static void not_asked(struct row *row)
{
	if (row->answers->filtered)
		unavailable(row, MNTCOMPAT_PROBE_FILTER,
			    "a seccomp filter ended the probe, at this feature or before");
	else
		unavailable(row, MNTCOMPAT_PROBE_UNKNOWN, "it was not probed");
}

static void from_feature(struct row *row, bool gives_fd)
{
	row->out->way = MNTCOMPAT_WAY_NATIVE;
	row->out->state = MNTCOMPAT_PROBE_NATIVE;
	if (gives_fd && row->answers->no_files &&
	    (row->feature == FEATURE_PRESENT || row->feature == FEATURE_UNKNOWN)) {
		unavailable(row, MNTCOMPAT_PROBE_FILES, "no file descriptor is free");
		row->out->error = EMFILE;
		return;
	}
	if (row->feature == FEATURE_PRESENT)
		return;
	if (row->feature != FEATURE_UNKNOWN)
		missing_in_kernel(row);
	else if (!row->answers->finished)
		not_asked(row);
	else if (!row->answers->admin || !row->answers->owner)
		unavailable(row, MNTCOMPAT_PROBE_PRIVILEGE,
			    "only CAP_SYS_ADMIN over the mount namespace can find out");
	else if (row->answers->filtered)
		unavailable(row, MNTCOMPAT_PROBE_FILTER, "a seccomp filter refuses the call");
	else
		unavailable(row, MNTCOMPAT_PROBE_UNKNOWN, "the kernel did not answer");
}

static int blamed(struct row *row, const struct call_answer *answer)
{
	const char *text = strerror(answer->error);

	row->out->detail = answer->blame ? report_printf((struct mntcompat_probe *)row->probe,
							 "%s: %s", answer->blame, text) :
					   report_printf((struct mntcompat_probe *)row->probe,
							 "the call fails: %s", text);
	return row->out->detail ? 0 : -ENOMEM;
}

/* Sets the reason after native call and emulation have both failed. */
static int no_way(struct row *row, const struct call_answer *answer)
{
	const struct answers *answers = row->answers;

	if (is_hidden(row) && !answers->blocked) {
		unavailable(row, MNTCOMPAT_PROBE_FILTER,
			    "a seccomp filter refuses the call, and a call of its emulation");
		return 0;
	}
	if (answers->blocked) {
		unavailable(row, MNTCOMPAT_PROBE_FILTER, NULL);
		row->out->detail = report_printf((struct mntcompat_probe *)row->probe,
						 "a seccomp filter refuses %s", answers->blocked);
		return row->out->detail ? 0 : -ENOMEM;
	}
	if (answers->features[FEATURE_PROCFS] != FEATURE_PRESENT) {
		unavailable(row, MNTCOMPAT_PROBE_PROCFS, "the emulation needs procfs on /proc");
		return 0;
	}
	if (answers->filtered) {
		unavailable(row, MNTCOMPAT_PROBE_FILTER, NULL);
		return blamed(row, answer);
	}
	unavailable(row, MNTCOMPAT_PROBE_KERNEL, NULL);
	return blamed(row, answer);
}

static int failed(struct row *row, const struct call_answer *answer)
{
	/* An error of an earlier step is not an error of the call. */
	row->out->error = answer->blame ? 0 : answer->error;
	switch (answer->error) {
	case EMFILE:
	case ENFILE:
		unavailable(row, MNTCOMPAT_PROBE_FILES, "no file descriptor is free");
		return 0;
	case ENOSPC:
	case EUSERS:
		unavailable(row, MNTCOMPAT_PROBE_LIMIT,
			    "a limit of namespaces is reached: /proc/sys/user/max_*_namespaces");
		return 0;
	case ENOMEM:
	case EAGAIN:
		if (row->answers->no_files) {
			unavailable(row, MNTCOMPAT_PROBE_FILES, "no file descriptor is free");
			return 0;
		}
		unavailable(row, MNTCOMPAT_PROBE_LIMIT, "out of memory, processes or mounts");
		return 0;
	case EPERM:
	case EACCES:
		if (is_hidden(row) ||
		    (row->answers->filtered && row->answers->admin && row->answers->owner))
			unavailable(row, MNTCOMPAT_PROBE_FILTER,
				    "a seccomp filter refuses the call");
		else
			unavailable(row, MNTCOMPAT_PROBE_PRIVILEGE, NULL);
		return row->out->reason == MNTCOMPAT_PROBE_FILTER ? 0 : blamed(row, answer);
	case ENOSYS:
	case EINVAL:
	case EOPNOTSUPP:
	case ENOENT:
	case ENOTTY:
		return no_way(row, answer);
	default:
		unavailable(row, MNTCOMPAT_PROBE_UNKNOWN, NULL);
		return blamed(row, answer);
	}
}

/*
 * On 7.0 to 7.2 the library checks the namespace that the kernel made, which needs a child as well.
 */
static bool native_takes_child(const struct row *row, enum call_id call)
{
	return call == CALL_OPEN_TREE_NAMESPACE && mntcompat_get_mode() == MNTCOMPAT_MODE_AUTO &&
	       row->answers->features[FEATURE_OPEN_TREE_NAMESPACE_LAX] == FEATURE_PRESENT;
}

static int from_call(struct row *row, enum call_id call)
{
	const struct call_answer *answer = &row->answers->calls[call];

	if (answer->asked && answer->error)
		return failed(row, answer);
	if (answer->asked) {
		row->out->way = answer->way;
		row->out->state = answer->way == MNTCOMPAT_WAY_NATIVE ? MNTCOMPAT_PROBE_NATIVE :
									MNTCOMPAT_PROBE_EMULATED;
		return 0;
	}
	if (!row->answers->finished)
		not_asked(row);
	else if (!row->answers->admin && call != CALL_USER_NAMESPACE)
		unavailable(row, MNTCOMPAT_PROBE_PRIVILEGE,
			    row->feature == FEATURE_PRESENT ?
				    "needs CAP_SYS_ADMIN, and is then native" :
				    "needs CAP_SYS_ADMIN");
	else if (row->answers->no_child && row->feature == FEATURE_PRESENT &&
		 mntcompat_get_mode() != MNTCOMPAT_MODE_EMULATE && !native_takes_child(row, call))
		from_feature(row, true);
	else if (row->answers->no_child)
		unavailable(row, MNTCOMPAT_PROBE_UNKNOWN,
			    "it was not probed, because no child could be made");
	else
		not_asked(row);
	return 0;
}

static int lost_bits(struct row *row, uint64_t lost)
{
#define FIELD(name) \
	{ \
		MNTCOMPAT_STATMOUNT_##name, #name \
	}
	static const struct {
		uint64_t bit;
		const char *name;
	} names[] = {
		FIELD(SB_BASIC),       FIELD(MNT_BASIC),  FIELD(PROPAGATE_FROM),
		FIELD(MNT_ROOT),       FIELD(MNT_POINT),  FIELD(FS_TYPE),
		FIELD(MNT_NS_ID),      FIELD(MNT_OPTS),	  FIELD(FS_SUBTYPE),
		FIELD(SB_SOURCE),      FIELD(OPT_ARRAY),  FIELD(OPT_SEC_ARRAY),
		FIELD(SUPPORTED_MASK), FIELD(MNT_UIDMAP), FIELD(MNT_GIDMAP),
	};
	char text[256] = "", *at = text;
	size_t i;

	if (!lost || row->out->state == MNTCOMPAT_PROBE_UNAVAILABLE)
		return 0;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (lost & names[i].bit)
			at += sprintf(at, "%s%s", at == text ? "" : " ", names[i].name);
	}
	row->out->lost_bits = lost;
	partly(row, report_printf((struct mntcompat_probe *)row->probe, "%s", text));
	return row->out->lost ? 0 : -ENOMEM;
}

/* The library enforces 7.3's rules on 7.0 to 7.2, and every emulation follows them. */
static int namespace_rules(struct row *row)
{
	enum feature_state lax = row->feature;
	int ret;

	/* Without such namespaces the rules are unavailable for the same reason. */
	row->feature = row->answers->features[FEATURE_OPEN_TREE_NAMESPACE];
	row->since = RAW_KERNEL(7, 0);
	ret = from_call(row, CALL_OPEN_TREE_NAMESPACE);
	row->since = RAW_KERNEL(7, 3);
	if (ret || row->out->state == MNTCOMPAT_PROBE_UNAVAILABLE)
		return ret;
	if (row->out->way == MNTCOMPAT_WAY_NATIVE && lax == FEATURE_PRESENT) {
		row->out->state = MNTCOMPAT_PROBE_EMULATED;
		row->out->detail = "the library checks the namespaces that this kernel makes";
	}
	return 0;
}

static bool has_id_maps(const struct call_answer *answer)
{
	return answer->asked && !answer->error && (answer->supported & ID_MAPS) == ID_MAPS;
}

/*
 * The fields are older than STATMOUNT_BY_FD: the kernel's own call by id has them from 6.17 on. The
 * call by fd decides whether this process gets them at all.
 */
static int id_maps(struct row *row)
{
	const struct call_answer *by_id = &row->answers->calls[CALL_STATMOUNT_BY_ID];
	int ret = from_call(row, CALL_STATMOUNT_BY_FD);

	if (ret || row->out->state == MNTCOMPAT_PROBE_UNAVAILABLE)
		return ret;
	if (!has_id_maps(&row->answers->calls[CALL_STATMOUNT_BY_FD])) {
		missing_in_kernel(row);
	} else if (has_id_maps(by_id) && by_id->way == MNTCOMPAT_WAY_NATIVE) {
		row->out->state = MNTCOMPAT_PROBE_NATIVE;
		row->out->way = MNTCOMPAT_WAY_NATIVE;
	}
	return 0;
}

/* ask_listns() makes no call if the emulation is known to work. */
static int listns(struct row *row)
{
	int ret = 0;

	if (row->answers->calls[CALL_LISTNS].asked || !row->answers->finished) {
		ret = from_call(row, CALL_LISTNS);
	} else if (mntcompat_get_mode() == MNTCOMPAT_MODE_NATIVE) {
		missing_in_kernel(row);
	} else {
		row->out->state = MNTCOMPAT_PROBE_EMULATED;
		row->out->way = MNTCOMPAT_WAY_PROCFS;
	}
	if (row->out->state == MNTCOMPAT_PROBE_EMULATED)
		partly(row, row->answers->ptrace ?
				    "namespaces that procfs does not show" :
				    "namespaces of tasks that this process cannot inspect");
	return ret;
}

/* The part that is lost in an emulation, if it does not depend on the answer. */
static void lost_when_emulated(struct row *row, enum feature_id id)
{
	if (row->out->state != MNTCOMPAT_PROBE_EMULATED)
		return;
	switch (id) {
	case FEATURE_OPEN_TREE_NAMESPACE:
		if (row->answers->calls[CALL_OPEN_TREE_DETACHED].error)
			partly(row, "detached trees");
		break;
	case FEATURE_STATX_MNT_ID_UNIQUE:
	case FEATURE_HANDLE_MNT_ID_UNIQUE:
		if (row->out->way == MNTCOMPAT_WAY_OLD_ID ||
		    row->answers->features[FEATURE_STATX_MNT_ID_UNIQUE] != FEATURE_PRESENT)
			partly(row, "ids are used again after the mount is gone");
		break;
	case FEATURE_LISTMOUNT:
	case FEATURE_LISTMOUNT_REVERSE:
		if (row->out->way == MNTCOMPAT_WAY_MOUNTINFO)
			partly(row,
			       "the order of ids; namespaces by their id; mounts that cannot be reached");
		break;
	case FEATURE_NS_GET_ID:
	case FEATURE_NS_GET_MNTNS_ID:
		if (row->out->way == MNTCOMPAT_WAY_INODE)
			partly(row, "ids are used again after the namespace is gone");
		break;
	case FEATURE_NS_MNT_GET_INFO:
		partly(row, "mounts that cannot be reached are not counted");
		break;
	case FEATURE_MOUNT_SETATTR:
		partly(row, "id maps; detached trees; atomicity");
		break;
	case FEATURE_OPEN_TREE_ATTR:
		if (row->answers->features[FEATURE_MOUNT_SETATTR] != FEATURE_PRESENT)
			partly(row, "id maps");
		break;
	default:
		break;
	}
}

static int by_id(struct row *row, enum feature_id id)
{
	int ret = 0;

	row->feature = row->answers->features[id];
	switch (id) {
	case FEATURE_OPEN_TREE_NAMESPACE_LAX:
		return namespace_rules(row);
	case FEATURE_STATMOUNT_ID_MAPS:
		return id_maps(row);
	case FEATURE_PROCFS:
		from_feature(row, true);
		if (row->feature != FEATURE_PRESENT && row->answers->finished &&
		    row->out->reason != MNTCOMPAT_PROBE_FILES)
			unavailable(row, MNTCOMPAT_PROBE_PROCFS, "procfs is not mounted on /proc");
		return 0;
	case FEATURE_LISTNS:
		return listns(row);
	default:
		break;
	}
	if (calls[id] == CALL_NONE)
		from_feature(row, id == FEATURE_OPEN_TREE || id == FEATURE_PIDFD_GET_MNT_NAMESPACE);
	else
		ret = from_call(row, calls[id]);
	if (ret == 0 && (id == FEATURE_STATMOUNT || id == FEATURE_STATMOUNT_BY_FD))
		ret = lost_bits(row,
				UAPI_STATMOUNT_ALL & ~row->answers->calls[calls[id]].supported);
	lost_when_emulated(row, id);
	return ret;
}

static struct mntcompat_probe_feature *new_row(struct mntcompat_probe *probe, struct row *row,
					       const char *name, const char *purpose,
					       unsigned int since)
{
	struct mntcompat_probe_feature *out = report_alloc(probe, sizeof(*out));

	*row = (struct row){
		.probe = probe,
		.answers = &probe->shared->answers,
		.out = out,
		.since = since,
		.feature = FEATURE_UNKNOWN,
	};
	if (out)
		*out = (struct mntcompat_probe_feature){
			.name = name,
			.purpose = purpose,
			.lost = "",
			.detail = "",
		};
	return out;
}

/* The reason why the kernel's own call does not answer, in words for people; "" if it is unknown. */
static const char *why_emulated(struct mntcompat_probe *probe, const struct row *row)
{
	unsigned int kernel = running_kernel();

	if (mntcompat_get_mode() == MNTCOMPAT_MODE_EMULATE)
		return "mode emulate";
	if (level() && level() < row->since)
		return report_printf(probe, "as on Linux %u.%u", level() / 1000, level() % 1000);
	if (is_hidden(row))
		return "a seccomp filter refuses the kernel's call";
	if (row->feature == FEATURE_ABSENT || (kernel && kernel < row->since))
		return "the kernel lacks it";
	return "";
}

static int add_row(struct mntcompat_probe *probe, struct row *row)
{
	int ret = version_text(probe, row->since, &row->out->since);

	if ((row->out->state == MNTCOMPAT_PROBE_EMULATED ||
	     row->out->state == MNTCOMPAT_PROBE_PARTLY) &&
	    !*row->out->detail)
		row->out->detail = why_emulated(probe, row);
	if (!row->out->detail)
		return -ENOMEM;
	return ret ? ret : report_add(&probe->features, row->out);
}

static int answer_is_whole(struct mntcompat_probe *probe)
{
	struct answers *answers = &probe->shared->answers;

	if (answers->finished)
		return 0;
	return report_trouble(
		probe,
		"the probe was not completed%s: features that were not probed are shown as unavailable",
		answers->filtered || !answers->began ? ", possibly because of a seccomp filter" :
						       "");
}

bool features_has_name(const char *name)
{
	size_t i;

	for (i = 0; i < FEATURE_COUNT; i++)
		if (!strcmp(feature_describe((enum feature_id)i)->name, name))
			return true;
	for (i = 0; i < sizeof(more_rows) / sizeof(more_rows[0]); i++)
		if (!strcmp(more_rows[i].name, name))
			return true;
	return false;
}

static bool is_wanted(const struct mntcompat_probe *probe, const char *name)
{
	const char *const *at = probe->features_wanted;

	while (at && *at && strcmp(*at, name))
		at++;
	return !at || *at;
}

int report_features(struct mntcompat_probe *probe)
{
	struct row row;
	size_t i;
	int ret = answer_is_whole(probe);

	for (i = 0; ret == 0 && i < FEATURE_COUNT; i++) {
		const struct feature *feature = feature_describe((enum feature_id)i);

		if (!is_wanted(probe, feature->name))
			continue;
		if (!new_row(probe, &row, feature->name, feature->purpose, feature->since))
			return -ENOMEM;
		ret = by_id(&row, (enum feature_id)i);
		if (ret == 0)
			ret = add_row(probe, &row);
	}
	for (i = 0; ret == 0 && i < sizeof(more_rows) / sizeof(more_rows[0]); i++) {
		if (!is_wanted(probe, more_rows[i].name))
			continue;
		if (!new_row(probe, &row, more_rows[i].name, more_rows[i].purpose,
			     more_rows[i].since))
			return -ENOMEM;
		ret = from_call(&row, more_rows[i].call);
		if (more_rows[i].call == CALL_USER_NAMESPACE &&
		    row.out->reason == MNTCOMPAT_PROBE_PRIVILEGE)
			unavailable(&row, MNTCOMPAT_PROBE_USER_NAMESPACE, NULL);
		if (row.out->state == MNTCOMPAT_PROBE_EMULATED && more_rows[i].lost)
			partly(&row, more_rows[i].lost);
		if (ret == 0)
			ret = add_row(probe, &row);
	}
	return ret;
}
