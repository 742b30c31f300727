"""Networks in JAX, written from the SymPy definitions of their words.

Nothing of the emitted code, of the derivation or of its stable forms is used: activations and
losses are printed by SymPy for JAX, and the network is assembled here. JAX is an extra; whoever
calls this has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import sympy as sp

from derive.networks import Network
from derive.networks.catalogue import activation as activation_of
from derive.networks.catalogue import loss as loss_of
from derive.program.functions import Function, parameter


def configured() -> Any:
    """The module ``jax`` with 64 bits.

    Raises:
        ImportError: JAX is not installed.
    """
    import jax
    import jax.scipy.special

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    return jax


@cache
def in_jax(function: Function) -> Callable[..., Any]:
    """A definition as a function of JAX arrays."""
    jax = configured()
    special = {"erf": jax.scipy.special.erf}
    arguments = [parameter(k) for k in range(function.arity)]
    return sp.lambdify(arguments, function.expression, [special, "jax"])  # type: ignore[no-any-return]


def softmax(jnp: Any, z: Any) -> Any:
    """``exp(z_i) / sum_j exp(z_j)``, a sample a row."""
    return jnp.exp(z) / jnp.sum(jnp.exp(z), axis=1, keepdims=True)


def log_softmax(jnp: Any, z: Any) -> Any:
    """``z_i - log sum_j exp(z_j)``, a sample a row."""
    return z - jnp.log(jnp.sum(jnp.exp(z), axis=1, keepdims=True))


BLOCKS: dict[str, Callable[[Any, Any], Any]] = {"softmax": softmax, "log_softmax": log_softmax}
"""Named program -> its definition."""


def mean_loss(network: Network, arrays: Mapping[str, Any]) -> Any:
    """The mean of the losses of a batch; of the plain sequence of layers, with a temperature."""
    jnp = configured().numpy
    column = network.style.samples == "column"
    value, target = (arrays[name].T if column else arrays[name] for name in (network.input, "y"))
    for number, layer in enumerate(network.layers, start=1):
        before, value = value, _affine(network, arrays, "Wb", number, value)
        word = activation_of(layer.activation)
        if word.block:
            value = BLOCKS[word.block](jnp, value / float(layer.temperature))
        else:
            value = in_jax(word.definition)(value)
    loss, last = loss_of(network.loss), len(network.layers)
    spread = (_affine(network, arrays, "Qq", last, before),) if loss.spread else ()
    terms = in_jax(loss.definition)(value, *spread, target)
    share = float(loss.factor) / (target.shape[1] if loss.mean else 1)
    return share * jnp.mean(jnp.sum(terms, axis=1))


def _affine(
    network: Network, arrays: Mapping[str, Any], names: str, number: int, value: Any
) -> Any:
    weights = arrays[f"{names[0]}{number}"]
    product = value @ (weights.T if network.style.weights == "out_in" else weights)
    bias = f"{names[1]}{number}"
    return product + arrays[bias] if bias in arrays else product


def gradients(network: Network, parameters: Mapping[str, Any], x: Any, y: Any) -> dict[str, Any]:
    """JAX's gradient of the mean loss by every parameter, in the dtype of the parameters."""
    jax = configured()
    inputs = {network.input: x, "y": y}
    found = jax.grad(lambda p: mean_loss(network, {**inputs, **p}))(dict(parameters))
    return dict(found)
