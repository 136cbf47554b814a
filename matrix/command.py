# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: the command mntcompat-matrix: its options, the run of suites, of one program, and what is printed. It may
# touch its cache, the output directory and the lock that it is told to write. A project that has suites of its own builds its
# front on these parts.

import argparse
import concurrent.futures
import contextlib
import os
import shutil
import signal
import sys
import time

import archive
import guest
import kernels
import report
from archive import Unavailable
from image import TEST
from suites import ROOTS, Named, Row, add_files

KEPT_OUTPUTS = 30


def say(text):
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def add_options(p):
    """The options of every front."""
    p.add_argument("--kernel", action="append", metavar="LIST",
                   help="series (6.12) or point (7.0.4), comma separated; newest: the newest of "
                   "each series (default); all: older points too")
    p.add_argument("--arch", choices=sorted(guest.MACHINES), default=guest.host_architecture(), help="architecture "
                   "of the kernels; the programs have to be built for it (default: this machine's)")
    p.add_argument("--root", choices=(*ROOTS, "both"),
                   help="kind of root in the guest: a tmpfs that was moved over the initial root, or that one itself "
                   "(default: switched)")
    p.add_argument("--with", action="append", default=[], metavar="PATH [ARGUMENTS]", dest="guests",
                   help=f"run these tests: a program, or a directory with a program called {Named.ENTRY}; may be repeated")
    p.add_argument("--output", metavar="DIR", help="where TAP, logs and junit.xml go")
    p.add_argument("-j", "--jobs", type=int, default=2, metavar="N", help="guests at a time (default: 2)")
    p.add_argument("--cache", metavar="DIR", help="where kernels are kept (default: "
                   "$MNTCOMPAT_MATRIX_CACHE or ~/.cache/mntcompat-matrix)")
    p.add_argument("--timeout", type=int, metavar="S", help="limit for one command in the guest")
    p.add_argument("--memory", type=int, metavar="MB", help="of a guest (default: 768, and three times the root filesystem)")
    p.add_argument("--smp", type=int, default=1, metavar="N", help="processors of a guest (default: 1)")
    p.add_argument("--module", action="append", default=[], metavar="NAME",
                   help="load this kernel module (and what it needs) before anything runs")
    p.add_argument("--append", default="", metavar="WORDS", help="more words for the kernel")
    p.add_argument("--mirror", default="", metavar="ADDRESS", help="of a Debian archive (default: that of this machine's apt)")
    p.add_argument("--update-lock", action="store_true",
                   help="write the newest kernels of the archive to the lock")
    p.add_argument("--list", action="store_true", help="show what there is to choose from")
    p.add_argument("--fetch", action="store_true", help="only fill the cache")
    e = p.add_argument_group("one program instead of tests (--add, --env and --user: also for --with)")
    e.add_argument("--exec", nargs=argparse.REMAINDER, metavar="PROGRAM",
                   help="run PROGRAM with the arguments after it as root in the guest, libraries "
                   "included; this has to be the last option")
    e.add_argument("--sh", metavar="COMMANDS", help="run shell commands in the guest instead")
    e.add_argument("--add", action="append", default=[], metavar="FILE[:GUESTPATH]",
                   help=f"bring a file, a program with its libraries, or a directory along (to {TEST})")
    e.add_argument("--env", action="append", default=[], metavar="NAME=VALUE", help="for the program")
    e.add_argument("--user", type=int, default=0, metavar="UID", help="as whom it runs")
    e.add_argument("--get", action="append", default=[], metavar="GUESTPATH:DIR",
                   help="bring a file or directory of the guest back into DIR")
    e.add_argument("--dmesg", action="store_true", help="show the kernel log as well")


def add_own_options(p, accelerator="auto"):
    """Those that a front may have otherwise, or leave out."""
    p.set_defaults(usual_accelerator=accelerator)
    p.add_argument("--accel", choices=("auto", "kvm", "tcg"), default=accelerator,
                   help=f"KVM, emulation, or what works (default: {accelerator})")
    p.add_argument("--rootfs", metavar="PATH", help="root filesystem of the guest: a directory or a tar file "
                   "(default: busybox and what the programs need)")
    p.add_argument("--image", action="append", default=[], metavar="FILE", help="boot this kernel instead of the archive's; "
                   "may be repeated")
    p.add_argument("--modules", metavar="DIR", help="where the modules of the images are")


