"""Prove a figure: pack its inputs into files from which plain DuckDB computes the figure again.

Here: the models and rows that a figure needs, the files of its proof, and the digest. Not here: the places of values in
a publisher's response (`locators`), and citations (`report.citing`).

`docs/proof.md` describes the files. The staging tables of the published file say which rows of a snapshot are needed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.catalog import Catalog
from dagster_project.database import fetch_records, format_parquet, open_scratch, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.history import TradeFilter
from dagster_project.languages import use_language
from dagster_project.metrics import Identity, Metric, load_metrics, parse_identity
from dagster_project.models import RECEIVED, Model, find_upstream
from dagster_project.models.selects import list_tables, parse_select
from dagster_project.project import Project
from dagster_project.proof.locators import COLUMNS, locate_rows
from dagster_project.publication.html import render_page
from dagster_project.questions.wording import format_count
from dagster_project.raw import receive_dataset
from dagster_project.reference.rows import Rows
from dagster_project.report import citing
from dagster_project.report.package import find_terms
from dagster_project.snapshots import MANIFEST, Snapshot
from dagster_project.sources import Dataset, list_datasets

FOLDER = Path(__file__).parent
SCRIPT, SUMS = "prove.sql", "SHA256SUMS"
# The SQL of a row's year, by the column that it needs.
YEARS = {"year": "year", "period_start": "year(period_start)"}
RULES = """
    select table_name, check_name, severity, status, observed_value, notes from meta.checks
    where list_contains($tables, table_name) order by all
"""
CORRECTIONS = """
    select distinct correction_id, source, period_start, reason from meta.corrections
    where reporter_code in ($reporter, $partner) and partner_code in ($reporter, $partner)
        and cast(period_start as varchar)[:4] = $period[:4]
    order by all
"""
Files = dict[str, bytes]


@dataclass(frozen=True)
class Part:
    """The rows of a snapshot that a figure needs, each with its number last; `is_source` if the snapshot is cited."""

    dataset: Dataset
    snapshot: Snapshot
    rows: Sequence[Sequence[Any]]
    is_source: bool
    terms: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Return the path of the snapshot's bytes in a proof."""
        return f"bytes/{self.snapshot.id}/{self.snapshot.manifest.file}"

    @property
    def is_withheld(self) -> bool:
        return not self.terms["is_passed_on"]

    @property
    def is_read(self) -> bool:
        """Return whether the script reads the snapshot's file: only if it is a table, and is cited or withheld."""
        return self.snapshot.manifest.form == "table" and (self.is_source or self.is_withheld)


@dataclass(frozen=True)
class Needs:
    """The inputs of a figure: its metric, the models in the order in which they run, and the tables that they read."""

    identity: Identity
    metric: Metric
    steps: Sequence[Model]
    datasets: Sequence[Dataset]
    parts: Sequence[Part]
    references: Sequence[Rows]


@dataclass(frozen=True)
class Proof:
    """The files of a proof by path; `result` is `equal` if the script gives the figure, `open` if files are missing."""

    files: Files
    result: str

    @property
    def digest(self) -> str:
        """Return the SHA-256, in hex, of the list of the files' hashes."""
        return hashlib.sha256(self.files[SUMS]).hexdigest()

    def write_zip(self, output: Path) -> None:
        """Write the files as a zip, atomically; equal files make an equal zip."""
        with atomic_write(output) as half, zipfile.ZipFile(half, "w") as packed:
            for name, content in sorted(self.files.items()):
                packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)


@use_language("en")
def prove_figures(
    project: Project, connection: duckdb.DuckDBPyConnection, figure_ids: Sequence[str]
) -> list[tuple[dict[str, Any], Proof]]:
    """Cite figures of a published file by their IDs, and prove them.

    Raises:
        BilateralError: The metric of a figure has no proofs, or the figure does not follow from its inputs.
    """
    prover = _Prover(Catalog(project), connection)
    records = citing.cite_figures(connection, prover.catalog.models, figure_ids)
    return [(record, prover.prove_figure(record)) for record in records]


