"""Parts of a document: one layer, one gradient, deep networks, SymPy's form, notebooks."""

from __future__ import annotations

import pytest

from derive.calculus import derivation
from derive.calculus.proof.rows import Row
from derive.document import Options, compose, render
from derive.document.blocks import Step
from derive.document.check import problems
from derive.document.runs import Run, runs
from derive.errors import DerivationError, DeriveError
from derive.networks import network


def shown(source: str, options: Options) -> str:
    return render(compose(derivation(network(source)), options), "text")


def steps(source: str, options: Options) -> list[str]:
    document = compose(derivation(network(source)), options)
    return [b.rule for s in document.sections for b in s.blocks if isinstance(b, Step)]


def deep(depth: int) -> str:
    hidden = "".join(f"dense(n{k}, tanh) -> " for k in range(1, depth))
    return f"x[n0] -> {hidden}dense(n{depth}) ; mse"


def test_one_gradient_shows_just_its_chain() -> None:
    text = shown("two-layer-tanh", Options(of="W2"))
    assert len(steps("two-layer-tanh", Options(of="W2"))) == 5
    assert "∂L/∂W₂ = 2(ŷ - y) × W₃ × (1 - h₂²) × h₁" in text
    assert "≈ -5.099" in text
    assert "W₁" not in text.split("Step 1")[1]


def test_one_layer_in_sympy() -> None:
    text = shown("two-layer-tanh", Options(layer="2", form="sympy"))
    assert "The derivative by W2" in text
    assert "The derivative by b2" in text
    assert "W1\n" not in text


def test_what_a_proof_said_stands_under_every_form() -> None:
    found = derivation(network("x -> dense(1) ; mse"))
    row = Row("dL/dW1", "sample", "SymPy exact", True)
    text = render(compose(found, Options(form="sympy"), [row]), "text")
    assert "dL/dW1 (sample)  SymPy exact  yes" in text


@pytest.mark.parametrize("name", ["W2", "W3", "W4", "b3", "z4"])
def test_a_gradient_inside_a_run_of_equal_layers(name: str) -> None:
    text = shown(f"x[2] -> {'dense(3, tanh) -> ' * 6} dense(2) ; mse", Options(of=name))
    assert f"The gradient ∂L/∂{name[0]}ₗ" in text


def test_one_layer_keeps_its_numbers() -> None:
    text = shown("two-layer-tanh", Options(layer="2"))
    assert "Step 5" in text
    assert "Step 9" not in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(of="W9"), "there is no gradient of 'W9'; did you mean"),
        (Options(of="y"), "there is no gradient of 'y'"),
        (Options(layer="4"), "there is no layer '4'"),
        (Options(layer="0"), "there is no layer '0'"),
        (Options(of="W1", layer="2"), "--layer 2 and --of W1 choose different parts; give one"),
        (Options(layer="9", form="sympy"), "there is no layer '9'"),
        (Options(of="w2", form="sympy"), "there is no gradient of 'w2'; did you mean 'W2'"),
    ],
)
def test_unknown_parts_are_errors(options: Options, message: str) -> None:
    with pytest.raises(DeriveError, match=message.replace("?", r"\?")):
        shown("two-layer-tanh", options)


@pytest.mark.parametrize("name", ["WL", "WL-1", "Wl", "bL", "zl", "y_hat"])
def test_gradients_of_any_depth(name: str) -> None:
    assert "Step 1" in shown("relu-sigmoid-bce", Options(of=name))


@pytest.mark.parametrize("key", ["L", "L-1", "l"])
def test_layers_of_any_depth(key: str) -> None:
    assert "Together, for this layer" in shown("relu-sigmoid-bce", Options(layer=key))


def test_equal_layers_are_written_once() -> None:
    assert runs(derivation(network(deep(9))).sample, network(deep(9)).layers) == [
        Run(1, 1),
        Run(2, 8),
        Run(9, 9),
    ]
    mixed = deep(9).replace("dense(n5, tanh)", "dense(n5, relu)")
    assert [
        r.last - r.first for r in runs(derivation(network(mixed)).sample, network(mixed).layers)
    ].count(0) == 3
    assert len(shown(deep(20), Options())) == pytest.approx(
        len(shown(deep(60), Options())), rel=0.02
    )
    assert "2 ≤ l ≤ 19" in shown(deep(20), Options())
    assert shown(deep(20), Options(layer="7")) == shown(deep(20), Options(layer="11"))


def test_equal_numbers_of_units_are_equal_layers() -> None:
    same = "x[3] -> " + "dense(4, tanh) -> " * 9 + "dense(1) ; mse"
    assert "2 ≤ l ≤ 9" in shown(same, Options())
    other = same.replace("dense(4, tanh) -> dense(1)", "dense(5, tanh) -> dense(1)")
    assert "2 ≤ l ≤ 8" in shown(other, Options())


def test_different_layers_keep_named_gradients() -> None:
    layers = "".join(f"dense({k}, tanh) -> " for k in (9, 8, 7, 6, 5, 4, 3))
    document = compose(derivation(network(f"x[2] -> {layers}dense(1) ; mse")))
    assert list(problems(document)) == []
    assert "∂L/∂W₁ = (∂L/∂z₁) xᵀ" in render(document, "text")


def test_deep_formulas_hold() -> None:
    assert list(problems(compose(derivation(network(deep(9)))))) == []


def test_sympy_form() -> None:
    text = shown("two-layer-tanh", Options(form="sympy"))
    assert "# L\n    (W3*tanh(W2*tanh(W1*x + b1) + b2) + b3 - y)**2" in text
    assert text.count("proved by SymPy") == 6
    assert "sympy.diff(L, W2)" in shown("two-layer-tanh", Options(form="sympy", of="W2"))


def test_sympy_form_of_vectors() -> None:
    text = shown("softmax-classifier", Options(form="sympy", of="b2"))
    assert "given that the target sums to 1" in text


def test_sympy_form_needs_numbers() -> None:
    with pytest.raises(DerivationError, match="needs numbers for the sizes n0"):
        shown(deep(2), Options(form="sympy"))


def test_index_form_has_no_matrices() -> None:
    text = shown("softmax-classifier", Options(form="index"))
    derivation_part = text.split("Gradient descent")[0].split("The chain rule")[1]
    assert "In matrix form" not in text
    assert "ᵀ" not in derivation_part.split("Layer 2")[1]


@pytest.mark.parametrize("source", ["two-layer-tanh", "relu-sigmoid-bce"])
def test_notebooks(source: str) -> None:
    net = network(source)
    derived = derivation(net)
    assert net._repr_markdown_().startswith(f"# {source}")
    assert "$$" in derived._repr_markdown_()
    gradient = derived.gradient("W2")
    for shown_object in (net, derived, gradient):
        assert shown_object._repr_latex_().startswith(r"$\displaystyle")
    assert "Step 1" in gradient._repr_markdown_()
    assert r"\sum" in derived.gradient("W1", batch=True)._repr_latex_() or net.generic
