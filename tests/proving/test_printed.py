"""What is printed is proved too: a broken line of the table of matrix forms fails the proof."""

from __future__ import annotations

from collections import Counter

import pytest

from derive.calculus import derivation
from derive.document import Options, compose
from derive.document.check import problems
from derive.meaning import matrix
from derive.meaning.style import LAYOUTS, Style
from derive.networks import Network, network
from derive.networks.model import Layer
from derive.notation.tree import Negative, Node
from derive.proving import prove
from derive.proving.printed import check_printed
from derive.proving.small import shrunk

USED = {
    "column": ("a->ab", "ab->a", "ab,b->a", "a,ab->b", "a,b->ab", "a,a->a", "ab,ab->ab"),
    "row": ("a->ba", "ab->b", "ab,b->a", "a,ab->b", "a,b->ba", "a,a->a", "ab,ab->ab"),
}
"""Lines that dense networks use, in some layout of the weights."""


def networks(samples: str) -> list[Network]:
    found = []
    for layout in LAYOUTS:
        if layout.startswith(samples):
            layers = (Layer("n1", "tanh"), Layer("n2", "sigmoid"))
            style = Style().with_layout(layout)
            found.append(Network("net", "x", "n0", layers, "mse", style=style))
    return found


@pytest.mark.parametrize(("samples", "key"), [(s, key) for s in USED for key in USED[s]])
def test_a_broken_matrix_form_is_seen(
    samples: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = matrix.FORMS[samples][key]

    def negated(*operands: Node) -> Node:
        return Negative(form(*operands))

    monkeypatch.setitem(matrix.FORMS[samples], key, negated)
    rows = [row for net in networks(samples) for row in check_printed(derivation(net))]
    assert not all(row.passed for row in rows)


def test_unbroken_they_pass() -> None:
    for samples in USED:
        for net in networks(samples):
            assert all(row.passed for row in check_printed(derivation(net)))


def test_the_public_proof_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(matrix.COLUMN, "a,b->ab", matrix.ROW["a,b->ba"])
    proof = prove(network("x[2] -> dense(3, tanh) -> dense(1) ; mse"))
    failed = Counter(row.form for row in proof.rows if not row.passed)
    assert not proof.passed
    assert set(failed) == {"printed"}


def test_wide_layers_are_checked_small() -> None:
    wide = derivation(network("x[784] -> dense(1000, relu) -> dense(10, softmax) ; cross_entropy"))
    small = shrunk(wide)
    assert [layer.units for layer in small.network.layers] == [3, 4]
    assert small.network.input_size == 2
    document = compose(small, Options())
    assert list(problems(document)) == []


def test_a_worked_example_keeps_its_sizes() -> None:
    example = derivation(network("softmax-classifier"))
    assert shrunk(example) is example
