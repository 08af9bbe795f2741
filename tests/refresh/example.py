"""An invented publisher with an API, for tests of behaviour that all publishers share.

Here: its declaration, and responses in its form. Not here: real publishers (`publishers`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from dagster_project import sources
from dagster_project.settings import Settings, Window
from dagster_project.snapshots import Licence, Manifest
from dagster_project.sources import Api, Key, ParsedResponse, Request, Response, Source, Unusable
from dagster_project.sources.responses import check_fields, check_status, parse_json
from tests.making import TRADE
from tests.refresh.server import Reply

FIELDS = ("partner", "year", "flow", "usd")
# One line a figure: partner, year, flow, US$.
FIGURES = (
    ("CHN", "2022", "export", "1200.5"),
    ("CHN", "2022", "import", "900"),
    ("CHN", "2023", "export", "1300"),
    ("CHN", "2023", "import", "1400"),
)


def plan(settings: Settings, window: Window, keyed: bool) -> Iterator[Request]:
    """Plan one request for each partner of Korea."""
    for partner in settings.list_partners("KOR"):
        if partner == "WLD":
            continue
        first, last = window(partner)
        yield Request(
            dataset=TRADE.path,
            path="/trade/{key}" if KEY.place == "path" else "/trade",
            subject=partner,
            query=(("partner", partner), ("years", f"{first.year}:{last.year}")),
            only={"partner_code": (partner,)},
            periods=(f"{first.year}", f"{last.year}"),
            period_column="year",
        )


def read(request: Request, response: Response) -> ParsedResponse:
    check_status(response)
    body = parse_json(response)
    if error := body.get("error"):
        raise Unusable(error["trouble"], error["message"])
    notes = check_fields(body["rows"], FIELDS, FIELDS)
    more: tuple[Request, ...] = ()
    if "next" in body:
        more = (replace(request, query=(*request.query[:2], ("page", str(body["next"])))),)
    return ParsedResponse(
        rows=[(row["partner"], row["year"], row["flow"], row["usd"], None, None, None) for row in body["rows"]],
        published_at=date.fromisoformat(body["published"]) if "published" in body else None,
        edition=body.get("edition"),
        notes=notes,
        more=more,
    )


KEY = Key(place="query", name="token", how="Ask its master.", required=False)
API = Api(
    base="https://example.org/api",
    plan=plan,
    read=read,
    per_second=2,
    max_bytes=100_000,
    licence=("CC0", "https://example.org/licence"),
    citation="An example",
    key=KEY,
    timeout=5,
)
SOURCE = Source(
    code="example",
    title="An example",
    publisher="Its master",
    homepage="https://example.org",
    datasets=(TRADE,),
    api=API,
    live=(TRADE.name,),
)


def register(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> Source:
    """Make the example the only source, with another `api` if one is given."""
    source = replace(SOURCE, api=replace(API, **changes))
    monkeypatch.setattr(sources, "list_sources", lambda: (source,))
    monkeypatch.setattr(sources, "list_datasets", lambda: (TRADE,))
    return source


def body(figures: tuple[tuple[str | None, ...], ...] = FIGURES, **more: Any) -> bytes:
    """Write the body of the publisher's response with these figures."""
    return json.dumps({"rows": [dict(zip(FIELDS, row, strict=True)) for row in figures], **more}).encode()


RIGHT = Reply(body(), headers={"Content-Type": "application/json"})
# What asks it about three partners.
THREE = 'pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA"]\n'


def answer_about(partner: str) -> Reply:
    """Write the right response about another partner."""
    return Reply(body(tuple((partner, *figure[1:]) for figure in FIGURES)))


def manifest(retrieved_at: datetime) -> Manifest:
    """Make the manifest of a response with `FIGURES`."""
    request = Request(TRADE.path, "/trade", "CHN", query=(("partner", "CHN"),))
    return Manifest(
        source=TRADE.source,
        dataset=TRADE.name,
        title=TRADE.title,
        url="https://example.org/api/trade?partner=CHN",
        parameters=request.parameters | {"headers": {"content-type": "application/json"}},
        retrieved_at=retrieved_at,
        known_from=retrieved_at.date(),
        obtained="made for a test",
        form="answer",
        file="answer.json",
        media_type="application/json",
        row_count=len(FIGURES),
        columns=[column.name for column in TRADE.columns],
        licence=Licence(*API.licence),
        citation=API.citation,
    )
