"""No false verdict: another unit, currency, sign, operator, item or year is refused or contradicted.

The figures are those of the committed snapshots: Korea's customs have exports of 124.818 billion dollars to China in
2023, 19.88% less than in 2022; a surplus of 55.636 billion in 2018 and a deficit of 18.040 billion in 2023.
"""

from __future__ import annotations

import re
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.claims import inputs, register
from dagster_project.claims.comparison import compare_value
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.schema import Claim
from dagster_project.claims.verdicts import SUPPORTED, ClaimResult
from dagster_project.errors import BilateralError
from dagster_project.metrics import load_metrics
from dagster_project.metrics.catalogue import Metric
from tests.claims import making_claims
from tests.claims.making_claims import NEWEST


def judge(evaluator: Evaluator, line: str, on: str = NEWEST) -> ClaimResult:
    """Judge a line by the statistics of the first economy that it names."""
    named = re.findall(r"[A-Z]{3}", line) or ["KOR"]
    return making_claims.judge(evaluator, line, on, names_reporter=named[0])


def verdict_of(evaluator: Evaluator, line: str, on: str = NEWEST) -> str:
    """Judge a line; return the verdict, or `refused`."""
    try:
        found = judge(evaluator, line, on)
    except BilateralError:
        return "refused"
    assert found.verdict is not None
    return found.verdict.verdict


