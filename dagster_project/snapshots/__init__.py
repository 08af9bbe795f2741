"""The archive of snapshots: publishers' bytes, which never change, and a manifest that describes them.

Here: finding snapshots, verifying their bytes against the manifest, sealing and archiving new ones. Not here: the
meaning of the bytes (`raw` parses them by the contracts in `sources`), or fetching them (`refresh`).

There are two folders. Committed snapshots are in `warehouse/snapshots`; fetched ones are in
`warehouse/archive/snapshots` and are not committed. Both are found together and treated alike.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml

from dagster_project import sources
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_folder, read_yaml_fields, sync_to_disk
from dagster_project.project import Project

MANIFEST = "manifest.yml"
ID_LENGTH = 12


class _Dumper(yaml.SafeDumper):
    """A YAML dumper that writes a repeated date in full, without anchors and aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


class UnreadableManifest(BilateralError):
    """A manifest that cannot be read back as it was written."""


@dataclass(frozen=True)
class Licence:
    """The terms on which a snapshot may be used."""

    name: str
    url: str


@dataclass(frozen=True)
class Manifest:
    """The description of a snapshot's bytes: where they come from and from when they are known.

    `known_from` is the day from which the figures count as known: the publisher's own date if it states one, otherwise
    the day the copy was taken. It orders the vintages of a dataset; `retrieved_at` orders those of the same day.

    `retrieved_at` is a day for a committed copy and a time in UTC for a fetched one. `form` is `table` for a table in
    the columns of the dataset, and `answer` for the publisher's response, which the source's module reads.
    """

    source: str
    dataset: str
    title: str
    url: str
    parameters: dict[str, Any]
    retrieved_at: date | datetime
    published_at: date | None
    edition: str | None
    known_from: date
    obtained: str
    form: Literal["table", "answer"]
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
    def read_file(cls, path: Path, defaults: Mapping[str, Any] | None = None) -> Manifest:
        """Read the manifest at `path`, which may leave out the fields in `defaults`.

        Raises:
            BilateralError: The file is not YAML, or a field is missing, unknown or of the wrong type.
        """
        defaults = defaults or {}
        needed = [field.name for field in fields(cls) if field.name not in defaults]
        remedy = "Correct it, or restore the file from version control."
        content = {**defaults, **read_yaml_fields(path, needed, defaults, what="a manifest", remedy=remedy)}
        for name in ("retrieved_at", "known_from"):
            if not isinstance(content[name], date) or (name == "known_from" and isinstance(content[name], datetime)):
                raise BilateralError(
                    f"{path}, {name}: expected a date, got {content[name]!r}.",
                    remedy="Write it as YYYY-MM-DD, unquoted.",
                )
        for name, (what, fits) in _KINDS.items():
            if not fits(content[name]):
                raise BilateralError(
                    f"{path}, {name}: expected {what}, got {str(content[name])[:80]!r}.", remedy=remedy
                )
        if content["form"] not in {"table", "answer"}:
            raise BilateralError(f"{path}, form: expected table or answer, got {content['form']!r}.", remedy=remedy)
        return cls(**{**content, "licence": Licence(**content["licence"])})

    @property
    def is_fetched(self) -> bool:
        """Return whether a refresh fetched the snapshot; a committed copy has a day, not a time."""
        return isinstance(self.retrieved_at, datetime)

    @property
    def retrieved_moment(self) -> datetime:
        """Return `retrieved_at` in UTC, without a zone; the beginning of the day if only the day is known."""
        if isinstance(self.retrieved_at, datetime):
            return self.retrieved_at.astimezone(UTC).replace(tzinfo=None)
        return datetime.combine(self.retrieved_at, time())

    def write_file(self, path: Path) -> None:
        """Write the manifest as YAML, in the order of its fields."""
        content = {f.name: getattr(self, f.name) for f in fields(self)} | {"licence": vars(self.licence)}
        path.write_text(
            yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110), encoding="utf-8"
        )


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_address(value: Any) -> bool:
    # Pages link to it, so it may be no script.
    return isinstance(value, str) and re.fullmatch(r"(https?://|docs/)\S+", value) is not None