class Matrix:
    """What all guests of a run share."""

    def __init__(self, args, tell=say):
        self.args, self.tell = args, tell
        self.cache = kernels.Cache(os.path.abspath(args.cache or archive.default_cache()), say, args.mirror)
        if args.arch not in guest.MACHINES:
            raise Unavailable(f"no machine is known for {args.arch}: choose one with --arch")
        machine = guest.MACHINES[args.arch]
        self.accelerator = guest.Accelerator(machine, args.accel, self.cache.path, say)
        self.busybox = guest.find_tools(machine, self.cache.archives[args.arch])
        self.init = guest.build_init(self.cache.path, machine)

    def optional_modules(self, kernel, names):
        """Those of the names that this kernel has as modules; the archive keeps none for some kernels."""
        found = []
        for name in names:
            try:
                found += [m for m in self.cache.modules(kernel, [name]) if m not in found]
            except Unavailable as e:
                if "has no module" not in str(e):
                    say(f"matrix: {e}")
                    break
        return found

    def guest(self, kernel, root, work, optional=(), append=""):
        modules = self.cache.modules(kernel, self.args.module) if self.args.module else []
        known = [name for name, _ in modules]
        modules += [m for m in self.optional_modules(kernel, dict.fromkeys(optional)) if m[0] not in known]
        return guest.Guest(kernel, self.cache.vmlinuz(kernel), root, work, self.init, self.busybox, self.accelerator,
                           modules=modules, memory=self.args.memory, smp=self.args.smp,
                           append=f"{append} {self.args.append}".strip(), rootfs=self.args.rootfs)


def roots(args):
    return list(ROOTS) if args.root == "both" else [args.root or ROOTS[0]]


def named_suites(args, others=()):
    """Those of --with; a name stands for one column."""
    found = [Named(text) for text in args.guests]
    names = [s.name for s in [*others, *found]]
    for name in names:
        if names.count(name) > 1:
            raise Unavailable(f"--with: two suites are called {name}")
    return found


def again_options(args):
    """What a failed case needs besides its kernel, root and suite."""
    words = ["--arch", args.arch] if args.arch != guest.host_architecture() else []
    for option, values in (("--add", args.add), ("--env", args.env), ("--module", args.module), ("--image", args.image)):
        words += [w for value in values for w in (option, value)]
    usual = {"smp": 1, "accel": args.usual_accelerator}
    for name in ("user", "rootfs", "lock", "timeout", "memory", "smp", "append", "accel", "modules", "mirror", "cache"):
        value = getattr(args, name, None)
        words += [f"--{name}", str(value)] if value and value != usual.get(name) else []
    return words


def output_directory(matrix):
    output = matrix.args.output
    if output:
        os.makedirs(output, exist_ok=True)
        return os.path.abspath(output)
    base = os.path.join(matrix.cache.path, "output")
    output = os.path.join(base, time.strftime(f"%Y%m%d-%H%M%S-{os.getpid()}"))
    os.makedirs(output)
    for old in sorted(os.listdir(base))[:-KEPT_OUTPUTS]:
        shutil.rmtree(os.path.join(base, old), ignore_errors=True)
    return output


def run_rows(rows, jobs):
    """The cells of all rows, in their order, each row as soon as it and those before it are done."""
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        # The longest first, so that no processor is left without work at the end.
        running = {row: pool.submit(row.run)
                   for row in sorted(rows, key=lambda r: sum(s.timeout for s in r.suites), reverse=True)}
        for row in rows:
            yield from running[row].result()


def counts(cells):
    return tuple(sum(c.count(s) for c in cells) for s in ("passed", "failed", "skipped"))


def run_named(matrix, chosen):
    """--with: TAP of everything on stdout; what happens meanwhile goes to stderr."""
    args, output = matrix.args, output_directory(matrix)
    suites = named_suites(args)
    rows = []
    for kernel in chosen:
        kernel = matrix.cache.get(kernel, modules=bool(args.module))
        for root in roots(args):
            base = os.path.join(output, f"{kernel.point}-{root}")
            rows += [Row(matrix, kernel, root, [s], os.path.join(base, s.name)) for s in suites]
    say(f"guests: {len(rows)}, {args.jobs} at a time, {matrix.accelerator.words()}; output in {output}")
    print("TAP version 13", flush=True)
    cells = []

    def finished():
        for cell in run_rows(rows, args.jobs):
            cells.append(cell)
            yield cell

    for line in report.tap(finished()):
        print(line, flush=True)
    report.write_junit(os.path.join(output, "junit.xml"), cells)
    text = [*report.grid(cells, [s.name for s in suites]).splitlines(), ""]
    text += report.failures(cells, sys.argv[0], again_options(args))
    passed, failed, skipped = counts(cells)
    text.append(f"{passed} passed, {failed} failed, {skipped} skipped")
    with open(os.path.join(output, "summary.txt"), "w", encoding="utf-8") as f:
        f.write("\n".join(text) + "\n")
    for line in text:
        print(f"# {line}".rstrip())
    sys.stdout.flush()
    return 1 if failed else 0


