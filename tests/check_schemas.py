#!/usr/bin/env python3
"""Holds every result in JSON and NDJSON against the JSON Schema that `portscribe schema` prints.

    check_schemas.py --portscribe PROGRAM FOLDER...

Each capture below the folders goes through `flows`, `packets` and every `summary`; the registry
is asked for what it has. Ends with status 1 and the first faults when something does not fit.
"""
import argparse
import json
import pathlib
import subprocess
import sys

import jsonschema

CAPTURES = {".pcap", ".pcapng", ".cap", ".gz", ".zst"}
BY = ["service", "port", "server", "client", "pair", "status", "range", "transport", "hour"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    args = parser.parse_args()

    def run(*words):
        done = subprocess.run([args.portscribe, *map(str, words)], capture_output=True)
        if done.returncode not in (0, 1, 3):
            sys.exit(f"{words}: status {done.returncode}: {done.stderr.decode()}")
        return done.stdout.decode()

    def validator(*words):
        schema = json.loads(run("schema", *words))
        jsonschema.Draft202012Validator.check_schema(schema)
        formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
        return jsonschema.Draft202012Validator(schema, format_checker=formats)

    faults, checked = [], 0

    def check(kind, *words):
        nonlocal checked
        note(words, validators[kind].iter_errors(json.loads(run(*words, "-q", "--format", "json"))))
        for line in run(*words, "-q", "--format", "ndjson").splitlines()[:2000]:
            note(words, rows[kind].iter_errors(json.loads(line)))
        checked += 1

    def note(words, errors):
        for error in errors:
            faults.append(f"{' '.join(map(str, words))}: {error.json_path}: {error.message[:300]}")

    kinds = ["flows", "packets", "summary", "lookup", "registry-list", "registry-info", "registry-check",
             "registry-diff", "words", "diff"]
    validators = {kind: validator(kind) for kind in kinds}
    rows = {kind: validator(kind, "--ndjson") for kind in kinds}
    validator("review")
    explained = validator("explain")

    captures = sorted(path for folder in args.folders for path in folder.rglob("*") if path.suffix in CAPTURES)
    if not captures:
        sys.exit("no captures")
    for capture in captures:
        check("flows", "flows", capture)
        check("packets", "packets", "--layers", "all", capture)
        for by in BY:
            check("summary", "summary", "--by", by, capture)
        words = ["explain", capture, "--flow", "1", "-q", "--format", "json"]
        text = run(*words)
        if text:
            note(words, explained.iter_errors(json.loads(text)))
    for old, new in zip(captures, captures[1:]):
        check("diff", "diff", old, new)
    for kind in ["flag", "status", "state", "finding"]:
        check("words", "explain", kind)
    check("flows", "flows", captures[0], "--port", "1")
    for query in ["443", "80/udp", "6000-6063", "https", "x11", "43500", "0", "65535/sctp", "nothing-like-it"]:
        check("lookup", "lookup", query)
    check("lookup", "lookup", "--search", "flow info export")
    check("registry-list", "registry", "search", "transport")
    check("registry-info", "registry", "info")
    check("registry-check", "registry", "check")
    check("registry-diff", "registry", "diff", "bundled", "bundled")
    for fault in faults[:20]:
        print(fault)
    print(f"{checked} results of {len(captures)} captures and the registry, {len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
