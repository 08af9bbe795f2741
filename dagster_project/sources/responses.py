"""Check and parse what the responses of all publishers have in common: statuses, JSON, XML, fields.

Here: telling usable responses from unusable ones by rules that hold for every publisher. Not here: a publisher's own
error messages (its module), and what follows from an unusable response (`refresh`).
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

# The meaning of a publisher's own error codes.
Troubles = Mapping[str, Trouble]
# Statuses after which the same request may succeed later.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
SHOWN = 200
# A response that claims more pages than this is taken to be in a loop.
MOST_PAGES = 1000
COUNT = re.compile(r"[0-9]{1,12}")


def apply_reader(api: Api, request: Request, response: Response) -> Reading:
    """Read a response with its source's reader, and turn any error of the reader into a refusal of the response.

    Raises:
        Unusable: Raised by the reader, possibly only while the rows are iterated; `refused` for any other error in it.
    """
    with _refuse_errors():
        found = api.read(request, response)
    return replace(found, rows=_guard_rows(found.rows))


def _guard_rows(rows: Iterable[tuple[str | None, ...]]) -> Iterator[tuple[str | None, ...]]:
    with _refuse_errors():
        yield from rows


@contextmanager
def _refuse_errors() -> Iterator[None]:
    """Turn any exception of a reader into a refusal."""
    try:
        yield
    except Unusable:
        raise
    except Exception as error:
        raise Unusable("refused", f"the reader failed on this response: {type(error).__name__}: {error}") from error


def check_status(response: Response) -> None:
    """Accept status 200, and raise for any other status.

    Raises:
        Unusable: `again` for a temporary failure, `key` for 401 and 403, `refused` for any other status.
    """
    if response.status == 200:
        return
    said = _quote_start(response)
    if response.status in PASSING:
        raise Unusable("again", f"HTTP {response.status}{said}")
    raise Unusable("key" if response.status in {401, 403} else "refused", f"HTTP {response.status}{said}")


@contextmanager
def prefer_status(response: Response, check: Callable[[Response], None] = check_status) -> Iterator[None]:
    """If reading the body fails, raise the error of the HTTP status first, because it says more."""
    try:
        yield
    except Unusable:
        check(response)
        raise


def decode_text(response: Response) -> str:
    """Read the body as text: UTF-8, with or without a byte order mark.

    Raises:
        Unusable: The body is empty, not UTF-8, or an HTML page.
    """
    if not response.content.strip():
        raise Unusable("again", "an empty body")
    try:
        text = response.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable("again", f"the body is not UTF-8: {error}") from error
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise Unusable("again", f"a page of HTML instead of figures{_quote_start(response)}")
    return text


def parse_json(response: Response) -> Any:
    """Read the body as JSON.

    Raises:
        Unusable: As `decode_text`; or the JSON is incomplete, or contains NaN or Infinity, a duplicate key, an unpaired
            surrogate, or nesting too deep.
    """
    text = decode_text(response)
    try:
        content = json.loads(
            text, parse_float=_parse_float, parse_constant=_parse_float, object_pairs_hook=_build_object
        )
    except json.JSONDecodeError as error:
        raise Unusable("again", f"the JSON is cut or garbled: {error}") from error
    except (ValueError, RecursionError) as error:
        raise Unusable("refused", f"invalid JSON: {error}") from error
    if "\\ud" in text.lower():
        try:
            json.dumps(content, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Unusable("refused", f"the JSON has an unpaired surrogate, which cannot be stored: {error}") from error
    return content


def _parse_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:SHOWN]} is not a finite number")
    return value


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"duplicate key among {', '.join(found)}"[:SHOWN])
    return found


def check_records(found: object, single: Collection[str] = ()) -> list[dict[str, Any]]:
    """Check that a value is a list of JSON objects, and return it.

    Args:
        found: The value to check.
        single: The fields that must hold a single value if present.

    Raises:
        Unusable: `refused`, if the value is not such a list, or one of these fields holds a list or an object.
    """
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise Unusable("refused", "expected a list of records")
    for record in found:
        for name in single:
            if isinstance(record.get(name), list | dict):
                raise Unusable("refused", f"{name} is {str(record[name])[:SHOWN]}; expected a single value")
    return found


def parse_count(value: object, name: str) -> int:
    """Read a count, given as a number or as text; an empty value is 0.

    Raises:
        Unusable: `refused`, if the value is not a count.
    """
    text = str(value or 0)
    if isinstance(value, bool | float) or not COUNT.fullmatch(text):
        raise Unusable("refused", f"{name} is {text[:SHOWN]!r}, not a count")
    return int(text)


def parse_xml(response: Response) -> _Element:
    """Parse the body's root element; external entities are never resolved.

    Raises:
        Unusable: As `decode_text`; or the XML is incomplete.
    """
    from lxml import etree

    decode_text(response)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(response.content.removeprefix(b"\xef\xbb\xbf"), parser)
    except etree.XMLSyntaxError as error:
        raise Unusable("again", f"the XML is cut or garbled: {error}") from error


def read_child_texts(element: _Element) -> dict[str, str | None]:
    """Read the texts of an element's children, by their names.

    Raises:
        Unusable: `refused`, if a comment or an element splits a text, or a name occurs twice.
    """
    found: dict[str, str | None] = {}
    for child in element.iterchildren("*"):
        name = str(child.tag)
        if len(child) or name in found:
            raise Unusable("refused", f"{name} {'has parts' if len(child) else 'occurs twice'}; expected one text")
        found[name] = (child.text or "").strip() or None
    return found


def parse_http_date(said: str) -> datetime | None:
    """Parse a time from an HTTP header; return None if it is invalid."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def parse_day(said: object) -> date | None:
    """Parse a day in ISO 8601; return None if it is invalid."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def check_fields(records: Iterable[Iterable[str]], needed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Check the fields of records, and return notes about new fields.

    Args:
        records: The records, or the names of their fields; records with the same fields are checked once.
        needed: The fields from which rows are built.
        known: Every other field that the publisher documents.

    Raises:
        Unusable: `refused`, if a needed field is missing; a new field listed with it may be its new name.
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
