"""What a worker does with one page's bytes, where they are none or too many."""

from __future__ import annotations

import gzip
import random
import time
from datetime import UTC, datetime

import pytest

from scraper.errors import FetchError
from scraper.models import Page
from scraper.pipeline.parse import decode_capture, read_page

DICE = random.Random(11)
NOISE = {
    "any bytes": DICE.randbytes(2_000_000),
    "no ASCII": bytes(DICE.choices(range(128, 256), k=2_000_000)),
    "pairs of GBK and worse": bytes(DICE.choices(range(64, 255), k=2_000_000)),
}


def page(body: bytes, **headers: str) -> Page:
    return Page(
        url="https://news.example/a",
        final_url="https://news.example/a",
        status=200,
        headers={"content-type": "text/html", **headers},
        body=body,
        fetched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("name", NOISE)
def test_noise_as_html_is_told_by_its_beginning(name: str) -> None:
    read_page(page(b"<p>what is loaded when first used</p>"))
    begun = time.process_time()
    assert read_page(page(NOISE[name])).verdict.kind == "not_html"
    assert time.process_time() - begun < 1


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5hkscs", "utf-16", "cp1252"])
def test_a_large_page_in_any_encoding_is_no_noise(codec: str) -> None:
    text = {"cp1252": "The harbour café reopens. "}.get(codec, "港口重新開放，渡輪今天復航。")
    body = f"<html><body><article><h1>港</h1><p>{text * 12_000}</p></article></body></html>"
    read = read_page(page(body.encode(codec, "ignore")))
    assert read.verdict.kind != "not_html"


def test_a_captured_page_has_the_cap_of_a_live_one() -> None:
    packed = page(gzip.compress(b"<p>tide</p>"), **{"content-encoding": "gzip"})
    assert decode_capture(packed, cap=11).body == b"<p>tide</p>"
    with pytest.raises(FetchError) as caught:
        decode_capture(packed, cap=10)
    assert caught.value.error_class == "too_large"
