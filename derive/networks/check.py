"""The one check that every definition passes, whatever form it came in.

A checked network uses known words only (aliases replaced), its shapes fit, and its numbers are
finite floats of the right shapes.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Mapping
from dataclasses import fields, replace

from derive.config import LIMITS
from derive.errors import NetworkError
from derive.meaning.style import CHOICES, Style
from derive.networks.blocks import BLOCKS
from derive.networks.catalogue import (
    ACTIVATIONS,
    ALIASES,
    KINDS,
    LOSSES,
    REPEATS,
    known_functions,
    loss,
)
from derive.networks.faults import Fault, Place, shown, unknown
from derive.networks.formulas import checked_word, is_formula, name_of
from derive.networks.model import MIN_DEPTH, WIDTH, Layer, Network
from derive.networks.objective import weighted_losses
from derive.networks.optimiser import check_optimiser
from derive.networks.structure import check_structure
from derive.networks.values import checked_values
from derive.program.shapes import Dim

_OWN = re.compile(r"([Wbzha]|delta)\d*|([UVQqrgks]|lambda)\d+|d_\w*|[xyt]|y_hat|[pLJCEmijkl]|omega")
"""Names that formulas give to what a network computes, to index letters, depth and batch."""

_CODE = frozenset(dir(builtins)) | {"np", "params", "cache", "gradients", "rate", "rng", "self"}
"""Names that generated code uses."""

_CONSTANTS = frozenset({"e", "pi"})
"""Letters that stand for a number in every formula."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

_MAX_TITLE = 200
"""Characters of a title."""


def check(network: Network) -> Network:
    """The network in canonical words.

    Raises:
        NetworkError: the first thing that is wrong, with the nearest valid word where it is a word.
    """
    _check_labels(network)
    _check_style(network.style)
    _check_input(network)
    network = replace(network, layers=_checked_layers(network))
    network = _checked_losses(network)
    _check_names(network)
    _check_depth(network)
    _check_sizes(network)
    check_structure(network)
    _check_head(network)
    check_optimiser(network.optimiser)
    return replace(network, values=checked_values(network))


def resized(network: Network, sizes: Mapping[str, int]) -> Network:
    """See :meth:`Network.with_sizes`."""
    if network.generic:
        raise NetworkError(f"{network.name} has any depth; take one with at_depth first")
    for name, size in sizes.items():
        if name not in network.sizes:
            known = ", ".join(network.sizes) or "none"
            raise NetworkError(f"{network.name} has no size {shown(name)} (its sizes: {known})")
        if isinstance(size, str):
            raise NetworkError(f"size {name}: {shown(size)} is not a whole number")
        check_size(size, f"size {name}", ())

    def number(dim: Dim) -> Dim:
        return sizes.get(dim, dim) if isinstance(dim, str) else dim

    layers = tuple(replace(layer, units=number(layer.units)) for layer in network.layers)
    fitting = all(sizes.get(k, n) == n for k, n in network.example_sizes.items())
    values = network.values if fitting else network.rate_only
    result = replace(network, input_size=number(network.input_size), layers=layers, values=values)
    _check_head(result)
    return result


def check_size(size: object, what: str, place: Place) -> None:
    """A size is a whole number from 1 up to a limit, or a name."""
    if isinstance(size, str):
        check_name(size, what, place)
    elif isinstance(size, bool) or not isinstance(size, int):
        raise Fault(f"{what}: {shown(size)} is neither a whole number nor a name", place)
    elif size < 1:
        raise Fault(f"{what}: {shown(size)} is not positive; a size is 1 or more", place)
    elif size > LIMITS.max_width:
        raise Fault(f"{what}: {shown(size)} is more than the limit {LIMITS.max_width}", place)


def check_name(word: object, what: str, place: Place, allowed: str = "") -> None:
    """A name is a short ASCII identifier of Python that nothing else bears."""
    if not isinstance(word, str):
        raise Fault(f"{what}: {shown(word)} is not a name in quotes", place)
    if not word.isidentifier() or not word.isascii() or word.startswith("_"):
        raise Fault(
            f"{what}: {shown(word)} is not a name: a letter, then letters, digits or _", place
        )
    if keyword.iskeyword(word):
        raise Fault(f"{what}: {word!r} is a word of Python; choose another name", place)
    if len(word) > LIMITS.max_name:
        raise Fault(f"{what}: {shown(word)} has more than {LIMITS.max_name} characters", place)
    if word != allowed and (_OWN.fullmatch(word) or word in _CODE | _CONSTANTS):
        raise Fault(f"{what}: {word!r} has a meaning of its own here; choose another name", place)


