"""The formulas of the two hand-written documents that this project began with, one by one.

Each line is the formula as the derivation must state it, with the number of the line where the
document has it. Where the document's own line is wrong or no legal product, the formula here is
the corrected one and the note says what is corrected.
"""

from __future__ import annotations

from typing import NamedTuple


class Fact(NamedTuple):
    """One formula of a document."""

    line: int
    formula: str
    corrects: str = ""
    """What is wrong with the document's own line."""


SCALAR = (
    # Forward pass and loss.
    Fact(35, "z₁ = W₁·x + b₁"),
    Fact(36, "h₁ = tanh(z₁)"),
    Fact(41, "z₂ = W₂·h₁ + b₂"),
    Fact(42, "h₂ = tanh(z₂)"),
    Fact(47, "z₃ = W₃·h₂ + b₃"),
    Fact(48, "ŷ = z₃"),
    Fact(80, "L = (1/n) Σᵢ (ŷᵢ - yᵢ)²"),
    Fact(85, "L = (ŷ - y)²"),
    Fact(91, "∂L/∂ŷ = 2(ŷ - y)"),
    Fact(96, "∂L/∂ŷᵢ = (2/n)(ŷᵢ - yᵢ)", "a sum over the samples, where one sample is meant"),
    # The tool.
    Fact(109, "df/dx = df/dg × dg/dx"),
    # Layer 3.
    Fact(120, "∂L/∂ŷ = 2(ŷ - y)"),
    Fact(125, "∂ŷ/∂z₃ = 1"),
    Fact(130, "∂L/∂z₃ = ∂L/∂ŷ × ∂ŷ/∂z₃ = 2(ŷ - y) × 1 = 2(ŷ - y)"),
    Fact(135, "∂z₃/∂W₃ = h₂"),
    Fact(140, "∂L/∂W₃ = ∂L/∂z₃ × ∂z₃/∂W₃ = 2(ŷ - y) × h₂"),
    Fact(145, "∂z₃/∂b₃ = 1"),
    Fact(150, "∂L/∂b₃ = ∂L/∂z₃ × ∂z₃/∂b₃ = 2(ŷ - y) × 1 = 2(ŷ - y)"),
    Fact(155, "∂L/∂W₃ = 2(ŷ - y) × h₂"),
    Fact(156, "∂L/∂b₃ = 2(ŷ - y)"),
    # Layer 2.
    Fact(172, "∂L/∂z₃ = 2(ŷ - y)"),
    Fact(176, "∂z₃/∂h₂ = W₃"),
    Fact(181, "∂L/∂h₂ = ∂L/∂z₃ × ∂z₃/∂h₂ = 2(ŷ - y) × W₃"),
    Fact(186, "∂h₂/∂z₂ = tanh'(z₂) = 1 - tanh²(z₂) = 1 - h₂²"),
    Fact(191, "∂L/∂z₂ = ∂L/∂h₂ × ∂h₂/∂z₂ = 2(ŷ - y) × W₃ × (1 - h₂²)"),
    Fact(196, "∂z₂/∂W₂ = h₁"),
    Fact(201, "∂L/∂W₂ = ∂L/∂z₂ × ∂z₂/∂W₂ = 2(ŷ - y) × W₃ × (1 - h₂²) × h₁"),
    Fact(206, "∂z₂/∂b₂ = 1"),
    Fact(211, "∂L/∂b₂ = ∂L/∂z₂ × ∂z₂/∂b₂ = 2(ŷ - y) × W₃ × (1 - h₂²)"),
    Fact(216, "∂L/∂W₂ = 2(ŷ - y) × W₃ × (1 - h₂²) × h₁"),
    Fact(217, "∂L/∂b₂ = 2(ŷ - y) × W₃ × (1 - h₂²)"),
    # Layer 1.
    Fact(235, "∂L/∂z₂ = 2(ŷ - y) × W₃ × (1 - h₂²)"),
    Fact(239, "∂z₂/∂h₁ = W₂"),
    Fact(244, "∂L/∂h₁ = ∂L/∂z₂ × ∂z₂/∂h₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂"),
    Fact(249, "∂h₁/∂z₁ = tanh'(z₁) = 1 - tanh²(z₁) = 1 - h₁²"),
    Fact(
        254,
        "∂L/∂z₁ = ∂L/∂h₁ × ∂h₁/∂z₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²)",
    ),
    Fact(259, "∂z₁/∂W₁ = x"),
    Fact(
        264,
        "∂L/∂W₁ = ∂L/∂z₁ × ∂z₁/∂W₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²) × x",
    ),
    Fact(269, "∂z₁/∂b₁ = 1"),
    Fact(
        274,
        "∂L/∂b₁ = ∂L/∂z₁ × ∂z₁/∂b₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²)",
    ),
    Fact(279, "∂L/∂W₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²) × x"),
    Fact(280, "∂L/∂b₁ = 2(ŷ - y) × W₃ × (1 - h₂²) × W₂ × (1 - h₁²)"),
    # Gradient descent.
    Fact(323, "W₃ ← W₃ - α × ∂L/∂W₃"),
    Fact(324, "b₃ ← b₃ - α × ∂L/∂b₃"),
    Fact(326, "W₂ ← W₂ - α × ∂L/∂W₂"),
    Fact(327, "b₂ ← b₂ - α × ∂L/∂b₂"),
    Fact(329, "W₁ ← W₁ - α × ∂L/∂W₁"),
    Fact(330, "b₁ ← b₁ - α × ∂L/∂b₁"),
    # A batch.
    Fact(354, "∂L/∂W₃ = (2/n) Σᵢ (ŷᵢ - yᵢ) × h₂ᵢ"),
    Fact(355, "∂L/∂b₃ = (2/n) Σᵢ (ŷᵢ - yᵢ)"),
    Fact(357, "∂L/∂W₂ = (2/n) Σᵢ (ŷᵢ - yᵢ) × W₃ × (1 - h₂ᵢ²) × h₁ᵢ"),
    Fact(358, "∂L/∂b₂ = (2/n) Σᵢ (ŷᵢ - yᵢ) × W₃ × (1 - h₂ᵢ²)"),
    Fact(360, "∂L/∂W₁ = (2/n) Σᵢ (ŷᵢ - yᵢ) × W₃ × (1 - h₂ᵢ²) × W₂ × (1 - h₁ᵢ²) × xᵢ"),
    Fact(361, "∂L/∂b₁ = (2/n) Σᵢ (ŷᵢ - yᵢ) × W₃ × (1 - h₂ᵢ²) × W₂ × (1 - h₁ᵢ²)"),
    # The hyperbolic tangent; the document calls its argument x.
    Fact(393, "tanh(z) = (eᶻ - e⁻ᶻ) / (eᶻ + e⁻ᶻ)"),
    Fact(396, "tanh(z) ∈ (-1, 1)"),
    Fact(397, "tanh(0) = 0"),
    Fact(398, "tanh'(z) = 1 - tanh²(z)"),
    Fact(399, "tanh'(z) ≤ tanh'(0) = 1"),
    # Verification.
    Fact(416, "∂L/∂W ≈ [L(W + ε) - L(W - ε)] / (2ε)"),
)
"""The scalar document's formulas in Unicode; its numbers are in ``test_example``."""

