"""Addresses: what makes two of them the same page, and which site they belong to.

An address is kept as it was met; beside it stand two derived forms:

- `canonical`: the address to ask for, freed of what never changes the answer (the commonest
  tracking parameters, fragment, default port, letter case of scheme and host);
- `identity`: a key under which the twins of one page meet (http and https, ``www.``, mobile and AMP
  hosts, trailing slash, all tracking parameters). It is never dialled.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

import idna

from scraper.errors import ErrorClass, FetchError
from scraper.public_suffixes import registered_domain

__all__ = [
    "LONGEST_ADDRESS",
    "absolute",
    "canonical",
    "host_of",
    "identity",
    "is_home",
    "is_own_machine",
    "same_site",
    "site_of",
    "web_url",
]

# Characters of the longest address that is one: servers must read 8,000 (RFC 9110, section 4.1),
# and what every stage does with an address is bounded by it.
LONGEST_ADDRESS = 8_000

_TABLE = tomllib.loads(
    Path(__file__).with_name("tracking_parameters.toml").read_text(encoding="utf-8")
)


def _listed(row: str, *lists: str) -> frozenset[str]:
    return frozenset(
        name for key in lists or _TABLE.keys() for name in _TABLE[key].get(row, "").split()
    )


_NEVER_SENT = _listed("names", "never_sent")
_NEVER_SENT_PREFIXES = tuple(_listed("prefixes", "never_sent"))
_TRACKING, _TRACKING_PREFIXES = _listed("names"), tuple(_listed("prefixes"))
# Of what follows a ";" in a path only these say nothing of the page; all else selects it (RFC 3986,
# section 3.3).
_SESSION_IN_PATH = re.compile(
    r";(?:jsessionid|phpsessid|aspsessionid\w*)=[^/;?]*|;(?:sid|sessionid)=[0-9a-z]{16,}(?=[/;?]|$)",
    re.IGNORECASE,
)

_MOBILE_LABELS = frozenset({"www", "m", "mobile", "wap", "3g", "amp", "touch"})
_AMP_PARAMETERS = frozenset({"amp", "amp=", "amp=1", "amp=true", "outputtype=amp"})
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_AMP_PATH = re.compile(r"(?:/amp/?|\.amp(?=\.html?$)|\.amp)$", re.IGNORECASE)
_SAFE_PATH = "/:@!$&'()*+,;=~-._%"
_SAFE_QUERY = _SAFE_PATH + "?[]|"
# An address is asked for its forms many times while its page passes through the stages.
_CACHED = 512
_LONGEST_CACHED = 1000
_LONGEST_NAME = 253  # characters of a host
# What the URL standard strips around an address; slashes before a host that it reads as two.
_BLANK = "".join(map(chr, range(33)))
_MANY_SLASHES = re.compile(r"^(https?:)?/{3,}", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,40}):", re.IGNORECASE)
_SLASHES = re.compile(r"^(https?):/?(?=[^/\\])", re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_BAD_HOST = re.compile(r"[\s\x00-\x1f\x7f\\<>\"^`{|}%/?#@]")
_NUMBER = re.compile(r"\d{1,12}|0x[0-9a-f]{0,12}")
# Addresses that resolve to themselves, and paths that resolve to their base's host with them behind
# it: in plain characters, nothing in them to be cut or put in another way.
_LABELS = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?){0,9}"
_PLAIN_PATH = r"(?:/(?!%2[eE])[\w~%+=,&@!'()*:-][\w~%+=,&@!'()*:.-]*){1,60}/?"
_PLAIN_QUERY = r"(?:\?[\w~%+=,&@!'()*:./;-]+)?"
_PLAIN_HREF = re.compile(
    rf"(?:https?://({_LABELS}\.[a-z]{{2,20}}))?({_PLAIN_PATH}{_PLAIN_QUERY})", re.ASCII
)
_PLAIN_BASE = re.compile(rf"(https?)://{_LABELS}\.[a-z]{{2,20}}(?=[/?#]|$)", re.ASCII)
_OWN = re.compile(r"(?:[^.]+\.)*localhost|127(?:\.\d+){3}|\[::1\]")


def _split(url: str) -> SplitResult:
    if len(url) > LONGEST_ADDRESS:
        raise _too_long(url)
    # The URL standard reads fewer slashes behind these schemes as two. Behind more of them the host
    # is most likely missing.
    text = _SLASHES.sub(r"\1://", url.strip().translate({9: None, 10: None, 13: None}))
    if not text.isascii() and _HALF.search(text):
        # JSON can spell it; no bytes can be sent for it.
        raise FetchError(
            f"not an address: {url!r} (it holds half a character)", url=url,
            error_class=ErrorClass.BAD_URL,
        )  # fmt: skip
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise FetchError(
            f"not an address: {url!r} ({error})", url=url, error_class=ErrorClass.BAD_URL
        ) from None
    if parts.scheme.lower() not in ("http", "https"):
        raise FetchError(
            f"not an address that can be fetched: {url!r} (it must begin with http:// or https://)",
            url=url,
            error_class=ErrorClass.BAD_URL,
        )
    host = parts.hostname or ""
    # Of what may stand in brackets only IPv6 can be dialled (RFC 3986 foresees other kinds).
    bracketed = "[" in parts.netloc and ":" not in host
    if (
        not host
        or "\\" in text.partition("?")[0]
        or _BAD_HOST.search(_plain_host(host))
        or port == 0
        or bracketed
    ):
        raise FetchError(
            f"not an address: {url!r} (its host is wrong)", url=url, error_class=ErrorClass.BAD_URL
        )
    return parts


def _too_long(url: str) -> FetchError:
    shown = url[:80]
    return FetchError(
        f"not an address: {shown}… (it has {len(url)} characters, more than {LONGEST_ADDRESS})",
        url=shown,
        error_class=ErrorClass.BAD_URL,
    )


def _ascii_host(host: str, url: str) -> str:
    host = host.rstrip(".")
    try:
        if ":" in host:
            return f"[{IPv6Address(host)}]"
        name = _ipv4(_idna(_plain_host(host)).rstrip("."))
    except (UnicodeError, AddressValueError, ValueError):
        name = ""
    if (
        not name
        or len(name) > _LONGEST_NAME
        or any(not 0 < len(label) < 64 for label in name.split("."))
    ):
        raise FetchError(
            f"not an address: {url!r} (its host is wrong)", url=url, error_class=ErrorClass.BAD_URL
        )
    return name.lower()


def _plain_host(host: str) -> str:
    """Return a host with its escapes undone, as the URL standard reads it."""
    return unquote(host) if "%" in host and ":" not in host else host


def _idna(host: str) -> str:
    """Return a host in ASCII: by IDNA 2008 as browsers do (UTS 46), pictures by IDNA 2003."""
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True, transitional=False).decode("ascii")
    except idna.IDNAError:
        return host.encode("idna").decode("ascii").lower()


def _ipv4(name: str) -> str:
    """Return a host that ends in a number as an IPv4 address (URL standard, section 3.5).

    Raises:
        ValueError: it is none.
    """
    labels = name.split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return name
    if len(labels) > 4 or not all(map(_NUMBER.fullmatch, labels)):
        raise ValueError(name)
    values = [_ipv4_part(label) for label in labels]
    *parts, last = values
    if any(part > 255 for part in parts) or last >= 256 ** (5 - len(values)):
        raise ValueError(name)
    whole = last + sum(part << 8 * (3 - place) for place, part in enumerate(parts))
    return str(IPv4Address(whole))


def _ipv4_part(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    # A leading zero makes it octal: 09 is no number.
    return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)


def _without_dots(path: str) -> str:
    """Return a path without ``.`` and ``..`` (RFC 3986, section 5.2.4), escaped ones among them."""
    if "/." not in path and "/%2e" not in path.lower():
        return path
    kept: list[str] = []
    *folders, last = path.split("/")[1:]
    for part in folders:
        plain = _dots(part)
        if plain == "..":
            del kept[-1:]
        elif plain != ".":
            kept.append(part)
    if _dots(last) == "..":
        del kept[-1:]
    return "/" + "/".join([*kept, "" if _dots(last) in (".", "..") else last])


def _dots(part: str) -> str:
    return re.sub("%2e", ".", part, flags=re.IGNORECASE)


def _name_of(parameter: str) -> str:
    # "&amp;utm_source=" comes of an address that was escaped twice.
    return unquote(parameter.partition("=")[0]).lower().removeprefix("amp;")


def _is_never_sent(parameter: str) -> bool:
    name = _name_of(parameter)
    return name in _NEVER_SENT or name.startswith(_NEVER_SENT_PREFIXES)


def _is_tracking(parameter: str) -> bool:
    name = _name_of(parameter)
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


@lru_cache(maxsize=_CACHED)
def canonical(url: str) -> str:
    """Return the address to ask for, without what never changes the answer.

    Args:
        url: an absolute http or https address, in any spelling.

    Returns:
        The address with scheme and host in lower case, the host in ASCII (IDNA), no default port,
        no user name, no fragment, no dot segment, no session id in its path and none of the
        commonest tracking parameters; path and query percent-encoded.

    Raises:
        FetchError: (``bad_url``) it is not an http or https address.
    """
    parts = _split(url)
    scheme = parts.scheme.lower()
    host = _ascii_host(parts.hostname or "", url)
    port = parts.port
    if port is not None and port != {"http": 80, "https": 443}[scheme]:
        host = f"{host}:{port}"
    path = _SESSION_IN_PATH.sub("", _without_dots(parts.path or "/")) or "/"
    path = quote(path, safe=_SAFE_PATH)
    kept = [p for p in parts.query.split("&") if p and not _is_never_sent(p)]
    address = urlunsplit((scheme, host, path, quote("&".join(kept), safe=_SAFE_QUERY), ""))
    if len(address) > LONGEST_ADDRESS:
        raise _too_long(address)
    return address


@lru_cache(maxsize=_CACHED)
def identity(url: str) -> str:
    """Return the key under which the twins of one page meet; it is no address.

    http and https, ``www.`` and mobile hosts, AMP paths, trailing slashes, all tracking parameters
    and the spellings of percent-encoding (RFC 3986, section 6.2.2) fall together.

    Raises:
        FetchError: (``bad_url``) it is not an http or https address.
    """
    parts = urlsplit(canonical(url))
    labels = parts.netloc.split(".")
    while len(labels) > 2 and labels[0] in _MOBILE_LABELS and not _is_registered(labels):
        labels = labels[1:]
    path = _AMP_PATH.sub("", _spelt(parts.path)).rstrip("/")
    query = "&".join(
        parameter
        for parameter in _spelt(parts.query).split("&")
        if parameter.lower() not in _AMP_PARAMETERS and not _is_tracking(parameter)
    )
    return ".".join(labels) + (path or "/") + (f"?{query}" if query else "")


def _is_registered(labels: list[str]) -> bool:
    """Whether a name is a registered domain (``touch.com.cn``): it has no label to spare."""
    name = ".".join(labels).partition(":")[0]
    return registered_domain(name) == name


def _spelt(text: str) -> str:
    """Return percent-encoding in one spelling: capital digits, and none for unreserved signs."""
    return _ESCAPE.sub(_escape, text) if "%" in text else text


def _escape(found: re.Match[str]) -> str:
    char = chr(int(found[1], 16))
    return char if char.isascii() and (char.isalnum() or char in "-._~") else found[0].upper()


def absolute(base: str, href: str) -> str:
    """Return `href` resolved against `base`, or "" when it leads to no http(s) address.

    Before the query a backslash is a slash, as the URL standard has it
    (https://url.spec.whatwg.org/#url-parsing, states "relative" and "path").
    """
    # Several stages resolve the links of a page; the address of a picture may be the picture.
    short = len(href) <= _LONGEST_CACHED and len(base) <= _LONGEST_CACHED
    if short and (plain := _PLAIN_HREF.fullmatch(href)) is not None:
        if plain[1]:
            return href
        if (root := _PLAIN_BASE.match(base)) is not None:
            return root[0] + href
    return (_absolute if short else _absolute.__wrapped__)(base, href)


@lru_cache(maxsize=_CACHED)
def _absolute(base: str, href: str) -> str:
    link = href.strip(_BLANK).translate({9: None, 10: None, 13: None}).partition("#")[0]
    place, mark, query = link.partition("?")
    place = _MANY_SLASHES.sub(r"\1//", place.replace("\\", "/"))
    try:
        return urlunsplit(_split(_joined(base, place, mark + query))._replace(fragment=""))
    except (FetchError, ValueError):
        return ""


def _joined(base: str, place: str, query: str) -> str:
    """Return the address that a link leads to (URL standard, section 4.4).

    Empty segments of a path are kept: a server may tell ``/news//3`` from ``/news/3``.

    Args:
        base: address of the page.
        place: the link without query and fragment.
        query: the query with its question mark, or "".
    """
    root = urlsplit(base)
    scheme = _SCHEME.match(place)
    # Of the page's own scheme without slashes it is a relative link: https:story.
    if scheme and scheme[1].lower() == root.scheme and not place.startswith("//", scheme.end()):
        place, scheme = place[scheme.end() :], None
    if scheme:
        whole = _SLASHES.sub(r"\1://", place)
        begin = whole.find("/", whole.find("//") + 2) if "//" in whole else -1
        return whole + query if begin < 0 else whole[:begin] + _without_dots(whole[begin:]) + query
    if place.startswith("//"):
        return _joined(base, f"{root.scheme}:{place}", query)
    if not place:
        own = f"?{root.query}" if root.query and not query else query
        return urlunsplit((root.scheme, root.netloc, _without_dots(root.path), "", "")) + own
    if not place.startswith("/"):
        place = (_without_dots(root.path).rpartition("/")[0] if root.path else "") + "/" + place
    return f"{root.scheme}://{root.netloc}{_without_dots(place)}{query}"


@lru_cache(maxsize=_CACHED)
def host_of(url: str) -> str:
    """Return ``name`` or ``name:port`` of an address, lower case ("" when it is none)."""
    plain = _PLAIN_HREF.fullmatch(url) if len(url) <= _LONGEST_CACHED else None
    if plain is not None and plain[1] and len(plain[1]) <= _LONGEST_NAME:
        return plain[1]
    try:
        return urlsplit(canonical(url)).netloc
    except FetchError:
        return ""


@lru_cache(maxsize=_CACHED)
def site_of(url: str) -> str:
    """Return the registered domain of an address (``news.sina.com.cn`` → ``sina.com.cn``).

    Of names outside the public suffix list it is the last two parts, as the list's algorithm says
    (https://github.com/publicsuffix/list/wiki/Format#algorithm): ``news.ledger.localhost`` →
    ``ledger.localhost``. Addresses in digits stand for themselves.
    """
    return _site_of_host(host_of(url))


@lru_cache(maxsize=_CACHED)
def _site_of_host(host: str) -> str:
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    if name and (registered := registered_domain(name)):
        return registered
    digits = name.startswith("[") or name.rpartition(".")[2].isdigit()
    return name if digits else ".".join(name.split(".")[-2:])


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses belong to one registered domain."""
    if _ending(one) != _ending(other):
        # The last two labels are part of every registered domain: the list need not be loaded.
        return False
    site = site_of(one)
    return bool(site) and site == site_of(other)


def _ending(url: str) -> list[str]:
    """Return the last two labels of an address's host, without its port."""
    return host_of(url).rpartition("]")[2].partition(":")[0].split(".")[-2:]


def is_own_machine(url: str) -> bool:
    """Return whether an address is plainly one of this machine's own (RFC 6761, section 6.3)."""
    return _OWN.fullmatch(re.sub(r":\d+$", "", host_of(url))) is not None


def is_home(url: str) -> bool:
    """Return whether an address is a site's front page (no path but an index file, no query)."""
    parts = urlsplit(url)
    return not parts.query and bool(
        re.fullmatch(r"/?(?:(?:index|default|home)(?:\.\w{2,5})?)?/?", parts.path, re.IGNORECASE)
    )


def web_url(address: str | None) -> str:
    """Return an http or https address, which is safe to link to; "" for any other."""
    try:
        parts = urlsplit(address or "")
    except ValueError:
        return ""
    return address or "" if parts.scheme.lower() in ("http", "https") and parts.netloc else ""