JUDGED = {
    # Money is compared in the currency that was printed, at a rate that is held.
    "exports KOR CHN 2023 = A$124.8 billion": "refused",
    "exports KOR CHN 2023 = HK$124.8 billion": "refused",
    "exports KOR CHN 2023 = 124.8 billion yen": "contradicted",
    "exports KOR CHN 2023 = 1248억 엔": "contradicted",
    "exports KOR CHN 2023 = 124.8 billion Canadian dollars": "refused",
    "exports KOR CHN 2023 = 124.8 billion won": "contradicted",
    "exports KOR CHN 2023 = 124.8 billion yuan": "contradicted",
    "exports KOR CHN 2023 = 163 trillion won": "supported",
    "exports KOR CHN 2023 = more than 162 trillion won": "not_checkable",
    "exports KOR CHN 2023 = more than 150 trillion won": "supported",
    "exports KOR CHN 2022->2023 = fell by 40 trillion won": "refused",
    # What is counted or measured otherwise is none of the metric's.
    "수출 한국 중국 2023년 = 1248억 명": "refused",
    "trade_rank KOR CHN 2023 = 1%": "refused",
    "trade_rank KOR CHN 2023 = $1": "refused",
    "gdp_growth CHN 2024 = twofold": "refused",
    # A denial is no claim.
    "exports KOR CHN 2023 != $124.8bn": "refused",
    "exports KOR CHN 2023 ≠ $124.8bn": "refused",
    "exports KOR CHN 2023 <> $124.8bn": "refused",
    "exports KOR CHN 2023 =! $124.8bn": "refused",
    "exports KOR CHN 2023 = not $124.8bn": "refused",
    # A bound is asked of the figure itself.
    "exports KOR CHN 2023 < $124bn": "contradicted",
    "exports KOR CHN 2023 < $124.8bn": "contradicted",
    "exports KOR CHN 2023 > $124.8bn": "supported",
    "exports KOR CHN 2023 >= $125bn": "contradicted",
    "exports KOR CHN 2023 ≥ $125bn": "contradicted",
    "exports KOR CHN 2023 <= $125bn": "supported",
    "exports KOR CHN 2023 = more than $125bn": "contradicted",
    "exports KOR CHN 2023 = nearly $125bn": "supported",
    "수출 한국 중국 2023년 = 1248억 달러 미만": "contradicted",
    "수출 한국 중국 2023년 = 1249억 달러 미만": "supported",
    "수출 한국 중국 2023년 = 1250억 달러 이상": "contradicted",
    "수출 한국 중국 2023년 = 1248억 달러를 넘었다": "supported",
    "exports KOR CHN 2023 = fell more than 20%": "contradicted",
    "exports KOR CHN 2023 = fell more than 19%": "supported",
    "exports KOR CHN 2023 = fell less than 20%": "supported",
    "exports_growth KOR CHN 2023 >= -20%": "supported",
    "exports_growth KOR CHN 2023 <= -20%": "contradicted",
    "balance KOR CHN 2023 = deficit of more than $18bn": "supported",
    "balance KOR CHN 2023 = deficit of more than $18.1bn": "contradicted",
    "balance KOR CHN 2023 > -$18bn": "contradicted",
    "balance KOR CHN 2023 at_least = -18bn": "refused",
    "exports KOR CHN 2023 more_than = about $120bn": "refused",
    # What is never below zero has no sign, and the accountant's bracket is one.
    "exports KOR CHN 2023 = ($124.8bn)": "refused",
    "exports KOR CHN 2023 = +$124.8bn": "refused",
    "balance KOR CHN 2018 = +$55.6bn": "supported_rounded",
    "exports KOR CHN 2018 = +14.1%": "supported_rounded",
    "exports KOR CHN 2023 = surplus": "refused",
    "gdp_share.services CHN 2024 = -57%": "refused",
    "balance KOR CHN 2018 = (55.6bn)": "contradicted",
    "balance KOR CHN 2023 = (18.0bn)": "supported_rounded",
    "balance KOR CHN 2023 = $(18.0) billion": "supported_rounded",
    "balance KOR CHN 2023 = surplus of -$18bn": "refused",
    # A deficit in trade is one of the balance.
    "교역 한국 중국 2023년 31년 만에 처음으로 적자": "supported",
    "total_trade KOR CHN 2023 = deficit of $18.0bn": "supported_rounded",
    # What must hold of each.
    "surplus_rank KOR CHN 2010-2018 each 1": "supported",
    "surplus_rank KOR CHN 2013-2019 each 1": "contradicted",
    "surplus_rank KOR CHN 2018-2024 each 1": "contradicted",
    "trade_rank KOR CHN 2010-2023 each 1": "supported",
    "exports KOR CHN 2017-2023 each more than $120bn": "supported",
    "exports KOR CHN 2017-2023 each more than $130bn": "contradicted",
    "balance KOR CHN 2023-2025 each deficit of more than $5bn": "supported",
    "exports KOR CHN 2017-2023 each $124.8bn": "refused",
    "exports KOR CHN 2017-2023 each more than €100bn": "refused",
    # A part of a month is held by nobody here.
    "exports KOR CHN 2024-03-01..2024-03-10 = $3bn": "not_held",
    "exports KOR CHN the first ten days of March 2024 = $10.5bn": "not_held",
    "수출 한국 중국 2024년 3월 1~10일 = 30억 달러": "not_held",
    # Per cent is no percentage point.
    "exports_growth KOR CHN 2023 = fell 19.9 percentage points": "refused",
    "export_share KOR CHN 2022->2023 = fell 3.1%": "contradicted",
    "export_share KOR CHN 2022->2023 = fell 3.05 percentage points": "supported_rounded",
    "export_share KOR CHN 2023 = fell 19.7%": "contradicted",
    "gdp_growth CHN 2024 = 5.0 percentage points": "contradicted",
    # The zeros of a long number are rounding; another basis is named.
    "visitor_arrivals_all KOR CHN 2016 = 8,070,000 people": "supported_rounded",
    "exports KOR CHN 2023 = $124,800,000,000": "supported_rounded",
    "exports KOR CHN 2023 = $124,900,000,000": "differs_in_last_digit",
    "exports KOR CHN 2023 = $125,300,000,000": "contradicted",
    "visitor_arrivals KOR CHN 2016 = 8,070,000": "supported_rounded",
    # Which way it went is claimed beside to how much.
    "exports KOR CHN 2023 = rose to $124.8bn": "contradicted",
    "exports KOR CHN 2023 = fell to $124.8bn": "supported_rounded",
    "balance KOR CHN 2024 = deficit rose to $6.9bn": "contradicted",
    "balance KOR CHN 2024 = deficit fell to $6.9bn": "supported_rounded",
    "gdp_growth CHN 2022 = fell 3.1%": "contradicted",
    "exports_growth KOR CHN 2023 = rose 19.9%": "contradicted",
    "balance KOR CHN 2018->2023 sign_change from deficit to surplus": "contradicted",
    "balance KOR CHN 2018->2023 sign_change from surplus to deficit": "supported",
    "balance KOR CHN 2018->2023 sign_change to surplus": "contradicted",
    "balance KOR CHN 2022->2023 = deficit rose 1,500%": "contradicted",
    "balance KOR CHN 2023 = fell $31bn": "refused",
    # A surplus that shrinks is no deficit that grows, nor a rise of so many times a fall.
    "balance KOR CHN 2013->2018 = deficit grew": "contradicted",
    "balance KOR CHN 2013->2018 = surplus fell": "supported",
    "balance KOR CHN 2023->2024 = surplus rose by $11.2bn": "contradicted",
    "balance KOR CHN 2023->2024 = deficit fell by $11.2bn": "supported_rounded",
    "balance KOR CHN 2022->2023 = deficit doubled": "contradicted",
    "exports KOR CHN 1991->2021 = fell 162배": "refused",
    "exports KOR CHN 1991->2021 = rose 162배": "supported_rounded",
    # A place is whole, and no amount.
    "trade_rank KOR CHN 2023 = 1 billion": "refused",
    "trade_rank KOR CHN 2023 = 1.4": "refused",
    "trade_rank KOR CHN 2023 = at least second": "refused",
    "trade_rank KOR CHN 2023 = fell to first": "refused",
    "exports KOR CHN 2021 record 1.5": "refused",
    "exports KOR CHN 2021 record about first": "refused",
    "exports_growth KOR CHN 2023 = 5 billion": "refused",
    "exports KOR CHN 2023 share 20%": "refused",
    "exports KOR CHN 2023 count 3": "refused",
    "exports KOR CHN 2023 after 2022": "refused",
    "balance KOR CHN 2025 streak deficit 2.5 years": "refused",
    "balance KOR CHN 2025 streak deficit -3": "refused",
    # How long.
    "balance KOR CHN 2023-01 first_in deficit 31 years": "refused",
    "balance KOR CHN 2025 streak deficit more than 3 years": "contradicted",
    "balance KOR CHN 2025 streak deficit at least 3 years": "supported",
    "balance KOR CHN 2025 streak deficit $3bn": "refused",
    "balance KOR CHN 2023 first_in deficit three decades": "supported",
    "balance KOR CHN 2023 first_in deficit two decades": "contradicted",
    "balance KOR CHN 2023 first_in deficit more than three decades": "supported",
    "exports KOR CHN 2023 trend falling": "refused",
    # Half of what has to be said.
    "exports KOR CHN 2023 = half": "refused",
    "exports KOR CHN 2023 = fell by half": "contradicted",
    "export_share KOR CHN 2023 = half": "contradicted",
    "export_share KOR CHN 2023 = less than half": "supported",
    "export_share KOR CHN 2018 = about a quarter": "supported",
    "balance KOR CHN 2023->2024 = deficit narrowed": "supported",
    "balance KOR CHN 2023->2024 = deficit widened": "contradicted",
    # An event, and a stage of it.
    "event_date E005.removed = 2015-06": "refused",
    "event_date E999 = 2015-06": "refused",
    "event_date E005.signed = 2015-06": "supported",
    "event_date E005.signed = 2015-12": "contradicted",
    "event_order E008-E007.implemented before": "supported",
    "event_order E008-E007.implemented = banana": "refused",
    # Digits without end.
    "exports KOR CHN 2023 = $" + "9" * 400: "refused",
    "exports KOR CHN " + "9" * 400 + " = $5bn": "refused",
}


