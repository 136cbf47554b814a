# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: reading TAP, judging one cell of the matrix, and writing what people and CI read.
# It may touch the output directory only; as a program it counts one log of TAP.

import os
import re
import shlex
import sys
import xml.etree.ElementTree as ET

RESULT = re.compile(r"^(not )?ok\b\s*(\d+)?\s*(?:-\s*)?(.*)$")
DIRECTIVE = re.compile(r"\s+#\s*(skip|todo)\S*\s*(.*)$", re.IGNORECASE)
# libcheck's description: file:test case:test: what happened
LIBCHECK = re.compile(r"^(?:\S*/)?([^/\s]+\.c:\d*:?[^:\s]+:[^:\s]+): (.*)$")
SHOWN_LINES = 12
NOTHING_RUN = "no test was executed"


class Case:
    def __init__(self, name, state, text=""):
        self.name, self.state, self.text = name, state, text


def read_tap(text):
    """The cases of a TAP stream, and what is wrong with the stream itself."""
    cases, wrong, plan, plan_skip = [], [], None, ""
    for line in text.splitlines():
        if line.startswith("#"):
            if cases:
                cases[-1].text += line + "\n"
        elif match := re.match(r"^1\.\.(\d+)\s*(?:#\s*(.*))?$", line):
            plan, plan_skip = int(match.group(1)), match.group(2) or ""
        elif line.startswith("Bail out!"):
            wrong.append(line)
        elif match := RESULT.match(line):
            name, state, text = match.group(3), "failed" if match.group(1) else "passed", ""
            if directive := DIRECTIVE.search(name):
                name = name[:directive.start()]
                # A failure that is known by its directive counts with what was not tested.
                if state == "failed" or directive.group(1).lower() == "skip":
                    state = "skipped"
                text = f"# {directive.group(0).strip(' #')}\n"
            elif libcheck := LIBCHECK.match(name):
                name, text = libcheck.group(1), f"# {libcheck.group(2)}\n"
            cases.append(Case(name, state, text))
            if match.group(2) and int(match.group(2)) != len(cases):
                wrong.append(f"result {match.group(2)} came as number {len(cases)}")
    if plan is None:
        wrong.append(f"the output ends after {len(cases)} results and never says how many are due")
    elif plan != len(cases):
        wrong.append(f"{plan} results were announced and {len(cases)} came")
    if not any(c.state != "skipped" for c in cases):
        wrong.append(NOTHING_RUN + (f" ({plan_skip})" if plan_skip else ""))
    return cases, wrong


# By it a program says that it tests nothing here, as in automake's test driver.
SKIPPED = 77


def read_foreign(result, text):
    """read_tap() for the tests of others: without TAP the exit status is the one result."""
    if re.search(r"^(TAP version|1\.\.\d|(not )?ok\b|Bail out!)", text, re.MULTILINE):
        if not re.search(r"^1\.\.0\s*#\s*skip", text, re.MULTILINE | re.IGNORECASE):
            cases, wrong = read_tap(text)
            # That each result says it is skipped is an answer too.
            return cases, [w for w in wrong if not cases or not w.startswith(NOTHING_RUN)]
    elif result.state != "exit" or result.code not in (0, SKIPPED):
        return [], []
    elif result.code == 0:
        return [Case(result.entry.argv[0].rpartition("/")[2], "passed")], []
    if result.state == "exit" and result.code not in (0, SKIPPED):
        return [], []
    last = text.strip().splitlines()[-1:]
    return [Case(result.entry.argv[0].rpartition("/")[2], "skipped", "# " + "".join(last))], []


def mount_changes(before, after):
    old, new = before.splitlines(), after.splitlines()
    return "".join(f"# -{l}\n" for l in old if l not in new) + "".join(
        f"# +{l}\n" for l in new if l not in old)


