"""Find, verify and archive snapshots: publishers' bytes, which never change, each with a manifest that describes them.

Committed snapshots are in `warehouse/snapshots`. A person writes the file and its manifest, and seals them. Fetched
snapshots are in `warehouse/archive/snapshots` and are not committed. Both are found together and treated alike.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_folder, check_values, read_yaml_fields, sync_to_disk, write_yaml
from dagster_project.project import Project

MANIFEST = "manifest.yml"
# The number of characters of the hash in a snapshot's ID.
ID_LENGTH = 12


class UnreadableManifest(BilateralError):
    """A manifest that cannot be read back as it was written."""


@dataclass(frozen=True)
class Licence:
    """The terms on which a snapshot may be used."""

    name: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The description of a snapshot's bytes: origin, dates, size, hash, columns, licence.

    `known_from` is the day from which the figures count as known: the publisher's own date if it states one, otherwise
    the day the copy was taken. Vintages of a dataset are in the order of `known_from`, then of `retrieved_at`.

    `retrieved_at` is a day for a committed copy and a time in UTC for a fetched one. `form` is `table` for a table in
    the columns of the dataset, and `answer` for the publisher's response, which the source's module parses.

    A manifest that is not sealed yet may lack the fields that have a default.
    """

    source: str
    dataset: str
    title: str
    url: str
    parameters: dict[str, Any] = field(default_factory=dict)
    retrieved_at: date | datetime
    published_at: date | None = None
    edition: str | None = None
    known_from: date
    obtained: str
    form: Literal["table", "answer"] = "table"
    file: str
    sha256: str = ""
    bytes: int = 0
    media_type: str = ""
    row_count: int = 0
    columns: list[str] = field(default_factory=list)
    licence: Licence
    citation: str
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read_file(cls, path: Path, *, is_sealed: bool = True) -> Manifest:
        """Read the manifest at `path`.

        Raises:
            BilateralError: The file is not YAML, or a field is missing, unknown or of the wrong type.
        """
        needed = {one.name for one in fields(cls)}
        with_default = {one.name for one in fields(cls) if (one.default, one.default_factory) != (MISSING, MISSING)}
        optional = set() if is_sealed else with_default
        remedy = "Correct it, or restore the file from version control."
        content = read_yaml_fields(path, needed - optional, optional, what="a manifest", remedy=remedy)
        check_values(content, _KINDS, where=path, remedy=remedy)
        return cls(**{**content, "licence": Licence(**content["licence"])})

    @property
    def is_fetched(self) -> bool:
        """Return whether a refresh fetched the snapshot; if so, `retrieved_at` is a time, otherwise it is a day."""
        return isinstance(self.retrieved_at, datetime)

    @property
    def retrieved_moment(self) -> datetime:
        """Return the time of `retrieved_at` in UTC, without a zone; midnight if only the day is known."""
        if isinstance(self.retrieved_at, datetime):
            return self.retrieved_at.astimezone(UTC).replace(tzinfo=None)
        return datetime.combine(self.retrieved_at, time())

    def write_file(self, path: Path) -> None:
        """Write the manifest as YAML, in the order of its fields."""
        write_yaml(path, vars(self) | {"licence": vars(self.licence)})


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_address(value: Any) -> bool:
    # Pages link to the address, so it must not be a script (javascript:…).
    return isinstance(value, str) and re.fullmatch(r"(https?://|docs/)\S+", value) is not None


# The expected value of each field of a manifest, in words and as a function.
_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("title", "obtained", "media_type", "citation"), ("a text", _is_text)),
    "url": ("an address, http:// or https://, or a page of docs/", _is_address),
    **dict.fromkeys(
        ("source", "dataset", "file"),
        ("a name, without a folder", lambda value: _is_text(value) and bool(re.fullmatch(r"\w[\w.-]*", value))),
    ),
    **dict.fromkeys(("bytes", "row_count"), ("a count", lambda value: type(value) is int and value >= 0)),
    **dict.fromkeys(
        ("columns", "notes"), ("a list of texts", lambda value: isinstance(value, list) and all(map(_is_text, value)))
    ),
    "retrieved_at": ("a date as YYYY-MM-DD, unquoted", lambda value: isinstance(value, date)),
    "known_from": ("a date as YYYY-MM-DD, unquoted", lambda value: type(value) is date),
    "form": ("table or answer", lambda value: value in ("table", "answer")),
    "edition": ("a text or null", lambda value: value is None or _is_text(value)),
    "published_at": ("a date as YYYY-MM-DD, unquoted, or null", lambda value: value is None or type(value) is date),
    "parameters": ("a mapping", lambda value: isinstance(value, dict)),
    "sha256": ("the hash in hex", lambda value: _is_text(value) and bool(re.fullmatch("[0-9a-f]{64}|", value))),
    "licence": (
        "its name and its url, http:// or https://",
        lambda value: (
            isinstance(value, dict)
            and sorted(value) == ["name", "url"]
            and _is_text(value["name"])
            and _is_address(value["url"])
        ),
    ),
}


