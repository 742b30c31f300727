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


def softplus(z: Array) -> Array:
    """log(1 + exp(z)): max(z, 0) + log(1 + exp(-|z|))."""
    positive = z.real > 0
    value: Array = positive * z + np.log1p(np.exp(np.where(positive, -z, z)))
    return value


def log_cosh(z: Array) -> Array:
    """log(cosh(z)): |z| + log((1 + exp(-2 |z|)) / 2); near 0 log1p(2 sinh(z/2)^2), all digits."""
    size = np.where(z.real > 0, z, -z)
    near = np.where(size.real < 1, size, 0)
    far = size + np.log1p(np.exp(-2 * size)) - 0.6931471805599453
    value: Array = np.where(size.real < 1, np.log1p(2 * np.sinh(near / 2) ** 2), far)
    return value


def erfc(z: Array) -> Array:
    """1 - erf(z) by W. J. Cody's rational functions (1969), with a relative error below 1e-15."""
    x = np.where(z.real > 0, z, -z)
    x = np.where(x.real < 30, x, 30)
    a: tuple[float, ...] = (0.185777706184603153, 3.16112374387056560, 113.864154151050156)
    a += (377.485237685302021, 3209.37758913846947)
    b: tuple[float, ...] = (1, 23.6012909523441209, 244.024637934444173, 1282.61652607737228)
    b += (2844.23683343917062,)
    c: tuple[float, ...] = (2.15311535474403846e-8, 0.564188496988670089, 8.88314979438837594)
    c += (66.1191906371416295,)
    c += (298.635138197400131, 881.952221241769090, 1712.04761263407058, 2051.07837782607147)
    c += (1230.33935479799725,)
    d: tuple[float, ...] = (1, 15.7449261107098347, 117.693950891312499, 537.181101862009858)
    d += (1621.38957456669019,)
    d += (3290.79923573345963, 4362.61909014324716, 3439.36767414372164, 1230.33935480374942)
    p: tuple[float, ...] = (0.0163153871373020978, 0.305326634961232344, 0.360344899949804439)
    p += (0.125781726111229246, 0.0160837851487422766, 6.58749161529837803e-4)
    q: tuple[float, ...] = (1, 2.56852019228982242, 1.87295284992346725, 0.527905102951428412)
    q += (0.0605183413124413191, 2.33520497626869185e-3)

    def ratio(above: tuple[float, ...], below: tuple[float, ...], x: Array) -> Array:
        over, under = x * 0 + above[0], x * 0 + below[0]
        for k in range(1, len(above)):
            over, under = over * x + above[k], under * x + below[k]
        return np.asarray(over / under)

    near = np.where(x.real < 0.46875, z, 0)
    middle = np.where(x.real < 4, x, 4)
    far = 1 / np.where(x.real < 4, 4, x)
    tail = far * (0.5641895835477563 - far**2 * ratio(p, q, far**2))
    head = np.trunc(x.real * 16) / 16
    power = np.exp(-(head**2)) * np.exp((head - x) * (head + x))
    tail = power * np.where(x.real < 4, ratio(c, d, middle), tail)
    tail = np.where(z.real < 0, 2 - tail, tail)
    value: Array = np.where(x.real < 0.46875, 1 - near * ratio(a, b, near**2), tail)
    return value


def softmax(z: Array, axis: int) -> Array:
    """exp(z) / sum(exp(z)) along an axis; the largest z is exponentiated as 0."""
    powers = np.exp(z - np.max(z.real, axis=axis, keepdims=True))
    value: Array = powers / np.sum(powers, axis=axis, keepdims=True)
    return value


def log_softmax(z: Array, axis: int) -> Array:
    """log(softmax(z)): z - log(sum(exp(z))) along an axis, the largest z moved to 0."""
    shifted = z - np.max(z.real, axis=axis, keepdims=True)
    value: Array = shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
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


def softmax_kullback_leibler(z: Array, y: Array, axis: int) -> Array:
    """y (log y - log p) for p = softmax(z), with 0 log 0 = 0."""
    shifted = z - np.max(z.real, axis=axis, keepdims=True)
    total = np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))
    value: Array = y * (np.log(np.where(y > 0, y, 1)) + total - shifted)
    return value
