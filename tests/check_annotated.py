#!/usr/bin/env python3
"""Checks `portscribe annotate` over folders of captures, with readers that are not portscribe's.

    tests/check_annotated.py [--portscribe BIN] [--jobs N] [--flags] CAPTURE|FOLDER...

For every capture that tshark can read, annotated and compared with what it was made from:

- tshark reads the result without a word, and finds as many frames, with the same times, lengths
  and link types as in the capture;
- the reader of pcap and pcapng in this file finds the same octets of every packet, the same exact
  times, interfaces, options and comments of others; and every other block as it was;
- every packet that `portscribe packets` shows in a flow has a comment with this flow's number,
  every other one says why it is in none;
- annotating the result gives the same bytes again.

With --flags also: tshark's filter on the word of each flag finds exactly the flows that
`portscribe flows --flag` lists.

Where tshark stops in the middle of a damaged capture, the frames that both have are compared.
"""

import argparse
import bz2
import csv
import gzip
import hashlib
import io
import lzma
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

PREFIX = b"portscribe: "
FLAGS = """dynamic-port unassigned-port reserved-port withdrawn-port other-transport unauthorized-use
widespread-use ambiguous-direction client-port-registered evidence-contradicts cleartext
cleartext-login one-way refused mid-stream""".split()
NOT_TO_COPY = (19372, 19373)


class Damaged(Exception):
    """The capture ends here for this reader."""


def content(path):
    """The bytes of a capture, unpacked."""
    raw = Path(path).read_bytes()
    if raw[:2] == b"\x1f\x8b":
        try:
            return gzip.decompress(raw)
        except (OSError, EOFError):
            out = io.BytesIO()
            try:
                with gzip.open(io.BytesIO(raw)) as file:
                    while piece := file.read(4096):
                        out.write(piece)
            except (OSError, EOFError):
                pass
            return out.getvalue()
    if raw[:3] == b"BZh":
        return bz2.decompress(raw)
    if raw[:6] == b"\xfd7zXZ\0":
        return lzma.decompress(raw)
    return raw


