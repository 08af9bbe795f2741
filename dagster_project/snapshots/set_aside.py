"""Read and write decisions to set figures aside: which rows of a dataset, why, and who decided it.

Here: the fields of a decision, its file, reading and writing it. Not here: removing the rows (`raw`), and the decisions
that a build makes (`pipeline`).

A person's decision concerns rows, and is a committed file in `warehouse/corrections/set_aside`. A build's decision
concerns a whole fetched snapshot, and is a file in that snapshot's folder. Removing the file restores the figures.

A decision identifies a row by its values: by its key, and also by its figure if the decision is to end when the
publisher corrects the figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, read_yaml_fields
from dagster_project.project import Project

By = Literal["build", "person"]
# The name of the folder with persons' decisions, and of the file with a build's.
STEM = "set_aside"


@dataclass(frozen=True)
class SetAside:
    """A decision to set rows of a dataset aside.

    Args:
        dataset: The dataset, `source/name`.
        reason: Why the figures are believed to be wrong; a build's reason has the rows that failed a rule.
        by: Who decided it: a build whose audit would have failed, or a person.
        decided_on: The day of the decision.
        snapshots: The ids of the snapshots concerned; empty for all snapshots of the dataset.
        rows: The values, by column, that identify the rows; empty for every row.
        rule: The rule that failed, `schema.table: check`, if a build decided.
        given: A hash of the models, rules and corrections with which a build decided; if they change, it tries again.
        path: The decision's file.
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
        """Return the decision's name: the file of a person's, the snapshot of a build's."""
        return self.path.stem if self.by == "person" else "/".join(self.snapshots)

    @property
    def digest(self) -> str:
        """Hash the fields that decide which rows go to quarantine, and what is written there."""
        said = (self.snapshots, [sorted(row.items()) for row in self.rows], self.reason, self.by, self.rule)
        return hashlib.sha256(repr(said).encode()).hexdigest()

    @property
    def is_whole(self) -> bool:
        """Return whether the decision sets aside all rows of its snapshots."""
        return not self.rows

    def is_about(self, snapshot_id: str) -> bool:
        """Return whether the decision can set aside rows of a snapshot."""
        return not self.snapshots or snapshot_id in self.snapshots

    def write_file(self, path: Path) -> SetAside:
        """Write the decision atomically; empty fields are left out."""
        content = {f.name: value for f in fields(self) if f.name != "path" and (value := getattr(self, f.name))}
        lists = {name: list(value) for name, value in content.items() if isinstance(value, tuple)}
        text = yaml.safe_dump(content | lists, sort_keys=False, allow_unicode=True, width=110)
        with atomic_write(path) as half:
            half.write_text(text, encoding="utf-8")
        return read_decision(path)


def find_decisions(project: Project, dataset_path: str) -> list[SetAside]:
    """Find the decisions about a dataset, persons' first.

    Raises:
        BilateralError: A decision is malformed.
    """
    by_persons = [read_decision(path) for path in sorted(get_persons_folder(project).glob("*.yml"))]
    by_builds = sorted((project.fetched / dataset_path).glob(f"*/{STEM}.yml"))
    return [*(one for one in by_persons if one.dataset == dataset_path), *map(read_decision, by_builds)]


def find_all_decisions(project: Project) -> list[SetAside]:
    """Find every decision, sorted by dataset."""
    return [one for dataset in sources.list_datasets() for one in find_decisions(project, dataset.path)]


def get_persons_folder(project: Project) -> Path:
    """Return the folder of persons' decisions."""
    return project.corrections / STEM


def get_build_file(project: Project, snapshot_id: str) -> Path:
    """Return the file of a build's decision about a fetched snapshot."""
    return project.fetched / snapshot_id / f"{STEM}.yml"


def read_decision(path: Path) -> SetAside:
    """Read the decision at `path`.

    Raises:
        BilateralError: The decision is malformed, or names a dataset or a column that does not exist.
    """
    needed = {"dataset", "reason", "by", "decided_on"}
    optional = {f.name for f in fields(SetAside)} - needed - {"path"}
    content = read_yaml_fields(path, needed, optional, what="a decision", remedy="Correct or remove it.")
    return check_decision(SetAside(**{**content, "reason": " ".join(str(content["reason"]).split())}, path=path))


def check_decision(decision: SetAside) -> SetAside:
    """Check a decision, and return it with its values as text.

    Raises:
        BilateralError: The decision is malformed.
    """
    dataset = sources.find_dataset(decision.dataset)
    where, remedy = decision.path, f"The columns of {dataset.path} are {', '.join(c.name for c in dataset.columns)}."
    rows, ids = decision.rows, decision.snapshots
    day: Any = decision.decided_on
    if decision.by not in get_args(By) or not isinstance(day, date) or not decision.reason:
        raise BilateralError(
            f"{where}: invalid by ({decision.by!r}), decided_on ({decision.decided_on!r}) or reason.",
            remedy="Write by as build or person, decided_on as YYYY-MM-DD, unquoted, and a reason.",
        )
    given: list[Any] = [rows, ids]
    if not all(isinstance(value, list | tuple) for value in given) or not (rows or ids):
        raise BilateralError(
            f"{where}: expected `rows` or `snapshots`, each as a list that is not empty.",
            remedy="Write a line `- {column: value}` for each row.",
        )
    if not all(isinstance(row, dict) and row and not any(isinstance(v, bool) for v in row.values()) for row in rows):
        raise BilateralError(f"{where}: a row is not `{{column: value}}`; quote NO and YES.", remedy=remedy)
    if unknown := {name for row in rows for name in row} - {column.name for column in dataset.columns}:
        raise BilateralError(f"{where}: {dataset.path} has no column {', '.join(sorted(unknown))}.", remedy=remedy)
    texts = tuple({name: None if value is None else str(value) for name, value in row.items()} for row in rows)
    return replace(decision, rows=texts, snapshots=tuple(ids))


def hash_decisions(decisions: Iterable[SetAside]) -> str:
    """Hash decisions in any order; return an empty text for none."""
    every = "".join(sorted(decision.digest for decision in decisions))
    return hashlib.sha256(every.encode()).hexdigest()[:8] if every else ""
