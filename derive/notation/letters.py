"""Runs of letters: ``Wx`` is two factors, ``loss`` one name, ``dW`` a differential.

On the page nothing but the typeface tells them apart, and in plain text not even that, so the
decision is made here, once, for every alphabet.

>>> [piece.text for piece in split("Wx")], [piece.text for piece in split("loss")]
(['W', 'x'], ['loss'])
>>> [(piece.kind.name, piece.text) for piece in split("dW")]
[('COMMAND', 'd'), ('NAME', 'W')]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from derive.notation.tokens import Kind

BARE = frozenset(
    [
        "arccos",
        "arcsin",
        "arctan",
        "argmax",
        "argmin",
        "cos",
        "cosh",
        "det",
        "erf",
        "exp",
        "gelu",
        "inf",
        "lim",
        "ln",
        "log",
        "logsumexp",
        "max",
        "min",
        "relu",
        "sigmoid",
        "sign",
        "sin",
        "sinh",
        "softmax",
        "softplus",
        "sqrt",
        "sup",
        "tan",
        "tanh",
        "tr",
    ]
)
"""Functions that are also written without brackets: ``log x``."""

FUNCTION_WORDS = BARE | frozenset(
    [
        "abs",
        "ceil",
        "concat",
        "cov",
        "diag",
        "elu",
        "floor",
        "leaky_relu",
        "logit",
        "mean",
        "norm",
        "prod",
        "rank",
        "selu",
        "silu",
        "std",
        "sum",
        "swish",
        "trace",
        "var",
        "vec",
    ]
)
"""Names that are functions wherever they stand."""

_SPELLED = {"sgn": "sign", "leakyrelu": "leaky_relu", "arg max": "argmax", "arg min": "argmin"}

ABBREVIATIONS = frozenset(
    ["MSE", "MAE", "BCE", "CCE", "NLL", "SSE", "RSS", "RMSE", "ELBO", "LSE", "LSTM", "GRU", "MLP"]
)
"""Names of capitals only; other runs of capitals are factors."""

_DERIVED = frozenset({"loss", "cost", "error"})
_VOWELS = frozenset("aeouAEOU")
_WORDS_OF_INDICES = frozenset(["dim", "fin", "hid", "init", "inp", "lin", "min", "sim", "kin"])


class Letters(NamedTuple):
    """A part of a run: a letter, a name, or the d of a differential."""

    kind: Kind
    text: str
    width: int


def function(word: str) -> str | None:
    """The canonical name of a function, or None for other words."""
    plain = word.casefold()
    plain = _SPELLED.get(plain, plain)
    return plain if plain in FUNCTION_WORDS else None


def is_name(run: str, script: bool = False) -> bool:
    """Whether letters side by side are one name: a word has vowels and is no run of capitals."""
    if run in ABBREVIATIONS or run.casefold() in FUNCTION_WORDS:
        return True
    if run.isupper():
        return script and len(run) > 1
    if len(run) < 3 or not run[1:].islower():
        return False
    return not _VOWELS.isdisjoint(run) or run.casefold() in _WORDS_OF_INDICES


def split(run: str, script: bool = False) -> Iterator[Letters]:
    """The names in a run of letters without a space, in order."""
    if not script and _is_differential(run):
        yield Letters(Kind.COMMAND, "d", 1)
        yield from split(run[1:])
        return
    if is_name(run, script):
        yield Letters(Kind.UPRIGHT, run, len(run))
        return
    for letter in run:
        yield Letters(Kind.NAME, letter, 1)


def _is_differential(run: str) -> bool:
    """``dW``, ``dz``, ``dLoss``, ``dloss``; not ``dkx``."""
    if run[0] != "d" or len(run) == 2:
        return run[0] == "d" and len(run) == 2
    return run[1:] in _DERIVED or (len(run) > 3 and run[1].isupper() and is_name(run[1:]))
