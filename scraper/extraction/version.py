"""What made a record: a string that changes whenever the same bytes may give another article."""

from __future__ import annotations

from dataclasses import fields
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

from scraper.code_version import code_version
from scraper.extraction.boilerplate_rules import Rules, default_rules
from scraper.models import Learned
from scraper.toml_file import shipped_config

__all__ = ["ROOTS", "extractor_version"]

# The files and libraries on which an article depends, rules aside: see `scraper.code_version`.
ROOTS = (
    "extraction", "models/extraction.py", "public_suffixes.py", "text",
    "tracking_parameters.toml", "urls.py",
)  # fmt: skip
_LIBRARIES = ("selectolax", "trafilatura", "lxml")
_DIGITS = 10


@cache
def _shipped_rules() -> str:
    return sha256((shipped_config() / "boilerplate.toml").read_bytes()).hexdigest()


@lru_cache(maxsize=8)
def _rules(rules: Rules) -> str:
    kinds = [getattr(rules, kind.name) for kind in fields(rules)]
    text = repr([[_plain(rule) for rule in kind] for kind in kinds])
    return sha256(text.encode()).hexdigest()


def _plain(rule: Any) -> list[object]:
    values: list[object] = []
    for field in fields(rule):
        value = getattr(rule, field.name)
        if isinstance(value, frozenset):
            value = sorted(value)
        # The representation of a pattern is cut short.
        values.append(getattr(value, "pattern", value))
    return values


@lru_cache(maxsize=1024)
def _base(rules_hash: str) -> str:
    return sha256((code_version(ROOTS, _LIBRARIES) + rules_hash).encode()).hexdigest()[:_DIGITS]


def extractor_version(*, rules: Rules | None = None, learned: Learned | None = None) -> str:
    """Return the version of extractor, model, rules and what was learned on the page's host.

    Args:
        rules: boilerplate rules; None means the shipped ones.
        learned: what was learned of the host, or None.

    Returns:
        Such as ``4f1d20a9c3`` or ``4f1d20a9c3+7be2019c55`` where something was learned.
    """
    shipped = rules is None or rules is default_rules()
    text = _base(_shipped_rules() if shipped or rules is None else _rules(rules))
    if learned is None or not (learned.signatures or learned.boxes):
        return text
    own = sha256("\n".join([learned.host, *sorted(learned.signatures | learned.boxes)]).encode())
    return f"{text}+{own.hexdigest()[:_DIGITS]}"
