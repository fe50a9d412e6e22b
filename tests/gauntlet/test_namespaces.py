"""Gauntlet 14 and 25 to 27, on a machine of its own (`island`): nothing dialled can leave it.

They need `unshare` and `ip`, and fail where these are missing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.gauntlet.island import SITE

ROOT = Path(__file__).resolve().parents[2]


def visit(*urls: str, redirects: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Fetch addresses on the island, unharmed; return its report."""
    done = subprocess.run(
        ["unshare", "-rnm", sys.executable, "-m", "tests.gauntlet.island", *urls],
        env={**os.environ, "REDIRECTS": json.dumps(redirects or {})},
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["healthy"]
    return report


def test_g14_dead_names() -> None:
    dead = [f"http://dead{n}.example/" for n in range(12)]
    begun = time.monotonic()
    report = visit(*dead, "http://unknown.example/")
    assert report["outcome"] == ["dns"] * 13
    assert report["early"] <= 1, "the healthy site did not wait for the dead names"
    assert time.monotonic() - begun < 20.0, "the resolver, which waits for 20 s, held up no exit"
    assert report["dialled"] == [SITE]


def test_g25_redirects_to_inner_addresses() -> None:
    inner = [
        "127.1", "0x7f000001", "2130706433", "017700000001", "0", "localhost", "[::]", "[::1]",
        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "169.254.169.254", "10.0.0.1", "100.64.0.1", "[fd00::1]", "[::127.0.0.1]",
        "inner.example", "nat64.example", "224.0.0.1", "255.255.255.255",
    ]  # fmt: skip
    redirects = {f"/{n}": f"http://{host}/latest/meta-data/" for n, host in enumerate(inner)}
    report = visit(*(f"http://site.example{path}" for path in redirects), redirects=redirects)
    outcome = dict(zip(inner, report["outcome"], strict=True))
    assert outcome == dict.fromkeys(inner, "blocked_address")
    assert report["dialled"] == [SITE]


def test_g25_other_ports() -> None:
    redirects = {"/a": f"http://{SITE}:6379/", "/b": "http://site.example:22/"}
    report = visit("http://site.example/a", "http://site.example/b", redirects=redirects)
    assert report["outcome"] == ["blocked_address"] * 2
    assert report["dialled"] == [SITE]


def test_g26_rebinding() -> None:
    # The name led to a public address when robots.txt was asked for, and inwards a moment later.
    redirects = {"/robots.txt": "http://site.example/rules"}
    report = visit("http://rebind.example/secret", redirects=redirects)
    assert report["outcome"] == ["blocked_address"]
    assert report["dialled"] == [SITE]


def test_g27_mixed_answers() -> None:
    report = visit("http://mixed.example/", "http://mixed6.example/")
    assert report["outcome"] == ["blocked_address"] * 2
    assert report["dialled"] == [SITE]
