"""Staging of what a refresh fetches: the publishers' own codes, units and marks become ours."""

from __future__ import annotations

from datetime import date

from tests.sql.bench import Bench


def test_staging_maps_the_imfs_codes_and_tells_estimates(bench: Bench) -> None:
    bench.given(
        "staging.economy_codes",
        """
        scheme   code economy_code exclusion_reason
        imf_code G001 WLD          -
        imf_code KOS  XKX          -
        iso3     KOR  KOR          -
        iso3     CHN  CHN          -
        iso3     KOS  -            "not this one"
        """,
    )
    bench.given(
        "raw.imf__imts",
        """
        row_number reporter_code partner_code indicator_code frequency period value_usd derivation_type observation_status
        1 KOR CHN XG_FOB_USD A 2024 132902972288 O -
        2 KOR G001 MG_CIF_USD M 2024-02 5 M -
        3 KOS KOR MG_CIF_USD A 2024 6 SE -
        4 KOR CHN MG_CIF_USD A 2025 7 O P
        5 KOR CHN MG_CIF_USD A 2026 - - M
        6 KOR KOR MG_CIF_USD A 2024 8 O -
        7 KOR QQQ MG_CIF_USD A 2024 9 O -
        """,
        snapshot_id="s",
    )
    bench.run("staging.imf__imts")
    assert bench.ask(
        "select reporter_code, partner_code, flow, valuation, frequency, period_start, period_end, value_usd, "
        "observation_status from staging.imf__imts order by row_number"
    ) == [
        ("KOR", "CHN", "export", "FOB", "A", date(2024, 1, 1), date(2024, 12, 31), 132_902_972_288.0, "A"),
        ("KOR", "WLD", "import", "CIF", "M", date(2024, 2, 1), date(2024, 2, 29), 5.0, "A"),
        ("XKX", "KOR", "import", "CIF", "A", date(2024, 1, 1), date(2024, 12, 31), 6.0, "E"),
        ("KOR", "CHN", "import", "CIF", "A", date(2025, 1, 1), date(2025, 12, 31), 7.0, "P"),
        ("KOR", "CHN", "import", "CIF", "A", date(2026, 1, 1), date(2026, 12, 31), None, "M"),
        ("KOR", None, "import", "CIF", "A", date(2024, 1, 1), date(2024, 12, 31), 9.0, "A"),
    ]
