"""A network from whatever names it: a preset, a file, a line, a table, a Network."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from derive.errors import NetworkError, nearest
from derive.networks.check import check
from derive.networks.definition import from_table
from derive.networks.faults import shown
from derive.networks.line import read_line
from derive.networks.model import Network
from derive.networks.toml import read_file

_PRESETS = Path(__file__).parent / "presets"
_LINE_MARKS = ("->", "→", ";", "(", "[")
"""What only a one-line definition has."""


def network(source: Network | str | Path | Mapping[str, Any]) -> Network:
    """A checked network.

    Args:
        source: the name of a preset, the path of a ``.toml`` file, one line such as
            ``"x[3] -> dense(4, tanh) -> dense(2) ; mse"``, a table with the keys of a file, or a
            :class:`Network`, which is checked again.

    Raises:
        NetworkError: what is wrong, where, and the nearest valid word.
    """
    if isinstance(source, Network):
        return check(source)
    if isinstance(source, Mapping):
        return from_table(source)
    if isinstance(source, Path):
        return read_file(source)
    if isinstance(source, str):
        return _from_text(source)
    raise NetworkError(
        f"{shown(source)} is no network: give a preset's name, a file, a line, a table or a Network"
    )


@cache
def presets() -> tuple[str, ...]:
    """The names of the networks in the package."""
    return tuple(sorted(path.stem for path in _PRESETS.glob("*.toml")))


def _from_text(text: str) -> Network:
    if text in presets():
        return _preset(text)
    if _is_path(text):
        return read_file(Path(text))
    if any(mark in text for mark in _LINE_MARKS):
        return read_line(text)
    if "=" in text:
        raise NetworkError("TOML text is read from a file only; save it and give its path")
    raise NetworkError(
        f"unknown preset {shown(text)}{nearest(text[:60], presets())}; "
        "or give a .toml file, or a line such as 'x[3] -> dense(4, tanh) -> dense(2) ; mse'"
    )


def _is_path(text: str) -> bool:
    """Whether a text is meant as a path: it ends like one, or something is there."""
    if text.endswith(".toml"):
        return True
    if any(mark in text for mark in ("->", "→", ";", "\n")):
        return False
    if "/" in text or "\\" in text:
        return True
    try:
        return bool(text) and Path(text).exists()
    except (OSError, ValueError):  # too long for a path, or with a NUL
        return False


def _preset(name: str) -> Network:
    return read_file(_PRESETS / f"{name}.toml")
