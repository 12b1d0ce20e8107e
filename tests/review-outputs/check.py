#!/usr/bin/env python3
"""Holds what `portscribe review` writes against the programs that it is written for.

    check.py [--portscribe FILE] [--environment FOLDER] [--trestle] [--no-lab]

- nft, iptables-restore and ip6tables-restore take the rules;
- Aerleon renders every policy, without a warning, and no rendered rule lets through more than its
  row; Aerleon's own evaluator agrees on every client and service;
- trestle takes the OSCAL file (with --trestle, 90 MB);
- the page in Chromium: axe finds nothing, by day and by night; nothing is wider than a telephone; the sample
  prints on eight sheets at most;
- the lab (`tests/lab`) with the proposed rules in place: what was in use still is, all else is
  blocked, and the kernel's counters are those of the review.

Each check has a control: an input that it must refuse. FOLDER keeps the Python environment with
Aerleon, which is installed there by pip when it is missing. Prints the figures; exit status 1 when
something differs. Pictures of the pages are in FOLDER/pictures. What a machine cannot check is said with NOT CHECKED.
"""

import argparse
import csv
import ipaddress
import json
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

import browser
import rendered

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "tests" / "lab"
AERLEON, TRESTLE = "aerleon==1.18.0", "compliance-trestle==5.2.0"
# It ships axe 4.12.1, of which alone is made use.
AXE = "axe-playwright-python==0.1.8"
MOST_SHEETS = 8
# How large a page may be, of how many flows.
LARGEST_PAGE, FLOWS = 3_000_000, 100_000
# What Aerleon renders from the policies of a review with rows of both families.
RENDERED = [
    "iptables4.ipt", "iptables6.ipt", "nftables.nft", "routers4.acl", "routers4.atp", "routers4.jcl",
    "routers6.acl", "routers6.atp", "routers6.jcl", "zones.srx", "zones.xml",
]
IN_USE = {"midstream", "answered", "answered-data"}

failures = 0


def check(what, passed, detail=""):
    global failures
    failures += not passed
    print(f"{'ok  ' if passed else 'FAIL'}  {what}{f': {detail}' if detail else ''}", flush=True)


def run(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)


class Review:
    """A folder that `portscribe review` wrote."""

    def __init__(self, portscribe, folder, captures, *options):
        self.folder = folder
        arguments = ["--out", folder, "--write", "worksheet,json,html,nft,aerleon,oscal", "--quiet"]
        done = run(portscribe, "review", *captures, *arguments, *options)
        if done.returncode != 0:
            sys.exit(f"portscribe review: exit status {done.returncode}\n{done.stderr}")
        self.edges = json.loads((folder / "review.json").read_text())["edges"]

    def accepts(self, approved=frozenset()):
        """What proposed rules must let through, and nothing else: the clients that use a service,
        and where all of a row was approved also those that perhaps do."""
        rows = [edge for edge in self.edges if self.is_proposed(edge, approved)]
        return rendered.normal({
            (rendered.network(client), rendered.network(edge["server"]), rendered.protocol(edge["transport"]), ports(edge))
            for edge in rows for client in self.clients(edge, approved)
        })

    @staticmethod
    def clients(edge, approved):
        perhaps = edge["clients_perhaps"]["networks"] if edge["row_id"] in approved else []
        return edge["clients"]["networks"] + perhaps

    @staticmethod
    def is_proposed(edge, approved):
        return edge["kind"] == "service" and (edge["grade"] in IN_USE or edge["row_id"] in approved)

    def in_use(self):
        return {(edge["row_id"], edge["server"], edge["transport"], ports(edge))
                for edge in self.edges if edge["grade"] in IN_USE}


def ports(edge):
    """The ports, or what stands in their place: a type of ICMP, nothing."""
    if edge["ports"] is None:
        return rendered.icmp_type(edge["icmp_type"]) if "icmp_type" in edge else ""
    first, last = edge["ports"]["first"], edge["ports"]["last"]
    return str(first) if first == last else f"{first}-{last}"


