"""SQL over a series finds firsts, records and ranks among partners."""

from __future__ import annotations

import re
from datetime import date

import duckdb
import pytest

from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import list_named_tables
from dagster_project.history import TradeFilter
from tests.claims.making_claims import judge, told

HISTORY = {
    "balance KOR CHN 2023 first_since deficit 1992": "supported",
    "balance KOR CHN 2023 first_since deficit 1994": "contradicted",
    "balance KOR CHN 2022 first_since deficit 1992": "contradicted",
    "balance KOR CHN 2023 first_in deficit 31 years": "supported",
    "무역수지 한국 중국 2023년 31년 만에 첫 적자": "supported",
    "balance KOR CHN 2023 first deficit since 1992": "supported",
    "balance KOR CHN 2023 = the first deficit since 1994": "contradicted",
    "trade deficit Korea China 2023 its first since 1992": "supported",
    "trade deficit KOR CHN 2023 first in 31 years": "supported",
    "무역수지 한국 중국 2023년 1992년 이후 첫 적자": "supported",
    "적자 한국 중국 2023년 31년 만에 처음": "supported",
    "적자 한국 중국 2023년 20년 만에 최초": "contradicted",
    "balance KOR CHN 2023 first ever deficit": "contradicted",
    "balance KOR CHN 2023 first_ever deficit": "contradicted",
    "balance KOR CHN 2013 record surplus": "supported",
    # A deficit is no surplus, however small; and no first one, whatever is not held before it.
    "balance KOR JPN 2023 record_since surplus 2002": "contradicted",
    "balance KOR JPN 2023 record surplus": "contradicted",
    "balance CHN KOR 2024 first_ever surplus": "contradicted",
    "balance KOR CHN 2018 record second surplus": "supported",
    "exports KOR CHN 2021 record": "supported",
    "exports KOR CHN 2024 record_since 2022": "supported",
    "balance KOR CHN 2025 streak third deficit": "supported",
    "exports_growth KOR CHN 2023-09 streak fell 16 months": "supported",
    "exports_growth KOR CHN 2023-09 streak fell 12 months": "contradicted",
    "balance KOR CHN 2013-2018 each surplus": "supported",
    "balance KOR CHN 2018-2023 each surplus": "contradicted",
    "exports KOR CHN 2013-2018 each rose": "contradicted",
    "exports KOR CHN 2023 streak fell 2": "supported",
    "balance KOR CHN 2018->2023 sign_change": "supported",
    "balance KOR CHN 2013->2018 sign_change": "contradicted",
    "trade deficit KOR CHN 2023 = $18bn": "supported_rounded",
    "적자 KOR JPN 2023 = 187억 달러": "supported_rounded",
    "exports KOR CHN 2023 fell": "supported",
    "exports KOR CHN 2018-2023 fell": "supported",
    "import_share CHN KOR 2010-2016 trend falling": "contradicted",
    "exports KOR CHN 1991->2021 = 162배": "supported_rounded",
    "exports KOR CHN 2022->2023 = fell by $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell by $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell by $124.8bn": "contradicted",
    "수출 한국 중국 2023년 = 310억 달러 감소": "supported_rounded",
    "수출 한국 중국 2023년 = 310억 달러 가량 하락": "supported",
    "수출 한국 중국 2023년 = 1248억 달러로 감소": "supported_rounded",
    "balance KOR CHN 2024 = deficit fell by $11.2bn": "supported_rounded",
    "balance KOR CHN 2022-2023 = -$16.8bn": "supported_rounded",
    "trade_rank KOR CHN 2023 = largest": "supported",
    "trade_rank KOR USA 2023 = largest": "contradicted",
    "exports KOR CHN 2023 = about 163 trillion won": "supported",
    "exports KOR CHN 2023 = 300 trillion won": "contradicted",
}


@pytest.mark.parametrize(("line", "verdict"), HISTORY.items())
def test_what_came_before_is_judged_without_sql(evaluator: Evaluator, line: str, verdict: str) -> None:
    assert told(judge(evaluator, line, names_reporter=(re.findall(r"[A-Z]{3}", line) or ["KOR"])[0]))[0] == verdict


def test_a_place_among_partners_is_looked_for_in_the_vintages_of_its_year(
    evaluator: Evaluator, one: duckdb.DuckDBPyConnection
) -> None:
    sql = (
        "select max(partner_trade_rank) from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'USA' and year = 2023"
    )
    korea, tables = TradeFilter(("KOR",)), list_named_tables(sql)
    found = evaluator.history.list_vintages(korea, date.min, tables, (2023, 2023))
    rows = one.execute(
        "select distinct known_from from core.goods_trade_observations "
        "where reporter_code = 'KOR' and year(period_start) = 2023"
    ).fetchall()
    assert {day for (day,) in rows} <= set(found) < set(evaluator.history.list_vintages(korea, date.min, tables))
