"""A file of the register says what is wrong with it, in which claim and which field."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from dagster_project.claims import register
from dagster_project.errors import BilateralError
from dagster_project.project import Project

ROOT = Project.find().root
PAGE = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "docs" / register.SCHEMA_FILE
EXAMPLE = register.fill_template(ROOT / "warehouse" / "claims" / "example.yml", schema=SCHEMA)


def test_what_a_new_file_begins_with_is_a_register() -> None:
    article = register.parse_article(EXAMPLE, "the example")
    assert article.moment == date(2025, 12, 31)
    balance, first, mood = article.claims
    assert (balance.claimed_value, balance.factor, balance.decimals) == (55.6, 1e9, 1)
    assert balance.alternate is not None
    assert balance.alternate.compare == "sign"
    assert first.names_reporter
    assert mood.not_checkable


def test_the_parts_on_the_page_fit_into_it() -> None:
    parts = re.findall(r"```yaml\n(    second_reading.*?)```", PAGE, re.DOTALL)[0]
    following = "  - claim_id: example_first_deficit"
    claim = register.parse_article(EXAMPLE.replace(following, parts + following), "the page").claims[0]
    assert claim.second_reading is not None
    assert len(claim.remarks) == 1
    assert len(list(claim.queries)) == 4


def test_as_of_may_be_said_and_is_else_the_last_day_that_the_date_may_mean() -> None:
    for written, moment in (
        ("2025-12-05", date(2025, 12, 5)),
        ("2025-02", date(2025, 2, 28)),
        ("2025", date(2025, 12, 31)),
    ):
        text = re.sub(r"published_on: \S+", f"published_on: {written}", EXAMPLE)
        assert register.parse_article(text, "x").moment == moment
    assert register.parse_article(EXAMPLE.replace("# as_of: 2025-12-31", "as_of: 2026-02-01"), "x").moment == date(
        2026, 2, 1
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("comparator: equals\n    claimed", "comparator: equal\n    claimed", "claim example_balance_2018: comparator"),
        ("unit: USD", "units: USD", "claim example_balance_2018: units"),
        ("unit: USD", "unit: dollars", "claim example_balance_2018: unit"),
        ("    unit: USD\n", "", "so the claim needs a unit"),
        ("decimals: 1  ", "decimals: 0  ", "55.6 has more decimals than the field decimals (0)"),
        ("claimed_value: 55.6", "claimed_value: [55.6]", "claimed_value: expected a number"),
        ("claimed_value: 55.6", "claimed_value: much", "tolerance, scale and decimals need a number"),
        ("{absolute: 0.1}", "{}", "a tolerance needs `absolute` or `relative_pct`"),
        ("{absolute: 0.1}", "{absolute: -1}", "tolerance.absolute"),
        ("comparator: first_since", "comparator: record\n    tolerance: {absolute: 1}", "record takes no tolerance"),
        ("claimed_value: 1992", "claimed_value: never", "first_since needs a day"),
        ("end: 2018-12-31", "end: 2017-12-31", "the period ends before it starts"),
        (
            "period_type: annual\n    comparator: first_since",
            "period_type: event_date\n    comparator: equals",
            "claimed_value lies outside of period",
        ),
        ("    claimed_value: 55.6              # as printed\n", "", "the claim has no claimed_value"),
        ("not_checkable: The", "notes: The", "claim example_mood: the claim has no evidence"),
        ("not_checkable: The", "evidence: select 1\n    not_checkable: The", "remove one of them"),
        (
            "claim_id: example_first_deficit",
            "claim_id: example_balance_2018",
            "two claims have the claim_id example_balance",
        ),
        ("claim_id: example_mood", "claim_id: The Mood", "claim The Mood: claim_id"),
        ("published_on: 2025-12 ", "published_on: Christmas ", "published_on: write a day"),
        ("publisher: Example Paper", "editor: Example Paper", "publisher: field required"),
        ("url: https://", "url: ftp://", "url"),
        ("article_id: example", "article_id: [", "is not YAML"),
        (
            "comparator: first_since",
            "comparator: first_since\n    second_reading: {source: A bank, evidence: select 1}",
            "second_reading needs a claimed number with a unit, and the comparator equals or share",
        ),
        ("      compare: sign", "      unit: CNY\n      compare: same", "only signs compare"),
    ],
)
def test_a_malformed_register_names_the_claim_and_the_field(old: str, new: str, said: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(BilateralError) as refused:
        register.parse_article(EXAMPLE.replace(old, new), "claims/mine.yml")
    assert said in refused.value.message
    assert "claims/mine.yml" in refused.value.message
    assert refused.value.remedy


@pytest.mark.parametrize("period", ["{}", "{start: 2018-01-01}", "{start: [1], end: 2018-12-31}"])
def test_a_claim_of_a_metric_with_half_a_period_is_refused_with_what_to_write(period: str) -> None:
    article, _, _ = EXAMPLE.partition("claims:")
    claim = f"""claims:
  - {{claim_id: half, statement: A, claimed_text: A, metric: balance, reporter: KOR, partner: CHN,
     says: -18bn, period: {period}}}
