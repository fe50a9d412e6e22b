"""Addresses of pages: aliases, twins, and pages that turn out to be the same article."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

from scraper.archive.parts import parts_of
from scraper.edits import fingerprint
from scraper.edits.likeness import sentence_overlap
from scraper.errors import FetchError
from scraper.record import record
from scraper.text.patterns import lazy_compile
from scraper.urls import canonical, host_of, identity, is_home, same_site

__all__ = ["PageText", "PageUrls"]

# Maximum number of candidate pages to compare.
_MOST_CLAIMS = 8
# A text that shares this part of its sentences with one of the same headline is an edit of it.
_SAME_SHARE = 0.6
# Digits of a number that systems give to one article; fewer may be a day or a page.
_NUMBER_LENGTH = 5
_DIGITS = lazy_compile(r"\d+")


@record
class PageText:
    """A page's text, with what identifies its article.

    Attributes:
        text_fingerprint, fingerprint: fingerprints of the text, and of headline and text.
        title, text: headline and text.
        published: time of publication, as SQLite stores it, or "".
        is_telling: whether the text is long enough that two pages with it are one article.
        is_dated_enough: whether it is, or has a known time of publication and is no mere notice.
    """

    text_fingerprint: str
    fingerprint: str
    title: str
    text: str
    published: str
    is_telling: bool
    is_dated_enough: bool

    def may_be_published_at(self, other: str | None) -> bool:
        """Return whether another page's time of publication is the same or unknown."""
        return not self.published or not other or self.published == other


