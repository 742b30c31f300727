"""The closed table of matrix forms: every line is proved by evaluating what it writes."""

from __future__ import annotations

import pytest

from derive.calculus import derivation
from derive.meaning.check import Checker, Written
from derive.meaning.matrix import COLUMN, FORMS, ROW, Form, canonical
from derive.meaning.style import LAYOUTS, Style
from derive.meaning.write import Writer
from derive.networks.model import Layer, Network
from derive.notation.tree import Node, Transpose, equals
from derive.program.program import Contraction, Program, Role, Term, Variable

SIZES = {"a": 2, "b": 3, "c": 5}

LINES = [(samples, key) for samples, table in FORMS.items() for key in table]
TURNED = [(samples, key) for samples, key in LINES if key != "ab->" and key[0] not in ",-"]
"""Lines in which transposing the first operand changes the value: it is no number, and they are
not the sum of all entries."""


def written(samples: str, key: str, form: Form) -> Written:
    """``out = <the table's form of the operands>`` for a program of that one contraction."""
    left, out = key.split("->")
    letters = tuple(left.split(","))
    variables = {
        name: Variable(name, tuple(SIZES[k] for k in used), Role.PARAMETER, name)
        for name, used in zip("PQ", letters, strict=False)
    }
    variables["R"] = Variable("R", tuple(SIZES[k] for k in out), Role.HIDDEN, "R")
    term = Term(tuple("PQ"[: len(letters)]), letters)
    program = Program(variables, (Contraction("R", out, (term,)),), ("R",))
    writer = Writer(program, Style(samples=samples), "matrix")  # type: ignore[arg-type]
    operands = [writer.variable(name) for name in term.operands]
    return Written(equals(writer.variable("R"), form(*operands)), writer)


@pytest.mark.parametrize(("samples", "key"), LINES)
def test_every_line_is_the_contraction(samples: str, key: str) -> None:
    assert Checker().problem(written(samples, key, FORMS[samples][key])) is None


@pytest.mark.parametrize(("samples", "key"), TURNED)
def test_a_wrong_transpose_is_seen(samples: str, key: str) -> None:
    """The proof can fail: transposing the first operand must not pass."""

    def broken(*operands: Node) -> Node:
        first = operands[0]
        turned = first.body if isinstance(first, Transpose) else Transpose(first)
        return FORMS[samples][key](turned, *operands[1:])

    assert Checker().problem(written(samples, key, broken)) is not None


def test_keys_are_canonical() -> None:
    for key in {**COLUMN, **ROW}:
        left, out = key.split("->")
        assert canonical(tuple(left.split(",")), out) == key


@pytest.mark.parametrize("layout", LAYOUTS)
def test_dense_networks_need_no_index_form(layout: str) -> None:
    """Forward and backward, for one sample and a batch: every linear equation has a line."""
    layers = (Layer("n1", "tanh"), Layer("n2", "sigmoid"))
    style = Style().with_layout(layout)
    derived = derivation(Network("net", "x", "n0", layers, "mse", style=style))
    for log in (derived.sample, derived.batch):
        for equation in log.program.equations:
            if isinstance(equation, Contraction):
                for term in equation.terms:
                    key = canonical(term.letters or ("",), equation.letters)
                    assert key in FORMS[style.samples], (equation.out, key)
