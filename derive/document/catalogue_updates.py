"""Every optimiser, every way of clipping and every schedule, for the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.document.blocks import Block, Display, Formula, Items, Paragraph, Prose, Section
from derive.document.optimiser import formulas, letters, schedule_formulas, value
from derive.networks.optimiser import CLIPS, Optimiser
from derive.notation.tree import Node, Symbol, equals
from derive.program.optimisers import (
    ALIASES,
    CLIPPING,
    OPTIMISERS,
    POSITIVE,
    SCHEDULES,
    Clipping,
    Rule,
    Schedule,
    Setting,
)

KNOWN = letters("alpha")


def update_sections() -> Iterator[Section]:
    """Optimisers, clipping, schedules: the words of ``[optimiser]``."""
    yield Section(("Optimisers",), (Paragraph(tuple(_about_optimisers())),))
    yield from (_optimiser(word, rule) for word, rule in OPTIMISERS.items())
    yield Section(("Gradient clipping",), (Paragraph(tuple(_about_clipping())),))
    yield from (_clipping(key, CLIPPING[word]) for key, word in CLIPS.items())
    yield Section(("Schedules of the rate",), (Paragraph(tuple(_about_schedules())),))
    yield from (_schedule(word, rule) for word, rule in SCHEDULES.items())


def _about_optimisers() -> Iterator[str | Node]:
    yield from ("The word is the kind of an optimiser. ", KNOWN["theta"], " is a parameter, ")
    yield from (KNOWN["g"], " the gradient of the loss by it, taken before any parameter moves, ")
    yield from (KNOWN["alpha"], " the rate, and ", KNOWN["t"], " = 1, 2, 3, ... counts the steps. ")
    yield from (KNOWN["v"], " and ", KNOWN["s"], " are kept from step to step and start with 0. ")
    yield "All operations are entry by entry."


def _about_clipping() -> Iterator[str | Node]:
    yield from ("The word is a key of an optimiser; its value is the limit ", KNOWN["c"], ". ")
    yield from (KNOWN["norm"], " is the root of the sum of the squares of all gradients' entries.")


def _about_schedules() -> Iterator[str | Node]:
    yield from ("The rate of step ", KNOWN["t"], " = 1, 2, 3, ... from the first one, ")
    yield from (KNOWN["alpha"], ".")


def _optimiser(word: str, rule: Rule) -> Section:
    rate = Setting("alpha", rule.rate, POSITIVE, "the rate, where none is given")
    facts = f"{_opening(rule.title, rule.source)} {rule.why} {rule.convention}"
    return _section(word, formulas(rule.equations, KNOWN), facts, (rate, *rule.settings))


def _clipping(key: str, clipping: Clipping) -> Section:
    facts = f"{_opening(clipping.title, clipping.source)} {clipping.why}"
    return _section(key, formulas(clipping.equations, KNOWN), facts, ())


def _schedule(word: str, rule: Schedule) -> Section:
    told = schedule_formulas(Optimiser(schedule=word), KNOWN)
    facts = f"{_opening(rule.title, rule.source)} {rule.why} {rule.convention}".strip()
    return _section(word, told, facts, rule.settings)


def _section(
    word: str, told: tuple[Formula, ...], facts: str, settings: Iterable[Setting]
) -> Section:
    items = tuple(_setting(setting) for setting in settings)
    blocks: list[Block] = [Display(told), Paragraph((" ".join([facts, *_aliases(word)]),))]
    return Section((word,), (*blocks, *([Items(items)] if items else [])), 2)


def _setting(setting: Setting) -> Prose:
    """``beta = 0.9: memory of the mean; a number in [0, 1)``."""
    letter = KNOWN[setting.name]
    assert isinstance(letter, Symbol)
    start: Prose = (letter,)
    if setting.default is not None:
        start = (equals(letter, value(setting.default)),)
    name = "rate" if setting.name == "alpha" else setting.name
    given = "" if setting.default is not None else "; it must be given"
    return (f"{name}, ", *start, f": {setting.meaning}; {_told(setting)}{given}")


def _told(setting: Setting) -> str:
    return str(setting.allowed).replace("oo", "infinity")


def _opening(title: str, source: str) -> str:
    return f"{title[0].upper()}{title[1:]}{f' ({source})' if source else ''}."


def _aliases(word: str) -> Iterator[str]:
    others = [alias for alias, meant in ALIASES.items() if meant == word]
    if others:
        yield f"Also: {', '.join(others)}."
