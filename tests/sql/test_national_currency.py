"""Figures in a currency of its own: which prints and rates meet, from which day on, and in which flow."""

from __future__ import annotations

from tests.sql.bench import Bench

MONTHS = range(1, 13)


def list_months(series: str, each: float, first: float | None = None) -> list[str]:
    """List a year's months, each with its year to date; the first may be another one."""
    values = [each if first is None else first, *[each] * 11]
    return [f"{series} 2023-{month:02}-01 {values[month - 1]} {sum(values[:month])}" for month in MONTHS]


def test_a_month_and_its_year_follow_the_print_and_the_rate_of_each_day(bench: Bench) -> None:
    """At 1 in January, since May at 2, and at 7 in other months, 100 a month are 100 (50) and 14: 257 (207) a year."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        s0          2024-02-29 2024-03-09
        q           2024-02-29 2024-03-09
        r           2024-02-29 2024-03-08
        s1          2024-02-29 2024-03-10
        s           2024-02-29 2024-03-10
        s2          2024-03-01 2024-03-01
        s3          2024-04-01 2024-04-01
        given reference.publishers
        source dataset closes_in_month
        gacc   other   1
        other  monthly 1
        gacc   monthly 2
        gacc   another 1
        another monthly 1
    """)
    # Each of these differs from the first in one respect.
    others = (
        "other monthly CHN KOR export CNY",
        "gacc other CHN KOR export CNY",
        "gacc monthly HKG KOR export CNY",
        "gacc monthly CHN JPN export CNY",
        "gacc monthly CHN KOR import CNY",
        "gacc monthly CHN PRK export HKD",
    )
    columns = "snapshot_id source dataset reporter_code partner_code flow currency_code period_start value_cny"
    header = f"{columns} value_ytd_cny"
    first = "gacc monthly CHN KOR export CNY"
    lines = [header]
    for snapshot in ("s1", "s2", "s3"):
        lines += list_months(f"{snapshot} {first}", 100)
    lines += [f"{snapshot} {first} 2023-01-01 999 999" for snapshot in ("q", "r", "s", "s0")]
    # As the first printed a month before: another reporter's print is not unchanged.
    lines += list_months("s3 gacc monthly MAC KOR export CNY", 100)
    for other in others:
        lines += list_months(f"s1 {other}", 700)
    bench.given("staging.gacc__goods_monthly", "\n".join(lines), valuation="FOB")
    lines = [header, *list_months("s1 gacc monthly CHN DEU export CNY", 0, 1)]
    lines += list_months("s1 gacc monthly CHN FRA export CNY", 0)
    bench.given("staging.gacc__goods_monthly_all_partners", "\n".join(lines), valuation="FOB")
    lines = ["currency_code period_start exchange_rate known_from known_to snapshot_id rate_date"]
    lines += ["CNY 2023-01-01 1 2023-01-01 2024-05-01 old 2022-12-01", "CNY 2023-01-01 2 2024-05-01 - new 2022-12-01"]
    lines += [f"CNY 2023-{month:02}-01 7 2023-01-01 - rest 2023-{month:02}-02" for month in MONTHS[1:]]
    lines += [f"HKD 2023-{month:02}-01 {0 if month == 1 else 5} 2023-01-01 - hk 2023-01-02" for month in MONTHS]
    bench.given("core.customs_rates", "\n".join(lines))
    bench.check(f"""
        expect core.goods_trade_national_currency where concat_ws(' ', source, dataset, reporter_code, partner_code, \
flow, currency_code) = '{first}' and month(period_start) < 3
        frequency period_start value_usd value_ytd_usd exchange_rate snapshot_id observation_status known_from known_to
        M 2023-01-01 100 100 1 s1 P 2024-02-29 2024-03-01
        M 2023-01-01 100 100 1 s2 A 2024-03-01 2024-05-01
        M 2023-01-01 50  50  2 s2 A 2024-05-01 -
        M 2023-02-01 14  114 7 s1 P 2024-02-29 2024-03-01
        M 2023-02-01 14  114 7 s2 A 2024-03-01 2024-05-01
        M 2023-02-01 14  64  7 s2 A 2024-05-01 -
        A 2023-01-01 257 -   ~4.669260700389105 s1 P 2024-02-29 2024-03-01
        A 2023-01-01 257 -   ~4.669260700389105 s2 A 2024-03-01 2024-05-01
        A 2023-01-01 207 -   ~5.797101449275362 s2 A 2024-05-01 -
        # Of the others 700 a month are 700 (350) and 100: the year is 1800 (1450).
        expect core.goods_trade_national_currency where frequency = 'A' and known_to is null
        source dataset reporter_code partner_code flow published_value value_usd conversion_status rate_snapshot_id
        gacc  monthly CHN KOR export 1200 207  converted rest
        other monthly CHN KOR export 8400 1450 converted rest
        gacc  other   CHN KOR export 8400 1450 converted rest
        gacc  monthly HKG KOR export 8400 1450 converted rest
        gacc  monthly MAC KOR export 1200 207  converted rest
        gacc  monthly CHN JPN export 8400 1450 converted rest
        gacc  monthly CHN KOR import 8400 1450 converted rest
        gacc  monthly CHN PRK export 8400 -    no_rate   -
        gacc  monthly CHN DEU export 1    1    converted rest
        gacc  monthly CHN FRA export 0    0    converted rest
        expect core.goods_trade_national_currency where frequency = 'A' and known_from = date '2024-02-29'
        partner_code source dataset reporter_code flow value_usd exchange_rate rate_date known_to
        KOR gacc  monthly CHN export 257  ~4.669260700389105 2023-12-02 2024-03-01
        KOR other monthly CHN export 1800 ~4.666666666666667 2023-12-02 2024-05-01
        KOR gacc  other   CHN export 1800 ~4.666666666666667 2023-12-02 2024-05-01
        KOR gacc  monthly HKG export 1800 ~4.666666666666667 2023-12-02 2024-05-01
        JPN gacc  monthly CHN export 1800 ~4.666666666666667 2023-12-02 2024-05-01
        KOR gacc  monthly CHN import 1800 ~4.666666666666667 2023-12-02 2024-05-01
        PRK gacc  monthly CHN export -    -                  -          -
        DEU gacc  monthly CHN export 1    1                  2023-12-02 -
        FRA gacc  monthly CHN export 0    -                  2023-12-02 -
        expect core.goods_trade_national_currency where reporter_code = 'MAC' and month(period_start) = 1
        frequency value_usd known_from known_to
        M         100       2024-04-01 2024-05-01
        M         50        2024-05-01 -
        A         257       2024-04-01 2024-05-01
        A         207       2024-05-01 -
        # A rate of nought converts nothing.
        expect core.goods_trade_national_currency where partner_code = 'PRK' and frequency = 'M' group by all
        value_usd value_ytd_usd count(*)
        -         -             1
        140       -             11
        expect distinct core.goods_trade_national_currency
        level product_code classification is_derived coverage
        0     TOTAL        TOTAL          false      complete
    """)


