"""Gaps of an answer, in words: what is not held, for which periods, and what would bring it.

Here: the codes of a gap, the keys of series, and the text that is made of both. Not here: whether something is lacking,
which the question's SELECT says (`sql/questions`), nor what a refresh brings, which each source declares (`sources`).

A series is written as in `marts.policy_event_effects`: `goods/A/KOR/export/CHN/TOTAL` are Korea's exports of all goods
to China by year, and `export+import` are both flows. An item is TOTAL, a code, AG2, AG4 or AG6 for every code of the
Harmonized System of that length, HS for all products, or END_USE for goods by their use. The partner WLD is the world.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from dagster_project import metrics
from dagster_project.errors import BilateralError
from dagster_project.questions.wording import listed, periods, possessive, with_article
from dagster_project.sources import Brings, Dataset, Source, find_dataset, list_sources

if TYPE_CHECKING:
    import duckdb

# What may be the matter, and how it is said.
CODES: Mapping[str, str] = {
    "not_held": "Not held for {periods}: {what}.",
    "in_part": "Not held for every month of {periods}: {what}.",
    "no_weight": "Not held with a weight in {periods}: {what}.",
    "two_publishers": "Not held for {periods} from one publisher: {what}.",
    "one_release": "Not held in a second release: {what}, of the last twelve months.",
    "no_common_release": "Not held for {periods} in one release: {what}.",
    "too_short": "Not held for long enough around {periods}: {what}.",
    "too_thin": "Too thin, or of another kind, in {periods} for the sign of a balance: {what}.",
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
# Columns of datasets that tell products apart, and have no total.
_OF_PRODUCTS = frozenset({"product_code", "hs_code", "end_use_code"})
# The beginnings of what datasets write for a flow.
_FLOWS = {"export": "(?i)e|x|수출", "import": "(?i)i|m|수입"}
# The partner of a key that stands for all partners but the one that is asked about.
OTHERS = "OTHERS"
_ALL = {"WLD": "the world", OTHERS: "all its other partners"}
_DIGITS = {"AG2": "two", "AG4": "four", "AG6": "six"}


@dataclass(frozen=True)
class Series:
    """A series by the parts of its key; of GDP and agreements some are empty."""

    domain: str
    frequency: str = ""
    reporter: str = ""
    flows: tuple[str, ...] = ()
    partner: str = ""
    item: str = ""

    @classmethod
    def read(cls, key: str) -> Series:
        """The series of a key.

        Raises:
            BilateralError: The key is not of the form above.
        """
        match key.split("/"):
            case ["goods" | "services" as domain, "A" | "M" as frequency, reporter, flows, partner, item] if set(
                flows.split("+")
            ) <= {"export", "import"}:
                return cls(domain, frequency, reporter, tuple(flows.split("+")), partner, item)
            case ["gdp", "A", reporter, component]:
                return cls("gdp", "A", reporter, item=component)
            case ["agreement", reporter, partner]:
                return cls("agreement", reporter=reporter, partner=partner)
            case ["agreement", event]:
                return cls("agreement", item=event)
        raise BilateralError(f"{key} is the key of no series.", remedy="dagster_project/questions/missing.py has them.")


@dataclass
class Gap:
    """What one or more rows of an answer lack.

    Args:
        code: What is the matter, one of `CODES`.
        series: What is lacking.
        periods: The years (2024) or months (2024-03) of which it is; empty if of any.
    """

    code: str
    series: tuple[Series, ...]
    periods: set[str] = field(default_factory=set)


def gaps(rows: Iterable[Mapping[str, Any]]) -> list[Gap]:
    """The gaps of rows, one for all rows that lack the same."""
    found: dict[tuple[str, tuple[str, ...]], Gap] = {}
    for row in rows:
        if row["missing_code"] is not None:
            keys = tuple(row["missing_series"])
            gap = found.setdefault((row["missing_code"], keys), Gap(row["missing_code"], tuple(map(Series.read, keys))))
            gap.periods |= {period for period in row["missing_periods"] or () if period is not None}
    return list(found.values())


def in_words(
    connection: duckdb.DuckDBPyConnection,
    gap: Gap,
    names: Mapping[str, str],
    pair: tuple[str, str] = ("", ""),
    today: date | None = None,
    *,
    knows_set_aside: bool = True,
) -> tuple[str, str]:
    """A gap in words: what is lacking, with the reason if a table has one; and what would bring it.

    Args:
        connection: The published file, which knows the names of items and why figures are not used.
        gap: The gap.
        names: The names of the economies by their codes.
        pair: The pair that was asked about, which is written as it was asked.
        today: What counts as today; the clock's day by default.
        knows_set_aside: Whether the file says what is set aside; a build that judges claims does not yet.
    """
    thin = {one: _thin_years(connection, one, gap) for one in gap.series} if gap.code == "too_thin" else {}
    said = CODES[gap.code].format(
        periods=periods(gap.periods) if gap.periods else "any year",
        what=" and ".join(_what(connection, [_failing(one, thin.get(one, ())) for one in gap.series], names)),
    )
    this_year = str((today or datetime.now(UTC)).year)
    years = {period for period in gap.periods if len(period) == len(this_year)}
    if years and min(years) > this_year:
        return f"{said} It lies in the future.", ""
    found = [said]
    if this_year in years:
        found.append(f"{this_year} is not over.")
    for one in (one for one in gap.series if (one.domain, one.item) == ("goods", "TOTAL")):
        if gap.code == "too_thin":
            found += [*thin[one][:1], *_entrepots(connection, one, names)]
        else:
            found += _set_aside_by_rule(connection, one, gap)
    if gap.code in _BY_HAND:
        return " ".join(dict.fromkeys(found)), ""
    for one in gap.series:
        if knows_set_aside and (one.partner or one.domain == "gdp"):
            found += decisions_about(connection, one, gap.periods)
    return " ".join(dict.fromkeys(found)), _brought(gap, pair)


def _thin_years(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> list[str]:
    """Return why figures are too thin, for each year of a gap in which they are."""
    years = sorted({int(period[:4]) for period in gap.periods})
    balance = metrics.load()["balance"]
    found = metrics.coverage(connection, balance, series.reporter, series.partner, years)
    return [str(year["says"]) for year in found if year["is_thin"]]


def _failing(series: Series, reasons: Iterable[str]) -> Series:
    """Keep of a series the flows that fail the check of coverage, which names each before it says why."""
    failing = tuple(flow for flow in series.flows if f"{flow.title()}s: " in " ".join(reasons))
    return replace(series, flows=failing or series.flows)


def _what(connection: duckdb.DuckDBPyConnection, series: Sequence[Series], names: Mapping[str, str]) -> list[str]:
    """What series are, those that differ in the code of a product alone together."""
    items: dict[tuple[Series, str], list[str]] = {}
    for one in series:
        alike = Series(one.domain, one.frequency, one.reporter, one.flows, one.partner)
        items.setdefault((alike, "" if one.item.isdigit() else one.item), []).append(one.item)
    return [_said(connection, alike, found, names) for (alike, _), found in items.items()]


def _said(connection: duckdb.DuckDBPyConnection, series: Series, items: list[str], names: Mapping[str, str]) -> str:
    reporter, partner = (
        _ALL[code] if code in _ALL else with_article(names.get(code, code))
        for code in (series.reporter, series.partner)
    )
    if series.domain == "gdp":
        return f"the share of {listed(items)} in the GDP of {reporter}"
    if series.domain == "agreement":
        return f"{reporter} and {partner}" if series.reporter else _label(connection, items[0])
    goods, by = "", " by month" if series.frequency == "M" else ""
    if series.domain == "services":
        goods = "services" if items == ["S"] else listed(_label(connection, item) for item in items)
    elif items == ["END_USE"]:
        by = " by use"
    elif items[0] in _DIGITS:
        by = f" by every code of {_DIGITS[items[0]]} digits of the Harmonized System"
    elif items == ["HS"]:
        goods = "all products"
    elif items != ["TOTAL"]:
        goods = f"HS {listed(items)}"
    if len(series.flows) == 2:
        return f"both flows of {possessive(reporter)} trade {f'in {goods} ' if goods else ''}with {partner}{by}"
    (flow,) = series.flows
    way = "to" if flow == "export" else "from"
    return f"{possessive(reporter)} {flow}s {f'of {goods} ' if goods else ''}{way} {partner}{by}"


def _label(connection: duckdb.DuckDBPyConnection, code: str) -> str:
    """Return the name of an item of services, an agreement or an event within a sentence; the code without one."""
    found = connection.execute(
        "select lower(label[1]) || label[2:] from core.service_items where service_item_code = $1 "
        "union all select agreement from core.agreements where agreement_id = $1 "
        "union all select title from core.policy_events where event_id = $1",
        [code],
    ).fetchone()
    return str(found[0]) if found else code


def _entrepots(connection: duckdb.DuckDBPyConnection, series: Series, names: Mapping[str, str]) -> list[str]:
    """Return which of two economies pass on much of what they trade, in words."""
    query = "select distinct entrepot_code from core.entrepots where entrepot_code in ($1, $2)"
    found = connection.execute(query, [series.reporter, series.partner]).fetchall()
    return [
        f"Much of what {with_article(names.get(code, code))} trades only passes through (re-exports)."
        for (code,) in found
    ]


def _set_aside_by_rule(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> list[str]:
    """Return which printed figures of a series a rule sets aside in the years of a gap, in words."""
    years = {int(period[:4]) for period in gap.periods}
    rows = connection.execute(
        "select reason, list_sort(list_distinct(list(flow))), min(year(period_start)), max(year(period_start)) "
        "from core.goods_trade_set_aside "
        "where reporter_code = $reporter and partner_code = $partner and list_contains($flows, flow) "
        "group by reason order by reason",
        {"reporter": series.reporter, "partner": series.partner, "flows": list(series.flows)},
    ).fetchall()
    return [
        f"{listed(f'{flow}s' for flow in flows).capitalize()} between {first} and {last} are printed, "
        f"and set aside by rule. {reason}"
        for reason, flows, first, last in rows
        if not years or any(first <= year <= last for year in years)
    ]


def decisions_about(connection: duckdb.DuckDBPyConnection, series: Series, among: Iterable[str]) -> list[str]:
    """Return what persons and builds have set aside of a series in periods, in words: of which dataset, and why.

    A snapshot that is set aside whole may be about any series of its domain.
    """
    decided = connection.execute(
        "select distinct concat(source, '/', dataset) as path, row_text is null, set_aside_by, reason, column_name, "
        "row_text from meta.quarantine where is_current and set_aside_by in ('person', 'build') order by all"
    ).fetchall()
    found: dict[str, None] = {}
    for path, is_whole, whose, reason, column, text in decided:
        is_about = _may_have(find_dataset(path), series)
        if is_about and not is_whole:
            others = tuple({"export", "import"} - set(series.flows)) if series.flows else ()
            is_about = not column.startswith(others) and _is_named(connection, json.loads(text), series, among)
        if is_about:
            found[
                f"{'A snapshot' if is_whole else 'A row'} of {path} that may be about it is set aside by a {whose} "
                f"(`bilateral set-aside list`): {reason.rstrip('.')}."
            ] = None
    return list(found)


def _may_have(declared: Dataset, series: Series) -> bool:
    """Return whether a dataset may hold a series, by its domain, its reporters and whether it tells products apart."""
    columns = {column.name for column in declared.columns}
    brings = declared.brings
    if series.domain != (brings.domain if brings else declared.name.partition("_")[0]):
        return False
    if brings and brings.reporters and series.reporter not in brings.reporters:
        return False
    tells_products = not columns.isdisjoint(_OF_PRODUCTS)
    return series.domain != "goods" or "cmd_code" in columns or tells_products != (series.item == "TOTAL")


def _is_named(
    connection: duckdb.DuckDBPyConnection, row: Mapping[str, str | None], series: Series, among: Iterable[str]
) -> bool:
    """Return whether a publisher's row names a series: its economies as they are written, its flow and a period."""

    def values(*beginnings: str) -> list[str]:
        return [value for name, value in row.items() if name.startswith(beginnings) and value is not None]

    def names(written: list[str], code: str) -> bool:
        query = "select 1 from staging.economy_codes where economy_code = $1 and list_contains($2, code)"
        return code in written or connection.execute(query, [code, written]).fetchone() is not None

    if not series.partner and not names(values("economy"), series.reporter):
        return False
    if series.partner and not names(values("partner", "importer"), series.partner):
        return False
    if series.partner and (reporter := values("reporter", "exporter")) and not names(reporter, series.reporter):
        return False
    if "cmd_code" in row and (row["cmd_code"] == "TOTAL") != (series.item == "TOTAL"):
        return False
    flows = values("flow", "indicator")
    if flows and len(series.flows) == 1 and not re.match(_FLOWS[series.flows[0]], flows[0]):
        return False
    # The UN writes 202403, all others 2024-03.
    dates = [value.replace("-", "") for value in values("year", "month", "period")]
    return not among or any(date.startswith(one.replace("-", "")) for date in dates for one in among)


