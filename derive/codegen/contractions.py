"""Contractions as NumPy: a closed table on letters; what it lacks is an einsum.

Letters are canonical: those of the output are ``a, b``, the others ``c, d`` in order of
appearance. An entry's arrays have the letters of its key; what they evaluate to fits the output
under NumPy's broadcasting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.codegen.text import Level, Piece

SAME = "{0}"
"""The template of an operand left as it is, its level too."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of the table: templates of :class:`Piece`, and how strongly the results bind."""

    code: str
    formula: str
    level: Level
    formula_level: Level


def _atom(code: str, formula: str) -> Pattern:
    """A name, a view or a call, and a formula that is a matrix product."""
    return Pattern(code, formula, Level.ATOM, Level.MATRIX_PRODUCT)


def _call(code: str, formula: str) -> Pattern:
    """A call, and a formula that is one too."""
    return Pattern(code, formula, Level.ATOM, Level.ATOM)


def _elementwise(code: str, formula: str) -> Pattern:
    return Pattern(code, formula, Level.PRODUCT, Level.PRODUCT)


def _matrix(code: str, formula: str) -> Pattern:
    return Pattern(code, formula, Level.MATRIX_PRODUCT, Level.MATRIX_PRODUCT)


PATTERNS: dict[str, Pattern] = {
    # one operand: itself, spread over new axes, summed
    "->": _call(SAME, SAME),
    "a->a": _call(SAME, SAME),
    "ab->ab": _call(SAME, SAME),
    "ba->ab": _atom("{0:.}.T", "{0:.}^T"),
    "->a": _call(SAME, SAME),
    "->ab": _call(SAME, SAME),
    "a->ab": _atom("{0:.}[:, None]", "{0:@} 1^T"),
    "b->ab": _atom(SAME, "1 {0:.}^T"),
    "c->": _call("np.sum({0})", "sum({0})"),
    "cd->": _call("np.sum({0})", "sum({0})"),
    "ac->a": _atom("np.sum({0}, axis=1)", "{0:@} 1"),
    "ca->a": _atom("np.sum({0}, axis=0)", "{0:.}^T 1"),
    # one operand, summed and spread
    "ca->ab": _atom("np.sum({0}, axis=0)[:, None]", "{0:.}^T 1 1^T"),
    "ac->ab": _atom("np.sum({0}, axis=1)[:, None]", "{0:@} 1 1^T"),
    "cb->ab": _atom("np.sum({0}, axis=0)", "1 1^T {0:@}"),
    "bc->ab": _atom("np.sum({0}, axis=1)", "1 1^T {0:.}^T"),
    # two operands: a number times an array
    ",->": _elementwise("{0:*} * {1:**}", "{0:*} {1:*}"),
    ",a->a": _elementwise("{0:*} * {1:**}", "{0:*} {1:*}"),
    ",ab->ab": _elementwise("{0:*} * {1:**}", "{0:*} {1:*}"),
    # elementwise
    "a,a->a": _elementwise("{0:*} * {1:**}", "{0:*} * {1:**}"),
    "ab,ab->ab": _elementwise("{0:*} * {1:**}", "{0:*} * {1:**}"),
    "ab,a->ab": _elementwise("{0:*} * {1:.}[:, None]", "{0:*} * ({1:*} 1^T)"),
    "ab,b->ab": _elementwise("{0:*} * {1:**}", "{0:*} * (1 {1:.}^T)"),
    # elementwise, then summed
    "c,c->": Pattern("{0:.} @ {1:.}", "sum({0:*} * {1:**})", Level.MATRIX_PRODUCT, Level.ATOM),
    "cd,cd->": _call("np.sum({0:*} * {1:**})", "sum({0:*} * {1:**})"),
    "cd,c->": _call("np.sum({0:*} * {1:.}[:, None])", "sum({0:*} * ({1:*} 1^T))"),
    "cd,d->": _call("np.sum({0:*} * {1:**})", "sum({0:*} * (1 {1:.}^T))"),
    "ac,ac->a": _atom("np.sum({0:*} * {1:**}, axis=1)", "({0:*} * {1:**}) 1"),
    "ca,ca->a": _atom("np.sum({0:*} * {1:**}, axis=0)", "({0:*} * {1:**})^T 1"),
    # outer, matrix-vector and matrix products
    "a,b->ab": _atom("np.outer({0}, {1})", "{0:*} {1:.}^T"),
    "ac,c->a": _matrix("{0:.} @ {1:.}", "{0:*} {1:*}"),
    "ca,c->a": _matrix("{0:.}.T @ {1:.}", "{0:.}^T {1:*}"),
    "ac,cb->ab": _matrix("{0:.} @ {1:.}", "{0:*} {1:*}"),
    "ca,cb->ab": _matrix("{0:.}.T @ {1:.}", "{0:.}^T {1:*}"),
    "ac,bc->ab": _matrix("{0:.} @ {1:.}.T", "{0:*} {1:.}^T"),
    "ca,bc->ab": _matrix("{0:.}.T @ {1:.}.T", "{0:.}^T {1:.}^T"),
}
"""Canonical letters -> NumPy and formula. The operands may stand in either order."""


def canonical(operands: Sequence[str], out: str) -> str:
    """The letters renamed: ``ij,jn->in`` becomes ``ac,cb->ab``.

    >>> canonical(["ij", "jn"], "in"), canonical(["i"], "in"), canonical(["n"], "in")
    ('ac,cb->ab', 'a->ab', 'b->ab')
    """
    names = dict(zip(out, "ab", strict=False))
    names.update(zip(out[2:], "efgh", strict=False))
    spare = iter("cdklmn")
    for letter in "".join(operands):
        if letter not in names:
            names[letter] = next(spare)
    table = str.maketrans(names)
    return f"{','.join(used.translate(table) for used in operands)}->{out.translate(table)}"


def pattern(operands: Sequence[str], out: str) -> tuple[Pattern, tuple[int, ...]] | None:
    """The line of the table for these letters, and the order in which it takes the operands."""
    orders = ((0, 1), (1, 0)) if len(operands) == 2 else (tuple(range(len(operands))),)
    for order in orders:
        found = PATTERNS.get(canonical([operands[k] for k in order], out))
        if found:
            return found, order
    return None


def einsum(operands: Sequence[tuple[Piece, str]], out: str) -> Piece:
    """Any product of arrays, from its definition; axes that no operand has are of length one."""
    letters = "".join(dict.fromkeys("".join(used for _, used in operands)))
    kept = "".join(letter for letter in out if letter in letters)
    spec = f"{','.join(used for _, used in operands)}->{kept}"
    text = f'np.einsum("{spec}", {", ".join(piece.text for piece, _ in operands)})'
    if kept == out[len(out) - len(kept) :]:
        return Piece(text)
    axes = ", ".join(":" if letter in kept else "None" for letter in out)
    return Piece(f"{text}[{axes}]")
