"""What may become of a publisher's right response: every way in which JSON, XML, CSV or a zip can be wrong.

Here: strategies of Hypothesis over bytes that are right. Not here: what has to come of them (`kinds/responses`).
"""

from __future__ import annotations

import base64
import bz2
import copy
import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from hypothesis import strategies as st

DEEP = 100_000
HALF_A_CHARACTER = "\ud800"
# What stands for itself in JSON, and what Python's writer would not write.
RAW = {
    "@huge": "9" * 5000,
    "@float": "1e400",
    "@nan": "NaN",
    "@infinity": "-Infinity",
    "@deep": "[" * DEEP + "]" * DEEP,
    "@deep_object": '{"a":' * DEEP + "1" + "}" * DEEP,
    "@half": '"\\ud800"',
    "@zero": '"\\u0000"',
    "@exact": "0.1234567890123456789012345678901234567890",
}
JUNK: tuple[Any, ...] = (
    *RAW,
    None,
    True,
    False,
    "",
    " ",
    "-",
    0,
    -1,
    10**8,
    10**20,
    10**400,
    1.5,
    1e308,
    -0.0,
    [],
    {},
    [1],
    ["KOR"],
    [None],
    {"a": 1},
    [[["x"]]],
    "KOR",
    "0x10",
    "1_000",
    "1,000",
    "1e3",
    "+1",
    "１２３",  # noqa: RUF001 - digits of another script
    "٣٤",
    "nan",
    "inf",
    "2024-13-45",
    "9999-12-31",
    "0000-00-00",
    "=cmd|' /C calc'!A0",
    "<b>1</b>",
    "1\n2",
    '"',
    "x" * 70_000,
    "\x1b[31mred",
    "\u202e123",
    "1\u200b2",
)
# Made once: Hypothesis keeps no strategy of what cannot be hashed, and a garbled response draws several.
SOME_JUNK = st.sampled_from(JUNK)
# A number in the text of an element, cut in two by what a reader of `.text` passes over.
CUTS = ("<!-- -->", "<!--x-->", "<x/>", "<x>7</x>", "<?x y?>", "<![CDATA[]]>", "&#x200b;", "&#x30;", "&amp;", "\n")
STATUSES = (*[200] * 40, 204, 206, 302, 400, 401, 403, 404, 418, 429, 500, 503, 999)
HEADERS: tuple[dict[str, str], ...] = (
    {},
    {"retry-after": "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"},
    {"retry-after": "9" * 400},
    {"retry-after": "-5"},
    {"retry-after": "1e9"},
    {"retry-after": "٣"},
    {"retry-after": "Fri, 32 Foo 2026 99:99:99 +99999999999999"},
    {"last-modified": "Fri, 31 Dec 99999999999999999999 23:59:59 GMT"},
    {"last-modified": "\ud800"},
    {"content-type": "application/zip"},
    {"content-type": "text/html; charset=utf-16"},
    {"content-type": "\ud800; charset=\x00"},
)


@dataclass(frozen=True)
class Garbled:
    """A garbled response.

    Args:
        content: The bytes.
        how: What was done, for a person.
        status: The HTTP status.
        headers: The headers.
        poison: A text that no row may hold: what came as no scalar, or as part of a number.
    """

    content: bytes
    how: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    poison: tuple[str, ...] = ()


class Body(bytes):
    """A right response; Hypothesis would write out what a strategy is made of."""

    def __repr__(self) -> str:
        return f"Body of {len(self)}"


@cache
def _parsed(content: bytes) -> Any:
    return json.loads(content.decode("utf-8-sig"))


