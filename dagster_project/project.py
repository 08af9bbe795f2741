"""Find the checkout and the warehouse that a command works on, and name the path of each of their files."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from dagster_project.errors import BilateralError

HOME_VARIABLE = "BILATERAL_HOME"
FILE_VARIABLE = "BILATERAL_FILE"
WAREHOUSE_VARIABLE = "BILATERAL_WAREHOUSE"
SNAPSHOTS_VARIABLE = "BILATERAL_SNAPSHOTS"
# The package's folder; a wheel contains the models and questions of a checkout there.
PACKAGE = Path(__file__).parent
# The folders of a warehouse that are committed, and from which it is built.
GIVEN = ("snapshots", "reference", "corrections", "claims")


def _join_path(parent: str, name: str) -> cached_property[Path]:
    """Declare a property of a project: the path of `name` in the folder of the property `parent`."""
    return cached_property(lambda project: Path(getattr(project, parent), name))


@dataclass(frozen=True)
class Project:
    """A checkout with models and expectations, and the warehouse that is built from it.

    Args:
        root: The folder with `sql/` and `expectations/`.
        warehouse: The folder with `reference/`, `corrections/` and `claims/`, in which the published file is stored.
        snapshots: The folder of committed snapshots, which may be outside the warehouse.
        file: A published file to read instead of the warehouse's own.
    """

    root: Path
    warehouse: Path
    snapshots: Path
    file: Path | None = None

    @classmethod
    def at(cls, root: Path, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Return the project at `root`; by default its warehouse is `warehouse/`, with `snapshots/` in it."""
        house = (warehouse or root / "warehouse").resolve()
        return cls(root=root.resolve(), warehouse=house, snapshots=(snapshots or house / "snapshots").resolve())

    @classmethod
    def find(cls, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Find the project at `BILATERAL_HOME`, or else the checkout that this package was installed from.

        Raises:
            BilateralError: A named folder does not exist, or is not a checkout.
        """
        root = _read_place(HOME_VARIABLE) or PACKAGE.parent
        if not _is_checkout(root):
            raise BilateralError(
                f"{root} is not a checkout of Bilateral: it has no sql/ folder."
                if _read_place(HOME_VARIABLE)
                else "This command needs a checkout of Bilateral, but it was installed without one.",
                remedy=f"Clone it and run make there, or set {HOME_VARIABLE} to the folder of your clone.",
            )
        named = cls.at(
            root,
            warehouse=warehouse or _read_place(WAREHOUSE_VARIABLE),
            snapshots=snapshots or _read_place(SNAPSHOTS_VARIABLE),
        )
        for place, what in ((named.warehouse, "warehouse"), (named.snapshots, "folder of snapshots")):
            if not place.is_dir():
                raise BilateralError(f"The {what} {place} does not exist.", remedy="Name an existing folder.")
        return named

    @classmethod
    def reader(cls, file: Path | None, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Find the project of a command that only reads a published file, for which no checkout is needed.

        Raises:
            BilateralError: There is no checkout and no file was named; or `find` raises the error.
        """
        if _read_place(HOME_VARIABLE) or _is_checkout(PACKAGE.parent):
            return replace(cls.find(warehouse=warehouse, snapshots=snapshots), file=file)
        house = warehouse or _read_place(WAREHOUSE_VARIABLE)
        file = file or (house and cls.at(PACKAGE, warehouse=house).published_file)
        if file is None:
            raise BilateralError(
                "No file to read was named.", remedy=f"Name a published file: --file FILE, or {FILE_VARIABLE}=FILE."
            )
        return replace(cls.at(PACKAGE, warehouse=file.parent), file=file)

    # The models, the expectations, and the settings, which say what to request from the publishers.
    sql = _join_path("root", "sql")
    expectations = _join_path("root", "expectations")
    configuration = _join_path("root", "bilateral.toml")
    # The register of claims, a file for each article, and the corrections of publishers' figures.
    claims = _join_path("warehouse", "claims")
    corrections = _join_path("warehouse", "corrections")
    # The files that builds and refreshes write, and nobody commits: the other paths below `archive`.
    archive = _join_path("warehouse", "archive")
    # The snapshots that refreshes archived, which a build reads like the committed ones.
    fetched = _join_path("archive", "snapshots")
    # The responses that were refused, each with the reason.
    refused = _join_path("archive", "refused")
    # The log of requests, in SQLite.
    refresh_log = _join_path("archive", "refresh.sqlite")
    # The rows of snapshots as Parquet.
    raw = _join_path("archive", "raw")
    # The results of analyses, each under a hash of the tables that it read.
    analyses = _join_path("archive", "analyses")
    # The ledger of the forecasts that publications of this warehouse sealed.
    sealed_forecasts = _join_path("archive", "forecasts.jsonl")
    # The models of the last build, so that commands need not parse all SQL.
    model_cache = _join_path("archive", "models.json")
    work_file = _join_path("archive", "work.duckdb")
    lock_file = _join_path("archive", "build.lock")
    # The page about the last audit that stopped a publication.
    failed_audit = _join_path("archive", "failed-audit.html")
    # The earlier publications that are kept.
    publications = _join_path("archive", "publications")
    # The page with every table and column of the published file.
    published_dictionary = _join_path("warehouse", "data_dictionary.html")

    @cached_property
    def reference(self) -> Path:
        """The folder of the code lists; an installed wheel has its own copy."""
        return (PACKAGE / "warehouse" if self.root == PACKAGE else self.warehouse) / "reference"

    @cached_property
    def published_file(self) -> Path:
        return self.file or self.warehouse / "bilateral.duckdb"

    @cached_property
    def report(self) -> Path:
        """The page of the report on the first pair, beside the published file from which it is drawn."""
        return self.published_file.parent / "report" / "index.html"


def _is_checkout(root: Path) -> bool:
    return (root / "sql").is_dir()


def _read_place(variable: str) -> Path | None:
    return Path(value) if (value := os.environ.get(variable)) else None
