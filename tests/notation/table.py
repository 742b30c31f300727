"""Trees with what both printers make of them: ``(tree, LaTeX, text)``."""

from __future__ import annotations

from derive.notation.tree import (
    Apply,
    BigSum,
    Cases,
    Delta,
    Derivative,
    Fenced,
    Function,
    Interval,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
    equals,
)


def n(digits: str | int) -> Number:
    return Number(str(digits))


def s(glyph: str, *sub: str | int | Node) -> Symbol:
    return Symbol(glyph, sub=tuple(leaf(part) for part in sub))


def leaf(part: str | int | Node) -> Node:
    if isinstance(part, Node):
        return part
    return n(part) if isinstance(part, int) else Symbol(part)


def layer(glyph: str, *sup: str | int | Node, bracket: bool = False) -> Symbol:
    return Symbol(glyph, sup=tuple(leaf(part) for part in sup), bracket=bracket)


def add(*terms: Node) -> Sum:
    return Sum(terms)


def minus(first: Node, *others: Node) -> Sum:
    return Sum((first, *(Negative(other) for other in others)))


def by(*factors: Node) -> Product:
    return Product(factors)


def times(*factors: Node) -> Product:
    return Product(factors, "times")


def dot(*factors: Node) -> Product:
    return Product(factors, "cdot")


def hadamard(*factors: Node) -> Product:
    return Product(factors, "hadamard")


def f(function: str, *arguments: Node, primes: int = 0, power: int = 1) -> Apply:
    return Apply(function, arguments, primes, power)


a, b, c, i, j, k, m, x, y, z, A, B, C, W, X = (s(glyph) for glyph in "abcijkmxyzABCWX")
one, two, three = n(1), n(2), n(3)
eps = s("epsilon")
y_hat = Symbol("y", accent="hat")
L = Symbol("L", style="cal")
ones = Symbol("1", style="bold")
l_1 = minus(s("l"), one)
L_1 = minus(s("L"), one)
W1, W2, W3, b1 = s("W", 1), s("W", 2), s("W", 3), s("b", 1)
h1, h2, z1, z2 = s("h", 1), s("h", 2), s("z", 1), s("z", 2)
error = minus(y_hat, y)
relation = Relation((z, n(0)), (">",))

LEAVES: list[tuple[Node, str, str]] = [
    (n("0.4140"), "0.4140", "0.4140"),
    (n("1e-7"), "10^{-7}", "1e-7"),
    (n("2.5e+03"), r"2.5 \times 10^{3}", "2.5e3"),
    (W2, "W_2", "W₂"),
    (s("W", 12), "W_{12}", "W₁₂"),
    (s("h", 2, "i"), "h_{2i}", "h₂ᵢ"),
    (s("W", "i", "j"), "W_{ij}", "Wᵢⱼ"),
    (s("W", 1, 2), "W_{1,2}", "W_{1,2}"),
    (s("W", "i", minus(j, one)), "W_{i,j-1}", "W_{i,j-1}"),
    (s("z", l_1), "z_{l-1}", "zₗ₋₁"),
    (s("h", "b"), "h_b", "h_b"),
    (s("h", 2, "b"), "h_{2b}", "h_{2b}"),
    (s("x", "train"), r"x_{\mathrm{train}}", "x_train"),
    (s("x", "in"), r"x_{\mathrm{in}}", "x_in"),
    (s("x", "i", "n"), "x_{in}", "xᵢₙ"),
    (s("x", "i", "k"), "x_{ik}", "xᵢₖ"),
    (s("x", "alpha", "i"), r"x_{\alpha i}", "x_{αi}"),
    (s("W", s("f", 1)), "W_{f_1}", "W_{f₁}"),
    (layer("a", "l", bracket=True), "a^{[l]}", "a^[l]"),
    (layer("a", l_1, bracket=True), "a^{[l-1]}", "a^[l-1]"),
    (layer("a", l_1), "a^{l-1}", "a⁽ˡ⁻¹⁾"),
    (layer("W", 2), "W^{2}", "W⁽²⁾"),
    (layer("W", "L"), "W^{L}", "W^L"),
    (layer("a", L_1), "a^{L-1}", "a^{L-1}"),
    (layer("x", Fenced(i)), "x^{(i)}", "x^{(i)}"),
    (Symbol("z", (i,), (s("l"),), bracket=True), "z_i^{[l]}", "zᵢ^[l]"),
    (y_hat, r"\hat{y}", "ŷ"),
    (Symbol("y", (i,), accent="hat"), r"\hat{y}_i", "ŷᵢ"),
    (Symbol("v", accent="bar"), r"\bar{v}", "v̄"),
    (Symbol("W", accent="tilde"), r"\tilde{W}", "W̃"),
    (L, r"\mathcal{L}", "L"),
    (ones, r"\mathbf{1}", "1"),
    (Symbol("T", style="roman"), r"\mathrm{T}", "T"),
    (Symbol("theta", style="bold"), r"\boldsymbol{\theta}", "θ"),
    (s("alpha"), r"\alpha", "α"),
    (s("eta"), r"\eta", "η"),
    (eps, r"\varepsilon", "ε"),
    (s("delta", 1), r"\delta_1", "δ₁"),
    (s("Delta"), r"\Delta", "Δ"),
    (s("Sigma"), r"\Sigma", "Sigma"),
    (s("ell"), r"\ell", "ℓ"),
    (s("nabla", W1), r"\nabla_{W_1}", "∇_{W₁}"),
    (s("loss"), r"\mathrm{loss}", "loss"),
    (Delta(i, j), r"\delta_{ij}", "δᵢⱼ"),
    (Delta(i, s("b")), r"\delta_{ib}", "δ_{ib}"),
    (Function("relu", 1), r"\mathrm{ReLU}'", "ReLU'"),
    (Function("sigma"), r"\sigma", "σ"),
    (Interval(Negative(one), one), "(-1, 1)", "(-1, 1)"),
    (Interval(n(0), two, closed=True), "[0, 2]", "[0, 2]"),
]

