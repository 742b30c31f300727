"""The printers: well-formed LaTeX and Markdown, lines that fit, words that are not misread."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive.calculus import derivation
from derive.document import Document, Options, compose, render
from derive.document.blocks import Code, Paragraph, Section, Table
from derive.document.printer import section_numbers
from derive.document.to_markdown import NOTEBOOK
from derive.document.width import WIDTHS
from derive.errors import DeriveError
from derive.networks import network, presets
from derive.notation.latex import RULES
from derive.notation.tree import CHILDREN
from tests.katex import katex_available, katex_errors

REFUSED = re.compile(r"\\operatorname|\\mbox|\\phantom")
"""What GitHub refuses in Markdown."""
MATH = re.compile(r"```math\n(.*?)\n```|\$([^$\n]+)\$", re.DOTALL)

DEEP = "x[n0] -> " + "".join(f"dense(n{k}, tanh) -> " for k in range(1, 12)) + "dense(2) ; mse"
BLOCKS = "x[2] -> dense(3, softmax) -> dense(3, log_softmax, temperature=0.7) ; nll"
SOURCES = (*sorted(presets()), DEEP, BLOCKS, "x -> dense(1, sigmoid) -> dense(1, sigmoid) ; bce")


@cache
def document(source: str, batch: bool = False) -> Document:
    return compose(derivation(network(source)), Options(batch=batch))


@cache
def markdown(source: str) -> str:
    return render(document(source), "markdown")


def formulas(text: str) -> list[tuple[str, bool]]:
    return [(m[1] or m[2], bool(m[1])) for m in MATH.finditer(text)]


@pytest.mark.parametrize("source", SOURCES)
def test_markdown_uses_nothing_that_github_refuses(source: str) -> None:
    assert not REFUSED.search(markdown(source))
    bare = MATH.sub("", markdown(source))
    assert "$" not in bare.replace(r"\$", "")
    assert "\\frac" not in bare


@pytest.mark.katex
@pytest.mark.skipif(not katex_available(), reason="node and katex are not installed")
@pytest.mark.parametrize("source", SOURCES)
def test_katex_sets_every_formula(source: str) -> None:
    found = formulas(markdown(source)) + formulas(render(document(source, True), "markdown"))
    assert len(found) > 100
    assert katex_errors(found) == []


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("to", ["text", "markdown", "latex"])
def test_no_line_ends_in_space(source: str, to: str) -> None:
    lines = render(document(source), to).split("\n")
    assert [line for line in lines if line != line.rstrip()] == []
    assert "\n\n\n\n" not in "\n".join(lines)


def test_text_fits_on_a_terminal() -> None:
    lines = render(document("two-layer-tanh"), "text").split("\n")
    assert max(map(len, lines)) <= 100


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("source", SOURCES)
def test_latex_compiles_without_a_warning(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(render(document(source), "latex"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    log = done.stdout.decode("latin-1")
    assert done.returncode == 0
    assert re.findall(r".*(?:Warning|Overfull|Underfull).*", log) == []


ODD = r"a_b & 50% #1 {x} $y$ ~^\ <i> |p| *s* `t`"


def odd_document() -> Document:
    table = Table(((ODD,), ("x" * 90,)), (((ODD,), ("y",)),))
    blocks = (Paragraph((ODD,)), table, Code("python", ODD))
    return Document(ODD, ODD, (Section((ODD,), blocks),))


def test_words_are_escaped() -> None:
    latex = render(odd_document(), "latex")
    assert r"a\_b \& 50\% \#1 \{x\} \$y\$" in latex
    assert r"a\_b & 50% \#1 {x} \$y\$" in render(odd_document(), "markdown")
    assert ODD in render(odd_document(), "text")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_odd_words_compile(tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(render(odd_document(), "latex"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_a_notebook_gets_dollars() -> None:
    text = NOTEBOOK.document(document("two-layer-tanh"))
    assert "```math" not in text
    assert text.count("$$") % 2 == 0


def test_an_unknown_format_is_an_error() -> None:
    with pytest.raises(DeriveError, match=r"unknown format 'latx'; did you mean 'latex'\?"):
        render(document("two-layer-tanh"), "latx")


def test_sections_are_numbered() -> None:
    assert section_numbers([1, 2, 2, 1, 2]) == ["1", "1.1", "1.2", "2", "2.1"]


def test_every_kind_of_node_has_a_width() -> None:
    assert set(WIDTHS) == set(RULES) == set(CHILDREN)


def test_a_rising_loss_is_told() -> None:
    preset = network("two-layer-tanh")
    steep = replace(preset, values={**preset.values, "rate": 5.0})
    assert "The loss rises" in render(compose(derivation(steep)), "text")
