"""An answer in one sentence, made of its rows.

Here: one function a question, from its rows to a sentence; how amounts and shares are said. Not here: figures, and
what is missing beyond what a row says of it. A sentence says what was not held before it says what was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = Mapping[str, Any]
Rows = Sequence[Row]

_TAKES_ARTICLE = re.compile(
    r"^(United |US |British |French Southern|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Seychelles|Soviet)"
    r"|^Isle of| (Republic|Islands)( \(|$)"
)


@dataclass(frozen=True)
class Asked:
    """What a question was asked about.

    Args:
        values: Each parameter's value, or in words what it is by default.
        names: The names of the economies among them.
    """

    values: Mapping[str, Any]
    names: Mapping[str, str]

    def name(self, parameter: str) -> str:
        """The name of an economy that a parameter holds."""
        return self.called(str(self.values[parameter]))

    def called(self, code: str) -> str:
        """The name of an economy within a sentence, with its article if it takes one."""
        name = self.names.get(code, code)
        return f"the {name}" if _TAKES_ARTICLE.search(name) else name

    @property
    def reporter(self) -> str:
        return self.name("reporter")

    @property
    def partner(self) -> str:
        return self.name("partner")


def sentence(number: int, rows: Rows, asked: Asked) -> str:
    """The answer to a question in one sentence."""
    if not any(row["is_answered"] for row in rows):
        return _nothing(rows)
    text = SENTENCES[number](rows, asked)
    return f"{text[:1].upper()}{text[1:]}"


def _nothing(rows: Rows) -> str:
    missing = next((row["missing"] for row in rows if row["missing"] is not None), None)
    # What cannot be is not missing.
    return rows[0]["reason"] if missing is None else f"Not to be said from what is held. {missing}"


def _answered(rows: Rows) -> list[Row]:
    return [row for row in rows if row["is_answered"]]


def usd(value: float) -> str:
    """An amount: US$18.04bn, US$9.5m, -US$1.2bn."""
    size, sign = abs(value), "−" if value < 0 else ""
    if size == 0:
        return "US$0"
    if size >= 1e9:
        return f"{sign}US${size / 1e9:,.2f}bn"
    return f"{sign}US${size / 1e6:,.2f}m"


def balance(value: float) -> str:
    """A balance with its sign in a word."""
    if value == 0:
        return "a balance of nothing"
    return f"a {'deficit' if value < 0 else 'surplus'} of {usd(abs(value))}"


def percent(value: float, decimals: int = 1) -> str:
    return f"{value:.{decimals}f}%".replace("-", "−")


def span(years: Sequence[int]) -> str:
    """Years in a row by their first and last."""
    return str(years[0]) if len(years) == 1 else f"{min(years)}–{max(years)}"


MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _deficit_to_date(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    parts: list[str] = []
    thin: list[int] = []
    for row in rows:
        if row["is_answered"] or row["year"] < held[0]["year"]:
            continue
        if row["balance_to_date_usd"] is not None:
            thin.append(row["year"])
            continue
        printed = row["printed_balance_usd"]
        parts.append(
            f"{row['year']} cannot be compared with {row['year'] - 1}, since not all of the same months are held"
            + (
                f" (in print stands {balance(printed)} to {_day(row['printed_until'])}: {row['printed_by']})"
                if printed is not None
                else ""
            )
        )
    if thin:
        parts.append(f"of {_listed(sorted(thin))} the figures, or those of the year before, are too thin for a sign")
    row = held[0]
    until = MONTHS[row["to_month"] - 1]
    whole = row["to_month"] == 12
    period = f"{row['year']} as a whole" if whole else f"January to {until} {row['year']}"
    before, now = row["prior_year_balance_to_date_usd"], row["balance_to_date_usd"]
    verdict = "a larger deficit" if row["is_larger_deficit"] else "a smaller deficit"
    if not row["is_deficit"]:
        verdict = "no deficit"
    elif before >= 0:
        verdict = "a deficit after a surplus"
    parts.append(
        f"{f'the last that can be compared, {period},' if parts else period} has {verdict}: {asked.reporter} had "
        f"{balance(now)} with {asked.partner}, after {balance(before)} in "
        f"{'' if whole else 'the same months of '}{row['year'] - 1}"
    )
    for year, which in ((row["year"], ""), (row["year"] - 1, "prior_year_")):
        if row[f"{which}observation_status"] == "P":
            parts.append(_provisional(f"{year}" if whole else f"the sum of {year}", row[f"{which}vintages"]))
    return _said(parts)


def _provisional(what: str, vintages: str) -> str:
    return f"{what} is provisional, from {_read(vintages)}"


def _third_deficit(rows: Rows, asked: Asked) -> str:
    last = _answered(rows)[0]
    later = [row for row in rows if row["year"] > last["year"]]
    thin = [row["year"] for row in later if row["state"] == "too_thin"]
    open_years = [row for row in later if row["state"] != "too_thin"]
    number = last["deficit_number"]
    named = f"{last['year']}, the last whole year {'that has a sign' if thin else 'held'},"
    if last["state"] != "deficit":
        parts = [f"no: {named} is {balance(last['balance_usd'])} of {asked.reporter}"]
    elif last["is_third_in_a_row"]:
        parts = [
            f"yes: {last['year']} is {f'the {_th(number)}' if number else 'at least the third'} annual deficit in a row"
        ]
    elif last["is_third_in_a_row"] is None:
        parts = [f"not known: {named} is a deficit, but the sign of a year before it is not known"]
    else:
        parts = [f"not yet: {named} is the {_th(number)} deficit in a row"]
    if thin:
        parts.append(f"the figures of {_listed(sorted(thin))} are too thin for a sign")
    if last["observation_status"] == "P":
        parts.append(_provisional(str(last["year"]), last["vintages"]))
    for row in reversed(open_years):
        if row["balance_to_date_usd"] is None:
            parts.append(f"nothing is held of {row['year']}")
            continue
        source = "" if row["to_date_source"] == "held" else f", as printed ({row['to_date_source']})"
        course = (
            f"would be the {_th(row['deficit_number'])}"
            if row["deficit_number"]
            else {"on_course": "is in deficit", "not_on_course": "is not on course for a deficit"}[row["state"]]
        )
        parts.append(
            f"{row['year']} {course}, with {balance(row['balance_to_date_usd'])} to "
            f"{_day(row['to_date_until'])}{source}, and is not held whole"
        )
    return _said(parts)


def _read(vintages: str) -> str:
    """The readings that a figure is made of: kosis/goods_monthly of 20 August 2026."""
    readings = [vintage.partition("@") for vintage in vintages.split(", ")]
    return " and ".join(f"{dataset} of {_day(date.fromisoformat(day))}" for dataset, _, day in readings)


def _first_deficit(rows: Rows, asked: Asked) -> str:
    row = rows[0]
    unsigned, years = row["unsigned_years"], span(range(row["first_year"], row["last_year"] + 1))
    thin = f" Figures are too thin for a sign in {unsigned} of the years held." if unsigned else ""
    if row["deficit_year"] is None and row["deficit_years"] == row["signed_years"]:
        which = "with a sign" if unsigned else "held"
        when = f"{years}, the one year {which}" if row["signed_years"] == 1 else f"every year {which} of {years}"
        return (
            f"{asked.reporter} had a deficit with {asked.partner} in {when}, so that none is the first since another."
            f"{thin}"
        )
    if row["deficit_year"] is None and row["uncertain_flip_year"] is not None:
        return (
            f"Not known: {asked.reporter}'s balance with {asked.partner} turns from a surplus to a deficit in "
            f"{row['uncertain_flip_year']}, where the publisher of the figures changes, and none that holds both years "
            f"has it so; the last year, {row['last_year']}, is a {row['last_sign']}.{thin}"
        )
    if row["deficit_year"] is None:
        gaps = row["signed_years"] < row["last_year"] - row["first_year"] + 1
        sign = "balanced" if row["last_sign"] == "balanced" else f"a {row['last_sign']}"
        ended = "is known to have ended" if gaps else "ended"
        return (
            f"{asked.reporter} had no deficit with {asked.partner} that {ended} a run of surpluses in {years}; the "
            f"last year is {sign}.{thin}"
        )
    if row["first_deficit_since"] is None:
        return (
            f"{asked.reporter}'s deficit with {asked.partner} in {row['deficit_year']} is the first on record, which "
            f"begins in {row['first_year']} and may have gaps.{thin}"
        )
    return (
        f"{asked.reporter}'s deficit with {asked.partner} in {row['deficit_year']}, {usd(abs(row['balance_usd']))}, "
        f"is the first since {row['first_deficit_since']}, after {_years(row['surplus_years_between'])} of surplus."
        f"{thin}"
    )


def _products(rows: Rows, asked: Asked) -> str:
    first = rows[0]
    named = [row for row in rows if row["place"] is not None][:3]
    moved = first["balance_change_usd"]
    years = f"from {first['from_year']} to {first['to_year']}"
    parts = [f"{asked.reporter}'s balance with {asked.partner} {_rose(moved)} by {usd(abs(moved))} {years}"]
    whole = first["is_complete_detail"]
    if not whole:
        rest = [row for row in rows if row["product_code"] == "RESIDUAL"]
        flows = " and ".join(f"{row['flow']}s {_gave(row)} {usd(abs(row['contribution_usd']))}" for row in rest)
        parts.append(
            f"{percent(first['residual_pct'])} of what moved it cannot be split by product, since not all products are "
            f"held: in those that are not, {flows}"
        )
    most = ", ".join(
        f"{_flow(row)} of {_short(row['product'])} {_gave(row)} {usd(abs(row['contribution_usd']))}" for row in named
    )
    parts.append(most if whole else f"of the products held, {most}")
    return _said(parts)


def _gave(row: Row) -> str:
    """What a flow did to the balance."""
    return "added" if row["contribution_usd"] >= 0 else "took"


def _years(count: int) -> str:
    return _counted(count, "year")


def _exports_or_imports(rows: Rows, asked: Asked) -> str:
    whole = rows[0]
    if not whole["is_answered"]:
        return f"{_nothing(rows)} Some of the years between are held, and stand below."
    words = {
        "exports_lost": "more by lost exports than by imports",
        "imports_gained": "more by grown imports than by exports",
        "exports_gained": "more by grown exports than by imports",
        "imports_lost": "more by fallen imports than by exports",
        None: "not at all",
    }
    return (
        f"From {whole['from_year']} to {whole['to_year']} {asked.reporter}'s balance with {asked.partner} "
        f"{_rose(whole['balance_change_usd'])} by {usd(abs(whole['balance_change_usd']))}, {words[whole['driver']]}: "
        f"exports {_rose(whole['exports_change_usd'])} by {usd(abs(whole['exports_change_usd']))} and imports "
        f"{_rose(whole['imports_change_usd'])} by {usd(abs(whole['imports_change_usd']))}."
    )


def _price_or_volume(rows: Rows, asked: Asked) -> str:
    parts = []
    for flow, way in (("export", "to"), ("import", "from")):
        held = [row for row in _answered(rows) if row["flow"] == flow]
        if not held:
            parts.append(f"of {flow}s no weights are held")
            continue
        newest = held[0] if held[0]["to_month"] < 12 else None
        years = [row for row in held if row["to_month"] == 12]
        longest = max(years, key=lambda row: (row["to_year"] - row["from_year"], row["to_year"]), default=None)
        first = newest or longest
        assert first is not None
        said = [f"{asked.reporter}'s {flow}s of {_what(first)} {way} {asked.partner} {_split(first)}"]
        if newest and longest:
            same = newest["product_code"] == longest["product_code"]
            said.append(f"{'they' if same else f'those of {_what(longest)}'} {_split(longest)}")
        share = (longest or first)["share_of_total_pct"]
        said.append(
            f"they were {percent(share)} of all {flow}s in {(longest or first)['to_year']}"
            if share
            else f"what part of all {flow}s they were is not held"
        )
        parts.append("; ".join(said))
    return _said(parts)


def _what(row: Row) -> str:
    if row["product_code"] == "BASKET":
        return "the products held with a weight in both years"
    return f"{_short(row['product'])} (HS {row['product_code']})"


def _split(row: Row) -> str:
    when = (
        f"from {row['from_year']} to {row['to_year']}"
        if row["to_month"] == 12
        else f"in January to {MONTHS[row['to_month'] - 1]} {row['to_year']} against the same months of "
        f"{row['from_year']}"
    )
    return (
        f"{_rose(row['change_usd'])} by {usd(abs(row['change_usd']))} {when}, more by {row['larger_effect']} "
        f"({usd(row['price_effect_usd'])} by the value of a kilogram, {usd(row['volume_effect_usd'])} by weight)"
    )


def _rose(value: float) -> str:
    return "rose" if value > 0 else "fell"


def _flow(row: Row) -> str:
    """Which way a flow went that moved the balance as it did."""
    return f"{'more' if (row['flow'] == 'export') == (row['contribution_usd'] >= 0) else 'fewer'} {row['flow']}s"


def _short(product: str) -> str:
    """A product's label up to where its definition begins."""
    head = product.split(", whether")[0].split(" (")[0]
    return head[:1].lower() + head[1:].replace("; ", ", ")


