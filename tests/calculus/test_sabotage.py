"""Every rule of every table broken, one at a time: the public ``prove`` must fail.

Each sabotage names the table's entry that it breaks and the smallest network that uses it; a test
holds that every entry of every table has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from importlib import import_module
from typing import Any

import pytest
import sympy as sp

import derive.calculus.batching as batching
import derive.calculus.depth as depth
import derive.calculus.draft as draft
import derive.calculus.local as local
import derive.calculus.reverse as reverse
import derive.calculus.rewrite as rewrite
import derive.calculus.simplify as simplify
import derive.calculus.vjp as vjp
import derive.program.functions as functions
from derive.calculus.proof import formulas
from derive.calculus.proof.rules import contraction_rule_holds, map_rule_holds
from derive.calculus.simplify import RULES
from derive.calculus.vjp import VJP, Pullback
from derive.errors import DeriveError
from derive.networks import network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.program.functions import FUNCTIONS, Function
from derive.program.program import Contraction, Map, Program, Term
from derive.program.shapes import ONE, Scale
from derive.proving import prove

derivations = import_module("derive.calculus.derivation")
"""The module; the package has a function of that name."""

Patch = pytest.MonkeyPatch
Change = Callable[[Pullback], Pullback | None]


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Derivatives are cached by function; a sabotage must neither see nor leave a cached one."""
    for cached in (local.local_derivative, functions.derivative):
        cached.cache_clear()
    yield
    for cached in (local.local_derivative, functions.derivative):
        cached.cache_clear()


@pytest.fixture(autouse=True)
def _little_effort(monkeypatch: Patch) -> None:
    """Steps and random directions must see it; expanding whole gradients only adds to that."""
    for effort in ("WHOLE", "PART"):
        monkeypatch.setattr(formulas, effort, formulas.NOTHING)


@dataclass(frozen=True)
class Sabotage:
    """One broken rule."""

    entry: str
    """``table: key``."""
    how: str
    network: str
    break_it: Callable[[Patch], None]

    def __str__(self) -> str:
        return f"{self.entry}: {self.how}"


LINEAR = "x[2] -> dense(3) ; mse"
DEEP = "x[3] -> dense(3, tanh) -> dense(3) ; mse"
SOFTMAX = "x[2] -> dense(3, softmax) ; mse"
CROSS_ENTROPY = "x[2] -> dense(3, softmax) ; cross_entropy"
LOG_SOFTMAX = "x[2] -> dense(3, log_softmax) ; mse"
LOG_LIKELIHOOD = "x[2] -> dense(3, log_softmax) ; nll"
SIGMOID = "x[2] -> dense(3, sigmoid) ; bce"


def pullbacks(kind: type, change: Change) -> Callable[[Patch], None]:
    """Break a derivative rule by changing or dropping its contributions."""
    rule = VJP[kind]

    def broken(equation: Any, incoming: str, letters: str) -> Iterator[Pullback]:
        yield from filter(None, map(change, rule(equation, incoming, letters)))

    return lambda patch: patch.setitem(vjp.VJP, kind, broken)


def with_term(change: Callable[[Term], Term], position: int | None = None) -> Change:
    """Change the term of all contributions, or of those of one argument."""

    def changed(pulled: Pullback) -> Pullback:
        chosen = position in (None, pulled.position)
        return replace(pulled, term=change(pulled.term)) if chosen else pulled

    return changed


def negative(term: Term) -> Term:
    return replace(term, scale=-term.scale)


def doubled(term: Term) -> Term:
    return replace(term, scale=term.scale * Scale(Fraction(2)))


def transposed(term: Term) -> Term:
    """The letters of every matrix but the incoming cotangent reversed."""
    first, *rest = term.letters
    return replace(term, letters=(first, *(used[::-1] for used in rest)))


def incoming_transposed(term: Term) -> Term:
    first, *rest = term.letters
    return replace(term, letters=(first[::-1], *rest))


def operand_dropped(term: Term) -> Term:
    return replace(term, operands=term.operands[:1], letters=term.letters[:1])


def incoming_dropped(term: Term) -> Term:
    return replace(term, operands=term.operands[1:], letters=term.letters[1:])


def scale_dropped(term: Term) -> Term:
    return replace(term, scale=ONE)


