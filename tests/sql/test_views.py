"""The views of `main` agree with their tables, have each row once, and give right answers to usual queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.project import Project

PROJECT = Project.find()
VIEWS = Catalog(PROJECT).views
NAMED = [name for name, view in VIEWS.items() if "reporter" in {column.name for column in view.columns}]
# A view's figures and those of the table that it is made of, as far as it shows them.
SAME = {
    "trade_balance": (
        "reporter_code, partner_code, year, exports_usd, imports_usd, balance_usd, balance_sign, is_complete, vintages",
        "marts.trade_balance_annual",
    ),
    "trade_balance_monthly": (
        "reporter_code, partner_code, exports_usd, imports_usd, balance_usd, balance_ytd_usd, snapshot_ids",
        "marts.trade_balance_monthly",
    ),
    "(from trade where category = 'goods')": (
        "reporter_code, partner_code, flow, value_usd, valuation, source, snapshot_ids",
        "core.goods_trade_annual",
    ),
    "(select * exclude (snapshot_ids) from trade_partners)": (
        "reporter_code, partner_code, flow, year, value_usd, share_pct, partner_rank, status, source",
        "(from marts.partner_share_annual where partner_kind = 'economy')",
    ),
    "(from both_sides where mirror_basis = 'held')": (
        "reporter_code, partner_code, year, balance_reported_usd, balance_mirror_usd, signs_agree, gap_usd",
        "marts.mirror_balance_annual",
    ),
    "(unpivot (from gdp_composition) on columns('_share_pct') into name component value share_pct)": (
        "economy_code, year, share_pct, replace(component, '_share_pct', '')",
        "marts.gdp_composition_annual",
    ),
    "policy_events": ("event_id, source, title, event_class, evaluation, first_stage_date", "core.policy_events"),
    "claims": ("claim_id, statement, claimed_text, observed_text, verdict, verdict_then", "marts.claim_verdicts"),
}


Ask = Callable[[str], list[Any]]


@pytest.fixture(scope="module")
def ask(built: Project) -> Iterator[Ask]:
    """Ask the published file, which is opened once."""
    with publication.open_published(built) as connection:
        yield lambda sql: connection.execute(sql).fetchall()


def test_a_client_lists_them(ask: Ask) -> None:
    listed = ask("select schema_name || '.' || view_name from duckdb_views() where not internal")
    assert {name for (name,) in listed} == set(VIEWS)


@pytest.mark.long
@pytest.mark.parametrize("name", VIEWS)
def test_a_view_has_rows_and_the_key_that_its_header_says(ask: Ask, name: str) -> None:
    key = ", ".join(VIEWS[name].grain)
    ((rows, keys),) = ask(f"select count(*), count(distinct ({key})) from {name}")
    assert rows == keys > 0
    missing = " or ".join(f"{column} is null" for column in VIEWS[name].grain)
    assert ask(f"select * from {name} where {missing}") == []


@pytest.mark.parametrize("view", SAME)
def test_a_view_has_all_figures_of_its_table_and_no_other(ask: Ask, view: str) -> None:
    columns, table = SAME[view]
    of_table = columns.replace("replace(component, '_share_pct', '')", "component")
    for one, other in (((columns, view), (of_table, table)), ((of_table, table), (columns, view))):
        assert ask(f"select {one[0]} from {one[1]} except all select {other[0]} from {other[1]}") == []


@pytest.mark.parametrize(
    ("view", "item", "table"),
    [
        ("products", "product_code, product", "marts.product_trade_annual"),
        ("services", "service_item_code, service_item", "marts.services_trade_annual"),
    ],
)
def test_products_and_services_have_the_figures_of_their_tables(ask: Ask, view: str, item: str, table: str) -> None:
    shown = f"select reporter_code, partner_code, flow, year, {item}, value_usd, source"
    assert ask(f"{shown} from {view} where not is_residual except {shown} from {table}") == []


@pytest.mark.parametrize("name", NAMED)
def test_every_code_has_a_name(ask: Ask, name: str) -> None:
    for side in ("reporter", "partner"):
        assert ask(f"select * from {name} where {side}_code is not null and {side} is null") == []


# The queries that people write


def test_the_first_query_answers_at_once(ask: Ask) -> None:
    """`select * from trade_balance` with two names gives the years in order; 2023 is the first deficit since 1992."""
    rows = ask(
        "select year, round(balance_usd / 1e9, 1), first_deficit_since from "
        "(select * from trade_balance where reporter = 'South Korea' and partner = 'China') where year >= 2018",
    )
    assert [year for year, *_ in rows] == list(range(2018, 2026))
    assert rows[5] == (2023, -18.0, 1992)


def test_the_sum_over_partners_is_not_more_than_the_world(ask: Ask) -> None:
    """`select year, sum(value_usd) from trade_partners group by year`: no world, no group, no rest is among them."""
    assert (
        ask(
            "select partner_code from trade_partners intersect "
            "select economy_code from core.economies where is_aggregate",
        )
        == []
    )
    assert ask("select * from trade_partners where partner_code in ('_X', reporter_code)") == []
    over = ask(
        "select reporter, flow, year, sum(value_usd) / max(world_value_usd) as part from trade_partners "
        "where status = 'complete' group by all having part > 1.001",
    )
    assert over == []


def test_a_sum_over_partners_says_whether_it_is_the_whole(ask: Ask) -> None:
    """Korea's exports added up: of 2023 all, of 2024 China alone, which the rows say."""
    rows = ask(
        "select year, sum(value_usd), bool_and(has_nearly_all_partners) from trade "
        "where reporter = 'South Korea' and category = 'goods' and flow = 'export' and year in (2023, 2024) "
        "group by year order by year",
    )
    assert [(year, whole) for year, _, whole in rows] == [(2023, True), (2024, False)]
    assert rows[0][1] == pytest.approx(632.2e9, rel=0.01)
    sums = ask(
        """
        select added.reporter, added.year, added.exports_usd, world.value_usd
        from (
            select reporter_code, reporter, year, sum(exports_usd) as exports_usd from trade_balance
            where has_nearly_all_partners group by all
        ) as added
        inner join core.goods_trade_world_annual as world
            on added.reporter_code = world.reporter_code and added.year = year(world.period_start)
                and world.flow = 'export'
        where abs(added.exports_usd / world.value_usd - 1) > 0.12
        """,
    )
    assert sums == []


