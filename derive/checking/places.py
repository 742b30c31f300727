"""Where a character of the text that is read stands in the file as given.

The text that is read and the file have the same lines. Within a line they differ where a damaged
character was restored: several code points of the file are then one of the text. A notebook is the
text of its cells one after the other, each with lines of its own.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A stretch of the file: 1-based lines and code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int
    cell: int | None = None
    """Number of the notebook's cell, from 1; lines count from its beginning."""


@dataclass(frozen=True, slots=True)
class Places:
    """Offsets of the text that is read -> places in the file."""

    lines: Sequence[int]
    """Offset at which each line begins."""
    at: Sequence[int] = ()
    """Offsets after which the file is ahead of the text, ascending."""
    ahead: Sequence[int] = ()
    """By how many code points in all, from there on."""
    cells: Sequence[int] = ()
    """Offset at which each cell of a notebook begins; empty for other files."""
    numbers: Sequence[int] = ()
    """The number of each of these cells in the notebook, from 1."""

    def point(self, offset: int) -> tuple[int, int]:
        """Line and column of one offset."""
        row, column = self._row(offset)
        cell = self._cell(offset)
        first = 0 if cell < 0 else bisect_right(self.lines, self.cells[cell]) - 1
        return row - first + 1, column

    def cell(self, offset: int) -> int | None:
        """The number of the notebook's cell that holds an offset."""
        cell = self._cell(offset)
        return None if cell < 0 else self.numbers[cell]

    def place(self, start: int, end: int) -> Place:
        """The stretch from `start` to `end` (exclusive)."""
        return Place(*self.point(start), *self.point(end), cell=self.cell(start))

    def _row(self, offset: int) -> tuple[int, int]:
        row = bisect_right(self.lines, offset) - 1
        begin = self.lines[row]
        return row, offset - begin + self._ahead(offset) - self._ahead(begin) + 1

    def _ahead(self, offset: int) -> int:
        before = bisect_right(self.at, offset) - 1
        return self.ahead[before] if before >= 0 else 0

    def _cell(self, offset: int) -> int:
        return bisect_right(self.cells, offset) - 1 if self.cells else -1


def line_starts(text: str) -> array[int]:
    """The offset of each line's beginning; lines end with a line feed.

    >>> list(line_starts("ab\\nc"))
    [0, 3]
    """
    starts = array("q", [0])
    at = text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return starts
