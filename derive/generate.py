"""The files of ``generated/``: for every preset its derivation and its module, and the catalogue.

They depend on nothing but the package: no date, no measured number, no order of a set. So they can
be committed, and compared byte by byte with what the package makes now.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.rendering import write_file

FOLDER = "generated"
DERIVATIONS = {"derivation.md": "markdown", "derivation.tex": "latex"}
MODULE = "model.py"
CATALOGUE = "catalogue.md"


@dataclass(frozen=True, slots=True)
class Difference:
    """One file that is not as it should be."""

    path: str
    kind: str
    """``changed``, ``missing`` or ``extra``."""
    diff: str = ""
    """Of a changed file: what would change, as a unified diff."""


def files(name: str) -> dict[str, str]:
    """The files of one preset, by name."""
    from derive.calculus import derivation
    from derive.codegen import generate_code
    from derive.document import compose, render
    from derive.networks import network

    derived = derivation(network(name))
    document = compose(derived)
    made = {file: render(document, to) for file, to in DERIVATIONS.items()}
    return {**made, MODULE: generate_code(derived)}


def generate(folder: Path) -> list[Path]:
    """Write all files below ``folder`` and name them."""
    written = []
    for place, text in _all():
        path = folder / place
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DeriveError(
                f"cannot be created: {error.strerror}", path=str(path.parent)
            ) from None
        write_file(path, text)
        written.append(path)
    return written


def check(folder: Path) -> list[Difference]:
    """What differs from what would be generated now."""
    expected = dict(_all())
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if _counts(p)}
    extra = [Difference(place, "extra") for place in sorted(found - set(expected))]
    return [*_compare(folder, expected), *extra]


def _counts(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")


def _all() -> Iterator[tuple[str, str]]:
    from derive.document import render
    from derive.document.catalogue import catalogue
    from derive.networks import presets

    yield CATALOGUE, render(catalogue(), "markdown")
    for name in sorted(presets()):
        for file, text in files(name).items():
            yield f"{name}/{file}", text


def _compare(folder: Path, expected: dict[str, str]) -> Iterator[Difference]:
    for place, text in sorted(expected.items()):
        path = folder / place
        if not path.is_file():
            yield Difference(place, "missing")
            continue
        old = path.read_bytes().decode("utf-8", errors="replace")
        if old != text:
            yield Difference(place, "changed", _diff(old, text, place))


def _diff(old: str, new: str, place: str) -> str:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"{place} (file)",
        f"{place} (now)",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
