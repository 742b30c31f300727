"""Mini-batch gradient descent with the module that the network is emitted as."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.codegen import generate_code, load_module
from derive.errors import DataError, nearest
from derive.networks import Network, network
from derive.networks.optimiser import PLAIN
from derive.program.optimisers import OPTIMISERS
from derive.training.data import Samples, samples
from derive.training.monotone import Bound, monotone_bound
from derive.training.readers import Origin, numbers
from derive.training.scaling import SCALES, Scaling, scaling
from derive.training.updating import Updater, settled, with_optimiser

Floats = NDArray[np.float64]
Watch = Callable[[int, int, float], None]
"""Called after every epoch with the start (from 0), the epoch (from 1) and the loss."""

_Report = Callable[[int, float], None]

RATE = float(OPTIMISERS[PLAIN.kind].rate)
"""For scaled data; it suits inputs and targets of standard deviation 1."""

_STEPS = 8000
"""Steps in all that the default number of epochs makes."""

_BATCHES = 10
"""Batches in an epoch, up to the largest default batch."""

_MAX_BATCH = 256
_MIN_EPOCHS = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """How it is trained."""

    rate: float
    """In the first half of the epochs; it falls to 0 over the second, so that the noise of the
    batches dies away, unless the network has a schedule."""
    epochs: int
    batch: int
    seed: int = 0
    """Of the first start; the next ones count up."""
    starts: int = 1
    scale: str = SCALES[0]
    falls: bool = True
    """Whether the rate falls; not where the network has a schedule of its own."""

    def rate_at(self, epoch: int) -> float:
        """The rate of an epoch, counted from 0, where the schedule of the network has none."""
        return self.rate * min(1.0, 2 * (1 - epoch / self.epochs)) if self.falls else self.rate


@dataclass(frozen=True, slots=True)
class Training:
    """What training came to. All losses are means over all samples, in the units of the data."""

    network: Network
    """With numbers as sizes."""
    plan: Plan
    scaling: Scaling
    parameters: Mapping[str, Floats]
    """By name, in the network's layout; of the best start."""
    losses: tuple[float, ...]
    """Before the first epoch and after every one; of the best start."""
    gradient_norms: tuple[tuple[float, ...], tuple[float, ...]]
    """By layer, before the first epoch and after the last: of the gradient of the scaled data's
    loss by the layer's parameters."""
    seed: int
    """Of the best start."""
    finals: tuple[float, ...]
    """The last loss of every start."""
    bound: Bound | None
    """What no parameters of a monotone network go below."""
    module: ModuleType = field(repr=False, compare=False)

    @property
    def loss(self) -> float:
        """The last loss."""
        return self.losses[-1]

    @property
    def finite(self) -> bool:
        """Whether it was finite to the end."""
        return math.isfinite(self.loss)

    @property
    def decreased(self) -> bool:
        """The gradient descent test: whether the last loss is finite and below the first.

        A loss that is 0 passes too, for there is nothing left to learn.
        """
        return self.finite and (self.loss < self.losses[0] or self.loss == 0)

    def predict(self, x: ArrayLike) -> Floats:
        """Predictions in the units of the data.

        Args:
            x: shape (m, inputs), or (m,) for one input.

        Returns:
            Shape (m, outputs); (m,) for a scalar network.
        """
        rows = self.scaling.inputs(numbers("x", x, Origin()))
        params = self.module.Parameters(**self.parameters)
        y_hat, _ = self.module.forward(params, arranged(self.network, rows))
        predicted = self.scaling.predictions(_rows(self.network, y_hat))
        return predicted[:, 0] if self.network.scalar else predicted


def train(
    source: Network | str | Mapping[str, Any],
    x: ArrayLike,
    y: ArrayLike,
    *,
    rate: float | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    seed: int = 0,
    starts: int = 1,
    scale: str = SCALES[0],
    optimiser: Mapping[str, Any] | str | None = None,
    watch: Watch | None = None,
) -> Training:
    """Train a network on two arrays; the same seed gives the same result.

    Args:
        source: whatever :func:`derive.networks.network` takes.
        x: the inputs, as :func:`derive.training.samples` takes them: a row a sample.
        y: the targets.
        rate: default that of the network's optimiser; if it has none, without scaling that of the
            worked example; else the optimiser's usual one, for gradient descent 0.05.
        epochs: passes over the data; default as many as make about 8000 steps.
        batch: samples in a step; default a tenth of all, at most 256.
        seed: of the initial parameters and of the order of the samples.
        starts: how many times to train, with seeds counting up; the best is kept.
        scale: a word of :data:`derive.training.scaling.SCALES`.
        optimiser: a word such as ``adam``, or keys of ``[optimiser]`` of a network file; default
            the network's own.
        watch: called after every epoch.

    Raises:
        DataError: data that do not fit the network, or a number that makes no sense.
    """
    data = samples(with_optimiser(network(source), optimiser), x, y)
    return descend(
        data, plan(data, rate, epochs, batch, seed=seed, starts=starts, scale=scale), watch
    )


