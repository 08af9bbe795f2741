"""A chart describes its content, is self-contained, and is the same for the same figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import duckdb
import pytest
from lxml import etree

from dagster_project import questions
from dagster_project.errors import BilateralError
from dagster_project.languages import use_language
from dagster_project.project import Project
from dagster_project.questions import Answer
from dagster_project.questions.wording import format_number
from dagster_project.report.charts import scales, texts
from dagster_project.report.charts.balance import draw_balance
from dagster_project.report.charts.bars import draw_shares
from dagster_project.report.charts.canvas import Box, Canvas, Frame, Spot
from dagster_project.report.charts.lines import draw_lines
from dagster_project.report.charts.placebos import draw_placebos
from dagster_project.report.pictures import FILE, NARROW, draw_answer

SVG = "{http://www.w3.org/2000/svg}"
QUESTIONS = {question.number: question for question in questions.load_questions(Project.find())}


def asked(connection: duckdb.DuckDBPyConnection, number: int, given: Mapping[str, str | int] | None = None) -> Answer:
    question = QUESTIONS[number]
    return questions.ask_question(connection, question, questions.check_parameters(connection, question, given or {}))


def words(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in etree.fromstring(svg).iter(f"{SVG}text")]


def bars(svg: str) -> dict[int, tuple[float, float, str]]:
    """Read the value of each year's bar, its height in pixels (below zero: negative), and its class."""
    root = etree.fromstring(svg)
    zero = next(float(line.get("y1")) for line in root.iter(f"{SVG}line") if line.get("data-role") == "axis")
    found = {}
    for bar in root.iter(f"{SVG}rect"):
        if bar.get("data-role") == "mark":
            top, tall = float(bar.get("y")), float(bar.get("height"))
            height = tall if abs(top + tall - zero) < 0.2 else -tall
            found[int(bar.get("data-key"))] = (float(bar.get("data-value")), height, str(bar.get("class")))
    return found


def test_the_balance_crosses_zero_where_the_figures_do(published: duckdb.DuckDBPyConnection) -> None:
    drawn = draw_answer(asked(published, 0, {"from_year": 1990}))
    svg = drawn.to_svg()
    shown = bars(svg)
    held = published.execute(
        "select year, balance_usd, observation_status from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'CHN' and year >= 1990"
    ).fetchall()
    assert shown.keys() == {year for year, _, _ in held}
    pixels = shown[2013][1] / shown[2013][0]
    for year, balance, status in held:
        value, height, look = shown[year]
        assert value == pytest.approx(balance / 1e9, abs=5e-4)
        assert height == pytest.approx(value * pixels, abs=0.11)
        assert look == ("minus" if balance < 0 else "plus") + ("-soft" if status == "P" else "")
    said = " ".join(words(svg))
    assert "South Korea ran a trade deficit with China from 2023 to 2025, its first since 1992" in said
    assert "exports of goods to China less its imports from China, by year, US$\N{NO-BREAK SPACE}billion" in said
    assert "−18.0" in words(svg)
    assert "Source: Korea Customs Service. As known from" in said
    assert "Provisional: 2025" in said


def test_a_balance_too_thin_for_a_sign_has_no_colour_of_one(published: duckdb.DuckDBPyConnection) -> None:
    """Kazakhstan with China: 2016, and 2020 to 2022."""
    svg = draw_answer(asked(published, 0, {"reporter": "KAZ"})).to_svg()
    assert {year for year, (_, _, look) in bars(svg).items() if look == "grey"} == {2016, 2020, 2021, 2022}
    assert "are too incomplete to tell" in " ".join(words(svg))


def test_a_year_that_is_not_held_is_a_gap(published: duckdb.DuckDBPyConnection) -> None:
    """China's figures with Korea: 2023 is not held. Korea and Indonesia: not both report each year."""
    svg = draw_answer(asked(published, 0, {"reporter": "CHN", "partner": "KOR", "from_year": 2020})).to_svg()
    assert set(bars(svg)) == {2020, 2021, 2022, 2024, 2025}
    # The scale has it, and a line is broken there.
    assert "2023" in words(svg)
    lines = draw_answer(asked(published, 13, {"partner": "IDN"})).to_svg()
    assert any((path.get("d") or "").count("M") == 2 for path in etree.fromstring(lines).iter(f"{SVG}path"))


