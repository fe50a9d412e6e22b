"""Appeals for money or membership are cut, and what only sounds like one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from scraper.errors import ConfigError
from scraper.extraction import extract
from scraper.extraction.boilerplate_rules import load_rules

BODIES = {
    "en": "".join(
        f"<p>Part {n} says, at some length, what the pilots found in the {place} of a port.</p>"
        for n, place in enumerate(("basin", "lock", "dock", "channel", "shed", "yard"))
    ),
    "zh": "".join(
        f"<p>第{n}段详细讲了引水员在{place}里看到的情况，以及他们后来怎样向港务局说明这些情况。</p>"
        for n, place in zip(
            "一二三四五六", ("船坞", "水闸", "码头", "航道", "仓库", "堆场"), strict=True
        )
    ),
}
APPEALS = {
    "en": """
        We are a non-profit. Your tax-deductible gift makes stories like this possible.
        Found a story like this valuable? Back our reporters with £2 a week.
        Journalism like this costs money. If you can afford it, please subscribe.
        Join 4,200 readers who pay to keep the Observer open to all.
        Your membership keeps us independent. Join today from £5 a month.
        I write this blog at night. If it saved you an hour, consider sponsoring me on GitHub.
        Help us keep the lights on: become a patron for the price of a coffee.
        Our work is made possible by readers. Make a one-time donation or give monthly.
        Enjoyed this piece? Buy me a coffee.
        We can't do this without you. Help fund our reporting with a gift of any size.
        Keep this reporting going — pay what you can.
    """,
    "zh": """
        如果您喜欢我们的报道，请支持我们。
        如果这篇文章让你有所收获，不妨赏我一杯茶钱。
        本刊为非营利媒体，运营经费全部来自读者捐款，期待您的加入。
        想让这样的报道继续？点击这里，成为月捐人。
        维护服务器需要费用，如果本站对您有所帮助，请考虑捐助。
        支持原创，您的赞赏是对作者最大的鼓励。
        深度報導需要時間與成本，現在就訂閱，支持我們的記者。
        每天不到 5 元，支持記者繼續在現場。
        您的贊助，是我們持續追蹤的最大動力。
        邀請您成為贊助會員，支持公共議題的調查報導。
        獨立記者的採訪經費來自讀者，歡迎單筆或定期捐款。
    """,
}
OTHERS = {
    "en": """
        The foundation says it will give $5 a month to each reader of the tide gauge.
        Become a member of the pilots' club if you can: it meets on Mondays, and tea is free.
        Anyone can contribute to the model: fork the repository or send us a patch.
        If you use our model in your work, tell us, and please open an issue for each error.
        You can support more than one language: our site has a table of those that work.
        Independent media were invited, and you can read their notes on the council's site.
        We need your help to find where the captions are wrong: write to us with the place.
        The donation of old charts made the training possible; please handle them with care.
        She asked readers to support the lifeboat, and a thousand became members.
    """,
    "zh": """
        如果您的手机较旧，我们也支持用浏览器查看地图，不用另外付费。
        您可以在本站下载全部权重，也可以订阅更新通知。
        会员单位每月可以派一人参加我们的例会，会场设在港务大厅。
        公司为每位开发者提供每月100元的免费额度，你可以用它调用接口。
        如果你想参加，请成为志愿者，每月抽出一个晚上即可。
        我们的工作得到国家自然科学基金的资助，在此感谢各位同事的支持。
        歡迎社會各界捐款給濱海市慈善總會，帳號可在官網查詢。
        平台本月推出打賞功能，讀者可以直接付費給作者。
    """,
}


def told(table: dict[str, str]) -> list[tuple[str, str]]:
    return [
        (script, line.strip()) for script, text in table.items() for line in text.split("\n")[1:-1]
    ]


def text_with(script: str, *extra: str, at_end: bool, title: str = "A2") -> str:
    ends = BODIES[script].split("</p>")[:-1]
    paragraphs = [f"{one}</p>" for one in ends]
    at = len(paragraphs) if at_end else 3
    paragraphs[at:at] = [f"<p>{line}</p>" for line in extra]
    html = f"<html><body><h1>{title}</h1><div>{''.join(paragraphs)}</div></body></html>"
    return extract(html.encode(), "https://a.example/1").text


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize(("script", "line"), told(APPEALS))
def test_an_appeal_is_cut(script: str, line: str, at_end: bool) -> None:
    assert line not in text_with(script, line, at_end=at_end)


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize(("script", "line"), told(OTHERS))
def test_what_asks_for_somebody_else_or_for_something_else_stays(
    script: str, line: str, at_end: bool
) -> None:
    assert line in text_with(script, line, at_end=at_end)


def test_what_is_for_is_cut_beside_what_is_asked() -> None:
    cause, asked = "Our reporting is free because readers pay for it.", "Chip in £3 a month."
    assert cause in text_with("en", cause, at_end=True)
    text = text_with("en", cause, asked, at_end=True)
    assert cause not in text
    assert asked not in text


def test_a_text_on_appeals_keeps_them() -> None:
    line = "Help us keep the lights on: become a patron for the price of a coffee."
    assert line in text_with("en", line, at_end=True, title="How a paper lives on donations")
    others = ["Donations pay for four of nine reporters.", "The paper has no paywall since May."]
    assert line in text_with("en", *others, line, at_end=True)


def test_a_word_of_an_appeal_that_says_something_unknown_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "boilerplate.toml"
    path.write_text("[[appeal]]\nname = 'one'\nsays = 'begs'\npattern = 'alms'\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_rules(path)
    assert "says = 'begs'" in "\n".join(caught.value.problems)
