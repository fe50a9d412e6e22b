"""Discovery: what a feed of 1,000 entries costs, and a pass over 200 sources with nothing new.

    python -m tests.benchmarks.discovery [--sources 200] [--entries 1000]

The feed has whole articles in its entries; its figure is our CPU time beyond feedparser's own. The
pass goes over loopback hosts of their own, with the shipped settings (a gap of 2 s between two
requests to one host): half of them answer 304, half the same feed of 20 entries again. Memory is
the most that the program and its workers had between them (proportional set size: what several
share is counted once).
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

LINE = "The harbour board said on Monday that the weights of the timetable model would be open. "
PAUSE = 0.05


def feed(entries: int, at: str, *, whole: bool) -> bytes:
    """Return an RSS feed with entries at an address."""
    text = "".join(f"<p>{LINE * 4}</p>" for _ in range(8))
    content = f"<content:encoded><![CDATA[{text}]]></content:encoded>" if whole else ""
    items = "".join(
        f"<item><title>Story {n} of the harbour &amp; its models</title>"
        f"<link>{at}/2026/03/{n}</link><guid>{at}/2026/03/{n}</guid>"
        f"<pubDate>Tue, 10 Mar 2026 08:{n % 60:02}:00 +0800</pubDate>"
        f"<description>{LINE}</description>{content}</item>"
        for n in range(entries)
    )
    return (
        "<?xml version='1.0' encoding='utf-8'?><rss version='2.0' xmlns:content="
        f"'http://purl.org/rss/1.0/modules/content/'><channel><title>Harbour</title>{items}"
        "</channel></rss>"
    ).encode()


def parsing(entries: int) -> None:
    """Print what reading a feed costs beyond feedparser."""
    ours: Any = importlib.import_module("scraper.discovery.feed")
    theirs: Any = importlib.import_module("feedparser")
    source = importlib.import_module("scraper.models").Source(
        name="s", kind="feed", url="https://a.example/feed", outlet="A", zone="Asia/Shanghai"
    )
    now = datetime.now(UTC)
    parse = theirs.parse
    within = 0.0

    def timed(*arguments: Any, **options: Any) -> Any:
        nonlocal within
        begun = time.process_time()
        parsed = parse(*arguments, **options)
        within += time.process_time() - begun
        return parsed

    def measured(body: bytes) -> tuple[float, float]:
        """Return the CPU time of reading a feed, and what of it is feedparser's."""
        nonlocal within
        within, begun = 0.0, time.process_time()
        found = ours.parse_feed(body, source.url, "", source, now)
        spent = time.process_time() - begun
        assert len(found.entries) == entries
        return spent, within

    theirs.parse = timed
    for whole in (False, True):
        body = feed(entries, "https://a.example", whole=whole)

        pairs = [measured(body) for _ in range(7)]
        all_of_it = statistics.median(whole_time for whole_time, _ in pairs)
        beyond = statistics.median(whole_time - within for whole_time, within in pairs)
        kind = "whole articles" if whole else "summaries"
        print(
            f"feed of {entries} entries, {kind}, {len(body) / 1e6:.1f} MB: "
            f"{1000 * all_of_it:.0f} ms of CPU time, {1000 * beyond:.0f} ms beyond feedparser's own"
        )


async def _serve(hosts: int) -> None:
    """Serve a feed on 127.0.1.1 and the addresses behind it; print the port when ready."""
    bodies: dict[str, bytes] = {}
    port = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                host = writer.get_extra_info("sockname")[0]
                number = int(host.rsplit(".", 1)[1]) + 256 * int(host.split(".")[2])
                await asyncio.sleep(PAUSE)
                path = head.split(b" ")[1]
                if path == b"/robots.txt":
                    said = (
                        b"HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\nUser-agent: *\nDisallow:\n\n"
                    )
                elif number % 2 and b"If-None-Match" in head:
                    said = b"HTTP/1.1 304 Not Modified\r\n\r\n"
                else:
                    body = bodies.setdefault(host, feed(20, f"http://{host}:{port}", whole=False))
                    said = (
                        b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: application/rss+xml\r\n'
                        b"Content-Length: %d\r\n\r\n" % len(body) + body
                    )
                writer.write(said)
                await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(answer, "127.0.1.1", 0)
    port = first.sockets[0].getsockname()[1]
    others = [
        await asyncio.start_server(answer, f"127.0.{1 + n // 250}.{1 + n % 250}", port)
        for n in range(1, hosts)
    ]
    print(port, flush=True)
    await asyncio.gather(*(server.serve_forever() for server in [first, *others]))


