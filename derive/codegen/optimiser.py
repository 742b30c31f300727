"""The part of a module that takes the steps: gradient descent, or any optimiser of the table.

Plain gradient descent is one function. Every other optimiser is a state, one function with its
equations for one array, and the loop over all arrays; a limit and a schedule are functions of
their own. The equations are written as the other lines of a module are, from SymPy.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from derive.codegen.elementwise import Elementwise
from derive.codegen.lines import STEP, WIDTH, listed, noted
from derive.codegen.text import PYTHON, Piece
from derive.networks import Network
from derive.networks.optimiser import PLAIN, Optimiser, optimiser_of
from derive.program.optimisers import (
    ARRAYS,
    CLIPPING,
    STATE,
    Assignment,
    Setting,
    quantity,
)

_SPELLED = {"alpha": "rate", "c": "limit"}
"""Quantities whose name in code is another."""

_CHOICES = {sp.Max: ("max", "np.maximum"), sp.Min: ("min", "np.minimum")}
"""The choice between two numbers, and between two arrays."""


@dataclass(frozen=True, slots=True)
class Stepping:
    """What the template of the steps needs; each tuple holds lines."""

    template: str
    fields: tuple[str, ...] = ()
    """Of the state."""
    start: tuple[str, ...] = ()
    clip: tuple[str, ...] = ()
    """All of ``clip``; empty where nothing is clipped."""
    schedule: tuple[str, ...] = ()
    """All of ``rate_at``; empty where the rate is constant."""
    step: tuple[str, ...] = ()
    """All of ``_step``."""
    update: tuple[str, ...] = ()
    """All of ``update``."""


def stepping(network: Network) -> Stepping:
    """The text of a network's steps.

    Raises:
        NetworkError: a setting of its optimiser is missing.
    """
    if (network.optimiser or PLAIN).plain:
        return Stepping("numpy/update.py.j2")
    return stepping_of(optimiser_of(network))


def stepping_of(chosen: Optimiser) -> Stepping:
    """The text of an optimiser whose rate is known."""
    return Stepping(
        "numpy/optimiser.py.j2",
        fields=_fields(chosen),
        start=_start(chosen),
        clip=_clip(chosen),
        schedule=_schedule(chosen),
        step=_step(chosen),
        update=_update(chosen),
    )


class _Writer(Elementwise):
    """Writes what only these equations have: the larger of two, and whole numbers."""

    def _factor(self, factor: sp.Expr) -> Piece:
        if factor.func in _CHOICES:
            number, array = _CHOICES[factor.func]
            name = array if _names(factor) & set(ARRAYS) else number
            ordered = sorted(factor.args, key=lambda part: (part.is_number, not part.is_Symbol))
            return Piece(f"{name}({', '.join(self.piece(part).text for part in ordered)})")
        if factor.func is sp.floor:
            return Piece(f"np.floor({self.piece(factor.args[0]).text})")
        return Elementwise._factor(self, factor)


def _names(expression: sp.Expr) -> set[str]:
    return {symbol.name for symbol in expression.free_symbols}


def code(expression: sp.Expr) -> str:
    """The Python of an expression of quantities."""
    names = _names(expression)
    pieces = {quantity(name): Piece(_SPELLED.get(name, name)) for name in names}
    return _Writer(PYTHON, pieces).piece(expression).text


def literal(number: Fraction) -> str:
    """A number as Python writes it.

    >>> literal(Fraction(1, 10)), literal(Fraction(1000))
    ('0.1', '1000.0')
    """
    return repr(float(number))


def _default(setting: Setting, chosen: Optimiser) -> str:
    number = chosen.number(setting.name)
    return str(int(number)) if setting.allowed.whole else literal(number)


def _fields(chosen: Optimiser) -> tuple[str, ...]:
    lines = [f"{STEP}t: int", f'{STEP}"""How many steps there were."""']
    for name in chosen.rule.state:
        lines += [f"{STEP}{name}: Parameters", f'{STEP}"""{_sentence(_meaning(chosen, name))}"""']
    return tuple(lines)


def _meaning(chosen: Optimiser, name: str) -> str:
    """What a state array is, in the optimiser's own words."""
    notes = {equation.name: equation.note for equation in chosen.rule.equations}
    return notes.get(name) or STATE[name]


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _start(chosen: Optimiser) -> tuple[str, ...]:
    state = chosen.rule.state
    if not state:
        return (f"{STEP}return State(0)",)
    return (
        f"{STEP}zeros = like(params, [np.zeros_like(array) for array in named(params).values()])",
        f"{STEP}return State({', '.join(['0', *('zeros' for _ in state)])})",
    )


def _clip(chosen: Optimiser) -> tuple[str, ...]:
    """``clip``: the gradients within the limit."""
    lines: list[str] = []
    for word, limit in chosen.limits:
        default = f"limit: float = {literal(limit)}"
        lines += listed("def clip(", ["gradients: Parameters", default], ") -> Parameters:", 0)
        *before, last = CLIPPING[word].equations
        lines += _docstring("The gradients within a limit.", CLIPPING[word].why)
        lines.append(f"{STEP}arrays = [np.asarray(array) for array in named(gradients).values()]")
        if "norm" in {name for equation in before for name in equation.arguments}:
            lines += _NORM
        lines += [text for equation in before for text in _line(equation)]
        lines.append(f"{STEP}return like(gradients, [{code(last.expression)} for g in arrays])")
    return tuple(lines)


