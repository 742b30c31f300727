"""``derive show``: the derivation of a network's gradients."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from derive.commands.optimiser import optimiser_options
from derive.commands.options import emit, network_options, output_option, second_option
from derive.networks import Network

if TYPE_CHECKING:
    from derive.calculus.proof.rows import Row


@click.command(name="show")
@network_options
@optimiser_options()
@click.option(
    "--to", "to", metavar="FORMAT", help="text (default), markdown or latex; -o FILE decides too."
)
@click.option(
    "--form", metavar="FORM", help="index, matrix or sympy; by default what suits the network."
)
@click.option("--layer", metavar="NUMBER", default="", help="Only the steps of this layer.")
@click.option(
    "--of", metavar="NAME", default="", help="Only what leads to this gradient, such as W2."
)
@click.option("--batch", is_flag=True, help="Derive for the mean over a batch.")
@click.option("--verify", is_flag=True, help="Measure the formulas, here and now.")
@second_option
@output_option
def show(
    network: Network,
    to: str | None,
    form: str | None,
    layer: str,
    of: str,
    batch: bool,
    verify: bool,
    second: bool,
    output: Path | None,
) -> int:
    """Print the derivation of NETWORK's gradients, step by step."""
    from derive.calculus import derivation
    from derive.calculus.proof import quick_check
    from derive.calculus.proof.second import check_tangents
    from derive.document import compose, render
    from derive.document.check import check_document
    from derive.document.options import Options, checked_form
    from derive.document.render import SUFFIXES
    from derive.proving.small import shrunk

    guessed = SUFFIXES.get(output.suffix.lower(), "text") if output else "text"
    rows = _measured(network, second) if verify else ()
    options = Options(checked_form(form), layer, of, batch, second)
    derived = derivation(network, by_input=of == network.input)
    quick_check(derived, batch=batch)
    if second:
        check_tangents(derived.batch_tangents if batch else derived.tangents)
    check_document(compose(shrunk(derived), options))
    emit(render(compose(derived, options, rows), to or guessed), output)
    return 0 if all(row.passed for row in rows) else 1


def _measured(network: Network, second: bool) -> tuple[Row, ...]:
    """What a proof says, for the end of the document."""
    from derive.proving import prove

    return prove(network, second=second).rows
