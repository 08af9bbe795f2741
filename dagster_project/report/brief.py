"""Write the brief of a pair: what its newest month shows, as sentences with sources, ready to paste, and as a page.

Here: the content of a brief, as text and as a page. Not here: the sentences and their figures (question `last_month`),
the chart (`sections`), and the elements of pages (`page.html.j2`). The same published figures make the same brief.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagster_project.languages import get_language, translate
from dagster_project.publication.html import render_page
from dagster_project.questions.wording import format_date, format_usd
from dagster_project.report.charts.texts import write_title
from dagster_project.report.page import FILTERS
from dagster_project.report.pair import Pair
from dagster_project.report.sections import write_this_year

TEXT, PAGE = (Path(__file__).with_name(f"brief.{form}.j2") for form in ("md", "html"))
# The parts whose sentences come first if they have figures, and the metrics of the headline figures.
MAIN = ("month", "year_before", "year_to_date")
METRICS = ("exports", "imports", "balance", "balance_to_date")


def compile_brief(pair: Pair) -> dict[str, Any]:
    """Compile the content of a brief, with the text in Markdown; without figures, the text says what is missing."""
    answer = pair.ask_question("last_month")
    newest = answer.rows[0]["to_month"]
    sentences = [
        {
            "part": row["part"],
            "text": sentence,
            "source": answer.cite_row(row) if row["is_answered"] else "",
            "is_main": row["is_answered"] and row["part"] in MAIN,
        }
        for row, sentence in zip(answer.rows, answer.sentence.parts, strict=True)
        if row["part"]
    ]
    month = newest and format_date(newest, "month")
    when = month or translate("no month is available")
    if any(one["part"] == "newer_months" for one in sentences):
        when = translate("{month}, the latest available month", month=when)
    figures = filter(None, (pair.get_figures(metric).get(f"{newest:%Y-%m}") for metric in METRICS if newest))
    hints = [how for _, how in answer.gaps if how]
    brief = {
        "reporter": pair.reporter,
        "partner": pair.partner,
        "title": write_title("pair", **pair.words),
        "when": when,
        "month": month,
        "sentences": sentences,
        "missing": [*(what for what, _ in answer.gaps), *([] if sentences else hints)],
        "citations": list(dict.fromkeys(vintage.citation for vintage in answer.vintages)),
        "figures": [{"id": f.id, "value": f.value, "printed": translate(format_usd(f.value))} for f in figures],
    }
    return brief | {"text": render_page(TEXT, **brief)}


def render_brief(pair: Pair, brief: Mapping[str, Any]) -> str:
    """Render a brief as a page, with a chart of the newest month's year."""
    sections = []
    newest = pair.ask_question("last_month").rows[0]["to_month"]
    if newest:
        # Later years that are available only as a whole do not replace the year of the newest month.
        pair.ask_question("deficit_to_date", year=newest.year)
        sections = [replace(section, findings=[]) for section in [write_this_year(pair)] if section]
    more = {"pair": pair, "sections": sections, "anchored": set(), "is_site": False, "language": get_language()}
    return render_page(PAGE, FILTERS, **brief, **more)
