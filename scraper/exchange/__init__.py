"""Takes captures in and gives articles out, one file for each format.

warc.py        captured responses: reading them, and as a stand-in for the web
inflated.py    the bytes of a file that may be gzipped
payload.py     the bytes of a body that may be encoded
bundle.py      a version with all that is needed to cite it: what is in it (bundle_parts.py), its
               WARC record (bundle_warc.py), its ZIP file (bundle_zip.py), its check
               (bundle_check.py)
"""

from scraper.exchange.warc import Capture, CaptureTransport, TruncatedWarc, read_captures

__all__ = ["Capture", "CaptureTransport", "TruncatedWarc", "read_captures"]