def environment(folder, trestle):
    """The programs of Aerleon and trestle, installed where they are missing."""
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    for package, module in ((AERLEON, "aerleon"), (TRESTLE, "trestle")):
        if (package == AERLEON or trestle) and run(python, "-c", f"import {module}").returncode:
            if run(python, "-m", "pip", "install", "--quiet", package).returncode:
                print(f"NOT CHECKED: {package} cannot be installed", flush=True)
    return folder / "bin"


def axe_source(folder):
    """The text of axe, fetched where it is missing; none where it cannot be fetched."""
    source = folder / "axe" / "axe_playwright_python" / "axe.min.js"
    if not source.exists():
        run(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder / "axe", AXE)
    return source.read_text(encoding="utf-8") if source.exists() else None


def check_nft(review, approved=frozenset()):
    file = review.folder / "review.nft"
    done = run("unshare", "-rn", "nft", "-c", "-f", file)
    check("nft takes review.nft", done.returncode == 0, done.stderr.strip())
    accepts, open_rules = rendered.nft_accepts(rendered.nft_rules(file))
    check("no rule of review.nft is open", not open_rules, "; ".join(open_rules))
    check("review.nft lets through the rows in use", accepts == review.accepts(approved),
          f"{len(accepts)} of (client, server, transport, ports)")
    twice = run("unshare", "-rn", "sh", "-c", f'nft -f "{file}" && nft -f "{file}" && nft list ruleset')
    check("loading it twice is loading it once", twice.stdout.count('comment "all else"') == 1)


def render(tools, folder, out):
    """Runs aclgen; its exit status and the warnings that tell of something left out."""
    out.mkdir(parents=True, exist_ok=True)
    done = run(tools / "aclgen", "--base_directory", ".", "--definitions_directory", "def",
               "--output_directory", out, cwd=folder)
    progress = re.compile(r"-->|rendering|written|files? found|no_output|done\.")
    warnings = [line for line in done.stderr.splitlines() if re.match("[WE]", line) and not progress.search(line)]
    return done.returncode, warnings


def check_aerleon(review, tools, approved=frozenset()):
    folder, out = review.folder / "aerleon", review.folder / "rendered"
    status, warnings = render(tools, folder, out)
    check("aclgen renders every policy", status == 0, f"exit status {status}")
    check("aclgen leaves nothing out", not warnings, "; ".join(warnings))
    made = sorted(file.name for file in out.iterdir())
    check("aclgen writes every file", made == RENDERED, f"{len(made)} files")

    expected = {accept for accept in review.accepts(approved) if accept[2] in ("tcp", "udp", "sctp")
                or accept[2] in ("47", "50", "51") and "." in accept[1]}
    done = run("unshare", "-rn", "nft", "-c", "-f", out / "nftables.nft")
    check("nft takes Aerleon's rules", done.returncode == 0, done.stderr.strip())
    accepts, open_rules = rendered.nft_accepts(rendered.nft_rules(out / "nftables.nft"))
    check("no rule for nftables is open", not open_rules, "; ".join(open_rules))
    check("the rules for nftables let through the rows", accepts == expected, f"{len(accepts)}")
    together = set()
    for program, name in (("iptables-restore", "iptables4.ipt"), ("ip6tables-restore", "iptables6.ipt")):
        if shutil.which(program):
            with open(out / name, encoding="utf-8") as file:
                done = run("unshare", "-rn", program, "--test", stdin=file)
            check(f"{program} takes {name}", done.returncode == 0, done.stderr.strip())
        else:
            print(f"NOT CHECKED: no {program}", flush=True)
        accepts, open_rules = rendered.iptables_accepts(out / name)
        check(f"no rule of {name} is open", not open_rules, "; ".join(open_rules))
        together |= accepts
    check("the rules for iptables let through the rows", together == expected, f"{len(together)}")
    open_lines = [line for name in ("routers4.acl", "routers6.acl") for line in rendered.router_open_lines(out / name)]
    check("no line for routers is open", not open_lines, "; ".join(open_lines))

    done = ask_evaluator(review, tools, expected)
    check("Aerleon's evaluator", done.returncode == 0, done.stdout.strip() or done.stderr[-300:])


