"""The record of revisions: what is a case, at which horizon, how large it is, and whether it is news or noise."""

from __future__ import annotations

from collections.abc import Iterable

from tests.sql.bench import Bench

# How many figures, the first value and the later one; a year before each of them was 64.
Groups = Iterable[tuple[int, int, int]]


def test_every_source_with_two_snapshots_has_a_record(bench: Bench) -> None:
    """A year of Japan is its December of all goods; of an indicator each economy counts once."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from
        a           2021-02-01
        b           2021-03-01
        given staging.kosis__goods_monthly source=kosis dataset=goods_monthly frequency=M
        reporter_code partner_code flow   period_start value_usd snapshot_id
        AAA           BBB          export 2020-11-01   100       a
        AAA           BBB          export 2020-11-01   104       b
        AAA           BBB          export 2020-12-01   100       a
        AAA           BBB          export 2020-12-01   94        b
        AAA           CCC          export 2020-12-01   100       a
        AAA           CCC          export 2020-12-01   100       b
        DDD           BBB          export 2020-12-01   100       a
        DDD           BBB          export 2020-12-01   110       b
        AAA           BBB          import 2020-12-01   100       a
        AAA           BBB          import 2020-12-01   50        b
        # One snapshot alone has it, or another dataset has it too.
        AAA           EEE          export 2020-12-01   100       a
        AAA           FFF          export 2020-12-01   100       b
        given staging.us_census__goods_monthly source=us_census dataset=goods_monthly frequency=M
        reporter_code partner_code flow   period_start value_usd snapshot_id
        AAA           BBB          export 2020-12-01   3         a
        AAA           BBB          export 2020-12-01   4         b
        AAA           BBB          export 2020-11-01   3         a
        AAA           BBB          export 2020-11-01   2         b
        AAA           BBB          export 2020-10-01   3         a
        AAA           BBB          export 2020-10-01   4         b
        AAA           FFF          export 2020-12-01   100       a
        given staging.us_census__goods_annual source=us_census dataset=goods_annual frequency=A
        reporter_code partner_code flow   period_start value_usd snapshot_id
        AAA           BBB          export 2020-01-01   100       a
        AAA           BBB          export 2020-01-01   102       b
        given staging.jp_mof__goods_annual_commodities source=jp_mof dataset=commodities flow=import
        reporter_code partner_code level period_start value_ytd_jpy snapshot_id
        AAA           BBB          0     2020-12-01   100           a
        AAA           BBB          0     2020-12-01   103           b
        AAA           CCC          0     2020-12-01   100           a
        AAA           CCC          0     2020-12-01   104           b
        DDD           BBB          0     2020-12-01   100           a
        DDD           BBB          0     2020-12-01   105           b
        AAA           EEE          0     2020-06-01   100           a
        AAA           EEE          0     2020-06-01   110           b
        AAA           FFF          1     2020-12-01   100           a
        AAA           FFF          1     2020-12-01   110           b
        given staging.worldbank__wdi source=worldbank dataset=wdi
        economy_code indicator_code year value snapshot_id
        AAA          GDP            2020 100   a
        AAA          GDP            2020 99    b
        AAA          POP            2020 100   a
        AAA          POP            2020 97    b
        DDD          GDP            2019 100   a
        DDD          GDP            2019 100   b
        run marts.revision_record
        expect marts.revision_record
        source    dataset       frequency flow      is_first_print from_period to_period  partner_count case_count
        kosis     goods_monthly M         export    true           2020-11-01  2020-12-01 3             4
        kosis     goods_monthly M         import    true           2020-12-01  2020-12-01 1             1
        us_census goods_monthly M         export    true           2020-10-01  2020-12-01 1             3
        us_census goods_annual  A         export    true           2020-01-01  2020-01-01 1             1
        jp_mof    commodities   A         import    true           2020-01-01  2020-01-01 3             3
        worldbank wdi           A         indicator true           2020-01-01  2020-01-01 1             2
        worldbank wdi           A         indicator false          2019-01-01  2019-01-01 1             1
        expect marts.revision_record where frequency = 'M' or is_first_print
        dataset       flow      revised_count up_count mean_revision_pct mean_absolute_revision_pct largest_revision_pct
        goods_monthly export    3             2        2                 5                          10
        goods_monthly import    1             0        -50               50                         50
        goods_monthly export    3             2        11.111111111      33.333333333               33.333333333
        goods_annual  export    1             1        2                 2                          2
        commodities   import    3             3        4                 4                          5
        wdi           indicator 2             0        -2                2                          3
        expect distinct marts.revision_record
        horizon revision_kind
        month   too_few
    """)


