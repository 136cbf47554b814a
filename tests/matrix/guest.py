# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: one guest: packing its initramfs, booting it in qemu, reading what it reports.
# It may touch the directory it is given and the compiled guest-init in the cache.
# tests/matrix/run calls it; guest-init.c is the other end of the line.

import os
import re
import shutil
import stat
import subprocess
import time

from archive import Unavailable

HERE = os.path.dirname(os.path.abspath(__file__))
TEST = "/test"
BOOT_TIMEOUT = 150
# What a run may take beyond its own time-out, which the guest enforces itself.
SLACK = 60

# The limits of the watchdogs are for a host that is busy with more than this guest. Clearing memory
# when it is allocated takes time and changes no answer.
KERNEL_WORDS = ("loglevel=5 panic=-1 oops=panic nokaslr mitigations=off random.trust_cpu=on "
                "printk.devkmsg=on init_on_alloc=0 cryptomgr.notests=1 watchdog_thresh=60 "
                "rcupdate.rcu_cpu_stall_timeout=120")


class Machine:
    """What differs between the architectures. The report goes to the second serial line: guest-init.c knows its name."""

    def __init__(self, qemu, package, arguments, console, prefix):
        self.qemu, self.package, self.arguments, self.console = qemu, package, arguments, console
        # Of the tools that make programs for it, and of its libraries; empty: this machine's own.
        self.prefix = prefix


MACHINES = {
    # Without a fifth level of page tables, which TCG would walk each time.
    "amd64": Machine("qemu-system-x86_64", "qemu-system-x86",
                     ["-machine", "q35", "-cpu", "max,la57=off", "-serial", "chardev:console", "-serial", "chardev:report"],
                     "ttyS0,115200", ""),
    # This machine has one line of its own; the second one is a card.
    "arm64": Machine("qemu-system-aarch64", "qemu-system-arm",
                     ["-machine", "virt", "-cpu", "max,pauth-impdef=on", "-serial", "chardev:console",
                      "-device", "pci-serial,chardev=report"],
                     "ttyAMA0", "aarch64-linux-gnu"),
}

SYSTEM_LIBRARIES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")

KERNEL_PROBLEM = re.compile(
    r"^(?!.*ommand line: ).*(WARNING: |\bBUG: |\bBUG at |kernel BUG|\bOops\b|Kernel panic"
    r"|general protection fault|Unable to handle|detected (expedited )?stall|kthread starved"
    r"|blocked for more than|soft lockup|hard LOCKUP|UBSAN|KASAN|KFENCE|refcount_t:"
    r"|possible recursive locking|suspicious RCU usage"
    r"|unreferenced object|list_(add|del) corruption|Busy inodes after unmount)")


def find_tools(machine, archive):
    """The guest's busybox; every missing piece is named at once with its cure."""
    missing = []
    if not shutil.which(machine.qemu):
        missing.append(machine.package)
    busybox = archive.program("busybox-static", "bin/busybox") if machine.prefix else shutil.which("busybox")
    if not busybox or b"ld-linux" in open(busybox, "rb").read(4096):
        missing.append("busybox-static")
    if not find_compiler(machine):
        missing.append(f"gcc-{machine.prefix}" if machine.prefix else "gcc")
    if not shutil.which("dpkg-deb"):
        missing.append("dpkg")
    if missing:
        raise Unavailable("missing: apt-get install " + " ".join(missing))
    return os.path.realpath(busybox)


def find_compiler(machine):
    if machine.prefix:
        return shutil.which(f"{machine.prefix}-gcc")
    return shutil.which("cc") or shutil.which("gcc")


def build_init(cache, machine):
    """Path of the static guest-init, compiled when its source is newer."""
    source = os.path.join(HERE, "guest-init.c")
    target = os.path.join(cache, f"guest-init-{machine.prefix}" if machine.prefix else "guest-init")
    if os.path.exists(target) and os.path.getmtime(target) > os.path.getmtime(source):
        return target
    new = f"{target}.{os.getpid()}"
    done = subprocess.run([find_compiler(machine), "-std=gnu11", "-O2", "-Wall", "-Wextra", "-static", "-o", new,
                           source], capture_output=True, text=True)
    if done.returncode:
        raise Unavailable("guest-init does not compile (is libc6-dev there?): "
                          + done.stderr.strip().split("\n")[-1])
    os.replace(new, target)
    return target


def clock_words(init):
    """
    Tells the kernel how fast its time stamp counter is, which under TCG is the host's. Left to find
    out by itself on a busy host it may be wrong by a factor of fifty, and its clock with it.
    """
    done = subprocess.run([init, "--tsc-khz"], capture_output=True, text=True)
    return f"tsc_early_khz={done.stdout.strip()}" if done.returncode == 0 else ""


