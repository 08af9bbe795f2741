"""Customs' months: one publisher through several channels, China's yuan in US$, and both sides by month."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest

from tests.sql.bench import Bench

SNAPSHOTS = """
    snapshot_id known_from retrieved_at
    rates       2025-03-01 2025-03-01
    more        2025-06-01 2025-06-01
    b1          2025-03-20 2025-03-20
    b2          2025-05-20 2025-05-20
    early       2025-07-31 2025-07-31
    late        2026-08-20 2026-08-20
"""


# One publisher, several channels

ECONOMIES = """
    economy_code is_aggregate
    KOR          false
    CHN          false
    WLD          true
"""
HEADER = "source dataset reporter_code partner_code flow frequency period_start value_usd known_from snapshot_id\n"


def channel(source: str, months: range, value: float, known_from: str = "2026-08-20", flow: str = "export") -> str:
    dataset = "imts" if source == "imf" else "goods_monthly"
    return "".join(
        f"{source} {dataset} KOR CHN {flow} M 2025-{month:02}-01 {value} {known_from} {source}\n" for month in months
    )


def annual(bench: Bench, frame: str, columns: str) -> list[tuple]:
    bench.given("core.economies", ECONOMIES)
    bench.committed("source_precedence")
    bench.committed("publishers")
    bench.check(f"""
        run core.source_precedence
        given core.goods_trade_observations classification=TOTAL product_code=TOTAL valuation=FOB observation_status=A
        {HEADER + frame}
        run core.goods_trade_annual_candidates core.goods_trade_monthly
    """)
    return bench.ask(f"select {columns} from core.goods_trade_annual order by all")


COMTRADE = "comtrade goods_annual KOR CHN export A 2025-01-01 130 2026-03-04 c\n"


def test_months_of_one_publisher_through_two_channels_make_a_provisional_year(bench: Bench) -> None:
    """Customs' own months, whoever passes them on, before what Korea sent to the UN."""
    frame = COMTRADE + channel("bok", range(1, 7), 10, "2025-07-31") + channel("kosis", range(7, 13), 12)
    assert annual(bench, frame, "value_usd, source, basis, observation_status, vintages, snapshot_ids") == [
        (132, "kcs", "joined", "P", "bok/goods_monthly@2025-07-31, kosis/goods_monthly@2026-08-20", ["bok", "kosis"])
    ]


def test_of_two_channels_the_newest_reading_of_a_month_counts(bench: Bench) -> None:
    frame = channel("bok", range(1, 8), 10, "2025-07-31") + channel("kosis", range(7, 13), 12)
    assert annual(bench, frame, "value_usd") == [(6 * 10 + 6 * 12,)]
    assert bench.ask("select source, value_usd from core.goods_trade_monthly where month(period_start) = 7") == [
        ("kosis", 12)
    ]


def test_twelve_months_of_one_channel_go_before_those_of_several(bench: Bench) -> None:
    frame = channel("bok", range(1, 13), 10, "2026-03-31") + channel("kosis", range(7, 13), 12)
    assert annual(bench, frame, "value_usd, source, basis, observation_status, vintages") == [
        (120, "bok", "summed", "A", "bok/goods_monthly@2026-03-31")
    ]


def test_another_publishers_months_fill_no_gap(bench: Bench) -> None:
    frame = COMTRADE + channel("bok", range(1, 7), 10, "2025-07-31") + channel("imf", range(7, 13), 12)
    assert annual(bench, frame, "value_usd, source") == [(130, "comtrade")]


