"""The report as one HTML file that needs nothing else.

Here: filling its template, `page.html.j2`, and writing it. Not here: what stands in it (`sections`, `events`, `trust`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from dagster_project import publication
from dagster_project.files import atomic_write
from dagster_project.metrics import Figure
from dagster_project.project import Project
from dagster_project.publication.html import render_page
from dagster_project.questions import wording
from dagster_project.questions.wording import make_possessive
from dagster_project.report import composition, events, sections, trust
from dagster_project.report.elements import link_figures
from dagster_project.report.pair import Pair

if TYPE_CHECKING:
    import duckdb

TEMPLATE = Path(__file__).with_name("page.html.j2")
# So many characters of a page hold its head.
HEAD = 2000
# The pair of the report where no `bilateral.toml` names one.
PAIR = ("KOR", "CHN")
# Reports of other pairs stand beside it, under their codes.
_OTHER = re.compile(r"([A-Z]{3})-([A-Z]{3})\.html")
# In the order of the page.
SECTIONS = (
    sections.write_balance,
    sections.write_partner_statistics,
    sections.write_this_year,
    composition.write_steps,
    composition.write_chips,
    composition.write_composition,
    events.write_events,
)
WORDS = {
    "supported": "supported",
    "supported_rounded": "supported, as rounded",
    "differs_in_last_digit": "differs in the last digit",
    "contradicted": "contradicted",
    "reporter_dependent": "depends on who reports",
    "pending": "pending",
    "not_held": "not held",
    "not_checkable": "not checkable",
}


def find_first_pair(project: Project) -> tuple[str, str]:
    """Return the pair that every publication has a report of: the first of `pairs` in `bilateral.toml`."""
    try:
        content = tomllib.loads(project.configuration.read_text(encoding="utf-8"))
        reporter, partner = content["pairs"][0].split("-")
    except (OSError, ValueError, LookupError, AttributeError, TypeError):
        # Whoever refreshes is told what is wrong with the file: a publication does not wait for that.
        return PAIR
    return reporter, partner


def locate_report(project: Project, reporter: str, partner: str) -> Path:
    """Return the place of a pair's report, if nobody names another."""
    if (reporter, partner) == find_first_pair(project):
        return project.report
    return project.report.with_name(f"{reporter}-{partner}.html")


def list_standing_pairs(project: Project) -> list[tuple[str, str]]:
    """List the pairs that a publication draws: the first, and those that have a report."""
    names = sorted(path.name for path in project.report.parent.glob("*-*.html"))
    others = [(match[1], match[2]) for name in names if (match := _OTHER.fullmatch(name))]
    return list(dict.fromkeys([find_first_pair(project), *others]))


def write_report(project: Project, reporter: str, partner: str, output: Path | None = None) -> Path:
    """Write the report of a pair from the published file.

    Args:
        project: Whose published file.
        reporter: Whose statistics, as a code.
        partner: With whom, as a code.
        output: Where to; by default beside the published file.
    """
    output = output or locate_report(project, reporter, partner)
    # One at a time reads and writes, so that an older publication's page never replaces a newer one's.
    shared = output.parent == project.report.parent and project.archive.is_dir()
    with FileLock(project.archive / "report.lock") if shared else nullcontext():
        with publication.open_published(project) as connection:
            html = render_report(project, connection, reporter, partner)
        with atomic_write(output) as half:
            half.write_text(html, encoding="utf-8")
    return output


def is_report_of(written: Path, publication_id: str, pair: tuple[str, str]) -> bool:
    """Return whether a page exists, of a publication and of a pair."""
    if not written.exists():
        return False
    with written.open(encoding="utf-8") as file:
        head = file.read(HEAD)
    return all(f'content="{text}"' in head for text in (publication_id, "-".join(pair)))


def render_report(project: Project, connection: duckdb.DuckDBPyConnection, reporter: str, partner: str) -> str:
    """Render the page about a pair."""
    pair = Pair(project, connection, reporter, partner)
    found = [section for make in SECTIONS if (section := make(pair)) is not None]
    lacking = list(dict.fromkeys(text for answer in pair.answers.values() for text in answer.missing))
    return render_page(
        TEMPLATE,
        {"day": wording.format_day, "dated": wording.format_date},
        pair=pair,
        title=f"{pair.reporter_name[:1].upper()}{pair.reporter_name[1:]} and {pair.partner_name}",
        sections=found,
        headlines=_list_headlines(pair),
        claims=trust.list_claims(pair),
        words=WORDS,
        sources=trust.list_sources(pair),
        periods=trust.list_last_periods(pair),
        audit=trust.read_audit(pair),
        lacking=lacking,
        figures=pair.list_figures(),
        link_figures=link_figures,
        has_charts=any(section.pictures for section in found),
        anchored=set(),
    )


def _list_headlines(pair: Pair) -> list[dict[str, Any]]:
    """List the newest figures of the pair, as far as they are held; two side by side are of one year and release."""
    found = []

    def add_headline(figures: Mapping[str, Figure], label: Callable[[str], str], say: Callable[[float], str]) -> None:
        if figures:
            last = figures[max(figures)]
            found.append({"label": label(last.identity.period), "figure": last, "printed": say(last.value)})

    def of_years(metric: str) -> dict[str, Figure]:
        return {period: figure for period, figure in pair.get_figures(metric).items() if len(period) == 4}

    whose, whom = make_possessive(pair.reporter_name), pair.partner_name
    years = of_years("balance")
    to_date = pair.get_figures("balance_to_date").items()
    open_year = {period: figure for period, figure in to_date if years and period[:4] > max(years)}
    add_headline(years, lambda year: f"{whose} balance with {whom} in {year}", wording.format_usd)
    add_headline(
        open_year,
        lambda month: f"the same from {wording.format_months(int(month[:4]), 1, int(month[5:]))}",
        wording.format_usd,
    )
    # What stands beside the balance is of its year.
    mirror = {year: figure for year, figure in of_years("balance_mirror").items() if year == max(years, default="")}
    add_headline(mirror, lambda year: f"the balance of {year} by the statistics of {whom}", wording.format_usd)
    sides = {code: pair.get_figures("gdp_share.services", of=code) for code in (pair.partner, pair.reporter)}
    one, other = sides.values()
    shared = [year for year in one if year in other and one[year].snapshot_ids == other[year].snapshot_ids]
    for code, figures in sides.items():
        label = f"services in the GDP of {pair.names.get(code, code)}, {{}}"
        add_headline({year: figures[year] for year in shared}, label.format, wording.format_percent)
    return found
