"""The OECD and the WTO: the Balanced Trade in Services dataset (BaTIS), by pair, item of EBOPS 2010 and year.

An edition comes out each December with all years up to the previous one. Each edition estimates every year anew, so
editions are stored separately. Each cell has three values in million US$: the reported one, one completed and adjusted
(`final`), and one balanced between the two reporters.

The publishers offer no API, but one zipped CSV with every pair of 220 economies and groups, about fifty million lines.
It is read line by line, and only the rows of the economies in `bilateral.toml` are stored. A new edition has a new file
name.
"""

from __future__ import annotations

import csv
import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from typing import IO, Annotated

from dagster_project.settings import Description, Enabled, Pattern, Settings, SourceSettings, Window
from dagster_project.sources.declaration_files import read_api, read_dataset
from dagster_project.sources.declare import ParsedResponse, Request, Response, Unusable
from dagster_project.sources.responses import SHOWN, check_fields, check_status, decode_text, parse_http_date

BATIS = read_dataset("oecd_wto/batis")
WORLD = "W"
# The total of services, the twelve items that add up to it, and four sums of items; parts of items are left out.
ITEMS = (
    *("S", "SA", "SB", "SC", "SD", "SE", "SF", "SG", "SH", "SI", "SJ", "SK", "SL"),
    *("SOX", "SOX1", "SPX1", "SPX4"),
)
# The exceptions that libraries raise for an invalid zip, compressed stream, text or CSV.
BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, csv.Error, EOFError, OSError, ValueError)
# The most characters of a line; the longest real one has a few hundred.
LONGEST_LINE = 100_000
_EDITION = re.compile(r"BPM6_([A-Z][a-z]+)([0-9]{4})")


@dataclass(frozen=True, kw_only=True)
class OecdWto(SourceSettings):
    """OECD–WTO Balanced Trade in Services: one file with every pair, of half a gigabyte and fifty million rows."""

    enabled: Enabled = False
    file: Annotated[
        str, Pattern(r"^[\w.-]+$"), Description("The file's name at the OECD; a new edition has a new name.")
    ] = "OECD-WTO_BATIS_BPM6_December2025_bulk.zip"


def plan_requests(settings: Settings, _window: Window, _keyed: bool) -> Iterator[Request]:
    """Plan the request for the file; its `subject` names the economies whose rows are stored."""
    economies = settings.economies
    yield Request(
        dataset=BATIS.path,
        path=f"/{settings.get_source_settings(OecdWto).file}",
        subject="everyone" if settings.world else "+".join(economies),
        only={"reporter_code": economies, "partner_code": (*economies, WORLD), "item_code": ITEMS},
    )


def read_response(request: Request, response: Response) -> ParsedResponse:
    """Parse the file into the rows of the requested economies.

    The rows are an iterator, because the file is too large for memory. So an error in the middle of the file is raised
    only while the rows are iterated.

    Raises:
        Unusable: Of the kind `again` for HTML or an incomplete file, `refused` for another form, `nothing` if no row is
            about these economies.
    """
    check_status(response)
    modified = parse_http_date(response.headers.get("last-modified", ""))
    name, lines = _open_csv(request, response.content)
    with _check_whole():
        header = next(csv.reader([next(lines, "")]), [])
    notes = check_fields([header], BATIS.fields, BATIS.other_fields)
    rows = _select_rows(lines, header, request)
    first = next(rows, None)
    if first is None:
        raise Unusable("nothing", f"{name} has no row for {request.subject}")
    return ParsedResponse(
        chain([first], rows),
        published_at=modified.date() if modified else None,
        edition=_find_edition(name) or (f"{modified:%Y-%m}" if modified else None),
        notes=notes,
    )


def _open_csv(request: Request, content: bytes) -> tuple[str, Iterator[str]]:
    """Return the name and the lines of the CSV in a response, which is the CSV itself or a zip file with it."""
    if not content.startswith(b"PK"):
        # Decode only the start, to detect a page of HTML or an empty body; the rest is decoded while it is read.
        decode_text(Response(200, {}, content[: content.find(b"\n", 2000) + 1] or content))
        if not content.endswith(b"\n"):
            raise Unusable("again", "the CSV ends in the middle of a line")
        return request.path.rpartition("/")[2], _read_lines(io.BytesIO(content))
    with _check_whole():
        archive = zipfile.ZipFile(io.BytesIO(content))
        names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        if len(names) != 1:
            listed = ", ".join(names)[:SHOWN]
            raise Unusable("refused", f"a zip with {len(names)} CSV files; expected one: {listed}")
        return names[0], _read_lines(archive.open(names[0]))


def _read_lines(content: IO[bytes]) -> Iterator[str]:
    """Yield the lines of a file; split a line longer than `LONGEST_LINE`, so that `_select_rows` refuses the file."""
    return iter(partial(io.TextIOWrapper(content, encoding="utf-8-sig", newline="").readline, LONGEST_LINE), "")


def _select_rows(lines: Iterable[str], header: list[str], request: Request) -> Iterator[tuple[str | None, ...]]:
    places = [header.index(field) for field in BATIS.fields]
    wanted = [
        (place, frozenset(request.only[name]))
        for place, name in zip(places, BATIS.column_names, strict=True)
        if name in request.only
    ]
    with _check_whole():
        for row in csv.reader(lines):
            if len(row) != len(header):
                fault = f"a line has {len(row)} fields instead of {len(header)}, so the file is incomplete"
                raise Unusable("again", fault)
            if all(row[place] in values for place, values in wanted):
                yield tuple(row[place] or None for place in places)


@contextmanager
def _check_whole() -> Iterator[None]:
    """Convert the exceptions that libraries raise for an invalid file to `Unusable`."""
    try:
        yield
    except RuntimeError as error:
        # The zip is encrypted, or compressed by a method that Python does not know.
        raise Unusable("refused", f"the zip file cannot be opened: {error}") from error
    except BROKEN as error:
        raise Unusable("again", f"the file is incomplete or invalid: {error}") from error


def _find_edition(name: str) -> str | None:
    """Return the edition in a file's name, for example 2025-12 for `December2025`, or None if the name has none."""
    found = _EDITION.search(name)
    if not found:
        return None
    try:
        # A file's name has the whole name of the month or its first three letters (Jan2021).
        return f"{datetime.strptime(found[1][:3] + found[2], '%b%Y'):%Y-%m}"  # noqa: DTZ007 - a month
    except ValueError:
        return None


API = read_api("oecd_wto", settings=OecdWto, plan=plan_requests, read=read_response)
