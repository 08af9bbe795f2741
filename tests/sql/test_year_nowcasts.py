"""Forecasts of the year in progress: their three parts, the months that have one, intervals, errors and balances."""

from __future__ import annotations

from collections.abc import Iterable

from tests.sql.bench import Bench

MONTHS = "reporter_code partner_code flow period_start value_usd is_joint_month snapshot_id"
# A forecast of the rest of the year is there for every month, even for one that no forecast may use.
RESTS = "reporter_code partner_code flow period_start rest_usd"


def give_months(bench: Bench, months: Iterable[str], rests: Iterable[str]) -> None:
    bench.given("core.goods_trade_monthly", "\n".join([MONTHS, *months]))
    bench.given("analysis.airline_forecasts", "\n".join([RESTS, *rests]))


def list_months(series: str, year: int, values: Iterable[float], snapshot: str, *joint: int) -> list[str]:
    """List the months of a year from January on; those of `joint` are released together with another."""
    return [
        f"{series} {year}-{month:02}-01 {value} {str(month in joint).lower()} {snapshot}"
        for month, value in enumerate(values, 1)
    ]


def test_a_year_is_forecast_by_three_ways_and_their_mean(bench: Bench) -> None:
    """Exports of 90 until June after 60 of 180, which became 250; imports of 60 after 30 of 120, which became 150."""
    give_months(
        bench,
        [
            *list_months("AAA BBB export", 2020, [10] * 6 + [20] * 6, "before")[:6],
            # The forecast rests on all months of the year before.
            *list_months("AAA BBB export", 2020, [10] * 6 + [20] * 6, "late")[6:],
            *list_months("AAA BBB export", 2021, [15] * 6 + [25] * 5 + [35], "now"),
            *list_months("AAA BBB import", 2020, [5] * 6 + [15] * 6, "other"),
            *list_months("AAA BBB import", 2021, [10] * 6 + [15] * 6, "now"),
        ],
        ["AAA BBB export 2021-06-01 135", "AAA BBB import 2021-06-01 60"],
    )
    bench.check("""
        run marts.year_nowcasts
        expect marts.year_nowcasts
        reporter_code partner_code series year origin_month is_open basis interval_years low_usd high_usd is_hit
        AAA BBB exports 2021 6 false today 0 - - -
        AAA BBB imports 2021 6 false today 0 - - -
        AAA BBB balance 2021 6 false today 0 - - -
        expect marts.year_nowcasts
        series  year_to_date_usd seasonal_naive_usd ytd_growth_usd airline_usd nowcast_usd actual_usd
        exports 90               210                270            225         235         250
        imports 60               150                240            120         170         150
        balance 30               60                 30             105         65          100
        expect marts.year_nowcasts
        series  error_pct seasonal_naive_error_pct ytd_growth_error_pct airline_error_pct
        exports ~-6       ~-16                     ~8                   ~-10
        imports ~13.333333333333334 ~0             ~60                  ~-20
        # Of the trade both ways, 400.
        balance ~-8.75    ~-10                     ~-17.5               ~1.25
        expect marts.year_nowcasts
        series  snapshot_ids
        exports "before, late, now"
        imports "now, other"
        balance "before, late, now, other"
    """)


def test_only_months_that_are_whole_have_a_forecast(bench: Bench) -> None:
    """One flow alone has forecasts too; 2022 has no May, and 2023 no whole year before it."""
    give_months(
        bench,
        [
            *list_months("AAA BBB export", 2020, [1] * 12, "k"),
            *list_months("AAA BBB export", 2021, [2] * 12, "k", 1, 2),
            *(line for line in list_months("AAA BBB export", 2022, [3] * 12, "k") if "-05-" not in line),
            *list_months("AAA BBB export", 2023, [4] * 4, "k"),
            # A flow without the model's forecast.
            *list_months("AAA BBB import", 2020, [1] * 12, "k"),
            *list_months("AAA BBB import", 2021, [2] * 12, "k"),
        ],
        [f"AAA BBB export {year}-{month:02}-01 {month}" for year in range(2020, 2024) for month in range(1, 13)],
    )
    bench.check("""
        run marts.year_nowcasts
        expect marts.year_nowcasts
        series  year origin_month year_to_date_usd seasonal_naive_usd ytd_growth_usd airline_usd actual_usd is_open
        # January of 2021 was released with February.
        exports 2021 2            4                14                 24             6           24         false
        exports 2021 3            6                15                 24             9           24         false
        exports 2021 4            8                16                 24             12          24         false
        exports 2021 5            10               17                 24             15          24         false
        exports 2021 6            12               18                 24             18          24         false
        exports 2021 7            14               19                 24             21          24         false
        exports 2021 8            16               20                 24             24          24         false
        exports 2021 9            18               21                 24             27          24         false
        exports 2021 10           20               22                 24             30          24         false
        exports 2021 11           22               23                 24             33          24         false
        exports 2022 1            3                25                 36             4           -          true
        exports 2022 2            6                26                 36             8           -          true
        exports 2022 3            9                27                 36             12          -          true
        exports 2022 4            12               28                 36             16          -          true
    """)


