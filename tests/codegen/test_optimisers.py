"""The emitted steps: readable, clean, of one dtype, equal to the papers, and checked."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from derive.codegen import generate_code, load_module, recheck
from derive.codegen import optimiser as emission
from derive.codegen.recheck import draw
from derive.codegen.retrace import step_error
from derive.errors import NetworkError, ProofError
from derive.networks import Network, network
from derive.networks.optimiser import checked_optimiser, optimiser_of
from derive.program.optimisers import OPTIMISERS, Assignment, quantity

ROOT = Path(__file__).resolve().parents[2]

NETWORKS = [
    "two-layer-tanh",
    "x[2] -> dense(3, tanh) -> dense(2, softmax) ; cross_entropy",
    "x[n0] -> dense(n, tanh) * (L-1) -> dense(1) ; mse",
    "x[3] -> dense(1, bias=false) ; mse",
]
KINDS = list(OPTIMISERS)
EXTRAS: list[dict[str, Any]] = [
    {},
    {"clip": 0.1, "schedule": "cosine", "steps": 3},
    {"clip_value": 0.1, "schedule": "step", "every": 2},
]


def chosen(source: str, **table: Any) -> Network:
    return replace(network(source), optimiser=checked_optimiser(table))


def module_of(source: str, **table: Any) -> ModuleType:
    return load_module(generate_code(chosen(source, **table)))


def drawn(net: Network, module: ModuleType) -> tuple[Any, Any]:
    """Parameters and gradients of a module."""
    params, x, y = draw(module, net, np.random.default_rng(0))
    return params, module.loss_and_gradients(params, x, y)[1]


@pytest.mark.parametrize("source", NETWORKS)
@pytest.mark.parametrize("table", [{}, {"kind": "gradient_descent", "rate": 0.3}])
def test_plain_gradient_descent_is_the_module_as_it_was(source: str, table: dict[str, Any]) -> None:
    assert generate_code(chosen(source, **table)) == generate_code(network(source))
    constant = chosen(source, schedule="constant")
    assert generate_code(constant) == generate_code(network(source))


ADAM = '''\
    """One array theta, with its gradient g, after a step of Adam."""
    v = beta1 * v + g * (1 - beta1)  # running mean of the gradients
    s = beta2 * s + g**2 * (1 - beta2)  # running mean of their squares
    v_hat = v / (1 - beta1**t)  # without the pull of the start at 0
    s_hat = s / (1 - beta2**t)  # the same
    return theta - rate * v_hat / (epsilon + np.sqrt(s_hat)), v, s
'''

UPDATE = """\
    t = state.t + 1
    rate = rate_at(t) if rate is None else float(rate)
    g = named(clip(gradients))
    v = named(state.v)
    s = named(state.s)
    moved = [_step(theta, g[k], v[k], s[k], t, rate) for k, theta in named(params).items()]
    new_v = like(params, [row[1] for row in moved])
    new_s = like(params, [row[2] for row in moved])
    return like(params, [row[0] for row in moved]), State(t, new_v, new_s)
"""

COSINE = """\
    rate, steps, lowest = 0.002, 1000, 0.0
    k = t - 1  # steps done before
    p = min(k / steps, 1)  # how much of the fall is done
    w = (1 + np.cos(np.pi * p)) / 2  # from 1 down to 0
    return float(lowest + w * (rate - lowest))
