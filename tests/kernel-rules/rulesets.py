"""Random rulesets of nftables and iptables, and random flows that meet them."""
import ipaddress
import re
import sys

import translations

PORTS = [22, 53, 80, 443, 1000, 1001, 1005, 2000, 4789, 8080, 50000]
TRANSPORTS = ["tcp", "udp", "sctp", "dccp", "udplite"]
INTERFACES = ["f0", "f0.7"]


def address(random, version, side):
    """An address of the clients' or servers' networks; few of them, so that rules are met."""
    host = random.choice([1, 2, 3, 5, 9, 10, 17, 30, 33, 63, 64, 100, 127, 128, 200, 254, 255])
    net = random.randrange(4)
    return f"10.{side}.{net}.{host}" if version == 4 else f"fd0{side}:{net}::{host:x}"


def network(random, version, side):
    bits = random.choice([9, 16, 22, 24, 25, 26, 28, 30, 31] if version == 4 else [12, 16, 32, 64, 120, 124, 126, 127])
    return str(ipaddress.ip_network(f"{address(random, version, side)}/{bits}", strict=False))


def address_range(random, version, side):
    ends = sorted((ipaddress.ip_address(address(random, version, side)) for _ in range(2)))
    return f"{ends[0]}-{ends[1]}" if ends[0] != ends[1] else str(ends[0])


def addresses(random, version, side):
    return random.choice([address, network, network, address_range])(random, version, side)


def port_range(random):
    first, last = sorted(random.sample(PORTS, 2))
    return f"{first}-{last}"


def disjoint(values, parse):
    """As many of the values as do not overlap: nftables refuses elements that do."""
    kept, taken = [], []
    for value in values:
        first, last = parse(value)
        if all(last < a or b < first for a, b in taken):
            taken.append((first, last))
            kept.append(value)
    return kept


def address_ends(text):
    if "/" in text:
        net = ipaddress.ip_network(text)
        return int(net[0]), int(net[-1])
    first, _, last = text.partition("-")
    return int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last or first))


def port_ends(text):
    first, _, last = str(text).partition("-")
    return int(first), int(last or first)


def port_set(random, low=1):
    values = [random.choice([lambda: random.choice(PORTS), lambda: port_range(random)])() for _ in range(random.randint(low, 4))]
    return disjoint(values, port_ends)


def address_set(random, version, side):
    return disjoint([addresses(random, version, side) for _ in range(random.randint(1, 4))], address_ends)


def braces(values):
    return "{ " + ", ".join(map(str, values)) + " }"


# What the firewall itself answers leaves by another interface.
IN_FIRST = '    iifname "lo" accept'
OUT_FIRST = '    oifname != "f1" accept'

# Where the base chains of other tables stand: hook, priority, and what the chain passes on first.
PLACES = [
    ("prerouting", -300, IN_FIRST), ("prerouting", -150, IN_FIRST), ("prerouting", 5, IN_FIRST), ("forward", -5, ""), ("forward", 10, ""),
    ("input", -5, IN_FIRST), ("input", 0, IN_FIRST), ("input", 10, IN_FIRST),
    ("output", -150, OUT_FIRST), ("output", -5, OUT_FIRST), ("output", 0, OUT_FIRST),
    ("postrouting", 50, OUT_FIRST),
]  # fmt: skip

# Nothing in any table of iptables.
EMPTY = (
    "*raw\n:PREROUTING ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"
    "*mangle\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n"
    "*filter\n:INPUT ACCEPT\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\nCOMMIT\n"
    "*nat\n:PREROUTING ACCEPT\n:INPUT ACCEPT\n:OUTPUT ACCEPT\n:POSTROUTING ACCEPT\nCOMMIT\n"
)


