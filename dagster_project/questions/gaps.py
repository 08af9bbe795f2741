"""Describe the gaps of an answer: the missing figures, their periods, the cause, and the commands that fetch them.

Here: the codes of a gap and the texts about gaps. Not here: finding gaps (the SELECT of a question), keys of series
(`questions.series`), figures that are set aside (`questions.set_aside`), and the commands and settings that fetch
figures (`questions.offers`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb

from dagster_project import metrics
from dagster_project.questions.offers import describe_offers
from dagster_project.questions.products import shorten_label
from dagster_project.questions.series import ALL_PARTNERS, Gap, Series
from dagster_project.questions.set_aside import list_decisions, list_rule_reasons
from dagster_project.questions.wording import (
    add_article,
    format_periods,
    join_words,
    make_possessive,
    name_sides,
)

# The kinds of gap, and the sentence for each.
CODES: Mapping[str, str] = {
    "not_held": "No {monthly}figures on {what}{for_periods} are available.",
    "in_part": "Figures on {what} are available only for some months of {periods}.",
    "some_products": "Figures on {what} are available only for some products in {periods}.",
    "no_weight": "No figures on the weight of {what}{for_periods} are available.",
    "two_publishers": "The figures on {what} for {periods} come from different publishers, so they are not compared.",
    "no_forecast": "There is no forecast of {what}, because monthly figures for the current year are not available.",
    "no_model": "There is no forecast of {what}, because no model has been fitted to its monthly figures.",
    "too_few_months": "No seasonal adjustment of {what} is possible: the available figures cover fewer than five years "
    "without a gap.",
    "one_release": "Too few releases of the figures on {what} are available to show how they were revised.",
    "no_common_release": "No single release of the figures on {what} covers {periods}.",
    "too_short": "The available figures on {what} cover too little time before or after {periods} {aim}.",
    "too_thin": "The figures on {what} are too incomplete to show who had the surplus in {periods}.",
    "no_agreement": "Bilateral's list of the trade agreements of South Korea and of China has none between {what}.",
    "no_duty": "Figures on the duties charged on imports are available only for the United States' imports from some "
    "of its largest suppliers, not for {what}.",
    "day_unknown": "The {what} came into force in {periods}, but the day is not known here, so its effect cannot be "
    "estimated.",
}
# The tables with the reasons for gaps and the names of missing items.
TABLES = (
    "core.agreements",
    "core.entrepots",
    "core.goods_trade_set_aside",
    "core.policy_events",
    "core.products",
    "core.service_items",
)
# The codes of gaps that no refresh can fill.
_BY_HAND = {"too_thin", "no_model", "no_agreement", "no_duty", "day_unknown"}
_DIGITS = {"AG2": "two", "AG4": "four", "AG6": "six"}


def describe_gap(
    connection: duckdb.DuckDBPyConnection,
    gap: Gap,
    names: Mapping[str, str],
    pair: tuple[str, str] = ("", ""),
    today: date | None = None,
    *,
    knows_set_aside: bool = True,
) -> tuple[str, str]:
    """Describe a gap in two texts: which figures are missing and why, and how to fetch them ('' if impossible).

    `names` has the names of economies by code, and `pair` the economies that the user asked about, in that order. A
    build judges claims before it writes the table of set-aside rows, so then `knows_set_aside` is false.
    """
    is_thin = gap.code == "too_thin"
    # If a series is too short around an event, the event is also in the gap's series.
    events = [one for one in gap.series if gap.code == "too_short" and one.domain == "agreement"]
    gap = replace(gap, series=tuple(one for one in gap.series if one not in events))
    thin_years = {one: _list_thin_years(connection, one, gap, names) if is_thin else [] for one in gap.series}
    described = _describe_all(connection, [_keep_thin_flows(one, thin_years[one]) for one in gap.series], names)
    is_monthly = all(one.frequency == "M" for one in gap.series)
    this_year = (today or datetime.now(UTC)).year
    # A sentence of its own says of the current year that it is not over.
    earlier = [period for period in gap.periods if period < str(this_year)]
    shown = earlier if {*gap.periods} == {*earlier, str(this_year)} and earlier else gap.periods
    periods = format_periods(shown) if shown else ""
    what = " and ".join(one.removesuffix(" by month") if is_monthly else one for one in described)
    event = _find_label(connection, events[0].item) if events else ""
    # Months of the current year may be available, and the answer may tell them.
    is_open = gap.code == "not_held" and [*gap.periods] == [str(this_year)] and not is_monthly
    is_open |= gap.code == "in_part" and [*gap.periods] == [str(this_year)]
    lack = CODES[gap.code].format(
        periods=periods or "any year",
        for_periods=f" for {'the whole of ' if is_open else ''}{periods}" if periods else "",
        aim=f"to show the effect of the {event}, which came into force that year" if event else "for a comparison",
        what=_shorten_list(what),
        monthly="monthly " if is_monthly else "",
    )
    not_over = "because the year is not over."
    found = [f"{lack[:-1]}, {not_over}" if is_open else lack]
    years = {int(period) for period in gap.periods if len(period) == 4}
    if years and min(years) > this_year:
        return f"{found[0]} This period is in the future.", ""
    if this_year in years and not is_open:
        found.append(f"There are no figures yet for the whole of {this_year}, {not_over}")
    of_all = [one for one in gap.series if (one.domain, one.item) == ("goods", "TOTAL")]
    compared: list[set[str]] = []
    for one in of_all:
        reasons = thin_years[one][:1] if is_thin else list_rule_reasons(connection, one, gap)
        # Both sides of a flow give the same two amounts.
        amounts = set(re.findall(r"US\$[\d.]+\w+", " ".join(reasons)))
        if not amounts or amounts not in compared:
            found += [_compare_flow(connection, reason, one, names) for reason in reasons]
        compared.append(amounts)
    for one in of_all if is_thin else ():
        found += _list_entrepots(connection, one, names)
    if gap.code in _BY_HAND:
        return " ".join(dict.fromkeys(found)), ""
    for one in gap.series:
        if knows_set_aside and (one.partner or one.domain == "gdp"):
            found += list_decisions(connection, one, gap.periods)
    return " ".join(dict.fromkeys(found)), describe_offers(gap, pair)


def _list_thin_years(
    connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap, names: Mapping[str, str]
) -> list[str]:
    """List a reason for each year of a gap whose figures are too incomplete (the coverage check)."""
    balance = metrics.load_metrics()["balance"]
    found = metrics.describe_coverage(connection, balance, series.reporter, series.partner, sorted(gap.years))
    sides = {"reporter": series.reporter, "partner": series.partner}
    named = {side: add_article(names.get(code, code)) for side, code in sides.items()}
    says = [name_sides(str(year["says"]), named) for year in found if year["is_thin"]]
    return [re.sub(r"^(\w+ of \d{4}):", r"\1, for example:", one) for one in says] if says[1:] else says


def _compare_flow(connection: duckdb.DuckDBPyConnection, reason: str, series: Series, names: Mapping[str, str]) -> str:
    """Write a reason as a sentence: "Imports of 2024: US$2bn is 5% of …" becomes "In 2024, China's imports were …"."""

    def write_flow(found: re.Match[str]) -> str:
        flow, year, value, share, turns = found.groups()
        what = _describe_series(connection, replace(series, flows=(flow[:-1].lower(),)), ["TOTAL"], names)
        effect = ", a gap wide enough to change who had the surplus" if turns else ""
        return f"In {year}, {what} were {value}, {share}{effect}."

    of_year, turning = r"(Imports|Exports) of (\d{4})(?:, for example)?: ", ", which would turn the sign of the balance"
    return re.sub(rf"{of_year}(US\$\S+) is ([^:]+?)({turning})?\.(?= |$)", write_flow, reason)


def _keep_thin_flows(series: Series, reasons: Sequence[str]) -> Series:
    """Return a series with only the flows that `reasons` name, or with all its flows if `reasons` name none."""
    thin = tuple(flow for flow in series.flows if f"{flow.title()}s of " in " ".join(reasons))
    return replace(series, flows=thin or series.flows)


def _describe_all(
    connection: duckdb.DuckDBPyConnection, series: Sequence[Series], names: Mapping[str, str]
) -> list[str]:
    """Describe series in words, with one phrase for all series that differ only in the product code."""
    items: dict[tuple[Series, bool | str], list[str]] = {}
    for one in series:
        items.setdefault((replace(one, item=""), one.item.isdigit() or one.item), []).append(one.item)
    return [_describe_series(connection, alike, found, names) for (alike, _), found in items.items()]


def _shorten_list(what: str) -> str:
    """Leave out the words that two series of a list have in common, for example the second "China's imports"."""
    what = re.sub(r"(the share of [\w ]+ in the GDP of) (.+) and \1", r"\1 \2 and of", what)
    what = re.sub(r"((\S.*? (?:exports|imports)) (to|from) .+) and \2 \3 the world$", r"\1 and \3 the world", what)
    what = re.sub(r"^(.+'s?) trade with (.+) and (\2'?s?) trade with .+$", r"\1 and \3 trade with each other", what)
    what = re.sub(r"(\S.*? (?:exports|imports)) of services (.+) and \1 \2$", r"\1 of goods and services \2", what)
    what = re.sub(
        r"(\S.*? (?:exports|imports)) of (.+) ((?:to|from) .+) and \1 \3$", r"\1 \3, in total and of \2,", what
    )
    both = r"(\S.*?) (exports|imports) of services (to|from) (.+) and \1 trade with \4$"
    what = re.sub(both, r"\1 trade in goods with \4 and \2 of services \3 \4", what)
    return re.sub(r"(\S.*?) in services and \1$", r"\1 in goods and services", what)


def _describe_series(
    connection: duckdb.DuckDBPyConnection, series: Series, items: list[str], names: Mapping[str, str]
) -> str:
    reporter, partner = (
        ALL_PARTNERS.get(code) or add_article(names.get(code, code)) for code in (series.reporter, series.partner)
    )
    if series.domain == "gdp":
        return f"the share of {join_words(items)} in the GDP of {reporter}"
    if series.domain == "agreement":
        return f"{reporter} and {partner}" if series.reporter else _find_label(connection, items[0])
    goods, by = "", " by month" if series.frequency == "M" else ""
    if series.domain == "services":
        goods = "services" if items == ["S"] else join_words(_find_label(connection, item) for item in items)
    elif items == ["END_USE"]:
        by = " by end use"
    elif items[0] in _DIGITS:
        by = f" by product ({_DIGITS[items[0]]}-digit codes)"
    elif items == ["HS"]:
        by = " by product"
    elif items != ["TOTAL"]:
        # Of many products, name the one with the shortest name.
        labels = {item: shorten_label(_find_label(connection, item)) for item in items}
        known = min((item for item in items if labels[item] != item), key=lambda item: len(labels[item]), default=None)
        named = f"{labels[known]} (HS {known})" if known else ""
        if items[4:]:
            goods = (
                f"the {len(items)} products asked about, among them {named},"
                if named
                else f"{len(items)} of the products asked about"
            )
        else:
            goods = named if named and len(items) == 1 else f"HS {join_words(items)}"
    if len(series.flows) == 2:
        return f"{make_possessive(reporter)} trade with {partner}{f' in {goods}' if goods else ''}{by}"
    (flow,) = series.flows
    way = "to" if flow == "export" else "from"
    return f"{make_possessive(reporter)} {flow}s {f'of {goods} ' if goods else ''}{way} {partner}{by}"


def _find_label(connection: duckdb.DuckDBPyConnection, code: str) -> str:
    """Return the name that belongs to a code of an item, product, agreement or event; without a name, the code."""
    found = connection.execute(
        "select lower(label[1]) || label[2:] from core.service_items where service_item_code = $1 union all select "
        "lower(label[1]) || label[2:] from core.products where classification = 'HS' and product_code = $1 union all "
        "select agreement from core.agreements where agreement_id = $1 union all select title from core.policy_events "
        "where event_id = $1",
        [code],
    ).fetchone()
    return str(found[0]) if found else code


def _list_entrepots(connection: duckdb.DuckDBPyConnection, series: Series, names: Mapping[str, str]) -> list[str]:
    """Write a sentence for each economy of a series through which goods mostly only pass (an entrepot)."""
    query = "select distinct entrepot_code from core.entrepots where entrepot_code in ($1, $2)"
    found = connection.execute(query, [series.reporter, series.partner]).fetchall()
    return [
        f"Much of {make_possessive(add_article(names.get(code, code)))} trade only passes through it (re-exports)."
        for (code,) in found
    ]
