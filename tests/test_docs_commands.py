"""Each command of README and docs is run, page by page, as somebody types it who reads the page.

A page has a machine of its own (`docs_machine`), on which what it speaks of is there
(`docs_world`): one folder, its commands in their order. What is run in place of a command, and what
never ends by itself, stands in tables.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from tests import docs_world
from tests.docs_machine import Done, Step, run_steps
from tests.documents import DOCS, ROOT, Command, commands, pages, unlike_shown
from tests.test_plugins import install


def _may_unshare() -> bool:
    if not shutil.which("unshare") or not shutil.which("ip"):
        return False
    return subprocess.run(["unshare", "-rnm", "true"], capture_output=True).returncode == 0


pytestmark = [
    pytest.mark.timeout(1200),  # a hostile limit: a busy machine takes minutes for a page
    pytest.mark.skipif(not _may_unshare(), reason="needs unshare and ip, and leave to use them"),
]

PAGES = {str(page.relative_to(ROOT)): commands(page) for page in pages() if commands(page)}

# What is run once for all pages, without the installation that `make test` does likewise.
MADE = {"make run": "scraper demo --collect", "scraper demo --collect": "scraper demo --collect"}
# What is run in place of what is written: a part of a command, what replaces it, and why.
INSTEAD = (
    ("scraper story 12", "scraper story 1", "a number that `scraper stories` printed"),
    ("--since 1200", "--since 3", "a cursor that an export printed"),
    ("--nworkers 16", "--nworkers 2", "the machine of the tests has fewer cores"),
    ("/data/shards", "$HOME/shared", "a disk that all machines share"),
    ("2026-07-01", f"{docs_world.SPRING:%Y-%m-%d}", "a day before which pages rest"),
)  # fmt: skip
# What never ends by itself, and ends with 0 when it is stopped.
ENDLESS = {
    r"scraper .*\bbrowse$": Step(
        words="", up=r"\(Ctrl-C to stop\)", asked="http://127.0.0.1:8001/"
    ),
    r"scraper daemon$": Step(words="", up=r"started: \d+ source"),
    r"scraper changes --follow --json$": Step(
        words="",
        up=r"^rests on ",
        meanwhile=f"scraper fetch {docs_world.LATE_ADDRESS}",
        told=r'"kind": ?"new".*\n',
    ),
    r"scraper demo$": Step(
        words="",
        up=r"the newsroom is running",
        asked="http://notes.localhost:8400/2025/keeping-old-weights",
    ),
}
# The same for what later commands of the page need: it is stopped at the end of the page.
STAYING = {
    r"dask scheduler\b": r"Scheduler at:",
    r"dask worker\b": r"(?s)(?:Registered to:.*){2}",
}
# What a command prints, at least, on a page that goes on where another has made `news`: what the
# page says of it holds there.
PRINTS = {
    "scraper import crawl-2025-12.warc.gz": r"(?m)^crawl-2025-12.warc.gz +10 +10 +0 ",
    "scraper backfill example --since 2024-01-01": r"(?m)^example +[1-9]",
    "scraper export 'since:7d topic:yes' --to week.epub": r"[1-9]\d* articles exported",
    "scraper verify story.zip": r"^story.zip: unaltered",
    "scraper verify --archive": r"unaltered since archived: [1-9]",
    "scraper plugins": r"headlines +format of export",
    "scraper export --format headlines": r"^DeepSeek opens|\nDeepSeek opens",
    "scraper changes --severe": r"edited +\d+ +3 +correction, number",
    "scraper diff https://example.com/story": r"\[number\](?s:.*)\[quote\](?s:.*)\[correction\]",
    "scraper history https://example.com/story": r"(?m)^→ 2 ",
    "scraper survival": r"(?m)^Example News +[1-9]",
    "scraper facts DeepSeek-V3": r"✗ Example News says 4.6 million dollars",
    'scraper quotes "Sam Altman" --altered': r"changed by an edit",
    'scraper stories --missing "The Verge"': r"DeepSeek opens the weights",
    "scraper story 12": r"first to report: Example News(?s:.*)figures that differ",
    "scraper merge shards/": r"(?m)^all +10 |10 (?:records|are current)",
    "scraper import s3://crawl/2025-12/": r"(?m)^all +10 +10 ",
    "scraper status": r"(?m)^sources +5 watched",
    "scraper coverage": r"5 entries seen",
    "scraper doctor": r"^no problems found",
    "scraper backup": r"verified: [1-9]",
    "scraper retain --dry-run": r"nothing was written",
    "scraper reextract": r"already current +[1-9]",
    "scraper rescore --dry-run": r"nothing was written",
    "scraper regroup": r"\d+ articles: 3 in 1 story",
    "scraper rollover": r"(?m)^\d{4} +[1-9]",
    "scraper rollover --list": r"(?m)^\d{4} +[1-9](?s:.*)^2026-spring +1 ",
    "scraper rollover --merge": r"(?m)^2026-spring +1 ",
}
# Keys of settings.toml that the text of a page asks for.
ASKED_SETTINGS = {
    "docs/guides/data.md": (r"`(ports = \[[^`]+\])`", r"`(allow_private = \[[^`]+\])`"),
}
# A machine of the tests is slow, and its sites are its own: what a page need not say.
SETTINGS = "delay = 0.05\n[parse]\ntimeout = 60.0\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make what pages begin with: the demo's archive, and `news`, in which outlets are watched."""
    folder = tmp_path_factory.mktemp("made")
    begin(folder)
    docs_world.seed(folder / "seed.warc.gz")
    words = (
        *dict.fromkeys(MADE.values()),
        "scraper init news --source https://example.com/",
        "cat settings >> news/config/settings.toml",
        "cat sources >> news/config/sources.toml",
        "cd news",
        "scraper import ../seed.warc.gz",
        "scraper collect",
    )
    for done in run_steps(folder, [Step(words=one) for one in words]):
        assert done.code == 0, done
    return folder


