# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: which kernels there are and how they are got: a lock, a cache.
# It may touch the cache directory and kernels.lock; the archive is reached through archive.py.
# tests/matrix/run calls it.

import contextlib
import functools
import lzma
import os
import re
import shutil
import subprocess

from archive import Archive, Unavailable, debian_order

# The newest of each series is what a run boots when nothing else is asked for.
SERIES = {
    "amd64": ["5.10", "6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"],
    "arm64": ["5.10", "6.12", "7.3"],
}

# Older points of a series that answer differently from its newest one.
POINTS = ["7.0.4", "7.1.3", "7.2.6"]

# The first Debian release whose libmount can use listmount.
LIBMOUNT_SUITE = "trixie"
LIBMOUNT_PACKAGES = ["libmount1", "libblkid1", "libselinux1", "libpcre2-8-0", "libeconf0", "libc6"]

# Up to 6.18 one package holds kernel and modules, from 6.19 on the kernel has its own.
PACKAGE = re.compile(r"^linux-(image|binary)-(\d+\.\d+)[\d.]*[-+].*cloud-(amd64|arm64)$")


class Kernel:
    def __init__(self, series, package, version, sha256):
        self.series, self.package, self.version, self.sha256 = series, package, version, sha256
        # What --kernel takes to mean this one.
        self.word = series

    @property
    def architecture(self):
        """As Debian calls it; each architecture has packages of its own."""
        return PACKAGE.match(self.package).group(3)

    @property
    def release(self):
        """What uname -r says."""
        return re.sub(r"^linux-(image|binary)-", "", self.package)

    @property
    def point(self):
        """The upstream version, 7.0.13; packages of old series do not carry it in the name."""
        return re.match(r"[\d.]+", self.version).group(0)

    def numbers(self):
        return tuple(int(n) for n in self.point.split("."))


@functools.cmp_to_key
def newer(a, b):
    if a.numbers() != b.numbers():
        return 1 if a.numbers() > b.numbers() else -1
    ka, kb = debian_order(a.version), debian_order(b.version)
    return 1 if ka > kb else -1 if ka < kb else 0


def read_lock(path):
    kernels = []
    with contextlib.suppress(FileNotFoundError), open(path) as f:
        for line in f:
            fields = line.split("#")[0].split()
            if fields:
                kernels.append(Kernel(*fields))
    return kernels


def write_lock(path, kernels):
    with open(path + ".new", "w") as f:
        f.write("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
                "# The kernels of the matrix; written by `tests/matrix/run --update-lock`.\n"
                "# The last line of a series is the one booted by default.\n"
                "# series package version sha256\n")
        for k in kernels:
            f.write(f"{k.series} {k.package} {k.version} {k.sha256}\n")
    os.replace(path + ".new", path)


