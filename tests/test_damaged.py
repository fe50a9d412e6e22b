"""Damaged pages: cut, doubled, flipped. An article or the documented error, and nothing else."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from scraper.errors import EXTRACT_CLASSES, ExtractError
from scraper.extraction import extract

PAGES = sorted((Path(__file__).parent / "pages").glob("*.html"))


def damaged(body: bytes, chance: random.Random) -> bytes:
    """Cut, double, move or flip a piece or two of a page."""
    for _ in range(chance.randint(1, 3)):
        start = chance.randrange(max(1, len(body)))
        end = start + chance.randint(1, 2000)
        piece = body[start:end]
        body = chance.choice(
            [
                lambda b, s=start: b[:s],
                lambda b, s=start, e=end: b[:s] + b[e:],
                lambda b, e=end, p=piece: b[:e] + p * 3 + b[e:],
                lambda b, p=piece: p + b,
                lambda b, s=start, e=end, p=piece: b[:s] + bytes(c ^ 0x40 for c in p) + b[e:],
                lambda b, s=start: b[:s] + bytes(chance.randbytes(40)) + b[s:],
                lambda b, s=start: b[:s] + b"\x00" * 30 + b[s:],
                lambda b: b.replace(b"</", b"<", 5),
            ]
        )(body)
    return body


@pytest.mark.parametrize("path", PAGES, ids=[path.stem for path in PAGES])
def test_an_article_or_the_documented_error(path: Path) -> None:
    chance = random.Random(path.stem)
    whole = path.read_bytes()
    for _ in range(12):
        try:
            article = extract(damaged(whole, chance), "http://site.example/a/1.html")
        except ExtractError as error:
            assert error.error_class in EXTRACT_CLASSES
        else:
            assert article.text.strip() and article.markdown.strip()
            assert article.text.encode() and article.markdown.encode()
