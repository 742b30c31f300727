"""The verdict on every claim of a document.

Numbers are judged by :mod:`arithmetic` and :mod:`provenance`, formulas by :mod:`compare` in every
reading of the document. A formula is right if it is right in one of them; it is wrong only if it is
wrong in all of them, and only where every name in it is part of the document's own model.
"""

from __future__ import annotations

from dataclasses import replace

from derive.checking.arithmetic import Arithmetic
from derive.checking.claims import Claim, Statement, claims, statements
from derive.checking.compare import Outcome, compare, first_order
from derive.checking.conflicts import settle
from derive.checking.facts import fact
from derive.checking.faults import explain
from derive.checking.model import World, build, premises
from derive.checking.names import (
    heads,
    is_literal,
    is_numeric,
    renamed,
    split,
    stripped,
    symbols,
    walk,
)
from derive.checking.provenance import Provenance
from derive.checking.readings import Readings, dependencies, matrix_reason, pure
from derive.checking.segments import Document
from derive.checking.updates import update
from derive.checking.verdicts import Checked, Finding, Judged, Verdict
from derive.notation import latex, text
from derive.notation.plain import plain
from derive.notation.tree import BigSum, Call, Derivative, Node, Symbol


def judge(document: Document) -> Checked:
    """Every claim of a document with its verdict."""
    found = statements(document)
    judging = Judge(document, found)
    judged = [
        Judged(claim, finding)
        for claim in claims(document, found)
        if (finding := judging.finding(claim)) is not None
    ]
    judged = settle(judging.inherited(judged), judging.readings, judging.numbers)
    return Checked(document, tuple(judged), premises(judging.model))


