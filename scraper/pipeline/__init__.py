"""The stages in order; the only place with concurrency.

run.py         `Pipeline`: the stages wired together, and the passes that may be asked of it
events.py      what a pass tells of as it happens
keeping.py     the archive, in a thread of its own
hosts.py       its memory of hosts, in the form that the client wants
attempt.py     one address: fetched and read, whatever comes of it
  reading.py     what a worker does with one page: decode, extract, is it the article
  opinion.py     what a source's own entry says of an article, weighed against its page
settling.py    one link: attempted, judged, recorded, counted
  relevance.py   what it is about, and whether its source keeps it
  memory.py      what is learned of its host
collecting.py  a pass over the sources that are due
  visiting.py    a visit to one, with what is remembered of the last
captures.py    captured responses, from an import or a watched file
  batch.py       those that are written together
checking.py    a dry run over one source, stage by stage
rederive.py    every archived record derived anew
  rewriting.py   what became of each, and the canary
rescore.py     every archived version judged anew
tally.py       counts by source: seen, kept, unchanged, rejected, failed
"""

from scraper.pipeline.check_source import STAGES, SourceCheck
from scraper.pipeline.events import Event, LinkOutcome, RunCounts, utcnow
from scraper.pipeline.parse import ParsedPage, read_page
from scraper.pipeline.pipeline import Pipeline

__all__ = [
    "STAGES",
    "Event",
    "LinkOutcome",
    "ParsedPage",
    "Pipeline",
    "RunCounts",
    "SourceCheck",
    "read_page",
    "utcnow",
]
