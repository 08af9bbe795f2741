"""Goods trade: vintages, corrections, the choice of a figure's source, and complete or incomplete detail."""

from __future__ import annotations

from tests.sql.bench import Bench, Same

KOSIS = Same(
    "source=kosis dataset=goods_annual reporter_code=KOR classification=TOTAL level=0 product_code=TOTAL "
    "frequency=A valuation=FOB coverage=complete"
)
THREE_SNAPSHOTS = """
    snapshot_id known_from
    first       2024-01-10
    second      2024-02-10
    third       2024-03-10
"""
ECONOMIES = """
    economy_code is_aggregate
    KOR          false
    CHN          false
    JPN          false
    DEU          false
    WLD          true
    EUU          true
"""


def vintages(bench: Bench, sql: str) -> list[tuple]:
    return bench.ask(f"select {sql} from core.goods_trade_observations order by partner_code, known_from")


def test_a_figure_that_is_repeated_is_one_row_and_one_that_changes_is_two(bench: Bench) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.check(f"""
        given staging.kosis__goods_annual {KOSIS}
        partner_code flow   period_start value_usd observation_status snapshot_id
        CHN          export 2023-01-01   100       A                  first
        CHN          export 2023-01-01   100       A                  second
        CHN          export 2023-01-01   110       A                  third
        JPN          export 2023-01-01   50        A                  first
        expect core.goods_trade_observations
        partner_code value_usd snapshot_id known_from known_to
        CHN          100       first       2024-01-10 2024-03-10
        CHN          110       third       2024-03-10 -
        # Later snapshots are slices without Japan: what they leave out still holds.
        JPN          50        first       2024-01-10 -
    """)


def test_a_figure_may_go_missing_come_back_and_return_to_what_it_was(bench: Bench) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.check(f"""
        given staging.kosis__goods_annual {KOSIS}
        partner_code flow   period_start value_usd observation_status snapshot_id
        CHN          export 2023-01-01   100       A                  first
        CHN          export 2023-01-01   -         M                  second
        CHN          export 2023-01-01   100       A                  third
        expect core.goods_trade_observations
        value_usd observation_status "known_to is null"
        100       A                  false
        -         M                  false
        100       A                  true
    """)


def test_two_datasets_do_not_end_each_others_figures(bench: Bench) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    row = """
        partner_code flow   period_start value_usd observation_status snapshot_id
        CHN          export 2023-01-01   {}        A                  {}
    """
    bench.given("staging.kosis__goods_annual", row.format(100, "first"), **KOSIS)
    bench.given("staging.comtrade__goods_annual", row.format(99, "second"), **{**KOSIS, "source": "comtrade"})
    bench.run("core.goods_trade_observations")
    assert vintages(bench, "source, known_to") == [("kosis", None), ("comtrade", None)]


def test_a_change_of_weight_alone_is_a_change(bench: Bench) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.given(
        "staging.kcs__goods_monthly_hs",
        """
        partner_code flow   period_start value_usd net_weight_kg observation_status snapshot_id
        CHN          export 2023-01-01   100       7             A                  first
        CHN          export 2023-01-01   100       8             A                  second
        """,
        **{**KOSIS, "source": "kcs", "dataset": "goods_monthly_hs", "classification": "HS2022", "product_code": "8542"},
    )
    bench.run("core.goods_trade_observations")
    assert vintages(bench, "net_weight_kg") == [(7.0,), (8.0,)]


def test_a_correction_holds_only_for_the_figure_that_it_was_written_for(bench: Bench) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.check(f"""
        given reference.corrections source=kosis dataset=goods_annual reporter_code=KOR
        correction_id partner_code flow   frequency period_start observed_value_usd tolerance_pct
        slip          CHN          export A         2023-01-01   100                0.5
        given staging.kosis__goods_annual {KOSIS}
        partner_code flow   period_start value_usd observation_status snapshot_id
        CHN          export 2023-01-01   100.4     A                  first
        CHN          export 2023-01-01   110       A                  second
        JPN          export 2023-01-01   100       A                  first
        expect core.goods_trade_observations
        partner_code value_usd correction_id
        CHN          100.4     slip
        CHN          110       -
        JPN          100       -
    """)


