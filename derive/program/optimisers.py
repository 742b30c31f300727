"""Optimisers, clipping and schedules: each is a few SymPy equations, and the rest follows.

``OPTIMISERS``, ``CLIPPING`` and ``SCHEDULES`` are the tables. What a derivation says of an update,
the code of it, its proof and its entry in the catalogue are all made from these equations.

Every equation is elementwise: ``theta`` is a parameter, ``g`` the gradient of the loss by it,
``alpha`` the rate, and ``t = 1, 2, 3, ...`` counts the steps. ``v`` is the velocity or the running
mean of gradients, ``s`` the running mean of their squares; both start with 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from derive.program.functions import Function, anonymous, parameter


@cache
def quantity(name: str) -> sp.Symbol:
    """What stands for a name in an equation."""
    return sp.Symbol(name, real=True)


@dataclass(frozen=True, slots=True)
class Assignment:
    """``name <- expression``, with the values that the names have at that moment."""

    name: str
    expression: sp.Expr
    note: str = ""
    """What it is, in a few words."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names that it reads: arrays first."""
        found = {symbol.name for symbol in self.expression.free_symbols}
        return tuple(sorted(found, key=lambda name: (name not in ARRAYS, name)))

    @property
    def function(self) -> Function:
        """The right side as a function of the arguments."""
        places = {quantity(name): parameter(k) for k, name in enumerate(self.arguments)}
        return anonymous(self.expression.xreplace(places), len(places))


ARRAYS = ("theta", "g", "v", "s", "v_hat", "s_hat")
"""The names of arrays; all others are numbers."""

