"""Make snapshots and projects for tests."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from dagster_project import snapshots
from dagster_project.catalog import Catalog
from dagster_project.models import Model, find_upstream
from dagster_project.models.header import read_header
from dagster_project.models.reading import build_model
from dagster_project.project import GIVEN, Project
from dagster_project.snapshots import Licence, Manifest, Snapshot
from dagster_project.sources import Column, Dataset

# What the invented publisher of tests offers: a dataset of the usual form, small enough to see whole.
TRADE = Dataset(
    source="example",
    name="trade_annual",
    title="Trade, invented",
    columns=(
        Column("partner_code", "text", "The partner"),
        Column("year", "year", "The year"),
        Column("flow", "text", "Which way", values=("export", "import")),
        Column("value_usd", "number", "US$", required=False, minimum=0),
        Column("month", "month", "A month", required=False),
        Column("day", "date", "A day", required=False),
        Column("ships", "integer", "How many", required=False, maximum=1000),
    ),
    key=("partner_code", "year", "flow"),
)
CLEAN = """partner_code,year,flow,value_usd,month,day,ships
CHN,2022,export,1200.5,2022-01,2022-01-31,3
CHN,2022,import,,,2022,
JPN,2022,export,0,,2022-02,0
"""

# Enough for what tests of builds change: balances of goods with all sources behind them, products, services, events and
# revisions.
SMALL = (
    *("marts.trade_balance_annual", "marts.trade_balance_monthly", "core.goods_trade_as_of", "marts.revisions"),
    *("core.products", "core.product_trade_monthly", "core.services_trade_observations"),
    *("marts.gdp_composition_annual", "marts.policy_timeline", "core.policy_event_jurisdictions"),
)


def parse_model(text: str, *, schema: str, table: str) -> Model:
    """Make the model `schema.table` from the text of a file whose SELECT has no stars."""
    path = Path(schema, f"{table}.sql")
    return build_model(path, *read_header(text, f"sql/{path}"))


def project(folder: Path) -> Project:
    """Make an empty project in a folder."""
    for name in ("sql", "warehouse/snapshots", "warehouse/reference", "warehouse/corrections", "expectations"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    return Project.at(folder)


def snapshot(
    where: Project,
    text: str = CLEAN,
    dataset: Dataset = TRADE,
    *,
    known_from: date = date(2024, 1, 1),
    zipped: bool = False,
) -> Snapshot:
    """Make a sealed snapshot from a text."""
    folder = where.snapshots / dataset.path / f"unsealed-{known_from}"
    folder.mkdir(parents=True)
    name = "data.csv.gz" if zipped else "data.csv"
    content = text.encode()
    (folder / name).write_bytes(gzip.compress(content, mtime=0) if zipped else content)
    Manifest(
        source=dataset.source,
        dataset=dataset.name,
        title=dataset.title,
        url="https://example.org/trade",
        retrieved_at=known_from,
        known_from=known_from,
        obtained="made for a test",
        file=name,
        media_type="text/csv",
        licence=Licence("CC0", "https://example.org/licence"),
        citation="An example",
    ).write_file(folder / snapshots.MANIFEST)
    return snapshots.seal_snapshot(folder)


def fingerprint(root: Path) -> str:
    """Hash everything that `conftest.built` is made from: the code, the data, and the day of the build.

    Packages that import the report are left out, because they cannot change a build.
    """
    found = hashlib.sha256(f"{datetime.now(UTC).date()} {sys.version}".encode())
    inputs = ("dagster_project", "sql", "expectations", *(f"warehouse/{name}" for name in GIVEN))
    files = [path for name in inputs for path in (root / name).rglob("*") if path.is_file()]
    files += [root / name for name in ("bilateral.toml", "requirements.lock", "tests/conftest.py", "tests/making.py")]
    above = tuple(root / "dagster_project" / name for name in ("cli", "defs"))
    for path in sorted(files):
        if path.suffix != ".pyc" and not any(path.is_relative_to(room) for room in above):
            found.update(f"{path.relative_to(root)} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()[:16]


def checkout(folder: Path) -> Project:
    """Make a project of this checkout's code with a new warehouse, which has copies of the committed files."""
    return inputs_of(Project.find(), folder)


def inputs_of(where: Project, folder: Path) -> Project:
    """Copy a project's inputs to a new project, in which nothing was built.

    Results of analyses are copied as well; each is stored under a hash of its inputs.
    """
    for name in GIVEN:
        shutil.copytree(where.warehouse / name, folder / name)
    made = Project.at(where.root, warehouse=folder)
    if where.analyses.exists():
        shutil.copytree(where.analyses, made.analyses)
    return made


