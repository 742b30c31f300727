"""The table of symbols: what every letter of a network means, with its shape."""

from __future__ import annotations

from collections.abc import Iterator

from derive.document.blocks import Prose
from derive.document.numbers import given, number
from derive.document.paths import ordinal
from derive.document.plan import Plan, Stage
from derive.document.view import View, listing
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import SPREAD, WEIGHTS
from derive.networks.objective import OMEGA, loss_constants, penalties, weighted_losses
from derive.program.program import Role

Row = tuple[Prose, Prose, Prose]

PENALTY_WORDS = {"l1": "L1", "l2": "L2"}


def symbol_rows(plan: Plan) -> Iterator[Row]:
    """Every symbol, from the input to the loss."""
    view = plan.view
    yield _row(view, ("input",), plan.network.input)
    for stage in reversed(plan.told):
        yield from _parameter_rows(stage)
        yield from _value_rows(plan, stage)
        yield from _mask_rows(plan, stage)
    yield _row(view, ("prediction",), plan.prediction)
    yield _row(view, ("target",), "y")
    for name in free_values(plan):
        yield _row(view, ("target, smoothed",), name)
    yield _row(view, (f"loss: {_titles(plan)}",), view.target)
    yield from _constant_rows(plan)
    if plan.batch:
        size = view.program.batch
        assert size is not None
        yield (view.writer.size(size),), ("number of samples",), ("1",)


def free_values(plan: Plan) -> tuple[str, ...]:
    """The hidden values that belong to no layer."""
    variables = plan.log.forward.variables
    return tuple(n for n in plan.log.forward.named(Role.HIDDEN) if variables[n].layer is None)


def _titles(plan: Plan) -> str:
    """What is minimised, in words."""
    words = [word for word, _ in weighted_losses(plan.network)]
    titles = " and ".join(loss_of(word).title for word in words)
    return f"{titles}, with a penalty" if penalties(plan.derivation.concrete) else titles


def _parameter_rows(stage: Stage) -> Iterator[Row]:
    variables = stage.view.log.forward.variables
    second = tuple(n for n in stage.parameters if variables[n].base in SPREAD)
    first = tuple(n for n in stage.parameters if n not in second)
    if first:
        what = _what(stage, first)
        yield _row(stage.view, (f"{what} of layer ", stage.label, *_shared(stage)), *first)
    if second:
        what = f"{_what(stage, second)} of the second output of layer "
        yield _row(stage.view, (what, stage.label), *second)


def _what(stage: Stage, names: tuple[str, ...]) -> str:
    """``weights and bias``, or one of both."""
    variables = stage.view.log.forward.variables
    bases = {variables[name].base for name in names}
    weights = ["weights"] if bases & {*WEIGHTS, SPREAD[0]} else []
    return " and ".join(weights + (["bias"] if bases & {"b", SPREAD[1]} else []))


def _shared(stage: Stage) -> Prose:
    """Whose weights a layer without own ones uses."""
    if not stage.layer.tied:
        return ()
    how = ", transposed" if stage.layer.transposed else ""
    return (f"; its weights are those of layer {stage.layer.tied}{how}",)


def _value_rows(plan: Plan, stage: Stage) -> Iterator[Row]:
    values = tuple(name for name in stage.values if name != plan.prediction)
    if values:
        words = [_value_word(stage, name) for name in values]
        said = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
        yield _row(stage.view, (f"{said} of layer ", stage.label), *values)


def _value_word(stage: Stage, name: str) -> str:
    """What a value of a layer is."""
    base = stage.view.log.forward.variables[name].base
    if base == "s":
        return "log-variance" if stage.layer.temperature == 1 else "scaled pre-activation"
    if base == "h" and stage.layer.adds:
        return "output"
    return {"z": "pre-activation", "g": "masked activation"}.get(base, "activation")


def _mask_rows(plan: Plan, stage: Stage) -> Iterator[Row]:
    variables = plan.log.forward.variables
    for name in plan.log.forward.named(Role.GIVEN):
        if variables[name].layer == stage.number:
            yield _row(stage.view, ("mask of layer ", stage.label, ", given"), name)


def _constant_rows(plan: Plan) -> Iterator[Row]:
    """The weights of losses and penalties, with their numbers."""
    view, told = plan.view, _constant_words(plan)
    for name in plan.log.forward.named(Role.CONSTANT):
        value = given(plan.derivation.concrete.constants[name])
        meaning: Prose = (f"{told[name]}, ", *_numbers(value.ravel().tolist()))
        yield (view.writer.variable(name),), meaning, _shape(view, name)


def _constant_words(plan: Plan) -> dict[str, str]:
    network = plan.derivation.concrete
    names = loss_constants(network)
    several = len(names) > 1
    found = {
        name: f"weight of the {ordinal(place) + ' ' if several else ''}loss"
        for place, name in enumerate(names)
        if name
    }
    for penalty in penalties(network):
        found[penalty.constant] = f"strength of the {PENALTY_WORDS[penalty.kind]} penalty"
    return {**found, OMEGA: "weights of the outputs in the loss"}


def _numbers(values: list[object]) -> Prose:
    return listing(tuple(number(value) for value in values))


def _row(view: View, meaning: Prose, *names: str) -> Row:
    shapes = listing(tuple(dict.fromkeys(view.size(name) for name in names)))
    symbols = listing(tuple(view.writer.variable(name) for name in names))
    return symbols, meaning, ("a number",) if view.writer.scalar else shapes


def _shape(view: View, name: str) -> Prose:
    return ("a number",) if view.writer.scalar else (view.size(name),)
