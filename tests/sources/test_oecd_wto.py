"""The request to the OECD, and the rows read from its bulk file."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from dagster_project.sources import ParsedResponse, Request, Response, Unusable, oecd_wto
from tests.refresh.publishers.oecd_wto import FILE, HEADER, LINES, RIGHT, packed, table
from tests.sources.asked import settings


def asked(**values: Any) -> Request:
    (only,) = oecd_wto.plan_requests(settings(**values), lambda subject: (date(1900, 1, 1), date(2026, 9, 20)), False)
    return only


def reading(content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> ParsedResponse:
    return oecd_wto.read_response(asked(), Response(status, headers or {}, content))


def trouble(content: bytes, status: int = 200) -> tuple[str, str]:
    with pytest.raises(Unusable) as unusable:
        list(reading(content, status).rows)
    return unusable.value.trouble, unusable.value.reason


def test_one_file_is_asked_for_with_the_economies_of_the_configuration() -> None:
    assert asked(donors=["USA", "WLD"]) == Request(
        dataset="oecd_wto/batis",
        path=f"/{FILE}.zip",
        subject="KOR+CHN+USA",
        only={
            "reporter_code": ("KOR", "CHN", "USA"),
            "partner_code": ("KOR", "CHN", "USA", "W"),
            "item_code": oecd_wto.ITEMS,
        },
    )


def test_a_new_edition_is_a_new_name_in_the_configuration() -> None:
    assert asked(oecd_wto={"file": "OECD-WTO_BATIS_BPM6_December2026_bulk.zip"}).path.endswith("December2026_bulk.zip")
    with pytest.raises(ValidationError):
        asked(oecd_wto={"file": "../secret"})


def test_it_is_off_until_it_is_turned_on() -> None:
    assert not settings().get_source_settings(oecd_wto.OecdWto).enabled


def test_the_rows_asked_for_are_taken_and_no_group_but_the_world() -> None:
    assert list(reading(RIGHT).rows) == [
        ("KOR", "W", "EXP", "S", "2019", "103838.9", "103838.9", "R_NAT", "89096"),
        ("KOR", "CHN", "EXP", "S", "2019", "20338.4", "20338.4", "R_NAT", "18000.123456"),
        ("CHN", "KOR", "IMP", "S", "2019", None, "17000.5", "E3", "18000.123456"),
    ]


def test_a_plain_file_changes_nothing() -> None:
    assert list(reading(table()).rows) == list(reading(RIGHT).rows)


def test_columns_are_found_by_name() -> None:
    turned = [",".join(reversed(line.split(","))) for line in (HEADER, *LINES)]
    assert list(reading(table(turned[1:], turned[0])).rows) == list(reading(RIGHT).rows)


@pytest.mark.parametrize(
    ("name", "modified", "edition", "published"),
    [
        (f"{FILE}.csv", None, "2025-12", None),
        (f"{FILE}.csv", "Mon, 15 Dec 2025 08:24:17 GMT", "2025-12", date(2025, 12, 15)),
        ("OECD-WTO_BATIS_BPM6_Jan2021_bulk.csv", None, "2021-01", None),
        ("OECD-WTO_BATIS_data.csv", "Wed, 22 Apr 2026 19:59:32 GMT", "2026-04", date(2026, 4, 22)),
        ("BPM6_Nonsense2021.csv", "yesterday", None, None),
    ],
)
def test_an_edition_is_known_by_the_name_or_by_the_day_of_the_file(
    name: str, modified: str | None, edition: str | None, published: date | None
) -> None:
    found = reading(packed(table(), name), headers={"last-modified": modified} if modified else {})
    assert (found.edition, found.published_at) == (edition, published)


def test_a_plain_files_edition_is_that_of_the_address() -> None:
    assert reading(table()).edition == "2025-12"


@pytest.mark.parametrize(
    ("content", "status", "expected", "said"),
    [
        (packed(table(header=HEADER.replace("Methodology", "Final_value_methodology"))), 200, "refused", "Methodology"),
        (packed(table(), f"{FILE}.csv", "other.csv"), 200, "refused", "2 CSV files"),
        (packed(table(), "readme.txt"), 200, "refused", "0 CSV files"),
        (packed(b""), 200, "refused", "are missing"),
        (table()[:-3], 200, "again", "ends in the middle of a line"),
        (packed(table() + b"KOR,c,CHN\r\n"), 200, "again", "a line has 3 fields"),
        (packed(table() + b"\xff\xfe,\r\n"), 200, "again", "incomplete or invalid"),
        (b"", 503, "again", "HTTP 503"),
    ],
)
def test_a_file_of_another_form_is_told_apart(content: bytes, status: int, expected: str, said: str) -> None:
    found, reason = trouble(content, status)
    assert found == expected
    assert said in reason


def test_a_zip_that_is_garbled_in_its_middle_raises_while_its_rows_are_taken() -> None:
    lines = [f"KOR,c,CHN,c,EXP,S,s,2019,{n},{n * 7919 % 9973},R_NAT,{n * 104729 % 99991}" for n in range(20_000)]
    content = bytearray(packed(table(lines)))
    content[len(content) // 2] ^= 0xFF
    rows = iter(reading(bytes(content)).rows)
    assert next(rows)[5] == "0"
    with pytest.raises(Unusable) as unusable:
        list(rows)
    assert unusable.value.trouble == "again"


def test_a_file_is_read_without_being_held() -> None:
    """Twenty thousand lines of other pairs, more than a megabyte, leave a few hundred kilobytes in memory."""

    def lines() -> Iterator[bytes]:
        yield f"{HEADER}\r\n".encode()
        for _ in range(20_000):
            yield b"FRA,c,DEU,c,EXP,S,s,2019,1.234567,1.234567,R_OECD,1.234567\r\n"
        yield f"{LINES[0]}\r\n".encode()

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(f"{FILE}.csv", "w") as member:
        member.writelines(lines())
    content = stream.getvalue()
    tracemalloc.start()
    try:
        assert len(list(reading(content).rows)) == 1
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 600_000
