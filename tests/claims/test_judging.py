"""Claims without SQL are judged by real figures: by both sides, as of the day, and with a diagnosis of mistakes."""

from __future__ import annotations

import re
from datetime import date

import pytest

from benchmarks.claims import measure
from dagster_project.claims import evidence, register
from dagster_project.claims.evaluator import Evaluator
from dagster_project.claims.evidence import list_named_tables
from dagster_project.claims.judging import describe_assumption
from dagster_project.claims.reasons import write_reason
from dagster_project.project import Project
from tests.claims.making_claims import judge, told


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


# The reason of a figure that is known only from print.
QUOTED = "Figures of China Customs, known here only as quoted in {}, give US${}."


def test_the_other_side_of_a_flow_is_so_many_per_cent_more(evaluator: Evaluator) -> None:
    # China counts 181.7 billion of imports from Korea in 2024, and Korea 133.0 of exports.
    _, reason = told(judge(evaluator, "exports KOR CHN 2024 = $133bn"))
    assert "China's statistics give US$181.7bn, 36.6% more than South Korea's." in reason
    _, reason = told(judge(evaluator, "balance KOR CHN 2018 = $55.6bn"))
    assert "China's statistics show a surplus of US$95.81bn for South Korea." in reason


def test_exports_in_another_currency_are_no_surplus(evaluator: Evaluator) -> None:
    _, reason = told(judge(evaluator, "exports KOR CHN 2024 = 200tn won"))
    assert "China's statistics give US$" in reason
    assert "surplus" not in write_reason(reason)


def test_what_customs_printed_of_a_year_that_is_not_held_bears_a_claim_out(evaluator: Evaluator) -> None:
    """China's imports from Korea of January to June 2023, as its customs printed them: US$77.0bn."""
    line = "imports CHN KOR 2023-01..2023-06 = {}"
    verdict, reason = told(judge(evaluator, line.format("$77.0bn")))
    assert verdict == "supported"
    assert reason.startswith(QUOTED.format("The Korea Bizwire", "77.0bn, exactly as claimed"))
    then = judge(evaluator, line.format("$77.0bn"), "2026-08-01").verdict_then
    assert then is not None
    assert then.verdict == "not_held"
    assert told(judge(evaluator, line.format("$77bn")))[0] == "supported"
    # A print contradicts nothing, and says nothing of a second decimal.
    verdict, reason = told(judge(evaluator, line.format("$80bn")))
    assert verdict == "not_held"
    assert "give US$77bn. No monthly figures on China's imports from South Korea for " in reason
    assert told(judge(evaluator, line.format("$77.01bn")))[0] == "not_held"
    assert told(judge(evaluator, "exports_growth CHN KOR 2023 = -8%"))[0] == "not_held"


@pytest.mark.parametrize("line", ["exports CHN KOR 2023 = $149.0bn", "imports CHN KOR 2023 = $155bn"])
def test_what_is_printed_unofficially_is_told_and_supports_no_claim(evaluator: Evaluator, line: str) -> None:
    """China's trade with Korea of 2023 in a table of Wikipedia: exports of US$149.0bn, imports of US$161.7bn."""
    verdict, reason = told(judge(evaluator, line))
    assert verdict == "not_held"
    assert reason.startswith(QUOTED.format("an encyclopedia's table", "149.0bn" if "149" in line else "161.7bn"))


def test_what_the_partner_printed_of_a_year_that_is_not_held_is_told(evaluator: Evaluator) -> None:
    """The same table: a deficit of China's own, where Korea has one, too."""
    verdict, reason = told(judge(evaluator, "balance KOR CHN 2023 = -18bn"))
    assert verdict == "supported_rounded"
    quoted = "Figures of China Customs, known here only as quoted in an encyclopedia's table, show the opposite, "
    assert reason.endswith(f"{quoted}a surplus of US$12.7bn for South Korea.")
    assert told(judge(evaluator, "exports KOR CHN 2023 = $124.8bn"))[1].endswith(
        "give US$161.7bn, 29.5% more than South Korea's."
    )
    assert told(judge(evaluator, "imports KOR CHN 2023 = $142.9bn"))[1].endswith(
        "give US$149.0bn, 4.3% more than South Korea's."
    )
    assert told(judge(evaluator, "total_trade KOR CHN 2023 = $267.7bn"))[1].endswith(
        "give US$310.7bn, 16.1% more than South Korea's."
    )


