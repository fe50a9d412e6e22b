"""Fetching beside Scrapy, from many loopback hosts that each take 50 ms to answer.

    python -m tests.benchmarks.fetching [--hosts 100] [--pages 10] [--python PYTHON]

PYTHON is an interpreter that has Scrapy (``pip install scrapy``, in an environment of its own);
where it has none, our row stands alone. Both ask robots.txt, ask a host one thing at a time, and
keep no gap; we check addresses and caps besides. CPU time is the client's own, without its imports.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import importlib
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path

LATENCY = 0.05
ROBOTS = b"User-agent: *\nDisallow: /private\n"
WORDS = ["open", "model", "weights", "price", "harbour", "ferry", "模型", "开源", "价格", "港口"]

# Is given the addresses of each host in order; returns what fetches them and tells their sizes.
Crawl = Callable[[list[list[str]]], Callable[[], list[int]]]


def _page(number: int) -> bytes:
    """Return a page of 20 to 200 kB that depends on its number alone."""
    dice = random.Random(number)
    text = " ".join(dice.choices(WORDS, k=dice.randrange(3_000, 30_000)))
    return f"<html><body><p>{text}</p></body></html>".encode()


async def _serve(hosts: int, pages: int) -> None:
    """Serve on 127.0.1.1 and the addresses behind it; print the port when ready."""
    bodies = [gzip.compress(_page(number), 6) for number in range(pages)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1]
                await asyncio.sleep(LATENCY)
                body, coding = ROBOTS, b""
                if path != b"/robots.txt":
                    body, coding = bodies[int(path[1:])], b"Content-Encoding: gzip\r\n"
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                writer.write(head + coding + b"Content-Length: %d\r\n\r\n" % len(body) + body)
                await writer.drain()
        except (OSError, EOFError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(answer, "127.0.1.1", 0)
    port = first.sockets[0].getsockname()[1]
    others = [await asyncio.start_server(answer, f"127.0.1.{n}", port) for n in range(2, hosts + 1)]
    print(port, flush=True)
    await asyncio.gather(*(server.serve_forever() for server in [first, *others]))


def _ours(urls: list[list[str]]) -> Callable[[], list[int]]:
    """Return what fetches with our client and returns the sizes of the pages."""
    client_of = importlib.import_module("scraper.fetching").Client
    settings = importlib.import_module("scraper.models").FetchSettings(
        delay=0.0,
        ports=(int(urls[0][0].split(":")[2].split("/")[0]),),
        allow_private=("127.0.0.0/8",),
        concurrency=len(urls),
    )

    async def run() -> list[int]:
        async with client_of(settings) as client:

            async def one(own: list[str]) -> list[int]:
                return [len((await client.get(url)).body) for url in own]

            return list(chain.from_iterable(await asyncio.gather(*map(one, urls))))

    return lambda: asyncio.run(run())


def _scrapy(urls: list[list[str]]) -> Callable[[], list[int]]:
    """Return what fetches with Scrapy and returns the sizes of the pages."""
    scrapy = importlib.import_module("scrapy")
    process_of = importlib.import_module("scrapy.crawler").CrawlerProcess
    sizes: list[int] = []

    class Spider(scrapy.Spider):  # type: ignore[name-defined, misc]
        name = "bench"

        async def start(self):  # type: ignore[no-untyped-def]
            for number in range(len(urls[0])):
                for own in urls:
                    yield scrapy.Request(own[number], callback=self.parse)

        def parse(self, response):  # type: ignore[no-untyped-def]
            sizes.append(len(response.body))

    settings = {
        "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": len(urls),
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "COOKIES_ENABLED": False, "LOG_LEVEL": "ERROR",
        "TELNETCONSOLE_ENABLED": False, "RETRY_ENABLED": False,
    }  # fmt: skip

    def run() -> list[int]:
        process = process_of(settings)
        process.crawl(Spider)
        process.start()
        return sizes

    return run


CLIENTS: dict[str, Crawl] = {"ours": _ours, "scrapy": _scrapy}


def _measure(name: str, urls: list[list[str]]) -> None:
    """Fetch with one client and print its figures as JSON."""
    crawl = CLIENTS[name](urls)
    begun, cpu = time.perf_counter(), time.process_time()
    sizes = crawl()
    figures = {
        "pages": len(sizes),
        "bytes": sum(sizes),
        "seconds": time.perf_counter() - begun,
        "cpu": time.process_time() - cpu,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(figures))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=100, help="at most 254")
    parser.add_argument("--pages", type=int, default=10, help="of each host")
    parser.add_argument("--python", default=sys.executable, help="that has Scrapy")
    parser.add_argument("--run", choices=["server", *CLIENTS], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.run == "server":
        asyncio.run(_serve(args.hosts, args.pages))
    elif args.run:
        _measure(args.run, json.load(sys.stdin))
    else:
        _compare(args.hosts, args.pages, args.python)


def _compare(hosts: int, pages: int, python: str) -> None:
    itself = str(Path(__file__).resolve())
    count = ["--hosts", str(hosts), "--pages", str(pages)]
    command = [sys.executable, itself, "--run", "server", *count]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        urls = [
            [f"http://127.0.1.{host}:{port}/{number}" for number in range(pages)]
            for host in range(1, hosts + 1)
        ]
        print(f"{'':<8}{'pages':>7}{'lost':>6}{'pages/s':>9}{'CPU ms/page':>13}{'MB':>6}")
        for name, interpreter in (("ours", sys.executable), ("scrapy", python)):
            done = subprocess.run(
                [interpreter, itself, "--run", name],
                input=json.dumps(urls), capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode != 0:
                print(f"{name:<8} failed: {(done.stderr.splitlines() or ['?'])[-1]}")
                continue
            found = json.loads(done.stdout.splitlines()[-1])
            print(
                f"{name:<8}{found['pages']:>7}{hosts * pages - found['pages']:>6}"
                f"{found['pages'] / found['seconds']:>9.0f}"
                f"{1000 * found['cpu'] / max(1, found['pages']):>13.2f}{found['memory']:>6}"
            )
        server.terminate()


if __name__ == "__main__":
    main()
