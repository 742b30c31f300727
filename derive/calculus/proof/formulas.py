"""All formulas of a derivation proved, and the cheap recheck before something is printed."""

from __future__ import annotations

from collections.abc import Iterator

from derive.calculus.derivation import Derivation
from derive.calculus.log import Log
from derive.calculus.proof.directions import Directions, Judge
from derive.calculus.proof.instance import Effort, prove_log
from derive.calculus.proof.recursion import prove_recursion
from derive.calculus.proof.rows import BATCH, SAMPLE, Row
from derive.calculus.proof.sizes import generalised, numbers
from derive.errors import ProgramError, ProofError

WHOLE = Effort(each=20_000, total=60_000)
"""For one sample: three layers are expanded as a whole."""

PART = Effort(each=3_500, total=6_000)
"""For a batch: small networks are."""

NOTHING = Effort(0, 0)


def prove_formulas(derived: Derivation, seed: int = 0) -> tuple[Row, ...]:
    """Every formula of a derivation, for one sample and for a batch.

    A network of any depth is proved at the depth of its derivation, and its recursion at several.
    """
    try:
        return tuple(_rows(derived, seed))
    except ProgramError as error:
        return (Row("program", "", "well formed", False, str(error)),)


def _rows(derived: Derivation, seed: int) -> Iterator[Row]:
    generic = derived.network.generic
    for form, log, effort in ((SAMPLE, derived.sample, WHOLE), (BATCH, derived.batch, PART)):
        yield from prove_log(log, derived.concrete, form, seed, NOTHING if generic else effort)
    if generic:
        yield from prove_recursion(derived, seed, WHOLE)


def quick_check(derived: Derivation, *, batch: bool = False, seed: int = 0) -> None:
    """Recheck shapes and one random direction over all parameters; linear in the depth.

    Raises:
        ProofError: a shape does not fit, or the gradients are not those of the loss.
    """
    check_log(derived.batch if batch else derived.sample, seed)


def check_log(log: Log, seed: int = 0) -> None:
    """The same for one log.

    Raises:
        ProofError: as above.
    """
    try:
        program = generalised(log)
    except ProgramError as error:
        raise ProofError(f"a shape of the derivation does not fit: {error.message}") from None
    judge = Judge(log, program, numbers(program), seed)
    if not judge.decide(Directions.parameters).holds:
        raise ProofError("the derived gradients are not those of the loss along a random direction")
