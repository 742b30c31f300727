"""The loss of a network as one SymPy expression: its program, evaluated over symbols."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from derive.errors import NetworkError
from derive.networks.build import build
from derive.networks.model import MIN_DEPTH, Network
from derive.program.evaluate import SYMBOLIC, Array, evaluate
from derive.program.shapes import concrete

_MAX_TERMS = 200_000
"""Products of a weight in the written-out loss; beyond it nobody reads the expression."""


def loss_expression(
    network: Network, sizes: Mapping[str, int] | None = None, depth: int | None = None
) -> sp.Expr:
    """See :meth:`Network.loss_expression`."""
    fixed = _fixed(network, sizes or {}, depth)
    _check_extent(fixed)
    program = build(fixed)
    values = {
        name: entries(name, concrete(program.variables[name].shape, {})) for name in program.inputs
    }
    try:
        return evaluate(program, values, {}, SYMBOLIC)["L"][()]
    except RecursionError:
        raise NetworkError(f"{network.name} is too deep to write out as one expression") from None


def entries(name: str, shape: tuple[int, ...]) -> Array:
    """An array of plain symbols: ``W1`` of shape (), else ``W1_1_1``, ``W1_1_2``, ..."""
    array = np.empty(shape, dtype=object)
    for index in np.ndindex(shape):
        array[index] = sp.Symbol("_".join([name, *(str(k + 1) for k in index)]))
    return array


def _fixed(network: Network, sizes: Mapping[str, int], depth: int | None) -> Network:
    """The network with every size a number: the caller's, else the worked example's."""
    if depth is not None or network.generic:
        network = network.at_depth(depth or network.depth or MIN_DEPTH)
    missing = dict(network.example_sizes) | dict(sizes)
    fixed = network.with_sizes(missing)
    if fixed.sizes:
        names = ", ".join(fixed.sizes)
        raise NetworkError(
            f"{network.name}: no number for {names}; give it as sizes={{{fixed.sizes[0]!r}: 2}}"
        )
    return fixed


def _check_extent(network: Network) -> None:
    """Every entry of a layer contains every entry of the layer before, written out again."""
    total, width = 1, int(network.input_size)
    for layer in network.layers:
        total, width = int(layer.units) * (total if total > 1 else width), int(layer.units)
    if total > _MAX_TERMS:
        raise NetworkError(
            f"the loss of {network.name} has {total} products when written out; "
            f"at most {_MAX_TERMS} are; take smaller sizes"
        )
