"""Write charts, tables, articles and figures under addresses that name the day from which they were known.

Here: the pages of answers and of articles' claims, those of figures, keeping what earlier publications wrote, and the
notice of a newer one. The figure `balance/KOR/CHN/2023@2025-06-19` is the row `2023@2025-06-19` of the page
`figures/balance/KOR/CHN.html`. Not here: IDs and their figures (`metrics`), and drawing (`report.pictures`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.database import fetch_records, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.history import CODE_LIST_UNITS
from dagster_project.metrics import list_shown_figures, load_metrics
from dagster_project.publication.html import render_page
from dagster_project.questions import CLOSING, list_vintages, load_questions
from dagster_project.report.citing import format_value, write_title
from dagster_project.report.elements import Column, Table
from dagster_project.report.package import PARQUET
from dagster_project.report.page import WORDS
from dagster_project.report.pictures import draw_answer

if TYPE_CHECKING:
    import duckdb

    from dagster_project.metrics import Figure
    from dagster_project.questions import Answer
    from dagster_project.report.package import Package
    from dagster_project.report.pair import Pair

PAGES = Path(__file__).with_name("pages")
ALL_FIGURES = "data/figures.parquet"
DATED = "*/**/*@????-??-??.*"
# Where a page or a chart says that a newer one exists, and which snapshots it shows.
NEWER = re.compile(r"<!--newer-->.*?<!--/newer-->", re.DOTALL)
SNAPSHOTS = re.compile(r"<!--snapshots (.*?)-->")
SIZE = re.compile(r'viewBox="0 0 (\d+) (\d+)" width="\1" height="\2"')
# The height of the line under a chart.
LINE = 26
# The claims of each article; without a verdict where its figures may not be redistributed.
CLAIMS = """
    select claims.article_id, claims.claim_id, claims.statement, claims.title, claims.publisher, claims.url,
        claims.published_on, verdicts.verdict, verdicts.reason, verdicts.snapshot_ids
    from core.claims as claims
    left join marts.claim_verdicts as verdicts using (claim_id)
    order by article_id, claim_id
"""
COLUMNS = """
    id varchar, title varchar, value double, unit varchar, observation_status varchar, snapshot_ids varchar[],
    is_current boolean
"""
# The series of each figure, its day, and the newest of the same period.
FIGURES = """
    select *, regexp_extract(id, '(.*)/', 1) as series, regexp_extract(id, '[^/]*$') as known,
        first(known) over (partition by series, split_part(known, '@', 1) order by known desc) as newest
    from figures
    order by series, known desc
"""


def write_answers(pair: Pair, folder: Path) -> None:
    """Write a page and a chart of each answer that has a chart: `balance/KOR/CHN@2026-08-22.html` and `.svg`."""
    for question in load_questions(pair.project):
        if not question.series:
            continue
        answer = pair.ask_question(question.name)
        try:
            drawing = draw_answer(answer)
        except BilateralError:
            # Too few figures for a chart.
            continue
        day = max(vintage.known_from for vintage in answer.vintages)
        target = folder / question.name / pair.reporter / f"{pair.partner}@{day}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        shown = {
            "address": f"{question.name}/{pair.reporter}/{target.stem}",
            "named": " ".join(vintage.snapshot_id for vintage in answer.vintages),
        }
        values = {"answer": answer, "title": drawing.title, "day": day, "chart": f"{target.stem}.svg", **shown}
        html = render_page(PAGES / "answer.html.j2", **values, **_make_table(pair, answer))
        target.write_text(html, encoding="utf-8")
        drawn = drawing.to_svg()
        height = int(SIZE.search(drawn)[2])  # type: ignore[index]
        line = render_page(PAGES / "line.html.j2", height=height, line=LINE, **shown)
        size = rf'viewBox="0 0 \1 {height + LINE}" width="\1" height="{height + LINE}"'
        svg = SIZE.sub(size, drawn).replace("</svg>", f"{line}</svg>")
        target.with_suffix(".svg").write_text(svg, encoding="utf-8")


def _make_table(pair: Pair, answer: Answer) -> dict[str, Any]:
    """Make the table of an answer, newest first, and the IDs of its figures by year and column."""
    columns = [
        Column(column.name, column.name.replace("_", " "), "" if column.unit in CODE_LIST_UNITS else column.unit)
        for column in answer.question.columns
        if column.name not in CLOSING and column.unit not in {"text", "list"}
    ]
    rows = sorted(answer.rows, key=lambda row: int(row["year"] or 0), reverse=True)
    known = list_shown_figures(pair.connection, answer.question.name, rows, pair.reporter, pair.partner)
    ids = {(one["year"], one["column"]): one["id"] for one in known}
    return {"table": Table(answer.question.name, answer.question.question, columns, rows), "ids": ids}


def write_articles(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write a page of each registered article, with a mark for each claim: `articles/NAME@2026-08-22.html#CLAIM`."""
    ((published,),) = connection.execute("select cast(published_at as date) from meta.publication").fetchall()
    (folder / "articles").mkdir()
    for name, group in groupby(fetch_records(connection, CLAIMS), key=itemgetter("article_id")):
        claims = list(group)
        vintages = list_vintages(connection, claims)
        day = max((vintage.known_from for vintage in vintages), default=str(published))
        html = render_page(
            PAGES / "article.html.j2",
            claims=claims,
            words=WORDS,
            day=day,
            address=f"articles/{name}@{day}",
            vintages=vintages,
            named=" ".join(vintage.snapshot_id for vintage in vintages),
        )
        (folder / "articles" / f"{name}@{day}.html").write_text(html, encoding="utf-8")


