"""Word lists that the block classifier counts: data, in the languages that pages come in.

They are evidence, not verdicts: what a match is worth is learned (`tests/training`). A change here
changes the meaning of the model's features, so retrain after it. Plain substrings are used where
they do: all of them are looked for at once, at the cost of a single regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import ahocorasick

__all__ = ["ELEMENT_WORDS", "TEXT_WORDS", "element_words", "text_words"]


def element_words(naming: str) -> frozenset[int]:
    """Return the columns of `ELEMENT_WORDS` that class, id or role names belong to.

    Args:
        naming: names in lower case, with spaces between them.
    """
    names = naming.replace("_", "-").replace("--", "-").replace(" ", "- -")
    return frozenset(c for _, columns in _ELEMENT_FINDER.iter(f"-{names}-") for c in columns)


def _table(text: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split(":", 1) for line in text.strip().splitlines())
    return {name.strip(): tuple(words.split()) for name, words in rows}


# What class, id, itemprop, role … of an element say about it. Substrings of the names joined by
# "-": "-ad-" is a whole word, "-hot" the beginning of one, "nav" may stand anywhere.
ELEMENT_WORDS: Final[Mapping[str, tuple[str, ...]]] = _table(
    """
body: articlebody article-body articlecontent article-content articletext article-text
 article-detail article-main article-inner article-entry artibody arti-body post-body post-content
 postcontent post-text post-entry entry-content entry-body entry- story-body storybody story-content
 story-text news-content news-body newscontent news-text news-txt news-detail page-content page-body
 main-content maincontent main-text main-body detail-content detailcontent detail-body body-text
 body-content bodytext content-text content-article content-body content-detail contenttext
 rich-text richtext prose js-content trs-editor endtext wysiwyg markdown rm-txt paragraph articulo
 cuerpo artikel texte corpo testo art-content artcontent
article: article post story blog news arti artikel
content: content main body text inhalt conteudo contenido zhengwen -con- -cont
comment: comment disqus reply replies respond discuss pinglun gentie -cmt
related: relat recommend recirc more also similar trend popular most latest tuijian xiangguan -hot
 you-may youmay next prev onward teaser guess -like-list hotnews readon outbrain taboola
side: side aside rail right left -col
navigation: nav menu crumb table-of-contents pagin pager skip -toc -tab channel
foot: foot bottom copyright legal colophon disclaim statement
head: head -top masthead banner hero title
share: share sharing social follow twitter facebook -like fenxiang bdshare
offer: newsletter subscri sign-up signup promo paywall offer donat optin form login regist download
 -cta qrcode erweima -app- -abo- membership
advert: -ad- -ads- -ad-  advert sponsor gpt adsense guanggao affiliate commercial anzeige publicid
 werbung dfp -ad1 -adv
meta: meta byline author date time info source credit categor label kicker editor laiyuan -bio -tag
 reporter published autor
card: widget module card box teaser item list grid carousel slide
overlay: modal popup pop-up overlay dialog lightbox tooltip toast collapse hidden sr-only
 screen-reader visually -hide- a11y
consent: cookie consent gdpr onetrust -ot- didomi sourcepoint -cmp qc-cmp usercentrics privacy
 placeholder
picture: caption figure image photo -img media video player embed gallery
summary: summary excerpt intro standfirst abstract subtitle takeaway highlight zhaiyao daodu -lead
 -dek -deck chapo teaser-text vorspann description
