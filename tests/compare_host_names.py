#!/usr/bin/env python3
"""Names of hosts beside what tshark reads: SNI of TLS, DTLS and QUIC, and answers of DNS, mDNS, LLMNR and NBNS.

Usage: compare_host_names.py --portscribe PROGRAM [--explained FILE] [--jobs N] FILE-OR-FOLDER...

SNI: what `flows --names=sni` calls the server of a flow must be a `extensions_server_name` that tshark reads in packets
of the client between the same ends; and where tshark reads one, the flow must have one. DNS: what `flows
--names=dns` calls an end must be the name that tshark's newest answer before the flow gives its address, through
all CNAMEs: to the client of the flow where there is one, or else to anyone. Letter case does not count, and what is an
address is no name. FILE is a table in Markdown of the captures that differ, with the reason:
`| capture | sni | dns | why |`, where a cell is the number of flows that differ. Exit status: 1 when a capture
differs otherwise than the table says, or when one of the table no longer differs.
"""
import argparse
import concurrent.futures
import csv
import io
import ipaddress
import json
import re
import subprocess
import sys
from collections import defaultdict

from check_counts import files

FLOWS = ["flows", "--quiet", "--progress", "never", "--format", "csv", "--threads", "1"]
ENDS = ["frame.number", "ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport",
        "udp.dstport"]
SNI = ["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name"]
NBNS = ["nbns.name", "nbns.addr", "nbns.nb_flags.group"]
RECORD = re.compile(r"(.*): type (A|AAAA|CNAME), class IN(?:, cache flush)?, (?:addr|cname) (\S+)$")
# Fragments are not put together.
OPTIONS = ["-n", "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE"]


def output(command):
    run = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return run.stdout


def frames(path, condition, fields):
    """The frames that meet a condition: a dictionary of lists of values each."""
    command = ["tshark", *OPTIONS, "-r", path, "-Y", condition, "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=\x1f"]
    for field in fields:
        command += ["-e", field]
    for line in output(command).splitlines():
        cells = line.split("\t")
        if len(cells) == len(fields):
            yield {field: [part for part in cell.split("\x1f") if part] for field, cell in zip(fields, cells)}


def last(frame, *fields):
    """The innermost value."""
    return next((frame[field][-1] for field in fields if frame[field]), "")


def both(frame):
    """All addresses of a frame that may be the innermost."""
    return {(address(source), address(destination))
            for family in ("ip", "ipv6")
            for source, destination in zip(frame[family + ".src"], frame[family + ".dst"])}


def address(text):
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def name(text):
    return text.rstrip(".").lower()


def flows(program, path, source):
    return list(csv.DictReader(io.StringIO(output([program, *FLOWS, f"--names={source}", path]))))


def read(path):
    """Every frame with a name in it."""
    condition = " || ".join([*SNI, "nbns.addr"])
    return list(frames(path, condition, ENDS + SNI + NBNS))


def compare_sni(found_by_tshark, rows):
    """How many flows have a name, and which differ."""
    theirs = defaultdict(list)
    for frame in found_by_tshark:
        if not any(frame[field] for field in SNI):
            continue
        ports = (last(frame, "tcp.srcport", "udp.srcport"), last(frame, "tcp.dstport", "udp.dstport"))
        found = [name(text) for field in SNI for text in frame[field] if not is_address(text)]
        for ends in both(frame):
            theirs[(*ends, *ports)] += found
    named, differ, ours = 0, [], defaultdict(set)
    for row in rows:
        key = (row["client_address"], row["server_address"], row["client_port"], row["server_port"])
        ours[key].add(row["server_name"])
        named += bool(row["server_name"])
        if row["server_name"] and row["server_name"] not in theirs.get(key, []):
            differ.append(f"flow {row['flow']} is called {row['server_name']}, by tshark {theirs.get(key) or 'nothing'}")
    for key in ours:
        if key in theirs and theirs[key] and not any(ours[key]):
            differ.append(f"{key} has no name, by tshark {theirs[key]}")
    return named, differ


def is_of_a_host(text):
    host = ipaddress.ip_address(text) if is_address(text) else None
    return host and not (host.is_unspecified or host.is_loopback or host.is_multicast)


def pairs_of_dns(message):
    """The addresses that a message gives names to, through all aliases."""
    lines = [line for part in ("Answers", "Authoritative nameservers", "Additional records")
             for line in message.get(part, {})]
    alias, given = {}, []
    for line in lines:
        if match := RECORD.match(line):
            owner, kind, value = match.groups()
            if kind == "CNAME":
                alias.setdefault(name(value), name(owner))
            else:
                given.append((value, name(owner)))
    for value, owner in given:
        for _ in alias:
            owner = alias.get(owner, owner)
        if is_of_a_host(value) and owner:
            yield address(value), owner


