"""Staging of what Korea Customs' API answers: imports where they are there, and end uses that each flow has its own."""

from __future__ import annotations

from datetime import date

from tests.sql.bench import Bench

CODES = "scheme code economy_code exclusion_reason\niso2 CN CHN -\niso2 US USA -\niso2 KR KOR -\niso2 ZZ - unknown\n"


def test_imports_of_a_heading_are_rows_where_customs_has_been_asked_for_them(bench: Bench) -> None:
    """January 2026, memory chips; a zero is a month without imports, a gap is a copy that left them out."""
    bench.given("staging.economy_codes", CODES)
    bench.given(
        "raw.kcs__goods_monthly_hs",
        """
        parent_code hs_code partner_iso2 month   exports_usd exports_kg imports_usd imports_kg row_number
        8542        854232  CN           2026-01 4934026496  124261     2026883877  65094      1
        85          8542    CN           2026-01 5980211066  435454     -           -          2
        85          8503    CN           2015-12 7           1          0           0          3
        """,
        snapshot_id="s",
    )
    bench.run("staging.kcs__goods_monthly_hs")
    assert bench.ask(
        "select product_code, level, classification, flow, valuation, value_usd, net_weight_kg, observation_status, "
        "coverage from staging.kcs__goods_monthly_hs order by row_number, flow"
    ) == [
        ("854232", 6, "HS2022", "export", "FOB", 4_934_026_496.0, 124_261.0, "A", "selected"),
        ("854232", 6, "HS2022", "import", "CIF", 2_026_883_877.0, 65_094.0, "A", "selected"),
        ("8542", 4, "HS2022", "export", "FOB", 5_980_211_066.0, 435_454.0, "A", "selected"),
        ("8503", 4, "HS2012", "export", "FOB", 7.0, 1.0, "A", "selected"),
        ("8503", 4, "HS2012", "import", "CIF", 0.0, 0.0, "A", "selected"),
    ]


def test_end_uses_of_exports_are_not_those_of_imports(bench: Bench) -> None:
    """11201 is meat among exports and rice among imports."""
    bench.given("staging.economy_codes", CODES)
    bench.given(
        "raw.kcs__goods_monthly_end_use",
        """
        flow partner_iso2 month   end_use_code value_usd net_weight_kg row_number
        수출 US           2026-01 11201        506177    72904         1
        수입 CN           2026-02 11201        9         3             2
        수입 ZZ           2026-02 11201        1         1             3
        """,
        snapshot_id="s",
    )
    bench.run("staging.kcs__goods_monthly_end_use")
    assert bench.ask(
        "select partner_code, flow, classification, level, product_code, value_usd, net_weight_kg, valuation, coverage "
        "from staging.kcs__goods_monthly_end_use order by row_number"
    ) == [
        ("USA", "export", "KCS_ENDUSE_EXPORT", 5, "11201", 506_177.0, 72_904.0, "FOB", "complete"),
        ("CHN", "import", "KCS_ENDUSE_IMPORT", 5, "11201", 9.0, 3.0, "CIF", "complete"),
    ]
    assert bench.ask(
        "select period_start, period_end from staging.kcs__goods_monthly_end_use where partner_code = 'CHN'"
    ) == [(date(2026, 2, 1), date(2026, 2, 28))]
