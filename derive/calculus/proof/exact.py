"""Whole gradients against ``sympy.diff``, exactly, at small sizes.

The loss is written out as a function of one variable's entries, everything that does not depend on
that variable being a free symbol; SymPy differentiates it, and the derived gradient is written out
over the same symbols. Both are compared as rational functions of symbols and function values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import sympy as sp

from derive.calculus.log import Log
from derive.calculus.proof.identity import identical
from derive.calculus.proof.opaque import OPAQUE
from derive.program.evaluate import Array, evaluate
from derive.program.program import Contraction, Equation, Program, letter_sizes, live
from derive.program.shapes import concrete

QUOTIENTS = 100
"""How much longer a function by cases is counted when a case is a quotient."""


def work(log: Log, program: Program, sizes: Mapping[str, int], of: str) -> int:
    """An estimate of the work of :func:`exact`: the written out loss, once for every entry."""
    length: dict[str, int] = {of: 1}
    for equation in log.forward.equations:
        if any(name in length for name in equation.arguments) and equation.out not in length:
            length[equation.out] = _length(equation, length, program, sizes)
    entries = int(np.prod(concrete(program.variables[of].shape, sizes), dtype=object))
    return entries * length.get(log.target, 1)


def _length(
    equation: Equation, length: Mapping[str, int], program: Program, sizes: Mapping[str, int]
) -> int:
    """How long one entry of an equation is when written out."""
    if not isinstance(equation, Contraction):
        expression = equation.function.expression
        own = 1 + expression.count_ops() // 5
        own *= QUOTIENTS if _quotients_by_case(expression) else 1
        return int(own * (1 + sum(length.get(name, 1) for name in equation.arguments)))
    total = 0
    for term in equation.terms:
        dims = letter_sizes(equation, term, program.variables)
        summed = sorted(set("".join(term.letters)) - set(equation.letters))
        times = int(np.prod(concrete(tuple(dims[k] for k in summed), sizes), dtype=object))
        total += times * sum(length.get(name, 1) for name in term.operands)
    return max(total, 1)


def _quotients_by_case(expression: sp.Expr) -> bool:
    """``z/(1 + z) if z > 0 else z/(1 - z)``: its denominators multiply with every use."""
    return (
        expression.has(sp.Piecewise)
        and not sp.fraction(
            sp.together(
                sum(case for part in expression.atoms(sp.Piecewise) for case, _ in part.args)
            )
        )[1].is_Rational
    )


def exact(log: Log, program: Program, sizes: Mapping[str, int], of: str) -> bool:
    """Whether dL/d(of) is SymPy's derivative of the loss, as an identity.

    Raises:
        Undecided: it may be, but not as a rational function of function values.
    """
    values = _values(log, program, sizes, of)
    loss = values[log.target].item()
    gradient = values[log.cotangents[of]]
    entries = values[of]
    return identical(
        (sp.diff(loss, entries[place]), gradient[place]) for place in np.ndindex(entries.shape)
    )


def _values(log: Log, program: Program, sizes: Mapping[str, int], of: str) -> Mapping[str, Array]:
    """Every value that the gradient needs, with ``of`` and all that is beside it as symbols."""
    moving = _downstream(log.forward.equations, of)
    wanted = [log.cotangents[of], log.target]
    fixed = {eq.out for eq in log.forward.equations if eq.out not in moving or eq.out == of}
    equations = live((eq for eq in program.equations if eq.out not in fixed), wanted)
    names = {name for eq in equations for name in eq.arguments} | {of}
    names -= {eq.out for eq in equations}
    known = symbols(program, sizes, names)
    return evaluate(program, known, sizes, OPAQUE, equations)


def _downstream(equations: Iterable[Equation], of: str) -> set[str]:
    found = {of}
    for equation in equations:
        if found.intersection(equation.arguments):
            found.add(equation.out)
    return found


def symbols(program: Program, sizes: Mapping[str, int], names: Iterable[str]) -> dict[str, Array]:
    """Arrays of free symbols for these names, with the program's facts true."""
    known: dict[str, Array] = {}
    for name in sorted(names):
        known[name] = symbol_array(name, concrete(program.variables[name].shape, sizes))
    for fact in program.facts:
        if fact.name in known:
            moved = np.moveaxis(known[fact.name], fact.axis, 0)
            moved[-1] = fact.value - moved[:-1].sum(axis=0)
    return known


def symbol_array(name: str, shape: tuple[int, ...]) -> Array:
    """An array of symbols, each named after its place."""
    array = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        array[place] = sp.Symbol(f"{name}{list(place)}", real=True)
    return array
