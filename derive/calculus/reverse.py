"""Structural reverse mode: a program in, the program of its cotangents and the step log out.

One pullback an equation, every cotangent named; where a variable is used several times its
contributions accumulate in one sum. The engine knows no function and no rule by name: the tables
are ``vjp.VJP`` and ``simplify.RULES``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from derive.calculus.index import Lowering, component, expression_of, inline, scale_expression
from derive.calculus.local import cost
from derive.calculus.log import Contribution, Log, Step
from derive.calculus.simplify import Premises, Rewrite, fused, simplify
from derive.calculus.vjp import LOCAL, VJP, Pullback
from derive.errors import DerivationError
from derive.program.functions import Function
from derive.program.letters import letters_of
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


def reverse(program: Program, target: str = "L", wrt: Iterable[str] | None = None) -> Log:
    """Differentiate a scalar of a program by its parameters, or by the names given.

    Every named variable between them gets its cotangent too.

    Raises:
        DerivationError: the target is no scalar of the program, or a derivative has no closed form.
    """
    if target not in program.variables or program.variables[target].shape != ():
        raise DerivationError(f"{target} is not a scalar of the program")
    sought = program.named(Role.PARAMETER) if wrt is None else tuple(wrt)
    missing = [name for name in sought if name not in program.variables]
    if missing:
        raise DerivationError(f"there is no variable {missing[0]}")
    return _Reverse(program, target, sought).run()


def cotangent_name(target: str, of: str) -> str:
    """``dL/dW1``; nested names are bracketed, so that no two derivatives share one."""
    return "/".join(f"d({n})" if "/" in n or "(" in n else f"d{n}" for n in (target, of))


@dataclass(slots=True)
class _Reverse:
    """The state of one pass from the target back."""

    program: Program
    target: str
    wrt: tuple[str, ...]
    variables: dict[str, Variable] = field(default_factory=dict)
    backward: list[Equation] = field(default_factory=list)
    defined: dict[str, Equation] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    uses: dict[str, list[tuple[Pullback, Equation]]] = field(default_factory=dict)
    cotangents: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Scale] = field(default_factory=dict)
    """Cotangents that are a constant everywhere: the seed, 1/m."""
    letters: dict[str, str] = field(default_factory=dict)
    block_of: dict[str, Block] = field(default_factory=dict)

    def run(self) -> Log:
        self.variables = dict(self.program.variables)
        self.defined = {eq.out: eq for eq in self.program.equations}
        self.letters = letters_of(self.program)
        self.block_of = {block.argument: block for block in self.program.blocks}
        active = self._active()
        pending = self._pending(active)
        self._seed()
        for equation in reversed(self.program.equations):
            if equation.out not in active:
                continue
            self._close(equation.out)
            self._pull(equation, active)
            for name in dict.fromkeys(equation.arguments):
                if name not in active:
                    continue
                pending[name] -= 1
                if pending[name] == 0 and self.program.equation(name) is None:
                    self._close(name)
        return self._log()

    def _pending(self, active: set[str]) -> dict[str, int]:
        """For every active name the number of active equations that use it."""
        count: dict[str, int] = {}
        for equation in self.program.equations:
            if equation.out in active:
                for name in active.intersection(equation.arguments):
                    count[name] = count.get(name, 0) + 1
        return count

    def _active(self) -> set[str]:
        """Names on a path from a sought variable to the target."""
        forward = set(self.wrt)
        for equation in self.program.equations:
            if forward.intersection(equation.arguments):
                forward.add(equation.out)
        needed = {eq.out for eq in live(self.program.equations, [self.target])}
        needed |= {a for eq in self.program.equations if eq.out in needed for a in eq.arguments}
        return forward & needed

    def _seed(self) -> None:
        """dL/dL = 1."""
        name = self._declare_cotangent(self.target)
        self._emit(Contraction(name, "", (Term((), ()),)))
        self.constants[name] = ONE

    def _pull(self, equation: Equation, active: set[str]) -> None:
        incoming = self.cotangents[equation.out]
        for pullback in VJP[type(equation)](equation, incoming, self.letters[equation.out]):
            if pullback.argument in active:
                self.uses.setdefault(pullback.argument, []).append((pullback, equation))

    def _close(self, name: str) -> None:
        """All uses of a variable are known: its cotangent is their sum."""
        if name == self.target:
            return
        cotangent = self._declare_cotangent(name)
        contributions = tuple(self._contribution(p, eq) for p, eq in self.uses[name])
        letters = contributions[0].letters
        renamed = [_with_letters(c, letters) for c in contributions]
        plain = Contraction(cotangent, letters, tuple(c.term for c in renamed))
        equation, rules = self._fold(plain)
        rewrites: tuple[Rewrite, ...] = ()
        better = self._rewrite(name, plain, equation)
        if better:
            equation, rewrites = better
            rules += tuple(rewrite.rule for rewrite in rewrites)
        self._emit(equation)
        self.steps.append(Step(name, cotangent, contributions, equation, rewrites, rules))

    def _declare_cotangent(self, name: str) -> str:
        of = self.program.variables[name]
        cotangent = cotangent_name(self.target, name)
        role = Role.PART if of.role is Role.PART else Role.COTANGENT
        self._declare(
            Variable(cotangent, of.shape, role, of.base, of.layer, self.target, name)
        )
        self.cotangents[name] = cotangent
        self.letters[cotangent] = self.letters[name]
        return cotangent

    def _declare(self, variable: Variable) -> None:
        if variable.name in self.variables:
            raise DerivationError(f"{variable.name} is named twice")
        self.variables[variable.name] = variable

    def _emit(self, equation: Equation) -> None:
        self.backward.append(equation)
        self.defined[equation.out] = equation

    def _contribution(self, pullback: Pullback, equation: Equation) -> Contribution:
        """A pullback with its local derivative computed and named."""
        term, name = pullback.term, None
        if pullback.local is not None:
            assert isinstance(equation, Map)
            name = self._local(pullback, equation)
            term = Term(tuple(name if o == LOCAL else o for o in term.operands), term.letters)
        incoming = pullback.term.operands[0]
        return Contribution(
            equation.out, pullback.position, incoming, name, term, pullback.letters
        )

    def _local(self, pullback: Pullback, equation: Map) -> str:
        local = pullback.local
        assert local is not None
        values = (*equation.arguments, equation.out)
        arguments = tuple(values[k] for k in local.uses)
        out = self.program.variables[equation.out]
        of = pullback.argument
        repeated = equation.arguments.count(of) > 1
        tail = f".{pullback.position}" if repeated else ""
        name = f"local({equation.out}, {of}){tail}"
        if name in self.variables:
            return name
        self._declare(Variable(name, out.shape, Role.LOCAL, target=equation.out, of=of))
        if local.function.constant:
            letters = self.letters[equation.out]
            self._emit(Contraction(name, letters, (Term((), (), _constant(local.function)),)))
            self.constants[name] = _constant(local.function)
        else:
            self._emit(Map(name, local.function, arguments))
        return name

    def _fold(self, equation: Contraction) -> tuple[Equation, tuple[str, ...]]:
        """``1 * x = x``: constants leave the operands; one scaled map is a map."""
        terms = tuple(self._without_constants(term) for term in equation.terms)
        rules = ("1 x = x",) if terms != equation.terms else ()
        if len(terms) == 1 and not terms[0].operands:
            self.constants[equation.out] = terms[0].scale
        folded = Contraction(equation.out, equation.letters, terms)
        return self._as_map(folded) or folded, rules

    def _without_constants(self, term: Term) -> Term:
        scale, kept = term.scale, []
        for name, letters in zip(term.operands, term.letters, strict=True):
            if name in self.constants:
                scale = scale * self.constants[name]
            else:
                kept.append((name, letters))
        lost = set("".join(term.letters)) - set("".join(k for _, k in kept))
        if lost - set(self.letters[term.operands[0]] if term.operands else ""):
            return term
        return Term(tuple(n for n, _ in kept), tuple(k for _, k in kept), scale)

    def _as_map(self, equation: Contraction) -> Map | None:
        """``c * f'(u)`` is again one elementwise function."""
        if len(equation.terms) != 1 or len(equation.terms[0].operands) != 1:
            return None
        term = equation.terms[0]
        inner = self.defined.get(term.operands[0])
        if not isinstance(inner, Map) or self.variables[inner.out].role is not Role.LOCAL:
            return None
        if term.letters[0] != equation.letters:
            return None
        scaled = inner.function.expression * scale_expression(term.scale)
        name = inner.function.name if term.scale == ONE else ""
        return Map(equation.out, Function(name, inner.function.arity, scaled), inner.arguments)

    def _rewrite(
        self, name: str, plain: Contraction, folded: Equation
    ) -> tuple[Equation, tuple[Rewrite, ...]] | None:
        if name in self.block_of:
            return self._through_block(self.block_of[name], folded)
        return self._fuse(plain)

    def _fuse(self, equation: Contraction) -> tuple[Equation, tuple[Rewrite, ...]] | None:
        """Fuse two neighbouring elementwise maps where that saves operations."""
        if len(equation.terms) != 1 or len(equation.terms[0].operands) != 2:
            return None
        maps = [self.defined.get(operand) for operand in equation.terms[0].operands]
        first, second = maps
        if not (isinstance(first, Map) and isinstance(second, Map)):
            return None
        if len(set(equation.terms[0].letters) | {equation.letters}) != 1:
            return None
        letters = equation.letters
        found = fused(expression_of(first, letters), expression_of(second, letters))
        if found is None:
            return None
        return self._lower(equation.out, letters, found[0]), found[1]

    def _through_block(
        self, block: Block, equation: Equation
    ) -> tuple[Equation, tuple[Rewrite, ...]] | None:
        """Eliminate the inner names of a block from the cotangent of its argument."""
        letters = self.letters[equation.out]
        outer = self.cotangents[block.out]
        hidden = set(block.inner) | {self.cotangents[n] for n in block.inner}
        hidden |= {n for n, v in self.variables.items() if v.role is Role.LOCAL and v.target in block.inner}
        forward = {block.inner[0], block.inner[1], block.inner[2]}
        start = inline(
            component(equation.out, letters),
            {**self.defined, equation.out: equation},
            lambda n: n == equation.out or (n in hidden and n not in forward),
        )
        premises = Premises(self.program, block)
        best: tuple[Equation, tuple[Rewrite, ...]] | None = None
        for names in ((), (outer,)):
            inner = inline(start, self.defined, lambda n, names=names: n in names)
            after, log = simplify(inner, premises)
            if self._mentions(after, hidden):
                continue
            if best is None or cost(after) < best_cost:
                best, best_cost = (after, log), cost(after)
        if best is None:
            return None
        return self._lower(equation.out, letters, best[0]), best[1]

    def _mentions(self, expression: object, names: set[str]) -> bool:
        from derive.calculus.index import component_name, components

        return any(component_name(node) in names for node in components(expression))

    def _lower(self, out: str, letters: str, expression: object) -> Equation:
        """An index expression as an equation; its parts are declared and emitted before it."""
        shape = dict(zip(letters, self.variables[out].shape, strict=True))
        count = 0

        def fresh(used: str) -> str:
            nonlocal count
            count += 1
            name = f"{out}.{count}"
            own = tuple(shape[k] for k in used)
            self._declare(Variable(name, own, Role.PART, target=self.target))
            self.letters[name] = used
            return name

        lowering = Lowering(letters, fresh)
        equation = lowering.equation(out, expression)
        for part in lowering.parts:
            self._emit(part)
        return equation

    def _log(self) -> Log:
        named = [n for n in self.cotangents.values() if self.variables[n].role is Role.COTANGENT]
        locals_ = [n for n, v in self.variables.items() if v.role is Role.LOCAL]
        kept = live(self.backward, [*named, *locals_])
        equations = (*self.program.equations, *kept)
        bound = {eq.out for eq in equations} | set(self.program.inputs)
        program = Program(
            {n: v for n, v in self.variables.items() if n in bound},
            equations,
            (*self.program.outputs, *(self.cotangents[n] for n in self.wrt if n in self.cotangents)),
            self.program.facts,
            self.program.blocks,
            self.program.batch,
        )
        return Log(self.target, self.program, program, tuple(self.steps), dict(self.cotangents))


def _constant(function: Function) -> Scale:
    from derive.calculus.index import sp_fraction

    return Scale(sp_fraction(function.expression))


def _with_letters(contribution: Contribution, letters: str) -> Contribution:
    """The contribution with the letters of the first one, so that they can be added."""
    if contribution.letters == letters:
        return contribution
    table = dict(zip(contribution.letters, letters, strict=True))
    spare = (k for k in "klpqrstuvw" if k not in letters)
    for letter in sorted(set("".join(contribution.term.letters)) - set(table)):
        table[letter] = letter if letter not in letters else next(spare)
    term = contribution.term
    renamed = Term(
        term.operands,
        tuple("".join(table[k] for k in used) for used in term.letters),
        term.scale,
    )
    return Contribution(
        contribution.through,
        contribution.position,
        contribution.incoming,
        contribution.local,
        renamed,
        letters,
    )
