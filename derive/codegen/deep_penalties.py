"""Penalties of a network of any depth: a sum over the layers is a loop over their weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from derive.codegen.deep_names import LayerNames
from derive.codegen.lines import STEP, noted
from derive.codegen.plan import Plan, Section
from derive.codegen.statements import Scribe
from derive.codegen.text import FORMULA, PYTHON, Dialect, Piece, signed
from derive.program.program import Contraction, Map, Program, Role, Term


@dataclass(frozen=True, slots=True)
class Penalty:
    """One term of the loss, for one layer or for all that have it."""

    term: Term
    part: Map
    """What is summed, of the layer that stands for them."""
    family: str
    member: str
    """The weight of one layer: ``W_k``, or ``W_L`` of the last alone."""
    layers: str
    """Which of the family, as a slice."""

    def lines(self, names: LayerNames, loss: str) -> list[str]:
        """The statements that add it to the loss."""
        code, formula = (self._written(names, dialect) for dialect in (PYTHON, FORMULA))
        if self.layers == "[-1]":
            start = f"{STEP}{self.member} = cache.{self.family}{self.layers}"
            return [start, *noted(f"{loss} = {loss} + {code}", f"... + {formula}")]
        start = f"{STEP}for {self.member} in cache.{self.family}{self.layers}:"
        return [start, *noted(f"{loss} = {loss} + {code}", f"... + {formula}", 2)]

    def _written(self, names: LayerNames, dialect: Dialect) -> str:
        (weight,) = self.part.arguments
        scribe = Scribe(dialect, _Spelling(names, weight, self.member), {self.part.out: self.part})
        return signed(*scribe.write(Contraction("L", "", (self.term,)))).text

    def sides(self, relations: list[str]) -> list[str]:
        """On which side of a kink the entries lie, given the relations of one weight."""
        if self.layers == "[-1]":
            return [text.replace(self.member, f"cache.{self.family}[-1]") for text in relations]
        members = f"for {self.member} in cache.{self.family}{self.layers}"
        return [f"*({text} {members})" for text in relations]


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The names outside of the layers, and one weight by its name in the loop."""

    names: LayerNames
    weight: str
    member: str

    def code(self, name: str) -> str:
        return self.member if name == self.weight else self.names.code(name)

    def formula(self, name: str) -> Piece:
        return Piece(self.member) if name == self.weight else self.names.formula(name)


def split(parts: Plan, depth: int) -> tuple[Section, tuple[Penalty, ...]]:
    """The operations of the loss without its penalties, and these."""
    *others, last = parts.loss
    if not isinstance(last, Contraction):
        return parts.loss, ()
    found = _parts(parts)
    own = [term for term in last.terms if found.keys() & set(term.operands)]
    data = replace(last, terms=tuple(term for term in last.terms if term not in own))
    rest = tuple(operation for operation in others if operation.out not in found)
    return (*rest, data), tuple(_penalties(own, found, parts.program, depth))


def _parts(parts: Plan) -> dict[str, Map]:
    """The operations of the loss that are of a parameter alone."""
    own = set(parts.program.named(Role.PARAMETER))
    return {
        operation.out: operation
        for operation in parts.loss
        if isinstance(operation, Map) and set(operation.arguments) <= own
    }


def _penalties(
    terms: list[Term], found: Mapping[str, Map], program: Program, depth: int
) -> Iterator[Penalty]:
    """Terms that differ by the layer only, as one."""
    groups: dict[tuple[object, ...], list[tuple[Term, Map]]] = {}
    for term in terms:
        (name,) = (operand for operand in term.operands if operand in found)
        key = (found[name].function, term.scale, *(n for n in term.operands if n != name))
        groups.setdefault(key, []).append((term, found[name]))
    for group in groups.values():
        numbers = [program.variables[part.arguments[0]].layer for _, part in group]
        base = program.variables[group[0][1].arguments[0]].base
        layers = {depth: "", depth - 1: "[:-1]", 1: "[-1]"}[len(numbers)]
        yield Penalty(*group[0], base, f"{base}_{'L' if layers == '[-1]' else 'k'}", layers)
