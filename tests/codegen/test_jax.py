"""Every word's emitted gradient beside JAX, in float64 and float32, within a bound."""

from __future__ import annotations

import math

import numpy as np
import pytest

from derive.networks import network
from tests.benchmarks.words import Figures, error, figures, networks

SMOOTH, KINKED = 1e-13, 1e-6
DOUBLE, SINGLE = 1e-13, 1e-5


@pytest.mark.jax
@pytest.mark.parametrize(("word", "text"), list(networks()))
def test_the_gradient_of_a_word(word: str, text: str) -> None:
    pytest.importorskip("jax")
    found = figures(network(text))
    assert found.step <= (SMOOTH if found.method == "complex step" else KINKED)
    assert found.jax <= DOUBLE
    assert found.single <= SINGLE
    assert found.jax_single <= SINGLE


def test_an_error_is_seen() -> None:
    exact = {"W1": np.array([[1.0, -2.0]]), "b1": np.array([4.0])}
    assert error(exact, exact) == 0
    assert error({**exact, "b1": np.array([4.4])}, exact) == pytest.approx(0.1)
    assert error({**exact, "W1": np.array([[1.0, 2.0]])}, exact) == 2
    assert math.isnan(error({**exact, "b1": np.array([np.nan])}, exact))


def test_the_worst_is_kept() -> None:
    one, other = Figures("complex step", 1, 4, 2, 3), Figures("complex step", 3, 1, 2, math.nan)
    worst = one.worst(other)
    assert (worst.step, worst.jax, worst.single) == (3, 4, 2)
    assert math.isnan(worst.jax_single)
