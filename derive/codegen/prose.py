"""What a module says of its network: the layout, the conventions, the signatures."""

from __future__ import annotations

import textwrap

from derive.codegen.constants import loss_titles, penalty_titles
from derive.codegen.heads import source
from derive.codegen.lines import STEP, WIDTH, listed, paragraph
from derive.codegen.masks import PARAMETER, given
from derive.codegen.module import About
from derive.codegen.plan import Plan
from derive.networks import Network, line_form
from derive.networks.catalogue import activation as activation_of
from derive.program.program import Role

_SAMPLES = {"column": "samples are columns", "row": "samples are rows"}
_WEIGHTS = {"out_in": "W is (out, in)", "in_out": "W is (in, out)"}
_PRODUCTS = {
    "column/out_in": "Z = W X + b 1^T",
    "column/in_out": "Z = W^T X + b 1^T",
    "row/out_in": "Z = X W^T + 1 b^T",
    "row/in_out": "Z = X W + 1 b^T",
}


VARIANCES = {"xavier": "2 / ({0} + {1})", "he": "2 / {0}", "lecun": "1 / {0}"}
"""(inputs, outputs) of a layer -> the variance of its weights (Glorot and Bengio 2010; He et al.
2015; LeCun et al. 1998)."""


def variance(network: Network, number: int) -> str:
    """The variance of a layer's initial weights, from the widths of all that it reads."""
    rule = activation_of(network.layers[number - 1].activation).init
    widths = [str(network.width(source)) for source in network.sources(number)]
    together = " + ".join(widths)
    inputs = f"({together})" if len(widths) > 1 and rule != "xavier" else together
    return VARIANCES[rule].format(inputs, network.layers[number - 1].units)


def _classes(network: Network) -> str:
    """Whether a class, one for each sample, is that of an output."""
    column = network.style.samples == "column"
    return "numbers[:, None] == array" if column else "array[:, None] == numbers"


_RULES = {
    "xavier": "2 / (in + out) (Xavier)",
    "he": "2 / in (He)",
    "lecun": "1 / in (LeCun)",
}


def about(network: Network, plan: Plan) -> About:
    """What the templates need besides code."""
    rules = dict.fromkeys(
        activation_of(layer.activation).init
        for number, layer in enumerate(network.layers, start=1)
        if network.weights(number)
    )
    masks = [PARAMETER] if plan.program.named(Role.GIVEN) else []
    results = "tuple[Array, Cache]", "tuple[Scalar, Parameters]"
    return About(
        title=title(network),
        description=description(network, plan),
        input=network.input,
        prediction=network.style.prediction,
        loss=network.style.loss,
        loss_title=_loss_title(network),
        variances=", ".join(_RULES[rule] for rule in rules),
        forward_signature=signature("forward", network.input, results[0], *masks),
        both_signature=signature(
            "loss_and_gradients", network.input, results[1], "y: ArrayLike", *masks
        ),
        method="central_differences" if plan.cases else "complex_step",
        batch=network.style.batch,
        given=given(plan.program),
        given_type=", Masks | None" if masks else "",
        trial_signature=_trial_signature(bool(masks)),
        classes=_classes(network) if network.objective.index else "",
        outputs=int(network.style.samples == "row"),
        unit_sums=tuple(fact.axis for fact in plan.program.hypotheses),
        helpers=tuple(source(helper) for helper in plan.helpers),
    )


def signature(function: str, samples: str, result: str, *more: str) -> tuple[str, ...]:
    """The first lines of a function of the parameters and the samples."""
    arguments = ["params: Parameters", f"{samples}: ArrayLike", *more]
    return tuple(listed(f"def {function}(", arguments, f") -> {result}:", indent=0))


def _loss_title(network: Network) -> tuple[str, ...]:
    """The docstring of ``loss``; the details below its first line where that would be long."""
    loss, titles = network.style.loss, "; plus ".join(loss_titles(network))
    further = [f"an {title}" for title in penalty_titles(network)]
    plus = f", plus {' and '.join(further)}" if further else ""
    whole = f"The loss {loss}: {titles}, batch mean{plus}."
    line = f'{STEP}"""{whole}"""'
    if len(line) <= WIDTH:
        return (line,)
    rest = f"The mean over the batch of {titles}{plus}."
    below = textwrap.wrap(rest, WIDTH - len(STEP), break_on_hyphens=False)
    return (
        f'{STEP}"""The loss {loss}, batch mean{plus}.',
        "",
        *(f"{STEP}{text}" for text in below),
        f'{STEP}"""',
    )


def _trial_signature(masks: bool) -> tuple[str, ...]:
    arguments = ["params: Parameters", "x: ArrayLike", "y: ArrayLike"]
    arguments += ["masks: Masks | None"] if masks else []
    return tuple(listed("def _trial(", arguments, ") -> tuple[Scalar, list[Array]]:", indent=0))


def title(network: Network) -> str:
    """The first line: the network's name and the layout; the layout alone if both are too long."""
    layout = f"Layout: {layout_of(network)}."
    whole = f"{network.name}. {layout}"
    return whole if len(whole) <= WIDTH - 6 else layout


def layout_of(network: Network) -> str:
    """The layout in words and as the product of a layer."""
    style = network.style
    if network.scalar:
        return f"every value is a number, {style.batch} samples are an array ({style.batch},)"
    parts = _SAMPLES[style.samples], _WEIGHTS[style.weights]
    return f"{', '.join(parts)}: {_PRODUCTS[style.layout]}"


def description(network: Network, plan: Plan) -> tuple[str, ...]:
    """The rest of the docstring."""
    lines = [""]
    if title(network).startswith("Layout"):
        lines += [network.name]
    lines += paragraph(line_form(network), hanging="    ")
    lines += ["", *paragraph(" ".join(conventions(network, plan)))]
    if network.generic:
        lines += ["", *paragraph(_DEPTH.format(network.style.activation, network.input))]
    return tuple(lines)


_DEPTH = (
    "The layers are counted from 1 to L and tuples from 0: W[k - 1] is W_k. The activations start "
    "with {0}_0 = {1}, so that {0}[k] is {0}_k."
)


def conventions(network: Network, plan: Plan) -> list[str]:
    """What the formulas take for granted, a sentence each."""
    style, loss = network.style, network.style.loss
    facts = [
        f"{loss} is the mean over the {style.batch} samples of a batch.",
        f"The gradient of {loss} by a variable, such as d_W1 = d{loss}/dW1, has the variable's "
        "shape.",
        "In formulas A B is the matrix product and a * b the elementwise one.",
    ]
    names = {equation.function.name for equation in plan.cases}
    if "relu" in names:
        facts.append("relu'(0) = 0.")
    if names - {"relu"}:
        facts.append("Where cases meet, the derivative is that of the case that holds there.")
    if plan.program.facts:
        facts.append("Every sample's y sums to 1: the gradient relies on it.")
    if network.objective.index:
        facts.append("Instead y may be the number of each sample's class, counted from 0.")
    return facts
