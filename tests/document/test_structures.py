"""Derivations of networks with several paths: what is printed holds, and says where it is from."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from derive.calculus import Derivation, derivation
from derive.document import Document, Options, compose, render
from derive.document.blocks import Display, Formula, Section, Step
from derive.document.check import problems
from derive.document.options import Form
from derive.document.plan import make_plan
from derive.document.render import FORMATS
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network
from derive.networks.definition import from_table
from derive.networks.model import Layer
from derive.notation import text
from derive.notation.tree import Node, Sum
from tests.document.structures import NETS, TANH, deep, ladder

CORE = (
    "residual-stack",
    "autoencoder",
    "shared-and-decayed",
    "weighted",
    "outputs-weighted",
    "dropout",
    "spread",
)
"""One network for each kind of structure."""


@cache
def derived(name: str, layout: str = LAYOUTS[0]) -> Derivation:
    found = NETS[name]
    return derivation(replace(found, style=found.style.with_layout(layout)))


def wrong(document: Document) -> list[tuple[str, str]]:
    return [(text(formula.relation), why) for formula, why in problems(document)]


def lines(document: Document, of: str) -> list[tuple[str, list[str]]]:
    """The parts of the step that finds a gradient: caption and formulas."""
    (step,) = (
        block
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Step) and text(nodes(block.title)) == of
    )
    return [
        (words(line.caption), [text(formula.relation) for formula in line.formulas])
        for line in step.lines
    ]


def words(caption: object) -> str:
    if isinstance(caption, str):
        return caption
    assert isinstance(caption, tuple)
    return "".join(part if isinstance(part, str) else text(part) for part in caption)


def nodes(title: tuple[str | Node, ...]) -> Node:
    (node,) = title
    assert not isinstance(node, str)
    return node


@pytest.mark.parametrize("form", ["index", "matrix"])
@pytest.mark.parametrize("name", NETS)
def test_every_formula_holds(name: str, form: Form) -> None:
    for batch in (False, True):
        document = compose(derived(name), Options(form=form, batch=batch))
        assert wrong(document) == []
        assert sum(formula.kind == "network" for formula in document.formulas()) > 20


@pytest.mark.parametrize("layout", LAYOUTS[1:])
@pytest.mark.parametrize("name", CORE)
def test_every_formula_holds_in_every_layout(name: str, layout: str) -> None:
    for batch in (False, True):
        assert wrong(compose(derived(name, layout), Options(batch=batch))) == []


@pytest.mark.parametrize("name", NETS)
def test_every_format_prints(name: str) -> None:
    document = compose(derived(name))
    for to in FORMATS:
        assert "lambda" not in render(document, to).replace(r"\lambda", "")


@pytest.mark.parametrize(
    "network",
    [
        ladder(),
        deep("far", (6, Layer(4, "tanh", adds=(2,)))),
        deep("masked", layer=Layer(4, "tanh", dropout=NETS["dropout"].layers[0].dropout)),
    ],
    ids=lambda network: network.name,
)
def test_deep_networks_hold_too(network: Network) -> None:
    for options in (Options(), Options(form="index"), Options(batch=True)):
        assert wrong(compose(derivation(network), options)) == []


def test_a_sum_passes_the_gradient_on() -> None:
    document = compose(derived("residual"))
    assert lines(document, "∂L/∂r₂") == [
        ("Local derivative", ["∂h₂ᵢ/∂r₂ᵢ = 1"]),
        ("Chain rule", ["∂L/∂r₂ᵢ = (∂L/∂h₂ᵢ)(∂h₂ᵢ/∂r₂ᵢ) = (∂L/∂h₂ᵢ)·1 = ∂L/∂h₂ᵢ"]),
        ("In matrix form", ["∂L/∂r₂ = ∂L/∂h₂ = 2W₃ᵀ (ŷ - y)"]),
    ]


def test_what_is_added_has_two_contributions() -> None:
    found = lines(compose(derived("residual")), "∂L/∂h₁")
    assert found[:3] == [
        (
            "Through z₂",
            ["∂z₂ⱼ/∂h₁ᵢ = W₂ⱼᵢ", "Σⱼ (∂L/∂z₂ⱼ)(∂z₂ⱼ/∂h₁ᵢ) = Σⱼ (∂L/∂z₂ⱼ) W₂ⱼᵢ"],
        ),
        ("Through h₂", ["∂(r₂ᵢ + h₁ᵢ)/∂h₁ᵢ = 1", "(∂L/∂h₂ᵢ)·1 = ∂L/∂h₂ᵢ"]),
        ("The contributions add up", ["∂L/∂h₁ᵢ = (Σⱼ (∂L/∂z₂ⱼ) W₂ⱼᵢ) + ∂L/∂h₂ᵢ"]),
    ]
    assert found[3][1][0].startswith("∂L/∂h₁ = W₂ᵀ (∂L/∂z₂) + ∂L/∂h₂ = ")


def test_shared_weights_gather_the_gradients_of_their_uses() -> None:
    found = lines(compose(derived("autoencoder")), "∂L/∂W₁")
    assert [caption for caption, _ in found] == [
        "Through z₁",
        "Through z₄",
        "The contributions add up",
        "In matrix form",
    ]
    assert found[1][1] == [
        "∂((Σₗ W₁ₗₖ h₃ₗ) + b₄ₖ)/∂W₁ᵢⱼ = δₖⱼ h₃ᵢ",
        "Σₖ (∂L/∂z₄ₖ) δₖⱼ h₃ᵢ = (∂L/∂z₄ⱼ) h₃ᵢ",
    ]
    assert found[3][1] == ["∂L/∂W₁ = (∂L/∂z₁) xᵀ + h₃ (∂L/∂z₄)ᵀ"]


def test_penalties_are_paths_of_their_own() -> None:
    found = lines(compose(derived("l1-and-l2")), "∂L/∂W₁")
    assert found[1:4] == [
        ("Through the L1 penalty", ["∂(λ₁ Σₖ Σₗ abs(W₁ₖₗ))/∂W₁ᵢⱼ = λ₁ sign(W₁ᵢⱼ)"]),
        ("Through the L2 penalty", ["∂((λ₂/2) Σₖ Σₗ W₁ₖₗ²)/∂W₁ᵢⱼ = λ₂ W₁ᵢⱼ"]),
        ("The contributions add up", ["∂L/∂W₁ᵢⱼ = (∂L/∂z₁ᵢ) xⱼ + λ₁ sign(W₁ᵢⱼ) + λ₂ W₁ᵢⱼ"]),
    ]
    said = render(compose(derived("l1-and-l2")), "text")
    assert "sign(0) = 0" in said
    assert "λ₁         strength of the L1 penalty, 0.1 " in said


def test_a_penalty_is_no_part_of_the_mean() -> None:
    document = compose(derived("l2"), Options(batch=True))
    assert "λ W₁" in lines(document, "∂L/∂W₁")[-1][1][0]
    assert "λ/m" not in render(document, "text").replace(" ", "")


def test_every_loss_contributes() -> None:
    found = lines(compose(derived("two-losses")), "∂L/∂ŷ")
    assert found[0] == ("Through the first loss", ["∂(λ₁ Σⱼ (ŷⱼ - yⱼ)²)/∂ŷᵢ = 2λ₁ (ŷᵢ - yᵢ)"])
    assert [caption for caption, _ in found[1:]] == [
        "Through the second loss",
        "The contributions add up",
        "In matrix form",
    ]


def test_only_what_the_mask_lets_through_comes_back() -> None:
    found = lines(compose(derived("dropout")), "∂L/∂h₁")
    assert found[:2] == [
        ("Local derivative", ["∂g₁ᵢ/∂h₁ᵢ = k₁ᵢ"]),
        ("Chain rule", ["∂L/∂h₁ᵢ = (∂L/∂g₁ᵢ)(∂g₁ᵢ/∂h₁ᵢ) = (∂L/∂g₁ᵢ) k₁ᵢ"]),
    ]
    said = render(compose(derived("dropout")), "text")
    assert "an entry is 0 with probability 0.5 and 2 otherwise" in said
    assert "g₁ = k₁ ⊙ h₁" in said
    assert "G₁ = K₁ ⊙ H₁" in said


def test_scaled_logits_and_smoothed_targets() -> None:
    scaled = render(compose(derived("temperature")), "text")
    assert "∂L/∂z₂ = (1/2)(∂L/∂s₂)" in scaled
    smoothed = render(compose(derived("smoothing")), "text")
    assert "t = (9/10) y + (1/30) 1" in smoothed
    assert "∂L/∂z₂ = ŷ - t" in smoothed


def test_what_is_known_names_every_path_from_above() -> None:
    said = " ".join(render(compose(derived("residual"), Options(layer="1")), "text").split())
    assert "Known from the layer above: ∂L/∂z₂ and ∂L/∂h₂." in said
    said = " ".join(render(compose(derived("autoencoder"), Options(layer="1")), "text").split())
    assert "Known from the layers above: ∂L/∂z₂ and ∂L/∂z₄." in said


def test_one_gradient_tells_all_its_paths() -> None:
    document = compose(derived("residual"), Options(of="W1"))
    said = " ".join(render(document, "text").split())
    assert "along several paths" in said
    assert wrong(document) == []
    titles = [
        text(nodes(block.title))
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Step)
    ]
    assert titles == [f"∂L/∂{v}" for v in ("ŷ", "z₃", "h₂", "r₂", "z₂", "h₁", "z₁", "W₁")]


def test_equal_layers_with_skips_are_one_run() -> None:
    keys = [stage.key for stage in make_plan(derivation(ladder()), Options()).stages]
    assert keys == ["10", "9", "2-8", "1"]


def test_a_run_swallows_no_skip() -> None:
    far = deep("far", (6, Layer(4, "tanh", adds=(2,))))
    keys = [stage.key for stage in make_plan(derivation(far), Options()).stages]
    assert keys == ["11", "7-10", "6", "3-5", "2", "1"]


def test_a_run_swallows_no_other_dropout() -> None:
    half, fifth = (layer.dropout for layer in NETS["dropout"].layers[:2])
    other = deep(
        "masks", (6, Layer(4, "tanh", dropout=fifth)), layer=Layer(4, "tanh", dropout=half)
    )
    keys = [stage.key for stage in make_plan(derivation(other), Options()).stages]
    assert keys == ["11", "7-10", "6", "2-5", "1"]


def test_many_paths_are_not_written_out() -> None:
    steps = [Layer(4, "tanh", adds=(number,)) for number in range(1, 5)]
    short = replace(NETS["residual"], layers=(TANH, *steps, Layer(2)))
    document = compose(derivation(short))
    assert max(len(text(f.relation)) for f in document.formulas()) < 200
    assert wrong(document) == []


def dropped(formula: Formula) -> Formula:
    """The formula without the last term of its last sum."""
    *sides, last = formula.relation.sides
    assert isinstance(last, Sum)
    kept = last.terms[0] if len(last.terms) == 2 else Sum(last.terms[:-1])
    return replace(formula, relation=replace(formula.relation, sides=(*sides, kept)))


@pytest.mark.parametrize("name", ["residual", "autoencoder", "l2", "two-losses", "concatenation"])
def test_a_lost_contribution_is_seen(name: str) -> None:
    document = compose(derived(name).with_input)
    sums = [
        formula
        for section in document.sections
        for block in section.blocks
        if isinstance(block, Step)
        for line in block.lines
        if line.caption == "The contributions add up"
        for formula in line.formulas
    ]
    assert sums
    for formula in sums:
        assert wrong(_alone(formula)) == []
        assert len(wrong(_alone(dropped(formula)))) == 1


def test_the_slope_of_a_right_side_is_evaluated() -> None:
    """With everything else held fixed: the total derivative would be another number."""
    document = compose(derived("autoencoder"))
    (slope, *_) = (f for f in document.formulas() if text(f.relation).startswith("∂((Σₗ W₁ₗₖ h₃ₗ)"))
    assert wrong(_alone(slope)) == []
    sides = slope.relation.sides
    total = next(f for f in document.formulas() if text(f.relation).startswith("∂z₁ₖ/∂W₁ᵢⱼ = "))
    mixed = replace(
        slope, relation=replace(slope.relation, sides=(sides[0], total.relation.sides[1]))
    )
    assert len(wrong(_alone(mixed))) == 1


def _alone(formula: Formula) -> Document:
    return Document("", "", (Section(("",), (Display((formula,)),)),))


@pytest.mark.parametrize("name", [*NETS, "two-layer-tanh", "relu-sigmoid-bce"])
def test_the_gradient_by_the_input(name: str) -> None:
    found = derivation(NETS[name] if name in NETS else network(name))
    for options in (
        Options(of="x"),
        Options(of="x", form="index"),
        Options(of="x", batch=True),
    ):
        document = compose(found, options)
        assert wrong(document) == []
        shown = [text(f.relation).casefold() for f in document.formulas()]
        assert any(line.startswith("∂l/∂x") for line in shown)
    assert wrong(compose(found.with_input)) == []


def test_the_input_of_any_depth() -> None:
    deep_one = network("x[n0] -> dense(n, relu) * (L-1) -> dense(1, sigmoid) ; bce")
    document = compose(derivation(deep_one), Options(of="x"))
    said = " ".join(render(document, "text").split())
    assert "∂ℒ/∂x = W₁ᵀ (∂ℒ/∂z₁)" in said
    assert "is what the recursion ends with" in said
    assert wrong(document) == []
    whole = compose(derivation(deep_one, by_input=True))
    assert wrong(whole) == []
    assert "The input x" in render(whole, "text")


def test_the_share_of_a_sample_is_said() -> None:
    said = render(compose(derived("residual"), Options(of="x", batch=True)), "text")
    assert "divided by m" in " ".join(said.split())


def test_nothing_is_said_of_the_input_unasked() -> None:
    assert "∂L/∂x" not in render(compose(derived("residual")), "text")


NUMBERS = {
    "values": {
        "input": {"name": "x", "size": 2},
        "layers": [
            {"units": 2, "activation": "tanh", "dropout": 0.5},
            {"units": 2, "activation": "tanh", "adds": 1},
            {"units": 2, "weights": 1, "transposed": True},
        ],
        "loss": "half_squared_error",
        "l2": 0.1,
        "values": {
            "x": [0.5, -1.0],
            "y": [1.0, 0.0],
            "W1": [[0.4, -0.2], [0.1, 0.6]],
            "b1": [0.1, 0.2],
            "W2": [[0.7, 0.1], [-0.3, 0.2]],
            "b2": [0.2, 0.0],
            "b3": [0.0, 0.0],
            "k1": [2.0, 0.0],
            "rate": 0.1,
        },
    },
    "numbers": {
        "input": {"name": "x", "scalar": True},
        "layers": [
            {"units": 1, "activation": "tanh"},
            {"units": 1, "activation": "tanh", "adds": 1},
            {"units": 1, "weights": 1},
        ],
        "loss": "squared_error",
        "l2": 0.1,
        "values": {"x": 0.5, "y": 1.0, "W1": 0.4, "b1": 0.1, "W2": 0.7, "b2": 0.2, "b3": 0.0}
        | {"rate": 0.1},
    },
}


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_worked_example_holds(kind: str) -> None:
    found = derivation(from_table(NUMBERS[kind]))
    document = compose(found.with_input)
    examples = [f for f in document.formulas() if f.kind == "example"]
    assert len(examples) > 20
    assert wrong(document) == []
    printed = [text(formula.relation) for formula in examples]
    assert "λ = 0.1" in printed
    assert any(line.startswith("∂L/∂x = ") for line in printed)
    assert any("The loss falls from" in line for line in render(document, "text").splitlines())


def test_a_worked_gradient_is_the_sum_of_its_contributions() -> None:
    document = compose(derivation(from_table(NUMBERS["values"])))
    (line,) = (
        text(f.relation)
        for f in document.formulas()
        if f.kind == "example" and text(f.relation).startswith("∂L/∂W₁")
    )
    assert line.startswith("∂L/∂W₁ = (∂L/∂z₁) xᵀ + h₂ (∂L/∂z₃)ᵀ + λ W₁ ≈ ")
    assert line.endswith("≈ [-0.5636, -0.8269; 0.1132, 0.1911]")
