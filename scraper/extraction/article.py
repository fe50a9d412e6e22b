"""The steps from bytes to the clean article, in order; the model is an argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from scraper.errors import ErrorClass, ExtractError
from scraper.extraction.blocks import PageBlocks
from scraper.extraction.boilerplate_rules import Rules
from scraper.extraction.classifier import Model, choose
from scraper.extraction.confidence import (
    FROM_DATA,
    FROM_INNER_DOCUMENT,
    FROM_TRAFILATURA,
    TextSource,
    default_confidence,
    page_signs,
)
from scraper.extraction.features import BlockFeatures, Hints, measure, squashed, words
from scraper.extraction.host_layout import LAYOUT, SETTLED_BELOW, layout_cuts
from scraper.extraction.images import find_images
from scraper.extraction.language import language_of
from scraper.extraction.learned_boilerplate import RULE, learned_cuts
from scraper.extraction.markdown import TextLine, render
from scraper.extraction.metadata import find_metadata
from scraper.extraction.page_elements import PageElements, page_elements
from scraper.extraction.prune import Pruned, prune
from scraper.extraction.segmentation import segment
from scraper.extraction.shadow_roots import open_shadow_roots
from scraper.extraction.structured_data import (
    article_body,
    hidden_markup,
    hints_of,
    live_body,
    message_body,
    state_body,
)
from scraper.models import Article, Decoded, KeptBlock, Learned, RemovedBlock
from scraper.record import record
from scraper.text.encoding import decode_page
from scraper.text.patterns import lazy_compile
from scraper.urls import absolute

__all__ = ["MAX_BYTES", "FoundText", "ParsedHtml", "find_text", "parse_html", "read_article"]

MAX_BYTES = 20 * 1024 * 1024

# First bytes of what is served as a page and is none (https://mimesniff.spec.whatwg.org/).
_MAGIC = (
    b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"ID3",
    b"\x00\x00\x01\x00", b"Rar!", b"7z\xbc\xaf", b"OggS", b"\x7fELF", b"MZ", b"{\\rtf", b"wOF",
)  # fmt: skip
_POSITION = attrgetter("position")
_GZIP = b"\x1f\x8b"
_JSON_FEED = "jsonfeed.org/version"
_MARKUP = lazy_compile(r"<(?:[a-zA-Z!][^<>]{0,2000}>|[a-zA-Z]+[\s/>])")
_FEED = lazy_compile(
    r"(?:\s++|<!--.*?-->|<\?[^>]*+>|<!(?!--)[^>]*+>)*+<(?:rss|feed|rdf:RDF|urlset|sitemapindex)\b",
    re.DOTALL,
)
_CONTROL = lazy_compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

# Mean probability of the kept words below which the page has no article: lists, notices, log-ins.
_DOUBT = 0.35
# Share of a structured body that the page's own text must cover, else the page shows only a part.
_COVERED = 0.6
_PART = 0.5  # of a structured body: the page's own text is no longer
_LONG_BODY = 200  # characters
# The same for a document within the page: notices about scripts and cookies are shorter.
_LONG_HIDDEN = 120


class _Scored(NamedTuple):
    """A document's blocks, what was measured of them, and what the classifier makes of each."""

    blocks: PageBlocks
    rows: BlockFeatures
    probabilities: list[float]
    likely: list[bool]
    boundaries: Model | None


@record
class _Found:
    """The article's text however it was found.

    Attributes:
        scored: the document whose blocks it stands in or was preferred to.
        chosen: which of these blocks are kept, or would be.
        origin: where it stands, as `TextSource.origin` tells it.
    """

    text: str
    markdown: str
    kept: tuple[KeptBlock, ...]
    removed: tuple[RemovedBlock, ...]
    scored: _Scored
    chosen: frozenset[int]
    origin: int = 0


@record
class FoundText:
    """The article's text, the page's blocks, and the signs of how well it was read.

    Attributes:
        text, markdown, kept, removed: as in `Article`.
        signs: see `scraper.extraction.confidence.page_signs`; of the page by itself, whatever was
            learned of its host.
    """

    text: str
    markdown: str
    kept: tuple[KeptBlock, ...]
    removed: tuple[RemovedBlock, ...]
    signs: tuple[float, ...]


