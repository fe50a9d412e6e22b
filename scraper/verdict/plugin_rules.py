"""What rules of plugins say of a page that was taken for an article."""

from __future__ import annotations

from scraper.models import Page, Verdict
from scraper.plugins import Fault, PageFacts, attempt, offer_named
from scraper.text.encoding import decode
from scraper.verdict import REFUSALS

__all__ = ["ask_rule"]

# Characters of what a rule says that it saw.
_LONGEST_SEEN = 300


def ask_rule(name: str, page: Page, title: str, text: str) -> Verdict | Fault | None:
    """Ask one rule; runs in a worker process, which may be killed for it.

    Args:
        name: of the rule.
        page: the response, its encodings undone.
        title, text: headline and text that were read from it.

    Returns:
        Why the page is no article, None where the rule has nothing against it, or what the rule did
        instead of answering.
    """
    offer = offer_named("verdict_rules", name)
    if offer is None:
        return Fault(message=f"the rule {name} of a plugin is no longer there")
    facts = PageFacts(
        url=page.url,
        final_url=page.final_url,
        status=page.status,
        headers=dict(page.headers),
        html=decode(page.body, page.headers.get("content-type", "")).text,
        title=title,
        text=text,
    )
    said = attempt(offer.plugin, f"rule {name}", lambda: offer.item.judge(facts))
    if said is None or isinstance(said, Fault):
        return said
    match said:
        case (str() as kind, str() as seen) if kind in REFUSALS:
            words = " ".join(seen.split())[:_LONGEST_SEEN]
            return Verdict(
                kind=str(kind), evidence=(f"plugin {offer.plugin}, rule {name}: {words}",)
            )
    kinds = ", ".join(sorted(REFUSALS))
    return Fault(
        message=f"plugin {offer.plugin}: rule {name} gave {type(said).__name__}, neither None nor a"
        f" kind ({kinds}) with what was seen"
    )
