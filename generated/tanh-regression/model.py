"""tanh-regression. Layout: samples are columns, W is (out, in): Z = W X + b 1^T.

x[1] -> dense(6, tanh) -> dense(3, tanh) -> dense(1) ; mse

L is the mean over the m samples of a batch. The gradient of L by a variable, such as d_W1 = dL/dW1,
has the variable's shape. In formulas A B is the matrix product and a * b the elementwise one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
Scalar = np.floating[Any]


class Parameters(NamedTuple):
    """The parameters; also the gradient of L by each of them."""

    W1: Array  # (6, 1)
    b1: Array  # (6,)
    W2: Array  # (3, 6)
    b2: Array  # (3,)
    W3: Array  # (1, 3)
    b3: Array  # (1,)


class Cache(NamedTuple):
    """What forward keeps for loss and backward."""

    x: Array  # (1, m)
    h1: Array  # (6, m)
    h2: Array  # (3, m)
    y_hat: Array  # (1, m)


SHAPES: dict[str, tuple[int | str, ...]] = {
    "params.W1": (6, 1),
    "params.b1": (6,),
    "params.W2": (3, 6),
    "params.b2": (3,),
    "params.W3": (1, 3),
    "params.b3": (1,),
    "x": (1, "m"),
}
"""The shape of every argument; a name stands for any size, everywhere the same."""


def init(rng: np.random.Generator, dtype: DTypeLike = np.float64) -> Parameters:
    """Biases are 0, weights normal around 0 with variance 2 / (in + out) (Xavier)."""
    return Parameters(
        W1=_normal(rng, 2 / (1 + 6), (6, 1), dtype),
        b1=np.zeros((6,), dtype),
        W2=_normal(rng, 2 / (6 + 3), (3, 6), dtype),
        b2=np.zeros((3,), dtype),
        W3=_normal(rng, 2 / (3 + 1), (1, 3), dtype),
        b3=np.zeros((1,), dtype),
    )


def forward(params: Parameters, x: ArrayLike) -> tuple[Array, Cache]:
    """The predictions, and what loss and backward need, all in the dtype of the parameters."""
    params, x = _checked(params, x)
    W1, b1, W2, b2, W3, b3 = params
    z1 = W1 @ x + b1[:, None]  # z1 = W1 x + b1 1^T
    h1 = np.tanh(z1)  # h1 = tanh(z1)
    z2 = W2 @ h1 + b2[:, None]  # z2 = W2 h1 + b2 1^T
    h2 = np.tanh(z2)  # h2 = tanh(z2)
    y_hat = W3 @ h2 + b3[:, None]  # y_hat = z3 = W3 h2 + b3 1^T
    return y_hat, Cache(x, h1, h2, y_hat)


def loss(cache: Cache, y: ArrayLike) -> Scalar:
    """The loss L: mean squared error, summed over the outputs, batch mean."""
    y = _target(y, cache.y_hat)
    y_hat = cache.y_hat
    m = y.shape[1]
    L: Scalar = np.sum((y_hat - y) ** 2) / m  # L = sum((y_hat - y)^2) / m
    return L


def backward(params: Parameters, cache: Cache, y: ArrayLike) -> Parameters:
    """The gradient of L by every parameter, from the loss back."""
    params, x = _checked(params, cache.x)
    y = _target(y, cache.y_hat)
    W2, W3 = params.W2, params.W3
    h1, h2, y_hat = cache.h1, cache.h2, cache.y_hat
    m = y.shape[1]
    d_z3 = 2 / m * (y_hat - y)  # dL/dz3 = dL/dy_hat = 2 (y_hat - y) / m
    d_W3 = d_z3 @ h2.T  # dL/dW3 = dL/dz3 h2^T
    d_b3 = np.sum(d_z3, axis=1)  # dL/db3 = dL/dz3 1
    d_h2 = W3.T @ d_z3  # dL/dh2 = W3^T dL/dz3
    d_z2 = d_h2 * (1 - h2**2)  # dL/dz2 = dL/dh2 * (1 - h2^2)
    d_W2 = d_z2 @ h1.T  # dL/dW2 = dL/dz2 h1^T
    d_b2 = np.sum(d_z2, axis=1)  # dL/db2 = dL/dz2 1
    d_h1 = W2.T @ d_z2  # dL/dh1 = W2^T dL/dz2
    d_z1 = d_h1 * (1 - h1**2)  # dL/dz1 = dL/dh1 * (1 - h1^2)
    d_W1 = d_z1 @ x.T  # dL/dW1 = dL/dz1 x^T
    d_b1 = np.sum(d_z1, axis=1)  # dL/db1 = dL/dz1 1
    return Parameters(d_W1, d_b1, d_W2, d_b2, d_W3, d_b3)


def loss_and_gradients(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[Scalar, Parameters]:
    """The loss, and its gradient by every parameter."""
    _, cache = forward(params, x)
    return loss(cache, y), backward(params, cache, y)


def update(params: Parameters, gradients: Parameters, rate: float) -> Parameters:
    """New parameters, one step of gradient descent on: W1 - rate * d_W1, and so for each."""
    pairs = zip(named(params).values(), named(gradients).values(), strict=True)
    return like(params, [value - float(rate) * slope for value, slope in pairs])


def named(params: Parameters) -> dict[str, Array]:
    """Every array of the parameters by its name, in order."""
    return params._asdict()


def like(params: Parameters, arrays: Iterable[Array]) -> Parameters:
    """Parameters of the same form from other arrays."""
    return Parameters(*arrays)


class GradientCheck(NamedTuple):
    """What check_gradients found."""

    method: str
    errors: dict[str, float]
    """The relative error of the gradient by each parameter, in the largest norm."""
    skipped: int
    """Entries that were not compared: their quotient reaches across a kink."""

    @property
    def largest(self) -> float:
        """The largest of the errors."""
        return max(self.errors.values())


class Method(NamedTuple):
    """A way to check gradients by the quotient (L(p + step) - L(p - step)) / (2 step)."""

    epsilon: float
    tolerance: float
    direction: complex
    """The step is epsilon times this."""
    rounding: float
    """What the rounding of the loss, relative to it, leaves in the quotient's numerator."""


