"""README and docs as readers use them: their commands, and the newsroom that they speak of."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copytree

from scraper import open_archive
from scraper.demo import PASSES, Newsroom
from scraper.toml_file import shipped_config

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
# The port of the newsroom in what is written.
WRITTEN_PORT = 8400


def pages() -> list[Path]:
    """Return README and all pages of the docs."""
    return [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command of a ``console`` block.

    Attributes:
        page: where it stands.
        words: the command as typed, without what is explained behind it.
        output: the lines that are shown below it; a line ``⋮`` stands for any.
    """

    page: str
    words: str
    output: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {self.words[:70]}"


def commands(path: Path) -> list[Command]:
    """Return the commands of a page, in order."""
    found: list[Command] = []
    for block in re.findall(r"^```console\n(.*?)^```$", path.read_text("utf-8"), re.S | re.M):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            first, *output = part.rstrip("\n").split("\n")
            words = re.sub(r"\s{2,}#.*$", "", first).strip()
            found.append(
                Command(
                    page=str(path.relative_to(ROOT)),
                    words=words.replace(".venv/bin/scraper", "scraper"),
                    output=tuple(output),
                )
            )
    return found


def plain(line: str) -> str:
    """Return a line without what differs from run to run: widths, rules, numbers of rows.

    A number of a row begins its line, or stands behind what happened to it.
    """
    line = re.sub(r"\barticle \d+", "article N", line)
    line = re.sub(r"^\s*\d+(?=\s)", "N", line)
    line = re.sub(r"\b(new|edited|retitled|gone|back)(\s+)\d+(?=\s)", r"\1\2N", line)
    return " ".join(word for word in line.split() if set(word) != {"─"})


def unlike_shown(shown: Sequence[str], printed: str) -> str:
    """Return how what was printed differs from what is shown; nothing where it does not.

    Args:
        shown: lines; ``⋮`` and ``⋯`` stand for any lines.
        printed: all that was printed.
    """
    got = [line for line in map(plain, printed.splitlines()) if line]
    at, open_ = 0, False
    wanted = [line for line in map(plain, shown) if line]
    for line in wanted:
        if line in ("⋮", "⋯"):
            open_ = True
            continue
        places = [n for n in range(at, len(got)) if got[n] == line]
        if not places or (places[0] != at and not open_):
            return f"{line!r} in {got[at : at + 40]}"
        at, open_ = places[0] + 1, False
    if open_ or not wanted or at == len(got):
        return ""
    return f"more than shown: {got[at:]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A folder in which ``archive/demo`` was collected, and the port of its newsroom.

    Attributes:
        told: what was printed while it was collected.
    """

    folder: Path
    port: int
    told: str = ""

    def run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        """Run the program in the folder."""
        return subprocess.run(
            [sys.executable, "-m", "scraper", *words],
            cwd=self.folder,
            env={
                **os.environ,
                "NO_COLOR": "1",
                "TZ": "UTC",
                "SCRAPER_ARCHIVE": "archive/demo",
                "SCRAPER_CONFIG": "config",
            },
            capture_output=True,
            text=True,
            timeout=500,  # a hostile limit: a busy machine takes minutes for the demo
        )

    def here(self, text: str) -> str:
        """Return a text with the newsroom's port in place of the written one."""
        return text.replace(f":{WRITTEN_PORT}", f":{self.port}").replace(
            f"({WRITTEN_PORT},)", f"({self.port},)"
        )


@contextmanager
def collected(folder: Path) -> Iterator[Demo]:
    """Collect from the newsroom as the docs say, and keep it running on its last day."""
    # On a busy machine a page may take more than the shipped ten seconds to be read.
    copytree(shipped_config(), folder / "config")
    settings = folder / "config" / "settings.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"^timeout = 10\.0", "timeout = 60.0", text, flags=re.M), "utf-8")
    words = ["-q", "--archive", "archive/demo", "demo", "--collect", "--port", "0"]
    done = Demo(folder=folder, port=0).run(words)
    assert done.returncode == 0, done.stderr
    with open_archive(folder / "archive" / "demo") as archive:
        address = next(archive.articles()).url
    found = re.search(r":(\d+)/", address)
    assert found
    port = int(found[1])
    with Newsroom(port=port, clock=lambda: PASSES[-1]):
        yield Demo(folder=folder, port=port, told=done.stdout)
