"""A network with small layers in place of wide ones: its formulas are the same."""

from __future__ import annotations

from dataclasses import replace

from derive.calculus import Derivation, derivation
from derive.networks.model import Network
from derive.program.shapes import Dim

WIDE = 8
"""A width above this is replaced: a Jacobian has as many entries as its two widths multiplied."""


def shrunk(derived: Derivation, wide: int = WIDE) -> Derivation:
    """The derivation with small numbers for all layers wider than ``WIDE``, if there is a layer
    wider than ``wide``; else itself.

    A worked example has numbers for its own sizes only, so such a network is left as it is.
    """
    network = derived.network
    widths = (network.input_size, *(layer.units for layer in network.layers))
    if network.has_example or not any(isinstance(width, int) and width > wide for width in widths):
        return derived
    return derivation(_resized(network, widths), by_input=derived.by_input)


def _resized(network: Network, widths: tuple[Dim, ...]) -> Network:
    """Wide layers get 2, 3, ... up to the limit, in turn, but no number that is there already."""
    wide = dict.fromkeys(w for w in widths if isinstance(w, int) and w > WIDE)
    free = [size for size in range(2, WIDE + 1) if size not in widths] or [WIDE]
    numbers: dict[Dim, Dim] = {width: free[k % len(free)] for k, width in enumerate(wide)}
    layers = tuple(replace(k, units=numbers.get(k.units, k.units)) for k in network.layers)
    first = numbers.get(network.input_size, network.input_size)
    return replace(network, input_size=first, layers=layers, values={})
