"""Claims without SQL are judged by real figures: by both sides, as of the day, and with the slip if it is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import duckdb
import pytest

from benchmarks.claims import measure
from dagster_project import publication
from dagster_project.catalog import Catalog
from dagster_project.claims import evidence, lines, register
from dagster_project.claims.article import describe_assumption
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import check_select, list_named_tables
from dagster_project.claims.judging import judge_row
from dagster_project.claims.verdicts import ClaimResult
from dagster_project.errors import BilateralError
from dagster_project.files import load_yaml
from dagster_project.history import TradeFilter
from dagster_project.metrics import load_metrics
from dagster_project.project import Project


@pytest.fixture(scope="module")
def evaluator(built: Project) -> Iterator[Evaluator]:
    with publication.open_published(built) as connection:
        yield Evaluator(connection, Catalog(built).models)


def judge(evaluator: Evaluator, line: str, on: str = "2026-10-01", **given: Any) -> ClaimResult:
    row = {"claim": line, "published_on": on, **given}
    article = lines.make_article(evaluator.connection, row, where="x", published_on=date(2026, 10, 1))
    found = evaluator.evaluate(article, article.claims[0])
    assert found.error is None, found.error
    return found


def told(found: ClaimResult) -> tuple[str, str]:
    assert found.verdict is not None
    return found.verdict.verdict, found.verdict.reason


@pytest.mark.long
def test_the_benchmark_holds(evaluator: Evaluator) -> None:
    reports = list(measure.claims(evaluator.connection, evaluator))
    planted = list(measure.errors(evaluator.connection, evaluator))
    found = measure.summary(reports, planted)
    assert found["claims"] >= 60
    assert found["false_contradicted"] == 0
    assert found["judged_pct"] >= 85
    assert found["as_expected_pct"] >= 95
    assert found["diagnosed_pct"] >= 95


@pytest.mark.parametrize("one", ["period", "scale", "currency", "other_reporter", "sign", "partial", "cumulative",
                                 "metric", "coverage", "percent", "basis"])  # fmt: skip
def test_each_slip_has_planted_errors(one: str) -> None:
    kinds = load_yaml((measure.FOLDER / "errors.yml").read_text(encoding="utf-8"))
    assert len(next(kind["claims"] for kind in kinds if kind["diagnosis"] == one)) >= 3


@pytest.mark.parametrize(
    "line",
    [
        "balance KOR CHN 2018 = $59.3bn",  # of no year
        "balance KOR CHN 2018 = $57.1 million",  # nor a thousandth
        "exports KOR CHN 2018 = $1,300bn",  # nor in yuan
        "balance KOR CHN 2018 = $93.1bn",  # nor China's
        "balance KOR CHN 2018 = deficit of $53.2bn",  # nor with another sign
        "balance KOR CHN 2025 = deficit of $3.9bn",  # nor of some months
        "exports KOR CHN 2025-11 = $113.1bn",  # nor cumulative
        "exports KOR CHN 2023 = $139.1bn",  # nor imports
        "exports_with_services KOR CHN 2019 = $141.9bn",  # nor goods
        "export_share KOR CHN 2022->2023 = fell 4.71%",  # nor points
        "visitor_arrivals KOR CHN 2016 = 8.41 million",  # nor with crews
    ],
)
def test_only_what_is_found_is_said(evaluator: Evaluator, line: str) -> None:
    found = judge(evaluator, line)
    assert told(found)[0] == "contradicted"
    assert found.diagnosis is None
    assert " It is " not in told(found)[1]


def test_a_reason_says_what_the_number_is(evaluator: Evaluator) -> None:
    assert told(judge(evaluator, "balance KOR CHN 2018 = $62.8bn"))[1].endswith("It is the figure of 2013.")
    assert told(judge(evaluator, "balance KOR CHN 2018 = $95.8bn"))[1].endswith("It is China's figure.")
    word, reason = told(judge(evaluator, "visitor_arrivals KOR CHN 2016 = 8.07 million"))
    assert word == "supported_rounded"
    assert reason.endswith("It is another figure of the same period: arrivals with crews.")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("exports KOR CHN 2023 = $124.8", "billion is forgotten"),
        ("exports KOR CHN 2023 = $124,818", "million is forgotten"),
        ("수출 한국 중국 2023년 = 1248 달러", "(억) is forgotten"),
        ("방한객 한국 중국 2016년 = 775 명", "(만) is forgotten"),
    ],
)
def test_a_forgotten_scale_is_found(evaluator: Evaluator, line: str, said: str) -> None:
    found = judge(evaluator, line)
    assert found.diagnosis is not None
    assert found.diagnosis.code == "scale"
    assert told(found)[1].endswith(f"{said}.")


def test_the_other_side_of_a_flow_is_so_many_per_cent_more(evaluator: Evaluator) -> None:
    # China counts 181.7 billion of imports from Korea in 2024, and Korea 133.0 of exports.
    assert (
        "China's statistics give US$181.7bn, 36.6% more." in told(judge(evaluator, "exports KOR CHN 2024 = $133bn"))[1]
    )
    assert ", the same sign." in told(judge(evaluator, "balance KOR CHN 2018 = $55.6bn"))[1]
    assert "are not held." in told(judge(evaluator, "exports KOR CHN 2023 = $124.8bn"))[1]


@pytest.mark.parametrize(
    ("line", "verdict", "says"),
    [
        # Saudi Arabia leaves its oil out: of what China bought in 2022, 77.81 billion, it prints 13%.
        ("balance SAU CHN 2022 = -29.8bn", "not_checkable", "US$9.96bn is 12.8% of the US$77.81bn that the partner"),
        ("balance SAU CHN 2024 = -48.2bn", "not_checkable", "in 2022 US$9.96bn is 12.8% of the US$77.81bn"),
        ("balance SAU CHN 2022-05 = -3bn", "not_checkable", "12.8% of the US$77.81bn"),
        ("deficit SAU CHN 2014-2024 each", "not_checkable", "fail a check of coverage"),
        ("balance SAU CHN 2024 = -48.2bn", "not_checkable", "their difference of −US$48.19bn is no balance."),
        ("deficit_rank SAU CHN 2022 = 1", "not_checkable", "12.8% of the US$77.81bn"),
        ("exports SAU CHN 2022 = $9.96bn", "supported_rounded", "12.8% of the US$77.81bn"),
        ("imports SAU CHN 2022 = $39.8bn", "supported_rounded", "not held."),
        ("total trade SAU CHN 2022 = $49.8bn", "supported_rounded", "12.8% of the US$77.81bn"),
        ("balance IRN CHN 2014 = -3.3bn", "not_checkable", "US$9.39bn is 34.2% of the US$27.46bn"),
        ("balance HKG CHN 2015 = 26.4bn", "not_checkable", "US$287.49bn is 22.6 times the US$12.75bn"),
        # A run of deficits over a year without a sign is none that anybody knows, and one after it is.
        ("balance MYS CHN 2020 streak deficit 2 years", "not_checkable", "Coverage of 2019"),
        # What is far apart and turns nothing is told beside the verdict.
        ("balance COG CHN 2021 = $0.62bn", "supported_rounded", "which leaves the sign of the balance as it is."),
        # The sign of a smaller gap is the reporter's; China's stands beside it.
        ("balance KOR CHN 2024 = -6.87bn", "reporter_dependent", "bn, another sign."),
    ],
)
def test_the_coverage_of_a_figure_is_told_and_no_sign_is_judged_without_it(
    evaluator: Evaluator, line: str, verdict: str, says: str
) -> None:
    found = told(judge(evaluator, line))
    assert found[0] == verdict
    assert says in found[1]


@pytest.mark.parametrize(
    ("line", "lacking"),
    [
        # Customs' year 2024 with the United States is not held; 2023 and 2025 are.
        ("exports KOR USA 2025 record", "2024"),
        ("exports KOR USA 2025 record_since 2022", "2024"),
        ("exports KOR USA 2025 streak rose 1", "2024"),
        ("exports CHN KOR 2024 record_since 2022", "2023"),
        ("balance CHN KOR 2025 streak 2 deficit", "2023"),
    ],
)
def test_what_a_year_that_is_not_held_may_refute_is_not_held(evaluator: Evaluator, line: str, lacking: str) -> None:
    verdict, reason = told(judge(evaluator, line))
    assert verdict == "not_held"
    assert reason.startswith(f"Not available for {lacking}:")


def test_a_year_that_is_not_held_refutes_nothing_that_its_neighbours_are_far_from(evaluator: Evaluator) -> None:
    # 1978 and 1979 are not held, when exports to China were a few thousand dollars.
    assert told(judge(evaluator, "exports KOR CHN 2021 record"))[0] == "supported"
    # Three years that are held are above 2025, whatever 2024 was.
    assert told(judge(evaluator, "exports KOR CHN 2025 record"))[0] == "contradicted"
    assert told(judge(evaluator, "exports KOR USA 2023 record"))[0] == "supported"


def test_a_surplus_that_grew_says_nothing_of_a_deficit_that_did(evaluator: Evaluator) -> None:
    # By China's statistics Korea has a surplus in both years.
    verdict, reason = told(judge(evaluator, "balance KOR CHN 2025 = deficit rose 62.6%"))
    assert verdict == "supported_rounded"
    assert "China's statistics give no answer." in reason
    assert "Coverage of 2025: By the partner's statistics it is a surplus." in reason


def test_a_deficit_that_grew_by_so_much_in_korean_is_a_difference(evaluator: Evaluator) -> None:
    # 11.17 billion in 2025 less 6.87 in 2024.
    assert told(judge(evaluator, "무역적자 KOR CHN 2025 = 43억 달러 증가했다"))[1].startswith(
        "The figures give a change of −US$4.302bn"
    )


def test_percentage_points_of_an_amount_are_refused(evaluator: Evaluator) -> None:
    with pytest.raises(BilateralError) as refused:
        judge(evaluator, "exports KOR CHN 2023 = fell 19.9 percentage points")
    assert "is in US$" in str(refused.value)


def test_a_deficit_that_grows_is_a_balance_that_falls(evaluator: Evaluator) -> None:
    # Korea's deficit with China was 18.04 billion in 2023 and 6.87 billion in 2024.
    assert told(judge(evaluator, "balance KOR CHN 2023->2024 = deficit fell by $11.2bn"))[0] == "supported_rounded"
    assert told(judge(evaluator, "balance KOR CHN 2023->2024 = deficit grew by $11.2bn"))[0] == "contradicted"
    assert told(judge(evaluator, "balance KOR CHN 2023->2024 = deficit shrank"))[0] == "supported"
    assert told(judge(evaluator, "balance KOR CHN 2023->2024 = deficit grew"))[0] == "contradicted"


HISTORY = {
    "balance KOR CHN 2023 first_since deficit 1992": "supported",
    "balance KOR CHN 2023 first_since deficit 1994": "contradicted",
    "balance KOR CHN 2022 first_since deficit 1992": "contradicted",
    "balance KOR CHN 2023 first_in deficit 31 years": "supported",
    "무역수지 한국 중국 2023년 31년 만에 첫 적자": "supported",
    "balance KOR CHN 2023 first deficit since 1992": "supported",
    "balance KOR CHN 2023 = the first deficit since 1994": "contradicted",
    "trade deficit Korea China 2023 its first since 1992": "supported",
    "trade deficit KOR CHN 2023 first in 31 years": "supported",
    "무역수지 한국 중국 2023년 1992년 이후 첫 적자": "supported",
    "적자 한국 중국 2023년 31년 만에 처음": "supported",
    "적자 한국 중국 2023년 20년 만에 최초": "contradicted",
    "balance KOR CHN 2023 first ever deficit": "contradicted",
    "balance KOR CHN 2023 first_ever deficit": "contradicted",
    "balance KOR CHN 2013 record surplus": "supported",
    # A deficit is no surplus, however small; and no first one, whatever is not held before it.
    "balance KOR JPN 2023 record_since surplus 2002": "contradicted",
    "balance KOR JPN 2023 record surplus": "contradicted",
    "balance CHN KOR 2024 first_ever surplus": "contradicted",
    "balance KOR CHN 2018 record second surplus": "supported",
    "exports KOR CHN 2021 record": "supported",
    "exports KOR CHN 2024 record_since 2022": "supported",
    "balance KOR CHN 2025 streak third deficit": "supported",
    "exports_growth KOR CHN 2023-09 streak fell 16 months": "supported",
    "exports_growth KOR CHN 2023-09 streak fell 12 months": "contradicted",
    "balance KOR CHN 2013-2018 each surplus": "supported",
    "balance KOR CHN 2018-2023 each surplus": "contradicted",
    "exports KOR CHN 2013-2018 each rose": "contradicted",
    "exports KOR CHN 2023 streak fell 2": "supported",
    "balance KOR CHN 2018->2023 sign_change": "supported",
    "balance KOR CHN 2013->2018 sign_change": "contradicted",
    "trade deficit KOR CHN 2023 = $18bn": "supported_rounded",
    "적자 KOR JPN 2023 = 187억 달러": "supported_rounded",
    "exports KOR CHN 2023 fell": "supported",
    "exports KOR CHN 2018-2023 fell": "supported",
    "export_share KOR CHN 2018 = about a quarter": "supported",
    "import_share CHN KOR 2010-2016 trend falling": "contradicted",
    "exports KOR CHN 1991->2021 = 162배": "supported_rounded",
    "exports KOR CHN 2022->2023 = fell by $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell by $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell $31bn": "supported_rounded",
    "exports KOR CHN 2023 = fell to $124.8bn": "supported_rounded",
    "exports KOR CHN 2023 = fell by $124.8bn": "contradicted",
    "수출 한국 중국 2023년 = 310억 달러 감소": "supported_rounded",
    "수출 한국 중국 2023년 = 310억 달러 가량 하락": "supported",
    "수출 한국 중국 2023년 = 1248억 달러로 감소": "supported_rounded",
    "balance KOR CHN 2024 = deficit fell by $11.2bn": "supported_rounded",
    "balance KOR CHN 2022-2023 = -$16.8bn": "supported_rounded",
    "trade_rank KOR CHN 2023 = largest": "supported",
    "trade_rank KOR USA 2023 = largest": "contradicted",
    "exports KOR CHN 2023 = about 163 trillion won": "supported",
    "exports KOR CHN 2023 = 300 trillion won": "contradicted",
}


@pytest.mark.parametrize(("line", "verdict"), HISTORY.items())
def test_what_came_before_is_judged_without_sql(evaluator: Evaluator, line: str, verdict: str) -> None:
    assert told(judge(evaluator, line, names_reporter=(re.findall(r"[A-Z]{3}", line) or ["KOR"])[0]))[0] == verdict


def test_each_text_of_a_claim_can_be_pasted(evaluator: Evaluator) -> None:
    """The evidence and the other side's, over the published file as it is."""
    for line in ("balance KOR CHN 2018 = $55.6bn", "exports_growth KOR CHN 2019 = -16%", "exports KOR CHN 2018 record"):
        judged = judge(evaluator, line, "2025-07-01")
        claim = judged.claim
        assert claim.evidence
        assert claim.alternate
        for text, value in (
            (claim.evidence, judged.found.observed),
            (claim.alternate.evidence, judged.found.alternate),
        ):
            assert text is not None
            assert value is not None
            assert evaluator.connection.execute(text).fetchall() == [(pytest.approx(value),)]