class Nft:
    """One random table `inet t` with a base chain, chains of its own, sets and maps; in some, tables
    with base chains at other hooks and priorities beside it, and flows to the firewall itself."""

    def __init__(self, random, hook):
        self.random = random
        self.hook = hook
        self.several = random.random() < 0.4
        self.sides = [2, 2, 3] if self.several else [{"forward": 2, "input": 3}[hook]]
        self.tracked = random.random() < 0.6
        self.nat = hook == "forward" and random.random() < 0.5
        self.untracked = self.tracked and random.random() < 0.1
        self.family = random.choice(["inet"] * 5 + ["ip", "ip6"])
        self.translation = translations.Translation(random, sys.modules[__name__], self.sides, self.several)
        self.targets = self.translation.targets
        self.sets = []
        self.chains = [f"c{n}" for n in range(random.randint(0, 4))]

    @property
    def side(self):
        return self.random.choice(self.sides)

    def version(self):
        return {"ip": 4, "ip6": 6}.get(self.family) or self.random.choice([4, 6])

    def name(self, prefix, words):
        name = f"{prefix}{len(self.sets)}"
        kind = "map" if prefix == "m" else "set"
        self.sets.append(f"  {kind} {name} {{ {words} }}")
        return "@" + name

    def equals(self):
        return self.random.choice(["", "", "", "!= "])

    def address(self):
        random, version = self.random, self.version()
        field, side = random.choice([("saddr", 1), ("daddr", self.side)])
        head = f"{'ip' if version == 4 else 'ip6'} {field} "
        how = random.randrange(5)
        if how == 0:
            elements = address_set(random, version, side)
            kind = "ipv4_addr" if version == 4 else "ipv6_addr"
            right = self.name("s", f"type {kind}; flags interval; elements = {braces(elements)}")
        elif how == 1:
            right = braces(address_set(random, version, side))
        elif how == 2 and random.random() < 0.3:
            return head + random.choice(["<", ">", "<=", ">="]) + " " + address(random, version, side)
        else:
            right = addresses(random, version, side)
        return head + self.equals() + right

    def port(self, protocol=None):
        random = self.random
        protocol = protocol or random.choice(["tcp", "tcp", "udp", "sctp", "dccp", "udplite"])
        head = f"{protocol} {random.choice(['dport', 'dport', 'dport', 'sport'])} "
        how = random.randrange(6)
        if how == 0:
            right = self.name("s", f"type inet_service; flags interval; elements = {braces(port_set(random))}")
        elif how == 1:
            right = braces(port_set(random))
        elif how == 2:
            right = port_range(random)
        elif how == 3 and random.random() < 0.4:
            if random.random() < 0.5:
                return head + f"& {random.choice([1, 3, 0xfff0])} == {random.choice([0, 1])}"
            return head + random.choice(["<", ">", "<=", ">="]) + f" {random.choice(PORTS)}"
        else:
            right = str(random.choice(PORTS))
        return head + self.equals() + right

    def protocol(self):
        random = self.random
        some = braces(random.sample(["tcp", "udp", "sctp", "dccp", "udplite", "icmp", "icmpv6", "gre"], random.randint(1, 4)))
        one = random.choice(["tcp", "udp", "sctp", "icmp", "icmpv6", "47"])
        choices = [f"meta l4proto {self.equals()}{one}", f"meta l4proto {self.equals()}{some}"]
        if self.family != "ip6":
            choices += [f"ip protocol {self.equals()}{one}"]
        if self.family != "ip":
            choices += [f"ip6 nexthdr {self.equals()}{one}"]
        choices += [f"meta l4proto {{ tcp, udp }} {self.port('th')}", self.port("th")]
        return random.choice(choices)

    def family_gate(self):
        if self.family != "inet":
            return f"meta protocol {'ip' if self.family == 'ip' else 'ip6'}"
        return self.random.choice(
            ["meta nfproto ipv4", "meta nfproto ipv6", "meta protocol ip", "ether type ip6", "meta nfproto != ipv4"]
        )

    def state(self):
        return self.random.choice(
            [
                "ct state new", "ct state new", "ct state established,related", "ct state { new, untracked }",
                "ct state != { established, related }", "ct state invalid", "ct state != new", "ct direction original",
                "ct state untracked", "ct state != invalid", "ct state & (established | related) == 0",
                "ct direction reply", "ct status dnat", f"ct original ip saddr {address(self.random, 4, 1)}",
                f"ct original ip daddr {network(self.random, 4, self.side)}",
                "ct state != established,related",
            ]
        )  # fmt: skip

    def icmp(self):
        random = self.random
        if self.version() == 4:
            return random.choice(
                ["icmp type echo-request", "icmp type != echo-request", "icmp type { echo-request, timestamp-request }",
                 "icmp code 0", "icmp type destination-unreachable icmp code port-unreachable", "icmp type 3-13"]
            )  # fmt: skip
        return random.choice(
            ["icmpv6 type echo-request", "icmpv6 type { echo-request, nd-neighbor-solicit }", "icmpv6 code != 0",
             "icmpv6 type != echo-reply", "icmpv6 type 1-4"]
        )  # fmt: skip

    def interface(self):
        out = ['oifname "f1"', 'oifname != "f1"', 'oifname { "f1", "f2" }'] if self.hook == "forward" else []
        return self.random.choice(
            ['iifname "f0"', 'iifname "f0*"', 'iifname "f0.7"', 'iifname { "f0", "lo" }', 'iifname != "f0"', 'iif "f0"',
             'iifname { "f0.*", "eth0" }', 'iifname != { "f0.7", "x*" }'] + out
        )  # fmt: skip

    def concatenation(self):
        random, version = self.random, self.version()
        head = "ip" if version == 4 else "ip6"
        kind = "ipv4_addr" if version == 4 else "ipv6_addr"
        how = random.randrange(4)
        if how == 0:
            elements = {f"{address(random, version, self.side)} . {random.choice(PORTS)}" for _ in range(4)}
            return f"{head} daddr . tcp dport {self.equals()}{braces(sorted(elements))}"
        if how == 1:
            rows = disjoint(port_set(random, 3), port_ends)
            elements = [f"{addresses(random, version, 1)} . {port}" for port in rows]
            words = f"type {kind} . inet_service; flags interval; elements = {braces(elements)}"
            return f"{head} saddr . {random.choice(['tcp', 'udp', 'th'])} dport {self.equals()}{self.name('s', words)}"
        if how == 2:
            elements = {f"{random.choice(['tcp', 'udp', 'sctp'])} . {random.choice(PORTS)}" for _ in range(4)}
            return f"meta l4proto . th dport {self.equals()}{braces(sorted(elements))}"
        elements = {f"{random.choice(['f0', 'f0.7'])} . {address(random, version, 1)}" for _ in range(6)}
        return f"iifname . {head} saddr {braces(sorted(elements))}"

    def flags(self):
        return self.random.choice(
            ["tcp flags syn", "tcp flags & (fin | syn | rst | ack) == syn", "tcp flags & (fin | syn | rst | ack) != syn",
             "tcp flags != syn", "tcp flags { syn, syn | ack }", "tcp flags ! ack,rst", "tcp flags & (syn | ack) == syn | ack"]
        )  # fmt: skip

    def header(self):
        choices = ["ip frag-off & 0x1fff != 0", "ip frag-off & 0x3fff == 0", "@th,16,16 80", "ip version 4"]
        choices += ["exthdr frag exists", "exthdr frag missing", "exthdr hbh exists", "ip option rr exists"]
        if self.family == "ip":
            choices = choices[:4]
        if self.family == "ip6":
            choices = choices[4:7]
        return self.random.choice(choices)

    def undecidable(self):
        return self.random.choice(
            ["meta mark 0", "meta mark 5", "limit rate 2/minute burst 3 packets", "limit rate over 5/minute burst 2 packets",
             "meta length > 60", "numgen inc mod 2 0", "meta pkttype host", "fib saddr type unicast", "quota over 500 bytes",
             "meta hour \"00:00\"-\"12:00\"", "ct mark 0", "fib daddr type local", "fib daddr type unicast", "fib daddr type { local, multicast }",
             "udp length 18", "tcp option maxseg exists", "meta skuid 0", "rt classid 0", "meta cpu 0", "ct count over 3"]
        )  # fmt: skip

    def condition(self):
        kinds = [self.address] * 8 + [self.port] * 8 + [self.protocol] * 3 + [self.interface] * 2
        kinds += [self.family_gate, self.icmp, self.concatenation, self.concatenation, self.flags, self.header]
        kinds += [self.undecidable] + ([self.state] * 4 if self.tracked else [])
        return self.random.choice(kinds)()

    def verdict(self, later):
        random = self.random
        choices = ["accept"] * 5 + ["drop"] * 5 + ["return", "continue", "", "meta mark set 5", "reject", "reject with tcp reset"]
        if self.family == "inet":
            choices += ["reject with icmpx admin-prohibited", "reject with icmp type host-unreachable"]
        if self.tracked:
            choices += ["ct mark set 0x1"]
        if later:
            choices += [f"{random.choice(['jump', 'jump', 'goto'])} {random.choice(later)}"] * 12
        return random.choice(choices)

    def action(self, later):
        words = self.verdict(later)
        while not words.startswith(("accept", "drop", "jump", "goto", "return", "continue")):
            words = self.verdict(later)
        return words

    def verdict_map(self, later):
        random, version = self.random, self.version()
        head = "ip" if version == 4 else "ip6"
        how = random.randrange(6)
        if how in (0, 1):
            keys = port_set(random, 2)
            elements = [f"{key} : {self.action(later)}" for key in keys]
            if how == 1:
                words = f"type inet_service : verdict; flags interval; elements = {braces(elements)}"
                return f"{random.choice(['tcp', 'udp', 'th'])} dport vmap {self.name('m', words)}"
            return f"{random.choice(['tcp', 'udp'])} dport vmap {braces(elements)}"
        if how == 2:
            elements = [f"{key} : {self.action(later)}" for key in address_set(random, version, 1)]
            if random.random() < 0.3:
                elements.append(f"* : {self.action(later)}")
            return f"{head} saddr vmap {braces(elements)}"
        if how == 3 and self.tracked:
            return f"ct state vmap {{ established : accept, related : accept, invalid : {self.action(later)}, new : {self.action(later)} }}"
        if how == 4:
            names = ["f0", "f0.7", "lo"]
            return f"iifname vmap {braces(f'{name} : {self.action(later)}' for name in names)}"
        keys = {f"{address(random, version, self.side)} . {random.choice(PORTS)}" for _ in range(3)}
        return f"{head} daddr . tcp dport vmap {braces(f'{key} : {self.action(later)}' for key in sorted(keys))}"

    def rule(self, later):
        random = self.random
        conditions = [self.condition() for _ in range(random.choice([0, 1, 1, 1, 2, 2, 2, 3]))]
        # nft 1.0 prints `meta l4proto 47 th dport 80` without its first half: what the kernel holds then
        # cannot be read back.
        if any(" dport" in words and words.startswith("th ") or words.startswith("th sport") for words in conditions):
            conditions = [words for words in conditions if not re.match(r"(meta l4proto|ip protocol|ip6 nexthdr) [^{]*$", words)]
        if random.random() < 0.12:
            words = self.verdict_map(later)
            # What the key asks for comes before the counter.
            for protocol in ("tcp", "udp"):
                if f"{protocol} dport" in words:
                    conditions.append(f"meta l4proto {protocol}")
            if words.startswith("ip "):
                conditions.append("meta protocol ip")
            if words.startswith("ip6 "):
                conditions.append("meta protocol ip6")
            return "    " + " ".join(conditions + ["counter", words])
        if random.random() < 0.05:
            words = "type ipv4_addr; size 100; flags dynamic,timeout; timeout 1h"
            conditions.append(f"add {self.name('d', words)} {{ ip saddr }}")
        verdict = self.verdict(later)
        # What the verdict asks for comes before the counter, as nft itself would print it.
        if "tcp reset" in verdict:
            conditions.append("meta l4proto tcp")
        if "icmp type" in verdict:
            conditions.append("meta nfproto ipv4")
        return "    " + " ".join(conditions + ["counter", verdict]).rstrip()

    def text(self):
        random = self.random
        bodies = []
        for place, name in enumerate(self.chains):
            later = self.chains[place + 1 :]
            rules = [self.rule(later) for _ in range(random.randint(1, 6))]
            bodies.append((f"  chain {name} {{", rules))
        rules = [self.rule(self.chains) for _ in range(random.randint(4, 18))]
        policy = random.choice(["accept", "drop"])
        # Every packet passes the first rule, which tells how many have come.
        rules.insert(0, "    counter continue")
        # What is refused of what the firewall sends it tells itself.
        if self.several and self.hook == "input":
            rules.insert(0, '    iifname "lo" accept')
        if self.tracked:
            rules.insert(1, f"    ct state {random.choice(['established,related', 'established'])} counter accept")
        # A chain that can only accept does not judge beside others.
        if self.several:
            rules.append("    tcp dport 1001 counter drop")
        bodies.append((f"  chain base {{\n    type filter hook {self.hook} priority filter; policy {policy};", rules))
        lines = [f"table {self.family} t {{"] + self.sets
        for head, rules in bodies:
            if "hook" in head:
                continue
            lines.append(head + "\n  }")
        lines.append("}")
        lines.append(f"table {self.family} t {{")
        for head, rules in bodies:
            lines += [head] + rules + ["  }"]
        lines.append("}")
        for number in range(random.choice([1, 1, 2]) if self.nat else 0):
            lines += self.translation.nft(number)
        if self.untracked:
            lines += ["table inet r {", "  chain raw { type filter hook prerouting priority raw;"]
            lines += [f"    udp dport {random.choice(PORTS)} counter notrack", "  }", "}"]
        return "\n".join(lines + self.others()) + "\n"

    def others(self):
        """Tables with base chains of their own."""
        random, lines = self.random, []
        for n in range(random.randint(1, 4) if self.several else 0):
            hook, priority, first = random.choice(PLACES)
            policy = random.choice(["accept", "accept", "drop"])
            head = [f"table {self.family} t{n} {{", f"  chain base {{\n    type filter hook {hook} priority {priority}; policy {policy};"]
            self.sets, self.hook = [], hook
            rules = [self.rule([]) for _ in range(random.randint(2, 6))] + ["    tcp dport 1001 counter drop"]
            if policy == "drop":
                rules.append("    counter accept" if random.random() < 0.6 else "    tcp dport < 60000 counter accept")
            lines += head[:1] + self.sets + head[1:] + [first, "    counter continue"] + rules + ["  }", "}"]
        return lines


