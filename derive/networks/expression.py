"""The loss of a network as one SymPy expression: its program, evaluated over symbols."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import sympy as sp

from derive.errors import NetworkError
from derive.networks.build import build
from derive.networks.catalogue import activation as activation_of
from derive.networks.model import MIN_DEPTH, Layer, Network
from derive.program.evaluate import SYMBOLIC, Array, evaluate
from derive.program.functions import parameter
from derive.program.shapes import concrete

_MAX_SYMBOLS = 20_000
"""Symbols in the written-out loss; beyond it nobody reads the expression."""

_MAX_LAYERS = 50
"""SymPy prints and differentiates by recursion; at 80 nested layers Python's limit is reached."""

_MAX_CASES = 5
"""Units with a kink below another kink. SymPy unfolds nested cases: seconds for 5, hours for 10."""


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
    return evaluate(program, values, {}, SYMBOLIC)["L"][()]


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
    """Refuse what SymPy cannot print: every entry holds a layer's entries, written out again."""
    if len(network.layers) > _MAX_LAYERS:
        raise NetworkError(
            f"{network.name} has {len(network.layers)} layers; "
            f"at most {_MAX_LAYERS} are written out as one expression"
        )
    entries = [1]
    for number, layer in enumerate(network.layers, start=1):
        read = sum(int(network.width(k)) * entries[k] for k in network.sources(number))
        entries.append((read + 1) * _uses(layer) + sum(entries[k] for k in layer.adds))
    if int(network.layers[-1].units) * entries[-1] > _MAX_SYMBOLS:
        raise NetworkError(
            f"the loss of {network.name} has more than {_MAX_SYMBOLS} symbols when written out; "
            "take smaller sizes or fewer layers"
        )
    below = _units_below_kinks(network)
    if below > _MAX_CASES:
        raise NetworkError(
            f"{network.name} has {below} units with a kink below others, and SymPy tells apart all "
            f"2^{below} cases; at most {_MAX_CASES} such units are written out"
        )


def _units_below_kinks(network: Network) -> int:
    """The units with a kink (relu) whose values go into another kink."""
    kinked = [
        int(layer.units) for layer in network.layers if not activation_of(layer.activation).analytic
    ]
    return sum(kinked[:-1])


def _uses(layer: Layer) -> int:
    """How often an activation writes its argument: twice for relu, ``u if u > 0 else 0``."""
    activation = activation_of(layer.activation)
    if activation.block:
        return int(layer.units) + 1
    nodes = sp.preorder_traversal(activation.definition.expression)
    return sum(node == parameter(0) for node in nodes)
