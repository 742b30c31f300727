"""The judge of printed rates: right formulas pass, one change and they do not."""

from __future__ import annotations

import numpy as np
import pytest

from derive.calculus import derivation
from derive.meaning.arrays import UnreadableError
from derive.meaning.check import Checker, Written
from derive.meaning.write import Writer
from derive.networks import network
from derive.notation.tree import (
    Apply,
    Derivative,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Sum,
    Transpose,
    equals,
)
from derive.program.program import Role

NETWORKS = [
    "two-layer-tanh",
    "x[3] -> dense(4, sigmoid) -> dense(2, softmax) ; cross_entropy",
    "x[3] -> dense(4, softmax) -> dense(2, silu) ; mse",
]


def writer(text: str, batch: bool = False, form: str = "matrix") -> Writer:
    derived = derivation(network(text))
    found = derived.batch_tangents if batch else derived.tangents
    return Writer(found.program, derived.network.style, form)  # type: ignore[arg-type]


def rates(own: Writer) -> list[str]:
    variables = own.program.variables
    return [n for n in own.program.named(Role.TANGENT) if variables[n].target]


@pytest.mark.parametrize("text", NETWORKS)
@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("form", ["matrix", "index"])
def test_every_tangent_is_read_back(text: str, batch: bool, form: str) -> None:
    own, check = writer(text, batch, form), Checker()
    names = rates(own)
    assert len(names) > 10
    for name in names:
        assert check.problem(Written(own.equation(name), own)) is None


def broken(node: Node) -> list[Node]:
    """The right side with a term lost, a sign changed, a factor doubled, a transpose lost."""
    found: list[Node] = [Product((Number("2"), node)), Negative(node)]
    if isinstance(node, Sum):
        found += [Sum(node.terms[1:]), Sum((*node.terms[:-1], Negative(node.terms[-1])))]
    if isinstance(node, Product) and isinstance(node.factors[0], Transpose):
        found.append(Product((node.factors[0].body, *node.factors[1:])))
    return found


@pytest.mark.parametrize("text", NETWORKS)
@pytest.mark.parametrize("batch", [False, True])
def test_every_change_is_seen(text: str, batch: bool) -> None:
    own, check = writer(text, batch), Checker()
    for name in rates(own):
        relation = own.equation(name)
        for wrong in broken(relation.sides[1]):
            changed = Relation((relation.sides[0], wrong), relation.signs)
            assert check.problem(Written(changed, own)) is not None, name


def test_a_rate_is_a_difference_quotient() -> None:
    own = writer("x[3] -> dense(4, tanh) -> dense(2) ; mse")
    reader = Checker().reader(own)
    rate = reader.rates.gradient("L", "z1")
    inputs = {n: np.asarray(reader.values[n]) for n in own.program.inputs}
    step, directions = 1e-5, {"W1": "V1", "b1": "v1", "W2": "V2", "b2": "v2"}
    slopes = []
    for sign in (1, -1):
        moved = {n: inputs[n] + sign * step * inputs[v] for n, v in directions.items()}
        other = type(reader)(own, {**inputs, **moved}, reader.sizes)
        slopes.append(other.slopes.jacobian("L", "z1"))
    np.testing.assert_allclose(rate, (slopes[0] - slopes[1]) / (2 * step), 1e-6, 1e-9)


def test_second_derivatives_by_components() -> None:
    own = writer("two-layer-tanh", form="index")
    mixed = Derivative(own.quotient("L", "W1", "", ""), own.variable("W2"))
    turned = Derivative(own.quotient("L", "W2", "", ""), own.variable("W1"))
    assert Checker().problem(Written(equals(mixed, turned), own)) is None
    assert Checker().problem(Written(equals(mixed, Negative(turned)), own)) is not None


def test_what_has_no_rate_is_refused() -> None:
    own = writer("two-layer-tanh")
    reader = Checker().reader(own)
    with pytest.raises(UnreadableError):
        reader.value(Apply("G", (own.variable("z1"),)), {})
    with pytest.raises(UnreadableError):
        reader.value(Apply("R", (Number("2"),)), {})
