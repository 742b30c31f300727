"""The document's own forward model: what it defines, gives and leaves open.

The first relation that binds a name is its definition. A later one that says something else opens
another reading; a claim may then be judged in each of them (see :class:`World`). A value given as a
number (``W_1 = 0.5``) is no definition: formulas hold for any value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from derive.checking.claims import Statement
from derive.checking.functions import FUNCTIONS
from derive.checking.names import (
    COUNTS,
    heads,
    index_letters,
    is_literal,
    is_numeric,
    sample_power,
    split,
    stripped,
    symbols,
    unfenced,
    walk,
)
from derive.checking.segments import Document
from derive.checking.unify import unify
from derive.notation.plain import plain
from derive.notation.tokens import NotationError
from derive.notation.tree import Apply, BigSum, Call, Node, Number, Symbol
from derive.notation.written import read_text

_VALUE = re.compile(r"([^\s=,(;:]+)\s*=\s*([-−]?\d+(?:\.\d+)?)(?![\w.^²³*/+×·-])")


@dataclass(frozen=True, slots=True)
class Definition:
    """A name and what it stands for."""

    name: Symbol
    body: Node
    at: int
    """Number of its statement."""


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """``f(x) = body``."""

    name: str
    parameters: tuple[Symbol, ...]
    body: Node
    at: int


@dataclass(frozen=True, slots=True)
class Given:
    """A value that is given as a number."""

    name: Symbol
    value: Node
    start: int
    """Offset in the document."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a document says about its values."""

    definitions: Mapping[Symbol, tuple[Definition, ...]]
    functions: Mapping[str, FunctionDefinition]
    givens: Mapping[Symbol, tuple[Given, ...]]
    indices: frozenset[str]
    """Letters that sums run over."""
    indexed: frozenset[Symbol]
    """Names that carry an index somewhere: one value for each sample."""
    counts: frozenset[Symbol]
    """Names of the number of samples."""
    leaves: frozenset[Symbol]
    """Names that definitions use and nothing defines: parameters, inputs, targets."""
    defining: frozenset[int] = frozenset()
    """Numbers of the statements whose first relation is a definition."""
    derived: Mapping[Node, tuple[Node, ...]] = field(default_factory=dict)
    """Left sides that are no names, and the formulas given for them."""

    def knows(self, name: Symbol) -> bool:
        """Whether the name is part of the model."""
        return name in self.definitions or name in self.leaves or name in self.counts


@dataclass(frozen=True, slots=True)
class World:
    """One reading of a document: which definition of each name, how many samples."""

    model: Model
    samples: int
    choice: Mapping[Symbol, int] = field(default_factory=dict)
    """Names with several definitions -> the one that is meant."""
    activation: str = ""
    """What an undefined sigma is; empty: any smooth function."""
    reduction: str = ""
    """How the losses of several samples make one where no line says it: ``mean`` or ``sum``."""
    generic: Mapping[Symbol, tuple[Symbol, ...]] = field(default_factory=dict)
    """Names that nothing defines -> what they depend on, in any smooth way."""

    def definition(self, name: Symbol) -> Definition | None:
        """The definition of a name in this reading."""
        found = self.model.definitions.get(name, ())
        return found[self.choice.get(name, 0)] if found else None


LOSSES = frozenset({"L", "J", "E", "C", "ell"})
"""Letters of losses."""


def build(document: Document, statements: tuple[Statement, ...]) -> Model:
    """The model of a document."""
    trees = [side for item in statements if not item.failure for side in item.sides]
    return _Builder(index_letters(trees), trees).build(document, statements)