SUMS: list[tuple[Node, str, str]] = [
    (error, r"\hat{y} - y", "ŷ - y"),
    (minus(a, add(b, c)), "a - (b + c)", "a - (b + c)"),
    (add(a, minus(b, c)), "a + b - c", "a + b - c"),
    (add(a, add(Negative(b), c)), "a + (-b + c)", "a + (-b + c)"),
    (add(Negative(a), b), "-a + b", "-a + b"),
    (add(a, Fenced(Negative(n("0.2")))), "a + (-0.2)", "a + (-0.2)"),
    (minus(a, Negative(b)), "a - (-b)", "a - (-b)"),
    (Negative(add(a, b)), "-(a + b)", "-(a + b)"),
    (Negative(by(a, b)), "-a b", "-a b"),
    (Negative(hadamard(a, b)), r"-a \odot b", "-a ⊙ b"),
    (minus(a, hadamard(b, c)), r"a - b \odot c", "a - b ⊙ c"),
    (add(a, times(Negative(b), c)), r"a + (-b \times c)", "a + (-b × c)"),
    (add(a), "a", "a"),
]

PRODUCTS: list[tuple[Node, str, str]] = [
    (by(two, error), r"2(\hat{y} - y)", "2(ŷ - y)"),
    (times(by(two, error), h2), r"2(\hat{y} - y) \times h_2", "2(ŷ - y) × h₂"),
    (by(two, three), r"2 \cdot 3", "2·3"),
    (by(two, three, x), r"2 \cdot 3x", "2·3x"),
    (by(x, two), r"x \cdot 2", "x·2"),
    (by(two, eps), r"2\varepsilon", "2ε"),
    (by(two, Power(three, x)), r"2 \cdot 3^{x}", "2·3ˣ"),
    (by(by(a, two), three), r"a \cdot 2 \cdot 3", "a·2·3"),
    (by(two, Negative(n("3.2033"))), "2(-3.2033)", "2(-3.2033)"),
    (times(two, Negative(three)), r"2 \times (-3)", "2 × (-3)"),
    (times(Negative(three), two), r"-3 \times 2", "-3 × 2"),
    (times(a, by(Negative(two), b)), r"a \times (-2b)", "a × (-2b)"),
    (times(a, times(b, c)), r"a \times b \times c", "a × b × c"),
    (times(n("2.5e-3"), x), r"2.5 \times 10^{-3} \times x", "2.5e-3 × x"),
    (by(n("2.5e-3"), x), r"(2.5 \times 10^{-3}) x", "2.5e-3x"),
    (dot(W1, x), r"W_1 \cdot x", "W₁·x"),
    (dot(error, x), r"(\hat{y} - y) \cdot x", "(ŷ - y) · x"),
    (times(dot(a, b), c), r"a \cdot b \times c", "a·b × c"),
    (dot(times(a, b), c), r"(a \times b) \cdot c", "(a × b) · c"),
    (by(times(a, b), c), r"(a \times b) c", "(a × b) c"),
    (by(A, B, x), "A B x", "A B x"),
    (by(W, add(a, b)), "W (a + b)", "W (a + b)"),
    (by(add(a, b), W), "(a + b) W", "(a + b) W"),
    (by(add(a, b), add(b, c)), "(a + b)(b + c)", "(a + b)(b + c)"),
    (by(b, Transpose(ones)), r"b \mathbf{1}^{\top}", "b 1ᵀ"),
    (by(ones, Transpose(b)), r"\mathbf{1} b^{\top}", "1 bᵀ"),
    (by(two, f("tanh", x)), r"2\tanh(x)", "2 tanh(x)"),
    (by(x, f("sigma", z)), r"x \sigma(z)", "x σ(z)"),
    (by(W, f("diag", x)), r"W \thinspace \mathrm{diag}(x)", "W diag(x)"),
    (hadamard(A, B), r"A \odot B", "A ⊙ B"),
    (hadamard(by(A, x), b), r"A x \odot b", "A x ⊙ b"),
    (by(hadamard(A, B), x), r"(A \odot B) x", "(A ⊙ B) x"),
    (by(W, hadamard(A, B)), r"W (A \odot B)", "W (A ⊙ B)"),
    (dot(hadamard(A, B), x), r"(A \odot B) \cdot x", "(A ⊙ B) · x"),
    (hadamard(A, add(B, C)), r"A \odot (B + C)", "A ⊙ (B + C)"),
    (Transpose(hadamard(A, B)), r"(A \odot B)^{\top}", "(A ⊙ B)ᵀ"),
    (by(Negative(hadamard(A, B)), x), r"(-A \odot B) x", "(-A ⊙ B) x"),
]