def gradient_transposed(pulled: Pullback) -> Pullback:
    return replace(pulled, letters=pulled.letters[::-1])


def sum_dropped(pulled: Pullback) -> Pullback:
    """A contribution keeps the letters that it should sum."""
    lost = set("".join(pulled.term.letters)) - set(pulled.letters)
    return replace(pulled, letters=pulled.letters + "".join(sorted(lost)))


def broadcast_dropped(pulled: Pullback) -> Pullback:
    """A contribution lacks the letters over which it should be broadcast."""
    used = set("".join(pulled.term.letters))
    return replace(pulled, letters="".join(k for k in pulled.letters if k in used))


def sum_forgotten(pulled: Pullback) -> Pullback | None:
    """The exponentials of softmax are used twice; their use in the sum is forgotten."""
    through_sum = len(pulled.term.operands) == 1 and pulled.argument == "y_hat_exp"
    return None if through_sum else pulled


def last_use_only(patch: Patch) -> None:
    """Accumulate replaced by overwrite."""

    def pull(self: Any, equation: Any, active: set[str]) -> None:
        incoming = self.draft.cotangents[equation.out]
        letters = self.draft.letters[equation.out]
        for pulled in VJP[type(equation)](equation, incoming, letters):
            if pulled.argument in active:
                self.uses[pulled.argument] = [(pulled, equation)]

    patch.setattr(reverse._Reverse, "_pull", pull)


DERIVATIVE_RULES = [
    Sabotage("VJP: Contraction", how, text, pullbacks(Contraction, change))
    for how, text, change in (
        ("sign", LINEAR, with_term(negative)),
        ("sign of one operand", LINEAR, with_term(negative, 0)),
        ("factor", LINEAR, with_term(doubled, 0)),
        ("an operand's transpose", DEEP, with_term(transposed)),
        ("the cotangent's transpose", DEEP, with_term(incoming_transposed)),
        ("the gradient's axes", LINEAR, gradient_transposed),
        ("a dropped operand", LINEAR, with_term(operand_dropped)),
        ("a dropped scale", "x[2] -> dense(3) ; mean_mse", with_term(scale_dropped)),
        ("a dropped sum", LINEAR, sum_dropped),
        ("a dropped broadcast", SOFTMAX, broadcast_dropped),
        ("a dropped contribution", SOFTMAX, sum_forgotten),
    )
]
DERIVATIVE_RULES += [
    Sabotage("VJP: Map", how, text, pullbacks(Map, change))
    for how, text, change in (
        ("sign", LINEAR, with_term(negative)),
        ("factor", SIGMOID, with_term(doubled)),
        ("a dropped local derivative", SIGMOID, with_term(operand_dropped)),
        ("a dropped cotangent", DEEP, with_term(incoming_dropped)),
    )
]
DERIVATIVE_RULES.append(
    Sabotage("VJP: Contraction", "overwrite instead of accumulate", SOFTMAX, last_use_only)
)


def wrong_derivative(name: str, change: Callable[[sp.Expr], sp.Expr]) -> Callable[[Patch], None]:
    """Break the local derivative of one function of the table."""
    plain = local.local_derivative

    def broken(function: Function, position: int) -> local.Local:
        found = plain(function, position)
        if function != FUNCTIONS[name]:
            return found
        return replace(
            found, function=replace(found.function, expression=change(found.function.expression))
        )

    return lambda patch: patch.setattr(vjp, "local_derivative", broken)


USES = {
    "identity": LINEAR,
    "exp": SOFTMAX,
    "reciprocal": SOFTMAX,
    "log": LOG_SOFTMAX,
    "tanh": "x[2] -> dense(3, tanh) ; mse",
    "sigmoid": SIGMOID,
    "relu": "x[2] -> dense(3, relu) ; mse",
    "squared_difference": LINEAR,
    "half_squared_difference": "x[2] -> dense(3) ; half_squared_error",
    "binary_cross_entropy": SIGMOID,
    "weighted_log": CROSS_ENTROPY,
}
USES |= {
    activation.function: f"x[2] -> dense(3, {word}) ; mse"
    for word, activation in ACTIVATIONS.items()
    if not activation.block and activation.function not in USES
}
USES |= {
    loss.function: f"x[2] -> dense(3, {loss.heads[0] if loss.heads else 'sigmoid'}) ; {word}"
    for word, loss in LOSSES.items()
    if loss.function not in USES
}
"""The smallest network that uses each function."""

