#!/usr/bin/env python3
"""What the payload of flows shows, beside what tshark dissects, with its tables of ports switched off where it can.

Usage: compare_payload.py --portscribe PROGRAM [--explained FILE] [--jobs N] FILE-OR-FOLDER...

`observed` of each flow of TCP and UDP is compared with `frame.protocols` of the packets between its ends. tshark asks
its heuristics before its tables of ports, which it cannot do without: most protocols have no heuristic, and are expected
on their port alone. A flow agrees where tshark has the protocol in any of its packets. FILE is a table in Markdown of what differs, with the reason:
`| observed | tshark | flows | why |`. Exit status: 1 when a pair differs in more flows than the table says, or when one of
the table no longer differs.
"""
import argparse
import sys
from collections import Counter, defaultdict

from witness import address, arguments, each, flows, quoted, table

FIELDS = ["frame.protocols:0", "ip.src:-1", "ip.dst:-1", "ipv6.src:-1", "ipv6.dst:-1", "tcp.srcport:-1", "tcp.dstport:-1",
          "udp.srcport:-1", "udp.dstport:-1"]
SETTINGS = {"tcp.try_heuristic_first": "TRUE", "udp.try_heuristic_first": "TRUE"}

# What tshark calls the protocols of `observed`, where that is another word than the name in lower case.
WORDS = {
    "SSH 2": "ssh", "SSH 1": "ssh", "TLS": "tls ssl", "QUIC": "quic gquic", "HTTP": "http ssdp", "HTTP/2": "http2", "gRPC": "grpc http2",
    "WebSocket": "websocket http", "SMB 1": "smb nbss", "SMB 2 or 3": "smb2 nbss", "NetBIOS session": "nbss", "NBNS": "nbns",
    "NBDGM": "nbdgm", "SNMP v1": "snmp", "SNMP v2c": "snmp", "SNMP v3": "snmp", "FTP with TLS": "ftp tls", "FTP": "ftp", "VNC": "vnc",
    "RDP": "rdp rdpudp cotp tpkt", "X11": "x11", "SMTP": "smtp imf", "POP3": "pop imf", "IMAP": "imap", "mDNS": "mdns dns", "LLMNR": "llmnr dns",
    "DNS": "dns mdns llmnr", "DHCP": "dhcp bootp", "TACACS+": "tacplus", "ONC RPC": "rpc portmap mount nlm nfs", "NFS": "nfs rpc",
    "DCE RPC": "dcerpc", "AFS": "rx afs", "H.225": "h225 q931 tpkt", "SCCP": "skinny", "MySQL": "mysql", "PostgreSQL": "pgsql",
    "Oracle TNS": "tns", "MongoDB": "mongo", "Memcached": "memcache", "BitTorrent": "bittorrent bt-utp bt-tracker", "BitTorrent DHT": "bt-dht",
    "WireGuard": "wg", "OpenVPN": "openvpn", "IKE": "isakmp", "ESP in UDP": "esp udpencap", "GTP-U": "gtp", "GTP-C": "gtp gtpv2",
    "NetFlow 5": "cflow", "NetFlow 9": "cflow", "IPFIX": "cflow", "Modbus/TCP": "mbtcp modbus", "S7": "s7comm cotp", "MMS": "mms cotp",
    "ISO-on-TCP": "cotp tpkt", "IEC 104": "iec60870_104 104apci 104asdu", "BACnet/IP": "bvlc bacnet", "EtherNet/IP": "enip cip",
    "OPC UA": "opcua", "PROFINET": "pn_io dcerpc", "KNXnet/IP": "kip", "SOCKS 4": "socks", "SOCKS 5": "socks", "Git": "git",
    "STUN": "stun turnchannel classicstun", "XMPP": "xmpp jabber", "RTP": "rtp", "Kafka": "kafka", "syslog": "syslog", "SSDP": "ssdp",
    "RIP": "rip ripng", "CoAP": "coap", "Bitcoin": "bitcoin",
}
# Layers that say nothing of the protocol.
NOTHING = {"data", "tcp", "udp", "ip", "ipv6", "eth", "ethertype", "frame", "sll", "null", "raw", "vlan", "_ws.malformed",
           "_ws.short", "_ws.unreassembled", "text", "data-text-lines", "tcp.segments", "x509sat", "x509ce", "pkix1explicit",
           "pkix1implicit", "media", "json", "xml", "urlencoded-form", "image-gif", "image-jfif", "png", "pkcs-1", "ber"}


