#!/usr/bin/env python3
"""Holds reviews of a firewall that translates against the kernel.

    check_nat.py --portscribe FILE

A firewall between an office, a machine room and the outside, in network namespaces that are taken away at
the end: it publishes services by dnat and a map, masquerades the office, and filters in two other tables what it
passes on, takes in and sends; then with Docker's tables, which translate what is for the machine itself and filter
what is passed on beside the firewall's own chain. Real clients use it and try what is refused, while each of its interfaces and all
of them are captured; with translation, and without. Then, by captures of one side, of two, of all and of `any`,

- each rule that the review calls hit for certain was counted as often by the kernel, and no rule that the
  kernel counted is called not seen; no service that answered is said to be denied;
- the proposed rules are loaded beside the same translation: what was in use still is, and what was
  refused stays refused.

Exit status: 0 equal; 1 different; 77 not checked, since there are no namespaces or no nft here.
"""
import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TAG = f"psn{os.getpid()}"
NOT_CHECKED = 77
OFFICE, ROOM, OUTSIDE, FIREWALL = (f"{TAG}-{name}" for name in ("office", "room", "out", "fw"))
OWN = "10.20.0.1,10.20.1.1,203.0.113.1"

NAT = """table ip nat {
  map published { type inet_service : ipv4_addr . inet_service; elements = { 8080 : 10.20.1.10 . 80, 2222 : 10.20.1.11 . 22 } }
  chain pre { type nat hook prerouting priority dstnat; policy accept;
    iifname "out" ip daddr 203.0.113.1 tcp dport 443 counter dnat to 10.20.1.10:8443 comment "publish"
    iifname "out" ip daddr 203.0.113.1 dnat ip to tcp dport map @published comment "published"
  }
  chain post { type nat hook postrouting priority srcnat; policy accept;
    oifname "out" ip saddr 10.20.0.0/24 counter masquerade comment "masquerade"
  }
}
"""
FILTER = """table inet fw {
  set knocked { type ipv4_addr; flags timeout,dynamic; timeout 5m; }
  chain forward { type filter hook forward priority filter; policy drop;
    ct state established,related accept
    meta mark 0x42 counter accept comment "marked"
    ip saddr @knocked tcp dport 9999 counter accept comment "knocked"
    ip daddr 10.20.1.10 tcp dport 8443 counter accept comment "web"
    ip daddr 10.20.1.10 tcp dport 80 counter accept comment "other web"
    ip daddr 10.20.1.11 tcp dport 22 counter accept comment "ssh"
    ip saddr 10.20.0.0/24 ip daddr 203.0.113.0/24 tcp dport { 80, 443 } counter accept comment "web out"
    ip saddr 10.20.0.0/24 ip daddr 203.0.113.0/24 udp dport 53 counter accept comment "dns out"
    ip saddr 10.20.0.0/24 ip daddr 10.20.1.0/24 tcp dport 3306 counter accept comment "mysql"
    counter reject comment "rest"
  }
}
"""
OTHERS = """table inet early {
  set banned { type ipv4_addr; flags timeout; timeout 1h; elements = { 203.0.113.11 } }
  chain pre { type filter hook prerouting priority raw; policy accept;
    ip saddr @banned tcp dport 8080 counter drop comment "banned"
  }
  chain input { type filter hook input priority filter; policy drop;
    ct state established,related accept
    iifname "lo" accept
    tcp dport 2200 counter accept comment "administration"
    counter drop comment "rest to the firewall"
  }
  chain output { type filter hook output priority filter; policy drop;
    ct state established,related accept
    tcp dport 80 counter accept comment "updates"
    counter drop comment "rest from the firewall"
  }
}
"""
# As Docker writes its tables: translation of what is for the machine itself, and a chain of the hook forward beside the
# firewall's own that drops what it does not name.
DOCKER = """table ip nat {
  chain DOCKER {
    iifname "room" return
    tcp dport 8080 counter dnat to 10.20.1.10:80 comment "container, web"
    tcp dport 443 counter dnat to 10.20.1.10:8443 comment "container, TLS"
  }
  chain PREROUTING { type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local counter jump DOCKER
  }
  chain POSTROUTING { type nat hook postrouting priority srcnat; policy accept;
    oifname "out" ip saddr 10.20.0.0/24 counter masquerade comment "masquerade"
  }
}
table ip filter {
  chain DOCKER-USER {
    counter return comment "user"
  }
  chain DOCKER {
    ip daddr 10.20.1.10 iifname != "room" oifname "room" tcp dport 80 counter accept comment "container, web"
    ip daddr 10.20.1.10 iifname != "room" oifname "room" tcp dport 8443 counter accept comment "container, TLS"
  }
  chain FORWARD { type filter hook forward priority filter; policy drop;
    counter jump DOCKER-USER
    ct state established,related accept
    oifname "room" counter jump DOCKER
    iifname "office" oifname "out" udp dport 53 counter accept comment "names"
    iifname "office" oifname "out" tcp dport 80 ip saddr != 10.20.0.11 counter accept comment "web of most"
  }
}
"""
ZONES = """zone,cidr,comment,trust
office,10.20.0.0/24,,internal
room,10.20.1.0/24,,dmz
front,203.0.113.1/32,,dmz
outside,203.0.113.0/24,,external
"""
SERVE = """
import socket, sys, threading
def answer(connection):
    with connection:
        try:
            if connection.recv(100): connection.sendall(b"hello")
        except OSError: pass
def tcp(address, port):
    server = socket.create_server((address, port))
    while True: threading.Thread(target=answer, args=server.accept()[:1], daemon=True).start()
def udp(address, port):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); server.bind((address, port))
    while True:
        data, peer = server.recvfrom(2000); server.sendto(data[::-1], peer)
for word in sys.argv[1:]:
    kind, address, port = word.split("/")
    threading.Thread(target={"tcp": tcp, "udp": udp}[kind], args=(address, int(port)), daemon=True).start()
print("serving", flush=True)
threading.Event().wait()
"""
TALK = """
import socket, sys
for word in sys.argv[1:]:
    kind, client, server, port = word.split("/")
    with socket.socket(socket.AF_INET, {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}[kind]) as talk:
        talk.settimeout(0.7)
        try:
            talk.bind((client, 0)); talk.connect((server, int(port))); talk.send(b"GET / ")
            said = "answered" if talk.recv(100) else "closed"
        except OSError: said = "refused"
    print(word, said, flush=True)
"""
SERVERS = {
    ROOM: ["tcp/10.20.1.10/8443", "tcp/10.20.1.10/80", "tcp/10.20.1.11/22", "tcp/10.20.1.10/9999"],
    OUTSIDE: ["tcp/203.0.113.80/80", "tcp/203.0.113.80/25", "udp/203.0.113.80/53"],
    FIREWALL: ["tcp/10.20.0.1/2200", "tcp/10.20.0.1/2300"],
}
CLIENTS = {
    OFFICE: [
        "tcp/10.20.0.10/203.0.113.80/80", "tcp/10.20.0.11/203.0.113.80/80", "udp/10.20.0.10/203.0.113.80/53",
        "tcp/10.20.0.10/203.0.113.80/25", "tcp/10.20.0.10/10.20.1.10/80", "tcp/10.20.0.10/10.20.1.10/3306",
        "tcp/10.20.0.11/10.20.1.10/9999", "tcp/10.20.0.10/10.20.0.1/2200", "tcp/10.20.0.10/10.20.0.1/2300",
    ],
    FIREWALL: ["tcp/203.0.113.1/203.0.113.80/80", "tcp/203.0.113.1/203.0.113.80/25"],
}
PUBLISHED = [
    "tcp/203.0.113.10/203.0.113.1/443", "tcp/203.0.113.11/203.0.113.1/443", "tcp/203.0.113.10/203.0.113.1/8080",
    "tcp/203.0.113.10/203.0.113.1/2222", "tcp/203.0.113.11/203.0.113.1/8080",
]
ROUTED = [
    "tcp/203.0.113.10/10.20.1.10/8443", "tcp/203.0.113.11/10.20.1.10/8443", "tcp/203.0.113.10/10.20.1.11/22",
    "tcp/203.0.113.11/10.20.1.10/8080", "tcp/203.0.113.10/10.20.1.10/25",
]
SIDES = ["office", "room", "out"]

