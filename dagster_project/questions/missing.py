"""Gaps of an answer, in words: what is not held, for which periods, and what would bring it.

Here: the codes of a gap, the keys of series, and the text that is made of both. Not here: whether something is lacking,
which the question's SELECT says (`sql/questions`), nor what a refresh brings, which each source declares (`sources`).

A series is written as in `marts.policy_event_effects`: `goods/A/KOR/export/CHN/TOTAL` are Korea's exports of all goods
to China by year, and `export+import` are both flows. An item is TOTAL, a code, AG2, AG4 or AG6 for every code of the
Harmonized System of that length, HS for all products, or END_USE for goods by their use. The partner WLD is the world.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from dagster_project import metrics
from dagster_project.errors import BilateralError
from dagster_project.questions.wording import listed, periods, possessive, with_article
from dagster_project.sources import Brings, Source, dataset, sources

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
# How datasets name a side, and the beginnings of what they write for a flow.
_SIDES = {"reporter": ("reporter", "exporter"), "partner": ("partner", "importer"), "economy": ("economy",)}
_FLOWS = {"export": "(?i)(e|x|수출).*", "import": "(?i)(i|m|수입).*"}
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
    series = [_failing(connection, one, gap) for one in gap.series] if gap.code == "too_thin" else gap.series
    said = CODES[gap.code].format(
        periods=periods(gap.periods) if gap.periods else "any year",
        what=" and ".join(_what(connection, series, names)),
    )
    this_year = str((today or datetime.now(UTC)).year)
    years = {period for period in gap.periods if len(period) == len(this_year)}
    if years and min(years) > this_year:
        return f"{said} It lies in the future.", ""
    is_open = [f"{this_year} is not over."] if this_year in years else []
    brought = "" if gap.code in _BY_HAND else _brought(gap, pair)
    aside = [
        text
        for one in gap.series
        if knows_set_aside and (one.partner or one.domain == "gdp") and gap.code not in _BY_HAND
        for text in decisions_about(connection, one, gap.periods)
    ]
    return " ".join(dict.fromkeys([said, *is_open, *_reasons(connection, gap, names), *aside])), brought


def _failing(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> Series:
    """Keep of a series the flows that fail the check of coverage, which names each before it says why."""
    reasons = " ".join(str(year["says"]) for year in _coverage(connection, series, gap) if year["is_thin"])
    failing = tuple(flow for flow in series.flows if f"{flow.title()}s: " in reasons)
    return replace(series, flows=failing or series.flows)


def _coverage(connection: duckdb.DuckDBPyConnection, series: Series, gap: Gap) -> list[dict[str, Any]]:
    years = sorted({int(period[:4]) for period in gap.periods})
    return metrics.coverage(connection, metrics.load()["balance"], series.reporter, series.partner, years)


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
        return f"{reporter} and {partner}" if series.reporter else _title(connection, items[0])
    goods, by = "", " by month" if series.frequency == "M" else ""
    if series.domain == "services":
        goods = "services" if items == ["S"] else listed(_service(connection, item) for item in items)
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


def _service(connection: duckdb.DuckDBPyConnection, item: str) -> str:
    found = connection.execute("select label from core.service_items where service_item_code = ?", [item]).fetchone()
    return found[0][:1].lower() + found[0][1:] if found else item


def _title(connection: duckdb.DuckDBPyConnection, event: str) -> str:
    found = connection.execute(
        "select agreement from core.agreements where agreement_id = $1 "
        "union all select title from core.policy_events where event_id = $1",
        [event],
    ).fetchone()
    return str(found[0]) if found else event


def _reasons(connection: duckdb.DuckDBPyConnection, gap: Gap, names: Mapping[str, str]) -> list[str]:
    """Why figures that are there are not used: they are too thin, or a rule sets them aside."""
    years = sorted({int(period[:4]) for period in gap.periods})
    found: list[str] = []
    for one in gap.series:
        if (one.domain, one.item) != ("goods", "TOTAL"):
            continue
        if gap.code == "too_thin":
            found += [year["says"] for year in _coverage(connection, one, gap) if year["is_thin"]][:1]
            query = "select distinct entrepot_code from core.entrepots where entrepot_code in ($1, $2)"
            passing = [
                names.get(code, code) for (code,) in connection.execute(query, [one.reporter, one.partner]).fetchall()
            ]
            found += [
                f"Much of what {with_article(place)} trades only passes through (re-exports)." for place in passing
            ]
            continue
        rows = connection.execute(
            "select reason, list_sort(list_distinct(list(flow))), min(year(period_start)), max(year(period_start)) "
            "from core.goods_trade_set_aside "
            "where reporter_code = $reporter and partner_code = $partner and list_contains($flows, flow) "
            "group by reason order by reason",
            {"reporter": one.reporter, "partner": one.partner, "flows": list(one.flows)},
        ).fetchall()
        for reason, flows, first, last in rows:
            if not years or any(first <= year <= last for year in years):
                what = listed(f"{flow}s" for flow in flows).capitalize()
                found.append(f"{what} between {first} and {last} are printed, and set aside by rule. {reason}")
    return found


def decisions_about(connection: duckdb.DuckDBPyConnection, series: Series, among: Iterable[str]) -> list[str]:
    """What persons and builds have set aside of a series in periods, in words: of which dataset, and why.

    A row of a publisher is about a series if its partner, its reporter, where it names one, and its period are, or its
    economy. Of a row of both flows the field that is set aside tells the flow (`exports_kusd`). A snapshot that is set
    aside whole may be about any.
    """
    decided = "from meta.quarantine where is_current and set_aside_by in ('person', 'build')"
    datasets = connection.execute(f"select distinct concat(source, '/', dataset) {decided} order by all").fetchall()
    found: list[str] = []
    sides = {"partner": series.partner, "reporter": series.reporter} if series.partner else {"economy": series.reporter}
    for (path,) in datasets:
        declared = dataset(path)
        columns = {column.name: column.kind for column in declared.columns}
        named = {side: next((name for name in columns if name.startswith(_SIDES[side])), None) for side in sides}
        period = next((name for name, kind in columns.items() if kind in {"year", "month"} or name == "period"), None)
        if period is None or named[next(iter(sides))] is None:
            continue
        domain = declared.brings.domain if declared.brings else declared.name.partition("_")[0]
        of_products, is_total = not columns.keys().isdisjoint(_OF_PRODUCTS), series.item in {"", "TOTAL"}
        if series.partner and domain != series.domain:
            continue
        if domain == "goods" and "cmd_code" not in columns and of_products == is_total:
            continue
        whose = declared.brings.reporters if declared.brings else ()
        if whose and named.get("reporter") is None and series.reporter not in whose:
            continue
        others = [flow for flow in ("export", "import") if series.flows and flow not in series.flows]
        given: dict[str, Any] = {"path": path, "others": others}
        holds = ["not list_contains($others, regexp_extract(column_name, '^(export|import)'))"]
        for side, column in named.items():
            if column is not None:
                holds.append(
                    f"(row_text ->> '{column}' = ${side} or row_text ->> '{column}' in "
                    f"(select code from staging.economy_codes where economy_code = ${side}))"
                )
                given[side] = sides[side]
        if "cmd_code" in columns:
            holds.append(f"(row_text ->> 'cmd_code' = 'TOTAL') = {is_total}")
        flow = next((name for name in columns if name.startswith(("flow", "indicator"))), None)
        if flow is not None and len(series.flows) == 1:
            holds.append(f"regexp_full_match(row_text ->> '{flow}', '{_FLOWS[series.flows[0]]}')")
        if among:
            # The UN writes 202403, all others 2024-03.
            holds.append(f"regexp_full_match(row_text ->> '{period}', $periods)")
            given["periods"] = f"({'|'.join(one.replace('-', '-?') for one in sorted(among))})(-?\\d\\d)?"
        rows = connection.execute(
            f"select distinct row_text is null, set_aside_by, reason {decided} "
            f"and concat(source, '/', dataset) = $path and (row_text is null or ({' and '.join(holds)})) order by all",
            given,
        ).fetchall()
        for is_whole, whose, reason in rows:
            what = "A snapshot" if is_whole else "A row"
            found.append(
                f"{what} of {path} that may be about it is set aside by a {whose} (`bilateral set-aside list`): "
                f"{reason.rstrip('.')}."
            )
    return found


def _brought(gap: Gap, pair: tuple[str, str]) -> str:
    """What would bring a gap's figures, as the sources declare it, and what `bilateral.toml` has to say for it."""
    offers = [
        (source, one, brings)
        for source in sorted(sources(), key=lambda source: source.api is not None and source.api.key is not None)
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
