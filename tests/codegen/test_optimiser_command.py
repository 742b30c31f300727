"""``derive code`` and ``derive show`` with an optimiser: options, the file, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.cli import main
from derive.codegen import generate_code
from derive.networks import network
from tests.training.test_optimisers import FILE


def test_code_has_the_optimiser_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "net.toml"
    path.write_text(f"{FILE}steps = 40\n")
    assert main(["code", str(path)]) == 0
    source = capsys.readouterr().out
    assert source == generate_code(network(path))
    assert "rate, steps, lowest = 0.002, 40, 0.0" in source
    assert main(["code", str(path), "--optimiser", "momentum", "--schedule", "constant"]) == 0
    source = capsys.readouterr().out
    assert "rate_at" not in source
    assert "after a step of momentum" in source


def test_plain_options_leave_the_module_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", "two-layer-tanh", "--optimiser", "sgd", "--rate", "0.5"]) == 0
    assert capsys.readouterr().out == generate_code(network("two-layer-tanh"))


def test_show_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "two-layer-tanh", "--optimiser", "rmsprop", "--rate", "0.1"]) == 0
    out = capsys.readouterr().out
    assert "The update: RMSProp" in out
    assert "With α = 0.1, β = 0.9, ε = 1e-8." in out
    assert "The first two steps" in out


@pytest.mark.parametrize("command", ["code", "show", "prove"])
def test_refusals_are_exit_code_two(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "two-layer-tanh", "--optimiser", "adm"]) == 2
    assert "did you mean 'adam'" in capsys.readouterr().err
    assert main([command, "two-layer-tanh", "--schedule", "cosine"]) == 2
    assert "steps is missing (how many steps the fall takes)" in capsys.readouterr().err
    assert main([command, "two-layer-tanh", "--rate", "0"]) == 2
    assert "rate: 0.0 is not a number in (0, oo)" in capsys.readouterr().err
