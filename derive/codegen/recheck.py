"""A cheap check of an emitted module: shapes, and the derivative along random directions."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.codegen.load import load_module
from derive.errors import ProofError
from derive.networks import Network
from derive.networks.catalogue import loss as loss_of

Array = NDArray[Any]

STEP = 1e-30
TOLERANCE = 1e-9
DIRECTIONS = 2
LARGE = 1_000_000
"""A module whose largest weight matrix has more entries is not run."""


def recheck(source: str, network: Network, seed: int = 0) -> None:
    """Run a module at random numbers, named sizes being small ones that differ.

    Every gradient must have its parameter's shape, and along random directions the complex step of
    the loss must be the gradient's component. A module too large to run in passing is trusted: its
    lines do not depend on its sizes.

    Raises:
        ProofError: one of both does not hold, or the module does not run.
    """
    concrete = small(network)
    widths = [concrete.input_size, *(layer.units for layer in concrete.layers)]
    if max(int(width) for width in widths) ** 2 > LARGE:
        return
    try:
        _run(load_module(source), network, np.random.default_rng(seed))
    except ProofError:
        raise
    except Exception as error:
        raise ProofError(f"{network.name}: the module does not run: {error}") from error


def _run(module: ModuleType, network: Network, rng: np.random.Generator) -> None:
    params, x, y = draw(module, network, rng)
    arrays = module.named(params)
    gradients = module.named(module.loss_and_gradients(params, x, y)[1])
    for name, array in arrays.items():
        if np.shape(gradients[name]) != array.shape:
            shapes = f"shape {np.shape(gradients[name])}, not {array.shape}"
            raise ProofError(f"{network.name}: the gradient of {name} in the module has {shapes}")
    for _ in range(DIRECTIONS):
        direction = {name: rng.standard_normal(array.shape) for name, array in arrays.items()}
        slope = _slope(module, params, direction, x, y)
        shares = [gradients[name] * direction[name] for name in arrays]
        found = float(sum(np.sum(share) for share in shares))
        size = max(abs(slope), float(sum(np.sum(np.abs(share)) for share in shares)))
        if not abs(slope - found) <= TOLERANCE * size:
            raise ProofError(
                f"{network.name}: the module's gradient gives {found}, its loss {slope}"
            )


def _slope(
    module: ModuleType, params: Any, direction: dict[str, Array], x: Array, y: Array
) -> float:
    """The derivative of the loss along a direction, by the complex step."""
    arrays = module.named(params)
    moved = [array + 1j * STEP * direction[name] for name, array in arrays.items()]
    _, cache = module.forward(module.like(params, moved), x)
    return float(module.loss(cache, y).imag / STEP)


def small(network: Network) -> Network:
    """The network at a depth of three if it has any, and with a small number for every name."""
    bare = replace(network, values={})
    fixed = bare.at_depth(3) if network.generic else bare
    return fixed.with_sizes(_numbers(fixed))


def _numbers(network: Network) -> dict[str, int]:
    """A number for every name, all different and none that the network has already."""
    taken = {network.input_size, *(layer.units for layer in network.layers)}
    free = (size for size in count(2) if size not in taken)
    return {name: next(free) for name in network.sizes}


def draw(
    module: ModuleType, network: Network, rng: np.random.Generator, samples: int = 0
) -> tuple[Any, Array, Array]:
    """Random parameters of a module's network at small sizes, random samples and their targets.

    The number of samples is one that no layer has for a width, unless it is given.
    """
    concrete = small(network)
    widths = [int(size) for size in (concrete.input_size, *(k.units for k in concrete.layers))]
    samples = samples or next(size for size in count(2) if size not in widths)
    sizes = _numbers(replace(network, values={}))
    params = module.init(rng, widths) if network.generic else module.init(rng, **sizes)
    arrays = module.named(params).values()
    params = module.like(params, [a + 0.1 * rng.standard_normal(a.shape) for a in arrays])
    x, y = rng.standard_normal((samples, widths[0])), rng.random((samples, widths[-1]))
    if loss_of(network.loss).one_hot:
        y = y / np.sum(y, axis=1, keepdims=True)
    if network.scalar:
        return params, x[:, 0], y[:, 0]
    return (params, x, y) if network.style.samples == "row" else (params, x.T, y.T)
