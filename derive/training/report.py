"""What training says for itself: the set-up, the loss, the gradients, the bound, the verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from derive.codegen.constants import loss_titles, penalty_titles
from derive.networks import Network, line_form
from derive.training.data import Power, Samples
from derive.training.descent import RATE, Training
from derive.training.monotone import best_monotone_power, constant_power, square_factor
from derive.training.scaling import Scaling, scales_targets
from derive.training.updating import told, told_schedule

if TYPE_CHECKING:
    import sympy as sp

_LISTED = 3
"""Columns whose scaling is written out."""

_FAR = 0.15
"""A loss this share above the bound is not close to it."""


def report(training: Training, data: Samples) -> str:
    """The whole text, ending in a line break."""
    parts = [
        _setup(training, data),
        _losses(training),
        _gradients(training),
        _bound(training, data),
        [_verdict(training)],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _setup(training: Training, data: Samples) -> list[str]:
    net, plan = training.network, training.plan
    chosen = net.optimiser
    steps = -(-len(data.x) // plan.batch)
    starts = "" if plan.starts == 1 else f", {plan.starts} starts"
    return [
        f"{net.name}: {line_form(net)}",
        f"layout:  {'every value is a number' if net.scalar else net.style.layout}",
        f"data:    {data.source}",
        f"scaling: {_scaling(training)}",
        *([f"update:  {told(chosen)}"] if chosen else []),
        f"descent: {plan.epochs} epochs of {steps} steps, batches of {plan.batch}, seed {plan.seed}"
        f"{starts}; rate {_short(plan.rate)}, {_rate(training)}",
    ]


def _rate(training: Training) -> str:
    chosen = training.network.optimiser
    if training.plan.falls or chosen is None:
        return "falling to 0 in the second half"
    return told_schedule(chosen)


def _scaling(training: Training) -> str:
    """Every shift and scale of a narrow network; the rule for a wide one."""
    if training.plan.scale == "none":
        return "none"
    used, targets = training.scaling, scales_targets(training.network)
    if max(len(used.x_shift), len(used.y_shift)) > _LISTED:
        both = "inputs and targets" if targets else "inputs, not targets,"
        return f"{both} to mean 0 and standard deviation 1"
    names = ["x", *(["y"] if targets else [])]
    lines = [text for name in names for text in _formulas(used, name, training.network.scalar)]
    return ", ".join(lines) + ("; losses are those of the unscaled y" if targets else "")


def _formulas(used: Scaling, name: str, scalar: bool) -> Iterator[str]:
    """``x1' = (x1 - 0.5) / 2`` for every column."""
    shifts = used.x_shift if name == "x" else used.y_shift
    scales = used.x_scale if name == "x" else [used.y_scale] * len(shifts)
    for k, (shift, scale) in enumerate(zip(shifts, scales, strict=True), start=1):
        one = name if scalar or len(shifts) == 1 else f"{name}{k}"
        moved = f"({one} {'+' if shift < 0 else '-'} {_short(abs(shift))})" if shift else one
        yield f"{one}' = {moved} / {_short(scale)}"


def _losses(training: Training) -> list[str]:
    """The loss at a few epochs: 0, 1, 2, 5, 10, 20, 50, ... and the last."""
    last = len(training.losses) - 1
    rows = [(str(k), _short(training.losses[k])) for k in _round_numbers(last)]
    return [f"loss ({_title(training.network)})", *_table(("epoch", "loss"), rows)]


def _title(net: Network) -> str:
    """What is minimised."""
    titles = "; plus ".join(loss_titles(net))
    further = "".join(f", plus the {title}" for title in penalty_titles(net))
    dropped = "; nothing dropped" if any(layer.dropout for layer in net.layers) else ""
    return f"{titles}, mean over the samples{further}{dropped}"


def _round_numbers(last: int) -> list[int]:
    digits = (d * 10**power for power in range(len(str(last))) for d in (1, 2, 5))
    return sorted({0, last, *(number for number in digits if number < last)})


def _gradients(training: Training) -> list[str]:
    before, after = training.gradient_norms
    rows = [
        (str(layer), _short(first), _short(last))
        for layer, (first, last) in enumerate(zip(before, after, strict=True), start=1)
    ]
    epoch = len(training.losses) - 1
    return [
        "gradient norm by layer, of the loss as it is minimised",
        *_table(("layer", "epoch 0", f"epoch {epoch}"), rows),
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    columns = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    return [
        "  " + "  ".join(f"{cell:>{width}}" for cell, width in zip(row, columns, strict=True))
        for row in (head, *rows)
    ]


def _bound(training: Training, data: Samples) -> list[str]:
    """What the network cannot learn from these data, and why."""
    bound = training.bound
    if bound is None:
        return []
    way = "increasing" if bound.increasing else "decreasing"
    lines = [
        f"bound: no parameters bring the loss on these samples below {_short(bound.loss)}",
        "  Every layer is a monotone function of the one number that the layer before it passes",
        "  on, and a composition of monotone maps is monotone: so is the prediction in x. The best",
        f"  monotone function of these samples, {way}, has that loss.",
    ]
    lines += _exact(training, data.power) if data.power else []
    if training.decreased:
        above = training.loss / bound.loss - 1
        hint = "; another start may come closer: --starts 5" if above > _FAR else ""
        lines.append(f"  Training reached {_short(training.loss)}, {above:.1%} above it{hint}.")
    return lines


def _exact(training: Training, power: Power) -> list[str]:
    """The same for all x of the interval instead of samples, exactly."""
    import sympy as sp

    factor = square_factor(training.network)
    assert factor is not None  # there is no bound without it
    scale = sp.Rational(factor.numerator, factor.denominator)
    best, constant = (
        scale * of(power.power, *power.interval) for of in (best_monotone_power, constant_power)
    )
    start, end = power.interval
    return [
        f"  For x uniform on [{start}, {end}] it is {_value(best)}; "
        f"the best constant has {_value(constant)}."
    ]


def _value(exact: sp.Expr) -> str:
    """``9/160 = 0.05625``, or the decimals alone of a number that is no fraction."""
    import sympy as sp

    decimals = _short(float(sp.N(exact)))
    return f"{exact} = {decimals}" if exact.is_Rational and not exact.is_Integer else decimals


def _verdict(training: Training) -> str:
    """Whether the loss decreased, as the gradient descent test asks."""
    first, loss, epoch = training.losses[0], training.loss, len(training.losses) - 1
    start = (
        ""
        if training.plan.starts == 1
        else f" (best of {training.plan.starts} starts: seed {training.seed})"
    )
    rate = training.plan.rate
    smaller = f"try smaller steps: --lr {_short(RATE if rate > RATE else rate / 10)}"
    if not math.isfinite(loss):
        return f"FAILED: the loss is not finite after epoch {epoch}{start}; {smaller}"
    if not training.decreased:
        least = min(range(len(training.losses)), key=training.losses.__getitem__)
        return (
            f"FAILED: the loss did not decrease: {_short(first)} before, {_short(loss)} after "
            f"epoch {epoch}, least at epoch {least}{start}; {smaller}"
        )
    if first == 0:
        return f"passed: the loss was 0 before any step and is {_short(loss)}{start}"
    return f"passed: the loss decreased from {_short(first)} to {_short(loss)}{start}"


def _short(number: float) -> str:
    """Four digits, and no trailing zeros."""
    return f"{number:.4g}"
