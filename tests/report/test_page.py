"""The report agrees with the warehouse, is self-contained, and is accessible."""

from __future__ import annotations

import calendar
import csv
import io
import math
import operator
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import duckdb
import pytest
from lxml import html

from dagster_project import metrics, publication, questions
from dagster_project.claims import judging, reasons
from dagster_project.cli import published as commands
from dagster_project.database import fetch_records
from dagster_project.errors import BilateralError
from dagster_project.project import HOME_VARIABLE, Project
from dagster_project.questions import wording
from dagster_project.report import page
from dagster_project.report.charts import texts
from dagster_project.report.pair import Pair
from dagster_project.settings import PAIR
from tests import bilateral
from tests.cli.test_commands import environment_of, run
from tests.report.reading import printed, tree

# One process renders the pages.
MOST_BYTES = 1_500_000
SCALES = {"US$ billion": 1e9, "US$ million": 1e6}
# What prints a figure or a year; days, codes and how many there are of something are no figures.
NUMBER = re.compile(r"US\$\s*[\d,.]+|[\d.]+%|\b(?:19|20)\d\d\b|[\d.]+ points")
NO_FIGURE = re.compile(
    rf"(?:\d{{1,2}} )?(?:{'|'.join(calendar.month_name[1:])}) \d{{4}}|\d{{4}}-\d\d|HS \d+|(?<=edition )\d{{4}}"
    r"|[Ff]rom 20\d\d to 20\d\d|80% interval|90% interval|rates? of \d{4}(?:[–,] ?\d{4})*(?: and \d{4})?"
    r"|rose by [\d.]+ to [\d.]+ points"
)
# The short tests draw the first pair, which has most figures, and the last, which has fewest.
PAIRS = [
    *(("KOR", "CHN"), ("CHN", "KOR"), ("USA", "CHN"), ("JPN", "KOR"), ("JPN", "CHN"), ("KOR", "USA"), ("KOR", "VNM")),
    *(("BRA", "IND"), ("JPN", "MNG")),
]
by_pair = pytest.mark.parametrize(
    "pair", [pytest.param(pair, marks=pytest.mark.long if pair in PAIRS[1:-1] else ()) for pair in PAIRS]
)


class Pages(dict[tuple[str, str], str]):
    """The pages of pairs, each rendered at its first use."""

    def __init__(self, project: Project, published: duckdb.DuckDBPyConnection) -> None:
        super().__init__()
        self.project, self.published = project, published

    def __missing__(self, pair: tuple[str, str]) -> str:
        self[pair] = page.render_pair(Pair(self.project, self.published, *pair))
        return self[pair]


@pytest.fixture(scope="module")
def pages(built: Project, published: duckdb.DuckDBPyConnection) -> Pages:
    return Pages(built, published)


@pytest.fixture(scope="module")
def korea(pages: Pages) -> html.HtmlElement:
    return tree(pages["KOR", "CHN"])


def number(text: str) -> float:
    return float(text.replace(",", "").replace("−", "-").replace("%", ""))


@pytest.mark.long
def test_a_build_leaves_the_report_and_the_same_figures_give_the_same_page(built: Project, pages: Pages) -> None:
    assert built.report.read_text(encoding="utf-8") == pages["KOR", "CHN"]
    current = str(publication.get_current_id(built))
    assert page.is_report_of(built.report, current, ("KOR", "CHN"))
    assert not page.is_report_of(built.report, "another", ("KOR", "CHN"))
    assert not page.is_report_of(built.report, current, ("CHN", "KOR"))


@pytest.mark.long
@by_pair
def test_it_needs_nothing_from_elsewhere(
    pages: Pages, published: duckdb.DuckDBPyConnection, pair: tuple[str, str]
) -> None:
    text = pages[pair]
    assert len(text.encode()) <= MOST_BYTES
    root = tree(text)
    assert not root.findall(".//script")
    assert not root.findall(".//link")
    assert not root.xpath("//*[@src]")
    assert not re.search(r"@import|@font-face|url\(['\"]?(?!#)", text)
    # What can be followed are citations alone: where a claim was made, and the terms of a source.
    addresses = "select url from core.claims union select licence_url from meta.snapshots"
    cited = {address for (address,) in published.execute(addresses).fetchall()}
    for link in root.xpath("//a/@href"):
        assert link.startswith(("#", "data:text/csv")) or link in cited, link
    # And each place within the page is there.
    ids = root.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in root.xpath("//a/@href") if link.startswith("#")} <= set(ids)


