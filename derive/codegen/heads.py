"""Which functions a module takes in a stable form, and the output heads that are one unit.

Each form equals the definition that the derivation has; the tests compare both with 50 digits.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import sympy as sp

from derive.codegen import stable
from derive.program import parts

Stable = Callable[..., Any]

FUNCTIONS: dict[str, Stable] = {
    "sigmoid": stable.sigmoid,
    "logit_cross_entropy": stable.sigmoid_cross_entropy,
}
"""Elementwise functions of the program's table."""

PARTS: dict[type[sp.Function], Stable] = {
    parts.Sigmoid: stable.sigmoid,
    parts.Softplus: stable.softplus,
    parts.LogCosh: stable.log_cosh,
    parts.Erfc: stable.erfc,
}
"""Parts of any expression."""

BLOCKS: dict[str, Stable] = {
    "softmax": stable.softmax,
    "log_softmax": stable.log_softmax,
}
"""Named programs; the last argument is the axis."""

HEADS: dict[tuple[str, str], Stable] = {
    ("sigmoid", "binary_cross_entropy"): stable.sigmoid_cross_entropy,  # softplus(z) - y z
    ("softmax", "weighted_log"): stable.softmax_cross_entropy,  # y (logsumexp(z) - z)
    ("softmax", "kullback_leibler"): stable.softmax_kullback_leibler,  # y (log y + ... - z)
}
"""(output activation, loss function): the loss of (logits, target), before the sum. A block's last
argument is the axis."""

WRITTEN_OUT = ("half_square",)
"""Functions that no formula calls by name."""


def source(name: str) -> str:
    """The source of one stable function, as it goes into a module."""
    return inspect.getsource(getattr(stable, name)).rstrip()
