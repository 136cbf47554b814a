# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: which kernels there are and how they are got: a private apt, a lock, a cache.
# It may touch the cache directory and kernels.lock, never the machine's own apt state.
# tests/matrix/run calls it.

import contextlib
import fcntl
import functools
import hashlib
import lzma
import os
import re
import shutil
import subprocess
import tarfile

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# The newest of each series is what a run boots when nothing else is asked for.
SERIES = ["5.10", "6.1", "6.12", "6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"]

# Older points of a series that answer differently from its newest one.
POINTS = ["7.0.4", "7.1.3", "7.2.6"]

# Where series live changes as suites age; one that is not there (any more) is passed over.
SUITES = ["bullseye", "bullseye-updates", "bookworm", "bookworm-updates", "bookworm-backports",
          "trixie", "trixie-updates", "trixie-backports", "forky", "sid", "experimental"]
SECURITY_SUITES = ["bullseye-security", "bookworm-security", "trixie-security", "forky-security"]

# The first Debian release whose libmount can use listmount.
LIBMOUNT_SUITE = "trixie"
LIBMOUNT_PACKAGES = ["libmount1", "libblkid1", "libselinux1", "libpcre2-8-0", "libeconf0", "libc6"]

# Up to 6.18 one package holds kernel and modules, from 6.19 on the kernel has its own.
PACKAGE = re.compile(r"^linux-(image|binary)-(\d+\.\d+)[\d.]*[-+].*cloud-amd64$")


class Unavailable(Exception):
    """Something the machine has to provide is missing; the text says what to do about it."""


