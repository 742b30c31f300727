"""Where the named rules apply: two elementwise maps that meet, and a block seen from outside."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from derive.calculus.draft import Draft
from derive.calculus.index import (
    Lowering,
    Total,
    component,
    component_name,
    components,
    expression_of,
    inline,
)
from derive.calculus.local import cost, tidy
from derive.calculus.simplify import Premises, Rewrite, fused, simplify
from derive.program.functions import Function
from derive.program.program import Block, Contraction, Equation, Map, Role, Variable

Rewritten = tuple[Equation, tuple[Rewrite, ...]]


def fuse(draft: Draft, equation: Contraction) -> Rewritten | None:
    """``(dL/da) * a'`` as one map, where that saves operations."""
    if len(equation.terms) != 1 or len(equation.terms[0].operands) != 2:
        return None
    first, second = (draft.defined.get(name) for name in equation.terms[0].operands)
    letters = equation.letters
    if set(equation.terms[0].letters) != {letters} or not isinstance(second, Map):
        return None
    if not isinstance(first, Map):
        return _undivided(draft, equation)
    found = fused(expression_of(first, letters), expression_of(second, letters))
    if found is None:
        return None
    return lower(draft, equation.out, letters, found[0]), found[1]


def _undivided(draft: Draft, equation: Contraction) -> Rewritten | None:
    """``(dL/da) * a'`` term by term, where ``dL/da`` divides by a value that may vanish, as
    ``(a - y) / (a (1 - a))`` does, and ``a'`` cancels it.
    """
    incoming, local = equation.terms[0].operands
    letters = equation.letters
    if not _may_divide(draft, incoming):
        return None
    outer = _written_out(draft, incoming, component(incoming, letters))
    inner = expression_of(draft.defined[local], letters)
    if not _divides(outer) or outer.atoms(Total):
        return None
    parts = [tidy(part * inner) for part in sp.Add.make_args(outer)]
    if any(_divides(part) for part in parts):
        return None
    after = sp.Add(*parts)
    rewrite = Rewrite("cancel", sp.Mul(outer, inner, evaluate=False), after)
    return lower(draft, equation.out, letters, after), (rewrite,)


def _written_out(draft: Draft, cotangent: str, expression: sp.Expr) -> sp.Expr:
    """An expression with the formulas of a cotangent and of its local derivatives put in."""
    of = draft.variables[cotangent].of
    own = {name for name, v in draft.variables.items() if v.role is Role.LOCAL and v.of == of}
    return inline(expression, draft.defined, _among({cotangent, *own}))


def _may_divide(draft: Draft, cotangent: str) -> bool:
    """Whether a function in a cotangent's formula divides: without one nothing else does, and no
    expression need be built to see that.
    """
    of, pending, seen = draft.variables[cotangent].of, [cotangent], set[str]()
    while pending:
        name = pending.pop()
        own = name == cotangent or draft.variables[name].role is Role.LOCAL
        equation = draft.defined.get(name) if own and draft.variables[name].of == of else None
        if equation is None or name in seen:
            continue
        if isinstance(equation, Map) and _has_divisor(equation.function):
            return True
        seen.add(name)
        pending += equation.arguments
    return False


@cache
def _has_divisor(function: Function) -> bool:
    powers = function.expression.atoms(sp.Pow)
    return any(p.exp.could_extract_minus_sign() and p.base.free_symbols for p in powers)


def _divides(expression: sp.Expr) -> bool:
    """Whether it divides by a value."""
    powers = expression.atoms(sp.Pow)
    return any(p.exp.could_extract_minus_sign() and components(p.base) for p in powers)


def through_block(draft: Draft, block: Block, equation: Equation) -> Rewritten | None:
    """The cotangent of a block's argument without the block's inner names.

    Tried with the cotangent that comes in as it is, and with its formula put in; of the results
    that divide by no value which may vanish that of the fewest operations is taken.
    """
    letters = draft.letters[equation.out]
    hidden = _inner_names(draft, block)
    start = inline(
        component(equation.out, letters),
        {**draft.defined, equation.out: equation},
        _among((hidden - set(block.inner)) | {equation.out}),
    )
    found = []
    incoming = draft.cotangents[block.out]
    for expression in (start, _written_out(draft, incoming, start)):
        after, log = simplify(expression, Premises(draft.program, block))
        if not any(component_name(node) in hidden for node in components(after)):
            found.append((after, log))
    if not found:
        return None
    after, log = min(
        found, key=lambda pair: (_divides(_written_out(draft, incoming, pair[0])), cost(pair[0]))
    )
    return lower(draft, equation.out, letters, after), log


def _inner_names(draft: Draft, block: Block) -> set[str]:
    """Everything that belongs to the inside of a block, forward and backward."""
    hidden = set(block.inner) | {draft.cotangents[name] for name in block.inner}
    return hidden | {
        name
        for name, variable in draft.variables.items()
        if variable.role is Role.LOCAL and variable.target in block.inner
    }


def _among(names: set[str]) -> Callable[[str], bool]:
    return lambda name: name in names


def lower(draft: Draft, out: str, letters: str, expression: sp.Expr) -> Equation:
    """An index expression as an equation; its parts are declared and emitted before it."""
    shape = {
        str(letter): size
        for node in components(expression)
        for letter, size in zip(node.args, draft.variables[component_name(node)].shape, strict=True)
    }
    count = 0

    def fresh(used: str) -> str:
        nonlocal count
        count += 1
        own = tuple(shape[letter] for letter in used)
        part = Variable(f"{out}.{count}", own, Role.PART, target=draft.target)
        return draft.declare(part, used)

    lowering = Lowering(letters, fresh)
    equation = lowering.equation(out, expression)
    for part in lowering.parts:
        draft.emit(part)
    return equation