def test_a_year_has_the_average_rate_of_its_economy_and_year_that_was_known_with_the_print(bench: Bench) -> None:
    """A rate of 7 is withdrawn on the day of a print, and one of 10 published on the day of the next."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        p1          2025-01-30 2025-01-30
        p2          2025-09-01 2025-09-01
        p3          2025-11-27 2025-11-27
        given staging.jp_mof__goods_annual_commodities source=jp_mof dataset=goods flow=export currency_code=JPY \
            rate_basis=year_average period_start=2024-12-01 period_end=2024-12-31
        reporter_code partner_code value_ytd_jpy snapshot_id
        JPN           KOR          1000          p1
        JPN           KOR          990           p2
        JPN           KOR          980           p3
        JPN           KOR          970           nowhere
        JPN           CHN          70            p1
        TWN           KOR          60            p1
        ONE           KOR          50            p1
        NIL           KOR          40            p1
        given core.macro_indicators_observations
        economy_code indicator_code year value known_from known_to   snapshot_id
        JPN          PA.NUS.FCRF    2024 7     2025-07-01 2025-09-01 r1
        JPN          PA.NUS.FCRF    2024 10    2025-11-27 -          r2
        JPN          PA.NUS.FCRF    2023 3     2025-08-01 -          r3
        JPN          FP.CPI.TOTL    2024 4     2025-08-02 -          r4
        TWN          PA.NUS.FCRF    2024 5     2025-07-01 -          r5
        ONE          PA.NUS.FCRF    2024 1     2025-07-01 -          r6
        NIL          PA.NUS.FCRF    2024 0     2025-07-01 -          r7
        expect core.goods_trade_national_currency where frequency = 'A' and period_start = date '2024-01-01'
        reporter_code partner_code published_value value_usd exchange_rate rate_snapshot_id known_from known_to
        JPN KOR 1000 -      -  -  2025-01-30 2025-07-01
        JPN KOR 1000 142.86 7  r1 2025-07-01 2025-09-01
        JPN KOR 990  -      -  -  2025-09-01 2025-11-27
        JPN KOR 980  98     10 r2 2025-11-27 -
        JPN CHN 70   -      -  -  2025-01-30 2025-07-01
        JPN CHN 70   10     7  r1 2025-07-01 2025-11-27
        JPN CHN 70   7      10 r2 2025-11-27 -
        TWN KOR 60   -      -  -  2025-01-30 2025-07-01
        TWN KOR 60   12     5  r5 2025-07-01 -
        ONE KOR 50   -      -  -  2025-01-30 2025-07-01
        ONE KOR 50   50     1  r6 2025-07-01 -
        NIL KOR 40   -      -  -  2025-01-30 2025-07-01
        NIL KOR 40   -      0  r7 2025-07-01 -
        # Each print is kept in its own currency.
        expect core.goods_trade_national_currency where frequency = 'M' and reporter_code = 'JPN'
        partner_code published_value published_ytd_value value_usd conversion_status known_from known_to
        KOR          -               1000                -         no_rate           2025-01-30 2025-09-01
        KOR          -               990                 -         no_rate           2025-09-01 2025-11-27
        KOR          -               980                 -         no_rate           2025-11-27 -
        CHN          -               70                  -         no_rate           2025-01-30 -
    """)
