"""The module of a network with a fixed number of layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from derive.calculus import Derivation
from derive.codegen.constants import constant_lines
from derive.codegen.elementwise import conditions, writer
from derive.codegen.lines import STEP, commented, listed, noted, unpacked
from derive.codegen.masks import given, mask_text
from derive.codegen.module import ConcreteModule, shape_text
from derive.codegen.names import Names, check_names
from derive.codegen.plan import Plan, Section, needed, plan
from derive.codegen.prose import about, variance
from derive.codegen.second import second_text
from derive.codegen.sharing import with_shared_parts
from derive.codegen.statements import Statement, sizes_in, statements
from derive.codegen.text import PYTHON, Piece
from derive.networks import Network
from derive.program.program import Map, Role


def concrete_module(derivation: Derivation, second: bool = False) -> ConcreteModule:
    """The text of every part; ``second``: with the products of second order.

    Raises:
        NetworkError: a name that the module needs itself.
    """
    check_names(derivation.network)
    found = derivation.batch_tangents if second else None
    network, parts = derivation.network, with_shared_parts(plan(derivation.batch, found))
    return _Concrete(network, parts, Names(parts.program, network.style)).module()


@dataclass(frozen=True, slots=True)
class _Concrete:
    """What the parts of the text are made from."""

    network: Network
    parts: Plan
    names: Names

    def module(self) -> ConcreteModule:
        parts = self.parts
        return ConcreteModule(
            about=about(self.network, parts),
            parameters=self._fields(self._parameters),
            cache=self._fields(parts.cache),
            shapes=self._shapes(),
            init_signature=self._init_signature(),
            init=self._init(),
            forward=self._forward(),
            loss=self._loss(),
            backward=self._backward(),
            trial=self._trial(),
            input_gradient=self._input_gradient(),
            constants=constant_lines(self.network),
            masks=mask_text(self.network, parts.program),
            second=second_text(self.network, parts, self.names, self._back),
        )

    @property
    def _parameters(self) -> tuple[str, ...]:
        return self.parts.program.named(Role.PARAMETER)

    def _fields(self, fields: tuple[str, ...]) -> tuple[str, ...]:
        variables = self.parts.program.variables
        shapes = {name: shape_text(variables[name].shape) for name in fields}
        for name in self.parts.program.named(Role.GIVEN):
            shapes[name] = f"{shape_text(variables[name].shape)}, or () where nothing is dropped"
        lines = [noted(f"{self.names.code(name)}: Array", shapes[name]) for name in fields]
        return tuple(text for line in lines for text in line)

    def _shapes(self) -> tuple[str, ...]:
        variables = self.parts.program.variables
        rows = [(f"params.{self.names.code(name)}", name) for name in self._parameters]
        rows += [(name, name) for name in self.parts.program.named(Role.INPUT)]
        rows += [(f"masks.{name}", name) for name in self.parts.program.named(Role.GIVEN)]
        lines: list[str] = []
        for key, name in rows:
            shape = variables[name].shape
            sizes = [f'"{dim}"' if isinstance(dim, str) else str(dim) for dim in shape]
            lines += listed(f'"{key}": (', sizes, "),", comma=len(sizes) == 1)
        return tuple(lines)

    def _init_signature(self) -> tuple[str, ...]:
        sizes = [f"{size}: int" for size in self.network.sizes]
        arguments = ["rng: np.random.Generator", *(["*"] if sizes else []), *sizes]
        arguments.append("dtype: DTypeLike = np.float64")
        return tuple(listed("def init(", arguments, ") -> Parameters:", indent=0))

    def _init(self) -> tuple[str, ...]:
        lines: list[str] = []
        variables = self.parts.program.variables
        for number in range(1, len(self.network.layers) + 1):
            weights = self.network.weights(number)
            for name in self.network.parameters(number):
                shape = shape_text(variables[name].shape)
                random = name in weights
                function = "_normal(" if random else "np.zeros("
                start = ["rng", variance(self.network, number)] if random else []
                lines += listed(f"{name}={function}", [*start, shape, "dtype"], "),", indent=2)
        return tuple(lines)

    def _forward(self) -> tuple[str, ...]:
        own = [self.names.code(name) for name in self._parameters]
        kept = [self.names.code(name) for name in self.parts.cache]
        result = f"return {self.names.code(self.parts.prediction)}, Cache("
        unpack = listed("", own, " = params")
        if len(own) == 1 or len(unpack) > 1:
            unpack = listed("(", own, ") = params", comma=len(own) == 1)
        unpack = checked(self.network.input, self.network.input) + self._masks() + unpack
        return (*unpack, *self._lines(self.parts.forward), *listed(result, kept, ")"))

    def _masks(self) -> list[str]:
        """The masks as local names."""
        names = list(self.parts.program.named(Role.GIVEN))
        call = f"_checked_masks(masks, params, {self.network.input})"
        if not names:
            return []
        if len(names) == 1:
            return listed("(", names, f") = {call}", comma=True)
        return listed("", names, f" = {call}")

    def _loss(self) -> tuple[str, ...]:
        found = statements(self.parts.loss, self.parts, self.names)
        lines = [text for line in typed(found) for text in commented(line)]
        return (*self._locals(self.parts.loss, "cache"), *lines)

    def _backward(self) -> tuple[str, ...]:
        gradients = [self.names.code(name) for name in self.parts.gradients.values()]
        return (*self._back(self.parts.backward), *listed("return Parameters(", gradients, ")"))

    def _input_gradient(self) -> tuple[str, ...]:
        if not self.parts.by_input:
            return ()
        found = self.names.code(self.parts.by_input)
        return (*self._back(self.parts.to_input), f"{STEP}return {found}")

    def _back(self, section: Section, more: Sequence[str] = ()) -> tuple[str, ...]:
        """A pass from the loss back, with more local names before its operations."""
        samples = self.network.input
        own = samples if samples in needed(section) else "_"
        return (
            *checked(own, f"cache.{samples}"),
            f"{STEP}y = _target(y, cache.{self.names.code(self.parts.prediction)})",
            *self._locals(section),
            *more,
            *self._lines(section),
        )

    def _trial(self) -> tuple[str, ...]:
        parts, code = self.parts, self.names.code
        places = {name: f"cache.{code(name)}" for name in parts.cache} | {
            parts.target: parts.target
        }
        sides = [text for case in parts.cases for text in relations(case, places)]
        return trial(sides, parts, code(parts.prediction))

    def _lines(self, section: Section) -> list[str]:
        found = statements(section, self.parts, self.names)
        return [text for line in found for text in commented(line)]

    def _locals(self, section: Section, source: str = "params") -> list[str]:
        """What a section takes from the parameters, the cache, the constants and the shapes."""
        used = needed(section)
        own = [self.names.code(name) for name in self._parameters if name in used]
        known = self.parts.program.named(Role.INPUT, Role.PARAMETER)
        kept = [name for name in self.parts.cache if name in used and name not in known]
        fields = [self.names.code(name) for name in kept]
        if source == "cache":
            own, fields = [], own + fields
        lines = unpacked(own, source, own) + unpacked(fields, "cache", fields)
        return lines + vector_lines(section, self.parts) + size_lines(section, self.parts)


def relations(case: Map, places: Mapping[str, str]) -> list[str]:
    """The comparisons of an equation given by cases, with its arguments at their places.

    A smoothed target has none: no comparison is of it.
    """
    write = writer(PYTHON, [Piece(places.get(name, name)) for name in case.arguments])
    return [write.relation(condition).text for condition in conditions(case.function)]


def trial(sides: list[str], parts: Plan, prediction: str) -> tuple[str, ...]:
    """The body of ``_trial``: the loss and the sides."""
    of_target = any(parts.target in case.arguments for case in parts.cases)
    return (
        f"{STEP}_, cache = forward(params, x{given(parts.program)})",
        *([f"{STEP}y = _target(y, cache.{prediction})"] if of_target else []),
        *listed("return loss(cache, y), [", sides, "]"),
    )


def typed(loss: list[Statement]) -> list[Statement]:
    """The statements of the loss, its value declared: NumPy's sum is of any type."""
    *inner, last = loss
    return [*inner, replace(last, target=f"{last.target}: Scalar")]


def checked(samples: str, value: str) -> list[str]:
    """The parameters and the samples as arrays that fit."""
    return listed(f"params, {samples} = _checked(", ["params", value], ")")


def size_lines(section: Section, parts: Plan) -> list[str]:
    """``m = y.shape[1]`` for every named size that a coefficient of the section mentions."""
    shape = parts.program.variables[parts.target].shape
    places = {size: shape.index(size) for size in sizes_in(section)}
    return [f"{STEP}{size} = {parts.target}.shape[{place}]" for size, place in places.items()]


def vector_lines(section: Section, parts: Plan) -> list[str]:
    """Vectors that the definition fixes, in the type of the predictions."""
    program, used = parts.program, needed(section)
    fixed = program.named(Role.CONSTANT)
    found = [name for name in fixed if name in used and program.variables[name].shape]
    return [f"{STEP}{name} = np.array({name.upper()}, {parts.target}.dtype)" for name in found]
