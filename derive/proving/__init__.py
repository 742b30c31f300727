"""``prove``: a network's formulas and its emitted module, in one table.

Independent parts: the formulas are proved by ``calculus.proof``; what is printed of them is read
back and evaluated; the module is measured against the evaluated program and against difference
quotients of its own forward pass, taken here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from derive.calculus import Derivation, derivation
from derive.calculus.proof import Proof, Row, prove_formulas
from derive.calculus.proof.second import prove_second
from derive.networks.model import Network
from derive.proving.module import measure_module
from derive.proving.printed import check_printed
from derive.proving.second import check_second_printed, measure_products
from derive.proving.update import prove_update

Check = Callable[[Derivation, int], Iterable[Row]]

CHECKS: tuple[Check, ...] = (prove_formulas, check_printed, measure_module, prove_update)
"""What is shown of a derivation, with a seed."""

SECOND: tuple[Check, ...] = (prove_second, check_second_printed, measure_products)
"""What is shown of its second order."""


def prove(
    network: Network,
    *,
    layout: str | None = None,
    seed: int = 0,
    by_input: bool = False,
    second: bool = False,
) -> Proof:
    """Prove every formula of a network and measure its module; what rests on a failure is left out.

    Args:
        network: any network, of any depth too.
        layout: ``samples/weights``, as ``row/in_out``; default the network's own.
        seed: of all random numbers.
        by_input: whether the gradient by the input is proved too.
        second: whether the products of second order are proved too.

    Raises:
        NetworkError: the layout is none of the four.
        DerivationError: a derivative has no closed form.
    """
    network = network.in_layout(layout) if layout else network
    derived = derivation(network, by_input=by_input)
    rows: list[Row] = []
    for check in (*CHECKS, *(SECOND if second else ())):
        rows += check(derived, seed)
        if not all(row.passed for row in rows):
            break
    return Proof(network.name, network.style.layout, tuple(rows))


__all__ = ["CHECKS", "Proof", "Row", "prove"]
