"""What must not be written down, and its blanking in whatever comes back: the one place that blanks.

Here: keys and passwords in every spelling that a publisher, a proxy or a library may give them. Not here: what is sent
(`client`), or where things are written.

A text is read as the most patient reader would: escapes of JSON, HTML, addresses and mail are resolved, however often
they were applied; the zeros of UTF-16 and the breaks of folded lines are passed over. In what is left a secret is found
by runs of its characters, and each run is blanked where it stands in the text as it was.
"""

from __future__ import annotations

import base64
import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from urllib.parse import unquote

BLANK = b"***"
# So many characters of a secret in a row are enough to blank them; a shorter secret counts as a whole. Twelve are what
# must not be seen; a few of those may look like an escape.
RUN = 10
# Of a run this long one of the blocks that a secret is cut into stands whole in it.
BLOCK = RUN // 2
# How often escapes are resolved: in an address in JSON in an address.
ROUNDS = 5

# Each way begins with a sign of its own: so Python looks at nothing else.
_ESCAPE = re.compile(
    rb"""
    %(?P<percent>[0-9A-F]{2}) | =(?P<printable>(?-i:[0-9A-F]{2}))
    | \\\\*u00(?P<unicode>[0-9A-F]{2}) | \\\\*x(?P<hex>[0-9A-F]{2}) | \\\\*(?=["'/\\=+])
    | &(?P<entity>\#[0-9]{1,7}|\#x[0-9A-F]{1,6}|[A-Z]{2,8});
    | =\r?\n[\ \t]* | \\\r?\n[\ \t]*\\? | \r\n[\ \t]* | \n[\ \t]* | \x00\x00* | \xe2\x80[\x8b-\x8d]
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Hosts are written small, forms have a plus for a blank, and addresses other signs in base64.
_ALIKE = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ -_", b"abcdefghijklmnopqrstuvwxyz++/")


class Secret:
    """Secrets, and their blanking in every spelling.

    Args:
        words: The secrets; None and empty ones are none.
    """

    def __init__(self, *words: str | None) -> None:
        found: dict[bytes, int] = {}
        for word in filter(None, words):
            for one in {_Read(word.encode()).text, _Read(unquote(word).encode()).text}:
                found[one] = min(RUN, len(one))
            for one in {word.encode(), unquote(word).encode()}:
                found |= dict.fromkeys(_in_base64(one), min(RUN * 4 // 3, 4 * len(one) // 3 - 3))
                found[one.hex().encode()] = min(2 * RUN, 2 * len(one))
        # Of a secret with nothing in it that a run could be told by there is no spelling but itself.
        self._words = {one: least for one, least in found.items() if least >= 1 and len(one) >= least}

    def blank(self, text: str) -> str:
        """The text with the secrets blanked out."""
        if not self._words:
            return text
        return self.blank_bytes(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")

    def blank_bytes(self, content: bytes) -> bytes:
        """The bytes with the secrets blanked out."""
        if not self._words:
            return content
        read = _Read(content)
        spans = sorted(read.span(*run) for word, least in self._words.items() for run in _runs(read.text, word, least))
        parts, done = [], 0
        for begin, end in spans:
            if begin >= done:
                parts += [content[done:begin], BLANK]
            done = max(done, end)
        return b"".join([*parts, content[done:]]) if parts else content


class _Read:
    """Bytes as the most patient reader reads them, and where each of those stands in the original."""

    def __init__(self, content: bytes) -> None:
        # Of each round, for each escape: where its text ends, and by how much the original is longer up to there.
        self._rounds: list[tuple[list[int], list[int]]] = []
        text = content
        for _ in range(ROUNDS):
            parts, ends, longer, done, size = [], [], [], 0, 0
            for found in _ESCAPE.finditer(text):
                resolved = _resolved(found)
                if resolved is None:
                    continue
                parts += [text[done : found.start()], resolved]
                size += found.start() - done + len(resolved)
                done = found.end()
                ends.append(size)
                longer.append(done - size)
            if not parts:
                break
            text = b"".join([*parts, text[done:]])
            self._rounds.append((ends, longer))
        self.text = text.translate(_ALIKE)

    def span(self, begin: int, end: int) -> tuple[int, int]:
        """Where in the original some of the text stands."""
        for ends, longer in reversed(self._rounds):
            begin, end = _before(ends, longer, begin), _before(ends, longer, end - 1, after=True)
        return begin, end


def _before(ends: list[int], longer: list[int], place: int, *, after: bool = False) -> int:
    """Where a place in a text stands in what it was made of; with `after`, where what it was made of ends."""
    number = bisect_right(ends, place)
    begin = place + (longer[number - 1] if number else 0)
    if not after:
        return begin
    # The place may be the text of the next escape, which is longer in the original.
    following = bisect_right(ends, place + 1)
    return place + 1 + (longer[following - 1] if following else 0)


def _resolved(found: re.Match[bytes]) -> bytes | None:
    """What an escape stands for; None if it stands for itself."""
    kind, given = found.lastgroup, found[found.lastgroup] if found.lastgroup else b""
    if kind in {"percent", "printable", "hex"}:
        return bytes([int(given, 16)])
    if kind == "unicode":
        return chr(int(given, 16)).encode("utf-8", "surrogatepass")
    if kind == "entity":
        said = html.unescape(f"&{given.decode()};")
        return None if said.startswith("&") and len(said) > 1 else said.encode("utf-8", "surrogatepass")
    return b""


def _runs(text: bytes, word: bytes, least: int) -> Iterator[tuple[int, int]]:
    """Where so many characters of a word stand in a row."""
    block = min(BLOCK, least) if least < len(word) or least >= RUN else least
    for start in range(0, len(word) - block + 1, block):
        place = text.find(word[start : start + block])
        while place >= 0:
            begin, first, end, last = place, start, place + block, start + block
            while begin and first and text[begin - 1] == word[first - 1]:
                begin, first = begin - 1, first - 1
            while end < len(text) and last < len(word) and text[end] == word[last]:
                end, last = end + 1, last + 1
            if end - begin >= least:
                yield begin, end
            place = text.find(word[start : start + block], place + 1)


def _in_base64(word: bytes) -> Iterator[bytes]:
    """What a word looks like within something in base64: by where it begins among three bytes."""
    for shift in range(3):
        packed = base64.b64encode(b"\0" * shift + word)
        # What is made of bytes beside it, too, could be anything.
        begin, end = (0, 2, 3)[shift], (shift + len(word)) * 8 // 6
        yield packed[begin:end].translate(_ALIKE)


def without_password(address: str) -> tuple[str, ...]:
    """An address without the name and the password in it, and these as they stand there."""
    start, slashes, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    known, at, named = host.rpartition("@")
    name, _, password = known.partition(":")
    return (f"{start}{slashes}{named}{slash}{path}", *([known, password or name] if at else []))
