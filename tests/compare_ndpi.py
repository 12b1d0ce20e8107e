#!/usr/bin/env python3
"""What the payload of flows shows, beside what nDPI names by payload.

Usage: compare_ndpi.py --portscribe PROGRAM [--explained FILE] [--jobs N] FILE-OR-FOLDER...     (needs ndpiReader, of
Debian's libndpi-bin)

nDPI's guesses by ports are switched off. Flows count that it names with a protocol that portscribe knows. Recall is the share
of them that portscribe names the same; precision the share that is right of those that both name: where both say the same,
and where FILE says that what portscribe shows is right, too. nDPI looks at up to 80 packets of a flow, portscribe at four of
each side. FILE is a table in Markdown of what differs: `| observed | nDPI | flows | right | why |`, where `-` is nothing, and
`right` is `portscribe`, `nDPI` or `both`. Exit status: 1 when a pair differs in more flows than
the table says, or one of the table no longer differs, or when precision is below 99 % or recall below 92 %.
"""
import argparse
import concurrent.futures
import csv
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict

from witness import address, arguments, flows, quoted, table

# What nDPI calls the protocols that portscribe knows, and what these are called here.
NAMES = {
    "AFP": [], "AJP": [], "AMQP": ["AMQP"], "BGP": ["BGP"], "BitTorrent": ["BitTorrent", "BitTorrent DHT"],
    "Cassandra": ["Cassandra"], "COAP": ["CoAP"], "DHCP": ["DHCP"], "DHCPV6": ["DHCPv6"], "DNP3": ["DNP3"],
    "DNS": ["DNS", "mDNS", "LLMNR"], "DRDA": ["DRDA"], "DTLS": ["DTLS"], "EthernetIP": ["EtherNet/IP"],
    "FTP_CONTROL": ["FTP", "FTP with TLS"], "FTPS": ["FTP with TLS"], "Git": ["Git"],
    "GTP": ["GTP-U", "GTP-C"], "GTP_U": ["GTP-U"], "GTP_C": ["GTP-C"], "H323": ["H.225"],
    "HTTP": ["HTTP", "WebSocket"], "HTTP_Proxy": ["HTTP"], "HTTP_Connect": ["HTTP"], "IEC60870": ["IEC 104"], "IMAP": ["IMAP"],
    "IMAPS": ["IMAP", "TLS"], "IPsec": ["IKE", "ESP in UDP"], "IRC": ["IRC"], "Kerberos": ["Kerberos"], "LDAP": ["LDAP"],
    "LLMNR": ["LLMNR"], "MDNS": ["mDNS"], "Memcached": ["Memcached"], "Modbus": ["Modbus/TCP"], "MongoDB": ["MongoDB"],
    "MQTT": ["MQTT"], "MsSQL-TDS": ["TDS"], "MySQL": ["MySQL"], "NATS": ["NATS"],
    "NetBIOS": ["NBNS", "NBDGM", "NetBIOS session", "SMB 1", "SMB 2 or 3"],
    "NetFlow": ["NetFlow 5", "NetFlow 9", "IPFIX"], "NFS": ["NFS", "ONC RPC"], "NTP": ["NTP"], "OpenVPN": ["OpenVPN"],
    "Oracle": ["Oracle TNS"], "POP3": ["POP3"], "POPS": ["POP3", "TLS"], "PostgreSQL": ["PostgreSQL"], "PPTP": ["PPTP"],
    "QUIC": ["QUIC"], "Radius": ["RADIUS"], "RDP": ["RDP"], "Redis": ["Redis"], "RPC": ["DCE RPC"], "RSYNC": ["rsync"],
    "RTCP": ["RTCP"], "RTP": ["RTP"], "RTSP": ["RTSP"], "RX": ["AFS"], "s7comm": ["S7"], "sFlow": ["sFlow"], "SIP": ["SIP"],
    "CiscoSkinny": ["SCCP"], "SMBv1": ["SMB 1"], "SMBv23": ["SMB 2 or 3", "SMB 1"], "SMTP": ["SMTP"], "SMTPS": ["SMTP", "TLS"],
    "SNMP": ["SNMP v1", "SNMP v2c", "SNMP v3"], "SOCKS": ["SOCKS 4", "SOCKS 5"], "SSDP": ["SSDP"], "SSH": ["SSH 2", "SSH 1"],
    "STUN": ["STUN"], "Syslog": ["syslog"], "Telnet": ["Telnet"], "Teredo": ["Teredo"], "TFTP": ["TFTP"], "TLS": ["TLS"],
    "Usenet": ["NNTP"], "VNC": ["VNC"], "VXLAN": ["VXLAN"], "Websocket": ["WebSocket"], "WireGuard": ["WireGuard"],
    "XDMCP": [], "Jabber": ["XMPP"], "Diameter": ["Diameter"], "HSRP": ["HSRP"], "MGCP": ["MGCP"], "Megaco": [],
    "Bitcoin": ["Bitcoin"], "Mining": ["Bitcoin"], "DoH_DoT": ["TLS"],
}
TRANSPORTS = {"6": "tcp", "17": "udp"}
# In percent.
PRECISION, RECALL = 99.0, 92.0


