"""The list of all words: every line of it holds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest
import sympy as sp
from click.testing import CliRunner

from derive.calculus.proof.rules import local_form_holds, map_rule_holds
from derive.commands.networks import networks
from derive.document import render
from derive.document.blocks import Display, Table
from derive.document.catalogue import ARGUMENTS, catalogue, loss_formulas
from derive.document.check import check_document
from derive.document.functions import kinks
from derive.meaning.read import Reader
from derive.meaning.style import Style
from derive.meaning.write import Writer
from derive.networks.blocks import BLOCKS
from derive.networks.catalogue import ACTIVATIONS, ALIASES, LOSSES
from derive.notation.text import text
from derive.program.evaluate import NUMERIC
from derive.program.functions import derivative
from derive.program.program import Block, Equation, Program, Role, Variable

WORDS = [word for word, own in ACTIVATIONS.items() if not own.block]
GRID = np.concatenate([np.linspace(-40, 40, 8001), np.linspace(-2, 2, 4001)])


def numbers(word: str, slope: bool = False) -> np.ndarray:
    function = ACTIVATIONS[word].definition
    return NUMERIC.apply(derivative(function, 0) if slope else function, (GRID,), {})


def test_every_formula_holds() -> None:
    check_document(catalogue())


def test_every_word_is_listed_in_every_format() -> None:
    shown = CliRunner().invoke(networks, ["--all"]).output
    assert shown == render(catalogue(), "text")
    for word in (*ACTIVATIONS, *LOSSES):
        assert re.search(rf"^\d+\.\d+  {word}$", shown, re.MULTILINE)
    assert all(alias in shown for alias in ALIASES)
    assert "\\mathrm{GELU}" in render(catalogue(), "markdown")
    assert r"\begin{document}" in render(catalogue(), "latex")


@pytest.mark.parametrize("word", WORDS)
def test_rules(word: str) -> None:
    assert map_rule_holds(ACTIVATIONS[word].definition)
    assert local_form_holds(ACTIVATIONS[word].definition, 0)


def bounds(values: str) -> tuple[float, float, float]:
    """Both ends of a range, and by how much a rounded end may be off."""
    low, high = (part.strip("[]() ") for part in values.split(","))
    places = [len(part.partition(".")[2]) for part in (low, high) if "." in part]
    ends = [float(part.replace("oo", "inf")) for part in (low, high)]
    return ends[0], ends[1], 10.0 ** -min(places) / 2 if places else 0.0


@pytest.mark.parametrize("word", WORDS)
def test_the_range_and_the_slope(word: str) -> None:
    own = ACTIVATIONS[word]
    low, high, rounded = bounds(own.values)
    found = numbers(word)
    assert found.min() >= low - rounded
    assert found.max() <= high + rounded
    assert found.min() <= (low + 0.03 if np.isfinite(low) else -0.3)
    assert found.max() >= (high - 0.03 if np.isfinite(high) else 30) or high == 0 <= found.max() + 1
    assert own.monotone == bool((numbers(word, slope=True) >= 0).all())


def test_kinks_are_those_where_the_slope_jumps() -> None:
    found = {word: list(kinks(ACTIVATIONS[word].definition)) for word in WORDS}
    expected = {
        "relu": [(0, 0)],
        "leaky_relu": [(0, sp.Rational(1, 100))],
        "selu": [(0, sp.Rational("1.7580993408473769"))],
        "hard_sigmoid": [(-3, sp.Rational(1, 6)), (3, sp.Rational(1, 6))],
        "hard_tanh": [(-1, 1), (1, 1)],
    }
    assert {word: jumps for word, jumps in found.items() if jumps} == expected


@pytest.mark.parametrize("word", LOSSES)
def test_the_formulas_of_a_loss(word: str) -> None:
    function = LOSSES[word].definition
    definition, *slopes = loss_formulas(function)
    assert len(slopes) == function.arity - 1
    names = "pst" if function.arity == 3 else "pt"
    variables = {name: Variable(name, (), Role.INPUT, name) for name in names}
    writer = Writer(Program(variables, (), ()), Style())
    for p, t in ((0.3, 0.6), (0.9, 0.2), (1e-9, 0.5), (1 - 1e-9, 0.5), (0.4, 1.9), (2.5, 0.5)):
        values = {"p": np.asarray(p), "s": np.asarray(p - t), "t": np.asarray(t)}
        arrays = tuple(values[name] for name in names)
        if p > 1 and "entropy" in word and word != "logit_cross_entropy":
            continue
        reader = Reader(writer, dict(zip(names, arrays, strict=True)), {})
        exact = [function, *(derivative(function, k) for k in range(function.arity - 1))]
        for side, own in zip((definition, *slopes), exact, strict=True):
            value = reader.value(side.sides[1], {})
            assert value == pytest.approx(NUMERIC.apply(own, arrays, {}), rel=1e-6)


@dataclass
class Drafted:
    """A program in the making."""

    blocks: list[Block] = field(default_factory=list)
    equations: list[Equation] = field(default_factory=list)
    variables: dict[str, Variable] = field(default_factory=dict)

    def emit(self, equation: Equation, variable: Variable) -> str:
        self.variables[variable.name] = variable
        self.equations.append(equation)
        return variable.name


@pytest.mark.parametrize(("word", "glyph"), [("softmax", "p"), ("log_softmax", "o")])
def test_the_formulas_of_a_named_program(word: str, glyph: str) -> None:
    draft = Drafted(variables={"z": Variable("z", (3,), Role.INPUT, "z")})
    BLOCKS[word](draft, "z", Variable(glyph, (3,), Role.HIDDEN, glyph))
    program = Program(draft.variables, tuple(draft.equations), (glyph,))
    reader = Reader(Writer(program, Style()), {"z": np.array([0.3, -1.2, 0.8])}, {})
    (section,) = (s for s in catalogue().sections if s.title == (word,))
    (display,) = (block for block in section.blocks if isinstance(block, Display))
    assert [reader.problem(formula.relation) for formula in display.formulas] == [None, None]


def tables() -> Iterator[tuple[str, Table]]:
    for section in catalogue().sections:
        yield from ((str(section.title[0]), b) for b in section.blocks if isinstance(b, Table))


def test_the_listed_values() -> None:
    found = dict(tables())
    assert list(found) == WORDS
    for word, table in found.items():
        function = ACTIVATIONS[word].definition
        for column, own in ((1, function), (2, derivative(function, 0))):
            shown = [float(text(row[column][0])) for row in table.rows]  # type: ignore[arg-type]
            exact = NUMERIC.apply(own, (np.array([float(at) for at in ARGUMENTS]),), {})
            np.testing.assert_allclose(shown, exact, atol=5.1e-5)


def test_every_word_has_its_formula_and_its_slope() -> None:
    for section in catalogue().sections:
        if section.level == 2 and section.title[0] in {**ACTIVATIONS, **LOSSES}:
            (display,) = (block for block in section.blocks if isinstance(block, Display))
            word = str(section.title[0])
            arity = LOSSES[word].definition.arity if word in LOSSES else 2
            assert len(display.formulas) == arity
