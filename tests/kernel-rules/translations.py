"""Random rules of translation for nftables and iptables, in tables of their own."""


class Translation:
    """What translates in one ruleset; `kit` has the functions that make random addresses and ports."""

    def __init__(self, random, kit, sides, with_output):
        self.random = random
        self.kit = kit
        self.sides = sides
        self.with_output = with_output
        # Addresses to which something is translated.
        self.targets = set()
        self.maps = []

    def to(self, version):
        """An address to translate to, that is not the clients'."""
        found = self.kit.address(self.random, version, self.random.choice(self.sides))
        self.targets.add(found)
        return found

    def port(self):
        return self.random.choice(self.kit.PORTS)

    def ports(self):
        return sorted(self.random.sample(self.kit.PORTS, 3))

    def bracketed(self, address):
        return f"[{address}]" if ":" in address else address

    def conditions(self, version, out):
        """Conditions of nftables; `out` where the packet goes out. The last asks for a transport."""
        random, kit = self.random, self.kit
        head = "ip" if version == 4 else "ip6"
        kinds = [
            lambda: f"{head} daddr {kit.addresses(random, version, random.choice(self.sides))}",
            lambda: f"{head} daddr {kit.network(random, version, random.choice(self.sides))}",
            lambda: f"{head} saddr {kit.network(random, version, 1)}",
        ]
        if not out:
            kinds += [lambda: "fib daddr type local", lambda: 'iifname "f0"', lambda: "meta mark 5"]
        some = [random.choice(kinds)() for _ in range(random.choice([0, 1, 1, 2]))]
        transport = random.choice(["tcp", "tcp", "udp"])
        if random.random() < 0.6:
            some.append(f"{transport} dport {random.choice([str(self.port()), kit.braces(self.ports())])}")
        else:
            some.append(f"meta l4proto {transport}")
        # Only packets of the family are translated, and the counter comes before.
        return [f"meta nfproto ipv{version}"] + some, transport

    def map(self, kind, key, values):
        elements = [f"{one} : {values()}" for one in sorted({key() for _ in range(4)})]
        if self.random.random() < 0.5:
            return self.kit.braces(elements)
        name = f"m{len(self.maps)}"
        self.maps.append(f"  map {name} {{ type {kind}; elements = {self.kit.braces(elements)}; }}")
        return f"@{name}"

    def destination(self, version, transport, redirect):
        random = self.random
        word, kind = ("ip", "ipv4_addr") if version == 4 else ("ip6", "ipv6_addr")
        head = f"dnat {word} to "
        how = random.randrange(9 if redirect else 8)
        if how < 2:
            return head + self.to(version)
        if how == 2:
            return f"{head}{self.bracketed(self.to(version))}:{self.port()}"
        if how == 3:
            ends = sorted(self.kit.ipaddress.ip_address(self.to(version)) for _ in range(2))
            return head + ("-".join(map(str, ends)) if ends[0] != ends[1] else str(ends[0]))
        if how == 4:
            key = lambda: self.kit.address(random, version, random.choice(self.sides))  # noqa: E731
            return f"{head}{word} daddr map {self.map(f'{kind} : {kind}', key, lambda: self.to(version))}"
        if how == 5:
            return f"{head}{transport} dport map {self.map(f'inet_service : {kind}', self.port, lambda: self.to(version))}"
        if how in (6, 7):
            values = lambda: f"{self.to(version)} . {self.port()}"  # noqa: E731
            words = f"{transport} dport map {self.map(f'inet_service : {kind} . inet_service', self.port, values)}"
            return f"dnat {word} addr . port to {words}" if random.random() < 0.3 else head + words
        return f"redirect to :{self.port()}" if random.random() < 0.7 else "redirect"

    def source(self, version):
        random = self.random
        word = "ip" if version == 4 else "ip6"
        own = "10.98.0.1" if version == 4 else "fd98::1"
        key = lambda: self.kit.address(random, version, 1)  # noqa: E731
        kind = "ipv4_addr" if version == 4 else "ipv6_addr"
        return random.choice(
            ["masquerade", "masquerade", f"snat {word} to {own}", f"snat {word} to {self.bracketed(own)}:4000-4100",
             f"snat {word} to {word} saddr map {self.map(f'{kind} : {kind}', key, lambda: own)}"]
        )  # fmt: skip

    def rules(self, family, out, redirect=True):
        lines = []
        for _ in range(self.random.randint(1, 4)):
            version = {"ip": 4, "ip6": 6}.get(family) or self.random.choice([4, 6])
            words, transport = self.conditions(version, out)
            what = self.source(version) if out else self.destination(version, transport, redirect)
            if self.random.random() < 0.1:
                what = self.random.choice(["accept", "return", "meta mark set 0x5"])
            for asked in (f"{transport} dport", f"meta l4proto {transport}"):
                if asked in " ".join(words):
                    break
            lines.append("    " + " ".join(words + ["counter", what]))
        return lines

    def nft(self, number):
        """A table of nftables, and its lines."""
        random = self.random
        family = random.choice(["ip", "ip", "ip6", "inet", "inet"])
        self.maps = []
        chains = [("prerouting", random.choice([-100, -100, -110, 0]), self.rules(family, False))]
        if random.random() < 0.6:
            # What the firewall itself answers leaves by another interface.
            chains.append(("postrouting", 100, ['    oifname != "f1" accept'] + self.rules(family, True)))
        if random.random() < 0.2:
            chains.append(("input", 100, self.rules(family, True)))
        if self.with_output and random.random() < 0.5:
            sides, self.sides = self.sides, [2]
            chains.append(("output", -100, self.rules(family, False, redirect=False)))
            self.sides = sides
        lines = [f"table {family} n{number} {{"] + self.maps
        for hook, priority, rules in chains:
            lines += [f"  chain {hook} {{", f"    type nat hook {hook} priority {priority}; policy accept;"] + rules + ["  }"]
        return lines + ["}"]

    def iptables(self, version):
        """The table `nat` of iptables."""
        random, kit = self.random, self.kit
        lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", ":DOCKER - [0:0]"]
        if random.random() < 0.5:
            lines.append("-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER")
        # Without any rule that translates the kernel asks none of them.
        lines.append("-A OUTPUT -d 192.0.2.1/32 -j DNAT --to-destination 192.0.2.2" if version == 4 else "-A OUTPUT -d fd09::1/128 -j DNAT --to-destination fd09::2")
        for _ in range(random.randint(1, 5)):
            chain = random.choice(["PREROUTING", "DOCKER"])
            words = [f"-p {random.choice(['tcp', 'udp'])}"]
            words.append(random.choice([f"--dport {self.port()}", f"--dport {kit.port_range(random).replace('-', ':')}", ""]))
            words.append(random.choice([f"-d {kit.network(random, version, random.choice(self.sides))}", "! -i f0.7", "", ""]))
            to = self.to(version)
            target = random.choice(
                [f"DNAT --to-destination {to}", f"DNAT --to-destination {self.bracketed(to)}:{self.port()}",
                 f"DNAT --to-destination :{self.port()}", "REDIRECT", f"REDIRECT --to-ports {self.port()}", "RETURN", "ACCEPT"]
            )  # fmt: skip
            lines.append(f"-A {chain} {' '.join(filter(None, words))} -j {target}")
        if random.random() < 0.6:
            own = "10.98.0.1" if version == 4 else "fd98::1"
            target = random.choice(["MASQUERADE", f"SNAT --to-source {own}"])
            # Two of a protocol without ports cannot be told apart behind one address: the kernel drops one.
            lines.append(f"-A POSTROUTING -p {random.choice(['tcp', 'udp'])} -s {kit.network(random, version, 1)} -o f1 -j {target}")
        return lines + ["COMMIT"]
