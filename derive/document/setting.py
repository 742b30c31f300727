"""What stands before the derivation: what is sought, the conventions, the network, the tool."""

from __future__ import annotations

from collections.abc import Iterator

from derive.document.blocks import Block, Display, Formula, Items, Paragraph, Prose, Section, Table
from derive.document.generic import ends, loss_formula
from derive.document.plan import Plan, Stage, grouped
from derive.document.structures import paths_rule, structure_conventions
from derive.document.symbols import free_values, symbol_rows
from derive.document.view import EXPANDED_LAYERS, View, listing
from derive.notation.tree import (
    BigSum,
    Delta,
    Derivative,
    Node,
    Number,
    Product,
    Symbol,
    Transpose,
    equals,
)


def sought(plan: Plan) -> Section:
    """What is to be found, and in which order."""
    view = plan.view
    loss, prediction = view.writer.variable(view.target), view.writer.variable(plan.prediction)
    return Section(
        ("What is sought",),
        (
            Paragraph(
                (
                    f"The network {plan.network.name} turns an input ",
                    view.writer.variable(plan.network.input),
                    " into a prediction ",
                    prediction,
                    ", and the loss ",
                    loss,
                    " says how far that is from the target ",
                    view.writer.variable("y"),
                    ". To make the loss smaller one must know how it answers to every parameter: "
                    "sought are ",
                    *_all_gradients(plan),
                    ".",
                )
            ),
            Paragraph(
                (
                    "All of them are found in one pass from the loss back to the input. Each step "
                    "takes the gradient that the step before has found and multiplies it by one "
                    "local derivative, so nothing is computed twice.",
                )
            ),
        ),
    )


def _all_gradients(plan: Plan) -> Prose:
    """The gradients sought, in forward order; in a deep network the first and the last ones."""
    stages = plan.told[::-1]
    shown = stages if len(stages) <= EXPANDED_LAYERS else (stages[0], stages[-1])
    return listing(tuple(s.view.gradient(name) for s in shown for name in s.parameters))


def conventions(plan: Plan) -> Section:
    """The choices that another text might make differently."""
    return Section(("Conventions",), (Items(tuple(_conventions(plan))),), 2)


def _conventions(plan: Plan) -> Iterator[Prose]:
    view, network = plan.view, plan.network
    gradient = view.quotient(_first_parameter(plan))
    if network.scalar:
        yield (
            ("Every value of the network is a number.",)
            if not plan.batch
            else (
                "Every value of the network is a number, one for each sample ",
                Symbol("i"),
                ".",
            )
        )
        yield (
            "Factors stand in the order in which the chain rule meets them, from the loss back.",
        )
    else:
        yield (
            "The gradient ",
            gradient,
            " has the shape of the variable: its entries are the derivatives by the entries.",
        )
        yield from _vector_conventions(plan)
    yield from structure_conventions(plan)
    if any(layer.activation == "relu" for layer in network.layers):
        yield ("At its kink the slope of ReLU is taken as ", _relu_at_zero(), ".")
    if view.log.forward.facts:
        yield (
            "The target is a distribution: its entries sum to 1, ",
            _hypothesis(view),
            *(
                part
                for name in free_values(plan)
                for part in (", and so do those of ", view.writer.variable(name))
            ),
            ". Where that is used, it is said.",
        )


def _first_parameter(plan: Plan) -> str:
    """The first whose gradient is found."""
    return next(name for stage in plan.stages for name in stage.parameters)


def _relu_at_zero() -> Node:
    from derive.notation.tree import Apply

    return equals(Apply("relu", (Number("0"),), 1), Number("0"))


def _hypothesis(view: View) -> Node:
    fact = view.log.forward.facts[0]
    letters = view.writer.letters[fact.name]
    body = view.writer.variable(fact.name, letters)
    return equals(BigSum(body, view.writer.letter(letters[fact.axis])), Number(str(fact.value)))


