"""Names of `flows --schema` against what others publish of them.

| schema | held against |
|---|---|
| ecs | the types of the npm package @elastic/ecs |
| ocsf | OCSF 1.1.0 in the Python package ocsf-json-schema: class, objects, types, what is required |
| ipfix | IANA's elements in the Python package ipfix, reverse ones by RFC 5103 |
| zeek | the columns and values that Zeek's own tests expect, where PORTSCRIBE_SHARED has them |
| eve | the names in Suricata's documentation, which stand below: no registry has a list |
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ECS, IPFIX = "@elastic/ecs@9.4.0", "ipfix==0.9.7"
# docs.suricata.io, "EVE JSON Format": the common section, and event type flow.
EVE = {
    "timestamp", "flow_id", "in_iface", "event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "icmp_type",
    "icmp_code", "app_proto", "community_id", "flow.pkts_toserver", "flow.pkts_toclient", "flow.bytes_toserver",
    "flow.bytes_toclient", "flow.start", "flow.end", "flow.age", "flow.state",
}
# docs.zeek.org, "conn.log", and the policy script for Community IDs.
ZEEK = {
    "ts": "time", "uid": "string", "id.orig_h": "addr", "id.orig_p": "port", "id.resp_h": "addr", "id.resp_p": "port",
    "proto": "enum", "service": "string", "duration": "interval", "conn_state": "string", "orig_pkts": "count",
    "orig_ip_bytes": "count", "resp_pkts": "count", "resp_ip_bytes": "count", "ip_proto": "count", "community_id": "string",
}


def run(portscribe, *words):
    done = subprocess.run([str(word) for word in [portscribe, *words]], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"portscribe {' '.join(map(str, words))}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def flat(record, before=""):
    """The names of a record, with points for objects."""
    for key, value in record.items():
        if isinstance(value, dict) and key != "flag_flows":
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def foreign(records):
    """Every name in records that is not our own, with a value."""
    return {name: value for record in records for name, value in flat(record) if not name.startswith("portscribe.")}


def of_types(text):
    """The names in the types of a package for TypeScript."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    stack, names = [], set()
    for key, opens, closes in re.findall(r"['\"]?([@\w]+)['\"]?\??:\s*(\{)?|(\})", text):
        if closes:
            if stack:
                stack.pop()
        else:
            names.add(".".join([*stack, key]))
            if opens:
                stack.append(key)
    return names


def ecs(check, names, folder):
    if shutil.which("npm"):
        subprocess.run(["npm", "pack", "--silent", ECS], cwd=folder, capture_output=True, text=True)
    package = next(folder.glob("elastic-ecs-*.tgz"), None)
    if package is None:
        print("NOT CHECKED: names of ECS; npm cannot fetch its types")
        return
    published = set()
    with tarfile.open(package) as archive:
        for member in archive.getmembers():
            if re.fullmatch(r"package/generated/\w+\.ts", member.name):
                of = Path(member.name).stem
                inner = of_types(archive.extractfile(member).read().decode())
                published |= inner if of == "base" else {f"{of}.{name}" for name in inner}
    missing = sorted(set(names) - published)
    check("names of ECS are in @elastic/ecs", not missing and len(published) > 500, f"{len(names)} of {len(published)}{missing}")
    made_up = "source.nothing_of_the_kind"
    check("a name that ECS does not have would be found", made_up not in published and "source.ip" in published)


def ocsf(check, records):
    import ocsf_json_schema
    path = Path(ocsf_json_schema.__file__).parent / "ocsf" / "1.1.0.json"
    schema = json.loads(path.read_text())
    event = schema["classes"]["network_activity"]
    types = {"integer_t": int, "long_t": int, "timestamp_t": int, "string_t": str, "port_t": int, "ip_t": str, "hostname_t": str}
    faults = []

    def hold(attributes, record, before):
        for name, value in record.items():
            if name not in attributes:
                faults.append(f"{before}{name}: unknown attribute")
                continue
            about = attributes[name]
            if about.get("object_type") and about["type"] == "object_t":
                hold(schema["objects"][about["object_type"]]["attributes"], value, f"{before}{name}.")
            elif about["type"] in types and not isinstance(value, types[about["type"]]):
                faults.append(f"{before}{name} is {value!r}, not {about['type']}")
            if "enum" in about and isinstance(value, int) and str(value) not in about["enum"]:
                faults.append(f"{before}{name} is {value}, which it cannot be")
        for name, about in attributes.items():
            # Profiles require attributes of their own where they are applied.
            if about["requirement"] == "required" and not about.get("profile") and name not in record and name not in (
                    "cloud", "action_id"):
                faults.append(f"{before}{name} is missing")

    for record in records:
        if "time" in record:
            hold(event["attributes"], {key: value for key, value in record.items() if key != "portscribe"}, "")
    check("records of OCSF are of class network_activity 1.1.0", not faults and len(records) > 100,
          f"{len(records)} records; {sorted(set(faults))[:4]}")


