"""The scalar document and the matrix document: what is restored, and every statement in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from derive.checking.reading import read_document
from derive.checking.segments import Document, Kind

FOLDER = Path(__file__).resolve().parents[1] / "documents"
ORIGINALS = os.environ.get("DERIVE_DOCUMENTS", "")

SCALAR_LINES = [
    *(16, 17, 20, 21, 24, 25, 35, 36, 41, 42, 47, 48, 54, 55, 55, 56, 56, 57, 57),
    *(61, 62, 64, 65, 67, 68, 80, 85, 91, 96, 109, 120, 125, 130, 135, 140, 145, 150, 155, 156),
    *(162, 163, 176, 181, 186, 191, 196, 201, 206, 211, 216, 217, 223, 225, 226, 239, 244, 249),
    *(254, 259, 264, 269, 274, 279, 280, 286, 288, 289, 300, 301, 306, 307, 312, 313),
    *(323, 324, 326, 327, 329, 330, 337, 338, 340, 341, 343, 344),
    *(354, 355, 357, 358, 360, 361, 393, 396, 397, 398, 399, 416),
]
"""The line of every statement of the scalar document, in order."""

MATRIX_LINES = [12, 20, 30, 38, 42, 48, 58, 66, 76, 80, 89, 95]

COUNTS = {"₁": 93, "←": 12, "⁻": 2, "₂": 122, "₃": 84, "ₐ": 0, "₍": 0}


def paths(name: str, start: str) -> list[Path]:
    """The committed document, and the original where there is one."""
    found = [FOLDER / name]
    folder = Path(ORIGINALS) if ORIGINALS else None
    return found + (sorted(folder.glob(f"{start}*")) if folder else [])


SCALAR = [pytest.param(path, id=path.name) for path in paths("seed0.txt", "000")]
MATRIX = [pytest.param(path, id=path.name) for path in paths("seed1.txt", "001")]


def lines(document: Document) -> list[int]:
    return [
        document.place(row.start, row.end).line
        for segment in document.segments
        if segment.kind is not Kind.INLINE
        for row in segment.rows
    ]


def at(document: Document, line: int) -> list[str]:
    rows = [row for segment in document.segments for row in segment.rows]
    return [r.text for r in rows if document.place(r.start, r.end).line == line]


@pytest.mark.parametrize("path", SCALAR)
def test_every_lost_character_is_restored(path: Path) -> None:
    document = read_document(path)
    assert {char: document.text.count(char) for char in COUNTS} == COUNTS
    assert (document.encoding.codec, document.encoding.damage) == ("utf-8", ("cp1254",))
    chosen = [guess.chosen for guess in document.encoding.guesses]
    assert {char: chosen.count(char) for char in "₁←⁻₂"} == {"₁": 93, "←": 12, "⁻": 2, "₂": 0}


@pytest.mark.parametrize("path", [*SCALAR, *MATRIX])
def test_nothing_else_is_changed(path: Path) -> None:
    """The repaired text, damaged again, is the file."""
    document = read_document(path)
    page = document.encoding.damage[0]
    assert document.text.encode().decode(page, "ignore") == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", SCALAR)
def test_every_statement_of_the_scalar_document(path: Path) -> None:
    assert lines(read_document(path)) == SCALAR_LINES


@pytest.mark.parametrize("path", MATRIX)
def test_every_statement_of_the_matrix_document(path: Path) -> None:
    document = read_document(path)
    assert lines(document) == MATRIX_LINES
    assert document.encoding.damage == ("cp1252",)
    assert document.encoding.guesses == ()
    assert document.text.count("→") == 1
    assert all(segment.latex for segment in document.segments)


@pytest.mark.parametrize("path", [*SCALAR, *MATRIX])
def test_nothing_is_a_problem_and_nothing_is_open(path: Path) -> None:
    document = read_document(path)
    assert document.problems == ()
    assert not any(row.open for segment in document.segments for row in segment.rows)


@pytest.mark.parametrize("path", SCALAR)
@pytest.mark.parametrize(
    ("line", "found"),
    [
        (25, ["ŷ = z₃"]),
        (55, ["W₁ = 0.5", "b₁ = 0.1"]),
        (96, ["∂L/∂ŷ = (2/n) × Σᵢ (ŷᵢ - yᵢ)"]),
        (225, ["∂L/∂W₂ = 2(-3.2033) × 1.2 × 0.8287 × 0.8005 ≈ -5.093"]),
        (329, ["W₁ ← W₁ - α × ∂L/∂W₁"]),
        (393, ["tanh(x) = (eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)"]),
        (396, ["(-1, 1)"]),
        (398, ["tanh'(x) = 1 - tanh²(x)"]),
        (399, ["1"]),
        (416, ["∂L/∂W ≈ [L(W + ε) - L(W - ε)] / (2ε)"]),
    ],
)
def test_statements_read_as_they_were_written(path: Path, line: int, found: list[str]) -> None:
    assert at(read_document(path), line) == found


@pytest.mark.parametrize("path", SCALAR)
def test_columns_are_those_of_the_damaged_file(path: Path) -> None:
    """What the repair made shorter stands further right in the file."""
    document = read_document(path)
    source = path.read_text(encoding="utf-8").splitlines()[224]
    row = next(r for s in document.segments for r in s.rows if r.text.endswith("-5.093"))
    number = document.place(row.end - len("-5.093"), row.end)
    assert (number.line, number.column, number.end_column) == (225, 58, 64)
    assert source[number.column - 1 : number.end_column - 1] == "-5.093"


@pytest.mark.parametrize("path", SCALAR)
def test_premises_in_the_prose_are_kept(path: Path) -> None:
    prose = [sentence.text for sentence in read_document(path).prose]
    for words in ("Mean Squared Error", "ŷ = 0.7967, y = 4.0, W₃ = 1.2", "y = 4.0", "x (scalar)"):
        assert any(words in sentence for sentence in prose), words


@pytest.mark.parametrize("path", MATRIX)
def test_the_activations_are_in_the_prose(path: Path) -> None:
    prose = " ".join(sentence.text for sentence in read_document(path).prose)
    assert "sigmoid activation and binary cross-entropy loss" in prose
    assert "ReLU activation" in prose
