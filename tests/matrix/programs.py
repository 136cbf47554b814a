# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: programs of Debian's suites, with their libraries and dynamic linker, for guests.
# It may touch its directory of the cache; the archive is reached through archive.py.
# tests/matrix/run calls it.

import glob
import os
import re
import shutil
import zlib

from archive import Subject, Unavailable

# Suite, programs and other files (patterns), and the packages that hold them and all they need.
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
    "containers": ("sid", ["usr/bin/bwrap", "usr/bin/crun", "usr/sbin/runc"],
                   ["bubblewrap", "crun", "runc", "libblake3-0", "libc6", "libcap2", "libjson-c5", "libpcre2-8-0",
                    "libseccomp2", "libselinux1", "libsystemd0"]),
    "systemd": ("sid", ["usr/bin/systemd-nspawn", "usr/lib/systemd/systemd", "usr/lib/systemd/systemd-executor",
                        "usr/lib/systemd/systemd-shutdown", "usr/lib/x86_64-linux-gnu/systemd/lib*.so"],
                ["systemd", "systemd-container", "libsystemd-shared", "libacl1", "libblkid1", "libc6", "libcap2",
                 "libmount1", "libpcre2-8-0", "libseccomp2", "libselinux1", "libssl3t64", "libsystemd0", "libzstd1",
                 "zlib1g"]),
    "criu": ("sid", ["usr/sbin/criu"],
             ["criu", "libbsd0", "libc6", "libcompel1", "libffi8", "libgmp10", "libgnutls30t64", "libhogweed6t64",
              "libidn2-0", "libjansson4", "libmd0", "libmnl0", "libnet9", "libnettle8t64", "libnftables1", "libnftnl11",
              "libnl-3-200", "libp11-kit0", "libprotobuf-c1", "libtasn1-6", "libunistring5", "libuuid1", "libxtables12"]),
    "lxc": ("sid", ["usr/bin/lxc-execute"],
            ["lxc", "liblxc1t64", "libapparmor1", "libc6", "libcap2", "libdbus-1-3", "libgcc-s1", "libpcre2-8-0",
             "libseccomp2", "libselinux1", "libsystemd0"]),
    "podman": ("sid", ["usr/bin/podman", "usr/bin/conmon", "usr/bin/crun"],
               ["podman", "conmon", "crun", "libacl1", "libassuan9", "libatomic1", "libaudit1", "libblake3-0", "libbsd0",
                "libbz2-1.0", "libc6", "libcap-ng0", "libcap2", "libcrypt1", "libglib2.0-0t64", "libgpg-error0",
                "libgpgme45", "libjson-c5", "libmd0", "libpam0g", "libpcre2-8-0", "libseccomp2", "libselinux1",
                "libsemanage2", "libsepol2", "libsqlite3-0", "libsubid6", "libsystemd0"]),
}
LIBDIR = "usr/lib/x86_64-linux-gnu"


# The first Debian release whose libmount can use listmount.
LIBMOUNT_SUITE = "trixie"
LIBMOUNT_PACKAGES = ["libmount1", "libblkid1", "libselinux1", "libpcre2-8-0", "libeconf0", "libc6"]

EVERYTHING = sorted({*LIBMOUNT_PACKAGES, *(p for _, _, packages in SETS.values() for p in packages)})
SUBJECT = Subject("programs", "|".join(map(re.escape, EVERYTHING)))


def unpack(cache, suite, packages, target):
    """These packages of a suite below a directory, from the archive."""
    archive = cache.archives["amd64"]
    # What is known from an earlier run will do as long as it leads to the packages.
    for fresh in (False, True):
        shutil.rmtree(target, ignore_errors=True)
        if fresh:
            archive.update(SUBJECT, [suite])
        found = [archive.newest(SUBJECT, [suite], p) for p in packages]
        missing = [p for p, record in zip(packages, found) if not record or not archive.unpack(record, target)]
        if not missing:
            return
    raise Unavailable(f"programs of {suite} cannot be fetched: {' '.join(missing)}")


def fetch(cache, name):
    """The directory with the files of a set, from the archive if they are not there yet."""
    suite, programs, packages = SETS[name]
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
        unpack(cache, suite, packages, f"{work}/all")
        os.makedirs(f"{work}/files/{LIBDIR}")
        for pattern in programs:
            found = glob.glob(pattern, root_dir=f"{work}/all")
            if not found:
                raise Unavailable(f"the packages of {suite} have no {pattern}")
            for program in found:
                os.makedirs(os.path.dirname(f"{work}/files/{program}"), exist_ok=True)
                shutil.copy2(f"{work}/all/{program}", f"{work}/files/{program}")
        for library in os.listdir(f"{work}/all/{LIBDIR}"):
            # With the contents of what is a symbolic link: that is how it is looked for.
            if ".so" in library and os.path.isfile(f"{work}/all/{LIBDIR}/{library}"):
                shutil.copy(f"{work}/all/{LIBDIR}/{library}", f"{work}/files/{LIBDIR}/{library}")
        os.rename(f"{work}/files", target)
        shutil.rmtree(work)
    return target


def libmount(cache):
    """
    A directory with a libmount that has the listmount backend (2.41), the libc that it needs and
    its dynamic linker, of the Debian release that came with them.
    """
    root = os.path.join(cache.path, f"libmount-{LIBMOUNT_SUITE}")
    with cache.locked():
        if os.path.exists(root):
            return root
        shutil.rmtree(root + ".new", ignore_errors=True)
        os.makedirs(root + ".new")
        files = os.path.join(root + ".new/files")
        unpack(cache, LIBMOUNT_SUITE, LIBMOUNT_PACKAGES, files)
        for directory, _, names in os.walk(files):
            for name in names:
                # By the names that programs ask for, which are links for most.
                if re.search(r"\.so\.\d+$", name) and "gconv" not in directory:
                    path = os.path.realpath(os.path.join(directory, name))
                    if os.path.isfile(path) and path.startswith(files):
                        shutil.copy(path, os.path.join(root + ".new", name))
        shutil.rmtree(files)
        os.replace(root + ".new", root)
    return root


def add(image, cache, names):
    """Puts these sets below /debian/NAME of a guest; raises Unavailable before it has put anything."""
    for one, top in [(name, fetch(cache, name)) for name in names]:
        for directory, _, files in os.walk(top):
            for name in files:
                path = os.path.join(directory, name)
                with open(path, "rb") as f:
                    image.text(f"debian/{one}/{os.path.relpath(path, top)}", f.read(), 0o755)
