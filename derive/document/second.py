"""Second order as a document: the gradients along a direction, step by step.

Forward tangents first, then backward ones, as the program of tangents has them; then the
Hessian-vector product of every parameter, the Gauss-Newton product, and the full Hessian where the
network is small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

from derive.calculus.derivation import Derivation
from derive.calculus.tangent_depth import check_recursion
from derive.calculus.tangent_log import R, Tangents, TangentStep
from derive.document.blocks import (
    Block,
    Display,
    Document,
    Formula,
    Items,
    Paragraph,
    Prose,
    Section,
    Table,
)
from derive.document.hessian import hessian_section
from derive.document.options import Options
from derive.document.plan import Plan, Stage, make_plan
from derive.document.second_products import gauss_newton_section, verified_section
from derive.document.second_steps import SecondView, tangent_block
from derive.document.setting import forward_formulas
from derive.document.view import View, listing
from derive.errors import DerivationError
from derive.networks.objective import penalties
from derive.notation.tree import (
    Apply,
    Derivative,
    Node,
    Number,
    Product,
    Sum,
    Symbol,
    equals,
)
from derive.program.program import Role


def second_document(derivation: Derivation, options: Options) -> Document:
    """The document of a derivation's second order.

    Raises:
        DerivationError: an option that it does not have.
    """
    for word, given in (("--layer", options.layer), ("--of", options.of)):
        if given:
            raise DerivationError(f"{word} does not go with --second-order; leave it out")
    if options.form == "sympy":
        raise DerivationError(
            "--form sympy does not go with --second-order; in Python, derivation(...).hessian() "
            "is SymPy's"
        )
    found = derivation.batch_tangents if options.batch else derivation.tangents
    if derivation.network.generic and penalties(derivation.concrete):
        raise DerivationError(
            f"{derivation.network.name} has any depth and penalties; write its layers out for the "
            "second order"
        )
    if derivation.network.generic:
        check_recursion(found, len(derivation.concrete.layers))
    told = Told(make_plan(derivation, options), found)
    return Document(
        f"The second order of {derivation.network.name}",
        derivation.network.title,
        tuple(told.sections()),
    )


@dataclass
class Told:
    """The sections of one document."""

    plan: Plan
    found: Tangents

    def __post_init__(self) -> None:
        self.numbers = map(str, count(1))
        self.views = {
            stage.key: SecondView(self.found, self._moved(stage)) for stage in self.plan.told
        }
        self.view = self.views[self.plan.told[0].key]

    def _moved(self, stage: Stage) -> View:
        """The stage's view of the program of tangents."""
        writer = replace(stage.view.writer, program=self.found.program)
        return View(self.found.log, writer, False)

    def sections(self) -> Iterator[Section]:
        """All of them, in order."""
        yield self._sought()
        yield self._directions()
        yield self._gradient()
        yield from self._forward()
        yield from self._backward()
        yield self._products()
        yield gauss_newton_section(self)
        yield from hessian_section(self.plan)
        yield verified_section()

    # --- what is sought -----------------------------------------------------------------------

    def _sought(self) -> Section:
        theta, v, r = Symbol("theta"), Symbol("V"), Symbol("r")
        loss = self.view.loss
        moved = Apply(R, (Symbol("u"),))
        inside = Sum((theta, Product((r, v))))
        rate = equals(moved, Derivative(Apply("u", (inside,)), r, total=True))
        return Section(
            ("What is sought",),
            (
                Paragraph(
                    (
                        "All parameters together are ",
                        theta,
                        ", and the Hessian is the matrix of the second derivatives of ",
                        loss,
                        " by them. It has as many rows and columns as there are parameters, so it "
                        "is rarely written down; its product with a direction ",
                        v,
                        " costs no more than a few gradients. It is the rate at which the gradient "
                        "changes when the parameters move along ",
                        v,
                        ". For every value u of the network, its rate at r = 0 is",
                    )
                ),
                Display((Formula(rate),)),
                Paragraph(
                    (
                        "so that the gradient's own rate is the product sought (Pearlmutter 1994). "
                        "Being a derivative, ",
                        Symbol("R", style="cal"),
                        " obeys the product rule and the chain rule, and applied to the equations "
                        "of the gradient one by one it gives everything below. What does not "
                        "depend on the parameters, as ",
                        *self._still(),
                        ", has the rate 0.",
                    )
                ),
            ),
        )

    def _still(self) -> Prose:
        names = self.found.log.forward.named(Role.INPUT, Role.TARGET)
        return listing(tuple(self.view.writer.variable(name) for name in names))

    def _directions(self) -> Section:
        head: tuple[Prose, ...] = (("Parameter",), ("Direction",), ("Shape",))
        rows = tuple(row for stage in reversed(self.plan.told) for row in self._rows(stage))
        return Section(
            ("The directions",),
            (
                Paragraph(
                    (
                        "Every parameter moves along a direction of its own shape; any numbers "
                        "will do, and a single 1 among zeros gives one column of the Hessian.",
                    )
                ),
                Table(head, rows),
                *self._conventions(),
            ),
        )

    def _rows(self, stage: Stage) -> Iterator[tuple[Prose, Prose, Prose]]:
        view = self.views[stage.key]
        for name in stage.parameters:
            direction = self.found.directions[name]
            size: Node | str = "a number" if view.writer.scalar else view.view.size(name)
            yield (view.writer.variable(name),), (view.writer.variable(direction),), (size,)

    def _conventions(self) -> Iterator[Block]:
        kinks = [
            layer.activation
            for layer in self.plan.derivation.concrete.layers
            if not layer_is_smooth(layer.activation)
        ]
        if kinks:
            words = ", ".join(dict.fromkeys(kinks))
            yield Items(
                (
                    (
                        f"Second derivatives of functions given by cases ({words}) are those of "
                        "the case that holds; where two cases meet, nothing is added for the kink. "
                        "The slope of a straight piece is constant, so its second derivative is 0.",
                    ),
                )
            )

    def _gradient(self) -> Section:
        blocks: list[Block] = [Paragraph(("Forward, and from the loss back:",))]
        for formulas, condition in forward_formulas(self.plan):
            blocks.append(Display(formulas, condition=condition))
        for stage in self.plan.told:
            view = self.views[stage.key]
            formulas = tuple(
                view.formula(view.writer.equation(self.found.log.cotangents[name]))
                for name in stage.variables
            )
            blocks.append(Display(formulas, condition=stage.condition))
        return Section(("The gradient",), tuple(blocks))

    # --- steps --------------------------------------------------------------------------------

    def steps(self, stage: Stage, backward: bool, operator: str = R) -> list[TangentStep]:
        """The forward or the backward tangents of a stage."""
        variables = self.found.log.program.variables
        last = stage is self.plan.told[0]
        return [
            step
            for step in self.found.steps
            if step.tangent.startswith(operator)
            and (variables[step.of].role is Role.COTANGENT) == backward
            and variables[step.of].layer in ((stage.number, None) if last else (stage.number,))
        ]

    def _forward(self) -> Iterator[Section]:
        yield Section(
            ("Forward tangents",),
            (
                Paragraph(
                    (
                        "From the input to the loss, each forward equation gives the rate of what "
                        "it defines.",
                    )
                ),
                *self._start(),
            ),
        )
        for stage in reversed(self.plan.told):
            yield self._section(stage, self.steps(stage, False))

    def _start(self) -> Iterator[Block]:
        """Of any depth: where the recursion starts."""
        if self.plan.generic:
            start = Apply(R, (self.view.writer.activation(0),))
            yield Paragraph(("The input does not move: ", equals(start, Number("0")), "."))

    def _backward(self) -> Iterator[Section]:
        yield Section(
            ("Backward tangents",),
            (
                Paragraph(
                    (
                        "From the loss back, each equation of the gradient gives the rate of a "
                        "derivative of the loss.",
                    )
                ),
            ),
        )
        for stage in self.plan.told:
            yield self._section(stage, self.steps(stage, True))

    def _section(self, stage: Stage, steps: list[TangentStep]) -> Section:
        view = self.views[stage.key]
        blocks: list[Block] = []
        if stage.condition:
            blocks.append(Paragraph(("The steps hold for every ", *stage.condition, ".")))
        blocks += [tangent_block(view, step, next(self.numbers)) for step in steps]
        if not steps:
            blocks.append(Paragraph(("Nothing moves here: all rates are 0.",)))
        return Section(stage.title, tuple(blocks), 2)

    # --- products -----------------------------------------------------------------------------

    def _products(self) -> Section:
        blocks: list[Block] = [
            Paragraph(
                (
                    "The Hessian times the direction has, for each parameter, the part of its "
                    "shape that belongs to it:",
                )
            )
        ]
        blocks += list(self._summary(R))
        return Section(("The Hessian-vector product",), tuple(blocks))

    def _summary(self, operator: str) -> Iterator[Block]:
        for stage in self.plan.told:
            view = self.views[stage.key]
            names = [(name, self.found.product(name, operator)) for name in stage.parameters]
            moved = [product for _, product in names if product is not None]
            if moved:
                yield Display(tuple(view.results(moved)), condition=stage.condition)
            for name, product in names:
                if product is None:
                    gradient = self.found.log.cotangents[name]
                    node = Apply(operator, (view.writer.variable(gradient),))
                    yield Display((Formula(equals(node, Number("0"))),), condition=stage.condition)


def layer_is_smooth(word: str) -> bool:
    """Whether an activation is not given by cases."""
    from derive.networks.catalogue import activation

    return activation(word).analytic
