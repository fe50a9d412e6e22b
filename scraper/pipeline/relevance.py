"""What each article is about, and whether its source keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scraper.config import Config
from scraper.judge.judgement import judge
from scraper.judge.lexicon import Lexicon, lexicon_in
from scraper.models import Attempt

__all__ = ["Relevance"]


class Relevance:
    """Judges attempts.

    Args:
        lexicon: what is looked for.
        choices: by name of source, what is kept of it: all, only, metadata.
    """

    def __init__(self, lexicon: Lexicon, choices: Mapping[str, str]) -> None:
        self._lexicon = lexicon
        self._choices = choices

    @classmethod
    def of(cls, config: Config) -> Relevance:
        """Return what a configuration asks for (`ConfigError` when its lexicon is wrong)."""
        choices = {source.name: source.topic for source in config.sources}
        return cls(lexicon_in(config.folder), choices)

    def judged(self, attempt: Attempt) -> Attempt:
        """Return the attempt with its judgement, if it brought an article."""
        article = attempt.article
        if article is None or not article.text.strip():
            return attempt
        return replace(attempt, judgement=judge(article.title, article.text, self._lexicon))

    def unwanted(self, attempt: Attempt) -> bool:
        """Whether the source of a judged attempt does not keep the likes of it."""
        choice = self._choices.get(attempt.link.source, "all")
        return choice != "all" and attempt.judgement is not None and not attempt.judgement.topic.on

    def without(self, attempt: Attempt) -> Attempt:
        """Return the attempt so that the archive passes it over: no body, no text is kept."""
        page = attempt.page
        return replace(
            attempt,
            page=replace(page, body=b"") if page else None,
            extra_pages=(),
            footprint=None,
            passed_over=self._choices[attempt.link.source],
        )
