"""Decoding: the charset cases that pages really come in."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.encoding import decode_page

HANS = "开源模型的价格在一年里下降了九成，这是谁也没有想到的。我们来看看中国的情况和国际上的发展。"
HANT = "開源模型的價格在一年裡下降了九成，這是誰也沒有想到的。我們來看看中國的情況和國際上的發展。"
LATIN = "Café prices rose in Zürich, and nobody asked the señor why."


def page(text: str, charset: str = "", *, form: str = "short") -> str:
    """An HTML page that declares a charset, in one of the ways that pages do it."""
    meta = {
        "short": f'<meta charset="{charset}">',
        "long": f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">',
        "bare": f"<META http-equiv=content-type content='text/html;CHARSET={charset}' />",
        "xml": "",
    }[form]
    top = f'<?xml version="1.0" encoding="{charset}"?>' if form == "xml" else ""
    return f"{top}<html><head>{meta if charset else ''}<title>t</title></head><p>{text}</p></html>"


CASES = {
    # name: (body, Content-Type, text that must come out, codec, origin)
    "utf-8, undeclared": (page(HANS).encode(), "", HANS, "utf-8", "utf-8"),
    "utf-8 with byte order mark": (codecs.BOM_UTF8 + page(HANS).encode(), "", HANS, "utf-8", "bom"),
    "utf-16-le with byte order mark": (
        codecs.BOM_UTF16_LE + page(HANT).encode("utf-16-le"), "", HANT, "utf-16-le", "bom",
    ),
    "utf-16-be with byte order mark": (
        codecs.BOM_UTF16_BE + page(HANT).encode("utf-16-be"), "", HANT, "utf-16-be", "bom",
    ),
    "utf-16-le without a mark": (
        page(LATIN).encode("utf-16-le"), "", LATIN, "utf-16-le", "detected",
    ),
    "byte order mark against the header": (
        codecs.BOM_UTF8 + page(HANS).encode(), "text/html; charset=gbk", HANS, "utf-8", "bom",
    ),
    "gb2312 that needs gb18030": (
        page("喆堃镕㐂" + HANS, "gb2312").encode("gb18030"), "", "喆堃镕㐂" + HANS,
        "gb18030", "meta",
    ),
    "gb2312 that is utf-8": (page(HANS, "gb2312").encode(), "", HANS, "utf-8", "utf-8"),
    "gbk in the header": (
        page(HANS).encode("gbk"), "text/html; charset=GBK", HANS, "gb18030", "header",
    ),
    "gbk, long declaration": (
        page(HANS, "gbk", form="long").encode("gbk"), "", HANS, "gb18030", "meta",
    ),
    "gbk, bare declaration in capitals": (
        page(HANS, "GBK", form="bare").encode("gbk"), "", HANS, "gb18030", "meta",
    ),
    "gb18030, declared by XML": (
        page(HANS, "gb18030", form="xml").encode("gb18030"), "", HANS, "gb18030", "meta",
    ),
    "gbk, undeclared": (page(HANS).encode("gbk"), "", HANS, "gb18030", "detected"),
    "big5": (page(HANT, "big5").encode("big5"), "", HANT, "big5hkscs", "meta"),
    "big5 with Hong Kong characters": (
        page("喺咗嘅哋" + HANT, "big5").encode("big5hkscs"), "", "喺咗嘅哋" + HANT,
        "big5hkscs", "meta",
    ),
    "big5, undeclared": (page(HANT).encode("big5"), "", HANT, "big5hkscs", "detected"),
    "header says latin-1, page says gbk": (
        page(HANS, "gbk").encode("gbk"), "text/html; charset=ISO-8859-1", HANS, "gb18030", "meta",
    ),
    "header says gbk, page says big5, page is right": (
        page(HANT, "big5").encode("big5"), "text/html; charset=gbk", HANT, "big5hkscs", "meta",
    ),
    "header says big5, page says gbk, header is right": (
        page(HANT, "gbk").encode("big5"), "text/html; charset=big5", HANT, "big5hkscs", "header",
    ),
    "latin-1 means cp1252": (
        page("“curly” – €5", "iso-8859-1").encode("cp1252"), "", "“curly” – €5", "cp1252", "meta",
    ),
    "latin-1, undeclared": (page(LATIN).encode("latin-1"), "", LATIN, "cp1252", "detected"),
    "cp1252, undeclared, a single curly quote in a long page": (
        page("It’s late. " + "The ferry is late again. " * 80).encode("cp1252"), "",
        "It’s late. ", "cp1252", "detected",
    ),
    "gbk, undeclared, two words in a long page": (
        page("The ferry 渡轮 is late again. " + "The captain slept. " * 80).encode("gbk"), "",
        "The ferry 渡轮 is", "gb18030", "detected",
    ),
    "cp1252 in the header": (
        page(LATIN).encode("cp1252"), "text/html; charset=windows-1252", LATIN, "cp1252", "header",
    ),
    "shift_jis": (
        page("日本語のページ。", "Shift_JIS").encode("cp932"), "", "日本語のページ。",
        "cp932", "meta",
    ),
    "iso-2022-jp, which is valid ASCII": (
        page("日本語のページです。", "iso-2022-jp").encode("iso2022_jp"), "",
        "日本語のページです。", "iso2022_jp", "meta",
    ),
    "euc-kr": (
        page("한국어 페이지", "euc-kr").encode("cp949"), "", "한국어 페이지", "cp949", "meta",
    ),
    "windows-1251": (
        page("Новости дня", "windows-1251").encode("cp1251"), "", "Новости дня", "cp1251", "meta",
    ),
    "a codec that is no charset": (
        page(LATIN, "unicode_escape").encode(), "", LATIN, "utf-8", "utf-8",
    ),
    "declaration in a comment": (
        b"<!-- <meta charset=big5> -->" + page(HANS, "gbk").encode("gbk"), "",
        HANS, "gb18030", "meta",
    ),
    "declaration after 5 KB of scripts": (
        b"<script>" + b"x" * 5000 + b"</script>" + page(HANS, "gbk").encode("gbk"), "",
        HANS, "gb18030", "meta",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_charset(name: str) -> None:
    body, content_type, text, codec, origin = CASES[name]
    decoded = decode_page(body, {"content-type": content_type} if content_type else None)
    assert text in decoded.text
    assert (decoded.encoding, decoded.origin, decoded.replaced) == (codec, origin, 0)


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("gbk", "gb18030")])
def test_one_bad_byte_costs_one_character(charset: str, codec: str) -> None:
    before, after = page(HANS, charset), HANS * 3
    decoded = decode_page(before.encode(charset) + b"\xff" + after.encode(charset))
    assert decoded.text == before + "\ufffd" + after
    assert (decoded.encoding, decoded.replaced) == (codec, 1)


def test_one_bad_byte_does_not_turn_utf8_into_what_the_page_wrongly_declares() -> None:
    decoded = decode_page(page(HANS * 4, "gb2312").encode().replace("谁".encode(), b"\xff", 1))
    assert decoded.encoding == "utf-8"
    assert decoded.replaced == 1
    assert HANS in decoded.text


def test_a_page_cut_within_a_character_keeps_the_rest() -> None:
    decoded = decode_page(page(HANS * 2).encode()[:-16])
    assert decoded.encoding == "utf-8"
    assert HANS in decoded.text


def test_replacement_characters_of_the_publisher_are_not_counted_as_ours() -> None:
    assert decode_page(page("lost \ufffd here").encode()).replaced == 0


def test_header_names_may_be_capitalised() -> None:
    assert decode_page(
        page(HANS).encode("gbk"), {"Content-Type": "text/html;charset=gbk"}
    ).origin == ("header")


@given(st.binary(max_size=400), st.sampled_from(["", "gbk", "utf-16", "hex", "big5", "x-nonsense"]))
def test_any_bytes_become_text(body: bytes, charset: str) -> None:
    decoded = decode_page(body, {"content-type": f"text/html; charset={charset}"})
    assert decoded.text.encode("utf-8", "surrogatepass") is not None
    assert decoded.replaced >= 0
