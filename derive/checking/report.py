"""Verdicts as text: like a compiler's messages, one line each, or JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable
from typing import Any

from derive.checking.places import Place
from derive.checking.verdicts import DOUBTS, FAULTS, Checked, Judged, Verdict

_COLOURS = {
    Verdict.WRONG: "31;1",
    Verdict.ILL_SHAPED: "31;1",
    Verdict.LAST_DIGIT: "33;1",
    Verdict.INHERITED: "35",
}
_SHOWN = FAULTS | DOUBTS


def full(documents: Iterable[Checked], colour: bool = False) -> str:
    """Every finding with its line, what is expected, and the numbers that prove it."""
    parts = [_full(checked, item, colour) for checked, item in _findings(documents)]
    return "\n".join(parts)


def concise(documents: Iterable[Checked]) -> str:
    """``path:line:col: verdict rule message``, one line a finding."""
    return "".join(_head(checked, item) + "\n" for checked, item in _findings(documents))


def summary(documents: Iterable[Checked]) -> str:
    """How many claims got which verdict."""
    total: dict[str, int] = {}
    count = 0
    for checked in documents:
        count += 1
        for verdict, number in checked.summary.items():
            total[verdict] = total.get(verdict, 0) + number
    told = ", ".join(f"{total[v.value]} {v.value}" for v in Verdict if v.value in total)
    claims = sum(total.values())
    where = "1 document" if count == 1 else f"{count} documents"
    return f"{where}, {claims} claims" + (f": {told}" if told else "") + "\n"


def statistics(documents: Iterable[Checked]) -> str:
    """How often each rule was broken."""
    found: dict[str, int] = {}
    for _, item in _findings(documents):
        if item.finding.rule:
            found[item.finding.rule] = found.get(item.finding.rule, 0) + 1
    ordered = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return "".join(f"{number:5d}  {rule}\n" for rule, number in ordered)


def as_json(documents: Iterable[Checked]) -> str:
    """The stable form; positions are 1-based code points of the file as given."""
    told = {"documents": [_document(checked) for checked in documents]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"


def _findings(documents: Iterable[Checked]) -> list[tuple[Checked, Judged]]:
    return [(c, item) for c in documents for item in c.judged if item.verdict in _SHOWN]


def _head(checked: Checked, item: Judged) -> str:
    finding, place = item.finding, item.claim.place
    cell = f"cell {place.cell}:" if place.cell is not None else ""
    words = " ".join(filter(None, (finding.verdict.value, finding.rule)))
    told = f": {finding.message}" if finding.message else ""
    return f"{checked.document.path}:{cell}{place.line}:{place.column}: {words}{told}"


def _full(checked: Checked, item: Judged, colour: bool) -> str:
    finding, claim = item.finding, item.claim
    head = _head(checked, item)
    if colour and finding.verdict in _COLOURS:
        head = f"\x1b[{_COLOURS[finding.verdict]}m{head}\x1b[0m"
    lines = [head, *_source(checked, item)]
    indent = " " * len(str(claim.focus.line))
    for told, value in _details(item):
        lines.append(f"{indent} = {told}: {value}" if value else f"{indent} = {told}")
    return "\n".join(lines) + "\n"


def _details(item: Judged) -> list[tuple[str, str]]:
    finding = item.finding
    found = []
    if finding.expected_from_line:
        found.append(("from the printed numbers", finding.expected_from_line))
    elif finding.expected:
        found.append(("expected", finding.expected))
    if finding.expected_exact and finding.verdict in FAULTS:
        found.append(("exact for the given values", finding.expected_exact))
    if finding.witness:
        found.append(("for example", "; ".join(f"{k} = {v}" for k, v in finding.witness)))
    if finding.reading:
        found.append(("read as", finding.reading))
    return found + [("note", note) for note in finding.notes]


def _source(checked: Checked, item: Judged) -> list[str]:
    """The repaired line and carets under the part that is meant."""
    document, focus = checked.document, item.claim.focus
    row = _line(checked, item)
    start = document.places.lines[row]
    end = document.text.find("\n", start)
    line = document.text[start : end if end >= 0 else len(document.text)]
    first = _offset(checked, row, focus) - start
    width = max(1, _width(line[first:], focus, checked, row))
    number = str(focus.line)
    before = _columns(line[:first])
    under = "^" * max(1, _columns(line[first : first + width]))
    blank = " " * len(number)
    return [f"{blank} |", f"{number} | {line}", f"{blank} | {' ' * before}{under}"]


def _line(checked: Checked, item: Judged) -> int:
    """The row of the whole text in which the focus begins."""
    claim, places = item.claim, checked.document.places
    spans = claim.statement.spans
    at = spans[min(claim.at + 1, len(spans) - 1)][0]
    if claim.failure is not None:
        at = claim.failure.start
    found = [k for k, start in enumerate(places.lines) if start <= at]
    return found[-1]


def _offset(checked: Checked, row: int, focus: Place) -> int:
    """The offset in the repaired text at which a place of a row begins."""
    places = checked.document.places
    start = places.lines[row]
    at = start
    while places.point(at)[1] < focus.column:
        at += 1
    return at


def _width(rest: str, focus: Place, checked: Checked, row: int) -> int:
    if focus.end_line != focus.line:
        return len(rest.rstrip())
    places = checked.document.places
    first = _offset(checked, row, focus)
    last = first
    while last - first < len(rest) and places.point(last)[1] < focus.end_column:
        last += 1
    return last - first


def _columns(text: str) -> int:
    """Columns of a terminal that a text takes."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    marks = sum(unicodedata.combining(sign) > 0 for sign in text)
    return len(text) + wide - marks


def _document(checked: Checked) -> dict[str, Any]:
    encoding = checked.document.encoding
    return {
        "path": checked.document.path,
        "encoding": {
            "repaired": encoding.repaired,
            "codec": encoding.codec,
            "guesses": [
                {
                    "line": guess.place.line,
                    "column": guess.place.column,
                    "chosen": guess.chosen,
                    "candidates": list(guess.candidates),
                }
                for guess in encoding.guesses
            ],
        },
        "premises": list(checked.premises),
        "summary": checked.summary,
        "claims": [_claim(item) for item in checked.judged],
    }


def _claim(item: Judged) -> dict[str, Any]:
    place, finding = item.claim.place, item.finding
    cell = {} if place.cell is None else {"cell": place.cell}
    return cell | {
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "source": item.claim.source,
        "reading": finding.reading or None,
        "verdict": finding.verdict.value,
        "proof": finding.proof or None,
        "rule": finding.rule or None,
        "message": finding.message or None,
        "expected": finding.expected or None,
        "expected_from_line": finding.expected_from_line or None,
        "expected_exact": finding.expected_exact or None,
        "witness": dict(finding.witness) or None,
        "because_of_line": finding.because_of_line,
        "follows": None,
        "condition": finding.condition or None,
        "notes": list(finding.notes),
    }
