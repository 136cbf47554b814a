#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: the targets, and how each is read off the figures that the programs in bench/ left behind.
# It may read the files that it is given and write the one it is told to.
# "make bench" and "make bench-guests" call it.

import argparse
import json
import re
import statistics
import sys


class Row:
    """One line of a table: all its rounds, in ns."""
    def __init__(self, data):
        self.data = data
        self.ns = data.get("rounds_ns", [])

    def __getattr__(self, name):
        return self.data.get(name)


class Figures:
    def __init__(self, files):
        self.rows = []
        for name in files:
            with open(name, encoding="utf-8") as lines:
                self.rows += [Row(json.loads(line)) for line in lines if line.strip()]
        self.kernels = list(dict.fromkeys(row.kernel for row in self.rows))

    def find(self, kernel, bench, topic, case):
        return [row for row in self.rows if row.kernel == kernel and row.bench == bench and
                re.fullmatch(topic, row.topic or "") and re.fullmatch(case, row.case or "")]


def ratios(row, peer):
    """Round by round: both sides had the same weather."""
    if not row.ns or len(row.ns) != len(peer.ns):
        return None
    return [a / b for a, b in zip(row.ns, peer.ns)]


class Against:
    """A case against a peer of the same run."""
    def __init__(self, bench, topic, case, peer, same_mounts=True, base=0, minus=False,
                 peer_topic=None):
        self.bench, self.topic, self.case, self.peer = bench, topic, case, peer
        self.same_mounts, self.base, self.minus = same_mounts, base, minus
        self.peer_topic = peer_topic    # if it is not the case's own

    def measure(self, figures, kernel, mounts):
        found = []
        for row in figures.find(kernel, self.bench, self.topic, self.case):
            if mounts and row.mounts not in mounts:
                continue
            for peer in figures.find(kernel, self.bench, self.peer_topic or re.escape(row.topic), self.peer):
                if self.same_mounts and peer.mounts != row.mounts:
                    continue
                # What the two patterns have in brackets has to be the same.
                if re.fullmatch(self.case, row.case).groups() != re.fullmatch(self.peer, peer.case).groups():
                    continue
                if self.base and (peer.mounts != self.base or row.mounts == self.base):
                    continue
                values = ratios(row, peer)
                if not values:
                    continue
                if self.minus:
                    values = [(a - b) / 1e6 for a, b in zip(row.ns, peer.ns)]
                quartiles = statistics.quantiles(values, n=4) if len(values) > 1 else values * 3
                found.append({"case": row.case, "peer": peer.case, "mounts": row.mounts,
                              "value": statistics.median(values), "min": min(values),
                              "quartiles": [quartiles[0], quartiles[2]]})
        return found


class Target:
    def __init__(self, what, against, limit, mounts=(), unit="x", proof=None, why="", hosts="any"):
        self.what, self.against, self.limit, self.mounts = what, against, limit, mounts
        self.unit, self.proof, self.why, self.hosts = unit, proof, why, hosts


OPEN = "bench-open-tree"
OPEN_TOPIC = r"open_tree\(OPEN_TREE_NAMESPACE \| AT_RECURSIVE\), 3 mounts"
HELPER = "bench-helper"
STAT = "bench-statmount"
STAT_TOPIC = r"statmount\(STATMOUNT_BY_FD\), Linux 6.8 to 6.19"
RAW = r"statx \+ statmount by id, raw, mask "
LIBRARY = r"library, emulated \(template way\)"
OLD_TOPIC = r"statmount\(STATMOUNT_BY_FD\), all fields, as on Linux (5.10|6.1)"
WALK = "bench-walk"
OLD_WALK = "all mounts, all fields, as on Linux (5.10|6.1)"
# Wanted at 5,000; with few what is fixed counts.
MANY = (1000, 5000, 10000)
FEW = (20, 200)
FIRST = "the first calls of a process, emulated, 3 mounts"