def applets(busybox):
    """The commands in it, which a foreign one cannot be asked: then those of this machine's, or the usual ones."""
    for program in (busybox, shutil.which("busybox")):
        if program:
            try:
                return subprocess.run([program, "--list"], capture_output=True, text=True).stdout.split()
            except OSError:
                continue
    return ("sh cat cp echo false grep head id ln ls mkdir mknod mount mv ps rm rmdir sed sleep stat tail touch true "
            "umount uname unshare wc").split()


def real_program(path):
    """The program behind a libtool wrapper script."""
    hidden = os.path.join(os.path.dirname(path), ".libs", os.path.basename(path))
    with open(path, "rb") as f:
        if f.read(2) == b"#!" and os.path.exists(hidden):
            return hidden
    return path


def library_path(path):
    """Where the wrapper script has the dynamic linker look for libraries that are not installed."""
    with open(path, "rb") as f:
        found = re.search(rb'^\s*LD_LIBRARY_PATH="([^"$]+)', f.read(), re.MULTILINE)
    return found.group(1).decode().rstrip(":") if found else ""


def foreign_libraries(path, search, prefix):
    """The same for programs that this machine's dynamic linker cannot load, after the rules of cross compilers."""
    found, waiting = {}, [path]
    directories = [d for d in search.split(":") if d] + [f"/usr/{prefix}/lib"]
    while waiting:
        text = subprocess.run(["readelf", "--wide", "--dynamic", "--program-headers", waiting.pop()],
                              capture_output=True, text=True).stdout
        names = re.findall(r"Shared library: \[(.+?)\]", text)
        names += re.findall(r"program interpreter: (.+?)\]", text)
        for name in names:
            at = [f"{d}/{os.path.basename(name)}" for d in directories]
            host = next((h for h in at if os.path.exists(h)), None)
            if not host:
                raise Unavailable(f"{path}: {name} not found")
            guest = name if name.startswith("/") else f"{TEST}/lib/{name}"
            if guest not in found:
                found[guest] = host
                waiting.append(host)
    return found


def libraries(path, search, prefix=""):
    """Where the dynamic linker finds what a program needs, as {guest path: host path}."""
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return {}
    if prefix:
        return foreign_libraries(path, search, prefix)
    found = {}
    text = subprocess.run(["ldd", path], capture_output=True, text=True,
                          env={**os.environ, "LD_LIBRARY_PATH": search}).stdout
    for line in text.splitlines():
        match = re.match(r"\s*(?:(\S+) => )?(/\S+) \(0x", line)
        if match:
            name, host = match.group(1), match.group(2)
            # Ours are found through LD_LIBRARY_PATH: a build directory may be below /tmp.
            if not name or name.startswith("/"):
                guest = host
            elif host.startswith(SYSTEM_LIBRARIES):
                guest = os.path.join(os.path.dirname(host), name)
            else:
                guest = f"{TEST}/lib/{name}"
            found[guest] = host
        elif "not found" in line:
            raise Unavailable(f"{path}: {line.strip()}")
    return found


def interpreter(path):
    """What a script's first line names, as (guest path, host path), unless guests have it."""
    with open(path, "rb") as f:
        line = f.readline(256)
    words = line[2:].decode(errors="replace").split() if line.startswith(b"#!") else []
    if not words or words[0] == "/bin/sh":
        return None
    if os.path.basename(words[0]) == "env" or not os.path.isfile(words[0]):
        raise Unavailable(f"{path}: guests have no {' '.join(words)}: name the interpreter itself in "
                          "the first line, or bring a program")
    return words[0], os.path.realpath(words[0])


