"""Whether a formula fits on the lines of every format, broken where that is possible."""

from __future__ import annotations

from derive.document.layout import Measure, broken
from derive.document.mathematics import LINE
from derive.document.to_text import COLUMNS, columns
from derive.document.width import width
from derive.notation.tree import Relation


def fits(relation: Relation) -> bool:
    """Whether no piece of its right sides is longer than a line, on a page and on a terminal."""
    return _fits(relation, width, LINE) and _fits(relation, columns, COLUMNS)


def _fits(relation: Relation, measure: Measure, limit: float) -> bool:
    room = limit - measure(relation.sides[0]) - 2
    pieces = (piece for side in relation.sides[1:] for _, piece in broken(side, measure, room))
    return all(measure(piece) <= room for piece in pieces)
