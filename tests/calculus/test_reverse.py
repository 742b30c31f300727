"""What reverse mode finds: the forms that people write, by named rules that are logged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp

from derive.calculus import derivation
from derive.calculus.batching import batched
from derive.calculus.index import Total, component, component_name, components, index
from derive.calculus.local import local_derivative
from derive.calculus.log import Log
from derive.calculus.reverse import reverse
from derive.errors import DerivationError, ProgramError
from derive.networks.build import build
from derive.networks.model import Layer, Network
from derive.program.evaluate import NUMERIC, evaluate
from derive.program.functions import FUNCTIONS, parameter
from derive.program.program import Contraction, Map, Program, Role, Term, Variable
from derive.program.samples import distinct_sizes, random_inputs
from derive.program.shapes import ONE


def dense(*activations: str, loss: str, sizes: tuple[int | str, ...] = ()) -> Network:
    widths = sizes or tuple(f"n{k}" for k in range(len(activations) + 1))
    layers = tuple(Layer(w, a) for w, a in zip(widths[1:], activations, strict=True))
    return Network("net", "x", widths[0], layers, loss)


def final(log: Log, of: str) -> sp.Expr:
    """The cotangent of a variable as an index expression, if a map finds it."""
    equation = log.step(of).equation
    assert isinstance(equation, Map)
    letters = "i" if log.program.batch is None else "in"
    return equation.function(*(component(name, letters) for name in equation.arguments))


def test_sigmoid_with_cross_entropy_is_found() -> None:
    log = derivation(dense("relu", "sigmoid", loss="binary_cross_entropy")).sample
    assert final(log, "z2") == component("y_hat", "i") - component("y", "i")
    assert log.step("z2").rules == ("cancel",)


def test_softmax_with_cross_entropy_is_found() -> None:
    log = derivation(dense("relu", "softmax", loss="softmax_cross_entropy")).sample
    assert final(log, "z2") == component("y_hat", "i") - component("y", "i")
    assert log.step("z2").rules == (
        "solve for the inner value",
        "pull constants out of the sum",
        "use the hypothesis",
        "cancel",
    )


def test_log_softmax_with_its_likelihood_is_found() -> None:
    log = derivation(dense("relu", "log_softmax", loss="negative_log_likelihood")).sample
    assert final(log, "z2") == sp.exp(component("y_hat", "i")) - component("y", "i")
    assert log.step("z2").rules == ("solve for the inner value", "use the hypothesis")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("softmax", lambda d, o, total: o * (d - total(d * o))),
        ("log_softmax", lambda d, o, total: d - sp.exp(o) * total(d)),
    ],
)
def test_any_cotangent_of_a_block(word: str, expected: Callable[..., sp.Expr]) -> None:
    """p (d - sum(d p)), and d - exp(o) sum(d): the last rewrite of the log."""
    log = derivation(dense(word, "tanh", loss="mse")).sample
    own, other = ([component(name, letter) for name in ("dL/dh1", "h1")] for letter in ("i", "j"))
    pairs = dict(zip(own, other, strict=True))
    total = lambda body: Total(body.xreplace(pairs), index("j"))  # noqa: E731
    found = log.step("z1").rewrites[-1].after
    assert sp.expand(found - expected(*own, total)) == 0
    assert not any(
        component_name(node) in log.forward.blocks[0].inner for node in components(found)
    )


def test_without_the_hypothesis_there_is_no_short_form() -> None:
    """p - y holds given sum(y) = 1 only: without that fact a sum over y remains."""
    program = build(dense("softmax", loss="softmax_cross_entropy"))
    bare = Program(
        program.variables, program.equations, program.outputs, (), program.blocks, program.batch
    )
    step = reverse(bare).step("z1")
    assert "use the hypothesis" not in step.rules
    assert isinstance(step.equation, Contraction)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tanh", 1 - parameter(0) ** 2),
        ("sigmoid", parameter(0) * (1 - parameter(0))),
        ("exp", parameter(0)),
        ("reciprocal", -(parameter(0) ** 2)),
    ],
)
def test_slopes_in_terms_of_the_own_output(word: str, expected: sp.Expr) -> None:
    local = local_derivative(FUNCTIONS[word], 0)
    assert local.own_output
    assert local.uses == (1,)
    assert sp.expand(local.function.expression - expected) == 0


def test_relu_keeps_its_argument() -> None:
    local = local_derivative(FUNCTIONS["relu"], 0)
    assert (local.own_output, local.uses, local.function.name) == (False, (0,), "relu'")


def test_contributions_accumulate() -> None:
    """A variable that is used twice gets the sum of both, each with its path."""
    variables = {
        name: Variable(name, (), role)
        for name, role in (
            ("w", Role.PARAMETER),
            ("p", Role.HIDDEN),
            ("q", Role.HIDDEN),
            ("L", Role.LOSS),
        )
    }
    equations = (
        Map("p", FUNCTIONS["tanh"], ("w",)),
        Contraction("q", "", (Term(("w", "p"), ("", "")),)),
        Contraction("L", "", (Term(("q", "w"), ("", "")),)),
    )
    log = reverse(Program(variables, equations, ("L",)))
    step = log.step("w")
    assert [use.through for use in step.contributions] == ["p", "q", "L"]
    w = 0.3
    values = evaluate(log.program, {"w": np.array(w)}, {}, NUMERIC)
    expected = 2 * w * np.tanh(w) + w**2 * (1 - np.tanh(w) ** 2)
    assert values["dL/dw"] == pytest.approx(expected, rel=1e-14)


def test_a_square_of_a_name_counts_both_uses() -> None:
    variables = {"w": Variable("w", ("n",), Role.PARAMETER), "L": Variable("L", (), Role.LOSS)}
    square = Contraction("L", "", (Term(("w", "w"), ("i", "i")),))
    log = reverse(Program(variables, (square,), ("L",)))
    values = evaluate(log.program, {"w": np.array([1.0, -2.0, 3.0])}, {"n": 3}, NUMERIC)
    np.testing.assert_allclose(values["dL/dw"], [2.0, -4.0, 6.0])


def test_second_derivatives_nest() -> None:
    """The gradient program is a program: differentiating v . grad gives the Hessian times v."""
    log = derivation(dense("tanh", "identity", loss="squared_error", sizes=(2, 3, 1))).sample
    program = log.program
    variables = {
        **program.variables,
        "v": Variable("v", program.variables["b1"].shape, Role.INPUT),
        "s": Variable("s", (), Role.HIDDEN),
    }
    product = Contraction("s", "", (Term(("dL/db1", "v"), ("i", "i")),))
    inner = Program(variables, (*program.equations, product), ("s",), program.facts)
    second = reverse(inner, "s", ["b1"])
    values = random_inputs(second.program, {})
    hessian_v = evaluate(second.program, values, {}, NUMERIC)[second.cotangents["b1"]]
    step = 1e-6

    def gradient(sign: float) -> np.ndarray:
        moved = {**values, "b1": values["b1"] + sign * step * values["v"]}
        return evaluate(program, moved, {}, NUMERIC)["dL/db1"]

    expected = (gradient(1) - gradient(-1)) / (2 * step)
    np.testing.assert_allclose(hessian_v, expected, rtol=1e-6, atol=1e-8)
    assert second.cotangents["dL/dz1"] == "ds/d(dL/dz1)"


def test_two_derivatives_never_share_a_name() -> None:
    log = derivation(dense("tanh", loss="squared_error")).sample
    with pytest.raises(DerivationError, match="named twice"):
        reverse(log.program, "L")


def test_refusals() -> None:
    program = build(dense("tanh", loss="squared_error"))
    with pytest.raises(DerivationError, match="not a scalar"):
        reverse(program, "z1")
    with pytest.raises(DerivationError, match="no variable W9"):
        reverse(program, wrt=["W9"])
    with pytest.raises(ProgramError, match="sample axis already"):
        batched(batched(program))
    with pytest.raises(DerivationError, match="did you mean 'W1'"):
        derivation(dense("tanh", loss="squared_error")).gradient("w1")


@pytest.mark.parametrize("samples", ["column", "row"])
@pytest.mark.parametrize("loss", ["mse", "mean_mse", "half_squared_error"])
def test_the_batch_gradient_is_the_mean_of_the_samples(samples: str, loss: str) -> None:
    network = dense("relu", "softmax", loss=loss)
    one, many = reverse(build(network)), reverse(batched(build(network), samples))
    sizes = distinct_sizes(many.program)
    values = random_inputs(many.program, sizes)
    together = evaluate(many.program, values, sizes, NUMERIC)
    separate = []
    for k in range(sizes["m"]):
        pick = (slice(None), k) if samples == "column" else (k,)
        sample = {n: v[pick] if n in ("x", "y") else v for n, v in values.items()}
        separate.append(evaluate(one.program, sample, sizes, NUMERIC))
    for name in ("L", "dL/dW1", "dL/db1", "dL/dW2", "dL/db2"):
        mean = np.mean([value[name] for value in separate], axis=0)
        np.testing.assert_allclose(together[name], mean, rtol=1e-12, atol=1e-14)


def test_sympy_agrees_with_sympy() -> None:
    """The loss and its gradients are expressions of the same symbols."""
    layers = (Layer(1, "tanh"), Layer(1))
    network = Network("net", "x", 1, layers, "squared_error", scalar=True)
    loss = network.loss_expression()
    for name in ("W1", "b1", "W2", "b2"):
        derived = derivation(network).gradient(name).to_sympy()
        assert sp.expand(sp.diff(loss, sp.Symbol(name)) - derived) == 0


def test_scales_leave_products() -> None:
    log = derivation(dense("identity", loss="half_squared_error")).batch
    step = log.step("z1")
    assert step.equation == Contraction("dL/dz1", "in", (Term(("dL/dy_hat",), ("in",)),))
    assert "1 x = x" in step.rules
    assert step.equation.terms[0].scale == ONE
