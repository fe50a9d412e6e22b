"""Gauntlet 1, 20, 34, 50, 51: what reaches the archive, and holds from one run to the next."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from scraper import Archive
from scraper.archive.records import FetchRow
from scraper.config import load_config
from scraper.fetching import Client
from scraper.pipeline import Pipeline
from scraper.toml_file import shipped_config
from tests.gauntlet.server import Asked, Script, Server, reply
from tests.gauntlet.test_bodies import packed_zeros
from tests.gauntlet.trial import settings_for, unharmed

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


# Where the story stands on the hostile server.
PLACE = "/2026/03/story-8123.html"


def story(codec: str = "utf-8", *, declared: bool = True, packed: bool = False) -> bytes:
    """Return the story as one of a site's servers gives it."""
    body = STORY.format(charset=codec).encode(codec)
    kind = f"text/html; charset={codec}" if declared else "text/html"
    if packed:
        return reply(gzip.compress(body), Content_Type=kind, Content_Encoding="gzip")
    return reply(body, Content_Type=kind)


def outcomes(
    folder: Path, server: Server, answers: list[Script], **changes: object
) -> list[tuple[str, str]]:
    """Let a page answer in one way after another; return what the archive made of each."""

    async def run() -> list[tuple[str, str]]:
        settings = settings_for(server.port, **changes)
        config = replace(load_config(), fetch=settings)
        found = []
        async with (
            Pipeline(config, open_archive=lambda: Archive(folder)) as pipeline,
            Client(settings) as client,
            unharmed(client),
        ):
            for answer in answers:
                server.routes[PLACE] = answer
                async for one in pipeline.fetch([server.url(PLACE)]):
                    found.append((one.recorded.outcome, one.recorded.reason))
        return found

    return asyncio.run(run())


def rows(folder: Path, server: Server) -> tuple[FetchRow, ...]:
    """Return the rows of all attempts at the page."""
    with Archive(folder, create=False) as archive:
        return archive.fetches(server.url(PLACE))


def assert_whole(folder: Path, server: Server) -> None:
    """Assert that the archive holds the story in one version, and none of what came after it."""
    with Archive(folder, create=False) as archive:
        assert len(archive.versions(server.url(PLACE))) == 1
        version = archive.version(server.url(PLACE))
        assert all(line in version.article.text for line in LINES)
        assert archive.find(server.url(PLACE)).title == "渡轮模型公开"


def test_g01_a_bomb_leaves_a_row_and_no_version(tmp_path: Path) -> None:
    with Server({}) as server:
        bomb = reply(packed_zeros(1024), Content_Encoding="gzip")
        assert outcomes(tmp_path, server, [bomb]) == [("failed", "too_large")]
        (row,) = rows(tmp_path, server)
        assert (row.error_class, row.version, row.body) == ("too_large", None, "")


def closing(body: bytes) -> Script:
    """Return a script whose body ends with its connection, and has no length."""

    async def script(asked: Asked) -> None:
        kind = b"Content-Type: text/html; charset=utf-8"
        await asked.say(b"HTTP/1.1 200 OK\r\n" + kind + b"\r\n\r\n" + body)

    return script


def test_g20_a_page_cut_with_its_connection_is_stored_flagged_and_no_edit(tmp_path: Path) -> None:
    whole = STORY.format(charset="utf-8").encode()
    # Between two elements, so that only the missing end of the page tells.
    cut = whole[: whole.index(LINES[2].encode()) - len("<p>")]
    # What omits the end tags that may be omitted, and was cut where it hardly shows.
    bare = f"<title>渡轮模型公开</title><h1>渡轮模型公开</h1><p>{LINES[0]}".encode()
    with Server({}) as server:
        answers = [closing(whole), closing(cut), closing(bare), closing(whole)]
        assert outcomes(tmp_path, server, answers) == [
            ("kept", "new"), ("failed", "truncated"), ("rejected", "shrunk"),
            ("unchanged", "same_text"),
        ]  # fmt: skip
        assert_whole(tmp_path, server)
        found = rows(tmp_path, server)
        assert [row.close_delimited for row in found] == [True] * 4
        with Archive(tmp_path, create=False) as archive:
            assert [archive.body(row.body) for row in found[1:3]] == [cut, bare], "all is stored"


def test_g20_what_has_an_end_is_not_flagged(tmp_path: Path) -> None:
    body = STORY.format(charset="utf-8").encode()
    packed = gzip.compress(body)
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
    with Server({}) as server:
        answers: list[Script] = [
            reply(body, Content_Type="text/html; charset=utf-8"),
            head + b"Transfer-Encoding: chunked\r\n\r\n" + chunked,
            head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed,
        ]
        outcomes(tmp_path, server, answers)
        assert [row.close_delimited for row in rows(tmp_path, server)] == [False] * 3


