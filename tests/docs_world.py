"""What the commands of README and docs speak of: the sites behind their addresses, and their files.

https://example.com and other outlets answer as sites do; what is captured, saved, exported and
indexed is made of the same pages. All of it is written by us; days are counted back from today.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from scraper.models import Source
from tests.gauntlet.server import Asked, Script, reply

__all__ = [
    "LATE_ADDRESS", "SPRING", "captures_server", "crawl_objects", "lay", "routes", "seed",
    "sources_file",
]  # fmt: skip

# The same in all processes of a test, so that what one lays is what another serves.
NOW = datetime.fromisoformat(
    os.environ.setdefault("DOCS_WORLD_NOW", datetime.now(UTC).isoformat(timespec="seconds"))
)
# Before this day nothing happened lately: parts are sealed a month later at the soonest.
SPRING = NOW - timedelta(days=40)
# The year of the last new year that is a month ago.
_YEAR = (NOW - timedelta(days=31)).year


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An article of a site.

    Attributes:
        url: where it stands.
        outlet, title, author, language: as its page tells them.
        published: when.
        texts: its paragraphs, the latest last, each with how many days ago it was captured; what
            was captured first may be another text.
    """

    url: str
    outlet: str
    title: str
    author: str
    published: datetime
    texts: tuple[tuple[float, tuple[str, ...]], ...]
    language: str = "en"

    def page(self, number: int = -1) -> str:
        """Return its page, in one of its texts."""
        told = "".join(f"<p>{escape(line, quote=False)}</p>\n" for line in self.texts[number][1])
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f"<title>{self.title} - {self.outlet}</title>"
            f'<meta property="og:site_name" content="{self.outlet}">'
            f'<meta property="og:title" content="{self.title}">'
            f'<meta name="author" content="{self.author}">'
            f'<meta property="article:published_time" content="{self.published.isoformat()}">'
            f'</head><body><header><a href="/">{self.outlet}</a></header><main><article>'
            f"<h1>{self.title}</h1>\n{told}</article></main></body></html>"
        )


def _ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def _cost(millions: str, said: str, *more: str) -> tuple[str, ...]:
    return (
        f"DeepSeek put the training cost of DeepSeek-V3 at {millions} million dollars on Monday,"
        " and opened the weights of the model under the MIT licence.",
        "The figure covers the rent of the accelerators for the last run. It leaves out the"
        " salaries of the team and the experiments of the two years before it.",
        f"“{said},” Sam Altman said in Port Elin, where he spoke to an audience of engineers.",
        "DeepSeek-V3 has 671 billion parameters, of which 37 billion are active for each token. The"
        " harbour library keeps a copy of the weights and of the training diary.",
        *more,
    )


_THE_STORY = Piece(
    url="https://example.com/story",
    outlet="Example News",
    title="DeepSeek opens the weights of DeepSeek-V3 and tells what its training cost",
    author="Mara Lindqvist",
    published=_ago(3.2),
    texts=(
        (3.0, _cost("4.6", "We will open a model of our own before the end of the summer")),
        (
            1.2,
            _cost(
                "5.6",
                "We will open a model of our own before the end of the winter",
                "Correction: an earlier version of this article gave the training cost as 4.6"
                " million dollars. It is 5.6 million.",
            ),
        ),
    ),
)
_OTHERS = (
    Piece(
        url="https://courier.example/deepseek-v3-cost",
        outlet="Port Elin Courier",
        title="What DeepSeek-V3 cost to train: DeepSeek gives a figure and opens the weights",
        author="Ines Okafor",
        published=_ago(3.1),
        texts=(
            (
                2.9,
                (
                    "DeepSeek said on Monday that the training cost of DeepSeek-V3 was 5.6 million"
                    " dollars, and opened the weights of the model under the MIT licence.",
                    "The sum pays for the accelerators of the last run alone, the company said;"
                    " salaries and earlier experiments come on top of it.",
                    "DeepSeek-V3 has 671 billion parameters, 37 billion of them active for each"
                    " token. In Port Elin, Sam Altman told engineers that OpenAI would answer with"
                    " an open model.",
                    "The harbour board wants to try the model for its timetable within a month.",
                ),
            ),
        ),
    ),
    Piece(
        url="https://post.example/2/deepseek-weights",
        outlet="Harbour Post",
        title="DeepSeek-V3 weights are open, and the training cost is known",
        author="Jonas Brandt",
        published=_ago(3.0),
        texts=(
            (
                2.8,
                (
                    "The weights of DeepSeek-V3 are open since Monday under the MIT licence, and"
                    " DeepSeek told their training cost: 5.6 million dollars.",
                    "That is the rent of accelerators for the last run of DeepSeek-V3. What the"
                    " team earned and what was tried before is not in it.",
                    "The model has 671 billion parameters; 37 billion work on each token. Sam"
                    " Altman, who was in Port Elin, announced an open model of OpenAI.",
                    "Readers of the Post asked whether the model runs on a machine at home. It does"
                    " not: the weights alone take more than 600 gigabytes.",
                ),
            ),
        ),
    ),
    Piece(
        url="https://verge.example/tablets",
        outlet="The Verge",
        title="A tablet that runs open models without the cloud",
        author="Tess Moreau",
        published=_ago(2.0),
        texts=(
            (
                1.9,
                (
                    "A maker in Port Elin showed a tablet on Tuesday that runs Llama and Qwen"
                    " models with open weights, without the cloud.",
                    "It answers in two seconds and lasts a day, in our short trial of a prototype.",
                    "The price is not known. The maker speaks of less than a thousand dollars, and"
                    " of a shop in the harbour that will sell it in spring.",
                ),
            ),
        ),
    ),
    Piece(
        url="https://kr.example/p/101",
        outlet="36氪",
        title="通义千问开放新模型权重，开发者可在本地部署",
        author="沈知行",
        published=_ago(2.5),
        language="zh-Hans",
        texts=(
            (
                2.4,
                (
                    "通义千问团队周二宣布，开放新一代模型Qwen3的全部权重，开发者可以下载后在本地部署，并用于商业产品。",
                    "团队负责人在说明会上表示，新模型采用Apache 2.0许可协议，"
                    "训练数据的处理脚本也会在年底之前公开。",
                    "江州一家图书馆已经用这一模型整理旧报纸。馆员说，开源模型让小机构也能负担得起这样的工作。",
                ),
            ),
        ),
    ),
)


