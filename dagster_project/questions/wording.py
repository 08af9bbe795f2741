"""Write the sentences of an answer from the template at the end of a question's file.

Here: the filters that format amounts, shares, days, years and names for a sentence. Not here: the templates
(`sql/questions`, for Korean `sql/questions/ko`), and the texts about missing figures (`questions.gaps`).

A template is Jinja. Its variables: `rows`, all rows; `held`, the rows that give an answer (`is_answered`); `reporter`
and `partner`, the names of the two economies; `names`, the names of all economies by code; `asked`, the parameters; and
`missing`, the texts about missing figures. Each clause ends with a semicolon and becomes a sentence. The first clause
states a figure and its year, or in question 11 when the measure took effect.
"""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from jinja2 import Environment, Template, TemplateSyntaxError, Undefined, nodes
from jinja2.utils import missing as missing_value

from dagster_project.errors import BilateralError
from dagster_project.languages import ORDINALS, get_language, translate
from dagster_project.languages.korean import attach_particles, convert_periods, convert_values
from dagster_project.questions import numbers
from dagster_project.questions.numbers import Sentence, is_rounded_apart, mark_output
from dagster_project.questions.products import shorten_label
from dagster_project.sources import find_source

Row = Mapping[str, Any]

_TAKES_ARTICLE = re.compile(
    r"^(United |US |British |French Southern|Netherlands|Philippines|Bahamas|Gambia|Maldives|Comoros|Seychelles|Soviet"
    r"|European Union|Euro area)"
    r"|^Isle of| (Republic|Islands)( \(|$)"
)
# The abbreviations in names of columns, and the units that a heading shows.
_SPELLED_OUT = {"yoy": "over the year before", "ytd": "year to date", "mape": "mean error", "ci": "interval"}
_SHOWN_UNITS = {"US$", "percent", "percentage points", "persons", "kg"}
# Korean particles with two forms.
_BOTH_FORMS = {"은": "은(는)", "이": "이(가)", "을": "을(를)", "과": "과(와)", "으로": "(으)로"}
# The last name in the citation line of a row that Bilateral computes.
CALCULATION = "calculation by Bilateral"


def write_sentences(
    template: str, rows: Sequence[Row], asked: Mapping[str, Any], names: Mapping[str, str], missing: Sequence[str] = ()
) -> Sentence:
    """Write the sentences of an answer from its rows and its question's template; mark each number with its column.

    `asked` has the value of each parameter, `names` the name of each economy by its code, and `missing` the texts about
    missing figures. At least one row gives an answer, unless the question does not apply to the pair.
    """
    called = {code: call_economy(name) for code, name in names.items()}
    every = [_Row(numbers.mark_columns(row)) for row in rows]
    text = _compile_template(template, get_language()).render(
        rows=every,
        held=[row for row in every if row["is_answered"]],
        asked=asked,
        names=called,
        missing=missing,
        **{side: called.get(str(asked.get(side)), asked.get(side)) for side in ("reporter", "partner")},
    )
    text = attach_particles(re.sub(r" ([,;:.])", r"\1", " ".join(text.split())))
    clauses = [f"{capitalize_first(clause.rstrip('.'))}." for clause in re.split(r"[; ]*;[; ]*", text) if clause]
    parts = (Sentence([*numbers.split_pieces(clause)]) for clause in clauses)
    return Sentence([*numbers.split_pieces(" ".join(clauses))], parts)


def capitalize_first(clause: str) -> str:
    """Capitalize the first letter of a clause, even if the clause begins with a marked number."""
    return re.sub(rf"^({numbers.MARK_START})?(\w)", lambda found: (found[1] or "") + found[2].upper(), clause)


def is_worth_asking(expression: str, rows: Sequence[Row]) -> bool:
    """Return whether the rows of an answer fulfil the condition `arises` in the question's header."""
    held = [row for row in rows if row["is_answered"]]
    return not expression or bool(_make_environment("en").compile_expression(expression)(rows=rows, held=held))


