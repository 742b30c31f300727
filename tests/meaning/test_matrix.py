"""The closed table of matrix forms: every line is proved by evaluating what it writes."""

from __future__ import annotations

import numpy as np
import pytest

from derive.meaning.check import Checker, Written
from derive.meaning.matrix import COLUMN, FORMS, ROW, Form, canonical
from derive.meaning.style import Style
from derive.meaning.write import Writer
from derive.notation.tree import Node, Symbol, Transpose, equals
from derive.program.program import Contraction, Program, Role, Term, Variable

SIZES = {"a": 2, "b": 3, "c": 5}

LINES = [(samples, key) for samples, table in FORMS.items() for key in table]


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


@pytest.mark.parametrize(("samples", "key"), LINES)
def test_a_wrong_transpose_is_seen(samples: str, key: str) -> None:
    """The proof can fail: transposing the first operand must not pass.

    Except where it changes nothing: a number, and the sum of all entries.
    """

    def broken(*operands: Node) -> Node:
        first = operands[0]
        turned = first.body if isinstance(first, Transpose) else Transpose(first)
        return FORMS[samples][key](turned, *operands[1:])

    if key != "ab->" and key.split(",")[0].split("->")[0]:
        assert Checker().problem(written(samples, key, broken)) is not None


def test_keys_are_canonical() -> None:
    for key in {**COLUMN, **ROW}:
        left, out = key.split("->")
        assert canonical(tuple(left.split(",")), out) == key


def test_operands_of_rank_one_and_two_are_complete() -> None:
    """Every product of two operands without a diagonal or a doubly broadcast letter has a line."""
    wanted = {"ab,b->a", "ab,a->b", "a,ab->b", "a,ba->b", "a,b->ab", "a,b->ba", "a,a->", "a,a->a"}
    assert wanted <= set(COLUMN) & set(ROW)


def test_the_ones_vector_is_not_a_number() -> None:
    writer = written("column", "ab->a", COLUMN["ab->a"]).writer
    wrong = equals(writer.variable("R"), writer.variable("P"))
    assert Checker().problem(Written(wrong, writer)) is not None
    assert Symbol("1", style="bold") != Symbol("1")
    assert np.prod(list(SIZES.values())) == 30
