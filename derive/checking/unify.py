"""A formula beside the same formula with numbers put in: which number stands for which name.

``z = 0.5 * 2.0 + 0.1`` below ``z = W x + b`` says that ``W`` is 0.5, ``x`` 2.0 and ``b`` 0.1.
"""

from __future__ import annotations

from collections.abc import Iterator

from derive.checking.names import is_literal, unfenced
from derive.notation.tree import Negative, Node, Number, Product, Symbol, children


def unify(formula: Node, numbers: Node) -> dict[Symbol, Node] | None:
    """The number for each name; None where the two are not of one form.

    >>> from derive.notation.written import read_text
    >>> found = unify(read_text("W x + b").tree, read_text("0.5 × 2.0 + (-0.2)").tree)
    >>> [found[Symbol(name)] for name in "Wx"]
    [Number(digits='0.5'), Number(digits='2.0')]
    """
    found: dict[Symbol, Node] = {}
    return found if _match(formula, numbers, found) else None


def _match(formula: Node, numbers: Node, found: dict[Symbol, Node]) -> bool:
    formula, numbers = unfenced(formula), unfenced(numbers)
    if isinstance(formula, Negative) and isinstance(numbers, Negative):
        return _match(formula.body, numbers.body, found)
    if isinstance(formula, Number):
        return formula == numbers
    if is_literal(numbers):
        if isinstance(formula, Symbol):
            return found.setdefault(formula, numbers) == numbers
        return not is_literal(formula)
    if isinstance(formula, Product) and isinstance(numbers, Product):
        first, second = list(_factors(formula)), list(_factors(numbers))
    elif type(formula) is type(numbers) and not isinstance(formula, Symbol):
        first, second = list(children(formula)), list(children(numbers))
    else:
        return False
    if len(first) != len(second):
        return False
    return all(_match(a, b, found) for a, b in zip(first, second, strict=True))


def _factors(product: Product) -> Iterator[Node]:
    for factor in product.factors:
        if isinstance(factor, Product):
            yield from _factors(factor)
        else:
            yield factor
