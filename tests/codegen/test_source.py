"""Emitted modules as text: layout first, formulas beside the code, clean for linter and type
checker, the same bytes always, and safe to import."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.codegen import generate_code, load_module
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network, presets
from tests.codegen.structures import DEEP as DEEP_ONES
from tests.codegen.structures import FIXED

ROOT = Path(__file__).resolve().parents[2]

OTHERS = [
    "x[size] -> dense(5, softmax) -> dense(width, bias=false) -> dense(out, sigmoid) ; mean_mse",
    "x[n0] -> dense(n, tanh, bias=false)*(L-1) -> dense(nL) ; mean_mse",
    "x[n0] -> dense(n, sigmoid)*(L-1) -> dense(3, relu, bias=false) ; mse",
    "x[2] -> dense(2, identity, bias=false) ; squared_error",
    "x -> dense(1, relu) -> dense(1, sigmoid) ; bce",
    "x[4] -> " + "dense(4, tanh) -> " * 30 + "dense(2) ; mse",
    "aninputwhosenameisaslongasanameofaninput[a_size_with_a_long_name_of_40_characters]"
    " -> dense(another_with_a_long_name_of_40_character, relu) -> dense(1) ; half_squared_error",
]
NETWORKS = [*presets(), *OTHERS, *FIXED, *DEEP_ONES]


def modules(folder: Path) -> list[str]:
    """One module for every network and layout, written into a folder."""
    for number, name in enumerate(NETWORKS):
        for layout in LAYOUTS:
            file = folder / f"model_{number}_{layout.replace('/', '_')}.py"
            file.write_text(generate_code(network(name), layout), encoding="utf-8")
    return sorted(path.name for path in folder.glob("*.py"))


def run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_linter_formatter_and_type_checker_pass(tmp_path: Path) -> None:
    names = modules(tmp_path)
    assert len(names) == len(NETWORKS) * len(LAYOUTS)
    config = str(ROOT / "pyproject.toml")
    run(tmp_path, sys.executable, "-m", "ruff", "check", "--quiet", "--config", config, *names)
    run(tmp_path, sys.executable, "-m", "ruff", "format", "--check", "--config", config, *names)
    run(tmp_path, sys.executable, "-m", "mypy", "--strict", "--python-version", "3.11", *names)


@pytest.mark.parametrize("name", NETWORKS)
def test_only_numpy_is_imported(name: str) -> None:
    tree = ast.parse(generate_code(network(name)))
    found = {
        node.module.split(".")[0] if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found - set(sys.stdlib_module_names) == {"numpy"}


FIRST_LINES = {
    "column/out_in": "samples are columns, W is (out, in): Z = W X + b 1^T.",
    "column/in_out": "samples are columns, W is (in, out): Z = W^T X + b 1^T.",
    "row/out_in": "samples are rows, W is (out, in): Z = X W^T + 1 b^T.",
    "row/in_out": "samples are rows, W is (in, out): Z = X W + 1 b^T.",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_first_line_states_the_layout(layout: str) -> None:
    source = generate_code(network("tanh-regression"), layout)
    assert source.splitlines()[0] == f'"""tanh-regression. Layout: {FIRST_LINES[layout]}'
    long = Network("n" * 40, "x", 2, network("x[2] -> dense(1) ; mse").layers, "mse")
    assert generate_code(long, layout).splitlines()[0] == f'"""Layout: {FIRST_LINES[layout]}'


BACKWARD = """\
    d_z3 = 2 / m * (y_hat - y)  # dL/dz3 = dL/dy_hat = 2 (y_hat - y) / m
    d_W3 = d_z3 @ h2  # dL/dW3 = sum(dL/dz3 * h2)
    d_b3 = np.sum(d_z3)  # dL/db3 = sum(dL/dz3)
    d_h2 = W3 * d_z3  # dL/dh2 = W3 dL/dz3
    d_z2 = d_h2 * (1 - h2**2)  # dL/dz2 = dL/dh2 * (1 - h2^2)
    d_W2 = d_z2 @ h1  # dL/dW2 = sum(dL/dz2 * h1)
    d_b2 = np.sum(d_z2)  # dL/db2 = sum(dL/dz2)
    d_h1 = W2 * d_z2  # dL/dh1 = W2 dL/dz2
    d_z1 = d_h1 * (1 - h1**2)  # dL/dz1 = dL/dh1 * (1 - h1^2)
    d_W1 = d_z1 @ x  # dL/dW1 = sum(dL/dz1 * x)
    d_b1 = np.sum(d_z1)  # dL/db1 = sum(dL/dz1)
"""

