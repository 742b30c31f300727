"""What a program minimises: losses of prediction and target with their weights, and penalties."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from derive.networks.blocks import part
from derive.networks.catalogue import Loss
from derive.networks.catalogue import loss as loss_of
from derive.networks.objective import (
    OMEGA,
    PENALTIES,
    loss_constants,
    penalties,
    weighted_losses,
)
from derive.program.functions import FUNCTIONS
from derive.program.program import Contraction, Fact, Map, Role, Term, Variable
from derive.program.shapes import ONE, Dim, Scale

if TYPE_CHECKING:
    from derive.networks.build import Draft

LOSS = Variable("L", (), Role.LOSS, "L")


def add_objective(draft: Draft) -> None:
    """``L``: the sum of every loss and penalty with its weight.

    A loss is ``factor * sum over outputs of omega_i f(prediction, y)``.
    """
    network = draft.network
    width = network.layers[-1].units
    target = draft.input("y", Role.TARGET, draft.vector(width), "y")
    losses = [loss_of(word) for word, _ in weighted_losses(network)]
    if any(loss.one_hot for loss in losses):
        draft.facts.append(Fact(target, 0))
    target = _smoothed(draft, target, width)
    terms = [*_losses(draft, losses, target, width), *_penalties(draft)]
    last = draft.equations[-1]
    bare = len(terms) == 1 and terms[0].scale == ONE and len(terms[0].operands) == 1
    if network.scalar and bare and isinstance(last, Map):  # the loss is the map itself
        draft.equations.pop()
        del draft.variables[last.out]
        draft.emit(Map("L", last.function, last.arguments), LOSS)
    else:
        draft.emit(Contraction("L", "", tuple(terms)), LOSS)


def _smoothed(draft: Draft, target: str, width: Dim) -> str:
    """``t = (1 - e) y + e / K``: each of K classes gets a share of the target; of two where an
    output is the probability of one.
    """
    share = draft.network.objective.smoothing
    if not share:
        return target
    variable = Variable("t", draft.vector(width), Role.HIDDEN, "t")
    classes = width if draft.facts else 2
    terms = (
        Term((target,), (draft.features,), Scale(1 - share)),
        Term((), (), Scale(share) * Scale.of_size(classes, -1)),
    )
    draft.emit(Contraction("t", draft.features, terms), variable)
    if draft.facts:
        draft.facts.append(Fact("t", 0))
    return "t"


def _losses(draft: Draft, losses: list[Loss], target: str, width: Dim) -> Iterator[Term]:
    prediction, letters = draft.outputs[-1], draft.features
    several = len(losses) > 1
    weights = draft.network.objective.output_weights
    omega = (draft.constant(OMEGA),) if weights else ()
    for number, (loss, name) in enumerate(
        zip(losses, loss_constants(draft.network), strict=True), start=1
    ):
        out = f"L_terms{number if several else ''}"
        arguments = (prediction, draft.spread, target) if loss.spread else (prediction, target)
        draft.emit(Map(out, loss.definition, arguments), part(out, draft.vector(width)))
        scale = Scale(Fraction(loss.factor)) * (Scale.of_size(width, -1) if loss.mean else ONE)
        constant = (draft.constant(name),) if name else ()
        operands = (*constant, *omega, out)
        yield Term(operands, ("",) * len(constant) + (letters,) * (len(omega) + 1), scale)


def _penalties(draft: Draft) -> Iterator[Term]:
    for penalty in penalties(draft.network):
        shape = draft.variables[penalty.parameter].shape
        out = f"{penalty.kind}_{penalty.parameter}"
        function = FUNCTIONS[PENALTIES[penalty.kind]]
        draft.emit(Map(out, function, (penalty.parameter,)), part(out, shape))
        if penalty.constant not in draft.variables:
            draft.constant(penalty.constant)
        yield Term((penalty.constant, out), ("", "ij"[: len(shape)]))
