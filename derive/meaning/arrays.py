"""Arithmetic of written matrices: what a product, a row of ones or an approximation means.

A vector is a matrix of one column or one row; a number has no axes. Shapes that do not fit are
errors, never broadcast away, except where the vector of ones says so.
"""

from __future__ import annotations

import numpy as np

from derive.errors import DeriveError
from derive.meaning.matrix import ONE
from derive.notation.tree import Matrix, Negative, Node, Number, Transpose
from derive.program.evaluate import Array


class UnreadableError(DeriveError):
    """A formula with a part that has no value here."""


def ones_kind(node: Node) -> str:
    """``1`` or ``1^T`` as a factor of a matrix product."""
    if node == ONE:
        return "column"
    return "row" if node == Transpose(ONE) else ""


def times_ones(left: Array, kind: str, pending: str) -> tuple[Array, str]:
    """``A 1`` sums rows; ``b 1^T`` repeats a column, which broadcasting does."""
    if left.ndim == 0:
        return left, kind
    if kind == "column":
        return np.asarray(left.sum(axis=1, keepdims=True)), pending
    if left.shape[1] != 1:
        raise UnreadableError("a matrix times a row of ones")
    return left, pending


def ones_times(kind: str, right: Array) -> Array:
    """``1^T A`` sums columns; ``1 b`` repeats a row."""
    if right.ndim == 0:
        return right
    if kind == "row":
        return np.asarray(right.sum(axis=0, keepdims=True))
    if right.shape[0] != 1:
        raise UnreadableError("a column of ones times a matrix")
    return right


def matmul(left: Array, right: Array) -> Array:
    """The matrix product, or the multiple where one of the two is a number."""
    if left.ndim == 0 or right.ndim == 0:
        return np.asarray(left * right)
    if left.shape[1] != right.shape[0]:
        raise UnreadableError(f"the product of shapes {left.shape} and {right.shape}")
    return np.asarray(left @ right)


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
