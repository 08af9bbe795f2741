"""Check and parse responses in the same way for every publisher: HTTP statuses, JSON, XML, fields, counts, dates.

Each function raises `Unusable` for a response without usable figures. A publisher's module adds the checks for its own
error messages.
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

from dagster_project.sources.declare import Api, ParsedResponse, Request, Response, Trouble, Unusable

if TYPE_CHECKING:
    from lxml.etree import _Element

# The kind of problem behind each error code of a publisher.
Troubles = Mapping[str, Trouble]
# The HTTP statuses after which the same request may succeed later.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
# The most characters of a response that an error message quotes.
SHOWN = 200
# The most pages of a response. A response that announces more is refused, because its pages may never end.
MOST_PAGES = 1000
COUNT = re.compile(r"[0-9]{1,12}")


def apply_reader(api: Api, request: Request, response: Response) -> ParsedResponse:
    """Parse a response with the function of its source, and refuse the response if the function fails in any way.

    Raises:
        Unusable: The function fails; the kind is `refused` unless the function raised `Unusable` itself. The function
            may fail later, while the rows are iterated.
    """
    with _refuse_errors():
        found = api.read(request, response)
    return replace(found, rows=_guard_rows(found.rows))


def _guard_rows(rows: Iterable[tuple[str | None, ...]]) -> Iterator[tuple[str | None, ...]]:
    with _refuse_errors():
        yield from rows


@contextmanager
def _refuse_errors() -> Iterator[None]:
    """Convert any exception in the `with` block to `Unusable`."""
    try:
        yield
    except Unusable:
        raise
    except Exception as error:
        raise Unusable("refused", f"the response cannot be parsed: {type(error).__name__}: {error}") from error


def check_status(response: Response) -> None:
    """Raise `Unusable` unless the HTTP status is 200.

    Raises:
        Unusable: Of the kind `again` for a temporary failure, `key` for 401 and 403, `refused` for any other status.
    """
    if response.status == 200:
        return
    said = _quote_start(response)
    if response.status in PASSING:
        raise Unusable("again", f"HTTP {response.status}{said}")
    raise Unusable("key" if response.status in {401, 403} else "refused", f"HTTP {response.status}{said}")


@contextmanager
def prefer_status(response: Response, check: Callable[[Response], None] = check_status) -> Iterator[None]:
    """Raise the error that `check` finds in the HTTP status, if any, instead of an error in parsing the body."""
    try:
        yield
    except Unusable:
        check(response)
        raise


def decode_text(response: Response) -> str:
    """Decode the body as text, which is UTF-8 with or without a byte order mark.

    Raises:
        Unusable: The body is empty, not UTF-8, or an HTML page.
    """
    if not response.content.strip():
        raise Unusable("again", "the body is empty")
    try:
        text = response.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable("again", f"the body is not UTF-8: {error}") from error
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise Unusable("again", f"the body is a page of HTML instead of figures{_quote_start(response)}")
    return text


def parse_json(response: Response) -> Any:
    """Parse the body as JSON.

    Raises:
        Unusable: `decode_text` fails; or the JSON is incomplete, or contains NaN or Infinity, a duplicate key, an
            unpaired surrogate, or nesting too deep.
    """
    text = decode_text(response)
    try:
        content = json.loads(
            text, parse_float=_parse_float, parse_constant=_parse_float, object_pairs_hook=_build_object
        )
    except json.JSONDecodeError as error:
        raise Unusable("again", f"the JSON is incomplete or invalid: {error}") from error
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


def check_records(found: object, single: Collection[str]) -> list[dict[str, Any]]:
    """Check that `found` is a list of JSON objects with no list or object in the fields `single`; return the list.

    Raises:
        Unusable: Of the kind `refused`, if `found` is not such a list.
    """
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise Unusable("refused", "expected a list of JSON objects")
    for record in found:
        for name in single:
            if isinstance(record.get(name), list | dict):
                raise Unusable("refused", f"{name} is {str(record[name])[:SHOWN]}; expected a single value")
    return found


def parse_count(value: object, name: str) -> int:
    """Parse a count in the field `name`, written as a number or as text; an empty value is 0.

    Raises:
        Unusable: Of the kind `refused`, if the value is not a whole number of at most twelve digits.
    """
    text = str(value or 0)
    if isinstance(value, bool | float) or not COUNT.fullmatch(text):
        raise Unusable("refused", f"{name} is {text[:SHOWN]!r}; expected a count")
    return int(text)


def parse_xml(response: Response) -> _Element:
    """Parse the body as XML, without external entities, and return the root element.

    Raises:
        Unusable: `decode_text` fails; or the XML is incomplete.
    """
    from lxml import etree

    decode_text(response)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(response.content.removeprefix(b"\xef\xbb\xbf"), parser)
    except etree.XMLSyntaxError as error:
        raise Unusable("again", f"the XML is incomplete or invalid: {error}") from error


def read_child_texts(element: _Element) -> dict[str, str | None]:
    """Return the text of each child of an element, by the child's name.

    Raises:
        Unusable: Of the kind `refused`, if a child has a comment or an element in it, or two children have one name.
    """
    found: dict[str, str | None] = {}
    for child in element.iterchildren("*"):
        name = str(child.tag)
        if len(child) or name in found:
            raise Unusable("refused", f"{name} {'has elements' if len(child) else 'occurs twice'}; expected one text")
        found[name] = (child.text or "").strip() or None
    return found


def parse_http_date(said: str) -> datetime | None:
    """Parse the time in an HTTP header, such as `Sun, 06 Nov 2022 08:49:37 GMT`; return None if it is invalid."""
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, OverflowError):
        return None
    return at.replace(tzinfo=at.tzinfo or UTC)


def parse_day(said: object) -> date | None:
    """Parse a day such as 2023-12-31; return None if it is invalid."""
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        return None


def check_fields(records: Iterable[Iterable[str]], needed: Collection[str], known: Collection[str]) -> tuple[str, ...]:
    """Check that records have the needed fields, and return notes about fields that the publisher does not document.

    Args:
        records: The records, or the names of their fields; records with the same fields are checked once.
        needed: The fields from which rows are built.
        known: Every other field that the publisher documents.

    Raises:
        Unusable: Of the kind `refused`, if a needed field is missing; the reason also lists new fields, one of which
            may be the missing field under a new name.
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
