"""One NumPy module from one derivation."""

from __future__ import annotations

from derive.calculus import Derivation, derivation
from derive.codegen.concrete import concrete_module
from derive.codegen.deep import deep_module
from derive.codegen.optimiser import stepping
from derive.codegen.second import refuse_any_depth
from derive.networks import Network
from derive.rendering import render


def generate_code(
    source: Network | Derivation,
    layout: str | None = None,
    *,
    by_input: bool = False,
    second: bool = False,
) -> str:
    """The source of a NumPy module that computes a network's loss and gradients.

    Args:
        source: a network, or its derivation if there is one already.
        layout: ``samples/weights``, as ``row/in_out``; default the network's own.
        by_input: whether the module has ``input_gradient`` too; a derivation that has the gradient
            by the input always gives it.
        second: whether it has the Hessian and its products with directions too.

    Raises:
        NetworkError: the layout is none of the four, or a name is one that the module needs.
        DerivationError: a derivative has no closed form.
    """
    found = _derivation(source, layout)
    found = found.with_input if by_input else found
    steps = stepping(found.network)
    if found.network.generic:
        refuse_any_depth(found.network, second)
        return render("numpy/deep.py.j2", module=deep_module(found), stepping=steps)
    return render("numpy/concrete.py.j2", module=concrete_module(found, second), stepping=steps)


def _derivation(source: Network | Derivation, layout: str | None) -> Derivation:
    network = source.network if isinstance(source, Derivation) else source
    if layout and layout != network.style.layout:
        by_input = isinstance(source, Derivation) and source.by_input
        return derivation(network.in_layout(layout), by_input=by_input)
    return source if isinstance(source, Derivation) else derivation(network)
