"""Declarations of slices are true: made or checked slice by slice, a table or rule has the same result as a whole.

Here: every model and every rule that declares slices, and wrong declarations. Not here: the slices that a build makes
again (`test_slices`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import pytest

from dagster_project.audit.auditor import Parts
from dagster_project.audit.suites import load_suites
from dagster_project.catalog import Catalog
from dagster_project.incremental.changes import LOOKED_UP
from dagster_project.incremental.slices import (
    Slicing,
    Value,
    get_model_slicing,
    get_rule_slicing,
    parse_value,
    write_condition,
)
from dagster_project.models import Model, Slices
from dagster_project.pipeline import Build, open_build
from dagster_project.project import Project
from tests import making
from tests.audit import test_expectations as audit
from tests.audit.test_expectations import Warehouse
from tests.audit.test_expectations import warehouse as tables  # noqa: F401 - a fixture

pytestmark = pytest.mark.long

PROJECT = Project.find()
MODELS = Catalog(PROJECT).models
DECLARED = sorted(name for name, model in MODELS.items() if model.slices is not None)
RULES = [
    (table, rule.check)
    for table, suite in sorted(load_suites(PROJECT).items())
    for rule in suite.expectations
    if get_rule_slicing(rule, table, MODELS) is not None and table in DECLARED
]
# The columns of raw tables that no committed snapshot has rows for: every row that can be put together of them.
MADE_UP: dict[str, dict[str, list[str]]] = {
    "comtrade__goods": {
        "freq_code": ["M"],
        "period": ["202001", "202002", "202003", "202101", "202012"],
        "reporter_code": ["410", "156"],
        "partner_code": ["842", "392"],
        "partner2_code": ["0"],
        "flow_code": ["X", "M"],
        "classification_code": ["H6"],
        "cmd_code": ["TOTAL", "854231", "854232"],
        "customs_code": ["C00"],
        "mos_code": ["0"],
        "mot_code": ["0"],
        "is_reported": ["true"],
        "is_aggregate": ["false"],
    },
    "imf__imts": {
        "reporter_code": ["KOR", "CHN"],
        "partner_code": ["JPN", "USA"],
        "indicator_code": ["XG_FOB_USD", "MG_CIF_USD"],
        "frequency": ["M"],
        "period": ["2020-01", "2020-02", "2021-01", "2021-02"],
        "derivation_type": ["O"],
    },
    "oecd_wto__batis": {
        "reporter_code": ["KOR", "CHN"],
        "partner_code": ["JPN", "USA"],
        "flow": ["EXP", "IMP"],
        "item_code": ["S", "SD"],
        "year": ["2019", "2020", "2021", "2022"],
    },
    "us_census__trade": {
        "flow": ["export", "import"],
        "commodity_level": ["-", "HS2"],
        "commodity_code": ["-"],
        "cty_code": ["5700", "5800"],
        "month": ["2020-01", "2020-02", "2021-01", "2021-02"],
    },
}
NUMBERS = {"primary_value", "net_wgt", "value_usd", "reported_musd", "final_musd", "balanced_musd"}


@dataclass(frozen=True)
class Court:
    """A built warehouse, with rows in every table that a declared model reads."""

    work: Build

    def differing(self, model: Model) -> int:
        """Count the packs of a model's slices that differ from the same rows of the whole table."""
        slicing = get_model_slicing(model, self.work.catalog.models)
        assert slicing is not None
        ask = self.work.file.connection.execute
        ask(f"create or replace temp table made_as_a_whole as {model.select}")
        values = self._values(slicing)
        assert len(values) > 3, "There are too few slices to tell."
        # Neighbours fall into different packs, so that a slice that reads another one misses something.
        random.Random(0).shuffle(values)  # noqa: S311 - the same each time
        packs = [set(values[place::4]) for place in range(4)]
        found = 0
        for pack in packs:
            part = self._without_other_snapshots(slicing, pack, slicing.write_select(pack))
            held = f"select * from made_as_a_whole where {write_condition(slicing.result, pack)}"
            found += any(
                ask(f"select 1 from (({one}) except all ({other})) limit 1").fetchall()
                for one, other in ((part, held), (held, part))
            )
        return found

    def _values(self, slicing: Slicing) -> list[Value]:
        """List every slice of a table and of the tables that it reads."""
        places = [("made_as_a_whole", slicing.result), *slicing.keys.items()]
        query = " union ".join(f"select {key} from {name}" for name, key in places)
        found = self.work.file.connection.execute(query).fetchall()
        return sorted({parse_value(value) for (value,) in found}, key=str)

    def _without_other_snapshots(self, slicing: Slicing, pack: set[Value], part: str) -> str:
        """Return the part's conditions, which also hide snapshots that its rows do not come from."""
        read = pack.union(*(slicing.list_earlier(value) for value in pack))
        named = " union ".join(
            f"select snapshot_id from {name} where {write_condition(key, read)}"
            for name, key in slicing.keys.items()
            if name.startswith("raw.") or "snapshot_id" in {one.name for one in self.work.catalog.models[name].columns}
        )
        return part.replace(f"{LOOKED_UP} ", f"(from {LOOKED_UP} where snapshot_id in ({named})) ") if named else part


