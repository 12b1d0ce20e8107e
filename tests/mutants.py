#!/usr/bin/env python3
"""Runs mutants of captures through every command that reads them, or through other programs.

    tests/mutants.py [--portscribe target/release/portscribe] [--mutants 20] [--captures N] [--seed 1] CAPTURE|FOLDER...
    tests/mutants.py --peers tshark,tcpdump,ndpiReader,nfpcapd,softflowd ...

A mutant is a capture with octets changed, cut out, inserted, zeroed or repeated, or cut short; the same seed gives the
same mutants. Of portscribe it is asked that it ends by itself with status 0, 1, 3 or 4, prints no panic, writes JSON
that can be read, accounts for every packet that it read, and says so where it read none. Status 1: it did not; what
shows it is kept beside the temporary folder.

Of other programs it is counted how many mutants ended them by a signal, took them longer than --seconds, or gave
neither a packet nor a word on what is wrong, with status 0.
"""

import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CHANGES = ["flip", "cut out", "insert", "zero", "extreme", "repeat", "end"]
MAGIC = {b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a"}


def mutant(original, chance):
    octets = bytearray(original)
    for _ in range(chance.choice([1, 1, 1, 2, 5, 20])):
        if len(octets) < 8:
            break
        change, at = chance.choice(CHANGES), chance.randrange(4, len(octets))
        length = min(chance.choice([1, 2, 4, 8, 60, 500]), len(octets) - at)
        if change == "flip":
            octets[at] ^= 1 << chance.randrange(8)
        elif change == "cut out":
            del octets[at : at + length]
        elif change == "insert":
            octets[at:at] = chance.randbytes(length)
        elif change == "zero":
            octets[at : at + length] = bytes(length)
        elif change == "extreme":
            octets[at : at + 4] = chance.choice([b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\0\1", b"\xff\xff\0\0"])
        elif change == "repeat":
            octets[at:at] = octets[at : at + length]
        else:
            del octets[at:]
    return bytes(octets)


def run(command, seconds, cwd=None):
    """Status (negative: the signal; None: too long), standard output and error."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, stdin=subprocess.DEVNULL, cwd=cwd)
    except subprocess.TimeoutExpired:
        return None, b"", b""
    return done.returncode, done.stdout, done.stderr


def commands(binary, original, mutants, folder):
    """Each command with its name. Those that may take several captures get all mutants of one."""
    quiet = ["-q", "--threads", "2"]
    yield "summary", [binary, "summary", *quiet, "--keep-order", "-f", "json", *mutants]
    yield "flows", [binary, "flows", *quiet, "--protocols", "all", "--layers", "all", "-f", "ndjson", *mutants]
    yield "packets", [binary, "packets", *quiet, "--layers", "all", "-f", "csv", *mutants]
    yield "explain", [binary, "explain", *quiet, "-f", "json", "--flow", "1", *mutants]
    yield "diff", [binary, "diff", *quiet, "-f", "json", "--baseline", original, *mutants]
    yield "annotate", [binary, "annotate", *quiet, "-o", f"{folder}/annotated.pcapng", *mutants]
    yield "review", [binary, "review", "-q", "--out", f"{folder}/review", *mutants]


def wrong(name, status, out, error):
    """What is wrong with how a command ended."""
    if status is None:
        return "takes too long"
    if status < 0:
        return f"was ended by signal {-status}"
    if b"panicked" in error:
        return "panicked"
    if status not in (0, 1, 3, 4):
        return f"ended with status {status}"
    if status == 4 and not error:
        return "failed without a word"
    if name in ("summary", "explain", "diff") and status in (0, 3) and out:
        try:
            result = json.loads(out)
        except ValueError as fault:
            return f"wrote JSON that cannot be read: {fault}"
        if name == "summary":
            counted = sum(row["packets"] for row in result["rows"]) + sum(result["uncounted"].values())
            if counted != result["packets_read"]:
                return f"read {result['packets_read']} packets and accounts for {counted}"
            read = sum(capture["packets"] for capture in result["captures"])
            if read != result["packets_read"]:
                return f"read {result['packets_read']} packets, of captures that had {read}"
    return None


def of_one(work):
    """Runs the mutants of one capture. Gives counts and what is wrong."""
    number, path, options = work
    original, chance = path.read_bytes(), random.Random(f"{options.seed} {number}")
    counts, faults = Counter(), []
    with tempfile.TemporaryDirectory(prefix="portscribe-mutants-") as folder:
        mutants = []
        for n in range(options.mutants):
            place = Path(folder, f"{n}{path.suffix}")
            place.write_bytes(mutant(original, chance))
            mutants.append(str(place))
        if options.peers:
            for program in options.peers:
                counts += peer(program, mutants, folder, options.seconds)
            return counts, faults
        for name, command in commands(options.portscribe, str(path), mutants, folder):
            status, out, error = run(command, options.seconds)
            counts[name, "mutants"] += len(mutants)
            fault = wrong(name, status, out, error)
            if fault:
                kept = tempfile.mkdtemp(prefix="portscribe-mutant-")
                shutil.copytree(folder, kept, dirs_exist_ok=True)
                faults.append(f"{name} {fault}: mutants of {path}, kept in {kept}")
    return counts, faults


PEERS = {
    "tshark": ["tshark", "-n", "-r", "{}"],
    "tcpdump": ["tcpdump", "-n", "-r", "{}"],
    "ndpiReader": ["ndpiReader", "-i", "{}"],
    "nfpcapd": ["nfpcapd", "-r", "{}", "-w", "{folder}"],
    # With a control socket, softflowd 1.1.0 at times waits on it for ever, for undamaged captures, too.
    "softflowd": ["softflowd", "-d", "-r", "{}", "-p", "{folder}/pid", "-c", "none"],
}
# How a program says that it has read no packet; the others print none.
NOTHING = {"ndpiReader": "of 0 packets", "softflowd": "Packets processed: 0\n", "nfpcapd": "Total: Processed: 0,"}
# What a program says where something is wrong has one of these words.
FAULT = re.compile("error|invalid|truncat|cut short|damag|bad|unknown|corrupt|fail|unsupported|malformed|bogus", re.I)


def peer(program, mutants, folder, seconds):
    counts = Counter()
    for mutant in mutants:
        command = [part.format(mutant, folder=folder) for part in PEERS[program]]
        status, out, error = run(command, seconds, folder)
        counts[program, "mutants"] += 1
        out, error = (text.decode(errors="replace") for text in (out, error))
        is_empty = NOTHING[program] in out + error if program in NOTHING else not out.strip()
        if status is None:
            counts[program, "hangs"] += 1
        elif status < 0:
            counts[program, "crashes"] += 1
        elif status == 0 and is_empty and not FAULT.search(out + error):
            counts[program, "silent"] += 1
    return counts


def captures_of(names):
    found = []
    for name in map(Path, names):
        found += sorted(path for path in name.rglob("*") if path.is_file()) if name.is_dir() else [name]
    small = (path for path in found if 24 <= path.stat().st_size <= 1 << 20)
    return [path for path in small if path.open("rb").read(4) in MAGIC]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--portscribe", default="target/release/portscribe")
    arguments.add_argument("--mutants", type=int, default=20)
    arguments.add_argument("--captures", type=int, help="try at most N captures, spread evenly over all")
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--seconds", type=int, default=20)
    arguments.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments.add_argument("--peers", type=lambda text: text.split(","))
    arguments.add_argument("names", nargs="+", metavar="CAPTURE|FOLDER")
    options = arguments.parse_args()
    options.portscribe = os.path.abspath(options.portscribe)
    captures = captures_of(options.names)
    if options.captures and options.captures < len(captures):
        captures = captures[:: -(-len(captures) // options.captures)]
    if options.peers:
        for missing in [program for program in options.peers if not shutil.which(program)]:
            print(f"NOT RUN: {missing} is missing")
            options.peers.remove(missing)
    counts, faults = Counter(), []
    with ThreadPoolExecutor(options.jobs) as pool:
        for more, found in pool.map(of_one, [(n, path, options) for n, path in enumerate(captures)]):
            counts += more
            faults += found
    print(f"{len(captures)} captures, {options.mutants} mutants of each, seed {options.seed}")
    if options.peers:
        print("| program | mutants | crashes | hangs | silent |\n|---|--:|--:|--:|--:|")
        for program in options.peers:
            row = [counts[program, what] for what in ("mutants", "crashes", "hangs", "silent")]
            print(f"| {program} | " + " | ".join(f"{n:,}" for n in row) + " |")
        return
    for (name, _), number in counts.items():
        print(f"{name}: {number:,} mutants")
    for fault in faults:
        print(f"WRONG: {fault}")
    print(f"{len(faults)} wrong")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
