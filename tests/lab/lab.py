#!/usr/bin/env python3
"""A firewall between networks, in network namespaces of its own: real servers, real clients, the
kernel's own filter.

    lab.py OUT [--rules FILE.nft | --iptables FILE4 FILE6]

                              [users]    192.0.2.10 .11 .12 .66, 2001:db8:1::10
                                 |
    [branch] == VLAN 30 == [firewall] -- [servers]     198.51.100.20 .53, 2001:db8:2::20
    203.0.113.10                 |
    2001:db8:4::10               +------ [signalling]  198.51.100.202 (SCTP)

Between 192.0.2.12 and 198.51.100.20 runs a VXLAN tunnel. The rules are `ruleset.nft` beside this
file if no others are given. OUT gets

    users.pcap trunk.pcap                    what passed the links to the users and the branch
    before.json after.json                   `nft -j list ruleset`; after.json has the counters
    outcomes.jsonl                           what each client saw, and who got through to the logs

Needs root, ip, nft, tcpdump, and for SCTP the programs of usrsctp. Exit status: 0 done, 77 this
machine has no namespaces (said on standard error), 1 something failed.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENDS = HERE / "ends.py"
USRSCTP = Path("/usr/lib/usrsctp")
VLAN = 30


class Lab:
    def __init__(self, out):
        self.out = out
        self.prefix = f"pslab{os.getpid()}-"
        self.namespaces = []
        self.processes = []

    def run(self, *command, **options):
        options.setdefault("check", True)
        return subprocess.run([str(word) for word in command], text=True, **options)

    def inside(self, namespace, *command):
        return ["ip", "netns", "exec", self.prefix + namespace, *[str(word) for word in command]]

    def at(self, namespace, *command, **options):
        return self.run(*self.inside(namespace, *command), **options)

    def ip(self, namespace, *command):
        self.run("ip", "-n", self.prefix + namespace, *command)

    def start(self, namespace, *command, ready=None, **options):
        """A program in the background; waits for the line that says it is ready."""
        process = subprocess.Popen(
            self.inside(namespace, *command), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, **options,
        )
        self.processes.append(process)
        while ready:
            line = process.stdout.readline()
            if not line:
                sys.exit(f"{' '.join(map(str, command))} ended before it was ready")
            if ready in line:
                break
        return process

    def namespace(self, name):
        self.run("ip", "netns", "add", self.prefix + name)
        self.namespaces.append(name)
        self.at(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_ra=0", "net.ipv6.conf.default.accept_dad=0",
                "net.ipv6.conf.default.router_solicitations=0")
        self.ip(name, "link", "set", "lo", "up")

    def cable(self, a, device_a, b, device_b, mtu=1500):
        self.run("ip", "link", "add", device_a, "netns", self.prefix + a, "mtu", mtu, "type", "veth",
                 "peer", "name", device_b, "netns", self.prefix + b, "mtu", mtu)
        for namespace, device in ((a, device_a), (b, device_b)):
            # Packets of the size and with the checksums that a wire would carry.
            if shutil.which("ethtool"):
                self.at(namespace, "ethtool", "-K", device, "tx", "off", "tso", "off", "gso", "off", "gro", "off",
                        check=False, capture_output=True)
            self.ip(namespace, "link", "set", device, "up")

    def addresses(self, namespace, device, *addresses):
        for address in addresses:
            self.ip(namespace, "address", "add", address, "dev", device, *(["nodad"] if ":" in address else []))

    def build(self):
        for name in ("users", "branch", "firewall", "servers", "signalling"):
            self.namespace(name)
        self.cable("users", "eth0", "firewall", "users")
        self.cable("servers", "eth0", "firewall", "servers")
        self.cable("signalling", "eth0", "firewall", "signalling")
        # Room for a tag beside a full frame.
        self.cable("branch", "trunk", "firewall", "trunk", mtu=1504)
        for namespace in ("branch", "firewall"):
            self.at(namespace, "sysctl", "-qw", "net.ipv6.conf.trunk.disable_ipv6=1")
            self.ip(namespace, "tuntap", "add", "branch", "mode", "tap")
            self.ip(namespace, "link", "set", "branch", "up")
            self.start(namespace, sys.executable, ENDS, "tag", "trunk", "branch", VLAN, ready="tagging")
        self.addresses("users", "eth0", *(f"192.0.2.{n}/24" for n in (10, 11, 12, 66)), "2001:db8:1::10/64")
        self.addresses("servers", "eth0", "198.51.100.20/25", "198.51.100.53/25", "2001:db8:2::20/64")
        self.addresses("signalling", "eth0", "198.51.100.202/28")
        self.addresses("branch", "branch", "203.0.113.10/24", "2001:db8:4::10/64")
        self.addresses("firewall", "users", "192.0.2.1/24", "2001:db8:1::1/64")
        self.addresses("firewall", "servers", "198.51.100.1/25", "2001:db8:2::1/64")
        self.addresses("firewall", "signalling", "198.51.100.201/28")
        self.addresses("firewall", "branch", "203.0.113.1/24", "2001:db8:4::1/64")
        for name, gateway, gateway6 in (
            ("users", "192.0.2.1", "2001:db8:1::1"), ("servers", "198.51.100.1", "2001:db8:2::1"),
            ("branch", "203.0.113.1", "2001:db8:4::1"), ("signalling", "198.51.100.201", None),
        ):
            self.ip(name, "route", "add", "default", "via", gateway)
            if gateway6:
                self.ip(name, "-6", "route", "add", "default", "via", gateway6)
        self.at("firewall", "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")

    def overlay(self):
        """The tunnel, last of all: it speaks as soon as it is up, and all of it is to be captured."""
        for name, local, remote, inner in (
            ("users", "192.0.2.12", "198.51.100.20", "2001:db8:9::1/64"),
            ("servers", "198.51.100.20", "192.0.2.12", "2001:db8:9::2/64"),
        ):
            self.ip(name, "link", "add", "overlay", "type", "vxlan", "id", 42, "dstport", 4789,
                    "local", local, "remote", remote)
            self.ip(name, "link", "set", "overlay", "up")
            self.addresses(name, "overlay", inner)

    def load(self, rules, iptables):
        if iptables:
            for program, file in zip(("iptables-restore", "ip6tables-restore"), iptables):
                self.at("firewall", program, file)
        else:
            self.at("firewall", "nft", "-f", rules)

    def counters(self, name):
        ruleset = self.at("firewall", "nft", "-j", "list", "ruleset", stdout=subprocess.PIPE).stdout
        (self.out / name).write_text(ruleset)

    def talk(self):
        outcomes = []
        logs = self.out / "logs.jsonl"
        logs.unlink(missing_ok=True)
        self.start("servers", sys.executable, ENDS, "serve", "servers", logs, ready="serving")
        self.start("users", sys.executable, ENDS, "serve", "users", logs, ready="serving")
        sctp = self.sctp()
        for name in ("users", "branch", "servers"):
            said = self.at(name, sys.executable, ENDS, "talk", name, stdout=subprocess.PIPE).stdout
            outcomes += [json.loads(line) for line in said.splitlines()]
        if sctp:
            said = sctp.communicate(timeout=20)[0]
            outcome = "answered" if "COMM_UP" in said.upper() or "ESTABLISHED" in said.upper() else "TimeoutError"
            outcomes.append({"client": "203.0.113.10", "server": "198.51.100.202", "proto": "sctp", "port": 9,
                             "outcome": outcome})
            (self.out / "sctp.log").write_text(said)
        time.sleep(0.5)
        if logs.exists():
            outcomes += [{**json.loads(line), "outcome": "logged"} for line in logs.read_text().splitlines()]
            logs.unlink()
        lines = "".join(json.dumps(outcome) + "\n" for outcome in outcomes)
        (self.out / "outcomes.jsonl").write_text(lines)

    def sctp(self):
        """A client of usrsctp, which speaks SCTP from user space, over IP itself."""
        if not (USRSCTP / "client").exists():
            print("NOT CHECKED: no SCTP; apt-get install libusrsctp-examples", file=sys.stderr)
            return None
        self.start("signalling", USRSCTP / "discard_server")
        time.sleep(0.5)
        script = ("{ sleep 1; echo 'one line of text'; sleep 1; echo 'and another'; sleep 1; } | "
                  f"timeout 8 {USRSCTP}/client 198.51.100.202 9 0 0 0")
        process = subprocess.Popen(self.inside("branch", "sh", "-c", script), text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT)
        self.processes.append(process)
        return process

    def capture(self):
        return [
            self.start("firewall", "tcpdump", "-n", "-U", "-s", "2048", "--immediate-mode", "-Z", "root", "-i", device,
                       "-w", self.out / f"{device}.pcap", ready="listening on")
            for device in ("users", "trunk")
        ]

    def close(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for name in reversed(self.namespaces):
            self.run("ip", "netns", "delete", self.prefix + name, check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    rules = parser.add_mutually_exclusive_group()
    rules.add_argument("--rules", type=Path, default=HERE / "ruleset.nft")
    rules.add_argument("--iptables", type=Path, nargs=2)
    options = parser.parse_args()
    missing = [program for program in ("ip", "nft", "tcpdump", "sysctl") if not shutil.which(program)]
    probe = f"pslab{os.getpid()}-probe"
    if missing or subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode:
        why = f"missing: {', '.join(missing)}" if missing else "network namespaces need root"
        print(f"NOT CHECKED: the lab cannot run here ({why})", file=sys.stderr)
        sys.exit(77)
    subprocess.run(["ip", "netns", "delete", probe], check=True)
    options.out.mkdir(parents=True, exist_ok=True)
    lab = Lab(options.out.resolve())
    try:
        lab.build()
        lab.load(options.rules, options.iptables)
        lab.counters("before.json")
        captures = lab.capture()
        lab.overlay()
        lab.talk()
        lab.counters("after.json")
        time.sleep(0.5)
        for process in captures:
            process.send_signal(signal.SIGINT)
            process.wait(10)
    finally:
        lab.close()
    left = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    if lab.prefix in left:
        sys.exit(f"namespaces are left: {left}")


if __name__ == "__main__":
    main()