def test_each_horizon_has_the_last_value_within_it(bench: Bench) -> None:
    """Partners are called by the days from the first print to the second."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from
        first       2021-01-31
        d10         2021-02-10
        d20         2021-02-20
        d45         2021-03-17
        d46         2021-03-18
        d135        2021-06-15
        d136        2021-06-16
        d270        2021-10-28
        d271        2021-10-29
        d450        2022-04-26
        d451        2022-04-27
        given staging.kosis__goods_monthly source=s dataset=d frequency=M reporter_code=AAA flow=export
        partner_code period_start value_usd snapshot_id
        several      2020-12-01   100       first
        several      2020-12-01   190       d10
        several      2020-12-01   101       d20
        several      2020-12-01   190       d46
        several      2020-12-01   102       d135
        d45          2020-12-01   100       first
        d45          2020-12-01   105       d45
        d46          2020-12-01   100       first
        d46          2020-12-01   108       d46
        d135         2020-12-01   100       first
        d135         2020-12-01   110       d135
        d136         2020-12-01   100       first
        d136         2020-12-01   111       d136
        d270         2020-12-01   100       first
        d270         2020-12-01   113       d270
        d271         2020-12-01   100       first
        d271         2020-12-01   114       d271
        d450         2020-12-01   100       first
        d450         2020-12-01   118       d450
        d451         2020-12-01   100       first
        d451         2020-12-01   119       d451
        run marts.revision_record
        expect marts.revision_record
        horizon   case_count mean_revision_pct largest_revision_pct
        month     2          3                 5
        quarter   3          6.666666667       10
        half_year 2          12                13
        year      2          16                18
        later     1          19                19
    """)


def test_the_last_value_of_a_day_counts_and_none_is_not_a_value(bench: Bench) -> None:
    """Of two snapshots of one moment the second by name; a figure of nothing is no figure yet, or none any more."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        none        2021-01-05 2021-01-05T09:00:00
        z_morning   2021-02-01 2021-02-01T09:00:00
        evening     2021-02-01 2021-02-01T18:00:00
        m_again     2021-02-01 2021-02-01T18:00:00
        b_noon      2021-03-01 2021-03-01T12:00:00
        a_night     2021-03-01 2021-03-01T22:00:00
        given staging.kosis__goods_monthly source=s dataset=d frequency=M reporter_code=AAA flow=export
        partner_code period_start value_usd snapshot_id
        BBB          2020-12-01   0         none
        BBB          2020-12-01   70        z_morning
        BBB          2020-12-01   80        evening
        BBB          2020-12-01   100       m_again
        BBB          2020-12-01   150       b_noon
        BBB          2020-12-01   120       a_night
        CCC          2020-12-01   100       m_again
        CCC          2020-12-01   0         a_night
        # Both of one day are no revision.
        DDD          2020-12-01   100       b_noon
        DDD          2020-12-01   120       a_night
        run marts.revision_record
        expect marts.revision_record
        case_count mean_revision_pct
        1          20
    """)