class Resident(threading.Thread):
    """Watches how much memory this process and those that it started have between them.

    Args:
        without: a process that does not count.
    """

    def __init__(self, without: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self.over = threading.Event()
        self._without = str(without)

    def run(self) -> None:
        """Look every 200 ms until it is over."""
        while not self.over.wait(0.2):
            self.most = max(self.most, sum(map(_resident, _family("self", self._without))))


def _family(pid: str, without: str) -> list[str]:
    """Return a process and all that came of it."""
    if pid == without:
        return []
    try:
        tasks = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return [pid]
    children = " ".join(tasks).split()
    return [pid, *(one for child in children for one in _family(child, without))]


def _resident(pid: str) -> int:
    """Return the memory of a process; what it shares with others counts in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


async def passes(count: int, port: int, folder: Path, without: int) -> None:
    """Print what passes over many sources cost."""
    archive: Any = importlib.import_module("scraper.archive")
    config_of: Any = importlib.import_module("scraper.config")
    models: Any = importlib.import_module("scraper.models")
    pipeline_of: Any = importlib.import_module("scraper.pipeline").Pipeline
    shipped = config_of.load_config()
    from_dataclasses = importlib.import_module("dataclasses").replace
    sources = tuple(
        models.Source(
            name=f"s{n}", kind="feed", outlet=f"S{n}",
            url=f"http://127.0.{1 + n // 250}.{1 + n % 250}:{port}/feed",
        )
        for n in range(count)
    )  # fmt: skip
    config = from_dataclasses(
        shipped,
        sources=sources,
        fetch=from_dataclasses(
            shipped.fetch, ports=(port,), allow_private=("127.0.0.0/8",), ask_reservations=False
        ),
    )
    now = datetime.now(UTC)
    clock = {"now": now}
    # What the feeds show is known already, as after a first pass that read all articles.
    at = models.Link
    with archive.Archive(folder) as opened:
        opened.sync_sources(sources, now - timedelta(hours=2))
        for source in sources:
            base = source.url.removesuffix("/feed")
            page = models.Page(
                url=source.url, final_url=source.url, status=200, headers={"etag": '"1"'},
                body=feed(20, base, whole=False), fetched_at=now - timedelta(hours=2),
            )  # fmt: skip
            links = tuple(
                at(url=f"{base}/2026/03/{n}", source=source.name, position=n) for n in range(20)
            )
            found = models.Discovery(links=links, pages=(page,))
            opened.record_visit(source.name, now - timedelta(hours=2), discovery=found)
            opened.record_all(
                [
                    models.Attempt(link=link, at=now, error_class="not_html", message="x")
                    for link in links
                ]
            )
    for title in ("robots.txt asked first", "robots.txt known"):
        watching = Resident(without)
        watching.start()
        begun, spent = time.monotonic(), time.process_time()
        async with pipeline_of(
            config,
            open_archive=lambda: archive.Archive(folder),
            clock=lambda: clock["now"],
        ) as pipeline:
            tally = await pipeline.collect()
        took, cpu = time.monotonic() - begun, time.process_time() - spent
        watching.over.set()
        watching.join()
        total = tally.total()
        assert total["failed_sources"] == 0 and len(tally.by_source) >= count, total
        print(
            f"collect over {count} sources, nothing new, {title}: {took:.1f} s, {cpu:.1f} s of CPU "
            f"time in the main process, {watching.most / 1e6:.0f} MB resident at most; "
            + json.dumps(total)
        )
        clock["now"] += timedelta(hours=1, minutes=5)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--entries", type=int, default=1000)
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        asyncio.run(_serve(options.serve))
        return
    parsing(options.entries)
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.discovery", "--serve", str(options.sources)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(passes(options.sources, port, Path(folder), server.pid))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
