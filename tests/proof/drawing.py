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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import metrics, publication
from dagster_project.project import Project
from dagster_project.proof import Proof, prove_figures
from dagster_project.proof.check import find_faults
from dagster_project.report.package import find_terms
from tests.publication.clients import make_environment

# The first release that can run a proof; this interpreter's own is tried as well.
OLDEST = "1.2.2"
# The number of proofs that are kept in memory.
TOGETHER = 25
PAIRS = ("KOR-CHN", "USA-CHN", "KOR-JPN")
METRICS = (
    *("exports", "imports", "balance", "total_trade", "balance_mirror", "balance_to_date"),
    *("exports_growth", "imports_growth", "export_share", "import_share", "trade_share"),
)


def draw(seed: int) -> random.Random:
    """Return the chance of a draw, which is the same for the same seed."""
    return random.Random(seed)  # noqa: S311 - no secret


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
        self._process.stdin.write(json.dumps({"folder": str(folder.resolve()), "before": before}) + "\n")
        self._process.stdin.flush()
        result, seconds = json.loads(self._process.stdout.readline())
        return result, seconds

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


@dataclass(frozen=True)
class Drawn:
    """A drawn figure: its pair, its citation and its proof."""

    pair: str
    record: dict[str, Any]
    proof: Proof


def draw_figures(project: Project, number: int, seed: int = 1) -> Iterator[Drawn]:
    """Draw figures, as many of each pair, metric and frequency as there are, and prove them."""
    chance = draw(seed)
    with publication.open_published(project) as connection:
        groups = [
            (pair, ids)
            for pair, ids_by_length in ((pair, _list_ids(connection, *pair.split("-"))) for pair in PAIRS)
            for ids in ids_by_length
        ]
        chosen = [(pair, chance.choice(ids)) for pair, ids in chance.choices(groups, k=number)]
        for start in range(0, number, TOGETHER):
            some = chosen[start : start + TOGETHER]
            proved = prove_figures(project, connection, [figure_id for _, figure_id in some])
            for (pair, _), (record, proof) in zip(some, proved, strict=True):
                yield Drawn(pair, record, proof)


