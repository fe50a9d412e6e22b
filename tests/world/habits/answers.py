"""Answers that are no page of the story: outages, refusals, torn pages; and moves."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tests.world.addresses import MOVES
from tests.world.habits.lines import Maker, is_english
from tests.world.layouts import notice
from tests.world.model import Habit, Reply, Request, Site, list_path, turn_of_reply
from tests.world.wording import converted

__all__ = ["ANSWERS"]


def _outage(
    kind: str,
    make: Callable[[random.Random, str], tuple[str, Callable[[Request, Site], Reply]]],
    *,
    lists_too: float = 0.5,
    longest: float = 72.0,
) -> Maker:
    """Return a maker of habits in which a whole site answers something else for hours or days."""

    def habit(chance: random.Random, language: str) -> Habit:
        said, other = make(chance, language)
        begins = chance.choice((0.9, 5.5, 12.0, 23.0, 70.0, 166.0))
        lasts = chance.choice([h for h in (2.0, 9.0, 14.0, 30.0, 60.0) if h <= longest])
        with_lists = chance.random() < lists_too

        def reply(reply: Reply, request: Request, site: Site) -> Reply:
            if not begins <= request.hours < begins + lasts:
                return reply
            if not with_lists and any(
                request.path == list_path(k, n) for n, k in enumerate(site.lists)
            ):
                return reply
            return other(request, site)

        return Habit(
            kind=kind,
            sample=f"hours {begins:g} to {begins + lasts:g}"
            f"{', lists too' if with_lists else ''}: {said}",
            reply=reply,
        )

    return habit


def page_of(status: int, title: str, text: str, language: str, **headers: str) -> Reply:
    return Reply(
        status=status,
        headers={"content-type": "text/html; charset=utf-8", **headers},
        body=notice(title, text, language=language).encode(),
    )


def _all_404(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((404, 404, 410))
    title = chance.choice(
        (
            "Not Found",
            "404",
            "Page not found",
            "Error 404 (Not Found)",
            "页面不存在",
            "No such page",
        )
    )
    return f"{status} {title} for every page", lambda request, site: page_of(
        status, title, "Sorry.", language
    )


def _front_page(
    chance: random.Random, language: str
) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((301, 302, 302, 307))

    def other(request: Request, site: Site) -> Reply:
        if request.path == "/":
            return page_of(200, site.name, "Welcome to our front page.", language)
        return Reply(status=status, headers={"location": site.root + "/"})

    return f"{status} to the front page for every page", other


def _error_5xx(
    chance: random.Random, language: str
) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((500, 502, 503, 504, 520, 508))
    title = chance.choice(
        ("Service unavailable", "Bad gateway", "Internal Server Error", "服务器错误")
    )
    return f"{status} {title}", lambda request, site: page_of(
        status, title, "Try again later.", language
    )


def _maintenance(
    chance: random.Random, language: str
) -> tuple[str, Callable[[Request, Site], Reply]]:
    english = (
        (
            "We'll be right back",
            "The site is down for scheduled maintenance. Please come back in a few hours.",
        ),
        (
            "Site under maintenance",
            "We are moving to new servers tonight and expect to be back by morning.",
        ),
        (
            "Temporarily unavailable",
            "Our engineers are working on it. We apologise for the inconvenience.",
        ),
    )
    chinese = (
        ("系统维护中", "网站正在进行系统升级，预计数小时后恢复访问，敬请谅解。"),
        ("网站升级", "本站正在升级改造，请稍后再来。"),
        ("暂时无法访问", "服务器维护中，给您带来不便，深表歉意。"),
    )
    title, text = chance.choice(english if is_english(language) else chinese)
    title, text = converted(title, language), converted(text, language)
    return f"200 {title}: {text}", lambda request, site: page_of(200, title, text, language)


def _blocked(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    status = chance.choice((403, 401, 406, 429, 202))
    title, text = chance.choice(
        (
            ("Access denied", "You don't have permission to access this resource."),
            ("Forbidden", "Your request was blocked."),
            ("Just a moment...", "Checking your browser before accessing the site."),
            ("访问被拒绝", "您的请求过于频繁，请稍后再试。"),
        )
    )
    return f"{status} {title}", lambda request, site: page_of(status, title, text, language)


def _challenge(
    chance: random.Random, language: str
) -> tuple[str, Callable[[Request, Site], Reply]]:
    title, text = chance.choice(
        (
            ("Are you a robot?", "Please confirm that you are human by ticking the box below."),
            ("Just a moment...", "Enable JavaScript and cookies to continue"),
            ("安全验证", "请完成下方验证后继续访问。"),
            ("Security check", "Complete the captcha to proceed to the site."),
            (
                "Pardon Our Interruption",
                "As you were browsing something about your browser made us think you were a bot.",
            ),
        )
    )
    return f"200 {title}", lambda request, site: page_of(200, title, text, language)


def _region(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    text = chance.choice(
        (
            "This content is not available in your region.",
            "For legal reasons our site cannot be reached from your country.",
            "We are unable to serve readers in your area at this time.",
            "根据当地法律法规，您所在的地区无法访问本站。",
        )
    )
    return f"451 {text}", lambda request, site: page_of(451, "Unavailable", text, language)


def _consent(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    text = "Before you continue: we and our partners use cookies to improve your experience."
    where = chance.choice(("/consent?continue={}", "/privacy-gate?r={}", "/login?return={}"))

    def other(request: Request, site: Site) -> Reply:
        if request.path.startswith(where.partition("?")[0]):
            title = "Log in" if "login" in where else "Your privacy"
            return page_of(200, title, text, language)
        return Reply(status=302, headers={"location": where.format(request.path)})

    return f"302 to {where}", other


def _parked(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    title, text = chance.choice(
        (
            ("This domain is for sale", "Buy this domain. Related links below."),
            ("Welcome to nginx!", "If you see this page, the web server is installed."),
            (
                "Account suspended",
                "This account has been suspended. Contact your hosting provider.",
            ),
            ("域名已过期", "该域名已到期，请联系注册商续费。"),
            ("Index of /", "Parent directory"),
            ("It works!", "This is the default web page for this server."),
        )
    )
    return f"200 {title}", lambda request, site: page_of(200, title, text, language)


def _broken(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    kind = chance.choice(("connect", "timeout", "tls", "truncated"))
    after = 400 if kind == "truncated" else -1
    return f"{kind}", lambda request, site: Reply(
        failure=kind,
        after=after,
        body=b"<html>" + b"x" * 900,
        headers={"content-type": "text/html"},
    )


def _empty(chance: random.Random, language: str) -> tuple[str, Callable[[Request, Site], Reply]]:
    body, kind = chance.choice(
        (
            (b"", "text/html"),
            (b"{}", "application/json"),
            (b"<html><body></body></html>", "text/html"),
            (b"error\n", "text/plain"),
            (b"Database connection failed", "text/html"),
        )
    )
    return f"200 {body[:30]!r} as {kind}", lambda request, site: Reply(
        headers={"content-type": kind}, body=body
    )


def _torn(chance: random.Random, language: str) -> Habit:
    share, when = chance.choice((0.4, 0.6, 0.8)), chance.choice((1, 2, 3))
    declared = chance.random() < 0.3

    def view_of(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or reply.status != 200 or turn_of_reply(reply, request, site) != when:
            return reply
        # Within the text, wherever the page's furniture puts it.
        text = reply.body.decode("utf-8", "replace")
        place = re.search(r"<body>.*", text, re.S)
        start = place.start() if place else 0
        cut = text[: start + int((len(text) - start) * share)].encode()
        if declared:
            return replace(reply, failure="truncated", after=len(cut), key=None)
        return replace(reply, body=cut, close_delimited=True, key=None)

    how = "shorter than announced" if declared else "without a length"
    return Habit(
        kind="torn answer",
        sample=f"at turn {when} the page ends after {share:.0%} of its body, {how}",
        reply=view_of,
    )


def _slip(chance: random.Random, language: str) -> Habit:
    """One look meets an error; half an hour later all is as it was."""
    status = chance.choice((404, 404, 410, 403, 500, 200, 302))
    when = chance.choice((1.1, 6.3, 24.4, 72.5))

    def reply(reply: Reply, request: Request, site: Site) -> Reply:
        if not reply.story or not when - 0.1 <= request.hours < when + 0.6:
            return reply
        if status == 302:
            return Reply(status=302, headers={"location": site.root + "/"})
        title = "Oops" if status == 200 else "Error"
        return page_of(status, title, "Something went wrong. Please try again.", language)

    return Habit(kind="one bad answer", sample=f"{status} at hour {when:g} alone", reply=reply)


def _moves(chance: random.Random, language: str) -> Habit:
    addressing = chance.choice(MOVES)(chance)
    return Habit(kind=addressing.kind, sample=addressing.sample, addressing=addressing)


ANSWERS: Final[dict[str, Maker]] = {
    "site-wide 404": _outage("site-wide 404", _all_404, longest=30.0),
    "site-wide front page": _outage("site-wide front page", _front_page, longest=30.0),
    "server errors": _outage("server errors", _error_5xx),
    "maintenance page": _outage("maintenance page", _maintenance),
    "requests refused": _outage("requests refused", _blocked),
    "challenge page": _outage("challenge page", _challenge),
    "region notice 451": _outage("region notice 451", _region, lists_too=0.0),
    "consent or login page": _outage("consent or login page", _consent),
    "parked domain": _outage("parked domain", _parked),
    "no answer": _outage("no answer", _broken),
    "empty answers": _outage("empty answers", _empty),
    "torn answer": _torn,
    "one bad answer": _slip,
    "move with redirects": _moves,
    "move without redirects": _moves,
}
"""Makers by kind."""
