# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: one guest: its machine, booting it in qemu, reading what it reports.
# It may touch the directory it is given and the compiled guest-init in the cache; guest-init.c is the other end of the line.

import fcntl
import hashlib
import os
import platform
import re
import shutil
import stat
import subprocess
import time

from archive import Unavailable
from image import TEST, Initramfs
from kernels import PROGRAM_SUITES

HERE = os.path.dirname(os.path.abspath(__file__))
# Where "make install" has put what was compiled; the front says so. In a tree it is compiled when it is needed.
INSTALLED = None
BOOT_TIMEOUT = 150
# With the host's processor a boot takes a second or two.
KVM_BOOT_TIMEOUT = 30
# What a run may take beyond its own time-out, which the guest enforces itself.
SLACK = 60

# The limits of the watchdogs are for a host that is busy with more than this guest. Clearing memory
# when it is allocated takes time and changes no answer.
KERNEL_WORDS = ("loglevel=5 panic=-1 oops=panic nokaslr mitigations=off random.trust_cpu=on "
                "printk.devkmsg=on init_on_alloc=0 cryptomgr.notests=1 watchdog_thresh=60 "
                "rcupdate.rcu_cpu_stall_timeout=120")


class Machine:
    """What differs between the architectures. The report goes to a second line: guest-init.c knows its name."""

    def __init__(self, name, qemu, package, arguments, processors, console, prefix, cc, append=""):
        self.name, self.qemu, self.package = name, qemu, package
        self.arguments, self.console = arguments, console
        # More words for the kernel.
        self.append = append
        # More words for qemu, by accelerator.
        self.processors = processors
        # Of the tools that make programs for it, and of its libraries; empty: this machine's own.
        self.prefix = "" if name == host_architecture() else prefix
        self.cc = cc

    def command(self, accelerator):
        words = ["-accel", "kvm"] if accelerator == "kvm" else ["-accel", "tcg,thread=single"]
        return [self.qemu, *words, *self.arguments, *self.processors[accelerator]]


def host_architecture():
    """As Debian calls it."""
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())


MACHINES = {m.name: m for m in (
    # Emulated without a fifth level of page tables, which would be walked each time. One bit of a register cannot be set in
    # guests of every hypervisor.
    Machine("amd64", "qemu-system-x86_64", "qemu-system-x86",
            ["-machine", "q35", "-serial", "chardev:console", "-serial", "chardev:report"],
            {"tcg": ["-cpu", "max,la57=off"], "kvm": ["-cpu", "max,arch-capabilities=off"]},
            "ttyS0,115200", "x86_64-linux-gnu", "x86-64-linux-gnu"),
    # This machine has one line of its own; the second one is a card.
    Machine("arm64", "qemu-system-aarch64", "qemu-system-arm",
            ["-machine", "virt", "-serial", "chardev:console", "-device", "pci-serial,chardev=report"],
            {"tcg": ["-cpu", "max,pauth-impdef=on"], "kvm": ["-cpu", "max", "-machine", "gic-version=host"]},
            "ttyAMA0", "aarch64-linux-gnu", "aarch64-linux-gnu"),
    # A console by lines and one by characters, which passes on every byte. The kernel writes to both, and no word makes it
    # leave the second one alone: only what comes after a panic is let through.
    Machine("s390x", "qemu-system-s390x", "qemu-system-s390x",
            ["-machine", "s390-ccw-virtio", "-device", "sclplmconsole,chardev=console", "-device", "sclpconsole,chardev=report"],
            {"tcg": ["-cpu", "max"], "kvm": ["-cpu", "max"]}, "ttyS0", "s390x-linux-gnu", "s390x-linux-gnu", "loglevel=1"),
)}

KERNEL_PROBLEM = re.compile(
    r"^(?!.*ommand line: ).*(WARNING: |\bBUG: |\bBUG at |kernel BUG|\bOops\b|Kernel panic"
    r"|general protection fault|Unable to handle|detected (expedited )?stall|kthread starved"
    r"|blocked for more than|soft lockup|hard LOCKUP|UBSAN|KASAN|KFENCE|refcount_t:"
    r"|possible recursive locking|suspicious RCU usage"
    r"|unreferenced object|list_(add|del) corruption|Busy inodes after unmount)")


