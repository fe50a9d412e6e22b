"""Extraction beside its peers on the gold pages: F1 and CPU time, in one table.

    pip install --upgrade pip && pip install -e '.[bench]'
    python -m tests.benchmarks.extraction [--set zh] [--limit 50]

(pip 23 can't resolve the peers' spellings of lxml's extra together; a newer one can.) Peers that
are not installed are named and left out. Our row is in-sample, for the shipped model was
trained on these pages; ``python -m tests.training --report`` gives the figure on unseen sites.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from types import ModuleType

from scraper.errors import ExtractError
from scraper.extraction import extract
from tests.training.gold import GOLD, GoldPage, load

Peer = Callable[[bytes, str], str]


def _ours(body: bytes, url: str) -> str:
    try:
        return extract(body, url or None).text
    except ExtractError:
        return ""


def _trafilatura(module: ModuleType, *, fast: bool) -> Peer:
    return lambda body, url: (
        module.extract(body, url=url or None, include_comments=False, fast=fast) or ""
    )


def _readability(module: ModuleType) -> Peer:
    html = importlib.import_module("lxml.html")

    def run(body: bytes, url: str) -> str:
        summary = module.Document(body.decode("utf-8", "replace")).summary()
        return str(html.fromstring(summary).text_content())

    return run


def _newspaper(module: ModuleType) -> Peer:
    def run(body: bytes, url: str) -> str:
        article = module.Article(url or "http://site.example/")
        article.download(input_html=body.decode("utf-8", "replace"))
        article.parse()
        return str(article.text)

    return run


def _resiliparse(module: ModuleType) -> Peer:
    return lambda body, url: str(
        module.extract_plain_text(body.decode("utf-8", "replace"), main_content=True)
    )


def _gne(module: ModuleType) -> Peer:
    extractor = module.GeneralNewsExtractor()
    return lambda body, url: str(extractor.extract(body.decode("utf-8", "replace"))["content"])


def _justext(module: ModuleType) -> Peer:
    stop = module.get_stoplist("English")
    return lambda body, url: "\n".join(
        p.text for p in module.justext(body, stop) if not p.is_boilerplate
    )


PEERS: dict[str, tuple[str, Callable[[ModuleType], Peer]]] = {
    "trafilatura": ("trafilatura", lambda m: _trafilatura(m, fast=False)),
    "trafilatura, fast": ("trafilatura", lambda m: _trafilatura(m, fast=True)),
    "readability-lxml": ("readability", _readability),
    "newspaper4k": ("newspaper", _newspaper),
    "resiliparse": ("resiliparse.extract.html2text", _resiliparse),
    "gne": ("gne", _gne),
    "justext": ("justext", _justext),
}


def _row(name: str, peer: Peer, pages: Sequence[GoldPage]) -> str:
    score = importlib.import_module("score")
    figures: dict[str, list[tuple[float, float, float]]] = {}
    spent = failed = 0.0
    for page in pages:
        begin = time.process_time()
        try:
            text = peer(page.body, page.url)
        except Exception:  # noqa: BLE001 - a peer may raise anything; it is counted, not hidden
            text, failed = "", failed + 1
        spent += time.process_time() - begin
        record = dict(page.record)
        figures.setdefault(page.set, []).append(
            score.prf(score.neutral(record, text), score.neutral(record, page.text))
        )
    cells = "".join(
        f"{statistics.mean(f[0] for f in rows):>8.4f}/{statistics.mean(f[1] for f in rows):.3f}"
        for rows in figures.values()
    )
    return f"{name:<20}{cells}{1000 * spent / len(pages):>9.1f}{int(failed):>7}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", dest="sets", default=[])
    parser.add_argument("--limit", type=int, default=10_000, help="at most N pages of each set")
    args = parser.parse_args()
    if not GOLD.is_dir():
        sys.exit(f"benchmark: no gold pages at {GOLD}")
    sys.path.insert(0, str(GOLD))
    pages: list[GoldPage] = []
    seen: dict[str, int] = {}
    for page in load(*args.sets):
        seen[page.set] = seen.get(page.set, 0) + 1
        if seen[page.set] <= args.limit:
            pages.append(page)
    print(
        f"{'F1/precision':<20}{''.join(f'{name:>14}' for name in seen)}{'ms/page':>9}{'errors':>7}"
    )
    print(_row("ours (in-sample)", _ours, pages))
    for name, (module, make) in PEERS.items():
        try:
            peer = make(importlib.import_module(module))
        except ImportError:
            print(f"{name:<20} not installed")
            continue
        print(_row(name, peer, pages), flush=True)


if __name__ == "__main__":
    main()
