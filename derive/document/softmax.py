"""The step through softmax, or its logarithm: every output depends on every logit, so the chain
rule sums.

    dp_j/dz_i = delta_ji exp(z_j)/S - exp(z_j) exp(z_i)/S^2 = p_j (delta_ji - p_i)
    do_j/dz_i = delta_ji - exp(z_i)/S = delta_ji - exp(o_i)

The gradient is then brought into its simplest form by the named rules of the log.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from derive.calculus.index import component_name, components
from derive.calculus.log import Step as Record
from derive.document.blocks import Line
from derive.document.simplifications import simplification_lines
from derive.document.view import View
from derive.meaning.index import SUM, nameless_sums
from derive.notation.tree import (
    Apply,
    BigSum,
    Delta,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)
from derive.program.program import Block

ONE, TWO = Number("1"), Number("2")


@dataclass
class _Through(ABC):
    """The denominator, the Jacobian, the chain rule over all outputs, and the rules."""

    view: View
    record: Record
    block: Block = field(init=False)
    here: str = field(init=False)
    """The letters of one logit, with that of its sample."""
    there: str = field(init=False)
    """The letters of any output of the same sample."""
    own: Symbol = field(init=False)
    other: Symbol = field(init=False)
    total: Symbol = field(init=False)
    """The denominator S."""

    def __post_init__(self) -> None:
        writer = self.view.writer
        blocks = self.view.log.forward.blocks
        self.block = next(block for block in blocks if block.argument == self.record.of)
        self.here = writer.letters[self.record.of]
        samples = writer.letters[self.block.inner[1]]
        own = next(letter for letter in self.here if letter not in samples)
        other = next(letter for letter in "jkl" if letter not in self.here)
        self.there = self.here.replace(own, other)
        self.own, self.other = writer.letter(own), writer.letter(other)
        self.total = Symbol(SUM, sub=tuple(map(writer.letter, samples)))

    def lines(self) -> tuple[Line, ...]:
        """The lines of the step."""
        view, where = self.view, nameless_sums(self.view.writer, self.block.out)
        sums = tuple(view.formula(*relation.sides, where=(relation,)) for relation in where)
        jacobian = view.formula(self._quotient(), *self._jacobian(), where=where)
        sought = view.quotient(self.record.of, self.here)
        chain = BigSum(
            view.writer.product([self._arriving(self.there), self._quotient()], ""), self.other
        )
        product = view.formula(sought, chain, self._opened(self._arriving), where=where)
        rules = simplification_lines(view, self.record, self.here, before=self._put_in())
        return (
            Line(BLOCKS[self.block.function].shared.capitalize(), sums),
            Line("Local derivative", (jacobian,)),
            Line("Chain rule", (product,)),
            *rules,
        )

    def _quotient(self) -> Node:
        return self.view.writer.quotient(self.block.out, self.record.of, self.there, self.here)

    def _arriving(self, letters: str) -> Node:
        return self.view.writer.quotient(self.view.target, self.block.out, "", letters)

    def _formula(self, letters: str) -> Node:
        """What arrives, as the formula that the step before has found."""
        cotangent = self.view.log.cotangents[self.block.out]
        return self.view.writer.component(cotangent, letters, self.view.inline)

    def _power(self, letters: str) -> Node:
        return Apply("exp", (self.view.writer.variable(self.block.argument, letters),))

    @abstractmethod
    def _jacobian(self) -> tuple[Node, Node]:
        """One entry as it comes out, and in terms of the block's own values."""

    @abstractmethod
    def _opened(self, arriving: Callable[[str], Node]) -> Node:
        """The ways of ``z_i`` to the loss: through its own output, and through the sum."""

    def _put_in(self) -> Node:
        """The product with which the rules begin: what arrives is named, or its formula put in."""
        cotangent = self.view.log.cotangents[self.block.out]
        rewrites = self.record.rewrites
        found = components(rewrites[0].before) if rewrites else []
        named = any(component_name(node) == cotangent for node in found)
        return self._opened(self._arriving if named else self._formula)


class _Softmax(_Through):
    def _jacobian(self) -> tuple[Node, Node]:
        """By the quotient rule, and in terms of p."""
        here, there = self._power(self.here), self._power(self.there)
        delta = Delta(self.other, self.own)
        first = Product((delta, Quotient(there, self.total)))
        second = Quotient(Product((there, here)), Power(self.total, TWO))
        variable = self.view.writer.variable
        rest = Sum((delta, Negative(variable(self.block.out, self.here))))
        simple = Product((variable(self.block.out, self.there), rest))
        return Sum((first, Negative(second))), simple

    def _opened(self, arriving: Callable[[str], Node]) -> Node:
        """Both ways lead through ``exp(z_i)``."""
        own = Product((Quotient(ONE, self.total), arriving(self.here)))
        body = Product((arriving(self.there), self._power(self.there)))
        shared = Product((Quotient(ONE, Power(self.total, TWO)), BigSum(body, self.other)))
        return Product((Sum((own, Negative(shared))), self._power(self.here)))


class _LogSoftmax(_Through):
    def _jacobian(self) -> tuple[Node, Node]:
        """The logarithm of S has the slope 1/S; then ``exp(z_i)/S = exp(o_i)``."""
        delta = Delta(self.other, self.own)
        share = Quotient(self._power(self.here), self.total)
        value = Apply("exp", (self.view.writer.variable(self.block.out, self.here),))
        return Sum((delta, Negative(share))), Sum((delta, Negative(value)))

    def _opened(self, arriving: Callable[[str], Node]) -> Node:
        """``z_i`` is a term of its own output; the sum is in all of them."""
        share = Quotient(self._power(self.here), self.total)
        shared = Product((share, BigSum(arriving(self.there), self.other)))
        return Sum((arriving(self.here), Negative(shared)))


@dataclass(frozen=True, slots=True)
class Told:
    """How the step through a named program is told."""

    rule: str
    shared: str
    """What the outputs have in common: the sum S."""
    through: type[_Through]

    def lines(self, view: View, record: Record) -> tuple[Line, ...]:
        """The lines of the step."""
        return self.through(view, record).lines()


BLOCKS: dict[str, Told] = {
    "softmax": Told("chain rule through softmax", "denominator", _Softmax),
    "log_softmax": Told("chain rule through log-softmax", "sum", _LogSoftmax),
}
"""Named program -> its step."""
