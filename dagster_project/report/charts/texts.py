"""Write the words of charts from templates: titles, which state what the figures show, and labels.

English templates are in `texts.yml`; Korean templates are in `texts.ko.yml`. A field of a template may have a format:
`usd` and `percent` for numbers, `sign` for the sign of an amount as a word, `unit` for the unit of several amounts,
`month` for the name of a month, `periods` for a list of years.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class _Formatter(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "usd":
            value = format_usd(abs(value))
        elif format_spec == "unit":
            return scale_amounts([one for one in value if one is not None])[1]
        elif format_spec == "percent":
            return format_percent(value)
        elif format_spec == "month":
            value = name_month(value)
        elif format_spec == "sign":
            value = "deficit" if value < 0 else "surplus"
        elif format_spec == "periods":
            return spell_days(value) if get_language() == "en" else korean.convert_periods(value)
        return load_texts()["words"].get(value) or translate(str(value))


def write_text(name: str, /, **fields: Any) -> str:
    """Fill a template; a no-break space keeps US$ and its unit on one line."""
    text = korean.attach_particles(_Formatter().vformat(load_texts()[name], (), fields))
    return text.replace("US$ ", "US$\N{NO-BREAK SPACE}")


def write_title(name: str, /, **fields: Any) -> str:
    """Fill the template of a title, which begins with a capital."""
    return capitalize_first(write_text(name, **fields))


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


def title_chips(rows: Sequence[Row], names: Mapping[str, str]) -> str:
    """Say how large the share of integrated circuits is in the last whole year, and was in the first whole year."""
    whole = {row["year"]: row["share_pct"] for row in rows if row["is_whole"] and row["share_pct"] is not None}
    if len(whole) < 2:
        return write_title("chips", **names)
    first, last = min(whole), max(whole)
    name = "chips_rose" if whole[last] > whole[first] else "chips_fell"
    name = "chips_same" if format_percent(whole[last]) == format_percent(whole[first]) else name
    return write_title(name, **names, year=last, share=whole[last], first=first, before=whole[first])
