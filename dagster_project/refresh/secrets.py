"""Blank out keys and passwords that responses repeat: plain, escaped for URLs, JSON or HTML, or in base64."""

from __future__ import annotations

import base64
import html
import re
from urllib.parse import unquote

BLANK = b"***"


class Secret:
    """Keys and passwords to replace by `***` in texts and bytes; None and empty texts are ignored."""

    def __init__(self, *words: str | None) -> None:
        # A password in an address is percent-encoded there, but sent decoded.
        plain = {spelling for word in words if word for spelling in (word, unquote(word))}
        patterns = [_write_pattern(word) for word in sorted(plain, key=len, reverse=True)]
        self._pattern = re.compile(b"|".join(patterns)) if patterns else None

    def blank_text(self, text: str) -> str:
        return self.blank_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def blank_bytes(self, content: bytes) -> bytes:
        return self._pattern.sub(BLANK, content) if self._pattern else content


def _write_pattern(word: str) -> bytes:
    """Write the regular expression that finds a word: plain, with any characters escaped, or encoded in base64."""
    encoded = base64.b64encode(word.encode()).rstrip(b"=")
    return b"".join(map(_write_character, word)) + b"|" + re.escape(encoded)


def _write_character(character: str) -> bytes:
    if character.isascii() and character.isalnum():
        # Addresses, JSON and HTML never escape an ASCII letter or digit.
        return character.encode()
    number, plain = ord(character), character.encode()
    spellings = [
        rb"\\*" + re.escape(plain),
        b"".join(b"%%%02x" % byte for byte in plain),
        rb"\\+u%04x" % number,
        b"&#(?:%d|x%x);" % (number, number),
        re.escape(html.escape(character).encode()),
        *([rb"\+"] if character == " " else []),
    ]
    return b"(?i:" + b"|".join(spellings) + b")"


def split_password(address: str) -> tuple[str, ...]:
    """Split the password off an address: for example, `https://me:pw@a.org` into `https://a.org`, `me:pw` and `pw`."""
    found = re.match(r"([^:/]*://)([^/]*)@", address)
    if not found:
        return (address,)
    known = found[2]
    name, _, password = known.partition(":")
    return found[1] + address[found.end() :], known, password or name