def _brought(gap: Gap, pair: tuple[str, str]) -> str:
    """What would bring a gap's figures, as the sources declare it, and what `bilateral.toml` has to say for it."""
    offers = [
        (source, one, brings)
        for source in sorted(list_sources(), key=lambda source: source.api is not None and source.api.key is not None)
        for dataset in source.datasets
        if (brings := dataset.brings) is not None
        for one in gap.series
        # Nobody lists all partners as pairs.
        if (brings.has_world or one.partner != OTHERS)
        if _fits(brings, one, gap.periods)
    ]
    if not offers:
        return "No source that `bilateral refresh` asks has it."
    commands: dict[str, str] = {}
    needs: dict[str, dict[str, None]] = {}
    for source, one, brings in offers:
        commands.setdefault(source.code, _command(source, brings, several=len({s.domain for s in gap.series}) > 1))
        for need in _needs(brings, one, gap):
            needs.setdefault(source.code, {})[need] = None
    both = [(one.reporter, one.partner) for one in gap.series if one.partner not in {"", *_ALL}]
    # Each economy of a pair is asked about the other, so that the order does not matter.
    pairs = dict.fromkeys("-".join(pair if set(pair) == set(two) else two) for two in both)
    if pairs:
        asked = f"the pair{'s' if len(pairs) > 1 else ''} {listed(pairs)}"
    else:
        asked = f"{listed(dict.fromkeys(one.reporter for one in gap.series))} in a pair"
    wide = dict.fromkeys(source.code for source, _, brings in offers if brings.has_world)
    if wide and not pairs and any(one.partner == OTHERS for one in gap.series):
        asked = f"world = true for {listed(wide)}"
    elif wide:
        asked += f" (or{'' if len(wide) == len(commands) else f' for {listed(wide)}'} world = true)"
    alike: dict[str, list[str]] = {}
    for code, found in needs.items():
        alike.setdefault(listed(found), []).append(f"[{code}]")
    under = [f"under {listed(codes)} {needed}" for needed, codes in alike.items()]
    return f"{listed(commands.values(), 'or')} brings it. bilateral.toml needs {listed([asked, *under])}."


