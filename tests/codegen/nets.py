"""Random networks, numbers for them, and references to compare a module with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
from hypothesis import strategies as st

from derive.calculus import Derivation, derivation
from derive.codegen import generate_code, load_module
from derive.meaning.style import LAYOUTS
from derive.networks import Layer, Network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.program.evaluate import NUMERIC, evaluate
from derive.program.functions import Function

SMOOTH = tuple(word for word, activation in ACTIVATIONS.items() if activation.analytic)
HIDDEN = tuple(word for word, activation in ACTIVATIONS.items() if not activation.block)
BLOCKS = tuple(word for word in ACTIVATIONS if word not in HIDDEN)


def has_kinks(function: Function) -> bool:
    return bool(function.expression.has(sp.Piecewise))


@st.composite
def networks(draw: st.DrawFn, kinked: bool = True) -> Network:
    """Dense networks of one to four layers, in any layout."""
    losses = [word for word, own in LOSSES.items() if kinked or not has_kinks(own.definition)]
    loss = draw(st.sampled_from(sorted(losses)))
    words = [*HIDDEN, *BLOCKS] if kinked else list(SMOOTH)
    heads = LOSSES[loss].heads or tuple(words)
    depth = draw(st.integers(1, 4))
    layers = []
    for number in range(1, depth + 1):
        word = draw(st.sampled_from(heads if number == depth else words))
        units = draw(st.integers(2 if word in BLOCKS else 1, 5))
        layers.append(Layer(units, word, bias=draw(st.booleans())))
    plain = Network("random", "x", draw(st.integers(1, 5)), tuple(layers), loss)
    return in_layout(plain, draw(st.sampled_from(LAYOUTS)))


def in_layout(network: Network, layout: str) -> Network:
    return replace(network, style=network.style.with_layout(layout))


@dataclass(frozen=True, slots=True)
class Case:
    """A module with numbers."""

    derivation: Derivation
    module: Any
    params: Any
    x: Any
    y: Any

    def gradients(self) -> dict[str, Any]:
        return dict(self.module.named(self.module.backward(self.params, self.cache(), self.y)))

    def cache(self) -> Any:
        return self.module.forward(self.params, self.x)[1]

    def reference(self) -> dict[str, Any]:
        """Every value of the derivation's program at the same numbers, from its definition."""
        program = self.derivation.batch.program
        samples = self.x.shape[
            self.derivation.network.style.samples == "column" and self.x.ndim - 1
        ]
        values = {**self.params._asdict(), self.derivation.network.input: self.x, "y": self.y}
        return evaluate(program, values, {self.derivation.network.style.batch: samples}, NUMERIC)


def case(network: Network, samples: int = 3, seed: int = 0, scale: float = 1.0) -> Case:
    """Random numbers for a network without named sizes."""
    found = derivation(network)
    module = load_module(generate_code(found))
    rng = np.random.default_rng(seed)
    arrays = module.named(module.init(rng)).values()
    params = module.like(
        module.init(rng), [a + 0.3 * scale * rng.standard_normal(a.shape) for a in arrays]
    )
    x = rng.standard_normal((samples, int(network.input_size)))
    y = rng.random((samples, int(network.layers[-1].units)))
    if LOSSES[network.loss].one_hot:
        y /= np.sum(y, axis=1, keepdims=True)
    if network.scalar:
        return Case(found, module, params, x[:, 0], y[:, 0])
    if network.style.samples == "column":
        x, y = x.T, y.T
    return Case(found, module, params, x, y)
