"""OPML, in which feed readers hand their subscriptions to one another (http://opml.org/spec2.opml)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from scraper.config import has_login
from scraper.discovery.xml_repair import repair_xml
from scraper.errors import UsageError
from scraper.exchange.source_names import name_for
from scraper.models import Source
from scraper.record import record
from scraper.text.encoding import decode, scrub
from scraper.text.languages import normal_tag, zone_of
from scraper.text.patterns import lazy_compile
from scraper.urls import host_of

__all__ = ["MAX_OPML_BYTES", "Subscription", "read_opml", "source_of", "write_opml"]

_MOST = 5_000
MAX_OPML_BYTES = 10 * 1024 * 1024


@record
class Subscription:
    """A feed that an OPML file names: its address, the name it is shown under, its language."""

    url: str
    title: str
    language: str = ""


def read_opml(body: bytes, where: str) -> tuple[tuple[Subscription, ...], int]:
    """Return the feeds of an OPML file, in its order, and how many entries are no feeds.

    Args:
        body: the file.
        where: its name, for errors.

    Feeds whose address holds a user name or password count among the entries that are none.

    Raises:
        UsageError: it is not OPML, or too large.
    """
    if len(body) > MAX_OPML_BYTES:
        raise UsageError(f"{where}: it has more than {MAX_OPML_BYTES >> 20} MB")
    text = scrub(decode(body).text).strip("\ufeff \t\r\n")
    root, broken = _root(text) if "<opml" in text.lower() else (None, False)
    if broken:
        # What the parser recovers from a bare ampersand is another address.
        again, _ = _root(repair_xml(text))
        root = root if again is None else again
    if root is None or not isinstance(root.tag, str) or root.tag.lower() != "opml":
        raise UsageError(
            f"{where} is not OPML: export the subscriptions of the other reader as OPML, or add "
            "each address: scraper sources add URL"
        )
    feeds: dict[str, Subscription] = {}
    others = 0
    for outline in root.iter("outline"):
        values = {str(key).lower(): str(value).strip() for key, value in outline.attrib.items()}
        url = _with_scheme(values.get("xmlurl", ""))
        if host_of(url) and not has_login(url) and len(feeds) < _MOST:
            title = values.get("title") or values.get("text") or host_of(url)
            feeds.setdefault(
                url,
                Subscription(
                    url=url,
                    title=" ".join(title.split())[:80],
                    language=normal_tag(values.get("language", "")),
                ),
            )
        elif url or not len(outline):
            others += 1
    return tuple(feeds.values()), others


def _root(text: str) -> tuple[etree._Element | None, bool]:
    """Return the root of a document, or None, and whether anything about it is wrong."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, recover=True, remove_comments=True
    )
    # Decoded here, its declaration of characters speaks no longer.
    body = re.sub(r"^<\?xml[^>]*\?>", "", text).encode("utf-8")
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None, True
    return root, bool(parser.error_log)


_SCHEME = lazy_compile(r"(?:feed|rss):(?://)?(?=https?://)|(?:feed|rss)://", re.IGNORECASE)


def _with_scheme(url: str) -> str:
    """Return a feed's address with http or https: readers write ``feed://…`` too."""
    bare = _SCHEME.sub("", url, count=1)
    if re.match(r"https?://", bare, re.IGNORECASE) or not bare:
        return bare
    # Without a scheme, or with that of readers: a host has a dot before its path.
    return f"https://{bare}" if re.match(r"[\w-]+(?:\.[\w-]+)+(?:[:/?]|$)", bare) else url


def write_opml(sources: Iterable[Source], at: datetime) -> bytes:
    """Return sources as OPML: feeds as subscriptions, all else as plain links.

    Args:
        sources: what to write, in this order.
        at: when, for the head.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "Sources of scraper"
    etree.SubElement(head, "dateCreated").text = format_datetime(at)
    body = etree.SubElement(root, "body")
    for source in sources:
        values = {"text": source.outlet, "title": source.outlet}
        if source.kind == "feed":
            values |= {"type": "rss", "xmlUrl": source.url}
        else:
            values |= {"type": "link", "url": source.url, "category": source.kind}
        if source.language:
            values["language"] = source.language
        etree.SubElement(body, "outline", {key: _xml(value) for key, value in values.items()})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _xml(text: str) -> str:
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)


def source_of(subscription: Subscription, taken: Collection[str], verified: str) -> Source:
    """Return the source that watches a subscription."""
    return Source(
        name=name_for(subscription.url, taken),
        kind="feed",
        url=subscription.url,
        outlet=subscription.title,
        language=subscription.language,
        zone=zone_of(subscription.url, subscription.language),
        verified=verified,
    )
