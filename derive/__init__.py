"""Derive the gradients of neural networks: step by step, as mathematics, as code, proved.

    net = derive.network("x[3] -> dense(4, tanh) -> dense(2) ; mse")

Importing this package loads nothing but this file: the first use of a public name imports the
module that holds it, so that start-up stays free of SymPy and NumPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.calculus import Derivation, derivation
    from derive.checking.check import check
    from derive.codegen import generate_code
    from derive.errors import DeriveError
    from derive.networks import Network, network
    from derive.proving import prove
    from derive.training import train

__version__ = "0.1.0"

_PUBLIC = {
    "network": "derive.networks",
    "Network": "derive.networks",
    "derivation": "derive.calculus",
    "Derivation": "derive.calculus",
    "check": "derive.checking.check",
    "prove": "derive.proving",
    "generate_code": "derive.codegen",
    "train": "derive.training",
    "DeriveError": "derive.errors",
}
"""Public name -> the module that holds it."""

__all__ = [
    "Derivation",
    "DeriveError",
    "Network",
    "__version__",
    "check",
    "derivation",
    "generate_code",
    "network",
    "prove",
    "train",
]


def __getattr__(name: str) -> object:
    """A public name, imported at its first use (PEP 562)."""
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