def test_what_customs_printed_of_a_year_that_is_not_held_bears_a_claim_out(evaluator: Evaluator) -> None:
    """China's trade with Korea of 2023, as its customs printed it: exports of US$149.0bn, imports of US$161.7bn."""
    verdict, reason = told(judge(evaluator, "exports CHN KOR 2023 = $149.0bn"))
    assert verdict == "supported"
    assert reason.startswith("China Customs, in ")
    assert reason.endswith("has exactly US$149.0bn. It is held only as printed.")
    then = judge(evaluator, "exports CHN KOR 2023 = $149.0bn", "2026-08-01").verdict_then
    assert then is not None
    assert then.verdict == "not_held"
    assert told(judge(evaluator, "imports CHN KOR 2023 = $162bn"))[0] == "supported_rounded"
    # A print contradicts nothing, and says nothing of a second decimal.
    verdict, reason = told(judge(evaluator, "exports CHN KOR 2023 = $155bn"))
    assert verdict == "not_held"
    assert "has US$149bn. Not available for 2023: China's exports to South Korea." in reason
    assert told(judge(evaluator, "imports CHN KOR 2023 = $161.71bn"))[0] == "not_held"
    assert told(judge(evaluator, "exports_growth CHN KOR 2023 = -8%"))[0] == "not_held"


