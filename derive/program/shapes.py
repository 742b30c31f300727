"""Sizes, shapes and scalar coefficients, without SymPy.

A size is a number or a name (``"n1"``, the batch size ``"m"``). A :class:`Scale` is a rational
number times powers of named sizes, which is all that a coefficient in a gradient ever is: 2, -1,
1/2, 1/m, 2/m.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

Dim = int | str
Shape = tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """``number * prod(size ** power)``.

    >>> str(Scale(Fraction(2)) * Scale.of_size("m", -1))
    '2/m'
    """

    number: Fraction = Fraction(1)
    sizes: tuple[tuple[str, int], ...] = ()
    """(name, power), sorted by name, no power 0."""

    @classmethod
    def of_size(cls, dim: Dim, power: int = 1) -> Scale:
        """``dim ** power``, a number where the size is one."""
        if isinstance(dim, int):
            return cls(Fraction(dim) ** power)
        return cls(Fraction(1), ((dim, power),))

    def __mul__(self, other: Scale) -> Scale:
        if other == ONE:
            return self
        powers = dict(self.sizes)
        for name, power in other.sizes:
            powers[name] = powers.get(name, 0) + power
        kept = tuple(sorted((name, power) for name, power in powers.items() if power))
        return Scale(self.number * other.number, kept)

    def __neg__(self) -> Scale:
        return Scale(-self.number, self.sizes)

    def value(self, sizes: Mapping[str, int]) -> Fraction:
        """The number that it is at these sizes."""
        result = self.number
        for name, power in self.sizes:
            result *= Fraction(sizes[name]) ** power
        return result

    def __str__(self) -> str:
        over = [str(abs(self.number.numerator))] if abs(self.number.numerator) != 1 else []
        over += [f"{n}^{p}" if p > 1 else n for n, p in self.sizes if p > 0]
        under = [str(self.number.denominator)] if self.number.denominator != 1 else []
        under += [f"{n}^{-p}" if p < -1 else n for n, p in self.sizes if p < 0]
        sign = "-" if self.number < 0 else ""
        below = ("/" + (under[0] if len(under) == 1 else f"({' '.join(under)})")) if under else ""
        return f"{sign}{' '.join(over) or '1'}{below}"


ONE = Scale()


def concrete(shape: Shape, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape at these sizes.

    Raises:
        KeyError: a named size has no number.
    """
    return tuple(dim if isinstance(dim, int) else sizes[dim] for dim in shape)
