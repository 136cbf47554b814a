# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: programs of Debian's suites, with their libraries and dynamic linker, for guests.
# It may touch its directory of the cache; the archive is reached through archive.py.
# tests/matrix/run calls it.

import os
import shutil
import subprocess
import zlib

from archive import Unavailable

# Suite, programs, and the packages that hold them and all they need.
LIBRARIES = ["libc6", "libblkid1", "libcap2", "libmount1", "libpcre2-8-0", "libselinux1", "libsmartcols1",
             "libudev1"]
SETS = {
    "trixie": ("trixie", ["usr/bin/findmnt", "usr/bin/mount", "usr/bin/umount"],
               ["util-linux", "mount", *LIBRARIES]),
    "sid": ("sid", ["usr/bin/findmnt", "usr/bin/mount", "usr/bin/umount", "usr/bin/perl",
                    "usr/sbin/xfs_io"],
            ["util-linux", "mount", "perl-base", "xfsprogs", "libbsd0", "libcrypt1",
             "libdevmapper1.02.1", "libedit2", "libmd0", "libsystemd0", "libtinfo6",
             "libuuid1", *LIBRARIES]),
    "containers": ("sid", ["usr/bin/crun", "usr/sbin/runc"],
                   ["crun", "runc", "libblake3-0", "libc6", "libcap2", "libjson-c5", "libseccomp2",
                    "libsystemd0"]),
}
LIBDIR = "usr/lib/x86_64-linux-gnu"


def fetch(cache, name):
    """The directory with the files of a set, from the archive if they are not there yet."""
    suite, programs, packages = SETS[name]
    archive = cache.archives["amd64"]
    # What was fetched for another list stays where those who have that list look for it.
    mark = zlib.crc32(repr(SETS[name]).encode())
    target = os.path.join(cache.path, "programs", f"{name}-{mark:08x}")
    if os.path.exists(target):
        return target
    with cache.locked():
        if os.path.exists(target):
            return target
        work = f"{target}.new"
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(f"{work}/debs")
        cache.say(f"fetching programs of {suite}")
        for fresh in (False, True):
            if fresh:
                archive.update()
            elif not archive.indices():
                continue
            done = subprocess.run(["apt-get", *archive.apt_options(), "-q", "download",
                                   *(f"{p}/{suite}" for p in packages)], cwd=f"{work}/debs",
                                  stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if not done.returncode:
                break
        debs = os.listdir(f"{work}/debs")
        if len(debs) < len(packages):
            shutil.rmtree(work)
            raise Unavailable(f"programs of {suite} cannot be fetched: "
                              + (done.stderr.strip().splitlines() or ["the archive has them not"])[-1])
        for deb in debs:
            subprocess.run(["dpkg-deb", "-x", f"{work}/debs/{deb}", f"{work}/all"], check=True)
        os.makedirs(f"{work}/files/{LIBDIR}")
        for program in programs:
            os.makedirs(os.path.dirname(f"{work}/files/{program}"), exist_ok=True)
            shutil.copy2(f"{work}/all/{program}", f"{work}/files/{program}")
        for library in os.listdir(f"{work}/all/{LIBDIR}"):
            # With the contents of what is a symbolic link: that is how it is looked for.
            if ".so" in library and os.path.isfile(f"{work}/all/{LIBDIR}/{library}"):
                shutil.copy(f"{work}/all/{LIBDIR}/{library}", f"{work}/files/{LIBDIR}/{library}")
        os.rename(f"{work}/files", target)
        shutil.rmtree(work)
    return target


def add(image, cache, names):
    """Puts these sets below /debian/NAME of a guest; raises Unavailable before it has put anything."""
    for one, top in [(name, fetch(cache, name)) for name in names]:
        for directory, _, files in os.walk(top):
            for name in files:
                path = os.path.join(directory, name)
                with open(path, "rb") as f:
                    image.text(f"debian/{one}/{os.path.relpath(path, top)}", f.read(), 0o755)