@pytest.fixture(scope="module")
def court(built: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    made = making.copy_of(built, tmp_path_factory.mktemp("declared") / "warehouse")
    with open_build(made) as work:
        work.inputs.receive_all()
        assert all(work.tables.is_current(name) for name in work.catalog.models)
        for name, columns in MADE_UP.items():
            fill(work, name, columns)
        yield Court(work)


def fill(work: Build, name: str, columns: dict[str, list[str]]) -> None:
    """Replace a raw table with invented rows of two known snapshots."""
    connection = work.file.connection
    known = connection.execute(f"select snapshot_id from {LOOKED_UP} order by 1 limit 2").fetchall()
    names = [row[0] for row in connection.execute(f"describe raw.{name}").fetchall()]
    drawn = {**columns, "snapshot_id": [one for (one,) in known]}
    numbers = random.Random(name)  # noqa: S311 - as above
    rows = []
    for place, values in enumerate(product(*drawn.values())):
        row = dict(zip(drawn, values, strict=True)) | {"row_number": place}
        row |= {number: str(numbers.randrange(1, 10**6)) for number in NUMBERS}
        rows.append([row.get(column) for column in names])
    connection.execute(f"drop view raw.{name}")
    columns_of = ", ".join(f'"{one}" {"bigint" if one == "row_number" else "varchar"}' for one in names)
    connection.execute(f"create table raw.{name} ({columns_of})")
    connection.executemany(f"insert into raw.{name} values ({', '.join('?' * len(names))})", rows)


@pytest.mark.parametrize("name", DECLARED)
def test_a_model_comes_slice_by_slice_to_what_the_whole_comes_to(court: Court, name: str) -> None:
    assert court.differing(MODELS[name]) == 0


WRONG = {
    # The months before have a part in a year to date, and the same month of the year before in a change.
    "marts.trade_balance_monthly": Slices("period_start"),
    "marts.price_volume_monthly": Slices("period_start"),
    # A lookback that does not go back far enough.
    "marts.price_volume_monthly ": Slices("period_start", lookback=11),
    # A year is summed from its months.
    "core.goods_trade_annual_candidates": Slices("period_start"),
    # The year before has a part in a sign that flips.
    "marts.trade_balance_annual": Slices("year"),
    # SQL that tells another month of a raw row than the model does.
    "staging.comtrade__goods": Slices("period_start", "cast(try_strptime(left(period, 4), '%Y') as date)"),
    # Two vintages of a figure in several months, of which the first is known by all of them.
    "core.goods_trade_set_aside": Slices("period_start"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_declaration_is_found(court: Court, name: str) -> None:
    assert court.differing(replace(MODELS[name.strip()], slices=WRONG[name])) > 0


def test_what_is_looked_up_of_other_snapshots_is_found(court: Court) -> None:
    """A model that counts snapshots: what it says of a month changes with snapshots of others."""
    model = MODELS["core.exchange_rates"]
    counted = "(select count(*) from reference.snapshots as others)"
    select = f"select made.* replace ({counted} as exchange_rate) from ({model.select}) as made"
    assert court.differing(replace(model, slices=Slices("period_start"))) == 0
    assert court.differing(replace(model, select=select, slices=Slices("period_start"))) > 0


def missed(warehouse: Warehouse, table: str, check: str, sliced_by: str | None = None) -> list[str]:
    """Return the dirty rows that a rule finds in the whole table but in no slice."""
    (rule,) = (one for one in audit.SUITES[table].expectations if one.check == check)
    slicing = get_rule_slicing(replace(rule, sliced_by=sliced_by or rule.sliced_by), table, MODELS)
    assert slicing is not None
    rows, ask = audit.case(table), warehouse.connection.execute
    suite = replace(audit.SUITES[table], expectations=(rule,))
    ways = rows.dirty[check]
    found = []
    try:
        # Statements that follow from the rule all break the same row.
        for statement, _ in ways if ways[0][1] is not None else ways[:1]:
            warehouse.fill(rows.clean)
            ask(statement)
            every = " union ".join(f"select {key} from {name}" for name, key in slicing.keys.items())
            values = sorted({parse_value(value) for (value,) in ask(every).fetchall()}, key=str)
            parts = Parts([slicing.write_conditions([value]) for value in values], {check})
            # Only what holds in each part is not asked of the whole, in which it does not.
            if warehouse.auditor.audit_suite(suite, [parts])[0].status == "passed":
                found.append(statement)
    finally:
        warehouse.empty(rows.clean)
    return found


@pytest.mark.parametrize(("table", "check"), RULES)
def test_a_rule_finds_slice_by_slice_what_it_finds_in_the_whole(tables: Warehouse, table: str, check: str) -> None:  # noqa: F811
    assert missed(tables, table, check) == []


@pytest.mark.parametrize("table", ["staging.comtrade__goods", "core.product_trade_monthly"])
def test_a_rule_across_months_cannot_be_declared(tables: Warehouse, table: str) -> None:  # noqa: F811
    assert missed(tables, table, "no_large_flow_jumps_a_thousandfold", "period_start") != []
