"""The analyses of the committed figures agree with publishers' prints, and with SQL over the same figures."""

from __future__ import annotations

import duckdb
import pytest


@pytest.mark.long
def test_travellers_from_china_fell_after_the_ban_and_no_donor_decides_it(
    published: duckdb.DuckDBPyConnection,
) -> None:
    """Ten months of 2017 against those of 2016, beside the eleven of east Asia, by SQL over the same figures."""
    row = published.execute(
        "select estimate_pct, placebo_rank, placebo_count, conclusion, status, q_value, time_placebo_rank, "
        "leave_one_out_high_pct, designs_high_pct, n_donors from marts.policy_event_effects "
        "where event_id = 'E009' and stage = 'implemented' and domain = 'arrivals'"
    ).fetchone()
    (expected,) = published.execute("""
        with changes as (
            select
                after.visitor_code,
                avg(ln(after.traveller_arrivals / before.traveller_arrivals)) as change
            from core.visitor_arrivals_monthly as after
            inner join core.visitor_arrivals_monthly as before
                on after.visitor_code = before.visitor_code
                and after.period_start = before.period_start + interval 1 year
            inner join core.economy_likeness as likeness on after.visitor_code = likeness.economy_code
            where after.period_start >= date '2017-03-01' and likeness.region = 'east_asia'
            group by after.visitor_code
        )
        select 100 * (exp(max(change) filter (where visitor_code = 'CHN')
            - avg(change) filter (where visitor_code != 'CHN')) - 1)
        from changes
    """).fetchone() or (None,)
    assert row is not None
    estimate, rank, placebos, conclusion, status, q_value, in_time, without, others, donors = row
    assert estimate == pytest.approx(expected, rel=1e-4)
    assert (rank, placebos, conclusion, status, in_time, donors) == (1, 49, "fall", "estimated", 1, 11)
    # First of fifty is all that fifty bear out: a share of 2%, of which a correction for all hypotheses leaves nothing.
    assert q_value > 0.1
    assert -70 < estimate < -55
    assert max(without, others) < -50


@pytest.mark.long
def test_crews_would_have_made_the_ban_look_as_if_it_hit_others_too(published: duckdb.DuckDBPyConnection) -> None:
    """India's and Italy's visitors fell by a third and more with the cruises; their travellers did not."""
    found = published.execute("""
        select visitor_code,
            sum(arrivals) filter (where year(period_start) = 2017)
            / sum(arrivals) filter (where year(period_start) = 2016) as with_crews,
            sum(traveller_arrivals) filter (where year(period_start) = 2017)
            / sum(traveller_arrivals) filter (where year(period_start) = 2016) as without
        from core.visitor_arrivals_monthly
        where visitor_code in ('IND', 'ITA')
        group by visitor_code
    """).fetchall()
    assert len(found) == 2
    assert all(with_crews < 0.7 and without > 0.9 for _, with_crews, without in found)


@pytest.mark.long
def test_what_several_events_ask_is_one_hypothesis(published: duckdb.DuckDBPyConnection) -> None:
    """The travellers of 2017 are asked about for the ban and for THAAD: two rows, one q-value."""
    rows = published.execute(
        "select q_value, hypothesis_count from marts.policy_event_effects "
        "where series = 'arrivals/M/KOR/export/CHN/SD' and effect_from = date '2017-03-01' and status = 'estimated'"
    ).fetchall()
    assert len(rows) == 2
    assert len(set(rows)) == 1
    tested, counted = published.execute("""
        with tested as (
            select series, effect_from, hypothesis_count
            from marts.policy_event_effects where q_value is not null
            union all
            select series, in_force_on, hypothesis_count from marts.agreement_effects where q_value is not null
        )
        select count(distinct (series, date_trunc('month', effect_from))), max(hypothesis_count) from tested
    """).fetchone() or (None, None)
    assert tested == counted


@pytest.mark.long
def test_the_change_of_goods_after_thaad_is_not_significant(published: duckdb.DuckDBPyConnection) -> None:
    """By months of either side's statistics, and whichever donor is left out; nor is that proof of none."""
    rows = published.execute(
        "select reporter_code, flow, conclusion, estimate_pct, designs_low_pct, designs_high_pct, power_of_20_pct, "
        "q_value from marts.policy_event_effects where event_id = 'E007' and domain = 'goods' and status = 'estimated' "
        "and list_sort([reporter_code, partner_code]) = ['CHN', 'KOR']"
    ).fetchall()
    assert {(reporter, flow) for reporter, flow, *_ in rows} == {
        ("CHN", "export"),
        ("CHN", "import"),
        ("KOR", "export"),
        ("KOR", "import"),
    }
    for _, _, conclusion, estimate, low, high, power, q_value in rows:
        assert conclusion == ("none" if power >= 80 else "uninformative")
        assert low <= high
        assert abs(estimate) < 20
        assert 0 <= power <= 100
        assert q_value > 0.5


@pytest.mark.long
def test_leaving_out_a_donor_changes_neither_sign_nor_conclusion_of_an_estimate(
    published: duckdb.DuckDBPyConnection,
) -> None:
    count, wrong = published.execute("""
        select count(*), count(*) filter (
            where not designs.is_same_sign
            or designs.conclusion != replace(effects.conclusion, 'uninformative', 'none')
        )
        from marts.policy_event_effects as effects
        inner join marts.policy_event_sensitivity as designs using (event_id, stage, event_date, series)
        where effects.status = 'estimated' and designs.left_out_code != 'none'
    """).fetchone() or (0, 0)
    assert count > 300
    assert wrong == 0


