"""What readers once found wrong in a document, and must not find again."""

from __future__ import annotations

import pytest

from derive.calculus import derivation
from derive.codegen import generate_code, recheck
from derive.document import Options, compose, render
from derive.document.check import problems
from derive.errors import DerivationError
from derive.networks import network

DEEP = "x[n0] -> dense(n, relu) * (L-1) -> dense(1, sigmoid) ; bce, l2=0.01"
OWN = "x[n0] -> dense(n, relu, l2=0.5) * (L-1) -> dense(2) ; mse, l1=0.01"
TIED = "x[3] -> dense(4, tanh) -> dense(3, tanh, weights=1, transposed=true) -> dense(2) ; mse"


def _text(line: str, options: Options | None = None) -> str:
    return render(compose(derivation(network(line)), options), "text")


@pytest.mark.parametrize("batch", [False, True])
def test_a_penalty_of_any_depth_is_a_sum_over_the_layers(batch: bool) -> None:
    text = _text(DEEP, Options(batch=batch))
    assert "Σₗ₌₁^L (λ/2) Σᵢ Σⱼ Wₗᵢⱼ²" in text
    assert "W_{L-2,i,j}²" not in text


def test_a_penalty_of_the_hidden_layers_ends_before_the_last() -> None:
    text = " ".join(_text(OWN).split())
    assert "Σₗ₌₁^{L-1} (λ₂/2) Σᵢ Σⱼ Wₗᵢⱼ²" in text
    assert "Σₗ₌₁^L λ₁ Σᵢ Σⱼ abs(Wₗᵢⱼ)" in text


def test_an_index_is_no_layer() -> None:
    """Where l stands for a layer no sum runs over an index l."""
    text = _text(DEEP)
    assert "Σₖ Σᵤ Wₗₖᵤ²" in text
    assert "Wₗₖₗ" not in text


@pytest.mark.parametrize(
    "line",
    [
        DEEP,
        OWN,
        TIED,
        "x[3] -> dense(3, softmax) ; 0.5 cross_entropy + 0.5 mse",
        "x[3] -> dense(1, sigmoid) ; 0.5 bce + 0.5 mse",
        "x -> dense(1, sigmoid) ; 0.5 bce + 1 mse",
        "x -> dense(1) ; 0.5 log_cosh + 1 mse + 2 huber",
    ],
)
def test_every_formula_holds(line: str) -> None:
    for options in (Options(), Options(batch=True), Options(form="index")):
        assert not list(problems(compose(derivation(network(line)), options)))


def test_a_product_with_the_weights_is_not_called_one_with_their_transpose() -> None:
    text = " ".join(_text(TIED).split())
    assert "every component of z₂; the sum collects what comes back. Local" in text
    assert "a sum over the outputs of W₃ is a product with its transpose" in text


def test_second_order_of_any_depth_with_penalties_is_refused() -> None:
    with pytest.raises(DerivationError, match="write its layers out"):
        compose(derivation(network(DEEP)), Options(second=True))


@pytest.mark.parametrize(
    "line",
    [
        "x[3] -> dense(2, sigmoid) ; clipped_cross_entropy, smoothing=0.1",
        "x -> dense(1, sigmoid) ; bce, output_weights=[3]",
    ],
)
def test_the_module_runs(line: str) -> None:
    net = network(line)
    recheck(generate_code(net), net)
