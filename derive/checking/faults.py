"""What is wrong with a formula: the first single edit that makes it right names the fault."""

from __future__ import annotations

from derive.checking.claims import Claim
from derive.checking.compare import Tester
from derive.checking.edits import edits
from derive.checking.names import split, symbols
from derive.checking.readings import Readings
from derive.notation import latex, text
from derive.notation.tree import (
    BigSum,
    Derivative,
    Node,
    Number,
    Quotient,
    Sum,
    Symbol,
)

_MOST = 600
"""Edits that are tried."""
_WORLDS = 4
"""Readings in which they are."""
_MESSAGES = {
    "summed-per-sample-derivative": "the derivative by one sample's value has no sum",
    "lost-batch-sum": "the sum over the samples is missing",
    "wrong-sign": "wrong sign",
    "wrong-factor": "wrong factor",
    "extra-factor": "a factor or term too many",
    "dropped-factor": "a factor is missing",
    "missing-activation-derivative": "the activation's derivative is missing",
    "missing-prime": "a function stands for its derivative, or the other way round",
    "wrong-power": "wrong power",
    "wrong-symbol": "wrong symbol",
}


def explain(claim: Claim, left: Node, right: Node, readings: Readings) -> tuple[str, str, str]:
    """The fault's name, the right side without it, and a sentence; empty if no edit mends it."""
    tried = _edits(right, readings)[:_MOST]
    for world in list(readings.worlds(left, right))[:_WORLDS]:
        tester = Tester(left, world)
        for rule, tree in tried:
            if tester.fits(tree):
                return rule, _shown(tree, claim), _MESSAGES[rule]
    return "not-equal", "", ""


def _edits(right: Node, readings: Readings) -> list[tuple[str, Node]]:
    model = readings.model
    names = sorted({*model.definitions, *model.leaves}, key=repr)
    slopes: list[Node] = [
        found
        for name, entries in model.definitions.items()
        if (found := _slope(name, entries[0].body)) is not None
    ]
    constants: list[Node] = [Number("2"), Quotient(Number("1"), Number("2"))]
    factors = [*constants, *slopes, *names]
    made = list(edits(right, _written(right, names, readings), factors))
    if not any(isinstance(node, BigSum) for node in [right]) and model.indices:
        index = Symbol(min(model.indices))
        made.insert(0, ("lost-batch-sum", BigSum(right, index)))
        made[:0] = [("lost-batch-sum", tree) for tree in _summed(right, index)]
    return made


def _summed(right: Node, index: Symbol) -> list[Node]:
    """The product with a sum over all but its first factor."""
    from derive.notation.tree import Product

    if isinstance(right, Product) and len(right.factors) > 1:
        rest = right.factors[1:]
        body = rest[0] if len(rest) == 1 else Product(rest, right.glyph)
        return [Product((right.factors[0], BigSum(body, index)), right.glyph)]
    return []


def _written(right: Node, names: list[Symbol], readings: Readings) -> list[Node]:
    """The names, with the index that the formula's names carry."""
    indexed = [name for name in symbols(right) if split(name, readings.model.indices)[1]]
    if not indexed:
        return list(names)
    from dataclasses import replace

    index = indexed[0].sub[-1]
    return [*names, *(replace(name, sub=(*name.sub, index)) for name in names)]


def _slope(name: Symbol, body: Node) -> Node | None:
    """``1 - h^2`` where ``h = tanh(z)``; the quotient ``dh/dz`` for other activations."""
    from derive.notation.tree import Apply, Negative, Power

    if not isinstance(body, Apply):
        return None
    if body.function == "tanh":
        return Sum((Number("1"), Negative(Power(name, Number("2")))))
    inner = body.arguments[0]
    return Derivative(name, inner) if isinstance(inner, Symbol) else None


def _shown(tree: Node, claim: Claim) -> str:
    return latex(tree) if claim.statement.latex else text(tree)
