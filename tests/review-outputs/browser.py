"""A page in Debian's Chromium: what axe finds, what does not fit a width, how many sheets it prints on."""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile

# The widths of a telephone, a tablet and a desk, in CSS pixels.
WIDTHS = [390, 800, 1280]
SHEETS = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}
MARGIN = 10 / 25.4
# Cards that are out of sight are not laid out, and closed parts are not looked at, unless this asks for it.
OPEN_ALL = """
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const card of document.querySelectorAll(".cards > li")) card.style.contentVisibility = "visible";
"""
# What reaches beyond the window, and what can be scrolled sideways by itself; what is for readers alone lies far left.
TOO_WIDE = """
  (() => {
    const width = document.documentElement.clientWidth, found = [];
    if (document.scrollingElement.scrollWidth > width) found.push("the page: " + document.scrollingElement.scrollWidth);
    for (const one of document.body.querySelectorAll("*")) {
      const box = one.getBoundingClientRect();
      const scrolls = ["auto", "scroll", "hidden"].includes(getComputedStyle(one).overflowX) && one.scrollWidth > one.clientWidth;
      if (box.width > 0 && box.right > width + 0.5 || scrolls)
        found.push(one.tagName.toLowerCase() + ": " + one.textContent.trim().slice(0, 60));
    }
    return found;
  })()
"""
RUN_AXE = """
  axe.run(document, {resultTypes: ["violations", "incomplete"]}).then(done => JSON.stringify({
    passed: done.passes.length,
    found: done.violations.map(one => one.id + " (" + one.impact + "): " + one.nodes.length + " times, first "
      + one.nodes[0].html.slice(0, 120)),
    open: done.incomplete.map(one => one.id + ": " + one.nodes.length + " times, first " + one.nodes[0].html.slice(0, 120)),
  }))
"""


def is_here():
    return shutil.which("chromium") is not None


class Browser:
    """Chromium without a window, asked over two pipes (its DevTools protocol)."""

    def __init__(self):
        # Processes of Chromium that outlive it for a moment still write there.
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to = os.pipe()
        self.of, of_write = os.pipe()
        # It reads from its descriptor 3 and writes to 4.
        script = 'exec 3<&"$1" 4>&"$2"; shift 2; exec "$@"'
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--no-first-run",
                   f"--user-data-dir={self.folder.name}"]
        self.process = subprocess.Popen(
            ["bash", "-c", script, "bash", str(to_read), str(of_write), "chromium", *options, "about:blank"],
            pass_fds=(to_read, of_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(of_write)
        self.rest, self.number, self.session, self.kept = b"", 0, None, None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Page.enable")
        # The page lets nothing run; what looks at it has to.
        self.ask("Page.setBypassCSP", enabled=True)

    def message(self):
        while b"\0" not in self.rest:
            octets = os.read(self.of, 1 << 20)
            if not octets:
                raise RuntimeError("Chromium ended")
            self.rest += octets
        message, self.rest = self.rest.split(b"\0", 1)
        message = json.loads(message)
        if self.kept is not None:
            self.kept.append(message)
        return message

    def ask(self, method, **parameters):
        self.number += 1
        question = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            question["sessionId"] = self.session
        os.write(self.to, json.dumps(question).encode() + b"\0")
        while (answer := self.message()).get("id") != self.number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def evaluate(self, script):
        answer = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"])[:500])
        return answer["result"].get("value")

    def open(self, path, width, dark=False):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 500)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Page.navigate", url=f"file://{path}")
        while self.message().get("method") != "Page.loadEventFired":
            pass

    def listen(self):
        """From now on requests and what stands in the console are kept."""
        self.kept = []
        for domain in ("Network", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def heard(self):
        """What was asked for besides the page itself, and what was said in the console."""
        asked = [one["params"]["request"]["url"] for one in self.kept if one.get("method") == "Network.requestWillBeSent"]
        said = [json.dumps(one["params"])[:300] for one in self.kept
                if one.get("method") in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")]
        return [url for url in asked if not url.startswith(("file://", "blob:", "data:"))], said

    def wait(self, condition):
        """Until a condition of the page holds; a minute is enough for any."""
        self.evaluate("new Promise((done, failed) => { const begin = Date.now(); const ask = () => {"
                      f" if ({condition}) done(); else if (Date.now() - begin > 60000) failed(new Error('not in a minute'));"
                      " else setTimeout(ask, 20); }; ask(); })")

    def too_wide(self, path, width):
        """What does not fit a width."""
        self.open(path, width)
        self.evaluate(OPEN_ALL)
        return self.evaluate(TOO_WIDE)

    def axe(self, source, path, width, dark=False):
        """What axe finds, what it cannot tell, and how many of its rules hold."""
        self.open(path, width, dark)
        self.evaluate(OPEN_ALL)
        # Its last value is a function, which cannot be handed over.
        self.evaluate(source + "; 0")
        return json.loads(self.evaluate(RUN_AXE))

    def picture(self, path, width, out, dark=False):
        """The whole page as a PNG file."""
        self.open(path, width, dark)
        picture = self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        out.write_bytes(base64.b64decode(picture["data"]))

    def press(self, key, code, text=""):
        """A key of the keyboard."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, text=text)

    def sheets(self, path, sheet, out=None):
        """How many sheets it prints on; `out` keeps the PDF."""
        self.open(path, 1280)
        width, height = SHEETS[sheet]
        margins = {f"margin{side}": MARGIN for side in ("Top", "Bottom", "Left", "Right")}
        printed = self.ask("Page.printToPDF", paperWidth=width, paperHeight=height, **margins)
        pdf = base64.b64decode(printed["data"])
        if out:
            out.write_bytes(pdf)
        # Of each page the dictionary begins so; that of their tree with `/Type /Pages`.
        return len(re.findall(rb"/Type /Page\n", pdf))

    def close(self):
        self.process.terminate()
        self.process.wait()
        os.close(self.to)
        os.close(self.of)
        self.folder.cleanup()
