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
import ipaddress
import re
import sys
from collections import defaultdict

from witness import address, arguments, each, flows, named, nodes, quoted, table, values

SNI = ["tls.handshake.extensions_server_name", "dtls.handshake.extensions_server_name"]
RESPONSE = "dns.flags.response == 1 && dns.flags.opcode == 0 && dns.flags.rcode == 0"
NAMED = " || ".join([*SNI, "nbns.addr", f"({RESPONSE})"])
RECORD = re.compile(r"(.*): type (A|AAAA|CNAME), class IN(?:, cache flush)?, (?:addr|cname) (\S+)$")


def ends(tree):
    """All addresses of a frame that may be the innermost, from and to."""
    return {(address(source), address(destination))
            for family in ("ip", "ipv6")
            for source, destination in zip(values(tree, family + ".src"), values(tree, family + ".dst"))}


def last(tree, *fields):
    """The innermost value."""
    return next((found[-1] for field in fields if (found := values(tree, field))), "")


def is_address(text):
    try:
        ipaddress.ip_address(text)
        return True
    except ValueError:
        return False


def name(text):
    return text.rstrip(".").lower()


def read(sharkd, path):
    """Every frame with a name in it: its number and its layers."""
    def question(sharkd):
        return [(number, sharkd.tree(number)) for number, _ in sharkd.frames(NAMED, ["frame.number:0"])]
    return sharkd.ask(path, question)


def compare_sni(found_by_tshark, rows):
    """How many flows have a name, and which differ."""
    theirs = defaultdict(list)
    for _, tree in found_by_tshark:
        found = [name(text) for field in SNI for text in values(tree, field) if not is_address(text)]
        ports = (last(tree, "tcp.srcport", "udp.srcport"), last(tree, "tcp.dstport", "udp.dstport"))
        for pair in ends(tree) if found else ():
            theirs[(*pair, *ports)] += found
    count, differ, ours = 0, [], defaultdict(set)
    for row in rows:
        key = (row["client_address"], row["server_address"], row["client_port"], row["server_port"])
        ours[key].add(row["server_name"])
        count += bool(row["server_name"])
        if row["server_name"] and row["server_name"] not in theirs.get(key, []):
            differ.append(f"flow {row['flow']} is called {row['server_name']}, by tshark {theirs.get(key) or 'nothing'}")
    for key in ours:
        if key in theirs and theirs[key] and not any(ours[key]):
            differ.append(f"{key} has no name, by tshark {theirs[key]}")
    return count, differ


def is_of_a_host(text):
    host = ipaddress.ip_address(text) if is_address(text) else None
    return host and not (host.is_unspecified or host.is_loopback or host.is_multicast)


def pairs_of_dns(lines):
    """The addresses that records give names to, through all aliases."""
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


def pairs_of(tree):
    """The addresses that a frame gives names to."""
    for layer in tree:
        below = list(nodes(layer.get("n", [])))
        if layer.get("f") in ("dns", "mdns", "llmnr"):
            flags = {node.get("f") for node in below}
            # LLMNR has other flags, and no code where there is no error.
            codes = [flag for flag in flags if flag and flag.startswith("dns.flags.rcode == ")]
            if "dns.flags.opcode == 0" in flags and all(code.endswith("== 0") for code in codes):
                yield from pairs_of_dns([node["l"] for node in below])
        if layer.get("f") == "nbns":
            of_groups = values([layer], "nbns.nb_flags.group")
            for value, of_group in zip(values([layer], "nbns.addr"), of_groups):
                for text in values([layer], "nbns.name"):
                    if of_group in ("0", "False") and is_of_a_host(value):
                        yield address(value), re.sub(r"<.*", "", text).strip().lower()


def answers(found_by_tshark):
    """Number of the frame, to whom, address and name, in the order of frames."""
    return [(number, {pair[1] for pair in ends(tree)}, *pair)
            for number, tree in found_by_tshark for pair in pairs_of(tree)]


def compare_dns(found_by_tshark, rows):
    """How many ends have a name, and which differ."""
    by_address = defaultdict(list)
    for frame, receivers, value, text in answers(found_by_tshark):
        by_address[value].append((frame, receivers, text))
    count, differ = 0, []
    for row in rows:
        for end, other in (("client", None), ("server", row["client_address"])):
            known = [one for one in by_address[row[end + "_address"]] if one[0] <= int(row["first_frame"])]
            told = [one for one in known if other in one[1]] or known
            # A frame may give one address several names.
            expected = {text for frame, _, text in told if frame == told[-1][0]} if told else set()
            ours = re.sub(r"\\(\d{3})", lambda code: chr(int(code[1])), row[end + "_name"])
            count += bool(ours)
            if (ours or expected) and ours not in expected:
                differ.append(f"flow {row['flow']}: the {end} is called {ours or 'nothing'}, by tshark "
                              f"{sorted(expected) or 'nothing'}")
    return count, differ


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=4, help="how many differences of a capture are shown")
    options = arguments(parser)
    known = {text: (sni, dns) for texts, sni, dns in table(options.explained, quoted, int, int) for text in texts}
    paths = options.paths

    def compare(sharkd, path):
        rows = flows(options.portscribe, path, "--names=dns")
        if not rows:
            return (0, []), (0, [])
        found = read(sharkd, path)
        by_sni = flows(options.portscribe, path, "--names=sni") if found or any(
            row["observed"] in ("TLS", "DTLS", "QUIC") for row in rows) else []
        return compare_sni(found, by_sni), compare_dns(found, rows)

    results = each(paths, options.jobs, compare)

    unexplained, differing = 0, set()
    for path, results_of_one in zip(paths, results):
        counts = tuple(len(differ) for _, differ in results_of_one)
        if not any(counts):
            continue
        text = named(path, known)
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
        count = sum(one[n][0] for one in results)
        differ = sum(len(one[n][1]) for one in results)
        print(f"{what}: {count}, otherwise than tshark's or missing {differ} ({100 * (count - differ) / max(count, 1):.2f} % equal)")
    print(f"{unexplained} captures not explained, of {len(paths)}")
    return 1 if unexplained or mended else 0


if __name__ == "__main__":
    sys.exit(main())
