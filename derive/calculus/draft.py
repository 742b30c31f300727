"""A derivative program in the making: names are declared, equations emitted, nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.errors import DerivationError
from derive.program.letters import letters_of
from derive.program.program import Equation, Program, Role, Variable, live
from derive.program.shapes import Scale


def cotangent_name(target: str, of: str) -> str:
    """``dL/dW1``; nested names are bracketed, so that no two derivatives share one.

    >>> cotangent_name("L", "W1"), cotangent_name("dL/dW1", "x")
    ('dL/dW1', 'd(dL/dW1)/dx')
    """
    return "/".join(f"d({n})" if "/" in n or "(" in n else f"d{n}" for n in (target, of))


@dataclass(slots=True)
class Draft:
    """The forward program, and the backward equations so far."""

    program: Program
    target: str
    variables: dict[str, Variable] = field(init=False)
    defined: dict[str, Equation] = field(init=False)
    letters: dict[str, str] = field(init=False)
    backward: list[Equation] = field(default_factory=list)
    cotangents: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Scale] = field(default_factory=dict)
    """Names that are one number everywhere: the seed, 1/m, the slope of the identity."""

    def __post_init__(self) -> None:
        self.variables = dict(self.program.variables)
        self.defined = {equation.out: equation for equation in self.program.equations}
        self.letters = letters_of(self.program)

    def declare(self, variable: Variable, letters: str) -> str:
        """Enter a new name.

        Raises:
            DerivationError: the name is taken.
        """
        if variable.name in self.variables:
            raise DerivationError(f"{variable.name} is named twice")
        self.variables[variable.name] = variable
        self.letters[variable.name] = letters
        return variable.name

    def declare_cotangent(self, name: str) -> str:
        """The cotangent of a name; that of a part is a part."""
        of = self.program.variables[name]
        role = Role.PART if of.role is Role.PART else Role.COTANGENT
        cotangent = cotangent_name(self.target, name)
        variable = Variable(cotangent, of.shape, role, of.base, of.layer, self.target, name)
        self.cotangents[name] = cotangent
        return self.declare(variable, self.letters[name])

    def emit(self, equation: Equation) -> None:
        """Add a backward equation."""
        self.backward.append(equation)
        self.defined[equation.out] = equation

    def finish(self, wrt: tuple[str, ...]) -> Program:
        """The forward equations, then the backward ones that a named cotangent depends on."""
        wanted = [
            name
            for name, variable in self.variables.items()
            if variable.role in (Role.COTANGENT, Role.LOCAL)
        ]
        equations = (*self.program.equations, *live(self.backward, wanted))
        bound = {equation.out for equation in equations} | set(self.program.inputs)
        gradients = (self.cotangents[name] for name in wrt if name in self.cotangents)
        return Program(
            {name: variable for name, variable in self.variables.items() if name in bound},
            equations,
            (*self.program.outputs, *gradients),
            self.program.facts,
            self.program.blocks,
            self.program.batch,
        )
