"""``derive networks``: the networks in the package."""

from __future__ import annotations

import click

from derive.networks import Network, line_form, network, presets


@click.command(name="networks")
@click.option(
    "--all", "words", is_flag=True, help="List all words instead: activations, losses, ..."
)
def networks(words: bool) -> None:
    """List the preset networks: name, definition on one line, title."""
    if words:
        from derive.document import render
        from derive.document.catalogue import catalogue

        click.echo(render(catalogue(), "text"), nl=False)
        return
    rows = [(name, line_form(preset), preset.title) for name, preset in _all()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, line, title in rows:
        click.echo(f"{name:{widths[0]}}  {line:{widths[1]}}  {title}")


def _all() -> list[tuple[str, Network]]:
    return [(name, network(name)) for name in presets()]