def judge(result, console):
    """All cases of one finished command; what is wrong with the run itself is a failed case."""
    prefix = result.entry.prefix
    text = result.out.decode(errors="replace")
    errors = result.err.decode(errors="replace").splitlines()
    tail = "".join(f"# {l}\n" for l in errors[-SHOWN_LINES:])
    cases, wrong = read_tap(text) if result.entry.ours else read_foreign(result, text)
    none = re.search(r"^1\.\.0\s*#\s*skip\s*(.*)$", text, re.MULTILINE | re.IGNORECASE)
    if result.entry.may_skip and none and not cases:
        cases, wrong = [Case("all of it", "skipped", f"# {none.group(1)}\n")], []
    if not result.entry.ours and not tail:
        tail = "".join(f"# {l}\n" for l in text.splitlines()[-SHOWN_LINES:])
    for case in cases:
        case.name = prefix + case.name
    if result.state == "exit":
        skipped = not result.entry.ours and result.code == SKIPPED
        if result.code and not skipped and not any(c.state == "failed" for c in cases):
            wrong.append(f"the program exited with {result.code}")
    else:
        how = {"signal": f"the program was killed by signal {result.code}",
               "timeout": f"the program was stopped after {result.entry.timeout} s",
               "crash": "the guest ended while the program ran",
               "hang": "the guest gave no answer any more while the program ran",
               "unreached": "the guest ended before the program was started"}[result.state]
        wrong = [how]
        if cases:
            tail = f"# the last result was: {cases[-1].name}\n" + tail
        if result.state in ("crash", "hang"):
            start = console.rfind(f"matrix: start {result.name}")
            lines = console[max(start, 0):].splitlines()
            tail += "".join(f"# {l}\n" for l in lines[-60:])
    cases += [Case(f"{prefix}matrix: {w}", "failed", tail) for w in wrong]
    if problems := result.kernel_problems():
        log = result.log.decode(errors="replace").splitlines()
        first = log.index(problems[0])
        cases.append(Case(f"{prefix}matrix: the kernel complained: {problems[0]}", "failed",
                          "".join(f"# {l}\n" for l in log[max(first - 2, 0):first + 60])))
    if result.mounts:
        cases.append(Case(f"{prefix}matrix: the guest's mounts changed", "failed",
                          mount_changes(*result.mounts)))
    if result.strays and result.entry.ours:
        cases.append(Case(f"{prefix}matrix: {result.strays} processes were left behind", "failed"))
    return cases


class Cell:
    """One suite on one kernel with one kind of root."""

    def __init__(self, kernel, root, suite, words, directory):
        # words: the options that have its suite run again; directory: where its output goes.
        self.kernel, self.root, self.suite, self.words = kernel, root, suite, words
        self.directory = directory
        self.cases, self.seconds = [], 0.0
        # Of the commands that had failures: what they wrote.
        self.out, self.err = "", ""

    def note(self, result, cases):
        """Takes the cases of one finished command."""
        self.cases += cases
        self.seconds += result.seconds
        if any(c.state == "failed" for c in cases):
            self.out += result.out.decode(errors="replace")
            self.err += result.err.decode(errors="replace")

    def count(self, state):
        return sum(c.state == state for c in self.cases)

    def summary(self):
        return (f"{self.count('passed')} passed, {self.count('failed')} failed, "
                f"{self.count('skipped')} skipped")

    def short(self):
        if self.count("failed"):
            return f"F{self.count('failed')}/{len(self.cases)}"
        return str(self.count("passed"))


def columns(table):
    """Aligned: the first two columns to the left, all others to the right."""
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    return "\n".join("  ".join(
        text.ljust(width) if i < 2 else text.rjust(width)
        for i, (text, width) in enumerate(zip(line, widths))).rstrip() for line in table)


def grid(cells, suites):
    """Kernels and roots down, suites across: number passed, or F failed/all."""
    rows = {}
    for cell in cells:
        rows.setdefault((cell.kernel.point, cell.root), {})[cell.suite] = cell
    heads = [s.split("-", 1) if "-" in s else [s, ""] for s in suites]
    table = [["kernel", "root", *(h[0] for h in heads)], ["", "", *(h[1] for h in heads)]]
    for (point, root), row in rows.items():
        table.append([point, root, *(row[s].short() if s in row else "." for s in suites)])
    return columns(table)


def again(cell, case, command, options):
    words = [command, *cell.kernel.again(), "--root", cell.root, *cell.words]
    if cell.words[0] == "--suite" and case and "matrix: " not in case.name and re.fullmatch(r"[\w/.:+-]+", case.name):
        words += ["--case", case.name]
    return " ".join(shlex.quote(w) for w in words + options)


