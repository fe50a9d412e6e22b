"""Every exception of the project, and the error classes that the archive records.

    ScraperError             one base: what the command line turns into one line
    ├── ConfigError          wrong settings; lists all problems together
    ├── UsageError           wrong arguments
    ├── FetchError           no usable response       (error_class: FETCH_CLASSES)
    ├── DiscoverError        a source gave no links   (error_class: DISCOVER_CLASSES)
    ├── ExtractError         no article in the bytes  (error_class: EXTRACT_CLASSES)
    ├── WorkersLost          no process can be had that reads pages: a pass ends
    └── ArchiveError         the archive refused      (error_class: ARCHIVE_CLASSES)
        ├── NotFound         no such article or version
        └── ArchiveLocked    another daemon holds the archive (exit 75)

Errors of libraries are translated into these where they are raised, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

__all__ = [
    "ARCHIVE_CLASSES",
    "DISCOVER_CLASSES",
    "EXTRACT_CLASSES",
    "FETCH_CLASSES",
    "HELD_CLASSES",
    "ArchiveError",
    "ArchiveLocked",
    "ConfigError",
    "DiscoverError",
    "ErrorClass",
    "ExtractError",
    "FetchError",
    "NotFound",
    "ScraperError",
    "UsageError",
    "WorkersLost",
]


class ErrorClass(StrEnum):
    """Why something gave no result: what ``fetches.class`` and ``--json`` say of it.

    Each error class that the archive counts is a member, so that mypy refuses a misspelt one.
    `NONE` says that nothing went wrong.
    """

    NONE = ""
    # No usable response
    BAD_URL = "bad_url"  # not an http(s) address that can be dialled
    BLOCKED_ADDRESS = "blocked_address"  # the name resolves to an address that we may not dial
    DNS = "dns"  # the name does not resolve
    CONNECT = "connect"  # nobody answers at the address
    TLS = "tls"  # the certificate or the handshake is wrong
    TIMEOUT = "timeout"  # a time limit was exceeded
    TOO_LARGE = "too_large"  # a limit in bytes was exceeded
    BAD_ENCODING = "bad_encoding"  # Content-Encoding is unknown, doubled or wrong
    TRUNCATED = "truncated"  # the body ended before its end
    PROTOCOL = "protocol"  # this is not HTTP
    REDIRECT_LOOP = "redirect_loop"  # more than ten redirects, or a circle
    ROBOTS_DENIED = "robots_denied"  # robots.txt forbids the address to us
    ROBOTS_UNREACHABLE = "robots_unreachable"  # robots.txt could not be read: RFC 9309 says "no"
    RATE_LIMITED = "rate_limited"  # 429, or a Retry-After that is not over yet
    GONE = "gone"  # 404 or 410
    HTTP_ERROR = "http_error"  # any other status that is not a page
    NOT_CAPTURED = "not_captured"  # --web FILE holds no response for the address
    NO_BROWSER = "no_browser"  # rendering needs an extra or a program that is not installed
    BROWSER = "browser"  # the browser failed while it rendered the page
    # A source without links
    NOT_A_FEED = "not_a_feed"
    NOT_A_SITEMAP = "not_a_sitemap"
    NO_LINKS = "no_links"
    PLUGIN = "plugin"  # a plugin raised, was stopped, or could not be loaded
    # No article in the bytes
    NOT_HTML = "not_html"  # binary, PDF, image, or no markup at all
    EMPTY_EXTRACT = "empty_extract"  # a page without an article
    PARSE_TIMEOUT = "parse_timeout"  # the worker was stopped at its time limit
    PARSE_CRASH = "parse_crash"  # the worker died (memory, signal)
    BLOCKED_PAGE = "blocked_page"  # a challenge, a login wall, a paywall or a consent page
    SOFT_404 = "soft_404"  # "page not found" under status 200, or the front page instead
    # A page that is not the article: `Verdict.kind`
    LOGIN_WALL = "login_wall"
    PAYWALL = "paywall"
    CHALLENGE = "challenge"  # proof is asked that we are no robot, or we are refused as one
    CONSENT = "consent"
    ERROR_PAGE = "error_page"  # an error, maintenance or placeholder page under status 200
    LISTING = "listing"  # a list of articles
    SCRIPT_ONLY = "script_only"  # shows nothing without running its scripts
    EMPTY = "empty"  # shows no text that could be an article
    NOARCHIVE = "noarchive"  # its publisher asks that it be not archived
    REGION_BLOCKED = "region_blocked"  # its publisher shows it to readers of other regions only
    # A text that was read and yet must not become a version
    SHRUNK = "shrunk"  # much less than the current text, or nothing of it, for now
    REPEATED = "repeated"  # what other pages of the host show in place of their texts, too
    REDIRECTED = "redirected"  # the address leads to another story now
    STALE_COPY = "stale_copy"  # what may be an older copy that a cache handed out
    OTHER_LANGUAGE = "other_language"  # another language or script than the archived text
    DRIFT = "drift"  # its host's pages are read otherwise than before: held until that is settled
    OFF_TOPIC = "off_topic"  # its source keeps only what is on topic
    # The archive's files
    DB_BUSY = "db_busy"  # another program held the lock for too long
    DB_FULL = "db_full"  # the disk is full
    DB_IO = "db_io"  # the disk or its file system refused to read or write
    DB_CORRUPT = "db_corrupt"  # the file is damaged
    DB_DENIED = "db_denied"  # the user may not read or write the file
    NOT_OURS = "not_ours"  # the file is another program's
    NEWER_SCHEMA = "newer_schema"  # a newer version of this program wrote it
    OLDER_SCHEMA = "older_schema"  # it must be opened for writing once, to be migrated
    # What the archive does not count
    ERROR = "error"
    INTERNAL = "internal"
    CONFIG = "config"
    USAGE = "usage"
    NOT_FOUND = "not_found"
    LOCKED = "locked"
    NOT_A_BUNDLE = "not_a_bundle"
    NO_WORKERS = "no_workers"


FETCH_CLASSES = frozenset(
    {
        ErrorClass.BAD_URL,
        ErrorClass.BLOCKED_ADDRESS,
        ErrorClass.DNS,
        ErrorClass.CONNECT,
        ErrorClass.TLS,
        ErrorClass.TIMEOUT,
        ErrorClass.TOO_LARGE,
        ErrorClass.BAD_ENCODING,
        ErrorClass.TRUNCATED,
        ErrorClass.PROTOCOL,
        ErrorClass.REDIRECT_LOOP,
        ErrorClass.ROBOTS_DENIED,
        ErrorClass.ROBOTS_UNREACHABLE,
        ErrorClass.RATE_LIMITED,
        ErrorClass.GONE,
        ErrorClass.HTTP_ERROR,
        ErrorClass.NOT_CAPTURED,
        ErrorClass.NO_BROWSER,
        ErrorClass.BROWSER,
    }
)
DISCOVER_CLASSES = frozenset(
    {
        ErrorClass.NOT_A_FEED,
        ErrorClass.NOT_A_SITEMAP,
        ErrorClass.NO_LINKS,
        ErrorClass.PLUGIN,
        ErrorClass.TOO_LARGE,
    }
)
EXTRACT_CLASSES = frozenset(
    {
        ErrorClass.NOT_HTML,
        ErrorClass.TOO_LARGE,
        ErrorClass.EMPTY_EXTRACT,
        ErrorClass.PARSE_TIMEOUT,
        ErrorClass.PARSE_CRASH,
        ErrorClass.BLOCKED_PAGE,
        ErrorClass.SOFT_404,
    }
)
ARCHIVE_CLASSES = frozenset(
    {
        ErrorClass.DB_BUSY,
        ErrorClass.DB_FULL,
        ErrorClass.DB_IO,
        ErrorClass.DB_CORRUPT,
        ErrorClass.DB_DENIED,
        ErrorClass.NOT_OURS,
        ErrorClass.NEWER_SCHEMA,
        ErrorClass.OLDER_SCHEMA,
    }
)
HELD_CLASSES = frozenset(
    {
        ErrorClass.SHRUNK,
        ErrorClass.REPEATED,
        ErrorClass.REDIRECTED,
        ErrorClass.STALE_COPY,
        ErrorClass.OTHER_LANGUAGE,
        ErrorClass.DRIFT,
        ErrorClass.OFF_TOPIC,
    }
)


class ScraperError(Exception):
    """Base of all errors that are reported to a user as one line.

    Args:
        message: what went wrong and what to do, in one sentence.
        url: the address that it is about, if any.
        error_class: the word that goes into ``fetches.class``.
    """

    error_class: ErrorClass = ErrorClass.ERROR

    def __init__(
        self, message: str, *, url: str | None = None, error_class: ErrorClass | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.url = url
        if error_class is not None:
            self.error_class = error_class

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross from the worker processes by pickle; keyword arguments must survive it.
        return _rebuild, (type(self), self.message, self.url, self.error_class)


def _rebuild(
    kind: type[ScraperError], message: str, url: str | None, error_class: ErrorClass
) -> ScraperError:
    error = kind.__new__(kind)
    ScraperError.__init__(error, message, url=url, error_class=error_class)
    return error


class ConfigError(ScraperError):
    """The configuration is wrong; `problems` holds one line for each thing to mend."""

    error_class: ErrorClass = ErrorClass.CONFIG

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(ScraperError):
    """The arguments of a command or call make no sense together."""

    error_class: ErrorClass = ErrorClass.USAGE


class FetchError(ScraperError):
    """An address gave no usable response.

    Attributes:
        status: the HTTP status, when there was one.
        retry_after: seconds that the server asked us to wait, when it did.
    """

    error_class: ErrorClass = ErrorClass.CONNECT
    status: int | None = None
    retry_after: float | None = None


class DiscoverError(ScraperError):
    """A source answered, but not with what it should be."""

    error_class: ErrorClass = ErrorClass.NO_LINKS


class ExtractError(ScraperError):
    """The bytes hold no article: nothing is ever invented from them."""

    error_class: ErrorClass = ErrorClass.EMPTY_EXTRACT


class WorkersLost(ScraperError):
    """No worker process can be kept running, so that nothing can be read; every pass ends."""

    error_class = ErrorClass.NO_WORKERS


class ArchiveError(ScraperError):
    """The archive could not be opened, read or written."""

    error_class: ErrorClass = ErrorClass.DB_CORRUPT


class NotFound(ArchiveError):
    """The archive has no such article, version or body."""

    error_class: ErrorClass = ErrorClass.NOT_FOUND


class ArchiveLocked(ArchiveError):
    """Another daemon holds this archive."""

    error_class: ErrorClass = ErrorClass.LOCKED