def ask_evaluator(review, tools, expected):
    """Asks about every client and every service of its family."""
    clients = {host for client, *_ in expected for host in hosts(ipaddress.ip_network(client))}
    services = {(ipaddress.ip_network(server)[0], transport, port) for _, server, transport, port in expected if port}

    def accepts(client, server, transport, port):
        return any(client in ipaddress.ip_network(network) and (rendered.network(server), transport, port) == tuple(service)
                   for network, *service in expected)

    questions = [
        {"client": str(client), "server": str(server), "transport": transport, "port": int(port.split("-")[0]),
         "accept": accepts(client, server, transport, port)}
        for client in sorted(clients, key=str) for server, transport, port in sorted(services, key=str)
        if client.version == server.version
    ]
    file = review.folder / "questions.json"
    file.write_text(json.dumps(questions))
    folder = review.folder / "aerleon"
    return run(tools / "python", Path(__file__).with_name("evaluate.py"), folder / "pol" / "nftables.yaml",
               folder / "def", file)


def hosts(network):
    """The addresses of a network; of a large one the first and the last."""
    return network if network.num_addresses <= 16 else (network[0], network[-1])


def check_controls(tools, scratch):
    """A term whose addresses share no family is rendered without any: that must be seen."""
    folder = scratch / "control"
    for part in ("def", "pol"):
        (folder / part).mkdir(parents=True)
    (folder / "def" / "d.yaml").write_text(
        'networks:\n  A: {values: [{address: "192.0.2.1/32"}]}\n  B: {values: [{address: "2001:db8::1/128"}]}\n'
        'services:\n  WEB: [{port: "80", protocol: "tcp"}]\n')
    (folder / "pol" / "p.yaml").write_text(
        'filters:\n  - header:\n      targets: {nftables: "mixed forward DROP"}\n    terms:\n'
        '      - {name: "web", source-address: "A", destination-address: "B", destination-port: "WEB", '
        'protocol: "tcp", action: "accept"}\n')
    render(tools, folder, folder / "out")
    _, open_rules = rendered.nft_accepts(rendered.nft_rules(folder / "out" / "p.nft"))
    check("control: an open rule is seen", len(open_rules) > 0, f"{len(open_rules)} found")
    policy = folder / "pol" / "p.yaml"
    policy.write_text(policy.read_text().replace('name: "web"', 'name: "web", owner: "Ada Byron"'))
    _, warnings = render(tools, folder, folder / "out")
    check("control: a value that Aerleon drops is seen", len(warnings) > 0, f"{len(warnings)} found")


def check_oscal(review, tools, scratch):
    file = review.folder / "oscal-component-definition.json"
    definition = json.loads(file.read_text())["component-definition"]
    services = {(c["title"], str(r["start"])) for c in definition.get("components", []) for p in c["protocols"]
                for r in p["port-ranges"]}
    expected = {accept[1:] for accept in review.accepts()}
    check("the OSCAL file has every service once", len(services) == len(expected), f"{len(services)} components")
    if not (tools / "trestle").exists():
        print("NOT CHECKED: the OSCAL file against its model (--trestle installs it)", flush=True)
        return
    bad = scratch / "bad.json"
    bad.write_text(re.sub(r'"start": \d+', '"start": -5', file.read_text(), count=1))
    trestle = scratch / "trestle"
    trestle.mkdir()
    run(tools / "trestle", "init", cwd=trestle)
    done = run(tools / "trestle", "import", "-f", file, "-o", "good", cwd=trestle)
    check("trestle imports the OSCAL file", done.returncode == 0, (done.stdout + done.stderr)[-200:].strip())
    done = run(tools / "trestle", "validate", "-t", "component-definition", "-n", "good", cwd=trestle)
    check("trestle validates it", "VALID" in done.stdout and "INVALID" not in done.stdout)
    done = run(tools / "trestle", "import", "-f", bad, "-o", "bad", cwd=trestle)
    check("control: trestle refuses port -5", done.returncode != 0, f"exit status {done.returncode}")


