"""Prove a figure: pack all that makes it into files from which plain DuckDB computes it again.

Here: the files of a proof, its script, and its digest. Not here: which rows and models a figure needs (`needs`), the
places of values in a publisher's response (`locators`), and citations (`report.citing`).

A proof has the bytes of the snapshots behind the figure; the rows of other snapshots that the same SQL reads for the
pair and the period; `prove.sql`, which needs only DuckDB; `check.py`, which needs only Python; and a page in words.
`SHA256SUMS` lists the hashes of all files; its own hash is the digest that a citation names. Bytes that may not be
passed on are left out, and `LEFT_OUT` lists their hashes; who has them puts them into their folder.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.database import fetch_records, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.languages import use_language
from dagster_project.metrics import load_metrics, parse_identity
from dagster_project.proof import locators
from dagster_project.proof.needs import Finder, Needs, write_conditions
from dagster_project.publication.html import render_page
from dagster_project.questions.wording import format_count
from dagster_project.report.citing import format_value
from dagster_project.snapshots import MANIFEST

if TYPE_CHECKING:
    from dagster_project.catalog import Catalog

SUMS, LEFT_OUT, PAGE = "SHA256SUMS", "LEFT_OUT", "README.md"
FOLDER = Path(__file__).parent
# The columns of a raw table besides those of its dataset.
RECEIVED = {"snapshot_id": "varchar", "row_number": "bigint"}
RULES = """
    select table_name, check_name, severity, status, observed_value, notes from meta.checks
    where list_contains($tables, table_name) order by all
"""
Files = dict[str, bytes]


@dataclass(frozen=True)
class Proof:
    """The files of a proof by their paths, and what its script prints for them: equal, or open."""

    files: Mapping[str, bytes]
    result: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the list of hashes, in hex."""
        return hashlib.sha256(self.files[SUMS]).hexdigest()

    def write_zip(self, output: Path) -> None:
        """Write the files as a zip, atomically; equal files make an equal zip."""
        with atomic_write(output) as half, zipfile.ZipFile(half, "w") as packed:
            for name, content in sorted(self.files.items()):
                packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, compresslevel=9)


class Prover:
    """Makes proofs of figures of a published file."""

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._finder = Finder(catalog, connection)

    @use_language("en")
    def prove_figure(self, record: Mapping[str, Any]) -> Proof:
        """Make the proof of a figure from its citation (`report.citing`), and compute the figure from the proof.

        Raises:
            BilateralError: The metric has no proofs, or the figure does not follow from its inputs.
        """
        identity = parse_identity(record["id"])
        if reason := load_metrics()[identity.metric].unproved:
            raise BilateralError(
                f"A figure of {identity.metric} has no proof. {reason}", remedy="`bilateral cite` names its sources."
            )
        needs = self._finder.find_needs(identity, {row["snapshot_id"] for row in record["snapshots"]})
        files = _write_inputs(needs)
        result, steps = _run_script(needs, record, files)
        withheld = {part.path: part.snapshot.data.read_bytes() for part in needs.parts if part.is_withheld}
        if result != "equal" and _run_script(needs, record, files | withheld)[0] not in {"equal", "open"}:
            raise BilateralError(
                f"{record['id']} does not follow from the rows of its pair and period.",
                remedy="Please report this: a model behind it does not declare all that it reads.",
            )
        rules = fetch_records(self.connection, RULES, {"tables": [*steps]})
        files |= {f"steps/{name}.csv": content for name, content in steps.items()}
        files["rules.csv"] = _write_csv(rules[0] if rules else (), (rule.values() for rule in rules))
        files["prove.sql"] = _write_script(needs, record, files).encode()
        files["check.py"] = (FOLDER / "check.py").read_bytes()
        files[PAGE] = render_page(
            FOLDER / "page.md.j2",
            {"counted": format_count},
            needs=needs,
            record=record,
            value=format_value(record["value"], record["unit"]),
            rules=rules,
            is_open=result != "equal",
            sides=(identity.reporter, identity.partner),
            corrections=[
                dict(zip(table.columns, row, strict=True))
                for table in needs.references
                if table.name == "corrections"
                for row in table.rows
            ],
        ).encode()
        if withheld:
            files[LEFT_OUT] = _list_hashes(withheld)
        return Proof(files | {SUMS: _list_hashes(files)}, "equal" if result == "equal" else "open")


def _write_inputs(needs: Needs) -> Files:
    """Write the inputs of a script: bytes and manifests of snapshots, rows and reference tables as CSV."""
    # An empty file is read in place of one that is missing or has another hash.
    files = {"none.csv": b""}
    for dataset in needs.datasets:
        names = [column.name for column in dataset.columns]
        parts = [part for part in needs.parts if part.dataset == dataset]
        if rows := [row for part in parts for row in part.written]:
            files[f"rows/{dataset.table}.csv"] = _write_csv([*names, *RECEIVED], rows)
        for part in parts:
            files[f"manifests/{part.snapshot.id}.yml"] = (part.snapshot.folder / MANIFEST).read_bytes()
            if part.is_source and not part.is_withheld:
                files[part.path] = part.snapshot.data.read_bytes()
                if not part.is_read:
                    places = locators.locate_rows(part.snapshot.data, names, part.rows)
                    listed = ((part.path, *place) for place in places)
                    files[f"locators/{part.snapshot.id}.csv"] = _write_csv(locators.COLUMNS, listed)
    return files | {f"reference/{one.name}.csv": _write_csv(one.columns, one.rows) for one in needs.references}


def _list_hashes(files: Files) -> bytes:
    """List the hashes of files as `sha256sum` does."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return "".join(lines).encode()


def _write_csv(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode()


def _write_script(needs: Needs, record: Mapping[str, Any], files: Mapping[str, bytes], at: str = "") -> str:
    """Write the script, which reads the files in the folder `at`, or by default in the one where DuckDB runs."""
    sides = {"reporter_code": needs.identity.reporter, "partner_code": needs.identity.partner}
    asked = {**sides, "item": needs.identity.item, "period": needs.identity.period}
    return render_page(
        FOLDER / "prove.sql.j2",
        needs=needs,
        record=record,
        at=at,
        hashes={name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        raws={one.table: dict.fromkeys((column.name for column in one.columns), "varchar") for one in needs.datasets},
        received=RECEIVED,
        where=" and ".join(f"{column} = {quote_literal(value)}" for column, value in asked.items() if value),
        sources=sorted(row["snapshot_id"] for row in record["snapshots"]),
    )


def _run_script(needs: Needs, record: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[str, Files]:
    """Run the script on files; return its result, and for each step the rows of the pair and the period as CSV."""
    with tempfile.TemporaryDirectory(prefix="bilateral-proof-") as place, duckdb.connect() as connection:
        for name, content in files.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        ((result, *_),) = connection.execute(_write_script(needs, record, files, f"{place}/")).fetchall()
        steps = {}
        for step in needs.steps:
            if where := write_conditions(needs.identity, step):
                found = connection.execute(f"from {step.name} where {where} order by all")
                if rows := found.fetchall():
                    steps[step.name] = _write_csv([column[0] for column in found.description or ()], rows)
    return result, steps
