"""Formulas by cases: what fails where its case does not hold is harmless there.

A warning of NumPy is an error in these tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from derive.codegen import generate_code, load_module, recheck
from derive.networks import network

FORMULAS = {
    "if z > 0 then exp(-1/z) else 0": lambda z: np.exp(-1 / z) if z > 0 else 0.0,
    "sqrt(abs(z))": lambda z: np.sqrt(abs(z)),
    "abs(z)^1.5": lambda z: abs(z) ** 1.5,
    "if z > 1 then log(z) else 0": lambda z: np.log(z) if z > 1 else 0.0,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_case_fails_where_another_holds(formula: str) -> None:
    net = network(f'x[1] -> dense(1, "{formula}", bias=false) ; mse')
    source = generate_code(net)
    recheck(source, net)
    module = load_module(source)
    x = np.array([[-2.5, -0.3, 0.4, 3.0]])
    values, cache = module.forward(module.Parameters(np.ones((1, 1))), x)
    expected = [FORMULAS[formula](z) for z in x[0]]
    assert values[0] == pytest.approx(expected, rel=1e-14)
    assert np.isfinite(module.backward(module.Parameters(np.ones((1, 1))), cache, x).W1).all()
