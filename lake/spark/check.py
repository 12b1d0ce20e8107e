#!/usr/bin/env python3
"""Holds flows.py against `portscribe flows` on one machine: the rows of both as CSV are the same octets.

    check.py [--portscribe FILE] [--environment FOLDER] [--kills N] [--only WORD,...]

- samples and the folders of captures in PORTSCRIBE_SHARED, each folder as one traffic; and all samples as one capture, cut into
  40 files with flows, fragments and associations across the cuts (`cut`, `folders`);
- in each of N jobs an executor is killed while captures are read, and one while tables are merged, at random times (`kills`);
- a capture that cannot be opened fails the job, a damaged one is in the result with its fault, and executors use what the client gives (`faults`);
- Spark reads the Parquet of `flows`, `packets` and `summary`: types, values and counts are those of CSV (`parquet`).

Spark runs with two executors on this machine. FOLDER keeps the Python environment, into which pip installs PySpark; it needs
Java 17. portscribe must be built with the feature `tables`. Exit status 1 when something differs. What a machine cannot check
is said with NOT CHECKED. It is not part of CI: it takes minutes.
"""

import argparse
import csv
import importlib.util
import io
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ["pyspark==4.3.0", "pyarrow==26.0.1", "pandas==3.1.1"]
CLUSTER = "local-cluster[2,1,1024]"
ENVIRONMENT = {**os.environ, "PORTSCRIBE_CONFIG": "", "SPARK_LOCAL_IP": "127.0.0.1"}

failures = 0


def check(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'FAIL'}  {what}{f': {detail}' if detail else ''}", flush=True)


