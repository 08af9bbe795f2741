"""The duty charged, the shares of origins, and the doses of tariffs, compared with values computed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from dagster_project.analysis.doses import COLUMNS
from dagster_project.reference.rows import Rows
from tests.sql.bench import Bench

# Two products of two partners and the world, a year apart; an older vintage that a newer one has replaced.
IMPORTS = """
    partner_code product_code period_start value_usd duty_usd known_to
    CHN          84           2017-05-01   100       3        -
    CHN          85           2017-05-01   300       9        -
    WLD          84           2017-05-01   400       4        -
    WLD          85           2017-05-01   600       12       -
    CHN          84           2018-05-01   100       25       -
    CHN          84           2018-05-01   999       99       2019-01-01
    WLD          84           2018-05-01   500       26       -
    WLD          85           2018-05-01   300       0        -
"""


def give_imports(bench: Bench, frame: str, **everywhere: object) -> None:
    same = {
        "reporter_code": "USA",
        "classification": "HS2",
        "source": "us_census",
        "dataset": "imports_for_consumption_hs",
        "snapshot_id": "now",
    }
    bench.given("core.imports_for_consumption", frame, **{**same, **everywhere})


def test_the_rate_is_the_duty_of_the_same_imports_in_the_newest_vintage(bench: Bench) -> None:
    give_imports(bench, IMPORTS)
    bench.run("marts.duty_charged_monthly")
    assert bench.ask(
        "select product_code, year(period_start), imports_usd, duty_rate_pct "
        "from marts.duty_charged_monthly where partner_code = 'CHN' order by all"
    ) == [
        ("84", 2017, 100, 3.0),
        ("84", 2018, 100, 25.0),
        ("85", 2017, 300, 3.0),
        ("TOTAL", 2017, 400, 3.0),
        ("TOTAL", 2018, 100, 25.0),
    ]


def test_a_share_is_of_all_partners_imports_of_the_product(bench: Bench) -> None:
    give_imports(bench, IMPORTS)
    bench.run("marts.duty_charged_monthly", "marts.duty_charged_annual")
    assert bench.ask(
        "select product_code, year, share_pct, month_count, is_whole_year, share_change_points "
        "from marts.duty_charged_annual where partner_code = 'CHN' order by all"
    ) == [
        ("84", 2017, 25.0, 1, False, None),
        ("84", 2018, 20.0, 1, False, None),
        ("85", 2017, 50.0, 1, False, None),
        ("TOTAL", 2017, 40.0, 1, False, None),
        ("TOTAL", 2018, 12.5, 1, False, None),
    ]


def test_a_dose_is_the_rise_of_the_duty_beyond_the_one_on_everybody_elses_goods(bench: Bench) -> None:
    """From 1% to 20% for China, from 2% to 6% for others: 15 points; trade falls to half, and to two thirds."""
    bench.given(
        "reference.tariff_windows",
        "window_id base_start base_end after_start after_end\nw 2017-01 2017-01 2019-01 2019-01\n",
        reporter_code="USA",
        partner_code="CHN",
        classification="HS2",
    )
    bench.check("""
        given core.imports_for_consumption snapshot_id=s
        reporter_code partner_code classification product_code period_start value_usd duty_usd known_to
        USA           CHN          HS2            84           2016-01-01   100e6     1e6      -
        USA           WLD          HS2            84           2016-01-01   400e6     7e6      -
        USA           CHN          HS2            84           2017-01-01   100e6     1e6      -
        USA           WLD          HS2            84           2017-01-01   400e6     7e6      -
        USA           CHN          HS2            84           2018-01-01   100e6     3e6      -
        USA           WLD          HS2            84           2018-01-01   400e6     9e6      -
        USA           CHN          HS2            84           2019-01-01   50e6      10e6     -
        USA           WLD          HS2            84           2019-01-01   250e6     22e6     -
        USA           JPN          HS2            84           2019-01-01   900e6     90e6     -
        USA           CHN          HS4            84           2019-01-01   900e6     90e6     -
        MEX           CHN          HS2            84           2019-01-01   900e6     90e6     -
        USA           CHN          HS2            84           2019-01-01   900e6     90e6     2020-01-01
        expect marts.tariff_doses
        years_earlier dose_points response_log        trade_usd
        0             ~15         ~-0.2876820724517809 ~70710678.11865475
        1             ~15         0                   ~1e8
    """)


def test_earlier_windows_without_a_step_are_placebos_of_products_that_are_large_enough(bench: Bench) -> None:
    """A step of 1 January 2016 falls into the windows of one to three years earlier; a million a month is enough."""
    sizes = {"84": (100, 300), "85": (50, 100), "86": (1, 1), "87": (0.9, 300), "88": (100, 0.9)}
    rows = ["partner_code product_code period_start value_usd duty_usd"]
    for year in range(2002, 2020):
        for product, (own, others) in sizes.items():
            duty = own * (0.2 if (year, product) == (2019, "84") else 0.01)
            for month in (f"{year}-01-01", f"{year}-02-01"):
                rows.append(f"CHN {product} {month} {own}e6 {duty:.6f}e6")
                rows.append(f"WLD {product} {month} {own + others}e6 {duty + others / 100:.6f}e6")
    give_imports(bench, "\n".join(rows), known_to=None)
    bench.given(
        "reference.tariff_windows",
        "window_id base_start base_end after_start after_end\nw 2017-01 2017-02 2019-01 2019-02\n",
        reporter_code="USA",
        partner_code="CHN",
        classification="HS2",
    )
    bench.check("""
        given core.policy_event_stages
        event_class source   implementing stage       affected   event_date
        tariff      register USA          implemented "JPN, CHN" 2016-01-01
        tariff      register "MEX, USA"   removed     CHN        2010-02-28
        tariff      register USA          in_force    WLD        2004-06-01
        tariff      register USA          in_force    CHN        2018-06-01
        # None of these is a step of the United States on China's goods.
        quota       register USA          in_force    CHN        2007-06-01
        tariff      gta      USA          in_force    CHN        2007-06-01
        tariff      register USA          announced   CHN        2007-06-01
        tariff      register MEX          in_force    CHN        2007-06-01
        tariff      register USA          in_force    JPN        2007-06-01
        expect marts.tariff_doses where product_code = '84'
        years_earlier reporter_code partner_code dose_points response_log
        0             USA           CHN          19±1e-9     0±1e-9
        4             USA           CHN          19±1e-9     0±1e-9
        5             USA           CHN          19±1e-9     0±1e-9
        6             USA           CHN          19±1e-9     0±1e-9
        10            USA           CHN          19±1e-9     0±1e-9
        11            USA           CHN          19±1e-9     0±1e-9
        12            USA           CHN          19±1e-9     0±1e-9
        15            USA           CHN          19±1e-9     0±1e-9
        expect marts.tariff_doses where years_earlier = 0
        product_code dose_points trade_usd
        84           19±1e-9     200e6±1
        85           0±1e-9      100e6±1
        86           0±1e-9      2e6±1
    """)


def test_every_window_and_each_of_fifteen_earlier_ones_needs_figures_from_its_first_to_its_last_month(
    bench: Bench,
) -> None:
    """Held are February of 2002 to March of 2019: 10 million a month from China, 20 in 2018, 40 in 2019."""
    rows = ["reporter_code classification partner_code product_code period_start value_usd duty_usd known_to"]
    for year in range(2002, 2020):
        own = {2018: 20, 2019: 40}.get(year, 10)
        for month in (f"{year}-02-01", f"{year}-03-01"):
            rows.append(f"USA HS2 CHN 84 {month} {own}e6 {own / (10 if year == 2019 else 100)}e6 -")
            rows.append(f"USA HS2 WLD 84 {month} {own + 100}e6 {own / (10 if year == 2019 else 100) + 1}e6 -")
    # These are other reporters' and classifications' months, or have been taken back.
    for month in ("2002-01-01", "2019-04-01"):
        rows += [f"MEX HS2 CHN 84 {month} 10e6 0 -", f"USA HS4 CHN 84 {month} 10e6 0 -"]
        rows += [f"USA HS2 CHN 84 {month} 10e6 0 2020-01-01", f"USA HS2 JPN 84 {month} 10e6 0 -"]
    bench.given("core.imports_for_consumption", "\n".join(rows), snapshot_id="s")
    bench.check("""
        given reference.tariff_windows reporter_code=USA partner_code=CHN classification=HS2
        window_id base_start base_end after_start after_end
        early     2017-01    2017-02  2019-01     2019-02
        late      2017-03    2017-04  2019-03     2019-04
        long      2017-02    2017-03  2019-02     2019-03
        short     2018-02    2018-03  2019-02     2019-03
        # The years from 2 to 15 add up to 119.
        expect marts.tariff_doses group by window_id, round(response_log, 4)
        window_id round(response_log,4) count(*) sum(years_earlier) max(years_earlier) min(dose_points) max(dose_points)
        early     1.3863                1        0                  0                  ~9               ~9
        early     0.6931                1        1                  1                  ~9               ~9
        early     0                     13       104                14                 ~9               ~9
        long      1.3863                1        0                  0                  ~9               ~9
        long      0.6931                1        1                  1                  ~9               ~9
        long      0                     14       119                15                 ~9               ~9
        short     0.6931                2        1                  1                  ~9               ~9
        short     0                     14       119                15                 ~9               ~9
        expect marts.tariff_doses where years_earlier in (3, 7, 14) and window_id = 'long'
        years_earlier base_start base_end   after_start after_end
        3             2014-02-01 2014-03-01 2016-02-01  2016-03-01
        7             2010-02-01 2010-03-01 2012-02-01  2012-03-01
        14            2003-02-01 2003-03-01 2005-02-01  2005-03-01
    """)


MILLION = 1_000_000
NOT_HELD = "This warehouse lacks imports for consumption of some months."


@pytest.fixture
def years(bench: Bench) -> Bench:
    """Give a product whose duty on China's goods rose by 10 points in 2019, and one that is too small to count."""
    rows = ["partner_code product_code period_start value_usd duty_usd"]
    for year in range(2013, 2020):
        own, duty = (80, 8.8) if year == 2019 else (100, 1)
        for month in (1, 2):
            day = f"{year}-0{month}-01"
            rows.append(f"CHN 84 {day} {own * MILLION} {duty * MILLION}")
            rows.append(f"WLD 84 {day} {(own + 300) * MILLION} {(duty + 6) * MILLION}")
            rows.append(f"CHN 97 {day} 1000 0")
            rows.append(f"WLD 97 {day} 900000000 0")
            rows.append(f"CHN 98 {day} 900000000 0")
            rows.append(f"WLD 98 {day} 990000000 0")
    give_imports(bench, "\n".join(rows), known_to=None)
    bench.given(
        "reference.tariff_windows",
        """
        window_id base_start base_end after_start after_end is_declared
        lists     2017-01    2017-02  2019-01     2019-02   true
        later     2019-01    2019-02  2021-01     2021-02   false
        """,
        event_ids="E028",
        reporter_code="USA",
        partner_code="CHN",
        classification="HS2",
        left_out="98;99",
        weights="equal",
        reason="R",
    )
    bench.check("""
        given core.policy_event_stages source=register event_class=tariff implementing=USA stage=implemented
        event_id affected event_date
        E028     CHN      2018-07-06
        E032     WLD      2016-02-10
        E099     JPN      2015-07-06
    """)
    bench.run("marts.tariff_doses")
    return bench


