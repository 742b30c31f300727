"""What a document says of an update: every formula read back, every number computed once more."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derive.calculus import derivation
from derive.codegen import generate_code, load_module
from derive.document import compose, render
from derive.document.blocks import Display, Document, Formula, Section, Table
from derive.document.check import check_document, problems
from derive.document.mathematics import displayed
from derive.document.optimiser import letters, relation, schedule_formulas
from derive.errors import NetworkError
from derive.meaning.read import Reader
from derive.meaning.style import Style
from derive.meaning.write import Writer
from derive.networks import Network, network
from derive.networks.optimiser import Optimiser, checked_optimiser
from derive.notation.substitute import substitute
from derive.notation.text import text
from derive.notation.tree import Apply, Node, Number, Relation, Symbol, children, negate
from derive.program.evaluate import NUMERIC
from derive.program.optimisers import CLIPPING, OPTIMISERS, SCHEDULES, Assignment
from derive.program.program import Program
from derive.program.stepping import assigned
from tests.katex import katex_available, katex_errors

KNOWN = letters("alpha")
KINDS = list(OPTIMISERS)

EQUATIONS: list[Assignment] = [
    equation
    for entry in (*OPTIMISERS.values(), *CLIPPING.values(), *SCHEDULES.values())
    for equation in entry.equations
]

CALLS: dict[str, Callable[..., float]] = {"max": max, "min": min, "floor": math.floor}


def chosen(source: str, **table: Any) -> Network:
    return replace(network(source), optimiser=checked_optimiser(table))


def document(source: str, **table: Any) -> Document:
    return compose(derivation(chosen(source, **table)))


def section(found: Document, title: str) -> Section:
    (one,) = [s for s in found.sections if title in "".join(map(str, s.title))]
    return one


def value(node: Node, extra: dict[Node, float]) -> float:
    """The value of a printed tree; functions of several arguments are computed here."""
    if node in extra:
        return extra[node]
    if isinstance(node, Apply) and node.function in CALLS:
        return CALLS[node.function](*(value(child, extra) for child in node.arguments))
    named: dict[Node, Node] = {}
    for child in children(node):
        if isinstance(child, Apply) and child.function in {*CALLS, "norm"}:
            named[child] = Symbol("q", sub=(Symbol("q"),) * (len(named) + 1))
    bound = {**extra, **{symbol: value(call, extra) for call, symbol in named.items()}}
    reader = Reader(Writer(Program({}, (), ()), Style()), {}, {}, {**bound, Symbol("pi"): math.pi})
    return float(reader.value(substitute(node, named), {}))


@pytest.mark.parametrize("equation", EQUATIONS, ids=lambda e: f"{e.name}={e.expression}")
@pytest.mark.parametrize("seed", range(3))
def test_every_printed_equation_has_the_value_of_the_table(equation: Assignment, seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = {name: float(rng.uniform(0.1, 3)) for name in equation.arguments}
    expected = assigned((equation,), values, NUMERIC)[equation.name]
    extra = {KNOWN[name]: number for name, number in values.items()}
    shown = relation(equation, KNOWN)
    assert value(shown.sides[1], extra) == pytest.approx(float(expected), rel=1e-12)
    assert shown.sides[0] == KNOWN[equation.name]


def test_a_wrong_equation_has_another_value() -> None:
    """The guard itself."""
    (equation,) = OPTIMISERS["gradient_descent"].equations
    shown = relation(equation, KNOWN).sides[1]
    extra = {KNOWN["theta"]: 1.0, KNOWN["g"]: 2.0, KNOWN["alpha"]: 0.5}
    assert value(shown, extra) == 0
    assert value(shown, {**extra, KNOWN["alpha"]: -0.5}) == 2


ADAM = [
    "v ← β₁ v + (1 - β₁) g",
    "s ← β₂ s + (1 - β₂) g²",
    "v̂ = v/(1 - β₁ᵗ)",
    "ŝ = s/(1 - β₂ᵗ)",
    "θ ← θ - (α v̂) / [ε + sqrt(ŝ)]",
]


def told(part: Section) -> list[str]:
    blocks = [block for block in part.blocks if isinstance(block, Display)]
    return [text(formula.relation) for block in blocks for formula in block.formulas]


def test_the_section_tells_the_equations() -> None:
    found = document("two-layer-tanh", kind="adam", rate=0.01)
    assert told(section(found, "The update")) == ADAM
    shown = render(found, "text")
    assert "Let θ be any parameter: W₃, b₃, W₂, b₂, W₁, b₁; let g = ∂L/∂θ be" in shown
    assert "With α = 0.01, β₁ = 0.9, β₂ = 0.999, ε = 1e-8." in shown


def test_clipping_and_the_schedule_are_told() -> None:
    found = document(
        "two-layer-tanh", kind="momentum", clip=2, schedule="cosine", steps=50, lowest=0.001
    )
    assert told(section(found, "The update")) == [
        "ρ = c/max(c, norm(g))",
        "g ← ρ g",
        "ν = t - 1",
        "τ = min(1, ν/T)",
        "κ = (1/2)(1 + cos(π τ))",
        "αₜ = α_min + κ (α - α_min)",
        "v ← g + β v",
        "θ ← θ - αₜ v",
    ]
    shown = " ".join(render(found, "text").split())
    assert "The limit is c = 2." in shown
    assert "With α = 0.01, T = 50, α_min = 0.001." in shown


def test_any_depth_names_its_parameters_by_layer() -> None:
    shown = render(document("x[n0] -> dense(n, tanh)*(L-1) -> dense(1) ; mse", kind="adam"), "text")
    assert re.search(r"Let θ be any parameter: W_L, b_L, Wₗ, bₗ for 1 ≤ l < L; let", shown)


def test_a_taken_letter_gets_a_tilde() -> None:
    net = chosen("v[2] -> dense(1) ; mse", kind="momentum")
    assert "ṽ ← g + β ṽ" in render(compose(derivation(net)), "text")


def test_plain_gradient_descent_is_told_as_ever() -> None:
    plain = compose(derivation(network("softmax-classifier")))
    same = compose(derivation(chosen("softmax-classifier", kind="sgd")))
    assert section(plain, "Gradient descent") == section(same, "Gradient descent")
    assert section(plain, "One update")
    assert section(same, "The first two steps")


# --- the worked example ---------------------------------------------------------------------


def steps(net: Network, count: int) -> list[dict[str, Any]]:
    """Parameters after 0, 1, 2, ... steps, by the emitted module."""
    module = load_module(generate_code(net))
    values = {name: np.asarray(value, float) for name, value in net.values.items()}
    params = module.Parameters(*(values[name] for name in module.Parameters._fields))
    x, y = (np.atleast_1d(values[name]) for name in ("x", "y"))
    state, found = module.start(params), [params._asdict()]
    for _ in range(count):
        gradients = module.loss_and_gradients(params, x, y)[1]
        params, state = module.update(params, gradients, state)
        found.append(params._asdict())
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_two_steps_are_those_of_the_module(kind: str) -> None:
    net = chosen("two-layer-tanh", kind=kind, clip=1, schedule="step", every=1, gamma=0.5)
    found = compose(derivation(net))
    check_document(found)
    tables = [b for b in section(found, "first two steps").blocks if isinstance(b, Table)]
    expected = steps(net, 2)
    assert len(tables) == 2
    for table, before, after in zip(tables, expected, expected[1:], strict=False):
        names = [text(row[0][0]).translate(str.maketrans("₁₂₃", "123")) for row in table.rows]  # type: ignore[arg-type]
        assert sorted(names) == sorted(after)
        for name, row in zip(names, table.rows, strict=True):
            shown = [float(text(cell[0])) for cell in row[1:]]  # type: ignore[arg-type]
            assert shown[0] == pytest.approx(float(before[name]), rel=5.1e-4)
            assert shown[-1] == pytest.approx(float(after[name]), rel=5.1e-4)


def test_the_losses_of_the_two_steps() -> None:
    net = chosen("two-layer-tanh", kind="sgd", rate=0.02, clip=100)
    module = load_module(generate_code(net))
    x, y = np.array([2.0]), np.array([4.0])
    losses = [
        float(module.loss(module.forward(module.Parameters(**params), x)[1], y))
        for params in steps(net, 2)
    ]
    shown = " ".join(render(compose(derivation(net)), "text").split())
    start, first, second = (f"{loss:.4g}" for loss in losses)
    expected = f"The loss is {start} at first, {first} after the first step and {second}"
    assert expected in shown


def test_a_wrong_number_is_seen() -> None:
    part = section(document("two-layer-tanh", kind="adam"), "first two steps")
    formulas = next(block for block in part.blocks if isinstance(block, Display)).formulas

    def found(formula: Formula) -> list[Any]:
        return list(problems(Document("", "", (Section(("",), (Display((formula,)),)),))))

    for formula in formulas:
        *sides, last = formula.relation.sides
        assert not found(formula)
        negated = Relation((*sides, negate(last)), formula.relation.signs)
        assert found(replace(formula, relation=negated))
        put_in = Relation((*sides[:-1], Number("1.5"), last), formula.relation.signs)
        assert found(replace(formula, relation=put_in))


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_told_too(kind: str) -> None:
    net = chosen("softmax-classifier", kind=kind)
    found = compose(derivation(net))
    check_document(found)
    assert len(told(section(found, "first two steps"))) == 2 * 4


def test_what_is_missing_is_asked_for() -> None:
    with pytest.raises(NetworkError, match="steps is missing"):
        document("two-layer-tanh", schedule="cosine")


@pytest.mark.katex
@pytest.mark.skipif(not katex_available(), reason="node and katex are not installed")
def test_katex_sets_every_equation() -> None:
    relations = [relation(equation, KNOWN) for equation in EQUATIONS]
    relations += [
        formula.relation
        for word in SCHEDULES
        for formula in schedule_formulas(Optimiser(schedule=word), KNOWN)
    ]
    assert katex_errors((displayed([one]), True) for one in relations) == []