class Iptables:
    """One random ruleset for iptables-restore or ip6tables-restore."""

    def __init__(self, random, version):
        self.random = random
        self.version = version
        self.tracked = random.random() < 0.6
        self.several = random.random() < 0.4
        self.sides = [2, 2, 3] if self.several else [2]
        self.chains = [f"C{n}" for n in range(random.randint(0, 4))]
        self.translation = translations.Translation(random, sys.modules[__name__], self.sides, False)
        self.targets = self.translation.targets

    def no(self):
        return self.random.choice(["", "", "", "! "])

    def protocol(self):
        random = self.random
        icmp = "icmp" if self.version == 4 else "ipv6-icmp"
        protocol = random.choice(["tcp"] * 4 + ["udp"] * 3 + ["sctp", "dccp", "udplite", icmp, icmp, "gre", "47"])
        words = [f"-p {protocol}"]
        if protocol in ("tcp", "udp", "sctp", "dccp") and random.random() < 0.7:
            side = random.choice(["dport", "dport", "dport", "sport"])
            words.append(f"{self.no()}--{side} {random.choice([str(random.choice(PORTS)), port_range(random).replace('-', ':'), ':1000', '1001:'])}")
        elif protocol in ("tcp", "udp", "udplite", "sctp") and random.random() < 0.7:
            some = ",".join(str(port).replace("-", ":") for port in port_set(random, 2))
            words.append(f"-m multiport {self.no()}--{random.choice(['dports', 'dports', 'sports', 'ports'])} {some}")
        if protocol == "tcp" and random.random() < 0.2:
            words.append(random.choice(["--syn", "! --syn", "--tcp-flags ALL SYN", "--tcp-flags SYN,ACK SYN,ACK", "--tcp-flags FIN,SYN,RST,PSH,ACK,URG NONE"]))
        if protocol == "icmp" and random.random() < 0.7:
            words.append(f"{self.no()}--icmp-type {random.choice(['8', 'echo-request', '3/3', '13', 'port-unreachable', 'any', '3'])}")
        if protocol == "ipv6-icmp" and random.random() < 0.7:
            words.append(f"{self.no()}--icmpv6-type {random.choice(['128', 'echo-request', '1/4', '135', '1'])}")
        return " ".join(words) if random.random() < 0.93 else f"! -p {protocol}"

    def address(self):
        random = self.random
        option, side, name = random.choice([("-s", 1, "src"), ("-d", random.choice(self.sides), "dst")])
        if random.random() < 0.25:
            return f"-m iprange {self.no()}--{name}-range {address_range(random, self.version, side).replace('-', '-')}"
        return f"{self.no()}{option} {random.choice([address, network])(random, self.version, side)}"

    def interface(self):
        return self.no() + self.random.choice(["-i f0", "-i f0+", "-i f0.7", "-o f1", "-o f+", "-o lo"])

    def other(self):
        random = self.random
        choices = ["-m mark --mark 0x0", "-m mark --mark 0x5", "-m limit --limit 2/min --limit-burst 3", "-m length --length 60:100",
                   "-m statistic --mode nth --every 2 --packet 0", "-m addrtype --dst-type LOCAL", "-m addrtype --dst-type UNICAST",
                   "-m addrtype ! --dst-type LOCAL", "-m addrtype --src-type UNICAST", "-m pkttype --pkt-type unicast",
                   '-m comment --comment "it is \\"ok\\" -j DROP"', "-m recent --set --name r1",
                   "-m recent --rcheck --seconds 60 --name r1", "-m time --timestart 00:00 --timestop 12:00"]  # fmt: skip
        if self.version == 4:
            choices += ["-m ttl --ttl-eq 64", "-m tos --tos 0x10", "-f", "! -f"]
        else:
            choices += ["-m hl --hl-eq 64", "-m rt --rt-type 0", "-m frag", "-m hbh", "-m ipv6header --header frag --soft"]
        if self.tracked:
            choices += ["-m conntrack --ctdir ORIGINAL", "-m conntrack --ctdir REPLY", "-m connmark --mark 0x0",
                        f"-m conntrack --ctorigsrc {network(random, self.version, 1)}", "-m conntrack ! --ctorigdstport 80",
                        "-m conntrack --ctstatus NONE", "-m conntrack --ctstate NEW,DNAT"]  # fmt: skip
        return random.choice(choices)

    def state(self):
        return self.random.choice(
            ["-m conntrack --ctstate NEW", "-m state --state NEW", "-m conntrack --ctstate RELATED,ESTABLISHED",
             "-m conntrack --ctstate INVALID", "-m conntrack ! --ctstate NEW", "-m conntrack --ctstate NEW,UNTRACKED",
             "-m conntrack ! --ctstate INVALID"]
        )  # fmt: skip

    def rule(self, chain, later):
        random = self.random
        words = []
        if random.random() < 0.75:
            words.append(self.protocol())
        for kind, chance in ((self.address, 0.5), (self.address, 0.2), (self.interface, 0.2), (self.other, 0.12)):
            if random.random() < chance:
                text = kind()
                if [None, *text.split()][-2] not in " ".join(words).split():
                    words.append(text)
        if self.tracked and random.random() < 0.25:
            words.append(self.state())
        target = random.choice(["-j ACCEPT"] * 5 + ["-j DROP"] * 5 + ["-j RETURN", "", "-j REJECT", "-j MARK --set-mark 0x5"])
        if "-p tcp" in " ".join(words) and "! -p tcp" not in " ".join(words) and random.random() < 0.1:
            target = "-j REJECT --reject-with tcp-reset"
        if later and random.random() < 0.35:
            target = f"{random.choice(['-j', '-j', '-g'])} {random.choice(later)}"
        return f"-A {chain} {' '.join(words)} {target}"

    def text(self):
        random = self.random
        lines = ["*filter", ":INPUT ACCEPT [0:0]", f":FORWARD {random.choice(['ACCEPT', 'DROP'])} [0:0]", ":OUTPUT ACCEPT [0:0]"]
        lines += [f":{chain} - [0:0]" for chain in self.chains]
        # Every packet passes the first rule, which tells how many have come.
        lines.append("-A FORWARD")
        if self.tracked:
            lines.append("-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT")
        lines += [self.rule("FORWARD", self.chains) for _ in range(random.randint(4, 18))]
        for place, chain in enumerate(self.chains):
            lines += [self.rule(chain, self.chains[place + 1 :]) for _ in range(random.randint(1, 5))]
        if self.several:
            lines += self.few("INPUT")
        nat = self.translation.iptables(self.version) if random.random() < 0.5 else []
        return "\n".join(self.others() + nat + lines + ["COMMIT"]) + "\n"

    def few(self, chain):
        """Some rules of another base chain, one of which can refuse."""
        # REJECT is for the table filter, and where a packet goes out is known in FORWARD alone.
        rules = [re.sub("-j REJECT.*", "-j DROP", self.rule(chain, [])) for _ in range(self.random.randint(1, 4))]
        if chain != "FORWARD":
            rules = [re.sub(r"(! )?-o \S+", "", rule) for rule in rules]
        return rules + [f"-A {chain} -p tcp --dport 1001 -j DROP"]

    def others(self):
        """The tables before `filter`."""
        lines = []
        for table, chains in (("raw", ["PREROUTING"]), ("mangle", ["PREROUTING", "INPUT", "FORWARD"])):
            if self.several and self.random.random() < 0.7:
                chosen = self.random.sample(chains, self.random.randint(1, len(chains)))
                lines += [f"*{table}"] + [f":{chain} ACCEPT [0:0]" for chain in chains]
                lines += [rule for chain in chosen for rule in self.few(chain)] + ["COMMIT"]
        return lines


