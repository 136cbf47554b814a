# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: Debian's archive by way of a private apt: what there is, in every suite, and how it is fetched.
# It may touch the directory it is given, never the machine's own apt state.
# kernels.py and tests/headers.py use it.

import contextlib
import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import tarfile

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"

# Where things live changes as suites age; one that is not there (any more) is passed over.
SUITES = ["bullseye", "bullseye-updates", "bookworm", "bookworm-updates", "bookworm-backports",
          "trixie", "trixie-updates", "trixie-backports", "forky", "sid", "experimental"]
SECURITY_SUITES = ["bullseye-security", "bookworm-security", "trixie-security", "forky-security"]


class Unavailable(Exception):
    """Something the machine has to provide is missing; the text says what to do about it."""


def default_cache():
    """Where everything fetched is kept."""
    return os.path.abspath(os.environ.get("MNTCOMPAT_MATRIX_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mntcompat-matrix"))


@functools.cmp_to_key
def debian_order(a, b):
    if a == b:
        return 0
    return 1 if not subprocess.call(["dpkg", "--compare-versions", a, "gt", b]) else -1


class Archive:
    """The archive's packages for one architecture. Safe for several runs at a time."""

    def __init__(self, path, say, architecture="amd64"):
        self.path, self.say, self.architecture = path, say, architecture
        self.apt = os.path.join(path, "apt" if architecture == "amd64" else f"apt-{architecture}")
        self.updated = False
        os.makedirs(path, exist_ok=True)

    @contextlib.contextmanager
    def locked(self):
        with open(os.path.join(self.path, "lock"), "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield

    def archive_roots(self):
        """Main and security archive as this machine's apt has them."""
        try:
            text = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                                   "Created-By: Packages"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            raise Unavailable("apt-get is missing: packages come from Debian's archive, so the "
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
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
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
                f.write(f"deb [arch={self.architecture} signed-by={KEYRING}] {uri} {suite} "
                        "main\n")
        self.say(f"asking the archive what there is for {self.architecture}")
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

    def records(self, *packages):
        """Every package there is, or those of these names, as a dictionary of its fields."""
        for name in self.indices():
            with open(name, encoding="utf-8") as f:
                text = f.read()
            for wanted in packages or ("",):
                start = 0
                while (start := text.find(f"Package: {wanted}\n" if wanted else "Package: ", start)) >= 0:
                    end = text.find("\n\n", start)
                    end = len(text) if end < 0 else end
                    # Not the end of another field's name.
                    if start == 0 or text[start - 1] == "\n":
                        yield dict(line.split(": ", 1) for line in text[start:end].splitlines()
                                   if line[0] != " " and ": " in line)
                    start = end

    def suffix(self):
        return "" if self.architecture == "amd64" else f"_{self.architecture}"

    def deb(self, package, version, sha256=None):
        """Path of a package file, its checksum verified, or None if the archive lacks it."""
        debs = os.path.join(self.path, "debs")
        name = os.path.join(debs, f"{package}_{version}{self.suffix()}.deb")
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

    def program(self, package, member_name):
        """Path of one file of the newest package of this name, kept in the cache; None if there is none."""
        target = os.path.join(self.path, "programs", f"{package}{self.suffix()}")
        if os.path.exists(target):
            return target
        with self.locked():
            if not self.indices():
                self.update()
            records = sorted(self.records(package), key=lambda r: debian_order(r["Version"]), reverse=True)
            # Of a release rather than the very newest, which may be gone already.
            for record in [r for r in records if "+deb" in r["Version"]] + records:
                deb = self.deb(package, record["Version"], record["SHA256"])
                if not deb:
                    continue
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with self.open_deb(deb) as tar:
                    for member in tar:
                        if member.isfile() and member.name.lstrip("./") in (member_name, f"usr/{member_name}"):
                            with open(target + ".new", "wb") as f:
                                shutil.copyfileobj(tar.extractfile(member), f)
                            os.chmod(target + ".new", 0o755)
                            os.replace(target + ".new", target)
                            return target
        return None

    @staticmethod
    def verify(path, package, version, sha256):
        with open(path, "rb") as f:
            digest = hashlib.sha256(f.read()).hexdigest()
        if sha256 and digest != sha256:
            raise Unavailable(f"{package} {version}: sha256 {digest} is not the locked {sha256}")

    @staticmethod
    @contextlib.contextmanager
    def open_deb(path):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as p:
            with tarfile.open(fileobj=p.stdout, mode="r|") as tar:
                yield tar
            p.stdout.close()
            p.kill()
