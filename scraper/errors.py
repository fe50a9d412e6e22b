"""Every exception of the project, and the error classes that the archive records.

    ScraperError             one base: what the command line turns into one line
    ├── ConfigError          wrong settings; lists all problems together
    ├── UsageError           wrong arguments
    ├── FetchError           no usable response       (error_class: FETCH_CLASSES)
    ├── DiscoverError        a source gave no links   (error_class: DISCOVER_CLASSES)
    ├── ExtractError         no article in the bytes  (error_class: EXTRACT_CLASSES)
    └── ArchiveError         the archive refused      (error_class: ARCHIVE_CLASSES)
        ├── NotFound         no such article or version
        └── ArchiveLocked    another daemon holds the archive (exit 75)

Errors of libraries are translated into these where they are raised, once.
"""

from __future__ import annotations

from collections.abc import Sequence

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
    "ExtractError",
    "FetchError",
    "NotFound",
    "ScraperError",
    "UsageError",
]

FETCH_CLASSES = frozenset(
    {
        "bad_url",  # not an http(s) address that can be dialled
        "blocked_address",  # the name resolves to an address that we may not dial
        "dns",  # the name does not resolve
        "connect",  # nobody answers at the address
        "tls",  # the certificate or the handshake is wrong
        "timeout",  # a bound in time was passed
        "too_large",  # a cap in bytes was passed
        "bad_encoding",  # Content-Encoding is unknown, doubled or a lie
        "truncated",  # the body ended before its end
        "protocol",  # this is not HTTP
        "redirect_loop",  # more than ten hops, or a circle
        "robots_denied",  # robots.txt forbids the address to us
        "robots_unreachable",  # robots.txt could not be read: RFC 9309 says to assume "no"
        "rate_limited",  # 429, or a Retry-After that is not over yet
        "gone",  # 404 or 410
        "http_error",  # any other status that is not a page
        "not_captured",  # --web FILE holds no response for the address
        "no_browser",  # rendering needs an extra or a program that is not installed
        "browser",  # the browser broke while it drew the page
    }
)
DISCOVER_CLASSES = frozenset({"not_a_feed", "not_a_sitemap", "no_links", "too_large"})
EXTRACT_CLASSES = frozenset(
    {
        "not_html",  # binary, PDF, image, or no markup at all
        "too_large",  # more bytes than we parse
        "empty_extract",  # a page without an article
        "parse_timeout",  # the worker was stopped at its limit of time
        "parse_crash",  # the worker died (memory, signal)
        "blocked_page",  # captcha, challenge, login or pay wall, consent page
        "soft_404",  # "page not found" under status 200, or the home page for a dead link
    }
)
ARCHIVE_CLASSES = frozenset(
    {
        "db_busy",  # another program held the lock for too long
        "db_full",  # no room on the disk
        "db_io",  # the disk or its file system refused to read or write
        "db_corrupt",  # the file is damaged
        "not_ours",  # the file is another program's
        "newer_schema",  # a newer version of this program wrote it
        "older_schema",  # it has to be opened for writing once, to be brought up to date
    }
)
# Texts that were read well and yet must not become a version: the archive holds them back.
HELD_CLASSES = frozenset(
    {
        "shrunk",  # less than 40% of the current text, not yet seen twice six hours apart
        "repeated",  # the same few sentences as on three other pages of the host
        "redirected",  # the address leads to another story now
        "off_topic",  # its source keeps only what is on topic
    }
)


class ScraperError(Exception):
    """Base of all errors that are reported to a user as one line.

    Args:
        message: what went wrong and what to do, in one sentence.
        url: the address that it is about, if any.
        error_class: the word that goes into ``fetches.class``.
    """

    error_class = "error"

    def __init__(
        self, message: str, *, url: str | None = None, error_class: str | None = None
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
    kind: type[ScraperError], message: str, url: str | None, error_class: str
) -> ScraperError:
    error = kind.__new__(kind)
    ScraperError.__init__(error, message, url=url, error_class=error_class)
    return error


class ConfigError(ScraperError):
    """The configuration is wrong; `problems` holds one line for each thing to mend."""

    error_class = "config"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class UsageError(ScraperError):
    """The arguments of a command or call make no sense together."""

    error_class = "usage"


class FetchError(ScraperError):
    """An address gave no usable response.

    Attributes:
        status: the HTTP status, when there was one.
        retry_after: seconds that the server asked us to wait, when it did.
    """

    error_class = "connect"
    status: int | None = None
    retry_after: float | None = None


class DiscoverError(ScraperError):
    """A source answered, but not with what it should be."""

    error_class = "no_links"


class ExtractError(ScraperError):
    """The bytes hold no article: nothing is ever invented from them."""

    error_class = "empty_extract"


class ArchiveError(ScraperError):
    """The archive could not be opened, read or written."""

    error_class = "db_corrupt"


class NotFound(ArchiveError):
    """The archive has no such article, version or body."""

    error_class = "not_found"


class ArchiveLocked(ArchiveError):
    """Another daemon holds this archive."""

    error_class = "locked"