def test_a_correction_without_a_dataset_holds_in_all_of_the_publishers_and_is_over_when_none_shows_it(
    bench: Bench,
) -> None:
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.check("""
        given reference.corrections source=imf reporter_code=KOR
        correction_id partner_code flow   frequency period_start observed_value_usd tolerance_pct
        slip          CHN          export M         2017-04-01   96                 0.5
        mended        CHN          import M         2017-04-01   71                 0.5
        unseen        USA          import M         2017-04-01   5                  0.5
    """)
    for table, dataset, exports in (("imf__goods_monthly", "goods_monthly", 96), ("imf__imts", "imts", 106)):
        bench.given(
            f"staging.{table}",
            f"""
            partner_code flow   period_start value_usd observation_status snapshot_id
            CHN          export 2017-04-01   {exports} A                  first
            CHN          import 2017-04-01   79        A                  first
            """,
            **{**KOSIS, "source": "imf", "dataset": dataset, "frequency": "M"},
        )
    bench.given("core.goods_trade_annual")
    bench.run("core.goods_trade_observations")
    assert set(vintages(bench, "dataset, value_usd, correction_id")) == {
        ("goods_monthly", 96.0, "slip"),
        ("imts", 106.0, None),
        ("goods_monthly", 79.0, None),
        ("imts", 79.0, None),
    }
    assert bench.ask("select correction_id, current_value_usd, is_current from meta.corrections order by all") == [
        ("mended", 79.0, False),
        ("slip", 96.0, True),
        ("unseen", None, False),
    ]


def test_a_month_that_is_wrong_with_every_partner_is_wrong_with_those_that_were_not_seen(bench: Bench) -> None:
    """Until the publisher has mended all that was seen; what is mended of it counts from then on."""
    bench.given("reference.snapshots", THREE_SNAPSHOTS)
    bench.check(f"""
        given reference.corrections source=imf reporter_code=KOR
        correction_id partner_code flow   frequency period_start observed_value_usd tolerance_pct covers_every_partner
        slip          CHN          export M         2017-04-01   96                 0.5           true
        slip          JPN          export M         2017-04-01   50                 0.5           true
        given staging.imf__imts {KOSIS} source=imf dataset=imts frequency=M
        partner_code flow   period_start value_usd observation_status snapshot_id
        CHN          export 2017-04-01   96        A                  first
        JPN          export 2017-04-01   50        A                  first
        VNM          export 2017-04-01   20        A                  first
        VNM          export 2017-05-01   21        A                  first
        VNM          import 2017-04-01   22        A                  first
        CHN          export 2017-04-01   106       A                  second
        JPN          export 2017-04-01   50        A                  second
        VNM          export 2017-04-01   23        A                  second
        JPN          export 2017-04-01   57        A                  third
        VNM          export 2017-04-01   25        A                  third
        expect core.goods_trade_observations
        partner_code flow   month(period_start) value_usd correction_id
        CHN          export 4                   96        slip
        CHN          export 4                   106       -
        JPN          export 4                   50        slip
        JPN          export 4                   57        -
        VNM          export 4                   20        slip
        VNM          export 4                   23        slip
        VNM          export 4                   25        -
        VNM          export 5                   21        -
        VNM          import 4                   22        -
    """)


