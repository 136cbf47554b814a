#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# tool-json.sh - the JSON of "mntcompat listmount", "statmount" and "listns": it fits its schema, is UTF-8 whatever bytes the
# names have, and the tree can be rebuilt from it.
# May write in a directory and in a mount namespace of its own; needs root. Called by make check in the build directory.
srcdir=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
tool=$PWD/mntcompat
[ -x "$tool" ] || { echo "run it in the build directory"; exit 99; }
[ "$(id -u)" = 0 ] || { echo "needs root to mount"; exit 77; }
python3 -c 'import jsonschema' 2>/dev/null || { echo "not installed: python3-jsonschema"; exit 77; }
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
cat >check.py <<'EOP'
import json, os, subprocess, sys
import jsonschema

tool, sources, work = sys.argv[1:]
work = os.fsencode(work)
odd = work + b"/t/\xff\xfe\"\\\x01\x1b\xc2\x9b\xed\xa0\x80\xe2\x82\xac"


def run(kind, *arguments):
    out = subprocess.run([tool, *arguments], check=True, stdout=subprocess.PIPE).stdout
    document = json.loads(out.decode("utf-8", "strict"))
    assert all(byte >= 32 or byte == 10 for byte in out), "control characters"
    assert "\x9b" not in out.decode(), "a control character of ISO 6429"
    schema = json.load(open(f"{sources}/tools/mntcompat-{kind}-1.schema.json"))
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(document, schema)
    # The schema must be able to fail.
    member = {"listmount": "mounts", "statmount": "mount", "listns": "namespaces"}[kind]
    for spoil in ({"schema": "mntcompat-x/1"}, {"more": 1}, {member: [{"id": 1}]}, {member: {"mask": "1"}}):
        try:
            jsonschema.validate({**document, **spoil}, schema)
        except jsonschema.ValidationError:
            continue
        sys.exit(f"the schema of {kind} takes anything: {spoil}")
    # JavaScript, jq and many others have doubles alone: they must read the same, ids above 2^53 too.
    assert json.loads(out, parse_int=float) == document, "numbers that a double rounds"
    return document


def raw(row, key):
    return bytes.fromhex(row[key + "_hex"]) if key + "_hex" in row else row[key].encode()


for kernel in ("5.10", "6.12", "7.3"):
    at = ("--kernel", kernel)
    mounts = run("listmount", *at, "listmount", "--json")["mounts"]
    by_id = {row["id"]: row for row in mounts}
    assert len(by_id) == len(mounts) and all(int(row["id"]) > 2**31 for row in mounts), mounts
    # Every column is there; the tree of mountinfo follows from ids and parents.
    columns = subprocess.run([tool, "listmount", "--list-columns"], check=True, stdout=subprocess.PIPE, text=True).stdout
    names = [line.split()[0].lower() for line in columns.splitlines()[1:]]
    assert all(set(names) <= set(row) for row in mounts), (names, mounts[0])
    tree = {(row["old-id"], by_id[row["parent"]]["old-id"] if row["parent"] in by_id else row["old-parent"]) for row in mounts}
    lines = [line.split() for line in open("/proc/self/mountinfo", errors="surrogateescape")]
    assert tree == {(int(line[0]), int(line[1])) for line in lines}, "another tree than mountinfo"
    mine = [row for row in mounts if row["target"] and raw(row, "target") == odd]
    assert len(mine) == 1, [row["target"] for row in mounts]
    assert "\ufffd" in mine[0]["target"] and raw(mine[0], "source") == b"a\xffb", mine
    chosen = run("listmount", *at, "listmount", "--json", "--columns", "target,target", odd)["mounts"]
    assert len(chosen) == 1 and set(chosen[0]) == {"target", "target_hex", "id", "parent"}, chosen
    assert run("listmount", *at, "listmount", "--json", "-T", work + b"/t")["mounts"][0]["fstype"] == "tmpfs"
    one = run("statmount", *at, "statmount", "--json", odd)
    assert raw(one["mount"], "mnt_point") == odd and raw(one["mount"], "sb_source") == b"a\xffb", one
    assert all(isinstance(one["mount"].get(name, "1"), str) for name in ("mnt_id", "mnt_parent_id", "mnt_ns_id")), one
    assert one["mount"]["mnt_id"] == mine[0]["id"] and "nosuid" in one["mount"]["mnt_attr"], one
    # The text has the same fields.
    text = subprocess.run([tool, *at, "statmount", odd], check=True, stdout=subprocess.PIPE).stdout
    fields = {line.split(b":")[0].decode() for line in text.splitlines()} - {"way"}
    assert fields <= set(one["mount"]), fields - set(one["mount"])
empty = subprocess.run([tool, "listmount", "--json", "-t", "fly"], stdout=subprocess.PIPE)
assert empty.returncode == 1 and json.loads(empty.stdout)["mounts"] == [], empty
namespaces = run("listns", "listns", "--json")["namespaces"]
current = {row["type"] for row in namespaces if row["current"]}
assert {"mnt", "user", "pid", "net"} <= current, current
ids = [int(row["id"]) for row in namespaces]
assert ids == sorted(ids) and len(set(ids)) == len(ids), ids
only = run("listns", "listns", "--json", "--type", "mnt,user")["namespaces"]
assert {row["type"] for row in only} == {"mnt", "user"}, only
EOP
cat >mounts.sh <<'EOS'
mount --make-rprivate / && mount -t tmpfs t "$3/t" || exit 1
odd=$3/t/$(printf '\377\376"\\\001\033\302\233\355\240\200\342\202\254')
mkdir "$odd" && mount -t tmpfs -o nosuid "$(printf 'a\377b')" "$odd" && exec python3 check.py "$@"
EOS
mkdir t
unshare -m --propagation private true 2>/dev/null || { echo "no mount at the root directory: none can be made private"; exit 77; }
unshare -m --propagation unchanged sh mounts.sh "$tool" "$srcdir" "$work"
