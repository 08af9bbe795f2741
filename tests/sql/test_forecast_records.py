"""Records of forecasts: their mean errors, those under seal with their outcomes, and years forecast as known then."""

from __future__ import annotations

from tests.sql.bench import Bench

RECORDED = (
    "reporter_code partner_code series year origin_month is_open error_pct seasonal_naive_error_pct "
    "ytd_growth_error_pct airline_error_pct is_hit"
)


def test_a_record_covers_the_last_fifteen_closed_years(bench: Bench) -> None:
    """Of 17 years the first two are older; those of another pair and of imports are counted on their own."""
    years = [
        # Sizes of 1, 2, 3 … to 15 since 2003, whose mean is 8; two outcomes have no interval.
        f"AAA BBB exports {year} 1 false {sign * (year - 2002)} -10 20 {sign * 6} {hit}"
        for year, sign, hit in [
            *((year, -1, "true") for year in range(2001, 2008)),
            *((year, 1, "false") for year in range(2008, 2016)),
            *((year, 1, "-") for year in (2016, 2017)),
        ]
    ]
    bench.given(
        "marts.year_nowcasts",
        "\n".join(
            [
                RECORDED,
                *years,
                "AAA BBB exports 2018 1 true  -  -  -  -  -",
                "AAA BBB exports 2017 2 false -4 -6 3  2  true",
                "AAA BBB imports 2002 1 false 3  3  3  3  false",
                "AAA CCC exports 2002 1 false -2 -9 5  1  true",
                "DDD BBB exports 2002 1 false -5 5  -9 1  true",
            ]
        ),
        basis="today",
    )
    bench.check("""
        run marts.nowcast_record
        expect marts.nowcast_record
        reporter_code partner_code series  origin_month first_year last_year origin_count hit_count interval_count basis
        AAA           BBB          exports 1            2003       2017      15           5         13             today
        AAA           BBB          exports 2            2017       2017      1            1         1              today
        AAA           BBB          imports 1            2002       2002      1            0         1              today
        AAA           CCC          exports 1            2002       2002      1            1         1              today
        DDD           BBB          exports 1            2002       2002      1            1         1              today
        expect marts.nowcast_record
        reporter_code partner_code series  origin_month mape_pct seasonal_naive_mape_pct ytd_growth_mape_pct
        AAA           BBB          exports 1            8        10                      20
        AAA           BBB          exports 2            4        6                       3
        AAA           BBB          imports 1            3        3                       3
        AAA           CCC          exports 1            2        9                       5
        DDD           BBB          exports 1            5        5                       9
        expect marts.nowcast_record
        reporter_code partner_code series  origin_month airline_mape_pct better_naive_mape_pct is_mean_worse
        AAA           BBB          exports 1            6                10                    false
        AAA           BBB          exports 2            2                3                     true
        AAA           BBB          imports 1            3                3                     false
        AAA           CCC          exports 1            1                5                     false
        DDD           BBB          exports 1            1                5                     false
    """)


def test_errors_are_rounded_to_nine_digits(bench: Bench) -> None:
    bench.check("""
        given marts.year_nowcasts reporter_code=AAA partner_code=BBB series=exports year=2020 is_open=false
        origin_month error_pct     seasonal_naive_error_pct ytd_growth_error_pct airline_error_pct
        1            1.12345678949 2.12345678949            3.12345678949        4.12345678949
        run marts.nowcast_record
        expect marts.nowcast_record
        mape_pct    seasonal_naive_mape_pct ytd_growth_mape_pct airline_mape_pct
        1.123456789 2.123456789             3.123456789         4.123456789
    """)


def list_months(series: str, year: int, value: float, months: int = 12) -> list[str]:
    """List months from January on."""
    return [f"{series} {year}-{month:02}-01 {value}" for month in range(1, months + 1)]


