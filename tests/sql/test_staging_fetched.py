"""Staging of fetched responses: publishers' codes, units and marks become ours."""

from __future__ import annotations

import pytest

from dagster_project.sources import is_live, list_datasets
from tests.sql.bench import Bench


def test_staging_maps_the_imfs_codes_and_tells_estimates(bench: Bench) -> None:
    bench.check("""
        given staging.economy_codes
        scheme   code economy_code exclusion_reason
        imf_code G001 WLD          -
        imf_code KOS  XKX          -
        iso3     KOR  KOR          -
        iso3     CHN  CHN          -
        iso3     KOS  -            "not this one"
        given raw.imf__imts snapshot_id=s
        reporter_code partner_code indicator_code frequency period  value_usd    derivation_type row_number
        KOR           CHN          XG_FOB_USD     A         2024    132902972288 O               1
        KOR           G001         MG_CIF_USD     M         2024-02 5            M               2
        KOS           KOR          MG_CIF_USD     A         2024    6            SE              3
        KOR           KOR          MG_CIF_USD     A         2024    7            O               4
        KOR           QQQ          MG_CIF_USD     A         2024    8            -               5
        expect staging.imf__imts
        reporter_code partner_code flow valuation frequency period_start period_end value_usd observation_status
        KOR CHN export FOB A 2024-01-01 2024-12-31 132902972288 A
        KOR WLD import CIF M 2024-02-01 2024-02-29 5 A
        XKX KOR import CIF A 2024-01-01 2024-12-31 6 E
        KOR - import CIF A 2024-01-01 2024-12-31 8 A
    """)


def test_the_imfs_status_goes_before_what_it_says_of_the_derivation(bench: Bench) -> None:
    bench.given("staging.economy_codes", "scheme code economy_code\niso3 KOR KOR\niso3 CHN CHN\n")
    bench.check("""
        given raw.imf__imts reporter_code=KOR partner_code=CHN indicator_code=MG_CIF_USD frequency=A
        period value_usd derivation_type observation_status
        2021   1         SE              P
        2022   2         O               F
        2023   3         SC              -
        2024   -         -               M
        2025   4         O               B
        expect staging.imf__imts
        value_usd observation_status
        1         P
        2         E
        3         E
        -         M
        4         A
    """)


def test_a_figure_of_the_world_bank_that_is_withdrawn_says_so_and_one_that_never_was_does_not(bench: Bench) -> None:
    """The API has a row for every year it was asked about; one without a value speaks only after a figure."""
    bench.given("staging.economy_codes", "scheme code economy_code\niso3 CHN CHN\n")
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        older       2024-02-25 2024-02-25
        newer       2026-07-01 "2026-07-02 09:00:00"
        newest      2026-07-01 "2026-07-03 09:00:00"
        given raw.worldbank__wdi indicator_code=NV.SRV.TOTL.ZS economy_code=CHN
        year value    snapshot_id
        2022 52.77589 older
        2022 -        newer
        2022 -        newest
        2023 -        newer
        2023 -        newest
        2024 -        newer
        2024 56.83    newest
        expect staging.worldbank__wdi
        year snapshot_id value    observation_status
        2022 older       52.77589 A
        2022 newer       -        M
        2024 newest      56.83    A
    """)


def test_batis_has_a_row_for_each_of_its_values_in_dollars(bench: Bench) -> None:
    """Korea's exports of services in 2019: 103,838.9 million US$ reported, 89,096 balanced."""
    bench.given("reference.snapshots", "snapshot_id edition known_from\ns 2025-12 2025-12-15")
    bench.given("staging.economy_codes", "scheme code economy_code\noecd_code W WLD\niso3 KOR KOR\niso3 CHN CHN\n")
    bench.check("""
        given raw.oecd_wto__batis snapshot_id=s
        reporter_code partner_code flow item_code year reported_musd final_musd balanced_musd row_number
        KOR           W            EXP  S         2019 103838.9      -          89096         1
        CHN           KOR          IMP  SC        2019 -             1.5        1.234567      2
        KOR           QQQ          EXP  S         2019 1             -          -             3
        KOR           KOR          EXP  S         2019 1             -          -             4
        expect staging.oecd_wto__batis
        reporter_code partner_code flow   service_item_code year value_usd    value_basis edition
        KOR           WLD          export S                 2019 103838900000 reported    2025-12
        KOR           WLD          export S                 2019 89096000000  balanced    2025-12
        CHN           KOR          import SC                2019 1500000      estimated   2025-12
        CHN           KOR          import SC                2019 1234567      balanced    2025-12
        KOR           -            export S                 2019 1000000      reported    2025-12
    """)


def test_tables_of_services_have_one_shape(bench: Bench) -> None:
    shapes = []
    for name in ("oecd_wto__services_annual_points", "oecd_wto__batis"):
        bench.given("staging.economy_codes", "scheme code economy_code\niso3 KOR KOR\n")
        bench.run(f"staging.{name}")
        shapes.append(bench.ask(f"select column_name, column_type from (describe staging.{name})"))
    assert shapes[0] == shapes[1]


