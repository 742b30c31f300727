"""Random dense networks: the derived gradients in the prime field, and beside JAX's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.calculus import derivation
from derive.calculus.proof import BATCH, SAMPLE
from derive.calculus.proof.formulas import check_log
from derive.calculus.proof.instance import Effort, prove_log
from derive.meaning.style import LAYOUTS
from derive.networks import Layer, Network
from derive.networks.catalogue import ACTIVATIONS, LOSSES
from derive.networks.check import check
from derive.program.evaluate import NUMERIC, evaluate
from derive.program.program import Role
from derive.program.shapes import concrete
from tests.in_jax import configured, mean_loss

COMPOSED = Effort(0, 0)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """A network of one to four layers in any layout."""
    loss = draw(st.sampled_from(sorted(LOSSES)))
    words = sorted(ACTIVATIONS)
    last = draw(st.sampled_from(LOSSES[loss].heads or words))
    hidden = draw(st.lists(st.sampled_from(words), max_size=3))
    layers = tuple(_layer(draw, word) for word in [*hidden, last])
    net = Network("random", "x", draw(st.integers(1, 4)), layers, loss)
    return check(replace(net, style=net.style.with_layout(draw(st.sampled_from(LAYOUTS)))))


def _layer(draw: st.DrawFn, word: str) -> Layer:
    least = 2 if ACTIVATIONS[word].block else 1
    return Layer(draw(st.integers(least, 4)), word, draw(st.booleans()))


@settings(max_examples=30)
@given(networks(), st.integers(0, 1000))
def test_every_random_network_is_proved(net: Network, seed: int) -> None:
    derived = derivation(net)
    for form, log in ((SAMPLE, derived.sample), (BATCH, derived.batch)):
        failed = [row for row in prove_log(log, net, form, seed, COMPOSED) if not row.passed]
        assert failed == []
        check_log(log, seed)


def values(net: Network, seed: int) -> tuple[dict[str, int], dict[str, Any]]:
    """Random numbers for all inputs of the batch form."""
    program, sizes = derivation(net).batch.forward, {"m": 5}
    rng = np.random.default_rng(seed)
    arrays = {
        name: rng.uniform(0.1, 0.9, concrete(program.variables[name].shape, sizes))
        - (0.5 if program.variables[name].role is not Role.TARGET else 0)
        for name in program.inputs
    }
    for fact in program.facts:
        arrays[fact.name] /= arrays[fact.name].sum(axis=fact.axis, keepdims=True)
    return sizes, arrays


@pytest.mark.jax
def test_gradients_are_those_of_jax() -> None:
    pytest.importorskip("jax")
    jax = configured()

    @settings(max_examples=25)
    @given(networks(), st.integers(0, 1000))
    def compare(net: Network, seed: int) -> None:
        log = derivation(net).batch
        sizes, arrays = values(net, seed)
        found = evaluate(log.program, arrays, sizes, NUMERIC)
        names = log.forward.named(Role.PARAMETER)
        inputs = {name: array for name, array in arrays.items() if name not in names}
        parameters = {name: arrays[name] for name in names}
        loss, gradients = jax.value_and_grad(lambda p: mean_loss(net, {**inputs, **p}))(parameters)
        np.testing.assert_allclose(found["L"], loss, rtol=1e-12, atol=1e-14)
        for name in names:
            np.testing.assert_allclose(found[f"dL/d{name}"], gradients[name], 1e-9, 1e-12)

    compare()
