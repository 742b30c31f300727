"""Bad definitions: one error each, with the line, the word and the nearest valid one."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.errors import NetworkError
from derive.networks import Layer, Network, network
from derive.networks.toml import read_text

SCALAR = """\
name = "two"
input = { name = "x", size = 1, scalar = true }
layers = [
  { kind = "dense", units = 1, activation = "tanh" },
  { units = 1 },
]
loss = "squared_error"

[notation]
layer = "subscript"  # or "bracket"

[values]
x = 2.0
W1 = 0.5
rate = 0.1
"""

VECTOR = """\
loss = "cross_entropy"

[input]
size = 2

[[layers]]
units = 4
activation = "tanh"

[[layers]]
units = "classes"
activation = "softmax"
bias = false

[values]
x = [1.0, -0.5]
y = [
  0, 1,
  0,
]
W1 = [[1, 2], [3, 4], [5, 6], [7, 8]]
"""

GENERIC = """\
name = "deep"
input = { size = "n0" }
layers = [
  { units = "n", activation = "relu", repeat = "L-1" },
  { units = 1, activation = "sigmoid" },
]
loss = "bce"
depth = 3
[values]
x = [1.0, 2.0]
y = [1]
b2 = [0.5, 0.25, 0.125]
"""

CASES = [
    # the text itself
    (SCALAR, "= true }", "= yes }", 2, ["not valid TOML", "Invalid value"]),
    (SCALAR, 'loss = "', "loss = ", 7, ["not valid TOML"]),
    (SCALAR, "x = 2.0", "x = 2.0\nx = 3.0", 14, ["not valid TOML", "overwrite"]),
    (SCALAR, "rate = 0.1\n", "rate =", 15, ["not valid TOML"]),
    (SCALAR, "x = 2.0", "x = " + "1" * 5000, None, ["not valid TOML", "digits"]),
    (SCALAR, "x = 2.0", "x = " + "[" * 5000, None, ["nested too deeply"]),
    (SCALAR, "x = 2.0", "x" + ".x" * 50 + " = 1", None, ["dotted key", "32"]),
    # keys
    (SCALAR, 'name = "two"', 'nmae = "two"', 1, ["network: unknown key 'nmae'", "'name'?"]),
    (SCALAR, "scalar = true", "skalar = true", 2, ["input: unknown key 'skalar'", "'scalar'?"]),
    (SCALAR, "units = 1 }", "unit = 1 }", 5, ["layer 2: unknown key 'unit'", "'units'?"]),
    (SCALAR, "[notation]", "[notations]", 9, ["unknown key 'notations'", "'notation'?"]),
    (SCALAR, "layer = ", "layers = ", 10, ["unknown notation key 'layers'", "'layer'?"]),
    (SCALAR, "W1 = 0.5", "W4 = 0.5", 14, ["unknown value 'W4'; did you mean 'W", "b2"]),
    (VECTOR, "W1 = [", "b2 = [", 21, ["unknown value 'b2'", "known: W1, W2, b1, rate, x, y"]),
    (VECTOR, "bias = false", "biases = false", 13, ["layer 2: unknown key 'biases'", "'bias'?"]),
    (VECTOR, "units = 4\n", "", 6, ["layer 1: units is missing"]),
    (VECTOR, "size = 2", "", 3, ["input: size is missing", "scalar = true"]),
    (VECTOR, 'loss = "cross_entropy"', "", None, ["network: loss is missing"]),
    (
        SCALAR.replace('loss = "squared_error"\n', "") + 'loss = "mse"',
        "",
        "",
        15,
        ["loss is missing; here it belongs to [values]"],
    ),
    (SCALAR, "loss =", "title =", None, ["network: loss is missing"]),
    # words
    (SCALAR, '"tanh"', '"tahn"', 4, ["layer 1: unknown activation 'tahn'", "'tanh'?", "relu"]),
    (SCALAR, '"tanh"', '"Tanh"', 4, ["unknown activation 'Tanh'", "'tanh'?"]),
    (SCALAR, '"tanh"', '""', 4, ["unknown activation ''", "(known: elu", "identity"]),
    (SCALAR, '"tanh"', "3", 4, ["layer 1: activation: 3 is not a word"]),
    (SCALAR, '"tanh"', '"mse"', 4, ["unknown activation 'mse'"]),
    (SCALAR, '"dense"', '"dens"', 4, ["layer 1: unknown kind 'dens'", "'dense'?"]),
    (SCALAR, '"dense"', "true", 4, ["layer 1: kind: True is not a word"]),
    (SCALAR, '"squared_error"', '"square_error"', 7, ["unknown loss", "'squared_error'?", "mse"]),
    (SCALAR, '"squared_error"', '["mse"]', 7, ["loss: ['mse'] is not a word"]),
    (SCALAR, '"subscript"', '"subskript"', 10, ["notation layer: unknown word", "'subscript'?"]),
    (SCALAR, '"subscript"', "1", 10, ["notation layer: 1 is not a word"]),
    (GENERIC, '"L-1"', '"L"', 4, ["layer 1: unknown repeat 'L'", "L-1"]),
    (GENERIC, '"L-1"', "2", 4, ["layer 1: repeat: 2 is not a word"]),
    # kinds of values
    (SCALAR, "scalar = true", "scalar = 1", 2, ["scalar: 1 is not true or false"]),
    (VECTOR, "bias = false", 'bias = "false"', 13, ["layer 2: bias: 'false' is not true"]),
    (VECTOR, "bias = false", "bias = 0", 13, ["layer 2: bias: 0 is not true"]),
    (SCALAR, "{ units = 1 }", "1", 5, ["layer 2: 1 is not a table"]),
    (VECTOR, "[input]\nsize = 2", 'input = "x[2]"', 3, ["input: 'x[2]' is not a table"]),
    (SCALAR, "[notation]", "[[notation]]", 9, ["notation:", "is not a table"]),
    (SCALAR, "name = ", "layers = 3\n#", 7, ["not valid TOML"]),
    # names
    (SCALAR, '"two"', "2", 1, ["name: 2 cannot name a network"]),
    (SCALAR, '"two"', '"../two"', 1, ["name: '../two' cannot name a network"]),
    (SCALAR, '"two"', '""', 1, ["name: '' cannot name a network"]),
    (SCALAR, '"two"', '"' + "n" * 41 + '"', 1, ["cannot name a network", "at most 40"]),
    (SCALAR, '"two"', '"two"\ntitle = "a\\nb"', 2, ["title: 'a\\nb' is not one line"]),
    (SCALAR, '"x"', '"x 1"', 2, ["input: 'x 1' is not a name"]),
    (SCALAR, '"x"', '"1x"', 2, ["input: '1x' is not a name"]),
    (SCALAR, '"x"', '"lambda"', 2, ["input: 'lambda' is a word of Python"]),
    (SCALAR, '"x"', '"y"', 2, ["input: 'y' has a meaning of its own"]),
    (SCALAR, '"x"', '"W1"', 2, ["input: 'W1' has a meaning of its own"]),
    (SCALAR, '"x"', '"sum"', 2, ["input: 'sum' has a meaning of its own"]),
    (SCALAR, '"x"', '"é"', 2, ["input: 'é' is not a name"]),
    (SCALAR, '"x"', "[]", 2, ["input: [] is not a name in quotes"]),
    (SCALAR, '"x"', '"' + "q" * 50 + '"', 2, ["more than 40 characters"]),
    # sizes
    (VECTOR, "units = 4", "units = 0", 7, ["layer 1: units: 0 is not positive"]),
    (VECTOR, "units = 4", "units = -4", 7, ["layer 1: units: -4 is not positive"]),
    (VECTOR, "units = 4", "units = 4.0", 7, ["layer 1: units: 4.0 is neither"]),
    (VECTOR, "units = 4", "units = true", 7, ["layer 1: units: True is neither"]),
    (VECTOR, "units = 4", "units = 10_000_000", 7, ["10000000 is more than the limit"]),
    (VECTOR, "units = 4", 'units = "4"', 7, ["layer 1: units: '4' is not a name"]),
    (VECTOR, "units = 4", 'units = "m"', 7, ["'m' has a meaning of its own"]),
    (VECTOR, "units = 4", "units = [4]", 7, ["[4] is neither a whole number nor a name"]),
    (VECTOR, "size = 2", "size = nan", 4, ["input size: nan is neither"]),
    (VECTOR, "size = 2", 'size = "N"\n[notation]\nbatch = "N"', 4, ["'N'", "the batch size"]),
    (VECTOR, "size = 2", 'size = "q"\nname = "q"', 4, ["'q'", "name of the input"]),
    (SCALAR, "size = 1", "size = 2", 2, ["a scalar network has sizes 1 only, not 2"]),
    (SCALAR, "{ units = 1 }", '{ units = "w" }', 5, ["a scalar network has sizes 1 only, not 'w'"]),
    # layers
    ('input={size=1}\nloss="mse"\nlayers=[]', "", "", 3, ["at least one layer"]),
    ('input={size=1}\nloss="mse"\nlayers={}', "", "", 3, ["layers: {} is not a list"]),
    ('input={size=1}\nloss="mse"\nlayers="dense"', "", "", 3, ["'dense' is not a list"]),
    # losses and heads
    (SCALAR, '"squared_error"', '"bce"', 7, ["'binary_cross_entropy' needs sigmoid", "mse"]),
    (VECTOR, '"softmax"', '"sigmoid"', 1, ["'softmax_cross_entropy' needs softmax", "binary"]),
    (VECTOR, '"classes"', "1", 11, ["layer 2: softmax needs two units or more"]),
    (SCALAR, '"tanh"', '"softmax"', 4, ["softmax needs a vector"]),
    # values
    (SCALAR, "x = 2.0", "x = [2.0]", 13, ["x has the shape (1)", "must have one number"]),
    (SCALAR, "x = 2.0", "x = nan", 13, ["x: nan is not finite"]),
    (SCALAR, "x = 2.0", "x = -inf", 13, ["x: -inf is not finite"]),
    (SCALAR, "x = 2.0", "x = true", 13, ["x: True is not a number"]),
    (SCALAR, "x = 2.0", 'x = "2"', 13, ["x: '2' is not a number"]),
    (SCALAR, "x = 2.0", "x = 1" + "0" * 400, 13, ["x:", "is too large"]),
    (SCALAR, "rate = 0.1", "rate = 0", 15, ["rate: 0 is not positive"]),
    (SCALAR, "rate = 0.1", "rate = [1]", 15, ["rate: [1] is not a number"]),
    (SCALAR, "[values]\n", "[values.x]\n", 12, ["x: {", "is not a number"]),
    (VECTOR, "x = [1.0, -0.5]", "x = 1.0", 16, ["x has one number", "the shape (2)"]),
    (VECTOR, "x = [1.0, -0.5]", "x = [1, 2, 3]", 16, ["x has the shape (3)", "the shape (2)"]),
    (VECTOR, "x = [1.0, -0.5]", "x = [1, [2]]", 16, ["x: [2] is not a number"]),
    (VECTOR, "x = [1.0, -0.5]", "x = []", 16, ["x has the shape (0)"]),
    (VECTOR, "[7, 8]]", "[7]]", 21, ["W1: row 4 is not as long as the first"]),
    (VECTOR, "[7, 8]]", "7]", 21, ["W1: row 4 is not as long"]),
    (VECTOR, ", [7, 8]]", "]", 21, ["W1 has the shape (3, 2)", "(4, 2)", "outputs, inputs"]),
    (VECTOR, "[[1, 2], [3, 4], [5, 6], [7, 8]]", "[[[1]]]", 21, ["(1, 1, 1)", "(4, 2)"]),
    (
        VECTOR.replace("[values]", '[notation]\nweights = "in_out"\n[values]'),
        "",
        "",
        23,
        ["W1 has the shape (4, 2)", "(2, 4)", "inputs, outputs", "in_out"],
    ),
    (VECTOR, "[[1, 2],", "[[1, inf],", 21, ["W1: inf is not finite"]),
    (VECTOR, "0, 1,", "0, 0.5,", 17, ["must sum to 1", "0.5"]),
    (VECTOR, "0, 1,", "-1, 2,", 17, ["must lie in [0, 1]"]),
    (VECTOR, "  0, 1,\n  0,", "  1", 17, ["softmax needs two units or more, but classes is 1"]),
    (VECTOR, "W1 = [", "W2 = [[1, 2, 3, 4], [5, 6, 7, 8]]\n# [", 21, ["W2 has", "(3, 4)"]),
    (GENERIC, "y = [1]", "y = [2]", 11, ["must lie in [0, 1]"]),
    (GENERIC, "0.125]", "0.125]\nW3 = [[1, 2]]", 13, ["W3 has the shape (1, 2)", "(1, 3)"]),
    (GENERIC, "b2 =", "b4 =", 12, ["unknown value 'b4'"]),
    # any depth
    (GENERIC, "depth = 3", "", 9, ["need a depth"]),
    (GENERIC, "depth = 3", "depth = 1", 8, ["depth: 1 is not from 2"]),
    (GENERIC, "depth = 3", "depth = 1_000_000", 8, ["depth: 1000000 is not from 2"]),
    (GENERIC, "depth = 3", "depth = true", 8, ["depth: True is not a whole number"]),
    (GENERIC, "depth = 3", 'depth = "three"', 8, ["depth: 'three' is not a whole number"]),
    (SCALAR, 'loss = "', 'depth = 3\nloss = "', 7, ["depth is for a network with a repeated"]),
    (GENERIC, '"n0"', '"d"', 2, ["the input size is a number or 'n0', not 'd'"]),
    (GENERIC, "units = 1,", 'units = "q",', 5, ["the last width is a number or 'nL', not 'q'"]),
    (GENERIC, 'units = "n"', "units = 4", 4, ["units = 'n'", "not 4"]),
    (GENERIC, "size = ", "scalar = true, size = 1 } #", 2, ["needs a vector"]),
    (GENERIC, "{ units = 1, ", '{ units = 1, repeat = "L-1", ', 5, ["exactly two"]),
    (GENERIC, "\n]", '\n  { units = 1, activation = "sigmoid" },\n]', 4, ["exactly two"]),
    (GENERIC, "depth = 3", 'depth = 3\n[notation]\nbatch = "n"', 10, ["'n' names the widths"]),
]


@pytest.mark.parametrize(("text", "old", "new", "line", "parts"), CASES)
def test_a_bad_file(
    text: str, old: str, new: str, line: int | None, parts: list[str], tmp_path: Path
) -> None:
    assert old in text
    bad = text.replace(old, new, 1)
    with pytest.raises(NetworkError) as caught:
        read_text(bad)
    assert caught.value.line == line, caught.value
    assert all(part in caught.value.message for part in parts), caught.value.message
    file = tmp_path / "net.toml"
    file.write_text(bad, encoding="utf-8")
    with pytest.raises(NetworkError) as caught:
        network(file)
    assert str(caught.value).startswith(f"{file}:{line}: " if line else f"{file}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [SCALAR, VECTOR, GENERIC])
def test_the_table_starts_from_good_files(text: str) -> None:
    assert read_text(text).loss


LINES = [
    ("x", "unknown preset 'x'"),
    ("", "unknown preset ''"),
    ("two-layer-tahn", "did you mean 'two-layer-tanh'?"),
    ("softmax", "did you mean 'softmax-classifier'?"),
    ('loss = "mse"', "read from a file only"),
    ("x[3", "column 4: expected ']'"),
    ("x[3]", "column 5: expected '->'"),
    ("x[3] ;", "column 6: expected '->' and a layer, not ';'"),
    ("x[3] ->", "column 8: expected a layer, not the end of the line"),
    ("x[3] -> dense", "column 14: expected '('"),
    ("x[3] -> dense(", "column 15: expected a size"),
    ("x[3] -> dense()", "column 15: expected a size"),
    ("x[3] -> dense(-4)", "column 15: expected a size: a positive whole number or a name, not '-'"),
    ("x[3] -> dense(4.5)", "not '4.5'"),
    ("x[3] -> dense(1e3)", "not '1e3'"),
    ("x[3] -> dense(4", "column 16: expected ',' or ')', not the end"),
    ("x[3] -> dense(4)", "column 17: expected '->' and a layer, or ';' and the loss, not the end"),
    ("x[3] -> dense(4) ;", "column 19: expected a loss, not the end of the line"),
    ("x[3] -> dense(4) ; mse ; mse", "column 24: expected the end of the line, not ';'"),
    ("x[3] -> dense(4) ; mse mse", "column 24: expected the end of the line, not 'mse'"),
    ("x[3] -> dens(4) ; mse", "column 9: layer 1: unknown kind 'dens'; did you mean 'dense'?"),
    ("x[3] -> dense(4, tahn) ; mse", "column 18: layer 1: unknown activation 'tahn'; did you mean"),
    ("x[3] -> dense(4) -> dense(2, rleu) ; mse", "column 30: layer 2: unknown activation 'rleu'"),
    ("x[3] -> dense(4) ; msee", "column 20: unknown loss 'msee'; did you mean 'mse'?"),
    ("x[3] -> dense(4, tanh, relu) ; mse", "column 24: activation is given twice"),
    ("x[3] -> dense(4, bias=false, bias=true) ; mse", "column 35: bias is given twice"),
    ("x[3] -> dense(4, bias=no) ; mse", "column 23: expected true or false, not 'no'"),
    ("x[3] -> dense(4, bias=0) ; mse", "column 23: expected true or false, not '0'"),
    (
        "x[3] -> dense(4, bais=false) ; mse",
        "column 18: unknown argument 'bais'; did you mean 'bias'",
    ),
    ("x[3] -> dense(4, activation=) ; mse", "column 29: expected an activation"),
    ("x[3] -> dense(4,) ; mse", "column 17: expected an activation or bias=false, not ')'"),
    ("x[0] -> dense(4) ; mse", "column 3: input size: 0 is not positive"),
    ("x[3] -> dense(0) ; mse", "column 15: layer 1: units: 0 is not positive"),
    ("x[3] -> dense(99999999999999999999999) ; mse", "more than the limit"),
    ("x[for] -> dense(4) ; mse", "column 3: input size: 'for' is a word of Python"),
    ("[3] -> dense(4) ; mse", "column 1: expected the input's name, not '['"),
    ("y[3] -> dense(4) ; mse", "column 1: input: 'y' has a meaning of its own"),
    ("x1[3] -> dense(4) ; mse", "column 1: input: 'x1': digits and _ would read as indices"),
    ("x -> dense(4) ; mse", "column 12: a scalar network has sizes 1 only, not 4"),
    ("x -> dense(1, softmax) ; mse", "softmax needs a vector"),
    ("x[2] -> dense(1, softmax) ; cross_entropy", "softmax needs two units or more"),
    ("x[2] -> dense(3, tanh) ; bce", "column 26: loss 'binary_cross_entropy' needs sigmoid"),
    ("x[n0] -> dense(n, relu) * 3 -> dense(1) ; mse", "column 27: expected (L-1)"),
    ("x[n0] -> dense(n, relu) * (L-2) -> dense(1) ; mse", "expected (L-1)"),
    ("x[n0] -> dense(k, relu) * (L-1) -> dense(1) ; mse", "'k' has a meaning"),
    ("x[n0] -> dense(w, relu) * (L-1) -> dense(1) ; mse", "units = 'n'"),
    ("x[n0] -> dense(n, relu) * (L-1) ; mse", "exactly two"),
    ("x -> dense(n, relu) * (L-1) -> dense(1) ; mse", "needs a vector as input"),
    ("x[3] => dense(4) ; mse", "expected '->' and a layer, not '='"),
    ("x[3] -> dense(4) | mse ; mse", "not '|'"),
    ("x[3] -> dense(4)\x00 ; mse", "not '\\x00'"),
    ("x[3] -> dense(4) ; " + "m" * 200_000, "at most 100000 are read"),
    ("nothing/here.toml", "nothing/here.toml: there is no such file"),
    ("nothing/here", "nothing/here: there is no such file"),
    ("a\x00.toml", "a\x00.toml: "),
    ("a" * 5000 + ".toml", "cannot be read"),
]


@pytest.mark.parametrize(("text", "part"), LINES)
def test_a_bad_line(text: str, part: str) -> None:
    with pytest.raises(NetworkError) as caught:
        network(text)
    assert part in str(caught.value)


def test_the_mark_stands_under_the_word() -> None:
    with pytest.raises(NetworkError) as caught:
        network("x[3] -> dense(4, tahn) -> dense(2) ; mse")
    _, line, mark = str(caught.value).splitlines()
    assert line[mark.index("^") : mark.rindex("^") + 1] == "tahn"


def test_the_mark_of_a_long_line_stands_under_the_word() -> None:
    with pytest.raises(NetworkError) as caught:
        network("x[3] -> " + "dense(4) -> " * 500 + "dense(2, tahn) ; mse")
    _, line, mark = str(caught.value).splitlines()
    assert line[mark.index("^") : mark.rindex("^") + 1] == "tahn"
    assert len(line) < 120


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'name = "a"\ntitle = "\xe9"')
    (tmp_path / "big.toml").write_bytes(b"#" * (1 << 20) + b"#")
    (tmp_path / "folder.toml").mkdir()
    for name, part in [
        ("latin.toml", "latin.toml:2: not UTF-8"),
        ("big.toml", "larger than 1048576 bytes"),
        ("folder.toml", "this is a folder"),
        ("none.toml", "there is no such file"),
    ]:
        with pytest.raises(NetworkError, match=part):
            network(str(tmp_path / name))
    with pytest.raises(NetworkError, match="this is a folder"):
        network(tmp_path)
    with pytest.raises(NetworkError, match="not a regular file"):
        network(Path("/dev/zero"))


LAYERS = (Layer(4, "tanh"), Layer(2))
TABLE = {"input": {"size": 3}, "layers": [{"units": 2}], "loss": "mse"}

OBJECTS = [
    (None, "None is no network"),
    (3, "3 is no network"),
    (b"two-layer-tanh", "is no network"),
    ({}, "network: input is missing"),
    ({1: 2}, "unknown key '1'"),
    ({**TABLE, "input": {2: 3}}, "the key 2 is not a word"),
    ({**TABLE, "values": [1]}, "values: [1] is not a table"),
    ({**TABLE, "values": {"x": {1, 2}}}, "x: {1, 2} is not a number"),
    ({**TABLE, "values": {"x": "abc"}}, "x: 'abc' is not a number"),
    ({**TABLE, "layers": [Layer]}, "layer 1:"),
    ({**TABLE, "name": None}, "name: None cannot"),
    (Network("a", "x", 3, (), "mse"), "at least one layer"),
    (Network("a", "x", 3, "dense", "mse"), "'dense' is not a tuple of Layer"),  # type: ignore[arg-type]
    (Network("a", "x", 3, (1,), "mse"), "not a tuple of Layer"),  # type: ignore[arg-type]
    (Network("a", "x", 3, LAYERS, "msee"), "did you mean 'mse'?"),
    (Network("a", "x", 3, LAYERS, "mse", scalar=True), "sizes 1 only"),
    (Network("a", "x", 3, LAYERS, "mse", style=None), "not a Style"),  # type: ignore[arg-type]
    (Network("a", "x", 3, LAYERS, "mse", values={"W1": [[1.0]]}), "(4, 3)"),
    (Network("a", "x", 3, LAYERS, "mse", values=None), "values: None is not"),  # type: ignore[arg-type]
    (Network("a", "x", 3, LAYERS, "mse", depth=2), "repeated layer"),
    (Network("a", "x", True, LAYERS, "mse"), "input size: True is neither"),
]


@pytest.mark.parametrize(("source", "part"), OBJECTS)
def test_a_bad_object(source: object, part: str) -> None:
    with pytest.raises(NetworkError) as caught:
        network(source)  # type: ignore[arg-type]
    assert part in str(caught.value)


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 100
    assert len(LINES) >= 50
