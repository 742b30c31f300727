"""Factors that are the same along an axis: they leave a product, and a sum along the axis counts.

``1 x = x``; and ``sum_n c = m c`` where nothing else carries the letter n, whether c is a number or
a value such as ``sum_j W_ji / m``, the gradient of a loss with a constant slope.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.program.letters import SPARE
from derive.program.program import Contraction, Equation, Term, Variable
from derive.program.shapes import Dim, Scale


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the operands of a term."""

    variables: Mapping[str, Variable]
    defined: Mapping[str, Equation]
    constants: Mapping[str, Scale]
    """Names that are one number everywhere."""
    even: Mapping[str, frozenset[int]]
    """Names of cotangents -> the axes along which they are the same."""


def without_constants(equation: Contraction, term: Term, known: Known) -> Term:
    """The term of an equation without the factors that are the same along what is summed."""
    for position in range(len(term.operands)):
        opened = _opened(equation, term, position, known)
        if opened is not None:
            return without_constants(equation, opened, known)
    scale, left = term.scale, set(equation.letters)
    alone: dict[str, Dim] = {}
    kept = []
    for name, letters in zip(term.operands, term.letters, strict=True):
        if name in known.constants:
            scale = scale * known.constants[name]
            alone.update(zip(letters, known.variables[name].shape, strict=True))
        else:
            kept.append((name, letters))
            left.update(letters)
    for letter, size in alone.items():
        if letter not in left:
            scale = scale * Scale.of_size(size)
    return Term(tuple(n for n, _ in kept), tuple(k for _, k in kept), scale)


def even_axes(equation: Contraction, known: Known) -> frozenset[int]:
    """The axes along which the value of an equation is the same."""
    if len(equation.terms) != 1:
        return frozenset()
    (term,) = equation.terms
    told = {
        letter
        for name, letters in zip(term.operands, term.letters, strict=True)
        for axis, letter in enumerate(letters)
        if axis not in known.even.get(name, ())
    }
    return frozenset(k for k, letter in enumerate(equation.letters) if letter not in told)


def _opened(equation: Contraction, term: Term, position: int, known: Known) -> Term | None:
    """The term with one operand's own factors, if the operand is summed along an axis on which it
    is always the same.
    """
    name, letters = term.operands[position], term.letters[position]
    inner = known.defined.get(name)
    if name not in known.even or name in known.constants:
        return None
    if not isinstance(inner, Contraction) or len(inner.terms) != 1:
        return None
    others = [*term.letters[:position], *term.letters[position + 1 :], equation.letters]
    alone = [letters[k] for k in sorted(known.even[name]) if letters[k] not in "".join(others)]
    if not alone:
        return None
    own = _renamed(inner, letters, "".join(term.letters) + equation.letters)
    sizes = dict(zip(letters, known.variables[name].shape, strict=True))
    scale = term.scale * inner.terms[0].scale
    for letter in alone:
        if letter not in "".join(own):
            scale = scale * Scale.of_size(sizes[letter])
    return Term(
        (*term.operands[:position], *inner.terms[0].operands, *term.operands[position + 1 :]),
        (*term.letters[:position], *own, *term.letters[position + 1 :]),
        scale,
    )


def _renamed(inner: Contraction, letters: str, taken: str) -> tuple[str, ...]:
    """The letters of an equation's term in the surroundings of the operand that it defines."""
    table = dict(zip(inner.letters, letters, strict=True))
    spare = (k for k in SPARE if k not in taken and k not in inner.letters)
    for letter in "".join(inner.terms[0].letters):
        if letter not in table:
            table[letter] = letter if letter not in taken else next(spare)
    return tuple("".join(table[k] for k in used) for used in inner.terms[0].letters)
