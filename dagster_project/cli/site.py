"""The command `site`.

Here: its options, and what it prints. Not here: the site itself (`site`).
"""

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

    Later publications keep the addresses of earlier ones. What the publishers' terms exclude is left out.
    """
    from dagster_project.catalog import Catalog
    from dagster_project.site import write_site

    content = write_site(Catalog(project), folder, address)
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    console.print_done(f"{folder.resolve()}: {len(files):,} files, {size:.1f} MB", console.out)
    console.print_text(
        f"Left out by terms: {len(content['left_out'])} datasets and tables; its index lists them.", "dim"
    )
