"""Answers of the published warehouse agree with figures that the publishers printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from dagster_project import publication
from dagster_project.project import Project

Select = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def select(published: duckdb.DuckDBPyConnection) -> Select:
    """Return the rows of a query on the published file."""
    return lambda sql, *values: published.execute(sql, values).fetchall()


BALANCE = """
    select balance_usd from marts.trade_balance_annual
    where reporter_code = 'KOR' and partner_code = 'CHN' and year = ?
"""


# KITA's balances with China as printed by hankyung.com, 28 March 2023 (million US$), and Korea Customs' for 1992.
@pytest.mark.parametrize(
    ("year", "printed_musd"),
    [(1992, -1_070.78), (2018, 55_636), (2019, 28_974), (2020, 23_680), (2021, 24_285), (2022, 1_213)],
)
def test_the_balance_is_the_printed_one(plain: Project, year: int, printed_musd: float) -> None:
    with publication.open_published(plain) as connection:
        ((balance,),) = connection.execute(BALANCE, [year]).fetchall()
    assert balance / 1e6 == pytest.approx(printed_musd, abs=1)


def test_the_surplus_of_2018_was_no_record(select: Select) -> None:
    """2013 was larger: exports 145.87bn less imports 83.05bn."""
    ranks: dict[int, int] = dict(
        select(
            "select year, surplus_rank from marts.trade_balance_annual "
            "where reporter_code = 'KOR' and partner_code = 'CHN' and surplus_rank <= 2"
        )
    )
    assert ranks == {2013: 1, 2018: 2}


def test_both_reporters_signs_are_shown_for_every_year_that_both_report(select: Select) -> None:
    rows = select(
        "select year, balance_reported_usd, balance_mirror_usd, signs_agree from marts.mirror_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'CHN' order by year"
    )
    years = {year for year, *_ in rows}
    assert set(range(1992, 2023)) <= years
    assert all(agree == ((reported > 0) == (mirror > 0)) for _, reported, mirror, agree in rows)
    # In 2018 both say that Korea had the surplus: China reported imports of 203.0bn and exports of about 109bn.
    assert {year: agree for year, _, _, agree in rows}[2018] is True


def test_services_are_57_per_cent_of_chinas_gdp_and_marked_as_derived(select: Select) -> None:
    """The World Bank's release of 1 July 2026 gives agriculture 6.798 and industry 36.371 per cent for 2024."""
    ((share, basis),) = select(
        "select share_pct, basis from marts.gdp_composition_annual "
        "where economy_code = 'CHN' and year = 2024 and component = 'services'"
    )
    assert share == pytest.approx(100 - 6.797574 - 36.371018, abs=1e-4)
    assert basis == "derived"


def test_a_share_is_answered_as_it_was_known_then(select: Select) -> None:
    sql = (
        "select round(share_pct, 3) from core.gdp_components_as_of(date '{}') "
        "where economy_code = 'CHN' and year = 2024 and component = 'agriculture'"
    )
    assert select(sql.format("2026-05-15")) == [(6.776,)]
    assert select(sql.format("2026-08-01")) == [(6.798,)]


def test_chinas_travel_imports_from_korea_fall_in_2017(select: Select) -> None:
    """OECD-WTO BaTIS, edition of 2022, balanced: 8,173m and 5,577m."""
    values: dict[int, float] = dict(
        select(
            "select year, value_usd from marts.services_trade_annual "
            "where reporter_code = 'CHN' and partner_code = 'KOR' and flow = 'import' "
            "and service_item_code = 'SD' and value_basis = 'balanced' and year in (2016, 2017)"
        )
    )
    assert {year: round(value / 1e6) for year, value in values.items()} == {2016: 8173, 2017: 5577}


def test_the_bad_month_is_seen_flagged_and_out_of_the_marts_with_every_partner(select: Select) -> None:
    """In the IMF's panel April 2017 is 9 to 10 per cent off the customs figures, which the mart shows."""
    corrected = select(
        "select flow, count(*), count(correction_id) from core.goods_trade_observations where source = 'imf' and "
        "reporter_code = 'KOR' and frequency = 'M' and period_start = date '2017-04-01' group by flow"
    )
    assert sorted(corrected) == [("export", 14, 14), ("import", 14, 14)]
    months = select(
        "select distinct partner_code, source from core.goods_trade_monthly "
        "where reporter_code = 'KOR' and period_start = date '2017-04-01'"
    )
    assert months == [("CHN", "kosis")]
    # What partners report of Korea is another reporter's figure.
    (others,) = select(
        "select count(distinct reporter_code), count(correction_id) from core.goods_trade_observations "
        "where source = 'imf' and partner_code = 'KOR' and period_start = date '2017-04-01'"
    )
    assert others == (14, 0)
    # Korea's imports from Russia of 2017 are held from no other source, so the year has no figure.
    summed = select(
        "select 1 from core.goods_trade_annual_candidates where reporter_code = 'KOR' and source = 'imf' "
        "and year(period_start) = 2017"
    )
    assert not summed
    ((exports,),) = select(
        "select exports_usd from marts.trade_balance_monthly where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and period_start = date '2017-04-01'"
    )
    assert exports == 10_589_664_000


def test_the_world_is_never_a_partner(select: Select) -> None:
    tables = (
        "core.goods_trade_annual",
        "core.goods_trade_monthly",
        "marts.trade_balance_annual",
        "marts.mirror_trade_annual",
    )
    for table in tables:
        aggregates = select(
            f"select count(*) from {table} as t join core.economies as e on t.partner_code = e.economy_code "
            "where e.is_aggregate"
        )
        assert aggregates == [(0,)], table


def test_figures_that_exist_only_in_prose_are_kept_apart(select: Select) -> None:
    """China's minister named a deficit of 35.3bn with Korea in 2024 (KBS); the press, 10.4bn to November 2025."""
    printed = select(
        "select reporter_code, value / 1e9 from core.published_figures "
        "where metric = 'goods_balance' and round(abs(value) / 1e9, 1) in (35.3, 10.4) order by 1"
    )
    assert printed == [("CHN", -35.3), ("KOR", -10.4)]


def test_the_file_has_only_its_four_schemas_and_documents_every_column(select: Select) -> None:
    schemas = select("select distinct schema_name from duckdb_tables() where database_name = current_database()")
    assert {name for (name,) in schemas} == {"staging", "core", "marts", "meta"}
    undocumented = select(
        "select c.schema_name, c.table_name, c.column_name from duckdb_columns() as c "
        "left join meta.columns as d using (schema_name, table_name, column_name) "
        "where c.database_name = current_database() and (d.column_name is null or c.comment is null)"
    )
    assert undocumented == []


def test_no_local_path_is_in_the_file(built: Project) -> None:
    assert str(built.warehouse).encode() not in built.published_file.read_bytes()
