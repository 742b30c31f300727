"""Elementwise functions: each is one SymPy expression, and everything about it follows from that.

``FUNCTIONS`` is the table; a line ``define``, ``activation`` or ``loss`` is all that a new function
needs: its word, derivation, proof, code and entry in the catalogue follow. Derivatives are SymPy's.
The kinks are declared by Piecewise, so that the derivative at a kink is the value of the branch
"otherwise": relu'(0) = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import sympy as sp

from derive.errors import DerivationError

_UNKNOWN = (sp.Derivative, sp.Subs, sp.Heaviside, sp.DiracDelta)
"""What SymPy answers where it has no closed form, or differentiates a kink as a distribution."""


@cache
def parameter(position: int) -> sp.Symbol:
    """The k-th formal argument of every function."""
    return sp.Symbol(f"u{position}", real=True)


@cache
def size_symbol(name: str) -> sp.Symbol:
    """A named size inside an expression: the ``m`` of ``2 (y_hat - y) / m``."""
    return sp.Symbol(name, positive=True, integer=True)


@dataclass(frozen=True, slots=True)
class Function:
    """``name(u0, ..., u_arity-1) = expression``; anonymous functions have the name ``""``."""

    name: str
    arity: int
    expression: sp.Expr

    def __call__(self, *arguments: sp.Expr) -> sp.Expr:
        """The expression with the arguments in place of the formal ones."""
        pairs = {parameter(k): argument for k, argument in enumerate(arguments)}
        return self.expression.xreplace(pairs)

    @property
    def constant(self) -> bool:
        """Whether no argument occurs in it."""
        return not any(parameter(k) in self.expression.free_symbols for k in range(self.arity))


def anonymous(expression: sp.Expr, arity: int) -> Function:
    """A function without a name, for what arises while deriving."""
    return Function("", arity, expression)


@cache
def derivative(function: Function, position: int) -> Function:
    """``d function / d u_position``, by SymPy.

    Raises:
        DerivationError: SymPy has no closed form for it.
    """
    raw = sp.diff(function.expression, parameter(position))
    if raw.has(*_UNKNOWN):
        raise DerivationError(
            f"the derivative of {function.name or function.expression} has no closed form: {raw}"
        )
    name = f"{function.name}'" if function.name and function.arity == 1 else ""
    return Function(name, function.arity, raw)


FUNCTIONS: dict[str, Function] = {}


def define(name: str, arity: int, formula: Callable[..., sp.Expr]) -> None:
    """Enter a function into the table."""
    FUNCTIONS[name] = Function(name, arity, formula(*(parameter(k) for k in range(arity))))


def _positive(u: sp.Expr, then: sp.Expr, otherwise: sp.Expr) -> sp.Expr:
    return sp.Piecewise((then, u > 0), (otherwise, True))


_HALF = sp.Rational(1, 2)
_SELU = sp.Rational("1.0507009873554805"), sp.Rational("1.7580993408473769")
"""Scale, and scale times alpha, of the self-normalising unit (Klambauer et al. 2017)."""

define("exp", 1, sp.exp)
define("log", 1, sp.log)
define("reciprocal", 1, lambda u: 1 / u)
define("sinh", 1, sp.sinh)
define("cosh", 1, sp.cosh)
define("sin", 1, sp.sin)
define("cos", 1, sp.cos)
define("arctan", 1, sp.atan)
define("sqrt", 1, sp.sqrt)
define("erf", 1, sp.erf)
define("sign", 1, lambda u: sp.Piecewise((1, u > 0), (-1, u < 0), (0, True)))
define("abs", 1, lambda u: sp.Piecewise((u, u > 0), (-u, u < 0), (0, True)))


@dataclass(frozen=True, slots=True)
class Activation:
    """What a network should know of an activation, besides its function."""

    values: str
    """Its range; a number with dots is rounded."""
    monotone: bool = True
    init: str = "xavier"
    """``xavier``, ``he`` or ``lecun``: the initialisation that keeps variances even."""


ACTIVATIONS: dict[str, Activation] = {}


def activation(
    name: str, formula: Callable[[sp.Symbol], sp.Expr], values: str, **facts: Any
) -> None:
    """Enter an activation into both tables; derivations write it by its name."""
    define(name, 1, formula)
    ACTIVATIONS[name] = Activation(values, **facts)


activation("identity", lambda z: z, "(-oo, oo)")
activation("tanh", sp.tanh, "(-1, 1)")
activation("sigmoid", lambda z: 1 / (1 + sp.exp(-z)), "(0, 1)")
activation("relu", lambda z: _positive(z, z, sp.Integer(0)), "[0, oo)", init="he")
activation("leaky_relu", lambda z: _positive(z, z, z / 100), "(-oo, oo)", init="he")
activation("elu", lambda z: _positive(z, z, sp.exp(z) - 1), "(-1, oo)", init="he")
activation(
    "selu",
    lambda z: _positive(z, _SELU[0] * z, _SELU[1] * (sp.exp(z) - 1)),
    "(-1.7581, oo)",
    init="lecun",
)
activation("softplus", lambda z: sp.log(1 + sp.exp(z)), "(0, oo)", init="he")
activation("log_sigmoid", lambda z: -sp.log(1 + sp.exp(-z)), "(-oo, 0)")
activation("silu", lambda z: z / (1 + sp.exp(-z)), "[-0.2785, oo)", monotone=False, init="he")
activation(
    "mish",
    lambda z: z * sp.tanh(sp.log(1 + sp.exp(z))),
    "[-0.3089, oo)",
    monotone=False,
    init="he",
)
activation(
    "gelu",
    lambda z: z / 2 * (1 + sp.erf(z / sp.sqrt(2))),
    "[-0.1700, oo)",
    monotone=False,
    init="he",
)
activation(
    "gelu_tanh",
    lambda z: z / 2 * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (z + sp.Rational("0.044715") * z**3))),
    "[-0.1701, oo)",
    monotone=False,
    init="he",
)
activation("softsign", lambda z: _positive(z, z / (1 + z), z / (1 - z)), "(-1, 1)")
activation(
    "hard_sigmoid",
    lambda z: sp.Piecewise((1, z > 3), (0, z < -3), (z / 6 + _HALF, True)),
    "[0, 1]",
)
activation("hard_tanh", lambda z: sp.Piecewise((1, z > 1), (-1, z < -1), (z, True)), "[-1, 1]")


@dataclass(frozen=True, slots=True)
class Loss:
    """What a network should know of a loss, besides its function."""

    title: str
    heads: tuple[str, ...] = ()
    """The output activations that it fits; empty for any."""
    one_hot: bool = False
    """The target is a distribution: sum(y) = 1."""
    spread: bool = False
    """Its arguments are (prediction, s, target), s being the logarithm of the variance."""
    binary: bool = False
    """The target is the probability of one of two classes."""


LOSSES: dict[str, Loss] = {}


def loss(name: str, formula: Callable[..., sp.Expr], title: str, **facts: Any) -> None:
    """Enter a loss of (prediction, target) into both tables: the terms that are summed."""
    LOSSES[name] = Loss(title, **facts)
    define(name, 3 if LOSSES[name].spread else 2, formula)


def _huber(error: sp.Expr) -> sp.Expr:
    far = ((sign * error - _HALF, sign * error > 1) for sign in (1, -1))
    return sp.Piecewise(*far, (error**2 / 2, True))


def _clipped(p: sp.Expr, t: sp.Expr) -> sp.Expr:
    """Binary cross-entropy of p, which is kept this far from 0 and 1."""
    rows = ((CLIP, p < CLIP), (1 - CLIP, p > 1 - CLIP), (p, True))
    return sp.Piecewise(*((-t * sp.log(q) - (1 - t) * sp.log(1 - q), c) for q, c in rows))


CLIP = sp.Rational(1, 10**7)

define("squared_difference", 2, lambda u, v: (u - v) ** 2)
define("half_squared_difference", 2, lambda u, v: (u - v) ** 2 / 2)
define("half_square", 1, lambda u: u**2 / 2)
define("weighted_log", 2, lambda p, t: -t * sp.log(p))
loss(
    "binary_cross_entropy",
    lambda p, t: -(t * sp.log(p) + (1 - t) * sp.log(1 - p)),
    "binary cross-entropy",
    heads=("sigmoid",),
    binary=True,
)
loss(
    "absolute_error",
    lambda p, t: sp.Piecewise((p - t, p - t > 0), (t - p, p - t < 0), (0, True)),
    "absolute error",
)
loss("huber", lambda p, t: _huber(p - t), "Huber's loss, quadratic up to an error of 1")
loss("log_cosh", lambda p, t: sp.log(sp.cosh(p - t)), "log-cosh of the error")
loss(
    "logit_cross_entropy",
    lambda p, t: sp.log(1 + sp.exp(p)) - t * p,
    "binary cross-entropy of logits",
    binary=True,
)
loss(
    "clipped_cross_entropy",
    _clipped,
    "binary cross-entropy of probabilities, clipped to [1e-7, 1 - 1e-7]",
    binary=True,
)
loss(
    "hinge",
    lambda p, t: _positive(1 - t * p, 1 - t * p, sp.Integer(0)),
    "hinge loss, targets -1 and 1",
)
loss(
    "squared_hinge",
    lambda p, t: _positive(1 - t * p, (1 - t * p) ** 2, sp.Integer(0)),
    "squared hinge loss, targets -1 and 1",
)
loss(
    "poisson",
    lambda p, t: sp.exp(p) - t * p,
    "Poisson's negative log-likelihood, the prediction being the logarithm of the rate",
)
loss(
    "kullback_leibler",
    lambda p, t: t * sp.log(t) - t * sp.log(p),
    "Kullback-Leibler divergence of the prediction from the target",
    heads=("softmax",),
    one_hot=True,
)
loss(
    "negative_log_likelihood",
    lambda p, t: -t * p,
    "negative log-likelihood of predicted log-probabilities",
    heads=("log_softmax",),
    one_hot=True,
)
loss(
    "gaussian",
    lambda p, s, t: (s + (t - p) ** 2 * sp.exp(-s)) / 2,
    "Gaussian negative log-likelihood, s being the logarithm of the variance",
    spread=True,
)