METHODS = {
    "complex_step": Method(1e-30, 1e-10, 1j, 0.0),
    "central_differences": Method(6e-6, 1e-5, 1.0, 2e-15),
}
"""The step of the first is imaginary: nothing cancels, so it may be tiny."""


def check_gradients(
    params: Parameters,
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: str = "auto",
    epsilon: float | None = None,
    tolerance: float | None = None,
) -> GradientCheck:
    """Compare backward with difference quotients of the loss, in float64, entry by entry.

    Args:
        params: where to check.
        x: the samples.
        y: their targets.
        method: one of METHODS; "auto" is "complex_step" for this network.
        epsilon: the length of the step; default the method's.
        tolerance: the relative error that is allowed; default the method's.

    Raises:
        AssertionError: a gradient's relative error is larger.
        ValueError: there is no such method, or an argument does not fit.
    """
    name = "complex_step" if method == "auto" else method
    if name not in METHODS:
        raise ValueError(f"method: expected auto or one of {', '.join(METHODS)}, got {method!r}")
    chosen = METHODS[name]
    size = chosen.epsilon if epsilon is None else epsilon
    if not size > 0:
        raise ValueError(f"epsilon: expected a positive number, got {epsilon}")
    limit = chosen.tolerance if tolerance is None else tolerance
    data = x, y
    params, _ = _checked(params, data[0])
    value, gradients = loss_and_gradients(_copied(params, float), *data)
    floor = chosen.rounding * abs(float(value)) / size / chosen.tolerance
    step = size * chosen.direction
    moved = _copied(params, type(step))
    errors: dict[str, float] = {}
    skipped = 0
    for key, gradient in named(gradients).items():
        quotients, smooth = _quotients(moved, named(moved)[key], data, step)
        errors[key] = _relative_error(np.asarray(gradient)[smooth], quotients[smooth], floor)
        skipped += int(np.count_nonzero(~smooth))
        if not smooth.any():
            raise AssertionError(f"gradient of {key}: every quotient reaches across a kink")
        if not errors[key] <= limit:
            raise AssertionError(f"gradient of {key}: relative error {errors[key]:.1e} by {name}")
    return GradientCheck(name, errors, skipped)