def tables():
    """The script that holds Parquet against CSV in other engines."""
    found = importlib.util.spec_from_file_location("tables", ROOT / "tests/tables/check.py")
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def captures_below(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def samples():
    return sorted(path for path in (ROOT / "samples").rglob("*") if path.suffix in (".pcap", ".pcapng"))


def on_one_machine(portscribe, paths, options=()):
    """The result of one run, the seconds that it took, and its exit status."""
    begun = time.monotonic()
    done = subprocess.run([portscribe, "flows", "-q", "--format", "csv", *options, *paths], capture_output=True, env=ENVIRONMENT)
    return done.stdout, time.monotonic() - begun, done.returncode


class Submitted:
    """A run of flows.py on two executors."""

    def __init__(self, asked, folder, traffics, options=(), program=None):
        self.out, self.said = folder / "out", folder / "said"
        shutil.rmtree(self.out, ignore_errors=True)
        with open(folder / "captures.csv", "w", newline="") as file:
            csv.writer(file).writerows([("traffic", "path"), *((name, path) for name, paths in traffics.items() for path in paths)])
        self.begun = time.monotonic()
        home = Path(sys.executable).parent
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                [home / "spark-submit", "--master", asked.master, "--conf", "spark.ui.enabled=false",
                 "--conf", "spark.executor.cores=1", "--conf", "spark.sql.shuffle.partitions=4", ROOT / "lake/spark/flows.py",
                 folder / "captures.csv", self.out, "--portscribe", program or asked.portscribe, *options],
                stdout=said, stderr=said, cwd=folder, env={**ENVIRONMENT, "PYSPARK_PYTHON": sys.executable})

    def end(self):
        self.process.wait()
        self.seconds = time.monotonic() - self.begun
        return self.process.returncode

    def text(self):
        return self.said.read_text(errors="replace")

    def rows(self, traffic, with_names):
        """The rows of a traffic as CSV."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq
        table = pq.read_table(self.out)
        extra = ["traffic", *(name for name in table.column_names if name.endswith("_octets"))]
        table = table.filter(pc.equal(table["traffic"], traffic)).drop_columns(extra).sort_by("flow")
        times, columns = {"first_seen", "last_seen"}, []
        for name in table.column_names:
            of = str(table.schema.field(name).type)
            of = "timestamp" if name in times else "fixed_size_binary[20]" if name == "community_id" else of
            columns.append([with_names.cell(name, of, value) for value in table[name].to_pylist()])
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([table.column_names, *zip(*columns)])
        return text.getvalue().encode()


def compare(asked, what, run, traffics, local, status=0):
    """Holds each traffic of a run against the run on one machine."""
    code = run.end()
    if code not in (0, 3):
        errors = [line for line in run.text().splitlines() if "Error: " in line]
        check(what, False, f"exit status {code}: {errors[-1:]}")
        return
    faults, rows, octets = [], 0, 0
    for name in traffics:
        expected, made = local[name][0], run.rows(name, asked.tables)
        rows, octets = rows + expected.count(b"\n") - 1, octets + len(expected)
        if made != expected:
            one, other = expected.splitlines(), made.splitlines()
            first = next((n for n, pair in enumerate(zip(one, other)) if pair[0] != pair[1]), min(len(one), len(other)))
            faults.append(f"{name}: {len(other) - 1} rows, not {len(one) - 1}; first at {first}: {other[first:first + 1]} {one[first:first + 1]}")
    wanted = max((local[name][2] for name in traffics), default=0)
    if code != wanted:
        faults.append(f"exit status {code}, not {wanted}")
    captures = sum(len(paths) for paths in traffics.values())
    seconds = sum(local[name][1] for name in traffics)
    check(what, not faults, "; ".join(faults) or f"{rows} flows of {captures} captures, {octets} octets of CSV; {run.seconds:.1f} s, "
          f"on one machine {seconds:.1f} s")


def cut(folder):
    """All samples of Ethernet as one capture in the order of time, cut into 40."""
    whole, names = folder / "whole.pcap", [path for path in sorted((ROOT / "samples").glob("*.pcap"))]
    ethernet = [path for path in names if path.read_bytes()[20:24] == b"\x01\0\0\0"]
    subprocess.run(["mergecap", "-F", "pcap", "-w", whole, *ethernet], check=True, capture_output=True)
    counted = subprocess.run(["capinfos", "-c", "-M", "-T", "-r", whole], check=True, capture_output=True, text=True).stdout
    packets = int(counted.split()[-1])
    pieces = folder / "pieces"
    pieces.mkdir()
    subprocess.run(["editcap", "-F", "pcap", "-c", str(-(-packets // 40)), whole, pieces / "piece.pcap"], check=True, capture_output=True)
    return sorted(pieces.iterdir())


def slow(asked, folder):
    """A program that notes what it begins, and takes its time."""
    log, program = folder / "begun", folder / "portscribe"
    program.write_text(f"""#!/bin/sh
case "$1 $2" in
  "flows --partial"|merge*) echo "$1 $$" >>{log}; sleep 0.4;;
