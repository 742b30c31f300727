"""What joins layers, and what is minimised besides the plain loss: shapes, programs, refusals."""

from __future__ import annotations

from fractions import Fraction

import pytest

from derive.errors import NetworkError
from derive.networks import network
from derive.networks.build import build
from derive.program.program import Contraction, Role

START = "x[3] -> dense(4, tanh)"


def test_a_residual_connection_is_a_sum_of_two_values() -> None:
    program = build(network(f"{START} -> dense(4, tanh, adds=1) -> dense(2) ; mse"))
    equation = program.equation("h2")
    assert isinstance(equation, Contraction)
    assert equation.arguments == ("r2", "h1")


def test_stacked_outputs_meet_one_block_of_weights_each() -> None:
    net = network(f"{START} -> dense(2, reads=[1, 0]) ; mse")
    assert net.shapes["W2"] == (2, 4)
    assert net.shapes["U2"] == (2, 3)
    equation = build(net).equation("z2")
    assert isinstance(equation, Contraction)
    assert [term.operands for term in equation.terms] == [("W2", "h1"), ("U2", "x"), ("b2",)]
    assert net.in_layout("row/in_out").shapes["U2"] == (3, 2)


def test_shared_weights_are_no_parameters_of_their_own() -> None:
    net = network(f"{START} -> dense(3, tanh, weights=1, transposed=true) -> dense(2) ; mse")
    assert set(net.shapes) == {"x", "W1", "b1", "b2", "W3", "b3", "y"}
    equation = build(net).equation("z2")
    assert isinstance(equation, Contraction)
    assert equation.terms[0].operands == ("W1", "h1")
    assert equation.terms[0].letters == ("ji", "j")


def test_a_mask_is_given_with_every_sample() -> None:
    net = network(f"{START.replace('tanh)', 'tanh, dropout=0.2)')} -> dense(2) ; mse")
    assert net.layers[0].dropout == Fraction(1, 5)
    assert build(net).variables["k1"].role is Role.GIVEN
    assert net.shapes["k1"] == (4,)


def test_decimals_are_the_fractions_that_are_written() -> None:
    net = network(f"{START} -> dense(2) ; 0.7 mse + 0.3 huber, l2=1e-4, output_weights=[0.1, 2]")
    assert net.objective.weight == Fraction(7, 10)
    assert net.objective.further == (("huber", Fraction(3, 10)),)
    assert net.objective.l2 == Fraction(1, 10_000)
    assert net.constants == {
        "lambda1": 0.7,
        "lambda2": 0.3,
        "lambda3": 1e-4,
        "omega": [0.1, 2.0],
    }


def test_one_strength_has_one_name() -> None:
    both = network(f"{START} -> dense(2) ; mse, l2=0.1")
    assert both.constants == {"lambda": 0.1}
    own = network("x[3] -> dense(4, tanh, l2=0.3) -> dense(2) ; mse, l2=0.1")
    assert own.constants == {"lambda1": 0.3, "lambda2": 0.1}
    none = network("x[3] -> dense(4, tanh, l2=0) -> dense(2, l2=0) ; mse, l2=0.1")
    assert none.constants == {}


def test_a_loss_with_a_spread_has_a_second_output() -> None:
    net = network(f"{START} -> dense(2) ; gaussian")
    assert net.shapes["Q2"] == (2, 4)
    assert net.shapes["q2"] == (2,)
    assert build(net).variables["s2"].role is Role.HIDDEN


def test_a_class_may_be_given_by_its_number() -> None:
    table = {
        "input": {"size": 2},
        "layers": [{"units": 3, "activation": "softmax"}],
        "loss": "softmax_cross_entropy",
        "target": "index",
        "values": {"x": [1.0, 2.0], "y": 1},
    }
    assert network(table).values["y"] == [0.0, 1.0, 0.0]
    with pytest.raises(NetworkError, match="0 to 2"):
        network({**table, "values": {"y": 3}})


