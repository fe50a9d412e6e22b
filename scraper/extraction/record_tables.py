"""Index cards of public documents: the fields by which an office files what stands below them.

Chinese offices set one above each notice (索引号, 发文机关, 成文日期 …), as a table, a list, boxes
or plain lines. It says what the document is filed under, and none of what it says. A table that
lists several documents has such words once, in its first row, and no value behind each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from scraper.extraction.blocks import PageBlocks
from scraper.extraction.features import BlockFeatures
from scraper.extraction.sections import PARAGRAPH
from scraper.text.chinese import fold_interface
from scraper.text.patterns import lazy_compile

__all__ = ["RECORD_TABLE", "record_tables"]

RECORD_TABLE: Final = "record-table"

# Fields that only such a card has, and those that it shares with other rows above a text; folded.
_FILED: Final = (
    "索引号|信息索引|索取号|信息索引号|公开索引号|目录号|分类号|公文种类|主题分类|组配分类|体裁分类|信息分类|服务对象分类"
    "|发文机关|发文单位|制发机关|发文字号|发文文号|发文号|文号|文件编号|文件字号|规范性文件编号|规范性文件登记号|统一编号"
    "|统一登记号|登记号|公开方式|公开形式|公开时限|公开范围|公开属性|公开主体|公开责任部门|公开类别|信息名称|信息类别"
    "|成文日期|成文时间|生成日期|生成时间|效力状态|时效状态|时效性|有效性|公文时效|信息有效性|档号|密等|密等及解密条件"
)
_SHARED: Final = (
    "标题|名称|文件名称|公文名称|主题|主题词|主题类别|关键词|关键字|发布机构|发布机关|发布单位|发布部门|信息来源|来源|责任部门"
    "|发布日期|发布时间|公开日期|公开时间|发文日期|发文时间|印发日期|签发日期|生效日期|生效时间|施行日期|实施日期|失效日期"
    "|失效时间|废止日期|有效期|文种|体裁|语种|载体类型|栏目|所属栏目|浏览次数|点击数|阅读次数|状态|性质|附件|受文者|速别"
)
_FIELD: Final = lazy_compile(
    rf"(?:^|[\s|｜;；])[【\[]?(?:(?P<filed>{_FILED})|(?P<shared>{_SHARED}))(?:[】\]]\s?[:：]?|\s?[:：]|\s?$)\s?"
)
# 发 文 机 关: characters are spread over the width of a cell.
_SPREAD: Final = lazy_compile(r"(?<=[\u3400-\u9fff]) {1,4}(?=[\u3400-\u9fff])")
_SPREAD_LABEL: Final = lazy_compile(
    r"[【\[]?[\u3400-\u9fff](?: {1,4}[\u3400-\u9fff]){1,9}\s?[】\]]?\s?(?:[:：].{0,120})?"
)
_LONGEST: Final = 240  # characters of a line of fields
_LONGEST_VALUE: Final = 160
_FIELDS: Final = 3  # with a value
_OWN: Final = 2  # of those that only a card has
_ALL: Final = 5  # fields of which one of these will do
_NEAR: Final = 40  # blocks above the text in which a card is looked for


class _Line(NamedTuple):
    """Fields that a line names, and whether the last of them has its value in the next line."""

    filed: tuple[str, ...]
    shared: tuple[str, ...]
    open: bool


_NONE: Final = _Line((), (), open=False)


def _read(text: str) -> _Line:
    if len(text) > _LONGEST or text.isascii():
        return _NONE
    line = fold_interface(text)
    if _SPREAD_LABEL.fullmatch(line) is not None:
        line = _SPREAD.sub("", line)
    found = list(_FIELD.finditer(line))
    if not found or line[: found[0].start()].strip():
        return _NONE
    return _Line(
        tuple(match["filed"] for match in found if match["filed"]),
        tuple(match["shared"] for match in found if match["shared"]),
        open=not line[found[-1].end() :].strip(),
    )


def record_tables(s: PageBlocks, rows: BlockFeatures, decided: Sequence[str]) -> set[int]:
    """Return the kept blocks above the text that are the index card of a public document.

    Args:
        s: the page cut into blocks.
        rows: its measures.
        decided: for each block "" when it is kept, else what cut it.
    """
    if not rows.cjk:
        return set()
    kept = [i for i, rule in enumerate(decided) if not rule]
    lines: dict[int, _Line] = {}
    told = len(decided)
    for i in range(max(0, kept[0] - _NEAR) if kept else told, told):
        lines[i] = _read(s.blocks[i].text)
        is_field = lines[i] is not _NONE or (i - 1 in lines and lines[i - 1].open)
        if not is_field and not decided[i] and rows.sentences[i] >= PARAGRAPH:
            told = i
            break
    if told == len(decided):
        return set()
    found: set[int] = set()
    card: set[int] = set()
    filed: set[str] = set()
    shared: set[str] = set()
    for i in range(min(lines), told + 1):
        line = lines[i]
        if line is not _NONE:
            # A field whose value is the next field has none.
            valued = not line.open or (i + 1 < told and lines[i + 1] is _NONE)
            names = (*line.filed, *line.shared)
            last = () if valued else names[-1:]
            filed.update(name for name in line.filed if name not in last)
            shared.update(name for name in line.shared if name not in last)
            card.add(i)
        elif i - 1 in card and lines[i - 1].open and len(s.blocks[i].text) <= _LONGEST_VALUE:
            card.add(i)
        else:
            if _is_card(filed, shared):
                found |= card
            card, filed, shared = set(), set(), set()
    return {i for i in found if not decided[i]}


def _is_card(filed: set[str], shared: set[str]) -> bool:
    count = len(filed) + len(shared)
    return (len(filed) >= _OWN and count >= _FIELDS) or (bool(filed) and count >= _ALL)