@pytest.mark.parametrize(
    ("line", "verdict", "reason"),
    [
        (
            "exports KOR CHN 2023 = fell by a fifth",
            "supported",
            "a fall of 19.9%, within 2 percentage points of the claimed 20%.",
        ),
        (
            "exports KOR CHN 2023 = fell by more than a fifth",
            "contradicted",
            "a fall of 19.9%, which is not more than 20%.",
        ),
        ("exports KOR CHN 2023 more than halved", "contradicted", "0.801 times, which is not less than 0.5 times"),
        ("balance KOR CHN 2022 = surplus more than halved", "supported", "less than 0.5 times"),
        (
            "exports KOR CHN 2023 = fell by $30bn",
            "contradicted",
            "a fall of US$30.97bn, US$0.97bn larger than the claimed US$30bn.",
        ),
        (
            "balance KOR CHN 2023->2024 = deficit fell",
            "supported",
            "a rise of US$11.2bn in the balance of trade in goods, which makes a deficit smaller, as claimed.",
        ),
        ("balance KOR CHN 2023->2024 = deficit rose", "contradicted", "which makes a deficit smaller, not larger."),
        ("balance KOR CHN 2018->2019 = deficit rose", "contradicted", "as claimed. But they show no deficit in 2019."),
        (
            "balance KOR CHN 2018->2023 = deficit",
            "supported",
            "a fall of US$73.7bn in the balance, in line with the claim.",
        ),
        ("exports KOR CHN 2018->2023 = fell", "supported", "a fall of US$37.3bn in exports of goods, as claimed."),
        ("exports KOR CHN 2023 => $120bn", "supported", "at least US$120bn"),
        ("exports KOR CHN 2023 =< $130bn", "supported", "at most US$130bn"),
        ("exports KOR CHN 2018 record", "supported", "all years up to 2018 that have figures: 1977 and 1980–2018."),
        (
            "exports KOR CHN 2024-07 record",
            "contradicted",
            "all months up to 2024-07 that have figures: 2001-01 to 2024-07.",
        ),
        (
            "surplus_rank KOR CHN 2018 = 1",
            "supported",
            "By South Korea's statistics China ranked first among South Korea's partners by surplus in 2018.",
        ),
    ],
)
def test_a_reason_says_what_was_compared(evaluator: Evaluator, line: str, verdict: str, reason: str) -> None:
    found = told(judge(evaluator, line))
    assert found[0] == verdict
    assert reason in found[1]


def test_per_cent_of_an_amount_say_how_they_were_read(evaluator: Evaluator) -> None:
    said = describe_assumption(judge(evaluator, "exports KOR CHN 2024 = 6.6%").claim)
    assert said == "a rise of 6.6% from 2023 to 2024"
    assert describe_assumption(judge(evaluator, "exports KOR CHN 2024 = rose 6.6%").claim) is None
    assert describe_assumption(judge(evaluator, "exports_growth KOR CHN 2024 = 6.6%").claim) is None
    assert describe_assumption(judge(evaluator, "exports KOR CHN 2024 = 133bn").claim) == "US$133bn"


def test_one_day_has_one_verdict(evaluator: Evaluator) -> None:
    printed = "imports CHN KOR 2023-01..2023-06 = $77.0bn"
    for line in (printed, "exports KOR CHN 2026-09 = $10bn", "exports KOR CHN 2023 = $125bn"):
        found = judge(evaluator, line, "2026-11-30")
        assert found.verdict_then == found.verdict


def test_an_economy_of_the_other_side_has_its_article(evaluator: Evaluator) -> None:
    assert "The United States' statistics give" in told(judge(evaluator, "exports CHN USA 2019 = $418.6bn"))[1]


LINES = [
    *("balance KOR CHN 2015 = $46.9bn", "export_share KOR CHN 2015 = 26%", "exports KOR CHN 2016-05 = $10bn"),
    *("import_rank KOR CHN 2014 = first", "gdp_share.services CHN 2015 = 50%"),
]


@pytest.mark.long
@pytest.mark.parametrize("on", ["2017-06-01", "2018-06-01", "2022-06-01", "2025-06-20", "2026-08-21"])
def test_what_few_traded_was_then_what_all_trade_says(evaluator: Evaluator, on: str) -> None:
    """Of a later day the figures of the pair alone are asked, and give what all of that day's give."""
    for line in LINES:
        judged, moment = judge(evaluator, line, on), date.fromisoformat(on)
        claim, among = judged.claim, evaluator.find_trade_filter(judged.claim)
        assert claim.evidence is not None
        assert claim.parsed is not None
        assert among is not None
        then = []
        for sql in claim.queries if not claim.parsed.metric.is_of_all else [claim.evidence]:
            few, whole = (
                evidence.ask_value(
                    evaluator.history.open_day(moment, list_named_tables(sql), one), sql, may_be_empty=True
                )
                for one in (among, None)
            )
            assert few == whole, line
            then.append(whole)
        assert judged.observed_then == then[0], line


def test_what_was_right_and_is_revised_is_not_contradicted(evaluator: Evaluator) -> None:
    line = "balance KOR CHN 2026-01..2026-06 = $13,495,750 thousand"
    for on in ("2026-08-06", "2026-08-21"):
        word, reason = told(judge(evaluator, line, on, names_reporter="KOR"))
        assert word == "supported"
        assert re.search(r"since (been )?revised to a surplus of US\$13,482,160 thousand", reason)
    # Whoever writes it after the revision has the wrong figure.
    assert told(judge(evaluator, line, "2026-09-30", names_reporter="KOR"))[0] == "contradicted"


@pytest.mark.long
def test_a_claim_has_one_verdict_in_the_register_and_on_the_command_line(built: Project, evaluator: Evaluator) -> None:
    (registered,) = (
        evaluator.evaluate_claim(article, claim)
        for article, claim in register.list_claims(register.read_register(built.claims))
        if claim.claim_id == "kita_deficit_2023_01_02"
    )
    judged = judge(evaluator, "balance KOR CHN January to February 2023 = -$5,074m", "2023-03-28", names_reporter="KOR")
    assert told(registered) == told(judged)
    assert told(judged)[0] == "supported"
    source = "Korea International Trade Association, quoted in Hankyung"
    assert f"The number is right as first published on 2023-03-28 ({source})" in told(judged)[1]


@pytest.mark.long
def test_what_is_not_held_was_not_waited_for_on_its_day(evaluator: Evaluator) -> None:
    for line in ("exports KOR VNM 2024 = $58.3bn", "trade_rank KOR CHN 2024 = 1"):
        found = judge(evaluator, line, "2025-06-01")
        assert (told(found)[0], found.verdict_then and found.verdict_then.verdict) == ("not_held", "not_held")


@pytest.mark.long
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
