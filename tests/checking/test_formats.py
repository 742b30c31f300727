"""LaTeX documents, reStructuredText and notebooks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from derive.checking.encoding import ReadingError
from derive.checking.reading import read_document
from tests.checking.reader import formulas, read, rows

TEX = r"""\documentclass{article}
\newcommand{\grad}[2]{\frac{\partial #1}{\partial #2}}
\DeclareMathOperator{\softmax}{softmax}
\def\half{\frac{1}{2}}
$not = here$
\begin{document}
\section{One}
Words $a = b$ with 50\% more. % $no = no$
\begin{verbatim}
$no = no$
\end{verbatim}
\begin{equation}\label{x}
  \begin{split}
    c &= d \\ % aside
      &= e
  \end{split}
\end{equation}
\[ f = g \]
\begin{lstlisting}
h = i
\end{lstlisting}
\verb|$no = no$| and \(j = k\)
\end{document}
$not = here$
"""


def test_a_latex_document() -> None:
    found = read(TEX, "x.tex")
    assert formulas(TEX, "x.tex") == ["a = b", "c = d = e", "f = g", "j = k"]
    assert {s.context for s in found.segments} == {"One"}
    assert [(m.name, m.arguments, m.body) for m in found.macros] == [
        ("\\grad", 2, r"\frac{\partial #1}{\partial #2}"),
        ("\\softmax", 0, r"\operatorname{softmax}"),
        ("\\half", 0, r"\frac{1}{2}"),
    ]


def test_latex_without_a_preamble_and_in_a_text_file() -> None:
    assert formulas("Let $a = b$.\n\n$$c = d$$\n", "x.tex") == ["a = b", "c = d"]
    assert formulas(TEX, "x.txt") == formulas(TEX, "x.tex")


def test_macros_of_a_markdown_document() -> None:
    found = read("$$\\newcommand{\\d}[1]{\\partial #1}$$\n\n$\\d{L} = 1$\n")
    assert [(m.name, m.arguments) for m in found.macros] == [("\\d", 1)]


RST = """Title
=====

Words :math:`a = b` and more.

.. math:: c = d

.. math::
   :label: x

   e &= f \\\\
     &= g

   h = i

.. code-block:: python

   j = k

.. code-block:: text

   l = m

An example::

   n = o

.. note::

   With :math:`p = q`.
"""


def test_a_restructured_text() -> None:
    assert formulas(RST, "x.rst") == [
        "a = b", "c = d", "e = f = g", "h = i", "l = m", "n = o", "p = q",
    ]  # fmt: skip
    assert {s.context for s in read(RST, "x.rst").segments} == {"Title"}


def notebook(*cells: tuple[str, str | list[str]]) -> str:
    return json.dumps({"cells": [{"cell_type": kind, "source": text} for kind, text in cells]})


def test_a_notebook_gives_places_within_its_cells() -> None:
    text = notebook(
        ("markdown", ["# Head\n", "$a = b$"]), ("code", "c = d"), ("markdown", "é\n$e = f$")
    )
    found = read(text, "x.ipynb")
    places = [found.place(row.start, row.end) for row in rows(found)]
    assert [row.text for row in rows(found)] == ["a = b", "e = f"]
    assert [(p.cell, p.line, p.column) for p in places] == [(1, 2, 2), (3, 2, 2)]


def test_a_damaged_notebook_is_repaired() -> None:
    damaged = "W₂ → $a ← W₁$".encode().decode("cp1252", "ignore")
    found = read(notebook(("markdown", damaged), ("markdown", damaged)), "x.ipynb")
    assert [row.text for row in rows(found)] == ["a ← W₁"] * 2
    assert [found.places.point(row.start) for row in rows(found)] == [(1, 11), (1, 11)]
    assert [g.place.cell for g in found.encoding.guesses] == [1, 1, 2, 2]


@pytest.mark.parametrize("text", ["{}", "[]", "nonsense", "[" * 100_000, '{"cells": 3}'])
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(ReadingError, match="not a notebook"):
        read(text, "x.ipynb")


def test_odd_cells_are_passed_over() -> None:
    cells = [
        3,
        None,
        {"cell_type": "markdown"},
        {"cell_type": "markdown", "source": ["$a = b$", 4]},
    ]
    found = read(json.dumps({"cells": cells}), "x.ipynb")
    assert [row.text for row in rows(found)] == ["a = b"]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ReadingError, match="folder"):
        read_document(tmp_path)
    with pytest.raises(ReadingError, match="No such file"):
        read_document(tmp_path / "x.md")
    (tmp_path / "y.md").write_bytes(b"a\x00")
    with pytest.raises(ReadingError, match="NUL") as caught:
        read_document(tmp_path / "y.md")
    assert caught.value.path == str(tmp_path / "y.md")


def test_a_path_and_its_bytes_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "x.md"
    path.write_bytes(b"$a = b$\n")
    assert read_document(path).segments == read_document(b"$a = b$\n", "x.md").segments
