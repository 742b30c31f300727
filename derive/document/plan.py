"""The order in which a derivation is told: its stages, one a layer, from the output back.

A network of any depth has three stages: the last layer, the one before it, and layer l, which
stands for all hidden ones. A stage knows the view that writes it, so the sections need not ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from derive.calculus.depth import HIDDEN
from derive.calculus.derivation import Derivation
from derive.calculus.log import Log
from derive.document.blocks import Prose
from derive.document.options import Options
from derive.document.runs import Run, runs
from derive.document.view import View, written_out
from derive.meaning.write import Form, Writer
from derive.networks.catalogue import Loss
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import Layer, Network
from derive.notation.tree import Negative, Node, Number, Relation, Sum, Symbol
from derive.program.program import Role

DEPTH_LETTER, LAYER_LETTER = Symbol("L"), Symbol("l")


@dataclass(frozen=True)
class Stage:
    """One layer of the derivation."""

    key: str
    """What ``--layer`` calls it."""
    label: Node
    """What its layer is called."""
    title: Prose
    number: int
    """The layer's number in the log."""
    view: View
    layer: Layer
    condition: Prose = ()
    """For which layers it holds, where it stands for several."""
    generic: bool = False
    """Whether it is of a network of any depth."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables whose gradients it finds, in the order of the log; 0 is the input."""
        if not self.number:
            return tuple(n for n in self.view.named(Role.INPUT) if n in self.view.steps)
        return self.view.layers[self.number]

    @property
    def parameters(self) -> tuple[str, ...]:
        """The weights, and the bias where there is one; none where all belong to other layers."""
        forward = self.view.log.forward.variables
        return tuple(name for name in self.variables if forward[name].role is Role.PARAMETER)

    @property
    def values(self) -> tuple[str, ...]:
        """The pre-activation, the activation and what else it computes, in forward order."""
        return tuple(name for name in self.variables[::-1] if name not in self.parameters)


@dataclass(frozen=True)
class Plan:
    """Everything that the sections need."""

    derivation: Derivation
    options: Options
    log: Log
    stages: tuple[Stage, ...]
    """From the output back."""

    @property
    def network(self) -> Network:
        """The network as it was defined."""
        return self.derivation.network

    @property
    def view(self) -> View:
        """The view of the last layer and the loss."""
        return self.stages[0].view

    @property
    def loss(self) -> Loss:
        """What the catalogue says of the loss."""
        return loss_of(self.network.loss)

    @property
    def prediction(self) -> str:
        """The name of the prediction."""
        return self.log.forward.named(Role.PREDICTION)[0]

    @property
    def generic(self) -> bool:
        """Whether the depth is L."""
        return self.network.generic

    @property
    def told(self) -> tuple[Stage, ...]:
        """The stages that are no instances of others."""
        return tuple(s for s in self.stages if not (self.generic and s.key == "L-1"))

    @property
    def by_input(self) -> Stage | None:
        """The step to the input, where its gradient is sought."""
        if not self.derivation.by_input:
            return None
        view, generic = self.view, self.generic
        if generic:
            view = View(self.log, replace(view.writer, labels={}), False)
        name = self.network.input
        title = ("The input ", view.writer.variable(name))
        layer = self.derivation.concrete.layers[0]
        return Stage(name, Number("0"), title, 0, view, layer, generic=generic)

    @property
    def batch(self) -> bool:
        """Whether the derivation is of the mean over a batch."""
        return self.log.program.batch is not None


def make_plan(derivation: Derivation, options: Options) -> Plan:
    """The plan of a derivation, for one sample or for a batch."""
    log = derivation.batch if options.batch else derivation.sample
    return Plan(derivation, options, log, tuple(_stages(derivation, options, log)))


def form_of(network: Network, options: Options) -> Form:
    """Index form for scalars and where it is asked for, else matrix form."""
    if options.form in ("index", "matrix"):
        return options.form
    return "index" if network.scalar else "matrix"


def _stages(derivation: Derivation, options: Options, log: Log) -> Iterator[Stage]:
    layers = derivation.concrete.layers
    if derivation.network.generic:
        yield from _generic_stages(derivation, options, log)
        return
    style, form = derivation.network.style, form_of(derivation.network, options)
    view = View(log, Writer(log.program, style, form), written_out(log, len(layers)))
    together = [Run(number, number) for number in range(1, len(layers) + 1)]
    if not view.expand:
        together = runs(log, layers)
    for run in reversed(together):
        layer = layers[run.last - 1]
        yield (
            _single(view, run.last, layer, len(layers))
            if run.first == run.last
            else _run(view, run, layer)
        )


def _single(view: View, number: int, layer: Layer, depth: int) -> Stage:
    label = Number(str(number))
    last = ", the output layer" if number == depth else ""
    return Stage(str(number), label, ("Layer ", label, last), number, view, layer)


def _run(view: View, run: Run, layer: Layer) -> Stage:
    """Equal layers as layer l, written with the first of them."""
    first, last = Number(str(run.first)), Number(str(run.last))
    writer = replace(view.writer, labels=around(run.first))
    bounds = Relation((first, LAYER_LETTER, last), ("<=", "<="))
    title = ("Layers ", first, " to ", last)
    key = f"{run.first}-{run.last}"
    return Stage(
        key, LAYER_LETTER, title, run.first, View(view.log, writer, False), layer, (bounds,)
    )


def around(number: int) -> dict[int, Node]:
    """Labels by which a layer is l, and its neighbours l - 1 and l + 1."""
    return {
        number - 1: before(LAYER_LETTER, 1),
        number: LAYER_LETTER,
        number + 1: Sum((LAYER_LETTER, Number("1"))),
    }


def _generic_stages(derivation: Derivation, options: Options, log: Log) -> Iterator[Stage]:
    layers, depth = derivation.concrete.layers, len(derivation.concrete.layers)
    style, form = derivation.network.style, form_of(derivation.network, options)

    def view(labels: dict[int, Node], expand: bool) -> View:
        return View(log, Writer(log.program, style, form, labels, prediction_layer=True), expand)

    near = {depth: DEPTH_LETTER, **{depth - k: before(DEPTH_LETTER, k) for k in (1, 2)}}
    last = view(near, True)
    yield Stage("L", near[depth], ("Layer ", near[depth], ", the last"), depth, last, layers[-1])
    yield Stage("L-1", near[depth - 1], ("Layer ", near[depth - 1]), depth - 1, last, layers[-2])
    ell = LAYER_LETTER
    bounds = Relation((Number("1"), ell, DEPTH_LETTER), ("<=", "<"))
    yield Stage(
        "l",
        ell,
        ("Layer ", ell, ", any hidden one"),
        HIDDEN,
        view(around(HIDDEN), False),
        layers[1],
        (bounds,),
    )


def before(label: Node, by: int) -> Node:
    """``L - 1``."""
    return Sum((label, Negative(Number(str(by)))))


def grouped(stages: Iterable[Stage]) -> list[tuple[Stage, ...]]:
    """Neighbouring stages that hold under the same condition, for one display."""
    return [tuple(group) for _, group in groupby(stages, key=lambda stage: stage.condition)]
