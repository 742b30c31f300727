"""The kinds of numbers in which an identity is tested, each as a handful of functions."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy as sp

Number = Any
"""An element of a domain; arrays hold them as objects."""

Compiled = Callable[[tuple[Number, ...]], Number]
"""An expression as a function of its arguments' values."""


class Singular(ArithmeticError):
    """A division by zero at these random numbers: take others."""


class Unsupported(ArithmeticError):
    """The domain has no meaning for a function: decide in another one."""


@dataclass(frozen=True, slots=True)
class Domain:
    """Numbers that can be drawn, added and multiplied with ``+`` and ``*``, and compared."""

    name: str
    draw: Callable[[random.Random], Number]
    fraction: Callable[[Fraction], Number]
    compile: Callable[[sp.Expr, tuple[sp.Symbol, ...], Mapping[sp.Symbol, int]], Compiled]
    """The expression, its formal arguments, and the numbers of the sizes in it."""
    reduce: Callable[[Any], Any]
    """Brings a number, or an array of them, into normal form."""
    equal: Callable[[Number, Number], bool]
