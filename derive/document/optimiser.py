"""An optimiser as mathematics: the table's equations in the letters of a document."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import mpmath  # type: ignore[import-untyped]
import sympy as sp

from derive.document.blocks import Block, Display, Formula, Paragraph, Prose, Section
from derive.document.numbers import DIGITS, number
from derive.document.plan import Plan
from derive.meaning.expression import write_expression
from derive.networks.model import Network
from derive.networks.optimiser import Optimiser, optimiser_of
from derive.notation.tree import (
    Apply,
    Derivative,
    Node,
    Number,
    Product,
    Relation,
    Sign,
    Symbol,
    equals,
)
from derive.program.optimisers import ARRAYS, CLIPPING, Assignment, Setting, quantity

Letters = Mapping[str, Node]
"""What stands for each quantity, in the order in which factors are written."""

T = Symbol("t")

_GLYPHS = {
    "beta": Symbol("beta"),
    "beta1": Symbol("beta", sub=(Number("1"),)),
    "beta2": Symbol("beta", sub=(Number("2"),)),
    "gamma": Symbol("gamma"),
    "decay": Symbol("lambda", sub=(Symbol("w"),)),
    "c": Symbol("c"),
    "r": Symbol("rho"),
    "p": Symbol("tau"),
    "w": Symbol("kappa"),
    "k": Symbol("nu"),
    "t": T,
    "every": Symbol("T"),
    "steps": Symbol("T"),
    "theta": Symbol("theta"),
    "g": Symbol("g"),
    "v": Symbol("v"),
    "s": Symbol("s"),
    "v_hat": Symbol("v", accent="hat"),
    "s_hat": Symbol("s", accent="hat"),
    "norm": Apply("norm", (Symbol("g"),)),
    "epsilon": Symbol("epsilon"),
}

_FUNCTIONS = {sp.Max: "max", sp.Min: "min", sp.floor: "floor"}

_GETS = frozenset({"theta", "g", "v", "s"})
"""What has a value before; all else is only defined."""


def letters(rate: str, taken: Collection[str] = ()) -> dict[str, Node]:
    """The letters of a document whose rate is called so; a name that is taken bears a tilde."""

    def free(node: Node) -> Node:
        if not isinstance(node, Symbol) or node.glyph not in taken or node.sub or node.accent:
            return node
        return replace(node, accent="tilde")

    lowest = Symbol(rate, sub=(Symbol("min"),))
    return {"alpha": Symbol(rate), "lowest": lowest, **{k: free(n) for k, n in _GLYPHS.items()}}


def written(expression: sp.Expr, known: Letters) -> Node:
    """An expression of quantities as notation."""

    def compound(part: sp.Expr) -> Node | None:
        if part.is_Mul and all(_is_factor(factor) for factor in part.args):
            return Product(tuple(written(own, known) for own in sorted(part.args, key=_weight)))
        if part.func not in _FUNCTIONS:
            return None
        ordered = sorted(part.args, key=lambda own: (not own.is_number, sp.count_ops(own)))
        return Apply(_FUNCTIONS[part.func], tuple(written(own, known) for own in ordered))

    atoms = {sp.pi: Symbol("pi"), **{quantity(name): node for name, node in known.items()}}
    return write_expression(expression, atoms, compound=compound)


def _is_factor(factor: sp.Expr) -> bool:
    """Whether it is written as it stands: no number, nothing that divides."""
    return not factor.is_Rational and not factor.as_base_exp()[1].is_negative


def _weight(factor: sp.Expr) -> tuple[bool, bool, str]:
    """Numbers before arrays, letters before sums: ``(1 - beta) g``."""
    arrays = {symbol.name for symbol in factor.free_symbols} & set(ARRAYS)
    return (bool(arrays), factor.is_Add, f"{not factor.is_number}{factor.is_Pow}{sp.srepr(factor)}")


def relation(equation: Assignment, known: Letters, left: Node | None = None) -> Relation:
    """``v <- beta v + g``, or ``=`` for what has no value before."""
    sign: Sign = "gets" if equation.name in _GETS else "="
    right = written(equation.expression, known)
    return Relation((left or known[equation.name], right), (sign,))


def formulas(equations: Iterable[Assignment], known: Letters) -> tuple[Formula, ...]:
    """All equations below each other."""
    return tuple(Formula(relation(equation, known)) for equation in equations)


def schedule_formulas(chosen: Optimiser, known: Letters) -> tuple[Formula, ...]:
    """The rate of step t, from the first one."""
    *before, last = chosen.schedule_rule.equations
    return (*formulas(before, known), Formula(relation(last, known, rate_at(known))))


def rate_at(known: Letters, step: Node = T) -> Symbol:
    """``alpha_t``."""
    alpha = known["alpha"]
    assert isinstance(alpha, Symbol)
    return replace(alpha, sub=(step,))


def scheduled(chosen: Optimiser, known: Letters) -> dict[str, Node]:
    """The letters inside a step: the rate is that of the step."""
    return {**known, "alpha": rate_at(known)} if chosen.scheduled else dict(known)


def value(fraction: Fraction) -> Node:
    """An exact number."""
    with mpmath.workdps(DIGITS):
        return number(mpmath.mpf(fraction.numerator) / fraction.denominator)


def network_letters(network: Network) -> dict[str, Node]:
    """The letters of a network's document."""
    return letters(network.style.rate, {network.input, network.style.batch, *network.sizes})