TARGETS = [
    Target("native path of open_tree", Against(OPEN, "where the kernel does it", "library, (.*)",
                                               "raw system call, (.*)"), 1.02),
    Target("native path of statmount", Against(STAT, r"the kernel's own statmount\(2\)", "library, by (id|fd)",
                                               "by (id|fd), raw"), 1.02,
           why="one system call and no other, counted by tests/unit/test_cost; the rest is 30 to 60 ns of instructions"),
    Target("OTN emulated, many mounts against 20", Against(OPEN, OPEN_TOPIC, LIBRARY, LIBRARY, False, 20), 1.10),
    Target("OTN emulated against unshare + pivot_root, 1,000 mounts",
           Against(OPEN, OPEN_TOPIC, LIBRARY, r"unshare \+ rbind \+ pivot_root, vfork"), 1 / 15, (1000,)),
    Target("OTN emulated against unshare + pivot_root, 10,000 mounts",
           Against(OPEN, OPEN_TOPIC, LIBRARY, r"unshare \+ rbind \+ pivot_root, vfork"), 1 / 100, (10000,)),
    Target("OTN emulated (forced) against native", Against(OPEN, OPEN_TOPIC, LIBRARY, r"native \(Linux 7.0\)"), 3,
           proof=Against(HELPER, ".*", r"VM \| VFORK \| FILES, .*, as the library", r"OPEN_TREE_NAMESPACE \(Linux 7.0\)",
                         peer_topic=".*"),
           why="a task has to be started and ended; one that does nothing, against native"),
    Target("threads at once: time of one namespace against fewer callers",
           Against("bench-open-tree-scale", "threads at once.*", r"library.*, (?:2|8|64) threads", None), 1.10),
    Target("processes at once: time of one namespace against fewer callers",
           Against("bench-open-tree-scale", "processes at once.*", r"library.*, (?:2|8|64) processes", None), 1.10),
    Target("OTN with many processes on the system",
           Against("bench-open-tree-scale", "processes that sleep.*", r"library.*, (?:1000|5000)", r"library.*, 50"), 1.10),
    Target("statmount by fd, all fields, 6.17 to 6.19",
           Against(STAT, STAT_TOPIC, "6.17 to 6.19, all fields", RAW + "0x7fff"), 1.15),
    Target("the same, the request on the heap",
           Against(STAT, STAT_TOPIC, "the same, the request not on the stack", RAW + "0x7fff"), 1.15,
           proof=Against(STAT, STAT_TOPIC, "raw, and a copy of the request.*", RAW + "0x7fff"),
           why="memory that another thread may take away can be read by the kernel only; the raw calls and one copy"),
    Target("statmount by fd, all but SUPPORTED_MASK, 6.13 to 6.16",
           Against(STAT, STAT_TOPIC, "6.13 to 6.16, all but SUPPORTED_MASK", RAW + "0x6fff"), 1.15),
    Target("statmount by fd, all fields, 6.13 to 6.16",
           Against(STAT, STAT_TOPIC, "6.13 to 6.16, all fields", RAW + "0x7fff"), 1.15,
           proof=Against(STAT, STAT_TOPIC, "raw, and two words written.*", RAW + "0x7fff"),
           why="supported_mask is not the one that the kernel returns; the raw calls and two words put into the answer"),
    Target("statmount by fd, what fills no doubtful string, 6.11 and 6.12",
           Against(STAT, STAT_TOPIC, "6.11, 6.12: what fills no doubtful string", RAW + "0x6f"), 1.15),
    Target("statmount by fd, all that is in no line, 6.11 and 6.12",
           Against(STAT, STAT_TOPIC, "6.11, 6.12: all that is in no line", RAW + "0x7dff"), 1.15,
           proof=Against(STAT, STAT_TOPIC, "raw, and a copy of the answer.*", RAW + "0x7dff"),
           why="the kernel's answer is another one than 7.3's; the raw calls and one copy of an answer"),
    Target("statmount by fd before 6.8, first line, against reading up to it",
           Against(STAT, OLD_TOPIC, "library, the first of the mounts made", "reading mountinfo up to that line, first"),
           1.10, MANY),
    Target("the same, middle line", Against(STAT, OLD_TOPIC, "library, the middle of the mounts made",
                                            "reading mountinfo up to that line, middle"), 1.10, MANY),
    Target("the same, last line", Against(STAT, OLD_TOPIC, "library, the last of the mounts made",
                                          "reading mountinfo up to that line, last"), 1.10, MANY),
    Target("the same, last of few (no target; two statx, two fstatfs and a copy are 2 to 3 us)",
           Against(STAT, OLD_TOPIC, "library, the last of the mounts made", "reading mountinfo up to that line, last"),
           None, FEW),
    Target("statmount by fd before 6.8, middle line, against libmount",
           Against(STAT, OLD_TOPIC, "library, the middle of the mounts made", "libmount parses mountinfo"), 0.6),
    Target("the same, last line", Against(STAT, OLD_TOPIC, "library, the last of the mounts made",
                                          "libmount parses mountinfo"), 0.6,
           proof=Against(STAT, OLD_TOPIC, "reading all of mountinfo", "libmount parses mountinfo"),
           why="the kernel's printing of the lines alone"),
    Target("parser alone against libmount's", Against("bench-mountinfo", "mountinfo in memory into fields",
                                                      "library, all lines", "libmount, .*"), 0.2),
    Target("the same, with attributes, options and paths",
           Against("bench-mountinfo", "mountinfo in memory into fields", "library, with .*", "libmount, .*"), 0.2),
    Target("parser alone, distance to memchr from newline to newline (no target)",
           Against("bench-mountinfo", "mountinfo in memory into fields", "library, all lines",
                   "memchr from newline to newline"), None),
    Target("first call of a process, 1,000 mounts, above one unshare",
           Against(OPEN, FIRST, r"call 1 .*", r"unshare\(CLONE_NEWNS\) alone", minus=True), 1.0, (1000,), unit=" ms",
           proof=Against(OPEN, FIRST, "a copy, emptied: the kernel's part", r"unshare\(CLONE_NEWNS\) alone", minus=True),
           why="the kernel's part of it: the end of the copied mounts, and two unmounts that wait for RCU"),
    Target("walk of all mounts before 6.8 against one reading of mountinfo",
           Against(WALK, OLD_WALK, "library, a walk", "reading mountinfo once"), 1.5, MANY),
    Target("the same, few mounts (no target; each superblock is looked at once)",
           Against(WALK, OLD_WALK, "library, a walk", "reading mountinfo once"), None, FEW),
    Target("walk of all mounts from 6.8 on against libmount's parser",
           Against(WALK, "all mounts, all fields", "library, a walk", "libmount parses mountinfo"), 1.0),
    Target("the same against libmount's other way, listmount (libmount 2.41 and later)",
           Against(WALK, "all mounts, all fields", "library, a walk", "libmount by listmount"), 1.0),
    Target("the same against listmount + statmount each, raw (no target)",
           Against(WALK, "all mounts, all fields", "library, a walk", r"listmount \+ statmount each, raw"), None),
    Target("start of a program by mntcompat run, above its own start",
           Against("run", "the start of .*", "mntcompat run --preload", "free", minus=True), 1.2, unit=" ms"),
    Target("the same, supervised (no target)",
           Against("run", "the start of .*", "mntcompat run --seccomp", "free", minus=True), None, unit=" ms"),
    Target("a supervised call, above the same call by the library",
           Against("run", "statmount by fd", "supervised", "the library, emulated", minus=True), 0.15, unit=" ms",
           proof=Against("run", "statmount by fd", "a process that takes a filter and ends", "the library, emulated", minus=True),
           why="a process that becomes the caller and is thrown away; one that does nothing"),
    Target("findmnt --kernel=listmount through the preload, against --kernel=mountinfo",
           Against("clients", "findmnt", "preload, as .*", "alone, --kernel=mountinfo"), 5),
    Target("crun run through the preload, against crun alone, 1,000 mounts",
           Against("clients", "crun", "preload", "alone"), 1.0, (1000,)),
    Target("the same, 5,000 mounts", Against("clients", "crun", "preload", "alone"), 0.6, (5000,)),
    Target("the same, supervised", Against("clients", "crun", "supervised", "alone"), 0.6, (5000,)),
    Target("the same as 5.10, where each mount_setattr takes a task (no target)",
           Against("clients", "crun", ".*, as 5.10", "alone"), None, (5000,)),
    Target("listmount and statmount each through the stand-ins before 6.8, against a walk",
           Against(WALK, OLD_WALK, r"library, listmount \+ statmount each", "library, a walk"), 5,
           proof=Against(WALK, OLD_WALK, "reading mountinfo up to each line in turn", "library, a walk"),
           why="no answer may be older than its call, and the kernel prints all lines before the one that is asked for"),
]


