"""Keys that come back as they were sent, in every place, and whether one is found in anything that is left.

Here: a refresh of each publisher that takes a key, from a server that repeats it. Not here: the blanking
(`refresh.secrets`), which this knows nothing of: a key is looked for in spellings of this module.
"""

from __future__ import annotations

import base64
import html
import io
import json
import logging
import random
import string
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from urllib.parse import quote

from tests.faults.kind import Kind, Tally, cause_of
from tests.faults.played import Played, every, refreshed
from tests.refresh.running import project
from tests.refresh.server import Reply, Server, serving

# So many characters of a key are enough to be found.
RUN = 12
ALPHABET = string.ascii_letters + string.digits
SIGNS = "+/=-_%.~&:"


def _signs(how: Callable[[int], str]) -> Callable[[str], str]:
    return lambda key: "".join(sign if sign.isalnum() else how(ord(sign)) for sign in key)


# How a key may be written that came as it was sent.
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "JSON, \\u003d": _signs(lambda number: f"\\u{number:04x}"),
    "JSON, \\u003D": _signs(lambda number: f"\\u{number:04X}"),
    "HTML": html.escape,
    "HTML, &#61;": _signs(lambda number: f"&#{number};"),
    "HTML, &#x3D;": _signs(lambda number: f"&#x{number:X};"),
    "address": lambda key: quote(key, safe=""),
    "address, %3d": _signs(lambda number: f"%{number:02x}"),
    "base64": lambda key: base64.b64encode(key.encode()).decode(),
}
PLACES = ("body", "message", "field", "header", "redirect", "host", "password")


def spelled(key: str, spelling: str) -> bytes:
    """A key in a spelling."""
    return SPELLINGS[spelling](key).encode()


def found(key: str, content: bytes) -> str | None:
    """The spelling in which a run of a key stands in bytes."""
    for spelling in SPELLINGS:
        given = spelled(key, spelling)
        if any(given[begin : begin + RUN] in content for begin in range(len(given) - RUN + 1)):
            return spelling
    return None


def round_of(seed: int, cases: int, folder: Path, tally: Tally) -> None:
    chance = random.Random(seed)
    keyed = [one for one in every() if one.source.api is not None and one.source.api.key is not None]
    with serving() as server:
        for number in range(cases):
            played = chance.choice(keyed)
            key = "".join(chance.choices(ALPHABET, k=chance.randint(20, 60)))
            for _ in range(chance.randint(0, 4)):
                cut = chance.randint(1, len(key) - 1)
                key = key[:cut] + chance.choice(SIGNS) + key[cut:]
            spelling, place = chance.choice([*SPELLINGS]), chance.choice(PLACES)
            with tally.case():
                _check(seed, played, key, spelling, place, folder / str(number), server, tally)


def _check(
    seed: int, played: Played, key: str, spelling: str, place: str, folder: Path, server: Server, tally: Tally
) -> None:
    label = (played.source.code, place, spelling, key)
    server.reply(*_replies(played, key, spelling, place))
    said = io.StringIO()
    where = project(folder, played.publisher.configuration)
    base = server.address
    if place == "password":
        base = base.replace("://", f"://me:{quote(key, safe='')}@")
    try:
        with redirect_stdout(said), redirect_stderr(said), _logged(said):
            results = refreshed(played, where, server, key, base)
            for result in results:
                said.write(f"{result!r} {json.dumps(result.record)} {result.skipped}")
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        tally.fail(seed, f"{place}: {cause_of(error)}", (str(error)[:200], *label))
        return
    tally.outcomes[f"{place}, {'archived' if any(result.archived for result in results) else 'refused'}"] += 1
    seen = {"what is said": said.getvalue().encode("utf-8", "surrogatepass")}
    seen |= {path.suffix: path.read_bytes() for path in sorted(where.archive.rglob("*")) if path.is_file()}
    for what, content in seen.items():
        if (how := found(key, content)) is not None:
            tally.fail(seed, f"{place} as {spelling}: found in {what} as {how}", label)


def _replies(played: Played, key: str, spelling: str, place: str) -> list[Reply]:
    right = played.publisher.right
    kind = {"Content-Type": played.publisher.media_type}
    given = spelled(key, spelling)
    text = given.decode()
    if place == "message":
        return [Reply(b'{"message": "no such key: ' + given + b'", "RESULT": {"CODE": "' + given + b'"}}', 400, kind)]
    if place == "field":
        # Behind the first value, and as the name of a new field.
        return [Reply(right.replace(b'": "', b'": "' + given, 1).replace(b"</", given + b"</", 1), headers=kind)]
    if place == "header":
        named = ("ETag", "Last-Modified", "Content-Disposition", "X-Asked", "Retry-After")
        return [Reply(right, headers=kind | dict.fromkeys(named, text))]
    if place == "redirect":
        return [Reply(b"", 302, {"Location": f"https://example.org/?key={text}"})]
    if place == "host":
        return [Reply(b"", 302, {"Location": f"https://{text}.example.org/"})]
    if place == "password":
        return [Reply(right, headers=kind)]
    return [Reply(given + right[:40] + given, headers=kind)]


@contextmanager
def _logged(said: io.StringIO) -> Iterator[None]:
    """Whatever anybody logs, at whatever level."""
    handler = logging.StreamHandler(said)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


KIND = Kind(
    name="keys",
    what="Keys that publishers repeat, in ten spellings: in bodies, messages, headers, redirects, hosts, passwords.",
    goal="No file, log or message contains twelve consecutive characters of a key.",
    round=round_of,
    cases=60,
)
