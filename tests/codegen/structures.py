"""Networks with every structure and objective, and random numbers for their modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from derive.calculus import Derivation, derivation
from derive.codegen import generate_code, load_module
from derive.codegen.recheck import draw, masks
from derive.networks import Network, network
from derive.program.evaluate import NUMERIC, evaluate

FIXED = (
    "x[3] -> dense(4, tanh) -> dense(4, adds=[1]) -> dense(4, sigmoid, adds=[1, 2]) -> dense(2)"
    " ; mse",
    "x[3] -> dense(4, relu) -> dense(5, tanh, reads=[1, 0]) -> dense(2, reads=[0, 1, 2]) ; mse",
    "x[3] -> dense(4, tanh) -> dense(3, weights=1, transposed=true) ; half_mse",
    "x[3] -> dense(3, tanh) -> dense(3, tanh, weights=1, bias=false) -> dense(2) ; mse, l2=0.01",
    "x[3] -> dense(4, tanh, dropout=0.2) -> dense(5, dropout=0.5) -> dense(2, softmax)"
    " ; cross_entropy",
    "x[3] -> dense(4, tanh) -> dense(3, softmax, temperature=2) ; cross_entropy, l1=0.1",
    "x[3] -> dense(4, tanh, l1=0.1) -> dense(2, l2=0) ; mse, l1=0.02, l2=0.01",
    "x[3] -> dense(4, tanh) -> dense(2) ; 0.5 mse + 2 huber",
    "x[3] -> dense(2, sigmoid) ; 0.5 bce + 1 mse, output_weights=[1, 3]",
    "x[3] -> dense(3, softmax) ; cross_entropy, smoothing=0.1, output_weights=[1, 2, 0.5],"
    " target=index",
    "x[3] -> dense(3, softmax) ; 0.5 cross_entropy + 2 mse",
    "x[3] -> dense(3, log_softmax) ; nll, target=index, output_weights=[1, 2, 0.5]",
    "x[3] -> dense(4, tanh) -> dense(2) ; 0.3 gaussian + 0.7 mse, l2=0.01, output_weights=[1, 2]",
    "x -> dense(1, tanh) -> dense(1, tanh, adds=[1], dropout=0.25) -> dense(1, reads=[0, 2])"
    " ; mse, l2=0.1",
    "x[n0] -> dense(n1, tanh, dropout=0.1) -> dense(n1, tanh, adds=[1]) -> dense(n2, softmax)"
    " ; cross_entropy, l2=0.01, smoothing=0.2",
    "x[4] -> " + "dense(4, tanh) -> " * 12 + "dense(2) ; mse, l1=0.1, l2=0.01",
)

DEEP = (
    "x[n0] -> dense(n, tanh)*(L-1) -> dense(2) ; mse, l2=0.01",
    "x[n0] -> dense(n, relu, l1=0.1)*(L-1) -> dense(2, l1=0.2) ; 0.5 mse + 2 huber",
    "x[n0] -> dense(n, tanh)*(L-1) -> dense(2, l2=0.5) ; mse",
    "x[n0] -> dense(n, tanh)*(L-1) -> dense(3, softmax, temperature=2) ; cross_entropy,"
    " smoothing=0.1, output_weights=[1, 2, 3], target=index",
)


@dataclass(frozen=True, slots=True)
class Structured:
    """A module with random numbers; ``given`` holds its masks."""

    derivation: Derivation
    source: str
    module: Any
    params: Any
    x: Any
    y: Any
    given: tuple[Any, ...]

    @property
    def network(self) -> Network:
        return self.derivation.network

    def loss_and_gradients(self) -> Any:
        return self.module.loss_and_gradients(self.params, self.x, self.y, *self.given)

    def reference(self) -> dict[str, Any]:
        """Every value of the derivation's program at the same numbers, from its definition."""
        program = self.derivation.batch.program
        values = {**self.params._asdict(), self.network.input: self.x, "y": self.y}
        values |= {name: np.asarray(value) for name, value in self.network.constants.items()}
        values |= self.given[0]._asdict() if self.given else {}
        sizes = {}
        for name, variable in program.variables.items():
            if name in values:
                sizes.update(zip(variable.shape, np.shape(values[name]), strict=True))
        return evaluate(
            program, values, {n: k for n, k in sizes.items() if n in program.sizes}, NUMERIC
        )


def structured(line: str, layout: str | None = None, seed: int = 0) -> Structured:
    net = network(line)
    net = net.in_layout(layout) if layout else net
    found = derivation(net)
    source = generate_code(found)
    module, rng = load_module(source), np.random.default_rng(seed)
    params, x, y = draw(module, net, rng)
    return Structured(found, source, module, params, x, y, masks(module, net, x, rng))
