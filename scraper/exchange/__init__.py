"""Takes captures in and gives articles out, one file for each format.

warc.py          captured responses: reading them; warc_worker.py: in a worker process
capture_transport.py  the same as a transport that replays them
warc_records.py  the records of a WARC file, behind broken ones too
gzip_stream.py   the bytes of a file that may be gzipped
bundle.py      a version with all that is needed to cite it: what is in it (bundle_parts.py), its
               WARC record (bundle_warc.py), its ZIP file (bundle_zip.py), its check
               (bundle_check.py)
"""

from typing import TYPE_CHECKING

from scraper.lazy_names import lazy_names

if TYPE_CHECKING:
    from scraper.exchange.capture_transport import CaptureTransport
    from scraper.exchange.warc import BrokenRecords, Capture, read_captures

__all__ = ["BrokenRecords", "Capture", "CaptureTransport", "read_captures"]

_NAMES = {
    "capture_transport": "CaptureTransport",
    "warc": "BrokenRecords Capture read_captures",
}
__getattr__ = lazy_names(__name__, _NAMES, globals())
