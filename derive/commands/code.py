"""``derive code``: a network as one NumPy module."""

from __future__ import annotations

from pathlib import Path

import click

from derive.commands.options import emit, network_options, output_option
from derive.networks import Network


@click.command(name="code")
@network_options
@output_option
def code(network: Network, output: Path | None) -> None:
    """Write NETWORK as one module that needs nothing but NumPy.

    The module initialises, predicts, and computes the loss and its gradients, each line of backward
    with its formula; its check_gradients compares them with difference quotients.
    """
    from derive.calculus import derivation
    from derive.codegen import generate_code, recheck
    from derive.proving.small import shrunk

    derived = derivation(network)
    source, tried = generate_code(derived), shrunk(derived)
    recheck(source if tried is derived else generate_code(tried), tried.network)
    emit(source, output)
