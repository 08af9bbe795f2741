"""Choose the X-13 models of the configured pairs, and store the airline forecasts of their months.

    .venv/bin/python -m benchmarks.seasonal_models [USA-CHN …]   # then build
    .venv/bin/python -m benchmarks.seasonal_models --record      # the tables of docs/methods.md, from what is published

Here: the choice of a model's groups of regressors, orders and outliers, and writing `seasonal_models.csv` and
`airline_forecasts.csv` in `warehouse/reference`. Not here: running the program (`analysis/x13.py`).

A stored model keeps history still when a month is added. It is chosen again once a year, after the year has closed: the
groups by backward elimination on the corrected criterion of Akaike, from the orders and outliers that X-13 finds with
all groups; then orders and outliers again with the groups that are left. Weekdays always stay.
"""

from __future__ import annotations

import csv
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import product

import duckdb
import pandas as pd

from dagster_project.analysis import airline, read_columns
from dagster_project.analysis.calendars import GROUPS, read_calendars
from dagster_project.analysis.seasonal import prepare_series
from dagster_project.analysis.series import read_months
from dagster_project.analysis.x13 import MODEL_COLUMNS, Model, run_x13
from dagster_project.files import atomic_write
from dagster_project.project import Project
from dagster_project.publication import open_published

ADJUSTMENT = (
    *("Korea with China", "weekdays, p", "working days, t", "New Year, t", "Chuseok, t", "M7", "Q"),
    *("largest revision", "STL apart, median", "STL apart, most"),
)
RECORD = (
    *("forecast of", "from month", "years", "off by, %", "seasonal naive, %", "growth to date, %", "airline, %"),
    *("in the interval", "worse than naive"),
)
COLUMNS = (*MODEL_COLUMNS, "aicc", "first_month", "last_month")


def choose_model(values: pd.Series, regressors: pd.DataFrame) -> tuple[Model, float]:
    """Choose the model of a series; return it with its criterion.

    Args:
        values: The values by month, positive and without a gap.
        regressors: Those of every group that can apply, to a year after the last month.
    """
    groups = tuple(group for group, names in GROUPS.items() if names[0] in regressors)
    model, _ = _find_orders(values, regressors, Model(groups=groups))
    best = _compute_aicc(values, regressors, model)
    while others := model.groups[1:]:
        smaller = [replace(model, groups=tuple(g for g in model.groups if g != left_out)) for left_out in others]
        criterion, found = min(
            ((_compute_aicc(values, regressors, one), one) for one in smaller), key=lambda pair: pair[0]
        )
        if criterion >= best:
            break
        best, model = criterion, found
    return _find_orders(values, regressors, model)


def _find_orders(values: pd.Series, regressors: pd.DataFrame, model: Model) -> tuple[Model, float]:
    """Let X-13 find the orders and outliers of a model with given groups."""
    facts = run_x13(values, regressors, model, chooses=True)[1]
    outliers = tuple(name.removeprefix("AutoOutlier$") for name in facts if name.startswith("AutoOutlier$"))
    return replace(model, arima=facts["arimamdl"], outliers=outliers), float(facts["aicc"])


def _compute_aicc(values: pd.Series, regressors: pd.DataFrame, model: Model) -> float:
    return float(run_x13(values, regressors, model)[1]["aicc"])


def choose_models(connection: duckdb.DuckDBPyConnection, project: Project, pairs: Iterable[str]) -> Iterator[list[str]]:
    """Choose the models of both sides of each pair by the published months, as rows of `seasonal_models.csv`."""
    calendars = read_calendars(project.reference)
    for pair in pairs:
        sides = pair.split("-")
        for reporter, partner, flow in product(sides, sides, ("export", "import")):
            months, joint = read_months(connection, reporter, partner, flow)
            values, regressors = prepare_series(reporter, partner, months, calendars, joint=joint)
            if not values.empty:
                model, aicc = choose_model(values, regressors)
                groups, outliers = " ".join(model.groups), " ".join(model.outliers)
                span = [str(values.index[0]), str(values.index[-1])]
                yield [reporter, partner, flow, model.arima, groups, outliers, f"{aicc:.2f}", *span]


def write_rows(project: Project, name: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with (
        atomic_write(project.reference / name) as half,
        half.open("w", encoding="utf-8", newline="") as text,
    ):
        csv.writer(text, lineterminator="\n").writerows([columns, *rows])


def render_tables(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Render the tables of docs/methods.md on the months of Korea with China: their adjustment, and their forecasts."""
    where = "reporter_code = 'KOR' and partner_code = 'CHN'"
    tested = connection.execute(f"""
        select flow || 's', printf('%.2f', trading_days_p), printf('%.2f', working_days_t), printf('%.2f', new_year_t),
            printf('%.2f', chuseok_t), printf('%.2f', m7), printf('%.2f', q), round(largest_revision_pct, 1) || '%',
            round(stl_gap_median_pct, 1) || '%', round(stl_gap_largest_pct, 1) || '%'
        from marts.seasonal_diagnostics where {where} order by 1
    """).fetchall()
    record = connection.execute(f"""
        select series, origin_month, origin_count, printf('%.1f', mape_pct), printf('%.1f', seasonal_naive_mape_pct),
            printf('%.1f', ytd_growth_mape_pct), printf('%.1f', airline_mape_pct),
            hit_count || ' of ' || interval_count, case when is_mean_worse then 'yes' else 'no' end
        from marts.nowcast_record where {where} order by 1, 2
    """).fetchall()
    return {
        name: "\n".join(f"| {' | '.join(map(str, row))} |" for row in (head, ["---"] * len(head), *rows))
        for name, head, rows in (("adjustment", ADJUSTMENT, tested), ("record", RECORD, record))
    }


def write_tables(project: Project, connection: duckdb.DuckDBPyConnection) -> None:
    """Write the tables into docs/methods.md, each between two comments that name it."""
    page = project.root / "docs" / "methods.md"
    text = page.read_text(encoding="utf-8")
    for name, table in render_tables(connection).items():
        begin, end = f"<!-- The {name}, by benchmarks/seasonal_models.py. -->\n", "\n<!-- End of the table. -->"
        before, _, rest = text.partition(begin)
        text = before + begin + table + end + rest.partition(end)[2]
    page.write_text(text, encoding="utf-8")


def main() -> None:
    project = Project.find()
    if sys.argv[1:] == ["--record"]:
        with open_published(project) as connection:
            write_tables(project, connection)
        return
    pairs = [*tomllib.loads(project.configuration.read_text(encoding="utf-8"))["pairs"], *sys.argv[1:]]
    with open_published(project) as connection:
        write_rows(project, "seasonal_models.csv", COLUMNS, choose_models(connection, project, pairs))
        columns = tuple(read_columns("airline_forecasts"))
        write_rows(project, "airline_forecasts.csv", columns, airline.compute_rows(connection, project))


if __name__ == "__main__":
    main()
