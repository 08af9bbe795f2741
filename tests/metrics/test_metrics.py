"""A figure has one name wherever it is shown, and any later warehouse finds it again by that name."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dagster_project import metrics, publication, questions, snapshots
from dagster_project.catalog import Catalog
from dagster_project.errors import BilateralError
from dagster_project.history import History
from dagster_project.metrics import NOBODY, catalogue
from dagster_project.pipeline import build_warehouse
from dagster_project.project import Project
from dagster_project.report import citing
from tests import making
from tests.metrics.marts import SQL

METRICS = metrics.load_metrics()
# Growth per working day stands in a table that a program computes, which is not kept as it was on earlier days.
KEPT_BY_DAY = [name for name in METRICS if not name.endswith("_growth_per_day")]


@pytest.fixture(scope="module")
def published(built: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    with publication.open_published(built) as connection:
        yield connection


@pytest.fixture(scope="module")
def then(built: Project, published: duckdb.DuckDBPyConnection) -> History:
    return History(published, Catalog(built).models)


def of_korea(connection: duckdb.DuckDBPyConnection, name: str) -> list[metrics.Figure]:
    """Read a metric's figures of Korea with China; those of the United States if Korea has none in this valuation."""
    metric = METRICS[name]
    reporter = "USA" if name.endswith("_cif") else "KOR"
    return metrics.read_figures(connection, metric, reporter, "CHN" if metric.has_partner else NOBODY)


def test_every_metric_is_short_and_has_figures(published: duckdb.DuckDBPyConnection) -> None:
    for name in METRICS:
        assert METRICS[name].names["en"], name
        assert METRICS[name].names["ko"], name
        if not METRICS[name].figures:
            continue
        assert len((catalogue.FOLDER / f"{name}.yml").read_text(encoding="utf-8").splitlines()) <= 40, name
        found = of_korea(published, name)
        assert found, name
        assert len({figure.id for figure in found}) == len(found), name
        for figure in found:
            assert metrics.parse_identity(figure.id) == figure.identity
            assert figure.snapshot_ids


def test_what_has_no_vintages_is_not_known_before_it_was_seen(
    published: duckdb.DuckDBPyConnection, then: History
) -> None:
    figure = of_korea(published, "visitor_arrivals")[-1]
    assert metrics.read_past_figures(then, [figure.identity]) == {figure.identity: figure}
    assert not metrics.read_past_figures(then, [replace(figure.identity, as_of=date(1990, 1, 1))])


@pytest.mark.parametrize("name", ["product_exports", "product_imports"])
def test_a_year_of_a_product_rests_on_its_own_figures(published: duckdb.DuckDBPyConnection, name: str) -> None:
    """And not on the total beside it, whose snapshots come and go for reasons of their own."""
    found = [figure for figure in of_korea(published, name) if len(figure.identity.period) == 4]
    assert found
    for figure in found:
        rows = published.execute(
            "select distinct snapshot_id from core.product_trade where reporter_code = 'KOR' and partner_code = 'CHN' "
            "and product_code = $item and cast(year(period_start) as varchar) = $period",
            {"item": figure.identity.item, "period": figure.identity.period},
        ).fetchall()
        assert set(figure.snapshot_ids) <= {snapshot_id for (snapshot_id,) in rows}


def test_a_figure_converted_from_yuan_is_cited_with_the_day_of_its_last_rate(
    built: Project, published: duckdb.DuckDBPyConnection
) -> None:
    """China's bulletins of 2024 print yuan; customs take the rate of the third Wednesday of the month before."""
    ids = ["balance/CHN/KOR/2024@2026-08-20", "balance/CHN/KOR/2019@2026-08-20"]
    converted, printed = citing.cite_figures(published, Catalog(built).models, ids)
    told = "converted from yuan at the monthly rates set by customs"
    assert converted["conversion"] == told
    assert told in converted["citation"]
    assert told in converted["bibtex"]
    assert printed["conversion"] is None


