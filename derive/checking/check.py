"""``derive.check``: a document's verdicts as objects.

>>> check("z = 2 x\\n\\n    1.5 + 1.5 = 4\\n").fails()
True
"""

from __future__ import annotations

from pathlib import Path

from derive.checking.judge import judge
from derive.checking.reading import read_document
from derive.checking.verdicts import Checked


def check(source: Path | str | bytes) -> Checked:
    """The verdict on every claim of a document.

    Args:
        source: a path; or the document itself, as bytes, or as text of more than one line.

    Raises:
        ReadingError: no such file, too large, or no text.
    """
    if isinstance(source, str) and "\n" in source:
        return judge(read_document(source.encode(), "text"))
    return judge(read_document(source))