def ipfix(check, names, folder):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest",
                    folder, IPFIX], capture_output=True, text=True)
    package = next(folder.glob("ipfix-*.tar.gz"), None)
    if package is None:
        print("NOT CHECKED: names of IPFIX; pip cannot fetch its elements")
        return
    with tarfile.open(package) as archive:
        member = next(one for one in archive.getmembers() if one.name.endswith("/iana.iespec"))
        elements = dict(re.findall(r"^(\w+)\((\d+)\)", archive.extractfile(member).read().decode(), re.M))
    elements |= {f"reverse{name[0].upper()}{name[1:]}": number for name, number in elements.items()}
    missing = sorted(set(names) - set(elements))
    check("names of IPFIX are IANA's elements", not missing, f"{len(names)} of {len(elements)}{missing}")


def zeek(check, portscribe, captures):
    log = run(portscribe, "flows", *captures, "--quiet", "--schema", "zeek", "--format", "tsv", "--protocols", "all").splitlines()
    fields = next(line for line in log if line.startswith("#fields")).split("\t")[1:]
    kinds = next(line for line in log if line.startswith("#types")).split("\t")[1:]
    of = {name: kind for name, kind in zip(fields, kinds) if not name.startswith("portscribe.")}
    check("columns and types of Zeek's log are those of conn.log", of == ZEEK, f"{len(of)} columns")
    rows = [dict(zip(fields, line.split("\t"))) for line in log if not line.startswith("#")]
    check("every row of Zeek's log has all cells", all(len(row) == len(fields) for row in rows) and rows, f"{len(rows)} rows")
    shared = Path(os.environ.get("PORTSCRIBE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
    oracle = shared / "oracle" / "zeek-conn.tsv"
    if not oracle.exists():
        print("NOT CHECKED: values of Zeek's log; PORTSCRIBE_SHARED holds no expected ones")
        return
    lines = oracle.read_text().splitlines()
    header = lines[0].split("\t")
    expected = [dict(zip(header, line.split("\t"))) for line in lines[1:]]
    names = {"orig_h": "id.orig_h", "orig_p": "id.orig_p", "resp_h": "id.resp_h", "resp_p": "id.resp_p"}
    missing = [name for name in header if names.get(name, name) not in ZEEK and name not in ("capture", "tunnel_parents")]
    check("columns that Zeek's tests expect are there", not missing, f"{len(header) - 2}{missing}")
    found = same = counted = 0
    for capture in sorted({row["capture"] for row in expected}):
        path = shared / "captures" / "zeek" / capture
        if not path.exists():
            continue
        ours = run(portscribe, "flows", path, "--quiet", "--schema", "zeek", "--format", "ndjson", "--protocols", "all",
                   "--layers", "all")
        ours = [json.loads(line) for line in ours.splitlines()]
        ends = ("id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
        of_ends = {(row["proto"], *(str(row[end]) for end in ends)): row for row in ours}
        for row in (row for row in expected if row["capture"] == capture and row["tunnel_parents"] == "-"):
            counted += 1
            key = (row["proto"], row["orig_h"], row["orig_p"].split("/")[0], row["resp_h"], row["resp_p"].split("/")[0])
            if key in of_ends:
                found += 1
                same += of_ends[key]["conn_state"] == row["conn_state"]
    check("connections that Zeek's tests expect are there, under its names", counted and found / counted >= 0.9,
          f"{found} of {counted}, {same} with the same conn_state")


def check_all(check, portscribe, captures, environment):
    """Every schema, on captures that have all that it can show."""
    captures = captures[:40]

    def records(schema):
        words = ["--quiet", "--schema", schema, "--format", "ndjson", "--protocols", "all", "--names"]
        return [json.loads(line) for line in run(portscribe, "flows", *captures, *words).splitlines()]

    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        ecs(check, foreign(records("ecs")), folder)
        ocsf(check, records("ocsf"))
        ipfix(check, foreign(records("ipfix")), folder)
        eve = set(foreign(records("eve")))
        check("names of EVE are in Suricata's documentation", eve == EVE, f"{len(eve)}{sorted(eve ^ EVE)}")
        zeek(check, portscribe, captures)
