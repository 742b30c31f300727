"""Functions of one number and their slopes, for complex arguments that carry a small step.

Each entry works on one number of its backend, ``cmath`` or ``mpmath``: what decides a branch is the
real part. A function that a document does not define is any smooth function: a fixed one for each
name, with its slopes in closed form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

Function = Callable[[Any, Any], Any]
"""``(module, argument) -> value``; the module is ``cmath`` or ``mpmath``."""


def _sigmoid(m: Any, z: Any) -> Any:
    return 1 / (1 + m.exp(-z))


def _relu(m: Any, z: Any) -> Any:
    return z if z.real > 0 else 0 * z


def _step(m: Any, z: Any) -> Any:
    return 1 + 0 * z if z.real > 0 else 0 * z


def _softplus(m: Any, z: Any) -> Any:
    return m.log(1 + m.exp(z))


def _sigmoid_slope(m: Any, z: Any) -> Any:
    return _sigmoid(m, z) * _sigmoid(m, -z)


FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "tanh": (
        lambda m, z: m.tanh(z),
        lambda m, z: 1 / m.cosh(z) ** 2,
        lambda m, z: -2 * m.tanh(z) / m.cosh(z) ** 2,
    ),
    "sigmoid": (
        _sigmoid,
        _sigmoid_slope,
        lambda m, z: _sigmoid_slope(m, z) * (_sigmoid(m, -z) - _sigmoid(m, z)),
    ),
    "relu": (_relu, _step, lambda m, z: 0 * z),
    "softplus": (_softplus, _sigmoid, _sigmoid_slope),
    "exp": (lambda m, z: m.exp(z),) * 3,
    "log": (lambda m, z: m.log(z), lambda m, z: 1 / z, lambda m, z: -1 / z**2),
    "sin": (lambda m, z: m.sin(z), lambda m, z: m.cos(z), lambda m, z: -m.sin(z)),
    "cos": (lambda m, z: m.cos(z), lambda m, z: -m.sin(z), lambda m, z: -m.cos(z)),
    "sinh": (lambda m, z: m.sinh(z), lambda m, z: m.cosh(z), lambda m, z: m.sinh(z)),
    "cosh": (lambda m, z: m.cosh(z), lambda m, z: m.sinh(z), lambda m, z: m.cosh(z)),
    "sqrt": (lambda m, z: m.sqrt(z), lambda m, z: 1 / (2 * m.sqrt(z))),
    "abs": (lambda m, z: z if z.real > 0 else -z, lambda m, z: 1 if z.real > 0 else -1),
}
"""Name -> the function, its slope, the slope's slope, as far as they are known."""
FUNCTIONS["ln"] = FUNCTIONS["log"]

UNDECIDED = {"sigma": "sigmoid"}
"""Letters that stand for any activation, and which one they often are."""
RANGES: dict[str, tuple[float, float]] = {"tanh": (-1, 1), "sigmoid": (0, 1)}
"""Functions with an open interval as range."""


def generic(name: str, order: int) -> Function:
    """Any smooth function: ``a sin(w z + p) + b z + c z^2``, different for every name."""
    a, w, p, b, c = (0.4 + (crc32(f"{name}:{k}".encode()) % 97) / 100 for k in range(5))

    def value(m: Any, z: Any) -> Any:
        turns = (m.sin, m.cos, lambda t: -m.sin(t), lambda t: -m.cos(t))
        wave = a * w**order * turns[order % 4](w * z + p)
        return wave + (b * z + c * z * z, b + 2 * c * z, 2 * c, 0)[min(order, 3)]

    return value