class _Prover:
    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self.catalog, self.connection = catalog, connection
        self.references = catalog.reference_tables()

    def prove_figure(self, record: Mapping[str, Any]) -> Proof:
        """Make the proof of a cited figure, and compute the figure from it."""
        needs = self.find_needs(parse_identity(record["id"]), {row["snapshot_id"] for row in record["snapshots"]})
        files = _write_inputs(needs)
        hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        files[SCRIPT] = render_page(FOLDER / "prove.sql.j2", needs=needs, record=record, hashes=hashes).encode()
        result, steps = _run_script(needs, files)
        withheld = {part.path: part.snapshot.data.read_bytes() for part in needs.parts if part.is_withheld}
        if result != "equal" and _run_script(needs, files | withheld)[0] not in {"equal", "open"}:
            raise BilateralError(
                f"{record['id']} has another value if computed only from rows of its pair and period.",
                remedy="Please report this: a model behind it does not declare all that it reads.",
            )
        rules = fetch_records(self.connection, RULES, {"tables": [*steps]})
        given = {name: getattr(needs.identity, name) for name in ("reporter", "partner", "period")}
        page = render_page(
            FOLDER / "page.md.j2",
            {"counted": format_count},
            needs=needs,
            record=record,
            value=citing.format_value(record["value"], record["unit"]),
            rules=rules,
            is_open=result != "equal",
            corrections=fetch_records(self.connection, CORRECTIONS, given),
        )
        files |= {f"steps/{name}.csv": content for name, content in steps.items()}
        files |= {"README.md": page.encode(), "check.py": (FOLDER / "check.py").read_bytes()}
        files["rules.csv"] = _write_csv(rules[0] if rules else (), (rule.values() for rule in rules))
        if withheld:
            files["LEFT_OUT"] = _list_hashes(withheld)
        return Proof(files | {SUMS: _list_hashes(files)}, "equal" if result == "equal" else "open")

    def find_needs(self, identity: Identity, sources: Collection[str]) -> Needs:
        """Find the inputs of a figure; `sources` are the snapshots that its citation names."""
        models, metric = self.catalog.models, load_metrics()[identity.metric]
        if metric.unproved:
            why = f"A figure of {metric.name} has no proof. {metric.unproved}"
            raise BilateralError(why, remedy="`bilateral cite` names the sources instead.")
        read = list_tables(parse_select(self.connection, metric.figures))
        names = set(read).union(*(find_upstream(models, name) for name in read))
        steps = [model for name, model in models.items() if name in names]
        datasets = [dataset for dataset in list_datasets() if f"raw.{dataset.table}" in names]
        parts = [part for dataset in datasets for part in self._find_parts(identity, dataset, steps, sources)]
        kept = {"snapshot_id": {part.snapshot.id for part in parts}, "economy_code": _choose_trade(identity).partners}
        references = [_filter_rows(one, kept) for one in self.references if f"reference.{one.name}" in names]
        return Needs(identity, metric, steps, datasets, parts, references)

    def _find_parts(
        self, identity: Identity, dataset: Dataset, steps: Sequence[Model], sources: Collection[str]
    ) -> Iterator[Part]:
        """Yield, by snapshot, the rows of a dataset that the models in `steps` read, as known on the figure's day."""
        selects = [
            f"select snapshot_id, row_number from {step.name} where {_write_conditions(identity, step) or 'true'}"
            for step in steps
            if f"raw.{dataset.table}" in step.depends_on
        ]
        # A withdrawn figure is a row without a number.
        found = self.connection.execute(
            "select snapshot_id, list(distinct coalesce(row_number, 0)) "
            f"from ({' union all '.join(selects)}) inner join meta.snapshots using (snapshot_id) "
            "where known_from <= $1 group by snapshot_id",
            [identity.as_of],
        )
        if wanted := dict(found.fetchall()):
            raw = receive_dataset(self.catalog.project, dataset)
            chosen = "where list_contains($1, coalesce(row_number, 0)) order by row_number"
            with open_scratch() as scratch:
                for snapshot, file in zip(raw.snapshots, raw.files, strict=True):
                    if numbers := wanted.get(snapshot.id):
                        rows = scratch.execute(f"from {format_parquet([file])} {chosen}", [numbers]).fetchall()
                        terms = find_terms(snapshot.manifest.licence.name)
                        yield Part(dataset, snapshot, rows, snapshot.id in sources, terms)


