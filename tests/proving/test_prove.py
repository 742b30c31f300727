"""``derive prove`` as a user meets it: the table, the exit code, the layouts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from derive import proving
from derive.calculus import Derivation, derivation
from derive.calculus.proof import Proof, Row
from derive.cli import main
from derive.meaning.style import LAYOUTS
from derive.networks import Layer, Network, network, presets
from derive.proving import prove
from derive.proving.module import measure_module
from derive.proving.small import shrunk
from derive.proving.table import table

SMALL = "x[2] -> dense(3, tanh) -> dense(2) ; mse"


@pytest.mark.parametrize("name", presets())
def test_every_preset_is_proved(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", name]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{name} (")
    assert lines[-1].startswith("proved: all ")
    assert "FAIL" not in "".join(lines)


def test_the_table_names_methods_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    main(["prove", "two-layer-tanh", "--seed", "3"])
    text = capsys.readouterr().out
    (gradient,) = [line for line in text.splitlines() if " dL/dW1 " in line and " sample " in line]
    assert "SymPy exact" in gradient
    (measured,) = [line for line in text.splitlines() if " d_W1 " in line]
    assert "complex step" in measured
    assert "central differences" in measured


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout: str) -> None:
    proof = prove(network(SMALL), layout=layout)
    assert proof.passed
    assert proof.layout == layout


def test_a_failure_is_exit_code_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(derived: Derivation, seed: int) -> Iterable[Row]:
        yield Row("dL/dW1", "sample", "SymPy exact", False, "the step is false")

    monkeypatch.setattr(proving, "CHECKS", (failing, measure_module))
    assert main(["prove", SMALL]) == 1
    out = capsys.readouterr().out
    assert "FAIL" in out
    assert out.splitlines()[-1] == "NOT proved: 1 of 1 facts fail"


def test_bad_input_is_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "x[2] -> dense(3, tahn) ; mse"]) == 2
    assert main(["prove", SMALL, "--layout", "row/out"]) == 2


def test_no_facts_prove_nothing() -> None:
    assert not Proof("empty", "column/out_in", ()).passed


def test_a_long_table_joins_equal_rows() -> None:
    rows = tuple(Row(f"dL/dW{k}", "sample", "composition", k != 7, "") for k in range(1, 100))
    lines = table(Proof("deep", "column/out_in", rows)).splitlines()
    assert len(lines) == 5
    assert "dL/dW1 ... dL/dW99 (98)" in lines[2]
    assert lines[3].startswith("FAIL  dL/dW7 ")


def deep(depth: int) -> Network:
    layers = tuple(Layer(2 + k % 2, "tanh") for k in range(depth))
    return Network("deep", "x", 2, layers, "mse")


def test_a_deep_module_is_measured_along_joint_directions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "CHECKS", (measure_module,))
    proof = prove(deep(40))
    assert proof.passed
    assert "all gradients" in {row.subject for row in proof.rows}


def test_wide_layers_are_read_back_as_small_ones() -> None:
    wide = network("x[784] -> dense(1000, relu) -> dense(3) -> dense(1000) ; mse")
    small = shrunk(derivation(wide)).network
    assert (small.input_size, *(layer.units for layer in small.layers)) == (2, 4, 3, 4)
    narrow = derivation(network(SMALL))
    assert shrunk(narrow) is narrow


def test_a_wide_network_is_proved_in_passing() -> None:
    assert prove(
        network("x[784] -> dense(1000, relu) -> dense(10, softmax) ; cross_entropy")
    ).passed


def broken_module(monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> None:
    """Every emitted module with one piece of text replaced."""
    plain = proving.module.generate_code

    def broken(derived: Derivation) -> str:
        source = plain(derived)
        assert old in source
        return source.replace(old, new)

    monkeypatch.setattr(proving.module, "generate_code", broken)
    monkeypatch.setattr(proving, "CHECKS", (measure_module,))


EMISSION = (
    ("np.tanh(z1)", "np.sin(z1)"),  # forward alone
    ("np.tanh(z1)  #", "-np.tanh(z1)  #"),  # forward and backward agree, the program does not
    (" + b1[:, None]", ""),
    ("(1 - h1**2)", "(1 + h1**2)"),
    ("(1 - h1**2)", "h1**2"),
    ("W2.T @ d_z2", "W2.T @ -d_z2"),
    ("np.sum(d_z2, axis=1)", "np.mean(d_z2, axis=1)"),
    ("np.sum(d_z1, axis=1)", "d_z1[:, 0]"),
    ("return Parameters(d_W1, d_b1,", "return Parameters(d_W1, 2 * d_b1,"),
    ("return Parameters(d_W1, d_b1,", "return Parameters(d_W1.T, d_b1,"),
    ("/ m  # L", "/ 1  # L"),  # a lost mean in the loss
    ("2 / m * (", "2 * ("),  # and in its gradient
    ("d_z1 @ x.T", "d_z1 @ x.T + 1j"),
    ("np.tanh(z1)", "np.tanh(z3)"),  # an unknown name
)


@pytest.mark.parametrize(("old", "new"), EMISSION)
def test_an_error_of_emission_is_seen(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_module(monkeypatch, old, new)
    assert not prove(network(SMALL)).passed


GENERIC = (
    ("d_a * (z[k - 1] > 0)", "d_a * (z[k - 1] < 0)"),
    ("d_W[::-1]", "d_W"),
    ("np.maximum(z_k, 0)", "np.minimum(z_k, 0)"),
    ("W[k].T @ d_z", "W[k].T @ d_z * 2"),
)


@pytest.mark.parametrize(("old", "new"), GENERIC)
def test_an_error_in_the_loop_is_seen(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_module(monkeypatch, old, new)
    assert not prove(network("relu-sigmoid-bce")).passed


def test_modules_of_all_layouts_and_losses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "CHECKS", (measure_module,))
    for proof in _proofs():
        assert proof.failures == ()


def _proofs() -> Iterator[Proof]:
    texts = (
        "x[2] -> dense(3, relu) -> dense(2, softmax) ; cross_entropy",
        "x[3] -> dense(2, softmax) -> dense(2, sigmoid) ; mean_mse",
        "x[n0] -> dense(n1, sigmoid) -> dense(n2, sigmoid) ; bce",
    )
    for text in texts:
        net = network(text)
        for layout in LAYOUTS:
            yield prove(replace(net, style=net.style.with_layout(layout)), seed=5)
