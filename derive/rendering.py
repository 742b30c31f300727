"""Text from templates, and text into files.

The one place that loads templates. They lie in ``derive/templates`` of an installed wheel and in
``templates/`` at the top of the repository; a template's folder decides its delimiters:

- ``latex/``: ``<< value >>``, ``<% statement %>``, ``<# comment #>``, because LaTeX is full of
  braces;
- everything else: Jinja's own.

A template loops and indents. It decides nothing: what reaches it is finished text.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from derive.errors import DeriveError

if TYPE_CHECKING:
    from jinja2 import Environment

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "templates", _PACKAGE.parent / "templates")


class _Delimiters(TypedDict):
    variable_start_string: str
    variable_end_string: str
    block_start_string: str
    block_end_string: str
    comment_start_string: str
    comment_end_string: str


_LATEX_DELIMITERS: _Delimiters = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
}


def render(template: str, /, **context: object) -> str:
    """The text of a template, named by its path below ``templates/``, filled with `context`.

    A name that the template uses and `context` lacks raises ``jinja2.UndefinedError``: that is a
    bug of this package, never a user's error.
    """
    family = template.partition("/")[0]
    return _environment(family == "latex").get_template(template).render(context)


def template_folder() -> Path:
    """The folder that holds the templates: beside this module, else at the repository's top."""
    for folder in _FOLDERS:
        if folder.is_dir():
            return folder
    raise DeriveError("the templates are missing from this installation; install derive again")


@cache
def _environment(latex: bool) -> Environment:
    """One strict environment for each set of delimiters."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    strict = Environment(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        autoescape=False,  # the output is text and LaTeX; escaping would break both
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    return strict.overlay(**_LATEX_DELIMITERS) if latex else strict


def write_file(path: str | Path, text: str) -> None:
    """Write `text` whole or not at all: UTF-8, lines ending in ``\\n``.

    The text goes to a temporary file in the same folder, which then takes the name in one step; a
    write that fails leaves the old file. Links are followed; a device such as ``/dev/null`` is
    written directly. Raises DeriveError when the folder is missing or cannot be written.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            _write(path, text, "w")
        else:
            _replace(path, text)
    except OSError as error:
        raise DeriveError(_reason(path, error), path=str(path)) from None


def _replace(path: Path, text: str) -> None:
    """Put a complete new file in the place of `path`, with the old file's mode."""
    final = path.resolve()
    temporary = final.parent / f".derive-{secrets.token_hex(6)}.tmp"
    try:
        _write(temporary, text, "x")
        if final.exists():
            shutil.copymode(final, temporary)
        os.replace(temporary, final)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def _write(path: Path, text: str, mode: str) -> None:
    with path.open(mode, encoding="utf-8", newline="\n") as file:
        file.write(text)


def _reason(path: Path, error: OSError) -> str:
    """What is wrong with the place, and what to do about it."""
    if path.is_dir():
        return "this is a folder; name a file in it"
    if not path.parent.is_dir():
        return f"the folder {str(path.parent)!r} does not exist; create it first"
    return f"cannot be written: {error.strerror or error}"
