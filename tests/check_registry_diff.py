#!/usr/bin/env python3
"""Counts what changed between two editions of IANA's registry (XML), knowing nothing of portscribe.

Usage: check_registry_diff.py OLD.xml NEW.xml

Prints a JSON object: rows added, removed and changed (same name, port and transport, other cells),
and ports by what became of them.
"""
import collections
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://www.iana.org/assignments}"
TRANSPORTS = ("tcp", "udp", "sctp", "dccp")
WITHDRAWN = ("de-registered", "deregistered", "removed", "deprecated", "de-commissioned", "decommissioned",
             "decomissioned", "de-assigned", "deassigned", "withdrawn")
SECOND = ("is an alias", "duplicate of", "is now historic", "no longer in use", "historic, not usable")


def squeezed(element):
    if element is None:
        return ""
    # Only xrefs within a text carry what they say in an attribute.
    parts = [element.text or ""]
    for child in element:
        parts += [" ", child.get("data") or "", squeezed(child), " ", child.tail or ""]
    return " ".join("".join(parts).split())


def read(path):
    rows = []
    for record in ElementTree.parse(path).getroot().findall(NAMESPACE + "record"):
        cells = {part: squeezed(record.find(NAMESPACE + part))
                 for part in ("name", "number", "protocol", "description", "sc", "unauthorized", "note")}
        people, references = [], []
        for xref in record.findall(NAMESPACE + "xref"):
            (people if xref.get("type") == "person" else references).append(
                (xref.get("data") or "", squeezed(xref)))
        holder = record.find(NAMESPACE + "assignee")
        holders = people if holder is None else [(x.get("data") or "", squeezed(x)) for x in holder]
        # Line breaks may change where no word does, and the file's own differ from its CSV's.
        rows.append((cells["name"], cells["number"], cells["protocol"], cells["description"], tuple(holders),
                     tuple(people), record.get("date") or "", record.get("updated") or "", tuple(references),
                     cells["sc"], cells["unauthorized"], cells["note"]))
    return rows


def kind(row):
    name, text = row[0], row[3].lower().lstrip("(")
    first = re.match(r"[\w-]*", text).group()
    if any(text == word if name else first == word or text.startswith(word) for word in WITHDRAWN):
        return "withdrawn"
    if re.match(r"reserved\b", text):
        return "reserved"
    if not name and (not text or re.match(r"unassigned\b", text)):
        return "unassigned"
    return "registered"


def said(rows):
    """Status and primary name of every port of every transport."""
    at = collections.defaultdict(list)
    for row in rows:
        if not row[1]:
            continue
        low, _, high = row[1].partition("-")
        for transport in (row[2],) if row[2] else TRANSPORTS:
            for port in range(int(low), int(high or low) + 1):
                at[transport, port].append(row)
    table = {}
    for port in range(65536):
        kinds = {t: {kind(row) for row in at[t, port]} for t in TRANSPORTS}
        for transport in TRANSPORTS:
            here = kinds[transport]
            name = None
            if "registered" in here:
                status = "registered"
                rows_here = [row for row in at[transport, port] if kind(row) == "registered"]
                first = [row for row in rows_here if not any(word in row[11].lower() for word in SECOND)]
                name = (first or rows_here)[0][0] or None
            elif "withdrawn" in here:
                status = "withdrawn"
            elif "reserved" in here:
                status = "reserved"
            elif port >= 49152:
                status = "dynamic"
            elif not here and port == 0:
                status = "reserved"
            elif not here and any("registered" in kinds[t] for t in TRANSPORTS if t != transport):
                status = "other-transport"
            else:
                status = "unassigned"
            table[transport, port] = status, name
    return table


def main():
    old, new = read(sys.argv[1]), read(sys.argv[2])
    left = collections.defaultdict(list)
    for row in old:
        left[row[:3]].append(row)
    added = changed = 0
    for row in new:
        if left[row[:3]]:
            changed += left[row[:3]].pop(0) != row
        else:
            added += 1
    ports = collections.Counter()
    before, after = said(old), said(new)
    for place, was in before.items():
        now = after[place]
        if was != now:
            ports[{(False, True): "registered", (True, False): "no-longer-registered", (True, True): "renamed",
                   (False, False): "status"}[was[0] == "registered", now[0] == "registered"]] += 1
    print(json.dumps({"rows_added": added, "rows_removed": sum(map(len, left.values())), "rows_changed": changed,
                      "ports": {effect: ports[effect] for effect in
                                ("registered", "no-longer-registered", "renamed", "status")}}))


if __name__ == "__main__":
    main()