def test_a_dose_is_the_rise_of_the_duty_beside_other_origins(years: Bench) -> None:
    """Own duty 1% to 11%, others' 2% both years; imports fell by a fifth and others' not."""
    ((dose, response, trade),) = years.ask(
        "select dose_points, response_log, trade_usd from marts.tariff_doses where years_earlier = 0"
    )
    assert dose == pytest.approx(10)
    assert response == pytest.approx(-0.22314, abs=1e-5)
    assert trade == pytest.approx((200 * 160) ** 0.5 * MILLION)


def test_a_placebo_is_an_earlier_window_in_which_no_tariff_on_the_partner_fell(years: Bench) -> None:
    """Of 2016, 2015, 2014 and 2013 as base: list 1 fell into 2016–2018, the steel of all into 2015–17 and 2014–16."""
    assert years.ask(
        "select window_id, years_earlier, base_start, after_end, dose_points, response_log from marts.tariff_doses "
        "where years_earlier > 0"
    ) == [("lists", 4, date(2013, 1, 1), date(2015, 2, 1), pytest.approx(10), 0.0)]


def test_a_window_without_figures_says_so_and_a_refused_estimate_is_not_shown(years: Bench) -> None:
    numbers = {"ci_low_pct": -3.0, "ci_high_pct": -0.5, "p_value": 0.01, "conclusion": "fall", "product_count": 1}
    rows = [
        {"years_earlier": 0, "estimate_pct": -2.0, "status": "placebos_move", "reason": "They move."},
        {"years_earlier": 4, "estimate_pct": -1.0, "status": "placebo"},
    ]
    held = [[{"window_id": "lists", **numbers, **row}.get(column) for column in COLUMNS] for row in rows]
    years.engine.write_rows("analysis.tariff_dose_effects", Rows("tariff_dose_effects", COLUMNS, held))
    years.tables.add("analysis.tariff_dose_effects")
    years.run("marts.tariff_dose_effects")
    assert years.ask(
        "select window_id, years_earlier, kind, estimate_pct, placebo_count, placebos_that_move, status, reason "
        "from marts.tariff_dose_effects order by all"
    ) == [
        (
            "later",
            0,
            "other",
            None,
            None,
            None,
            "no_figures",
            "This warehouse lacks imports for consumption of some months.",
        ),
        ("lists", 0, "declared", None, 1, 1, "placebos_move", "They move."),
        ("lists", 4, "placebo", -1.0, None, None, "placebo", None),
    ]


