"""A derivation as a document: sections of text, formulas and numbered steps, and its printers.

The document is data first (:mod:`derive.document.blocks`). Every displayed statement in it is a
:class:`~derive.document.blocks.Formula`, a tree of notation with the writer that wrote it, so that
whoever reads the document by machine can evaluate both sides. Three printers turn it into text,
Markdown and LaTeX.
"""

from derive.document.blocks import Document, Formula
from derive.document.compose import compose
from derive.document.options import Options
from derive.document.render import FORMATS, render

__all__ = ["FORMATS", "Document", "Formula", "Options", "compose", "render"]
