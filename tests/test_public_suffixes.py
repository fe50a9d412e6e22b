"""Registered domains are those that the package `tld` finds by the same list."""

from __future__ import annotations

import pytest
from tld import get_tld
from tld.utils import Result

from scraper.public_suffixes import _rules, registered_domain


def _by_the_package(name: str) -> str:
    found = get_tld(f"http://{name}/", fail_silently=True, as_object=True)
    return str(found.fld) if isinstance(found, Result) else ""


def test_every_rule_of_the_list_is_read_as_the_package_reads_it() -> None:
    rules = _rules()
    assert len(rules) > 9_000
    names = [
        before + rule.removeprefix("!").replace("*", "x")
        for rule in rules
        for before in ("", "a.", "c.a.")
    ]
    assert not [name for name in names if registered_domain(name) != _by_the_package(name)]


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("news.sina.com.cn", "sina.com.cn"),
        ("WWW.Example.CO.UK", "example.co.uk"),
        ("example.com.", "example.com"),
        ("a.city.kawasaki.jp", "city.kawasaki.jp"),
        ("b.a.x.kawasaki.jp", "a.x.kawasaki.jp"),
        ("www.ck", "www.ck"),
        ("someone.github.io", "someone.github.io"),
        ("a.xn--fiqs8s", "a.xn--fiqs8s"),
        ("co.uk", "co.uk"),
        ("localhost", ""),
        ("news.ledger.localhost", ""),
        ("127.0.0.1", ""),
        ("[::1]", ""),
        ("", ""),
        ("..", ""),
    ],
)
def test_the_longest_rule_counts(name: str, domain: str) -> None:
    assert registered_domain(name) == domain
