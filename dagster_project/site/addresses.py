"""Write charts, tables and articles under addresses that name the day from which they were known, and keep them.

Here: the pages of answers and of articles' claims, keeping those of earlier publications, and the notice of a newer
one. Not here: single figures (`figures`), and the drawing of charts (`report.pictures`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Set as AbstractSet
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.history import WORDS as WORD_UNITS
from dagster_project.metrics import list_shown_figures
from dagster_project.publication.html import render_page
from dagster_project.questions import CLOSING, list_vintages, load_questions
from dagster_project.report.elements import Column, Table
from dagster_project.report.page import WORDS
from dagster_project.report.pictures import draw_answer

if TYPE_CHECKING:
    import duckdb

    from dagster_project.project import Project
    from dagster_project.questions import Answer
    from dagster_project.report.pair import Pair

PAGES = Path(__file__).with_name("pages")
DATED = "*/**/*@????-??-??.*"
# Where a page or a chart says that a newer one exists, and which snapshots it shows.
NEWER = re.compile(r"<!--newer-->.*?<!--/newer-->", re.DOTALL)
SNAPSHOTS = re.compile(r"<!--snapshots (.*?)-->")
SIZE = re.compile(r'height="(\d+)" viewBox="0 0 (\d+) \1"')
# The height of the line under a chart.
LINE = 26
# The claims of each article; without a verdict where its figures may not be passed on.
CLAIMS = """
    select claims.article_id, claims.claim_id, claims.statement, claims.title, claims.publisher, claims.url,
        claims.published_on, verdicts.verdict, verdicts.reason, verdicts.snapshot_ids
    from core.claims as claims
    left join marts.claim_verdicts as verdicts using (claim_id)
    order by article_id, claim_id
"""


def write_answers(project: Project, pair: Pair, folder: Path) -> None:
    """Write a page and a chart of each answer that has a chart: `balance/KOR/CHN@2026-08-22.html` and `.svg`."""
    for question in load_questions(project):
        if not question.series:
            continue
        answer = pair.ask_question(question.name)
        try:
            drawing = draw_answer(answer)
        except BilateralError:
            # Too few figures for a chart.
            continue
        day = max(vintage.known_from for vintage in answer.vintages)
        named = " ".join(vintage.snapshot_id for vintage in answer.vintages)
        target = folder / question.name / pair.reporter / f"{pair.partner}@{day}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        title, address = drawing.title, f"{question.name}/{pair.reporter}/{pair.partner}@{day}"
        html = render_page(
            PAGES / "answer.html.j2",
            {"links": _link_figure},
            answer=answer,
            title=title,
            address=address,
            day=day,
            chart=f"{target.stem}.svg",
            named=named,
            table=_make_table(pair, answer, title),
        )
        target.write_text(html, encoding="utf-8")
        height = int(SIZE.search(drawing.to_svg())[1])  # type: ignore[index]
        line = render_page(PAGES / "line.html.j2", height=height, address=address, day=day, named=named)
        svg = SIZE.sub(rf'height="{height + LINE}" viewBox="0 0 \2 {height + LINE}"', drawing.to_svg(), count=1)
        target.with_suffix(".svg").write_text(svg.replace("</svg>", f"{line}</svg>"), encoding="utf-8")


def _make_table(pair: Pair, answer: Answer, title: str) -> Table:
    """Make the table of an answer, newest first, with the IDs of its figures."""
    columns = [
        Column(column.name, column.name.replace("_", " "), "" if column.unit in WORD_UNITS else column.unit)
        for column in answer.question.columns
        if column.name not in CLOSING
    ]
    rows = sorted((row for row in answer.rows if row["year"]), key=lambda row: int(row["year"]), reverse=True)
    shown = list_shown_figures(pair.connection, answer.question.name, rows, pair.reporter, pair.partner)
    ids: dict[Any, dict[str, str]] = defaultdict(dict)
    for one in shown:
        ids[one["year"]][one["column"]] = one["id"]
    return Table(title, title, columns, [{**row, "ids": ids[row["year"]]} for row in rows])


def _link_figure(figure_id: str) -> str:
    """Return the address of a figure, from the root of the site."""
    series, _, known = figure_id.rpartition("/")
    return f"figures/{series}.html#{known}"


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
    """Copy the dated files of an earlier site; one whose figures may no longer be passed on says so in their place."""
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


def mark_newer(folder: Path) -> None:
    """Write into each dated file but the newest of its kind that a newer one exists."""
    groups: dict[tuple[Path, str, str], list[Path]] = defaultdict(list)
    for path in folder.glob(DATED):
        groups[path.parent, path.name.partition("@")[0], path.suffix].append(path)
    for (_, _, suffix), found in groups.items():
        *older, newest = sorted(found)
        notice = render_page(PAGES / f"newer{suffix}.j2", name=newest.name, day=newest.stem.partition("@")[2])
        for path in older:
            text = NEWER.sub(f"<!--newer-->{notice}<!--/newer-->", path.read_text(encoding="utf-8"))
            path.write_text(text, encoding="utf-8")
