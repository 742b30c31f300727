"""A name that is defined twice, and not the same: the document's other lines say which one holds.

Every formula that leads to the name is looked at with the one definition and with the other. If
formulas are right with one that are wrong with the other, and none the other way round, and the
definitions are a single edit apart, the other one is suspect. Else both stand: the document has two
parts, or tells of two cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.checking.claims import Claim
from derive.checking.compare import compare
from derive.checking.edits import edits
from derive.checking.model import Definition, Model
from derive.checking.names import is_numeric
from derive.checking.readings import Readings
from derive.checking.verdicts import Finding, Judged, Verdict
from derive.notation import latex, text
from derive.notation.plain import plain
from derive.notation.tree import Symbol

_ENOUGH = 2
"""Formulas that must speak for one definition and against the other."""


def settle(judged: Sequence[Judged], readings: Readings, numbers: dict[int, int]) -> list[Judged]:
    """The verdicts, with suspect definitions accused."""
    found = list(judged)
    formulas = [item.claim for item in found if _is_formula(item, readings.model, numbers)]
    for name, entries in sorted(readings.model.definitions.items(), key=repr):
        if len(entries) != 2 or readings.matrix or not _open(found, entries[1], numbers):
            continue
        votes = [_votes(formulas, name, choice, readings) for choice in (0, 1)]
        for bad, good in ((1, 0), (0, 1)):
            if not _slip(entries[bad], entries[good], readings.model):
                continue
            if len(votes[good] - votes[bad]) >= _ENOUGH and not votes[bad] - votes[good]:
                _accuse(found, entries[bad], entries[good], numbers)
    return found


def _open(judged: Sequence[Judged], second: Definition, numbers: dict[int, int]) -> bool:
    """Whether a second definition disagrees with the first."""
    return any(
        item.verdict is Verdict.DEFINITION and item.finding.notes
        for item in judged
        if not item.claim.at and numbers[id(item.claim.statement)] == second.at
    )


def _slip(bad: Definition, good: Definition, model: Model) -> bool:
    """Whether one edit makes the one of the other, or it is another name's definition."""
    if any(
        bad.body == entry.body
        for name, entries in model.definitions.items()
        if name != bad.name
        for entry in entries[:1]
    ):
        return True
    names = sorted({*model.definitions, *model.leaves}, key=repr)
    return any(tree == good.body for _, tree in edits(bad.body, names, ()))


def _is_formula(item: Judged, model: Model, numbers: dict[int, int]) -> bool:
    claim = item.claim
    if claim.failure or not claim.statement.signs or claim.sign in ("gets", "approx"):
        return False
    if claim.at == 0 and numbers[id(claim.statement)] in model.defining:
        return False
    return not (is_numeric(claim.left) or (is_numeric(claim.right) and "." in claim.source))


def _votes(formulas: list[Claim], name: Symbol, choice: int, readings: Readings) -> set[int]:
    """The formulas that are right with one definition of a name."""
    return {
        number for number, claim in enumerate(formulas) if _holds(claim, name, choice, readings)
    }


def _holds(claim: Claim, name: Symbol, choice: int, readings: Readings) -> bool:
    left, right = plain(claim.left), plain(claim.right)
    for world in readings.worlds(left, right):
        if world.choice.get(name) == choice:
            outcome = compare(left, right, world, sure=False)
            if outcome.equal and not outcome.reason:
                return True
    return False


def _accuse(
    judged: list[Judged], bad: Definition, good: Definition, numbers: dict[int, int]
) -> None:
    lines = {
        numbers[id(item.claim.statement)]: item.claim.line
        for item in judged
        if item.claim.statement.signs
    }
    for at, item in enumerate(judged):
        claim = item.claim
        if claim.failure or not claim.statement.signs or claim.at:
            continue
        own = numbers[id(claim.statement)] == bad.at
        if own or (plain(claim.left) == bad.name and plain(claim.right) == bad.body):
            told = f"line {lines[good.at]} defines it otherwise, and the formulas agree with that"
            shown = latex(good.body) if claim.statement.latex else text(good.body)
            finding = Finding(Verdict.WRONG, told, "numeric", "suspect-definition", expected=shown)
            judged[at] = replace(item, finding=finding)
