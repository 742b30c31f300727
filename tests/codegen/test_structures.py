"""Modules of networks with structures and objectives: the same judges as for plain chains."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from derive.codegen import generate_code, load_module, recheck
from derive.errors import NetworkError, ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network
from tests.codegen.structures import DEEP, FIXED, structured

DROPOUT = FIXED[4]
CLASSES = FIXED[9]


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("line", [*FIXED, *DEEP])
def test_gradients_against_the_complex_step(line: str, layout: str) -> None:
    it = structured(line, layout)
    recheck(it.source, it.network)
    found = it.module.check_gradients(
        it.params, it.x, it.y, *it.given, method="complex_step", tolerance=1e-10
    )
    assert found.largest < 1e-10
    it.module.check_gradients(it.params, it.x, it.y, *it.given)


@pytest.mark.parametrize("layout", ["column/out_in", "row/in_out"])
@pytest.mark.parametrize("line", FIXED)
def test_every_value_is_the_programs(line: str, layout: str) -> None:
    it = structured(line, layout)
    expected, log = it.reference(), it.derivation.batch
    value, gradients = it.loss_and_gradients()
    np.testing.assert_allclose(value, expected["L"], rtol=1e-10)
    for name, gradient in it.module.named(gradients).items():
        wanted = expected[log.cotangents[name]]
        np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("line", [*FIXED, *DEEP])
def test_float32_stays(line: str) -> None:
    it = structured(line)
    params = it.module._copied(it.params, np.float32)
    _, cache = it.module.forward(params, it.x, *it.given)
    value, gradients = it.module.loss_and_gradients(params, it.x, it.y, *it.given)
    kept = [a for field in cache for a in (field if isinstance(field, tuple) else (field,))]
    arrays = [value, *it.module.named(gradients).values(), *kept]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


SABOTAGE = [
    (FIXED[0], "d_h1 = W2.T @ d_z2 + d_z2 + d_r3", "d_h1 = W2.T @ d_z2 + d_r3"),
    (FIXED[1], "d_h1 = W2.T @ d_z2 + U3.T @ d_z3", "d_h1 = U3.T @ d_z3"),
    (FIXED[2], "d_W1 = d_z1 @ x.T + h1 @ d_z2.T", "d_W1 = d_z1 @ x.T"),
    (FIXED[3], " + LAMBDA * W3  #", "  #"),
    (FIXED[4], "d_h1 = d_g1 * k1", "d_h1 = d_g1"),
    (FIXED[12], "d_h1 = W2.T @ d_z2 + Q2.T @ d_s2", "d_h1 = W2.T @ d_z2"),
    (DEEP[0], "h[k - 1].T + LAMBDA * W[k - 1])", "h[k - 1].T)"),
]


@pytest.mark.parametrize(("line", "old", "new"), SABOTAGE)
def test_a_broken_line_is_seen(line: str, old: str, new: str) -> None:
    it = structured(line)
    assert it.source.count(old) == 1
    broken = it.source.replace(old, new)
    with pytest.raises(ProofError):
        recheck(broken, it.network)
    with pytest.raises(AssertionError, match="relative error"):
        load_module(broken).check_gradients(it.params, it.x, it.y, *it.given)


def test_constants_are_named_and_say_what_they_are() -> None:
    source = generate_code(network(FIXED[6]))
    assert "LAMBDA1 = 0.1  # strength of the L1 penalty on W1\n" in source
    assert "LAMBDA2 = 0.01  # strength of the L2 penalty\n" in source
    assert "LAMBDA3 = 0.02  # strength of the L1 penalty on W2\n" in source
    source = generate_code(network(FIXED[8]))
    assert "LAMBDA = 0.5  # weight of binary cross-entropy\n" in source
    assert "# weights of the outputs in the loss\nOMEGA = (1.0, 3.0)\n" in source


def test_penalties_of_any_depth_are_loops() -> None:
    source = generate_code(network(DEEP[0]))
    assert "    for W_k in cache.W:\n        L = L + LAMBDA * np.sum(W_k**2) / 2" in source
    source = generate_code(network(DEEP[2]))
    assert "    W_L = cache.W[-1]\n    L = L + LAMBDA * np.sum(W_L**2) / 2" in source


def test_a_module_without_dropout_knows_no_masks() -> None:
    assert "mask" not in generate_code(network("x[2] -> dense(3, tanh) -> dense(1) ; mse"))


def test_without_masks_nothing_is_dropped() -> None:
    it = structured(DROPOUT)
    ones = it.module.Masks(*(np.ones(mask.shape) for mask in it.given[0]))
    whole, _ = it.module.forward(it.params, it.x, ones)
    np.testing.assert_array_equal(it.module.forward(it.params, it.x)[0], whole)
    assert not np.array_equal(it.module.forward(it.params, it.x, *it.given)[0], whole)
    plain, other = (it.module.loss_and_gradients(it.params, it.x, it.y, m) for m in (None, ones))
    for a, b in zip(plain[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)


def test_masks_are_drawn_with_the_share_that_is_dropped() -> None:
    module = load_module(generate_code(network(DROPOUT)))
    drawn = module.draw_masks(np.random.default_rng(0), 20_000, np.float32)
    assert [mask.shape for mask in drawn] == [(4, 20_000), (5, 20_000)]
    for mask, share in zip(drawn, (0.2, 0.5), strict=True):
        assert mask.dtype == np.float32
        np.testing.assert_allclose(np.unique(mask), [0, 1 / (1 - share)], rtol=1e-6)
        assert np.mean(mask == 0) == pytest.approx(share, abs=0.01)


def test_masks_must_fit() -> None:
    it = structured(DROPOUT)
    (given,) = it.given
    wrong = given._replace(k2=np.ones((4, 1)))
    with pytest.raises(ValueError, match=r"masks\.k2: expected shape \(5, \d+\), got \(4, 1\)"):
        it.module.forward(it.params, it.x, wrong)


@pytest.mark.parametrize("layout", ["column/out_in", "row/in_out"])
def test_classes_stand_for_distributions(layout: str) -> None:
    it = structured(CLASSES, layout)
    rows = np.eye(3)[[2, 0, 1, 1]]
    x = np.ones((4, 3)) if layout.startswith("row") else np.ones((3, 4))
    whole = rows if layout.startswith("row") else rows.T
    one, other = (it.module.loss_and_gradients(it.params, x, y) for y in ([2, 0, 1, 1], whole))
    assert one[0] == other[0]
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)
    it.module.check_gradients(it.params, x, [2, 0, 1, 1])


@pytest.mark.parametrize("y", [[0, 1, 3], [0, 1, -1], [0, 1, 0.5], [0, 1, np.nan]])
def test_what_is_no_class_is_refused(y: Any) -> None:
    it = structured(CLASSES)
    with pytest.raises(ValueError, match="y: expected numbers of classes from 0 to 2"):
        it.module.loss_and_gradients(it.params, np.ones((3, 3)), y)


def test_a_wrong_number_of_classes_is_refused() -> None:
    it = structured(CLASSES)
    with pytest.raises(ValueError, match=r"y: expected shape \(3, 3\)"):
        it.module.loss_and_gradients(it.params, np.ones((3, 3)), [0, 1])


SATURATED = [
    "x[1] -> dense(3, softmax) ; cross_entropy, output_weights=[1, 2, 0.5], smoothing=0.1",
    "x[1] -> dense(3, softmax) ; 0.5 cross_entropy + 1 mse",
    "x[1] -> dense(3, softmax) ; 0.5 kl + 1 cross_entropy",
    "x[1] -> dense(3, sigmoid) ; bce, output_weights=[1, 2, 0.5], smoothing=0.2",
    "x[1] -> dense(3, sigmoid) ; 0.5 bce + 1 mse",
    "x[1] -> dense(3, log_softmax) ; 0.5 nll, output_weights=[1, 2, 0.5]",
]


@pytest.mark.parametrize("line", SATURATED)
def test_gradients_are_finite_at_logits_of_ten_thousand(line: str) -> None:
    """A gradient that divides by the prediction, times a slope that is 0, would be no number."""
    module = load_module(generate_code(network(line)))
    params = module.Parameters(np.zeros((3, 1)), np.array([1e4, -1e4, 0.0]))
    value, gradients = module.loss_and_gradients(params, np.ones((1, 3)), np.eye(3))
    assert np.isfinite(value)
    assert all(np.isfinite(gradient).all() for gradient in gradients)
    assert np.abs(gradients.b1).max() > 0.05


def test_initial_weights_have_the_variance_of_all_that_is_read() -> None:
    line = "x[200] -> dense(300, tanh) -> dense(400, relu, reads=[0, 1]) -> dense(100) ; gaussian"
    params = load_module(generate_code(network(line))).init(np.random.default_rng(0))
    for weight in (params.W2, params.U2):
        assert np.var(weight) == pytest.approx(2 / 500, rel=0.03)
    assert np.var(params.Q3) == pytest.approx(2 / (400 + 100), rel=0.03)
    assert not params.q3.any()


@pytest.mark.parametrize("name", ["LAMBDA", "LAMBDA2", "OMEGA", "Masks", "masks"])
def test_a_name_of_the_module_is_refused(name: str) -> None:
    net = Network("taken", name, 2, network("x[2] -> dense(1) ; mse").layers, "mse")
    with pytest.raises(NetworkError, match=f"'{name}' is a name of the module"):
        generate_code(net)


def test_a_loss_with_a_spread_has_a_fixed_depth() -> None:
    with pytest.raises(NetworkError, match="'gaussian' needs a second output"):
        network("x[n0] -> dense(n, tanh)*(L-1) -> dense(2) ; gaussian")
