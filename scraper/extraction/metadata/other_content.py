"""Parts of a page whose writers and dates are of something else than its article.

Embedded posts, comments, and teasers of other articles have bylines and times of their own, which
often are better marked than those of the page.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborNode

from scraper.text.patterns import lazy_compile

__all__ = ["is_in_other_content", "is_other_place"]

# Words in the class or id of such a part, each a whole part of a name: ``tweet-date``, ``fb_post``.
_NAMES: Final = (
    # posts of other platforms, and cards that show another page
    r"tweets?|twitter|fb|facebook|instagram|insta|embed(?:s|ded|ly)?|oembed|telegram|tg|toot|"
    r"mastodon|bluesky|bsky|threads|tiktok|reddit|youtube|linkedin|quoted|onebox|bookmark|"
    r"(?:weibo|wb)(?![_-]?(?:info|user|share))|"
    r"(?:link|quote|social)[-_]?(?:card|preview|post)|"
    # what readers write
    r"comments?|commentlist|repl(?:y|ies)|disqus|respond|pinglun|liuyan|"
    # other articles of the site
    r"related|recommend(?:s|ed|ation|ations)?|teasers?|promos?|recirc(?:ulation)?|carousel|trending|"
    r"popular|(?:most|up|read|also|see|more|you)[-_](?:read|popular|viewed|next|also|from|stories|news|"
    r"on|may|like|articles)|readmore|recent[-_]?posts|xiangguan|tuijian"
)
_NAME = lazy_compile(rf"(?<![a-z0-9])(?:{_NAMES})(?![a-z0-9])")
_CAMEL = lazy_compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Names of layouts, not of parts: has-sidebar, comments-open, no-related.
_LAYOUT = lazy_compile(
    r"(?<![a-z0-9])(?:has|no|with|without|is|open|closed|layout|count|number|link)(?![a-z0-9])"
)
_BOUNDS: Final = frozenset(("body", "html", "main"))
_MOST_STEPS: Final = 12
_SHORT: Final = 60


def _names_other(names: str) -> bool:
    """Return whether one of several class names is that of such a part."""
    for name in names.split():
        spelled = _CAMEL.sub("-", name).lower() if not name.islower() else name
        if _NAME.search(spelled) and not _LAYOUT.search(spelled):
            return True
    return False


def is_other_place(place: str) -> bool:
    """Return whether the path of a block leads through such a part.

    Args:
        place: as blocks have it, such as ``body > div.tweet > p``.
    """
    steps = place.split(" > ")[:-1]
    return any(
        step.startswith("blockquote") or _names_other(step.partition(".")[2]) for step in steps[1:]
    )


def is_in_other_content(node: LexborNode) -> bool:
    """Return whether an element stands in a part of the page that is not of its article.

    A part that holds the page's first heading is none, whatever its name.
    """
    at: LexborNode | None = node
    articles = 0
    for step in range(_MOST_STEPS):
        if at is None or at.tag in _BOUNDS:
            return False
        tag = at.tag or ""
        attributes = at.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        other = tag == "blockquote" or ("-" in tag and _names_other(tag)) or _names_other(names)
        if tag == "article":
            articles += 1
            # An article within another one is a card or a post.
            other = other or (articles == 1 and step > 0 and _is_within_article(at))
        if other and not (at.css_first("h1") is not None):
            return True
        at = at.parent
    return False


def _is_within_article(node: LexborNode) -> bool:
    parent = node.parent
    for _ in range(_MOST_STEPS):
        if parent is None or parent.tag in _BOUNDS:
            return False
        if parent.tag == "article":
            return True
        parent = parent.parent
    return False
