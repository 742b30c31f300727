r"""Commands, letters and signs of LaTeX mathematics.

Macros are expanded here, annotations (``\tag``, ``\quad``, ``\color``) fall away, ``\text`` becomes
names and words. What comes out is the alphabet that plain text has too.

>>> [token.text for token in latex_tokens(r"\mathcal{L} \le \frac12 x")]
['style cal', '{', 'L', '}', '<=', 'frac', '1', '2', 'x', '']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from derive.notation import vocabulary as known
from derive.notation.latex_characters import LatexCharacters
from derive.notation.letters import function, is_name
from derive.notation.macros import Macro, Macros, table
from derive.notation.text_tokens import WORDS, text_tokens
from derive.notation.tokens import Kind, NotationError, Token
from derive.notation.unicode_tokens import SIGNS

_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.)", re.DOTALL)
_GAP = re.compile(r"\s*\[\s*-?[0-9.]+\s*[a-z]+\s*\]")
_NAME = re.compile(r"[A-Za-z]+(?:[-_][A-Za-z]+)*[0-9]*")
_CAMEL = re.compile(r"[a-z][A-Z][a-z]")
_PHRASE = re.compile(r"[A-Za-z]+(?: [A-Za-z]+)*")
_DEFINING = frozenset(
    ["newcommand", "renewcommand", "providecommand", "DeclareMathOperator", "def", "let"]
)
_TRAILING = "0123456789"


def latex_tokens(text: str, macros: Macros | None = None, offset: int = 0) -> list[Token]:
    """The tokens of a formula without its dollar signs, the last of kind END.

    Raises:
        NotationError: an unknown command, a character without meaning, macros without an end.
    """
    scanner = LatexScanner(text, table(macros), offset)
    return [*scanner.scan(), Token(Kind.END, "", offset + len(text))]


class LatexScanner(LatexCharacters):
    """Reads one formula from its beginning to its end."""

    # --- commands -----------------------------------------------------------------------------

    def command(self) -> Iterator[Token]:
        """What begins with a backslash."""
        frame = self.source.frame
        start = frame.at
        found = _COMMAND.match(frame.text, start)
        if not found:
            raise self.source.refuse("a backslash at the end", start)
        name = found[1]
        if name.endswith("*") and name not in known.TEXT | known.DROPPED_WITH_ARGUMENT | {"tag*"}:
            name = name[:-1]
        frame.at = start + 1 + len(name)
        width = 1 + len(name)
        self.single = max(self.single - 1, 0)
        if name in self.macros:
            self.macro(name, start, width)
        elif name in _DEFINING:
            self.define(name)
        else:
            yield from self.word(name, start, width)

    def word(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is no macro."""
        for words, rule in _RULES:
            if name in words:
                yield from rule(self, name, start, width)
                return
        plain = function(name) or (name if _CAMEL.search(name) else None)
        if plain is None:
            raise self.source.refuse(f"'\\{name}' is a command that is not known", start, width)
        yield self.make(Kind.UPRIGHT, plain, start, width)

    def macro(self, name: str, start: int, width: int) -> None:
        """Put the body of a macro in front of the rest."""
        macro, given = self.macros[name], list[str]()
        if macro.default is not None and macro.arguments:
            option = self.source.option()
            given.append(macro.default if option is None else option)
        while len(given) < macro.arguments:
            given.append(self.source.argument()[0])
        self.source.push(macro.expand(given), start, width)

    def define(self, name: str) -> None:
        r"""``\newcommand{\x}[1]{...}``, ``\def\x#1{...}``, ``\DeclareMathOperator{\x}{...}``."""
        source, frame = self.source, self.source.frame
        target = source.argument()[0].strip().removeprefix("\\")
        count, default = 0, None
        if name == "def":
            brace = frame.text.find("{", frame.at)
            count = frame.text.count("#", frame.at, max(brace, frame.at))
            frame.at = max(brace, frame.at)
        elif name != "let":
            digits = source.option()
            count = int(digits) if digits and digits.isdigit() else 0
            default = source.option() if count else None
        if name == "let" and source.sees("="):
            frame.at += 1
        body = source.argument()[0]
        if name == "DeclareMathOperator":
            body = f"\\operatorname{{{body}}}"
        self.macros = self.macros | {target: Macro(body, count, default)}

    def plain(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is one sign."""
        text = known.SIGN_COMMANDS[name]
        if text == "rows":
            gap = _GAP.match(self.source.frame.text, self.source.frame.at)
            self.source.frame.at = gap.end() if gap else self.source.frame.at
        yield self.make(Kind.SIGN, text, start, width)

    def relation(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is a relation."""
        yield self.make(Kind.SIGN, known.RELATION_COMMANDS[name], start, width)

    def letter(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is a letter."""
        if name == "partial":
            yield self.make(Kind.COMMAND, "partial", start, width)
        else:
            yield self.make(Kind.NAME, known.LETTER_COMMANDS[name], start, width)

    def accent(self, name: str, start: int, width: int) -> Iterator[Token]:
        """An accent over the next argument."""
        self.single = 1
        yield self.make(Kind.COMMAND, f"accent {known.ACCENTS[name]}", start, width)

    def style(self, name: str, start: int, width: int) -> Iterator[Token]:
        """An upright word is a name; the style of single letters is the parser's."""
        style = known.STYLES[name]
        if style in ("roman", "") and self.source.sees("{"):
            frame = self.source.frame
            end = self.source.closing(frame.at, "{", "}")
            content = frame.text[frame.at + 1 : end].strip().replace("\\_", "_")
            if content == "d" and style:
                yield self.make(Kind.COMMAND, "d", start, end + 1 - start)
                frame.at = end + 1
                return
            if _NAME.fullmatch(content) and len(content) > 1:
                yield from self.name(content, start, end + 1 - start)
                frame.at = end + 1
                return
        self.single = 1
        if style:
            yield self.make(Kind.COMMAND, f"style {style}", start, width)

    def name(self, content: str, start: int, width: int) -> Iterator[Token]:
        """A name set upright, its digits an index."""
        stem = content.rstrip(_TRAILING)
        yield self.make(Kind.UPRIGHT, stem.replace("\\_", "_"), start, width)
        if stem != content:
            yield self.make(Kind.SIGN, "_", start, width)
            yield self.make(Kind.NUMBER, content[len(stem) :], start, width)

    def dropped(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is not seen."""
        yield from ()

    def dropped_argument(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A command that is not seen, nor its argument."""
        self.source.argument()
        yield from ()

    def size(self, name: str, start: int, width: int) -> Iterator[Token]:
        """The bracket behind ``\\left``; of a bar the side is kept."""
        content, _ = self.source.argument()
        side = known.SIZES[name]
        named = content[1:] if content.startswith("\\") else ""
        sign = known.SIGN_COMMANDS.get(named, content)
        sign = {"<": "⟨", ">": "⟩", "∣": "|", "∥": "‖"}.get(sign, sign)
        if sign == ".":
            sign = "left." if side == "l" else "right."
        elif sign in ("|", "‖"):
            sign += {"l": "<", "r": ">"}.get(side, "")
        elif sign not in SIGNS and sign not in ("|<", "|>", "‖<", "‖>", "given"):
            raise self.source.refuse(f"'\\{name}' needs a bracket, not {content!r}", start, width)
        yield self.make(Kind.SIGN, sign, start, self.source.frame.at - start)

    def fraction(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A fraction of the next two arguments."""
        self.single = 2
        yield self.make(Kind.COMMAND, "frac", start, width)

    def root(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A root, with its order in front if it has one."""
        if name == "sqrt" and (order := self.source.option()) is not None:
            yield self.make(Kind.COMMAND, "root", start, width)
            self.source.push(f"{{{order}}}", start, width)
            return
        self.single = 1
        yield self.make(Kind.COMMAND, name, start, width)

    def stacked(self, name: str, start: int, width: int) -> Iterator[Token]:
        """``\\underset{k}{\\max}`` is a subscript, what stands above a sign is a note."""
        note, body = self.source.argument()[0], self.source.argument()[0]
        below = f"_{{{note}}}" if name == "underset" else ""
        self.source.push(body + below, start, self.source.frame.at - start)
        yield from ()

    def arrow(self, name: str, start: int, width: int) -> Iterator[Token]:
        """An arrow with a note."""
        self.source.argument()
        yield self.make(Kind.SIGN, "to" if "right" in name else "gets", start, width)

    def big(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A sum, a product or an integral."""
        yield self.make(Kind.COMMAND, known.BIG[name], start, width)

    def native(self, name: str, start: int, width: int) -> Iterator[Token]:
        """A function; ``\\arg\\max`` is one."""
        frame = self.source.frame
        if name == "arg":
            self.source.skip_space()
            for kind in ("max", "min"):
                if frame.text.startswith(f"\\{kind}", frame.at):
                    frame.at += 4
                    name = f"arg{kind}"
                    break
        yield self.make(Kind.UPRIGHT, name, start, frame.at - start)

    def begin(self, name: str, start: int, width: int) -> Iterator[Token]:
        """The begin or the end of an environment."""
        environment = self.source.argument()[0].strip().rstrip("*")
        kind = "rows"
        if environment in known.MATRICES:
            kind = f"matrix {known.MATRICES[environment]}"
        elif environment in known.CASES:
            kind = "cases"
        if name == "begin":
            self.environments.append(environment)
            if environment in ("array", "alignat", "alignedat"):
                self.source.option()
                self.source.argument()
        elif self.environments:
            self.environments.pop()
        self.single = 0
        yield self.make(Kind.COMMAND, f"{name} {kind}", start, self.source.frame.at - start)

    # --- words --------------------------------------------------------------------------------

    def text(self, name: str, start: int, width: int) -> Iterator[Token]:
        """``\\text``: a name, words that join formulas, or a remark."""
        content, at = self.source.argument()
        wide = self.source.frame.at - start
        words = content.replace("~", " ").replace("\\ ", " ").replace("\\_", "_").strip()
        words = words.replace("\\,", "").replace("\\!", "")
        first = words.split(" ", 1)[0].strip(",.:;").lower()
        if name.startswith("operatorname"):
            words = words.replace(" ", "")
            if not _NAME.fullmatch(words):
                raise self.source.refuse(f"{words!r} is no name of a function", start, wide)
            yield from self.name(words, start, wide)
        elif (first in WORDS and (first not in ("is", "all", "given") or first != words)) or (
            "$" in content and not self.is_operand()
        ):
            yield from self.joining(content, at, start, wide)
        elif words == "d":
            yield self.make(Kind.COMMAND, "d", start, wide)
        elif _NAME.fullmatch(words):
            yield from self.name(words, start, wide)
        elif _PHRASE.fullmatch(words) and self.is_operand():
            yield self.make(Kind.UPRIGHT, words, start, wide)

    def is_operand(self) -> bool:
        """Whether a name is expected here, or is what the next sign speaks of."""
        if self.last is not None and self.last.kind is Kind.SIGN:
            return self.last.text not in (")", "]", "}", "'", "rows", "quad", ",")
        source = self.source
        return any(source.sees(sign) for sign in ("=", "\\approx", "_", "^", "("))

    def joining(self, content: str, at: int, start: int, wide: int) -> Iterator[Token]:
        """``if k $\\ne$ y``: what follows the word is mathematics as far as it can be read."""
        place = self.source.token(Kind.SIGN, "", at, 1)
        offset = place.column if self.source.frame.place is None else 0
        for k, part in enumerate(content.split("$")):
            scan: Callable[..., list[Token]] = latex_tokens if k % 2 else text_tokens
            try:
                found = scan(part, offset=offset)[:-1]
            except NotationError:
                return
            offset += len(part) + 1
            for token in found:
                if token.kind is Kind.UPRIGHT and not is_name(token.text):
                    return
                if self.source.frame.place is not None:
                    token = self.make(token.kind, token.text, start, wide)
                if token.text not in ("quad", "."):
                    yield token


Rule = Callable[[LatexScanner, str, int, int], Iterator[Token]]
_S = LatexScanner
_RULES: tuple[tuple[frozenset[str], Rule], ...] = (
    (frozenset(known.LETTER_COMMANDS), _S.letter),
    (known.FRACTIONS, _S.fraction),
    (frozenset(known.SIGN_COMMANDS), _S.plain),
    (frozenset(known.RELATION_COMMANDS), _S.relation),
    (frozenset(known.ACCENTS), _S.accent),
    (frozenset(known.STYLES), _S.style),
    (frozenset(known.SIZES), _S.size),
    (known.TEXT, _S.text),
    (known.DROPPED | known.TRANSPARENT, _S.dropped),
    (known.DROPPED_WITH_ARGUMENT | known.TRANSPARENT_SECOND, _S.dropped_argument),
    (frozenset(known.BIG), _S.big),
    (known.NATIVE, _S.native),
    (frozenset({"sqrt", "binom", "over"}) | known.BRACES, _S.root),
    (frozenset({"begin", "end"}), _S.begin),
    (frozenset({"underset", "overset", "stackrel"}), _S.stacked),
    (frozenset({"xrightarrow", "xleftarrow"}), _S.arrow),
)
"""Commands -> how they are read; the first that knows the name."""
