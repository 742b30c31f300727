"""Every block of the README is executed, or compared with what it quotes."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from derive.networks import network

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def blocks(language: str) -> list[str]:
    """The bodies of the fenced blocks of one language."""
    return [body for name, body in BLOCKS if name == language]


def derive(*arguments: str) -> str:
    """What the command prints, errors too."""
    run = subprocess.run(
        [sys.executable, "-m", "derive", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1"},
        cwd=ROOT,
        check=False,
    )
    return run.stdout + run.stderr


def test_every_language_is_known() -> None:
    """A block of another kind would be one that no test runs."""
    assert {name for name, _ in BLOCKS} == {"console", "math", "python", "sh", "pycon", "toml"}


@pytest.mark.parametrize("block", blocks("console"))
def test_a_command_prints_what_is_shown(block: str) -> None:
    command, _, expected = block.partition("\n")
    dollar, name, *words = shlex.split(command)
    printed = derive(*words)
    assert (dollar, name) == ("$", "derive")
    expected = expected.removeprefix("...\n")
    assert doctest.OutputChecker().check_output(f"...{expected}", f"{printed}", FLAGS), printed


def test_the_gradient_is_what_is_derived() -> None:
    (formula,) = blocks("math")
    assert formula in derive("show", "two-layer-tanh", "--of", "W2", "--to", "markdown")


def test_the_code_is_what_is_emitted() -> None:
    (code,) = blocks("python")
    emitted = derive("code", "two-layer-tanh").splitlines()
    positions = [emitted.index(line) for line in code.splitlines()]
    assert positions == sorted(positions)


def test_python_session() -> None:
    (session,) = blocks("pycon")
    runner = doctest.DocTestRunner(optionflags=FLAGS)
    example = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    assert runner.run(example).failed == 0


def test_the_network_file_is_valid(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "network.toml"
    path.write_text(text, encoding="utf-8")
    assert network(path).style.layout == "row/in_out"


def test_the_two_commands_are_targets() -> None:
    (commands,) = blocks("sh")
    targets = [line.split("#")[0].split() for line in commands.splitlines()]
    assert targets == [["make"], ["make", "test"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert ".DEFAULT_GOAL := all" in makefile
    assert re.search(r"^test:", makefile, re.MULTILINE)
    assert "\nmake test\n" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_the_table_names_every_command() -> None:
    from derive.cli import COMMANDS

    announced = set(COMMANDS) - {"check"}  # it does not read matrix documents yet
    assert announced == set(re.findall(r"^\| `derive (\w+)", README, re.MULTILINE))
