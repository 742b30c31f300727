"""An emitted module as a live module, for proof, training and tests."""

from __future__ import annotations

import importlib.util
import tempfile
from pathlib import Path
from types import ModuleType


def load_module(source: str, name: str = "model") -> ModuleType:
    """Import a module from its source, by the interpreter's own machinery.

    The text goes through a temporary file that is gone afterwards; the module is not entered into
    ``sys.modules``, so that two of one name live side by side.
    """
    with tempfile.TemporaryDirectory(prefix="derive-") as folder:
        path = Path(folder, f"{name}.py")
        path.write_text(source, encoding="utf-8")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module
