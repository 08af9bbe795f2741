"""Write charts, tables, articles and figures under addresses that name the day from which they were known.

Here: the pages of answers, articles and figures, keeping pages of earlier publications, and notices of newer pages. For
example, the figure `balance/KOR/CHN/2023@2025-06-19` is the row `2023@2025-06-19` of `figures/balance/KOR/CHN.html`.
Not here: figure IDs (`metrics`), and drawing (`report.pictures`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.claims.judging import WORDS
from dagster_project.claims.reasons import write_reason
from dagster_project.database import fetch_records, quote_literal
from dagster_project.errors import BilateralError
from dagster_project.history import CODE_LIST_UNITS
from dagster_project.languages import LANGUAGES, get_language, translate, use_language
from dagster_project.metrics import list_shown_figures, load_metrics
from dagster_project.publication.html import render_page
from dagster_project.questions import CLOSING, list_vintages, load_questions
from dagster_project.questions.wording import write_heading
from dagster_project.report.citing import format_value, write_title
from dagster_project.report.elements import Column, Table
from dagster_project.report.package import PARQUET
from dagster_project.report.pictures import draw_answer

if TYPE_CHECKING:
    import duckdb

    from dagster_project.metrics import Figure
    from dagster_project.questions import Vintage
    from dagster_project.report.package import Package
    from dagster_project.report.pair import Pair
    from dagster_project.report.pictures import Drawing

PAGES = Path(__file__).with_name("pages")
ALL_FIGURES = "data/figures.parquet"
DATED = "*/**/*@????-??-??.*"
# Where a page or a chart says that a newer one exists, and which snapshots it shows.
NEWER = re.compile(r"<!--newer-->.*?<!--/newer-->", re.DOTALL)
SNAPSHOTS = re.compile(r"<!--snapshots (.*?)-->")
# The period of a figure in its title, in English and in Korean.
PERIOD = re.compile(r", [\d-]+$|^\d+년 (\d+월 )?")
# The claims of each article; without a verdict where its figures may not be redistributed.
CLAIMS = """
    select claims.*, verdicts.verdict, verdicts.reason, verdicts.snapshot_ids
    from core.claims as claims left join marts.claim_verdicts as verdicts using (claim_id)
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
    """Write a chart and a page for each answer that has a chart, such as `en/balance/KOR/CHN@2026-08-22.html`."""
    for question in load_questions(pair.project):
        if not question.series:
            continue
        answer = pair.ask_question(question.name)
        try:
            drawing = draw_answer(answer)
        except BilateralError:
            # Too few figures for a chart.
            continue
        columns = [
            Column(one.name, write_heading(translate(one.name), ""), "" if one.unit in CODE_LIST_UNITS else one.unit)
            for one in question.columns
            if one.name not in CLOSING and one.unit not in {"text", "list"}
        ]
        rows = sorted(answer.rows, key=lambda row: int(row["year"] or 0), reverse=True)
        known = list_shown_figures(pair.connection, question.name, rows, pair.reporter, pair.partner)
        values: dict[str, Any] = {
            "answer": answer,
            "table": Table(question.name, answer.question.question, columns, rows),
            "ids": {(one["year"], one["column"]): one["id"] for one in known},
        }
        series = f"{question.name}/{pair.reporter}/{pair.partner}"
        _write_dated(folder, "answer", series, answer.vintages, drawing=drawing, **values)