def flows(random, count, versions, sides, fragments, seen, with_own):
    """Flows that no ruleset before has met: each is new to the kernel; `with_own` also from the firewall."""
    found = []
    while len(found) < count:
        version = random.choice(versions)
        protocol = random.choice(["tcp"] * 8 + ["udp"] * 5 + ["sctp", "sctp", "dccp", "udplite", "icmp", "icmp", "47", "51"])
        if protocol == "51" and version == 6:
            continue
        from_own = with_own and protocol in ("tcp", "udp") and random.random() < 0.15
        side = 2 if from_own else random.choice(sides)
        flow = {
            "from_own": from_own,
            "source": address(random, version, 3 if from_own else 1),
            "destination": address(random, version, side),
            "protocol": protocol,
            "a": random.choice(PORTS + [random.randrange(1024, 65536) for _ in range(12)]),
            "b": random.choice(PORTS),
            "in": "" if from_own else "f0.7" if random.random() < 0.25 else "f0",
            "fragment": fragments and not from_own and protocol in ("udp", "icmp", "sctp") and random.random() < 0.15,
        }
        if protocol == "icmp":
            kinds = [8, 8, 13, 3, 0, 5, 11] if version == 4 else [128, 128, 1, 2, 4, 129]
            flow["a"] = random.choice(kinds)
            flow["b"] = random.choice([0, 0, 3, 1]) if flow["a"] in (1, 3) else 0
        elif protocol in ("47", "51"):
            flow["a"] = flow["b"] = ""
            if fragments is None:
                continue
        key = tuple(flow[of] for of in ("source", "destination", "protocol", "a", "b"))
        if protocol != "icmp" and key in seen:
            continue
        seen.add(key)
        found.append(flow)
    return found
