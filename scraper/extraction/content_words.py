"""What a paragraph speaks of: its words without those that any text has.

Of Chinese, which parts no words, pairs of characters are taken between the characters that only
join others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from scraper.text.patterns import lazy_compile

__all__ = ["content_words", "speaks_of_else"]


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


_KNOWN: Final = 0.3  # share of another article's words that this one said
_UNTOUCHED: Final = 0.6  # share of its paragraphs without a word that this one comes back to
_SAMPLE: Final = 1_500  # characters of a block whose words are read
_WORD = lazy_compile(r"[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{5,40}")
# The same in a text of ASCII characters, in lower case.
_ASCII_WORD = lazy_compile(r"[a-z]{5,40}")
_HAN = lazy_compile(r"[\u3400-\u9fff]{2,200}")
_JOINING: Final = frozenset(
    "的了是在和与與也就都而及或被把将將对對从從为為以于於这這那之其中上下不有一个個们們到会會说說要能还還很更最只没沒"
    "又再已所使让讓给給向并並但如因由等着著过過可该該此每各另即则則却卻吗嗎呢吧啊么麼什哪谁誰他她它我你您自己年月日时時"
)
_SPACES: Final = dict.fromkeys(map(ord, _JOINING), " ")
# Words of five letters and more that any text has, without their last s.
_USUAL: Final = _listed(
    """
    about above according acro actually added adding after again against agree allow allowed
    almost along already alway among amount another answer anyone anything april around asked
    august available based became because become before began begin behind being below better
    between beyond billion bring brought build called cannot certain change clear close common
    company complete could course current december decided despite different doing during early
    eight either ended ending enough especially event every everyone everything example expect
    expected february first following found friday further getting given giving going great
    group having herself higher himself hour however important include included including
    increase instead issue itself january known large later latest learn least leave level light
    likely little living local longer looking major make making march matter maybe might million
    moment monday month moreover moved moving nearby nearly never nothing november number
    october often other otherwise outside particular people percent perhap person place point
    possible present probably problem proce provide question quick quickly quite rather ready
    really reason recent recently remain result right saturday second seemed september seven
    several shall should showed shown simple simply since small someone something sometime speak
    spent spoke stand start started still stood sunday taken taking thank their themselve there
    therefore these thing think third those though thought three through throughout thursday
    today together toward tried trying tuesday under until using usually variou wanted wednesday
    whatever where whether which while whole whose within without working world would wouldn
    write written wrote yesterday yourself
    """
)
_USUAL_HAN: Final = _listed(
    """
    表示 认为 認為 记者 記者 进行 進行 通过 通過 开始 開始 成为 成為 目前 今天 今日 昨天
    昨日 公司 工作 问题 問題 情况 情況 方面 根据 根據 包括 同时 同時 其他 其它 如果 虽然
    雖然 然而 另外 此外 同样 同樣 非常 许多 許多 需要 必须 必須 应当 應當 应该 應該 希望
    发现 發現 发生 發生 出现 出現 进入 進入 获得 獲得 提供 影响 影響 相关 相關 有关 有關
    重要 主要 第二 第三 多少 不少 大家 人们 人們 今后 今後 之后 之後 以来 以來 近日 消息
    报道 報導 报导 指出 强调 強調 显示 顯示 透露 介绍 介紹 继续 繼續 正在 甚至 尤其 特别
    特別 完全 真正 几乎 幾乎 至少 超过 超過 左右 部分 全部 方式 过程 過程
    """
)


def content_words(text: str) -> set[str]:
    """Return the words of a text that tell what it is about.

    Args:
        text: a paragraph, of which the beginning is read.
    """
    lowered = text[:_SAMPLE].lower()
    if lowered.isascii():
        found = {word.rstrip("s") for word in set(_ASCII_WORD.findall(lowered))}
        found -= _USUAL
        return found
    found = {word.rstrip("s") for word in set(_WORD.findall(lowered))}
    found -= _USUAL
    runs = _HAN.findall(lowered.translate(_SPACES))
    if runs:
        for run in runs:
            found.update(run[i : i + 2] for i in range(len(run) - 1))
        found -= _USUAL_HAN
    return found


def speaks_of_else(title: str, own: Sequence[str], rest: Sequence[str]) -> bool:
    """Return whether paragraphs have few words of an article, and nearly none it comes back to.

    Args:
        title: the article's headline.
        own: its paragraphs.
        rest: the paragraphs in question.
    """
    said = [content_words(text) for text in own]
    uses = Counter(word for words in said for word in words)
    main = {word for word, n in uses.items() if n > 1} | content_words(title)
    known = set(uses) | main
    others = [content_words(text) for text in rest]
    every = set().union(*others)
    if not every or len(every & known) > _KNOWN * len(every):
        return False
    return sum(main.isdisjoint(words) for words in others) >= _UNTOUCHED * len(others)
