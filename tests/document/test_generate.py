"""The generated files: complete, compared, and the same under every hash seed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive.cli import main
from derive.generate import check, files, generate
from derive.networks import presets

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("generated")
    generate(made)
    return made


def test_every_preset_has_three_files(folder: Path) -> None:
    found = sorted(str(p.relative_to(folder)) for p in folder.rglob("*.*"))
    names = ("derivation.md", "derivation.tex", "model.py")
    expected = [f"{preset}/{name}" for preset in presets() for name in names]
    assert found == sorted([*expected, "catalogue.md"])
    assert check(folder) == []


def test_what_differs_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = folder / "two-layer-tanh" / "derivation.md"
    module = folder / "two-layer-tanh" / "model.py"
    extra = folder / "old" / "derivation.md"
    before, code = document.read_text(encoding="utf-8"), module.read_text(encoding="utf-8")
    document.write_text(before.replace("squared error", "cubed error", 1), encoding="utf-8")
    module.unlink()
    extra.parent.mkdir()
    extra.write_text("old", encoding="utf-8")
    kinds = {(d.kind, d.path) for d in check(folder)}
    assert kinds == {
        ("changed", "two-layer-tanh/derivation.md"),
        ("missing", "two-layer-tanh/model.py"),
        ("extra", "old/derivation.md"),
    }
    assert main(["generate", "--check", str(folder)]) == 1
    told = capsys.readouterr().out
    assert "+a number in, two hidden tanh neurons, a linear output, squared error" in told
    document.write_text(before, encoding="utf-8")
    module.write_text(code, encoding="utf-8")
    extra.unlink()
    assert main(["generate", "--check", str(folder)]) == 0


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_the_hash_seed_does_not_matter(folder: Path, seed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "derive", "generate", "--check", str(folder)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("name", sorted(presets()))
def test_nothing_depends_on_the_day(name: str) -> None:
    for text in files(name).values():
        assert str(Path.cwd()) not in text
        assert text.endswith("\n")


def test_a_folder_that_cannot_be_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert main(["generate", str(tmp_path / "file")]) == 2
    assert "cannot be created" in capsys.readouterr().err
