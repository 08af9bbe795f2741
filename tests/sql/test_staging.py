"""Staging, where meaning begins: codes become economies, thousands become US$, a zero without a figure becomes null."""

from __future__ import annotations

from datetime import date

import pytest

from tests.sql.bench import PROJECT, Bench

CODES = """
    scheme      code    economy_code exclusion_reason
    comtrade    410     KOR          -
    comtrade    156     CHN          -
    comtrade    490     TWN          -
    comtrade    899     -            "a remainder"
    imf_name    Korea   KOR          -
    imf_name    China   CHN          -
    unctad_name Korea   KOR          -
    unctad_name China   CHN          -
    iso2        CN      CHN          -
    iso3        KOR     KOR          -
    iso3        CHN     CHN          -
    iso3        JPN     JPN          -
    iso3        WLD     WLD          -
    iso3        ZZZ     -            "no economy"
    kosis_name  China   CHN          -
    batis_name  CHN     CHN          -
    batis_name  Korea   KOR          -
"""
# China's customs prints yuan, which become US$ in core; a flash is no month, and stays apart.
OTHERS = {"gacc__goods_monthly", "kcs__goods_flash"}
GOODS = sorted({path.stem for path in (PROJECT.sql / "staging").glob("*__goods_*.sql")} - OTHERS)


def staged(bench: Bench, table: str, frame: str, columns: str) -> list[tuple]:
    """What a staging table makes of rows of its raw table, in the order received."""
    bench.given("staging.economy_codes", CODES)
    lines = [line for line in frame.splitlines() if line.strip()]
    numbered = [f"{lines[0]} row_number", *(f"{line} {n}" for n, line in enumerate(lines[1:], 1))]
    bench.given(f"raw.{table}", "\n".join(numbered), snapshot_id="s")
    bench.run(f"staging.{table}")
    order = "row_number, flow" if "flow" in columns else "row_number"
    return bench.ask(f"select {columns} from staging.{table} order by {order}")


@pytest.mark.parametrize("table", GOODS)
def test_every_dataset_of_goods_has_one_shape(bench: Bench, table: str) -> None:
    shapes = []
    for name in (GOODS[0], table):
        bench.given("staging.economy_codes", CODES)
        bench.run(f"staging.{name}")
        # A balance that a publisher prints is there to be audited, and feeds no other table.
        shapes.append(
            bench.ask(
                f"select column_name, column_type from (describe staging.{name}) where column_name != 'balance_usd'"
            )
        )
    assert shapes[0] == shapes[1]


def test_a_flow_that_is_not_there_is_missing_and_not_zero(bench: Bench) -> None:
    assert staged(
        bench,
        "kosis__goods_annual",
        """
        partner_code year exports_usd imports_usd
        CHN          2023 124800000   -
        JPN          1965 0           7000
        """,
        "partner_code, flow, period_start, period_end, value_usd, valuation, observation_status",
    ) == [
        ("CHN", "export", date(2023, 1, 1), date(2023, 12, 31), 124_800_000.0, "FOB", "A"),
        ("CHN", "import", date(2023, 1, 1), date(2023, 12, 31), None, "CIF", "M"),
        ("JPN", "export", date(1965, 1, 1), date(1965, 12, 31), 0.0, "FOB", "A"),
        ("JPN", "import", date(1965, 1, 1), date(1965, 12, 31), 7_000.0, "CIF", "A"),
    ]


def test_an_unknown_code_stays_for_the_audit_to_name_and_an_excluded_one_goes(bench: Bench) -> None:
    assert staged(
        bench,
        "kosis__goods_annual",
        """
        partner_code year exports_usd imports_usd
        QQQ          2023 1           -
        ZZZ          2023 1           -
        KOR          2023 1           -
        """,
        "partner_label, partner_code, flow",
    ) == [("QQQ", None, "export"), ("QQQ", None, "import")]


