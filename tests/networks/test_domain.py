"""Formulas of one's own that are not defined everywhere."""

from __future__ import annotations

import pytest

from derive.errors import NetworkError
from derive.networks import network


@pytest.mark.parametrize("formula", ["log(z)", "sqrt(z)", "z sqrt(1 - z^2)", "root(z) = z^0.5"])
def test_an_activation_is_defined_for_every_number(formula: str) -> None:
    with pytest.raises(NetworkError, match=r"layer 2: .* is not defined for z = -7\.31"):
        network(f'x[2] -> dense(3, tanh) -> dense(4, "{formula}") -> dense(2) ; mse')


@pytest.mark.parametrize(
    "formula",
    [
        "sqrt(1 + z^2)",
        "log(1 + exp(exp(z)))",
        "if z > 0 then log(1 + z) else 0",
        "log(z^2 + 1) / z",
    ],
)
def test_what_is_defined_almost_everywhere_is_read(formula: str) -> None:
    network(f'x[2] -> dense(3, "{formula}") -> dense(2) ; mse')


@pytest.mark.parametrize("loss", ["-y log(y_hat)", "sqrt(y_hat) - y"])
def test_a_loss_fits_what_the_output_gives(loss: str) -> None:
    for last in ("dense(2, sigmoid)", "dense(2, softmax)", "dense(2, softplus)"):
        network(f'x[2] -> {last} ; "{loss}"')
    for last in ("dense(2)", "dense(2, tanh)"):
        with pytest.raises(NetworkError, match=r"is not defined for y_hat = -.* can give"):
            network(f'x[2] -> {last} ; "{loss}"')


def test_a_loss_that_is_defined_for_no_prediction_is_refused() -> None:
    with pytest.raises(NetworkError, match="is not defined for y_hat = "):
        network('x[2] -> dense(2, sigmoid) ; "log(-1 - y_hat^2)"')