@dataclass(frozen=True)
class Snapshot:
    """A folder with the bytes as received and their manifest."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Return `source/dataset/hash` for a committed snapshot, `source/dataset/time-hash` for a fetched one.

        The time is part of the ID because a publisher that reverses a change sends bytes that are already archived, and
        the reversal is a new snapshot.
        """
        manifest = self.manifest
        digest = manifest.sha256[:ID_LENGTH]
        name = f"{manifest.retrieved_moment:%Y%m%dT%H%M%SZ}-{digest}" if manifest.is_fetched else digest
        return f"{manifest.source}/{manifest.dataset}/{name}"

    @property
    def data(self) -> Path:
        return self.folder / self.manifest.file


def find_snapshots(project: Project, dataset_path: str) -> list[Snapshot]:
    """Find the snapshots of `source/dataset`, committed and fetched, in the order in which they became known.

    Raises:
        BilateralError: A dataset without an API has no snapshot, or a folder's name differs from the snapshot's ID.
    """
    every = _list_snapshots(project, dataset_path)
    found = sorted(every, key=lambda one: (one.manifest.known_from, one.manifest.retrieved_moment, one.id))
    if not found and not sources.is_live(dataset_path):
        raise BilateralError(
            f"{project.snapshots / dataset_path} has no snapshot of {dataset_path}.",
            remedy="Restore the folder from version control, or remove the dataset from dagster_project/sources/.",
        )
    return found


def find_all_snapshots(project: Project) -> dict[str, list[Snapshot]]:
    """Find the snapshots of every dataset, by the path of the dataset."""
    return {dataset.path: find_snapshots(project, dataset.path) for dataset in sources.list_datasets()}


def list_snapshot_ids(project: Project) -> set[str]:
    """List the IDs of the snapshots of every dataset, which are the names of their folders; read no manifest."""
    return {
        manifest.parent.relative_to(home).as_posix()
        for home in (project.snapshots, project.fetched)
        for dataset in sources.list_datasets()
        for manifest in (home / dataset.path).glob(f"*/{MANIFEST}")
    }


