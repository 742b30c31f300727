"""The passes from a derivation's program to the three functions of a module.

Named programs and the output head become one unit each, aliases vanish, what no gradient needs is
dropped, and the rest is cut into forward, loss and backward. What the later two need of the first
is the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TypeVar

from derive.calculus import Log
from derive.calculus.index import recognise
from derive.codegen.elementwise import conditions
from derive.codegen.heads import BLOCKS, FUNCTIONS, HEADS, PARTS
from derive.codegen.safe import safe
from derive.program.functions import Function, parameter
from derive.program.program import Block, Contraction, Equation, Map, Program, Role, Term
from derive.program.shapes import ONE


@dataclass(frozen=True, slots=True)
class Unit:
    """``out = helper(arguments)``: a stable function in place of the equations that define it."""

    out: str
    name: str
    """As formulas call it: ``softmax``; empty where they show ``definition``."""
    helper: str
    """The function of :mod:`derive.codegen.stable`."""
    arguments: tuple[str, ...]
    axis: int | None = None
    definition: Map | None = None
    kind: str = ""
    """The function or named program of the tables that it computes."""


Operation = Equation | Unit
AnyOperation = TypeVar("AnyOperation", bound="Map | Contraction | Unit")


@dataclass(frozen=True, slots=True)
class Plan:
    """The operations of each function of a module, in order."""

    program: Program
    forward: tuple[Operation, ...]
    loss: tuple[Operation, ...]
    backward: tuple[Operation, ...]
    also: Mapping[str, tuple[str, ...]]
    """Name -> the names equal to it that were dropped, the nearest first."""
    gradients: Mapping[str, str]
    """Parameter -> the name of its gradient."""
    target: str
    prediction: str
    cases: tuple[Map, ...]
    """The equations whose function is given by cases, of the forward pass and of the loss."""

    @property
    def cache(self) -> tuple[str, ...]:
        """What forward keeps: the prediction, and the names that are used outside of it."""
        produced = [*self.program.named(Role.INPUT), *(eq.out for eq in self.forward)]
        used = {self.prediction, *needed(self.loss), *needed(self.backward)}
        used |= {name for equation in self.cases for name in equation.arguments}
        return tuple(name for name in produced if name in used)

    @property
    def helpers(self) -> tuple[str, ...]:
        """The stable functions that are called, in order of use."""
        every = (*self.forward, *self.loss, *self.backward)
        return tuple(dict.fromkeys(name for eq in every for name in _helpers(eq)))


def _helpers(operation: Operation) -> Iterator[str]:
    if isinstance(operation, Unit):
        yield operation.helper
    elif isinstance(operation, Map):
        found = {type(part) for part in operation.function.expression.atoms(*PARTS)}
        yield from (stable.__name__ for part, stable in PARTS.items() if part in found)


def plan(log: Log) -> Plan:
    """Cut the program of a batch into the functions of a module."""
    (target,) = log.program.named(Role.TARGET)
    (prediction,) = log.program.named(Role.PREDICTION)
    gradients = {name: log.cotangents[name] for name in log.program.named(Role.PARAMETER)}
    sections, table, also = without_aliases(
        _cut(with_units(log.program), len(log.forward.equations), target)
    )
    gradients = {name: table.get(found, found) for name, found in gradients.items()}
    prediction = table.get(prediction, prediction)
    forward, loss, backward = sections
    backward = live((*loss, *backward), gradients.values())
    loss = live(loss, [log.target])
    forward = live(forward, {prediction, *needed(loss), *needed(backward)})
    maps = [eq for eq in (*forward, *loss) if isinstance(eq, Map)]
    cases = tuple(equation for equation in maps if conditions(equation.function))
    return Plan(log.program, forward, loss, backward, also, gradients, target, prediction, cases)


def with_units(program: Program) -> tuple[Operation, ...]:
    """The program's equations with stable functions where the tables have one."""
    blocks = {block.out: block for block in program.blocks if block.function in BLOCKS}
    result: dict[str, Operation] = {}
    for equation in program.equations:
        unit: Operation | None = None
        if equation.out in blocks:
            unit = _block(blocks[equation.out], program)
        elif isinstance(equation, Map):
            unit = _head(equation, result) or _function(equation)
            equation = replace(equation, function=safe(equation.function))
        result[equation.out] = unit or equation
    return tuple(result.values())


@cache
def known(function: Function) -> str:
    """The name by which the program's table has a function of this expression."""
    return recognise(replace(function, name="")).name


