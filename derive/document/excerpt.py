"""Part of a derivation: one layer's steps, or just what leads to one gradient."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from derive.document.blocks import Block, Display, Paragraph, Prose, Section
from derive.document.chains import uses
from derive.document.example import evaluated, make_example
from derive.document.layers import layer_sections, share_of_mean
from derive.document.plan import Plan, Stage
from derive.document.steps import kind_of, step_block
from derive.errors import DerivationError, nearest
from derive.program.program import Role


def one_layer(plan: Plan, key: str) -> Section:
    """The section of the layer that ``--layer`` names.

    Raises:
        DerivationError: there is no such layer, with the nearest one.
    """
    keys = [stage.key for stage in plan.stages]
    chosen = next((k for k in keys if _names_layer(k, key)), None)
    if chosen is None:
        raise DerivationError(f"there is no layer {key!r}{nearest(key, keys)}")
    sections = dict(zip(keys, layer_sections(plan), strict=True))
    return sections[chosen]


def _names_layer(key: str, said: str) -> bool:
    """Whether a stage is the one that is asked for: by its key, or as one of its layers."""
    first, dash, last = key.partition("-")
    if dash and said.isdecimal() and first.isdecimal() and last.isdecimal():
        return int(first) <= int(said) <= int(last)
    return key == said


def one_gradient(plan: Plan, of: str) -> Section:
    """The chain of steps from the loss to the gradient that ``--of`` names.

    Raises:
        DerivationError: there is no such gradient, with the nearest one.
    """
    names = _names(plan)
    if of not in names:
        known = (*names, plan.network.input)
        raise DerivationError(f"there is no gradient of {of!r}{nearest(of, known)}")
    stage, variable = names[of]
    view, numbers = stage.view, map(str, count(1))
    path = _path(stage, variable)
    steps: list[Block] = [step_block(view, name, next(numbers)) for name in path]
    told = _told(stage, path)
    forward = Display(tuple(map(view.forward, told)))
    return Section(
        ("The gradient ", view.gradient(variable)),
        (
            Paragraph(_intro(stage, variable, path)),
            forward,
            *steps,
            Paragraph(("So, with all factors:",)),
            Display((view.result(variable),)),
            *(share_of_mean(view) if not stage.number else ()),
            *_numbers(plan, variable),
        ),
    )


def _intro(stage: Stage, variable: str, path: list[str]) -> Prose:
    """Along how many paths the loss depends on a variable."""
    view = stage.view
    if not stage.number and stage.generic:
        through = uses(view, variable)[0].through
        known = (view.writer.variable(through), "; the gradient ", view.gradient(through))
        return (
            "The loss depends on ",
            view.writer.variable(variable),
            " through ",
            *known,
            " is what the recursion ends with.",
        )
    several = any(kind_of(view, view.steps[name]) == "paths" for name in path)
    how = (
        " along several paths; each step goes back by one equation, and where paths meet, what "
        "comes back along them adds up."
        if several
        else " along one path; each step goes back along it by one equation."
    )
    return ("The loss depends on ", view.writer.variable(variable), how)


def _told(stage: Stage, path: list[str]) -> tuple[str, ...]:
    """The forward equations along the path, and the loss."""
    view = stage.view
    if not stage.number and stage.generic:
        return tuple(use.through for use in uses(view, path[-1]))
    return (*(name for name in reversed(path) if view.program.equation(name)), view.target)


def _numbers(plan: Plan, variable: str) -> Iterator[Block]:
    """The same gradient in the worked example."""
    example = None if plan.generic else make_example(plan)
    if example is not None:
        yield Paragraph(("In the worked example:",))
        yield Display((evaluated(example, example.log.cotangents[variable]),))


def _names(plan: Plan) -> dict[str, tuple[Stage, str]]:
    """What ``--of`` may say: ``W2``; ``WL``, ``WL-1`` and ``Wl`` where the depth is any."""
    found: dict[str, tuple[Stage, str]] = {}
    for stage in (*plan.stages[::-1], *([plan.by_input] if plan.by_input else [])):
        for name in reversed(stage.variables):
            variable = stage.view.log.forward.variables[name]
            said = [name]
            if variable.role not in (Role.PREDICTION, Role.INPUT):
                if plan.generic:
                    said = [f"{variable.base}{stage.key}"]
                said += [f"{variable.base}{number}" for number in _others(stage.key)]
            found |= dict.fromkeys(said, (stage, name))
    return found


def _others(key: str) -> range:
    """The layers of a run besides the first, for which its steps are written."""
    first, _, last = key.partition("-")
    numbered = first.isdecimal() and last.isdecimal()
    return range(int(first) + 1, int(last) + 1) if numbered else range(0)


def gradient_name(plan: Plan, variable: str) -> str:
    """What ``--of`` calls the gradient of a variable of the log."""
    names = {name: said for said, (_, name) in reversed(_names(plan).items())}
    if variable in names:
        return names[variable]
    return f"{plan.log.forward.variables[variable].base}{plan.stages[-1].key}"


def _path(stage: Stage, variable: str) -> list[str]:
    """The variables between the loss and this one, the loss's neighbour first."""
    view = stage.view
    hidden = view.log.forward.variables
    found, pending = {variable}, [variable]
    while pending:
        through = {use.through for use in uses(view, pending.pop())} - found - {view.target}
        found |= through
        pending += through
    path = [s.of for s in view.log.steps if s.of in found and hidden[s.of].role is not Role.PART]
    if stage.condition or (stage.generic and not stage.number):  # what comes before is known
        number = hidden[variable].layer
        path = [n for n in path if hidden[n].layer == number]
    return path