def archive_snapshot(project: Project, manifest: Manifest, content: bytes) -> Snapshot:
    """Archive the bytes of a response as a snapshot, atomically, with their size and hash in the manifest.

    Raises:
        UnreadableManifest: The manifest has a value that YAML does not read back as it was written.
    """
    manifest = replace(manifest, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    half = project.fetched / ".half" / f"{manifest.source}.{manifest.dataset}"
    while (target := project.fetched / Snapshot(half, manifest).id).exists():
        assert isinstance(manifest.retrieved_at, datetime), "a committed copy is sealed, not archived"
        manifest = replace(manifest, retrieved_at=manifest.retrieved_at + timedelta(seconds=1))
    # Folder names contain a part of the hash, so only manifests of snapshots that may have the same bytes are read.
    alike = _list_snapshots(project, f"{manifest.source}/{manifest.dataset}", f"*{manifest.sha256[:ID_LENGTH]}")
    held = next((snapshot for snapshot in alike if snapshot.manifest.sha256 == manifest.sha256), None)
    with atomic_folder(target, half):
        if held is not None:
            # The same bytes were archived before, and a hard link stores them only once.
            verify_snapshot(held)
            os.link(held.data, half / manifest.file)
        else:
            (half / manifest.file).write_bytes(content)
        manifest.write_file(half / MANIFEST)
        _check_readable(half / MANIFEST, manifest)
        # Without fsync, a power cut could leave an empty manifest, which would stop every build.
        for written in (*half.iterdir(), half):
            sync_to_disk(written)
    sync_to_disk(target.parent)
    return Snapshot(target, manifest)


def _list_snapshots(project: Project, dataset_path: str, name: str = "*") -> Iterator[Snapshot]:
    """Yield the snapshots of a dataset whose folder names match a pattern."""
    for home in (project.snapshots, project.fetched):
        for manifest in sorted((home / dataset_path).glob(f"{name}/{MANIFEST}")):
            snapshot = Snapshot(manifest.parent, Manifest.read_file(manifest))
            if snapshot.folder != home / snapshot.id:
                otherwise = (
                    "delete it and refresh again"
                    if snapshot.manifest.is_fetched
                    else "seal it anew with `bilateral snapshots seal`"
                )
                raise BilateralError(
                    f"The folder {snapshot.folder} has the manifest of another snapshot, {snapshot.id}.",
                    remedy=f"Rename the folder to {home / snapshot.id}, or {otherwise}.",
                )
            yield snapshot


def _check_readable(path: Path, manifest: Manifest) -> None:
    """Check that a written manifest reads back equal, because an unreadable manifest would stop every later build.

    Raises:
        UnreadableManifest: The manifest cannot be read, or differs.
    """
    try:
        if Manifest.read_file(path) == manifest:
            return
        reason = "its fields differ from those that were written."
    except (BilateralError, ValueError) as error:
        reason = getattr(error, "message", f"{error}.")
    raise UnreadableManifest(
        f"The manifest of a response of {manifest.source} cannot be read back: {reason}",
        remedy="Nothing was stored. Please report this bug, with the response.",
    )


def verify_snapshot(snapshot: Snapshot) -> None:
    """Check that a snapshot's bytes have the size and the hash in its manifest.

    Raises:
        BilateralError: The file is missing or a symbolic link, or its size or hash differs.
    """
    restore = (
        f"Delete the folder {snapshot.folder} and refresh again."
        if snapshot.manifest.is_fetched
        else "Snapshots never change: restore the file from version control. If the new bytes are a new snapshot, seal "
        "them with `bilateral snapshots seal`."
    )
    if snapshot.data.is_symlink() or snapshot.folder.is_symlink():
        raise BilateralError(
            f"Snapshot {snapshot.id} is a symbolic link: {snapshot.data}.",
            remedy="Copy the file itself into the folder.",
        )
    if not snapshot.data.is_file():
        raise BilateralError(f"Snapshot {snapshot.id} has no file {snapshot.manifest.file}.", remedy=restore)
    size, digest = snapshot.data.stat().st_size, hash_file(snapshot.data)
    if (size, digest) != (snapshot.manifest.bytes, snapshot.manifest.sha256):
        raise BilateralError(
            f"The bytes of snapshot {snapshot.id} differ from its manifest: {size} bytes with sha256 "
            f"{digest[:ID_LENGTH]}…, not {snapshot.manifest.bytes} with {snapshot.manifest.sha256[:ID_LENGTH]}….",
            remedy=restore,
        )


def seal_snapshot(folder: Path, *, known_from: date | None = None) -> Snapshot:
    """Fill in the manifest of a new or edited committed snapshot, and rename the folder after the file's hash.

    The rows are first sorted by the dataset's key.

    Args:
        folder: The folder with the data file and a manifest, which may lack the fields that follow from the file.
        known_from: The day from which the figures are known. Default: the day in the manifest.

    Returns:
        The snapshot in the renamed folder. If another folder has the same bytes: its snapshot (`folder` is deleted).

    Raises:
        BilateralError: The snapshot was fetched, so it must not change; its file is missing, is not CSV, or lacks a
            column of the key; or its bytes are already archived with another day than `known_from`.
    """
    from dagster_project.snapshots.tables import sort_table

    manifest = Manifest.read_file(folder / MANIFEST, is_sealed=False)
    if manifest.is_fetched:
        raise BilateralError(
            f"{folder} is a fetched snapshot, which must not be changed.",
            remedy="Delete the folder and refresh again.",
        )
    data = folder / manifest.file
    path = f"{manifest.source}/{manifest.dataset}"
    header, row_count = sort_table(data, next((one.key for one in sources.list_datasets() if one.path == path), ()))
    sealed = replace(
        manifest,
        media_type=manifest.media_type or ("application/gzip" if data.suffix == ".gz" else "text/csv"),
        sha256=hash_file(data),
        bytes=data.stat().st_size,
        row_count=row_count,
        columns=header,
        known_from=known_from or manifest.known_from,
    )
    target = folder.parent / sealed.sha256[:ID_LENGTH]
    if target == folder or not target.exists():
        sealed.write_file(folder / MANIFEST)
        folder.replace(target)
    else:
        day = Manifest.read_file(target / MANIFEST).known_from
        if known_from not in (None, day):
            raise BilateralError(
                f"The bytes of {folder} are already archived in {target}, as known from {day}.",
                remedy=f"Remove {folder}; if {day} is wrong, seal {target} with --known-from {known_from}.",
            )
        shutil.rmtree(folder)
    return Snapshot(target, Manifest.read_file(target / MANIFEST))


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_snapshots(snapshots: Iterable[Snapshot]) -> str:
    """Return a hash of snapshots, which changes if their bytes or manifests change."""
    digest = hashlib.sha256()
    for snapshot in snapshots:
        digest.update(f"{snapshot.id} {hash_file(snapshot.folder / MANIFEST)}\n".encode())
    return digest.hexdigest()
