"""One slip in a right line of the scalar document is found, and no other line is accused of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.checking.judge import judge
from derive.checking.reading import read_document
from derive.checking.verdicts import FAULTS, Checked, Verdict

DOCUMENT = Path(__file__).resolve().parents[1] / "documents" / "seed0.txt"
TEXT = read_document(DOCUMENT).text
OWN_FAULTS = {65, 96, 225, 226, 288, 289}

SLIPS = [
    (41, "+ b₂", "- b₂", {"suspect-definition"}),
    (20, "+ b₂", "- b₂", {"suspect-definition"}),
    (47, "W₃·h₂", "W₁·h₂", {"suspect-definition"}),
    (61, "= 1.1", "= 1.3", {"arithmetic-slip"}),
    (62, "0.8005", "0.8105", {"arithmetic-slip"}),
    (91, "ŷ - y", "ŷ + y", {"wrong-sign"}),
    (120, "2(", "(", {"wrong-factor", "dropped-factor"}),
    (125, "= 1", "= 2", {"wrong-factor"}),
    (130, "∂ŷ/∂z₃", "∂ŷ/∂z₂", {"wrong-symbol", "extra-factor"}),
    (135, "= h₂", "= h₁", {"wrong-symbol"}),
    (140, "× h₂", "", {"dropped-factor"}),
    (155, "h₂", "h₃", {"undefined-symbol"}),
    (162, "-2.652", "-2.625", {"arithmetic-slip"}),
    (163, "-6.407", "-6.408", {"wrong-last-digit"}),
    (176, "= W₃", "= W₂", {"wrong-symbol"}),
    (186, "tanh²(z₂)", "tanh(z₂)", {"wrong-power"}),
    (191, " × (1 - h₂²)", "", {"missing-activation-derivative"}),
    (191, "1 - h₂²", "1 - h₂", {"wrong-power"}),
    (191, "1 - h₂²", "1 + h₂²", {"wrong-sign"}),
    (217, " × W₃", "", {"dropped-factor"}),
    (249, "tanh'(z₁)", "tanh(z₁)", {"missing-prime", "not-equal"}),
    (312, "(1 - h₁²)", "(1 - h₂²)", {"wrong-symbol"}),
    (326, "W₂ - α", "W₂ + α", {"wrong-sign"}),
    (327, "∂L/∂b₂", "∂L/∂W₂", {"wrong-symbol"}),
    (337, "1.227", "1.237", {"arithmetic-slip"}),
    (341, "b₂ ←", "b₃ ←", {"wrong-number"}),
    (354, "Σᵢ ", "", {"lost-batch-sum"}),
    (355, "2/n", "1/n", {"wrong-factor"}),
    (360, " × xᵢ", "", {"dropped-factor"}),
    (393, "(eˣ - e⁻ˣ)", "(eˣ + e⁻ˣ)", {"wrong-sign"}),
    (396, "(-1, 1)", "(0, 1)", {"wrong-range"}),
    (398, "1 - tanh²", "1 + tanh²", {"wrong-sign"}),
    (399, "derivative: 1", "derivative: 2", {"wrong-number"}),
    (416, "L(W - ε)", "L(W + ε)", {"wrong-sign", "not-equal"}),
]


def slipped(line: int, old: str, new: str) -> Checked:
    lines = TEXT.split("\n")
    assert old in lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(old, new, 1)
    return judge(read_document("\n".join(lines).encode(), "slipped.md"))


@pytest.mark.parametrize(("line", "old", "new", "rules"), SLIPS)
def test_a_slip_is_found_and_named(line: int, old: str, new: str, rules: set[str]) -> None:
    checked = slipped(line, old, new)
    bad = {item.claim.line: item.finding.rule for item in checked.judged if item.verdict in FAULTS}
    assert bad.get(line) in rules
    assert set(bad) - OWN_FAULTS == {line}


def test_a_wrong_formula_that_follows_from_a_wrong_one_is_inherited() -> None:
    lines = TEXT.split("\n")
    for line in (191, 201, 216):
        lines[line - 1] = lines[line - 1].replace("1 - h₂²", "1 + h₂²")
    checked = judge(read_document("\n".join(lines).encode(), "slipped.md"))
    told = {
        item.claim.line: (item.verdict, item.finding.because_of_line)
        for item in checked.judged
        if item.claim.line in (191, 201, 216) and item.verdict is not Verdict.RIGHT
    }
    assert told == {
        191: (Verdict.WRONG, None),
        201: (Verdict.INHERITED, 191),
        216: (Verdict.INHERITED, 191),
    }


def test_the_printed_derivation_is_not_accused() -> None:
    path = DOCUMENT.parents[2] / "generated" / "two-layer-tanh" / "derivation.md"
    checked = judge(read_document(path))
    assert set(checked.summary) <= {"right", "definition", "unjudged"}
    assert checked.summary["right"] > 100
    assert checked.summary.get("unjudged", 0) <= 1
