"""The products of second order of an emitted module, against its own gradient."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STEP = 1e-30


def product_error(
    module: ModuleType, params: Any, data: tuple[Any, ...], rng: np.random.Generator
) -> float:
    """The largest relative error of the module's products along a random direction.

    The Hessian-vector product must be the complex step of backward, and both matrices symmetric.
    """
    x, y, *masks = data
    one, other = (_direction(module, params, rng) for _ in range(2))
    found = module.hessian_product(params, x, y, one, *masks)
    errors = [relative(flat(module, found), gradient_rate(module, params, data, one))]
    for name in ("hessian_product", "gauss_newton_product"):
        if hasattr(module, name):
            product = getattr(module, name)
            sides = [
                flat(module, a) @ flat(module, product(params, x, y, b, *masks))
                for a, b in ((one, other), (other, one))
            ]
            size = np.abs(flat(module, other)) @ np.abs(
                flat(module, product(params, x, y, one, *masks))
            )
            errors.append(float(abs(sides[0] - sides[1]) / max(size, np.finfo(float).tiny)))
    return max(errors)


def gradient_rate(module: ModuleType, params: Any, data: tuple[Any, ...], direction: Any) -> Array:
    """The rate of backward along a direction, by the complex step."""
    x, y, *masks = data
    pairs = zip(module.named(params).values(), module.named(direction).values(), strict=True)
    moved = module.like(params, [array + 1j * STEP * way for array, way in pairs])
    _, cache = module.forward(moved, x, *masks)
    return np.asarray(flat(module, module.backward(moved, cache, y)).imag / STEP)


def flat(module: ModuleType, params: Any) -> Array:
    """All numbers of a container, array after array."""
    return np.concatenate([np.ravel(array) for array in module.named(params).values()])


def relative(found: Array, expected: Array) -> float:
    """The largest difference over the largest entry; nan if there is a nan."""
    if found.shape != expected.shape:
        return float("inf")
    size = max(np.abs(found).max(initial=0), np.abs(expected).max(initial=0))
    difference = np.abs(found - expected).max(initial=0)
    return float(difference / size) if size else float(difference)


def _direction(module: ModuleType, params: Any, rng: np.random.Generator) -> Any:
    arrays = module.named(params).values()
    return module.like(params, [rng.standard_normal(np.shape(array)) for array in arrays])
