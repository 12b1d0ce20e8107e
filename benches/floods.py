#!/usr/bin/env python3
"""Measures what floods cost: time for a packet and peak memory, against plain traffic.

    cargo build --release
    benches/floods.py [--binary target/release/portscribe] [--packets 150000] [--most 3] [NAME ...]

Each flood is the traffic that a table of the program grows with, or that takes the long way in it. All packets are
of one second, so that nothing times out, and every name, address and number is another one where that is the point.
Time is the processor's, of the fastest of three runs of `summary --by status` on one thread (rows of results are no
tables of the reading), less that of a capture of one packet;
instructions are counted by valgrind, where it is installed, over a seventh of the packets.

Status 1: a flood takes more than --most times the instructions or the memory of plain traffic. Time is shown and not
held: other programs disturb it. Where every packet begins a flow, each is labelled, and is in memory until there are
--flows-in-memory: what that may take stands in OWN_MARKS. Of these floods it is asked besides that three times as many
packets take no more instructions each.
"""

import argparse
import os
import random
import re
import shutil
import struct
import subprocess
import sys
import tempfile

ETHERNET, RAW = 1, 101


def ip(source, destination, protocol, payload, identification=0, fragment=0):
    return struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(payload), identification, fragment, 64, protocol, 0,
                       source, destination) + payload


def udp(source, destination, payload):
    return struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload


def tcp(source, destination, sequence, flags, payload=b""):
    return struct.pack(">HHIIBBHHH", source, destination, sequence, 1, 0x50, flags, 8192, 0, 0) + payload


def client(number):
    return 0x0A000000 + number % 0xFFFFFF


SERVER = 0xC6120001
DATA = bytes(200)


def plain(count):
    """Connections of 29 packets, 500 of them at once."""
    for n in range(count):
        flow, step = n // (29 * 500) * 500 + n % 500, n // 500 % 29
        ends = (client(flow), SERVER + flow % 50)
        ports = (32768 + flow % 28000, (443, 80, 22, 25)[flow % 4])
        if step % 2:
            ends, ports = ends[::-1], ports[::-1]
        flags = 2 if step == 0 else 0x12 if step == 1 else 0x10
        yield ip(*ends, 6, tcp(*ports, 1000 + step, flags, DATA if step > 2 else b""))


