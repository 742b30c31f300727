"""Everything that the writer writes is read back and evaluated, in all layouts and forms."""

from __future__ import annotations

from itertools import product

import pytest

from derive.calculus import derivation
from derive.calculus.log import Log
from derive.calculus.reverse import reverse
from derive.meaning.check import Written, check_formulas
from derive.meaning.style import LAYOUTS, Style
from derive.meaning.write import Form, Writer
from derive.networks.model import Layer, Network
from derive.notation.text import text
from derive.notation.tree import Relation, equals, negate
from derive.program.functions import Function, parameter
from derive.program.program import Contraction, Map, Program, Role, Term, Variable

HEADS = [
    ("relu", "sigmoid", "binary_cross_entropy"),
    ("tanh", "softmax", "softmax_cross_entropy"),
    ("sigmoid", "softmax", "mean_mse"),
    ("softmax", "identity", "half_squared_error"),
    ("tanh", "log_softmax", "negative_log_likelihood"),
    ("log_softmax", "log_softmax", "mean_mse"),
]


def vector_network(hidden: str, last: str, loss: str, layout: str) -> Network:
    style = Style(layer="superscript", activation="a").with_layout(layout)
    layers = (Layer("n1", hidden), Layer("n2", last))
    return Network("net", "x", "n0", layers, loss, style=style)


SCALAR = Network(
    "net",
    "x",
    1,
    (Layer(1, "tanh"), Layer(1, "tanh"), Layer(1)),
    "squared_error",
    scalar=True,
    style=Style(batch="n"),
)


def relations(log: Log, writer: Writer) -> list[Relation]:
    """Every equation, every expanded cotangent, every chain rule and local derivative."""
    variables, cotangents = log.program.variables, set(log.cotangents.values())
    hidden = (Role.PART, Role.LOCAL)
    blocks = {block.argument for block in log.forward.blocks}
    found = [
        writer.equation(equation.out)
        for equation in log.program.equations
        if variables[equation.out].role not in hidden
    ]
    for step in log.steps:
        if step.cotangent not in variables or variables[step.cotangent].role is Role.PART:
            continue
        found.append(writer.equation(step.cotangent, cotangents.__contains__))
        for use in step.contributions if step.of not in blocks else ():
            if log.forward.variables[use.through].role is not Role.PART:
                chain = writer.chain("L", use.through, use.position, use.letters)
                found += [equals(chain.sought, chain.product), equals(chain.local, chain.value)]
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("head", HEADS)
def test_vector_networks(head: tuple[str, str, str], layout: str) -> None:
    derived = derivation(vector_network(*head, layout))
    forms: tuple[Form, Form] = ("matrix", "index")
    for log, form in product((derived.sample, derived.batch), forms):
        writer = Writer(log.program, derived.network.style, form)
        found = relations(log, writer)
        assert check_formulas(Written(relation, writer) for relation in found) > 20


def test_the_scalar_network() -> None:
    derived = derivation(SCALAR)
    for log in (derived.sample, derived.batch):
        writer = Writer(log.program, SCALAR.style)
        assert check_formulas(Written(r, writer) for r in relations(log, writer)) > 40


def test_a_sign_is_seen() -> None:
    """The reader can say no: negating any right side fails."""
    derived = derivation(vector_network(*HEADS[0], "column/out_in"))
    writer = Writer(derived.batch.program, derived.network.style, "matrix")
    for relation in relations(derived.batch, writer):
        broken = equals(relation.sides[0], negate(relation.sides[1]))
        with pytest.raises(Exception, match="side"):
            check_formulas([Written(broken, writer)])


def test_what_people_write() -> None:
    derived = derivation(SCALAR)
    writer = Writer(derived.sample.program, SCALAR.style)
    every = set(derived.sample.cotangents.values()).__contains__
    assert text(writer.equation("dL/dW1", every)) == (
        "∂L/∂W₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²) × x"
    )
    batch = Writer(derived.batch.program, SCALAR.style)
    every = set(derived.batch.cotangents.values()).__contains__
    assert text(batch.equation("dL/dW3", every)) == "∂L/∂W₃ = (2/n) Σᵢ (ŷᵢ - yᵢ) × h₂ᵢ"


def test_matrix_form_of_the_hidden_gradient() -> None:
    derived = derivation(vector_network(*HEADS[0], "column/out_in"))
    writer = Writer(derived.sample.program, derived.network.style, "matrix")
    every = set(derived.sample.cotangents.values()).__contains__
    assert text(writer.equation("dL/dW1", every)) == (
        "∂L/∂W⁽¹⁾ = ((W⁽²⁾)ᵀ (ŷ - y) ⊙ ReLU'(z⁽¹⁾)) xᵀ"
    )


def test_each_place_of_a_variable_has_its_own_local_derivative() -> None:
    ratio = Function("", 2, parameter(0) / (1 + parameter(1) ** 2))
    names = {"x": Role.PARAMETER, "v": Role.HIDDEN, "L": Role.LOSS}
    variables = {name: Variable(name, (), role) for name, role in names.items()}
    total = Contraction("L", "", (Term(("v",), ("",)),))
    log = reverse(Program(variables, (Map("v", ratio, ("x", "x")), total), ("L",)))
    writer = Writer(log.program, Style(), "index")
    values = [text(writer.jacobian("v", place, "", "")) for place in (0, 1)]
    assert values == ["1/(1 + x²)", "-2((x x) / (1 + x²)²)"]
