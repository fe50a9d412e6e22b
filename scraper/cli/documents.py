"""The JSON documents that commands print: name and number, of which command, what they hold.

Each document is an object whose key ``schema`` names its form (``scraper/search/1``). The number is
raised when a key goes or changes its meaning; new keys may come at any time. `scraper.cli.schemas`
makes JSON Schemas of the forms, which are taken from the records that are printed where there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any, Literal, get_type_hints

from scraper.record import record

__all__ = ["DOCUMENTS", "Document", "Form"]

# A type as an annotation gives it, an object of forms by its keys, or a list of one form.
Form = Any


@record
class Document:
    """One form of output.

    Attributes:
        id: its name and number, as its key ``schema`` has it.
        where: what prints it, as Markdown.
        form: returns the forms of its other keys; what that needs is imported only then.
        line: whether it is a line of JSON Lines.
        optional: keys that may be missing, in any of its objects.
    """

    id: str
    where: str
    form: Callable[[], Mapping[str, Form]]
    line: bool = False
    optional: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name, by which `scraper schema` prints it."""
        return self.id.split("/")[1]


def _fields(kind: Any) -> dict[str, Form]:
    """Return the forms of a record's fields."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


# -- what an answer rests on -----------------------------------------------------------------------


def _coverage() -> Form:
    """Return the form of what `report_as_dict` gives."""
    from scraper.models import EntryCounts

    gap = {
        "of": str, "first": date, "last": date, "days": int, "count": int, "expected": float | None,
        "chance": float, "open": bool, "resumed": date | None, "settled": bool,
    }  # fmt: skip
    trouble = {"source": str, "outlet": str, "kind": str, "sentence": str, "gap": _or_null(gap)}
    away = {
        "source": str, "outlet": str, "first": date, "last": date, "days": int, "why": str,
        "expected": float | None,
    }  # fmt: skip
    return _or_null(
        {
            "since": date, "until": date, "sources": int, "watched": int,
            "standings": Mapping[str, int], "entries": _fields(EntryCounts), "idle_days": int,
            "in_trouble": [trouble], "gaps": [{"source": str, "outlet": str, **gap}],
            "not_read": [away],
        }
    )  # fmt: skip


def _assessment() -> dict[str, Form]:
    """Return the form of what `assessment_as_dict` gives."""
    rhythm = {
        "in_words": str, "monday_to_sunday": [float], "holiday": float | None,
        "festival": float | None, "dispersion": float, "days": int, "articles": int,
    }  # fmt: skip
    return {
        "source": str, "outlet": str, "kind": str, "sentence": str, "rhythm": _or_null(rhythm),
    }  # fmt: skip


def _or_null(form: Form) -> Form:
    """Return the form of what is null where it is not known."""
    return (form, None)


# -- articles --------------------------------------------------------------------------------------


def _article() -> Mapping[str, Form]:
    name = {"kind": str, "name": str, "count": int}
    response = {
        "url": str, "final_url": str, "status": int, "hops": [tuple[int, str]],
        "headers": Mapping[str, str], "fetched_at": datetime, "body_base64": str,
        "sha256": str,
    }  # fmt: skip
    version = {
        "number": int, "title": str, "authors": [str], "published": datetime | None,
        "modified": datetime | None, "text": str, "markdown": str, "excerpt": str, "image": str,
        "confidence": float | None, "extractor": str, "first_observed_at": datetime,
        "last_observed_at": datetime, "observations": int, "classes": [str], "severity": int,
        "chain": str, "responses": [response],
    }  # fmt: skip
    return {
        "id": int, "url": str, "addresses": [str], "title": str, "authors": [str], "outlet": str,
        "credited": str, "published": datetime | None, "modified": datetime | None,
        "language": str, "script": str, "state": Literal["live", "gone"],
        "gone_at": datetime | None, "first_seen_at": datetime, "updated_at": datetime,
        "version": int, "story": int | None, "names": [name], "citation": str,
        "versions": [version],
    }  # fmt: skip


def _archive() -> Mapping[str, Form]:
    return {"tables": int, "head": {"cursor": int, "at": str, "chain": str}}


def _search() -> Mapping[str, Form]:
    from scraper.archive import SearchHit

    return {
        "hits": [SearchHit], "found": int, "at_least": bool, "notes": [str],
        "coverage": _coverage(),
    }  # fmt: skip


def _show() -> Mapping[str, Form]:
    from scraper.models import Article

    return _fields(Article)


def _entry_texts() -> Mapping[str, Form]:
    from scraper.archive.records import EntryText

    return {"texts": [EntryText]}


def _history() -> Mapping[str, Form]:
    from scraper.archive import VersionRow

    return {"versions": [VersionRow]}


def _diff() -> Mapping[str, Form]:
    from scraper.edits import Comparison

    return {"old": int | None, "new": int, "comparison": Comparison | None}


def _change() -> Mapping[str, Form]:
    from scraper.archive import ChangeRow

    return _fields(ChangeRow)


def _changes() -> Mapping[str, Form]:
    return {"entries": [_change()], "more": int, "coverage": _coverage()}


def _survival() -> Mapping[str, Form]:
    from scraper.archive.survival import Survival

    return {"outlets": [Survival], "coverage": _coverage()}


def _page() -> Mapping[str, Form]:
    return {
        "id": int, "version": int, "url": str, "title": str, "authors": [str], "outlet": str,
        "source": str, "language": str, "script": str, "published": datetime | None,
        "modified": datetime | None, "first_observed": datetime, "confidence": float | None,
        "text": str, "markdown": str,
    }  # fmt: skip


# -- comparing -------------------------------------------------------------------------------------


def _topics() -> Mapping[str, Form]:
    from scraper.models import Judgement

    return {"on_topic": bool, "judgement": Judgement}


def _names() -> Mapping[str, Form]:
    from scraper.archive.topics import Entity

    return {"names": [Entity], "coverage": _coverage()}


def _facts() -> Mapping[str, Form]:
    from scraper.archive import SearchHit
    from scraper.topics.facts import Fact

    return {"facts": [Fact], "articles": [SearchHit], "coverage": _coverage()}


def _stories() -> Mapping[str, Form]:
    from scraper.archive.stories import StorySummary

    return {"stories": [StorySummary], "coverage": _coverage()}


def _story() -> Mapping[str, Form]:
    from scraper.archive.story_reports import StoryDifferences, StoryReport

    report, differences = _fields(StoryReport), _fields(StoryDifferences)
    return {
        "story": report["story"], "first": report["first"], "lag": report["lag"],
        "figures": differences["figures"], "quotes": differences["quotes"],
        "unreported": report["unreported"], "coverage": _coverage(),
    }  # fmt: skip


def _quotes() -> Mapping[str, Form]:
    from scraper.quotes.sameness import QuoteGroup

    return {"speakers": [str], "quotes": [QuoteGroup], "total": int, "coverage": _coverage()}


def _speakers() -> Mapping[str, Form]:
    from scraper.archive.quotes import Speaker

    return {"speakers": [Speaker], "coverage": _coverage()}


def _article_quotes() -> Mapping[str, Form]:
    from scraper.models import QuoteClaim

    return {"quotes": [QuoteClaim], "coverage": _coverage()}


def _rescore() -> Mapping[str, Form]:
    from scraper.pipeline.rescore import RescoreReport

    return _fields(RescoreReport)


def _regroup() -> Mapping[str, Form]:
    from scraper.archive.regrouping import RegroupReport

    return _fields(RegroupReport)


# -- counts of what was taken in -------------------------------------------------------------------


def _counts(of: str, **more: Form) -> Mapping[str, Form]:
    from scraper.pipeline.events import SourceCounts

    return {of: Mapping[str, SourceCounts], "total": Mapping[str, int], **more}


def _part() -> Mapping[str, Form]:
    return {"part": str, "counts": Mapping[str, int], "broken": [str], "manifest": str}


def _reextract() -> Mapping[str, Form]:
    from scraper.pipeline.reextract import ReextractResult

    return {
        "counts": Mapping[str, int], "current": int, "written": int, "stopped": bool,
        "sample": int, "losers": int, "named": [ReextractResult],
    }  # fmt: skip


# -- sources and settings --------------------------------------------------------------------------


def _settings() -> Mapping[str, Form]:
    from scraper.config import ArchiveSettings, ParseSettings
    from scraper.models import FetchSettings

    return {
        "folder": str, "fetch": FetchSettings, "parse": ParseSettings, "archive": ArchiveSettings,
    }  # fmt: skip


def _sources() -> Mapping[str, Form]:
    from scraper.archive import SourceHealth
    from scraper.models import Source

    one = _fields(Source) | {"health": SourceHealth | None, "coverage": _or_null(_assessment())}
    return {"sources": [one]}


def _sources_check() -> Mapping[str, Form]:
    from scraper.pipeline.check_source import STAGES

    stage = {"outcome": str, "detail": str}
    return {
        "checks": [
            {
                "name": str, "url": str, "works": bool, "verdict": str, "served_by": str,
                "moved_to": str, "entries": int, "stages": dict.fromkeys(STAGES, stage),
                "sample": _or_null({"url": str, "title": str}),
            }
        ]
    }  # fmt: skip


def _drift() -> Mapping[str, Form]:
    from scraper.archive.drift import DriftEvent, HeldPage

    return {"events": [DriftEvent], "held": [HeldPage]}


def _packs() -> Mapping[str, Form]:
    source = dict.fromkeys(("name", "outlet", "language", "kind", "url", "verified"), str)
    return {"packs": [{"name": str, "about": str, "sources": [source]}]}


def _simulate() -> Mapping[str, Form]:
    one = {"source": str, "visits": [datetime], "articles": int, "cron": str, "quiet": str}
    return {"sources": [one], "others": int}


# -- watching and maintaining ----------------------------------------------------------------------


def _status() -> Mapping[str, Form]:
    from scraper.archive.drift import DriftEvent
    from scraper.archive.hubs import HubSubscription
    from scraper.archive.records import Status

    return {
        **_fields(Status), "drifting": [DriftEvent], "held": Mapping[str, int],
        "hubs": [HubSubscription], "last_backup_at": datetime | None, "coverage": _coverage(),
    }  # fmt: skip


def _coverage_by_day() -> Mapping[str, Form]:
    from scraper.models import CoverageDay

    day = _fields(CoverageDay) | {"seen": int, "expected": float | None, "verdict": str}
    return {"coverage": _coverage(), "sources": [{**_assessment(), "days": [day]}]}


def _digest() -> Mapping[str, Form]:
    from scraper.digest.contents import Digest

    held = _fields(Digest)
    side = {
        "outlet": str, "article": int, "url": str, "at": datetime, "value": str, "sentence": str,
    }  # fmt: skip
    contradiction = {"about": str, "kind": str, "detail": str, "sides": [side]}
    renamed = {"lighter": "lighter_edits"}
    forms = {renamed.get(name, name): form for name, form in held.items()}
    return forms | {"contradictions": [contradiction]}


def _alerts() -> Mapping[str, Form]:
    from scraper.archive.alerts import AlertPause, SinkState
    from scraper.models.alerts import Alert, AlertRule, AlertSink

    # What of a sink is secret is not printed.
    sink = {key: form for key, form in _fields(AlertSink).items() if key not in ("url", "secret")}
    return {
        "rules": [_fields(AlertRule) | {"told": int}],
        "sinks": [sink | {"address": str, "state": SinkState | None}],
        "pauses": [AlertPause],
        "last": [Alert],
    }


def _alert() -> Mapping[str, Form]:
    alert = {
        "id": int, "rule": str, "kind": str, "at": datetime, "title": str, "text": str, "url": str,
        "article": int | None, "data": Mapping[str, Any],
    }  # fmt: skip
    return {
        "key": str, "title": str, "text": str, "perhaps_repeated": bool, "alerts": [alert],
    }  # fmt: skip


def _verify_archive() -> Mapping[str, Form]:
    from scraper.archive.hash_chain import LedgerHead
    from scraper.archive.verification import Verification

    return {**_fields(Verification), "found": LedgerHead | None}


def _verify_bundles() -> Mapping[str, Form]:
    from scraper.exchange.bundle_check import BundleCheck

    bundle = _fields(BundleCheck) | {"path": str}
    return {"bundles": [bundle], "unreadable": [{"path": str, "error": str}]}


def _doctor() -> Mapping[str, Form]:
    from scraper.archive.verification import Finding

    return {"findings": [Finding]}


def _retain() -> Mapping[str, Form]:
    from scraper.archive.retention import PrunedBodies

    return {"keep_days": int, "dry_run": bool, **_fields(PrunedBodies)}


def _parts() -> Mapping[str, Form]:
    from scraper.archive.rollover import SealedPart

    return {"parts": [SealedPart]}


def _boilerplate() -> Mapping[str, Form]:
    from scraper.models import LearnedBlock

    return {"blocks": [LearnedBlock]}


def _log() -> Mapping[str, Form]:
    return {"at": datetime, "level": str, "from": str, "event": str}


_ALL = (
    Document(
        id="scraper/article/1", where="`scraper export --format jsonl`, `jsonl-pages`",
        form=_article, line=True, optional=frozenset({"responses"}),
    ),
    Document(
        id="scraper/archive/1", where="the first line of `scraper export --whole`", form=_archive,
        line=True,
    ),
    Document(id="scraper/search/1", where="`scraper search --json`", form=_search),
    Document(
        id="scraper/show/1", where="`scraper show --format json`, `scraper fetch --format json`",
        form=_show,
    ),
    Document(
        id="scraper/entry-texts/1", where="`scraper show --feeds --format json`",
        form=_entry_texts,
    ),
    Document(id="scraper/history/1", where="`scraper history --json`", form=_history),
    Document(id="scraper/diff/1", where="`scraper diff --json`", form=_diff),
    Document(id="scraper/changes/1", where="`scraper changes --json`", form=_changes),
    Document(
        id="scraper/change/1", where="`scraper changes --follow --json`", form=_change, line=True
    ),
    Document(id="scraper/survival/1", where="`scraper survival --json`", form=_survival),
    Document(
        id="scraper/page/1", where="`/-/article/ID.json` of `scraper browse`", form=_page
    ),
    Document(id="scraper/topics/1", where="`scraper topics TEXT --json`", form=_topics),
    Document(id="scraper/names/1", where="`scraper topics --json`", form=_names),
    Document(id="scraper/facts/1", where="`scraper facts --json`", form=_facts),
    Document(id="scraper/stories/1", where="`scraper stories --json`", form=_stories),
    Document(id="scraper/story/1", where="`scraper story --json`", form=_story),
    Document(id="scraper/quotes/1", where="`scraper quotes NAME --json`", form=_quotes),
    Document(id="scraper/speakers/1", where="`scraper quotes --json`", form=_speakers),
    Document(
        id="scraper/article-quotes/1", where="`scraper quotes ID --json`", form=_article_quotes
    ),
    Document(id="scraper/rescore/1", where="`scraper rescore --json`", form=_rescore),
    Document(id="scraper/regroup/1", where="`scraper regroup --json`", form=_regroup),
    Document(
        id="scraper/collect/1", where="`scraper collect --json`", form=lambda: _counts("sources")
    ),
    Document(
        id="scraper/import/1", where="`scraper import --json`",
        form=lambda: _counts("files", broken=[str]),
    ),
    Document(
        id="scraper/merge/1", where="`scraper merge --json`, of captures",
        form=lambda: _counts("files", broken=[str], merged_before=[str]),
    ),
    Document(
        id="scraper/backfill/1", where="`scraper backfill --json`",
        form=lambda: _counts("sources", failed=[str], undated=int),
    ),
    Document(
        id="scraper/part/1",
        where="`scraper import --part I/N --json`, `scraper reextract --part I/N --json`",
        form=_part,
    ),
    Document(
        id="scraper/reextract/1",
        where="`scraper reextract --json`, `scraper merge --json` of a reextraction",
        form=_reextract,
    ),
    Document(id="scraper/settings/1", where="`scraper config show --json`", form=_settings),
    Document(id="scraper/sources/1", where="`scraper sources list --json`", form=_sources),
    Document(
        id="scraper/sources-check/1", where="`scraper sources check --json`", form=_sources_check
    ),
    Document(id="scraper/drift/1", where="`scraper sources drift --json`", form=_drift),
    Document(id="scraper/packs/1", where="`scraper sources packs --json`", form=_packs),
    Document(id="scraper/simulate/1", where="`scraper sources simulate --json`", form=_simulate),
    Document(id="scraper/status/1", where="`scraper status --json`", form=_status),
    Document(
        id="scraper/coverage/1",
        where="`scraper coverage --json`, `/-/coverage.json` of `scraper browse`",
        form=_coverage_by_day,
    ),
    Document(id="scraper/digest/1", where="`scraper digest --format json`", form=_digest),
    Document(id="scraper/alerts/1", where="`scraper alerts list --json`", form=_alerts),
    Document(id="scraper/alert/1", where="what a webhook gets", form=_alert),
    Document(
        id="scraper/verify-archive/1", where="`scraper verify --archive --json`",
        form=_verify_archive,
    ),
    Document(
        id="scraper/verify-bundles/1", where="`scraper verify BUNDLE --json`",
        form=_verify_bundles,
    ),
    Document(id="scraper/doctor/1", where="`scraper doctor --json`", form=_doctor),
    Document(id="scraper/retain/1", where="`scraper retain --json`", form=_retain),
    Document(id="scraper/parts/1", where="`scraper rollover --json`", form=_parts),
    Document(id="scraper/boilerplate/1", where="`scraper boilerplate --json`", form=_boilerplate),
    Document(id="scraper/log/1", where="`scraper daemon --log FILE`", form=_log, line=True),
)  # fmt: skip

# The documents by their names.
DOCUMENTS: Mapping[str, Document] = {one.name: one for one in _ALL}
