"""Rules of a robots.txt (RFC 9309): its groups, and whether an agent may fetch an address.

If two readings are possible, the stricter one counts. Unknown lines are ignored, misspellings that
other crawlers accept are accepted, and an agent is matched by its product token alone. Matching
takes time linear in the address per rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from scraper.record import record
from scraper.text.patterns import lazy_compile

__all__ = ["RobotsRules", "may_fetch", "parse_robots"]

# Spellings in use of two kinds of line; other lines are ignored.
_AGENT_KEYS = frozenset({"user-agent", "useragent", "user agent", "user_agent"})
_DISALLOW_KEYS = frozenset(
    {"disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw", "dis-allow"}
)
_ALLOW_KEYS = frozenset({"allow", "alow"})
_DELAY_KEYS = frozenset({"crawl-delay", "crawldelay", "crawl delay", "crawl_delay"})
# A key without its colon.
_WITHOUT_COLON = lazy_compile(r"(user-?agent|disallow|allow|crawl-?delay)\s++(.*)", re.IGNORECASE)
_TOKEN = lazy_compile(r"[A-Za-z0-9_-]++")
_ESCAPE = lazy_compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# Characters that need no escape in an address; * and $ are escaped in addresses only.
_SAFE = "/:@!&'()+,;=~-._%?[]|#"
# RFC 9309, section 2.5: at least 500 kibibytes must be read. The rest is ignored.
LONGEST_TEXT = 512_000


@record(kw_only=False)
class _Rule:
    """An Allow or Disallow line, with its pattern split at the asterisks."""

    allows: bool
    parts: tuple[str, ...]
    to_end: bool
    length: int

    def matches(self, path: str) -> bool:
        """Return whether the pattern matches the beginning of a path, or the whole path (``$``)."""
        first, *others = self.parts
        if not path.startswith(first):
            return False
        if not others:
            return not self.to_end or len(path) == len(first)
        at = len(first)
        *middle, last = others
        # The leftmost match of each part leaves most text for the next, so no other is tried.
        for part in middle:
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        if self.to_end:
            return len(path) - len(last) >= at and path.endswith(last)
        return path.find(last, at) >= 0


@dataclass(slots=True)
class _Group:
    """The rules of some agents."""

    agents: set[str] = field(default_factory=set)
    patterns: list[tuple[bool, str]] = field(default_factory=list)
    delay: float | None = None


class RobotsRules:
    """The groups of a robots.txt, with the rules of each agent.

    Args:
        groups: in the order of the file.
    """

    def __init__(self, groups: Sequence[_Group]) -> None:
        self._groups = groups
        self._of: dict[str, tuple[tuple[_Rule, ...], float | None]] = {}

    def rules_of(self, agent: str) -> tuple[_Rule, ...]:
        """Return the rules for an agent, the longest patterns first."""
        return self._bound(agent)[0]

    def allows(self, url: str, agent: str) -> bool:
        """Return whether an agent may fetch an address.

        The longest matching pattern counts; of two equally long, Allow counts (2.2.2).

        Args:
            url: absolute address.
            agent: product token, or a User-Agent that begins with it.
        """
        parts = urlsplit(url)
        path = _of_address(parts.path or "/") + (
            f"?{_of_address(parts.query)}" if parts.query else ""
        )
        if path == "/robots.txt":
            return True
        rule = next((rule for rule in self.rules_of(agent) if rule.matches(path)), None)
        return rule is None or rule.allows

    def crawl_delay(self, agent: str) -> float | None:
        """Return the Crawl-delay for an agent in seconds, or None."""
        return self._bound(agent)[1]

    def _bound(self, agent: str) -> tuple[tuple[_Rule, ...], float | None]:
        match = _TOKEN.match(agent.strip())
        token = match[0].lower() if match else ""
        known = self._of.get(token)
        if known is not None:
            return known
        # Groups that name the agent form one group (section 2.2.1); without any, those for * do.
        groups = [group for group in self._groups if token in group.agents]
        groups = groups or [group for group in self._groups if "*" in group.agents]
        lines = dict.fromkeys(line for group in groups for line in group.patterns)
        rules = [_rule(allows, pattern) for allows, pattern in lines]
        rules.sort(key=lambda rule: (-rule.length, not rule.allows))
        delays = [group.delay for group in groups if group.delay is not None]
        self._of[token] = tuple(rules), max(delays, default=None)
        return self._of[token]


def may_fetch(rules: RobotsRules, url: str, agent: str) -> bool:
    """Return whether a robots.txt allows an agent to fetch an address.

    Args:
        rules: rules of the host's robots.txt.
        url: absolute address.
        agent: product token of the agent, such as ``scraper``.
    """
    return rules.allows(url, agent)


def parse_robots(text: str) -> RobotsRules:
    """Parse a robots.txt.

    Args:
        text: its text, of which the first `LONGEST_TEXT` characters are read.
    """
    groups: list[_Group] = []
    group, has_rules = _Group(), True
    for key, value in _lines(text[:LONGEST_TEXT]):
        if key in _AGENT_KEYS:
            if has_rules:
                group, has_rules = _Group(), False
                groups.append(group)
            group.agents |= _agents(value)
        elif key in _DISALLOW_KEYS or key in _ALLOW_KEYS:
            has_rules = True
            if value:
                group.patterns.append((key in _ALLOW_KEYS, value))
        elif key in _DELAY_KEYS:
            group.delay = max(_seconds(value), group.delay or 0.0)
    return RobotsRules(groups)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """Yield the lines with a key, as key and value."""
    for raw in re.split(r"[\r\n]++", text.lstrip("\ufeff").replace("\0", "")):
        line = raw.partition("#")[0].strip(" \t\v\f\u00a0\u3000\u200b\ufeff")
        key, colon, value = line.replace("：", ":", 1).partition(":")
        if not colon or len(key) > 40:
            match = _WITHOUT_COLON.fullmatch(line)
            if match is None:
                continue
            key, value = match[1], match[2]
        yield " ".join(key.lower().split()), value.strip()


def _agents(value: str) -> set[str]:
    if value.startswith("*"):
        return {"*"}
    match = _TOKEN.match(value)
    return {match[0].lower()} if match else set()


def _seconds(value: str) -> float:
    match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,15})?)\s?s?(?:ec(?:ond)?s?)?", value, re.ASCII)
    return float(match[1]) if match else 0.0


def _rule(allows: bool, pattern: str) -> _Rule:
    if re.match(r"https?://", pattern, re.IGNORECASE):
        # A whole address instead of a path.
        pattern = "/" + pattern.partition("://")[2].partition("/")[2]
    to_end = pattern.endswith("$")
    pattern = pattern.removesuffix("$")
    if not pattern.startswith(("/", "*")):
        pattern = f"/{pattern}"
    parts = [_of_address(part) for part in pattern.split("*")]
    # Asterisks in a row equal one; the last one matches the rest of the path.
    kept = [parts[0], *(part for part in parts[1:-1] if part), *parts[1:][-1:]]
    length = sum(map(len, parts)) + len(parts) - 1 + to_end
    if len(kept) > 1 and not kept[-1] and to_end:
        to_end = False
    return _Rule(allows, tuple(kept), to_end, length)


def _of_address(text: str) -> str:
    """Return a part of an address with normalized escapes (RFC 3986, section 6.2.2)."""
    if text.isascii() and "%" not in text and "*" not in text and "$" not in text:
        return quote(text, safe=_SAFE)
    escaped = quote(text, safe=_SAFE)
    return _ESCAPE.sub(_one_spelling, escaped)


def _one_spelling(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()
