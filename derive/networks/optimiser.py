"""The optimiser that a definition asks for: words and numbers, checked.

>>> chosen = checked_optimiser({"kind": "adam", "beta1": 0.8, "clip": 1})
>>> float(chosen.number("beta1")), float(chosen.number("beta2")), chosen.told_kind
(0.8, 0.999, 'Adam')
>>> chosen.limits
(('norm', Fraction(1, 1)),)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from derive.networks.faults import Fault, Place, shown, unknown
from derive.program.evaluate import Arithmetic
from derive.program.optimisers import (
    ALIASES,
    CLIPPING,
    OPTIMISERS,
    POSITIVE,
    SCHEDULES,
    Range,
    Rule,
    Schedule,
    Setting,
)
from derive.program.stepping import Stepper

if TYPE_CHECKING:
    from derive.networks.model import Network

CLIPS = {"clip": "norm", "clip_value": "value"}
"""Key of a definition -> word of the table of clipping."""

KEYS = ("kind", "rate", "schedule", *CLIPS)
"""Keys of ``[optimiser]`` besides the settings of its optimiser and its schedule."""

_LONGEST = 30
"""Characters of a number: its decimal is an exact fraction."""


@dataclass(frozen=True, slots=True)
class Optimiser:
    """A choice from the tables of :mod:`derive.program.optimisers`."""

    kind: str = "gradient_descent"
    rate: Fraction | None = None
    """None: whoever takes a step decides."""
    schedule: str | None = None
    """None: none was chosen; the rate is constant."""
    clip: Fraction | None = None
    """The limit of the norm of all gradients together."""
    clip_value: Fraction | None = None
    """The limit of every entry."""
    settings: tuple[tuple[str, Fraction], ...] = ()
    """Those that were given, of the optimiser and of the schedule."""

    @property
    def rule(self) -> Rule:
        """The optimiser's entry in the table."""
        return OPTIMISERS[self.kind]

    @property
    def schedule_rule(self) -> Schedule:
        """The schedule's entry in the table."""
        return SCHEDULES[self.schedule or "constant"]

    @property
    def told_kind(self) -> str:
        """The optimiser's name in a sentence."""
        return self.rule.title

    @property
    def scheduled(self) -> bool:
        """Whether the rate changes from step to step by itself."""
        return self.schedule not in (None, "constant")

    @property
    def plain(self) -> bool:
        """Whether it is gradient descent and nothing else."""
        return self.kind == "gradient_descent" and not self.scheduled and not self.limits

    @property
    def limits(self) -> tuple[tuple[str, Fraction], ...]:
        """What is clipped, by the word of the table, and to which limit."""
        found = ((word, getattr(self, key)) for key, word in CLIPS.items())
        return tuple((word, limit) for word, limit in found if limit is not None)

    def number(self, name: str) -> Fraction:
        """The value of a setting: the one that was given, else the default.

        Raises:
            NetworkError: it has no default and was not given.
        """
        given = dict(self.settings)
        setting = next(s for s in known_settings(self) if s.name == name)
        value = given.get(name, setting.default)
        if value is None:
            what = f"schedule {self.schedule}: {name} is missing"
            raise Fault(f"{what} ({setting.meaning})", ("optimiser",))
        return value

    @property
    def missing(self) -> tuple[str, ...]:
        """The settings that have no default and were not given."""
        given = dict(self.settings)
        wanted = [s.name for s in known_settings(self) if s.default is None]
        return tuple(name for name in wanted if name not in given)

    def stepper(self, arithmetic: Arithmetic) -> Stepper:
        """The optimiser with its numbers, as it steps over a kind of number.

        Raises:
            NetworkError: a setting is missing.
        """
        return Stepper(
            self.rule,
            self.schedule_rule,
            tuple((CLIPPING[word], limit) for word, limit in self.limits),
            self.rate or self.rule.rate,
            {setting.name: self.number(setting.name) for setting in known_settings(self)},
            arithmetic,
        )

    def table(self) -> dict[str, Any]:
        """The definition that it is made from."""
        keys = {key: getattr(self, key) for key in KEYS}
        return {**{k: v for k, v in keys.items() if v is not None}, **dict(self.settings)}


PLAIN = Optimiser()
"""Gradient descent, which is meant where nothing is said."""


def known_settings(chosen: Optimiser) -> tuple[Setting, ...]:
    """What may be set of an optimiser and its schedule."""
    return (*chosen.rule.settings, *chosen.schedule_rule.settings)


