"""The command `site`: its options, and what it prints. Not here: the site itself (`site`)."""

from __future__ import annotations

from pathlib import Path

from typer import Argument, Option

from dagster_project.cli import console
from dagster_project.project import Project


def site(
    project: Project,
    folder: Path = Argument(help="The folder to write to: empty, new, or an earlier site."),
    address: str = Option("", help="The URL of the folder once it is served. Default: that of the earlier site."),
) -> None:
    """Write a site for any static host: reports, data to read in place, SDMX, and addresses that name their day.

    It keeps the addresses of the site that it replaces, and leaves out what the publishers' terms exclude.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.site import write_site

    content = write_site(Catalog(project), folder, address)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    console.print_done(f"{folder.resolve()}: {len(sizes):,} files, {sum(sizes) / 1e6:.1f} MB", console.out)
    console.print_text(f"{len(content['left_out'])} datasets and tables are left out; its index lists them.", "dim")