def _function(equation: Map) -> Unit | None:
    stable = FUNCTIONS.get(known(equation.function))
    if stable is None:
        return None
    name = equation.function.name or known(equation.function)
    return Unit(
        equation.out, name, stable.__name__, equation.arguments, kind=known(equation.function)
    )


def _block(block: Block, program: Program) -> Unit:
    """A named program along the axis that it sums."""
    letters = {eq.out: eq.letters for eq in program.equations if isinstance(eq, Contraction)}
    (total,) = (name for name in block.inner if name in letters)
    whole = letters[block.out]
    (axis,) = (k for k, letter in enumerate(whole) if letter not in letters[total])
    stable = BLOCKS[block.function]
    arguments = (block.argument,)
    return Unit(block.out, block.function, stable.__name__, arguments, axis, kind=block.function)


def _head(equation: Map, earlier: Mapping[str, Operation]) -> Unit | None:
    """A loss of the output activation as one function of the logits."""
    activation = earlier.get(equation.arguments[0]) if equation.arguments else None
    if not isinstance(activation, Unit):
        return None
    stable = HEADS.get((activation.kind, known(equation.function)))
    if stable is None:
        return None
    arguments = (*activation.arguments, *equation.arguments[1:])
    return Unit(equation.out, "", stable.__name__, arguments, activation.axis, equation)


Section = tuple[Operation, ...]


def _cut(equations: Sequence[Operation], forward: int, target: str) -> tuple[Section, ...]:
    """Forward is what the target does not reach, loss the rest of the forward program."""
    reached = {target}
    for equation in equations[:forward]:
        if reached.intersection(equation.arguments):
            reached.add(equation.out)
    first = tuple(eq for eq in equations[:forward] if eq.out not in reached)
    second = tuple(eq for eq in equations[:forward] if eq.out in reached)
    return first, second, tuple(equations[forward:])


def without_aliases(
    sections: Iterable[Section],
) -> tuple[tuple[Section, ...], dict[str, str], dict[str, tuple[str, ...]]]:
    """The sections without ``b = a``: ``a``, if computed in the same section, is then named b.

    Also the new name of every name that changed, and for each name those it replaced.
    """
    table: dict[str, str] = {}
    also: dict[str, tuple[str, ...]] = {}
    kept: list[Section] = []
    for section in sections:
        own = {eq.out for eq in section}
        for equation in section:
            source = alias_of(equation)
            if source is not None:
                old = table.get(source, source)
                if source not in own:
                    table[equation.out] = old
                    continue
                table.update({name: equation.out for name, now in table.items() if now == old})
                table[old] = equation.out
                also[equation.out] = (old, *also.pop(old, ()))
        kept.append(tuple(eq for eq in section if alias_of(eq) is None))
    return tuple(tuple(renamed(eq, table) for eq in section) for section in kept), table, also


def alias_of(equation: Operation) -> str | None:
    """The name that an equation merely repeats."""
    if isinstance(equation, Map) and equation.function.expression == parameter(0):
        return equation.arguments[0]
    if isinstance(equation, Contraction) and len(equation.terms) == 1:
        (term,) = equation.terms
        if term.scale == ONE and term.letters == (equation.letters,):
            return term.operands[0]
    return None


def renamed(equation: AnyOperation, table: Mapping[str, str]) -> AnyOperation:
    """The same with other names."""
    out = table.get(equation.out, equation.out)
    if isinstance(equation, Contraction):
        terms = tuple(
            Term(tuple(table.get(name, name) for name in term.operands), term.letters, term.scale)
            for term in equation.terms
        )
        return replace(equation, out=out, terms=terms)
    arguments = tuple(table.get(name, name) for name in equation.arguments)
    if isinstance(equation, Unit) and equation.definition is not None:
        definition = renamed(equation.definition, table)
        return replace(equation, out=out, arguments=arguments, definition=definition)
    return replace(equation, out=out, arguments=arguments)


def live(equations: Section, wanted: Iterable[str]) -> Section:
    """The operations that the wanted names depend on, in order."""
    names = set(wanted)
    kept: list[Operation] = []
    for equation in reversed(equations):
        if equation.out in names:
            names.update(equation.arguments)
            kept.append(equation)
    return tuple(reversed(kept))


def needed(section: Section) -> set[str]:
    """The names that a section uses and does not define."""
    used = {name for eq in section for name in eq.arguments}
    return used - {eq.out for eq in section}
