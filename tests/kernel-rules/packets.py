"""Packets that open flows, with right checksums: what a firewall checks before its rules see them."""
import ipaddress
import struct

PROTOCOLS = {"tcp": 6, "udp": 17, "sctp": 132, "dccp": 33, "udplite": 136}


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


CRC = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for octet in data:
        crc = crc >> 8 ^ CRC[(crc ^ octet) & 0xFF]
    return crc ^ 0xFFFFFFFF


def pseudo_header(source, destination, length, protocol):
    if source.version == 4:
        return source.packed + destination.packed + struct.pack(">BBH", 0, protocol, length)
    return source.packed + destination.packed + struct.pack(">IHBB", length, 0, 0, protocol)


def transport(source, destination, name, a, b, number, payload=b""):
    """The header of a transport, and the IP protocol number it has."""
    if name == "icmp":
        protocol = 1 if source.version == 4 else 58
        body = struct.pack(">BBHHH", a, b, 0, number & 0xFFFF, number >> 16) + b"portscribe".ljust(24, b".")
        head = b"" if protocol == 1 else pseudo_header(source, destination, len(body), protocol)
        return protocol, body[:2] + struct.pack(">H", checksum(head + body)) + body[4:]
    if name not in PROTOCOLS:
        return int(name), b"\0\0\x08\0" + struct.pack(">I", number) + b"portscribe"
    protocol = PROTOCOLS[name]
    if name == "sctp":
        # INIT: its verification tag is 0 (RFC 9260, section 8.5.1).
        chunk = struct.pack(">BBHIIHHI", 1, 0, 20, number | 1, 65536, 1, 1, number)
        body = struct.pack(">HHII", a, b, 0, 0) + chunk
        return protocol, body[:8] + struct.pack("<I", crc32c(body)) + body[12:]
    if name == "tcp":
        body = struct.pack(">HHIIBBHHH", a, b, number, 0, 0x50, 2, 1024, 0, 0)
        at = 16
    elif name == "dccp":
        # REQUEST with long sequence numbers (RFC 4340, section 5.1).
        body = struct.pack(">HHBBHBBHI", a, b, 5, 0, 0, 0 << 1 | 1, 0, 0, number) + struct.pack(">I", 0)
        at = 6
    else:
        payload = payload or b"portscribe"
        length = 8 + len(payload)
        body = struct.pack(">HHHH", a, b, length if name == "udp" else 0, 0) + payload
        at = 6
    total = checksum(pseudo_header(source, destination, len(body), protocol) + body) or 0xFFFF
    return protocol, body[:at] + struct.pack(">H", total) + body[at + 2 :]


def ip(source, destination, protocol, body, number, fragments=False):
    """IP packets around a transport: one, or two fragments."""
    cut = 8 * ((len(body) + 15) // 16) if fragments else len(body)
    pieces = [(0, body[:cut]), (cut, body[cut:])] if fragments else [(0, body)]
    packets = []
    for offset, piece in pieces:
        more = fragments and offset == 0
        if source.version == 4:
            field = offset // 8 | (0x2000 if more else 0)
            head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(piece), number & 0xFFFF, field, 64, protocol, 0)
            head += source.packed + destination.packed
            head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        else:
            following, extension = protocol, b""
            if fragments:
                extension = struct.pack(">BBHI", protocol, 0, offset | (1 if more else 0), number)
                following = 44
            length = len(extension) + len(piece)
            head = struct.pack(">IHBB", 6 << 28, length, following, 64)
            head += source.packed + destination.packed + extension
        packets.append(head + piece)
    return packets


def frames(flow, vlan, to, own, number):
    """The Ethernet frames of a flow's first packet; `flow` as the fields of the CSV that is judged."""
    source, destination = ipaddress.ip_address(flow["source"]), ipaddress.ip_address(flow["destination"])
    payload = b""
    if flow["protocol"] == "udp" and flow["b"] == 4789:
        # VXLAN: rules see the outer packet, whatever the inner one is.
        inner = ip(destination, source, 6, transport(destination, source, "tcp", 80, 22, number)[1], number)[0]
        payload = b"\x08\0\0\0\0\0\x07\0" + bytes(12) + (b"\x08\0" if source.version == 4 else b"\x86\xdd") + inner
    protocol, body = transport(source, destination, flow["protocol"], flow["a"], flow["b"], number, payload)
    tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
    kind = b"\x08\0" if source.version == 4 else b"\x86\xdd"
    return [
        to + own + tag + kind + packet
        for packet in ip(source, destination, protocol, body, number, flow["fragment"])
    ]


def is_first(frame):
    """Whether a frame holds a packet that is whole, or a first fragment."""
    if frame[12:14] == b"\x08\0":
        return struct.unpack(">H", frame[20:22])[0] & 0x1FFF == 0
    if frame[12:14] == b"\x86\xdd":
        return frame[20] != 44 or struct.unpack(">H", frame[56:58])[0] >> 3 == 0
    return False


def flow_of(frame):
    """The flow of a whole packet of TCP or UDP that came out, as the fields that are judged; else None."""
    version = 4 if frame[12:14] == b"\x08\0" else 6
    if version == 4:
        protocol, ends, at = frame[23], (frame[26:30], frame[30:34]), 34
        if frame[14] != 0x45 or struct.unpack(">H", frame[20:22])[0] & 0x3FFF:
            return None
    else:
        protocol, ends, at = frame[20], (frame[22:38], frame[38:54]), 54
    names = {6: "tcp", 17: "udp"}
    if protocol not in names:
        return None
    a, b = struct.unpack(">HH", frame[at : at + 4])
    source, destination = (str(ipaddress.ip_address(end)) for end in ends)
    return {"source": source, "destination": destination, "protocol": names[protocol], "a": a, "b": b, "in": "", "fragment": False}
