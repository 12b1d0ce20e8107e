#!/usr/bin/env python3
"""Compares which rules we say that earlier ones cover with what Aerleon's own check says.

Random small policies of addresses, protocols and ports are given to `aclgen --shade_check` and, as
rules of nftables, to us. Aerleon looks at pairs of rules: whatever it names must be covered for us, and
what one rule covers for us must be named by it. What several rules cover together only we see.

Exit status: 0 equal; 1 different; 77 not checked, since there is no aclgen here.
"""
import argparse
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

NOT_CHECKED = 77
NETWORKS = {
    "ALL10": "10.0.0.0/8", "NET1": "10.1.0.0/16", "NET1A": "10.1.1.0/24", "NET2": "10.2.0.0/16",
    "HOST1": "10.1.1.1/32", "HOST2": "10.2.0.2/32", "HALF": "10.1.0.0/17",
}  # fmt: skip
PORTS = {"P22": (22, 22), "P80": (80, 80), "LOW": (1, 1024), "WEB": (80, 90), "HIGH": (1025, 65535), "SOME": (20, 85)}


def policy(rng, number):
    """Terms: name, protocols, networks of both sides, ports, and whether it accepts."""
    terms = []
    for place in range(rng.randint(3, 9)):
        # Aerleon 1.18.0 has the sides of its comparison of protocols the wrong way round: for it a term
        # for UDP shades one for TCP and UDP. With one protocol each, both ways are the same.
        protocols = [rng.choice(["tcp", "tcp", "udp"])]
        some = lambda names, most: sorted(rng.sample(sorted(names), rng.randint(1, most)))
        source = some(NETWORKS, 2) if rng.random() < 0.7 else []
        destination = some(NETWORKS, 2) if rng.random() < 0.7 else []
        ports = some(PORTS, 2) if rng.random() < 0.8 else []
        terms.append((f"p{number}t{place}", protocols, source, destination, ports, rng.random() < 0.6))
    return terms


def yaml(terms):
    lines = ["filters:", "  - header: {targets: {nftables: inet forward DROP}}", "    terms:"]
    for name, protocols, source, destination, ports, accepts in terms:
        words = [f"name: {name}", f"protocol: [{', '.join(protocols)}]", f"action: {'accept' if accepts else 'deny'}"]
        for of, values in (("source-address", source), ("destination-address", destination), ("destination-port", ports)):
            if values:
                words.append(f"{of}: [{', '.join(values)}]")
        lines.append(f"      - {{{', '.join(words)}}}")
    return "\n".join(lines) + "\n"


def match(left, elements):
    return {"match": {"op": "==", "left": left, "right": {"set": elements}}}


def nft(terms):
    objects = [{"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "forward", "prio": 0, "policy": "drop"}}]
    for place, (_, protocols, source, destination, ports, accepts) in enumerate(terms):
        statements = [match({"meta": {"key": "l4proto"}}, protocols)]
        for field, names in (("saddr", source), ("daddr", destination)):
            if names:
                nets = [NETWORKS[name].split("/") for name in names]
                elements = [{"prefix": {"addr": address, "len": int(length)}} for address, length in nets]
                statements.append(match({"payload": {"protocol": "ip", "field": field}}, elements))
        if ports:
            elements = [{"range": list(PORTS[name])} for name in ports]
            statements.append(match({"payload": {"protocol": "th", "field": "dport"}}, elements))
        statements.append({"accept" if accepts else "drop": None})
        objects.append({"rule": {"family": "ip", "table": "t", "chain": "c", "handle": place, "expr": statements}})
    return json.dumps({"nftables": objects})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--judge", default="target/release/examples/judge-flows", help="the program that judges flows")
    parser.add_argument("--aclgen", default=shutil.which("aclgen"), help="Aerleon's aclgen")
    parser.add_argument("--policies", type=int, default=150)
    arguments = parser.parse_args()
    if not arguments.aclgen or not os.path.exists(arguments.aclgen):
        print("NOT CHECKED against Aerleon: aclgen is missing (pip package aerleon)")
        return NOT_CHECKED
    rng = random.Random(1)
    policies = [policy(rng, number) for number in range(arguments.policies)]
    with tempfile.TemporaryDirectory() as folder:
        for name in ("def", "pol", "out"):
            os.mkdir(os.path.join(folder, name))
        with open(os.path.join(folder, "def", "d.yaml"), "w") as file:
            file.write("networks:\n")
            file.writelines(f"  {name}: {{values: [{{address: {net}}}]}}\n" for name, net in NETWORKS.items())
            file.write("services:\n")
            for name, (first, last) in PORTS.items():
                file.write(f"  {name}: [{{port: {first}-{last}, protocol: tcp}}, {{port: {first}-{last}, protocol: udp}}]\n")
        for number, terms in enumerate(policies):
            with open(os.path.join(folder, "pol", f"p{number}.yaml"), "w") as file:
                file.write(yaml(terms))
        command = [os.path.abspath(arguments.aclgen), "--base_directory", ".", "--definitions_directory", "def", "--output_directory", "out", "--shade_check"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        theirs = {}
        for shaded, by in re.findall(r"(p\d+t\d+) is shaded by (p\d+t\d+)", done.stdout + done.stderr):
            theirs.setdefault(shaded, set()).add(by)
        if done.returncode or not theirs:
            print(f"aclgen ended with status {done.returncode} and named no shaded term:\n{done.stderr[-2000:]}")
            return 1
        wrong, terms_seen, union = [], 0, 0
        for number, terms in enumerate(policies):
            terms_seen += len(terms)
            path = os.path.join(folder, "rules.json")
            with open(path, "w") as file:
                file.write(nft(terms))
            output = subprocess.run([arguments.judge, "nft-json", "--covered", path], capture_output=True, text=True, check=True)
            ours = {}
            for line in output.stdout.splitlines():
                rule, by, verdict = line.split("\t")
                name = lambda reference: f"p{number}t{reference.split('#')[1]}"
                ours[name(rule)] = ([name(one) for one in by.split(" ")], verdict)
            accepts = {name: accept for name, _, _, _, _, accept in terms}
            for name, *_ in terms:
                by, verdict = ours.get(name, ([], ""))
                union += len(by) > 1
                if name in theirs and not by:
                    wrong.append(f"{name} is shaded by {sorted(theirs[name])} for Aerleon, not covered for us")
                if len(by) == 1 and by[0] not in theirs.get(name, ()):
                    wrong.append(f"{name} is covered by {by[0]} for us, by {sorted(theirs.get(name, []))} for Aerleon")
                if by and (verdict == "same") != all(accepts[one] == accepts[name] for one in by):
                    wrong.append(f"{name} covered by {by}: verdict {verdict}")
    print(f"{len(policies)} policies, {terms_seen} terms, {len(theirs)} shaded for Aerleon; {union} that several cover together")
    for line in wrong[:10]:
        print(f"DIFFERENT: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
