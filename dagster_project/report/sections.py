"""The sections of the report with a chart: the sentences of the questions, what is drawn of them, and the tables.

Here: which questions make a section, and what its chart and its table show. Not here: the sentences (`sql/questions`),
how anything is drawn (`drawing`), and policy events (`events`). A section is left out where nothing of it is held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dagster_project.analysis.stages import IN_EFFECT
from dagster_project.questions import Answer
from dagster_project.questions.wording import possessive
from dagster_project.report import drawing
from dagster_project.report.book import Book
from dagster_project.report.parts import Column, Key, Section, Table, described, said

Rows = Sequence[Mapping[str, Any]]

SINCE = 1992
# So many times an exporter's figure freight and insurance may make the importer's (marts.mirror_trade_annual).
CIF_MOST = 1.2
CIF_NOTE = (
    "Exports are counted without freight and insurance (FOB), imports with them (CIF), so the two sides differ by some "
    f"per cent even where both are right. The band reckons with up to {100 * (CIF_MOST - 1):.0f}% on each flow; the "
    "IMF reckons with 6%. What lies outside of it has other reasons, such as goods that pass through a third economy."
)
RELEASES_NOTE = (
    "Each year is from the newest release that has it, so that two economies, or two years, may come from different "
    "releases: the sentence compares within one."
)
CHIPS = "8542"
# The most steps between two balances that are told apart; the others stand together.
STEPS = 8
YEAR = Column("year", "Year", "year")


def write(book: Book) -> Iterator[Section]:
    """The sections that hold something, in the order of the page."""
    for make in (balance, partner_statistics, this_year, what_moved_it, chips, composition):
        section = make(book)
        if section is not None:
            yield section


def _answered(book: Book, *names: str) -> list[Answer]:
    return [answer for name in names if (answer := book.ask(name)).state != "missing"]


def _held(book: Book, rows: Rows, columns: Mapping[str, str]) -> dict[tuple[int, str], Any]:
    """For rows by year, which of their values are figures of a metric: by row and column."""
    found = {}
    for number, row in enumerate(rows):
        for column, metric in columns.items():
            figure = book.figures(metric).get(str(row["year"]))
            # A row that prints another reading is no figure of the metric.
            if figure is not None and row[column] is not None and abs(figure.value - row[column]) < 0.5:
                found[number, column] = figure
    return found


def balance(book: Book) -> Section | None:
    """The balance since 1992, where its sign changed, and the policy events of the pair."""
    answers = _answered(book, "balance", "first_deficit_since", "third_deficit_in_a_row")
    if not answers or answers[0].question.name != "balance":
        return None
    rows = [row for row in sorted(answers[0].rows, key=lambda row: row["year"]) if row["year"] >= SINCE]
    held = [row["year"] for row in rows if row["balance_usd"] is not None]
    if not held:
        return None
    rows = [row for row in rows if held[0] <= row["year"] <= held[-1]]
    sentences = [said(answer) for answer in answers]
    title = f"{possessive(book.whose)} goods trade with {book.whom}: exports less imports"
    events = [event for event in _events(book) if held[0] <= event["year"] <= held[-1]]
    table = Table(
        "balance",
        f"{title}, by year",
        (
            YEAR,
            Column("exports_usd", "Exports", "US$"),
            Column("imports_usd", "Imports", "US$"),
            Column("balance_usd", "Balance", "US$"),
            Column("sign_flipped", "Sign changed"),
            Column("observation_status", "Status", "code"),
        ),
        rows[::-1],
        _held(book, rows[::-1], {"exports_usd": "exports", "imports_usd": "imports", "balance_usd": "balance"}),
    )
    pictures = []
    if len(held) > 1:
        pictures = [drawing.picture(title, described(sentences), drawing.balance(rows, events))]
    key = [Key("surplus", "surplus"), Key("deficit", "deficit")]
    if any(row["observation_status"] == "P" for row in rows):
        key.append(Key("provisional", "lighter: provisional"))
    if any(row["balance_usd"] is not None and row["balance_sign"] is None for row in rows):
        key.append(Key("unsigned", "figures too thin for a sign"))
    if events and pictures:
        key.append(Key("event", "a policy event, in the list below"))
    return Section(
        "balance",
        f"The balance since {held[0]}",
        sentences,
        pictures,
        key if pictures else (),
        [table],
        listed=events if pictures else (),
        lacking=_lacking(answers),
    )


def _events(book: Book) -> list[dict[str, Any]]:
    """The events of the register that name both economies, each by its first stage in effect."""
    found = book.rows(
        """
        select event_id, title, event_date, stage_title, evaluation, cast(year(event_date) as integer) as year
        from marts.policy_timeline
        where
            source = 'register'
            and list_has_all(string_split(concat_ws(', ', implementing, affected), ', '), [$reporter, $partner])
        qualify
            row_number() over (
                partition by event_id order by list_contains($in_effect, stage) desc, event_date asc, stage asc
            ) = 1
        order by event_date, event_id
        """,
        in_effect=sorted(IN_EFFECT),
    )
    return [event | {"number": number} for number, event in enumerate(found, start=1)]


def partner_statistics(book: Book) -> Section | None:
    """Both reporters side by side, with the band that freight and insurance explain."""
    answers = _answered(book, "partner_statistics")
    if not answers:
        return None
    bands = {
        row["year"]: row
        for row in book.rows(
            f"""
            select year, least(balance_usd, {CIF_MOST} * exports_usd - imports_usd / {CIF_MOST}) as band_low_usd,
                {CIF_MOST} * exports_usd - imports_usd / {CIF_MOST} as band_high_usd
            from marts.trade_balance_annual
            where reporter_code = $reporter and partner_code = $partner and balance_usd is not null
            """
        )
    }
    none = {"band_low_usd": None, "band_high_usd": None}
    rows = [dict(row) | bands.get(row["year"], none) for row in sorted(answers[0].rows, key=lambda row: row["year"])]
    for row in rows:
        both = row["balance_mirror_usd"] is not None and row["band_high_usd"] is not None
        row["is_explained"] = row["band_low_usd"] <= row["balance_mirror_usd"] <= row["band_high_usd"] if both else None
    sentences = [said(answer) for answer in answers]
    labels = {
        "balance_reported_usd": f"as {book.whose} reports it",
        "balance_mirror_usd": f"as {book.whom} reports it",
    }
    title = f"{possessive(book.whose)} balance with {book.whom} in both economies' statistics"
    table = Table(
        "both-sides",
        f"{title}, by year",
        (
            YEAR,
            Column("balance_reported_usd", f"As {book.whose} reports it", "US$"),
            Column("balance_mirror_usd", f"As {book.whom} reports it", "US$"),
            Column("gap_usd", "Apart", "US$"),
            Column("band_high_usd", "The most that freight explains", "US$"),
            Column("is_explained", "Freight may explain it"),
            Column("signs_agree", "Signs agree"),
        ),
        rows[::-1],
        _held(book, rows[::-1], {"balance_reported_usd": "balance", "balance_mirror_usd": "balance_mirror"}),
    )
    several = sum(row["balance_mirror_usd"] is not None for row in rows) > 1
    return Section(
        "both-sides",
        "What the other side counts",
        sentences,
        [drawing.picture(title, described(sentences), drawing.sides(rows, labels))] if several else (),
        (
            Key("first", labels["balance_reported_usd"]),
            Key("second dashed", labels["balance_mirror_usd"]),
            Key("band", "where freight and insurance could put the second"),
        )
        if several
        else (),
        [table],
        [CIF_NOTE],
        lacking=_lacking(answers),
    )


def this_year(book: Book) -> Section | None:
    """The months of the year in progress against those of the year before."""
    answers = _answered(book, "deficit_to_date")
    if not answers or answers[0].rows[0]["basis"] != "months":
        return None
    year = answers[0].rows[0]["year"]
    found = {
        (row["year"], row["month"]): row
        for row in book.rows(
            """
            select cast(year(period_start) as integer) as year, cast(month(period_start) as integer) as month,
                balance_usd, balance_ytd_usd
            from marts.trade_balance_monthly
            where reporter_code = $reporter and partner_code = $partner and year(period_start) in ($year, $year - 1)
            """,
            year=year,
        )
    }
    none: dict[str, Any] = {"balance_usd": None, "balance_ytd_usd": None}
    rows = [
        {
            "month": month,
            "name": f"{month:02}",
            "balance_usd": found.get((year, month), none)["balance_usd"],
            "earlier_usd": found.get((year - 1, month), none)["balance_usd"],
            "balance_to_date_usd": found.get((year, month), none)["balance_ytd_usd"],
            "earlier_to_date_usd": found.get((year - 1, month), none)["balance_ytd_usd"],
        }
        for month in range(1, 13)
    ]
    sentences = [said(answer) for answer in answers]
    title = f"{possessive(book.whose)} balance with {book.whom} from January on, {year} and {year - 1}"
    columns = (
        ("balance_usd", "balance", year),
        ("earlier_usd", "balance", year - 1),
        ("balance_to_date_usd", "balance_to_date", year),
        ("earlier_to_date_usd", "balance_to_date", year - 1),
    )
    figures = {
        (number, column): figure
        for number, row in enumerate(rows)
        for column, metric, of in columns
        if row[column] is not None
        and (figure := book.figures(metric).get(f"{of}-{row['month']:02}")) is not None
        and abs(figure.value - row[column]) < 0.5
    }
    table = Table(
        "this-year",
        title,
        (
            Column("name", "Month", "code"),
            Column("balance_usd", f"Balance {year}", "US$"),
            Column("earlier_usd", f"Balance {year - 1}", "US$"),
            Column("balance_to_date_usd", f"From January {year}", "US$"),
            Column("earlier_to_date_usd", f"From January {year - 1}", "US$"),
        ),
        rows,
        figures,
    )
    labels = {"earlier_to_date_usd": str(year - 1), "balance_to_date_usd": str(year)}
    return Section(
        "this-year",
        f"{year} so far" if rows[-1]["balance_usd"] is None else f"{year}, month by month",
        sentences,
        [drawing.picture(title, described(sentences), drawing.months(rows, labels))],
        [Key("first", f"{year}, from January on"), Key("second dashed", f"{year - 1}, from January on")],
        [table],
        lacking=_lacking(answers),
    )


def what_moved_it(book: Book) -> Section | None:
    """The steps from one balance to the next: by flow and product, what is not held on its own."""
    answers = _answered(book, "exports_or_imports", "products_behind_the_change")
    if not answers:
        return None
    last = answers[-1]
    by_product = last.question.name == "products_behind_the_change"
    first_row = next(row for row in last.rows if (row["from_year"] is not None and row["is_answered"]) or by_product)
    ends = (first_row["from_year"], first_row["to_year"])
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
        lacking=_lacking(answers),
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
    answers = _answered(book, "dependence_on_semiconductors", "balance_without_semiconductors", "price_or_volume")
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
        if row["is_whole"] and str(row["year"]) in held and abs(held[str(row["year"])].value - row["value_usd"]) < 0.5
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
        lacking=_lacking(answers),
    )


COMPONENTS = {"services": "services", "industry": "industry", "agriculture": "agriculture"}


def composition(book: Book) -> Section | None:
    """What both economies are made of, and the services that they trade."""
    answers = _answered(book, "services_in_gdp", "services_share")
    if not answers:
        return None
    pictures, tables = [], []
    sentences = [said(answer) for answer in answers]
    for code in (book.reporter, book.partner):
        held = {part: book.figures("gdp_share", of=code, item=part) for part in COMPONENTS}
        years = sorted({year for figures in held.values() for year in figures})
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
        lacking=_lacking(answers),
    )


def _lacking(answers: Sequence[Answer]) -> list[str]:
    """What is not held, each said once."""
    return list(dict.fromkeys(text for answer in answers for text in answer.missing))


Make = Callable[[Book], Section | None]
