"""``--form sympy``: SymPy's own derivative of the written-out loss beside the derived one."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import sympy as sp

from derive.calculus.derivation import Derivation, derivation
from derive.calculus.proof.exact import exact
from derive.calculus.proof.identity import Undecided
from derive.document.blocks import Block, Code, Document, Paragraph, Section
from derive.document.options import Options
from derive.errors import DerivationError, ProofError, nearest


def symbolic_document(original: Derivation, options: Options) -> Document:
    """The nested loss, and for each parameter both derivatives and their difference.

    Raises:
        DerivationError: sizes without a number, or an unknown gradient.
    """
    network = original.network.concrete()
    if network.sizes:
        raise DerivationError(
            f"{original.network.name}: SymPy needs numbers for the sizes "
            f"{', '.join(network.sizes)}; write the network with numbers, or give it values"
        )
    found = derivation(network, by_input=options.of == network.input)
    loss = network.loss_expression()
    sections = [
        Section(("The loss, from input to output",), (_code("L", loss),)),
        *_gradients(found, loss, options),
    ]
    return Document(f"The gradients of {network.name} in SymPy", network.title, tuple(sections))


MAX_LENGTH = 1500
"""Characters of an expression that is still printed."""
COLUMNS = 74
"""Where a line of an expression is broken."""


def _gradients(found: Derivation, loss: sp.Expr, options: Options) -> Iterator[Section]:
    names = found.parameters + ((found.network.input,) if found.by_input else ())
    if options.of and options.of not in names:
        raise DerivationError(f"there is no gradient of {options.of!r}{nearest(options.of, names)}")
    names = _of_layer(found, names, options.layer) if options.layer else names
    for name in (options.of,) if options.of else reversed(names):
        yield Section((f"The derivative by {name}",), tuple(_compared(found, loss, name)))


def _of_layer(found: Derivation, names: tuple[str, ...], layer: str) -> tuple[str, ...]:
    """The parameters of the layer that ``--layer`` names.

    Raises:
        DerivationError: there is no such layer, with the nearest one.
    """
    numbers = {name: str(found.sample.forward.variables[name].layer) for name in names}
    if layer not in numbers.values():
        known = list(dict.fromkeys(numbers.values()))
        raise DerivationError(f"there is no layer {layer!r}{nearest(layer, known)}")
    return tuple(name for name in names if numbers[name] == layer)


def _compared(found: Derivation, loss: sp.Expr, name: str) -> Iterator[Block]:
    """SymPy's derivative, the derived one, and whether they are the same."""
    derived = found.gradient(name).to_sympy()
    rank = len(found.gradient(name).shape)
    entry = derived[(0,) * rank] if rank else derived
    suffix = "_1" * rank
    symbol = sp.Symbol(f"{name}{suffix}")
    yield _code(f"sympy.diff(L, {symbol})", sp.diff(loss, symbol))
    yield _code(
        f"the derived gradient, entry {symbol}" if suffix else "the derived gradient", entry
    )
    yield Paragraph((_verdict(found, name, bool(suffix)),))


def _code(title: str, expression: sp.Expr) -> Code:
    text = str(expression)
    if len(text) > MAX_LENGTH:
        text = f"# {len(text)} characters, too long to read"
    lines = textwrap.wrap(text, COLUMNS, break_on_hyphens=False, subsequent_indent="    ")
    return Code("python", "\n".join([f"# {title}", *lines]))


def _verdict(found: Derivation, name: str, entries: bool) -> str:
    """What the exact comparison says.

    Raises:
        ProofError: the two differ.
    """
    scope = "in every entry" if entries else "as expressions"
    facts = " given that the target sums to 1," if found.sample.forward.hypotheses else ""
    try:
        same = exact(found.sample, found.sample.program, {}, name)
    except Undecided as reason:
        return f"The comparison is left open: {reason}."
    if not same:
        raise ProofError(f"the derived gradient of {name} is not SymPy's derivative")
    return f"Their difference is 0,{facts} {scope}: proved by SymPy."
