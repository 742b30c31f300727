"""How a derivation is written: the choices that a notation leaves open.

A style never changes what a formula says, only how it is spelled; the two layout choices also
change which axis of an array is which, so the program is built with them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Literal

from derive.errors import NetworkError, nearest

CHOICES: dict[str, tuple[str, ...]] = {
    "layer": ("subscript", "superscript", "bracket"),
    "activation": ("h", "a"),
    "rate": ("alpha", "eta"),
    "loss": ("L", "J", "C", "E"),
    "prediction": ("y_hat", "p"),
    "samples": ("column", "row"),
    "weights": ("out_in", "in_out"),
    "batch": ("m", "n", "N"),
}
"""Every key of ``[notation]`` with its valid words; the first is the default."""

LAYOUTS = ("column/out_in", "column/in_out", "row/in_out", "row/out_in")


@dataclass(frozen=True, slots=True)
class Style:
    """One word for each key of :data:`CHOICES`."""

    layer: Literal["subscript", "superscript", "bracket"] = "subscript"
    """Where the layer stands: ``W_1``, ``W^1``, ``W^{[1]}``."""
    activation: str = "h"
    rate: str = "alpha"
    loss: str = "L"
    prediction: str = "y_hat"
    samples: Literal["column", "row"] = "column"
    """Whether a sample is a column or a row of the data matrix."""
    weights: Literal["out_in", "in_out"] = "out_in"
    """The order of the axes of a weight matrix."""
    batch: str = "m"
    """The letter of the batch size."""

    @property
    def layout(self) -> str:
        """``samples/weights``, as ``--layout`` takes it."""
        return f"{self.samples}/{self.weights}"

    def with_layout(self, layout: str) -> Style:
        """This style in another layout.

        Raises:
            NetworkError: the layout is none of the four.
        """
        if layout not in LAYOUTS:
            raise NetworkError(f"unknown layout {layout!r}{nearest(layout, LAYOUTS)}")
        samples, weights = layout.split("/")
        return self.with_choices({"samples": samples, "weights": weights})

    def with_choices(self, choices: dict[str, str]) -> Style:
        """This style with some words replaced.

        Raises:
            NetworkError: an unknown key or word, with the nearest valid one.
        """
        for key, word in choices.items():
            if key not in CHOICES:
                raise NetworkError(f"unknown notation key {key!r}{nearest(key, CHOICES)}")
            if word not in CHOICES[key]:
                raise NetworkError(
                    f"unknown word {word!r} for notation key {key!r}{nearest(word, CHOICES[key])}"
                )
        return replace(self, **choices)  # type: ignore[arg-type]


assert tuple(CHOICES) == tuple(f.name for f in fields(Style))
