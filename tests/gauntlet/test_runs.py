"""Gauntlet 34 and 50: what must hold from one run to the next, through the whole pipeline."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from scraper import Archive
from scraper.config import load_config
from scraper.pipeline import Pipeline
from scraper.places import shipped_config
from tests.gauntlet.server import Script, Server, reply
from tests.gauntlet.trial import settings_for

LINES = [
    "港口委员会周一表示，渡轮时刻表所用的模型将全部公开，任何人都可以下载、检查和修改。",
    "公司经理告诉乘客，模型的权重本来就属于他们，因为训练数据来自他们二十年来的每一次出行。",
    "委员会承担了三分之一的费用，条件之一是模型必须附上训练日志，并存放在港口图书馆供人查阅。",
    "因为模型出错而误了船的乘客，仍然可以当面要求退还票款，经理说这一点不会改变。",
]
STORY = (
    "<html lang='zh-CN'><head><meta charset='{charset}'><title>渡轮模型公开</title></head><body>"
    "<article><h1>渡轮模型公开</h1>" + "".join(f"<p>{line}</p>" for line in LINES) + "</article>"
    "</body></html>"
)


def story(codec: str, *, declared: bool, packed: bool = False) -> bytes:
    """Return the story as one of a site's servers gives it."""
    body = STORY.format(charset=codec).encode(codec)
    kind = f"text/html; charset={codec}" if declared else "text/html"
    if packed:
        return reply(gzip.compress(body), Content_Type=kind, Content_Encoding="gzip")
    return reply(body, Content_Type=kind)


def test_g34_an_encoding_that_flaps_is_no_edit(tmp_path: Path) -> None:
    answers: list[Script] = [
        story("utf-8", declared=True),
        story("gb18030", declared=True),
        story("gbk", declared=False),
        story("utf-8", declared=False, packed=True),
        story("gb2312", declared=False, packed=True),
        story("utf-8", declared=True),
    ]

    async def run(server: Server) -> list[str]:
        config = replace(load_config(), fetch=settings_for(server.port))
        outcomes = []
        async with Pipeline(config, open_archive=lambda: Archive(tmp_path)) as pipeline:
            for answer in answers:
                server.routes["/story"] = answer
                outcomes += [
                    outcome.recorded.outcome
                    async for outcome in pipeline.fetch([server.url("/story")])
                ]
        return outcomes

    with Server({}) as server:
        assert asyncio.run(run(server)) == ["kept"] + ["unchanged"] * 5
        with Archive(tmp_path, create=False) as archive:
            version = archive.version(server.url("/story"))
            assert version.row.number == 1
            assert all(line in version.article.text for line in LINES)


def configured(folder: Path, port: int) -> Path:
    """Return a folder of settings that let a loopback server be fetched from."""
    folder.mkdir()
    for shipped in shipped_config().glob("*.toml"):
        text = shipped.read_text(encoding="utf-8")
        if shipped.name == "settings.toml":
            text = text.replace("ports = [80, 443]", f"ports = [{port}]")
            text = text.replace("allow_private = []", 'allow_private = ["127.0.0.0/8"]')
        (folder / shipped.name).write_text(text, encoding="utf-8")
    return folder


def test_g50_a_restart_forgets_no_retry_after(tmp_path: Path) -> None:
    with Server({"/busy": reply("", 429, Retry_After="600")}) as server:
        config = configured(tmp_path / "config", server.port)

        def scraper(url: str) -> tuple[int, str]:
            command = ["--archive", tmp_path / "archive", "--config", config, "fetch", url]
            done = subprocess.run(
                [sys.executable, "-m", "scraper", *map(str, command)],
                capture_output=True, timeout=60, check=False,
            )  # fmt: skip
            return done.returncode, done.stderr.decode()

        assert scraper(server.url("/busy"))[0] == 1
        # Another process, another page; robots.txt is known, and must not be asked for either.
        code, said = scraper(server.url("/story"))
        assert code == 1
        assert "asked not to be asked" in said
        assert [asked.path for asked in server.asked] == ["/robots.txt", "/busy"]
        # Another host is not concerned.
        scraper(server.url("/story", "other.localhost"))
        assert server.paths("other") == ["/story"]
