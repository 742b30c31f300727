"""Small documents of a few lines, and what is said of each claim."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import derive
from derive.checking.arithmetic import in_digits_of, unit
from derive.checking.functions import FUNCTIONS, generic
from derive.checking.interpret import FLOATS, many_digits
from derive.checking.judge import judge
from derive.checking.reading import read_document
from derive.checking.report import as_json, concise, full
from derive.checking.verdicts import Checked
from derive.cli import main


def check(*lines: str) -> Checked:
    body = "\n".join(lines)
    return judge(read_document(f"```\n{body}\n```\n".encode(), "x.md"))


def verdicts(*lines: str) -> list[str]:
    return [item.verdict.value for item in check(*lines).judged]


MODEL = ("z = w x + b", "a = sigma(z)", "L = 1/2 (a - y)^2")


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dL/da = a - y", "right"),
        ("dL/da = y - a", "wrong"),
        ("dL/dz = (a - y) sigma'(z)", "right"),
        ("dL/dz = (a - y) a (1 - a)", "right"),
        ("dL/dz = (a - y) (1 - a)", "wrong"),
        ("dL/dw = dL/da × da/dz × dz/dw", "right"),
        ("dL/dw = dL/da × dz/dw", "wrong"),
        ("dL/dw = (a - y) sigma'(z) x", "right"),
        ("dL/dw = (a - y) sigma'(z) q", "unjudged"),
        ("dL/dw = W^T x", "unjudged"),
        ("dz/dw = × x", "unread"),
    ],
)
def test_a_formula_below_a_model(line: str, verdict: str) -> None:
    assert verdicts(*MODEL, line)[-1] == verdict


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("tanh(0.5) = 0.4621", "right"),
        ("tanh(0.5) = 0.4622", "unjudged"),
        ("tanh(0.1234) ≈ 0.1299", "wrong"),
        ("2/3 ≈ 0.66", "last-digit"),
        ("2/3 ≈ 0.67", "right"),
        ("3 + 4 = 7", "right"),
        ("3 + 4 = 8", "wrong"),
        ("sigmoid(0) = 0.5", "right"),
        ("log(-1) = 2", "unjudged"),
        ("1/0 = 2", "unjudged"),
    ],
)
def test_a_line_of_numbers(line: str, verdict: str) -> None:
    assert verdicts(line) == [verdict]


def test_a_chain_of_any_functions() -> None:
    assert verdicts("df/dx = (df/dg) × (dg/dx)") == ["right"]
    assert verdicts("df/dx = (df/dg) + (dg/dx)") == ["wrong"]


def test_a_matrix_document_is_not_judged_as_numbers() -> None:
    found = check("z = W x", "L = (z - y)^2", "dL/dW = 2(z - y) x^T", "dL/dx = W 2(z - y)")
    assert [item.verdict.value for item in found.judged][2:] == ["unjudged", "unjudged"]
    assert "matrix world" in found.judged[-1].finding.message


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_slopes_are_those_of_the_functions(name: str) -> None:
    """Each slope against the complex step of the entry before it."""
    for order in range(1, len(FUNCTIONS[name])):
        lower, slope = FUNCTIONS[name][order - 1 : order + 1]
        for x in (0.3, 1.7):
            measured = lower(FLOATS.module, complex(x, 1e-30)).imag / 1e-30
            assert math.isclose(measured, complex(slope(FLOATS.module, complex(x))).real)


def test_any_function_has_its_own_slope() -> None:
    for order in range(3):
        lower, slope = generic("f", order), generic("f", order + 1)
        measured = lower(FLOATS.module, complex(0.7, 1e-30)).imag / 1e-30
        assert math.isclose(measured, slope(FLOATS.module, complex(0.7)).real)


def test_numbers_are_rounded_as_they_are_printed() -> None:
    number = many_digits().number
    assert unit("-5.093") == "1e-3"
    assert in_digits_of(number("-5.09997").real, "-5.093") == "-5.100"
    assert in_digits_of(number("0.04").real, "1") == "0"


def test_one_bad_line_costs_no_other_its_verdict() -> None:
    assert verdicts("3 + 4 = 7", "q = ^ 2", "1 + 1 = 2") == ["right", "unread", "right"]


def test_the_reports_tell_the_same() -> None:
    found = (check("1 + 1 = 3"),)
    assert concise(found).startswith("x.md:2:1: wrong arithmetic-slip: wrong number")
    assert "2 | 1 + 1 = 3\n  |         ^\n" in full(found)
    claim = json.loads(as_json(found))["documents"][0]["claims"][0]
    assert (claim["line"], claim["column"], claim["end_column"]) == (2, 1, 10)
    assert (claim["verdict"], claim["expected"], claim["follows"]) == ("wrong", "2.0", None)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text("```\n1 + 1 = 2\n```\n", encoding="utf-8")
    bad.write_text("```\n1 + 1 = 3\n```\n", encoding="utf-8")
    assert main(["check", str(good)]) == 0
    assert main(["check", str(tmp_path), "--format", "concise"]) == 1
    assert main(["check", str(bad), "--exit-zero"]) == 0
    assert main(["check", str(bad), "--ignore", "arithmetic-slip"]) == 0
    assert main(["check", str(bad), "--select", "wrong-sign"]) == 0
    assert main(["check", str(bad), "--select", "wrong-sing"]) == 2
    assert main(["check", str(bad), "--ignore", "everything"]) == 2
    assert main(["check", str(tmp_path / "none.md")]) == 2
    assert "2 documents, 2 claims: 1 right, 1 wrong" in capsys.readouterr().out


def test_the_python_door() -> None:
    assert derive.check("```\n1 + 1 = 3\n```\n").fails()
    assert not derive.check("```\n1 + 1 = 2\n```\n").fails()
