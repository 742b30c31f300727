"""What every printer of documents has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from derive.document.blocks import (
    Block,
    Code,
    Display,
    Document,
    Formula,
    Items,
    Paragraph,
    Prose,
    Section,
    Step,
    Table,
)
from derive.notation.tree import Node
from derive.rendering import render


@dataclass(frozen=True, slots=True)
class Printer:
    """How one format spells the parts of a document."""

    folder: str
    """Of its templates."""
    suffix: str
    """Of its templates' names."""
    words: Callable[[str], str]
    """Plain words, with what the format would misread made harmless."""
    inline: Callable[[Node], str]
    """Mathematics inside a line."""
    display: Callable[[Sequence[Formula]], str]
    """Formulas below each other."""
    heading: Callable[[str, int, str], str]
    """A heading: finished text, its level from 1, its number."""
    table: Callable[[Sequence[Sequence[str]]], dict[str, Any]] = lambda rows: {"rows": rows}
    """What the format's template of a table needs; the first row is the head."""
    code: Callable[[str], str] = lambda text: text
    wrap: Callable[[str], str] = lambda text: text
    """A finished paragraph in lines."""

    def document(self, document: Document) -> str:
        """The whole document."""
        numbers = section_numbers(section.level for section in document.sections)
        return self._fill(
            "document",
            title=self.words(document.title),
            subtitles=[self.words(document.subtitle)] if document.subtitle else [],
            sections=[
                self.section(section, number)
                for section, number in zip(document.sections, numbers, strict=True)
            ],
        )

    def section(self, section: Section, number: str) -> str:
        """A heading with its blocks."""
        heading = self.heading(self.prose(section.title), section.level, number)
        blocks = [
            {"gap": "" if joins(before, block) else "\n", "text": self.block(block)}
            for before, block in zip((None, *section.blocks), section.blocks, strict=False)
        ]
        return self._fill("section", heading=heading, blocks=blocks).rstrip("\n")

    def block(self, block: Block) -> str:
        """One block through its template."""
        name, context = BLOCKS[type(block)](self, block)
        return self._fill(name, **context).rstrip("\n")

    def prose(self, prose: Prose) -> str:
        """Words with mathematics between them."""
        return "".join(
            self.words(part) if isinstance(part, str) else self.inline(part) for part in prose
        )

    def _fill(self, template: str, **context: object) -> str:
        return render(f"{self.folder}/{template}.{self.suffix}", **context)


def joins(before: Block | None, block: Block) -> bool:
    """Whether a display goes on with the paragraph before it."""
    return isinstance(before, Paragraph) and isinstance(block, Display) and not block.condition


def section_numbers(levels: Iterable[int]) -> list[str]:
    """The numbers of headings of these levels: 1, 2, 2.1, 2.2, 3."""
    counts = [0, 0]
    numbers = []
    for level in levels:
        counts = [counts[0] + 1, 0] if level == 1 else [counts[0], counts[1] + 1]
        numbers.append(".".join(map(str, counts[:level])))
    return numbers


Context = tuple[str, dict[str, Any]]
"""A template's name and what it is filled with."""


def _paragraph(printer: Printer, block: Paragraph) -> Context:
    return "paragraph", {"text": printer.wrap(printer.prose(block.prose))}


def _items(printer: Printer, block: Items) -> Context:
    return "items", {"items": [printer.wrap(printer.prose(item)) for item in block.items]}


def _display(printer: Printer, block: Display) -> Context:
    conditions = [printer.prose(block.condition)] if block.condition else []
    return "display", {"body": printer.display(block.formulas), "conditions": conditions}


def _prose(words: str | Prose) -> Prose:
    return (words,) if isinstance(words, str) else words


def _step(printer: Printer, block: Step) -> Context:
    lines = [
        {
            "caption": printer.prose(_prose(line.caption)),
            "notes": [printer.prose(line.note)] if line.note else [],
            "body": printer.display(line.formulas),
        }
        for line in block.lines
    ]
    return "step", {
        "number": block.number,
        "title": printer.prose(block.title),
        "rule": printer.words(block.rule),
        "reason": printer.wrap(printer.prose(block.reason)),
        "shapes": [printer.prose(block.shapes)] if block.shapes else [],
        "lines": lines,
    }


def _table(printer: Printer, block: Table) -> Context:
    rows = [[printer.prose(cell) for cell in row] for row in (block.head, *block.rows)]
    return "table", printer.table(rows)


def _code(printer: Printer, block: Code) -> Context:
    return "code", {"language": block.language, "text": printer.code(block.text)}


BLOCKS: dict[type, Callable[[Printer, Any], Context]] = {
    Paragraph: _paragraph,
    Items: _items,
    Display: _display,
    Step: _step,
    Table: _table,
    Code: _code,
}
"""Kind of block -> its template and what goes into it."""
