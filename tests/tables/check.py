#!/usr/bin/env python3
"""Holds results as Parquet and Arrow against the same results as CSV, in the engines that read them.

    check.py [--portscribe FILE] [--environment FOLDER] [CAPTURE ...]

- DuckDB, Polars and pyarrow read what `flows`, `packets`, `summary` and `registry list` write of each sample and CAPTURE:
  types, values and counts are those of CSV;
- row groups are sorted by time, all columns have statistics, and addresses and Community IDs have Bloom filters;
- names of `--schema` are those that others publish (published.py).

FOLDER keeps the Python environment, into which pip installs what is missing. portscribe must be built with the feature
`tables`. Exit status 1 when something differs. What a machine cannot check is said with NOT CHECKED.
"""

import argparse
import base64
import csv
import datetime
import ipaddress
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["duckdb==2.0.1", "polars==2.1.0", "pyarrow==26.0.1", "ocsf-json-schema==1.2.0"]
# Columns of sentences, which CSV separates otherwise than words.
SENTENCES = {"notes"}
# What the engines make of Arrow's types.
DUCKDB = {
    "bool": "BOOLEAN", "double": "DOUBLE", "int64": "BIGINT", "uint8": "UTINYINT", "uint16": "USMALLINT", "uint32": "UINTEGER",
    "string": "VARCHAR", "decimal128(19, 9)": "DECIMAL(19,9)", "map<string, int64>": "MAP(VARCHAR, BIGINT)",
}
POLARS = {
    "bool": "Boolean", "double": "Float64", "int64": "Int64", "uint8": "UInt8", "uint16": "UInt16", "uint32": "UInt32",
    "string": "String", "decimal128(19, 9)": "Decimal(precision=19, scale=9)",
    "map<string, int64>": "Map(String, Int64)",
}

failures = 0


def check(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'FAIL'}  {what}{f': {detail}' if detail else ''}", flush=True)


