#!/usr/bin/env python3
"""Every frame that capinfos counts is in a flow of portscribe or counted under the reason why not.

Usage: check_counts.py --portscribe PROGRAM FILE-OR-FOLDER...     (needs capinfos, of Wireshark)

Prints how many frames came out how, with the sum. Files that capinfos cannot read to their end do
not count. Exit status: 0 when everything adds up, 1 when something does not.
"""
import argparse
import json
import os
import subprocess
import sys

AT_ONCE = 200

# Made by fuzzers: headers of zeros, or records whose lengths contradict each other. capinfos counts each as a frame;
# portscribe says that the file is damaged there. Frames as capinfos counts them, and packets read here.
EXPLAINED = {
    "bgp_vpn_rt-oobr.pcap": (38, 1),
    "pim_header_asan-2.pcap": (3, 0),
}


def files(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, _, names in sorted(os.walk(path)):
            yield from (os.path.join(folder, name) for name in sorted(names))


def frames_of(paths):
    """Frames of each file as capinfos counts them; nothing for what it does not read whole."""
    found = {}
    for start in range(0, len(paths), AT_ONCE):
        command = ["capinfos", "-c", "-M", "-T", "-r", *paths[start:start + AT_ONCE]]
        answer = subprocess.run(command, capture_output=True, text=True, errors="replace")
        for line in answer.stdout.splitlines():
            path, _, frames = line.rpartition("\t")
            if frames.isdigit():
                found[path] = int(frames)
        # It counts the frames in front of a damage, too, and says so of the file.
        for path in list(found):
            if f'"{path}"' in answer.stderr:
                del found[path]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()

    paths = list(files(options.paths))
    expected = frames_of(paths)
    command = [options.portscribe, "summary", "--quiet", "--progress", "never", "--format", "json",
               "--layers", "outer", *expected]
    run = subprocess.run(command, capture_output=True)
    answer = json.loads(run.stdout)
    read = {capture["name"]: capture["packets"] for capture in answer["captures"]}
    wrong = [f"{path}: capinfos counts {frames} frames, portscribe read {read.get(path)}"
             for path, frames in expected.items()
             if read.get(path) != frames and EXPLAINED.get(os.path.basename(path)) != (frames, read.get(path))]
    explained = [counts for path, frames in expected.items()
                 if (counts := EXPLAINED.get(os.path.basename(path))) == (frames, read.get(path))]

    outcomes = {"in flows": sum(row["packets"] for row in answer["rows"]), **answer["uncounted"]}
    total = sum(outcomes.values())
    for outcome, frames in outcomes.items():
        print(f"{outcome:20}{frames:>12}")
    print(f"{'sum':20}{total:>12}")
    print(f"{'capinfos':20}{sum(expected.values()):>12}  in {len(expected)} files of {len(paths)}")
    if total != answer["packets_read"]:
        wrong.append(f"the sum is {total}, but {answer['packets_read']} frames were read")
    if total != sum(expected.values()) - sum(frames - packets for frames, packets in explained):
        wrong.append("the sum is not what capinfos counts")
    print(f"{len(explained)} files explained (see the table in this script)")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
