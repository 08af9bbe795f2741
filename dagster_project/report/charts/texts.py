"""Write the words of charts from templates: titles, which state what the figures show, and labels.

English templates are in `texts.yml`; Korean templates are in `texts.ko.yml`. A field of a template may have one of the
formats in `FORMATS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from dagster_project.files import load_yaml
from dagster_project.languages import get_language, korean, translate
from dagster_project.questions.wording import capitalize_first, format_percent, format_usd, name_month, spell_days
from dagster_project.report.charts.scales import scale_amounts

Row = Mapping[str, Any]
MONTHS = 12


def load_texts() -> dict[str, Any]:
    """Load the templates in the chosen language, and the short names of events, the most important first."""
    return _load_file("texts.yml" if get_language() == "en" else f"texts.{get_language()}.yml")


@cache
def _load_file(name: str) -> dict[str, Any]:
    texts: dict[str, Any] = load_yaml(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return texts


FORMATS: Mapping[str, Callable[[Any], str]] = {
    "": str,
    "usd": lambda value: format_usd(abs(value), 1),
    "about": lambda value: format_usd(abs(value), 1).replace(".0", ""),  # an estimated amount
    "percent": format_percent,
    "whole": lambda value: format_percent(abs(value), int(abs(value) < 0.5)),  # an estimated share
    "unit": lambda values: scale_amounts([one for one in values if one is not None])[1],  # of several amounts
    "sign": lambda value: "deficit" if value < 0 else "surplus",
    "month": name_month,
    "short": lambda value: name_month(value)[:3],
    "periods": lambda value: spell_days(value) if get_language() == "en" else korean.convert_periods(value),
}


class _Formatter(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        text = FORMATS[format_spec](value)
        return load_texts()["words"].get(text) or translate(text)


def write_text(name: str, /, **fields: Any) -> str:
    """Fill a template; no-break spaces keep a number and its unit on one line."""
    text = korean.attach_particles(_Formatter().vformat(load_texts()[name], (), fields))
    return re.sub(r"(?<=US\$) |(?<=\d[조억만]) (?=달러|\d)|(?<=약) (?=\d)", "\N{NO-BREAK SPACE}", text)


def write_title(name: str, /, **fields: Any) -> str:
    """Fill the template of a title, which begins with a capital and breaks into lines only at spaces."""
    return re.sub("(?<=%)(?=[가-힣])|(?=·)|(?<=·)", "\N{WORD JOINER}", capitalize_first(write_text(name, **fields)))


def title_balance(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Say since which year the balance has had its present sign; `rows` has a row for each year."""
    signs = {row["year"]: row["balance_sign"] for row in rows if row["balance_usd"] is not None}
    first = last = max(signs)
    if signs[last] not in {"surplus", "deficit"}:
        return write_title("balance", **names)
    for year in sorted(signs, reverse=True):
        if signs[year] != signs[last]:
            break
        first = year
    since = next(row["first_deficit_since"] for row in rows if row["year"] == first)
    name = "balance_year" if first == last else "balance_every" if first == min(signs) else "balance_run"
    if sum(first <= year for year in signs) < last - first + 1:
        name = "balance_gaps"
    name = f"{name}_since" if since and name != "balance_gaps" else name
    return write_title(name, **names, sign=signs[last], first=first, last=last, since=since)


def title_sides(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Say whether both economies' statistics show the same sign of the balance, in the last year with both balances."""
    both = [row for row in rows if row["balance_reported_usd"] is not None and row["balance_mirror_usd"] is not None]
    if not both or None in (both[-1]["balance_reported_sign"], both[-1]["balance_mirror_sign"]):
        return write_title("sides", **names)
    own, other = both[-1]["balance_reported_usd"], both[-1]["balance_mirror_usd"]
    name = "sides_agree" if (own < 0) == (other < 0) else "sides_disagree"
    return write_title(name, **names, year=both[-1]["year"], own=own, other=other)


def title_year(year: int, rows: Sequence[Row], names: Mapping[str, str], *, has_sign: bool) -> str:
    """Say how large the balance is up to the last month, and was a year before; without a sign, state no amounts."""
    last = next(row for row in reversed(rows) if row["balance_to_date_usd"] is not None)
    now, before, month = last["balance_to_date_usd"], last["earlier_to_date_usd"], last["year"]
    name = "year_to_date_alone" if before is None else "year_whole" if month == MONTHS else "year_to_date"
    name = name if has_sign else "year_unsigned"
    return write_title(name, **names, year=year, month=month, now=now, before=before)


def title_steps(
    years: tuple[int, int], before: float, after: float, names: Mapping[str, str], *, has_sign: bool
) -> str:
    """Say from which amount to which amount the balance changed; without a known sign, name only the two years."""
    words = ("widened", "narrowed") if after < 0 else ("grew", "shrank")
    name = f"steps_{words[abs(after) <= abs(before)]}"
    name = name if (before < 0) == (after < 0) else "steps_turned"
    name = name if has_sign else "steps_unsigned"
    return write_title(name, **names, first=years[0], before=before, last=years[1], after=after)


def title_share(part: str, first: tuple[int, float], last: tuple[int, float], whose: str) -> str:
    """Say how the share of a part of GDP changed from the first to the last year, each given with its share."""
    shares = [format_percent(share) for _, share in (first, last)]
    name = "gdp_same" if shares[0] == shares[1] else "gdp_rose" if last[1] > first[1] else "gdp_fell"
    return write_title(name, part=part, whose=whose, first=first[0], before=first[1], year=last[0], share=last[1])


def title_chips(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Say how large the share of integrated circuits is in the last whole year, in the first one, and since then."""
    held = [row for row in rows if row["share_pct"] is not None]
    whole = {row["year"]: row["share_pct"] for row in held if row["look"] == "plus"}
    if len(whole) < 2:
        return write_title("chips", **names)
    first, last = min(whole), max(whole)
    name = "chips_rose" if whole[last] > whole[first] else "chips_fell"
    name = "chips_same" if format_percent(whole[last]) == format_percent(whole[first]) else name
    found = write_title(name, **names, year=last, share=whole[last], first=first, before=whole[first])
    since = next((row for row in held if row["year"] > last and row["look"] == "plus-soft"), None)
    return write_text("chips_since", title=found, span=since["span"], share=since["share_pct"]) if since else found