def _choose_trade(identity: Identity) -> TradeFilter:
    """Filter the trade behind a figure: that of its two economies with each other and with the world.

    A share or a rank depends on the trade of its reporter with all partners.
    """
    sides = (identity.reporter, identity.partner)
    return TradeFilter(sides[:1]) if load_metrics()[identity.metric].is_of_all else TradeFilter(sides, (*sides, "WLD"))


def _write_conditions(identity: Identity, table: Model) -> str:
    """Write the SQL condition for a figure's trade and period in a table; "" if no column has an economy or a year."""
    columns, metric = table.column_names, load_metrics()[identity.metric]
    trade = _choose_trade(identity).build_conditions(columns)
    year = int(identity.period[:4])
    # Growth needs the year before, and so does an exchange rate: that of a January may be of the December before.
    first = year - (metric.is_growth or not trade)
    years = [f"{YEARS[name]} between {first} and {year}" for name in columns if name in YEARS]
    return " and ".join(trade + years[:1])


def _filter_rows(table: Rows, kept: Mapping[str, Collection[str]]) -> Rows:
    """Keep the rows that have, in each column of `kept`, one of its values; a column without values excludes no row."""
    places = {place: kept[name] for place, name in enumerate(table.columns) if kept.get(name)}
    return replace(table, rows=[row for row in table.rows if all(row[i] in codes for i, codes in places.items())])


def _write_inputs(needs: Needs) -> Files:
    """Write the inputs of a script: bytes and manifests of snapshots; as CSV, rows and reference tables."""
    # An empty file is read in place of one that is missing or has another hash.
    files = {"none.csv": b""}
    for dataset in needs.datasets:
        names, rows = dataset.column_names, list[Sequence[Any]]()
        for part in (part for part in needs.parts if part.dataset == dataset):
            files[f"manifests/{part.snapshot.id}.yml"] = (part.snapshot.folder / MANIFEST).read_bytes()
            if part.is_source and not part.is_withheld:
                files[part.path] = part.snapshot.data.read_bytes()
            if not part.is_read and not part.is_withheld:
                rows += part.rows
                if part.is_source:
                    places = locate_rows(part.snapshot.data, names, [row for row in part.rows if row[-1]])
                    files[f"locators/{part.snapshot.id}.csv"] = _write_csv(COLUMNS, places)
        if rows:
            files[f"rows/{dataset.table}.csv"] = _write_csv([*names, *RECEIVED], rows)
    return files | {f"reference/{one.name}.csv": _write_csv(one.columns, one.rows) for one in needs.references}


def _list_hashes(files: Files) -> bytes:
    """List the hashes of files as `sha256sum` does."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()


def _write_csv(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode()


def _run_script(needs: Needs, files: Files) -> tuple[str, Files]:
    """Run the script on the files; return its result, and for each step the rows of the figure as CSV."""
    with tempfile.TemporaryDirectory(prefix="bilateral-proof-") as place, duckdb.connect() as connection:
        for name, content in files.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        connection.execute(f"set file_search_path = {quote_literal(place)}")
        ((result, *_),) = connection.execute(files[SCRIPT].decode()).fetchall()
        steps = {}
        for step in needs.steps:
            if where := _write_conditions(needs.identity, step):
                found = connection.execute(f"from {step.name} where {where} order by all")
                if rows := found.fetchall():
                    steps[step.name] = _write_csv([column[0] for column in found.description or ()], rows)
    return result, steps
