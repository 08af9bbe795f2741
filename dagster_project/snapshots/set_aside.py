"""Read and write decisions to set figures aside: the rows of a dataset that a build leaves out, and the reason.

A decision of a person names rows, and is a committed file in `warehouse/corrections/set_aside`. A decision of a build
names a whole fetched snapshot, and is a file in the snapshot's folder. If the file is removed, the next build reads the
rows again.

A decision names a row by the row's values in some columns. If the wrong figure is one of these values, the decision no
longer matches the row once the publisher has corrected the figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import read_yaml_fields, write_yaml
from dagster_project.project import Project

By = Literal["build", "person"]
# The name of the folder of persons' decisions, and of the file of a build's decision.
STEM = "set_aside"


@dataclass(frozen=True)
class SetAside:
    """A decision to set rows of a dataset aside.

    Args:
        dataset: The dataset, `source/name`.
        reason: The reason why the figures are wrong; a build's reason names the rows that failed a rule.
        by: `person`, or `build` if a build decided because the rows would have made the build's audit fail.
        snapshots: The IDs of the snapshots with the rows; empty if all snapshots of the dataset are meant.
        rows: The values of each row, by column; empty if all rows are meant.
        rule: The rule that failed, `schema.table: check`, if a build decided.
        given: If a build decided, a hash of its models, rules and corrections. If they change, a build decides again.
    """

    dataset: str
    reason: str
    by: By
    decided_on: date
    snapshots: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str | None], ...] = ()
    rule: str | None = None
    given: str | None = None
    path: Path = field(default=Path(), compare=False)

    @property
    def name(self) -> str:
        """Return the name of the file if a person decided, or the snapshot's ID if a build decided."""
        return self.path.stem if self.by == "person" else "/".join(self.snapshots)

    @property
    def digest(self) -> str:
        """Return a hash of the fields that determine which rows go to quarantine, and with which reason."""
        said = (self.snapshots, [sorted(row.items()) for row in self.rows], self.reason, self.by, self.rule)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    @property
    def is_whole(self) -> bool:
        """Return whether the decision sets aside all rows of its snapshots."""
        return not self.rows

    def is_about(self, snapshot_id: str) -> bool:
        """Return whether the decision names a snapshot, or all snapshots of its dataset."""
        return not self.snapshots or snapshot_id in self.snapshots

    def write_file(self, path: Path) -> SetAside:
        """Write the decision to a file, without empty fields, and return it as read from there."""
        content = {name: value for name, value in vars(self).items() if value and name != "path"}
        lists = {name: list(value) for name, value in content.items() if isinstance(value, tuple)}
        write_yaml(path, content | lists)
        return read_decision(path)


def find_decisions(project: Project, dataset_path: str) -> list[SetAside]:
    """Find the decisions about a dataset `source/name`, those of persons first.

    Raises:
        BilateralError: A decision is invalid.
    """
    by_persons = [read_decision(path) for path in sorted(get_persons_folder(project).glob("*.yml"))]
    by_builds = sorted((project.fetched / dataset_path).glob(f"*/{STEM}.yml"))
    return [*(one for one in by_persons if one.dataset == dataset_path), *map(read_decision, by_builds)]


def find_all_decisions(project: Project) -> list[SetAside]:
    return [one for dataset in sources.list_datasets() for one in find_decisions(project, dataset.path)]


def get_persons_folder(project: Project) -> Path:
    return project.corrections / STEM


def get_build_file(project: Project, snapshot_id: str) -> Path:
    return project.fetched / snapshot_id / f"{STEM}.yml"


def read_decision(path: Path) -> SetAside:
    """Read the decision at `path`.

    Raises:
        BilateralError: The decision is invalid, or names a dataset or a column that does not exist.
    """
    needed = {"dataset", "reason", "by", "decided_on"}
    optional = {f.name for f in fields(SetAside)} - needed - {"path"}
    content = read_yaml_fields(path, needed, optional, what="a decision", remedy="Correct or remove it.")
    return check_decision(SetAside(**{**content, "reason": " ".join(str(content["reason"]).split())}, path=path))


def check_decision(decision: SetAside) -> SetAside:
    """Check a decision, and return it with its values as text.

    Raises:
        BilateralError: The decision is invalid.
    """
    dataset = sources.find_dataset(decision.dataset)
    where, remedy = decision.path, f"The columns of {dataset.path} are {', '.join(dataset.column_names)}."
    rows, ids = decision.rows, decision.snapshots
    day: Any = decision.decided_on
    if decision.by not in get_args(By) or not isinstance(day, date) or not decision.reason:
        raise BilateralError(
            f"{where}: `by` ({decision.by!r}), `decided_on` ({decision.decided_on!r}) or `reason` is invalid.",
            remedy="Write `by` as build or person, `decided_on` as YYYY-MM-DD, unquoted, and a reason.",
        )
    given: list[Any] = [rows, ids]
    if not all(isinstance(value, list | tuple) for value in given) or not (rows or ids):
        raise BilateralError(
            f"{where}: expected `rows` or `snapshots` as a list with at least one entry.",
            remedy="Write a line `- {column: value}` for each row.",
        )
    if not all(isinstance(row, dict) and row and not any(isinstance(v, bool) for v in row.values()) for row in rows):
        found = f"{where}: a row is not `{{column: value}}`, or has a value that YAML reads as true or false."
        raise BilateralError(found, remedy=f'Write `{{partner_code: "NO"}}` with quotes. {remedy}')
    if unknown := {name for row in rows for name in row} - {*dataset.column_names}:
        raise BilateralError(f"{where}: {dataset.path} has no column {', '.join(sorted(unknown))}.", remedy=remedy)
    texts = tuple({name: None if value is None else str(value) for name, value in row.items()} for row in rows)
    return replace(decision, rows=texts, snapshots=tuple(ids))


def hash_decisions(decisions: Iterable[SetAside]) -> str:
    """Return a hash of decisions that does not depend on their order, or an empty text if there are none."""
    every = "".join(sorted(decision.digest for decision in decisions))
    return hashlib.sha256(every.encode()).hexdigest()[:8] if every else ""
