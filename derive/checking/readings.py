"""In which readings of a document a formula is looked at, and when none of them is enough.

A name with several definitions has one reading for each; a formula that uses no index may speak of
one sample or of all; an activation that nothing defines is any smooth function or the sigmoid.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from derive.checking.claims import Statement
from derive.checking.functions import FUNCTIONS
from derive.checking.model import LOSSES, Model, World
from derive.checking.names import heads, sample_power, split, symbols, unfenced, walk
from derive.checking.segments import Aside, Document
from derive.notation.tree import (
    Apply,
    BigSum,
    Call,
    Derivative,
    Function,
    Matrix,
    Node,
    Power,
    Product,
    Symbol,
    Transpose,
)

_MOST = 16
_NO_VALUES = (Symbol("e"), Symbol("pi"), Symbol("epsilon"))
_SAMPLES = 3
_ARRAYS = frozenset({"X", "Z", "A", "H", "Y", "nabla"})
_PRODUCTS = ("at", "otimes", "hadamard", "circ")
_VECTOR_FUNCTIONS = frozenset({"softmax", "norm", "diag", "tr", "vec", "argmax", "det"})


def matrix_reason(document: Document, statements: Iterable[Statement], model: Model) -> str:
    """Why a document's values are no mere numbers; empty if nothing says so."""
    if len(model.indices) > 1:
        return f"matrix world: sums run over {', '.join(sorted(model.indices))}"
    for segment in document.segments:
        for row in segment.rows:
            if any(note.kind in (Aside.SHAPE, Aside.MEMBER) for note in row.notes):
                return "matrix world: shapes are written"
    for item in statements:
        for node in walk(*item.sides):
            told = _matrix_sign(node, model)
            if told:
                return f"matrix world: {told}"
    return ""


def _matrix_sign(node: Node, model: Model) -> str:
    if isinstance(node, Transpose | Matrix):
        return f"a {type(node).__name__.lower()} is written"
    if isinstance(node, Product) and node.glyph in _PRODUCTS:
        return "a product of matrices is written"
    if isinstance(node, Apply) and node.function.lower() in _VECTOR_FUNCTIONS:
        return f"{node.function} is of vectors"
    if isinstance(node, Symbol):
        return _matrix_name(node, model)
    return _superscript(node, model) if isinstance(node, Power) else ""


def _matrix_name(node: Symbol, model: Model) -> str:
    if node.sup or node.style in ("bold", "bb", "sans"):
        return f"'{node.glyph}' is no mere number"
    if node.glyph in _ARRAYS:
        return f"'{node.glyph}' is a letter of matrices"
    if _letters(split(node, model.indices)[0]):
        return f"'{node.glyph}' has an index that no sum runs over"
    return ""


def _superscript(node: Power, model: Model) -> str:
    if sample_power(node, model.indices) is not None:
        return ""
    exponent = unfenced(node.exponent)
    if isinstance(exponent, Symbol) and exponent.glyph in ("T", "top", "l", "L"):
        return "a layer or a transpose is written"
    if exponent is not node.exponent and isinstance(node.base, Symbol):
        return "a layer in brackets is written"
    return ""


