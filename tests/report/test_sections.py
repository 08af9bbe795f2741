"""Sections on the balance follow from the marts."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import pytest

from dagster_project.database import fetch_records
from dagster_project.project import Project
from dagster_project.report import sections
from dagster_project.report.pair import Pair


def test_both_sides_and_what_freight_explains_follow_from_the_marts(
    built: Project, published: duckdb.DuckDBPyConnection
) -> None:
    section = sections.write_partner_statistics(Pair(built, published, "KOR", "CHN"))
    assert section is not None
    (table,) = section.tables
    pair = "reporter_code = 'KOR' and partner_code = 'CHN'"
    balances, mirror = (
        {row["year"]: row for row in fetch_records(published, f"from marts.{mart} where {pair}")}
        for mart in ("trade_balance_annual", "mirror_balance_annual")
    )
    assert len(table.rows) > 30
    # China's figure of 2023 is only quoted.
    (picture,) = section.pictures
    assert picture.source.endswith("; China Customs, in an encyclopedia's table (as printed, for 2023)")
    assert picture.key == {"hollow": "Hollow dot: figure known only from print."}
    assert all(svg.count('class="second hollow"') == 1 for svg in picture.svgs.values())
    for row in table.rows:
        held = balances[row["year"]]
        most = 1.2 * held["exports_usd"] - held["imports_usd"] / 1.2
        assert row["band_high_usd"] == pytest.approx(most, rel=1e-9)
        if one := mirror.get(row["year"]):
            assert row["gap_usd"] == pytest.approx(one["gap_usd"], rel=1e-9)
            assert row["is_explained"] == (held["balance_usd"] <= one["balance_mirror_usd"] <= most)
            assert row["signs_agree"] == one["signs_agree"]


@pytest.mark.long
def test_the_year_in_progress_is_forecast_apart_from_figures(
    built: Project, published: duckdb.DuckDBPyConnection
) -> None:
    section = sections.write_year_in_progress(Pair(built, published, "KOR", "CHN"))
    assert section is not None
    forecasts, record = section.tables
    held = fetch_records(
        published,
        "from marts.year_nowcasts where reporter_code = 'KOR' and partner_code = 'CHN' and is_open "
        "order by origin_month, series",
    )
    assert len(held) == len(forecasts.rows) == len(record.rows) == 21
    assert sorted(row["nowcast_usd"] for row in forecasts.rows) == sorted(row["nowcast_usd"] for row in held)
    # A forecast has no ID, so that it cannot be cited as a figure.
    assert not forecasts.figures
    assert section.pictures[0].source == "Sources: Korea Customs Service; calculation by Bilateral"
    # The interval, 24.2 to 44.0, allows no decimal.
    assert section.pictures[0].title.endswith("trade surplus of about US$34bn with China")
    assert all(f">{text}</text>" in section.pictures[0].svgs["narrow"] for text in ("24", "34", "44"))
    assert {row["interval_count"] for row in record.rows} == {15}
    assert sections.write_year_in_progress(Pair(built, published, "KOR", "VNM")) is None


@pytest.mark.long
def test_a_forecast_without_an_interval_is_drawn(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    pair = Pair(built, published, "KOR", "CHN")
    answer = pair.ask_question("year_in_progress")
    bare = [dict(row) | {"low_usd": None, "high_usd": None} for row in answer.rows]
    pair.answers["year_in_progress"] = replace(answer, rows=bare)
    section = sections.write_year_in_progress(pair)
    assert section is not None
    (picture,) = section.pictures
    assert picture.subtitle.startswith("Forecasts of the whole year's goods balance, made with the figures up to")
    assert picture.title.endswith("trade surplus of about US$34.1bn with China")


def test_the_duty_on_the_partner_alone_is_drawn(
    built: Project, published: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = Pair(built, published, "USA", "CHN")
    answer = pair.ask_question("duty_charged", from_year=sections.SINCE)
    alone = replace(answer, rows=[dict(row) | {"world_duty_rate_pct": None} for row in answer.rows])
    pair.ask_question("origins")
    found = {**pair.answers, "duty_charged": alone}
    monkeypatch.setattr(Pair, "ask_question", lambda _pair, name, **_more: found.get(name, answer))
    section = sections.write_duties(pair)
    assert section is not None
    assert section.pictures[0].title == "Duty charged on imports from China, in per cent of their value"
