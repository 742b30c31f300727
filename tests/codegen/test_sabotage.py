"""A broken line of a table is seen when the module is run once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.codegen import contractions, generate_code, heads, recheck
from derive.codegen.contractions import PATTERNS
from derive.errors import ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network

NETWORKS = [
    "x[2] -> dense(3, tanh) -> dense(4, sigmoid) -> dense(5, softmax) ; half_squared_error",
    "x[3] -> dense(4, relu) -> dense(2, sigmoid) ; bce",
    "x[3] -> dense(4, sigmoid) -> dense(2, softmax) ; cross_entropy",
    "x -> dense(1, tanh) -> dense(1) ; squared_error",
    "x[3] -> dense(2, log_softmax, temperature=2) ; nll",
    'x[3] -> dense(2, tanh) -> dense(4) ; "y_hat - y"',
    "x[3] -> dense(2, sigmoid) ; bce, output_weights=[1, 3]",
]


def modules() -> list[tuple[Network, str]]:
    found = []
    for name in NETWORKS:
        for layout in LAYOUTS:
            net = network(name)
            net = replace(net, style=net.style.with_layout(layout))
            found.append((net, generate_code(net)))
    return found


@pytest.fixture(scope="module")
def intact() -> list[tuple[Network, str]]:
    return modules()


def broken_somewhere(intact: list[tuple[Network, str]]) -> int:
    """How many modules changed; each of them must fail."""
    changed = 0
    for (net, source), (_, before) in zip(modules(), intact, strict=True):
        if source != before:
            changed += 1
            with pytest.raises(ProofError):
                recheck(source, net)
    return changed


SILENT = {"->", "a->a", "ab->ab", "->a", "->ab", "b->ab"}
"""Lines that leave an operand as it is."""

UNUSED = {
    *(",->", ",ab->ab", "a,b->ab"),
    *("ac,c->a", "ba->ab", "ca,bc->ab", "ca,c->a", "cd,cd->"),
}
"""Lines that these networks do not need: they are proved as einsums only."""


@pytest.mark.parametrize("key", sorted(set(PATTERNS) - SILENT))
def test_a_sign_in_the_table_of_contractions(
    key: str, intact: list[tuple[Network, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = PATTERNS[key]
    wrong = replace(line, code=f"(-1 * {line.code})")
    monkeypatch.setattr(contractions, "PATTERNS", {**PATTERNS, key: wrong})
    assert bool(broken_somewhere(intact)) != (key in UNUSED)


STABLE = [
    ("np.where(z.real > 0, 1, small) / (1 + small)", "np.where(z.real > 0, 1, small)"),
    ("(positive - y) * z", "(positive + y) * z"),
    ("powers / np.sum(powers, axis=axis, keepdims=True)", "powers"),
    ("keepdims=True)) - shifted)", "keepdims=True)) + shifted)"),
    ("shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))", "shifted"),
    ("s1 = z1 / 2", "s1 = z1"),
    ("d_z1 = d_s1 / 2", "d_z1 = d_s1"),
]


@pytest.mark.parametrize(("old", "new"), STABLE)
def test_a_stable_form(old: str, new: str, intact: list[tuple[Network, str]]) -> None:
    hit = [(net, source.replace(old, new)) for net, source in intact if old in source]
    assert hit
    for net, source in hit:
        with pytest.raises(ProofError):
            recheck(source, net)


def test_a_head_of_another_loss(
    intact: list[tuple[Network, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ("sigmoid", "binary_cross_entropy")
    half = {**heads.HEADS, key: heads.stable.sigmoid}
    monkeypatch.setattr("derive.codegen.plan.HEADS", half)
    assert broken_somewhere(intact) == sum("; bce" in name for name in NETWORKS) * len(LAYOUTS)