_NORM = (
    f"{STEP}largest = max(float(np.max(np.abs(g))) for g in arrays) or 1.0  # squares may overflow",
    f"{STEP}norm = largest * float(np.sqrt(sum(np.sum((g / largest) ** 2) for g in arrays)))",
)
"""The Euclidean norm of all arrays together."""


def _schedule(chosen: Optimiser) -> tuple[str, ...]:
    """``rate_at``: the rate of a step."""
    if not chosen.scheduled:
        return ()
    rule, rate = chosen.schedule_rule, chosen.rate
    assert rate is not None
    names = ["rate", *(setting.name for setting in rule.settings)]
    values = [literal(rate), *(_default(setting, chosen) for setting in rule.settings)]
    *before, last = rule.equations
    return (
        "def rate_at(t: int) -> float:",
        *_docstring(f"The rate of step t = 1, 2, 3, ...: {rule.title}.", rule.convention),
        f"{STEP}{', '.join(names)} = {', '.join(values)}",
        *(text for equation in before for text in _line(equation)),
        f"{STEP}return float({code(last.expression)})",
    )


def _docstring(first: str, rest: str = "") -> list[str]:
    """A docstring: its first sentence, and the rest below."""
    if not rest:
        return [f'{STEP}"""{first}"""']
    below = textwrap.wrap(rest, WIDTH - len(STEP), break_on_hyphens=False)
    return [f'{STEP}"""{first}', "", *(f"{STEP}{line}" for line in below), f'{STEP}"""']


def _line(equation: Assignment) -> list[str]:
    written = f"{equation.name} = {code(equation.expression)}"
    return noted(written, equation.note) if equation.note else [f"{STEP}{written}"]


def _arguments(chosen: Optimiser) -> list[str]:
    """What ``_step`` is given at every step."""
    numbers = ["t"] if "t" in chosen.rule.reads else []
    return ["theta", "g", *chosen.rule.state, *numbers, "rate"]


_TYPES = {"t": "int", "rate": "float"}


def _step(chosen: Optimiser) -> tuple[str, ...]:
    """``_step``: the optimiser's equations for one array."""
    rule = chosen.rule
    arguments = [f"{name}: {_TYPES.get(name, 'Array')}" for name in _arguments(chosen)]
    arguments += [f"{s.name}: float = {_default(s, chosen)}" for s in rule.settings]
    results = ["Array"] * (1 + len(rule.state))
    returned = "Array" if len(results) == 1 else f"tuple[{', '.join(results)}]"
    *before, last = rule.equations
    end = ", ".join([code(last.expression), *rule.state])
    return (
        *listed("def _step(", arguments, f") -> {returned}:", 0),
        *_docstring(f"One array theta, with its gradient g, after a step of {rule.title}."),
        *(text for equation in before for text in _line(equation)),
        f"{STEP}return {end}",
    )


def _update(chosen: Optimiser) -> tuple[str, ...]:
    """``update``: all arrays, one after the other."""
    state = chosen.rule.state
    assert chosen.rate is not None
    rate = "float | None = None" if chosen.scheduled else f"float = {literal(chosen.rate)}"
    arguments = ["params: Parameters", "gradients: Parameters", "state: State", f"rate: {rate}"]
    given = ", ".join(["theta", *(f"{name}[k]" for name in ("g", *state)), *_numbers(chosen)])
    slopes = "clip(gradients)" if chosen.limits else "gradients"
    sources = [f"named({slopes})", *(f"named(state.{name})" for name in state)]
    moved = [f"like(params, [row[{k}] for row in moved])" for k in range(1 + len(state))]
    theta, kept = moved[0], moved[1:]
    if not state:
        theta = "like(params, moved)"
    default = "rate_at(t) if rate is None else float(rate)" if chosen.scheduled else "float(rate)"
    return (
        *listed("def update(", arguments, ") -> tuple[Parameters, State]:", 0),
        *_docstring(*_told(chosen)),
        f"{STEP}t = state.t + 1",
        f"{STEP}rate = {default}",
        *(f"{STEP}{name} = {source}" for name, source in zip(("g", *state), sources, strict=True)),
        *listed("moved = [", [f"_step({given}) for k, theta in named(params).items()"], "]"),
        *(
            f"{STEP}{name} = {array}"
            for name, array in zip((f"new_{n}" for n in state), kept, strict=True)
        ),
        f"{STEP}return {theta}, State({', '.join(['t', *(f'new_{n}' for n in state)])})",
    )


def _numbers(chosen: Optimiser) -> list[str]:
    return [name for name in _arguments(chosen) if name in _TYPES]


def _told(chosen: Optimiser) -> tuple[str, str]:
    """What ``update`` says of itself."""
    rule = chosen.rule
    rate = " The rate is that of rate_at where none is given." if chosen.scheduled else ""
    first = "One step for every array, after clip" if chosen.limits else "One step for every array"
    return f"{first}; also the state after it.", f"{_sentence(rule.title)} {rule.source}.{rate}"
