"""Templates are strict and have the delimiters of their folder; files are written whole or not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest

from derive import rendering
from derive.errors import DeriveError
from derive.rendering import render, template_folder, write_file


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder in the place of the package's templates."""
    for family in ("latex", "markdown"):
        (tmp_path / family).mkdir()
    monkeypatch.setattr(rendering, "_FOLDERS", (tmp_path / "absent", tmp_path))
    rendering._environment.cache_clear()
    yield tmp_path
    rendering._environment.cache_clear()


def test_latex_has_its_own_delimiters(templates: Path) -> None:
    (templates / "latex" / "a.tex").write_text(
        "<# gone #>\n<% for f in formulas %>\n  ${{<< f >>}} {# % kept #}$\n<% endfor %>\n"
    )
    assert render("latex/a.tex", formulas=["x", "W"]) == (
        "  ${{x}} {# % kept #}$\n  ${{W}} {# % kept #}$\n"
    )


def test_other_folders_have_jinjas(templates: Path) -> None:
    (templates / "markdown" / "a.md").write_text("{# gone #}\n{{ text }} << kept >> <% kept %>\n\n")
    assert render("markdown/a.md", text="a < b & c") == "a < b & c << kept >> <% kept %>\n\n"


@pytest.mark.parametrize("name", ["latex/a.tex", "markdown/a.md"])
def test_an_undefined_name_raises(templates: Path, name: str) -> None:
    opening, closing = ("<<", ">>") if name.startswith("latex") else ("{{", "}}")
    (templates / name).write_text(f"{opening} given.missing {closing}")
    with pytest.raises(jinja2.UndefinedError):
        render(name, given={})
    with pytest.raises(jinja2.UndefinedError):
        render(name)


def test_a_latex_template_may_include_and_import(templates: Path) -> None:
    (templates / "latex" / "part.tex").write_text("<% macro m(x) %>$<< x >>$<% endmacro %>")
    (templates / "latex" / "a.tex").write_text("<% import 'latex/part.tex' as p %><< p.m('z') >>")
    assert render("latex/a.tex") == "$z$"


def test_missing_templates_are_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "_FOLDERS", ())
    with pytest.raises(DeriveError, match="templates are missing"):
        template_folder()


def test_every_template_of_the_package_compiles() -> None:
    folder = template_folder()
    for path in sorted(folder.rglob("*.j2")):
        name = path.relative_to(folder).as_posix()
        rendering._environment(name.startswith("latex/")).get_template(name)


def test_a_file_has_unix_lines_and_utf8(tmp_path: Path) -> None:
    write_file(tmp_path / "a.md", "∂L\nW₁\n")
    assert (tmp_path / "a.md").read_bytes() == "∂L\nW₁\n".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_a_failing_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_file(path, "new \ud800")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.md"]


def test_a_failing_replace_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.md"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(DeriveError, match=r"a\.md: cannot be written: No space left"):
        write_file(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.md"]


def test_mode_and_link_of_the_old_file_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.md", tmp_path / "link.md"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_file(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_device_is_not_replaced() -> None:
    write_file(os.devnull, "text")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match=r"folder '.*absent' does not exist; create it first"):
        write_file(tmp_path / "absent" / "a.md", "text")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="this is a folder; name a file in it"):
        write_file(tmp_path, "text")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    with pytest.raises(DeriveError, match="cannot be written: Permission denied"):
        write_file(tmp_path / "a.md", "text")
