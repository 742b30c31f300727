"""Tables of numbers from CSV and NPZ files: bounded, finite, every fault with its line."""

from __future__ import annotations

import csv
import math
import zipfile
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

from derive.config import LIMITS
from derive.errors import DataError

Floats = NDArray[np.float64]

_SHOWN = 40
"""Characters of a bad cell that a message repeats."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where samples come from, for messages about one of them."""

    path: str | None = None
    lines: Sequence[int] = field(default=(), repr=False)
    """The line of every sample, of a text file."""

    def fault(self, message: str, sample: int | None = None) -> DataError:
        """An error about a sample (counted from 0) or about all of them."""
        if sample is None:
            return DataError(message, path=self.path)
        if self.lines:
            return DataError(message, path=self.path, line=self.lines[sample])
        return DataError(f"sample {sample + 1}: {message}", path=self.path)


def check_file(path: Path) -> None:
    """Raise DataError unless this is an ordinary file of a size that is read."""
    if not path.exists():
        raise DataError("there is no such file", path=str(path))
    if not path.is_file():
        raise DataError("this is not a file", path=str(path))
    _check_size(path.stat().st_size, path)


_LARGEST = 1e100
"""Squares of larger numbers, and their sums, are no longer finite."""


def _check_size(size: int, path: Path) -> None:
    if size > LIMITS.max_data_bytes:
        limit = f"{LIMITS.max_data_bytes / 2**20:.4g} MiB"
        raise DataError(f"the data are larger than the limit of {limit}", path=str(path))


def read_csv(path: Path) -> tuple[Floats, Origin]:
    """The cells of a CSV file, a row a sample: commas, UTF-8, blank lines skipped.

    The first row is a header if none of its cells is a number.

    Raises:
        DataError: with the line, for a cell that is no finite number and for a row of another
            length; for a file without rows, too large, or not text.
    """
    check_file(path)
    cells, lines = array("d"), array("q")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            width = _read_rows(file, cells, lines)
    except UnicodeDecodeError as error:
        message = f"not UTF-8 text: {error.reason} at byte {error.start}"
        raise DataError(message, path=str(path)) from None
    except DataError as error:
        raise error.at(path=str(path)) from None
    if not lines:
        raise DataError("there are no rows of numbers", path=str(path))
    return np.array(cells).reshape(-1, width), Origin(str(path), lines)


def _read_rows(file: TextIO, cells: array[float], lines: array[int]) -> int:
    """Append every row's numbers and line; returns the cells of a row."""
    width, reader = 0, csv.reader(file)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise DataError(f"not CSV: {error}", line=line) from None
        if row is None:
            return width
        if not any(cell.strip() for cell in row):
            continue
        if not width:
            width = len(row)
            if not any(_is_number(cell) for cell in row):
                continue
        if len(row) != width:
            message = f"{len(row)} cells, but the first row has {width}"
            raise DataError(f"{message}{_separator_hint(row)}", line=line)
        cells.extend(_number(cell, column, row, line) for column, cell in enumerate(row, start=1))
        lines.append(line)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _number(cell: str, column: int, row: list[str], line: int) -> float:
    if not _is_number(cell):
        text = cell.strip()
        shown = repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
        what = f"{shown} is not a number" if text else "there is no number"
        raise DataError(f"{what} (column {column}){_separator_hint(row)}", line=line)
    value = float(cell)
    if not math.isfinite(value):
        raise DataError(f"{cell.strip()} is not finite (column {column})", line=line)
    return value


def _separator_hint(row: list[str]) -> str:
    """The likely cause of a row of one cell."""
    other = next((mark for mark in (";", "\t", " ") if len(row) == 1 and mark in row[0]), None)
    return "; separate the columns by commas" if other else ""


def read_npz(path: Path) -> tuple[Floats, Floats, Origin]:
    """The arrays ``x`` and ``y`` of a NumPy archive, a row a sample.

    Raises:
        DataError: for an archive without them, too large when unpacked, or holding no numbers.
    """
    check_file(path)
    origin = Origin(str(path))
    if not zipfile.is_zipfile(path):
        raise origin.fault("this is no NumPy archive; write one with np.savez(file, x=x, y=y)")
    found = _unpacked(path, origin)
    return numbers("x", found["x"], origin), numbers("y", found["y"], origin), origin


def _unpacked(path: Path, origin: Origin) -> dict[str, NDArray[np.generic]]:
    """The arrays x and y of an archive that is not too large; objects are never unpickled."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check_size(sum(entry.file_size for entry in archive.infolist()), path)
        with np.load(path) as arrays:
            missing = [name for name in ("x", "y") if name not in arrays]
            if missing:
                names = ", ".join(map(repr, arrays)) or "none"
                raise origin.fault(f"there is no array {missing[0]!r} (arrays: {names})")
            return {name: arrays[name] for name in ("x", "y")}
    except DataError:
        raise
    except Exception as error:  # whatever zipfile, its decompressors and NumPy say of a bad file
        raise origin.fault(f"cannot be read: {str(error) or type(error).__name__}") from None


def numbers(name: str, value: ArrayLike, origin: Origin) -> Floats:
    """An array of shape (m, columns) of finite floats; shape (m,) means one column.

    Raises:
        DataError: for anything else, naming the array and the first sample that is not finite.
    """
    try:
        table = np.asarray(value)
    except ValueError:  # rows of different lengths
        raise origin.fault(f"{name} is not an array: its rows differ in length") from None
    if table.dtype.kind not in "biuf":
        raise origin.fault(f"{name} holds {table.dtype}, not real numbers")
    if table.ndim not in (1, 2):
        raise origin.fault(f"{name} has shape {table.shape}; give (samples,) or (samples, columns)")
    if table.size == 0:
        raise origin.fault(f"{name} is empty: its shape is {table.shape}")
    floats = table.astype(np.float64).reshape(len(table), -1)
    wrong = np.flatnonzero(~np.isfinite(floats).all(axis=1))
    if wrong.size:
        raise origin.fault(f"{name} is not finite", int(wrong[0]))
    large = np.flatnonzero((np.abs(floats) > _LARGEST).any(axis=1))
    if large.size:
        raise origin.fault(f"{name} is beyond {_LARGEST:g}; give it in larger units", int(large[0]))
    return floats