quote: quote callout code table faq accordion question answer -ref cite -note
facts: fact infobox info-box boxout aside-box keypoint key-point in-brief at-a-glance
live: live ticker stock market weather score -poll
premium: premium paid locked regwall piano meter
""".replace("\n ", " ")
)


def _finder(tables: Iterable[Iterable[str]]) -> ahocorasick.Automaton:
    """Return the search for the words of all tables at once (Aho and Corasick, 1975).

    It yields for each word found the columns of the tables that have it.
    """
    columns: dict[str, tuple[int, ...]] = {}
    for column, words in enumerate(tables):
        for word in words:
            columns[word] = (*columns.get(word, ()), column)
    automaton = ahocorasick.Automaton()
    for word, found in columns.items():
        automaton.add_word(word, found)
    automaton.make_automaton()
    return automaton


_ELEMENT_FINDER: Final = _finder(ELEMENT_WORDS.values())


class Says(NamedTuple):
    """Words of a block that are evidence of one kind; all in lower case.

    Attributes:
        starts: pattern that the block begins with, or None.
        starts_wide: the same, for blocks that are not all ASCII.
        contains: substrings, anywhere in the block's beginning.
    """

    starts: re.Pattern[str] | None
    starts_wide: re.Pattern[str] | None
    contains: tuple[str, ...]


def _says(*starts: str, wide: str = "", contains: str = "") -> Says:
    return Says(
        re.compile("|".join(starts)) if starts else None,
        re.compile("|".join((*starts, wide)) if wide else "|".join(starts))
        if starts or wide
        else None,
        tuple(word.replace("_", " ") for word in contains.split()),
    )


TEXT_WORDS: Final[Mapping[str, Says]] = {
    "related": _says(
        r"(?:related|recommended|suggested|similar|popular|trending|latest|featured|recent)"
        r" ?(?:articles?|posts?|stories|news|content|reading|topics?|links|videos|products"
        r"|resources|coverage|insights|guides)?:?$",
        r"related\b|recommended|see also|also (?:read|on|in)|further reading|trending|popular",
        r"read (?:more|next|also|the full|this)|more (?:from|on|in|stories|articles|like|news|to)",
        r"you (?:may|might)|most (?:read|popular|viewed)|latest|up next|don.t miss",
        r"what to read|(?:keep|continue) reading|explore more|editor.s picks|watch\s?:",
        r"mehr (?:zum|dazu|aus)|lesen sie|auch interessant|das könnte|weitere (?:artikel|themen)",
        r"à lire|lire aussi|sur le même|à découvrir|voir aussi|lea también|leer más|te puede",
        r"le puede|relacionad|más (?:noticias|información)|leggi anche|ti potrebbe|per approfond",
        r"leia (?:também|mais)|veja (?:também|mais)|saiba mais|lees (?:ook|meer)|bekijk ook",
        r"les også|läs (?:också|mer|även)|læs også|lue myös|czytaj|zobacz|přečtěte|ilgili|benzer",
        r"baca juga|simak juga",
        wide=r"相关|相關|延伸|推荐|推薦|猜你喜|聚焦|往期|热门|熱門|热点|精彩|更多|大家都在|为您|為您"
        r"|最新|排行|阅读原文|閱讀原文|编辑推荐|今日|此前报道|点击进入|看更多|你可能|您可能|也許您"
        r"|читайте|смотрите|по теме|関連|あわせて読み|관련|اقرأ",
    ),
    "subscribe": _says(
        r"join (?:our|us|the)|follow (?:us|me)|get (?:the latest|our)|download (?:our|the|now)",
        contains="subscrib newsletter sign_up signup sign_in log_in inbox register free_trial "
        "订阅 訂閱 关注 關注 下载 下載 客户端 公众号 app粉 "
        "_app_ 粉絲團 加入會員 開啟通知 登录 登錄 注册 "
        "abonnier abonne anmelden inscri suscr iscriviti assine kanal telegram подпис prenumer",
    ),
    "rights": _says(
        contains="© copyright all_rights_reserved terms_of "
        "privacy_policy disclaimer republish 未经 未經 "
        "转载 轉載 版权 版權 免责 免責 声明 聲明 授权 授權 不代表 侵权 侵權 "
        "立场 立場 alle_rechte tous_droits "
        "derechos_reservados riproduzione_riservata direitos_reservados"
    ),
    "share": _says(
        r"share|tweet|print\b|email (?:this|article)|teilen"
        r"|partager|compart|condividi|del\b|dela\b",
        contains="facebook copy_link whatsapp pinterest "
        "linkedin 分享 收藏 扫一扫 掃一掃 扫码 掃碼 二维码 "
        "微信 点赞 點讚 在看 微博",
    ),
    "comment": _says(
        r"(?:leave a |post a |\d+ )?(?:comment|repl|response)|kommentar|comentario|commenti",
        r"\d+ (?:kommentare|commentaires|comentarios)|.{0,20}comments?$|commentaire",
        contains="add_a_comment add_your_comment 评论 評論 留言 跟帖 网友 網友 發表意見",
    ),
    "editor": _says(
        wide=r".{0,80}(?:编辑|編輯|校对|校對|来源|來源|作者|审核|监制"
        r"|監製|撰文|排版|统筹|文)\s?[:：丨|｜／/]",
        contains="责任编辑 责编 責任編輯 纠错 糾錯 供稿 记者 記者 原标题 原標題 编译",
    ),
    "credit": _says(
        r"[▲△◎]|(?:photo|image|foto|bild|crédit|picture)\b.{0,20}[:/]|图[/／:：]|圖[/／:：]",
        contains="photo_by photograph_by photo_credit image_credit "
        "getty shutterstock unsplash istock "
        "courtesy picture_alliance /dpa /afp reuters "
        "图片来源 圖片來源 供图 供圖 摄影 攝影 图源 圖源 资料图 "
        "資料照 视频截图 imago",
    ),
    "biography": _says(
        r"about\b|.{0,60} is (?:a|an|the) .{0,80}(?:writer|editor|author|journalist|reporter"
        r"|founder|professor|contributor|expert|director|specialist|manager|coach|correspondent)",
        contains="ist_redakteur ist_autor est_journaliste es_periodista 作者简介 作者为 作者系",
    ),
    "sale": _says(
        r"learn more|get started|view (?:all|more)|see all|show more|read full|load more",
        contains="affiliate commission sponsored advert buy_now "
        "shop_now click_here check_price book_now "
        "contact_us add_to_cart request_a schedule_a call_us $ "
        "anzeige publicité publicidad pubblicità "
        "werbung advertentie annons 广告 廣告 реклама",
    ),
    "notice": _says(
        contains="cookie consent javascript your_browser 浏览器 瀏覽器 datenschutz externer_inhalt "
        "external_content"
    ),
}


_TEXT_FINDER: Final = _finder(says.contains for says in TEXT_WORDS.values())
_STARTS: Final = tuple(
    (column, says.starts.match) for column, says in enumerate(TEXT_WORDS.values()) if says.starts
)
_STARTS_WIDE: Final = tuple(
    (column, says.starts_wide.match)
    for column, says in enumerate(TEXT_WORDS.values())
    if says.starts_wide
)


def _any(patterns: Iterable[re.Pattern[str] | None]) -> Callable[[str], object]:
    return re.compile("|".join(f"(?:{p.pattern})" for p in patterns if p)).match


_ANY_START: Final = _any(says.starts for says in TEXT_WORDS.values())
_ANY_START_WIDE: Final = _any(says.starts_wide for says in TEXT_WORDS.values())


def text_words(text: str) -> set[int]:
    """Return the columns of `TEXT_WORDS` that a text in lower case is evidence of."""
    found = {column for _, columns in _TEXT_FINDER.iter(text) for column in columns}
    any_start, starts = (_ANY_START, _STARTS) if text.isascii() else (_ANY_START_WIDE, _STARTS_WIDE)
    # Most texts begin with none of them.
    if any_start(text):
        found.update(column for column, matches in starts if matches(text))
    return found
