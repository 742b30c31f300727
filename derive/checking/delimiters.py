"""Mathematics between delimiters in running text: where it begins and where it ends.

Every opener looks for its closer once and not beyond its limit, and remembers where there is none,
so that the work stays linear in the text whatever it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.checking.blanks import Span
from derive.checking.latex_marks import ROWS
from derive.checking.segments import Kind

_OPENER = re.compile(
    r"\\\\[(\[]|\\[(\[]|\\begin\{(?P<name>[A-Za-z]+\*?)\}|\\.|\$\$+|\$`|\$|`+", re.DOTALL
)
_INLINE_SIGN = re.compile(r"[\\=^_<>+≈∂]|[^\x00-\x7f]")
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")
_PAIRS = {"\\(": "\\)", "\\[": "\\]", "\\\\(": "\\\\)", "\\\\[": "\\\\]", "$`": "`$"}
_MAX_INLINE = 3000
"""Characters between two dollar signs."""

_PROSE = re.compile(r"(?<![\\\w{])[A-Za-z]{2,}[,;]?(?: +[A-Za-z]{2,}[,;]?){3,}")


@dataclass(frozen=True, slots=True)
class Found:
    """A stretch between delimiters."""

    kind: Kind | None
    """None: a code span that is no LaTeX, or an opener without its closer."""
    whole: Span
    inner: Span
    missing: str = ""
    """The delimiter that was not found."""


class Delimiters:
    """Finds mathematics in one text.

    Args:
        text: the document, what is never mathematics blanked.
        reach: from an offset to where a display that begins there must have ended.
        markdown: whether code spans exist and ``\\\\[`` may be an escaped bracket.
    """

    def __init__(self, text: str, reach: Callable[[int], int], markdown: bool) -> None:
        self.text = text
        self.reach = reach
        self.markdown = markdown
        self._none: dict[str, int] = {}
        """Closer -> the offset before which there is none any more."""

    def scan(self, start: int, end: int) -> Iterator[Found]:
        """What stands between delimiters from `start`; a display may end after `end`."""
        at = start
        while match := _OPENER.search(self.text, at, max(end, at)):
            found = self._found(match, end)
            if found is not None:
                yield found
            at = match.end() if found is None or found.missing else found.whole[1]

    def _found(self, match: re.Match[str], end: int) -> Found | None:
        opener = match.group()
        if opener.startswith("`"):
            return self._code(match, end) if self.markdown else None
        if opener == "$":
            return self._dollar(match.start(), end)
        if opener == "$$":
            return self._display(match, "$$", Kind.DISPLAY)
        if match["name"]:
            return self._environment(match)
        if opener in _PAIRS and (self.markdown or not opener.startswith("\\\\")):
            return self._pair(match, end)
        return None

    def _closer(self, closer: str, at: int, limit: int) -> int:
        """The offset of a closer, or -1."""
        if limit <= self._none.get(closer, -1):
            return -1
        stop = self.text.find(closer, at, limit)
        if stop < 0:
            self._none[closer] = limit
        return stop

    def _code(self, match: re.Match[str], end: int) -> Found | None:
        ticks = match.group()
        stop = self._closer(ticks, match.end(), end)
        if stop < 0:
            return None
        return Found(None, (match.start(), stop + len(ticks)), (match.end(), stop))

    def _dollar(self, start: int, end: int) -> Found | None:
        """GitHub's rule: the next dollar sign closes, or this one is a plain character."""
        stop = self._closer("$", start + 1, min(end, start + _MAX_INLINE))
        while stop > 0 and self.text[stop - 1] == "\\" and self.text[stop - 2] != "\\":
            stop = self._closer("$", stop + 1, min(end, start + _MAX_INLINE))
        if stop < 0 or not self._inline(
            self.text[start + 1 : stop], self.text[stop + 1 : stop + 2]
        ):
            return None
        return Found(Kind.INLINE, (start, stop + 1), (start + 1, stop))

    def _inline(self, inner: str, after: str) -> bool:
        if not inner.strip() or _EMPTY_LINE.search(inner) or after == "$":
            return False
        if _INLINE_SIGN.search(inner):
            return not _PROSE.search(inner)
        return not (inner[0].isspace() or inner[-1].isspace() or after.isdigit())

    def _pair(self, match: re.Match[str], end: int) -> Found | None:
        opener = match.group()
        inline = opener[-1] in "(`"
        kind = Kind.INLINE if inline else Kind.DISPLAY
        if inline:
            stop = self._closer(_PAIRS[opener], match.end(), min(end, match.end() + _MAX_INLINE))
            if stop < 0:
                return None
            whole = match.start(), stop + len(opener)
            return Found(kind, whole, (match.end(), stop))
        found = self._display(match, _PAIRS[opener], kind)
        inner = self.text[found.inner[0] : found.inner[1]]
        escaped = self.markdown and not found.missing and not _INLINE_SIGN.search(inner)
        return None if escaped or (found.missing and self.markdown) else found

    def _display(self, match: re.Match[str], closer: str, kind: Kind) -> Found:
        first = match.end()
        stop = self._closer(closer, first, self.reach(first))
        if stop < 0 or self._runs_into_prose(first, stop):
            return Found(None, match.span(), match.span(), closer)
        return Found(kind, (match.start(), stop + len(closer)), (first, stop))

    def _environment(self, match: re.Match[str]) -> Found | None:
        name = match["name"]
        if name.rstrip("*") not in ROWS:
            return None
        closer = f"\\end{{{name}}}"
        found = self._display(match, closer, Kind.ENVIRONMENT)
        return found if found.missing else Found(found.kind, found.whole, found.whole)

    def _runs_into_prose(self, start: int, stop: int) -> bool:
        """Whether running text follows an empty line: the closer belongs to something else."""
        empty = _EMPTY_LINE.search(self.text, start, stop)
        return empty is not None and _PROSE.search(self.text, empty.end(), stop) is not None
