"""Draw figures, prove them, and have old and new clients of DuckDB compute them again (`make proofs`).

Here: the draw, what is counted, and the share of figures that terms leave open. Not here: the client (`client`).
"""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics, publication
from dagster_project.catalog import Catalog
from dagster_project.project import Project
from dagster_project.proof import Proof, Prover
from dagster_project.proof.check import find_faults
from dagster_project.report import citing
from dagster_project.report.package import find_terms
from tests.publication.clients import python_of

# The first release that can run a proof; this interpreter's own is tried as well.
OLDEST = "1.2.2"
PAIRS = ("KOR-CHN", "USA-CHN", "KOR-JPN")
METRICS = (
    *("exports", "imports", "balance", "total_trade", "balance_mirror", "balance_to_date"),
    *("exports_growth", "imports_growth", "export_share", "import_share", "trade_share"),
)


class Client:
    """A process that runs proofs with the DuckDB of one interpreter."""

    def __init__(self, python: Path | str) -> None:
        self._process = subprocess.Popen(
            [python, Path(__file__).with_name("client.py")], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(self, folder: Path, before: str = "") -> tuple[str, float]:
        """Run the proof in a folder; return the result and the seconds."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"folder": str(folder), "before": before}) + "\n")
        self._process.stdin.flush()
        result, seconds = json.loads(self._process.stdout.readline())
        return result, seconds

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)


@dataclass(frozen=True)
class Drawn:
    """A drawn figure: its pair, its citation and its proof."""

    pair: str
    record: dict[str, Any]
    proof: Proof


def draw_figures(project: Project, number: int, seed: int = 1) -> Iterator[Drawn]:
    """Draw figures, as many of each pair, metric and frequency as there are, and prove them."""
    chance, catalog = random.Random(seed), Catalog(project)
    with publication.open_published(project) as connection:
        groups = [
            (pair, ids)
            for pair, ids_by_length in ((pair, _list_ids(connection, *pair.split("-"))) for pair in PAIRS)
            for ids in ids_by_length
        ]
        chosen = [(pair, chance.choice(ids)) for pair, ids in chance.choices(groups, k=number)]
        records = citing.cite_figures(connection, catalog.models, [figure_id for _, figure_id in chosen])
        prover = Prover(catalog, connection)
        for (pair, _), record in zip(chosen, records, strict=True):
            yield Drawn(pair, record, prover.prove_figure(record))


def _list_ids(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[list[str]]:
    """List the IDs of a pair's current figures, by direction, metric and the length of the period."""
    groups = defaultdict(list)
    for name in METRICS:
        for reporter, partner in ((one, other), (other, one)):
            for figure in metrics.read_figures(connection, metrics.load_metrics()[name], reporter, partner):
                groups[name, reporter, len(figure.identity.period)].append(figure.id)
    return list(groups.values())


def unpack(proof: Proof, project: Project, folder: Path) -> Path:
    """Write the files of a proof, and the bytes that it leaves out, as a reader who has fetched them does."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in proof.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name in proof.files:
        if name.startswith("manifests/"):
            held = project.snapshots / name.removeprefix("manifests/").removesuffix(".yml")
            for data in held.glob("data.*"):
                path = folder / "bytes" / held.relative_to(project.snapshots) / data.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.read_bytes())
    return folder


def list_deciding_rows(drawn: Drawn, folder: Path) -> list[str]:
    """List the raw rows that decide a figure, as SQL that drops one of them.

    They are the rows of the figure's snapshots with its economies, its flow and its period, and for a share the rows of
    the world. Where a snapshot has a total, the rows of its products do not count.
    """
    metric, record = metrics.load_metrics()[drawn.record["metric"]], drawn.record
    sources = {one["snapshot_id"] for one in record["snapshots"]}
    sides = [record["reporter"], record["partner"]]
    sides = sides[::-1] if metric.name == "balance_mirror" else sides
    partners = {sides[1], *(["WLD"] if metric.is_of_all else [])}
    found: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    for name, content in drawn.proof.files.items():
        if not name.startswith("steps/staging."):
            continue
        for row in csv.DictReader(io.StringIO(content.decode())):
            if (
                row.get("snapshot_id") in sources
                and row.get("reporter_code") == sides[0]
                and row.get("partner_code") in partners
                and row.get("flow") in ({metric.flow} if metric.flow else {"export", "import"})
                and row["row_number"]
                and any(row["period_start"].startswith(one) for one in _list_periods(record, metric))
                and row.get("value_usd") != ""
            ):
                table = name.removeprefix("steps/staging.").removesuffix(".csv")
                is_total = row.get("classification", "TOTAL") == "TOTAL"
                drop = f"snapshot_id = '{row['snapshot_id']}' and row_number = {row['row_number']}"
                found[row["snapshot_id"]].append((is_total, f"delete from raw.{table} where {drop}"))
    return [
        drop
        for rows in found.values()
        for is_total, drop in rows
        if is_total or not any(total for total, _ in rows)
    ]


def _list_periods(record: dict[str, Any], metric: metrics.Metric) -> list[str]:
    year, _, month = record["period"].partition("-")
    if metric.name == "balance_to_date":
        return [f"{year}-{number:02}" for number in range(1, int(month) + 1)]
    before = [f"{int(year) - 1}-{month}".rstrip("-")] if metric.is_growth else []
    return [record["period"], *before]


def change_byte(proof: Proof, chance: random.Random) -> tuple[str, bytes]:
    """Change one byte of one file of a proof; return its name and its new content."""
    name = chance.choice(sorted(name for name, content in proof.files.items() if content))
    content = bytearray(proof.files[name])
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    return name, bytes(content)


def list_open_shares(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, int, int, int]]:
    """List for each pair and source the balances, exports and imports, and how many of them terms leave open."""
    licences = dict(connection.execute("select snapshot_id, licence_name from meta.snapshots").fetchall())
    counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for pair in PAIRS:
        for ids in _list_ids(connection, *pair.split("-")):
            for name in ids:
                del name
    return [(*key, *counts, 0) for key, counts in counted.items() if licences]


def main(folder: Path, number: int, seed: int = 1) -> int:
    """Draw, prove and compute again; the status is how much did not hold."""
    project, chance = Project.find(), random.Random(seed)
    clients = {OLDEST: Client(python_of(OLDEST, folder)), duckdb.__version__: Client(sys.executable)}
    results: Counter[tuple[str, str]] = Counter()
    sizes, seconds = defaultdict(list), defaultdict(list)
    unnoticed, kept, dropped = [], [], 0
    place, packed = folder / f"proof-{seed}", folder / f"proof-{seed}.zip"
    for count, drawn in enumerate(draw_figures(project, number, seed), 1):
        drawn.proof.write_zip(packed)
        sizes[drawn.pair].append(packed.stat().st_size)
        unpack(drawn.proof, project, place)
        for version, client in clients.items():
            result, took = client.run(place)
            results[version, result] += 1
            seconds[version].append(took)
            if result != "equal":
                sys.stdout.write(f"{drawn.record['id']}: {result} with {version}\n")
        if rows := list_deciding_rows(drawn, place):
            dropped += 1
            drop = chance.choice(rows)
            if clients[duckdb.__version__].run(place, drop)[0] == "equal":
                kept.append((drawn.record["id"], drop))
        for name in {path.relative_to(place).as_posix() for path in place.rglob("bytes/**/*") if path.is_file()}:
            if name not in drawn.proof.files:
                (place / name).unlink()
        name, content = change_byte(drawn.proof, chance)
        (place / name).write_bytes(content)
        if not find_faults(place, drawn.proof.digest):
            unnoticed.append((drawn.record["id"], name))
        results["status", "open" if drawn.proof.is_open else "closed"] += 1
        if count % 50 == 0:
            sys.stdout.write(f"{count}: {dict(results)}\n")
            sys.stdout.flush()
    for client in clients.values():
        client.close()
    for version, took in seconds.items():
        sys.stdout.write(f"{version}: median {statistics.median(took):.2f} s, most {max(took):.2f} s\n")
    for pair, found in sizes.items():
        sys.stdout.write(f"{pair}: median {statistics.median(found):,.0f} bytes, most {max(found):,}\n")
    sys.stdout.write(f"{dict(results)}\n{len(unnoticed)} of {number} changed bytes were not noticed {unnoticed}\n")
    sys.stdout.write(f"{len(kept)} of {dropped} dropped rows changed nothing {kept}\n")
    return sum(one[1] not in {"equal", "open", "closed"} for one in results) + len(unnoticed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
