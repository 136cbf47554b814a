# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: what is run in guests and how: a suite, which is one column of the grid; the programs that somebody names; a
# row, which is one kernel with one kind of root and its guests. It may touch the output directory.

import os
import shlex

import guest
import report
from archive import Unavailable
from image import TEST, interpreter

ROOTS = ("switched", "initramfs")


class Suite:
    """
    Commands that are run in the same guest, one after another. One that is `alone` has guests to itself; so has one with
    `append`, words for the kernel.
    """

    def __init__(self, name, timeout=300, append="", alone=False):
        self.name, self.timeout, self.append, self.alone = name, timeout, append, alone or bool(append)

    def runs_on(self, kernel, root):
        return True

    def words(self):
        """The options that have this suite run again."""
        raise NotImplementedError

    def missing(self):
        """Why there is no entry."""
        return "there is nothing to run"

    def entries(self, row):
        """What a guest of this row has to run, as a list of guest.Entry."""
        raise NotImplementedError

    def optional_modules(self, row):
        """Kernel modules that are loaded if this kernel has them."""
        return ()

    def fill(self, row, image):
        """Puts the files into a guest that the entries need."""


class Named(Suite):
    """
    --with: a program, or a directory whose entry point is the program called run, with the words after it as arguments. Each
    has guests to itself.
    """

    ENTRY = "run"

    def __init__(self, text):
        words = shlex.split(text)
        if not words or not os.path.exists(words[0]):
            raise Unavailable(f"--with {text}: no such file or directory")
        self.text, self.path = text, os.path.abspath(words[0])
        super().__init__(os.path.basename(self.path), timeout=900, alone=True)
        self.inside = f"{TEST}/{self.name}"
        self.argv = [self.inside, *words[1:]]
        program = self.path
        if os.path.isdir(self.path):
            program = os.path.join(self.path, self.ENTRY)
            self.argv[0] += "/" + self.ENTRY
        if not os.path.isfile(program) or not os.access(program, os.X_OK):
            raise Unavailable(f"--with {text}: {program} is no program"
                              + ("; a directory needs an entry point of that name"
                                 if program != self.path else ""))
        self.program = program

    def words(self):
        return ["--with", self.text]

    def entries(self, row):
        args = row.matrix.args
        env = {"MATRIX_KERNEL": row.kernel.series, "MATRIX_ROOT": row.root,
               **dict(e.partition("=")[::2] for e in args.env)}
        return [guest.Entry(f"{self.name}/{os.path.basename(self.argv[0])}", self.argv, env=env,
                            uid=args.user, timeout=args.timeout or self.timeout, ours=False,
                            cwd=os.path.dirname(self.argv[0]))]

    def fill(self, row, image):
        image.file(self.inside, self.path)
        # A guest has busybox for /bin/sh, or what its root filesystem has; another interpreter comes along.
        if found := interpreter(self.program, image):
            image.file(*found)
        add_files(image, row.matrix.args.add)


def add_files(image, words):
    """--add"""
    for word in words:
        host, _, where = word.partition(":")
        if not os.path.exists(host):
            raise Unavailable(f"--add {host}: no such file")
        image.file(where or f"{TEST}/{os.path.basename(host.rstrip('/'))}", host)


class Row:
    """One kernel with one kind of root: its suites in as few guests as go well."""

    def __init__(self, matrix, kernel, root, suites, directory):
        self.matrix, self.kernel, self.root = matrix, kernel, root
        self.name = f"{kernel.point} {root}"
        self.directory = directory
        self.suites = [s for s in suites if s.runs_on(kernel, root)]
        self.cells = {s.name: report.Cell(kernel, root, s.name, s.words(), directory)
                      for s in self.suites}
        self.pending = []

    def tell(self, text):
        self.matrix.tell(f"{self.name}: {text}")

    def fail(self, suite, what, text=""):
        self.cells[suite].cases.append(report.Case(f"matrix: {what}", "failed", text))

    def run(self):
        for suite in self.suites:
            entries = list(suite.entries(self))
            if not entries:
                self.fail(suite.name, suite.missing())
            self.pending += entries
        boots = 0
        while self.pending:
            boots += 1
            work = os.path.join(self.directory, f"boot-{boots}")
            one = self.matrix.guest(self.kernel, self.root, work,
                                    optional=[m for s in self.suites for m in s.optional_modules(self)],
                                    append=" ".join(s.append for s in self.suites))
            for suite in self.suites:
                suite.fill(self, one.image)
            boot = one.boot(self.pending, on_event=self.event)
            if not self.digest(boot, again=boots == 1):
                break
        for cell in self.cells.values():
            if not cell.cases:
                self.fail(cell.suite, "no test was executed")
        return list(self.cells.values())

    def event(self, what, about):
        if what == "booted":
            self.tell(f"booted {about.release} in {about.boot_seconds:.1f} s ({about.boot_processor:.1f} s of processor time)")
        elif what == "end":
            cases = report.judge(about, "")
            report.write_cell(self.directory, about, cases)
            failed = sum(c.state == "failed" for c in cases)
            self.tell(f"{about.name}: {len(cases)} results"
                      + (f", {failed} FAILED" if failed else "") + f" ({about.seconds:.1f} s, "
                      f"{about.processor:.1f} s of processor time)")

    def digest(self, boot, again=False):
        """Takes what a guest brought; leaves in pending what another one shall do."""
        reached = [r for r in boot.results if r.state != "unreached"]
        first = self.pending[0].name.partition("/")[0]
        early = boot.log if not reached else boot.log[:boot.log.find(b"matrix: start")]
        problems = [l for l in early.decode(errors="replace").splitlines()
                    if guest.KERNEL_PROBLEM.search(l)]
        if problems:
            log = boot.log.decode(errors="replace").splitlines()
            at = log.index(problems[0])
            self.fail(first, f"the kernel complained while booting: {problems[0]}",
                      "".join(f"# {l}\n" for l in log[max(at - 2, 0):at + 60]))
        for result in reached:
            cell = self.cells[result.name.partition("/")[0]]
            cases = report.judge(result, boot.console)
            cell.note(result, cases)
            report.write_cell(self.directory, result, cases)
            if result.state in ("crash", "hang"):
                self.tell(f"{result.name}: the guest {result.state}ed".replace("hanged", "hung"))
        unfinished = self.pending[len(reached):]
        if not reached and again and not boot.trouble:
            # An emulated machine whose timer is late panics before its first program now and then.
            self.tell("the guest ended before it ran anything: booted once more")
            return True
        if not reached:
            tail = "".join(f"# {l}\n" for l in boot.console.splitlines()[-40:])
            why = "; ".join(boot.trouble) or "the guest ended before it ran anything"
            for entry in self.pending:
                self.fail(entry.name.partition("/")[0], f"boot: {why}", tail)
            self.tell(f"boot FAILED: {why}")
            return False
        last = reached[-1]
        if boot.trouble and last.state == "exit":
            self.fail(last.name.partition("/")[0], "guest: " + "; ".join(boot.trouble))
        elif not boot.finished and not unfinished and last.state == "exit":
            self.fail(last.name.partition("/")[0], "the guest ended before it had told everything")
        if unfinished:
            self.tell(f"{len(unfinished)} commands go on in a fresh guest")
        self.pending = unfinished
        return True
