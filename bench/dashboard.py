"""What people wait for at the dashboard, measured in a real browser on a large organisation's tables.

First number: from opening the address until it is painted. Whole view: until the page has changed for the
last time. Both with a server that has just started and a browser that has kept nothing. A filter change is
measured until the page has changed for the last time, on days that the server has read before.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bench.organisation import OFFICES, model_key, write_organisation

STARTS: Final = 10
ROUNDS_OF_CHANGES: Final = 3
PEOPLE: Final = 10
ROUNDS: Final = 4
REFRESH_SECONDS: Final = 10
KINDS: Final = ("sqlite", "dynamodb")
FIRST_PAINT_SECONDS, FILTER_SECONDS, WHOLE_VIEW_SECONDS = 1.5, 0.4, 2.5
MOST_WEIGHT_BYTES: Final = 2_000_000
MOST_CORES: Final = 0.5
_QUERY: Final = "/?range=90d&refresh=off"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Times:
    """Seconds that people waited, over one kind of table."""

    first_paint: list[float] = field(default_factory=list)
    whole_view: list[float] = field(default_factory=list)
    filter_change: list[float] = field(default_factory=list)


_WATCH: Final = """
window.watched = {number: 0, drawn: 0};
window.moment = function () { return performance.timeOrigin + performance.now(); };
new MutationObserver(function (changes) {
  if (changes.every(function (change) { return change.target.id === "react-entry-point"; })) { return; }
  watched.drawn = moment();
  var lead = !watched.number && document.getElementById("lead-value");
  if (lead && lead.textContent.includes("$")) {
    watched.number = -1;
    requestAnimationFrame(function () { setTimeout(function () { watched.number = moment(); }); });
  }
}).observe(document, {childList: true, characterData: true, subtree: true});
"""
"""Has a page note, by its own clock, when its first number was painted and when it last changed: asking it
from outside would be answered late while it is busy. What Dash hangs below its entry point is no part of the
page: a mark, which nobody sees, that callbacks run, those of the clock in the header among them."""


class Tab:
    """A tab that knows when nothing more is asked or drawn, and what it was sent. Times are of its clock."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self._pending = 0
        page.add_init_script(_WATCH)
        page.on("request", lambda _: self._note(1))
        page.on("requestfinished", lambda _: self._note(-1))
        page.on("requestfailed", lambda _: self._note(-1))

    def _note(self, change: int) -> None:
        self._pending += change

    def settled(self) -> dict[str, float]:
        """Wait until nothing was asked or drawn for a fifth of a second; when what happened, in seconds."""
        while True:
            self.page.wait_for_timeout(20)
            found: dict[str, float] = self.page.evaluate("watched")
            if not self._pending and time.time() - found["drawn"] / 1000 > 0.2:
                return {name: moment / 1000 for name, moment in found.items()}

    def open(self) -> tuple[float, float]:
        """Seconds until the first number is painted, and until the last change of the page."""
        started = time.time()
        self.page.goto(self.address + _QUERY, wait_until="commit")
        self.page.locator("#lead-value", has_text="$").wait_for()
        found = self.settled()
        return found["number"] - started, found["drawn"] - started

    def change(self, script: str) -> float:
        """Seconds from an action to the last change of the page."""
        started: float = self.page.evaluate(f"(() => {{ const at = moment(); {script}; return at; }})()")
        self.page.wait_for_timeout(60)
        return max(0.0, self.settled()["drawn"] - started / 1000)


