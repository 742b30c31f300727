"""The scalar document, claim by claim: every line, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.checking.judge import judge
from derive.checking.reading import read_document
from derive.checking.verdicts import Checked, Verdict

DOCUMENTS = Path(__file__).resolve().parents[1] / "documents"
LEDGER = DOCUMENTS / "seed0.ledger"
"""``line sign verdict [expected_from_line expected_exact]``, one claim a row."""


@pytest.fixture(scope="module")
def checked() -> Checked:
    return judge(read_document(DOCUMENTS / "seed0.txt"))


def rows(checked: Checked) -> list[str]:
    found = []
    for item in checked.judged:
        told = [str(item.claim.line), str(item.claim.at), item.verdict.value]
        if item.verdict in (Verdict.WRONG, Verdict.LAST_DIGIT):
            finding = item.finding
            shown = finding.expected_from_line, finding.expected_exact, finding.rule
            told += [part for part in shown if part]
        found.append(" ".join(told))
    return found


def test_every_claim_has_the_verdict_of_the_ledger(checked: Checked) -> None:
    assert rows(checked) == LEDGER.read_text(encoding="utf-8").splitlines()


def test_nothing_is_left_open(checked: Checked) -> None:
    assert set(checked.summary) == {"right", "definition", "last-digit", "wrong"}


def test_the_faults_are_where_they_are(checked: Checked) -> None:
    wrong = [item.claim.line for item in checked.judged if item.verdict is Verdict.WRONG]
    last = [item.claim.line for item in checked.judged if item.verdict is Verdict.LAST_DIGIT]
    assert (wrong, last) == ([96, 225, 226, 288, 289], [65])


@pytest.mark.parametrize(
    ("line", "from_line", "exact"),
    [
        (225, "-5.100", "-5.099"),
        (226, "-6.371", "-6.370"),
        (288, "-3.662", "-3.661"),
        (289, "-1.831", "-1.831"),
    ],
)
def test_wrong_numbers_come_with_both_right_ones(
    checked: Checked, line: int, from_line: str, exact: str
) -> None:
    found = [item.finding for item in checked.judged if item.claim.line == line][-1]
    assert (found.expected_from_line, found.expected_exact) == (from_line, exact)


def test_the_sum_too_many_is_named_and_mended(checked: Checked) -> None:
    found = next(item.finding for item in checked.judged if item.claim.line == 96)
    assert found.rule == "summed-per-sample-derivative"
    assert found.expected == "(2/n) × (ŷᵢ - yᵢ)"
    assert found.witness


def test_places_are_those_of_the_damaged_file(checked: Checked) -> None:
    place = next(item.claim.place for item in checked.judged if item.claim.line == 225)
    line = (DOCUMENTS / "seed0.txt").read_text(encoding="utf-8").splitlines()[224]
    assert (place.column, place.end_line) == (1, 225)
    assert line[: place.end_column - 1].endswith("0.8005")
