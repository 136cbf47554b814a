#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: the C libraries' and the kernel's headers of Debian's releases, unpacked below a cache directory.
# It may touch that directory only; packages are fetched by matrix/archive.py.
# tests/overlay.sh calls it: it prints "NAME DIRECTORY" lines, or says why not and exits with 77.

import os
import shutil
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "matrix"))

import archive

# What a version begins with; the newest of each is taken.
WANTED = [
    ("linux-libc-dev", ["5.10.", "6.1.", "6.12.", "7.2.", "7.3."]),
    ("libc6-dev", ["2.31-", "2.36-", "2.41-", "2."]),
    ("musl-dev", ["1.2.2-", "1.2.3-", "1.2.5-", "1."]),
]


def say(text):
    print(text, file=sys.stderr, flush=True)


def newest(records, package, start):
    mine = [r for r in records if r["Package"] == package and r["Version"].startswith(start)
            and "~rc" not in r["Version"]]
    return max(mine, key=lambda r: archive.debian_order(r["Version"])) if mine else None


# Where they are: each release has one version of most.
SUITES = ["bullseye", "bullseye-security", "bookworm", "bookworm-security", "trixie", "trixie-backports", "forky", "sid",
          "experimental"]


def main():
    source = archive.Archive(archive.default_cache(), say)
    subject = archive.Subject("headers", "|".join(name for name, _ in WANTED))
    # What is known from an earlier run serves as well, unless something of it is gone.
    for fresh in (False, True):
        if fresh:
            source.update(subject, SUITES)
        records = source.records(subject, SUITES)
        chosen, missing = {}, []
        for package, starts in WANTED:
            for start in starts:
                record = newest(records, package, start)
                target = record and os.path.join(
                    source.path, "headers", f"{package}_{record['Version']}")
                if not record or not unpack(source, record, target):
                    missing.append(f"{package} {start}*")
                else:
                    chosen[target] = f"{package} {record['Version']}"
        if not missing:
            break
    if missing:
        say("the archive has no " + ", ".join(missing))
        return 1
    for target, name in chosen.items():
        print(name, target)
    return 0


def unpack(source, record, target):
    if os.path.isdir(target):
        return True
    with source.locked():
        if os.path.isdir(target):
            return True
        with source.fetched(record["Package"], record["Version"], record["Place"], record["SHA256"]) as deb:
            if not deb:
                return False
            shutil.rmtree(target + ".new", ignore_errors=True)
            with source.open_deb(deb) as tar:
                for member in tar:
                    name = member.name.lstrip("./")
                    # The kernel's asm/ is a link to where those of all architectures are.
                    if not name.startswith(("usr/include/", "usr/lib/linux/uapi/x86/")):
                        continue
                    path = os.path.join(target + ".new", name)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    if member.issym():
                        os.symlink(member.linkname, path)
                    elif member.isfile():
                        with open(path, "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
        os.rename(target + ".new", target)
        return True


if __name__ == "__main__":
    try:
        sys.exit(main())
    except archive.Unavailable as reason:
        say(reason)
        sys.exit(77)