class Page(HTMLParser):
    """Whether every element is closed, and what the page fetches or runs."""

    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.faults = [], []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        if tag in ("script", "link", "img", "iframe", "object") or any(
            name.startswith("on") or name in ("src", "style") or (name == "href" and not value.startswith("#"))
            for name, value in attributes
        ):
            self.faults.append(f"<{tag}> fetches or runs something")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def check_page(review):
    page = Page()
    page.feed((review.folder / "review.html").read_text())
    check("review.html is whole and fetches nothing", not page.faults and not page.open, "; ".join(page.faults[:3]))


def pages(portscribe, stored, portless, scratch):
    """Pages of several kinds, each with its title, and the most sheets that it may print on."""
    sample = ROOT / "samples" / "review"
    decided = Review(portscribe, scratch / "decided", [sample / "users.pcap", sample / "trunk.pcap"], "--zones",
                     sample / "zones.csv", "--rules", sample / "ruleset.json", "--vantage", "outside", "--approved",
                     sample / "worksheet.csv", "--as-of", "2026-11-22")
    # Names and comments that no line breaks by itself.
    names = scratch / "long.csv"
    names.write_text((sample / "zones.csv").read_text().replace("users,", "u" * 120 + ",").replace("branch,", "<b>" * 40 + ","))
    rules = scratch / "long.json"
    rules.write_text((sample / "ruleset.json").read_text().replace('"telemetry"', '"' + "c" * 120 + '"'))
    long = Review(portscribe, scratch / "long", [sample / "users.pcap"], "--zones", names, "--rules", rules)
    many = scratch / "many.pcap"
    many.write_bytes(many_flows(FLOWS))
    large = Review(portscribe, scratch / "large", [many])
    size = (large.folder / "review.html").stat().st_size
    check(f"the page of {FLOWS} flows is small", len(large.edges) == FLOWS and size < LARGEST_PAGE,
          f"{size} octets for {len(large.edges)} rows")
    named = [("sample", stored, MOST_SHEETS), ("sample with approvals", decided, MOST_SHEETS), ("no ports", portless, None),
             ("long names", long, None), ("many rows", large, None)]
    return [(title, review.folder / "review.html", most) for title, review, most in named]


