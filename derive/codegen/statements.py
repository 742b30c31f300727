"""Operations as lines of Python, each with its formula.

Nameless values and local derivatives that are used once are written inside the line that uses
them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from derive.codegen.contractions import SAME, einsum, pattern
from derive.codegen.elementwise import Elementwise, writer
from derive.codegen.heads import WRITTEN_OUT
from derive.codegen.names import Spelling
from derive.codegen.plan import Operation, Plan, Section, Spread, Unit
from derive.codegen.text import FORMULA, PYTHON, Dialect, Piece, added, product, scaled, signed
from derive.errors import ProgramError
from derive.program.functions import parameter
from derive.program.program import Contraction, Map, Program, Role, Term
from derive.program.shapes import ONE, Scale

Signed = tuple[bool, Piece]


@dataclass(frozen=True, slots=True)
class Statement:
    """``target = code  # formula``."""

    target: str
    code: str
    formula: str


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes the operations of one section in one dialect."""

    dialect: Dialect
    spelling: Spelling
    inside: Mapping[str, Operation]
    """Names that have no line of their own."""

    def write(self, operation: Operation) -> Signed:
        """The right side of an operation."""
        if isinstance(operation, Unit):
            return False, self._unit(operation)
        if isinstance(operation, Map):
            return self._map(operation)
        return self._contraction(operation)

    def terms(self, equation: Contraction) -> list[str]:
        """Each term of a sum alone."""
        return [signed(*self._term(term, equation.letters)).text for term in equation.terms]

    def operand(self, name: str, factor: bool = False) -> tuple[Scale, Piece]:
        """A name, or what it stands for, with its coefficient; a factor may be a mask."""
        operation = self.inside.get(name)
        if operation is None:
            return ONE, self._name(name)
        if isinstance(operation, Map) and not self._called(operation):
            elementwise = self._elementwise(operation)
            split = elementwise.factor if factor else elementwise.split
            scale, body = split(operation.function.expression)
            return (scale, body) if body is not None else (ONE, signed(*self.write(operation)))
        if isinstance(operation, Unit) and operation.definition and self.dialect is FORMULA:
            definition = operation.definition
            scale, body = self._elementwise(definition).split(definition.function.expression)
            return scale, body or Piece("1")
        return ONE, signed(*self.write(operation))

    def _name(self, name: str) -> Piece:
        if self.dialect is PYTHON:
            return Piece(self.spelling.code(name))
        return self.spelling.formula(name)

    def _piece(self, name: str) -> Piece:
        scale, body = self.operand(name)
        return signed(*scaled(scale, body, self.dialect))

    def _elementwise(self, operation: Map) -> Elementwise:
        return writer(self.dialect, [self._piece(name) for name in operation.arguments])

    def _called(self, operation: Map) -> bool:
        """Whether a formula has the function's name in place of its expression."""
        name = operation.function.name
        named = bool(name) and name not in WRITTEN_OUT and operation.function.arity == 1
        return named and self.dialect is FORMULA

    def _map(self, operation: Map) -> Signed:
        if self._called(operation):
            (argument,) = operation.arguments
            return False, Piece(f"{operation.function.name}({self._piece(argument).text})")
        scale, body = self._elementwise(operation).split(operation.function.expression)
        return scaled(scale, body, self.dialect)

    def _unit(self, unit: Unit) -> Piece:
        if self.dialect is PYTHON:
            arguments = [self._piece(name).text for name in unit.arguments]
            if unit.axis is not None:
                arguments.append(f"axis={unit.axis}")
            return Piece(f"{unit.helper}({', '.join(arguments)})")
        if unit.definition is not None:
            return signed(*self._map(unit.definition))
        return Piece(f"{unit.name}({', '.join(self._piece(n).text for n in unit.arguments)})")

    def _contraction(self, equation: Contraction) -> Signed:
        written = added(self._term(term, equation.letters) for term in equation.terms)
        reached = {k for term in equation.terms for used in term.letters for k in used}
        if self.dialect is not PYTHON or reached.issuperset(equation.letters):
            return written
        if not isinstance(equation, Spread):
            raise ProgramError(f"{equation.out} is the same along an axis; it needs no array")
        like = self._piece(equation.like).text
        return False, Piece(f"np.full_like({like}, {signed(*written).text})")

    def _term(self, term: Term, out: str) -> Signed:
        scale, pieces = term.scale, []
        for name in term.operands:
            own, piece = self.operand(name, factor=len(term.operands) > 1)
            scale = scale * own
            pieces.append(piece)
        return scaled(scale, self._product(pieces, term.letters, out), self.dialect)

    def _product(self, pieces: list[Piece], letters: tuple[str, ...], out: str) -> Piece | None:
        if not pieces:
            return None
        found = pattern(letters, out)
        if found is None and len(pieces) > 1 and "" in letters:
            return self._times_number(pieces, letters, out)
        if found is None and len(pieces) > 2 and len(set(letters)) < len(letters):
            return self._joined(pieces, letters, out)
        if found is None:
            return einsum(list(zip(pieces, letters, strict=True)), out)
        line, order = found
        operands = [pieces[k] for k in order]
        python = self.dialect is PYTHON
        template = line.code if python else line.formula
        if template == SAME:
            return operands[0]
        return Piece(template.format(*operands), line.level if python else line.formula_level)

    def _times_number(self, pieces: list[Piece], letters: tuple[str, ...], out: str) -> Piece:
        """A product with a number among its operands: the number, times that of the others."""
        place = letters.index("")
        others = pieces[:place] + pieces[place + 1 :]
        rest = self._product(others, letters[:place] + letters[place + 1 :], out)
        assert rest is not None
        return product([pieces[place], rest], self.dialect.scaled)

    def _joined(self, pieces: list[Piece], letters: tuple[str, ...], out: str) -> Piece | None:
        """A product in which two operands have the same axes: these first, elementwise."""
        same = next(used for used in letters if letters.count(used) > 1)
        first, second = [k for k, used in enumerate(letters) if used == same][:2]
        pair = self._product([pieces[first], pieces[second]], (same, same), same)
        assert pair is not None
        pieces = [pair if k == first else p for k, p in enumerate(pieces) if k != second]
        return self._product(pieces, letters[:second] + letters[second + 1 :], out)


