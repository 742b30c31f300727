"""Index expressions of the calculus as notation: components, and sums over an index."""

from __future__ import annotations

import sympy as sp

from derive.meaning.expression import write_expression
from derive.meaning.write import Writer
from derive.notation.tree import BigSum, Node
from derive.program.letters import component_order


def write_index(writer: Writer, expression: sp.Expr, total: type[sp.Expr]) -> Node:
    """An index expression as a person writes it.

    Args:
        writer: of the program whose components occur in it.
        expression: of components ``name(i, j)`` and sizes.
        total: the class of sums ``total(body, index)``.
    """