class PageUrls:
    """Finds, adds and merges rows of `pages`. All methods run within a transaction.

    Args:
        connection: of the archive file.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._parts = parts_of(connection)
        self._bare: int | None = None

    def is_bare(self, page_id: int) -> bool:
        """Return whether a page was just added, so that only its address is known of it.

        The archive holds no versions, fetches, changes or sightings of it.
        """
        return page_id == self._bare

    def find(self, url: str) -> int | None:
        """Return the page to which an address or its twin belongs, or None."""
        try:
            return self._find(canonical(url), identity(url))
        except FetchError:
            return None

    def _find(self, address: str, key: str) -> int | None:
        sql = (
            "select page_id from page_urls where url = ?"
            " union all select id from pages where identity = ? limit 1"
        )
        row = self._connection.execute(sql, [address, key]).fetchone()
        if row is None and self._parts.take_back(sql, [address, key]):
            row = self._connection.execute(sql, [address, key]).fetchone()
        return None if row is None else int(row[0])

    def find_or_add(self, url: str, *, at: str, source_id: int | None = None) -> int | None:
        """Return the page of an address, adding a missing one; None for an invalid address."""
        try:
            address, key = canonical(url), identity(url)
        except FetchError:
            return None
        self._bare = None
        found = self._find(address, key)
        if found is None:
            cursor = self._connection.execute(
                "insert into pages (id, url, identity, host, source_id, first_seen_at,"
                " next_check_at) values (1 + max((select coalesce(max(id), 0) from pages),"
                # Pages of sealed parts keep theirs.
                " (select coalesce(max(last_page), 0) from parts),"
                # Fetches keep the number of a page that was merged into another.
                " (select coalesce(max(merged_from), 0) from fetches where merged_from is not"
                " null))"
                ", ?, ?, ?, ?, ?, ?)",
                [address, key, host_of(address), source_id, at, at],
            )
            found = self._bare = int(cursor.lastrowid or 0)
            self.add_alias(address, found, how="seen", at=at)
        else:
            self.add_alias(address, found, how="twin", at=at)
        return found

    def add_alias(self, url: str, page_id: int, *, how: str, at: str) -> None:
        """Record that an address leads to a page; a known address keeps its page."""
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
        """Return whether the final address is not known to belong to the page.

        An address that only adds parameters (a token, a session) to the requested one counts as
        known.
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
        # The second term lets SQLite use the partial index.
        sql = "select id from pages where claimed = ? and claimed <> ''"
        self._parts.take_back(sql, [key])
        rows = self._connection.execute(sql, [key])
        return [int(row["id"]) for row in rows]

    def resolve(
        self,
        page_id: int,
        *,
        final_url: str,
        claimed: str,
        text: PageText,
        at: str,
        lasting: bool = True,
    ) -> int:
        """Return the page to which an accepted text belongs, after redirects and canonical URLs.

        A page without a version takes the address of a permanent redirect: links in feeds often go
        through another site. It is merged into an archived page of its site that is the same
        article: one that its redirect or canonical URL names, one with the same canonical URL or
        whose canonical URL is its address, or one with the same headline and long text. A canonical
        URL alone merges nothing: a site that gives all its pages one canonical URL must not make
        them one.

        Args:
            page_id: the page to which the text's address belongs so far.
            final_url: the final address, "" if it is the requested one.
            claimed: the page's ``rel=canonical``, "" if it names none or itself.
            text: text of the page.
            at: now, as SQLite stores it.
            lasting: whether all redirects on the way are permanent.
        """
        row = self._connection.execute("select url from pages where id = ?", [page_id]).fetchone()
        own = final_url or row["url"]
        redirect, canonical_url = (
            address if address and not is_home(address) and same_site(address, own) else ""
            for address in (final_url, claimed)
        )
        if not self._has_version(page_id):
            target, how = self._same_article(page_id, own, redirect, canonical_url, text)
            if target is not None:
                self._merge_into(page_id, target)
                self.add_alias(own, target, how=how, at=at)
                page_id = target
            elif redirect and lasting and self.find(redirect) is None:
                self._move(page_id, redirect, at=at)
        if redirect and self._is_adopted(page_id, row["url"], redirect, lasting=lasting):
            self.add_alias(redirect, page_id, how="redirect", at=at)
        if canonical_url:
            self._note_claim(page_id, canonical_url)
        return page_id

    def note_redirect(self, page_id: int, final_url: str, *, at: str, lasting: bool) -> None:
        """Record the address to which an archived page with its known text was redirected.

        A permanent redirect makes that address the page's, also on another site; a page of that
        address that was never archived is merged into this one. A temporary redirect counts only
        within the site, and when it is seen a second time: it may lead elsewhere tomorrow.
        """
        if not final_url or is_home(final_url):
            return
        other = self.find(final_url)
        if other == page_id or (other is not None and self._has_version(other)):
            return
        row = self._connection.execute("select url from pages where id = ?", [page_id]).fetchone()
        if not lasting and not (
            same_site(final_url, row["url"]) and self._led_to(page_id, final_url)
        ):
            return
        if other is not None:
            self._merge_into(other, page_id)
        self.add_alias(final_url, page_id, how="redirect", at=at)

    def _same_article(
        self, page_id: int, own: str, redirect: str, canonical_url: str, text: PageText
    ) -> tuple[int | None, str]:
        """Return the archived page of the same article, and how it was identified."""
        claims: list[tuple[int | None, str, bool]] = []
        if redirect:
            claims.append((self.find(redirect), "redirect", True))
        if canonical_url:
            claims.append((self.find(canonical_url), "canonical", True))
            # If a page's canonical URL differs from its address only in parameters, so may a
            # sibling's.
            bare = urlsplit(own).path == urlsplit(canonical_url).path
            claims += [(page, "canonical", bare) for page in self.claimed_by(canonical_url)]
        claims += [(page, "same", True) for page in self.claimed_by(own)]
        for target, how, edited in dict.fromkeys(claims[:_MOST_CLAIMS]):
            if target not in (None, page_id) and self._is_article_of(target, text, edited):
                return target, how
        same = self._page_with_text(page_id, own, text)
        if same is None and text.is_dated_enough:
            same = self._page_it_replaced(page_id, own, text)
        return same, "same" if same is not None else ""

    def _is_article_of(
        self, target: int, text: PageText, edited: bool, *, numbered: bool = False
    ) -> bool:
        """Return whether a named page has the same article, or (`edited`) an edit of it.

        A short text may be a notice: it counts only with its headline. An edited text must have the
        same time of publication and most sentences, and be long: two days' reports may differ in a
        few numbers only. It must have the same headline, too, unless both addresses end with one
        number (`numbered`).
        """
        versions = self._connection.execute(
            "select fingerprint from versions where page_id = ? and text_fingerprint = ?",
            [target, text.text_fingerprint],
        ).fetchall()
        if versions:
            same_title = any(row["fingerprint"] == text.fingerprint for row in versions)
            return text.is_telling or same_title
        shown = self._connection.execute(
            "select url, title, text, published_at from articles where id = ?", [target]
        ).fetchone()
        return (
            edited
            and text.is_telling
            and shown is not None
            and (numbered or fingerprint(shown["title"]) == fingerprint(text.title))
            and text.published == (shown["published_at"] or "?")
            and sentence_overlap(shown["text"], text.text) >= _SAME_SHARE
        )

    def _page_with_text(self, page_id: int, own: str, text: PageText) -> int | None:
        """Return an archived page of the site that has the same headline and text, or None.

        A short text may be a notice: it counts only under a number that both addresses end with.
        """
        self._parts.take_back(
            "select page_id from versions where text_fingerprint = ? and fingerprint = ?"
            " order by page_id limit ?",
            [text.text_fingerprint, text.fingerprint, _MOST_CLAIMS],
        )
        rows = self._connection.execute(
            "select p.id, p.url, a.published_at from versions v join pages p on p.id = v.page_id"
            " join articles a on a.id = p.id where v.text_fingerprint = ? and v.fingerprint = ?"
            " and p.id <> ? order by p.id limit ?",
            [text.text_fingerprint, text.fingerprint, page_id, _MOST_CLAIMS],
        )
        for row in rows:
            dated = text.is_telling or row["published_at"] == text.published
            if (
                ((dated and text.is_dated_enough) or _have_one_number(row["url"], own))
                and same_site(row["url"], own)
                and text.may_be_published_at(row["published_at"])
            ):
                return int(row["id"])
        return None

    def _page_it_replaced(self, page_id: int, own: str, text: PageText) -> int | None:
        """Return an archived page whose address a source replaced by this one, or None.

        It is the same article, edited before it moved, if headline (or the number with which both
        addresses end), time of publication and most sentences agree.
        """
        if not text.published or self.is_bare(page_id):
            return None
        self._parts.take_back(
            "select a.id from articles a join pages p on p.id = a.id where a.published_at = ?"
            " and p.host = ? order by a.id limit ?",
            [text.published, host_of(own), _MOST_CLAIMS],
        )
        rows = self._connection.execute(
            "select distinct a.id, a.url from articles a join sightings old on old.page_id = a.id"
            " join sightings new on new.source_id = old.source_id and new.page_id = ?1"
            " where a.published_at = ?2 and a.id <> ?1 and old.last_seen_at < new.first_seen_at"
            " order by a.id limit ?3",
            [page_id, text.published, _MOST_CLAIMS],
        )
        for row in rows:
            numbered = _have_one_number(row["url"], own)
            if same_site(row["url"], own) and self._is_article_of(
                row["id"], text, edited=True, numbered=numbered
            ):
                return int(row["id"])
        return None

    def _is_adopted(self, page_id: int, url: str, redirect: str, *, lasting: bool) -> bool:
        """Return whether the address of a redirect belongs to a page."""
        found = self.find(redirect)
        if found is not None:
            return found == page_id
        return not lasting and same_site(redirect, url) and self._led_to(page_id, redirect)

    def _led_to(self, page_id: int, final_url: str) -> bool:
        """Return whether an earlier fetch of the page ended at this address."""
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
        if self.is_bare(page_id):
            return False
        row = self._connection.execute(
            "select 1 from versions where page_id = ? limit 1", [page_id]
        ).fetchone()
        return row is not None

    def _move(self, page_id: int, url: str, *, at: str) -> None:
        """Set the address of a page that was never archived to its final address."""
        self._connection.execute(
            "update pages set url = ?, identity = ?, host = ? where id = ?",
            [canonical(url), identity(url), host_of(url), page_id],
        )
        self.add_alias(url, page_id, how="redirect", at=at)

    def _merge_into(self, page_id: int, target: int) -> None:
        """Merge a page that was never archived into another."""
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


def _have_one_number(one: str, other: str) -> bool:
    """Return whether two addresses end with the same name, and it holds a number of an article."""
    name = urlsplit(one).path.rstrip("/").rpartition("/")[2]
    number = max((len(digits) for digits in _DIGITS.findall(name)), default=0)
    return number >= _NUMBER_LENGTH and urlsplit(other).path.rstrip("/").endswith("/" + name)
