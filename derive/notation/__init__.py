"""Written mathematics: its syntax tree and the printers of it.

A tree (:mod:`derive.notation.tree`) records what is on the page, never what it means. Two printers
turn it into characters, :func:`latex` for TeX, KaTeX and Markdown, :func:`text` for a terminal;
both take their parentheses from :mod:`derive.notation.precedence` and their signs from
:mod:`derive.notation.glyphs`, so that they cannot disagree.
"""

from derive.notation.latex import aligned, display, latex
from derive.notation.text import aligned as aligned_text
from derive.notation.text import text
from derive.notation.tree import Node, children, equals, negate

__all__ = [
    "Node",
    "aligned",
    "aligned_text",
    "children",
    "display",
    "equals",
    "latex",
    "negate",
    "text",
]
