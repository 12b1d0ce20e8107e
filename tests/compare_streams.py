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
import sys

from witness import arguments, each, flows, named, quoted, table

CONDITION = "tcp && !icmp && !icmpv6"
# Seconds; longer than any capture lasts. A wild time is no reason for a second flow, either.
NEVER = "1000000000"
OPTIONS = ["--layers", "all", "--transport", "tcp", "--idle-timeout", NEVER]


def streams(sharkd):
    numbers = sharkd.frames(CONDITION, ["tcp.stream:0"])
    return len({number for _, cells in numbers for number in cells[0].split(",") if number})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options = arguments(parser)
    known = {name: (theirs, ours) for names, theirs, ours in table(options.explained, quoted, int, int) for name in names}
    paths = options.paths

    def count(sharkd, path):
        ours = len(flows(options.portscribe, path, *OPTIONS))
        return (sharkd.ask(path, streams) if ours or named(path, known) else 0), ours

    counts = each(paths, options.jobs, count)

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
