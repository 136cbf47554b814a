# SPDX-License-Identifier: LGPL-2.1-or-later
"""arrows.py - the shape of the tree, from the includes and from the objects. Run by arrows.sh in the build directory.

A module is X.c together with X.h. It needs another one if it includes its header, or if its object has an undefined symbol
that the other one's object defines.
"""
import collections
import pathlib
import re
import subprocess
import sys

# From the ground up. A folder may use itself and the folders below it; those of one line do not use each other.
ROOMS = [
    ["compat/kernel"],
    ["compat/task"],
    ["compat/namespace"],
    ["compat/statmount"],
    ["compat/open_tree"],
    ["compat"],
    ["lib"],
    ["overlay", "preload", "supervisor", "probe"],
    ["tools"],
]
LEVEL = {room: level for level, rooms in enumerate(ROOMS) for room in rooms}
# The folders whose circles and system calls are looked for in the objects as well.
BUILT = ["compat", "lib", "probe"]
SYSTEM_CALLS = "compat/kernel/raw"

# What the C library does without a system call of its own account: all else is a system call until it is added here.
HARMLESS = re.compile(r"""
    mem(cpy|move|set|cmp|chr|mem|rchr) | str(len|nlen|cmp|ncmp|chr|rchr|cpy|ncpy|stpcpy|spn|cspn) | stpcpy
    | (__)?v?snprintf(_chk)? | __(mem|str|stp)\w+_chk | qsort | bsearch | atoi | strtou?ll? | __isoc23_strtou?ll?
    | malloc | calloc | realloc | free
    | __errno_location | ___errno_location | __tls_get_addr | _GLOBAL_OFFSET_TABLE_ | __stack_chk_(fail|guard)\w* | \.TOC\.
    | getauxval | sysconf | secure_getenv | pthread_once | abort
    | __(asan|ubsan|tsan|sanitizer|gcov|llvm)\w* | _?_?aeabi_\w+ | __(aarch64|atomic|sync)_\w+ | __\w+[dst]i[34] | _(save|rest)\w+
""", re.X)


def fail(*lines):
    for line in lines:
        print(line)
    return len(lines)


def room_of(module):
    room = module.rpartition("/")[0]
    return room if room in LEVEL else None


def sources(top):
    for room in LEVEL:
        for path in sorted((top / room).glob("*.[ch]")):
            yield path


def includes(top):
    """{module: {module}} by what each file includes."""
    edges = collections.defaultdict(set)
    for path in sources(top):
        module = str(path.relative_to(top).with_suffix(""))
        edges[module]
        for name in re.findall(r'^\s*#\s*include "([^"]+)"', path.read_text(), re.M):
            other = re.sub(r"\.[ch]$", "", name)
            if (top / name).exists() and other != module:
                edges[module].add(other)
    return edges


def objects(nm, build, modules):
    """{module: (defined, undefined)} of what was built here, but for what is left of sources that are gone."""
    table = {}
    for folder in BUILT:
        found = sorted(build.glob(folder + "/**/*.o"))
        plain = [path for path in found if ".libs" not in path.parts] or found
        for path in plain:
            room = str(path.parent.relative_to(build)).replace("/.libs", "")
            name = re.sub(r"^lib\w+_la-", "", path.stem)
            if f"{room}/{name}" not in modules:
                continue
            defined, undefined = table.setdefault(f"{room}/{name}", (set(), set()))
            lines = subprocess.run([*nm, "-P", str(path)], check=True, capture_output=True, text=True).stdout.splitlines()
            for symbol, kind, *_ in (line.split() for line in lines):
                if kind in "Uvw":
                    undefined.add(symbol)
                elif kind.isupper():
                    defined.add(symbol)
    return table


def uses(table):
    """{module: {module}} by the symbols of the objects."""
    home = {symbol: module for module, (defined, _) in table.items() for symbol in defined}
    edges = collections.defaultdict(set)
    for module, (_, undefined) in table.items():
        for symbol in undefined:
            if home.get(symbol, module) != module:
                edges[module].add(home[symbol])
    return edges


def upward(edges):
    for module, others in sorted(edges.items()):
        here = room_of(module)
        for other in sorted(others):
            there = room_of(other)
            if not here or not there or here == there:
                continue
            if LEVEL[there] >= LEVEL[here]:
                yield f"{module} needs {other}, which does not lie below it"


def circles(edges):
    """The strongly connected parts with more than one module (Tarjan)."""
    order, low, stack, on_stack, result = {}, {}, [], set(), []

    def visit(module):
        order[module] = low[module] = len(order)
        stack.append(module)
        on_stack.add(module)
        for other in sorted(edges.get(module, ())):
            if other not in order:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in on_stack:
                low[module] = min(low[module], order[other])
        if low[module] == order[module]:
            part = []
            while True:
                part.append(stack.pop())
                on_stack.discard(part[-1])
                if part[-1] == module:
                    break
            if len(part) > 1:
                result.append(sorted(part))

    for module in sorted(edges):
        if module not in order:
            visit(module)
    return result


def system_calls(table):
    ours = {symbol for defined, _ in table.values() for symbol in defined}
    for module, (_, undefined) in sorted(table.items()):
        if module == SYSTEM_CALLS or not module.startswith(("compat/", "lib/")):
            continue
        for symbol in sorted(undefined - ours):
            if not HARMLESS.fullmatch(symbol):
                yield f"{module} calls {symbol}, which may be a system call"


def main():
    top, nm, build = pathlib.Path(sys.argv[1]), sys.argv[2:], pathlib.Path(".")
    sys.setrecursionlimit(10000)
    edges = includes(top)
    table = objects(nm, build, edges)
    if not edges or SYSTEM_CALLS not in table or len(table) < 50:
        return fail(f"found {len(edges)} modules and {len(table)} objects: nothing was looked at")
    together = {module: set(others) for module, others in edges.items()}
    by_symbol = uses(table)
    for module, others in by_symbol.items():
        together.setdefault(module, set()).update(others)
    bad = fail(*upward(together))
    bad += fail(*(f"a circle: {', '.join(part)}" for part in circles(together)))
    bad += fail(*system_calls(table))
    if not any("syscall" in undefined for _, undefined in [table[SYSTEM_CALLS]]):
        bad += fail(f"{SYSTEM_CALLS} makes no system call")
    if not bad:
        arrows = sum(len(others) for others in together.values())
        print(f"{len(together)} modules, {arrows} arrows, all of them down; {len(table)} objects")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
