"""relu-sigmoid-bce. Layout: samples are columns, W is (out, in): Z = W X + b 1^T.

x[n0] -> dense(n, relu) * (L-1) -> dense(1, sigmoid) ; binary_cross_entropy

L is the mean over the m samples of a batch. The gradient of L by a variable, such as d_W1 = dL/dW1,
has the variable's shape. In formulas A B is the matrix product and a * b the elementwise one.
relu'(0) = 0.

The layers are counted from 1 to L and tuples from 0: W[k - 1] is W_k. The activations start with
a_0 = x, so that a[k] is a_k.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[Any]
Scalar = np.floating[Any]


class Parameters(NamedTuple):
    """The parameters; also the gradient of L by each of them."""

    W: tuple[Array, ...]
    b: tuple[Array, ...]


class Cache(NamedTuple):
    """What forward keeps for loss and backward."""

    a: tuple[Array, ...]
    z: tuple[Array, ...]
    z_L: Array
    y_hat: Array


def _shapes(params: Parameters) -> dict[str, tuple[int | str, ...]]:
    """The shape of every argument at the depth of params; a name stands for any size."""
    L = len(params.W)
    if L < 2:
        raise ValueError(f"params.W: expected at least 2 layers, got {L}")
    if len(params.b) != L:
        raise ValueError(f"params.b: expected one for each layer, got {len(params.b)}")
    n: list[int | str] = ["n0", *(f"n{k}" for k in range(1, L)), 1]
    shapes: dict[str, tuple[int | str, ...]] = {}
    for k in range(1, L + 1):
        shapes[f"params.W[{k - 1}]"] = (n[k], n[k - 1])
    for k, size in enumerate(n[1:]):
        shapes[f"params.b[{k}]"] = (size,)
    return {**shapes, "x": (n[0], "m")}


def init(
    rng: np.random.Generator, sizes: Sequence[int], dtype: DTypeLike = np.float64
) -> Parameters:
    """Parameters for the widths n_0, ..., n_L in sizes, from the input to the output.

    Biases are 0, weights normal around 0 with variance 2 / in (He), 2 / (in + out) (Xavier).
    """
    if len(sizes) < 3:
        raise ValueError(f"sizes: expected at least n_0, n_1 and n_2, got {sizes}")
    if min(sizes) < 1:
        raise ValueError(f"sizes: expected positive numbers, got {sizes}")
    if sizes[-1] != 1:
        raise ValueError(f"sizes: expected n_L = 1, got {sizes[-1]}")
    fans = list(pairwise(sizes))
    W = [_normal(rng, 2 / n_in, (n_out, n_in), dtype) for n_in, n_out in fans[:-1]]
    W += [_normal(rng, 2 / (n_in + n_out), (n_out, n_in), dtype) for n_in, n_out in fans[-1:]]
    b = [np.zeros((n_out,), dtype) for n_out in sizes[1:]]
    return Parameters(tuple(W), tuple(b))


def forward(params: Parameters, x: ArrayLike) -> tuple[Array, Cache]:
    """The predictions, and what loss and backward need, all in the dtype of the parameters."""
    params, x = _checked(params, x)
    W, b = params
    a = [x]
    z: list[Array] = []
    for k in range(1, len(W)):
        z_k = W[k - 1] @ a[k - 1] + b[k - 1][:, None]  # z_k = W_k a_{k-1} + b_k 1^T
        a_k = np.maximum(z_k, 0)  # a_k = relu(z_k)
        a.append(a_k)
        z.append(z_k)
    z_L = W[-1] @ a[-1] + b[-1][:, None]  # z_L = W_L a_{L-1} + b_L 1^T
    y_hat = sigmoid(z_L)  # y_hat = sigmoid(z_L)
    return y_hat, Cache(tuple(a), tuple(z), z_L, y_hat)


def loss(cache: Cache, y: ArrayLike) -> Scalar:
    """The loss L: binary cross-entropy, batch mean."""
    y = _target(y, cache.y_hat)
    z_L = cache.z_L
    m = y.shape[1]
    # L = -sum(y * log(y_hat) + (1 - y) * log(1 - y_hat)) / m
    L: Scalar = np.sum(sigmoid_cross_entropy(z_L, y)) / m
    return L


def backward(params: Parameters, cache: Cache, y: ArrayLike) -> Parameters:
    """The gradient of L by every parameter, from the loss back."""
    params, _ = _checked(params, cache.a[0])
    y = _target(y, cache.y_hat)
    W = params.W
    a, z, y_hat = cache.a, cache.z, cache.y_hat
    m = y.shape[1]
    d_W: list[Array] = []
    d_b: list[Array] = []
    d_z = (y_hat - y) / m  # dL/dz_L = (y_hat - y) / m
    d_W.append(d_z @ a[-1].T)  # dL/dW_L = dL/dz_L a_{L-1}^T
    d_b.append(np.sum(d_z, axis=1))  # dL/db_L = dL/dz_L 1
    for k in range(len(W) - 1, 0, -1):
        d_a = W[k].T @ d_z  # dL/da_k = W_{k+1}^T dL/dz_{k+1}
        d_z = d_a * (z[k - 1] > 0)  # dL/dz_k = dL/da_k * relu'(z_k)
        d_W.append(d_z @ a[k - 1].T)  # dL/dW_k = dL/dz_k a_{k-1}^T
        d_b.append(np.sum(d_z, axis=1))  # dL/db_k = dL/dz_k 1
    return Parameters(tuple(d_W[::-1]), tuple(d_b[::-1]))


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
    return {
        f"{family}[{k}]": array
        for family, arrays in params._asdict().items()
        for k, array in enumerate(arrays)
    }


def like(params: Parameters, arrays: Iterable[Array]) -> Parameters:
    """Parameters of the same form from other arrays."""
    rest = iter(arrays)
    return Parameters(*(tuple(next(rest) for _ in family) for family in params))


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
        method: one of METHODS; "auto" is "central_differences" for this network.
        epsilon: the length of the step; default the method's.
        tolerance: the relative error that is allowed; default the method's.

    Raises:
        AssertionError: a gradient's relative error is larger.
        ValueError: there is no such method, or an argument does not fit.
    """
    name = "central_differences" if method == "auto" else method
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
    return loss(cache, y), [*(z_k > 0 for z_k in cache.z)]


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
    _check_shapes({**arrays, "x": samples}, _shapes(params))
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


def sigmoid(z: Array) -> Array:
    """1 / (1 + exp(-z)); it exponentiates only -|z|, which cannot overflow."""
    small = np.exp(np.where(z.real > 0, -z, z))
    value: Array = np.where(z.real > 0, 1, small) / (1 + small)
    return value


def sigmoid_cross_entropy(z: Array, y: Array) -> Array:
    """-(y log p + (1 - y) log(1 - p)) for p = sigmoid(z): max(z, 0) - y z + log(1 + exp(-|z|))."""
    positive = z.real > 0
    value: Array = (positive - y) * z + np.log1p(np.exp(np.where(positive, -z, z)))
    return value
