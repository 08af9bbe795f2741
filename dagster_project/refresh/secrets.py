"""Blanking of keys and passwords in whatever comes back: the one place that blanks.

Here: the spellings in which something that was sent may come back: as it was sent, as an address, JSON or HTML writes
its characters, and in base64. Not here: what is sent (`client`), or where things are written.
"""

from __future__ import annotations

import base64
import html
import re
from urllib.parse import unquote

BLANK = b"***"


class Secret:
    """Blank secrets out of texts and bytes.

    Args:
        words: The secrets; None and empty ones are none.
    """

    def __init__(self, *words: str | None) -> None:
        # A password in an address stands there encoded, and is sent decoded.
        plain = {spelling for word in words if word for spelling in (word, unquote(word))}
        patterns = [_write_pattern(word) for word in sorted(plain, key=len, reverse=True)]
        self._pattern = re.compile(b"|".join(patterns)) if patterns else None

    def blank_text(self, text: str) -> str:
        """Return the text with the secrets blanked out."""
        return self.blank_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def blank_bytes(self, content: bytes) -> bytes:
        """Return the bytes with the secrets blanked out."""
        return self._pattern.sub(BLANK, content) if self._pattern else content


def _write_pattern(word: str) -> bytes:
    """Write the regular expression that finds a word, character by character or in base64."""
    encoded = base64.b64encode(word.encode()).rstrip(b"=")
    return b"".join(map(_write_character, word)) + b"|" + re.escape(encoded)


def _write_character(character: str) -> bytes:
    if character.isascii() and character.isalnum():
        # Neither an address nor JSON or HTML writes a letter otherwise.
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
    """Split an address into the address without the name and the password in it, and these as they stand there."""
    found = re.match(r"([^:/]*://)([^/]*)@", address)
    if not found:
        return (address,)
    known = found[2]
    name, _, password = known.partition(":")
    return found[1] + address[found.end() :], known, password or name
