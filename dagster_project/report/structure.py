"""Sections of the report on what is behind the balance: what moved it, semiconductors, what both economies are made of.

Here: which questions make a section, and what its chart and its tables show. Not here: the balance itself (`sections`).
"""

from __future__ import annotations

from typing import Any

from dagster_project.questions import Answer
from dagster_project.questions.wording import possessive
from dagster_project.report import drawing
from dagster_project.report.book import Book
from dagster_project.report.parts import Column, Key, Section, Table, described, said
from dagster_project.report.sections import SINCE, YEAR, answered, lacking_of

RELEASES_NOTE = (
    "Each year is from the newest release that has it, so that two economies, or two years, may come from different "
    "releases: the sentence compares within one."
)
CHIPS = "8542"
# The most steps between two balances that are told apart; the others stand together.
STEPS = 8


def what_moved_it(book: Book) -> Section | None:
    """The steps from one balance to the next: by flow and product, what is not held on its own."""
    answers = answered(book, "exports_or_imports", "products_behind_the_change")
    if not answers:
        return None
    last = answers[-1]
    by_product = last.question.name == "products_behind_the_change"
    first_row = next(row for row in last.rows if (row["from_year"] is not None and row["is_answered"]) or by_product)
    ends = (first_row["from_year"], first_row["to_year"])
    if not by_product and not last.rows[0]["is_answered"]:
        # The whole span is not held; of the years between the last that is has a sentence of its own.
        last = book.ask(last.question.name, from_year=ends[0], to_year=ends[1])
        answers = [last]
    balances = {
        row["year"]: row["balance_usd"]
        for row in book.rows(
            """
            select year, balance_usd from marts.trade_balance_annual
            where reporter_code = $reporter and partner_code = $partner and year in ($first, $last)
            """,
            first=ends[0],
            last=ends[1],
        )
    }
    if by_product:
        steps = _by_product(last)
    else:
        steps = [
            {"label": "Exports", "value": first_row["exports_change_usd"], "is_level": False, "is_held": True},
            {"label": "Imports", "value": -first_row["imports_change_usd"], "is_level": False, "is_held": True},
        ]
    level = {"is_level": True, "is_held": True}
    rows = [
        {"label": f"Balance {ends[0]}", "value": balances[ends[0]], **level},
        *steps,
        {"label": f"Balance {ends[1]}", "value": balances[ends[1]], **level},
    ]
    sentences = [said(answer) for answer in answers]
    title = f"From the balance of {ends[0]} to that of {ends[1]}"
    figures = {
        (number, "value"): figure
        for number, year in ((0, ends[0]), (len(rows) - 1, ends[1]))
        if (figure := book.figures("balance").get(str(year))) is not None
    }
    columns = (Column("label", "Step"), Column("value", "US$", "US$"), Column("is_held", "Held by product"))
    key = [Key("surplus", "added to the balance"), Key("deficit", "took from it")]
    if not all(row["is_held"] for row in rows):
        key.append(Key("lacking", "outlined: not held by product"))
    return Section(
        "what-moved-it",
        "What moved the balance",
        sentences,
        [drawing.picture(title, described(sentences), drawing.waterfall(rows))],
        key,
        [Table("what-moved-it", title, columns, rows, figures)],
        lacking=lacking_of(answers),
    )


def _by_product(answer: Answer) -> list[dict[str, Any]]:
    held = [row for row in answer.rows if row["product_code"] not in {"RESIDUAL", "TOTAL"}]
    steps = [
        {
            "label": f"{row['flow'].capitalize()}s: {row['product'].split(' (')[0]}",
            "value": row["contribution_usd"],
            "is_level": False,
            "is_held": True,
        }
        for row in held[:STEPS]
    ]
    if rest := held[STEPS:]:
        other = sum(row["contribution_usd"] for row in rest)
        steps.append({"label": "Other products that are held", "value": other, "is_level": False, "is_held": True})
    steps += [
        {
            "label": f"{row['flow'].capitalize()}s that are not held by product"
            if not row["is_complete_detail"]
            else f"{row['flow'].capitalize()}s: what the products do not explain",
            "value": row["contribution_usd"],
            "is_level": False,
            "is_held": bool(row["is_complete_detail"]),
        }
        for row in answer.rows
        if row["product_code"] in {"RESIDUAL", "TOTAL"} and round(row["contribution_usd"])
    ]
    return steps