def checked_optimiser(table: object) -> Optimiser:
    """The optimiser of a definition's table.

    Args:
        table: the keys of :data:`KEYS`, none of them required, and the settings of the optimiser
            and the schedule that it names.

    Raises:
        NetworkError: an unknown word or key with the nearest valid one, or a number that is out of
            its range.
    """
    if not isinstance(table, Mapping):
        raise Fault(f"optimiser: {shown(table)} is not a table of keys and values", ("optimiser",))
    kind = _word(table.get("kind", PLAIN.kind), OPTIMISERS, "kind")
    schedule = table.get("schedule")
    bare = Optimiser(kind, schedule=None if schedule is None else _word(schedule, SCHEDULES))
    known = {setting.name: setting for setting in known_settings(bare)}
    for key in table:
        if key not in KEYS and key not in known:
            raise _unknown(key, bare, [*KEYS, *known])
    numbers = {key: _number(table[key], POSITIVE, key) for key in _numeric(table)}
    settings = tuple((k, _number(table[k], s.allowed, k)) for k, s in known.items() if k in table)
    _check_clips(numbers)
    return Optimiser(kind, schedule=bare.schedule, settings=settings, **numbers)


def _numeric(table: Mapping[str, Any]) -> list[str]:
    return [key for key in ("rate", *CLIPS) if key in table]


def _check_clips(numbers: Mapping[str, Fraction]) -> None:
    both = [key for key in CLIPS if key in numbers]
    if len(both) > 1:
        raise Fault(f"optimiser: {' and '.join(both)} exclude each other", ("optimiser", both[1]))


def _unknown(key: object, bare: Optimiser, valid: list[str]) -> Fault:
    owners = [bare.kind, *([bare.schedule] if bare.schedule else [])]
    where = f"optimiser ({', '.join(owners)})"
    return unknown("key", str(key), valid, ("optimiser", str(key)), where)


def with_choices(base: Optimiser | None, choices: Mapping[str, Any]) -> Optimiser | None:
    """An optimiser with some words and numbers replaced; None stays None where nothing is chosen.

    What was set for another kind or schedule, or for another way of clipping, is dropped.

    Raises:
        NetworkError: as of :func:`checked_optimiser`.
    """
    if not choices:
        return base
    table = (base or PLAIN).table()
    kind = str(choices.get("kind", table.get("kind")))
    if OPTIMISERS.get(ALIASES.get(kind, kind)) is not (base or PLAIN).rule:
        table = {k: v for k, v in table.items() if not _has((base or PLAIN).rule.settings, k)}
    if "schedule" in choices:
        table = {
            k: v for k, v in table.items() if not _has((base or PLAIN).schedule_rule.settings, k)
        }
    if any(key in choices for key in CLIPS):
        table = {k: v for k, v in table.items() if k not in CLIPS}
    return checked_optimiser({**table, **choices})


def _has(settings: tuple[Setting, ...], name: str) -> bool:
    return any(setting.name == name for setting in settings)


def check_optimiser(chosen: object) -> None:
    """Refuse an optimiser of a Python definition that the tables do not allow.

    Raises:
        NetworkError: as of :func:`checked_optimiser`.
    """
    if chosen is None:
        return
    if not isinstance(chosen, Optimiser):
        raise Fault(f"optimiser: {shown(chosen)} is not an Optimiser", ("optimiser",))
    checked_optimiser(chosen.table())


def optimiser_of(network: Network) -> Optimiser:
    """The optimiser of a network with the rate of its steps.

    The rate is the optimiser's own, else that of the worked example, else the table's.

    Raises:
        NetworkError: a setting is missing, or the lowest rate is above the rate.
    """
    chosen = network.optimiser or PLAIN
    own = network.values.get("rate")
    rate = chosen.rate or (Fraction(str(own)) if isinstance(own, float) else chosen.rule.rate)
    found = replace(chosen, rate=rate)
    for name in found.missing:
        found.number(name)
    if _has(found.schedule_rule.settings, "lowest") and found.number("lowest") > rate:
        message = f"lowest: {float(found.number('lowest'))} is above the rate {float(rate)}"
        raise Fault(f"optimiser: {message}", ("optimiser", "lowest"))
    return found


def _word(word: object, known: Mapping[str, object], what: str = "schedule") -> str:
    place: Place = ("optimiser", what)
    if not isinstance(word, str):
        raise Fault(f"optimiser: {what}: {shown(word)} is not a word in quotes", place)
    meant = ALIASES.get(word, word)
    if meant not in known:
        aliases = [alias for alias, target in ALIASES.items() if target in known]
        label = "optimiser" if what == "kind" else what
        raise unknown(label, word, [*known, *aliases], place)
    return meant


def _number(value: object, allowed: Range, name: str) -> Fraction:
    """A decimal as exactly the fraction that is written."""
    if isinstance(value, Fraction):
        number = value
    elif _is_number(value):
        number = Fraction(str(value))
    else:
        raise Fault(f"optimiser: {name}: {shown(value)} is not {allowed}", ("optimiser", name))
    if number not in allowed:
        message = f"{shown(_plain(value))} is not {allowed}"
        raise Fault(f"optimiser: {name}: {message}", ("optimiser", name))
    return number


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) if isinstance(value, float) else abs(value) < 10**_LONGEST


def _plain(value: object) -> object:
    return float(value) if isinstance(value, Fraction) else value
