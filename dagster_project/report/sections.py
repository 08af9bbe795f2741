"""Write the report's sections on the balance: by year, in the partner's statistics, and in the current year.

Here: the questions behind each section, and the content of its charts and tables. Not here: the sections on the causes
of the balance (`composition`) and on policy events (`events`), the sentences (`sql/questions`), and the drawing of
charts (`charts`). A section without any figures is left out.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from dagster_project.languages import translate
from dagster_project.questions import Answer
from dagster_project.questions.wording import CALCULATION, format_percent, join_words, make_possessive
from dagster_project.report.charts import texts
from dagster_project.report.charts.balance import choose_look, draw_balance
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.charts.texts import load_texts, write_text, write_title
from dagster_project.report.elements import Column, Section, Table, join_findings, make_findings
from dagster_project.report.pair import Pair
from dagster_project.report.pictures import cite_printed, draw_picture

SINCE = 1992
# The most events that a chart names.
NAMED = 3
# The most that freight and insurance can raise the importer's figure above the exporter's (marts.mirror_trade_annual).
CIF_MOST = 1.2
BAND = f"""
    with freight as (
        select reporter_code, case valuation when 'CIF' then {CIF_MOST} else 1 end as most
        from core.valuations
        where flow = 'import'
    )
    select balances.year, balances.balance_usd as band_low_usd,
        partners.most * balances.exports_usd - balances.imports_usd / own.most as band_high_usd
    from marts.trade_balance_annual as balances
    inner join freight as own using (reporter_code)
    inner join freight as partners on balances.partner_code = partners.reporter_code
    where balances.reporter_code = $reporter and balances.partner_code = $partner and balances.balance_usd is not null
"""
WITHOUT_FREIGHT = """
    select reporter_code from core.valuations
    where flow = 'import' and valuation = 'CUSTOMS' and reporter_code in ($reporter, $partner)
"""
# The policy events that concern the pair.
EVENTS = """
    select event_id, title, event_date, date_precision, stage_title, cast(year(event_date) as integer) as year
    from marts.policy_events_between($reporter, $partner)
    order by event_date, event_id
