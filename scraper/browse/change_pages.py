"""The pages of the ledger: edits, takedowns and all else that happened to articles."""

from __future__ import annotations

from typing import Any

from scraper.browse.pages import PER_PAGE, Pages, View, int_arg, reporting

__all__ = ["ChangePages"]

_KINDS = (
    "", "edits", "new", "edited", "retitled", "rebylined", "reverted", "moved", "gone", "returned",
)  # fmt: skip


class ChangePages(Pages):
    """What happened to articles, newest first."""

    def routes(self) -> list[tuple[str, View]]:
        """Return paths as regular expressions, each with its page."""
        return [(r"/-/changes$", self.changes)]

    @reporting
    async def changes(self, request: Any) -> Any:
        """Show changes of articles, newest first."""
        kind = request.args.get("kind") or ""
        kind = kind if kind in _KINDS else ""
        rows = await self._rows(
            "changes", before=int_arg(request, "before"), kind=kind, limit=PER_PAGE + 1
        )
        shown = rows[:PER_PAGE]
        return await self._render(
            request,
            "changes",
            coverage=await self._coverage.get(self._read),
            changes=shown,
            kind=kind,
            kinds=_KINDS,
            before=shown[-1]["cursor"] if len(rows) > PER_PAGE else 0,
        )
