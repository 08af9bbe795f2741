"""Write the tables for other people's use: the commands `export` (a Data Package) and `site` (a folder to serve)."""

from __future__ import annotations

from pathlib import Path

from typer import Argument, Option

from dagster_project import publication
from dagster_project.cli import console
from dagster_project.project import Project


def export(
    project: Project,
    folder: Path = Argument(help="The folder to write to: empty, new, or an earlier package."),
    pair: tuple[str, str] | None = Option(
        None, metavar="ECONOMY PARTNER", help="Write only the tables of trade by partner, with the rows of this pair."
    ),
) -> None:
    """Write core and marts as a Data Package, in Parquet and CSV, without figures that publishers forbid to pass on."""
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
    """Write a site for a static host, without figures that publishers forbid to pass on.

    The pages of an earlier site in the folder keep their addresses.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.site import write_site

    left_out = write_site(Catalog(project), folder, address)["left_out"]
    console.print_done(
        f"{folder.resolve()}: {len(left_out)} tables and datasets are left out; see its index.", console.out
    )
