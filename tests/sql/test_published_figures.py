"""Figures in print beside ours: what is held for each, whether they agree, and why not."""

from __future__ import annotations

from tests.sql.bench import Bench

# Of every printed figure, unless its frame has another.
PRINTED = (
    "given core.published_figures reporter_code=KOR partner_code=CHN unit=USD basis=customs is_official=true "
    "printed_digit=1 snapshot_id=p metric=goods_exports period_start=2023-01-01 period_end=2023-12-31\n"
)
HELD = "expect marts.published_figure_checks\nfigure_id held_value held_source held_basis\n"


def check_printed(bench: Bench, figures: str, held: str, expected: str) -> None:
    """Check printed figures against what the warehouse has, and expect rows of the comparison."""
    bench.check(PRINTED + figures + held + expected)


def test_a_year_is_held_as_its_flows_make_it(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id metric            period_start period_end value unit is_official
        exports   goods_exports     2023-01-01   2023-12-31 100   USD  true
        imports   goods_imports     2023-01-01   2023-12-31 70    USD  true
        balance   goods_balance     2023-01-01   2023-12-31 30    USD  true
        total     goods_total_trade 2023-01-01   2023-12-31 170   USD  true
        one_flow  goods_balance     2021-01-01   2021-12-31 80    USD  true
        quarter   goods_exports     2023-01-01   2023-03-31 100   USD  true
        two_years goods_exports     2022-01-01   2023-12-31 90    USD  true
        none      goods_exports     2020-01-01   2020-12-31 90    USD  true
        in_yuan   goods_exports     2023-01-01   2023-12-31 100   CNY  true
        wiki      goods_exports     2023-01-01   2023-12-31 100   USD  false
        """,
        """
        given core.goods_trade_annual
        reporter_code partner_code flow   period_start value_usd source
        KOR           CHN          export 2023-01-01   100       kosis
        KOR           CHN          import 2023-01-01   70        imf
        KOR           CHN          export 2022-01-01   90        kosis
        KOR           CHN          import 2022-01-01   60        kosis
        KOR           CHN          export 2021-01-01   80        kosis
        KOR           JPN          export 2023-01-01   50        kosis
        KOR           JPN          import 2023-01-01   40        kosis
        CHN           KOR          export 2023-01-01   65        gacc
        USA           CHN          export 2023-01-01   20        census
        """,
        """
        expect marts.published_figure_checks
        figure_id reporter_code partner_code held_value held_source  held_basis agreement_status
        exports   KOR           CHN          100        kosis        customs    agrees
        imports   KOR           CHN          70         imf          customs    agrees
        balance   KOR           CHN          30         "imf, kosis" customs    agrees
        total     KOR           CHN          170        "imf, kosis" customs    agrees
        one_flow  KOR           CHN          -          -            -          not_held
        quarter   KOR           CHN          -          -            -          not_held
        two_years KOR           CHN          -          -            -          not_held
        none      KOR           CHN          -          -            -          not_held
        in_yuan   KOR           CHN          -          -            -          not_held
        """,
    )


def give_months(bench: Bench) -> None:
    """Give exports of 10 and imports of 4 each month of 2023; the year to date adds one to them, where it is known."""
    to_date = {("export", 1): 11, ("export", 2): 21, ("export", 3): 31, ("import", 3): 13}
    rows = ["reporter_code partner_code flow period_start period_end value_usd value_ytd_usd source"]
    ends = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    for month, last in enumerate(ends, 1):
        span = f"2023-{month:02}-01 2023-{month:02}-{last}"
        rows += [
            f"KOR CHN export {span} 10 {to_date.get(('export', month), '-')} kosis",
            f"KOR CHN import {span} 4 {to_date.get(('import', month), '-')} imf",
            f"KOR JPN export {span} 1 1 kosis",
            f"USA CHN export {span} 1 1 census",
        ]
    bench.given("core.goods_trade_monthly", "\n".join(rows))


def test_a_period_is_held_as_the_year_to_date_or_the_sum_of_all_its_months(bench: Bench) -> None:
    give_months(bench)
    check_printed(
        bench,
        """
        figure_id    metric            period_start period_end value unit
        exports      goods_exports     2023-01-01   2023-03-31 31    USD
        imports      goods_imports     2023-01-01   2023-03-31 13    USD
        balance      goods_balance     2023-01-01   2023-03-31 18    USD
        total        goods_total_trade 2023-01-01   2023-03-31 44    USD
        # A year to date is not of March alone, nor of February and March.
        march        goods_exports     2023-03-01   2023-03-31 10    USD
        early        goods_exports     2023-02-01   2023-03-31 20    USD
        # The year to date of imports is not known.
        one_to_date  goods_balance     2023-01-01   2023-02-28 12    USD
        summer       goods_exports     2023-06-01   2023-08-31 30    USD
        surplus      goods_balance     2023-06-01   2023-08-31 18    USD
        # January 2024 is not known; years are those of the annual table.
        winter       goods_exports     2023-12-01   2024-01-31 10    USD
        year         goods_exports     2023-01-01   2023-12-31 120   USD
        in_yuan      goods_exports     2023-06-01   2023-08-31 30    CNY
        """,
        "",
        HELD
        + """
        exports      31 kosis        customs
        imports      13 imf          customs
        balance      18 "imf, kosis" customs
        total        44 "imf, kosis" customs
        march        10 kosis        customs
        early        20 kosis        customs
        one_to_date  12 "imf, kosis" customs
        summer       30 kosis        customs
        surplus      18 "imf, kosis" customs
        winter       -  -            -
        year         -  -            -
        in_yuan      -  -            -
        """,
    )


def test_a_figure_in_the_publishers_currency_is_held_as_printed_last(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id        metric        reporter_code partner_code period_start period_end value unit
        january          goods_exports CHN           KOR          2023-01-01   2023-01-31 24    CNY
        february         goods_exports CHN           KOR          2023-02-01   2023-02-28 20    CNY
        to_february      goods_exports CHN           KOR          2023-01-01   2023-02-28 45    CNY
        balance          goods_balance CHN           KOR          2023-02-01   2023-02-28 8     CNY
        balance_to_date  goods_balance CHN           KOR          2023-01-01   2023-02-28 20    CNY
        year             goods_exports CHN           KOR          2023-01-01   2023-12-31 260   CNY
        # March's imports are not known, and the year to date is no other period's.
        one_flow         goods_balance CHN           KOR          2023-03-01   2023-03-31 22    CNY
        two_months       goods_exports CHN           KOR          2023-02-01   2023-03-31 42    CNY
        over_new_year    goods_exports CHN           KOR          2022-01-01   2023-02-28 45    CNY
        in_yen           goods_exports CHN           KOR          2023-02-01   2023-02-28 20    JPY
        """,
        "given core.goods_trade_national_currency currency_code=CNY\n"
        "reporter_code partner_code flow source frequency classification known_to period_end published_value "
        "published_ytd_value"
        """
        CHN KOR export gacc M TOTAL -          2023-01-31 -   24
        CHN KOR import pboc M TOTAL -          2023-01-31 -   13
        CHN KOR export gacc M TOTAL -          2023-02-28 20  45
        CHN KOR import pboc M TOTAL -          2023-02-28 12  25
        CHN KOR export gacc M TOTAL -          2023-03-31 22  70
        CHN KOR export gacc M TOTAL -          2023-12-31 23  260
        CHN KOR export gacc A TOTAL -          2023-12-31 260 -
        CHN KOR export gacc M HS2   -          2023-02-28 3   7
        CHN KOR export gacc M TOTAL 2023-04-01 2023-02-28 19  44
        CHN JPN export gacc M TOTAL -          2023-02-28 5   9
        USA KOR export gacc M TOTAL -          2023-02-28 6   8
        """,
        HELD
        + """
        january          24  gacc customs
        february         20  gacc customs
        to_february      45  gacc customs
        balance          8   gacc customs
        balance_to_date  20  gacc customs
        year             260 gacc customs
        one_flow         -   -    -
        two_months       -   -    -
        over_new_year    -   -    -
        in_yen           -   -    -
        """,
    )


