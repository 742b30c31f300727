"""Where a line's numbers come from: a name or a formula, and the numbers put in for it.

The exact chain takes the given values and never rounds. The printed chain takes the last number
that the document prints for each name and formula. Both are evidence that the right numbers were
put in; only a number that is far from both is called wrong.
"""

from __future__ import annotations

from typing import Any

from derive.checking.arithmetic import Arithmetic, in_digits_of, is_whole, unit
from derive.checking.claims import Claim, Statement
from derive.checking.interpret import Interpreter, Many, NotUnderstood, OutOfDomain
from derive.checking.model import World, number_of
from derive.checking.names import is_literal, is_numeric, split
from derive.checking.verdicts import Finding, Verdict
from derive.notation.plain import plain
from derive.notation.tree import Node, Symbol

_FAR = 0.02
"""Relative distance beyond which no rounding explains a number."""


class Provenance:
    """The numbers of one document."""

    def __init__(self, arithmetic: Arithmetic, statements: tuple[Statement, ...]):
        self.arithmetic = arithmetic
        self.model = arithmetic.model
        self.statements = statements
        self.number = arithmetic.backend.number
        self.exacts: dict[Node, Any] = {}

    def printed(self, before: int, but: Node) -> dict[Node, Any]:
        """The last number printed for each name and formula before an offset."""
        found: dict[Node, Any] = {
            given.name: self.number(number_of(given.value))
            for values in self.model.givens.values()
            for given in sorted(values, key=lambda given: given.start, reverse=True)
        }
        for item in self.statements:
            if item.start >= before or item.failure or not item.signs or "gets" in item.signs:
                continue
            if is_literal(item.sides[-1]) and not is_numeric(item.sides[0]):
                found[self.key(item.sides[0])] = self.number(number_of(item.sides[-1]))
        return {tree: value for tree, value in found.items() if tree != but}

    def key(self, node: Node) -> Node:
        """A tree as the tables know it."""
        node = plain(node)
        return split(node, self.model.indices)[0] if isinstance(node, Symbol) else node

    def exact(self, node: Node) -> Any:
        """The value by the given numbers, without rounding; None where one is missing."""
        key = self.key(node)
        if key not in self.exacts:
            self.exacts[key] = self.value(key, None)
        return self.exacts[key]

    def value(self, node: Node, printed: dict[Node, Any] | None) -> Any:
        """The value by the given numbers, and by the printed ones if there are any."""
        world = World(self.model, 1, activation="sigmoid")
        interpreter = Interpreter(world, self.digits, self.arithmetic.backend, known=printed)
        try:
            found = interpreter.value(node)
        except (NotUnderstood, OutOfDomain):
            return None
        return None if isinstance(found, Many) else found.real

    def digits(self, name: Symbol, sample: int) -> str:
        """The number that the document gives for a name."""
        found = {number_of(given.value) for given in self.model.givens.get(name, ())}
        if len(found) != 1:
            raise NotUnderstood(f"no single value is given for '{name.glyph}'")
        return found.pop()

    def candidates(self, claim: Claim) -> list[Any]:
        """What the left side may be as a number."""
        key = self.key(claim.left)
        printed = self.printed(claim.statement.start, key)
        trees = [key, *self.model.derived.get(key, ())]
        if isinstance(key, Symbol):
            trees += [entry.body for entry in self.model.definitions.get(key, ())]
        skip = claim.sign == "gets" and isinstance(key, Symbol)
        found = [] if skip else [self.exact(key)]
        found += [self.value(tree, printed) for tree in trees if not (skip and tree == key)]
        return [value for value in found if value is not None]

    def judge(self, claim: Claim) -> Finding:
        """Whether the numbers on the right are those of the left side."""
        found = self.candidates(claim)
        key = self.key(claim.left)
        if not found:
            told = "no values are given from which the left side could be calculated"
            if isinstance(key, Symbol) and not self.model.knows(key):
                return Finding(Verdict.DEFINITION)
            return Finding(Verdict.UNJUDGED, told)
        if is_literal(claim.right):
            return self.literal(claim, found)
        return self.calculation(claim, found)

    def literal(self, claim: Claim, found: list[Any]) -> Finding:
        """One number for a name or a formula."""
        digits = number_of(claim.right)
        said = self.number(digits).real
        half = self.number(unit(digits)).real / 2
        if is_whole(digits):
            half = half * self.number("1e-12").real
        copied = [value for value in found[1:] if abs(value - said) <= half]
        if copied or abs(found[0] - said) <= half:
            return Finding(Verdict.RIGHT, proof="arithmetic", expected_exact=self.shown(claim))
        nearest = min(found, key=lambda value: abs(value - said))
        expected = in_digits_of(nearest, digits)
        told = f"wrong number: the left side is {expected}, not {digits}"
        if self.far(said, found):
            exact = self.shown(claim)
            return Finding(Verdict.WRONG, told, "arithmetic", "wrong-number", expected, "", exact)
        return Finding(Verdict.UNJUDGED, f"near {expected}, but not the same", expected=expected)

    def calculation(self, claim: Claim, found: list[Any]) -> Finding:
        """Numbers put in for the names of a formula."""
        try:
            said = self.arithmetic.real(claim.right)
            slack = self.arithmetic.slack(claim.right)
        except (NotUnderstood, OutOfDomain):
            return Finding(Verdict.UNJUDGED, "the numbers have no value")
        tiny = max(abs(said), 1) * self.number("1e-30").real
        near = min(abs(value - said) for value in found)
        if near <= slack + tiny:
            return Finding(Verdict.RIGHT, proof="arithmetic")
        if self.far(said, found):
            told = "the numbers are not those of the formula"
            nearest = min(found, key=lambda value: abs(value - said))
            told += f": they give {float(said):.6g}, it is {float(nearest):.6g}"
            return Finding(Verdict.WRONG, told, "arithmetic", "wrong-number")
        told = "the numbers give nearly, but not quite, what the formula gives"
        return Finding(Verdict.UNJUDGED, told)

    def far(self, said: Any, found: list[Any]) -> bool:
        """Whether a number is far from everything that it could be."""
        return all(abs(value - said) > _FAR * max(abs(value), abs(said)) for value in found)

    def shown(self, claim: Claim) -> str:
        """The exact value in the digits of a literal."""
        exact = self.exact(claim.left)
        return "" if exact is None else in_digits_of(exact, number_of(claim.right))
