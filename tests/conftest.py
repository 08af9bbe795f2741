"""Fixtures and hooks that all tests share.

Here: the guard that keeps the suite off the network, and one warehouse built for all. Not here: fixtures that one room
alone uses; they stand in that room's own conftest.
"""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from filelock import FileLock

from dagster_project import publication
from dagster_project.notify import left_out
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from dagster_project.report import page
from tests import making


class NetworkUseError(RuntimeError):
    """A test reached for the network."""


def _stays_here(address: Any) -> bool:
    """Return whether a socket address is on this machine: a Unix socket or a loopback address."""
    if not isinstance(address, tuple):
        return True
    host = str(address[0])
    if host in {"", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and every name look-up that would leave this machine."""

    def guarded(name: str, address_of: Any) -> None:
        original = getattr(socket.socket, name)

        def call(self: socket.socket, *args: Any) -> Any:
            address = address_of(args)
            if self.family != getattr(socket, "AF_UNIX", None) and not _stays_here(address):
                raise NetworkUseError(f"A test may not reach {address!r}: the suite runs without a network.")
            return original(self, *args)

        monkeypatch.setattr(socket.socket, name, call)

    guarded("connect", lambda args: args[0])
    guarded("connect_ex", lambda args: args[0])
    guarded("sendto", lambda args: args[-1])

    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not _stays_here((name,)):
            raise NetworkUseError(f"A test may not look up {name!r}: the suite runs without a network.")
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Exempt all imported modules and collected tests from garbage collection, and collect the rest less often."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(100_000)


# After how many seconds a long test is taken to hang, if it does not say so itself.
LONG_SECONDS = 900


# Rooms of which one process runs all files, because a fixture or an import of theirs takes as long as the tests: of the
# short ones, which `make test` distributes by `loadfile`, and of the long ones, which `make test-long` distributes by
# `loadscope`. Great Expectations is imported by the process that has `audit`.
TOGETHER = {"loadfile": {"tests/audit/": "audit", "tests/pipeline/": "audit"}, "loadscope": {"tests/site/": "site"}}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process whole files, and all files of some rooms to the same process."""
    rooms = TOGETHER.get(config.getvalue("dist"))
    if rooms is None:
        return None
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            names = (name for room, name in rooms.items() if nodeid.startswith(room))
            return next(names, super()._split_scope(nodeid))

    return Scheduling(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that read the shared warehouse as long; let one process build it while others run other files.

    Files with many tests come before files with few, so that all processes end at the same time. A long test may take a
    quarter of an hour, even on a busy machine.
    """
    for item in items:
        if "built" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)
        if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
            item.add_marker(pytest.mark.timeout(LONG_SECONDS))
    size = Counter(item.path for item in items)
    readers = dict.fromkeys(item.path for item in items if "built" in getattr(item, "fixturenames", ()))
    first = next(iter(readers), None)
    items.sort(key=lambda item: (item.path != first, item.path in readers, -size[item.path]))


def build_once(cache: Path, build: Callable[[Path], object]) -> Path:
    """Return a folder of pytest's cache that `build` has filled, for reading only.

    All processes share it, and so do runs with the same code and data on the same day.
    """
    folder = cache / making.fingerprint(Project.find().root)
    with FileLock(cache / "lock"):
        if not (folder / "done").exists():
            # Another run may still read the newest.
            for older in sorted(cache.glob("*/"), key=lambda place: place.stat().st_mtime)[:-1]:
                shutil.rmtree(older)
            shutil.rmtree(folder, ignore_errors=True)
            build(folder)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def built(request: pytest.FixtureRequest) -> Project:
    """Build, publish and draw the committed snapshots once; BILATERAL_BUILT names a built warehouse to use instead."""

    def build(folder: Path) -> None:
        project = making.checkout(folder)
        build_warehouse(project)
        page.write_report(project, *page.find_first_pair(project))
        left_out.list_faults(project)

    kept = os.environ.get("BILATERAL_BUILT")
    folder = Path(kept) if kept else build_once(request.config.cache.mkdir("built"), build)
    return Project.at(Project.find().root, warehouse=folder)


@pytest.fixture
def warehouse(built: Project, tmp_path: Path) -> Project:
    """Copy the built warehouse for a test that changes it."""
    return making.copy_of(built, tmp_path / "warehouse")


@pytest.fixture(scope="session")
def plain(request: pytest.FixtureRequest) -> Project:
    """Build a part of the committed snapshots' warehouse once, in a checkout that has no questions."""

    def build(folder: Path) -> None:
        whole = making.checkout(folder / "warehouse")
        part = making.part_without_claims(whole, folder / "checkout", *making.SMALL)
        shutil.copy(whole.configuration, part.configuration)
        build_warehouse(part)

    folder = build_once(request.config.cache.mkdir("part"), build)
    return Project.at(folder / "checkout", warehouse=folder / "warehouse")


@pytest.fixture
def small(plain: Project, tmp_path: Path) -> Project:
    """Copy that part for a test that changes it."""
    return making.copy_of(plain, tmp_path / "warehouse")


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published file of the built warehouse for reading."""
    with publication.open_published(built) as connection:
        yield connection
