"""Programs as source code: plan, statements, module, template."""

from derive.codegen.emit import generate_code
from derive.codegen.load import load_module
from derive.codegen.recheck import recheck

__all__ = ["generate_code", "load_module", "recheck"]