NO_NETWORK = set(FUNCTIONS) - set(USES)
"""Words of formulas, which no network uses by themselves: their rule alone is broken."""

WRONG = {"sign": lambda e: -e, "factor": lambda e: 2 * e, "a further term": lambda e: e + 1}

LOCAL_DERIVATIVES = [
    Sabotage(f"FUNCTIONS: {name}", how, text, wrong_derivative(name, change))
    for name, text in USES.items()
    for how, change in WRONG.items()
]


def wrong_rule(name: str, change: Callable[[sp.Expr], sp.Expr]) -> Callable[[Patch], None]:
    """Break the result of one named rule."""
    plain = RULES[name]
    return lambda patch: patch.setitem(RULES, name, lambda e, p: change(plain(e, p)))


NAMED_RULES = [
    Sabotage(f"RULES: {name}", how, text, wrong_rule(name, change))
    for name in RULES
    for text in (
        (CROSS_ENTROPY, LOG_LIKELIHOOD)
        if "hypothesis" in name
        else (CROSS_ENTROPY, SOFTMAX, LOG_SOFTMAX)
    )
    for how, change in WRONG.items()
]


def wrong_hypothesis(patch: Patch) -> None:
    """``sum y = 2``."""
    plain = RULES["use the hypothesis"]

    def broken(expression: sp.Expr, premises: Any) -> sp.Expr:
        facts = tuple(replace(fact, value=2) for fact in premises.program.facts)
        program = replace(premises.program, facts=facts)
        return plain(expression, replace(premises, program=program))

    patch.setitem(RULES, "use the hypothesis", broken)


def wrong_solution(patch: Patch) -> None:
    """``e = 2 s exp(o)``."""
    plain = simplify._unknown
    patch.setattr(simplify, "_unknown", lambda *sides: 2 * plain(*sides))


def wrong_fusion(patch: Patch) -> None:
    plain = rewrite.fused
    patch.setattr(rewrite, "fused", lambda a, b: (found := plain(a, b)) and (-found[0], found[1]))


def wrong_own_output(patch: Patch) -> None:
    """A derivative in terms of the output that is not the derivative."""
    plain = local._in_terms_of_output
    patch.setattr(local, "_in_terms_of_output", lambda f, raw: (-e for e in plain(f, raw)))


NAMED_RULES += [
    Sabotage("RULES: use the hypothesis", "another sum", CROSS_ENTROPY, wrong_hypothesis),
    *(
        Sabotage("RULES: solve for the inner value", "another solution", text, wrong_solution)
        for text in (CROSS_ENTROPY, LOG_LIKELIHOOD)
    ),
    Sabotage("RULES: cancel", "fusion with a wrong sign", SIGMOID, wrong_fusion),
    Sabotage("own output", "sign", "x[2] -> dense(3, tanh) ; mse", wrong_own_output),
]


def lost_mean(patch: Patch) -> None:
    patch.setattr(batching._Batching, "_weight", property(lambda self: ONE))


def wrong_sample_axis(patch: Patch) -> None:
    patch.setattr(batching._Batching, "_letters", lambda self, letters: "n" + letters)


def unbatched_input(patch: Patch) -> None:
    """The sample axis is forgotten where a value is used."""
    plain = batching._Batching._term

    def term(self: Any, term: Term) -> Term:
        lifted = plain(self, term)
        return term if len(term.operands) > 1 else lifted

    patch.setattr(batching._Batching, "_term", term)


def repeated_letters(patch: Patch) -> None:
    """One letter for all axes of a variable."""
    plain = draft.letters_of
    patch.setattr(
        draft, "letters_of", lambda program: {n: k[:1] * len(k) for n, k in plain(program).items()}
    )


def changed_program(change: Callable[[Contraction], Contraction]) -> Callable[[Patch], None]:
    """Build the first contraction of every network wrongly."""
    plain = derivations.build

    def broken(net: Any) -> Program:
        program = plain(net)
        first, *rest = program.equations
        return replace(program, equations=(change(first), *rest))  # type: ignore[arg-type]

    return lambda patch: patch.setattr(derivations, "build", broken)


