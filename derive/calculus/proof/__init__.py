"""Proof: every rule, every step, every gradient, by judges that share nothing with the deriver.

Three judges: SymPy, which differentiates definitions and decides identities exactly; a prime field
with forward-mode tangents, for networks of any size; fifty digits, for what a field cannot decide.
"""

from derive.calculus.proof.formulas import prove_formulas, quick_check
from derive.calculus.proof.instance import Effort
from derive.calculus.proof.rows import BATCH, SAMPLE, Proof, Row

__all__ = ["BATCH", "SAMPLE", "Effort", "Proof", "Row", "prove_formulas", "quick_check"]