@pytest.mark.parametrize(("line", "verdict"), JUDGED.items())
def test_what_is_said_is_judged_or_refused_as_it_deserves(evaluator: Evaluator, line: str, verdict: str) -> None:
    assert verdict_of(evaluator, line) == verdict


REASONS = {
    # It is in won, whatever months have the same digits.
    "balance KOR CHN 2023 = 180억 원 적자": "The number is the figure in US dollars, not in won.",
    # Growth in 2025 lacks 2024.
    "exports KOR IND 2025 = fell 5%": "No figures on South Korea's exports to India for 2024 are available.",
    "exports_growth KOR IND 2025 = fell 5%": "No figures on South Korea's exports to India for 2024 are available.",
    "surplus_rank KOR CHN 2013-2019 each 1": "The claim is false for 2019.",
    "visitor_arrivals_growth KOR CHN 2016 = 34.8%": "arrivals with crews",
    "visitor_arrivals KOR CHN 2016 = up 34.8%": "arrivals with crews",
    "exports_with_services KOR CHN 2019 = $136.2bn": "is another figure of the same period: exports of goods.",
    "exports KOR CHN 2023 = rose to $124.8bn": "But they show no rise from 2022 to 2023.",
    "balance KOR CHN 2018->2023 sign_change from deficit to surplus": "the opposite, a switch from surplus to deficit.",
    "exports KOR CHN 2023 = more than 162 trillion won": "too close to KRW 162tn for a verdict",
    "exports KOR CHN 2023 = 163 trillion won": "The figures are converted at the average rate of 2023.",
}


