"""Where mathematics stands in a Markdown document."""

from __future__ import annotations

import pytest

from derive.checking.segments import Kind
from tests.checking.reader import formulas, read

PLACES = [
    ("$a = b$", Kind.INLINE),
    ("words \\(a = b\\) words", Kind.INLINE),
    ("words \\\\(a = b\\\\) words", Kind.INLINE),
    ("words $`a = b`$ words", Kind.INLINE),
    ("words $ a = b $ words", Kind.INLINE),
    ("$$a = b$$", Kind.DISPLAY),
    ("$$\n\na = b\n\n$$", Kind.DISPLAY),
    ("\\[\na = b\n\\]", Kind.DISPLAY),
    ("\\\\[\na = b\n\\\\]", Kind.DISPLAY),
    ("```math\na = b\n```", Kind.DISPLAY),
    ("~~~latex\na = b\n~~~", Kind.DISPLAY),
    ("```{math}\na = b\n```", Kind.DISPLAY),
    ("```tex\nWords $$a = b$$\n```", Kind.DISPLAY),
    ("\\begin{align}\na = b\n\\end{align}", Kind.ENVIRONMENT),
    ("```\na = b\n```", Kind.FENCE),
    ("```text\na = b\n```", Kind.FENCE),
    ("1. one\n   ```\n   a = b\n   ```", Kind.FENCE),
    ("- ```\n  a = b\n  ```", Kind.FENCE),
    ("words\n\n    a = b", Kind.INDENTED),
    ("- a = b", Kind.ITEM),
    ("2. **Output**: a = b (no activation)", Kind.ITEM),
    ("| sum | a = b |\n|---|---|", Kind.CELL),
    ("words\na = b\nmore words", Kind.LINE),
    ("with `a = b` in it", Kind.CODE),
    ("1. one\n\n    $$\n    a = b\n    $$", Kind.DISPLAY),
]


@pytest.mark.parametrize(("text", "kind"), PLACES)
def test_mathematics_is_found(text: str, kind: Kind) -> None:
    found = read(f"# Head\n\n{text}\n")
    assert [(s.kind, s.rows[0].text, s.context) for s in found.segments] == [
        (kind, "a = b", "Head")
    ]
    assert found.problems == ()


@pytest.mark.parametrize(
    "quoted", ["> $a = b$", "> words\n> $$\n> a = b\n> $$", "> ```\n> a = b\n> ```", ">> $a = b$"]
)
def test_blockquotes_are_read(quoted: str) -> None:
    found = read(quoted + "\n")
    assert [(s.rows[0].text, s.quoted) for s in found.segments] == [("a = b", True)]


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and then $6 more.",
        "It costs \\$a = b\\$ more.",
        "If a = b, then all is well here.",
        "With a = 1, b = 2:",
        "```python\na = b\n```",
        "```{r, echo=FALSE}\na = b\n```",
        "<!-- $a = b$ -->",
        "---\ntitle: a = b\n---\nwords",
        "see \\[link\\] here",
        "`x = np.dot(a, b)` and `f(a=b)`",
        "- The learning rate is small, a = b say",
        "- Input: x (scalar)",
    ],
)
def test_what_is_no_mathematics(text: str) -> None:
    assert formulas(text + "\n") == []


def test_an_open_display_costs_only_itself() -> None:
    text = "$$ a = b\n\nSome running text that goes on for a while.\n\n$$c = d$$\n\n$e = f$\n"
    found = read(text)
    assert formulas(text) == ["c = d", "e = f"]
    assert [(p.message, p.start) for p in found.problems] == [("$$ is missing", 0)]


def test_an_open_display_does_not_pass_a_heading() -> None:
    assert formulas("$$ a = b\n\n# Head\n\n$$c = d$$") == ["c = d"]


def test_an_open_fence_ends_at_the_next_heading() -> None:
    found = read("```\na = b\n\n# Head\n\n$c = d$\n")
    assert [s.rows[0].text for s in found.segments] == ["a = b", "c = d"]
    assert [p.message for p in found.problems] == ["the fence ``` is not closed"]


def test_a_segment_with_bad_bytes_loses_no_other() -> None:
    text = "$a = b$\n\n$c \ufffd= \x01 d$\n\n$e = f$\n"
    assert [formulas(text)[0], formulas(text)[-1]] == ["a = b", "e = f"]


def test_prose_is_kept_with_its_place() -> None:
    found = read(
        "# The head\n\nWe use **sigmoid activation**, e.g. here. Let y = 4.0, then go on.\n"
    )
    assert [(s.text, s.heading) for s in found.prose] == [
        ("The head", True),
        ("We use   sigmoid activation  , e.g. here.", False),
        ("Let y = 4.0, then go on.", False),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<!-- derive: network = relu-sigmoid-bce -->", "x.md"),
        ("<!--\nderive: network = relu-sigmoid-bce\n-->", "x.md"),
        ("---\nderive:\n  network: relu-sigmoid-bce\n---\n", "x.qmd"),
        ("---\nderive: network = relu-sigmoid-bce\n---\n", "x.md"),
        ("% derive: network = relu-sigmoid-bce\n", "x.tex"),
        (".. derive: network = relu-sigmoid-bce\n", "x.rst"),
    ],
)
def test_directives(text: str, name: str) -> None:
    found = [(d.key, d.value) for d in read(text, name).directives]
    assert found == [("network", "relu-sigmoid-bce")]


def test_a_directive_without_a_value_and_one_with_signs_in_it() -> None:
    text = "<!-- derive: ignore wrong-sign -->\n<!-- derive: network = x -> dense(1) ; mse -->\n"
    assert [(d.key, d.value) for d in read(text).directives] == [
        ("ignore", "wrong-sign"),
        ("network", "x -> dense(1) ; mse"),
    ]
