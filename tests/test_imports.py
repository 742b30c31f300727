"""The package's rooms: who may import whom, what start-up loads, and what no file may call."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "derive"

ROOMS = (
    "errors",
    "config",
    "rendering",
    "program",
    "notation",
    "meaning",
    "networks",
    "checking",
    "calculus",
    "document",
    "codegen",
    "training",
    "proving",
    "generate",
    "commands",
    "cli",
    "__main__",
)
"""A room imports itself and rooms to the left of it."""

UPWARD = {
    ("networks", "document"): "a network shows itself in Jupyter",
    ("calculus", "document"): "a derivation and a step show themselves in Jupyter",
}
"""What may be imported upward all the same, inside a function only, and why."""

DOCUMENT_READERS = {"document", "proving", "generate", "commands", "cli"}
"""A derivation document is an end product: printed and proved, nothing is computed from it."""

FORBIDDEN_NAMES = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_ANYWHERE = {"sympify", "parse_expr", "parse_latex", "parse_mathematica"}


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement's one target inside the package."""

    place: str
    source: str
    target: str
    late: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.source} imports {self.target}"


def files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room(module: str) -> str:
    """``derive.program.shapes`` -> ``program``; the package itself has no room."""
    return module.split(".")[1] if "." in module else ""


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def is_module(name: str) -> bool:
    path = PACKAGE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def nodes(tree: ast.AST, late: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node, and whether it lies inside a function."""
    for child in ast.iter_child_nodes(tree):
        yield child, late
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from nodes(child, late or inside)


def imported(node: ast.AST, path: Path) -> list[str]:
    """The modules of this package that one node imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        package = module_name(path).split(".")
        package = package if path.name == "__init__.py" else package[:-1]
        base = package[: len(package) - node.level + 1] if node.level else []
        origin = ".".join([*base, *filter(None, [node.module])])
        members = [f"{origin}.{alias.name}" for alias in node.names]
        names = [member if is_module(member) else origin for member in members]
    else:
        return []
    return [name for name in names if name.split(".")[0] == "derive"]


def imports() -> list[Import]:
    """Every import between rooms, late ones and those for type checking included."""
    found = []
    for path in files():
        source = room(module_name(path))
        for node, late in nodes(ast.parse(path.read_text(encoding="utf-8"))):
            for target in map(room, imported(node, path)):
                if source and target and source != target:
                    place = f"{path.relative_to(PACKAGE.parent)}:{node.lineno}"  # type: ignore[attr-defined]
                    found.append(Import(place, source, target, late))
    return found


def allowed(item: Import) -> bool:
    return item.late and (item.source, item.target) in UPWARD


def test_every_file_lies_in_a_known_room() -> None:
    rooms = {room(module_name(path)) for path in files()} - {""}
    assert rooms <= set(ROOMS)


def test_imports_point_one_way() -> None:
    wrong = [
        str(item)
        for item in imports()
        if ROOMS.index(item.target) > ROOMS.index(item.source) and not allowed(item)
    ]
    assert wrong == []


def test_the_reader_knows_nothing_of_the_writer() -> None:
    """Reader and writer are two witnesses: not even a late import joins them."""
    wrong = [
        str(item)
        for item in imports()
        if item.source == "checking" and item.target in {"calculus", "document", "codegen"}
    ]
    assert wrong == []
    assert "checking" in {room(module_name(path)) for path in files()}


def test_rooms_have_no_cycle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in ROOMS}
    for item in imports():
        if not allowed(item):
            graph[item.source].add(item.target)
    assert len(list(TopologicalSorter(graph).static_order())) == len(ROOMS)


def test_nothing_is_computed_from_a_document() -> None:
    wrong = [
        str(item)
        for item in imports()
        if item.target == "document" and item.source not in DOCUMENT_READERS and not allowed(item)
    ]
    assert wrong == []


def test_the_walk_sees_late_relative_and_typing_imports() -> None:
    """The guard itself: a walk that finds nothing would hold every rule."""
    path = PACKAGE / "program" / "sample.py"
    code = (
        "from . import shapes\nfrom ..calculus import vjp\nimport derive.codegen\n"
        "from derive import document, __version__\n"
        "if TYPE_CHECKING:\n    from derive.networks import Network\n"
        "def f():\n    from derive.training import train\n"
    )
    seen = [(room(n), late) for node, late in nodes(ast.parse(code)) for n in imported(node, path)]
    assert seen == [
        ("program", False),
        ("calculus", False),
        ("codegen", False),
        ("document", False),
        ("", False),
        ("networks", False),
        ("training", True),
    ]


def calls(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every call that would run text as code."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        plain = node.func.id if isinstance(node.func, ast.Name) else ""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else plain
        text = bool(node.args) and isinstance(getattr(node.args[0], "value", None), str)
        if plain in FORBIDDEN_NAMES or name in FORBIDDEN_ANYWHERE or (name == "S" and text):
            yield node.lineno, name
        if any(k.arg == "allow_pickle" for k in node.keywords):
            yield node.lineno, "allow_pickle"


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_text_is_run_as_code(path: Path) -> None:
    assert list(calls(ast.parse(path.read_text(encoding="utf-8")))) == []


def test_the_forbidden_calls_are_seen() -> None:
    code = "eval(a)\nexec(b)\nsympy.sympify(c)\nsympify(d)\nS('x')\nnp.load(f, allow_pickle=True)\n"
    assert [line for line, _ in calls(ast.parse(code))] == [1, 2, 3, 4, 5, 6]
    assert list(calls(ast.parse("re.compile(a)\nloader.exec_module(b)\nS(1)\n"))) == []


def loaded_by(code: str) -> set[str]:
    """The top-level modules in memory after `code` in a fresh interpreter."""
    report = "import json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


def heavy() -> set[str]:
    return {"sympy", "numpy", "mpmath", "jinja2", "matplotlib"}


def test_the_package_starts_empty() -> None:
    assert (
        loaded_by("import derive; derive.DeriveError; dir(derive)") & (heavy() | {"click"}) == set()
    )


def test_help_loads_nothing_but_click() -> None:
    loaded = loaded_by("from derive.cli import main; assert main(['--help']) == 0")
    assert "click" in loaded
    assert loaded & heavy() == set()


def test_a_heavy_module_would_be_seen() -> None:
    assert "numpy" in loaded_by("import numpy")


def test_public_names_lead_somewhere() -> None:
    import derive

    missing = [name for name in derive.__all__ if getattr(derive, name, None) is None]
    assert missing == []
    assert set(derive.__all__) == {"__version__", *derive._PUBLIC} <= set(dir(derive))
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        derive.__getattr__("nonsense")
