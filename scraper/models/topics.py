"""What a text is about: topic, names, figures."""

from __future__ import annotations

from datetime import datetime

from scraper.record import record

__all__ = ["Claim", "Evidence", "Judgement", "Mention", "Quantity", "Topic"]


@record
class Evidence:
    """One entry of the lexicon that bears on the topic of a text.

    Attributes:
        name, kind: the entry, as in `config/topics.toml`.
        place: where its best mention stands: ``headline``, ``lead`` or ``body``.
        count: mentions, the headline included.
        points: what it adds to the score, before the cap on background words.
        matched: its first mention as printed.
        offset: place of that mention in the headline, or in the text for other places.
    """

    name: str
    kind: str
    place: str
    count: int
    points: float
    matched: str
    offset: int


@record
class Topic:
    """Whether a text is about what the archive is about, and why.

    Attributes:
        score: sum of the evidence's points, background words capped.
        threshold: score from which a text is on topic.
        evidence: most telling first.
    """

    score: float
    threshold: float
    evidence: tuple[Evidence, ...] = ()

    @property
    def on(self) -> bool:
        """Whether the text is on topic."""
        return self.score >= self.threshold


@record
class Mention:
    """A model, company, person, benchmark, licence … that a text names.

    Attributes:
        kind: model, company, person, benchmark, licence, chip, policy or event.
        name: its name in the lexicon; for a version of a model what its form makes of it
            (``Qwen3-235B-A22B``, ``Kimi K2``).
        family: the family that a version of a model belongs to, or "".
        maker: company that makes the model, or "".
        listed: whether it stands in the lexicon; otherwise it was told by its form.
        count: mentions in text and headline.
        in_title: mentions in the headline.
        offset: place of the first mention in the text, or None when only the headline has it.
        matched: the forms in which it is printed, that of the first mention first: ``A / B``.
    """

    kind: str
    name: str
    family: str = ""
    maker: str = ""
    listed: bool = True
    count: int = 1
    in_title: int = 0
    offset: int | None = None
    matched: str = ""


@record
class Quantity:
    """A figure that a text gives, normalised.

    Attributes:
        kind: what it measures: parameters, active parameters, context, training tokens,
            training cost, price, score …
        unit: parameters, tokens, USD, CNY, %, GPUs …
        low, high: the value in that unit; equal unless a range was printed.
        precision: half a unit of the last printed digit: 6710亿 is 671e9 give or take 0.05e9.
        qualifier: about, over, nearly, up to, or "".
        detail: the benchmark of a score, the chip of a cluster, the side of a price, or "".
        about: name of the model that it is of (of the company, for funding and the like), or "".
        link: how that is known: ``clause``, ``sentence``, ``carried`` (from a sentence before), "".
        printed: the figure as printed.
        sentence: the sentence that it stands in.
        in_title: whether it stands in the headline.
        offset: its place in the headline or in the text.
    """

    kind: str
    unit: str
    low: float
    high: float
    precision: float = 0.0
    qualifier: str = ""
    detail: str = ""
    about: str = ""
    link: str = ""
    printed: str = ""
    sentence: str = ""
    in_title: bool = False
    offset: int = 0


@record
class Judgement:
    """What a version of an article is about.

    Attributes:
        topic: score and evidence.
        mentions: what it names, most often named first.
        quantities: the figures that it gives, in order.
        lexicon: version of the lexicon, and of our code, that judged.
    """

    topic: Topic
    mentions: tuple[Mention, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    lexicon: str = ""


@record
class Claim:
    """A quantity as one version of an article gives it.

    Attributes:
        quantity: what it says.
        article_id, version: where it says so.
        current: whether that is the article's current version.
        outlet, title, url: of the article.
        at: when the article was published, or first seen.
        observed_at: when this version was first observed.
        until: when the next version of the article, in the order of time, was first observed; None
            for the current one, also where an edit was taken back.
    """

    quantity: Quantity
    article_id: int
    version: int
    current: bool
    outlet: str
    title: str
    url: str
    at: datetime
    observed_at: datetime
    until: datetime | None = None
