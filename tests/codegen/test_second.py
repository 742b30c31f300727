"""Second order in modules: against quotients of the module's own gradient; and stable."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from derive.calculus import derivation
from derive.cli import main
from derive.codegen import generate_code, load_module, recheck
from derive.codegen.recheck import draw
from derive.codegen.second_check import flat, gradient_rate, product_error, relative
from derive.errors import DerivationError, NetworkError, ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import network
from tests.structures import STRUCTURES

ROOT = Path(__file__).resolve().parents[2]

SMOOTH = [
    "two-layer-tanh",
    "tanh-regression",
    "softmax-classifier",
    "x[3] -> dense(4, softmax) -> dense(2, sigmoid) ; bce",
    "x[2] -> dense(3, mish) -> dense(2, silu) ; log_cosh",
]
KINKED = [
    "x[3] -> dense(4, relu) -> dense(2) ; mse",
    "x[2] -> dense(3, elu) -> dense(2, selu) ; huber",
]

JOINED = ["dropout", "stacked", "l2", "tied", "transposed", "two losses", "spread", "class weights"]


def emitted(text: str, layout: str | None = None) -> Any:
    net = network(text)
    return load_module(
        generate_code(derivation(net.in_layout(layout) if layout else net), second=True)
    )


def drawn(module: Any, text: str, layout: str | None = None) -> tuple[Any, Any, Any, Any]:
    net, rng = network(text), np.random.default_rng(1)
    params, x, y = draw(module, net.in_layout(layout) if layout else net, rng)
    way = [rng.standard_normal(np.shape(array)) for array in module.named(params).values()]
    return params, x, y, module.like(params, way)


@pytest.mark.parametrize("text", [*SMOOTH, *KINKED])
@pytest.mark.parametrize("layout", [LAYOUTS[0], LAYOUTS[2]])
def test_products_are_the_rate_of_the_gradient(text: str, layout: str) -> None:
    module = emitted(text, layout)
    params, x, y, way = drawn(module, text, layout)
    found = flat(module, module.hessian_product(params, x, y, way))
    assert relative(found, gradient_rate(module, params, (x, y), way)) < 1e-12
    assert product_error(module, params, (x, y), np.random.default_rng(2)) < 1e-12


@pytest.mark.parametrize("text", SMOOTH)
def test_central_differences(text: str) -> None:
    module = emitted(text)
    params, x, y, way = drawn(module, text)
    step, gradients = 1e-5, []
    for sign in (1, -1):
        pairs = zip(module.named(params).values(), module.named(way).values(), strict=True)
        moved = module.like(params, [a + sign * step * b for a, b in pairs])
        gradients.append(flat(module, module.loss_and_gradients(moved, x, y)[1]))
    found = flat(module, module.hessian_product(params, x, y, way))
    assert relative(found, (gradients[0] - gradients[1]) / (2 * step)) < 1e-6


@pytest.mark.parametrize("text", [SMOOTH[0], SMOOTH[2], KINKED[0]])
def test_the_hessian(text: str) -> None:
    module = emitted(text)
    params, x, y, way = drawn(module, text)
    matrix = module.hessian(params, x, y)
    size = flat(module, params).size
    assert matrix.shape == (size, size)
    np.testing.assert_allclose(matrix, matrix.T, 0, 1e-13)
    found = flat(module, module.hessian_product(params, x, y, way))
    np.testing.assert_allclose(matrix @ flat(module, way), found, 1e-10, 1e-13)


def test_the_hessian_is_sympys() -> None:
    module = emitted("two-layer-tanh")
    params, x, y, _ = drawn(module, "two-layer-tanh")
    derived = derivation(network("two-layer-tanh"))
    expected = np.zeros((6, 6))
    for a, b in zip(x, y, strict=True):
        values = {**{k: float(v) for k, v in module.named(params).items()}, "x": a, "y": b}
        exact = derived.hessian().subs(values)
        expected += np.array(exact.evalf(), float) / len(x)
    np.testing.assert_allclose(module.hessian(params, x, y), expected, 1e-10, 1e-13)


@pytest.mark.parametrize("text", [SMOOTH[2], "x[3] -> dense(4, tanh) -> dense(1, sigmoid) ; bce"])
def test_gauss_newton_of_a_convex_loss_has_no_negative_curvature(text: str) -> None:
    module = emitted(text)
    params, x, y, _ = drawn(module, text)
    arrays = list(module.named(params).values())
    places = np.cumsum([0, *(array.size for array in arrays)])
    columns = []
    for unit in np.eye(places[-1]):
        ends = zip(places[:-1], places[1:], arrays, strict=True)
        way = module.like(params, [unit[a:b].reshape(c.shape) for a, b, c in ends])
        columns.append(flat(module, module.gauss_newton_product(params, x, y, way)))
    eigenvalues = np.linalg.eigvalsh(np.array(columns))
    assert eigenvalues.min() > -1e-12
    assert eigenvalues.max() > 1e-3


def test_without_hidden_layers_both_products_are_one() -> None:
    module = emitted("x[3] -> dense(2, softmax) ; cross_entropy")
    params, x, y, way = drawn(module, "x[3] -> dense(2, softmax) ; cross_entropy")
    both = [f(params, x, y, way) for f in (module.hessian_product, module.gauss_newton_product)]
    np.testing.assert_allclose(*(flat(module, one) for one in both), 1e-12)


@pytest.mark.parametrize("head", ["dense(2, softmax) ; cross_entropy", "dense(1, sigmoid) ; bce"])
def test_large_logits_leave_everything_finite(head: str) -> None:
    text = f"x[3] -> dense(4, tanh) -> {head}"
    module = emitted(text)
    params, x, y, way = drawn(module, text)
    large = params._replace(W2=1e4 * params.W2)
    for product in (module.hessian_product, module.gauss_newton_product):
        with np.errstate(all="raise", under="ignore"):
            assert np.isfinite(flat(module, product(large, x, y, way))).all()


def test_the_type_is_kept() -> None:
    module = emitted(SMOOTH[2])
    params, x, y, way = drawn(module, SMOOTH[2])
    small = module.like(params, [a.astype(np.float32) for a in module.named(params).values()])
    found = module.hessian_product(small, x, y, way)
    assert {array.dtype for array in module.named(found).values()} == {np.dtype(np.float32)}


def test_what_does_not_curve_is_zero() -> None:
    module = emitted("x[2] -> dense(3) ; absolute_error")
    params, x, y, way = drawn(module, "x[2] -> dense(3) ; absolute_error")
    found = module.named(module.hessian_product(params, x, y, way))
    assert {name: array.shape for name, array in found.items()} == {"W1": (3, 2), "b1": (3,)}
    assert not any(array.any() for array in found.values())


def test_a_direction_must_fit() -> None:
    module = emitted(SMOOTH[1])
    params, x, y, way = drawn(module, SMOOTH[1])
    with pytest.raises(ValueError, match=r"direction\.W1: expected shape"):
        module.hessian_product(params, x, y, way._replace(W1=way.W1.T))


@pytest.mark.parametrize("name", JOINED)
def test_structures(name: str) -> None:
    net = network(STRUCTURES[name])
    recheck(generate_code(net, second=True), net)


def test_a_penalised_loss_has_no_gauss_newton_product() -> None:
    source = generate_code(network(STRUCTURES["l2"]), second=True)
    assert "def hessian_product" in source
    assert "def gauss_newton_product" not in source


BREAKS = [
    ("R_d_z2 = R_d_h2 * dh2_dz2 - 2", "R_d_z2 = R_d_h2 * dh2_dz2 + 2"),
    ("R_h1 = dh1_dz1 * R_z1", "R_h1 = R_z1"),
    ("R_d_h2 = W3 * R_d_z3 + V3 * d_z3", "R_d_h2 = W3 * R_d_z3"),
    ("return Parameters(R_d_W1, R_d_b1", "return Parameters(R_d_b1, R_d_W1"),
    ("G_d_z2 = G_d_h2 * dh2_dz2", "G_d_z2 = G_d_h2 * h2"),
]


@pytest.mark.parametrize(("line", "wrong"), BREAKS)
def test_the_recheck_sees_a_wrong_line(line: str, wrong: str) -> None:
    net = network("two-layer-tanh")
    source = generate_code(net, second=True)
    assert line in source
    recheck(source, net)
    with pytest.raises(ProofError, match="second order"):
        recheck(source.replace(line, wrong), net)


def test_any_depth_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DerivationError, match="any depth"):
        generate_code(network("relu-sigmoid-bce"), second=True)
    assert main(["code", "relu-sigmoid-bce", "--second-order"]) == 2
    assert "write the layers out" in capsys.readouterr().err


def test_taken_names_are_refused() -> None:
    net = network("direction[2] -> dense(1) ; mse")
    generate_code(net)
    with pytest.raises(NetworkError, match="'direction' is a name of the module"):
        generate_code(net, second=True)


def test_without_it_nothing_is_added() -> None:
    assert "hessian" not in generate_code(network("two-layer-tanh"))


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "two-layer-tanh", "--second-order"]) == 0
    assert "def gauss_newton_product(" in capsys.readouterr().out


@pytest.mark.slow
def test_linter_formatter_and_type_checker_pass(tmp_path: Path) -> None:
    names = []
    for number, text in enumerate([*SMOOTH[:4], *KINKED, *(STRUCTURES[n] for n in JOINED)]):
        names.append(f"model_{number}.py")
        (tmp_path / names[-1]).write_text(generate_code(network(text), second=True), "utf-8")
    config = str(ROOT / "pyproject.toml")
    for command in (
        ("ruff", "check", "--quiet", "--config", config),
        ("ruff", "format", "--check", "--config", config),
        ("mypy", "--strict", "--python-version", "3.11"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command, *names],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
