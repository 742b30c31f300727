"""Structural reverse mode: a program in, the program of its cotangents and the step log out.

One pullback an equation, every cotangent named; where a variable is used several times its
contributions accumulate in one sum. The engine knows no function and no rule by name: the tables
are ``vjp.VJP`` and ``simplify.RULES``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from derive.calculus.constants import Known, even_axes, without_constants
from derive.calculus.draft import Draft
from derive.calculus.index import as_fraction, scale_expression
from derive.calculus.log import Contribution, Log, Step
from derive.calculus.rewrite import Rewritten, fuse, through_block
from derive.calculus.vjp import LOCAL, VJP, Pullback
from derive.errors import DerivationError
from derive.program.functions import Function
from derive.program.letters import SPARE
from derive.program.program import (
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

UNIT = "1 x = x"
"""The rule by which constants leave a product."""


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
    return _Reverse(Draft(program, target), sought).run()


@dataclass(slots=True)
class _Reverse:
    """One pass from the target back."""

    draft: Draft
    wrt: tuple[str, ...]
    steps: list[Step] = field(default_factory=list)
    uses: dict[str, list[tuple[Pullback, Equation]]] = field(default_factory=dict)
    even: dict[str, frozenset[int]] = field(default_factory=dict)
    """The axes along which each cotangent is the same."""
    places: dict[str, int] = field(init=False)
    """Where each name is defined: contributions are added in the order of the forward equations."""

    def __post_init__(self) -> None:
        self.places = {eq.out: k for k, eq in enumerate(self.draft.program.equations)}

    def run(self) -> Log:
        program, draft = self.draft.program, self.draft
        active = _active(program, draft.target, self.wrt)
        pending = _uses(program, active)
        self._seed()
        for equation in reversed(program.equations):
            if equation.out not in active:
                continue
            self._close(equation.out)
            self._pull(equation, active)
            for name in dict.fromkeys(a for a in equation.arguments if a in active):
                pending[name] -= 1
                if pending[name] == 0 and program.equation(name) is None:
                    self._close(name)
        backward = draft.finish(self.wrt)
        return Log(draft.target, program, backward, tuple(self.steps), dict(draft.cotangents))

    def _seed(self) -> None:
        """dL/dL = 1."""
        name = self.draft.declare_cotangent(self.draft.target)
        self.draft.emit(Contraction(name, "", (Term((), ()),)))
        self.draft.constants[name] = ONE

    def _pull(self, equation: Equation, active: set[str]) -> None:
        """Hand the cotangent of an equation's value to its arguments."""
        incoming, letters = self.draft.cotangents[equation.out], self.draft.letters[equation.out]
        for pullback in VJP[type(equation)](equation, incoming, letters):
            if pullback.argument in active:
                self.uses.setdefault(pullback.argument, []).append((pullback, equation))

    def _close(self, name: str) -> None:
        """All uses of a variable are known: its cotangent is their sum."""
        if name == self.draft.target:
            return
        cotangent = self.draft.declare_cotangent(name)
        uses = sorted(self.uses[name], key=lambda use: self.places[use[1].out])
        found = tuple(self._contribution(p, eq) for p, eq in uses)
        letters = found[0].letters
        contributions = tuple(_with_letters(c, letters) for c in found)
        terms = tuple(contribution.term for contribution in contributions)
        plain = Contraction(cotangent, letters, terms)
        equation, rules = self._fold(plain)
        rewritten = self._rewrite(name, plain, equation)
        if rewritten:
            equation = rewritten[0]
            rules += tuple(rewrite.rule for rewrite in rewritten[1])
        self.draft.emit(equation)
        rewrites = rewritten[1] if rewritten else ()
        self.steps.append(Step(name, cotangent, contributions, equation, rewrites, rules))

    def _rewrite(self, name: str, plain: Contraction, folded: Equation) -> Rewritten | None:
        for block in self.draft.program.blocks:
            if block.argument == name:
                return through_block(self.draft, block, folded)
        return fuse(self.draft, plain)

    def _contribution(self, pullback: Pullback, equation: Equation) -> Contribution:
        """A pullback with its local derivative named."""
        term, name = pullback.term, None
        if pullback.local is not None:
            assert isinstance(equation, Map)
            name = self._local(pullback, equation)
            operands = tuple(name if operand == LOCAL else operand for operand in term.operands)
            term = replace(term, operands=operands)
        incoming = pullback.term.operands[0]
        return Contribution(equation.out, pullback.position, incoming, name, term, pullback.letters)

    def _local(self, pullback: Pullback, equation: Map) -> str:
        """Declare and emit the local derivative of a map.

        In a second pass the first one's are there already, under the same name.
        """
        local, of, draft = pullback.local, pullback.argument, self.draft
        assert local is not None
        letters = draft.letters[equation.out]
        again = f".{pullback.position}" if equation.arguments.count(of) > 1 else ""
        shape = draft.variables[equation.out].shape
        name = f"local({equation.out}, {of}){again}"
        if local.function.constant:
            draft.constants[name] = Scale(as_fraction(local.function.expression))
        if name in draft.defined:
            return name
        draft.declare(Variable(name, shape, Role.LOCAL, target=equation.out, of=of), letters)
        if name in draft.constants:
            draft.emit(Contraction(name, letters, (Term((), (), draft.constants[name]),)))
        else:
            values = (*equation.arguments, equation.out)
            draft.emit(Map(name, local.function, tuple(values[k] for k in local.uses)))
        return name

    def _fold(self, equation: Contraction) -> tuple[Equation, tuple[str, ...]]:
        """``1 x = x``: constants leave the operands; one scaled local derivative is a map."""
        named = tuple(self._without_parts(equation, term) for term in equation.terms)
        known = Known(self.draft.variables, self.draft.defined, self.draft.constants, self.even)
        terms = tuple(without_constants(equation, term, known) for term in named)
        if len(terms) == 1 and not terms[0].operands:
            self.draft.constants[equation.out] = terms[0].scale
        folded = replace(equation, terms=terms)
        self.even[equation.out] = even_axes(folded, known)
        return self._as_map(folded) or folded, (UNIT,) if terms != named else ()

    def _without_parts(self, equation: Contraction, term: Term) -> Term:
        """Nameless products of named values are written out: the weight of a loss, ``lambda``."""
        operands: list[str] = []
        letters: list[str] = []
        scale = term.scale
        for name, used in zip(term.operands, term.letters, strict=True):
            inner = self._nameless_product(name)
            if inner is None:
                operands.append(name)
                letters.append(used)
                continue
            table = str.maketrans(dict(zip(inner.letters, used, strict=True)))
            operands += inner.terms[0].operands
            letters += (k.translate(table) for k in inner.terms[0].letters)
            scale = scale * inner.terms[0].scale
        reached = set(equation.letters).union(*letters)
        if not set("".join(term.letters)) <= reached:
            return term
        return Term(tuple(operands), tuple(letters), scale)

    def _nameless_product(self, name: str) -> Contraction | None:
        """The equation of a nameless cotangent that is one product of named values, unsummed."""
        variables, found = self.draft.variables, self.draft.defined.get(name)
        if variables[name].role is not Role.PART or not isinstance(found, Contraction):
            return None
        if len(found.terms) != 1 or not found.terms[0].operands:
            return None
        hidden = (Role.PART, Role.LOCAL)
        named = all(variables[n].role not in hidden for n in found.terms[0].operands)
        unsummed = set("".join(found.terms[0].letters)) <= set(found.letters)
        return found if named and unsummed else None

    def _as_map(self, equation: Contraction) -> Map | None:
        """``c * f'(u)`` is again one elementwise function."""
        if len(equation.terms) != 1 or equation.terms[0].letters != (equation.letters,):
            return None
        term = equation.terms[0]
        inner = self.draft.defined.get(term.operands[0])
        if not isinstance(inner, Map) or self.draft.variables[inner.out].role is not Role.LOCAL:
            return None
        scaled = inner.function.expression * scale_expression(term.scale)
        name = inner.function.name if term.scale == ONE else ""
        return Map(equation.out, Function(name, inner.function.arity, scaled), inner.arguments)


