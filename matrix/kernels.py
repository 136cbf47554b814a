# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: which kernels there are and how they are got: the archive's, a lock of them, a cache; images that somebody
# built. It may touch the cache directory and the lock that it is told to write; the archive is reached through archive.py.

import contextlib
import functools
import gzip
import lzma
import os
import re
import shutil
import struct
import subprocess
import time

from archive import Archive, Subject, Unavailable, debian_order

# The kernels of Debian that are made for virtual machines; where there are none, the ordinary ones. Up to 6.18 one package
# holds kernel and modules, from 6.19 on the kernel has its own.
FLAVOURS = {"amd64": "cloud-amd64", "arm64": "cloud-arm64", "s390x": "s390x"}
PACKAGE = re.compile(r"^linux-(image|binary)-(\d+\.\d+)[\d.]*[-+][a-z0-9.+-]*?(cloud-amd64|cloud-arm64|s390x)$")

# What the archive's suites may have: the first series, the last one ("": open). Those of the first table are small and have
# the newest of nearly every series; those of the second are asked for the series that is not there.
SMALL_SUITES = {
    "bullseye-security": ("5.10", "6.1"),
    "bookworm-security": ("6.1", "6.12"),
    "bookworm-backports": ("6.1", "6.12"),
    "trixie-security": ("6.12", ""),
    "trixie-backports": ("6.12", ""),
    "forky-security": ("7.0", ""),
}
LARGE_SUITES = {
    "bullseye": ("5.10", "5.10"),
    "bookworm": ("6.1", "6.1"),
    "trixie": ("6.12", "6.12"),
    "forky": ("7.0", ""),
    "sid": ("7.0", ""),
    "experimental": ("7.0", ""),
}
# Where a program for guests of another architecture comes from: a release rather than the very newest, which may be gone already.
PROGRAM_SUITES = ["bookworm", "trixie", "bullseye", "sid"]
KEPT_DAYS = 60


def numbers(version):
    return tuple(int(n) for n in version.split("."))


class Kernel:
    """A package of the archive."""

    def __init__(self, series, package, version, sha256, place=""):
        self.series, self.package, self.version, self.sha256 = series, package, version, sha256
        # Where the archive has it, if that is known: main or security, a colon, the path.
        self.place = place
        # What --kernel takes to mean this one.
        self.word = series

    @property
    def architecture(self):
        """As Debian calls it; each architecture has packages of its own."""
        return PACKAGE.match(self.package).group(3).rpartition("-")[2]

    @property
    def release(self):
        """What uname -r says."""
        return re.sub(r"^linux-(image|binary)-", "", self.package)

    @property
    def point(self):
        """The upstream version, 7.0.13; packages of old series do not carry it in the name."""
        return re.match(r"[\d.]+", self.version).group(0)

    def again(self):
        """The options that choose this one."""
        return ["--kernel", self.word]


class Image:
    """A kernel that somebody built: a file that qemu can start, and maybe its modules."""

    def __init__(self, path, modules, architecture):
        self.path, self.directory, self.architecture = os.path.abspath(path), modules, architecture
        for what, place, is_there in (("--image", self.path, os.path.isfile),
                                      ("--modules", modules, os.path.isdir)):
            if place and not is_there(place):
                raise Unavailable(f"{what} {place}: no such "
                                  + ("file" if what == "--image" else "directory"))
        self.release = image_release(self.path) or os.path.basename(path)
        match = re.match(r"(\d+\.\d+)[\d.]*", self.release)
        self.series, self.point = (match.group(1) if match else self.release), self.release

    def again(self):
        return ["--image", self.path, *(["--modules", self.directory] if self.directory else [])]


def image_release(path):
    """The release that an image's header has, as those of x86 do, or its text if it is not compressed; "" if neither."""
    with open(path, "rb") as f:
        head = f.read(0x210)
        if head[0x202:0x206] == b"HdrS":
            f.seek(struct.unpack_from("<H", head, 0x20e)[0] + 0x200)
            return f.read(128).split(b"\0")[0].decode(errors="replace").split(" ")[0]
        f.seek(0)
        found = re.search(rb"Linux version (\d[^ \0]*) ", f.read())
    return found.group(1).decode() if found else ""


@functools.cmp_to_key
def newer(a, b):
    if a.point != b.point:
        return 1 if numbers(a.point) > numbers(b.point) else -1
    ka, kb = debian_order(a.version), debian_order(b.version)
    return 1 if ka > kb else -1 if ka < kb else 0


def read_lock(path):
    kernels = []
    with contextlib.suppress(FileNotFoundError), open(path) as f:
        for line in f:
            fields = line.split("#")[0].split()
            if fields:
                if not 4 <= len(fields) <= 5 or not PACKAGE.match(fields[1]):
                    raise Unavailable(f"{path}: not a line of a lock: {line.strip()}")
                kernels.append(Kernel(*fields))
    return kernels


