"""In a browser: `make ui` opens green, one click builds everything, and the links lead somewhere.

It needs Chromium, and runs with `make test-all`.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project import publication
from dagster_project.project import WAREHOUSE_VARIABLE, Project
from tests import making
from tests.chromium import CHROMIUM, QUIET

# Milliseconds, on a machine that does other things, too.
PATIENCE = 60_000

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of Dagster's that nothing has run in."""
    folder = tmp_path / "home"
    folder.mkdir()
    shutil.copy(Project.find().root / ".dagster" / "dagster.yaml", folder)
    return folder


@contextmanager
def interface(project: Project, home: Path, log: Path) -> Iterator[str]:
    """The user interface over a warehouse; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log.open("w") as output:
        started = subprocess.Popen(
            [sys.executable, "-m", "dagster_project.defs.ui", str(port)],
            cwd=project.root,
            env=os.environ | {"DAGSTER_HOME": str(home), WAREHOUSE_VARIABLE: str(project.warehouse)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        for _ in range(240):
            assert started.poll() is None, log.read_text()
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        # As Ctrl-C does, to the whole group.
        os.killpg(started.pid, signal.SIGINT)
        try:
            started.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(started.pid, signal.SIGKILL)


@pytest.fixture
def page() -> Iterator[Any]:
    """A page of a browser that reaches this machine alone."""
    from playwright import sync_api as playwright

    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        context = browser.new_context(viewport={"width": 1600, "height": 1200})
        context.route(
            "**/*",
            lambda route: (
                route.continue_() if route.request.url.startswith(("http://127.0.0.1:", "data:")) else route.abort()
            ),
        )
        opened = context.new_page()
        opened.set_default_timeout(PATIENCE)
        yield opened
        browser.close()


def materialize_all(page: Any, address: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One click, no dialog, and it is built."""
    page.goto(f"{address}/asset-groups")
    page.get_by_text("Materialize all").first.click()
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as instance:
        for _ in range(600):
            runs = instance.get_runs()
            if runs and runs[0].is_finished:
                break
            assert page.get_by_role("dialog").count() == 0
            page.wait_for_timeout(500)
    (run,) = runs
    assert run.status == dg.DagsterRunStatus.SUCCESS
    page.goto(f"{address}/runs/{run.run_id}")
    page.get_by_text("Success", exact=True).first.wait_for()


def see_the_flip(page: Any, address: str) -> None:
    """Green: made, and every check of it held; the flip of 2023 stands first."""
    page.goto(f"{address}/assets/marts/trade_balance_annual?view=checks")
    page.get_by_text(re.compile("^1_korea_fell")).locator("visible=true").first.wait_for()
    page.get_by_text("Passed", exact=True).first.wait_for()
    page.goto(f"{address}/assets/marts/trade_balance_annual")
    page.get_by_text("DOUBLE", exact=True).first.wait_for()
    page.locator('img[src^="data:image/svg+xml"]').first.wait_for()
    assert page.get_by_text("Never materialized").count() == 0


def test_it_opens_green_and_one_click_builds_everything(
    page: Any, home: Path, warehouse: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with interface(warehouse, home, tmp_path / "ui.log") as address:
        see_the_flip(page, address)

        # The page about the audit opens.
        page.goto(f"{address}/assets/publication")
        link = page.get_by_role("link", name="audit.html").first.get_attribute("href")
        assert link is not None
        shown = page.context.new_page()
        shown.goto(link)
        shown.get_by_text(str(publication.current_id(warehouse))).first.wait_for()
        shown.close()

        materialize_all(page, address, home, monkeypatch)


def test_on_a_fresh_checkout_the_first_click_builds_everything(
    page: Any, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = making.checkout(tmp_path / "fresh")
    with interface(fresh, home, tmp_path / "ui.log") as address:
        materialize_all(page, address, home, monkeypatch)
        see_the_flip(page, address)
    assert publication.current_id(fresh) is not None
