"""The networks of the package: they load, build, evaluate, and are listed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from derive.commands.networks import networks
from derive.errors import NetworkError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, line_form, network, presets
from derive.networks.build import build
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.program.evaluate import NUMERIC, Environment, evaluate


def _run(net: Network) -> Environment:
    program = build(net)
    values = {name: np.array(net.values[name], dtype=float) for name in program.inputs}
    return evaluate(program, values, {}, NUMERIC)


def test_the_names() -> None:
    assert presets() == (
        "relu-sigmoid-bce",
        "softmax-classifier",
        "tanh-regression",
        "two-layer-tanh",
    )


@pytest.mark.parametrize("name", presets())
class TestPreset:
    def test_it_loads_under_its_own_name(self, name: str) -> None:
        net = network(name)
        assert net.name == name
        assert net.title
        assert net.values["rate"]
        text = (Path(str(networks_folder())) / f"{name}.toml").read_text(encoding="utf-8")
        assert text.startswith("# ")

    def test_its_worked_example_is_complete_and_evaluates(self, name: str) -> None:
        net = network(name).concrete()
        assert net.has_example
        known = _run(net)
        assert all(np.isfinite(value).all() for value in known.values())
        kinks = [known[f"z{k}"] for k, layer in enumerate(net.layers, 1)
                 if not ACTIVATIONS[layer.activation].analytic]  # fmt: skip
        assert all((np.abs(z) > 0.1).all() for z in kinks)

    def test_its_loss_expression_has_the_value_of_its_program(self, name: str) -> None:
        net = network(name)
        numbers = {}
        for key, value in net.values.items():
            array = np.array(value)
            for index in np.ndindex(array.shape):
                numbers["_".join([key, *(str(k + 1) for k in index)])] = float(array[index])
        value = net.loss_expression().subs(numbers)
        assert float(value) == pytest.approx(float(_run(net.concrete())["L"]), rel=1e-14)

    def test_a_caller_cannot_change_it(self, name: str) -> None:
        network(name).values.clear()  # type: ignore[attr-defined]
        assert network(name).has_example


def networks_folder() -> Path:
    import derive.networks.load as load

    return Path(load.__file__).parent / "presets"


def test_relu_units_are_on_and_off() -> None:
    known = _run(network("relu-sigmoid-bce").concrete())
    for z in (known["z1"], known["z2"]):
        assert (z > 0).any()
        assert (z < 0).any()


@pytest.mark.parametrize("depth", [2, 3, 4, 5])
def test_any_depth_builds(depth: int) -> None:
    net = network("relu-sigmoid-bce").at_depth(depth)
    program = build(net)
    assert program.sizes == tuple(f"n{k}" for k in range(depth))
    assert f"W{depth}" in program.inputs


def test_the_scalar_loss_is_the_one_written_by_hand() -> None:
    x, y, w1, b1, w2, b2, w3, b3 = sp.symbols("x y W1 b1 W2 b2 W3 b3")
    by_hand = (w3 * sp.tanh(w2 * sp.tanh(w1 * x + b1) + b2) + b3 - y) ** 2
    assert network("two-layer-tanh").loss_expression() == by_hand
    assert sp.diff(by_hand, w3) == network("two-layer-tanh").loss_expression().diff("W3")


def test_entries_of_a_vector_network_are_symbols() -> None:
    net = network("x[n0] -> dense(1, bias=false) ; mse")
    w, v, x, u, y = sp.symbols("W1_1_1 W1_1_2 x_1 x_2 y_1")
    assert net.loss_expression(sizes={"n0": 2}) == (w * x + v * u - y) ** 2
    row = network(
        Network("a", "x", 2, net.layers, "mse", style=net.style.with_layout("row/in_out"))
    )
    assert sp.Symbol("W1_2_1") in row.loss_expression().free_symbols


def test_a_loss_expression_that_cannot_be() -> None:
    with pytest.raises(NetworkError, match="no number for n0"):
        network("x[n0] -> dense(2) ; mse").loss_expression()
    with pytest.raises(NetworkError, match="has no size 'n7'"):
        network("x[n0] -> dense(2) ; mse").loss_expression(sizes={"n7": 2})
    with pytest.raises(NetworkError, match="not positive"):
        network("x[n0] -> dense(2) ; mse").loss_expression(sizes={"n0": 0})
    with pytest.raises(NetworkError, match="symbols when written out"):
        network("x[9] -> dense(99) -> dense(99) -> dense(99) ; mse").loss_expression()
    with pytest.raises(NetworkError, match="symbols when written out"):
        network("x -> " + "dense(1, relu) -> " * 20 + "dense(1) ; mse").loss_expression()
    line = "x[2] -> dense(3, relu) -> dense(4, relu) -> dense(2, relu) -> dense(1) ; mse"
    with pytest.raises(NetworkError, match=r"all 2\^7 cases"):
        network(line).loss_expression()
    with pytest.raises(NetworkError, match="at most 50 are written out"):
        network("x -> " + "dense(1, tanh) -> " * 50 + "dense(1) ; mse").loss_expression()
    with pytest.raises(NetworkError, match="fixed depth"):
        network("x[2] -> dense(2) ; mse").loss_expression(depth=3)


@pytest.mark.parametrize("loss", sorted(LOSSES))
@pytest.mark.parametrize("hidden", sorted(ACTIVATIONS))
def test_every_word_builds_and_evaluates(hidden: str, loss: str) -> None:
    for head in LOSSES[loss].heads or ("identity", hidden):
        net = network(f"x[2] -> dense(3, {hidden}) -> dense(4, {head}) ; {loss}")
        program = build(net)
        rng = np.random.default_rng(3)
        values = {name: rng.uniform(0.1, 0.9, program.variables[name].shape)
                  for name in program.inputs}  # fmt: skip
        assert np.isfinite(evaluate(program, values, {}, NUMERIC)["L"])


def test_the_list() -> None:
    result = CliRunner().invoke(networks)
    rows = result.output.splitlines()
    assert result.exit_code == 0
    assert [row.split()[0] for row in rows] == list(presets())
    for row, name in zip(rows, presets(), strict=True):
        assert line_form(network(name)) in row
        assert row.endswith(network(name).title)
    assert (
        len({row.index(network(name).title) for row, name in zip(rows, presets(), strict=True)})
        == 1
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", presets())
def test_values_follow_the_layout(name: str, layout: str) -> None:
    """The worked example is the same in every layout: weights are transposed with their axes."""
    moved = network(name).in_layout(layout)
    assert network(moved).style.layout == layout
    assert network(moved).values.keys() == network(name).values.keys()
    assert moved.in_layout(network(name).style.layout).values == network(name).values
