"""Months without their season: each flow's own figures, methods and spans, and why a flow is not adjusted."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_an_adjusted_month_has_of_each_flow_its_own_figures(bench: Bench) -> None:
    """What is the larger of the two flows in March is the smaller in April."""
    bench.check("""
        given marts.trade_balance_monthly
        reporter_code partner_code period_start exports_usd imports_usd exports_source imports_source snapshot_ids
        AAA           BBB          2024-03-01   50          30          x              y              s2
        AAA           BBB          2024-04-01   20          60          x              y              s1
        AAA           BBB          2024-05-01   20          60          x              y              s3
        AAA           CCC          2024-04-01   20          60          x              y              s4
        ZZZ           BBB          2024-03-01   1           1           x              y              s5
        given analysis.seasonally_adjusted is_joint_month=false parameters=p
        reporter_code partner_code flow   period_start adjusted_usd trend_usd seasonal_pct holiday_pct working_days_pct
        AAA           BBB          export 2024-03-01   50           51        6            8           10
        AAA           BBB          import 2024-03-01   30           31        5            7           9
        AAA           BBB          export 2024-04-01   20           21        1            3           5
        AAA           BBB          import 2024-04-01   45           61        2            4           6
        AAA           CCC          export 2024-04-01   70           71        1            3           5
        AAA           CCC          import 2024-04-01   80           81        2            4           6
        ZZZ           BBB          export 2024-03-01   7            7         7            7           7
        ZZZ           BBB          import 2024-03-01   7            7         7            7           7
        expect marts.trade_balance_monthly_adjusted where reporter_code = 'AAA'
        partner_code exports_adjusted_usd imports_adjusted_usd exports_trend_usd imports_trend_usd balance_adjusted_usd
        BBB          50                   30                   51                31                20
        BBB          20                   45                   21                61                -25
        BBB          -                    -                    -                 -                 -
        CCC          70                   80                   71                81                -10
        expect marts.trade_balance_monthly_adjusted where reporter_code = 'AAA' and period_start < '2024-05-01'
        exports_seasonal_pct imports_seasonal_pct exports_holiday_pct imports_holiday_pct
        6                    5                    8                   7
        1                    2                    3                   4
        1                    2                    3                   4
        expect marts.trade_balance_monthly_adjusted where reporter_code = 'AAA'
        partner_code exports_working_days_pct imports_working_days_pct exports_adjusted_change_pct snapshot_ids
        BBB          10                       9                        -                           "s1, s2, s3"
        BBB          5                        6                        ~-60                        "s1, s2, s3"
        BBB          -                        -                        -                           s3
        CCC          5                        6                        -                           s4
        expect marts.trade_balance_monthly_adjusted where reporter_code = 'AAA'
        period_start exports_usd imports_usd exports_source imports_source imports_adjusted_change_pct
        2024-03-01   50          30          x              y              -
        2024-04-01   20          60          x              y              ~50
        2024-05-01   20          60          x              y              -
        2024-04-01   20          60          x              y              -
        given analysis.seasonally_adjusted reporter_code=AAA is_joint_month=false
        partner_code flow   period_start method holiday  status span_start span_end   parameters stl_usd
        BBB          export 2024-03-01   X-13   removed  b      2019-01-01 2024-04-01 e          52
        BBB          import 2024-03-01   STL    not_seen a      2018-01-01 2024-03-01 i          32
        BBB          export 2024-04-01   STL    not_kept a      2017-01-01 2024-05-01 f          22
        BBB          import 2024-04-01   X-13   removed  b      2018-02-01 2024-06-01 j          62
        expect marts.trade_balance_monthly_adjusted where reporter_code = 'AAA' and partner_code = 'BBB'
        exports_method imports_method exports_holiday imports_holiday exports_status imports_status method parameters
        X-13           STL            removed         not_seen        b              a              X-13   e
        STL            X-13           not_kept        removed         a              b              STL    f
        -              -              -               -               -              -              -      -
        expect marts.trade_balance_monthly_adjusted where exports_method is not null
        exports_span_start exports_span_end imports_span_start imports_span_end exports_stl_usd imports_stl_usd
        2019-01-01         2024-04-01       2018-01-01         2024-03-01       52              32
        2017-01-01         2024-05-01       2018-02-01         2024-06-01       22              62
    """)


def test_a_flow_that_is_not_adjusted_says_why_and_by_which_method(bench: Bench) -> None:
    """A month without a figure has no method, and one that is not positive no logarithm."""
    bench.check("""
        given marts.trade_balance_monthly
        reporter_code partner_code period_start exports_usd imports_usd snapshot_ids
        AAA           CCC          2024-02-01   5           0           s1
        AAA           CCC          2024-03-01   -           1           s2
        AAA           CCC          2024-05-01   0           8           s2
        AAA           CCC          2024-06-01   1           -           s2
        AAA           DDD          2024-03-01   5           7           s1
        AAA           DDD          2024-04-01   0           0           s2
        EEE           CCC          2024-03-01   5           7           s1
        FFF           CCC          2024-03-01   5           7           s1
        FFF           CCC          2024-04-01   5           7           s2
        GGG           CCC          2024-03-01   5           7           s1
        HHH           CCC          2024-03-01   5           7           s1
        given analysis.seasonally_adjusted
        reporter_code partner_code flow   period_start adjusted_usd status   method parameters is_joint_month
        AAA           CCC          export -            -            b_thin   STL    e          true
        AAA           CCC          import -            -            a_short  X-13   i          true
        GGG           CCC          export -            -            c_thin   X-13   ge         false
        GGG           CCC          import -            -            d_short  STL    gi         false
        AAA           DDD          export 2024-03-01   4            adjusted X-13   de         false
        AAA           DDD          import -            -            a_short  STL    di         false
        EEE           CCC          import 2024-03-01   4            adjusted X-13   ei         true
        EEE           CCC          export -            -            b_thin   STL    ee         false
        FFF           CCC          import 2024-03-01   4            adjusted X-13   fi         false
        HHH           CCC          import -            -            b_thin   STL    hi         -
        expect marts.trade_balance_monthly_adjusted
        reporter_code partner_code period_start exports_status imports_status is_joint_month snapshot_ids
        AAA           CCC          2024-02-01   b_thin         not_positive   true           s1
        AAA           CCC          2024-03-01   -              a_short        false          s2
        AAA           CCC          2024-05-01   not_positive   a_short        false          s2
        AAA           CCC          2024-06-01   b_thin         -              false          s2
        AAA           DDD          2024-03-01   adjusted       a_short        false          "s1, s2"
        AAA           DDD          2024-04-01   not_positive   not_positive   false          s2
        EEE           CCC          2024-03-01   b_thin         adjusted       true           s1
        FFF           CCC          2024-03-01   -              adjusted       false          "s1, s2"
        FFF           CCC          2024-04-01   -              -              false          s2
        GGG           CCC          2024-03-01   c_thin         d_short        false          s1
        HHH           CCC          2024-03-01   -              b_thin         false          s1
        expect marts.trade_balance_monthly_adjusted
        reporter_code partner_code period_start exports_method imports_method method parameters
        AAA           CCC          2024-02-01   STL            X-13           STL    e
        AAA           CCC          2024-03-01   -              X-13           STL    e
        AAA           CCC          2024-05-01   STL            X-13           STL    e
        AAA           CCC          2024-06-01   STL            -              STL    e
        AAA           DDD          2024-03-01   X-13           STL            X-13   de
        AAA           DDD          2024-04-01   -              STL            STL    di
        EEE           CCC          2024-03-01   STL            X-13           STL    ei
        FFF           CCC          2024-03-01   -              X-13           X-13   fi
        FFF           CCC          2024-04-01   -              -              -      -
        GGG           CCC          2024-03-01   X-13           STL            X-13   ge
        HHH           CCC          2024-03-01   -              STL            STL    hi
    """)


def test_change_per_working_day_counts_the_reporters_days_of_both_years(bench: Bench) -> None:
    """10% more in 21 days than in 20 are 4.76% more a day, 5% more are as much."""
    bench.check("""
        given marts.trade_balance_monthly partner_code=BBB snapshot_ids=s
        reporter_code period_start exports_yoy_pct imports_yoy_pct
        AAA           2025-03-01   10              5
        AAA           2025-04-01   10              5
        CCC           2025-03-01   10              50
        given core.working_days
        economy_code period_start working_days
        AAA          2024-03-01   20
        AAA          2025-03-01   21
        AAA          2025-04-01   22
        BBB          2024-03-01   19
        BBB          2025-03-01   23
        CCC          2024-03-01   20
        CCC          2025-03-01   10
        expect marts.trade_balance_monthly_adjusted
        reporter_code period_start working_days exports_per_day_yoy_pct imports_per_day_yoy_pct
        AAA           2025-03-01   21           4.7619±0.0001           0±1e-9
        AAA           2025-04-01   22           -                       -
        CCC           2025-03-01   10           120±1e-9                200±1e-9
    """)