# The expected type of each field of a manifest, except its days and its form.
_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("title", "obtained", "media_type", "citation"), ("a text", _is_text)),
    "url": ("an address, http:// or https://, or a page of docs/", _is_address),
    **dict.fromkeys(
        ("source", "dataset", "file"),
        ("a name, without a folder", lambda value: _is_text(value) and bool(re.fullmatch(r"\w[\w.-]*", value))),
    ),
    **dict.fromkeys(("bytes", "row_count"), ("a count", lambda value: type(value) is int and value >= 0)),
    **dict.fromkeys(
        ("columns", "notes"),
        ("a list of texts", lambda value: isinstance(value, list) and all(map(_is_text, value))),
    ),
    "edition": ("a text or null", lambda value: value is None or _is_text(value)),
    "published_at": ("YYYY-MM-DD or null", lambda value: value is None or type(value) is date),
    "parameters": ("a mapping", lambda value: isinstance(value, dict)),
    "sha256": (
        "the hash in hex",
        lambda value: _is_text(value) and re.fullmatch("[0-9a-f]{64}|", value) is not None,
    ),
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

# What a manifest has before it is sealed, unless it says otherwise.
_UNSEALED: Mapping[str, Any] = {
    **dict.fromkeys(("sha256", "media_type"), ""),
    **dict.fromkeys(("bytes", "row_count"), 0),
    **dict.fromkeys(("published_at", "edition")),
    "form": "table",
    "parameters": {},
    "columns": [],
    "notes": [],
}


