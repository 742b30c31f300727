"""Which value a written name stands for: the names of a program by how they are spelled."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product as cartesian

from derive.meaning.arrays import UnreadableError
from derive.meaning.write import Writer
from derive.notation.tree import BigSum, Node, Symbol, children
from derive.program.program import Role
from derive.program.shapes import concrete

Bindings = Mapping[Symbol, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A name and the letters with which it is written."""

    name: str
    letters: tuple[Symbol, ...]


class Places:
    """The written names of one writer's program, whole and by components.

    Args:
        writer: who spells them.
        sizes: a number for every named size.
        extra: symbols that are no variables.
    """

    def __init__(self, writer: Writer, sizes: Mapping[str, int], extra: Container[Node] = ()):
        self._writer, self._sizes, self._extra = writer, sizes, extra
        self.whole: dict[Node, str] = {}
        self.parts: dict[Node, str] = {}
        self._found: dict[Symbol, Place | None] = {}
        for name, var in writer.program.variables.items():
            if var.target or var.role is Role.PART:
                continue
            self.whole.setdefault(writer.variable(name), name)
            self.parts.setdefault(writer.variable(name, ""), name)
            self._aliases(name)

    def _aliases(self, name: str) -> None:
        """The prediction is the last activation, the input the one of layer 0."""
        var = self._writer.program.variables[name]
        layer = 0 if var.role is Role.INPUT else var.layer
        if var.role not in (Role.INPUT, Role.PREDICTION) or layer is None:
            return
        spelled = self._writer.activation(layer)
        self.parts.setdefault(spelled, name)
        batch = self._writer.program.batch in var.shape and len(var.shape) == 2
        whole = replace(spelled, glyph=spelled.glyph.upper()) if batch else spelled
        self.whole.setdefault(whole, name)

    def assignments(self, sides: tuple[Node, ...]) -> Iterator[dict[Symbol, int]]:
        """All values of the indices that are free in any side."""
        ranges: dict[Symbol, int] = {}
        for side in sides:
            for letter, length in self.free(side).items():
                ranges[letter] = length
        for choice in cartesian(*(range(length) for length in ranges.values())):
            yield dict(zip(ranges, choice, strict=True))

    def length(self, index: Symbol) -> int | None:
        """The range of an index that does not occur in what is summed, ``sum_i 1/m``: known where
        every variable's axis with this letter has the same size.
        """
        variables = self._writer.program.variables
        sizes = {
            concrete((size,), self._sizes)
            for name, letters in self._writer.letters.items()
            for letter, size in zip(letters, variables[name].shape, strict=True)
            if self._writer.letter(letter) == index
        }
        return next(iter(sizes))[0] if len(sizes) == 1 else None

    def free(self, node: Node, bound: frozenset[Symbol] = frozenset()) -> dict[Symbol, int]:
        """The free indices below a node, with their ranges."""
        if isinstance(node, Symbol):
            return {k: n for k, n in self._indices(node).items() if k not in bound}
        if isinstance(node, BigSum):
            assert isinstance(node.index, Symbol)
            bound = bound | {node.index}
        found: dict[Symbol, int] = {}
        for child in children(node):
            found.update(self.free(child, bound))
        return found

    def _indices(self, symbol: Symbol) -> dict[Symbol, int]:
        if symbol in self.whole or symbol in self._extra:
            return {}
        place = self.place(symbol)
        if place is None:
            return {}
        shape = concrete(self._writer.program.variables[place.name].shape, self._sizes)
        return dict(zip(place.letters, shape, strict=True))

    def place(self, symbol: Symbol) -> Place | None:
        """Which variable's component a symbol is: its last subscripts are letters."""
        if symbol not in self._found:
            self._found[symbol] = self._find(symbol)
        return self._found[symbol]

    def _find(self, symbol: Symbol) -> Place | None:
        for count in range(len(symbol.sub) + 1):
            cut = len(symbol.sub) - count
            base = replace(symbol, sub=symbol.sub[:cut])
            letters = symbol.sub[cut:]
            name = self.parts.get(base)
            if name is None or not all(isinstance(k, Symbol) for k in letters):
                continue
            if len(self._writer.program.variables[name].shape) == count:
                return Place(name, tuple(k for k in letters if isinstance(k, Symbol)))
        return None

    def target(self, node: Node) -> Place:
        """What stands above or below in a derivative quotient."""
        if not isinstance(node, Symbol):
            raise UnreadableError("a derivative of an expression")
        if node in self.whole:
            return Place(self.whole[node], ())
        place = self.place(node)
        if place is None:
            raise UnreadableError(f"a derivative of the unknown {node}")
        return place


def at(place: Place, bindings: Bindings) -> tuple[int, ...]:
    """The numbers that the indices of a component have.

    Raises:
        UnreadableError: an index has none.
    """
    try:
        return tuple(bindings[k] for k in place.letters)
    except KeyError as missing:
        raise UnreadableError(f"unbound index in {place.name}") from missing