@pytest.mark.parametrize("source", ["bok", "kcs", "kosis"])
def test_customs_months_are_provisional_until_the_year_is_closed(bench: Bench, source: str) -> None:
    """By the February after it; whichever channel passes them on."""
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.committed("publishers")
    bench.given(
        f"staging.{source}__goods_monthly",
        """
        period_start value_usd observation_status snapshot_id
        2024-12-01   1         A                  early
        2025-06-01   1         A                  early
        2025-06-01   1         A                  late
        2025-07-01   -         M                  early
        2026-06-01   1         A                  late
        """,
        source=source,
        dataset="goods_monthly",
        reporter_code="KOR",
        partner_code="CHN",
        flow="export",
        classification="TOTAL",
        product_code="TOTAL",
        frequency="M",
    )
    bench.check("""
        expect core.goods_trade_observations
        "strftime(period_start, '%Y-%m')" observation_status snapshot_id
        2024-12                           A                  early
        2025-06                           P                  early
        2025-06                           A                  late
        2025-07                           M                  early
        2026-06                           P                  late
    """)


# Yuan


def converted(bench: Bench, printed: str, rates: str) -> None:
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.given("staging.pboc__central_parities", rates, currency_code="CNY", source="pboc", rate_date="2023-12-20")
    bench.run("core.customs_rates")
    bench.given(
        "staging.gacc__goods_monthly",
        printed,
        source="gacc",
        dataset="goods_monthly",
        reporter_code="CHN",
        partner_code="KOR",
        flow="export",
        currency_code="CNY",
        valuation="FOB",
        observation_status="P",
    )
    # The last day of a month in a frame is whatever it is: only its month counts.
    bench.engine.connection.execute("update staging.gacc__goods_monthly set period_end = last_day(period_start)")
    bench.run("core.goods_trade_national_currency")


def bulletin(months: Iterable[int], snapshot: str = "b1", *, december: float | None = None) -> str:
    """Write printed months of 800 yuan; `december` is its year to date, if that is not their sum."""
    lines = ["period_start value_cny value_ytd_cny snapshot_id"]
    for month in months:
        ytd = december if december and month == 12 else 800 * month
        lines.append(f"2024-{month:02}-01 800 {ytd} {snapshot}")
    return "\n".join(lines) + "\n"


def rate(months: range, value: float = 8, snapshot: str = "rates") -> str:
    lines = [f"2024-{month:02}-01 {value} {snapshot}" for month in months]
    return "\n".join(["period_start exchange_rate snapshot_id", *lines]) + "\n"


def test_a_year_is_the_sum_of_its_steps_each_at_the_rate_of_its_month(bench: Bench) -> None:
    """Months of 800 yuan, half of them at 8 and half at 4 yuan; December's year to date takes 96 yuan back."""
    converted(bench, bulletin(range(1, 13), december=9504), rate(range(1, 7)) + rate(range(7, 13), 4).split("\n", 1)[1])
    bench.check("""
        expect core.goods_trade_national_currency where frequency = 'A'
        published_value summed_value value_usd conversion_status observation_status period_end rate_date
        9504            9600         1776      converted         P                  2024-12-31 2023-12-20
        expect core.goods_trade_national_currency where frequency = 'M' and month(period_start) in (6, 7, 12)
        month(period_start) value_usd value_ytd_usd published_ytd_value rate_date
        6                   100       600           4800                2023-12-20
        7                   200       800           5600                2023-12-20
        12                  200       1776          9504                2023-12-20
    """)


def test_a_step_needs_both_years_to_date(bench: Bench) -> None:
    """March is not held, so nothing is known of the steps of March and April: no year to date in US$, nor a year."""
    converted(bench, bulletin([1, 2, *range(4, 13)]), rate(range(1, 13)))
    assert bench.ask(
        "select month(period_start), value_usd, value_ytd_usd from core.goods_trade_national_currency "
        "where frequency = 'M' and month(period_start) in (2, 4, 12) order by 1"
    ) == [(2, 100, 200), (4, 100, None), (12, 100, None)]
    assert bench.ask(
        "select value_usd, summed_value, conversion_status from core.goods_trade_national_currency "
        "where frequency = 'A'"
    ) == [(None, None, "months_missing")]


