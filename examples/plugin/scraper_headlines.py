"""A plugin: `scraper export --format headlines` writes a line for each article."""

from scraper.exchange.formats import Chosen, ExportFormat
from scraper.plugins import hookimpl


def write(chosen: Chosen, out) -> None:
    for article in chosen:
        row = article.row
        day = (row.published or row.first_seen_at).strftime("%Y-%m-%d")
        out.write(f"{day}  {row.title}  {row.url}\n".encode("utf-8", "replace"))


@hookimpl
def export_formats():
    return [
        ExportFormat(name="headlines", suffixes=(".headlines",), to="stream", write=write,
                     summary="a line for each article")
    ]  # fmt: skip