@dataclass(frozen=True)
class Snapshot:
    """A folder with the bytes as received and their manifest."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """Return `source/dataset/hash` for a committed snapshot, `source/dataset/time-hash` for a fetched one.

        A publisher that reverses a change sends bytes that are already archived. The reversal is still new, so the
        time is part of the id.
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
        BilateralError: A dataset without an API has no snapshot, or a folder's place does not agree with its
            manifest.
    """
    found = sorted(_list_snapshots(project, dataset_path), key=_sort_key)
    if not found and not sources.is_live(dataset_path):
        raise BilateralError(
            f"There is no snapshot of {dataset_path} under {project.snapshots / dataset_path}.",
            remedy="Restore the folder from version control, or take the dataset out of dagster_project/sources/.",
        )
    return found


def find_all_snapshots(project: Project) -> dict[str, list[Snapshot]]:
    """Find the snapshots of every dataset, by its path."""
    return {dataset.path: find_snapshots(project, dataset.path) for dataset in sources.list_datasets()}


def archive_snapshot(project: Project, manifest: Manifest, content: bytes) -> Snapshot:
    """Archive fetched bytes atomically.

    Args:
        project: The project with the archive.
        manifest: The description of the bytes; `sha256` and `bytes` are filled in here.
        content: The bytes.

    Returns:
        The new snapshot.

    Raises:
        UnreadableManifest: The manifest has a value that YAML does not read back as it was written.
    """
    manifest = replace(manifest, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
    half = project.fetched / ".half" / f"{manifest.source}.{manifest.dataset}"
    while (target := project.fetched / Snapshot(half, manifest).id).exists():
        assert isinstance(manifest.retrieved_at, datetime), "a committed copy is sealed, not archived"
        manifest = replace(manifest, retrieved_at=manifest.retrieved_at + timedelta(seconds=1))
    # Folder names contain the hash of the bytes, so only snapshots that may have the same bytes are read.
    alike = _list_snapshots(project, f"{manifest.source}/{manifest.dataset}", f"*{manifest.sha256[:ID_LENGTH]}")
    held = next((snapshot for snapshot in alike if snapshot.manifest.sha256 == manifest.sha256), None)
    with atomic_folder(target, half):
        if held is not None:
            # The same bytes were archived before: they are hard-linked, so that the disk has them once.
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
    """List the snapshots of a dataset whose folder names match a pattern."""
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
                    f"The snapshot in {snapshot.folder} has the manifest of {snapshot.id}.",
                    remedy=f"Move it to the folder its manifest names, or {otherwise}.",
                )
            yield snapshot


def _check_readable(path: Path, manifest: Manifest) -> None:
    """Check that a manifest can be read back as it was written; otherwise it would stop every later build.

    Raises:
        UnreadableManifest: It cannot be read back, or reads differently.
    """
    try:
        if Manifest.read_file(path) == manifest:
            return
        reason = "it differs from the one that was written."
    except (BilateralError, ValueError) as error:
        reason = getattr(error, "message", f"{error}.")
    raise UnreadableManifest(
        f"The manifest of a response of {manifest.source} cannot be used: {reason}",
        remedy="Nothing was stored. Please report this bug, with the response.",
    )


def verify_snapshot(snapshot: Snapshot) -> None:
    """Check that a snapshot's bytes have the size and the hash in its manifest.

    Raises:
        BilateralError: The file is missing, or its size or hash differs.
    """
    restore = (
        f"Delete the folder {snapshot.folder} and refresh again."
        if snapshot.manifest.is_fetched
        else "Snapshots never change: restore the file from version control. If the new bytes are a new snapshot, seal "
        "them with `bilateral snapshots seal`."
    )
    if snapshot.data.is_symlink() or snapshot.folder.is_symlink():
        raise BilateralError(
            f"Snapshot {snapshot.id} is a link to another place: {snapshot.data}.",
            remedy="Put the file itself into the folder.",
        )
    if not snapshot.data.is_file():
        raise BilateralError(f"Snapshot {snapshot.id} has no file {snapshot.manifest.file}.", remedy=restore)
    size, digest = snapshot.data.stat().st_size, hash_file(snapshot.data)
    if (size, digest) != (snapshot.manifest.bytes, snapshot.manifest.sha256):
        raise BilateralError(
            f"The bytes of snapshot {snapshot.id} are not the ones its manifest describes: {size} bytes with sha256 "
            f"{digest[:ID_LENGTH]}…, not {snapshot.manifest.bytes} with {snapshot.manifest.sha256[:ID_LENGTH]}….",
            remedy=restore,
        )


def seal_snapshot(folder: Path, *, known_from: date | None = None) -> Snapshot:
    """Update the manifest and the folder's name to match the data file of a new or edited snapshot.

    The rows of a declared dataset are put in the order of its key.

    Args:
        folder: The folder with the data file and a manifest, which may lack the fields that are known without it.
        known_from: The day from which its figures are known, if it differs from the manifest's.

    Returns:
        The snapshot in its new folder beside the old one, which is removed.

    Raises:
        BilateralError: The snapshot was fetched, is not a table, lacks a column of its key, or its bytes are already
            archived as known from a day other than the one given.
    """
    from dagster_project.snapshots.tables import read_outline, sort_rows

    manifest = Manifest.read_file(folder / MANIFEST, _UNSEALED)
    if manifest.is_fetched:
        raise BilateralError(
            f"{folder} was fetched, and a fetched snapshot never changes.",
            remedy="Delete the folder and refresh again.",
        )
    data = folder / manifest.file
    header, row_count = read_outline(data)
    for dataset in sources.list_datasets():
        if dataset.path == f"{manifest.source}/{manifest.dataset}":
            sort_rows(data, dataset.key)
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
                f"The bytes of {folder} are already archived: {target.name} has them as known from {day}.",
                remedy=f"Remove {folder}; if {day} is wrong, seal {target} with --known-from {known_from}.",
            )
        shutil.rmtree(folder)
    return Snapshot(target, Manifest.read_file(target / MANIFEST))


def hash_file(path: Path) -> str:
    """Hash a file's bytes with SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_snapshots(snapshots: Iterable[Snapshot]) -> str:
    """Hash a set of snapshots: the hash changes when bytes or manifests change."""
    digest = hashlib.sha256()
    for snapshot in snapshots:
        digest.update(f"{snapshot.id} {hash_file(snapshot.folder / MANIFEST)}\n".encode())
    return digest.hexdigest()


def _sort_key(snapshot: Snapshot) -> tuple[date, datetime, str]:
    return snapshot.manifest.known_from, snapshot.manifest.retrieved_moment, snapshot.id
