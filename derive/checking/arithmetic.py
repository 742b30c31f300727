"""Claims of numbers: what a line prints against what the numbers on it give.

A printed number stands for anything within half a unit of its last digit; the values that the
document gives are exact. The sides are compared with all digits; how far rounding of the operands
can move the difference is its slope by each printed number times half a unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from derive.checking.interpret import (
    Backend,
    Interpreter,
    NotUnderstood,
    OutOfDomain,
    many_digits,
)
from derive.checking.model import Model, World, number_of
from derive.checking.names import is_literal, walk
from derive.checking.verdicts import Finding, Verdict
from derive.notation.tree import Node, Number, Sign, Symbol

_SHORT = 2
"""Significant digits up to which an operand is likely meant exactly."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and how far rounding may have moved it."""

    value: Any
    slack: Any
    """With operands of few digits taken as exact."""
    most: Any
    """With all operands rounded."""


def unit(digits: str) -> str:
    """One unit of the last digit, as digits.

    >>> unit("-5.093"), unit("12"), unit("1e-7")
    ('1e-3', '1e0', '1e-7')
    """
    mantissa, _, exponent = digits.lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return f"1e{int(exponent or 0) - decimals}"


def is_whole(digits: str) -> bool:
    """Whether a number is printed without a fraction."""
    return "." not in digits and "e" not in digits.lower()


def in_digits_of(value: Any, digits: str) -> str:
    """A value rounded as another number is printed; half a unit goes away from zero."""
    import mpmath  # type: ignore[import-untyped]

    mantissa = digits.lower().partition("e")[0]
    decimals = len(mantissa.partition(".")[2])
    scaled = mpmath.floor(abs(value) * mpmath.mpf(10) ** decimals + mpmath.mpf("0.5"))
    whole = str(int(scaled)).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and scaled else ""
    return sign + (f"{whole[:-decimals]}.{whole[-decimals:]}" if decimals else whole)


class Arithmetic:
    """Compares numbers of one document."""

    def __init__(self, model: Model):
        self.model = model
        self.backend: Backend = many_digits()
        self.world = World(model, 1, activation="sigmoid")
        self.exact = {
            number_of(given.value).lstrip("-") for found in model.givens.values() for given in found
        }

    def judge(self, left: Node, right: Node, sign: Sign, exact: Any = None) -> Finding:
        """The verdict on two sides without names.

        Args:
            left: the side that is calculated.
            right: the number, or another calculation.
            sign: the relation.
            exact: what the left side is without any rounding, if it is known.
        """
        try:
            found = self.difference(left, right)
            value = self.real(left)
        except NotUnderstood as reason:
            return Finding(Verdict.UNJUDGED, str(reason))
        except OutOfDomain:
            return Finding(Verdict.UNJUDGED, "the value is not a number")
        if not is_literal(right):
            return self.calculations(found, value, self.real(right))
        digits = number_of(right)
        whole = is_whole(digits) and sign != "approx"
        finding = self.literal(found, value, digits, exact, whole)
        if finding.verdict is Verdict.RIGHT and exact is None:
            return finding
        shown = "" if exact is None else in_digits_of(exact, digits)
        return replace(finding, expected_exact=shown)

    def real(self, node: Node) -> Any:
        """The value of a side."""
        return Interpreter(self.world, _no_names, self.backend).value(node).real

    def difference(self, left: Node, right: Node) -> Estimate:
        """Left minus right; the number that a literal right side prints is not rounded again."""
        operands = [left] if is_literal(right) else [left, right]
        rounded = sorted(
            {
                node.digits
                for node in walk(*operands)
                if isinstance(node, Number) and not is_whole(node.digits)
            }
            - self.exact
        )
        value = self.real(left) - self.real(right)
        slack = most = abs(value) * 0
        for digits in rounded:
            moved = self.slope(operands, digits) * self.backend.number(unit(digits)).real / 2
            most += abs(moved)
            slack += abs(moved) if _significant(digits) > _SHORT else 0
        return Estimate(value, slack, most)

    def slack(self, node: Node) -> Any:
        """How far rounding of its numbers may have moved a calculation."""
        return self.difference(node, Number("0")).most

    def slope(self, operands: list[Node], digits: str) -> Any:
        """Of the difference, by all numbers that are printed so."""
        total = self.backend.number("0").real
        for side, factor in zip(operands, (1, -1), strict=False):
            for node in walk(side):
                if isinstance(node, Number) and node.digits == digits:
                    moved = Interpreter(self.world, _no_names, self.backend, bumped=node)
                    total += factor * moved.value(side).imag / self.backend.step
        return total

    def calculations(self, found: Estimate, left: Any, right: Any) -> Finding:
        """Two calculations: the same but for rounding of what differs between them."""
        size = max(abs(left), abs(right), 1e-30)
        if abs(found.value) <= found.slack + size * self.backend.number("1e-40").real:
            return Finding(Verdict.RIGHT, proof="arithmetic")
        if abs(found.value) <= found.most:
            return Finding(Verdict.UNJUDGED, "the sides differ by what rounding could explain")
        message = f"the sides are {_short(left)} and {_short(right)}"
        return Finding(Verdict.WRONG, message, "arithmetic", "arithmetic-slip")

    def literal(self, found: Estimate, value: Any, digits: str, exact: Any, whole: bool) -> Finding:
        """A calculation and the number that is printed for it."""
        step = self.backend.number(unit(digits)).real
        half = step / 2 * (1 + self.backend.number("1e-30").real)
        half = abs(value) * self.backend.number("1e-12").real if whole else half
        off, printed = abs(found.value), value - found.value
        expected = in_digits_of(value, digits)
        if off <= half or (exact is not None and abs(exact - printed) <= half and off < step):
            return Finding(Verdict.RIGHT, proof="arithmetic")
        if abs(value) >= abs(printed) and off < step and value * printed >= 0 and not whole:
            told = f"truncated, not rounded: {_short(value)} rounds to {expected}"
            rule = "truncated-not-rounded"
            return Finding(Verdict.LAST_DIGIT, told, "arithmetic", rule, expected, expected)
        if off <= half + found.slack:
            return Finding(Verdict.RIGHT, proof="arithmetic")
        clear = exact is not None and _clear(exact, value, printed, step)
        if off <= half + found.most and not clear:
            return Finding(Verdict.UNJUDGED, "depends on how the operands were rounded")
        expected = _short(value) if whole else expected
        if off < 1.5 * step and not whole:
            told = f"the last digit is off: {_short(value)} rounds to {expected}"
            return Finding(
                Verdict.LAST_DIGIT, told, "arithmetic", "wrong-last-digit", expected, expected
            )
        told = f"wrong number: the left side is {expected}, not {digits}"
        return Finding(Verdict.WRONG, told, "arithmetic", "arithmetic-slip", expected, expected)


def _clear(exact: Any, value: Any, printed: Any, step: Any) -> bool:
    """Whether a number is far from the exact value too, far more than that is from the line's."""
    near = min(abs(exact - printed), abs(value - printed))
    return bool(near > 5 * (abs(exact - value) + step))


def _no_names(name: Symbol, sample: int) -> str:
    raise NotUnderstood(f"'{name.glyph}' has no value here")


def _significant(digits: str) -> int:
    return len(digits.partition("e")[0].replace(".", "").strip("0"))


def _short(value: Any) -> str:
    import mpmath

    return str(mpmath.nstr(value, 7))
