"""The pages of names in the browser, over an archive that the real store wrote."""

from __future__ import annotations

import asyncio
import html
from pathlib import Path
from typing import Any

import httpx

from scraper.browse import application
from tests.test_facts import filled

LOCAL = "http://localhost"


def fetched(folder: Path, *paths: str) -> list[tuple[int, str]]:
    """Return status and text of pages, asked for in one server."""

    async def ask() -> list[tuple[int, str]]:
        transport = httpx.ASGITransport(app=served)
        async with httpx.AsyncClient(transport=transport, base_url=LOCAL) as client:
            answers = [await client.get(path) for path in paths]
        return [(answer.status_code, html.unescape(answer.text)) for answer in answers]

    served: Any = application(folder)
    return asyncio.run(ask())


def test_names_lead_to_what_outlets_say_and_to_their_articles(tmp_path: Path) -> None:
    filled(tmp_path)
    (status, names), (_, models), (other, page), (missing, _) = fetched(
        tmp_path, "/-/names", "/-/names?kind=model", "/-/name/1", "/-/name/999"
    )
    assert (status, other, missing) == (200, 200, 404)
    assert "Kimi K2" in names and "Moonshot AI" in names
    assert "Kimi K2" in models and ">Moonshot AI</a>" not in models
    for words in ("training cost", "contradicted", "about 6.4 million USD", "$5.1 million",
                  "/-/article/2", "Contradictions"):  # fmt: skip
        assert words in page
    # That an outlet corrects itself is told apart from what two outlets say.
    wrong, corrected = page.split("Corrected by their publishers")
    assert ">corrected</span>" in corrected and ">corrected</span>" not in wrong


def test_an_article_says_what_it_is_about(tmp_path: Path) -> None:
    filled(tmp_path)
    ((status, page),) = fetched(tmp_path, "/-/article/2")
    assert status == 200
    for words in ("What it is about", "on topic", "640万美元", "about 6.4 million USD", "月之暗面"):
        assert words in page
