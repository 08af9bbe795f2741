"""Every publisher with every wrong response: the outcome, the exact request, and no false figure in raw."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dagster_project import snapshots, sources
from dagster_project.project import Project
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.settings import Settings, Window
from dagster_project.sources import Request
from tests.refresh import scenarios
from tests.refresh.publisher import REQUIRED_SCENARIOS, Outcome, Publisher, Scenario, publishers
from tests.refresh.running import FakeTime, ask, project, rows
from tests.refresh.scenarios import BORROWED, FAULTS
from tests.refresh.server import Reply, Server

EVERY = publishers()
NOW = datetime(2026, 11, 25, 6, tzinfo=UTC)
KEY = "k0-7f3a-e21b"
TWICE = RetryPolicy(attempts=2)
IMPATIENT = RetryPolicy(attempts=2, whole_response=0.2)
by_name = pytest.mark.parametrize("publisher", EVERY, ids=[scenarios.name(one) for one in EVERY])
# How each response is read is tested without a refresh (tests/sources/test_responses.py), and what a refresh does with
# its rows is the same whoever is asked: one publisher is tried with every run, all in the long.
one_of_all = pytest.mark.parametrize(
    "publisher",
    [
        pytest.param(one, id=scenarios.name(one), marks=pytest.mark.long if place else ())
        for place, one in enumerate(EVERY)
    ],
)


@pytest.fixture(autouse=True)
def one_request(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce the plan of the publisher under test to the one request that it answers."""
    if "publisher" not in request.fixturenames:
        return
    publisher: Publisher = request.getfixturevalue("publisher")
    source, api = sources.find_source(publisher.source), publisher.api

    def plan(settings: Settings, window: Window, keyed: bool) -> list[Request]:
        return [publisher.choose_request(api.plan(settings, window, keyed))]

    hangs = "fault" in request.fixturenames and FAULTS[request.getfixturevalue("fault")].before.delivery == "hang"
    replied = replace(source, api=replace(api, plan=plan, timeout=0.15 if hangs else 30))
    every = tuple(replied if one.code == source.code else one for one in sources.list_sources())
    monkeypatch.setattr(sources, "list_sources", lambda: every)


def refreshed(
    where: Project, publisher: Publisher, server: Server, *replies: Reply, days: int = 0, retries: RetryPolicy = TWICE
) -> Result:
    """Refresh the publisher's request, which gets these replies; return the result."""
    server.reply(*replies)
    result = next(
        one
        for one in ask(
            where,
            server,
            publisher.source,
            time=FakeTime(NOW + timedelta(days=days)),
            key=KEY if publisher.needs_key else None,
            retries=retries,
            again=True,
            since=date.fromisoformat(publisher.first),
            until=date.fromisoformat(publisher.last),
            datasets={publisher.dataset},
        )
    )
    for received in server.received:
        assert received.target == "/base" + publisher.url.replace("KEY", KEY)
    return result


def right(publisher: Publisher) -> Reply:
    return Reply(publisher.right, headers={"Content-Type": publisher.media_type})


def replied(publisher: Publisher, scenario: Scenario) -> Reply:
    media_type = scenario.media_type or publisher.media_type
    return Reply(scenario.content, scenario.status, {"Content-Type": media_type, **scenario.headers})


def outcome(result: Result) -> Outcome:
    if result.refusals:
        return "refused"
    if result.unanswered:
        return "unanswered"
    if result.stopped is not None:
        stopped: dict[str, Outcome] = {"quota": "quota", "address": "address"}
        return stopped.get(result.stopped, "key")
    if result.nothing:
        return "nothing"
    return "retried" if result.retries else "accepted"


class Prepared:
    """A project with the right response of a publisher, and its rows."""

    def __init__(self, folder: Path, publisher: Publisher, server: Server) -> None:
        self.where = project(folder, publisher.configuration)
        result = refreshed(self.where, publisher, server, right(publisher))
        assert outcome(result) == "accepted", result
        self.rows = rows(self.where, publisher.dataset)
        self.days = 0


@pytest.fixture(scope="session")
def prepared_ones() -> dict[str, Prepared]:
    return {}