def test_nothing_is_cited_of_a_day_that_is_still_to_come(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BilateralError, match="nothing that became known after"):
        citing.cite_figures(published, Catalog(built).models, ["balance/KOR/CHN/2023@2199-01-01"])


def test_whoever_leaves_the_day_out_is_told_the_newest(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    models = Catalog(built).models
    with pytest.raises(BilateralError, match="balance/KOR/CHN/2023 has no day") as caught:
        citing.cite_figures(published, models, ["balance/KOR/CHN/2023"])
    assert caught.value.remedy is not None
    newest = re.search(r"balance/KOR/CHN/2023@\d{4}-\d\d-\d\d", caught.value.remedy)
    assert newest
    (cited,) = citing.cite_figures(published, models, [newest[0]])
    assert cited["now"]["id"] == newest[0]
    with pytest.raises(BilateralError, match="is not the ID of a figure"):
        citing.cite_figures(published, models, ["balance of Korea"])


# More would stop a publication: two readings of one publisher would not agree.
REVISED = 1.0005


@pytest.mark.parametrize("name", [name for name, metric in METRICS.items() if metric.figures])
def test_it_is_what_the_marts_have(published: duckdb.DuckDBPyConnection, name: str) -> None:
    """Of Korea with China, or of Korea."""
    whose = f"{'USA' if name.endswith('_cif') else 'KOR'}/{'CHN' if METRICS[name].has_partner else NOBODY}/"
    found = published.execute(f"from ({SQL[name]}) as of_marts(name, value) where value is not null").fetchall()
    held = {text: value for text, value in found if f"/{whose}" in f"/{text}"}
    known = {figure.id.partition("@")[0].removeprefix(name)[1:]: figure.value for figure in of_korea(published, name)}
    assert held
    assert known == pytest.approx(held, rel=1e-12, abs=0.01)


@pytest.mark.long
def test_a_figure_is_found_again_under_its_identity(published: duckdb.DuckDBPyConnection, then: History) -> None:
    """All of those of Korea with China: on the day from which it is known, it was what it is."""
    for name in KEPT_BY_DAY:
        found = of_korea(published, name)
        was = metrics.read_past_figures(then, [figure.identity for figure in found])
        for figure in found:
            assert was[figure.identity].value == pytest.approx(figure.value, rel=1e-12), figure.id
            evidence = set(was[figure.identity].snapshot_ids) - set(figure.snapshot_ids)
            assert set(figure.snapshot_ids) <= set(was[figure.identity].snapshot_ids), figure.id
            # What was said of its coverage may have rested on the partner's figure of the day, which was revised.
            assert not evidence or told_of_coverage(then, figure), figure.id


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "every", [pytest.param(6, marks=pytest.mark.long), pytest.param(1, marks=[pytest.mark.long, pytest.mark.longest])]
)
def test_every_figure_was_known_on_the_day_of_its_id(
    published: duckdb.DuckDBPyConnection, then: History, every: int
) -> None:
    days: dict[date, dict[str, list[metrics.Figure]]] = {}
    for name in KEPT_BY_DAY:
        for figure in metrics.read_figures(published, METRICS[name]):
            days.setdefault(figure.identity.as_of, {}).setdefault(name, []).append(figure)
    for day in sorted(days)[::every]:
        for name, found in days[day].items():
            tables = then.list_tables(METRICS[name].figures) | {"meta.snapshots"}
            known = metrics.read_figures(then.open_day(day, tables), METRICS[name])
            was = {figure.identity.undated: figure.value for figure in known}
            for figure in found:
                assert was.get(figure.identity.undated) == pytest.approx(figure.value, rel=1e-12), figure.id


def told_of_coverage(then: History, figure: metrics.Figure) -> bool:
    """Return whether the partner's figures, as known on the figure's day, gave its balance the opposite sign."""
    pair = [figure.identity.reporter, figure.identity.partner, int(figure.identity.period)]
    told = (
        "select 1 from marts.trade_balance_annual where reporter_code = $1 and partner_code = $2 and year = $3 "
        "and partner_shows_other_sign and coverage_reason like '%that the partner reports%'"
    )
    return bool(then.open_day(figure.identity.as_of, then.list_tables(told)).execute(told, pair).fetchall())


