"""Input that nobody wrote by hand: no crash, bounded time and memory."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.checking.encoding import ReadingError
from derive.checking.reading import SUFFIXES, read_document
from derive.checking.segments import Document
from derive.config import LIMITS

WORDS = (
    "$ $$ \\[ \\] \\( \\) \\begin{align} \\end{align} \\begin{cases} \\end{cases} \\\\ & = a b "
    "{ } ( ) \\left( \\right. \\text{if} \\text{ \\tag{1} \\quad , ; ``` ```math ~~~ ` - 1. > | "
    "# % <!-- --> derive: ║ ₁ â‚ Ã \\newcommand{\\a}{ .. math:: :math:` \\verb| é words"
)
SIGNS = st.lists(st.sampled_from([*WORDS.split(), "\n", "\n\n", " ", "    ", "---\n"]), max_size=60)


def sound(document: Document) -> None:
    """Every piece stands where it says."""
    for segment in document.segments:
        assert 0 <= segment.start <= segment.end <= len(document.text)
        for row in segment.rows:
            source = document.text[row.start : row.end]
            assert len(source) == len(row.text)
            assert all(a in {b, " "} for a, b in zip(row.text, source, strict=True))
            assert row.text.strip()
            assert all(0 < at < len(row.text) for at in row.breaks)
            document.place(row.start, row.end)
            for note in row.notes:
                document.place(note.start, note.start + 1)
    for sentence in document.prose:
        source = document.text[sentence.start : sentence.start + len(sentence.text)]
        assert all(a in {b, " "} for a, b in zip(sentence.text, source, strict=True))


@given(st.binary(max_size=300), st.sampled_from(SUFFIXES))
def test_random_bytes(data: bytes, suffix: str) -> None:
    try:
        sound(read_document(data, f"x{suffix}"))
    except ReadingError:
        assert b"\x00" in data or suffix == ".ipynb" or data[:2] in {b"\xff\xfe", b"\xfe\xff"}


@settings(max_examples=300)
@given(SIGNS, st.sampled_from([".md", ".tex", ".rst"]))
def test_random_signs(signs: list[str], suffix: str) -> None:
    sound(read_document(" ".join(signs).encode(), f"x{suffix}"))
    sound(read_document("".join(signs).encode(), f"x{suffix}"))


UNITS = {
    "dollars": "$",
    "dollars with a letter": "$a ",
    "open displays": "$$ a\n\nb ",
    "open environments": "\\begin{align} ",
    "open brackets": "\\[ x = y\n\n",
    "ticks": "` `` ``` ",
    "fences": "````x\n```\n",
    "lists": "- a = b\n",
    "one long list item": "a = b, ",
    "quotes": "> ",
    "table": "|a = b|c|\n",
    "comments": "<!-- ",
    "stars": "*a ",
    "tags": "<a",
    "backslashes": "\\",
    "damage": "â‚ Â²",
    "sentences": "A. Ba. ",
    "environment rows": "a &= b \\\\ ",
    "indented": "\n    a = b\n",
    "empty lines": "\n",
}


def seconds(text: str, name: str) -> float:
    data = text.encode()
    begun = time.process_time()
    read_document(data, name)
    return time.process_time() - begun


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
@pytest.mark.parametrize("suffix", [".md", ".tex", ".rst"])
def test_time_grows_with_the_length_only(unit: str, suffix: str) -> None:
    """Four times the text takes about four times as long, not sixteen times."""
    count = 8_000 // len(unit)
    small = max(min(seconds(unit * count, f"x{suffix}") for _ in range(2)), 0.005)
    assert seconds(unit * 4 * count, f"x{suffix}") < 10 * small + 0.1


@pytest.mark.parametrize(
    "inner",
    ["{" * 20_000, "\\left(" * 5000, "\\begin{cases}" * 3000, "\\text{if " * 5000, "(" * 40_000],
)
def test_deep_nesting(inner: str) -> None:
    document = read_document(f"$$ {inner} $$\n\n$$ a = b $$".encode(), "x.md")
    assert document.segments[-1].rows[0].text == "a = b"


def test_a_formula_that_is_too_long_costs_only_itself() -> None:
    document = read_document(b"$$" + b"a + " * 20_000 + b"$$\n\n$$ a = b $$", "x.md")
    assert [row.text for s in document.segments for row in s.rows] == ["a = b"]
    assert "too long" in document.problems[0].message


@pytest.mark.slow
def test_ten_megabytes_on_one_line() -> None:
    tracemalloc.start()
    document = read_document(b"a b " * (LIMITS.max_document_bytes // 4), "x.md")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert document.segments == ()
    assert peak < 300e6


@pytest.mark.slow
def test_a_million_formulas_end_at_the_limit() -> None:
    document = read_document(b"$a=b$ " * 1_000_000, "x.md")
    assert len(document.segments) == LIMITS.max_document_pieces
    assert "more than" in document.problems[-1].message
