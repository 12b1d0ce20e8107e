#!/usr/bin/env python3
"""Checks the crates of Cargo.lock against deny.toml, as `cargo deny check licenses bans sources` does.

    tests/check_crates.py [--manifest-path Cargo.toml]

For machines without cargo-deny, which takes minutes to build. What deny.toml says in keys that this script does not
know is an error: nothing is passed over in silence. Advisories need their database, and cargo-deny.
"""

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

KNOWN = {
    "graph": {"all-features"},
    "advisories": {"version", "yanked"},
    "licenses": {"version", "allow", "confidence-threshold"},
    "bans": {"multiple-versions", "wildcards", "allow-wildcard-paths", "skip"},
    "sources": {"unknown-registry", "unknown-git"},
}


def is_allowed(expression, allowed):
    """Whether an SPDX expression can be met with these licences alone. AND binds closer than OR."""
    # Old manifests have a slash for OR.
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def either():
        met = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            met = both() or met
        return met

    def both():
        met = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            met = one() and met
        return met

    def one():
        token = tokens.pop(0)
        if token == "(":
            met = either()
            if not tokens or tokens.pop(0) != ")":
                raise ValueError(expression)
            return met
        if tokens and tokens[0] == "WITH":
            tokens.pop(0)
            token = f"{token} WITH {tokens.pop(0)}"
        return token in allowed

    met = either()
    if tokens:
        raise ValueError(expression)
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--manifest-path", default="Cargo.toml", type=Path)
    manifest = parser.parse_args().manifest_path
    rules = tomllib.loads((manifest.parent / "deny.toml").read_text())
    unknown = [f"{part}.{key}" for part, keys in rules.items() for key in keys if key not in KNOWN.get(part, ())]
    if unknown:
        sys.exit(f"deny.toml: unknown to this script: {', '.join(unknown)}")
    metadata = json.loads(subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked", "--all-features", "--manifest-path", manifest],
        check=True, stdout=subprocess.PIPE).stdout)
    # What has no source lies beside it.
    own = {crate["id"] for crate in metadata["packages"] if crate["source"] is None}
    crates = [crate for crate in metadata["packages"] if crate["id"] not in own]
    # The registry of most crates is the known one: another, or a repository, is for people to decide on.
    registry = Counter(crate["source"] for crate in crates).most_common(1)[0][0]
    faults = [] if registry.startswith("registry+") else [f"source: most crates come from {registry}"]

    allowed = set(rules["licenses"]["allow"])
    used = set()
    for crate in crates:
        name = f"{crate['name']} {crate['version']}"
        license = crate["license"]
        if not license:
            faults.append(f"license: {name} names none")
        elif not is_allowed(license, allowed):
            faults.append(f"license: {name} is under {license}")
        else:
            used |= {one for one in allowed if re.search(rf"(?<![\w.-]){re.escape(one)}(?![\w.-])", license)}
        if crate["source"] != registry:
            faults.append(f"source: {name} comes from {crate['source']}")
    faults += [f"license: {license} is allowed, and no crate needs it" for license in sorted(allowed - used)]

    versions = defaultdict(set)
    for crate in crates:
        versions[crate["name"]].add(crate["version"])
    skipped = {(one["name"], one["version"].removeprefix("=")) for one in rules["bans"].get("skip", [])}
    for name, several in sorted(versions.items()):
        left = {version for version in several if (name, version) not in skipped}
        if len(left) > 1 and rules["bans"]["multiple-versions"] == "deny":
            faults.append(f"duplicate: {name} {', '.join(sorted(several))}")
    for name, version in sorted(skipped):
        if version not in versions[name] or len(versions[name]) == 1:
            faults.append(f"duplicate: {name} {version} is let through, and is no duplicate")

    for crate in metadata["packages"]:
        if crate["id"] in own:
            paths = rules["bans"].get("allow-wildcard-paths", False)
            wild = [need["name"] for need in crate["dependencies"]
                    if need["req"] == "*" and not (paths and need.get("path"))]
            faults += [f"wildcard: any version of {name} will do" for name in wild]

    for fault in faults:
        print(fault)
    print(f"{len(crates)} crates: licences, duplicates and sources checked, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