def test_what_the_partner_printed_of_a_year_that_is_not_held_is_told(evaluator: Evaluator) -> None:
    """China printed exports of US$149.0bn and imports of US$161.7bn: a deficit of its own, where Korea has one, too."""
    verdict, reason = told(judge(evaluator, "balance KOR CHN 2023 = -18bn"))
    assert verdict == "supported_rounded"
    assert "China's statistics of the period are not held. The prints of China Customs, in " in reason
    assert reason.endswith("give US$12.7bn, another sign.")
    assert told(judge(evaluator, "exports KOR CHN 2023 = $124.8bn"))[1].endswith("give US$161.7bn, 29.5% more.")
    assert told(judge(evaluator, "imports KOR CHN 2023 = $142.9bn"))[1].endswith("give US$149.0bn, 4.3% more.")
    assert told(judge(evaluator, "total_trade KOR CHN 2023 = $267.7bn"))[1].endswith("give US$310.7bn, 16.1% more.")


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        ("exports KOR CHN 2023 = fell by a fifth", "supported", "a change of −19.9%"),
        ("exports KOR CHN 2023 = fell by more than a fifth", "contradicted", "a change of −19.9%, not less than −20%"),
        ("exports KOR CHN 2023 more than halved", "contradicted", "0.801 times, not less than 0.5 times"),
        ("balance KOR CHN 2022 = surplus more than halved", "supported", "less than 0.5 times"),
        ("exports KOR CHN 2023 = fell by $30bn", "contradicted", "a change of −US$30.97bn, not −US$30bn"),
        ("balance KOR CHN 2023->2024 = deficit fell", "supported", "rose, which makes a deficit smaller, as claimed."),
        ("balance KOR CHN 2023->2024 = deficit rose", "contradicted", "which makes a deficit smaller, not larger."),
        (
            "balance KOR CHN 2018->2019 = deficit rose",
            "contradicted",
            "fell, which makes a deficit larger, as claimed. But they show no deficit in 2019.",
        ),
        ("balance KOR CHN 2018->2023 = deficit", "supported", "a change of −US$73.7bn: negative, as claimed"),
        ("exports KOR CHN 2018->2023 = fell", "supported", "−US$37.3bn: exports of goods fell, as claimed."),
        ("exports KOR CHN 2023 => $120bn", "supported", "at least US$120bn"),
        ("exports KOR CHN 2023 =< $130bn", "supported", "at most US$130bn"),
        ("exports KOR CHN 2018 record", "supported", "compared with all that is held up to then: 1977 and 1980–2018."),
        ("exports KOR CHN 2024-07 record", "contradicted", "all that is held up to then: 2001-01 to 2024-07."),
        ("surplus_rank KOR CHN 2018 = 1", "supported", "it ranks 1 among all partners."),
    ],
)
def test_a_reason_says_what_was_compared(evaluator: Evaluator, line: str, verdict: str, reason: str) -> None:
    found = told(judge(evaluator, line))
    assert found[0] == verdict
    assert reason in found[1]


