"""One step of a derivation: from the log's record to the lines that a reader follows.

What kind of step it is (the loss, an activation, a weight, a bias, a layer's input, a sum, a mask)
is read off the equation through which the variable reaches the loss; where there are several such
equations, each is a path with a contribution of its own. ``KINDS`` says for each kind what its rule
is called and why it applies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.calculus.local import local_derivative
from derive.calculus.log import Contribution
from derive.calculus.log import Step as Record
from derive.document.blocks import Line, Prose, Step
from derive.document.chains import Use, uses
from derive.document.paths import path_lines
from derive.document.reasons import (
    activation_reason,
    bias_reason,
    block_reason,
    input_reason,
    loss_reason,
    losses_reason,
    mask_reason,
    paths_reason,
    scale_reason,
    sum_reason,
    weight_reason,
)
from derive.document.room import fits
from derive.document.simplifications import simplification_lines
from derive.document.softmax import BLOCKS
from derive.document.view import View
from derive.meaning.expression import write_expression
from derive.meaning.write import Chain, written_word
from derive.notation.tree import Apply, Node, Number, equals
from derive.program.functions import parameter
from derive.program.program import Contraction, Map, Role

LOCAL, CHAIN, MATRIX = "Local derivative", "Chain rule", "In matrix form"


def step_block(view: View, of: str, number: str) -> Step:
    """The step that finds ``dL / d of``."""
    record = view.steps[of]
    kind = KINDS[kind_of(view, record)]
    return Step(
        number,
        (view.gradient(of),),
        kind.rule,
        kind.lines(view, record),
        kind.reason(view, record),
        _shapes(view, of),
    )


def kind_of(view: View, record: Record) -> str:
    """A key of ``KINDS``: a block's name, or how the variable is used."""
    for block in view.log.forward.blocks:
        if block.argument == record.of:
            return block.function
    use, *others = uses(view, record.of)
    if others:
        return "losses" if use.of_loss and all(k.of_loss for k in others) else "paths"
    if use.of_loss:
        return "loss"
    through = view.log.forward.equation(use.through)
    if isinstance(through, Map):
        return "identity" if through.function.name == "identity" else "activation"
    if view.log.forward.variables[record.of].role is Role.PARAMETER:
        return "weight" if use.factors else "bias"
    return _linear_kind(use)


def _linear_kind(use: Use) -> str:
    """How a value enters a linear equation: as a summand, through a mask or through weights."""
    if use.masked:
        return "mask"
    if use.factors:
        return "input"
    return "sum" if use.added else "scale"


def _shapes(view: View, of: str) -> Prose:
    if view.writer.scalar:
        return ()
    return (
        view.gradient(of) if view.matrix else view.quotient(of),
        " has the shape of ",
        view.writer.variable(of),
        ": ",
        view.size(of),
    )


# Lines


def loss_lines(view: View, record: Record) -> tuple[Line, ...]:
    """The loss by the prediction: SymPy's derivative, then its simplest form."""
    letters = view.writer.letters[record.of]
    sought = view.quotient(record.of, letters)
    simplest = view.writer.component(record.cotangent, letters, view.inline)
    raw = _raw_loss(view, record, letters)
    sides = (sought, *([raw] if raw is not None else []), simplest)
    return (Line("Derivative", (view.formula(*sides),)), *_matrix_line(view, record))


def _raw_loss(view: View, record: Record, letters: str) -> Node | None:
    """The derivative as it first comes out, where no factor stands before the loss's terms."""
    use = record.contributions[0]
    equation = view.log.forward.equation(use.through)
    if not isinstance(equation, Map) or not _unit_weight(view, use):
        return None
    raw = local_derivative(equation.function, use.position).raw
    atoms = {
        parameter(k): view.writer.variable(name, letters or None)
        for k, name in enumerate(equation.arguments)
    }
    return write_expression(raw.expression, atoms)


def _unit_weight(view: View, use: Contribution) -> bool:
    """Whether the loss is the plain sum of what the equation computes."""
    if use.through == view.target:
        return True
    incoming = view.steps[use.through].equation
    return (
        isinstance(incoming, Contraction)
        and not incoming.terms[0].operands
        and incoming.terms[0].scale.number == 1
        and not incoming.terms[0].scale.sizes
    )


