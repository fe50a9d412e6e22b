"""An eighth outlet for one day of alerts: a harbour office that posts thrice daily, then rebuilds.

A host's pages must be known before a change of them can be told: its reports are many, short and
made from lists of words. From `REBUILT` on its pages have another template, which brings the text
by a script: what a collector gets is the first lines amid links.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from scraper.demo.layout import Answer
from scraper.models import Source
from scraper.record import record

__all__ = ["LABEL", "REBUILT", "Report", "bulletin_answer", "bulletin_source", "reports"]

LABEL = "harbour"
_CHINA = timezone(timedelta(hours=8))
_FIRST = datetime(2025, 11, 24, 6, 0, tzinfo=_CHINA)
_EVERY = timedelta(hours=8)
REBUILT = datetime(2025, 12, 10, 2, 0, tzinfo=_CHINA)
"""From when on the outlet's pages have another template."""

_PLACES = (
    "the north quay",
    "berth nine",
    "the timber wharf",
    "the outer mole",
    "the grain terminal",
)
_SHIPS = ("Grey Heron", "Anna Lind", "Morning Tide", "Kestrel", "Ostsee Star", "Blue Willow")
_CARGO = (
    "sawn timber",
    "fertiliser",
    "wind turbine blades",
    "cement",
    "paper rolls",
    "frozen fish",
)
_SKIES = ("fog", "sleet", "a clear sky", "low cloud", "snow showers", "a light haze")
_WORKS = (
    "divers inspected the fenders", "the dredger cleared the turning basin",
    "electricians replaced the leading lights", "surveyors measured the silt",
    "the gangs repaired a crane rail",
)  # fmt: skip
_SENTENCES = (
    "The {ship} came alongside {place} at {hour}:{minute} with {tons} tonnes of {cargo}.",
    "Pilots reported {sky} over the approaches and a swell of {dm} decimetres.",
    "At {place} {work}, and the berth stays closed until {hour} o'clock.",
    "The model that plans the berths moved {count} ships, and the harbour master let {less} of"
    " them stand.",
    "Agents were told that {cargo} has to leave {place} within {count} days.",
    "The tug crew waited {minute} minutes for the {ship}, whose papers had not come through.",
    "Of {count} containers that customs held back, {less} were released before noon.",
    "The watch counted {tons} tonnes of {cargo} on the quays, {less} per cent more than before.",
)


@record
class Report:
    """One report of the harbour office."""

    number: int
    published: datetime
    title: str
    paragraphs: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where it stands."""
        return f"/bulletin/{self.number}"


def reports(now: datetime) -> Sequence[Report]:
    """Return the reports that are out at an instant, in order."""
    found: list[Report] = []
    while (published := _FIRST + len(found) * _EVERY) <= now:
        found.append(_report(len(found) + 1, published))
    return found


def _report(number: int, published: datetime) -> Report:
    chance = random.Random(f"harbour/{number}")

    def sentence(form: str) -> str:
        count = chance.randint(8, 40)
        said = form.format(
            ship=chance.choice(_SHIPS), place=chance.choice(_PLACES), cargo=chance.choice(_CARGO),
            sky=chance.choice(_SKIES), work=chance.choice(_WORKS), hour=chance.randint(6, 21),
            minute=chance.randint(10, 59), tons=chance.randint(400, 9000), count=count,
            less=chance.randint(2, count - 2), dm=chance.randint(3, 25),
        )  # fmt: skip
        return said[0].upper() + said[1:]

    forms = chance.sample(_SENTENCES, len(_SENTENCES))
    return Report(
        number=number,
        published=published,
        title=f"Harbour bulletin {number}: {chance.choice(_SKIES)} at {chance.choice(_PLACES)}",
        paragraphs=tuple(
            f"{sentence(one)} {sentence(two)}"
            for one, two in zip(forms[::2], forms[1::2], strict=True)
        ),
    )


def bulletin_source(port: int) -> Source:
    """Return the source that watches it, while the newsroom listens on a port."""
    return Source(
        name=LABEL,
        kind="feed",
        url=f"http://{LABEL}.localhost:{port}/feed.xml",
        outlet="Harbour Office",
        language="en",
        zone="Asia/Shanghai",
        verified="the demo newsroom on this machine",
    )


def bulletin_answer(path: str, port: int, now: datetime) -> Answer:
    """Answer a request at its host.

    Args:
        path: of the request.
        port: where the newsroom listens.
        now: the simulated instant.
    """
    out = reports(now)
    root = f"http://{LABEL}.localhost:{port}"
    if path == "/feed.xml":
        return Answer(
            status=200, body=_feed(root, out).encode(), content_type="application/rss+xml"
        )
    for report in out:
        if report.path == path:
            page = (_rebuilt if now >= REBUILT else _page)(report, out)
            return Answer(status=200, body=page.encode())
    if path == "/robots.txt":
        return Answer(status=200, body=b"User-agent: *\nDisallow:\n", content_type="text/plain")
    return Answer(status=404, body=b"not found\n", content_type="text/plain")


def _feed(root: str, out: Sequence[Report]) -> str:
    items = "".join(
        f"<item><title>{escape(one.title)}</title><link>{root}{one.path}</link>"
        f"<pubDate>{format_datetime(one.published.astimezone(UTC), usegmt=True)}</pubDate></item>"
        for one in reversed(out)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>Harbour Office</title><link>{root}/</link>{items}</channel></rss>"
    )


def _head(report: Report) -> str:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(report.title)}'
        f' | Harbour Office</title><meta property="og:title" content="{escape(report.title)}">'
        '<meta property="og:type" content="article">'
        f'<meta property="article:published_time" content="{report.published.isoformat()}"></head>'
    )


def _links(out: Sequence[Report], number: int) -> str:
    return "".join(
        f'<li><a href="{one.path}">{escape(one.title)}</a></li>' for one in out[-number:]
    )


def _page(report: Report, out: Sequence[Report]) -> str:
    text = "".join(f"<p>{escape(one)}</p>" for one in report.paragraphs)
    return (
        f'{_head(report)}<body><header><a href="/">Harbour Office</a></header><main><article>'
        f'<h1>{escape(report.title)}</h1><p class="by">By the watch</p>'
        f'<div class="report-text">{text}</div></article></main>'
        f"<aside><h2>Earlier bulletins</h2><ul>{_links(out, 5)}</ul></aside></body></html>"
    )


def _rebuilt(report: Report, out: Sequence[Report]) -> str:
    return (
        f'{_head(report)}<body><div id="app"><div class="hero"><h1>{escape(report.title)}</h1>'
        f'<div class="card"><div class="card-body"><p>{escape(report.paragraphs[0])}</p>'
        f'<p><a href="{report.path}?all">Continue</a> <a href="/map">Map</a>'
        ' <a href="/tides">Tides</a></p></div></div></div>'
        f'<div class="wall-of-tiles"><ul>{_links(out, 20)}</ul></div></div>'
        '<script src="/app.js"></script></body></html>'
    )
