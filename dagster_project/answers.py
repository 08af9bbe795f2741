"""What the answers of all publishers have in common: statuses, JSON, XML, fields.

Here: telling a usable answer from an unusable one where no publisher has its own way. Not here: a publisher's own error
bodies (`sources`), and what is done about an unusable answer (`refresh`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dagster_project.sources import Answer, Unusable

if TYPE_CHECKING:
    from lxml.etree import _Element

# Statuses after which the same question may well be answered.
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
SHOWN = 200


def check_status(answer: Answer) -> None:
    """Passes an answer with status 200 on.

    Raises:
        Unusable: `again` for a status that passes, `key` for one that says who asks is unknown, `refused` for others.
    """
    if answer.status == 200:
        return
    said = _start(answer)
    if answer.status in PASSING:
        raise Unusable("again", f"HTTP {answer.status}{said}")
    raise Unusable("key" if answer.status in {401, 403} else "refused", f"HTTP {answer.status}{said}")


def text_of(answer: Answer) -> str:
    """The body as text: UTF-8, with or without a byte order mark.

    Raises:
        Unusable: It is empty, not UTF-8, or a page of HTML.
    """
    if not answer.content.strip():
        raise Unusable("again", "an empty body")
    try:
        text = answer.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable("again", f"a body that is not UTF-8: {error}") from error
    if text.lstrip()[:15].lower().startswith(("<!doctype html", "<html")):
        raise Unusable("again", f"a page of HTML where figures belong{_start(answer)}")
    return text


def json_of(answer: Answer) -> Any:
    """The body as JSON.

    Raises:
        Unusable: As `text_of`; or it is not whole JSON.
    """
    try:
        return json.loads(text_of(answer))
    except json.JSONDecodeError as error:
        raise Unusable("again", f"JSON that is cut or garbled: {error}") from error


def xml_of(answer: Answer) -> _Element:
    """The body's root element; external entities are never resolved.

    Raises:
        Unusable: As `text_of`; or it is not whole XML.
    """
    from lxml import etree

    text_of(answer)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        return etree.fromstring(answer.content.removeprefix(b"\xef\xbb\xbf"), parser)
    except etree.XMLSyntaxError as error:
        raise Unusable("again", f"XML that is cut or garbled: {error}") from error


def check_fields(
    found: Mapping[str, Any] | Iterable[str], needed: Collection[str], known: Collection[str]
) -> list[str]:
    """Notes on fields that were not there before.

    Args:
        found: The fields of a record.
        needed: The fields that rows are made of.
        known: Every field that the publisher documents.

    Raises:
        Unusable: `refused`, if a needed field is missing; a new one beside it may be the same under another name.
    """
    names = set(found)
    missing, new = sorted(set(needed) - names), sorted(names - set(known) - set(needed))
    if missing:
        also = f"; there are new ones, {', '.join(new)}" if new else ""
        raise Unusable("refused", f"the fields {', '.join(missing)} are missing{also}")
    return [f"new fields: {', '.join(new)}"] if new else []


def _start(answer: Answer) -> str:
    said = " ".join(answer.content[:SHOWN].decode("utf-8", "replace").split())
    return f": {said}" if said else ""
