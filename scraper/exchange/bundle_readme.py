"""The page of a bundle that explains it to a reader: what is in it, and how it can be checked."""

from __future__ import annotations

__all__ = ["readme_text"]

_README = """\
{citation}

This is one version of one article as `scraper` archived it, with the means to check it.

article.txt        what the page says, one paragraph a line
article.md         the same with headings, lists, quotes, links and captions
metadata.json      title, authors, times … with every value that was found and where; the verdict;
                   every block of the page that was left out, with the rule that left it out
{files}manifest.json      size and SHA-256 of every file, and the chain (below)

How it can be checked

  `scraper verify FILE.zip` needs neither the archive nor a network. By hand: `sha256sum` of each
  file must be what manifest.json says. The page itself:

    SHA-256 of raw/page-1.html   {body}
    hash of this version         {seal}
    hash of the version before   {former}

  The hash of this version is the SHA-256 of the JSON array [hash of the version before, address,
  number, SHA-256 of the page, time of capture], in UTF-8, with a space after each comma; its parts
  are "seal" in manifest.json. The archive keeps the same chain. manifest.json also names the
  SHA-256 of the former version's manifest.

  A bundle vouches for itself only as far as its hash is known from elsewhere: compare the hash of
  the version, or of manifest.json, with the one that was published or handed down with it.
  What no bundle can show is that the server's answer was recorded truly in the first place.
"""
_RAW = """\
raw/page-N.html    the page's bytes as the server meant them: freed of transfer and content encoding
                   (gzip …), not of their character encoding
raw/page-N.json    the headers of the response (names in lower case, repeated ones joined)
capture.warc       the same response as a WARC record (ISO 28500), for other tools
"""
_DIFFERENCE = """\
changes.txt        what changed against version {number}, by sentence
changes.json       the same as data
"""


def readme_text(line: str, *, body: str | None, seal: str, former: tuple[int, str] | None) -> str:
    """Return the page that explains a bundle to a reader.

    Args:
        line: of citation.
        body: SHA-256 of its raw page, or None where it holds none.
        seal: the archive's hash of the version.
        former: number and hash of the version before, or None for the first.
    """
    files = _RAW if body is not None else ""
    if former is not None:
        files += _DIFFERENCE.format(number=former[0])
    return _README.format(
        citation=line,
        files=files,
        body=body or "(none was kept)",
        seal=seal,
        former=former[1] if former else "(this is the first)",
    )