def fewer(figures, kernel, target):
    """Each number of callers against the one before."""
    found = []
    rows = [row for row in figures.find(kernel, target.against.bench, target.against.topic, r"library.*, \d+ \w+")]
    for before, row in zip(rows, rows[1:]):
        values = ratios(row, before)
        if values:
            quartiles = statistics.quantiles(values, n=4)
            found.append({"case": row.case, "peer": before.case, "mounts": 0, "value": statistics.median(values),
                          "min": min(values), "quartiles": [quartiles[0], quartiles[2]]})
    return found


def memory(figures, kernel):
    rows = [row for row in figures.rows if row.kernel == kernel and row.bench == "bench-open-tree-memory"]
    if not rows:
        return None
    grown = max(max(row.resident_growth_kib, row.size_growth_kib) for row in rows)
    heap = max(row.heap_kib for row in rows)
    kept = max(row.fds_kept for row in rows)
    met = grown <= 64 and heap < 64 and kept <= 1
    calls = max(row.calls for row in rows)
    return {"target": "memory after %d calls" % calls, "kernel": kernel, "met": met,
            "text": "grown by %d KiB, heap %d KiB, descriptors %d; wanted: 0, < 64 KiB, 1" % (grown, heap, kept)}


def number(value, unit):
    if unit == "x" and 0 < value < 0.1:
        return "%.4fx (%.0f times faster)" % (value, 1 / value)
    return "%.2f%s" % (value, unit)