def optimiser_section(plan: Plan) -> Section:
    """How the parameters are updated, where that is not plain gradient descent."""
    chosen, known = optimiser_of(plan.network), network_letters(plan.network)
    rule = chosen.rule
    title = f"The update: {rule.title}"
    return Section(
        (title,),
        (
            Paragraph((rule.why,)),
            Paragraph((*_parameters(plan, known), *_state(chosen, known))),
            *_clipping(chosen, known),
            *_schedule(chosen, known),
            *_step(chosen, known),
        ),
    )


def _parameters(plan: Plan, known: Letters) -> Iterator[str | Node]:
    """``Let theta be any of W_3, b_3, ...``."""
    loss = plan.view.writer.variable(plan.view.target)
    yield from ("Let ", known["theta"], " be any parameter: ")
    for place, stage in enumerate(plan.told):
        for k, name in enumerate(stage.parameters):
            yield from ((", ",) if place or k else ())
            yield stage.view.writer.variable(name)
        yield from ((" for ", *stage.condition) if stage.condition else ())
    yield from ("; let ", equals(known["g"], Derivative(loss, known["theta"])))
    yield from (" be the gradient by it, taken before any parameter moves, and ", known["t"])
    yield " = 1, 2, 3, ... the number of the step. All operations are entry by entry."


def _state(chosen: Optimiser, known: Letters) -> Prose:
    state = chosen.rule.state
    if not state:
        return ()
    nodes = [part for name in state for part in (" and ", known[name])][1:]
    has, start = ("has", "starts") if len(state) == 1 else ("have", "start")
    return (" ", *nodes, f" {has} the shape of ", known["theta"], f" and {start} with 0.")


def _clipping(chosen: Optimiser, known: Letters) -> Iterator[Block]:
    for word, limit in chosen.limits:
        clipping = CLIPPING[word]
        norm = (" Here ", known["norm"], " is the root of the sum of all their squares.")
        yield Paragraph(
            (
                f"First, {clipping.title}. {clipping.why} The limit is ",
                equals(known["c"], value(limit)),
                ".",
                *(norm if word == "norm" else ()),
            )
        )
        yield Display(formulas(clipping.equations, known))


def _schedule(chosen: Optimiser, known: Letters) -> Iterator[Block]:
    if not chosen.scheduled:
        return
    schedule = chosen.schedule_rule
    source = f" ({schedule.source})" if schedule.source else ""
    yield Paragraph((f"The rate: {schedule.title}{source}. {schedule.why} {schedule.convention}",))
    yield Display(schedule_formulas(chosen, known))
    yield Paragraph(with_numbers(chosen, known, ["alpha", *_own(schedule.settings)]))


def _step(chosen: Optimiser, known: Letters) -> Iterator[Block]:
    rule = chosen.rule
    yield Paragraph((f"The step ({rule.source}):",))
    yield Display(formulas(rule.equations, scheduled(chosen, known)))
    names = [*([] if chosen.scheduled else ["alpha"]), *_own(rule.settings)]
    if names:
        yield Paragraph((*with_numbers(chosen, known, names), f" {rule.convention}"))
    else:
        yield Paragraph((rule.convention,))


def _own(settings: Iterable[Setting]) -> list[str]:
    return [setting.name for setting in settings]


def with_numbers(chosen: Optimiser, known: Letters, names: Iterable[str]) -> Prose:
    """``With beta_1 = 0.9, beta_2 = 0.999.``"""
    pairs = [equals(known[name], value(_number(chosen, name))) for name in names]
    parts = [part for pair in pairs for part in (", ", pair)][1:]
    return ("With ", *parts, ".")


def _number(chosen: Optimiser, name: str) -> Fraction:
    return chosen.rate or chosen.rule.rate if name == "alpha" else chosen.number(name)
