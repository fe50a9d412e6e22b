"""Opt-outs: what a publisher reserves, in a response, its page, and two files of its host.

`page_reservations` reads a response: ``noarchive``, ``unavailable_after`` and ``noai`` in the
X-Robots-Tag header and in meta elements (developers.google.com, "Robots meta tag specifications";
Bing's ``nocache`` means ``noarchive``), and the TDM Reservation Protocol's header and meta element
(w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510). `host_reservations` reads
``/.well-known/tdmrep.json`` (the same) and ``/ai.txt`` (site.spawning.ai), which
`opt_out_files.py` asks for. This module only reads; the pipeline decides what follows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser

from scraper.fetching.robots_rules import RobotsRules, may_fetch, parse_robots
from scraper.models import Reservation
from scraper.text.patterns import lazy_compile

__all__ = [
    "AI_TXT",
    "TDMREP",
    "forbids_archiving",
    "host_reservations",
    "join_robots_tags",
    "page_reservations",
]


TDMREP = "/.well-known/tdmrep.json"
AI_TXT = "/ai.txt"

# Directives that take a value: a colon behind one of them ends no name of an agent.
_VALUED = frozenset(
    {"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview", "tdm-policy"}
)
_PLAIN = frozenset(
    {
        "all", "archive", "follow", "index", "indexifembedded", "noai", "noarchive", "nocache",
        "nofollow", "noimageai", "noimageindex", "noindex", "none", "noodp", "nosnippet",
        "nositelinkssearchbox", "notranslate", "noydir", "snippet",
    }
)  # fmt: skip
_KINDS = {"noarchive": "noarchive", "nocache": "noarchive", "noai": "noai", "noimageai": "noai"}
_PREFIX = lazy_compile(r"\s*([a-z0-9_.*-]+)\s*:\s*", re.IGNORECASE)
# Without one of these no element says anything that matters here.
_DIRECTIVES = (
    "noarchive",
    "nocache",
    "noai",
    "noimageai",
    "unavailable_after",
    "tdm-reservation",
)
# Elements are looked for in the head, or what a page has instead of one.
_MOST_SOURCE, _MOST_VALUE, _MOST_RULES = 200_000, 300, 1000
_FORBIDDING = frozenset({"noarchive", "expired"})


def forbids_archiving(reservations: Iterable[Reservation]) -> bool:
    """Return whether a publisher asked that the page's text be not archived."""
    return any(one.kind in _FORBIDDING for one in reservations)


def join_robots_tags(values: Sequence[str]) -> str:
    """Return several X-Robots-Tag headers as one that means the same.

    A name of an agent counts up to the next name, so what is said to all goes first.
    """
    return ", ".join(sorted(values, key=lambda value: _agent_of(value)[0] != ""))


def page_reservations(
    headers: Mapping[str, str], html: str, *, agent: str, now: datetime
) -> tuple[Reservation, ...]:
    """Return what a response reserves, in its headers and in its meta elements.

    Args:
        headers: response headers, lower-case names.
        html: the page, decoded, or "".
        agent: our product token, such as ``scraper``.
        now: aware; a time to be gone by (``unavailable_after``) is compared with it.
    """
    found: dict[Reservation, None] = {}
    for kind, value in _directives(headers.get("x-robots-tag", ""), agent.lower(), now):
        found[Reservation(kind=kind, origin="x-robots-tag", value=value)] = None
    mining, policy = headers.get("tdm-reservation", ""), headers.get("tdm-policy", "")
    origin = "tdm-reservation header"
    for name, content in _metas(html):
        if name in ("robots", agent.lower()):
            for kind, value in _directives(content, agent.lower(), now):
                found[Reservation(kind=kind, origin=f"meta {name}", value=value)] = None
        elif name == "tdm-reservation":
            mining, origin = content, "meta tdm-reservation"
        elif name == "tdm-policy":
            policy = content
    if mining.strip() in ("0", "1"):
        kind = "tdm" if mining.strip() == "1" else "tdm-allowed"
        found[Reservation(kind=kind, origin=origin, value=policy.strip()[:_MOST_VALUE])] = None
    return tuple(found)


