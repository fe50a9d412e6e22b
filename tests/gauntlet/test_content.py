"""Gauntlet 32, 33, 41: bodies that are not what they say, from the socket to the worker."""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Mapping

import pytest

from scraper.fetching import Client
from scraper.models import Page
from scraper.pipeline import ParsedPage, read_page
from scraper.workers import ParserPool
from tests.gauntlet.server import Server, reply
from tests.gauntlet.trial import settings_for, unharmed

HANS = "开源模型的价格在一年里下降了九成，这是谁也没有想到的。" * 20
HANT = "開源模型的價格在一年裡下降了九成，這是誰也沒有想到的。" * 20
LATIN = "Café prices rose in Zürich, and nobody asked the señor why. " * 20


def read(answers: Mapping[str, bytes]) -> dict[str, tuple[Page, ParsedPage]]:
    """Fetch each path and read its page in a worker, unharmed."""

    async def run(server: Server) -> dict[str, tuple[Page, ParsedPage]]:
        with ParserPool(workers=1, preload=("scraper.extraction.warm",)) as pool:
            async with Client(settings_for(server.port)) as client, unharmed(client):
                pages = {path: await client.get(server.url(path)) for path in answers}
                return {path: (page, await pool.run(read_page, page))
                        for path, page in pages.items()}  # fmt: skip

    with Server(answers) as server:
        return asyncio.run(run(server))


def html(text: str, declared: str = "") -> str:
    meta = f"<meta charset='{declared}'>" if declared else ""
    return (
        f"<html><head>{meta}<title>Prices</title></head><body><article><h1>Prices</h1>"
        f"<p>{text}</p></article></body></html>"
    )


CHARSETS: dict[str, tuple[str, str, str, str]] = {
    # name: (text, codec of its bytes, charset in the header, charset in the page)
    "utf-8": (HANS, "utf-8", "", ""),
    "utf-8, declared by both": (HANS, "utf-8", "utf-8", "utf-8"),
    "utf-8 with a mark": (HANS, "utf-8-sig", "", ""),
    "utf-8 with a mark, header gbk": (HANS, "utf-8-sig", "gbk", ""),
    "utf-8, page says gb2312": (HANS, "utf-8", "", "gb2312"),
    "utf-8, header says latin-1": (HANT, "utf-8", "iso-8859-1", ""),
    "utf-16-le with a mark": (HANS, "utf-16-le", "", ""),
    "utf-16-be with a mark": (HANT, "utf-16-be", "", ""),
    "utf-16, page says utf-8": (HANT, "utf-16-le", "", "utf-8"),
    "gbk in the header": (HANS, "gbk", "GBK", ""),
    "gb2312 in the page": (HANS, "gbk", "", "gb2312"),
    "gb2312 that needs gb18030": ("喆堃镕㐂" + HANS, "gb18030", "", "gb2312"),
    "gb18030 in the header": ("喆堃镕㐂" + HANS, "gb18030", "gb18030", ""),
    "gbk, undeclared": (HANS, "gbk", "", ""),
    "gbk, header says latin-1": (HANS, "gbk", "ISO-8859-1", "gbk"),
    "big5": (HANT, "big5", "", "big5"),
    "big5 in the header": (HANT, "big5", "Big5", ""),
    "big5 with Hong Kong characters": ("喺咗嘅哋" + HANT, "big5hkscs", "", "big5"),
    "big5, undeclared": (HANT, "big5", "", ""),
    "big5, header says gbk": (HANT, "big5", "gbk", "big5"),
    "latin-1 means cp1252": ("“curly” – €5. " + LATIN, "cp1252", "", "iso-8859-1"),
    "cp1252 in the header": (LATIN, "cp1252", "windows-1252", ""),
    "latin-1, undeclared": (LATIN, "latin-1", "", ""),
    "shift_jis": ("日本語のページは読めます。" * 20, "cp932", "", "Shift_JIS"),
    "euc-kr": ("한국어 페이지를 읽습니다. " * 20, "cp949", "euc-kr", ""),
    "a codec that is no charset": (LATIN, "utf-8", "", "unicode_escape"),
}
MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def test_g32_charsets() -> None:
    assert len(CHARSETS) == 26
    answers = {}
    for number, (text, codec, header, declared) in enumerate(CHARSETS.values()):
        body = MARKS.get(codec, b"") + html(text, declared).encode(codec)
        kind = f"text/html; charset={header}" if header else "text/html"
        answers[f"/{number}"] = reply(body, Content_Type=kind)
    found = read(answers)
    missed = [
        name
        for (name, (text, *_)), (_, reading) in zip(CHARSETS.items(), found.values(), strict=True)
        if reading.article is None
        or "".join(reading.article.text.split()) != "".join(text.split())
        or reading.article.replaced
    ]
    assert missed == []


@pytest.mark.parametrize("codec", ["utf-8", "gbk"])
def test_g33_one_bad_byte(codec: str) -> None:
    raw = html(HANS, codec).encode(codec)
    at = raw.index("谁".encode(codec))
    page, reading = read({"/a": reply(raw[:at] + b"\xff" + raw[at:])})["/a"]
    assert page.body[at : at + 1] == b"\xff", "the body comes as it was sent"
    assert reading.article is not None
    assert reading.article.replaced == 1
    assert reading.article.text.count("\ufffd") == 1
    assert reading.article.text.replace("\ufffd", "") == HANS


BINARIES = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog>>\nendobj\n" * 50,
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 40,
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 40,
    "gif": b"GIF89a" + bytes(range(256)) * 40,
    "webp": b"RIFF\0\0\1\0WEBPVP8 " + bytes(range(256)) * 40,
    "zip": b"PK\x03\x04" + bytes(range(256)) * 40,
    "mp4": b"\0\0\0\x20ftypisom" + bytes(range(256)) * 40,
    "noise": bytes(range(256)) * 40,
    "empty": b"",
}


def test_g41_other_files_as_text_html() -> None:
    answers = {
        f"/{name}": reply(body, Content_Type="text/html; charset=utf-8")
        for name, body in BINARIES.items()
    }
    for path, (page, reading) in read(answers).items():
        assert page.body == BINARIES[path[1:]], path
        assert reading.article is None, path
        assert reading.verdict.kind == "not_html", path
        assert reading.error is not None, path
        assert reading.error.error_class == "not_html", path
