"""``derive show`` as it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.cli import main


def run(*arguments: str) -> int:
    return main(["show", *arguments])


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("a.tex", r"\documentclass"),
        ("a.md", "# The gradients of two-layer-tanh"),
        ("a.txt", "The gradients of two-layer-tanh"),
        ("a", "The gradients of two-layer-tanh"),
    ],
)
def test_the_file_decides_the_format(file: str, begins: str, tmp_path: Path) -> None:
    assert run("two-layer-tanh", "-o", str(tmp_path / file)) == 0
    assert (tmp_path / file).read_text(encoding="utf-8").startswith(begins)


def test_an_option_overrules_the_file(tmp_path: Path) -> None:
    assert run("two-layer-tanh", "--to", "latex", "-o", str(tmp_path / "a.md")) == 0
    assert (tmp_path / "a.md").read_text(encoding="utf-8").startswith(r"\documentclass")


def test_notation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("two-layer-tanh", "--of", "W2", "--notation", "layer=bracket,activation=a") == 0
    assert "∂L/∂W^[2] = 2(ŷ - y) × W^[3] × (1 - (a^[2])²) × a^[1]" in capsys.readouterr().out


def test_layout(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("x[2] -> dense(3) ; mse", "--layout", "row/in_out", "--of", "W1") == 0
    assert "∂L/∂W₁ = 2xᵀ (ŷ - y)" in capsys.readouterr().out


def test_batch(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("two-layer-tanh", "--batch", "--of", "b3") == 0
    assert "∂L/∂b₃ = (2/m) Σᵢ (ŷᵢ - yᵢ)" in capsys.readouterr().out


@pytest.mark.slow
def test_verify(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("two-layer-tanh", "--of", "W2", "--verify") == 0
    told = capsys.readouterr().out
    assert "Measured here and now" in told
    assert "SymPy exact" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--form", "indx"), "unknown form 'indx'; did you mean 'index'?"),
        (("--to", "pdf"), "unknown format 'pdf'"),
        (("--of", "W22"), "there is no gradient of 'W22'; did you mean 'W2'?"),
        (("--layer", "9"), "there is no layer '9'"),
        (("--layout", "row"), "unknown layout 'row'"),
        (("--notation", "layer=sub"), "unknown word 'sub'"),
    ],
)
def test_bad_input(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("two-layer-tanh", *arguments) == 2
    assert message in capsys.readouterr().err
