"""Write figures for other people's use: the commands `export` (a Data Package), `site` and `prove`."""

from __future__ import annotations

from pathlib import Path

from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console, formats
from dagster_project.errors import BilateralError
from dagster_project.project import Project


def export(
    project: Project,
    folder: Path = Argument(help="The folder to write to: empty, new, or an earlier package."),
    pair: tuple[str, str] | None = Option(
        None, metavar="ECONOMY PARTNER", help="Write only the tables of trade by partner, with the rows of this pair."
    ),
) -> None:
    """Write core and marts as a Data Package (Parquet and CSV), without figures that must not be passed on."""
    from dagster_project.catalog import Catalog
    from dagster_project.report import package, page

    if pair is not None:
        with publication.open_published(project) as connection:
            pair = page.choose_pair(project, connection, *pair)
    content = package.write_package(project, Catalog(project).models, folder, pair)
    rows = sum(resource["rows"] for resource in content["resources"])
    console.print_done(f"{folder.resolve()}: {len(content['resources'])} tables, {rows:,} rows", console.out)
    reasons: dict[str, list[str]] = {}
    for left_out in content["left_out"]:
        reasons.setdefault(left_out["why"], []).append(left_out.get("dataset") or left_out["table"])
    if reasons:
        console.print_section(
            "Left out", *(f"{', '.join(names)}: {why}" for why, names in reasons.items()), bullet="• "
        )
        console.print_text("datapackage.json says how to fetch the figures that are left out.", "dim")


def site(
    project: Project,
    folder: Path = Argument(help="The folder to write to: empty, new, or an earlier site."),
    address: str = Option("", help="The URL of the folder once it is served. Default: that of the earlier site."),
) -> None:
    """Write a site for a static host, without figures that must not be passed on.

    The pages of an earlier site in the folder keep their addresses.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.site import write_site

    left_out = write_site(Catalog(project), folder, address)["left_out"]
    console.print_done(
        f"{folder.resolve()}: {len(left_out)} tables and datasets are left out; see its index.", console.out
    )


def write_proof(
    project: Project,
    figure_id: str = Argument(metavar="ID", help="The figure's ID, metric/reporter/partner/period@day."),
    output: Path = Option(Path("proof.zip"), "--output", "-o", dir_okay=False, help="The file."),
) -> None:
    """Write the proof of a figure: its snapshots, and SQL with which plain DuckDB computes the figure from these."""
    from dagster_project.proof import prove_figures

    if output.suffix.lower() != ".zip":
        raise BilateralError(f"The name {output} does not end in .zip.", remedy="Choose a name such as proof.zip.")
    formats.require_folder(output)
    with publication.open_published(project) as connection:
        ((record, proof),) = prove_figures(project, connection, [figure_id])
    proof.write_zip(output)
    console.print_done(f"{output}: {output.stat().st_size:,} bytes", console.out)
    console.print_fields({"figure": record["title"], "result": proof.result, "SHA-256 of SHA256SUMS": proof.digest})