def messages_of_dns(path):
    """The responses without an error: number of the frame, to whom, and the message."""
    text = output(["tshark", *OPTIONS, "-r", path, "-Y", "dns.flags.response == 1", "-T", "json"])
    for packet in json.loads(text or "[]"):
        layers = packet["_source"]["layers"]
        receivers = {address(layers[family][family + ".dst"]) for family in ("ip", "ipv6") if family in layers}
        for protocol in ("dns", "mdns", "llmnr"):
            flags = layers.get(protocol, {}).get("dns.flags_tree", {})
            if flags.get("dns.flags.opcode") == "0" and flags.get("dns.flags.rcode", "0") == "0":
                yield int(layers["frame"]["frame.number"]), receivers, layers[protocol]


def answers(path, found_by_tshark):
    """Number of the frame, to whom, address and name, in the order of frames."""
    found = [(number, receivers, *pair)
             for number, receivers, message in messages_of_dns(path) for pair in pairs_of_dns(message)]
    for frame in found_by_tshark:
        receivers = {ends[1] for ends in both(frame)}
        for value, of_group in zip(frame["nbns.addr"], frame["nbns.nb_flags.group"]):
            for text in frame["nbns.name"]:
                if of_group in ("0", "False") and is_of_a_host(value):
                    found.append((int(frame["frame.number"][0]), receivers, address(value),
                                  re.sub(r"<.*", "", text).strip().lower()))
    return sorted(found, key=lambda one: one[0])


def compare_dns(path, found_by_tshark, rows):
    """How many ends have a name, and which differ."""
    by_address = defaultdict(list)
    for frame, receivers, value, text in answers(path, found_by_tshark):
        by_address[value].append((frame, receivers, text))
    named, differ = 0, []
    for row in rows:
        for end, other in (("client", None), ("server", row["client_address"])):
            known = [one for one in by_address[row[end + "_address"]] if one[0] <= int(row["first_frame"])]
            told = [one for one in known if other in one[1]] or known
            # A frame may give one address several names.
            expected = {text for frame, _, text in told if frame == told[-1][0]} if told else set()
            ours = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1])), row[end + "_name"])
            named += bool(ours)
            if (ours or expected) and ours not in expected:
                differ.append(f"flow {row['flow']}: the {end} is called {ours or 'nothing'}, by tshark "
                              f"{sorted(expected) or 'nothing'}")
    return named, differ


def explained(path):
    """How many differ in each capture of the table."""
    found = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if match := re.match(r"\| (`.+`) \| (\d+) \| (\d+) \| .*\S.* \|$", line):
                for text in re.findall(r"`([^`]+)`", match[1]):
                    found[text] = (int(match[2]), int(match[3]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("--explained", help="table of the captures that differ")
    parser.add_argument("--show", type=int, default=4, help="how many differences of a capture are shown")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()

    known = explained(options.explained) if options.explained else {}
    paths = list(files(options.paths))

    def compare(path):
        rows = flows(options.portscribe, path, "dns")
        if not rows:
            return (0, []), (0, [])
        found = read(path)
        return compare_sni(found, flows(options.portscribe, path, "sni")), compare_dns(path, found, rows)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(compare, paths))

    unexplained, differing = 0, set()
    for path, results_of_one in zip(paths, results):
        counts = tuple(len(differ) for _, differ in results_of_one)
        if not any(counts):
            continue
        text = next((text for text in known if path.endswith("/" + text)), None)
        differing.add(text)
        word = "explained" if known.get(text) == counts else "NOT EXPLAINED"
        unexplained += word != "explained"
        print(f"{path}: sni {counts[0]}, dns {counts[1]}: {word}")
        for _, differ in results_of_one:
            for line in differ[:options.show if word != "explained" else 0]:
                print(f"  {line}")
    mended = sorted(set(known) - differing)
    for text in mended:
        print(f"{text}: explained, but does not differ or is not here")
    for n, what in enumerate(("servers named by SNI", "ends named by DNS")):
        named = sum(one[n][0] for one in results)
        differ = sum(len(one[n][1]) for one in results)
        print(f"{what}: {named}, otherwise than tshark's or missing {differ} ({100 * (named - differ) / max(named, 1):.2f} % equal)")
    print(f"{unexplained} captures not explained, of {len(paths)}")
    return 1 if unexplained or mended else 0


if __name__ == "__main__":
    sys.exit(main())
