"""Two years of unattended monthly refreshes, builds and publications agree with the served figures.

Four publishers live on this machine under a clock of their own (`simulated`). Their changes in a month are chosen by a
seed, which each failure names: `BILATERAL_SEED=… pytest tests/refresh/test_two_years.py -m long` plays it again.
"""

from __future__ import annotations

import csv
import gzip
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from dagster_project import publication, snapshots
from dagster_project.pipeline import build_warehouse
from dagster_project.project import GIVEN, Project
from dagster_project.publication import page
from dagster_project.refresh.planning import Options
from dagster_project.refresh.result import Result
from dagster_project.refresh.retry import RetryPolicy
from dagster_project.refresh.run import run_refresh
from dagster_project.snapshots import set_aside
from tests import making
from tests.refresh.running import FakeTime
from tests.refresh.server import Server
from tests.refresh.simulated import FLOWS, Figure, Known, World, months

SEEDS = [int(seed) for seed in os.environ.get("BILATERAL_SEED", "20270120").split(",")]
BEGIN = datetime(2027, 1, 20, 3, tzinfo=UTC)
MONTHS = 24
# What figures, vintages and their revisions are made of; the rest of the warehouse is made of these tables.
WANTED = (
    *("marts.revisions", "core.goods_trade_as_of", "core.services_trade_as_of", "core.macro_indicators_as_of"),
    *("core.gdp_components_as_of", "core.goods_trade_annual", "core.goods_trade_monthly", "core.product_trade_monthly"),
    *("core.services_trade", "core.macro_indicators", "core.goods_trade_set_aside"),
    *("meta.corrections", "meta.quarantine", "meta.snapshots", "meta.figure_sources"),
)
# The simulated publishers are the only ones who speak of these, and go on from what is committed of the World Bank's.
SIMULATED = ("kcs/goods_monthly", "kcs/goods_monthly_hs", "bok/services_annual")
ECONOMIES = ("KAZ", "MNG")
INDICATORS = ("NV.AGR.TOTL.ZS", "NY.GDP.MKTP.CD", "NE.EXP.GNFS.ZS")
CONFIGURATION = """
pairs = ["KOR-MNG"]
donors = [{donors}]

[imf]
first_year = 2015
[kcs]
products = [{products}]
end_use = false
first_year = 2018
[bok]
first_year = 2010
[worldbank]
economies = ["KAZ", "MNG"]
indicators = [{indicators}]
first_year = 1990
[kosis]
enabled = false
[comtrade]
enabled = false
[cnsd]
enabled = false
[gta]
enabled = false
"""
AS_OF = """
select dataset, reporter_code, partner_code, flow, product_code, frequency, period_start, value_usd
from core.goods_trade_as_of($day)
where (source = 'imf' and dataset = 'imts') or (source = 'kcs' and dataset in ('goods_monthly', 'goods_monthly_hs'))
union all
select dataset, reporter_code, partner_code, flow, service_item_code, 'A', make_date(year, 1, 1), value_usd
from core.services_trade_as_of($day)
where source = 'bok'
union all
select dataset, economy_code, '', '', indicator_code, 'A', make_date(year, 1, 1), value
from core.macro_indicators_as_of($day)
where economy_code in ('KAZ', 'MNG') and indicator_code in ('NV.AGR.TOTL.ZS', 'NY.GDP.MKTP.CD', 'NE.EXP.GNFS.ZS')
    and year >= 1990
"""
REVISIONS = """
select source || '/' || dataset, reporter_code, coalesce(partner_code, ''), coalesce(flow, ''),
    case item_code when 'agriculture' then 'NV.AGR.TOTL.ZS' when 'industry' then 'NV.IND.TOTL.ZS' else item_code end,
    frequency, period_start, change, previous_value, value, previous_known_from, known_from
from marts.revisions
where previous_snapshot_id like '%Z-%' or snapshot_id like '%Z-%'
"""


def small(folder: Path) -> Project:
    """Make a project with some of the models, and the committed figures of publishers that are not simulated."""
    here = Project.find()
    making.part_of(here, folder, *WANTED)
    made = making.project(folder)
    for name in GIVEN:
        shutil.copytree(here.warehouse / name, made.warehouse / name, dirs_exist_ok=True)
    for dataset in SIMULATED:
        shutil.rmtree(made.snapshots / dataset)
    return made


