"""A loss with a constant slope: its cotangents are the same along axes, yet nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from derive.calculus import derivation
from derive.codegen import generate_code, load_module, recheck
from derive.document import Options, compose
from derive.document.check import problems
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network
from derive.program.shapes import ONE

NETWORKS = [
    'x[2] -> dense(3, tanh) -> dense(4) ; "y_hat - y"',
    'x[2] -> dense(3) -> dense(5) -> dense(4) ; "y - 2 y_hat"',
    'x -> dense(1, tanh) -> dense(1) ; "y_hat - y"',
]


def laid_out(source: str, layout: str) -> Network:
    net = network(source)
    return replace(net, style=net.style.with_layout(layout))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("source", NETWORKS)
def test_every_form_is_right(source: str, layout: str) -> None:
    found = derivation(laid_out(source, layout))
    for options in (Options(f, batch=b) for f in ("index", "matrix") for b in (False, True)):
        assert not list(problems(compose(found, options)))


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("source", NETWORKS)
def test_the_module_is_right(source: str, layout: str) -> None:
    net = laid_out(source, layout)
    code = generate_code(net)
    assert "np.full_like(" in code
    recheck(code, net)


def test_a_sum_of_constants_counts_them() -> None:
    log = derivation(network(NETWORKS[0])).batch
    (term,) = log.step("b2").equation.terms  # type: ignore[union-attr]
    assert (term.operands, term.scale) == ((), ONE)


def test_a_sum_along_an_axis_on_which_nothing_changes_counts_too() -> None:
    log = derivation(network(NETWORKS[1])).batch
    (term,) = log.step("b1").equation.terms  # type: ignore[union-attr]
    assert sorted(term.operands) == ["W2", "W3"]
    assert not term.scale.sizes


def test_a_gradient_has_the_shape_of_its_parameter() -> None:
    module = load_module(generate_code(network(NETWORKS[0])))
    params = module.init(np.random.default_rng(1))
    _, slopes = module.loss_and_gradients(params, np.ones((2, 3)), np.ones((4, 3)))
    assert [s.shape for s in slopes] == [p.shape for p in params]
    np.testing.assert_allclose(slopes.b2, np.ones(4))
