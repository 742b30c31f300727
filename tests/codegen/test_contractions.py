"""Every line of the contraction table equals the einsum that its letters define."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from derive.codegen import load_module
from derive.codegen.contractions import PATTERNS, canonical, einsum, pattern
from derive.codegen.text import Level, Piece

SIZES = {"a": 2, "b": 3, "c": 4, "d": 5}


def arrays(operands: list[str]) -> list[Any]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal([SIZES[k] for k in letters]) for letters in operands]


def computed(code: str, values: list[Any]) -> Any:
    """The value of a line of the table."""
    names = ", ".join(f"u{k}" for k in range(len(values)))
    module = load_module(f"import numpy as np\n\ndef line({names}):\n    return {code}\n")
    return module.line(*values)


def split(key: str) -> tuple[list[str], str]:
    left, out = key.split("->")
    return left.split(","), out


def definition(operands: list[str], out: str, values: list[Any]) -> Any:
    kept = "".join(k for k in out if k in "".join(operands))
    value = np.einsum(f"{','.join(operands)}->{kept}", *values)
    place = [SIZES[k] if k in kept else 1 for k in out]
    return np.broadcast_to(np.asarray(value).reshape(place), [SIZES[k] for k in out])


@pytest.mark.parametrize("key", PATTERNS)
def test_a_line_is_its_einsum(key: str) -> None:
    operands, out = split(key)
    values = arrays(operands)
    code = PATTERNS[key].code.format(*(Piece(f"u{k}") for k in range(len(values))))
    expected = definition(operands, out, values)
    got = np.broadcast_to(computed(code, values), expected.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-13)


@pytest.mark.parametrize("key", PATTERNS)
def test_a_line_takes_sums_as_operands(key: str) -> None:
    """The parentheses are right: every operand written as a sum of two."""
    operands, out = split(key)
    values = arrays(operands)
    pieces = [Piece(f"u{k} + u{k}", Level.SUM) for k in range(len(values))]
    template = PATTERNS[key].code
    text = pieces[0].text if template == "{0}" else template.format(*pieces)
    expected = definition(operands, out, [2 * value for value in values])
    got = np.broadcast_to(computed(text, values), expected.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_the_keys_are_canonical_and_each_names_one_contraction() -> None:
    for key in PATTERNS:
        operands, out = split(key)
        assert canonical(operands, out) == key
        assert out == "ab"[: len(out)]


@pytest.mark.parametrize(
    ("operands", "out", "line", "order"),
    [
        (["ij", "jn"], "in", "ac,cb->ab", (0, 1)),
        (["in", "ij"], "jn", "ca,cb->ab", (1, 0)),
        (["in", "jn"], "ij", "ac,bc->ab", (0, 1)),
        (["n", ""], "n", ",a->a", (1, 0)),
    ],
)
def test_operands_are_put_in_the_order_of_the_table(
    operands: list[str], out: str, line: str, order: tuple[int, ...]
) -> None:
    assert pattern(operands, out) == (PATTERNS[line], order)


def test_what_the_table_lacks_is_an_einsum() -> None:
    assert pattern(["ab", "bc", "ca"], "") is None
    for out in ("ab", "ca", "b", "", "bd"):
        operands = ["ab", "bc", "ca"]
        values = arrays(operands)
        pieces = [(Piece(f"u{k}"), used) for k, used in enumerate(operands)]
        expected = definition(operands, out, values)
        got = np.broadcast_to(computed(einsum(pieces, out).text, values), expected.shape)
        np.testing.assert_allclose(got, expected, rtol=1e-13)


def test_all_products_of_two_operands_are_found_or_fall_back() -> None:
    """All letters of rank at most two: the right side is the definition whichever way it takes."""
    words = ["", "a", "b", "c", "ab", "ba", "ac", "ca", "bc", "cb"]
    for left, right in itertools.product(words, repeat=2):
        for out in ("", "a", "ab"):
            values = arrays([left, right])
            expected = definition([left, right], out, values)
            found = pattern([left, right], out)
            pieces = [Piece("u0"), Piece("u1")]
            if found is None:
                text = einsum([(pieces[0], left), (pieces[1], right)], out).text
            else:
                text = found[0].code.format(*(pieces[k] for k in found[1]))
            got = np.broadcast_to(computed(text, values), expected.shape)
            np.testing.assert_allclose(got, expected, rtol=1e-13, err_msg=f"{left},{right}->{out}")