def test_a_print_is_the_first_up_to_150_days_after_the_period(bench: Bench) -> None:
    """A year ends with December, a month with its last day."""
    bench.check("""
        given reference.snapshots
        snapshot_id known_from
        day150      2021-05-30
        day151      2021-05-31
        later       2021-06-10
        given staging.kosis__goods_monthly source=s dataset=d reporter_code=AAA flow=export value_usd=1
        frequency partner_code period_start snapshot_id
        A         day150       2020-01-01   day150
        A         day150       2020-01-01   later
        A         day151a      2020-01-01   day151
        A         day151a      2020-01-01   later
        A         day151b      2020-01-01   day151
        A         day151b      2020-01-01   later
        M         day150       2020-12-01   day150
        M         day150       2020-12-01   later
        M         day151       2020-12-01   day151
        M         day151       2020-12-01   later
        M         day150       2020-01-01   day150
        M         day150       2020-01-01   later
        # January is not the year.
        A         other        2020-01-01   day150
        M         other        2020-01-01   later
        run marts.revision_record
        expect marts.revision_record
        frequency is_first_print case_count revised_count
        A         true           1          0
        A         false          2          0
        M         true           1          0
        M         false          2          0
    """)


SNAPSHOTS = """
    given reference.snapshots
    snapshot_id known_from
    before      2020-02-01
    first       2021-03-01
    second      2021-04-01
"""
FIGURES = "source dataset reporter_code partner_code flow frequency period_start value_usd snapshot_id"


def list_cases(dataset: str, groups: Groups) -> list[str]:
    """List years that two snapshots have, each of another partner."""
    pairs = [values for count, *values in groups for _ in range(count)]
    return [
        f"s {dataset} AAA B{place:02} export A 2020-01-01 {value} {snapshot}"
        for place, values in enumerate(pairs)
        for value, snapshot in zip(values, ("first", "second"), strict=True)
    ]


def list_years_before(dataset: str, places: range = range(20), **other: object) -> list[str]:
    """List a year before of each partner, or what is not quite that."""
    year = {
        "source": "s",
        "named": dataset,
        "reporter": "AAA",
        "partner": "B",
        "flow": "export",
        "frequency": "A",
        "start": "2019-01-01",
        "value": 64,
        "snapshot": "first",
        **other,
    }
    return [
        "{source} {named} {reporter} {partner}{place:02} {flow} {frequency} {start} {value} {snapshot}".format(
            place=place, **year
        )
        for place in places
    ]


def expect_kinds(bench: Bench, figures: Iterable[str], expected: str) -> None:
    bench.check(
        f"{SNAPSHOTS}\ngiven staging.kosis__goods_monthly\n"
        + "\n".join([FIGURES, *figures])
        + "\nrun marts.revision_record\nexpect marts.revision_record where horizon = 'month'\n"
        + f"dataset case_count revision_kind\n{expected}"
    )


# Twenty first values that are all the same, so that revisions go with the later growth alone.
NEWS = [(10, 64, 32), (10, 64, 128)]
NOISE = [(10, 32, 64), (10, 128, 64)]


def test_revisions_that_go_with_one_growth_are_news_or_noise(bench: Bench) -> None:
    """It takes twenty cases whose growth over a year was known; others count in no correlation."""
    without_growth = [(5, 64, 64), (1, 1, 640)]
    expect_kinds(
        bench,
        [
            *list_cases("news", NEWS),
            *list_years_before("news"),
            *list_cases("noise", NOISE),
            *list_years_before("noise"),
            # What was as large as the year before, at first and in the end.
            *list_cases("first_like_before", [(10, 32, 16), (10, 64, 128)]),
            *list_years_before("first_like_before", range(10), value=32),
            *list_years_before("first_like_before", range(10, 20)),
            *list_cases("later_like_before", [(10, 16, 32), (10, 128, 64)]),
            *list_years_before("later_like_before", range(10), value=32),
            *list_years_before("later_like_before", range(10, 20)),
            *list_cases("unrevised", [(10, 32, 32), (10, 64, 64)]),
            *list_years_before("unrevised"),
            *list_cases("some_news", [*NEWS, *without_growth]),
            *list_years_before("some_news"),
            *list_cases("some_noise", [*NOISE, *without_growth]),
            *list_years_before("some_noise"),
            *list_cases("fewer", [*NEWS, *without_growth]),
            *list_years_before("fewer", range(19)),
        ],
        """
        news       20 news
        noise      20 noise
        first_like_before 20 news
        later_like_before 20 noise
        unrevised  20 neither
        some_news  26 news
        some_noise 26 noise
        fewer      26 too_few
        """,
    )