# Designs of one question, and those of other events, reporters and partners.
DESIGNS = """
    window_id event_ids reporter_code partner_code is_declared reason
    main      E1        USA           CHN          true        M
    wide      E1        USA           CHN          false       W
    narrow    E1        USA           CHN          false       N
    moved     E1        USA           CHN          false       O
    event     E2        USA           CHN          false       E
    reporter  E1        CAN           CHN          false       C
    partner   E1        USA           KOR          false       K
    alone     E3        USA           CHN          true        A
    empty     E4        USA           CHN          false       Y
"""
FOUND = """
    window_id years_earlier estimate_pct conclusion leave_one_out_low_pct leave_one_out_high_pct status        reason
    main      0             -2           fall       -3                    -1                     estimated     -
    main      1             1            none       -                     -                      placebo       -
    main      2             2            rise       -                     -                      placebo       -
    main      3             3            rise       -                     -                      placebo       -
    wide      0             -4           fall       -5                    -3                     estimated     -
    narrow    0             -1           none       -2                    0                      unstable      "Hangs."
    moved     0             -9           fall       -11                   -8                     placebos_move "Moves."
    event     0             5            rise       4                     6                      estimated     -
    reporter  0             -8           fall       -9                    -7                     estimated     -
    partner   0             7            rise       6                     8                      estimated     -
    alone     0             -6           fall       -7                    -5                     unstable      "Hangs."
"""


