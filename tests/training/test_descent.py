"""Training itself: what is learned, what is recorded, what is stored."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

from derive.errors import DataError
from derive.networks import line_form, network
from derive.training import Training, plan, report, samples, save, train
from derive.training.scaling import scaling

LAYOUTS = ("column/out_in", "column/in_out", "row/in_out", "row/out_in")


def curve(start: float, end: float, count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    x = start + (end - start) * (np.arange(count) + 0.5) / count
    return x, x**2


@pytest.fixture(scope="module")
def quick() -> Training:
    """Two outputs from two inputs, wrong in scale."""
    rng = np.random.default_rng(3)
    x = rng.standard_normal((60, 2)) * [10, 0.1] + [5, -1]
    y = np.stack([x[:, 0] * 3, x[:, 1] + 7], axis=1)
    return train("x[2] -> dense(2) ; mse", x, y, epochs=100)


def test_the_scalar_network_learns_the_square_where_it_is_monotone() -> None:
    result = train("two-layer-tanh", *curve(0, 2))
    assert result.decreased
    assert result.loss < 3e-3
    assert result.bound is None
    assert result.predict([0.5, 1.5]) == pytest.approx([0.25, 2.25], abs=0.1)


def test_the_scalar_network_approaches_the_bound_where_it_is_not() -> None:
    result = train("two-layer-tanh", *curve(-1, 1), epochs=300, seed=1)
    assert result.bound is not None
    assert result.bound.loss == pytest.approx(9 / 160, rel=1e-3)
    assert result.bound.loss < result.loss < 1.1 * result.bound.loss


def test_two_units_learn_what_one_cannot() -> None:
    result = train("tanh-regression", *curve(-1, 1), epochs=200)
    assert result.loss < 1e-3
    assert result.bound is None


def test_every_layout_learns_the_same() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((30, 3))
    line = network("x[3] -> dense(2, tanh) -> dense(2) ; mse")
    for layout in LAYOUTS:
        styled = network(
            {
                "input": {"name": "x", "size": 3},
                "layers": [{"units": 2, "activation": "tanh"}, {"units": 2}],
                "loss": "mse",
                "notation": dict(zip(("samples", "weights"), layout.split("/"), strict=True)),
            }
        )
        result = train(styled, x, x[:, :2] ** 2, epochs=40)
        assert result.decreased
        assert result.parameters["W1"].shape == ((2, 3) if "out_in" in layout else (3, 2))
        assert result.predict(x).shape == (30, 2)
        mean = float(np.mean(np.sum((result.predict(x) - x[:, :2] ** 2) ** 2, axis=1)))
        assert mean == pytest.approx(result.loss, rel=1e-9)
    assert line_form(line) == line_form(styled)


@pytest.mark.parametrize("name", ["relu-sigmoid-bce", "softmax-classifier"])
def test_classifiers_learn_two_blobs(name: str) -> None:
    rng = np.random.default_rng(0)
    classes = np.arange(80) % 2
    x = rng.standard_normal((80, 2)) + 4 * classes[:, None]
    result = train(name, x, classes, epochs=60)
    assert result.loss < 0.2
    assert result.scaling.y_scale == 1
    predicted = result.predict(x)
    found = predicted[:, 0] > 0.5 if predicted.shape[1] == 1 else predicted.argmax(axis=1)
    assert np.mean(found == classes) > 0.95


def test_the_loss_is_in_the_units_of_the_data(quick: Training) -> None:
    assert len(quick.losses) == 101
    assert quick.scaling.unit == pytest.approx(quick.scaling.y_scale**2)
    assert quick.losses[0] > 100
    assert quick.loss < 1


def test_the_gradient_vanishes_at_the_minimum(quick: Training) -> None:
    before, after = quick.gradient_norms
    assert len(before) == len(after) == 1
    assert after[0] < 1e-2 < before[0]


def test_the_norms_are_those_of_the_modules_gradient() -> None:
    x, y = curve(0, 1, 20)
    result = train("two-layer-tanh", x, y, epochs=3, scale="none")
    module = result.module
    last = module.loss_and_gradients(module.Parameters(**result.parameters), x, y)[1]
    expected = [np.hypot(last.W1, last.b1), np.hypot(last.W2, last.b2), np.hypot(last.W3, last.b3)]
    assert result.gradient_norms[1] == pytest.approx(expected)


def test_the_seed_decides_everything() -> None:
    x, y = curve(0, 1, 30)
    first, again, other = (
        train("tanh-regression", x, y, epochs=5, seed=seed) for seed in (4, 4, 5)
    )
    assert first.losses == again.losses
    assert first.losses != other.losses


def test_the_best_of_several_starts_is_kept() -> None:
    x, y = curve(-1, 1, 40)
    result = train("two-layer-tanh", x, y, epochs=30, starts=3, seed=7)
    alone = [train("two-layer-tanh", x, y, epochs=30, seed=seed).loss for seed in (7, 8, 9)]
    assert result.finals == pytest.approx(alone)
    assert result.loss == min(alone)
    assert result.seed == 7 + alone.index(min(alone))


def test_data_are_not_modified_and_the_result_is_frozen() -> None:
    x, y = curve(0, 1, 10)
    x.flags.writeable = y.flags.writeable = False
    result = train("two-layer-tanh", x, y, epochs=2)
    with pytest.raises(FrozenInstanceError):
        result.seed = 3  # type: ignore[misc]


@pytest.mark.parametrize("count", [1, 2, 7])
def test_few_samples_and_constant_columns(count: int) -> None:
    x = np.full((count, 1), 0.1)
    result = train("x[1] -> dense(2, tanh) -> dense(1) ; mse", x, np.full(count, 0.1), epochs=20)
    assert result.scaling.x_scale.tolist() == [1]
    assert result.scaling.y_scale == 1
    assert result.decreased


def test_divergence_stops_and_is_told() -> None:
    x, y = curve(0, 2, 50)
    data = samples(network("two-layer-tanh"), x, y)
    result = train("two-layer-tanh", x, y, rate=1e6, epochs=50)
    assert not result.finite
    assert not result.decreased
    epoch = len(result.losses) - 1
    assert epoch < 50
    text = report(result, data)
    assert (
        f"FAILED: the loss is not finite after epoch {epoch}; try smaller steps: --lr 0.05" in text
    )


def test_a_loss_that_grows_fails_the_test() -> None:
    x, y = curve(0, 2, 50)
    result = train("two-layer-tanh", x, y, rate=2.0, epochs=1, batch=1, seed=1)
    text = report(result, samples(network("two-layer-tanh"), x, y))
    assert result.finite
    assert not result.decreased
    assert "FAILED: the loss did not decrease: " in text
    assert "after epoch 1" in text


def test_the_rate_falls_in_the_second_half() -> None:
    data = samples(network("two-layer-tanh"), *curve(0, 1))
    chosen = plan(data)
    assert (chosen.rate, chosen.epochs, chosen.batch) == (0.05, 800, 20)
    assert chosen.rate_at(0) == chosen.rate_at(400) == 0.05
    assert chosen.rate_at(600) == pytest.approx(0.025)
    assert 0 < chosen.rate_at(799) < 0.001
    assert plan(data, scale="none").rate == 0.01
    assert plan(data, 0.3, scale="none").rate == 0.3


def test_the_defaults_follow_the_size_of_the_data() -> None:
    few, many = (samples(network("two-layer-tanh"), *curve(0, 1, n)) for n in (4, 100_000))
    assert (plan(few).batch, plan(few).epochs) == (1, 2000)
    assert (plan(many).batch, plan(many).epochs) == (256, 20)
    assert plan(few, batch=100).batch == 4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rate": 0.0}, "rate must be a positive"),
        ({"rate": float("nan")}, "rate must be a positive"),
        ({"epochs": 0}, "epochs must be 1"),
        ({"batch": 0}, "batch must be 1"),
        ({"starts": 0}, "starts must be 1"),
        ({"seed": -1}, "seed must be 0"),
        ({"scale": "standrad"}, "did you mean 'standard'"),
    ],
)
def test_numbers_that_make_no_sense(options: dict[str, float], message: str) -> None:
    with pytest.raises(DataError, match=message):
        train("two-layer-tanh", [0, 1], [0, 1], **options)  # type: ignore[arg-type]


def test_targets_are_scaled_only_where_any_number_can_be_predicted() -> None:
    x, y = curve(0, 1, 20)
    for line, scaled in (
        ("x -> dense(1) ; mse", True),
        ("x -> dense(1) ; half_mse", True),
        ("x -> dense(1, tanh) ; mse", False),
        ("x -> dense(1, relu) ; mse", False),
        ("x -> dense(1, sigmoid) ; bce", False),
    ):
        found = scaling(samples(network(line), x, y))
        assert (found.y_scale != 1) is scaled
        np.testing.assert_allclose(found.predictions(found.targets(y[:, None])), y[:, None])


def test_what_is_stored_gives_the_predictions_again(tmp_path: Path, quick: Training) -> None:
    path = tmp_path / "params.npz"
    path.write_text("old")
    save(quick, path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["params.npz"]
    with np.load(path) as stored:
        assert {stored[key].dtype.kind for key in stored} == {"f", "U"}
        assert str(stored["network"]) == "x[2] -> dense(2) ; mse"
        assert str(stored["layout"]) == "column/out_in"
        x = np.array([[4.0, -1.1]])
        scaled = (x - stored["x_shift"]) / stored["x_scale"]
        y_hat = (stored["W1"] @ scaled.T + stored["b1"][:, None]).T
        predicted = y_hat * stored["y_scale"] + stored["y_shift"]
    np.testing.assert_allclose(predicted, quick.predict(x))


def test_nothing_half_written_stays(
    tmp_path: Path, quick: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: object, **arrays: object) -> None:
        file.write(b"part")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    path = tmp_path / "params.npz"
    path.write_text("old")
    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(DataError, match="cannot be written: No space left"):
        save(quick, path)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["params.npz"]


def test_wide_networks_state_the_rule_instead_of_numbers() -> None:
    x = np.random.default_rng(0).random((20, 6))
    data = samples(network("x[6] -> dense(1) ; mse"), x, x[:, 0])
    text = report(train("x[6] -> dense(1) ; mse", x, x[:, 0], epochs=3), data)
    assert "scaling: inputs and targets to mean 0 and standard deviation 1\n" in text
