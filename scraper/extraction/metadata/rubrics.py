"""Names of rubrics: sections of a paper, which are neither headlines nor authors."""

from __future__ import annotations

from typing import Final

__all__ = ["RUBRICS"]

# What templates print above a headline and where an author stands, in lower case.
RUBRICS: Final = frozenset(
    """
    politik wirtschaft sport kultur panorama wissen gesellschaft meinung ausland inland reise auto
    digital technik netzwelt lokales regional feuilleton ratgeber gesundheit leben finanzen börse
    politics business technology tech science health world news opinion culture sports
    entertainment lifestyle travel economy finance markets education environment climate local
    national international features feature analysis review reviews blog editorial uncategorized
    general media video podcast research security gaming games startups ai
    politique économie société monde sciences santé idées débats international
    política economía sociedad cultura deportes mundo opinión tecnología internacional ciencia
    politica economia esteri cronaca cultura salute
    科技 财经 財經 国际 國際 国内 國內 社会 社會 政治 体育 體育 娱乐 娛樂 观点 觀點 评论 評論 文化
    教育 健康 军事 軍事 汽车 汽車 房产 房產 生活 旅游 旅遊 要闻 要聞 焦点 焦點 热点 熱點 两岸 兩岸
    地方 数码 數碼 互联网 人工智能 产业 產業 公告 通知 通知公告 头条 頭條 资讯 資訊 快讯 首页 首頁
    推荐 推薦 时政 時政 时事 時事 时评 時評 时尚 時尚 金融 安全 安防 高考 云计算 雲計算
    文史 文娱 文娛 文旅 明星 常识 常識 连载 連載 关注 關注 童书 童書 水利 游戏 遊戲
    党建 黨建 解读 解讀 计算机 房地产 房地產 石油 黄金 黃金 万象 萬象 方言 管理员 管理員 站务组
    站務組 匿名
    """.split()  # noqa: SIM905
)
