"""What the templates need of a network, as finished text; each tuple holds lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a module says of its network."""

    title: str
    """The first line, which states the layout."""
    description: tuple[str, ...]
    input: str
    prediction: str
    loss: str
    loss_title: tuple[str, ...]
    """What the loss is: the lines of a docstring."""
    variances: str
    """Those of the initial weights, in words."""
    forward_signature: tuple[str, ...]
    both_signature: tuple[str, ...]
    """Of ``loss_and_gradients``."""
    method: str
    """The gradient check that ``auto`` takes."""
    batch: str
    """The number of samples."""
    given: str
    """What a function hands on besides the samples: ``, masks``, or nothing."""
    given_type: str
    """Its type, in the same way."""
    trial_signature: tuple[str, ...]
    """Of ``_trial``."""
    classes: str
    """The samples' classes as a table of truths, one for each entry of the target; empty where a
    target is no number of a class."""
    outputs: int
    """The axis of the outputs."""
    unit_sums: tuple[int, ...]
    """The axes along which the target must sum to 1."""
    helpers: tuple[str, ...]
    """Sources of stable functions."""


@dataclass(frozen=True, slots=True)
class MaskText:
    """What a module says of the masks of dropout; each tuple holds lines."""

    fields: tuple[str, ...]
    signature: tuple[str, ...]
    """Of ``draw_masks``."""
    draws: tuple[str, ...]
    batch: str
    """The number of samples."""


@dataclass(frozen=True, slots=True)
class ProductText:
    """A product of second order; each tuple holds lines."""

    signature: tuple[str, ...]
    note: tuple[str, ...]
    """The docstring."""
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecondText:
    """What a module has of second order."""

    products: tuple[ProductText, ...]
    signature: tuple[str, ...]
    """Of ``hessian``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """The context of ``numpy/module.py.j2``, which both kinds of network fill."""

    about: About
    parameters: tuple[str, ...]
    """Fields of the container."""
    cache: tuple[str, ...]
    init: tuple[str, ...]
    forward: tuple[str, ...]
    loss: tuple[str, ...]
    backward: tuple[str, ...]
    trial: tuple[str, ...]
    """The body of ``_trial``, which evaluates the loss for a gradient check."""
    input_gradient: tuple[str, ...] = ()
    """The body of ``input_gradient``; empty where the module has none."""
    constants: tuple[str, ...] = ()
    """The numbers that the definition fixes."""
    masks: MaskText | None = None
    """Of dropout; None where there is none."""
    second: SecondText | None = None
    """Where it is sought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConcreteModule(Module):
    """The context of ``numpy/concrete.py.j2``."""

    shapes: tuple[str, ...]
    """Entries of the table of shapes."""
    init_signature: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedEnd:
    """A first or last width that is a number."""

    place: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Biases:
    """Which layers have a bias."""

    count: str
    words: str
    layers: str
    """Their widths as a slice of all widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepModule(Module):
    """The context of ``numpy/deep.py.j2``."""

    first_width: str
    last_width: str
    weight_shape: str
    input_shape: str
    biases: tuple[Biases, ...]
    """One, or none where there is no bias."""
    fixed_ends: tuple[FixedEnd, ...]


def shape_text(shape: Sequence[int | str], quote: str = "") -> str:
    """A shape as Python writes it, or with names in quotes: ``(3, "m")``."""
    items = [f"{quote}{dim}{quote}" if isinstance(dim, str) else str(dim) for dim in shape]
    return f"({', '.join(items)}{',' if len(items) == 1 else ''})"
