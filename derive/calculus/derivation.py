"""A derivation: a network, the steps to its gradients, and SymPy's view of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import sympy as sp

from derive.calculus.batching import batched
from derive.calculus.depth import DEPTH, Recursion, recursion
from derive.calculus.hessian import hessian, products
from derive.calculus.log import Log, Step
from derive.calculus.reverse import reverse
from derive.calculus.tangent import tangents as tangents_of
from derive.calculus.tangent_log import Tangents
from derive.errors import DerivationError, nearest
from derive.networks.build import build
from derive.networks.expression import entries
from derive.networks.model import Network
from derive.program.evaluate import SYMBOLIC, Array, evaluate
from derive.program.program import Equation, Program, Role, live
from derive.program.shapes import Shape, concrete


@dataclass(frozen=True)
class Derivation:
    """The derivation of all gradients of one network.

    Attributes:
        network: what is derived; its style says how it is written.
        concrete: the network at the depth that was derived: itself, or a generic network at
            ``depth.DEPTH``.
    """

    network: Network
    concrete: Network
    by_input: bool = False
    """Whether the gradient by the input is sought too."""

    @cached_property
    def sample(self) -> Log:
        """The steps for one sample."""
        return self._reverse(build(self.concrete))

    @cached_property
    def batch(self) -> Log:
        """The steps for the mean over a batch, in the network's layout."""
        style = self.network.style
        return self._reverse(batched(build(self.concrete), style.samples, style.batch))

    def _reverse(self, program: Program) -> Log:
        roles = (Role.PARAMETER, Role.INPUT) if self.by_input else (Role.PARAMETER,)
        return reverse(program, wrt=program.named(*roles))

    @cached_property
    def with_input(self) -> Derivation:
        """The same with the gradient by the input."""
        return self if self.by_input else replace(self, by_input=True)

    @cached_property
    def recursion(self) -> Recursion | None:
        """Of a network of any depth: the base and the recursion, for one sample."""
        return recursion(self.sample, len(self.concrete.layers)) if self.network.generic else None

    @cached_property
    def batch_recursion(self) -> Recursion | None:
        """The same for the mean over a batch."""
        return recursion(self.batch, len(self.concrete.layers)) if self.network.generic else None

    @cached_property
    def tangents(self) -> Tangents:
        """Second order, for one sample: the gradients along a direction of all parameters."""
        return tangents_of(self.sample)

    @cached_property
    def batch_tangents(self) -> Tangents:
        """The same for the mean over a batch."""
        return tangents_of(self.batch)

    @property
    def steps(self) -> tuple[Gradient, ...]:
        """What the steps for one sample find, from the loss back; each shows itself."""
        named = (step.of for step in self.sample.steps)
        variables = self.sample.forward.variables
        return tuple(
            Gradient(self, self.sample, name)
            for name in named
            if variables[name].role is not Role.PART
        )

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, first layer first."""
        return self.sample.forward.named(Role.PARAMETER)

    def gradient(self, of: str, *, batch: bool = False) -> Gradient:
        """The gradient of the loss by a parameter, the input or any named variable between.

        Raises:
            DerivationError: there is no such variable, with the nearest one.
        """
        if of == self.network.input and not self.by_input:
            return self.with_input.gradient(of, batch=batch)
        log = self.batch if batch else self.sample
        named = [n for n in log.cotangents if log.forward.variables[n].role is not Role.PART]
        if of not in named:
            raise DerivationError(f"there is no gradient of {of!r}{nearest(of, named)}")
        return Gradient(self, log, of)

    def hessian_product(
        self, of: str, sizes: Mapping[str, int] | None = None, *, batch: bool = False
    ) -> Any:
        """The Hessian times a direction, the part that belongs to a parameter, in SymPy.

        The direction's symbols are ``V1`` for ``W1`` and ``v1`` for ``b1``, with indices as theirs.

        Raises:
            DerivationError: there is no such parameter, or a named size has no number.
        """
        if of not in self.parameters:
            raise DerivationError(f"there is no parameter {of!r}{nearest(of, self.parameters)}")
        found = self.batch_tangents if batch else self.tangents
        value = products(found, sizes or {})[of]
        return value.item() if value.shape == () else sp.Array(value.tolist())

    def hessian(self, sizes: Mapping[str, int] | None = None, *, batch: bool = False) -> Any:
        """All second derivatives of the loss as a SymPy matrix: a row and a column for every entry
        of the parameters, first layer first, each array read row by row.

        Raises:
            DerivationError: a named size has no number, or the matrix is too large.
        """
        return hessian(self.batch_tangents if batch else self.tangents, sizes or {})

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the whole document."""
        from derive.document.jupyter import derivation_markdown

        return derivation_markdown(self)

    def _repr_latex_(self) -> str:
        """All gradients."""
        from derive.document.jupyter import derivation_latex

        return derivation_latex(self)


@dataclass(frozen=True)
class Gradient:
    """One gradient: its step, the equations behind it, and its value in SymPy."""

    derivation: Derivation
    log: Log
    of: str

    @property
    def step(self) -> Step:
        """The step that finds it."""
        return self.log.step(self.of)

    @property
    def shape(self) -> Shape:
        """The variable's own shape."""
        return self.log.forward.variables[self.of].shape

    @property
    def equations(self) -> tuple[Equation, ...]:
        """All equations that its value depends on, forward and backward."""
        return live(self.log.program.equations, [self.step.cotangent])

    def to_sympy(self, sizes: Mapping[str, int] | None = None) -> Any:
        """The gradient as a SymPy expression of the inputs, or an array of them.

        Args:
            sizes: numbers for the named sizes, where the network has some.

        Raises:
            DerivationError: a named size has no number.
        """
        known = symbolic_values(self.log.program, sizes or {})
        values = evaluate(self.log.program, known, sizes or {}, SYMBOLIC, self.equations)
        value = values[self.step.cotangent]
        return value.item() if value.shape == () else sp.Array(value.tolist())

    def _repr_markdown_(self) -> str:
        """What a notebook shows: the steps that lead to it."""
        from derive.document.jupyter import gradient_markdown

        return gradient_markdown(self)

    def _repr_latex_(self) -> str:
        """The gradient with all its factors."""
        from derive.document.jupyter import gradient_latex

        return gradient_latex(self)


def symbolic_values(program: Program, sizes: Mapping[str, int]) -> dict[str, Array]:
    """An array of SymPy symbols for every input: ``W1`` or ``W1_1_2``, rows and columns from 1.

    They are those of :meth:`Network.loss_expression`.

    Raises:
        DerivationError: a named size has no number.
    """
    missing = [size for size in program.sizes if size not in sizes]
    if missing:
        raise DerivationError(f"size {missing[0]} needs a number: sizes={{{missing[0]!r}: 2}}")
    return {
        name: entries(name, concrete(program.variables[name].shape, sizes))
        for name in program.inputs
    }


def derivation(network: Network, *, depth: int = DEPTH, by_input: bool = False) -> Derivation:
    """Derive all gradients of a network.

    Args:
        network: any network; one of any depth is derived at ``depth`` and generalised.
        depth: at least 4 for the recursion to be found.
        by_input: whether the gradient by the input is sought too.

    Raises:
        DerivationError: a derivative that has no closed form.
    """
    concrete = network.at_depth(depth) if network.generic else network
    return Derivation(network, concrete, by_input)
