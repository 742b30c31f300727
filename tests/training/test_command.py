"""``derive train`` from the outside: text, exit codes, files, the bar."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from derive.cli import cli, main

SHORT = ["train", "two-layer-tanh", "--data", "x^2", "--epochs", "3"]


def test_a_report_of_a_short_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--range", "0,2", "--samples", "20", "--seed", "2"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    for line in (
        "two-layer-tanh: x -> dense(1, tanh) -> dense(1, tanh) -> dense(1) ; squared_error",
        "data:    x^2, x at the midpoints of 20 equal cells of [0, 2]",
        "scaling: x' = (x - 1) / 0.5766, y' = (y - 1.333) / 1.191",
        "; losses are those of the unscaled y\n",
        "descent: 3 epochs of 10 steps, batches of 2, seed 2; rate 0.05, falling to 0",
        "loss (squared error, mean over the samples)",
        "layer  epoch 0  epoch 3",
        "passed: the loss decreased from ",
    ):
        assert line in out
    assert "bound" not in out


def test_the_bound_is_stated_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*SHORT, "--range", "-1,1", "--starts", "2", "--lr", "0.1"]) in (0, 1)
    out = capsys.readouterr().out
    assert "bound: no parameters bring the loss on these samples below 0.05624\n" in out
    assert "a composition of monotone maps is monotone" in out
    assert "For x uniform on [-1, 1] it is 9/160 = 0.05625" in out
    assert "the best constant has 4/45 = 0.08889." in out
    assert "(best of 2 starts: seed " in out


def test_the_bound_of_half_the_square_is_half(capsys: pytest.CaptureFixture[str]) -> None:
    line = "x -> dense(1, tanh) -> dense(1) ; half_squared_error"
    main(["train", line, "--data", "x^2", "--epochs", "3"])
    assert "it is 9/320 = 0.02813; the best constant has 2/45" in capsys.readouterr().out


def test_a_failure_is_exit_code_one_and_stores_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "params.npz"
    assert main([*SHORT, "--lr", "1e9", "-o", str(output)]) == 1
    out = capsys.readouterr().out
    assert "FAILED: " in out
    assert "try smaller steps: --lr 0.05" in out
    assert list(tmp_path.iterdir()) == []


def test_parameters_are_stored_in_the_layout(tmp_path: Path) -> None:
    data, output = tmp_path / "data.csv", tmp_path / "params.npz"
    data.write_text("a,b,c\n" + "".join(f"{k},{k * k},{2 * k}\n" for k in range(12)))
    line = "x[2] -> dense(3, tanh) -> dense(1) ; mse"
    arguments = ["train", line, "--data", str(data), "--layout", "row/in_out", "-o", str(output)]
    done = CliRunner().invoke(cli, [*arguments, "--epochs", "5"], standalone_mode=False)
    assert done.return_value == 0
    assert f"stored in {output}" in done.output
    with np.load(output) as stored:
        assert stored["W1"].shape == (2, 3)
        assert str(stored["layout"]) == "row/in_out"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "x^2", "--range", "2,0"], "--range: 2 is not below 0"),
        (["--data", "x^2", "--range", "1"], "--range: '1' is not two numbers"),
        (["--data", "x^2", "--range", "0,1e9"], "is not two numbers"),
        (["--data", "x^2", "--range", "0,1/0"], "is not two numbers"),
        (["--data", "x^2", "--lr", "-1"], "the rate must be a positive number"),
        (["--data", "x^2", "--epochs", "0"], "--epochs"),
        (["--data", "x^2", "--samples", "1"], "--samples"),
        (["--data", "x^2", "-o", "no/such/folder.npz"], "'no/such' does not exist"),
        (["--data", "x^2", "-o", "."], "not a file"),
        (["--data", "x^2", "--scale", "log"], "--scale"),
        (["--data", "nothing.csv"], "nothing.csv: there is no such file"),
        (["--data", "nothing"], "neither a .csv or .npz file nor x^2"),
        ([], "--data"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_two(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "two-layer-tanh", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("derive: ")
    assert err.count("\n") == 1


def run(arguments: list[str], stderr: int) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "derive", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, check=False)


def test_a_process_writes_no_bar_without_a_terminal() -> None:
    done = run(SHORT, subprocess.PIPE)
    assert done.stderr == b""
    assert b"epoch" in done.stdout


def test_a_bad_cell_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("1,1\n2,nan\n")
    assert main(["train", "two-layer-tanh", "--data", str(data)]) == 2
    assert capsys.readouterr().err == f"derive: {data}:2: nan is not finite (column 2)\n"


def test_a_terminal_shows_the_bar() -> None:
    reader, writer = pty.openpty()
    try:
        done = run([*SHORT, "--starts", "2"], writer)
        shown = os.read(reader, 1 << 16).decode()
    finally:
        os.close(reader)
        os.close(writer)
    assert "training" in shown
    assert "100%" in shown
    assert b"training" not in done.stdout