def test_what_answers_show_is_a_figure_of_the_metric(built: Project, published: duckdb.DuckDBPyConnection) -> None:
    columns = {
        question.name: {column.name for column in question.columns} for question in questions.load_questions(built)
    }
    for metric in METRICS.values():
        for question, column in metric.answers.items():
            assert column in columns[question], (metric.name, question)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("balance of Korea", "is not the ID of a figure"),
        ("balances/KOR/CHN/2023@2026-08-20", "There is no metric balances"),
        ("balance.8542/KOR/CHN/2023@2026-08-20", "balance has no item 8542"),
        ("product_exports/KOR/CHN/2023@2026-08-20", "product_exports needs an item"),
        ("product_exports.85420/KOR/CHN/2023@2026-08-20", "product_exports has no item 85420"),
        ("gdp_share.services/CHN/KOR/2023@2026-08-20", "The metric gdp_share has no partner"),
        ("balance/KOR/-/2023@2026-08-20", "The metric balance needs a partner"),
        ("balance/KOR/CHN/2023@2026-02-30", "2026-02-30 is not a valid day"),
        ("balance/KOR/CHN/2023-13@2026-08-20", "is not the ID of a figure"),
    ],
)
def test_what_is_no_identity_is_refused(text: str, said: str) -> None:
    with pytest.raises(BilateralError, match=said):
        metrics.parse_identity(text)


@pytest.mark.long
def test_a_later_warehouse_finds_a_figure_as_it_was(built: Project, tmp_path: Path) -> None:
    """Korea's months of 2026 are revised a little, in a snapshot that comes later."""
    with publication.open_published(built) as before:
        earlier_days = History(before, Catalog(built).models)
        read = {
            table for name in KEPT_BY_DAY for table in earlier_days.list_tables(METRICS[name].figures or "select 1")
        }
    where = making.part_without_claims(making.work_of(built, tmp_path / "later"), tmp_path / "checkout", *read)
    *_, newest = (
        held for held in snapshots.find_snapshots(where, "kosis/goods_monthly") if "China" in held.manifest.title
    )
    earlier = newest.manifest.known_from
    shutil.copytree(newest.folder, newest.folder.with_name("unsealed"))
    later = snapshots.Snapshot(newest.folder.with_name("unsealed"), newest.manifest)

    def revised(rows: list[dict[str, str]]) -> list[dict[str, str]]:
        names = [name for name in rows[0] if name.startswith(("exports", "imports"))]
        assert names
        return [
            {**row, **{name: str(round(float(row[name]) * REVISED)) for name in names if row[name]}} for row in rows
        ]

    making.rewrite(later, revised, known_from=date(2026, 11, 1))
    build_warehouse(where)
    identity = metrics.parse_identity(f"exports/KOR/CHN/2026-07@{earlier}")
    with publication.open_published(built) as before:
        was = metrics.read_current_figures(before, [identity])[identity.undated]
    assert was.identity == identity
    with publication.open_published(where) as connection:
        then = History(connection, Catalog(where).models)
        assert metrics.read_past_figures(then, [identity])[identity].value == was.value
        now = metrics.read_current_figures(connection, [identity])[identity.undated]
        assert now.id == "exports/KOR/CHN/2026-07@2026-11-01"
        assert now.value == pytest.approx(REVISED * was.value, rel=1e-6)
        # A day before anybody knew of it.
        assert not metrics.read_past_figures(then, [metrics.parse_identity("exports/KOR/CHN/2026-07@2026-07-31")])
        # And of all figures of the pair that the first warehouse names, none is lost or another.
        with publication.open_published(built) as before:
            figures = [figure for name in KEPT_BY_DAY for figure in of_korea(before, name)]
        again = metrics.read_past_figures(then, [figure.identity for figure in figures])
        for figure in figures:
            assert again[figure.identity].value == pytest.approx(figure.value, rel=1e-12), figure.id
