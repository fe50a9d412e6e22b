"""Stories: what articles are compared by, which text copies which, groups and who was first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scraper.stories.features import StoryFeatures, read_terms, weigh
from scraper.stories.glosses import gloss, segment
from scraper.stories.grouping import Join, group
from scraper.stories.incremental import (
    PendingArticle,
    compare,
    connected,
    describe,
    group_pairs,
    read_texts,
)
from scraper.stories.pairs import is_other_edition, measure
from scraper.stories.rarity import Rarity
from scraper.stories.relations import Relation, SourceText, credit_line, relate
from scraper.stories.signatures import overlap, shingles, sign
from scraper.stories.timeline import StoryArticle, first_report, is_order_known, lag, span_of
from scraper.stories.words import clean_headline, names, stem, words

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
REPORT = (
    "The harbour of Port Elin reopened on Monday after three weeks of repairs to its northern"
    " wall. More than forty ships had waited outside the bay, and some had turned back. The"
    " harbour master said that the wall would hold for another thirty years. Fishermen doubted"
    " it, and asked the council for a second survey before the winter storms begin."
)


def features(*articles: tuple[str, str]) -> list[StoryFeatures]:
    rarity, terms = Rarity(), [read_terms(title, text) for title, text in articles]
    for one in terms:
        rarity.add(one.counted())
    return [weigh(one, rarity) for one in terms]


def groups_of(*articles: tuple[str, str]) -> list[list[int]]:
    rarity, pending = Rarity(), []
    for number, reading in enumerate(read_texts(articles, embeddings=False)):
        rarity.add(reading.terms.counted())
        pending.append(PendingArticle(id=number, reading=reading))
    found = describe(pending, rarity)
    compared = [c for one in found for c in compare(one, found[one], found, embeddings=False)]
    return group_pairs(
        list(found),
        {c.pair: c.probability for c in compared},
        with_text={n for n, f in found.items() if f.has_text},
        vetoed={c.pair for c in compared if c.vetoed},
        embeddings=False,
    )


def source_text(number: int, text: str, *, outlet: str = "", **more: object) -> SourceText:
    values = {"title": "", "credited": "", "at": NOON + number * HOUR, **more}
    return SourceText(id=number, text=text, outlet=outlet or f"outlet {number}", **values)  # type: ignore[arg-type]


def story_article(number: int, **more: object) -> StoryArticle:
    values = {
        "outlet": f"outlet {number}", "title": "", "url": "", "language": "en", "script": "Latn",
        "credited": "", "published": NOON, "offset": 0, "seen": NOON + 6 * HOUR, "nearest": 0,
        "probability": 0.9, "measures": {}, **more,
    }  # fmt: skip
    return StoryArticle(id=number, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other"),
    [("launches", "launched"), ("company", "companies"), ("stopped", "stopping")],
)
def test_inflections_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_versions_keep_their_whole_word() -> None:
    assert "gpt-5.1" in set(words("openai releases gpt-5.1 for c++ users"))


def test_names_are_capitalised_within_a_sentence() -> None:
    found = names(
        "Ships waited while Maria Holt spoke. Later the council met; council members left."
    )
    assert {"maria", "holt"} <= set(found)
    assert "later" not in found


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("[分享] 开源模型发布新版本", "开源模型发布新版本"),
        ("Show HN: A form engine", "A form engine"),
        ("US lifts its ban on chips - The Ledger", "US lifts its ban on chips"),
        ("GPT-5 is here", "GPT-5 is here"),
    ],
)
def test_headline_loses_tags_and_outlet(title: str, clean: str) -> None:
    assert clean_headline(title) == clean


def test_chinese_words_are_glossed() -> None:
    assert segment("谷歌发布模型") == ["谷歌", "发布", "模型"]
    assert ("googl",) in gloss("谷歌").meanings
    assert gloss("谷歌").name
    assert not gloss("发布").name


def test_a_term_of_many_articles_is_less_rare() -> None:
    rarity = Rarity()
    for _ in range(50):
        rarity.add({"model"})
    rarity.add({"zeppelin"})
    assert rarity("zeppelin") > rarity("model")
    assert Rarity()(stem("company")) < Rarity()("zeppelin")


def test_features_survive_json() -> None:
    one, other = features(("谷歌发布 49 亿美元的计划", REPORT), ("Harbour reopens in 2026", REPORT))
    for each in (one, other):
        assert StoryFeatures.from_json(each.as_json(), None) == each


def test_both_languages_meet() -> None:
    english, chinese, apart = features(
        ("Google buys a battery maker for $490 million", ""),
        ("谷歌以4.9亿美元收购一家电池制造商", ""),
        ("Council delays the survey of the harbour", ""),
    )
    near, far = measure(english, chinese), measure(english, apart)
    assert near["pivot_title"] > far["pivot_title"] + 0.2
    assert near["figure_shared"] == 1.0


def test_both_scripts_are_one() -> None:
    simplified, traditional = features(("谷歌收购电池制造商", ""), ("谷歌收購電池製造商", ""))
    assert measure(simplified, traditional)["own_title"] == pytest.approx(1.0, abs=0.01)


def test_another_version_in_an_equal_headline_is_another_story() -> None:
    one, other, third = features(
        ("Kernel 6.0.9 is released for testing", ""),
        ("Kernel 6.0.10 is released for testing", ""),
        ("Kernel 6.0.9 is released", ""),
    )
    assert is_other_edition(one, other)
    assert not is_other_edition(one, third)


def test_reports_of_one_event_are_grouped_and_others_are_not() -> None:
    found = groups_of(
        ("Harbour of Port Elin reopens after repairs", REPORT),
        ("Port Elin harbour open again after three weeks", REPORT.replace("More than", "Over")),
        ("Parliament of Vesland elects Tomas Brek as speaker", "Tomas Brek won by two votes." * 5),
    )
    assert found == [[0, 1], [2]]


def test_groups_join_by_mean_and_maximum() -> None:
    def score(join: Join) -> float:
        return join.link

    pairs = {(1, 2): 0.9, (2, 3): 0.9, (1, 3): 0.9, (3, 4): 0.2}
    assert group([1, 2, 3, 4, 5], pairs, score) == [[1, 2, 3], [4], [5]]
    assert group([1, 2], {(1, 2): 0.9}, score, vetoed={(1, 2)}) == [[1], [2]]


def test_two_events_of_one_kind_are_looser_than_each_by_itself() -> None:
    seen: list[Join] = []

    def score(join: Join) -> float:
        seen.append(join)
        return join.link if len(join.left) * len(join.right) == 1 else -1.0

    group([1, 2, 3, 4], {(1, 2): 0.9, (3, 4): 0.8, (1, 3): 0.4, (2, 3): 0.4}, score)
    both = [j for j in seen if len(j.left) == len(j.right) == 2]
    assert both[-1].looser == pytest.approx(1 - 0.205 / 0.9)
    assert all(j.looser == 0.0 for j in seen if len(j.left) == 1 or len(j.right) == 1)


def test_a_story_does_not_depend_on_the_order_of_articles() -> None:
    pairs = {(1, 2): 0.9, (2, 3): 0.7, (1, 3): 0.6, (3, 4): 0.5, (4, 5): 0.95}
    first = group([1, 2, 3, 4, 5], pairs, lambda join: join.link)
    assert group([5, 3, 1, 4, 2], dict(reversed(pairs.items())), lambda join: join.link) == first


def test_signature_finds_a_copy_and_a_part() -> None:
    whole = " ".join(f"{REPORT} {number}" for number in range(3)) + " Nothing else was said." * 3
    copy = whole.replace("forty", "fifty")
    part = shingles(REPORT)
    for one, other in ((whole, copy), (whole, REPORT)):
        assert set(sign(shingles(one)).keys) & set(sign(shingles(other)).keys)
    assert overlap(part, shingles(whole)).containment > 0.95


def test_short_texts_have_no_shingles() -> None:
    assert shingles("no more than four") == set()


def test_a_copy_is_told_with_what_it_cut_and_added() -> None:
    cut = "Fishermen doubted it, and asked the council for a second survey before the winter"
    copy = REPORT[: REPORT.index(cut)] + "Our own reporter saw the first ship pass at dawn today."
    found = relate(source_text(2, copy + "\nSource: The Elin Post"), source_text(1, REPORT))
    assert found is not None
    assert (found.copy, found.original, found.kind) == (2, 1, "edited reprint")
    assert any(cut in sentence for sentence in found.cut)
    assert any("Our own reporter" in sentence for sentence in found.added)
    assert found.credit == "Source: The Elin Post"


def test_who_credits_the_other_is_the_copy() -> None:
    early = source_text(1, REPORT, outlet="Aggregator", credited="The Elin Post")
    late = source_text(2, REPORT, outlet="The Elin Post")
    found = relate(early, late)
    assert found is not None
    assert (found.copy, found.original) == (1, 2)


def test_the_other_script_is_told() -> None:
    simplified = (
        "这家公司宣布开放新模型的权重，允许任何人下载、修改并用于商业用途，业内对此议论纷纷。" * 2
    )
    traditional = (
        "這家公司宣布開放新模型的權重，允許任何人下載、修改並用於商業用途，業內對此議論紛紛。" * 2
    )
    found = relate(source_text(1, simplified), source_text(2, traditional))
    assert found is not None
    assert found.kind == "other script"


def test_other_texts_are_no_copies() -> None:
    assert relate(source_text(1, REPORT), source_text(2, "The council met again. " * 20)) is None


@pytest.mark.parametrize(
    "text",
    ["来源：新华社\n正文从这里开始。", "BRUSSELS (Reuters) - The council met.", "转载自某某周刊"],
)
def test_credit_lines_are_found(text: str) -> None:
    assert credit_line(text)


def test_a_day_without_an_hour_leaves_the_day_open() -> None:
    midnight = datetime(2026, 5, 4, tzinfo=UTC)
    day = story_article(1, published=midnight, seen=midnight + 30 * HOUR)
    exact = story_article(2, published=midnight + 9 * HOUR)
    assert span_of(day).until == midnight + 24 * HOUR
    found = first_report([day, exact])
    assert found.articles == (2, 1)
    assert (found.span.since, found.span.until) == (midnight, midnight + 9 * HOUR)


@pytest.mark.parametrize(
    ("copy", "known"),
    [
        ({"published": NOON + HOUR}, True),
        ({"published": NOON}, False),
        ({"published": None}, False),
        ({"published": None, "credited": "outlet 1"}, True),
    ],
)
def test_a_text_is_a_copy_by_its_credit_or_its_time(copy: dict[str, object], known: bool) -> None:
    articles = {1: story_article(1), 2: story_article(2, **copy)}
    relation = Relation(copy=2, original=1, kind="reprint", containment=1.0, jaccard=1.0)
    assert is_order_known(relation, articles) is known


def test_an_article_without_a_time_may_be_first() -> None:
    found = first_report([story_article(1, published=None), story_article(2)])
    assert found.articles == (2, 1)
    assert found.span.since is None


def test_lag_between_languages_is_bounded() -> None:
    english = story_article(1, published=NOON)
    chinese = story_article(2, language="zh", published=NOON + 3 * HOUR)
    found = lag([english, chinese])
    assert found is not None
    assert (found.first, found.least, found.most) == ("en", 3 * HOUR, 3 * HOUR)
    assert lag([english]) is None


def test_the_articles_most_bound_to_a_new_one_are_grouped_anew() -> None:
    def neighbours(article: int) -> list[tuple[int, float]]:
        # All are alike, and the nearer two numbers are, the more.
        return [(n, 1 - abs(n - article) / 2000) for n in range(0, 2000, 7)] + [
            (article + 1, 0.999)
        ]

    found = connected([700], neighbours)
    assert 700 in found and len(found) == 500
    assert set(range(700, 720)) <= found, "those nearest to it"
    assert connected([3], lambda article: [(article + 1, 0.1)]) == {3}


def test_articles_of_two_languages_are_found_by_the_figures_and_names_they_share() -> None:
    english, chinese = features(
        ("Weights of DeepSeek-V3 are out", "DeepSeek-V3 was trained for 6.4 million yuan."),
        ("深度求索开放新模型的权重", "DeepSeek-V3的训练直接花费640万元。"),
    )
    shared = english.keys.keys() & chinese.keys.keys()
    assert "figure 6.4e+06" in shared
    assert any(key.startswith("entity DeepSeek") for key in shared)