"""
    with pytest.raises(BilateralError, match="half") as refused:
        register.parse_article(article + claim, "claims/mine.yml")
    assert "Write each day as 2025-11-30" in refused.value.message


def test_files_have_the_name_of_their_article_and_claims_one_name_each(tmp_path: Path) -> None:
    other, example = tmp_path / "other.yml", tmp_path / "example.yml"
    own = EXAMPLE.replace("Example: ", "")
    other.write_text(own)
    with pytest.raises(BilateralError, match="has the article_id example"):
        register.check_file(tmp_path, other)
    other.write_text(own.replace("\narticle_id: example", "\narticle_id: other"))
    (fine,) = register.read_register(tmp_path)
    example.write_text(own)
    for path in (other, example):
        with pytest.raises(BilateralError, match=r"both have a claim with the claim_id example_"):
            register.check_file(tmp_path, path)
    # The first of the two stays.
    assert [one.article_id for one in register.read_register(tmp_path)] == ["example"]
    example.write_text(EXAMPLE)
    with pytest.raises(BilateralError, match="still has examples of the template: example_balance_2018, example_f"):
        register.check_file(tmp_path, example)
    assert register.read_register(tmp_path) == (fine,)


def test_the_schema_for_editors_is_current_and_every_file_names_it() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert schema == register.build_json_schema()
    for path in sorted((ROOT / "warehouse" / "claims").glob("*.yml")):
        first = path.read_text(encoding="utf-8").splitlines(keepends=True)[0]
        assert first == EXAMPLE.splitlines(keepends=True)[0], path.name


@pytest.mark.parametrize(
    ("statement", "says", "said"),
    [
        ("Korea ran a surplus of US$4.1bn with China in 2018.", "$4.17bn", "is not in the statement"),
        ("Korea ran a surplus of US$4.1bn with China in 2018.", "$4.1m", "is not in the statement"),
        ("Korea ran a surplus of US$4.1bn with China in 2018.", "4.1%", "is not in the statement"),
        ("Korea ran a deficit of US$4.1bn with China in 2018.", "surplus of $4.1bn", "is a surplus, but the statement"),
        ("Korea ran a surplus of US$4.1bn with China in 2018.", "-$4.1bn", "is a deficit, but the statement"),
        ("Korea ran a surplus of US$4.1bn with China in 2018.", "$4.1 billion", None),
        ("한국은 2018년 중국에 556억 달러 흑자를 냈다.", "$55.6bn", None),
        ("한국은 2018년 중국에 556억 달러 흑자를 냈다.", "$55.8bn", "is not in the statement"),
        ("Korea ran a large surplus with China in 2018.", "$4.1 billion", None),
    ],
)
def test_the_statement_and_what_it_says_agree(statement: str, says: str, said: str | None) -> None:
    head, _, _ = EXAMPLE.partition("claims:")
    text = f"""{head}claims:
  - {{claim_id: one, statement: '{statement}', metric: balance, reporter: KOR, partner: CHN, period: 2018,
     says: '{says}'}}
"""
    if said is None:
        assert register.parse_article(text, "claims/mine.yml").claims[0].says == says
        return
    with pytest.raises(BilateralError, match=said) as refused:
        register.parse_article(text, "claims/mine.yml")
    assert "claims/mine.yml: claim one: says:" in refused.value.message


def test_the_first_one_is_since_the_year_of_the_statement() -> None:
    head, _, _ = EXAMPLE.partition("claims:")
    text = f"""{head}claims:
  - {{claim_id: one, statement: The deficit of 2023 was the first since 1992., metric: balance, reporter: KOR,
     partner: CHN, period: 2023, comparator: first_since, says: deficit 1992}}
"""
    assert register.parse_article(text, "x").claims[0].claimed_value == "1992"
    with pytest.raises(BilateralError, match="'since 1994' is not in"):
        register.parse_article(text.replace("deficit 1992", "deficit 1994"), "x")
