"""In a browser: `make ui` opens green, one click builds everything, and what runs by itself does so once switched on.

It needs Chromium, and runs with `make test-all`. With BILATERAL_PICTURES it also takes the pictures of the docs (`make
pictures`).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from dagster_project import publication
from dagster_project.project import Project
from tests import making
from tests.chromium import CHROMIUM, PICTURES_VARIABLE, QUIET
from tests.defs.answering import answer
from tests.defs.live import Live, home_in, interface
from tests.refresh.server import Reply, Server, serving

# Milliseconds, on a machine that does other things, too.
PATIENCE = 60_000
# Seconds in which a build ends there.
BUILD = 1000
STARTED, SUCCESS, FAILURE = dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE
RUNNING = dg.RunsFilter(statuses=NOT_FINISHED_STATUSES)
FLIP = "korea_fell_into_deficit_with_china_in_2023"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_in(tmp_path / "home")


@pytest.fixture
def server() -> Iterator[Server]:
    """The World Bank."""
    with serving() as running:
        yield running


@pytest.fixture
def page() -> Iterator[Any]:
    """Open a page in a browser that can reach only this machine."""
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


def picture(page: Any, name: str, width: int = 1600, height: int = 900) -> None:
    """Take a picture for the docs, if BILATERAL_PICTURES asks for it."""
    if os.environ.get(PICTURES_VARIABLE):
        before = page.viewport_size
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(2000)
        page.screenshot(path=Path(os.environ[PICTURES_VARIABLE]) / f"{name}.png")
        page.set_viewport_size(before)


def click_materialize_all(page: Any, live: Live) -> str:
    """Click "Materialize all", which must open no dialog; return the run."""
    before = {run.run_id for run in live.instance.get_runs()}

    def launched() -> list[str]:
        assert page.get_by_role("dialog").count() == 0
        page.wait_for_timeout(100)
        return [run.run_id for run in live.instance.get_runs() if run.run_id not in before]

    page.goto(f"{live.address}/asset-groups")
    page.get_by_text("Materialize all").first.click()
    live.until(lambda: bool(launched()), "a run")
    return launched()[0]


def materialize_all(page: Any, live: Live) -> None:
    """Click "Materialize all" and wait until the run has succeeded."""
    run = click_materialize_all(page, live)
    live.succeeds(run, within=BUILD)
    page.goto(f"{live.address}/runs/{run}")
    page.get_by_text("Success", exact=True).first.wait_for()


def switch(page: Any, live: Live, name: str, *, on: bool) -> None:
    """Turn a schedule or a sensor on or off, on the page that lists them."""
    if page.url != f"{live.address}/automation":
        page.goto(f"{live.address}/automation")

    def is_turned() -> bool:
        # What a page asks goes out while the browser is listened to.
        page.wait_for_timeout(100)
        states = live.instance.all_instigator_state()
        return any(state.instigator_name == name and state.is_running == on for state in states)

    row = page.locator("[data-index]").filter(has_text=re.compile(f"^{name}"))
    row.locator("label[class*=formatSwitch]").click()
    live.until(is_turned, f"{name} to be {'on' if on else 'off'}")


def launched_by(live: Live, name: str, kind: str, count: int = 1) -> str:
    """Wait until a schedule or a sensor has launched `count` runs; return the newest."""
    which = dg.RunsFilter(tags={f"dagster/{kind}_name": name})
    live.until(lambda: live.instance.get_runs_count(which) >= count, f"{name} to tick")
    return live.instance.get_runs(which, limit=1)[0].run_id


def see_the_flip(page: Any, live: Live) -> None:
    """Check the page of the balance: materialized, every check passed, and the deficit of 2023 shown first."""
    page.goto(f"{live.address}/assets/marts/trade_balance_annual?view=checks")
    page.get_by_text(re.compile("^korea_fell")).locator("visible=true").first.wait_for()
    page.get_by_text("Passed", exact=True).first.wait_for()
    page.goto(f"{live.address}/assets/marts/trade_balance_annual")
    page.get_by_text("DOUBLE", exact=True).first.wait_for()
    page.get_by_text("−18.0").first.wait_for()
    assert page.get_by_text("Never materialized").count() == 0


def test_it_opens_green(page: Any, home: Path, warehouse: Project, tmp_path: Path) -> None:
    with interface(warehouse, home, tmp_path / "ui.log") as live:
        see_the_flip(page, live)

        # The page about the audit opens.
        page.goto(f"{live.address}/assets/publication")
        link = page.get_by_role("link", name="audit.html").first.get_attribute("href")
        assert link is not None
        shown = page.context.new_page()
        shown.goto(link)
        shown.get_by_text(str(publication.get_current_id(warehouse))).first.wait_for()
        picture(shown, "audit", 1280, 900)
        shown.close()
        page.goto(f"{live.address}/automation")
        page.get_by_text("update_kcs").first.wait_for()
        picture(page, "automation")


@pytest.mark.longest
def test_on_a_fresh_checkout_the_first_click_builds_everything(page: Any, home: Path, tmp_path: Path) -> None:
    fresh = making.checkout(tmp_path / "fresh")
    with interface(fresh, home, tmp_path / "ui.log") as live:
        materialize_all(page, live)
        page.goto(f"{live.address}/asset-groups")
        page.get_by_text("publication").last.wait_for()
        picture(page, "assets", 1600, 1200)
        see_the_flip(page, live)
    assert publication.get_current_id(fresh) is not None


@pytest.mark.longest
def test_a_schedule_and_a_sensor_publish_and_a_broken_build_shows_its_rows(
    page: Any, home: Path, warehouse: Project, server: Server, tmp_path: Path
) -> None:
    answer(server, warehouse, {("NE.IMP.GNFS.ZS", "DEU", "2024"): 37.7})
    often = {"BILATERAL_WORLDBANK_URL": server.address, "BILATERAL_WORLDBANK_CRON": "* * * * *"}
    before = publication.get_current_id(warehouse)
    with interface(warehouse, home, tmp_path / "ui.log", **often) as live:
        switch(page, live, "update_worldbank", on=True)
        run = launched_by(live, "update_worldbank", "schedule")
        # At its end a tick writes down that its schedule is on; whoever turned it off meanwhile has not.
        live.becomes(run, STARTED, SUCCESS, FAILURE)
        switch(page, live, "update_worldbank", on=False)
        live.succeeds(run, within=BUILD)
        # Another minute may have begun before the schedule was off.
        live.until(lambda: not live.instance.get_runs(RUNNING), "the last of its runs to end", BUILD)
        refreshed = publication.get_current_id(warehouse)
        assert refreshed != before
        page.goto(f"{live.address}/assets/refresh/worldbank__wdi?view=checks")
        page.get_by_text("Passed", exact=True).first.wait_for()

        # A snapshot that turns the balance of 2023 positive.
        switch(page, live, "changed_snapshots", on=True)
        shutil.copytree(warehouse.snapshots, tmp_path / "right")
        making.edit(warehouse, "kosis/goods_annual", making.turn_positive)
        run = launched_by(live, "changed_snapshots", "sensor")
        live.becomes(run, SUCCESS, FAILURE, within=BUILD)
        assert "because the audit failed" in live.failures(run)
        assert publication.get_current_id(warehouse) == refreshed
        page.goto(f"{live.address}/assets/marts/trade_balance_annual?view=checks&checkDetail={FLIP}")
        page.get_by_text("Failed", exact=True).first.wait_for()
        page.get_by_text("failing_rows").first.wait_for()
        page.get_by_text(re.compile("kosis/goods_annual/")).locator("visible=true").first.wait_for()
        picture(page, "check")

        # It is put back, and another one changes.
        # At once: the sensor would take half a folder for what changed.
        warehouse.snapshots.rename(tmp_path / "wrong")
        (tmp_path / "right").rename(warehouse.snapshots)
        making.edit(warehouse, "kcs/goods_monthly", lambda rows: rows[:-1])
        run = launched_by(live, "changed_snapshots", "sensor", 2)
        live.succeeds(run, within=BUILD)
        assert publication.get_current_id(warehouse) != refreshed


@pytest.mark.longest
def test_a_build_passes_refreshes_that_wait_and_a_killed_one_begins_again(
    page: Any, home: Path, warehouse: Project, server: Server, tmp_path: Path
) -> None:
    server.reply(Reply(b"busy", 503))
    with interface(warehouse, home, tmp_path / "ui.log", BILATERAL_WORLDBANK_URL=server.address) as live:
        # It fails at once, and waits for its publisher.
        failed = live.launch("refresh_sources", "refresh/worldbank__wdi")
        live.becomes(failed, FAILURE)
        switch(page, live, "retry_refresh", on=True)
        live.until(lambda: "worldbank: again at" in live.log.read_text(), "the sensor to say when")
        page.goto(f"{live.address}/assets/refresh/worldbank__wdi?view=checks")
        page.get_by_text("Failed", exact=True).first.wait_for()
        page.get_by_text(re.compile("HTTP 503: busy")).first.wait_for()
        picture(page, "answered")
        # So does one that is still at it.
        server.reply(Reply(delivery="hang"))
        waiting = live.launch("refresh_sources", "refresh/worldbank__wdi")
        live.becomes(waiting, STARTED)

        making.edit(warehouse, "kcs/goods_monthly", lambda rows: rows[:-1])
        before = publication.get_current_id(warehouse)
        run = click_materialize_all(page, live)
        # It begins while the refresh is still at it, however long a busy machine takes to write down what it will make.
        began = live.becomes(run, STARTED, SUCCESS, within=240)
        assert live.status(waiting) == STARTED, f"it began after {began:.0f} s, when the refresh had ended"
        live.succeeds(run, within=BUILD)
        assert publication.get_current_id(warehouse) != before

        # Its process is killed.
        making.edit(warehouse, "kcs/goods_monthly", lambda rows: rows[:-1])
        before = publication.get_current_id(warehouse)
        killed = click_materialize_all(page, live)
        live.becomes(killed, STARTED)
        os.kill(live.worker(killed), signal.SIGKILL)
        live.becomes(killed, FAILURE)
        which = dg.RunsFilter(tags={"dagster/parent_run_id": killed})
        live.until(lambda: live.instance.get_runs_count(which) == 1, "it to begin again")
        (again,) = (run.run_id for run in live.instance.get_runs(which))
        live.succeeds(again, within=BUILD)
        page.goto(f"{live.address}/runs/{again}")
        page.get_by_text("Success", exact=True).first.wait_for()
        assert publication.get_current_id(warehouse) != before