class Initramfs:
    """A cpio archive (newc) being put together; needs no privilege and no tools."""

    def __init__(self, prefix=""):
        self.chunks, self.inode, self.known, self.prefix = [], 1, set(), prefix

    def entry(self, path, mode, data=b"", rdev=(0, 0)):
        name = path.strip("/").encode()
        if not name or name in self.known:
            return
        self.known.add(name)
        self.parents(path)
        self.raw(name, mode, data, rdev)

    def raw(self, name, mode, data, rdev):
        self.inode += 1
        head = "070701" + "".join(f"{n:08X}" for n in (
            self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name) + 1, 0))
        body = head.encode() + name + b"\0"
        self.chunks += [body, b"\0" * (-len(body) % 4), data, b"\0" * (-len(data) % 4)]

    def parents(self, path):
        parent = os.path.dirname(path.rstrip("/"))
        if parent.strip("/"):
            self.entry(parent, stat.S_IFDIR | 0o755)

    def directory(self, path, mode=0o755):
        self.entry(path, stat.S_IFDIR | mode)

    def link(self, path, target):
        self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def text(self, path, content, mode=0o644):
        self.entry(path, stat.S_IFREG | mode, content if isinstance(content, bytes)
                   else content.encode())

    def file(self, path, host):
        """A file with all the libraries it needs, or a directory with everything below."""
        if os.path.isdir(host):
            self.directory(path)
            for name in sorted(os.listdir(host)):
                if name not in (".libs", ".deps"):
                    self.file(f"{path}/{name}", os.path.join(host, name))
            return
        real = real_program(host)
        with open(real, "rb") as f:
            data = f.read()
        executable = os.stat(real).st_mode & 0o111
        self.entry(path, stat.S_IFREG | (0o755 if executable else 0o644), data)
        search = library_path(host) if real != host else ""
        for guest, library in libraries(real, search, self.prefix).items():
            with open(library, "rb") as f:
                self.entry(guest, stat.S_IFREG | 0o755, f.read())

    def write(self, path):
        self.raw(b"TRAILER!!!", 0, b"", (0, 0))
        with open(path, "wb") as f:
            f.write(b"".join(self.chunks))


class Entry:
    """One command of a plan."""

    def __init__(self, name, argv, env=None, uid=0, timeout=300, check_mounts=False, cwd=TEST,
                 prefix="", ours=True, may_skip=False):
        # prefix goes before the names of its results, where a suite is several programs.
        self.prefix = prefix
        # What is not ours may speak by its exit status alone, and leave processes to its guest.
        self.ours = ours
        # "1..0 # SKIP why": this is one that not every guest can run.
        self.may_skip = may_skip
        self.name, self.argv, self.env, self.uid = name, argv, env or {}, uid
        self.timeout, self.check_mounts, self.cwd = timeout, check_mounts, cwd

    def line(self):
        env = {"PATH": f"{TEST}:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8",
               "LD_LIBRARY_PATH": f"{TEST}/lib", **self.env}
        fields = ["run", self.name, str(self.uid), str(self.timeout),
                  "1" if self.check_mounts else "0", self.cwd, str(len(env))]
        return "\t".join(re.sub(r"[%\t\n]", lambda m: f"%{ord(m.group(0)):02X}", f)
                         for f in fields + [f"{k}={v}" for k, v in env.items()] + self.argv)


class Result:
    """How one entry ended. state: exit, signal, timeout, crash (kernel gone), hang, unreached."""

    def __init__(self, entry):
        self.entry, self.name = entry, entry.name
        self.state, self.code, self.seconds = "unreached", 0, 0.0
        # Seconds of processor time that qemu used for it.
        self.processor = 0.0
        self.out, self.err, self.log = bytearray(), bytearray(), bytearray()
        self.strays, self.mounts = 0, []

    def kernel_problems(self):
        text = self.log.decode(errors="replace")
        return [l for l in text.splitlines() if KERNEL_PROBLEM.search(l)]


class Boot:
    """Everything one guest said."""

    def __init__(self, entries):
        self.results = [Result(e) for e in entries]
        self.release, self.boot_seconds, self.finished = None, 0.0, False
        self.boot_processor = 0.0
        self.trouble, self.files, self.log = [], [], bytearray()
        self.console = ""


RUNNING = set()


