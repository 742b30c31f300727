"""A document as text, Markdown or LaTeX: the table of printers."""

from __future__ import annotations

from derive.document.blocks import Document
from derive.document.printer import Printer
from derive.document.to_latex import LATEX
from derive.document.to_markdown import MARKDOWN
from derive.document.to_text import SCRIPTED_TEXT, TEXT
from derive.errors import DeriveError, nearest

FORMATS: dict[str, Printer] = {"text": TEXT, "markdown": MARKDOWN, "latex": LATEX}
"""Words of ``--to``."""

SUFFIXES = {".txt": "text", ".md": "markdown", ".markdown": "markdown", ".tex": "latex"}
"""What the name of a file may end in, and the format that this means."""


def render(document: Document, to: str) -> str:
    """The document as one string.

    Args:
        document: what to print.
        to: a key of :data:`FORMATS`.

    Raises:
        DeriveError: an unknown format, with the nearest one.
    """
    if to not in FORMATS:
        raise DeriveError(f"unknown format {to!r}{nearest(to, FORMATS)}")
    printer = SCRIPTED_TEXT if to == "text" and document.any_depth else FORMATS[to]
    return printer.document(document)