def test_growth_is_held_for_years_and_for_single_months(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id      metric        flow   period_start period_end value unit
        exports        yoy_growth    export 2023-01-01   2023-12-31 20    percent
        imports        yoy_growth    import 2023-01-01   2023-12-31 50    percent
        from_nothing   yoy_growth    import 2022-01-01   2022-12-31 50    percent
        first_year     yoy_growth    export 2021-01-01   2021-12-31 50    percent
        month_exports  yoy_growth    export 2023-01-01   2023-01-31 7.5   percent
        month_imports  yoy_growth    import 2023-01-01   2023-01-31 -2.5  percent
        quarter        yoy_growth    export 2023-02-01   2023-04-30 7.5   percent
        other_month    yoy_growth    export 2023-03-01   2023-03-31 7.5   percent
        value          goods_exports export 2023-01-01   2023-12-31 120   USD
        month_value    goods_exports export 2023-01-01   2023-01-31 10    USD
        """,
        """
        given core.goods_trade_annual
        reporter_code partner_code period_start flow   value_usd source
        KOR           CHN          2021-01-01   export 80        imf
        KOR           CHN          2021-01-01   import 0         imf
        KOR           CHN          2022-01-01   export 100       imf
        KOR           CHN          2022-01-01   import 50        imf
        KOR           CHN          2023-01-01   export 120       kosis
        KOR           CHN          2023-01-01   import 75        kosis
        KOR           JPN          2022-01-01   export 30        imf
        KOR           JPN          2023-01-01   export 40        kosis
        USA           CHN          2022-01-01   export 20        imf
        USA           CHN          2023-01-01   export 10        census
        given marts.trade_balance_monthly
        reporter_code partner_code period_start exports_yoy_pct imports_yoy_pct exports_source imports_source
        KOR           CHN          2023-01-01   7.5             -2.5            kosis          imf
        KOR           CHN          2023-02-01   4               3               kosis          imf
        KOR           CHN          2023-03-01   -               3               kosis          imf
        KOR           JPN          2023-01-01   2               1               kosis          imf
        USA           CHN          2023-01-01   5               6               census         census
        """,
        """
        expect marts.published_figure_checks
        figure_id      round(held_value,9) held_source held_basis
        exports        20                  kosis       customs
        imports        50                  kosis       customs
        from_nothing   -                   -           -
        first_year     -                   -           -
        month_exports  7.5                 kosis       customs
        month_imports  -2.5                imf         customs
        quarter        -                   -           -
        other_month    -                   -           -
        value          120                 kosis       customs
        month_value    -                   -           -
        """,
    )


def test_a_balance_of_services_needs_both_flows_of_all_services(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id metric           period_start period_end value basis
        balance   services_balance 2023-01-01   2023-12-31 -15   balance_of_payments
        one_flow  services_balance 2022-01-01   2022-12-31 30    balance_of_payments
        quarter   services_balance 2023-01-01   2023-03-31 -15   balance_of_payments
        goods     goods_balance    2023-01-01   2023-12-31 -15   customs
        """,
        """
        given core.services_trade
        reporter_code partner_code service_item_code year flow   value_usd source
        KOR           CHN          S                 2023 export 30        oecd
        KOR           CHN          S                 2023 import 45        bok
        KOR           CHN          S                 2022 export 30        oecd
        KOR           CHN          SC                2023 export 8         oecd
        KOR           CHN          SC                2023 import 9         bok
        KOR           JPN          S                 2023 export 3         oecd
        USA           CHN          S                 2023 export 4         oecd
        """,
        """
        expect marts.published_figure_checks
        figure_id held_value held_source held_basis          agreement_status
        balance   -15        bok         balance_of_payments agrees
        one_flow  -          -           -                   not_held
        quarter   -          -           -                   not_held
        goods     -          -           -                   not_held
        """,
    )


