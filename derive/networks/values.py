"""The numbers of a worked example: known names, the shapes of the network, finite floats."""

from __future__ import annotations

import math
from collections.abc import Mapping

from derive.networks.blocks import BLOCKS
from derive.networks.catalogue import loss as loss_of
from derive.networks.faults import Fault, Place, shown, unknown
from derive.networks.model import Network, Value
from derive.networks.objective import weighted_losses
from derive.program.shapes import Dim, Shape

_LISTED = 20
"""How many names of parameters a message lists."""

_TOLERANCE = 1e-9
"""How far from 1 the sum of probabilities may be: decimals are not exact in binary."""


def checked_values(network: Network) -> dict[str, Value]:
    """The values as floats and lists of floats.

    Raises:
        NetworkError: an unknown name, a wrong shape, a number that is not finite, a rate that is
            not positive, a target that is no probability where the loss needs one.
    """
    return _fitted(network)[0]


def bound_sizes(network: Network) -> dict[str, int]:
    """The numbers that the values give to the symbolic sizes of the network at its depth."""
    return _fitted(network)[1]


def _fitted(network: Network) -> tuple[dict[str, Value], dict[str, int]]:
    """Every value in its shape; a symbolic size takes the number of the first value that has it."""
    given = network.values
    if not isinstance(given, Mapping):
        raise Fault(f"values: {shown(given)} is not a table", ("values",))
    result: dict[str, Value] = {}
    sizes: dict[str, int] = {}
    if not given:
        return result, sizes
    shapes = _shapes(network)
    for name, value in given.items():
        place = ("values", name)
        if name == "rate":
            result[name] = _rate(value, place)
        elif name == "y" and network.objective.index and not isinstance(value, list | tuple):
            result[name] = _class(value, network, sizes, place)
        elif name in shapes:
            result[name] = _array(name, value, shapes[name], sizes, network, place)
        else:
            names = list(dict.fromkeys(["rate", network.input, "y", *shapes]))[:_LISTED]
            raise unknown("value", str(name), names, place)
    _check_softmax(network, shapes, sizes)
    if "y" in result:
        _check_target(network, result["y"])
    return result, sizes


def _class(value: object, network: Network, sizes: Mapping[str, int], place: Place) -> Value:
    """The number of a class as a target with one 1."""
    units = network.layers[-1].units
    count = sizes.get(units, 0) if isinstance(units, str) else units
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < count:
        raise Fault(f"y: {shown(value)} is not the number of a class: 0 to {count - 1}", place)
    return [float(k == value) for k in range(count)]


def _shapes(network: Network) -> dict[str, Shape]:
    if not network.generic:
        return network.shapes
    if network.depth is None:
        raise Fault("values of a network of any depth need a depth, such as depth = 3", ("values",))
    return network.at_depth(network.depth).shapes


def _rate(value: object, place: Place) -> float:
    rate = _number(value, "rate", place)
    if rate <= 0:
        raise Fault(f"rate: {shown(value)} is not positive", place)
    return rate


def _number(value: object, name: str, place: Place) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Fault(f"{name}: {shown(value)} is not a number", place)
    try:
        number = float(value)
    except OverflowError:
        raise Fault(f"{name}: {shown(value)} is too large", place) from None
    if not math.isfinite(number):
        raise Fault(f"{name}: {number} is not finite", place)
    return number


def _array(
    name: str,
    value: object,
    shape: Shape,
    sizes: dict[str, int],
    network: Network,
    place: Place,
) -> Value:
    """Nested lists of floats of the shape; arrays and tuples are taken as lists."""
    value = value.tolist() if hasattr(value, "tolist") else value
    written = _written_shape(value)
    if not written:
        _number(value, name, place)
    expected = tuple(sizes.get(dim, dim) if isinstance(dim, str) else dim for dim in shape)
    if len(written) != len(expected) or not all(map(_fits, written, expected)):
        axes = _axes(name, network)
        raise Fault(f"{name} has {_told(written)}, but it must have {_told(expected)}{axes}", place)
    result = _floats(value, len(written), name, place)
    for dim, size in zip(shape, written, strict=True):
        if isinstance(dim, str) and sizes.setdefault(dim, size) != size:
            raise Fault(f"{name} makes {dim} both {sizes[dim]} and {size}", place)
    return result


def _written_shape(value: object) -> tuple[int, ...]:
    """The lengths of the outer list and of its first entry, as deep as a matrix and one more."""
    shape: list[int] = []
    while isinstance(value, list | tuple) and len(shape) < 3:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def _fits(size: int, dim: Dim) -> bool:
    return size > 0 if isinstance(dim, str) else size == dim


def _floats(value: object, rank: int, name: str, place: Place) -> Value:
    if rank == 0:
        return _number(value, name, place)
    assert isinstance(value, list | tuple)  # _written_shape looked at the first of each rank
    if rank == 1:
        return [_number(entry, name, place) for entry in value]
    for position, row in enumerate(value, start=1):
        if not isinstance(row, list | tuple) or len(row) != len(value[0]):
            raise Fault(f"{name}: row {position} is not as long as the first", place)
    return [_floats(row, rank - 1, name, place) for row in value]


def _told(shape: Shape) -> str:
    return f"the shape ({', '.join(map(str, shape))})" if shape else "one number, not a list"


def _axes(name: str, network: Network) -> str:
    if network.scalar or not name.startswith("W") or name == network.input:
        return ""
    meaning = "outputs, inputs" if network.style.weights == "out_in" else "inputs, outputs"
    return f" ({meaning}: weights = {network.style.weights!r})"


def _check_softmax(network: Network, shapes: Mapping[str, Shape], sizes: Mapping[str, int]) -> None:
    """No value makes the width of a softmax 1."""
    layers = network.at_depth(network.depth).layers if network.depth else network.layers
    for layer in layers:
        if layer.activation in BLOCKS and sizes.get(str(layer.units)) == 1:
            name = next(k for k in network.values if layer.units in shapes.get(k, ()))
            needs = f"{layer.activation} needs two units or more"
            raise Fault(f"{name}: {needs}, but {layer.units} is 1 here", ("values", name))


def _check_target(network: Network, y: Value) -> None:
    for word, _ in weighted_losses(network):
        _check_target_of(word, y)


def _check_target_of(word: str, y: Value) -> None:
    loss = loss_of(word)
    entries = [float(v) for v in y if not isinstance(v, list)] if isinstance(y, list) else [y]
    place = ("values", "y")
    if (loss.heads or loss.binary) and not all(0 <= v <= 1 for v in entries):
        raise Fault(f"y: {shown(y)} must lie in [0, 1] for the loss {word!r}", place)
    if loss.one_hot and abs(sum(entries) - 1) > _TOLERANCE:
        message = f"y: {shown(y)} must sum to 1 for the loss {word!r}"
        raise Fault(f"{message}, not to {sum(entries):.6g}", place)
