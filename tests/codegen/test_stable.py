"""The stable forms equal their definitions: with 50 digits, up to logits of ten thousand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from derive.codegen import generate_code, load_module, stable
from derive.codegen.heads import BLOCKS, FUNCTIONS, HEADS
from derive.networks import network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.program.functions import derivative, parameter

LOGITS = [0.0, 1e-8, -1e-8, 0.5, -0.5, 3.0, -3.0, 36.0, -36.0, 710.0, -710.0, 1e4, -1e4]
TARGETS = [0.0, 1.0, 0.25]


@pytest.fixture(autouse=True)
def digits() -> Any:
    with mpmath.workdps(50):
        yield


def exact_sigmoid(z: float) -> Any:
    return 1 / (1 + mpmath.exp(-mpmath.mpf(z)))


def exact_log_sigmoid(z: float) -> Any:
    """log of a number that 50 digits cannot tell from 1 is taken from the other side."""
    return -mpmath.log1p(mpmath.exp(-mpmath.mpf(z))) if z > -700 else mpmath.mpf(z)


def exact_softmax(z: list[float]) -> list[Any]:
    powers = [mpmath.exp(mpmath.mpf(v)) for v in z]
    return [power / mpmath.fsum(powers) for power in powers]


def slope(function: Callable[[Any], Any], z: float) -> float:
    return float(np.sum(function(np.array([z + 1e-30j]))).imag / 1e-30)


@pytest.mark.parametrize("z", LOGITS)
def test_sigmoid(z: float) -> None:
    p = exact_sigmoid(z)
    assert float(stable.sigmoid(np.array(z))) == pytest.approx(float(p), rel=1e-15)
    expected = float(p * exact_sigmoid(-z))
    assert slope(stable.sigmoid, z) == pytest.approx(expected, rel=1e-13, abs=1e-300)


@pytest.mark.parametrize("y", TARGETS)
@pytest.mark.parametrize("z", LOGITS)
def test_sigmoid_cross_entropy(z: float, y: float) -> None:
    value = float(stable.sigmoid_cross_entropy(np.array(z), np.array(y)))
    expected = -(y * exact_log_sigmoid(z) + (1 - y) * exact_log_sigmoid(-z))
    assert value == pytest.approx(float(expected), rel=1e-14)
    gradient = slope(lambda v: stable.sigmoid_cross_entropy(v, np.array([y])), z)
    assert gradient == pytest.approx(float(exact_sigmoid(z) - y), rel=1e-13, abs=1e-15)


ROWS = [[0.0, 0.0, 0.0], [1.0, -2.0, 0.5], [1e4, -1e4, 0.0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4]]


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("row", ROWS)
def test_softmax(row: list[float], axis: int) -> None:
    z = np.array([row, row]) if axis == 1 else np.array([row, row]).T
    p = stable.softmax(z, axis=axis)
    for line in p if axis == 1 else p.T:
        assert line == pytest.approx([float(v) for v in exact_softmax(row)], rel=1e-14, abs=0)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("row", ROWS)
def test_log_softmax(row: list[float], axis: int) -> None:
    z = np.array([row, row]) if axis == 1 else np.array([row, row]).T
    found = stable.log_softmax(z, axis=axis)
    total = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in row))
    for line in found if axis == 1 else found.T:
        assert line == pytest.approx([float(v - total) for v in row], rel=1e-14, abs=1e-16)
    p = exact_softmax(row)
    for k in range(3):
        moved = np.array([row]) + 1e-30j * np.eye(3)[k]
        slopes = stable.log_softmax(moved, axis=1)[0].imag / 1e-30
        expected = [float((i == k) - p[k]) for i in range(3)]
        assert slopes == pytest.approx(expected, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("temperature", ["", ", temperature=0.5"])
@pytest.mark.parametrize(("head", "loss"), [("softmax", "cross_entropy"), ("log_softmax", "nll")])
@pytest.mark.parametrize("target", [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("row", ROWS)
def test_a_module_at_large_logits(
    row: list[float], target: list[float], head: str, loss: str, temperature: str
) -> None:
    """The bias's gradient is (p - y)/T, and the loss the sum of y (log(sum(exp(z/T))) - z/T)."""
    net = network(f"x[1] -> dense(3, {head}{temperature}) ; {loss}")
    module, times = load_module(generate_code(net)), 2 if temperature else 1
    params = module.Parameters(np.array([row]).T, np.zeros(3))
    value, gradients = module.loss_and_gradients(params, [[1.0]], np.array([target]).T)
    scaled = [times * z for z in row]
    total = mpmath.log(mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in scaled))
    exact = mpmath.fsum(t * (total - v) for t, v in zip(target, scaled, strict=True))
    assert float(value) == pytest.approx(float(exact), rel=1e-14)
    slopes = [times * float(p - t) for p, t in zip(exact_softmax(scaled), target, strict=True)]
    assert gradients.b1 == pytest.approx(slopes, rel=1e-13, abs=2e-15)


@pytest.mark.parametrize("target", [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("row", ROWS)
def test_softmax_cross_entropy(row: list[float], target: list[float]) -> None:
    z, y = np.array([row]), np.array([target])
    total = mpmath.fsum(mpmath.exp(mpmath.mpf(v)) for v in row)
    expected = mpmath.fsum(t * (mpmath.log(total) - v) for t, v in zip(target, row, strict=True))
    value = np.sum(stable.softmax_cross_entropy(z, y, axis=1))
    assert float(value) == pytest.approx(float(expected), rel=1e-14)
    p = exact_softmax(row)
    for k in range(3):
        moved = z + 1e-30j * np.eye(3)[k]
        gradient = np.sum(stable.softmax_cross_entropy(moved, y, axis=1)).imag / 1e-30
        assert gradient == pytest.approx(float(p[k] - target[k]), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_the_dtype_stays(dtype: Any) -> None:
    z, y = np.array([[1e4, -1e4, 0.5]], dtype), np.array([[1, 0, 0]], dtype)
    results = (
        stable.sigmoid(z),
        stable.softmax(z, axis=1),
        stable.log_softmax(z, axis=1),
        stable.sigmoid_cross_entropy(z, y),
        stable.softmax_cross_entropy(z, y, axis=1),
    )
    for value in results:
        assert value.dtype == dtype
        assert np.isfinite(value).all()


def test_every_head_of_the_catalogue_is_one_unit() -> None:
    """A loss that fits certain activations only must have a stable form with each, unless it is
    linear in them, when there is nothing that could overflow.
    """
    for loss in LOSSES.values():
        if derivative(loss.definition, 0).expression.has(parameter(0)):
            for head in loss.heads:
                assert (head, loss.function) in HEADS


def test_the_tables_name_activations_of_the_catalogue() -> None:
    functions = {word.function for word in (*ACTIVATIONS.values(), *LOSSES.values())}
    blocks = {activation.block for activation in ACTIVATIONS.values()}
    assert set(FUNCTIONS) <= functions
    assert set(BLOCKS) <= blocks