def check_template(template: str, place: str) -> None:
    """Check a template by parsing it; the template is compiled only when first used, because compiling is slow.

    Raises:
        BilateralError: The template is not valid Jinja, or it uses a filter or a test that does not exist.
    """
    environment, remedy = _make_environment("en"), "dagster_project/questions/wording.py defines the filters."
    try:
        tree = _parse_template(template)
    except TemplateSyntaxError as error:
        raise BilateralError(
            f"{place}: line {error.lineno} of the template after the SELECT is not valid Jinja: {error.message}.",
            remedy=remedy,
        ) from error
    for kind, known in ((nodes.Filter, environment.filters), (nodes.Test, environment.tests)):
        for one in tree.find_all(kind):
            if one.name not in known:
                raise BilateralError(
                    f"{place}: line {one.lineno} of the template after the SELECT uses the {kind.__name__.lower()} "
                    f"{one.name}, which does not exist.",
                    remedy=remedy,
                )


class _Unknown(Undefined):
    """The value of a missing attribute in a template, which counts as false; a missing variable raises an error."""

    def __init__(self, hint: str | None = None, obj: Any = missing_value, name: str | None = None, **rest: Any) -> None:
        super().__init__(hint, obj, name, **rest)
        if hint is None and obj is missing_value:
            raise BilateralError(
                f"The template reads the variable {name}, which does not exist.",
                remedy="Correct the template at the end of the question's file.",
            )


class _Row(dict[str, Any]):
    """A row that raises an error when a template reads a column that the row lacks."""

    def __missing__(self, column: str) -> Any:
        raise BilateralError(
            f"The template reads the column {column}, which the SELECT does not produce.",
            remedy="Add it to the SELECT, or correct the template at the end of the question's file.",
        )


@cache
def _make_environment(language: str) -> Environment:
    environment = Environment(undefined=_Unknown, autoescape=False)  # noqa: S701 - no HTML is made of it
    environment.filters |= {
        "balance": partial(format_balance, say=mark_output(format_usd)),
        "cited": lambda text: re.sub("^(.+), in (.+)$", r"\2 citing \1", text),
        "counted": format_count,
        "day": format_day,
        "decimal": mark_output(format_number),
        "label": shorten_label,
        "listed": join_words,
        "month": name_month,
        "ordinal": mark_output(format_ordinal),
        "percent": mark_output(format_percent),
        "percents": partial(format_percents, say=mark_output(format_percent)),
        "possessive": make_possessive,
        "printed_balance": partial(format_balance, say=mark_output(format_printed_usd)),
        "publisher": name_publisher,
        "rates": describe_rates,
        "readings": format_readings,
        "rounded_apart": is_rounded_apart,
        "spelled": spell_days,
        "translate": translate,
        "usd": mark_output(format_usd),
        "years": format_years,
    }
    environment.globals["months"] = format_months
    if language != "en":
        environment.filters |= _make_korean_filters(environment.filters)
        environment.globals["months"] = _compose_filters(format_months, convert_values)
    return environment