def _fewer_products(rows: Rows, asked: Asked) -> str:
    parts = []
    for flow, way in (("export", "to"), ("import", "from")):
        held = [row for row in _answered(rows) if row["flow"] == flow]
        if not held:
            parts.append(f"of {flow}s no products are held that are all goods")
            continue
        row = held[0]
        fell, kept = row["change_usd"] < 0, row["larger_margin"] == "intensive"
        verdict = f"{'less' if fell else 'more'} of each" if kept else f"{'fewer' if fell else 'more'} products"
        own = row["whose_statistics"] == asked.values["reporter"]
        whose = "" if own else f" in {asked.called(row['whose_statistics'])}'s statistics"
        codes = f"codes of {row['level']} digits" + (", which hardly ever come or go" if row["level"] < 4 else "")
        parts.append(
            f"{verdict}: {asked.reporter}'s {flow}s {way} {asked.partner}{whose} {_rose(row['change_usd'])} by "
            f"{usd(abs(row['change_usd']))} from {row['from_year']} to {row['to_year']}, {usd(row['continued_usd'])} "
            f"by products traded in both years and {usd(row['entered_usd'] + row['left_usd'])} by "
            f"{row['entered_count'] or 'none'} that entered and {row['left_count'] or 'none'} that left (by {codes})"
        )
    return _said(parts)


