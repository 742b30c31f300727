"""The named rules that bring a cotangent into the form that people write.

Each rule is local, has a name that the step log shows, and only ever rewrites an index expression
into an equal one: ``proof`` proves before and after equal for every use that a log records, and
what is printed is checked at random numbers first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.calculus.index import (
    Total,
    component,
    component_name,
    components,
    expression_of,
    index,
    inline,
)
from derive.calculus.local import cost, tidy
from derive.program.letters import letters_of
from derive.program.program import Block, Map, Program


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One application of a named rule: ``before = after``."""

    rule: str
    before: sp.Expr
    after: sp.Expr


@dataclass(frozen=True, slots=True)
class Premises:
    """What the rules may use: the program's equations and facts."""

    program: Program
    block: Block | None = None


def solve_for_inner_value(expression: sp.Expr, premises: Premises) -> sp.Expr:
    """A block's forward equation read backwards: ``p = e / s`` says ``e = p s``."""
    if premises.block is None:
        return expression
    known = _solved(premises.program, premises.block)
    pairs = {}
    for node in components(expression):
        if component_name(node) in known:
            letters, value = known[component_name(node)]
            pairs[node] = value.xreplace(dict(zip(map(index, letters), node.args, strict=True)))
    return expression.xreplace(pairs)


def _solved(program: Program, block: Block) -> dict[str, tuple[str, sp.Expr]]:
    """Inner value -> its letters, and what it is in terms of the block's value and its sums."""
    letters = letters_of(program)
    maps = {eq.out: eq for eq in map(program.equation, block.inner) if isinstance(eq, Map)}
    wide = [name for name in maps if letters[name] == letters[block.out]]
    narrow = set(maps) - set(wide)
    found = {
        name: (letters[name], inline(_whole(name, letters), maps, narrow.__contains__))
        for name in sorted(narrow)
    }
    equation = program.equation(block.out)
    assert equation is not None
    forward = expression_of(equation, letters[block.out])
    forward = inline(forward, maps, narrow.__contains__)
    for name in wide:
        value = _unknown(
            _whole(name, letters),
            expression_of(maps[name], letters[name]),
            _whole(block.argument, letters),
            forward,
            _whole(block.out, letters),
        )
        if value is not None:
            found[name] = letters[name], value
    return found


def _whole(name: str, letters: Mapping[str, str]) -> sp.Expr:
    return component(name, letters[name])


@cache
def _unknown(
    inner: sp.Expr, definition: sp.Expr, argument: sp.Expr, forward: sp.Expr, out: sp.Expr
) -> sp.Expr | None:
    """The inner value from ``out = forward``, in which the argument too is the inner value's:
    ``o = z - log(s)`` with ``e = exp(z)`` is ``o = log(e) - log(s)``, so ``e = s exp(o)``.
    """
    for before in sp.solve(definition - inner, argument):
        solutions = sp.solve(forward.xreplace({argument: before}) - out, inner)
        if len(solutions) == 1:
            return solutions[0]
    return None


def pull_out_constants(expression: sp.Expr, premises: Premises) -> sp.Expr:
    """``sum_j c a_j = c sum_j a_j``, and ``sum (a + b) = sum a + sum b``."""

    def pulled(body: sp.Expr, letter: sp.Symbol) -> sp.Expr:
        result: sp.Expr = sp.Integer(0)
        for term in sp.Add.make_args(sp.expand(sp.cancel(body))):
            outside, inside = term.as_independent(letter, as_Add=False)
            result += outside * Total(inside, letter)
        return result

    return expression.replace(Total, pulled)


def use_hypothesis(expression: sp.Expr, premises: Premises) -> sp.Expr:
    """``sum_j y_j = 1`` where the program states it."""
    pairs: dict[sp.Expr, sp.Expr] = {}
    for node in expression.atoms(Total):
        body, letter = node.args
        for fact in premises.program.facts:
            if (
                body in components(body)
                and component_name(body) == fact.name
                and body.args[fact.axis] == letter
            ):
                pairs[node] = sp.Integer(fact.value)
    return expression.xreplace(pairs)


def cancel(expression: sp.Expr, premises: Premises) -> sp.Expr:
    """``a b / a = b`` and its kin: the cheapest of SymPy's rational normal forms."""
    return tidy(expression)


NamedRule = Callable[[sp.Expr, Premises], sp.Expr]

RULES: dict[str, NamedRule] = {
    "solve for the inner value": solve_for_inner_value,  # p = e/s  ->  e = p s
    "pull constants out of the sum": pull_out_constants,  # sum c a = c sum a
    "use the hypothesis": use_hypothesis,  # sum y = 1
    "cancel": cancel,  # a b / a = b
}


def simplify(
    expression: sp.Expr, premises: Premises, rules: Iterable[str] = tuple(RULES)
) -> tuple[sp.Expr, tuple[Rewrite, ...]]:
    """Apply the rules in order; the log holds those that changed something."""
    log = []
    for name in rules:
        after = RULES[name](expression, premises)
        if after != expression:
            log.append(Rewrite(name, expression, after))
            expression = after
    return expression, tuple(log)


def fused(outer: sp.Expr, inner: sp.Expr) -> tuple[sp.Expr, tuple[Rewrite, ...]] | None:
    """The product of two elementwise factors in fewer operations than both, if there is such."""
    product = sp.Mul(outer, inner, evaluate=False)
    together = tidy(outer * inner)
    if cost(together) >= cost(outer) + cost(inner):
        return None
    return together, (Rewrite("cancel", product, together),)
