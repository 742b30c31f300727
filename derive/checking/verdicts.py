"""What the checker says of a claim, and of a document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

from derive.checking.claims import Claim
from derive.checking.segments import Document


class Verdict(Enum):
    """What is known of a claim."""

    RIGHT = "right"
    LAYOUT = "layout"
    CONDITIONAL = "conditional"
    DEFINITION = "definition"
    INHERITED = "inherited"
    LAST_DIGIT = "last-digit"
    WRONG = "wrong"
    ILL_SHAPED = "ill-shaped"
    UNREAD = "unread"
    UNJUDGED = "unjudged"


FAULTS = frozenset({Verdict.WRONG, Verdict.ILL_SHAPED, Verdict.LAST_DIGIT})
"""Verdicts that make a document fail."""
DOUBTS = frozenset({Verdict.INHERITED, Verdict.LAYOUT, Verdict.UNREAD, Verdict.UNJUDGED})
"""Verdicts that make it fail where the check is strict."""


RULES = (
    *("arithmetic-slip", "truncated-not-rounded", "wrong-last-digit", "wrong-number"),
    *("summed-per-sample-derivative", "lost-batch-sum", "missing-activation-derivative"),
    *("missing-prime", "wrong-sign", "wrong-factor", "extra-factor", "dropped-factor"),
    *("wrong-power", "wrong-symbol", "wrong-range", "undefined-symbol", "suspect-definition"),
    "not-equal",
)
"""The names of all faults."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on one claim, and what proves it."""

    verdict: Verdict
    message: str = ""
    proof: str = ""
    """``symbolic``, ``numeric`` or ``arithmetic``."""
    rule: str = ""
    """The name of the fault."""
    expected: str = ""
    """What would be right, in the document's notation."""
    expected_from_line: str = ""
    """The number that follows from the numbers on the line."""
    expected_exact: str = ""
    """The number that follows from the given values without rounding."""
    witness: tuple[tuple[str, str], ...] = ()
    """Values at which the sides differ, and the two sides there."""
    because_of_line: int | None = None
    reading: str = ""
    condition: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert not self.rule or self.rule in RULES, self.rule


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim with its finding."""

    claim: Claim
    finding: Finding

    @property
    def verdict(self) -> Verdict:
        """What is said of the claim."""
        return self.finding.verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """A document with its verdicts."""

    document: Document = field(repr=False)
    judged: tuple[Judged, ...]
    premises: tuple[str, ...] = ()
    """What was taken from the document's prose and definitions."""

    @property
    def summary(self) -> dict[str, int]:
        """How often each verdict was given, in the order of :class:`Verdict`."""
        count = Counter(item.verdict for item in self.judged)
        return {verdict.value: count[verdict] for verdict in Verdict if count[verdict]}

    def fails(self, strict: bool = False) -> bool:
        """Whether anything is wrong; a strict check counts doubts too."""
        bad = FAULTS | DOUBTS if strict else FAULTS
        return any(item.verdict in bad for item in self.judged)