class Judge:
    """Judges the claims of one document."""

    def __init__(self, document: Document, found: tuple[Statement, ...]):
        self.document, self.statements = document, found
        self.numbers = {id(item): number for number, item in enumerate(found)}
        self.model = build(document, found)
        words = " ".join(sentence.text.lower() for sentence in document.prose)
        self.readings = Readings(
            self.model, matrix_reason(document, found, self.model), "sigmoid" in words
        )
        self.arithmetic = Arithmetic(self.model)
        self.provenance = Provenance(self.arithmetic, found)
        self.misled = frozenset(
            plain(item.sides[0])
            for number, item in enumerate(found)
            if "gets" in item.signs[:1] and not is_numeric(item.sides[1])
            if update(plain(item.sides[0]), plain(item.sides[1]), found, number).verdict
            is Verdict.WRONG
        )
        """Names whose update rule is at fault."""

    def finding(self, claim: Claim) -> Finding | None:
        """The verdict on one claim; None where a labelled value says nothing that is known."""
        if claim.failure is not None:
            return Finding(Verdict.UNREAD, claim.failure.message)
        if not claim.statement.signs:
            return fact(claim, self.statements)
        try:
            return self.decide(claim, plain(claim.left), plain(claim.right))
        except RecursionError:
            return Finding(Verdict.UNJUDGED, "nested too deeply")

    def decide(self, claim: Claim, left: Node, right: Node) -> Finding:
        """Which kind of claim it is, and its verdict."""
        number = self.numbers[id(claim.statement)]
        if number in self.model.defining and claim.at == 0:
            return self.definition(left, right, number)
        if left == right or self.repeats(left, right):
            return Finding(Verdict.RIGHT, proof="symbolic")
        if is_numeric(left) and is_numeric(right):
            return self.arithmetic.judge(claim.left, claim.right, claim.sign, self.chain(claim))
        if claim.sign == "gets" and not is_numeric(right):
            return update(left, right, self.statements, number)
        if not is_numeric(right) or is_numeric(left):
            return self.formula(claim, left, right)
        if claim.sign != "gets" and is_literal(right) and "." not in claim.source:
            finding = self.formula(claim, left, right)
            if finding.verdict is not Verdict.UNJUDGED:
                return finding
        finding = self.provenance.judge(claim)
        if finding.verdict is Verdict.WRONG and left in self.misled:
            return Finding(Verdict.UNJUDGED, "its update rule is wrong")
        return finding

    def chain(self, claim: Claim) -> object:
        """The first side of a chain of numbers without any rounding, if it is known."""
        first = claim.statement.sides[0]
        if claim.at == 0 or is_numeric(first) or claim.statement.signs[0] == "gets":
            return None
        return self.provenance.exact(first)

    def repeats(self, left: Node, right: Node) -> bool:
        """Whether a definition is said again."""
        if not isinstance(left, Symbol):
            return False
        name, indices = split(left, self.model.indices)[0], self.model.indices
        said = stripped(right, indices)
        entries = self.model.definitions.get(name, ())
        return any(stripped(entry.body, indices) == said for entry in entries)

    def definition(self, left: Node, right: Node, number: int) -> Finding:
        """A first binding; a second one is right if it agrees with the first."""
        entries = self.model.definitions.get(self.name(left), ())
        if not entries or entries[0].at == number or self.readings.matrix:
            return Finding(Verdict.DEFINITION)
        first = self.statements[entries[0].at]
        line = self.document.place(*first.spans[0]).line
        for samples in (1, 3):
            if compare(entries[0].body, right, World(self.model, samples), sure=False).equal:
                shown = "" if samples > 1 else "one sample"
                return Finding(Verdict.RIGHT, proof="numeric", reading=shown)
        told = f"line {line} defines it otherwise; what uses it is read either way"
        return Finding(Verdict.DEFINITION, notes=(told,))

    def name(self, node: Node) -> Symbol:
        """The name that a left side binds."""
        head = node.head if isinstance(node, Call) else node
        found = head if isinstance(head, Symbol) else Symbol("")
        return split(found, self.model.indices)[0]

    def formula(self, claim: Claim, left: Node, right: Node) -> Finding:
        """A formula in every reading of the document."""
        if self.readings.matrix and not self.elementary(left, right):
            return Finding(Verdict.UNJUDGED, self.readings.matrix)
        failed: list[tuple[World, Outcome]] = []
        reason = ""
        for world in self.readings.worlds(left, right):
            test = first_order if claim.sign == "approx" else compare
            outcome = test(left, right, world)
            if outcome.equal and not outcome.reason:
                return Finding(Verdict.RIGHT, proof="numeric", reading=_told(world))
            reason = reason or outcome.reason
            failed.append((world, outcome))
        reason = self.readings.matrix or reason or self.doubt(claim, left, right)
        if reason and (mended := self.undefined(claim, left, right)) is not None:
            return mended
        if reason:
            return Finding(Verdict.UNJUDGED, reason)
        world, outcome = failed[0]
        rule, expected, message = explain(claim, left, right, self.readings)
        told = message or "the sides are not equal"
        return Finding(
            Verdict.WRONG, told, "numeric", rule, expected, "", "", outcome.witness,
            reading=_told(world),
        )  # fmt: skip

    def elementary(self, *sides: Node) -> bool:
        """Whether a claim is of functions of one number alone, whatever the values are."""
        if any(isinstance(node, Derivative | BigSum) for node in walk(*sides)):
            return False
        names = [split(name, self.model.indices)[0] for name in (*symbols(*sides), *heads(*sides))]
        return len(set(symbols(*sides))) == 1 and not any(map(self.model.knows, names))

    def undefined(self, claim: Claim, left: Node, right: Node) -> Finding | None:
        """A name that nothing defines, where one of its kind in its place makes the claim right."""
        unknown = self.readings.unknown(left, right)
        if len(unknown) != 1 or self.readings.matrix or claim.sign == "approx":
            return None
        wrong = unknown[0]
        for name in sorted(self.model.definitions, key=repr):
            if name.glyph != wrong.glyph or name.accent != wrong.accent:
                continue
            new = [renamed(side, wrong, name, self.model.indices) for side in (left, right)]
            for world in self.readings.worlds(*new):
                if _equal(compare(new[0], new[1], world, sure=False)):
                    told = f"{text(wrong)} is not defined; {text(name)} makes it right"
                    print_of = latex if claim.statement.latex else text
                    expected = f"{print_of(new[0])} = {print_of(new[1])}"
                    return Finding(Verdict.WRONG, told, "numeric", "undefined-symbol", expected)
        return None

    def doubt(self, claim: Claim, left: Node, right: Node) -> str:
        """Why sides that differ are not yet wrong."""
        if claim.statement.conditions:
            return f"it is said to hold {'; '.join(claim.statement.conditions)}"
        unknown = self.readings.unknown(left, right)
        if unknown:
            return f"'{unknown[0].glyph}' is not defined"
        generic = dependencies(self.model, (left, right))
        if generic and not pure((left, right), generic):
            names = ", ".join(sorted(name.glyph for name in generic))
            return f"what {names} depends on is not defined"
        return ""

    def inherited(self, judged: list[Judged]) -> list[Judged]:
        """Wrong formulas that repeat a wrong one, or follow from it, are told as such."""
        wrong: list[Judged] = []
        for number, item in enumerate(judged):
            if item.verdict is not Verdict.WRONG or item.finding.proof != "numeric":
                continue
            source = next((old for old in wrong if self.follows(item.claim, old.claim)), None)
            if source is None:
                wrong.append(item)
                continue
            line = source.claim.line
            told = f"follows from line {line}, which is wrong"
            finding = replace(
                item.finding, verdict=Verdict.INHERITED, message=told, because_of_line=line
            )
            judged[number] = Judged(item.claim, finding)
        return judged

    def follows(self, claim: Claim, old: Claim) -> bool:
        """Whether a wrong formula is right if an earlier wrong one is believed."""
        left, right = plain(claim.statement.sides[0]), plain(claim.right)
        if left == plain(old.statement.sides[0]) and right == plain(old.right):
            return old.line != claim.line
        return chained(left, right, old, self.readings)


def chained(left: Node, right: Node, old: Claim, readings: Readings) -> bool:
    """Whether ``d u/d w = (what was said of d u/d v) * d v/d w``."""
    from derive.notation.tree import Derivative, Product

    before, said = plain(old.statement.sides[0]), plain(old.right)
    if not isinstance(left, Derivative) or not isinstance(before, Derivative):
        return False
    if left.numerator != before.numerator:
        return False
    if left.denominator == before.denominator:
        claim: Node = said
    else:
        claim = Product((said, Derivative(before.denominator, left.denominator)), "times")
    if dependencies(readings.model, (left, right)):
        return False
    worlds = readings.worlds(left, right)
    return any(_equal(compare(right, claim, world, sure=False)) for world in worlds)


def _equal(outcome: Outcome) -> bool:
    return outcome.equal and not outcome.reason


def _told(world: World) -> str:
    told = [f"{world.samples} samples" if world.samples > 1 else ""]
    told += [f"the loss is their {world.reduction}" if world.reduction else ""]
    told += [f"sigma is the {world.activation}" if world.activation else ""]
    return ", ".join(filter(None, told))
