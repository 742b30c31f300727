"""Products and their coefficients: what multiplies what, with which glyph, in which order."""

from __future__ import annotations

from dataclasses import dataclass

from derive.meaning.matrix import is_constant
from derive.meaning.names import Names
from derive.notation.tree import BigSum, Node, Number, Power, Product, Quotient, negate
from derive.program.program import Role
from derive.program.shapes import Scale


@dataclass
class Products(Names):
    """Writes products of the values of one program."""

    def _glyph(self, out: str) -> str:
        """Between numbers: a dot in a forward equation, a cross in a chain of derivatives."""
        if not self.scalar:
            return ""
        own = self.program.variables[out]
        own = self.program.variables[own.of] if own.role is Role.TANGENT and own.target else own
        return "times" if own.role is Role.COTANGENT else "cdot"

    def product(self, factors: list[Node], glyph: str) -> Node:
        """A product with nested ones of the same glyph flattened."""
        flat = [inner for factor in factors for inner in factors_of(factor, glyph)]
        if not flat:
            return Number("1")
        return flat[0] if len(flat) == 1 else Product(tuple(flat), glyph)  # type: ignore[arg-type]

    def scaled(self, scale: Scale, body: Node) -> Node:
        """A coefficient times a node; a factor of 1 is left out."""
        if scale.number == 1 and not scale.sizes:
            return body
        if scale.number == -1 and not scale.sizes:
            return negate(body)
        head = _magnitude(scale, self)
        if body != Number("1"):
            times = isinstance(body, Product) and body.glyph == "times"
            head = (
                Product((head, *factors_of(body, "times")), "times")
                if times
                else Product((head, *juxtaposed(body)))
            )
        return negate(head) if scale.number < 0 else head


def _magnitude(scale: Scale, names: Names) -> Node:
    """The size of a coefficient, without its sign."""
    above = _powers(abs(scale.number).numerator, scale, names, 1)
    below = _powers(abs(scale.number).denominator, scale, names, -1)
    top = above or [Number("1")]
    node = top[0] if len(top) == 1 else Product(tuple(top))
    if not below:
        return node
    return Quotient(node, below[0] if len(below) == 1 else Product(tuple(below)))


def _powers(number: int, scale: Scale, names: Names, sign: int) -> list[Node]:
    nodes: list[Node] = [Number(str(number))] if number != 1 else []
    for name, power in scale.sizes:
        if power * sign > 0:
            base = names.size(name)
            nodes.append(base if abs(power) == 1 else Power(base, Number(str(abs(power)))))
    return nodes


def factors_of(node: Node, glyph: str) -> tuple[Node, ...]:
    """The factors of a product with this glyph; any other node is the only factor."""
    same = isinstance(node, Product) and node.glyph == glyph
    return node.factors if same and isinstance(node, Product) else (node,)


def constants_first(factors: list[Node]) -> tuple[list[Node], list[Node]]:
    """Numbers and sizes at the head of the first factor, which stand before a sum; the rest."""
    if factors and is_constant(factors[0]) and len(factors) > 1:
        return [factors[0]], factors[1:]
    if not factors or not isinstance(factors[0], Product) or factors[0].glyph:
        return [], factors
    inner = list(factors[0].factors)
    heads = []
    while len(inner) > 1 and is_constant(inner[0]):
        heads.append(inner.pop(0))
    first = inner[0] if len(inner) == 1 else Product(tuple(inner))
    return heads, [first, *factors[1:]]


def sum_last(factors: list[Node]) -> list[Node]:
    """``2 a sum b`` rather than ``a 2 sum b``."""
    *others, last = factors or [Number("1")]
    if others and isinstance(last, Product) and isinstance(last.factors[-1], BigSum):
        heads, rest = constants_first([last])
        return [*heads, *others, *rest]
    return factors


def weighted(heads: list[Node], fixed: list[Node]) -> list[Node]:
    """Numbers and named constants before a sum: ``lambda/2`` where the number is a half."""
    half = heads[0] if len(heads) == 1 else None
    if fixed and isinstance(half, Quotient) and half.numerator == Number("1"):
        above = fixed[0] if len(fixed) == 1 else Product(tuple(fixed))
        return [Quotient(above, half.denominator)]
    return [*heads, *fixed]


def juxtaposed(node: Node) -> tuple[Node, ...]:
    """The factors that stand side by side without a sign."""
    return factors_of(node, "")


def reglyphed(node: Node, glyph: str) -> Node:
    """Between numbers the table's juxtaposition is written with a glyph."""
    if glyph and isinstance(node, Product) and node.glyph == "":
        flat = [inner for factor in node.factors for inner in factors_of(factor, glyph)]
        return Product(tuple(flat), glyph)  # type: ignore[arg-type]
    return node