STATE: dict[str, str] = {
    "v": "the running mean of the gradients",
    "s": "the running mean of their squares",
}
"""What may be kept from step to step; an optimiser's own words take precedence."""


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers between two ends, one or both of them included."""

    low: Fraction | None = None
    high: Fraction | None = None
    closed_low: bool = False
    closed_high: bool = False
    whole: bool = False

    def __contains__(self, number: Fraction) -> bool:
        low, high = self.low, self.high
        above = low is None or number > low or (self.closed_low and number == low)
        below = high is None or number < high or (self.closed_high and number == high)
        return above and below and (not self.whole or number.denominator == 1)

    def __str__(self) -> str:
        """``a number in [0, 1)``."""
        low = f"{'[' if self.closed_low else '('}{'-oo' if self.low is None else self.low}"
        high = f"{'oo' if self.high is None else self.high}{']' if self.closed_high else ')'}"
        if self.whole:
            return f"a whole number from {self.low} to {self.high}"
        return f"a number in {low}, {high}"


SHARE = Range(Fraction(0), Fraction(1), closed_low=True)
POSITIVE = Range(Fraction(0))
NOT_NEGATIVE = Range(Fraction(0), closed_low=True)
FACTOR = Range(Fraction(0), Fraction(1), closed_high=True)
COUNT = Range(Fraction(1), Fraction(10**9), closed_low=True, closed_high=True, whole=True)


@dataclass(frozen=True, slots=True)
class Setting:
    """A number that a user may choose."""

    name: str
    default: Fraction | None
    """None: there is none, it must be given."""
    allowed: Range
    meaning: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One optimiser."""

    title: str
    source: str
    equations: tuple[Assignment, ...]
    rate: Fraction
    """Where none is given."""
    why: str
    """What it is good for, in a sentence or two."""
    convention: str
    """Which of the known variants it is."""
    settings: tuple[Setting, ...] = ()

    @property
    def state(self) -> tuple[str, ...]:
        """The arrays that are kept from step to step."""
        assigned = {equation.name for equation in self.equations}
        return tuple(name for name in STATE if name in assigned)

    @property
    def reads(self) -> frozenset[str]:
        """Every name that an equation reads."""
        return frozenset(name for equation in self.equations for name in equation.arguments)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rate of step t from ``alpha``, the first rate, and ``t``; the last equation has it."""

    title: str
    source: str
    equations: tuple[Assignment, ...]
    why: str
    convention: str = ""
    settings: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Clipping:
    """What happens to the gradient before the step; ``c`` is the limit."""

    title: str
    source: str
    equations: tuple[Assignment, ...]
    why: str


THETA, G, V, S, V_HAT, S_HAT = map(quantity, ARRAYS)
ALPHA, T, EPSILON, LAMBDA = map(quantity, ("alpha", "t", "epsilon", "decay"))
BETA, BETA1, BETA2 = map(quantity, ("beta", "beta1", "beta2"))
GAMMA, EVERY, STEPS, LOWEST = map(quantity, ("gamma", "every", "steps", "lowest"))
C, NORM, R, P, W, K = map(quantity, ("c", "norm", "r", "p", "w", "k"))


def _setting(name: str, default: str, allowed: Range, meaning: str) -> Setting:
    return Setting(name, Fraction(default) if default else None, allowed, meaning)


_VELOCITY = Assignment("v", BETA * V + G, "the velocity: a sum of gradients, old ones fading")
_MOMENTUM = _setting("beta", "0.9", SHARE, "what is left of the velocity after a step")
_EPSILON = _setting("epsilon", "1e-8", POSITIVE, "keeps the divisor from 0")

_MOMENTS = (
    Assignment("v", BETA1 * V + (1 - BETA1) * G, "running mean of the gradients"),
    Assignment("s", BETA2 * S + (1 - BETA2) * G**2, "running mean of their squares"),
    Assignment("v_hat", V / (1 - BETA1**T), "without the pull of the start at 0"),
    Assignment("s_hat", S / (1 - BETA2**T), "the same"),
)
_MOMENT_SETTINGS = (
    _setting("beta1", "0.9", SHARE, "memory of the mean"),
    _setting("beta2", "0.999", SHARE, "memory of the mean of squares"),
    _EPSILON,
)
_ADAM = V_HAT / (sp.sqrt(S_HAT) + EPSILON)

OPTIMISERS: dict[str, Rule] = {
    "gradient_descent": Rule(
        "gradient descent",
        "Cauchy 1847",
        (Assignment("theta", THETA - ALPHA * G),),
        Fraction("0.05"),
        "A small step against its gradient changes each parameter so that the loss falls.",
        "The step is the rate times the gradient, nothing else.",
    ),
    "momentum": Rule(
        "momentum",
        "Polyak 1964",
        (_VELOCITY, Assignment("theta", THETA - ALPHA * V)),
        Fraction("0.01"),
        "Gradients that agree add up to a velocity, those that change their sign cancel: along a "
        "narrow valley the steps grow, across it they shrink.",
        "The velocity holds gradients and the rate stands before it, so that it can change from "
        "step to step. In a constant direction the step grows to 1 / (1 - beta) times that of "
        "gradient descent.",
        (_MOMENTUM,),
    ),
    "nesterov": Rule(
        "Nesterov's momentum",
        "Nesterov 1983, in the form without a look-ahead",
        (_VELOCITY, Assignment("theta", THETA - ALPHA * (G + BETA * V))),
        Fraction("0.01"),
        "As momentum, but the next move of the velocity is in the step already, so that it slows "
        "down before it overshoots.",
        "The parameter that is stored is the one at which the gradient is taken: no look-ahead is "
        "computed, the velocity enters the step twice instead.",
        (_MOMENTUM,),
    ),
    "rmsprop": Rule(
        "RMSProp",
        "Tieleman and Hinton 2012",
        (
            Assignment("s", BETA * S + (1 - BETA) * G**2, "running mean of the squared gradients"),
            Assignment("theta", THETA - ALPHA * G / (sp.sqrt(S) + EPSILON)),
        ),
        Fraction("0.001"),
        "Each entry's gradient is measured by its own usual size, so that steep and flat "
        "directions take steps of about the same length.",
        "The mean is not centred, and epsilon stands outside of the root.",
        (_setting("beta", "0.9", SHARE, "memory of the mean of squares"), _EPSILON),
    ),
    "adam": Rule(
        "Adam",
        "Kingma and Ba 2015",
        (*_MOMENTS, Assignment("theta", THETA - ALPHA * _ADAM)),
        Fraction("0.001"),
        "The mean of the gradients gives the direction, the mean of their squares its measure. "
        "Both start with 0 and are too small at first: the weights of the gradients in them add up "
        "to one minus a power of beta, and the division by that mends it.",
        "The paper calls the two means m and v. Epsilon stands outside of the root, beside the "
        "corrected mean of squares.",
        _MOMENT_SETTINGS,
    ),
    "adamw": Rule(
        "AdamW",
        "Loshchilov and Hutter 2019",
        (*_MOMENTS, Assignment("theta", THETA - ALPHA * (_ADAM + LAMBDA * THETA))),
        Fraction("0.001"),
        "Adam, and each parameter shrinks by a share of itself in every step. That share is not "
        "measured by the gradient's size, as it would be if it were a penalty in the loss.",
        "The decay is decoupled: rate times decay times parameter, for biases too. The paper "
        "calls the two means m and v.",
        (*_MOMENT_SETTINGS, _setting("decay", "0.01", NOT_NEGATIVE, "the share, times the rate")),
    ),
}
"""Word -> optimiser."""

CLIPPING: dict[str, Clipping] = {
    "norm": Clipping(
        "gradient clipping by norm",
        "Pascanu, Mikolov and Bengio 2013",
        (
            Assignment("r", C / sp.Max(C, NORM), "min(1, c / norm)"),
            Assignment("g", R * G),
        ),
        "Where the norm of all gradients together is above the limit, all of them are shortened "
        "by the same factor, which keeps their direction.",
    ),
    "value": Clipping(
        "gradient clipping by value",
        "",
        (Assignment("g", sp.Max(-C, sp.Min(C, G))),),
        "Every entry of a gradient is kept between minus the limit and the limit; the direction "
        "may change.",
    ),
}
"""What ``clip`` and ``clip_value`` do."""

_DONE = Assignment("k", T - 1, "steps done before")

SCHEDULES: dict[str, Schedule] = {
    "constant": Schedule(
        "a constant rate", "", (Assignment("alpha", ALPHA),), "Every step has the same rate."
    ),
    "step": Schedule(
        "a rate that falls in steps",
        "",
        (
            _DONE,
            Assignment("p", sp.floor(K / EVERY), "how often the factor has come"),
            Assignment("alpha", ALPHA * GAMMA**P),
        ),
        "Long steps first, to come near; shorter ones later, to settle.",
        "The factor gamma comes again and again, each time after the same number of steps.",
        (
            _setting("gamma", "0.1", FACTOR, "the factor"),
            _setting("every", "", COUNT, "after how many steps the factor comes again"),
        ),
    ),
    "cosine": Schedule(
        "a rate that falls along half a cosine",
        "Loshchilov and Hutter 2017, without restarts",
        (
            _DONE,
            Assignment("p", sp.Min(1, K / STEPS), "how much of the fall is done"),
            Assignment("w", (1 + sp.cos(sp.pi * P)) / 2, "from 1 down to 0"),
            Assignment("alpha", LOWEST + (ALPHA - LOWEST) * W),
        ),
        "The rate falls slowly at first and at the end, and fastest between.",
        "The first step has the full rate, and all steps after the fall have the lowest.",
        (
            _setting("steps", "", COUNT, "how many steps the fall takes"),
            _setting("lowest", "0", NOT_NEGATIVE, "the rate at the end"),
        ),
    ),
}
"""Word -> schedule."""

ALIASES: dict[str, str] = {
    "sgd": "gradient_descent",
    "gd": "gradient_descent",
    "nag": "nesterov",
    "step_decay": "step",
    "cosine_annealing": "cosine",
}
"""Other words for both."""
