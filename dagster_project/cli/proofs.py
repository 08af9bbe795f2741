"""Write proofs of figures to files: the command `prove`, and the option `--proofs` of `report`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.errors import BilateralError
from dagster_project.languages import use_language
from dagster_project.project import Project

if TYPE_CHECKING:
    import duckdb

    from dagster_project.proof import Proof


def prove(
    project: Project,
    figure_id: str = Argument(metavar="ID", help="The figure's ID, metric/reporter/partner/period@day."),
    output: Path = Option(Path("proof.zip"), "--output", "-o", dir_okay=False, help="The file."),
) -> None:
    """Write the proof of a figure: the snapshots behind it, and SQL with which plain DuckDB computes it from them."""
    if output.suffix.lower() != ".zip":
        raise BilateralError(f"{output} is not a zip file.", remedy="End it in .zip.")
    formats.require_folder(output)
    with publication.open_published(project) as connection:
        ((record, proof),) = make_proofs(project, connection, [figure_id])
    proof.write_zip(output)
    console.print_done(f"{output}: {output.stat().st_size:,} bytes", console.out)
    console.print_fields({"figure": record["title"], "result": proof.result, "SHA-256 of SHA256SUMS": proof.digest})


def make_proofs(
    project: Project, connection: duckdb.DuckDBPyConnection, figure_ids: Iterable[str]
) -> Iterator[tuple[dict[str, Any], Proof]]:
    """Yield the citation, as a record in English, and the proof of each figure."""
    from dagster_project.catalog import Catalog
    from dagster_project.proof import Prover
    from dagster_project.report import citing

    catalog = Catalog(project)
    prover = Prover(catalog, connection)
    with use_language("en"):
        records = citing.cite_figures(connection, catalog.models, [*figure_ids])
    for record in records:
        yield record, prover.prove_figure(record)


def write_headline_proofs(project: Project, pair: tuple[str, str], folder: Path) -> None:
    """Write the proofs of the headline figures of a report into the folder that the report links."""
    from dagster_project.report import page
    from dagster_project.report.pair import Pair

    folder.mkdir(parents=True, exist_ok=True)
    with publication.open_published(project) as connection:
        figure_ids = [one["figure"].id for one in page.list_headlines(Pair(project, connection, *pair))]
        for record, proof in make_proofs(project, connection, figure_ids):
            proof.write_zip(folder / f"{record['id'].replace('/', '-')}.zip")
