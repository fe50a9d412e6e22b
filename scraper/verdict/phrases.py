# ruff: noqa: E501
"""What pages that are no article look like: tables of titles, phrases, marks and headers.

Each table maps the kind of verdict to regular expressions (case is ignored). A new wall, captcha or
error page is a line here and a page in `tests/verdict_pages/` that proves it. No line names a site:
vendors of walls and challenges are named, since one vendor stands before thousands of sites.

What walls talk about: words, by the kind of page that uses them.

Phrases (`signs`) know the sentences of walls that were seen; this table names the kind of a notice
whose wording nobody has seen yet, by what it is about. It decides which kind a page is that has
next to no text, not whether it is an article. Each row is expressions, one vote each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from scraper.text.patterns import PatternTable

__all__ = [
    "ADDRESSES",
    "GATES",
    "HEADERS",
    "MARKS",
    "PHRASES",
    "REGION_NOTICES",
    "STATUSES",
    "TITLES",
    "WORDS",
    "votes",
]


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
        r"subscri(?:be|bers?|ption)|订阅|訂閱|订户|訂戶", r"full access|unlimited|all access|全站|全文|完整", r"[$€£¥￥] ?\d|\d ?元|per month|a month|/(?:mo|month|year|年|月)\b|首月|每月|包年", r"\btrial\b|plans?\b|offer\b|options|方案|优惠|優惠",
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
        r"removed|deleted|taken down|withdrawn|retracted|删除|刪除|移除|撤下|撤稿", r"legal|complaint|(?<!©\s)copyright(?!\s*(?:©|\(c\)|\d|notice|policy))|court|违规|违法|违反|投诉|版[权權](?![所声聲说說©])|授权|授權|法律法规", r"no longer (?:available|online|published)|不再提供|已下架|下架|不再",
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

_VOTES = PatternTable(WORDS, re.IGNORECASE)


def votes(text: str) -> dict[str, list[str]]:
    """Return by kind the words of a text that speak for it, at most one for each row."""
    return {
        kind: [match[0] for row in rows if (match := row.search(text))]
        for kind, rows in _VOTES.items()
    }


# Status → kind, where the status alone decides.
STATUSES: Mapping[int, str] = {
    304: "unchanged",
    402: "paywall",
    404: "gone",
    407: "login_wall",
    401: "login_wall",
    410: "gone",
    429: "rate_limited",
}

# What a page with status 451 says where it is the reader's place that keeps it from him (RFC 7725),
# not an order about the page.
REGION_NOTICES: Sequence[str] = (
    r"\b(?:your|this|certain|some|other|all|many) (?:current )?(?:geographic(?:al)? )?"
    r"(?:regions?|countr(?:y|ies)|areas?|locations?|territor(?:y|ies)|jurisdictions?|place)\b",
    r"\bGDPR\b|\bEuropean (?:Economic Area|Union|visitors|readers|users)\b|\b(?:EU|EEA|UK|EU/EEA) "
    r"(?:visitors|readers|users|countries|member states|data protection)\b"
    r"|\bGeneral Data Protection\b",
    r"\bgeo-?(?:block|restrict|fenc)\w*|\bwhere you (?:are|live)\b"
    r"|\boutside (?:of )?the (?:US|U\.S\.|United States|UK)\b",
    r"(?:所在|所处|所處|当前|當前|您的|你的|该|此|部分)(?:的)?"
    r"(?:地区|地區|国家|國家|区域|區域|位置|司法)|(?:地区|地區|地域|区域|區域)(?:限制|不可)",
)

# (header, expression on its value, kind): the vendors' own words about a response.
HEADERS: Sequence[tuple[str, str, str]] = (
    ("cf-mitigated", r"challenge|block", "challenge"),  # Cloudflare
    ("x-amzn-waf-action", r"challenge|captcha", "challenge"),  # AWS WAF
    ("x-sucuri-block", r".", "challenge"),
    ("x-datadome", r"captcha|challenge|blocked", "challenge"),
    ("x-captcha", r".", "challenge"),
    ("warc-truncated", r"length|time|disconnect|unspecified", "truncated"),  # from a capture
)

# On host and path of the address that answered, when the address asked for does not match: a
# redirect led there.
ADDRESSES: Mapping[str, Sequence[str]] = {
    "consent": (
        r"//(?:consent|guce|privacy-?mgmt|cmp)\.",
        r"/(?:gdpr-?)?consent(?:/|$|\?|\.)",
        r"/(?:cookie|privacy)-(?:wall|consent|gate)",
    ),
    "login_wall": (
        r"//(?:passport|login|signin|sso|auth|accounts?|id|oauth2?|cas)\.",
        r"/(?:log[_-]?in|sign[_-]?in|log[_-]?on|passport|sso|oauth2?|auth|cas)(?:/|$|\?|\.)",
        r"/(?:users?|members?|accounts?)/(?:log[_-]?in|sign[_-]?in)",
    ),
    "paywall": (
        r"/(?:paywall|subscribe|subscription|subscriptions|checkout|offers?)(?:/|$|\?|\.)",
    ),
    "challenge": (
        r"/(?:captcha|antispider|anti-?bot|anti_?crawl|challenge|verify|wappass|waf|sec|punish)"
        r"(?:/|$|\?|\.)",
        r"//(?:captcha|verify|wappass|antispider|sec)\.",
        r"/_____tmd_____/",
    ),
    "soft_404": (
        r"/(?:error[/_-]?)?(?:404|not[_-]?found|page[_-]not[_-]found|notfound|nopage|missing)"
        r"(?:/|$|\?|\.)",
    ),
    "error_page": (r"/(?:errors?|50[0-4]|maintenance|unavailable|err)(?:/|$|\?|\.)",),
}

# On a whole segment of the title (between " - ", "|" and the like), when there is little text.
TITLES: Mapping[str, Sequence[str]] = {
    "challenge": (
        r"just a moment\W*",
        r"one more step\W*",
        r"please wait\b.{0,60}",
        r"one moment,? please\W*",
        r"attention required!?",
        r"access (?:to this (?:page|site|website) (?:has been|is|was) )?(?:denied|blocked|restricted)",
        r"(?:request|connection) (?:has been |was )?(?:blocked|denied|rejected)",
        r"(?:sorry,? )?you have been blocked",
        r"(?:403 )?forbidden",
        r"checking (?:your|the site|if the site).{0,60}",
        r"(?:browser|security|bot|ddos|human|robot|user) (?:check|verification|challenge|protection|"
        r"detection)\W*.{0,20}",
        r"ddos-guard",
        r"verif(?:y|ying)\b.{0,20}\b(?:human|robot|browser|connection).{0,20}",
        r"are you (?:a )?(?:human|robot)\W*",
        r"robot or human\W*",
        r"(?:not|are you not|i'm not) a robot\W*",
        r"pardon our interruption\W*",
        r"(?:re)?captcha(?: (?:check|challenge|verification|required))?",
        r"unusual (?:traffic|activity)(?: detected)?",
        r"client challenge|vercel security checkpoint|bot or not\W*",
        r"百度安全验证|(?:网站|访问|登录|操作|浏览器|环境)?安全(?:验证|驗證|检测|检查|檢查|认证|防护)(?:中心|页面|中)?",
        r"(?:请输入|輸入|图形|图片|滑动|短信)?验证码?(?:页面|中间页|中心)?|(?:請輸入|圖形|滑動)?驗證碼?",
        r"(?:滑动|滑块|人机|访问|身份|拼图|滑動|人機|訪問|身分)(?:验证|驗證|校验)(?:页面|中)?",
        r"(?:网站|web ?应用|应用)?防火墙(?:拦截)?(?:提示|页面)?|(?:访问|请求|訪問|請求)(?:被|已被|遭)?(?:拦截|拒绝|攔截|阻止|拒絕|禁止)\W*",
        r"(?:您的|你的|当前|本次)?(?:访问|请求|操作|訪問|請求)(?:行为)?(?:过于|太|過於|过)(?:频繁|頻繁|快).{0,12}",
        r"(?:您的|你的|系统检测到|当前)?.{0,8}(?:访问|网络|環境|环境|流量|訪問|網路|请求)(?:行为|行為|环境)?(?:存在)?(?:异常|異常)\W*.{0,10}",
        r"请(?:稍候|稍等|等待).{0,8}|請(?:稍候|稍等|稍後|等待).{0,8}",
        r"正在(?:验证|检查|检测|进行|驗證|檢查|跳转|加载).{0,20}",
        r"(?:浏览器|瀏覽器)(?:安全)?(?:检查|检测|檢查|驗證|验证).{0,8}",
        r"waf(?: .{0,20})?|网站访问认证页面|云防护|智能防护",
    ),
    "rate_limited": (
        r"(?:error )?429\b.{0,40}",
        r"too many requests.{0,20}",
        r"rate limit(?:ed| exceeded)?\W*",
        r"(?:操作|请求次数|访问次数)(?:太|过于)?(?:频繁|过多|超限).{0,8}",
    ),
    "login_wall": (
        r"(?:please )?(?:log|sign)[ -]?(?:in|on)(?: (?:to|with|or|required|page).{0,60})?\W*",
        r"(?:member|user|subscriber|account|customer) (?:log|sign)[ -]?in",
        r"(?:log|sign)[ -]?in required",
        r"(?:login|registration|membership) required|create (?:an|your) account.{0,30}|members only",
        r"authentication required|unauthorized|single sign[ -]on|visitor system",
        r"(?:请|請)?先?(?:登录|登錄|登入)(?:页面?|頁面?|注册|註冊|/注册|中心|后查看)?",
        r"(?:用户|用戶|会员|會員|账号|帳號|统一|通行证|系统|微信|扫码|手机|快速|安全)(?:身份)?(?:登录|登錄|登入|认证)(?:中心|系统|页面?)?",
        r"(?:登录|登錄|登入).{0,10}(?:账号|帳號|账户|帳戶|通行证|会员|會員)",
    ),
    "paywall": (
        r"subscribe to (?:read|continue|unlock|access|view).{0,60}",
        r"(?:subscription|subscribers?) (?:required|only)",
        r"(?:订阅|付费|购买|开通会员|訂閱|付費)(?:后|后即可|後)?(?:阅读|查看|閱讀|觀看|解锁).{0,10}",
        r"(?:会员|會員|訂戶|付费|订户)(?:专享|專享|专区|專區|内容|內容|限定|閱讀)",
    ),
    "consent": (
        r"before you continue(?: to .{0,40})?",
        r"(?:we value|your|we care about your) privacy(?: choices| options| matters| settings)?\W*",
        r"(?:cookies?|privacy|gdpr|data) (?:consent|settings|preferences|notice|choices|wall).{0,20}",
        r"(?:manage|accept) (?:your )?(?:cookies|consent|privacy).{0,30}",
        r"consent(?: required| form| manager)?",
        r"(?:继续|繼續)(?:之前|前|访问前).{0,10}|(?:我们|我們)(?:重视|重視|尊重)(?:您|你)的(?:隐私|隱私).{0,4}",
        r"(?:隐私|隱私|cookie)(?:权|權)?(?:设置|設定|选项|選項|偏好|同意).{0,6}",
    ),
    "gone": (
        r"(?:this |the )?(?:article|post|page|story|content|video|item) (?:has been |was |is )?"
        r"(?:removed|deleted|withdrawn|retracted|no longer available|unavailable|taken down)\W*",
        r"content (?:removed|unavailable|deleted)|no longer available|(?:error )?410\b.{0,30}",
        r"(?:该|此|本|這篇|该篇|此篇|您访问的|您查看的|該)?(?:内容|文章|帖子|页面|稿件|微博|视频|內容|貼文|新聞|新闻|网页)"
        r"(?:已经|已被|已|被|因违规|不再)(?:被)?(?:发布者|作者|發布者|管理员)?(?:删除|移除|下架|刪除|撤下|屏蔽|撤稿|失效|無法|无法|提供).{0,6}",
    ),
    "soft_404": (
        r"(?:error|http|err|oops|sorry)?\W{0,9}404\b.{0,60}|.{0,30}\b404(?: error)?(?: page)?\W{0,9}",
        r"(?:sorry,? ?)?(?:the |this |that |we can'?t find (?:the|that) )?"
        r"(?:requested )?(?:page|article|content|story|file|document|url|resource|post|link)"
        r"(?: you.{0,40})? ?(?:was |is |were |can ?not be |could ?n[o']t be |cannot be |not be |"
        r"has |does |doesn'?t )?(?:not )?(?:be )?(?:found|exist|exists|available|missing|lost|gone)\W*",
        r"(?:page )?not found\W*|nothing (?:was )?found\W*.{0,20}|no (?:results|such page|posts) found?\W*",
        r"(?:oops|whoops|uh[ -]oh|hmm|sorry)\W*.{0,60}",
        r"(?:we )?(?:can'?t|couldn'?t|could not|cannot) find .{0,40}",
        r"(?:该|此|您|你|對不起|对不起|抱歉|很抱歉|該|錯誤|提示)?.{0,14}(?:页面|网页|頁面|網頁|页|文章|内容|內容|资源|链接|连结|連結|地址|信息|新闻|新聞)"
        r"(?:并|並|可能|已经|已經|已)?(?:不存在|没找到|未找到|没有找到|找不到|不見|不见|走丢|丢失|遺失|迷路|消失|去火星|飞走).{0,12}",
        r"(?:找不到|无法找到|無法找到|没有找到|沒有找到|查無|查无|未找到).{0,20}",
        r"(?:出错|出錯|走丢|迷路)(?:啦|了)?\W*|错误页面|錯誤頁面|温馨提示|溫馨提示",
    ),
    "error_page": (
        r"(?:http )?(?:error )?50[0-9]\b.{0,60}|.{0,30}\b50[0-4]\W*",
        r"(?:internal )?server error.{0,20}|bad gateway.{0,20}|gateway time-?out.{0,20}",
        r"service (?:temporarily )?unavailable.{0,20}|bad request|(?:an )?error(?: has)?(?: occurred)?\W*",
        r"something went wrong\W*|(?:runtime|application|database|fatal|server|unknown) error.{0,40}",
        r"(?:site|website|scheduled|system|we(?:'|’)re|down for|under)\W*.{0,20}(?:maintenance|construction)\W*.{0,20}",
        r"(?:be|we'?ll be) (?:right )?back soon\W*|temporarily (?:offline|unavailable|down)",
        r"welcome to nginx!?|apache\d? .{0,20}(?:default|test) page.{0,20}|it works!?|iis windows.{0,20}",
        r"index of /.{0,80}|(?:this )?(?:domain|website|site) (?:is |has |may be )?(?:for sale|parked|expired|suspended|disabled|not (?:configured|found)).{0,20}",
        r"account suspended|default web ?(?:site )?page|coming soon\W*",
        r"(?:系统|服务器?|服務|网站|站点|系統|伺服器|網站|程序|数据库)(?:内部|內部|发生|發生|正在|暂时|出现|出現|连接)?.{0,4}(?:错误|錯誤|繁忙|忙碌|维护|維護|异常|異常|不可用|开小差|升级|無法).{0,10}",
        r"(?:域名|网站|站点|该网站|此網站)(?:已|未|暂时|尚未)?.{0,4}(?:到期|过期|备案|關閉|关闭|停用|出售|暂停|建设中|欠费).{0,10}",
        r"站点创建成功|恭喜.{0,4}站点创建成功.{0,10}|没有找到站点|(?:发生|發生|出现)(?:了)?(?:错误|錯誤).{0,6}|错误(?:提示|信息)?|提示信息|錯誤訊息",
    ),
}  # fmt: skip

# On title, headings and text of a page with little text: whole sentences that address the reader.
PHRASES: Mapping[str, Sequence[str]] = {
    "challenge": (
        r"not available (?:in|to) (?:your|this|readers in your) (?:region|country|location|area)|from a country belonging to",
        r"(?:智能|人机|安全|滑动|身份|二次|智慧|真人)(?:验证|驗證|校验)|(?:进行|通过|开始|點擊|点击)(?:按钮)?(?:进行)?(?:验证|驗證)",
        r"(?:所在|当前|您的|你的|目前)(?:的)?(?:地区|國家|国家|區域|區|地區|网络ip|ip).{0,12}(?:无法|不可|無法|不支持|未开放|上限|受限)",
        r"(?:verify|confirm|prove|check|ensure|checking|verifying|make sure)(?: that)?(?: if)? (?:you are|you're|you’re) "
        r"(?:a |not a |an actual )?(?:human|robot|bot|real)",
        r"(?:enable|turn on|allow) (?:javascript|js)(?:,? (?:and|or|&) (?:(?:allow|enable) )?cookies|.{0,40}disable any ad)|enable cookies (?:and|to)",
        r"checking (?:if the site connection is secure|your browser before)",
        r"(?:performing|complete|completing|pass) (?:the |a )?(?:security (?:check|verification)|captcha)",
        r"needs to review the security of your connection",
        r"unusual (?:traffic|activity|behaviou?r) (?:from|on|in|coming)",
        r"(?:access|request) (?:to this (?:page|site|website|resource) )?(?:has been|is|was) (?:denied|blocked)",
        r"you (?:don'?t|do not) have permission to access",
        r"(?:think|thinks|believe|suspect|made us think) (?:that )?you(?:'re| are| were|’re| may be)? (?:a |an )?(?:ro)?bot",
        r"(?:press|click) (?:&|and) hold|slide to (?:verify|complete)|drag the (?:slider|piece)|select all (?:images|squares)",
        r"(?:ray|incident|reference|request|support) id\W{1,3}[0-9a-f]{6,}|reference #\s?[0-9a-f.]{8,}",
        r"automated (?:access|requests|traffic|tools|queries)|detected (?:unusual|suspicious|automated|malicious)",
        r"(?:protected|secured|performance & security) by (?:cloudflare|ddos-guard|imperva|akamai|datadome|perimeterx|human|sucuri)",
        r"you will be redirected (?:once|when|shortly|after|automatically)",
        r"(?:请|需要|請|需)(?:您)?(?:先)?(?:完成|进行|通过|通過|進行)(?:下方|以下|下列|一下)?(?:的)?(?:安全|滑动|人机|滑塊|滑块|拼图|身份|訪問|访问|人機)?(?:验证|驗證|校验)",
        r"(?:拖动|拖動|按住|向右|滑动|滑動)(?:下方|左边|左侧|右側)?(?:的)?(?:滑块|滑塊|滑動|拖动|拼图)",
        r"(?:请|請)(?:输入|填写|輸入|填寫|依次点击|点击|按顺序点击)(?:图中|下图|上图|下方|正确的|圖中|下圖)?(?:的)?(?:验证码|驗證碼|文字|字符|数字)",
        r"(?:访问|请求|操作|訪問|請求)(?:次数|行为)?(?:过于|太|過於|过)(?:频繁|頻繁|多|快)",
        r"(?:检测|偵測|檢測|发现|監測|监测)到.{0,12}(?:异常|異常|可疑|恶意|惡意|非正常|机器|爬虫)",
        r"(?:当前|目前|您的|你的)(?:网络|访问|环境|ip|網路|訪問|環境|请求)(?:环境|地址|行为|位址)?.{0,6}(?:异常|異常|受限|被限制|被禁止|存在风险|被拦截)",
        r"完成验证后(?:即可)?(?:继续|恢复)|(?:驗證|验证)(?:成功|通过|完成|通過)(?:后|後)",
        r"(?:请求|访问|訪問|請求).{0,6}(?:被|已被|遭)(?:.{0,6}(?:防火墙|waf|防火牆|安全))?(?:拦截|拒绝|攔截|阻断|阻止|拒絕)",
        r"(?:请|請)(?:开启|启用|打开|啟用|開啟|允许)(?:浏览器|瀏覽器)?(?:的)?cookies?",
        r"(?:确认|確認|证明|證明)(?:您|你)(?:是|不是)(?:真人|人类|人類|机器人|機器人|一个|一個)",
        r"浏览器(?:安全)?(?:检查|检测)中|正在(?:检查|验证|檢查|驗證|确认)(?:您|你)的(?:浏览器|瀏覽器|连接|連線|身份|网络)",
        r"(?:您的|客户端|本机)? ?ip\W{1,4}\d+\.\d+\.\d+\.\d+|(?:事件|拦截|请求|追踪) ?id\W{1,3}[0-9a-z]{6,}",
    ),
    "script_only": (
        r"(?:enable|turn on|requires?|needs?|without|activate|supports?) (?:the use of )?javascript|javascript (?:is|must be|has been|to be) (?:disabled|required|enabled|needed|turned)",
        r"(?:开启|启用|打开|啟用|開啟|允许|支持|支援)(?:浏览器|瀏覽器)?(?:的)?(?:javascript|js)\b",
    ),
    "rate_limited": (
        r"(?:you are|you're) (?:now |currently )?in (?:line|the queue|a queue)|waiting room|estimated wait|(?:heavy|high|unusually high) (?:traffic|demand|volume)|overwhelmed",
        r"(?:访问|请求|查询|訪問|請求|查詢)(?:次数|量|次數)?.{0,6}(?:上限|超限|过大|過大|过高)|(?:正在|当前)?排队(?:中|等候|等待)|(?:访问|在线)人数(?:过多|较多)",
        r"too many requests|exceeded (?:the |your )?(?:rate|request) limit|slow down\W+you",
        r"(?:请|請)(?:稍后|稍後|过一会儿?)再(?:试|試|访问|來)",
        r"try again (?:in|after) (?:a few|\d+) (?:seconds|minutes)",
    ),
    "login_wall": (
        r"(?:仅|只|僅)(?:支持|限|可)?在?.{0,8}(?:app|客户端|应用|微信)(?:内|中|端)?(?:查看|阅读|打开|浏览)|(?:打开|下载|開啟|下載).{0,8}(?:app|客户端).{0,4}(?:阅读|查看|閱讀|观看|继续)",
        r"(?:continue|read|view|available) (?:this |only )?(?:story |article )?in (?:the|our) app",
        r"(?:please |you (?:must|need to|have to) |to continue,? ?(?:please )?)(?:be )?(?:log|sign|logged|signed)[ -]?in\b",
        r"(?:log|sign)[ -]?in (?:or (?:register|sign up|create).{0,30} )?to (?:continue|read|view|see|access|your)",
        r"(?:create|register for) (?:a free|an|your) account (?:to|and)",
        r"(?:forgot|reset) (?:your )?password|remember me|don['’]t have an account|already have an account|new here\?",
        r"(?:only|exclusively) (?:available )?(?:to|for) (?:registered|logged[ -]in|members)",
        r"(?:请|請|需要?|須|须)(?:您)?(?:先)?(?:登录|登錄|登入)(?:后|後|以|您|账|帳|查看|阅读|，|,|。)?",
        r"(?:登录|登錄|登入)(?:后|後)(?:即可|才能|可|继续|方可|繼續|再)?(?:继续|繼續)?(?:查看|阅读|閱讀|浏览|瀏覽|觀看|观看|访问|操作)",
        r"(?:忘记|忘記)密码?|(?:忘记|忘記)密碼|记住(?:我|密码)|記住我|(?:手机号|账号|帳號|扫码|驗證碼|验证码)(?:密码)?(?:登录|登入)",
        r"(?:没有|還沒有|还没有|沒有)(?:账号|帳號|账户)|(?:立即|免费|免費)(?:注册|註冊)(?:账号)?|输入密码|輸入密碼",
    ),
    "consent": (
        r"(?:with|give|giving|gave|need) your consent|cookies and similar|personali[sz]ed (?:ads|advertising|content)|accept and (?:continue|close)|tracking",
        r"are you (?:over|at least|older than) \d+|of legal (?:drinking )?age|(?:must be|you are|i am) (?:at least |over )?\d\d (?:years )?(?:or older|of age|to enter)|(?:年满|年滿|未满|未滿|满) ?\d+ ?(?:周岁|岁|歲)",
        r"(?:accept|reject|allow|agree to) all(?: cookies)?\b|(?:manage|customi[sz]e) (?:options|settings|preferences|cookies|choices)",
        r"we (?:and|,) (?:our|\d+) (?:\d+ )?(?:partners|vendors)|our (?:\d+ )?partners (?:store|process|use)",
        r"(?:use|uses|using) cookies (?:and|to|for|on)|cookies and (?:data|similar|other)",
        r"(?:process|store|access)(?:ing)? (?:your )?personal (?:data|information)|legitimate interest|withdraw your consent",
        r"(?:privacy policy|privacy dashboard|cookie policy|privacy and cookie)",
        r"before you continue|part of the .{0,30}family of brands",
        r"(?:全部|接受|拒绝|同意|拒絕|允許)(?:所有|全部|并继续|並繼續|接受)(?: ?cookie)?|(?:管理|更多)(?:选项|選項|设置|設定|偏好)",
        r"(?:使用|用) ?cookies?|(?:我们|我們)(?:和|与|及|與)(?:我们|我們)?(?:的)?(?:合作)?(?:伙伴|夥伴)",
        r"(?:隐私|隱私)(?:政策|权政策|權政策|声明|聲明|条款)|(?:个人|個人)(?:数据|資料|信息|资料)",
        r"(?:重视|重視|尊重|保护|保護)(?:您|你)的(?:隐私|隱私)",
    ),
    "gone": (
        r"(?:article|story|post|page|content|report|link|offer)s? (?:has |have |is |are )?(?:expired|retracted|withdrawn|unpublished|discontinued)|withdrawn (?:this|the) (?:article|story|paper|report)",
        r"(?:设置|选择|自行|申请)(?:了)?(?:删除|隐藏|仅自己可见)|账号已注销|帳號已停用|(?:用户|用戶)已注销|(?:已|被)(?:封禁|注销|冻结)",
        r"(?:this|the) (?:article|post|page|story|content|video|item|entry) (?:you.{0,30} )?(?:has been|was|is|has) (?:since )?(?:been )?"
        r"(?:removed|deleted|withdrawn|retracted|no longer available|taken down|unpublished)",
        r"(?:is|are) no longer (?:available|online|published)",
        r"(?:已经|已被|已|被)(?:发布者|作者|發布者|管理员|原作者|版主|编辑)?(?:自行)?(?:删除|移除|下架|刪除|撤下|撤稿)",
        r"(?:因|由于|由於)(?:违规|违反|涉嫌|版权|版權|违法|投诉).{0,20}(?:无法|不能|無法|下架|删除|屏蔽|刪除)",
        r"(?:此|该|本|該)(?:内容|文章|页面|帐号|账号|公众号|內容|頁面|帳號)(?:因.{0,12})?(?:无法|已无法|無法)(?:查看|访问|瀏覽|浏览|显示|顯示)",
        r"(?:不再|已停止)(?:提供|可用|展示|顯示)|内容不见了|已过期下线|已(?:过期|到期|過期)",
    ),
    "soft_404": (
        r"(?:nothing|no page|no story|no article) (?:is |was |exists )?(?:at|under|on) this (?:address|url|location|page)|never existed|(?:may|might|could) have been (?:renamed|moved|removed|deleted|archived)",
        r"(?:the |this |that )?(?:requested )?(?:page|article|content|story|file|document|url|resource|link)(?: that)?(?: you.{0,60}?)? "
        r"(?:was |is |could |can |can'?t |cannot |does |has |might |may |no longer )(?:not |n'?t |have )?(?:be |been )?(?:found|exists?|moved|removed|available|missing|located)",
        r"(?:we |you )?(?:can'?t|couldn'?t|can’t|couldn’t|could not|cannot|unable to|were not able to|weren'?t able to) (?:seem to )?(?:find|locate) (?:the|that|what|this|any|your)",
        r"(?:looking for|requested) (?:doesn'?t|does not|doesn’t|could not|cannot|can'?t|no longer|isn'?t|is not|has|may)",
        r"(?:404|not found|page not found|http 404|error 404)\b",
        r"(?:go|return|take me|back) (?:back )?(?:to )?(?:the )?(?:home ?page|home|front page)|try (?:searching|a search|using the search)|check the (?:url|address|spelling)",
        r"(?:mistyped|misspelled|broken link|outdated link|dead link|nothing (?:here|to see|was found))",
        r"(?:页面|网页|頁面|網頁|文章|内容|內容|资源|链接|連結|新闻|新聞|地址|信息|网址|網址)(?:可能|并|並|已经|已經)?(?:不存在|没找到|未找到|没有找到|找不到|無法找到|不見|走丢|丢失|遺失|迷路|消失|无法访问)",
        r"(?:找不到|无法找到|無法找到|没有找到|沒有找到|未找到|没找到)(?:您|你|该|此|您要|相关|相關|符合|任何|指定|要求|這|这)",
        r"(?:访问|要找|查找|寻找|浏览|請求|請求的|尋找|瀏覽|请求|要访问|造訪)的(?:.{0,4})(?:页面|网页|頁面|網頁|文章|内容|內容|资源|地址|网址|網址|链接)",
        r"(?:返回|回到|回|去|跳转到|跳轉|返回網站)(?:网站|網站)?(?:首页|首頁|主页|主頁)|(?:秒|s)(?:后|後)(?:自动|自動)?(?:返回|跳转|跳轉)",
        r"(?:输入|輸入|键入)的(?:网址|地址|網址|位址).{0,8}(?:错误|有误|錯誤|不正确|是否|正確|正确)|(?:链接|連結)(?:已)?(?:失效|过期|過期|错误)",
    ),
    "error_page": (
        r"(?:internal server error|bad gateway|service (?:is )?(?:temporarily )?unavailable|gateway time-?out)",
        r"something (?:has gone|went) wrong|an? (?:unexpected |unknown |internal )?error (?:has )?(?:occurred|happened)",
        r"(?:please )?(?:try|come|check) (?:again|back) (?:later|soon|shortly|in a)|technical difficulties",
        r"(?:scheduled|under(?:going)?|down for|currently) (?:routine |essential |scheduled )?maintenance",
        r"(?:error establishing a database connection|fatal error:|stack trace|mysql|odbc|syntax error|undefined (?:index|variable)|uncaught exception)",
        r"(?:went|gone|is) wrong (?:on|at) our (?:end|side)|our (?:engineers?|developers?|technicians?|(?:technical |web |support |engineering )?team|staff) (?:has|have|is|are) (?:been |already )?(?:told|notified|alerted|informed|looking into|working on|on it)",
        r"(?:the server|our servers?|this site|the website|the site) (?:encountered|is (?:currently )?(?:down|overloaded|unavailable|offline)|can'?t be reached)",
        r"(?:domain|account|site|website)(?: name)? (?:is |has |has been |may be )?(?:for sale|expired|suspended|parked|disabled)|parent directory|web server is running|successfully installed and working",
        r"(?:系统|服务器?|服務|网站|系統|伺服器|網站|程序)(?:内部|內部|发生|發生|正在|暂时|出现|出現|目前|当前)?.{0,6}(?:错误|錯誤|繁忙|忙碌|维护|維護|异常|異常|不可用|开小差|升级|無法)",
        r"(?:正在|正|进行|進行)(?:进行|進行)?(?:系统|系統|升级|升級|例行)?(?:维护|維護|检修|檢修|保养).{0,16}(?:恢复|恢復|开放|開放|谅解|諒解|见谅|見諒)",
        r"(?:稍后|稍後)(?:再|重)(?:试|試)|(?:联系|聯絡|聯繫)(?:管理员|管理員|网站管理|系統管理)",
        r"(?:域名|网站|站点)(?:已|未|暂时|尚未)?.{0,8}(?:到期|过期|备案|关闭|停用|出售|暂停|欠费)|站点创建成功",
        r"(?:发生|發生|出现|出現)(?:了)?(?:未知|意外|一个|一個)?(?:的)?(?:错误|錯誤)|(?:数据库|資料庫|mysql)(?:连接|連線)?(?:错误|失败|錯誤)",
    ),
    "paywall": (
        r"(?:free|complimentary) (?:stories|articles|story|article|reads?)(?: (?:left|remaining)| this month)|unlimited (?:digital |online |website )?access|rest of this (?:article|story|essay|piece|post|report)",
        r"(?:join|become a (?:member|subscriber|supporter)|members? get|subscribers? get).{0,40}(?:to (?:read|unlock|continue|access)|every (?:issue|story)|full)",
        r"(?:开通|成为|加入|成為|加入|升级|升級).{0,6}(?:vip|会员|會員|订户|訂戶|付费)|(?:解锁|解鎖|畅读|暢讀).{0,6}(?:全文|全站|完整|所有)|(?:每月|每年|首月)(?:只要|仅需|低至|僅需|只需)",
        r"subscribe (?:now )?(?:to|for|and) (?:continue|keep|read|unlock|finish|get|access|full|unlimited)",
        r"(?:to|in order to|want to) (?:continue|keep|finish|read on|read (?:the|this)).{0,40}(?:subscribe|subscription|become a|purchase|start your|buy|member)",
        r"(?:this|the full|full|rest of (?:this|the)) (?:article|story|content|post|report|issue|analysis|piece).{0,20} (?:is |are )?(?:only |exclusively |reserved |available |just )+(?:to|for) "
        r"(?:our |paid |paying |premium |digital )*(?:subscribers?|members|customers)",
        r"(?:subscriber|member|premium|insider|plus)[- ](?:only|exclusive)(?: (?:content|article|story))?",
        r"(?:you(?:'ve|’ve| have) (?:reached|read|used|hit)|reached) (?:your|all|the).{0,30}(?:free|article|limit|complimentary)",
        r"already a (?:subscriber|member)\W|(?:start|begin) (?:your|a) (?:free )?(?:trial|subscription)|unlock (?:this|the|full|unlimited)",
        r"(?:post|article|story|piece|report|essay|issue) is (?:only )?for (?:our )?(?:(?:paid|paying|premium)? ?(?:subscribers|members)|(?:paid|paying) readers)|cancel any ?time",
        r"already one(?: of (?:them|us))?\?|(?:paid|paying) readers only",
        r"(?:付费|购买|订阅|开通(?:会员|vip)?|支付|解锁|訂閱|付費|購買|加入會員|成为会员|升級)(?:后|後|即可|，|以|并|就能|会员|會員|全文|本文)*(?:可|才能|即可|就能|方可)?(?:继续|繼續|完整|全文)?(?:阅读|查看|閱讀|解锁|觀看|解鎖|浏览|瀏覽)",
        r"(?:本文|此文|该文|全文|文章|内容|本篇|內容|此內容|剩余|余下|其餘).{0,8}(?:为|為|是|仅|僅|只|屬|限)(?:.{0,6})(?:付费|会员|订阅|vip|付費|會員|訂戶|訂閱|订户|專屬|专享)",
        r"(?:剩余|还剩|尚餘|还有|剩餘|餘下)(?:的)? ?\d+ ?%.{0,6}|(?:未读|未讀|未完)(?:内容|全文|部分)?(?:，|,)?(?:请|需|訂閱|订阅|付费)",
        r"(?:会员|會員|訂戶|订户|付费|vip|付費)(?:专享|專享|专属|專屬|独家|限定|可读|可讀|免费读|免費讀)",
        r"(?:试读|試讀|免费阅读|免費試閱|试看|免費閱讀)(?:结束|已结束|到此|額度|篇数|已用完|篇數)|已是(?:会员|訂戶|會員|订户)",
    ),
}  # fmt: skip

# Behind a text that is not the whole one: what must be done to read the rest. What only asks for a
# subscription stands under whole articles too and is not here.
_LOGS_IN = r"(?:(?:sign|log|signing|logging|signed|logged)[ -]?(?:in|up)\b|regist(?:er|ering|ration)\b|creat(?:e|ing) (?:a|an|your)(?: free)? account|(?:free )?account\b)"
_PAYS = r"(?:subscri(?:be|bing|ption)\b|(?:join|joining)\b|becom(?:e|ing) an? (?:\w+ )?(?:member|subscriber|supporter|patron)\b|member(?:ship)?\b|(?:start|begin) (?:a|your)(?: [\w-]+){0,2} (?:trial|subscription|membership)|upgrad(?:e|ing)\b|purchas(?:e|ing)\b|buy\b|pay\b)"
_WORK = r"(?:article|story|post|piece|report|content|essay|text|interview|analysis|column|issue)\b"
_GOES_ON = (
    r"(?:(?:continue|keep|finish|resume|go on) reading|read on\b|continue (?:to (?:the|this) )?(?:article|story|post|reading)"
    rf"|(?:read|see|view|access|unlock|get|finish|open|reveal|continue) (?:the |this )?(?:rest|remainder|full|whole|entire|complete|remaining)\b(?! (?:\w+ )?(?:access|archive|site|catalogue|catalog|library|experience))"
    rf"|(?:read|view|access|unlock|continue|finish|open) this {_WORK})"
)
_ZH_LOGS_IN = r"(?:登[录錄入]|(?:注册|註冊)(?!资本|資本|地))"
_ZH_PAYS = r"(?:订阅|訂閱|付费|付費|购买|購買|支付|开通|開通|(?:加入|成为|成為|升级|升級|仅限|僅限|限)[^，。]{0,6}(?:会员|會員|订户|訂戶|vip)|(?:会员|會員|vip)(?:专享|專享|专属|專屬|可[读讀见見]))"
_ZH_READS = r"(?:阅读|閱讀|查看|阅览|閱覽|浏览|瀏覽|观看|觀看|解锁|解鎖|看|读|讀)"
_ZH_REST = r"(?:全文|完整(?:内容|內容|文章|正文|版|报道|報導|报告|報告)|(?:剩余|剩餘|余下|餘下|其余|其餘|后续|後續|隐藏|隱藏)(?:的)?(?:部分|内容|內容|文字|段落|正文|\s?\d{1,3}\s?%))"
GATES: Mapping[str, Sequence[str]] = {
    kind: (
        rf"{does}.{{0,40}}\b(?:to|and|for|or)\b.{{0,25}}{_GOES_ON}",
        rf"\b(?:to|want to|wish to|like to) {_GOES_ON}[^.!]{{0,60}}{does}",
        rf"\b{_GOES_ON}[^.!]{{0,30}}\b(?:with|by|as|after|requires?|for)\b.{{0,20}}{does}",
        rf"{zh}[^。！？]{{0,12}}(?:继续|繼續){_ZH_READS}",
        rf"(?:继续|繼續){_ZH_READS}[^。！？]{{0,12}}[请請需须須][^。！？]{{0,8}}{zh}",
        rf"{zh}[^。！？]{{0,12}}(?:[后後可以需请請]|才能|来|來)[^。！？畅暢]{{0,4}}{_ZH_READS}[^。！？评評]{{0,6}}{_ZH_REST}",
        rf"{_ZH_REST}[^。！？]{{0,10}}(?:[需须須为為是仅僅只限请請，,]|必须|必須)[^。！？]{{0,10}}{zh}",
        *more,
    )
    for kind, does, zh, more in (
        ("login_wall", _LOGS_IN, _ZH_LOGS_IN, (
            rf"{_WORK} .{{0,20}}(?:only|available|reserved|visible) .{{0,12}}(?:for|to) (?:our )?(?:registered|logged[ -]in)",
        )),
        ("paywall", _PAYS, _ZH_PAYS, (
            rf"\b(?:this|the (?:full|whole|entire|rest of (?:this|the)|remainder of (?:this|the))) {_WORK}.{{0,20}}\b(?:is|are|only)\b.{{0,30}}\b(?:for|to)\b (?:our |all |paid |paying |premium |digital |active )*(?:subscribers?|members|supporters|patrons|customers)\b",
            rf"\bthe (?:rest|remainder) (?:of (?:this|the) {_WORK} )?(?:is|are|stays?|remains?) .{{0,30}}(?:subscribers?|members|paywall|locked)",
            r"\byou(?:['’]ve| have) (?:reached|hit|used(?: up)?|exhausted) (?:your|all|the).{0,30}\b(?:free|limit|complimentary|allowance)",
            r"\b(?:no|0|zero) (?:more )?free (?:articles|stories|reads) (?:left|remaining)",
            rf"\bunlock (?:this|the (?:full|whole|rest|entire)|full) ?(?:{_WORK}|access|of)",
            r"\bend of (?:the |this |your )?(?:free |public )?(?:preview|sample|extract|excerpt)\b",
            rf"\b\d{{1,2}} ?% of (?:this|the) {_WORK}.{{0,20}}(?:left|remain|to (?:read|go)|locked|hidden)|\b(?:remaining|other|last) \d{{1,2}} ?% of (?:this|the) {_WORK}",
            rf"\b(?:this|the) {_WORK} is (?:locked|behind (?:a|our|the) paywall)",
            r"(?:本文|此文|该文|該文|本篇|文章|内容|內容|以下部分)[^。！？，]{0,6}[为為是仅僅只限属屬][^。！？，]{0,8}(?:付费|付費|会员|會員|订阅|訂閱|订户|訂戶|vip)",
            r"(?:试读|試讀|试看|試看|预览|預覽|免费阅读|免費閱讀|免费试读|免費試讀|试阅|試閱)(?:部分|内容|內容|章节|章節|次数|次數|额度|額度|篇数|篇數)?(?:已经|已經|已)?(?:结束|結束|到此|完毕|完畢|用完|用尽|用盡|达上限|達上限)",
        )),
    )
}  # fmt: skip

# On the page's source when it shows almost nothing: the scripts of vendors of challenges.
MARKS: Mapping[str, Sequence[str]] = {
    "challenge": (
        r"_cf_chl_opt|cf-browser-verification|cf_chl_|/cdn-cgi/challenge-platform/h/|cf-turnstile",
        r"_Incapsula_Resource|incapsula incident|px-captcha|_pxAppId|captcha-delivery\.com|geo\.captcha",
        r"sec-if-cpt-container|akam/\d+|bm-verify=|/_sec/cp_challenge|sucuri_cloudproxy|ddos-guard",
        r"awsWafCookieDomainList|AwsWafIntegration|challenge\.js.{0,80}awswaf|distil_r_captcha|kpsdk|vercel/security",
        r"acw_sc__v[23]|_____tmd_____|nc_1_n1z|noCaptcha|AWSC/nc|aliyun_waf|x5secdata|baxia",
        r"__jsl_clearance|\$_ts\s*=\s*window\['?\$_ts|_\$[a-z0-9]{2}\(\d|TencentCaptcha|initGeetest|yidun|safeline|slg-",
        r"__ac_signature|byted_acrawler|wappass|verifycenter|hcaptcha\.com/1/api|recaptcha/(?:api|enterprise)\.js|friendlycaptcha",
        r"document\.cookie\s*=.{0,400}location\.(?:reload|href|replace)|location\.reload\(.{0,200}document\.cookie",
    ),
    "login_wall": (r"<input[^<>]+type=[\"']?password",),
    "paywall": (r"\"isAccessibleForFree\"\s*:\s*\"?false",),
}  # fmt: skip