def describe_designs(bench: Bench) -> None:
    """Give the designs, what a regression found of each, and the doses of some of their products."""
    months = {"base_start": "2017-01", "base_end": "2017-12", "after_start": "2019-01", "after_end": "2019-12"}
    bench.given("reference.tariff_windows", DESIGNS, classification="HS2", weights="equal", **months)
    bench.given("analysis.tariff_dose_effects", FOUND, product_count=9, ci_low_pct=-20, ci_high_pct=20, p_value=0.5)
    bench.given(
        "marts.tariff_doses",
        """
        window_id years_earlier product_code base_start base_end   after_start after_end  snapshot_ids
        main      0             84           2017-02-01 2017-11-01 2019-02-01  2019-11-01 "b, a"
        main      0             85           2017-02-01 2017-11-01 2019-02-01  2019-11-01 "a, c"
        main      1             84           2016-02-01 2016-11-01 2018-02-01  2018-11-01 d
        wide      0             84           2016-01-01 2017-12-01 2019-01-01  2020-12-01 e
        wide      1             84           2015-01-01 2016-12-01 2018-01-01  2019-12-01 f
        """,
    )


def test_estimates_that_a_reason_speaks_against_are_hidden_unless_another_design_hangs_on_a_product(
    bench: Bench,
) -> None:
    describe_designs(bench)
    bench.check(f"""
        expect marts.tariff_dose_effects where years_earlier = 0
        window_id kind     status        reason   estimate_pct ci_low_pct ci_high_pct p_value conclusion product_count
        main      declared estimated     M        -2           -20        20          0.5     fall       9
        wide      other    estimated     W        -4           -20        20          0.5     fall       9
        narrow    other    unstable      "Hangs." -1           -20        20          0.5     none       9
        moved     other    placebos_move "Moves." -            -          -           -       -          9
        event     other    estimated     E        5            -20        20          0.5     rise       9
        reporter  other    estimated     C        -8           -20        20          0.5     fall       9
        partner   other    estimated     K        7            -20        20          0.5     rise       9
        alone     declared unstable      "Hangs." -            -          -           -       -          9
        empty     other    no_figures    "{NOT_HELD}" -        -          -           -       -          -
        expect marts.tariff_dose_effects where status != 'placebo'
        window_id reporter_code partner_code leave_one_out_low_pct leave_one_out_high_pct
        main      USA           CHN          -3                    -1
        wide      USA           CHN          -5                    -3
        narrow    USA           CHN          -2                    0
        moved     USA           CHN          -                     -
        event     USA           CHN          4                     6
        reporter  CAN           CHN          -9                    -7
        partner   USA           KOR          6                     8
        alone     USA           CHN          -7                    -5
        empty     USA           CHN          -                     -
    """)