@pytest.mark.long
@by_pair
def test_everybody_can_read_it(pages: Pages, pair: tuple[str, str]) -> None:
    root = tree(pages[pair])
    assert root.get("lang") == "en"
    for landmark in ("header", "nav", "main", "footer"):
        assert len(root.findall(f".//{landmark}")) == 1
    assert root.xpath("//a[@class='skip']/@href") == ["#main"]
    levels = [int(heading.tag[1]) for heading in root.iter("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    ids = {one.get("id"): one for one in root.xpath("//*[@id]")}
    for svg in root.iter("svg"):
        assert svg.get("role") == "img"
        title, description = (ids[name] for name in str(svg.get("aria-labelledby")).split())
        assert (title.tag, description.tag) == ("title", "desc")
        assert title.text
        assert len(description.text or "") > 40
        assert not svg.xpath(".//*[@role or @aria-label]")
        assert "NaN" not in html.tostring(svg, encoding="unicode")
    for table in root.iter("table"):
        assert table.find("caption") is not None
        assert table.xpath(".//thead//th[@scope='col']")
        assert len(table.xpath(".//tbody/tr")) == len(table.xpath(".//tbody/tr/th[@scope='row']"))
        # What is wider than a phone scrolls by itself, and by the keys.
        assert table.getparent().get("class") == "scroll"
        assert table.getparent().get("tabindex") == "0"
        assert table.getparent().get("aria-label")


@pytest.mark.long
@by_pair
def test_each_chart_has_its_figures_as_a_table_and_as_a_file(pages: Pages, pair: tuple[str, str]) -> None:
    root = tree(pages[pair])
    for section in root.xpath("//section[.//svg]"):
        assert section.xpath(".//table")
    for table in root.xpath("//table[@data-table]"):
        if table.get("data-table") == "sources":
            continue
        (link,) = table.xpath("ancestor::details[1]//a[@download]")
        _, _, content = link.get("href").partition(",")
        found = list(csv.DictReader(io.StringIO(unquote(content))))
        cells = [row.xpath("th|td") for row in table.xpath(".//tbody/tr")]
        assert len(found) == len(cells)
        for row, line in zip(cells, found, strict=True):
            values = [float(one.get("value")) for cell in row for one in cell.iter("data")]
            numbers = [float(text) for text in line.values() if re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", text)]
            assert set(values) <= set(numbers)
            assert (line.get("figure_ids") or "").split() == [code.text for cell in row for code in cell.iter("code")]


@pytest.mark.long
@by_pair
def test_what_is_printed_is_the_value_rounded(pages: Pages, pair: tuple[str, str]) -> None:
    found = list(printed(tree(pages[pair])))
    for one in found:
        if one.text.startswith(("US$", "−US$")):
            # What somebody printed stands without zeros that nobody printed.
            forms = (wording.format_usd, wording.format_printed_usd)
            assert one.text.lstrip("−") in [write(abs(one.value)) for write in forms]
        elif one.text == "less than 0.01%":
            assert abs(one.value) < 0.01
        elif one.text[0].isalpha() or one.text.endswith(("st", "nd", "rd", "th")):
            assert one.text == wording.format_ordinal(int(one.value))
        else:
            unit = re.search(r"\(([^)]*)\)$", one.heading or "")
            size = SCALES.get(unit[1] if unit else "", 1.0)
            # A sentence says the sign in words.
            shown, value = number(one.text), one.value / size
            decimals = len(one.text.removesuffix("%").partition(".")[2])
            if one.of is not None:
                shown, value = abs(shown), abs(value)
            assert shown == pytest.approx(value, abs=0.51 * 10**-decimals)
    assert len(found) > 600 or pair != ("KOR", "CHN")


@pytest.mark.long
@by_pair
def test_no_figure_stands_unmarked(pages: Pages, pair: tuple[str, str]) -> None:
    """In the sentences; what claims say is held against the marts below."""
    for place in tree(pages[pair]).xpath("//p[@data-question]"):
        for marked in place.findall(".//data"):
            marked.text = ""
        assert not NUMBER.findall(NO_FIGURE.sub("", place.text_content())), place.text_content()


def asked(
    published: duckdb.DuckDBPyConnection, project: Project, pair: tuple[str, str], named: set[str]
) -> dict[str, list[dict[str, Any]]]:
    """Fetch the rows of questions, from their pasted SQL, and of the estimates; by question and table."""
    found = {}
    for name, value in zip(("reporter", "partner"), pair, strict=True):
        published.execute(f"set variable {name} = '{value}'")
    for path in (project.sql / "questions").glob("*.sql"):
        if (name := path.stem.partition("_")[2]) in named:
            # The report asks for the duty of all years.
            published.execute(f"set variable from_year = {1992 if name == 'duty_charged' else 'null'}")
            found[name] = fetch_records(published, path.read_text(encoding="utf-8"))
    published.execute("reset variable reporter; reset variable partner; reset variable from_year")
    table = "marts.policy_event_effects"
    where = "where reporter_code = $reporter and partner_code = $partner"
    found[table] = fetch_records(published, f"from {table} {where}", {"reporter": pair[0], "partner": pair[1]})
    return found


def worked_out(row: dict[str, Any], column: str) -> float | None:
    """Compute a column of a row, or a sum, a difference or a quotient of columns and numbers."""
    first, *rest = column.split(" ")
    value = row[first]
    if rest and value is not None:
        sign, name = rest
        other = row[name] if name in row else float(name)
        value = (
            None if other is None else {"+": operator.add, "-": operator.sub, "/": operator.truediv}[sign](value, other)
        )
    return value


@pytest.mark.long
@by_pair
def test_the_numbers_in_sentences_are_those_of_the_answers(
    built: Project, published: duckdb.DuckDBPyConnection, pages: Pages, pair: tuple[str, str]
) -> None:
    found = [one for one in printed(tree(pages[pair])) if one.of is not None]
    held = asked(published, built, pair, {str(one.of).rpartition(".")[0] for one in found})
    assert len(found) > 100 or pair != ("KOR", "CHN")
    assert found or pair == ("JPN", "MNG")
    for one in found:
        source, _, column = str(one.of).rpartition(".")
        values = [value for row in held[source] if (value := worked_out(row, column)) is not None]
        assert any(math.isclose(one.value, value, rel_tol=1e-12) for value in values), one


@pytest.mark.long
@by_pair
def test_each_figure_has_the_value_of_its_identity(
    published: duckdb.DuckDBPyConnection, pages: Pages, pair: tuple[str, str]
) -> None:
    """Whose metrics are held against the marts in tests/metrics."""
    found = [one for one in printed(tree(pages[pair])) if one.figure is not None]
    assert len(found) > 300 or pair != ("KOR", "CHN")
    named = {one.figure.partition("/")[0].partition(".")[0] for one in found if one.figure}
    held = {
        figure.id: figure.value
        for metric in (metrics.load_metrics()[name] for name in named)
        for one, other in (pair, pair[::-1])
        for figure in metrics.read_figures(published, metric, one, other if metric.has_partner else metrics.NOBODY)
    }
    for one in found:
        assert one.value == held[str(one.figure)], one


@pytest.mark.long
def test_claims_stand_with_their_verdicts_and_evidence(
    published: duckdb.DuckDBPyConnection, korea: html.HtmlElement
) -> None:
    held = {row["claim_id"]: row for row in fetch_records(published, "from marts.claim_verdicts")}
    shown = {one.get("data-claim"): one for one in korea.xpath("//*[@data-claim]")}
    of_pair = {
        claim_id
        for claim_id, row in held.items()
        if {row["reporter_code"], row["partner_code"]} - {None} <= {"KOR", "CHN"} and row["reporter_code"]
    }
    assert set(shown) == of_pair
    # An article of December 2025, of which no day is known.
    assert {one.find(".//time").text for one in shown.values() if "in late October" in one.text_content()} == {
        "December 2025"
    }
    for claim_id, one in shown.items():
        row = held[str(claim_id)]
        text = " ".join(one.text_content().split())
        for said in (
            row["statement"],
            reasons.write_reason(row["reason"]),
            judging.name_verdict(row["verdict"], row["reason"]),
        ):
            assert " ".join(said.split()).lower() in text.lower()
        if row["evidence_sql"]:
            (evidence,) = one.xpath(".//details//code")
            assert evidence.text_content() == row["evidence_sql"]
    summary = shown["kita_surplus_2020"].xpath("string(.//summary)")
    assert summary == "Evidence for kita_surplus_2020 (result: US$23,680.8m)"
    # What the figures do not support comes first.
    verdicts = [held[str(claim_id)]["verdict"] for claim_id in shown]
    assert verdicts[0] == "contradicted"
    assert verdicts.index("supported") > max(n for n, verdict in enumerate(verdicts) if verdict == "contradicted")


# Of each pair the events in its report by their beginnings, and what it must not say.
OTHERS = {
    ("KOR", "VNM"): (["ASEAN–Korea", "Korea–Viet Nam", "Regional Comp"], "THAAD"),
    ("KOR", "USA"): (
        [
            "Korea–United",
            "United States' duties on st",
            "Revision of",
            "United States CH",
            "United States ex",
            "United States' duties on ca",
            "United States' re",
            "United States' duty on co",
            "United States' duties on wo",
            "APEC",
            "United States' duties on tr",
        ],
        "THAAD",
    ),
    ("CHN", "USA"): (
        [
            "China joins",
            "United States' duties on st",
            "China's counter",
            "United States' tariffs",
            "China's export in",
            "United States CH",
            "United States ex",
            "China's export li",
            "China's export li",
            "China's export li",
            "United States' tariff in",
            "China's ban on",
            "United States' em",
            "China's export li",
            "China's counter",
            "United States' duties on ca",
            "China's export li",
            "United States' re",
            "United States' duty on co",
            "China's sanctions",
            "United States' duties on wo",
            "United States' duties on tr",
            "China's export co",
        ],
        "THAAD|GDP in 2024|Korea",
    ),
    ("DEU", "FRA"): ([], "THAAD|Korea(?! Development)|first deficit|in a row"),
}


@pytest.mark.long
@pytest.mark.parametrize("pair", OTHERS)
def test_a_report_has_no_question_event_or_claim_of_another_pair(pages: Pages, pair: tuple[str, str]) -> None:
    root = tree(pages[pair])
    events, never = OTHERS[pair]
    listed = [item.find("time").tail.removeprefix(": ") for item in root.xpath("//ol[@class='events']/li")]
    assert [text.startswith(event) for text, event in zip(listed, events, strict=True)] == [True] * len(events)
    # A chart names three at the most, each of the list.
    ruled = set(root.xpath("//section[@aria-labelledby='balance']//*[@data-role='rule']/@data-key"))
    assert (0 < len(ruled) <= 3) == bool(set(texts.load_texts()["events"]) & ruled)
    assert bool(ruled) == bool(events)
    assert not root.xpath("//*[@data-claim]")
    said = " ".join(
        place.text_content() for place in root.xpath("//main//p[@data-question] | //main//h3 | //dl[@class='facts']")
    )
    assert not re.search(never, said)
    assert "annual one in a row" not in said
    asked = [one.text for one in root.xpath("//p[@data-question]/span[@class='asked']")]
    assert not [text for text in asked if "deficit to date" in text]


@pytest.mark.long
@pytest.mark.parametrize("pair", [("KOR", "CHN"), ("KOR", "USA"), ("CHN", "USA")])
def test_two_tiles_side_by_side_are_of_one_release(pages: Pages, pair: tuple[str, str]) -> None:
    """The World Bank's shares of Korea end in 2022 in a release of 2024, China's in 2025 in one of 2026."""
    labels = [" ".join(label.text_content().split()) for label in tree(pages[pair]).xpath("//dl/div/dt")]
    assert not [label for label in labels if "GDP" in label]
    own = re.search(r"in (\d{4})$", labels[0])
    assert own is not None
    assert all(own[1] in label for label in labels if "by the statistics of" in label)


@pytest.mark.long
def test_sources_and_the_audit_are_told(published: duckdb.DuckDBPyConnection, korea: html.HtmlElement) -> None:
    ((day,),) = published.execute("select cast(published_at as date) from meta.publication").fetchall()
    titles = {row["title"]: row for row in fetch_records(published, "from meta.figure_sources order by known_from")}
    found = korea.xpath("//table[@data-table='sources']//tbody/tr")
    assert len(found) > 5
    for row in found:
        head, known, age, terms = row.xpath("th|td")
        held = titles[head.xpath("span")[0].text]
        assert known.text == str(held["known_from"])
        assert int(age.text) == (day - held["known_from"]).days
        assert terms.text_content() == held["licence_name"]
    ((blocking, known),) = published.execute(
        "select count(*) filter (where severity = 'critical'), count(*) filter (where known_cause != '') "
        "from meta.checks"
    ).fetchall()
    passed = f"all {blocking} critical checks passed; {known} others found known irregularities."
    assert passed in korea.text_content()


@pytest.mark.long
def test_an_event_says_on_how_many_months_its_estimate_rests(korea: html.HtmlElement) -> None:
    """KTO's figures end in December 2017, ten months after the ban on group tours."""
    said = " ".join(korea.text_content().split())
    assert "The estimate covers 10 of the 12 months" in said
    assert "The estimate covers 10 of the 12 months from March 2017" in said
    # Both pictures of the ban, and both of THAAD, of which the months lack one.
    assert said.count("The figures end in December 2017.") == said.count("No figure for April 2017.") == 2


@pytest.mark.long
def test_a_pair_with_few_figures_gets_a_short_report(pages: Pages) -> None:
    nothing = tree(pages["JPN", "MNG"])
    assert not nothing.findall(".//svg")
    assert "No figures of this pair are available." in nothing.text_content()
    assert "bilateral refresh" in nothing.xpath("//section[@aria-labelledby='not-held']")[0].text_content()


@pytest.mark.long
def test_a_balance_without_any_sign_has_no_first_sentence(pages: Pages) -> None:
    """No figures of Hong Kong pass the coverage check."""
    assert not tree(pages["HKG", "CHN"]).find_class("lead")


@pytest.mark.long
def test_a_balance_of_unknown_sign_is_nobodys_surplus(pages: Pages) -> None:
    """Of China's figures those up to 2016, and of some years after it, pass the coverage check."""
    page = tree(pages["CHN", "HKG"])
    (lead,) = page.find_class("lead")
    assert lead.text_content().startswith("In 2016 China sold goods worth US$270.55bn more to Hong Kong")
    assert "It is unknown who had the surplus in 2017, 2018, 2024 and 2025" in lead.text_content()
    titles = [title.text_content() for title in page.findall(".//figure//h3")]
    assert "China's balance with Hong Kong from January to July 2026" in titles
    assert not any("surplus" in title for title in titles)


@pytest.mark.long
def test_a_pair_with_some_figures_gets_some_charts(pages: Pages) -> None:
    few = tree(pages["KOR", "VNM"])
    assert 0 < len(few.findall(".//svg")) < len(tree(pages["KOR", "CHN"]).findall(".//svg"))


@pytest.mark.long
@by_pair
def test_no_heading_and_no_picture_is_of_nothing(pages: Pages, pair: tuple[str, str]) -> None:
    for section in tree(pages[pair]).xpath("//main/section[h2]"):
        assert len(section.text_content()) > len(section.find("h2").text_content()) + 40
    captions = [caption.text_content() for caption in tree(pages[pair]).iter("caption")]
    assert not any(caption[0].islower() for caption in captions)
    for svg in tree(pages[pair]).iter("svg"):
        assert len(svg.xpath(".//*[@data-role='mark']")) > 1
        assert svg.xpath(".//*[@data-role='label']")


@pytest.mark.long
def test_what_cannot_be_drawn_ends_nothing(
    warehouse: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    current = str(publication.get_current_id(warehouse))
    for other in warehouse.report.parent.glob("*-*.html"):
        other.unlink()
    monkeypatch.setattr(page, "list_standing_reports", lambda project: [(*page.find_first_pair(project), "en")])
    # What is drawn already is left.
    assert commands.draw_reports(warehouse, current) == warehouse.report

    def fail(*_: object) -> None:
        raise ZeroDivisionError("a chart of nothing")

    monkeypatch.setattr(page, "render_pair", fail)
    assert commands.draw_reports(warehouse, "another") is None
    assert "The report index.html could not be drawn: ZeroDivisionError: a chart of nothing" in " ".join(
        capsys.readouterr().err.split()
    )
    # A page of another publication would mislead.
    assert list(warehouse.report.parent.iterdir()) == []
    assert publication.get_current_id(warehouse) == current

    def refuse(*_: object) -> None:
        raise BilateralError("No room.")

    monkeypatch.setattr(page, "render_pair", refuse)
    assert commands.draw_reports(warehouse, "another") is None
    assert "The report index.html could not be drawn: No room." in " ".join(capsys.readouterr().err.split())


@pytest.mark.long
def test_the_command_writes_a_page_of_any_pair(built: Project, tmp_path: Path) -> None:
    target = tmp_path / "few.html"
    assert str(target) in run(built, "report", "--partner", "Vietnam", "--output", str(target))
    assert "South Korea and Vietnam" in target.read_text(encoding="utf-8")
    run(built, "report", "--reporter", "China", "--output", str(target))
    assert "China and South Korea" in target.read_text(encoding="utf-8")


def test_the_command_says_why_it_writes_no_page(built: Project, tmp_path: Path) -> None:
    assert "The reporter and the partner are both" in run(built, "report", "--partner", "Korea", code=1)
    assert "does not end in .html" in run(built, "report", "--output", str(tmp_path / "a.pdf"), code=1)
    assert "does not exist" in run(built, "report", "--output", str(tmp_path / "b" / "a.html"), code=1)


def test_the_first_pair_of_the_settings_has_the_report(tmp_path: Path) -> None:
    project = Project.at(tmp_path, warehouse=tmp_path / "warehouse")
    assert page.find_first_pair(project) == PAIR
    (tmp_path / "bilateral.toml").write_text('pairs = ["CHN-VNM", "KOR-CHN"]\n', encoding="utf-8")
    assert page.find_first_pair(project) == ("CHN", "VNM")
    assert page.locate_report(project, "CHN", "VNM") == project.report
    assert page.locate_report(project, "KOR", "CHN") == project.report.with_name("KOR-CHN.html")
    assert page.locate_report(project, "CHN", "VNM", "ko") == project.report.with_name("index.ko.html")
    assert page.locate_report(project, "KOR", "CHN", "ko") == project.report.with_name("KOR-CHN.ko.html")
    for broken in ("pairs = [", "pairs = []", "pairs = 7", 'pairs = ["KOR"]'):
        (tmp_path / "bilateral.toml").write_text(broken, encoding="utf-8")
        assert page.find_first_pair(project) == PAIR


@pytest.mark.long
def test_another_pair_is_a_line_of_the_settings(warehouse: Project, tmp_path: Path) -> None:
    """Its report is drawn, and every question has an answer or says what is missing, without a change of code."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("sql", "expectations", "warehouse"):
        (home / name).symlink_to(warehouse.root / name)
    (home / "bilateral.toml").write_bytes(warehouse.configuration.read_bytes())
    done = bilateral.run(["pairs", "add", "Korea", "USA"], {**environment_of(warehouse), HOME_VARIABLE: str(home)})
    assert done.returncode == 0, done.stderr
    project = Project.at(home, warehouse=warehouse.warehouse)
    assert commands.draw_reports(project, str(publication.get_current_id(project))) == project.report
    assert [path.stem for path in sorted(project.report.parent.glob("*.html"))] == [
        *("JPN-CHN", "JPN-KOR", "KOR-USA", "USA-CHN", "index")
    ]
    drawn = project.report.with_name("KOR-USA.html").read_text(encoding="utf-8")
    assert "South Korea and the United States" in drawn
    with publication.open_published(project) as connection:
        answers, faults = questions.answer_questions(project, connection, {"reporter": "KOR", "partner": "USA"})
    assert faults == []
    balance = next(answer for answer in answers if answer.question.name == "balance")
    # Korea's customs: a surplus of 55.63 billion with the United States in 2024, as the ministry of trade printed it.
    assert {row["year"]: round(row["balance_usd"] / 1e9, 1) for row in balance.rows}[2024] == 55.6
    assert all(answer.sentence for answer in answers)


@pytest.mark.long
def test_a_build_draws_the_reports_of_other_pairs_again(warehouse: Project) -> None:
    current = str(publication.get_current_id(warehouse))
    target = page.write_report(warehouse, "KOR", "VNM", language="ko")
    assert target == warehouse.report.with_name("KOR-VNM.ko.html")
    drawn = target.read_text(encoding="utf-8")
    target.write_text(drawn.replace(current, "20200101T000000-earlier"), encoding="utf-8")
    own = warehouse.report.with_name("mine.html")
    own.write_text("a page of somebody's own", encoding="utf-8")
    assert commands.draw_reports(warehouse, current) == warehouse.report
    assert target.read_text(encoding="utf-8") == drawn
    assert own.read_text(encoding="utf-8") == "a page of somebody's own"


def test_the_report_of_another_file_stands_beside_that_one(built: Project, tmp_path: Path) -> None:
    assert built.report == built.warehouse / "report" / "index.html"
    assert replace(built, file=tmp_path / "other.duckdb").report == tmp_path / "report" / "index.html"
