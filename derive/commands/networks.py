"""``derive networks``: the networks in the package."""

from __future__ import annotations

import click

from derive.networks import Network, line_form, network, presets


@click.command(name="networks")
def networks() -> None:
    """List the preset networks: name, definition on one line, title."""
    rows = [(name, line_form(preset), preset.title) for name, preset in _all()]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, line, title in rows:
        click.echo(f"{name:{widths[0]}}  {line:{widths[1]}}  {title}")


def _all() -> list[tuple[str, Network]]:
    return [(name, network(name)) for name in presets()]
