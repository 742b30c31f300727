"""``derive prove``: every formula of a network proved, its module measured, as one table."""

from __future__ import annotations

import click

from derive.commands.options import network_options
from derive.networks import Network


@click.command(name="prove")
@network_options
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of all random numbers.",
)
def prove(network: Network, seed: int) -> int:
    """Prove every formula of NETWORK and measure its module; exit code 1 if anything fails."""
    from derive.proving import prove as proof_of
    from derive.proving.table import table

    proof = proof_of(network, seed=seed)
    click.echo(table(proof), nl=False)
    return 0 if proof.passed else 1
