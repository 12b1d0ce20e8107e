"use strict";
// Texts from captures are put into the page as text alone (textContent), never as markup.
(async () => {
  const PAGE = 100;
  const byName = (name) => document.querySelector(name);
  const table = byName("table.flows"), body = table.tBodies[0];
  const told = byName("#flows .told"), chosen = byName("#flows .chosen"), pages = byName("#flows .pages");
  const search = byName("#flows .search"), chart = byName(".chart"), span = byName("form.span");

  // The data: columns, compressed.
  const octets = Uint8Array.from(atob(byName("#data").textContent), (letter) => letter.charCodeAt(0));
  const plain = new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip"));
  const { rows, columns } = JSON.parse(await new Response(plain).text());
  for (const column of Object.values(columns)) {
    // What all rows have in common is there once; what grows, by how much.
    if (!column.values) column.values = new Array(rows).fill(column.same);
    if (column.kind !== "growing") continue;
    let last = 0;
    column.values = column.values.map((more) => (more === null ? null : (last += more)));
  }

  const text = (name, row) => {
    const column = columns[name], value = column.values[row];
    if (value === null) return "";
    return column.kind === "word" ? column.words[value] : String(value);
  };
  const when = (microseconds) => {
    const whole = Math.floor(microseconds / 1e6), rest = microseconds - whole * 1e6;
    const second = new Date(whole * 1000);
    if (Number.isNaN(second.getTime())) return String(whole);
    return second.toISOString().slice(0, 19).replace("T", " ") + "." + String(rest).padStart(6, "0");
  };
  const end = (side, row) => {
    const address = text(side + "_address", row), port = text(side + "_port", row);
    if (!port) return address;
    return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
  };
  const named = (side, row) => {
    const name = text(side + "_name", row);
    return name ? `, ${name}` : "";
  };
  const number = (name, row) => {
    const value = columns[name].values[row];
    return value === null ? "" : value.toLocaleString("en-US");
  };
  const CELLS = {
    flow: (row) => text("flow", row),
    first_seen: (row) => { const time = columns.first_seen.values[row]; return time === null ? "" : when(time); },
    duration: (row) => { const time = columns.duration.values[row]; return time === null ? "" : `${(time / 1e6).toFixed(3)} s`; },
    client_address: (row) => end("client", row) + named("client", row),
    server_address: (row) => `${end("server", row)}/${text("protocol", row)}${named("server", row)}`,
    service: (row) => {
      const others = text("aliases", row), here = text("local_name", row);
      return (text("service", row) || "-") + (others ? ` (${others})` : "") + (here ? ` (here ${here})` : "");
    },
    observed: (row) => {
      const observed = text("observed", row), agreement = text("agreement", row);
      if (!observed) return agreement ? `(${agreement === "silent" ? "not recognised" : agreement})` : "-";
      return agreement === "contradicts" ? `${observed}, contradicts` : observed;
    },
    status: (row) => text("status", row),
    flags: (row) => text("flags", row).replaceAll(" ", "\n"),
    direction_basis: (row) => `${text("direction_basis", row)}, ${text("direction_confidence", row)}`,
    state: (row) => text("state", row),
    packets: (row) => number("packets", row),
    bytes: (row) => number("bytes", row),
  };
  const ENDS = new Set(["client_address", "server_address"]);
  // An end in parts, between which a line may break: before its port, behind the colons of an address, in names.
  const broken = (end) => end.split(/(?=:\d+(?:[/,]|$))|(?<=:)(?=[0-9a-f]*:)|(?<=[a-z-]\.)/)
    .flatMap((part, n) => (n > 0 ? [document.createElement("wbr"), part] : [part]));
  // Short words, which no line breaks.
  const PLAIN = new Set(["first_seen", "status", "direction_basis", "state"]);
  const NUMBERS = new Set(["flow", "duration", "packets", "bytes"]);

  // What is shown: rows that meet every condition and hold every word, in an order.
  const conditions = new Map();
  let words = [], order = { column: "flow", down: false }, shown = [], page = 0;

  const test = ([name, how, value]) => {
    if (name === "host") {
      const [client, server] = [test(["client_address", how, value]), test(["server_address", how, value])];
      return (row) => client(row) || server(row);
    }
    const column = columns[name], values = column.values;
    if (how === "from") return (row) => values[row] !== null && values[row] >= value;
    if (how === "before") return (row) => values[row] !== null && values[row] < value;
    if (value === null) return (row) => values[row] === null;
    if (column.kind !== "word") return (row) => values[row] === value;
    const fits = column.words.map((word) => (how === "has" ? word.split(" ").includes(value) : word === String(value)));
    return (row) => values[row] !== null && fits[values[row]];
  };
  const holds = (word) => {
    const tests = [];
    for (const [name, { kind, words, values }] of Object.entries(columns)) {
      if (name.endsWith("_network") || name === "first_seen" || name === "duration") continue;
      if (kind === "word") {
        const fits = words.map((one) => one.toLowerCase().includes(word));
        if (fits.includes(true)) tests.push((row) => values[row] !== null && fits[values[row]]);
      } else if (/^\d+$/.test(word)) {
        const value = Number(word);
        tests.push((row) => values[row] === value);
      }
    }
    return (row) => tests.some((one) => one(row));
  };
  const select = () => {
    const tests = [...conditions.values()].flatMap(({ tests }) => tests).concat(words.map(holds));
    shown = [];
    for (let row = 0; row < rows; row += 1) if (tests.every((one) => one(row))) shown.push(row);
    sort();
  };
  const sort = () => {
    const values = columns[order.column].values, sign = order.down ? -1 : 1;
    // What is not known comes last.
    shown.sort((a, b) => {
      const [x, y] = [values[a], values[b]];
      if (x === y) return a - b;
      if (x === null) return 1;
      if (y === null) return -1;
      return (x - y) * sign;
    });
    page = 0;
    show();
  };
  const show = () => {
    const fragment = document.createDocumentFragment();
    for (const row of shown.slice(page * PAGE, (page + 1) * PAGE)) {
      const line = document.createElement("tr");
      line.setAttribute("role", "row");
      for (const heading of table.tHead.rows[0].cells) {
        const column = heading.firstElementChild.dataset.sort;
        const cell = document.createElement("td");
        cell.setAttribute("role", "cell");
        cell.dataset.head = heading.textContent;
        if (ENDS.has(column)) cell.append(...broken(CELLS[column](row)));
        else cell.textContent = CELLS[column](row);
        if (NUMBERS.has(column)) cell.className = "number";
        else if (column === "flags") cell.className = "lines";
        else if (PLAIN.has(column) || ENDS.has(column)) cell.className = "plain";
        line.append(cell);
      }
      fragment.append(line);
    }
    body.replaceChildren(fragment);
    for (const heading of table.tHead.rows[0].cells) {
      const is = heading.firstElementChild.dataset.sort === order.column;
      if (is) heading.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      else heading.removeAttribute("aria-sort");
    }
    const last = Math.max(1, Math.ceil(shown.length / PAGE));
    told.textContent = `${shown.length.toLocaleString("en-US")} of ${rows.toLocaleString("en-US")} flows`;
    pages.children[1].textContent = `page ${page + 1} of ${last}`;
    pages.children[0].disabled = page === 0;
    pages.children[2].disabled = page + 1 >= last;
    pages.hidden = last === 1;
    mark();
  };
  // Draws what is picked of the chart: from one bar, or a part of it, to another.
  const draw = (from, to) => {
    const old = chart.querySelector(".picked");
    if (old) old.remove();
    const { bars } = chart.dataset;
    const place = (bar) => Math.min(1, Math.max(0, bar / bars)) * 100;
    const picked = document.createElement("div");
    picked.className = "picked";
    picked.style.left = `${place(from)}%`;
    picked.style.width = `${place(to) - place(from)}%`;
    chart.querySelector("svg").parentElement.append(picked);
  };
  const mark = () => {
    if (!chart) return;
    const time = conditions.get("time"), { begin, span } = chart.dataset;
    if (time) draw((time.from - begin) / span, (time.to - begin) / span);
    else {
      const old = chart.querySelector(".picked");
      if (old) old.remove();
    }
  };

  const list = () => {
    chosen.replaceChildren(...[...conditions].map(([key, { what }]) => {
      const item = document.createElement("li"), button = document.createElement("button");
      button.type = "button";
      button.textContent = `${what} ✕`;
      button.setAttribute("aria-label", `Leave out the condition ${what}`);
      button.addEventListener("click", () => { conditions.delete(key); list(); select(); });
      item.append(button);
      return item;
    }));
  };
  const choose = (key, what, all, more = {}) => {
    conditions.set(key, { what, tests: all.map(test), ...more });
    list();
    select();
  };
  const between = (from, to) =>
    choose("time", `began ${when(from).slice(0, 19)} to ${when(to).slice(0, 19)}`,
      [["first_seen", "from", from], ["first_seen", "before", to]], { from, to });
  const goToTable = () => {
    byName("#flows h2").focus({ preventScroll: true });
    byName("#flows").scrollIntoView();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.conditions) {
      const all = JSON.parse(button.dataset.conditions);
      const times = all.filter(([name]) => name === "first_seen");
      if (times.length === 2) between(times[0][2], times[1][2]);
      // One condition of a kind: another status takes the place of the one before.
      else choose(all[0][0], button.dataset.what, all);
      goToTable();
    } else if (button.dataset.sort) {
      const column = button.dataset.sort;
      order = { column, down: order.column === column ? !order.down : NUMBERS.has(column) && column !== "flow" };
      sort();
    } else if (button.dataset.step) {
      page += Number(button.dataset.step);
      show();
      goToTable();
    }
  });
  let waiting = 0;
  search.addEventListener("submit", (event) => event.preventDefault());
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      words = search.elements.words.value.toLowerCase().split(/\s+/).filter((word) => word);
      select();
    }, 150);
  });

  // A span of time is picked with a pointer in the chart, or typed.
  if (chart) {
    const drawn = chart.querySelector("svg"), { begin, span: length, bars } = chart.dataset;
    const at = (event) => {
      const box = drawn.getBoundingClientRect();
      return Math.min(bars - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * bars)));
    };
    let from = null;
    const pick = (to) => {
      const [first, last] = [Math.min(from, to), Math.max(from, to)];
      between(Number(begin) + first * length, Number(begin) + (last + 1) * length);
    };
    drawn.addEventListener("pointerdown", (event) => { from = at(event); drawn.setPointerCapture(event.pointerId); event.preventDefault(); });
    // What is being picked shows while the pointer moves.
    drawn.addEventListener("pointermove", (event) => { if (from !== null) draw(Math.min(from, at(event)), Math.max(from, at(event)) + 1); });
    drawn.addEventListener("pointerup", (event) => { if (from !== null) pick(at(event)); from = null; });
    drawn.addEventListener("pointercancel", () => { from = null; mark(); });
    const typed = (microseconds) => new Date(Math.floor(microseconds / 1000)).toISOString().slice(0, 19);
    try {
      span.elements.from.value = typed(Number(begin));
      span.elements.to.value = typed(Number(begin) + length * bars);
      span.hidden = false;
    } catch { /* No calendar has these times. */ }
    span.addEventListener("submit", (event) => {
      event.preventDefault();
      const of = (input) => new Date(`${input.value}Z`).getTime() * 1000;
      const [first, last] = [of(span.elements.from), of(span.elements.to)];
      if (Number.isNaN(first) || Number.isNaN(last)) return;
      between(first, last);
      goToTable();
    });
  }

  table.hidden = false;
  search.hidden = false;
  document.documentElement.dataset.ready = "yes";
  select();
})();