DEEP = """\
    d_z = (y_hat - y) / m  # dL/dz_L = (y_hat - y) / m
    d_W.append(d_z @ a[-1].T)  # dL/dW_L = dL/dz_L a_{L-1}^T
    d_b.append(np.sum(d_z, axis=1))  # dL/db_L = dL/dz_L 1
    for k in range(len(W) - 1, 0, -1):
        d_a = W[k].T @ d_z  # dL/da_k = W_{k+1}^T dL/dz_{k+1}
        d_z = d_a * (z[k - 1] > 0)  # dL/dz_k = dL/da_k * relu'(z_k)
        d_W.append(d_z @ a[k - 1].T)  # dL/dW_k = dL/dz_k a_{k-1}^T
        d_b.append(np.sum(d_z, axis=1))  # dL/db_k = dL/dz_k 1
"""

SOFTMAX = """\
    d_y_hat = (y_hat - y) / m  # dL/dy_hat = (y_hat - y) / m
    # dL/dz1 = y_hat * (dL/dy_hat - (dL/dy_hat * y_hat) 1 1^T)
    d_z1 = y_hat * (d_y_hat - np.sum(d_y_hat * y_hat, axis=1)[:, None])
"""

EXPECTED = [
    ("two-layer-tanh", None, BACKWARD),
    ("relu-sigmoid-bce", None, DEEP),
    ("x[2] -> dense(3, softmax) ; half_squared_error", "row/in_out", SOFTMAX),
]


@pytest.mark.parametrize(("name", "layout", "lines"), EXPECTED)
def test_backward_reads_as_the_derivation(name: str, layout: str | None, lines: str) -> None:
    assert lines in generate_code(network(name), layout)


def test_every_line_of_forward_and_backward_has_its_formula() -> None:
    for name in NETWORKS:
        source = generate_code(network(name)).splitlines()
        for number, line in enumerate(source):
            if line.strip().startswith("d_") and " = " in line and "list[" not in line:
                assert "#" in line or source[number - 1].strip().startswith("#"), line


def test_the_style_names_the_symbols() -> None:
    net = network("x[2] -> dense(3, tanh) -> dense(1) ; mse")
    style = net.style.with_choices(
        {"activation": "a", "prediction": "p", "loss": "J", "batch": "N"}
    )
    source = generate_code(Network("styled", "x", 2, net.layers, "mse", style=style))
    assert "p = W2 @ a1 + b2[:, None]  # p = z2 = W2 a1 + b2 1^T" in source
    assert "d_z2 = 2 / N * (p - y)  # dJ/dz2 = dJ/dp = 2 (p - y) / N" in source
    assert "J: Scalar = np.sum((p - y) ** 2) / N" in source


def test_the_bytes_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "from derive.codegen import generate_code as g\nfrom derive.networks import network as n\n"
    )
    code += f"print([g(n(name)) for name in {NETWORKS[:6]!r}])"
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1


def test_a_loaded_module_leaves_nothing_behind() -> None:
    before = set(sys.modules)
    first = load_module(generate_code(network("two-layer-tanh")), "model")
    second = load_module(generate_code(network("tanh-regression")), "model")
    assert first.SHAPES != second.SHAPES
    assert set(sys.modules) - before == set()


def test_the_size_of_the_text_is_linear_in_the_depth() -> None:
    lengths = [
        len(generate_code(network("x[2] -> " + "dense(2, tanh) -> " * d + "dense(1) ; mse")))
        for d in (20, 40, 60)
    ]
    first, second = lengths[1] - lengths[0], lengths[2] - lengths[1]
    assert second == pytest.approx(first, rel=0.02)
