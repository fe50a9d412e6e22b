# ruff: noqa: E501
# A table of words is easier to read with a row for each kind.
"""What walls talk about: words, by the kind of page that uses them.

Phrases (`signs`) know the sentences of walls that were seen; this table names the kind of a notice
whose wording nobody has seen yet, by what it is about. It decides which kind a page is that has
next to no text, not whether it is an article. Each row is expressions, one vote each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

__all__ = ["WORDS", "votes"]

WORDS: Mapping[str, Sequence[str]] = {
    "challenge": (
        r"\b(?:ro)?bots?\b|automated|scrap(?:er|ing)|crawl", r"\bhumans?\b|真人|人类|人類", r"captcha|puzzle|拼图|拼圖|滑块|滑塊|验证码|驗證碼|依次点击|看不清",
        r"verif(?:y|ied|ication)|验证|驗證|校验", r"\bvpn\b|proxy|代理|(?:ip|网络|網路|連線|连线|流量|环境|環境).{0,8}(?:异常|異常|请求|請求|封|禁)", r"firewall|防火墙|防火牆|\bwaf\b|盾|防护|防護",
        r"suspicious|unusual|malicious|attack|threat|可疑|恶意|惡意|威胁|威脅|攻击|攻擊|不合法|危险", r"blocked|banned|denied|restricted|limited by|拦截|攔截|阻断|拒绝|拒絕|被封", r"traffic|流量", r"ray id|incident|reference #|uuid|请求id",
        r"(?:your|this|these|certain|some|from a) (?:country|region|countries|regions|territor)|(?:所在|目前|当前|您的|你的).{0,6}(?:地区|地區|国家|國家|區域)", r"勾选|勾選|tick the box|press and hold|按住",
    ),
    "login_wall": (
        r"\b(?:log|sign)(?:ging|ing)?[ -]?(?:in|on)\b|登录|登入|登錄", r"\baccounts?\b|账号|帳號|账户|帳戶", r"regist(?:er|ration)|sign up|free to read|注册|註冊", r"password|credentials|密码|密碼",
        r"(?:your|an) e-?mail|手机号|邮箱", r"扫一扫|扫码|二维码|二維碼|掃碼", r"客户端|客戶端|\bapp\b|小程序", r"权限|權限|permission|游客|遊客|用户组|仅自己|粉丝可见|作者设置",
        r"members?(?:hip)?(?: only| area)|会员登录|會員登入",
    ),
    "paywall": (
        r"subscri(?:be|bers?|ption)|订阅|訂閱|订户|訂戶", r"full access|unlimited|all access|全站|全文|完整", r"[$€£¥￥] ?\d|\d+(?:\.\d+)? ?元|per month|a month|/(?:mo|month|year|年|月)\b|首月|每月|包年", r"\btrial\b|plans?\b|offer\b|options|方案|优惠|優惠",
        r"support(?:ers?|ing)? (?:our|us|independent|can|only)|donat|contribut", r"付费|付費|购买|購買|支付|充值", r"会员|會員|\bvip\b|专栏|專欄|专享", r"unlock|解锁|解鎖|keep reading|read on|finish reading|preview|remaining|试读|剩余",
        r"free (?:articles?|stories|story|reads?)|complimentary|免费(?:阅读|文章)|免費(?:文章|閱讀)", r"cancel|pause anytime|随时取消",
    ),
    "consent": (
        r"cookies?", r"consent|同意", r"privacy|隐私|隱私", r"partners?|vendors?|伙伴|夥伴", r"personali[sz]ed|advertis|tracking|广告|廣告|追踪", r"your data|personal data|个人数据|個人資料|浏览数据",
        r"accept|agree|allow all|不同意|拒绝|接受", r"(?:over|at least|under) (?:18|21)|\bage\b|adults?|成年|十八|18 ?(?:岁|歲)|年龄|年齡",
    ),
    "soft_404": (
        r"not found|404|no (?:such|results?|posts?|stor(?:y|ies)|page|article|longer (?:here|at))|找不到|查无|查無|未找到|没有找到|無此|没找到", r"\b(?:links?|url|address)\b|链接|連結|网址|網址|地址", r"wrong|invalid|mistyped|typed|incorrect|broken|错误|有误|有誤|参数|錯誤|無效|无效",
        r"(?:does|do)(?:n['’]t| not) exist|never existed|不存在|已失效|失效", r"moved|nowhere|sunk|lost|missing|vanish|disappear|走丢|飞走|离家|迷路|不见|不見|消失|走失", r"looking for|you (?:were|are) after|searched|looked|search|要查看|要找|所访问|所訪問|搜寻|搜索",
        r"home ?page|front page|首页|首頁|上一页|上一頁", r"0 results|matched|criteria|保存期限|逾期|已过期",
    ),
    "gone": (
        r"removed|deleted|taken down|withdrawn|retracted|删除|刪除|移除|撤下|撤稿", r"legal|complaint|copyright|court|违规|违法|违反|投诉|版权|版權|授权|授權|法律法规", r"no longer (?:available|online|published)|不再提供|已下架|下架|不再",
        r"屏蔽|封禁|注销|冻结|迁移|停用|回收|遷移", r"author(?: has)? (?:removed|deleted)|发布者|發布者|作者(?:已|设置|删除)", r"expired|屆滿|期满|到期",
    ),
    "error_page": (
        r"maintenance|planned work|polishing|维护|維護|保养|保養|检修|停机|停機", r"offline|unavailable|\b(?:is|are|currently) down\b|be back|return at|恢复|恢復|暂停|無法訪問|无法访问", r"\berrors?\b|exception|fatal|错误|錯誤|出错|异常", r"\bservers?\b|database|gateway|handshake|memory|服务器|伺服器|数据库|資料庫",
        r"\bdomain\b|域名|网域", r"hosting|reseller|suspended|parking|parked|备案|备 ?案|站点|主机", r"coming soon|launch|rebuild|new (?:site|website)|on its way|建设中|即将上线|敬请期待", r"系统|系統|网站管理|管理员",
        r"nginx|apache|iis|tomcat|configured|configuration|installed|web server|配置", r"patience|inconvenience|谅解|見諒|见谅|不便",
    ),
    "rate_limited": (
        r"too (?:many|fast|often)|slow down|太快|过快|過快|太频繁|频繁|手速", r"queue|in line|waiting room|your place|排队|排隊|等候", r"limit|quota|exceeded|上限|次数|次數|额度|超限", r"(?:使用|访问|在线|在線|上線)人[数數]|人數眾多|lots of people|high demand|忙[碌线線]|busy",
        r"(?:try|come) (?:again|back) (?:in|tomorrow|later)|明天再来|稍后|稍後|休息一下",
    ),
    "listing": (
        r"results? (?:for|found)|search results|搜索结果|搜尋結果", r"上一页|下一页|下一頁|next page|page \d+ of \d+|older posts", r"index of|parent directory|目录|索引",
    ),
    "script_only": (
        r"javascript|启用脚本|啟用", r"loading|加载中|載入中|正在加载", r"browser|浏览器|瀏覽器",
    ),
}  # fmt: skip

_COMPILED = {
    kind: [re.compile(expression, re.IGNORECASE) for expression in rows]
    for kind, rows in WORDS.items()
}


def votes(text: str) -> dict[str, list[str]]:
    """Return by kind the words of a text that speak for it, at most one for each row."""
    return {
        kind: [match[0] for row in rows if (match := row.search(text))]
        for kind, rows in _COMPILED.items()
    }