@pytest.mark.parametrize(
    ("line", "said", "remedy"),
    [
        ("exports KOR 2024 = $5bn", "names no partner", "METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE"),
        ("exports KOR = $5bn", "names no partner", "METRIC REPORTER PARTNER"),
        ("exports 2024 = $5bn", "names no reporter", "METRIC REPORTER PARTNER"),
        ("KOR CHN 2024 = $5bn", "names no metric", "METRIC REPORTER PARTNER"),
        ("exports KOR CHN", "names no period and no value", "METRIC REPORTER PARTNER"),
        ("exports KRO CHN 2024 = $5bn", "no economy KRO", "Did you mean KOR"),
        ("exports KOR KOR 2024 = $5bn", "the reporter and the partner are both KOR", "another partner"),
        ("exports KOR CHN 2023 between $120bn and $130bn", "No comparator says between", "at_least $120bn"),
    ],
)
def test_a_line_that_lacks_something_says_what(evaluator: Evaluator, line: str, said: str, remedy: str) -> None:
    with pytest.raises(BilateralError) as refused:
        judge_row(evaluator, {"claim": line}, "x", date(2026, 10, 1))
    assert said in str(refused.value)
    assert remedy in str(refused.value)


def test_per_cent_of_an_amount_say_how_they_were_read(evaluator: Evaluator) -> None:
    said = describe_assumption(judge(evaluator, "exports KOR CHN 2024 = 6.6%").claim)
    assert said == "a rise of 6.6% from 2023 to 2024"
    assert describe_assumption(judge(evaluator, "exports KOR CHN 2024 = rose 6.6%").claim) is None
    assert describe_assumption(judge(evaluator, "exports_growth KOR CHN 2024 = 6.6%").claim) is None
    assert describe_assumption(judge(evaluator, "exports KOR CHN 2024 = 133bn").claim) == "US$133bn"