def many_flows(count):
    """A capture of connections, each to a service of its own."""
    def packet(source, destination, ports, flags, numbers, payload=b""):
        segment = struct.pack(">HHIIBBHHH", *ports, *numbers, 0x50, flags, 1000, 0, 0) + payload
        return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0, 64, 6, 0, source, destination) + segment

    out = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101)]
    for n in range(count):
        client, server = bytes([10, 1, n // 200 % 250, 1 + n % 200]), bytes([10, 200 + n // 50_000, n // 200 % 250, 1 + n % 200])
        port, known = 20_000 + n % 40_000, [80, 443, 22, 8443, 3306, 5432, 1883, 502, 44818, 9100][n % 10]
        there, back = (client, server, (port, known)), (server, client, (known, port))
        for packets in (packet(*there, 2, (n, 0)), packet(*back, 0x12, (n + 9, n + 1)),
                        packet(*there, 0x18, (n + 1, n + 10), b"a"), packet(*back, 0x18, (n + 10, n + 2), b"b")):
            out += [struct.pack("<IIII", 1_700_000_000 + n // 200, n % 200 * 5000, len(packets), len(packets)), packets]
    return b"".join(out)


def check_reading(chromium, title, page, source):
    """Nothing is wider than a window, and axe finds nothing, light and dark."""
    wide = {width: chromium.too_wide(page, width) for width in browser.WIDTHS}
    check(f"{title}: nothing is wider than {', '.join(map(str, browser.WIDTHS))} pixels", not any(wide.values()),
          "; ".join(f"{width}: {found[:3]}" for width, found in wide.items() if found))
    for width, dark in ((1280, False), (1280, True), (390, False)) if source else ():
        said = chromium.axe(source, page, width, dark)
        faults = said["found"] + said["open"]
        check(f"{title}: axe at {width} pixels, {'dark' if dark else 'light'}", not faults and said["passed"] > 20,
              "; ".join(faults) or f"{said['passed']} rules hold, none fails or is left open")


def check_browser(pages, source, scratch):
    """What a reader of the pages meets: on a telephone, with a screen reader, on paper."""
    chromium = browser.Browser()
    for title, page, most_sheets in pages:
        check_reading(chromium, title, page, source)
        for sheet in browser.SHEETS if most_sheets else ():
            sheets = chromium.sheets(page, sheet)
            check(f"{title}: prints on {sheet}", 0 < sheets <= most_sheets, f"{sheets} sheets")
    bad = scratch / "bad.html"
    bad.write_text(pages[0][1].read_text().replace(' lang="en"', "").replace(
        "<main", '<p class="whole"><code>' + "x" * 500 + '</code></p><div class="whole">' + "x" * 500 + "</div><main", 1))
    check("control: what is wider than the window is seen", bool(chromium.too_wide(bad, 390)))
    if source:
        found = chromium.axe(source, bad, 390)["found"]
        check("control: axe finds a page without a language", any("html-has-lang" in one for one in found))
    chromium.close()


def check_report(portscribe, source, scratch):
    """The page of a report: it loads nothing, says nothing wrong, and does what its buttons and fields say."""
    page, capture = scratch / "report.html", ROOT / "samples" / "scan.pcap"
    many = scratch / "many.pcap"
    run = lambda path, *captures: subprocess.run([portscribe, "report", "-q", *captures, "-o", path], check=True)
    run(page, capture, ROOT / "samples" / "http.pcap", ROOT / "samples" / "ipv6.pcap")
    listed = subprocess.run([portscribe, "flows", "-q", "-f", "json", capture, ROOT / "samples" / "http.pcap",
                             ROOT / "samples" / "ipv6.pcap"], check=True, capture_output=True)
    rows = json.loads(listed.stdout)["rows"]
    chromium = browser.Browser()
    title = "report"
    check_reading(chromium, title, page, source)
    # Under its own policy, as people open it.
    chromium.ask("Page.setBypassCSP", enabled=False)
    chromium.listen()
    chromium.open(page, 1280)
    chromium.wait("document.documentElement.dataset.ready === 'yes'")
    told = lambda: chromium.evaluate("document.querySelector('#flows .told').textContent")
    first = lambda: chromium.evaluate("[...document.querySelectorAll('.flows tbody tr')].map(one => one.cells[0].textContent)")
    click = lambda what: chromium.evaluate(what + ".click()")
    of = lambda number: f"{number} of {len(rows)} flows"
    check(f"{title}: all flows are there", told() == of(len(rows)), told())
    for name in sorted({row["status"] for row in rows}):
        click(f"[...document.querySelectorAll('#amounts button')].find(one => one.textContent === '{name}')")
        number = sum(row["status"] == name for row in rows)
        check(f"{title}: a click on {name} shows its flows", told() == of(number), f"{told()} for {number}")
    click("document.querySelector('.chosen button')")
    check(f"{title}: without the condition all are there again", told() == of(len(rows)), told())
    for flag in ("refused", "unassigned-port"):
        click(f"document.querySelector('#eye button[data-what={flag}]')")
        number = sum(flag in row["flags"] for row in rows)
        check(f"{title}: a click on what catches the eye shows its flows", told() == of(number), f"{flag}: {told()}")
        click("document.querySelector('.chosen button')")
    chromium.evaluate("(() => { const field = document.querySelector('.search input'); field.value = 'ssh 22';"
                      " field.dispatchEvent(new Event('input', {bubbles: true})); })()")
    number = sum(row["service"] == "ssh" and 22 in (row["server_port"], row["client_port"]) for row in rows)
    chromium.wait(f"document.querySelector('#flows .told').textContent === '{of(number)}'")
    check(f"{title}: a search finds what has its words", number > 0 and told() == of(number), told())
    chromium.evaluate("(() => { const field = document.querySelector('.search input'); field.value = '';"
                      " field.dispatchEvent(new Event('input', {bubbles: true})); })()")
    chromium.wait(f"document.querySelector('#flows .told').textContent === '{of(len(rows))}'")
    click("document.querySelector('.flows [data-sort=bytes]')")
    bytes_of = lambda row: row["bytes_to_server"] + row["bytes_to_client"]
    expected = [str(row["flow"]) for row in sorted(rows, key=lambda row: (-bytes_of(row), row["flow"]))][:100]
    check(f"{title}: a click on a heading sorts", first() == expected, str(first()[:5]))
    box = chromium.evaluate("(() => { const box = document.querySelector('.chart svg').getBoundingClientRect();"
                            " window.scrollTo(0, box.top + scrollY - 100); const now ="
                            " document.querySelector('.chart svg').getBoundingClientRect();"
                            " return [now.left, now.top, now.width, now.height]; })()")
    for kind, x in (("mousePressed", box[0] + 1), ("mouseMoved", box[0] + box[2] / 2), ("mouseReleased", box[0] + box[2] / 2)):
        chromium.ask("Input.dispatchMouseEvent", type=kind, x=x, y=box[1] + box[3] / 2, button="left", clickCount=1)
    picked = chromium.evaluate("document.querySelector('.chosen').textContent")
    part = int(told().split(" ")[0].replace(",", ""))
    check(f"{title}: a span of time is picked in the chart", picked.startswith("began ") and 0 < part < len(rows), told())
    # The same without a pointer: the fields below the chart, and the key that takes the condition away.
    click("document.querySelector('.chosen button')")
    begins = sorted(row["first_seen"] for row in rows if row["first_seen"])
    middle = begins[len(begins) // 2][:19]
    chromium.evaluate(f"(() => {{ const form = document.querySelector('form.span'); form.elements.to.value = '{middle}';"
                      " form.elements.to.focus(); })()")
    chromium.press("Enter", 13, "\r")
    number = sum(begin < middle for begin in begins)
    chromium.wait(f"document.querySelector('#flows .told').textContent === '{of(number)}'")
    check(f"{title}: a span of time is typed below the chart", 0 < number < len(rows) and told() == of(number), told())
    chromium.evaluate("document.querySelector('.chosen button').focus()")
    chromium.press("Enter", 13, "\r")
    chromium.wait(f"document.querySelector('#flows .told').textContent === '{of(len(rows))}'")
    check(f"{title}: a key takes the span away", told() == of(len(rows)), told())
    asked, said = chromium.heard()
    check(f"{title}: nothing is asked for and nothing is wrong in the console", not asked and not said,
          "; ".join(asked + said))
    run(page, many)
    size = page.stat().st_size
    check(f"the report of {FLOWS} flows is small", size < LARGEST_PAGE, f"{size} octets")
    chromium.open(page, 1280)
    chromium.wait("document.documentElement.dataset.ready === 'yes'")
    took = chromium.evaluate("performance.now()")
    check(f"the report of {FLOWS} flows has all of them", told().endswith(f"of {FLOWS:,} flows"),
          f"{told()}, shown {took:.0f} ms after the page was asked for")
    chromium.close()


# Widths and whether it is dark, of the pictures that are kept.
PICTURES = ((1280, False), (1280, True), (390, False))


def keep_pictures(of, folder):
    """Pictures of the pages, for people to look at: of each by day, by night, and on a telephone."""
    folder.mkdir(parents=True, exist_ok=True)
    chromium = browser.Browser()
    for title, page in of:
        for width, dark in PICTURES:
            name = f"{title}-{width}{'-dark' if dark else ''}.png"
            chromium.picture(page, width, folder / name, dark)
    chromium.close()
    kept = sorted(folder.glob("*.png"))
    check("pictures of the pages are kept", len(kept) >= len(of) * len(PICTURES), f"{len(kept)} in {folder}")


def outcomes(folder):
    lines = (folder / "outcomes.jsonl").read_text().splitlines()
    attempts = [json.loads(line) for line in lines]
    return {(a["client"], a["server"], a["proto"], a["port"]) for a in attempts if a["outcome"] in ("answered", "logged")}


def lab(out, *options):
    done = run(sys.executable, LAB / "lab.py", out, *options)
    if done.returncode not in (0, 77):
        sys.exit(f"lab.py: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    if done.stderr:
        print(done.stderr.strip(), flush=True)
    return done.returncode == 0


def captures(folder):
    return [folder / "users.pcap", folder / "trunk.pcap"]


def approve(worksheet, rows):
    """Fills in the worksheet as people do."""
    with open(worksheet, newline="", encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    for row in table:
        if row["row_id"] in rows:
            row.update(owner="lab", business_need="the check", approved_by="Ada", decision="approve")
    with open(worksheet, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0].keys(), lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(table)


def check_counters(review, ruleset):
    """Packets before the first answer, by row, are what the kernel counted."""
    counted = {}
    for thing in json.loads(ruleset.read_text())["nftables"]:
        row = re.match(r"row (\w+) ", thing.get("rule", {}).get("comment", ""))
        if row:
            counters = [s["counter"]["packets"] for s in thing["rule"]["expr"] if "counter" in s]
            counted[row[1]] = counters[0]
    said = {edge["row_id"]: edge["evidence"]["packets_before_reply"] for edge in review.edges}
    differ = {row: (packets, said.get(row)) for row, packets in counted.items() if said.get(row) != packets}
    check("the kernel counted what the review counts", not differ and len(counted) > 0,
          f"{len(counted) - len(differ)} of {len(counted)} rows, {sum(counted.values())} packets"
          + "".join(f"; {row}: kernel {kernel}, review {ours}" for row, (kernel, ours) in differ.items()))


def check_loop(portscribe, tools, scratch):
    """The proposed rules in place of the lab's: the same traffic again."""
    before = scratch / "before"
    if not lab(before):
        return
    zones = ["--zones", LAB / "zones.csv", "--vantage", "outside"]
    first = Review(portscribe, scratch / "first", captures(before), *zones, "--rules", before / "after.json")
    check_nft(first)
    used = outcomes(before)

    again = scratch / "again"
    lab(again, "--rules", first.folder / "review.nft")
    second = Review(portscribe, scratch / "second", captures(again), *zones)
    check("closed loop: the same rows are in use", second.in_use() == first.in_use(),
          f"{len(second.in_use())} rows; {sorted(second.in_use() ^ first.in_use())}")
    rest = {edge["grade"] for edge in second.edges if edge["grade"] not in IN_USE}
    check("closed loop: all else is blocked", rest <= {"no-reply", "oneway-ok", "group"}, ", ".join(sorted(rest)))
    check("closed loop: nobody gets further than before", outcomes(again) <= used)

    # People approve every row that was observed, also those that may be in use.
    worksheet = first.folder / "worksheet.csv"
    approved = {edge["row_id"] for edge in first.edges if edge["status"].startswith("observed")}
    approve(worksheet, approved)
    third = Review(portscribe, scratch / "third", captures(before), *zones, "--approved", worksheet, "--approved-only")
    check_nft(third, approved)
    check_aerleon(third, tools, approved)
    check_oscal(first, tools, scratch)
    check_page(third)
    iptables = [third.folder / "rendered" / name for name in ("iptables4.ipt", "iptables6.ipt")]
    for name, options in (
        ("review.nft", ["--rules", third.folder / "review.nft"]),
        ("Aerleon's nftables", ["--rules", third.folder / "rendered" / "nftables.nft"]),
        ("Aerleon's iptables", ["--iptables", *iptables]),
    ):
        place = scratch / name.replace(" ", "-")
        lab(place, *options)
        got = outcomes(place)
        check(f"closed loop, {name}: what was in use, and nothing else", got == used,
              f"{len(got)} of {len(used)} uses; {sorted(got ^ used)}")
        if name == "review.nft":
            check_counters(Review(portscribe, scratch / "counted", captures(place), *zones), place / "after.json")

    policy = third.folder / "aerleon" / "pol" / "iptables4.yaml"
    whole = policy.read_text()
    policy.write_text(re.sub(r'      - name: "return"\n(        .*\n)+', "", whole))
    without = scratch / "without"
    render(tools, third.folder / "aerleon", without)
    policy.write_text(whole)
    lab(scratch / "lost", "--iptables", without / "iptables4.ipt", iptables[1])
    lost = {use for use in used - outcomes(scratch / "lost") if ":" not in use[0]}
    check("control: without the return term uses are lost", len(lost) > 0, f"{len(lost)} lost")


def around():
    """What must be the same behind the checks: the machine's own rules, and no namespace of the lab."""
    namespaces = run("ip", "netns", "list").stdout.split()
    return run("nft", "list", "ruleset").stdout, [name for name in namespaces if name.startswith("pslab")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--portscribe", type=Path, default=ROOT / "target" / "release" / "portscribe")
    parser.add_argument("--environment", type=Path, help="keeps Aerleon from one run to the next")
    parser.add_argument("--trestle", action="store_true")
    parser.add_argument("--no-lab", action="store_true")
    options = parser.parse_args()
    if not shutil.which("nft") or run("unshare", "-rn", "true").returncode:
        print("NOT CHECKED: outputs of review (nft is missing, or namespaces are not allowed here)")
        return
    outside = around()
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        # Programs of it are started in other folders.
        kept = options.environment or scratch / "environment"
        tools = environment(kept.absolute(), options.trestle)
        sample = ROOT / "samples" / "review"
        if not (tools / "aclgen").exists():
            return
        stored = Review(options.portscribe, scratch / "stored", [sample / "users.pcap", sample / "trunk.pcap"],
                        "--zones", sample / "zones.csv", "--rules", sample / "ruleset.json")
        check_nft(stored)
        check_aerleon(stored, tools)
        check_page(stored)
        # An echo of ICMPv6, and ESP beside transports.
        portless = Review(options.portscribe, scratch / "portless",
                          [ROOT / "samples" / "esp.pcap", ROOT / "samples" / "ipv6.pcap"])
        check("protocols without ports have rows",
              {edge["transport"] for edge in portless.edges if edge["ports"] is None} == {"esp", "icmpv6"})
        check_nft(portless)
        check_aerleon(portless, tools)
        check_page(portless)
        check_controls(tools, scratch)
        if browser.is_here():
            source = axe_source(tools.parent)
            if not source:
                print(f"NOT CHECKED: axe; {AXE} cannot be fetched", flush=True)
            check_browser(pages(options.portscribe, stored, portless, scratch), source, scratch)
            check_report(options.portscribe, source, scratch)
            report, zoned = scratch / "pictured.html", scratch / "zoned.html"
            for page, more in ((report, []), (zoned, ["--zones", sample / "zones.csv"])):
                run(options.portscribe, "report", "-q", *sample.glob("*.pcap"), *more, "-o", page)
            keep_pictures([("review", stored.folder / "review.html"), ("report", report), ("report-zones", zoned)],
                          kept / "pictures")
        else:
            print("NOT CHECKED: pages in a browser; chromium is missing", flush=True)
        if options.no_lab:
            check_oscal(stored, tools, scratch)
        else:
            check_loop(options.portscribe, tools, scratch)
    left = around()
    check("no namespace and no rule is left", left == outside, "" if left == outside else f"{outside} became {left}")
    print(f"{failures} failed")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
