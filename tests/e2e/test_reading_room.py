"""The pages for readers in a real browser: the way through them, also by keyboard; axe's rules."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.archive import Archive
from tests.screenshots import BROWSER, PAGES, demo, numbers, serving, too_wide, watched

pytestmark = [
    pytest.mark.skipif(
        not BROWSER or importlib.util.find_spec("playwright") is None,
        reason="needs Chromium and the package playwright",
    ),
    pytest.mark.timeout(300),
    pytest.mark.alone,
]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's archive."""
    return demo(tmp_path_factory.mktemp("demo") / "archive")


@pytest.fixture(scope="module")
def root(archive: Path) -> Iterator[str]:
    """The address of the demo's archive."""
    with serving(archive) as found:
        yield found


@pytest.fixture(scope="module")
def paths(archive: Path) -> dict[str, str]:
    """The path of each page: the numbers of articles depend on which was fetched first."""
    known = numbers(archive)
    return {name: path.format(**known) for name, path in PAGES.items()}


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, root):  # type: ignore[no-untyped-def]
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    found = watched(opened, root)
    yield opened
    context.close()
    assert found == []


def follow(page, name: str) -> None:  # type: ignore[no-untyped-def]
    """Follow the first link of a name."""
    page.get_by_role("link", name=name).first.click()
    page.wait_for_load_state("load")


def test_from_the_front_page_to_who_contradicts_whom(page, root: str) -> None:  # type: ignore[no-untyped-def]
    page.goto(root)
    page.locator(".item", has_text="零界智能开放").locator(".story-badge").first.click()
    assert "/-/story/" in page.url
    assert page.get_by_text("First to report").is_visible()
    page.locator(".timeline .headline a").first.click()
    assert "/-/article/" in page.url
    follow(page, "what changed")
    assert page.url.endswith("/diff") and page.locator("ins").count()
    page.get_by_role("searchbox").first.fill("開源模型")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/search?**")
    assert "开源模型" in page.locator("ol.hits").inner_text(), "Simplified is found as well"
    follow(page, "Names")
    follow(page, "渡口")
    assert page.get_by_text("contradicted").count() or page.get_by_text("Corrected").count()
    follow(page, "Names")
    follow(page, "Who contradicts whom")
    assert page.get_by_role("heading", name="Contradictions").is_visible()


def test_keys_lead_from_change_to_change(page, root: str, archive: Path) -> None:  # type: ignore[no-untyped-def]
    """Only where there are several, and not while one types."""
    with Archive(archive, readonly=True) as opened:
        edited = [change.article_id for change in opened.changes() if change.kind == "edited"]
    for article in edited:
        page.goto(f"{root}/-/article/{article}/diff")
        if page.locator(".jumps a").count() > 1:
            break
    focused = "document.activeElement.id"
    first, second = (
        page.locator(".jumps a").nth(n).get_attribute("href").removeprefix("#") for n in (0, 1)
    )
    assert page.get_by_text("next", exact=False).first.is_visible()
    for key, place in (("n", first), ("n", second), ("p", first), ("p", first)):
        page.keyboard.press(key)
        assert page.evaluate(focused) == place
    assert page.url.endswith(f"#{first}")
    page.locator(f"#{first}").evaluate("e => e.scrollIntoView()")
    page.get_by_role("searchbox").first.focus()
    page.keyboard.type("pun")
    assert page.get_by_role("searchbox").first.input_value() == "pun"
    assert page.url.endswith(f"#{first}")


def focus(page, text: str, *, key: str = "Tab", most: int = 160) -> None:  # type: ignore[no-untyped-def]
    """Press Tab until a link or control with a text, or a name, has the focus."""
    shown = "e => (e.innerText || '') + (e.getAttribute('aria-label') || '')"
    for _ in range(most):
        page.keyboard.press(key)
        if text in page.evaluate(f"({shown})(document.activeElement)"):
            return
    raise AssertionError(f"no {key} reaches {text!r} on {page.url}")