esac
exec {asked.portscribe} "$@"
""")
    program.chmod(0o755)
    return program, log


def parents(process):
    while process > 1:
        yield process
        try:
            process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            return


def kill(run, log, command, place):
    """Kills the executor that runs the program for such a time, while it does; says how long it took to come to that."""
    while run.process.poll() is None:
        begun = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        begun = [process for word, process in begun if word == command]
        if len(begun) > place:
            line = list(parents(int(begun[place])))
            if run.process.pid not in line:
                return False
            for process in line:
                words = Path(f"/proc/{process}/cmdline").read_bytes()
                if b"CoarseGrainedExecutorBackend" in words:
                    time.sleep(random.random() * 0.35)
                    os.kill(process, signal.SIGKILL)
                    return True
            return False
        time.sleep(0.01)
    return False


def folders(asked, folder):
    traffics = {"samples": samples()}
    shared = os.environ.get("PORTSCRIBE_SHARED")
    if shared:
        traffics |= {path.name: captures_below(path) for path in sorted(Path(shared, "captures").iterdir()) if path.is_dir()}
    else:
        print("NOT CHECKED: captures of other projects; PORTSCRIBE_SHARED is not set")
    # One machine reports what cannot be opened, and goes on; here it would fail the job.
    for name, paths in traffics.items():
        readable = [path for path in paths if on_one_machine(asked.portscribe, [path])[2] in (0, 3)]
        if len(readable) < len(paths):
            print(f"      {name}: {len(paths) - len(readable)} of {len(paths)} files are no captures that can be opened")
        traffics[name] = readable
    local = {name: on_one_machine(asked.portscribe, paths) for name, paths in traffics.items()}
    compare(asked, f"{', '.join(traffics)}: a traffic each, in one job", Submitted(asked, folder, traffics), traffics, local)


def in_pieces(asked, folder):
    traffics = {"pieces": cut(folder)}
    for options in ([], ["--names", "--protocols=all"], ["--layers=all", "--separate-vlans", "--copies=drop"]):
        local = {"pieces": on_one_machine(asked.portscribe, traffics["pieces"], options)}
        run = Submitted(asked, folder, traffics, [f"--read={option}" for option in options])
        compare(asked, f"a capture cut into {len(traffics['pieces'])}, {' '.join(options) or 'as usual'}", run, traffics, local)
    alone = b"".join(on_one_machine(asked.portscribe, [path])[0].partition(b"\n")[2] for path in traffics["pieces"])
    check("flows of the pieces one by one are others", alone.count(b"\n") != local["pieces"][0].count(b"\n") - 1,
          f"{alone.count(bytes([10]))} rows side by side")


def killed(asked, folder):
    traffics = {"pieces": cut(folder), "samples": samples()}
    local = {name: on_one_machine(asked.portscribe, paths) for name, paths in traffics.items()}
    random.seed(asked.seed)
    for number in range(asked.kills):
        program, log = slow(asked, folder)
        log.unlink(missing_ok=True)
        places = {"flows": random.randrange(sum(map(len, traffics.values()))), "merge": random.randrange(len(traffics))}
        run, done = Submitted(asked, folder, traffics, program=program), []
        killers = [threading.Thread(target=lambda one=one: done.append(kill(run, log, *one))) for one in places.items()]
        for killer in killers:
            killer.start()
        run.end()
        for killer in killers:
            killer.join()
        begun = log.read_text().split()
        again = f"killed in reading {places['flows'] + 1} and in merge {places['merge'] + 1}; {begun.count('flows')} times read, " \
                f"{begun.count('merge')} times merged"
        compare(asked, f"job {number + 1}: {again}", run, traffics, local)
        if done != [True, True]:
            check("both executors were killed", False)


def faults(asked, folder):
    good, missing = ROOT / "samples/http.pcap", folder / "missing.pcap"
    run = Submitted(asked, folder, {"one": [good, missing]})
    code, said = run.end(), run.text()
    check("a capture that cannot be opened fails the job", code not in (0, 3) and f"{missing}: cannot be opened" in said
          and not (run.out / "_SUCCESS").exists(), f"exit status {code}")
    damaged = folder / "damaged.pcap"
    damaged.write_bytes(good.read_bytes()[:-5])
    traffics = {"one": [damaged, ROOT / "samples/dns.pcapng"]}
    local = {"one": on_one_machine(asked.portscribe, traffics["one"])}
    run = Submitted(asked, folder, traffics)
    compare(asked, "a damaged capture is reported", run, traffics, local)
    check("and named", f"one: portscribe: {damaged}: " in run.text())
    overlay, registry = folder / "site.toml", folder / "registry.csv"
    overlay.write_text('[[service]]\nname = "own-name"\nport = 80\ntransport = "tcp"\n')
    made = subprocess.run([asked.portscribe, "registry", "export", "--format", "iana-csv", "-q"], capture_output=True, env=ENVIRONMENT)
    registry.write_bytes(made.stdout.replace(b"http,80,tcp", b"other-name,80,tcp"))
    options = ["--overlay=site.toml", "--registry=registry.csv", "--where=port = 80"]
    traffics = {"one": [good]}
    here = os.getcwd()
    os.chdir(folder)
    local = {"one": on_one_machine(asked.portscribe, traffics["one"], options)}
    os.chdir(here)
    check("the registry and the overlay of the client are others", b"other-name" in local["one"][0] and b"own-name" in local["one"][0])
    run = Submitted(asked, folder, traffics, [f"--label={option}" for option in options])
    compare(asked, "executors use the client's registry and overlay", run, traffics, local)


def parquet(asked, folder):
    from pyspark.sql import SparkSession
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
             .config("spark.sql.legacy.parquet.nanosAsLong", "true").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    of_arrow = {"bool": "boolean", "double": "double", "int64": "bigint", "uint8": "smallint", "uint16": "int", "uint32": "bigint",
                "string": "string", "decimal128(19, 9)": "decimal(19,9)", "map<string, int64>": "map<string,bigint>"}

    def wanted(of):
        if of.startswith("list<"):
            return f"array<{wanted(of[5:-1])}>"
        return "binary" if of.startswith("fixed_size_binary") else "bigint" if of.startswith("timestamp") else of_arrow[of]

    captures = samples()
    for command, options in (("flows", ["--names", "--protocols=all"]), ("packets", []), ("summary", [])):
        path, expected = folder / f"{command}.parquet", folder / f"{command}.csv"
        for out in (path, expected):
            subprocess.run([asked.portscribe, command, "-q", *options, "-o", out, *captures], env=ENVIRONMENT, capture_output=True)
        schema, _, _ = asked.tables.with_pyarrow(path)
        frame = spark.read.parquet(str(path))
        kinds, rows = dict(frame.dtypes), frame.collect()
        header, lines = asked.tables.rows_of(expected)
        if command != "summary":
            place = header.index("first_seen" if command == "flows" else "time")
            lines = sorted(lines, key=lambda row: (row[place] == "", row[place]))
        faults = [f"{len(rows)} rows, not {len(lines)}"] if len(rows) != len(lines) else []
        for field in schema:
            of = asked.tables.plain(field.type)
            if kinds.get(field.name) != wanted(of):
                faults.append(f"{field.name} is {kinds.get(field.name)}, not {wanted(of)}")
            place = header.index(field.name.removesuffix("_octets"))
            for row, line in zip(rows, lines):
                value = row[field.name]
                if field.name.endswith("_octets"):
                    same = (bytes(value) if value is not None else None) == (asked.tables.octets(line[place]) if line[place] else None)
                elif isinstance(value, dict):
                    # Spark's maps have no order.
                    same = sorted(asked.tables.cell(field.name, of, value).split()) == sorted(line[place].split())
                else:
                    same = asked.tables.cell(field.name, of, value) in (line[place], line[place].removeprefix("'"))
                if not same:
                    faults.append(f"{field.name}: {value!r}, in CSV {line[place]!r}")
                    break
        check(f"Spark reads {command} as Parquet", not faults, "; ".join(faults[:3]) or f"{len(rows)} rows, {len(kinds)} columns")
    spark.stop()


PARTS = {"cut": in_pieces, "folders": folders, "kills": killed, "faults": faults, "parquet": parquet}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portscribe", default=ROOT / "target/debug/portscribe", type=Path)
    parser.add_argument("--environment", default=ROOT / "target/spark", type=Path)
    parser.add_argument("--master", default=CLUSTER, help="where Spark runs")
    parser.add_argument("--kills", default=5, type=int, help="jobs in which executors are killed, two in each")
    parser.add_argument("--seed", default=19, type=int, help="of the times of kills")
    parser.add_argument("--only", default=",".join(PARTS), help="parts to run: %(default)s")
    parser.add_argument("--within", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    asked.portscribe, asked.tables = asked.portscribe.resolve(), tables()
    missing = [name for name in ("java", "editcap", "mergecap", "capinfos") if shutil.which(name) is None]
    if missing:
        print(f"NOT CHECKED: Spark; {', '.join(missing)} not found")
        return 0
    if not asked.within:
        asked.tables.PACKAGES[:] = PACKAGES
        python = asked.tables.environment(asked.environment)
        if python is None:
            print("NOT CHECKED: Spark; it cannot be installed here")
            return 0
        return subprocess.run([python, __file__, "--within", *sys.argv[1:]]).returncode
    for name in asked.only.split(","):
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](asked, Path(folder))
    print(f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