@pytest.mark.long
def test_makers_of_machines_are_never_held_against_exporters_of_oil(published: duckdb.DuckDBPyConnection) -> None:
    found = published.execute("""
        select distinct likeness.exports_mostly
        from marts.policy_event_effects as effects
        cross join unnest(string_split(effects.donors, ', ')) as listed (donor)
        inner join core.economy_likeness as likeness on listed.donor = likeness.economy_code
        where effects.domain = 'goods' and effects.partner_code in ('CHN', 'KOR', 'JPN', 'USA', 'DEU')
    """).fetchall()
    assert found == [("manufactures",)]


@pytest.mark.long
def test_what_the_figures_cannot_answer_is_refused(published: duckdb.DuckDBPyConnection) -> None:
    refused = {
        status for (status,) in published.execute("select distinct status from marts.policy_event_effects").fetchall()
    }
    assert {
        "estimated",
        "unstable",
        "series_ends",
        "overlaps",
        "repeats",
        "no_series",
        "scope_not_measurable",
        "poor_fit",
        "too_few_donors",
    } <= refused
    # Travel in dollars rests on four partners and a window that another agreement falls into: it is no estimate.
    (services,) = published.execute(
        "select count(*) from marts.policy_event_effects where domain = 'services' and status = 'estimated'"
    ).fetchone() or (None,)
    assert services == 0


def test_the_lunar_new_year_is_seen_where_it_is_kept(published: duckdb.DuckDBPyConnection) -> None:
    rows = dict(
        published.execute(
            "select exports_holiday, count(*) from marts.trade_balance_monthly_adjusted "
            "where reporter_code = 'KOR' and partner_code = 'CHN' and exports_status = 'adjusted' group by all"
        ).fetchall()
    )
    assert set(rows) == {"removed"}
    (kept,) = published.execute(
        "select count(*) from marts.trade_balance_monthly_adjusted where reporter_code = 'FRA' "
        "and partner_code = 'DEU' and exports_holiday != 'not_kept'"
    ).fetchone() or (None,)
    assert kept == 0


@pytest.mark.long
def test_nothing_of_the_calendar_is_left_in_months_that_x13_adjusts(published: duckdb.DuckDBPyConnection) -> None:
    rows = published.execute("""
        select trading_days_p, working_days_t, new_year_t, chuseok_t, largest_revision_pct, m7, stl_gap_median_pct
        from marts.seasonal_diagnostics
        where method = 'X-13' and reporter_code = 'KOR' and partner_code = 'CHN'
    """).fetchall()
    assert len(rows) == 2
    for trading_days_p, working_days_t, new_year_t, chuseok_t, revision, m7, gap in rows:
        assert trading_days_p > 0.05
        assert abs(working_days_t) < 2
        assert max(abs(new_year_t), abs(chuseok_t)) < 2.6
        assert revision < 3.5
        assert m7 < 0.5
        assert 0.5 < gap < 3
    # Weekdays are left in most months that STL adjusts, and in none that X-13 adjusts.
    assert published.execute("""
        select method, count(*) filter (trading_days_p <= 0.05) > 0.5 * count(*)
        from marts.seasonal_diagnostics where status = 'adjusted' group by all order by 1
    """).fetchall() == [("STL", True), ("X-13", False)]


def test_growth_per_working_day_is_that_of_the_ministry(published: duckdb.DuckDBPyConnection) -> None:
    """Four working days fewer in January 2025 than in January 2024, because Seollal moved there."""
    rows = published.execute("""
        select working_days, round(exports_per_day_yoy_pct - exports_yoy_pct, 1)
        from marts.trade_balance_monthly_adjusted
        inner join marts.trade_balance_monthly using (reporter_code, partner_code, period_start)
        where reporter_code = 'KOR' and partner_code = 'CHN' and period_start in ('2024-01-01', '2025-01-01')
        order by period_start
    """).fetchall()
    assert [days for days, _ in rows] == [24, 20]
    assert rows[1][1] > 15


@pytest.mark.long
def test_the_crisis_of_2008_is_a_break_and_nobody_calls_an_event_its_cause(
    published: duckdb.DuckDBPyConnection,
) -> None:
    (change,) = published.execute(
        "select level_change_pct from marts.trade_breaks where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and series = 'imports' and break_start between date '2008-09-01' and date '2009-01-01'"
    ).fetchone() or (None,)
    assert change < -25
    near = published.execute(
        "select event_ids from marts.trade_breaks where reporter_code = 'KOR' and partner_code = 'CHN' "
        "and series = 'exports' and break_start between date '2015-10-01' and date '2016-03-01'"
    ).fetchall()
    assert near
    assert all("E005" in listed for (listed,) in near)


def test_an_adjusted_month_rests_on_its_whole_series(published: duckdb.DuckDBPyConnection) -> None:
    """What is worked out of all months is known once the last of them is."""
    rows = published.execute(
        """
        with series as (
            select reporter_code, partner_code, list_sort(list_distinct(flatten(list(snapshot_ids)))) as every
            from marts.trade_balance_monthly group by all
        )
        select exports_adjusted_usd is not null or imports_adjusted_usd is not null as is_adjusted,
            count(*), count(*) filter (where adjusted.snapshot_ids = series.every)
        from marts.trade_balance_monthly_adjusted as adjusted
        inner join series using (reporter_code, partner_code)
        group by all order by 1
        """
    ).fetchall()
    (_, others, whole), (_, adjusted, of_series) = rows
    assert adjusted == of_series > 1000
    assert whole < others
