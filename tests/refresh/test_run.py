"""A refresh archives what is new, refuses what is wrong, and goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.refresh import pruning
from dagster_project.refresh.log import Log
from dagster_project.refresh.planning import Options, plan_refresh
from dagster_project.refresh.run import run_refresh
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from dagster_project.sources import Reading, Request, Response
from tests import making
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, project, rows
from tests.refresh.server import Reply, Server

RIGHT = Reply(example.body(), headers={"Content-Type": "application/json"})
THREE = 'pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA"]\n'


def of(partner: str) -> Reply:
    """The right response about another partner."""
    return Reply(example.body(tuple((partner, *figure[1:]) for figure in example.FIGURES)))


@pytest.fixture
def where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    example.register(monkeypatch)
    return project(tmp_path)


def test_the_first_answer_is_archived_with_all_that_tells_what_it_is(where: Project, server: Server) -> None:
    server.reply(RIGHT)
    (result,) = ask(where, server)
    assert (result.new, result.changed, result.confirmed, result.requests) == (4, 0, 0, 1)
    assert not result.failed
    (archived,) = snapshots.find_snapshots(where, TRADE.path)
    assert result.archived == [archived.id]
    assert archived.data.read_bytes() == RIGHT.content
    told = archived.manifest
    assert (told.form, told.file, told.media_type, told.row_count) == (
        "answer",
        "answer.json",
        "application/json",
        4,
    )
    assert told.retrieved_at == NOW
    assert told.known_from == NOW.date()
    assert told.url == f"{server.address}/base/trade?partner=CHN&years=1948%3A2023"
    assert told.licence.name == "CC0"
    assert told.notes == ["The scale of value_usd, ships could not be compared with stored figures."]
    assert server.received[0].headers["user-agent"].startswith("bilateral/")
    assert [row[:4] for row in rows(where, TRADE.path)[:-1]] == sorted(
        (partner, year, flow, usd) for partner, year, flow, usd in example.FIGURES
    )


def test_what_says_nothing_new_leaves_no_snapshot_whatever_its_bytes(where: Project, server: Server) -> None:
    server.reply(RIGHT)
    ask(where, server)
    before = rows(where, TRADE.path)
    same = tuple((p, y, f, {"1200.5": "1200.50", "900": "900.0"}.get(v, v)) for p, y, f, v in example.FIGURES)
    server.reply(Reply(example.body(same[::-1], elapsed="0.2 s")))
    (result,) = ask(where, server, again=True)
    assert (result.new, result.changed, result.confirmed, result.archived) == (0, 0, 4, [])
    assert rows(where, TRADE.path) == before


def test_one_revised_figure_is_one_snapshot_and_going_back_is_another(where: Project, server: Server) -> None:
    time = FakeTime()
    revised = tuple((*f[:3], "1301") if f[3] == "1300" else f for f in example.FIGURES)
    for content, changed in ((example.FIGURES, 0), (revised, 1), (example.FIGURES, 1), (example.FIGURES, 0)):
        server.reply(Reply(example.body(content)))
        (result,) = ask(where, server, time=time)
        assert result.changed == changed
        assert result.failed is False
        time.at += timedelta(days=1)
    held = snapshots.find_snapshots(where, TRADE.path)
    assert len(held) == 3
    assert held[0].manifest.sha256 == held[2].manifest.sha256
    assert held[0].data.samefile(held[2].data)


def test_figures_count_as_known_from_their_release(where: Project, server: Server) -> None:
    server.reply(Reply(example.body(published="2023-06-20", edition="June")))
    ask(where, server)
    (archived,) = snapshots.find_snapshots(where, TRADE.path)
    assert archived.manifest.known_from == archived.manifest.published_at == date(2023, 6, 20)
    assert archived.manifest.edition == "June"
    # A correction under the same date comes after, by the time at which it was fetched.
    server.reply(Reply(example.body((*example.FIGURES[:3], ("CHN", "2023", "import", "1401")), published="2023-06-20")))
    (result,) = ask(where, server, again=True, time=FakeTime(NOW + timedelta(hours=1)))
    assert result.changed == 1
    (result,) = ask(where, server, again=True, time=FakeTime(NOW + timedelta(hours=2)))
    assert (result.changed, result.confirmed) == (0, 4)
    # Nobody knows a figure before it is seen, whatever date the publisher writes.
    server.reply(Reply(example.body(published="2033-01-01")))
    ask(where, server, again=True, time=FakeTime(NOW + timedelta(hours=3)))
    assert snapshots.find_snapshots(where, TRADE.path)[-1].manifest.known_from == NOW.date()


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ((*example.FIGURES, ("JPN", "2023", "export", "5")), "partner_code is 'JPN', but 'CHN' was requested"),
        ((*example.FIGURES, ("CHN", "2031", "export", "5")), "year is '2031', but 2021 to 2023 was requested"),
        ((*example.FIGURES[:3], ("CHN", "2023", "import", "much")), "1 of 4 rows break the contract"),
        (
            (*example.FIGURES[:3], example.FIGURES[2]),
            "2 of 4 rows break the contract, such as partner_code, year, flow",
        ),
        (example.FIGURES[:2], "the response lacks 2 of 4 stored figures, such as CHN | 2023 | export"),
        ((), "the publisher has no figures, but 4 are stored for this request"),
        (
            tuple((*f[:3], f"{float(f[3] or 0) * 1000}") for f in example.FIGURES),
            "value_usd is 1,000 times the stored value",
        ),
        (tuple((*f[:3], f"{float(f[3] or 0) / 1000}") for f in example.FIGURES), "value_usd is 1/1,000 of the"),
    ],
)
def test_a_wrong_answer_is_kept_aside_and_the_last_good_one_stays(
    where: Project, server: Server, figures: tuple, reason: str
) -> None:
    server.reply(RIGHT)
    ask(where, server)
    before = rows(where, TRADE.path)
    server.reply(Reply(example.body(figures), headers={"Content-Type": "application/json"}))
    (result,) = ask(where, server, again=True)
    (refusal,) = result.refusals
    assert reason in refusal.reason
    assert result.failed
    assert rows(where, TRADE.path) == before
    assert (refusal.folder / "answer.json").read_bytes() == example.body(figures)
    told = yaml.safe_load((refusal.folder / "reason.yml").read_text())
    assert reason in told["reason"]
    assert told["url"].endswith("/trade?partner=CHN&years=2021%3A2023")
    # The same response again is counted, not kept twice.
    (result,) = ask(where, server, again=True, time=FakeTime(NOW + timedelta(days=1)))
    assert result.refusals == [refusal]
    assert yaml.safe_load((refusal.folder / "reason.yml").read_text())["times"] == 2
    assert len(list((where.refused / TRADE.path).iterdir())) == 1
    # And what was refused is asked again, although it was asked a moment ago.
    server.reply(RIGHT)
    (result,) = ask(where, server, time=FakeTime(NOW + timedelta(days=1)))
    assert result.confirmed == 4


def test_a_first_answer_is_compared_with_its_neighbours_in_time(where: Project, server: Server) -> None:
    server.reply(Reply(example.body(example.FIGURES[:2])))
    ask(where, server)
    later = tuple((*f[:3], f"{float(f[3] or 0) * 1000}") for f in example.FIGURES[2:])
    server.reply(Reply(example.body(later)))
    (result,) = ask(where, server, again=True, since=date(2023, 1, 1))
    assert "times the stored value" in result.refusals[0].reason


def test_a_new_year_among_held_ones_is_compared_with_them(where: Project, server: Server) -> None:
    server.reply(Reply(example.body(example.FIGURES[:2])))
    ask(where, server)
    for factor, refused in ((1000, True), (0.001, True), (2, False)):
        later = tuple((*f[:3], f"{float(f[3] or 0) * factor}") for f in example.FIGURES[2:])
        server.reply(Reply(example.body((*example.FIGURES[:2], *later))))
        (result,) = ask(where, server, again=True)
        assert result.failed == refused
        assert not refused or "median of the new figures" in result.refusals[0].reason
    assert (result.new, result.confirmed) == (2, 2)


def test_what_is_set_aside_is_no_news_and_no_measure(where: Project, server: Server) -> None:
    wrong = tuple((*f[:3], f"{float(f[3] or 0) * 1000}") for f in example.FIGURES)
    server.reply(Reply(example.body(wrong)))
    (first,) = ask(where, server)
    decision = SetAside(TRADE.path, "Thousands.", "build", NOW.date(), snapshots=(first.archived[0],))
    decision.write_file(set_aside.get_build_file(where, first.archived[0]))
    (again,) = ask(where, server, again=True)
    assert (again.archived, again.confirmed) == ([], 4)
    server.reply(RIGHT)
    (mended,) = ask(where, server, again=True)
    assert (len(mended.archived), mended.changed, mended.refusals) == (1, 4, [])


def test_a_committed_table_counts_as_held(where: Project, server: Server) -> None:
    making.snapshot(where, making.CLEAN, known_from=date(2023, 1, 1))
    first = ("CHN", "2022", "export", "1200.5")
    server.reply(Reply(example.body((first, ("CHN", "2022", "import", "900")))))
    (result,) = ask(where, server)
    # What stands under other columns of the table is another figure: the month, the day and the ships are gone.
    assert (result.new, result.changed) == (0, 2)
    server.reply(Reply(example.body((("CHN", "2022", "export", "1200500"), ("CHN", "2022", "import", "900000")))))
    (result,) = ask(where, server, again=True)
    assert "1,000 times" in result.refusals[0].reason


def test_no_figures_are_right_where_none_are_held(where: Project, server: Server) -> None:
    server.reply(Reply(json.dumps({"error": {"trouble": "nothing", "message": "no data"}}).encode()))
    (result,) = ask(where, server)
    assert (result.nothing, result.refusals, result.archived) == (1, [], [])
    (result,) = ask(where, server)
    assert result.already == 1
    assert len(server.received) == 1


def test_a_few_broken_rows_are_set_aside_and_are_no_news(where: Project, server: Server) -> None:
    figures = (*(("CHN", str(year), "export", "5") for year in range(1950, 2023)), ("CHN", "1949", "export", "5"))
    many = tuple((p, y, flow, v) for p, y, _, v in figures for flow in ("export", "import"))
    broken = (*many[:-1], ("CHN", "1949", "import", "many"))
    server.reply(Reply(example.body(broken)))
    (result,) = ask(where, server)
    assert (result.new, result.set_aside) == (len(many) - 1, 1)
    assert rows(where, TRADE.path)[-1] == ("set aside", 1)
    (result,) = ask(where, server, again=True, full=True)
    assert (result.new, result.changed, result.set_aside, result.archived) == (0, 0, 1, [])


def test_pages_are_judged_together_and_archived_where_they_say_something(where: Project, server: Server) -> None:
    time = FakeTime()
    first, second = example.FIGURES[:2], example.FIGURES[2:]
    server.reply(Reply(example.body(first, next=2)), Reply(example.body(second)))
    (result,) = ask(where, server, time=time)
    assert (result.new, len(result.archived), result.requests, result.answered) == (4, 2, 2, 1)
    assert server.received[1].target.endswith("&page=2")
    time.at += timedelta(days=1)
    revised = (second[0], ("CHN", "2023", "import", "1401"))
    server.reply(Reply(example.body(first, next=2)), Reply(example.body(revised)))
    (result,) = ask(where, server, time=time)
    assert (result.changed, result.confirmed, len(result.archived)) == (1, 3, 1)
    time.at += timedelta(days=1)
    server.reply(Reply(example.body(first, next=2)), Reply(example.body(first)))
    (result,) = ask(where, server, time=time)
    assert "is on two pages" in result.refusals[0].reason
    server.reply(Reply(example.body(first, next=2)), Reply(status=404))
    (result,) = ask(where, server, time=time)
    assert "HTTP 404" in result.refusals[0].reason
    assert len(snapshots.find_snapshots(where, TRADE.path)) == 3


def test_a_new_subject_is_asked_for_its_whole_span_and_then_for_what_is_revised(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(RIGHT)
    ask(where, server, time=time)
    assert "years=1948%3A2023" in server.received[0].target
    time.at += timedelta(days=1)
    ask(where, server, time=time)
    assert "years=2021%3A2023" in server.received[1].target
    ask(where, server, time=time, again=True, full=True)
    assert "years=1948%3A2023" in server.received[2].target
    ask(where, server, time=time, again=True, since=date(2019, 5, 1), until=date(2022, 12, 31))
    assert "years=2019%3A2022" in server.received[3].target
    with pytest.raises(BilateralError, match="ends before it begins"):
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
                log.record_answer("example", one.request, time.at, "confirmed")
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
            log.record_answer("comtrade", one.request, time.at, "confirmed")
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
            log.record_answer("comtrade", one.request, time.at, "confirmed")
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
    server.reply(RIGHT)
    ask(where, server)
    assert "years=1948%3A2023" in server.received[0].target


def test_what_was_answered_in_this_period_is_not_asked_again(where: Project, server: Server) -> None:
    where.configuration.write_text(THREE)
    time = FakeTime()
    server.reply(RIGHT, of("JPN"), Reply(status=400))
    (result,) = ask(where, server, time=time)
    assert (result.planned, result.answered, len(result.refusals)) == (3, 2, 1)
    server.reply(of("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered, result.requests) == (2, 1, 1)
    (result,) = ask(where, server, time=time)
    assert (result.already, result.requests) == (3, 0)
    (result,) = ask(where, server, time=time, again=True, full=True)
    assert result.requests > 0


def test_a_run_that_meets_the_daily_quota_stops_and_goes_on_the_next_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, per_second=2, per_day=2)
    where = project(tmp_path, THREE)
    time = FakeTime()
    server.reply(RIGHT, of("JPN"), of("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.answered, len(server.received)) == (2, 2)
    assert "the 2 requests of today are used up" in str(result.skipped)
    assert not result.failed
    (result,) = ask(where, server, time=time)
    assert (result.requests, len(server.received)) == (0, 2)
    time.at += timedelta(hours=13)
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered, result.skipped) == (2, 1, None)
    assert "partner=USA" in server.received[2].target


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


def test_a_span_that_takes_more_than_a_quota_is_done_in_a_few_days(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, per_second=2, per_day=2)
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU"]\n')
    time = FakeTime()
    targets = []
    for first, second in (("CHN", "JPN"), ("USA", "DEU"), ("CHN", "JPN")):
        server.reply(of(first), of(second))
        (result,) = ask(where, server, time=time, full=True)
        assert (result.refusals, len(server.received)) == ([], 2)
        targets += [received.target.partition("partner=")[2][:3] for received in server.received]
        time.at += timedelta(days=1)
    assert targets == ["CHN", "JPN", "USA", "DEU", "CHN", "JPN"]


def test_a_publisher_that_takes_no_key_and_turns_us_away_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, key=None)
    server.reply(Reply(b"not from here", 403))
    (result,) = ask(project(tmp_path), server)
    assert (result.failed, result.stopped) == (True, None)
    assert result.refusals[0].reason == "HTTP 403: not from here"


def test_a_publisher_that_says_enough_is_left_alone_for_as_long_as_it_says(where: Project, server: Server) -> None:
    where.configuration.write_text(THREE)
    time = FakeTime()
    server.reply(RIGHT, Reply(b"slow down", 429, {"Retry-After": "7200"}))
    (result,) = ask(where, server, time=time)
    assert (result.answered, len(server.received)) == (1, 2)
    assert "the quota is used up for now" in str(result.skipped)
    (result,) = ask(where, server, time=time)
    assert "a pause until 2023-07-01 14:00 UTC" in str(result.skipped)
    assert len(server.received) == 2
    time.at += timedelta(hours=3)
    server.reply(of("JPN"), of("USA"))
    (result,) = ask(where, server, time=time)
    assert (result.already, result.answered) == (1, 2)


def test_what_a_publisher_says_in_words_of_when_to_come_back_is_kept_over_runs(tmp_path: Path, server: Server) -> None:
    where = project(tmp_path)
    time = FakeTime(datetime(2024, 1, 10, tzinfo=UTC))
    said = b'{"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 05:12:33."}'
    server.reply(Reply(said, 403))
    (result,) = ask(where, server, "comtrade", time=time)
    assert (result.stopped, len(server.received)) == ("quota", 1)
    time.at += timedelta(hours=5)
    (result,) = ask(where, server, "comtrade", time=time)
    assert "a pause until 2024-01-10 05:12 UTC" in str(result.skipped)
    assert len(server.received) == 1
    time.at += timedelta(minutes=13)
    ask(where, server, "comtrade", time=time)
    assert len(server.received) == 2


def test_a_publisher_that_turns_the_address_away_is_asked_once_and_looked_at(tmp_path: Path, server: Server) -> None:
    server.reply(Reply(b"", 403))
    results = ask(project(tmp_path), server, "kcs", key="open-sesame")
    assert {result.stopped for result in results if result.planned} == {"address"}
    assert all(result.failed for result in results if result.planned)
    assert "the publisher blocks requests from this address (HTTP 403 without a code" in str(results[0].skipped)
    assert len(server.received) == 1


def test_a_wrong_setting_of_one_publisher_holds_nobody_else_up(tmp_path: Path, server: Server) -> None:
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n[kcs]\nproducts = ["854"]\n')
    server.reply(Reply(json.dumps([{"page": 1, "pages": 0, "total": 0, "per_page": "0"}, None]).encode()))
    environment = {f"BILATERAL_{code.upper()}_URL": server.address for code in ("kcs", "worldbank", "imf")}
    environment |= {"BILATERAL_KCS_KEY": "open-sesame", "BILATERAL_IMF_URL": "not an address"}
    where.configuration.write_text(where.configuration.read_text() + '[worldbank]\nindicators = ["NV.AGR.TOTL.ZS"]\n')
    results = run_refresh(where, ["imf", "worldbank", "kcs"], Options(environment=environment, clock=FakeTime().clock))
    assert [result.source for result in results] == ["kcs", "kcs", "kcs", "kcs", "imf", "worldbank"]
    assert [result.stopped for result in results] == [*5 * ["setting"], None]
    assert "line 3: kcs.products.0: '854' is not a Harmonized System code" in str(results[0].skipped)
    assert "not a valid address" in str(results[4].skipped)
    assert "Correct BILATERAL_IMF_URL" in str(results[4].skipped)
    assert (results[5].nothing, results[5].failed) == (1, False)


def test_a_publisher_that_does_not_answer_is_not_asked_everything(where: Project, server: Server) -> None:
    where.configuration.write_text('pairs = ["KOR-CHN"]\ndonors = ["JPN", "USA", "DEU", "GBR"]\n')
    server.reply(Reply(status=500))
    (result,) = ask(where, server)
    assert len(result.refusals) == 3
    assert len(server.received) == 9
    assert "3 requests in a row got no usable response" in str(result.skipped)


def test_a_publisher_without_its_key_is_skipped_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, key=replace(example.KEY, required=True))
    server.reply(RIGHT)
    (result,) = ask(project(tmp_path), server)
    assert result.skipped == "no key: set BILATERAL_EXAMPLE_KEY. Ask its master."
    assert not result.failed
    assert server.received == []


def test_a_key_that_is_not_accepted_ends_the_asking(where: Project, server: Server) -> None:
    where.configuration.write_text(THREE)
    server.reply(Reply(b"who are you?", 401))
    (result,) = ask(where, server, key="open-sesame")
    assert "the key is not accepted (HTTP 401: who are you?). Ask its master." in str(result.skipped)
    assert result.failed
    assert len(server.received) == 1


def test_a_publisher_that_is_turned_off_or_has_no_api_is_not_asked(tmp_path: Path, server: Server) -> None:
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n[imf]\nenabled = false\n')
    server.reply(RIGHT)
    results = ask(where, server, "imf")
    assert {result.skipped for result in results} == {"turned off in bilateral.toml ([imf] enabled)"}
    with pytest.raises(BilateralError, match="has no API to refresh from"):
        ask(where, server, "wits")
    with pytest.raises(BilateralError, match="no source called nobody"):
        run_refresh(where, ["nobody"])
    assert server.received == []


def test_the_plan_lists_the_requests_and_sends_none(where: Project, server: Server) -> None:
    server.reply(RIGHT)
    (planned,) = plan_refresh(where, None, Options(environment={"BILATERAL_EXAMPLE_URL": server.address}))
    (one,) = planned.requests
    assert one.address.startswith(f"{server.address}/trade?partner=CHN")
    assert server.received == []


def test_another_warehouse_with_the_same_archive_holds_the_same_rows(
    where: Project, server: Server, tmp_path: Path
) -> None:
    import shutil

    server.reply(RIGHT)
    ask(where, server)
    other = project(tmp_path / "other")
    shutil.copytree(where.fetched, other.fetched)
    assert rows(other, TRADE.path) == rows(where, TRADE.path)
    # The log stayed behind: everything is asked again, and confirmed.
    (result,) = ask(other, server, time=FakeTime(datetime(2023, 7, 2, tzinfo=UTC)))
    assert (result.confirmed, result.archived) == (4, [])


def test_what_showed_a_figure_first_is_not_pruned(where: Project, server: Server) -> None:
    time = FakeTime()
    revised = (*example.FIGURES[:3], ("CHN", "2023", "import", "1401"))
    again = tuple((*f[:3], f"{float(f[3] or 0) + 7}") for f in example.FIGURES)
    unused = []
    for figures in (example.FIGURES, revised, revised, again):
        server.reply(Reply(example.body(figures)))
        assert not ask(where, server, time=time, again=True)[0].failed
        unused.append([one.manifest.known_from.day for one in pruning.find_unused(where).unused])
        time.at += timedelta(days=1)
    # Three of its figures are known from the first day, whatever repeats them; when all are revised it may go.
    assert unused == [[], [], [], [1, 2]]


def test_two_refreshes_of_a_publisher_do_not_run_at_once(where: Project, server: Server) -> None:
    from filelock import FileLock

    where.archive.mkdir(parents=True, exist_ok=True)
    lock = FileLock(where.archive / "refresh.example.lock")
    waited: list[str] = []
    server.reply(RIGHT)
    with lock:
        options = Options(environment={"BILATERAL_EXAMPLE_URL": server.address}, clock=FakeTime().clock)

        def end(code: str) -> None:
            waited.append(code)
            lock.release()

        run_refresh(where, None, options, on_wait=end)
    assert waited == ["example"]


def test_what_somebody_trusts_is_accepted_once_and_for_all(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(RIGHT)
    ask(where, server, time=time)
    time.at += timedelta(days=1)
    server.reply(Reply(example.body(example.FIGURES[:2])))
    (refused,) = ask(where, server, time=time)
    assert "the response lacks 2 of 4 stored figures" in refused.refusals[0].reason
    (result,) = ask(where, server, time=time, trust=True)
    assert (result.refusals, result.confirmed, result.withdrawn, len(result.archived)) == ([], 2, 2, 1)
    assert snapshots.find_snapshots(where, TRADE.path)[-1].manifest.notes == [
        "Accepted on request, although the response lacks 2 of 4 stored figures, such as CHN | 2023 | export.",
        "The scale of ships could not be compared with stored figures.",
    ]
    # From now on the withdrawn figures are not expected; others are.
    time.at += timedelta(days=1)
    (result,) = ask(where, server, time=time)
    assert (result.refusals, result.confirmed, result.withdrawn, result.archived) == ([], 2, 0, [])
    server.reply(Reply(example.body(())))
    (result,) = ask(where, server, time=time, again=True)
    assert "the publisher has no figures, but 2 are stored" in result.refusals[0].reason
    # Nobody can vouch for a response about something else.
    server.reply(Reply(example.body((*example.FIGURES, ("JPN", "2023", "export", "5")))))
    (result,) = ask(where, server, time=time, again=True, trust=True)
    assert "'JPN', but 'CHN' was requested" in result.refusals[0].reason


def test_a_figure_that_is_no_longer_listed_is_withdrawn_and_one_that_is_again_restored(
    where: Project, server: Server
) -> None:
    time = FakeTime()
    shown = []
    for figures in (example.FIGURES, example.FIGURES[:3], example.FIGURES[:3], example.FIGURES):
        server.reply(Reply(example.body(figures)))
        (result,) = ask(where, server, time=time)
        assert not result.failed
        shown.append((result.changed, result.withdrawn, result.confirmed, len(result.archived)))
        time.at += timedelta(days=1)
    assert shown == [(0, 0, 0, 1), (0, 1, 3, 1), (0, 0, 3, 0), (1, 0, 3, 1)]
    # In raw it is a row that stands in no line of the response, without a value.
    (gone,) = (row for row in rows(where, TRADE.path) if row[-1] is None)
    assert gone[:4] == ("CHN", "2023", "import", None)
    assert gone[-2] == snapshots.find_snapshots(where, TRADE.path)[1].id


def test_all_figures_that_are_held_are_never_withdrawn_at_once(where: Project, server: Server) -> None:
    server.reply(Reply(example.body(example.FIGURES[:1])))
    ask(where, server)
    server.reply(Reply(example.body(example.FIGURES[2:])))
    (result,) = ask(where, server, again=True)
    assert "the response lacks 1 of 1 stored figures" in result.refusals[0].reason


def test_an_empty_value_is_no_new_figure_and_after_one_its_withdrawal(where: Project, server: Server) -> None:
    time = FakeTime()
    empty = (*example.FIGURES, ("CHN", "2021", "export", None))
    shown = []
    for figures in (empty, (*empty, ("CHN", "2021", "import", None)), (*empty[1:], (*empty[0][:3], None))):
        server.reply(Reply(example.body(figures)))
        (result,) = ask(where, server, time=time, full=True)
        shown.append((result.new, result.changed, result.withdrawn, len(result.archived)))
        time.at += timedelta(days=1)
    assert shown == [(4, 0, 0, 1), (0, 0, 0, 0), (0, 0, 1, 1)]


def test_what_changes_without_a_new_release_is_known_from_the_day_on_which_it_was_seen(
    where: Project, server: Server
) -> None:
    time = FakeTime()
    mended = (*example.FIGURES[:3], ("CHN", "2023", "import", "1401"))
    later = (*mended, ("CHN", "2021", "export", "1500"))
    for figures in (example.FIGURES, example.FIGURES, mended, mended, later, later, later[1:]):
        server.reply(Reply(example.body(figures, published="2023-06-20")))
        (result,) = ask(where, server, time=time)
        assert not result.failed
        time.at += timedelta(days=25)
    known = [one.manifest.known_from for one in snapshots.find_snapshots(where, TRADE.path)]
    assert known == [date(2023, 6, 20), *((NOW + timedelta(days=25 * n)).date() for n in (2, 4, 6))]


@pytest.mark.parametrize("error", [KeyError("rows"), RecursionError("too deep"), AttributeError("'int' has no 'get'")])
@pytest.mark.parametrize("late", [False, True], ids=["at once", "while rows are taken"])
def test_whatever_a_reader_raises_refuses_its_response_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, error: Exception, late: bool
) -> None:
    def read(request: Request, response: Response) -> Reading:
        if request.subject != "JPN":
            return example.read(request, response)
        if not late:
            raise error

        def rows() -> Iterator[tuple[str | None, ...]]:
            yield from ()
            raise error

        return Reading(rows())

    example.register(monkeypatch, read=read)
    where = project(tmp_path, THREE)
    server.reply(RIGHT, of("JPN"), of("USA"))
    (result,) = ask(where, server)
    (refusal,) = result.refusals
    assert (result.answered, refusal.subject) == (2, "JPN")
    assert f"the reader failed on this response: {type(error).__name__}: " in refusal.reason
    assert (refusal.folder / "answer.bin").read_bytes() == of("JPN").content


def test_what_cannot_be_written_down_is_refused(where: Project, server: Server) -> None:
    unwritable: dict[str, Any] = {"\ud800": "half a character"}
    server.reply(Reply(example.body(example.FIGURES, **unwritable)))
    (result,) = ask(where, server)
    (refusal,) = result.refusals
    assert "unpaired surrogate" in refusal.reason
    assert yaml.safe_load((refusal.folder / "reason.yml").read_text())["reason"] == refusal.reason
    assert snapshots.find_snapshots(where, TRADE.path) == []


def test_a_manifest_that_cannot_be_read_back_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    def read(request: Request, response: Response) -> Reading:
        return replace(example.read(request, response), notes=("new fields: \ud800",))

    example.register(monkeypatch, read=read)
    where = project(tmp_path)
    server.reply(RIGHT)
    (result,) = ask(where, server)
    assert "cannot be read back" in result.refusals[0].reason
    assert snapshots.find_snapshots(where, TRADE.path) == []
    assert list(where.fetched.rglob("manifest.yml")) == []
