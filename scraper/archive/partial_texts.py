"""Tells a publisher's edit from a page that shows the beginning of its text, or something else.

A meter that has run out, a page that broke off, a template that failed and a notice of maintenance
all change the whole text of a page without any edit. What they have in common: the text is the
beginning of the archived one, or has nothing in common with it, and it is the same for the other
pages of the host. So such a text is held for some hours, and the other pages are asked.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta

from scraper.archive.schedule import LONGEST_OUTAGE, SHRINK_AGREES_AFTER, SHRINK_SHARE, is_telling
from scraper.archive.sql_values import from_utc_text, utc_text
from scraper.edits import fingerprint
from scraper.edits.classify import classify_inserted
from scraper.edits.likeness import beginning_of, is_other_text
from scraper.errors import ErrorClass
from scraper.models import Article
from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["PartialText", "host_around", "partial_text", "why_held"]

# A text that ends earlier by less is shortened by its editor; by more than the second, a few words
# of a gate may stand behind it.
_MISSING, _MOSTLY_MISSING = 0.25, 0.5
_WORDS_OF_A_GATE = 3  # sentences
# What a page asks for before it shows its text, whatever the reason is.
_ASKS_READER = lazy_compile(
    r"\bto (?:read|go|carry|keep|continue|see|view|proceed|access|unlock)\b|\b(?:please|simply"
    r"|just) [a-z]+\b"
    r"|\b(?:confirm|verify|continue|proceed|unlock|enable|disable|switch off|reload|refresh"
    r"|log in|sign in"
    r"|sign up|subscribe|register)\b|ad[ -]?block"
    r"|继续|繼續|确认|確認|验证|驗證|登[录錄入]|注册|註冊|解[锁鎖]|订阅|訂閱|开通|開通|刷新|重新加载|屏蔽广告|广告拦截"
    r"|阅读全文|閱讀全文|请(?:先|您|点|使|关|打)|請(?:先|您|點|使|關|打)",
    re.IGNORECASE,
)
# Many publishers close an article to those who do not pay, days after it came out; next to none
# cuts most of one without a word. So long as that, it counts as closed.
_LONGEST_GATED = timedelta(days=30)
_FINE = frozenset({"ok", "unchanged", "flap"})
_SHOWN_IN_PLACE = frozenset({ErrorClass.SHRUNK, ErrorClass.REPEATED, ErrorClass.SOFT_404})
# Pages of the host that are compared.
_MOST_OTHERS = 20


@record
class PartialText:
    """How a text stands to the archived one of its page, where it may be no edit of it.

    Attributes:
        what: in words.
        torn: whether it ends within a sentence: no editor leaves that.
        gated: whether most of the text is missing, as behind a gate, and no editor says why, or the
            reader is asked for something instead.
        notice: whether it is a few words under another headline, as a site shows where it has
            removed an article.
    """

    what: str
    torn: bool = False
    gated: bool = False
    notice: bool = False


@record
class HostAround:
    """What other pages of a host showed since a text was first held.

    Attributes:
        held_for: how long it has been held, or None when it is seen for the first time.
        fine, failing: number of other archived pages by what they answered since.
        unasked: whether there are others, none of which was asked since.
        same: whether another page shows this very text, or its headline, in place of its own.
    """

    held_for: timedelta | None = None
    fine: int = 0
    failing: int = 0
    unasked: bool = False
    same: bool = False


def partial_text(old: Article, new: Article) -> PartialText | None:
    """Return how a text may be something else than an edit, or None where it is one.

    Args:
        old: the archived record.
        new: what the page shows now.
    """
    part = beginning_of(old.text, new.text)
    if part is not None:
        if part.breaks_off:
            return PartialText(what="it breaks off within a sentence", torn=True)
        mostly = part.missing >= _MOSTLY_MISSING
        said = any("correction" in classify_inserted(sentence) for sentence in part.added)
        few = len(part.added) <= (_WORDS_OF_A_GATE if mostly else 0)
        if part.missing >= _MISSING and few and not said:
            what = "it is only the beginning of the archived text"
            return PartialText(what=what, gated=mostly)
        return None
    # A few lines of breaking news are often rewritten whole.
    if not is_telling(old.text, dated=True) or not is_other_text(old.text, new.text):
        return None
    what = "it has nothing in common with the archived text"
    if len(new.text) >= SHRINK_SHARE * len(old.text) or is_telling(new.text):
        return PartialText(what=what)
    if _ASKS_READER.search(f"{new.title}\n{new.text}"):
        return PartialText(what="it asks the reader for something", gated=True)
    return PartialText(what=what, notice=fingerprint(old.title) != fingerprint(new.title))


def why_held(text: PartialText, host: HostAround) -> str:
    """Return why a text does not count as an edit yet, or "".

    Args:
        text: how it stands to the archived one.
        host: what the other pages of its host show.
    """
    if text.torn:
        return text.what
    if host.held_for is None or host.held_for < SHRINK_AGREES_AFTER - timedelta(seconds=1):
        return f"{text.what}; it counts when looks of six hours show it"
    if host.failing > host.fine:
        return f"{text.what}, and other pages of the host do not show theirs either"
    if text.gated and host.held_for < _LONGEST_GATED:
        return f"{text.what}, as behind a gate"
    if host.unasked and host.held_for < LONGEST_OUTAGE:
        return f"{text.what}, and no other page of the host was asked since"
    return ""


def host_around(
    connection: sqlite3.Connection,
    page_id: int,
    version_id: int,
    at: datetime,
    *,
    fingerprint: str,
    title: str,
) -> HostAround:
    """Return what other pages of a page's host showed since it first showed less than its text.

    Args:
        connection: of the archive file.
        page_id: the page.
        version_id: its current version.
        at: the present time.
        fingerprint, title: of the text that it shows now.
    """
    first = connection.execute(
        "select min(at) as first from fetches where page_id = ?1 and class in (?3, ?4)"
        " and id > coalesce((select max(id) from fetches where page_id = ?1"
        " and version_id = ?2), 0)",
        [page_id, version_id, ErrorClass.SHRUNK, ErrorClass.REPEATED],
    ).fetchone()
    since = from_utc_text(first["first"])
    others = connection.execute(
        "select p.id, p.last_class, p.last_fetch_at from pages p join articles a on a.id = p.id"
        " where p.host = (select host from pages where id = ?1) and p.id <> ?1"
        " and a.state = 'live' order by p.last_fetch_at desc limit ?2",
        [page_id, _MOST_OTHERS],
    ).fetchall()
    asked = [row for row in others if row["last_fetch_at"] >= utc_text(since or at)]
    held = [row["id"] for row in others if row["last_class"] in _SHOWN_IN_PLACE]
    return HostAround(
        held_for=None if since is None else at - since,
        fine=sum(row["last_class"] in _FINE for row in asked),
        failing=sum(row["last_class"] not in _FINE for row in asked),
        unasked=bool(others) and not asked,
        same=_shown_elsewhere(connection, held, fingerprint, title),
    )


def _shown_elsewhere(
    connection: sqlite3.Connection, pages: list[int], fingerprint: str, title: str
) -> bool:
    """Return whether another page's last answer was this text, or bore this headline."""
    said = f'["title: {title}"]'
    for page_id in pages:
        row: Mapping[str, str] | None = connection.execute(
            "select fingerprint, evidence from fetches where page_id = ? order by id desc limit 1",
            [page_id],
        ).fetchone()
        if row is not None and (row["fingerprint"] == fingerprint or row["evidence"] == said):
            return True
    return False
