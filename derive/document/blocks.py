"""What a derivation document is made of: plain data, without any markup.

Prose is a tuple of strings and notation trees; the trees are set as inline mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from derive.meaning.write import Writer
from derive.notation.tree import Node, Relation
from derive.program.functions import Function

Prose = tuple[str | Node, ...]
"""Words, and mathematics between them."""

Kind = Literal["network", "example", "function", "statement"]


@dataclass(frozen=True, slots=True)
class Formula:
    """One statement: a chain of equal sides, or a definition, or a rule."""

    relation: Relation
    kind: Kind = "statement"
    """What its symbols stand for:

    - ``network``: variables of ``writer``'s program; it holds for all numbers, under ``where``;
    - ``example``: the same, at ``values``; the last side is a rounded number;
    - ``function``: free variables, for a statement on one function alone;
    - ``statement``: a rule for functions in general, or an assignment; it has no numbers.
    """
    writer: Writer | None = None
    """Who wrote it; None where the symbols are no variables of a program."""
    where: tuple[Relation, ...] = ()
    """Definitions of further symbols in it, such as ``s = sum_j exp(z_j)``."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of an example: the inputs, the parameters and the rate."""
    functions: Mapping[str, Function] = field(default_factory=dict)
    """Functions of one variable, beyond the table's, that the relation calls by name."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    prose: Prose


@dataclass(frozen=True, slots=True)
class Items:
    """An unnumbered list."""

    items: tuple[Prose, ...]


@dataclass(frozen=True, slots=True)
class Display:
    """Formulas set apart, below each other and aligned at their signs."""

    formulas: tuple[Formula, ...]
    number: str = ""
    condition: Prose = ()
    """Where they hold: ``1 <= l < L``."""


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a step."""

    caption: str | Prose
    """``Local derivative``, ``Chain rule``, the name of a rule of simplification, or of a path."""
    formulas: tuple[Formula, ...]
    note: Prose = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One cotangent found: numbered, with everything that leads to it."""

    number: str
    title: Prose
    rule: str
    """The rule's name in words."""
    lines: tuple[Line, ...]
    reason: Prose
    """Why the rule applies, in one sentence."""
    shapes: Prose = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a head; a cell is prose."""

    head: tuple[Prose, ...]
    rows: tuple[tuple[Prose, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Characters as they are."""

    language: str
    text: str


Block = Paragraph | Items | Display | Step | Table | Code


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it."""

    title: Prose
    blocks: tuple[Block, ...]
    level: int = 1
    """1 for a section, 2 for a part of one."""


@dataclass(frozen=True, slots=True)
class Document:
    """A derivation, ready to be printed."""

    title: str
    subtitle: str
    sections: tuple[Section, ...]
    any_depth: bool = False
    """Whether L is the number of layers in it, so that the loss needs another letter."""

    def formulas(self) -> Iterator[Formula]:
        """Every displayed statement, in order."""
        for section in self.sections:
            yield from formulas_of(section)


def formulas_of(section: Section) -> Iterator[Formula]:
    """Every displayed statement of a section, in order."""
    for block in section.blocks:
        yield from _formulas(block)


def _formulas(block: Block) -> Iterator[Formula]:
    if isinstance(block, Display):
        yield from block.formulas
    elif isinstance(block, Step):
        for line in block.lines:
            yield from line.formulas
