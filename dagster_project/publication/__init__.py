"""Publish an audited file in one atomic step, and keep earlier publications.

Here: copying, syncing and renaming files, listing publications, and going back to an earlier one. Not here: the
decision whether a build may be published (`pipeline`), and the page about its audit (`publication.page`).

A reader that has the old file open goes on reading it, because a rename leaves open files alone. No program opens a
published file for writing. So the published file and the kept copy are one read-only file with two names (a hard link).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import quote_literal, set_utc
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, read_stored_json, remove_at_end, sync_to_disk
from dagster_project.project import Project
from dagster_project.publication import versions

# The number of earlier publications to keep, by default.
KEPT = 4
# The files of a kept publication: a copy of the published file, two pages and its record.
FILE = "bilateral.duckdb"
PAGE = "audit.html"
DICTIONARY = "data_dictionary.html"
RECORD = "publication.json"
# The permission bits for writing.
WRITABLE = 0o222


@dataclass(frozen=True)
class Publication:
    """A build that passed its audit. `meta.yml` describes the fields; `published_at` has a time zone."""

    publication_id: str
    published_at: datetime
    content_hash: str
    table_count: int
    check_count: int
    warning_count: int
    quarantined_row_count: int
    bilateral_version: str
    duckdb_version: str

    def get_folder(self, project: Project) -> Path:
        """Return the publication's folder, which is hidden until readers have the file."""
        hidden = project.publications / f".{self.publication_id}"
        return hidden if hidden.exists() else project.publications / self.publication_id

    def get_file(self, project: Project) -> Path:
        """Return the path of the kept copy, or of the published file if this publication is current without a copy."""
        kept = self.get_folder(project) / FILE
        return kept if kept.exists() or get_current_id(project) != self.publication_id else project.published_file

    def has_copy(self, project: Project) -> bool:
        """Return whether a copy of the file is kept, so that the publication can be restored."""
        return (self.get_folder(project) / FILE).exists()


def publish_file(
    project: Project, publication: Publication, built: Path, pages: Mapping[str, str], *, keep: int | None = None
) -> None:
    """Publish a closed file without a write-ahead log; `pages` is the HTML of its pages by name.

    `keep` is the number of earlier publications to keep; None keeps as many as the last time. With 0, the new
    publication is stored only as the published file, without a kept copy.
    """
    if get_wal(built).exists():
        raise BilateralError(
            f"{built} is incomplete: it has a write-ahead log.", remedy="Build again, and please report this bug."
        )
    project.publications.mkdir(parents=True, exist_ok=True)
    _settle_unfinished(project)
    keep = _get_keep(project) if keep is None else keep
    half = project.publications / f".{publication.publication_id}"
    try:
        half.mkdir()
        if keep:
            _copy_file(built, half / FILE)
        for name, html in pages.items():
            (half / name).write_text(html, encoding="utf-8")
        record = asdict(publication) | {"published_at": publication.published_at.isoformat()}
        _write_record(half, record | {"file": _read_state(built), "keep": keep})
        for written in (*half.iterdir(), half, project.publications):
            sync_to_disk(written)
        _replace_published_file(project, half, half / FILE if keep else built)
        half.replace(project.publications / publication.publication_id)
    except BaseException:
        _settle_unfinished(project)
        raise
    sync_to_disk(project.publications)
    settle_publication(project, publication, keep)


def settle_publication(project: Project, current: Publication, keep: int | None) -> None:
    """Delete all publications but the current one and `keep` earlier ones; with 0, also the copy of the current one.

    Among publications with the same content only the last one is kept, so that going back to an earlier one always
    gives different content. `keep` is recorded for later builds; None keeps as many as the last time.
    """
    _settle_unfinished(project)
    project.failed_audit.unlink(missing_ok=True)
    keep = _get_keep(project) if keep is None else keep
    record = _read_record(project, current)
    if record["keep"] != keep:
        _write_record(current.get_folder(project), record | {"keep": keep})
    copy = current.get_folder(project) / FILE
    if not keep:
        copy.unlink(missing_ok=True)
    elif not copy.exists():
        with atomic_write(copy) as half:
            _copy_file(project.published_file, half)
    others = [one for one in list_publications(project) if one.content_hash != current.content_hash]
    kept = [current, *[one for one in others if one.has_copy(project)][:keep]]
    folders = {one.get_folder(project) for one in kept}
    for path in project.publications.glob(f"[!.]*/{RECORD}"):
        if path.parent not in folders:
            shutil.rmtree(path.parent)