FRACTIONS: list[tuple[Node, str, str]] = [
    (Quotient(two, m), r"\frac{2}{m}", "2/m"),
    (by(Quotient(two, m), error), r"\frac{2}{m} (\hat{y} - y)", "(2/m)(ŷ - y)"),
    (by(two, Quotient(one, m)), r"2 \cdot \frac{1}{m}", "2(1/m)"),
    (Quotient(one, by(two, eps)), r"\frac{1}{2\varepsilon}", "1/(2ε)"),
    (
        Quotient(minus(f("L", add(W, eps)), f("L", minus(W, eps))), by(two, eps)),
        r"\frac{\mathcal{L}(W + \varepsilon) - \mathcal{L}(W - \varepsilon)}{2\varepsilon}",
        "[L(W + ε) - L(W - ε)] / (2ε)",
    ),
    (
        add(Quotient(Negative(y), y_hat), Quotient(minus(one, y), minus(one, y_hat))),
        r"\frac{-y}{\hat{y}} + \frac{1 - y}{1 - \hat{y}}",
        "-y/ŷ + (1 - y) / (1 - ŷ)",
    ),
    (Quotient(by(two, x), m), r"\frac{2x}{m}", "2x/m"),
    (Quotient(by(a, b), c), r"\frac{a b}{c}", "(a b) / c"),
    (Quotient(Quotient(a, b), c), r"\frac{\frac{a}{b}}{c}", "(a/b) / c"),
    (Power(Quotient(a, b), two), r"\left( \frac{a}{b} \right)^{2}", "(a/b)²"),
    (Negative(Quotient(y, y_hat)), r"-\frac{y}{\hat{y}}", "-y/ŷ"),
    (
        f("tanh", Quotient(a, b)),
        r"\tanh\left( \frac{a}{b} \right)",
        "tanh(a/b)",
    ),
    (
        Quotient(one, add(one, Power(s("e"), Negative(z)))),
        r"\frac{1}{1 + e^{-z}}",
        "1/(1 + e⁻ᶻ)",
    ),
    (Quotient(y, y_hat, elementwise=True), r"y \oslash \hat{y}", "y ⊘ ŷ"),
    (
        Quotient(error, minus(one, y), elementwise=True),
        r"(\hat{y} - y) \oslash (1 - y)",
        "(ŷ - y) ⊘ (1 - y)",
    ),
    (
        hadamard(Quotient(a, b, elementwise=True), c),
        r"(a \oslash b) \odot c",
        "(a ⊘ b) ⊙ c",
    ),
    (
        Quotient(a, hadamard(b, c), elementwise=True),
        r"a \oslash (b \odot c)",
        "a ⊘ (b ⊙ c)",
    ),
    (Derivative(L, W1), r"\frac{\partial \mathcal{L}}{\partial W_1}", "∂L/∂W₁"),
    (
        Derivative(Function("f"), x, total=True),
        r"\frac{\mathrm{d} f}{\mathrm{d} x}",
        "df/dx",
    ),
    (
        times(Derivative(L, z2), Derivative(z2, W2)),
        r"\frac{\partial \mathcal{L}}{\partial z_2} \times \frac{\partial z_2}{\partial W_2}",
        "∂L/∂z₂ × ∂z₂/∂W₂",
    ),
    (
        dot(Derivative(L, z2), Derivative(z2, W2)),
        r"\frac{\partial \mathcal{L}}{\partial z_2} \cdot \frac{\partial z_2}{\partial W_2}",
        "∂L/∂z₂ · ∂z₂/∂W₂",
    ),
    (
        by(Derivative(L, z2), Transpose(h1)),
        r"\frac{\partial \mathcal{L}}{\partial z_2} h_1^{\top}",
        "(∂L/∂z₂) h₁ᵀ",
    ),
    (
        Transpose(Derivative(L, z2)),
        r"\left( \frac{\partial \mathcal{L}}{\partial z_2} \right)^{\top}",
        "(∂L/∂z₂)ᵀ",
    ),
    (
        Derivative(Derivative(L, y), x),
        r"\frac{\partial}{\partial x} \left( \frac{\partial \mathcal{L}}{\partial y} \right)",
        "∂(∂L/∂y)/∂x",
    ),
    (
        Derivative(add(a, b), x),
        r"\frac{\partial (a + b)}{\partial x}",
        "∂(a + b)/∂x",
    ),
    (
        minus(W, by(s("alpha"), Derivative(L, W))),
        r"W - \alpha \frac{\partial \mathcal{L}}{\partial W}",
        "W - α (∂L/∂W)",
    ),
]

