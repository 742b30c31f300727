"""The forms of a network: line, file, table, objects; each to the same Network and back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.networks import Layer, Network, line_form, network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.networks.objective import Objective
from derive.networks.positions import lines
from derive.networks.toml import read_text

SIZES = st.one_of(st.integers(2, 50), st.sampled_from(["n0", "n1", "d", "width", "classes", "Z2"]))


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Any valid network: scalar, of vectors, of any depth."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    form = draw(st.sampled_from(["scalar", "vector", "generic"]))
    scalar = form == "scalar"
    words = sorted(word for word, facts in ACTIVATIONS.items() if not (scalar and facts.block))
    heads = [word for word in LOSSES[loss].heads or words if word in words]
    if not heads:
        loss, heads = "mse", words
    hidden, bias = st.sampled_from(words), st.booleans()
    last = Layer(1 if scalar else draw(SIZES), draw(st.sampled_from(heads)), draw(bias))
    if form == "generic":
        last = Layer(draw(st.sampled_from([2, 7, "nL"])), last.activation, last.bias)
        first = Layer("n", draw(hidden), draw(bias), repeat="L-1")
        return network(Network("network", "x", "n0", (first, last), loss))
    size = st.just(1) if scalar else SIZES
    layers = draw(st.lists(st.builds(Layer, size, hidden, bias), max_size=4))
    name = draw(st.sampled_from(["x", "u", "feature"]))
    return network(Network("network", name, draw(size), (*layers, last), loss, scalar))


def fractions(*texts: str) -> st.SearchStrategy[Fraction]:
    return st.sampled_from([Fraction(text) for text in texts])


@st.composite
def joined(draw: st.DrawFn) -> Network:
    """A network whose layers read, add and share each other's, with any objective."""
    units = draw(st.integers(2, 4))
    layers = [Layer(units, "tanh", draw(st.booleans()), reads=draw(st.sampled_from([(), (0,)])))]
    for number in range(2, draw(st.integers(2, 4)) + 1):
        before = st.lists(st.integers(1, number - 1), max_size=2, unique=True).map(tuple)
        tied = draw(st.sampled_from([None, 2])) if number > 2 and not layers[1].tied else None
        reads = () if tied or (number > 2 and layers[-1].tied) else draw(before)
        layers.append(
            Layer(
                units,
                draw(st.sampled_from(["tanh", "relu", "identity"])),
                reads=reads if number - 1 in reads else (),
                adds=draw(before),
                tied=tied if tied and len(layers[1].reads) < 2 else None,
                dropout=draw(fractions("0", "0.5", "0.125")),
                l1=draw(st.one_of(st.none(), fractions("0", "0.001"))),
            )
        )
    words = draw(st.lists(st.sampled_from(["mse", "huber", "gaussian"]), min_size=1, unique=True))
    weights = [draw(fractions("0.3", "2")) for _ in words]
    index = draw(st.booleans())
    head = "softmax" if index else "identity"
    objective = Objective(
        weight=Fraction(1) if index else weights[0],
        further=() if index else tuple(zip(words[1:], weights[1:], strict=True)),
        l2=draw(fractions("0", "1e-4")),
        smoothing=draw(fractions("0", "0.1")) if index else Fraction(0),
        output_weights=draw(st.sampled_from([(), (Fraction(1), Fraction("0.25"))])),
        index=index,
    )
    last = Layer(2, head, temperature=draw(fractions("1", "2.5")) if index else Fraction(1))
    loss = "softmax_cross_entropy" if index else words[0]
    net = Network("network", "x", units, (*layers, last), loss, objective=objective)
    return network(net)


@given(joined())
def test_a_joined_network_is_its_line(net: Network) -> None:
    line = line_form(net)
    assert network(line) == net
    assert line_form(network(line)) == line
    assert network(line.replace(" + ", "+").replace(", ", ",")) == net


@given(networks())
def test_a_network_is_its_line(net: Network) -> None:
    line = line_form(net)
    assert network(line) == net
    assert line_form(network(line)) == line
    assert network(line.replace("->", "→")) == net
    assert network(line.replace(" ", "")) == net
    assert network(net) == net


@given(networks())
def test_a_network_is_its_file_and_its_table(net: Network) -> None:
    table = {
        "name": net.name,
        "input": {"name": net.input, "scalar": net.scalar, "size": net.input_size},
        "layers": [
            {"units": layer.units, "activation": layer.activation, "bias": layer.bias}
            | ({"repeat": layer.repeat} if layer.repeat else {})
            for layer in net.layers
        ],
        "loss": net.loss,
    }
    assert network(table) == net
    assert read_text(_document(table)) == net