def list_publications(project: Project) -> list[Publication]:
    """List the publications that are kept, newest first, without those whose record cannot be read."""
    found = []
    for path in project.publications.glob(f"*/{RECORD}"):
        record = read_stored_json(path)
        # Readers do not have a hidden publication, unless a kill kept its folder from being renamed. Version 0.7 marked
        # a publication that readers did not have yet as not `shown`.
        is_hidden = path.parent.name.startswith(".") or (record or {}).get("shown") is False
        if record and (not is_hidden or record["publication_id"] == get_current_id(project)):
            record["published_at"] = datetime.fromisoformat(record["published_at"])
            found.append(Publication(**{field.name: record[field.name] for field in fields(Publication)}))
    return sorted(found, key=lambda publication: (publication.published_at, publication.publication_id), reverse=True)


def get_current_id(project: Project) -> str | None:
    """Return the ID of the published file; None if nothing is published, or if the file cannot be read."""
    try:
        with open_published(project) as connection:
            row = connection.execute("select publication_id from meta.publication").fetchone()
    except (BilateralError, duckdb.Error):
        return None
    return None if row is None else str(row[0])


def find_intact(project: Project, publication_id: str) -> Publication | None:
    """Return the publication with this ID if it is the current one and its file is unchanged; else None."""
    for found in list_publications(project):
        if found.publication_id == publication_id == get_current_id(project):
            return found if _is_unchanged(project, found, project.published_file) else None
    return None


