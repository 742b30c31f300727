"""A cheap check of an emitted module: shapes, and the derivative along random directions."""

from __future__ import annotations

from dataclasses import replace
from inspect import signature
from itertools import count
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.codegen.load import load_module
from derive.codegen.retrace import step_error
from derive.codegen.second_check import product_error
from derive.errors import ProofError
from derive.networks import Network
from derive.networks.catalogue import loss as loss_of
from derive.networks.objective import weighted_losses
from derive.networks.optimiser import optimiser_of

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
    given = masks(module, network, x, rng)
    arrays, gradients = values(module, network, params, x, y, given)
    for name, array in arrays.items():
        if np.shape(gradients[name]) != array.shape:
            shapes = f"shape {np.shape(gradients[name])}, not {array.shape}"
            raise ProofError(f"{network.name}: the gradient of {name} in the module has {shapes}")
    for _ in range(DIRECTIONS):
        direction = {name: rng.standard_normal(array.shape) for name, array in arrays.items()}
        slope = _slope(module, network, params, direction, x, y, given)
        shares = [gradients[name] * direction[name] for name in arrays]
        found = float(sum(np.sum(share) for share in shares))
        size = max(abs(slope), float(sum(np.sum(np.abs(share)) for share in shares)))
        if not abs(slope - found) <= TOLERANCE * size:
            raise ProofError(
                f"{network.name}: the module's gradient gives {found}, its loss {slope}"
            )
    slopes = module.like(params, [gradients[name] for name in module.named(params)])
    _check_steps(module, network, params, slopes)
    if hasattr(module, "hessian_product"):
        error = product_error(module, params, (x, y, *given), rng)
        if not error <= TOLERANCE:
            raise ProofError(f"{network.name}: the module's second order is off by {error:.1e}")


def _check_steps(module: ModuleType, network: Network, params: Any, gradients: Any) -> None:
    error = step_error(module, optimiser_of(network), params, gradients)
    if not error <= TOLERANCE:
        raise ProofError(f"{network.name}: the module's update is off by {error:.1e}")


def values(
    module: ModuleType,
    network: Network,
    params: Any,
    x: Array,
    y: Array,
    given: tuple[Any, ...] = (),
) -> tuple[dict[str, Array], dict[str, Array]]:
    """The parameters and the gradients by name; where the module has that by the input, both."""
    arrays = module.named(params)
    gradients = module.named(module.loss_and_gradients(params, x, y, *given)[1])
    if hasattr(module, "input_gradient"):
        found = module.input_gradient(params, module.forward(params, x, *given)[1], y)
        return {**arrays, network.input: x}, {**gradients, network.input: found}
    return arrays, gradients


def _slope(
    module: ModuleType,
    network: Network,
    params: Any,
    direction: dict[str, Array],
    x: Array,
    y: Array,
    given: tuple[Any, ...],
) -> float:
    """The derivative of the loss along a direction, by the complex step."""
    arrays = module.named(params)
    moved = [array + 1j * STEP * direction[name] for name, array in arrays.items()]
    x = x + 1j * STEP * direction[network.input] if network.input in direction else x
    _, cache = module.forward(module.like(params, moved), x, *given)
    return float(module.loss(cache, y).imag / STEP)


def masks(
    module: ModuleType, network: Network, x: Array, rng: np.random.Generator
) -> tuple[Any, ...]:
    """Random masks for the samples, where the network has dropout: what its functions are given
    behind x, or x and y.
    """
    if not any(layer.dropout for layer in network.layers):
        return ()
    count = x.shape[0] if network.style.samples == "row" else x.shape[-1]
    sizes = _numbers(replace(network, values={}))
    wanted = signature(module.draw_masks).parameters
    return (module.draw_masks(rng, count, **{n: s for n, s in sizes.items() if n in wanted}),)


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
    if any(loss_of(word).one_hot for word, _ in weighted_losses(network)):
        y = y / np.sum(y, axis=1, keepdims=True)
    if network.scalar:
        return params, x[:, 0], y[:, 0]
    return (params, x, y) if network.style.samples == "row" else (params, x.T, y.T)