def lost_bias(first: Contraction) -> Contraction:
    return replace(first, terms=first.terms[:1])


def transposed_weights(first: Contraction) -> Contraction:
    weights, values = first.terms[0].letters
    product = replace(first.terms[0], letters=(weights[::-1], values))
    return replace(first, terms=(product, *first.terms[1:]))


def unit_drops_scale(patch: Patch) -> None:
    """``1 x = x`` for a constant that is not 1."""
    plain = reverse.without_constants
    patch.setattr(
        reverse,
        "without_constants",
        lambda equation, term, known: replace(plain(equation, term, known), scale=ONE),
    )


def changed_block(change: Callable[[Term], Term]) -> Callable[[Patch], None]:
    """Build every block with a wrong last term of the equation of its value."""
    plain = derivations.build

    def broken(net: Any) -> Program:
        program = plain(net)
        (block,) = program.blocks
        equation = program.equation(block.out)
        terms = (*equation.terms[:-1], change(equation.terms[-1]))
        wrong = replace(equation, terms=terms)
        equations = tuple(wrong if eq.out == block.out else eq for eq in program.equations)
        return replace(program, equations=equations)

    return lambda patch: patch.setattr(derivations, "build", broken)


ENGINE = [
    *(
        Sabotage("build", f"a {how} of a block", text, changed_block(change))
        for text in (SOFTMAX, LOG_SOFTMAX)
        for how, change in (("sign", negative), ("factor", doubled))
    ),
    Sabotage("batching", "lost 1/m", LINEAR, lost_mean),
    Sabotage("batching", "a wrong sample axis", LINEAR, wrong_sample_axis),
    Sabotage("batching", "a forgotten sample axis", LINEAR, unbatched_input),
    Sabotage("letters", "repeated", DEEP, repeated_letters),
    Sabotage("build", "a lost bias", LINEAR, changed_program(lost_bias)),
    Sabotage("build", "transposed weights", DEEP, changed_program(transposed_weights)),
    Sabotage("1 x = x", "a lost factor", "x[2] -> dense(3) ; mean_mse", unit_drops_scale),
]

SABOTAGES = [*DERIVATIVE_RULES, *LOCAL_DERIVATIVES, *NAMED_RULES, *ENGINE]


def proved(text: str) -> bool:
    """Whether a proof passed; a rule so broken that no program comes out has not."""
    try:
        return prove(network(text)).passed
    except (DeriveError, ValueError):
        return False


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=str)
def test_a_broken_rule_is_seen(sabotage: Sabotage, monkeypatch: Patch) -> None:
    sabotage.break_it(monkeypatch)
    assert not proved(sabotage.network)


@pytest.mark.parametrize("text", sorted({s.network for s in SABOTAGES}))
def test_unbroken_they_pass(text: str) -> None:
    assert proved(text)


def test_a_broken_recursion_is_seen(monkeypatch: Patch) -> None:
    plain = depth.shift_name
    monkeypatch.setattr(depth, "shift_name", lambda n, by: plain(n, by).replace("x", "h0"))
    assert not proved("relu-sigmoid-bce")


@pytest.mark.parametrize("name", sorted(NO_NETWORK))
def test_a_broken_derivative_that_no_network_uses(name: str, monkeypatch: Patch) -> None:
    assert map_rule_holds(FUNCTIONS[name])
    wrong_derivative(name, lambda e: e + 1)(monkeypatch)
    assert not map_rule_holds(FUNCTIONS[name])


def test_a_broken_rule_fails_its_own_proof(monkeypatch: Patch) -> None:
    product = Contraction("out", "ik", (Term(("a", "b"), ("ij", "jk")),))
    pullbacks(Contraction, with_term(negative, 1))(monkeypatch)
    assert not contraction_rule_holds(product, {"i": 2, "j": 3, "k": 4})


def test_every_entry_of_every_table_is_broken() -> None:
    entries = {sabotage.entry for sabotage in SABOTAGES}
    assert {f"VJP: {kind.__name__}" for kind in VJP} <= entries
    assert {f"RULES: {name}" for name in RULES} <= entries
    used = {activation.function for activation in ACTIVATIONS.values() if not activation.block}
    used |= {loss.function for loss in LOSSES.values()}
    assert {f"FUNCTIONS: {name}" for name in used} <= entries
