"""robots.txt after RFC 9309, read as its publisher meant it."""

from __future__ import annotations

import time

import pytest

from scraper.fetching.rate_limit import crawl_delay
from scraper.fetching.robots_rules import may_fetch, parse_robots

SITE = "https://news.example"

# What (robots.txt, path, whether `scraper` may fetch it) each line shows.
PATTERNS = [
    # Section 2.2.2: the beginning of the path; the longest pattern; the one that allows.
    ("Disallow: /a", "/a", False),
    ("Disallow: /a", "/abc/d", False),
    ("Disallow: /a", "/b/a", True),
    ("Disallow: /a/", "/a", True),
    ("Disallow: /A", "/a", True),
    ("Disallow: /", "/x", False),
    ("Disallow:", "/x", True),
    ("Disallow: /\nAllow: /news/", "/news/1", True),
    ("Allow: /news/\nDisallow: /news/old/", "/news/old/1", False),
    ("Allow: /p\nDisallow: /p", "/p", True),
    ("Disallow: /p\nAllow: /p", "/p", True),
    ("Disallow: /", "/robots.txt", True),
    # Section 2.2.3: asterisks and the end.
    ("Disallow: /*.pdf$", "/a/b.pdf", False),
    ("Disallow: /*.pdf$", "/a/b.pdf?x=1", True),
    ("Disallow: /*.pdf", "/a/b.pdfx", False),
    ("Disallow: /a*/c", "/a/b/c/d", False),
    ("Disallow: /a*/c$", "/a/c/b/c", False),
    ("Disallow: /a**c", "/abc", False),
    ("Disallow: *a", "/xxa", False),
    ("Disallow: /$", "/", False),
    ("Disallow: /$", "/a", True),
    ("Disallow: /a$b", "/a$b", False),
    ("Disallow: /*x*x$", "/x", True),
    ("Disallow: /a*$", "/abc", False),
    # Parameters and queries are part of what is matched.
    ("Disallow: /*?", "/a?b=1", False),
    ("Disallow: /*?", "/a", True),
    ("Disallow: /a;b", "/a;b=1", False),
    # Escapes have many spellings; * and $ in an address are %2A and %24.
    ("Disallow: /%7Ejoe", "/~joe/x", False),
    ("Disallow: /~joe", "/%7ejoe/x", False),
    ("Disallow: /a%3cd", "/a%3Cd", False),
    ("Disallow: /新闻", "/%E6%96%B0%E9%97%BB/1", False),
    ("Disallow: /%E6%96%B0", "/新闻", False),
    ("Disallow: /a%2Fb", "/a/b", True),
    ("Disallow: /a%2Ab", "/a*b", False),
    ("Disallow: /a%2Ab", "/axb", True),
    # What is no path is read as one.
    ("Disallow: private/", "/private/1", False),
    ("Disallow: https://news.example/private/", "/private/1", False),
]


@pytest.mark.parametrize(("rules", "path", "allowed"), PATTERNS)
def test_patterns(rules: str, path: str, allowed: bool) -> None:
    parsed = parse_robots(f"User-agent: *\n{rules}\n")
    assert may_fetch(parsed, SITE + path, "scraper") is allowed