# Printed is 105, to tens, where 200 is held now; each partner is a case of its own.
CASES = """
    figure_id   metric        partner_code period_start period_end published_on unit
    then        goods_exports CHN          2023-01-01   2023-12-31 2024-02-01   USD
    elsewhere   goods_exports JPN          2023-01-01   2023-12-31 2023-12-01   USD
    undated     goods_exports USA          2023-01-01   2023-12-31 -            USD
    newest      goods_exports VNM          2023-01-01   2023-12-31 2024-02-01   USD
    near        goods_exports IND          2023-01-01   2023-12-31 -            USD
    far         goods_exports IDN          2023-01-01   2023-12-31 -            USD
    corrected   goods_exports MYS          2023-01-01   2023-12-31 -            USD
    product     goods_exports THA          2023-01-01   2023-12-31 -            USD
    year_before goods_exports PHL          2023-01-01   2023-12-31 -            USD
    other_flow  goods_exports SGP          2023-01-01   2023-12-31 -            USD
    rated_year  goods_exports DEU          2023-01-01   2023-12-31 -            USD
    balance     goods_balance FRA          2023-01-01   2023-12-31 -            USD
    half        goods_balance GBR          2023-01-01   2023-12-31 -            USD
    months      goods_exports ITA          2023-01-01   2023-03-31 -            USD
    two_months  goods_exports ESP          2023-01-01   2023-03-31 -            USD
    rated       goods_exports NLD          2023-01-01   2023-03-31 -            USD
    whole_year  goods_exports RUS          2023-01-01   2023-03-31 -            USD
    rated_month goods_exports BRA          2023-01-01   2023-01-31 -            USD
    in_yuan     goods_exports MEX          2023-01-01   2023-01-31 -            CNY
    not_held    goods_exports CAN          2023-01-01   2023-12-31 -            USD
"""
# Every day on which a figure of any source changed.
READINGS = """
    partner_code flow   source dataset frequency period_start period_end value_usd known_from known_to   rate_date
    CHN          export kosis  annual  A         2023-01-01   2023-12-31 104       2024-01-15 2024-03-01 -
    CHN          export kosis  annual  A         2023-01-01   2023-12-31 200       2024-03-01 -          -
    JPN          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
    USA          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
    VNM          export imf    imts    A         2023-01-01   2023-12-31 150       2024-01-15 2024-03-01 -
    VNM          export imf    imts    A         2023-01-01   2023-12-31 105       2024-03-01 -          -
    IND          export imf    imts    A         2023-01-01   2023-12-31 110       2024-01-15 -          -
    IDN          export imf    imts    A         2023-01-01   2023-12-31 111       2024-01-15 -          -
    PHL          export imf    imts    A         2022-01-01   2022-12-31 105       2024-01-15 -          -
    SGP          import imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
    DEU          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          2024-01-01
    FRA          export imf    imts    A         2023-01-01   2023-12-31 125       2024-01-15 -          -
    FRA          import imf    imts    A         2023-01-01   2023-12-31 20        2024-01-15 -          -
    GBR          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
    GBR          import imf    imts    A         2023-01-01   2023-12-31 -         2024-01-15 -          -
    ITA          export imf    imts    M         2023-01-01   2023-01-31 30        2024-01-15 -          -
    ITA          export imf    imts    M         2023-02-01   2023-02-28 35        2024-01-15 -          -
    ITA          export imf    imts    M         2023-03-01   2023-03-31 40        2024-01-15 -          -
    ESP          export imf    imts    M         2023-01-01   2023-01-31 50        2024-01-15 -          -
    ESP          export imf    imts    M         2023-02-01   2023-02-28 55        2024-01-15 -          -
    NLD          export imf    imts    M         2023-01-01   2023-01-31 30        2024-01-15 -          2023-01-01
    NLD          export imf    imts    M         2023-02-01   2023-02-28 35        2024-01-15 -          2023-02-01
    NLD          export imf    imts    M         2023-03-01   2023-03-31 40        2024-01-15 -          2023-03-01
    RUS          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
    BRA          export imf    imts    M         2023-01-01   2023-01-31 105       2024-01-15 -          2023-01-01
    MEX          export imf    imts    M         2023-01-01   2023-01-31 105       2024-01-15 -          -
    CAN          export imf    imts    A         2023-01-01   2023-12-31 105       2024-01-15 -          -
"""
NOW = "reporter_code=KOR source=kosis"