"""
# The columns for the current year and the year before: the metric, and the number of years back.
MONTHS = {
    "balance_usd": ("balance", 0),
    "earlier_usd": ("balance", 1),
    "balance_to_date_usd": ("balance_to_date", 0),
    "earlier_to_date_usd": ("balance_to_date", 1),
}


def ask_answered(pair: Pair, *names: str) -> list[Answer]:
    """Ask questions; return the answers that have figures."""
    return [answer for name in names if (answer := pair.ask_question(name)).state != "missing"]


def write_balance(pair: Pair) -> Section | None:
    """Write the section on the balance since 1992, the changes of its sign, and the policy events of the pair."""
    answers = ask_answered(pair, "balance", "first_deficit_since", "third_deficit_in_a_row")
    if not answers or answers[0].question.name != "balance":
        return None
    rows = [row for row in sorted(answers[0].rows, key=lambda row: row["year"]) if row["year"] >= SINCE]
    held = [row["year"] for row in rows if row["balance_usd"] is not None]
    if not held:
        return None
    rows = [row for row in rows if held[0] <= row["year"] <= held[-1]]
    findings = make_findings(answer for answer in answers if answer.arises)
    caption = translate("{whose} goods trade with {partner}, exports less imports, by year", **pair.words)
    events = [event for event in pair.query_rows(EVENTS) if held[0] <= event["year"] <= held[-1]]
    looks = {str(row["year"]): choose_look(row) for row in rows if row["balance_usd"] is not None}
    soft = {year: look for year, look in looks.items() if look.endswith("-soft")}
    key = {" ".join(sorted(set(soft.values()))): write_text("provisional_years", years=", ".join(soft))} if soft else {}
    if "grey" in looks.values():
        key["unsigned"] = write_text("unsigned")
    table = pair.make_table("balance", caption, rows)
    heading = translate("The balance since {year}", year=held[0])
    section = Section("balance", heading, findings, tables=[table])
    if len(held) < 2:
        return section
    known = {event["event_id"]: event for event in events}
    names = load_texts()["events"].items()
    named = [known[event_id] | {"name": name} for event_id, name in names if event_id in known][:NAMED]
    title = texts.title_balance(rows, pair.words)
    measure = write_title("balance_measure", **pair.words, amounts=[row["balance_usd"] for row in rows])
    source, said = pair.name_source(pair.get_figures("balance").values()), join_findings(findings)
    if 0 < len(named) < len(events):
        source += f". {write_text('events_chosen')}"
    picture = draw_picture(title, measure, source, said, draw_balance, rows, named, key=key)
    return replace(section, pictures=[picture], events=events)


def write_partner_statistics(pair: Pair) -> Section | None:
    """Write the section that compares both economies' statistics, and says which differences freight can explain."""
    answers = ask_answered(pair, "partner_statistics")
    if not answers:
        return None
    bands = {row["year"]: row for row in pair.query_rows(BAND)}
    none = {"band_low_usd": None, "band_high_usd": None}
    rows = [dict(row) | bands.get(row["year"], none) for row in sorted(answers[0].rows, key=lambda row: row["year"])]
    for row in rows:
        both = row["balance_mirror_usd"] is not None and row["band_high_usd"] is not None
        row["is_explained"] = row["band_low_usd"] <= row["balance_mirror_usd"] <= row["band_high_usd"] if both else None
    findings = make_findings(answers)
    caption = translate("{whose} balance with {partner} in both economies' statistics, by year", **pair.words)
    names = {"balance_reported_usd": pair.reporter_name, "balance_mirror_usd": pair.partner_name}
    held = {column: [row["year"] for row in rows if row[column] is not None] for column in names}
    ends = {column: max(years, default=0) for column, years in held.items()}
    gaps = {names[column]: set(range(min(years), max(years))) - set(years) for column, years in held.items() if years}
    forms = "sides_line_early", "sides_line"
    labels = {
        column: write_text(forms[ends[column] == max(ends.values())], name=name.removeprefix("the "), year=ends[column])
        for column, name in names.items()
    }
    pictures = []
    if sum(row["balance_mirror_usd"] is not None for row in rows) > 1:
        amounts = [row[column] for row in rows for column in names]
        measure = write_title("sides_measure", **pair.words, amounts=amounts)
        figures = [figure for name in ("balance", "balance_mirror") for figure in pair.get_figures(name).values()]
        source, said = pair.name_source(figures, cite_printed(rows)), join_findings(findings)
        printed = [row["year"] for row in rows if row["basis"] == "printed"]
        options: dict[str, Any] = {"is_shaded": True, "hollow": {"balance_mirror_usd": printed}}
        options |= {"key": {"hollow": write_text("sides_printed")}} if printed else {}
        for name, absent in gaps.items():
            if absent:
                source += f". {write_text('sides_gaps', whose=make_possessive(name), years=join_words(sorted(absent)))}"
        found = texts.title_sides(rows, pair.words)
        drawn = [row for row in rows if any(row[column] is not None for column in names)]
        pictures = [draw_picture(found, measure, source, said, draw_lines, drawn, labels, "US$", **options)]
    table = pair.make_table("both-sides", caption, rows)
    at_customs = translate("Here {whose} imports are at customs value, without freight and insurance.")
    without = [make_possessive(pair.names[row["reporter_code"]]) for row in pair.query_rows(WITHOUT_FREIGHT)]
    notes = [
        translate(
            "Exports exclude freight and insurance (FOB) and imports include them (CIF), so the statistics of the two "
            "economies differ by a few per cent even if both are right. A difference of up to {most} in exports or in "
            "imports is taken as normal here; the IMF assumes 6%. A larger difference has other causes, such as goods "
            "that pass through a third economy.",
            most=format_percent(100 * (CIF_MOST - 1), 0),
        ),
        *(at_customs.format(whose=name) for name in without),
    ]
    return Section("both-sides", translate("Statistics of {partner}", **pair.words), findings, pictures, [table], notes)


def write_this_year(pair: Pair) -> Section | None:
    """Write the section that compares the months of the current year with those of the year before."""
    answers = ask_answered(pair, "deficit_to_date")
    if not answers or answers[0].rows[0]["basis"] != "months":
        return None
    year = answers[0].rows[0]["year"]
    figures = {
        (month - 1, column): figure
        for column, (metric, before) in MONTHS.items()
        for month in range(1, 13)
        if (figure := pair.get_figures(metric).get(f"{year - before}-{month:02}")) is not None
    }
    rows = [
        {"year": month, "name": f"{month:02}"}
        | {column: figures[at].value if (at := (month - 1, column)) in figures else None for column in MONTHS}
        for month in range(1, 13)
    ]
    findings = make_findings(answers)
    words = pair.words | {"earlier": year - 1, "year": year}
    title = translate("{whose} balance with {partner} from January on, {earlier} and {year}", **words)
    heads = {"balance": translate("Balance {year}"), "balance_to_date": translate("From January {year}")}
    months = [Column(name, heads[metric].format(year=year - ago), "US$") for name, (metric, ago) in MONTHS.items()]
    table = Table("this-year", title, [Column("name", translate("Month"), "code"), *months], rows, figures)
    labels = {"balance_to_date_usd": str(year), "earlier_to_date_usd": str(year - 1)}
    pictures = []
    if any(row["balance_to_date_usd"] is not None for row in rows):
        found = texts.title_year(year, rows, pair.words, has_sign=pair.has_sign(year - 1, year))
        measure = write_title("year_measure", **pair.words, amounts=[row[name] for row in rows for name in labels])
        source, said = pair.name_source(pair.get_figures("balance_to_date").values()), join_findings(findings)
        soft = sorted({one.identity.period[:4] for one in figures.values() if one.observation_status == "P"})
        source += f". {write_text('provisional_years', years=', '.join(soft))}." if soft else ""
        month = [row["year"] for row in rows if row["balance_to_date_usd"] is not None][-1]
        peak = ("earlier_to_date_usd", month, f"{year - 1}-{month:02}")
        options: dict[str, Any] = {"is_one_year": True, "peak": peak}
        pictures = [draw_picture(found, measure, source, said, draw_lines, rows, labels, "US$", **options)]
    heading = translate("{year} so far") if rows[-1]["balance_usd"] is None else translate("{year}, month by month")
    return Section("this-year", heading.format(year=year), findings, pictures, [table])