def test_january_and_february_printed_together_are_no_step_of_either(bench: Bench) -> None:
    """Two rates fall into the two months, and which part is whose is not printed."""
    converted(bench, bulletin(range(2, 13)), rate(range(1, 13)))
    assert bench.ask("select count(value_usd), count(value_ytd_usd) from core.goods_trade_national_currency") == [
        (11, 0)
    ]


def test_a_revised_rate_is_another_vintage_of_its_month_and_of_the_year(bench: Bench) -> None:
    converted(bench, bulletin(range(1, 13)), rate(range(1, 13)) + "2024-05-01 4 more\n")
    columns = "value_usd, exchange_rate, rate_snapshot_id, known_from, known_to"
    first, second = date(2025, 3, 20), date(2025, 6, 1)
    assert bench.ask(
        f"select {columns} from core.goods_trade_national_currency "
        "where frequency = 'M' and month(period_start) = 5 order by known_from"
    ) == [(100, 8, "rates", first, second), (200, 4, "more", second, None)]
    assert bench.ask(
        "select value_usd, snapshot_id, known_from, known_to from core.goods_trade_national_currency "
        "where frequency = 'A' order by known_from"
    ) == [(1200, "b1", first, second), (1300, "b1", second, None)]
    assert bench.ask(
        "select value_usd, known_from, known_to from core.goods_trade_observations where frequency = 'A' order by 2"
    ) == [(1200, first, second), (1300, second, None)]


def test_the_bank_of_koreas_rates_stand_where_the_federal_reserve_has_none(bench: Bench) -> None:
    """The averages of May 2025 as ECOS has them: 1,394.49 won for a dollar and 193.37 for a yuan."""
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.given("staging.frb__exchange_rates_monthly", rate(range(5, 6), 7.2374), currency_code="CNY", source="frb")
    bench.check("""
        given staging.bok__exchange_rates_monthly currency_code=KRW source=bok
        base_currency_code period_start exchange_rate snapshot_id
        USD                2024-05-01   1365.39       more
        CNY                2024-05-01   188.54        more
        USD                2025-05-01   1394.49       early
        CNY                2025-05-01   193.30        more
        CNY                2025-05-01   193.37        early
        USD                2025-06-01   1366.95       early
        CNY                2025-06-01   -             early
    """)
    assert bench.ask(
        "select currency_code, strftime(period_start, '%Y-%m'), round(exchange_rate, 4), source, snapshot_id, "
        "strftime(known_from, '%Y-%m-%d') from core.exchange_rates order by all"
    ) == [
        ("CNY", "2024-05", 7.2374, "frb", "rates", "2025-03-01"),
        ("CNY", "2025-05", 7.2115, "bok", "early", "2025-07-31"),
        ("KRW", "2024-05", 1365.39, "bok", "more", "2025-06-01"),
        ("KRW", "2025-05", 1394.49, "bok", "early", "2025-07-31"),
        ("KRW", "2025-06", 1366.95, "bok", "early", "2025-07-31"),
    ]


def test_without_a_rate_there_are_no_dollars_and_the_yuan_stand(bench: Bench) -> None:
    converted(bench, bulletin(range(1, 13)), rate(range(1, 12)))
    bench.check("""
        expect core.goods_trade_national_currency where frequency = 'A' or month(period_start) >= 11
        frequency published_value value_usd value_ytd_usd conversion_status rate_date
        A         9600            -         -             no_rate           -
        M         800             100       1100          converted         2023-12-20
        M         800             -         -             no_rate           -
    """)


def test_an_open_year_is_no_year_and_a_gap_makes_no_dollars(bench: Bench) -> None:
    converted(bench, bulletin(range(1, 12)), rate(range(1, 13)))
    assert bench.ask("select count(*) from core.goods_trade_national_currency where frequency = 'A'") == [(0,)]
    converted(bench, bulletin(range(2, 13)), rate(range(1, 13)))
    assert bench.ask(
        "select published_value, value_usd, conversion_status from core.goods_trade_national_currency "
        "where frequency = 'A'"
    ) == [(9600, None, "months_missing")]


