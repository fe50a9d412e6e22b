"""The stages in order; the only place with concurrency.

pipeline.py             `Pipeline`: the stages wired together, and the passes that may be asked for
collect.py              a pass over the sources and pages that are due
captures.py             captured responses, from an import or a watched file
share.py                captured responses that are read here and written by another machine
readings.py             what was read from a page, as bytes
link.py                 one link: fetched, parsed, its further pages followed; a feed's own text
parse.py                what a worker does with a page: decode, parse, extract, verdict, opt-outs
judging.py              what a worker does with a text: topics, names, figures, quotes
record.py               one link: judged, recorded, counted
learned_boilerplate.py  what is learned of its host
archive_thread.py       the archive, in a thread of its own
archive_hosts.py        what the archive remembers of hosts, as the client asks for it
events.py               events of a pass, and counts by source: seen, kept, unchanged …
check_source.py         a dry run over one source, stage by stage
reextract.py            every archived record derived again from its raw page
rescore.py              every archived version judged again by the lexicon
quotes.py               who is reported to have said what; every version read again
"""

from typing import TYPE_CHECKING

from scraper.lazy_names import lazy_names

if TYPE_CHECKING:
    from scraper.pipeline.archive_thread import ArchiveThread
    from scraper.pipeline.check_source import STAGES, SourceCheck
    from scraper.pipeline.events import Event, LinkOutcome, RunCounts, utcnow
    from scraper.pipeline.parse import ParsedPage, read_page
    from scraper.pipeline.pipeline import Pipeline

__all__ = [
    "STAGES",
    "ArchiveThread",
    "Event",
    "LinkOutcome",
    "ParsedPage",
    "Pipeline",
    "RunCounts",
    "SourceCheck",
    "read_page",
    "utcnow",
]

_NAMES = {
    "archive_thread": "ArchiveThread",
    "check_source": "STAGES SourceCheck",
    "events": "Event LinkOutcome RunCounts utcnow",
    "parse": "ParsedPage read_page",
    "pipeline": "Pipeline",
}
__getattr__ = lazy_names(__name__, _NAMES, globals())