@pytest.mark.parametrize(("line", "said"), REASONS.items())
def test_a_reason_is_true(evaluator: Evaluator, line: str, said: str) -> None:
    verdict = judge(evaluator, line).verdict
    assert verdict is not None
    assert said in verdict.reason


@pytest.mark.parametrize(
    "line", [line for line, said in REASONS.items() if said == "arrivals with crews" or "with_services" in line]
)
def test_what_is_counted_on_another_basis_is_not_contradicted(evaluator: Evaluator, line: str) -> None:
    verdict = judge(evaluator, line).verdict
    assert verdict is not None
    assert verdict.verdict == "supported_rounded"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        # −279.4, −295.4 and −419.2 are the first prints, −300.2 and 563.2 the United Nations' figures with imports CIF.
        ("balance USA CHN 2018 = -$418.2bn", "Imports are at customs value"),
        ("balance USA CHN 2018 = -$419.2bn", "right as first published on 2019-03-06"),
        ("balance USA CHN 2023 = -$279.6bn", "Imports are at customs value"),
        ("balance USA CHN 2023 = -$279.4bn", "right as first published on 2024-02-07"),
        ("balance USA CHN 2024 = -$295.4bn", "right as first published on 2025-02-05"),
        ("imports USA CHN 2024 = $438.9bn", "right as first published on 2025-02-05"),
        ("balance USA CHN 2023 = -$300.2bn", "balance of trade in goods with freight and insurance in imports"),
        ("imports USA CHN 2018 = $563.2bn", "imports of goods with freight and insurance"),
    ],
)
def test_another_valuation_and_a_first_print_are_told_and_not_contradicted(
    evaluator: Evaluator, line: str, says: str
) -> None:
    verdict = judge(evaluator, line).verdict
    assert verdict is not None
    assert verdict.verdict in {"supported", "supported_rounded"}
    assert says in verdict.reason


def test_a_number_that_fits_no_valuation_is_contradicted_and_2022_is_no_record(evaluator: Evaluator) -> None:
    assert verdict_of(evaluator, "balance USA CHN 2018 = -$400bn") == "contradicted"
    assert verdict_of(evaluator, "balance USA CHN 2022 record deficit") == "contradicted"
    assert verdict_of(evaluator, "balance USA CHN 2018 record deficit") == "supported"


@pytest.mark.long
@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        # Korea Customs revised its months with China in 2026 by up to 0.05%, and China its year 2021 by 1.1%.
        # No revision of China is on record, so the largest of all counts: a month of the United States by 4.2%.
        ("exports CHN KOR 2021 = $150.52bn", "not_held"),
        ("exports CHN KOR 2021 = $157bn", "contradicted"),
        ("exports KOR CHN 2023 = $124.4bn", "not_held"),
        ("exports KOR CHN 2023 = $129.8bn", "contradicted"),
        ("balance KOR CHN 2023 = -$18.7bn", "contradicted"),
        ("exports_growth KOR CHN 2023 = -20.0%", "not_held"),
        ("exports_growth KOR CHN 2023 = -21.5%", "contradicted"),
    ],
)
def test_only_what_revisions_on_record_reach_may_be_one(evaluator: Evaluator, line: str, verdict: str) -> None:
    """The figures of the day of publication are not held."""
    assert verdict_of(evaluator, line, "2022-01-20" if "2021" in line else "2024-01-20") == verdict