def test_a_correction_is_held_against_what_the_year_leaves_for_the_month(bench: Bench) -> None:
    bench.given(
        "reference.corrections",
        """
        correction_id partner_code observed_value_usd
        slip          CHN          90
        slip          JPN          50
        """,
        source="imf",
        reporter_code="KOR",
        flow="export",
        frequency="M",
        period_start="2017-04-01",
        covers_every_partner=True,
    )
    months = "\n".join(f"imts CHN 2017-{month:02}-01 100 - -" for month in range(1, 13) if month != 4)
    bench.check(f"""
        given core.goods_trade_observations source=imf reporter_code=KOR flow=export frequency=M classification=TOTAL
        dataset       partner_code period_start value_usd correction_id known_to
        imts          CHN          2017-04-01   90        slip          -
        imts          CHN          2017-04-01   80        slip          2024-01-01
        {months}
        imts          CHN          2018-01-01   100       -             -
        goods_monthly CHN          2017-05-01   100       -             -
        imts          JPN          2017-04-01   50        slip          -
        imts          JPN          2017-05-01   50        -             -
        imts          VNM          2017-04-01   20        slip          -
        given core.goods_trade_annual reporter_code=KOR flow=export
        partner_code period_start value_usd
        CHN          2017-01-01   1220
        CHN          2018-01-01   1300
        JPN          2017-01-01   600
        expect meta.corrections
        partner_code observed_value_usd current_value_usd is_current implied_value_usd gap_pct
        CHN          90                 90                true       120               -25
        JPN          50                 50                true       -                 -
        VNM          -                  20                true       -                 -
    """)


