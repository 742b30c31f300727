r"""Reading written mathematics: LaTeX, Unicode and ASCII, one grammar, one tree.

What is on the page is kept and nothing is decided: a superscript is a :class:`Power` whether it is
a power, a time or a layer (only brackets, ``a^{[l]}``, make it part of the symbol), a symbol with
brackets behind it is a :class:`Call` whether it is applied or multiplied, and every pair of
brackets that a person wrote is a :class:`Fenced`; :mod:`derive.notation.plain` takes those away.

>>> from derive.notation import latex, text
>>> text(read_latex(r"\frac{\partial L}{\partial W^{[1]}} = \delta^{[1]} x^T").tree)
'∂L/∂W^[1] = δ^[1] x^T'
>>> read_text("1/2m").tree == read_latex(r"\frac{1}{2m}").tree
True
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.config import LIMITS
from derive.notation.brackets import prepared
from derive.notation.environments import Grammar
from derive.notation.latex_tokens import latex_tokens
from derive.notation.macros import Macros
from derive.notation.text_tokens import text_tokens
from derive.notation.tokens import NotationError, Token
from derive.notation.tree import Node


@dataclass(frozen=True, slots=True)
class Written:
    """A tree, and where in the text each of its nodes stands."""

    tree: Node
    places: dict[int, tuple[Node, int, int]] = field(repr=False, compare=False)
    """``id(node)`` -> the node, its first column and the column behind it, from 0."""

    def span(self, node: Node) -> tuple[int, int]:
        """The columns of a node of this tree: the first, and the one behind the last."""
        _, start, end = self.places[id(node)]
        return start, end


def read_latex(text: str, macros: Macros | None = None) -> Written:
    """The tree of a formula in LaTeX, without the signs that delimit it.

    Args:
        text: the formula; several in a row, on a line or in rows, make one list.
        macros: what the document defines, name -> body or :class:`derive.notation.macros.Macro`.

    Raises:
        NotationError: with the column and the token that is not understood.
    """
    _bounded(text)
    return _read(latex_tokens(text, macros), text, plain=False)


def read_text(text: str) -> Written:
    """The tree of a formula in Unicode or ASCII.

    Raises:
        NotationError: with the column and the token that is not understood.
    """
    _bounded(text)
    return _read(text_tokens(text), text, plain=True)


def _bounded(text: str) -> None:
    if len(text) > LIMITS.max_written:
        limit = LIMITS.max_written
        raise NotationError(f"the formula has {len(text)} characters; at most {limit} are read")


def _read(tokens: Sequence[Token], text: str, plain: bool) -> Written:
    if len(tokens) > LIMITS.max_written:
        last = tokens[LIMITS.max_written]
        raise NotationError("the formula is too long", last.column, last.width)
    parser = Grammar(prepared(tokens), text, plain)
    tree = parser.whole()
    places = {}
    for key, (node, last) in parser.ends_of.items():
        start = parser.places[key].column
        places[key] = node, start, max(start + 1, last.column + last.width)
    return Written(tree, places)
