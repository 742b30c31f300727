"""``derive check``: read a hand derivation and say, equation by equation, what is right."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from derive.checking.verdicts import Checked


@click.command(name="check")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--format",
    "form",
    type=click.Choice(["full", "concise", "json"]),
    default="full",
    show_default=True,
    help="How findings are told.",
)
@click.option("--select", metavar="RULE,...", default="", help="Only findings of these rules.")
@click.option("--ignore", metavar="RULE,...", default="", help="No findings of these rules.")
@click.option(
    "--strict", is_flag=True, help="Fail on what is inherited, a layout, unread or unjudged too."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
def check(
    paths: tuple[str, ...],
    form: str,
    select: str,
    ignore: str,
    strict: bool,
    exit_zero: bool,
    statistics: bool,
) -> int:
    """Judge every equation of the documents at PATH, folders included; - is standard input.

    Exit code 1 if an equation is wrong, 2 if a document cannot be read.
    """
    from derive.checking import report

    wanted, unwanted = _words(select), _words(ignore)
    chosen = [_kept(_checked(path), wanted, unwanted) for path in _files(paths)]
    if form == "json":
        click.echo(report.as_json(chosen), nl=False)
    else:
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        told = report.full(chosen, colour) if form == "full" else report.concise(chosen)
        counted = report.statistics(chosen) if statistics else ""
        ended = report.summary(chosen)
        click.echo(f"{told}\n{counted}{ended}" if told else f"{counted}{ended}", nl=False)
    failed = any(checked.fails(strict) for checked in chosen)
    return 1 if failed and not exit_zero else 0


def _words(text: str) -> frozenset[str]:
    """The rules that an option names; an unknown one is refused."""
    from derive.checking.verdicts import RULES
    from derive.errors import DeriveError, nearest

    words = frozenset(word.strip() for word in text.split(",") if word.strip())
    for word in sorted(words.difference(RULES)):
        raise DeriveError(f"unknown rule {word!r}{nearest(word, RULES)}")
    return words


def _files(paths: tuple[str, ...]) -> Iterator[str]:
    """Every document, in the order of the arguments and by name in a folder."""
    from derive.checking.reading import SUFFIXES

    for path in paths:
        if not Path(path).is_dir():
            yield path
            continue
        found = (file for file in sorted(Path(path).rglob("*")) if file.suffix in SUFFIXES)
        yield from (str(file) for file in found if file.is_file() and _visible(file, path))


def _visible(file: Path, folder: str) -> bool:
    return not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _checked(path: str) -> Checked:
    from derive.checking.judge import judge
    from derive.checking.reading import read_document

    if path == "-":
        return judge(read_document(sys.stdin.buffer.read(), "-"))
    return judge(read_document(path))


def _kept(checked: Checked, select: frozenset[str], ignore: frozenset[str]) -> Checked:
    """Without the findings of rules that are not asked for."""
    judged = tuple(
        item
        for item in checked.judged
        if not item.finding.rule
        or ((not select or item.finding.rule in select) and item.finding.rule not in ignore)
    )
    return replace(checked, judged=judged)