def test_the_latest_forecast_is_sealed_and_earlier_ones_are_scored(bench: Bench) -> None:
    """Two whole flows have a balance; eleven months of one, or none of it, have neither outcome nor balance."""
    months = [
        *list_months("AAA BBB export", 2020, 10),
        *list_months("AAA BBB import", 2020, 5),
        *list_months("AAA BBB export", 2021, 20),
        *list_months("AAA BBB import", 2021, 10, 11),
        *list_months("AAA CCC export", 2020, 20, 11),
        *list_months("AAA CCC import", 2020, 30),
        *list_months("DDD BBB export", 2020, 40),
    ]
    bench.given(
        "core.goods_trade_monthly", "\n".join(["reporter_code partner_code flow period_start value_usd", *months])
    )
    bench.check("""
        given analysis.sealed_forecasts ledger_status=sealed seasonal_naive_usd=1 ytd_growth_usd=2 airline_usd=3
        entry reporter_code partner_code series  year origin_month year_to_date_usd nowcast_usd low_usd high_usd
        1     AAA           BBB          exports 2020 6            60               150         130     160
        2     AAA           BBB          imports 2020 6            30               57          57      60
        3     AAA           BBB          balance 2020 6            30               51          40      60
        4     AAA           BBB          imports 2021 11           110              120         100     130
        5     AAA           BBB          balance 2021 11           110              120         100     130
        6     AAA           CCC          exports 2020 6            120              240         230     250
        7     AAA           CCC          imports 2020 6            180              378         360     -
        8     AAA           CCC          balance 2020 6            -60              -90         -100    -80
        9     DDD           BBB          exports 2020 6            240              384         360     480
        10    DDD           BBB          balance 2020 6            1                1           1       1
        11    DDD           BBB          imports 2020 6            1                1           1       1
        # The first forecast below, sealed before.
        12    GGG           HHH          exports 2021 3            10               40          30      50
        given marts.year_nowcasts low_usd=30.4 high_usd=49.6 seasonal_naive_usd=1.2 ytd_growth_usd=1.8 airline_usd=3.3
        reporter_code partner_code series  year origin_month is_open year_to_date_usd nowcast_usd
        GGG           HHH          exports 2021 3            true    10.4             39.6
        GGG           HHH          exports 2021 2            true    9                40
        GGG           HHH          exports 2020 4            true    8                40
        GGG           HHH          exports 2022 5            false   8                40
        HHH           GGG          exports 2021 3            true    10.4             39.6
        GGG           III          exports 2021 3            true    10.4             39.6
        III           HHH          exports 2021 3            true    10.4             39.6
        GGG           HHH          imports 2021 3            true    10.4             39.6
        GGG           HHH          balance 2021 3            true    10.4             39.6
        run marts.sealed_forecasts
        expect marts.sealed_forecasts where entry <= 12
        entry series  year nowcast_usd status actual_usd error_pct is_hit
        1     exports 2020 150         scored 120        ~25       false
        2     imports 2020 57          scored 60         ~-5       true
        3     balance 2020 51          scored 60         ~-5       true
        4     imports 2021 120         open   -          -         -
        5     balance 2021 120         open   -          -         -
        6     exports 2020 240         open   -          -         -
        7     imports 2020 378         scored 360        ~5        -
        8     balance 2020 -90         open   -          -         -
        9     exports 2020 384         scored 480        ~-20      true
        10    balance 2020 1           open   -          -         -
        11    imports 2020 1           open   -          -         -
        12    exports 2021 40          open   -          -         -
        expect marts.sealed_forecasts where entry > 12
        entry reporter_code partner_code series  year origin_month status year_to_date_usd nowcast_usd
        13    GGG           HHH          balance 2021 3            open   10               40
        14    GGG           HHH          imports 2021 3            open   10               40
        15    GGG           III          exports 2021 3            open   10               40
        16    HHH           GGG          exports 2021 3            open   10               40
        17    III           HHH          exports 2021 3            open   10               40
        expect distinct marts.sealed_forecasts where entry > 12
        low_usd high_usd seasonal_naive_usd ytd_growth_usd airline_usd reason
        30      50       1                  2              3           -
    """)


def test_revised_figures_make_another_forecast(bench: Bench) -> None:
    """Each pair has the forecast of the ledger, but for one thing."""
    bench.check("""
        given analysis.sealed_forecasts entry=1 ledger_status=sealed reporter_code=AAA series=exports
        partner_code year origin_month year_to_date_usd nowcast_usd
        BBB          2021 3            10               40
        CCC          2021 3            10               40
        DDD          2021 3            10               40
        EEE          2021 3            10               40
        FFF          2021 3            10               40
        given marts.year_nowcasts is_open=true reporter_code=AAA series=exports
        partner_code year origin_month year_to_date_usd nowcast_usd
        BBB          2021 3            10               40
        CCC          2022 3            10               40
        DDD          2021 4            10               40
        EEE          2021 3            11               40
        FFF          2021 3            10               41
        run marts.sealed_forecasts
        expect marts.sealed_forecasts where entry > 1
        entry partner_code year origin_month year_to_date_usd nowcast_usd
        6     CCC          2022 3            10               40
        7     DDD          2021 4            10               40
        8     EEE          2021 3            11               40
        9     FFF          2021 3            10               41
    """)


