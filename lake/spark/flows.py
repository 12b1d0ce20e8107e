#!/usr/bin/env python3
"""Labelled flows of many captures by Spark: the rows that `portscribe flows` gives for all of them on one machine.

    spark-submit flows.py CAPTURES.csv OUT [--portscribe PROGRAM] [--read=OPTION]... [--label=OPTION]...

CAPTURES.csv has the columns `traffic` and `path`. Captures of one traffic are read as one, on whatever machines, and each
traffic has flow numbers of its own. OUT is a folder of Parquet. --read says how packets become flows (--read=--names),
--label what labels and selects them (--label=--overlay=site.toml). The registry and the files that --label names are read
here; executors use their octets. Exit status 3 where a capture is damaged; one that cannot be opened fails the job.
docs/scale.md says what is read side by side, and what is not.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

NO_PACKETS = bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
WIDER = {pa.uint8(): pa.int16(), pa.uint16(): pa.int32(), pa.uint32(): pa.int64()}


def call(program, *words, within="/"):
    """Runs the program, without the configuration file of this machine. Status 3 is a damaged capture, of which it tells."""
    environment = {**os.environ, "PORTSCRIBE_CONFIG": ""}
    done = subprocess.run([program, *words], capture_output=True, cwd=within, env=environment)
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode not in (0, 3):
        raise RuntimeError(f"portscribe {words[0]}: exit status {done.returncode}: {said}")
    return done.stdout, said


def gathered(program, label):
    """The registry and the files that options name, as octets with their hashes; and the options, which name these."""
    own = [option for option in label if option.startswith("--registry=")]
    files, options = {"registry.csv": call(program, "registry", "export", "--format=iana-csv", "-q", *own, within=".")[0]}, []
    for option in (option for option in label if option not in own):
        name, _, value = option.partition("=")
        if name in ("--overlay", "--hosts-file"):
            option = f"{len(files)}-{Path(value).name}"
            files[option], option = Path(value).read_bytes(), f"{name}={option}"
        options.append(option)
    return {name: (octets, hashlib.sha256(octets).digest()) for name, octets in files.items()}, ["--registry=registry.csv", *options]


def put(files, folder):
    for name, (octets, expected) in files.items():
        if hashlib.sha256(octets).digest() != expected:
            raise RuntimeError(f"{name} is not what the client sent")
        Path(folder, name).write_bytes(octets)


def kind(of):
    """What Spark has for a type: no dictionaries, numbers with a sign, and of times the nanoseconds as a number."""
    if pa.types.is_list(of):
        return pa.list_(kind(of.value_type))
    if pa.types.is_dictionary(of):
        return of.value_type
    return pa.binary() if pa.types.is_fixed_size_binary(of) else pa.int64() if pa.types.is_timestamp(of) else WIDER.get(of, of)


def for_spark(schema):
    return pa.schema([pa.field(field.name, kind(field.type), field.nullable) for field in schema])


def flows(captures: DataFrame, program="portscribe", read=(), label=()) -> tuple[DataFrame, DataFrame]:
    """The flows of captures, which are rows of `traffic` and `path`; and what is said of captures that are damaged."""
    version, (files, options) = call(program, "--version")[0], gathered(program, label)
    with tempfile.TemporaryDirectory() as folder:
        put(files, folder)
        Path(folder, "none.pcap").write_bytes(NO_PACKETS)
        octets, _ = call(program, "flows", "none.pcap", "-q", "--format=arrow", *options, within=folder)
    schema = for_spark(pa.ipc.open_stream(octets).schema)
    sent = captures.sparkSession.sparkContext.broadcast(files)

    def each_capture(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if (here := call(program, "--version")[0]) != version:
            raise RuntimeError(f"this executor has {here.decode().strip()}, and the client {version.decode().strip()}")
        for row in (row for batch in batches for row in batch.to_pylist()):
            with tempfile.TemporaryDirectory() as folder:
                table = Path(folder, "partial.arrow")
                _, said = call(program, "flows", "--partial", "-q", *read, "-o", str(table), "--", row["path"])
                yield pa.RecordBatch.from_pylist([{**row, "partial": table.read_bytes(), "said": said}])

    def each_traffic(key: tuple[pa.Scalar, ...], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        with tempfile.TemporaryDirectory() as folder:
            put(sent.value, folder)
            tables = []
            for row in (row for batch in batches for row in batch.to_pylist()):
                tables.append((row["path"], f"{len(tables)}.arrow"))
                Path(folder, tables[-1][1]).write_bytes(row["partial"])
            call(program, "merge", "-q", *options, "-o", "flows", "--format=arrow", *(name for _, name in sorted(tables)), within=folder)
            with pa.OSFile(f"{folder}/flows") as file:
                for batch in pa.ipc.open_stream(file):
                    for part in pa.Table.from_batches([batch]).cast(schema).to_batches():
                        yield part.add_column(0, "traffic", pa.repeat(key[0], part.num_rows))

    rows = from_arrow_schema(pa.schema([("traffic", pa.string()), *schema]))
    read_apart = captures.select("traffic", "path").mapInArrow(each_capture, "traffic string, path string, partial binary, said string")
    read_apart.persist()
    return read_apart.groupBy("traffic").applyInArrow(each_traffic, rows), read_apart.where("said <> ''").select("traffic", "path", "said")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captures")
    parser.add_argument("out")
    parser.add_argument("--portscribe", default="portscribe", metavar="PROGRAM")
    parser.add_argument("--read", action="append", default=[], metavar="OPTION")
    parser.add_argument("--label", action="append", default=[], metavar="OPTION")
    asked = parser.parse_args()
    # A table is as large as its capture has flows: one at a time goes from Spark to Python.
    batches = "spark.sql.execution.arrow.maxRecordsPerBatch"
    spark = SparkSession.builder.appName("portscribe").config(batches, 1).getOrCreate()
    captures = spark.read.csv(asked.captures, header=True)
    # A task for each capture: they take as long as they are large.
    captures = captures.repartition(max(captures.count(), 1), "path")
    labelled, damaged = flows(captures, asked.portscribe, asked.read, asked.label)
    labelled.write.mode("overwrite").parquet(asked.out)
    said = damaged.orderBy("traffic", "path").collect()
    for row in said:
        print(f"{row.traffic}: {row.said}", file=sys.stderr)
    spark.stop()
    return 3 if said else 0


if __name__ == "__main__":
    sys.exit(main())
