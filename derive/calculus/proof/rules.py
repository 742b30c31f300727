"""The rules themselves against ``sympy.diff`` of what an equation means, at explicit sizes.

An equation is written out entry by entry from its index definition alone, SymPy differentiates it,
and the rule's pullbacks are written out in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

import numpy as np
import sympy as sp

from derive.calculus.local import local_derivative
from derive.calculus.proof.exact import symbol_array
from derive.calculus.proof.identity import identical
from derive.calculus.proof.opaque import opaque
from derive.calculus.vjp import LOCAL, VJP
from derive.program.evaluate import Array
from derive.program.functions import Function, parameter
from derive.program.program import Contraction, Map, Term

INCOMING = "g"
"""The name of the incoming cotangent."""


def contraction_rule_holds(equation: Contraction, sizes: Mapping[str, int]) -> bool:
    """Whether the pullbacks of a contraction are SymPy's derivative of ``<g, out>``.

    Args:
        equation: the contraction; an operand may occur several times.
        sizes: a number for every letter; all different, or a transpose may hide.
    """
    values = {
        name: symbol_array(name, _shape(letters, sizes))
        for term in equation.terms
        for name, letters in zip(term.operands, term.letters, strict=True)
    }
    out = written_out(equation.letters, equation.terms, values, sizes)
    values[INCOMING] = symbol_array(INCOMING, _shape(equation.letters, sizes))
    paired = (values[INCOMING] * out).sum() if out.shape else values[INCOMING][()] * out[()]
    pulled: dict[str, Array] = {}
    for pullback in VJP[Contraction](equation, INCOMING, equation.letters):
        array = written_out(pullback.letters, (pullback.term,), values, sizes)
        name = pullback.argument
        pulled[name] = pulled[name] + array if name in pulled else array
    names = sorted(set(values) - {INCOMING})
    return sorted(pulled) == names and identical(
        (np.asarray(pulled[name], dtype=object)[place], sp.diff(paired, values[name][place]))
        for name in names
        for place in np.ndindex(values[name].shape)
    )


def map_rule_holds(function: Function) -> bool:
    """Whether the pullbacks of a map are SymPy's derivative of ``g f(u, v)``."""
    names = tuple(f"u{k}" for k in range(function.arity))
    arguments = [parameter(k) for k in range(function.arity)]
    incoming = sp.Symbol("g", real=True)
    seen = []
    for pullback in VJP[Map](Map("out", function, names), INCOMING, "i"):
        assert pullback.local is not None
        values = [*arguments, function.expression]
        local = pullback.local.function(*(values[k] for k in pullback.local.uses))
        factors = {INCOMING: incoming, LOCAL: opaque(local)}
        scale = sp.Rational(pullback.term.scale.number)
        found = scale * prod(
            (factors[name] for name in pullback.term.operands), start=sp.Integer(1)
        )
        expected = sp.diff(incoming * opaque(function.expression), arguments[pullback.position])
        seen.append((pullback.argument, identical([(found, expected)])))
    return seen == [(name, True) for name in names]


def local_form_holds(function: Function, position: int) -> bool:
    """Whether the local derivative, as it is written, is SymPy's derivative of the definition."""
    local = local_derivative(function, position)
    values = [*(parameter(k) for k in range(function.arity)), function.expression]
    written = local.function(*(values[k] for k in local.uses))
    expected = sp.diff(function.expression, parameter(position))
    return identical([(opaque(written), opaque(expected))])


def written_out(
    letters: str, terms: tuple[Term, ...], values: Mapping[str, Array], sizes: Mapping[str, int]
) -> Array:
    """``out[letters] = sum over terms``, entry by entry, from the meaning of the letters."""
    out = np.empty(_shape(letters, sizes), dtype=object)
    for place in np.ndindex(out.shape):
        at = dict(zip(letters, place, strict=True))
        out[place] = sp.Add(*(part for term in terms for part in _parts(term, at, values, sizes)))
    return out


def _parts(
    term: Term, at: Mapping[str, int], values: Mapping[str, Array], sizes: Mapping[str, int]
) -> Iterator[sp.Expr]:
    """The summands of a term at one place: one for every choice of the summed letters."""
    summed = sorted(set("".join(term.letters)) - set(at))
    for choice in product(*(range(sizes[letter]) for letter in summed)):
        where = {**at, **dict(zip(summed, choice, strict=True))}
        factors = (
            values[name][tuple(where[letter] for letter in used)]
            for name, used in zip(term.operands, term.letters, strict=True)
        )
        yield prod(factors, start=sp.Rational(term.scale.number))


def _shape(letters: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(sizes[letter] for letter in letters)