class _Builder:
    def __init__(self, indices: frozenset[str], trees: list[Node]):
        self.indices = indices
        self.trees = trees
        self.definitions: dict[Symbol, list[Definition]] = {}
        self.functions: dict[str, FunctionDefinition] = {}
        self.givens: dict[Symbol, list[Given]] = {}
        self.derived: dict[Node, list[Node]] = {}
        self.defining: set[int] = set()
        self.stated: frozenset[Symbol] = frozenset()

    def build(self, document: Document, statements: tuple[Statement, ...]) -> Model:
        self.prose(document)
        for number, item in enumerate(statements):
            if not item.failure and item.signs and item.signs[0] in ("=", "def", "equiv", "gets"):
                self.bind(item, number)
        self.stated = frozenset(self.givens)
        for item in statements:
            if not item.failure and item.signs:
                self.put_in(item)
        bodies = [entry.body for found in self.definitions.values() for entry in found]
        used = {split(symbol, self.indices)[0] for symbol in symbols(*bodies)}
        values = {split(symbol, self.indices)[0] for symbol in symbols(*self.trees)}
        used |= {split(symbol, self.indices)[0] for symbol in heads(*bodies)} & values
        counts = self.counts()
        return Model(
            {name: tuple(found) for name, found in self.definitions.items()},
            self.functions,
            {name: tuple(found) for name, found in self.givens.items()},
            self.indices,
            self.indexed(),
            counts,
            frozenset(used - set(self.definitions) - counts),
            frozenset(self.defining),
            {tree: tuple(found) for tree, found in self.derived.items()},
        )

    def bind(self, item: Statement, number: int) -> None:
        """What the first relation of a statement defines or gives."""
        left, right = item.sides[0], plain(item.sides[1])
        if item.signs[0] == "gets":
            formulas = [] if is_numeric(right) else [right]
            self.derived.setdefault(plain(left), []).extend(formulas)
        elif isinstance(left, Symbol):
            self.name(split(left, self.indices)[0], right, item, number)
        elif isinstance(left, Call | Apply):
            self.function(left, right, number)
        else:
            formulas = [plain(side) for side in item.sides[1:] if not is_numeric(side)]
            self.derived.setdefault(plain(left), []).extend(formulas)

    def name(self, name: Symbol, body: Node, item: Statement, number: int) -> None:
        if is_literal(body) and name not in self.definitions:
            self.givens.setdefault(name, []).append(Given(name, body, item.start))
            self.defining.add(number)
        elif is_numeric(body) or name in self.names_in(body):
            return
        elif all(self.bare(old.body) != self.bare(body) for old in self.known(name)):
            self.definitions.setdefault(name, []).append(Definition(name, body, number))
            self.defining.add(number)

    def known(self, name: Symbol) -> list[Definition]:
        return self.definitions.get(name, [])

    def bare(self, body: Node) -> Node:
        """A body as it is the same for one sample and for each of several."""
        return stripped(body, self.indices)

    def names_in(self, body: Node) -> set[Symbol]:
        return {split(symbol, self.indices)[0] for symbol in symbols(body)}

    def function(self, left: Call | Apply, body: Node, number: int) -> None:
        name = left.function if isinstance(left, Apply) else _head(left)
        arguments = tuple(unfenced(part) for part in left.arguments)
        primes = left.primes if isinstance(left, Apply) else getattr(left.head, "primes", 0)
        built_in = name in FUNCTIONS and isinstance(left, Apply)
        if not name or primes or built_in or name in self.functions:
            return
        found = tuple(part for part in arguments if isinstance(part, Symbol))
        if len(found) == len(arguments) and not is_numeric(body):
            self.functions[name] = FunctionDefinition(name, found, body, number)
            self.defining.add(number)

    def put_in(self, item: Statement) -> None:
        """Values that show where numbers are put in for the names of a formula."""
        left = plain(item.sides[0])
        formulas = list(self.derived.get(left, ()))
        if isinstance(left, Symbol):
            formulas += [entry.body for entry in self.known(split(left, self.indices)[0])]
        for side in item.sides[1:]:
            if not is_numeric(side) or is_literal(side):
                continue
            for found in (unify(formula, plain(side)) for formula in formulas):
                for name, value in (found or {}).items():
                    name = split(name, self.indices)[0]
                    if name not in self.definitions and name not in self.stated:
                        self.givens.setdefault(name, []).append(Given(name, value, item.start))

    def prose(self, document: Document) -> None:
        for sentence in document.prose:
            for match in _VALUE.finditer(sentence.text):
                try:
                    name = read_text(match[1]).tree
                    value = read_text(match[2]).tree
                except NotationError:
                    continue
                if isinstance(name, Symbol):
                    start = sentence.start + match.start()
                    self.givens.setdefault(name, []).append(Given(name, value, start))

    def indexed(self) -> frozenset[Symbol]:
        found = set()
        for node in walk(*self.trees):
            power = sample_power(node, self.indices)
            if power is not None:
                found.add(power)
            if isinstance(node, Symbol):
                name, has = split(node, self.indices)
                if has:
                    found.add(name)
        return frozenset(found)

    def counts(self) -> frozenset[Symbol]:
        """Names of the number of samples: bounds of sums, and n or m beside a sum."""
        found: set[Symbol] = set()
        for tree in self.trees:
            sums = [node for node in walk(tree) if isinstance(node, BigSum)]
            found |= {node.upper for node in sums if isinstance(node.upper, Symbol)}
            if sums:
                found |= {name for name in symbols(tree) if name == Symbol(name.glyph)} & {
                    Symbol(glyph) for glyph in COUNTS
                }
        return frozenset(found - set(self.definitions))


def _head(call: Call) -> str:
    head = call.head
    plain_name = isinstance(head, Symbol) and not (head.sub or head.sup or head.accent)
    return head.glyph if plain_name and call.shape == "round" and isinstance(head, Symbol) else ""


def premises(model: Model) -> tuple[str, ...]:
    """What the verdicts rest on, one line each."""
    from derive.notation import text

    told = [
        f"{text(entry.name)} = {text(entry.body)}"
        for found in model.definitions.values()
        for entry in found[:1]
    ]
    told += [
        f"{text(given.name)} = {text(given.value)}"
        for found in model.givens.values()
        for given in _distinct(found)
        if given.name not in model.definitions
    ]
    return tuple(told)


def _distinct(found: Iterable[Given]) -> list[Given]:
    kept: dict[Node, Given] = {}
    for given in found:
        kept.setdefault(given.value, given)
    return list(kept.values())


def number_of(node: Node) -> str:
    """The digits of a printed number, its sign included."""
    from derive.notation.tree import Negative

    node = unfenced(node)
    sign = "-" if isinstance(node, Negative) else ""
    inner = unfenced(node.body) if isinstance(node, Negative) else node
    return sign + (inner.digits if isinstance(inner, Number) else "")
