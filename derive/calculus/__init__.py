"""Reverse mode, the named rules, the step log, batching, generic depth, and proof.

Nothing in here knows how a formula is written or how code is emitted.
"""

from derive.calculus.derivation import Derivation, Gradient, derivation
from derive.calculus.log import Contribution, Log, Step

__all__ = ["Contribution", "Derivation", "Gradient", "Log", "Step", "derivation"]
