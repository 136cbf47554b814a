// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * modules.c - loads libkmod, and names it in a note for those who make packages.
 * Nobody else here opens a shared object.
 */
#include <stddef.h>

#include "probe/modules.h"

#ifdef PIC
#include <dlfcn.h>
#include <stdint.h>

#define MODULES_SONAME "libkmod.so.2"

/*
 * The dependency as an ELF note, in JSON, which packaging tools read as they read DT_NEEDED:
 * https://uapi-group.org/specifications/specs/elf_dlopen_metadata/
 */
#define NOTE_OWNER "FDO"
#define NOTE_TYPE 0x407c0c0au
#define NOTE_TEXT \
	"[{\"feature\":\"kmod\"," \
	"\"description\":\"Reports of filesystems that modules of the kernel have\"," \
	"\"priority\":\"recommended\",\"soname\":[\"" MODULES_SONAME "\"]}]"

static const struct {
	uint32_t owner_size, text_size, type;
	char owner[sizeof(NOTE_OWNER)];
	char text[(sizeof(NOTE_TEXT) + 3) / 4 * 4];
} note __attribute__((used, aligned(4), section(".note.dlopen"))) = {
	sizeof(NOTE_OWNER), sizeof(NOTE_TEXT), NOTE_TYPE, NOTE_OWNER, NOTE_TEXT,
};

#define MODULES_LOOK_UP(name) \
	modules->name = (__typeof__(name) *)dlsym(handle, #name); \
	if (!modules->name) \
		return dlerror();

const char *modules_load(struct modules *modules)
{
	/* libkmod's libraries register functions for the end of the process, so it stays. */
	void *handle = dlopen(MODULES_SONAME, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	if (!handle)
		return dlerror();
	MODULES_FUNCTIONS(MODULES_LOOK_UP)
	return NULL;
}
#else
#define MODULES_SET(name) modules->name = name;

const char *modules_load(struct modules *modules)
{
	MODULES_FUNCTIONS(MODULES_SET)
	return NULL;
}
#endif