LONG = 88
"""Characters of a line beyond which its parts get lines of their own."""


def inside(section: Section, program: Program, kept: Collection[str]) -> dict[str, Operation]:
    """The operations whose values have no symbol in the derivation, are used once, and are not
    ``kept`` for another section.
    """
    uses: Counter[str] = Counter()
    for operation in section:
        uses.update(_uses(operation))
    return {
        operation.out: operation
        for operation in section
        if program.variables[operation.out].role in (Role.PART, Role.LOCAL)
        and uses[operation.out] == 1
        and operation.out not in kept
    }


def _uses(operation: Operation) -> Iterator[str]:
    """The arguments of an operation, each as often as it is written."""
    if not isinstance(operation, Map):
        yield from operation.arguments
        return
    names = {parameter(k): name for k, name in enumerate(operation.arguments)}
    for node in sp.preorder_traversal(operation.function.expression):
        if node in names:
            yield names[node]


def statements(section: Section, plan: Plan, spelling: Spelling) -> list[Statement]:
    """The lines of a section."""
    hidden = inside(section, plan.program, plan.cache)
    for operation in reversed(section):
        if operation.out not in hidden:
            hidden = _shortened(operation, spelling, hidden)
    return [
        Statement(
            spelling.code(operation.out),
            code(operation, spelling, hidden),
            formula(operation, spelling, hidden, plan.also.get(operation.out, ())),
        )
        for operation in section
        if operation.out not in hidden
    ]


def _shortened(
    operation: Operation, spelling: Spelling, hidden: dict[str, Operation]
) -> dict[str, Operation]:
    """What stays hidden if a line is not to be long: its longest parts come out first."""
    while _length(operation, spelling, hidden) > LONG:
        parts = [name for name in operation.arguments if name in hidden]
        if not parts:
            break
        longest = max(parts, key=lambda name: len(code(hidden[name], spelling, hidden)))
        hidden = {name: part for name, part in hidden.items() if name != longest}
    return hidden


def _length(operation: Operation, spelling: Spelling, inside: Mapping[str, Operation]) -> int:
    """Of the longest line of an operation: a sum of many terms has a line for each."""
    if isinstance(operation, Contraction) and len(operation.terms) > 2:
        return max(map(len, Scribe(PYTHON, spelling, inside).terms(operation)))
    return len(f"{spelling.code(operation.out)} = {code(operation, spelling, inside)}")


def code(operation: Operation, spelling: Spelling, inside: Mapping[str, Operation]) -> str:
    """The right side as Python: ``W1 @ x + b1[:, None]``."""
    return signed(*Scribe(PYTHON, spelling, inside).write(operation)).text


def formula(
    operation: Operation,
    spelling: Spelling,
    inside: Mapping[str, Operation],
    also: Sequence[str] = (),
) -> str:
    """The whole equation in ASCII mathematics: ``z1 = W1 x + b1 1^T``."""
    names = [spelling.formula(name).text for name in (operation.out, *also)]
    right = signed(*Scribe(FORMULA, spelling, inside).write(operation)).text
    return " = ".join([*names, right])


def sizes_in(section: Section) -> tuple[str, ...]:
    """The named sizes that the coefficients of a section mention."""
    found: set[str] = set()
    for operation in section:
        if isinstance(operation, Contraction):
            found |= {name for term in operation.terms for name, _ in term.scale.sizes}
        elif isinstance(operation, Map):
            arguments = {parameter(k) for k in range(operation.function.arity)}
            free = operation.function.expression.free_symbols - arguments
            found |= {symbol.name for symbol in free if isinstance(symbol, sp.Symbol)}
    return tuple(sorted(found))