def give_readings(bench: Bench) -> None:
    """Give the readings, those that are none, and figures of now that are nowhere near."""
    rows = [f"{line} TOTAL - KOR" for line in READINGS.strip().splitlines()[1:]]
    year = "export imf imts A 2023-01-01 2023-12-31 105 2024-01-15 - -"
    rows += [f"MYS {year} TOTAL c1 KOR", f"THA {year} HS2 - KOR", f"MYS {year} TOTAL - PRK"]
    columns = READINGS.strip().splitlines()[0] + " classification correction_id reporter_code"
    bench.given("core.goods_trade_observations", "\n".join([columns, *rows]))
    cases = [line.split() for line in CASES.strip().splitlines()[1:]]
    held = [case for case in cases if case[0] != "not_held"]
    years = [f"{case[2]} 200 -200" if case[1] == "goods_balance" else f"{case[2]} 200 ." for case in held]
    bench.given(
        "core.goods_trade_annual",
        "partner_code export import\n" + "\n".join(years),
        reporter_code="KOR",
        period_start="2023-01-01",
        source="kosis",
    )
    months = [f"{case[2]} 2023-0{month}-01" for case in held for month in (1, 2, 3)]
    bench.given(
        "core.goods_trade_monthly",
        "partner_code period_start\n" + "\n".join(months),
        reporter_code="KOR",
        flow="export",
        value_usd=200,
        source="kosis",
    )
    bench.check(f"""
        given core.goods_trade_national_currency {NOW} flow=export frequency=M classification=TOTAL currency_code=CNY
        partner_code period_end published_ytd_value
        MEX          2023-01-31 200
    """)