def test_two_unknown_codes_are_not_taken_for_one_economy(bench: Bench) -> None:
    """An economy exports nothing to itself, but its own goods come back; two codes nobody knows stay apart."""
    assert staged(
        bench,
        "comtrade__goods_annual",
        """
        reporter_code partner_code year flow_code value_usd
        998           999          2023 X         1
        156           156          2023 M         104296025695
        156           156          2023 X         1
        156           899          2023 M         1
        156           490          2023 M         1
        """,
        "reporter_label, partner_label, reporter_code, partner_code, flow, valuation",
    ) == [
        ("998", "999", None, None, "export", "FOB"),
        ("156", "156", "CHN", "CHN", "import", "CIF"),
        ("156", "490", "CHN", "TWN", "import", "CIF"),
    ]


def test_thousands_become_us_dollars(bench: Bench) -> None:
    """KOSIS, 2017.04: exports to China of 10,589,664 and imports of 7,913,344 thousand US$."""
    assert staged(
        bench,
        "kosis__goods_monthly",
        "partner_name month exports_kusd imports_kusd\nChina 2017-04 10589664 7913344",
        "flow, period_start, period_end, value_usd",
    ) == [
        ("export", date(2017, 4, 1), date(2017, 4, 30), 10_589_664_000.0),
        ("import", date(2017, 4, 1), date(2017, 4, 30), 7_913_344_000.0),
    ]


def test_millions_become_us_dollars_without_binary_noise_and_the_imfs_zero_is_missing(bench: Bench) -> None:
    """299.71574 times a million is not exactly 299,715,740 in binary."""
    assert staged(
        bench,
        "imf__goods_monthly",
        """
        reporter_name partner_name month   flow   value_musd
        Korea         China        2016-02 export 299.71574
        Korea         China        2016-03 import 0
        """,
        "reporter_label, partner_label, flow, period_end, value_usd, observation_status",
    ) == [
        ("Korea", "China", "export", date(2016, 2, 29), 299_715_740.0, "A"),
        ("Korea", "China", "import", date(2016, 3, 31), None, "M"),
    ]


def test_a_year_says_in_which_edition_korea_reported_its_products(bench: Bench) -> None:
    found = staged(
        bench,
        "comtrade__goods_annual_hs6_selected",
        """
        reporter_code partner_code year flow_code product_code value_usd
        410           156          2016 X         854231       1
        410           156          2017 X         854231       1
        410           156          2021 X         854231       1
        410           156          2022 X         854231       1
        """,
        "classification, level, coverage",
    )
    assert found == [(edition, 6, "selected") for edition in ("HS2012", "HS2017", "HS2017", "HS2022")]


def test_customs_headings_carry_their_weight(bench: Bench) -> None:
    assert staged(
        bench,
        "kcs__goods_monthly_hs",
        "hs_code partner_iso2 month exports_usd exports_kg\n8542 CN 2021-12 7 3\n8542 CN 2022-01 8 4\n",
        "classification, level, product_code, flow, value_usd, net_weight_kg, coverage",
    ) == [
        ("HS2017", 4, "8542", "export", 7.0, 3.0, "selected"),
        ("HS2022", 4, "8542", "export", 8.0, 4.0, "selected"),
    ]


def test_unctads_all_is_the_total_and_its_sections_are_detail(bench: Bench) -> None:
    assert staged(
        bench,
        "unctad__goods_annual_sitc3",
        """
        exporter_name importer_name year product_code exports_kusd
        Korea         China         1995 All          9143600
        Korea         China         1995 7            8678.95199999999
        """,
        "reporter_label, partner_label, classification, level, product_code, flow, value_usd",
    ) == [
        ("Korea", "China", "TOTAL", 0, "TOTAL", "export", 9_143_600_000.0),
        ("Korea", "China", "SITC3", 1, "7", "export", 8_678_952.0),
    ]


