"""Offsets of the text that is read lead to the file as given."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from derive.checking.places import Place, line_starts
from derive.checking.reading import read_document
from derive.checking.segments import Document

PIECES = st.lists(
    st.sampled_from(
        (
            "$a = b$",
            "$$\nx = y₁\n$$",
            "- W₁ = 0.5, b₁ = 2",
            "Über é",
            "```\nz = W x\n```",
            " ",
            "\n",
            "> $q ← r$",
            "| a = b |",
            "\\begin{align}a&=b\\\\&=c\\end{align}",
            "∂L/∂W = α",
        )
    ),
    max_size=12,
)


def shown(given: str, document: Document, place: Place) -> str:
    """What an editor shows at a place."""
    lines = given.replace("\r\n", "\n").split("\n")[place.line - 1 : place.end_line]
    lines[-1] = lines[-1][: place.end_column - 1]
    lines[0] = lines[0][place.column - 1 :]
    return "\n".join(lines)


def rows(document: Document) -> list[tuple[str, Place]]:
    return [
        (row.text, document.place(row.start, row.end))
        for segment in document.segments
        for row in segment.rows
    ]


def agree(text: str, source: str) -> bool:
    """Whether a row is its source, with blanks where something was taken away."""
    return len(text) == len(source) and all(
        a in {b, " "} for a, b in zip(text, source, strict=True)
    )


@given(PIECES, st.sampled_from(["\n", "\r\n"]))
def test_a_row_is_what_stands_at_its_place(pieces: list[str], end: str) -> None:
    given = "\n".join(pieces).replace("\n", end)
    document = read_document(given.encode(), "x.md")
    for text, place in rows(document):
        assert agree(text, shown(given, document, place))


@given(PIECES)
def test_a_row_of_a_damaged_text_is_what_was_damaged(pieces: list[str]) -> None:
    given = "\n".join([*pieces, "x² → α"]).encode().decode("cp1254", "ignore")
    document = read_document(given.encode(), "x.md")
    assert document.encoding.repaired
    for text, place in rows(document):
        again = shown(given, document, place)
        assert agree(text.encode().decode("cp1254", "ignore"), again)


def test_line_starts() -> None:
    assert list(line_starts("a\n\nbc\n")) == [0, 2, 3, 6]


def test_the_end_is_exclusive_and_columns_count_from_one() -> None:
    document = read_document("é $a = b$\n".encode(), "x.md")
    assert [place for _, place in rows(document)] == [Place(1, 4, 1, 9)]


def test_a_byte_order_mark_takes_no_column() -> None:
    document = read_document("\ufeff$a = b$".encode(), "x.md")
    assert [place for _, place in rows(document)] == [Place(1, 2, 1, 7)]


def test_offsets_and_sentences_agree() -> None:
    document = read_document(b"One thing. Another $x$ thing.\n\n# Head\n", "x.md")
    for sentence in document.prose:
        assert document.text[sentence.start :].startswith(sentence.text)
    assert [s.text for s in document.prose] == ["One thing.", "Another $x$ thing.", "Head"]
