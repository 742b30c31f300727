"""Whatever comes in, a network or one DeriveError goes out, and soon."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import derive.networks.load as load
from derive.errors import DeriveError
from derive.networks import line_form, network, presets
from derive.networks.toml import read_text

TEXTS = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(load.__file__).parent / "presets").glob("*.toml"))
]
LINES = [line_form(network(name)) for name in presets()]
PIECE = re.compile(r"\w+|\s+|\S")
MARKS = ["", "[", "]", "{", "}", "=", '"', "'", ",", "\n", ".", "#", "->", ";", "(", ")", "*"]
WORDS = ["nan", "inf", "-1", "0", "1e400", "true", "n", "n0", "L", "1" * 30, "\x00", "\\"]
KEYWORDS = ["scalar", "repeat", "depth", "values", "layers", "units", "[[layers]]", "[input]"]
JUNK = st.one_of(st.sampled_from(MARKS), st.sampled_from(WORDS + KEYWORDS), st.text(max_size=3))

VALUE = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["tanh", "mse", "n", "n0", "L-1", "softmax", "column", 1, 2, [1.0]]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["name", "size", "units", "x", "y", "W1", "repeat", "layer"]), inner
        ),
    ),
    max_leaves=8,
)
KEYS = ["name", "title", "input", "layers", "loss", "notation", "values", "depth"]


@st.composite
def mutated(draw: st.DrawFn, texts: list[str]) -> str:
    """A good text with a few pieces replaced, dropped, doubled."""
    pieces = PIECE.findall(draw(st.sampled_from(texts)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(pieces) - 1))
        pieces[at] = draw(st.one_of(JUNK, st.sampled_from(pieces), st.just(pieces[at] * 2)))
    return "".join(pieces)


@given(st.one_of(st.text(), mutated(TEXTS)))
def test_any_text_as_toml(text: str) -> None:
    with contextlib.suppress(DeriveError):
        read_text(text)


@given(st.one_of(st.text(), mutated(LINES)))
def test_any_text_as_a_source(text: str) -> None:
    with contextlib.suppress(DeriveError):
        network(text)


@given(content=st.binary())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_as_a_file(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "any.toml"
    file.write_bytes(content)
    with contextlib.suppress(DeriveError):
        network(file)


@given(st.dictionaries(st.sampled_from(KEYS), VALUE))
def test_any_table(table: dict[str, object]) -> None:
    with contextlib.suppress(DeriveError):
        network({"input": {"size": 2}, "layers": [{"units": 2}], "loss": "mse", **table})


BIG = 100_000
HUGE = [
    ".".join("a" * BIG) + " = 1",
    "[" + ".".join("a" * BIG) + "]",
    "[" + " . ".join(['"a"'] * BIG) + "]",
    "a = " + "[" * BIG,
    "a = " + "{a = " * BIG,
    "a = " + "1" * BIG,
    "a = 0x" + "f" * BIG,
    "\n".join(f"key{k} = {k}" for k in range(BIG // 10)),
    "[[layers]]\nunits = 1\n" * (BIG // 20),
    '"' * BIG,
    '"""\\' * (BIG // 4),
    'loss = "' + "m" * BIG + '"\ninput = { size = 1 }\nlayers = [{ units = 1 }]',
    'loss = "mse"\ninput = { size = 1 }\nlayers = [{ units = 1 }]\n[values]\n'
    + "\n".join(f"W{k} = 1" for k in range(BIG // 10)),
    "x -> " + "dense(1) -> " * (BIG // 15),
    "x[" + "9" * (BIG - 10) + "]",
    "(" * BIG,
    "x -> dense(1) ; " + " " * (BIG - 20) + "!",
]


@pytest.mark.parametrize("text", HUGE, ids=range(len(HUGE)))
def test_a_huge_input_is_an_error_soon(text: str) -> None:
    start = time.process_time()
    with pytest.raises(DeriveError) as caught:
        read_text(text)
    with pytest.raises(DeriveError):
        network(text)
    assert len(str(caught.value)) < 1000
    assert time.process_time() - start < 5
