"""Write the brief of a pair: what its newest month shows, as sentences to paste with their sources, and as a page.

Here: the content of a brief, its text and its page. Not here: the sentences and their figures (question `last_month`),
the chart (`sections`), and the elements that it shares with the report (`page.html.j2`). A brief depends only on the
published figures, never on the day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dagster_project.publication.html import render_page
from dagster_project.questions import wording
from dagster_project.questions.wording import capitalize_first, format_months, format_usd
from dagster_project.report.elements import Finding
from dagster_project.report.pair import Pair
from dagster_project.report.sections import write_this_year

QUESTION = "last_month"
TEXT, PAGE = (Path(__file__).with_name(f"brief.{form}.j2") for form in ("md", "html"))
# The parts that make the three sentences, the part that stands above them, and the metrics of the headline figures.
PASTED, NOTICE = ("month", "year_before", "year_to_date"), "newer_months"
METRICS = {"exports": "Exports", "imports": "Imports", "balance": "Balance", "balance_to_date": "Balance since January"}


def compile_brief(pair: Pair) -> dict[str, Any]:
    """Compile the content of a brief; without any month it says what is missing."""
    answer = pair.ask_question(QUESTION)
    said = dict(zip((row["part"] for row in answer.rows), answer.sentence.parts, strict=True))
    sentences = [
        {
            "part": row["part"],
            "is_pasted": row["part"] in PASTED and row["is_answered"],
            "text": str(said[row["part"]]),
            "source": answer.cite_row(row) if row["is_answered"] else "",
            "finding": Finding(QUESTION, said[row["part"]]),
        }
        for row in answer.rows
        if row["part"] not in {None, NOTICE}
    ]
    names = f"{capitalize_first(pair.reporter_name)} and {pair.partner_name}"
    newest = answer.rows[0]["to_month"]
    period = f"{newest:%Y-%m}" if newest else None
    month = format_months(newest.year, newest.month, newest.month) if newest else "no month is available"
    found = {metric: pair.get_figures(metric).get(str(period)) for metric in METRICS}
    figures = {metric: figure for metric, figure in found.items() if figure is not None}
    return {
        "reporter": pair.reporter,
        "partner": pair.partner,
        "month": period,
        "title": f"{names}: {month}",
        "notice": said.get(NOTICE),
        "sentences": sentences,
        "missing": answer.missing if sentences else [answer.sentence],
        "citations": list(dict.fromkeys(vintage.citation for vintage in answer.vintages)),
        "figures": figures,
    }


def render_text(brief: Mapping[str, Any]) -> str:
    """Render a brief as text, which is also Markdown."""
    return render_page(TEXT, {}, **brief | {"figures": list_figure_ids(brief)})


def list_figure_ids(brief: Mapping[str, Any]) -> dict[str, str]:
    """List the IDs of the headline figures by their metric."""
    return {metric: figure.id for metric, figure in brief["figures"].items()}


def render_brief(pair: Pair, brief: Mapping[str, Any]) -> str:
    """Render a brief as a page, with the chart of the year so far in the style of the report."""
    section = None
    if brief["month"]:
        # The chart is about the year of the newest month, also if whole years are newer.
        pair.ask_question("deficit_to_date", year=int(brief["month"][:4]))
        section = write_this_year(pair)
    headlines = [
        {"label": METRICS[metric], "figure": figure, "printed": format_usd(figure.value)}
        for metric, figure in brief["figures"].items()
    ]
    return render_page(
        PAGE,
        {"day": wording.format_day, "dated": wording.format_date},
        **brief,
        pair=pair,
        headlines=headlines,
        sections=[replace(section, findings=[])] if section else [],
        anchored=set(),
    )
