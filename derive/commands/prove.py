"""``derive prove``: every formula of a network proved, its module measured, as one table."""

from __future__ import annotations

import click

from derive.commands.optimiser import optimiser_options
from derive.commands.options import network_options, second_option
from derive.networks import Network


@click.command(name="prove")
@network_options
@optimiser_options()
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of all random numbers.",
)
@click.option(
    "--input-gradient", "by_input", is_flag=True, help="Prove the gradient by the input too."
)
@second_option
def prove(network: Network, seed: int, by_input: bool, second: bool) -> int:
    """Prove every formula of NETWORK and measure its module; exit code 1 if anything fails."""
    from derive.proving import prove as proof_of
    from derive.proving.table import table

    proof = proof_of(network, seed=seed, by_input=by_input, second=second)
    click.echo(table(proof), nl=False)
    return 0 if proof.passed else 1