@dataclass
class Life:
    """The changes at the publishers, month by month.

    Args:
        world: The publishers.
        where: The project that refreshes from them.
    """

    world: World
    where: Project
    donors: list[str] = field(default_factory=lambda: ["KAZ"])
    products: list[str] = field(default_factory=lambda: ["8703"])
    indicators: list[str] = field(default_factory=lambda: ["NV.AGR.TOTL.ZS", "NY.GDP.MKTP.CD"])
    key: str = "first-key"
    gone: dict[int, list[tuple[Figure, float]]] = field(default_factory=dict)
    old: list[tuple[int, Figure]] = field(default_factory=list)
    planted: list[Figure] = field(default_factory=list)

    def begin(self, today: date) -> None:
        """Give the publishers their first figures."""
        self.configure()
        for reporter, partner in (
            ("KOR", "MNG"),
            ("KOR", "KAZ"),
            ("MNG", "KOR"),
            ("MNG", "KAZ"),
            ("KAZ", "KOR"),
            ("KAZ", "MNG"),
        ):
            self.trade(reporter, partner, today)
        for partner in ("MNG", "KAZ"):
            self.customs(partner, today)
        self.product("8703", today)
        for flow in FLOWS.values():
            self.fill(_years(2010, today.year - 2), "bok/services_annual", "KOR", "WLD", flow, "S", "A")
        for snapshot in snapshots.find_snapshots(self.where, "worldbank/wdi"):
            with gzip.open(snapshot.data, "rt", encoding="utf-8") as lines:
                for row in csv.DictReader(lines):
                    code, economy, year = row["indicator_code"], row["economy_code"], int(row["year"])
                    if code in INDICATORS and economy in ECONOMIES and year >= 1990 and row["value"]:
                        figure = Figure("worldbank/wdi", economy, "", "", code, "A", date(year, 1, 1))
                        self.world.held[figure] = float(row["value"])
                        self.world.truth.figures[figure] = [Known(snapshot.manifest.known_from, float(row["value"]))]

    def configure(self) -> None:
        lists = {
            name: ", ".join(f'"{one}"' for one in getattr(self, name)) for name in ("donors", "products", "indicators")
        }
        self.where.configuration.write_text(CONFIGURATION.format(**lists), encoding="utf-8")

    def trade(self, reporter: str, partner: str, today: date) -> None:
        for flow in FLOWS.values():
            self.fill(_years(2015, today.year - 2), "imf/imts", reporter, partner, flow, "TOTAL", "A")
            self.fill(
                months(date(2015, 1, 1), _months_before(today, 3)), "imf/imts", reporter, partner, flow, "TOTAL", "M"
            )

    def customs(self, partner: str, today: date) -> None:
        until = _months_before(today, 2)
        for flow in FLOWS.values():
            self.fill(months(date(2018, 1, 1), until), "kcs/goods_monthly", "KOR", partner, flow, "TOTAL", "M")

    def product(self, code: str, today: date) -> None:
        for flow in FLOWS.values():
            for item in (code, f"{code[:2]}{int(code[2:]) + 1:02}"):
                self.fill(
                    months(date(2018, 1, 1), _months_before(today, 2)),
                    "kcs/goods_monthly_hs",
                    "KOR",
                    "MNG",
                    flow,
                    item,
                    "M",
                )

    def fill(
        self, starts: Iterable[date], dataset: str, reporter: str, partner: str, flow: str, item: str, frequency: str
    ) -> None:
        for start in starts:
            self.world.release(Figure(dataset, reporter, partner, flow, item, frequency, start))

    def turn(self, month: int, today: date) -> None:
        """Make the changes of a month before its refresh."""
        world, chance = self.world, self.world.chance
        world.is_out, world.cuts = month == 6, month == 18
        # In two months the IMF changes figures and leaves its date as it was.
        if month not in {4, 20} or month == 0:
            world.released["imf"] = today.replace(day=12)
        if month % 3 == 0:
            world.released["worldbank"] = today.replace(day=5)
        if month:
            self.grow(month, today)
            self.revise(month, today)
        if month in {3, 8, 13, 17}:
            self.withdraw(month)
        for figure, value in self.gone.pop(month, []):
            world.put(figure, value if chance.random() < 0.5 else value * 1.02)
        if month == 9:
            # Another base year: the whole history anew.
            for figure in world.series("worldbank/wdi"):
                if figure.item == "NY.GDP.MKTP.CD":
                    world.put(figure, world.held[figure] * 1.21)
        # A cell of customs is wrong in one month, and mended in the next.
        world.thousandfold = self.unmoved() if month == 15 else None
        self.planted += [world.thousandfold] if world.thousandfold else []
        # The key expires, and somebody renews it a month later.
        world.key = "first-key" if month < 11 else "second-key"
        self.key = "first-key" if month < 12 else "second-key"
        self.widen(month, today)

    def unmoved(self) -> Figure:
        """Find a month of customs that has not changed since its last request."""
        known = self.world.truth.figures
        return self.world.chance.choice(
            [
                one
                for one in self.world.series("kcs/goods_monthly")
                if one.start.year == self.world.today.year - 1 and known[one][-1].value == self.world.held[one]
            ]
        )

    def widen(self, month: int, today: date) -> None:
        """Extend the settings by an indicator, a product or a partner."""
        if month == 10:
            self.indicators.append("NE.EXP.GNFS.ZS")
        if month == 14:
            self.products.append("2603")
            self.product("2603", today)
        if month == 16:
            self.donors.append("UZB")
            for reporter, partner in (("KOR", "UZB"), ("MNG", "UZB"), ("UZB", "KOR"), ("UZB", "MNG")):
                self.trade(reporter, partner, today)
            self.customs("UZB", today)
        self.configure()

    def grow(self, month: int, today: date) -> None:
        """Release new figures: a month of each series, a year in June and July; Kazakhstan is late at times."""
        for place in sorted({figure[:6] for figure in self.world.held}):
            dataset, reporter, partner, frequency = place[0], place[1], place[2], place[5]
            if "KAZ" in (reporter, partner) and month in {5, 15} and frequency == "M":
                continue
            last = self.world.series(*place)[-1].start
            if frequency == "M":
                until = _months_before(today, 3 if dataset == "imf/imts" else 2)
                self.fill([one for one in months(last, until) if one > last], *place)
            elif today.month == (7 if dataset == "worldbank/wdi" else 6):
                self.fill(_years(last.year + 1, today.year - 1), *place)

    def revise(self, month: int, today: date) -> None:
        world, chance = self.world, self.world.chance
        window = {"imf/imts": 3, "kcs/goods_monthly": 2, "kcs/goods_monthly_hs": 2, "bok/services_annual": 3}
        for dataset, years in window.items():
            series = world.series(dataset)
            recent = [one for one in series if one.start.year >= today.year - years]
            older = [one for one in series if one.start.year < today.year - years]
            for figure in chance.sample(recent, min(len(recent), 4)):
                world.put(figure, world.held[figure] * chance.uniform(0.95, 1.05))
            if month in {2, 7}:
                for figure in chance.sample(older, 3):
                    world.put(figure, world.held[figure] * chance.uniform(1.06, 1.1))
                    self.old.append((month, figure))
        if month % 3 == 0:
            for figure in chance.sample(world.series("worldbank/wdi"), 5):
                world.put(figure, world.held[figure] * chance.uniform(0.98, 1.02))

    def withdraw(self, month: int) -> None:
        """Withdraw some figures, together if customs lists them in one row; most come back later."""
        world, chance = self.world, self.world.chance
        for dataset in ("imf/imts", "worldbank/wdi", *SIMULATED):
            year = (
                self.world.today.year - 1
                if dataset in {"imf/imts", "bok/services_annual"}
                else self.world.today.year - 2
            )
            if dataset == "worldbank/wdi" and month % 3:
                continue
            figure = chance.choice(
                [one for one in world.series(dataset) if one.start.year <= year and one.start.year >= year - 1]
            )
            flows = FLOWS.values() if dataset.startswith("kcs") else (figure.flow,)
            for flow in flows:
                one = figure._replace(flow=flow)
                value = world.held.pop(one)
                if month != 17:
                    # The World Bank restores in a release of its own.
                    self.gone.setdefault(month + (3 if dataset == "worldbank/wdi" else 2), []).append((one, value))


