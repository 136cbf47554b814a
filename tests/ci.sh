#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# ci.sh - the recipes in docs/ci are YAML, each is named in docs/ci.md, and every command line of mntcompat-matrix there and in that
# page is one that the command takes, as is every option that the page names. Writes nothing and boots nothing; needs no privilege.
# Called by make check.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
for python in python3 /usr/bin/python3; do
	"$python" -c 'import yaml' 2>/dev/null && break
	python=
done
[ -n "$python" ] || { echo "not installed: python3-yaml"; exit 77; }
PYTHONDONTWRITEBYTECODE=1 exec "$python" - "$srcdir" <<'EOC'
import contextlib
import glob
import io
import os
import re
import shlex
import sys

import yaml

srcdir = sys.argv[1]
sys.path.insert(0, os.path.join(srcdir, "matrix"))
import command

TOOL = "mntcompat-matrix"
failed = False
lines = 0


def complain(where, what):
    global failed
    failed = True
    print(f"{where}: {what}")


def strings(node):
    """Every string in a document."""
    if isinstance(node, dict):
        for value in node.values():
            yield from strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from strings(value)
    elif isinstance(node, str):
        yield node


def try_options(where, words):
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            command.parse_arguments(words)
    except SystemExit:
        complain(where, f"{shlex.join(words)}: {said.getvalue().strip().splitlines()[-1]}")


def try_commands(where, text):
    """Those of TOOL in lines of shell; true if there are any."""
    global lines
    before = lines
    for line in re.split(r"\n|&&", text):
        words = shlex.split(line, comments=True)
        if words[:1] == [TOOL] and len(words) > 1:
            lines += 1
            try_options(where, words[1:])
    return lines > before


with open(os.path.join(srcdir, "docs/ci.md"), encoding="utf-8") as f:
    page = f.read()
recipes = sorted(glob.glob(os.path.join(srcdir, "docs/ci/*.yml")))
named = set(re.findall(r"\]\((ci/[a-z]+\.yml)\)", page))
for path in recipes:
    where = os.path.relpath(path, os.path.join(srcdir, "docs"))
    if where not in named:
        complain("docs/ci.md", f"{where} is not named")
    try:
        with open(path, encoding="utf-8") as f:
            document = yaml.safe_load(f)
    except yaml.YAMLError as error:
        complain(where, error)
        continue
    if not any([try_commands(where, text) for text in strings(document)]):
        complain(where, f"no command line of {TOOL}")
    if not any(re.search(rf"install.*\b{TOOL}\b", text) or text == TOOL for text in strings(document)):
        complain(where, f"the package {TOOL} is not installed")
for where in sorted(named - {os.path.relpath(path, os.path.join(srcdir, "docs")) for path in recipes}):
    complain("docs/ci.md", f"there is no {where}")

for block in re.findall(r"^```(?:console|sh)\n(.*?)^```", page, re.M | re.S):
    try_commands("docs/ci.md", block)
known = io.StringIO()
with contextlib.redirect_stdout(known), contextlib.suppress(SystemExit):
    command.parse_arguments(["--help"])
known = set(re.findall(r"--[a-z-]+", known.getvalue()))
for option in sorted(set(re.findall(r"`(--[a-z-]+)", page))):
    lines += 1
    if option not in known:
        complain("docs/ci.md", f"{TOOL} has no option {option}")
if not recipes or lines < 10:
    complain("docs/ci.md", "fewer recipes and options were found than there are")
print(f"{len(recipes)} recipes, {lines} command lines and options")
sys.exit(failed)
EOC
