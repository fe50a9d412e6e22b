"""Sentences that articles are made of: each holds figures of its own, so that no two are alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["NAMES", "NOISE", "SENTENCES", "TITLES"]

NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Harlow Works", "the Fenwick lab", "Tarn Systems", "the Oldbury council",
           "Kestrel Data", "the Marram institute", "Pellow and Sons", "the Drey foundation"),
    "zh-Hans": ("青梧科技", "海棠实验室", "云岭数据", "石桥市政府", "白鹭研究院", "松烟软件"),
    "zh-Hant": ("青梧科技", "海棠實驗室", "雲嶺數據", "石橋市政府", "白鷺研究院", "松煙軟體"),
}  # fmt: skip

TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "{who} opens model number {n} to everyone",
        "What {who} learned from {n} broken servers",
        "{who} trains a translator on {n} old letters",
        "A court asks {who} about {n} copied pages",
    ),
    "zh-Hans": (
        "{who}公开第{n}号模型的全部权重",
        "{who}用{n}封旧信训练翻译程序",
        "法院就{n}页抄录内容询问{who}",
        "{who}从{n}台故障服务器中学到了什么",
    ),
    "zh-Hant": (
        "{who}公開第{n}號模型的全部權重",
        "{who}用{n}封舊信訓練翻譯程式",
        "法院就{n}頁抄錄內容詢問{who}",
        "{who}從{n}台故障伺服器中學到了什麼",
    ),
}

SENTENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "{who} said on Tuesday that its newest model had read {n} documents before anyone asked"
        " it a question, and that {m} of them were about the weather.",
        "The work took {n} days on a cluster of {m} machines, most of which had been bought"
        " second-hand from {whom} after the winter.",
        "A spokesperson for {whom} called the figure of {n} plausible but asked for the method"
        " by which the other {m} cases had been counted.",
        "In the {n} tests that were made public, the program answered {m} without help, which"
        " its makers think is less than it could do.",
        "Engineers at {who} rewrote {n} lines in the course of the spring, because {m} customers"
        " had complained that the old version forgot what it was told.",
        "The licence lets anyone change the weights, provided that {whom} is named, a condition"
        " that {n} of {m} contributors had voted for.",
        "Asked about the cost, the director of {who} spoke of {n} thousand pounds, of which"
        " {m} went into electricity alone.",
        "Critics point to paper number {n} by {whom}, in which the same method failed on {m}"
        " sentences that any child would understand.",
        "For {n} households in the valley the change means that letters are sorted in {m}"
        " seconds, where it used to take a morning.",
        "{whom} has promised to repeat the measurement with {n} volunteers and to publish all"
        " {m} pages of notes when it is done.",
    ),
    "zh-Hans": (
        "{who}周二表示，其最新模型在回答第一个问题之前已经读过{n}份文件，其中{m}份与天气有关。",
        "这项工作在{m}台机器组成的集群上进行了{n}天，多数机器是冬天过后从{whom}手里买来的二手货。",
        "{whom}的发言人说，{n}这个数字可以理解，但希望知道其余{m}个案例是用什么方法统计的。",
        "在已经公开的{n}项测试中，程序独立完成了{m}项，开发者认为它本来可以做得更好。",
        "{who}的工程师在春天改写了{n}行代码，因为有{m}位客户抱怨旧版本总是忘记别人说过的话。",
        "许可证允许任何人修改权重，条件是注明{whom}的名字，{m}名贡献者中有{n}人投票赞成这一条。",
        "谈到费用时，{who}的负责人提到{n}万元，其中仅电费一项就花掉了{m}万元。",
        "批评者提到{whom}发表的第{n}号论文，同样的方法在{m}个连孩子都懂的句子上失败了。",
        "对山谷里的{n}户人家来说，这意味着信件在{m}秒内就能分拣完毕，而过去需要一个上午。",
        "{whom}承诺邀请{n}名志愿者重复测量，并在结束之后公布全部{m}页记录。",
    ),
    "zh-Hant": (
        "{who}週二表示，其最新模型在回答第一個問題之前已經讀過{n}份文件，其中{m}份與天氣有關。",
        "這項工作在{m}台機器組成的叢集上進行了{n}天，多數機器是冬天過後從{whom}手裡買來的二手貨。",
        "{whom}的發言人說，{n}這個數字可以理解，但希望知道其餘{m}個案例是用什麼方法統計的。",
        "在已經公開的{n}項測試中，程式獨立完成了{m}項，開發者認為它本來可以做得更好。",
        "{who}的工程師在春天改寫了{n}行程式碼，因為有{m}位客戶抱怨舊版本總是忘記別人說過的話。",
        "授權條款允許任何人修改權重，條件是註明{whom}的名字，{m}名貢獻者中有{n}人投票贊成這一條。",
        "談到費用時，{who}的負責人提到{n}萬元，其中僅電費一項就花掉了{m}萬元。",
        "批評者提到{whom}發表的第{n}號論文，同樣的方法在{m}個連孩子都懂的句子上失敗了。",
        "對山谷裡的{n}戶人家來說，這意味著信件在{m}秒內就能分揀完畢，而過去需要一個上午。",
        "{whom}承諾邀請{n}名志工重複測量，並在結束之後公布全部{m}頁紀錄。",
    ),
}

# What stands around an article and changes with each request: heading of the related, of the most
# read, an advertisement, a counter, a wall, a page that is not there.
NOISE: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "related": "Related stories", "popular": "Most read", "home": "Home", "more": "Sections",
        "ad": "Advertisement: save {n} percent on kettles today", "views": "{n} views",
        "wall": "Sign in to continue reading. This article is for subscribers only. Subscribe"
                " now or log in to your account.",
        "wall_title": "Sign in", "missing": "The page you are looking for could not be found.",
        "missing_title": "Page not found", "by": "By Ruth Calder",
    },
    "zh-Hans": {
        "related": "相关阅读", "popular": "热门文章", "home": "首页", "more": "栏目",
        "ad": "广告：今日水壶优惠{n}元", "views": "阅读 {n}",
        "wall": "请登录后继续阅读。本文为会员专享内容，登录或订阅后查看全文。",
        "wall_title": "登录", "missing": "抱歉，您访问的页面不存在或已被删除。",
        "missing_title": "页面不存在", "by": "记者 周岚",
    },
    "zh-Hant": {
        "related": "相關閱讀", "popular": "熱門文章", "home": "首頁", "more": "欄目",
        "ad": "廣告：今日水壺優惠{n}元", "views": "閱讀 {n}",
        "wall": "請登入後繼續閱讀。本文為會員專享內容，登入或訂閱後查看全文。",
        "wall_title": "登入", "missing": "抱歉，您造訪的頁面不存在或已被刪除。",
        "missing_title": "頁面不存在", "by": "記者 周嵐",
    },
}  # fmt: skip
