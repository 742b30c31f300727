"""The steps of a training: which optimiser, with which numbers, and the calls of its module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from types import ModuleType
from typing import Any

from derive.networks.model import Network
from derive.networks.optimiser import Optimiser, known_settings, with_choices

_ALL_STEPS = "steps"
"""The setting of a schedule that means all steps of a training, where it is not given."""


def with_optimiser(network: Network, choices: Mapping[str, Any] | str | None) -> Network:
    """The network with another optimiser: a word, or the keys of ``[optimiser]``.

    Raises:
        NetworkError: an unknown word or key, or a number out of its range.
    """
    table = {"kind": choices} if isinstance(choices, str) else dict(choices or {})
    if not table:
        return network
    return replace(network, optimiser=with_choices(network.optimiser, table))


def settled(network: Network, rate: float, steps: int) -> Network:
    """The network whose optimiser has the rate and, where its schedule asks for it and it is not
    given, the number of all steps of a training.
    """
    chosen = network.optimiser
    if chosen is None:
        return network
    settings = chosen.settings
    if _ALL_STEPS in chosen.missing:
        settings = (*settings, (_ALL_STEPS, Fraction(steps)))
    return replace(network, optimiser=replace(chosen, rate=Fraction(str(rate)), settings=settings))


class Updater:
    """A module's ``update``, with the state from step to step where there is one."""

    def __init__(self, module: ModuleType, params: Any):
        self.module = module
        self.state = module.start(params) if hasattr(module, "start") else None
        self.scheduled = hasattr(module, "rate_at")

    def step(self, params: Any, gradients: Any, rate: float) -> Any:
        """New parameters; the rate counts where the module has no schedule of its own."""
        if self.state is None:
            return self.module.update(params, gradients, rate)
        own = None if self.scheduled else rate
        params, self.state = self.module.update(params, gradients, self.state, own)
        return params


def told(chosen: Optimiser) -> str:
    """``Adam (beta1 = 0.9, ...); gradients together clipped to a norm of at most 1``."""
    own = _numbers(chosen, tuple(setting.name for setting in chosen.rule.settings))
    clipped = [f"; {_CLIPPED[word]} {float(limit):g}" for word, limit in chosen.limits]
    return f"{chosen.rule.title}{own}{''.join(clipped)}"


_CLIPPED = {
    "norm": "gradients together clipped to a norm of at most",
    "value": "every entry of a gradient clipped to at most",
}


def told_schedule(chosen: Optimiser) -> str:
    """``schedule cosine (steps = 800, lowest = 0)``."""
    names = tuple(setting.name for setting in chosen.schedule_rule.settings)
    return f"schedule {chosen.schedule}{_numbers(chosen, names)}"


def _numbers(chosen: Optimiser, names: tuple[str, ...]) -> str:
    known = {setting.name for setting in known_settings(chosen)}
    pairs = [f"{name} = {float(chosen.number(name)):g}" for name in names if name in known]
    return f" ({', '.join(pairs)})" if pairs else ""
