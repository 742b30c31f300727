"""Arithmetic of written matrices: what a product, a row of ones or an approximation means.

A vector is a matrix of one column or one row; a number has no axes. Shapes that do not fit are
errors, never broadcast away, except where the vector of ones says so.
"""

from __future__ import annotations

import numpy as np

from derive.errors import DeriveError
from derive.meaning.matrix import ONE
from derive.notation.tree import Negative, Node, Number, Transpose
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


def half_unit(node: Node) -> float:
    """Half a unit in the last printed digit of a literal, with room for the decimal's own error."""
    body = node.body if isinstance(node, Negative) else node
    if not isinstance(body, Number):
        raise UnreadableError("an approximation that is no printed number")
    decimals = len(body.digits.partition(".")[2])
    return 0.5 * 10.0**-decimals * (1 + 1e-9)