class Accelerator:
    """
    KVM where a machine can be made with it, emulation otherwise. That the device opens is not all: a guest of some hypervisors
    gets a machine that never runs, so that the first boot decides, and is remembered until this host is started anew.
    """

    CREATE_VM = 0xAE01

    def __init__(self, machine, wanted, cache, say):
        self.say, self.wanted = say, wanted
        self.note = os.path.join(cache, "kvm-boots-nothing")
        self.name, self.why = "tcg", ""
        if wanted == "tcg":
            self.why = "as was asked for"
        elif machine.name != host_architecture():
            self.why = f"this host is {host_architecture()}"
        elif error := self.closed():
            self.why = error
        elif wanted == "auto" and self.remembered():
            self.why = "no guest started with KVM on this host before"
        else:
            self.name = "kvm"
        if wanted == "kvm" and self.name != "kvm":
            raise Unavailable(f"--accel kvm: {self.why}")

    def closed(self):
        """Why no machine can be made with KVM; "" if one can."""
        try:
            device = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
            try:
                os.close(fcntl.ioctl(device, self.CREATE_VM, 0))
            finally:
                os.close(device)
        except OSError as e:
            return f"/dev/kvm: {e.strerror}"
        return ""

    @staticmethod
    def host_boot():
        with open("/proc/sys/kernel/random/boot_id") as f:
            return f.read().strip()

    def remembered(self):
        try:
            with open(self.note) as f:
                return f.read().strip() == self.host_boot()
        except OSError:
            return False

    def words(self):
        return "KVM" if self.name == "kvm" else f"emulation (TCG; {self.why})"

    def failed(self):
        """A guest did not start with KVM. True if it shall be tried without."""
        if self.wanted == "kvm" or self.name != "kvm":
            return self.wanted != "kvm"
        self.name, self.why = "tcg", "no guest starts with KVM on this host"
        self.say(f"/dev/kvm opens, but the guest did not start with it: going on with {self.words()}")
        with open(self.note, "w") as f:
            f.write(self.host_boot() + "\n")
        return True


def find_tools(machine, archive):
    """The guest's busybox; every missing piece is named at once with its cure."""
    missing = []
    if not shutil.which(machine.qemu):
        missing.append(machine.package)
    busybox = (archive.program("busybox-static", "bin/busybox", PROGRAM_SUITES) if machine.prefix
               else shutil.which("busybox"))
    if not busybox or b"ld-linux" in open(busybox, "rb").read(4096):
        missing.append("busybox-static")
    if not installed_init(machine) and not find_compiler(machine):
        missing.append(f"gcc-{machine.cc}" if machine.prefix else "gcc")
    if not shutil.which("dpkg-deb"):
        missing.append("dpkg")
    if missing:
        raise Unavailable("missing: apt-get install " + " ".join(missing))
    return os.path.realpath(busybox)


def find_compiler(machine):
    if machine.prefix:
        return shutil.which(f"{machine.prefix}-gcc")
    return shutil.which("cc") or shutil.which("gcc")


def installed_init(machine):
    """Process 1 of the guests as it was compiled when this was installed; None if it was not, or not for this architecture."""
    name = f"guest-init-{machine.name}" if machine.prefix else "guest-init"
    path = os.path.join(INSTALLED, name) if INSTALLED else ""
    return path if path and os.path.exists(path) else None


