"""Training with every optimiser: the module's update, its state, its schedule, the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.cli import main
from derive.errors import NetworkError
from derive.networks import network
from derive.program.optimisers import OPTIMISERS
from derive.training import Training, plan, samples, train
from derive.training.descent import RATE
from derive.training.updating import Updater

LINE = "x[2] -> dense(4, tanh) -> dense(1) ; mse"

FILE = """\
input = { name = "x", size = 1, scalar = true }
layers = [{ units = 1, activation = "tanh" }, { units = 1 }]
loss = "squared_error"

[optimiser]
kind = "adam"
rate = 0.002
clip = 1.0
schedule = "cosine"
"""


def data(count: int = 60) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((count, 2))
    return x, x[:, :1] * x[:, 1:]


def trained(**options: Any) -> Training:
    return train(LINE, *data(), epochs=options.pop("epochs", 30), **options)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_every_optimiser_learns(kind: str) -> None:
    table = {"kind": kind, "clip": 5.0}
    result = trained(optimiser=table, epochs=150, rate=0.02 if kind == "gradient_descent" else 0.01)
    assert result.decreased
    assert result.loss < 0.8 * result.losses[0]
    assert hasattr(result.module, "State")


def test_a_word_is_enough() -> None:
    assert trained(optimiser="adam").losses == trained(optimiser={"kind": "adam"}).losses


def test_the_usual_rate_is_the_optimisers() -> None:
    assert trained(epochs=1).plan.rate == RATE == 0.05
    assert trained(epochs=1, optimiser="adam").plan.rate == 0.001
    assert trained(epochs=1, optimiser={"kind": "adam", "rate": 0.5}).plan.rate == 0.5
    assert trained(epochs=1, optimiser="adam", rate=0.25).plan.rate == 0.25


def test_plain_gradient_descent_is_what_it_was() -> None:
    assert trained(optimiser="sgd").losses == trained().losses


def replayed(result: Training, rates: list[float] | None = None) -> list[float]:
    """The losses of a run of one batch an epoch, by calls of its module alone."""
    x, y = data()
    x, y = result.scaling.inputs(x).T, result.scaling.targets(y).T
    module = result.module
    rng = np.random.default_rng(result.seed)
    params = module.init(rng)
    state = module.start(params)
    losses = [float(module.loss_and_gradients(params, x, y)[0])]
    for epoch in range(result.plan.epochs):
        order = rng.permutation(x.shape[1])
        gradients = module.loss_and_gradients(params, x[:, order], y[:, order])[1]
        more = () if rates is None else (rates[epoch],)
        params, state = module.update(params, gradients, state, *more)
        losses.append(float(module.loss_and_gradients(params, x, y)[0]))
    return [result.scaling.unit * loss for loss in losses]


def test_the_state_goes_on_from_step_to_step_and_the_schedule_is_the_modules() -> None:
    table = {"kind": "adam", "schedule": "cosine", "clip": 0.5}
    result = trained(optimiser=table, epochs=12, batch=60, rate=0.05)
    assert [result.module.rate_at(t) for t in (1, 7, 13)] == pytest.approx([0.05, 0.025, 0.0])
    assert list(result.losses) == pytest.approx(replayed(result), rel=1e-9)


def test_without_a_schedule_the_rate_falls_as_ever() -> None:
    result = trained(optimiser="momentum", epochs=10, batch=60, rate=0.05)
    rates = [result.plan.rate_at(epoch) for epoch in range(10)]
    assert rates[0] == 0.05
    assert rates[-1] == pytest.approx(0.01)
    assert list(result.losses) == pytest.approx(replayed(result, rates), rel=1e-9)


def test_a_constant_schedule_is_constant() -> None:
    table = {"kind": "momentum", "schedule": "constant"}
    result = trained(optimiser=table, epochs=10, batch=60, rate=0.05)
    assert {result.plan.rate_at(epoch) for epoch in range(10)} == {0.05}
    assert list(result.losses) == pytest.approx(replayed(result, [0.05] * 10), rel=1e-9)


def test_every_start_has_a_state_of_its_own() -> None:
    both = trained(optimiser="adam", epochs=4, starts=2)
    alone = [trained(optimiser="adam", epochs=4, seed=seed).loss for seed in (0, 1)]
    assert list(both.finals) == pytest.approx(alone, rel=1e-12)


def test_all_steps_are_those_of_all_epochs() -> None:
    table = {"kind": "adam", "schedule": "cosine"}
    result = trained(optimiser=table, epochs=7, batch=25)
    assert result.network.optimiser is not None
    assert result.network.optimiser.number("steps") == 7 * 3
    table["steps"] = 5
    assert trained(optimiser=table, epochs=7).module.rate_at(6) == 0


def test_a_missing_setting_is_asked_for() -> None:
    with pytest.raises(NetworkError, match="every is missing"):
        trained(optimiser={"schedule": "step"})


def test_clipping_bounds_the_step() -> None:
    """Data far away make a huge gradient; one clipped step has the length rate times limit."""
    x, y = data()
    table = {"kind": "gradient_descent", "clip": 0.5}
    result = train(LINE, x, 1e6 * y, optimiser=table, epochs=1, batch=60, rate=0.1, scale="none")
    begin = result.module.init(np.random.default_rng(0))
    moved = [result.parameters[name] - value for name, value in begin._asdict().items()]
    assert np.sqrt(sum(np.sum(m**2) for m in moved)) == pytest.approx(0.05, rel=1e-9)


def test_the_updater_needs_no_state_for_plain_modules() -> None:
    result = trained(epochs=1)
    assert Updater(result.module, None).state is None


def test_the_plan_knows_whether_the_rate_falls() -> None:
    x, y = data()
    assert plan(samples(network(LINE), x, y)).falls


# --- the command ----------------------------------------------------------------------------

SHORT = ["train", "two-layer-tanh", "--data", "x^2", "--range", "0,2", "--epochs", "20"]


def test_the_report_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--optimiser", "adam", "--rate", "0.01", "--schedule", "cosine", "--clip", "1.0"]
    assert main([*SHORT, *options, "--set", "beta1=0.8"]) == 0
    out = capsys.readouterr().out
    assert (
        "update:  Adam (beta1 = 0.8, beta2 = 0.999, epsilon = 1e-08); "
        "gradients together clipped to a norm of at most 1\n" in out
    )
    assert "; rate 0.01, schedule cosine (steps = 200, lowest = 0)\n" in out
    assert "passed: the loss decreased" in out


def test_a_plain_report_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--rate", "0.05"]) == 0
    out = capsys.readouterr().out
    assert "update:" not in out
    assert "; rate 0.05, falling to 0 in the second half\n" in out


def test_options_go_over_the_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.toml"
    path.write_text(FILE)
    command = ["train", str(path), "--data", "x^2", "--range", "0,2", "--epochs", "5"]
    assert main(command) in (0, 1)
    assert "rate 0.002, schedule cosine (steps = 50, lowest = 0)" in capsys.readouterr().out
    assert main([*command, "--optimiser", "nag", "--lr", "0.01"]) in (0, 1)
    out = capsys.readouterr().out
    assert "Nesterov's momentum (beta = 0.9); gradients together clipped" in out
    assert "rate 0.01, schedule cosine" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--optimiser", "adma"], "unknown optimiser 'adma'; did you mean 'adam'"),
        (["--schedule", "steps"], "unknown schedule 'steps'; did you mean 'step'"),
        (["--schedule", "step"], "every is missing"),
        (["--clip", "-1"], "clip: -1.0 is not a number in (0, oo)"),
        (["--clip", "much"], "--clip: 'much' is not a number such as"),
        (["--clip", "1", "--clip-value", "1"], "exclude each other"),
        (["--set", "beta=0.5"], "unknown key 'beta'"),
        (["--optimiser", "adam", "--set", "beta1=1"], "beta1: 1.0 is not a number in [0, 1)"),
        (["--set", "beta1"], "--set: 'beta1' is not a name and a number"),
        (["--set", "beta1=a"], "--set beta1: 'a' is not a number such as"),
        (["--optimiser", "adam", "--set", "beta1=.5", "--set", "beta1=.6"], "given twice"),
    ],
)
def test_bad_options_are_one_line_and_exit_code_two(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*SHORT, *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.count("\n") == 1
