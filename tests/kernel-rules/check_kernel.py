#!/usr/bin/env python3
"""Compares our judgements of new flows with what the kernel's own counters say.

Random rulesets are loaded into a network namespace that forwards, random packets are sent through it
from another, and the counters of every rule are read before and after. For each rule the flows that
we say it matches for certain must not be more than the kernel counted, and those that it may match
not fewer; and so with the packets that came through. Nothing leaves the namespaces, and they are
taken away at the end.

Exit status: 0 equal; 1 different; 77 not checked, since there are no namespaces or no nft here.
"""
import argparse
import ctypes
import errno
import io
import json
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time

import packets
import rulesets

NOT_CHECKED = 77
# Of how many flows in a hundred it may be left open which rule judges them.
MOST_AMBIGUOUS = 15
TAG = f"psr{os.getpid()}"
ENDS, FIREWALL = f"{TAG}-e", f"{TAG}-f"
TO_FIREWALL, CLIENT, OUT, SERVER = (bytes([2, 0, 0, 0, 0, n]) for n in (1, 2, 3, 4))


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, **options)


def must(*command, **options):
    done = run(*command, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def inside(*command, **options):
    """Runs a command in the firewall's namespace."""
    return run("ip", "netns", "exec", FIREWALL, *command, **options)


def mac(octets):
    return ":".join(f"{octet:02x}" for octet in octets)


def set_up():
    for name in (ENDS, FIREWALL):
        must("ip", "netns", "add", name)
    must("ip", "netns", "exec", ENDS, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    # An interface reports the groups that it joins, up to two seconds after it came up (RFC 3810 section
    # 6.1), and asks whether its address is taken: packets of its own, which rules for output count. So
    # that is done at once, and before rules are loaded.
    quiet = ("accept_dad=0", "dad_transmits=0", "mldv1_unsolicited_report_interval=1", "mldv2_unsolicited_report_interval=1")
    settings = [f"net.ipv6.conf.default.{setting}" for setting in quiet]
    must("ip", "netns", "exec", FIREWALL, "sysctl", "-qw", *settings)
    script = f"""
        ip -n {FIREWALL} link add f0 address {mac(TO_FIREWALL)} type veth peer name c0 address {mac(CLIENT)} netns {ENDS}
        ip -n {FIREWALL} link add f1 address {mac(OUT)} type veth peer name s0 address {mac(SERVER)} netns {ENDS}
        ip netns exec {FIREWALL} sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
        ip netns exec {FIREWALL} sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
        ip -n {FIREWALL} link set lo up
        ip -n {ENDS} link set c0 up
        ip -n {ENDS} link set s0 up
        ip -n {FIREWALL} link set f0 up
        ip -n {FIREWALL} link set f1 up
        ip netns exec {FIREWALL} sysctl -qw net.ipv4.conf.f0.rp_filter=0 net.ipv4.conf.f1.rp_filter=0
        ip -n {FIREWALL} addr add 10.99.0.1/24 dev f0
        ip -n {FIREWALL} addr add 10.98.0.1/24 dev f1
        ip -n {FIREWALL} addr add fd99::1/64 dev f0 nodad
        ip -n {FIREWALL} addr add fd98::1/64 dev f1 nodad
        ip -n {FIREWALL} neigh add 10.99.0.2 lladdr {mac(CLIENT)} dev f0 nud permanent
        ip -n {FIREWALL} neigh add 10.98.0.2 lladdr {mac(SERVER)} dev f1 nud permanent
        ip -n {FIREWALL} neigh add fd99::2 lladdr {mac(CLIENT)} dev f0 nud permanent
        ip -n {FIREWALL} neigh add fd98::2 lladdr {mac(SERVER)} dev f1 nud permanent
        ip -n {FIREWALL} route add 10.1.0.0/16 via 10.99.0.2
        ip -n {FIREWALL} route add 10.2.0.0/16 via 10.98.0.2
        ip -n {FIREWALL} -6 route add fd01::/16 via fd99::2
        ip -n {FIREWALL} -6 route add fd02::/16 via fd98::2
        ip -n {FIREWALL} route add local 10.3.0.0/16 dev lo
        ip -n {FIREWALL} -6 route add local fd03::/16 dev lo
    """
    for line in filter(None, map(str.strip, script.splitlines())):
        must(*line.split())
    # A VLAN of f0, or where the kernel has none a second cable whose end has the name of one.
    vlan = not run(*f"ip -n {FIREWALL} link add link f0 name f0.7 type vlan id 7".split()).returncode
    if not vlan:
        print("no VLAN devices in this kernel: an interface is called f0.7 instead")
        ends = f"f0.7 address {mac(TO_FIREWALL)} type veth peer name c7 address {mac(CLIENT)} netns {ENDS}"
        must(*f"ip -n {FIREWALL} link add {ends}".split())
        must(*f"ip -n {ENDS} link set c7 up".split())
    must(*f"ip -n {FIREWALL} link set f0.7 up".split())
    must(*f"ip -n {FIREWALL} addr add 10.97.0.1/24 dev f0.7".split())
    must(*f"ip -n {FIREWALL} addr add fd97::1/64 dev f0.7 nodad".split())
    run("ip", "netns", "exec", FIREWALL, "sysctl", "-qw", "net/ipv4/conf/f0.7/rp_filter=0")
    time.sleep(0.5)
    return vlan


def is_own(address):
    """Whether an address is the firewall's."""
    return address.startswith(("10.3.", "fd03:", "10.97.0.1", "10.98.0.1", "10.99.0.1", "fd97::1", "fd98::1", "fd99::1"))


def take_down():
    for name in (ENDS, FIREWALL):
        run("ip", "netns", "del", name)


def left_behind(rules_before):
    """What of ours is still there; others may make namespaces and interfaces meanwhile."""
    if TAG in run("ip", "netns", "list").stdout:
        return "a namespace"
    links = run("ip", "-br", "link").stdout
    if any(mac(address) in links for address in (TO_FIREWALL, CLIENT, OUT, SERVER)):
        return "an interface"
    return "rules" if run("nft", "list", "ruleset").stdout != rules_before else ""


def made_inside(namespace, make):
    """A socket of a namespace, where only its making happens."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net") as own, open(f"/run/netns/{namespace}") as there:
        if libc.setns(there.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return make()
        finally:
            libc.setns(own.fileno(), 0)


def raw_socket(device):
    """A socket for whole frames at a device of the ends' namespace."""

    def make():
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        made.setsockopt(socket.SOL_SOCKET, 33, 64 << 20)  # SO_RCVBUFFORCE
        made.bind((device, 0))
        made.setblocking(False)
        return made

    return made_inside(ENDS, make)


def sender(family):
    """A socket by which the firewall itself sends whole IP packets."""
    return made_inside(FIREWALL, lambda: socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW))


class Lab:
    def __init__(self, judge, vlan):
        self.judge_flows = judge
        self.client, self.server = raw_socket("c0"), raw_socket("s0")
        self.tagged = self.client if vlan else raw_socket("c7")
        self.senders = {4: sender(socket.AF_INET), 6: sender(socket.AF_INET6)}
        self.vlan = vlan
        self.number = 1
        self.seen = set()
        self.folder = tempfile.TemporaryDirectory()
        self.figures = {"rulesets": 0, "refused": 0, "rules": 0, "hit": 0, "flows": 0, "pairs": 0, "ambiguous": 0, "several": 0, "translations": 0, "legs": 0, "ambiguous legs": 0}
        self.wrong = []

    def path(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def send(self, flows):
        """Sends the first packets of flows."""
        self.drain()
        for flow in flows:
            self.number += 1
            if flow["from_own"]:
                self.send_own(flow)
                continue
            by_vlan = flow["in"] == "f0.7"
            tag = 7 if by_vlan and self.vlan else 0
            for frame in packets.frames(flow, tag, TO_FIREWALL, CLIENT, self.number):
                (self.tagged if by_vlan else self.client).send(frame)
        time.sleep(0.01)

    def send_own(self, flow):
        """Sends what the firewall itself sends; where a rule refuses that, it says so here."""
        version = 6 if ":" in flow["source"] else 4
        for frame in packets.frames(flow, 0, TO_FIREWALL, CLIENT, self.number):
            try:
                self.senders[version].sendto(frame[14:], (flow["destination"], 0))
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.EACCES, errno.EHOSTUNREACH):
                    raise

    def drain(self):
        """How many packets have come out at the servers' side, whole or as first fragments."""
        count = 0
        self.came_out = []
        while select.select([self.server], [], [], 0)[0]:
            frame = self.server.recv(65536)
            if frame[:6] == SERVER and frame[6:12] == OUT and packets.is_first(frame):
                count += 1
                flow = packets.flow_of(frame)
                self.came_out += [flow] if flow else []
        return count

    def compare_legs(self, title, form, chain, files, text):
        """What came out, judged as it was captured there: none of it may be refused for certain."""
        flows, self.came_out = self.came_out, []
        for flow, (ends, _, _, unasked) in zip(flows, self.judge(form, chain, files, flows)):
            self.figures["legs"] += 1
            verdicts = {end.split("=")[1] for end in ends.split()}
            self.figures["ambiguous legs"] += len(verdicts) > 1
            if verdicts and not unasked and "Accept" not in verdicts:
                self.wrong.append(title)
                print(f"DIFFERENT: {title}: came out, and we say {ends}: {flow}")
                if len(self.wrong) <= 3:
                    print(text)
                return

    def own_side(self, flow, translation):
        """Whether a flow is for the firewall itself: yes, no, or None where that cannot be told."""
        to = re.match(r"To\(([^,]+),", translation)
        if translation == "Uncertain":
            return None
        return is_own(to.group(1) if to else flow["destination"])

    def judge(self, form, chain, files, flows, out="f1"):
        """What we say of each flow: how it ends, what it passes, how its destination is translated."""
        lines = []
        for flow in flows:
            fields = [flow["source"], flow["destination"], flow["protocol"], flow["a"], flow["b"], flow["in"], out]
            lines.append(",".join(map(str, fields + ["fragment" if flow["fragment"] else ""])))
        if chain == "-":
            ends = {end for flow in flows for end in (flow["source"], flow["destination"])} | self.targets
            lines += [f",{end},own" for end in sorted(ends) if is_own(end)]
        output = must(self.judge_flows, form, chain, *files, input="\n".join(lines) + "\n")
        return [line.split("\t") for line in output.splitlines()]

    def compare(self, title, judged, flows, counted, delivered, text):
        """Bounds of every counter from our judgements, against the counters."""
        low, high, ends_low, ends_high = {}, {}, 0, 0
        for (ends, passed, translation, unasked), flow in zip(judged, flows):
            ends = [end.split("=") for end in ends.split()]
            rules = {rule for rule, _ in ends}
            own = self.own_side(flow, translation)
            definite = len(ends) <= 1 and not unasked
            self.figures["translations"] += translation != "None"
            self.figures["ambiguous"] += not definite
            for rule in rules:
                high[rule] = high.get(rule, 0) + 1
                low[rule] = low.get(rule, 0) + definite
            for rule, sure in (entry.split("=") for entry in passed.split()):
                high[rule] = high.get(rule, 0) + 1
                low[rule] = low.get(rule, 0) + (sure == "certain")
            verdicts = {verdict for _, verdict in ends}
            if not verdicts or unasked:
                verdicts.add("Accept")
            ends_low += verdicts == {"Accept"} and own is False
            ends_high += "Accept" in verdicts and own is not True
        problems = []
        for rule, count in counted.items():
            if count is None:
                continue
            self.figures["rules"] += 1
            self.figures["hit"] += count > 0
            if not low.get(rule, 0) <= count <= high.get(rule, 0):
                problems.append(f"{rule} ({self.text_of(rule)}): the kernel counted {count}, we say {low.get(rule, 0)} to {high.get(rule, 0)}")
        unknown = (set(low) | set(high)) - set(counted) - {rule for rule in set(low) | set(high) if "policy" in rule}
        problems += [f"{rule}: we judge by it, the kernel lists no such rule" for rule in sorted(unknown)]
        if delivered is not None and not ends_low <= delivered <= ends_high:
            problems.append(f"{delivered} packets came through, we say {ends_low} to {ends_high}")
        self.figures["rulesets"] += 1
        self.figures["flows"] += len(flows)
        self.figures["pairs"] += len(flows) * len(counted)
        if problems:
            self.wrong.append(title)
            print(f"DIFFERENT: {title}")
            for problem in problems[:6]:
                print(f"  {problem}")
            if len(self.wrong) <= 3:
                print(text)

    def text_of(self, rule):
        """A rule as nft writes it, for messages."""
        if rule.count("/") != 2:
            return ""
        family, table, chain, handle = re.split("[/#]", rule)
        listed = inside("nft", "-a", "list", "table", family, table).stdout
        found = re.search(rf"^\t\t(.*) # handle {handle}$", listed[listed.find(f"chain {chain} ") :], re.M)
        return found.group(1) if found else ""

    def counters_nft(self):
        ruleset = json.loads(must("ip", "netns", "exec", FIREWALL, "nft", "-j", "list", "ruleset"))
        counted = {}
        for item in ruleset["nftables"]:
            rule = item.get("rule")
            if rule and re.fullmatch(r"[tn]\d*", rule["table"]):
                name = f"{rule['family']}/{rule['table']}/{rule['chain']}#{rule['handle']}"
                counts = [s["counter"]["packets"] for s in rule["expr"] if "counter" in s]
                counted[name] = counts[0] if counts else None
        return ruleset, counted

    def check_nft(self, seed, count):
        rng = random.Random(f"nft {seed}")
        hook = "input" if rng.random() < 0.15 else "forward"
        ruleset = rulesets.Nft(rng, hook)
        text = ruleset.text()
        inside("nft", "flush", "ruleset")
        # A line that nft refuses (an unlucky combination) is left out.
        for _ in range(120):
            loaded = inside("nft", "-f", "-", input=text)
            if loaded.returncode == 0:
                break
            line = re.search(r"/dev/stdin:(\d+)", loaded.stderr)
            if not line:
                raise RuntimeError(f"nft: {loaded.stderr}\n{text}")
            lines = text.split("\n")
            lines[int(line.group(1)) - 1] = ""
            text = "\n".join(lines)
            self.figures["refused"] += 1
        else:
            raise RuntimeError(f"nft refuses:\n{text}")
        before, _ = self.counters_nft()
        versions = {"ip": [4], "ip6": [6]}.get(ruleset.family, [4, 6])
        flows = rulesets.flows(rng, count, versions, ruleset.sides, ruleset.tracked, self.seen, ruleset.several)
        self.targets = ruleset.targets
        self.send(flows)
        _, counted = self.counters_nft()
        came = self.drain()
        file = self.path("rules.json", json.dumps(before))
        chain = "-" if ruleset.several else f"{ruleset.family}/t/base"
        judged = self.judge("nft-json", chain, [file], flows, "f1" if hook == "forward" or ruleset.several else "")
        delivered = came if hook == "forward" else None
        title = f"nft ruleset of seed {seed}, " + ("several chains" if ruleset.several else f"hook {hook}")
        self.figures["several"] += ruleset.several
        self.compare(title, judged, flows, counted, delivered, text)
        self.compare_legs(title, "nft-json", chain, [file], text)
        self.compare_listing(title, chain, flows, judged, "f1" if hook == "forward" or ruleset.several else "")

    def compare_listing(self, title, chain, flows, judged, out):
        """What may happen by what nft lists as text against what may by its JSON: it may leave more open, not less."""
        listed = must("ip", "netns", "exec", FIREWALL, "nft", "-a", "list", "ruleset")
        as_listed = self.judge("nft", chain, [self.path("rules.nft", listed)], flows, out)
        for flow, one, other in zip(flows, judged, as_listed):
            verdicts, listed_verdicts = ({end.split("=")[1] for end in of[0].split()} for of in (one, other))
            if not verdicts <= listed_verdicts:
                self.wrong.append(title)
                print(f"DIFFERENT: {title}: {flow}: {one} as JSON, {other} as listed")
                break

    def check_iptables(self, seed, count, kind):
        rng = random.Random(f"iptables {seed}")
        version = rng.choice([4, 4, 6])
        ruleset = rulesets.Iptables(rng, version)
        text = ruleset.text()
        head = "iptables" if version == 4 else "ip6tables"
        inside("nft", "flush", "ruleset")
        for other in ("iptables", "ip6tables"):
            inside(f"{other}-legacy-restore", input=rulesets.EMPTY)
        for _ in range(40):
            loaded = inside(f"{head}-{kind}-restore", input=text)
            if loaded.returncode == 0:
                break
            line = re.search(r"line:? (\d+)", loaded.stderr)
            if not line:
                raise RuntimeError(f"{head}-{kind}-restore: {loaded.stderr}\n{text}")
            lines = text.split("\n")
            if lines[int(line.group(1)) - 1] == "COMMIT":
                raise RuntimeError(f"{head}-{kind}-restore: {loaded.stderr}\n{text}")
            lines[int(line.group(1)) - 1] = "# left out"
            text = "\n".join(lines)
            self.figures["refused"] += 1
        else:
            raise RuntimeError(f"{head}-{kind}-restore refuses:\n{text}")
        before = must("ip", "netns", "exec", FIREWALL, f"{head}-{kind}-save", "-c")
        flows = rulesets.flows(rng, count, [version], ruleset.sides, ruleset.tracked, self.seen, ruleset.several)
        self.targets = ruleset.targets
        self.send(flows)
        after = must("ip", "netns", "exec", FIREWALL, f"{head}-{kind}-save", "-c")
        came = self.drain()
        counted = {}
        for number, line in enumerate(after.splitlines(), 1):
            rule = re.match(r"\[(\d+):\d+\] -A ", line)
            if rule:
                counted[f"rules.save:{number}"] = int(rule.group(1))
        file = self.path("rules.save", before)
        chain = "-" if ruleset.several else "filter/FORWARD"
        self.figures["several"] += ruleset.several
        judged = self.judge("iptables-save", chain, [file], flows)
        title = f"{head} ruleset of seed {seed} ({kind})"
        self.compare(title, judged, flows, counted, came, before)
        self.compare_legs(title, "iptables-save", chain, [file], before)
        if kind == "nft" and not ruleset.several:
            self.compare_translation(title, head, before, flows, judged)

    def compare_translation(self, title, head, saved, flows, judged):
        """The verdicts from iptables-save against those from what iptables itself makes nftables of it."""
        translated = run(f"{head}-restore-translate", "-f", self.path("rules.plain", saved))
        # iptables 1.8.9 leaves out rules that it cannot translate, and loses the `!` of open port ranges.
        rules = translated.stdout.count("\nadd rule ")
        if translated.returncode or rules != saved.count("] -A ") or re.search(r"! --[sd]port (0:|\d+:65535)", saved):
            self.figures["untranslated"] = self.figures.get("untranslated", 0) + 1
            return
        inside("nft", "flush", "ruleset")
        if inside("nft", "-f", "-", input=translated.stdout).returncode:
            self.figures["untranslated"] = self.figures.get("untranslated", 0) + 1
            return
        listed = must("ip", "netns", "exec", FIREWALL, "nft", "-j", "list", "ruleset")
        family = "ip" if head == "iptables" else "ip6"
        file = self.path("translated.json", listed)
        other = self.judge("nft-json", f"{family}/filter/FORWARD", [file], flows)
        self.figures["translated"] = self.figures.get("translated", 0) + 1
        for flow, (ends, *_), (other_ends, *_) in zip(flows, judged, other):
            verdicts, other_verdicts = ({end.split("=")[1] for end in of.split()} for of in (ends, other_ends))
            if (verdicts or other_verdicts) and not verdicts & other_verdicts:
                self.wrong.append(title)
                print(f"DIFFERENT: {title}: {flow}: {ends} as iptables-save, {other_ends} translated")
                break


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--judge", default="target/release/examples/judge-flows", help="the program that judges flows")
    parser.add_argument("--nft", type=int, default=150, help="how many nftables rulesets")
    parser.add_argument("--iptables", type=int, default=30, help="how many iptables rulesets of each kind (nft, legacy)")
    parser.add_argument("--flows", type=int, default=150, help="how many flows a ruleset")
    parser.add_argument("--seed", type=int, default=1, help="number of the first ruleset")
    arguments = parser.parse_args()
    sys.stdout = io.TextIOWrapper(sys.stdout.buffer, line_buffering=True)
    if os.getuid() != 0:
        print("NOT CHECKED against the kernel: namespaces with packets of our own need root")
        return NOT_CHECKED
    if run("sh", "-c", "command -v nft && command -v ip").returncode:
        print("NOT CHECKED against the kernel: nft or ip is missing (apt packages nftables, iproute2)")
        return NOT_CHECKED
    rules_before = run("nft", "list", "ruleset").stdout
    try:
        vlan = set_up()
        if inside("nft", "list", "ruleset").returncode:
            raise RuntimeError("nft does not work in a namespace")
    except RuntimeError as error:
        take_down()
        print(f"NOT CHECKED against the kernel: {error}")
        return NOT_CHECKED
    # Who stops the check does not leave its namespaces behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    started = time.monotonic()
    try:
        lab = Lab(arguments.judge, vlan)
        for seed in range(arguments.seed, arguments.seed + arguments.nft):
            lab.check_nft(seed, arguments.flows)
        for kind in ("nft", "legacy"):
            if inside(f"iptables-{kind}-restore", "--test", input="*filter\n:FORWARD ACCEPT\nCOMMIT\n").returncode:
                print(f"NOT CHECKED: iptables-{kind}-restore does not work here (apt package iptables)")
                continue
            for seed in range(arguments.seed, arguments.seed + arguments.iptables):
                lab.check_iptables(f"{kind} {seed}", arguments.flows, kind)
    finally:
        take_down()
    left = left_behind(rules_before)
    figures = lab.figures
    print(
        f"{figures['rulesets']} rulesets ({figures['several']} with several base chains), {figures['rules']} rules of which {figures['hit']} counted packets, "
        f"{figures['flows']} flows ({figures['ambiguous']} ambiguous, {100 * figures['ambiguous'] / max(figures['flows'], 1):.1f} %; {figures['translations']} translated), {figures['pairs']} pairs of both; "
        f"{figures['legs']} flows captured where they come out ({figures['ambiguous legs']} may be refused or not); "
        f"{figures['refused']} lines refused by the loader; translated {figures.get('translated', 0)}, "
        f"not to be translated {figures.get('untranslated', 0)}; {time.monotonic() - started:.0f} s"
    )
    share = 100 * figures["ambiguous"] / max(figures["flows"], 1)
    if share > MOST_AMBIGUOUS:
        print(f"ABOVE THE MARK: {share:.1f} % of the flows are ambiguous, at most {MOST_AMBIGUOUS} % are asked")
        return 1
    if left:
        print(f"LEFT BEHIND: {left}")
        return 1
    if lab.wrong:
        print(f"DIFFERENT from the kernel: {len(lab.wrong)} rulesets")
        return 1
    print("no rule's counter differs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