# What every column of a raw table needs so that staging takes the row; a dataset that brings figures has one here.
LISTED = {
    table: dict(pair.split("=") for pair in row.split())
    for table, row in {
        "bok__services_annual": """
            reporter_code=KOR partner_code=CHN flow=EXP item_code=S year=2024 value_musd=1
        """,
        "comtrade__goods": """
            freq_code=A period=2024 reporter_code=410 partner_code=156 partner2_code=0 flow_code=X
            classification_code=H6 cmd_code=TOTAL aggr_level=0 mos_code=0 customs_code=C00 mot_code=0
            primary_value=1 is_reported=true
        """,
        "imf__imts": """
            reporter_code=KOR partner_code=CHN indicator_code=XG_FOB_USD frequency=A period=2024
            value_usd=1 derivation_type=O
        """,
        "kcs__goods_monthly": "partner_iso2=CN month=2024-01 exports_usd=1 imports_usd=2",
        "kcs__goods_monthly_hs": """
            parent_code=85 hs_code=8542 partner_iso2=CN month=2024-01 exports_usd=1 exports_kg=1
            imports_usd=2 imports_kg=1
        """,
        "kcs__goods_monthly_end_use": "flow=수입 partner_iso2=CN month=2024-01 end_use_code=11101 value_usd=1",
        "kosis__goods_monthly": "partner_name=중국 month=2024-01 exports_kusd=1 imports_kusd=2",
        "oecd_wto__batis": """
            reporter_code=KOR partner_code=CHN flow=EXP item_code=S year=2024 reported_musd=1 final_musd=1
            balanced_musd=1
        """,
        "us_census__trade": """
            flow=export commodity_level=HS2 commodity_code=85 cty_code=5700 month=2024-01 value_usd=1
        """,
        "worldbank__wdi": "indicator_code=NY.GDP.MKTP.CD economy_code=KOR year=2024 value=1",
    }.items()
}
LIVE = {d.table: d for d in list_datasets() if is_live(d.path) and d.offer}
CODES = """
scheme     code economy_code
iso2       CN   CHN
iso3       KOR  KOR
iso3       CHN  CHN
iso3       USA  USA
us_census  5700 CHN
comtrade   410  KOR
comtrade   156  CHN
kosis_name 중국 CHN
kosis_name China CHN
"""


def given_vintages(bench: Bench, table: str, *rows: dict[str, str]) -> None:
    """Give a row of each release; the last release no longer lists the first row."""
    # The period of some is a number.
    measures = {c.name for c in LIVE[table].columns if c.kind in {"number", "integer"}} - set(LIVE[table].key)
    gone = {name: "-" if name in measures else value for name, value in rows[0].items()}
    lines = [
        "\t".join([*gone, "snapshot_id", "row_number"]),
        *("\t".join([*row.values(), "newer" if n else "older", str(n + 1)]) for n, row in enumerate(rows)),
        "\t".join([*gone.values(), "newer", "-"]),
    ]
    bench.given(
        "reference.snapshots",
        "snapshot_id known_from retrieved_at\nolder 2025-01-01 2025-01-01\nnewer 2025-02-01 2025-02-01\n",
    )
    bench.given("staging.economy_codes", CODES)
    bench.given(f"raw.{table}", "\n".join(lines))
    bench.run(f"staging.{table}")


@pytest.mark.parametrize("table", LIVE)
def test_a_figure_that_a_release_lists_no_more_has_no_value_from_then_on(bench: Bench, table: str) -> None:
    given_vintages(bench, table, LISTED[table])
    value = "value" if table.startswith("worldbank") else "value_usd"
    found = bench.ask(f"select snapshot_id, count(*), count({value}) from staging.{table} group by 1 order by 1")
    ((_, listed, held), (_, gone, left)) = ((name, *counts) for name, *counts in found[::-1])
    assert listed == gone == held > 0
    assert left == 0


@pytest.mark.parametrize(
    ("table", "name", "other"),
    [("kosis__goods_monthly", "partner_name", "China"), ("comtrade__goods", "classification_code", "H5")],
)
def test_what_is_listed_under_another_name_is_not_withdrawn(bench: Bench, table: str, name: str, other: str) -> None:
    given_vintages(bench, table, LISTED[table], LISTED[table] | {name: other})
    assert bench.ask(f"select count(*), count(value_usd) from staging.{table} where snapshot_id = 'newer'") in [
        [(1, 1)],
        [(2, 2)],
    ]


def test_an_intervention_that_is_listed_no_more_is_none_and_counts_where_it_is_listed(bench: Bench) -> None:
    bench.check("""
        given reference.snapshots
        snapshot_id known_from retrieved_at
        older 2025-01-01 2025-01-01
        newer 2025-02-01 2025-02-01
        given reference.gta_intervention_types
        given raw.gta__interventions
        asked_implementing asked_affected intervention_id state_act_id snapshot_id row_number
        USA                CHN            1               11           older       1
        USA                CHN            2               12           older       2
        CHN                USA            2               12           older       3
        USA                CHN            1               -            newer       -
        USA                CHN            2               -            newer       -
    """)
    assert bench.ask("select event_id, is_current, row_number from staging.gta__interventions") == [("gta-2", True, 3)]
