"""Bytes to text, as an editor would open the file.

UTF-8 if the bytes are that, UTF-16 if a byte order mark says so, else a code page. Damage within
the text, UTF-8 that was once read as a code page, is another matter: see
:mod:`derive.checking.mojibake`.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from derive.config import LIMITS
from derive.errors import DeriveError


class ReadingError(DeriveError):
    """A file that cannot be read as text."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file, its lines ended by line feeds only, without byte order mark."""

    text: str
    codec: str
    """As Python names it."""


_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF32 = {codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"}

_CYRILLIC = re.compile(rb"[\xc0-\xff]{3,}")
_TURKISH = re.compile(rb"[A-Za-z][\xd0\xdd\xde\xf0\xfd\xfe]|[\xd0\xdd\xde\xf0\xfd\xfe][A-Za-z]")
_HANZI = re.compile(rb"(?:[\xa1-\xa3\xb0-\xf7][\xa1-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]+")


def decode(data: bytes) -> Decoded:
    """The text of a file's bytes.

    Raises:
        ReadingError: more bytes than the limit, or no text at all.
    """
    if len(data) > LIMITS.max_document_bytes:
        most = LIMITS.max_document_bytes // 1_000_000
        raise ReadingError(f"the document has {len(data)} bytes; at most {most} MB are read")
    text, codec = _marked(data) or _plain(data)
    if "\x00" in text:
        raise ReadingError(
            "this is not a text file: it has NUL characters; save it as UTF-8 text first"
        )
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), codec)


def _marked(data: bytes) -> tuple[str, str] | None:
    """By the byte order mark, if there is one."""
    for mark, codec in (*_UTF32.items(), *_UTF16.items()):
        if data.startswith(mark):
            return _wide(data[len(mark) :], codec), codec
    if not data.startswith(codecs.BOM_UTF8):
        return None
    text, codec = _plain(data[len(codecs.BOM_UTF8) :])
    return text, "utf-8-sig" if codec == "utf-8" else codec


def _wide(data: bytes, codec: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"the byte order mark says {codec.upper()}, and byte {error.start} is not that"
        ) from None


def _plain(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    if b"\x00" in data:
        raise ReadingError("this is not a text file: it has NUL bytes; save it as UTF-8 text first")
    if _mostly_utf8(data):
        return _patched(data), "utf-8"
    codec = _code_page(data)
    try:
        return data.decode(codec), codec
    except UnicodeDecodeError:
        return _single(data, codec), codec


def _mostly_utf8(data: bytes) -> bool:
    """Whether far more characters beyond ASCII are UTF-8 than are not."""
    text = data.decode("utf-8", errors="replace")
    beyond = sum(1 for char in text if char > "\x7f")
    broken = text.count("�") - data.count(b"\xef\xbf\xbd")
    return beyond > 4 * broken


def _patched(data: bytes) -> str:
    """UTF-8 with stray bytes: each stray byte is one character of the code page."""
    strays = {0xDC00 + byte: char for byte, char in enumerate(_table("cp1252"))}
    return data.decode("utf-8", errors="surrogateescape").translate(strays)


def _single(data: bytes, codec: str) -> str:
    """By a code page; a byte that it lacks is the control character of that number."""
    return data.decode("latin-1").translate(dict(enumerate(_table(codec))))


def _table(codec: str) -> list[str]:
    """The character of each byte."""
    one = (bytes([byte]).decode(codec, errors="replace") for byte in range(256))
    return [chr(byte) if char == "�" else char for byte, char in enumerate(one)]


def _code_page(data: bytes) -> str:
    """The likeliest code page of bytes that are not UTF-8; Western European if nothing shows."""
    runs = _HIGH.findall(data)
    if all(_HANZI.fullmatch(run) for run in runs) and any(len(run) > 3 for run in runs):
        return "gb18030"
    if 2 * len(_CYRILLIC.findall(data)) > len(runs):
        return "cp1251"
    return "cp1254" if 2 * len(_TURKISH.findall(data)) > len(runs) else "cp1252"
