"""Rules of plugins are asked of each article, each in a worker that can be killed.

Whatever a rule does, the article is kept unless the rule says in so many words that it is none.
"""

from __future__ import annotations

import logging
from collections import Counter

from scraper.errors import ExtractError
from scraper.models import Article, Page, Verdict
from scraper.plugins import Fault, Offer, offers
from scraper.verdict.plugin_rules import ask_rule
from scraper.workers import ParserPool

__all__ = ["PluginRules"]

log = logging.getLogger(__name__)

# Times that a rule may have its worker killed in a process: each costs the limit of a worker.
_MOST_STOPS = 3


class PluginRules:
    """Asks the rules of the plugins that are installed.

    Args:
        pool: where they are asked.
    """

    def __init__(self, pool: ParserPool) -> None:
        self._pool = pool
        self._stops: Counter[str] = Counter()

    async def ask(self, page: Page, article: Article) -> tuple[Verdict | None, tuple[str, ...]]:
        """Ask all rules, until one says that a page is no article.

        Args:
            page: the response.
            article: what was read from it.

        Returns:
            Why it is none, or None; and what rules did instead of answering, a line each.
        """
        faults: list[str] = []
        for offer in offers("verdict_rules"):
            said = await self._ask(offer, page, article)
            if isinstance(said, Verdict):
                return said, tuple(faults)
            if said is not None:
                faults.append(said.message)
                log.warning("%s: %s", page.url, said.message)
        return None, tuple(faults)

    async def _ask(self, offer: Offer, page: Page, article: Article) -> Verdict | Fault | None:
        name = offer.item.name
        if self._stops[name] >= _MOST_STOPS:
            return Fault(
                message=f"plugin {offer.plugin}: rule {name} is not asked: it had to be stopped"
                f" {_MOST_STOPS} times"
            )
        try:
            return await self._pool.run(ask_rule, name, page, article.title, article.text)
        except ExtractError as error:
            self._stops[name] += 1
            return Fault(message=f"plugin {offer.plugin}: rule {name} was stopped: {error.message}")
