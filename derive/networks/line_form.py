"""A network written on one line, as :mod:`derive.networks.line` reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any

from derive.networks.model import Layer, Network
from derive.networks.objective import Objective, weighted_losses


def line_form(network: Network) -> str:
    """The line that :func:`read_line` reads as this network (its name, notation and values apart).

    >>> from derive.networks.line import read_line
    >>> line_form(read_line("x[3] → dense(4, tanh) → dense(2, bias=false) ; mse"))
    'x[3] -> dense(4, tanh) -> dense(2, bias=false) ; mse'
    """
    start = network.input if network.scalar else f"{network.input}[{network.input_size}]"
    layers = (_layer_form(layer) for layer in network.layers)
    end = ", ".join([_losses_form(network), *_options(network.objective, OBJECTIVE_FORMS)])
    return f"{' -> '.join([start, *layers])} ; {end}"


def _layer_form(layer: Layer) -> str:
    arguments = [str(layer.units)]
    if layer.activation != "identity":
        arguments.append(_word_form(layer.activation))
    arguments += _options(layer, LAYER_FORMS)
    repeat = f" * ({layer.repeat})" if layer.repeat else ""
    return f"{layer.kind}({', '.join(arguments)}){repeat}"


def _losses_form(network: Network) -> str:
    losses = weighted_losses(network)
    if len(losses) == 1 and losses[0][1] == 1:
        return _word_form(network.loss)
    return " + ".join(f"{_number_form(weight)} {_word_form(word)}" for word, weight in losses)


LAYER_FORMS = {
    "bias": "bias",
    "reads": "reads",
    "adds": "adds",
    "tied": "weights",
    "transposed": "transposed",
    "dropout": "dropout",
    "temperature": "temperature",
    "l1": "l1",
    "l2": "l2",
}
"""Field of a layer -> its key."""

OBJECTIVE_FORMS = {
    "l1": "l1",
    "l2": "l2",
    "smoothing": "smoothing",
    "output_weights": "output_weights",
    "index": "target",
}


def _options(settings: Layer | Objective, keys: Mapping[str, str]) -> list[str]:
    """``key=value`` for everything that is not at its default."""
    defaults = {field.name: field.default for field in fields(settings)}
    found = {name: getattr(settings, name) for name in keys}
    return [f"{keys[n]}={_value_form(n, v)}" for n, v in found.items() if v != defaults[n]]


def _value_form(name: str, value: Any) -> str:
    if name == "index":
        return "index"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(_number_form, value))}]"
    return _number_form(value)


def _number_form(value: int | Fraction) -> str:
    """A number as a decimal; every one that a definition has was written as one."""
    return str(value) if value == int(value) else repr(float(value))


def _word_form(word: str) -> str:
    """A formula in quotes; it has none of its own but primes, which no formula may have."""
    return word if word.isidentifier() else f'"{word}"'
