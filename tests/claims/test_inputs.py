"""Lines, JSON and YAML are read as claims; an error names the missing part."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from dagster_project.claims import inputs
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.judging import judge_row
from dagster_project.errors import BilateralError
from tests.claims.making_claims import judge, told


def test_each_text_of_a_claim_can_be_pasted(evaluator: Evaluator) -> None:
    """The evidence and the other side's, over the published file as it is."""
    for line in ("balance KOR CHN 2018 = $55.6bn", "exports_growth KOR CHN 2019 = -16%", "exports KOR CHN 2018 record"):
        judged = judge(evaluator, line)
        claim = judged.claim
        assert claim.evidence
        assert claim.alternate
        pasted = ((claim.evidence, judged.values.observed), (claim.alternate.evidence, judged.values.alternate))
        for text, value in pasted:
            assert value is not None
            assert evaluator.connection.execute(text).fetchall() == [(pytest.approx(value),)]


@pytest.mark.parametrize(
    ("line", "said", "remedy"),
    [
        ("exports KOR 2024 = $5bn", "names no partner", "METRIC REPORTER PARTNER PERIOD COMPARATOR VALUE"),
        ("exports KOR = $5bn", "names no partner", "METRIC REPORTER PARTNER"),
        ("exports 2024 = $5bn", "names no reporter", "METRIC REPORTER PARTNER"),
        ("KOR CHN 2024 = $5bn", "names no metric before its economies", "METRIC REPORTER PARTNER"),
        ("exports KOR CHN", "names no period and no value", "METRIC REPORTER PARTNER"),
        ("exports KRO CHN 2024 = $5bn", "no economy KRO", "Did you mean KOR"),
        ("exports KOR KOR 2024 = $5bn", "the reporter and the partner are both KOR", "another partner"),
        ("exports KOR CHN 2023 between $120bn and $130bn", "There is no comparator `between`", "at_least $120bn"),
    ],
)
def test_a_line_that_lacks_something_says_what(evaluator: Evaluator, line: str, said: str, remedy: str) -> None:
    with pytest.raises(BilateralError) as refused:
        judge_row(evaluator, {"claim": line}, "x", date(2026, 10, 1))
    assert said in str(refused.value)
    assert remedy in str(refused.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "The claim is empty"),
        ("balanc KOR CHN 2023 = -18bn", "Did you mean balance"),
        ("balance KOR", "names no partner"),
        ("balance KOR Chine 2023 = -18bn", "Did you mean CHN"),
        ("balance KOR CHN 2023", "has no comparator"),
        ("balance KOR CHN 2023 =", "write the value as printed"),
        ("balance KOR CHN 2023 streak", "write the value as printed"),
        ("balance KOR CHN = -18bn", "names no period"),
        ("balance KOR CHN 2023 = banana", "is not a valid value"),
        ("balance KOR CHN sometime = -18bn", "is not a valid period"),
        ("balance KOR CHN 2023 first_since 1992", "Say deficit or surplus"),
        ("balance KOR CHN 2023 first since 1992", "Say deficit or surplus"),
        ("balance KOR CHN 2023 = 31 years", "is a length of time"),
        ("balance KOR CHN 2023 = since 1992", "is a year"),
        ("balance KOR CHN 2023 = deficit from 1992", "is a year"),
        ("balance KOR CHN 2023 >= 1992", "is a year"),
        ("balance KOR CHN 2022 2023", "is a year"),
        ("visitor_arrivals KOR CHN 2016 = 2015", "is a year"),
        ("balance KOR CHN 2023 = not -18bn", "not is not understood"),
        ("exports KOR CHN 2023 = $124.8bn except chips", "except, chips"),
        ("수출 한국 중국 2023년 = 1248억 달러 반도체 제외", "반도체, 제외"),
        ("balance KOR CHN 2023 = deficit shrank", "only one period is named"),
        ("balance KOR CHN 2023 first_since deficit", "names no year"),
        ("exports KOR CHN chips first half 2023 = $60bn", "is not a valid period"),
        ("exports KOR CHN not last month = $10bn", "is not a valid period"),
        ("exports KOR CHN chips last five years = $60bn", "is not a valid period"),
        ("export_share KOR CHN 2018-2023 = 20%", "cannot be summed over"),
        ("gdp_share CHN 2024 = 57%", "needs an item"),
        ('balance "KOR CHN', "quotation mark"),
    ],
)
def test_an_error_says_what_to_write_instead(evaluator: Evaluator, line: str, said: str) -> None:
    with pytest.raises(BilateralError) as refused:
        judge(evaluator, line)
    assert said in str(refused.value)


@pytest.mark.long
def test_a_line_may_be_in_korean_and_without_a_comparator(evaluator: Evaluator) -> None:
    english = judge(evaluator, "balance KOR CHN last year = deficit of $18bn", "2024-01-10")
    korean = judge(evaluator, "무역수지 한국 중국 지난해 180억 달러 적자", "2024-01-10")
    assert (korean.values.observed, told(korean)[0]) == (english.values.observed, told(english)[0])
    assert told(judge(evaluator, "exports_growth KOR CHN last year fell 19.9%", "2024-01-10"))[0] == "supported_rounded"


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
    found = [inputs.make_article(evaluator.connection, row, where=where, published_on=date(2026, 1, 1))
             for where, row in inputs.number_rows(inputs.read_rows(MANY[form]))]  # fmt: skip
    assert [article.claims[0].metric for article in found] == ["balance", "exports"]
    assert [article.claims[0].period.start.year for article in found] == [2018, 2023]
    assert {article.publisher for article in found} <= {"A paper", "not named"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("claims:\n", "claims: expected a list"),
        ("{claims: balance}", "claims: expected a list"),
        ("--- just words", "claims: expected a list"),
        ("[]", "The input has no claim"),
        ("claims: []\n", "The input has no claim"),
        ("claim,publisher\n", "The input has no claim"),
        ('claim,publisher\n"balance KOR CHN 2018 = $55.6bn,A paper\n', "A quotation mark of the CSV is not closed"),
    ],
)
def test_a_text_without_a_list_of_claims_is_refused(text: str, said: str) -> None:
    with pytest.raises(BilateralError, match=said):
        inputs.read_rows(text)


@pytest.mark.parametrize(
    "text", ["-18bn was the balance of Korea\n", "- claim: 2023\n", "- claim: [balance, KOR, 2023]\n"]
)
def test_what_yaml_takes_for_something_else_is_refused_as_a_claim(evaluator: Evaluator, text: str) -> None:
    (row,) = inputs.read_rows(text)
    with pytest.raises(BilateralError):
        inputs.make_article(evaluator.connection, row, where="x", published_on=date(2026, 1, 1))


def test_a_period_without_a_year_is_read_by_the_day_of_its_article(one: duckdb.DuckDBPyConnection) -> None:
    row = {"claim": "balance KOR CHN last year = -18bn"}
    for on, year in ((date(2024, 1, 1), 2023), (date(2019, 6, 1), 2018)):
        article = inputs.make_article(one, row, where="x", published_on=on)
        assert article.claims[0].period.start == date(year, 1, 1)
