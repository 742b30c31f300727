"""The emitted gradients of every word beside complex step and JAX: ``make figures``.

Each word stands in a network of two layers with random numbers of the size 1, which float32 holds
exactly. The error of a gradient is that of the worst parameter and the worst of several draws: the
largest difference of its entries relative to the largest entry. The truth for float32 is JAX's
gradient in float64 at the same numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from derive.codegen import generate_code, load_module
from derive.networks import Network, network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from tests.in_jax import configured, gradients

DRAWS, SAMPLES = 5, 6


@dataclass(frozen=True, slots=True)
class Figures:
    """The largest relative errors of one network's gradients."""

    method: str
    """``complex step``, or ``central differences`` where the network has kinks."""
    step: float
    """The emitted module in float64 against the method."""
    jax: float
    """Against JAX in float64."""
    single: float
    """The emitted module in float32 against JAX in float64."""
    jax_single: float
    """JAX in float32 against JAX in float64."""

    def worst(self, other: Figures) -> Figures:
        """The larger of every error; NaN is the largest."""
        names = [field.name for field in fields(self)[1:]]
        pairs = ((getattr(self, name), getattr(other, name)) for name in names)
        return Figures(self.method, *(float(np.maximum(a, b)) for a, b in pairs))


OUTPUTS = {"clipped_cross_entropy": "sigmoid"}
"""A loss that fits any activation of the last layer, and one that makes sense of it."""


def networks() -> Iterator[tuple[str, str]]:
    """Every word with a network that uses it."""
    for word, own in ACTIVATIONS.items():
        yield word, f"x[3] -> dense(5, {word}) -> dense(4, {word}) ; half_squared_error"
        if own.block:
            text = f"x[3] -> dense(5, tanh) -> dense(4, {word}, temperature=0.5)"
            yield f"{word}, temperature", f"{text} ; half_squared_error"
    for word, loss in LOSSES.items():
        for head in loss.heads or (OUTPUTS.get(word, "identity"),):
            yield word, f"x[3] -> dense(5, tanh) -> dense(4, {head}) ; {word}"


def figures(net: Network) -> Figures:
    """The errors of a network, over several draws."""
    module = load_module(generate_code(net))
    first, *others = (_figures(net, module, seed) for seed in range(DRAWS))
    for other in others:
        first = first.worst(other)
    return first


def _figures(net: Network, module: Any, seed: int) -> Figures:
    params, x, y = numbers(net, module, seed)
    check = module.check_gradients(params, x, y)
    exact = gradients(net, module.named(params), x, y)
    single = module.like(params, [array.astype(np.float32) for array in params])
    found = (_gradients(module, params, x, y), _gradients(module, single, x, y))
    rounded = [np.asarray(value, np.float32) for value in (x, y)]
    beside = gradients(net, module.named(single), *rounded)
    for values in (found[1], beside):
        assert {np.asarray(value).dtype for value in values.values()} == {np.dtype(np.float32)}
    errors = (error(values, exact) for values in (*found, beside))
    return Figures(check.method.replace("_", " "), check.largest, *errors)


def _gradients(module: Any, params: Any, x: Any, y: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = module.named(module.loss_and_gradients(params, x, y)[1])
    return found


def error(found: Mapping[str, Any], exact: Mapping[str, Any]) -> float:
    """The largest of all parameters' errors; NaN where one is."""
    pairs = ((np.asarray(found[name], float), np.asarray(exact[name])) for name in exact)
    return float(np.max([np.max(np.abs(a - b)) / np.max(np.abs(b)) for a, b in pairs]))


def numbers(net: Network, module: Any, seed: int) -> tuple[Any, Any, Any]:
    """Parameters, samples and targets that float32 holds exactly, as float64."""
    rng = np.random.default_rng(seed)
    params = module.like(
        module.init(rng), [_short(rng.normal(0, 0.7, a.shape)) for a in module.init(rng)]
    )
    x = _short(rng.normal(0, 1, (int(net.input_size), SAMPLES)))
    y = _targets(net.loss, rng, (int(net.layers[-1].units), SAMPLES))
    return params, x, y


def _targets(word: str, rng: np.random.Generator, shape: tuple[int, int]) -> Any:
    if LOSSES[word].one_hot:
        y = rng.integers(1, 16, shape).astype(float)
        y[-1] = 64 - y[:-1].sum(axis=0)
        return y / 64
    if "hinge" in word:
        return rng.choice([-1.0, 1.0], shape)
    if LOSSES[word].binary:
        return rng.choice([0.0, 0.25, 1.0], shape)
    if word == "poisson":
        return rng.poisson(2, shape).astype(float)
    return _short(rng.normal(0, 1, shape))


def _short(array: Any) -> Any:
    """Numbers of few binary digits."""
    return np.round(array * 256) / 256


HEAD = """\
| word | float64: own check | error | float64: JAX | float32: module | float32: JAX |
|---|---|---|---|---|---|"""


def main() -> None:
    """Print the table."""
    try:
        jax = configured()
    except ImportError:
        sys.exit("JAX is not installed; make figures installs it")
    print(f"NumPy {np.__version__}, JAX {jax.__version__}\n")
    print(HEAD)
    for word, text in networks():
        found = figures(network(text))
        shown = " | ".join(f"{getattr(found, f.name):.1e}" for f in fields(found)[1:])
        print(f"| `{word}` | {found.method} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
