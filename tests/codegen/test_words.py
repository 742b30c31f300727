"""Every word of the catalogue in code: its gradient, and its values up to ten thousand.

The exact values are those of the definitions, with so many digits that no cancellation reaches the
sixteenth.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.codegen import generate_code, load_module
from derive.codegen.heads import PARTS
from derive.networks import network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.program.functions import Function, derivative, parameter
from derive.program.parts import DEFINITIONS, Expm1, fold
from tests.codegen.nets import case

DIGITS = 800
"""exp(-1000) beside 1 needs 435 of them."""

GRID = [0.0, 1e-300, 1e-8, 0.1, 0.46, 0.5, 0.75, 1.0, 1.5, 3.0, 5.5, 6.0, 9.0, 20.0, 36.5, 100.0]
GRID += [700.0, 712.0, 1000.0, 1e4]
LOGITS = [*GRID, *(-z for z in GRID[1:])]

WORDS = [word for word, own in ACTIVATIONS.items() if not own.block]
FREE = [word for word, own in LOSSES.items() if not own.heads]


@pytest.mark.parametrize("word", WORDS)
def test_the_gradient_of_an_activation(word: str) -> None:
    for head in ("identity", word):
        it = case(network(f"x[2] -> dense(5, {word}) -> dense(3, {head}) ; mse"), 6)
        found = it.module.check_gradients(it.params, it.x, it.y)
        assert found.method == (
            "complex_step" if ACTIVATIONS[word].analytic else "central_differences"
        )
        assert found.largest <= (1e-13 if ACTIVATIONS[word].analytic else 1e-7)


@pytest.mark.parametrize("word", LOSSES)
def test_the_gradient_of_a_loss(word: str) -> None:
    for head in LOSSES[word].heads or ("identity", "sigmoid"):
        it = case(network(f"x[2] -> dense(5, tanh) -> dense(3, {head}) ; {word}"), 6)
        found = it.module.check_gradients(it.params, it.x, it.y)
        assert found.largest <= (1e-12 if found.method == "complex_step" else 1e-7)


@cache
def exact(function: Function) -> Any:
    arguments = [parameter(k) for k in range(function.arity)]
    return sp.lambdify(arguments, function.expression, "mpmath")


def close(found: Any, expected: Any, absolute: float, relative: float = 2e-14) -> None:
    assert np.isfinite(found)
    assert float(found) == pytest.approx(float(expected), rel=relative, abs=absolute)


@pytest.mark.parametrize("word", WORDS)
def test_values_and_slopes(word: str) -> None:
    """The slope is the gradient by the bias where the loss's own slope is 1."""
    function = ACTIVATIONS[word].definition
    module = load_module(generate_code(network(f"x[1] -> dense(1, {word}) ; squared_error")))
    params = module.Parameters(np.ones((1, 1)), np.zeros(1))
    for z in LOGITS:
        prediction, cache = module.forward(params, [[z]])
        slope = module.backward(params, cache, prediction - 0.5).b1[0]
        with mpmath.workdps(DIGITS):
            rounded = 4e-16 * min(z * z, 1500)  # exp(-z^2) of a rounded argument
            close(prediction[0, 0], exact(function)(mpmath.mpf(z)), 0.0, 2e-14 + rounded)
            close(slope, exact(derivative(function, 0))(mpmath.mpf(z)), 1e-15)


def pairs(word: str) -> list[tuple[float, float]]:
    targets = (-1.0, 1.0) if "hinge" in word else (0.0, 1.0, 0.25, -3.5)
    logits = [z for z in LOGITS if word != "poisson" or z <= 700]
    return [(z, t) for z in logits for t in targets]


@pytest.mark.parametrize("word", [word for word in FREE if not LOSSES[word].spread])
def test_losses(word: str) -> None:
    function = LOSSES[word].definition
    module = load_module(generate_code(network(f"x[1] -> dense(1) ; {word}")))
    params = module.Parameters(np.ones((1, 1)), np.zeros(1))
    scale = float(LOSSES[word].factor)
    for z, t in pairs(word):
        value, gradients = module.loss_and_gradients(params, [[z]], [[t]])
        with mpmath.workdps(DIGITS):
            point = mpmath.mpf(z), mpmath.mpf(t)
            size = 2e-16 * max(1.0, abs(z * t))
            close(value, scale * exact(function)(*point), size)
            close(gradients.b1[0], scale * exact(derivative(function, 0))(*point), 1e-15)


