"""Bytes to text: what an editor would show."""

from __future__ import annotations

import codecs

import pytest

from derive.checking.encoding import ReadingError, decode
from derive.config import LIMITS

TEXTS = {
    "French": "Voilà la dérivée : « où est l’été ? » œuvre",
    "Turkish": "öğrenme oranı çok küçük, şu ağırlık İstanbul'da",
    "German": "Größe und Maß der Übung",
    "Chinese": "神经网络的反向传播推导，损失函数的梯度",
    "Russian": "Обратное распространение ошибки в сети",
}

PAGES = [
    ("French", "utf-8"),
    ("French", "cp1252"),
    ("Turkish", "utf-8"),
    ("Turkish", "cp1254"),
    ("German", "cp1252"),
    ("Chinese", "utf-8"),
    ("Chinese", "gb18030"),
    ("Russian", "utf-8"),
    ("Russian", "cp1251"),
]


@pytest.mark.parametrize(("language", "codec"), PAGES)
def test_a_text_is_read_in_its_own_encoding(language: str, codec: str) -> None:
    text = TEXTS[language] + "\n$z = W x$\n"
    found = decode(text.encode(codec))
    assert (found.text, found.codec) == (text, codec)


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_heard_and_is_no_character(codec: str) -> None:
    assert decode("α = β\n".encode(codec)).text == "α = β\n"


def test_line_ends_become_line_feeds() -> None:
    assert decode(b"a\r\nb\rc\n").text == "a\nb\nc\n"


def test_a_stray_byte_costs_one_character_only() -> None:
    found = decode("∂L = δ·xᵀ, α".encode() + b"\xe9" + " = β".encode())
    assert (found.text, found.codec) == ("∂L = δ·xᵀ, αé = β", "utf-8")


def test_bytes_that_the_code_page_lacks_are_controls() -> None:
    assert decode(b"caf\xe9 \x81").text == "café \x81"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\x00b", "NUL"),
        (b"\x7fELF\x00\xff\xfe\x80", "NUL"),
        (codecs.BOM_UTF16_LE + b"a\x00\x00", "UTF-16-LE"),
        (codecs.BOM_UTF16_LE + "a\x00b".encode("utf-16-le"), "NUL"),
    ],
)
def test_what_is_no_text_is_refused_with_the_reason(data: bytes, message: str) -> None:
    with pytest.raises(ReadingError, match=message):
        decode(data)


def test_the_size_has_a_bound() -> None:
    with pytest.raises(ReadingError, match=r"at most 10 MB"):
        decode(b"a" * (LIMITS.max_document_bytes + 1))
