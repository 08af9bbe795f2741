"""Trade of every economy with every other, in the IMF's form, of as many years as wanted, as snapshots of `imf/imts`.

    .venv/bin/python -m benchmarks.world FOLDER --years 30

Here: what a warehouse would hold that has the world turned on, made up. Not here: the measuring of anything on it.

A pair trades the more the larger both are; four pairs in ten do not trade at all, as in life, and small ones miss
months.
Years are the sums of their months. No row is of Korea or China as a reporter, and the years are later than any figure
that is held, so that what the audit knows stays true.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.generate import archive
from dagster_project.project import Project
from dagster_project.refresh.planning import read_settings
from dagster_project.sources.imf import IMTS, find_imf_code

FIRST_YEAR = 2030
LEFT = {"KOR", "CHN"}

# A snapshot of a reporter: each of its figures, and the world as their sum.
_ROWS = """
    with sizes as (
        select code, power(hash(code) / 18446744073709551616.0, 3) as size from economies
    ),

    pairs as (
        select
            partners.code as partner,
            flows.indicator,
            reporters.size * partners.size as size,
            hash(reporters.code, partners.code) / 18446744073709551616.0 as link,
            hash(reporters.code, partners.code, flows.indicator) / 18446744073709551616.0 as shape
        from sizes as reporters, sizes as partners, (values ('XG_FOB_USD'), ('MG_CIF_USD')) as flows (indicator)
        where reporters.code = '{reporter}' and partners.code != reporters.code
    ),

    months as (
        select
            pairs.partner,
            pairs.indicator,
            month,
            round(
                2e10 * size * (0.2 + shape)
                * (1 + 0.002 * month) * (1 + 0.2 * sin(month * pi() / 6 + 6 * shape))
                * (0.9 + 0.2 * hash(partner, indicator, month) / 18446744073709551616.0)
            ) as value
        from pairs, range({months}) as months (month)
        where link > 0.4 and (size > 1e-5 or hash(partner, indicator, month) % 3 != 0)
    ),

    every as (
        select partner, indicator, month, value from months
        union all
        select 'G001', indicator, month, sum(value) from months group by indicator, month
    )

    select
        '{reporter}' as reporter_code, partner as partner_code, indicator as indicator_code, 'M' as frequency,
        strftime(date '{first}-01-01' + to_months(cast(month as integer)), '%Y-%m') as period,
        cast(value as bigint) as value_usd, 'O' as derivation_type, null as observation_status
    from every
    union all
    select
        '{reporter}', partner, indicator, 'A', cast({first} + month // 12 as varchar),
        cast(sum(value) as bigint), 'O', null
    from every
    group by partner, indicator, month // 12
    having count(*) = 12
"""


def generate(project: Project, years: int) -> int:
    """Writes a snapshot a reporter; returns how many rows they have."""
    settings = read_settings(project)
    everyone = [economy for economy in settings.everyone if economy not in LEFT]
    codes = [find_imf_code(settings, economy) for economy in everyone]
    written = 0
    with duckdb.connect() as connection:
        connection.execute(
            "create table economies as select unnest(?::varchar[]) as code",
            [codes],
        )
        for reporter in everyone:
            folder = project.snapshots / IMTS.path / f"unsealed-{reporter}"
            folder.mkdir(parents=True)
            query = _ROWS.format(reporter=find_imf_code(settings, reporter), months=12 * years, first=FIRST_YEAR)
            data = folder / "data.csv"
            ((count,),) = connection.execute(f"copy ({query}) to '{data}' (header, delimiter ',')").fetchall()
            archive(data, IMTS, f"Generated trade of {reporter}", date(FIRST_YEAR + years, 4, 15), int(count))
            written += int(count)
    return written


def main() -> None:
    reads = argparse.ArgumentParser(description="Generate trade of every economy with every other.")
    reads.add_argument("warehouse", type=Path, help="a warehouse's folder, with reference/ in it")
    reads.add_argument("--years", type=int, default=30)
    asked = reads.parse_args()
    print(f"{generate(Project.find(warehouse=asked.warehouse), asked.years):,} rows")


if __name__ == "__main__":
    main()