def shares(*found: float | None, first: int = 2016) -> list[dict[str, Any]]:
    """The rows of shares as of Korea's integrated circuits: until 2019 they are lower bounds."""
    looks = ("plus", "plus lacking")
    return [
        {"year": year, "share_pct": share, "look": looks[year < 2020], "part": ""}
        for year, share in enumerate(found, start=first)
    ]


CHIPS = shares(16.8, 24.7, 28.5, 23.9, 27.3, 28.5, 31.3, 26.6, 31.8, 33.1, 54.9)
CHIPS[-1] |= {"look": "plus-soft", "part": "Jan–Jul", "span": "January to July 2026"}


def test_years_before_the_first_share_and_after_the_last_have_no_place() -> None:
    for frame in (FILE, NARROW):
        shown = "".join(draw_shares(frame, shares(None, 27.3, None, 31.3, None, first=2020)).parts)
        assert [year for year in range(2020, 2025) if f">{year}<" in shown] == [2021, 2022, 2023]


def test_every_share_has_its_number_and_a_lower_bound_its_sign_on_one_line() -> None:
    """On a phone too, and a bar of some months names them."""
    for frame in (FILE, NARROW):
        shown = re.findall(">([^<]+)</text>", "".join(draw_shares(frame, CHIPS).parts))
        bounds = [f"≥\N{NO-BREAK SPACE}{row['share_pct']}" for row in CHIPS[:4]]
        assert [text for text in shown if "." in text] == [*bounds, *(str(row["share_pct"]) for row in CHIPS[4:])]
        assert "Jan–Jul 2026" in shown


def test_the_axis_covers_every_value_and_the_last_year_is_written() -> None:
    bar = {"balance_usd": 54.9e9, "sign_flipped": False, "balance_sign": "surplus", "observation_status": "A"}
    drawn = draw_balance(FILE, [bar | {"year": year} for year in (2024, 2025)])
    ticks = re.findall(r'data-role="tick"[^>]*>([^<]+)<', "".join(drawn.parts))
    assert ticks[:7] == ["0", "10", "20", "30", "40", "50", "60"]
    rows = [{"year": year, "value": 1.0 + year % 2} for year in range(2009, 2026)]
    years = re.findall(r">(20\d\d)<", "".join(draw_lines(FILE, rows, {"value": ""}, "percent").parts))
    assert years == [str(year) for year in range(2009, 2026, 2)]


def test_what_is_no_series_is_not_drawn(published: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(BilateralError, match=r"Question 5 \(exports_or_imports\) has no chart"):
        draw_answer(asked(published, 5))
    for given in ({"reporter": "JPN", "partner": "MNG"}, {"from_year": 2023, "to_year": 2023}):
        with pytest.raises(BilateralError, match="fewer than two years"):
            draw_answer(asked(published, 0, given))


def test_nothing_has_no_sign() -> None:
    assert [format_number(value) for value in (-0.04, -0.0, -0.06, 1234.5)] == ["0.0", "0.0", "−0.1", "1,234.5"]


def test_ticks_are_round_and_few_and_cover_all_values() -> None:
    assert list(scales.list_ticks(-20, 69, 7).values()) == ["−20", "0", "20", "40", "60", "80"]
    assert list(scales.list_ticks(0.93, 1.04, 4).values()) == ["0.90", "0.95", "1.00", "1.05"]
    assert list(scales.list_ticks(0, 0.9, 4).values()) == ["0.0", "0.5", "1.0"]


MOON = {"reporter": "the Moon", "partner": "Mars"}


def balances(*signs: int | None, first_deficit_since: int | None = None) -> list[dict[str, Any]]:
    """The rows of years from 2020 on; a sign of None is a balance without one, 9 a year without a balance."""
    names = {1: "surplus", -1: "deficit", 0: "balanced"}
    return [
        {
            "year": year,
            "balance_usd": None if sign == 9 else 1.0,
            "balance_sign": None if sign is None else names.get(sign),
            "first_deficit_since": first_deficit_since,
        }
        for year, sign in enumerate(signs, start=2020)
    ]


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        (balances(1, 1, 1), "The Moon ran a trade surplus with Mars every year from 2020 to 2022"),
        (balances(-1, 1, 1), "The Moon ran a trade surplus with Mars from 2021 to 2022"),
        (balances(1, 1, -1), "The Moon ran a trade deficit with Mars in 2022"),
        (
            balances(1, 1, -1, first_deficit_since=2001),
            "The Moon ran a trade deficit with Mars in 2022, its first since 2001",
        ),
        # A year without a sign ends what is said of each year.
        (balances(1, None, 1), "The Moon ran a trade surplus with Mars in 2022"),
        (
            balances(1, -1, 9, -1),
            "The Moon ran a trade deficit with Mars in every year with figures from 2021 to 2023",
        ),
        (balances(1, 1, None), "The Moon's goods trade with Mars: exports less imports"),
        (balances(1, 1, 0), "The Moon's goods trade with Mars: exports less imports"),
    ],
)
def test_a_title_says_what_the_bars_show(rows: list[dict[str, Any]], title: str) -> None:
    assert texts.title_balance(rows, {**MOON, "whose": "the Moon's"}) == title