# In each name the square of the correlation with the first growth and with the later one, times 2 more than the cases;
# over 4 it differs from zero.
CORRELATIONS = {
    "low_3.88": ([(10, 32, 32), (3, 64, 128), (7, 16, 32)], "neither"),
    "low_4.00": ([(8, 32, 16), (8, 32, 48), (16, 96, 96), (2, 64, 64)], "neither"),
    "low_4.22": ([(13, 32, 40), (1, 192, 96), (6, 96, 144)], "news"),
    "3.98_high": ([(4, 128, 128), (7, 32, 24), (8, 64, 32), (1, 64, 80)], "news"),
    "4.00_high": ([(5, 32, 16), (5, 128, 64), (10, 48, 96)], "news"),
    "4.20_high": ([(10, 48, 96), (6, 32, 24), (4, 128, 64)], "neither"),
    "3.88_low": ([(7, 32, 16), (3, 32, 32), (10, 192, 96)], "neither"),
    "4.00_low": ([(2, 64, 32), (10, 64, 64), (6, 256, 128), (12, 64, 32)], "neither"),
    "4.58_low": ([(1, 32, 32), (13, 128, 256), (2, 64, 32), (4, 24, 96)], "noise"),
    "high_3.91": ([(5, 128, 64), (4, 32, 32), (3, 32, 128), (8, 128, 128)], "noise"),
    "high_4.00": ([(3, 128, 128), (15, 128, 64), (2, 32, 32)], "noise"),
    "high_4.37": ([(6, 128, 128), (5, 128, 64), (3, 96, 96), (6, 16, 64)], "neither"),
}


def test_a_correlation_is_one_where_its_t_value_exceeds_2(bench: Bench) -> None:
    counts = {name: sum(count for count, *_ in groups) for name, (groups, _) in CORRELATIONS.items()}
    expect_kinds(
        bench,
        [
            line
            for name, (groups, _) in CORRELATIONS.items()
            for line in (*list_cases(name, groups), *list_years_before(name, range(counts[name])))
        ],
        "\n".join(f"{name} {counts[name]} {kind}" for name, (_, kind) in CORRELATIONS.items()),
    )


def test_the_year_before_is_of_the_same_figure_and_as_known_then(bench: Bench) -> None:
    """What differs in one thing is no year before; of two values the one counts that was known on the day."""
    other = {
        "of_source": {"source": "t"},
        "of_dataset": {"named": "another"},
        "of_reporter": {"reporter": "CCC"},
        "of_partner": {"partner": "D"},
        "of_flow": {"flow": "import"},
        "of_frequency": {"frequency": "M"},
        "of_2018": {"start": "2018-01-01"},
        "of_2021": {"start": "2021-01-01"},
        "of_later": {"snapshot": "second"},
    }
    near = [
        line
        for name, how in other.items()
        for line in (*list_cases(name, NEWS), *list_years_before(name, range(20), **how))
    ]
    # As it was known at first it would make noise of it: 16 for what fell to 32, and 64 for what rose to 128.
    revised = [
        *list_years_before("revised", range(10), snapshot="before", value=16),
        *list_years_before("revised", range(10, 20), snapshot="before"),
    ]
    expect_kinds(
        bench,
        [*near, *list_cases("revised", NEWS), *revised, *list_years_before("revised")],
        "\n".join([*(f"{name} 20 too_few" for name in other), "revised 20 news"]),
    )


def test_cases_of_two_reporters_with_one_partner_are_two(bench: Bench) -> None:
    bench.check(f"""
        {SNAPSHOTS}
        given staging.kosis__goods_monthly source=s dataset=d frequency=A flow=export period_start=2020-01-01
        reporter_code partner_code value_usd snapshot_id
        AAA           BBB          100       first
        AAA           BBB          101       second
        AAA           CCC          100       first
        AAA           CCC          102       second
        DDD           BBB          100       first
        DDD           BBB          103       second
        run marts.revision_record
        expect marts.revision_record
        case_count mean_revision_pct
        3          2
    """)
