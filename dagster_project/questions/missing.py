"""Gaps of an answer, in words: what is not held, for which periods, why, and what would bring it.

Here: the codes of a gap, and the text that is made of it; whatever lacks is worded here. Not here: whether something
is lacking, which the question's SELECT says (`sql/questions`), the keys of series (`questions.series`), what is printed
and set aside (`questions.set_aside`), and what a refresh brings (`questions.offers`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from dagster_project import metrics
from dagster_project.questions.offers import describe_offers
from dagster_project.questions.series import ALL_PARTNERS, Gap, Series
from dagster_project.questions.set_aside import list_decisions, list_rule_reasons
from dagster_project.questions.wording import add_article, format_periods, join_words, make_possessive

if TYPE_CHECKING:
    import duckdb

# What may be the matter, and how it is said.
CODES: Mapping[str, str] = {
    "not_held": "Not held for {periods}: {what}.",
    "in_part": "Not held for every month of {periods}: {what}.",
    "some_products": "Held for {periods} only of some products: {what}.",
    "no_weight": "Not held with a weight in {periods}: {what}.",
    "two_publishers": "No figures of {periods} that are used come from one publisher: {what}.",
    "one_release": "Not held in a second release: {what}, of the last twelve months.",
    "no_common_release": "Not held for {periods} in one release: {what}.",
    "too_short": "Not held for long enough around {periods}{event}: {what}.",
    "too_thin": "No sign of a balance for {periods}, since figures fail a check of coverage: {what}.",
    "no_agreement": (
        "Not held: an agreement in force between {what}. Neither the register of events (docs/sources/register.md) nor "
        "core.agreements, which has those of Korea and of China, has one; both are kept by hand."
    ),
    "day_unknown": (
        "Not held: the day from which {what} is in force; only the year {periods} is known "
        "(warehouse/reference/agreements.csv, which is kept by hand)."
    ),
}
# Where the reasons and the names of what is not held stand.
TABLES = ("core.goods_trade_set_aside", "core.service_items")
# Of these no refresh brings anything.
_BY_HAND = {"too_thin", "no_agreement", "day_unknown"}
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
    """Describe a gap: what is lacking, with the reason if a table has one; and what would bring it.

    Args:
        connection: The published file, which knows the names of items and why figures are not used.
        gap: The gap.
        names: The names of the economies by their codes.
        pair: The pair that was asked about, which is written as it was asked.
        today: What counts as today; the clock's day by default.
        knows_set_aside: Whether the file says what is set aside; a build that judges claims does not yet.
    """
    event = ""
    if gap.code == "too_short":
        # A series is too short around an event, which is named beside it.
        events = [one for one in gap.series if one.domain == "agreement"]
        gap = Gap(gap.code, tuple(one for one in gap.series if one not in events), gap.periods)
        event = "".join(f", when the {_find_label(connection, one.item)} came into force" for one in events)
    thin = {one: _list_thin_years(connection, one, gap, names) for one in gap.series} if gap.code == "too_thin" else {}
    lacking = [_keep_thin_flows(one, thin.get(one, ())) for one in gap.series]
    said = CODES[gap.code].format(
        periods=format_periods(gap.periods) if gap.periods else "any year",
        event=event,
        what=" and ".join(_describe_all(connection, lacking, names)),
    )
    this_year = (today or datetime.now(UTC)).year
    years = {int(period) for period in gap.periods if len(period) == 4}
    if years and min(years) > this_year:
        return f"{said} It lies in the future.", ""
    found = [said]
    if this_year in years:
        found.append(f"{this_year} is not over.")
    for one in (one for one in gap.series if (one.domain, one.item) == ("goods", "TOTAL")):
        if gap.code == "too_thin":
            found += [*thin[one][:1], *_list_entrepots(connection, one, names)]
        else:
            found += list_rule_reasons(connection, one, gap)
    if gap.code in _BY_HAND:
        return " ".join(dict.fromkeys(found)), ""
    for one in gap.series:
        if knows_set_aside and (one.partner or one.domain == "gdp"):
            found += list_decisions(connection, one, gap.periods)
    return " ".join(dict.fromkeys(found)), describe_offers(gap, pair)


def _list_thin_years(
    connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap, names: Mapping[str, str]
) -> list[str]:
    """List why figures are too thin, for each year of a gap in which they are."""
    balance = metrics.load_metrics()["balance"]
    found = metrics.describe_coverage(connection, balance, series.reporter, series.partner, sorted(gap.years))
    name = add_article(names.get(series.partner, series.partner))
    return [str(year["says"]).replace("the partner reports", f"{name} reports") for year in found if year["is_thin"]]


def _keep_thin_flows(series: Series, reasons: Sequence[str]) -> Series:
    """Keep of a series the flows that fail the check of coverage, which names each before it says why."""
    thin = tuple(flow for flow in series.flows if f"{flow.title()}s: " in " ".join(reasons))
    return replace(series, flows=thin or series.flows)


def _describe_all(
    connection: duckdb.DuckDBPyConnection, series: Sequence[Series], names: Mapping[str, str]
) -> list[str]:
    """Describe series, those that differ in the code of a product alone together."""
    items: dict[tuple[Series, bool | str], list[str]] = {}
    for one in series:
        items.setdefault((replace(one, item=""), one.item.isdigit() or one.item), []).append(one.item)
    return [_describe_series(connection, alike, found, names) for (alike, _), found in items.items()]


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
        by = " by use"
    elif items[0] in _DIGITS:
        by = f" by every code of {_DIGITS[items[0]]} digits of the Harmonized System"
    elif items == ["HS"]:
        goods = "all products"
    elif items != ["TOTAL"]:
        goods = f"HS {join_words(items)}"
    if len(series.flows) == 2:
        return f"both flows of {make_possessive(reporter)} trade {f'in {goods} ' if goods else ''}with {partner}{by}"
    (flow,) = series.flows
    way = "to" if flow == "export" else "from"
    return f"{make_possessive(reporter)} {flow}s {f'of {goods} ' if goods else ''}{way} {partner}{by}"


def _find_label(connection: duckdb.DuckDBPyConnection, code: str) -> str:
    """Find the name of an item of services, an agreement or an event within a sentence; return the code without one."""
    found = connection.execute(
        "select lower(label[1]) || label[2:] from core.service_items where service_item_code = $1 "
        "union all select agreement from core.agreements where agreement_id = $1 "
        "union all select title from core.policy_events where event_id = $1",
        [code],
    ).fetchone()
    return str(found[0]) if found else code


def _list_entrepots(connection: duckdb.DuckDBPyConnection, series: Series, names: Mapping[str, str]) -> list[str]:
    """List which of two economies pass on much of what they trade, in words."""
    query = "select distinct entrepot_code from core.entrepots where entrepot_code in ($1, $2)"
    found = connection.execute(query, [series.reporter, series.partner]).fetchall()
    return [
        f"Much of what {add_article(names.get(code, code))} trades only passes through (re-exports)."
        for (code,) in found
    ]