def test_a_declared_design_has_the_range_of_the_others_of_its_events_reporter_and_partner(bench: Bench) -> None:
    """Of three others two have an estimate that is shown; other events, reporters and partners are other questions."""
    describe_designs(bench)
    bench.check("""
        expect marts.tariff_dose_effects
        window_id years_earlier kind     design_count designs_low_pct designs_high_pct placebo_count placebos_that_move
        main      0             declared 2            -4              -1               3             2
        main      1             placebo  -            -               -                -             -
        main      2             placebo  -            -               -                -             -
        main      3             placebo  -            -               -                -             -
        wide      0             other    -            -               -                -             -
        narrow    0             other    -            -               -                -             -
        moved     0             other    -            -               -                -             -
        event     0             other    -            -               -                -             -
        reporter  0             other    -            -               -                -             -
        partner   0             other    -            -               -                -             -
        alone     0             declared 0            -               -                -             -
        empty     0             other    -            -               -                -             -
    """)


def test_a_window_has_the_months_and_snapshots_of_its_doses_and_else_those_it_was_to_have(bench: Bench) -> None:
    describe_designs(bench)
    bench.check("""
        expect marts.tariff_dose_effects where window_id in ('main', 'wide', 'empty')
        window_id years_earlier base_start base_end   after_start after_end  snapshot_ids
        main      0             2017-02-01 2017-11-01 2019-02-01  2019-11-01 "a, b, c"
        main      1             2016-02-01 2016-11-01 2018-02-01  2018-11-01 "a, b, c"
        main      2             2017-01-01 2017-12-01 2019-01-01  2019-12-01 "a, b, c"
        main      3             2017-01-01 2017-12-01 2019-01-01  2019-12-01 "a, b, c"
        wide      0             2016-01-01 2017-12-01 2019-01-01  2020-12-01 e
        empty     0             2017-01-01 2017-12-01 2019-01-01  2019-12-01 -
    """)