def _check_labels(network: Network) -> None:
    name, title = network.name, network.title
    if not isinstance(name, str) or not _NAME.fullmatch(name) or len(name) > LIMITS.max_name:
        rule = f"letters, digits, - and _, at most {LIMITS.max_name}, a letter or digit first"
        raise Fault(f"name: {shown(name)} cannot name a network ({rule})", ("name",))
    if not isinstance(title, str) or not title.isprintable() or len(title) > _MAX_TITLE:
        rule = f"one line of at most {_MAX_TITLE} printable characters"
        raise Fault(f"title: {shown(title)} is not {rule}", ("title",))


def _check_style(style: Style) -> None:
    if not isinstance(style, Style):
        raise Fault(f"notation: {shown(style)} is not a Style", ("notation",))
    check_notation({field.name: getattr(style, field.name) for field in fields(style)})


def check_notation(choices: Mapping[str, object]) -> dict[str, str]:
    """The choices of ``[notation]``, each a known word for a known key."""
    words: dict[str, str] = {}
    for key, word in choices.items():
        place = ("notation", key)
        if key not in CHOICES:
            raise unknown("notation key", key, CHOICES, place)
        if not isinstance(word, str):
            raise Fault(f"notation {key}: {shown(word)} is not a word in quotes", place)
        if word not in CHOICES[key]:
            raise unknown("word", word, CHOICES[key], place, f"notation {key}")
        words[key] = word
    return words


def _check_input(network: Network) -> None:
    check_name(network.input, "input", ("input", "name"), allowed="x")
    if not network.input.isalpha():
        reason = "digits and _ would read as indices in a formula; use letters alone"
        raise Fault(f"input: {network.input!r}: {reason}", ("input", "name"))
    check_size(network.input_size, "input size", ("input", "size"))
    if not isinstance(network.scalar, bool):
        raise Fault(f"scalar: {shown(network.scalar)} is not true or false", ("input", "scalar"))


def _checked_layers(network: Network) -> tuple[Layer, ...]:
    layers = network.layers
    listed = isinstance(layers, tuple | list)  # a list where Python wrote it
    if not listed or not all(isinstance(layer, Layer) for layer in layers):
        raise Fault(f"layers: {shown(layers)} is not a tuple of Layer", ("layers",))
    if not layers:
        raise Fault("layers: a network needs at least one layer", ("layers",))
    if len(layers) > LIMITS.max_layers:
        raise Fault(f"layers: {len(layers)} are more than {LIMITS.max_layers}", ("layers",))
    return tuple(_checked_layer(layer, position) for position, layer in enumerate(layers))


def _checked_layer(layer: Layer, position: int) -> Layer:
    place, what = ("layers", position), f"layer {position + 1}"
    _canonical(layer.kind, KINDS, "kind", (*place, "kind"), what)
    check_size(layer.units, f"{what}: units", (*place, "units"))
    word = _function(layer.activation, ACTIVATIONS, "activation", (*place, "activation"), what)
    if not isinstance(layer.bias, bool):
        raise Fault(f"{what}: bias: {shown(layer.bias)} is not true or false", (*place, "bias"))
    if layer.repeat is not None:
        _canonical(layer.repeat, REPEATS, "repeat", (*place, "repeat"), what)
    return replace(layer, activation=word)


def _checked_losses(network: Network) -> Network:
    """Every loss by its canonical word."""

    def canonical(word: str) -> str:
        return _function(word, LOSSES, "loss", ("loss",))

    loss, objective = canonical(network.loss), network.objective
    further = tuple((canonical(word), weight) for word, weight in objective.further)
    return replace(network, loss=loss, objective=replace(objective, further=further))


def _canonical(
    word: object, known: Mapping[str, object], what: str, place: Place, where: str = ""
) -> str:
    """The word that is meant, or the fault of an unknown one."""
    if not isinstance(word, str):
        start = f"{where}: " if where else ""
        raise Fault(f"{start}{what}: {shown(word)} is not a word in quotes", place)
    meant = ALIASES.get(word, word)
    if meant not in known:
        aliases = [alias for alias, target in ALIASES.items() if target in known]
        raise unknown(what, word, [*known, *aliases], place, where)
    return meant


def _function(
    word: object, known: Mapping[str, object], kind: str, place: Place, where: str = ""
) -> str:
    """The word of an activation or a loss, or the formula of one."""
    if isinstance(word, str) and word not in known and word not in ALIASES and is_formula(word):
        return checked_word(word, kind, known_functions(kind), place)
    return _canonical(word, known, kind, place, where)