def processor_seconds(pid):
    """Processor time that a running process has used so far."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            fields = f.read().rpartition(b")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kill_all():
    for qemu in list(RUNNING):
        qemu.kill()


class Guest:
    def __init__(self, kernel, vmlinuz, root, work, init, busybox, modules=(), memory=768, smp=1,
                 append=""):
        self.machine = MACHINES[kernel.architecture]
        self.kernel, self.vmlinuz, self.root, self.work = kernel, vmlinuz, root, work
        self.modules, self.memory, self.smp, self.append = list(modules), memory, smp, append
        self.clock = "" if self.machine.prefix else clock_words(init)
        self.image = Initramfs(self.machine.prefix)
        os.makedirs(work, exist_ok=True)
        for d in ("dev", "proc", "sys", "tmp", "root", "matrix", TEST, "etc", "mnt", "run"):
            self.image.directory(d, 0o1777 if d == "tmp" else 0o755)
        self.image.entry("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
        self.image.file("init", init)
        self.image.file("bin/busybox", busybox)
        for applet in applets(busybox):
            self.image.link(f"bin/{applet}", "busybox")
        self.image.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                        "nobody:x:65534:65534:nobody:/:/bin/sh\n")
        self.image.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")

    def command(self):
        return [self.machine.qemu, "-accel", "tcg,thread=single",
                "-m", f"{self.memory}M", "-smp", str(self.smp), "-nodefaults", "-no-user-config",
                "-display", "none", "-monitor", "none", "-no-reboot",
                "-kernel", self.vmlinuz, "-initrd", f"{self.work}/initramfs",
                "-append", f"console={self.machine.console} {KERNEL_WORDS} {self.clock} {self.append}".strip(),
                "-chardev", f"file,id=console,path={self.work}/console.log",
                "-chardev", f"file,id=report,path={self.work}/report.raw", *self.machine.arguments]

    def boot(self, entries, get=(), on_output=None, on_event=None):
        """Runs the entries in one guest. on_output gets (kind, bytes), on_event (what, Result)."""
        plan = [f"root\t{self.root}"]
        for name, data in self.modules:
            self.image.text(f"matrix/{name}", data)
            plan.append(f"module\t/matrix/{name}")
        plan += [e.line() for e in entries]
        plan += [f"get\t{path}" for path in get]
        self.image.text("matrix/plan", "\n".join(plan) + "\n")
        self.image.write(f"{self.work}/initramfs")
        boot = Boot(entries)
        for name in ("console.log", "report.raw"):
            open(f"{self.work}/{name}", "w").close()
        with open(f"{self.work}/qemu.err", "w") as err:
            qemu = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=err,
                                    stderr=err)
        RUNNING.add(qemu)
        try:
            self.follow(qemu, boot, on_output, on_event)
        finally:
            if qemu.poll() is None:
                qemu.kill()
            qemu.wait()
            RUNNING.discard(qemu)
        os.unlink(f"{self.work}/initramfs")
        with open(f"{self.work}/console.log", errors="replace") as f:
            boot.console = f.read()
        with open(f"{self.work}/qemu.err") as f:
            if f.tell() == 0 and (text := f.read().strip()):
                boot.trouble.append(text)
        return boot

    def follow(self, qemu, boot, on_output, on_event):
        start = time.monotonic()
        deadline = start + BOOT_TIMEOUT
        buffer, current, results = bytearray(), None, iter(boot.results)
        used = begun = 0.0
        with open(f"{self.work}/report.raw", "rb", buffering=0) as report:
            while True:
                # Before poll(), after which /proc has the process no longer.
                used = processor_seconds(qemu.pid) or used
                ended = qemu.poll() is not None
                data = report.read(1 << 20)
                buffer += data
                while (frame := take_frame(buffer)) is not None:
                    kind, payload = frame
                    if kind == "I":
                        boot.release = payload.decode().split()[-1]
                        boot.boot_seconds = time.monotonic() - start
                        boot.boot_processor = used
                        deadline = time.monotonic() + SLACK
                        if on_event:
                            on_event("booted", boot)
                    elif kind == "B":
                        current = next(results)
                        current.state = "crash"
                        begun = used
                        deadline = time.monotonic() + current.entry.timeout + SLACK
                        if on_event:
                            on_event("start", current)
                    elif kind in "OE" and current:
                        (current.out if kind == "O" else current.err).extend(payload)
                        if on_output:
                            on_output(kind, payload)
                    elif kind == "K":
                        boot.log += payload
                        if current:
                            current.log += payload
                    elif kind == "M" and current:
                        current.mounts.append(payload.decode(errors="replace"))
                    elif kind == "S" and current:
                        current.strays = int(payload)
                    elif kind == "X" and current:
                        state, code, ms = payload.decode().split()
                        current.state, current.code = state, int(code)
                        current.seconds = int(ms) / 1000
                        current.processor = used - begun
                        deadline = time.monotonic() + SLACK
                        if on_event:
                            on_event("end", current)
                        if state == "timeout" and len(boot.results) > 1:
                            # What was killed may have left the guest in any state.
                            return
                    elif kind == "F":
                        path, _, content = payload.partition(b"\0")
                        boot.files.append((path.decode(), content))
                        deadline = time.monotonic() + SLACK
                    elif kind == "Z":
                        boot.finished = True
                        deadline = time.monotonic() + SLACK
                    elif kind == "!":
                        boot.trouble.append(payload.decode(errors="replace"))
                if ended and not data:
                    break
                if time.monotonic() > deadline:
                    if current and current.state == "crash":
                        current.state = "hang"
                    boot.trouble.append("no answer from the guest any more" if boot.release
                                        else f"did not boot within {BOOT_TIMEOUT} s")
                    break
                if not data:
                    time.sleep(0.03)


def take_frame(buffer):
    """Cuts the first complete frame off the buffer: (letter, bytes), or None."""
    end = buffer.find(b"\n", 0, 24)
    if end < 0:
        return None
    length = int(buffer[1:end])
    if len(buffer) < end + 1 + length:
        return None
    kind, payload = chr(buffer[0]), bytes(buffer[end + 1:end + 1 + length])
    del buffer[:end + 1 + length]
    return kind, payload