class Cache:
    """Kernels on disk. Safe for several runs at a time."""

    def __init__(self, path, say):
        self.path, self.say = path, say
        self.archives = {name: Archive(path, say, name) for name in SERIES}
        self.locked = self.archives["amd64"].locked

    def available(self, architecture):
        """Every kernel of the wanted series that the archive has now, oldest first."""
        archive, found = self.archives[architecture], {}
        archive.update()
        for record in archive.records():
            self.note(record, found, architecture)
        return sorted(found.values(), key=newer)

    @staticmethod
    def note(record, found, architecture):
        match = PACKAGE.match(record.get("Package", ""))
        if not match or match.group(3) != architecture or match.group(2) not in SERIES[architecture]:
            return
        # A release candidate is not what a series answers.
        if "~rc" in record["Version"]:
            return
        if int(record["Size"]) < 1000000:
            return
        kernel = Kernel(match.group(2), record["Package"], record["Version"], record["SHA256"])
        found[kernel.package, kernel.version] = kernel

    def newest_lock(self):
        """What a new lock file says: for each series the wanted points, then the newest."""
        lock = []
        for architecture, wanted in SERIES.items():
            kernels = self.available(architecture)
            for series in wanted:
                mine = [k for k in kernels if k.series == series]
                if not mine:
                    self.say(f"kernel {series} {architecture}: not in the archive")
                    continue
                if architecture == "amd64":
                    for point in POINTS:
                        lock += [k for k in mine if k.point == point and k is not mine[-1]][-1:]
                lock.append(mine[-1])
        return lock

    def directory(self, kernel):
        return os.path.join(self.path, "kernels",
                            f"{kernel.package}_{kernel.version}_{kernel.sha256[:12]}")

    def get(self, kernel):
        """Kernel with its vmlinuz in the cache; another point of the series if this one is gone."""
        with self.locked():
            if self.extract(kernel):
                return kernel
            candidates = [k for k in self.available(kernel.architecture)
                          if k.series == kernel.series]
            ahead = [k for k in candidates if newer(k) > newer(kernel)]
            if not ahead:
                raise Unavailable(f"kernel {kernel.series}: {kernel.package} {kernel.version} is "
                                  "gone from the archive and nothing newer of the series is there")
            self.say(f"kernel {kernel.series}: locked {kernel.package} {kernel.version} is GONE "
                     f"from the archive; going on with {ahead[-1].package} {ahead[-1].version} "
                     "(make it so with --update-lock)")
            if not self.extract(ahead[-1]):
                raise Unavailable(f"kernel {kernel.series}: {ahead[-1].package} cannot be fetched")
            return ahead[-1]

    def vmlinuz(self, kernel):
        return os.path.join(self.directory(kernel), "vmlinuz")

    def extract(self, kernel):
        if os.path.exists(self.vmlinuz(kernel)):
            return True
        archive = self.archives[kernel.architecture]
        deb = archive.deb(kernel.package, kernel.version, kernel.sha256)
        if not deb:
            return False
        wanted = (f"boot/vmlinuz-{kernel.release}", f"usr/lib/modules/{kernel.release}/vmlinuz",
                  f"lib/modules/{kernel.release}/vmlinuz")
        os.makedirs(self.directory(kernel), exist_ok=True)
        with archive.open_deb(deb) as tar:
            for member in tar:
                if member.isfile() and member.name.lstrip("./") in wanted:
                    with open(self.vmlinuz(kernel) + ".new", "wb") as f:
                        shutil.copyfileobj(tar.extractfile(member), f)
                    os.replace(self.vmlinuz(kernel) + ".new", self.vmlinuz(kernel))
                    return True
        raise Unavailable(f"{kernel.package} {kernel.version} holds no vmlinuz where one belongs")

    def modules(self, kernel, names):
        """Module files for the guest as (name, bytes), each after the ones it depends on."""
        with self.locked():
            root = os.path.join(self.directory(kernel), "modules")
            if not os.path.exists(root):
                self.extract_modules(kernel, root)
        index, builtin = {}, b""
        if os.path.exists(os.path.join(root, "modules.builtin")):
            with open(os.path.join(root, "modules.builtin"), "rb") as f:
                builtin = f.read().replace(b"-", b"_")
        for directory, _, files in os.walk(root):
            for f in files:
                if ".ko" in f:
                    index[f.split(".ko")[0].replace("-", "_")] = os.path.join(directory, f)
        done, order = set(), []

        def add(name):
            name = name.replace("-", "_")
            if name in done:
                return
            done.add(name)
            if f"/{name}.ko".encode() in builtin:
                return
            if name not in index:
                raise Unavailable(f"kernel {kernel.point} has no module {name}")
            with open(index[name], "rb") as f:
                data = f.read()
            if index[name].endswith(".xz"):
                data = lzma.decompress(data)
            depends = re.search(rb"\0depends=([^\0]*)\0", data)
            for other in depends.group(1).decode().split(",") if depends else ():
                if other:
                    add(other)
            order.append((name + ".ko", data))

        for name in names:
            add(name)
        return order

    def libmount(self):
        """
        A directory with a libmount that has the listmount backend (2.41), the libc that it needs and
        its dynamic linker, of the Debian release that came with them.
        """
        root, archive = os.path.join(self.path, f"libmount-{LIBMOUNT_SUITE}"), self.archives["amd64"]
        with self.locked():
            if os.path.exists(root):
                return root
            self.say(f"fetching libmount of Debian {LIBMOUNT_SUITE}")
            shutil.rmtree(root + ".new", ignore_errors=True)
            os.makedirs(root + ".new/debs")
            for fresh in (False, True):
                if fresh:
                    archive.update()
                subprocess.run(["apt-get", *archive.apt_options(), "-q", "download",
                                *(f"{p}/{LIBMOUNT_SUITE}" for p in LIBMOUNT_PACKAGES)],
                               cwd=root + ".new/debs", capture_output=True)
                debs = [os.path.join(root + ".new/debs", d) for d in os.listdir(root + ".new/debs")]
                if len(debs) == len(LIBMOUNT_PACKAGES):
                    break
            if len(debs) != len(LIBMOUNT_PACKAGES):
                raise Unavailable(f"{' '.join(LIBMOUNT_PACKAGES)} of {LIBMOUNT_SUITE} cannot be fetched")
            files = os.path.join(root + ".new/files")
            for deb in debs:
                subprocess.run(["dpkg-deb", "-x", deb, files], check=True)
            for directory, _, names in os.walk(files):
                for name in names:
                    # By the names that programs ask for, which are links for most.
                    if re.search(r"\.so\.\d+$", name) and "gconv" not in directory:
                        path = os.path.realpath(os.path.join(directory, name))
                        if os.path.isfile(path) and path.startswith(files):
                            shutil.copy(path, os.path.join(root + ".new", name))
            shutil.rmtree(files)
            shutil.rmtree(root + ".new/debs")
            os.replace(root + ".new", root)
        return root

    def extract_modules(self, kernel, root):
        archive, packages = self.archives[kernel.architecture], [kernel.package]
        if kernel.package.startswith("linux-binary-"):
            packages = [f"linux-modules-{kernel.release}", f"linux-base-{kernel.release}"]
        shutil.rmtree(root + ".new", ignore_errors=True)
        os.makedirs(root + ".new")
        for package in packages:
            deb = archive.deb(package, kernel.version)
            if not deb:
                raise Unavailable(f"{package} {kernel.version} cannot be fetched")
            with archive.open_deb(deb) as tar:
                for member in tar:
                    name = os.path.basename(member.name)
                    if member.isfile() and (".ko" in name or name == "modules.builtin"):
                        with open(os.path.join(root + ".new", name), "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
        os.replace(root + ".new", root)