def _check_names(network: Network) -> None:
    """No name stands for two functions."""
    seen: dict[str, str] = {}
    for position, layer in enumerate(network.layers):
        word = layer.activation
        name = name_of(word, "activation")
        if name and seen.setdefault(name, word) != word:
            place = ("layers", position, "activation")
            raise Fault(f"{name} is defined twice: {shown(seen[name])}, {shown(word)}", place)
    for word, _ in weighted_losses(network):
        name = name_of(word, "loss")
        if name in seen:
            raise Fault(f"{name} is an activation, and the loss too", ("loss",))


def _check_sizes(network: Network) -> None:
    """Sizes fit a scalar network, and no name means two things."""
    dims: list[tuple[Dim, Place]] = [(network.input_size, ("input", "size"))]
    dims += [(layer.units, ("layers", k, "units")) for k, layer in enumerate(network.layers)]
    for dim, place in dims:
        if network.scalar and dim != 1:
            raise Fault(f"a scalar network has sizes 1 only, not {shown(dim)}", place)
        if dim in (network.input, network.style.batch):
            meaning = "the input" if dim == network.input else "the batch size"
            raise Fault(f"{dim!r} is a size here, but it is the name of {meaning} too", place)


def _check_depth(network: Network) -> None:
    """The rules of a network of any depth: one repeated layer, then the last."""
    if not network.generic:
        if network.depth is not None:
            raise Fault("depth is for a network with a repeated layer only", ("depth",))
        return
    layers = network.layers
    repeated = [k for k, layer in enumerate(layers) if layer.repeat]
    if repeated != [0] or len(layers) != MIN_DEPTH:
        place = ("layers", repeated[-1], "repeat")
        raise Fault("a repeated layer is the first of exactly two: itself and the last", place)
    if network.scalar:
        raise Fault("a network of any depth needs a vector as input: x[n0]", ("input",))
    _check_widths(network)
    depth = network.depth
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int)):
        raise Fault(f"depth: {shown(depth)} is not a whole number", ("depth",))
    if depth is not None and not MIN_DEPTH <= depth <= LIMITS.max_layers:
        limits = f"from {MIN_DEPTH} to {LIMITS.max_layers}"
        raise Fault(f"depth: {shown(depth)} is not {limits}", ("depth",))


def _check_widths(network: Network) -> None:
    hidden, last = network.layers
    if network.style.batch == WIDTH:
        raise Fault(f"{WIDTH!r} names the widths here, not the batch size", ("notation", "batch"))
    if hidden.units != WIDTH:
        message = f"a repeated layer has units = {WIDTH!r} (widths {WIDTH}1, {WIDTH}2, ...)"
        raise Fault(f"{message}, not {shown(hidden.units)}", ("layers", 0, "units"))
    ends = [
        (network.input_size, f"{WIDTH}0", "the input size", ("input", "size")),
        (last.units, f"{WIDTH}L", "the last width", ("layers", 1, "units")),
    ]
    for dim, name, what, place in ends:
        if isinstance(dim, str) and dim != name:
            raise Fault(f"{what} is a number or {name!r}, not {dim!r}", place)


def _check_head(network: Network) -> None:
    """Softmax has at least two outputs, and the loss fits what the last layer puts out."""
    for position, layer in enumerate(network.layers):
        if layer.activation in BLOCKS and layer.units == 1:
            size = "a vector; the network is scalar" if network.scalar else "two units or more"
            place = ("layers", position, "units")
            raise Fault(f"layer {position + 1}: {layer.activation} needs {size}", place)
        if is_formula(layer.activation):
            from derive.networks.domain import check_activation

            check_activation(layer.activation, position)
    for word, _ in weighted_losses(network):
        _check_loss(word, network.layers[-1])


def _check_loss(word: str, last: Layer) -> None:
    heads, head = loss(word).heads, last.activation
    if is_formula(word):
        from derive.networks.domain import check_domain

        check_domain(word, "identity" if last.adds else head)
    if heads and (head not in heads or last.adds):
        fitting = " or ".join(heads)
        if last.adds:
            head = f"{head} with something added"
        others = [known for known, own in LOSSES.items() if not own.heads or head in own.heads]
        raise Fault(
            f"loss {word!r} needs {fitting} in the last layer, not {head!r}; "
            f"losses that fit {head!r}: {', '.join(others)}",
            ("loss",),
        )
