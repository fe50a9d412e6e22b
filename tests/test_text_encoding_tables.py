"""Our reading of legacy encodings held against Python's codecs, over all code points.

What differs is listed here: each line is a fact of the web's own tables (WHATWG, "Encoding").
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scraper.text.encoding import codec_of, read

LEADS = range(0x81, 0xFF)
TRAILS = [*range(0x40, 0x7F), *range(0x80, 0xFF)]


def pairs() -> Iterator[bytes]:
    return (bytes((lead, trail)) for lead in LEADS for trail in TRAILS)


def differences(label: str) -> dict[bytes, tuple[str, str]]:
    """Return what our reading of two bytes is where Python's codec has another, and that."""
    codec = codec_of(label)
    found = {}
    for pair in pairs():
        ours, theirs = read(pair, codec), pair.decode(codec, "replace")
        if ours != theirs:
            found[pair] = ours, theirs
    return found


def test_gbk_differs_in_what_later_editions_assign() -> None:
    found = {pair.hex(): ours for pair, (ours, _) in differences("gbk").items() if pair[0] > 0x80}
    assert found.pop("a3a0") == "\u3000"
    assert found.pop("a8bc") == "ḿ"
    marks = {key: value for key, value in found.items() if key.startswith("a6")}
    assert sorted(marks.values()) == [chr(code) for code in range(0xFE10, 0xFE1A)]
    hanzi = {key: value for key, value in found.items() if key.startswith("fe")}
    assert len(hanzi) == 14
    assert set(map(chr, range(0x9FB4, 0x9FBC))) < set(hanzi.values())
    assert len(found) == 24
    # Nothing that is assigned stays private.
    assert not any(0xE000 <= ord(value) <= 0xF8FF for value in found.values())


def test_big5_differs_in_the_symbols_of_windows_and_in_what_hkscs_2008_added() -> None:
    found = differences("big5")
    added = {pair: ours for pair, (ours, theirs) in found.items() if pair[0] == 0x87}
    assert len(added) == 68
    assert len(set(added.values())) == 68
    assert (added[b"\x87\x7a"], added[b"\x87\xdf"]) == ("㡵", "鿋")
    symbols = {(ours, theirs) for ours, theirs in found.values() if "\ufffd" not in theirs}
    assert symbols == set(zip("‧﹑¯～⊕⊙￥￠￡", "•､‾∼♁☉¥¢£", strict=True))


def test_euc_jp_differs_in_the_rows_of_nec() -> None:
    found = {pair: ours for pair, (ours, _) in differences("euc-jp").items() if pair[0] >= 0xA1}
    assert {pair[0] - 0xA0 for pair in found} == {13, *range(89, 93)}
    row = "".join(found.get(bytes((0xAD, cell)), "") for cell in range(0xA1, 0xFF))
    assert row.startswith("①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ㍉㌔㌢㍍")
    assert "№" in row
    assert "\ufffd" not in "".join(found.values())


@pytest.mark.parametrize("label", ["shift_jis", "euc-kr"])
def test_other_encodings_are_read_as_python_reads_them(label: str) -> None:
    assert differences(label) == {}


def test_all_of_gbk_is_read_as_it_was_written() -> None:
    codec, lost = codec_of("gbk"), []
    for code in (*range(0x80, 0xD800), *range(0xE000, 0x10000)):
        body = chr(code).encode("gbk", "ignore")
        if body and read(body, codec) != chr(code):
            lost.append(chr(code))
    assert lost == []


# The labels of the web (WHATWG, section 4.2) that Chinese, Japanese and Western pages use.
LABELS = {
    "gb18030": "gb18030 gbk gb2312 gb_2312 gb_2312-80 csgb2312 csiso58gb231280 chinese x-gbk",
    "big5hkscs": "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "euc_jp": "euc-jp x-euc-jp cseucpkdfmtjapanese",
    "cp932": "shift_jis shift-jis sjis ms932 windows-31j x-sjis csshiftjis ms_kanji",
    "cp949": "euc-kr korean ks_c_5601-1987 ksc5601 ksc_5601 windows-949 cseuckr",
    "cp1252": "iso-8859-1 latin1 ascii us-ascii windows-1252 cp1252 x-cp1252 l1 iso8859-1 iso88591",
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
}  # fmt: skip


@pytest.mark.parametrize(
    ("codec", "label"), [(codec, label) for codec, row in LABELS.items() for label in row.split()]
)
def test_labels_name_the_encoding_that_browsers_read(codec: str, label: str) -> None:
    for spelling in (label, label.upper(), f"  {label}\t"):
        assert codec_of(spelling) == codec
