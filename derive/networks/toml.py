"""A network from a TOML file."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from derive.config import LIMITS
from derive.errors import NetworkError
from derive.networks.definition import DEFAULT_NAME, from_table
from derive.networks.faults import Fault
from derive.networks.model import Network
from derive.networks.positions import line_of, lines

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
"""How tomllib ends its messages."""

_BETWEEN = re.compile(r"[,=\[\]{}\n]")
_PART = re.compile(r"""[\w"'-][ \t]*\.""")
_MAX_PARTS = 32
"""Dots of one key. The time that tomllib needs grows with their square, and no key here has two."""


def read_file(path: Path) -> Network:
    """The network of a file; its name is the file's where the text gives none.

    Raises:
        NetworkError: with the path, and the line where there is one.
    """
    try:
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-_")[: LIMITS.max_name]
        return read_text(_text(path), name or DEFAULT_NAME)
    except NetworkError as error:
        raise NetworkError(error.message, path=str(path), line=error.line) from None


def read_text(text: str, name: str = DEFAULT_NAME) -> Network:
    """The network of a TOML text.

    Raises:
        NetworkError: with the line where there is one.
    """
    table = _parse(text)
    try:
        return from_table(table, name)
    except Fault as fault:
        raise NetworkError(fault.message, line=line_of(fault.place, lines(text))) from None


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise NetworkError("this is a folder; name a TOML file")
        if not path.exists():
            raise NetworkError("there is no such file")
        if not path.is_file():
            raise NetworkError("this is not a regular file")
        with path.open("rb") as file:
            content = file.read(LIMITS.max_network_bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise NetworkError(f"cannot be read: {reason}") from None
    if len(content) > LIMITS.max_network_bytes:
        raise NetworkError(f"the file is larger than {LIMITS.max_network_bytes} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise NetworkError(f"not UTF-8 text: {error.reason}", line=line) from None


def _parse(text: str) -> dict[str, Any]:
    if any(len(_PART.findall(part)) > _MAX_PARTS for part in _BETWEEN.split(text)):
        raise NetworkError(f"a dotted key has more than {_MAX_PARTS} parts")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise NetworkError("the TOML is nested too deeply") from None
    except ValueError as error:  # also of an integer with thousands of digits
        message = str(error)
        match = _AT.search(message)
        line = match and match.group(1)
        number = int(line) if line else text.count("\n") + 1 if match else None
        reason = message[: match.start()] if match else message
        raise NetworkError(f"not valid TOML: {reason}", line=number) from None
