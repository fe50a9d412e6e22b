"""What a daemon costs while nothing happens: CPU and memory of all its processes together.

``python -m tests.benchmarks.idle`` serves 200 feeds with nothing new on the loopback, lets a daemon
read them once, spreads their next visits over an hour as months of running do, and measures for
five minutes: CPU time from /proc, memory as PSS (pages that processes share are counted once).
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Of one core, and megabytes: what the project asks of itself.
MOST_CPU, MOST_MB = 0.002, 110.0

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Quay {n}</title>
<link>http://127.0.0.1/</link><description>None</description></channel></rss>"""


class Handler(BaseHTTPRequestHandler):
    """Feeds without an entry, which say when they have not changed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        same = self.headers.get("if-none-match") == '"1"'
        robots = self.path == "/robots.txt"
        body = b"" if same or robots else FEED.format(n=self.path).encode()
        self.send_response(304 if same else 200)
        self.send_header("etag", '"1"')
        self.send_header("content-type", "text/plain" if robots else "application/rss+xml")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


def processes(pid: int) -> list[int]:
    """A process and all below it."""
    found, below = [], [pid]
    while below:
        found.append(below.pop())
        for path in Path("/proc").glob(f"{found[-1]}/task/*/children"):
            below += [int(child) for child in path.read_text().split()]
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of processes, and of their children that have ended."""
    ticks = 0
    for pid in pids:
        # Idle workers end; what they took is counted for the process that they were forked from.
        with suppress(FileNotFoundError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def pss_mb(pids: list[int]) -> float:
    """Proportional memory of processes in megabytes."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def configure(folder: Path, port: int, sources: int) -> None:
    """Write a configuration of feeds on the loopback."""
    folder.mkdir()
    (folder / "settings.toml").write_text(
        f'[fetch]\nports = [{port}]\nallow_private = ["127.0.0.0/8"]\ndelay = 0.0\n'
    )
    (folder / "sources.toml").write_text(
        "".join(
            f'[[source]]\nname = "quay-{n}"\nkind = "feed"\noutlet = "Quay {n}"\n'
            f'url = "http://127.0.{n // 250}.{n % 250 + 1}:{port}/{n}"\ninterval = 3600\n'
            for n in range(sources)
        )
    )


def spread(archive: Path) -> int:
    """Spread the next visits over an hour; return how many sources were read."""
    chance, now = random.Random(1), datetime.now(UTC)
    with sqlite3.connect(archive / "archive.db", timeout=60) as connection:
        rows = connection.execute("select id from sources where last_ok_at is not null").fetchall()
        for (number,) in rows:
            due = now + timedelta(seconds=chance.uniform(0, 3600))
            connection.execute(
                "update sources set next_due_at = ? where id = ?",
                [due.strftime("%Y-%m-%dT%H:%M:%SZ"), number],
            )
    connection.close()
    return len(rows)


def main() -> None:
    """Measure and print; the exit code is 1 where it costs more than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.idle", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--sources", type=int, default=200)
    options = parser.parse_args()
    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(tempfile.mkdtemp())
    configure(folder / "config", server.server_address[1], options.sources)
    daemon = subprocess.Popen(
        [sys.executable, "-m", "scraper", "--config", str(folder / "config"), "--archive",
         str(folder / "archive"), "daemon", "--log", str(folder / "log")],
    )  # fmt: skip
    try:
        read, begun = 0, time.monotonic()
        while read < options.sources and time.monotonic() - begun < 300:
            time.sleep(5)
            if (folder / "archive" / "archive.db").exists():
                read = spread(folder / "archive")
        print(f"{read} of {options.sources} sources were read; measuring", flush=True)
        time.sleep(20)
        pids = processes(daemon.pid)
        before, start = cpu_seconds(pids), time.monotonic()
        time.sleep(60 * options.minutes)
        pids = sorted({*pids, *processes(daemon.pid)})
        share = (cpu_seconds(pids) - before) / (time.monotonic() - start)
        pids = processes(daemon.pid)
        memory = pss_mb(pids)
        load = os.getloadavg()[0]
        print(
            f"CPU    {share:.2%} of one core (at most {MOST_CPU:.1%}), machine at load {load:.1f}"
        )
        print(f"memory {memory:.0f} MB PSS of {len(pids)} processes (at most {MOST_MB:.0f} MB)")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(60)
        server.shutdown()
        shutil.rmtree(folder)
    sys.exit(share > MOST_CPU or memory > MOST_MB)


if __name__ == "__main__":
    main()
