"""What the responses of all publishers have in common: statuses, JSON, XML, fields.

Here: telling a usable response from an unusable one where no publisher has its own way. Not here: a publisher's own
error bodies (its module), and what is done about an unusable response (`refresh`).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from dagster_project.sources.declare import Api, Reading, Request, Response, Trouble, Unusable

if TYPE_CHECKING:
    from lxml.etree import _Element

# What a publisher's own codes mean.
Troubles = Mapping[str, Trouble]
# Statuses after which the same request may well be answered.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
SHOWN = 200
# A response in more pages than these goes in circles.
MOST_PAGES = 1000
COUNT = re.compile(r"[0-9]{1,12}")


def apply_reader(api: Api, request: Request, response: Response) -> Reading:
    """Read a response as its source does; whatever the reader raises is a refusal of this response.

    Raises:
        Unusable: As the reader says, also while the rows are taken; `refused` if it failed otherwise.
    """
    with _refuse_errors():
        found = api.read(request, response)
    return replace(found, rows=_guard_rows(found.rows))


def _guard_rows(rows: Iterable[tuple[str | None, ...]]) -> Iterator[tuple[str | None, ...]]:
    with _refuse_errors():
        yield from rows


@contextmanager
def _refuse_errors() -> Iterator[None]:
    """Turn whatever a reader raises into a refusal."""
    try:
        yield
    except Unusable:
        raise
    except Exception as error:
        raise Unusable("refused", f"a form that its reader cannot read: {type(error).__name__}: {error}") from error


def check_status(response: Response) -> None:
    """Pass a response with status 200 on.

    Raises:
        Unusable: `again` for a status that passes, `key` for one that says who asks is unknown, `refused` for others.
    """
    if response.status == 200:
        return
    said = _quote_start(response)
    if response.status in PASSING:
        raise Unusable("again", f"HTTP {response.status}{said}")
    raise Unusable("key" if response.status in {401, 403} else "refused", f"HTTP {response.status}{said}")


@contextmanager
def prefer_status(response: Response, check: Callable[[Response], None] = check_status) -> Iterator[None]:
    """Let the status go before a body that cannot be read, which says nothing itself."""
    try:
        yield
    except Unusable:
        check(response)
        raise


def decode_text(response: Response) -> str:
    """Read the body as text: UTF-8, with or without a byte order mark.

    Raises:
        Unusable: It is empty, not UTF-8, or a page of HTML.
    """
    if not response.content.strip():
        raise Unusable("again", "an empty body")
    try:
        text = response.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable("again", f"a body that is not UTF-8: {error}") from error
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise Unusable("again", f"a page of HTML where figures belong{_quote_start(response)}")
    return text


def parse_json(response: Response) -> Any:
    """Read the body as JSON.

    Raises:
        Unusable: As `decode_text`; or it is not whole JSON, or what Python would read otherwise than its writer: a
            number without bounds, a name that stands twice in an object, half a character, brackets without end.
    """
    text = decode_text(response)
    try:
        content = json.loads(
            text, parse_float=_parse_float, parse_constant=_parse_float, object_pairs_hook=_build_object
        )
    except json.JSONDecodeError as error:
        raise Unusable("again", f"JSON that is cut or garbled: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Unusable("refused", f"JSON that cannot be read: {error}") from error
    if "\\ud" in text.lower():
        try:
            json.dumps(content, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Unusable("refused", f"JSON with half a character, which no file can hold: {error}") from error
    return content


def _parse_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:SHOWN]} is no number")
    return value


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a name stands twice among {', '.join(found)}"[:SHOWN])
    return found


def check_records(found: object, single: Collection[str] = ()) -> list[dict[str, Any]]:
    """Check that something is a list of JSON objects, and return it.

    Args:
        found: What should be one.
        single: The fields that hold one value, if they are there.

    Raises:
        Unusable: `refused`, if it is none, or one of the fields holds a list or an object.
    """
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise Unusable("refused", "no list of records, where one belongs")
    for record in found:
        for name in single:
            if isinstance(record.get(name), list | dict):
                raise Unusable("refused", f"{name} is {str(record[name])[:SHOWN]}, where one value belongs")
    return found


def parse_count(value: object, name: str) -> int:
    """Read a count, as a number or as text; nothing is 0.

    Raises:
        Unusable: `refused`, if it is none.
    """
    text = str(value or 0)
    if isinstance(value, bool | float) or not COUNT.fullmatch(text):
        raise Unusable("refused", f"{name} is {text[:SHOWN]!r}, not a count")
    return int(text)


def parse_xml(response: Response) -> _Element:
    """Parse the body's root element; external entities are never resolved.

    Raises:
        Unusable: As `decode_text`; or it is not whole XML.
    """
    from lxml import etree

    decode_text(response)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(response.content.removeprefix(b"\xef\xbb\xbf"), parser)
    except etree.XMLSyntaxError as error:
        raise Unusable("again", f"XML that is cut or garbled: {error}") from error


def read_child_texts(element: _Element) -> dict[str, str | None]:
    """Return the texts of the elements in an element, by their names.

    Raises:
        Unusable: `refused`, if a text is cut in two by a comment or an element, or a name stands twice: of either a
            reader would take a part.
    """
    found: dict[str, str | None] = {}
    for child in element.iterchildren("*"):
        name = str(child.tag)
        if len(child) or name in found:
            raise Unusable("refused", f"{name} {'is in pieces' if len(child) else 'stands twice'}")
        found[name] = (child.text or "").strip() or None
    return found


def parse_http_date(said: str) -> datetime | None:
    """Read a time as a header says it; None for what is none, or of a year that no calendar has."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def parse_day(said: object) -> date | None:
    """Read a day as ISO 8601 writes it; None for what is none."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def check_fields(records: Iterable[Iterable[str]], needed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Check the fields of records, and return notes on those that were not there before.

    Args:
        records: The records, or the names of their fields; records of one form are looked at once.
        needed: The fields that rows are made of.
        known: Every other field that the publisher documents.

    Raises:
        Unusable: `refused`, if a needed field is missing; a new one beside it may be the same under another name.
    """
    notes: dict[str, None] = {}
    for names in dict.fromkeys(frozenset(record) for record in records):
        missing, new = sorted(set(needed) - names), sorted(names - set(known) - set(needed))
        if missing:
            also = f"; there are new ones, {', '.join(new)}" if new else ""
            raise Unusable("refused", f"the fields {', '.join(missing)} are missing{also}")
        if new:
            notes[f"new fields: {', '.join(new)}"] = None
    return tuple(notes)


def _quote_start(response: Response) -> str:
    said = " ".join(response.content[:SHOWN].decode("utf-8", "replace").split())
    return f": {said}" if said else ""
