"""Numbers and lists of a definition: exact fractions of decimals, numbers of layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from derive.networks.faults import Fault, Place, shown, unknown
from derive.networks.model import Layer
from derive.networks.objective import Objective

LARGEST = 10**12
"""Strengths and temperatures are at most this, and at least its inverse."""

TARGETS = ("values", "index")
"""Words of ``target = "..."``: its entries, or the number of its class."""


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from ``low`` to ``high``."""

    told: str
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(LARGEST)
    open_low: bool = False
    open_high: bool = False

    def __contains__(self, number: Fraction) -> bool:
        above = self.low < number if self.open_low else self.low <= number
        below = number < self.high if self.open_high else number <= self.high
        tiny = number and abs(number) < Fraction(1, LARGEST)
        return above and below and not tiny


STRENGTH = Range("0 or a positive number")
POSITIVE = Range("a positive number", open_low=True)
SHARE = Range("a number from 0 to less than 1", high=Fraction(1), open_high=True)
SIGNED = Range("a number other than 0", low=Fraction(-LARGEST))


def fraction(value: object, allowed: Range, what: str, place: Place) -> Fraction:
    """A decimal as exactly the fraction that is written.

    >>> fraction(0.1, SHARE, "dropout", ())
    Fraction(1, 10)
    """
    if isinstance(value, Fraction):
        number = value
    elif isinstance(value, bool) or not isinstance(value, int | float) or not _finite(value):
        raise Fault(f"{what}: {shown(value)} is not {allowed.told}", place)
    else:
        number = Fraction(str(value))
    if number not in allowed:
        raise Fault(f"{what}: {shown(value)} is not {allowed.told}", place)
    return number


def _finite(value: int | float) -> bool:
    return abs(value) <= LARGEST if isinstance(value, int) else math.isfinite(value)


def layer_numbers(value: object, what: str, place: Place) -> tuple[int, ...]:
    """One number of a layer or several."""
    entries = value if isinstance(value, list | tuple) else [value]
    for entry in entries:
        if isinstance(entry, bool) or not isinstance(entry, int):
            raise Fault(f"{what}: {shown(entry)} is not the number of a layer", place)
    return tuple(entries)


def read_layer(table: Mapping[str, Any], what: str, place: Place) -> Layer:
    """A layer of a table whose keys are known."""
    entries = dict(table)
    for key in ("reads", "adds"):
        if key in entries:
            entries[key] = layer_numbers(entries[key], f"{what}: {key}", (*place, key))
    if "weights" in entries:
        own = (*place, "weights")
        numbers = layer_numbers(entries.pop("weights"), f"{what}: weights", own)
        if len(numbers) != 1:
            raise Fault(f"{what}: weights: give the number of one layer", own)
        entries["tied"] = numbers[0]
    for key, allowed in LAYER_RANGES.items():
        if key in entries:
            entries[key] = fraction(entries[key], allowed, f"{what}: {key}", (*place, key))
    return Layer(**entries)


LAYER_RANGES: dict[str, Range] = {
    "dropout": SHARE,
    "temperature": POSITIVE,
    "l1": STRENGTH,
    "l2": STRENGTH,
}


def read_objective(table: Mapping[str, Any], losses: tuple[tuple[Any, Any], ...]) -> Objective:
    """The objective of a definition: its losses with their weights, and its own keys."""
    weights = [
        fraction(weight, SIGNED, f"loss {shown(word)}: weight", ("loss", word))
        for word, weight in losses
    ]
    for (word, _), weight in zip(losses, weights, strict=True):
        if not weight:
            raise Fault(f"loss {shown(word)}: weight: 0 is not {SIGNED.told}", ("loss", word))
    further = tuple(zip((word for word, _ in losses[1:]), weights[1:], strict=True))
    return Objective(
        weight=weights[0],
        further=further,
        l1=fraction(table.get("l1", 0), STRENGTH, "l1", ("l1",)),
        l2=fraction(table.get("l2", 0), STRENGTH, "l2", ("l2",)),
        smoothing=fraction(table.get("smoothing", 0), SHARE, "smoothing", ("smoothing",)),
        output_weights=_output_weights(table.get("output_weights", ())),
        index=_target(table.get("target", "values")) == "index",
    )


def _output_weights(value: object) -> tuple[Fraction, ...]:
    place = ("output_weights",)
    if not isinstance(value, list | tuple):
        raise Fault(f"output_weights: {shown(value)} is not a list of numbers", place)
    return tuple(fraction(v, STRENGTH, "output_weights", (*place, k)) for k, v in enumerate(value))


def _target(word: object) -> str:
    if not isinstance(word, str):
        raise Fault(f"target: {shown(word)} is not a word in quotes", ("target",))
    if word not in TARGETS:
        raise unknown("target", word, TARGETS, ("target",))
    return word