def activation_lines(view: View, record: Record) -> tuple[Line, ...]:
    """Through an elementwise function: its slope, the product, and what it becomes."""
    letters = view.writer.letters[record.of]
    use = record.contributions[0]
    chain = view.writer.chain(view.target, use.through, use.position, letters)
    slopes = _slope(view, use, letters)
    ends = () if chain.value in slopes else (chain.value,)
    local = Line(LOCAL, (view.formula(chain.local, *slopes, *ends),))
    simplified = simplification_lines(view, record, letters, chain.product)
    sides = (*_start(view, record, chain, letters), *_ends(view, record, letters))
    product = Line(CHAIN, (view.formula(*(sides[:2] if simplified else sides)),))
    return (local, product, *simplified, *_matrix_line(view, record))


def _slope(view: View, use: Contribution, letters: str) -> tuple[Node, ...]:
    """``tanh'(z)`` and ``1 - tanh^2(z)``: the derivative by name and as it first comes out."""
    equation = view.log.forward.equation(use.through)
    assert isinstance(equation, Map)
    word = written_word(equation.function.name)
    if word is None:
        return ()
    argument = view.writer.variable(equation.arguments[use.position], letters or None)
    raw = local_derivative(equation.function, use.position).raw
    named = Apply(word, (argument,), 1)
    if raw.expression.is_Piecewise:
        return (named,)
    written = write_expression(raw.expression, {parameter(0): argument})
    sought = view.writer.quotient(use.through, equation.arguments[use.position], letters, letters)
    return (named, written) if fits(equals(sought, written)) else (named,)


def linear_lines(view: View, record: Record) -> tuple[Line, ...]:
    """Through a linear equation: the other factor, with deltas where there are indices."""
    letters = view.writer.letters[record.of]
    chain = uses(view, record.of)[0].chain(letters)
    local = Line(LOCAL, (view.formula(chain.local, chain.value),))
    sides = (*_start(view, record, chain, letters), *_ends(view, record, letters))
    return (local, Line(CHAIN, (view.formula(*sides),)), *_matrix_line(view, record))


def _start(view: View, record: Record, chain: Chain, letters: str) -> tuple[Node, ...]:
    """The chain rule, and the local derivative's value put into it."""
    use = uses(view, record.of)[0]
    body = use.arriving(letters, chain.value, inline=view.writer.scalar and view.expand)
    if view.writer.scalar and not view.expand and chain.value == Number("1"):
        return (chain.sought, chain.product)
    return (chain.sought, chain.product, body)


def _ends(view: View, record: Record, letters: str) -> tuple[Node, ...]:
    """The gradient in its own letters; written out too where no matrix form will do that."""
    named = view.writer.component(record.cotangent, letters)
    if view.matrix:
        return (named,)
    full = view.writer.component(record.cotangent, letters, view.inline)
    return (full,) if view.writer.scalar and view.expand else (named, full)


def _matrix_line(view: View, record: Record) -> tuple[Line, ...]:
    """The result in matrix form, where there is one: with named cotangents, then written out."""
    if not view.matrix:
        return ()
    named = view.writer.equation(record.cotangent)
    if named.sides[0] != view.quotient(record.of):
        return ()
    full = view.result(record.of).relation
    return (Line(MATRIX, (view.formula(*named.sides, *full.sides[1:]),)),)


def paths_lines(view: View, record: Record) -> tuple[Line, ...]:
    """One part for each path, and their sum."""
    return (*path_lines(view, record), *_matrix_line(view, record))


def block_lines(view: View, record: Record) -> tuple[Line, ...]:
    """Through a named block."""
    told = BLOCKS[kind_of(view, record)]
    return (*told.lines(view, record), *_matrix_line(view, record))


@dataclass(frozen=True, slots=True)
class StepKind:
    """How one kind of step is told."""

    rule: str
    lines: Callable[[View, Record], tuple[Line, ...]]
    reason: Callable[[View, Record], Prose]


KINDS: dict[str, StepKind] = {
    "loss": StepKind("derivative of the loss", loss_lines, loss_reason),
    "identity": StepKind("chain rule, no activation", activation_lines, activation_reason),
    "activation": StepKind(
        "chain rule through the activation", activation_lines, activation_reason
    ),
    **{name: StepKind(told.rule, block_lines, block_reason) for name, told in BLOCKS.items()},
    "weight": StepKind("chain rule, linear in the weight", linear_lines, weight_reason),
    "bias": StepKind("chain rule, linear in the bias", linear_lines, bias_reason),
    "input": StepKind("chain rule, back through the weights", linear_lines, input_reason),
    "sum": StepKind("chain rule, passed on by the sum", linear_lines, sum_reason),
    "scale": StepKind("chain rule through the scaling", linear_lines, scale_reason),
    "mask": StepKind("chain rule through the mask", linear_lines, mask_reason),
    "losses": StepKind("derivative of each loss", paths_lines, losses_reason),
    "paths": StepKind("chain rule, one contribution for each path", paths_lines, paths_reason),
}
