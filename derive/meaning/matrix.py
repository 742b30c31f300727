"""The closed table between letters and matrix notation.

A contraction of at most two operands of rank at most two is written as a matrix product, a
Hadamard product or a sum with the vector of ones. What is not in the table is written in index
form: there is no general way back from indices to matrices. Each line is proved by evaluating the
written form against the contraction itself.

Letters are canonical: ``a``, ``b``, ``c`` in order of appearance. A value of rank one is a column
where samples are columns, a row where samples are rows.
"""

from __future__ import annotations

from collections.abc import Callable

from derive.notation.tree import Negative, Node, Number, Product, Quotient, Symbol, Transpose

ONE = Symbol("1", style="bold")
"""The vector of ones, a column; its length is whatever fits."""

NAMED_NUMBERS = frozenset({"lambda"})
"""Letters that stand for one number in every formula."""

Form = Callable[..., Node]


def transpose(node: Node) -> Node:
    """``A^T``, without doubling; ``(A 1 1^T)^T = 1 1^T A^T``, for ones have no own length."""
    if isinstance(node, Transpose):
        return node.body
    if isinstance(node, Negative) and _has_ones(node.body):
        return Negative(transpose(node.body))
    if isinstance(node, Product) and _has_ones(node):
        turned = (f if is_constant(f) else transpose(f) for f in reversed(node.factors))
        return product(*turned)
    return Transpose(node)


def product(*factors: Node) -> Node:
    """Matrix product by juxtaposition, nested ones flattened: numbers come first, 1 is left out."""
    for k, factor in enumerate(factors):
        if isinstance(factor, Negative) and _has_ones(factor.body):
            return Negative(product(*factors[:k], factor.body, *factors[k + 1 :]))
    flat: list[Node] = []
    for factor in factors:
        inner = isinstance(factor, Product) and factor.glyph == ""
        flat += factor.factors if inner and isinstance(factor, Product) else (factor,)
    flat = [factor for factor in flat if factor != Number("1")] or [Number("1")]
    if len(flat) == 1:
        return flat[0]
    return Product(tuple(sorted(flat, key=lambda factor: not is_constant(factor))))


def _has_ones(node: Node) -> bool:
    """Whether it is a matrix product with ones in it."""
    return isinstance(node, Product) and not node.glyph and ONE in node.factors


def is_constant(node: Node) -> bool:
    """A number, be it a named one, or a quotient with one above: sizes stand only below one."""
    if isinstance(node, Quotient):
        return is_constant(node.numerator)
    if isinstance(node, Product):
        return all(is_constant(factor) for factor in node.factors)
    return isinstance(node, Number) or (isinstance(node, Symbol) and node.glyph in NAMED_NUMBERS)


def hadamard(*factors: Node) -> Node:
    """Elementwise product; nested ones are flattened."""
    flat: list[Node] = []
    for factor in factors:
        inner = isinstance(factor, Product) and factor.glyph == "hadamard"
        flat += factor.factors if inner and isinstance(factor, Product) else (factor,)
    return Product(tuple(flat), "hadamard")


_T = transpose

COMMON: dict[str, Form] = {
    "->": lambda a: a,
    "a->a": lambda a: a,
    "ab->ab": lambda a: a,
    "ab->ba": lambda a: _T(a),
    "ab->": lambda a: product(_T(ONE), a, ONE),
    "->ab": lambda a: product(a, ONE, _T(ONE)),
    "ab->ac": lambda a: product(a, ONE, _T(ONE)),
    "ab->bc": lambda a: product(_T(a), ONE, _T(ONE)),
    "ab->ca": lambda a: product(ONE, _T(ONE), _T(a)),
    "ab->cb": lambda a: product(ONE, _T(ONE), a),
    ",->": lambda a, b: product(a, b),
    ",a->a": lambda a, b: product(a, b),
    "a,->a": lambda a, b: product(b, a),
    ",ab->ab": lambda a, b: product(a, b),
    "ab,->ab": lambda a, b: product(b, a),
    "a,a->a": lambda a, b: hadamard(a, b),
    "ab,ab->ab": lambda a, b: hadamard(a, b),
    "ab,ba->ab": lambda a, b: hadamard(a, _T(b)),
    "ab,bc->ac": lambda a, b: product(a, b),
    "ab,cb->ac": lambda a, b: product(a, _T(b)),
    "ab,ac->bc": lambda a, b: product(_T(a), b),
    "ab,ca->bc": lambda a, b: product(_T(a), _T(b)),
    "ab,bc->ca": lambda a, b: product(_T(b), _T(a)),
    "ab,cb->ca": lambda a, b: product(b, _T(a)),
    "ab,ac->cb": lambda a, b: product(_T(b), a),
    "ab,ca->cb": lambda a, b: product(b, a),
    "ab,ab->": lambda a, b: product(_T(ONE), hadamard(a, b), ONE),
}

COLUMN: dict[str, Form] = {
    **COMMON,
    "->a": lambda a: product(a, ONE),
    "a->": lambda a: product(_T(ONE), a),
    "a->ab": lambda a: product(a, _T(ONE)),
    "a->ba": lambda a: product(ONE, _T(a)),
    "ab->a": lambda a: product(a, ONE),
    "ab->b": lambda a: product(_T(a), ONE),
    "ab,b->a": lambda a, b: product(a, b),
    "ab,a->b": lambda a, b: product(_T(a), b),
    "a,ab->b": lambda a, b: product(_T(b), a),
    "a,ba->b": lambda a, b: product(b, a),
    "a,b->ab": lambda a, b: product(a, _T(b)),
    "a,b->ba": lambda a, b: product(b, _T(a)),
    "a,a->": lambda a, b: product(_T(a), b),
    "ab,ab->a": lambda a, b: product(hadamard(a, b), ONE),
    "ab,ab->b": lambda a, b: product(_T(hadamard(a, b)), ONE),
}

ROW: dict[str, Form] = {
    **COMMON,
    "->a": lambda a: product(a, _T(ONE)),
    "a->": lambda a: product(a, ONE),
    "a->ab": lambda a: product(_T(a), _T(ONE)),
    "a->ba": lambda a: product(ONE, a),
    "ab->a": lambda a: product(_T(ONE), _T(a)),
    "ab->b": lambda a: product(_T(ONE), a),
    "ab,b->a": lambda a, b: product(b, _T(a)),
    "ab,a->b": lambda a, b: product(b, a),
    "a,ab->b": lambda a, b: product(a, b),
    "a,ba->b": lambda a, b: product(a, _T(b)),
    "a,b->ab": lambda a, b: product(_T(a), b),
    "a,b->ba": lambda a, b: product(_T(b), a),
    "a,a->": lambda a, b: product(a, _T(b)),
    "ab,ab->a": lambda a, b: product(_T(ONE), _T(hadamard(a, b))),
    "ab,ab->b": lambda a, b: product(_T(ONE), hadamard(a, b)),
}

FORMS: dict[str, dict[str, Form]] = {"column": COLUMN, "row": ROW}


def canonical(letters: tuple[str, ...], out: str) -> str:
    """The table's key for the letters of one term.

    >>> canonical(("ij", "jn"), "in")
    'ab,bc->ac'
    """
    names: dict[str, str] = {}
    for letter in "".join(letters) + out:
        names.setdefault(letter, "abcdefghijklmnop"[len(names)])
    table = str.maketrans(names)
    return f"{','.join(letters).translate(table)}->{out.translate(table)}"
