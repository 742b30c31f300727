"""Data: what is read, and one clear error for what cannot be."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from derive.config import LIMITS
from derive.errors import DataError
from derive.networks import network
from derive.training import load_samples, readers, samples

PAIR = "x[2] -> dense(1) ; mse"
CLASSES = "softmax-classifier"


def write(folder: Path, text: str | bytes, name: str = "data.csv") -> str:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


@pytest.mark.parametrize(
    "text",
    [
        "1,2,3\n4,5,6\n",
        "a,b,target\n1,2,3\n4,5,6\n",
        "\ufeffa,b,c\r\n 1 , 2,3\r\n\r\n4,5,6",
        '"1","2","3"\n4,5e0,+6\n',
    ],
)
def test_the_last_columns_are_the_targets(tmp_path: Path, text: str) -> None:
    data = load_samples(network(PAIR), write(tmp_path, text))
    assert data.x.tolist() == [[1, 2], [4, 5]]
    assert data.y.tolist() == [[3], [6]]
    assert "2 rows of" in data.source


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("1,2,3\n1,two,3\n", 2, "'two' is not a number (column 2)"),
        ("a,b,c\n\n1,2,\n", 3, "there is no number (column 3)"),
        ("1,2,x\n1,2,3\n", 1, "'x' is not a number (column 3)"),
        ("1,2,3\n1,nan,3\n", 2, "nan is not finite (column 2)"),
        ("1,2,1e999\n", 1, "1e999 is not finite (column 3)"),
        ("1,1_0,3\n", 1, "'1_0' is not a number (column 2)"),
        ("1,2,3\n\n4,5\n", 3, "2 cells, but the first row has 3"),
        ("1;2;3\n4;5;6\n7,8,9\n", 2, "'4;5;6' is not a number (column 1); separate the columns"),
        ('a,b,c\n1,2,"x\n\ny"\n', 2, "is not a number (column 3)"),
        ("1,2,3\n1,2,1e101\n", 2, "y is beyond 1e+100"),
        (f"1,2,3\n1,{'9' * 140000},3\n", 2, "not CSV: field larger"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError) as caught:
        load_samples(network(PAIR), path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "there are no rows"),
        ("a,b,c\n", "there are no rows"),
        ("\n \n", "there are no rows"),
        ("1,2\n", "2 columns, but network takes 3: 2 inputs, then 1 target"),
        ("1,2,3,4\n", "4 columns, but network takes 3"),
        (b"1,2,\xff\n", "not UTF-8 text"),
    ],
)
def test_a_file_that_does_not_fit(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(DataError, match=message) as caught:
        load_samples(network(PAIR), path)
    assert caught.value.path == path


def test_a_file_may_be_missing_a_folder_or_too_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_samples(network(PAIR), str(tmp_path / "none.csv"))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="not a file"):
        load_samples(network(PAIR), str(tmp_path / "folder.csv"))
    monkeypatch.setattr(readers, "LIMITS", replace(LIMITS, max_data_bytes=20))
    with pytest.raises(DataError, match="larger than the limit"):
        load_samples(network(PAIR), write(tmp_path, "1,2,3\n" * 4))
    np.savez_compressed(tmp_path / "bomb.npz", x=np.zeros((9, 2)), y=np.zeros(9))
    with pytest.raises(DataError, match="larger than the limit"):
        load_samples(network(PAIR), str(tmp_path / "bomb.npz"))


def test_a_compressed_archive_is_measured_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bomb.npz"
    np.savez_compressed(path, x=np.zeros((100_000, 2)), y=np.zeros(100_000))
    monkeypatch.setattr(readers, "LIMITS", replace(LIMITS, max_data_bytes=1 << 20))
    assert path.stat().st_size < 1 << 20
    with pytest.raises(DataError, match="larger than the limit of 1 MiB"):
        load_samples(network(PAIR), str(path))


def test_an_archive_is_read(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez(path, x=np.arange(6, dtype=np.float32).reshape(3, 2), y=np.array([1, 2, 3]))
    data = load_samples(network(PAIR), str(path))
    assert data.x.tolist() == [[0, 1], [2, 3], [4, 5]]
    assert data.y.tolist() == [[1], [2], [3]]
    assert data.x.dtype == data.y.dtype == np.float64


def archive(**arrays: object) -> Callable[[Path], None]:
    return lambda path: np.savez(path, **arrays)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (archive(x=np.zeros((2, 2))), "no array 'y'"),
        (archive(a=np.zeros(2)), "no array 'x' .arrays: 'a'"),
        (archive(x=np.array([{}]), y=np.zeros(1)), "cannot be read: Object arrays"),
        (archive(x=np.array(["a"]), y=np.zeros(1)), "x holds <U1, not real numbers"),
        (archive(x=np.zeros((2, 2), complex), y=np.zeros(2)), "x holds complex128"),
        (archive(x=np.zeros((2, 2, 1)), y=np.zeros(2)), "x has shape .2, 2, 1."),
        (archive(x=np.zeros(()), y=np.zeros(())), "x has shape ()"),
        (archive(x=np.zeros((0, 2)), y=np.zeros(0)), "x is empty"),
        (archive(x=np.zeros((3, 2)), y=np.zeros(2)), "x has 3 samples .rows., but y has 2"),
        (archive(x=np.zeros((2, 3)), y=np.zeros(2)), "x has 3 columns, but network takes 2"),
        (archive(x=np.zeros((2, 2)), y=np.zeros((2, 2))), "y has 2 columns, but network has 1"),
        (archive(x=np.zeros((2, 2)), y=np.array([0, np.nan])), "sample 2: y is not finite"),
        (lambda path: path.write_bytes(b"text"), "no NumPy archive"),
    ],
)
def test_an_archive_that_does_not_fit(
    tmp_path: Path, make: Callable[[Path], object], message: str
) -> None:
    path = tmp_path / "data.npz"
    make(path)
    with pytest.raises(DataError, match=message) as caught:
        load_samples(network(PAIR), str(path))
    assert caught.value.path == str(path)


def test_a_damaged_archive_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "data.npz"
    np.savez_compressed(path, x=np.random.default_rng(0).random((50, 2)), y=np.zeros(50))
    whole = path.read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(100):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            broken[place] ^= int(rng.integers(1, 256))
        path.write_bytes(bytes(broken))
        with contextlib.suppress(DataError):  # any other error fails the test
            load_samples(network(PAIR), str(path))


def test_classes_are_one_hot_or_numbers(tmp_path: Path) -> None:
    net = network(CLASSES)
    one_hot = load_samples(net, write(tmp_path, "1,2,0,1,0\n3,4,1,0,0\n"))
    numbered = load_samples(net, write(tmp_path, "1,2,1\n3,4,0\n"))
    assert one_hot.y.tolist() == numbered.y.tolist() == [[0, 1, 0], [1, 0, 0]]
    assert samples(net, [[1, 2], [3, 4]], [1, 0]).y.tolist() == one_hot.y.tolist()


@pytest.mark.parametrize(
    ("line", "text", "place", "message"),
    [
        (CLASSES, "c,d,y\n1,2,0\n3,4,3\n", 3, "a class is a whole number from 0 to 2"),
        (CLASSES, "1,2,0.5\n", 1, "a class is a whole number from 0 to 2"),
        (CLASSES, "1,2,0,1,0\n1,2,0,1,1\n", 2, "the targets must sum to 1"),
        (CLASSES, "1,2,-1,1,1\n", 1, "a target must lie in [0, 1]"),
        (CLASSES, "1,2,0,1\n", None, "4 columns, but softmax-classifier takes 5"),
        ("relu-sigmoid-bce", "1,2,1\n1,2,-0.1\n", 2, "must lie in [0, 1]"),
    ],
)
def test_targets_that_are_no_probabilities(
    tmp_path: Path, line: str, text: str, place: int | None, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        load_samples(network(line), write(tmp_path, text))
    assert message in str(caught.value)
    assert caught.value.line == place


@pytest.mark.parametrize("inputs", [1, 2, 5])
def test_a_symbolic_input_takes_the_size_of_the_data(tmp_path: Path, inputs: int) -> None:
    row = ",".join(["1"] * (inputs + 1))
    data = load_samples(network("relu-sigmoid-bce"), write(tmp_path, f"{row}\n{row}\n"))
    assert data.network.input_size == inputs
    assert [layer.units for layer in data.network.layers] == [3, 2, 1]


def test_sizes_without_a_number_are_named() -> None:
    net = network("x[n0] -> dense(n1, tanh) -> dense(1) ; mse")
    with pytest.raises(DataError, match="no number for n1;"):
        samples(net, [[1, 2]], [1])
    wide = network("x[30000] -> dense(30000) -> dense(1) ; mse")
    with pytest.raises(DataError, match="parameters; at most"):
        samples(wide, [[1, 2]], [1])


def test_arrays_of_python_are_checked_too() -> None:
    with pytest.raises(DataError, match="rows differ in length"):
        samples(network(PAIR), [[1, 2], [3]], [1, 2])
    with pytest.raises(DataError, match="sample 2: x is not finite"):
        samples(network(PAIR), [[1, 2], [3, np.inf]], [1, 2])


def test_a_power_is_taken_at_midpoints() -> None:
    data = load_samples(network("two-layer-tanh"), "x^3", (Fraction(0), Fraction(2)), 4)
    assert data.x[:, 0].tolist() == [0.25, 0.75, 1.25, 1.75]
    assert data.y.tolist() == (data.x**3).tolist()
    assert data.source == "x^3, x at the midpoints of 4 equal cells of [0, 2]"


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("x^0", "two-layer-tanh", "neither a .csv or .npz file nor x\\^2"),
        ("x^10", "two-layer-tanh", "neither"),
        ("data.txt", "two-layer-tanh", "neither"),
        ("x^2", CLASSES, "x has 1 column, but softmax-classifier takes 2 inputs"),
        ("x^3", "relu-sigmoid-bce", "must lie in"),
    ],
)
def test_powers_that_do_not_fit(source: str, line: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_samples(network(line), source)


def test_the_range_is_for_powers_only(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="are for powers"):
        load_samples(network(PAIR), write(tmp_path, "1,2,3\n"), count=5)
