"""Second order by forward tangents: Pearlmutter's R-operator as a program transformation.

Along a direction V every value v of a gradient program changes at a rate R(v) (Pearlmutter 1994,
"Fast exact multiplication by the Hessian"). A contraction's tangent is the product rule, term by
term with the same letters; that of an elementwise function is the sum over its arguments of the
local derivative times the argument's tangent. The tangent of the gradient dL/dW is the Hessian
times V. What does not move along V has the tangent 0 and is left out.

The Gauss-Newton product ``J^T H_L J V`` keeps the curvature of the loss in the last pre-activation
z and drops the network's own: forward tangents up to R(z), then ``q = R(dL/dz) = H_L R(z)``, which
the backward equations of the gradient, linear as they are, carry on as they carry dL/dz.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import sympy as sp

from derive.calculus.draft import Draft
from derive.calculus.index import (
    as_fraction,
    component,
    component_name,
    components,
    inline,
    scale_expression,
)
from derive.calculus.local import Local, local_derivative, tidy
from derive.calculus.log import Log
from derive.calculus.rewrite import lower
from derive.calculus.simplify import Premises, Rewrite, simplify
from derive.calculus.tangent_log import (
    G,
    R,
    Tangents,
    TangentStep,
    direction_letters,
    tangent_name,
)
from derive.program.functions import anonymous, parameter
from derive.program.output import last_preactivation
from derive.program.program import (
    Block,
    Contraction,
    Equation,
    Map,
    Program,
    Role,
    Term,
    Variable,
    live,
)
from derive.program.shapes import ONE, Scale


def tangents(log: Log) -> Tangents:
    """Differentiate a gradient program along a direction of all its parameters.

    Raises:
        DerivationError: a second derivative that has no closed form, or a name that is taken.
    """
    draft = Draft(log.program, R)
    letters = direction_letters(log.forward)
    directions = {name: _direction(draft, name, letter) for name, letter in letters.items()}
    pushed = _Push(draft, R, {name: (ONE, v) for name, v in directions.items()})
    steps = pushed.run(log.program.equations)
    output = last_preactivation(log.forward)
    refusal = _uncut(log, output)
    if not refusal:
        steps += _gauss_newton(log, draft, output)
    wanted = [step.tangent for step in steps]
    kept = live(draft.backward, wanted)
    bound = {*log.program.variables, *directions.values(), *(equation.out for equation in kept)}
    program = Program(
        {name: variable for name, variable in draft.variables.items() if name in bound},
        (*log.program.equations, *kept),
        (*log.program.outputs, *(name for name in wanted if name in bound)),
        log.program.facts,
        log.program.blocks,
        log.program.batch,
    )
    scales = {name: scale for scale, name in pushed.moving.values()}
    return Tangents(log, program, directions, tuple(steps), output, scales, refusal)


def _direction(draft: Draft, name: str, letter: str) -> str:
    own = draft.program.variables[name]
    layer = "" if own.layer is None else str(own.layer)
    moved = replace(own, name=f"{letter}{layer}", base=letter, role=Role.TANGENT, of=name)
    return draft.declare(moved, draft.letters[name])


def _uncut(log: Log, output: str) -> str:
    """Why the loss is no function of the output alone; empty where it is."""
    reached = set(log.forward.named(Role.PARAMETER))
    for equation in log.forward.equations:
        if equation.out != output and reached.intersection(equation.arguments):
            reached.add(equation.out)
    if log.target not in reached:
        return ""
    return (
        f"the loss depends on the parameters past {output} too, so that it is no function of the "
        "network's output alone"
    )


def _gauss_newton(log: Log, draft: Draft, output: str) -> list[TangentStep]:
    start = log.cotangents[output]
    seed = tangent_name(start)
    if seed not in draft.variables:  # a loss that is linear in its output has no curvature
        return []
    backward = log.program.equations[len(log.forward.equations) :]
    return _Push(draft, G, {start: (ONE, seed)}).run(backward)


Moving = tuple[Scale, str]
"""A tangent: a coefficient times a name."""


@dataclass(slots=True)
class _Push:
    """One pass forward through the equations of a gradient."""

    draft: Draft
    operator: str
    moving: dict[str, Moving]
    """Name -> its tangent; names that are not in it do not move."""
    steps: list[TangentStep] = field(default_factory=list)

    def run(self, equations: Iterable[Equation]) -> list[TangentStep]:
        for equation in equations:
            through = tuple(dict.fromkeys(a for a in equation.arguments if a in self.moving))
            if through and equation.out not in self.moving:
                self._tangent(equation, through)
        return self.steps

    def _tangent(self, equation: Equation, through: tuple[str, ...]) -> None:
        """Name and emit the tangent of an equation's value, unless it is 0."""
        of = self.draft.variables[equation.out]
        if of.role in (Role.PART, Role.LOCAL) and isinstance(equation, Map):
            self._inside(equation)
            return
        pushed = self._contraction(equation) if isinstance(equation, Contraction) else None
        found = pushed or self._map(equation)
        if not found.terms:
            return
        name = self._declare(of)
        result, rewrites = self._through_block(equation.out, replace(found, out=name))
        self.draft.emit(result)
        self.moving[equation.out] = (ONE, name)
        if of.role not in (Role.PART, Role.LOCAL):
            self.steps.append(TangentStep(of.name, name, through, result, rewrites))

    def _declare(self, of: Variable) -> str:
        hidden = of.role in (Role.PART, Role.LOCAL)
        role = Role.PART if hidden else Role.TANGENT
        name = tangent_name(of.name, self.operator)
        moved = Variable(name, of.shape, role, of.base, of.layer, self.operator, of.name)
        return self.draft.declare(moved, self.draft.letters[of.name])

    def _contraction(self, equation: Contraction) -> Contraction:
        """``out = c A B``: ``R(out) = c R(A) B + c A R(B)``."""
        terms = []
        for term in equation.terms:
            for k, name in enumerate(term.operands):
                if name in self.moving:
                    scale, moved = self.moving[name]
                    operands = (*term.operands[:k], moved, *term.operands[k + 1 :])
                    terms.append(Term(operands, term.letters, term.scale * scale))
        return Contraction("", equation.letters, _merged(terms))

    def _map(self, equation: Equation) -> Contraction:
        """``out = f(u, v)``: ``R(out) = f_u R(u) + f_v R(v)``, the derivatives named."""
        assert isinstance(equation, Map)
        letters = self.draft.letters[equation.out]
        terms = []
        for k, name in enumerate(equation.arguments):
            if name not in self.moving:
                continue
            scale, moved = self.moving[name]
            local = local_derivative(equation.function, k)
            constant, rest = factored(local.function.expression)
            if constant.number == 0:
                continue
            if rest == 1:
                terms.append(Term((moved,), (letters,), constant * scale))
                continue
            slope = self._local(equation, k, local)
            terms.append(Term((slope, moved), (letters, letters), scale))
        return Contraction("", letters, _merged(terms))

    def _local(self, equation: Map, position: int, local: Local) -> str:
        """The local derivative by name: that of the gradient program, or a new one."""
        draft, of = self.draft, equation.arguments[position]
        again = f".{position}" if equation.arguments.count(of) > 1 else ""
        name = f"local({equation.out}, {of}){again}"
        if name in draft.defined:
            return name
        shape, letters = draft.variables[equation.out].shape, draft.letters[equation.out]
        draft.declare(Variable(name, shape, Role.LOCAL, target=equation.out, of=of), letters)
        values = (*equation.arguments, equation.out)
        draft.emit(Map(name, local.function, tuple(values[k] for k in local.uses)))
        return name

    def _inside(self, equation: Map) -> None:
        """The tangent of a nameless map as one map, its coefficient set apart."""
        arguments = [*equation.arguments, equation.out]
        total: sp.Expr = sp.Integer(0)
        for k, name in enumerate(equation.arguments):
            if name in self.moving:
                scale, moved = self.moving[name]
                local = local_derivative(equation.function, k)
                slope = local.function(*(parameter(use) for use in local.uses))
                arguments.append(moved)
                total += scale_expression(scale) * slope * parameter(len(arguments) - 1)
        constant, rest = factored(tidy(total))
        if constant.number == 0:
            return
        if rest == parameter(len(arguments) - 1):
            self.moving[equation.out] = (constant, arguments[-1])
            return
        name = self._declare(self.draft.variables[equation.out])
        self.draft.emit(_map_of(name, rest, arguments))
        self.moving[equation.out] = (constant, name)

    def _through_block(
        self, out: str, equation: Contraction
    ) -> tuple[Equation, tuple[Rewrite, ...]]:
        """The tangent of a block's value without the block's inner names, as
        ``R(p) = p (R(z) - sum(p R(z)))``, if the named rules find that.
        """
        block = next((b for b in self.draft.program.blocks if b.out == out), None)
        if block is None or self.operator == G:
            return equation, ()
        hidden = self._inner_names(block)
        letters = self.draft.letters[out]
        defined = {**self.draft.defined, equation.out: equation}
        start = inline(
            component(equation.out, letters),
            defined,
            lambda name: name == equation.out or name in hidden - set(block.inner),
        )
        after, log = simplify(start, Premises(self.draft.program, block))
        if any(component_name(node) in hidden for node in components(after)):
            return equation, ()
        return lower(self.draft, equation.out, letters, after), log

    def _inner_names(self, block: Block) -> set[str]:
        """The inner names of a block, their tangents and local derivatives."""
        hidden = set(block.inner)
        variables = self.draft.variables.items()
        return hidden | {
            name
            for name, own in variables
            if (own.role is Role.LOCAL and own.target in hidden)
            or (own.role is Role.PART and own.target == self.operator and own.of in hidden)
        }


