"""A year is forecast by the mean of three, scored when it has closed, and withheld if the ledger was altered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from benchmarks.seasonal_models import render_tables
from dagster_project.analysis import ledger, read_columns
from dagster_project.project import Project
from dagster_project.reference.rows import Rows
from tests.analysis.test_ledger import project
from tests.sql.bench import Bench, Engine

__all__ = ["project"]


@pytest.fixture
def bench() -> Iterator[Bench]:
    with Engine() as engine:
        yield Bench(engine)


def compute(bench: Bench, name: str, rows: list[list[Any]]) -> None:
    bench.engine.write_rows(f"analysis.{name}", Rows(name, read_columns(name), rows))
    bench.tables.add(f"analysis.{name}")


def trade(bench: Bench, last: str) -> None:
    """Give ten years of exports of 10, 11, 12 … a month that grow by a tenth a year, and imports of half as much."""
    months = list(pd.period_range("2015-01", last, freq="M"))
    lines = [
        f"KOR CHN {flow} {p}-01 {share * (10 + p.month) * 1.1 ** (p.year - 2015)} false k"
        for p in months
        for flow, share in (("export", 1e9), ("import", 5e8))
    ]
    columns = "reporter_code partner_code flow period_start value_usd is_joint_month snapshot_id"
    bench.given("core.goods_trade_monthly", "\n".join([columns, *lines]))
    rests = [
        ["KOR", "CHN", flow, p.to_timestamp().date(), "h", 1e9 * (12 - p.month)]
        for p in months
        for flow in ("export", "import")
        if p.month < 12
    ]
    compute(bench, "airline_forecasts", rests)


def test_a_year_is_forecast_by_the_mean_of_three(bench: Bench) -> None:
    trade(bench, "2026-06")
    compute(bench, "sealed_forecasts", [])
    bench.run("marts.year_nowcasts")
    (row,) = bench.ask("""
        select year_to_date_usd, seasonal_naive_usd, ytd_growth_usd, airline_usd, nowcast_usd, interval_years,
            actual_usd
        from marts.year_nowcasts where series = 'exports' and is_open and origin_month = 6
    """)
    before, now = sum(10 + m for m in range(1, 13)) * 1e9 * 1.1**10, sum(10 + m for m in range(1, 7)) * 1e9 * 1.1**11
    naive = now + before - now / 1.1
    expected = [now, naive, before * 1.1, now + 6e9]
    assert row[:4] == pytest.approx(expected)
    assert row[4] == pytest.approx(sum(expected[1:]) / 3)
    # 2016 to 2025 have a year before them.
    assert row[5:] == (10, None)
    errors = pd.Series(
        [
            abs(np.log(nowcast / actual))
            for nowcast, actual in bench.ask(
                "select nowcast_usd, actual_usd from marts.year_nowcasts "
                "where series = 'exports' and not is_open and origin_month = 6"
            )
        ]
    )
    (interval,) = bench.ask(
        "select low_usd, high_usd from marts.year_nowcasts where series = 'exports' and is_open and origin_month = 6"
    )
    width = np.exp(errors.quantile(0.8))
    assert interval == pytest.approx((row[4] / width, row[4] * width))
    assert bench.ask("""
        select bool_and((low_usd is null) = (year < 2024)) from marts.year_nowcasts where series = 'balance'
    """) == [(True,)]


def seal_year(bench: Bench, project: Project) -> None:
    """Forecast, publish and seal, as a build does."""
    compute(bench, "sealed_forecasts", list(ledger.compute_rows(None, project)))  # type: ignore[arg-type]
    for model in ("marts.year_nowcasts", "marts.nowcast_record", "marts.sealed_forecasts"):
        bench.run(model)
    project.published_file.unlink(missing_ok=True)
    columns = ", ".join(("entry", *ledger.FIELDS))
    rows = bench.ask(f"select {columns} from marts.sealed_forecasts")
    with duckdb.connect(str(project.published_file)) as file:
        kinds = ", ".join(
            f"{name} {kind}" for name, kind in read_columns("sealed_forecasts").items() if name in columns
        )
        file.execute(f"create schema marts; create table marts.sealed_forecasts ({kinds})")
        values = ", ".join("?" * len(ledger.FIELDS))
        file.executemany(f"insert into marts.sealed_forecasts ({columns}) values (?, {values})", rows)
    ledger.seal_forecasts(project)


def test_a_sealed_forecast_is_scored_once_its_year_has_closed(bench: Bench, project: Project) -> None:
    trade(bench, "2026-06")
    seal_year(bench, project)
    content = bench.ask("from marts.sealed_forecasts order by entry")
    # A build of the same figures publishes the same and seals nothing, although the ledger is another input by now.
    sealed = project.sealed_forecasts.read_text()
    seal_year(bench, project)
    assert bench.ask("from marts.sealed_forecasts order by entry") == content
    assert project.sealed_forecasts.read_text() == sealed
    assert len(ledger.read_ledger(project)) == 3
    trade(bench, "2026-12")
    seal_year(bench, project)
    scored = bench.ask(
        "select series, status, nowcast_usd, actual_usd, error_pct from marts.sealed_forecasts order by 1"
    )
    actual = 198e9 * 1.1**11
    assert [row[:2] for row in scored] == [("balance", "scored"), ("exports", "scored"), ("imports", "scored")]
    assert scored[1][3] == pytest.approx(actual)
    assert scored[1][4] == pytest.approx(100 * (scored[1][2] / actual - 1))
    assert scored[0][4] == pytest.approx(100 * (scored[0][2] - actual / 2) / (1.5 * actual))


def test_an_altered_forecast_withholds_forecasts_and_their_record(bench: Bench, project: Project) -> None:
    trade(bench, "2026-06")
    seal_year(bench, project)
    lines = [json.loads(line) for line in project.sealed_forecasts.read_text().splitlines()]
    lines[1]["nowcast_usd"] += 1
    project.sealed_forecasts.write_text("\n".join(map(json.dumps, lines)))
    seal_year(bench, project)
    assert bench.ask("select count(*) from marts.year_nowcasts") == [(0,)]
    assert bench.ask("select count(*) from marts.nowcast_record") == [(0,)]
    assert bench.ask("select entry, status, reason from marts.sealed_forecasts") == [
        (0, "altered", "Entry 2 of forecasts.jsonl in archive/ was altered.")
    ]


@pytest.mark.long
def test_the_record_is_that_of_pandas(published: duckdb.DuckDBPyConnection) -> None:
    """Seasonal naive, year-to-date growth, their mean with the stored airline forecasts, and intervals, in pandas."""
    months = published.execute("""
        select flow, period_start, value_usd from core.goods_trade_monthly
        where reporter_code = 'KOR' and partner_code = 'CHN' order by period_start
    """).df()
    stored = pd.read_csv(Project.find().reference / "airline_forecasts.csv", parse_dates=["period_start"])
    for flow in ("export", "import"):
        values = months[months.flow == flow].set_index("period_start").value_usd
        index = pd.DatetimeIndex(values.index)
        years = values.groupby([index.year, index.month]).sum().unstack()
        rests = stored[(stored.reporter_code == "KOR") & (stored.partner_code == "CHN") & (stored.flow == flow)]
        rest = rests.set_index("period_start").rest_usd
        for origin in (2, 6, 9):
            to_date, total = years.loc[:, :origin].sum(axis=1, skipna=False), years.sum(axis=1, skipna=False)
            airline = to_date + pd.Series({y: rest.get(pd.Timestamp(y, origin, 1), np.nan) for y in years.index})
            models = pd.DataFrame(
                {
                    "naive": to_date + (total - to_date).shift(),
                    "growth": total.shift() * to_date / to_date.shift(),
                    "airline": airline,
                }
            )
            models["mean"] = models.mean(axis=1, skipna=False)
            errors = (models["mean"] / total).dropna().transform(np.log).abs()
            width = pd.Series({y: errors.loc[: y - 1].quantile(0.8) for y in range(2011, 2026)})
            errors = errors.loc[2011:2025]
            off = 100 * models.div(total, axis=0).sub(1).abs().loc[2011:2025].mean()
            row = published.execute(
                """
                select mape_pct, seasonal_naive_mape_pct, ytd_growth_mape_pct, airline_mape_pct, hit_count, origin_count
                from marts.nowcast_record
                where reporter_code = 'KOR' and partner_code = 'CHN' and series = ? and origin_month = ?
                """,
                [f"{flow}s", origin],
            ).fetchone()
            assert row == pytest.approx((*off[["mean", "naive", "growth", "airline"]], (errors <= width).sum(), 15))


@pytest.mark.long
def test_the_mean_is_as_good_as_was_asked(published: duckdb.DuckDBPyConnection) -> None:
    most = {("exports", 2): 4.5, ("exports", 6): 2.8, ("exports", 9): 1.7}
    most |= {("imports", 2): 5.2, ("imports", 6): 2.6, ("imports", 9): 1.7}
    rows = published.execute("""
        select series, origin_month, mape_pct, better_naive_mape_pct, first_year, last_year, hit_count, interval_count
        from marts.nowcast_record
        where reporter_code = 'KOR' and partner_code = 'CHN' and series != 'balance'
    """).fetchall()
    assert len(rows) == 22
    for series, month, mape, naive, *years, hits, count in rows:
        assert years == [2011, 2025]
        assert (hits >= 9, count) == (True, 15)
        if (series, month) in most:
            assert mape <= most[series, month]
            assert mape < naive
    assert 0.70 <= sum(row[-2] for row in rows) / sum(row[-1] for row in rows) <= 0.93


def test_first_prints_are_held_against_later_ones(bench: Bench) -> None:
    """Two months in two prints 70 days apart, one of them revised; a month that was old when first seen is apart."""
    bench.given(
        "reference.snapshots",
        """
        snapshot_id known_from retrieved_at
        a           2026-02-01 2026-02-01
        b           2026-04-12 2026-04-12
        """,
    )
    shared = {"source": "us_census", "dataset": "goods_monthly", "reporter_code": "USA", "frequency": "M"}
    bench.given(
        "staging.us_census__goods_monthly",
        """
        partner_code flow   period_start value_usd snapshot_id
        CHN          export 2025-11-01   100       a
        CHN          export 2025-11-01   98        b
        KOR          export 2025-12-01   50        a
        KOR          export 2025-12-01   50        b
        CHN          export 2024-01-01   200       a
        CHN          export 2024-01-01   201       b
        CHN          export 2026-01-01   7         b
        """,
        **shared,
    )
    others = ("kosis__goods_monthly", "us_census__goods_annual", "worldbank__wdi", "jp_mof__goods_annual_commodities")
    for other in others:
        bench.given(f"staging.{other}")
    bench.run("marts.revision_record")
    assert bench.ask("""
        select is_first_print, horizon, case_count, revised_count, up_count, partner_count, round(mean_revision_pct, 6),
            round(mean_absolute_revision_pct, 6), revision_kind
        from marts.revision_record order by is_first_print desc
    """) == [(True, "quarter", 2, 1, 0, 2, -1.0, 1.0, "too_few"), (False, "quarter", 1, 1, 1, 1, 0.5, 0.5, "too_few")]


@pytest.mark.long
def test_the_page_on_methods_has_the_record_as_it_is(published: duckdb.DuckDBPyConnection) -> None:
    """`python -m benchmarks.seasonal_models --record` writes the tables anew."""
    page = (Project.find().root / "docs" / "methods.md").read_text(encoding="utf-8")
    assert [name for name, table in render_tables(published).items() if table not in page] == []


def test_a_year_is_forecast_from_what_was_printed_then(bench: Bench) -> None:
    """Half a year of 60 after 50, and a year of 100 as known then, which is 104 today; the year became 110."""
    bench.given(
        "reference.snapshots",
        """
        snapshot_id known_from retrieved_at
        a           2021-07-20 2021-07-20
        b           2022-01-25 2022-01-25
        c           2022-07-20 2022-07-20
        d           2023-01-25 2023-01-25
        """,
    )
    bench.given(
        "staging.jp_mof__goods_annual_commodities",
        """
        period_start value_ytd_jpy snapshot_id
        2021-06-01   50            a
        2021-12-01   100           b
        2021-12-01   100           c
        2022-06-01   60            c
        2021-12-01   104           d
        2022-12-01   110           d
        """,
        reporter_code="JPN",
        partner_code="CHN",
        flow="export",
        level=0,
    )
    bench.run("marts.nowcasts_as_known")
    (row,) = bench.ask("""
        select year, origin_month, known_from, seasonal_naive_jpy, ytd_growth_jpy, nowcast_jpy, nowcast_today_jpy,
            actual_jpy, error_pct
        from marts.nowcasts_as_known
    """)
    assert row[:3] == (2022, 6, date(2022, 7, 20))
    assert row[3:] == pytest.approx((110, 120, 115, (60 + 104 - 50 + 104 * 60 / 50) / 2, 110, 100 * 5 / 110))