@record
class ParsedHtml:
    """A page, decoded and parsed once for all that read it.

    Attributes:
        decoded: its text and how that was found.
        tree: the page as a tree.
        elements: those of its elements that are asked for.
    """

    decoded: Decoded
    tree: LexborHTMLParser
    elements: PageElements


def parse_html(
    body: bytes, url: str | None = None, headers: Mapping[str, str] | None = None
) -> ParsedHtml:
    """Return a page decoded and parsed.

    Args:
        body: bytes of the page, freed of Content-Encoding.
        url: its address, for messages.
        headers: response headers with lower-case names; only the charset is read.

    Raises:
        ExtractError: ``not_html`` (binary, empty, a feed), ``too_large``, or ``parse_crash`` where
            the parser has not enough memory for the page.
    """
    decoded = _decoded_page(body, url, headers)
    try:
        tree = LexborHTMLParser(decoded.text)
    except SelectolaxError as error:
        # Any text is a page to the parser: it fails only where it can have no more memory.
        raise ExtractError(
            "the page needs more memory than a worker may use",
            url=url,
            error_class=ErrorClass.PARSE_CRASH,
        ) from error
    open_shadow_roots(tree)
    return ParsedHtml(decoded=decoded, tree=tree, elements=page_elements(tree))


# Bytes at the beginning of a large page that show whether it is text: declarations stand in them.
_SAMPLE = 64 * 1024


def _decoded_page(body: bytes, url: str | None, headers: Mapping[str, str] | None) -> Decoded:
    if len(body) > MAX_BYTES:
        raise ExtractError(
            f"the page has {len(body):,} bytes, more than {MAX_BYTES:,}",
            url=url,
            error_class=ErrorClass.TOO_LARGE,
        )
    start = body.lstrip()[:8]
    if start.startswith(_GZIP) and (url or "").partition("?")[0].endswith(".xml.gz"):
        raise _is_list("a sitemap", url)
    if not start or start.startswith(_MAGIC):
        what = "nothing" if not start else "a file of another kind"
        raise ExtractError(f"this is {what}, not a page", url=url, error_class=ErrorClass.NOT_HTML)
    # Reading a megabyte of no text in each encoding takes a second: its beginning says enough.
    is_large = len(body) > 2 * _SAMPLE and not start.startswith(b"{")
    noise = is_large and (b"<" not in body or _is_noise(decode_page(body[:_SAMPLE], headers)))
    decoded = decode_page(b"" if noise else body, headers)
    text = decoded.text
    if kind := _list_kind(text):
        raise _is_list(kind, url)
    if noise or _is_noise(decoded) or not _MARKUP.search(text):
        raise ExtractError("these bytes are no HTML page", url=url, error_class=ErrorClass.NOT_HTML)
    return decoded


def _list_kind(text: str) -> str:
    """Return what a document is that lists articles and is no page: a feed, a sitemap, or ""."""
    if (match := _FEED.match(text[:3000])) is not None:
        root = match[0].rpartition("<")[2]
        return "a sitemap" if root in ("urlset", "sitemapindex") else "a feed"
    return "a feed" if text.lstrip()[:1] == "{" and _JSON_FEED in text[:2000] else ""


def _is_list(kind: str, url: str | None) -> ExtractError:
    return ExtractError(
        f"this is {kind}, not an article; to watch it: scraper sources add {url or 'URL'}",
        url=url,
        error_class=ErrorClass.NOT_HTML,
    )


def _is_noise(decoded: Decoded) -> bool:
    """Whether too much of a text is control characters or could not be decoded."""
    start = decoded.text[:20_000]
    odd = len(_CONTROL.findall(start)) + (decoded.replaced if decoded.replaced > 20 else 0)
    return odd > 0.05 * len(start)


def _believable(rows: BlockFeatures, probabilities: list[float], likely: list[bool]) -> bool:
    """Whether what the classifier keeps is an article rather than the least unlikely rest."""
    kept = [i for i, keep in enumerate(likely) if keep and rows.words[i]]
    size = sum(rows.words[i] for i in kept)
    if not size:
        return False
    trust = sum(rows.words[i] * probabilities[i] for i in kept) / size
    return trust >= _DOUBT


