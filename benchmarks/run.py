"""The benchmark: what a build, a start and a question cost, beside the limit and beside what else one might use.

    make bench                                     # the committed figures, and three million generated rows
    .venv/bin/python -m benchmarks.run --rows 0 3000000 30000000
    .venv/bin/python -m benchmarks.run --rows 270000000 --add FOLDER/benchmarks.json   # the page of both runs

Here: who is measured doing what, in which order, how often, and that all of them came to the same. Not here: the
programs themselves (`bare`, `dbt_project`, `pandas_marts`, `ours`), the clock (`measure`), the page (`report`).

Everybody reads the same files on the same machine, and has their turn in every round, so that what else the machine
does meanwhile hits all alike. The page shows medians, and ratios within one run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import bare, dbt_project, environments, generate, inputs, report
from benchmarks.measure import Measured, measure
from dagster_project import metrics, publication, snapshots
from dagster_project.audit.suites import load_suites
from dagster_project.project import GIVEN, Project

HERE = Path(__file__).parent
ROOT = HERE.parent
COMMAND: list[str | Path] = [sys.executable, "-c", "from dagster_project.cli import main; main()"]
QUESTION = (
    "select year, balance_usd, sign_flipped from marts.trade_balance_annual "
    "where reporter_code = 'KOR' and partner_code = 'CHN' order by year"
)
# The year of the balance that is judged and cited.
YEAR = "2023"
# With more rows only our own builds are measured, from zipped files, and only readers' file is kept.
HUGE = 100_000_000
# What is revised where no rows are generated: nothing that a claim or a printed figure rests on. Goods reach more than
# half of the tables, visitors only a few.
REVISED, FEW_TABLES = "imf/goods_monthly", "kto/arrivals_monthly"


@dataclass(frozen=True)
class Settings:
    """What to measure.

    Args:
        folder: Where everything goes that is made on the way.
        rows: How many rows to generate, a workload each; 0 is the committed figures alone.
        rounds: How often each is measured, by its rows.
        others: Which of bare, dbt and pandas are measured beside ours, by rows.
        memory: The most memory that DuckDB may take, whoever uses it, by rows.
        starts: How often starting and asking are measured; 0 leaves them out.
    """

    folder: Path
    rows: Sequence[int]
    rounds: Callable[[int], int]
    others: Callable[[int], Sequence[str]]
    memory: Callable[[int], str]
    starts: int


@dataclass
class Workload:
    """What a set of figures cost.

    Args:
        rows: How many were generated; 0 for the committed figures alone.
        read: How many rows all snapshots have together.
        csv_bytes: What the snapshots take.
        memory: The most memory that DuckDB was given.
        measured: By who did what, each time it was measured.
        told: By who did what, what our own program said of its stages.
        facts: What else is worth knowing.
    """

    rows: int
    read: int
    csv_bytes: int
    memory: str
    measured: dict[str, list[Measured]] = field(default_factory=dict)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, found: Measured, *, told: bool = False) -> None:
        self.measured.setdefault(name, []).append(found)
        if told:
            self.told.setdefault(name, []).append(found.told)


def run(settings: Settings) -> dict[str, Any]:
    """Measures everything; the result is plain data, from which the page is made."""
    begun = datetime.now(UTC)
    wanted = {name for rows in settings.rows for name in settings.others(rows)}
    pythons = {name: environments.make(name, settings.folder / "environments") for name in wanted - {"bare"}}
    workloads = []
    for rows in settings.rows:
        with tempfile.TemporaryDirectory(dir=settings.folder, prefix=f"rows-{rows}-") as folder:
            workloads.append(_Turns(settings, rows, Path(folder), pythons).take())
    starts = _starts(settings) if settings.starts else {}
    return {
        "begun": begun.isoformat(),
        "machine": _machine(),
        "versions": _versions(pythons),
        "workloads": [asdict(workload) for workload in workloads],
        "starts": {name: [asdict(one) for one in found] for name, found in starts.items()},
    }


class _Turns:
    """Everybody's turns with one set of figures."""

    def __init__(self, settings: Settings, rows: int, folder: Path, pythons: dict[str, Path]) -> None:
        self.settings = settings
        self.rows = rows
        self.folder = folder
        self.pythons = pythons
        self.others = settings.others(rows)
        self.project = _warehouse(folder / "given", rows)
        found = [snapshot for every in snapshots.find_all_snapshots(self.project).values() for snapshot in every]
        self.result = Workload(
            rows=rows,
            read=sum(snapshot.manifest.row_count for snapshot in found),
            csv_bytes=sum(snapshot.manifest.bytes for snapshot in found),
            memory=settings.memory(rows),
            facts={"commit": _commit()},
        )

    def take(self) -> Workload:
        for turn in range(self.settings.rounds(self.rows)):
            print(f"{self.rows:,} generated rows, round {turn + 1}", file=sys.stderr, flush=True)
            # Ours is first: the others are given what its Python works out.
            self._ours()
            for name in self.others:
                getattr(self, f"_{name}")()
            self._compare()
            self._clear()
        return self.result

    def _ours(self) -> None:
        made = _copy(self.project, self.folder / "ours")
        if self.rows > HUGE:
            self._build(made, "ours, first build", "--keep", "0")
            self.result.facts["work_file_bytes"] = made.work_file.stat().st_size
            self._build(made, "ours, nothing changed", "--keep", "0")
            shutil.rmtree(made.warehouse)
            return
        self._build(made, "ours, first build")
        self.result.facts["work_file_bytes"] = made.work_file.stat().st_size
        if not self.rows:
            self._build(made, "ours, every table again", "--fresh")
        self._build(made, "ours, nothing changed")
        if not self.rows:
            empty = _copy(self.project, self.folder / "command")
            warehouse: list[str | Path] = ["--warehouse", empty.warehouse]
            self.result.add("command, first build", measure([*COMMAND, *warehouse, "build"], folder=ROOT))
            self.result.add("command, nothing changed", measure([*COMMAND, *warehouse, "build"], folder=ROOT))
            shutil.rmtree(empty.warehouse)
        inputs_of_this = inputs.gather(self.project, made, self.folder / "inputs")
        self.inputs = inputs_of_this
        self.tables = inputs.hashes(made.published_file, inputs_of_this.models)
        # A refresh, of which others have no notion, and the same figures built from the beginning.
        self._refresh(made)
        self._build(made, "ours, one month refreshed")
        refreshed = inputs.hashes(made.published_file, inputs_of_this.models)
        if self.rows:
            anew = _copy(made, self.folder / "anew")
            shutil.rmtree(made.warehouse)
            self._build(anew, "ours, first build of the refreshed")
            if inputs.hashes(anew.published_file, inputs_of_this.models) != refreshed:
                raise SystemExit("The refresh came to other tables than a build from the beginning.")
            self.result.facts["refresh_equals_full"] = True
            shutil.rmtree(anew.warehouse)
        else:
            shutil.rmtree(made.warehouse)

    def _build(self, project: Project, name: str, *options: str) -> None:
        command: list[str | Path] = [
            sys.executable,
            "-m",
            "benchmarks.ours",
            project.warehouse,
            "--memory",
            self.result.memory,
            *options,
        ]
        self.result.add(name, measure(command, folder=ROOT), told=True)

    def _refresh(self, project: Project) -> None:
        if self.rows:
            generate.add_month(project, self.rows // generate.MONTHS)
        else:
            _revise(project, REVISED)

    def _bare(self) -> None:
        script = self.folder / "bare.sql"
        script.write_text(bare.script(self.inputs, memory=self.result.memory), encoding="utf-8")
        file = self.folder / "bare.duckdb"
        self.result.add("bare", measure([sys.executable, HERE / "bare.py", script, file]), told=True)

    def _dbt(self) -> None:
        folder = self.folder / "dbt"
        suites = load_suites(self.project)
        threads = os.cpu_count() or 1
        tests = dbt_project.write(
            folder, self.inputs, suites, self.folder / "dbt.duckdb", threads=threads, memory=self.result.memory
        )
        command: list[str | Path] = [self.pythons["dbt"].with_name("dbt"), "--no-version-check", "build"]
        command += ["--project-dir", folder, "--profiles-dir", folder]
        for name in ("dbt, first build", "dbt, nothing changed"):
            self.result.add(name, measure(command, folder=folder, environment={"DO_NOT_TRACK": "1"}))
            outcome = dbt_project.outcome(folder)
            if outcome.failed or outcome.tests != tests:
                raise SystemExit(f"dbt did other work than it was to do: {outcome}, and the project has {tests} tests.")
            self.result.facts["dbt_tests"] = outcome.tests

    def _pandas(self) -> None:
        command: list[str | Path] = [
            self.pythons["pandas"],
            HERE / "pandas_marts.py",
            self.project.snapshots,
            self.project.reference,
        ]
        self.result.add("pandas", measure([*command, self.folder / "pandas"]), told=True)

    def _compare(self) -> None:
        """Sees that the others made the tables that we made, as far as they can."""
        for name in ("bare", "dbt"):
            file = self.folder / f"{name}.duckdb"
            if file.exists():
                found = inputs.hashes(file, self.inputs.models)
                same = {table for table, content in found.items() if content == self.tables[table]}
                self.result.facts[f"{name}_tables"] = len(found)
                self.result.facts[f"{name}_equal_tables"] = len(same)
                # Nobody else sets rows aside, so that generated figures, some of which stand twice, come out otherwise.
                if not self.rows and (other := _published_ones(found) - same):
                    raise SystemExit(f"{name} came to other tables than we did: {', '.join(sorted(other))}.")
        balances = self.folder / "pandas" / "trade_balance_annual.parquet"
        if balances.exists():
            self.result.facts["pandas_balances"] = _pandas_balances(balances, self.folder / "bare.duckdb")

    def _clear(self) -> None:
        for path in self.folder.iterdir():
            if path != self.project.warehouse:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _published_ones(tables: Iterable[str]) -> set[str]:
    """Tables whose rows do not hold the place of a row in its file, which the others do not count."""
    return {table for table in tables if table.partition(".")[0] in {"core", "marts"}}


def _pandas_balances(balances: Path, file: Path) -> dict[str, int]:
    """How many annual balances of Korea and China the script has, and how many of them are ours to the dollar."""
    if not file.exists():
        return {}
    with duckdb.connect(str(file), read_only=True) as connection:
        ((held, equal),) = connection.execute(
            "select count(*), count(*) filter (abs(theirs.balance_usd - ours.balance_usd) < 1) "
            "from read_parquet($file) as theirs inner join marts.trade_balance_annual as ours "
            "on theirs.reporter_code = ours.reporter_code and theirs.partner_code = ours.partner_code "
            "and year(theirs.period_start) = ours.year "
            "where theirs.balance_usd is not null and theirs.reporter_code = 'KOR' and theirs.partner_code = 'CHN'",
            {"file": str(balances)},
        ).fetchall()
    return {"held": held, "equal": equal}


def _warehouse(folder: Path, rows: int) -> Project:
    """What a build reads: what is committed, and generated rows beside it."""
    here = Project.find()
    for name in GIVEN:
        shutil.copytree(here.warehouse / name, folder / name)
    made = Project.at(here.root, warehouse=folder)
    if rows:
        # Of so many rows the files would take more room than what is made of them.
        generate.generate(made, rows, zipped=rows > HUGE)
    return made


def _copy(project: Project, folder: Path) -> Project:
    """The same inputs in a warehouse of their own, in which nothing was built."""
    for name in GIVEN:
        # A snapshot never changes, so it can stand in two places.
        shutil.copytree(project.warehouse / name, folder / name, copy_function=os.link)
    return Project.at(project.root, warehouse=folder)


def _revise(project: Project, dataset_path: str) -> None:
    """Archive a snapshot that adds one to the last figure of a dataset, as a refresh does when a figure is revised."""
    newest = snapshots.find_snapshots(project, dataset_path)[-1]
    is_zipped = newest.data.suffix == ".gz"
    content = newest.data.read_bytes()
    *lines, last = (gzip.decompress(content) if is_zipped else content).decode().splitlines()
    *fields, value = last.split(",")
    revised = ("\n".join([*lines, ",".join([*fields, str(Decimal(value) + 1)])]) + "\n").encode()
    now = datetime.now(UTC).replace(microsecond=0)
    manifest = replace(newest.manifest, retrieved_at=now, known_from=now.date())
    snapshots.archive_snapshot(project, manifest, gzip.compress(revised, mtime=0) if is_zipped else revised)


def _starts(settings: Settings) -> dict[str, list[Measured]]:
    """Measure starting the code location, a job of Dagster's, and commands that somebody waits for."""
    with tempfile.TemporaryDirectory(dir=settings.folder, prefix="starts-") as folder:
        made = _warehouse(Path(folder) / "warehouse", 0)
        launched = _warehouse(Path(folder) / "launched", 0)
        build: list[Any] = [*COMMAND, "--warehouse", made.warehouse, "build"]
        launch: list[Any] = [Path(sys.executable).with_name("dg"), "launch", "--job", "build_warehouse"]
        shutil.copy(ROOT / ".dagster" / "dagster.yaml", folder)
        # Whoever runs a program more than once has its bytecode.
        environment = {"DAGSTER_HOME": folder, "BILATERAL_WAREHOUSE": str(launched.warehouse)}
        environment |= {"VIRTUAL_ENV": sys.prefix, "DAGSTER_DISABLE_TELEMETRY": "yes", "PYTHONDONTWRITEBYTECODE": ""}
        measure(build, folder=ROOT)
        measure(launch, folder=ROOT, environment=environment)
        with publication.open_published(made) as connection:
            figures = metrics.read_figures(connection, metrics.load_metrics()["balance"], "KOR", "CHN")
        (figure_id,) = (one.id for one in figures if one.identity.period == YEAR)
        file = made.published_file
        bare_query = (
            f"import duckdb; print(duckdb.connect({str(file)!r}, read_only=True).execute({QUESTION!r}).fetchall())"
        )
        load = "from dagster_project.definitions import defs; defs().get_repository_def()"
        commands: dict[str, list[Any]] = {
            "import dagster": [sys.executable, "-c", "import dagster"],
            "load our definitions": [sys.executable, "-c", load],
            "duckdb in Python": [sys.executable, "-c", bare_query],
            "build, nothing changed": build,
            "Dagster run, nothing changed": launch,
        }
        words = {
            "query": ["query", QUESTION],
            "ask 3": ["ask", "3"],
            "status": ["status"],
            "judge": ["judge", f"balance KOR CHN {YEAR} = -18bn"],
            "cite": ["cite", figure_id],
        }
        commands |= {
            f"bilateral {name}": [*COMMAND, "--warehouse", made.warehouse, *each] for name, each in words.items()
        }
        changed: dict[str, tuple[Project, list[Any], str]] = {
            "build, one source changed": (made, build, REVISED),
            "Dagster run, one source changed": (launched, launch, REVISED),
            "build, one source of few tables changed": (made, build, FEW_TABLES),
        }
        found: dict[str, list[Measured]] = {name: [] for name in (*commands, *changed)}
        for _ in range(settings.starts):
            for name, command in commands.items():
                found[name].append(measure(command, folder=ROOT, environment=environment))
            for name, (where, command, dataset) in changed.items():
                _revise(where, dataset)
                found[name].append(measure(command, folder=ROOT, environment=environment))
    return found


def _together(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What several runs on one machine found, by rows; the newest first where two measured the same."""
    if len({json.dumps([run["machine"], run["versions"]["ours"]]) for run in runs}) > 1:
        raise SystemExit("Runs on several machines, or of several versions, cannot stand on one page.")
    workloads = {workload["rows"]: workload for run in runs for workload in run["workloads"]}
    return {
        **runs[-1],
        "versions": {who: found for run in runs for who, found in run["versions"].items()},
        "workloads": [workloads[rows] for rows in sorted(workloads)],
        "starts": next((run["starts"] for run in reversed(runs) if run["starts"]), {}),
    }


def _commit() -> str:
    """Which code is measured, as far as it is in version control."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=9"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _machine() -> dict[str, Any]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _versions(pythons: dict[str, Path]) -> dict[str, dict[str, str]]:
    found = {"ours": environments.own_versions("bilateral", "duckdb", "dagster", "great-expectations")}
    if "dbt" in pythons:
        found["dbt"] = environments.versions(pythons["dbt"], "dbt-core", "dbt-duckdb", "duckdb")
    if "pandas" in pythons:
        found["pandas"] = environments.versions(pythons["pandas"], "pandas", "pyarrow", "numpy")
    return found


def main() -> None:
    reads = argparse.ArgumentParser(description="Measure a build, a start and a question, beside what else there is.")
    reads.add_argument("--rows", type=int, nargs="*", default=[0, 3_000_000], help="generated rows, a workload each")
    reads.add_argument("--rounds", type=int, default=5, help="how often the committed figures are built")
    reads.add_argument("--large-rounds", type=int, default=1, help="how often what has more than ten million rows is")
    reads.add_argument("--memory", default="3GiB", help="the most memory for DuckDB, whoever uses it")
    reads.add_argument("--huge-memory", default="10GiB", help="the same, where there are more than 100 million rows")
    reads.add_argument("--add", type=Path, nargs="*", default=[], help="what earlier runs on this machine found")
    reads.add_argument("--dbt-up-to", type=int, default=0, help="the most generated rows that dbt is given")
    reads.add_argument("--folder", type=Path, help="where to work; a temporary folder by default")
    reads.add_argument("--page", type=Path, default=ROOT / "docs" / "benchmarks.md")
    reads.add_argument("--picture", type=Path, default=ROOT / "docs" / "pictures" / "benchmarks.svg")
    asked = reads.parse_args()

    def rounds(rows: int) -> int:
        return int(asked.rounds if not rows else asked.large_rounds if rows > 10_000_000 else min(asked.rounds, 3))

    def others(rows: int) -> list[str]:
        dbt = ["dbt"] if rows <= asked.dbt_up_to else []
        pandas = ["pandas"] if rows <= HUGE else []
        # It makes each table in one go, for which it would need more memory and disk than most machines have.
        bare = ["bare"] if rows <= HUGE else []
        return [*bare, *dbt, *pandas]

    with tempfile.TemporaryDirectory(prefix="bilateral-bench-") as temporary:
        folder = (asked.folder or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        found = run(
            Settings(
                folder=folder,
                rows=asked.rows,
                rounds=rounds,
                others=others,
                memory=lambda rows: asked.huge_memory if rows > HUGE else asked.memory,
                starts=2 * asked.rounds - 1 if 0 in asked.rows else 0,
            )
        )
        found = _together([*(json.loads(path.read_text(encoding="utf-8")) for path in asked.add), found])
        (folder / "benchmarks.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
        report.write(found, asked.page, asked.picture, environments.make("plot", folder / "environments"))


if __name__ == "__main__":
    main()
