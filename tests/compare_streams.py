#!/usr/bin/env python3
"""How many TCP flows a capture holds, beside tshark's TCP streams.

Usage: compare_streams.py --portscribe PROGRAM [--explained FILE] [--jobs N] FILE-OR-FOLDER...

Flows are counted in every layer and without idle time-out, as tshark counts streams. What an ICMP
error quotes is no traffic of its connection, and no frame with one is counted on either side.
Fragments are not put together. Prints every capture that differs, and the share of the captures in
which tshark has streams whose counts are equal. tshark is asked only of captures in which portscribe
reads TCP, and of those in the table; the comparison of headers holds that it finds none in others.
FILE is a table in Markdown of the captures that differ, with who is right and
why: `| capture | tshark | portscribe | who is right, and why |`. Exit status: 1 when a capture
differs otherwise than the table says, or when one of the table no longer differs.
"""
import argparse
import concurrent.futures
import csv
import io
import re
import subprocess
import sys

from check_counts import files

TSHARK = ["tshark", "-n", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
          "-Y", "tcp && !icmp && !icmpv6", "-T", "fields", "-E", "occurrence=a", "-e", "tcp.stream", "-r"]
# Seconds; longer than any capture lasts. A wild time is no reason for a second flow, either.
NEVER = "1000000000"
FLOWS = ["flows", "--quiet", "--progress", "never", "--format", "csv", "--layers", "all",
         "--transport", "tcp", "--idle-timeout", NEVER]


def output(command):
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return run.stdout


def streams(path):
    return len(set(re.findall(r"\d+", output([*TSHARK, path]))))


def flows(program, path):
    return sum(1 for _ in csv.DictReader(io.StringIO(output([program, *FLOWS, path]))))


def explained(path):
    """Counts of each capture in the table: tshark's, then portscribe's."""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if match := re.match(r"\| (`.+`) \| (\d+) \| (\d+) \| .*\S.* \|$", line):
                for name in re.findall(r"`([^`]+)`", match[1]):
                    found[name] = (int(match[2]), int(match[3]))
    return found


def named(path, known):
    """The name of a capture in the table, where it is there."""
    return next((name for name in known if path.endswith("/" + name)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("--explained", help="table of the captures that differ")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()

    known = explained(options.explained) if options.explained else {}
    paths = list(files(options.paths))

    def count(path):
        ours = flows(options.portscribe, path)
        return (streams(path) if ours or named(path, known) else 0), ours

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        counts = list(pool.map(count, paths))

    with_streams = equal = ours_alone = unexplained = 0
    differing = set()
    for path, (theirs, ours) in zip(paths, counts):
        if not theirs and not ours:
            continue
        with_streams += theirs > 0
        ours_alone += theirs == 0
        if theirs == ours:
            equal += 1
            continue
        name = named(path, known)
        differing.add(name)
        word = "explained" if known.get(name) == (theirs, ours) else "NOT EXPLAINED"
        unexplained += word != "explained"
        print(f"{path}: tshark {theirs}, portscribe {ours}: {word}")
    mended = sorted(set(known) - differing)
    for name in mended:
        print(f"{name}: explained, but does not differ or is not here")
    print(f"captures with streams {with_streams}, equal {equal} ({100 * equal / max(with_streams, 1):.2f} %); "
          f"{ours_alone} more with TCP that tshark does not read; {unexplained} not explained; "
          f"of {len(paths)} files")
    return 1 if unexplained or mended else 0


if __name__ == "__main__":
    sys.exit(main())
