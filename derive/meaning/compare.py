"""Whether two sides of a printed relation agree: equal, ordered, or rounded as they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from derive.meaning.arrays import UnreadableError
from derive.notation.tree import Matrix, Negative, Node, Number
from derive.program.evaluate import Array

TOLERANCE = 1e-9
"""Relative to the largest side."""

COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def holds(left: Array, right: Array, sign: str, written: Node) -> bool:
    """Whether ``left sign right`` is true of the values; ``written`` is the right side as printed.

    Raises:
        UnreadableError: there is no test for the sign.
    """
    if sign == "=":
        return close(left, right, TOLERANCE)
    if sign == "approx":
        return approximates(left, right, written)
    if sign == "in":
        return _within(left, right)
    if sign not in COMPARED:
        raise UnreadableError(f"no test for the sign {sign!r}")
    return bool(np.all(COMPARED[sign](left, right)))


def short(value: Array) -> str:
    """A value in a message."""
    return np.array2string(np.asarray(value), precision=6, threshold=8)


def close(left: Array, right: Array, tolerance: float) -> bool:
    """Whether two values agree, relative to the larger; a matrix of one entry is a number."""
    if left.size == 1 and right.size == 1:
        left, right = left.reshape(()), right.reshape(())
    try:
        shape = np.broadcast_shapes(left.shape, right.shape)
    except ValueError:
        return False
    if left.ndim and right.ndim and left.shape != shape:
        return False
    scale = max(1.0, float(np.max(np.abs(left))), float(np.max(np.abs(right))))
    return bool(np.all(np.abs(left - right) <= tolerance * scale))


LOOSE = 0.02
"""How close an expression of rounded numbers must come, relative to its largest entry."""


def approximates(exact: Array, right: Array, written: Node) -> bool:
    """Whether a rounded side is what it says.

    A printed number must be within half a unit of its last digit; an expression of rounded numbers
    only comes close.
    """
    if exact.shape != right.shape and exact.size != 1:
        return False
    allowed = half_units(written)
    if allowed is None:
        allowed = np.asarray(LOOSE * max(1e-3, float(np.max(np.abs(right)))))
    return bool(np.all(np.abs(exact.reshape(right.shape) - right) <= allowed))


def half_units(node: Node) -> Array | None:
    """Half a unit in the last digit of a literal, with room for the decimal's own error.

    None where the node is no literal.
    """
    body = node.body if isinstance(node, Negative) else node
    if isinstance(body, Matrix):
        rows = [[half_units(entry) for entry in row] for row in body.rows]
        if any(unit is None for row in rows for unit in row):
            return None
        return np.asarray(rows, float)
    if not isinstance(body, Number):
        return None
    digits, _, power = body.digits.lower().partition("e")
    decimals = len(digits.partition(".")[2]) - int(power or 0)
    return np.asarray(0.5 * 10.0**-decimals * (1 + 1e-9))


def _within(value: Array, bounds: Array) -> bool:
    return bool(np.all((bounds[0] < value) & (value < bounds[1])))