def _active(program: Program, target: str, wrt: Iterable[str]) -> set[str]:
    """Names on a path from a sought variable to the target."""
    reached = set(wrt)
    for equation in program.equations:
        if reached.intersection(equation.arguments):
            reached.add(equation.out)
    needed = {target}
    for equation in live(program.equations, [target]):
        needed.update((equation.out, *equation.arguments))
    return reached & needed


def _uses(program: Program, active: set[str]) -> dict[str, int]:
    """For every active name the number of active equations that use it."""
    count: dict[str, int] = {}
    for equation in program.equations:
        if equation.out in active:
            for name in active.intersection(equation.arguments):
                count[name] = count.get(name, 0) + 1
    return count


def _with_letters(contribution: Contribution, letters: str) -> Contribution:
    """The contribution with the letters of the first one, so that they can be added."""
    if contribution.letters == letters:
        return contribution
    table = dict(zip(contribution.letters, letters, strict=True))
    spare = (letter for letter in SPARE if letter not in letters)
    for letter in sorted(set("".join(contribution.term.letters)) - set(table)):
        table[letter] = letter if letter not in letters else next(spare)
    term = contribution.term
    renamed = tuple("".join(table[letter] for letter in used) for used in term.letters)
    return replace(contribution, term=replace(term, letters=renamed), letters=letters)