def begin(folder: Path) -> None:
    """Lay the environment in which the program is installed where the docs have it."""
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "settings").write_text(SETTINGS, encoding="utf-8")
    (folder / "sources").write_text(docs_world.sources_file(), encoding="utf-8")


def steps_of(command: Command) -> Iterator[Step]:
    """Yield what is run of a command: mostly itself."""
    if command.words in MADE:
        return
    words = command.words
    for part, other, _ in INSTEAD:
        words = words.replace(part, other)
    for pattern, how in ENDLESS.items():
        if re.match(pattern, words):
            yield replace(how, words=words)
            return
    for pattern, up in STAYING.items():
        if re.match(pattern, words):
            yield Step(words=words, up=up, stays=True)
            return
    if part_of := re.search(r"--part 1/(\d)\b", words):
        # On the first machine; the others run the like.
        for number in range(1, int(part_of[1]) + 1):
            yield Step(words=words.replace("--part 1/", f"--part {number}/"))
        return
    yield Step(words=words)
    if words == "cd news":
        yield Step(words="cat ../settings >> config/settings.toml")
        if any("--missing" in other.words for other in PAGES[command.page]):
            # Whoever asks for that watches more than one outlet.
            yield Step(words="cat ../sources >> config/sources.toml")


def begins_in_news(page: str) -> bool:
    """Return whether a page goes on where another one has made `news`."""
    words = [command.words for command in PAGES[page]]
    return "cd news" not in words and not any("demo" in one for one in words if "--day" not in one)


def install_example(site: Path) -> None:
    """Install the plugin of the guide."""
    example = DOCS / "examples" / "plugin"
    about = tomllib.loads((example / "pyproject.toml").read_text(encoding="utf-8"))
    ((name, module),) = about["project"]["entry-points"]["scraper"].items()
    install(site, module, (example / f"{module}.py").read_text(encoding="utf-8"), name)


def settle(page: str, news: Path) -> None:
    """Write the settings that the text of a page asks for."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = "".join(
        f"{asked[1]}\n"
        for pattern in ASKED_SETTINGS.get(page, ())
        if (asked := re.search(pattern, text))
    )
    path = news / "config" / "settings.toml"
    path.write_text(path.read_text("utf-8").replace(SETTINGS, lines + SETTINGS), "utf-8")


def wrong_with(command: Command | None, done: Done, *, in_news: bool) -> str:
    """Return what is wrong with what came of a command; nothing where it is as the page says.

    Args:
        command: as it is written; None of what only prepares or helps another.
        done: what came of it.
        in_news: whether the page goes on where another has made `news`.
    """
    if done.wrong:
        return done.wrong
    if done.code != 0:
        return f"it ended with {done.code}"
    if done.words.startswith("scraper") and "Traceback" in done.err:
        return "a traceback"
    if command is None:
        return ""
    # What is only told to whoever watches goes to standard error.
    unlike = [unlike_shown(command.output, printed) for printed in (done.out, done.err)]
    if command.output and all(unlike):
        return f"it printed other lines than are shown: {unlike[0]}"
    pattern = PRINTS.get(command.words)
    if in_news and pattern and not re.search(pattern, done.out + done.err):
        return f"it printed nothing like {pattern!r}"
    return ""


@pytest.mark.parametrize("page", PAGES)
def test_a_page_does_what_it_says(page: str, made: Path, tmp_path: Path) -> None:
    begin(tmp_path)
    env: dict[str, str] = {}
    in_news = begins_in_news(page)
    if in_news:
        folder = copytree(made / "news", tmp_path / "news")
        settle(page, folder)
    else:
        folder = tmp_path
        copytree(made / "archive", tmp_path / "archive")
    if page.endswith("extend.md"):
        install_example(tmp_path / "site")
        env["PYTHONPATH"] = str(tmp_path / "site")
    steps = [(command, step) for command in PAGES[page] for step in steps_of(command)]
    by_words = {step.words: command for command, step in steps}
    done = run_steps(folder, [step for _, step in steps], env)
    wrong = [
        f"{one.words}: {found}\n{one.out[-2000:]}\n{one.err[-2000:]}"
        for one in done
        if (found := wrong_with(by_words.get(one.words), one, in_news=in_news))
    ]
    assert wrong == [], "\n".join(wrong)
    ran = [one.words for one in done]
    assert [step.words for _, step in steps if step.words not in ran] == []


def test_what_the_tables_name_is_in_the_docs() -> None:
    written = [command.words for page in PAGES.values() for command in page]
    for part, _, why in INSTEAD:
        assert any(part in words for words in written), (part, why)
    for pattern in (*ENDLESS, *STAYING):
        assert any(re.match(pattern, words) for words in written), pattern
    assert {*MADE, *PRINTS} <= set(written)
    for page, patterns in ASKED_SETTINGS.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        assert all(re.search(pattern, text) for pattern in patterns), page