def write_lock(path, kernels):
    with open(path + ".new", "w") as f:
        f.write("# SPDX-License-Identifier: LGPL-2.1-or-later\n"
                "# The kernels of the matrix; written by --update-lock.\n"
                "# The last line of a series is the one booted by default.\n"
                "# series package version sha256 place\n")
        for k in kernels:
            f.write(f"{k.series} {k.package} {k.version} {k.sha256} {k.place}".rstrip() + "\n")
    os.replace(path + ".new", path)


def choose(known, wanted):
    """Of the known kernels, oldest first in each series, those that the words ask for."""
    newest = {k.series: k for k in known}
    for k in known:
        k.word = k.series if k is newest[k.series] else k.point
    chosen = []
    for word in ",".join(wanted or ["newest"]).split(","):
        if word == "all":
            mine = known
        elif word == "newest":
            mine = list(newest.values())
        elif word in newest:
            mine = [newest[word]]
        else:
            mine = [k for k in known if word in (k.point, k.release)][-1:]
        if not mine:
            there = " ".join(dict.fromkeys(k.series for k in known))
            raise Unavailable(f"there is no kernel {word}" + (f"; there are: {there}" if there else " in the archive"))
        chosen += [k for k in mine if k not in chosen]
    return chosen


def series_of(words):
    """The series that the words of --kernel may mean; None: any."""
    found = set()
    for word in ",".join(words or ["newest"]).split(","):
        match = re.match(r"\d+\.\d+", word)
        if not match:
            return None
        found.add(match.group(0))
    return found


