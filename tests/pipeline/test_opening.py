"""A build deletes a damaged work file, and keeps one that another client has open."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from dagster_project.errors import BilateralError
from dagster_project.pipeline import open_build
from dagster_project.project import Project
from tests import making

HOLDER = """
import sys
import duckdb

with duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "read"):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make an empty project whose last build made one table."""
    made = making.project(tmp_path)
    shutil.copytree(Project.find().reference, made.reference, dirs_exist_ok=True)
    with open_build(made) as work:
        work.file.connection.execute("create table core.kept as from range(100000)")
    return made


def is_kept(project: Project) -> bool:
    with open_build(project) as work:
        return bool(work.file.connection.execute("select 1 from duckdb_tables() where table_name = 'kept'").fetchall())


@contextmanager
def held(file: Path, how: str) -> Iterator[None]:
    """Keep the file open in another process."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdin
        assert holder.stdout
        assert holder.stdout.readline() == "open\n"
        yield
        holder.stdin.close()


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _content: b"no database" * 5000, id="garbage"),
        pytest.param(lambda content: content[:50_000], id="cut"),
        pytest.param(lambda content: content[:20] + b"\xff" + content[21:], id="another byte"),
        pytest.param(lambda _content: b"", id="empty"),
    ],
)
def test_a_work_file_that_is_damaged_is_begun_anew(project: Project, damage: Callable[[bytes], bytes]) -> None:
    project.work_file.write_bytes(damage(project.work_file.read_bytes()))
    assert not is_kept(project)


def test_a_work_file_of_another_storage_is_begun_anew(project: Project) -> None:
    project.work_file.unlink()
    with duckdb.connect(project.work_file) as connection:
        connection.execute("create table kept as select 1")
    assert not is_kept(project)


@pytest.mark.parametrize("how", ["write", "read"])
def test_a_work_file_that_another_client_has_open_stays(project: Project, how: str) -> None:
    with held(project.work_file, how):
        with pytest.raises(BilateralError, match=r"work\.duckdb cannot be opened: .*set lock") as refused:
            is_kept(project)
        assert "Close the program" in str(refused.value.remedy)
    assert is_kept(project)


def test_a_work_file_that_this_process_has_open_stays(project: Project) -> None:
    with duckdb.connect(project.work_file, read_only=True), pytest.raises(BilateralError, match="cannot be opened"):
        is_kept(project)
    assert is_kept(project)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.IOException('IO Error: Cannot open file "work.duckdb": Permission denied'),
        duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate data of size 64.0 KiB"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_work_file_that_the_machine_does_not_give_stays(
    project: Project, error: duckdb.Error, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(*_: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("dagster_project.pipeline.open_engine", refusing)
        with pytest.raises(BilateralError, match="cannot be opened"):
            is_kept(project)
    assert is_kept(project)
