"""From a file or its bytes to a :class:`derive.checking.segments.Document`."""

from __future__ import annotations

from array import array
from pathlib import Path

from derive.checking.collect import Collector
from derive.checking.encoding import ReadingError, decode
from derive.checking.markdown import Markdown
from derive.checking.notebook import cells
from derive.checking.places import Places, line_starts
from derive.checking.repair import Repaired, repair
from derive.checking.rst import read_rst
from derive.checking.segments import Document, Encoding, Guess
from derive.checking.tex import read_tex
from derive.config import LIMITS

SUFFIXES = (".md", ".markdown", ".tex", ".txt", ".rst", ".ipynb", ".Rmd", ".qmd", ".mdx")
"""The files that are read in a folder."""


def read_document(source: Path | str | bytes, name: str = "") -> Document:
    """A document's mathematics, prose and directives, with their places.

    Args:
        source: a path, or a file's bytes.
        name: what the document is called and whose ending tells its format; a path's own if empty.

    Raises:
        ReadingError: no such file, too large, or no text.
    """
    if isinstance(source, bytes):
        return _read(source, name)
    path = Path(source)
    name = name or str(path)
    try:
        return _read(_bytes(path), name)
    except ReadingError as error:
        raise error.at(path=name) from None


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ReadingError("this is a folder; name a document")
        with path.open("rb") as file:
            data = file.read(LIMITS.max_document_bytes + 1)
    except OSError as error:
        raise ReadingError(f"cannot be read: {error.strerror or error}") from None
    if len(data) > LIMITS.max_document_bytes:
        most = LIMITS.max_document_bytes // 1_000_000
        raise ReadingError(f"the document is too large; at most {most} MB are read")
    return data


def _read(data: bytes, name: str) -> Document:
    decoded = decode(data)
    text, starts, numbers = decoded.text, array("q"), array("q")
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    if suffix == ".ipynb":
        text, starts, numbers = cells(text)
    repaired = repair(text)
    given = Places(line_starts(text), cells=starts, numbers=numbers)
    places = _places(repaired, starts, numbers)
    collector = Collector(repaired.text)
    if suffix == ".ipynb":
        _notebook(collector, places)
    else:
        _by_format(collector, suffix)
    return Document(
        name,
        _encoding(decoded.codec, repaired, given),
        tuple(sorted(collector.segments, key=lambda segment: segment.start)),
        tuple(sorted(collector.prose, key=lambda sentence: sentence.start)),
        tuple(collector.directives),
        tuple(collector.macros),
        tuple(collector.problems),
        repaired.text,
        places,
    )


def _by_format(collector: Collector, suffix: str) -> None:
    text = collector.text
    if suffix == ".tex" or (suffix == ".txt" and "\\begin{document}" in text):
        read_tex(collector)
    elif suffix == ".rst":
        read_rst(collector)
    else:
        _macros(collector)
        Markdown(collector).read()


def _notebook(collector: Collector, places: Places) -> None:
    _macros(collector)
    ends = [*places.cells[1:], len(collector.text)]
    for start, end in zip(places.cells, ends, strict=True):
        Markdown(collector, start, end).read()


def _macros(collector: Collector) -> None:
    """Definitions between dollar signs count in Markdown as well."""
    from derive.checking.macros import macros

    collector.macros += [macro for macro, _ in macros(collector.text)]


def _places(repaired: Repaired, starts: array[int], numbers: array[int]) -> Places:
    """The way back from the repaired text; a notebook's cells move with the repair."""
    moved = array("q", (repaired.moved(start) for start in starts))
    return Places(line_starts(repaired.text), repaired.at, repaired.ahead, moved, numbers)


def _encoding(codec: str, repaired: Repaired, given: Places) -> Encoding:
    guesses = []
    for guess in repaired.guesses:
        start, end = repaired.given(guess.offset), repaired.given(guess.offset + 1)
        guesses.append(Guess(given.place(start, end), guess.chosen, guess.candidates))
    return Encoding(codec, repaired.codecs, repaired.count, tuple(guesses))