def _vector_conventions(plan: Plan) -> Iterator[Prose]:
    u, v = Symbol("u"), Symbol("v")
    i, j = Symbol("i"), Symbol("j")
    entry = Derivative(Symbol("v", sub=(i,)), Symbol("u", sub=(j,)))
    yield (
        "A Jacobian ",
        Symbol("J"),
        " of ",
        v,
        " by ",
        u,
        " has the entries ",
        equals(Symbol("J", sub=(i, j)), entry),
        "; Kronecker's ",
        Delta(i, j),
        " is 1 where its indices are equal and 0 elsewhere.",
    )
    style, view = plan.network.style, plan.stages[-1].view
    last = plan.stages[-1].values[0]
    samples = "column" if style.samples == "column" else "row"
    axes = "a row for each output" if style.weights == "out_in" else "a column for each output"
    yield (
        f"A sample is a {samples}, and a weight matrix has {axes}: ",
        view.forward(last).relation,
        ".",
    )
    yield (
        "Matrix products stand only in an order in which their shapes fit. ",
        Product((u, v), "hadamard"),
        " is the product entry by entry, and inside such expressions a bold ",
        Symbol("1", style="bold"),
        " is an array of ones.",
    )


def chain_rule(plan: Plan) -> Section:
    """The one tool of the derivation."""
    f, g, x = Symbol("f"), Symbol("g"), Symbol("x")
    glyph = "times" if plan.network.scalar else ""
    total = equals(
        Derivative(f, x, total=True),
        Product((Derivative(f, g, total=True), Derivative(g, x, total=True)), glyph),  # type: ignore[arg-type]
    )
    from derive.notation.tree import Apply

    composed = Apply("f", (Apply("g", (x,)),))
    blocks: tuple[Block, ...] = (
        Paragraph(
            (
                "The only tool is the chain rule. For a function of a function, ",
                composed,
                ", it says",
            )
        ),
        Display((Formula(total),)),
    )
    vectors = _vector_rule() if not plan.network.scalar else ()
    return Section(("The chain rule",), (*blocks, *vectors, *paths_rule(plan)))


def _vector_rule() -> tuple[Block, ...]:
    loss = Symbol("f")
    i, j = Symbol("i"), Symbol("j")
    v, u = Symbol("v", sub=(i,)), Symbol("u", sub=(j,))
    body = Product((Derivative(loss, v), Derivative(v, u)))
    rule = equals(Derivative(loss, u), BigSum(body, i))
    whole = equals(
        Derivative(loss, Symbol("u")),
        Product((Transpose(Symbol("J")), Derivative(loss, Symbol("v")))),
    )
    return (
        Paragraph(
            (
                "Where ",
                Symbol("f"),
                " depends on a vector ",
                Symbol("u"),
                " through a vector ",
                Symbol("v"),
                ", every component of ",
                Symbol("v"),
                " passes on its share, and the shares add up:",
            )
        ),
        Display((Formula(rule),)),
        Paragraph(
            (
                "With gradients as columns this is ",
                whole,
                ": the Jacobian is never written out; each step below "
                "finds what its transpose does to the gradient that arrives.",
            )
        ),
    )


def network_section(plan: Plan) -> Section:
    """Symbols with shapes, the forward equations, the loss."""
    head: tuple[Prose, ...] = (("Symbol",), ("Meaning",), ("Shape",))
    return Section(
        ("The network",),
        (
            Table(head, tuple(symbol_rows(plan))),
            Paragraph(("Forward, from the input to the loss:",)),
            *_forward(plan),
        ),
    )


def _forward(plan: Plan) -> Iterator[Block]:
    for formulas, condition in forward_formulas(plan):
        yield Display(formulas, condition=condition)
    if plan.generic:
        yield Paragraph(
            ("The input is the activation of layer 0, the prediction that of the last layer:",)
        )
        yield ends(plan)


def forward_formulas(plan: Plan) -> Iterator[tuple[tuple[Formula, ...], Prose]]:
    """The forward equations in groups that hold under one condition, the loss in the last."""
    *groups, last = grouped(reversed(plan.told))
    for stages in groups:
        yield tuple(f for stage in stages for f in _stage_forward(plan, stage)), stages[0].condition
    formulas = [f for stage in last for f in _stage_forward(plan, stage)]
    formulas += map(plan.view.forward, free_values(plan))
    yield (*formulas, loss_formula(plan)), ()


def _stage_forward(plan: Plan, stage: Stage) -> Iterator[Formula]:
    names = [name for name in stage.values if name != plan.prediction]
    names += [plan.prediction] if stage is plan.stages[0] else []
    return (stage.view.forward(name) for name in names)
