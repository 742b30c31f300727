"""Index expressions of the calculus as notation: components, sums over an index, and the nameless
sum inside a block (the denominator of softmax), which gets the name S.
"""

from __future__ import annotations

import sympy as sp

from derive.meaning.expression import write_expression
from derive.meaning.write import Writer
from derive.notation.tree import BigSum, Node, Relation, Symbol, equals
from derive.program.program import Contraction, Map, Role

SUM = "S"
"""The glyph of a nameless sum."""


def write_index(writer: Writer, expression: sp.Expr, total: type[sp.Expr]) -> Node:
    """An index expression as a person writes it.

    Args:
        writer: of the program whose components occur in it.
        expression: of components ``name(i, j)`` and sizes.
        total: the class of sums, ``total(body, index)``.
    """
    expression = _without_nameless_maps(writer, expression)
    atoms = {node: _component(writer, node) for node in _components(writer, expression)}
    atoms |= writer.size_atoms(expression)

    def compound(part: sp.Expr) -> Node | None:
        if isinstance(part, total):
            body, letter = part.args
            return BigSum(written(body), writer.letter(str(letter)))
        return None

    def written(part: sp.Expr) -> Node:
        return write_expression(part, atoms, compound=compound)

    if expression.is_Mul and expression.func(*expression.args) != expression:
        factors = [written(factor) for factor in expression.args]
        return writer.product(factors, "times" if writer.scalar else "")
    return written(expression)


def nameless_sums(writer: Writer, target: str) -> tuple[Relation, ...]:
    """What S is inside the block that defines ``target``: ``S = sum_k exp(z_k)``."""
    return tuple(
        _definition(writer, name)
        for block in writer.program.blocks
        if block.out == target
        for name in block.inner
        if isinstance(writer.program.equation(name), Contraction)
    )


def _definition(writer: Writer, name: str) -> Relation:
    letters = writer.letters[name]
    return equals(_sum_symbol(writer, letters), writer.component(name, letters, taken="ij"))


def _components(writer: Writer, expression: sp.Expr) -> list[sp.Expr]:
    """Cotangents first, then the prediction, then the rest: the order in which factors stand."""
    found = expression.atoms(sp.core.function.AppliedUndef)
    return sorted(found, key=lambda node: (*_rank(writer, _name(node)), str(node)))


def _rank(writer: Writer, name: str) -> tuple[int, int]:
    order = (Role.COTANGENT, Role.PREDICTION, Role.HIDDEN, Role.TARGET)
    role = writer.program.variables[name].role
    return (order.index(role) if role in order else len(order), len(name))


def _name(node: sp.Expr) -> str:
    return str(node.func.__name__)


def _letters(node: sp.Expr) -> str:
    return "".join(str(argument) for argument in node.args)


def _component(writer: Writer, node: sp.Expr) -> Node:
    if writer.program.variables[_name(node)].role is Role.PART:
        return _sum_symbol(writer, _letters(node))
    return writer.variable(_name(node), _letters(node) or None)


def _sum_symbol(writer: Writer, letters: str) -> Symbol:
    return Symbol(SUM, sub=tuple(writer.letter(letter) for letter in letters))


def _without_nameless_maps(writer: Writer, expression: sp.Expr) -> sp.Expr:
    """Every nameless elementwise value in terms of what it is computed from."""
    pairs = {}
    for node in expression.atoms(sp.core.function.AppliedUndef):
        equation = writer.program.equation(_name(node))
        hidden = writer.program.variables[_name(node)].role is Role.PART
        if hidden and isinstance(equation, Map):
            arguments = (sp.Function(a, real=True)(*node.args) for a in equation.arguments)
            pairs[node] = _without_nameless_maps(writer, equation.function(*arguments))
    return expression.xreplace(pairs) if pairs else expression