def test_joining_on_names_is_joining_on_codes(ask: Ask) -> None:
    by = "a.reporter{0} = b.reporter{0} and a.partner{0} = b.partner{0} and a.year = b.year"
    joined = "select count(*), sum(a.exports_usd) from trade_balance as a join both_sides as b on " + by
    assert ask(joined.format("")) == ask(joined.format("_code"))
    ((names, codes),) = ask("select count(distinct name), count(*) from core.economies")
    assert names == codes


def test_months_that_make_no_year_are_told_from_a_year(ask: Ask) -> None:
    """`select year, sum(balance_usd) … group by year` ends in a year of seven months; the yearly view does not."""
    pair = "reporter = 'South Korea' and partner = 'China'"
    added = "select year, sum(balance_usd) from trade_balance_monthly where {} group by year order by year"
    everything = dict(ask(added.format(pair)))
    whole = dict(ask(added.format(f"{pair} and is_complete_year")))
    yearly = dict(ask(f"select year, balance_usd from trade_balance where {pair} and is_complete"))
    assert max(everything) == 2026
    assert max(whole) == max(yearly) == 2025
    assert {year: round(balance / 1e9, 1) for year, balance in whole.items()} == {
        year: pytest.approx(yearly[year] / 1e9, abs=0.15) for year in whole
    }


def test_one_flow_or_one_reporter_counts_goods_once(ask: Ask) -> None:
    """What Korea exports to China and what China imports from Korea are the same goods, under two reporters."""
    pair = "'South Korea' in (reporter, partner) and 'China' in (reporter, partner) and year = 2022"
    told = ask(f"select reporter, flow, value_usd from trade where {pair} and category = 'goods'")
    assert {(reporter, flow) for reporter, flow, _ in told} == {
        (reporter, flow) for reporter in ("South Korea", "China") for flow in ("export", "import")
    }
    ((exports,),) = ask(f"select sum(exports_usd) from trade_balance where {pair} and reporter = 'South Korea'")
    assert [value for reporter, flow, value in told if (reporter, flow) == ("South Korea", "export")] == [exports]


def test_goods_and_services_add_up_where_both_are_held(ask: Ask) -> None:
    rows = ask(
        "select year, sum(value_usd) / sum(case when category = 'goods' then value_usd end) from trade "
        "where reporter = 'China' and partner = 'South Korea' and flow = 'import' and has_both_categories "
        "group by year order by year",
    )
    assert [year for year, _ in rows] == list(range(2005, 2020))
    assert all(1 < ratio < 1.3 for _, ratio in rows)
    assert (
        ask(
            "select reporter, partner from trade where category = 'services' "
            "group by all having count(distinct value_basis) > 1",
        )
        == []
    )