def keep_earlier(earlier: Path, folder: Path, withheld: AbstractSet[str]) -> None:
    """Copy the dated files of an earlier site; one that may no longer be redistributed is replaced by a notice."""
    for path in earlier.glob(DATED):
        target = folder / path.relative_to(earlier)
        if target.exists():
            continue
        text = path.read_text(encoding="utf-8")
        named = SNAPSHOTS.search(text)
        if named is None or withheld & {*named[1].split()}:
            text = render_page(PAGES / f"gone{path.suffix}.j2", address=path.relative_to(earlier).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def mark_newer(folder: Path) -> list[str]:
    """Write into each dated file but the newest of its kind that a newer one exists; return the newest pages."""
    groups: dict[tuple[Path, str, str], list[Path]] = defaultdict(list)
    for path in folder.glob(DATED):
        groups[path.parent, path.name.partition("@")[0], path.suffix].append(path)
    for (_, _, suffix), found in groups.items():
        *older, newest = sorted(found)
        notice = render_page(PAGES / f"newer{suffix}.j2", name=newest.name, day=newest.stem.partition("@")[2])
        for path in older:
            text = NEWER.sub(f"<!--newer-->{notice}<!--/newer-->", path.read_text(encoding="utf-8"))
            path.write_text(text, encoding="utf-8")
    return sorted(str(max(found).relative_to(folder)) for (*_, suffix), found in groups.items() if suffix == ".html")


def write_figures(
    earlier: Path, folder: Path, known: Iterable[Figure], names: Mapping[str, str], chosen: Package
) -> None:
    """Write the figures of this publication and those of an earlier site: as Parquet, and a page for each series.

    Args:
        earlier: The folder of the earlier site, which may not exist.
        folder: The folder of the new site.
        known: The figures of this publication.
        names: The names of economies by code.
        chosen: The snapshots, and which of them may not be redistributed: their values are removed.
    """
    import duckdb

    units = {name: metric.unit for name, metric in load_metrics().items()}
    current = [
        {
            "id": figure.id,
            "title": write_title(names, figure.identity),
            "value": figure.value,
            "unit": units[figure.identity.metric],
            "observation_status": figure.observation_status,
            "snapshot_ids": [*figure.snapshot_ids],
            "is_current": True,
        }
        for figure in known
    ]
    with duckdb.connect() as connection:
        typed = f"$1::struct({COLUMNS})[]"
        connection.execute(f"create table figures as select unnest({typed}, recursive := true)", [current])
        if (earlier / ALL_FIGURES).exists():
            connection.execute(
                f"insert into figures by name select * replace (false as is_current) "
                f"from {quote_literal(earlier / ALL_FIGURES)} where id not in (select id from figures)"
            )
        connection.execute(
            "update figures set value = null where list_has_any(snapshot_ids, $1::varchar[])", [[*chosen.withheld]]
        )
        connection.execute(
            f"copy (from figures order by id) to {quote_literal(folder / ALL_FIGURES)} (format {PARQUET})"
        )
        rows = fetch_records(connection, FIGURES)
    for series, group in groupby(rows, key=itemgetter("series")):
        shown = list(group)
        named = dict.fromkeys(one for row in shown for one in row["snapshot_ids"])
        html = render_page(
            PAGES / "figures.html.j2",
            {"value": format_value},
            title=shown[0]["title"].rpartition(", ")[0],
            series=series,
            rows=shown,
            sources=chosen.snapshots,
            numbers={name: number for number, name in enumerate(named, 1)},
        )
        target = folder / "figures" / f"{series}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
