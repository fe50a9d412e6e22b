"""Whatever a reader types into an address: an answer with our headers, never a failure."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scraper.exchange.bundle import bundle_of
from tests.test_browse_pages import Browser, fill

PATHS = (
    "/", "/-/stories", "/-/story/{id}", "/-/story/{id}.atom", "/-/story/{id}.json",
    "/-/article/{id}",
    "/-/article/{id}.txt", "/-/article/{id}.zip", "/-/article/{id}.json", "/-/article/{id}.md",
    "/-/article/{id}/diff",
    "/-/article/{id}/raw/{id}", "/-/article/{id}/raw/{id}/look",
    "/-/article/{id}/raw/{id}/page", "/-/search", "/-/search.atom",
    "/-/search.json", "/-/changes", "/-/changes.atom", "/-/changes.json", "/-/names",
    "/-/names/weeks.svg", "/-/names/weeks.csv", "/-/name/{id}", "/-/name/{id}.atom",
    "/-/name/{id}.json", "/-/name/{id}/coverage.svg", "/-/name/{id}/coverage.csv",
    "/-/contradictions", "/-/drift", "/-/drift/page/{id}", "/-/drift/page/{id}/source",
    "/-/sources", "/-/coverage", "/-/coverage.json", "/-/outlet/{text}",
    "/archive", "/archive/articles", "/archive/articles/{id}", "/archive/article_list.csv",
    "/archive/changes.json", "/{text}",
)  # fmt: skip
NAMES = (
    "q", "offset", "order", "outlet", "versions", "version", "a", "b", "side", "grave", "cuts",
    "marks", "kind", "class", "severity", "by", "since", "until", "before", "lang", "topic",
    "changed", "gone", "_size", "_sort", "_next", "_facet", "_search", "_where", "_shape",
    "_labels", "sql",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "", "0", "-1", "1", "2", "3", "99999999999999999999", "1e9", "nan", "'", '"', "%00",
            "\x00", "*", "(", "zh", "edits", "2026-05-04", "2026-05-04T00:00:00Z.1", "lang:",
            "'; drop table articles--", "NEAR(a b)", "开源 OR", "-", 'title:"', "since:x",
            "<script>", "../../etc/passwd",
        ]
    ),
)  # fmt: skip
IDS = st.sampled_from(["0", "1", "2", "3", "4", "5", "6", "999999", "999999999999999", "x", "-1"])


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    folder: Path = tmp_path_factory.mktemp("archive")
    fill(folder)
    return Browser(folder, bundle=bundle_of)


# Datasette leaves coroutines of facets alone when the first of them fails.
@pytest.mark.filterwarnings(
    "ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@settings(
    max_examples=400, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(
    path=st.sampled_from(PATHS),
    number=IDS,
    text=TEXTS,
    query=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=4),
    cookie=st.one_of(st.just(""), st.text(alphabet="0123456789-;=abc", max_size=30)),
)
def test_no_address_of_ours_fails(
    browser: Browser, path: str, number: str, text: str, query: dict[str, str], cookie: str
) -> None:
    filled = path.replace("{id}", number).replace("{text}", quote(text, safe="") or "x")
    address = f"{filled}?{urlencode(query, errors='replace')}" if query else filled
    headers = {"cookie": f"scraper-visit={cookie}"} if cookie else {}
    answer = browser.get(address, headers=headers)
    assert answer.status_code < 500, address
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
