"""Programs are verified when built; evaluation follows the letters."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from derive.errors import DerivationError, ProgramError
from derive.program.evaluate import NUMERIC, SYMBOLIC, evaluate
from derive.program.functions import FUNCTIONS, Function, derivative, parameter
from derive.program.letters import letters_of, rename
from derive.program.program import Contraction, Equation, Map, Program, Role, Term, Variable, live
from derive.program.shapes import ONE, Scale, concrete


def program(*equations: Equation, **shapes: tuple[int | str, ...]) -> Program:
    variables = {name: Variable(name, shape, Role.HIDDEN) for name, shape in shapes.items()}
    return Program(variables, equations, (equations[-1].out,))


MATRIX_PRODUCT = Contraction("z", "i", (Term(("W", "x"), ("ij", "j")), Term(("b",), ("i",))))

BAD = [
    ((MATRIX_PRODUCT,), {"W": (3, 2), "x": (2,), "z": (3,)}, "used before it is bound"),
    (
        (MATRIX_PRODUCT,),
        {"W": (3, 2), "x": (3,), "b": (3,), "z": (3,)},
        "axis 'j' of x has size 3, not 2",
    ),
    ((MATRIX_PRODUCT,), {"W": (3, 2), "x": (2, 1), "b": (3,), "z": (3,)}, "x has shape"),
    ((MATRIX_PRODUCT, MATRIX_PRODUCT), {"W": (3, 2), "x": (2,), "b": (3,), "z": (3,)}, "twice"),
    ((Map("h", FUNCTIONS["tanh"], ("z",)),), {"z": (3,), "h": (2,)}, "z has shape"),
    ((Map("h", FUNCTIONS["tanh"], ("z", "z")),), {"z": (3,), "h": (3,)}, "takes 1"),
    ((Contraction("t", "", (Term(("A",), ("ii",)),)),), {"A": (2, 2), "t": ()}, "written 'ii'"),
    (
        (Contraction("h", "i", (Term(("W",), ("i",)),)),),
        {"W": ("n1",), "h": ("n2",)},
        "not n2",
    ),
]


@pytest.mark.parametrize(("equations", "shapes", "message"), BAD)
def test_ill_formed_programs(
    equations: tuple[Equation, ...], shapes: dict[str, tuple[int | str, ...]], message: str
) -> None:
    with pytest.raises(ProgramError, match=message):
        program(*equations, **shapes)


def test_an_undeclared_name() -> None:
    with pytest.raises(ProgramError, match="not declared"):
        Program({"z": Variable("z", (), Role.HIDDEN)}, (Map("h", FUNCTIONS["tanh"], ("z",)),), ())


def test_an_unbound_output() -> None:
    with pytest.raises(ProgramError, match="output q is not bound"):
        Program({"z": Variable("z", (), Role.HIDDEN)}, (), ("q",))


def test_letters_alone_make_the_operation() -> None:
    """Broadcast, sum, transpose, outer product, scaling and constant are one kind of equation."""
    rng = np.random.default_rng(0)
    A, b, c = rng.normal(size=(2, 3)), rng.normal(size=2), rng.normal(size=3)
    half = Scale(Fraction(1, 2))
    cases = [
        ("ij", (Term(("b",), ("i",)),), np.broadcast_to(b[:, None], (2, 3))),
        ("j", (Term(("A",), ("ij",)),), A.sum(axis=0)),
        ("ji", (Term(("A",), ("ij",)),), A.T),
        ("ij", (Term(("b", "c"), ("i", "j")),), np.outer(b, c)),
        ("ij", (Term(("A",), ("ij",), half),), A / 2),
        ("ij", (Term((), (), half),), np.full((2, 3), 0.5)),
        ("", (Term(("A", "A"), ("ij", "ij")),), np.sum(A * A)),
        ("i", (Term(("A", "c"), ("ij", "j")), Term(("b",), ("i",), -ONE)), A @ c - b),
    ]
    for letters, terms, expected in cases:
        shape = expected.shape
        built = program(Contraction("out", letters, terms), A=(2, 3), b=(2,), c=(3,), out=shape)
        result = evaluate(built, {"A": A, "b": b, "c": c}, {}, NUMERIC)["out"]
        np.testing.assert_allclose(result, expected)


def test_evaluation_is_exact_over_sympy() -> None:
    built = program(MATRIX_PRODUCT, W=("n1", "n0"), x=("n0",), b=("n1",), z=("n1",))
    sizes = {"n0": 2, "n1": 1}
    W = np.array([[sp.Symbol("p"), sp.Symbol("q")]], dtype=object)
    x, b = np.array([2, 3], dtype=object), np.array([sp.Rational(1, 3)], dtype=object)
    value = evaluate(built, {"W": W, "x": x, "b": b}, sizes, SYMBOLIC)["z"][0]
    assert value == 2 * sp.Symbol("p") + 3 * sp.Symbol("q") + sp.Rational(1, 3)


def test_scales() -> None:
    scale = Scale(Fraction(2)) * Scale.of_size("m", -1) * Scale.of_size(3, -1)
    assert str(scale) == "2/(3 m)"
    assert scale.value({"m": 4}) == Fraction(1, 6)
    assert scale * Scale.of_size("m") == Scale(Fraction(2, 3))
    assert concrete(("n1", 3), {"n1": 2}) == (2, 3)


def test_letters_and_renaming() -> None:
    built = program(
        MATRIX_PRODUCT,
        Map("h", FUNCTIONS["tanh"], ("z",)),
        W=(3, 2),
        x=(2,),
        b=(3,),
        z=(3,),
        h=(3,),
    )
    assert letters_of(built) == {"z": "i", "W": "ij", "x": "j", "b": "i", "h": "i"}
    moved = rename(MATRIX_PRODUCT, "j")
    assert moved.terms[0].letters == ("jk", "k")


def test_live_keeps_what_is_needed() -> None:
    first, second = Map("p", FUNCTIONS["exp"], ("x",)), Map("q", FUNCTIONS["exp"], ("x",))
    assert live((first, second), ["q"]) == (second,)


def test_relu_has_slope_zero_at_its_kink() -> None:
    slope = derivative(FUNCTIONS["relu"], 0)
    assert slope(sp.Integer(0)) == 0
    assert slope(sp.Integer(2)) == 1


@pytest.mark.parametrize("formula", [sp.Abs, sp.sign, sp.Heaviside])
def test_what_has_no_closed_derivative_is_refused(formula: type[sp.Function]) -> None:
    """SymPy answers with Derivative, Subs or a distribution; none of them is printed."""
    complex_symbol = sp.Symbol("u0")
    bad = Function("bad", 1, formula(parameter(0)) * sp.Function("f")(parameter(0)))
    assert complex_symbol != parameter(0)
    with pytest.raises(DerivationError, match="derivative of bad has no closed form"):
        derivative(bad, 0)
