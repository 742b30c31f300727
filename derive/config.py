"""Every limit of the package in one place.

Input comes from files and command lines of strangers; a limit turns a mistake (a binary file, a
width with six zeros too many) into one clear error instead of a frozen machine.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted. Reaching a limit is a :class:`derive.errors.DeriveError`."""

    max_network_bytes: int = 1 << 20
    """Size of a network file: 1 MiB, hundreds of times the largest sensible definition."""

    max_definition: int = 100_000
    """Characters of a one-line definition."""

    max_layers: int = 2000
    """Layers of one network; derivation and printing stay linear in it."""

    max_width: int = 1_000_000
    """Units of one layer. Symbolic sizes have no limit: they are never multiplied out."""

    max_formula: int = 1000
    """Characters of a formula: an activation's or a loss's own definition."""

    max_formula_depth: int = 60
    """Brackets, powers and cases within each other in a formula."""

    max_written: int = 20_000
    """Characters of one formula of a document, also of what its macros expand to; its tokens."""

    max_written_depth: int = 80
    """Brackets, scripts and fractions within each other in a formula of a document."""

    max_expansions: int = 2000
    """Uses of macros in one formula, those within macros counted too."""

    max_exponent: int = 32
    """Of a number as exponent; for powers within powers, of the product of their exponents."""

    max_name: int = 40
    """Characters of a name: a network's, a variable's, a symbolic size's."""

    max_parameters: int = 20_000_000
    """Numbers in all parameters together when they are really allocated (about 160 MB)."""

    max_data_bytes: int = 1 << 28
    """Size of a data file for training: 256 MiB."""

    max_document_bytes: int = 10_000_000
    """Size of a document to check: 10 MB, a long book."""

    max_document_pieces: int = 50_000
    """Formulas of one document, and sentences; what comes after them is reported as not read."""

    max_hessian: int = 60
    """Rows of a Hessian of SymPy expressions."""

    max_hessian_shown: int = 6
    """Parameters of a network of numbers whose second derivatives a document lists, each pair."""


LIMITS = Limits()
"""The limits in force."""
