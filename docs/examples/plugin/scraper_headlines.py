"""A plugin with one of each: a format of export, a kind of source, a sink, a verdict rule."""

import json
from pathlib import Path

from scraper.exchange.formats import ExportFormat
from scraper.plugins import SinkKind, SourceReader, VerdictRule, hookimpl


def write(chosen, out):
    for article in chosen:
        out.write(f"{article.row.title}  {article.row.url}\n".encode("utf-8", "replace"))


def read(body, url):
    return [{"url": one["link"], "title": one["name"]} for one in json.loads(body)]


def send(url, message):
    with Path(url).open("a", encoding="utf-8") as file:
        file.write(message["text"] + "\n")


def judge(page):
    return ("listing", "its headline says so") if page.title.startswith("Index:") else None


about = {"suffixes": (".headlines",), "to": "stream", "summary": "a line for each article"}
export_formats = hookimpl(lambda: [ExportFormat(name="headlines", write=write, **about)])
source_readers = hookimpl(lambda: [SourceReader(name="json-list", read=read)])
alert_sinks = hookimpl(lambda: [SinkKind(name="file", send=send)])
verdict_rules = hookimpl(lambda: [VerdictRule(name="index-pages", judge=judge)])
