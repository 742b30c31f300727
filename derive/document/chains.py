"""The chain rule along one use of a variable: what the use is, and its local derivative.

A use may be elementwise (an activation, a sum, a mask) or not (a product with weights), and it may
be the only way from the variable to the value that uses it or one of several. In the second case
the local derivative is that of the equation's right side, in which only this variable moves.
"""

from __future__ import annotations

from dataclasses import dataclass

from derive.calculus.log import Contribution
from derive.document.view import View
from derive.meaning.write import Chain
from derive.notation.tree import BigSum, Derivative, Node
from derive.program.program import Contraction, Map, Role
from derive.program.shapes import ONE


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a variable, as a reader sees it."""

    view: View
    of: str
    record: Contribution

    @property
    def through(self) -> str:
        """The name whose equation uses the variable."""
        return self.record.through

    @property
    def map(self) -> bool:
        """Whether it is the argument of a function."""
        return isinstance(self.view.log.forward.equation(self.through), Map)

    @property
    def of_loss(self) -> bool:
        """Whether it is a use in the loss itself: no named value comes between."""
        role = self.view.log.forward.variables[self.through].role
        inner = {name for block in self.view.log.forward.blocks for name in block.inner}
        return role in (Role.PART, Role.LOSS) and self.through not in inner

    @property
    def factors(self) -> tuple[str, ...]:
        """What multiplies it in that equation."""
        return self.record.term.operands[1:] if not self.map else ()

    @property
    def elementwise(self) -> bool:
        """Whether a component of the value depends on the same component of the variable alone."""
        if self.map:
            return True
        parameter = self.view.log.forward.variables[self.of].role is Role.PARAMETER
        own = set(self.record.letters)
        same = set(self.record.term.letters[0]) == own
        return same and not parameter and all(set(k) <= own for k in self.record.term.letters)

    @property
    def added(self) -> bool:
        """Whether it is a summand as it is."""
        return not self.map and not self.factors and self.record.term.scale == ONE

    @property
    def masked(self) -> bool:
        """Whether it is multiplied by something that is given with every sample."""
        variables = self.view.log.forward.variables
        return any(variables[name].role is Role.GIVEN for name in self.factors)

    @property
    def held(self) -> tuple[str, ...]:
        """What else in that equation depends on the variable; it is held fixed here."""
        moving = self.view.downstream(self.of)
        equation = self.view.log.forward.equation(self.through)
        assert equation is not None
        others = (name for name in equation.arguments if name != self.of and name in moving)
        return tuple(dict.fromkeys(others))

    @property
    def only(self) -> bool:
        """Whether nothing else in that equation depends on the variable."""
        return not self.held

    def chain(self, letters: str) -> Chain:
        """The chain rule for this use, at the component with these letters."""
        view, use = self.view, self.record
        if not self.elementwise or self.map:
            return view.writer.chain(view.target, use.through, use.position, letters)
        writer = view.writer
        local = writer.quotient(use.through, self.of, letters, letters)
        incoming = writer.quotient(view.target, use.through, "", letters)
        product = writer.product([incoming, local], "times" if writer.scalar else "")
        value = writer.jacobian(use.through, use.position, letters, letters)
        return Chain(view.quotient(self.of, letters), product, local, value)

    def between(self, letters: str) -> tuple[str, str]:
        """The letters of the value through which the variable acts, and those that are summed."""
        if self.elementwise:
            return letters, ""
        out = self.view.writer.fresh_letters(self.through, letters)
        return out, out

    def arriving(self, letters: str, value: Node, *, inline: bool = False) -> Node:
        """What comes back along this use: the incoming gradient times the local derivative."""
        view, (out, sums) = self.view, self.between(letters)
        incoming = view.writer.variable(self.record.incoming, out or None)
        if inline:
            incoming = view.writer.component(self.record.incoming, out, view.inline)
        body = view.writer.product([incoming, value], "times" if view.writer.scalar else "")
        for letter in reversed(sums):
            body = BigSum(body, view.writer.letter(letter))
        return body

    def slope(self, letters: str) -> Node:
        """The derivative of the right side by the variable where it is written there."""
        view, (out, _) = self.view, self.between(letters)
        right = view.writer.component(self.through, out, taken=letters)
        return Derivative(right, view.writer.variable(self.of, letters or None))

    def in_loss(self, letters: str) -> Node:
        """The part of the loss that holds this use, with indices other than these letters."""
        view = self.view
        loss = view.log.forward.equation(view.target)
        if not isinstance(loss, Contraction):
            return view.writer.component(view.target, "", taken=letters)
        place = next(k for k, term in enumerate(loss.terms) if self.through in term.operands)
        return view.writer.term(view.target, place, "", letters)

    def share(self, cotangent: str, place: int, letters: str) -> Node:
        """What this use contributes to the gradient, in the gradient's own letters."""
        return self.view.writer.term(cotangent, place, letters)


def uses(view: View, of: str) -> tuple[Use, ...]:
    """Every use of a variable on its way to the loss, in forward order."""
    return tuple(Use(view, of, contribution) for contribution in view.steps[of].contributions)
