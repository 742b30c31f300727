"""Notebooks: the text of the Markdown cells, each with its number."""

from __future__ import annotations

import json
from array import array
from typing import Any

from derive.checking.encoding import ReadingError


def cells(text: str) -> tuple[str, array[int], array[int]]:
    """The Markdown cells one after the other, where each begins, and its number from 1.

    Raises:
        ReadingError: the text is no notebook.
    """
    pieces: list[str] = []
    starts, numbers = array("q"), array("q")
    length = 0
    for number, cell in enumerate(_cells(text), 1):
        source = _source(cell)
        if source is None:
            continue
        source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", " ")
        source = source.rstrip("\n") + "\n\n"
        starts.append(length)
        numbers.append(number)
        pieces.append(source)
        length += len(source)
    return "".join(pieces), starts, numbers


def _cells(text: str) -> list[Any]:
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadingError(f"this is not a notebook: {str(error)[:100]}") from None
    if isinstance(whole, dict) and isinstance(whole.get("cells"), list):
        return list(whole["cells"])
    sheets = whole.get("worksheets") if isinstance(whole, dict) else None
    if isinstance(sheets, list):
        return [cell for sheet in sheets if isinstance(sheet, dict) for cell in _list(sheet)]
    raise ReadingError("this is not a notebook: it has no cells")


def _list(sheet: dict[str, Any]) -> list[Any]:
    found = sheet.get("cells")
    return found if isinstance(found, list) else []


def _source(cell: Any) -> str | None:
    if not isinstance(cell, dict) or cell.get("cell_type") != "markdown":
        return None
    source = cell.get("source", "")
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else None
