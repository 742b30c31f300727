"""Activations and losses that a network defines itself, each as one word.

A word is a formula, ``z / (1 + exp(-1.702 z))``, or one with a name, ``swish(z) = z / (1 + ...)``,
so a word says everything of its function, wherever it stands. A formula that is one of the table's
own is replaced by the table's word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from derive.errors import DeriveError
from derive.networks.faults import Fault, Place, shown
from derive.notation.tokens import NotationError, marked

if TYPE_CHECKING:
    from derive.networks.model import Layer
    from derive.program.functions import Function

ARGUMENTS: dict[str, tuple[str, ...]] = {"activation": ("z",), "loss": ("y_hat", "y")}
"""What each kind of word is a formula of."""

_HEAD = re.compile(r"\s*(?P<name>[^\W\d]\w*)\s*(?:\((?P<arguments>[^()]*)\)\s*)?=")
_PLAIN = re.compile(r"[\w-]*")
_ARGUMENT = re.compile(r"\b(?:z|y_hat|ŷ)\b")


class FormulaFault(Fault):
    """A fault inside a formula: ``column`` counts from 0 in the word."""

    def __init__(self, error: NotationError, word: str, where: str, place: Place):
        super().__init__(where + marked(error.message, word, error.column, error.width), place)
        self.plain = error.message
        self.column, self.width = error.column, error.width


def is_formula(word: str) -> bool:
    """Whether a word is meant as a formula rather than as a name from the table."""
    plain = _PLAIN.fullmatch(word.strip())
    return bool(word.strip()) and not (plain and not _ARGUMENT.search(word))


def definition(word: str, kind: str) -> Function:
    """The function of a word that :func:`checked_word` has passed.

    Args:
        word: a formula, with or without ``name(...) =`` before it.
        kind: ``activation`` or ``loss``.

    Raises:
        NotationError: with the column in the word.
        DerivationError: a function without a derivative in closed form, by name.
    """
    name, start = _head(word, kind)
    return _function(word[start:], start, kind, name)


@cache
def _function(text: str, start: int, kind: str, name: str) -> Function:
    from derive.meaning.formula import formula

    try:
        return formula(text, ARGUMENTS[kind], name)
    except NotationError as error:
        raise NotationError(error.message, error.column + start, error.width) from None


def name_of(word: str, kind: str) -> str:
    """The name that a word gives to its function, or none."""
    return _head(word, kind)[0]


def named(name: str, text: str, kind: str) -> str:
    """The word of a formula with a name."""
    return f"{name}({', '.join(ARGUMENTS[kind])}) = {text.strip()}"


def _head(word: str, kind: str) -> tuple[str, int]:
    """The name before ``=``, and where the formula begins."""
    match = _HEAD.match(word)
    if match is None:
        return "", 0
    given, arguments = match["arguments"], ARGUMENTS[kind]
    if given is not None and _names(given) != arguments:
        wanted = ", ".join(arguments)
        raise NotationError(
            f"{kind} is a function of ({wanted}), not of ({given.strip()})",
            match.start("arguments"),
            max(1, len(given)),
        )
    return match["name"], match.end()


def _names(given: str) -> tuple[str, ...]:
    return tuple(part.strip().replace("ŷ", "y_hat") for part in given.split(","))


def checked_word(word: str, kind: str, table: Mapping[str, Function], place: Place) -> str:
    """A formula as a canonical word: the table's own where it has the same function.

    Args:
        word: the formula.
        kind: ``activation`` or ``loss``.
        table: word -> function, of what the catalogue has.
        place: of the word in the network's definition.

    Raises:
        Fault: what is not understood, with the column.
    """
    try:
        function = definition(word, kind)
    except NotationError as error:
        raise FormulaFault(error, word, _where(place), place) from None
    except DeriveError as error:
        raise Fault(_where(place) + error.message, place) from None
    if function.name:
        check_function_name(function.name, place)
        return named(function.name, word[_head(word, kind)[1] :], kind)
    same = (own for own, known in table.items() if known.expression == function.expression)
    return next(same, word.strip())


def _where(place: Place) -> str:
    """``layer 2: activation: `` as messages begin."""
    parts = [f"layer {part + 1}" if isinstance(part, int) else part for part in place]
    return "".join(f"{part}: " for part in parts if part != "layers")


def check_function_name(name: str, place: Place) -> None:
    """A function's name is a name, and none that means something else."""
    from derive.meaning.formula import CONSTANTS, words
    from derive.networks.blocks import BLOCKS
    from derive.networks.check import check_name
    from derive.program.functions import FUNCTIONS

    check_name(name, "function", place)
    if name in {*words(), *CONSTANTS, *FUNCTIONS, *BLOCKS}:
        raise Fault(f"function: {name!r} is defined already; choose another name", place)


def with_functions(
    layers: tuple[Layer, ...], losses: list[Any], functions: Mapping[str, object]
) -> tuple[tuple[Layer, ...], list[Any]]:
    """Layers and losses with the formulas of the table ``[functions]`` in place of their names.

    Raises:
        Fault: a formula of the table that is not understood, also where nothing uses it.
    """
    used = {layer.activation for layer in layers if isinstance(layer.activation, str)}
    own = {}
    for name, text in functions.items():
        place = ("functions", name)
        if not isinstance(text, str):
            raise Fault(f"functions: {shown(text)} is not a formula in quotes", place)
        if name not in used and name not in losses:
            raise Fault(f"functions: {name} is neither an activation nor the loss here", place)
        if name in used and name in losses:
            raise Fault(f"functions: {name} is both an activation and the loss", place)
        check_function_name(name, place)
        kind = "loss" if name in losses else "activation"
        own[name] = checked_word(named(name, text, kind), kind, {}, place)

    def replaced(word: Any) -> Any:
        return own.get(word, word) if isinstance(word, str) else word

    found = (replace(layer, activation=replaced(layer.activation)) for layer in layers)
    return tuple(found), [replaced(loss) for loss in losses]