def judge(figures, kernel, target):
    measured = fewer(figures, kernel, target) if target.against.peer is None else \
        target.against.measure(figures, kernel, target.mounts)
    if not measured:
        return None
    worst = max(measured, key=lambda one: one["value"])
    line = {"target": target.what, "kernel": kernel, "limit": target.limit, "worst": worst, "measured": measured,
            "unit": target.unit.strip()}
    text = number(worst["value"], target.unit)
    text += " (%.3g .. %.3g)" % tuple(worst["quartiles"])
    if len(measured) > 1:
        text += ", best %s" % number(min(one["value"] for one in measured), target.unit)
    if target.limit is None:
        line.update(met=None, text=text)
        return line
    line["met"] = worst["value"] <= target.limit
    text += "; wanted: at most %.3g%s" % (target.limit, target.unit)
    if not line["met"] and target.why:
        line["why"] = target.why
        text += "; " + target.why
        proof = target.proof.measure(figures, kernel, target.mounts) if target.proof else []
        # The same number of mounts, if there is one.
        same = [one for one in proof if one["mounts"] == worst["mounts"]] or proof
        if same:
            line["proof"] = min(same, key=lambda one: one["value"])
            text += ": " + number(line["proof"]["value"], target.unit)
    line["text"] = text
    return line


def main():
    parser = argparse.ArgumentParser(description="Reads figures of the programs in bench/ and prints the targets.")
    parser.add_argument("--output", help="write what was found as JSON")
    parser.add_argument("files", nargs="+", metavar="FILE.jsonl")
    options = parser.parse_args()
    figures = Figures(options.files)
    lines = []
    for kernel in figures.kernels:
        here = [line for line in (judge(figures, kernel, target) for target in TARGETS) if line]
        here += [line for line in [memory(figures, kernel)] if line]
        if here:
            print("\ntargets, Linux %s" % kernel)
        for line in here:
            word = {True: "met", False: "MISSED", None: "-"}[line["met"]]
            if line["met"] is False and line.get("proof", {}).get("value", 0) > line["limit"]:
                word = "kernel"
            print("  %-6s %s: %s" % (word, line["target"], line["text"]))
        lines += here
    if options.output:
        with open(options.output, "w", encoding="utf-8") as out:
            json.dump(lines, out, indent=1)
            out.write("\n")
    if not lines:
        print("targets: no figures", file=sys.stderr)
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