def test_a_row_of_both_flows_becomes_two(bench: Bench) -> None:
    """WITS, China with Korea, 1989, in thousands of US$."""
    assert staged(
        bench,
        "wits__goods_annual_products",
        "reporter_code partner_code year exports_kusd imports_kusd\nCHN KOR 1989 472029.184 426151.296",
        "reporter_code, partner_code, flow, value_usd, valuation",
    ) == [("CHN", "KOR", "export", 472_029_184.0, "FOB"), ("CHN", "KOR", "import", 426_151_296.0, "CIF")]


def test_services_name_their_basis_and_their_edition(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id edition known_from\ns 2025-12 2026-09-16")
    assert staged(
        bench,
        "oecd_wto__services_annual_points",
        """
        reporter_code partner_code flow item_code year value_musd value_basis
        KOR           CHN          EXP  S         2019 20338.4    reported
        KOR           WLD          IMP  S         2024 162654.3   balanced
        """,
        "partner_code, flow, service_item_code, year, value_usd, value_basis",
    ) == [
        ("CHN", "export", "S", 2019, 20_338_400_000.0, "reported"),
        ("WLD", "import", "S", 2024, 162_654_300_000.0, "balanced"),
    ]


def test_a_date_is_as_exact_as_its_source(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id known_from retrieved_at\ns 2026-11-25 2026-11-25")
    assert staged(
        bench,
        "register__policy_event_stages",
        """
        event_id event_date date_precision
        E005     2015-12-20 day
        E006     2012-05    month
        E007     2016       year
        """,
        "event_date, date_precision",
    ) == [(date(2015, 12, 20), "day"), (date(2012, 5, 1), "month"), (date(2016, 1, 1), "year")]


def test_a_period_ends_with_the_last_day_of_its_month_or_year(bench: Bench) -> None:
    bench.given("reference.snapshots", "snapshot_id known_from retrieved_at\ns 2026-11-25 2026-11-25")
    assert staged(
        bench,
        "register__published_figures",
        """
        figure_id period_start period_end
        a         2025-01      2025-11
        b         2024         2024
        c         2025-07-01   2025-12-31
        """,
        "period_start, period_end",
    ) == [
        (date(2025, 1, 1), date(2025, 11, 30)),
        (date(2024, 1, 1), date(2024, 12, 31)),
        (date(2025, 7, 1), date(2025, 12, 31)),
    ]


def test_the_newest_register_is_the_current_one(bench: Bench) -> None:
    bench.given(
        "reference.snapshots",
        "snapshot_id known_from retrieved_at\nolder 2026-01-01 2026-01-01\nnewer 2026-11-25 2026-11-25",
    )
    bench.given("staging.economy_codes", CODES)
    bench.given(
        "raw.register__published_figures",
        """
        figure_id reporter_code partner_code period_start period_end value precision published_on snapshot_id row_number
        f         CHN           KOR          2024-01-01   2024-12-31 -35.3 1         2025-12      newer       1
        f         CHN           KOR          2024-01-01   2024-12-31 -35   0         2025-12-14   older       1
        """,
    )
    assert bench.ask(
        "select value, printed_decimals, published_on, published_on_precision, is_current "
        "from staging.register__published_figures order by is_current"
    ) == [(-35.0, 0, date(2025, 12, 14), "day", False), (-35.3, 1, date(2025, 12, 1), "month", True)]


def test_an_iso_code_stands_for_itself_unless_the_list_says_otherwise(bench: Bench) -> None:
    bench.given("reference.economies", "economy_code name\nKOR Korea\nROU Romania\nROM Romania\n")
    bench.check("""
        given reference.economy_codes
        scheme code economy_code exclusion_reason
        iso3   ROM  ROU          -
        iso2   KR   KOR          -
        expect staging.economy_codes
        scheme code economy_code
        iso2   KR   KOR
        iso3   KOR  KOR
        iso3   ROM  ROU
        iso3   ROU  ROU
    """)
