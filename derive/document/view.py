"""A step log together with the writer that writes it: what every section asks for its formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from derive.calculus.log import Log, Step
from derive.document.blocks import Formula, Prose
from derive.document.room import fits
from derive.meaning.write import Inline, Writer, nothing
from derive.notation.tree import Derivative, Node, Number, Product, Relation, equals
from derive.program.program import Program, Role

EXPANDED_LAYERS = 6
"""Networks with more layers keep named cotangents: a written-out product would fill the page."""


EXPANDED_PATHS = 4
"""So do networks in which more paths lead from a value to the loss."""


def written_out(log: Log, layers: int) -> bool:
    """Whether gradients are written out to the variables."""
    if layers > EXPANDED_LAYERS:
        return False
    paths: dict[str, int] = {}
    blocks = {block.argument: block.out for block in log.forward.blocks}
    hidden = {name for block in log.forward.blocks for name in block.inner}
    for step in log.steps:
        if step.of in blocks:
            paths[step.of] = paths.get(blocks[step.of], 1)
        elif log.forward.variables[step.of].role is not Role.PART and step.of not in hidden:
            through = {c.through for c in step.contributions}
            paths[step.of] = sum(paths[name] for name in through if name in paths) or 1
    return max(paths.values(), default=1) <= EXPANDED_PATHS


@dataclass
class View:
    """One log, as one writer writes it."""

    log: Log
    writer: Writer
    expand: bool = True
    """Write gradients out to the variables, rather than in terms of the one before."""
    steps: Mapping[str, Step] = field(init=False)
    """Variable -> the step that finds its cotangent."""
    layers: Mapping[int, tuple[str, ...]] = field(init=False)
    """Layer -> its variables with a gradient, in the order of the log."""

    def __post_init__(self) -> None:
        self.steps = {step.of: step for step in self.log.steps}
        self.layers = _by_layer(self.log)
        self._cotangents = frozenset(self.log.cotangents.values())
        self._downstream: dict[str, frozenset[str]] = {}
        self._results: dict[str, Relation] = {}

    @property
    def program(self) -> Program:
        """The forward and the backward equations."""
        return self.log.program

    @property
    def target(self) -> str:
        """The name of the loss."""
        return self.log.target

    @property
    def matrix(self) -> bool:
        """Whether results are shown in matrix form."""
        return self.writer.form == "matrix" and not self.writer.scalar

    @property
    def inline(self) -> Inline:
        """Which names are written out: all cotangents, or none."""
        return self._cotangents.__contains__ if self.expand else nothing

    def downstream(self, of: str) -> frozenset[str]:
        """The forward values that depend on a variable, and itself."""
        if of not in self._downstream:
            found = {of}
            for equation in self.log.forward.equations:
                if found.intersection(equation.arguments):
                    found.add(equation.out)
            self._downstream[of] = frozenset(found)
        return self._downstream[of]

    def named(self, *roles: Role) -> tuple[str, ...]:
        """The forward variables of these roles."""
        return self.log.forward.named(*roles)

    def name(self, name: str) -> Node:
        """A variable as a whole, a scalar's sample index included."""
        return self.writer.variable(name, self.own_letters(name))

    def own_letters(self, name: str) -> str | None:
        """Letters with which a variable must be written: none in matrix form."""
        return None if self.matrix else self.writer.letters[name] or None

    def quotient(self, of: str, letters: str = "") -> Derivative:
        """``dL / d of``."""
        return self.writer.quotient(self.target, of, "", letters)

    def gradient(self, of: str) -> Node:
        """``dL / d of`` in the view's form."""
        return self.quotient(of, self.own_letters(of) or "")

    def formula(self, *sides: Node, where: tuple[Relation, ...] = ()) -> Formula:
        """An equation between variables of this view's program; equal neighbours are merged."""
        return Formula(equals(*distinct(sides)), "network", self.writer, where)

    def relation(self, relation: Relation) -> Formula:
        """Any relation between variables of this view's program."""
        return Formula(relation, "network", self.writer)

    def forward(self, name: str) -> Formula:
        """The equation that defines a forward variable."""
        return self.relation(self.writer.equation(name))

    def result(self, of: str) -> Formula:
        """The gradient of a variable, written out where the view does that and lines are wide
        enough, else in terms of the one before.
        """
        if of not in self._results:
            full = self.writer.equation(self.log.cotangents[of], self.inline)
            named = self.writer.equation(self.log.cotangents[of])
            self._results[of] = full if self.expand and fits(full) else named
        return self.relation(self._results[of])

    @cached_property
    def complete(self) -> bool:
        """Whether the gradient of every parameter is written out to the variables."""
        cotangents = (self.log.cotangents[name] for name in self.named(Role.PARAMETER))
        return self.expand and all(
            fits(self.writer.equation(name, self.inline)) for name in cotangents
        )

    def size(self, name: str) -> Node:
        """The shape of a variable as a product: ``n_2 x n_1``; a vector is a column or a row."""
        shape = self.program.variables[name].shape
        if not shape:
            return Number("1")
        sizes = self.writer.shape(shape)
        if len(sizes) == 1 and not self.writer.scalar:
            one = Number("1")
            column = self.writer.style.samples == "column"
            sizes = (*sizes, one) if column else (one, *sizes)
        return Product(sizes, "times") if len(sizes) > 1 else sizes[0]


def _by_layer(log: Log) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    for step in log.steps:
        variable = log.forward.variables[step.of]
        if variable.layer is not None and variable.role is not Role.PART:
            found[variable.layer] = (*found.get(variable.layer, ()), step.of)
    return found


def distinct(sides: tuple[Node, ...]) -> tuple[Node, ...]:
    """The sides without repetitions of a neighbour."""
    kept = [sides[0]]
    for side in sides[1:]:
        if side != kept[-1]:
            kept.append(side)
    return tuple(kept)


def listing(nodes: tuple[Node, ...]) -> Prose:
    """``a, b and c``."""
    parts: list[str | Node] = []
    for place, node in enumerate(nodes):
        if place:
            parts.append(" and " if place == len(nodes) - 1 else ", ")
        parts.append(node)
    return tuple(parts)