class Kernel:
    def __init__(self, series, package, version, sha256):
        self.series, self.package, self.version, self.sha256 = series, package, version, sha256
        # What --kernel takes to mean this one.
        self.word = series

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
def debian_order(a, b):
    if a == b:
        return 0
    return 1 if not subprocess.call(["dpkg", "--compare-versions", a, "gt", b]) else -1


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
    """Kernels on disk, and the private apt that fills it. Safe for several runs at a time."""

    def __init__(self, path, say):
        self.path, self.say = path, say
        self.apt = os.path.join(path, "apt")
        self.updated = False
        os.makedirs(path, exist_ok=True)

    @contextlib.contextmanager
    def locked(self):
        with open(os.path.join(self.path, "lock"), "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield

    # The archive

    def archive_roots(self):
        """Main and security archive as this machine's apt has them."""
        try:
            text = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                                   "Created-By: Packages"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            raise Unavailable("apt-get is missing: kernels come from Debian's archive, so the "
                              "first run needs a Debian system (or a filled --cache)")
        main = security = None
        for line in text.splitlines():
            uri, _, suite = line.partition(" ")
            if suite.endswith("-security"):
                security = security or uri
            elif re.fullmatch(r"bullseye|bookworm|trixie|forky|duke|sid|stable|testing|unstable"
                              r"|oldstable", suite):
                main = main or uri
        if not main:
            raise Unavailable("apt knows no Debian archive: add one to /etc/apt/sources.list.d and "
                              "run apt-get update")
        if not security and main.rstrip("/").endswith("/debian"):
            security = main.rstrip("/") + "-security/"
        return main, security

    def apt_options(self):
        options = {
            "Dir::Etc::sourcelist": f"{self.apt}/sources.list",
            "Dir::Etc::sourceparts": f"{self.apt}/none",
            "Dir::Etc::preferences": f"{self.apt}/none",
            "Dir::Etc::preferencesparts": f"{self.apt}/none",
            "Dir::State": f"{self.apt}/state",
            "Dir::State::lists": f"{self.apt}/lists",
            "Dir::State::status": f"{self.apt}/status",
            "Dir::Cache": f"{self.apt}/cache",
            "APT::Architecture": "amd64",
            "APT::Architectures": "amd64",
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
            "Acquire::GzipIndexes": "false",
            "Acquire::Retries": "3",
        }
        return [arg for key, value in options.items() for arg in ("-o", f"{key}={value}")]

    def update(self):
        if self.updated:
            return
        main, security = self.archive_roots()
        if not os.path.exists(KEYRING):
            raise Unavailable("the archive's keys are missing: "
                              "apt-get install debian-archive-keyring")
        for d in ("state", "lists/partial", "cache/archives/partial", "none"):
            os.makedirs(f"{self.apt}/{d}", exist_ok=True)
        open(f"{self.apt}/status", "a").close()
        sources = [(main, s) for s in SUITES]
        sources += [(security, s) for s in SECURITY_SUITES if security]
        with open(f"{self.apt}/sources.list", "w") as f:
            for uri, suite in sources:
                f.write(f"deb [arch=amd64 signed-by={KEYRING}] {uri} {suite} main\n")
        self.say("asking the archive which kernels there are")
        done = subprocess.run(["apt-get", *self.apt_options(), "-q", "update"], capture_output=True,
                              text=True)
        if not self.indices():
            lines = [l for l in done.stderr.splitlines() if l[:2] in ("E:", "W:")]
            raise Unavailable("the archive cannot be reached: "
                              + (lines or ["apt-get update failed"])[0])
        self.updated = True

    def indices(self):
        text = subprocess.run(["apt-get", *self.apt_options(), "indextargets", "--format",
                               "$(FILENAME)", "Created-By: Packages"], capture_output=True,
                              text=True).stdout
        return [name for name in text.splitlines() if os.path.exists(name)]

    def available(self):
        """Every kernel of the wanted series that the archive has now, oldest first."""
        self.update()
        found = {}
        for name in self.indices():
            with open(name, encoding="utf-8") as f:
                record = {}
                for line in f:
                    if line == "\n":
                        self.note(record, found)
                        record = {}
                    elif line[0] != " ":
                        key, _, value = line.partition(": ")
                        record[key] = value.strip()
                self.note(record, found)
        return sorted(found.values(), key=newer)

    @staticmethod
    def note(record, found):
        match = PACKAGE.match(record.get("Package", ""))
        # A release candidate is not what a series answers.
        if not match or match.group(2) not in SERIES or "~rc" in record["Version"]:
            return
        if int(record["Size"]) < 1000000:
            return
        kernel = Kernel(match.group(2), record["Package"], record["Version"], record["SHA256"])
        found[kernel.package, kernel.version] = kernel

    def newest_lock(self):
        """What a new lock file says: for each series the wanted points, then the newest."""
        kernels, lock = self.available(), []
        for series in SERIES:
            mine = [k for k in kernels if k.series == series]
            if not mine:
                self.say(f"kernel {series}: not in the archive")
                continue
            for point in POINTS:
                lock += [k for k in mine if k.point == point and k is not mine[-1]][-1:]
            lock.append(mine[-1])
        return lock

    # Packages and what is in them

    def deb(self, package, version, sha256=None):
        """Path of a package file, its checksum verified, or None if the archive lacks it."""
        debs = os.path.join(self.path, "debs")
        name = os.path.join(debs, f"{package}_{version}.deb")
        if os.path.exists(name):
            self.verify(name, package, version, sha256)
            return name
        work = os.path.join(debs, "partial")
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        self.say(f"fetching {package} {version}")
        got = []
        # The lists of an earlier run will do as long as they lead to the package.
        for fresh in (False, True):
            if fresh:
                self.update()
            elif not self.indices():
                continue
            subprocess.run(["apt-get", *self.apt_options(), "-q", "download",
                            f"{package}={version}"], cwd=work, capture_output=True, text=True)
            got = [f for f in os.listdir(work) if f.endswith(".deb")]
            if got:
                break
        if not got:
            return None
        path = os.path.join(work, got[0])
        self.verify(path, package, version, sha256)
        os.replace(path, name)
        return name

    @staticmethod
    def verify(path, package, version, sha256):
        with open(path, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        if sha256 and digest != sha256:
            raise Unavailable(f"{package} {version}: sha256 {digest} is not the locked {sha256}")

    def directory(self, kernel):
        return os.path.join(self.path, "kernels",
                            f"{kernel.package}_{kernel.version}_{kernel.sha256[:12]}")

    def get(self, kernel):
        """Kernel with its vmlinuz in the cache; another point of the series if this one is gone."""
        with self.locked():
            if self.extract(kernel):
                return kernel
            candidates = [k for k in self.available() if k.series == kernel.series]
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
        deb = self.deb(kernel.package, kernel.version, kernel.sha256)
        if not deb:
            return False
        wanted = (f"boot/vmlinuz-{kernel.release}", f"usr/lib/modules/{kernel.release}/vmlinuz",
                  f"lib/modules/{kernel.release}/vmlinuz")
        os.makedirs(self.directory(kernel), exist_ok=True)
        with self.open_deb(deb) as tar:
            for member in tar:
                if member.isfile() and member.name.lstrip("./") in wanted:
                    with open(self.vmlinuz(kernel) + ".new", "wb") as f:
                        shutil.copyfileobj(tar.extractfile(member), f)
                    os.replace(self.vmlinuz(kernel) + ".new", self.vmlinuz(kernel))
                    return True
        raise Unavailable(f"{kernel.package} {kernel.version} holds no vmlinuz where one belongs")

    @staticmethod
    @contextlib.contextmanager
    def open_deb(path):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as p:
            with tarfile.open(fileobj=p.stdout, mode="r|") as tar:
                yield tar
            p.stdout.close()
            p.kill()

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
        root = os.path.join(self.path, f"libmount-{LIBMOUNT_SUITE}")
        with self.locked():
            if os.path.exists(root):
                return root
            self.say(f"fetching libmount of Debian {LIBMOUNT_SUITE}")
            shutil.rmtree(root + ".new", ignore_errors=True)
            os.makedirs(root + ".new/debs")
            for fresh in (False, True):
                if fresh:
                    self.update()
                subprocess.run(["apt-get", *self.apt_options(), "-q", "download",
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
        packages = [kernel.package]
        if kernel.package.startswith("linux-binary-"):
            packages = [f"linux-modules-{kernel.release}", f"linux-base-{kernel.release}"]
        shutil.rmtree(root + ".new", ignore_errors=True)
        os.makedirs(root + ".new")
        for package in packages:
            deb = self.deb(package, kernel.version)
            if not deb:
                raise Unavailable(f"{package} {kernel.version} cannot be fetched")
            with self.open_deb(deb) as tar:
                for member in tar:
                    name = os.path.basename(member.name)
                    if member.isfile() and (".ko" in name or name == "modules.builtin"):
                        with open(os.path.join(root + ".new", name), "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
        os.replace(root + ".new", root)
