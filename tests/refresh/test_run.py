"""A refresh archives what is new, refuses what is wrong, and goes on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dagster_project import snapshots
from dagster_project.errors import BilateralError
from dagster_project.project import Project
from dagster_project.refresh.planning import Options
from dagster_project.refresh.run import run_refresh
from dagster_project.sources import ParsedResponse, Request, Response
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, project, rows
from tests.refresh.server import Reply, Server


def test_the_first_answer_is_archived_with_all_that_tells_what_it_is(where: Project, server: Server) -> None:
    server.reply(example.RIGHT)
    (result,) = ask(where, server)
    assert (result.new, result.changed, result.confirmed, result.requests) == (4, 0, 0, 1)
    assert not result.failed
    (archived,) = snapshots.find_snapshots(where, TRADE.path)
    assert result.archived == [archived.id]
    assert archived.data.read_bytes() == example.RIGHT.content
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
    server.reply(example.RIGHT)
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


def test_no_figures_are_right_where_none_are_held(where: Project, server: Server) -> None:
    server.reply(Reply(json.dumps({"error": {"trouble": "nothing", "message": "no data"}}).encode()))
    (result,) = ask(where, server)
    assert (result.nothing, result.refusals, result.archived) == (1, [], [])
    (result,) = ask(where, server)
    assert result.already == 1
    assert len(server.received) == 1


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


def test_a_publisher_that_takes_no_key_and_turns_us_away_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    example.register(monkeypatch, key=None)
    server.reply(Reply(b"not from here", 403))
    (result,) = ask(project(tmp_path), server)
    assert (result.failed, result.stopped) == (True, None)
    assert result.refusals[0].reason == "HTTP 403: not from here"


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
    server.reply(example.RIGHT)
    (result,) = ask(project(tmp_path), server)
    assert result.skipped == "no key: set BILATERAL_EXAMPLE_KEY. Ask its master."
    assert not result.failed
    assert server.received == []


def test_a_key_that_is_not_accepted_ends_the_asking(where: Project, server: Server) -> None:
    where.configuration.write_text(example.THREE)
    server.reply(Reply(b"who are you?", 401))
    (result,) = ask(where, server, key="open-sesame")
    assert "the key is not accepted (HTTP 401: who are you?). Ask its master." in str(result.skipped)
    assert result.failed
    assert len(server.received) == 1


def test_a_publisher_that_is_turned_off_or_has_no_api_is_not_asked(tmp_path: Path, server: Server) -> None:
    where = project(tmp_path, 'pairs = ["KOR-CHN"]\n[imf]\nenabled = false\n')
    server.reply(example.RIGHT)
    results = ask(where, server, "imf")
    assert {result.skipped for result in results} == {"turned off in bilateral.toml ([imf] enabled)"}
    with pytest.raises(BilateralError, match="cannot be refreshed"):
        ask(where, server, "wits")
    with pytest.raises(BilateralError, match="no source called nobody"):
        run_refresh(where, ["nobody"])
    assert server.received == []


def test_another_warehouse_with_the_same_archive_holds_the_same_rows(
    where: Project, server: Server, tmp_path: Path
) -> None:
    import shutil

    server.reply(example.RIGHT)
    ask(where, server)
    other = project(tmp_path / "other")
    shutil.copytree(where.fetched, other.fetched)
    assert rows(other, TRADE.path) == rows(where, TRADE.path)
    # The log stayed behind: everything is asked again, and confirmed.
    (result,) = ask(other, server, time=FakeTime(datetime(2023, 7, 2, tzinfo=UTC)))
    assert (result.confirmed, result.archived) == (4, [])


def test_two_refreshes_of_a_publisher_do_not_run_at_once(where: Project, server: Server) -> None:
    from filelock import FileLock

    where.archive.mkdir(parents=True, exist_ok=True)
    lock = FileLock(where.archive / "refresh.example.lock")
    waited: list[str] = []
    server.reply(example.RIGHT)
    with lock:
        options = Options(environment={"BILATERAL_EXAMPLE_URL": server.address}, clock=FakeTime().clock)

        def end(code: str) -> None:
            waited.append(code)
            lock.release()

        run_refresh(where, None, options, on_wait=end)
    assert waited == ["example"]


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


@pytest.mark.parametrize(
    ("error", "late"),
    [
        (KeyError("rows"), False),
        (AttributeError("'int' has no 'get'"), False),
        (RecursionError("too deep, while rows are taken"), True),
    ],
)
def test_whatever_a_reader_raises_refuses_its_response_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, error: Exception, late: bool
) -> None:
    def read(request: Request, response: Response) -> ParsedResponse:
        if request.subject != "JPN":
            return example.read(request, response)
        if not late:
            raise error

        def rows() -> Iterator[tuple[str | None, ...]]:
            yield from ()
            raise error

        return ParsedResponse(rows())

    example.register(monkeypatch, read=read)
    where = project(tmp_path, example.THREE)
    server.reply(example.RIGHT, example.answer_about("JPN"), example.answer_about("USA"))
    (result,) = ask(where, server)
    (refusal,) = result.refusals
    assert (result.answered, refusal.subject) == (2, "JPN")
    assert f"the response cannot be parsed: {type(error).__name__}: " in refusal.reason
    assert (refusal.folder / "answer.bin").read_bytes() == example.answer_about("JPN").content


def test_a_manifest_that_cannot_be_read_back_is_not_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    def read(request: Request, response: Response) -> ParsedResponse:
        return replace(example.read(request, response), notes=("new fields: \ud800",))

    example.register(monkeypatch, read=read)
    where = project(tmp_path)
    server.reply(example.RIGHT)
    (result,) = ask(where, server)
    assert "The manifest of a response of example cannot be read back: " in result.refusals[0].reason
    assert snapshots.find_snapshots(where, TRADE.path) == []
    assert list(where.fetched.rglob("manifest.yml")) == []
