"""Registered domains, by the public suffix list that the package `tld` ships.

The package itself makes a tree of the list's ten thousand rules and loads an HTTP client for newer
lists: five times the CPU that it takes to read one page. Here the rules are lines in a set.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

__all__ = ["registered_domain"]

_LIST = "res/effective_tld_names.dat.txt"
# Top-level domains in other scripts stand there as DNS spells them in comments alone.
_SPELT = re.compile(r"^// (xn--\S+)", re.MULTILINE)


@cache
def _rules() -> frozenset[str]:
    """Return the rules of the list (https://publicsuffix.org/list/), private domains' too."""
    package = find_spec("tld")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the package tld is missing", name="tld")
    listed = (Path(package.origin).parent / _LIST).read_text(encoding="utf-8")
    lines = (line.strip() for line in listed.split("\n") if not line.startswith("//"))
    return frozenset(filter(None, (*lines, *_SPELT.findall(listed))))


def registered_domain(name: str) -> str:
    """Return the registered domain of a host: its public suffix and one label more.

    Args:
        name: of a host, in any case, without a port.

    Returns:
        "" where no rule is for the name; the name itself where it is a public suffix.
    """
    labels = name.lower().rstrip(".").split(".")
    rules = _rules()
    # The longest rule counts; one that is excepted from another by name ends a label later.
    for at in range(len(labels)):
        suffix = ".".join(labels[at:])
        if f"!{suffix}" in rules:
            return suffix
        if suffix in rules or f"*.{suffix.partition('.')[2]}" in rules:
            return ".".join(labels[max(0, at - 1) :])
    return ""
