"""What a reader may ask of a derivation document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from derive.errors import DeriveError, nearest

Form = Literal["index", "matrix", "sympy"]

FORMS: tuple[Form, ...] = ("index", "matrix", "sympy")


@dataclass(frozen=True, slots=True)
class Options:
    """Which parts, in which form."""

    form: Form | None = None
    """None: index form for networks of scalars, matrix form for others."""
    layer: str = ""
    """Only the steps of this layer: its number; ``L``, ``L-1`` or ``l`` where the depth is any."""
    of: str = ""
    """Only what leads to the gradient of this variable."""
    batch: bool = False
    """Derive for the mean over a batch instead of one sample."""
    second: bool = False
    """Second order instead: the gradients along a direction."""


def checked_options(options: Options) -> Options:
    """The options, if they go together.

    Raises:
        DeriveError: two that choose different parts.
    """
    if options.layer and options.of:
        raise DeriveError(
            f"--layer {options.layer} and --of {options.of} choose different parts; give one"
        )
    return options


def checked_form(word: str | None) -> Form | None:
    """The form that a word means.

    Raises:
        DeriveError: an unknown word, with the nearest one.
    """
    if word is not None and word not in FORMS:
        raise DeriveError(f"unknown form {word!r}{nearest(word, FORMS)}")
    return next((form for form in FORMS if form == word), None)