def _demand_or_share(rows: Rows, asked: Asked) -> str:
    whole = _answered(rows)[0]
    demand, share = whole["demand_effect_usd"], whole["share_effect_usd"]
    if demand < 0 and share < 0:
        verdict = f"both, and more {'weaker demand' if demand < share else 'a lost share'}"
    elif demand < 0:
        verdict = "weaker demand, and no lost share"
    elif share < 0:
        verdict = "a lost share, and no weaker demand"
    else:
        verdict = "neither weaker demand nor a lost share"
    text = (
        f"{verdict}: {asked.partner}'s imports from {asked.reporter} {_rose(whole['change_usd'])} by "
        f"{usd(abs(whole['change_usd']))} from {whole['from_year']} to {whole['to_year']}, {usd(demand)} by what "
        f"{asked.partner} bought from everyone and {usd(share)} by the share, which went from "
        f"{percent(whole['from_share_pct'])} to {percent(whole['to_share_pct'])}"
    )
    if whole["publisher_code"] is None or whole["world_publisher_code"] is None:
        text += "; the figures of the two years are of different publishers"
    return _said([text])


def _critical_minerals(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    parts = []
    for row in held:
        if row["frequency"] != "M":
            continue
        trade = f"{_traded(row, asked)} were {_higher(row['change_pct'])} in the {row['period_count']} months from"
        stocked = row["peak_period"] < row["to_period"]
        parts.append(
            f"{trade} {_day(row['implemented_on'] or row['announced_on'])} than in the year before the measure was "
            "announced"
            + (
                f", after a peak of {row['peak_usd'] / row['from_usd']:.1f} times that year's mean in "
                f"{MONTHS[row['peak_period'].month - 1]} {row['peak_period'].year}"
                if stocked
                else ""
            )
        )
    # The newest of what years alone are held of.
    years = [row for row in held if row["frequency"] == "A"]
    newest = max((row["to_period"] for row in years), default=None)
    for row in [row for row in years if row["to_period"] == newest][:3]:
        parts.append(
            f"{_traded(row, asked)} went from {usd(row['from_usd'])} in {row['from_period'].year} to "
            f"{usd(row['to_usd'])} in {row['to_period'].year}"
        )
    return _said(parts)


def _traded(row: Row, asked: Asked) -> str:
    """Whose trade in which product: China's exports of graphite, artificial (HS 380110) to South Korea."""
    own = asked.values["reporter"] == row["whose_statistics"]
    way = "to" if row["flow"] == "export" else "from"
    who, other = (asked.reporter, asked.partner) if own else (asked.partner, asked.reporter)
    return f"{who}'s {row['flow']}s of {_what(row)} {way} {other}"


def _end_use(rows: Rows, asked: Asked) -> str:
    parts = []
    for flow, way in (("export", "to"), ("import", "from")):
        held = [row for row in _answered(rows) if row["flow"] == flow]
        if not held:
            continue
        # A rest that rounds to nothing is none.
        last = [row for row in held if row["year"] == held[0]["year"] and abs(row["share_pct"]) >= 0.05]
        shares = ", ".join(f"{percent(row['share_pct'])} {_short(row['class'])}" for row in last)
        parts.append(
            f"{asked.reporter}'s {flow}s {way} {asked.partner} in {last[0]['year']} were {shares} "
            f"({SCHEMES[last[0]['scheme']]})"
        )
    lacking = [f"{flow}s" for flow in ("export", "import") if not any(r["flow"] == flow for r in _answered(rows))]
    if lacking:
        parts.append(f"{' and '.join(lacking)} by use are not held")
    printed = [row for row in rows if row["scheme"] == "printed"]
    if printed:
        said = " and ".join(f"{balance(row['value_usd'])} in {row['year']}" for row in reversed(printed))
        who = printed[0]["source"]
        parts.append(f"in print stands, of {asked.reporter}'s trade in intermediate goods, {said} ({who})")
    return _said(parts)


SCHEMES = {
    "BEC4_END_USE": "broad economic categories",
    "UNCTAD_STAGE": "UNCTAD's stages of processing",
    "KCS_ENDUSE": "Korea Customs' classes",
}


def _dependence(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    whole = [row for row in held if row["month_count"] == 12]
    part_year = next((row for row in held if row["month_count"] < 12), None)
    what = f"{_short(rows[0]['product'])} (HS {rows[0]['product_code']})"
    where = f"{asked.reporter}'s exports to {asked.partner}"
    parts = []
    if whole:
        last = whole[0]
        parts.append(
            f"{what} were {percent(last['share_pct'])} of {where} in {last['year']}, {usd(last['value_usd'])} of "
            f"{usd(last['total_usd'])}"
        )
        low, high = (pick(whole, key=lambda row: row["share_pct"]) for pick in (min, max))
        if low is not high:
            parts.append(
                f"of the {len(whole)} whole years held the share was lowest in {low['year']} "
                f"({percent(low['share_pct'])}) and highest in {high['year']} ({percent(high['share_pct'])})"
            )
    if part_year:
        share = percent(part_year["share_pct"])
        parts.append(
            f"in {_months(part_year)}, the months of it held, it was {share}"
            if whole
            else f"{what} were {share} of {where} in {_months(part_year)}, the months of it held"
        )
    least = [row for row in rows if row["part_held"]]
    if least:
        low, high = (pick(row["share_pct"] for row in least) for pick in (min, max))
        run = percent(low) if low == high else f"{percent(low)} to {percent(high)}"
        years, codes = span([row["year"] for row in least]), least[0]["part_held"]
        parts.append(f"of {years} only {codes} are held of it, which alone were {run}")
    return _said(parts)


def _without_semiconductors(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    what = f"{_short(held[0]['product'])} (HS {held[0]['product_code']})"
    last = next((row for row in held if row["month_count"] == 12), None)
    shown = [row for row in (last, held[0] if held[0] is not last else None) if row]
    parts = []
    for row in shown:
        when = f"in {row['year']}" if row["month_count"] == 12 else f"in {_months(row)}, the months of it held,"
        had = f"{when} {asked.reporter} had {balance(row['balance_usd'])} with {asked.partner}"
        without = balance(row["balance_without_usd"])
        if row["is_bound"]:
            without += " at most" if row["balance_without_usd"] < 0 else " at least"
        parts.append(f"{had}, and without {what} {without}")
    if any(row["is_bound"] for row in shown):
        parts.append("imports of them are not held, and would leave the balance higher")
    turned = sorted(row["year"] for row in held if row["sign_changes"])
    if turned:
        parts.append(f"the sign turns in {', '.join(map(str, turned))}")
    return _said(parts)


def _months(row: Row) -> str:
    first, last = MONTHS[row["from_month"] - 1], MONTHS[row["to_month"] - 1]
    return f"{first} {row['year']}" if first == last else f"{first} to {last} {row['year']}"


def _hong_kong(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    if held[0]["entrepot_code"] is None:
        return (
            f"No place that goods between {asked.reporter} and {asked.partner} pass through is declared, so none is "
            f"counted: {asked.reporter} had {balance(held[0]['balance_usd'])} in {held[0]['year']}."
        )
    turned = sorted(row["year"] for row in held if row["sign_changes"])
    last = held[0]
    place = asked.called(last["entrepot_code"])
    where = f"in {_listed(turned)} and in no other" if turned else "in none"
    shown = next((row for row in held if row["sign_changes"]), last)
    years, whose = span([row["year"] for row in held]), f"{asked.reporter}'s balance with {asked.partner}"
    parts = [
        f"counting {place} turns the sign of {whose} {where} of the {len(held)} years {years}"
        if len(held) > 1
        else f"counting {place} {'turns' if turned else 'does not turn'} the sign of {whose} in {years}",
        f"in {shown['year']} {balance(shown['balance_usd'])} becomes {balance(shown['balance_with_entrepot_usd'])}",
    ]
    mirrored = [row for row in held if row["mirror_with_entrepot_usd"] is not None]
    if mirrored:
        agree = sum(bool(row["signs_agree_with_entrepot"]) for row in mirrored)
        of = f"the {len(mirrored)} years that both report"
        if len(mirrored) == 1:
            of = f"the one year that both report, {mirrored[0]['year']}"
        parts.append(f"with it both sides' signs agree in {agree or 'none'} of {of}")
    return _said(parts)


def _rank_in_imports(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    last, first = held[0], held[-1]
    rank = "" if last["partner_rank"] is None else f", {_th(last['partner_rank'])} of {last['partner_count']}"
    was = "" if first["partner_rank"] is None else f" ({_th(first['partner_rank'])})"
    ranked = [row for row in held if row["partner_rank"] is not None]
    whole = f"all that {asked.partner} imported in {last['year']}"
    text = f"{asked.reporter} had {percent(last['share_pct'])} of {whole}{rank}"
    if first is not last:
        text += f", and {percent(first['share_pct'])}{was} in {first['year']}"
        figures, total = (last[name] != first[name] for name in ("publisher_code", "world_publisher_code"))
        if figures:
            text += f" by another publisher's figure{'s' if total else ''}"
        elif total:
            text += " of another publisher's total"
    if not ranked:
        return f"{text}; too few of its rivals are held to rank it."
    led = sum(row["partner_rank"] == 1 for row in ranked)
    count = len(ranked)
    rivals = re.sub(r"[A-Z]{3}", lambda code: asked.called(code[0]), ranked[0]["rivals"])
    among = f"{'one year' if count == 1 else f'{count} years'}{'' if count == len(held) else ' that can be ranked'}"
    was_first = f"it was first in {led} of the {among}"
    if led in (0, count):
        was_first = f"it was {'first' if led else 'never first'} in {'the' if count == 1 or not led else 'all'} {among}"
    return f"{text}; {was_first}. Its rivals in {ranked[0]['year']}: {rivals}."


def _partner_statistics(rows: Rows, asked: Asked) -> str:
    held = [row for row in rows if row["basis"] == "held" and row["is_answered"]]
    printed = [row for row in rows if row["basis"] == "printed" and row["is_answered"]]
    parts = []
    if held:
        apart = sorted(row["year"] for row in held if not row["signs_agree"])
        gap, others = max(held, key=lambda row: abs(row["gap_usd"])), len(held) - len(apart)
        verb, far = "differ" if apart else "agree", usd(abs(gap["gap_usd"]))
        if len(held) == 1:
            parts.append(f"the signs {verb} in {gap['year']}, the one year held of both; the balances are {far} apart")
        else:
            signs = f"{verb} in all {len(held)} years held of both, of {span([row['year'] for row in held])}"
            if apart and others:
                rest = "the one other year" if others == 1 else f"the other {others} years"
                signs = f"differ in {_listed(apart)} and agree in {rest} held of both"
            parts.append(f"the signs {signs}; the balances are furthest apart in {gap['year']} ({far})")
    provisional = sorted(row["year"] for row in held if row["observation_status"] == "P")
    if provisional:
        verb = "are" if len(provisional) > 1 else "is"
        parts.append(f"{_listed(provisional)} {verb} provisional on one side or both")
    for row in printed:
        own = balance(-row["balance_mirror_usd"])
        parts.append(
            f"in {row['year']} {asked.reporter} reports {balance(row['balance_reported_usd'])} and {asked.partner} is "
            f"quoted with {own} of its own: the signs {'agree' if row['signs_agree'] else 'differ'}"
        )
    lacking = sorted(row["year"] for row in rows if not row["is_answered"])
    if lacking:
        parts.append(f"of {_listed(lacking)} one side's figures are not held, or too thin")
    return _said(parts)


LINES = {"travel": "travel", "audiovisual": "audiovisual and cultural services", "cosmetics": "cosmetics"}


def _after_thaad(rows: Rows, _asked: Asked) -> str:
    parts = []
    for line, what in LINES.items():
        of_line = [row for row in rows if row["line"] == line]
        beside = next((row for row in _answered(of_line) if row["method"] == "growth_beside_others"), None)
        if beside is not None:
            more, others = _more(beside["estimate_pct"]), beside["others"]
            parts.append(f"{what} grew {more} than what {others} other partners sold together, which is no test")
            continue
        stand = _answered(of_line)
        parts.extend(_beside(what, row) for row in stand)
        if not stand:
            parts.append(f"of {what} nothing can be said")
    return _said([*parts, "none of this is a cause"])


def _beside(what: str, row: Row) -> str:
    """A line beside what those like it did, and whether its placebos let it be called a fall."""
    whose = f"{what}, in persons," if row["series"].startswith("arrivals/") else what
    found = (
        f"{_below(row['estimate_pct'])} what {row['others']} others like it give (other designs: "
        f"{percent(row['designs_low_pct'])} to {percent(row['designs_high_pct'])})"
    )
    place = f"number {row['placebo_rank']} of {row['placebo_count'] + 1} in how unusual that is"
    if row["conclusion"] == "fall":
        return f"{whose} fell more than a counterfactual: {found}, {place}"
    if row["conclusion"] == "untestable":
        return f"{whose} came {found}; with {_counted(row['placebo_count'], 'placebo')} that cannot be tested"
    return f"{whose} cannot be said to have fallen more than a counterfactual: {found}, {place}"


def _after_agreement(rows: Rows, _asked: Asked) -> str:
    held = _answered(rows)
    beyond = sum(bool(row["is_beyond_zero"]) for row in held)
    lowest, highest = min(row["estimate_pct"] for row in held), max(row["estimate_pct"] for row in held)
    since, others = _day(held[0]["in_force_on"]), len(rows) - len(held)
    after = "beyond that of comparable partners in the year after"
    if len(held) == 1:
        grew = "grew" if beyond else "cannot be said to have grown"
        found = f"by the one estimate, {percent(lowest)}, trade {grew} {after}"
    else:
        found = (
            f"in {beyond or 'none'} of {len(held)} estimates did trade grow {after} (they run from {percent(lowest)} "
            f"to {percent(highest)})"
        )
    more = [f"{others} more could not be estimated"] if others else []
    return _said([f"{held[0]['agreement']}, in force since {since}: {found}", *more, "none of this is a cause"])


def _last_revisions(rows: Rows, _asked: Asked) -> str:
    flows = [row for row in rows if row["subject"] != "claim"]
    unseen = [row["subject"] for row in flows if not row["is_answered"]]
    parts = []
    if unseen:
        parts.append(
            f"of {' and '.join(unseen)} no second release of the last months is held, so that no revision can be seen"
        )
    for row in flows:
        if not row["is_answered"]:
            continue
        last = "month" if row["month_count"] == 1 else f"{row['month_count']} months"
        months = f"{row['subject']} of the last {last} held"
        if row["revised_month_count"] == 0:
            parts.append(f"{months} were not revised")
        else:
            by = f"{usd(row['revision_usd'])}, {_small(row['revision_pct'])}"
            parts.append(f"{months} were revised by {by}, in {row['revised_month_count']} of them")
    claims = [row for row in rows if row["subject"] == "claim"]
    answered = [row for row in claims if row["was_answered_then"]]
    revised = [row["claim_id"] for row in answered if row["change_cause"] == "revised"]
    late = [row["claim_id"] for row in answered if row["change_cause"] != "revised"]
    parts.append(
        f"{_claims(len(revised))} another verdict because a publisher revised its figures since"
        + (f" ({', '.join(revised)})" if revised else "")
    )
    if late:
        parts.append(
            f"{_claims(len(late))} another one only because the copies that are held now were read later, which says "
            f"nothing against any publisher ({', '.join(late)})"
        )
    if len(claims) > len(answered):
        parts.append(f"{_claims(len(claims) - len(answered))} one that had none then")
    return _said(parts)


def _claims(count: int) -> str:
    return "no claim has" if count == 0 else "1 claim has" if count == 1 else f"{count} claims have"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(years: Sequence[int]) -> str:
    """Years in words, in their order: 2024; 2024 and 2025; 2021–2023; 2018, 2020 and 2021."""
    if len(years) > 2 and years[-1] - years[0] + 1 == len(years):
        return span(years)
    *rest, last = map(str, years)
    return f"{', '.join(rest)} and {last}" if rest else last


def _small(value: float) -> str:
    """A small share, which is not nothing where it rounds to it."""
    return "less than 0.01%" if 0 < abs(value) < 0.005 else percent(value, 2)


def _below(value: float) -> str:
    return f"{percent(abs(value))} {'below' if value < 0 else 'above'}"


def _higher(value: float) -> str:
    return f"{percent(abs(value))} {'higher' if value > 0 else 'lower'}"


def _more(value: float) -> str:
    return f"{percent(abs(value))} {'more' if value > 0 else 'less'}"


def _services_share(rows: Rows, asked: Asked) -> str:
    held = _answered(rows)
    both = [row for row in held if row["share_pct"] is not None]
    who = f"{asked.reporter}'s trade with {asked.partner}"
    parts = []
    if both:
        last = both[0]
        parts.append(
            f"services were {percent(last['share_pct'])} of {who} in {last['year']} ({last['value_basis']} values): "
            f"{percent(last['exports_share_pct'])} of what it sold and {percent(last['imports_share_pct'])} of what it "
            "bought"
        )
    newest = held[0]
    if newest["share_pct"] is None:
        sold = newest["exports_share_pct"] is not None
        share = newest["exports_share_pct"] if sold else newest["imports_share_pct"]
        parts.append(
            f"in {newest['year']} they were {percent(share)} of what {asked.reporter} {'sold' if sold else 'bought'} "
            f"({newest['value_basis']} values), and the other flow is not held"
        )
    # Within one kind of value, one publisher and one vintage alone.
    make = ("value_basis", "source", "vintage")
    series = [row for row in both if all(row[name] == both[-1][name] for name in make)]
    if len(series) > 1:
        first, last = series[-1], series[0]
        parts.append(
            f"in {first['value_basis']} values of one vintage ({first['vintage']}) the share went from "
            f"{percent(first['share_pct'])} in {first['year']} to {percent(last['share_pct'])} in {last['year']}"
        )
    return _said(parts)


def _services_in_gdp(rows: Rows, asked: Asked) -> str:
    row, newest = _answered(rows)[0], rows[0]
    ours, theirs = percent(row["reporter_services_share_pct"]), percent(row["partner_services_share_pct"])
    apart = row["difference_pp"]
    gap = f"{abs(apart):.1f} points {'more' if apart > 0 else 'less'}"
    text = (
        f"services were {ours} of GDP in {asked.reporter} and {theirs} in {asked.partner} in {row['year']}, {gap}, in "
        f"the release of {_day(row['vintage_on'])}, the last held that shows both"
    )
    parts = [text]
    for side, who in (("reporter", asked.reporter), ("partner", asked.partner)):
        share, shown = row[f"{side}_newest_share_pct"], row[f"{side}_newest_shown_until"]
        if shown > row["vintage_on"] and share != row[f"{side}_services_share_pct"]:
            parts.append(f"a later one, of {_day(shown)}, has {percent(share)} of {row['year']} in {who} alone")
        share, shown = newest[f"{side}_newest_share_pct"], newest[f"{side}_newest_shown_until"]
        if newest is not row and share is not None:
            parts.append(
                f"in {newest['year']} they were {percent(share)} in {who} (release of {_day(shown)}), and no release "
                "held shows both"
            )
    return _said(parts)


def _said(parts: Sequence[str]) -> str:
    return f"{'; '.join(parts)}."


def _day(day: Any) -> str:
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _th(number: int) -> str:
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    return words[number - 1] if number <= len(words) else f"{number}{ending}"


SENTENCES: Mapping[int, Callable[[Rows, Asked], str]] = {
    1: _deficit_to_date,
    2: _third_deficit,
    3: _first_deficit,
    4: _products,
    5: _exports_or_imports,
    6: _price_or_volume,
    7: _fewer_products,
    8: _demand_or_share,
    9: _dependence,
    10: _without_semiconductors,
    11: _critical_minerals,
    12: _end_use,
    13: _partner_statistics,
    14: _hong_kong,
    15: _after_thaad,
    16: _after_agreement,
    17: _services_share,
    18: _services_in_gdp,
    19: _rank_in_imports,
    20: _last_revisions,
}
