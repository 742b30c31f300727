"""How a product becomes what people write: the named rules as lines of a step."""

from __future__ import annotations

from derive.calculus.index import Total
from derive.calculus.log import Step as Record
from derive.document.blocks import Line
from derive.document.view import View
from derive.meaning.index import nameless_sums, write_index
from derive.notation.tree import Node

NOTES: dict[str, str] = {
    "solve for the inner value": "the forward equation, read backwards",
    "pull constants out of the sum": "what does not carry the index of the sum",
    "use the hypothesis": "the entries of the target sum to 1",
    "cancel": "above and below, or against each other",
}
"""Rule of simplification -> what it uses."""


def simplification_lines(
    view: View,
    record: Record,
    letters: str,
    start: Node | None = None,
    before: Node | None = None,
) -> tuple[Line, ...]:
    """One line for each rule: what the gradient has become.

    The first line begins with ``start``, or with the gradient sought, and shows what it was
    before the rule, in the form ``before`` if that is given.
    """
    sought = view.quotient(record.of, letters)
    where = tuple(
        relation
        for block in view.log.forward.blocks
        if block.argument == record.of
        for relation in nameless_sums(view.writer, block.out)
    )
    lines = []
    known: Node | None = None
    for rewrite in record.rewrites:
        after = write_index(view.writer, rewrite.after, Total)
        if after != known:
            first = before or write_index(view.writer, rewrite.before, Total)
            sides = (sought, after) if known else (start or sought, first, after)
            formula = view.formula(*sides, where=where)
            lines.append(Line(rewrite.rule.capitalize(), (formula,), (NOTES[rewrite.rule],)))
        known = after
    return tuple(lines)