def blocks(raw):
    """Every block of a pcapng file: (kind, byte order, body)."""
    at, order = 0, "little"
    while at < len(raw):
        if raw[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "big" if raw[at + 8:at + 12] == b"\x1a\x2b\x3c\x4d" else "little"
        kind = int.from_bytes(raw[at:at + 4], order)
        length = int.from_bytes(raw[at + 4:at + 8], order)
        if length < 12 or length % 4 or at + length > len(raw) or raw[at + length - 4:at + length] != raw[at + 4:at + 8]:
            return
        yield kind, order, raw[at + 8:at + length - 4]
        at += length


def options(data, order):
    """(options, what is left behind the last whole one)."""
    found, at = [], 0
    while at + 4 <= len(data):
        code = int.from_bytes(data[at:at + 2], order)
        length = int.from_bytes(data[at + 2:at + 4], order)
        end = at + 4 + (length + 3) // 4 * 4
        if code == 0 or end > len(data):
            break
        found.append((code, data[at + 4:at + 4 + length]))
        at = end
    return found, data[at:]


def foreign(data, order):
    """Options without ours, without what must not be copied, without the end of the list."""
    found, rest = options(data, order)
    kept = [one for one in found if not (one[0] == 1 and one[1].startswith(PREFIX)) and one[0] not in NOT_TO_COPY]
    return kept, rest if rest != b"\0\0\0\0" else b""


def ours(data, order):
    return [value.decode() for code, value in options(data, order)[0] if code == 1 and value.startswith(PREFIX)]


def options_at(kind, order, body):
    """Where the options of a block begin, in its body."""
    def number(at):
        return int.from_bytes(body[at:at + 4], order)
    if kind == 0x0A0D0D0A:
        return 16
    if kind == 1:
        return 8
    if kind == 5:
        return 12
    if kind == 10:
        return 8 + (number(4) + 3) // 4 * 4
    if kind in (2, 6):
        return 20 + (number(12) + 3) // 4 * 4
    if kind == 4:
        at = 0
        while at + 4 <= len(body):
            record, length = (int.from_bytes(body[at + n:at + n + 2], order) for n in (0, 2))
            at += 4 + (length + 3) // 4 * 4
            if record == 0:
                return at
    return len(body)


class Interface:
    def __init__(self, body, order):
        self.link_type = int.from_bytes(body[0:2], order)
        self.snap_length = int.from_bytes(body[4:8], order)
        found = dict(reversed(options(body[8:], order)[0]))
        octet = found.get(9, b"\x06")[0]
        base = 2 if octet & 0x80 else 10
        self.unit = Fraction(1, base ** (octet & 0x7F))
        self.offset = int.from_bytes(found.get(14, b""), order, signed=True)
        self.fcs = found.get(13, b"\0")[0] if 13 in found else None
        self.zone = int.from_bytes(found.get(10, b""), order, signed=True)


def of_pcapng(raw):
    """Packets, and blocks around them in comparable form."""
    packets, others = [], []
    interfaces, section = [], 0
    for kind, order, body in blocks(raw):
        def number(at):
            return int.from_bytes(body[at:at + 4], order)
        start = options_at(kind, order, body)
        if kind == 0x0A0D0D0A:
            interfaces, section = [], section + 1
            others.append((kind, order, body[:8], foreign(body[start:], order)))
            continue
        if kind == 4 and ours(body[start:], order):
            continue
        if kind == 0x40000BAD:
            continue
        if kind == 1:
            interfaces.append(Interface(body, order))
        if kind in (2, 6):
            which = int.from_bytes(body[0:2], order) if kind == 2 else number(0)
            known = interfaces[which] if which < len(interfaces) else None
            ticks = number(4) << 32 | number(8)
            data = body[20:20 + number(12)]
            if len(data) < number(12):
                break
            packets.append({
                "octets": hashlib.sha256(data).hexdigest(),
                "captured": len(data),
                "length": number(16),
                "time": known and ticks * known.unit + known.offset,
                "link": known and known.link_type,
                "interface": (section, which),
                "options": foreign(body[start:], order),
                "head": (kind, order, body[:4] if kind == 2 else b""),
                "ours": ours(body[start:], order),
            })
        elif kind == 3:
            packets.append({"simple": body, "interface": (section, 0), "ours": None})
        else:
            others.append((len(packets), kind, order, body[:start], foreign(body[start:], order)))
    return packets, others


def of_pcap(raw):
    """Packets of a pcap file, as they have to stand in pcapng."""
    magic = raw[:4]
    order = "big" if magic in (b"\xa1\xb2\xc3\xd4", b"\xa1\xb2\x3c\x4d", b"\xa1\xb2\xcd\x34") else "little"
    number = int.from_bytes(magic, order)
    unit = Fraction(1, 10**9) if number == 0xA1B23C4D else Fraction(1, 10**6)
    gap = 8 if number == 0xA1B2CD34 else 0
    minor = int.from_bytes(raw[6:8], order)
    link = int.from_bytes(raw[20:24], order)
    header = {
        "link": link & 0xFFFF,
        "snap_length": int.from_bytes(raw[16:20], order),
        "fcs": (link >> 28) * 2 if link & 1 << 26 else None,
        "zone": int.from_bytes(raw[8:12], order, signed=True),
        "unit": unit,
    }
    packets, at = [], 24
    while at + 16 + gap <= len(raw):
        seconds, fraction, captured, length = (int.from_bytes(raw[at + n:at + n + 4], order) for n in (0, 4, 8, 12))
        if minor < 3 or minor == 3 and captured > length:
            captured, length = length, captured
        data = raw[at + 16 + gap:at + 16 + gap + captured]
        if len(data) < captured or captured > 128 << 20:
            break
        packets.append({
            "octets": hashlib.sha256(data).hexdigest(),
            "captured": captured,
            "length": length,
            "time": seconds + fraction * unit,
            "fraction": fraction,
            "link": link & 0xFFFF,
        })
        at += 16 + gap + captured
    return packets, header, gap


def tshark(path, *more):
    """Lines, messages, and status."""
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), *more], capture_output=True, check=False, timeout=600
    )
    messages = [
        line for line in done.stderr.decode(errors="replace").splitlines()
        if line.strip() and not line.startswith("Running as user")
    ]
    return done.stdout.decode(errors="replace").splitlines(), messages, done.returncode


