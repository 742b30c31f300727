"""Options that choose an optimiser, over what the network file says."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.networks import Network

_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?")

_OPTIONS = (
    click.option(
        "--optimiser",
        metavar="WORD",
        help="gradient_descent, momentum, nesterov, rmsprop, adam or adamw.",
    ),
    click.option("--schedule", metavar="WORD", help="Of the rate: constant, step or cosine."),
    click.option("--clip", metavar="X", help="Limit of the norm of all gradients together."),
    click.option("--clip-value", metavar="X", help="Limit of every entry of a gradient."),
    click.option(
        "--set",
        "settings",
        metavar="NAME=X",
        multiple=True,
        help="A number of the optimiser or the schedule: beta1=0.8, steps=1000. May be repeated.",
    ),
)
_RATE = click.option("--rate", metavar="X", help="Rate of the update.")


def optimiser_options(
    rate: bool = True, complete: bool = True
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """``--optimiser``, ``--schedule``, ``--clip``, ``--set``: the command gets a ``network`` that
    has what they say. It stands below :func:`derive.commands.options.network_options`.

    Args:
        rate: whether there is ``--rate`` too.
        complete: whether a setting that has no default must be given.
    """

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_optimiser(
            network: Network,
            optimiser: str | None,
            schedule: str | None,
            clip: str | None,
            clip_value: str | None,
            settings: tuple[str, ...],
            **others: object,
        ) -> object:
            words = {"kind": optimiser, "schedule": schedule}
            numbers = {"clip": clip, "clip_value": clip_value}
            if rate:
                numbers["rate"] = others.pop("rate")  # type: ignore[assignment]
            table = {key: word for key, word in words.items() if word is not None}
            own = {key: number(text, _flag(key)) for key, text in numbers.items() if text}
            chosen = _chosen(network, {**table, **own, **given(settings)}, complete)
            return command(network=chosen, **others)

        decorated: Callable[..., Any] = with_optimiser
        for option in (*_OPTIONS, *([_RATE] if rate else []))[::-1]:
            decorated = option(decorated)
        return decorated

    return decorate


def _flag(key: str) -> str:
    return f"--{key.replace('_', '-')}"


def _chosen(network: Network, choices: dict[str, Any], complete: bool) -> Network:
    from derive.networks.optimiser import optimiser_of, with_choices

    if choices:
        network = replace(network, optimiser=with_choices(network.optimiser, choices))
    if complete:
        optimiser_of(network)
    return network


def given(settings: tuple[str, ...]) -> dict[str, Fraction]:
    """The pairs of all ``--set``.

    >>> given(("beta1=0.8", "steps=100"))
    {'beta1': Fraction(4, 5), 'steps': Fraction(100, 1)}
    """
    pairs: dict[str, Fraction] = {}
    for text in settings:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not (name and equals and value):
            raise DeriveError(f"--set: {text[:60]!r} is not a name and a number, such as beta1=0.8")
        if name in pairs:
            raise DeriveError(f"--set: {name!r} is given twice")
        pairs[name] = number(value, f"--set {name}")
    return pairs


def number(text: str, option: str) -> Fraction:
    """A decimal as exactly the fraction that is written."""
    if not _NUMBER.fullmatch(text.strip()):
        raise DeriveError(f"{option}: {text[:60]!r} is not a number such as 0.9 or 1e-8")
    return Fraction(text.strip())
