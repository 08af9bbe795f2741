"""Available and missing figures, their coverage and their revisions."""

from __future__ import annotations

import pytest

from dagster_project.claims.evaluator import Evaluator
from tests.claims.making_claims import judge, told


@pytest.mark.parametrize(
    ("line", "verdict", "says"),
    [
        # Saudi Arabia leaves its oil out: of what China bought in 2022, 77.81 billion, it prints 13%.
        ("balance SAU CHN 2022 = -29.8bn", "not_checkable", "US$9.96bn is 12.8% of the US$77.81bn that China reports"),
        ("balance SAU CHN 2024 = -48.2bn", "not_checkable", "in 2022 they were US$9.96bn, 12.8% of the US$77.81bn"),
        ("balance SAU CHN 2022-05 = -3bn", "not_checkable", "12.8% of the US$77.81bn"),
        ("deficit SAU CHN 2014-2024 each", "not_checkable", "too incomplete to show who had the surplus"),
        ("balance SAU CHN 2024 = -48.2bn", "not_checkable", "their difference of −US$48.19bn is not a balance."),
        ("deficit_rank SAU CHN 2022 = 1", "not_checkable", "12.8% of the US$77.81bn"),
        ("exports SAU CHN 2022 = $9.96bn", "supported_rounded", "12.8% of the US$77.81bn"),
        (
            "imports SAU CHN 2022 = $39.8bn",
            "supported_rounded",
            "China's statistics for this period are not available.",
        ),
        ("total trade SAU CHN 2022 = $49.8bn", "supported_rounded", "12.8% of the US$77.81bn"),
        ("balance IRN CHN 2014 = -3.3bn", "not_checkable", "US$9.39bn is 34.2% of the US$27.46bn"),
        ("balance HKG CHN 2015 = 26.4bn", "not_checkable", "US$287.49bn is 22.6 times the US$12.75bn"),
        # A run of deficits over a year without a sign is none that anybody knows, and one after it is.
        ("balance MYS CHN 2020 streak deficit 2 years", "not_checkable", " of 2019: "),
        # What is far apart and turns nothing is told beside the verdict.
        ("balance COG CHN 2021 = $0.62bn", "supported_rounded", "which would not turn the sign of the balance."),
        # The sign of a smaller gap is the reporter's; China's stands beside it.
        (
            "balance KOR CHN 2024 = -6.87bn",
            "reporter_dependent",
            "China's statistics show the opposite, a surplus of US$35.343bn for South Korea.",
        ),
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
        # Korea's exports to India of 2024 are not held; 2023 and 2025 are.
        ("exports KOR IND 2025 record", "2024"),
        ("exports KOR IND 2025 record_since 2022", "2024"),
        ("exports KOR IND 2025 streak rose 1", "2024"),
        ("exports CHN KOR 2024 record_since 2022", "2023"),
        ("balance CHN KOR 2025 streak 2 deficit", "2023"),
    ],
)
def test_what_a_year_that_is_not_held_may_refute_is_not_held(evaluator: Evaluator, line: str, lacking: str) -> None:
    verdict, reason = told(judge(evaluator, line))
    assert verdict == "not_held"
    assert f" for {lacking} are available." in reason.partition("Figures are available")[0]


def test_a_year_that_is_not_held_refutes_nothing_that_its_neighbours_are_far_from(evaluator: Evaluator) -> None:
    # 1978 and 1979 are not held, when exports to China were a few thousand dollars.
    assert told(judge(evaluator, "exports KOR CHN 2021 record"))[0] == "supported"
    # Three years that are held are above 2025, whatever 2024 was.
    assert told(judge(evaluator, "exports KOR CHN 2025 record"))[0] == "contradicted"
    assert told(judge(evaluator, "exports KOR USA 2023 record"))[0] == "supported"