def test_titles_say_how_two_amounts_differ() -> None:
    names = {"reporter": "Korea", "partner": "China", "whose": "Korea's", "partners": "China's"}
    for before, after, title in (
        (-2e9, -3e9, "Korea's deficit with China widened from US$2.0bn in 2020 to US$3.0bn in 2021"),
        (-3e9, -2e9, "Korea's deficit with China narrowed from US$3.0bn in 2020 to US$2.0bn in 2021"),
        (3e9, 2e9, "Korea's surplus with China shrank from US$3.0bn in 2020 to US$2.0bn in 2021"),
        (3e8, -2e9, "Korea's surplus of US$300.0m with China in 2020 became a deficit of US$2.0bn in 2021"),
    ):
        assert texts.title_steps((2020, 2021), before, after, names, has_sign=True) == title
    unsigned = texts.title_steps((2020, 2021), -2e9, -3e9, names, has_sign=False)
    assert unsigned == "How Korea's balance with China changed from 2020 to 2021"
    both: list[dict[str, Any]] = [{"year": 2020, "balance_reported_usd": -1e9, "balance_mirror_usd": 2e9}]
    both[0] |= {"balance_reported_sign": "deficit", "balance_mirror_sign": "surplus"}
    disagree = "Korea reported a deficit with China in 2020; China's figures show a surplus for Korea"
    assert texts.title_sides(both, names) == disagree
    both[0]["balance_mirror_sign"] = None
    assert texts.title_sides(both, names) == "Korea's balance with China in both economies' statistics"
    months = [{"year": 3, "balance_to_date_usd": 1e9, "earlier_to_date_usd": None}]
    for has_sign, title in (
        (True, "By the end of March 2020 Korea had a surplus of US$1.0bn with China"),
        (False, "Korea's balance with China from January to March 2020"),
    ):
        assert texts.title_year(2020, months, names, has_sign=has_sign) == title
    industry = texts.title_share("industry", (1997, 23.08), (2021, 17.6), "the Moon's")
    assert industry == "Industry fell from 23.1% of the Moon's GDP in 1997 to 17.6% in 2021"
    assert texts.title_share("industry", (2020, 17.58), (2021, 17.6), "the Moon's") == (
        "Industry made up 17.6% of the Moon's GDP in both 2020 and 2021"
    )
    same = texts.title_chips(shares(5.01, 5.04, first=2020), names)
    assert same.endswith("share of Korea's exports to China was 5.0% in both 2020 and 2021")
    found = "rose from 27.3% in 2020 to 33.1% in 2025 and was 54.9% in January to July 2026"
    assert texts.title_chips(CHIPS, names) == f"Integrated circuits' share of Korea's exports to China {found}"


def test_charts_of_no_change_and_of_no_interval_are_drawn() -> None:
    frame = Frame(width=352, height=240, font=12)
    assert len([part for part in draw_placebos(frame, [0.0, 0.0], 0.0, None, "Exports").parts if "circle" in part]) == 3
    rows = [{"year": month, "nowcast_usd": 2e9, "low_usd": None, "high_usd": None} for month in (1, 2)]
    interval = ("low_usd", "high_usd")
    drawn = draw_lines(frame, rows, {"nowcast_usd": ""}, "US$", interval=interval, is_one_year=True, has_zero=False)
    assert not any('class="interval"' in part for part in drawn.parts)


