"""The table of optimisers against what the papers say, typed here once more by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive.program.evaluate import NUMERIC, SYMBOLIC
from derive.program.optimisers import (
    ALIASES,
    CLIPPING,
    OPTIMISERS,
    SCHEDULES,
    Range,
    quantity,
)
from derive.program.stepping import Stepper, assigned

RATE = Fraction(1, 50)

Walk = Callable[[float, list[float], dict[str, float]], float]


def gradient_descent(x: float, slopes: list[float], own: dict[str, float]) -> float:
    for g in slopes:
        x -= float(RATE) * g
    return x


def momentum(x: float, slopes: list[float], own: dict[str, float]) -> float:
    """Polyak 1964 as differences: x_(t+1) - x_t = beta (x_t - x_(t-1)) - rate g."""
    before = x
    for g in slopes:
        x, before = x + own["beta"] * (x - before) - float(RATE) * g, x
    return x


def nesterov(x: float, slopes: list[float], own: dict[str, float]) -> float:
    """With b_t = beta b_(t-1) + g the step is g + beta b_t: Sutskever et al. 2013, shifted."""
    buffers = [0.0]
    for g in slopes:
        buffers.append(own["beta"] * buffers[-1] + g)
    steps = [g + own["beta"] * b for g, b in zip(slopes, buffers[1:], strict=True)]
    return x - float(RATE) * math.fsum(steps)


def rmsprop(x: float, slopes: list[float], own: dict[str, float]) -> float:
    """The mean square as the sum that it is."""
    beta = own["beta"]
    for t in range(1, len(slopes) + 1):
        terms = [(1 - beta) * beta ** (t - k) * slopes[k - 1] ** 2 for k in range(1, t + 1)]
        x -= float(RATE) * slopes[t - 1] / (math.sqrt(math.fsum(terms)) + own["epsilon"])
    return x


def adam(x: float, slopes: list[float], own: dict[str, float], decay: float = 0.0) -> float:
    """Algorithm 1 of Kingma and Ba, whose means are weighted sums divided by their weights."""

    def mean(values: list[float], beta: float) -> float:
        weights = [beta ** (len(values) - k) for k in range(1, len(values) + 1)]
        total = math.fsum(w * v for w, v in zip(weights, values, strict=True))
        return total / math.fsum(weights)

    for t in range(1, len(slopes) + 1):
        first = mean(slopes[:t], own["beta1"])
        second = mean([g * g for g in slopes[:t]], own["beta2"])
        direction = first / (math.sqrt(second) + own["epsilon"])
        x -= float(RATE) * (direction + decay * x)
    return x


def adamw(x: float, slopes: list[float], own: dict[str, float]) -> float:
    return adam(x, slopes, own, own["decay"])


WALKS: dict[str, Walk] = {
    "gradient_descent": gradient_descent,
    "momentum": momentum,
    "nesterov": nesterov,
    "rmsprop": rmsprop,
    "adam": adam,
    "adamw": adamw,
}


def numbers(word: str) -> dict[str, Fraction]:
    return {s.name: s.default or Fraction(0) for s in OPTIMISERS[word].settings}


def walked(word: str, x: float, slopes: list[float], own: dict[str, Fraction]) -> float:
    stepper = Stepper(OPTIMISERS[word], SCHEDULES["constant"], (), RATE, own, NUMERIC)
    moment = stepper.start({"x": np.asarray(x)})
    for g in slopes:
        moment = stepper.step(moment, {"x": np.asarray(g)})
    assert moment.t == len(slopes)
    return float(moment.parameters["x"])


def test_every_optimiser_has_its_own_witness() -> None:
    assert set(WALKS) == set(OPTIMISERS)


@pytest.mark.parametrize("word", WALKS)
def test_the_equations_are_those_of_the_papers(word: str) -> None:
    rng = np.random.default_rng(3)
    slopes = [float(g) for g in rng.standard_normal(12)]
    own = numbers(word)
    floats = {name: float(value) for name, value in own.items()}
    expected = WALKS[word](0.7, slopes, floats)
    assert walked(word, 0.7, slopes, own) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("word", WALKS)
def test_a_change_of_any_setting_is_seen(word: str) -> None:
    slopes = [0.3, -1.2, 0.5, 0.9]
    own = numbers(word)
    before = walked(word, 0.7, slopes, own)
    for name in own:
        assert walked(word, 0.7, slopes, {**own, name: Fraction(1, 3)}) != before


@pytest.mark.parametrize("g", [-1e6, -0.3, 1e-4, 2.0])
def test_the_first_step_of_adam_has_the_size_of_the_rate(g: float) -> None:
    step = 1.0 - walked("adam", 1.0, [g], numbers("adam"))
    assert step == pytest.approx(float(RATE) * g / (abs(g) + 1e-8), rel=1e-9)


def test_momentum_in_a_constant_direction() -> None:
    """Its steps grow to 1 / (1 - beta) times the plain one."""
    own = numbers("momentum")
    far = walked("momentum", 0.0, [1.0] * 400, own) - walked("momentum", 0.0, [1.0] * 399, own)
    assert far == pytest.approx(-float(RATE) / (1 - 0.9), rel=1e-9)


def test_nesterov_without_memory_is_gradient_descent() -> None:
    slopes = [0.3, -0.2, 1.0]
    plain = walked("gradient_descent", 1.0, slopes, {})
    for word in ("momentum", "nesterov"):
        assert walked(word, 1.0, slopes, {"beta": Fraction(0)}) == pytest.approx(plain)


def test_the_decay_of_adamw_is_decoupled() -> None:
    """Without a gradient the parameter shrinks by rate times decay, whatever the means are."""
    assert walked("adamw", 2.0, [0.0], numbers("adamw")) == pytest.approx(2 * (1 - 0.02 * 0.01))


def test_equations_are_elementwise_and_read_what_is_known() -> None:
    for rule in OPTIMISERS.values():
        known = {"theta", "g", "alpha", "t", *rule.state, *(s.name for s in rule.settings)}
        for equation in rule.equations:
            assert set(equation.arguments) <= known, equation
            known.add(equation.name)
        assert rule.equations[-1].name == "theta"


def test_state_is_what_is_read_before_it_is_assigned() -> None:
    found = {word: rule.state for word, rule in OPTIMISERS.items()}
    assert found == {
        "gradient_descent": (),
        "momentum": ("v",),
        "nesterov": ("v",),
        "rmsprop": ("s",),
        "adam": ("v", "s"),
        "adamw": ("v", "s"),
    }


def test_defaults_lie_in_their_ranges() -> None:
    for rule in (*OPTIMISERS.values(), *SCHEDULES.values()):
        for setting in rule.settings:
            assert setting.default is None or setting.default in setting.allowed
    assert {
        alias for alias in ALIASES if ALIASES[alias] not in {**OPTIMISERS, **SCHEDULES}
    } == set()


def test_equations_in_symbols() -> None:
    names = ("theta", "g", "v", "alpha", "beta")
    known = {name: np.array(quantity(name), dtype=object) for name in names}
    after = assigned(OPTIMISERS["nesterov"].equations, known, SYMBOLIC)
    theta, g, v, alpha, beta = map(quantity, names)
    assert sp.expand(after["v"][()] - (beta * v + g)) == 0
    step = alpha * (g + beta * (beta * v + g))
    assert sp.expand(after["theta"][()] - (theta - step)) == 0


# --- clipping -------------------------------------------------------------------------------


def clipped(word: str, limit: str, arrays: dict[str, Any]) -> dict[str, Any]:
    clips = ((CLIPPING[word], Fraction(limit)),)
    rule, schedule = OPTIMISERS["gradient_descent"], SCHEDULES["constant"]
    return Stepper(rule, schedule, clips, RATE, {}, NUMERIC).clipped(arrays)


def test_clipping_by_norm() -> None:
    arrays = {"a": np.array([3.0, 0.0]), "b": np.array([[4.0]])}
    short = clipped("norm", "1", arrays)
    np.testing.assert_allclose(short["a"], [0.6, 0.0])
    np.testing.assert_allclose(short["b"], [[0.8]])
    for limit in ("5", "6"):
        same = clipped("norm", limit, arrays)
        assert all(np.array_equal(same[name], arrays[name]) for name in arrays)
    none = clipped("norm", "1", {"a": np.zeros(3)})
    assert np.array_equal(none["a"], np.zeros(3))


def test_clipping_by_value() -> None:
    found = clipped("value", "0.5", {"a": np.array([-3.0, -0.5, 0.2, 0.5, 7.0])})
    assert found["a"].tolist() == [-0.5, -0.5, 0.2, 0.5, 0.5]


# --- schedules ------------------------------------------------------------------------------


def rates(word: str, own: dict[str, Fraction], last: int) -> Iterator[float]:
    rule = OPTIMISERS["gradient_descent"]
    stepper = Stepper(rule, SCHEDULES[word], (), Fraction(2), own, NUMERIC)
    return (float(stepper.rate_at(t)) for t in range(1, last + 1))


def test_a_constant_rate() -> None:
    assert list(rates("constant", {}, 3)) == [2, 2, 2]


def test_a_rate_in_steps() -> None:
    own = {"gamma": Fraction(1, 2), "every": Fraction(3)}
    assert list(rates("step", own, 8)) == [2, 2, 2, 1, 1, 1, 0.5, 0.5]


def test_a_rate_along_a_cosine() -> None:
    own = {"steps": Fraction(4), "lowest": Fraction(1)}
    half = math.sqrt(0.5) / 2
    expected = [2, 1.5 + half, 1.5, 1.5 - half, 1, 1, 1]
    assert list(rates("cosine", own, 7)) == pytest.approx(expected)
    assert list(rates("cosine", own, 7))[4:] == [1, 1, 1]


@pytest.mark.parametrize(
    ("allowed", "inside", "outside"),
    [
        (Range(Fraction(0), Fraction(1), closed_low=True), ["0", "0.5"], ["1", "-0.1"]),
        (Range(Fraction(0)), ["1e-9", "7"], ["0", "-1"]),
        (Range(Fraction(1), None, True, False, True), ["1", "2"], ["0", "1.5"]),
        (Range(None, Fraction(1), closed_high=True), ["-5", "1"], ["1.1"]),
    ],
)
def test_ranges(allowed: Range, inside: list[str], outside: list[str]) -> None:
    assert all(Fraction(number) in allowed for number in inside)
    assert not any(Fraction(number) in allowed for number in outside)