NESTED: list[tuple[Node, str, str]] = [
    (
        Power(add(one, by(a, add(b, c))), two),
        r"\bigl( 1 + a (b + c) \bigr)^{2}",
        "(1 + a (b + c))²",
    ),
    (
        by(two, minus(one, by(a, minus(b, by(c, add(x, y)))))),
        r"2\Bigl( 1 - a \bigl( b - c (x + y) \bigr) \Bigr)",
        "2(1 - a (b - c (x + y)))",
    ),
    (
        by(x, add(y, by(two, minus(one, by(a, minus(b, by(c, add(x, y)))))))),
        r"x \left( y + 2\Bigl( 1 - a \bigl( b - c (x + y) \bigr) \Bigr) \right)",
        "x (y + 2(1 - a (b - c (x + y))))",
    ),
    (f("f", add(a, f("g", x))), "f(a + g(x))", "f(a + g(x))"),
    (Transpose(layer("x", Fenced(i))), r"(x^{(i)})^{\top}", "(x^{(i)})ᵀ"),
    (minus(one, f("tanh", z, power=2)), r"1 - \tanh^{2}(z)", "1 - tanh²(z)"),
    (by(two, Fenced(f("sigma", z))), r"2\bigl( \sigma(z) \bigr)", "2(σ(z))"),
]

