"""The command line's frame: the table, one-line errors, exit codes."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from derive import cli
from derive.commands.options import choices, emit
from derive.errors import DeriveError, NetworkError, ProofError


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | int | None]:
    """A command ``show`` that returns or raises what the list's first element says."""
    outcome: list[BaseException | int | None] = [None]

    @click.command()
    def show() -> int | None:
        value = outcome[0]
        if isinstance(value, BaseException):
            raise value
        return value

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: show)
    return outcome


@pytest.mark.parametrize(
    ("outcome", "code", "message"),
    [
        (None, 0, ""),
        (0, 0, ""),
        (1, 1, ""),
        (NetworkError("bad word", path="a.toml", line=3), 2, "derive: a.toml:3: bad word\n"),
        (ProofError("dL/dW1 differs"), 1, "derive: dL/dW1 differs\n"),
        (FileNotFoundError(2, "No such file", "a.csv"), 2, "derive: a.csv: No such file\n"),
        (
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
            2,
            "derive: the file is not UTF-8 text: invalid start byte at byte 0\n",
        ),
        (click.BadParameter("no"), 2, "derive: Invalid value: no (see: derive show --help)\n"),
        (click.exceptions.Exit(1), 1, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_exit_codes(
    command: list[BaseException | int | None],
    capsys: pytest.CaptureFixture[str],
    outcome: BaseException | int | None,
    code: int,
    message: str,
) -> None:
    command[0] = outcome
    assert cli.main(["show"]) == code
    assert capsys.readouterr().err == message


def test_a_bug_is_not_hidden(command: list[BaseException | int | None]) -> None:
    command[0] = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        cli.main(["show"])


def test_an_unknown_command_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["shwo"]) == 2
    assert "derive: no command 'shwo'; did you mean 'show'?" in capsys.readouterr().err


def test_an_unknown_option_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--nonsense"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("derive: No such option")
    assert error.count("\n") == 1


def test_help_lists_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    help_text = capsys.readouterr().out
    for name, (_, line) in cli.COMMANDS.items():
        assert f"  {name} " in help_text
        assert line in help_text


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_of_the_table_exists(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    assert capsys.readouterr().out.startswith(f"Usage: derive {name} ")


def test_a_closed_pipe_ends_quietly(tmp_path: Path) -> None:
    code = (
        "import sys; from derive import cli; "
        "cli._run = lambda _: sys.stdout.write('text\\n' * 100_000) and 0; "
        "sys.exit(cli.main(['show']))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-c", code], stdout=closed, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("code two-layer-tanh", 2, "derive: standard output is closed; write to a file with -o\n"),
        ("--help", 0, ""),
    ],
)
def test_a_closed_output_is_told(arguments: str, code: int, message: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m derive {arguments} >&-"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (code, message)


def test_output_is_utf8_under_any_locale() -> None:
    code = "from derive import cli; cli._run = lambda _: print('∂L/∂W₁') or 0; cli.main([])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode("utf-8").strip() == "∂L/∂W₁"


@pytest.mark.parametrize("text", ["layer", "layer=", "=bracket", "a=b,layer"])
def test_notation_pairs_are_checked(text: str) -> None:
    with pytest.raises(DeriveError, match="is not key=value"):
        choices(text)


def test_a_notation_key_is_given_once() -> None:
    with pytest.raises(DeriveError, match="'layer' is given twice"):
        choices("layer=bracket,layer=subscript")


def test_output_goes_to_the_file_or_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    emit("text\n", tmp_path / "a.txt")
    emit("shown\n", None)
    assert (tmp_path / "a.txt").read_text() == "text\n"
    assert capsys.readouterr().out == "shown\n"
