"""Diagnostics of adjusted months: their status, what of the calendar is left, and the distance from STL."""

from __future__ import annotations

from tests.sql.bench import Bench


def test_the_distance_from_stl_is_the_median_and_the_largest(bench: Bench) -> None:
    """Of an odd number of months the middle one, of an even number the mean of both; one has no second method."""
    bench.check("""
        given analysis.seasonally_adjusted status=adjusted adjusted_usd=100
        reporter_code partner_code flow   period_start stl_usd
        AAA           BBB          export 2020-01-01   101
        AAA           BBB          export 2020-02-01   92
        AAA           BBB          export 2020-03-01   104
        AAA           BBB          export 2020-04-01   -
        AAA           BBB          import 2020-01-01   90
        AAA           BBB          import 2020-02-01   102
        AAA           BBB          import 2020-03-01   96
        AAA           BBB          import 2020-04-01   130
        AAA           CCC          export 2020-01-01   150
        AAA           CCC          export 2020-02-01   150
        DDD           BBB          export 2020-01-01   175
        DDD           BBB          export 2020-02-01   175
        run marts.seasonal_diagnostics
        expect marts.seasonal_diagnostics
        reporter_code partner_code flow   month_count stl_gap_median_pct stl_gap_largest_pct
        AAA           BBB          export 3           ~4                 ~8
        AAA           BBB          import 4           ~7                 ~30
        AAA           CCC          export 2           ~50                ~50
        DDD           BBB          export 2           ~75                ~75
    """)


def test_the_status_of_what_was_adjusted_goes_before_that_of_the_pair(bench: Bench) -> None:
    """A row without a month says why a series is not adjusted; a month may have another reason of its own."""
    bench.check("""
        given analysis.seasonally_adjusted reporter_code=AAA
        flow   partner_code period_start status
        export BBB          2020-01-01   adjusted
        export BBB          2020-02-01   too_short
        import BBB          2020-01-01   too_short
        import BBB          2020-02-01   weak_season
        import BBB          -            too_few_years
        export CCC          -            too_few_years
        export CCC          2020-01-01   too_short
        import CCC          -            not_among_largest
        import CCC          2020-01-01   unlisted
        run marts.seasonal_diagnostics
        expect marts.seasonal_diagnostics
        partner_code flow   status
        BBB          export adjusted
        BBB          import weak_season
        CCC          export too_few_years
        CCC          import not_among_largest
    """)


def test_a_series_has_what_its_model_says_in_every_month(bench: Bench) -> None:
    """So it has where a month lacks it."""
    bench.check("""
        given analysis.seasonally_adjusted reporter_code=AAA partner_code=BBB flow=export method=X-13
        parameters span_start span_end   m7  q   trading_days_p working_days_t new_year_t chuseok_t largest_revision_pct
        (0,1,1)    2010-01-01 2025-12-01 0.2 0.3 0.4            0.5            0.6        0.7       0.8
        -          -          -          -   -   -              -              -          -         -
        run marts.seasonal_diagnostics
        expect marts.seasonal_diagnostics
        method parameters span_start span_end   m7  q
        X-13   (0,1,1)    2010-01-01 2025-12-01 0.2 0.3
        expect marts.seasonal_diagnostics
        trading_days_p working_days_t new_year_t chuseok_t largest_revision_pct
        0.4            0.5            0.6        0.7       0.8
    """)


def test_one_effect_is_enough_for_the_calendar_to_be_left(bench: Bench) -> None:
    """A p-value up to 0.05, working days of 2 or more, or a holiday of 2.6 or more, of either sign."""
    bench.check("""
        given analysis.seasonally_adjusted reporter_code=AAA flow=export status=adjusted
        partner_code trading_days_p working_days_t new_year_t chuseok_t
        B01          0.06           1.9            2.5        2.5
        B02          0.05           0              0          0
        B03          0.06           2              0          0
        B04          0.06           -2             0          0
        B05          0.06           0              2.6        0
        B06          0.06           0              -2.6       0
        B07          0.06           0              0          2.6
        B08          0.06           0              0          -2.6
        B09          0.06           -              -          -
        B10          0.04           -              -          -
        B11          0.06           2.5            -          -
        B12          0.06           -              3          -
        B13          0.06           -              -          3
        B14          -              -              -          -
        B15          -              0              0          0
        B16          -              2              0          0
        run marts.seasonal_diagnostics
        expect marts.seasonal_diagnostics
        partner_code is_calendar_left
        B01          false
        B02          true
        B03          true
        B04          true
        B05          true
        B06          true
        B07          true
        B08          true
        B09          false
        B10          true
        B11          true
        B12          true
        B13          true
        B14          -
        B15          -
        B16          true
    """)
