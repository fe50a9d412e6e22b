"""The stages in order; the only place with concurrency.

reading.py    what a worker does with one page: decode, extract, judge whether it is the article
tally.py      counts by source: seen, kept, unchanged, rejected, failed
run.py        the passes: fetch some addresses, collect from all sources, import captures
"""

from scraper.pipeline.reading import Reading, read_page
from scraper.pipeline.run import Event, Outcome, Pipeline, utcnow
from scraper.pipeline.tally import Tally

__all__ = ["Event", "Outcome", "Pipeline", "Reading", "Tally", "read_page", "utcnow"]
