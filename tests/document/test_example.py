"""The worked example: every printed digit is right, and what is put in is what was found before."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from derive.calculus import derivation
from derive.document import Document, compose
from derive.document.numbers import exact, given, number
from derive.errors import DerivationError
from derive.networks import network
from derive.notation import text

SCALAR = {
    "z₁": "1.1",
    "h₁": "0.8005",
    "z₂": "0.4404",
    "h₂": "0.4140",  # the scalar document has 0.4139
    "z₃": "0.7968",
    "ŷ": "0.7968",
    "L": "10.26",
    "∂h₂/∂z₂": "0.8286",
    "∂h₁/∂z₁": "0.3592",
    "∂L/∂W₃": "-2.652",
    "∂L/∂b₃": "-6.406",
    "∂L/∂W₂": "-5.099",
    "∂L/∂b₂": "-6.370",
    "∂L/∂W₁": "-3.661",
    "∂L/∂b₁": "-1.831",
}
"""Of the scalar document's network; all found anew below."""

UPDATED = {
    "W₃": "1.227",
    "b₃": "0.3641",
    "W₂": "0.8510",
    "b₂": "-0.1363",
    "W₁": "0.5366",
    "b₁": "0.1183",
}


def values(document: Document, sign: str = "=") -> dict[str, str]:
    """Left side -> the number that the chain ends in."""
    found: dict[str, str] = {}
    for formula in document.formulas():
        relation = formula.relation
        if formula.kind == "example" and (relation.signs[0] == "gets") == (sign == "gets"):
            found[text(relation.sides[0])] = text(relation.sides[-1])
    return found


def test_the_scalar_example() -> None:
    found = values(compose(derivation(network("two-layer-tanh"))))
    assert {name: found[name] for name in SCALAR} == SCALAR


def test_the_scalar_numbers_are_right() -> None:
    """The table against a few lines of floating point."""
    h1 = math.tanh(1.1)
    z2 = 0.8 * h1 - 0.2
    h2 = math.tanh(z2)
    y = 1.2 * h2 + 0.3
    error = 2 * (y - 4)
    back2 = error * 1.2 * (1 - h2**2)
    back1 = back2 * 0.8 * (1 - h1**2)
    mine = (1.1, h1, z2, h2, y, y, (y - 4) ** 2, 1 - h2**2, 1 - h1**2)
    mine += (error * h2, error, back2 * h1, back2, back1 * 2, back1)
    for printed, value in zip(SCALAR.values(), mine, strict=True):
        digits = len(printed.partition(".")[2])
        assert float(printed) == pytest.approx(value, abs=0.5000001 * 10**-digits)


def test_the_scalar_update() -> None:
    assert values(compose(derivation(network("two-layer-tanh"))), "gets") == UPDATED


def test_vectors_and_matrices() -> None:
    found = values(compose(derivation(network("relu-sigmoid-bce"))))
    assert found["a⁽¹⁾"] == "[1.4; 0; 0.25]"
    assert found["ŷ"] == "[0.6415]"
    assert found["∂L/∂W⁽²⁾"] == "[-0.4517, 0, -0.08066; 0, 0, 0]"


def test_rows_and_columns() -> None:
    preset = network("softmax-classifier")
    row = replace(preset, style=preset.style.with_layout("row/out_in"))
    assert values(compose(derivation(row)))["p"] == "[0.3416, 0.1590, 0.4994]"
    assert values(compose(derivation(preset)))["p"] == "[0.3416; 0.1590; 0.4994]"


def test_no_example_without_values() -> None:
    assert values(compose(derivation(network("x[2] -> dense(3, tanh) -> dense(1) ; mse")))) == {}


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (2.0, "2"),
        (0.1, "0.1"),
        (-0.25, "-0.25"),
        (1 / 3, "0.3333"),
        (0.41397234, "0.4140"),
        (123456.789, "123457"),
        (2.5e-7, "2.5e-7"),
        (0.0, "0"),
        (99999.96, "100000"),
    ],
)
def test_numbers_are_printed_to_four_digits(value: float, printed: str) -> None:
    assert text(number(given(value)[()])) == printed


def test_short_decimals_are_exact() -> None:
    assert exact(given(0.123456)[()])
    assert not exact(given(0.1234567)[()])
    assert np.asarray(given([0.1, 0.2])).shape == (2,)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_numbers_that_overflow_are_refused(activation: str) -> None:
    net = network(f"x -> dense(1, {activation}) -> dense(1) ; squared_error")
    values = {"x": 2.0, "y": 1.0, "W1": 1e200, "b1": 0.0, "W2": 1e200, "b2": 0.0}
    with pytest.raises(DerivationError, match=r"W1 is 1\.0e\+200 at the values of the network"):
        compose(derivation(replace(net, values=values)))
