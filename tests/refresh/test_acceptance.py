"""The stored figures decide whether a response is accepted, and which of its figures are new."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from dagster_project import raw, snapshots
from dagster_project.project import Project
from dagster_project.refresh.acceptance import StoredFigures, check_response
from dagster_project.snapshots import set_aside
from dagster_project.snapshots.set_aside import SetAside
from dagster_project.sources import Request, Unusable
from tests import making
from tests.making import TRADE
from tests.refresh import example
from tests.refresh.running import NOW, FakeTime, ask, rows
from tests.refresh.server import Reply, Server

Figures = tuple[tuple[str | None, ...], ...]
FIGURES = example.FIGURES
CHINA = Request(TRADE.path, "/trade", "CHN", only={"partner_code": ("CHN",)}, period_column="year")


def multiply(figures: Figures, factor: float) -> Figures:
    return tuple((*figure[:3], f"{float(figure[3] or 0) * factor}") for figure in figures)


@contextmanager
def hold(folder: Path, figures: Figures) -> Iterator[StoredFigures]:
    """Store figures without a refresh."""
    where = making.project(folder)
    text = "\n".join(f"{','.join(map(str, figure))},,," for figure in figures)
    making.snapshot(where, f"{','.join(column.name for column in TRADE.columns)}\n{text}\n")
    with StoredFigures(where, TRADE) as held:
        yield held


def judge(held: StoredFigures, figures: Figures, first: str = "2021") -> str:
    """Return why a response about China with these figures is refused; nothing if it is accepted."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.csv"
        raw.write_table([(*figure, None, None, None) for figure in figures], TRADE, page)
        try:
            check_response(held, replace(CHINA, periods=(first, "2023")), [page])
        except Unusable as refused:
            return refused.reason
    return ""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoredFigures]:
    with hold(tmp_path_factory.mktemp("held"), FIGURES) as figures:
        yield figures


@pytest.mark.parametrize(
    ("figures", "reason"),
    [
        ((*FIGURES, ("JPN", "2023", "export", "5")), "partner_code is 'JPN', but only 'CHN' was requested"),
        ((*FIGURES, ("CHN", "2031", "export", "5")), "year is '2031', but only 2021 to 2023 was requested"),
        ((*FIGURES[:3], ("CHN", "2023", "import", "much")), "1 of 4 rows break the contract"),
        ((*FIGURES[:3], FIGURES[2]), "2 of 4 rows break the contract, such as partner_code, year, flow"),
        (FIGURES[:2], "the response lacks 2 of 4 stored figures, such as CHN | 2023 | export"),
        (multiply(FIGURES, 1000), "value_usd is 1,000 times the stored value"),
        (multiply(FIGURES, 0.001), "value_usd is 1/1,000 of the"),
    ],
)
def test_a_wrong_answer_is_refused_with_its_reason(held: StoredFigures, figures: Figures, reason: str) -> None:
    assert reason in judge(held, figures)


def test_the_same_figures_again_are_accepted(held: StoredFigures) -> None:
    assert judge(held, FIGURES) == ""


def test_a_first_answer_is_compared_with_its_neighbours_in_time(tmp_path: Path) -> None:
    with hold(tmp_path, FIGURES[:2]) as held:
        assert "times the stored value" in judge(held, multiply(FIGURES[2:], 1000), first="2023")


@pytest.mark.parametrize(
    ("factor", "said"), [(1000, "median over the new figures"), (0.001, "median over the new"), (2, "")]
)
def test_a_new_year_among_held_ones_is_compared_with_them(tmp_path: Path, factor: float, said: str) -> None:
    with hold(tmp_path, FIGURES[:2]) as held:
        reason = judge(held, (*FIGURES[:2], *multiply(FIGURES[2:], factor)))
    assert said in reason
    assert bool(said) == bool(reason)


def test_a_wrong_answer_is_kept_aside_and_the_last_good_one_stays(where: Project, server: Server) -> None:
    server.reply(example.RIGHT)
    ask(where, server)
    before = rows(where, TRADE.path)
    wrong = Reply(example.body(FIGURES[:2]), headers={"Content-Type": "application/json"})
    server.reply(wrong)
    (result,) = ask(where, server, again=True)
    (refusal,) = result.refusals
    assert result.failed
    assert rows(where, TRADE.path) == before
    assert (refusal.folder / "answer.json").read_bytes() == wrong.content
    told = yaml.safe_load((refusal.folder / "reason.yml").read_text())
    assert told["reason"] == refusal.reason == "the response lacks 2 of 4 stored figures, such as CHN | 2023 | export"
    assert told["url"].endswith("/trade?partner=CHN&years=2021%3A2023")
    server.reply(Reply(example.body(())))
    (result,) = ask(where, server, again=True)
    assert "the publisher has no figures, but 4 are stored for this request" in result.refusals[0].reason


def test_what_is_set_aside_is_no_news_and_no_measure(where: Project, server: Server) -> None:
    wrong = tuple((*f[:3], f"{float(f[3] or 0) * 1000}") for f in FIGURES)
    server.reply(Reply(example.body(wrong)))
    (first,) = ask(where, server)
    decision = SetAside(TRADE.path, "Thousands.", "build", NOW.date(), snapshots=(first.archived[0],))
    decision.write_file(set_aside.get_build_file(where, first.archived[0]))
    (again,) = ask(where, server, again=True)
    assert (again.archived, again.confirmed) == ([], 4)
    server.reply(example.RIGHT)
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


def test_what_somebody_trusts_is_accepted_once_and_for_all(where: Project, server: Server) -> None:
    time = FakeTime()
    server.reply(example.RIGHT)
    ask(where, server, time=time)
    time.at += timedelta(days=1)
    server.reply(Reply(example.body(FIGURES[:2])))
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
    server.reply(Reply(example.body((*FIGURES, ("JPN", "2023", "export", "5")))))
    (result,) = ask(where, server, time=time, again=True, trust=True)
    assert "'JPN', but only 'CHN' was requested" in result.refusals[0].reason


def test_a_figure_that_is_no_longer_listed_is_withdrawn_and_one_that_is_again_restored(
    where: Project, server: Server
) -> None:
    time = FakeTime()
    shown = []
    for figures in (FIGURES, FIGURES[:3], FIGURES[:3], FIGURES):
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
    server.reply(Reply(example.body(FIGURES[:1])))
    ask(where, server)
    server.reply(Reply(example.body(FIGURES[2:])))
    (result,) = ask(where, server, again=True)
    assert "the response lacks 1 of 1 stored figures" in result.refusals[0].reason


def test_an_empty_value_is_no_new_figure_and_after_one_its_withdrawal(where: Project, server: Server) -> None:
    time = FakeTime()
    empty = (*FIGURES, ("CHN", "2021", "export", None))
    shown = []
    for figures in (empty, (*empty, ("CHN", "2021", "import", None)), (*empty[1:], (*empty[0][:3], None))):
        server.reply(Reply(example.body(figures)))
        (result,) = ask(where, server, time=time, full=True)
        shown.append((result.new, result.changed, result.withdrawn, len(result.archived)))
        time.at += timedelta(days=1)
    assert shown == [(4, 0, 0, 1), (0, 0, 0, 0), (0, 0, 1, 1)]
