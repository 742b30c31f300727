"""``derive code``: a network as one NumPy module."""

from __future__ import annotations

from pathlib import Path

import click

from derive.commands.optimiser import optimiser_options
from derive.commands.options import emit, network_options, output_option, second_option
from derive.networks import Network


@click.command(name="code")
@network_options
@optimiser_options()
@click.option(
    "--input-gradient", "by_input", is_flag=True, help="With the gradient by the samples too."
)
@second_option
@output_option
def code(network: Network, by_input: bool, second: bool, output: Path | None) -> None:
    """Write NETWORK as one module that needs nothing but NumPy.

    The module initialises, predicts, and computes the loss and its gradients, each line of backward
    with its formula; its check_gradients compares them with difference quotients.
    """
    from derive.calculus import derivation
    from derive.calculus.proof.second import check_tangents
    from derive.codegen import generate_code, recheck
    from derive.proving.small import shrunk

    derived = derivation(network, by_input=by_input)
    source, tried = generate_code(derived, second=second), shrunk(derived)
    if second:
        check_tangents(tried.batch_tangents)
    smaller = source if tried is derived else generate_code(tried, second=second)
    recheck(smaller, tried.network)
    emit(source, output)