def test_a_year_is_made_of_each_month_as_it_was_printed_last(bench: Bench) -> None:
    again = "2024-05-01 900 4100 b2\n2024-12-01 800 9700 b2\n"
    converted(bench, bulletin(range(1, 13)) + again, rate(range(1, 13)))
    assert bench.ask(
        "select published_value, summed_value, value_usd, snapshot_id from core.goods_trade_national_currency "
        "where frequency = 'A' order by known_from"
    ) == [(9600, 9600, 1200, "b1"), (9700, 9700, 1213, "b2")]
    assert bench.ask(
        "select published_value, known_from, known_to from core.goods_trade_national_currency "
        "where month(period_start) = 5 and frequency = 'M' order by known_from"
    ) == [(800, date(2025, 3, 20), date(2025, 5, 20)), (900, date(2025, 5, 20), None)]


def test_a_snapshot_that_repeats_a_year_leaves_it_and_one_that_revises_it_adds_a_vintage(bench: Bench) -> None:
    """Of b2 May 2024 and December's year to date are new, and 2025 is as b1 had it."""
    rates = "period_start exchange_rate snapshot_id\n" + "".join(
        f"{year}-{month:02}-01 8 rates\n" for year in (2024, 2025) for month in range(1, 13)
    )

    def printed(snapshot: str, may: int) -> str:
        return "".join(
            f"{year}-{month:02}-01 {may if (year, month) == (2024, 5) else 800} "
            f"{800 * month + (may - 800 if year == 2024 and month >= 5 else 0)} {snapshot}\n"
            for year in (2024, 2025)
            for month in range(1, 13)
        )

    header = "period_start value_cny value_ytd_cny snapshot_id\n"
    converted(bench, header + printed("b1", 800) + printed("b2", 960), rates)
    first, second = date(2025, 3, 20), date(2025, 5, 20)
    assert bench.ask(
        "select year(period_start), published_value, summed_value, value_usd, snapshot_id, known_from, known_to "
        "from core.goods_trade_national_currency where frequency = 'A' order by period_start, known_from"
    ) == [
        (2024, 9600, 9600, 1200, "b1", first, second),
        (2024, 9760, 9760, 1220, "b2", second, None),
        (2025, 9600, 9600, 1200, "b1", first, None),
    ]
    assert bench.ask(
        "select period_start, count(distinct published_value), count(*), min(known_from) "
        "from core.goods_trade_national_currency where frequency = 'M' group by period_start having count(*) > 1 "
        "order by period_start limit 2"
    ) == [(date(2024, 5, 1), 2, 2, first), (date(2024, 6, 1), 1, 2, first)]

    bench.run("core.goods_trade_observations")
    assert bench.ask(
        "select year(period_start), value_usd from core.goods_trade_observations "
        "where frequency = 'A' and known_from <= date '2025-04-15' and coalesce(known_to > date '2025-04-15', true) "
        "order by 1"
    ) == [(2024, 1200), (2025, 1200)]
    assert bench.ask(
        "select frequency, period_start, change, previous_value, value, known_from from marts.revisions order by 1"
    ) == [
        ("A", date(2024, 1, 1), "revised", 1200, 1220, second),
        ("M", date(2024, 5, 1), "revised", 100, 120, second),
    ]


def test_a_revised_month_leaves_the_year_to_date_as_it_is_printed(bench: Bench) -> None:
    """The months add up to another sum; the year in dollars is that of the printed years to date."""
    halves = rate(range(1, 7)) + rate(range(7, 13), 4).split("\n", 1)[1]
    converted(bench, bulletin(range(1, 13)) + "2024-05-01 900 4000 b2\n", halves)
    assert bench.ask(
        "select published_value, summed_value, value_usd, snapshot_id, known_to "
        "from core.goods_trade_national_currency where frequency = 'A' order by known_from"
    ) == [(9600, 9600, 1800, "b1", date(2025, 5, 20)), (9600, 9700, 1800, "b2", None)]


