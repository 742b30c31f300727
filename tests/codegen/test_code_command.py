"""``derive code``: to standard output or a file, rechecked before it is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from derive.cli import main
from derive.codegen import generate_code, recheck
from derive.codegen.recheck import small
from derive.errors import ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import network, presets


@pytest.mark.parametrize("name", presets())
def test_standard_output(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", name]) == 0
    assert capsys.readouterr().out == generate_code(network(name))


def test_a_file_and_a_layout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "model.py"
    assert main(["code", "tanh-regression", "--layout", "row/in_out", "-o", str(path)]) == 0
    assert path.read_text() == generate_code(network("tanh-regression"), "row/in_out")
    assert capsys.readouterr().out == ""


def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "tanh-regression", "--layout", "row"]) == 2
    assert capsys.readouterr().err.startswith("derive: unknown layout 'row'")
    assert main(["code", "x[2] -> dense(2, tahn) ; mse"]) == 2
    assert "did you mean 'tanh'" in capsys.readouterr().err


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("name", presets())
def test_recheck_passes(name: str, layout: str) -> None:
    net = network(name)
    net = replace(net, style=net.style.with_layout(layout), values={})
    recheck(generate_code(net), net)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("d_h1 = W2.T @ d_z2", "d_h1 = -W2.T @ d_z2", "the module's gradient gives"),
        ("/ m  # dL/dz2", "/ 2  # dL/dz2", "the module's gradient gives"),
        ("np.sum(d_z1, axis=1)", "np.sum(d_z1, axis=0)", "has shape"),
        ("(y_hat - y)", "np.nan * (y_hat - y)", "the module's gradient gives nan"),
    ],
)
def test_recheck_sees_a_broken_line(old: str, new: str, message: str) -> None:
    net = network("x[2] -> dense(4, tanh) -> dense(outputs, sigmoid) ; bce")
    source = generate_code(net)
    assert old in source
    with pytest.raises(ProofError, match=message):
        recheck(source.replace(old, new), net)


def test_large_layers_are_not_run() -> None:
    net = network("x[1000000] -> dense(1) ; mse")
    recheck("raise RuntimeError", net)


def test_small_sizes_differ_from_layer_to_layer() -> None:
    layers = small(network("x[size] -> dense(width, tanh) -> dense(outputs) ; mse")).layers
    assert [layer.units for layer in layers] == [3, 4]
