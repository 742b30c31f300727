"""The optimiser of a definition: words, numbers, what takes precedence, what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from derive.errors import NetworkError
from derive.networks import network
from derive.networks.optimiser import (
    Optimiser,
    checked_optimiser,
    optimiser_of,
    with_choices,
)

LINE = "x[2] -> dense(3, tanh) -> dense(1) ; mse"

FILE = """\
input = { name = "x", size = 2 }
layers = [{ units = 3, activation = "tanh" }, { units = 1 }]
loss = "mse"

[optimiser]
kind = "adam"
rate = 0.002
beta1 = 0.8
clip = 1.0
schedule = "cosine"
steps = 1000
"""


def test_a_file_names_its_optimiser(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(FILE)
    chosen = network(path).optimiser
    assert chosen == Optimiser(
        "adam",
        Fraction(2, 1000),
        "cosine",
        clip=Fraction(1),
        settings=(("beta1", Fraction(4, 5)), ("steps", Fraction(1000))),
    )
    assert chosen.number("beta2") == Fraction(999, 1000)


def test_nothing_is_chosen_where_nothing_is_said() -> None:
    assert network(LINE).optimiser is None
    assert optimiser_of(network(LINE)).plain


def test_a_fault_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text(FILE.replace("beta1 = 0.8", "beta1 = 1"))
    with pytest.raises(NetworkError, match=r"net.toml:8: optimiser: beta1: 1 is not a number in"):
        network(path)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"kind": "adm"}, "unknown optimiser 'adm'; did you mean 'adam'"),
        ({"kind": 3}, "kind: 3 is not a word in quotes"),
        ({"schedule": "cosin"}, "unknown schedule 'cosin'; did you mean 'cosine'"),
        ({"kind": "adam", "beta_1": 0.5}, "unknown key 'beta_1'; did you mean 'beta1'"),
        ({"kind": "momentum", "beta1": 0.5}, "unknown key 'beta1'; did you mean 'beta'"),
        ({"steps": 5}, "unknown key 'steps'"),
        ({"kind": "adam", "epsilon": 0}, r"epsilon: 0 is not a number in \(0, oo\)"),
        ({"kind": "adam", "beta2": -0.1}, "beta2: -0.1 is not a number in"),
        ({"kind": "adamw", "decay": -1}, "decay: -1 is not a number in"),
        ({"kind": "adam", "beta1": "0.9"}, "beta1: '0.9' is not a number"),
        ({"kind": "adam", "beta1": True}, "beta1: True is not a number"),
        ({"rate": float("nan")}, "rate: nan is not a number"),
        ({"rate": float("inf")}, "rate: inf is not a number"),
        ({"rate": 10**40}, "rate: 1000.* is not a number"),
        ({"rate": 0}, "rate: 0 is not a number"),
        ({"clip": 0}, "clip: 0 is not a number"),
        ({"clip": 1, "clip_value": 1}, "clip and clip_value exclude each other"),
        ({"schedule": "step", "every": 2.5}, "every: 2.5 is not a whole number from 1"),
        ({"schedule": "step", "every": 0}, "every: 0 is not a whole number from 1"),
        ({"schedule": "step", "every": 2, "gamma": 1.5}, "gamma: 1.5 is not a number in"),
        ("adam", "'adam' is not a table"),
    ],
)
def test_refusals(table: Any, message: str) -> None:
    with pytest.raises(NetworkError, match=message):
        checked_optimiser(table)


def test_aliases() -> None:
    assert checked_optimiser({"kind": "sgd"}).kind == "gradient_descent"
    assert checked_optimiser({"kind": "nag"}).kind == "nesterov"


def test_choices_go_over_the_file() -> None:
    base = checked_optimiser({"kind": "adam", "beta1": 0.8, "clip": 1, "rate": 0.5})
    both = with_choices(base, {"beta1": Fraction(1, 2)})
    assert both is not None
    assert (both.number("beta1"), both.clip, both.rate) == (Fraction(1, 2), 1, Fraction(1, 2))
    other = with_choices(base, {"kind": "momentum", "clip_value": 2})
    assert other == Optimiser("momentum", Fraction(1, 2), clip_value=Fraction(2))
    timed = with_choices(base, {"schedule": "cosine", "steps": 9})
    assert timed is not None
    assert with_choices(timed, {"schedule": "constant"}) == replace(base, schedule="constant")
    assert with_choices(base, {}) is base
    assert with_choices(None, {}) is None


def test_a_kind_that_stays_keeps_its_settings() -> None:
    base = checked_optimiser({"kind": "gradient_descent", "rate": 0.5})
    assert with_choices(base, {"kind": "sgd"}) == base
    adam = checked_optimiser({"kind": "adam", "beta1": 0.8})
    assert with_choices(adam, {"kind": "adam"}) == adam


def test_the_rate_is_the_own_one_then_the_examples_then_the_tables() -> None:
    net = network("two-layer-tanh")
    assert optimiser_of(net).rate == Fraction(1, 100)
    own = replace(net, optimiser=checked_optimiser({"kind": "adam", "rate": 0.25}))
    assert optimiser_of(own).rate == Fraction(1, 4)
    bare = replace(network(LINE), optimiser=checked_optimiser({"kind": "adam"}))
    assert optimiser_of(bare).rate == Fraction(1, 1000)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"schedule": "cosine"}, "steps is missing"),
        ({"schedule": "step"}, "every is missing"),
        ({"schedule": "cosine", "steps": 3, "lowest": 1, "rate": 0.5}, "lowest: 1.0 is above"),
    ],
)
def test_what_is_missing_is_said_when_it_is_needed(table: dict[str, Any], message: str) -> None:
    net = replace(network(LINE), optimiser=checked_optimiser(table))
    with pytest.raises(NetworkError, match=message):
        optimiser_of(net)


def test_a_python_definition_is_checked_too() -> None:
    wrong = Optimiser("adam", settings=(("beta1", Fraction(2)),))
    with pytest.raises(NetworkError, match=r"beta1: 2\.0 is not a number"):
        network(replace(network(LINE), optimiser=wrong))
    with pytest.raises(NetworkError, match="is not an Optimiser"):
        network(replace(network(LINE), optimiser="adam"))  # type: ignore[arg-type]
