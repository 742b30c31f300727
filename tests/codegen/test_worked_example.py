"""The scalar document's worked numbers, from the emitted module and by hand with 50 digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

from derive.codegen import generate_code, load_module
from derive.networks import network

NET = network("two-layer-tanh")
X, Y = 2.0, 4.0
PARAMETERS = {"W1": 0.5, "b1": 0.1, "W2": 0.8, "b2": -0.2, "W3": 1.2, "b3": 0.3}


@pytest.fixture(scope="module")
def module() -> Any:
    return load_module(generate_code(NET))


def by_hand() -> dict[str, float]:
    """The document's chain rule, line by line."""
    with mpmath.workdps(50):
        p = {name: mpmath.mpf(str(value)) for name, value in PARAMETERS.items()}
        h1 = mpmath.tanh(p["W1"] * X + p["b1"])
        h2 = mpmath.tanh(p["W2"] * h1 + p["b2"])
        y_hat = p["W3"] * h2 + p["b3"]
        d_z3 = 2 * (y_hat - Y)
        d_z2 = d_z3 * p["W3"] * (1 - h2**2)
        d_z1 = d_z2 * p["W2"] * (1 - h1**2)
        values = {"L": (y_hat - Y) ** 2, "y_hat": y_hat, "W3": d_z3 * h2, "b3": d_z3}
        values |= {"W2": d_z2 * h1, "b2": d_z2, "W1": d_z1 * X, "b1": d_z1}
        return {name: float(value) for name, value in values.items()}


def test_loss_and_gradients_to_twelve_digits(module: Any) -> None:
    expected = by_hand()
    value, gradients = module.loss_and_gradients(module.Parameters(**PARAMETERS), [X], [Y])
    assert float(value) == pytest.approx(expected["L"], rel=1e-12)
    for name, gradient in gradients._asdict().items():
        assert float(gradient) == pytest.approx(expected[name], rel=1e-12)


def test_the_preset_has_the_documents_numbers() -> None:
    assert {name: NET.values[name] for name in PARAMETERS} == PARAMETERS
    assert (NET.values["x"], NET.values["y"]) == (X, Y)


def test_the_prediction(module: Any) -> None:
    y_hat, cache = module.forward(module.Parameters(**PARAMETERS), [X])
    assert y_hat == pytest.approx([by_hand()["y_hat"]], rel=1e-14)
    assert f"{cache.h2[0]:.4f}" == "0.4140"


def test_the_update(module: Any) -> None:
    params = module.Parameters(**PARAMETERS)
    _, gradients = module.loss_and_gradients(params, [X], [Y])
    stepped = module.update(params, gradients, 0.01)
    for name, value in stepped._asdict().items():
        assert float(value) == pytest.approx(PARAMETERS[name] - 0.01 * by_hand()[name], rel=1e-12)


def test_both_checks_pass(module: Any) -> None:
    params = module.Parameters(**PARAMETERS)
    assert module.check_gradients(params, [X], [Y]).largest < 1e-14
    found = module.check_gradients(
        params, [X], [Y], method="central_differences", epsilon=1e-7, tolerance=1e-5
    )
    assert found.largest < 1e-6


def test_a_batch_is_the_mean_over_samples(module: Any) -> None:
    rng = np.random.default_rng(0)
    params = module.init(rng)
    x = rng.standard_normal(7)
    whole = module.loss_and_gradients(params, x, x**2)
    each = [module.loss_and_gradients(params, x[[k]], x[[k]] ** 2) for k in range(7)]
    assert float(whole[0]) == pytest.approx(np.mean([float(v) for v, _ in each]), rel=1e-14)
    for name in whole[1]._fields:
        mean = np.mean([getattr(g, name) for _, g in each])
        assert float(getattr(whole[1], name)) == pytest.approx(mean, rel=1e-13)
