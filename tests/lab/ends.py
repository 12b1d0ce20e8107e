#!/usr/bin/env python3
"""The two ends of the lab: small servers, a client, and a switch that tags frames.

    ends.py serve NAME LOG         answer, until killed; what came in without an answer goes into LOG
    ends.py talk NAME              try every service, a JSON object a try on standard output
    ends.py tag DEVICE TAP VLAN    frames of TAP go out of DEVICE with a VLAN tag, and back

Everything here stays within the namespaces that `lab.py` makes.
"""

import fcntl
import json
import os
import select
import socket
import struct
import sys
import threading
import time

SHOP, NAMES, SHOP6 = "198.51.100.20", "198.51.100.53", "2001:db8:2::20"
OVERLAY = "2001:db8:9::2"
DNS_QUESTION = struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + b"\x07example\x04test\x00\x00\x01\x00\x01"
NTP_QUESTION = b"\x23" + bytes(47)
# Longer than a frame: goes out in fragments, and comes back in fragments.
LARGE = bytes(range(250)) * 16


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def tcp_server(address, port, greeting=b""):
    server = socket.create_server((address, port), family=family(address))

    def answer(connection):
        with connection:
            connection.settimeout(2)
            try:
                if greeting:
                    connection.sendall(greeting)
                if connection.recv(1024):
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhello\r\n")
            except OSError:
                pass

    while True:
        threading.Thread(target=answer, args=server.accept()[:1], daemon=True).start()


def udp_server(address, port, log=None):
    """Echoes; with a log, says nothing and notes who spoke."""
    server = socket.socket(family(address), socket.SOCK_DGRAM)
    server.bind((address, port))
    while True:
        data, peer = server.recvfrom(65535)
        if log:
            with open(log, "a", encoding="utf-8") as notes:
                print(json.dumps({"client": peer[0], "server": address, "proto": "udp", "port": port}), file=notes)
        else:
            server.sendto(data, peer)


def serve(name, log):
    servers = {
        "servers": [
            (tcp_server, SHOP, 80),
            (tcp_server, SHOP, 22, b"SSH-2.0-lab\r\n"),
            (tcp_server, SHOP, 23, b"login: "),
            (tcp_server, SHOP, 8443),
            (tcp_server, SHOP6, 8080),
            (tcp_server, OVERLAY, 80),
            (udp_server, SHOP, 5004),
            (udp_server, NAMES, 53),
            (udp_server, NAMES, 123),
        ],
        "users": [(udp_server, "192.0.2.12", 514, log)],
    }[name]
    for kind, *arguments in servers:
        threading.Thread(target=kind, args=arguments, daemon=True).start()
    print("serving", flush=True)
    threading.Event().wait()


def note(client, server, proto, port, outcome):
    print(json.dumps({"client": client, "server": server, "proto": proto, "port": port, "outcome": outcome}), flush=True)


def tcp(client, server, port, say=b"GET / HTTP/1.0\r\n\r\n", wait=1.2):
    with socket.socket(family(server), socket.SOCK_STREAM) as connection:
        connection.settimeout(wait)
        try:
            connection.bind((client, 0))
            connection.connect((server, port))
            connection.sendall(say)
            outcome = "answered" if connection.recv(1024) else "closed"
        except OSError as error:
            outcome = type(error).__name__
    note(client, server, "tcp", port, outcome)


def udp(client, server, port, say, wait=0.6):
    with socket.socket(family(server), socket.SOCK_DGRAM) as connection:
        connection.settimeout(wait)
        try:
            connection.bind((client, 0))
            connection.connect((server, port))
            connection.send(say)
            outcome = "answered" if connection.recv(65535) == say else "other"
        except OSError as error:
            outcome = type(error).__name__
    note(client, server, "udp", port, outcome)


def talk(name):
    if name == "users":
        for host in ("192.0.2.10", "192.0.2.11", "192.0.2.12"):
            for _ in range(3):
                tcp(host, SHOP, 80)
            udp(host, NAMES, 53, DNS_QUESTION)
        tcp("192.0.2.10", SHOP, 22, b"SSH-2.0-client\r\n")
        tcp("192.0.2.11", SHOP, 22, b"SSH-2.0-client\r\n")  # no administrator: the old rule lets it in
        tcp("192.0.2.11", SHOP, 23, b"root\r\n")
        tcp("192.0.2.11", SHOP, 443)  # allowed, and nobody listens
        tcp("192.0.2.12", SHOP, 8443, wait=2.5)  # a service that no rule allows; the SYN is sent again
        udp("192.0.2.12", NAMES, 123, NTP_QUESTION)
        udp("192.0.2.12", SHOP, 9999, b"x" * 10)  # allowed, and nobody listens
        udp("192.0.2.11", SHOP, 5004, LARGE)
        tcp("2001:db8:1::10", SHOP6, 8080)
        tcp("2001:db8:9::1", OVERLAY, 80, wait=3)  # inside VXLAN
        for port in [*range(1000, 1015), *range(5100, 5115)]:
            tcp("192.0.2.66", SHOP, port, wait=0.05)  # a small scan
    elif name == "branch":
        tcp("203.0.113.10", SHOP, 80)
        tcp("2001:db8:4::10", SHOP6, 8080)
        udp("203.0.113.10", SHOP, 5004, LARGE)
    elif name == "servers":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as logger:
            logger.bind((SHOP, 0))
            for n in range(4):
                logger.sendto(b"<13>shop: order %d" % n, ("192.0.2.12", 514))
                time.sleep(0.05)


def tag(device, tap, vlan):
    """What a switch does between an access port and a trunk (IEEE 802.1Q)."""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    iff_tap_no_pi = 0x0002 | 0x1000
    fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", tap.encode(), iff_tap_no_pi))
    trunk = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
    trunk.bind((device, 0))
    # The kernel takes the tag off and tells it beside the frame (packet(7), PACKET_AUXDATA).
    sol_packet, packet_auxdata, vlan_valid, outgoing = 263, 8, 1 << 4, 4
    trunk.setsockopt(sol_packet, packet_auxdata, 1)
    print("tagging", flush=True)
    while True:
        ready, _, _ = select.select([tun, trunk], [], [])
        if tun in ready:
            frame = os.read(tun, 65535)
            trunk.send(frame[:12] + struct.pack(">HH", 0x8100, vlan) + frame[12:])
        if trunk in ready:
            frame, beside, _, place = trunk.recvmsg(65535, 256)
            if place[2] == outgoing:
                continue
            for level, kind, data in beside:
                if (level, kind) == (sol_packet, packet_auxdata):
                    status, _, _, _, _, tci, _ = struct.unpack("=IIIHHHH", data[:20])
                    if status & vlan_valid and tci & 0x0FFF == vlan:
                        os.write(tun, frame)


if __name__ == "__main__":
    what, arguments = sys.argv[1], sys.argv[2:]
    if what == "serve":
        serve(*arguments)
    elif what == "talk":
        talk(*arguments)
    elif what == "tag":
        tag(arguments[0], arguments[1], int(arguments[2]))
    else:
        sys.exit(__doc__)