def enter(page, text: str, then: str) -> None:  # type: ignore[no-untyped-def]
    """Follow a link by keyboard, to an address of a form."""
    focus(page, text)
    page.keyboard.press("Enter")
    page.wait_for_url(then)


def test_the_same_way_by_keyboard_alone(page, root: str) -> None:  # type: ignore[no-untyped-def]
    page.goto(root)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "Skip to content"
    # The story that both languages tell.
    enter(page, "story of 3", "**/-/story/*")
    enter(page, "零界智能开放", "**/-/article/*")
    enter(page, "what changed", "**/diff*")
    focus(page, "Quote this change")
    page.keyboard.press("Enter")
    quoted = page.locator("details.cite[open] .citation")
    assert quoted.first.is_visible() and "640" in "".join(quoted.all_inner_texts())
    focus(page, "Search the archive", key="Shift+Tab")
    page.keyboard.insert_text("開源模型")
    page.keyboard.press("Enter")
    page.wait_for_url("**/-/search?**")
    assert "开源模型" in page.locator("ol.hits").inner_text(), "Simplified is found as well"
    enter(page, "Names", "**/-/names")
    enter(page, "渡口", "**/-/name/*")
    assert page.get_by_text("contradicted").count() or page.get_by_text("Corrected").count()
    enter(page, "Names", "**/-/names")
    enter(page, "Who contradicts whom", "**/-/contradictions")


def test_a_printed_article_is_its_text_alone(page, root: str, paths) -> None:  # type: ignore[no-untyped-def]
    page.goto(root + paths["article"])
    page.emulate_media(media="print")
    assert page.locator("article .text").is_visible()
    for part in (".top", ".foot", ".record", ".button", ".toggle"):
        assert not any(found.is_visible() for found in page.locator(part).all()), part


def test_paper_is_light_and_shows_what_was_added_without_colours(
    chromium, root: str, paths
) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(root + paths["diff"])
    style = "e => { const s = getComputedStyle(e); return [s.color, s.textDecorationLine] }"
    on_screen, _ = page.locator(".diff .equal").first.evaluate(style)
    page.emulate_media(media="print", color_scheme="dark")
    on_paper, _ = page.locator(".diff .equal").first.evaluate(style)
    red = [int(color.split("(")[1].split(",")[0]) for color in (on_screen, on_paper)]
    assert red[0] > 128 > red[1]
    assert page.locator(".diff ins").first.evaluate(style)[1] == "underline"
    assert page.locator(".diff del").first.evaluate(style)[1] == "line-through"
    assert not page.locator(".pick:visible, .jumps:visible").count()
    context.close()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_axe_finds_nothing_serious(chromium, root: str, paths, name: str) -> None:  # type: ignore[no-untyped-def]
    from axe_playwright_python.sync_playwright import Axe

    serious = []
    for scheme in ("light", "dark"):
        # The page's policy allows no script: axe runs in a context that bypasses it.
        context = chromium.new_context(
            viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True
        )
        page = context.new_page()
        page.goto(root + paths[name])
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page, options={"resultTypes": ["violations"], "iframes": False})
        serious += [
            (scheme, v["id"], v["nodes"][0]["html"][:200])
            for v in found.response["violations"]
            if v["impact"] in ("moderate", "serious", "critical")
        ]
        context.close()
    assert serious == []


def test_nothing_is_wider_than_a_narrow_screen(chromium, root: str, paths) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context(viewport={"width": 360, "height": 740})
    page = context.new_page()
    wide = {}
    for name, path in paths.items():
        page.goto(root + path)
        if (over := too_wide(page)) > 0:
            wide[name] = over
    context.close()
    assert wide == {}


def test_the_text_is_read_without_styles(chromium, root: str, paths) -> None:  # type: ignore[no-untyped-def]
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(root + paths["article"])
    seen = page.inner_text("body")
    context.close()
    parts = ["零界智能开放", "Version 2 of 2", "陶喆在说明会上表示", "Cite this version"]
    places = [seen.index(part) for part in parts]
    assert places == sorted(places)