def environment(folder):
    """Runs this script in an environment with the engines, made where it is missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        done = subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True, text=True)
        if done.returncode != 0:
            return None
    have = subprocess.run([python, "-m", "pip", "freeze"], capture_output=True, text=True).stdout.split()
    missing = [package for package in PACKAGES if package not in have]
    if missing:
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", *missing], capture_output=True, text=True)
        if done.returncode != 0:
            print(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "pip failed")
            return None
    return python


def is_dictionary(text):
    return text.startswith("dictionary<values=string")


def plain(of):
    """The name of a type of Arrow, of a dictionary that of its values."""
    import pyarrow as pa
    if pa.types.is_dictionary(of):
        return plain(of.value_type)
    if pa.types.is_list(of):
        return f"list<{plain(of.value_type)}>"
    if pa.types.is_map(of):
        return f"map<{plain(of.key_type)}, {plain(of.item_type)}>"
    return str(of)


def in_duckdb(name):
    if name.startswith("list<"):
        return in_duckdb(name[5:-1]) + "[]"
    if name.startswith("fixed_size_binary"):
        return "BLOB"
    if name.startswith("timestamp[ns"):
        return "TIMESTAMPTZ_NS"
    return DUCKDB[name]


def in_polars(of):
    import pyarrow as pa
    if pa.types.is_dictionary(of):
        return "Categorical"
    if pa.types.is_list(of):
        return f"List({in_polars(of.value_type)})"
    if pa.types.is_fixed_size_binary(of):
        return "Binary"
    if pa.types.is_timestamp(of):
        return "Datetime(time_unit='ns', time_zone='UTC')"
    return POLARS[plain(of)]


def time(nanoseconds):
    second, fraction = divmod(nanoseconds, 1_000_000_000)
    point = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=second)
    return f"{point:%Y-%m-%dT%H:%M:%S}.{fraction:09d}Z"


def cell(name, of, value):
    """A value as it stands in CSV. Times come as nanoseconds."""
    if value is None:
        return ""
    if of.startswith("timestamp"):
        return time(value)
    if of.startswith("fixed_size_binary[20]"):
        return "1:" + base64.b64encode(value).decode()
    if of.startswith("decimal128"):
        return f"{value:.9f}"
    if of == "double":
        return f"{value:.6f}"
    if of == "bool":
        return "true" if value else "false"
    if of.startswith("map"):
        pairs = value.items() if isinstance(value, dict) else [
            (one["key"], one["value"]) if isinstance(one, dict) else one for one in value]
        return " ".join(f"{key}={number}" for key, number in pairs)
    if of.startswith("list"):
        return ("; " if name in SENTENCES else " ").join(value)
    return str(value)


def octets(value):
    """The octets of an address as a text."""
    address = ipaddress.ip_address(value)
    return (b"\0" * 10 + b"\xff\xff" if address.version == 4 else b"") + address.packed


def with_pyarrow(path):
    import pyarrow as pa
    import pyarrow.parquet as pq
    table = pq.read_table(path) if path.suffix == ".parquet" else pa.ipc.open_stream(path).read_all()
    columns = {}
    for field, column in zip(table.schema, table.columns):
        if pa.types.is_timestamp(field.type):
            column = column.cast(pa.int64())
        columns[field.name] = column.to_pylist()
    return table.schema, columns, None


def with_duckdb(path):
    import duckdb
    if path.suffix == ".parquet":
        source = f"read_parquet('{path}')"
    else:
        import pyarrow as pa
        stream = pa.ipc.open_stream(path).read_all()  # noqa: F841 (DuckDB finds it by its name)
        source = "stream"
    types = {row[0]: row[1] for row in duckdb.sql(f"DESCRIBE SELECT * FROM {source}").fetchall()}
    of = [f'epoch_ns("{name}")' if "TIMESTAMP" in kind else f'"{name}"' for name, kind in types.items()]
    rows = duckdb.sql(f"SELECT {', '.join(of)} FROM {source}").fetchall()
    return None, {name: [row[n] for row in rows] for n, name in enumerate(types)}, types


def with_polars(path):
    import polars as pl
    table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_ipc_stream(path)
    columns = {}
    for name, of in table.schema.items():
        column = table[name]
        columns[name] = (column.dt.epoch("ns") if of == pl.Datetime else column).to_list()
    return None, columns, {name: str(of) for name, of in table.schema.items()}


def compare(what, path, expected):
    """Holds a file against the header and the rows of CSV, in every engine."""
    schema, columns, _ = with_pyarrow(path)
    header, rows = expected
    names = [field.name for field in schema]
    extra = [name for name in names if name.endswith("_octets")]
    faults = []
    if [name for name in names if name not in extra] != header:
        faults.append("other columns")
    for engine, read in (("pyarrow", None), ("duckdb", with_duckdb), ("polars", with_polars)):
        types = None
        if read:
            _, columns, types = read(path)
        for field in schema:
            name, of = field.name, plain(field.type)
            if engine == "duckdb":
                wanted = in_duckdb(of)
                is_right = types[name] == wanted or is_dictionary(str(field.type)) and types[name].startswith("ENUM")
            elif engine == "polars":
                is_right, wanted = types[name] == in_polars(field.type), in_polars(field.type)
            else:
                is_right, wanted = True, ""
            if not is_right:
                faults.append(f"{engine}: {name} is {types[name]}, not {wanted}")
            values = columns[name]
            if len(values) != len(rows):
                faults.append(f"{engine}: {len(values)} rows, not {len(rows)}")
                continue
            if name in extra:
                place = header.index(name.removesuffix("_octets"))
                wrong = [n for n, row in enumerate(rows)
                         if (bytes(values[n]) if values[n] is not None else None) != (octets(row[place]) if row[place] else None)]
            else:
                place = header.index(name)
                # A cell that a spreadsheet would run is guarded in CSV alone.
                wrong = [n for n, row in enumerate(rows)
                         if cell(name, of, values[n]) not in (row[place], row[place].removeprefix("'"))]
            if wrong:
                n = wrong[0]
                of_csv = rows[n][header.index(name.removesuffix("_octets"))]
                faults.append(f"{engine}: {name} differs in {len(wrong)} rows, first {n}: {values[n]!r}, in CSV {of_csv!r}")
    if faults:
        check(what, False, "; ".join(faults[:3]))
    return not faults, len(rows)


def footer(what, path):
    """Holds what stands around the rows of `flows`."""
    import pyarrow.parquet as pq
    file = pq.ParquetFile(path)
    faults = []
    sorted_names = {"client_address", "client_address_octets", "server_address", "server_address_octets", "community_id"}
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        times = file.read_row_group(number, ["first_seen"])["first_seen"].cast("int64").to_pylist()
        known = [time for time in times if time is not None]
        if known != sorted(known) or times[:len(known)] != known:
            faults.append("not sorted by time")
        first = group.column(group.sorting_columns[0].column_index).path_in_schema
        if first != "first_seen":
            faults.append(f"said to be sorted by {first}")
        for place in range(group.num_columns):
            column = group.column(place)
            if not column.is_stats_set:
                faults.append(f"no statistics of {column.path_in_schema}")
            if (column.bloom_filter_offset is not None) != (column.path_in_schema in sorted_names):
                faults.append(f"Bloom filter of {column.path_in_schema}")
            if column.compression != "ZSTD":
                faults.append(f"{column.path_in_schema} is compressed with {column.compression}")
    about = file.metadata.metadata
    if b"portscribe.program" not in about or not all(
            field.metadata and field.metadata.get(b"meaning") for field in file.schema_arrow):
        faults.append("no program or meaning in the metadata")
    check(what, not faults, "; ".join(faults[:3]))


def run(portscribe, *words):
    done = subprocess.run([str(word) for word in [portscribe, *words]], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"portscribe {' '.join(map(str, words))}: exit status {done.returncode}\n{done.stderr}")
    return done.stdout


def rows_of(path):
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    return rows[0], rows[1:]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portscribe", default=ROOT / "target/debug/portscribe", type=Path)
    parser.add_argument("--environment", default=ROOT / "target/tables", type=Path)
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("captures", nargs="*", type=Path)
    asked = parser.parse_args()
    if not asked.within:
        python = environment(asked.environment)
        if python is None:
            print("NOT CHECKED: results by column; the engines cannot be installed here")
            return 0
        return subprocess.run([python, __file__, "--within", *sys.argv[1:]]).returncode

    captures = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix in (".pcap", ".pcapng"))
    for given in asked.captures:
        captures += sorted(path for path in given.rglob("*") if path.is_file()) if given.is_dir() else [given]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        files = [(command, [capture], []) for capture in captures for command in ("flows", "packets", "summary")]
        samples = captures[:len(captures) - len(asked.captures)] or captures
        files.append(("flows", samples, ["--order", "end", "--protocols", "all", "--names"]))
        files.append(("summary", samples, ["--by", "minute", "--names"]))
        equal, counted = 0, 0
        for number, (command, names, options) in enumerate(files):
            quiet = ["--quiet", *options]
            expected = folder / "expected.csv"
            done = subprocess.run([asked.portscribe, command, *names, *quiet, "--output", expected], capture_output=True)
            if done.returncode not in (0, 3):
                continue
            for ending in ("parquet", "arrow"):
                path = folder / f"result.{ending}"
                run(asked.portscribe, command, *names, *quiet, "--output", path)
                what = f"{command} {names[0].name if len(names) == 1 else 'samples'} {' '.join(options)} as {ending}"
                wanted = rows_of(expected)
                if ending == "parquet" and command != "summary":
                    # Rows of a row group are sorted by time.
                    place = wanted[0].index("first_seen" if command == "flows" else "time")
                    wanted = wanted[0], sorted(wanted[1], key=lambda row: (row[place] == "", row[place]))
                same, rows = compare(what, path, wanted)
                equal, counted = equal + same, counted + 1
            if command == "flows" and len(names) > 1:
                footer("flows of all samples: order, statistics, Bloom filters, metadata", folder / "result.parquet")
        check(f"flows, packets and summary equal CSV in {counted} files of {len(captures)} captures", equal == counted,
              f"{equal} do, in DuckDB, Polars and pyarrow")
        lines = run(asked.portscribe, "registry", "list", "--quiet", "--format", "ndjson").splitlines()
        objects = [json.loads(line) for line in lines]
        for ending in ("parquet", "arrow"):
            path = folder / f"registry.{ending}"
            run(asked.portscribe, "registry", "list", "--quiet", "--output", path)
            header = list(objects[0])
            wanted = header, [["" if one[name] is None else one[name] for name in header] for one in objects]
            same, rows = compare(f"registry list as {ending}", path, wanted)
            check(f"registry list as {ending} equals NDJSON", same, f"{rows} rows")
        import published
        published.check_all(check, asked.portscribe, captures, asked.environment)
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
