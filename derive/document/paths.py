"""A variable that reaches the loss along several paths: one labelled contribution for each.

Along each path everything else in the equation that uses the variable is held fixed. Where
something else in it depends on the variable too, the local derivative is written as that of the
right side, so that it says which occurrence moves.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.calculus.log import Step as Record
from derive.document.blocks import Formula, Line, Prose
from derive.document.chains import Use, uses
from derive.document.view import View, listing
from derive.notation.tree import Derivative, Node
from derive.program.program import Map

PENALTIES: dict[str, str] = {"half_square": "the L2 penalty", "abs": "the L1 penalty"}
"""Function of a weight -> what its sum in the loss is called."""

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")


def path_lines(view: View, record: Record) -> tuple[Line, ...]:
    """The contribution of every path, and their sum."""
    letters = view.writer.letters[record.of]
    paths = uses(view, record.of)
    parts = (
        Line(("Through ", *name), tuple(_part(use, record, place, letters)), note(use))
        for place, (use, name) in enumerate(zip(paths, names(paths), strict=True))
    )
    return (*parts, _sum(view, record, letters))


def _part(use: Use, record: Record, place: int, letters: str) -> Iterator[Formula]:
    """The local derivative along a path, and what comes back along it."""
    view = use.view
    share = use.share(record.cotangent, place, letters)
    if use.of_loss:
        moved = view.writer.variable(use.of, letters or None)
        yield view.formula(Derivative(use.in_loss(letters), moved), share)
        return
    chain = use.chain(letters)
    local: Node = chain.local if use.only else use.slope(letters)
    yield view.formula(local, chain.value)
    body = use.arriving(letters, chain.value)
    yield view.formula(*((chain.product, body) if use.only else (body,)), share)


def _sum(view: View, record: Record, letters: str) -> Line:
    """The gradient as the sum of what the paths bring back."""
    sought = view.quotient(record.of, letters)
    named = view.writer.component(record.cotangent, letters)
    full = view.writer.component(record.cotangent, letters, view.inline)
    sides = (named,) if view.matrix else (named, full)
    return Line("The contributions add up", (view.formula(sought, *sides),))


def note(use: Use) -> Prose:
    """Why this use has the factor that it has."""
    writer = use.view.writer
    if use.of_loss:
        return () if _kind(use) == "loss" else ("directly",)
    if use.map:
        return ("the slope of the function is its factor",)
    if not use.factors:
        factor: Prose = ("its factor is 1",) if use.added else ("multiplied by a number",)
    else:
        factor = ("its factor is ", writer.variable(use.factors[0]))
    held = use.held
    if not held:
        return factor
    return (*factor, "; held fixed: ", *listing(tuple(map(writer.variable, held))))


def names(paths: tuple[Use, ...]) -> list[Prose]:
    """What every path is called: by the value that it passes through first."""
    losses = [use.through for use in paths if _kind(use) == "loss"]
    return [_name(use, losses) for use in paths]


def _name(use: Use, losses: list[str]) -> Prose:
    if not use.of_loss:
        return (use.view.writer.variable(use.through),)
    if _kind(use) != "loss":
        return (_kind(use),)
    if len(losses) == 1:
        return ("the loss",)
    return (f"the {ordinal(losses.index(use.through))} loss",)


def ordinal(place: int) -> str:
    """``first`` for 0."""
    return ORDINALS[place] if place < len(ORDINALS) else f"{place + 1}th"


def _kind(use: Use) -> str:
    """``the L2 penalty``, or ``loss``."""
    equation = use.view.log.forward.equation(use.through)
    single = isinstance(equation, Map) and len(equation.arguments) == 1
    word = equation.function.name if isinstance(equation, Map) and single else ""
    return PENALTIES.get(word, "loss")