def store_files(files, words, below):
    """--get; @below: a directory of this guest, if there are several."""
    for word in words:
        where, _, target = word.partition(":")
        for path, content in files:
            if path == where or path.startswith(where.rstrip("/") + "/"):
                name = os.path.relpath(path, where) if path != where else os.path.basename(path)
                name = os.path.join(target or ".", below, name)
                os.makedirs(os.path.dirname(os.path.abspath(name)), exist_ok=True)
                with open(name, "wb") as f:
                    f.write(content)


def run_program(matrix, chosen):
    """--exec and --sh: one program, its output as it comes, its exit status."""
    args = matrix.args
    status = 0
    for kernel in chosen:
        kernel = matrix.cache.get(kernel, modules=bool(args.module))
        for root in roots(args):
            if len(chosen) * len(roots(args)) > 1:
                say(f"=== {kernel.point} {root}")
            work = os.path.join(matrix.cache.path, "work", f"{os.getpid()}-{kernel.point}-{root}")
            one = matrix.guest(kernel, root, work)
            add_files(one.image, args.add)
            if args.sh is not None:
                argv = ["/bin/sh", "-c", args.sh]
            elif args.rootfs and args.exec[0].startswith("/") and one.image.has(args.exec[0]):
                argv = args.exec
            else:
                if not os.path.isfile(args.exec[0]):
                    raise Unavailable(f"--exec {args.exec[0]}: no such file")
                argv = [f"{TEST}/{os.path.basename(args.exec[0])}", *args.exec[1:]]
                one.image.file(argv[0], args.exec[0])
            entry = guest.Entry("exec", argv, env=dict(e.partition("=")[::2] for e in args.env),
                                uid=args.user, timeout=args.timeout or 300)

            def output(kind, data):
                stream = sys.stdout if kind == "O" else sys.stderr
                stream.buffer.write(data)
                stream.flush()

            boot = one.boot([entry], get=[w.partition(":")[0] for w in args.get], on_output=output)
            store_files(boot.files, args.get, f"{kernel.point}-{root}" if len(chosen) * len(roots(args)) > 1 else "")
            code = tell_end(matrix, kernel, root, entry, boot)
            status = status or code
            if boot.results[0].state in ("exit", "signal", "timeout"):
                remove_work(work)
    return status


def tell_end(matrix, kernel, root, entry, boot):
    """How the program ended: its exit status, or 128 + signal, 124 for a time-out, 125 if the kernel was gone."""
    result = boot.results[0]
    code = {"exit": result.code, "signal": 128 + result.code, "timeout": 124}.get(result.state, 125)
    if matrix.args.dmesg:
        say(boot.log.decode(errors="replace"))
    for line in boot.trouble + result.kernel_problems():
        say(f"matrix: {line}")
    if result.strays:
        say(f"matrix: {result.strays} processes were left behind")
    if result.state == "signal":
        say(f"matrix: killed by signal {result.code}")
    elif result.state == "timeout":
        say(f"matrix: stopped after {entry.timeout} s")
    elif result.state != "exit":
        say(f"matrix: {result.state}; the last of the console:")
        say("\n".join(boot.console.splitlines()[-40:]))
    say(f"matrix: {kernel.point} {root}: exit status {code}, "
        f"boot {boot.boot_seconds:.1f} s, run {result.seconds:.1f} s, {matrix.accelerator.words()}")
    return code


def remove_work(work):
    for name in ("console.log", "report.raw", "qemu.err", "initramfs"):
        if os.path.exists(os.path.join(work, name)):
            os.unlink(os.path.join(work, name))
    os.rmdir(work)


def known_kernels(cache, args):
    """Those to choose from: of the lock, or else of the archive as it is now."""
    if args.lock:
        if not os.path.exists(args.lock):
            raise Unavailable(f"--lock {args.lock}: no such file; --update-lock writes it")
        return [k for k in kernels.read_lock(args.lock) if k.architecture == args.arch]
    if args.arch not in kernels.FLAVOURS:
        raise Unavailable(f"no kernels of the archive are known for {args.arch}: name one with --image")
    # A point without a lock: any that the archive has.
    return cache.available(args.arch, kernels.series_of(args.kernel))