def _resting(path: str, at: datetime, title: str, *lines: str) -> Piece:
    """Return an article of Example News on which nothing happens any more."""
    return Piece(
        url=f"https://example.com/{at.year}/{path}",
        outlet="Example News",
        title=title,
        author="Mara Lindqvist",
        published=at,
        texts=(((NOW - at) / timedelta(days=1), lines),),
    )


_RESTING = (
    _resting(
        "registry-letters",
        datetime(_YEAR - 2, 3, 4, 8, tzinfo=UTC),
        "Nordhaven has its letters drafted by a model with open weights",
        "The registry of Nordhaven lets a language model with open weights draft its letters, the"
        " mayor said on Thursday. The trial takes six weeks.",
        "Two clerks read what the model writes before it is sent. The town paid eleven thousand"
        " dollars for the machine, which stands in the cellar of the town hall.",
        "Nobody in Nordhaven has complained of a letter yet, says the registrar, Pia Holm.",
    ),
    _resting(
        "grain-prices",
        datetime(_YEAR - 1, 2, 5, 8, tzinfo=UTC),
        "Farmers near Grauburg read grain prices from an open model",
        "Forty farmers near Grauburg ask a Qwen model on a shared computer when to sell their"
        " wheat. Their cooperative feeds it with prices of the last ten years.",
        "A dealer at the exchange doubts that it helps: whoever knows the weather knows as much,"
        " he says, and all of them sell on the same day now.",
        "The cooperative publishes what the model advised, and what came of it, every month.",
    ),
    _resting(
        "school-radio",
        datetime(_YEAR - 1, 11, 6, 8, tzinfo=UTC),
        "Pupils of Elmsund build a radio play with Llama",
        "A class of thirteen-year-olds in Elmsund had Llama write the villains of a radio play, and"
        " wrote the heroes themselves. The play was on the air on Sunday evening.",
        "The villains were too polite at first, says their teacher. The class learned to rewrite"
        " questions until the pirates swore.",
        "A recording goes to the museum of the town, with all drafts.",
    ),
    _resting(
        "bridge-toll",
        _ago(60),
        "Ostmark counts cars on its bridge with open software",
        "The bridge of Ostmark charges its toll by a camera and an open-source model since last"
        " week. Three of a hundred plates are misread, the ministry of transport said.",
        "Drivers whose plate is misread pay nothing. Somebody looks at each such picture, and the"
        " corrected pictures are published for others to train with.",
        "The former contractor has gone to court, since its cameras were taken down early.",
    ),
)

_PIECES = (_THE_STORY, *_OTHERS, *_RESTING)
# An article that nobody has captured or listed yet.
_LATE = _resting(
    "late",
    _ago(0.1),
    "Ferries of Port Elin sail by a timetable that Qwen wrote",
    "The ferries of Port Elin sail since this morning by a timetable that a Qwen model drew up from"
    " ten years of delays. The harbour board had asked for it in autumn.",
    "Two crossings a day are gone, and three in the evening are new. Captains looked through all of"
    " it for a week and moved four departures by hand.",
    "Passengers may complain until Friday; whatever they write is read by people.",
)
LATE_ADDRESS = _LATE.url
# Sites besides example.com that a reader watches, by the name of their source.
_SOURCES = {"courier": 0, "post": 1, "verge": 2, "kr": 3}


