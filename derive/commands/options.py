"""Options that several commands share, and where their output goes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError
from derive.rendering import write_file

if TYPE_CHECKING:
    from derive.networks import Network


def network_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """NETWORK, ``--layout`` and ``--notation``: the command gets one ``network``, ready to use."""

    @click.argument("source", metavar="NETWORK")
    @click.option(
        "--layout",
        metavar="SAMPLES/WEIGHTS",
        help="column/out_in (W X + b 1^T), column/in_out, row/in_out (X W + 1 b^T) or row/out_in.",
    )
    @click.option(
        "--notation",
        metavar="KEY=VALUE,...",
        help="How it is written, as in [notation] of a network file: layer=bracket,activation=a.",
    )
    @functools.wraps(command)
    def with_network(
        source: str, layout: str | None, notation: str | None, **others: object
    ) -> object:
        return command(network=load(source, layout, notation), **others)

    return with_network


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``-o FILE``: the command gets ``output``, a path or None for standard output."""
    return click.option(
        "-o",
        "--output",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Write to this file instead of standard output.",
    )(command)


def second_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--second-order``: the command gets ``second``."""
    return click.option(
        "--second-order",
        "second",
        is_flag=True,
        help="Second order: the Hessian's and the Gauss-Newton product with a direction.",
    )(command)


def load(source: str, layout: str | None = None, notation: str | None = None) -> Network:
    """The network of a preset's name, a TOML file or a one-line definition, in the style asked for.

    Raises DeriveError for anything unknown in it, and for an unknown layout, key or word.
    """
    from derive.networks import network

    loaded = network(source)
    style = loaded.style.with_choices(choices(notation or ""))
    if layout is not None:
        style = style.with_layout(layout)
    return loaded if style == loaded.style else loaded.in_style(style)


def choices(text: str) -> dict[str, str]:
    """The pairs of ``key=value,key=value``.

    >>> choices("layer=bracket, activation=a")
    {'layer': 'bracket', 'activation': 'a'}
    """
    pairs: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not (key and equals and value):
            raise DeriveError(f"--notation: {part!r} is not key=value, such as layer=bracket")
        if key in pairs:
            raise DeriveError(f"--notation: {key!r} is given twice")
        pairs[key] = value
    return pairs


def emit(text: str, output: Path | None) -> None:
    """Write a command's result to the file of ``-o``, or to standard output.

    Raises:
        DeriveError: there is no standard output.
    """
    if output is not None:
        write_file(output, text)
    elif sys.stdout is None:
        raise DeriveError("standard output is closed; write to a file with -o")
    else:
        sys.stdout.write(text)
