"""Pictures of the pages of the browser, in a real one: ``python -m tests.screenshots DIR``.

The demo's newsroom fills an archive unless ``--archive`` names one; each page is drawn 1280 and 390
pixels wide, in light and in dark. Exits with 1 where a page is wider than its screen, writes an
error to its console, or asks another host for something.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

from scraper.browse import serve

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
# Name of each picture, and the path of its page, with the numbers that `numbers` finds.
PAGES = {
    "front": "/",
    "story": "/-/story/{story}",
    "stories": "/-/stories",
    "article": "/-/article/{article}",
    "diff": "/-/article/{article}/diff",
    "raw": "/-/article/{article}/raw/1/look",
    "changes": "/-/changes?kind=edits",
    "search": "/-/search?q=%E9%96%8B%E6%BA%90",
    "names": "/-/names",
    "name": "/-/name/{name}",
    "contradictions": "/-/contradictions",
    "coverage": "/-/coverage",
    "sources": "/-/sources",
    "drift": "/-/drift",
}
README_PICTURES: dict[str, Literal["light", "dark"]] = {
    "front": "light", "story": "light", "diff": "light", "article": "dark",
}  # fmt: skip


@contextmanager
def serving(archive: Path) -> Iterator[str]:
    """Serve an archive in a thread and yield its address."""
    ready, found = threading.Event(), []

    def on_ready(url: str) -> None:
        found.append(url)
        ready.set()

    thread = threading.Thread(
        target=serve, args=(archive,), kwargs={"port": 0, "on_ready": on_ready}, daemon=True
    )
    thread.start()
    if not ready.wait(60):
        raise TimeoutError("the browser's server did not start")
    yield found[0].rstrip("/")


def demo(folder: Path) -> Path:
    """Fill an archive from the demo's newsroom and group its stories."""
    run = [sys.executable, "-m", "scraper", "--archive", str(folder)]
    subprocess.run([*run, "demo", "--collect", "--port", "0"], check=True, capture_output=True)
    subprocess.run([*run, "stories"], check=True, capture_output=True)
    return folder


def numbers(archive: Path) -> dict[str, int]:
    """Return the numbers of an edited article in Simplified Chinese, its story, and a name."""
    with closing(sqlite3.connect(f"file:{archive / 'archive.db'}?mode=ro", uri=True)) as db:
        article, story = db.execute(
            "select a.id, m.story_id from articles a join story_members m on m.article_id = a.id"
            " where a.version_count > 1 and a.script = 'Hans' order by a.id limit 1"
        ).fetchone()
        (name,) = db.execute(
            "select entity_id from mentions group by 1 order by count(*) desc, 1 limit 1"
        ).fetchone()
    return {"article": article, "story": story, "name": name}


def watched(page: Page, root: str) -> list[str]:
    """Return a list that fills with what a page must not do."""
    found: list[str] = []
    page.on("console", lambda m: found.append(f"console: {m.text}") if m.type == "error" else None)
    page.on("pageerror", lambda e: found.append(f"script: {e}"))
    page.on(
        "request",
        lambda r: None if r.url.startswith((root, "data:")) else found.append(f"asks {r.url}"),
    )
    return found


def too_wide(page: Page) -> int:
    """Return by how many pixels a page is wider than its screen."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def _readme(browser: Browser, root: str, folder: Path, known: dict[str, int]) -> None:
    for picture, scheme in README_PICTURES.items():
        context = browser.new_context(viewport={"width": 1200, "height": 820}, color_scheme=scheme)
        page = context.new_page()
        page.goto(root + PAGES[picture].format(**known), wait_until="networkidle")
        page.screenshot(path=folder / f"{picture}.png")
        context.close()


def main() -> None:
    """Draw the pages; the exit code is 1 when one of them is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--archive", type=Path, help="archive that is shown")
    parser.add_argument("--readme", action="store_true", help="the four pictures of README.md only")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        archive = options.archive or demo(Path(name) / "archive")
        known, wrong = numbers(archive), 0
        with serving(archive) as root:
            browser = playwright.chromium.launch(
                executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
            )
            if options.readme:
                _readme(browser, root, options.folder, known)
            for scheme in () if options.readme else SCHEMES:
                for width in WIDTHS:
                    context = browser.new_context(
                        viewport={"width": width, "height": 900}, color_scheme=scheme
                    )
                    page = context.new_page()
                    found = watched(page, root)
                    for picture, path in PAGES.items():
                        page.goto(root + path.format(**known), wait_until="networkidle")
                        if (over := too_wide(page)) > 0:
                            found.append(f"{over} px wider than {width}")
                        page.screenshot(
                            path=options.folder / f"{picture}-{width}-{scheme}.png", full_page=True
                        )
                        for what in found:
                            print(f"{path} at {width}, {scheme}: {what}")
                        wrong += len(found)
                        found.clear()
                    context.close()
            browser.close()
    if options.readme:
        return
    print(f"{len(PAGES) * len(WIDTHS) * len(SCHEMES)} pictures, {wrong} things wrong")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
