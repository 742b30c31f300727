"""Second order: tangents, products and the Hessian against SymPy, and proofs that can fail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.calculus import derivation, tangent
from derive.calculus.hessian import second_derivatives
from derive.calculus.proof.formulas import quick_check
from derive.calculus.proof.identity import identical
from derive.calculus.proof.opaque import opaque
from derive.calculus.proof.second import check_tangents, prove_second, prove_tangents
from derive.calculus.tangent_log import G, R
from derive.errors import DerivationError, DeriveError, ProofError
from derive.networks import Layer, Network, network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.networks.check import check
from derive.networks.expression import entries
from derive.program.evaluate import SYMBOLIC, evaluate
from derive.program.program import Contraction, Term, live
from derive.program.shapes import concrete
from tests.structures import STRUCTURES

Patch = pytest.MonkeyPatch

SMALL = [
    "two-layer-tanh",
    "x -> dense(1, sigmoid) -> dense(1, sigmoid) ; bce",
    "x -> dense(1, relu) -> dense(1) ; squared_error",
    "x[2] -> dense(1, tanh) -> dense(2) ; mse",
    "x[1] -> dense(2, softmax) ; cross_entropy",
]


def symbols(net: Network) -> list[sp.Symbol]:
    shapes = derivation(net).sample.forward.variables
    names = derivation(net).parameters
    return [s for name in names for s in entries(name, concrete(shapes[name].shape, {})).ravel()]


def same(left: sp.Matrix, right: sp.Matrix, facts: dict[sp.Symbol, sp.Expr] | None = None) -> bool:
    pairs = zip(left, right, strict=True)
    return identical(
        (opaque(a.xreplace(facts or {})), opaque(b.xreplace(facts or {}))) for a, b in pairs
    )


def hypothesis_of(text: str) -> dict[sp.Symbol, sp.Expr]:
    """A target that sums to 1, where the loss relies on it."""
    if "cross_entropy" not in text:
        return {}
    return {sp.Symbol("y_2"): 1 - sp.Symbol("y_1")}


@pytest.mark.parametrize("text", SMALL)
def test_the_hessian_is_sympys(text: str) -> None:
    net = network(text)
    expected = sp.hessian(net.loss_expression(), symbols(net))
    assert same(derivation(net).hessian(), expected, hypothesis_of(text))


@pytest.mark.parametrize("text", SMALL[:4])
def test_a_product_is_sympys_hessian_times_the_direction(text: str) -> None:
    net = network(text)
    derived = derivation(net)
    own, moved = symbols(net), derived.tangents.directions
    variables = derived.sample.forward.variables
    direction = [
        s for n, v in moved.items() for s in entries(v, concrete(variables[n].shape, {})).ravel()
    ]
    expected = sp.hessian(net.loss_expression(), own) * sp.Matrix(direction)
    found = [np.ravel(derived.hessian_product(name)) for name in derived.parameters]
    assert same(sp.Matrix(np.concatenate(found)), expected)


def test_the_hessian_of_a_batch_is_that_of_the_mean() -> None:
    derived = derivation(network("x -> dense(1, tanh) -> dense(1) ; squared_error"))
    program = derived.batch.forward
    known = {
        name: entries(name, concrete(program.variables[name].shape, {"m": 2}))
        for name in program.inputs
    }
    loss = evaluate(program, known, {"m": 2}, SYMBOLIC)["L"].item()
    expected = sp.hessian(loss, [sp.Symbol(name) for name in derived.parameters])
    assert same(derived.hessian({"m": 2}, batch=True), expected)


def test_gauss_newton_is_the_jacobians_product() -> None:
    net = network("x[2] -> dense(2, tanh) -> dense(2, sigmoid) ; mse")
    derived = derivation(net)
    found, program = derived.tangents, derived.sample.forward
    own, z, y = symbols(net), sp.symbols("z_1:3"), sp.symbols("y_1:3")
    known = {
        n: entries(n, concrete(found.program.variables[n].shape, {})) for n in found.program.inputs
    }
    output = evaluate(program, known, {}, SYMBOLIC)[found.output]
    loss = sum((1 / (1 + sp.exp(-a)) - b) ** 2 for a, b in zip(z, y, strict=True))
    jacobian = sp.Matrix(list(output)).jacobian(own)
    curvature = sp.hessian(loss, z).xreplace(dict(zip(z, output, strict=True)))
    direction = sp.Matrix([s for v in found.directions.values() for s in known[v].ravel()])
    names = [found.product(name, G) for name in found.directions]
    assert None not in names
    needed = live(found.program.equations, [n for n in names if n])
    values = evaluate(found.program, known, {}, SYMBOLIC, needed)
    written = sp.Matrix([e for name in names for e in values[str(name)].ravel()])
    assert same(written, jacobian.T * curvature * jacobian * direction)


def test_second_derivatives_nest() -> None:
    derived = derivation(network("two-layer-tanh"))
    nested = second_derivatives(derived.sample, "W2")
    assert nested.cotangents["W1"] == "d(dL/dW2)/dW1"
    program = nested.program
    known = {n: entries(n, ()) for n in program.inputs}
    found = evaluate(program, known, {}, SYMBOLIC)[nested.cotangents["W1"]].item()
    expected = sp.diff(network("two-layer-tanh").loss_expression(), *sp.symbols("W2 W1"))
    assert same(sp.Matrix([found]), sp.Matrix([expected]))


@pytest.mark.parametrize("name", ["tanh-regression", "softmax-classifier", "relu-sigmoid-bce"])
@pytest.mark.parametrize("layout", ["column/out_in", "row/in_out"])
def test_presets_are_proved(name: str, layout: str) -> None:
    rows = prove_second(derivation(network(name).in_layout(layout)), most=0)
    assert len(rows) > 20
    assert not [row for row in rows if not row.passed]


@pytest.mark.parametrize("name", STRUCTURES)
def test_structures_are_proved(name: str) -> None:
    rows = prove_second(derivation(network(STRUCTURES[name])), most=0)
    assert not [row for row in rows if not row.passed]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A network of one to three layers of any words."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    words = sorted(ACTIVATIONS)
    last = draw(st.sampled_from(LOSSES[loss].heads or words))
    hidden = draw(st.lists(st.sampled_from(words), max_size=2))
    layers = tuple(
        Layer(draw(st.integers(2, 3)), word, draw(st.booleans())) for word in [*hidden, last]
    )
    return check(Network("random", "x", draw(st.integers(1, 3)), layers, loss))


@settings(max_examples=8)
@given(networks(), st.integers(0, 1000))
def test_every_random_network_is_proved(net: Network, seed: int) -> None:
    rows = prove_second(derivation(net), seed, most=0)
    assert not [row for row in rows if not row.passed]


# Sabotage

DEEP = "x[3] -> dense(3, tanh) -> dense(3, tanh) -> dense(3) ; mse"
SOFTMAX = "x[2] -> dense(3, tanh) -> dense(3, softmax) ; mse"


def changed(method: str, change: Callable[[Any], Any]) -> Callable[[Patch], None]:
    """One rule of the tangents with another result."""
    plain = getattr(tangent._Push, method)
    return lambda patch: patch.setattr(
        tangent._Push, method, lambda self, *rest: change(plain(self, *rest))
    )


def terms(change: Callable[[tuple[Term, ...]], tuple[Term, ...]]) -> Callable[[Any], Any]:
    return lambda found: replace(found, terms=change(found.terms))


def lost_last(found: tuple[Term, ...]) -> tuple[Term, ...]:
    return found[:-1] if len(found) > 1 else found


def lost_first(found: tuple[Term, ...]) -> tuple[Term, ...]:
    return found[1:] if len(found) > 1 else found


def negative_last(found: tuple[Term, ...]) -> tuple[Term, ...]:
    return (*found[:-1], replace(found[-1], scale=-found[-1].scale)) if found else found


def transposed(found: tuple[Term, ...]) -> tuple[Term, ...]:
    """The first matrix of every product of two read the other way."""
    return tuple(
        replace(term, letters=(term.letters[0][::-1], *term.letters[1:]))
        if len(term.letters) == 2
        else term
        for term in found
    )


def lost_rate_of_the_slope(patch: Patch) -> None:
    patch.setattr(tangent._Push, "_inside", lambda self, equation: None)


def slope_of_the_slope(patch: Patch) -> None:
    """``R(1 - h^2) = 2 h R(h)``."""
    plain = tangent.factored
    patch.setattr(tangent, "factored", lambda e: (abs_scale(plain(e)[0]), plain(e)[1]))


def abs_scale(scale: Any) -> Any:
    return replace(scale, number=abs(scale.number))


def direction_of_the_wrong_kind(patch: Patch) -> None:
    """The Gauss-Newton product that starts with the gradient itself."""
    plain = tangent.tangent_name
    patch.setattr(
        tangent,
        "tangent_name",
        lambda of, operator=R: of if of == "dL/dz3" else plain(of, operator),
    )


SABOTAGES = {
    "a lost term of the product rule": changed("_contraction", terms(lost_last)),
    "the other lost term": changed("_contraction", terms(lost_first)),
    "a wrong sign in the product rule": changed("_contraction", terms(negative_last)),
    "a transposed operand": changed("_contraction", terms(transposed)),
    "a wrong sign in the chain rule": changed("_map", terms(negative_last)),
    "a lost rate of a slope": lost_rate_of_the_slope,
    "a lost sign of a slope's rate": slope_of_the_slope,
    "a gradient in place of its rate": direction_of_the_wrong_kind,
}


@pytest.mark.parametrize("how", SABOTAGES)
def test_the_proof_sees_sabotage(how: str, monkeypatch: Patch) -> None:
    assert all(row.passed for row in prove_second(derivation(network(DEEP)), most=0))
    SABOTAGES[how](monkeypatch)
    try:
        rows = prove_second(derivation(network(DEEP)), most=0)
    except (DeriveError, ValueError):
        return
    assert not all(row.passed for row in rows)
    with pytest.raises((ProofError, DeriveError)):
        check_tangents(derivation(network(DEEP)).batch_tangents)


def test_the_proof_sees_a_wrong_tangent_of_a_block(monkeypatch: Patch) -> None:
    plain = tangent.simplify
    monkeypatch.setattr(tangent, "simplify", lambda e, p: (-plain(e, p)[0], plain(e, p)[1]))
    rows = prove_second(derivation(network(SOFTMAX)), most=0)
    assert "R(y_hat)" in {row.subject for row in rows if not row.passed}


def test_sympy_sees_a_wrong_product(monkeypatch: Patch) -> None:
    derived = derivation(network("x -> dense(1, tanh) -> dense(1) ; squared_error"))
    step = derived.tangents.step("dL/dW2")
    assert isinstance(step.equation, Contraction)
    wrong = replace(step.equation, terms=step.equation.terms[:1])
    program = derived.tangents.program
    equations = tuple(wrong if eq.out == wrong.out else eq for eq in program.equations)
    broken = replace(derived.tangents, program=replace(program, equations=equations))
    failed = {row.subject: row for row in prove_tangents(broken, "sample", 0) if not row.passed}
    assert "sympy.diff" in failed["R(dL/dW2)"].detail


# What is 0, what there is not, and names


def test_what_does_not_curve_has_no_product() -> None:
    derived = derivation(network("x[2] -> dense(3) ; absolute_error"))
    assert derived.tangents.product("W1") is None
    assert derived.hessian() == sp.zeros(9, 9)
    assert all(row.passed for row in prove_second(derived))


def test_a_piecewise_linear_network_curves_by_its_loss_and_products_alone() -> None:
    found = derivation(network("x[2] -> dense(3, relu) -> dense(2) ; mse")).tangents
    names = [eq.out for eq in found.program.equations]
    assert "R(local(h1, z1))" not in names
    assert "R(dL/dz1)" in names


def test_a_penalty_leaves_no_gauss_newton_product() -> None:
    found = derivation(network(STRUCTURES["l2"])).tangents
    assert "past z2" in found.refusal
    assert found.product("W1", G) is None
    assert found.product("W1") is not None


@pytest.mark.parametrize(
    ("name", "directions"),
    [
        ("residual", {"W1": "V1", "b1": "v1", "W2": "V2", "b2": "v2", "W3": "V3", "b3": "v3"}),
        ("stacked", {"W1": "DW1", "b1": "Db1", "U3": "DU3", "V3": "DV3"}),
    ],
)
def test_directions_have_letters_of_their_own(name: str, directions: dict[str, str]) -> None:
    found = derivation(network(STRUCTURES[name])).tangents
    assert directions.items() <= found.directions.items()
    parameters = set(found.directions)
    assert not parameters & set(found.directions.values())


def test_steps_are_forward_then_backward() -> None:
    steps = derivation(network("two-layer-tanh")).tangents.steps
    names = [step.tangent for step in steps]
    assert names[:3] == ["R(z1)", "R(h1)", "R(z2)"]
    assert names.index("R(L)") < names.index("R(dL/dy_hat)") < names.index("G(dL/dW3)")


def test_a_large_hessian_is_refused() -> None:
    with pytest.raises(DerivationError, match="110 rows and columns; up to 60"):
        derivation(network("x[9] -> dense(11) ; mse")).hessian()


def test_sizes_must_be_numbers() -> None:
    derived = derivation(network("x[n0] -> dense(units) ; mse"))
    with pytest.raises(DerivationError, match="needs a number"):
        derived.hessian()
    with pytest.raises(DerivationError, match="needs a number"):
        derived.hessian_product("W1")
    assert derived.hessian({"n0": 1, "units": 2}).shape == (4, 4)


def test_an_unknown_parameter_is_named() -> None:
    with pytest.raises(DerivationError, match="there is no parameter 'W9'"):
        derivation(network("two-layer-tanh")).hessian_product("W9")


def test_the_gradient_itself_is_left_as_it_was() -> None:
    derived = derivation(network(DEEP))
    before = derived.batch.program
    assert derived.batch_tangents.program.equations[: len(before.equations)] == before.equations
    quick_check(derived, batch=True)