def plan(
    data: Samples,
    rate: float | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    *,
    seed: int = 0,
    starts: int = 1,
    scale: str = SCALES[0],
) -> Plan:
    """The plan with defaults in place of None; see :func:`train`."""
    if scale not in SCALES:
        raise DataError(f"unknown scaling {scale!r}{nearest(scale, SCALES)}")
    count = len(data.x)
    rate = _usual_rate(data.network, scale) if rate is None else rate
    batch = min(math.ceil(count / _BATCHES), _MAX_BATCH) if batch is None else min(batch, count)
    if batch >= 1:
        epochs = epochs if epochs is not None else max(_STEPS // -(-count // batch), _MIN_EPOCHS)
    falls = (data.network.optimiser or PLAIN).schedule is None
    chosen = Plan(rate, epochs or 0, batch, seed, starts, scale, falls)
    _check(chosen)
    return chosen


def _usual_rate(net: Network, scale: str) -> float:
    """The rate where none is given."""
    chosen = net.optimiser or PLAIN
    own = net.values.get("rate")
    if chosen.rate is None and scale == "none" and isinstance(own, float):
        return own
    return float(chosen.rate or chosen.rule.rate)


def _check(chosen: Plan) -> None:
    if not (math.isfinite(chosen.rate) and chosen.rate > 0):
        raise DataError(f"the rate must be a positive number, not {chosen.rate}")
    for name, value in (
        ("batch", chosen.batch),
        ("epochs", chosen.epochs),
        ("starts", chosen.starts),
    ):
        if value < 1:
            raise DataError(f"{name} must be 1 or more")
    if chosen.seed < 0:
        raise DataError(f"the seed must be 0 or more, not {chosen.seed}")


def descend(data: Samples, chosen: Plan, watch: Watch | None = None) -> Training:
    """Train on checked data: every start of the plan, the best of them kept."""
    batches = -(-len(data.x) // chosen.batch)
    net = settled(data.network, chosen.rate, chosen.epochs * batches)
    scaled = scaling(data, chosen.scale)
    module = load_module(generate_code(net))
    x, y = (arranged(net, part) for part in (scaled.inputs(data.x), scaled.targets(data.y)))
    runs = [
        _run(module, x, y, replace(chosen, seed=chosen.seed + start), _sample_axis(net), report)
        for start, report in enumerate(_reports(watch, chosen.starts, scaled.unit))
    ]
    best = min(runs, key=lambda run: run.losses[-1] if math.isfinite(run.losses[-1]) else math.inf)
    return Training(
        net,
        chosen,
        scaled,
        {name: np.asarray(value) for name, value in best.params._asdict().items()},
        tuple(scaled.unit * value for value in best.losses),
        (_layer_norms(net, best.first), _layer_norms(net, best.last)),
        best.seed,
        tuple(scaled.unit * run.losses[-1] for run in runs),
        monotone_bound(net, data.x[:, 0], data.y[:, 0]),
        module,
    )


def _reports(watch: Watch | None, starts: int, unit: float) -> list[_Report]:
    """What each start calls after an epoch."""

    def of(start: int) -> _Report:
        return lambda epoch, loss: watch(start, epoch, unit * loss) if watch else None

    return [of(start) for start in range(starts)]


@dataclass(frozen=True, slots=True)
class _Run:
    """One start, in scaled units."""

    seed: int
    params: Any
    losses: list[float]
    first: Any
    """The gradient before the first epoch."""
    last: Any
    """The gradient after the last."""


def _run(
    module: ModuleType,
    x: Floats,
    y: Floats,
    chosen: Plan,
    axis: int,
    report: _Report,
) -> _Run:
    """All epochs of one start; it ends early when the loss is no longer finite."""
    rng = np.random.default_rng(chosen.seed)
    params, dropout = module.init(rng), hasattr(module, "draw_masks")
    updater = Updater(module, params)
    count = x.shape[axis]
    cuts = [
        (slice(None),) * axis + (slice(start, start + chosen.batch),)
        for start in range(0, count, chosen.batch)
    ]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        value, first = module.loss_and_gradients(params, x, y)
        losses = [float(value)]
        for epoch in range(chosen.epochs):
            order, rate = rng.permutation(count), chosen.rate_at(epoch)
            shuffled = x.take(order, axis), y.take(order, axis)
            masks = _masks(module, rng, shuffled[0], cuts, axis) if dropout else None
            params = _epoch(updater, params, *shuffled, cuts, rate, masks)
            losses.append(float(module.loss(module.forward(params, x)[1], y)))
            report(epoch + 1, losses[-1])
            if not math.isfinite(losses[-1]):
                break
        last = module.loss_and_gradients(params, x, y)[1]
    return _Run(chosen.seed, params, losses, first, last)


def _epoch(
    updater: Updater,
    params: Any,
    x: Floats,
    y: Floats,
    cuts: list[tuple[slice, ...]],
    rate: float,
    masks: Iterator[Any] | None,
) -> Any:
    """One step for every batch, each with new masks where the network has dropout."""
    module = updater.module
    for cut in cuts:
        given = () if masks is None else (next(masks),)
        _, cache = module.forward(params, x[cut], *given)
        params = updater.step(params, module.backward(params, cache, y[cut]), rate)
    return params


def _masks(
    module: ModuleType,
    rng: np.random.Generator,
    x: Floats,
    cuts: list[tuple[slice, ...]],
    axis: int,
) -> Iterator[Any]:
    """Masks for each batch."""
    return (module.draw_masks(rng, x[cut].shape[axis]) for cut in cuts)


def arranged(net: Network, rows: Floats) -> Floats:
    """Rows of samples as the module takes them."""
    if net.scalar:
        return rows[:, 0]
    return rows if net.style.samples == "row" else np.ascontiguousarray(rows.T)


def _rows(net: Network, array: Floats) -> Floats:
    """The inverse of :func:`arranged`."""
    if net.scalar:
        return array[:, None]
    return array if net.style.samples == "row" else array.T


def _sample_axis(net: Network) -> int:
    return 0 if net.scalar or net.style.samples == "row" else 1


def _layer_norms(net: Network, gradient: Any) -> tuple[float, ...]:
    """The Euclidean norm of every layer's part of a gradient."""
    squares = [0.0] * len(net.layers)
    with np.errstate(over="ignore", invalid="ignore"):
        for name, part in gradient._asdict().items():
            squares[int(name[1:]) - 1] += float(np.sum(np.square(part)))
    return tuple(map(math.sqrt, squares))