def failures(cells, command, options):
    """Each failed case with its diagnostics, its log and the command, as it was typed, that runs it again."""
    for cell in cells:
        for case in cell.cases:
            if case.state != "failed":
                continue
            yield f"FAILED {cell.kernel.point} {cell.root} {cell.suite}: {case.name}"
            lines = case.text.splitlines()
            for line in lines[:SHOWN_LINES]:
                yield f"    {line}"
            if len(lines) > SHOWN_LINES:
                yield f"    # ... {len(lines) - SHOWN_LINES} more lines in the output directory"
            yield f"    log: {cell.directory}/{cell.suite}.*"
            yield f"    again: {again(cell, case, command, options)}"


def tap(cells):
    """All results as one TAP stream, in lines, without its plan's beginning: that comes at the end."""
    number = 0
    for cell in cells:
        for case in cell.cases:
            number += 1
            name = f"{cell.kernel.point} {cell.root} {cell.suite}: {case.name}".replace("#", "\\#")
            lines = case.text.splitlines()
            if case.state == "skipped":
                why = lines[0].strip("# ") if lines else ""
                yield f"ok {number} - {name} # SKIP {re.sub('^skip *', '', why, flags=re.IGNORECASE)}".rstrip()
                continue
            yield f"{'not ok' if case.state == 'failed' else 'ok'} {number} - {name}"
            if case.state == "failed":
                yield from lines[:SHOWN_LINES]
                if len(lines) > SHOWN_LINES:
                    yield f"# ... {len(lines) - SHOWN_LINES} more lines in {cell.directory}"
    yield f"1..{number}"


# An answer to "what did it print", not an archive: the files of the output directory have all of it.
OUTPUT_BYTES = 65536


def clean(text):
    """Text without what XML cannot hold."""
    return re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]", "?", text)


def write_junit(path, cells):
    top = ET.Element("testsuites")
    for cell in cells:
        suite = ET.SubElement(top, "testsuite",
                              name=f"{cell.kernel.point}/{cell.root}/{cell.suite}",
                              tests=str(len(cell.cases)), failures=str(cell.count("failed")),
                              skipped=str(cell.count("skipped")), time=f"{cell.seconds:.3f}")
        for case in cell.cases:
            element = ET.SubElement(suite, "testcase", name=clean(case.name),
                                    classname=f"{cell.kernel.point}.{cell.root}.{cell.suite}")
            if case.state == "failed":
                ET.SubElement(element, "failure", message=clean(case.name)).text = clean(case.text)
            elif case.state == "skipped":
                ET.SubElement(element, "skipped", message=clean(case.text.strip("# \n")))
        for name, text in (("system-out", cell.out), ("system-err", cell.err)):
            if text:
                ET.SubElement(suite, name).text = clean(text[-OUTPUT_BYTES:])
    ET.indent(top)
    ET.ElementTree(top).write(path, encoding="utf-8", xml_declaration=True)


def write_cell(directory, result, cases):
    """The raw output of one command, and its kernel log if it has one."""
    os.makedirs(directory, exist_ok=True)
    base = os.path.join(directory, result.name.replace("/", "."))
    with open(base + ".tap", "wb") as f:
        f.write(result.out)
    for suffix, data in ((".err", result.err), (".log", result.log)):
        if data:
            with open(base + suffix, "wb") as f:
                f.write(data)
    extra = [c for c in cases if c.state == "failed" and "matrix: " in c.name]
    if extra:
        with open(base + ".matrix", "w", encoding="utf-8") as f:
            for case in extra:
                f.write(f"{case.name}\n{case.text}")


def count(text, status):
    """(passed, failed, skipped) of one program's TAP. A program that dies, bails out, breaks its plan or runs no case is one
    failure more; one that says in its plan that it tests nothing here is skipped."""
    if re.search(r"^1\.\.0\s*#\s*skip", text, re.MULTILINE | re.IGNORECASE) and not status:
        return 0, 0, 1
    cases, wrong = read_tap(text)
    states = [case.state for case in cases]
    # That each result says it is skipped is an answer too.
    wrong = [w for w in wrong if not cases or not w.startswith(NOTHING_RUN)]
    broken = bool(wrong) or bool(status and "failed" not in states)
    return states.count("passed"), states.count("failed") + broken, states.count("skipped")


if __name__ == "__main__":
    with open(sys.argv[1], errors="replace") as log:
        print(*count(log.read(), int(sys.argv[2])))