def words(observed):
    return set(WORDS.get(observed, observed.lower()).split())


KNOWN = set().union(*(words(name) for name in WORDS)) | {
    "telnet", "rlogin", "nntp", "irc", "dhcpv6", "ntp", "ptp", "radius", "diameter", "kerberos", "ldap", "sip", "rtsp", "mgcp",
    "rtcp", "tds", "drda", "redis", "zookeeper", "amqp", "mqtt", "nats", "stomp", "minecraft", "l2tp", "pptp", "vxlan", "geneve",
    "teredo", "ayiya", "pfcp", "bgp", "ldp", "msdp", "bfd", "hsrp", "sflow", "dnp3", "rsync", "tftp", "cassandra", "cql", "dtls"}


def protocols(sharkd, path):
    """What tshark has above the ports, by the two ends."""
    found = defaultdict(Counter)
    for _, (stack, *ends) in sharkd.ask(path, lambda sharkd: list(sharkd.frames("tcp || udp", FIELDS))):
        layers = stack.split(":")
        at = max((n for n, layer in enumerate(layers) if layer in ("tcp", "udp")), default=-1)
        transport = layers[at]
        ports = ends[4:6] if transport == "tcp" else ends[6:8]
        source, destination = (ends[0] or ends[2], ends[1] or ends[3])
        key = (transport, frozenset([(address(source), ports[0]), (address(destination), ports[1])]))
        for layer in layers[at + 1:]:
            if layer not in NOTHING:
                found[key][layer] += 1
    return found


def compare(sharkd, program, path):
    """Counts of what becomes of each flow whose payload shows a protocol."""
    rows = [row for row in flows(program, path) if row["observed"] and row["transport"] in ("tcp", "udp")]
    results = []
    if not rows:
        return results
    by_ends = protocols(sharkd, path)
    for row in rows:
        key = (row["transport"], frozenset([(row["client_address"], row["client_port"]),
                                            (row["server_address"], row["server_port"])]))
        theirs = by_ends[key]
        named = {word for word in theirs if word in KNOWN}
        if words(row["observed"]) & set(theirs):
            results.append(("agrees", None))
        elif named:
            results.append(("differs", (row["observed"], " ".join(sorted(named)))))
        else:
            results.append(("tshark names none", None))
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--show", type=int, default=0, help="how many captures of each difference are shown")
    options = arguments(parser)
    rows = table(options.explained, str, quoted, int)
    known = {(observed, layers[0]): flows_of_one for observed, layers, flows_of_one in rows}
    paths = options.paths
    results = each(paths, options.jobs, lambda sharkd, path: compare(sharkd, options.portscribe, path), SETTINGS)

    counts, differing, where = Counter(), Counter(), defaultdict(list)
    for path, of_one in zip(paths, results):
        for word, pair in of_one:
            counts[word] += 1
            if pair:
                differing[pair] += 1
                if path not in where[pair]:
                    where[pair].append(path)
    unexplained = 0
    for pair, flows in sorted(differing.items()):
        if flows > known.get(pair, 0):
            unexplained += 1
            print(f"| {pair[0]} | `{pair[1]}` | {flows} | NOT EXPLAINED |")
            for path in where[pair][:options.show]:
                print(f"    {path}")
    mended = sorted(set(known) - set(differing))
    for pair in mended:
        print(f"{pair[0]}, {pair[1]}: explained, but does not differ")
    named = counts["agrees"] + counts["differs"]
    print(f"flows whose payload shows a protocol: {sum(counts.values())}; tshark names {named}, the same {counts['agrees']} "
          f"({100 * counts['agrees'] / max(named, 1):.2f} %); {counts['tshark names none']} it does not; "
          f"{unexplained} pairs not explained")
    return 1 if unexplained or mended else 0


if __name__ == "__main__":
    sys.exit(main())