# What no claim of one metric says of another: the figures of customs of the years beside.
YEARS = [(one, other) for one in range(2015, 2025) for other in (2013, 2018, 2023) if one != other]


def test_the_figure_of_another_year_is_supported_only_if_it_is_printed_the_same(evaluator: Evaluator) -> None:
    rows = evaluator.connection.execute(
        "select year, exports_usd / 1e9 from marts.trade_balance_annual where reporter_code = 'KOR' and "
        "partner_code = 'CHN' and year between 2013 and 2024"
    ).fetchall()
    held = dict(rows)
    for one, other in YEARS[::4]:
        printed = f"{held[other]:.1f}"
        supports = verdict_of(evaluator, f"exports KOR CHN {one} = ${printed}bn") in SUPPORTED
        assert supports == (f"{held[one]:.1f}" == printed), (one, other)


OWN = {"US$": "billion", "percent": "%", "persons": "people"}
METRICS = [one for one in load_metrics().values() if one.figures and one.unit in OWN]
ITEMS = {"gdp_share": "services", "product_exports": "85", "product_imports": "85"}
BOUND_OF = {"at_least": "__ge__", "at_most": "__le__", "more_than": "__gt__", "less_than": "__lt__"}


def claim_of(metric: Metric, says: str, comparator: str = "equals") -> Claim:
    """Read a claim about a metric as from a row of the register."""
    item = ITEMS.get(metric.name) or ("S.reported" if metric.item else None)
    row = {"claim_id": "one", "statement": "It is so.", "metric": metric.name, "reporter": "KOR", "item": item}
    row |= {"partner": "CHN" if metric.has_partner else None, "period": "2018", "comparator": comparator, "says": says}
    head = {"article_id": "paper", "title": "A", "publisher": "B", "published_on": "2026-01-01"}
    (found,) = register.validate_article({**head, "claims": [row]}, "x").claims
    return found


def printed(metric: Metric, number: Decimal) -> str:
    """Write a number as a newspaper prints it."""
    minus, size = "-" if number < 0 else "", f"{abs(number):,f}"
    return {"US$": f"{minus}${size} billion", "percent": f"{minus}{size}%", "persons": f"{minus}{size} million people"}[
        metric.unit
    ]


@st.composite
def figures(draw: st.DrawFn) -> tuple[Metric, Decimal, int]:
    """Draw a metric, one of its figures in a printed scale, and the number of printed decimals."""
    metric = draw(st.sampled_from(METRICS))
    highest = 100 if metric.unit == "percent" else 900
    lowest = -highest if metric.signed or metric.is_growth else 0
    number = draw(st.decimals(lowest, highest, places=6, allow_nan=False, allow_infinity=False))
    return metric, number, draw(st.integers(0, 3))


def full(metric: Metric, number: Decimal) -> float:
    return float(number * {"US$": 10**9, "percent": 1, "persons": 10**6}[metric.unit])


@settings(max_examples=150, deadline=None)
@given(figures())
def test_equality_holds_at_the_printed_precision(drawn: tuple[Metric, Decimal, int]) -> None:
    metric, number, decimals = drawn
    digit = Decimal(1).scaleb(-decimals)
    said = number.quantize(digit)
    assert compare_value(claim_of(metric, printed(metric, said)), full(metric, number)).verdict in SUPPORTED
    for other in (said + 3 * digit, said - 3 * digit):
        try:
            found = compare_value(claim_of(metric, printed(metric, other)), full(metric, number))
        except BilateralError:
            # Below zero, and the metric never is.
            assert other < 0
            continue
        assert found.verdict == "contradicted"