NO = "Disallow: /a/\n"
GROUPS = [
    # Whom a group binds: the product token alone, in any case.
    (f"User-agent: scraper\n{NO}", False),
    (f"User-agent: SCRAPER\n{NO}", False),
    (f"User-agent: Scraper crawler\n{NO}", False),
    (f"User-agent: scraper/2.1 (+https://x.example)\n{NO}", False),
    (f"User-agent: scraperbot\n{NO}", True),
    (f"User-agent: other\n{NO}", True),
    (f"User-agent: *\n{NO}", False),
    (f"User-agent: * # everyone\n{NO}", False),
    # Its own group counts, that of all others not; two of its own are one.
    ("User-agent: *\nDisallow: /\n\nUser-agent: scraper\nDisallow: /b/\n", True),
    (f"User-agent: *\n{NO}\nUser-agent: scraper\nDisallow:\n", True),
    (
        "User-agent: scraper\nDisallow: /b/\n\nUser-agent: x\nAllow: /\n\n"
        f"User-agent: scraper\n{NO}",
        False,
    ),
    (f"User-agent: one\nUser-agent: scraper\n{NO}", False),
    (f"User-agent: scraper\nUser-agent: two\n\n{NO}", False),
    # What means nothing here closes no group.
    (f"User-agent: scraper\nNoindex: /x\n{NO}", False),
    (f"User-agent: scraper\nClean-param: a /b\nDisallow: /b/\nHost: x.example\n{NO}", False),
    (f"User-agent: scraper\nCrawl-delay: 5\nUser-agent: two\n{NO}", False),
    (f"User-agent: scraper\nSitemap: {SITE}/s.xml\n\n\n{NO}", False),
    (f"User-agent: scraper\nwe like robots\n{NO}", False),
    # Rules before any group bind nobody.
    (f"{NO}User-agent: other\nDisallow: /\n", True),
    # Line ends, white space, comments, marks, spellings.
    (f"\ufeffUser-agent: scraper\n{NO}", False),
    ("User-agent: scraper\rDisallow: /a/\r", False),
    ("User-agent: scraper\r\nDisallow: /a/\r\n", False),
    ("  User-agent :  scraper  \n\tDisallow :\t/a/  # no\n", False),
    ("USER-AGENT: scraper\nDISALLOW: /a/\n", False),
    ("User agent: scraper\nDissallow: /a/\n", False),
    ("Useragent: scraper\nDisalow: /a/\n", False),
    ("User-agent scraper\nDisallow /a/\n", False),
    ("User-agent：scraper\nDisallow：/a/\n", False),
    ("User-agent:\u3000scraper\nDisallow:\u00a0/a/\n", False),
    ("User-agent: scraper\n#Disallow: /a/\n", True),
    ("User-agent: scr\0aper\nDisallow: /a/\n", False),
    ("", True),
    ("<html><body>Disallow: /a/</body></html>", True),
]


@pytest.mark.parametrize(("text", "allowed"), GROUPS)
def test_groups(text: str, allowed: bool) -> None:
    assert may_fetch(parse_robots(text), f"{SITE}/a/1", "scraper") is allowed


@pytest.mark.parametrize(
    ("lines", "delay"),
    [
        ("Crawl-delay: 5", 5.0),
        ("crawl-delay: 0.5", 0.5),
        ("Crawl-delay: 99999", 3600.0),
        ("Crawl-delay: soon", 0.0),
        ("Crawl-delay: -3", 0.0),
        ("Crawl-delay: 2\nCrawl-delay: 9", 9.0),
        ("Disallow: /", 0.0),
    ],
)
def test_delays(lines: str, delay: float) -> None:
    assert crawl_delay(parse_robots(f"User-agent: *\n{lines}\n"), "scraper") == delay


@pytest.mark.parametrize(
    "rule",
    ["/*a*a*a*a*a*a*a*b{}", "/*" * 60 + "{}$", "/a*{}", "/{}", "/*aaaaaaaa{}", "/%2a{}", "*a*a*a$"],
)
def test_many_rules_and_a_long_address_take_no_second(rule: str) -> None:
    lines = "".join(f"Disallow: {rule.format(n)}\n" for n in range(20_000))
    begun = time.process_time()
    rules = parse_robots(f"User-agent: *\n{lines}")
    may_fetch(rules, f"{SITE}/{'a' * 8_000}", "scraper")
    assert time.process_time() - begun < 3  # A tenth of it on a machine that does nothing else.


def test_nothing_is_read_behind_the_longest_text() -> None:
    text = "User-agent: *\n" + "# a comment\n" * 50_000 + "Disallow: /\n"
    assert may_fetch(parse_robots(text), f"{SITE}/a", "scraper")
