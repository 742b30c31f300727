"""The step through softmax and through its logarithm, as a reader sees it."""

from __future__ import annotations

import pytest

from derive.calculus import derivation
from derive.document import Options, compose, render
from derive.document.check import problems
from derive.document.softmax import _LogSoftmax, _Softmax, _Through
from derive.networks import network
from derive.notation.tree import Negative, Node

LOG_LIKELIHOOD = "x[2] -> dense(4, tanh) -> dense(3, log_softmax) ; nll"
CROSS_ENTROPY = "x[2] -> dense(4, tanh) -> dense(3, softmax) ; cross_entropy"


def shown(source: str, of: str) -> str:
    return render(compose(derivation(network(source)), Options(of=of)), "text")


def test_log_softmax() -> None:
    text = shown(LOG_LIKELIHOOD, "z2")
    for line in (
        "[chain rule through log-softmax]",
        "because they share one sum.",
        "S = Σₖ exp(z₂ₖ)",
        "∂ŷⱼ/∂z₂ᵢ = δⱼᵢ - exp(z₂ᵢ)/S = δⱼᵢ - exp(ŷᵢ)",
        "= Σⱼ (∂L/∂ŷⱼ)(∂ŷⱼ/∂z₂ᵢ) = ∂L/∂ŷᵢ - (exp(z₂ᵢ)/S) Σⱼ ∂L/∂ŷⱼ",
        "Use the hypothesis (the entries of the target sum to 1):",
        "∂L/∂z₂ = exp(ŷ) - y",
    ):
        assert line in text


def test_log_softmax_with_another_loss() -> None:
    text = shown("x[2] -> dense(3, log_softmax) ; squared_error", "z1")
    assert "∂L/∂z₁ᵢ = ∂L/∂ŷᵢ - exp(ŷᵢ) Σⱼ ∂L/∂ŷⱼ\n" in text
    assert "∂L/∂z₁ᵢ = 2(ŷᵢ - yᵢ) - 2 exp(ŷᵢ) Σⱼ (ŷⱼ - yⱼ)\n" in text
    assert "hypothesis" not in text


def test_softmax_is_told_as_such() -> None:
    text = shown(CROSS_ENTROPY, "z2")
    assert "[chain rule through softmax]" in text
    assert "because they share one denominator." in text


def test_every_block_names_its_own_value() -> None:
    text = shown("x[2] -> dense(3, softmax) -> dense(4, log_softmax) ; nll", "z1")
    assert "changes every component of h₁, because they share one denominator." in text
    assert "changes every component of ŷ, because they share one sum." in text


@pytest.mark.parametrize("word", ["softmax", "log_softmax"])
def test_temperature(word: str) -> None:
    loss = {"softmax": "cross_entropy", "log_softmax": "nll"}[word]
    text = shown(f"x[2] -> dense(3, {word}, temperature=2) ; {loss}", "W1")
    for line in (
        "s₁ = (1/2) z₁",
        f"ŷ = {word}(s₁)",
        "∂s₁ᵢ/∂z₁ᵢ = 1/2",
        "∂L/∂z₁ = (1/2)(∂L/∂s₁)",
        "S = Σₖ exp(s₁ₖ)",
    ):
        assert line in text
    p = {"softmax": "ŷ", "log_softmax": "exp(ŷ)"}[word]
    assert f"∂L/∂W₁ = (1/2)({p} - y) xᵀ" in text


@pytest.mark.parametrize("method", ["_jacobian", "_opened"])
@pytest.mark.parametrize(
    ("through", "source"), [(_Softmax, CROSS_ENTROPY), (_LogSoftmax, LOG_LIKELIHOOD)]
)
def test_a_wrong_line_is_seen(
    through: type[_Through], source: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = getattr(through, method)

    def broken(self: _Through, *arguments: object) -> Node | tuple[Node, Node]:
        found = plain(self, *arguments)
        return (found[0], Negative(found[1])) if isinstance(found, tuple) else Negative(found)

    assert not list(problems(compose(derivation(network(source)))))
    monkeypatch.setattr(through, method, broken)
    assert list(problems(compose(derivation(network(source)))))
