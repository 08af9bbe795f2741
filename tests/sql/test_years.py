"""Years printed in an economy's own currency, and their US$ at the average rate of the year."""

from __future__ import annotations

from datetime import date

from tests.sql.bench import Bench

SNAPSHOTS = """
    snapshot_id known_from retrieved_at
    november    2024-12-26 2024-12-26
    december    2025-01-30 2025-01-30
    march       2025-03-20 2025-03-20
    final       2025-11-27 2025-11-27
    early       2025-07-01 2025-07-01
    rates       2026-07-01 2026-07-01
"""
GOODS = {
    "source": "jp_mof",
    "dataset": "goods_annual_commodities",
    "reporter_code": "JPN",
    "partner_code": "KOR",
    "flow": "export",
    "currency_code": "JPY",
    "rate_basis": "year_average",
    "valuation": "FOB",
    "coverage": "complete",
}


def convert_prints(bench: Bench, printed: str, rates: str) -> None:
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.given("reference.publishers", "source dataset closes_in_month\njp_mof goods_annual_commodities 10")
    bench.given("staging.worldbank__wdi", rates, indicator_code="PA.NUS.FCRF", economy_code="JPN", year="2024")
    bench.run("core.macro_indicators_observations")
    bench.given("staging.jp_mof__goods_annual_commodities", printed, **GOODS)
    bench.engine.connection.execute(
        "update staging.jp_mof__goods_annual_commodities set period_end = last_day(period_start)"
    )
    bench.run("core.goods_trade_national_currency")


PRINTS = """
    classification product_code level period_start value_ytd_jpy snapshot_id
    TOTAL          TOTAL        0     2024-11-01   1100          november
    TOTAL          TOTAL        0     2024-12-01   1200          december
    TOTAL          TOTAL        0     2024-12-01   1190          march
    TOTAL          TOTAL        0     2024-12-01   1190          final
    JP_PC          7            1     2024-12-01   600           december
"""


def test_a_year_is_decembers_print_and_has_dollars_once_its_average_rate_is_known(bench: Bench) -> None:
    convert_prints(bench, PRINTS, "value snapshot_id\n100 rates\n")
    bench.check("""
        expect core.goods_trade_national_currency where frequency = 'A'
        product_code published_value value_usd rate_date  observation_status known_from known_to   snapshot_id
        TOTAL        1200            -         -          P                  2025-01-30 2025-03-20 december
        TOTAL        1190            -         -          P                  2025-03-20 2025-11-27 march
        TOTAL        1190            -         -          A                  2025-11-27 2026-07-01 final
        TOTAL        1190            11.9      2024-12-31 A                  2026-07-01 -          final
        7            600             -         -          P                  2025-01-30 2026-07-01 december
        7            600             6         2024-12-31 P                  2026-07-01 -          december
    """)
    assert bench.ask(
        "select product_code, value_usd, known_from from core.goods_trade_observations where frequency = 'A' order by 1"
    ) == [("7", 6, date(2026, 7, 1)), ("TOTAL", 11.9, date(2026, 7, 1))]
    bench.given("core.economies", "economy_code is_aggregate\nKOR false")
    bench.given(
        "core.source_precedence",
        "metric frequency source dataset basis\ngoods_total A jp_mof goods_annual_commodities published",
        reporter_code="JPN",
        flow="export",
        valid_from_year=2000,
        valid_to_year=2030,
    )
    bench.check("""
        expect core.goods_trade_annual_candidates
        value_usd known_from snapshot_ids    rate_date
        11.9      2026-07-01 'final, rates' 2024-12-31
    """)


def test_a_rate_known_before_a_revision_converts_each_print_from_its_day_on(bench: Bench) -> None:
    convert_prints(bench, PRINTS, "value snapshot_id\n100 early\n119 rates\n")
    assert bench.ask(
        "select known_from, value_usd, rate_snapshot_id from core.goods_trade_national_currency "
        "where frequency = 'A' and level = 0 order by 1"
    ) == [
        (date(2025, 1, 30), None, None),
        (date(2025, 3, 20), None, None),
        (date(2025, 7, 1), 11.9, "early"),
        (date(2025, 11, 27), 11.9, "early"),
        (date(2026, 7, 1), 10, "rates"),
    ]


def test_an_open_year_is_a_year_to_date_in_its_own_currency_alone(bench: Bench) -> None:
    """The print of November lacks December, whatever rate of the year is known."""
    november = "\n".join(PRINTS.splitlines()[:3])
    convert_prints(bench, november, "value snapshot_id\n100 early\n")
    bench.check("""
        expect core.goods_trade_national_currency
        frequency period_start published_value published_ytd_value value_usd value_ytd_usd conversion_status
        M         2024-11-01   -               1100                -         -             no_rate
    """)
    assert bench.ask("select count(*) from core.goods_trade_observations") == [(0,)]


def test_without_a_rate_a_year_stands_in_its_own_currency(bench: Bench) -> None:
    convert_prints(bench, PRINTS, "value snapshot_id\n")
    assert bench.ask(
        "select distinct conversion_status, value_usd from core.goods_trade_national_currency where frequency = 'A'"
    ) == [("no_rate", None)]
