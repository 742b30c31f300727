"""The checks of what joins layers: what they read, add and share, masks, and the objective."""

from __future__ import annotations

from collections.abc import Iterator

from derive.networks.catalogue import ACTIVATIONS
from derive.networks.catalogue import loss as loss_of
from derive.networks.faults import Fault, Place, shown
from derive.networks.model import WEIGHTS, Layer, Network
from derive.networks.objective import weighted_losses


def check_structure(network: Network) -> None:
    """Every layer joins layers before it, of fitting widths, and is used.

    Raises:
        Fault: the first thing that does not fit.
    """
    for number, layer in enumerate(network.layers, start=1):
        check = _Layer(network, layer, number)
        if network.generic:
            check.plain()
        check.reads()
        check.adds()
        check.tied()
        check.output()
    _check_used(network)
    _check_objective(network)


class _Layer:
    """The checks of one layer; its number counts from 1."""

    def __init__(self, network: Network, layer: Layer, number: int):
        self.network, self.layer, self.number = network, layer, number

    def fault(self, key: str, reason: str) -> Fault:
        place: Place = ("layers", self.number - 1, key)
        return Fault(f"layer {self.number}: {key}: {reason}", place)

    def plain(self) -> None:
        """A network of any depth is a plain chain."""
        layer = self.layer
        used = {"reads": layer.reads, "adds": layer.adds, "dropout": layer.dropout}
        used |= {"weights": layer.tied}
        for key, value in used.items():
            if value:
                raise self.fault(key, "a network of any depth is a plain chain of layers")

    def reads(self) -> None:
        """Several layers' outputs are stacked."""
        self._earlier("reads", self.layer.reads)
        if len(self.layer.reads) > len(WEIGHTS):
            raise self.fault("reads", f"at most {len(WEIGHTS)} outputs are stacked")

    def adds(self) -> None:
        """Residual connections add values of one width."""
        self._earlier("adds", self.layer.adds)
        for source in self.layer.adds:
            width = self.network.width(source)
            if width != self.layer.units:
                told = f"layer {source}" if source else "the input"
                raise self.fault("adds", f"{told} has width {width}, not {self.layer.units}")

    def _earlier(self, key: str, sources: tuple[int, ...]) -> None:
        for source in sources:
            if not 0 <= source < self.number:
                last = self.number - 1
                raise self.fault(key, f"{source} is no layer before this one (0 to {last})")
            if sources.count(source) > 1:
                raise self.fault(key, f"{source} is named twice")

    def tied(self) -> None:
        """Shared weights have the shape that they need here."""
        layer, network, owner = self.layer, self.network, self.layer.tied
        if owner is None:
            if layer.transposed:
                raise self.fault("transposed", "only shared weights are: add weights = 1")
            return
        if not 1 <= owner < self.number:
            raise self.fault("weights", f"{owner} is no layer before this one")
        if network.layers[owner - 1].tied:
            raise self.fault("weights", f"layer {owner} has no weights of its own")
        if len(network.sources(self.number)) > 1 or len(network.sources(owner)) > 1:
            raise self.fault("weights", "a layer that reads several outputs shares no weights")
        axes = (network.layers[owner - 1].units, network.width(network.sources(owner)[0]))
        here = (layer.units, network.width(network.sources(self.number)[0]))
        if (axes[::-1] if layer.transposed else axes) != here:
            told = "W^T" if layer.transposed else "W"
            wanted, found = _told(here), _told(axes[::-1] if layer.transposed else axes)
            raise self.fault("weights", f"{told} of layer {owner} is {found}, not {wanted}")

    def output(self) -> None:
        """Temperature and dropout stand where they mean something."""
        layer = self.layer
        block = layer.activation in ACTIVATIONS and ACTIVATIONS[layer.activation].block
        if layer.temperature != 1 and not block:
            raise self.fault("temperature", f"{layer.activation} has none; softmax has")
        if layer.dropout and self.number == len(self.network.layers):
            raise self.fault("dropout", "the last layer's output is the prediction, all of it")


def _told(shape: tuple[object, object]) -> str:
    return f"{shape[0]} x {shape[1]}"


def _check_used(network: Network) -> None:
    """No layer's output is lost."""
    used = set(_used(network))
    for number in range(1, len(network.layers)):
        if number not in used:
            place = ("layers", number - 1)
            raise Fault(f"layer {number}: no layer reads or adds its output", place)


def _used(network: Network) -> Iterator[int]:
    for number, layer in enumerate(network.layers, start=1):
        yield from network.sources(number)
        yield from layer.adds


def _check_objective(network: Network) -> None:
    """Weights, targets and penalties fit the losses."""
    words = [word for word, _ in weighted_losses(network)]
    for word in words:
        if words.count(word) > 1:
            raise Fault(f"loss: {shown(word)} is named twice", ("loss",))
    losses, objective = [loss_of(word) for word in words], network.objective
    if objective.index and not all(loss.one_hot for loss in losses):
        fitting = "softmax_cross_entropy"
        raise Fault(f"target: 'index' needs a loss of classes, such as {fitting}", ("target",))
    if objective.smoothing and not all(loss.one_hot or loss.binary for loss in losses):
        raise Fault("smoothing: needs a loss of classes, such as cross-entropy", ("smoothing",))
    units = network.layers[-1].units
    if objective.output_weights and len(objective.output_weights) != units:
        found = len(objective.output_weights)
        raise Fault(f"output_weights: {found} for {units} outputs", ("output_weights",))
    if network.generic and network.spread:
        word = next(word for word in words if loss_of(word).spread)
        reason = "needs a second output, which a network of any depth does not have"
        raise Fault(f"loss: {shown(word)} {reason}", ("loss",))
    if network.spread and network.layers[-1].temperature != 1:
        place = ("layers", len(network.layers) - 1, "temperature")
        raise Fault("temperature: a loss with a spread has no softmax before it", place)
    if network.spread and len(network.sources(len(network.layers))) > 1:
        reason = "a loss with a spread needs a last layer that reads one output"
        place = ("layers", len(network.layers) - 1, "reads")
        raise Fault(f"layer {len(network.layers)}: reads: {reason}", place)
