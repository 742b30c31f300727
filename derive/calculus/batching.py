"""A program of one sample as the program of a batch.

One rule an equation: the sample letter ``n`` is added to everything that depends on the input or
the target; parameters have none and are broadcast by their letters alone. The loss becomes the
mean over the samples. The gradients are then derived anew: a gradient program is never batched.
"""

from __future__ import annotations

from dataclasses import replace

from derive.errors import ProgramError
from derive.program.letters import letters_of
from derive.program.program import (
    Contraction,
    Equation,
    Map,
    Program,
    Role,
    Term,
    Variable,
)
from derive.program.shapes import Dim, Scale, Shape

SAMPLE = "n"
"""The letter of the sample axis."""


def batched(program: Program, samples: str = "column", size: Dim = "m") -> Program:
    """The program of ``size`` samples with the mean of the losses.

    Args:
        program: the forward program of one sample.
        samples: ``column`` puts the sample axis last, ``row`` first.
        size: the batch size, a number or a name.

    Raises:
        ProgramError: the program has a sample axis already, or its letters use ``n``.
    """
    if program.batch is not None:
        raise ProgramError("the program has a sample axis already")
    if any(SAMPLE in letters for letters in letters_of(program).values()):
        raise ProgramError(f"the letter {SAMPLE!r} is taken")
    return _Batching(program, samples, size).run()


class _Batching:
    def __init__(self, program: Program, samples: str, size: Dim):
        self.program, self.size = program, size
        self.last = samples == "column"
        self.lifted = self._lifted()

    def _lifted(self) -> set[str]:
        """The names that have a value for every sample."""
        lifted = set(self.program.named(Role.INPUT, Role.TARGET, Role.GIVEN))
        for equation in self.program.equations:
            if lifted.intersection(equation.arguments):
                lifted.add(equation.out)
        return lifted

    def run(self) -> Program:
        variables: dict[str, Variable] = {}
        equations: list[Equation] = []
        for name in self.program.inputs:
            variables[name] = self._variable(name)
        for equation in self.program.equations:
            for lifted, variable in self._equation(equation):
                variables[variable.name] = variable
                equations.append(lifted)
        order = [n for n in self.program.variables if n in variables]
        order += [n for n in variables if n not in self.program.variables]
        return Program(
            {name: variables[name] for name in order},
            tuple(equations),
            self.program.outputs,
            tuple(replace(f, axis=f.axis + (not self.last)) for f in self.program.facts),
            self.program.blocks,
            self.size,
        )

    def _variable(self, name: str) -> Variable:
        variable = self.program.variables[name]
        return (
            replace(variable, shape=self._shape(variable.shape))
            if name in self.lifted
            else variable
        )

    def _shape(self, shape: Shape) -> Shape:
        return (*shape, self.size) if self.last else (self.size, *shape)

    def _letters(self, letters: str) -> str:
        return letters + SAMPLE if self.last else SAMPLE + letters

    def _equation(self, equation: Equation) -> list[tuple[Equation, Variable]]:
        variable = self.program.variables[equation.out]
        if variable.role is not Role.LOSS:
            lifted = self._lift(equation) if equation.out in self.lifted else equation
            return [(lifted, self._variable(equation.out))]
        if isinstance(equation, Contraction):
            return [(self._mean(equation), variable)]
        name = f"{equation.out}_samples"
        samples = Variable(name, (self.size,), Role.PART)
        mean = Contraction(equation.out, "", (Term((name,), (SAMPLE,), self._weight),))
        return [(replace(equation, out=name), samples), (mean, variable)]

    @property
    def _weight(self) -> Scale:
        return Scale.of_size(self.size, -1)

    def _lift(self, equation: Equation) -> Equation:
        if isinstance(equation, Map):
            return equation
        return Contraction(
            equation.out,
            self._letters(equation.letters),
            tuple(self._term(term) for term in equation.terms),
        )

    def _term(self, term: Term) -> Term:
        letters = tuple(
            self._letters(used) if name in self.lifted else used
            for name, used in zip(term.operands, term.letters, strict=True)
        )
        return replace(term, letters=letters)

    def _mean(self, equation: Contraction) -> Contraction:
        """``L = sum`` over components becomes ``1/m`` times the sum over samples too."""
        terms = []
        for term in equation.terms:
            depends = self.lifted.intersection(term.operands)
            lifted = self._term(term)
            terms.append(replace(lifted, scale=lifted.scale * self._weight) if depends else term)
        return Contraction(equation.out, equation.letters, tuple(terms))
