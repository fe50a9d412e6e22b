"""The comparison of two versions: by sentence, in one column or two, and as a quotation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from scraper.archive import Archive, Version, VersionRow
from scraper.browse import filters
from scraper.browse.filters import Piece, Row, with_query
from scraper.browse.pages import Pages, View, in_time, int_arg, reporting
from scraper.browse.security import SCRIPT_POLICY
from scraper.browse.templates import redirect
from scraper.edits import Comparison
from scraper.edits.classify import severity_of

__all__ = ["DiffPages"]

# The severity from which on a change is grave.
_GRAVE = 2
_MOST_QUOTED = 12
# Changed sentences, and characters of all sentences, that the page shows; more go with the
# command. An edit of a long article has less; the page stays below 150 KB in either script.
_MOST_CHANGES, _MOST_CHARACTERS = 300, 40_000


class DiffPages(Pages):
    """What a publisher changed between two versions."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/article/(?P<id>[0-9]{1,15})/diff$", self.diff)]

    @reporting
    async def diff(self, request: Any) -> Any:
        """Show the difference between two versions, sentence by sentence."""
        article_id = int(request.url_vars["id"])
        old_number, new_number = int_arg(request, "a"), int_arg(request, "b")
        grave, side = (request.args.get(name) == "1" for name in ("grave", "side"))

        edits = await self._with_edits(await self._rows("last_edit", article_id=article_id))

        def read(archive: Archive) -> dict[str, Any]:
            row, versions = archive.find(article_id), in_time(archive.versions(article_id))
            old, new = _chosen(old_number, new_number, row.version, versions, edits)
            return {
                "row": row,
                "versions": versions,
                "old": archive.version(article_id, old),
                "new": archive.version(article_id, new),
            }

        found = await self._read(read)
        old, new = found["old"], found["new"]
        path = f"/-/article/{article_id}/diff"
        if old.row.number == new.row.number and len(found["versions"]) > 1:
            # A version differs from its neighbour, not from itself.
            numbers = [row.number for row in found["versions"]]
            at = max(1, numbers.index(old.row.number))
            return redirect(with_query(path, a=numbers[at - 1], b=numbers[at]))
        compared = await self._comparisons.articles(old.article, new.article)
        comparison = compared or Comparison(ops=())
        rows = filters.rows_of(comparison)
        if grave:
            rows = tuple(row for row in rows if _is_grave(row))
        rows, left_out = _bounded(rows)
        same = {"a": old.row.number, "b": new.row.number}
        return await self._render(
            request,
            "diff",
            policy=SCRIPT_POLICY,
            **found,
            comparison=comparison,
            backwards=old.row.last_observed_at > new.row.last_observed_at,
            too_large=compared is None,
            left_out=left_out,
            seconds=self._comparisons.seconds,
            headline=filters.row_of(comparison.headline) if comparison.headline else None,
            byline=filters.row_of(comparison.byline) if comparison.byline else None,
            rows=rows,
            places=[n for n, row in enumerate(rows, 1) if row.kind not in ("equal", "folded")],
            grave=grave,
            side=side,
            other_layout=with_query(path, **same, grave=int(grave), side=int(not side)),
            other_choice=with_query(path, **same, grave=int(not grave), side=int(side)),
            quotation=_quotation(found["row"].url, old, new, comparison),
        )


def _chosen(
    old: int,
    new: int,
    current: int,
    versions: Sequence[VersionRow],
    edits: Sequence[Mapping[str, Any]],
) -> tuple[int, int]:
    """Return the numbers of the versions to compare.

    Args:
        old, new: as asked for; 0 for what the last edit led from and to, or for a neighbour.
        current: number of the current version.
        versions: in the order of time.
        edits: the last edit of the article, where there is one.
    """
    if not old and not new and edits and edits[0]["after"] == current:
        return edits[0]["before"], current
    new = new or current
    numbers = [row.number for row in versions]
    if not old and new in numbers:
        old = numbers[max(0, numbers.index(new) - 1)]
    return old or 1, new


def _bounded(rows: Sequence[Row]) -> tuple[tuple[Row, ...], int]:
    """Return the rows that a page shows, and how many changed sentences are left out.

    Unchanged sentences lose their words first: a folded run then says only how many they are.
    """
    shown: list[Row] = []
    changes = characters = 0
    for row in rows:
        length = sum(len(piece.text) for piece in row.pieces)
        changed = row.kind not in ("equal", "folded")
        if row.kind == "folded" and characters + length > _MOST_CHARACTERS:
            row = replace(row, pieces=tuple(Piece(text="") for _ in row.pieces))
            length = 0
        if changes + changed > _MOST_CHANGES or characters + length > _MOST_CHARACTERS:
            break
        changes, characters = changes + changed, characters + length
        shown.append(row)
    left_out = sum(row.kind not in ("equal", "folded") for row in rows[len(shown) :])
    return tuple(shown), left_out


def _is_grave(row: Row) -> bool:
    return bool(row.classes) and severity_of([row.classes], 0.0)[1] >= _GRAVE


def _quotation(url: str, old: Version, new: Version, comparison: Comparison) -> Sequence[str]:
    """Return the change as lines to quote, with the times at which each wording was seen."""
    before, after = (
        f"seen {v.row.first_observed_at:%Y-%m-%d %H:%M} to"
        f" {v.row.last_observed_at:%Y-%m-%d %H:%M} UTC"
        for v in (old, new)
    )
    lines = [f"{new.article.title}, {url}"]
    if comparison.headline:
        lines += [f"− headline ({before}): {comparison.headline.old}"]
        lines += [f"+ headline ({after}): {comparison.headline.new}"]
    changed = [op for op in comparison.ops if op.kind != "equal"]
    for op in changed[:_MOST_QUOTED]:
        lines += [f"− ({before}) {op.old}"] if op.old else []
        lines += [f"+ ({after}) {op.new}"] if op.new else []
    if len(changed) > _MOST_QUOTED:
        lines.append(f"and {len(changed) - _MOST_QUOTED} more changed sentences")
    return lines
