"""Activations and losses of one's own: in every form, in the derivation, in the code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from derive.calculus import derivation
from derive.codegen import generate_code, load_module, recheck
from derive.codegen.recheck import draw
from derive.document import compose, render
from derive.document.check import check_document
from derive.document.options import Options
from derive.errors import NetworkError
from derive.networks import line_form, network
from derive.networks.catalogue import activation, loss
from derive.networks.toml import read_text

ACTIVATIONS = [
    "z / (1 + exp(-1.702 z))",
    "swish(z) = z sigmoid(1.5z)",
    "if z > 0 then z else 0.01 z",
    "if z > 0 then z else exp(z) - 1",
    "kink(z) = if z >= 1/2 then z^2 else z/2",
    "max(-1, min(1, z))",
    "|z|",
    "z/(1+|z|)",
    "if z > 1 then 1 else if z < -1 then -1 else z",
    "0.5 z (1 + tanh(sqrt(2/pi)(z + 0.044715 z^3)))",
    "z tanh(log(1 + exp(z)))",
    "sqrt(z^2 + 1) - 1",
    "exp(-z^2)",
    "sin(z) + z",
    "arctan(z)",
    "2 z",
    "pi z + e^z",
]
LOSSES = [
    "log(cosh(y_hat - y))",
    "|ŷ - y|",
    "if |y_hat - y| < 1 then (y_hat - y)^2/2 else |y_hat - y| - 1/2",
    "max(0, 1 - y y_hat)",
    "pinball(y_hat, y) = max(0.9(y - y_hat), -0.1(y - y_hat))",
    "exp(y_hat) - y y_hat",
    "sqrt(1 + (y_hat - y)^2)",
    "(y_hat - y)^4",
]
LINES = [f'x[2] -> dense(3, "{word}") -> dense(2) ; mse' for word in ACTIVATIONS]
LINES += [f'x[n0] -> dense(n1, tanh) -> dense(n2) ; "{word}"' for word in LOSSES]
LINES += [
    f'x -> dense(1, "{word}") -> dense(1) ; "{own}"'
    for word, own in zip(ACTIVATIONS, LOSSES, strict=False)
]


@pytest.mark.parametrize("line", LINES)
def test_the_module_has_the_right_gradients(line: str) -> None:
    """Every entry of every gradient against the complex step of the module's own loss."""
    net = network(line)
    source = generate_code(net)
    recheck(source, net)
    module = load_module(source)
    params, x, y = draw(module, net, np.random.default_rng(3))
    gradients = module.named(module.loss_and_gradients(params, x, y)[1])
    arrays = {name: np.array(array, float) for name, array in module.named(params).items()}
    for name, array in arrays.items():
        for place in np.ndindex(array.shape):
            moved = {key: value.astype(complex) for key, value in arrays.items()}
            moved[name][place] += 1e-30j
            _, cache = module.forward(module.like(params, list(moved.values())), x)
            slope = module.loss(cache, y).imag / 1e-30
            assert np.asarray(gradients[name])[place] == pytest.approx(slope, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("line", LINES)
def test_every_written_formula_holds(line: str) -> None:
    derived = derivation(network(line))
    for options in (Options(), Options(form="index"), Options(batch=True)):
        document = compose(derived, options)
        check_document(document)
        render(document, "text")
        render(document, "latex")


@pytest.mark.parametrize("line", LINES)
def test_the_line_is_read_back(line: str) -> None:
    net = network(line)
    assert network(line_form(net)) == net
    assert network(net) == net


@pytest.mark.parametrize(
    ("formula", "word"),
    [
        ("tanh(z)", "tanh"),
        ("max(0, z)", "relu"),
        ("if z > 0 then z else 0", "relu"),
        ("1/(1 + exp(-z))", "sigmoid"),
        (" z ", "identity"),
    ],
)
def test_the_tables_own_functions_are_recognised(formula: str, word: str) -> None:
    net = network(f'x -> dense(1, "{formula}") -> dense(1) ; "(y_hat - y)^2"')
    assert net.layers[0].activation == word
    assert net.loss == "squared_error"


TOML = """
loss = "pinball"
input = {{ size = 2 }}
layers = [
  {{ units = 3, activation = "swish" }},
  {{ units = 1 }},
]
[functions]
swish = "{swish}"
pinball = "max(0.9(y - y_hat), -0.1(y - y_hat))"
"""


def test_a_table_of_functions() -> None:
    net = read_text(TOML.format(swish="z / (1 + exp(-1.702 z))"))
    assert net.layers[0].activation == "swish(z) = z / (1 + exp(-1.702 z))"
    assert loss(net.loss).title == "pinball"
    written = render(compose(derivation(net), Options()), "text")
    assert "h₁ = swish(z₁)" in written
    assert "swish(z) = z/[1 + exp(-1.702z)]" in written
    assert "swish(z1)" in generate_code(net)


def test_a_fault_in_the_table_has_its_line(tmp_path: Path) -> None:
    file = tmp_path / "net.toml"
    file.write_text(TOML.format(swish="z / (1 + xp(z))"))
    with pytest.raises(NetworkError) as caught:
        network(file)
    assert caught.value.line == 9
    assert "unknown function 'xp'; did you mean 'exp'?" in caught.value.message


def test_python_takes_a_formula() -> None:
    layers = [{"units": 2, "activation": "z^3"}, {"units": 1}]
    net = network({"input": {"size": 1}, "layers": layers, "loss": "|y_hat - y|"})
    assert not loss(net.loss).heads
    assert activation("z^3").analytic
    assert not activation("|z|").analytic
    assert not activation("z^3").monotone


FAULTS = [
    ('x -> dense(1, "foo(z)") -> dense(1) ; mse', "column 16: unknown function 'foo'"),
    ('x -> dense(1, "z +") -> dense(1) ; mse', "column 19: expected a number"),
    ('x -> dense(1, "2 + 1") -> dense(1) ; mse', "column 16: the formula does not depend on z"),
    ('x -> dense(1) ; "y^2"', "column 18: the formula does not depend on y_hat"),
    ('x -> dense(1) ; "y_hat - z"', "column 26: unknown name 'z'"),
    (
        'x -> dense(1, "floor(z)") -> dense(1) ; mse',
        "the derivative of floor(z) by z has no closed",
    ),
    ('x -> dense(1, "f(x) = x^2") -> dense(1) ; mse', "column 18: activation is a function of (z)"),
    ('x -> dense(1, "tanh(z) = z^2") -> dense(1) ; mse', "'tanh' is defined already"),
    ('x -> dense(1, "W1(z) = z^2") -> dense(1) ; mse', "'W1' has a meaning of its own"),
    ('x -> dense(1, "f(z)=z^2") -> dense(1, "f(z)=z^3") ; mse', "f is defined twice"),
    ('x -> dense(1, "f = z^2") -> dense(1) ; "f = |y_hat|"', "f is an activation, and the loss"),
    ('x -> dense(1, "z^2) -> dense(1) ; mse', "column 15: expected"),
]


@pytest.mark.parametrize(("line", "told"), FAULTS)
def test_faults_in_a_line(line: str, told: str) -> None:
    with pytest.raises(NetworkError) as caught:
        network(line)
    assert told in caught.value.message


@pytest.mark.parametrize(
    ("functions", "told"),
    [
        ({"g": "z^2", "f": "z"}, "g is neither an activation nor the loss"),
        ({"f": 3}, "is not a formula in quotes"),
        ({"f": "y"}, "unknown name 'y'"),
        (["f"], "is not a table"),
    ],
)
def test_faults_in_the_table(functions: object, told: str) -> None:
    layers = [{"units": 2, "activation": "f"}, {"units": 1}]
    table = {"input": {"size": 1}, "layers": layers, "loss": "mse", "functions": functions}
    with pytest.raises(NetworkError) as caught:
        network(table)
    assert told in caught.value.message