@contextmanager
def open_published(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file read-only, without access to other files.

    Raises:
        BilateralError: Nothing is published yet, the file cannot be opened, or it lacks a table that a query reads.
    """
    if not project.published_file.exists():
        if project.file is not None:
            raise BilateralError(f"{project.file} does not exist.", remedy="Name a file that Bilateral published.")
        found = f"Nothing is published yet: {project.published_file} does not exist."
        raise BilateralError(found, remedy="Run `bilateral build` first.")
    # The file is attached to a database in memory, in which `history` makes tables as of an earlier day.
    connection = duckdb.connect()
    try:
        connection.execute(f"attach {quote_literal(project.published_file)} as bilateral (read_only)")
    except duckdb.Error as error:
        connection.close()
        reason = str(error).splitlines()[0]
        raise BilateralError(
            f"{project.published_file} cannot be opened: {reason}",
            remedy="Close the program that writes to it, or run `bilateral rollback` if the file is damaged."
            if project.file is None
            else "Name a file that Bilateral published.",
        ) from error
    connection.execute("use bilateral")
    # DuckDB would draw a progress bar among the rows on a terminal.
    connection.execute("set enable_external_access = false; set enable_progress_bar = false")
    set_utc(connection)
    try:
        yield connection
    except duckdb.CatalogException as error:
        versions.raise_if_missing(error)
        raise
    finally:
        connection.close()


@contextmanager
def lock_warehouse(
    project: Project, file: Path | None = None, *, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a lock of the warehouse, by default the lock that builds, publications and rollbacks share.

    `on_wait` is called once if another process holds the lock.
    """
    from filelock import FileLock, Timeout

    project.archive.mkdir(parents=True, exist_ok=True)
    # The kernel frees the lock when the process ends or is killed.
    lock = FileLock(file or project.lock_file)
    try:
        held = lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait()
        held = lock.acquire()
    with held:
        yield


def roll_back(project: Project, publication_id: str | None = None) -> Publication:
    """Publish an earlier publication again, by default the one before the current.

    Raises:
        BilateralError: The publication does not exist or has no intact copy, or there is no earlier one.
    """
    with lock_warehouse(project):
        _settle_unfinished(project)
        every = {found.publication_id: found for found in list_publications(project)}
        kept = [name for name, found in every.items() if found.has_copy(project)]
        if publication_id is None:
            current = get_current_id(project)
            # If the current file is missing or damaged, its ID is unknown, so publish the newest kept one.
            earlier = kept[kept.index(current) + 1 :] if current in kept else kept
            if not earlier:
                raise BilateralError(
                    "There is no earlier publication to go back to.",
                    remedy="`bilateral publications` lists all. To replace a damaged file, run `bilateral build`.",
                )
            publication_id = earlier[0]
        if publication_id not in every:
            raise BilateralError(
                f"Publication {publication_id} does not exist.", remedy=f"Copies kept: {', '.join(kept) or 'none'}."
            )
        if publication_id not in kept:
            raise BilateralError(
                f"No copy of {publication_id} was kept (it was published with --keep 0).",
                remedy="Run `bilateral build` to publish the current state again.",
            )
        publication = every[publication_id]
        copy = publication.get_folder(project) / FILE
        if not _is_unchanged(project, publication, copy):
            # Somebody has written to the published file, which is also the kept copy.
            if not _is_unchanged(project, publication, project.work_file):
                raise BilateralError(
                    f"The copy of {publication_id} was changed after its publication.",
                    remedy="Name another publication, or run `bilateral build` to publish the current state again.",
                )
            with atomic_write(copy) as half:
                _copy_file(project.work_file, half)
        _replace_published_file(project, publication.get_folder(project), copy)
        return publication


def get_wal(file: Path) -> Path:
    """Return the path of DuckDB's write-ahead log for a file."""
    return file.with_name(f"{file.name}.wal")


def _replace_published_file(project: Project, folder: Path, file: Path) -> None:
    """Replace the published file by `file`, and its data dictionary by that in the publication's folder."""
    target = project.published_file
    # Remove the unfinished files of a process that was killed.
    dictionary = project.published_dictionary.stem
    for left in (*target.parent.glob(f".{target.name}.*"), *target.parent.glob(f"{dictionary}.*.tmp")):
        left.unlink()
    page, publication_id = folder / DICTIONARY, folder.name.removeprefix(".")
    with remove_at_end(target.with_name(f".{target.name}.{publication_id}")) as half:
        _copy_file(file, half)
        if get_wal(target).exists():
            # Somebody opened the published file for writing. A client could apply this old log to the new file.
            os.replace(get_wal(target), project.archive / f"{target.name}.{publication_id}.stray-wal")
        if page.exists():
            with atomic_write(project.published_dictionary) as copy:
                shutil.copyfile(page, copy)
        os.replace(half, target)
    sync_to_disk(target.parent)


def _copy_file(source: Path, target: Path) -> None:
    """Duplicate a file: link a published file, copy a work file."""
    if not source.stat().st_mode & WRITABLE:
        # Copy it if the file systems allow no hard link.
        with suppress(OSError):
            target.hardlink_to(source)
            sync_to_disk(target.parent)
            return
    with source.open("rb") as reads, target.open("xb") as writes:
        try:
            # File systems that can share blocks (Btrfs, XFS) copy no data here.
            while os.copy_file_range(reads.fileno(), writes.fileno(), 2**30):
                pass
        except (AttributeError, OSError):
            for file in (reads, writes):
                file.seek(0)
            shutil.copyfileobj(reads, writes, 2**20)
    # Copy the times too: `_read_state` uses them to detect later changes.
    shutil.copystat(source, target)
    target.chmod(target.stat().st_mode & ~WRITABLE)
    sync_to_disk(target)
    sync_to_disk(target.parent)


def _is_unchanged(project: Project, publication: Publication, file: Path) -> bool:
    """Return whether a file exists and is as it was published."""
    return file.exists() and _read_state(file) == _read_record(project, publication)["file"]


def _read_record(project: Project, publication: Publication) -> dict[str, Any]:
    """Read the record of a publication: its fields, the state of its file, and the number of publications to keep."""
    return dict(json.loads((publication.get_folder(project) / RECORD).read_text(encoding="utf-8")))


def _write_record(folder: Path, record: Mapping[str, Any]) -> None:
    with atomic_write(folder / RECORD) as half:
        half.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        sync_to_disk(half)
    sync_to_disk(folder)


def _settle_unfinished(project: Project) -> None:
    """Rename the hidden folder of a publication to its ID if readers have its file; delete other hidden folders."""
    for half in project.publications.glob("*/*.tmp"):
        half.unlink()
    # Hidden files are those of file managers.
    folders = [path for path in project.publications.glob(".*") if path.is_dir()]
    current = get_current_id(project) if folders else None
    is_unknown = current is None and project.published_file.exists()
    for folder in folders:
        if folder.name == f".{current}":
            folder.replace(folder.with_name(folder.name.removeprefix(".")))
        elif not (is_unknown and (folder / FILE).exists()):
            # A published file that cannot be opened now may be the one in the folder.
            shutil.rmtree(folder)


def _get_keep(project: Project) -> int:
    newest = next(iter(list_publications(project)), None)
    return KEPT if newest is None else int(_read_record(project, newest)["keep"])


def _read_state(file: Path) -> list[int]:
    """Return the size of a file and the time of its last change, to detect later changes."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]