@contextmanager
def server(kind: str, file: Path) -> Iterator[tuple[str, int]]:
    """A new server's address and the process id of its worker."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    command = [sys.executable, "-m", "bench.dashboard_server", kind, str(file), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = f"http://127.0.0.1:{port}"
    try:
        assert process.stdout is not None
        worker = int(process.stdout.readline())
        urllib.request.urlopen(f"{address}/livez").close()  # noqa: S310 - 127.0.0.1
        yield address, worker
    finally:
        process.terminate()
        process.wait()


@contextmanager
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield found
        found.close()


def measure(chromium: Browser, kind: str, file: Path) -> Times:
    """Times over one kind of table."""
    times = Times()
    for _ in range(STARTS):
        with server(kind, file) as (address, _pid), _tab(chromium, address) as tab:
            painted, whole = tab.open()
            times.first_paint.append(painted)
            times.whole_view.append(whole)
            if len(times.whole_view) == STARTS:
                for script in _changes():
                    tab.change(script)
                times.filter_change = [
                    tab.change(script) for _ in range(ROUNDS_OF_CHANGES) for script in _changes()
                ]
    return times


@contextmanager
def _tab(chromium: Browser, address: str) -> Iterator[Tab]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    yield Tab(context.new_page(), address)
    context.close()


def _changes() -> list[str]:
    """Filters that are set one after another, each of them taken away again."""
    clear = "document.querySelector('[data-unfilter]')?.click()"
    accounts = [
        f"dash_clientside.bedrock.addFilter('account', '{office.account_id}')" for office in OFFICES[::4]
    ]
    models = [f"dash_clientside.bedrock.addFilter('model', '{model_key(n)[0]}')" for n in range(3)]
    return [step for wanted in (*accounts, *models) for step in (wanted, clear)]


def weight(chromium: Browser, file: Path) -> int:
    """Bytes that the first visit transfers, besides plotly.js."""
    with server("sqlite", file) as (address, _pid), _tab(chromium, address) as tab:
        sizes: dict[str, int] = {}
        urls: dict[str, str] = {}
        session = tab.page.context.new_cdp_session(tab.page)
        session.send("Network.enable")
        session.on(
            "Network.requestWillBeSent",
            lambda event: urls.update({event["requestId"]: event["request"]["url"]}),
        )
        session.on(
            "Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
        )
        tab.open()
        return sum(size for key, size in sizes.items() if "plotly.min" not in urls.get(key, ""))


def cores(chromium: Browser, file: Path) -> float:
    """Share of a core that the server needs for ten people who refresh as data arrives."""
    with server("sqlite", file) as (address, pid):
        context = chromium.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(120_000)
        tabs = [Tab(context.new_page(), address) for _ in range(PEOPLE)]
        for tab in tabs:
            tab.open()
        before = _cpu_seconds(pid)
        for _ in range(ROUNDS):
            request = urllib.request.Request(f"{address}/arrive", method="POST")  # noqa: S310 - 127.0.0.1
            urllib.request.urlopen(request).close()  # noqa: S310
            for tab in tabs:
                tab.change("document.getElementById('refresh-button').click()")
        used = _cpu_seconds(pid) - before
        context.close()
        return used / (ROUNDS * REFRESH_SECONDS)


def _cpu_seconds(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / _TICKS


def table() -> str:
    """The markdown table."""
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        file = Path(folder) / "tables.sqlite"
        write_organisation(SQLiteTable(file, "usage-stats"))
        times = {kind: measure(chromium, kind, file) for kind in KINDS}
        bytes_sent, share = weight(chromium, file), cores(chromium, file)
    rows = [row for kind, found in times.items() for row in _rows(kind, found)]
    rows += [
        _row(
            "page weight besides plotly.js",
            f"{bytes_sent / 1e6:.2f} MB",
            bytes_sent / MOST_WEIGHT_BYTES,
            "at most 2 MB",
        ),
        _row(
            "ten people at 10 s with data arriving",
            f"{share:.2f} cores",
            share / MOST_CORES,
            "at most 0.5 cores",
        ),
    ]
    head = "| 90 days, 20 account-Regions, 30 models, 500 callers | measured | promised | holds |"
    return "\n".join([head, "|---|---|---|---|", *rows])


def _rows(kind: str, found: Times) -> Iterator[str]:
    warm = found.filter_change[len(found.filter_change) // 2 :]
    wanted: list[tuple[str, list[float], float]] = [
        ("first number", found.first_paint, FIRST_PAINT_SECONDS),
        ("whole first view", found.whole_view, WHOLE_VIEW_SECONDS),
        ("filter change on days read before", warm, FILTER_SECONDS),
    ]
    for name, values, limit in wanted:
        late = percentile(values, 0.95)
        text = f"p95 {late * 1000:.0f} ms, median {statistics.median(values) * 1000:.0f} ms"
        yield _row(f"{name}, {kind}", text, late / limit, f"p95 at most {limit * 1000:.0f} ms")


def percentile(values: list[float], share: float) -> float:
    """The least value that at least this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-int(share * 100) * len(ranked) // 100) - 1))]


def _row(name: str, text: str, used: float, promise: str) -> str:
    return f"| {name} | {text} | {promise} | {'yes' if used <= 1 else 'no'} |"


if __name__ == "__main__":
    print(table())