def test_g34_an_encoding_that_flaps_is_no_edit(tmp_path: Path) -> None:
    answers: list[Script] = [
        story("utf-8", declared=True),
        story("gb18030", declared=True),
        story("gbk", declared=False),
        story("utf-8", declared=False, packed=True),
        story("gb2312", declared=False, packed=True),
        story("utf-8", declared=True),
    ]
    with Server({}) as server:
        found = outcomes(tmp_path, server, answers)
        assert [outcome for outcome, _ in found] == ["kept"] + ["unchanged"] * 5
        assert_whole(tmp_path, server)


WALLS: dict[str, tuple[Script, str]] = {
    "challenge": (
        reply("<title>Just a moment...</title><h1>news.example</h1><p>Checking your browser "
              "first.</p><script src='/cdn-cgi/challenge-platform/h/b/o.js'></script>"),
        "challenge",
    ),
    "challenge, 403": (
        reply("<title>Just a moment...</title><p>Wait.</p>", 403, Cf_Mitigated="challenge"),
        "challenge",
    ),
    "challenge, script only": (
        reply("<html><script>document.cookie='a='+1;location.reload()</script></html>", 412),
        "challenge",
    ),
    "captcha": (
        reply("<meta charset=utf-8><title>安全验证</title><p>请完成验证，拖动滑块完成拼图。</p>"),
        "challenge",
    ),
    "too many": (
        reply("<meta charset=utf-8><title>提示</title><p>您的访问过于频繁，请稍后再试。</p>"),
        "challenge",
    ),
    "consent": (
        reply("<title>Before you continue</title><p>We and our 812 partners store and access "
              "information on a device. Accept all or manage your choices.</p>"),
        "consent",
    ),
    "pay wall": (
        reply(f"<meta charset=utf-8><title>渡轮模型公开</title><h1>渡轮模型公开</h1>"
              f"<p>{LINES[0]}</p><div>本文为付费内容，订阅后可继续阅读全文。</div>"),
        "paywall",
    ),
    "log-in wall": (
        reply("<title>Log in to continue</title><form><input type=password></form>"), "login_wall"
    ),
    "soft 404": (
        reply("<meta charset=utf-8><title>页面不存在</title><p>抱歉，您访问的页面不存在。</p>"),
        "soft_404",
    ),
    "front page": (
        b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "soft_404"
    ),
    "removed": (
        reply("<meta charset=utf-8><title></title><p>该内容已被发布者删除</p>"), "gone"
    ),
    "maintenance": (
        reply("<title>Scheduled maintenance</title><p>We will be back soon.</p>"), "error_page"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WALLS)
def test_g51_a_wall_after_a_good_version_is_quarantined(name: str, tmp_path: Path) -> None:
    wall, kind = WALLS[name]
    with Server({}) as server:
        assert [reason for _, reason in outcomes(tmp_path, server, [story(), wall])] == [
            "new",
            kind,
        ]
        assert_whole(tmp_path, server)
        good, bad = rows(tmp_path, server)
        assert (good.error_class, bad.error_class) == ("ok", kind)
        assert bad.version is None
        assert bad.evidence, "what was seen is stored"
        with Archive(tmp_path, create=False) as archive:
            assert archive.body(bad.body), "the quarantined page is kept"
            assert archive.find(server.url(PLACE)).state == "live"


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
        assert "allows no requests" in said
        assert [asked.path for asked in server.asked] == ["/robots.txt", "/busy"]
        # Another host is not concerned.
        scraper(server.url("/story", "other.localhost"))
        assert server.paths("other")[0] == "/story"
        # A third one: the first host rests, and so do redirects that lead to it.
        server.routes["other.localhost/to"] = reply("", 302, Location=server.url("/story"))

        async def run() -> list[str]:
            settings = settings_for(server.port)
            config = replace(load_config(), fetch=settings)
            archive = tmp_path / "archive"
            async with (
                Pipeline(config, open_archive=lambda: Archive(archive)) as pipeline,
                Client(settings) as client,
                unharmed(client),
            ):
                urls = [server.url("/to", "other.localhost"), server.url("/story")]
                return [one.recorded.reason async for one in pipeline.fetch(urls)]

        assert asyncio.run(run()) == ["rate_limited", "rate_limited"]
        assert server.paths("127.0.0.1") == ["/busy"]
        assert sum(asked.path == "/robots.txt" for asked in server.asked) == 2