def named_by_ndpi(path):
    """The names of each pair of ends, as nDPI has them."""
    found = defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        result = os.path.join(folder, "flows.csv")
        subprocess.run(["ndpiReader", "-q", "-d", "-i", path, "-C", result], capture_output=True, check=False)
        if not os.path.exists(result):
            return found
        with open(result, encoding="utf-8", errors="replace", newline="") as lines:
            for row in csv.DictReader(lines):
                if transport := TRANSPORTS.get(row["protocol"]):
                    ends = [(address(row["src_ip"]), row["src_port"]), (address(row["dst_ip"]), row["dst_port"])]
                    found[(transport, frozenset(ends))].add(row["ndpi_proto"])
    return found


def compare(program, path):
    """For each pair of ends that nDPI names: what that is called here, what nDPI says, what payload shows here."""
    theirs = named_by_ndpi(path)
    if not theirs:
        return
    ours = defaultdict(set)
    for row in flows(program, path):
        key = (row["transport"], frozenset([(row["client_address"], row["client_port"]),
                                            (row["server_address"], row["server_port"])]))
        ours[key].add(row["observed"])
    for key, names in theirs.items():
        for name in sorted(names):
            known = [part for part in name.split(".") if part in NAMES]
            expected = {one for part in known for one in NAMES[part]}
            if expected and key in ours:
                yield expected, known[0], ours[key]


def main():
    options = arguments(argparse.ArgumentParser(description=__doc__.splitlines()[0]))
    rows = table(options.explained, str, quoted, int, str)
    known = {(observed, names[0]): count for observed, names, count, _ in rows}
    is_right = {(observed, names[0]) for observed, names, _, right in rows if right in ("portscribe", "both")}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        results = list(pool.map(lambda path: list(compare(options.portscribe, path)), options.paths))
    alike, both, all_named = 0, 0, 0
    differing, where, by_protocol = Counter(), defaultdict(set), defaultdict(Counter)
    for path, of_one in zip(options.paths, results):
        for expected, name, observed in of_one:
            shown = observed - {""}
            all_named += 1
            both += bool(shown)
            by_protocol[name]["all"] += 1
            if expected & shown:
                alike += 1
                by_protocol[name]["alike"] += 1
                continue
            pair = (" ".join(sorted(shown)) or "-", name)
            differing[pair] += 1
            where[pair].add(os.path.basename(path))
    print("| nDPI | flows | named so |\n|---|---:|---:|")
    for name, count in sorted(by_protocol.items()):
        print(f"| {name} | {count['all']} | {count['alike']} |")
    unexplained = 0
    for pair, count in sorted(differing.items()):
        if count > known.get(pair, 0):
            unexplained += 1
            print(f"| {pair[0]} | `{pair[1]}` | {count} | NOT EXPLAINED: {' '.join(sorted(where[pair])[:6])} |")
    mended = sorted(set(known) - set(differing))
    for pair in mended:
        print(f"{pair[0]}, {pair[1]}: explained, but does not differ")
    right = alike + sum(min(count, known.get(pair, 0)) for pair, count in differing.items()
                        if pair in is_right and pair[0] != "-")
    same = 100 * alike / max(both, 1)
    precision, recall = 100 * right / max(both, 1), 100 * alike / max(all_named, 1)
    print(f"nDPI names {all_named} flows with a protocol of portscribe's; named so {alike}: recall {recall:.2f} %; named by both "
          f"{both}: the same {same:.2f} %, right {right}: precision {precision:.2f} %; {unexplained} pairs not explained")
    return 1 if unexplained or mended or precision < PRECISION or recall < RECALL else 0


if __name__ == "__main__":
    sys.exit(main())
