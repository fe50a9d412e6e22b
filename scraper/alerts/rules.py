"""`alerts.toml`, read and checked: what is told, and where it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from scraper.alerts.sinks import OWN_KINDS, is_sink_kind
from scraper.config import cron_key, has_login, hours_key, zone_key
from scraper.models.alerts import AlertRule, AlertSettings, AlertSink
from scraper.plugins import offers
from scraper.record import record
from scraper.search.query import All, Filter, Node, Not, parse_query
from scraper.search.query import Any as AnyOf
from scraper.search.terms import comparable
from scraper.text.patterns import lazy_compile
from scraper.toml_file import FLAG, TEXT, Key, Table, TomlFile, number_between

__all__ = ["KINDS", "RuleKind", "load_alerts", "source_filter_holds"]


@record
class RuleKind:
    """A kind of rule.

    Attributes:
        told: what it tells, for the list of rules.
        keys: keys of a rule that it takes, beside those of all rules.
        filtered: what its filter is asked of: ``article``, ``source``, or "" for none.
    """

    told: str
    keys: tuple[str, ...] = ()
    filtered: str = "article"


KINDS: Mapping[str, RuleKind] = {
    "new_story": RuleKind(told="a new story that is on topic"),
    "story_outlets": RuleKind(told="a story that several outlets have", keys=("outlets",)),
    "severe_edit": RuleKind(told="a grave edit", keys=("severity",)),
    "takedown": RuleKind(told="an article that was taken down"),
    "contradiction": RuleKind(told="figures of outlets that contradict one another"),
    "new_name": RuleKind(told="a name that was never seen before", keys=("names",)),
    "source_silent": RuleKind(
        told="a source that brings less than it usually does", keys=("sources",), filtered="source"
    ),
    "source_broken": RuleKind(
        told="a source that cannot be read", keys=("sources",), filtered="source"
    ),
    "source_drift": RuleKind(told="a host whose layout or texts changed", filtered=""),
    "disk_low": RuleKind(
        told="little free space on the archive's disk", keys=("free_mb",), filtered=""
    ),
    "daemon_restarted": RuleKind(told="the daemon started again", filtered=""),
    "backup_overdue": RuleKind(
        told="no verified backup for long", keys=("hours",), filtered=""
    ),
    "digest": RuleKind(told="the digest of what happened", keys=("cron", "zone")),
}  # fmt: skip

_OF_ALL = ("name", "kind", "sinks", "filter", "send", "urgent")
# Conditions that a source fulfils or not.
_SOURCE_FIELDS = frozenset({"source", "outlet"})

_SHORT_NAME = lazy_compile(r"[\w.\-](?:[\w.\- ]{0,78}[\w.\-])?")
_WEB_ADDRESS = lazy_compile(r"https?://[^\s/?#]\S*")
_NAME = Key(
    "a short name of letters, digits, spaces, - _ and .",
    lambda v: isinstance(v, str) and _SHORT_NAME.fullmatch(v) is not None,
    required=True,
)  # fmt: skip
_CRON = cron_key()


def _names_of(words: str) -> Key:
    return Key(
        f"a list of {words}",
        lambda v: isinstance(v, list) and all(isinstance(one, str) and one.strip() for one in v),
    )


_SINK = Table(
    {
        "name": _NAME,
        "kind": Key(
            lambda: " or ".join((*OWN_KINDS, *(o.item.name for o in offers("alert_sinks")))),
            lambda v: isinstance(v, str) and is_sink_kind(v),
            required=True,
        ),
        "url": Key(
            "an address, or a file of one written as file:PATH",
            lambda v: isinstance(v, str) and bool(v.strip()),
            required=True,
        ),
        "secret": TEXT,
        "quiet": hours_key(),
        "zone": zone_key(),
        "digest": _CRON,
        "most_per_hour": number_between(1, 1000),
        "unsure": Key("again or drop", lambda v: v in ("again", "drop")),
    }
)
_RULE = Table(
    {
        "name": _NAME,
        "kind": Key(
            lambda: "one of " + ", ".join(KINDS),
            lambda v: isinstance(v, str) and v in KINDS,
            required=True,
        ),
        "sinks": Key(
            "a list of names of sinks",
            lambda v: isinstance(v, list) and bool(v) and all(isinstance(s, str) for s in v),
            required=True,
        ),
        "filter": Key(
            "a query in quotes, not empty", lambda v: isinstance(v, str) and bool(v.strip())
        ),
        "send": Key('"at once" or "digest"', lambda v: v in ("at once", "digest")),
        "urgent": FLAG,
        "severity": number_between(1, 3),
        "outlets": number_between(2, 1000),
        "names": _names_of("kinds of names such as model, company"),
        "sources": _names_of("names of sources"),
        "free_mb": number_between(1, 1024**3),
        "hours": number_between(1, 10_000),
        "cron": _CRON,
        "zone": zone_key(),
    }
)


def load_alerts(folder: Path, sources: tuple[str, ...] | None = None) -> AlertSettings:
    """Read `alerts.toml` of a configuration folder; where there is none, nothing is told.

    Args:
        folder: of the configuration.
        sources: names of the sources that there are, for the rules that name some; None: any.

    Raises:
        ConfigError: with one line for each problem: file, line, key, what is allowed.
    """
    path = folder / "alerts.toml"
    if not path.exists():
        return AlertSettings()
    file = TomlFile(path)
    file.refuse_unknown(["[[sink]]", "[[rule]]"])
    sinks, names = _sinks(file)
    rules = _rules(file, names, sources)
    file.raise_problems()
    return AlertSettings(rules=tuple(rules.values()), sinks=tuple(sinks.values()))


def _sinks(file: TomlFile) -> tuple[dict[str, AlertSink], list[str]]:
    """Return the sinks that are right, and the names of all: rules may name one that is wrong."""
    found: dict[str, AlertSink] = {}
    names: list[str] = []
    for block in _blocks(file, "sink", _SINK):
        good, before = block.good, len(file.problems)
        if block.title in names:
            block.report("name", "stands twice (names are unique)")
        kind, url = good.get("kind"), _address(block, good.get("url", "").strip())
        if url and kind == "webhook" and not _WEB_ADDRESS.fullmatch(url):
            block.report(
                "url",
                "is wrong (allowed for a webhook: an address that begins with http:// or https://)",
            )
        elif kind == "webhook" and has_login(url):
            block.report(
                "url",
                "holds a user name or password: give a token in the path or the query, or a secret",
            )
        elif kind == "apprise" and find_spec("apprise") is None:
            block.report(
                "kind", "= 'apprise' needs the extra alerts: pip install 'scraper[alerts]'"
            )
        elif url and kind == "apprise" and "://" not in url:
            block.report("url", 'is wrong (allowed: an address of Apprise such as "ntfy://topic")')
        names += [block.title] if block.title else []
        if block.whole and len(file.problems) == before:
            found[good["name"]] = AlertSink(**{**good, "url": url})
    return found, names


def _address(block: _Block, url: str) -> str:
    """Return the address of a sink, read from its file where one is named."""
    if not url.startswith("file:"):
        return url
    path = block.file.path.parent / Path(url.removeprefix("file:")).expanduser()
    try:
        return path.read_text(encoding="utf-8")[:4096].strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        block.report("url", f"names {path}, which cannot be read ({reason})")
        return ""


def _rules(
    file: TomlFile, sinks: Sequence[str], sources: tuple[str, ...] | None
) -> dict[str, AlertRule]:
    """Return the rules that are right.

    Args:
        file: in which they stand.
        sinks: names of all sinks in it.
        sources: names of the sources that there are; None: any.
    """
    found: dict[str, AlertRule] = {}
    names: set[str] = set()
    for block in _blocks(file, "rule", _RULE):
        good, before = block.good, len(file.problems)
        if block.title in names:
            block.report("name", "stands twice (names are unique)")
        kind = KINDS.get(good.get("kind", ""))
        for key in good if kind else ():
            if kind and key not in (*_OF_ALL, *kind.keys):
                takes = ", ".join((*_OF_ALL, *kind.keys))
                block.report(
                    key, f"is not a key of a rule of kind {good['kind']} (allowed: {takes})"
                )
        for name in good.get("sinks", ()):
            if name not in sinks:
                there = ", ".join(sinks) or "none"
                block.report("sinks", f"name no sink {name!r} ({there})")
        for name in good.get("sources", ()):
            if sources is not None and name not in sources:
                block.report("sources", f"name no source {name!r}")
        if kind and "filter" in good and (wrong := _wrong_filter(good["filter"], kind.filtered)):
            block.report("filter", wrong)
        names |= {block.title} if block.title else set()
        if block.whole and len(file.problems) == before:
            found[good["name"]] = AlertRule(**good)
    return found


@record
class _Block:
    """A block of the file.

    Attributes:
        file: in which it stands.
        name, number: of the block: ``sink`` 1.
        title: its key `name` where that is a text, right or wrong, else "".
        good: its entries that are right by themselves.
        whole: whether all are, and none is missing.
    """

    file: TomlFile
    name: str
    number: int
    title: str
    good: Mapping[str, Any]
    whole: bool

    def report(self, key: str, message: str) -> None:
        """Report what is wrong with a key."""
        self.file.report(self.where, f"{key} {message}", self.name, self.number, key)

    @property
    def where(self) -> str:
        """It in words."""
        return f"[[{self.name}]] {self.number}" + (f" ({self.title[:80]})" if self.title else "")


def _blocks(file: TomlFile, name: str, table: Table) -> Iterator[_Block]:
    """Yield all blocks; what is wrong with their entries by themselves is reported."""
    for number, read in enumerate(file.blocks(name), 1):
        title = read.get("name") if isinstance(read, dict) else None
        block = _Block(
            file=file, name=name, number=number, title=title if isinstance(title, str) else "",
            good={}, whole=False,
        )  # fmt: skip
        before = len(file.problems)
        good = table.accepted(file, block.where, read, name, number)
        yield replace(block, good=good, whole=len(file.problems) == before)


def _wrong_filter(typed: str, filtered: str) -> str:
    """Return what is wrong with a filter, or ""."""
    if not filtered:
        return "is not taken by this kind of rule"
    query = parse_query(typed, today=date.today())
    if query.notes:
        return f"would be read otherwise than it stands: {'; '.join(query.notes)}"
    if query.tree is None:
        return "names nothing to look for"
    if filtered == "source" and not _only_sources(query.tree):
        return "takes only source: and outlet: for this kind of rule"
    return ""


def _only_sources(node: Node) -> bool:
    if isinstance(node, Filter):
        return node.field in _SOURCE_FIELDS
    if isinstance(node, Not):
        return _only_sources(node.part)
    return isinstance(node, All | AnyOf) and all(map(_only_sources, node.parts))


def source_filter_holds(typed: str, source: str, outlet: str) -> bool:
    """Return whether a source fulfils a filter of ``source:`` and ``outlet:``.

    Args:
        typed: the filter; "" holds for all.
        source: name of the source.
        outlet: name of its outlet.
    """
    tree = parse_query(typed, today=date.today()).tree if typed else None
    names = {"source": comparable(source), "outlet": comparable(outlet)}
    return tree is None or _holds(tree, names)


def _holds(node: Node, names: Mapping[str, str]) -> bool:
    if isinstance(node, Filter):
        return comparable(node.value) in names.get(node.field, "")
    if isinstance(node, Not):
        return not _holds(node.part, names)
    if isinstance(node, All):
        return all(_holds(part, names) for part in node.parts)
    return isinstance(node, AnyOf) and any(_holds(part, names) for part in node.parts)
