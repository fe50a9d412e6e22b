"""Which page an address belongs to: aliases, twins, and pages that turn out to be one."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

from scraper.errors import FetchError
from scraper.urls import canonical, host_of, identity, is_home, same_site

__all__ = ["PageUrls"]


class PageUrls:
    """Finds, makes and joins rows of `pages`. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find(self, url: str) -> int | None:
        """Return the page that an address belongs to, directly or as a twin, or None."""
        try:
            return self._find(canonical(url), identity(url))
        except FetchError:
            return None

    def _find(self, address: str, key: str) -> int | None:
        row = self._connection.execute(
            "select page_id from page_urls where url = ?"
            " union all select id from pages where identity = ? limit 1",
            [address, key],
        ).fetchone()
        return None if row is None else int(row[0])

    def find_or_add(self, url: str, *, at: str, source_id: int | None = None) -> int | None:
        """Return the page of an address, making it where there is none; None for no address."""
        try:
            address, key = canonical(url), identity(url)
        except FetchError:
            return None
        found = self._find(address, key)
        if found is None:
            cursor = self._connection.execute(
                "insert into pages (url, identity, host, source_id, first_seen_at, next_check_at)"
                " values (?, ?, ?, ?, ?, ?)",
                [address, key, host_of(address), source_id, at, at],
            )
            found = int(cursor.lastrowid or 0)
            self.add_alias(address, found, how="seen", at=at)
        else:
            self.add_alias(address, found, how="twin", at=at)
        return found

    def add_alias(self, url: str, page_id: int, *, how: str, at: str) -> None:
        """Note that an address leads to a page; one that is known keeps its page."""
        try:
            address = canonical(url)
        except FetchError:
            return
        self._connection.execute(
            "insert into page_urls (url, page_id, how, first_seen_at) values (?, ?, ?, ?)"
            " on conflict do nothing",
            [address, page_id, how, at],
        )

    def is_elsewhere(self, page_id: int, *, asked: str, final_url: str) -> bool:
        """Return whether an answering address is not known to belong to the page.

        What only adds parameters to the address that was asked for (a token, a session) stays.
        """
        one, other = urlsplit(asked), urlsplit(final_url)
        parameters = set(one.query.split("&")) - {""}
        same_place = one.path == other.path and one.netloc == other.netloc
        if same_place and parameters <= set(other.query.split("&")):
            return False
        return self.find(final_url) != page_id

    def claimed_by(self, url: str) -> list[int]:
        """Return the pages that claim an address as their canonical one."""
        try:
            key = identity(url)
        except FetchError:
            return []
        # The second term tells SQLite that the partial index will do.
        rows = self._connection.execute(
            "select id from pages where claimed = ? and claimed <> ''", [key]
        )
        return [int(row["id"]) for row in rows]

    def settle(
        self,
        page_id: int,
        *,
        final_url: str,
        claimed: str,
        text_fingerprint: str,
        at: str,
        lasting: bool = True,
    ) -> int:
        """Return the page to which an accepted text belongs, after redirects and claims.

        A page without a version takes the address that it was redirected to for good: links
        in feeds often go by way of another site. One within its site that it was redirected to for
        the moment (`lasting` is false) becomes its alias when it is seen a second time: what leads
        there today may lead elsewhere tomorrow. And it joins another page that its redirect or its
        ``rel=canonical`` names, or that claims its own address, where that page has the same text.
        A claim alone joins nothing: a site that gives all its pages one canonical address must not
        make them one.
        """
        row = self._connection.execute("select url from pages where id = ?", [page_id]).fetchone()
        own = final_url or row["url"]
        believable = [
            (address, how)
            for address, how in ((final_url, "redirect"), (claimed, "canonical"))
            if address and not is_home(address) and same_site(address, own)
        ]
        if not self._has_version(page_id):
            named = [(self.find(address), how) for address, how in believable]
            named += [(claimant, "same") for claimant in self.claimed_by(own)]
            for target, how in named:
                if target not in (None, page_id) and self._has_text(target, text_fingerprint):
                    self._join(page_id, target)
                    self.add_alias(own, target, how=how, at=at)
                    page_id = target
                    break
            else:
                redirected = bool(believable) and believable[0][1] == "redirect"
                if redirected and lasting and self.find(final_url) is None:
                    self._move(page_id, final_url, at=at)
        for address, how in believable:
            if how == "canonical":
                self._note_claim(page_id, address)
            elif self.find(address) == page_id or (
                not lasting
                and same_site(address, row["url"])
                and self.find(address) is None
                and self._led_to(page_id, address)
            ):
                self.add_alias(address, page_id, how=how, at=at)
        return page_id

    def _led_to(self, page_id: int, final_url: str) -> bool:
        """Whether an earlier fetch of the page was answered from this address."""
        row = self._connection.execute(
            "select 1 from fetches where page_id = ? and final_url = ? limit 1",
            [page_id, final_url],
        ).fetchone()
        return row is not None

    def _note_claim(self, page_id: int, address: str) -> None:
        try:
            key = identity(address)
        except FetchError:
            return
        self._connection.execute(
            "update pages set claimed = iif(identity = ?1, '', ?1) where id = ?2", [key, page_id]
        )

    def _has_version(self, page_id: int) -> bool:
        row = self._connection.execute(
            "select 1 from versions where page_id = ? limit 1", [page_id]
        ).fetchone()
        return row is not None

    def _has_text(self, page_id: int | None, text_fingerprint: str) -> bool:
        row = self._connection.execute(
            "select 1 from versions where page_id = ? and text_fingerprint = ?",
            [page_id, text_fingerprint],
        ).fetchone()
        return row is not None

    def _move(self, page_id: int, url: str, *, at: str) -> None:
        """Give a page that was never archived the address at which it answered."""
        self._connection.execute(
            "update pages set url = ?, identity = ?, host = ? where id = ?",
            [canonical(url), identity(url), host_of(url), page_id],
        )
        self.add_alias(url, page_id, how="redirect", at=at)

    def _join(self, page_id: int, target: int | None) -> None:
        """Fold a page that was never archived into another."""
        run = self._connection.execute
        # The hash of a fetch covers the page that it was recorded for.
        run(
            "update fetches set page_id = ?1, merged_from = coalesce(merged_from, page_id)"
            " where page_id = ?2",
            [target, page_id],
        )
        for table in ("sightings", "page_urls"):
            run(
                f"update or ignore {table} set page_id = ? where page_id = ?",
                [target, page_id],
            )
        run("delete from sightings where page_id = ?", [page_id])
        run("delete from pages where id = ?", [page_id])