def _toml(value: object) -> str:
    """A table as TOML: keys at the top, inline tables within."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k} = {_toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _document(table: Mapping[str, object]) -> str:
    return "\n".join(f"{key} = {_toml(value)}" for key, value in table.items())


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("x[3] -> dense(4, tanh) -> dense(2) ; mse", None),
        (
            "x[3]->dense(4,activation=tanh,bias=true)→dense(2, identity);mse",
            "x[3] -> dense(4, tanh) -> dense(2) ; mse",
        ),
        ("  x[003] -> dense(2, linear) ; mse  ", "x[3] -> dense(2) ; mse"),
        ("x[2] -> dense(3, bias = false, softmax) ; cross_entropy", None),
        ("x -> dense(1, tanh) -> dense(1) ; squared_error", None),
        ("x[n0] -> dense(n, relu) * ( L - 1 ) -> dense(1, sigmoid) ; bce", None),
        ("x[2] ->\n dense(3)\n ; mse", "x[2] -> dense(3) ; mse"),
    ],
)
def test_spellings_of_a_line(text: str, same: str | None) -> None:
    assert network(text) == network(same or line_form(network(text)))


def test_a_file_gives_notation_values_and_a_title(tmp_path: Path) -> None:
    file = tmp_path / "my net (2).toml"
    file.write_bytes(
        b"\xef\xbb\xbf"  # as some editors begin a file
        b'title = "one layer"\r\ninput = { name = "u", size = "d" }\r\n'
        b'layers = [{ units = 2, activation = "linear" }]\r\nloss = "half_mse"\r\n'
        b'[notation]\r\nweights = "in_out"\r\nloss = "J"\r\n'
        b"[values]\r\nu = [1, 2, 3]\r\nW1 = [[1, 2], [3, 4], [5, 6]]\r\nrate = 1\r\n"
    )
    net = network(file)
    assert (net.name, net.title, net.input, net.loss) == (
        "my-net-2",
        "one layer",
        "u",
        "half_squared_error",
    )
    assert net.style.weights == "in_out"
    assert net.style.loss == "J"
    assert net.values["rate"] == 1.0
    assert net.values["W1"] == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert net.example_sizes == {"d": 3}
    assert net.missing_values == ("b1", "y")
    assert not net.has_example
    assert network(str(file)) == net


def test_a_partial_worked_example_is_no_error() -> None:
    net = network({"input": {"scalar": True}, "layers": [{"units": 1}], "loss": "mse",
                   "values": {"x": 2}})  # fmt: skip
    assert net.missing_values == ("W1", "b1", "y")


def test_arrays_and_tuples_are_values_too() -> None:
    import numpy as np

    net = network(
        Network(
            "a",
            "x",
            3,
            [Layer(2, "tanh")],  # type: ignore[arg-type]
            "mse",
            values={"W1": np.ones((2, 3)), "x": (1, 2, 3), "y": np.zeros(2)},  # type: ignore[dict-item]
        )
    )
    assert net.values["W1"] == [[1.0] * 3] * 2
    assert isinstance(net.layers, tuple)
    assert hash(net) == hash(network(net))


def test_sizes_and_depth() -> None:
    net = network("x[n0] -> dense(d, tanh) -> dense(2) ; mse")
    assert net.sizes == ("n0", "d")
    assert line_form(net.with_sizes({"d": 4})) == "x[n0] -> dense(4, tanh) -> dense(2) ; mse"
    deep = network("relu-sigmoid-bce")
    assert deep.at_depth(4).sizes == ("n0", "n1", "n2", "n3")
    assert deep.at_depth(4).values == {"rate": 0.1}
    assert deep.at_depth(3).values == deep.values
    assert deep.concrete().sizes == ()
    assert deep.at_depth(3).with_sizes({"n1": 7}).values == {"rate": 0.1}
    assert deep.at_depth(3).with_sizes({"n1": 3}).values == deep.values


POSITIONS = '''\
# a comment = "with a key"
name = "a # b"  # [not.a.table]
input.size = 3
input."name" = 'x'
title = """
loss = 3
\\""" [layers]
"""
note = \'\'\'
two\'\'\'
layers = [  # one
  { units = 1, bias = true },
  { units = [1, [2,
  3]] },
]
when = 1979-05-27 07:32:00
[notation]
layer = "bracket"
[[extra]]
key = 1
[[extra]]
key = 2
[extra.deep]
key = 3
'''


def test_lines_of_keys() -> None:
    tomllib.loads(POSITIONS)
    found = lines(POSITIONS)
    expected = {
        ("name",): 2,
        ("input", "size"): 3,
        ("input", "name"): 4,
        ("title",): 5,
        ("note",): 9,
        ("layers",): 11,
        ("layers", 0): 12,
        ("layers", 0, "bias"): 12,
        ("layers", 1, "units"): 13,
        ("layers", 1, "units", 1, 1): 14,
        ("when",): 16,
        ("notation",): 17,
        ("notation", "layer"): 18,
        ("extra", 0, "key"): 20,
        ("extra", 1, "key"): 22,
        ("extra", 1, "deep", "key"): 24,
    }
    assert {place: found.get(place) for place in expected} == expected
