"""One NumPy module from one derivation."""

from __future__ import annotations

from derive.calculus import Derivation, derivation
from derive.codegen.concrete import concrete_module
from derive.codegen.deep import deep_module
from derive.networks import Network
from derive.rendering import render


def generate_code(source: Network | Derivation, layout: str | None = None) -> str:
    """The source of a NumPy module that computes a network's loss and gradients.

    Args:
        source: a network, or its derivation if there is one already.
        layout: ``samples/weights``, as ``row/in_out``; default the network's own.

    Raises:
        NetworkError: the layout is none of the four, or a name is one that the module needs.
        DerivationError: a derivative has no closed form.
    """
    found = _derivation(source, layout)
    if found.network.generic:
        return render("numpy/deep.py.j2", module=deep_module(found))
    return render("numpy/concrete.py.j2", module=concrete_module(found))


def _derivation(source: Network | Derivation, layout: str | None) -> Derivation:
    network = source.network if isinstance(source, Derivation) else source
    if layout and layout != network.style.layout:
        return derivation(network.in_layout(layout))
    return source if isinstance(source, Derivation) else derivation(network)
