#!/usr/bin/env python3
"""What it costs to read captures apart and to merge them, and whether the model of docs/scale.md says so beforehand.

    apart.py [--portscribe FILE] [--make-capture FILE] [--only constants|model] [--latency SECONDS] [--bandwidth BYTES] ...

- The constants: processor time of `flows --partial` and `merge` for a packet, a flow and a process, and octets of a table for
  a flow, from captures with few and with many flows for their packets. Times are the least of the rounds.
- The model: N processes read pieces of a capture from a store that takes LATENCY for each and gives BANDWIDTH to each process,
  and one merges. It is held against real runs of 1, 2 and 3 processes, which wait as long as the store would. How long a piece
  and a merge take without the store is measured first.

portscribe must be built with the feature `tables`. Captures are made by `make-capture` (an example of this package).
"""

import argparse
import concurrent.futures
import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PORTSCRIBE_CONFIG": ""}
NO_PACKETS = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")


def run(*words):
    quiet = subprocess.DEVNULL
    subprocess.run([str(word) for word in words], check=True, stdout=quiet, stderr=quiet, env=ENVIRONMENT)


def processor(rounds, *words):
    """The least processor time of a command."""
    times = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run(*words)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def memory(*words):
    """The most memory of a command, in KiB."""
    code = ("import os,subprocess,sys,resource;subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL);"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
    return int(subprocess.run(["python3", "-c", code, *map(str, words)], check=True, capture_output=True, env=ENVIRONMENT).stdout)


def constants(asked, folder):
    program, rounds = asked.portscribe, asked.rounds
    (folder / "none.pcap").write_bytes(NO_PACKETS)
    # Few flows for many packets, and many flows for few.
    made = {"few": (2_000_000, 20_000), "many": (600_000, 200_000)}
    seconds, octets = {}, {}
    for kind, (packets, flows) in made.items():
        capture, table = folder / f"{kind}.pcap", folder / f"{kind}.arrow"
        run(asked.make_capture, capture, "--packets", packets, "--flows", flows)
        seconds[kind] = processor(rounds, program, "flows", "--partial", "-q", capture, "-o", table)
        octets[kind] = table.stat().st_size
    begin = processor(rounds, program, "flows", "--partial", "-q", folder / "none.pcap", "-o", folder / "none.arrow")
    (p1, f1), (p2, f2) = made.values()
    t1, t2 = (seconds[kind] - begin for kind in made)
    of_packet = (t1 * f2 - t2 * f1) / (p1 * f2 - p2 * f1)
    of_flow = (t1 - of_packet * p1) / f1
    result = folder / "flows.parquet"
    merges = {kind: processor(rounds, program, "merge", "-q", folder / f"{kind}.arrow", "-o", result) for kind in made}
    of_merge = (merges["many"] - merges["few"]) / (f2 - f1)
    least, most = (memory(program, "merge", "-q", folder / f"{kind}.arrow", "-o", result) for kind in made)
    whole = {kind: processor(rounds, program, "flows", "-q", "--threads", "1", folder / f"{kind}.pcap", "-o", result) for kind in made}
    size = (folder / "few.pcap").stat().st_size / p1
    print(f"a process                  {begin * 1e3:8.1f} ms")
    print(f"reading, a packet          {of_packet * 1e9:8.0f} ns  ({size:.0f} octets: {size / of_packet / 1e6:.0f} MB/s)")
    print(f"partial table, a flow      {of_flow * 1e6:8.2f} us  {octets['many'] / f2:.0f} octets")
    print(f"merge to Parquet, a flow   {of_merge * 1e6:8.2f} us  {(most - least) * 1024 / (f2 - f1):.0f} octets of memory")
    for kind, (packets, flows) in made.items():
        print(f"{packets} packets, {flows} flows: one run {whole[kind]:.2f} s, apart {seconds[kind]:.2f} and {merges[kind]:.2f} s")


def model(asked, folder):
    program, pieces = asked.portscribe, []
    for number in range(asked.pieces):
        capture = folder / f"piece-{number:02}.pcap"
        run(asked.make_capture, capture, "--packets", 40_000, "--flows", 2_000, "--seed", number + 1)
        pieces.append(capture)

    def read(capture, waits=0.0):
        time.sleep(waits)
        run(program, "flows", "--partial", "-q", capture, "-o", capture.with_suffix(".arrow"))

    def merge():
        run(program, "merge", "-q", *(piece.with_suffix(".arrow") for piece in pieces), "-o", folder / "flows.parquet")

    begun = time.monotonic()
    for piece in pieces:
        read(piece)
    works = (time.monotonic() - begun) / len(pieces)
    begun = time.monotonic()
    merge()
    merges = time.monotonic() - begun
    size = pieces[0].stat().st_size
    waits = asked.latency + size / asked.bandwidth
    print(f"{asked.pieces} pieces of {size / 1e6:.0f} MB; a store with {asked.latency} s and {asked.bandwidth / 1e6:.0f} MB/s; a piece takes "
          f"{works:.2f} s, the merge {merges:.2f} s")
    print("processes  model s  real s")
    for processes in (1, 2, 3):
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(processes) as pool:
            list(pool.map(lambda piece: read(piece, waits), pieces))
        merge()
        real = time.monotonic() - begun
        print(f"{processes:9}  {-(-len(pieces) // processes) * (waits + works) + merges:7.1f}  {real:6.1f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portscribe", default=ROOT / "target/debug/portscribe", type=Path)
    parser.add_argument("--make-capture", default=ROOT / "target/debug/examples/make-capture", type=Path)
    parser.add_argument("--only", choices=["constants", "model"])
    parser.add_argument("--latency", default=2, type=float)
    parser.add_argument("--bandwidth", default=20e6, type=float)
    parser.add_argument("--pieces", default=12, type=int)
    parser.add_argument("--rounds", default=3, type=int)
    asked = parser.parse_args()
    for part in (constants, model):
        if asked.only in (None, part.__name__):
            with tempfile.TemporaryDirectory() as folder:
                part(asked, Path(folder))


if __name__ == "__main__":
    main()
