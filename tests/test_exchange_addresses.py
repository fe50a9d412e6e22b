"""Lists of addresses and exports of other programs: what is read of them, what is passed over."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.errors import UsageError
from scraper.exchange.imports.addresses import read_addresses
from tests.test_exchange_imports import run, urls, warc

POCKET = (
    "<!DOCTYPE html><html><head><title>Pocket Export</title></head><body><ul>"
    '<li><a href="https://elin.example/1" time_added="1" tags="">One</a></li></ul></body></html>'
)


@pytest.mark.parametrize(
    "body",
    [
        "# mine\nhttps://elin.example/1 a title\n\nhttps://elin.example/1#again\nftp://x.example/\n",
        POCKET,
        "title,url,time_added,tags,status\nOne,https://elin.example/1,1,,unread\n",
        json.dumps([{"id": 1, "url": "https://elin.example/1", "title": "One",
                     "content": "<a href='https://evil.example/'>x</a>"}]),
        json.dumps({"bookmarks": [{"id": "x", "content": {"type": "link",
                    "url": "https://elin.example/1"}}]}),
        json.dumps({"items": [{"canonical": [{"href": "https://elin.example/1"}],
                    "alternate": [{"href": "https://other.example/"}],
                    "origin": {"htmlUrl": "https://feed.example/"}}]}),
        json.dumps({"total": 1, "entries": [{"url": "https://elin.example/1",
                    "comments_url": "https://x.example/"}]}),
        json.dumps({"title": "One", "source": "https://elin.example/1", "text": "…"}),
        json.dumps({"list": {"7": {"item_id": "7", "resolved_url": "https://elin.example/1"}}}),
        '<doc sitename="x" title="One" source="https://elin.example/1"><main/></doc>',
        "---\ntitle: One\nurl: https://elin.example/1\n---\nA text, see https://other.example/\n",
        json.dumps({"url": "https://elin.example/1"}) + "\n" + json.dumps({"x": 1}) + "\n",
    ],
)  # fmt: skip
def test_lists_and_exports_name_their_articles(body: str) -> None:
    read = read_addresses(body.encode(), "x")
    assert (read.urls, read.passed_over) == (("https://elin.example/1",), "")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "big5"])
def test_a_list_in_xml_is_read_in_the_characters_that_it_declares(encoding: str) -> None:
    line = "<url><loc>https://elin.example/%s</loc></url>"
    body = "".join(line % f"港口今日重新開放{n}" for n in range(9))
    text = f'<?xml version="1.0" encoding="{encoding}"?><urlset>{body}</urlset>'
    found = read_addresses(text.encode(encoding), "list.xml")
    assert found.urls[0] == "https://elin.example/港口今日重新開放0" and len(found.urls) == 9


@pytest.mark.parametrize("entity", ['"2"', 'SYSTEM "file:///etc/passwd"'])
def test_an_address_of_which_an_entity_is_a_part_is_named_not_cut(entity: str) -> None:
    body = (
        f'<?xml version="1.0"?><!DOCTYPE urlset [<!ENTITY e {entity}>]>\n<urlset>'
        "<url><loc>https://elin.example/1</loc></url>\n<url><loc>https://elin.example/&e;</loc>"
        "</url></urlset>"
    )
    found = read_addresses(body.encode(), "list.xml")
    assert found.urls == ("https://elin.example/1",)
    assert "the address at line 3 holds more than text" in found.passed_over


def test_an_address_that_is_cut_off_is_named_not_fetched() -> None:
    first = "https://elin.example/1"
    found = read_addresses(
        f"<urlset><url><loc>{first}</loc></url>\n<url><loc>https://elin.example/23".encode(), "x"
    )
    assert (found.urls, "damaged at line 2" in found.passed_over) == ((first,), True)
    found = read_addresses(f"title,url,tags\nA,{first},x\nB,https://elin.example/23".encode(), "x")
    assert (found.urls, "line 3 has 2 of 3 cells" in found.passed_over) == ((first,), True)


def test_what_is_whole_of_a_damaged_list_is_read() -> None:
    lines = [f"<url><loc>https://elin.example/{n}?a=1&amp;b=2</loc></url>\n" for n in range(9)]
    lines[3] = lines[3].replace("<loc>", "loc>")
    lines[5] = lines[5].replace("</loc>", "<loc>")
    found = read_addresses(f"<urlset>{''.join(lines)}</urlset>".encode(), "x.xml")
    assert [url[21:] for url in found.urls] == [f"{n}?a=1&b=2" for n in (0, 1, 2, 4, 6, 7, 8)]
    assert "damaged at line 4" in found.passed_over
    marks = [f'<DT><A HREF="https://elin.example/{n}">x</A>\n' for n in range(3)]
    head = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n"
    found = read_addresses((head + "".join(marks)[:-20]).encode(), "x.html")
    assert len(found.urls) == 2 and "it is cut off" in found.passed_over
    found = read_addresses((head + "".join(marks) + "</DL><p>\n").encode(), "x.html")
    assert (len(found.urls), found.passed_over) == (3, "")
    found = read_addresses("https://elin.example/1\nhttps://elin.example/\ufffd2".encode(), "x.txt")
    assert found.urls == ("https://elin.example/1",)
    assert "not an address: 'https://elin.example/\ufffd2'" in found.passed_over


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("title,url\nOne,https://elin.example/1\nTwo,elin.example/2\n", "line 3 has no address"),
        (
            json.dumps([{"url": "https://elin.example/1"}, {"url": "javascript:alert(1)"}]),
            "'javascript:alert(1)'",
        ),
        ("https://elin.example/1\nhttps://me:secret@elin.example/2\n", "it holds a login"),
    ],
)
def test_an_entry_without_an_address_of_the_web_is_named(body: str, named: str) -> None:
    found = read_addresses(body.encode(), "saved")
    assert found.urls == ("https://elin.example/1",)
    assert named in found.passed_over and "secret" not in found.passed_over


def test_a_quotation_mark_that_is_not_closed_costs_its_line() -> None:
    rows = [f'"Part ""{n}"", a\nsecond line",https://elin.example/{n},x\n' for n in range(3)]
    more = [f"Plain {n},https://elin.example/{n},x\n" for n in range(4, 9)]
    table = ["title,url,tags\n", *rows, '"Open,https://elin.example/3,x\n', *more]
    found = read_addresses("".join(table).encode(), "x.csv")
    assert [url[-1] for url in found.urls] == ["0", "1", "2", "4", "5", "6", "7", "8"]
    assert "parts passed over: 1" in found.passed_over and "line 8 has 1 of 3" in found.passed_over
    # Quotation marks that nobody doubled are no damage.
    found = read_addresses(b'title,url\n"a "b" c",https://elin.example/1\n', "x.csv")
    assert (len(found.urls), found.passed_over) == (1, "")


def test_an_address_with_half_a_character_is_named() -> None:
    body = b'{"url": "https://elin.example/\\ud800"}\n{"url": "https://elin.example/2"}\n'
    found = read_addresses(body, "list.json")
    assert found.urls == ("https://elin.example/2",)
    assert "not an address: 'https://elin.example/\\ud800'" in found.passed_over


@pytest.mark.parametrize("body", ["", "{", "[" * 100_000, "no address", '{"url": 5}', "<a", "<!--"])
def test_what_holds_no_address_is_refused(body: str) -> None:
    with pytest.raises(UsageError, match="x: there is no address"):
        read_addresses(body.encode(), "x")


_ENTRY = '{"title": "t", "tags": [{"id": 1}], "url": "https://elin.example/%d"}'


@pytest.mark.parametrize(
    ("body", "numbers", "said"),
    [
        ("[" + ", ".join(_ENTRY % n for n in range(3))[:-9], (0, 1), "damaged at byte"),
        (f'{{"items": [{_ENTRY % 1}, {(_ENTRY % 2).replace(":", "", 1)}, {_ENTRY % 3}]}}', (1, 3),
         "damaged at byte"),
        (f"[{_ENTRY % 1}][{_ENTRY % 2}]", (1, 2), "(Extra data"),
        (f"{_ENTRY % 1}\n{_ENTRY % 2}"[:-3] + f"\n{_ENTRY % 3}\n", (1, 3), "the line at byte"),
        ("https://elin.example/1\nhttps://12w\ufffd.0.1:9/2\nhttps://elin.example/3\n", (1, 3),
         "not an address: 'https://12w"),
    ],
    ids=["cut off", "a colon lost", "twice", "a line of JSON Lines", "an address that is none"],
)  # fmt: skip
def test_a_damaged_part_of_a_list_is_passed_over_and_named(
    body: str, numbers: tuple[int, ...], said: str
) -> None:
    read = read_addresses(body.encode(), "pocket.json")
    assert read.urls == tuple(f"https://elin.example/{n}" for n in numbers)
    assert (
        read.passed_over.startswith("pocket.json: parts passed over: 1")
        and said in read.passed_over
    )


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
@settings(deadline=None)
def test_no_bytes_do_more_than_be_refused(body: bytes) -> None:
    try:
        for url in read_addresses(body, "x").urls:
            assert url.lower().startswith(("http://", "https://"))
    except UsageError:
        pass


def test_listed_articles_are_fetched_and_known_ones_are_not(tmp_path: Path) -> None:
    (tmp_path / "web.warc.gz").write_bytes(warc(1, 2))
    web = ("--web", str(tmp_path / "web.warc.gz"))
    listed = b"https://elin.example/1\nhttps://elin.example/2\n"
    done = run(tmp_path / "archive", *web, "import", "--json", "-", stdin=listed)
    assert done.exit_code == 0, done.output
    assert len(urls(tmp_path / "archive")) == 2
    again = run(tmp_path / "archive", *web, "import", "--json", "-", stdin=listed)
    total = json.loads(again.stdout)["total"]
    assert (total["seen"], total["known"]) == (2, 2)
