"""Every rule of every table against SymPy's derivative of what it is about."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest
import sympy as sp

from derive.calculus.local import Local, local_derivative
from derive.calculus.proof import rules
from derive.calculus.proof.rules import contraction_rule_holds, local_form_holds, map_rule_holds
from derive.program.functions import FUNCTIONS, Function, parameter
from derive.program.program import Contraction, Term
from derive.program.shapes import Scale

SIZES = {"i": 2, "j": 3, "k": 4, "l": 5}

SINGLE = (
    ("i", "i"),  # copy
    ("", "i"),  # sum
    ("i", "ij"),  # sum over one axis
    ("j", "ij"),
    ("ij", "i"),  # broadcast
    ("ji", "i"),
    ("ij", ""),  # fill with one number
    ("ij", "ji"),  # transpose
    ("kij", "jki"),
    ("jk", "ij"),  # sum over i, broadcast over k
)
"""Letters of the value and of one operand."""

DOUBLE = (
    ("", "", ""),  # product of numbers
    ("i", "", "i"),  # scaling
    ("i", "i", "i"),  # Hadamard product
    ("ij", "ij", "ij"),
    ("ij", "ij", "ji"),
    ("", "i", "i"),  # inner product
    ("", "ij", "ij"),
    ("ij", "i", "j"),  # outer product
    ("i", "ij", "j"),  # matrix times vector
    ("j", "ij", "i"),
    ("ik", "ij", "jk"),  # matrix product and its transposes
    ("ki", "ij", "jk"),
    ("ik", "ji", "jk"),
    ("ik", "ij", "kj"),
    ("ik", "ji", "kj"),
    ("ij", "ij", "i"),  # a broadcast factor
    ("ij", "ij", "j"),
    ("i", "ij", ""),  # scaled sum
    ("k", "ij", "jk"),
    ("ijk", "ij", "k"),
    ("ik", "ijk", "j"),
    ("ij", "i", "i"),  # Hadamard product, broadcast
    ("i", "ij", "k"),  # a factor that is summed by itself
)

TRIPLE = (
    ("", "i", "ij", "j"),  # x^T A y
    ("ij", "i", "ij", "j"),
    ("il", "ij", "jk", "kl"),
    ("i", "i", "i", "i"),
)


def contraction(letters: str, *operands: tuple[str, ...]) -> Contraction:
    """One term for each group of (name:letters)."""
    terms = tuple(
        Term(
            tuple(text.split(":")[0] for text in group),
            tuple(text.split(":")[1] for text in group),
            Scale(Fraction(k + 1, 2)),
        )
        for k, group in enumerate(operands)
    )
    return Contraction("out", letters, terms)


@pytest.mark.parametrize("pattern", [*SINGLE, *DOUBLE, *TRIPLE], ids="-".join)
def test_contraction_of_every_pattern(pattern: tuple[str, ...]) -> None:
    letters, *used = pattern
    names = [f"{name}:{letters}" for name, letters in zip("abc", used, strict=False)]
    for order in permutations(names):
        assert contraction_rule_holds(contraction(letters, order), SIZES)


SEVERAL = (
    ("i", ("a:ij", "b:j"), ("c:i",)),  # W x + b
    ("ij", ("a:ik", "b:kj"), ("c:i",)),  # W X + b 1^T
    ("ij", ("a:ik", "b:jk"), ("c:j",)),
    ("i", ("a:i",), ("a:i",)),  # repeated in two terms
    ("i", ("a:i", "a:i")),  # a square
    ("", ("a:i", "a:i")),
    ("ij", ("a:i", "a:j")),  # equal axes cannot differ: a is square
    ("i", ("a:i", "b:j", "b:j"), ("a:i",)),
    ("ij", (), ("a:ij",)),  # a constant
    ("ij", ("a:ij",), ("b:ji",), ("c:",)),
)


@pytest.mark.parametrize("pattern", SEVERAL, ids=str)
def test_contraction_with_several_terms_and_repeated_operands(pattern: tuple[object, ...]) -> None:
    letters, *groups = pattern
    equation = contraction(str(letters), *groups)  # type: ignore[arg-type]
    sizes = SIZES | {"j": 2} if groups == [("a:i", "a:j")] else SIZES
    assert contraction_rule_holds(equation, sizes)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_map_of_every_function(name: str) -> None:
    assert map_rule_holds(FUNCTIONS[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_local_derivative_as_it_is_written(name: str) -> None:
    function = FUNCTIONS[name]
    assert all(local_form_holds(function, k) for k in range(function.arity))


@pytest.mark.parametrize("name", ["elu", "selu", "softsign"])
def test_cases_are_written_in_terms_of_the_output(name: str) -> None:
    local = local_derivative(FUNCTIONS[name], 0)
    assert local.own_output
    assert local.uses == (0, 1)
    assert not local.function.expression.has(sp.exp)


def test_a_wrong_case_is_no_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    u, value = parameter(0), parameter(1)
    wrong = sp.Piecewise((1, u > 0), (value + 2, True))
    own = Local(Function("", 2, wrong), (0, 1), FUNCTIONS["elu"], True)
    monkeypatch.setattr(rules, "local_derivative", lambda function, position: own)
    assert not local_form_holds(FUNCTIONS["elu"], 0)


@pytest.mark.parametrize(("name", "kept"), [("gelu", True), ("mish", True), ("silu", False)])
def test_a_long_slope_is_written_by_its_name(name: str, kept: bool) -> None:
    assert (local_derivative(FUNCTIONS[name], 0).function.name == f"{name}'") is kept
