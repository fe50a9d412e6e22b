"""Gauntlet 33, 41: bodies that are not what they say, from the socket to the reader of pages."""

from __future__ import annotations

import pytest

from scraper.errors import ExtractError
from scraper.extract import extract
from scraper.extract.decode import decode
from scraper.models import Page
from tests.gauntlet.server import reply
from tests.gauntlet.trial import trial

TEXT = "开源模型的价格在一年里下降了九成，这是谁也没有想到的。" * 40
HTML = f"<html><head><meta charset='%s'><title>t</title></head><body><p>{TEXT}</p></body></html>"


def fetched(body: bytes, **headers: str) -> Page:
    """Return the page that a server gives with this body."""
    (page,), _ = trial({"/a": reply(body, **headers)}, "/a")
    assert isinstance(page, Page)
    return page


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_g33_one_bad_byte(codec: str) -> None:
    raw = (HTML % codec).encode(codec)
    at = raw.index("谁".encode(codec))
    page = fetched(raw[:at] + b"\xff" + raw[at:])
    assert page.body[at : at + 1] == b"\xff", "the body comes as it was sent"
    decoded = decode(page.body, page.headers)
    assert decoded.replaced == 1
    assert decoded.text.replace("\ufffd", "") == HTML % codec


@pytest.mark.parametrize(
    "body",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n" * 50,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40,
        b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 40,
        b"GIF89a" + bytes(range(256)) * 40,
        b"PK\x03\x04" + bytes(range(256)) * 40,
        b"\0\0\0\x20ftypisom" + bytes(range(256)) * 40,
        bytes(range(256)) * 40,
        b"",
    ],
    ids=["pdf", "png", "jpeg", "gif", "zip", "mp4", "noise", "empty"],
)
def test_g41_other_files_as_text_html(body: bytes) -> None:
    page = fetched(body, Content_Type="text/html; charset=utf-8")
    assert page.body == body
    with pytest.raises(ExtractError) as caught:
        extract(page.body, page.final_url, page.headers, fetched_at=page.fetched_at)
    assert caught.value.error_class == "not_html"
