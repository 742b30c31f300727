"""``prove``: a network's formulas and its emitted module, in one table.

Independent parts: the formulas are proved by ``calculus.proof``; what is printed of them is read
back and evaluated; the module is measured against the evaluated program and against difference
quotients of its own forward pass, taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derive.calculus import Derivation, derivation
from derive.calculus.proof import Proof, Row, prove_formulas
from derive.networks.model import Network
from derive.proving.module import measure_module
from derive.proving.printed import check_printed

Check = Callable[[Derivation, int], Iterable[Row]]

CHECKS: tuple[Check, ...] = (prove_formulas, check_printed, measure_module)
"""What is shown of a derivation, with a seed."""


def prove(network: Network, *, layout: str | None = None, seed: int = 0) -> Proof:
    """Prove every formula of a network and measure its module; what rests on a failure is left out.

    Args:
        network: any network, of any depth too.
        layout: ``samples/weights``, as ``row/in_out``; default the network's own.
        seed: of all random numbers.

    Raises:
        NetworkError: the layout is none of the four.
        DerivationError: a derivative has no closed form.
    """
    network = network.in_layout(layout) if layout else network
    derived = derivation(network)
    rows: list[Row] = []
    for check in CHECKS:
        rows += check(derived, seed)
        if not all(row.passed for row in rows):
            break
    return Proof(network.name, network.style.layout, tuple(rows))


__all__ = ["CHECKS", "Proof", "Row", "prove"]