def test_one_day_has_one_verdict(evaluator: Evaluator) -> None:
    for line in ("exports CHN KOR 2023 = $149.0bn", "exports KOR CHN 2026-09 = $10bn", "exports KOR CHN 2023 = $125bn"):
        found = judge(evaluator, line, "2026-11-29")
        assert found.verdict_then == found.verdict


def test_an_economy_of_the_other_side_has_its_article(evaluator: Evaluator) -> None:
    assert "The United States' statistics give" in told(judge(evaluator, "exports CHN USA 2019 = $418.6bn"))[1]


@pytest.mark.parametrize(
    "on",
    [
        "2026-08-21",
        *(
            pytest.param(day, marks=pytest.mark.long)
            for day in ("2017-06-01", "2018-06-01", "2022-06-01", "2025-06-20")
        ),
    ],
)
def test_what_few_traded_was_then_what_all_trade_says(evaluator: Evaluator, on: str) -> None:
    """Of a later day the figures of the pair alone are asked, and give what all of that day's give."""
    for line in (
        "balance KOR CHN 2015 = $46.9bn",
        "export_share KOR CHN 2015 = 26%",
        "exports KOR CHN 2016-05 = $10bn",
        "import_rank KOR CHN 2014 = first",
        "gdp_share.services CHN 2015 = 50%",
    ):
        judged, moment = judge(evaluator, line, on), date.fromisoformat(on)
        claim, among = judged.claim, evaluator.list_trade(judged.claim)
        assert claim.evidence is not None
        assert claim.asked is not None
        assert among is not None
        then = []
        for sql in claim.questions if not claim.asked.metric.is_of_all else [claim.evidence]:
            few, whole = (
                evidence.ask_value(
                    evaluator.history.open_day(moment, list_named_tables(sql), one), sql, may_be_empty=True
                )
                for one in (among, None)
            )
            assert few == whole, line
            then.append(whole)
        assert judged.observed_then == then[0], line


def test_what_is_not_held_is_named_by_the_year_that_is_asked_about(evaluator: Evaluator) -> None:
    """Exports of 1980 are held, those of 1978 are not, and won have a rate from 1981 on."""
    word, reason = told(judge(evaluator, "exports KOR CHN 1980 = 10 billion won"))
    assert word == "not_held"
    assert reason.startswith("Not available for 1980:")


def test_a_span_that_is_held_names_what_lacks_in_it(evaluator: Evaluator) -> None:
    """Of 35 months from August 2022 to June 2025 there are no figures, and a correction takes out April 2017."""
    _, reason = told(judge(evaluator, "balance KOR USA 2022-10 = $3bn"))
    assert "; by month 2011-01 to 2017-03, 2017-05 to 2022-07 and 2025-07 to 2026-07; nothing" in reason


@pytest.mark.long
def test_growth_of_an_amount_may_be_revised_as_growth_is(evaluator: Evaluator) -> None:
    on = "2024-04-15"
    for line in ("exports KOR CHN 2023 fell 20.0%", "exports_growth KOR CHN 2023 = -20.0%"):
        word, reason = told(judge(evaluator, line, on))
        assert (word, "may be a revision" in reason) == ("not_held", True), line


@pytest.mark.parametrize("name", sorted(name for name, metric in load_metrics().items() if metric.figures))
def test_every_metric_may_be_asked_as_evidence(one: duckdb.DuckDBPyConnection, evaluator: Evaluator, name: str) -> None:
    check_select(one, f"select max(value) from ({load_metrics()[name].figures}) as figures", evaluator.models)


def test_a_place_among_partners_is_looked_for_in_the_vintages_of_its_year(
    evaluator: Evaluator, one: duckdb.DuckDBPyConnection
) -> None:
    sql = (
        "select max(partner_trade_rank) from marts.trade_balance_annual "
        "where reporter_code = 'KOR' and partner_code = 'USA' and year = 2023"
    )
    korea, tables = TradeFilter(("KOR",)), list_named_tables(sql)
    found = evaluator.history.list_vintages(korea, date.min, tables, (2023, 2023))
    rows = one.execute(
        "select distinct known_from from core.goods_trade_observations "
        "where reporter_code = 'KOR' and year(period_start) = 2023"
    ).fetchall()
    assert {day for (day,) in rows} <= set(found) < set(evaluator.history.list_vintages(korea, date.min, tables))