def test_a_figure_that_differs_now_is_looked_for_in_every_reading(bench: Bench) -> None:
    give_readings(bench)
    bench.given(
        "core.published_figures",
        CASES,
        reporter_code="KOR",
        value=105,
        printed_digit=10,
        basis="customs",
        is_official=True,
    )
    bench.check("""
        expect marts.published_figure_checks
        figure_id   agreement_status other_reading         cause
        then        agrees_then      kosis/annual@2024-01-15 later_revision
        elsewhere   agrees_elsewhere imf/imts@2024-01-15 other_reading
        undated     agrees_elsewhere imf/imts@2024-01-15 other_reading
        newest      agrees_elsewhere imf/imts@2024-03-01 other_reading
        near        agrees_elsewhere imf/imts@2024-01-15 other_reading
        far         differs          -                   -
        corrected   differs          -                   -
        product     differs          -                   -
        year_before differs          -                   -
        other_flow  differs          -                   -
        rated_year  agrees_elsewhere imf/imts@2024-01-15 other_reading
        balance     agrees_elsewhere imf/imts@2024-01-15 other_reading
        half        differs          -                   -
        months      agrees_elsewhere imf/imts@2024-01-15 other_reading
        two_months  differs          -                   -
        rated       differs          -                   -
        whole_year  differs          -                   -
        rated_month agrees_elsewhere imf/imts@2024-01-15 other_reading
        in_yuan     differs          -                   -
        not_held    not_held         -                   -
    """)


