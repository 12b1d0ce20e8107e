"""tshark as a second witness: what it dissects in captures, and tables of what differs.

It is asked by sharkd, its form that reads one capture after another: a program of Wireshark takes half a second to start,
and a capture a few milliseconds. Debian has it in wireshark-common, which tshark needs.
"""
import concurrent.futures
import csv
import io
import ipaddress
import json
import queue
import re
import subprocess

from check_counts import files

# Fragments are not put together.
SETTINGS = {"ip.defragment": "FALSE", "ipv6.defragment": "FALSE", "nameres.network_name": "FALSE"}
FLOWS = ["flows", "--quiet", "--progress", "never", "--format", "csv", "--threads", "1"]


class Sharkd:
    """One process. A capture that it fails at is read as one without frames."""

    def __init__(self, settings):
        self.settings = settings
        self.process = None
        self.asked = 0

    def start(self):
        self.process = subprocess.Popen(["sharkd", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True, errors="replace")
        for name, value in self.settings.items():
            self.call("setconf", name=name, value=value)

    def call(self, method, **params):
        self.asked += 1
        print(json.dumps({"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}),
              file=self.process.stdin, flush=True)
        for line in self.process.stdout:
            try:
                answer = json.loads(line)
            except ValueError:
                continue
            if answer.get("id") == self.asked:
                return answer.get("result", [])
        raise BrokenPipeError

    def ask(self, path, question):
        """What a question finds in a capture, and whether sharkd got to its end."""
        if not self.process:
            self.start()
        try:
            self.call("load", file=path)
            return question(self)
        except BrokenPipeError:
            self.process.wait()
            self.process = None
            raise

    def frames(self, condition, fields):
        """The frames that meet a condition: their number, and a list of cells. A field is `NAME:N`, where N is 0 for
        all values, 1 for the first and -1 for the last."""
        columns = {f"column{n}": field for n, field in enumerate(fields)}
        # It keeps what met a condition, also when it loads another capture: no two are the same text.
        condition = f"({condition}) && frame.number < {2**32 - 1 - self.asked}"
        for frame in self.call("frames", filter=condition, **columns):
            yield frame["num"], frame["c"]

    def tree(self, frame):
        """The layers of a frame, as nodes: `l` is the text, `f` a filter and `n` what is below."""
        return self.call("frame", frame=frame, proto=True)["tree"]

    def stop(self):
        if self.process:
            self.process.stdin.close()
            self.process.wait()


def each(paths, jobs, work, settings=None):
    """What `work(sharkd, path)` returns for each path, in their order."""
    pool = queue.SimpleQueue()
    witnesses = [Sharkd({**SETTINGS, **(settings or {})}) for _ in range(jobs)]
    for one in witnesses:
        pool.put(one)

    def with_one(path):
        one = pool.get()
        try:
            return work(one, path)
        finally:
            pool.put(one)

    with concurrent.futures.ThreadPoolExecutor(jobs) as threads:
        results = list(threads.map(with_one, paths))
    for one in witnesses:
        one.stop()
    return results


def nodes(tree):
    """All nodes of a tree."""
    for node in tree:
        yield node
        yield from nodes(node.get("n", []))


def values(tree, field):
    """The values of a field, from the filters of its nodes, in their order."""
    start = field + " == "
    return [node["f"][len(start):].strip('"') for node in nodes(tree) if node.get("f", "").startswith(start)]


def address(text):
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


def flows(program, path, *options):
    """The flows of a capture, as dictionaries by column."""
    run = subprocess.run([program, *FLOWS, *options, path], capture_output=True, text=True, errors="replace")
    return list(csv.DictReader(io.StringIO(run.stdout)))


def table(path, *columns):
    """The rows of a table in Markdown, without the last cell, which must hold a reason: each cell as a column takes it, a
    function from its text."""
    found = []
    if path:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
                if line.startswith("| ") and len(cells) == len(columns) + 1 and cells[-1]:
                    try:
                        found.append([take(cell) for take, cell in zip(columns, cells)])
                    except ValueError:
                        pass
    return found


def quoted(text):
    """The names in a cell, in backquotes."""
    names = re.findall(r"`([^`]+)`", text)
    if not names:
        raise ValueError(text)
    return names


def named(path, known):
    """The name of a capture in a table, where it is there."""
    return next((name for name in known if path.endswith("/" + name)), None)


def arguments(parser):
    """The arguments that all comparisons have."""
    parser.add_argument("--portscribe", required=True)
    parser.add_argument("--explained", help="table of what differs")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("paths", nargs="+")
    options = parser.parse_args()
    options.paths = list(files(options.paths))
    return options