def test_what_was_right_and_is_revised_is_not_contradicted(evaluator: Evaluator) -> None:
    line = "balance KOR CHN 2026-01..2026-06 = $13,495,750 thousand"
    for on in ("2026-08-06", "2026-08-21"):
        word, reason = told(judge(evaluator, line, on, names_reporter="KOR"))
        assert word == "supported"
        assert "revised since to US$13,482,160 thousand" in reason
    # Whoever writes it after the revision has the wrong figure.
    assert told(judge(evaluator, line, "2026-09-30", names_reporter="KOR"))[0] == "contradicted"


def test_a_small_difference_from_an_unknown_vintage_is_no_contradiction(evaluator: Evaluator) -> None:
    line = "exports KOR CHN 2025-12 = $12.95bn"
    word, reason = told(judge(evaluator, line, "2026-01-10"))
    assert word == "not_held"
    assert reason.startswith("Not held: what was known on 2026-01-10.")
    assert told(judge(evaluator, line, "2026-09-30"))[0] == "contradicted"
    assert told(judge(evaluator, "exports KOR CHN 2025-12 = $13.95bn", "2026-01-10"))[0] == "contradicted"


def test_a_claim_has_one_verdict_in_the_register_and_on_the_command_line(built: Project, evaluator: Evaluator) -> None:
    registered = {
        claim.claim_id: evaluator.evaluate(article, claim)
        for article, claim in register.list_claims(register.read_register(built.claims))
        if article.article_id == "kita_2023_03"
    }
    judged = judge(evaluator, "balance KOR CHN January to February 2023 = -$5,074m", "2023-03-28", names_reporter="KOR")
    assert told(registered["kita_deficit_2023_01_02"]) == told(judged)
    assert told(judged)[0] == "not_held"
    assert told(judged)[1].startswith("Not held: what was known on 2023-03-28.")


def test_what_is_not_held_says_what_would_bring_it_and_what_waits_is_pending(evaluator: Evaluator) -> None:
    word, reason = told(judge(evaluator, "exports KOR VNM 2024 = $58.3bn"))
    assert word == "not_held"
    assert "South Korea's exports to Vietnam" in reason
    assert "`bilateral refresh comtrade`" in reason
    assert "KOR-VNM" in reason
    assert "Held: by year" in reason
    assert told(judge(evaluator, "fdi KOR CHN 2023 = $5bn"))[0] == "not_held"
    assert told(judge(evaluator, "export_share KOR CHN 2023-05 = 20%"))[0] == "not_held"
    assert told(judge(evaluator, "exports KOR CHN 2026-09 = $20bn"))[0] == "pending"
    assert told(judge(evaluator, "balance KOR CHN 2026 = $30bn"))[0] == "pending"
    assert told(judge(evaluator, "opinion hopes for more"))[0] == "not_checkable"


@pytest.mark.parametrize("line", ["trade_rank KOR CHN 2024 = 1", "trade_share KOR CHN 2024 = 20%"])
def test_a_rank_or_a_share_lacks_the_other_partners(evaluator: Evaluator, line: str) -> None:
    word, reason = told(judge(evaluator, line))
    assert word == "not_held"
    assert reason.startswith("Not available for 2024: both flows of South Korea's trade with all its other partners.")
    assert "KOR-CHN" not in reason
    assert "world = true" in reason


def test_every_answer_says_what_is_held_and_until_when(evaluator: Evaluator) -> None:
    found = evaluator.describe_held(judge(evaluator, "balance KOR CHN 2018 = $55.6bn").claim)
    assert found is not None
    assert found.startswith("by year 1977 and 1980–2025; by month ")
    assert str(evaluator.today) in found


def test_what_is_held_names_its_gaps(evaluator: Evaluator) -> None:
    found = judge(evaluator, "exports KOR USA 2024 = $128bn")
    assert told(found)[0] == "not_held"
    assert "Held: by year 1965–2023 and 2025; by month " in told(found)[1]
    inside = evaluator.describe_held(judge(evaluator, "exports KOR USA 2018 = $72.7bn").claim)
    assert inside is not None
    assert "by year 1965–2023 and 2025; by month " in inside