def host_reservations(url: str, *, tdmrep: str, ai_txt: str, agent: str) -> tuple[Reservation, ...]:
    """Return what the files of a host reserve for one of its addresses.

    Args:
        url: the address.
        tdmrep: text of ``/.well-known/tdmrep.json``, or "".
        ai_txt: text of ``/ai.txt``, or "".
        agent: our product token.
    """
    found = []
    rule = _rule_for(url, tdmrep)
    if rule is not None and rule.get("tdm-reservation") in (1, "1", True):
        policy = str(rule.get("tdm-policy", ""))[:_MOST_VALUE]
        found.append(Reservation(kind="tdm", origin="tdmrep.json", value=policy))
    # Its rules are written as those of robots.txt; what is no such file holds none.
    if ai_txt and "<" not in ai_txt[:200] and not may_fetch(_ai_rules(ai_txt), url, agent):
        found.append(Reservation(kind="noai", origin="ai.txt", value="Disallow"))
    return tuple(found)


@lru_cache(maxsize=64)
def _ai_rules(text: str) -> RobotsRules:
    return parse_robots(text)


@lru_cache(maxsize=64)
def _mining_rules(text: str) -> tuple[object, ...]:
    try:
        rules = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        return ()
    return tuple(rules[:_MOST_RULES]) if isinstance(rules, list) else ()


def _metas(html: str) -> Iterable[tuple[str, str]]:
    """Yield name and content of the page's meta elements."""
    source = html[:_MOST_SOURCE]
    lowered = source.lower()
    if not any(word in lowered for word in _DIRECTIVES):
        return
    for node in LexborHTMLParser(source).css("meta[name][content]"):
        name, content = node.attributes.get("name"), node.attributes.get("content")
        yield (name or "").strip().lower(), (content or "").strip()


def _agent_of(text: str) -> tuple[str, str]:
    """Return the agent that a directive is for ("" for all), and the directive."""
    prefix = _PREFIX.match(text)
    if prefix and prefix[1].lower() not in _VALUED:
        return prefix[1].lower(), text[prefix.end() :]
    return "", text


def _directives(value: str, agent: str, now: datetime) -> Iterable[tuple[str, str]]:
    """Yield kind and wording of the directives that are for us and reserve something."""
    addressee = ""
    pieces = value[:4000].split(",")
    while pieces:
        named, said = _agent_of(pieces.pop(0))
        addressee = named or addressee
        word, _, rest = (part.strip() for part in said.partition(":"))
        if word.lower() == "unavailable_after":
            # A date may hold a comma of its own.
            while pieces and _continues(pieces[0]):
                rest += f",{pieces.pop(0)}"
        if addressee not in ("", "*", agent):
            continue
        if word.lower() in _KINDS:
            yield _KINDS[word.lower()], word.lower()
        elif word.lower() == "unavailable_after":
            until = _moment(rest)
            if until is not None:
                kind = "expired" if until <= now else "unavailable_after"
                yield kind, f"unavailable_after: {rest}"[:_MOST_VALUE]


def _continues(piece: str) -> bool:
    word = piece.partition(":")[0].strip().lower()
    return word not in _PLAIN and word not in _VALUED and not _agent_of(piece)[0]


def _moment(text: str) -> datetime | None:
    # Few pages tell a moment, and the module costs a command that reads one page 12 ms.
    from email.utils import parsedate_to_datetime

    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text.strip())
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None


def _rule_for(url: str, tdmrep: str) -> Mapping[str, object] | None:
    """Return the first rule of a tdmrep.json that is about an address (TDMRep, section 5)."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    for rule in _mining_rules(tdmrep):
        if isinstance(rule, dict) and _covers(str(rule.get("location", "")), path):
            return rule
    return None


def _covers(location: str, path: str) -> bool:
    """Return whether a pattern of TDMRep (those of RFC 9309: ``*`` and ``$``) covers a path."""
    if not location:
        return False
    first, *others = location.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for part in others:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return (
        not location.endswith("$")
        or place == len(path)
        or (bool(others) and (path.endswith(others[-1])))
    )