FIELDS = ["-T", "fields", "-E", "separator=/t"] + [
    part for name in ("number", "time_epoch", "len", "cap_len", "encap_type") for part in ("-e", f"frame.{name}")
]


class Check:
    def __init__(self, program, flags, folder):
        self.program, self.flags, self.folder = program, flags, Path(folder)

    def run(self, *args):
        return subprocess.run([self.program, *map(str, args)], capture_output=True, check=False, timeout=600)

    def capture(self, numbered):
        """(what happened in one word, faults)."""
        n, path = numbered
        try:
            return self.faults(n, path)
        except Exception as error:  # A fault in this script is a fault, too.
            return "compared", [f"{type(error).__name__}: {error}"]

    def faults(self, n, path):
        before, complaints, status = tshark(path, *FIELDS)
        if status and not before:
            return "not for tshark", []
        out, again = self.folder / f"{n}.pcapng", self.folder / f"{n}.again.pcapng"
        done = self.run("annotate", "-q", path, "-o", out)
        if done.returncode == 4 and "cannot be opened" not in done.stderr.decode() and "is not a capture" in done.stderr.decode():
            return "not for portscribe", [f"tshark reads {len(before)} frames; {done.stderr.decode().strip()[:160]}"]
        if done.returncode not in (0, 3):
            return "compared", [f"annotate ends with {done.returncode}: {done.stderr.decode().strip()[:300]}"]
        try:
            faults = []
            damaged = status != 0 or done.returncode == 3
            after, words, status = tshark(out, *FIELDS)
            # What tshark's dissectors say of the packets they say of the capture, too.
            said = {self.plain(word) for word in complaints}
            words = [word for word in words if self.plain(word) not in said]
            if words or status:
                faults.append(f"tshark on the result: status {status}, {' | '.join(words)[:300]}")
            if not self.differs_for_tshark(content(path)):
                faults += self.compare_frames(before, after, damaged)
            packets = self.compare_octets(path, out, faults)
            self.compare_comments(path, packets, faults)
            twice = self.run("annotate", "-q", out, "-o", again)
            if twice.returncode:
                faults.append(f"annotating again ends with {twice.returncode}: {twice.stderr.decode()[:200]}")
            elif out.read_bytes() != again.read_bytes():
                faults.append("annotating again gives other bytes")
            if self.flags:
                self.compare_flags(path, out, faults)
            return "damaged" if damaged else "compared", faults
        finally:
            for file in (out, again):
                file.unlink(missing_ok=True)

    @staticmethod
    def plain(message):
        """A message without process and time."""
        return re.sub(r"\(tshark:\d+\) [\d:.]+ ", "", message)

    @staticmethod
    def differs_for_tshark(raw):
        """Whether tshark has to see other frames: it takes Custom Blocks for frames, also those that
        must not be copied, and a fraction of more than a second overflows in it. What is in the
        packets is compared by the reader of this file all the same."""
        if raw[:4] == b"\x0a\x0d\x0d\x0a":
            return any(kind == 0x40000BAD for kind, _, _ in blocks(raw))
        packets, header, _ = of_pcap(raw)
        return any(packet["fraction"] * header["unit"] >= 1 for packet in packets)

    @staticmethod
    def compare_frames(before, after, damaged):
        if len(before) != len(after) and not damaged:
            return [f"tshark: {len(before)} frames became {len(after)}"]
        for one, other in zip(before, after):
            if one != other:
                return [f"tshark: frame `{one}` became `{other}`"]
        return []

    @staticmethod
    def compare_octets(path, out, faults):
        raw = content(path)
        written, others = of_pcapng(out.read_bytes())
        if raw[:4] == b"\x0a\x0d\x0d\x0a":
            read, around = of_pcapng(raw)
            if others != around[:len(others)]:
                faults.append("blocks around the packets are others")
            same = ("octets", "captured", "length", "time", "link", "interface", "options", "head", "simple")
        else:
            read, header, gap = of_pcap(raw)
            _, _, body = next(block for block in blocks(out.read_bytes()) if block[0] == 1)
            interface = Interface(body, "little")
            made = {"link": interface.link_type, "snap_length": interface.snap_length, "fcs": interface.fcs,
                    "zone": interface.zone, "unit": interface.unit}
            if made != header:
                faults.append(f"the interface says {made}, the pcap header {header}")
            if not gap and any(packet["options"] != ([], b"") for packet in written):
                faults.append("packets of a pcap file have options")
            same = ("octets", "captured", "length", "time", "link")
        if len(read) != len(written):
            faults.append(f"{len(read)} packets became {len(written)}")
        for n, (one, other) in enumerate(zip(read, written), 1):
            for key in same:
                if one.get(key) != other.get(key):
                    faults.append(f"frame {n}: {key} {one.get(key)} became {other.get(key)}")
                    return written
        return written

    def compare_comments(self, path, packets, faults):
        done = self.run("packets", "-q", "-f", "csv", path)
        flow_of = {}
        for row in csv.DictReader(io.StringIO(done.stdout.decode())):
            if row["flow"]:
                flow_of[int(row["frame"])] = int(row["flow"])
        seen = set()
        for n, packet in enumerate(packets, 1):
            if packet["ours"] is None:
                continue
            if len(packet["ours"]) != 1:
                faults.append(f"frame {n} has {len(packet['ours'])} comments of ours")
                return
            text = packet["ours"][0]
            flow = flow_of.get(n)
            if flow is None:
                right = re.match(r"portscribe: no flow · [a-z-]+: \w", text)
            elif flow in seen:
                right = re.match(rf"portscribe: flow {flow} · \S+( \([^()]+\))? · to (server|client)( ·( [a-z-]+)+)?$", text)
            else:
                right = re.match(
                    rf"portscribe: flow {flow} · client \S+ → server \S+/\w+ · .+ \(.+\) · by [a-z-]+, \w+(\n|$)", text)
                seen.add(flow)
            if not right:
                faults.append(f"frame {n}, flow {flow}: `{text}`")
                return

    def compare_flags(self, path, out, faults):
        done = self.run("flows", "-q", "-f", "csv", path)
        rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
        for flag in FLAGS:
            listed = {int(row["flow"]) for row in rows if flag in row["flags"].split()}
            lines, _, _ = tshark(out, "-Y", f'frame.comment contains "{flag}"', "-T", "fields", "-e", "frame.comment")
            found = {int(number) for line in lines for number in re.findall(r"portscribe: flow (\d+)", line)}
            if found != listed:
                faults.append(f"{flag}: tshark finds flows {sorted(found)[:9]}, portscribe lists {sorted(listed)[:9]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portscribe", default=os.environ.get("PORTSCRIBE", "portscribe"))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--flags", action="store_true")
    parser.add_argument("captures", nargs="+", type=Path)
    args = parser.parse_args()
    paths = []
    for path in args.captures:
        # tshark takes some texts for captures of formats that few know.
        files = (one for one in path.rglob("*") if one.is_file() and one.suffix not in (".md", ".csv"))
        paths += sorted(files) if path.is_dir() else [path]
    counts, failed = {}, 0
    with tempfile.TemporaryDirectory(prefix="check-annotated-") as folder:
        check = Check(args.portscribe, args.flags, folder)
        with ThreadPoolExecutor(args.jobs) as pool:
            for path, (what, faults) in zip(paths, pool.map(check.capture, enumerate(paths))):
                counts[what] = counts.get(what, 0) + 1
                failed += bool(faults)
                for fault in faults:
                    print(f"{path}: {fault}", flush=True)
    summary = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    print(f"{len(paths)} files: {summary}; {failed} with faults")
    if not {"compared", "damaged"} & counts.keys():
        print("nothing was compared")
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