def test_what_is_not_held_was_not_waited_for_on_its_day(evaluator: Evaluator) -> None:
    for line in ("exports KOR VNM 2024 = $58.3bn", "trade_rank KOR CHN 2024 = 1"):
        found = judge(evaluator, line, "2025-06-01")
        assert (told(found)[0], found.verdict_then and found.verdict_then.verdict) == ("not_held", "not_held")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "There is no claim"),
        ("balanc KOR CHN 2023 = -18bn", "Did you mean balance"),
        ("balance KOR", "names no partner"),
        ("balance KOR Chine 2023 = -18bn", "Did you mean CHN"),
        ("balance KOR CHN 2023", "compares nothing"),
        ("balance KOR CHN 2023 =", "write the value as printed"),
        ("balance KOR CHN 2023 streak", "write the value as printed"),
        ("balance KOR CHN = -18bn", "names no period"),
        ("balance KOR CHN 2023 = banana", "is no value"),
        ("balance KOR CHN sometime = -18bn", "is no period"),
        ("balance KOR CHN 2023 first_since 1992", "Say deficit or surplus"),
        ("balance KOR CHN 2023 first since 1992", "Say deficit or surplus"),
        ("balance KOR CHN 2023 = 31 years", "is how long"),
        ("balance KOR CHN 2023 = since 1992", "is when"),
        ("balance KOR CHN 2023 = deficit from 1992", "is when"),
        ("balance KOR CHN 2023 >= 1992", "is when"),
        ("balance KOR CHN 2022 2023", "is when"),
        ("visitor_arrivals KOR CHN 2016 = 2015", "is when"),
        ("balance KOR CHN 2023 = not -18bn", "not is not understood"),
        ("exports KOR CHN 2023 = $124.8bn except chips", "except, chips"),
        ("수출 한국 중국 2023년 = 1248억 달러 반도체 제외", "반도체, 제외"),
        ("balance KOR CHN 2023 = deficit shrank", "names one period"),
        ("balance KOR CHN 2023 first_since deficit", "names no year"),
        ("exports KOR CHN chips first half 2023 = $60bn", "is no period"),
        ("exports KOR CHN not last month = $10bn", "is no period"),
        ("exports KOR CHN chips last five years = $60bn", "is no period"),
        ("export_share KOR CHN 2018-2023 = 20%", "does not add up"),
        ("gdp_share CHN 2024 = 57%", "has no item"),
        ('balance "KOR CHN', "quotation mark"),
    ],
)
def test_an_error_says_what_to_write_instead(evaluator: Evaluator, line: str, said: str) -> None:
    with pytest.raises(BilateralError) as refused:
        judge(evaluator, line)
    assert said in str(refused.value)


def test_a_line_may_be_in_korean_and_without_a_comparator(evaluator: Evaluator) -> None:
    english = judge(evaluator, "balance KOR CHN last year = deficit of $18bn", "2024-01-10")
    korean = judge(evaluator, "무역수지 한국 중국 지난해 180억 달러 적자", "2024-01-10")
    assert (korean.found.observed, told(korean)[0]) == (english.found.observed, told(english)[0])
    assert told(judge(evaluator, "exports_growth KOR CHN last year fell 19.9%", "2024-02-01"))[0] == "supported_rounded"


MANY = {
    "lines": "# two\nbalance KOR CHN 2018 = $55.6bn\n\nexports KOR CHN 2023 = $124.8bn\n",
    "csv": "metric,reporter,partner,period,says\nbalance,KOR,CHN,2018,$55.6bn\nexports,Korea,China,2023,$124.8bn\n",
    "csv of lines": 'claim\n"balance KOR CHN 2018 = $55.6bn"\n"exports KOR CHN 2023 = $124.8bn"\n',
    "yaml": "- {metric: balance, reporter: KOR, partner: CHN, period: 2018, says: $55.6bn}\n"
    "- {claim: exports KOR CHN 2023 = $124.8bn}\n",
    "semicolons": "metric;reporter;partner;period;says\nbalance;KOR;CHN;2018;$55.6bn\n"
    "exports;Korea;China;2023;$124.8bn\n",
    "dashes": "-\n  claim: balance KOR CHN 2018 = $55.6bn\n-\n  claim: exports KOR CHN 2023 = $124.8bn\n",
    "article": "publisher: A paper\nclaims:\n- balance KOR CHN 2018 = $55.6bn\n- exports KOR CHN 2023 = $124.8bn\n",
    "json": '[{"claim": "balance KOR CHN 2018 = $55.6bn"}, {"claim": "exports KOR CHN 2023 = $124.8bn"}]',
}


@pytest.mark.parametrize("form", MANY)
def test_many_claims_are_read_in_any_form(evaluator: Evaluator, form: str) -> None:
    found = [lines.make_article(evaluator.connection, row, where=where, published_on=date(2026, 1, 1))
             for where, row in lines.number_rows(lines.read_rows(MANY[form]))]  # fmt: skip
    assert [article.claims[0].metric for article in found] == ["balance", "exports"]
    assert [article.claims[0].period.start.year for article in found] == [2018, 2023]
    assert {article.publisher for article in found} <= {"A paper", "not named"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims:\n", "The claims are no list"),
        ("{claims: balance}", "The claims are no list"),
        ("--- just words", "The claims are no list"),
        ("[]", "There is no claim"),
        ("claims: []\n", "There is no claim"),
        ("claim,publisher\n", "There is no claim"),
        ('claim,publisher\n"balance KOR CHN 2018 = $55.6bn,A paper\n', "The quotes of the CSV do not match"),
    ],
)
def test_a_text_without_a_list_of_claims_is_refused(text: str, said: str) -> None:
    with pytest.raises(BilateralError, match=said):
        lines.read_rows(text)