LOSS = r"\frac{\partial \mathcal{L}}{\partial "
"""How every gradient begins."""

MATRIX = (
    Fact(
        20,
        LOSS + r"W_{ij}^{L}} = \sum_k \sum_q " + LOSS + r"a_q^{L}} "
        r"\frac{\partial a_q^{L}}{\partial z_k^{L}} \frac{\partial z_k^{L}}{\partial W_{ij}^{L}}",
        "a product of arrays whose shapes do not fit in this order",
    ),
    Fact(
        30,
        LOSS + r"a_i^{L}} \frac{\partial a_i^{L}}{\partial z_i^{L}} = \hat{y}_i - y_i",
    ),
    Fact(30, LOSS + r"z^{L}} = \hat{y} - y"),
    Fact(38, r"z^{L} = W^{L} a^{L-1} + b^{L}"),
    Fact(
        42,
        r"\frac{\partial z_k^{L}}{\partial W_{ij}^{L}} = \delta_{ki} a_j^{L-1}",
        "a vector in the place of an array with three axes",
    ),
    Fact(48, LOSS + r"W^{L}} = (\hat{y} - y) (a^{L-1})^{\top}"),
    Fact(
        58,
        LOSS + r"W_{ij}^{L-1}} = \sum_k \sum_q " + LOSS + r"a_q^{L-1}} "
        r"\frac{\partial a_q^{L-1}}{\partial z_k^{L-1}} "
        r"\frac{\partial z_k^{L-1}}{\partial W_{ij}^{L-1}}",
        "a product of arrays whose shapes do not fit in this order",
    ),
    Fact(
        66,
        LOSS + r"a^{L-1}} = (W^{L})^{\top} " + LOSS + r"z^{L}} = (W^{L})^{\top} (\hat{y} - y)",
        "the transpose is missing, and the order is the wrong one",
    ),
    Fact(
        76,
        r"\frac{\partial a_i^{L-1}}{\partial z_i^{L-1}} = \mathrm{ReLU}'(z_i^{L-1})",
    ),
    Fact(
        80,
        r"\mathrm{ReLU}'(z) = "
        r"\begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}",
    ),
    Fact(
        89,
        r"\frac{\partial z_k^{L-1}}{\partial W_{ij}^{L-1}} = \delta_{ki} a_j^{L-2}",
        "a vector, transposed here but not in line 42, in the place of an array with three axes",
    ),
    Fact(
        95,
        LOSS + r"W^{L-1}} = \bigl( (W^{L})^{\top} (\hat{y} - y) \odot "
        r"\mathrm{ReLU}'(z^{L-1}) \bigr) (a^{L-2})^{\top}",
        "brackets are needed: the Hadamard product comes before the matrix product",
    ),
)
"""The matrix document's formulas in LaTeX."""
