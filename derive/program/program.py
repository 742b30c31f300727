"""A program: a flat, frozen tuple of named equations with symbolic shapes.

It is what a hand derivation looks like, and what a machine computes. Two kinds of equation carry
every dense network and its derivatives: a :class:`Map` applies one elementwise function, and a
:class:`Contraction` is a sum of scaled einsums over letters. Broadcasts, sums, transposes,
Hadamard and matrix products, scalings and constants are all contractions, told apart by their
letters alone, so one derivative rule serves them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from derive.errors import ProgramError
from derive.program.functions import Function
from derive.program.shapes import ONE, Dim, Scale, Shape


class Role(StrEnum):
    """What a variable is in the network; notation and code choose names by it."""

    INPUT = "input"
    TARGET = "target"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    """A number or vector that the definition fixes, as the weight of a penalty."""
    GIVEN = "given"
    """What is given with every sample besides it and its target, as the mask of a dropout."""
    HIDDEN = "hidden"
    """A named intermediate value: a pre-activation, an activation."""
    PREDICTION = "prediction"
    LOSS = "loss"
    PART = "part"
    """A nameless intermediate value, written inside the equation that uses it."""
    COTANGENT = "cotangent"
    LOCAL = "local"
    """An elementwise local derivative."""
    TANGENT = "tangent"
    """A derivative along a direction: ``R(z1)``; or the direction itself, which is an input."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One name of a program."""

    name: str
    """Unique: ``W1``, ``y_hat``; a cotangent nests: ``dL/dW1``, ``d(dL/dW1)/dx``."""
    shape: Shape
    role: Role
    base: str = ""
    """The name without its layer: ``W``."""
    layer: int | None = None
    target: str = ""
    """Of a cotangent dL/dW1: ``L``. Of a local derivative dh1/dz1: ``h1``."""
    of: str = ""
    """Of a cotangent dL/dW1: ``W1``. Of a local derivative dh1/dz1: ``z1``."""


@dataclass(frozen=True, slots=True)
class Term:
    """``scale * einsum(operands)``, one string of letters an operand, no letter twice in one."""

    operands: tuple[str, ...]
    letters: tuple[str, ...]
    scale: Scale = ONE


@dataclass(frozen=True, slots=True)
class Contraction:
    """``out[letters] = sum of terms``.

    A letter of ``out`` that a term lacks is broadcast; one that ``out`` lacks is summed.
    """

    out: str
    letters: str
    terms: tuple[Term, ...]

    @property
    def arguments(self) -> tuple[str, ...]:
        """All operands in order, repeated ones too."""
        return tuple(operand for term in self.terms for operand in term.operands)


@dataclass(frozen=True, slots=True)
class Map:
    """``out = function(arguments)`` elementwise; all shapes are equal."""

    out: str
    function: Function
    arguments: tuple[str, ...]


Equation = Map | Contraction


@dataclass(frozen=True, slots=True)
class Fact:
    """``sum over an axis of name = value``, as ``sum(y) = 1``: a hypothesis about an input, or what
    follows from it for another name.
    """

    name: str
    axis: int
    """The axis that is summed."""
    value: int = 1


@dataclass(frozen=True, slots=True)
class Block:
    """A named program inside a program, as softmax: its inner names can be hidden when written."""

    function: str
    argument: str
    out: str
    inner: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Variables in order, then equations in order; verified when built."""

    variables: Mapping[str, Variable]
    equations: tuple[Equation, ...]
    outputs: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    blocks: tuple[Block, ...] = ()
    batch: Dim | None = None
    """The size of the sample axis; None where the program is of one sample."""
    _defined: Mapping[str, Equation] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_defined", {eq.out: eq for eq in self.equations})
        verify(self)

    def equation(self, name: str) -> Equation | None:
        """The equation that defines a name; None for an input."""
        return self._defined.get(name)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names without an equation, in order of declaration."""
        return tuple(name for name in self.variables if name not in self._defined)

    @property
    def hypotheses(self) -> tuple[Fact, ...]:
        """The facts about inputs, which values must obey."""
        return tuple(fact for fact in self.facts if fact.name not in self._defined)

    def named(self, *roles: Role) -> tuple[str, ...]:
        """The names of these roles, in order of declaration."""
        return tuple(name for name, var in self.variables.items() if var.role in roles)

    @property
    def sizes(self) -> tuple[str, ...]:
        """Named sizes in order of first appearance."""
        dims = (dim for var in self.variables.values() for dim in var.shape)
        return tuple(dict.fromkeys(dim for dim in dims if isinstance(dim, str)))


def letter_sizes(
    equation: Contraction, term: Term | None, variables: Mapping[str, Variable]
) -> dict[str, Dim]:
    """The size of every letter of a contraction's output, and of one of its terms.

    A letter that a term sums is the term's own: in another one it may have another size.

    Raises:
        ProgramError: a letter with two sizes, or an operand with another rank than its letters.
    """
    sizes: dict[str, Dim] = {}
    places = [(equation.out, equation.letters)]
    places += zip(term.operands, term.letters, strict=True) if term else ()
    for name, letters in places:
        shape = variables[name].shape
        if len(shape) != len(letters) or len(set(letters)) != len(letters):
            raise ProgramError(f"{equation.out}: {name} has shape {shape}, written {letters!r}")
        for letter, dim in zip(letters, shape, strict=True):
            if sizes.setdefault(letter, dim) != dim:
                raise ProgramError(
                    f"{equation.out}: axis {letter!r} of {name} has size {dim}, not {sizes[letter]}"
                )
    return sizes


def verify(program: Program) -> None:
    """Check that every name is bound once, before its use, with a fitting shape.

    Raises:
        ProgramError: naming the equation and the name at fault.
    """
    inputs = set(program.inputs)
    bound = set(inputs)
    for equation in program.equations:
        for name in equation.arguments:
            if name not in bound:
                raise ProgramError(f"{equation.out}: {name} is used before it is bound")
        if equation.out in bound:
            raise ProgramError(f"{equation.out} is bound twice")
        if equation.out not in program.variables:
            raise ProgramError(f"{equation.out} is not declared")
        _verify_shape(equation, program.variables)
        bound.add(equation.out)
    for name in program.outputs:
        if name not in bound:
            raise ProgramError(f"output {name} is not bound")


def _verify_shape(equation: Equation, variables: Mapping[str, Variable]) -> None:
    if isinstance(equation, Contraction):
        for term in equation.terms or (None,):
            letter_sizes(equation, term, variables)
        return
    if len(equation.arguments) != equation.function.arity:
        raise ProgramError(
            f"{equation.out}: {equation.function.name} takes {equation.function.arity}"
        )
    shape = variables[equation.out].shape
    for name in equation.arguments:
        if variables[name].shape != shape:
            raise ProgramError(
                f"{equation.out}: {name} has shape {variables[name].shape}, not {shape}"
            )


def live(equations: Iterable[Equation], wanted: Iterable[str]) -> tuple[Equation, ...]:
    """The equations that the wanted names depend on, in order."""
    needed = set(wanted)
    kept: list[Equation] = []
    for equation in reversed(tuple(equations)):
        if equation.out in needed:
            needed.update(equation.arguments)
            kept.append(equation)
    return tuple(reversed(kept))