def test_a_year_without_an_outcome_is_no_past_error(bench: Bench) -> None:
    """2022 has no May, so that it never closes; the year after next has 2021 alone behind it."""
    years = [line for year in range(2020, 2025) for line in list_months("AAA BBB export", year, [1] * 12, "k")]
    give_months(
        bench,
        [line for line in years if "2022-05-" not in line],
        [f"AAA BBB export {year}-02-01 10" for year in range(2021, 2025)],
    )
    bench.check("""
        run marts.year_nowcasts
        expect marts.year_nowcasts
        year is_open interval_years
        2021 false   0
        2022 true    1
        2024 false   1
    """)


# What exports and imports were from 2010 to 2019.
EXPORTS = (100, 200, 100, 400, 100, 100, 200, 100, 100, 200)
IMPORTS = (200, 200, 200, 200, 200, 200, 200, 200, 200, 300)


def list_years(series: str, totals: tuple[int, ...]) -> list[str]:
    """List years until 2019 with 1 a month until November, and two months of 2020."""
    years = [
        line
        for year, total in enumerate(totals, 2020 - len(totals))
        for line in list_months(series, year, [1] * 11 + [total - 11], "k")
    ]
    return [*years, *list_months(series, 2020, [1, 1], "k")]


def list_rests(series: str, totals: tuple[int, ...]) -> list[str]:
    """List forecasts of January, and since 2018 of February, that make a year as large as the one before."""
    return [
        f"{series} {year}-{month:02}-01 {total - month}"
        for year, total in enumerate(totals, 2021 - len(totals))
        for month in ((1, 2) if year >= 2018 else (1,))
    ]


def test_four_in_five_past_errors_make_the_interval(bench: Bench) -> None:
    """Every forecast is the year before, so that an outcome is it, or 2 or 4 times it or a part of it."""
    series = {
        "AAA BBB export": EXPORTS,
        "AAA BBB import": IMPORTS,
        # Other pairs have other years behind them.
        "AAA CCC export": EXPORTS[-3:],
        "DDD BBB export": EXPORTS[-3:],
    }
    give_months(
        bench,
        [line for name, totals in series.items() for line in list_years(name, totals)],
        [line for name, totals in series.items() for line in list_rests(name, totals)],
    )
    bench.check("""
        run marts.year_nowcasts
        expect marts.year_nowcasts where reporter_code = 'AAA' and partner_code = 'BBB' and series = 'exports'
        year origin_month interval_years nowcast_usd low_usd            high_usd           actual_usd is_hit
        2011 1            0              100         -                  -                  200        -
        2012 1            1              200         -                  -                  100        -
        2013 1            2              100         -                  -                  400        -
        2014 1            3              400         -                  -                  100        -
        2015 1            4              100         -                  -                  100        -
        2016 1            5              100         -                  -                  200        -
        2017 1            6              200         -                  -                  100        -
        2018 1            7              100         -                  -                  100        -
        # Powers of 2: the sixth of eight errors is 1, the seventh 2, and three fifths of the way 1.6.
        2019 1            8              100         ~32.98769776932236 ~303.1433133020796 200        true
        # The seventh of nine is 1, the eighth 2, and two fifths of the way 1.4.
        2020 1            9              200         ~75.78582832551992 ~527.8031643091577 -          -
        2018 2            0              100         -                  -                  100        -
        2019 2            1              100         -                  -                  200        -
        2020 2            2              200         -                  -                  -          -
        # Shares of the trade both ways: the sixth of eight, and the seventh of nine, is a third, and the next a half.
        expect marts.year_nowcasts where series = 'balance' and year >= 2018 and origin_month = 1
        year interval_years nowcast_usd low_usd high_usd actual_usd is_hit
        2018 7              -100        -       -        -100       -
        2019 8              -100        ~-230   ~30      -100       true
        2020 9              -100        ~-300   ~100     -          -
        # Without an error there is no width, and whatever differs is missed.
        expect marts.year_nowcasts where series = 'imports' and year >= 2018 and origin_month = 1
        year interval_years nowcast_usd low_usd high_usd actual_usd is_hit
        2018 7              200         -       -        200        -
        2019 8              200         200     200      300        false
        2020 9              300         300     300      -          -
        expect marts.year_nowcasts where partner_code = 'CCC' or reporter_code = 'DDD'
        reporter_code partner_code year origin_month interval_years
        AAA           CCC          2018 1            0
        AAA           CCC          2018 2            0
        AAA           CCC          2019 1            1
        AAA           CCC          2019 2            1
        AAA           CCC          2020 1            2
        AAA           CCC          2020 2            2
        DDD           BBB          2018 1            0
        DDD           BBB          2018 2            0
        DDD           BBB          2019 1            1
        DDD           BBB          2019 2            1
        DDD           BBB          2020 1            2
        DDD           BBB          2020 2            2
        expect marts.year_nowcasts
        count(*)
        51
    """)


def test_nothing_is_forecast_beside_a_ledger_that_was_altered(bench: Bench) -> None:
    give_months(
        bench,
        [*list_months("AAA BBB export", 2020, [1] * 12, "k"), *list_months("AAA BBB export", 2021, [1], "k")],
        ["AAA BBB export 2021-01-01 11"],
    )
    bench.check("""
        given analysis.sealed_forecasts
        entry ledger_status
        1     sealed
        run marts.year_nowcasts
        expect marts.year_nowcasts
        series  origin_month nowcast_usd
        exports 1            12
        given analysis.sealed_forecasts
        entry ledger_status
        0     altered
        run marts.year_nowcasts
        expect marts.year_nowcasts
    """)