@settings(max_examples=150, deadline=None)
@given(figures(), st.sampled_from(sorted(BOUND_OF)), st.integers(-1, 1))
def test_a_bound_holds_of_the_figure_itself(drawn: tuple[Metric, Decimal, int], word: str, away: int) -> None:
    metric, number, decimals = drawn
    digit = Decimal(1).scaleb(-decimals)
    said = abs(number.quantize(digit) + away * digit) if number >= 0 else number.quantize(digit) + away * digit
    holds = getattr(number, BOUND_OF[word])(said)
    try:
        claimed = claim_of(metric, printed(metric, said), word)
    except BilateralError:
        assert said < 0
        return
    assert compare_value(claimed, full(metric, number)).verdict == ("supported" if holds else "contradicted")


def accepts(metric: Metric, says: str) -> bool:
    """Return whether a claim about a metric may have the text `says`."""
    try:
        claim_of(metric, says)
    except BilateralError:
        return False
    return True


@pytest.mark.parametrize("metric", METRICS, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "says", ["€5 billion", "¥5 billion", "5 billion pounds", "5 people", "$5", "5%", "5 percentage points", "-$5bn",
             "-5%", "third", "5 years", "since 1992", "deficit of $5bn", "5", "-5", "(5)", "5 times"]
)  # fmt: skip
def test_another_unit_or_sign_is_of_the_claim_or_refused(metric: Metric, says: str) -> None:
    own = {"US$": {"$5", "5%"}, "percent": {"5%", "5 percentage points"}, "persons": {"5 people", "5%"}}[metric.unit]
    own |= {"5", "5 times"}
    if metric.is_growth:
        own -= {"5 percentage points" if metric.growth_of else "5 times"}
    if metric.signed or metric.is_growth:
        own |= {"-5", "(5)"}
    if metric.signed and metric.unit == "US$":
        own |= {"-$5bn", "deficit of $5bn"}
    # A change in per cent may be a fall, of whatever it is.
    own |= {"-5%"} if metric.unit != "percent" or metric.is_growth or metric.signed else set()
    own |= {"deficit of $5bn"} if metric.balance else set()
    assert accepts(metric, says) == (says in own)


@pytest.mark.parametrize(
    "line", ["of " * 6600, "of " * 660, "January " * 240, "1월~" * 390, "China " * 330,
             "exports KOR CHN 2023 = " + "$5bn " * 4000, "exports KOR CHN " + "2023-" * 4000 + " = $5bn",
             "balance " * 2500, "9" * 20_000, "exports KOR CHN 2023 = " + "(" * 19_000, "'" * 20_000, "수출 " * 6600,
             "exports KOR " + "China " * 3300 + "2023 = $5bn", "exports KOR CHN 2023 " + "= " * 9000]
)  # fmt: skip
def test_twenty_thousand_characters_are_answered_at_once(evaluator: Evaluator, line: str) -> None:
    began = time.process_time()
    with pytest.raises(BilateralError):
        inputs.read_claims(evaluator.connection, {"claim": line}, date(2026, 10, 1))
    with pytest.raises(BilateralError):
        inputs.make_article(evaluator.connection, {"claim": line}, where="x", published_on=date(2026, 10, 1))
    assert time.process_time() - began < 2


def test_sql_that_somebody_wrote_beside_a_value_is_checked(evaluator: Evaluator) -> None:
    row = {"metric": "balance", "reporter": "KOR", "partner": "CHN", "period": "2023", "says": "-$18bn"}
    written = "select max(content) from read_text('/etc/hostname')"
    for more in ({"alternate": {"reporter": "CHN", "evidence": written}},
                  {"remarks": [{"says": "It is {}.", "evidence": written}]}):  # fmt: skip
        article = inputs.make_article(evaluator.connection, {**row, **more}, where="x", published_on=date(2026, 10, 1))
        assert evaluator.evaluate_claim(article, article.claims[0]).error is not None
    own = {**row, "denials": [{"evidence": written, "says": "so", "always": True}]}
    article = inputs.make_article(evaluator.connection, own, where="x", published_on=date(2026, 10, 1))
    assert all(written != one.evidence for one in article.claims[0].denials)
