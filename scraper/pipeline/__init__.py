"""The stages in order; the only place with concurrency.

reading.py    what a worker does with one page: decode, extract, judge whether it is the article
tally.py      counts by source: seen, kept, unchanged, rejected, failed
visiting.py   a visit to a source, with what is remembered of the last one
opinion.py    what a source's own entry says of an article, weighed against its page
checking.py   a dry run over one source, stage by stage
run.py        the passes: fetch some addresses, collect from all sources, import captures
"""

from scraper.pipeline.checking import STAGES, Checked
from scraper.pipeline.reading import Reading, read_page
from scraper.pipeline.run import Event, Outcome, Pipeline, utcnow
from scraper.pipeline.tally import Tally

__all__ = [
    "STAGES",
    "Checked",
    "Event",
    "Outcome",
    "Pipeline",
    "Reading",
    "Tally",
    "read_page",
    "utcnow",
]
