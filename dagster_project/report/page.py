"""Write the report as one self-contained HTML file.

Here: filling the template `page.html.j2` with the sections, the claims with their verdicts, the sources and the audit,
and writing the file. Not here: the content of the sections (`sections`, `composition`, `events`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
from filelock import FileLock

from dagster_project import publication
from dagster_project.audit.results import summarize_results
from dagster_project.claims import notation
from dagster_project.claims.judging import name_verdict
from dagster_project.claims.reasons import write_reason
from dagster_project.errors import BilateralError
from dagster_project.files import atomic_write
from dagster_project.languages import LANGUAGES, check_language, get_language, translate, use_language
from dagster_project.metrics import Figure
from dagster_project.project import Project
from dagster_project.publication.html import render_page
from dagster_project.publication.page import WORST_FIRST
from dagster_project.questions import wording
from dagster_project.questions.wording import capitalize_first
from dagster_project.reference.economies import find_code
from dagster_project.report import composition, events, sections
from dagster_project.report.charts.texts import write_text, write_title
from dagster_project.report.elements import link_figures
from dagster_project.report.pair import Pair
from dagster_project.settings import list_pairs

FILTERS: dict[str, Callable[..., Any]] = {
    "initial": capitalize_first,
    "spelled": lambda text: translate(wording.spell_days(text)),
    "day": lambda value: translate(wording.format_day(value)),
    "dated": wording.format_date,
}
TEMPLATE = Path(__file__).with_name("page.html.j2")
# The folder of proofs beside a report.
PROOFS = "proofs"
# The number of characters at the start of a page that include its head.
HEAD = 2000
# The reports of other pairs and in other languages are in the same folder.
_REPORT = re.compile(rf"(index|[A-Z]{{3}}-[A-Z]{{3}})(?:\.({'|'.join(LANGUAGES)}))?\.html")
# The sections in the order of the page.
SECTIONS = (
    sections.write_balance,
    sections.write_partner_statistics,
    sections.write_this_year,
    sections.write_year_in_progress,
    sections.write_duties,
    composition.write_steps,
    composition.write_chips,
    composition.write_composition,
    events.write_events,
)
# The registered claims about the pair. A claim about only one of the two is included if most claims of its article are
# about the pair.
CLAIMS = """
    select claim_id, reporter_code, statement, published_on, published_on_precision, verdict, reason, unit,
        printed_scale, printed_decimals, observed_value, observed_text, evidence_sql, publisher, url
    from core.claims
    inner join (
        select claim_id, verdict, reason, observed_value, observed_text from marts.claim_verdicts
    ) using (claim_id)
    where
        list_sort([reporter_code, partner_code]) = list_sort([$reporter, $partner])
        or (partner_code is null and reporter_code in ($reporter, $partner) and article_id in (
            select article_id from core.claims group by article_id
            having 2 * count(*) filter (
                list_sort([reporter_code, partner_code]) = list_sort([$reporter, $partner])
            ) > count(*)
        ))
    order by list_position($order, verdict), published_on desc, claim_id
"""
# The datasets of the answers, each with its newest vintage and the age of that vintage at publication.
SOURCES = """
    select publisher, title, max(known_from) as known_from, arg_max(licence_name, known_from) as licence_name,
        arg_max(licence_url, known_from) as licence_url,
        date_diff('day', max(known_from), cast($day as date)) as age_days
    from meta.figure_sources
    where list_contains($named, snapshot_id)
    group by publisher, source, dataset, title
    order by max(known_from) desc, publisher, title
"""
# The last month and the last year of the pair's figures, for each reporter.
LAST_PERIODS = """
    select reporter_code, max(cast(year(period_start) as varchar)) filter (where frequency = 'A') as last_year,
        max(strftime(period_start, '%Y-%m')) filter (where frequency = 'M') as last_month
    from (
        select 'A' as frequency, reporter_code, partner_code, period_start from core.goods_trade_annual
        union all
        select 'M', reporter_code, partner_code, period_start from core.goods_trade_monthly
    )
    where (reporter_code = $reporter and partner_code = $partner)
        or (reporter_code = $partner and partner_code = $reporter)
    group by reporter_code
    order by reporter_code = $partner
