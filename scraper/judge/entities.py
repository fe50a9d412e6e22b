"""What a text names: models, companies, people, benchmarks, licences, counted."""

from __future__ import annotations

from collections.abc import Sequence

from scraper.judge.entries import ENTITY_KINDS
from scraper.judge.names import Found
from scraper.models import Mention

__all__ = ["mentions_of"]


def _family(found: Found) -> str:
    """Return the family of a model's version; "" for the family itself, and for what has none."""
    entry = found.entry
    # "R1" has an entry of its own, which needs its family: DeepSeek-R1.
    family = entry.needs if entry.needs and entry.name.startswith(entry.needs) else entry.name
    return family if family != found.name else ""


def mentions_of(text: str, title_end: int, names: Sequence[Found]) -> tuple[Mention, ...]:
    """Return what a text names, most often named first.

    Args:
        text: headline, a line feed, and the clean text.
        title_end: where the headline ends.
        names: what `find_names` found in it.
    """
    groups: dict[tuple[str, str], list[Found]] = {}
    for found in names:
        if found.entry.kind in ENTITY_KINDS:
            groups.setdefault((found.entry.kind, found.name), []).append(found)
    mentions = []
    for (kind, name), group in groups.items():
        first = group[0]
        in_text = [found.start for found in group if found.start > title_end]
        mentions.append(
            Mention(
                kind=kind,
                name=name,
                family=_family(first) if first.listed else "",
                maker=first.entry.maker,
                listed=first.listed,
                count=len(group),
                in_title=len(group) - len(in_text),
                offset=in_text[0] - title_end - 1 if in_text else None,
                matched=text[first.start : first.end],
            )
        )
    return tuple(sorted(mentions, key=lambda m: (-m.count, m.kind, m.name)))
