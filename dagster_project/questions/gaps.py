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
from dagster_project.questions.series import ALL_PARTNERS, Gap, Series
from dagster_project.questions.set_aside import list_decisions, list_rule_reasons
from dagster_project.questions.wording import (
    add_article,
    format_periods,
    join_words,
    make_possessive,
    name_sides,
    shorten_label,
)

# The kinds of gap, and the sentence for each.
CODES: Mapping[str, str] = {
    "not_held": "No {monthly}figures on {what}{for_periods} are available.",
    "in_part": "Figures on {what} are available only for some months of {periods}.",
    "some_products": "Figures on {what} are available only for some products in {periods}.",
    "no_weight": "No weights of {what}{for_periods} are available.",
    "two_publishers": "The figures on {what} for {periods} come from different publishers, so they are not compared.",
    "no_forecast": "There is no forecast of {what}, because monthly figures for the current year are not available.",
    "no_model": "There is no forecast of {what}, because no model has been fitted to its monthly figures.",
    "too_few_months": "No seasonal adjustment of {what} is possible: the available figures cover fewer than five years "
    "without a gap.",
    "one_release": "Only one release of the figures on {what} for the last twelve months is available, so no revision "
    "can be shown.",
    "no_common_release": "No single release of the figures on {what} covers {periods}.",
    "too_short": "The available figures on {what} cover too little time before or after {periods} {aim}.",
    "too_thin": "The figures on {what} are too incomplete to show who had the surplus in {periods}.",
    "no_agreement": "The list of agreements used here covers only those of South Korea and of China, and has none "
    "between {what}.",
    "no_duty": "Figures are available only on duties charged by the United States, not on those charged by {reporter}.",
    "day_unknown": "Only the year in which the {what} came into force, {periods}, is known here, not the day.",
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
# The checks of one flow's coverage, and the parts that a sentence about this flow has.
_FLOW_OF_YEAR = r"((?:Exports|Imports) of \d{4})(, for example)?: "
_CHECKED = re.compile(rf"{_FLOW_OF_YEAR}(US\$\S+) is ([^:]*?)(, which would turn the sign of the balance)?\.")
_UNCHECKED = re.compile(
    rf"{_FLOW_OF_YEAR}No other figure is available to check [^:;]*; in (\d{{4}}) (\S+) is ([^:]*)\."
)
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
    periods, reporter = format_periods(shown) if shown else "", gap.series[0].reporter
    what = " and ".join(one.removesuffix(" by month") if is_monthly else one for one in described)
    event = _find_label(connection, events[0].item) if events else ""
    lack = CODES[gap.code].format(
        periods=periods or "any year",
        for_periods=f" for {periods}" if periods else "",
        aim=f"to show the effect of the {event}, which came into force that year" if event else "for a comparison",
        what=_shorten_list(what),
        monthly="monthly " if is_monthly else "",
        reporter=add_article(names.get(reporter, reporter)),
    )
    found = [lack]
    years = {int(period) for period in gap.periods if len(period) == 4}
    if years and min(years) > this_year:
        return f"{found[0]} This period is in the future.", ""
    if this_year in years:
        is_of_goods = all(one.domain == "goods" for one in gap.series)
        so_far = "only monthly figures can exist for it so far"
        yet = so_far if is_of_goods else "no figure for the whole year exists yet"
        found.append(f"The year {this_year} is not over, so {yet}.")
    of_all = [one for one in gap.series if (one.domain, one.item) == ("goods", "TOTAL")]
    for one in of_all:
        found += thin_years[one][:1] if is_thin else list_rule_reasons(connection, one, gap)
        if is_thin and ", for example" in found[-1]:
            # One example is enough, also where the other economy's figures are incomplete, too.
            break
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
    if says[1:]:
        says = [re.sub(r"^(\w+ of \d{4}):", r"\1, for example:", one) for one in says]
    return [_join_check(one) for one in says]


def _join_check(says: str) -> str:
    """Write a check of one flow, "Exports of 2024: US$2bn is 3 times the …", as one sentence about these exports."""
    if found := _UNCHECKED.fullmatch(says):
        flow, example, year, value, share = found.groups(default="")
        what = f"{flow}{example and f'{example},'} cannot be checked against another figure"
        others = (
            f"most of the last years that could be checked were too incomplete: in {year} they were {value}, {share}"
        )
        return f"{what}, and {others}."
    if found := _CHECKED.fullmatch(says):
        flow, example, value, share, turns = found.groups(default="")
        if turns:
            share += "; with that figure the surplus would change sides"
        return f"{flow}{example and f'{example},'} are {value}, {share}."
    return says


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
    what = re.sub(r"(\S.*? (?:exports|imports)) of services (.+) and \1 \2$", r"\1 of goods and services \2", what)
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
        labels = {one: shorten_label(_find_label(connection, one)) for one in items}
        named = min((one for one in items if labels[one] != one), key=lambda one: len(labels[one]), default=None)
        code = named if len(items) == 1 or items[4:] else None
        goods = f"{labels[code]} (HS {code})" if code else f"HS {items[0] if items[4:] else join_words(items)}"
        goods = f"{len(items)} products, among them {goods}," if items[4:] else goods
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
