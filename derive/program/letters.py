"""The letters by which a person would index each variable of a program."""

from __future__ import annotations

from derive.program.program import Contraction, Map, Program, Term


def letters_of(program: Program) -> dict[str, str]:
    """For every name the letters of its axes: those of the equation that defines it, else of its
    first use. Scalars have none.
    """
    letters: dict[str, str] = {}
    for equation in program.equations:
        if isinstance(equation, Contraction):
            letters[equation.out] = equation.letters
            for term in equation.terms:
                for name, used in zip(term.operands, term.letters, strict=True):
                    letters.setdefault(name, used)
    for equation in program.equations:
        if isinstance(equation, Map):
            _spread(equation, letters, program)
    for name, variable in program.variables.items():
        letters.setdefault(name, "ijklpq"[: len(variable.shape)])
    return letters


def _spread(equation: Map, letters: dict[str, str], program: Program) -> None:
    """A map's value and arguments share their letters; the first argument that has some decides."""
    known = [letters[name] for name in equation.arguments if name in letters]
    rank = len(program.variables[equation.out].shape)
    own = known[0] if known else "ijklpq"[:rank]
    letters[equation.out] = own
    for name in equation.arguments:
        if program.equation(name) is None:
            letters[name] = own


SPARE = "jklpqrstuvw"
"""Letters for sums that must not meet those of their surroundings."""


def rename(equation: Contraction, letters: str, taken: str = "") -> Contraction:
    """The equation with these letters for its output; summed letters step aside.

    A summed letter keeps its name unless it would meet one of ``letters`` or ``taken``.
    """
    pairs = dict(zip(equation.letters, letters, strict=True))
    avoid = set(letters) | set(taken)
    inner = sorted({k for t in equation.terms for s in t.letters for k in s} - set(pairs))
    spare = (k for k in SPARE if k not in avoid and k not in inner)
    for letter in inner:
        pairs[letter] = letter if letter not in avoid else next(spare)
    table = str.maketrans(pairs)
    terms = tuple(
        Term(t.operands, tuple(s.translate(table) for s in t.letters), t.scale)
        for t in equation.terms
    )
    return Contraction(equation.out, letters, terms)
