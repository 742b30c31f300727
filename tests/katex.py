"""Typesetting formulas with KaTeX in strict mode, all of them in one node process.

KaTeX comes from ``node_modules`` at the root of the repository (``make katex``); without it, or
without node, the tests that need it are skipped.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SCRIPT = Path(__file__).with_name("katex_check.mjs")


def katex_available() -> bool:
    """Whether node and its katex package are there."""
    return shutil.which("node") is not None and (ROOT / "node_modules" / "katex").is_dir()


def katex_errors(formulas: Iterable[tuple[str, bool]]) -> list[str]:
    """What KaTeX refuses of ``(formula, displayed)`` pairs, as ``message: formula`` lines."""
    batch = json.dumps([{"tex": tex, "display": display} for tex, display in formulas])
    finished = subprocess.run(
        ["node", str(_SCRIPT)], input=batch, capture_output=True, text=True, check=True, cwd=ROOT
    )
    errors: list[str] = json.loads(finished.stdout)
    return errors
