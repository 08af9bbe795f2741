"""Write the report's sections on what is behind the balance: its changes, semiconductors, the composition of GDP.

Here: the questions behind each section, and the content of its charts and tables. Not here: the section on the balance
itself (`sections`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster_project.languages import translate
from dagster_project.questions import Answer
from dagster_project.questions.products import shorten_label
from dagster_project.questions.wording import format_months, make_possessive
from dagster_project.report.charts import texts
from dagster_project.report.charts.bars import add_up, draw_contributions, draw_shares
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.charts.texts import load_texts, title_share, write_text
from dagster_project.report.elements import Section, Table, join_findings, make_findings
from dagster_project.report.pair import Pair
from dagster_project.report.pictures import draw_picture
from dagster_project.report.sections import SINCE, ask_answered

# The most products with a step of their own between two balances; all others share one step.
STEPS = 8
# The sign with which a change of each flow enters the balance.
SIGNS = {"export": 1, "import": -1}
COMPONENTS = ("services", "industry", "agriculture")
# From this sum of the three shares on, in percent, nothing is left but rounding.
WHOLE = 99.5


def write_steps(pair: Pair) -> Section | None:
    """Write the section on what moved the balance between two years: products, or else exports and imports."""
    answers = ask_answered(pair, "exports_or_imports", "products_behind_the_change")
    if not answers:
        return None
    last = answers[-1]
    by_product = last.question.name == "products_behind_the_change"
    whole = last.rows[0]
    held = (row for row in last.rows if row["is_answered"] and row["from_year"] >= whole["from_year"])
    first_row = whole if by_product else next(held)
    ends = (first_row["from_year"], first_row["to_year"])
    if first_row is not whole:
        # Not all years are available: ask about the span that the chart shows, so that the sentence fits it.
        last = pair.ask_question(last.question.name, from_year=ends[0], to_year=ends[1])
        answers = [last]
    balances = [pair.get_figures("balance")[str(year)] for year in ends]
    start, end = (
        _make_step(translate("Balance {year}", year=year), figure.value)
        for year, figure in zip(ends, balances, strict=True)
    )
    if by_product:
        steps = _list_product_steps(last)
    else:
        changes = {flow: sign * first_row[f"{flow}s_change_usd"] for flow, sign in SIGNS.items()}
        steps = [_make_step(_name_change(flow, change), change) for flow, change in changes.items()]
    rows = [start, *steps, end]
    findings = make_findings(answers)
    title = translate("From the balance of {first} to that of {last}", first=ends[0], last=ends[1])
    figures = {(0, "value"): balances[0], (len(rows) - 1, "value"): balances[1]}
    change = balances[1].value - balances[0].value
    shown = [*steps, _make_step(write_text("steps_total"), change)]
    found = texts.title_steps(ends, balances[0].value, balances[1].value, pair.words, has_sign=pair.has_sign(*ends))
    measure = write_text("steps_measure", **pair.words, amounts=[row["value"] for row in shown])
    source, said = pair.name_source(last.vintages), join_findings(findings)
    key = {} if all(row["is_held"] for row in rows) else {"lacking": write_text("steps_lacking")}
    source += "" if add_up(shown) else f". {write_text('steps_rounded')}"
    picture = draw_picture(found, measure, source, said, draw_contributions, shown, key=key)
    table = Table("what-moved-it", title, pair.list_columns("what-moved-it"), rows, figures)
    return Section("what-moved-it", translate("What moved the balance"), findings, [picture], [table])


def _name_change(flow: str, contribution: float) -> str:
    """Name the change of a flow from its contribution to the balance, for example as "Higher imports"."""
    if contribution * SIGNS[flow] > 0:
        return translate("Higher exports") if flow == "export" else translate("Higher imports")
    return translate("Lower exports") if flow == "export" else translate("Lower imports")


def _make_step(label: str, value: float, *, is_held: bool = True) -> dict[str, Any]:
    return {"label": label, "value": value, "is_held": is_held}


def _list_product_steps(answer: Answer) -> list[dict[str, Any]]:
    products = [row for row in answer.rows if row["product_code"] not in {"RESIDUAL", "TOTAL"}]
    steps = [
        _make_step(f"{_name_change(row['flow'], change)}: {shorten_label(label)}", change)
        for row in products[:STEPS]
        for label, change in [(translate(row["product"]), row["contribution_usd"])]
    ]
    if others := products[STEPS:]:
        other = translate("Other products with figures")
        steps.append(_make_step(other, sum(row["contribution_usd"] for row in others)))
    for row in answer.rows:
        if row["product_code"] in {"RESIDUAL", "TOTAL"} and round(row["contribution_usd"]):
            is_held = bool(row["is_complete_detail"])
            rest = translate("not explained by the products") if is_held else translate("all other goods")
            change = _name_change(row["flow"], row["contribution_usd"])
            has_products = is_held or any(product["flow"] == row["flow"] for product in products)
            label = f"{change}: {rest}" if has_products else change
            steps.append(_make_step(label, row["contribution_usd"], is_held=is_held))
    return steps


def write_chips(pair: Pair) -> Section | None:
    """Write the section on the share of integrated circuits in exports, and on the balance without them."""
    answers = ask_answered(pair, "dependence_on_semiconductors", "balance_without_semiconductors", "price_or_volume")
    if not answers or answers[0].question.name != "dependence_on_semiconductors":
        return None
    rows = [
        dict(row)
        | _describe_share(row)
        | {"months": None if row["from_month"] is None else f"{row['from_month']:02}–{row['to_month']:02}"}
        for row in sorted(answers[0].rows, key=lambda row: row["year"])
        if row["year"] is not None
    ]
    findings = make_findings(answers)
    caption = translate("Integrated circuits in {whose} exports to {partner}, by year", **pair.words)
    pictures = []
    if sum(row["share_pct"] is not None for row in rows) > 1:
        found, measure = texts.title_chips(rows, pair.words), write_text("chips_measure", **pair.words)
        source, said = pair.name_source(answers[0].vintages), join_findings(findings)
        key = {"plus lacking": write_text("chips_lacking")} if any("lacking" in row["look"] for row in rows) else {}
        spans = [row["span"] for row in rows if row["look"] == "plus-soft"]
        key |= {"plus-soft": write_text("chips_part", spans=", ".join(spans))} if spans else {}
        soft = ", ".join(str(row["year"]) for row in rows if row["is_provisional"] and row["share_pct"] is not None)
        source += f". {write_text('provisional_years', years=soft)}." if soft else ""
        pictures.append(draw_picture(found, measure, source, said, draw_shares, rows, key=key))
    table = pair.make_table("semiconductors", caption, rows)
    return Section("semiconductors", translate("Semiconductors"), findings, pictures, [table])


def _describe_share(row: Mapping[str, Any]) -> dict[str, str]:
    """Return the look of a share in a chart and, for a part of a year, its months: short in `part`, full in `span`."""
    is_part, first, last = 0 < (row["month_count"] or 0) < 12, row["from_month"], row["to_month"]
    return {
        "look": "plus lacking" if row["part_held"] else "plus-soft" if is_part else "plus",
        "part": write_text("months_span" if first < last else "months_one", first=first, last=last) if is_part else "",
        "span": translate(format_months(row["year"], first, last)) if is_part else "",
    }


def write_composition(pair: Pair) -> Section | None:
    """Write the section on the composition of both economies' GDP, and on their trade in services."""
    answers = ask_answered(pair, "services_in_gdp", "services_share")
    if not answers:
        return None
    pictures, tables = [], []
    findings = make_findings(answers)
    sides: dict[str, list[dict[str, Any]]] = {}
    for code in (pair.reporter, pair.partner):
        held = {part: pair.get_figures(f"gdp_share.{part}", of=code) for part in COMPONENTS}
        years = sorted({int(year) for figures in held.values() for year in figures if int(year) >= SINCE})
        if any(sum(int(year) >= SINCE for year in figures) > 1 for figures in held.values()):
            sides[code] = [
                {"year": year} | {part: f.value if (f := held[part].get(str(year))) else None for part in held}
                for year in range(years[0], years[-1] + 1)
            ]
    lines = {
        code: [part for part in COMPONENTS if any(row[part] is not None for row in rows)]
        for code, rows in sides.items()
    }
    for code, rows in sides.items():
        whose = make_possessive(pair.names.get(code, code))
        caption = translate("Shares of services, industry and agriculture in {whose} GDP, by year", whose=whose)
        said = f"{caption}, {rows[0]['year']}–{rows[-1]['year']}. {findings[0].sentence}"
        part = next(part for part in COMPONENTS if sum(row[part] is not None for row in rows) > 1)
        shares = [(row["year"], row[part]) for row in rows if row[part] is not None]
        found = title_share(part, shares[0], shares[-1], whose)
        figures = [f for part in COMPONENTS for f in pair.get_figures(f"gdp_share.{part}", of=code).values()]
        ends = {part: [row["year"] for row in rows if row[part] is not None][-1:] for part in COMPONENTS}
        labels = {part: load_texts()["words"][part] for part in COMPONENTS}
        if len({year for years in ends.values() for year in years}) > 1:
            for part, years in ends.items():
                labels[part] = write_text("gdp_line", name=labels[part], year=years[0]) if years else labels[part]
        # Without one of the shares the rest is something else, and services that are derived leave no rest.
        known = [[share for part in COMPONENTS if (share := row[part]) is not None] for row in rows]
        has_rest = any(len(shares) == len(COMPONENTS) and sum(shares) < WHOLE for shares in known)
        lacking = ", ".join(load_texts()["words"][part] for part in COMPONENTS if not ends[part])
        measure = write_text("gdp_lacking" if lacking else "gdp_rest" if has_rest else "gdp_measure", parts=lacking)
        shown = (found, measure, pair.name_source(figures), said, draw_lines, rows, labels, "percent")
        # Both charts have the same axis, unless one of them lacks a line.
        alike = [row for one, rows in sides.items() if lines[one] == lines[code] for row in rows]
        shared = [0.0, *(row[part] or 0.0 for row in alike for part in COMPONENTS)]
        pictures.append(draw_picture(*shown, is_half=True, shared=(min(shared), max(shared))))
        tables.append(pair.make_table("gdp", caption, rows, name=f"gdp-{code.lower()}", of=code))
    services = [row for answer in answers if answer.question.name == "services_share" for row in answer.rows]
    services = [row for row in services if row["is_answered"] or row["services_exports_usd"] is not None]
    if services:
        caption = translate("Services in {whose} trade with {partner}, by year and kind of value", **pair.words)
        tables.append(Table("services", caption, pair.list_columns("services"), services))
    heading = translate("Composition of both economies, and trade in services")
    note = translate(
        "Each year's figure comes from the newest release that has it, so figures for different economies or years may "
        "come from different releases. Compare only figures of the same release, as the answer on both "
        "economies' shares does."
    )
    return Section("composition", heading, findings, pictures, tables, [note] if pictures else ())