def _letters(symbol: Symbol) -> bool:
    return any(isinstance(part, Symbol) and len(part.glyph) == 1 for part in symbol.sub)


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of one document."""

    model: Model
    matrix: str
    """Why formulas cannot be judged as numbers."""
    sigmoid: bool
    """Whether the document says that its activation is the sigmoid."""

    def worlds(self, *trees: Node) -> Iterator[World]:
        """The readings in which a claim is looked at."""
        generic = dependencies(self.model, trees)
        several = self.several(trees)
        choices = product(*(range(len(self.model.definitions[name])) for name in several))
        activations = ("sigmoid",) if self.sigmoid else ("", "sigmoid")
        if not self.undecided(trees):
            activations = ("",)
        made = 0
        for choice in choices:
            picked = dict(zip(several, choice, strict=True))
            versions = product(self.versions(trees), activations)
            for (samples, reduction), activation in versions:
                made += 1
                if made > _MOST:
                    return
                yield World(self.model, samples, picked, activation, reduction, generic)

    def versions(self, trees: Iterable[Node]) -> tuple[tuple[int, str], ...]:
        """How many samples and how their losses make one: an index speaks of several samples."""
        model, given = self.model, tuple(trees)
        indexed = any(split(name, model.indices)[1] for name in symbols(*given))
        powers = any(sample_power(node, model.indices) for node in walk(*given))
        counted = any(name in model.counts for name in symbols(*given))
        if indexed or powers or counted or any(isinstance(n, BigSum) for n in walk(*given)):
            return tuple((_SAMPLES, how) for how in self.reductions())
        return ((1, ""), (_SAMPLES, "")) if model.indices else ((1, ""),)

    def reductions(self) -> tuple[str, ...]:
        """The loss of a batch as the document sums it; if it does not, the mean or the sum."""
        found = [
            entry.body
            for name, entries in self.model.definitions.items()
            if name.glyph in LOSSES
            for entry in entries
        ]
        summed = any(isinstance(node, BigSum) for node in walk(*found))
        return ("",) if summed or not found else ("mean", "sum", "")

    def several(self, trees: Iterable[Node]) -> list[Symbol]:
        """The names with several definitions that the trees lead to."""
        model, seen = self.model, set[Symbol]()
        given = tuple(trees)
        names = (*symbols(*given), *heads(*given))
        stack = [split(name, model.indices)[0] for name in names]
        while stack:
            name = stack.pop()
            if name in seen:
                continue
            seen.add(name)
            for definition in model.definitions.get(name, ()):
                stack += [split(part, model.indices)[0] for part in symbols(definition.body)]
        found = [name for name in seen if len(model.definitions.get(name, ())) > 1]
        return sorted(found, key=repr)

    def undecided(self, trees: Iterable[Node]) -> bool:
        """Whether a sigma without a definition stands in the claim or in the model."""
        if "sigma" in self.model.functions:
            return False
        bodies = [entry.body for found in self.model.definitions.values() for entry in found]
        return any(_is_sigma(node) for node in walk(*trees, *bodies))

    def unknown(self, *trees: Node) -> list[Symbol]:
        """Names that the document neither defines nor uses in a definition."""
        model = self.model
        generic = dependencies(model, trees)
        known = set(generic) | {part for found in generic.values() for part in found}
        found = {split(name, model.indices)[0] for name in symbols(*trees)}
        plain = {name for name in found - known if not model.knows(name)}
        return sorted((name for name in plain if name not in _NO_VALUES), key=repr)


def _is_sigma(node: Node) -> bool:
    if isinstance(node, Apply | Call):
        name = node.function if isinstance(node, Apply) else getattr(node.head, "glyph", "")
        return name == "sigma"
    return isinstance(node, Function) and node.name == "sigma"


def dependencies(model: Model, trees: Iterable[Node]) -> dict[Symbol, tuple[Symbol, ...]]:
    """Names that nothing defines -> what they depend on, as the quotients of the claim say.

    ``df/dx = df/dg dg/dx``: f depends on g and g on x; that f depends on x follows.
    """
    edges: dict[Symbol, set[Symbol]] = {}
    for node in walk(*trees):
        pair = _quotient(node, model)
        if pair is not None:
            edges.setdefault(pair[0], set()).add(pair[1])
    kept = {}
    for above, below in edges.items():
        moved = not any(map(model.knows, below)) and _applied(above, model, trees)
        if model.knows(above) and not moved:
            continue
        through = {far for name in below for far in edges.get(name, ()) if name != above}
        kept[above] = tuple(sorted(below - through, key=repr))
    return {name: found for name, found in kept.items() if found and name not in found}


def _quotient(node: Node, model: Model) -> tuple[Symbol, Symbol] | None:
    if not isinstance(node, Derivative):
        return None
    above, below = unfenced(node.numerator), unfenced(node.denominator)
    if isinstance(above, Call):
        above = above.head
    if not (isinstance(above, Symbol) and isinstance(below, Symbol)):
        return None
    return split(above, model.indices)[0], split(below, model.indices)[0]


def _applied(name: Symbol, model: Model, trees: Iterable[Node]) -> bool:
    """Whether the claim writes the name as a function, ``L(W + h)``."""
    return any(
        isinstance(node, Call)
        and isinstance(node.head, Symbol)
        and split(node.head, model.indices)[0] == name
        for node in walk(*trees)
    )


def pure(trees: Iterable[Node], generic: dict[Symbol, tuple[Symbol, ...]]) -> bool:
    """Whether a claim says only what any functions obey: it uses no value of its own."""
    inside = set(generic) | {part for found in generic.values() for part in found}
    return all(name in inside or name.glyph in ("epsilon", "h") for name in symbols(*trees))


KNOWN_FUNCTIONS = frozenset(FUNCTIONS)