def write_year_in_progress(pair: Pair) -> Section | None:
    """Write the section on how the year may end: the forecast after each month, and the errors of past forecasts."""
    answers = ask_answered(pair, "year_in_progress", "adjusted_month", "first_figures")
    if not answers or answers[0].question.name != "year_in_progress":
        return None
    rows = answers[0].rows
    year = rows[0]["year"]
    findings = make_findings(answers)
    forecasts = translate("Forecasts of {whose} trade with {partner} in {year}", **pair.words, year=year)
    record = translate("The errors of earlier forecasts made from the same month")
    fan = [{**row, "year": row["origin_month"]} for row in rows[::-1] if row["series"] == "balance"]
    interval = ("low_usd", "high_usd") if any(row["low_usd"] is not None for row in fan) else ()
    # Forecasts are rounded to what the width of the last interval allows: to 34 where it is 24 to 44.
    width = fan[-1]["high_usd"] - fan[-1]["low_usd"] if fan[-1]["low_usd"] is not None else 1.0
    # A small forecast keeps its sign.
    size = min(width / 5, abs(fan[-1]["nowcast_usd"])) or 1.0
    unit, drawn = 10.0 ** math.floor(math.log10(size)), ("nowcast_usd", *interval)
    fan = [{**row, **{name: row[name] and round(row[name] / unit) * unit for name in drawn}} for row in fan]
    found = write_title("forecast", **pair.words, year=year, last=fan[-1]["nowcast_usd"])
    name = "forecast_measure" if interval else "forecast_measure_alone"
    measure = write_title(name, amounts=[row[name] for row in fan for name in drawn])
    source, said = pair.name_source(answers[0].vintages, [CALCULATION]), join_findings(findings)
    chart = (found, measure, source, said, draw_lines, fan, {"nowcast_usd": ""}, "US$")
    picture = draw_picture(*chart, interval=interval, is_one_year=True, has_zero=False)
    tables = [
        Table("forecasts", forecasts, pair.list_columns("forecasts"), rows),
        Table("record", record, pair.list_columns("record"), rows),
    ]
    note = translate(
        "Forecasts are estimates, and their past errors are measured against the figures as they stand today."
    )
    heading = translate("How {year} may end", year=year)
    return Section("year-in-progress", heading, findings, [picture], tables, [note])


def write_duties(pair: Pair) -> Section | None:
    """Write the section on the duty charged on imports from the partner, and on the shares of countries in imports."""
    answers = ask_answered(pair, "duty_charged", "origins", "imports_by_dose")
    if len(answers) < 2:
        return None
    monthly, origins = pair.ask_question("duty_charged", from_year=SINCE), answers[1]
    rows = [dict(row) | {"year": f"{row['period_start']:%Y-%m}"} for row in monthly.rows[::-1]]
    findings = make_findings([monthly, *answers[1:]])
    title = translate("Duty charged on imports from {partner}, in per cent of their value", **pair.words)
    of_both = [row for row in rows if None not in (row["duty_rate_pct"], row["world_duty_rate_pct"])]
    found, measure = title, write_text("duty_measure")
    if of_both:
        when = {"year": of_both[-1]["period_start"].year, "month": of_both[-1]["period_start"].month}
        rates = {"rate": of_both[-1]["duty_rate_pct"], "world": of_both[-1]["world_duty_rate_pct"]}
        found = write_title("duty", **pair.words, **when, **rates)
    labels = {
        "duty_rate_pct": write_text("duty_partner", **pair.words),
        "world_duty_rate_pct": write_text("duty_world"),
    }
    source, said = pair.name_source(monthly.vintages), join_findings(findings)
    most = max(rows, key=lambda row: row["duty_rate_pct"] or 0)["year"]
    peak = ("duty_rate_pct", most, most)
    picture = draw_picture(found, measure, source, said, draw_lines, rows, labels, "percent", peak=peak)
    shares = translate("Origins of {whose} imports for consumption", **pair.words)
    tables = [
        pair.make_table("duties", translate("{title}, by month", title=title), rows),
        Table("origins", shares, pair.list_columns("origins"), origins.rows),
    ]
    return Section("duties", translate("The duty actually charged"), findings, [picture], tables)