def work_of(where: Project, folder: Path) -> Project:
    """Copy a project's inputs and its work file, if it has one: what is current in it need not be made again."""
    made = inputs_of(where, folder)
    if where.work_file.exists():
        made.archive.mkdir(exist_ok=True)
        shutil.copyfile(where.work_file, made.work_file)
    return made


def copy_of(where: Project, folder: Path) -> Project:
    """Copy a warehouse with everything built in it, for a test that changes it."""
    # What is replaced as a whole, and never written to, can stand in both, if both are on one disk.
    whole = (where.raw, where.publications)
    one_disk = where.warehouse.stat().st_dev == folder.parent.stat().st_dev

    def copy(source: str, target: str) -> None:
        link = one_disk and any(Path(source).is_relative_to(place) for place in whole)
        os.link(source, target) if link else shutil.copy2(source, target)

    shutil.copytree(where.warehouse, folder, copy_function=copy)
    # A copy is newer than this mark, so that every command would read all questions and claims again.
    if (sound := folder / "archive" / "sound").exists():
        sound.touch()
    return Project.at(where.root, warehouse=folder)


def copy_code(where: Project, folder: Path) -> Project:
    """Make a project of the same warehouse with a copy of sql/ and expectations/ that a test may edit."""
    for name in ("sql", "expectations"):
        shutil.copytree(where.root / name, folder / name)
    return Project.at(folder, warehouse=where.warehouse)


def replace_text(path: Path, old: str, new: str) -> None:
    """Replace a text that a file must contain exactly once."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def part_of(where: Project, folder: Path, *tables: str) -> Project:
    """Make a project of the same warehouse with some tables, what these read, and their views and suites, if any."""
    catalog = Catalog(where)
    kept = set(tables).union(*(find_upstream(catalog.models, name) for name in tables))
    views = [view.path for view in catalog.views.values() if kept.issuperset(view.depends_on)]
    suites = [suite.path for suite in catalog.suites.values() if kept.issuperset({suite.table, *suite.reads})]
    shared = (where.sql / "glossary.yml", *(where.sql / "templates").glob("*.sql"), where.expectations / "rules.yml")
    for path in (*(catalog.models[name].path for name in kept & catalog.models.keys()), *views, *suites, *shared):
        target = folder / path.relative_to(where.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return Project.at(folder, warehouse=where.warehouse)


def part_without_analyses(where: Project, folder: Path) -> Project:
    """Delete a warehouse's claims, and make a project of it with all tables that read no analysis."""
    models = Catalog(where).models
    analysed = {name for name in models if any(one.startswith("analysis.") for one in find_upstream(models, name))}
    return part_without_claims(where, folder, *models.keys() - analysed)


def part_without_claims(where: Project, folder: Path, *tables: str) -> Project:
    """Delete a warehouse's claims, and make a project of it with some tables and those that pages need."""
    for file in where.claims.iterdir():
        file.unlink()
    metas = [name for name in Catalog(where).models if name.startswith("meta.")]
    return part_of(where, folder, *tables, "marts.claim_verdicts", *metas)


def edit(where: Project, dataset_path: str, change: Callable[[list[dict[str, str]]], list[dict[str, str]]]) -> Snapshot:
    """Change the rows of the newest snapshot of a dataset, and seal it again."""
    return rewrite(snapshots.find_snapshots(where, dataset_path)[-1], change)


def turn_positive(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Replace Korea's exports to China of 2023 with those of 2018, so that the deficit becomes a surplus."""
    for row in rows:
        if (row["partner_code"], row["year"]) == ("CHN", "2023"):
            row["exports_usd"] = "162125000000"
    return rows


def invert_a_rate(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Replace the yuan's rate of May 2023 in frb/exchange_rates_monthly by its inverse, on which few tables depend."""
    (row,) = (row for row in rows if (row["series_code"], row["month"]) == ("EXCHUS", "2023-05"))
    row["units_per_usd"] = str(1 / float(row["units_per_usd"]))
    return rows


def rewrite(
    snapshot: Snapshot,
    change: Callable[[list[dict[str, str]]], list[dict[str, str]]],
    *,
    known_from: date | None = None,
) -> Snapshot:
    """Change the rows of a snapshot, and seal it again; `known_from` may be another day."""
    zipped = snapshot.data.suffix == ".gz"
    content = snapshot.data.read_bytes()
    rows = change(list(csv.DictReader(io.StringIO((gzip.decompress(content) if zipped else content).decode()))))
    text = io.StringIO()
    writer = csv.DictWriter(text, snapshot.manifest.columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    changed = text.getvalue().encode()
    snapshot.data.write_bytes(gzip.compress(changed, mtime=0) if zipped else changed)
    return snapshots.seal_snapshot(snapshot.folder, known_from=known_from)