def build_init(cache, machine):
    """Path of the static guest-init, compiled once for each text of its source, unless it was installed."""
    if path := installed_init(machine):
        return path
    source = os.path.join(HERE, "guest-init.c")
    with open(source, "rb") as f:
        digest = hashlib.sha256(f.read()).hexdigest()[:12]
    # Several trees may share a cache, and each has to get the one that speaks its language.
    target = os.path.join(cache, "-".join(filter(None, ["guest-init", machine.prefix, digest])))
    if os.path.exists(target):
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

    def line(self, path):
        env = {"PATH": f"{TEST}:{path}", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8",
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
    """rootfs: a directory or a tar file that is the guest's root filesystem; without it there is busybox."""

    def __init__(self, kernel, vmlinuz, root, work, init, busybox, accelerator, modules=(), memory=None, smp=1,
                 append="", rootfs=None):
        self.machine, self.accelerator = MACHINES[kernel.architecture], accelerator
        self.kernel, self.vmlinuz, self.root, self.work = kernel, vmlinuz, root, work
        self.modules, self.memory, self.smp, self.append = list(modules), memory, smp, append
        self.init, self.rootfs = init, rootfs
        self.image = Initramfs(self.machine.prefix)
        os.makedirs(work, exist_ok=True)
        if rootfs:
            self.image.rootfs(rootfs)
        for d in ("dev", "proc", "sys", "tmp", "root", "matrix", TEST, "etc", "mnt", "run"):
            self.image.directory(d, 0o1777 if d == "tmp" else 0o755)
        self.image.entry("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
        self.path = "/bin"
        if rootfs:
            self.path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
            self.image.file("matrix/init", init)
            self.image.file("matrix/busybox", busybox)
            return
        self.image.file("init", init)
        self.image.file("bin/busybox", busybox)
        for applet in applets(busybox):
            self.image.link(f"bin/{applet}", "busybox")
        self.image.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n"
                        "nobody:x:65534:65534:nobody:/:/bin/sh\n")
        self.image.text("etc/group", "root:x:0:\nnogroup:x:65534:\n")

    def megabytes(self):
        """Memory: a root filesystem is there packed, unpacked and, for a moment, a second time."""
        return self.memory or 768 + (3 * self.image.size >> 20 if self.rootfs else 0)

    def command(self):
        words = [f"console={self.machine.console}", KERNEL_WORDS, *filter(None, [self.machine.append])]
        if self.accelerator.name == "tcg" and not self.machine.prefix:
            words.append(clock_words(self.init))
        if self.rootfs:
            words.append("rdinit=/matrix/init")
        return [*self.machine.command(self.accelerator.name),
                "-m", f"{self.megabytes()}M", "-smp", str(self.smp), "-nodefaults", "-no-user-config",
                "-display", "none", "-monitor", "none", "-no-reboot",
                "-chardev", f"file,id=console,path={self.work}/console.log",
                "-chardev", f"file,id=report,path={self.work}/report.raw",
                "-kernel", self.vmlinuz, "-initrd", f"{self.work}/initramfs",
                "-append", " ".join([*words, self.append]).strip()]

    def boot(self, entries, get=(), on_output=None, on_event=None):
        """Runs the entries in one guest. on_output gets (kind, bytes), on_event (what, Result)."""
        plan = [f"root\t{self.root}"]
        for name, data in self.modules:
            self.image.text(f"matrix/{name}", data)
            plan.append(f"module\t/matrix/{name}")
        plan += [e.line(self.path) for e in entries]
        plan += [f"get\t{path}" for path in get]
        self.image.text("matrix/plan", "\n".join(plan) + "\n")
        self.image.write(f"{self.work}/initramfs")
        while True:
            # Another guest, which starts beside this one, may find out first.
            was_emulated = self.accelerator.name == "tcg"
            boot = self.start(entries, on_output, on_event)
            # A kernel that panics has run.
            if (was_emulated or boot.release or "Kernel panic" in boot.console
                    or not self.accelerator.failed()):
                break
        os.unlink(f"{self.work}/initramfs")
        return boot

    def start(self, entries, on_output, on_event):
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
        with open(f"{self.work}/console.log", errors="replace") as f:
            boot.console = f.read()
        with open(f"{self.work}/qemu.err") as f:
            if text := f.read().strip():
                boot.trouble.append(text)
        return boot

    def follow(self, qemu, boot, on_output, on_event):
        start = time.monotonic()
        patience = KVM_BOOT_TIMEOUT if self.accelerator.name == "kvm" else BOOT_TIMEOUT
        deadline = start + patience
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
                                        else f"did not boot within {patience} s")
                    break
                if not data:
                    time.sleep(0.03)


FRAME = re.compile(rb"\x01([A-Z!])(\d+)\n")


def take_frame(buffer):
    """Cuts the first complete frame off the buffer: (letter, bytes), or None. What is no frame goes: a kernel's own words."""
    while (at := buffer.find(b"\1")) >= 0:
        del buffer[:at]
        head = FRAME.match(buffer)
        if head:
            end = head.end() + int(head.group(2))
            if len(buffer) < end:
                return None
            kind, payload = head.group(1).decode(), bytes(buffer[head.end():end])
            del buffer[:end]
            return kind, payload
        if len(buffer) < 24:
            return None
        del buffer[:1]
    buffer.clear()
    return None