def test_dollars_are_known_once_the_rate_is(bench: Bench) -> None:
    """A rate that is read again is known since it was read first."""
    rates = rate(range(1, 3)) + "2024-01-01 8 more\n2024-03-01 8 more\n"
    converted(bench, bulletin(range(1, 4)), rates)
    bench.check("""
        expect core.goods_trade_observations
        month(period_start) value_usd known_from known_to observation_status coverage snapshot_id
        1                   100       2025-03-20 -        P                  complete b1
        2                   100       2025-03-20 -        P                  complete b1
        3                   100       2025-06-01 -        P                  complete b1
    """)


def test_ten_thousand_yuan_become_yuan(bench: Bench) -> None:
    """The bulletin of January 2024: exports to Korea of 8,608,825.801 ten thousand yuan."""
    bench.given("staging.economy_codes", "scheme code economy_code\ngacc_name 韩国 KOR")
    bench.check("""
        given raw.gacc__goods_monthly
        partner_name month   exports_10k_cny exports_ytd_10k_cny total_10k_cny snapshot_id row_number
        韩国         2024-01 8608825.801     8608825.801         18906512.5905 b1          1
        expect staging.gacc__goods_monthly where flow = 'export'
        partner_code value_cny   value_ytd_cny total_cny    period_end observation_status
        KOR          86088258010 86088258010   189065125905 2024-01-31 P
    """)


# Both sides of a month


def test_both_sides_of_a_month_stand_side_by_side(bench: Bench) -> None:
    """Without a rate China's side has yuan and a sign; a month released with others has no sign to compare."""
    bench.check("""
        given core.goods_trade_monthly
        reporter_code partner_code period_start export import is_joint_month source snapshot_id
        KOR           CHN          2020-01-01   10     12     false          kosis  k
        CHN           KOR          2020-01-01   11     14     true           imf    i
        KOR           CHN          2026-06-01   10     12     false          kosis  k
        CHN           KOR          2026-06-01   11     14     false          gacc   g
        KOR           CHN          2026-07-01   15     12     false          kosis  k
        KOR           JPN          2026-07-01   15     12     false          kosis  k
    """)
    bench.given(
        "core.goods_trade_national_currency",
        """
        flow   period_start published_value known_to
        export 2026-06-01   77              -
        import 2026-06-01   98              -
        export 2026-07-01   80              -
        import 2026-07-01   100             -
        import 2026-07-01   70              2026-08-01
        """,
        source="gacc",
        reporter_code="CHN",
        partner_code="KOR",
        classification="TOTAL",
        frequency="M",
        currency_code="CNY",
        snapshot_id="g",
    )
    columns = (
        "strftime(period_start, '%Y-%m'), balance_reported_usd, balance_mirror_usd, gap_usd, balance_mirror_national, "
        "balance_mirror_sign, signs_agree, status, mirror_source, snapshot_ids"
    )
    assert bench.ask(
        f"select {columns} from marts.mirror_balance_monthly where reporter_code = 'KOR' order by period_start"
    ) == [
        ("2020-01", -2, 3, -5, None, "surplus", None, "joint_month", "imf", ["i", "k"]),
        ("2026-06", -2, 3, -5, 21, "surplus", False, "in_usd", "gacc", ["g", "k"]),
        ("2026-07", 3, None, None, 20, "surplus", True, "no_rate", "gacc", ["g", "k"]),
    ]
    assert bench.ask(
        "select balance_reported_usd, balance_reported_national, reported_currency_code, balance_mirror_usd, status "
        "from marts.mirror_balance_monthly where reporter_code = 'CHN' and period_start = date '2026-07-01'"
    ) == [(None, -20, "CNY", -3, "no_rate")]


