# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: Debian's archive by way of a private apt: which packages of a subject its suites have, and how one is fetched.
# It may touch the directory it is given, never the machine's own apt state. The archive's lists, 50 MB for all suites, are
# there only while they are read; an index of a few kilobytes for each suite stays.
# kernels.py uses it, and so do tests that need packages.

import contextlib
import fcntl
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import time

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
APT_HELPER = "/usr/lib/apt/apt-helper"
DAY = 86400


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


class Subject:
    """What somebody looks for in the archive: a pattern for names of packages."""

    def __init__(self, name, pattern):
        self.name, self.pattern = name, pattern


class Archive:
    """The archive's packages for one architecture. Safe for several runs at a time."""

    def __init__(self, path, say, architecture="amd64", mirror=""):
        self.path, self.say, self.architecture, self.mirror = path, say, architecture, mirror
        self.asked = set()
        os.makedirs(path, exist_ok=True)

    @contextlib.contextmanager
    def locked(self):
        with open(os.path.join(self.path, "lock"), "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield

    @contextlib.contextmanager
    def room(self, name):
        """A directory for as long as somebody needs it; Cache.clean() removes those of runs that were killed."""
        path = os.path.join(self.path, "work", f"{os.getpid()}-{name}-{self.architecture}")
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        try:
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)

    @functools.cached_property
    def roots(self):
        """Addresses of the main and the security archive, as --mirror or this machine's apt has them."""
        try:
            text = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)",
                                   "Created-By: Packages"], capture_output=True, text=True).stdout
        except FileNotFoundError:
            raise Unavailable("apt-get is missing: packages come from Debian's archive, so the "
                              "first run needs a Debian system (or a filled --cache)")
        found = {"main": self.mirror, "security": ""}
        for line in text.splitlines() if not self.mirror else ():
            uri, _, suite = line.partition(" ")
            if suite.endswith("-security"):
                found["security"] = found["security"] or uri
            elif re.fullmatch(r"bullseye|bookworm|trixie|forky|duke|sid|stable|testing|unstable"
                              r"|oldstable", suite):
                found["main"] = found["main"] or uri
        if not found["main"]:
            raise Unavailable("apt knows no Debian archive: say where one is with --mirror, or add one to "
                              "/etc/apt/sources.list.d and run apt-get update")
        if not found["security"] and found["main"].rstrip("/").endswith("/debian"):
            found["security"] = found["main"].rstrip("/") + "-security/"
        return {part: uri.rstrip("/") + "/" for part, uri in found.items() if uri}

    def index_path(self, subject, suite):
        return os.path.join(self.path, "index", f"{subject.name}-{self.architecture}-{suite}.json")

    def records(self, subject, suites, fresh=False, names=()):
        """
        The subject's packages in these suites, as dictionaries of some fields; with names only those.
        An index that is there will do, unless it shall be fresh, which it is for a day.
        """
        def old(suite):
            path = self.index_path(subject, suite)
            if not os.path.exists(path):
                return True
            return fresh and (subject.name, suite) not in self.asked and time.time() - os.path.getmtime(path) > DAY
        wanted = [s for s in suites if old(s)]
        if wanted:
            try:
                self.update(subject, wanted)
            except Unavailable as e:
                if not any(os.path.exists(self.index_path(subject, s)) for s in suites):
                    raise
                self.say(f"{e}; going on with what is known")
        found = []
        for suite in suites:
            with contextlib.suppress(FileNotFoundError), open(self.index_path(subject, suite), encoding="utf-8") as f:
                found += [r for r in json.load(f) if not names or r["Package"] in names]
        return found

    def update(self, subject, suites):
        """Asks the archive anew for the lists of these suites, and keeps what they say of the subject."""
        if not os.path.exists(KEYRING):
            raise Unavailable("the archive's keys are missing: "
                              "apt-get install debian-archive-keyring")
        # A suite that is not there (any more) is passed over.
        parts = {s: "security" if s.endswith("-security") else "main" for s in suites}
        sources = [(self.roots[part], suite) for suite, part in parts.items() if part in self.roots]
        with self.room("lists") as room:
            for d in ("state", "lists/partial", "cache/archives/partial", "none"):
                os.makedirs(f"{room}/{d}")
            open(f"{room}/status", "w").close()
            with open(f"{room}/sources.list", "w") as f:
                for uri, suite in sources:
                    f.write(f"deb [arch={self.architecture} signed-by={KEYRING}] {uri} {suite} main\n")
            options = self.apt_options(room)
            self.say(f"asking the archive which {subject.name} there are for {self.architecture} in "
                     + " ".join(suite for _, suite in sources))
            done = subprocess.run(["apt-get", *options, "-q", "update"], capture_output=True, text=True)
            text = subprocess.run(["apt-get", *options, "indextargets", "--format", "$(RELEASE) $(FILENAME)",
                                   "Created-By: Packages"], capture_output=True, text=True).stdout
            lists = [line.split(" ", 1) for line in text.splitlines()]
            got = {suite: path for suite, name in lists for path in (name, *(f"{name}.{end}" for end in (
                "xz", "gz", "bz2", "lz4", "zst"))) if os.path.exists(path)}
            if not got:
                lines = [l for l in done.stderr.splitlines() if l[:2] in ("E:", "W:")]
                raise Unavailable("the archive cannot be reached: "
                                  + (lines or ["apt-get update failed"])[0])
            os.makedirs(os.path.join(self.path, "index"), exist_ok=True)
            for suite in suites:
                # One that the archive has not is remembered as empty.
                found = list(self.read(got[suite], subject, suite, parts[suite])) if suite in got else []
                path = self.index_path(subject, suite)
                with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as f:
                    json.dump(found, f, indent=0)
                os.replace(f"{path}.{os.getpid()}", path)
                self.asked.add((subject.name, suite))
        self.drop_old_lists()

    def drop_old_lists(self):
        """Earlier versions of this program kept all lists, 300 to 500 MB, and each package."""
        for name in ("apt", "apt-arm64", "debs"):
            path = os.path.join(self.path, name)
            if os.path.isdir(path) and time.time() - os.path.getmtime(path) > DAY:
                shutil.rmtree(path, ignore_errors=True)

    def apt_options(self, room):
        options = {
            "Dir::Etc::sourcelist": f"{room}/sources.list",
            "Dir::Etc::sourceparts": f"{room}/none",
            "Dir::Etc::preferences": f"{room}/none",
            "Dir::Etc::preferencesparts": f"{room}/none",
            "Dir::State": f"{room}/state",
            "Dir::State::lists": f"{room}/lists",
            "Dir::State::status": f"{room}/status",
            "Dir::Cache": f"{room}/cache",
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Sandbox::User": "",
            "Acquire::Languages": "none",
            "Acquire::GzipIndexes": "true",
            "Acquire::Retries": "3",
        }
        return [arg for key, value in options.items() for arg in ("-o", f"{key}={value}")]

    @staticmethod
    def read(path, subject, suite, part):
        """What one list of packages says of the subject."""
        text = subprocess.run([APT_HELPER, "cat-file", path], capture_output=True, check=True).stdout.decode()
        for match in re.finditer(rf"^Package: (?:{subject.pattern})$", text, re.MULTILINE):
            end = text.find("\n\n", match.start())
            fields = dict(line.split(": ", 1) for line in text[match.start():end if end >= 0 else None].splitlines()
                          if line[0] != " " and ": " in line)
            yield {**{f: fields[f] for f in ("Package", "Version", "SHA256", "Size")},
                   "Suite": suite, "Place": f"{part}:{fields['Filename']}"}

    @contextlib.contextmanager
    def fetched(self, package, version, place, sha256):
        """Path of a package file, its checksum verified, for as long as it is needed; None if the archive lacks it."""
        part, _, name = place.partition(":")
        with self.room(package) as room:
            target = f"{room}/{package}.deb"
            self.say(f"fetching {package} {version}")
            if part in self.roots:
                subprocess.run([APT_HELPER, "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=3", "download-file",
                                self.roots[part] + name, target, f"SHA256:{sha256}"],
                               stdin=subprocess.DEVNULL, capture_output=True, check=False)
            if not os.path.exists(target):
                yield None
                return
            with open(target, "rb") as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            if digest != sha256:
                raise Unavailable(f"{package} {version}: sha256 {digest} is not {sha256}")
            yield target

    def unpack(self, record, target):
        """All files of a package below a directory; False if the archive lacks it."""
        with self.fetched(record["Package"], record["Version"], record["Place"], record["SHA256"]) as deb:
            if deb:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                subprocess.run(["dpkg-deb", "-x", deb, target], check=True)
            return bool(deb)

    def newest(self, subject, suites, package):
        """The record of the newest version of a package in these suites; None if they have none."""
        found = self.records(subject, suites, names=(package,))
        return max(found, key=lambda r: debian_order(r["Version"])) if found else None

    def program(self, package, member_name, suites):
        """Path of one file of a package in the first of these suites that has it, kept in the cache; None if none has."""
        suffix = "" if self.architecture == "amd64" else f"_{self.architecture}"
        target = os.path.join(self.path, "programs", f"{package}{suffix}")
        if os.path.exists(target):
            return target
        with self.locked():
            for suite in suites:
                record = self.newest(Subject(package, re.escape(package)), [suite], package)
                if not record:
                    continue
                with self.fetched(package, record["Version"], record["Place"], record["SHA256"]) as deb:
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
    @contextlib.contextmanager
    def open_deb(path):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", path], stdout=subprocess.PIPE) as p:
            with tarfile.open(fileobj=p.stdout, mode="r|") as tar:
                yield tar
            p.stdout.close()
            p.kill()