def _months_before(today: date, number: int) -> date:
    place = 12 * today.year + today.month - 1 - number
    return date(place // 12, place % 12 + 1, 1)


def _years(first: int, last: int) -> list[date]:
    return [date(year, 1, 1) for year in range(first, last + 1)]


def _told(results: Iterable[Result]) -> set[tuple[str, str]]:
    """Return the messages about a refresh, by publisher."""
    told = set()
    for result in results:
        if result.refusals or result.unanswered:
            told.add((result.source, "refused"))
        if result.stopped not in {None, "off"}:
            told.add((result.source, str(result.stopped)))
    return told


def _changes(figure: Figure, known: list[Known]) -> Iterable[tuple[object, ...]]:
    for before, after in pairwise(known):
        change = "withdrawn" if after.value is None else "restored" if before.value is None else "revised"
        yield (*figure, change, before.value, after.value, before.day, after.day)


def _rounded(rows: Iterable[tuple[object, ...]]) -> set[tuple[object, ...]]:
    return {tuple(float(f"{one:.9g}") if isinstance(one, float | int) else one for one in row) for row in rows}


@pytest.mark.longest
@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_two_years_go_by_and_every_figure_is_what_was_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, seed: int
) -> None:
    # The page about an audit draws on tables that are not made here.
    monkeypatch.setattr(page, "render_pair", lambda *_: "")
    time = FakeTime(BEGIN)
    world = World(seed, lambda: time.at)
    where = small(tmp_path)
    life = Life(world, where)
    life.begin(BEGIN.date())
    server.play(world.answer)
    told: dict[tuple[str, str], list[int]] = {}
    ends: list[date] = []
    for month in range(MONTHS):
        year, number = divmod(BEGIN.year * 12 + BEGIN.month - 1 + month, 12)
        time.at = BEGIN.replace(year=year, month=number + 1)
        life.turn(month, time.at.date())
        environment = {
            f"BILATERAL_{code.upper()}_URL": f"{server.address}/{code}" for code in ("imf", "kcs", "bok", "worldbank")
        }
        environment |= {"BILATERAL_KCS_KEY": life.key, "BILATERAL_BOK_KEY": "a-key"}
        options = Options(environment=environment, clock=time.clock, retries=RetryPolicy(attempts=2))
        for what in _told(run_refresh(where, options=options)):
            told.setdefault(what, []).append(month)
        made, results = build_warehouse(where, keep=0)
        assert made.warning_count <= 12, (seed, month, [one for one in results if one.status == "failed"])
        ends.append((time.at.replace(day=28) + timedelta(days=4)).date().replace(day=1) - timedelta(days=1))
    assert told == {("imf", "refused"): [6, 18], ("imf", "silence"): [6], ("kcs", "key"): [11]}, seed
    # The response with the thousandfold cell was set aside, and no publication has it.
    (decision,) = set_aside.find_all_decisions(where)
    (planted,) = life.planted
    assert (decision.dataset, decision.by, decision.is_whole) == (planted.dataset, "build", True)
    assert f"partner_code {planted.partner}" in decision.reason, (seed, decision)
    assert f"period_start {planted.start}" in decision.reason, (seed, decision)
    with publication.open_published(where) as published:
        for day in ends:
            found = {
                Figure(f"{_source(row[0])}/{row[0]}", *row[1:7]): row[7]
                for row in published.execute(AS_OF, {"day": day}).fetchall()
            }
            truth = world.truth.as_of(day)
            wrong = {
                figure: (found.get(figure), truth.get(figure))
                for figure in {*found, *truth}
                if not _same(found.get(figure), truth.get(figure))
            }
            assert not wrong, (seed, day, len(wrong), dict(list(wrong.items())[:5]))
        revisions = _rounded(published.execute(REVISIONS).fetchall())
    truth_revisions = _rounded(row for figure, known in world.truth.figures.items() for row in _changes(figure, known))
    assert revisions == truth_revisions, (seed, sorted(map(str, revisions ^ truth_revisions))[:10])
    # What was revised beyond the years that are asked for each month was found within a year.
    found_late = {row[:7] for row in truth_revisions if row[7] == "revised"}
    assert life.old
    assert all(tuple(figure) in found_late for _, figure in life.old), seed
    assert {row[7] for row in truth_revisions} == {"revised", "withdrawn", "restored"}


def _source(dataset: str) -> str:
    return {"imts": "imf", "services_annual": "bok", "wdi": "worldbank"}.get(dataset, "kcs")


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-6 * abs(other)