@pytest.mark.parametrize("s", [0.0, -3.5, 20.0, -20.0])
def test_a_loss_with_a_spread(s: float) -> None:
    function = LOSSES["gaussian"].definition
    module = load_module(generate_code(network("x[1] -> dense(1) ; gaussian")))
    one, zero = np.ones((1, 1)), np.zeros(1)
    params = module.Parameters(one, zero, 0 * one, zero + s)
    for z, t in [(0.5, 0.25), (-3.0, 2.0), (1e4, -1.0)]:
        value, gradients = module.loss_and_gradients(params, [[z]], [[t]])
        with mpmath.workdps(DIGITS):
            point = mpmath.mpf(z), mpmath.mpf(s), mpmath.mpf(t)
            close(value, exact(function)(*point), 1e-15)
            for place, found in enumerate((gradients.b1[0], gradients.q1[0])):
                close(found, exact(derivative(function, place))(*point), 1e-15)


@pytest.mark.parametrize("word", [*WORDS, *FREE])
def test_single_precision_up_to_ten_thousand(word: str) -> None:
    """Everything stays float32 and finite; where a slope all but vanishes, its digits may be lost
    beside 1.
    """
    activation = word in ACTIVATIONS
    text = f"{word}) ; half_squared_error" if activation else f"identity) ; {word}"
    module = load_module(generate_code(network(f"x[1] -> dense(1, {text}")))
    start = module.init(np.random.default_rng(0))
    for z in map(np.float32, LOGITS):
        if word == "poisson" and z > 80:
            continue
        found = []
        for dtype in (np.float32, np.float64):
            weight, *others = (np.zeros_like(array, dtype) for array in start)
            params = module.like(start, [weight + z, *others])
            target = np.ones((1, 1), dtype)
            value, gradients = module.loss_and_gradients(params, np.ones((1, 1), dtype), target)
            assert value.dtype == gradients.b1.dtype == dtype
            found.append((value, gradients.b1[0]))
        for single, double in zip(*found, strict=True):
            close(single, double, 4e-7, 4e-6)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_is_its_definition(part: Any) -> None:
    u = parameter(0)
    assert fold(DEFINITIONS[part](u)) == part(u)
    call = sp.lambdify(u, DEFINITIONS[part](u), "mpmath")
    values = PARTS[part](np.array(LOGITS))
    assert np.isfinite(values).all()
    for z, value in zip(LOGITS, values, strict=True):
        with mpmath.workdps(DIGITS):
            close(value, call(mpmath.mpf(z)), 0.0)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_has_the_slope_of_its_definition(part: Any) -> None:
    u = parameter(0)
    slope = sp.lambdify(u, sp.diff(DEFINITIONS[part](u), u), "mpmath")
    found = PARTS[part](np.array(LOGITS) + 1e-30j).imag / 1e-30
    for z, value in zip(LOGITS, found, strict=True):
        if z != 0:
            with mpmath.workdps(DIGITS):
                close(value, slope(mpmath.mpf(z)), 1e-15)


def test_the_error_function_on_a_grid() -> None:
    """The stated maximum error, relative, with fifty digits."""
    grid = np.concatenate([np.linspace(-27, 26, 2001), np.linspace(-1, 1, 501)])
    with mpmath.workdps(50):
        errors = [
            abs(mpmath.mpf(float(value)) / mpmath.erfc(mpmath.mpf(float(z))) - 1)
            for z, value in zip(
                grid, PARTS[next(p for p in PARTS if p.__name__ == "Erfc")](grid), strict=True
            )
        ]
    assert max(errors) < 1e-15


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_keeps_the_dtype(part: Any, dtype: Any) -> None:
    assert PARTS[part](np.array([[1e4, -1e4, 0.5, 5.0]], dtype)).dtype == dtype


def test_every_part_is_emitted() -> None:
    assert set(PARTS) == set(DEFINITIONS) - {Expm1}


def test_kullback_leibler_at_zero_targets_and_large_logits() -> None:
    module = load_module(generate_code(network("x[1] -> dense(3, softmax) ; kl")))
    params = module.Parameters(np.array([[1e4], [-1e4], [0.0]]), np.zeros(3))
    for target, expected in (
        ([1, 0, 0], 0.0),
        ([0, 1, 0], 2e4),
        ([0, 0.5, 0.5], 1.5e4 + np.log(0.5)),
    ):
        y = np.array([target]).T
        value, gradients = module.loss_and_gradients(params, [[1.0]], y)
        assert value == pytest.approx(expected, rel=1e-14)
        np.testing.assert_array_equal(gradients.b1, np.array([1, 0, 0]) - y[:, 0])
