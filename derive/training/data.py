"""The samples that a network is trained on: from a file, from arrays, or of a power x^K.

In data a row is a sample, whatever the layout of the network; :mod:`derive.training.descent` turns
them into the module's arrays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.config import LIMITS
from derive.errors import DataError
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import MIN_DEPTH, Network
from derive.networks.objective import weighted_losses
from derive.training.readers import Origin, numbers, read_csv, read_npz

Floats = NDArray[np.float64]

_POWER = re.compile(r"x\^([1-9])")
_SUM_TOLERANCE = 1e-6
"""How far from 1 the sum of a target's probabilities may be: files hold few decimals."""

DEFAULT_INTERVAL = (Fraction(-1), Fraction(1))
DEFAULT_COUNT = 200


@dataclass(frozen=True, slots=True)
class Power:
    """The targets x^power, x at the midpoints of equal cells of an interval.

    Midpoints, so that a mean over the samples is the midpoint rule for the mean over the interval.
    """

    power: int
    interval: tuple[Fraction, Fraction] = DEFAULT_INTERVAL
    count: int = DEFAULT_COUNT

    def table(self) -> tuple[Floats, Floats]:
        """Inputs and targets, each of shape (count,)."""
        start, end = map(float, self.interval)
        x = start + (end - start) * (np.arange(self.count) + 0.5) / self.count
        return x, x**self.power


@dataclass(frozen=True, slots=True)
class Samples:
    """Checked data, and the network with its sizes as numbers."""

    network: Network
    x: Floats
    """Shape (m, inputs)."""
    y: Floats
    """Shape (m, outputs); classes as one-hot rows."""
    source: str
    """Where they come from, for a reader."""
    power: Power | None = None


def samples(network: Network, x: ArrayLike, y: ArrayLike) -> Samples:
    """The data of two arrays.

    Args:
        network: any; a symbolic input size takes the number of columns of x, other symbolic sizes
            and the depth those of the worked example.
        x: shape (m, inputs), or (m,) for one input.
        y: shape (m, outputs), or (m,) for one output or, for cross-entropy over classes, for the
            number of the class, from 0.

    Raises:
        DataError: a shape that does not fit, a number that is not finite, a target that is no
            probability where the loss needs one.
    """
    origin = Origin()
    return _checked(network, numbers("x", x, origin), numbers("y", y, origin), origin, "two arrays")


def load_samples(
    network: Network,
    source: str,
    interval: tuple[Fraction, Fraction] | None = None,
    count: int | None = None,
) -> Samples:
    """The data that ``--data`` names: a ``.csv`` or ``.npz`` file, or ``x^2``.

    Raises:
        DataError: see :func:`samples`; and with file and line for a bad cell.
    """
    power = _POWER.fullmatch(source)
    if power:
        chosen = Power(int(power[1]), interval or DEFAULT_INTERVAL, count or DEFAULT_COUNT)
        return _power_samples(network, chosen)
    path = Path(source)
    readers = {".csv": _csv_samples, ".npz": _npz_samples}
    if path.suffix.lower() not in readers:
        raise DataError(f"--data: {source!r} is neither a .csv or .npz file nor x^2 (x^1 to x^9)")
    if interval or count:
        raise DataError(f"--range and --samples are for powers such as x^2, not for {source!r}")
    return readers[path.suffix.lower()](network, path)


def _power_samples(network: Network, power: Power) -> Samples:
    x, y = (side[:, None] for side in power.table())
    start, end = power.interval
    where = f"x at the midpoints of {power.count} equal cells of [{start}, {end}]"
    found = _checked(network, x, y, Origin(), f"x^{power.power}, {where}")
    return Samples(found.network, found.x, found.y, found.source, power)


def _csv_samples(network: Network, path: Path) -> Samples:
    """The last columns of a row are the targets."""
    table, origin = read_csv(path)
    inputs = _input_columns(network, table.shape[1], origin)
    x, y = numbers("x", table[:, :inputs], origin), numbers("y", table[:, inputs:], origin)
    return _checked(network, x, y, origin, f"{len(table)} rows of {path}")