def sources_file() -> str:
    """Return blocks of sources.toml for the sites besides example.com."""
    return "".join(
        f'\n[[source]]\nname = "{name}"\nkind = "feed"\nurl = "{_site(_OTHERS[at])}feed.xml"\n'
        f'outlet = "{_OTHERS[at].outlet}"\n'
        for name, at in _SOURCES.items()
    )


def _site(piece: Piece) -> str:
    parts = urlsplit(piece.url)
    return f"{parts.scheme}://{parts.netloc}/"


def _feed(site: str, outlet: str, entries: Sequence[tuple[str, str, datetime]]) -> bytes:
    items = "".join(
        f"<item><title>{escape(title)}</title><link>{url}</link>"
        f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate></item>"
        for url, title, at in entries
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{outlet}</title><link>{site}</link><description>.</description>{items}"
        "</channel></rss>"
    )
    return reply(text, Content_Type="application/rss+xml")


def _sitemap(entries: Sequence[tuple[str, datetime]]) -> bytes:
    urls = "".join(
        f"<url><loc>{url}</loc><lastmod>{at.date().isoformat()}</lastmod></url>"
        for url, at in entries
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'
    )
    return reply(text, Content_Type="application/xml")


def _front(outlet: str, feed: str, links: Sequence[tuple[str, str]]) -> bytes:
    listed = "".join(f'<li><h3><a href="{url}">{title}</a></h3></li>' for url, title in links)
    return reply(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{outlet}</title>'
        f'<meta property="og:site_name" content="{outlet}">'
        f'<link rel="alternate" type="application/rss+xml" href="{feed}"></head>'
        f"<body><h1>{outlet}</h1><ul>{listed}</ul></body></html>",
        Content_Type="text/html; charset=utf-8",
    )


def _html(page: str) -> bytes:
    return reply(page, Content_Type="text/html; charset=utf-8")


def routes(catalogue: Sequence[Source]) -> dict[str, Script]:
    """Return what the sites answer, by host and path.

    Args:
        catalogue: sources of the shipped catalogue, each of which gets a list of one article.
    """
    found: dict[str, Script] = {}
    for piece in (*_PIECES, _LATE):
        parts = urlsplit(piece.url)
        found[parts.netloc + parts.path] = _html(piece.page())
    for piece in _OTHERS:
        host, entry = urlsplit(piece.url).netloc, (piece.url, piece.title, piece.published)
        found[f"{host}/feed.xml"] = _feed(_site(piece), piece.outlet, [entry])
        found[f"{host}/"] = _front(piece.outlet, "/feed.xml", [entry[:2]])
    story, *old = (_THE_STORY, *_RESTING)
    entry = (story.url, story.title, story.published)
    for place in ("/", "/tech/"):
        found[f"example.com{place}"] = _front("Example News", f"{place}feed.xml", [entry[:2]])
        found[f"example.com{place}feed.xml"] = _feed(
            "https://example.com/", "Example News", [entry]
        )
    found["example.com/robots.txt"] = reply(
        "User-agent: *\nAllow: /\nSitemap: https://example.com/sitemap.xml\n",
        Content_Type="text/plain",
    )
    found["example.com/sitemap.xml"] = _sitemap([(one.url, one.published) for one in old])
    for number, source in enumerate(catalogue):
        found |= _known_site(source, number)
    return found


def _known_site(source: Source, number: int) -> dict[str, Script]:
    """Return what the site of a source of the catalogue answers: a list, and its article."""
    parts = urlsplit(source.url)
    url = f"https://{parts.netloc}/news/town-number-{number}-tries-a-model-with-open-weights"
    piece = Piece(
        url=url,
        outlet=source.outlet,
        title=f"Town number {number} tries a model with open weights",
        author="",
        published=_ago(1),
        texts=((1, _RESTING[number % len(_RESTING)].texts[0][1]),),
    )
    listed: dict[str, Script] = {
        "feed": _feed(url, source.outlet, [(url, piece.title, _ago(1))]),
        "listing": _front(source.outlet, "/no-feed.xml", [(url, piece.title)]),
        "sitemap": _sitemap([(url, _ago(1))]),
    }
    place = parts.path + (f"?{parts.query}" if parts.query else "")
    return {
        parts.netloc + place: listed[source.kind],
        parts.netloc + urlsplit(url).path: _html(piece.page()),
    }