failures = 0
background = []


def check(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'FAIL'}  {what}{f': {detail}' if detail else ''}", flush=True)


def run(*command, **options):
    options.setdefault("check", True)
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, **options)


def inside(namespace, *command, **options):
    return run("ip", "netns", "exec", namespace, *command, **options)


def start(namespace, *command, ready):
    process = subprocess.Popen(["ip", "netns", "exec", namespace, *map(str, command)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    background.append(process)
    while ready not in (line := process.stdout.readline()):
        if not line:
            raise RuntimeError(f"{command[0]} ended before it was ready")
    return process


def set_up():
    for namespace in (OFFICE, ROOM, OUTSIDE, FIREWALL):
        run("ip", "netns", "add", namespace)
        for family in ("all", "default"):
            inside(namespace, "sysctl", "-qw", f"net.ipv6.conf.{family}.disable_ipv6=1")
        run("ip", "-n", namespace, "link", "set", "lo", "up")
    for namespace, device, network, hosts in (
        (OFFICE, "office", "10.20.0", (10, 11)), (ROOM, "room", "10.20.1", (10, 11)),
        (OUTSIDE, "out", "203.0.113", (10, 11, 80)),
    ):
        run("ip", "-n", namespace, "link", "add", "eth0", "type", "veth", "peer", "name", device, "netns", FIREWALL)
        for host in hosts:
            run("ip", "-n", namespace, "address", "add", f"{network}.{host}/24", "dev", "eth0")
        run("ip", "-n", FIREWALL, "address", "add", f"{network}.1/24", "dev", device)
        for place, link in ((namespace, "eth0"), (FIREWALL, device)):
            run("ip", "-n", place, "link", "set", link, "up")
        run("ip", "-n", namespace, "route", "add", "default", "via", f"{network}.1")
    inside(FIREWALL, "sysctl", "-qw", "net.ipv4.ip_forward=1")


def take_down():
    for process in background:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait()
    for namespace in (OFFICE, ROOM, OUTSIDE, FIREWALL):
        run("ip", "netns", "delete", namespace, check=False)


def load(*rules):
    inside(FIREWALL, "nft", "flush", "ruleset")
    for text in rules:
        inside(FIREWALL, "nft", "-f", "-", input=text)


def talk(outside):
    clients = {**CLIENTS, OUTSIDE: outside}
    said = [inside(namespace, sys.executable, "-c", TALK, *words).stdout for namespace, words in clients.items()]
    return dict(line.split() for text in said for line in text.splitlines())


def counters(ruleset):
    counted = {}
    for rule in (entry["rule"] for entry in ruleset["nftables"] if "rule" in entry):
        for part in rule["expr"]:
            if isinstance(part, dict) and isinstance(part.get("counter"), dict):
                reference = f"{rule['family']}/{rule['table']}/{rule['chain']}#{rule['handle']}"
                counted[reference] = part["counter"]["packets"]
    return counted


def ruleset(path):
    text = inside(FIREWALL, "nft", "-j", "list", "ruleset").stdout
    path.write_text(text)
    return json.loads(text)


def capture(out):
    """Captures each interface, and all of them."""
    # A snapshot length of 262,144, as by default, leaves eight places in the kernel's ring: packets get lost.
    options = ["-n", "-U", "-s", "2048", "--immediate-mode", "-Z", "root"]
    return [
        start(FIREWALL, "tcpdump", *options, "-i", side, "-w", out / f"{side}.pcap", ready="listening on")
        for side in [*SIDES, "any"]
    ]


def against_the_kernel(out, portscribe, title, tables, outside):
    load(*tables)
    ruleset(out / "before.json")
    captures = capture(out)
    said = talk(outside)
    time.sleep(0.5)
    for one in captures:
        one.send_signal(signal.SIGINT)
        told, _ = one.communicate(timeout=10)
        if "\n0 packets dropped by kernel" not in told:
            check(f"{title}: no packet was lost", False, " ".join(told.split()))
    counted = counters(ruleset(out / "after.json"))
    (out / "zones.csv").write_text(ZONES)
    for view, sides, own in [
        ("any", ["any"], OWN), ("all sides", SIDES, OWN), ("outside", ["out"], OWN), ("office", ["office"], OWN),
        ("room", ["room"], OWN), ("office and outside", ["office", "out"], OWN), ("any, own addresses not named", ["any"], ""),
    ]:
        by_view(out, portscribe, f"{title}, {view}", sides, own, counted, said)
    return said


def by_view(out, portscribe, title, sides, own, counted, said):
    folder = out / title.replace(" ", "-")
    run(portscribe, "review", *(out / f"{side}.pcap" for side in sides), "--zones", out / "zones.csv", "--rules",
        out / "before.json", "--rules-after", out / "after.json", *(["--own", own] if own else []),
        "--iface", "office=office", "--iface", "room=room", "--iface", "out=outside", "--iface", "out=front",
        "--out", folder, "--write", "json,nft", "--quiet")
    review = json.loads((folder / "review.json").read_text())
    not_seen = {one["subject"] for one in review["findings"] if one["id"] == "FR201"}
    is_whole, wrong, certain, perhaps = sides in (SIDES, ["any"]), [], 0, 0
    for rule in review["rules"]:
        reference, flows = rule["reference"], rule["flows"]
        if reference not in counted:
            continue
        packets = counted[reference]
        certain, perhaps = certain + flows["definite"], perhaps + flows["ambiguous"]
        fits = flows["definite"] <= packets and (packets == 0 or reference not in not_seen)
        # Openings in the captures, with those that were sent again, and what the kernel counted.
        openings = rule["counted"]
        fits = fits and openings["packets"] == packets >= openings["captured_least"]
        # What the firewall itself sends and refuses no capture shows; jumps and returns are not looked at, and the
        # review says so.
        if is_whole and rule.get("judged_from", {}).get("side") != "neither" and rule.get("not_looked_at") != "ends-nothing":
            fits = fits and (packets == 0 or flows["definite"] + flows["ambiguous"] > 0)
            fits = fits and (openings["captured_most"] is None or packets <= openings["captured_most"])
        if not fits:
            wrong.append(f"{rule['comment'] or reference}: kernel {packets}, flows {flows['definite']} for certain, "
                         f"{flows['ambiguous']} perhaps, {openings}, {rule.get('not_looked_at')}")
    check(f"{title}: no rule differs from the kernel", not wrong and (certain > 0 or not own),
          "; ".join(wrong) or f"{certain} for certain, {perhaps} perhaps")
    denied = [one["title"] for one in review["findings"] if one["id"] == "FR301" and one["severity"] != "info"]
    check(f"{title}: nothing in use is said to be denied", not denied, "; ".join(denied))
    if is_whole:
        joined = review["coverage"]["joined_legs"]
        translated = any(word in said for word in PUBLISHED)
        check(f"{title}: translated connections count once", (joined > 0) == translated, f"{joined} joined")
    if not own:
        print(f"      own addresses found: {[one['address'] for one in review.get('own_addresses', [])]}")


def closed_loop(out, said, title, nat):
    """The proposed rules beside the same translation."""
    proposed = (out / f"{title}, any".replace(" ", "-") / "review.nft").read_text()
    load(nat, proposed)
    again = talk(PUBLISHED)
    # What the firewall itself takes in and sends is not for rules of what it passes on.
    passed_on = {word: outcome for word, outcome in said.items() if not ({"10.20.0.1", "203.0.113.1"} & {word.split("/")[1]}
                 or word.split("/")[2] == "10.20.0.1")}
    for word, outcome in passed_on.items():
        # A service that nobody offers is refused by its host: no rule is proposed for it.
        check(f"{title}: {word} is {outcome} as before", again.get(word) == outcome, again.get(word, "nothing"))
    published = [line for line in proposed.splitlines() if "published as" in line]
    answered = {tuple(word.split("/")[2:]) for word in PUBLISHED if said[word] == "answered"}
    check(f"{title}: published services are named by their servers behind", len(published) == len(answered),
          f"{len(published)} rules")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", type=Path, required=True)
    options = parser.parse_args()
    missing = [program for program in ("ip", "nft", "tcpdump", "sysctl") if not shutil.which(program)]
    probe = f"{TAG}-probe"
    if missing or run("ip", "netns", "add", probe, check=False).returncode:
        print(f"NOT CHECKED: {'missing: ' + ', '.join(missing) if missing else 'network namespaces need root'}")
        sys.exit(NOT_CHECKED)
    run("ip", "netns", "delete", probe)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        out = Path(folder)
        try:
            set_up()
            for namespace, words in SERVERS.items():
                start(namespace, sys.executable, "-c", SERVE, *words, ready="serving")
            portscribe = options.portscribe.resolve()
            against_the_kernel(out, portscribe, "routed", [FILTER, OTHERS], ROUTED)
            said = against_the_kernel(out, portscribe, "translated", [NAT, FILTER, OTHERS], PUBLISHED)
            closed_loop(out, said, "translated", NAT)
            said = against_the_kernel(out, portscribe, "beside Docker", [DOCKER, FILTER, OTHERS], PUBLISHED)
            check("beside Docker: the second table refuses", said["tcp/10.20.0.11/203.0.113.80/80"] == "refused"
                  and said["tcp/203.0.113.10/203.0.113.1/8080"] == "answered", str(said))
            closed_loop(out, said, "beside Docker", DOCKER[:DOCKER.index("table ip filter")])
        except subprocess.CalledProcessError as error:
            print(f"{' '.join(map(str, error.cmd[:8]))}: {error.stderr or error.stdout}")
            raise
        finally:
            take_down()
    if TAG in run("ip", "netns", "list").stdout:
        check("nothing is left behind", False)
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
