"""US trade with China as the Census Bureau prints it: months, years, vintages, valuations and China's figures."""

from __future__ import annotations

import duckdb
import pytest

PAIR = "reporter_code = 'USA' and partner_code = 'CHN'"
BALANCE = "sum(case flow when 'export' then value_usd else -value_usd end) / 1e9"


def test_there_are_304_months_of_both_flows_without_a_gap(published: duckdb.DuckDBPyConnection) -> None:
    sql = f"""
        select flow, count(distinct period_start), date_diff('month', min(period_start), max(period_start)) + 1
        from core.goods_trade_monthly where {PAIR} and source = 'us_census' group by flow order by flow
    """
    assert published.sql(sql).fetchall() == [("export", 304, 304), ("import", 304, 304)]


def test_the_years_are_those_that_american_papers_print(published: duckdb.DuckDBPyConnection) -> None:
    """2018 is the record; 2022 is none, and its months of several prints make no year of 2024."""
    sql = f"select year, balance_usd / 1e9, valuation from marts.trade_balance_annual where {PAIR} order by balance_usd"
    found = published.sql(sql).fetchall()
    assert {valuation for *_, valuation in found} == {"FOB-CUSTOMS"}
    balances = {year: round(balance, 1) for year, balance, _ in found}
    assert found[0][0] == 2018
    assert [balances[year] for year in (2018, 2022, 2023, 2024, 2025)] == [-418.2, -382.3, -279.6, -297.0, -202.7]


@pytest.mark.parametrize(
    ("day", "november", "year_2024", "year_2025"),
    [
        ("2026-02-10", 20_950.7, -295_515.4, None),
        ("2026-03-25", 20_950.7, -295_515.4, -202_071.5),
        ("2026-06-17", 20_641.4, -297_047.7, -202_673.8),
    ],
)
def test_each_print_is_what_was_known_on_its_day(
    published: duckdb.DuckDBPyConnection, day: str, november: float, year_2024: float, year_2025: float | None
) -> None:
    known = (
        f"from core.goods_trade_as_of(date '{day}') where {PAIR} and source = 'us_census' and product_code = 'TOTAL'"
    )
    month = f"select value_usd / 1e6 {known} and flow = 'import' and period_start = date '2025-11-01'"
    assert published.sql(month).fetchall() == [(pytest.approx(november),)]
    years = f"select year(period_start), 1e3 * {BALANCE} {known} and frequency = 'A' group by all"
    found = dict(published.sql(years).fetchall())
    assert (
        [found.get(2024), found.get(2025)] == pytest.approx([year_2024, year_2025], abs=0.2)
        if year_2025
        else [
            pytest.approx(year_2024, abs=0.2),
            None,
        ]
    )


def test_what_the_last_print_lacks_is_missing_in_it_and_not_unchanged(published: duckdb.DuckDBPyConnection) -> None:
    """The four months of 2024 are known from the print before, so the twelve are of two prints and make no year."""
    months = f"""
        select month(period_start) from core.goods_trade_monthly inner join meta.snapshots using (snapshot_id)
        where {PAIR} and flow = 'import' and year(period_start) = 2024 and known_from < date '2026-06-17' order by 1
    """
    assert [month for (month,) in published.sql(months).fetchall()] == [2, 4, 8, 12]
    bases = f"""
        select distinct basis from core.goods_trade_annual_candidates
        where {PAIR} and flow = 'import' and year(period_start) = 2024
    """
    assert published.sql(bases).fetchall() == [("published",)]


def test_the_gap_to_china_is_taken_apart_in_every_year(published: duckdb.DuckDBPyConnection) -> None:
    sql = """
        select year, gap_usd / 1e9, freight_usd / 1e9, entrepot_bound_usd / 1e9, entrepot_basis
        from marts.mirror_gap_annual
        where importer_code = 'USA' and exporter_code = 'CHN' and year between 2001 and 2023 order by year
    """
    found = {year: rest for year, *rest in published.sql(sql).fetchall()}
    assert list(found) == [*range(2001, 2024)]
    assert found[2018] == [
        pytest.approx(59.2, abs=0.1),
        pytest.approx(24.7, abs=0.1),
        pytest.approx(45.9, abs=0.1),
        "all_trade",
    ]
    assert all(basis == "all_trade" for *_, basis in found.values())