def _cut_learned(
    lines: list[TextLine], places: list[str], learned: Learned | None
) -> list[RemovedBlock]:
    """Take what the host repeats on its pages out of `lines`, and return it."""
    if learned is None:
        return []
    kept = [KeptBlock(position=n.at, place=places[n.at], text=n.text) for n in lines]
    cut = learned_cuts(kept, learned)
    lines[:] = [line for i, line in enumerate(lines) if i not in cut]
    return [
        RemovedBlock(
            position=kept[i].position,
            rule=RULE + learned.host,
            place=kept[i].place,
            text=kept[i].text,
        )
        for i in sorted(cut)
    ]


def _from_blocks(
    scored: _Scored,
    rules: Rules,
    base: str,
    learned: Learned | None,
    beside: frozenset[int] = frozenset(),
) -> _Found:
    """Return the text of a document's blocks; `beside` are those that its host's layout cuts."""
    s = scored.blocks
    pruned = prune(s, scored.rows, scored.likely, rules, base, scored.boundaries)
    host = learned.host if learned is not None else ""
    places = s.places()
    lines: list[TextLine] = []
    by_host: list[RemovedBlock] = []
    for i, (rule, text) in enumerate(zip(pruned.rules, pruned.texts, strict=True)):
        if i in beside and not rule:
            cut = RemovedBlock(position=i, rule=LAYOUT + host, place=places[i], text=text)
            by_host.append(cut)
        elif not rule and text:
            lines.append(TextLine(i, text))
    by_host += _cut_learned(lines, places, learned)
    pictures = find_images(s, [line.at for line in lines], base)
    text, markdown = render(s, lines, base, pictures)
    removed = [
        RemovedBlock(position=i, rule=rule, place=places[i], text=s.blocks[i].spaced_text())
        for i, rule in enumerate(pruned.rules)
        if rule
    ]
    removed += [
        RemovedBlock(position=i, rule=rule, place=places[i], text=part)
        for i, rule, part in pruned.trimmed
    ]
    removed += by_host
    return _Found(
        text=text,
        markdown=markdown,
        kept=tuple(
            KeptBlock(position=line.at, place=places[line.at], text=line.text) for line in lines
        ),
        removed=tuple(sorted(removed, key=_POSITION)),
        scored=scored,
        chosen=frozenset(line.at for line in lines),
    )


def _from_data(
    raw: str,
    origin: str,
    base: str,
    scored: _Scored,
    other: _Found | None,
    rules: Rules,
    learned: Learned | None,
) -> _Found:
    """Return a text from JSON, which may be HTML, as if it had stood in the page."""
    markup = raw if "<" in raw and _MARKUP.search(raw) else None
    tree = LexborHTMLParser(markup or "".join(f"<p>{_plain(p)}</p>" for p in raw.splitlines()))
    s = segment(tree)
    # What the page hands to machines is the article, but for the lines that publishers put into it.
    pruned = prune(s, measure(s, Hints()), [True] * len(s.blocks), rules, base)
    if all(pruned.rules):
        pruned = Pruned(rules=("",) * len(s.blocks), texts=tuple(b.text for b in s.blocks))
    lines = [
        TextLine(i, text)
        for i, (rule, text) in enumerate(zip(pruned.rules, pruned.texts, strict=True))
        if not rule and text
    ]
    cuts = [
        RemovedBlock(position=i, rule=rule, place=origin, text=s.blocks[i].spaced_text())
        for i, rule in enumerate(pruned.rules)
        if rule
    ]
    cuts += [
        RemovedBlock(position=i, rule=rule, place=origin, text=part)
        for i, rule, part in pruned.trimmed
    ]
    cuts += _cut_learned(lines, [origin] * len(s.blocks), learned)
    pictures = find_images(s, [line.at for line in lines], base)
    text, markdown = render(s, lines, base, pictures)
    first = 0
    removed: list[RemovedBlock] = []
    if other is not None:
        # The page's own blocks stay on record: they are a part of the same article, or a teaser.
        shown = [
            RemovedBlock(position=k.position, rule=origin, place=k.place, text=k.text)
            for k in other.kept
        ]
        removed = sorted([*other.removed, *shown], key=_POSITION)
        first = max((r.position for r in removed), default=-1) + 1
    cuts.sort(key=_POSITION)
    removed += [replace(cut, position=first + cut.position) for cut in cuts]
    return _Found(
        text=text,
        markdown=markdown,
        kept=tuple(
            KeptBlock(position=first + line.at, place=origin, text=line.text) for line in lines
        ),
        removed=tuple(removed),
        scored=scored,
        chosen=other.chosen if other is not None else frozenset(),
        origin=FROM_DATA,
    )


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _covered(part: str, whole: str) -> float:
    """Return the share of the four-word runs of `whole` that `part` has too."""
    have, want = words(part.lower()), words(whole.lower())
    grams = set(zip(have, have[1:], have[2:], have[3:], strict=False))
    runs = list(zip(want, want[1:], want[2:], want[3:], strict=False))
    return sum(run in grams for run in runs) / len(runs) if runs else 1.0