"""


def test_the_code_reads_as_the_equations() -> None:
    table = {"kind": "adam", "rate": 0.002, "beta1": 0.8, "clip": 0.5, "schedule": "cosine"}
    source = generate_code(chosen("two-layer-tanh", **table, steps=1000))
    assert ADAM in source
    assert UPDATE in source
    assert COSINE in source
    assert "    beta1: float = 0.8,\n    beta2: float = 0.999,\n" in source
    assert "def clip(gradients: Parameters, limit: float = 0.5) -> Parameters:" in source


@pytest.mark.parametrize("source", NETWORKS)
@pytest.mark.parametrize("kind", KINDS)
def test_steps_are_those_of_the_table(source: str, kind: str) -> None:
    for extra in EXTRAS:
        net = chosen(source, kind=kind, **extra)
        module = load_module(generate_code(net))
        params, gradients = drawn(net, module)
        assert step_error(module, optimiser_of(net), params, gradients, steps=8) < 1e-11


@pytest.mark.parametrize("kind", KINDS)
def test_float32_stays_float32(kind: str) -> None:
    net = chosen("two-layer-tanh", kind=kind, clip=0.1, schedule="cosine", steps=4)
    module = load_module(generate_code(net))
    params, x, y = draw(module, net, np.random.default_rng(0))
    params = module.like(params, [a.astype(np.float32) for a in module.named(params).values()])
    state = module.start(params)
    for rate in (None, 0.1, np.float64(0.1)):
        gradients = module.loss_and_gradients(params, x, y)[1]
        params, state = module.update(params, gradients, state, rate)
        parts = [params, *(part for part in state if not isinstance(part, int))]
        arrays = [array for part in parts for array in module.named(part).values()]
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
    assert state.t == 3


def test_the_first_step_of_adam() -> None:
    module = module_of("two-layer-tanh", kind="adam", rate=0.5)
    params, gradients = drawn(network("two-layer-tanh"), module)
    after, _ = module.update(params, gradients, module.start(params))
    for old, new, g in zip(params, after, gradients, strict=True):
        assert old - new == pytest.approx(0.5 * g / (abs(g) + 1e-8), rel=1e-9)


def test_update_leaves_its_arguments_alone() -> None:
    module = module_of("two-layer-tanh", kind="adamw", clip=0.1)
    params, gradients = drawn(network("two-layer-tanh"), module)
    state = module.start(params)
    before = [float(a) for part in (params, gradients, state.v, state.s) for a in part]
    module.update(params, gradients, state)
    assert [float(a) for part in (params, gradients, state.v, state.s) for a in part] == before


@pytest.mark.parametrize("size", [1e-300, 1e-3, 1.0, 1e3, 1e300])
def test_clipping_survives_any_size(size: float) -> None:
    module = module_of("x[3] -> dense(2) ; mse", clip=1)
    gradients = module.Parameters(size * np.ones((2, 3)), size * np.arange(2.0))
    short = module.clip(gradients)
    norm = np.sqrt(7) * size
    factor = min(1.0, 1 / norm)
    for new, old in zip(short, gradients, strict=True):
        np.testing.assert_allclose(new, factor * old, rtol=1e-12)
    if norm <= 1:
        assert all(np.array_equal(a, b) for a, b in zip(short, gradients, strict=True))
    assert all(np.isfinite(array).all() for array in short)


def test_clipping_keeps_what_is_no_number() -> None:
    """A gradient that is not finite must stay one, so that training notices."""
    for key in ("clip", "clip_value"):
        module = module_of("x[3] -> dense(1) ; mse", **{key: 1})
        bad = module.Parameters(np.array([[1.0, np.nan, 2.0]]), np.zeros(1))
        assert np.isnan(module.clip(bad).W1).any()


def test_the_rate_of_a_step() -> None:
    module = module_of("two-layer-tanh", schedule="cosine", rate=0.4, steps=10, lowest=0.1)
    found = [module.rate_at(t) for t in (1, 6, 11, 12, 10**6)]
    assert found == pytest.approx([0.4, 0.25, 0.1, 0.1, 0.1])
    assert all(type(rate) is float for rate in found)
    steps = module_of("two-layer-tanh", schedule="step", rate=1, gamma=0.5, every=2)
    assert [steps.rate_at(t) for t in range(1, 6)] == [1, 1, 0.5, 0.5, 0.25]


def test_a_given_rate_goes_over_the_schedule() -> None:
    net = chosen("two-layer-tanh", schedule="cosine", steps=10, rate=0.5)
    module = load_module(generate_code(net))
    params, gradients = drawn(net, module)
    after, _ = module.update(params, gradients, module.start(params), 0.25)
    assert after.W1 == params.W1 - 0.25 * gradients.W1


def test_a_setting_without_a_default_is_asked_for() -> None:
    with pytest.raises(NetworkError, match="steps is missing"):
        generate_code(chosen("two-layer-tanh", schedule="cosine"))


@pytest.mark.slow
def test_linter_formatter_and_type_checker_pass(tmp_path: Path) -> None:
    for k, kind in enumerate(KINDS):
        for source, extra in ((NETWORKS[0], EXTRAS[k % 3]), (NETWORKS[2], EXTRAS[(k + 1) % 3])):
            name = f"{kind}_{NETWORKS.index(source)}.py"
            (tmp_path / name).write_text(generate_code(chosen(source, kind=kind, **extra)))
    names = sorted(path.name for path in tmp_path.glob("*.py"))
    config = str(ROOT / "pyproject.toml")
    python = [sys.executable, "-m"]
    for command in (
        [*python, "ruff", "check", "--quiet", "--config", config, *names],
        [*python, "ruff", "format", "--check", "--config", config, *names],
        [*python, "mypy", "--strict", "--python-version", "3.11", *names],
    ):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


# --- what is broken is seen -----------------------------------------------------------------

BROKEN = [
    ("adam", "v / (1 - beta1**t)", "v / (1 - beta2**t)"),
    ("adam", "t = state.t + 1", "t = 1"),
    ("adam", "State(t, new_v, new_s)", "State(t, new_s, new_v)"),
    ("adam", "(epsilon + np.sqrt(s_hat))", "np.sqrt(epsilon + s_hat)"),
    ("adamw", "decay * theta + ", ""),
    ("momentum", "theta - rate * v", "theta + rate * v"),
    ("momentum", "g + beta * v", "g * (1 - beta) + beta * v"),
    ("nesterov", "g + beta * v)", "v)"),
    ("rmsprop", "g**2", "np.abs(g)"),
    ("momentum", "max(limit, norm)", "norm"),
    ("momentum", "limit / max(limit, norm)", "1.0"),
    ("momentum", "r = limit / max", "r = 2 * limit / max"),
    ("adam", "k / steps", "t / steps"),
]


@pytest.mark.parametrize(("kind", "old", "new"), BROKEN)
def test_recheck_sees_a_broken_step(kind: str, old: str, new: str) -> None:
    extra: dict[str, Any] = {"clip": 0.01} if "limit" in old else {}
    extra |= {"schedule": "cosine", "steps": 3} if "steps" in old else {}
    net = chosen("x[2] -> dense(3, tanh) -> dense(1) ; mse", kind=kind, **extra)
    source = generate_code(net)
    assert old in source
    with pytest.raises(ProofError, match=r"update is off|does not run: invalid value"):
        recheck(source.replace(old, new), net)


def test_recheck_sees_a_broken_plain_step() -> None:
    net = network("two-layer-tanh")
    source = generate_code(net)
    assert "value - float(rate)" in source
    with pytest.raises(ProofError, match="update is off"):
        recheck(source.replace("value - float(rate)", "value + float(rate)"), net)


def test_an_equation_that_is_not_written_as_it_is_meant_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    honest = emission.code

    def wrong(expression: Any) -> str:
        return honest(expression.xreplace({quantity("beta"): quantity("beta") ** 2}))

    monkeypatch.setattr(emission, "code", wrong)
    net = chosen("two-layer-tanh", kind="momentum")
    with pytest.raises(ProofError, match="update is off"):
        recheck(generate_code(net), net)


def test_one_more_optimiser_is_one_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    theta, g, s, alpha = map(quantity, ("theta", "g", "s", "alpha"))
    adagrad = replace(
        OPTIMISERS["rmsprop"],
        title="AdaGrad",
        equations=(
            Assignment("s", s + g**2),
            Assignment("theta", theta - alpha * g / (s + quantity("epsilon"))),
        ),
    )
    monkeypatch.setitem(OPTIMISERS, "adagrad", adagrad)
    net = chosen("two-layer-tanh", kind="adagrad")
    source = generate_code(net)
    recheck(source, net)
    assert "    s = g**2 + s\n" in source
