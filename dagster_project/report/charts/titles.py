"""Write the titles of charts, which state what the figures show, from the templates of `texts.yml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dagster_project.questions.wording import format_percent, make_possessive, name_month
from dagster_project.report.charts.scales import format_number, scale_amounts
from dagster_project.report.charts.texts import write_text, write_title

Row = Mapping[str, Any]
MONTHS = 12


def name_sign(value: float) -> str:
    """Return the sign of a balance as a word."""
    return "deficit" if value < 0 else "surplus"


def write_amount(value: float) -> str:
    """Write the size of an amount with as many digits as the labels of charts: US$18.0bn."""
    size = scale_amounts([value])[0]
    return write_text("billion" if size == 1e9 else "million", number=format_number(abs(value) / size))


def title_balance(rows: Sequence[Row], reporter: str, partner: str) -> str:
    """Say for how many years the balance has had its present sign.

    Args:
        rows: One row per year, in order, as `draw_balance` takes them.
        reporter: The name of the reporter.
        partner: The name of the partner.
    """
    signs = {row["year"]: row["balance_sign"] for row in rows}
    last = rows[-1]["year"]
    sign, names = signs[last], {"reporter": reporter, "partner": partner}
    if sign not in {"surplus", "deficit"}:
        return write_title("balance", whose=make_possessive(reporter), partner=partner)
    first = last
    while signs.get(first - 1) == sign:
        first -= 1
    since = next((row["first_deficit_since"] for row in rows if row["year"] == first), None)
    name = "balance_year" if first == last else "balance_every" if first == rows[0]["year"] else "balance_run"
    return write_title(f"{name}_since" if since else name, **names, sign=sign, first=first, last=last, since=since)


def title_sides(rows: Sequence[Row], reporter: str, partner: str) -> str:
    """Say whether both economies' statistics give the last balance that both have the same sign."""
    whose = make_possessive(reporter)
    both = [row for row in rows if row["balance_reported_usd"] is not None and row["balance_mirror_usd"] is not None]
    if not both:
        return write_title("sides", whose=whose, partner=partner)
    own, other = both[-1]["balance_reported_usd"], both[-1]["balance_mirror_usd"]
    name = "sides_agree" if (own < 0) == (other < 0) else "sides_disagree"
    return write_title(
        name,
        year=both[-1]["year"],
        reporter=reporter,
        partner=partner,
        partners=make_possessive(partner),
        sign=name_sign(own),
        other=name_sign(other),
        gap=write_amount(own - other),
    )


def title_year(year: int, month: int, now: float, before: float | None, reporter: str, partner: str) -> str:
    """Say what the balance is from January to a month, and what it was a year earlier."""
    fields = {"reporter": reporter, "partner": partner, "year": year, "month": name_month(month)}
    fields |= {"sign": name_sign(now), "amount": write_amount(now)}
    if before is None:
        return write_title("year_to_date_alone", **fields)
    name = "year_whole" if month == MONTHS else "year_to_date"
    return write_title(name, **fields, sign_before=name_sign(before), amount_before=write_amount(before))


def title_steps(first: int, before: float, last: int, after: float, reporter: str, partner: str) -> str:
    """Say from what to what the balance changed."""
    names = ("steps_shrank", "steps_grew")
    name = names[abs(after) > abs(before)] if (before < 0) == (after < 0) else "steps_turned"
    return write_title(
        name,
        whose=make_possessive(reporter),
        partner=partner,
        first=first,
        last=last,
        sign=name_sign(after),
        sign_before=name_sign(before),
        before=write_amount(before),
        after=write_amount(after),
    )


def title_chips(rows: Sequence[Row], reporter: str, partner: str) -> str:
    """Say what the share of integrated circuits is in the last whole year, and what it was in the first."""
    whole = [row for row in rows if row["is_whole"] and row["share_pct"] is not None]
    names = {"whose": make_possessive(reporter), "partner": partner}
    if len(whole) < 2:
        return write_title("chips", **names)
    first, last = whole[0], whole[-1]
    shares = {"share": format_percent(last["share_pct"]), "before": format_percent(first["share_pct"])}
    name = "chips_rose" if last["share_pct"] > first["share_pct"] else "chips_fell"
    return write_title(name, **names, **shares, year=last["year"], first=first["year"])


def title_event(effect: Row, event: str, what: str) -> str:
    """Say what followed an event, or that no clear effect was found."""
    name = {"fall": "event_fell", "rise": "event_rose"}.get(effect["conclusion"], "event_unclear")
    return write_title(name, event=event, what=what, size=format_percent(abs(effect["estimate_pct"])))


def title_placebos(effect: Row) -> str:
    """Say how many placebos changed as much as the series of an event."""
    larger = effect["placebo_rank"] - 1
    return write_title("placebos_ranked" if larger else "placebos_first", larger=larger, count=effect["placebo_count"])