def _trafilatura_blocks(
    html: str, url: str | None, s: PageBlocks, rows: BlockFeatures
) -> list[bool] | None:
    """Return the blocks that trafilatura takes for the article, when they read like one."""
    # 16 MB and a second of CPU, for few pages.
    import trafilatura

    text = squashed(trafilatura.extract(html, url=url, include_comments=False) or "")
    if not text:
        return None
    without_spaces = [squashed(block.text) for block in s.blocks]
    likely = [len(q) > 3 and q in text for q in without_spaces]
    prose = sum(size for size, keep in zip(rows.sentences, likely, strict=True) if keep)
    everything = sum(n for n, keep in zip(rows.words, likely, strict=True) if keep)
    return likely if prose >= 40 and prose >= 0.5 * everything else None


def _base(elements: PageElements, url: str) -> str:
    """Return the address that the page's links are relative to."""
    node = elements.base
    return (absolute(url, node.attributes.get("href") or "") if node is not None else "") or url


def _from_page(
    tree: LexborHTMLParser,
    elements: PageElements,
    hints: Hints,
    base: str,
    rules: Rules,
    model: Model,
    learned: Learned | None,
) -> tuple[_Scored, _Found | None]:
    """Return what the classifier and the rules make of a document, and what they saw of it."""
    s = segment(tree, elements)
    rows = measure(s, hints)
    probabilities = [0.0] * len(s.blocks)
    for i, probability in zip(rows.candidates, model.score(rows.rows), strict=True):
        probabilities[i] = probability
    likely = choose(probabilities, rows.words)
    scored = _Scored(s, rows, probabilities, likely, model.boundaries)
    if not _believable(rows, probabilities, likely):
        return scored, None
    return scored, _from_blocks(scored, rules, base, learned)


def _placed(found: _Found, name: str) -> _Found:
    """Return a text that stood in a document within the page, with its places told so."""
    return replace(
        found,
        origin=FROM_INNER_DOCUMENT,
        kept=tuple(replace(block, place=f"{name} > {block.place}") for block in found.kept),
        removed=tuple(replace(block, place=f"{name} > {block.place}") for block in found.removed),
    )