def fragments(count):
    """Datagrams of two fragments, more of them than are followed at once."""
    for n in range(count // 2):
        yield ip(client(n % 1000), SERVER, 17, udp(5000, 53, DATA), n % 65536, 0x2000)
        yield ip(client(n % 1000), SERVER, 17, DATA, n % 65536, 26)


def heads(count):
    """First fragments whose second never comes."""
    for n in range(count):
        yield ip(client(n // 60000), SERVER, 17, udp(5000, 53, DATA), n % 65536, 0x2000)


def tails(count):
    """Later fragments whose first never comes."""
    for n in range(count):
        yield ip(client(n // 60000), SERVER, 17, DATA, n % 65536, 26)


def gtp(teid, inner):
    return udp(2152, 2152, struct.pack(">BBHI", 0x30, 0xFF, len(inner), teid) + inner)


def contexts(count):
    """One flow, whose packets each come in another tunnel of GTP-U."""
    inner = ip(client(1), SERVER, 17, udp(5000, 53, DATA))
    for n in range(count):
        yield ip(client(2), client(3), 17, gtp(n, inner))


def networks(count):
    """Connections of 29 packets, each in a VXLAN of its own."""
    for n, packet in enumerate(plain(count)):
        flow = n // (29 * 500) * 500 + n % 500
        frame = bytes(12) + b"\x08\x00" + packet
        yield ip(client(2), client(3), 17, udp(4000, 4789, struct.pack(">II", 0x08000000, flow << 8) + frame))


def tunnels(count):
    """Sixteen tunnels in each other."""
    for n, packet in enumerate(plain(count)):
        for _ in range(8):
            packet = ip(client(n % 7), client(9), 47, b"\x00\x00\x08\x00" + packet)
        yield packet


def resemblances(count):
    """What looks like VXLAN, on every port."""
    frame = bytes.fromhex("0000005e00530000005e00540800") + ip(client(1), SERVER, 17, udp(5000, 53, DATA))
    for n in range(count):
        yield ip(client(2), client(3), 17,
                 udp(30000, n * 7919 % 30000 + 20000, struct.pack(">II", 0x08000000, 256) + frame))


def sctp_addresses(count):
    """INITs that name eight addresses each, of associations that begin with the same ones."""
    for n in range(count):
        named = b"".join(struct.pack(">HHI", 5, 8, client(8 * n + k)) for k in range(8))
        init = struct.pack(">BBHIIHHI", 1, 0, 20 + len(named), n % 500, 65536, 10, 10, 1) + named
        yield ip(client(n % 500), SERVER, 132, struct.pack(">HHII", 3000, 2905, 0, 0) + init)


def quotes(count):
    """ICMP errors on flows that nobody has seen."""
    for n in range(count):
        quoted = ip(client(n), SERVER, 17, udp(1024 + n % 60000, 53, b""))
        yield ip(SERVER, client(n), 1, b"\x03\x01\x00\x00\x00\x00\x00\x00" + quoted)


def small_segments(count):
    """Openings of payload that more has to follow, each of a connection of its own."""
    chance = random.Random(2)
    for _ in range(count):
        yield ip(client(chance.getrandbits(24)), SERVER, 6, tcp(1024 + chance.getrandbits(15), 80, 1, 0x18, b"GE"))


def openings(count):
    """Openings of the same two ends, each of a connection of its own."""
    for n in range(count):
        yield ip(client(1), SERVER, 6, tcp(5000, 443, n * 7919, 2))


def one_packet_flows(count):
    """Every packet a flow of its own."""
    chance = random.Random(1)
    for _ in range(count):
        yield ip(client(chance.getrandbits(24)), SERVER, 17, udp(1024 + chance.getrandbits(15), 53, DATA))


def pcap(out, packets):
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RAW))
    for n, packet in enumerate(packets):
        out.write(struct.pack("<IIII", 1767225600, n % 1000000, len(packet), len(packet)) + packet)
    return n + 1


def noise(out, packets):
    """A head, and damage up to the end, as long as the packets would be: at every octet of it a record may begin."""
    chance = random.Random(3)
    out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, RAW))
    count = 0
    for count, packet in enumerate(packets, 1):
        out.write(chance.randbytes(16 + len(packet)))
    return count


def block(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, 12 + len(body)) + body + struct.pack("<I", 12 + len(body))


def pcapng(out, packets, interface_each=False, comments=b""):
    out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    for n, packet in enumerate(packets):
        if n == 0 or interface_each:
            name = f"eth{n}".encode()
            option = struct.pack("<HH", 2, len(name)) + name + bytes(-len(name) % 4) + bytes(4)
            out.write(block(1, struct.pack("<HHI", RAW, 0, 262144) + option))
        body = struct.pack("<IIIII", n if interface_each else 0, 0x646BA, n, len(packet), len(packet)) + packet
        out.write(block(6, body + bytes(-len(body) % 4) + comments))
    return n + 1


COMMENTS = (struct.pack("<HH", 1, 40) + b"x" * 40) * 8 + bytes(4)

FLOODS = {
    "plain": (pcap, plain, {}),
    "fragments": (pcap, fragments, {}),
    "first fragments": (pcap, heads, {}),
    "later fragments": (pcap, tails, {}),
    "interfaces": (pcapng, plain, {"interface_each": True}),
    "comments": (pcapng, plain, {"comments": COMMENTS}),
    "contexts": (pcap, contexts, {}),
    "networks": (pcap, networks, {}),
    "tunnels": (pcap, tunnels, {}),
    "resemblances": (pcap, resemblances, {}),
    "SCTP addresses": (pcap, sctp_addresses, {}),
    "quotes": (pcap, quotes, {}),
    "openings": (pcap, openings, {}),
    "one-packet flows": (pcap, one_packet_flows, {}),
    "small segments": (pcap, small_segments, {}),
    "damage": (noise, plain, {}),
}


# Instructions for a packet, and memory, in times of plain traffic.
OWN_MARKS = {
    "one-packet flows": (4.4, 3),
    # Each packet has eight.
    "SCTP addresses": (4, 3),
    # Each packet begins a flow here, too, and its frame is looked at.
    "resemblances": (3.5, 3),
    # As one-packet flows, each with a segment that waits.
    "small segments": (4.5, 3.3),
}
# Tables grow by doubling: a little more, or less, than a third of the packets take each.
MOST_GROWTH = 1.1


def instructions(binary, capture):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", binary, "summary", "--by", "status", "-q", "--threads", "1"]
    done = subprocess.run([*command, "-f", "csv", capture], capture_output=True, text=True)
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def run(binary, capture):
    """Seconds of processor time and peak memory in MB."""
    command = [binary, "summary", "--by", "status", "-q", "--threads", "1", "-f", "csv", capture]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    # A capture in which nothing is sound is one of them.
    if os.waitstatus_to_exitcode(status) not in (0, 3, 4):
        sys.exit(f"{capture}: {command} ended with status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--binary", default="target/release/portscribe")
    arguments.add_argument("--packets", type=int, default=150_000)
    arguments.add_argument("--most", type=float, default=3)
    arguments.add_argument("names", nargs="*", metavar="NAME")
    options = arguments.parse_args()
    above = []
    with tempfile.TemporaryDirectory(prefix="portscribe-floods-") as folder:
        capture = os.path.join(folder, "capture")

        def write(name, packets):
            write, make, more = FLOODS[name]
            with open(capture, "wb") as out:
                return write(out, make(packets), **more)

        def measure(name, packets):
            few = write(name, max(packets // 7, 1)) if has_valgrind else 1
            counted = instructions(options.binary, capture) if has_valgrind else 0
            written = write(name, packets)
            runs = [run(options.binary, capture) for _ in range(3)]
            return written, counted, few, min(seconds for seconds, _ in runs), min(memory for _, memory in runs)

        has_valgrind = bool(shutil.which("valgrind"))
        if not has_valgrind:
            print("NOT COUNTED: instructions; valgrind is missing")
        _, start_counted, _, start, _ = measure("plain", 1)
        print("| traffic | packets | instructions a packet | times plain | ns | times plain | peak MB | times plain |")
        print("|---|--:|--:|--:|--:|--:|--:|--:|")
        plain_cost = None
        for name in ["plain", *(options.names or list(FLOODS)[1:])]:
            packets, counted, few, seconds, memory = measure(name, options.packets)
            if has_valgrind and name in OWN_MARKS:
                fewer = write(name, max(packets // 21, 1))
                growth = ((counted - start_counted) / few) / ((instructions(options.binary, capture) - start_counted) / fewer)
                if growth > MOST_GROWTH:
                    above.append(f"{name}: {few} packets take {growth:.2f} times the instructions each that {fewer} take")
            cost = ((counted - start_counted) / few, max(seconds - start, 1e-9) / packets * 1e9, memory)
            plain_cost = plain_cost or cost
            times = [own / of_plain if of_plain else 0 for own, of_plain in zip(cost, plain_cost)]
            cells = [f"{own:.0f} | {one:.1f}" for own, one in zip(cost, times)]
            print(f"| {name} | {packets:,} | {' | '.join(cells)} |")
            marks = OWN_MARKS.get(name, (options.most, options.most))
            for what, one, mark in zip(("instructions", "memory"), times[::2], marks):
                if one > mark:
                    above.append(f"{name}: {one:.1f} times the {what} of plain traffic, at most {mark:g} are asked")
    for line in above:
        print(f"ABOVE THE MARK: {line}")
    sys.exit(bool(above))


if __name__ == "__main__":
    main()
