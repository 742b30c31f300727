"""A network of any depth: its recursion against the derivation of several depths.

The steps of layer l and of the last layer, found at one depth, are written out for another depth
and must be, step by step, what deriving at that depth gives; that derivation is proved in turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from derive.calculus.depth import Recursion, shift_step
from derive.calculus.derivation import Derivation
from derive.calculus.log import Log, Step
from derive.calculus.proof.instance import Effort, prove_log
from derive.calculus.proof.rows import BATCH, SAMPLE, Row
from derive.networks.model import WIDTH
from derive.program.functions import size_symbol
from derive.program.program import Contraction, Equation, Role
from derive.program.shapes import Scale

DEPTHS = (2, 3, 4, 5, 6)
"""The depths at which the recursion is compared and proved."""

EXACT_DEPTH = 2
"""Up to this depth SymPy expands whole gradients; it is the least that has a hidden layer."""


def prove_recursion(derived: Derivation, seed: int, effort: Effort) -> Iterator[Row]:
    """Two rows a depth and form: the steps are the recursion's, and they are true."""
    for depth in DEPTHS:
        network = derived.network.at_depth(depth)
        instance = replace(derived, network=network, concrete=network)
        for form, found, log in (
            (SAMPLE, derived.recursion, instance.sample),
            (BATCH, derived.batch_recursion, instance.batch),
        ):
            assert found is not None
            yield _equal(found, log, depth, form)
            exact = effort if depth <= EXACT_DEPTH and form == SAMPLE else Effort(0, 0)
            yield _summary(prove_log(log, network, form, seed, exact), depth, form)


def _equal(found: Recursion, log: Log, depth: int, form: str) -> Row:
    """Whether base and recursion, written out for a depth, are the steps of that depth."""
    expected = [_plain(step) for step in _steps(log)]
    written = [_plain(step) for step in written_out(found, depth)]
    differing = [a.cotangent for a, b in zip(expected, written, strict=False) if a != b]
    passed = expected == written
    detail = "" if passed else f"not the steps that are derived there: {', '.join(differing)}"
    return Row(f"recursion at depth {depth}", form, "equal steps", passed, detail)


def _summary(rows: tuple[Row, ...], depth: int, form: str) -> Row:
    """All rows about one depth as one."""
    failed = [f"{row.subject}: {row.detail}" for row in rows if not row.passed]
    gradients = [row for row in rows if row.subject.startswith("d") and ":" not in row.subject]
    method = ", ".join(dict.fromkeys(row.method for row in gradients))
    return Row(f"gradients at depth {depth}", form, method, not failed, "; ".join(failed))


def _steps(log: Log) -> list[Step]:
    """The steps of the layers' named variables, and that of the input where there is one."""
    variables = log.forward.variables
    layers = [
        step
        for step in log.steps
        if variables[step.of].layer is not None and variables[step.of].role is not Role.PART
    ]
    return layers + _input_steps(log)


def _input_steps(log: Log) -> list[Step]:
    return [step for step in log.steps if log.forward.variables[step.of].role is Role.INPUT]


def written_out(found: Recursion, depth: int) -> list[Step]:
    """Base and recursion as the steps of one depth, from the loss back."""
    variables = found.log.forward.variables
    named = [s for s in found.base if variables[s.of].role is not Role.PART]
    steps = [_moved(step, depth - found.depth, found.depth) for step in named]
    hidden = [s for s in found.step if variables[s.of].role is not Role.PART]
    for layer in range(depth - 1, 0, -1):
        steps += [_moved(step, layer - found.hidden, found.depth) for step in hidden]
    return steps + _input_steps(found.log)


def _moved(step: Step, by: int, depth: int) -> Step:
    """A step with names and widths of other layers."""
    moved = shift_step(step, by)
    return replace(moved, equation=_with_sizes(moved.equation, by))


def _with_sizes(equation: Equation, by: int) -> Equation:
    """Widths that stand in coefficients, as the 1/n of a mean over outputs, move too."""
    if isinstance(equation, Contraction):
        terms = tuple(replace(term, scale=_scale(term.scale, by)) for term in equation.terms)
        return replace(equation, terms=terms)
    expression = equation.function.expression
    pairs = {s: size_symbol(_width(s.name, by)) for s in expression.free_symbols}
    moved = expression.xreplace({old: new for old, new in pairs.items() if old.name != new.name})
    return replace(equation, function=replace(equation.function, expression=moved))


def _scale(scale: Scale, by: int) -> Scale:
    sizes = tuple(sorted((_width(name, by), power) for name, power in scale.sizes))
    return Scale(scale.number, sizes)


def _width(name: str, by: int) -> str:
    found = re.fullmatch(rf"{WIDTH}(\d+)", name)
    return f"{WIDTH}{int(found[1]) + by}" if found else name


def _plain(step: Step) -> Step:
    """A step without the expressions of its rewrites, which are proved by themselves."""
    return replace(step, rewrites=())
