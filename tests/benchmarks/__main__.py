"""The project's own table, with its peers in the same run: ``python -m tests.benchmarks``.

    pip install --upgrade pip && pip install -e '.[dev,bench]'
    python -m tests.benchmarks [--full] [--only NAME]… [--scrapy PYTHON]

Runs the benchmarks that compare, one after the other, each in a process of its own, in a short form
of some minutes; ``--full`` takes hours. Each prints its own rows; peers stand beside ours where
they are installed (``bench``; PYTHON is an interpreter that has Scrapy) and are named where they
are not. Ratios of one run are to be trusted, milliseconds belong to the machine and its load. What
is compared with real pages is left out where ``../shared`` is not there.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

GOLD = Path(__file__).resolve().parents[3] / "shared" / "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A benchmark of the table.

    Attributes:
        name: of its module.
        title: what it measures, and beside whom.
        short: its options in the short form.
        real: whether it needs the real pages.
    """

    name: str
    title: str
    short: tuple[str, ...]
    real: bool = False


SECTIONS = (
    Section(
        name="extraction",
        title="extraction, beside trafilatura, readability-lxml, newspaper4k, resiliparse, gne",
        short=("--limit", "8"), real=True,
    ),
    Section(
        name="fetching", title="fetch, beside Scrapy", short=("--hosts", "40", "--pages", "5"),
    ),
    Section(
        name="archive", title="archive, beside a gzipped WARC and ArchiveBox",
        short=("--articles", "200"),
    ),
    Section(
        name="search", title="search, beside FTS5's unicode61 and trigram",
        short=("--articles", "2000"),
    ),
    Section(
        name="importing", title="import, beside a plain pool around trafilatura",
        short=("--step", "24"), real=True,
    ),
    Section(
        name="browse", title="browse, beside its own limits",
        short=("--articles", "2000", "--requests", "10"),
    ),
    Section(
        name="idle", title="idle, beside its own limits",
        short=("--minutes", "2", "--sources", "50"),
    ),
)  # fmt: skip


def command_of(section: Section, *, full: bool, scrapy: str) -> list[str]:
    """Return the command of a section."""
    words = [sys.executable, "-m", f"tests.benchmarks.{section.name}"]
    words += () if full else section.short
    if section.name == "fetching" and scrapy:
        words += ["--python", scrapy]
    return words


def main() -> None:
    """Run the sections; end with 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    names = [section.name for section in SECTIONS]
    parser.add_argument("--full", action="store_true", help="each as it is run by itself")
    parser.add_argument("--only", action="append", choices=names, default=[], metavar="NAME",
                        help=f"only these: {', '.join(names)}")  # fmt: skip
    parser.add_argument("--scrapy", default="", metavar="PYTHON", help="that has Scrapy")
    given = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python {sys.version.split()[0]}")
    failed = []
    for section in SECTIONS:
        if given.only and section.name not in given.only:
            continue
        words = command_of(section, full=given.full, scrapy=given.scrapy)
        print(f"\n== {section.title}\n$ python {' '.join(words[1:])}", flush=True)
        if section.real and not GOLD.is_dir():
            print(f"left out: no real pages at {GOLD}")
            continue
        begun = time.monotonic()
        if subprocess.run(words, check=False).returncode:
            failed.append(section.name)
        print(f"({time.monotonic() - begun:.0f} s)", flush=True)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
