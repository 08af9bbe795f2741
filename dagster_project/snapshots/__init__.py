"""The archive of what publishers sent: bytes that never change, and a manifest that says what they are.

Here: finding snapshots, checking that their bytes are the ones that were received, sealing new ones. Not here: what
the bytes mean (`raw` reads them by the contracts in `sources`).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from dagster_project import quick_yaml
from dagster_project.errors import BilateralError
from dagster_project.project import Project

MANIFEST = "manifest.yml"
ID_LENGTH = 12


class _Dumper(yaml.SafeDumper):
    """Writes a date that stands twice twice, and not as a reference to itself."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@dataclass(frozen=True)
class Licence:
    """The terms on which a snapshot may be used."""

    name: str
    url: str


@dataclass(frozen=True)
class Manifest:
    """What a snapshot's bytes are, where they come from and since when they are known.

    `known_from` is the day from which the figures count as known: the publisher's own date where it states one, else
    the day the copy was taken. It orders the vintages of a dataset.
    """

    source: str
    dataset: str
    title: str
    url: str
    parameters: dict[str, Any]
    retrieved_at: date
    published_at: date | None
    edition: str | None
    known_from: date
    obtained: str
    file: str
    sha256: str
    bytes: int
    media_type: str
    row_count: int
    columns: list[str]
    licence: Licence
    citation: str
    notes: list[str]

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """The manifest at `path`.

        Raises:
            BilateralError: It is not YAML, or a field is missing, unknown or of the wrong kind.
        """
        try:
            content = quick_yaml.load(path.read_bytes())
        except yaml.YAMLError as error:
            raise BilateralError(f"{path} is not YAML: {error}.", remedy="Restore it from version control.") from error
        expected = [field.name for field in fields(cls)]
        if not isinstance(content, dict) or sorted(content) != sorted(expected):
            given = set(content) if isinstance(content, dict) else set()
            raise BilateralError(
                f"{path} has not the fields of a manifest: missing {sorted(set(expected) - given)}, "
                f"unknown {sorted(given - set(expected))}.",
                remedy="Write exactly the fields of dagster_project.snapshots.Manifest.",
            )
        for name in ("retrieved_at", "known_from"):
            if not isinstance(content[name], date):
                raise BilateralError(
                    f"{path}: {name} is {content[name]!r}, not a date.", remedy="Write it as YYYY-MM-DD, unquoted."
                )
        return cls(**{**content, "licence": Licence(**content["licence"])})

    def write(self, path: Path) -> None:
        """Writes the manifest as YAML, in the order of its fields."""
        content = {f.name: getattr(self, f.name) for f in fields(self)} | {"licence": vars(self.licence)}
        path.write_text(
            yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8"
        )


@dataclass(frozen=True)
class Snapshot:
    """A folder with the bytes as received and their manifest."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """`source/dataset/hash`: the same bytes of the same dataset have the same id everywhere."""
        return f"{self.manifest.source}/{self.manifest.dataset}/{self.manifest.sha256[:ID_LENGTH]}"

    @property
    def data(self) -> Path:
        return self.folder / self.manifest.file


def find(project: Project, dataset_path: str) -> list[Snapshot]:
    """The snapshots of `source/dataset`, in the order in which they became known.

    Raises:
        BilateralError: There is none, or a folder's place does not agree with its manifest.
    """
    home = project.snapshots / dataset_path
    folders = sorted(path.parent for path in home.glob(f"*/{MANIFEST}"))
    if not folders:
        raise BilateralError(
            f"There is no snapshot of {dataset_path} under {home}.",
            remedy="Restore the folder from version control, or take the dataset out of dagster_project/sources/.",
        )
    found = [Snapshot(folder, Manifest.read(folder / MANIFEST)) for folder in folders]
    for snapshot in found:
        if snapshot.folder != project.snapshots / snapshot.id:
            raise BilateralError(
                f"The snapshot in {snapshot.folder} says that it is {snapshot.id}.",
                remedy="Move it to the folder its manifest names, or seal it anew with `bilateral snapshots seal`.",
            )
    return sorted(found, key=lambda snapshot: (snapshot.manifest.known_from, snapshot.id))


def verify(snapshot: Snapshot) -> None:
    """Checks that the bytes are those the manifest was written for.

    Raises:
        BilateralError: The file is missing, or its size or hash differs.
    """
    if not snapshot.data.is_file():
        raise BilateralError(
            f"Snapshot {snapshot.id} has no file {snapshot.manifest.file}.", remedy="Restore it from version control."
        )
    size, digest = snapshot.data.stat().st_size, sha256(snapshot.data)
    if (size, digest) != (snapshot.manifest.bytes, snapshot.manifest.sha256):
        raise BilateralError(
            f"The bytes of snapshot {snapshot.id} are not the ones its manifest describes: {size} bytes with sha256 "
            f"{digest[:ID_LENGTH]}…, not {snapshot.manifest.bytes} with {snapshot.manifest.sha256[:ID_LENGTH]}….",
            remedy="Snapshots never change: restore the file from version control. If the new bytes are a new "
            "snapshot, seal them with `bilateral snapshots seal`.",
        )


def seal(folder: Path, *, known_from: date | None = None) -> Snapshot:
    """Gives an edited copy of a snapshot the manifest and the place that its bytes ask for.

    Args:
        folder: A snapshot's folder whose data file has been replaced.
        known_from: The day from which its figures are known, if it differs from the manifest's.

    Returns:
        The snapshot in its new place, beside the folder it came from, which is gone.
    """
    manifest = Manifest.read(folder / MANIFEST)
    data = folder / manifest.file
    header, row_count = _outline(data)
    sealed = replace(
        manifest,
        sha256=sha256(data),
        bytes=data.stat().st_size,
        row_count=row_count,
        columns=header,
        known_from=known_from or manifest.known_from,
    )
    sealed.write(folder / MANIFEST)
    target = folder.parent / sealed.sha256[:ID_LENGTH]
    if target != folder:
        if target.exists():
            shutil.rmtree(folder)
        else:
            folder.replace(target)
    return Snapshot(target, Manifest.read(target / MANIFEST))


def sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(snapshots: Iterable[Snapshot]) -> str:
    """What a set of snapshots holds, as one hash: it changes when bytes or manifests do."""
    digest = hashlib.sha256()
    for snapshot in snapshots:
        digest.update(f"{snapshot.id} {sha256(snapshot.folder / MANIFEST)}\n".encode())
    return digest.hexdigest()


def _outline(data: Path) -> tuple[list[str], int]:
    """The header of a CSV and the number of its rows."""
    import csv
    import gzip

    with gzip.open(data, "rt", encoding="utf-8") if data.suffix == ".gz" else data.open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        header = next(rows, [])
        return header, sum(1 for _ in rows)