def test_the_tolerance_of_a_conversion_is_of_the_same_source_pair_and_period(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id metric        reporter_code partner_code period_start period_end value unit
        exports   goods_exports CHN           KOR          2023-01-01   2023-12-31 45    USD
        balance   goods_balance CHN           KOR          2023-01-01   2023-12-31 20    USD
        over      goods_exports CHN           JPN          2023-01-01   2023-12-31 26    USD
        month     goods_exports CHN           KOR          2023-01-01   2023-01-31 102   USD
        quarter   goods_balance CHN           KOR          2023-04-01   2023-06-30 -9    USD
        in_yuan   goods_exports CHN           KOR          2023-02-01   2023-02-28 102   CNY
        """,
        """
        given core.source_tolerances
        metric      frequency reporter_code partner_code source tolerance_rank tolerance_pct
        conversion  A         CHN           KOR          gacc   2              50
        conversion  A         CHN           *            gacc   3              25
        conversion  M         CHN           KOR          gacc   1              2
        goods_total A         CHN           KOR          gacc   1              3
        conversion  A         JPN           KOR          gacc   1              4
        conversion  A         CHN           USA          gacc   1              6
        conversion  A         CHN           KOR          imf    1              7
        given core.goods_trade_annual period_start=2023-01-01 source=gacc
        reporter_code partner_code export import
        CHN           KOR          30     20
        CHN           JPN          20     .
        given marts.trade_balance_annual
        reporter_code partner_code year exports_usd imports_usd
        CHN           KOR          2023 30          20
        CHN           KOR          2022 300         200
        CHN           JPN          2023 400         200
        USA           KOR          2023 500         200
        given core.goods_trade_monthly reporter_code=CHN partner_code=KOR source=gacc
        period_start export import
        2023-01-01   100    40
        2023-04-01   10     12
        2023-05-01   10     12
        2023-06-01   10     12
        given core.goods_trade_national_currency reporter_code=CHN partner_code=KOR source=gacc
        flow   frequency classification currency_code period_end published_value
        export M         TOTAL          CNY           2023-02-28 100
        """,
        """
        expect marts.published_figure_checks
        figure_id held_value difference tolerance agreement_status
        # Half of 30; of a balance, half of exports and imports.
        exports   30         15         15        converted
        balance   10         10         25        converted
        over      20         6          5         differs
        month     100        2          2         converted
        quarter   -6         -3         3         converted
        in_yuan   100        2          -         differs
        """,
    )


def test_figures_agree_rounded_or_cut_to_the_printed_digit(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id  metric        partner_code value printed_digit
        rounded    goods_exports CHN          110   10
        down       goods_exports JPN          110   10
        cut        goods_exports USA          100   10
        a_digit    goods_exports VNM          100   10
        over       goods_exports IND          100   10
        deficit    goods_balance IDN          -100  10
        other_sign goods_balance MYS          3     10
        tenth      goods_exports THA          20    0.1
        """,
        """
        given core.goods_trade_annual reporter_code=KOR period_start=2023-01-01 source=kosis
        partner_code export import
        CHN          105    .
        JPN          104    .
        USA          109    .
        VNM          110    .
        IND          111    .
        IDN          41     150
        MYS          41     50
        THA          20.08  .
        """,
        """
        expect marts.published_figure_checks
        figure_id  difference agreement_status
        rounded    5          agrees
        down       6          differs
        cut        -9         agrees
        a_digit    -10        agrees
        over       -11        differs
        deficit    9          agrees
        other_sign 12         differs
        tenth      -0.08±1e-9 agrees
        """,
    )


def test_what_differs_has_the_first_cause_that_is_known(bench: Bench) -> None:
    check_printed(
        bench,
        """
        figure_id   value basis               is_provisional difference_cause difference_explanation partner_code
        agrees      100   customs             true           as_quoted        E                      CHN
        payments    100   balance_of_payments true           as_quoted        E                      CHN
        quoted      120   customs             true           as_quoted        E                      CHN
        provisional 120   customs             true           -                -                      CHN
        closed      120   customs             false          -                -                      CHN
        read        150   customs             false          as_quoted        E                      CHN
        not_held    120   customs             true           as_quoted        E                      JPN
        """,
        """
        given core.goods_trade_annual reporter_code=KOR partner_code=CHN flow=export source=kosis
        period_start value_usd
        2023-01-01   100
        given core.goods_trade_observations reporter_code=KOR partner_code=CHN flow=export classification=TOTAL
        source dataset frequency period_start period_end value_usd known_from
        imf    imts    A         2023-01-01   2023-12-31 150       2024-01-15
        """,
        """
        expect marts.published_figure_checks
        figure_id   agreement_status cause               explanation
        agrees      agrees           -                   -
        payments    differs          balance_of_payments E
        quoted      differs          as_quoted           E
        provisional differs          later_revision      -
        closed      differs          -                   -
        read        agrees_elsewhere as_quoted           E
        not_held    not_held         -                   -
        """,
    )
