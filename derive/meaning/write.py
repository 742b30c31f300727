"""From a program to notation: how each variable, equation and derivative is written.

A :class:`Writer` holds one program and the choices that spell it. It is told how layers are called,
so that a layer 2 can be written ``l`` where it stands for all of them. Index form is the general
one; matrix form goes through the closed table of ``matrix``, one equation at a time, and falls back
to index form where the table has no line.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.meaning.equations import FUNCTION_WORDS, Equations, Inline, nothing, written_word
from derive.meaning.names import Form
from derive.notation.tree import BigSum, Delta, Node, Number, Relation, equals
from derive.program.letters import SPARE, rename
from derive.program.program import Contraction, Map, Term


@dataclass(frozen=True, slots=True)
class Chain:
    """One use of the chain rule."""

    sought: Node
    product: Node
    """Incoming times local derivative, summed over the components between."""
    local: Node
    """The local derivative as a quotient."""
    value: Node
    """What the local derivative is."""


@dataclass
class Writer(Equations):
    """Writes the equations and the derivatives of one program in one style."""

    def local(self, through: str, position: int) -> Relation:
        """The local derivative of one equation by one of its arguments, component by component.

        ``dz_i/dW_jk = delta_ij a_k``; in scalar form ``dz/dW = a``.
        """
        equation = self._equation(through)
        out_letters = self.letters[through]
        name = equation.arguments[position]
        fresh = self.fresh_letters(name, out_letters)
        left = self.quotient(through, name, out_letters, fresh)
        return equals(left, self.jacobian(through, position, out_letters, fresh))

    def chain(self, target: str, through: str, position: int, letters: str) -> Chain:
        """The chain rule for one use of a variable, component by component.

        ``dL/dW_ij = sum_k dL/dz_k dz_k/dW_ij`` and the local derivative in it.
        """
        equation = self._equation(through)
        name = equation.arguments[position]
        out_letters = self.fresh_letters(through, letters)
        if isinstance(equation, Map):
            out_letters = letters
        local = self.quotient(through, name, out_letters, letters)
        incoming = self.quotient(target, through, "", out_letters)
        body = self.product([incoming, local], "times" if self.scalar else "")
        for letter in reversed(out_letters if not isinstance(equation, Map) else ""):
            body = BigSum(body, self.letter(letter))
        value = self.jacobian(through, position, out_letters, letters)
        return Chain(self.quotient(target, name, "", letters), body, local, value)

    def fresh_letters(self, name: str, taken: str) -> str:
        """Letters for a variable's axes that do not meet those of the surroundings."""
        spare = (k for k in SPARE + "n" if k not in taken)
        own = self.letters[name]
        return "".join(k if k not in taken else next(s for s in spare if s not in own) for k in own)

    def jacobian(self, through: str, position: int, out_letters: str, fresh: str) -> Node:
        """The component ``d out[out_letters] / d argument[fresh]``."""
        equation = self._equation(through)
        if isinstance(equation, Map):
            return self._map_jacobian(equation, position, out_letters, fresh)
        renamed = rename(equation, out_letters, fresh)
        term, k = _occurrence(renamed, position)
        pairs = dict(zip(term.letters[k], fresh, strict=True))
        deltas = [
            Delta(self.letter(own), self.letter(new))
            for own, new in pairs.items()
            if own in out_letters and own != new
        ]
        moved = {own: new for own, new in pairs.items() if own not in out_letters}
        others = [
            self.variable(name, "".join(moved.get(x, x) for x in used) or None)
            for j, (name, used) in enumerate(zip(term.operands, term.letters, strict=True))
            if j != k
        ]
        body = self.product([*deltas, *others], "")
        return self.scaled(term.scale, body)

    def _map_jacobian(self, equation: Map, position: int, out_letters: str, fresh: str) -> Node:
        name = self._local_name(equation, position)
        local = self.component(name, out_letters) if name else Number("1")
        deltas = [
            Delta(self.letter(a), self.letter(b))
            for a, b in zip(out_letters, fresh, strict=True)
            if a != b
        ]
        if deltas and local == Number("1"):
            return self.product([*deltas], "")
        return self.product([*deltas, local], "")

    def _local_name(self, equation: Map, position: int) -> str | None:
        of = equation.arguments[position]
        again = f".{position}" if equation.arguments.count(of) > 1 else ""
        name = f"local({equation.out}, {of}){again}"
        return name if name in self.program.variables else None


def _occurrence(equation: Contraction, position: int) -> tuple[Term, int]:
    """The term and the place in it of the position-th argument."""
    count = 0
    for term in equation.terms:
        if position < count + len(term.operands):
            return term, position - count
        count += len(term.operands)
    raise IndexError(position)


__all__ = ["FUNCTION_WORDS", "Chain", "Form", "Inline", "Writer", "nothing", "written_word"]