def test_as_of_a_day_only_what_was_known_then_is_there(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_observations
        partner_code value_usd known_from known_to
        CHN          100       2024-01-10 2024-03-10
        CHN          110       2024-03-10 -
        JPN          50        2024-02-10 -
    """)

    def known(day: str) -> list[tuple]:
        return bench.ask(
            f"select partner_code, value_usd from core.goods_trade_as_of(date '{day}') order by partner_code"
        )

    assert known("2024-01-09") == []
    assert known("2024-01-10") == [("CHN", 100.0)]
    assert known("2024-03-09") == [("CHN", 100.0), ("JPN", 50.0)]
    assert known("2024-03-10") == [("CHN", 110.0), ("JPN", 50.0)]


# One source a figure

PRECEDENCE = """
    metric      frequency reporter_code flow   source   dataset       basis     rank valid_from_year reason
    goods_total A         KOR           *      kosis    goods_annual  published 1    -               customs
    goods_total A         KOR           *      kosis    goods_annual_world published 2 -             world
    goods_total A         KOR           *      comtrade goods_annual  published 3    -               UN
    goods_total A         KOR           *      imf      goods_monthly summed    4    -               months
    goods_total A         CHN           export wits     goods_annual  published 1    1992            summary
    goods_total A         CHN           import imf      goods_monthly summed    1    -               months
    goods_total A         *             *      comtrade goods_annual  published 1    -               own
    goods_total A         *             *      imf      goods_monthly summed    2    -               months
    goods_total M         KOR           *      kcs      goods_monthly published 1    -               freshest
    goods_total M         KOR           *      imf      goods_monthly published 2    -               then
    goods_total M         *             *      imf      goods_monthly published 1    -               only
"""
TOTAL = {"classification": "TOTAL", "level": 0, "product_code": "TOTAL", "observation_status": "A", "valuation": "FOB"}
A_YEAR = [f"2023-{month:02}-01" for month in range(1, 13)]


def annual(bench: Bench, frame: str, months: str = "") -> list[tuple]:
    """Return the annual figures of core, made from annual and monthly observations."""
    bench.given("core.economies", ECONOMIES)
    bench.given("reference.source_precedence", PRECEDENCE)
    bench.given("core.goods_trade_observations", frame + months, **TOTAL)
    bench.run("core.source_precedence", "core.goods_trade_annual_candidates")
    return bench.ask(
        "select reporter_code, partner_code, flow, value_usd, source, basis from core.goods_trade_annual order by all"
    )


def of_months(months: list[str], value: str = "2", **more: str) -> str:
    """Write lines for the IMF's months of Korea's exports to China; `more` changes columns."""
    known = {"reporter": "KOR", "flow": "export", "status": "-", "snapshot": "i", **more}
    return "".join(
        f"imf goods_monthly {known['reporter']} CHN {known['flow']} M {month} {value} {known['status']} "
        f"{known['snapshot']} -\n"
        for month in months
    )


HEADER = """
    source dataset reporter_code partner_code flow frequency period_start value_usd correction_id snapshot_id known_to
"""


def test_the_source_that_stands_first_gives_the_figure(bench: Bench) -> None:
    frame = HEADER + (
        "comtrade goods_annual KOR CHN export A 2023-01-01 98  - c -\n"
        "kosis    goods_annual KOR CHN export A 2023-01-01 100 - k -\n"
        "comtrade goods_annual KOR JPN export A 2023-01-01 30  - c -\n"
    )
    assert annual(bench, frame, of_months(A_YEAR)) == [
        ("KOR", "CHN", "export", 100.0, "kosis", "published"),
        ("KOR", "JPN", "export", 30.0, "comtrade", "published"),
    ]


def test_an_economy_that_the_list_names_does_not_fall_back_on_the_general_order(bench: Bench) -> None:
    """The UN's figure of China's exports would be first for others; for China it is not on the list."""
    frame = HEADER + (
        "comtrade goods_annual CHN KOR export A 2023-01-01 7 - c -\n"
        "wits     goods_annual CHN KOR export A 2023-01-01 8 - w -\n"
        "comtrade goods_annual CHN JPN export A 2023-01-01 9 - c -\n"
        "comtrade goods_annual DEU CHN export A 2023-01-01 5 - c -\n"
    )
    assert annual(bench, frame) == [
        ("CHN", "KOR", "export", 8.0, "wits", "published"),
        ("DEU", "CHN", "export", 5.0, "comtrade", "published"),
    ]


def test_a_source_counts_only_in_the_years_that_the_list_gives_it(bench: Bench) -> None:
    frame = HEADER + (
        "wits goods_annual CHN KOR export A 1991-01-01 7 - w -\nwits goods_annual CHN KOR export A 1992-01-01 8 - w -\n"
    )
    assert [row[3] for row in annual(bench, frame)] == [8.0]


def test_twelve_months_make_a_year_and_eleven_do_not(bench: Bench) -> None:
    assert annual(bench, HEADER, of_months(A_YEAR)) == [("KOR", "CHN", "export", 24.0, "imf", "summed")]
    assert annual(bench, HEADER, of_months(A_YEAR[:11])) == []


def test_a_missing_or_corrected_month_is_not_a_month(bench: Bench) -> None:
    assert annual(bench, HEADER, of_months(A_YEAR[:11]) + of_months(A_YEAR[11:], value="-")) == []
    assert annual(bench, HEADER, of_months(A_YEAR[:11]) + of_months(A_YEAR[11:], status="slip")) == []


def test_a_month_that_was_replaced_counts_once(bench: Bench) -> None:
    replaced = "imf goods_monthly KOR CHN export M 2023-12-01 1000 - i 2024-05-01\n"
    assert annual(bench, HEADER, of_months(A_YEAR) + replaced) == [("KOR", "CHN", "export", 24.0, "imf", "summed")]


def test_a_sum_names_every_snapshot_that_it_stands_in(bench: Bench) -> None:
    annual(bench, HEADER, of_months(A_YEAR[:6], snapshot="b") + of_months(A_YEAR[6:], snapshot="a"))
    assert bench.ask("select snapshot_id, snapshot_ids from core.goods_trade_annual") == [("b", ["a", "b"])]


def test_the_world_is_a_column_and_never_a_partner(bench: Bench) -> None:
    frame = HEADER + (
        "kosis    goods_annual       KOR CHN export A 2022-01-01 100 - k -\n"
        "kosis    goods_annual_world KOR WLD export A 2022-01-01 600 - v -\n"
        "kosis    goods_annual       KOR EUU export A 2022-01-01 70  - k -\n"
        "comtrade goods_annual       KOR CHN export A 2024-01-01 100 - c -\n"
        "kosis    goods_annual_world KOR WLD export A 2024-01-01 600 - v -\n"
    )
    annual(bench, frame)
    # The world of 2024 is another source's, and two sources are not divided by each other.
    assert bench.ask(
        "select partner_code, year(period_start), world_value_usd, snapshot_ids from core.goods_trade_annual order by 2"
    ) == [("CHN", 2022, 600.0, ["k", "v"]), ("CHN", 2024, None, ["c"])]


def test_goods_that_come_back_are_a_candidate_and_no_partner(bench: Bench) -> None:
    """China imports from China what it exported before: part of its total, and nobody else's."""
    again = of_months(A_YEAR, reporter="CHN", flow="import")
    assert annual(bench, HEADER, of_months(A_YEAR) + again) == [("KOR", "CHN", "export", 24.0, "imf", "summed")]
    assert bench.ask(
        "select partner_code, value_usd, choice from core.goods_trade_annual_candidates where reporter_code = 'CHN'"
    ) == [("CHN", 24.0, 1)]


def test_a_month_comes_from_one_source_and_not_from_a_corrected_figure(bench: Bench) -> None:
    bench.given("core.economies", ECONOMIES)
    bench.given("reference.source_precedence", PRECEDENCE)
    bench.given(
        "core.goods_trade_observations",
        HEADER
        + of_months(["2017-03-01"])
        + of_months(["2017-04-01"], status="slip")
        + "kcs goods_monthly KOR CHN export M 2017-03-01 3 - k -\n"
        + "kcs goods_monthly KOR WLD export M 2017-03-01 9 - k -\n"
        + "kosis goods_annual KOR CHN export A 2017-01-01 36 - k -\n"
        + of_months(["2017-04-01"], reporter="DEU", value="5"),
        **TOTAL,
    )
    bench.run("core.source_precedence", "core.goods_trade_annual_candidates")
    assert bench.ask(
        "select reporter_code, strftime(period_start, '%Y-%m'), value_usd, source, precedence_reason "
        "from core.goods_trade_monthly order by all"
    ) == [("DEU", "2017-04", 5.0, "imf", "only"), ("KOR", "2017-03", 3.0, "kcs", "freshest")]


# Products beside totals

EVIDENCE = """
    metric         reporter_code source   dataset       basis     rank reason
    goods_total    *             comtrade goods_annual  published 1    own
    goods_total    *             comtrade divisions     products  2    products
    goods_evidence *             wits     bilateral     products  2    "products at least"
    goods_total    *             imf      imts          published 3    passed
"""


def beside_products(bench: Bench, frame: str, year: int = 2015) -> list[tuple]:
    """Return a partner's chosen figure and the others, compared with its products, US$bn of China's imports."""
    bench.given("core.economies", ECONOMIES)
    bench.given("reference.source_precedence", EVIDENCE, frequency="A", flow="*")
    bench.given(
        "core.goods_trade_observations",
        "source dataset classification product_code value_usd snapshot_id\n" + frame,
        reporter_code="CHN",
        partner_code="DEU",
        flow="import",
        frequency="A",
        period_start=f"{year}-01-01",
        valuation="CIF",
        observation_status="A",
        coverage="complete",
        level=2,
    )
    bench.run("core.source_precedence", "core.goods_trade_annual_candidates", "core.goods_trade_annual")
    return bench.ask(
        "select dataset, value_usd, is_below_products, choice from core.goods_trade_annual_candidates order by choice"
    )


def test_products_added_up_go_before_what_somebody_else_passes_on(bench: Bench) -> None:
    """From Viet Nam China imported 29.8bn in 2015, by its customs and by division; the IMF has 23.8."""
    rows = """
        imf      imts      TOTAL TOTAL 23.8 i
        wits     bilateral TOTAL TOTAL 29.8 w
        comtrade divisions SITC4 77    20.5 c
        comtrade divisions SITC4 65    9.3  c
    """
    assert beside_products(bench, rows) == [("divisions", 29.8, False, 1), ("imts", 23.8, True, 2)]
    assert bench.ask("select value_usd, source, basis, precedence_reason from core.goods_trade_annual") == [
        (29.8, "comtrade", "products", "products")
    ]


def test_a_lesser_sum_of_products_is_not_taken_for_a_greater(bench: Bench) -> None:
    """From Australia in 2015: 73.5bn by division, 64.8 where WITS adds up what was not withheld, 65.1 at the IMF."""
    rows = """
        imf      imts      TOTAL TOTAL 65.1 i
        wits     bilateral TOTAL TOTAL 64.8 w
        comtrade divisions SITC4 28    73.5 c
    """
    assert beside_products(bench, rows) == [("divisions", 73.5, False, 1), ("imts", 65.1, True, 2)]


def test_a_figure_below_the_evidence_gives_way_to_it(bench: Bench) -> None:
    """From Canada in 2014: 25.2bn by its products, 21.1 at the IMF."""
    rows = "imf imts TOTAL TOTAL 21.1 i\nwits bilateral TOTAL TOTAL 25.2 w\n"
    assert beside_products(bench, rows) == [("bilateral", 25.2, False, 1), ("imts", 21.1, True, 2)]
    # Before the IMF's figure was known there was no figure at all.
    assert bench.ask("select choice, snapshot_ids from core.goods_trade_annual_candidates order by choice") == [
        (1, ["i", "w"]),
        (2, ["i"]),
    ]


def test_evidence_that_lacks_what_is_withheld_gives_no_figure(bench: Bench) -> None:
    """From Switzerland in 2016: 40.1bn with gold, 8.9 without. And up to 2% is two readings."""
    rows = "imf imts TOTAL TOTAL {} i\nwits bilateral TOTAL TOTAL {} w\n"
    assert beside_products(bench, rows.format(40.1, 8.9)) == [("imts", 40.1, False, 1)]
    assert beside_products(bench, rows.format(98.1, 100)) == [("imts", 98.1, False, 1)]


def test_evidence_alone_gives_no_figure_and_puts_back_no_reporters_own(bench: Bench) -> None:
    assert beside_products(bench, "wits bilateral TOTAL TOTAL 25.2 w\n") == []
    rows = "comtrade goods_annual TOTAL TOTAL 8.7 c\nwits bilateral TOTAL TOTAL 18.1 w\n"
    assert beside_products(bench, rows) == [("goods_annual", 8.7, False, 1)]


def test_products_that_are_far_below_another_reading_are_not_all(bench: Bench) -> None:
    rows = "imf imts TOTAL TOTAL 100 i\ncomtrade divisions SITC4 77 {} c\n"
    assert beside_products(bench, rows.format(94)) == [("imts", 100.0, False, 1)]
    assert beside_products(bench, rows.format(96)) == [("divisions", 96.0, False, 1), ("imts", 100.0, False, 2)]


def test_a_figure_below_its_products_is_compared_with_none_that_is_not(bench: Bench) -> None:
    bench.check("""
        given core.goods_trade_annual_candidates reporter_code=CHN partner_code=DEU flow=import snapshot_ids=a
        period_start value_usd publisher_code is_below_products choice
        2014-01-01   99        comtrade       false             1
        2014-01-01   90        imf            true              2
        2015-01-01   74        comtrade       false             1
        2015-01-01   74        imf            false             2
        2019-01-01   120       imf            false             1
    """)
    assert bench.ask(
        "from core.goods_trade_comparisons select from_year, to_year, from_usd, to_usd, source order by all"
    ) == [
        (2014, 2019, None, None, None),
        (2015, 2019, 74.0, 120.0, "imf"),
    ]


# Products

PRODUCTS = "source dataset partner_code classification level product_code value_usd coverage\n"
DETAIL = {"reporter_code": "KOR", "flow": "export", "frequency": "A", "period_start": "2023-01-01"}
PRODUCT_PRECEDENCE = """
    frequency source   dataset          rank reason
    A         comtrade hs6              1    "as reported"
    A         un       sitc4            1    "as reported"
    A         a        selection        1    selected
    A         b        detail           2    whole
    A         unctad   sitc3            3    sections
    M         kcs      goods_monthly_hs 1    customs
"""


def order_of_products(bench: Bench) -> None:
    bench.given("core.economies", ECONOMIES)
    bench.check(f"""
        given reference.source_precedence metric=goods_product reporter_code=* flow=* basis=published
        {PRODUCT_PRECEDENCE}
        run core.source_precedence
    """)


def products(bench: Bench, frame: str) -> list[tuple]:
    order_of_products(bench)
    bench.given("core.goods_trade_observations", PRODUCTS + frame, **DETAIL)
    bench.run("core.product_trade")
    return bench.ask(
        "select partner_code, classification, product_code, value_usd, is_complete_detail "
        "from core.product_trade_annual order by all"
    )


def test_selected_products_are_never_complete_and_totals_are_no_products(bench: Bench) -> None:
    assert products(
        bench,
        """comtrade hs6   CHN HS2022 6 854232 70  selected
           comtrade total CHN TOTAL  0 TOTAL  70  complete
           comtrade sitc4 WLD SITC4  2 77     900 complete
        """,
    ) == [("CHN", "HS2022", "854232", 70.0, False)]


def test_detail_is_complete_if_it_adds_up_to_the_total_of_its_own_source(bench: Bench) -> None:
    """1% is left for what is withheld: 99.5 of 100 passes, 93 of 100 does not."""
    found = products(
        bench,
        """unctad sitc3 CHN TOTAL 0 TOTAL 100  complete
           unctad sitc3 CHN SITC3 1 0     40   complete
           unctad sitc3 CHN SITC3 1 7     59.5 complete
           unctad sitc3 JPN TOTAL 0 TOTAL 100  complete
           unctad sitc3 JPN SITC3 1 0     33   complete
           unctad sitc3 JPN SITC3 1 7     60   complete
           un     sitc4 DEU SITC4 2 77    5    complete
        """,
    )
    assert {(partner, complete) for partner, _, _, _, complete in found} == {
        ("CHN", True),
        ("JPN", False),
        ("DEU", True),
    }


def test_one_product_has_one_figure_and_a_complete_source_goes_first_whatever_its_rank(bench: Bench) -> None:
    """Whoever sums the products of a level sums one source's."""
    assert products(
        bench,
        """a selection CHN SITC4 2 77 5 selected
           b detail    CHN SITC4 2 77 6 complete
        """,
    ) == [("CHN", "SITC4", "77", 6.0, True)]


def test_of_two_sources_alike_the_first_in_order_gives_the_product(bench: Bench) -> None:
    assert products(
        bench,
        """unctad sitc3  CHN SITC3 1 7 5 complete
           b      detail CHN SITC3 1 7 6 complete
        """,
    ) == [("CHN", "SITC3", "7", 6.0, True)]
    assert bench.ask("select source, precedence_reason from core.product_trade") == [("b", "whole")]


def test_products_by_month_keep_their_weight(bench: Bench) -> None:
    """Korea Customs, January 2020: US$2,501,414,984 of HS 8542 to China, 357,358 kg."""
    order_of_products(bench)
    bench.given(
        "core.goods_trade_observations",
        """
        frequency period_start classification level product_code value_usd  net_weight_kg coverage
        M         2020-01-01   HS2017         4     8542         2501414984 357358        selected
        """,
        source="kcs",
        dataset="goods_monthly_hs",
        reporter_code="KOR",
        partner_code="CHN",
        flow="export",
    )
    bench.run("core.product_trade")
    assert bench.ask("select value_usd, net_weight_kg, is_complete_detail from core.product_trade_monthly") == [
        (2_501_414_984.0, 357_358.0, False)
    ]