def test_a_ledger_that_was_altered_says_how(bench: Bench) -> None:
    bench.check("""
        given analysis.sealed_forecasts
        entry ledger_status reason
        0     altered       "Entry 2 was altered."
        run marts.sealed_forecasts
        expect marts.sealed_forecasts
        entry status  reason                 nowcast_usd
        0     altered "Entry 2 was altered." -
    """)


PRINTS = "reporter_code=AAA partner_code=BBB flow=export level=0"
SNAPSHOTS = """
    given reference.snapshots
    snapshot_id known_from
    may21       2021-06-20
    year21      2022-01-25
    may22       2022-06-20
    jun22       2022-07-20
    year22      2023-01-25
    late        2023-03-25
    latest      2023-04-25
    may23       2023-06-20
"""


def test_a_year_is_forecast_from_the_prints_of_its_day(bench: Bench) -> None:
    """Until May 40 of 100 and then 50, which became 160; today 44 of 112 and 55, of what became 200."""
    bench.check(f"""
        {SNAPSHOTS}
        given staging.jp_mof__goods_annual_commodities {PRINTS}
        period_start value_ytd_jpy snapshot_id
        2021-05-01   40            may21
        2021-05-01   42            year21
        2021-05-01   44            late
        2021-12-01   90            year21
        2021-12-01   100           may22
        # Known a month too late.
        2021-12-01   105           jun22
        2021-12-01   110           late
        2021-12-01   112           latest
        2022-05-01   50            may22
        2022-05-01   52            jun22
        2022-05-01   54            late
        2022-05-01   55            latest
        2022-12-01   160           year22
        2022-12-01   200           late
        2023-05-01   66            may23
        run marts.nowcasts_as_known
        expect marts.nowcasts_as_known
        reporter_code partner_code series  year origin_month known_from
        AAA           BBB          exports 2022 5            2022-06-20
        AAA           BBB          exports 2023 5            2023-06-20
        expect marts.nowcasts_as_known
        year seasonal_naive_jpy ytd_growth_jpy nowcast_jpy nowcast_today_jpy actual_jpy error_pct error_today_pct
        2022 110                125            117.5       131.5             200        ~-41.25   ~-34.25
        2023 216                264            240         225.5             -          -         -
    """)


def test_each_flow_of_a_pair_is_forecast_from_its_own_prints(bench: Bench) -> None:
    """Others have other months, an earlier year alone, or products; July has no print of the year before."""
    bench.check(f"""
        {SNAPSHOTS}
        given staging.jp_mof__goods_annual_commodities
        reporter_code partner_code flow   level period_start value_ytd_jpy snapshot_id
        AAA           BBB          export 0     2021-05-01   40            may21
        AAA           BBB          export 2     2021-05-01   10            may21
        AAA           BBB          export 0     2021-12-01   100           year21
        AAA           BBB          export 2     2021-12-01   30            year21
        AAA           BBB          export 0     2022-05-01   50            may22
        AAA           BBB          export 0     2022-07-01   70            jun22
        AAA           BBB          export 0     2022-12-01   160           year22
        AAA           BBB          import 0     2021-05-01   20            may21
        AAA           BBB          import 0     2021-12-01   80            year21
        AAA           BBB          import 0     2022-05-01   30            may22
        AAA           BBB          import 0     2022-12-01   100           year22
        AAA           CCC          export 0     2021-05-01   1             may21
        AAA           CCC          export 0     2021-12-01   4             year21
        AAA           CCC          export 0     2022-05-01   2             may22
        AAA           CCC          export 0     2022-12-01   8             year22
        DDD           BBB          export 0     2021-05-01   10            may21
        DDD           BBB          export 0     2021-12-01   20            year21
        DDD           BBB          export 0     2022-05-01   20            may22
        DDD           BBB          export 0     2022-12-01   50            year22
        # The year before was printed when its forecast was late.
        EEE           BBB          export 0     2021-05-01   10            may21
        EEE           BBB          export 0     2021-12-01   20            jun22
        EEE           BBB          export 0     2022-05-01   20            may22
        run marts.nowcasts_as_known
        expect marts.nowcasts_as_known
        reporter_code partner_code series  origin_month seasonal_naive_jpy ytd_growth_jpy nowcast_today_jpy actual_jpy
        AAA           BBB          exports 5            110                125            117.5             160
        AAA           BBB          imports 5            90                 120            105               100
        AAA           CCC          exports 5            5                  8              6.5               8
        DDD           BBB          exports 5            30                 40             35                50
    """)