@dataclass(frozen=True, slots=True)
class _Capture:
    url: str
    at: datetime
    body: bytes

    @property
    def stamp(self) -> str:
        return f"{self.at:%Y%m%d%H%M%S}"

    def record(self) -> bytes:
        """Return it as a gzipped WARC record."""
        block = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
            + f"Content-Length: {len(self.body)}\r\n\r\n".encode()
            + self.body
        )
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {self.url}\r\n"
            f"WARC-Date: {self.at:%Y-%m-%dT%H:%M:%SZ}\r\nWARC-Record-ID: <urn:x:{self.stamp}>\r\n"
            f"Content-Type: application/http\r\nContent-Length: {len(block)}\r\n\r\n"
        )
        return gzip.compress(head.encode() + block + b"\r\n\r\n")


def _captures() -> list[_Capture]:
    return [
        _Capture(piece.url, _ago(days), piece.page(number).encode())
        for piece in _PIECES
        for number, (days, _) in enumerate(piece.texts)
    ]


def captures_server() -> Script:
    """Return a script that answers as the CDX and replay server of a web archive does."""
    captured = {(one.stamp, one.url): one for one in _captures()}

    async def answer(asked: Asked) -> None:
        parts = urlsplit(asked.path)
        if parts.path == "/coll/cdx":
            query = {key: value[0] for key, value in parse_qs(parts.query).items()}
            lines = [
                json.dumps({"urlkey": "x", "timestamp": stamp, "url": url, "mime": "text/html",
                            "status": "200", "digest": f"sha1:{stamp}"})
                for stamp, url in captured
                if query["from"] <= stamp < query["to"] and url.startswith("https://example.com/")
            ]  # fmt: skip
            await asked.say(reply("\n".join(lines), Content_Type="text/x-ndjson"))
            return
        stamp, _, url = asked.path.removeprefix("/coll/").partition("id_/")
        one = captured.get((stamp, url))
        await asked.say(reply("", 404) if one is None else reply(one.body))

    return answer


def seed(path: Path) -> None:
    """Write the captures of all pieces as one WARC file."""
    path.write_bytes(b"".join(one.record() for one in _captures()))


def crawl_objects() -> dict[str, bytes]:
    """Return the same captures as two WARC files, by name."""
    records = [one.record() for one in _captures()]
    return {"a.warc.gz": b"".join(records[::2]), "b.warc.gz": b"".join(records[1::2])}


def _lay_crawl(path: Path) -> None:
    path.mkdir()
    for name, body in crawl_objects().items():
        (path / name).write_bytes(body)


def _lay_indexed(path: Path) -> None:
    (path / "archive").mkdir(parents=True)
    (path / "indexes").mkdir()
    lines, at = [], 0
    with (path / "archive" / "a.warc.gz").open("wb") as file:
        for one in _captures():
            told = {"url": one.url, "mime": "text/html", "status": "200", "digest": one.stamp,
                    "offset": str(at), "filename": "a.warc.gz"}  # fmt: skip
            lines.append(f"x {one.stamp} {json.dumps(told)}")
            at += file.write(one.record())
    (path / "indexes" / "index.cdxj").write_text("\n".join(sorted(lines)) + "\n")


def _lay_saved(path: Path) -> None:
    path.mkdir()
    for number, piece in enumerate(_RESTING[:2]):
        mark = f"<!-- saved from url=(0040){piece.url}-saved -->\n"
        (path / f"{number}.html").write_text(mark + piece.page(), encoding="utf-8")


def _lay_pocket(path: Path) -> None:
    at = int(_ago(5).timestamp())
    lines = ["title,url,time_added,tags,status"]
    lines += [f"{piece.outlet},{piece.url},{at},,unread" for piece in _OTHERS[:2]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _lay_opml(path: Path) -> None:
    outlines = "".join(
        f'<outline type="rss" text="{escape(piece.outlet)}" xmlUrl="{_site(piece)}feed.xml"/>'
        for piece in _OTHERS[:2]
    )
    path.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>', encoding="utf-8")


def _lay_page(path: Path) -> None:
    path.write_text(_THE_STORY.page(), encoding="utf-8")


_FILES: dict[str, Callable[[Path], None]] = {
    "crawl.warc.gz": seed,
    "crawl-2025-12.warc.gz": seed,
    "crawl/": _lay_crawl,
    "crawls/": _lay_indexed,
    "saved-pages/": _lay_saved,
    "saved.html": _lay_page,
    "pocket.csv": _lay_pocket,
    "subscriptions.opml": _lay_opml,
}


def lay(words: str, folder: Path) -> None:
    """Lay what a reader has in the folder, and a command names, where it is not there yet."""
    for name, make in _FILES.items():
        path = folder / name
        named = any(word.startswith(name) for word in words.split())
        if named and not path.exists():
            make(path)