def factored(expression: sp.Expr) -> tuple[Scale, sp.Expr]:
    """A coefficient, numbers and sizes, and what it multiplies.

    >>> str(factored(-2 * parameter(0))[0]), factored(-2 * parameter(0))[1]
    ('-2', u0)
    """
    number, factors = sp.factor_terms(expression).as_coeff_mul()
    if not number.is_Rational:
        return ONE, expression
    scale, rest = Scale(as_fraction(number)), sp.Integer(1)
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if base.is_Symbol and base.is_integer and exponent.is_Integer:
            scale = scale * Scale.of_size(str(base), int(exponent))
        else:
            rest *= factor
    return scale, rest


def _map_of(out: str, expression: sp.Expr, names: list[str]) -> Map:
    """An equation of those names that its expression has."""
    used = [k for k in range(len(names)) if parameter(k) in expression.free_symbols]
    renumber = {parameter(old): parameter(new) for new, old in enumerate(used)}
    function = anonymous(expression.xreplace(renumber), len(used))
    return Map(out, function, tuple(names[k] for k in used))


def _merged(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Equal products added: ``W V + V W`` of two numbers is ``2 W V``."""
    merged: dict[tuple[tuple[str, str], ...], Term] = {}
    for term in terms:
        pairs = zip(term.operands, term.letters, strict=True)
        key = (*sorted(pairs), *((name, str(power)) for name, power in term.scale.sizes))
        if key in merged:
            number = merged[key].scale.number + term.scale.number
            term = replace(merged[key], scale=replace(term.scale, number=number))
        merged[key] = term
    return tuple(term for term in merged.values() if term.scale.number)
