"""Templates and presets are found in a wheel and in an editable install, in a clean environment."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

import derive

ROOT = Path(__file__).resolve().parents[1]

PROBE = """
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
import derive
from derive.rendering import template_folder
def names(folder): return sorted(str(p.relative_to(folder)) for p in folder.rglob("*.*"))
presets = Path(str(files("derive.networks").joinpath("presets")))
print(json.dumps({
    "package": str(Path(derive.__file__).parent),
    "version": [derive.__version__, version("derive")],
    "folder": str(template_folder()),
    "templates": names(template_folder()),
    "presets": names(presets),
}))
"""


@dataclass(frozen=True, slots=True)
class Installed:
    """A clean environment with nothing of this project in it but one install."""

    python: Path
    packages: Path

    def run(self, code: str, folder: Path) -> str:
        done = subprocess.run(
            [self.python, "-I", "-c", code], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def clean_environment(folder: Path) -> Installed:
    """A new virtual environment that sees the dependencies of this one, but not its installs.

    A path file adds the folder of the dependencies; path files inside that folder (an editable
    install is one) are not followed.
    """
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    packages = Path(
        subprocess.run(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
    )
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return Installed(python, packages)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ".", "--no-index", "--no-build-isolation", "--no-deps", "--wheel-dir", folder)
    (path,) = folder.glob("*.whl")
    return path


def expected(folder: str) -> list[str]:
    top = ROOT / folder
    return sorted(str(path.relative_to(top)) for path in top.rglob("*.*") if path.is_file())


def check(installed: Installed, folder: Path) -> dict[str, str]:
    found = json.loads(installed.run(PROBE, folder))
    assert found["version"] == [derive.__version__, derive.__version__]
    assert found["templates"] == expected("templates") != []
    assert found["presets"] == expected("derive/networks/presets") != []
    installed.run("from derive.cli import main; assert main(['--help']) == 0", folder)
    installed.run("from derive.cli import main; assert main(['networks']) == 0", folder)
    return {key: found[key] for key in ("package", "folder")}


def test_a_wheel_holds_all_it_needs(wheel: Path, tmp_path: Path) -> None:
    installed = clean_environment(tmp_path / "venv")
    pip("install", "--no-index", "--no-deps", "--target", installed.packages, wheel)
    places = check(installed, tmp_path)
    package = installed.packages / "derive"
    assert places == {"package": str(package), "folder": str(package / "templates")}


def test_an_editable_install_uses_the_repository(tmp_path: Path) -> None:
    installed = clean_environment(tmp_path / "venv")
    options = ("--no-index", "--no-build-isolation", "--no-deps", "--target", installed.packages)
    pip("install", *options, "--editable", ".")
    places = check(installed, tmp_path)
    assert places == {"package": str(ROOT / "derive"), "folder": str(ROOT / "templates")}


def test_a_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    info = f"derive-{derive.__version__}.dist-info/"
    assert [name for name in names if not name.startswith(("derive/", info))] == []
    assert {f"{info}licenses/LICENSE", "derive/py.typed"} <= set(names)