@pytest.mark.parametrize(
    "text", ["-18bn was the balance of Korea\n", "- claim: 2023\n", "- claim: [balance, KOR, 2023]\n"]
)
def test_what_yaml_takes_for_something_else_is_refused_as_a_claim(evaluator: Evaluator, text: str) -> None:
    (row,) = lines.read_rows(text)
    with pytest.raises(BilateralError):
        lines.make_article(evaluator.connection, row, where="x", published_on=date(2026, 1, 1))


def test_the_claims_of_the_register_need_no_sql_where_a_metric_exists(built: Project) -> None:
    claims = [claim for _, claim in register.list_claims(register.read_register(built.claims))]
    without = [claim.claim_id for claim in claims if claim.says is not None]
    by_hand = {claim.claim_id for claim in claims if claim.says is None and claim.not_checkable is None}
    assert len(without) == 27
    # Which of several stages is meant, or which publisher's years make one line, is a reading that no metric has.
    assert by_hand == {
        *("ministers_agree_2025_12_12", "dinner_in_gyeongju_2025_10_31", "further_talks_pledged_2025_12"),
        *("second_phase_stalled_for_years", "xi_first_visit_in_eleven_years", "china_relies_less_on_korea"),
    }


@pytest.fixture
def one(evaluator: Evaluator) -> duckdb.DuckDBPyConnection:
    return evaluator.connection


def test_a_period_without_a_year_is_read_by_the_day_of_its_article(one: duckdb.DuckDBPyConnection) -> None:
    row = {"claim": "balance KOR CHN last year = -18bn"}
    for on, year in ((date(2024, 1, 1), 2023), (date(2019, 6, 1), 2018)):
        article = lines.make_article(one, row, where="x", published_on=on)
        assert article.claims[0].period.start == date(year, 1, 1)


# Figures in yuan, in US$


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        # As China's customs printed it; the sum of the months' steps is 0.0198% below. It, and what rounds to it, is
        # borne out no less than what lies nearer.
        (
            "total trade CHN KOR 2024 = $328.02bn",
            "supported",
            "US$328.02bn, which is US$328.02bn within the co",
        ),
        ("total trade CHN KOR 2024 = $328.08bn", "supported", "US$0.06bn lower than the claimed US$328.08bn: within "),
        ("total trade CHN KOR 2024 = $328.1bn", "supported_rounded", "US$328.08bn of the same reporter and period, p"),
        ("total trade CHN KOR 2024 = $328bn", "supported", "US$328.0bn, which is US$328bn within the co"),
        ("total trade CHN KOR 2024 = $328.2bn", "contradicted", "The figures give US$328.02bn, not US$328.2bn"),
        ("total trade CHN KOR 2024 >= $328.05bn", "not_checkable", "too near to US$328.05bn to tell"),
        ("total trade CHN KOR 2024 > $327.9bn", "supported", "more than US$327.9bn"),
        ("total trade CHN KOR 2024 = $328.40bn", "contradicted", "not US$328.40bn"),
        # The bulletin of September 2024 in thousand US$: 11,449,450 and 15,764,893 with Korea, 13,243,467 from Japan.
        ("exports CHN KOR 2024-09 = $11.449bn", "supported", "than the claimed US$11.449bn: within"),
        ("imports CHN JPN 2024-09 = $13.243bn", "supported", "than the claimed US$13.243bn: within"),
        ("imports CHN KOR 2024-09 = $15.80bn", "contradicted", "not US$15.80bn"),
        # From January on: 108,015,758 and 132,026,958, which the months do not add up to.
        ("exports CHN KOR 2024-01..2024-09 = $108.016bn", "supported", "which is US$108.016bn within the conv"),
        ("imports CHN KOR 2024-01..2024-09 = $132.027bn", "supported", "which is US$132.027bn within the conv"),
        # Of a balance each flow may be off.
        ("balance CHN KOR 2024-01..2024-09 = -$24.0112bn", "reporter_dependent", "tolerance of US$0.048"),
    ],
)
def test_converted_dollars_are_judged_within_what_the_conversion_leaves_open(
    evaluator: Evaluator, line: str, verdict: str, reason: str
) -> None:
    word, why = told(judge(evaluator, line))
    assert word == verdict
    assert reason in why
    assert "the US$ are at customs' rates, the last of 2024-" in why


def test_an_official_print_of_converted_dollars_is_a_second_reading(evaluator: Evaluator) -> None:
    """Between the two, what is claimed differs in its last digit."""
    found = judge(evaluator, "total trade CHN KOR 2024 = $328.08bn")
    assert (
        "China Customs, in People's Daily Online, has US$328.08bn of the same reporter and period, as claimed."
        in told(found)[1]
    )
    assert "Converted from provisional figures in yuan: the US$ are" in told(found)[1]
    # A rounder claim is held against the print, too; a finer one is not.
    assert "People's Daily" in told(judge(evaluator, "total trade CHN KOR 2024 = $328.1bn"))[1]
    assert "People's Daily" not in told(judge(evaluator, "total trade CHN KOR 2024 = $328.081bn"))[1]


def test_dollars_that_are_printed_have_no_tolerance(evaluator: Evaluator) -> None:
    word, why = told(judge(evaluator, "balance KOR CHN 2024 = -$6.867bn"))
    assert word == "reporter_dependent"
    assert "customs' rates" not in why
