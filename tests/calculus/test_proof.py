"""Instance proofs: what is proved, how, and how far it reaches."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from derive.calculus import Derivation, Log, derivation
from derive.calculus.proof import BATCH, SAMPLE, Row, prove_formulas, quick_check
from derive.calculus.proof.digits import REAL
from derive.calculus.proof.directions import Judge
from derive.calculus.proof.exact import exact
from derive.calculus.proof.formulas import check_log
from derive.calculus.proof.instance import Effort, prove_log
from derive.calculus.proof.sizes import generalised, label, numbers
from derive.calculus.reverse import reverse
from derive.errors import ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import Layer, Network, network
from derive.networks.check import check
from derive.program.functions import Function, parameter
from derive.program.program import Contraction, Map, Program, Role, Term, Variable

SQUARE = "x[3] -> dense(3, tanh) -> dense(3) ; mse"
"""All widths are equal, which must hide nothing."""


def scalar(depth: int) -> Network:
    layers = tuple(Layer(1, "tanh") for _ in range(depth))
    return Network("deep", "x", 1, layers, "squared_error", scalar=True)


def deep(depth: int, activation: str = "tanh") -> Network:
    layers = tuple(Layer(2 + k % 3, activation) for k in range(depth))
    return Network("deep", "x", 2, layers, "mse")


def by_subject(rows: tuple[Row, ...], form: str) -> dict[str, Row]:
    return {row.subject: row for row in rows if row.form == form}


def test_every_named_cotangent_is_proved_in_both_forms() -> None:
    derived = derivation(network(SQUARE))
    rows = prove_formulas(derived)
    for form, log in ((SAMPLE, derived.sample), (BATCH, derived.batch)):
        named = set(log.program.named(Role.COTANGENT)) - {"dL/dL"}
        found = by_subject(rows, form)
        assert named <= set(found)
        assert {"dL/dW1", "dL/db2", "dL/dz1", "dL/dh1", "dL/dy_hat"} <= named
    assert all(row.passed for row in rows)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("text", [SQUARE, "x[2] -> dense(3, softmax) ; cross_entropy"])
def test_all_layouts(text: str, layout: str) -> None:
    net = network(text)
    net = replace(net, style=net.style.with_layout(layout))
    assert all(row.passed for row in prove_formulas(derivation(net)))


def test_equal_widths_are_tested_at_different_sizes() -> None:
    log = derivation(network(SQUARE)).batch
    program = generalised(log)
    sizes = numbers(program)
    assert len(set(sizes.values())) == len(sizes) == 4
    assert label(program, sizes) == "3-4-5, m = 2"
    assert [program.variables[n].shape for n in ("W1", "W2", "dL/dW2")] == [
        ("s1", "s0"),
        ("s2", "s1"),
        ("s2", "s1"),
    ]


def test_small_networks_are_proved_by_sympy_as_a_whole() -> None:
    rows = by_subject(prove_formulas(derivation(network(SQUARE))), SAMPLE)
    assert rows["dL/dW1"].method == "SymPy exact at 2-3-4"


def test_deep_networks_are_proved_by_composition() -> None:
    rows = prove_formulas(derivation(deep(150)))
    assert all(row.passed for row in rows)
    method = by_subject(rows, SAMPLE)["dL/dW1"].method
    assert method == "composition + prime field at 2-3-4-5-6-7-8-..."


def test_a_proof_is_the_same_every_time() -> None:
    net = network("x[2] -> dense(3, softmax) ; cross_entropy")
    assert prove_formulas(derivation(net), 3) == prove_formulas(derivation(net), 3)


def changed(log: Log, out: str, change: str) -> Log:
    """The log with one backward equation changed."""

    def other(equation: Contraction) -> Contraction:
        first, *rest = equation.terms
        if change == "sign":
            first = replace(first, scale=-first.scale)
        else:
            first = Term(first.operands[:1], first.letters[:1], first.scale)
        return replace(equation, terms=(first, *rest))

    equations = tuple(
        other(eq) if eq.out == out and isinstance(eq, Contraction) else eq
        for eq in log.program.equations
    )
    return replace(log, program=replace(log.program, equations=equations))


@pytest.mark.parametrize("out", ["dL/dW1", "dL/db1", "dL/dW2", "dL/dh1", "dL/dz1"])
def test_one_wrong_equation_is_seen_and_named(out: str) -> None:
    net = network(SQUARE)
    for form, log in ((SAMPLE, derivation(net).sample), (BATCH, derivation(net).batch)):
        rows = prove_log(changed(log, out, "sign"), net, form, 0, Effort(0, 0))
        failed = [row for row in rows if not row.passed]
        assert failed[0].subject == out
        assert "the step is false" in failed[0].detail
        with pytest.raises(ProofError):
            check_log(changed(log, out, "sign"))


def test_sympy_alone_sees_a_wrong_equation() -> None:
    log = changed(derivation(network(SQUARE)).sample, "dL/dz1", "operand")
    program = generalised(log)
    assert not exact(log, program, numbers(program), "W1")
    assert exact(log, program, numbers(program), "W2")


def test_what_rests_on_a_wrong_step_is_not_proved_by_composition() -> None:
    net = deep(100)
    rows = prove_log(changed(derivation(net).sample, "dL/dh50", "sign"), net, SAMPLE, 0, Effort())
    found = by_subject(rows, SAMPLE)
    assert "the step is false" in found["dL/dh50"].detail
    assert "it rests on dL/dh50" in found["dL/dW3"].detail
    assert found["dL/dW51"].passed
    assert not found["all gradients"].passed


def test_quick_check_reaches_a_thousand_layers() -> None:
    quick_check(derivation(scalar(1000)))
    quick_check(derivation(deep(60, "relu")), batch=True)


def test_fifty_digits_decide_what_the_field_cannot() -> None:
    """``exp(log(u)) = u`` is true, but functions are free in the field."""
    u = parameter(0)
    variables = {
        "w": Variable("w", (), Role.PARAMETER, "w"),
        "z": Variable("z", (), Role.HIDDEN, "z"),
        "L": Variable("L", (), Role.LOSS, "L"),
    }
    equations = (
        Map("z", Function("f", 1, sp.log(1 + sp.exp(2 * u))), ("w",)),
        Map("L", Function("g", 1, u**2), ("z",)),
    )
    log = reverse(Program(variables, equations, ("L",)))
    relation = Function("", 1, 2 * u * (2 - 2 * sp.exp(-u)))  # dL/dw by z = log(1 + exp(2 w))
    other = tuple(
        Map("dL/dw", relation, ("z",)) if eq.out == "dL/dw" else eq for eq in log.program.equations
    )
    true = replace(log, program=replace(log.program, equations=other))
    judge = Judge(true, generalised(true), {}, 0)
    verdict = judge.decide(lambda d: d.whole(["w"]))
    assert verdict.holds
    assert verdict.domain == REAL.name


@pytest.mark.parametrize(
    "formula",
    [
        "z / (1 + exp(-1.702 z))",
        "sinh(z) / cosh(z)",
        "sqrt(1 + z^2)",
        "if z > 0 then z else exp(z) - 1",
        "min(max(z, -1), 1)",
        "z tanh(log(1 + exp(z)))",
    ],
)
def test_an_activation_of_ones_own(formula: str) -> None:
    layers = (Layer(3, formula), Layer(2))
    rows = prove_formulas(derivation(check(Network("own", "x", 2, layers, "mse"))))
    assert all(row.passed for row in rows)
    assert by_subject(rows, SAMPLE)["dL/dW1"].method == "SymPy exact at 2-3-4"


def test_generic_depth_is_proved_at_several_depths() -> None:
    derived = derivation(network("relu-sigmoid-bce"))
    rows = {(row.subject, row.form): row for row in prove_formulas(derived)}
    for depth in (2, 3, 4, 5, 6):
        for form in (SAMPLE, BATCH):
            assert rows[f"recursion at depth {depth}", form].passed
            assert rows[f"gradients at depth {depth}", form].passed
    assert rows["gradients at depth 2", SAMPLE].method.startswith("SymPy exact at 2-3-4")


def test_a_wrong_recursion_is_seen() -> None:
    derived = derivation(network("relu-sigmoid-bce"))
    recursion = derived.recursion
    assert recursion is not None
    step = recursion.step[0]
    wrong = replace(step, equation=replace(step.equation, out="dL/dz2"))
    broken = Derivation(derived.network, derived.concrete)
    broken.__dict__["recursion"] = replace(recursion, step=(wrong, *recursion.step[1:]))
    failed = [row for row in prove_formulas(broken) if not row.passed]
    assert {row.form for row in failed} == {SAMPLE}
    assert failed[0].subject == "recursion at depth 2"
