"""ZIP files that are damaged, or lost their central directory, as downloads that broke off do.

Each file in a ZIP begins with a header of its own (APPNOTE.TXT, section 4.3.7), from which it is
read; where its length stands behind it only, a deflated one ends itself, and a stored one ends at
the descriptor that has its checksum.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import BinaryIO
from zipfile import BadZipFile, ZipInfo

from scraper.record import record

__all__ = ["CUT_OFF", "LocalFile", "is_cut_zip", "listed_content", "listed_places", "local_files"]

# What is said of a file in a ZIP that ends too early.
CUT_OFF = "it is cut off"
_HEADER = struct.Struct("<4sHHHHHIIIHH")
_LOCAL, _CENTRAL, _DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x07\x08"
# Flags: encrypted; sizes and checksum stand behind the file.
_ENCRYPTED, _BEHIND, _UTF8 = 0x0001, 0x0008, 0x0800
_STORED, _DEFLATED = 0, 8
_LARGE, _LARGE_FIELD = 0xFFFFFFFF, 1
_BLOCK = 256 * 1024
# A descriptor with its signature and sizes of eight bytes.
_LONGEST_DESCRIPTOR = 24


@record
class LocalFile:
    """A file in a ZIP file, by its own header.

    Attributes:
        name: as the header has it.
        offset: where the header begins.
        content: its bytes, unpacked; to be read to the end before the next file.
            `zipfile.BadZipFile` where it is cut off, altered, or packed in another way.
    """

    name: str
    offset: int
    content: Iterator[bytes]


def is_cut_zip(file: BinaryIO) -> bool:
    """Return whether a file that is no whole ZIP begins as one does."""
    file.seek(0)
    return file.read(len(_LOCAL)) == _LOCAL


def local_files(file: BinaryIO) -> Iterator[LocalFile]:
    """Yield the files of a ZIP file by their own headers, in order.

    Raises:
        BadZipFile: no file and no central directory begins where the last file ends; the message
            names the offset.
    """
    at = 0
    while True:
        file.seek(at)
        packed = file.read(_HEADER.size)
        if packed.startswith(_CENTRAL):
            return
        if not packed.startswith(_LOCAL) or len(packed) < _HEADER.size:
            why = CUT_OFF if len(packed) < _HEADER.size else "no file begins there"
            raise BadZipFile(f"at byte {at}: {why}")
        _, _, flags, method, _, _, crc, size, full, name_size, extra_size = _HEADER.unpack(packed)
        name, extra = file.read(name_size), file.read(extra_size)
        if size == _LARGE or full == _LARGE:
            size = _large_size(extra, full == _LARGE)
        begins = file.tell()
        # A checksum that stands behind the file is 0 here.
        known = None if flags & _BEHIND and not size else (size, crc or None)
        content = _content(file, method, known, encrypted=bool(flags & _ENCRYPTED))
        code = "utf-8" if flags & _UTF8 else "cp437"
        yield LocalFile(name=name.decode(code, "replace"), offset=at, content=content)
        if known is not None:
            at = begins + size
            if flags & _BEHIND:
                file.seek(at)
                at = _behind_descriptor(file)
        else:
            at = _behind_descriptor(file)


def listed_places(file: BinaryIO, entries: Sequence[ZipInfo]) -> list[int | None]:
    """Return where the headers of files stand that the central directory lists, None for nowhere.

    They are looked for by their names where bytes are missing of the ZIP file, or too many.

    Args:
        file: the ZIP file.
        entries: what the directory says.
    """
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        places = [
            entry.header_offset if _begins_at(whole, entry.header_offset) else None
            for entry in entries
        ]
        wanted = {
            _name(entry): number for number, entry in enumerate(entries) if places[number] is None
        }
        longest = max(map(len, wanted), default=0)
        at = whole.find(_LOCAL) if wanted else -1
        while at >= 0:
            header = whole[at : at + _HEADER.size + longest]
            if len(header) >= _HEADER.size:
                size = _HEADER.unpack_from(header)[-2]
                number = wanted.pop(header[_HEADER.size : _HEADER.size + size], None)
                if number is not None:
                    places[number] = at
            at = whole.find(_LOCAL, at + 1)
    return places


def _begins_at(whole: mmap.mmap, at: int) -> bool:
    return at >= 0 and whole[at : at + len(_LOCAL)] == _LOCAL


def _name(entry: ZipInfo) -> bytes:
    return entry.orig_filename.encode("utf-8" if entry.flag_bits & _UTF8 else "cp437", "replace")


def listed_content(file: BinaryIO, entry: ZipInfo, place: int) -> Iterator[bytes]:
    """Yield what a file holds that the central directory lists, all before its damage.

    Args:
        file: the ZIP file.
        entry: what the directory says, stored or deflated.
        place: where the header of the file stands.

    Raises:
        BadZipFile: it is cut off, altered or encrypted.
    """
    file.seek(place)
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        raise BadZipFile(CUT_OFF)
    *_, name_size, extra_size = _HEADER.unpack(header)
    file.seek(name_size + extra_size, 1)
    known = (entry.compress_size, entry.CRC)
    encrypted = bool(entry.flag_bits & _ENCRYPTED)
    yield from _content(file, entry.compress_type, known, encrypted=encrypted)


def _large_size(extra: bytes, has_full: bool) -> int:
    """Return the packed size that a ZIP64 field has (APPNOTE.TXT, section 4.5.3)."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field = extra[4 : 4 + length]
        if kind == _LARGE_FIELD and len(field) >= (16 if has_full else 8):
            return int.from_bytes(field[8:16] if has_full else field[:8], "little")
        extra = extra[4 + length :]
    raise BadZipFile("a file's size is missing")