def update_lock(cache, args):
    if not args.lock:
        raise Unavailable("--update-lock needs --lock FILE")
    series = kernels.series_of(args.kernel)
    mine = cache.lock_of(args.arch, sorted(series, key=kernels.numbers) if series else None)
    if not mine:
        raise Unavailable("the archive has no such kernel")
    kernels.write_lock(args.lock, [k for k in kernels.read_lock(args.lock) if k.architecture != args.arch] + mine)
    for k in mine:
        say(f"kernel {k.series} {k.architecture}: {k.package} {k.version}")


def printable(word):
    """Bytes of an argument must not control a terminal."""
    return "".join(c if c.isprintable() else "".join(f"\\{b:03o}" for b in os.fsencode(c)) for c in word)


def parse_known(p, words):
    args, unknown = p.parse_known_args(words)
    if unknown and not unknown[0].startswith("-"):
        p.error(f"{printable(unknown[0])}: a program is run by --with {printable(unknown[0])} or --exec {printable(unknown[0])}")
    if unknown:
        p.error("there is no such option: " + printable(unknown[0]))
    return args


def parse(p, words):
    """All words after --exec are the program's; argparse would take a "--" among them for its own."""
    if "--exec" not in words:
        return parse_known(p, words)
    at = words.index("--exec") + 1
    args = parse_known(p, words[:at])
    args.exec = words[at:]
    if not args.exec:
        p.error("argument --exec: expected a program")
    return args


def parse_arguments(words):
    p = argparse.ArgumentParser(prog="mntcompat-matrix", description="Boots Linux kernels in qemu and runs programs in them; "
                                "see mntcompat-matrix(1).", allow_abbrev=False)
    p.add_argument("--version", action="store_true", help="print the version")
    add_options(p)
    add_own_options(p)
    p.add_argument("--lock", metavar="FILE", help="the kernels to choose from, with their checksums (default: the newest "
                   "that the archive has)")
    args = parse(p, words)
    if not (args.version or args.list or args.fetch or args.update_lock or args.guests or args.exec or args.sh is not None):
        p.error("nothing to do: --with, --exec or --sh says what to run")
    if args.guests and (args.exec or args.sh is not None):
        p.error("--with goes neither with --exec nor with --sh")
    if args.exec and args.sh is not None:
        p.error("--exec and --sh exclude each other")
    if args.guests and args.get:
        p.error("--get goes with --exec or --sh; what tests print is below --output")
    if args.modules and not args.image:
        p.error("--modules needs --image")
    if args.image and (args.kernel or args.lock):
        p.error("--image goes neither with --kernel nor with --lock")
    return args


def run(words, version):
    args = parse_arguments(words)
    if args.version:
        print(f"mntcompat-matrix {version}")
        return 0
    if args.rootfs and not os.path.exists(args.rootfs):
        raise Unavailable(f"--rootfs {args.rootfs}: no such file or directory")
    # What can be wrong is told before anything is fetched.
    named_suites(args)
    cache = kernels.Cache(os.path.abspath(args.cache or archive.default_cache()), say, args.mirror)
    if args.update_lock:
        update_lock(cache, args)
        if not args.fetch:
            return 0
    if args.image:
        chosen = [kernels.Image(path, args.modules, args.arch) for path in args.image]
    else:
        chosen = kernels.choose(known_kernels(cache, args), args.kernel)
    if args.list:
        for k in chosen if args.image or args.kernel else kernels.choose(known_kernels(cache, args), ["all"]):
            print(f"{k.series:5} {k.point:9} {k.architecture} {k.release}")
        return 0
    if args.fetch:
        for kernel in chosen:
            kernel = cache.get(kernel, modules=bool(args.module))
            if args.module:
                cache.modules(kernel, args.module)
        return 0
    matrix = Matrix(args)
    if args.guests:
        return run_named(matrix, chosen)
    return run_program(matrix, chosen)


def stop(number, _):
    """No guest outlives the run, whoever ends it."""
    guest.kill_all()
    os._exit(128 + number)


def main(run_it, name):
    """Runs a front: 2 if something is missing."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        try:
            return run_it()
        finally:
            sys.stdout.flush()
    except Unavailable as missing:
        print(f"{name}: {missing}", file=sys.stderr)
    except BrokenPipeError:
        pass
    except OSError as e:
        print(f"{name}: {e.filename or 'cannot write to standard output'}: {e.strerror}", file=sys.stderr)
    guest.kill_all()
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    os._exit(2)
