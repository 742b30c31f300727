"""The functions of second order in a module: products with a direction, and the full Hessian."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from derive.codegen.lines import STEP, WIDTH, listed
from derive.codegen.masks import PARAMETER, given
from derive.codegen.module import ProductText, SecondText
from derive.codegen.names import Names
from derive.codegen.plan import Plan, Products, Section, needed
from derive.errors import DerivationError, NetworkError
from derive.networks import Network
from derive.program.program import Role

FUNCTIONS = {"R": "hessian_product", "G": "gauss_newton_product"}
"""Operator -> the function that has its products."""

TITLES = {
    "R": (
        "The Hessian of {loss} by all parameters, times a direction.",
        "Every value moves along the direction at a rate R, and so does the gradient: its rate is "
        "the product (Pearlmutter 1994). The direction has the form of the parameters: {pairs}.",
    ),
    "G": (
        "The Gauss-Newton matrix of {loss}, times a direction.",
        "It is J^T H J, with the Jacobian J of the last pre-activation by all parameters and the "
        "Hessian H of {loss} by that pre-activation: the network's own curvature is left out. The "
        "direction has the form of the parameters: {pairs}.",
    ),
}
"""Operator -> the first line of the docstring, and the rest."""

_OWN = frozenset({"direction", "hessian", *FUNCTIONS.values()})

Pass = Callable[[Section, Sequence[str]], tuple[str, ...]]
"""A pass from the loss back, with more local names."""


def second_text(network: Network, parts: Plan, names: Names, back: Pass) -> SecondText | None:
    """The text of all products of a plan; None where it has none.

    Raises:
        NetworkError: a name that these functions need themselves.
    """
    if not parts.products:
        return None
    taken = _OWN | set(_directions(parts).values())
    for name in (network.input, *network.sizes):
        if name in taken:
            raise NetworkError(f"{network.name}: {name!r} is a name of the module; choose another")
    return SecondText(
        tuple(
            _product(operator, own, network, parts, names, back)
            for operator, own in parts.products.items()
        ),
        _signature("hessian", network, parts, "Array"),
    )


def _parameters(parts: Plan) -> tuple[str, ...]:
    return parts.program.named(Role.PARAMETER)


def _directions(parts: Plan) -> dict[str, str]:
    """Parameter -> its direction."""
    own = (parts.program.variables[name] for name in parts.program.named(Role.TANGENT))
    return {variable.of: variable.name for variable in own if not variable.target}


def _signature(
    function: str, network: Network, parts: Plan, result: str, *more: str
) -> tuple[str, ...]:
    arguments = ["params: Parameters", f"{network.input}: ArrayLike", "y: ArrayLike", *more]
    arguments += [PARAMETER] if given(parts.program) else []
    return tuple(listed(f"def {function}(", arguments, f") -> {result}:", indent=0))


def _product(
    operator: str, own: Products, network: Network, parts: Plan, names: Names, back: Pass
) -> ProductText:
    function, loss = FUNCTIONS[operator], network.style.loss
    signature = _signature(function, network, parts, "Parameters", "direction: Parameters")
    first, rest = TITLES[operator]
    pairs = ", ".join(
        f"{direction} for {name}" for name, direction in list(_directions(parts).items())[:2]
    )
    text = rest.format(loss=loss, pairs=f"{pairs} and so on")
    note = textwrap.wrap(text, WIDTH, initial_indent=STEP, subsequent_indent=STEP)
    results = [
        names.code(name) if name is not None else f"np.zeros_like(params.{names.code(parameter)})"
        for parameter, name in own.results.items()
    ]
    return ProductText(
        signature,
        (f'{STEP}"""{first.format(loss=loss)}', "", *note, f'{STEP}"""'),
        (
            f"{STEP}_, cache = forward(params, {network.input}{given(parts.program)})",
            *back(own.section, _unpacked(own, parts)),
            *listed("return Parameters(", results, ")"),
        ),
    )


def _unpacked(own: Products, parts: Plan) -> list[str]:
    """The directions that the product needs, as local names."""
    used, directions = needed(own.section), _directions(parts)
    every = [directions[name] for name in _parameters(parts)]
    names = [name if name in used else "_" for name in every]
    if len(names) == 1:
        return listed("(", names, ",) = _direction(params, direction)")
    lines = listed("", names, " = _direction(params, direction)")
    return lines if len(lines) == 1 else listed("(", names, ") = _direction(params, direction)")


def refuse_any_depth(network: Network, second: bool) -> None:
    """Refuse what a module of any depth does not have.

    Raises:
        DerivationError: with what to do instead.
    """
    if second:
        raise DerivationError(
            f"{network.name} has any depth, and a module with second order has a fixed one: write "
            "the layers out, or in Python take network.at_depth(3)"
        )
