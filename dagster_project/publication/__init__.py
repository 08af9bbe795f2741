"""The atomic step: an audited file becomes the one that readers open, and the one before it is kept.

Here: copying, syncing and renaming, the list of publications, going back to an earlier one. Not here: whether a build
may be published, which `dagster_project.pipeline` decides, and the page about its audit (`publication.page`).

A reader that has the old file open goes on reading it: the rename gives the name to another file and leaves the old one
to those who hold it. The file is never opened for writing, so it is read-only, and what readers have and what is kept
are one file under two names. It is a copy of the work file, the only one.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.database import quote_literal, set_utc
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write, read_kept_json, remove_at_end, sync_to_disk
from dagster_project.project import Project

# How many earlier publications are kept to go back to.
KEPT = 4
FILE = "bilateral.duckdb"
PAGE = "audit.html"
# The page with every table and column; readers have it beside the file, too.
DICTIONARY = "data_dictionary.html"
RECORD = "publication.json"
# The bits of a mode by which somebody may write.
WRITABLE = 0o222


@dataclass(frozen=True)
class Publication:
    """A build that passed its audit.

    Args:
        publication_id: The time it was made and the start of its content hash.
        published_at: That time, with its zone.
        content_hash: One hash of all its tables and views.
        table_count: Tables in staging, core and marts.
        check_count: Expectations that were checked.
        warning_count: Expectations of severity warning that failed.
        quarantined_row_count: Rows that were set aside.
        bilateral_version: The version that built it.
        duckdb_version: The version of DuckDB that wrote it.
    """

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
        return project.publications / self.publication_id

    def get_page(self, project: Project) -> Path:
        """Return the path of the page about its audit."""
        return self.get_folder(project) / PAGE

    def get_file(self, project: Project) -> Path:
        """Return the path of its file: the kept one, or readers' own if they have this one."""
        kept = self.get_folder(project) / FILE
        return kept if kept.exists() or get_current_id(project) != self.publication_id else project.published_file

    def has_copy(self, project: Project) -> bool:
        """Return whether its file is kept, so that it can be published again."""
        return (self.get_folder(project) / FILE).exists()


def publish_file(
    project: Project, publication: Publication, built: Path, pages: Mapping[str, str], *, keep: int | None = None
) -> Publication:
    """Publish a closed, checkpointed file.

    Args:
        project: Where to.
        publication: What it is.
        built: The file, with no write-ahead log beside it.
        pages: `PAGE`, about its audit, and `DICTIONARY`, by name, as HTML.
        keep: How many earlier publications stay to go back to; with 0 this one has no copy either beside readers' own.
            None is as many as the last time.
    """
    if get_wal(built).exists():
        raise BilateralError(
            f"{built} has a write-ahead log beside it, so it is not whole.", remedy="Build again; this is a defect."
        )
    keep = _get_keep(project) if keep is None else keep
    project.publications.mkdir(parents=True, exist_ok=True)
    for left in project.publications.glob(".*"):
        # Some file managers leave files of their own.
        if left.is_dir():
            shutil.rmtree(left)
    _settle_killed(project)
    with remove_at_end(project.publications / f".{publication.publication_id}") as half:
        half.mkdir()
        if keep:
            _copy_file(built, half / FILE)
        for name, html in pages.items():
            (half / name).write_text(html, encoding="utf-8")
        record = asdict(publication) | {"published_at": publication.published_at.isoformat()}
        record |= {"file": _read_state(built), "keep": keep, "shown": False}
        (half / RECORD).write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        for written in (*half.iterdir(), half):
            sync_to_disk(written)
        os.replace(half, publication.get_folder(project))
    sync_to_disk(project.publications)
    project.failed_audit.unlink(missing_ok=True)
    try:
        _show_to_readers(project, publication, publication.get_folder(project) / FILE if keep else built)
    except BaseException:
        # Readers have the one before it, and it must not be listed as if they had had it.
        shutil.rmtree(publication.get_folder(project))
        raise
    settle_publication(project, publication, keep)
    return publication


