"""Every formula that is printed, evaluated as it is printed.

The derivation is composed in both forms, for one sample and for a batch, and each displayed
relation is read back from its notation: this is where a wrong transpose or sign in what a reader
sees fails the proof, even if program and module are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from derive.calculus import Derivation
from derive.calculus.proof import Row
from derive.document import Options, compose
from derive.document.check import problems
from derive.errors import DeriveError
from derive.notation.text import text
from derive.proving.small import shrunk

PRINTED = "printed"
"""The form of all rows about notation."""

VIEWS: dict[str, Options] = {
    "index form": Options(form="index"),
    "matrix form": Options(form="matrix"),
    "batch": Options(batch=True),
}
"""What a reader may ask for."""


def _by_input(derived: Derivation) -> dict[str, Options]:
    """The same views of the gradient by the input alone, where it is sought."""
    if not derived.by_input:
        return {}
    name = derived.network.input
    return {f"{view}, {name}": replace(options, of=name) for view, options in VIEWS.items()}


def check_printed(derived: Derivation, seed: int = 0) -> Iterator[Row]:
    """A row for each view of the derivation; its detail names the first formula that fails."""
    yield from check_views(derived, {**VIEWS, **_by_input(derived)}, seed)


def check_views(derived: Derivation, views: Mapping[str, Options], seed: int) -> Iterator[Row]:
    """The same for any views."""
    derived = shrunk(derived)
    for view, options in views.items():
        try:
            document = compose(derived, options)
            wrong = [f"{text(f.relation)}: {why}" for f, why in problems(document, seed)]
        except DeriveError as error:
            yield Row(view, PRINTED, "composition", False, error.message)
            continue
        count = sum(formula.kind != "statement" for formula in document.formulas())
        detail = wrong[0] if wrong else f"{count} formulas"
        yield Row(view, PRINTED, "read back and evaluated", not wrong, detail)
