"""Prove a figure: pack all that makes it into files from which plain DuckDB computes it again.

Here: the files of a proof, and its digest. Not here: which rows and models a figure needs (`needs`), the script that
computes it (`script`), the places of values in a publisher's response (`locators`), and citations (`report.citing`).

A proof has the bytes of the snapshots behind the figure; the rows of other snapshots that the same SQL reads for the
pair and the period; `prove.sql`, which needs only DuckDB; `check.py`, which needs only Python; and a page in words.
`SHA256SUMS` lists the hashes of all files, and its own hash is the digest that a citation names. Bytes that may not be
passed on are left out; who has them puts them into their folder.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.metrics import load_metrics, parse_identity
from dagster_project.proof import locators
from dagster_project.proof.needs import Finder, Needs, Part
from dagster_project.proof.script import run_script, write_csv, write_inputs, write_script
from dagster_project.publication.html import render_page
from dagster_project.report.citing import format_value
from dagster_project.snapshots import MANIFEST

if TYPE_CHECKING:
    import duckdb

    from dagster_project.catalog import Catalog

SUMS, PAGE = "SHA256SUMS", "README.md"
FOLDER = Path(__file__).parent
RULES = """
    select table_name, check_name, severity, status, observed_value, notes from meta.checks
    where list_contains($tables, table_name) order by all
"""


@dataclass(frozen=True)
class Proof:
    """The proof of a figure.

    Args:
        files: The content of each file, by its path.
        is_open: Whether the figure cannot be computed without bytes that are left out.
    """

    files: Mapping[str, bytes]
    is_open: bool

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
    """Makes proofs of figures of a published file.

    Args:
        catalog: The declarations of the project.
        connection: The published file.
    """

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._finder = Finder(catalog, connection)

    def prove_figure(self, record: Mapping[str, Any]) -> Proof:
        """Make the proof of a figure, and compute the figure from it.

        Args:
            record: The citation of the figure (`report.citing.cite_figures`).

        Raises:
            BilateralError: The metric has no proofs, or the figure does not follow from its inputs.
        """
        identity = parse_identity(record["id"])
        if reason := load_metrics()[identity.metric].unproved:
            raise BilateralError(
                f"A figure of {identity.metric} has no proof: {reason}", remedy="`bilateral cite` names its sources."
            )
        needs = self._finder.find_needs(identity, {row["snapshot_id"] for row in record["snapshots"]})
        files = write_inputs(needs)
        for part in needs.parts:
            files[f"manifests/{part.snapshot.id}.yml"] = (part.snapshot.folder / MANIFEST).read_bytes()
            if part.is_source and not part.is_withheld:
                files[part.path] = part.snapshot.data.read_bytes()
                if not part.is_read:
                    files[f"locators/{part.snapshot.id}.csv"] = _write_locators(part)
        result, steps = _run(needs, record, files)
        is_open = result != "equal"
        if is_open:
            bytes_left_out = {part.path: part.snapshot.data.read_bytes() for part in needs.parts if part.is_withheld}
            result, _ = _run(needs, record, files | bytes_left_out)
        if result not in {"equal", "open"}:
            raise BilateralError(
                f"{record['id']} does not follow from the rows of its pair and period: {result}.",
                remedy="Please report this: a model behind it does not declare all that it reads.",
            )
        files |= {f"steps/{name}.csv": content for name, content in steps.items()}
        rules = fetch_records(self.connection, RULES, {"tables": [*steps]})
        if rules:
            files["rules.csv"] = write_csv(rules[0], [[*rule.values()] for rule in rules])
        files["prove.sql"] = write_script(needs, record, files).encode()
        files["check.py"] = (FOLDER / "check.py").read_bytes()
        files[PAGE] = _write_page(needs, record, rules, is_open=is_open).encode()
        sums = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
        return Proof(files | {SUMS: "".join(sums).encode()}, is_open)


def _run(needs: Needs, record: Mapping[str, Any], files: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
    """Run the script in a folder with the files."""
    with tempfile.TemporaryDirectory(prefix="bilateral-proof-") as place:
        for name, content in files.items():
            path = Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return run_script(needs, write_script(needs, record, files, f"{place}/"))


def _write_locators(part: Part) -> bytes:
    """Write the places of a part's values in the response of its publisher."""
    columns = [column.name for column in part.dataset.columns]
    places = locators.locate_rows(part.snapshot.data, columns, part.rows)
    return write_csv(locators.COLUMNS, [(part.path, *place) for place in places])


def _write_page(needs: Needs, record: Mapping[str, Any], rules: Sequence[Mapping[str, Any]], *, is_open: bool) -> str:
    """Write the page that says how the figure comes about."""
    return render_page(
        FOLDER / "page.md.j2",
        needs=needs,
        record=record,
        value=format_value(record["value"], record["unit"]),
        metric=load_metrics()[needs.identity.metric],
        rules=rules,
        is_open=is_open,
        corrections=needs.list_corrections(),
    )
