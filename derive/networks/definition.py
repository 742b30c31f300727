"""A network from plain tables and lists, as TOML has them and as Python writes them.

Only the structure is read here: which keys there are and which of them are tables. What the words
and numbers must be is the business of :mod:`derive.networks.check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from derive.meaning.style import Style
from derive.networks.check import check, check_notation
from derive.networks.faults import Fault, Place, shown, unknown
from derive.networks.formulas import with_functions
from derive.networks.model import Layer, Network
from derive.networks.numbers import read_layer, read_objective
from derive.networks.optimiser import checked_optimiser

OBJECTIVE_KEYS = ("l1", "l2", "smoothing", "output_weights", "target")
KEYS = (
    *("name", "title", "input", "layers", "loss", *OBJECTIVE_KEYS),
    *("functions", "notation", "values", "depth", "optimiser"),
)
INPUT_KEYS = ("name", "size", "scalar")
LAYER_KEYS = (
    *("kind", "units", "activation", "bias", "repeat"),
    *("reads", "adds", "weights", "transposed", "dropout", "temperature", "l1", "l2"),
)

DEFAULT_NAME = "network"


def from_table(table: Mapping[str, Any], name: str = DEFAULT_NAME) -> Network:
    """The checked network of a definition.

    Args:
        table: the keys of :data:`KEYS`, with ``input``, ``layers`` and ``loss`` required.
        name: the name where the table gives none.

    Raises:
        NetworkError: a :class:`~derive.networks.faults.Fault` with the place of what is wrong.
    """
    _check_keys(table, KEYS, ("input", "layers", "loss"), "network", ())
    entry = _table(table["input"], "input", ("input",))
    _check_keys(entry, INPUT_KEYS, (), "input", ("input",))
    scalar = entry.get("scalar", False)
    if "size" not in entry and scalar is not True:
        raise Fault("input: size is missing (or scalar = true)", ("input",))
    functions = _table(table.get("functions", {}), "functions", ("functions",))
    losses, weights = _losses(table["loss"])
    layers, losses = with_functions(_layers(table["layers"]), losses, functions)
    notation = check_notation(_table(table.get("notation", {}), "notation", ("notation",)))
    return check(
        Network(
            name=table.get("name", name),
            input=entry.get("name", "x"),
            input_size=entry.get("size", 1),
            layers=layers,
            loss=losses[0],
            scalar=scalar,
            style=Style().with_choices(notation),
            values=_table(table.get("values", {}), "values", ("values",)),
            depth=table.get("depth"),
            title=table.get("title", ""),
            objective=read_objective(table, tuple(zip(losses, weights, strict=True))),
            optimiser=checked_optimiser(table["optimiser"]) if "optimiser" in table else None,
        )
    )


def _losses(entry: object) -> tuple[list[Any], list[Any]]:
    """The words of the losses and their weights: ``"mse"``, or ``{ mse = 0.7, huber = 0.3 }``."""
    if not isinstance(entry, Mapping):
        return [entry], [1]
    if not entry:
        raise Fault("loss: there is none; give a word, or words with their weights", ("loss",))
    return list(entry), list(entry.values())


def _layers(entries: object) -> tuple[Layer, ...]:
    if not isinstance(entries, list | tuple):
        raise Fault(f"layers: {shown(entries)} is not a list of tables", ("layers",))
    return tuple(_layer(entry, position) for position, entry in enumerate(entries))


def _layer(entry: object, position: int) -> Layer:
    place, what = ("layers", position), f"layer {position + 1}"
    table = _table(entry, what, place)
    _check_keys(table, LAYER_KEYS, ("units",), what, place)
    return read_layer({"kind": "dense", **table}, what, place)


def _table(value: object, what: str, place: Place) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Fault(f"{what}: {shown(value)} is not a table of keys and values", place)
    for key in value:
        if not isinstance(key, str):
            raise Fault(f"{what}: the key {shown(key)} is not a word", place)
    return value


def _check_keys(
    table: Mapping[str, Any],
    known: tuple[str, ...],
    required: tuple[str, ...],
    where: str,
    place: Place,
) -> None:
    for key in table:
        if key not in known:
            raise unknown("key", str(key), known, (*place, str(key)), where)
    for key in required:
        if key not in table:
            raise _missing(table, key, where, place)


def _missing(table: Mapping[str, Any], key: str, where: str, place: Place) -> Fault:
    """The fault of a missing key; in TOML a key below ``[values]`` is one of that table."""
    for name, inner in table.items():
        if isinstance(inner, Mapping) and key in inner:
            message = f"{where}: {key} is missing; here it belongs to [{name}], write it above"
            return Fault(message, (*place, name, key))
    return Fault(f"{where}: {key} is missing", place)