class Cache:
    """Kernels on disk. Safe for several runs at a time."""

    def __init__(self, path, say, mirror=""):
        self.path, self.say = path, say
        self.archives = {name: Archive(path, say, name, mirror) for name in FLAVOURS}
        self.locked = self.archives["amd64"].locked
        self.clean()

    def clean(self):
        """What runs that were killed left behind, and kernels that nobody has booted for long."""
        work = os.path.join(self.path, "work")
        for name in os.listdir(work) if os.path.isdir(work) else ():
            if not os.path.exists(f"/proc/{name.split('-')[0]}"):
                shutil.rmtree(os.path.join(work, name), ignore_errors=True)
        base = os.path.join(self.path, "kernels")
        for name in os.listdir(base) if os.path.isdir(base) else ():
            path = os.path.join(base, name)
            with contextlib.suppress(OSError):
                if time.time() - os.path.getmtime(path) > KEPT_DAYS * 86400:
                    shutil.rmtree(path)

    @staticmethod
    def subject(architecture):
        return Subject("kernels", r"linux-(?:image|binary|modules|base)-\d+\.\d[a-z0-9.+-]*-" + FLAVOURS[architecture])

    def available(self, architecture, series=None, thorough=False):
        """The kernels of these series (None: of all) that the archive has now, oldest first; thorough: in any suite."""
        found = {}

        def ask(suites, wanted):
            named = [s for s, (first, last) in suites.items() if wanted is None or any(
                numbers(first) <= numbers(w) and (not last or numbers(w) <= numbers(last)) for w in wanted)]
            for record in self.archives[architecture].records(self.subject(architecture), named, fresh=True) if named else ():
                match = PACKAGE.match(record["Package"])
                # A release candidate is not what a series answers; a small package holds no kernel.
                if (not match or "~rc" in record["Version"] or int(record["Size"]) < 1000000
                        or series is not None and match.group(2) not in series):
                    continue
                kernel = Kernel(match.group(2), record["Package"], record["Version"], record["SHA256"], record["Place"])
                found[kernel.package, kernel.version] = kernel

        ask(SMALL_SUITES, series)
        rest = series and series - {k.series for k in found.values()}
        # Without a wish all series are meant that the small suites have.
        if thorough or rest or not found:
            ask(LARGE_SUITES, series if thorough or not found else rest)
        return sorted(found.values(), key=newer)

    def lock_of(self, architecture, series, points=()):
        """What a new lock says of an architecture: for each series the wanted points, then the newest."""
        lock, known = [], self.available(architecture, set(series) if series else None, thorough=True)
        for one in series or sorted({k.series for k in known}, key=numbers):
            mine = [k for k in known if k.series == one]
            if not mine:
                self.say(f"kernel {one} {architecture}: not in the archive")
                continue
            for point in points:
                lock += [k for k in mine if k.point == point and k is not mine[-1]][-1:]
            lock.append(mine[-1])
        return lock

    def directory(self, kernel):
        return os.path.join(self.path, "kernels",
                            f"{kernel.package}_{kernel.version}_{kernel.sha256[:12]}")

    def get(self, kernel, modules=False):
        """Kernel with its vmlinuz in the cache; another point of the series if this one is gone."""
        if isinstance(kernel, Image):
            return kernel
        with self.locked():
            if self.extract(kernel, modules):
                return kernel
            candidates = self.available(kernel.architecture, {kernel.series}, thorough=True)
            same = [k for k in candidates if (k.package, k.version) == (kernel.package, kernel.version)]
            ahead = [k for k in candidates if newer(k) > newer(kernel)]
            if same and same[0].sha256 != kernel.sha256:
                raise Unavailable(f"{kernel.package} {kernel.version}: sha256 {same[0].sha256} is not the locked {kernel.sha256}")
            if same and self.extract(same[0], modules):
                return kernel
            if not ahead:
                raise Unavailable(f"kernel {kernel.series}: {kernel.package} {kernel.version} is "
                                  "gone from the archive and nothing newer of the series is there")
            self.say(f"kernel {kernel.series}: locked {kernel.package} {kernel.version} is GONE "
                     f"from the archive; going on with {ahead[-1].package} {ahead[-1].version} "
                     "(make it so with --update-lock)")
            if not self.extract(ahead[-1], modules):
                raise Unavailable(f"kernel {kernel.series}: {ahead[-1].package} cannot be fetched")
            return ahead[-1]

    def vmlinuz(self, kernel):
        if isinstance(kernel, Image):
            return kernel.path
        return os.path.join(self.directory(kernel), "vmlinuz")

    def extract(self, kernel, modules):
        """True if the kernel is there, after this; with its modules if they are wanted and in the same package."""
        directory, target = self.directory(kernel), self.vmlinuz(kernel)
        if os.path.exists(target):
            # That it was used.
            os.utime(directory)
            return True
        # Without a place it has to be looked for.
        if not kernel.place:
            return False
        wanted = (f"boot/vmlinuz-{kernel.release}", f"usr/lib/modules/{kernel.release}/vmlinuz",
                  f"lib/modules/{kernel.release}/vmlinuz")
        archive = self.archives[kernel.architecture]
        with archive.fetched(kernel.package, kernel.version, kernel.place, kernel.sha256) as deb:
            if not deb:
                return False
            os.makedirs(directory, exist_ok=True)
            with archive.open_deb(deb) as tar:
                for member in tar:
                    if member.isfile() and member.name.lstrip("./") in wanted:
                        with open(target + ".new", "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
                        break
            if modules and kernel.package.startswith("linux-image-"):
                self.extract_modules(archive, [deb], os.path.join(directory, "modules"))
        if not os.path.exists(target + ".new"):
            raise Unavailable(f"{kernel.package} {kernel.version} holds no vmlinuz where one belongs")
        os.replace(target + ".new", target)
        return True

    def modules_root(self, kernel):
        """The directory with a kernel's modules, fetched if need be."""
        if isinstance(kernel, Image):
            if not kernel.directory:
                raise Unavailable(f"the modules of {kernel.path} are not known: say where they are with --modules")
            return kernel.directory
        root, archive = os.path.join(self.directory(kernel), "modules"), self.archives[kernel.architecture]
        with self.locked():
            if os.path.exists(root):
                return root
            packages = [kernel.package]
            if kernel.package.startswith("linux-binary-"):
                packages = [f"linux-modules-{kernel.release}", f"linux-base-{kernel.release}"]
            with contextlib.ExitStack() as stack:
                debs = []
                for package in packages:
                    places = [(kernel.place, kernel.sha256)] if package == kernel.package and kernel.place else (
                        (r["Place"], r["SHA256"]) for r in self.records_of(kernel, package))
                    deb = next((d for d in (stack.enter_context(archive.fetched(package, kernel.version, *p))
                                            for p in places) if d), None)
                    if not deb:
                        raise Unavailable(f"{package} {kernel.version} cannot be fetched")
                    debs.append(deb)
                self.extract_modules(archive, debs, root)
        return root

    def records_of(self, kernel, package):
        """Where the archive has a package of this kernel's version."""
        for suites in (SMALL_SUITES, LARGE_SUITES):
            for record in self.archives[kernel.architecture].records(
                    self.subject(kernel.architecture), list(suites), names=(package,)):
                if record["Version"] == kernel.version:
                    yield record

    @staticmethod
    def extract_modules(archive, debs, root):
        shutil.rmtree(root + ".new", ignore_errors=True)
        os.makedirs(root + ".new")
        for deb in debs:
            with archive.open_deb(deb) as tar:
                for member in tar:
                    name = os.path.basename(member.name)
                    if member.isfile() and (".ko" in name or name == "modules.builtin"):
                        with open(os.path.join(root + ".new", name), "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
        os.replace(root + ".new", root)

    def modules(self, kernel, names):
        """Module files for the guest as (name, bytes), each after the ones it depends on."""
        root = self.modules_root(kernel)
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
            data = read_module(index[name])
            depends = re.search(rb"\0depends=([^\0]*)\0", data)
            for other in depends.group(1).decode().split(",") if depends else ():
                if other:
                    add(other)
            order.append((name + ".ko", data))

        for name in names:
            add(name)
        return order


def read_module(path):
    with open(path, "rb") as f:
        data = f.read()
    if path.endswith(".xz"):
        return lzma.decompress(data)
    if path.endswith(".gz"):
        return gzip.decompress(data)
    if path.endswith(".zst"):
        if not shutil.which("zstd"):
            raise Unavailable("missing: apt-get install zstd")
        return subprocess.run(["zstd", "-dcq", path], capture_output=True, check=True).stdout
    return data
