"""Scaling of inputs and targets, stored with the parameters so that a prediction can be undone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from derive.networks.model import Network
from derive.training.data import Samples
from derive.training.monotone import square_factor

Floats = NDArray[np.float64]

SCALES = ("standard", "none")
"""Words of ``--scale``; the first is the default."""


_ROUNDING = 1e-12
"""What is smaller than this share of the largest value comes from rounding."""


@dataclass(frozen=True, slots=True)
class Scaling:
    """``x' = (x - x_shift) / x_scale`` and ``y' = (y - y_shift) / y_scale``, a row a sample.

    All targets share one scale, so that a squared error of the scaled targets is that of the data
    divided by ``y_scale^2``: the loss that is minimised is the loss that was asked for.
    """

    x_shift: Floats
    """Shape (inputs,)."""
    x_scale: Floats
    """Shape (inputs,)."""
    y_shift: Floats
    """Shape (outputs,)."""
    y_scale: float = 1.0

    def inputs(self, x: Floats) -> Floats:
        """What the network is given."""
        return (x - self.x_shift) / self.x_scale

    def targets(self, y: Floats) -> Floats:
        """What its prediction is compared with."""
        return (y - self.y_shift) / self.y_scale

    def predictions(self, y_hat: Floats) -> Floats:
        """A prediction in the units of the data."""
        return y_hat * self.y_scale + self.y_shift

    @property
    def unit(self) -> float:
        """The loss in the units of the data is this times that of the scaled data."""
        return self.y_scale**2


def scaling(data: Samples, kind: str = SCALES[0]) -> Scaling:
    """The scaling of data.

    Args:
        data: the samples.
        kind: ``standard`` brings every input to mean 0 and standard deviation 1, and the targets
            too where the loss is a square and the output may be any number; ``none``.
    """
    inputs, outputs = data.x.shape[1], data.y.shape[1]
    shift, scale, y_shift, y_scale = np.zeros(inputs), np.ones(inputs), np.zeros(outputs), 1.0
    if kind == "standard":
        shift, scale = _mean(data.x), _or_one(data.x.std(axis=0), np.abs(data.x).max(axis=0))
        if scales_targets(data.network):
            y_shift = _mean(data.y)
            y_scale = float(_or_one(np.sqrt(data.y.var(axis=0).mean()), np.abs(data.y).max()))
    return Scaling(shift, scale, y_shift, y_scale)


def scales_targets(network: Network) -> bool:
    """Whether a scaled target is as good as the target: not for probabilities or a bounded head."""
    return square_factor(network) is not None and network.layers[-1].activation == "identity"


def _mean(columns: Floats) -> Floats:
    """The mean of each column: exact where all are equal, and 0 where it is rounding only."""
    mean = np.where(np.ptp(columns, axis=0) == 0, columns[0], columns.mean(axis=0))
    return np.where(np.abs(mean) > _ROUNDING * np.abs(columns).max(axis=0), mean, 0.0)


def _or_one(deviation: Floats, magnitude: Floats) -> Floats:
    """The standard deviation; 1 where all values are equal but for rounding."""
    return np.where(deviation > _ROUNDING * magnitude, deviation, 1.0)
