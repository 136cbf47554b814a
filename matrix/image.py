# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What lives here: the files of a guest: packed as an initramfs, with the libraries that programs need; a root filesystem of
# somebody's, from a directory or a tar file. It reads the files it is named and writes the archive it is told to.

import os
import re
import stat
import subprocess
import tarfile

from archive import Unavailable

TEST = "/test"
SYSTEM_LIBRARIES = ("/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/")


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
    search = ":".join(filter(None, [search, os.environ.get("LD_LIBRARY_PATH")]))
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
            raise Unavailable(f"{path}: {line.strip()}: set LD_LIBRARY_PATH, or build it with a run path")
    return found


def interpreter(path, image):
    """What a script's first line names, as (guest path, host path), unless the guest has it."""
    with open(path, "rb") as f:
        line = f.readline(256)
    words = line[2:].decode(errors="replace").split() if line.startswith(b"#!") else []
    if not words or image.has(words[0]):
        return None
    if os.path.basename(words[0]) == "env" or not os.path.isfile(words[0]):
        raise Unavailable(f"{path}: guests have no {' '.join(words)}: name the interpreter itself in "
                          "the first line, bring a program, or a root filesystem that has it")
    return words[0], os.path.realpath(words[0])


class Initramfs:
    """A cpio archive (newc) being put together; needs no privilege and no tools."""

    def __init__(self, prefix=""):
        # prefix: of the tools for another architecture; empty: this machine's own.
        self.chunks, self.inode, self.known, self.prefix = [], 1, set(), prefix
        # Symbolic links to directories, which a root filesystem may have: what is put below them goes where they point.
        self.links = {}
        self.size = 0

    def resolve(self, path):
        """A path without symbolic links in its directories, as the guest will see it."""
        parts, done, left = path.strip("/").split("/"), "", 40
        while len(parts) > 1:
            part = parts.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                done = os.path.dirname(done)
                continue
            here = f"{done}/{part}".lstrip("/")
            if here in self.links and left:
                left -= 1
                target = self.links[here]
                parts = target.strip("/").split("/") + parts
                done = "" if target.startswith("/") else done
            else:
                done = here
        return f"{done}/{parts[0]}".lstrip("/")

    def entry(self, path, mode, data=b"", rdev=(0, 0), owner=(0, 0)):
        path = self.resolve(path)
        name = path.encode("utf-8", "surrogateescape")
        if not name or path in self.known:
            return
        self.known.add(path)
        if stat.S_ISLNK(mode):
            self.links[path] = data.decode("utf-8", "surrogateescape")
        self.parents(path)
        self.raw(name, mode, data, rdev, owner)

    def raw(self, name, mode, data, rdev, owner=(0, 0)):
        self.inode += 1
        head = "070701" + "".join(f"{n:08X}" for n in (
            self.inode, mode, *owner, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name) + 1, 0))
        body = head.encode() + name + b"\0"
        self.chunks += [body, b"\0" * (-len(body) % 4), data, b"\0" * (-len(data) % 4)]
        self.size += len(body) + len(data)

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

    def rootfs(self, path):
        """A root filesystem: a directory, whose files of the caller become root's, or a tar file."""
        if os.path.isdir(path):
            self.tree(path)
        else:
            self.tar(path)

    def tree(self, top):
        mine = (os.geteuid(), os.getegid())
        for directory, names, files in os.walk(top):
            names.sort()
            for name in sorted(files) + names:
                host = os.path.join(directory, name)
                st = os.lstat(host)
                kind, data, rdev = stat.S_IFMT(st.st_mode), b"", (0, 0)
                if kind == stat.S_IFLNK:
                    data = os.readlink(os.fsencode(host))
                elif kind == stat.S_IFREG:
                    try:
                        with open(host, "rb") as f:
                            data = f.read()
                    except PermissionError as e:
                        raise Unavailable(f"--rootfs {top}: {e.filename}: {e.strerror}: run this as root, or name a tar file")
                elif kind in (stat.S_IFCHR, stat.S_IFBLK):
                    rdev = (os.major(st.st_rdev), os.minor(st.st_rdev))
                elif kind == stat.S_IFSOCK:
                    continue
                owner = tuple(0 if i == m else i for i, m in zip((st.st_uid, st.st_gid), mine))
                self.entry(os.path.relpath(host, top), st.st_mode, data, rdev, owner)

    def tar(self, path):
        kinds = {tarfile.DIRTYPE: stat.S_IFDIR, tarfile.SYMTYPE: stat.S_IFLNK, tarfile.CHRTYPE: stat.S_IFCHR,
                 tarfile.BLKTYPE: stat.S_IFBLK, tarfile.FIFOTYPE: stat.S_IFIFO}
        try:
            with tarfile.open(path) as tar:
                # The last of two members of one name is the one that holds.
                members = {os.path.normpath(m.name).lstrip("/"): m for m in tar}
                for name, m in members.items():
                    if name == ".":
                        continue
                    data, kind = b"", kinds.get(m.type, stat.S_IFREG)
                    if m.issym():
                        data = m.linkname.encode("utf-8", "surrogateescape")
                    elif kind == stat.S_IFREG:
                        data = tar.extractfile(m).read()
                    rdev = (m.devmajor, m.devminor) if m.ischr() or m.isblk() else (0, 0)
                    self.entry(name, kind | (0o777 if m.issym() else m.mode), data, rdev, (m.uid, m.gid))
        except (tarfile.TarError, KeyError, EOFError) as e:
            raise Unavailable(f"--rootfs {path}: neither a directory nor a tar file that can be read: {e}")

    def has(self, path):
        """True if the guest has a file of this name; a symbolic link to one counts."""
        return self.resolve(path) in self.known

    def write(self, path):
        self.raw(b"TRAILER!!!", 0, b"", (0, 0))
        with open(path, "wb") as f:
            f.write(b"".join(self.chunks))
