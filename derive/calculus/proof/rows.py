"""What a proof says: one row a fact, with how it was shown."""

from __future__ import annotations

from dataclasses import dataclass

SAMPLE, BATCH = "sample", "batch"
"""The two forms of every formula: for one sample, and for the mean over a batch."""


@dataclass(frozen=True, slots=True)
class Row:
    """One fact and whether it holds."""

    subject: str
    """What it is about: ``dL/dW2``, ``recursion at depth 3``."""
    form: str
    """``sample``, ``batch``, or what else the fact is about: ``code``, ``printed``."""
    method: str
    """How it was shown: ``SymPy exact at 2-3-4``, ``prime field``."""
    passed: bool
    detail: str = ""
    """A measured error, or what is wrong."""


@dataclass(frozen=True, slots=True)
class Proof:
    """All rows about one network."""

    network: str
    layout: str
    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """Whether every fact holds; a proof without facts proves nothing."""
        return bool(self.rows) and all(row.passed for row in self.rows)

    @property
    def failures(self) -> tuple[Row, ...]:
        """The rows that failed."""
        return tuple(row for row in self.rows if not row.passed)
