#!/usr/bin/env python3
"""Copies that portscribe leaves out against those that editcap takes for duplicates.

Usage: check_copies.py --portscribe PROGRAM FILE-OR-FOLDER...     (needs editcap, mergecap and capinfos, of
Wireshark)

Each capture is merged with itself, some microseconds later, so that every datagram stands twice; `editcap -D`
makes the capture itself of that again. With --copies drop no more packets may be left out than editcap takes away.
Less may be: what has neither a number nor a sequence number is left, as the documentation says. Captures that
hold copies of their own do not count. Exit status: 0 when no capture loses too much, and three of four copies
are left out; 1 when not.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile

from check_counts import files

LATER = "0.000013"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, errors="replace")


def frames(path):
    said = run("capinfos", "-c", "-M", "-T", "-r", path).stdout.rpartition("\t")[2].strip()
    return int(said) if said.isdigit() else None


def account(program, path, *more):
    said = run(program, "flows", "-q", "--progress", "never", "-f", "json", "--protocols", "all", path, *more)
    return json.loads(said.stdout) if said.stdout else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()

    captures = there = found = left = 0
    wrong, missed = [], []
    with tempfile.TemporaryDirectory() as folder:
        later, twice, once = (os.path.join(folder, name) for name in ("later", "twice", "once"))
        for path in files(options.paths):
            before = account(options.portscribe, path)
            # Captures with copies of their own, without times or datagrams are no measure.
            if not before or before["copies"] or not before["rows"]:
                continue
            if run("editcap", "-t", LATER, path, later).returncode or \
                    run("mergecap", "-w", twice, path, later).returncode or \
                    run("editcap", "-D", "100", twice, once).returncode:
                continue
            if frames(once) != before["packets_read"] or frames(twice) != 2 * frames(once):
                continue
            dropped = account(options.portscribe, twice, "--copies", "drop")
            captures += 1
            copies = dropped["copies"]
            datagrams = before["packets_read"] - before["uncounted"].get("not-ip", 0)
            there, found = there + datagrams, found + copies
            left += datagrams - copies
            if copies > before["packets_read"]:
                wrong.append(f"{path}: {copies} copies of {before['packets_read']} packets")
            elif copies < datagrams:
                missed.append((datagrams - copies, datagrams, path))
    missed.sort(reverse=True)
    for count, datagrams, path in missed[:options.show]:
        print(f"{count} of {datagrams} not told: {path}")
    print(*wrong, sep="\n")
    share = 100 * found / max(there, 1)
    print(f"{captures} captures, each packet twice: {found} of {there} copies left out ({share:.1f} %); "
          f"{len(wrong)} captures in which too many are")
    return 1 if wrong or not captures or share < 75 else 0


sys.exit(main())
