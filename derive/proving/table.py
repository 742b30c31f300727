"""A proof as a table for a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from derive.calculus.proof import Proof, Row

HEAD = ("", "what", "form", "how", "detail")

LONG = 80
"""A longer table shows equal rows of many layers as one."""


def table(proof: Proof) -> str:
    """Aligned columns, one row a fact, and a summary in the last line."""
    rows = list(proof.rows) if len(proof.rows) <= LONG else list(_joined(proof.rows))
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(HEAD))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in cells]
    text = "\n".join(line.rstrip() for line in lines)
    return f"{proof.network} ({proof.layout})\n{text}\n{_summary(proof)}\n"


def _cells(row: Row) -> tuple[str, ...]:
    return ("ok" if row.passed else "FAIL", row.subject, row.form, row.method, row.detail)


def _summary(proof: Proof) -> str:
    count = len(proof.rows)
    if proof.passed:
        return f"proved: all {count} facts hold"
    return f"NOT proved: {len(proof.failures)} of {count} facts fail"


def _joined(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows that differ only by the layer in their subject, as one: ``dL/dW1 ... dL/dW200``."""

    def key(row: Row) -> tuple[object, ...]:
        base = re.sub(r"\d+", "", row.subject)
        return (row.form, base, row.method, row.passed, "" if row.passed else row.detail)

    seen: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        seen.setdefault(key(row), []).append(row)
    for group in seen.values():
        first, last = group[0], group[-1]
        if first is last:
            yield first
        else:
            subject = f"{first.subject} ... {last.subject} ({len(group)})"
            yield replace(first, subject=subject, detail="" if first.passed else first.detail)