def _list_ids(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> list[list[str]]:
    """List the IDs of a pair's current figures, by direction, metric and the length of the period."""
    groups = defaultdict(list)
    for name in METRICS:
        for reporter, partner in ((one, other), (other, one)):
            for figure in metrics.read_figures(connection, metrics.load_metrics()[name], reporter, partner):
                groups[name, reporter, len(figure.identity.period)].append(figure.id)
    return list(groups.values())


def unpack(proof: Proof, project: Project | None, folder: Path) -> Path:
    """Write the files of a proof, and from the project the bytes that it leaves out, as if they had been fetched."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in proof.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name in proof.files:
        if project is not None and name.startswith("manifests/"):
            held = project.snapshots / name.removeprefix("manifests/").removesuffix(".yml")
            for data in held.glob("data.*"):
                path = folder / "bytes" / held.relative_to(project.snapshots) / data.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data.read_bytes())
    return folder


def list_deciding_rows(record: Mapping[str, Any], files: Mapping[str, bytes]) -> list[str]:
    """List the raw rows that decide a figure, as SQL that drops one of them.

    They are the rows of the figure's snapshots with its economies, its flow and its period, and for a share the rows of
    the world. Where a snapshot has a total, the rows of its products do not count, and neither does a row that a newer
    snapshot of the same dataset prints again, or a sum of some months where the figure is of a year.
    """
    metric = metrics.load_metrics()[record["metric"]]
    sources = {one["snapshot_id"]: one["known_from"] for one in record["snapshots"]}
    sides = [record["reporter"], record["partner"]]
    sides = sides[::-1] if metric.name == "balance_mirror" else sides
    partners = {sides[1], *(["WLD"] if metric.is_of_all else [])}
    found: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    newest: dict[tuple[str | None, ...], tuple[date, str, bool, str]] = {}
    for name, content in files.items():
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
                and ("value_ytd_jpy" not in row or row["period_start"][5:7] == "12" or "-" in record["period"])
            ):
                table = name.removeprefix("steps/staging.").removesuffix(".csv")
                is_total = row.get("classification", "TOTAL") == "TOTAL"
                drop = f"snapshot_id = '{row['snapshot_id']}' and row_number = {row['row_number']}"
                key = (table, *map(row.get, ("partner_code", "flow", "classification", "product_code", "period_start")))
                one = (
                    sources[row["snapshot_id"]],
                    row["snapshot_id"],
                    is_total,
                    f"delete from raw.{table} where {drop}",
                )
                newest[key] = max(newest.get(key, one), one)
    for _, snapshot_id, is_total, drop in newest.values():
        found[snapshot_id].append((is_total, drop))
    return [
        drop for rows in found.values() for is_total, drop in rows if is_total or not any(total for total, _ in rows)
    ]


def _list_periods(record: Mapping[str, Any], metric: metrics.Metric) -> list[str]:
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


def print_open_shares(project: Project) -> None:
    """Print for each pair and licence-bound source the share of the figures that rest on bytes left out."""
    every: Counter[str] = Counter()
    left_out: Counter[tuple[str, str]] = Counter()
    with publication.open_published(project) as connection:
        licences = dict(connection.execute("select snapshot_id, licence_name from meta.snapshots").fetchall())
        for pair in PAIRS:
            one, other = pair.split("-")
            for name in METRICS:
                for sides in ((one, other), (other, one)):
                    for figure in metrics.read_figures(connection, metrics.load_metrics()[name], *sides):
                        every[pair] += 1
                        bound = [i for i in figure.snapshot_ids if not find_terms(licences[i])["is_passed_on"]]
                        left_out.update(
                            {(pair, i.partition("/")[0]) for i in bound} | ({(pair, "")} if bound else set())
                        )
    for (pair, source), count in sorted(left_out.items()):
        sys.stdout.write(f"{pair} {source or 'any source'}: {count:,} of {every[pair]:,}, {count / every[pair]:.1%}\n")


class Tally:
    """What became of the drawn figures.

    Args:
        project: The project.
        folder: A folder for the environments and the proofs.
        seed: The seed of the draw.
    """

    def __init__(self, project: Project, folder: Path, seed: int) -> None:
        self.project, self.chance = project, draw(seed)
        self.place, self.packed = folder / f"proof-{seed}", folder / f"proof-{seed}.zip"
        self.clients = {
            OLDEST: Client(make_environment(folder / OLDEST, f"duckdb=={OLDEST}")),
            duckdb.__version__: Client(sys.executable),
        }
        self.results: Counter[tuple[str, str]] = Counter()
        self.sizes: dict[str, list[int]] = defaultdict(list)
        self.seconds: dict[str, list[float]] = defaultdict(list)
        self.unnoticed: list[tuple[str, str]] = []
        self.unmoved: list[tuple[str, str]] = []
        self.dropped = 0

    def add(self, drawn: Drawn) -> None:
        """Compute a figure again with each client, without one of its rows, and with a changed byte."""
        drawn.proof.write_zip(self.packed)
        self.sizes[drawn.pair].append(self.packed.stat().st_size)
        self.results["proof", drawn.proof.result] += 1
        unpack(drawn.proof, self.project, self.place)
        for version, client in self.clients.items():
            result, took = client.run(self.place)
            self.results[version, result] += 1
            self.seconds[version].append(took)
            if result != "equal":
                sys.stdout.write(f"{drawn.record['id']}: {result} with {version}\n")
        if rows := list_deciding_rows(drawn.record, drawn.proof.files):
            self.dropped += 1
            drop = self.chance.choice(rows)
            if self.clients[duckdb.__version__].run(self.place, drop)[0] == "equal":
                self.unmoved.append((drawn.record["id"], drop))
        unpack(drawn.proof, None, self.place)
        name, content = change_byte(drawn.proof, self.chance)
        (self.place / name).write_bytes(content)
        if not find_faults(self.place, drawn.proof.digest):
            self.unnoticed.append((drawn.record["id"], name))

    def print_counts(self) -> None:
        """Print what was counted, and end the clients."""
        for client in self.clients.values():
            client.close()
        for version, took in self.seconds.items():
            sys.stdout.write(f"{version}: median {statistics.median(took):.2f} s, most {max(took):.2f} s\n")
        for pair, found in self.sizes.items():
            sys.stdout.write(f"{pair}: median {statistics.median(found):,.0f} bytes, most {max(found):,}\n")
        sys.stdout.write(f"{dict(self.results)}\nchanged bytes that were not noticed: {self.unnoticed}\n")
        sys.stdout.write(f"of {self.dropped} dropped rows these changed nothing: {self.unmoved}\n")


def main(folder: Path, number: int = 1000, seed: int = 1) -> int:
    """Draw, prove and compute again; the status is 1 if any figure is not equal or any change is not noticed."""
    project = Project.find()
    print_open_shares(project)
    tally = Tally(project, folder, seed)
    for count, drawn in enumerate(draw_figures(project, number, seed), 1):
        tally.add(drawn)
        if count % 50 == 0:
            sys.stdout.write(f"{count}: {dict(tally.results)}\n")
            sys.stdout.flush()
    tally.print_counts()
    unequal = sum(count for (_, result), count in tally.results.items() if result not in {"equal", "open"})
    return int(bool(unequal or tally.unnoticed or len(tally.unmoved) > tally.dropped / 100))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
