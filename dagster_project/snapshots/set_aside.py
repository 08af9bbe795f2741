"""Decisions to set figures aside, as data: which rows of a dataset, why, and who decided it.

Here: the form of a decision, where decisions stand, reading and writing them. Not here: what becomes of the rows
(`raw`), and when a build decides (`build`).

A person's decision is a file in `warehouse/corrections/set_aside`, and is committed. One of a build stands in the
folder of the fetched snapshot that it is about, and goes where that goes. Whoever removes the file takes the figures in
again.

A row is meant by the values that it has: by its key, and if the decision is to end when the publisher mends the figure,
by the figure as well. A decision of a build is about one snapshot, so a later snapshot ends it in any case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, load_yaml
from dagster_project.project import Project

By = Literal["build", "person"]
# How the files in a snapshot's folder are called.
STEM = "set_aside"


@dataclass(frozen=True)
class SetAside:
    """A decision.

    Args:
        dataset: The dataset, `source/name`.
        reason: Why the figures are held to be wrong.
        by: Who decided it: a build whose audit would have failed, or a person.
        decided_on: When.
        snapshots: The snapshots that it is about, by id; all of the dataset if there are none.
        rows: The values that a row has which is set aside, by column; every row if there are none.
        fields: The columns of these rows that are set aside; the whole row if there are none.
        rule: The rule that did not hold, `schema.table: check`, if a build decided.
        overruled: Why a person takes the figures all the same: they are, and no build sets them aside again.
        path: Where it is written.
    """

    dataset: str
    reason: str
    by: By
    decided_on: date
    snapshots: tuple[str, ...] = ()
    rows: tuple[Mapping[str, str | None], ...] = ()
    fields: tuple[str, ...] = ()
    rule: str | None = None
    overruled: str | None = None
    path: Path = field(default=Path(), compare=False)

    @property
    def name(self) -> str:
        """What it is called: a person's by its file, a build's by its snapshot."""
        if self.by == "person":
            return self.path.stem
        return "/".join((*self.snapshots, *([self.path.stem] if self.path.stem != STEM else [])))

    @property
    def digest(self) -> str:
        """A hash of all that it says of rows."""
        said = (
            self.snapshots,
            [sorted(row.items()) for row in self.rows],
            self.fields,
            self.reason,
            self.by,
            self.rule,
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()

    @property
    def is_whole(self) -> bool:
        """Whether it sets all rows of its snapshots aside."""
        return not self.rows and not self.fields

    def concerns(self, snapshot_id: str) -> bool:
        """Whether it takes rows of a snapshot away."""
        return self.overruled is None and (not self.snapshots or snapshot_id in self.snapshots)

    def write(self, path: Path) -> SetAside:
        """Writes it, whole or not at all; what is empty is left out."""
        content = {f.name: _plain(value) for f in fields(self) if f.name != "path" and (value := getattr(self, f.name))}
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
        with atomic_write(path) as half:
            half.write_text(text, encoding="utf-8")
        return read(path)


def find(project: Project, dataset_path: str) -> list[SetAside]:
    """The decisions about a dataset, persons' first, those that are overruled as well.

    Raises:
        BilateralError: One is malformed.
    """
    by_hand = [one for one in by_persons(project) if one.dataset == dataset_path]
    folder = project.fetched / dataset_path
    return by_hand + [read(path) for path in sorted(folder.glob(f"*/{STEM}*.yml"))]


def find_all(project: Project) -> list[SetAside]:
    """Every decision, by dataset."""
    return [one for dataset in sources.datasets() for one in find(project, dataset.path)]


def by_persons(project: Project) -> list[SetAside]:
    """What persons decided."""
    return [read(path) for path in sorted(folder_of_persons(project).glob("*.yml"))]


def folder_of_persons(project: Project) -> Path:
    """Where a person's decisions stand."""
    return project.corrections / STEM


def place(project: Project, snapshot_id: str) -> Path:
    """Where the next decision of a build about a fetched snapshot goes."""
    folder = project.fetched / snapshot_id
    names = (f"{STEM}{f'-{number}' if number > 1 else ''}.yml" for number in count(1))
    return next(folder / name for name in names if not (folder / name).exists())


def read(path: Path) -> SetAside:
    """The decision at `path`.

    Raises:
        BilateralError: It is malformed, or names a dataset or a column that there is not.
    """
    content = load_yaml(path.read_bytes(), path, remedy="Mend it, or remove it.")
    given = set(content) if isinstance(content, dict) else set()
    known = {f.name for f in fields(SetAside)} - {"path"}
    needed = {"dataset", "reason", "by", "decided_on"}
    if needed - given or given - known:
        raise BilateralError(
            f"{path} sets nothing aside: missing {sorted(needed - given)}, unknown {sorted(given - known)}.",
            remedy=f"Write the fields {', '.join(sorted(known))}, or remove the file.",
        )
    decision = SetAside(
        **{**content, "reason": " ".join(str(content["reason"]).split())},
        path=path,
    )
    return checked(decision)


def checked(decision: SetAside) -> SetAside:
    """The decision, its values as text.

    Raises:
        BilateralError: It cannot be meant.
    """
    dataset = sources.dataset(decision.dataset)
    where, remedy = decision.path, f"The columns of {dataset.path} are {', '.join(c.name for c in dataset.columns)}."
    rows, ids, names = decision.rows, decision.snapshots, decision.fields
    day: Any = decision.decided_on
    if decision.by not in get_args(By) or not isinstance(day, date) or not decision.reason:
        raise BilateralError(
            f"{where}: by is {decision.by!r}, decided_on {decision.decided_on!r}.",
            remedy="Write build or person, a day as YYYY-MM-DD, unquoted, and a reason.",
        )
    given: list[Any] = [rows, ids, names]
    if not all(isinstance(value, list | tuple) for value in given) or not (rows or ids):
        raise BilateralError(
            f"{where}: rows, fields and snapshots are lists, and one of rows and snapshots is needed.",
            remedy="Write a line `- {column: value}` for each row.",
        )
    if not all(isinstance(row, dict) and row and not any(isinstance(v, bool) for v in row.values()) for row in rows):
        raise BilateralError(f"{where}: a row is not `{{column: value}}`; quote NO and YES.", remedy=remedy)
    if unknown := {name for row in rows for name in row}.union(names) - {c.name for c in dataset.columns}:
        raise BilateralError(f"{where}: {dataset.path} has no column {', '.join(sorted(unknown))}.", remedy=remedy)
    if not set(names).isdisjoint(dataset.key):
        raise BilateralError(f"{where}: fields are figures, and {', '.join(names)} are of the key.", remedy=remedy)
    texts = tuple({name: None if value is None else str(value) for name, value in row.items()} for row in rows)
    return SetAside(**{**vars(decision), "rows": texts, "snapshots": tuple(ids), "fields": tuple(names)})


def _plain(value: Any) -> Any:
    return [_plain(each) for each in value] if isinstance(value, tuple) else value


def digest_of(decisions: Iterable[SetAside]) -> str:
    """What decisions say, as one hash; nothing for none."""
    every = "".join(decision.digest for decision in decisions)
    return hashlib.sha256(every.encode()).hexdigest()[:8] if every else ""
