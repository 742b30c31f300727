"""Elementwise formulas cut into lines: what occurs twice is computed once, and no line is long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import sympy as sp

from derive.codegen.plan import Operation, Plan, Section, Unit
from derive.program.functions import anonymous, parameter
from derive.program.program import Map, Role, Variable

MOST = 12
"""Operations on one line."""


def with_shared_parts(plan: Plan) -> Plan:
    """The plan with a part of its own for every shared or large piece of a formula."""
    variables: dict[str, Variable] = {}
    forward, loss, backward, to_input = (
        tuple(_cut(section, plan, variables))
        for section in (plan.forward, plan.loss, plan.backward, plan.to_input)
    )
    products = {
        operator: replace(own, section=tuple(_cut(own.section, plan, variables)))
        for operator, own in plan.products.items()
    }
    if not variables:
        return plan
    program = replace(plan.program, variables={**plan.program.variables, **variables})
    return replace(
        plan,
        program=program,
        forward=forward,
        loss=loss,
        backward=backward,
        to_input=to_input,
        products=products,
    )


def _cut(section: Section, plan: Plan, variables: dict[str, Variable]) -> Iterator[Operation]:
    for operation in section:
        if isinstance(operation, Unit) or not isinstance(operation, Map):
            yield operation
            continue
        arity = operation.function.arity
        *parts, whole = lines(operation.function.expression, arity)
        if not parts:
            yield operation
            continue
        shape = plan.program.variables[operation.out].shape
        names = list(operation.arguments)
        for number, part in enumerate(parts, start=1):
            name = f"{operation.out}.{number}"
            variables[name] = Variable(name, shape, Role.PART)
            yield _map(name, part, names)
            names.append(name)
        yield _map(operation.out, whole, names)


def _map(out: str, expression: sp.Expr, names: list[str]) -> Map:
    """An equation of the arguments that its expression has."""
    used = [k for k in range(len(names)) if parameter(k) in expression.free_symbols]
    renumber = {parameter(old): parameter(new) for new, old in enumerate(used)}
    function = anonymous(expression.xreplace(renumber), len(used))
    return Map(out, function, tuple(names[k] for k in used))


@cache
def lines(expression: sp.Expr, arity: int) -> tuple[sp.Expr, ...]:
    """The expression after its parts, the k-th of which it calls by the formal argument
    ``arity + k``.

    >>> u = parameter(0)
    >>> lines(sp.exp(u) / (1 + sp.exp(u)), 1)
    (exp(u0), u1/(u1 + 1))
    """
    known: Definitions = [(sp.Dummy("whole"), expression)]
    while (part := _repeated(known)) is not None:
        known = _extracted(part, known)
    while (part := _too_large(known)) is not None:
        known = _extracted(part, known)
    found = _inlined(known)
    formal = {symbol: parameter(arity + k) for k, (symbol, _) in enumerate(found[:-1])}
    return tuple(part.xreplace(formal) for _, part in found)


Definitions = list[tuple[sp.Symbol, sp.Expr]]


def _extracted(part: sp.Expr, known: Definitions) -> Definitions:
    """A definition for a part, before the first that uses it."""
    symbol = sp.Dummy(f"part{len(known)}", real=True)
    replaced = [(name, value.xreplace({part: symbol})) for name, value in known]
    place = next(k for k, (_, value) in enumerate(replaced) if symbol in value.free_symbols)
    return [*replaced[:place], (symbol, part), *replaced[place:]]


def _repeated(known: Definitions) -> sp.Expr | None:
    """The smallest piece that occurs twice."""
    counts = Counter(piece for _, value in known for piece in _pieces(value))
    twice = [piece for piece, count in counts.items() if count > 1]
    return min(twice, key=_size, default=None)


def _too_large(known: Definitions) -> sp.Expr | None:
    """The largest piece that fits on a line, of an expression that does not."""
    for _, value in known:
        if _operations(value) > MOST:
            fitting = [p for p in _pieces(value) if p != value and _operations(p) <= MOST]
            if fitting:
                return max(fitting, key=_size)
    return None


def _inlined(known: Definitions) -> Definitions:
    """Without the parts that only another part uses, and only once, where a line can hold both."""
    for place, (symbol, part) in enumerate(known[:-1]):
        users = [value for _, value in known if symbol in value.free_symbols]
        together = users[0].xreplace({symbol: part})
        once = sum(node == symbol for user in users for node in sp.preorder_traversal(user)) == 1
        if once and _operations(together) <= MOST:
            rest = known[:place] + known[place + 1 :]
            return _inlined([(name, value.xreplace({symbol: part})) for name, value in rest])
    return known


def _pieces(expression: sp.Expr) -> Iterator[sp.Expr]:
    """The pieces that deserve a name: not atoms, constants, powers or multiples of one argument."""
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.Expr) and node.free_symbols and not _plain(node):
            yield node


def _plain(node: sp.Expr) -> bool:
    """Whether it is a symbol, or one with a number: ``u``, ``-u``, ``2 u``, ``u^2``."""
    rest = node.as_coeff_Mul()[1]
    base, exponent = rest.as_base_exp()
    return bool(base.is_Symbol and exponent.is_Integer)


def _operations(expression: sp.Expr) -> int:
    """How much a line holds; a case counts as three operations."""
    cases = sum(len(node.args) for node in sp.preorder_traversal(expression) if _is_choice(node))
    return int(sp.count_ops(expression)) + 3 * cases


def _is_choice(node: sp.Basic) -> bool:
    return isinstance(node, sp.Piecewise)


def _size(piece: sp.Expr) -> tuple[int, object]:
    return _operations(piece), sp.default_sort_key(piece)
