"""The paths of a project.

Here: the paths of a checkout and its warehouse, and how a command finds them. Not here: reading or writing them.
"""

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
# The committed folders from which a warehouse is built.
GIVEN = ("snapshots", "reference", "corrections", "claims")


@dataclass(frozen=True)
class Project:
    """A project: a checkout with models and expectations, and the warehouse that it builds.

    Args:
        root: The folder with `sql/` and `expectations/`.
        warehouse: The folder with `snapshots/`, `reference/` and `corrections/`, which also stores the published file.
        snapshots: The folder of snapshots, which may be outside the warehouse.
        file: A published file to read instead of the warehouse's own.
    """

    root: Path
    warehouse: Path
    snapshots: Path
    file: Path | None = None

    @classmethod
    def at(cls, root: Path, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Return the project at `root`, with its own warehouse and snapshots unless others are given."""
        house = (warehouse or root / "warehouse").resolve()
        return cls(root=root.resolve(), warehouse=house, snapshots=(snapshots or house / "snapshots").resolve())

    @classmethod
    def find(cls, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Find the project that the environment names, or else the checkout that this package was installed from.

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
        for place, what in ((named.warehouse, "warehouse"), (named.snapshots, "snapshots")):
            if not place.is_dir():
                raise BilateralError(f"There is no folder {place}.", remedy=f"Name an existing folder of the {what}.")
        return named

    @classmethod
    def reader(cls, file: Path | None, *, warehouse: Path | None = None, snapshots: Path | None = None) -> Project:
        """Find the project of a command that only reads; without a checkout, a published file is enough.

        Raises:
            BilateralError: There is no checkout and no file was named; or as `find`.
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

    @cached_property
    def sql(self) -> Path:
        return self.root / "sql"

    @cached_property
    def expectations(self) -> Path:
        return self.root / "expectations"

    @cached_property
    def configuration(self) -> Path:
        """The settings, which say what to request from the publishers."""
        return self.root / "bilateral.toml"

    @cached_property
    def fetched(self) -> Path:
        """The snapshots that a refresh archived; they are used like the committed ones, but are not committed."""
        return self.archive / "snapshots"

    @cached_property
    def refused(self) -> Path:
        """Responses that were refused, each with its reason."""
        return self.archive / "refused"

    @cached_property
    def refresh_log(self) -> Path:
        """The log of requests, with how much of a daily quota is used (SQLite)."""
        return self.archive / "refresh.sqlite"

    @cached_property
    def claims(self) -> Path:
        """The register of claims, one file for each article."""
        return self.warehouse / "claims"

    @cached_property
    def reference(self) -> Path:
        """The code lists; a wheel contains those of its checkout, like the models."""
        return (PACKAGE / "warehouse" if self.root == PACKAGE else self.warehouse) / "reference"

    @cached_property
    def corrections(self) -> Path:
        return self.warehouse / "corrections"

    @cached_property
    def archive(self) -> Path:
        """Files of builds and refreshes, which nobody commits: raw Parquet, the work file, earlier publications."""
        return self.warehouse / "archive"

    @cached_property
    def raw(self) -> Path:
        return self.archive / "raw"

    @cached_property
    def analyses(self) -> Path:
        """The results of analyses, each under a hash of the tables that it read."""
        return self.archive / "analyses"

    @cached_property
    def sealed_forecasts(self) -> Path:
        """The ledger of the forecasts that publications of this warehouse sealed."""
        return self.archive / "forecasts.jsonl"

    @cached_property
    def model_cache(self) -> Path:
        """The models of the last build, so that commands need not parse all SQL."""
        return self.archive / "models.json"

    @cached_property
    def work_file(self) -> Path:
        return self.archive / "work.duckdb"

    @cached_property
    def lock_file(self) -> Path:
        return self.archive / "build.lock"

    @cached_property
    def failed_audit(self) -> Path:
        """The page about the last audit that stopped a publication."""
        return self.archive / "failed-audit.html"

    @cached_property
    def publications(self) -> Path:
        return self.archive / "publications"

    @cached_property
    def published_file(self) -> Path:
        return self.file or self.warehouse / "bilateral.duckdb"

    @cached_property
    def published_dictionary(self) -> Path:
        """The page with every table and column of the published file."""
        return self.warehouse / "data_dictionary.html"

    @cached_property
    def report(self) -> Path:
        """The report's page, beside the published file that it shows."""
        return self.published_file.parent / "report" / "index.html"


def _is_checkout(root: Path) -> bool:
    return (root / "sql").is_dir()


def _read_place(variable: str) -> Path | None:
    return Path(value) if (value := os.environ.get(variable)) else None