def write_articles(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write a page of each registered article; a claim's link is like `en/articles/NAME@2026-08-22.html#CLAIM`."""
    ((published,),) = connection.execute("select cast(published_at as date) from meta.publication").fetchall()
    for name, group in groupby(fetch_records(connection, CLAIMS), key=itemgetter("article_id")):
        claims = list(group)
        values: dict[str, Any] = {"claims": claims, "words": WORDS, "write_reason": write_reason, "day": str(published)}
        _write_dated(folder, "article", f"articles/{name}", list_vintages(connection, claims), **values)


def _write_dated(
    folder: Path, kind: str, series: str, vintages: Sequence[Vintage], drawing: Drawing | None = None, **values: Any
) -> None:
    """Write a page and its chart under an address with the day of the youngest vintage."""
    day = max((vintage.known_from for vintage in vintages), default=values.get("day"))
    address = f"{get_language()}/{series}@{day}"
    snapshots = " ".join(vintage.snapshot_id for vintage in vintages)
    values |= {"language": get_language(), "day": day, "address": address, "vintages": vintages, "drawing": drawing}
    target = folder / f"{address}.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    html = render_page(PAGES / f"{kind}.html.j2", snapshots=snapshots, **values)
    target.write_text(html, encoding="utf-8")
    if drawing:
        marks = f"<!--snapshots {snapshots}--><!--newer--><!--/newer--></svg>"
        svg = replace(drawing, source=f"{drawing.source} · {address}").to_svg().replace("</svg>", marks)
        target.with_suffix(".svg").write_text(svg, encoding="utf-8")


def keep_earlier(earlier: Path, folder: Path, withheld: set[str]) -> None:
    """Copy the dated files of an earlier site; replace a file by a notice if it may no longer be redistributed."""
    for path in earlier.glob(DATED):
        target = folder / path.relative_to(earlier)
        if target.exists():
            continue
        text = path.read_text(encoding="utf-8")
        named = SNAPSHOTS.search(text)
        if named is None or withheld & {*named[1].split()}:
            text = _render_notice(earlier, path, "gone", address=path.relative_to(earlier).as_posix())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def mark_newer(folder: Path) -> list[str]:
    """Write a notice into each file that has a later version, by the day in its name; return the newest pages."""
    groups: dict[tuple[Path, str, str], list[Path]] = defaultdict(list)
    for path in folder.glob(DATED):
        groups[path.parent, path.name.partition("@")[0], path.suffix].append(path)
    for found in groups.values():
        *older, newest = sorted(found)
        notice = _render_notice(folder, newest, "newer", name=newest.name, day=newest.stem.partition("@")[2])
        for path in older:
            text = NEWER.sub(f"<!--newer-->{notice}<!--/newer-->", path.read_text(encoding="utf-8"))
            path.write_text(text, encoding="utf-8")
    return sorted(str(max(found).relative_to(folder)) for (*_, suffix), found in groups.items() if suffix == ".html")


def _render_notice(site: Path, path: Path, kind: str, **values: str) -> str:
    """Render a notice for a dated file, in the language of its folder."""
    language = path.relative_to(site).parts[0]
    with use_language(language):
        return render_page(PAGES / f"{kind}{path.suffix}.j2", language=language, **values)


def write_figures(
    earlier: Path, folder: Path, known: Iterable[Figure], names: Mapping[str, str], chosen: Package
) -> None:
    """Write the figures of this publication and of an earlier site: as Parquet, and as a page for each series.

    If `chosen` now withholds a snapshot, because its terms have changed, the snapshot's values are removed.
    """
    import duckdb

    current = [
        {
            "id": figure.id,
            "title": write_title(names, figure.identity),
            "value": figure.value,
            "unit": load_metrics()[figure.identity.metric].unit,
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
        remove = "update figures set value = null where list_has_any(snapshot_ids, $1::varchar[])"
        connection.execute(remove, [[*chosen.withheld]])
        file = quote_literal(folder / ALL_FIGURES)
        connection.execute(f"copy (from figures order by id) to {file} (format {PARQUET})")
        rows = fetch_records(connection, FIGURES)
    for series, group in groupby(rows, key=itemgetter("series")):
        shown = list(group)
        named = dict.fromkeys(one for row in shown for one in row["snapshot_ids"])
        titles = {}
        for language in LANGUAGES:
            with use_language(language):
                titles[language] = PERIOD.sub("", translate(shown[0]["title"]))
        html = render_page(
            PAGES / "figures.html.j2",
            {"value": format_value},
            titles=titles,
            series=series,
            rows=shown,
            sources=chosen.snapshots,
            numbers={name: number for number, name in enumerate(named, 1)},
        )
        target = folder / "figures" / f"{series}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html, encoding="utf-8")