SCRIPTS: list[tuple[Node, str, str]] = [
    (Power(h2, two), "h_2^{2}", "h₂²"),
    (Power(error, two), r"(\hat{y} - y)^{2}", "(ŷ - y)²"),
    (Power(Negative(a), two), "(-a)^{2}", "(-a)²"),
    (Negative(Power(a, two)), "-a^{2}", "-a²"),
    (Power(x, L_1), "x^{L-1}", "x^(L-1)"),
    (Power(x, add(s("n"), one)), "x^{n+1}", "xⁿ⁺¹"),
    (Power(s("e"), Negative(z1)), "e^{-z_1}", "e^(-z₁)"),
    (Power(Power(a, two), three), "(a^{2})^{3}", "(a²)³"),
    (Power(layer("a", "l"), two), "(a^{l})^{2}", "(a⁽ˡ⁾)²"),
    (Transpose(W2), r"W_2^{\top}", "W₂ᵀ"),
    (Transpose(layer("a", "l", bracket=True)), r"(a^{[l]})^{\top}", "(a^[l])ᵀ"),
    (Transpose(Transpose(W)), r"(W^{\top})^{\top}", "(Wᵀ)ᵀ"),
    (Transpose(by(A, B)), r"(A B)^{\top}", "(A B)ᵀ"),
    (by(Transpose(layer("W", "L")), error), r"(W^{L})^{\top} (\hat{y} - y)", "(W^L)ᵀ (ŷ - y)"),
    (f("tanh", z2, power=2), r"\tanh^{2}(z_2)", "tanh²(z₂)"),
    (f("relu", z, primes=1), r"\mathrm{ReLU}'(z)", "ReLU'(z)"),
    (f("sigma", z, primes=1), r"\sigma'(z)", "σ'(z)"),
    (f("tanh", z, primes=1, power=2), r"\tanh'^{2}(z)", "tanh'²(z)"),
    (Power(f("tanh", z), two), r"\tanh(z)^{2}", "tanh(z)²"),
    (Power(f("tanh", z, power=2), three), r"\bigl( \tanh^{2}(z) \bigr)^{3}", "(tanh²(z))³"),
    (Transpose(f("sigma", z, primes=1)), r"\sigma'(z)^{\top}", "σ'(z)ᵀ"),
    (f("max", n(0), z), r"\max(0, z)", "max(0, z)"),
    (f("exp", Negative(z)), r"\exp(-z)", "exp(-z)"),
    (f("softmax", z), r"\mathrm{softmax}(z)", "softmax(z)"),
    (f("f", f("g", x)), "f(g(x))", "f(g(x))"),
    (f("my_act", z), r"\mathrm{my\_act}(z)", "my_act(z)"),
    (f("abs", x), r"\lvert x \rvert", "abs(x)"),
    (f("norm", x, power=2), r"\lVert x \rVert^{2}", "norm²(x)"),
    (f("sqrt", add(a, b)), r"\sqrt{a + b}", "sqrt(a + b)"),
]

