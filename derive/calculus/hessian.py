"""The full Hessian of a small network, from its Hessian-vector products.

The k-th column is the product with the k-th unit direction. Rows and columns are the entries of
the parameters, first layer first, each array read row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import sympy as sp

from derive.calculus.log import Log
from derive.calculus.reverse import reverse
from derive.calculus.tangent_log import Tangents
from derive.config import LIMITS
from derive.errors import DerivationError
from derive.networks.expression import entries
from derive.program.evaluate import SYMBOLIC, Array, evaluate
from derive.program.program import Role, live
from derive.program.shapes import concrete


def products(found: Tangents, sizes: Mapping[str, int]) -> dict[str, Array]:
    """The Hessian-vector product of every parameter in SymPy, an array of its shape.

    Raises:
        DerivationError: a named size has no number.
    """
    missing = [size for size in found.program.sizes if size not in sizes]
    if missing:
        raise DerivationError(f"size {missing[0]} needs a number: sizes={{{missing[0]!r}: 2}}")
    shapes = {name: found.program.variables[name].shape for name in found.program.inputs}
    known = {name: entries(name, concrete(shape, sizes)) for name, shape in shapes.items()}
    names = {parameter: found.product(parameter) for parameter in found.directions}
    wanted = [name for name in names.values() if name is not None]
    values = evaluate(found.program, known, sizes, SYMBOLIC, live(found.program.equations, wanted))
    return {
        parameter: known[parameter] * 0 if name is None else values[name]
        for parameter, name in names.items()
    }


def hessian(found: Tangents, sizes: Mapping[str, int]) -> Any:
    """All second derivatives as a SymPy matrix.

    Raises:
        DerivationError: a named size has no number, or the matrix has more rows than anybody reads.
    """
    shapes = {n: concrete_shape(found, n, sizes) for n in found.directions}
    rows = sum(prod(shape) for shape in shapes.values())
    if rows > LIMITS.max_hessian:
        raise DerivationError(
            f"the Hessian has {rows} rows and columns; up to {LIMITS.max_hessian} are written out. "
            "Take smaller sizes, or the product with a direction"
        )
    flat = _flat(products(found, sizes).values())
    units = _flat(entries(v, shapes[name]) for name, v in found.directions.items())
    columns = []
    for chosen in units:
        pairs = {unit: sp.Integer(int(unit == chosen)) for unit in units}
        columns.append([sp.Add(entry).xreplace(pairs) for entry in flat])
    return sp.Matrix(columns).T


def concrete_shape(found: Tangents, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of a parameter in numbers.

    Raises:
        DerivationError: a named size has no number.
    """
    try:
        return concrete(found.program.variables[name].shape, sizes)
    except KeyError as missing:
        size = missing.args[0]
        raise DerivationError(f"size {size} needs a number: sizes={{{size!r}: 2}}") from None


def _flat(arrays: Any) -> list[sp.Expr]:
    return [entry for array in arrays for entry in np.asarray(array, dtype=object).ravel()]


def second_derivatives(log: Log, first: str) -> Log:
    """The derivatives of ``dL/d(first)`` by all parameters, by reverse mode once more.

    Raises:
        DerivationError: the gradient is not a number.
    """
    return reverse(log.program, log.cotangents[first], log.forward.named(Role.PARAMETER))
