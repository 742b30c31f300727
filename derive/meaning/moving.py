"""The value of written rates of change, ``R(z)`` and ``G(dL/dW)``, and of second derivatives."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from derive.meaning.arrays import UnreadableError
from derive.meaning.places import Bindings, Place, Places, at
from derive.meaning.rates import Rates
from derive.notation.tree import Derivative, Node
from derive.program.evaluate import Array


class Reading(Protocol):
    """What a reader knows."""

    places: Places

    @property
    def rates(self) -> Rates:
        """How values and gradients change along the directions of the program."""

    def oriented(self, array: Array, name: str) -> Array:
        """A vector as the matrix that it is written as."""


def rate(reader: Reading, operator: str, node: Node, bindings: Bindings) -> Array:
    """The rate of a value or of a derivative along the directions; ``G``: its Gauss-Newton part.

    Raises:
        UnreadableError: the operator is applied to something else.
    """
    array, above, below = _moving(reader, operator, node)
    if above is not None and above.letters:
        return np.asarray(array[(*at(above, bindings), *at(below, bindings))])
    if below.letters or array.ndim == 0:
        return np.asarray(array[at(below, bindings)])
    return reader.oriented(array, below.name)


def _moving(reader: Reading, operator: str, node: Node) -> tuple[Array, Place | None, Place]:
    if not isinstance(node, Derivative):
        if operator != "R":
            raise UnreadableError(f"{operator} of a value")
        place = reader.places.target(node)
        return reader.rates.value(place.name), None, place
    above, below = (reader.places.target(part) for part in (node.numerator, node.denominator))
    found = reader.rates.gradient if operator == "R" else reader.rates.gauss_newton
    return found(above.name, below.name), above, below


def second(reader: Reading, first: Derivative, below: Node, bindings: Bindings) -> Array:
    """A derivative of a derivative of a number, by components."""
    nodes = first.numerator, first.denominator, below
    top, inner, then = (reader.places.target(node) for node in nodes)
    array = reader.rates.second(top.name, inner.name, then.name)
    return np.asarray(array[(*at(inner, bindings), *at(then, bindings))])
