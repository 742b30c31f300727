"""Functions that would overflow if they were computed as they are defined.

The source of what a module uses is copied into it, so each stands alone: it needs ``np``, ``Array``
and functions of this file that ``heads`` names. All are analytic, branching on the real part only,
so that the complex step may pass through, and all keep float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)); it exponentiates only -|z|, which cannot overflow."""
    small = np.exp(np.where(z.real > 0, -z, z))
    value: Array = np.where(z.real > 0, 1, small) / (1 + small)
    return value


def softmax(z: Array, axis: int) -> Array:
    """exp(z) / sum(exp(z)) along an axis; the largest z is exponentiated as 0."""
    powers = np.exp(z - np.max(z.real, axis=axis, keepdims=True))
    value: Array = powers / np.sum(powers, axis=axis, keepdims=True)
    return value


def sigmoid_cross_entropy(z: Array, y: Array) -> Array:
    """-(y log p + (1 - y) log(1 - p)) for p = sigmoid(z): max(z, 0) - y z + log(1 + exp(-|z|))."""
    positive = z.real > 0
    value: Array = (positive - y) * z + np.log1p(np.exp(np.where(positive, -z, z)))
    return value


def softmax_cross_entropy(z: Array, y: Array, axis: int) -> Array:
    """-y log p for p = softmax(z): y (log(sum(exp(z))) - z), the largest z moved to 0."""
    shifted = z - np.max(z.real, axis=axis, keepdims=True)
    value: Array = y * (np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True)) - shifted)
    return value