def _make_korean_filters(english: Mapping[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Make the filters of Korean templates from the English filters."""
    values = ("balance", "day", "month", "printed_balance", "usd")
    return {
        **{name: _compose_filters(english[name], convert_values) for name in values},
        "counted": lambda number, what: f"{number:,}{what}",
        "label": translate,
        "listed": _list_in_korean,
        "ordinal": mark_output(lambda number: f"{number}번째"),
        "percent": mark_output(_compose_filters(format_percent, translate)),
        "publisher": _compose_filters(name_publisher, translate),
        "rates": _compose_filters(describe_rates, translate),
        "readings": _compose_filters(
            format_readings, lambda text: ", ".join(map(translate, re.split(r"(?<=\d{4}), and ", text)))
        ),
        "years": _compose_filters(format_years, convert_periods),
    }


def _list_in_korean(found: Iterable[Any], word: str = "and") -> str:
    every = list(found)
    is_of_years = all(isinstance(one, int) for one in every)
    return convert_periods(join_words(every, word)) if is_of_years else ", ".join(every)


def _compose_filters(first: Callable[..., str], then: Callable[[str], str]) -> Callable[..., str]:
    """Return a filter that applies `then` to the text that `first` returns."""
    return lambda *given: then(first(*given))


@cache
def _parse_template(template: str) -> nodes.Template:
    return _make_environment("en").parse(template)


@cache
def _compile_template(template: str, language: str) -> Template:
    return _make_environment(language).from_string(_parse_template(template))


def format_usd(value: float, decimals: int = 2) -> str:
    """Format an amount, for example as US$18.04bn, US$9.50m, −US$1.20bn or US$4,000."""
    size = abs(value)
    # The unit follows from the rounded amount.
    if round(size) < 10_000:
        text = f"{size:,.0f}"
    elif round(size / 1e6, decimals) < 1000:
        text = f"{size / 1e6:,.{decimals}f}m"
    else:
        text = f"{size / 1e9:,.{decimals}f}bn"
    return f"{'−' if value < 0 and text != '0' else ''}US${text}"


def format_printed_usd(value: float) -> str:
    """Format an amount without trailing zeros, as a publication printed the amount, for example as US$12.7bn."""
    return re.sub(r"\.?0+(?=[mb]n?$)", "", format_usd(value))


def format_balance(value: float, say: Callable[[float], str] = format_usd) -> str:
    """Format a balance with its sign as a word, for example as "a deficit of US$18.04bn"."""
    if value == 0:
        return "a balance of nothing"
    return f"a {'deficit' if value < 0 else 'surplus'} of {say(abs(value))}"


def format_percent(value: float, decimals: int = 1) -> str:
    """Format a share, for example as −1.2%; with two decimals, a share that rounds to zero is "less than 0.01%"."""
    if decimals == 2 and 0 < abs(value) < 0.005:
        return "less than 0.01%"
    return f"{value:z.{decimals}f}%".replace("-", "−")


def format_number(value: float, decimals: int = 1) -> str:
    """Format a number, for example as 1,234.5 or −18.0; a number that rounds to zero has no sign."""
    return f"{value:z,.{decimals}f}".replace("-", "−")


def format_percents(
    found: Iterable[float], least: int = 1, say: Callable[[float, int], str] = format_percent
) -> list[str]:
    """Format shares with `least` decimals, or with more if different shares would otherwise look the same."""
    shares = list(found)
    # Compare the texts without marks, because two marks always differ.
    apart = (n for n in range(least, 7) if len({format_percent(share, n) for share in shares}) == len(set(shares)))
    decimals = next(apart, least)
    return [say(share, decimals) for share in shares]


def format_years(found: Iterable[int]) -> str:
    """Format years as a span from the first to the last, for example as 2015–2023."""
    every = sorted(found)
    return str(every[0]) if every[0] == every[-1] else f"{every[0]}–{every[-1]}"


def join_words(found: Iterable[Any], word: str = "and") -> str:
    """Join years or words into a list, for example "2015–2018, 2020 and 2021" or "exports and imports"."""
    every = list(found)
    if every and all(isinstance(one, int) for one in every):
        # Marked numbers keep their marks.
        marked = {str(int(one)): str(one) for one in every}
        return format_periods(marked, say=marked.__getitem__, word=word)
    *rest, last = map(str, every)
    return f"{', '.join(rest)} {word} {last}" if rest else last


def format_periods(found: Iterable[str], say: Callable[[str], str] = str, word: str = "and") -> str:
    """Format years or months as a list with spans for three or more in a row, for example "2016–2019 and 2024"."""
    runs: list[list[str]] = []
    for period in sorted(set(found)):
        if runs and _number_period(period) == _number_period(runs[-1][-1]) + 1:
            runs[-1].append(period)
        else:
            runs.append([period])
    spans: list[str] = []
    for run in runs:
        dash = " to " if "-" in run[0] else "–"
        spans += map(say, run) if len(run) < 3 else [f"{say(run[0])}{dash}{say(run[-1])}"]
    return join_words(spans, word)


def _number_period(period: str) -> int:
    year, _, month = period.partition("-")
    return 12 * int(year) + int(month) if month else int(year)


def format_day(value: date) -> str:
    """Format a day, for example as 20 December 2015."""
    return f"{value.day} {month_name[value.month]} {value.year}"


def format_date(value: date, precision: str) -> str:
    """Format a date in the chosen language, as precisely as it is known (`day`, `month`, `year`)."""
    if precision == "year":
        return translate("{year}", year=value.year)
    return translate(format_day(value) if precision == "day" else format_months(value.year, value.month, value.month))


def name_month(number: int) -> str:
    """Return the English name of a month by its number."""
    return month_name[number]


def spell_days(text: str) -> str:
    """Write days and months in a text in words, for example 6 March 2019 for 2019-03-06, May 2026 for 2026-05."""
    found = r"(?<![\w/@-])(\d{4})-(0[1-9]|1[0-2])(?:-(\d\d))?(?![\w-])"
    return re.sub(found, lambda one: f"{one[3] or ''} {month_name[int(one[2])]} {one[1]}".lstrip(" 0"), text)


def format_months(year: int, first: int, last: int) -> str:
    """Format months of a year, for example as "July 2026" or "January to July 2026"."""
    return f"{name_month(first)} {year}" if first == last else f"{name_month(first)} to {name_month(last)} {year}"


def format_ordinal(number: int) -> str:
    """Format an ordinal number, up to "tenth" as a word, from then on in digits, for example as 11th."""
    if number <= len(ORDINALS):
        return ORDINALS[number - 1]
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def format_count(number: int, what: str) -> str:
    """Format a number of things, for example as "1 year" or "1,200,000 persons"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def format_readings(vintages: str) -> str:
    """Format publishers and days of a figure's snapshots: "Bank of Korea, as published by 20 August 2026"."""
    found = dict.fromkeys((name_publisher(one.partition("/")[0]), one[-10:]) for one in vintages.split(", "))
    return ", and ".join(f"{name}, as published by {format_day(date.fromisoformat(day))}" for name, day in found)


def describe_rates(days: date | Iterable[date]) -> str:
    """Describe the exchange rates of `days`; 31 December stands for the average rate of the year."""
    every = sorted({days} if isinstance(days, date) else days)
    averages = [day.year for day in every if (day.month, day.day) == (12, 31)]
    told = ["the monthly rates set by customs"] if len(averages) < len(every) else []
    if averages:
        told.append("the average rate of each year" if averages[1:] else f"the average rate of {averages[0]}")
    return " and ".join(told)


def name_publisher(source: str) -> str:
    """Return the name of a source's publisher, which is the beginning of the source's title."""
    return re.split(r", | \(", find_source(source).title)[0]


def name_original(source: str, publisher: str) -> str:
    """Return the name by which newspapers cite a figure: the original publisher, not a source that copied it."""
    return name_publisher(source) if publisher == find_source(source).publisher else publisher


def cite_publishers(names: Iterable[str]) -> str:
    """Return a citation line, for example "Sources: US Census Bureau; UN Comtrade"."""
    every = list(dict.fromkeys(map(translate, names)))
    cited = translate("Sources: {publisher}") if len(every) > 1 else translate("Source: {publisher}")
    return cited.format(publisher=translate("; ").join(every)) if every else ""


def write_heading(name: str, unit: str) -> str:
    """Write the heading of a column for readers, for example "Balance to date (US$)" for `balance_to_date_usd`."""
    words = re.sub(r"^is_|_(usd|pct|pp|points)$", "", name).split("_")
    text = " ".join(_SPELLED_OUT.get(word, word) for word in words)
    shown = "%" if unit == "percent" else unit
    return f"{text[:1].upper()}{text[1:]}{f' ({shown})' if unit in _SHOWN_UNITS else ''}"


def add_article(name: str) -> str:
    """Add "the" to the name of an economy if a sentence needs it, as in "the United States"."""
    return f"the {name}" if _TAKES_ARTICLE.search(name) else name


def name_sides(text: str, names: Mapping[str, str]) -> str:
    """Write the names of a question's economies in place of "the reporter" and "the partner"."""
    for side, korean in (("reporter", "보고국"), ("partner", "상대국")):
        if name := names.get(side):
            for role, shown in ((f"the {side}'s", make_possessive(name)), (f"the {side}", name)):
                text = re.sub(rf"\b{role}\b", shown, text)
                text = re.sub(rf"\b{capitalize_first(role)}\b", capitalize_first(shown), text)
            for form, both in _BOTH_FORMS.items():
                text = re.sub(rf"{korean}{form}(?=의? )", korean + both, text)
            text = re.sub(f"(?<!비슷한 )(?<!다른 ){korean}(?!별|들)", name, text)
    return attach_particles(capitalize_first(text))


def call_economy(name: str) -> str:
    """Return an economy's name as in a sentence of the chosen language, for example "the United States"."""
    return add_article(name) if get_language() == "en" else translate(name)


def make_possessive(name: str) -> str:
    """Return the possessive of an economy's name, for example "China's"; a Korean name stays as it is."""
    return name + ("'" if name.endswith("s") else "'s" if name[-1:].isascii() else "")
