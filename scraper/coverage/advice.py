"""What to do where a source or its pages fail, by error class: see `scraper.errors.ErrorClass`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from scraper.errors import ErrorClass

__all__ = ["ADVICE"]

_E = ErrorClass
_BLOCKED = (
    "The publisher does not show its text to a program. Ask for access, or watch another source of"
    " the outlet."
)
_WAIT = "Often it passes: the next visits try again. If it stays, open the address in a browser."

# One sentence or two for each class that a visit or a page can end with.
ADVICE: Mapping[str, str] = MappingProxyType(
    {
        _E.BAD_URL: "Correct the address in sources.toml: it needs https:// and a host.",
        _E.BLOCKED_ADDRESS: "The name leads into a private network, which is refused. Watch a host"
        " of the open web, or allow this one by allow_private in settings.toml.",
        _E.DNS: "Check the spelling of the host, and this machine's name server.",
        _E.CONNECT: _WAIT,
        _E.TLS: "The certificate is expired or another host's. Tell the publisher; nothing is read"
        " until it is right.",
        _E.TIMEOUT: _WAIT,
        _E.TOO_LARGE: "The answer is larger than the limit in settings.toml. Watch a smaller feed"
        " or sitemap, or raise the limit.",
        _E.BAD_ENCODING: "The server sends something that it names wrongly. Try another source of"
        " the outlet.",
        _E.TRUNCATED: _WAIT,
        _E.PROTOCOL: "No web server answers at this port. Correct the address in sources.toml.",
        _E.REDIRECT_LOOP: "The address leads in a circle, often because of cookies. Open it in a"
        " browser and watch the address at which it ends.",
        _E.ROBOTS_DENIED: "robots.txt forbids the address, and is obeyed. Watch a source that it"
        " allows: `scraper sources check` tries them.",
        _E.ROBOTS_UNREACHABLE: "robots.txt cannot be read, which counts as forbidden. " + _WAIT,
        _E.RATE_LIMITED: "The host asks for fewer visits. It is visited less often by itself; a"
        " longer interval in sources.toml helps.",
        _E.GONE: "The address is no longer there. `scraper sources check` looks for the outlet's"
        " present feeds; of articles, this is what the archive keeps them for.",
        _E.HTTP_ERROR: _WAIT,
        _E.NOT_CAPTURED: "The capture holds no answer for the address. Nothing is to be done.",
        _E.NO_BROWSER: "Install scraper[browser] and run `playwright install chromium`, or take"
        " render = true out of sources.toml.",
        _E.BROWSER: "The page fails in a browser as well. Try the source without render = true.",
        _E.NOT_A_FEED: "The address gives no feed any more. `scraper sources check` looks for one.",
        _E.NOT_A_SITEMAP: "The address gives no sitemap any more. `scraper sources check` looks for"
        " one.",
        _E.NO_LINKS: "The page shows no article. `scraper sources check` says what it sees; a"
        " pattern for links in sources.toml helps, or render = true for a page drawn by scripts.",
        _E.PLUGIN: "The plugin that reads sources of this kind failed; the message names it."
        " `scraper plugins` says whether it could be loaded.",
        _E.NOT_HTML: "Files such as PDF are not read. Nothing is to be done.",
        _E.EMPTY_EXTRACT: "`scraper fetch --explain ADDRESS` shows what was cut and why.",
        _E.PARSE_TIMEOUT: "The page takes too long to read and was stopped. Nothing is to be done.",
        _E.PARSE_CRASH: "The page needs too much memory to read and was stopped. Nothing is to be"
        " done.",
        _E.DRIFT: "The host's pages are read otherwise than before. `scraper sources drift HOST`"
        " shows the last good and the first held page; --release or --refuse settles it.",
        _E.BLOCKED_PAGE: _BLOCKED,
        _E.SOFT_404: "The page says that there is nothing. Of articles, this is a takedown.",
        _E.LOGIN_WALL: _BLOCKED,
        _E.PAYWALL: _BLOCKED,
        _E.CHALLENGE: _BLOCKED + " No proof of being a person is forged.",
        _E.CONSENT: "The host shows a question about cookies only. Watch a feed with full texts.",
        _E.ERROR_PAGE: _WAIT,
        _E.LISTING: "The address is a list of articles. Watch it as a source of kind listing.",
        _E.SCRIPT_ONLY: "Scripts draw the page: set render = true for the source.",
        _E.EMPTY: "`scraper fetch --explain ADDRESS` shows what was cut and why.",
        _E.NOARCHIVE: "The publisher asks that the page be not archived, and is obeyed.",
        _E.REGION_BLOCKED: "The publisher shows it in other countries only.",
        _E.SHRUNK: "The page shows the beginning of its text, or another. It is believed when looks"
        " of six hours agree and other pages of the host show theirs; where most is missing, after"
        " 30 days.",
        _E.REPEATED: "The page shows what other pages of its host show: a notice, no article.",
        _E.REDIRECTED: "The address leads to another story now; the archived text stays.",
        _E.STALE_COPY: "What came may be an older copy of the page; a later look settles it.",
        _E.OTHER_LANGUAGE: "The page came in another language; the archived text stays.",
        _E.OFF_TOPIC: "Its source keeps only what is on topic. `scraper topics ADDRESS` says why.",
    }
)