def settle_publication(project: Project, current: Publication, keep: int | None) -> None:
    """Keep so many earlier publications to go back to, and a copy of the current one unless `keep` is 0.

    Of publications with the same content only the last is left, so that going back changes something. A number is
    remembered until another is given; None is as many as the last time.
    """
    keep = _get_keep(project) if keep is None else keep
    record = _read_record(project, current)
    if record.get("keep") != keep or not record.get("shown", True):
        _write_record(project, current.publication_id, record | {"keep": keep, "shown": True})
    copy = current.get_folder(project) / FILE
    if not keep:
        copy.unlink(missing_ok=True)
    elif not copy.exists():
        with atomic_write(copy) as half:
            _copy_file(project.published_file, half)
    others = [kept for kept in list_publications(project) if kept != current]
    different = [kept for kept in others if kept.content_hash != current.content_hash and kept.has_copy(project)]
    for kept in others:
        if kept not in different[:keep]:
            shutil.rmtree(kept.get_folder(project))


def list_publications(project: Project) -> list[Publication]:
    """List the publications that are kept, newest first."""
    found = []
    for _, record in _read_records(project):
        if not record.pop("shown", True) and get_current_id(project) != record["publication_id"]:
            continue
        for name in ("file", "keep"):
            record.pop(name, None)
        found.append(Publication(**record | {"published_at": datetime.fromisoformat(record["published_at"])}))
    return sorted(found, key=lambda publication: (publication.published_at, publication.publication_id), reverse=True)


def get_current_id(project: Project) -> str | None:
    """Return the id of the published file; None if nothing is published, or if the file cannot be read."""
    try:
        with open_published(project) as connection:
            row = connection.execute("select publication_id from meta.publication").fetchone()
    except (BilateralError, duckdb.Error):
        return None
    return None if row is None else str(row[0])


def find_intact(project: Project, publication_id: str) -> Publication | None:
    """Return the publication of that name, if readers have it, and its file is the one that was put there."""
    for found in list_publications(project):
        if found.publication_id == publication_id == get_current_id(project):
            return found if _read_record(project, found).get("file") == _read_state(project.published_file) else None
    return None