def chips(book: Book) -> Section | None:
    """Integrated circuits in exports, and the balance without them."""
    answers = answered(book, "dependence_on_semiconductors", "balance_without_semiconductors", "price_or_volume")
    if not answers or answers[0].question.name != "dependence_on_semiconductors":
        return None
    rows = [
        dict(row)
        | {
            "is_whole": row["part_held"] is None and row["month_count"] in {None, 12},
            "mark": "≥" if row["part_held"] else "",
            "months": None if row["from_month"] is None else f"{row['from_month']:02}–{row['to_month']:02}",
        }
        for row in sorted(answers[0].rows, key=lambda row: row["year"])
        if row["year"] is not None
    ]
    sentences = [said(answer) for answer in answers]
    title = f"Integrated circuits in {possessive(book.whose)} exports to {book.whom}"
    held = book.figures("product_exports", item=CHIPS)
    figures = {
        (number, "value_usd"): held[str(row["year"])]
        for number, row in enumerate(rows[::-1])
        if row["is_whole"] and str(row["year"]) in held and held[str(row["year"])].is_value(row["value_usd"])
    }
    table = Table(
        "semiconductors",
        f"{title}, by year",
        (
            YEAR,
            Column("months", "Months", "code"),
            Column("value_usd", "Integrated circuits", "US$"),
            Column("total_usd", "All goods", "US$"),
            Column("share_pct", "Share", "percent"),
            Column("part_held", "Only these are held", "code"),
        ),
        rows[::-1],
        figures,
    )
    drawn = sum(row["share_pct"] is not None for row in rows) > 1
    key = [Key("surplus", "share in all exports of goods")]
    if not all(row["is_whole"] for row in rows):
        key.append(Key("lacking", "outlined: part of a year, or (≥) part of the heading"))
    return Section(
        "semiconductors",
        "Semiconductors",
        sentences,
        [drawing.picture(title, described(sentences), drawing.shares(rows))] if drawn else (),
        key if drawn else (),
        [table],
        lacking=lacking_of(answers),
    )


COMPONENTS = {"services": "services", "industry": "industry", "agriculture": "agriculture"}


def composition(book: Book) -> Section | None:
    """What both economies are made of, and the services that they trade."""
    answers = answered(book, "services_in_gdp", "services_share")
    if not answers:
        return None
    pictures, tables = [], []
    sentences = [said(answer) for answer in answers]
    for code in (book.reporter, book.partner):
        held = {part: book.figures("gdp_share", of=code, item=part) for part in COMPONENTS}
        years = sorted({year for figures in held.values() for year in figures if int(year) >= SINCE})
        if len(years) < 2:
            continue
        rows = [
            {"year": year, **{part: f.value if (f := held[part].get(str(year))) else None for part in held}}
            for year in range(int(years[0]), int(years[-1]) + 1)
        ]
        name = book.names.get(code, code)
        title = f"Parts of {possessive(name)} GDP"
        told = f"{title} from {years[0]} to {years[-1]}: {', '.join(COMPONENTS)}. {described(sentences[:1])}"
        pictures.append(drawing.picture(title, told, drawing.components(rows, COMPONENTS), is_half=True))
        figures = {
            (number, part): held[part][str(row["year"])]
            for number, row in enumerate(rows[::-1])
            for part in COMPONENTS
            if str(row["year"]) in held[part]
        }
        columns = (YEAR, *(Column(part, label.capitalize(), "percent") for part, label in COMPONENTS.items()))
        tables.append(Table(f"gdp-{code.lower()}", f"{title}, share of GDP by year", columns, rows[::-1], figures))
    services = [row for answer in answers if answer.question.name == "services_share" for row in answer.rows]
    services = [row for row in services if row["is_answered"] or row["services_exports_usd"] is not None]
    if services:
        columns = (
            YEAR,
            Column("value_basis", "Values", "code"),
            Column("services_exports_usd", "Services sold", "US$"),
            Column("services_imports_usd", "Services bought", "US$"),
            Column("exports_share_pct", "Of what is sold", "percent"),
            Column("imports_share_pct", "Of what is bought", "percent"),
            Column("vintage", "Vintage", "code"),
        )
        title = f"Services in {possessive(book.whose)} trade with {book.whom}"
        tables.append(Table("services", f"{title}, by year and kind of value", columns, services))
    keys = (Key("first", "services"), Key("second dashed", "industry"), Key("third dotted", "agriculture"))
    return Section(
        "composition",
        "What both economies are made of, and services",
        sentences,
        pictures,
        keys if pictures else (),
        tables,
        [RELEASES_NOTE] if pictures else (),
        lacking=lacking_of(answers),
    )