@pytest.mark.parametrize("view", ["products", "services"])
def test_products_and_services_add_up_to_the_total_whatever_is_held(ask: Ask, view: str) -> None:
    """`select year, sum(value_usd) from products … group by year` is all goods, whatever levels are held."""
    off = ask(
        f"select reporter, partner, flow, year, sum(value_usd), max(total_usd) from {view} group by all "
        "having abs(sum(value_usd) - max(total_usd)) > 1 or count(distinct total_usd) > 1 "
        "or count(*) filter (where is_residual) != 1",
    )
    assert off == []
    other = ask(
        f"select parts.reporter from {view} as parts "
        "inner join trade using (category, reporter_code, partner_code, flow, year) "
        "where abs(parts.total_usd - trade.value_usd) > 1 "
        # Of goods the total is that of the products' own publisher, which another figure confirms within 2%.
        + ("and abs(parts.total_usd / trade.value_usd - 1) > 0.0205" if view == "products" else ""),
    )
    assert other == []


def test_a_total_that_trade_does_not_have_says_so(ask: Ask) -> None:
    """The test above joins to trade, which leaves out what has no total there: most years of products held."""
    counts = dict(
        ask(
            "select total_basis, count(*) from (select distinct reporter_code, partner_code, flow, year, category, "
            "total_basis from products) anti join trade using (category, reporter_code, partner_code, flow, year) "
            "group by total_basis",
        )
    )
    assert set(counts) == {"own", "summed"}
    assert sum(counts.values()) > 1000
    keys = "(category, reporter_code, partner_code, flow, year)"
    assert ask(f"select * from services anti join trade using {keys}") == []
    assert ask("select * from products where is_complete_detail != (status != 'incomplete')") == []
    assert ask("select * from products where is_complete_detail and total_basis = 'reported'") == []


def test_no_products_are_more_than_their_total_beyond_what_status_says(ask: Ask) -> None:
    furthest = {
        (status, basis): most
        for status, basis, most in ask(
            "select status, total_basis, max(case when status = 'incomplete' then -share_pct else abs(share_pct) end) "
            "from products where is_residual group by all",
        )
    }
    assert max(furthest.values()) <= 2
    assert furthest["unconfirmed", "own"] <= 1
    # What is held of Luxembourg's exports to Korea is more than twice the total that it prints.
    assert ask("from products where reporter_code = 'LUX' and partner_code = 'KOR' and year = 1995") == []


def test_services_and_trade_choose_one_value_basis_in_one_place(ask: Ask) -> None:
    pairs = "select distinct reporter_code, partner_code, value_basis from {}"
    for view in ("services", "(from trade where category = 'services')"):
        assert ask(f"{pairs.format(view)} except {pairs.format('core.services_bases')}") == []
        assert ask(f"{pairs.format('core.services_bases')} except {pairs.format(view)}") == []
    for name in ("main.services", "main.trade"):
        assert "core.services_bases" in VIEWS[name].depends_on


def test_semiconductors_are_one_row_a_year(ask: Ask) -> None:
    """8542 is held as a heading and in three subheadings, which are not added to it."""
    rows = ask(
        "select year, product_code, round(share_pct, 1) from products where reporter = 'South Korea' "
        "and partner = 'China' and flow = 'export' and starts_with(product_code, '8542') and year >= 2020 order by all",
    )
    assert [(year, code) for year, code, _ in rows] == [(year, "8542") for year in range(2020, 2026)]


def test_shares_of_gdp_stand_side_by_side_so_that_no_sum_counts_manufacturing_twice(ask: Ask) -> None:
    ((most,),) = ask(
        "select max(agriculture_share_pct + industry_share_pct + services_share_pct) from gdp_composition "
        "where is_one_release",
    )
    assert 99 < most < 100.1


def test_counting_policy_events_counts_events(ask: Ask) -> None:
    assert ask("select count(*) from policy_events where source = 'register'") == ask(
        "select count(distinct event_id) from marts.policy_timeline where source = 'register'"
    )
    (stages,) = ask("select stages, affected from policy_events where title like 'THAAD%'")
    assert stages[0][0].startswith("2016-07-08 ")
    assert len(stages[0]) == 4


def test_the_example_of_policy_events_has_those_that_touch_everybody(ask: Ask) -> None:
    example = VIEWS["main.policy_events"].example
    assert example is not None
    titles = {row[2] for row in ask(example)}
    everybody = ask("select title from policy_events where source = 'register' and affected_codes = ['WLD']")
    assert {title for (title,) in everybody} & titles == {title for (title,) in everybody} != set()
