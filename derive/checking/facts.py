"""What a labelled value says of a function: its range, its largest slope.

A list below ``tanh(x) = ...`` may say ``Range: (-1, 1)`` or ``Largest derivative: 1 (at x = 0)``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from derive.checking.claims import Claim, Statement
from derive.checking.functions import FUNCTIONS, RANGES
from derive.checking.interpret import FLOATS
from derive.checking.model import number_of
from derive.checking.names import unfenced, walk
from derive.checking.verdicts import Finding, Verdict
from derive.notation.tree import Apply, Interval, Listed, Node

_LARGEST = re.compile(r"\b(max\w*|largest|greatest|biggest|steepest)\b", re.IGNORECASE)
_SLOPE = re.compile(r"\b(derivative|slope|gradient)\b", re.IGNORECASE)
_POINT = re.compile(r"=\s*([-−]?\d+(?:\.\d+)?)")


def fact(claim: Claim, statements: Iterable[Statement]) -> Finding | None:
    """The verdict on a labelled value; None if the label promises nothing that is known."""
    label = claim.statement.label
    if label.lower() in ("range", "output range", "values"):
        bounds = _bounds(claim.left)
        function = _function(claim, statements)
        if bounds is not None and function is not None:
            return _range(function, bounds)
    if _LARGEST.search(label) and _SLOPE.search(label) and number_of(claim.left):
        function = _function(claim, statements)
        if function is not None:
            return _steepest(function, float(number_of(claim.left)), claim.statement.conditions)
    return None


def _function(claim: Claim, statements: Iterable[Statement]) -> str | None:
    """The function that the other lines of the segment are about."""
    count = Counter(
        node.function
        for item in statements
        if item.segment == claim.statement.segment
        for node in walk(*item.sides)
        if isinstance(node, Apply) and node.function in FUNCTIONS
    )
    return count.most_common(1)[0][0] if count else None


def _bounds(node: Node) -> tuple[float, float] | None:
    inner = unfenced(node)
    if isinstance(inner, Interval):
        parts: tuple[Node, ...] = (inner.lower, inner.upper)
    elif isinstance(inner, Listed):
        parts = inner.items
    else:
        return None
    digits = [number_of(part) for part in parts]
    return (float(digits[0]), float(digits[1])) if len(digits) == 2 and all(digits) else None


def _range(function: str, bounds: tuple[float, float]) -> Finding:
    if function not in RANGES:
        return Finding(Verdict.UNJUDGED, f"the range of {function} is not known")
    if RANGES[function] == bounds:
        return Finding(Verdict.RIGHT, proof="numeric", reading=f"the range of {function}")
    low, high = RANGES[function]
    told = f"the range of {function} is ({low:g}, {high:g})"
    return Finding(Verdict.WRONG, told, "numeric", "wrong-range", f"({low:g}, {high:g})")


def _steepest(function: str, said: float, conditions: tuple[str, ...]) -> Finding:
    slope = FUNCTIONS[function][1]
    grid = [k / 50 for k in range(-1000, 1001)]
    values = [float(complex(slope(FLOATS.module, complex(x))).real) for x in grid]
    best = max(values)
    where = [float(match[1]) for text in conditions for match in _POINT.finditer(text)]
    there = [float(complex(slope(FLOATS.module, complex(x))).real) for x in where]
    if abs(best - said) > 1e-9 or any(abs(value - said) > 1e-9 for value in there):
        told = f"the largest slope of {function} is {best:.6g}, at {grid[values.index(best)]:g}"
        return Finding(Verdict.WRONG, told, "numeric", "wrong-number", f"{best:.6g}")
    return Finding(Verdict.RIGHT, proof="numeric", reading=f"the largest slope of {function}")