"""
# The rules, failures without a known cause first.
CHECKS = """
    select severity, status, table_name, check_name, unexpected_count, notes, known_cause as cause from meta.checks
    order by known_cause != '', table_name, check_name
"""


def find_first_pair(project: Project) -> tuple[str, str]:
    """Return the pair of the main report: the first of `pairs` in `bilateral.toml`."""
    return list_pairs(project)[0]


def choose_pair(
    project: Project, connection: duckdb.DuckDBPyConnection, reporter: str | None, partner: str | None
) -> tuple[str, str]:
    """Return the codes of two different economies; an economy that is not named is taken from the main report."""
    first = find_first_pair(project)
    whose = find_code(connection, reporter or first[0])
    whom = find_code(connection, partner or first[whose != first[1]])
    if whose == whom:
        raise BilateralError(f"The reporter and the partner are both {whose}.", remedy="Give two different economies.")
    return whose, whom


def locate_report(project: Project, reporter: str, partner: str, language: str = LANGUAGES[0]) -> Path:
    """Return the default path of a report, such as KOR-CHN.ko.html, or index.html for the main report in English."""
    name = "index" if (reporter, partner) == find_first_pair(project) else f"{reporter}-{partner}"
    return project.report.with_name(f"{name}.html" if language == LANGUAGES[0] else f"{name}.{language}.html")


def list_standing_reports(project: Project) -> list[tuple[str, str, str]]:
    """List reporter, partner and language of the reports to renew: those of configured pairs, and existing ones."""
    found = [(*pair, LANGUAGES[0]) for pair in list_pairs(project)]
    for path in sorted(project.report.parent.glob("*.html")):
        if match := _REPORT.fullmatch(path.name):
            reporter, partner = match[1].split("-") if match[1] != "index" else find_first_pair(project)
            found.append((reporter, partner, match[2] or LANGUAGES[0]))
    return list(dict.fromkeys(found))


def write_report(
    project: Project, reporter: str, partner: str, output: Path | None = None, language: str | None = None
) -> Path:
    """Write the report of a pair from the published file.

    By default it is written next to the published file, in the chosen language. It links to the proofs beside it.
    """
    language = check_language(language) or get_language()
    output = output or locate_report(project, reporter, partner, language)
    # Only one process at a time reads and writes, so that a report never replaces one of a newer publication.
    shared = output.parent == project.report.parent and project.archive.is_dir()
    with FileLock(project.archive / "report.lock") if shared else nullcontext():
        with use_language(language), publication.open_published(project) as connection:
            # The questions about one pair read few rows: more threads would cost processor time and save nothing.
            connection.execute("set threads = 1")
            proofs = {path.name for path in (output.parent / PROOFS).glob("*.zip")}
            html = render_pair(Pair(project, connection, reporter, partner), proofs)
        with atomic_write(output) as half:
            half.write_text(html, encoding="utf-8")
    return output


def is_report_of(written: Path, publication_id: str, pair: tuple[str, str]) -> bool:
    """Return whether a file exists and is the report of this publication and pair."""
    if not written.exists():
        return False
    with written.open(encoding="utf-8") as file:
        head = file.read(HEAD)
    return all(f'content="{text}"' in head for text in (publication_id, "-".join(pair)))


def render_pair(pair: Pair, proofs: Collection[str] = (), *, is_site: bool = False) -> str:
    """Render the report of a pair as HTML, as a page of its own or for a site; link to `proofs`, files beside it."""
    found = [section for make in SECTIONS if (section := make(pair)) is not None]
    answers = pair.answers.values()
    named = sorted({vintage.snapshot_id for answer in answers for vintage in answer.vintages})
    checks, own, other = pair.query_rows(CHECKS), pair.reporter_name, pair.partner_name
    gaps = [gap for answer in answers if answer.arises for gap in answer.gaps]
    audit = summarize_results((one["severity"], one["status"], one["cause"]) for one in checks)
    return render_page(
        TEMPLATE,
        FILTERS | {"observed": _write_observed},
        language=get_language(),
        pair=pair,
        title=capitalize_first(translate("{economy_a} and {economy_b}", economy_a=own, economy_b=other)),
        sections=found,
        headlines=list_headlines(pair),
        proofs=proofs,
        lead=_write_lead(pair),
        claims=pair.query_rows(CLAIMS, order=WORST_FIRST),
        name_verdict=name_verdict,
        write_reason=write_reason,
        sources=pair.query_rows(SOURCES, named=named, day=pair.publication["published_at"].date()),
        periods=pair.query_rows(LAST_PERIODS),
        audit=translate("; ").join(map(translate, audit.split("; "))),
        failed=[one for one in checks if one["status"] != "passed"],
        lacking=list(dict.fromkeys(what for what, _ in gaps)),
        fetching=list(dict.fromkeys(how for _, how in gaps if how)),
        figures=pair.list_figures(),
        link_figures=link_figures,
        has_charts=any(section.pictures for section in found),
        anchored=set(),
        is_site=is_site,
    )


def _write_lead(pair: Pair) -> dict[str, Any] | None:
    """Say who sold more in the last year with a known sign of the balance; split the sentence at the amount."""
    years = {year: one.value for year in pair.signs if (one := pair.get_figures("balance").get(str(year)))}
    signed = [year for year in years if pair.signs[year]]
    if not signed:
        return None
    year, value = max(signed), years[max(signed)]
    name = "lead_deficit" if value < 0 else "lead_surplus"
    before, _, after = write_title(name, **pair.words, year=year, amount="\n").partition("\n")
    if later := [one for one in years if one > year]:
        after += f" {write_text('lead_unsigned', years=wording.join_words(sorted(later)))}"
    return {"before": before, "after": after, "value": value, "amount": translate(wording.format_usd(abs(value)))}


def _write_observed(claim: Mapping[str, Any]) -> str:
    """Write the value found for a claim in the unit of the claim, for example as US$23,680.8m."""
    if not claim["unit"] or claim["observed_value"] is None:
        observed = {"true": "yes", "false": "no"}.get(claim["observed_text"], str(claim["observed_text"]))
        return translate(observed.replace("/", ", "))
    scale, decimals = claim["printed_scale"], claim["printed_decimals"]
    value = claim["observed_value"] / (notation.SCALES[scale][0] if scale else 1)
    return translate(notation.format_amount(value, claim["unit"], scale, notation.choose_decimals(value, decimals)))


def list_headlines(pair: Pair) -> list[dict[str, Any]]:
    """List the newest available figures of the pair; the figures of both economies are of the same year."""
    found: list[dict[str, Any]] = []
    say_balance = wording.format_usd if get_language() == "en" else wording.format_balance

    def add_headline(figures: Mapping[str, Figure], label: str, say: Callable[[float], str], name: str = "") -> None:
        if figures:
            last = figures[max(figures)]
            year, _, month = last.identity.period.partition("-")
            months = translate(wording.format_months(int(year), 1, int(month))) if month else ""
            text = label.format(**pair.words, name=name, year=year, months=months)
            found.append({"label": text, "figure": last, "printed": translate(say(last.value))})

    def of_years(metric: str) -> dict[str, Figure]:
        return {period: figure for period, figure in pair.get_figures(metric).items() if len(period) == 4}

    years = of_years("balance")
    last_year = max(years, default="")
    to_date = {period: one for period, one in pair.get_figures("balance_to_date").items() if period[:4] > last_year}
    add_headline(years, translate("{whose} balance with {partner} in {year}"), say_balance)
    add_headline(to_date if years else {}, translate("the balance from {months}"), say_balance)
    # The partner's figure must be of the same year as the balance.
    mirror = {year: figure for year, figure in of_years("balance_mirror").items() if year == last_year}
    add_headline(mirror, translate("{whose} balance in {year} by {partners} statistics"), say_balance)
    sides = {code: pair.get_figures("gdp_share.services", of=code) for code in (pair.partner, pair.reporter)}
    one, other = sides.values()
    shared = [year for year in one if year in other and one[year].snapshot_ids == other[year].snapshot_ids]
    for code, figures in sides.items():
        label, held = translate("services in the GDP of {name}, {year}"), {year: figures[year] for year in shared}
        add_headline(held, label, wording.format_percent, pair.names.get(code, code))
    return found