def _content(
    file: BinaryIO, method: int, known: tuple[int, int | None] | None, *, encrypted: bool
) -> Iterator[bytes]:
    if encrypted or method not in (_STORED, _DEFLATED):
        raise BadZipFile("it is encrypted" if encrypted else f"it is packed by method {method}")
    if method == _DEFLATED:
        pieces = _inflated(file, known[0] if known else None)
    elif known is not None:
        pieces = _stored(file, known[0])
    else:
        yield from _stored_until_descriptor(file)
        return
    crc = 0
    for piece in pieces:
        crc = zlib.crc32(piece, crc)
        yield piece
    if known is not None and known[1] is not None and crc != known[1]:
        raise BadZipFile("its checksum is wrong")


def _stored(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        piece = file.read(min(size, _BLOCK))
        if not piece:
            raise BadZipFile(CUT_OFF)
        size -= len(piece)
        yield piece


def _inflated(file: BinaryIO, size: int | None) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=-15)
    left = size
    while not inflate.eof:
        data = inflate.unconsumed_tail
        if not data:
            data = file.read(_BLOCK if left is None else min(left, _BLOCK))
            if not data:
                raise BadZipFile(CUT_OFF)
            left = None if left is None else left - len(data)
        try:
            piece = inflate.decompress(data, _BLOCK)
        except zlib.error as error:
            raise BadZipFile(f"it cannot be unpacked ({error})") from None
        if piece:
            yield piece
    # What was read beyond its end belongs to what follows.
    file.seek(-len(inflate.unused_data), 1)


def _stored_until_descriptor(file: BinaryIO) -> Iterator[bytes]:
    """Yield a stored file whose length is not told, up to the descriptor with its checksum."""
    crc, kept = 0, b""
    while True:
        data = file.read(_BLOCK)
        window = kept + data
        start = 0
        while (found := window.find(_DESCRIPTOR, start)) >= 0:
            if found + 8 > len(window) and data:
                break
            crc = zlib.crc32(window[start:found], crc)
            if found:
                yield window[start:found]
            if window[found + 4 : found + 8] == crc.to_bytes(4, "little"):
                file.seek(found - len(window), 1)
                return
            # These are four bytes of the file.
            crc = zlib.crc32(window[found : found + 4], crc)
            yield window[found : found + 4]
            start = found + 4
        # A descriptor may begin in this block and end in the next.
        cut = max(start, len(window) - 7) if data else len(window)
        if found >= 0:
            cut = found
        crc = zlib.crc32(window[start:cut], crc)
        yield window[start:cut]
        kept = window[cut:]
        if not data:
            raise BadZipFile(CUT_OFF)


def _behind_descriptor(file: BinaryIO) -> int:
    """Return where the descriptor behind a file ends: with or without a signature, of two sizes."""
    begins = file.tell()
    window = file.read(_LONGEST_DESCRIPTOR + len(_LOCAL))
    ends = [at for mark in (_LOCAL, _CENTRAL) if (at := window.find(mark)) >= 0]
    return begins + min(ends, default=min(len(window), _LONGEST_DESCRIPTOR))
