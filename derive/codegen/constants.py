"""The numbers that a definition fixes, as constants of a module: ``LAMBDA = 0.01``."""

from __future__ import annotations

from collections.abc import Iterator

from derive.codegen.lines import listed, noted
from derive.networks import Network
from derive.networks.catalogue import loss as loss_of
from derive.networks.objective import (
    OMEGA,
    Penalty,
    constants,
    loss_constants,
    penalties,
    weighted_losses,
)

PENALTY_TITLES = {"l1": "L1 penalty", "l2": "L2 penalty"}
"""Kind of penalty -> its name."""


def constant_lines(network: Network) -> tuple[str, ...]:
    """A line for every constant, with what it is."""
    notes = dict(_notes(network))
    lines: list[str] = []
    for name, value in constants(network).items():
        if isinstance(value, tuple):
            numbers = [repr(float(number)) for number in value]
            comma = len(numbers) == 1
            lines.append(f"# {notes[name]}")
            lines += listed(f"{name.upper()} = (", numbers, ")", indent=0, comma=comma)
        else:
            lines += noted(f"{name.upper()} = {float(value)!r}", notes[name], indent=0)
    return tuple(lines)


def _notes(network: Network) -> Iterator[tuple[str, str]]:
    """Every constant with what it is."""
    losses = weighted_losses(network)
    for name, (word, _) in zip(loss_constants(network), losses, strict=True):
        if name:
            yield name, f"weight of {loss_of(word).title}"
    found = penalties(network)
    for name in dict.fromkeys(penalty.constant for penalty in found):
        yield name, _strength([penalty for penalty in found if penalty.constant == name], found)
    yield OMEGA, "weights of the outputs in the loss"


def _strength(own: list[Penalty], every: tuple[Penalty, ...]) -> str:
    """What a constant is the strength of; the weights are named where others have another."""
    kind = own[0].kind
    told = f"strength of the {PENALTY_TITLES[kind]}"
    if len(own) == sum(penalty.kind == kind for penalty in every):
        return told
    return f"{told} on {', '.join(penalty.parameter for penalty in own)}"


def loss_titles(network: Network) -> list[str]:
    """Every loss in words, with its weight."""
    return [
        loss_of(word).title if weight == 1 else f"{float(weight):g} times {loss_of(word).title}"
        for word, weight in weighted_losses(network)
    ]


def penalty_titles(network: Network) -> list[str]:
    """The kinds of penalty in words."""
    return [PENALTY_TITLES[k] for k in dict.fromkeys(p.kind for p in penalties(network))]