def _quotients(
    params: Parameters, array: Array, data: tuple[ArrayLike, ArrayLike], step: complex
) -> tuple[Array, Array]:
    """The quotient for every entry of one array of the parameters, and where it is a derivative."""
    quotients, smooth = np.zeros(array.shape), np.ones(array.shape, bool)
    for index in np.ndindex(array.shape):
        entry = array[index]
        array[index] = upper = entry + step
        above, sides_above = _trial(params, *data)
        array[index] = lower = entry - step
        below, sides_below = _trial(params, *data)
        array[index] = entry
        quotients[index] = ((above - below) / (upper - lower)).real
        smooth[index] = all(map(np.array_equal, sides_above, sides_below))
    return quotients, smooth


def _trial(params: Parameters, x: ArrayLike, y: ArrayLike) -> tuple[Scalar, list[Array]]:
    """The loss, and on which side of every kink the values lie."""
    _, cache = forward(params, x)
    return loss(cache, y), []


def _relative_error(gradient: Array, quotients: Array, floor: float) -> float:
    """The largest difference over the largest entry; less than the floor cannot be resolved."""
    difference = np.max(np.abs(gradient - quotients), initial=0.0)
    size = np.max(np.abs([gradient, quotients]), initial=max(floor, np.finfo(float).tiny))
    return float(difference / size)


def _copied(params: Parameters, dtype: DTypeLike) -> Parameters:
    """The parameters as new arrays of one dtype."""
    return like(params, [np.array(array, dtype) for array in named(params).values()])


def _normal(
    rng: np.random.Generator, variance: float, shape: tuple[int, ...], dtype: DTypeLike
) -> Array:
    """Normal random numbers around 0."""
    return np.asarray(np.sqrt(variance) * rng.standard_normal(shape), dtype)


def _checked(params: Parameters, x: ArrayLike) -> tuple[Parameters, Array]:
    """Both as arrays of the parameters' dtype; ValueError where a shape does not fit."""
    arrays = {f"params.{key}": value for key, value in named(params).items()}
    arrays = {name: _numbers(name, value) for name, value in arrays.items()}
    samples = _numbers("x", x)
    _check_shapes({**arrays, "x": samples}, SHAPES)
    dtype = np.result_type(*arrays.values())
    return like(params, [_cast(a, dtype) for a in arrays.values()]), _cast(samples, dtype)


def _cast(array: Array, dtype: np.dtype[Any]) -> Array:
    """The array in a dtype; complex numbers stay complex."""
    wanted = np.result_type(dtype, array) if array.dtype.kind == "c" else dtype
    return array.astype(wanted, copy=False)


def _target(y: ArrayLike, prediction: Array) -> Array:
    """The targets as an array of the predictions' dtype and shape."""
    array = _numbers("y", y)
    if array.shape != prediction.shape:
        raise ValueError(f"y: expected shape {prediction.shape}, got {array.shape}")
    return _cast(array, prediction.dtype)


def _numbers(name: str, value: ArrayLike) -> Array:
    """The value as an array of floating-point numbers: what is no such number becomes float64."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise ValueError(f"{name}: expected numbers, got {array.dtype}")
    return array if array.dtype.kind in "fc" else array.astype(float)


def _check_shapes(arrays: dict[str, Array], shapes: dict[str, tuple[int | str, ...]]) -> None:
    """Raise ValueError for an array of another shape than the table has, or without entries."""
    sizes: dict[str, int] = {}
    for name, array in arrays.items():
        fits = len(array.shape) == len(shapes[name]) and all(
            size == (sizes.setdefault(expected, size) if isinstance(expected, str) else expected)
            for size, expected in zip(array.shape, shapes[name], strict=True)
        )
        if not fits:
            known = str(tuple(sizes.get(str(size), size) for size in shapes[name])).replace("'", "")
            raise ValueError(f"{name}: expected shape {known}, got {array.shape}")
        if array.size == 0:
            raise ValueError(f"{name}: expected no axis of size 0, got shape {array.shape}")