def test_what_is_not_held_is_named_by_the_year_that_is_asked_about(evaluator: Evaluator) -> None:
    """Exports of 1980 are held, those of 1978 are not, and won have a rate from 1981 on."""
    word, reason = told(judge(evaluator, "exports KOR CHN 1980 = 10 billion won"))
    assert word == "not_held"
    assert " for 1980 are available." in reason


def test_a_span_that_is_held_names_what_lacks_in_it(evaluator: Evaluator) -> None:
    """Of 35 months from August 2022 to June 2025 there are no figures, and a correction takes out April 2017."""
    _, reason = told(judge(evaluator, "balance KOR JPN 2022-10 = $3bn"))
    assert " and for 2011-01 to 2017-03, 2017-05 to 2022-07 and 2025-07 to 2026-07 by month." in reason


@pytest.mark.long
def test_growth_of_an_amount_may_be_revised_as_growth_is(evaluator: Evaluator) -> None:
    on = "2024-04-15"
    for line in ("exports KOR CHN 2023 fell 20.0%", "exports_growth KOR CHN 2023 = -20.0%"):
        word, reason = told(judge(evaluator, line, on))
        assert (word, "a revision may explain" in reason) == ("not_held", True), line


def test_a_small_difference_from_an_unknown_vintage_is_no_contradiction(evaluator: Evaluator) -> None:
    line = "exports KOR CHN 2025-12 = $12.95bn"
    word, reason = told(judge(evaluator, line, "2026-01-10"))
    assert word == "not_held"
    assert reason.startswith("This warehouse does not have the figures known on 2026-01-10.")
    assert told(judge(evaluator, line, "2026-09-30"))[0] == "contradicted"
    assert told(judge(evaluator, "exports KOR CHN 2025-12 = $13.95bn", "2026-01-10"))[0] == "contradicted"


def test_what_is_not_held_says_what_would_bring_it_and_what_waits_is_pending(evaluator: Evaluator) -> None:
    word, reason = told(judge(evaluator, "exports KOR VNM 2024 = $58.3bn"))
    assert word == "not_held"
    assert "South Korea's exports to Vietnam" in reason
    assert "`bilateral refresh comtrade`" in reason
    assert "bilateral pairs add KOR VNM" in reason
    assert "Figures are available for " in reason
    assert told(judge(evaluator, "fdi KOR CHN 2023 = $5bn"))[0] == "not_held"
    assert told(judge(evaluator, "export_share KOR CHN 2023-05 = 20%"))[0] == "not_held"
    assert told(judge(evaluator, "exports KOR CHN 2026-09 = $20bn"))[0] == "pending"
    assert told(judge(evaluator, "balance KOR CHN 2026 = $30bn"))[0] == "pending"
    assert told(judge(evaluator, "opinion hopes for more"))[0] == "not_checkable"


@pytest.mark.parametrize("line", ["trade_rank KOR CHN 2024 = 1", "trade_share KOR CHN 2024 = 20%"])
def test_a_rank_or_a_share_lacks_the_other_partners(evaluator: Evaluator, line: str) -> None:
    word, reason = told(judge(evaluator, line))
    assert word == "not_held"
    lacking = "No figures on South Korea's trade with all its other partners for 2024 are available."
    assert reason.startswith(lacking)
    assert "KOR-CHN" not in reason
    assert "world = true" in reason


def test_every_answer_says_what_is_held(evaluator: Evaluator) -> None:
    found = evaluator.describe_available(judge(evaluator, "balance KOR CHN 2018 = $55.6bn").claim)
    assert found == "for 1977 and 1980–2025 by year and for 2001-01 to 2026-07 by month"


def test_what_is_held_names_its_gaps(evaluator: Evaluator) -> None:
    found = judge(evaluator, "exports KOR IND 2024 = $18bn")
    assert told(found)[0] == "not_held"
    assert "Figures are available for 1965–2023 and 2025 by year and for " in told(found)[1]
    inside = evaluator.describe_available(judge(evaluator, "exports KOR IND 2018 = $15.6bn").claim)
    assert "for 1965–2023 and 2025 by year and for " in str(inside)