@contextmanager
def open_published(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file for reading only, with no access to other files.

    Raises:
        BilateralError: Nothing is published yet, or the file cannot be opened.
    """
    if not project.published_file.exists():
        if project.file is not None:
            raise BilateralError(f"There is no file {project.file}.", remedy="Name a file that Bilateral published.")
        raise BilateralError(
            f"Nothing is published yet: there is no {project.published_file}.", remedy="Run `bilateral build` first."
        )
    # Beside the file there is room in memory for what it was on an earlier day (`history`).
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
    # On a terminal DuckDB would draw a bar among the rows.
    connection.execute("set enable_external_access = false; set enable_progress_bar = false")
    set_utc(connection)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def lock_warehouse(
    project: Project, file: Path | None = None, *, on_wait: Callable[[], None] | None = None
) -> Iterator[None]:
    """Hold a lock of the warehouse: by default the one of builds, publications and rollbacks.

    Args:
        project: The warehouse.
        file: The lock, in the archive of the warehouse; by default that of builds.
        on_wait: Called once if there is another to wait for.
    """
    from filelock import FileLock, Timeout

    project.archive.mkdir(parents=True, exist_ok=True)
    # The kernel frees this lock when the process ends, however it ends.
    lock = FileLock(file or project.lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if on_wait is not None:
            on_wait()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def roll_back(project: Project, publication_id: str | None = None) -> Publication:
    """Publish an earlier publication again.

    Args:
        project: Where.
        publication_id: Which one; by default the one before the current.

    Raises:
        BilateralError: There is none before it, or none of that name.
    """
    with lock_warehouse(project):
        _settle_killed(project)
        every = list_publications(project)
        kept = [found for found in every if found.has_copy(project)]
        ids = [publication.publication_id for publication in kept]
        if publication_id is None:
            current = get_current_id(project)
            # Of a file that is gone or damaged nobody knows which it was: the newest kept one takes its place.
            earlier = ids.index(current) + 1 if current in ids else 0
            if earlier >= len(ids):
                raise BilateralError(
                    "There is no earlier publication to go back to.",
                    remedy="See `bilateral publications`; a file that is damaged is put back by `bilateral build`.",
                )
            publication_id = ids[earlier]
        if publication_id not in ids:
            if publication_id in {found.publication_id for found in every}:
                raise BilateralError(
                    f"{publication_id} has no copy to go back to.",
                    remedy="It was published with --keep 0; `bilateral build` puts back what is current.",
                )
            raise BilateralError(
                f"There is no publication {publication_id}.", remedy=f"Kept are: {', '.join(ids) or 'none'}."
            )
        publication = kept[ids.index(publication_id)]
        copy = publication.get_folder(project) / FILE
        if not _is_whole(project, publication, copy):
            # Whoever may write to everything has written to readers' file, which is the kept one, too.
            if not _is_whole(project, publication, project.work_file):
                raise BilateralError(
                    f"The copy of {publication_id} has been written to.",
                    remedy="Name another one, or run `bilateral build`, which puts back what is current.",
                )
            with atomic_write(copy) as half:
                _copy_file(project.work_file, half)
        _show_to_readers(project, publication, copy)
        return publication


def get_wal(file: Path) -> Path:
    """Return the path of DuckDB's write-ahead log for a file."""
    return file.with_name(f"{file.name}.wal")


def _show_to_readers(project: Project, publication: Publication, file: Path) -> None:
    """Rename a file to the one that readers open."""
    target = project.published_file
    # Halves that a killed one left.
    dictionary = project.published_dictionary.stem
    for left in (*target.parent.glob(f".{target.name}.*"), *target.parent.glob(f"{dictionary}.*.tmp")):
        left.unlink()
    page = publication.get_folder(project) / DICTIONARY
    with remove_at_end(target.with_name(f".{target.name}.{publication.publication_id}")) as half:
        _copy_file(file, half)
        if get_wal(target).exists():
            # Somebody opened the published file for writing. An old client would replay that log into the new file.
            os.replace(get_wal(target), project.archive / f"{target.name}.{publication.publication_id}.stray-wal")
        # A publication of an earlier version has no such page.
        if page.exists():
            with atomic_write(project.published_dictionary) as copy:
                shutil.copyfile(page, copy)
        os.replace(half, target)
    sync_to_disk(target.parent)


def _copy_file(source: Path, target: Path) -> None:
    """Put a file under another name: a published file by a link, a work file by a copy."""
    if not source.stat().st_mode & WRITABLE:
        # Not every file system has links, nor do they reach from one to another.
        with suppress(OSError):
            target.hardlink_to(source)
            sync_to_disk(target.parent)
            return
    with source.open("rb") as reads, target.open("xb") as writes:
        try:
            # Where the file system can share blocks (Btrfs, XFS), this copies none.
            while os.copy_file_range(reads.fileno(), writes.fileno(), 2**30):
                pass
        except (AttributeError, OSError):
            for file in (reads, writes):
                file.seek(0)
            shutil.copyfileobj(reads, writes, 2**20)
    # With its times: `_read_state` knows by them whether somebody has written to it since.
    shutil.copystat(source, target)
    target.chmod(target.stat().st_mode & ~WRITABLE)
    sync_to_disk(target)
    sync_to_disk(target.parent)


def _is_whole(project: Project, publication: Publication, file: Path) -> bool:
    """Return whether a file is as it was when it was published; of an early publication that is not known."""
    recorded = _read_record(project, publication).get("file")
    return file.exists() and recorded in (None, _read_state(file))


def _read_record(project: Project, publication: Publication) -> dict[str, Any]:
    """Read the record of a publication: itself, the state of its file, and how many were to be kept."""
    record: dict[str, Any] = json.loads((publication.get_folder(project) / RECORD).read_text(encoding="utf-8"))
    return record


def _read_records(project: Project) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the folder and the record of each publication.

    A record that a power cut left empty or in part says nothing: its publication is taken for one that was killed
    before readers had it. Were it an error, no build could publish.
    """
    for path in project.publications.glob(f"[!.]*/{RECORD}"):
        yield path.parent, read_kept_json(path) or {"publication_id": "", "shown": False}


def _write_record(project: Project, publication_id: str, record: Mapping[str, Any]) -> None:
    target = project.publications / publication_id / RECORD
    with atomic_write(target) as half:
        half.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
        sync_to_disk(half)
    sync_to_disk(target.parent)


def _settle_killed(project: Project) -> None:
    """Settle publications that were killed: readers had the current one; if none can be read, any may be it."""
    for half in project.publications.glob("*/*.tmp"):
        half.unlink()
    current = get_current_id(project)
    for folder, record in _read_records(project):
        if not record.get("shown", True):
            if record["publication_id"] == current:
                _write_record(project, record["publication_id"], record | {"shown": True})
            elif current or not (folder / FILE).exists():
                shutil.rmtree(folder)


def _get_keep(project: Project) -> int:
    newest = next(iter(list_publications(project)), None)
    return KEPT if newest is None else int(_read_record(project, newest).get("keep", KEPT))


def _read_state(file: Path) -> list[int]:
    """Return what tells whether somebody has written to a file, or to a copy of it."""
    found = file.stat()
    return [found.st_size, found.st_mtime_ns]
