"""Takes captures in and gives articles out, one file for each format.

warc.py        captured responses: reading them, and as a stand-in for the web
inflated.py    the bytes of a file that may be gzipped
payload.py     the bytes of a body that may be encoded
"""

from scraper.exchange.warc import Capture, CaptureTransport, WarcBreak, read_captures

__all__ = ["Capture", "CaptureTransport", "WarcBreak", "read_captures"]
