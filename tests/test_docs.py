"""README and docs: every command and option is there, every link leads somewhere."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import click
import pytest

from scraper.cli import SECTIONS, main
from scraper.cli.documents import DOCUMENTS
from scraper.cli.schemas import schema_named
from scraper.config import SETTINGS, SOURCE
from scraper.toml_file import shipped_config
from scraper.topics.lexicon import lexicon_in
from tests.documents import DOCS, ROOT, Command, Demo, collected, commands, pages, plain
from tests.json_documents import READING, document

# The demo is collected once, before the first test that needs it.
pytestmark = pytest.mark.timeout(600)

COMMANDS = [command for page in pages() for command in commands(page)]
SHOWN = [c for c in COMMANDS if c.words.startswith("scraper ")]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with collected(tmp_path_factory.mktemp("docs")) as demo:
        yield demo


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_hook", DOCS / "hook.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_there_is_much_to_check() -> None:
    assert len(SHOWN) > 100


@pytest.mark.parametrize("command", SHOWN, ids=str)
def test_every_command_and_option_exists(command: Command) -> None:
    rest = shlex.split(command.words.partition(" > ")[0])[1:]
    group: click.Command = main
    context = click.Context(main, info_name="scraper")
    while True:
        # Options and their number of values are looked up; nothing is opened, nothing is run.
        rest = group.make_parser(context).parse_args(rest)[1]
        if not isinstance(group, click.Group):
            break
        assert rest, "no command is named"
        found = group.get_command(context, rest[0])
        assert found is not None, f"there is no command {rest[0]}"
        group, rest = found, rest[1:]
        context = click.Context(found, parent=context)


def test_the_first_command_prints_what_the_readme_shows(demo: Demo) -> None:
    [shown] = [c for c in COMMANDS if c.page == "README.md" and c.words == "make run"]
    printed = {plain(line) for line in demo.told.splitlines()}
    lines = {plain(line) for line in shown.output if not re.match(r"⋮|Browse it|Search it", line)}
    # Sources are collected side by side: which comes first differs.
    assert len(lines) > 30 and lines <= printed, lines - printed


@pytest.fixture(scope="module")
def numbers(demo: Demo) -> dict[str, str]:
    """Numbers that words of `READING` stand for: which article has which differs by run."""
    told = json.loads(demo.run(["changes", "--limit", "10000", "--json"]).stdout)["entries"]
    edited = [entry["article_id"] for entry in told if entry["kind"] == "edited"]
    once = {entry["article_id"] for entry in told} - {
        entry["article_id"] for entry in told if (entry["version"] or 1) > 1
    }
    story = json.loads(demo.run(["stories", "--json"]).stdout)["stories"][0]["id"]
    return {"EDITED": str(edited[0]), "ONCE": str(min(once)), "STORY": str(story)}


@pytest.mark.parametrize(
    ("words", "name"),
    [(f"{command} {words}", name) for command, some in READING.items() for words, name in some],
)
def test_json_is_what_its_schema_says(
    words: str, name: str, demo: Demo, numbers: dict[str, str]
) -> None:
    done = demo.run([numbers.get(word, word) for word in words.split()])
    assert done.returncode == 0, done.stderr
    document(done.stdout, name)


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path, hook: ModuleType) -> None:
    text = page.read_text(encoding="utf-8")
    made = {(DOCS / name).resolve() for name in hook.pages()}
    for target in re.findall(r"\]\(((?!https?:)[^)\s]+)\)", text):
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists() or path in made, target
        if anchor and path not in made:
            heads = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w]+", "-", head.lower()).strip("-") for head in heads}
            assert anchor in slugs, target


def test_the_reference_is_made_of_all_that_there_is(hook: ModuleType) -> None:
    made = {name: make() for name, make in hook.pages().items()}
    told = made["reference/commands.md"]
    for entries in SECTIONS.values():
        for entry in entries:
            assert f"### {entry.name}\n" in told
    assert "### sources add\n" in told and "--pack NAME" in told
    told = made["reference/configuration.md"]
    keys = [key for table in SETTINGS.values() for key in table.keys] + list(SOURCE.keys)
    lines = {key: re.search(rf"^\| `{key}` \|(.+)\|$", told, re.MULTILINE) for key in keys}
    assert [key for key, line in lines.items() if line is None] == []
    bare = [key for key in SOURCE.keys if lines[key] and lines[key][1].split("|")[-1].strip() == ""]
    assert bare == [], "keys without a meaning in the head of sources.toml"
    for words in ("### articles\n", "### change_list\n", "### versions\n", "`first_observed_at`"):
        assert words in made["reference/schema.md"]
    for words in (
        "### Article\n",
        "### ChangeRow\n",
        "scraper schema NAME",
        "`confidence`",
        "`scraper search --json`",
        "schemas/history.schema.json",
    ):
        assert words in made["reference/json.md"]


def test_the_plugin_in_the_guide_is_the_one_that_is_tested() -> None:
    code = (DOCS / "examples" / "plugin" / "scraper_headlines.py").read_text(encoding="utf-8")
    guide = (DOCS / "guides" / "extend.md").read_text(encoding="utf-8")
    assert f"```python\n{code.rstrip()}\n```" in guide


def test_the_lexicon_is_as_large_as_the_guide_says() -> None:
    guide = " ".join((DOCS / "guides" / "topics.md").read_text(encoding="utf-8").split())
    lexicon = lexicon_in(shipped_config())
    assert f"some {round(len(lexicon.entries), -1)} models, makers" in guide
    assert f"under {round(len(lexicon.aliases), -1):,} spellings" in guide


def test_every_page_is_in_the_navigation(hook: ModuleType) -> None:
    settings = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = set(re.findall(r": ([\w/]+\.md)$", settings, re.MULTILINE))
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")} | set(hook.pages())
    assert listed == there


def test_the_site_is_built_without_warnings_and_asks_no_other_host(tmp_path: Path) -> None:
    pytest.importorskip("material", reason="the extra docs is not installed")
    import logging

    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    handler = logging.Handler(logging.WARNING)
    told: list[str] = []
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("mkdocs").addHandler(handler)
    try:
        build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path / "site")))
    finally:
        logging.getLogger("mkdocs").removeHandler(handler)
    assert told == []
    loads = re.compile(r"<(?:link|script|img|iframe|source)\b[^>]*?(?:href|src)=\"(https?:[^\"]+)")
    for path in (tmp_path / "site").rglob("*.html"):
        assert loads.findall(path.read_text(encoding="utf-8")) == [], path
    for name in DOCUMENTS:
        published = tmp_path / "site" / "reference" / "schemas" / f"{name}.schema.json"
        assert json.loads(published.read_text(encoding="utf-8")) == schema_named(name)
    for path in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"url\([\"']?https?:", path.read_text(encoding="utf-8")), path
