"""What a monotone network cannot learn: the condition, the fit of samples, the exact value."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.codegen import generate_code, load_module
from derive.networks import network
from derive.training.monotone import (
    Floats,
    best_monotone_power,
    constant_power,
    is_monotone,
    isotonic,
    mean_square,
    monotone_bound,
    square_factor,
)

MONOTONE = [
    "two-layer-tanh",
    "x -> dense(1, relu) -> dense(1, sigmoid) ; mse",
    "x[1] -> dense(1, tanh) -> dense(1, bias=false) ; mse",
    "x[1] -> dense(3) -> dense(1, tanh) -> dense(2) -> dense(1) ; mse",
    "x[1] -> dense(1, sigmoid) ; binary_cross_entropy",
]
BENDING = [
    "tanh-regression",
    "x[1] -> dense(2, tanh) -> dense(1) ; mse",
    "x[1] -> dense(2, relu) -> dense(1) ; mse",
    "x[1] -> dense(1, tanh) -> dense(2, tanh) -> dense(1) ; mse",
    "x[1] -> dense(2, sigmoid) -> dense(1, tanh) -> dense(1) ; mse",
]
UNKNOWN = [
    "x[2] -> dense(1, tanh) -> dense(1) ; mse",
    "x[1] -> dense(1, tanh) -> dense(2) ; mse",
    "x[1] -> dense(1, tanh) -> dense(2, softmax) ; softmax_cross_entropy",
]


def turns(line: str, seed: int) -> bool:
    """Whether the prediction of random large parameters both rises and falls."""
    net = network(line).concrete()
    module = load_module(generate_code(net))
    rng = np.random.default_rng(seed)
    drawn = module.init(rng)._asdict()
    params = module.Parameters(
        **{k: 3 * rng.standard_normal(np.shape(v)) for k, v in drawn.items()}
    )
    x = np.linspace(-4, 4, 401)
    y_hat = np.ravel(module.forward(params, x if net.scalar else x[None])[0])
    steps = np.diff(y_hat)
    return bool(steps.max() > 1e-9 and steps.min() < -1e-9)


@pytest.mark.parametrize("line", MONOTONE)
def test_a_monotone_network_never_turns(line: str) -> None:
    assert is_monotone(network(line))
    assert not any(turns(line, seed) for seed in range(10))


@pytest.mark.parametrize("line", BENDING)
def test_two_nonlinear_units_can_turn(line: str) -> None:
    assert not is_monotone(network(line))
    assert any(turns(line, seed) for seed in range(30))


@pytest.mark.parametrize("line", UNKNOWN)
def test_other_networks_are_not_called_monotone(line: str) -> None:
    assert not is_monotone(network(line))


def brute_force(y: list[float]) -> float:
    """The least squared error of an increasing fit, over all cuts into blocks of rising means."""
    best = float("inf")
    for size in range(len(y)):
        for cuts in itertools.combinations(range(1, len(y)), size):
            blocks = [np.array(y[a:b]) for a, b in itertools.pairwise([0, *cuts, len(y)])]
            means = [block.mean() for block in blocks]
            if all(a <= b + 1e-12 for a, b in itertools.pairwise(means)):
                error = sum(((b - m) ** 2).sum() for b, m in zip(blocks, means, strict=True))
                best = min(best, error / len(y))
    return best


VALUES = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_the_fit_is_the_best_of_all_monotone_ones(values: list[float]) -> None:
    x, y = np.arange(len(values), dtype=float), np.array(values)
    rising, falling = isotonic(x, y), isotonic(x, y, increasing=False)
    assert np.all(np.diff(rising) >= 0)
    assert np.all(np.diff(falling) <= 0)
    assert mean_square(y, rising) == pytest.approx(brute_force(values), abs=1e-12)
    assert mean_square(y, falling) == pytest.approx(brute_force([-v for v in values]), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), min_size=1, max_size=8))
def test_the_order_of_samples_is_no_matter_and_equal_inputs_share_a_value(
    pairs: list[tuple[int, int]],
) -> None:
    x, y = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    fit = isotonic(x, y)
    turned = isotonic(x[::-1], y[::-1])[::-1]
    np.testing.assert_allclose(fit, turned, atol=1e-12)
    by_place = dict(zip(x, fit, strict=True))
    assert [by_place[place] for place in x] == fit.tolist()
    assert sorted(by_place.values()) == [by_place[place] for place in sorted(by_place)]
    best = brute_force_with_ties(x, y)
    assert mean_square(y, fit) == pytest.approx(best, abs=1e-12)


def brute_force_with_ties(x: Floats, y: Floats) -> float:
    """As above for repeated inputs: the mean at a place, repeated as often as the place."""
    places = np.unique(x)
    means = {place: y[x == place].mean() for place in places}
    smooth = [means[place] for place in np.sort(x)]
    scatter = float(np.mean([(v - means[p]) ** 2 for p, v in zip(x, y, strict=True)]))
    return brute_force(smooth) + scatter


def test_the_square_on_the_symmetric_interval() -> None:
    whole = (Fraction(-1), Fraction(1))
    assert best_monotone_power(2, *whole) == sp.Rational(9, 160)
    assert constant_power(2, *whole) == sp.Rational(4, 45)


@pytest.mark.parametrize(
    ("power", "start", "end"),
    [(1, -1, 1), (3, -2, 1), (2, 0, 2), (4, -3, 0), (2, 1, 2), (6, -2, -1)],
)
def test_a_monotone_power_has_no_error(power: int, start: int, end: int) -> None:
    assert best_monotone_power(power, Fraction(start), Fraction(end)) == 0


@pytest.mark.parametrize("power", [2, 4, 6, 8])
@pytest.mark.parametrize(("start", "end"), [("-1", "1"), ("-1", "2"), ("-3", "1"), ("-1/3", "1/7")])
def test_the_exact_value_is_the_limit_of_the_fits_of_samples(
    power: int, start: str, end: str
) -> None:
    a, b = Fraction(start), Fraction(end)
    count = 2000
    x = float(a) + float(b - a) * (np.arange(count) + 0.5) / count
    y = x**power
    fitted = min(mean_square(y, isotonic(x, y, up)) for up in (True, False))
    assert fitted == pytest.approx(float(sp.N(best_monotone_power(power, a, b))), rel=1e-4)
    assert np.var(y) == pytest.approx(float(constant_power(power, a, b)), rel=1e-4)


@pytest.mark.parametrize(
    ("loss", "factor"),
    [
        ("squared_error", 1),
        ("half_squared_error", Fraction(1, 2)),
        ("mse", 1),
        ("mean_mse", Fraction(1, 3)),
        ("binary_cross_entropy", None),
    ],
)
def test_the_factor_of_the_square(loss: str, factor: Fraction | None) -> None:
    head = "3, sigmoid" if loss == "binary_cross_entropy" else "3"
    assert square_factor(network(f"x[1] -> dense({head}) ; {loss}")) == factor


def test_the_bound_has_the_loss_of_the_network() -> None:
    x, y = np.array([0.0, 1.0, 2.0]), np.array([0.0, 4.0, 2.0])
    for loss, expected in (("mse", 2 / 3), ("half_squared_error", 1 / 3)):
        bound = monotone_bound(network(f"x -> dense(1, tanh) -> dense(1) ; {loss}"), x, y)
        assert bound is not None
        assert bound.increasing
        assert bound.loss == pytest.approx(expected)
    falling = monotone_bound(network("two-layer-tanh"), x, -y)
    assert falling is not None
    assert not falling.increasing


def test_there_is_no_bound_for_monotone_data_or_bending_networks() -> None:
    x = np.linspace(0, 2, 50)
    assert monotone_bound(network("two-layer-tanh"), x, x**2) is None
    assert monotone_bound(network("two-layer-tanh"), x, -(x**3)) is None
    assert monotone_bound(network("tanh-regression"), x, np.sin(9 * x)) is None
    assert monotone_bound(network("x -> dense(1, sigmoid) ; bce"), x, (x - 1) ** 2) is None
