"""Bytes to characters: what the pages of `test_decode` leave open, and what XML forbids."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.text.encoding import decode, scrub

# Eight characters each, names without any common character among them.
SHORT_HANS = (
    "北京今天下雨了吗", "今日股市收盘上涨", "你好世界欢迎光临", "市场监管总局发布",
    "新能源车销量增长", "上海举行国际车展", "张三李四王五赵六", "数据中心用电翻番",
    "港口吞吐量创新高", "芯片出口管制升级",
)  # fmt: skip
SHORT_HANT = (
    "北京今天下雨了嗎", "今日股市收盤上漲", "臺北市長發表談話", "經濟部宣布新措施",
    "電動車銷量增長了", "立法院通過新法案", "香港天文台發警告", "張三李四王五趙六",
    "數據中心用電翻倍", "晶片出口管制升級",
)  # fmt: skip
HANS = "开源模型的价格在一年里下降了九成，这是谁也没有想到的。我们来看看中国的情况和国际上的发展。"
HANT = "開源模型的價格在一年裡下降了九成，這是誰也沒有想到的。我們來看看中國的情況和國際上的發展。"


@pytest.mark.parametrize("form", ["{}", "<p>{}</p>", "<title>{0}</title><h1>{0}</h1><p>{0}</p>"])
@pytest.mark.parametrize(
    ("texts", "charset"), [(SHORT_HANS, "gbk"), (SHORT_HANT, "big5")], ids=["gbk", "big5"]
)
def test_eight_undeclared_characters_are_enough(
    texts: tuple[str, ...], charset: str, form: str
) -> None:
    pages = [form.format(text) for text in texts]
    assert [decode(page.encode(charset)).text for page in pages] == pages


@pytest.mark.parametrize(
    ("text", "charset", "codec"),
    [
        ("Новости дня в России и мире: Москва объявила о новых мерах", "cp1251", "cp1251"),
        ("서울에서 열린 회의에서 정부는 새로운 계획을 발표했다고 밝혔다", "euc-kr", "cp949"),
        ("日本語のページです。今日の天気は晴れ、東京では株価が上昇した", "euc_jp", "euc_jp"),
        ("日本語のページです。今日の天気は晴れ、東京では株価が上昇した", "cp932", "cp932"),
        ("Un café à Zürich, déjà vu par l’élève naïf — “cité” ici", "cp1252", "cp1252"),
    ],
)
def test_other_languages_are_not_taken_for_chinese(text: str, charset: str, codec: str) -> None:
    for page in (f"<p>{text}</p>", f"<meta charset={charset}><p>{text}</p>"):
        decoded = decode(page.encode(charset))
        assert (decoded.text, decoded.encoding) == (page, codec)


@pytest.mark.parametrize("declared", ["gbk", "gb2312", "gb18030"])
def test_four_byte_characters(declared: str) -> None:
    text = "𠮷野家的㐂与𬱖、ẞ" + HANS
    for head in ("", f"<meta charset={declared}>"):
        decoded = decode((head + text).encode("gb18030"))
        assert (decoded.text, decoded.encoding, decoded.replaced) == (head + text, "gb18030", 0)


def test_hong_kong_characters_without_a_declaration() -> None:
    text = "佢哋喺度嘅啲嘢，唔該晒。" + HANT
    assert decode(text.encode("big5hkscs")).text == text


def test_symbols_that_windows_has_beyond_the_standards() -> None:
    body = b"<meta charset=gbk>" + HANS.encode("gbk") + b"\x80" + b"99" + HANS.encode("gbk")
    assert decode(body).text.endswith(f"{HANS}€99{HANS}")
    assert decode(body).replaced == 0
    body = b"<meta charset=big5>" + f"唐納‧杜克{HANT}".encode("cp950") + b"\xa3\xe1\xc6\xcf"
    assert decode(body).text.endswith(f"唐納‧杜克{HANT}€に")


@pytest.mark.parametrize(
    ("declared", "text", "charset"),
    [
        ("gbk", HANT, "big5"),
        ("big5", HANS, "gbk"),
        ("iso-8859-1", HANS, "gbk"),
        ("windows-1252", HANT, "big5"),
        ("utf-8", HANS, "gbk"),
        ("utf-8", HANT, "big5"),
    ],
)
@pytest.mark.parametrize("where", ["header", "meta"])
def test_one_wrong_declaration_is_seen_through(
    declared: str, text: str, charset: str, where: str
) -> None:
    meta = f"<meta charset={declared}>" if where == "meta" else ""
    header = f"text/html; charset={declared}" if where == "header" else ""
    decoded = decode(f"{meta}<p>{text}</p>".encode(charset), header)
    assert decoded.text == f"{meta}<p>{text}</p>"
    assert decoded.origin == "detected"


@pytest.mark.parametrize("mark", [codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_a_byte_order_mark_beats_header_and_meta(mark: bytes) -> None:
    charset = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le"}.get(mark, "utf-16-be")
    page = f"<meta charset=big5><p>{HANS}</p>"
    decoded = decode(mark + page.encode(charset), "text/html; charset=gbk")
    assert (decoded.text, decoded.encoding, decoded.origin) == (page, charset, "bom")


@pytest.mark.parametrize("before", [900, 1_100, 9_000, 40_000])
def test_meta_far_down_the_head(before: int) -> None:
    page = f"<head><style>{'x' * before}</style><meta charset=cp1251></head>Новости дня"
    decoded = decode(page.encode("cp1251"))
    assert (decoded.text, decoded.origin) == (page, "meta")


def test_utf_16_without_a_mark() -> None:
    assert decode(HANS.encode("utf-16-be"), "text/html; charset=utf-16be").text == HANS
    page = f"<p>{HANS}</p>"
    assert decode(page.encode("utf-16-be"), "text/html; charset=utf-16be").text == page
    assert decode(page.encode("utf-16-le")[:-1]).text == page[:-1] + "\ufffd"
    assert decode(page.encode(), "text/html; charset=utf-16").text == page


def test_the_declaration_of_the_document_beats_that_of_html_inside_it() -> None:
    feed = f"<?xml version='1.0' encoding='gb2312'?><i><![CDATA[<meta charset=utf-8>{HANS}]]></i>"
    assert decode(feed.encode("gbk")).text == feed


def test_seven_bit_chinese() -> None:
    page = f"<meta charset=hz-gb-2312><p>{HANS}</p>"
    assert decode(page.encode("hz")).text == page
    assert decode(b"<meta charset=hz-gb-2312><p>a~b</p>").encoding == "utf-8"


def twice(text: str) -> bytes:
    """What comes of UTF-8 that a program took for windows-1252 and encoded once more."""
    return "".join(
        bytes((byte,)).decode("cp1252", "ignore") or chr(byte) for byte in text.encode()
    ).encode()


@pytest.mark.parametrize("text", [HANS, HANT])
def test_chinese_that_was_encoded_twice_is_read_and_flagged(text: str) -> None:
    decoded = decode(twice(f"<p>{text}</p>"))
    assert (decoded.text, decoded.encoding, decoded.origin) == (f"<p>{text}</p>", "utf-8", "twice")


@pytest.mark.parametrize(
    "page",
    [
        f"<p>“ä½\xa0å¥½” 就是乱码。{HANS}</p>".encode(),
        "<p>Text that went through twice looks like ä½\xa0å¥½, as all know.</p>".encode(),
        twice("<p>“It’s here,” she said — “isn’t it?” A café, naïve, déjà vu; coöperate.</p>"),
        "<p>Ælfræd hældt æfter wæter, þæt wæs æðele; ça sépare l’été à l’œil.</p>".encode(),
    ],
    ids=["quoted in Chinese", "quoted in English", "Latin", "accents"],
)
def test_what_may_be_meant_stays_as_it_was_published(page: bytes) -> None:
    assert decode(page).text == page.decode()


def test_surrogates_never_come_through() -> None:
    for body in (
        codecs.BOM_UTF16_LE + "a".encode("utf-16-le") + b"\x00\xd8" + "b".encode("utf-16-le"),
        b"<p>\xed\xa0\x80 and \xed\xb0\x80</p>" + b"x" * 9000,
    ):
        decoded = decode(body)
        assert decoded.text.encode("utf-8")
        assert decoded.replaced > 0


@given(st.binary(max_size=300), st.sampled_from(["", "gbk", "big5", "hz-gb-2312", "utf-16be"]))
def test_any_bytes_become_text_that_can_be_stored(body: bytes, charset: str) -> None:
    decoded = decode(body, f"text/html; charset={charset}")
    assert decoded.text.encode("utf-8") is not None
    assert scrub(decoded.text).encode("utf-8") is not None


@given(st.text(st.characters(codec="gb18030", min_codepoint=32), max_size=80))
def test_a_true_declaration_is_never_corrected_away(text: str) -> None:
    page = f"<meta charset=gb18030><p>{HANS}</p><p>{text}</p>"
    assert decode(page.encode("gb18030"), "text/html; charset=gbk").text == page


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b\x0bc\ud800d\ufffee", "abcde"),
        ("a&#0;b&#xD800;c&#x1F600;&#10;&#99999999999;", "abc&#x1F600;&#10;"),
        ("a\tb\nc", "a\tb\nc"),
    ],
)
def test_scrub(raw: str, clean: str) -> None:
    assert scrub(raw) == clean
