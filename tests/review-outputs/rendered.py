"""What rendered rules let through, read back from the programs that take them."""

import ipaddress
import json
import re
import socket
import subprocess


def nft_rules(path):
    """The rules of a file, as nft understands them: loaded in a namespace that is thrown away."""
    script = f'nft -f "{path}" && nft -j list ruleset'
    listed = subprocess.run(["unshare", "-rn", "sh", "-c", script], capture_output=True, text=True, check=True)
    return [thing["rule"] for thing in json.loads(listed.stdout)["nftables"] if "rule" in thing]


def _values(right):
    """The elements of the right side of a match, as text."""
    if isinstance(right, dict) and "set" in right:
        return [value for element in right["set"] for value in _values(element)]
    if isinstance(right, dict) and "prefix" in right:
        return ["{addr}/{len}".format(**right["prefix"])]
    if isinstance(right, dict) and "range" in right:
        return ["-".join(str(end) for end in right["range"])]
    return [str(right)]


def nft_accepts(rules):
    """What lets new traffic through: a set of (client, server, transport, ports), and the rules that
    are not held to all four."""
    accepts, open_rules = set(), []
    for rule in rules:
        if not any("accept" in statement for statement in rule["expr"]):
            continue
        fields = {}
        for statement in rule["expr"]:
            left = statement.get("match", {}).get("left", {})
            payload = left.get("payload") or left.get("ct") or left.get("meta") or {}
            kind = payload.get("protocol") if payload.get("field") == "dport" else None
            key = payload.get("field") or payload.get("key")
            fields[key] = _values(statement["match"]["right"]) if "match" in statement else None
            if kind:
                fields["transport"] = kind
            if payload.get("field") == "type":
                fields["icmp"] = payload["protocol"]
        states = fields.get("state") or []
        is_return = bool(states) and "new" not in states
        # Errors and neighbour discovery: the types are given, and no addresses.
        is_icmp = fields.get("type") is not None
        if is_return or is_icmp and not fields.get("saddr") or fields.get("iif") == ["lo"]:
            continue
        portless = fields.get("protocol") or fields.get("l4proto")
        if is_icmp:
            fields["transport"], fields["dport"] = protocol(fields["icmp"]), fields["type"]
        elif portless and not fields.get("dport"):
            fields["transport"], fields["dport"] = protocol(portless[0]), [""]
        parts = [fields.get(name) for name in ("saddr", "daddr", "transport", "dport")]
        if not all(parts) or any("/0" in address for address in parts[0] + parts[1]):
            open_rules.append(f"{rule['chain']}: {json.dumps(rule['expr'])[:160]}")
            continue
        clients, servers, transport, ports = parts
        accepts |= {(c, network(s), transport, p) for one in clients for c in networks(one) for s in servers for p in ports}
    return normal(accepts), open_rules


def iptables_accepts(path):
    """The same of a file for iptables-restore or ip6tables-restore."""
    accepts, open_rules = set(), []
    for line in path.read_text().splitlines():
        if not line.startswith("-A") or "-j ACCEPT" not in line:
            continue
        option = lambda name: (re.search(rf"{name} (\S+)", line) or [None, None])[1]
        if "NEW" not in (option("--state") or "NEW"):
            continue
        parts = [option("-s"), option("-d"), option("-p"), option("--dport")]
        if parts[2] and parts[3] is None and protocol(parts[2]).isdigit():
            parts[2:] = [protocol(parts[2]), "-"]
        if not all(parts):
            open_rules.append(line)
            continue
        accepts.add((network(parts[0]), network(parts[1]), parts[2], parts[3].replace(":", "-").strip("-")))
    return normal(accepts), open_rules


def router_open_lines(path):
    """The lines of a list for Cisco routers that let through more than ICMP from anywhere or to
    anywhere."""
    permits = [line for line in path.read_text().splitlines() if line.strip().startswith("permit")]
    return [line for line in permits if " any" in line and not re.match(r"\s*permit (icmp|58) ", line)]


def protocol(name):
    """A transport by its name, any other protocol by its number."""
    if name in ("tcp", "udp", "sctp", "dccp", "udplite"):
        return name
    name = name.removeprefix("protocol-")
    return name if name.isdigit() else str(socket.getprotobyname({"icmpv6": "ipv6-icmp"}.get(name, name)))


def icmp_type(number):
    """A type of ICMP as nft prints it."""
    names = {8: "echo-request", 13: "timestamp-request", 128: "echo-request"}
    return names.get(number, str(number))


def networks(text):
    """An address, a network or a range of addresses, as networks."""
    if "-" in text:
        first, last = map(ipaddress.ip_address, text.split("-"))
        return [str(part) for part in ipaddress.summarize_address_range(first, last)]
    return [network(text)]


def normal(accepts):
    """The same with the clients of each service as few networks as hold just them: programs join
    neighbours."""
    services = {}
    for client, *service in accepts:
        services.setdefault(tuple(service), []).append(ipaddress.ip_network(client))
    return {(str(client), *service) for service, clients in services.items()
            for client in ipaddress.collapse_addresses(clients)}


def network(text):
    """An address or a network, always with its length."""
    return str(ipaddress.ip_network(text, strict=False))
