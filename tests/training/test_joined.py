"""Training of networks with structures and objectives, and what is said of it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.codegen import generate_code, load_module
from derive.errors import DataError
from derive.networks import network
from derive.training import descend, load_samples, plan, report, samples, train
from derive.training.monotone import is_monotone, square_factor
from derive.training.scaling import scales_targets

RNG = np.random.default_rng(0)
X = RNG.standard_normal((60, 3))
VALUES = np.stack([np.sin(X[:, 0]), X[:, 1] ** 2], axis=1)
CLASSES = (X[:, 0] > 0).astype(int) + (X[:, 1] > 0.5)

TRAINED = [
    ("x[3] -> dense(4, tanh) -> dense(4, tanh, adds=[1]) -> dense(2, reads=[0, 2]) ; mse", VALUES),
    ("x[3] -> dense(4, tanh) -> dense(3, weights=1, transposed=true) ; mse", X),
    ("x[3] -> dense(8, relu, dropout=0.3) -> dense(2) ; mse, l2=0.001", VALUES),
    ("x[3] -> dense(4, tanh) -> dense(2) ; 0.5 gaussian + 0.5 huber, l1=0.001", VALUES),
    (
        "x[3] -> dense(6, tanh) -> dense(3, softmax) ; cross_entropy, smoothing=0.1,"
        " output_weights=[1, 2, 1], target=index",
        CLASSES,
    ),
]


@pytest.mark.parametrize(("line", "y"), TRAINED)
def test_every_structure_trains(line: str, y: Any) -> None:
    result = train(line, X, y, epochs=60)
    assert result.decreased
    assert result.loss < 0.9 * result.losses[0]
    again = train(line, X, y, epochs=60)
    assert again.losses == result.losses


def test_every_step_has_masks_of_its_own_and_evaluation_none() -> None:
    line = "x[3] -> dense(8, tanh, dropout=0.5) -> dense(2) ; mse"
    data = samples(network(line), X, VALUES)
    result = descend(data, plan(data, epochs=2, batch=20))
    again = load_module(generate_code(result.network))
    params = again.Parameters(**result.parameters)
    scaled = result.scaling
    y_hat, cache = again.forward(params, scaled.inputs(X).T)
    value = float(again.loss(cache, scaled.targets(VALUES).T)) * scaled.unit
    assert result.loss == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(result.predict(X), scaled.predictions(y_hat.T), rtol=1e-12)


def test_masks_are_drawn_for_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from derive.training import descent

    seen: list[Any] = []
    load = descent.load_module

    def watched(source: str) -> Any:
        module = load(source)
        forward = module.forward

        def spy(params: Any, x: Any, masks: Any = None) -> Any:
            seen.append(None if masks is None else masks.k1.copy())
            return forward(params, x, masks)

        module.forward = spy  # type: ignore[attr-defined]
        return module

    monkeypatch.setattr(descent, "load_module", watched)
    train("x[3] -> dense(8, tanh, dropout=0.5) -> dense(2) ; mse", X, VALUES, epochs=3, batch=25)
    drawn = [mask for mask in seen if mask is not None]
    assert [mask.shape for mask in drawn] == [(8, 25), (8, 25), (8, 10)] * 3
    assert len({mask.tobytes() for mask in drawn}) == len(drawn)
    assert sum(mask is None for mask in seen) >= 4


def test_all_losses_check_the_data() -> None:
    line = "x[3] -> dense(2, sigmoid) ; 0.5 mse + 1 bce"
    with pytest.raises(DataError, match=r"must lie in \[0, 1\] for the loss binary_cross_entropy"):
        samples(network(line), X, VALUES - 5)
    line = "x[3] -> dense(2, softmax) ; 0.5 mse + 1 cross_entropy"
    with pytest.raises(DataError, match="must sum to 1 for the loss softmax_cross_entropy"):
        samples(network(line), X, np.full((60, 2), 0.4))
    assert samples(network(line), X, CLASSES.clip(0, 1)).y.shape == (60, 2)


def test_one_column_of_classes_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    np.savetxt(path, np.column_stack([X, CLASSES]), delimiter=",", fmt="%.6g")
    end = "dense(3, softmax) ; cross_entropy, target=index"
    for start in ("x[3]", "x[n0]"):
        found = load_samples(network(f"{start} -> {end}"), str(path))
        assert found.network.input_size == 3
        np.testing.assert_array_equal(np.argmax(found.y, axis=1), CLASSES)


SQUARES = [
    ("mse", Fraction(1)),
    ("0.5 mse + 2 half_mse", Fraction(3, 2)),
    ("3 mse, output_weights=[2]", Fraction(6)),
    ("mse, l2=0.1", None),
    ("0.5 mse + 1 huber", None),
    ("gaussian", None),
]


@pytest.mark.parametrize(("loss", "factor"), SQUARES)
def test_the_factor_of_a_square(loss: str, factor: Fraction | None) -> None:
    net = network(f"x[1] -> dense(1, tanh) -> dense(1) ; {loss}")
    assert square_factor(net) == factor
    assert scales_targets(net) is (factor is not None)


@pytest.mark.parametrize(
    ("layers", "monotone"),
    [
        ("dense(1, tanh) -> dense(1)", True),
        ("dense(1, tanh, dropout=0.5) -> dense(1, weights=1)", True),
        ("dense(1, tanh, adds=[0]) -> dense(1)", False),
        ("dense(1, tanh) -> dense(1, reads=[0, 1])", False),
    ],
)
def test_what_joins_layers_is_not_monotone(layers: str, monotone: bool) -> None:
    assert is_monotone(network(f"x[1] -> {layers} ; mse")) is monotone


def test_a_bound_of_weighted_squares_holds() -> None:
    x = np.linspace(-1, 1, 40)
    plain = train("x -> dense(1, tanh) -> dense(1) ; mse", x, x**2, epochs=50).bound
    found = train("x -> dense(1, tanh) -> dense(1) ; 0.5 mse + 2 half_mse", x, x**2, epochs=50)
    assert plain is not None
    assert found.bound is not None
    assert found.bound.loss == pytest.approx(1.5 * plain.loss, rel=1e-12)
    assert found.loss > found.bound.loss
    residual = train("x -> dense(1, tanh, adds=[0]) -> dense(1) ; mse", x, x**2, epochs=5)
    assert residual.bound is None


def test_the_report_names_what_is_minimised() -> None:
    line = "x[3] -> dense(8, relu, dropout=0.3) -> dense(2) ; 0.5 mse + 1 huber, l2=0.001"
    data = samples(network(line), X, VALUES)
    text = report(descend(data, plan(data, epochs=3)), data)
    assert "loss (0.5 times mean squared error, summed over the outputs; plus Huber" in text
    assert "mean over the samples, plus the L2 penalty; nothing dropped)" in text
    assert "y1'" not in text