def _fits(brings: Brings, series: Series, periods: Iterable[str]) -> bool:
    return (
        brings.domain == series.domain
        # Twelve months are a year.
        and (series.frequency == "A" or series.frequency in brings.frequencies)
        and (not brings.reporters or series.reporter in brings.reporters)
        and (not brings.partners or series.partner in brings.partners)
        and (not series.flows or bool(set(series.flows) & set(brings.flows)))
        and any(re.fullmatch(item, series.item) for item in brings.items)
        and not (brings.is_earliest and periods and max(int(period[:4]) for period in periods) < brings.since)
    )


def _command(source: Source, brings: Brings, *, several: bool) -> str:
    key = source.api.key if source.api else None
    note = "no key"
    if key is not None:
        note = source.key_variable if key.required else f"{source.key_variable}, or less without it"
    if brings.frequencies == ("M",):
        note += ", by month"
    return f"`bilateral refresh {source.code}` ({note}){f' for {brings.domain}' if several else ''}"


def _needs(brings: Brings, series: Series, gap: Gap) -> Iterable[str]:
    """What a source's part of `bilateral.toml` has to say."""
    needed = next(need for item, need in brings.items.items() if re.fullmatch(item, series.item))
    if needed:
        alike = dict.fromkeys(
            one.item
            for one in gap.series
            for item, need in brings.items.items()
            if need == needed and re.fullmatch(item, one.item)
        )
        yield needed.format(item=", ".join(alike))
    if brings.setting:
        yield brings.setting
    first = min((int(period[:4]) for period in gap.periods), default=brings.since)
    if first < brings.since and not brings.is_earliest:
        yield f"first_year = {first}"