BIG: list[tuple[Node, str, str]] = [
    (
        times(Quotient(one, s("n")), BigSum(Power(error, two), i)),
        r"\frac{1}{n} \times \sum_i (\hat{y} - y)^{2}",
        "(1/n) × Σᵢ (ŷ - y)²",
    ),
    (BigSum(s("w", "i"), i, one, m), r"\sum_{i=1}^{m} w_i", "Σᵢ₌₁ᵐ wᵢ"),
    (BigSum(a, i, one, s("N")), r"\sum_{i=1}^{N} a", "Σᵢ₌₁^N a"),
    (BigSum(a, i, one, s("n", 1)), r"\sum_{i=1}^{n_1} a", "Σᵢ₌₁^{n₁} a"),
    (BigSum(add(a, b), i), r"\sum_i (a + b)", "Σᵢ (a + b)"),
    (BigSum(Negative(a), i), r"\sum_i (-a)", "Σᵢ (-a)"),
    (BigSum(hadamard(a, b), i), r"\sum_i a \odot b", "Σᵢ a ⊙ b"),
    (BigSum(BigSum(a, j), i), r"\sum_i \sum_j a", "Σᵢ Σⱼ a"),
    (by(BigSum(a, i), b), r"\left( \sum_i a \right) b", "(Σᵢ a) b"),
    (by(two, BigSum(a, i)), r"2 \sum_i a", "2 Σᵢ a"),
    (add(BigSum(a, i), b), r"\left( \sum_i a \right) + b", "(Σᵢ a) + b"),
    (add(b, BigSum(a, i)), r"b + \sum_i a", "b + Σᵢ a"),
    (
        dot(by(two, BigSum(a, i)), b),
        r"\left( 2 \sum_i a \right) \cdot b",
        "(2 Σᵢ a) · b",
    ),
    (
        by(W, hadamard(A, BigSum(a, i))),
        r"W \left( A \odot \sum_i a \right)",
        "W (A ⊙ Σᵢ a)",
    ),
    (Negative(BigSum(a, i)), r"-\sum_i a", "-Σᵢ a"),
    (Quotient(BigSum(a, i), m), r"\frac{\sum_i a}{m}", "(Σᵢ a) / m"),
    (
        Cases(((one, relation), (n(0), None))),
        r"\begin{cases} 1 & \text{if } z > 0 \\ 0 & \text{otherwise} \end{cases}",
        "{ 1 if z > 0; 0 otherwise }",
    ),
    (
        by(two, Cases(((one, None),))),
        r"2\left( \begin{cases} 1 & \text{otherwise} \end{cases} \right)",
        "2({ 1 otherwise })",
    ),
    (Fenced(add(a, b), "square"), "[a + b]", "[a + b]"),
    (f("f", relation), "f((z > 0))", "f((z > 0))"),
]

RELATIONS: list[tuple[Node, str, str]] = [
    (equals(z1, add(dot(W1, x), b1)), r"z_1 = W_1 \cdot x + b_1", "z₁ = W₁·x + b₁"),
    (
        equals(
            Derivative(L, W2),
            times(Derivative(L, z2), Derivative(z2, W2)),
            times(by(two, error), W3, minus(one, Power(h2, two)), h1),
        ),
        r"\frac{\partial \mathcal{L}}{\partial W_2}"
        r" = \frac{\partial \mathcal{L}}{\partial z_2} \times \frac{\partial z_2}{\partial W_2}"
        r" = 2(\hat{y} - y) \times W_3 \times (1 - h_2^{2}) \times h_1",
        "∂L/∂W₂ = ∂L/∂z₂ × ∂z₂/∂W₂ = 2(ŷ - y) × W₃ × (1 - h₂²) × h₁",
    ),
    (
        Relation((W3, minus(W3, times(s("alpha"), Derivative(L, W3)))), ("gets",)),
        r"W_3 \leftarrow W_3 - \alpha \times \frac{\partial \mathcal{L}}{\partial W_3}",
        "W₃ ← W₃ - α × ∂L/∂W₃",
    ),
    (Relation((h1, n("0.8005")), ("approx",)), r"h_1 \approx 0.8005", "h₁ ≈ 0.8005"),
    (Relation((a, b, c), ("<=", ">=")), r"a \le b \ge c", "a ≤ b ≥ c"),
    (Relation((a, b, c), ("!=", "<")), r"a \ne b < c", "a ≠ b < c"),
    (
        Relation((f("tanh", z), Interval(Negative(one), one)), ("in",)),
        r"\tanh(z) \in (-1, 1)",
        "tanh(z) ∈ (-1, 1)",
    ),
    (
        equals(
            Derivative(L, layer("W", L_1)),
            by(
                hadamard(
                    by(Transpose(layer("W", "L")), error),
                    f("relu", layer("z", L_1), primes=1),
                ),
                Transpose(layer("a", minus(s("L"), two))),
            ),
        ),
        r"\frac{\partial \mathcal{L}}{\partial W^{L-1}} = "
        r"\bigl( (W^{L})^{\top} (\hat{y} - y) \odot \mathrm{ReLU}'(z^{L-1}) \bigr)"
        r" (a^{L-2})^{\top}",
        "∂L/∂W^{L-1} = ((W^L)ᵀ (ŷ - y) ⊙ ReLU'(z^{L-1})) (a^{L-2})ᵀ",
    ),
]

ROWS = [*LEAVES, *SUMS, *PRODUCTS, *FRACTIONS, *NESTED, *SCRIPTS, *BIG, *RELATIONS]