def test_beside_one_publishers_dollars_stands_nobody_elses_yuan(bench: Bench) -> None:
    """Once China's January and February 2024 are held in US$ they take the place, and are released together."""
    bench.check("""
        given core.goods_trade_monthly period_start=2024-01-01
        reporter_code partner_code export import is_joint_month source snapshot_id
        KOR           CHN          10     12     false          kosis  k
        CHN           KOR          11     14     true           imf    i
    """)
    bench.given(
        "core.goods_trade_national_currency",
        "flow published_value\nexport 80\nimport 70\n",
        source="gacc",
        reporter_code="CHN",
        partner_code="KOR",
        classification="TOTAL",
        frequency="M",
        period_start="2024-01-01",
        currency_code="CNY",
        snapshot_id="g",
    )
    assert bench.ask(
        "select balance_mirror_usd, balance_mirror_national, mirror_currency_code, status, mirror_source, snapshot_ids "
        "from marts.mirror_balance_monthly where reporter_code = 'KOR'"
    ) == [(3, None, None, "joint_month", "imf", ["i", "k"])]


# The flash


def test_of_a_flash_the_newest_reading_stands_and_one_that_was_withdrawn_does_not(bench: Bench) -> None:
    """Imports from China up to 10, 20 and 31 January 2023; the European Union is a group, and no partner."""
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.check("""
        given staging.economy_codes
        scheme code economy_code
        iso2   CN   CHN
        given raw.kcs__goods_flash
        flow partner month   last_day value_kusd snapshot_id
        수입 CN      2023-01 10       4803570    b1
        수입 CN      2023-01 10       4803571    b2
        수입 CN      2023-01 20       10018562   b1
        수입 CN      2023-01 31       13140061   b2
        수출 CN      2023-01 10       1          b1
        수출 CN      2023-01 10       -          b2
        수입 EU      2023-01 10       1758981    b2
        수입 WLD     2023-01 10       20130610   b2
        run staging.kcs__goods_flash
        expect core.goods_trade_flash
        partner_code flow   period_end value_usd   observation_status snapshot_id
        CHN          import 2023-01-10 4803571000  P                  b2
        CHN          import 2023-01-20 10018562000 P                  b1
        CHN          import 2023-01-31 13140061000 P                  b2
        WLD          import 2023-01-10 20130610000 P                  b2
    """)


# What passes through


def test_what_hong_kong_sent_on_is_in_dollars_where_the_year_has_its_rates(bench: Bench) -> None:
    """Korean goods of 2018, 229.7 billion HK$: 82.6% of what Hong Kong imported from Korea, 29.3 billion US$."""
    bench.given("reference.snapshots", SNAPSHOTS)
    bench.check("""
        given staging.economy_codes
        scheme code economy_code
        iso2   CN   CHN
        iso2   KR   KOR
        given raw.cnsd__re_exports_annual
        origin_iso2 destination_iso2 year value_khkd snapshot_id
        KR          CN               2018 229711000  b1
        KR          CN               2018 229712000  b2
        KR          CN               2019 1          b1
        CN          KR               2018 1          b1
        CN          KR               2018 -          b2
    """)
    header, months = "currency_code period_start exchange_rate\n", range(1, 13)
    rates = "".join(f"HKD 2018-{month:02}-01 {7.83 + month % 2 / 50}\n" for month in months)
    bench.given("core.exchange_rates", f"{header}{rates}HKD 2019-01-01 7.84\n")
    bench.run("staging.cnsd__re_exports_annual")
    assert bench.ask(
        "select origin_code, destination_code, year, published_value, round(value_usd / 1e9, 1), snapshot_id "
        "from core.re_exports_annual order by all"
    ) == [("KOR", "CHN", 2018, 229712000000, 29.3, "b2"), ("KOR", "CHN", 2019, 1000, None, "b1")]