def _find(
    page: ParsedHtml,
    hints: Hints,
    url: str | None,
    rules: Rules,
    model: Model,
    learned: Learned | None,
) -> _Found | None:
    tree, elements = page.tree, page.elements
    base = _base(elements, url or "")
    scored, found = _from_page(tree, elements, hints, base, rules, model, learned)
    body = article_body(elements.json_ld)
    if len(body) < _LONG_BODY:
        body = ""
    if body and (found is None or len(found.text) < _PART * len(body)):
        data = _from_data(body, "json-ld", base, scored, found, rules, learned)
        # Marks and blanks of the raw body tell nothing of its length.
        if found is None or (
            len(found.text) < _PART * len(data.text) and _covered(found.text, data.text) < _COVERED
        ):
            return data
    if found is None or (len(found.text) < _LONG_BODY):
        live = live_body(elements.json_ld)
        state = live or message_body(tree) or state_body(tree)
        if state:
            origin = "json-ld" if live else "framework-state"
            data = _from_data(state, origin, base, scored, found, rules, learned)
            if found is None or len(data.text) > 2 * len(found.text):
                return data
    if found is None:
        for name, markup in hidden_markup(tree):
            inner = LexborHTMLParser(markup)
            held = page_elements(inner)
            _, hidden = _from_page(inner, held, hints, base, rules, model, learned)
            if hidden is not None and len(hidden.text) >= _LONG_HIDDEN:
                return _placed(hidden, name)
        second = _trafilatura_blocks(page.decoded.text, url, scored.blocks, scored.rows)
        if second is not None:
            chosen = scored._replace(likely=second)
            found = replace(_from_blocks(chosen, rules, base, learned), origin=FROM_TRAFILATURA)
    return found if found is not None and found.text.strip() else None


def find_text(
    page: ParsedHtml,
    url: str | None,
    *,
    rules: Rules,
    model: Model,
    learned: Learned | None = None,
) -> FoundText | None:
    """Return the article's text without its metadata, or None where the page holds no article.

    Args:
        page: the page, which is left as it is.
        url: the address that it was read under.
        rules: boilerplate rules.
        model: the block classifier.
        learned: what was learned of the page's host, or None.
    """
    hints = hints_of(page.tree, page.elements)
    found = _find(page, hints, url, rules, model, learned)
    if found is None:
        return None
    s, rows, probabilities, likely, _ = found.scored
    signs = page_signs(
        s,
        rows,
        probabilities,
        likely,
        [i in found.chosen for i in range(len(s.blocks))],
        TextSource(
            origin=found.origin,
            characters=len(found.text),
            body=len(hints.body),
            title=len(words(hints.title)),
        ),
    )
    if learned is not None and learned.boxes and not found.origin:
        found = _settled(found, signs, rules, _base(page.elements, url or ""), learned)
    return FoundText(
        text=found.text,
        markdown=found.markdown,
        kept=found.kept,
        removed=found.removed,
        signs=signs,
    )


def _settled(
    found: _Found, signs: tuple[float, ...], rules: Rules, base: str, learned: Learned
) -> _Found:
    """Return the text of a doubtful page without what stands beside its host's articles."""
    if default_confidence().confidence(signs) >= SETTLED_BELOW:
        return found
    beside = layout_cuts(found.kept, learned)
    return _from_blocks(found.scored, rules, base, learned, beside) if beside else found


def read_article(
    page: ParsedHtml,
    url: str | None,
    *,
    rules: Rules,
    model: Model,
    fetched_at: datetime | None,
    zone: str,
    learned: Learned | None = None,
    extractor: str = "",
) -> Article:
    """Return what a page says; see `scraper.extraction.extract`.

    Args:
        page: the page, which is left as it is.
        model: the block classifier.
        extractor: what `Article.extractor` shall say.

    Raises:
        ExtractError: the page holds no article.
    """
    decoded, tree = page.decoded, page.tree
    found = find_text(page, url, rules=rules, model=model, learned=learned)
    if found is None:
        raise ExtractError(
            "the page holds no article", url=url, error_class=ErrorClass.EMPTY_EXTRACT
        )
    blocks: list[KeptBlock | RemovedBlock] = [*found.kept, *found.removed]
    blocks.sort(key=_POSITION)
    meta = find_metadata(
        tree,
        url=url or "",
        blocks=blocks,
        fetched_at=fetched_at,
        zone=zone,
        elements=page.elements,
    )
    language, script = language_of(found.text, meta.language)
    confidence = default_confidence()
    return replace(
        meta,
        url=url or "",
        language=language,
        script=script,
        text=found.text,
        markdown=found.markdown,
        kept=found.kept,
        removed=found.removed,
        encoding=decoded.encoding,
        encoding_origin=decoded.origin,
        replaced=decoded.replaced,
        extractor=extractor,
        confidence=confidence.confidence(found.signs),
        doubts=confidence.doubts(found.signs),
    )