def _places(found: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each part of a JSON value."""
    ways = [at] if at else []
    if isinstance(found, dict):
        for name, part in found.items():
            ways += _places(part, (*at, name))
    elif isinstance(found, list):
        for number, part in enumerate(found[:8]):
            ways += _places(part, (*at, number))
    return ways


@cache
def _ways(content: bytes) -> list[tuple[Any, ...]]:
    return _places(_parsed(content))


def _written(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    for name, raw in RAW.items():
        text = text.replace(f'"{name}"', raw)
    return text.encode("utf-8", "surrogatepass")


def _change(root: Any, way: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    root = copy.deepcopy(root)
    part = root
    for step in way[:-1]:
        part = part[step]
    change(part, way[-1])
    return root


@st.composite
def json_of(draw: st.DrawFn, right: bytes) -> Garbled:
    """JSON in which some parts are of another kind, gone, doubled, or called otherwise."""
    root = _parsed(right)
    how, poison = [], []
    for _ in range(draw(st.integers(1, 3))):
        ways = _ways(right)
        way = ways[draw(st.integers(0, len(ways) - 1))]
        what = draw(st.sampled_from(("junk", "junk", "junk", "gone", "renamed", "twice", "wrapped", "text", "doubled")))
        junk = draw(SOME_JUNK)

        def change(part: Any, step: Any, what: str = what, junk: Any = junk) -> None:
            if what == "junk":
                part[step] = junk
                if isinstance(junk, list | dict) and junk:
                    poison.append(str(junk))
            elif what == "gone":
                del part[step]
            elif what == "renamed" and isinstance(part, dict):
                part[f"{step}2"] = part.pop(step)
            elif what == "twice" and isinstance(part, list):
                part.insert(step, part[step])
            elif what == "wrapped":
                part[step] = [part[step]]
                poison.append(str(part[step]))
            elif what == "text":
                # What was wrapped before is a text from then on, and so a scalar.
                poison[:] = [one for one in poison if one != str(part[step])]
                part[step] = json.dumps(part[step])
            elif what == "doubled" and isinstance(part, dict):
                part[f"@@{step}"] = junk if not isinstance(junk, list | dict) else 7

        try:
            root = _change(root, way, change)
        except (KeyError, IndexError, TypeError):
            continue
        how.append(f"{what} {'.'.join(map(str, way))} {str(junk)[:30]}")
    content = _written(root)
    # A name that stands twice: Python takes the second value, other readers the first.
    content = content.replace(b'"@@', b'"')
    return Garbled(content, "; ".join(how), poison=tuple(poison))


@st.composite
def xml_of(draw: st.DrawFn, right: bytes) -> Garbled:
    """XML in which some texts or attributes are others, cut in two, gone, or deep."""
    text = right.decode("utf-8-sig")
    how, poison = [], []
    for _ in range(draw(st.integers(1, 2))):
        texts = list(re.finditer(r">([^<>]+)<|=\"([^\"]*)\"|<(/?\w[\w:]*)", text))
        if not texts:
            break
        found = texts[draw(st.integers(0, len(texts) - 1))]
        group = found.lastindex or 0
        begin, end = found.span(group)
        value = found[group]
        if group == 1 and len(value) > 1 and draw(st.booleans()):
            cut = draw(st.integers(1, len(value) - 1))
            between = draw(st.sampled_from(CUTS))
            new = f"{value[:cut]}{between}{value[cut:]}"
            if between in CUTS[:5] and value[:cut].isdigit():
                # In part it would be a figure, and a wrong one.
                poison.append(value[:cut])
            how.append(f"cut {value} by {between}")
        elif group == 3:
            new = draw(
                st.sampled_from(
                    (f"{value}x", "response", "item", "Series", "Error", "a:b", "!DOCTYPE a [<!ENTITY b 'c'>]")
                )
            )
            how.append(f"{value} is {new}")
        else:
            junk = draw(SOME_JUNK)
            new = RAW.get(str(junk), str(junk))
            if junk == "@deep":
                new = "<a>" * 5000 + "</a>" * 5000
            new = new if group == 1 and draw(st.booleans()) else new.replace("<", "&lt;").replace('"', "&quot;")
            how.append(f"{value[:20]} is {new[:30]}")
        text = f"{text[:begin]}{new}{text[end:]}"
    return Garbled(text.encode("utf-8", "surrogatepass"), "; ".join(how), poison=tuple(poison))


@st.composite
def bytes_of(draw: st.DrawFn, right: bytes, others: tuple[bytes, ...]) -> Garbled:
    """Bytes that were cut, spliced, mixed up, encoded otherwise or packed."""
    what = draw(
        st.sampled_from(("cut", "splice", "flip", "insert", "encode", "pack", "marks", "html", "deep", "noise"))
    )
    place = draw(st.integers(0, len(right)))
    if what == "cut":
        content = right[:place]
    elif what == "splice":
        other = draw(st.sampled_from(others))
        content = right[:place] + other[draw(st.integers(0, len(other))) :]
    elif what == "flip":
        flipped = bytearray(right)
        for _ in range(draw(st.integers(1, 8))):
            if flipped:
                flipped[draw(st.integers(0, len(flipped) - 1))] = draw(st.integers(0, 255))
        content = bytes(flipped)
    elif what == "insert":
        content = (
            right[:place]
            + draw(st.sampled_from((right, b"\x00", b"\xff\xfe", b"]", b"<", b"\xed\xa0\x80")))
            + right[place:]
        )
    elif what == "encode":
        text = right.decode("utf-8", "replace")
        how = draw(st.sampled_from(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp949", "gb18030", "cp037")))
        content = text.encode(how, "replace")
    elif what == "pack":
        how = draw(st.sampled_from(("gzip", "zlib", "bz2", "xz", "base64")))
        pack: dict[str, Callable[[bytes], bytes]] = {
            "gzip": gzip.compress,
            "zlib": zlib.compress,
            "bz2": bz2.compress,
            "xz": lzma.compress,
        }
        content = pack.get(how, base64.b64encode)(right)
    elif what == "marks":
        content = draw(st.sampled_from((b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\x1f\x8b", b"PK\x03\x04"))) * 2 + right
    elif what == "html":
        content = b"<!DOCTYPE html><html>" + right + b"</html>"
    elif what == "deep":
        deep = draw(st.sampled_from((b"[", b'{"a":', b"<a>", b'[{"a":[', b"((")))
        content = deep * DEEP
    else:
        content = draw(st.binary(max_size=200))
    return Garbled(content, f"{what} at {place}")


@st.composite
def zip_of(draw: st.DrawFn, right: bytes) -> Garbled:
    """A zip whose headers lie: encrypted, of another method or size, of other names, with a table that is garbled."""
    with zipfile.ZipFile(io.BytesIO(right)) as archive:
        name = archive.namelist()[0]
        table = archive.read(name)
    what = draw(st.sampled_from(("encrypted", "method", "sizes", "names", "table", "bomb", "flip", "nested", "long")))
    method = zipfile.ZIP_DEFLATED
    if what == "method":
        method = draw(st.sampled_from((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_STORED)))
    elif what == "names":
        name = draw(
            st.sampled_from(("../../x.csv", "/etc/x.csv", "a\\b.csv", "x" * 60_000 + ".csv", "\u202ex.csv", ".csv"))
        )
    elif what == "table":
        table = draw(bytes_of(table, (table,))).content
    elif what == "bomb":
        table = table.replace(
            b"\n",
            b"\n" + b"\n".join([b",".join([b"A"] * (table.split(b"\n")[0].count(b",") + 1))] * 200_000) + b"\n",
            1,
        )
    elif what == "nested":
        table = right
    elif what == "long":
        table += b'"' + b"x" * 2_000_000
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr(name, table)
    content = bytearray(target.getvalue())
    central = content.find(b"PK\x01\x02")
    if what == "encrypted":
        content[6] |= 1
        content[central + 8] |= 1
    elif what == "method":
        odd = draw(st.sampled_from((0, 1, 9, 12, 14, 93, 97, 99, 65535)))
        content[8:10] = odd.to_bytes(2, "little")
        content[central + 10 : central + 12] = odd.to_bytes(2, "little")
    elif what == "sizes":
        at = draw(
            st.sampled_from((14, 18, 22, central + 16, central + 20, central + 24, central + 42, len(content) - 6))
        )
        content[at : at + 4] = draw(st.sampled_from((0, 1, 2**32 - 1, 2**31, 2**31 - 1, 77))).to_bytes(4, "little")
    elif what == "flip":
        for _ in range(draw(st.integers(1, 6))):
            content[draw(st.integers(0, len(content) - 1))] = draw(st.integers(0, 255))
    return Garbled(bytes(content), f"zip: {what}")


@cache
def garbled(right: bytes, others: tuple[bytes, ...]) -> st.SearchStrategy[Garbled]:
    """A response, garbled in the ways that its form has."""
    ways: list[st.SearchStrategy[Garbled]] = [bytes_of(right, others)]
    stripped = right.removeprefix(b"\xef\xbb\xbf").lstrip()
    if zipfile.is_zipfile(io.BytesIO(right)):
        ways += [zip_of(right)] * 2
    elif stripped.startswith(b"<"):
        ways += [xml_of(right)] * 3
    elif _is_json(right):
        ways += [json_of(right)] * 4
    return st.builds(
        lambda made, status, headers: Garbled(made.content, made.how, status, dict(headers), made.poison),
        st.one_of(ways),
        st.sampled_from(STATUSES),
        st.sampled_from(HEADERS),
    )


def _is_json(content: bytes) -> bool:
    try:
        return bool(_ways(content))
    except ValueError:
        return False