REFUSED = [
    (f"{START} -> dense(2, adds=1) ; mse", "layer 1 has width 4, not 2"),
    (f"{START} -> dense(2, adds=0) ; mse", "the input has width 3, not 2"),
    (f"{START} -> dense(2, adds=2) ; mse", "2 is no layer before this one (0 to 1)"),
    (f"{START} -> dense(2, adds=[1, 1]) ; mse", "named twice"),
    (f"{START} -> dense(2, reads=0) ; mse", "layer 1: no layer reads or adds its output"),
    (f"{START} -> dense(4) -> dense(4) -> dense(2, reads=[3, 2, 1, 0]) ; mse", "at most 3"),
    (f"{START} -> dense(2, weights=2) ; mse", "2 is no layer before"),
    (f"{START} -> dense(2, weights=1) ; mse", "W of layer 1 is 4 x 3, not 2 x 4"),
    (f"{START} -> dense(2, weights=1, transposed=true) ; mse", "W^T of layer 1 is 3 x 4"),
    (f"{START} -> dense(2, transposed=true) ; mse", "only shared weights"),
    (f"{START} -> dense(2, weights=[1, 1]) ; mse", "the number of one layer"),
    (f"{START} -> dense(2, dropout=0.5) ; mse", "the prediction, all of it"),
    (f"{START} -> dense(2, dropout=1) ; mse", "from 0 to less than 1"),
    (f"{START} -> dense(2, temperature=2) ; mse", "identity has none"),
    (f"{START} -> dense(2, softmax, temperature=0) ; cross_entropy", "a positive number"),
    (f"{START} -> dense(2, l2=x) ; mse", "expected a number"),
    (f"{START} -> dense(2, l3=1) ; mse", "did you mean 'l2'"),
    (f"{START} -> dense(2) ; mse, target=index", "needs a loss of classes"),
    (f"{START} -> dense(2) ; mse, target=class", "unknown target 'class'"),
    (f"{START} -> dense(2) ; mse, smoothing=0.1", "needs a loss of classes"),
    (f"{START} -> dense(2) ; mse, output_weights=[1]", "1 for 2 outputs"),
    (f"{START} -> dense(2) ; mse, l2=0.1, l2=0.1", "l2 is given twice"),
    (f"{START} -> dense(2) ; 1 mse + 2 mse", "named twice"),
    (f"{START} -> dense(2) ; 0 mse + 2 huber", "0 is not a number other than 0"),
    (f"{START} -> dense(2) ; 1e99 mse", "is not a number other than 0"),
    (f"{START} -> dense(2, softmax, adds=0) ; cross_entropy", "the input has width 3"),
    ("x[3] -> dense(3, softmax, adds=0) ; cross_entropy", "with something added"),
    ("x[3] -> dense(2, reads=[0]) -> dense(2, reads=[1, 0]) ; gaussian", "reads one output"),
    ("x[3] -> dense(2, softmax, temperature=2) ; gaussian", "has no softmax before it"),
    ("x[n0] -> dense(n, relu, dropout=0.5) * (L-1) -> dense(2) ; mse", "a plain chain"),
    ("x[n0] -> dense(n, relu, adds=0) * (L-1) -> dense(2) ; mse", "a plain chain"),
]


@pytest.mark.parametrize(("line", "reason"), REFUSED)
def test_what_does_not_fit_is_refused(line: str, reason: str) -> None:
    with pytest.raises(NetworkError) as error:
        network(line)
    assert reason in str(error.value)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"l2": -1}, "l2: -1 is not 0 or a positive number"),
        ({"l2": float("nan")}, "is not 0 or a positive number"),
        ({"l2": True}, "True is not"),
        ({"l1": 1e-300}, "is not 0 or a positive number"),
        ({"target": 3}, "not a word in quotes"),
        ({"output_weights": 3}, "is not a list"),
        ({"loss": {}}, "there is none"),
        ({"loss": {"mse": "a"}}, "weight: 'a' is not"),
        ({"loss": {"mse": 1, "msse": 2}}, "did you mean 'mse'"),
    ],
)
def test_a_bad_table_is_refused(entry: dict[str, object], reason: str) -> None:
    table = {"input": {"size": 2}, "layers": [{"units": 2}], "loss": "mse"}
    with pytest.raises(NetworkError) as error:
        network({**table, **entry})
    assert reason in str(error.value)
