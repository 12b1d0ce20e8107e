#!/usr/bin/env python3
"""Which name leads where the registry has several for a port, and which one other programs have there.

Usage: compare_names.py --portscribe PROGRAM [--all]

Compares with what is installed of: Wireshark's list of services (a copy of IANA's in its order, so it
shows what the order of rows is worth), tshark's dissectors, nmap's list, and /etc/services. A port counts
where the other program has one of the registered names. Prints the ports where one disagrees (with --all,
every port) and the agreement with each. Exit status: 1 when nmap's list and /etc/services agree less than
documented.
"""
import argparse
import collections
import json
import os
import re
import subprocess
import sys

LISTS = {
    "wireshark": "/usr/share/wireshark/services",
    "nmap": "/usr/share/nmap/nmap-services",
    "services": "/etc/services",
}
# docs/labels.md states these.
DOCUMENTED = {"nmap": (30, 36), "services": (7, 8)}
TRANSPORTS = ["tcp", "udp", "sctp", "dccp"]
# As they are in the lists and as the registry has them.
SAME = {"cups": "ipp", "krb4": "kerberos-iv", "kerberos4": "kerberos-iv", "smtps": "submissions"}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def ports_with_several(program):
    """The leading name and the others of each port that has more than one of the same standing."""
    named = collections.defaultdict(set)
    for line in run(program, "registry", "list", "--format", "ndjson", "--quiet").splitlines():
        row = json.loads(line)
        first, _, last = (row["port_number"] or "").partition("-")
        if row["service_name"] and first:
            for port in range(int(first), int(last or first) + 1):
                for transport in [row["transport_protocol"]] if row["transport_protocol"] else TRANSPORTS:
                    named[port, transport].add(row["service_name"])
    several = sorted(key for key, names in named.items() if len(names) > 1)
    asked = [f"{port}/{transport}" for port, transport in several]
    found = {}
    for line in run(program, "lookup", "--format", "table", "--quiet", *asked).splitlines():
        if match := re.match(r"(\d+)/(\w+)  registered as (\S+) \((.+?)\)  \(", line):
            found[int(match[1]), match[2]] = [match[3], *match[4].split()]
    return found


def listed(path):
    """The first name that a list has for each port."""
    names = {}
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if match := re.match(r"([^\s#]\S*)\s+(\d+)(?:-(\d+))?/(\S+)", line):
                for port in range(int(match[2]), int(match[3] or match[2]) + 1):
                    for transport in match[4].split("/"):
                        names.setdefault((port, transport), match[1].lower())
    return names


def dissectors():
    names = {}
    for line in run("tshark", "-G", "decodes").splitlines():
        table, port, protocol = (line.split("\t") + ["", ""])[:3]
        if table in ("tcp.port", "udp.port"):
            names.setdefault((int(port), table[:3]), protocol)
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    ours = ports_with_several(options.portscribe)
    others = {name: listed(path) for name, path in LISTS.items() if os.path.exists(path)}
    try:
        others["dissectors"] = dissectors()
    except (OSError, subprocess.CalledProcessError):
        pass
    agreement = collections.defaultdict(lambda: [0, 0])
    for key, names in sorted(ours.items()):
        theirs = {}
        for program, list_of_program in others.items():
            name = list_of_program.get(key, "")
            known = [name, SAME.get(name, name)]
            match = next((own for own in names if own.lower() in known), None)
            if match:
                theirs[program] = match
                agreement[program][0] += match == names[0]
                agreement[program][1] += 1
        if options.all or any(name != names[0] for name in theirs.values()):
            said = ", ".join(f"{program}: {name}" for program, name in theirs.items())
            print(f"{key[0]}/{key[1]}  {names[0]} ({' '.join(names[1:])})  {said}")
    print(f"{len(ours)} ports with several names of the same standing")
    status = 0
    for program in others:
        same, compared = agreement[program]
        print(f"{program}: {same} of {compared}")
        if program in DOCUMENTED and same * DOCUMENTED[program][1] < DOCUMENTED[program][0] * compared:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
