"""``derive generate``: write or compare the files of ``generated/``."""

from __future__ import annotations

from pathlib import Path

import click

from derive.generate import FOLDER


@click.command(name="generate")
@click.argument("folder", type=click.Path(path_type=Path), default=FOLDER)
@click.option(
    "--check", "only_check", is_flag=True, help="Write nothing; show what differs and exit with 1."
)
def generate(folder: Path, only_check: bool) -> int:
    """Write derivation.md, derivation.tex and model.py of every preset below FOLDER."""
    from derive import generate as work

    if not only_check:
        for path in work.generate(folder):
            click.echo(path)
        return 0
    differences = work.check(folder)
    for difference in differences:
        click.echo(f"{difference.kind}: {folder / difference.path}")
        click.echo(difference.diff, nl=False)
    return 1 if differences else 0