def _npz_samples(network: Network, path: Path) -> Samples:
    x, y, origin = read_npz(path)
    return _checked(network, x, y, origin, f"{len(x)} samples of {path}")


def _input_columns(network: Network, columns: int, origin: Origin) -> int:
    """How many of the columns are inputs."""
    probe = sized(network, max(columns - 1, 1) if _symbolic_input(network) else None)
    outputs = int(probe.layers[-1].units)
    classes = any(loss_of(word).one_hot for word, _ in weighted_losses(network))
    targets = (outputs, 1) if classes else (outputs,)
    own = 1 if network.objective.index else outputs
    if _symbolic_input(network) and columns > own:
        return columns - own
    inputs = int(probe.input_size)
    if columns - inputs in targets:
        return inputs
    told = f"{_told(inputs, 'input')}, then {_told(outputs, 'target')}"
    one = " or the number of the class" if len(targets) == 2 else ""
    needed = f"{network.name} takes {inputs + outputs}: {told}{one}"
    raise origin.fault(f"{_told(columns, 'column')}, but {needed}")


def _told(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _symbolic_input(network: Network) -> bool:
    return isinstance(network.input_size, str)


def sized(network: Network, inputs: int | None = None) -> Network:
    """The network with numbers as sizes: the data's for the input, else the worked example's.

    Raises:
        DataError: a size without a number, or more parameters than the limit.
    """
    fixed = network.at_depth(network.depth or MIN_DEPTH) if network.generic else network
    sizes = {**network.example_sizes}
    if inputs is not None and isinstance(fixed.input_size, str):
        sizes[fixed.input_size] = inputs
    fixed = fixed.with_sizes({name: sizes[name] for name in fixed.sizes if name in sizes})
    if fixed.sizes:
        names = ", ".join(fixed.sizes)
        raise DataError(
            f"{network.name} has no number for {names}; write numbers in its definition"
        )
    total = sum(int(np.prod([int(d) for d in shape])) for shape in fixed.shapes.values())
    if total > LIMITS.max_parameters:
        limit = LIMITS.max_parameters
        raise DataError(f"{network.name} has {total} parameters; at most {limit} are trained")
    return fixed


def _checked(network: Network, x: Floats, y: Floats, origin: Origin, source: str) -> Samples:
    """Both arrays against the network, the targets in its form."""
    fixed = sized(network, x.shape[1])
    inputs, outputs = int(fixed.input_size), int(fixed.layers[-1].units)
    if len(x) != len(y):
        raise origin.fault(f"x has {len(x)} samples (rows), but y has {len(y)}")
    if x.shape[1] != inputs:
        columns = _told(x.shape[1], "column")
        raise origin.fault(f"x has {columns}, but {network.name} takes {_told(inputs, 'input')}")
    words = [word for word, _ in weighted_losses(network)]
    distribution = [word for word in words if loss_of(word).one_hot]
    if distribution and y.shape[1] == 1:
        y = _one_hot(y[:, 0], outputs, origin)
    if y.shape[1] != outputs:
        columns = _told(y.shape[1], "column")
        raise origin.fault(f"y has {columns}, but {network.name} has {_told(outputs, 'output')}")
    for word in words:
        if loss_of(word).heads or loss_of(word).binary:
            outside = np.any((y < 0) | (y > 1), axis=1)
            _refuse(outside, f"a target must lie in [0, 1] for the loss {word}", origin)
    for word in distribution:
        wrong = np.abs(y.sum(axis=1) - 1) > _SUM_TOLERANCE
        _refuse(wrong, f"the targets must sum to 1 for the loss {word}", origin)
    return Samples(fixed, x, y, source)


def _one_hot(classes: Floats, count: int, origin: Origin) -> Floats:
    """Rows of the unit matrix for numbers of classes, counted from 0."""
    wrong = (classes != np.floor(classes)) | (classes < 0) | (classes >= count)
    _refuse(wrong, f"a class is a whole number from 0 to {count - 1}", origin)
    rows: Floats = np.eye(count)[classes.astype(np.int64)]
    return rows


def _refuse(wrong: NDArray[np.bool_], message: str, origin: Origin) -> None:
    if wrong.any():
        raise origin.fault(message, int(np.flatnonzero(wrong)[0]))
