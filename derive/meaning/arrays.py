"""Arithmetic of written matrices: what a product or a row of ones means.

A vector is a matrix of one column or one row; a number has no axes. Shapes that do not fit are
errors, never broadcast away, except where the vector of ones says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from derive.errors import DeriveError
from derive.meaning.matrix import ONE, is_constant
from derive.notation.tree import Fenced, Negative, Node, Product, Transpose
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
    if pending == "row" and kind == "column":
        raise UnreadableError("a row of ones times a column of ones, whose length is not said")
    if left.ndim == 0:
        return left, kind
    if kind == "column":
        return np.asarray(left.sum(axis=1, keepdims=True)), pending
    if left.shape[1] != 1:
        raise UnreadableError("a matrix times a row of ones")
    return left, kind


def ones_times(kind: str, right: Array) -> Array:
    """``1^T A`` sums columns; ``1 b`` repeats a row."""
    if right.ndim == 0:
        return right
    if kind == "row":
        return np.asarray(right.sum(axis=0, keepdims=True))
    if right.shape[0] != 1:
        raise UnreadableError("a column of ones times a matrix")
    return right


def open_axes(node: Node) -> set[int]:
    """The axes along which a factor is the same, for it ends in ``1^T`` or begins with ``1``."""
    if isinstance(node, Negative | Fenced):
        return open_axes(node.body)
    if not isinstance(node, Product) or node.glyph:
        return set()
    arrays = [factor for factor in node.factors if not is_constant(factor)]
    axes = {1} if arrays and ones_kind(arrays[-1]) == "row" else set()
    return axes | ({0} if arrays and ones_kind(arrays[0]) == "column" else set())


def hadamard(values: Sequence[Array], axes: Sequence[set[int]]) -> Array:
    """The product entry by entry; what has open axes is repeated along them, nothing else is.

    Raises:
        UnreadableError: the shapes differ.
    """
    pairs = [pair for pair in zip(values, axes, strict=True) if pair[0].ndim]
    whole = {value.shape for value, free in pairs if not free} or {v.shape for v, _ in pairs}
    if len(whole) > 1 or not all(_fits(value, free, min(whole)) for value, free in pairs):
        shapes = sorted({value.shape for value, _ in pairs})
        raise UnreadableError(f"Hadamard product of shapes {shapes}")
    return np.asarray(math.prod(values, start=np.asarray(1.0)))


def _fits(value: Array, free: set[int], shape: tuple[int, ...]) -> bool:
    sizes = enumerate(zip(value.shape, shape, strict=True))
    return all(n == m or (n == 1 and k in free) for k, (n, m) in sizes)


def matmul(left: Array, right: Array) -> Array:
    """The matrix product, or the multiple where one of the two is a number."""
    if left.ndim == 0 or right.ndim == 0:
        return np.asarray(left * right)
    if left.shape[1] != right.shape[0]:
        raise UnreadableError(f"the product of shapes {left.shape} and {right.shape}")
    return np.asarray(left @ right)