def test_an_event_that_a_chart_names_is_registered(published: duckdb.DuckDBPyConnection) -> None:
    registered = {event_id for (event_id,) in published.execute("select event_id from core.policy_events").fetchall()}
    assert registered >= set(texts.load_texts()["events"])


def test_a_label_takes_the_first_free_place_and_no_other() -> None:
    canvas = Canvas(Frame(width=200, height=100, font=10), 100)
    canvas.draw_bar("plus", Box(40, 40, 60, 90))
    over, beside, outside = Spot(50, 60), Spot(70, 60), Spot(190, 60)
    canvas.place("", ["12.3"], [over, outside, beside], "a")
    assert canvas.parts[-1].startswith('<text class="start" data-role="label" data-key="a" x="70"')
    # The place is taken now.
    canvas.place("", ["45.6"], [over, beside])
    assert len(canvas.parts) == 2


def test_a_label_avoids_the_grid_or_interrupts_it() -> None:
    canvas = Canvas(Frame(width=200, height=100, font=10), 100)
    canvas.draw_rule("grid", "grid", (0, 20), (200, 20))
    canvas.place("", ["12.3"], [Spot(50, 20), Spot(50, 60)])
    assert 'y="63' in canvas.parts[-1]
    canvas.place("", ["45.6"], [Spot(90, 20)])
    assert canvas.parts[-2].startswith('<rect class="ground"')


def test_a_forecast_is_a_dot_on_its_interval_and_no_line() -> None:
    rows = [{"year": month, "nowcast_usd": 34e9, "low_usd": 24e9, "high_usd": 44e9} for month in (1, 2)]
    interval = ("low_usd", "high_usd")
    drawn = draw_lines(FILE, rows, {"nowcast_usd": ""}, "US$", interval=interval, is_one_year=True, has_zero=False)
    shown = "".join(drawn.parts)
    assert (shown.count("<circle"), shown.count('class="interval"'), shown.count("<path")) == (2, 2, 0)
    assert re.findall(r'data-role="label"[^>]*>([^<]+)<', shown) == ["24", "44", "34"]


def test_a_dot_of_a_month_has_its_month_and_value_also_on_a_phone() -> None:
    rows = [{"year": n, "now": 1.1e9 * n if n < 8 else None, "before": -1.1e9 * n} for n in range(1, 13)]
    for frame in (FILE, NARROW):
        labels, peak = {"now": "2026", "before": "2025"}, ("before", 7, "2025-07")
        shown = "".join(draw_lines(frame, rows, labels, "US$", is_one_year=True, peak=peak).parts)
        assert ">July 2025: −7.7<" in shown


def test_an_event_has_its_name_above_its_line_also_on_a_phone_and_an_estimate_has_no_end() -> None:
    rows = [
        {"year": f"2017-{month:02}", "actual": 5e9, "estimate": 5e9 if month % 5 else None} for month in range(1, 10)
    ]
    rule = ("2017-03", "China's ban on group tours from March 2017")
    for frame in (FILE, NARROW):
        labels = {"actual": "actual", "estimate": "estimated"}
        parts = draw_lines(frame, rows, labels, "US$", dashed=["estimate"], has_values=False, rule=rule).parts
        assert any(f">{rule[1]}<" in part for part in parts)
        assert [part for part in parts if "<circle" in part and 'data-key="estimate"' in part] == []
    # A lone month is a dot.
    alone = [{**row, "estimate": 5e9 if row["year"] == "2017-03" else None} for row in rows]
    parts = draw_lines(FILE, alone, labels, "US$", dashed=["estimate"], has_values=False, rule=rule).parts
    assert sum("<circle" in part and 'data-key="estimate"' in part for part in parts) == 1


def test_numbers_are_not_broken_over_lines() -> None:
    names = {"reporter": "한국", "partner": "중국", "whose": "한국", "partners": "중국"}
    with use_language("ko"):
        found = texts.write_title("forecast", **names, year=2026, last=1.234e12)
        assert "약\N{NO-BREAK SPACE}1조\N{NO-BREAK SPACE}2,340억\N{NO-BREAK SPACE}달러" in found