@pytest.fixture
def prepared(
    publisher: Publisher,
    one_request: None,
    prepared_ones: dict[str, Prepared],
    server: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Prepared:
    """Prepare the publisher's project; tests share it, because a refused response does not change it."""
    known = prepared_ones.get(scenarios.name(publisher))
    if known is None:
        known = Prepared(tmp_path_factory.mktemp("scenarios"), publisher, server)
        prepared_ones[scenarios.name(publisher)] = known
    # The pause that one fault asked for is over when the next comes.
    known.days += 1
    return known


@pytest.fixture
def copied(prepared: Prepared, tmp_path: Path) -> Project:
    """Copy the prepared project for a response that is accepted."""
    shutil.copytree(prepared.where.root, tmp_path / "copy")
    return Project.at(tmp_path / "copy")


@by_name
def test_the_required_answers_are_there_or_cannot_be(publisher: Publisher) -> None:
    declared = {*publisher.scenarios, *publisher.impossible}
    assert set(REQUIRED_SCENARIOS) <= declared
    assert not set(publisher.scenarios) & set(publisher.impossible)


@one_of_all
def test_one_revised_figure_is_one_more_snapshot_and_again_is_no_news(
    publisher: Publisher, prepared: Prepared, copied: Project, server: Server
) -> None:
    revised = Reply(publisher.revised, headers={"Content-Type": publisher.media_type})
    result = refreshed(copied, publisher, server, revised, days=1)
    assert (result.changed, result.new, len(result.archived), result.refusals) == (1, 0, 1, [])
    assert len(snapshots.find_snapshots(copied, publisher.dataset)) == 2
    held = rows(copied, publisher.dataset)
    again = refreshed(copied, publisher, server, revised, days=2)
    assert (again.new, again.changed, again.archived) == (0, 0, [])
    assert again.confirmed == len(prepared.rows) - 1
    assert rows(copied, publisher.dataset) == held


SCENARIOS = [(one, scenario) for one in EVERY for scenario in one.scenarios]


@pytest.mark.parametrize(
    ("publisher", "scenario"),
    [
        # The short tests have the responses that every publisher may give.
        pytest.param(
            *(one, scenario),
            id=f"{scenarios.name(one)} {scenario}",
            marks=() if scenario in REQUIRED_SCENARIOS and one is EVERY[0] else pytest.mark.long,
        )
        for one, scenario in SCENARIOS
    ],
)
def test_an_answer_has_its_outcome(
    publisher: Publisher, scenario: str, prepared: Prepared, server: Server, tmp_path: Path
) -> None:
    response = publisher.scenarios[scenario]
    if response.outcome == "accepted":
        where = Project.at(shutil.copytree(prepared.where.root, tmp_path / "copy"))
        assert (
            outcome(refreshed(where, publisher, server, replied(publisher, response), days=prepared.days)) == "accepted"
        )
        return
    # Something is held of what was asked: no figures are a wrong response, then.
    expected: Outcome = "refused" if response.outcome in {"nothing", "retried"} else response.outcome
    result = refreshed(prepared.where, publisher, server, replied(publisher, response), days=prepared.days)
    found = outcome(result)
    assert found == ("quota" if response.status == 429 else expected), result
    assert (result.archived, result.new, result.changed) == ([], 0, 0)
    assert rows(prepared.where, publisher.dataset) == prepared.rows
    if found == "refused":
        assert [path for path in result.refusals[0].folder.iterdir() if path.suffix == ".yml"]
    if response.outcome == "retried":
        prepared.days += 1
        mended = refreshed(
            prepared.where, publisher, server, replied(publisher, response), right(publisher), days=prepared.days
        )
        assert outcome(mended) == "retried", mended
        assert rows(prepared.where, publisher.dataset) == prepared.rows


# What needs something to be compared with cannot be seen in a first response.
FIRST = [
    (one, scenario)
    for one, scenario in SCENARIOS
    if scenario != "thousandfold" and one.scenarios[scenario].outcome in {"refused", "nothing"}
]


@one_of_all
def test_a_wrong_first_answer_leaves_raw_empty(publisher: Publisher, tmp_path: Path, server: Server) -> None:
    where = project(tmp_path, publisher.configuration)
    for day, scenario in enumerate(scenario for one, scenario in FIRST if one is publisher):
        response = publisher.scenarios[scenario]
        assert (
            outcome(refreshed(where, publisher, server, replied(publisher, response), days=day)) == response.outcome
        ), scenario
        assert snapshots.find_snapshots(where, publisher.dataset) == [], scenario
    assert rows(where, publisher.dataset) == [("set aside", 0)]


WAYS = [(one, fault) for one in EVERY for fault in FAULTS]


@pytest.mark.parametrize(
    ("publisher", "fault"),
    [
        pytest.param(one, fault, id=f"{scenarios.name(one)} {fault}", marks=() if one is EVERY[0] else pytest.mark.long)
        for one, fault in WAYS
    ],
)
def test_a_fault_on_the_way_has_its_outcome(
    publisher: Publisher, fault: str, prepared: Prepared, server: Server
) -> None:
    meant = FAULTS[fault]
    first = meant.before
    if first.delivery in BORROWED:
        first = replace(right(publisher), delivery=first.delivery)
    replies = [first, right(publisher)] if meant.mended else [first]
    retries = IMPATIENT if first.delivery == "drip" else TWICE
    result = refreshed(prepared.where, publisher, server, *replies, days=prepared.days, retries=retries)
    assert outcome(result) == meant.outcome, result
    assert (result.archived, result.new, result.changed) == ([], 0, 0)
    assert rows(prepared.where, publisher.dataset) == prepared.rows


def test_the_page_about_them_is_current() -> None:
    assert scenarios.page().read_text(encoding="utf-8") == scenarios.render(), "run python -m tests.refresh.scenarios"
