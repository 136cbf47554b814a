#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: the overlay compiled against the headers of every C library and kernel of Debian's releases.
# It may run compilers in a directory of its own; the headers come from tests/headers.py.
# tests/overlay.sh calls it; with --all every order is compiled in every language.

import concurrent.futures
import itertools
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))

# What a header brings of names.h. sys/stat.h, fcntl.h and sched.h bring the functions to _GNU_SOURCE only.
BRINGS = {
    "sys/mount.h": "LINUX_MOUNT SYS_MOUNT",
    "linux/mount.h": "LINUX_MOUNT",
    "linux/fs.h": "LINUX_MOUNT",
    "sys/stat.h": "",
    "linux/stat.h": "STAT",
    "sched.h": "",
    "linux/sched.h": "SCHED",
    "fcntl.h": "",
    "linux/fcntl.h": "FCNTL",
    "linux/nsfs.h": "NSFS",
    "sys/ioctl.h": "",
    "sys/syscall.h": "",
    "unistd.h": "",
    "mntcompat-overlay.h": "",
    "mntcompat.h": "",
}
GNU_BRINGS = {
    "sys/stat.h": "STAT SYS_STAT",
    "sched.h": "SCHED SCHED_FUNCTION",
    "fcntl.h": "FCNTL FCNTL_FUNCTION",
    "mntcompat-overlay.h": "LINUX_MOUNT SYS_MOUNT STAT SYS_STAT SCHED SCHED_FUNCTION FCNTL FCNTL_FUNCTION NSFS "
                           "NSFS_IOCTL NUMBERS",
}
# Groups whose members may stand in any order; and what is left out of each other natively everywhere
# (fcntl.h and linux/fcntl.h have the same structures).
GROUPS = [
    ("sys/mount.h", "linux/mount.h", "linux/fs.h", "sched.h"),
    ("sys/stat.h", "linux/stat.h", "fcntl.h"),
    ("sched.h", "linux/sched.h", "sys/mount.h"),
    ("linux/nsfs.h", "sys/ioctl.h", "sys/mount.h"),
    ("sys/syscall.h", "unistd.h", "linux/mount.h"),
    ("mntcompat-overlay.h", "mntcompat.h"),
]
SINGLE = ["linux/fcntl.h", "linux/fs.h"]

C = [("c99", "-std=c99"), ("c11", "-std=c11"), ("gnu11", "-std=gnu11 -D_GNU_SOURCE"),
     ("c23", "-std=c2x -D_GNU_SOURCE")]
CXX = [("c++17", "-std=c++17")]


def orders():
    seen = []
    for group in GROUPS:
        for n in range(1, len(group) + 1):
            for order in itertools.permutations(group, n):
                if order not in seen:
                    seen.append(order)
    return seen + [(h,) for h in SINGLE]


def source(order, gnu):
    brings = set()
    for header in order:
        brings |= set(BRINGS[header].split())
        if gnu:
            brings |= set(GNU_BRINGS.get(header, "").split())
    # Two that need a second header.
    if "linux/nsfs.h" in order and "sys/ioctl.h" in order:
        brings.add("NSFS_IOCTL")
    if "sys/syscall.h" in order and "unistd.h" in order and gnu:
        brings.add("NUMBERS")
    text = "".join(f"#include <{h}>\n" for h in order)
    return text + "".join(f"#define NAMES_{b}\n" for b in sorted(brings)) + '#include "names.h"\n'


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode, done.stderr


def main():
    every = "--all" in sys.argv
    words = [w for w in sys.argv[1:] if w != "--all"]
    done = subprocess.run([os.path.join(TOP, "tests", "headers.py")], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return done.returncode
    libcs, kernels = [], []
    for line in done.stdout.splitlines():
        package, version, directory = line.split(" ", 2)
        (kernels if package == "linux-libc-dev" else libcs).append((package, version, directory))
    compilers = [c for c in words or ["gcc", "clang"] if not run([c, "--version"])[0]]
    if not compilers:
        print("no compiler")
        return 77
    orders_c, failed, jobs = orders(), 0, []
    work = tempfile.TemporaryDirectory()
    for language, name, gnu in (("c", "plain", False), ("c", "gnu", True), ("cc", "gnu", True)):
        os.makedirs(f"{work.name}/{name}", exist_ok=True)
        for i, order in enumerate(orders_c):
            with open(f"{work.name}/{name}/{i}.{language}", "w") as f:
                f.write(source(order, gnu))
    number = 0
    for compiler in compilers:
        own = subprocess.run([compiler, "-print-file-name=include"], capture_output=True,
                             text=True).stdout.strip()
        for libc, kernel in itertools.product(libcs, kernels):
            triplet = "x86_64-linux-gnu" if libc[0] == "libc6-dev" else "x86_64-linux-musl"
            include = [f"{libc[2]}/usr/include/{triplet}", f"{libc[2]}/usr/include",
                       f"{kernel[2]}/usr/include/x86_64-linux-gnu", f"{kernel[2]}/usr/include"]
            system = [w for d in (own, *include) if os.path.isdir(d) for w in ("-isystem", d)]
            flags = ["-fsyntax-only", "-pedantic", "-Wall", "-Wextra", "-Werror", "-nostdinc", f"-I{TOP}/include/overlay",
                     f"-I{TOP}/include", f"-I{HERE}", *system]
            for name, standard in C + CXX:
                gnu = "GNU" in standard or name == "c++17"
                # Another part of the orders for each pair, all of them over the pairs; everything with --all.
                for part in range(len(orders_c)):
                    number += 1
                    if every or number % STRIDE == 0:
                        jobs.append((compiler, libc, kernel, name, orders_c[part], [
                            compiler, *standard.split(), *flags,
                            f"{work.name}/{'gnu' if gnu else 'plain'}/{part}.{'cc' if name == 'c++17' else 'c'}"]))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for job, (status, text) in zip(jobs, pool.map(run, [j[5] for j in jobs])):
            if status:
                failed += 1
                if failed <= 6:
                    print(f"failed: {job[0]} {job[3]}, {job[1][0]} {job[1][1]}, kernel {job[2][1]}: "
                          + " ".join(job[4]))
                    print("\n".join(text.splitlines()[:12]))
    print(f"{len(libcs)} C libraries, {len(kernels)} kernels, {' and '.join(compilers)}, "
          f"{len(orders_c)} orders: {len(jobs)} files, {failed} failed")
    return 1 if failed or not jobs else 0


# A prime, so that no pair and no language is left out.
STRIDE = 53

if __name__ == "__main__":
    sys.exit(main())
