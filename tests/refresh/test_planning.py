"""Every source asks for what its settings say, whatever it is."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, find_asked_sources, plan_refresh
from dagster_project.sources import Source
from tests.refresh import example
from tests.refresh.publisher import publishers
from tests.refresh.running import FakeTime, ask, project
from tests.refresh.server import Reply, Server

EVERY = find_asked_sources()
by_code = pytest.mark.parametrize("source", EVERY, ids=[source.code for source in EVERY])


@by_code
def test_nothing_is_asked_from_before_the_first_year_of_the_settings(tmp_path: Path, source: Source) -> None:
    assert source.api is not None
    own = {field.name for field in fields(source.api.settings)}
    lines = [f"[{source.code}]", "enabled = true", *(["first_year = 2021"] if "first_year" in own else [])]
    if "indicators" in own:
        lines.append('indicators = ["NV.AGR.TOTL.ZS"]')
    where = project(tmp_path, 'pairs = ["KOR-CHN", "USA-CHN"]\n' + "\n".join(lines) + "\n")
    options = Options(environment={source.key_variable: "open-sesame"}, clock=FakeTime().clock, full=True)
    (planned,) = plan_refresh(where, [source.code], options)
    assert planned.requests
    if "first_year" in own:
        assert all(one.request.periods and one.request.periods[0] >= "2021" for one in planned.requests)
    assert {one.request.dataset for one in planned.requests} <= {f"{source.code}/{name}" for name in source.live}


@by_code
def test_every_dataset_that_an_api_fills_has_a_server_that_stands_for_its_publisher(source: Source) -> None:
    played = {publisher.dataset for publisher in publishers()}
    missing = {f"{source.code}/{name}" for name in source.live} - played
    assert not missing, f"declare PUBLISHERS of {sorted(missing)} in tests/refresh/publishers/{source.code}.py"


def test_a_new_subject_is_asked_for_its_whole_span_and_then_for_what_is_revised(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(example.RIGHT)
    ask(where, server, time=time)
    assert "years=1948%3A2023" in server.received[0].target
    time.at += timedelta(days=1)
    ask(where, server, time=time)
    assert "years=2021%3A2023" in server.received[1].target
    ask(where, server, time=time, again=True, full=True)
    assert "years=1948%3A2023" in server.received[2].target
    ask(where, server, time=time, again=True, since=date(2019, 5, 1), until=date(2022, 12, 31))
    assert "years=2019%3A2022" in server.received[3].target
    with pytest.raises(BilateralError, match="is after 2"):
        ask(where, server, time=time, since=date(2024, 1, 1))


def test_each_subject_is_asked_for_its_whole_span_again_once_a_year_and_not_all_at_once(where: Project) -> None:
    others = '["JPN", "USA", "DEU", "GBR", "FRA", "ITA", "CAN"]'
    where.configuration.write_text(f'pairs = ["KOR-CHN"]\ndonors = {others}\n')
    time = FakeTime()
    read: dict[str, list[int]] = {}
    for month in range(37):
        (planned,) = plan_refresh(where, None, Options(clock=time.clock, environment={}))
        with Log(where) as log:
            for one in planned.requests:
                log.record_response("example", one.request, time.at, "confirmed")
                if one.whole_since:
                    assert one.request.periods == ("1948", f"{time.at.year}")
                    log.record_whole_span("example", one.request.subject, one.whole_since, time.at)
                    read.setdefault(one.request.subject, []).append(month)
        time.at += timedelta(days=30.4375)
    assert len(read) == 8
    # The first time when it is new, and then in a month of its own.
    for months in read.values():
        assert months[0] == 0
        assert 1 <= months[1] <= 12
        assert {later - earlier for earlier, later in pairwise(months[1:])} == {12}
    assert len({months[1] for months in read.values()}) > 4


def test_what_is_read_again_goes_after_what_may_be_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Comtrade's quota of a day goes to the years that it revises first."""
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n[comtrade]\nfirst_year = 2010\n')
    time = FakeTime(datetime(2024, 1, 10, tzinfo=UTC))
    options = Options(clock=time.clock, environment={})
    (first,) = plan_refresh(where, ["comtrade"], options)
    with Log(where) as log:
        for one in first.requests:
            log.record_response("comtrade", one.request, time.at, "confirmed")
            assert one.whole_since
            log.record_whole_span("comtrade", one.request.subject, one.whole_since, time.at)
    time.at += timedelta(days=400)
    (again,) = plan_refresh(where, ["comtrade"], options)
    years = [int(one.request.periods[0]) for one in again.requests if one.request.periods and not one.answered_at]
    turned = next(place for place, year in enumerate(years) if year < 2022)
    assert min(years[:turned]) == 2022
    assert set(years[turned:]) == set(range(2010, 2022))
    # Each of them is asked once: a run that goes on the next day has done with it.
    with Log(where) as log:
        for one in again.requests:
            log.record_response("comtrade", one.request, time.at, "confirmed")
    time.at += timedelta(days=2)
    (next_day,) = plan_refresh(where, ["comtrade"], options)
    assert {one.request.periods[0] for one in next_day.requests if one.request.periods and not one.answered_at} == {
        *("2022", "2023", "2024", "2025")
    }


def test_a_subject_whose_first_answer_was_refused_is_asked_for_its_whole_span_again(
    where: Project, server: Server
) -> None:
    server.reply(Reply(status=404))
    ask(where, server)
    server.reply(example.RIGHT)
    ask(where, server)
    assert "years=1948%3A2023" in server.received[0].target


def test_years_that_somebody_names_are_asked_although_they_were_answered(where: Project, server: Server) -> None:
    years: dict[str, Any] = {"since": date(2011, 1, 1), "until": date(2012, 12, 31)}
    time = FakeTime()
    old = tuple((f[0], str(int(f[1] or 0) - 11), *f[2:]) for f in example.FIGURES)
    server.reply(Reply(example.body(old)))
    (result,) = ask(where, server, time=time, **years)
    assert (result.answered, result.new) == (1, 4)
    # A run that was stopped goes on.
    (result,) = ask(where, server, time=time, **years)
    assert (result.already, result.requests) == (1, 0)
    time.at += timedelta(days=1)
    (result,) = ask(where, server, time=time, **years)
    assert (result.answered, result.confirmed) == (1, 4)


def test_the_plan_lists_the_requests_and_sends_none(where: Project, server: Server) -> None:
    server.reply(example.RIGHT)
    (planned,) = plan_refresh(where, None, Options(environment={"BILATERAL_EXAMPLE_URL": server.address}))
    (one,) = planned.requests
    assert one.address.startswith(f"{server.address}/trade?partner=CHN")
    assert server.received == []
