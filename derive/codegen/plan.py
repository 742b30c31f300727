"""The passes from a derivation's program to the three functions of a module.

Named programs and the output head become one unit each, aliases vanish, what no gradient needs is
dropped, and the rest is cut into forward, loss and backward. What the later two need of the first
is the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypeVar

from derive.calculus import Log
from derive.calculus.index import recognise
from derive.calculus.tangent_log import G, R, Tangents
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


@dataclass(frozen=True, slots=True)
class Spread(Contraction):
    """A contraction that is the same along an axis, in the shape of another value."""

    like: str
    """The value."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """The operands, and the value that has the shape."""
        operands = (operand for term in self.terms for operand in term.operands)
        return (*operands, self.like)


Operation = Equation | Unit
AnyOperation = TypeVar("AnyOperation", bound="Map | Contraction | Unit")


@dataclass(frozen=True, slots=True)
class Products:
    """The operations of a product of second order: the Hessian's, or Gauss and Newton's."""

    section: tuple[Operation, ...]
    """From the loss, along the direction, and from the loss back."""
    results: Mapping[str, str | None]
    """Parameter -> the name of its part; None where it is 0."""


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
    to_input: tuple[Operation, ...] = ()
    """What the gradient by the input needs of the backward pass; empty where it is not sought."""
    by_input: str = ""
    """The name of that gradient."""
    products: Mapping[str, Products] = field(default_factory=dict)
    """Operator of :mod:`derive.calculus.tangent` -> its products, where second order is sought."""

    @property
    def cache(self) -> tuple[str, ...]:
        """What forward keeps: the prediction, and the names that are used outside of it. Of the
        parameters these are only what the loss needs: backward is given all.
        """
        of_loss = {name for equation in self.cases for name in equation.arguments}
        of_loss |= needed(self.loss)
        used = {self.prediction, *of_loss, *needed(self.backward), *needed(self.to_input)}
        used |= {name for own in self.products.values() for name in needed(own.section)}
        produced = [*self.program.named(Role.INPUT), *(eq.out for eq in self.forward)]
        given = [name for name in self.program.named(Role.GIVEN) if name in used]
        own = [name for name in self.program.named(Role.PARAMETER) if name in of_loss]
        return (*own, *given, *(name for name in produced if name in used))

    @property
    def helpers(self) -> tuple[str, ...]:
        """The stable functions that are called, in order of use."""
        every = [*self.forward, *self.loss, *self.backward, *self.to_input]
        every += [operation for own in self.products.values() for operation in own.section]
        return tuple(dict.fromkeys(name for eq in every for name in _helpers(eq)))


def _helpers(operation: Operation) -> Iterator[str]:
    if isinstance(operation, Unit):
        yield operation.helper
    elif isinstance(operation, Map):
        found = {type(part) for part in operation.function.expression.atoms(*PARTS)}
        yield from (stable.__name__ for part, stable in PARTS.items() if part in found)


def plan(log: Log, found: Tangents | None = None) -> Plan:
    """Cut the program of a batch, or of its tangents, into the functions of a module."""
    if found is not None:
        log = replace(log, program=found.program)
    (target,) = log.program.named(Role.TARGET)
    (prediction,) = log.program.named(Role.PREDICTION)
    gradients = {name: log.cotangents[name] for name in log.program.named(Role.PARAMETER)}
    sections, table, also = without_aliases(
        _cut(with_units(log.program), len(log.forward.equations), log.program)
    )
    gradients = {name: table.get(found, found) for name, found in gradients.items()}
    prediction = table.get(prediction, prediction)
    forward, loss, backward = sections
    by_input = _by_input(log, table)
    to_input = live((*loss, *backward), [by_input])
    products = {} if found is None else _products(found, (*loss, *backward), table)
    backward = live((*loss, *backward), gradients.values())
    loss = live(loss, [log.target])
    sections = (loss, backward, to_input, *(own.section for own in products.values()))
    forward = live(forward, {prediction, *(n for own in sections for n in needed(own))})
    maps = [eq for eq in (*forward, *loss) if isinstance(eq, Map)]
    cases = tuple(equation for equation in maps if conditions(equation.function))
    return Plan(
        log.program,
        forward,
        loss,
        backward,
        also,
        gradients,
        target,
        prediction,
        cases,
        to_input,
        by_input,
        products,
    )


def _products(found: Tangents, after: Section, table: Mapping[str, str]) -> dict[str, Products]:
    """What each product needs of all that comes after the forward pass."""
    products = {}
    for operator in (R,) if found.refusal else (R, G):
        names = {name: found.product(name, operator) for name in found.directions}
        results = {name: table.get(n, n) if n else None for name, n in names.items()}
        wanted = [name for name in results.values() if name is not None]
        products[operator] = Products(live(after, wanted), results)
    return products


def _by_input(log: Log, table: Mapping[str, str]) -> str:
    """The name of the gradient by the input; empty where the log has none."""
    names = [n for n in log.program.named(Role.INPUT) if n in log.cotangents]
    found = log.cotangents[names[0]] if names else ""
    return table.get(found, found)


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
        else:
            unit = _spread(equation, program.variables[equation.out].of)
        result[equation.out] = unit or equation
    return tuple(result.values())


def _spread(equation: Contraction, like: str) -> Spread | None:
    """The equation with a shape to take on, if its operands leave an axis open."""
    reached = {k for term in equation.terms for used in term.letters for k in used}
    if not like or reached.issuperset(equation.letters):
        return None
    return Spread(equation.out, equation.letters, equation.terms, like)


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


def _cut(equations: Sequence[Operation], forward: int, program: Program) -> tuple[Section, ...]:
    """Forward is what the samples reach and the target does not, loss the rest of the forward
    program: what compares with the target, and penalties.
    """
    own = _reached(equations[:forward], program.named(Role.INPUT))
    own -= _reached(equations[:forward], program.named(Role.TARGET))
    first = tuple(eq for eq in equations[:forward] if eq.out in own)
    second = tuple(eq for eq in equations[:forward] if eq.out not in own)
    return first, second, tuple(equations[forward:])


def _reached(equations: Sequence[Operation], names: Iterable[str]) -> set[str]:
    """The names and everything that depends on them."""
    reached = set(names)
    for equation in equations:
        if reached.intersection(equation.arguments):
            reached.add(equation.out)
    return reached


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
        if isinstance(equation, Spread):
            return replace(
                equation, out=out, terms=terms, like=table.get(equation.like, equation.like)
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
