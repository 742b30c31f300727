"""Words and signs of mathematics in plain text: Unicode, ASCII, and what looks like code.

>>> from derive.notation.tokens import Kind
>>> [token.text for token in text_tokens("∂L/∂W₃ = dW3")]
['partial', 'L', '/', 'partial', 'W', '_', '{', '3', '}', '=', 'd', 'W', '_', '{', '3', '}', '']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from derive.notation.letters import function, is_name
from derive.notation.sources import Source
from derive.notation.tokens import Kind, NotationError, Token
from derive.notation.unicode_tokens import SIGNS, foreign, is_letter, letters
from derive.notation.vocabulary import RELATION_SIGNS
from derive.notation.words import function_word

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+\.(?![.\w])")
_LETTERS = re.compile(r"[A-Za-z]+")
_SCRIPT = re.compile(r"_([A-Za-z0-9]+)")
_ACCENT = re.compile(r"[0-9]*_(hat|bar|tilde)(?![A-Za-z0-9])")
_CODE_QUOTIENT = re.compile(r"d([A-Za-z]+[0-9]*)_d(?=[A-Za-z])")
_PRODUCT = re.compile(r"(?<=[A-Za-z0-9)\]}])\.(?=[A-Za-z(])")
_MODULE = re.compile(r"(?:np|numpy|torch|tf|jnp|math|nn|F)\.(?=[a-z])")
_TRANSPOSED = re.compile(r"\.(?:T|t\(\)|transpose\(\))(?![A-Za-z0-9_])")
_NUMBERED = re.compile(r"\s*[0-9]{1,2}[.)]\s+(?=\S)")
_REMARK = re.compile(r"\s+[(\[]([A-Za-z][A-Za-z' ,-]*)[)\]]")
_CALLED = re.compile(r"[A-Za-z]+(?:_[A-Za-z]+)+(?=\()")
_GREEK_NAMES = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "rho",
        "sigma",
        "tau",
        "phi",
        "chi",
        "psi",
        "omega",
        "ell",
        "nabla",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Sigma",
        "Phi",
        "Psi",
        "Omega",
    ]
)

WORDS = {word: word for word in ("if", "then", "else", "otherwise", "for", "where", "and", "at")}
WORDS |= {"when": "if", "with": "where", "since": "where", "because": "where", "or": "or"}
WORDS |= {"elif": "if", "so": "implies", "hence": "implies", "thus": "implies", "let": "where"}
WORDS |= {"therefore": "implies", "given": "given", "all": "for", "unless": "otherwise"}
WORDS |= {"everywhere": "otherwise", "elsewhere": "otherwise", "is": "="}
"""Words that join formulas -> what they are to the parser."""


def text_tokens(text: str, offset: int = 0) -> list[Token]:
    """The tokens of a text, the last of kind END.

    Raises:
        NotationError: a character that has no meaning.
    """
    scanner = TextScanner(text, offset)
    return [*scanner.scan(), Token(Kind.END, "", offset + len(text))]


class TextScanner:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str, offset: int = 0):
        self.text, self.source = text, Source(text, offset)
        self.make = self.source.token
        numbered = _NUMBERED.match(text)
        self.at = numbered.end() if numbered else 0
        self.opened = list[bool]()
        """For each brace, whether it belongs to a script."""

    def scan(self) -> Iterator[Token]:
        """All tokens."""
        while self.at < len(self.text):
            yield from self.next()

    def next(self) -> Iterator[Token]:
        """What begins here, and a step further."""
        sign = self.text[self.at]
        if sign.isspace():
            yield from self.space()
        elif sign == "#":
            self.at = self.line_end()
        elif sign.isascii() and (sign.isdigit() or sign == "."):
            yield from self.number()
        elif sign.isascii() and sign.isalpha():
            yield from self.name()
        elif sign == "&":
            self.at += 1
        elif sign == "_":
            yield from self.script()
        else:
            yield from self.sign()

    def line_end(self) -> int:
        """Where the line ends."""
        end = self.text.find("\n", self.at)
        return len(self.text) if end < 0 else end

    def space(self) -> Iterator[Token]:
        """Space parts formulas where it is wide; a remark in brackets behind it is not read."""
        remark = _REMARK.match(self.text, self.at)
        if remark and self.is_remark(remark[1]):
            self.at = remark.end()
            return
        start = self.at
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1
        run = self.text[start : self.at]
        if "\n" in run:
            yield self.make(Kind.SIGN, "rows", start, 1)
        elif len(run) > 2 or "\t" in run:
            yield self.make(Kind.SIGN, "quad", start, 1)

    def is_remark(self, words: str) -> bool:
        """``(simplified)``, ``[indicator function]``: words, none of which means anything."""
        parts = words.replace(",", " ").replace("-", " ").split()
        plain = [part for part in parts if len(part) > 2]
        first = parts[0].lower() in WORDS
        return bool(plain) and not first and all(is_name(part) for part in plain)

    def number(self) -> Iterator[Token]:
        """A number, a transpose ``.T``, dots, or a full stop."""
        found = _NUMBER.match(self.text, self.at)
        if found:
            digits = found[0].lower().rstrip(".")
            digits = f"0{digits}" if digits.startswith(".") else digits
            yield self.make(Kind.NUMBER, digits, self.at, len(found[0]))
            self.at = found.end()
            return
        start = self.at
        transposed = _TRANSPOSED.match(self.text, self.at)
        while self.at < len(self.text) and self.text[self.at] == ".":
            self.at += 1
        if transposed:
            self.at = transposed.end()
            yield self.make(Kind.SIGN, "^", start, 2)
            yield self.make(Kind.NAME, "top", start, 2)
        elif self.at - start > 1:
            yield self.make(Kind.NAME, "ldots", start, self.at - start)
        elif _PRODUCT.match(self.text, start):
            yield self.make(Kind.SIGN, "·", start, 1)
        else:
            yield self.make(Kind.SIGN, ".", start, 1)

    def name(self) -> Iterator[Token]:
        """A name, a derivative in code, or a run of letters."""
        module = _MODULE.match(self.text, self.at)
        if module:
            self.at = module.end()
        called = _CALLED.match(self.text, self.at)
        quotient = _CODE_QUOTIENT.match(self.text, self.at)
        if quotient:
            yield from self.code_quotient(quotient[1])
        elif called and not called[0].startswith(("sum_", "max_", "min_")):
            yield self.make(Kind.UPRIGHT, called[0], self.at, len(called[0]))
            self.at = called.end()
        else:
            yield from self.letters()

    def code_quotient(self, above: str) -> Iterator[Token]:
        """``dL_dW`` is a quotient."""
        start = self.at
        yield self.make(Kind.COMMAND, "d", start, 1)
        self.at += 1
        end = start + 1 + len(above)
        while self.at < end:
            yield from self.letters(end)
        yield self.make(Kind.SIGN, "/", end, 1)
        yield self.make(Kind.COMMAND, "d", end + 1, 1)
        self.at = end + 2
        yield from self.letters()

    def letters(self, end: int | None = None) -> Iterator[Token]:
        """A run of letters with its digits and its accent."""
        start = self.at
        found = _LETTERS.match(self.text, start, end or len(self.text))
        assert found
        run = found[0]
        self.at = found.end()
        if self.at < len(self.text) and unicodedata.combining(self.text[self.at]):
            self.at -= 1
            if run[:-1] == "d":
                yield self.make(Kind.COMMAND, "d", start, 1)
            elif run[:-1]:
                yield from letters(run[:-1], start, self.make)
            tokens, end = foreign(self.text, self.at, self.make)
            if not tokens:
                raise self.source.refuse("this accent has no meaning in a formula", self.at + 1)
            self.at = end
            yield from tokens
            return
        accent = _ACCENT.match(self.text, self.at)
        if run == "d" and self.differs():
            yield self.make(Kind.COMMAND, "d", start, 1)
        elif run in WORDS:
            yield self.make(Kind.WORD, WORDS[run], start, len(run))
        elif run in _GREEK_NAMES:
            yield from self.accented(accent, [self.make(Kind.NAME, run, start, len(run))])
        elif run == "sqrt":
            yield self.make(Kind.COMMAND, "sqrt", start, len(run))
        else:
            in_script = bool(self.opened) and self.opened[-1]
            found_here = list(letters(run, start, self.make, in_script))
            yield from self.accented(accent, found_here)

    def differs(self) -> bool:
        """Whether a lone d is that of ``d/dx``, ``dδ``, ``d²L``."""
        ahead = self.text[self.at : self.at + 2]
        letter = ahead[:1]
        return (
            ahead in ("/d", "/∂")
            or letter in ("²", "³")
            or (bool(letter) and not letter.isascii() and is_letter(letter))
        )

    def accented(self, accent: re.Match[str] | None, found: list[Token]) -> Iterator[Token]:
        """``y_hat`` and ``y1_hat``: the accent stands before its letter."""
        last = found.pop()
        yield from found
        if accent:
            yield self.make(Kind.COMMAND, f"accent {accent[1]}", last.column, last.width)
        yield last
        yield from self.digits()
        if accent:
            self.at = accent.end()

    def digits(self) -> Iterator[Token]:
        """``W1`` is W with an index."""
        start = self.at
        while self.at < len(self.text) and "0" <= self.text[self.at] <= "9":
            self.at += 1
        if self.at > start:
            yield from self.lowered(self.text[start : self.at], start)

    def lowered(self, run: str, start: int) -> Iterator[Token]:
        """A subscript: digits and letters, or a word."""
        yield self.make(Kind.SIGN, "_", start, 1)
        yield self.make(Kind.GROUP, "{", start, 1)
        at = 0
        while at < len(run):
            end = at
            while end < len(run) and run[end].isdigit() == run[at].isdigit():
                end += 1
            part = run[at:end]
            if part.isdigit():
                yield self.make(Kind.NUMBER, part, start + at, end - at)
            elif part in _GREEK_NAMES or part == "in":
                kind = Kind.UPRIGHT if part == "in" else Kind.NAME
                yield self.make(kind, part, start + at, end - at)
            else:
                yield from letters(part, start + at, self.make, True)
            at = end
        yield self.make(Kind.GROUP, "}", start + len(run) - 1, 1)

    def script(self) -> Iterator[Token]:
        """``W_out``, ``P_ij``, ``x_{i,j}``."""
        found = _SCRIPT.match(self.text, self.at)
        if found:
            yield from self.lowered(found[1], self.at + 1)
            self.at = found.end()
        else:
            yield self.make(Kind.SIGN, "_", self.at, 1)
            self.at += 1

    def sign(self) -> Iterator[Token]:
        """Whatever is neither letter nor digit."""
        sign = self.text[self.at]
        if sign in "{}":
            yield self.brace(sign)
            return
        for width in (3, 2, 1):
            written = self.text[self.at : self.at + width]
            known = self.known(written)
            if len(written) == width and known:
                yield self.make(Kind.SIGN, known, self.at, width)
                self.at += width
                return
        found, end = foreign(self.text, self.at, self.make)
        if not found:
            raise NotationError(
                f"{sign!r} has no meaning in a formula",
                self.source.token(Kind.SIGN, "", self.at, 1).column,
            )
        self.at = end
        yield from found
        if found[-1].kind is Kind.NAME and found[-1].width == 1 and is_letter(sign):
            yield from self.digits()

    def known(self, written: str) -> str | None:
        """The sign that ASCII characters are."""
        if written == "**":
            return "^"
        if written in ("||", "‖"):
            return "‖"
        if written.isascii():
            return RELATION_SIGNS.get(written) or SIGNS.get(written)
        return None

    def brace(self, sign: str) -> Token:
        """Behind ``_`` and ``^`` a brace holds the script together, elsewhere it is a bracket."""
        at = self.at
        self.at += 1
        if sign == "{":
            self.opened.append(at > 0 and self.text[at - 1] in "_^")
            kind = Kind.GROUP if self.opened[-1] else Kind.SIGN
        else:
            kind = Kind.GROUP if self.opened and self.opened.pop() else Kind.SIGN
        return self.make(kind, sign, at, 1)


def canonical(word: str) -> str:
    """A function's name as the tree has it."""
    return function(word) or function_word(word)
