"""What a worker process does with one text: its topics, names and figures, and its quotes."""

from __future__ import annotations

from pathlib import Path

from scraper.models import Judgement, QuoteReading
from scraper.pipeline.quotes import read_quotes
from scraper.topics import judge
from scraper.topics.lexicon import lexicon_in

__all__ = ["judge_text"]


def judge_text(
    title: str, text: str, folder: Path | None, version: str
) -> tuple[Judgement, QuoteReading] | None:
    """Judge one article; runs in a worker process, which reads the lexicon once.

    Args:
        title: headline.
        text: clean text, one paragraph per line.
        folder: of the configuration whose lexicon is meant, or None.
        version: of that lexicon.

    Returns:
        The judgement and the quotes, or None where the file has changed since and is another
        lexicon.

    Raises:
        ConfigError: the file has changed since and is invalid.
    """
    lexicon = lexicon_in(folder)
    if lexicon.version != version:
        return None
    return judge(title, text, lexicon), read_quotes(text, lexicon)
